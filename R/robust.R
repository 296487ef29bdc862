# Fits with bounded influence: rows far from what the others say count less, for the
# coefficients and for the choice of smoothness alike.
#
# Each round fits with weights w(r), r the scaled residuals of the round before: Huber's
# min(1, 1.345 / |r|) until these settle, then Tukey's (1 - (r / 4.685)^2)^2 for |r| below
# 4.685, which take a far outlier out altogether; both have an efficiency of 95 % for
# normal errors. The weights multiply the log-likelihood of a row (in gaussian models its
# precision), and so stand in the criterion of the smoothing parameters too. Residuals are
# deviance residuals; their scale is 1.4826 times the median of |r|, or 1 where the family
# has no dispersion to estimate.
# Source: Huber & Ronchetti (2009) Robust Statistics, 2nd ed., ch. 7; Croux, Gijbels &
# Prosdocimi (2012) Biometrics 68, 31-44 for smooths.

#' Fit with robustness weights
#' @param fit_once A function of a setup that fits it.
#' @noRd
fit_robustly <- function(setup, fit_once) {
  object <- fit_once(setup)
  base <- setup$frame$y$weights %||% rep(1, setup$frame$rows)
  weights <- rep(1, length(base))
  converged <- FALSE
  for (kind in c("huber", "bisquare")) {
    for (round in seq_len(30L)) {
      last <- weights
      weights <- robustness_weights(object, base > 0, kind)
      object <- fit_once(with_weights(setup, base * weights))
      converged <- max(abs(weights - last)) < 0.005
      if (converged) break
    }
  }
  object$robust <- list(weights = weights, converged = converged,
                        rows = which(weights < 0.5 & base > 0))
  if (!converged) {
    warn_gamut("the robustness weights did not settle in 30 rounds.", class = "robust")
  }
  object
}

#' @noRd
with_weights <- function(setup, weights) {
  setup$frame$y$weights <- setup$problem$weights <- weights
  setup
}

#' @noRd
robustness_weights <- function(object, kept, kind) {
  r <- plain_residuals(object)
  if (tests_have_df(object)) r <- r / (1.4826 * stats::median(abs(r[kept])))
  size <- abs(r)
  # a weight of 0 would change the number of rows
  if (kind == "huber") pmin(1, 1.345 / pmax(size, 1e-8))
  else pmax(1 - (size / 4.685)^2, 0)^2 + 1e-6
}

#' Deviance residuals as if all weights were 1
#' @noRd
plain_residuals <- function(object) {
  y <- object$frame$y
  parameters <- fit_parameters(object)
  if (is_profiled(object$family)) return(y$y - parameters[[1L]])
  sign(y$y - object$family$mean(parameters)) *
    sqrt(pmax(object$family$unit_deviance(y$y, parameters, NULL), 0))
}

#' @noRd
check_robust <- function(robust, smooth, family) {
  if (!check_flag(robust, "robust")) return(FALSE)
  if (!smooth) abort_argument("robust", "FALSE for a model without smooths", TRUE)
  usable <- is_profiled(family) ||
    (is.function(family$unit_deviance) && is.function(family$mean) &&
       !has_matrix_mean(family))
  if (!usable) {
    abort_gamut("robust = TRUE needs a family with a mean and a deviance, and the ",
                family$family, " family is none.", class = "family")
  }
  TRUE
}

#' @noRd
print_robust <- function(robust) {
  if (is.null(robust)) return(invisible())
  text <- if (length(robust$rows)) {
    paste0("Weighted down to less than a half: row", if (length(robust$rows) > 1L) "s",
           " ", enumerate(robust$rows, 8L))
  } else {
    "No row is weighted down to less than a half"
  }
  cat("\n", paste(strwrap(text, exdent = 2L), collapse = "\n"), "\n", sep = "")
}
