# The covariances that a term's covariance is made of: itself, or the parts of a "sum".
# Profiles and degrees of freedom take them one by one.

#' The covariances that a "sum" is made of, with their effects and parameters
#' @noRd
covariance_leaves <- function(spec, effects = 0L, parameters = 0L) {
  if (spec$kind != "sum") {
    return(list(list(spec = spec, effects = effects + seq_len(spec$size),
                     parameters = parameters + seq_len(covariance_size(spec)))))
  }
  leaves <- list()
  for (part in spec$parts) {
    leaves <- c(leaves, covariance_leaves(part, effects, parameters))
    effects <- effects + part$size
    parameters <- parameters + covariance_size(part)
  }
  leaves
}

#' A leaf's parameters with absolute standard deviations
#' @noRd
absolute_parameters <- function(leaf, entry, sigma) {
  theta <- entry$theta[leaf$parameters]
  scales <- leaf_scales(leaf$spec)
  theta[scales] <- abs(theta[scales]) * sigma
  theta
}
