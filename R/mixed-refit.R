# Refits of models with random effects: by the other criterion, to another response,
# without some of their coefficients.

#' Refit a model to a new response
#'
#' The model is fitted to other values of the response: same rows, same formula, weights
#' and offsets. The data of the fit are used as it holds them, so that nothing is looked
#' up again. With random effects the search starts from the estimates of the fit, which
#' makes a parametric bootstrap quick.
#'
#' `refit()` is the generic of package generics, exported again here.
#'
#' @param object A fit.
#' @param newresp The new response, in the form of the old one, with a value (or row) for
#'   each row in use; also a data frame of one column, as [simulate()][simulate.gamut]
#'   gives it, and of the length of all rows where `na.exclude` left some out.
#' @param ... Not used.
#' @return A fit like `object`. Its `call` is still that of `object`, so that `update()`
#'   goes back to the old response.
#' @section Errors:
#' `gamut_error_response` for a response of another length or with other categories,
#' `gamut_error_data` for a fit without its data.
#' @examples
#' fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' again <- simulate(fit, 2, seed = 1)
#' coef(refit(fit, again$sim_1))
#'
#' fit <- gamut(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' VarCorr(refit(fit, simulate(fit, 1, seed = 1)))
#' @importFrom generics refit
#' @name refit
#' @rawNamespace export(refit)
#' @rawNamespace S3method(lme4::refit, gamut)
#' @export
refit.gamut <- function(object, newresp, ...) {
  require_data(object, "refit()")
  check_no_dots(..., what = "refit()")
  setup <- setup_again(object)
  setup$frame <- without_surfaces(new_response(object, newresp))
  setup$family <- resolve_family(object$family, setup$frame$levels)
  setup$problem <- build_problem(setup$frame, setup$family)
  if (is_mixed(object)) {
    return(fit_smoothers(setup, function(setup) fit_mixed(setup, warm_theta(object))))
  }
  result <- engine_fit(setup$problem, setup$family, setup$control)
  fit <- explain_divergence(new_gamut(setup, result), setup)
  report_fit(fit, result)
  fit
}

#' Where a search may start: not at a variance of 0, where it could stay
#' @noRd
warm_theta <- function(object) {
  if (!length(object$convergence$boundary)) object$criterion$theta
}

#' What gamut(fit = FALSE) would have returned for a fit
#' @noRd
setup_again <- function(object) {
  fields <- c("call", "formula", "spec", "family", "method", "nagq", "control", "frame")
  setup <- object[fields]
  setup$frame <- without_surfaces(setup$frame)
  setup$problem <- build_problem(setup$frame, setup$family)
  setup
}

#' The frame with another response
#' @noRd
new_response <- function(object, newresp) {
  frame <- object$frame
  response <- response_in_use(object, newresp)
  y <- object$family$response(response, frame$weights, frame$response_name,
                              rows = frame$kept, variables = object$family$variables)
  if (!identical(y$levels, frame$y$levels)) {
    abort_gamut("`newresp` has the categories ", quoted(y$levels), ", and the fit ",
                quoted(frame$y$levels), ".", class = "response")
  }
  # precisions have become an offset of the dispersion
  if (!is.null(object$family$precision)) y["weights"] <- frame$y["weights"]
  frame$response <- response
  frame$y <- y
  frame
}

#' @noRd
response_in_use <- function(object, newresp) {
  if (is.data.frame(newresp) && length(newresp) == 1L) newresp <- newresp[[1L]]
  rows <- object$frame$rows
  given <- NROW(newresp)
  left_out <- object$na.action
  if (given == rows + length(left_out) && length(left_out)) {
    newresp <- take_rows(newresp, seq_len(given)[-left_out])
  }
  if (NROW(newresp) != rows) {
    abort_gamut("`newresp` must have a value for each of the ", rows, " rows in use, ",
                "not ", given, ".", class = "response")
  }
  # simulate() has no response for rows of weight 0; any does
  unused <- which(prior_weights(object) == 0)
  newresp <- keep_response(newresp, unused, object$frame$y$y)
  if (anyNA(newresp)) abort_gamut("`newresp` has missing values.", class = "response")
  newresp
}

#' Responses of rows without weight as they were, where new ones are missing
#' @noRd
keep_response <- function(new, rows, old) {
  if (!length(rows) || NCOL(new) != NCOL(old)) return(new)
  if (is.matrix(new)) {
    lost <- rows[is.na(new[rows, 1L])]
    new[lost, ] <- old[lost, ]
  } else {
    lost <- rows[is.na(new[rows])]
    new[lost] <- if (is.factor(new)) levels(new)[1L] else old[lost]
  }
  new
}

#' A fit by ML: itself, or refitted with a message
#' @noRd
as_ml <- function(object, what = "models are compared") {
  refuse_surfaces(object, "A likelihood in which variances are integrated out")
  if (!is_mixed(object) || object$method == "ML") return(object)
  inform_gamut("refitted by ML, as ", what, " by their likelihood, which REML does not ",
               "maximise.", class = "refit")
  refit_by(object, "ML")
}

#' A fit by REML, which Kenward and Roger's method is for: itself, or refitted with a
#' message
#' @noRd
as_reml <- function(object) {
  if (object$method == "REML") return(object)
  inform_gamut("refitted by REML, as Kenward and Roger's method is for it.",
               class = "refit")
  refit_by(object, "REML")
}

#' The same model by another criterion
#' @noRd
refit_by <- function(object, method) {
  require_data(object, paste("A refit by", method))
  setup <- setup_again(object)
  setup$method <- method
  object$call$method <- method
  setup$call <- object$call
  fit_smoothers(setup, function(setup) fit_mixed(setup, warm_theta(object)))
}

#' A mixed model without some fixed coefficients, by ML; see refit_problem()
#' @noRd
refit_mixed_problem <- function(object, problem, what = NULL) {
  control <- object$control
  control$progress <- FALSE
  setup <- list(problem = problem, family = object$family, control = control,
                method = "ML", nagq = object$nagq)
  result <- engine_fit_mixed(setup, warm_theta(object))
  found <- describe_search(result, setup)
  if (!found$converged && !is.null(what)) {
    warn_gamut("the fit ", what, " did not converge; its row of the table is not to be ",
               "trusted.", class = "convergence")
  }
  eta <- engine_linear_predictor(problem, result$coefficients, control$threads)
  fixed <- seq_along(problem$names)
  rank <- sum(!result$aliased[fixed])
  list(objective = mixed_minus2loglik(object, result, eta),
       coefficients = result$coefficients[fixed], rank = rank,
       df_residual = result$kept_rows - rank, converged = found$converged)
}

#' Fixed coefficients, parameters of covariances, and a dispersion that is no coefficient
#'
#' A variance that is estimated as 0 was free to be another one, and counts. So do the
#' functions in smooths that no penalty acts on.
#' @noRd
mixed_parameter_count <- function(object) {
  theta <- length(object$criterion$theta)
  object$rank + unpenalised_count(object) + theta + as.integer(!object$dispersion_fixed)
}

#' Number of estimated coefficients of smooths without a penalty
#' @noRd
unpenalised_count <- function(object) {
  free <- vapply(object$smooths, function(s) as.integer(s$piece$null_dim), 0L)
  sum(free) - sum(object$mode_aliased[seq_len(smooth_count(object$smooths))])
}

#' @noRd
mixed_aic <- function(object, k) {
  edf <- parameter_count(object)
  c(edf, -2 * log_likelihood(object) + k * edf)
}

#' The restricted log-likelihood
#' @noRd
restricted_loglik <- function(object) {
  restricted <- object$criterion$minus2restricted
  if (!is.null(restricted)) return(-restricted / 2)
  abort_gamut("REML = TRUE is for models with random effects that were fitted by ",
              "method = \"REML\"", if (is_mixed(object)) "; this one is by ML", ".",
              class = "argument", data = list(argument = "REML"))
}
