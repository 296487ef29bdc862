# How wide a band must be to hold for the whole surface of a local regression.

#' Critical value of a simultaneous band
#'
#' From the joint covariance of the surface at places all over the data: those of a grid
#' along one predictor, else a sample of the data's own places, where the band is wanted.
#' @noRd
loess_band_factor <- function(object, level) {
  joint <- lapply(object$pieces, piece_covariance, object = object)
  sizes <- vapply(joint, nrow, 0L)
  covariance <- matrix(0, sum(sizes), sum(sizes))
  ends <- cumsum(sizes)
  for (i in seq_along(joint)) {
    at <- seq.int(ends[i] - sizes[i] + 1L, ends[i])
    covariance[at, at] <- joint[[i]]
  }
  if (!all(is.finite(covariance))) {
    abort_gamut("the surface has places without a value, and so no simultaneous band: ",
                "see `troubles` of the fit.", class = "data")
  }
  curve <- length(object$xnames) == 1L && length(joint) == 1L
  simultaneous_factor(diag(nrow(covariance)), covariance, level, curve = curve,
                      residual_df = quantile_df(object))
}

#' @noRd
piece_covariance <- function(piece, object) {
  places <- band_places(piece, object)
  evaluate <- if (object$pars$surface == "direct") regressions_at else surface_at
  evaluate(object, piece, places, joint = TRUE)$joint
}

#' @noRd
band_places <- function(piece, object, most = 200L) {
  if (length(object$xnames) == 1L) {
    at <- seq(piece$range[1L], piece$range[2L], length.out = most)
    return(matrix(at, dimnames = list(NULL, object$xnames)))
  }
  x <- object$x[piece$rows, , drop = FALSE]
  x <- x[!duplicated(x), , drop = FALSE]
  x[sample_rows(nrow(x), 2L * most), , drop = FALSE]
}
