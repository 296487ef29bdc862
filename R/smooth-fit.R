# The smooths of a fit: their coefficients, smoothing parameters and degrees of freedom,
# and the covariance of parametric coefficients and those of smooths together.

#' Smooths with their estimates
#'
#' @return `problem$smooths`, each entry with `coefficients`, `lambda` (smoothing
#'   parameters for `piece$S`, relative to the dispersion in a gaussian model; `Inf` at
#'   the limit).
#' @noRd
smooth_results <- function(setup, result) {
  lapply(setup$problem$smooths, function(entry) {
    entry$coefficients <- result$coefficients[entry$position]
    given <- entry$piece$given
    if (!is.na(entry$law)) {
      theta <- result$random[[entry$law]]$theta
      given[is.nan(given)] <- 1 / theta^2
    }
    entry$lambda <- given
    entry
  })
}

#' Covariances and degrees of freedom of the parametric part and the smooths
#'
#' @param joint What the engine gives, not `known` where the information at the estimates
#'   is not positive definite.
#' @noRd
add_joint <- function(object, joint) {
  if (!joint$known) return(without_freedom(object))
  order <- order(joint$position)
  phi <- object$dispersion
  object$joint <- list(
    bayesian = phi * joint$bayesian[order, order, drop = FALSE],
    frequentist = phi * joint$frequentist[order, order, drop = FALSE],
    gram = joint$gram[order, order, drop = FALSE] / phi
  )
  # linked pieces are one term of the engine
  laws <- vapply(object$smooths, function(s) as.integer(s$law), 0L)
  for (i in seq_along(object$smooths)) {
    if (isTRUE(object$smooths[[i]]$piece$apart)) {
      object$smooths[[i]]$blocks <- phi * joint$blocks[[laws[i]]]
    }
    linked <- sum(laws %in% laws[i])
    own <- if (is.na(laws[i])) rep(length(object$smooths[[i]]$position), 2L)
      else if (linked > 1L) linked_freedom(object, i)
      else c(joint$edf[laws[i]], joint$edf1[laws[i]])
    object$smooths[[i]]$edf <- own[1L]
    object$smooths[[i]]$edf1 <- own[2L]
  }
  object
}

#' @noRd
without_freedom <- function(object) {
  object$smooths <- lapply(object$smooths, function(smooth) {
    smooth$edf <- smooth$edf1 <- NA_real_
    smooth
  })
  object
}

#' Degrees of freedom of a piece that shares its smoothing parameters
#'
#' From F = P X'WX over the coefficients as they are, which none at a limit has.
#' @noRd
linked_freedom <- function(object, i) {
  # both have the dispersion in them
  freedom <- smooth_edf(object$joint$bayesian, object$joint$gram, 1)
  at <- object$smooths[[i]]$position
  c(sum(freedom$edf[at]), sum(freedom$edf1[at]))
}

#' Coefficients of the parametric part and of the smooths, but for those apart
#' @noRd
all_coefficients <- function(object) {
  smooths <- joint_smooths(object$smooths)
  own <- object$modes[seq_len(smooth_count(smooths))]
  c(object$coefficients, stats::setNames(own, smooth_coefficient_names(smooths)))
}

#' Covariance of all coefficients, those of smooths too
#' @noRd
joint_vcov <- function(object, type = "model") {
  if (type != "model") {
    abort_argument("type", "\"model\" for the coefficients of smooths", type)
  }
  covariance <- smooth_covariance(object)
  names <- names(all_coefficients(object))
  dimnames(covariance) <- list(names, names)
  covariance
}
