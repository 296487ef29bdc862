# Thin plate splines of one covariate, of order 2: each of their columns is a natural
# cubic spline on the knots, so four B-splines give a row instead of all radial functions.

#' The columns of a thin plate basis at rows of centred places
#' @noRd
thin_plate_rows <- function(x, places, order, coefficients) {
  evaluate <- function(x) thin_plate_matrix_cpp(x, places, order, coefficients)
  if (!is_natural_cubic(places, order, nrow(x)) || !spans(places, x)) {
    return(at_different_rows(x, evaluate))
  }
  splines <- natural_b_splines(places[, 1L], evaluate(places))
  b_spline_product_cpp(x[, 1L], splines$knots, 3L, splines$map)
}

#' Is that so, and worth while for `n` rows?
#' @noRd
is_natural_cubic <- function(places, order, n) {
  ncol(places) == 1L && order == 2 && nrow(places) >= 3L && n >= 2 * nrow(places)
}

#' @noRd
spans <- function(places, x) {
  min(x) >= min(places) && max(x) <= max(places)
}

#' @noRd
thin_plate_b_splines <- function(basis, n) {
  if (!is_natural_cubic(basis$knots, basis$order, n)) return(NULL)
  at <- basis$knots[, 1L] + basis$centre
  values <- basis_matrix(basis, stats::setNames(list(at), basis$term))
  c(natural_b_splines(at, values), list(degree = 3L, range = range(at), within = TRUE))
}

#' Natural cubic splines, from their values at the knots, as B-splines times a map
#'
#' The coefficient of a B-spline is the blossom of a piece in its support at its three
#' inner knots (de Boor & Hoellig, 1987, Computer Aided Geometric Design 4, 279-301).
#' @param at Knots in increasing order.
#' @param values A column for each spline.
#' @return list(`knots`, `map`).
#' @noRd
natural_b_splines <- function(at, values) {
  n <- length(at)
  step <- diff(at)
  slope <- diff(values) / step
  bend <- natural_second_derivatives(step, slope)
  knots <- c(rep(at[1L], 3L), at, rep(at[n], 3L))
  j <- seq_len(n + 2L)
  piece <- pmin(pmax(j - 1L, 1L), n - 1L)
  p <- knots[j + 1L] - at[piece]
  q <- knots[j + 2L] - at[piece]
  r <- knots[j + 3L] - at[piece]
  first <- bend[piece, , drop = FALSE]
  last <- bend[piece + 1L, , drop = FALSE]
  rise <- slope[piece, , drop = FALSE] - step[piece] * (2 * first + last) / 6
  map <- values[piece, , drop = FALSE] + rise * (p + q + r) / 3 +
    first / 2 * (p * q + p * r + q * r) / 3 +
    (last - first) / (6 * step[piece]) * (p * q * r)
  list(knots = knots, map = map)
}

#' Second derivatives at the knots, 0 at both ends, by elimination along the diagonal
#' @param step Distances of the knots.
#' @param slope Slopes between them, a column for each spline.
#' @noRd
natural_second_derivatives <- function(step, slope) {
  n <- length(step) + 1L
  bend <- matrix(0, n, ncol(slope))
  pivot <- numeric(n)
  right <- 6 * diff(slope)
  for (i in seq_len(n - 2L)) {
    pivot[i] <- 2 * (step[i] + step[i + 1L])
    if (i == 1L) next
    share <- step[i] / pivot[i - 1L]
    pivot[i] <- pivot[i] - share * step[i]
    right[i, ] <- right[i, ] - share * right[i - 1L, ]
  }
  for (i in rev(seq_len(n - 2L))) {
    bend[i + 1L, ] <- (right[i, ] - step[i + 1L] * bend[i + 2L, ]) / pivot[i]
  }
  bend
}
