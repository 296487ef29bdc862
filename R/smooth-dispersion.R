# Fits with smooths at a dispersion that is given in place of the estimate. It counts as
# known: covariances, which are in proportion to it, are those at it, and tests are z and
# chi-squared. Smoothing parameters, and so the curves, stay as they are.

#' The fit with covariances at another dispersion
#'
#' @param dispersion `NULL` for the fit's own.
#' @return The fit, its `joint$bayesian` at the dispersion. If one is given, with
#'   `given`: a list of the `dispersion`, its `ratio` to the estimate and `scale`, what
#'   the variance of each coefficient of the parametric part is multiplied by.
#' @noRd
at_dispersion <- function(object, dispersion) {
  if (is.null(dispersion)) return(object)
  dispersion <- check_number(dispersion, "dispersion", above = 0)
  if (needs_factor(object)) refuse_random_dispersion()
  inside <- !is.null(object$family$precision)
  ratio <- dispersion / if (inside) stats::sigma(object)^2 else object$dispersion
  scale <- rep(ratio, nrow(object$joint$bayesian))
  # coefficients of the dispersion itself are not in proportion to it
  if (inside) scale[-mean_positions(object)] <- 1
  object$joint$bayesian <- object$joint$bayesian * tcrossprod(sqrt(scale))
  object$given <- list(dispersion = dispersion, ratio = ratio,
                       scale = scale[seq_along(object$coefficients)])
  object
}

#' Positions of the coefficients of the first linear predictor, smooths included
#' @noRd
mean_positions <- function(object) {
  c(object$predictors[[1L]]$position,
    unlist(lapply(smooths_of(object, 1L), `[[`, "position")))
}

#' Random effects have covariances that are not in proportion to a dispersion
#' @noRd
refuse_random_dispersion <- function() {
  abort_gamut("`dispersion` cannot be given for a fit with random effects, or smooths ",
              "of more than ", joint_limit, " coefficients, whose covariances are not ",
              "in proportion to it.", class = "argument",
              data = list(argument = "dispersion"))
}

#' Degrees of freedom of linear mixed models are for fits without smooths
#' @noRd
refuse_smooth_ddf <- function(ddf) {
  if (is.null(ddf) || identical(ddf, "none")) return(invisible())
  ddf <- check_choice(ddf, "ddf", c("satterthwaite", "kenward-roger", "none"))
  abort_gamut("Degrees of freedom by ", ddf, " are for models without smooths: leave ",
              "`ddf` out for tests with residual degrees of freedom.",
              class = "unsupported")
}

#' A dispersion that is a coefficient of the fit gives new responses their noise
#' @noRd
refuse_given_noise <- function(ask) {
  inside <- length(ask$object$smooths) && !is.null(ask$object$family$precision)
  if (is.null(ask$given) || !inside) return(invisible())
  abort_request("dispersion", "`dispersion` cannot be given for quantiles and intervals ",
                "of new responses of this fit, in which it is a coefficient: `",
                names(ask$object$family$precision), "`.")
}
