# What a fit with random effects asks of the engine after the fit. Nothing of the size of
# the random effects' factor is kept in the object: one pass at the estimates makes it
# again.

#' @noRd
mixed_estimates <- function(object) {
  aliased <- c(is.na(object$coefficients), object$mode_aliased)
  list(coefficients = as.double(estimated_coefficients(object)),
       aliased = unname(aliased), theta = object$criterion$thetas,
       threads = object$control$threads, elimination = object$control$elimination,
       estimate_traces = is_profiled(object$family),
       collinear = object$criterion$elimination$collinear)
}

#' Covariances of the conditional modes of each level, given beta and theta
#'
#' @return One array effects x effects x levels for each random term, absolute.
#' @noRd
conditional_variances <- function(object) {
  require_data(object, "The variance of random effects")
  if (identical(object$criterion$elimination$tail, "iterative")) {
    abort_iterative("The variances of single random effects are")
  }
  found <- state_of(conditional_variance_cpp(fit_problem(object),
                                             mixed_estimates(object)))
  Map(function(entry, blocks) {
    k <- length(entry$effects)
    array(object$dispersion * blocks, c(k, k, length(entry$levels)),
          list(entry$effects, entry$effects, entry$levels))
  }, object$random, utils::tail(found, length(object$random)))
}

#' @param what What is not known, with its verb.
#' @noRd
abort_iterative <- function(what) {
  abort_gamut(what, " not known to an iterative elimination. Fit with ",
              "gamut_control(elimination = \"dense\"), which may take long.",
              class = "unsupported")
}

#' Covariance of the linear predictors of each row, fixed and random effects jointly
#'
#' @param problem Of the fit or of new rows. Effects of unknown levels count as 0.
#' @return n x K(K+1)/2, absolute.
#' @noRd
mixed_row_covariances <- function(object, problem = fit_problem(object)) {
  require_data(object, "The variance of a prediction with random effects")
  object$dispersion * state_of(
    mixed_row_variance_cpp(fit_problem(object), mixed_estimates(object), problem)
  )
}

#' What the engine knows at the estimates, if its information can be inverted there
#' @noRd
state_of <- function(call) tryCatch(call, error = function(e) abort_engine(e))
