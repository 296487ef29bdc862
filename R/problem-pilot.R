# A scale to start from. A fit that starts from a scale much too large has a long way to
# go, so families with a scale have their main predictor fitted by least squares first,
# on the scale of its link: one step, whose residuals tell the scale.

#' Residuals of least squares for the main predictor, or NULL
#'
#' The family says by `pilot(y)` where its main parameter is for a single row.
#' @return list: `residuals` of the main parameter, and the parameter fitted, `main`.
#' @noRd
pilot_residuals <- function(frame, family) {
  if (is.null(family$pilot) || is.null(frame$y)) return(NULL)
  z <- suppressWarnings(family$links[[1L]]$linkfun(family$pilot(frame$y$y)))
  z[!is.finite(z)] <- NA
  z[is.na(z)] <- stats::median(z, na.rm = TRUE)
  if (!all(is.finite(z))) return(NULL)
  normal <- as_gamut_family(stats::gaussian())
  frame <- without_surfaces(without_random(frame))
  frame$predictors <- frame$predictors[1L]
  frame$offsets <- frame$offsets[1L]
  frame$etas <- family_etas(normal)
  frame$y <- response_result(z, frame$y$weights)
  names(frame$predictors) <- names(frame$offsets) <- "mu"
  problem <- build_problem(frame, normal)
  if (!length(problem$names)) return(NULL)
  fit <- tryCatch(engine_fit(problem, normal, gamut_control()), gamut_error = identity)
  # the fit itself will say what is wrong
  if (inherits(fit, "gamut_error")) return(NULL)
  eta <- as.vector(engine_linear_predictor(problem, fit$coefficients))
  link <- family$links[[1L]]
  list(residuals = (z - eta) * link$mu.eta(eta), main = link$linkinv(eta))
}

#' Residuals relative to a power of the fitted parameter, or what stands for them
#' @noRd
pilot_scaled <- function(pilot, power, otherwise) {
  if (is.null(pilot)) return(otherwise)
  pilot$residuals / abs(pilot$main)^power
}
