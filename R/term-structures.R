# Covariance structures of random effects: what each asks of the left side of its bar,
# and its description for the engine.

#' @noRd
covariance_spec <- function(kind, size, numbers = numeric(), parts = list()) {
  list(kind = kind, size = as.integer(size), numbers = numbers, parts = parts)
}

#' The covariance of the effects of one level of a block
#' @noRd
block_covariance <- function(block) {
  parts <- lapply(block, part_covariance)
  if (length(parts) == 1L) return(parts[[1L]])
  covariance_spec("sum", sum(vapply(parts, `[[`, 0L, "size")), parts = parts)
}

#' The covariance of one term
#'
#' Over several linear predictors the structures that name no correlation between them
#' are repeated in each, independently.
#' @noRd
part_covariance <- function(program) {
  structure <- program$random$structure
  size <- length(program$columns)
  loadings <- ncol(program$loading)
  if (structure == "known") {
    return(covariance_spec(if (loadings == 1L) "identity" else "diag", loadings))
  }
  if (structure %in% c("us", "diag")) return(covariance_spec(structure, size * loadings))
  one <- if (size == 1L) covariance_spec("us", 1L)
         else covariance_spec(structure, size, place_distances(program$random))
  if (loadings == 1L) one
  else covariance_spec("sum", size * loadings, parts = rep(list(one), loadings))
}

#' @noRd
place_distances <- function(random) {
  if (!is_spatial(random$structure)) return(numeric())
  as.vector(as.matrix(stats::dist(random$places$positions)))
}
