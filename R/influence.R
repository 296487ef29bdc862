# Leverages and what a row does to the fit when it is left out, without refitting.

#' Leverages and influence measures
#'
#' For families with one linear predictor these are the measures of a `glm` fit, with the
#' same numbers. With several predictors (Beta, categorical) leverages, Cook's distances
#' and changes of coefficients are their one-step generalisations.
#'
#' @param model A fit of class `"gamut"`.
#' @param do.coef Compute the changes of coefficients too? Without them `influence()` of
#'   a fit with random effects is a list of `hat`.
#' @param group Groups of rows to leave out together: the name of a variable of the data
#'   or of a grouping factor, as `"Subject"` or `"Batch:Cask"`, a formula such as
#'   `~ Subject`, or a vector with a value for each row. The result is a
#'   [gamut_influence] then, or what belongs to one.
#' @param refit Refit the model without each group, or hold its variances? See
#'   [gamut_influence].
#' @param infl What `influence(model)` gives, to use it again.
#' @param type,sd Kind of residual to standardise, and the scale: by default the root of
#'   the dispersion.
#' @param dispersion Dispersion; that of the fit by default.
#' @param ... For `cooks.distance()`, `dfbeta()` and `dfbetas()`: `group` and `refit`;
#'   else ignored.
#'
#' @details
#' Let \eqn{A_i} (K rows) map the coefficients to the predictors of row \eqn{i},
#' \eqn{s_i} and \eqn{W_i} be its score and information, and \eqn{V} the unscaled
#' covariance of the coefficients, so that \eqn{\Sigma_i = A_i V A_i'}{S_i = A_i V A_i'}
#' is that of its predictors.
#'
#' * **Leverage**: \eqn{h_i = \mathrm{tr}(W_i \Sigma_i)}{h_i = tr(W_i S_i)}; with one
#'   predictor the diagonal of the hat matrix, \eqn{w_i x_i'Vx_i}{w_i x_i' V x_i}. They
#'   add up to the number of coefficients. Observed information (printing a
#'   family says which it has) need not be positive: a row that the model finds ambiguous,
#'   such as a zero of [zero_inflated()] that may be of either kind, can have a leverage
#'   below 0. It takes information away, so that the others determine the coefficients
#'   more precisely than the fit with it says; its Cook's distance is as meaningful as
#'   any.
#' * **Cook's distance**: one Newton step without row \eqn{i} changes the coefficients by
#'   \eqn{\Delta_i = -VA_i'(I-W_i\Sigma_i)^{-1}s_i}{
#'   D_i = -V A_i'(I - W_i S_i)^-1 s_i}, and the distance is
#'   \eqn{\Delta_i'V^{-1}\Delta_i/(p\phi)}{D_i' V^-1 D_i / (p phi)}. With one predictor
#'   this is \eqn{r_i^2 h_i/\{(1-h_i)^2 p\phi\}}{r_i^2 h_i / ((1 - h_i)^2 p phi)},
#'   \eqn{r_i} the Pearson residual (Pregibon 1981); with several it is that of Lesaffre
#'   and Albert (1989).
#' * `rstandard()`: deviance or Pearson residuals over \eqn{\sqrt{\phi(1-h_i)}}{
#'   sqrt(phi (1 - h_i))}. `rstudent()`: the likelihood residual
#'   \eqn{\mathrm{sign}(d_i)\sqrt{d_i^2 + h_i r_i^2/(1-h_i)}}{sign(d_i) sqrt(d_i^2 + h_i
#'   r_i^2 / (1 - h_i))} (Williams 1987), over \eqn{\sigma_{(i)}}{sigma_(i)} where the
#'   dispersion is estimated. Both need one predictor: for others see
#'   `residuals(type = "quantile")`.
#' * `influence()`: a list of `hat`; `coefficients`, the changes \eqn{-\Delta_i}{-D_i} as
#'   estimated less estimated without row \eqn{i} (with one predictor deviance residuals
#'   take the place of Pearson's, as in [stats::influence.measures()]); `sigma`, the
#'   residual standard deviation without row \eqn{i} (one predictor); `dev.res` and
#'   `pear.res`. `dfbeta()` are its coefficients, and `dfbetas()` those over
#'   \eqn{\sigma_{(i)}\sqrt{V_{jj}}}{sigma_(i) sqrt(V_jj)} (with several predictors over
#'   the standard errors).
#'
#' A row is one row whatever its weight. With weights that are factors of the
#' log-likelihood, such as numbers of equal observations, "without row \eqn{i}" is without
#' all that its weight stands for, and leverages and distances are those of the whole row:
#' repeat the row instead to ask for single observations.
#'
#' With random effects \eqn{\Sigma_i}{S_i} is the covariance of the predictors with fixed
#' and random effects together, so that leverages add up to the effective number of
#' coefficients, and `hatvalues()`, `cooks.distance()` (over the number of fixed
#' coefficients) and `rstandard()` are those of package lme4. `influence()`, `dfbeta()`
#' and `dfbetas()` are those of the marginal model, each row left out in turn: see
#' [gamut_influence]. `rstudent()` is an error of class `gamut_error_unsupported`.
#'
#' The information is that of `vcov()`. As for `glm`, rows of weight 0 are left out. With
#' `na.action = na.exclude` rows with missing values are `NA`, and their leverages and
#' changes of coefficients are 0. [stats::dffits()] is no generic function but
#' takes `dffits(fit, influence(fit), residuals(fit))`; `covratio()` and
#' `influence.measures()` work on the matrices of an `lm` fit and cannot be used.
#'
#' @return Named vectors, for `dfbeta()` and `dfbetas()` matrices with a column for each
#'   estimated coefficient. Measures that have no meaning for several predictors are an
#'   error of class `gamut_error_unsupported`, a fit without data one of class
#'   `gamut_error_data`.
#' @references
#' Pregibon, D. (1981) Logistic regression diagnostics. *Annals of Statistics* 9,
#' 705-724. \doi{10.1214/aos/1176345513}
#'
#' Williams, D. A. (1987) Generalized linear model diagnostics using the deviance and
#' single case deletions. *Applied Statistics* 36, 181-191. \doi{10.2307/2347550}
#'
#' Lesaffre, E. and Albert, A. (1989) Multiple-group logistic regression diagnostics.
#' *Applied Statistics* 38, 425-440. \doi{10.2307/2347731}
#' @seealso [residuals.gamut()]
#' @examples
#' fit <- gamut(dist ~ speed, data = cars)
#' head(hatvalues(fit))
#' which.max(cooks.distance(fit))
#' head(rstudent(fit))
#' head(dfbetas(fit))
#' @importFrom stats hatvalues
#' @export
hatvalues.gamut <- function(model, ...) {
  require_data(model, "hatvalues()")
  padded_influence(leverages(model), model, 0)
}

#' @rdname hatvalues.gamut
#' @importFrom stats influence
#' @export
influence.gamut <- function(model, do.coef = TRUE, group = NULL, refit = NULL, ...) {
  check_influence_request(model, group, refit, ...)
  refuse_smooth_influence(model, do.coef || !is.null(group))
  if (is_mixed(model) || !is.null(group)) {
    whole <- is.null(group) && !do.coef
    return(if (whole) list(hat = hatvalues.gamut(model))
           else influence_of_groups(model, group, refit))
  }
  require_data(model, "influence()")
  hat <- leverages(model)
  deviance <- deviance_residuals(model)
  pearson <- pearson_residuals(model)
  out <- list(hat = hat)
  if (do.coef) out$coefficients <- coefficient_changes(model, hat, deviance)
  fill <- list(hat = 0, coefficients = 0)
  if (is_single(model)) {
    out$sigma <- deleted_sigma(model, hat, deviance)
    fill$sigma <- sqrt(model$deviance / model$df.residual)
  }
  out$dev.res <- deviance
  out$pear.res <- pearson
  Map(function(x, name) padded_influence(x, model, fill[[name]]), out, names(out))
}

#' @noRd
refuse_smooth_influence <- function(model, more) {
  if (!length(model$smooths) || !more) return(invisible())
  abort_gamut("influence() gives the leverages of a fit with smooths, with `do.coef = ",
              "FALSE`; see also cooks.distance().", class = "unsupported")
}

#' @noRd
check_influence_request <- function(model, group, refit, ...) {
  if ("groups" %in% names(list(...))) {
    abort_gamut("influence() has `group` for the `groups` of lme4.", class = "argument",
                data = list(argument = "groups"))
  }
  if (is.null(refit) || is_mixed(model) || !is.null(group)) return(invisible())
  abort_gamut("`refit` is for groups, and for fits with random effects: without them ",
              "the influence of a row follows from its leverage. Leave it out.",
              class = "argument", data = list(argument = "refit"))
}

#' Results without rows of weight 0, and with a value of their own for rows that
#' `na.exclude` left out: both as for `glm`
#' @noRd
padded_influence <- function(x, model, fill = NULL) {
  x <- counted_only(name_rows(x, frame_row_names(model$frame)), model)
  x <- stats::naresid(model$na.action, x)
  if (!is.null(fill) && inherits(model$na.action, "exclude")) x[is.na(x)] <- fill
  x
}

#' @noRd
counted_only <- function(x, model) {
  counted <- prior_weights(model) > 0
  if (all(counted)) x else take_rows(x, which(counted))
}

#' One linear predictor, whose deviance and Pearson residuals are one a row?
#' @noRd
is_single <- function(model) {
  length(model$predictors) == 1L && !has_matrix_mean(model$family)
}

#' tr(W_i S_i), held below 1 as lm() does where a row determines a coefficient
#' @noRd
leverages <- function(model, rows = fit_rows(model)) {
  if (has_surfaces(model)) return(surface_leverages(model))
  hat <- own_leverages(model, rows)
  if (is_single(model)) hat[hat > 1 - 10 * .Machine$double.eps] <- 1
  hat
}

#' tr(W_i S_i) of all terms but surfaces of lo(), at these as they are
#' @noRd
own_leverages <- function(model, rows) {
  size <- length(model$predictors)
  # packed products count the elements off the diagonal once
  twice <- unlist(lapply(seq_len(size), function(j) c(1, rep(2, size - j))))
  drop((rows$weight * own_covariances(model)) %*% twice)
}

#' Unscaled covariances of the predictors of each row of the fit
#' @noRd
own_covariances <- function(model) {
  if (is_mixed(model)) return(mixed_row_covariances(model) / model$dispersion)
  engine_variance(fit_problem(model), model$covariance, model$control$threads)
}

#' Residual standard deviation without each row, by the deviance
#' @noRd
deleted_sigma <- function(model, hat, residual) {
  total <- sum(residual^2)
  lost <- ifelse(hat < 1, residual^2 / (1 - hat), 0)
  sqrt((total - lost) / (model$df.residual - 1))
}

#' Estimated less estimated without row i, n x rank
#' @noRd
coefficient_changes <- function(model, hat, deviance) {
  covariance <- unscaled_vcov(model)
  kept <- !is.na(model$coefficients)
  rows <- fit_rows(model)
  # observed weights may be negative
  step <- if (is_single(model) && model$information == "expected") {
    # as lm.influence(): no change where the row alone determines a coefficient
    cbind(ifelse(hat < 1, sqrt(rows$weight[, 1L]) * deviance / (1 - hat), 0))
  } else {
    one_step_scores(model, rows)
  }
  change <- 0
  for (k in seq_along(model$predictors)) {
    predictor <- model$predictors[[k]]
    x <- predictor_matrix(predictor, model$frame)
    change <- change + (step[, k] * x) %*% covariance[predictor$position, , drop = FALSE]
  }
  change <- change[, kept, drop = FALSE]
  colnames(change) <- names(model$coefficients)[kept]
  change
}

#' (I - W_i S_i)^-1 s_i
#' @noRd
one_step_scores <- function(model, rows, covariance = own_covariances(model)) {
  size <- length(model$predictors)
  system <- -multiply_blocks(unpack_blocks(rows$weight, size),
                             unpack_blocks(covariance, size))
  for (k in seq_len(size)) system[, k, k] <- system[, k, k] + 1
  solve_blocks(system, rows$score)
}

#' @rdname hatvalues.gamut
#' @importFrom stats cooks.distance
#' @export
cooks.distance.gamut <- function(model, dispersion = model$dispersion, group = NULL,
                                 ...) {
  if (!is.null(group)) return(influence.gamut(model, group = group, ...)$cook)
  require_data(model, "cooks.distance()")
  finish_measure(cook_distances(model, dispersion), model)
}

#' @param hat Leverages where they are known; used with one predictor.
#' @noRd
cook_distances <- function(model, dispersion = model$dispersion,
                           hat = leverages(model)) {
  if (is_single(model)) {
    pearson <- pearson_residuals(model)
    return((pearson / (1 - hat))^2 * hat / (dispersion * cook_rank(model)))
  }
  covariance <- own_covariances(model)
  step <- one_step_scores(model, fit_rows(model), covariance)
  moved <- block_times(unpack_blocks(covariance, ncol(step)), step)
  rowSums(step * moved) / (dispersion * cook_rank(model))
}

#' Number of coefficients that Cook's distance is over: with smooths the effective one, as
#' mgcv has it; random effects do not count, as in lme4
#' @noRd
cook_rank <- function(model) {
  model$rank + sum(vapply(model$smooths, `[[`, 0, "edf"))
}

#' @rdname hatvalues.gamut
#' @importFrom stats rstandard
#' @export
rstandard.gamut <- function(model, type = c("deviance", "pearson"),
                            sd = sqrt(model$dispersion), ...) {
  type <- check_choice(type, "type", c("deviance", "pearson"))
  require_single(model, "rstandard()")
  residual <- if (type == "deviance") deviance_residuals(model)
              else pearson_residuals(model)
  finish_measure(residual / (sd * sqrt(1 - leverages(model))), model)
}

#' @rdname hatvalues.gamut
#' @importFrom stats rstudent
#' @export
rstudent.gamut <- function(model, ...) {
  refuse_mixed(model, "rstudent()", "See rstandard().")
  require_single(model, "rstudent()")
  finish_measure(studentised_residuals(model, leverages(model)), model)
}

#' @noRd
studentised_residuals <- function(model, hat) {
  deviance <- deviance_residuals(model)
  inner <- deviance^2 + hat * pearson_residuals(model)^2 / (1 - hat)
  value <- sign(deviance) * sqrt(inner)
  if (model$dispersion_fixed) value else value / deleted_sigma(model, hat, deviance)
}

#' @rdname hatvalues.gamut
#' @importFrom stats dfbeta
#' @export
dfbeta.gamut <- function(model, infl = influence.gamut(model, ...), ...) {
  infl$coefficients
}

#' @rdname hatvalues.gamut
#' @importFrom stats dfbetas
#' @export
dfbetas.gamut <- function(model, infl = influence.gamut(model, ...), ...) {
  if (inherits(infl, "gamut_influence")) return(infl$dfbetas)
  change <- infl$coefficients
  kept <- !is.na(model$coefficients)
  error <- sqrt(covariance_diagonal(model$covariance, length(kept)))[kept]
  sigma <- infl$sigma %||% rep(1, nrow(change))
  change / outer(sigma, error)
}

#' @noRd
require_single <- function(model, what) {
  require_data(model, what)
  if (is_single(model)) return(invisible())
  abort_gamut(what, " is for families with one linear predictor, and ",
              model$family$family, " has ", length(model$predictors),
              ". See residuals(type = \"quantile\") and cooks.distance().",
              class = "unsupported")
}

#' Rows of weight 0 are left out, and infinite values are not numbers, as for `glm`
#' @noRd
finish_measure <- function(value, model) {
  value[is.infinite(value)] <- NaN
  padded_influence(value, model)
}
