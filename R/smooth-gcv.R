# Smoothing parameters by generalised cross-validation, to compare with other software.
#
#   GCV  = n D / (n - tau)^2           where the dispersion is estimated,
#   UBRE = D / n + 2 tau phi / n - phi where it is known to be phi = 1,
# D the deviance and tau the effective degrees of freedom of all coefficients. Both are
# minimised over log smoothing parameters from where REML ends. REML is the default, since
# GCV, now and then, takes noise for a wiggly function.
# Source: Craven & Wahba (1979) Numer. Math. 31, 377-403; Wood (2017) section 6.2.

#' The fit whose smoothing parameters minimise GCV or UBRE
#' @noRd
fit_gcv <- function(setup) {
  setup$method <- "REML"
  if (length(setup$problem$random)) {
    abort_gamut("method = \"GCV\" is for smooths. Random effects take \"REML\" or ",
                "\"ML\".", class = "argument", data = list(argument = "method"))
  }
  check_constant_dispersion(setup)
  start <- engine_fit_mixed(setup)
  if (!length(start$theta)) return(new_mixed(setup, start))
  theta <- start$theta
  usual <- pmax(abs(theta), 1e-3 * max(abs(theta), 1e-3))
  score <- function(rho) {
    at <- engine_fit_mixed(setup, usual * exp(rho), evaluations = 1L)
    gcv_score(setup, at)
  }
  best <- stats::nlminb(numeric(length(theta)), score, lower = -12, upper = 12,
                        control = list(rel.tol = 1e-9))
  found <- engine_fit_mixed(setup, usual * exp(best$par), evaluations = 1L)
  found$code <- if (best$convergence == 0L) "converged" else "evaluation_limit"
  if (is_profiled(setup$family)) {
    tau <- sum(found$covariance$joint$edf) + parametric_freedom(setup, found)
    found$dispersion <- found$objective / (found$kept_rows - tau)
  }
  found$evaluations <- as.integer(best$evaluations[["function"]])
  object <- new_mixed(setup, found)
  object$criterion$gcv <- best$objective
  object$method <- "GCV"
  object
}

#' @noRd
gcv_score <- function(setup, result) {
  tau <- sum(result$covariance$joint$edf) + parametric_freedom(setup, result)
  n <- result$kept_rows
  deviance <- gcv_deviance(setup, result)
  if (is_profiled(setup$family) || !is.null(setup$family$precision)) {
    n * deviance / (n - tau)^2
  } else {
    deviance / n + 2 * tau / n - 1
  }
}

#' Coefficients of the mean that no smooth has
#' @noRd
parametric_freedom <- function(setup, result) {
  fixed <- seq_along(setup$problem$names)
  sum(!result$aliased[fixed] & !setup$problem$outside[fixed])
}

#' @noRd
gcv_deviance <- function(setup, result) {
  if (is_profiled(setup$family)) return(result$objective)
  eta <- engine_linear_predictor(setup$problem, result$coefficients)
  plain_deviance(setup$family, setup$frame, setup$family$inverse(eta, setup$family))
}

#' @noRd
check_constant_dispersion <- function(setup) {
  parameter <- names(setup$family$precision)
  if (is.null(parameter)) return(invisible())
  if (length(setup$problem$layout[[parameter]]$position) == 1L) return(invisible())
  abort_gamut("method = \"GCV\" needs a constant dispersion: leave the formula of `",
              parameter, "` out.", class = "argument", data = list(argument = "method"))
}
