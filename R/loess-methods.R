# Methods of local regressions that give back parts of the fit, residuals, counts and
# likelihood, and those that make a new fit or new responses.

#' Parts of a local regression
#'
#' @param object,x,model,formula A fit of [fit_loess()].
#' @param type Residuals: `"response"`, \eqn{y} less the mean; `"pearson"`, times the root
#'   of the weight (of a likelihood also over the root of the variance function);
#'   `"deviance"`; or `"working"`. By default `"response"` for least squares, else
#'   `"deviance"`. Weights: `"prior"`, `"robust"`, the robustness weights, or `"working"`,
#'   their product, or the working weights of a likelihood.
#' @param formula.,evaluate As in [stats::update()].
#' @param k Penalty for each degree of freedom.
#' @param ... Arguments of the call that change, for `update()`; further fits, for `AIC()`
#'   and `BIC()`; else not used.
#'
#' @details
#' `df.residual()` is `one.delta^2 / two.delta`, the degrees of freedom of t intervals;
#' `sigma()` is `s`. `hatvalues()` is the diagonal of the operator, of the first pass of a
#' symmetric fit. `logLik()` of a fit by least squares is the normal log-likelihood at its
#' fitted values with the maximum likelihood variance, and `df` the trace of the operator
#' plus one for it: a conditional one, of a smoother that maximises no likelihood, for
#' `AIC()` alone. A symmetric fit has none. Fits have no coefficients, and so no `coef()`,
#' `vcov()` and `confint()`: see [local_fits()] and [predict()][predict.gamut_loess].
#' @return As the methods of [gamut()]'s fits.
#' @examples
#' fit <- fit_loess(dist ~ speed, cars)
#' df.residual(fit)
#' AIC(fit, update(fit, span = 0.5))
#' head(hatvalues(fit))
#' @name loess-methods
NULL

#' @rdname loess-methods
#' @export
fitted.gamut_loess <- function(object, ...) per_row(object, object$fitted)

#' @rdname loess-methods
#' @export
residuals.gamut_loess <- function(object, type = c("response", "pearson", "deviance",
                                                   "working"), ...) {
  likelihood <- is_likelihood(object)
  type <- if (missing(type)) if (likelihood) "deviance" else "response"
          else check_choice(type, "type", c("response", "pearson", "deviance", "working"))
  plain <- unname(object$residuals)
  value <- if (type == "response") plain
           else if (likelihood) likelihood_residual(object, type)
           else if (type == "working") plain
           else sqrt(object$weights) * plain
  per_row(object, value)
}

#' @noRd
likelihood_residual <- function(object, type) {
  eta <- object$linear.predictors
  family <- object$family
  rows <- likelihood_rows(object, eta)
  if (type == "pearson") return(rows$pearson)
  if (type == "working") return(unname(object$residuals) / family$links[[1L]]$mu.eta(eta))
  parameters <- family$inverse(cbind(eta), family)
  size <- family$unit_deviance(object$y, parameters, object$weights)
  sign(unname(object$residuals)) * sqrt(pmax(as.vector(size), 0))
}

#' @rdname loess-methods
#' @export
weights.gamut_loess <- function(object, type = c("prior", "robust", "working"), ...) {
  type <- check_choice(type, "type", c("prior", "robust", "working"))
  value <- if (type == "prior") object$weights
           else if (type == "robust") object$robust
           else if (!is_likelihood(object)) object$weights * object$robust
           else likelihood_rows(object, object$linear.predictors)$weight
  per_row(object, value)
}

#' @rdname loess-methods
#' @export
nobs.gamut_loess <- function(object, ...) object$nobs

#' @rdname loess-methods
#' @export
formula.gamut_loess <- function(x, ...) {
  if ("." %in% all.names(x$formula[[3L]])) spell_dot(x$formula, x$terms) else x$formula
}

#' @rdname loess-methods
#' @export
terms.gamut_loess <- function(x, ...) x$terms

#' @rdname loess-methods
#' @export
labels.gamut_loess <- function(object, ...) names(object$columns$sources)

#' @rdname loess-methods
#' @export
variable.names.gamut_loess <- function(object, ...) object$xnames # nolint: object_name.

#' @rdname loess-methods
#' @export
df.residual.gamut_loess <- function(object, ...) object$df.residual # nolint: object_name.

#' @rdname loess-methods
#' @export
sigma.gamut_loess <- function(object, ...) object$s

#' @rdname loess-methods
#' @export
deviance.gamut_loess <- function(object, ...) object$deviance

#' @rdname loess-methods
#' @export
model.frame.gamut_loess <- function(formula, ...) model_frame_of(formula$frame)

#' @rdname loess-methods
#' @export
hatvalues.gamut_loess <- function(model, ...) {
  if (is.null(model$leverage)) {
    require_statistics(model, "leverages")
    abort_gamut("this fit has no leverages.", class = "data")
  }
  per_row(model, model$leverage)
}

#' @rdname loess-methods
#' @export
logLik.gamut_loess <- function(object, ...) { # nolint: object_name_linter.
  require_statistics(object, "degrees of freedom")
  if (object$pars$iterations > 1L) {
    abort_gamut("a symmetric fit has no likelihood: its robustness weights are of no ",
                "distribution.", class = "unsupported_method")
  }
  family <- object$family
  require_density(family)
  own <- object$weights > 0
  y <- object$frame$y
  value <- if (is_likelihood(object)) {
    family$loglik(y$y, family$inverse(cbind(object$linear.predictors), family), y$weights,
                  trials = y$trials)
  } else {
    n <- sum(own)
    (sum(log(object$weights[own])) - n * (log(2 * pi * object$deviance / n) + 1)) / 2
  }
  structure(value, df = object$trace.hat + !object$dispersion_fixed, nobs = object$nobs,
            class = "logLik")
}

#' @rdname loess-methods
#' @export
AIC.gamut_loess <- function(object, ..., k = 2) { # nolint: object_name_linter.
  information_criterion(list(object, ...), match.call(), NULL, function(value) k, "AIC")
}

#' @rdname loess-methods
#' @export
BIC.gamut_loess <- function(object, ...) { # nolint: object_name_linter.
  information_criterion(list(object, ...), match.call(), NULL,
                        function(value) log(attr(value, "nobs")), "BIC")
}

#' @rdname loess-methods
#' @export
update.gamut_loess <- function(object, formula., ..., # nolint: object_name_linter.
                               evaluate = TRUE) {
  extras <- named_arguments(as.list(match.call(expand.dots = FALSE)$...))
  call <- change_call(object$call, extras)
  new <- object$formula
  if (!missing(formula.)) {
    new <- stats::update(formula.gamut_loess(object),
                         as_update(formula., parent.frame()))
  }
  if (!"formula" %in% names(extras)) {
    environment(new) <- object$spec$env
    call$formula <- new
  }
  # a span or a target in place of the other, which would both count
  if ("span" %in% names(extras)) call$enp.target <- NULL
  if ("enp.target" %in% names(extras)) call$span <- NULL
  if (!check_flag(evaluate, "evaluate")) return(call)
  unchanged <- setdiff(names(object$call)[-1L], c("formula", names(extras)))
  env <- update_scope_of(object, unchanged, parent.frame())
  require_call_data(call, env)
  eval(call, env)
}

#' Simulate responses of a local regression
#'
#' From the family at the fitted means; for a symmetric fit normal ones with its robust
#' scale. See [simulate.gamut()] for seeds and forms of responses.
#' @param object A fit of [fit_loess()].
#' @param nsim Number of responses to draw.
#' @param seed Seed, or `NULL`.
#' @param newdata Data to simulate for; the rows of the fit by default. Rows outside the
#'   data are `NA`, unless the surface is direct.
#' @param ... Ignored.
#' @return A data frame with columns `sim_1`, `sim_2`, ... and the attribute `"seed"`.
#' @examples
#' head(simulate(fit_loess(dist ~ speed, cars), 3, seed = 1))
#' @export
simulate.gamut_loess <- function(object, nsim = 1, seed = NULL, newdata = NULL, ...) {
  nsim <- check_count(nsim, "nsim")
  family <- object$family
  require_density(family)
  rows <- loess_rows(object, newdata)
  eta <- if (is.null(newdata)) object$linear.predictors else
    evaluate_loess(object, rows, FALSE, FALSE, FALSE)$fit + rows$offset
  source <- list(family = family, par = family$inverse(cbind(eta), family),
                 n = length(eta), dispersion = object$dispersion,
                 form = object$frame$y$form, response = object$frame$response,
                 weights = rows$weights,
                 trials = if (is.null(newdata)) object$frame$y$trials)
  state <- if (is.null(seed)) random_state()
           else structure(seed, kind = as.list(RNGkind()))
  draws <- with_seed(seed, draw_responses(source, nsim))
  names <- rows$names
  draws <- lapply(draws, place_rows, rows = rows)
  if (is.null(newdata)) {
    draws <- lapply(draws, stats::naresid, omit = object$na.action)
    names <- names(stats::naresid(object$na.action, stats::setNames(seq_along(names),
                                                                    names)))
  }
  structure(draws, names = paste0("sim_", seq_len(nsim)), class = "data.frame",
            row.names = names, seed = state)
}
