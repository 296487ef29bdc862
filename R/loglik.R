# The likelihood of a fit, the null model it is compared with, and the shape parameter
# that maximises it.

#' Log-likelihood, AIC and BIC
#'
#' @param object A fit.
#' @param fit A fit.
#' @param REML The restricted log-likelihood, of a fit by REML?
#' @param type Of a fit with smooths: `"marginal"`, with the smooths integrated out, or
#'   `"conditional"`, at the smooths as estimated.
#' @param scale Not used; there for [stats::extractAIC()].
#' @param k Penalty per parameter.
#' @param ... Not used.
#'
#' @details
#' `logLik()` is the log-likelihood at the estimates, with all constants. For families
#' whose dispersion is estimated it follows [stats::glm()]: the dispersion that is put
#' in is deviance / n for gaussian, and deviance / sum of weights for Gamma and inverse
#' gaussian models, not the Pearson estimate that standard errors use; see [shape()] for
#' the maximum-likelihood estimate. `df` counts the coefficients that were estimated and
#' such a dispersion. Rows of weight zero count neither in the sum nor in `nobs`. Quasi
#' families have no likelihood: the value is `NA`.
#'
#' With random effects it is the marginal log-likelihood: the random effects are
#' integrated out (exactly for linear mixed models, else by the approximation of the
#' fit). It is the full one (ML) at the estimates of whichever method fitted them, so that
#' it means the same for all fits; a fit by REML does not maximise it, and methods that
#' compare fits refit by ML. `REML = TRUE` is the restricted log-likelihood, that of the
#' error contrasts. `df` counts the parameters of covariances too, also those that are
#' estimated as 0.
#'
#' Smooths are random functions in this sense, and integrated out too. `type =
#' "conditional"` is the log-likelihood at the estimated smooths, as `mgcv` has it, with
#' their effective degrees of freedom, corrected for the uncertainty of smoothing
#' parameters (Wood, Pya and Saefken 2016): `AIC(fit, type = "conditional")`. With random
#' effects it is that at the estimated random effects, and the degrees of freedom are the
#' trace of the operator from responses to fitted values (Vaida and Blanchard 2005), which
#' takes variances as known; to compare on one footing write random intercepts as
#' `s(g, bs = "re")` in all models. Fits with `lo()` have the conditional one only, with
#' that trace.
#'
#' `AIC()` and `BIC()` are those of stats, from this value. `extractAIC()` counts
#' coefficients only, as it does for `glm()`, and so do [stats::step()] and
#' [stats::drop1()]. With random effects it counts all parameters, and a fit by REML is
#' refitted by ML, with a message of class `gamut_message_refit`.
#'
#' @return `logLik()`: a number of class `"logLik"` with attributes `df` and `nobs`.
#'   `extractAIC()`: the number of coefficients and the AIC.
#' @examples
#' fit <- gamut(dist ~ speed, data = cars)
#' logLik(fit)
#' AIC(fit)
#' BIC(fit)
#'
#' # a linear mixed model: the likelihood, and the criterion that REML maximised
#' fit <- gamut(distance ~ age + (1 | Subject), data = nlme::Orthodont)
#' logLik(fit)
#' logLik(fit, REML = TRUE)
#' @export
logLik.gamut <- function(object, REML = FALSE, type = c("marginal", "conditional"),
                         ...) {
  type <- likelihood_type(object, if (!missing(type)) type)
  if (type == "conditional") return(conditional_loglik(object))
  value <- if (check_flag(REML, "REML")) restricted_loglik(object)
           else log_likelihood(object)
  structure(value, df = parameter_count(object),
            nobs = nobs.gamut(object), class = "logLik")
}

#' @rdname logLik.gamut
#' @importFrom stats AIC
#' @export
AIC.gamut <- function(object, ..., k = 2, type = c("marginal", "conditional")) {
  type <- if (!missing(type)) type
  information_criterion(list(object, ...), match.call(expand.dots = TRUE), type,
                        function(value) k, "AIC")
}

#' @rdname logLik.gamut
#' @importFrom stats BIC
#' @export
BIC.gamut <- function(object, ..., type = c("marginal", "conditional")) {
  type <- if (!missing(type)) type
  information_criterion(list(object, ...), match.call(expand.dots = TRUE), type,
                        function(value) log(attr(value, "nobs")), "BIC")
}

#' The likelihood asked for, or the one that a model has: with lo() the conditional one
#' @noRd
likelihood_type <- function(object, type) {
  if (is.null(type)) return(if (has_surfaces(object)) "conditional" else "marginal")
  type <- check_choice(type, "type", c("marginal", "conditional"))
  if (type == "marginal") refuse_surfaces(object, "type = \"marginal\"")
  type
}

#' A number for one fit, a table for several, as stats has it
#' @noRd
information_criterion <- function(objects, call, type, weight, name) {
  values <- lapply(objects, function(object) {
    # a local regression has a method of its own
    if (!identical(class(object), "gamut")) return(stats::logLik(object))
    logLik.gamut(object, type = likelihood_type(object, type))
  })
  df <- vapply(values, attr, 0, "df")
  found <- vapply(values, function(v) -2 * as.numeric(v) + weight(v) * attr(v, "df"), 0)
  if (length(objects) == 1L) return(found)
  given <- as.list(call)[-1L]
  given <- given[!names(given) %in% c("k", "type")]
  out <- data.frame(df = df, value = found)
  names(out)[2L] <- name
  row.names(out) <- make.unique(vapply(given, key_of, ""))
  out
}

#' @noRd
log_likelihood <- function(object) {
  if (is_mixed(object)) return(-object$criterion$minus2loglik / 2)
  if (!is.null(object$loglik)) return(object$loglik)
  family <- object$family
  if (!family$has_density) return(NA_real_)
  y <- object$frame$y
  family$loglik(y$y, fit_parameters(object), y$weights, trials = y$trials)
}

#' Coefficients, and the dispersion where the likelihood has an estimated one
#' @noRd
parameter_count <- function(object) {
  if (is_mixed(object)) return(mixed_parameter_count(object))
  object$rank + as.integer(!object$dispersion_fixed && object$family$has_density)
}

#' @rdname logLik.gamut
#' @importFrom stats extractAIC
#' @export
extractAIC.gamut <- function(fit, scale = 0, k = 2, ...) {
  if (is_mixed(fit)) return(mixed_aic(as_ml(fit), k))
  aic <- 2 * (parameter_count(fit) - log_likelihood(fit))
  c(fit$rank, aic + (k - 2) * fit$rank)
}

#' Does the family have a deviance, or only a log-likelihood? Each says so itself.
#' @noRd
has_deviance <- function(family) {
  isTRUE(family$has_deviance)
}

#' Objective of the model without covariates: its deviance, or -2 log-likelihood
#'
#' What is left of each predictor are its intercept, if it has one, and its offset, as
#' glm() has it.
#' @noRd
null_deviance <- function(object) {
  if (!is.null(object$null_deviance)) return(object$null_deviance)
  require_data(object, "The null deviance")
  problem <- build_problem(null_frame(object$frame), object$family)
  if (!length(problem$names)) return(objective_at_offsets(problem, object))
  closed <- has_deviance(object$family) && object$family$mean_is_main &&
    is.null(problem$offsets[[1L]])
  if (closed) return(deviance_of_mean(object))
  control <- object$control
  control$bias_reduction <- FALSE
  engine_fit(problem, object$family, control)$objective
}

#' Coefficients of the null model
#' @noRd
null_rank <- function(object) {
  sum(vapply(object$predictors, `[[`, NA, "intercept"))
}

#' @noRd
null_frame <- function(frame) {
  frame <- without_smooths(without_random(frame))
  frame$predictors <- lapply(frame$predictors, function(predictor) {
    predictor$terms <- stats::terms(if (predictor$intercept) ~1 else ~0)
    predictor[c("keys", "codings", "xlevels")] <- list(character(), list(), list())
    predictor
  })
  frame
}

#' The weighted mean is the fit of an intercept, under any link
#' @noRd
deviance_of_mean <- function(object) {
  y <- object$frame$y
  mean <- if (is.null(y$weights)) mean(y$y)
          else sum(y$weights * y$y) / sum(y$weights)
  sum(object$family$unit_deviance(y$y, list(mu = mean), y$weights))
}

#' @noRd
objective_at_offsets <- function(problem, object) {
  eta <- vapply(problem$offsets, function(offset) {
    if (is.null(offset)) numeric(problem$rows) else as.double(offset)
  }, numeric(problem$rows))
  sum(engine_rows(problem, as.matrix(eta), object$information)$objective)
}

#' Maximum-likelihood shape of a Gamma or similar model
#'
#' The Pearson estimate of the dispersion, which standard errors use, is robust but not
#' efficient. This is the maximum-likelihood estimate of its inverse, the shape, at the
#' fitted means.
#'
#' @param fit A fit whose family has an estimated dispersion and a density.
#'
#' @details
#' * Gamma: the shape \eqn{\nu}, \eqn{1/\sqrt\nu}{1 / sqrt(nu)} being the coefficient of
#'   variation. With prior weights \eqn{a_i} the shape of a row is \eqn{a_i\nu}{a_i nu},
#'   and the estimate solves
#'   \deqn{\sum_i a_i \left\{1 + \log(a_i\nu) - \psi(a_i\nu) + \log(y_i/\mu_i) -
#'   y_i/\mu_i\right\} = 0}{sum a (1 + log(a nu) - digamma(a nu) + log(y / mu) - y / mu)
#'   = 0}
#'   by Newton steps in \eqn{\log\nu}{log(nu)}.
#' * Inverse gaussian: \eqn{\lambda = n / D}{lambda = n / D} with the deviance \eqn{D};
#'   gaussian: the precision, likewise \eqn{n / D}. Both have the standard error
#'   \eqn{\sqrt{2/n}}{sqrt(2 / n)} times the estimate.
#'
#' Use it as `summary(fit, dispersion = 1 / shape(fit)[["estimate"]])`.
#'
#' @return Named numeric: `estimate` and `std.error` (from the information on the shape
#'   alone, which is orthogonal to the mean). Other families are an error of class
#'   `gamut_error_family`, a model that fits exactly is one of class `gamut_error_data`.
#' @references McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*,
#'   2nd edition, section 8.3.6. \doi{10.1201/9780203753736}
#' @examples
#' clotting <- data.frame(
#'   u = c(5, 10, 15, 20, 30, 40, 60, 80, 100),
#'   lot1 = c(118, 58, 42, 35, 27, 25, 21, 19, 18)
#' )
#' fit <- gamut(lot1 ~ log(u), data = clotting, family = Gamma)
#' shape(fit)
#' summary(fit, dispersion = 1 / shape(fit)[["estimate"]])
#' @export
shape <- function(fit) {
  if (!inherits(fit, "gamut")) abort_argument("fit", "a fit of gamut()", fit)
  refuse_local(fit, "shape()")
  refuse_mixed(fit, "shape()", "The dispersion is estimated with the model: see sigma().")
  family <- fit$family
  if (fit$dispersion_fixed || !family$has_density) {
    abort_gamut("shape() is for families with an estimated dispersion and a density, ",
                "such as Gamma; the ", family$family, " family has none.",
                class = "family")
  }
  if (fit$deviance <= 1e-12 * max(null_deviance(fit), .Machine$double.xmin)) {
    abort_gamut("the model fits the data exactly: the shape is infinite.",
                class = "data")
  }
  if (family$id == "Gamma") return(gamma_shape(fit))
  estimate <- fit$nobs / fit$deviance
  c(estimate = estimate, std.error = estimate * sqrt(2 / fit$nobs))
}

#' @noRd
gamma_shape <- function(fit) {
  require_data(fit, "shape()")
  row <- counted_rows(response_y(fit), fit_parameters(fit), fit$frame$y$weights)
  a <- row$weights
  ratio <- row$y / row$par$mu
  fixed <- sum(a * (1 + log(a) + log(ratio) - ratio))
  # Thom's (1958) start, exact for small and for large mean deviance
  mean_deviance <- fit$deviance / sum(a)
  nu <- (6 + 2 * mean_deviance) / (mean_deviance * (6 + mean_deviance))
  for (iteration in seq_len(100L)) {
    score <- fixed + sum(a * (log(nu) - digamma(a * nu)))
    information <- sum(a * (a * trigamma(a * nu) - 1 / nu))
    step <- score / (information * nu)
    if (abs(step) < 1e-12) break
    nu <- nu * exp(min(max(step, -1), 1))
  }
  c(estimate = nu, std.error = 1 / sqrt(information))
}
