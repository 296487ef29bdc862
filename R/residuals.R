# Fitted values and residuals, made on demand from the linear predictors.

#' Fitted values and residuals
#'
#' @param object A fit of class `"gamut"`.
#' @param type Type of residual, see Details.
#' @param predictor For working and partial residuals: the linear predictor, by the name
#'   of its parameter or category; the first by default.
#' @param seed Seed of the randomised quantile residuals of discrete families. With a
#'   seed the state of the random number generator is left as it was; with `NULL` they
#'   are drawn from the current state.
#' @param ... Ignored.
#'
#' @details
#' With prior weight \eqn{a}, mean \eqn{\mu}, variance function \eqn{V} and deviance
#' contribution \eqn{d}, the types are as for [stats::residuals.glm()]:
#'
#' * `"deviance"`: \eqn{\mathrm{sign}(y-\mu)\sqrt{d}}{sign(y - mu) sqrt(d)}; zeros when
#'   there are no residual degrees of freedom;
#' * `"pearson"`: \eqn{(y-\mu)\sqrt{a/V(\mu)}}{(y - mu) sqrt(a / V(mu))};
#' * `"working"`: \eqn{(y-\mu)\,\mathrm{d}\eta/\mathrm{d}\mu}{(y - mu) d eta / d mu};
#' * `"response"`: \eqn{y-\mu};
#' * `"partial"`: working residuals plus the contribution of each term, a matrix;
#' * `"quantile"`: \eqn{r = \Phi^{-1}\{F(y)\}}{r = qnorm(F(y))}, standard normal under
#'   the model; for a discrete family \eqn{F(y)} is replaced by a draw between
#'   \eqn{P(Y<y)} and \eqn{P(Y \le y)} (Dunn and Smyth 1996), and so it is for zeros of
#'   [tweedie()] and for censored rows. Rows of weight 0 are `NA`.
#'   The dispersion is that of the fit.
#'
#' A row is one row whatever its weight, and has one residual of each type. Where weights
#' are factors of the log-likelihood, such as numbers of equal observations, deviance and
#' Pearson residuals have the factor \eqn{\sqrt a}{sqrt(a)} and so are not those of a
#' single observation, quantile residuals are, and residual degrees of freedom count rows.
#' Repeat the row \eqn{a} times to have a residual for each observation.
#'
#' **Beta**: the deviance contribution compares with the saturated mean at the same
#' precision (see [Beta()]), and its sign is that of the score of the mean; Pearson
#' residuals have the variance \eqn{\mu(1-\mu)/(1+\phi)}.
#'
#' **Categorical**: the response is the matrix of indicators (or counts \eqn{n_c}, with
#' row total \eqn{N}), so that response residuals are the matrix \eqn{n_c - N\pi_c} and
#' Pearson residuals divide it by \eqn{\sqrt{N\pi_c(1-\pi_c)}}{sqrt(N pi_c (1 - pi_c))}.
#' Deviance residuals are one per row and not negative, as categories have no direction.
#' Quantile residuals use the order of the levels and need one category per row.
#' Compositions are alike: response and Pearson residuals are matrices, and there are no
#' quantile residuals.
#'
#' With several linear predictors working residuals are a matrix with a column for each:
#' \eqn{W^{-1}s} with the score \eqn{s} and the information \eqn{W} of the row, what the
#' fit adds to \eqn{\eta} to make the working response; one column with `predictor`.
#'
#' `fitted()` gives the mean, for a categorical response the matrix of probabilities.
#' With random effects it counts their conditional modes, and residuals are what is left:
#' the modes have taken up part of the noise, so that quantile residuals vary less than
#' standard normal ones where groups are small. `predict(fit, re.form = NA)` is without
#' random effects.
#'
#' @return A vector named by rows, or a matrix. With `na.action = na.exclude` rows that
#'   were left out are `NA`. A fit made with `keep_data = FALSE` gives an error of class
#'   `gamut_error_data`; quantile residuals of quasi families one of class
#'   `gamut_error_density`.
#' @references
#' Dunn, P. K. and Smyth, G. K. (1996) Randomized quantile residuals. *Journal of
#' Computational and Graphical Statistics* 5, 236-244.
#' \doi{10.1080/10618600.1996.10474708}
#'
#' McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*, 2nd edition,
#' section 2.4. Chapman & Hall. \doi{10.1201/9780203753736}
#' @seealso [predict.gamut()], [hatvalues.gamut()]
#' @examples
#' fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' head(residuals(fit))
#' qqnorm(residuals(fit, type = "quantile", seed = 1))
#' head(fitted(fit))
#' @importFrom stats residuals
#' @export
residuals.gamut <- function(object,
                            type = c("deviance", "pearson", "working", "response",
                                     "partial", "quantile"),
                            predictor = NULL, seed = NULL, ...) {
  type <- check_choice(type, "type", residual_types)
  require_data(object, "residuals()")
  if (type == "partial") return(partial_residuals(object, predictor))
  value <- switch(type,
    deviance = deviance_residuals(object), pearson = pearson_residuals(object),
    response = response_residuals(object), quantile = quantile_residuals(object, seed),
    working = working_residuals(object, predictor)
  )
  value <- name_rows(value, frame_row_names(object$frame))
  stats::naresid(object$na.action, value)
}

#' @noRd
residual_types <- c("deviance", "pearson", "working", "response", "partial", "quantile")

#' @rdname residuals.gamut
#' @importFrom stats fitted
#' @export
fitted.gamut <- function(object, ...) {
  require_data(object, "fitted()")
  mean <- name_rows(fitted_mean(object), frame_row_names(object$frame))
  stats::napredict(object$na.action, mean)
}

#' The mean of each row: a vector, or a matrix of probabilities
#' @noRd
fitted_mean <- function(object, parameters = fit_parameters(object)) {
  mean <- object$family$mean(parameters)
  if (is.matrix(mean)) mean else as.double(mean)
}

#' @noRd
deviance_residuals <- function(object) {
  if (object$df.residual <= 0) return(numeric(object$n))
  eta <- fit_eta(object)
  parameters <- fit_parameters(object, eta)
  y <- response_y(object)
  size <- sqrt(pmax(object$family$unit_deviance(y, parameters, prior_weights(object)), 0))
  if (has_matrix_mean(object$family)) return(size)
  ifelse(towards_response(object, eta, y, parameters) > 0, size, -size)
}

#' Does the row pull its mean up?
#'
#' The sign of y - mu, or where that does not tell (a family whose best mean for y is
#' not y) of the score of the mean.
#' @noRd
towards_response <- function(object, eta, y, parameters) {
  if (length(object$predictors) == 1L) {
    return(object$family$observed(y) - fitted_mean(object, parameters))
  }
  fit_rows(object, eta = eta)$score[, 1L] *
    sign(object$predictors[[1L]]$link$mu.eta(eta[, 1L]))
}

#' @noRd
response_residuals <- function(object, parameters = fit_parameters(object)) {
  y <- observed_y(object)
  if (!is_category(object$family)) return(y - fitted_mean(object, parameters))
  prob <- parameters$prob
  if (is.matrix(y)) return(y - rowSums(y) * prob)
  prob <- -prob
  chosen <- cbind(seq_along(y), y)
  prob[chosen] <- prob[chosen] + 1
  prob
}

#' @noRd
pearson_residuals <- function(object) {
  parameters <- fit_parameters(object)
  variance <- object$family$var(parameters)
  y <- response_y(object)
  if (is_category(object$family) && is.matrix(y)) variance <- rowSums(y) * variance
  value <- response_residuals(object, parameters) * sqrt(prior_weights(object))
  value / sqrt(variance)
}

#' @noRd
working_residuals <- function(object, predictor) {
  eta <- fit_eta(object)
  if (ncol(eta) == 1L && object$family$mean_is_main) {
    residual <- response_residuals(object, fit_parameters(object, eta))
    return(residual / object$predictors[[1L]]$link$mu.eta(eta[, 1L]))
  }
  # a factor of both score and information, the weight cancels; with 0 it could not
  problem <- fit_problem(object)
  problem$weights <- NULL
  # observed blocks of a row need not be positive definite
  information <- if (length(object$smooths)) working_information(object$family)
                 else object$information
  rows <- engine_rows(problem, eta, information)
  value <- solve_blocks(unpack_blocks(rows$weight, ncol(eta)), rows$score)
  colnames(value) <- colnames(eta)
  if (is.null(predictor)) value else value[, chosen_predictors(object, predictor)]
}

#' @noRd
partial_residuals <- function(object, predictor) {
  terms <- stats::predict(object, type = "terms", predictor = predictor)
  working <- working_residuals(object, predictor)
  if (is.matrix(working)) working <- working[, 1L]
  as.vector(stats::naresid(object$na.action, working)) + terms
}

#' @noRd
quantile_residuals <- function(object, seed) {
  family <- object$family
  require_cdf(family)
  parameters <- fit_parameters(object)
  y <- response_y(object)
  weights <- drawn_weights(object)
  # logarithms, because an outlier's tail is below the smallest double
  log_tail <- function(left, lower) {
    family$cdf(y, parameters, weights, object$dispersion, left = left, lower = lower,
               log = TRUE)
  }
  tails <- if (family$discrete || family$atoms) {
    drawn_tails(log_tail, with_seed(seed, stats::runif(object$n)))
  } else {
    list(lower = log_tail(FALSE, TRUE), upper = log_tail(FALSE, FALSE))
  }
  # from the tail where y is, so that no digits are lost
  value <- ifelse(tails$lower > log(0.5), -stats::qnorm(tails$upper, log.p = TRUE),
                  stats::qnorm(tails$lower, log.p = TRUE))
  value[prior_weights(object) == 0] <- NA
  value
}

#' Logarithms of both tails at a point between P(Y < y) and P(Y <= y)
#' @noRd
drawn_tails <- function(log_tail, share) {
  list(lower = log_mixture(log_tail(FALSE, TRUE), log_tail(TRUE, TRUE), share),
       upper = log_mixture(log_tail(FALSE, FALSE), log_tail(TRUE, FALSE), share))
}

#' log(share * exp(a) + (1 - share) * exp(b))
#' @noRd
log_mixture <- function(a, b, share) {
  a <- a + log(share)
  b <- b + log1p(-share)
  top <- pmax(a, b)
  # rounding may lift a probability of 1 above it
  ifelse(top == -Inf, -Inf, pmin(top + log1p(exp(pmin(a, b) - top)), 0))
}

#' The weights that matter for the distribution of a row: precisions, or trials
#'
#' A prior weight on top of the trials of a two-column response is not one of them.
#' @noRd
drawn_weights <- function(object) {
  if (object$family$weights_are == "likelihood") return(NULL)
  object$frame$y$trials %||% object$frame$y$weights
}

#' Evaluate with a seed, and leave the generator as it was
#' @noRd
with_seed <- function(seed, expression) {
  if (is.null(seed)) return(expression)
  before <- random_state()
  on.exit(assign(".Random.seed", before, envir = globalenv()))
  set.seed(seed)
  expression
}

#' The state of the generator, which exists after its first use only
#' @noRd
random_state <- function() {
  if (!exists(".Random.seed", envir = globalenv(), inherits = FALSE)) stats::runif(1)
  get(".Random.seed", envir = globalenv())
}
