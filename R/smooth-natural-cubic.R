# Thin plate splines of one covariate, of order 2: each of their columns is a natural
# cubic spline on the knots, so four B-splines give a row instead of all radial functions.

#' The columns of a thin plate basis at rows of centred places
#' @noRd
thin_plate_rows <- function(x, places, order, coefficients) {
  splines <- if (is_natural_cubic(places, order, nrow(x)) && spans(places, x)) {
    natural_b_splines(places, coefficients)
  }
  if (!is.null(splines)) {
    return(b_spline_product_cpp(x[, 1L], splines$knots, 3L, splines$map))
  }
  at_different_rows(x, function(x) {
    thin_plate_matrix_cpp(x, places, order, coefficients)
  })
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

#' A thin plate basis as B-splines times a map
#' @noRd
thin_plate_b_splines <- function(basis, n) {
  if (!is_natural_cubic(basis$knots, basis$order, n)) return(NULL)
  splines <- natural_b_splines(basis$knots, basis$coefficients)
  if (is.null(splines)) return(NULL)
  map <- sweep(splines$map, 2L, basis$scale, `/`)
  if (!is.null(basis$means)) {
    # B-splines have a sum of 1
    map <- sweep(map[, seq_along(basis$means), drop = FALSE], 2L, basis$means)
  }
  # the centre is added again with a rounding, and lines go on beyond the ends
  ends <- range(basis$knots) + basis$centre
  list(knots = splines$knots + basis$centre, map = map, degree = 3L, within = TRUE,
       range = ends + c(-1, 1) * 1e-12 * diff(ends))
}

#' The columns of a thin plate basis, radial functions and lines, as B-splines times a map
#'
#' The coefficient of a B-spline is the blossom of a piece in its support at its three
#' inner knots (de Boor & Hoellig, 1987, Computer Aided Geometric Design 4, 279-301).
#' Of the pieces the longest is taken: knots may lie as near to each other as rounding
#' allows, and slopes between these mean nothing. Second derivatives are those of the
#' radial functions, c |x - k|^3.
#' @param places Centred knots in increasing order, one column.
#' @return list(`knots`, `map`), or `NULL` where four knots or more are one.
#' @noRd
natural_b_splines <- function(places, coefficients) {
  at <- places[, 1L]
  values <- thin_plate_matrix_cpp(places, places, 2, coefficients)
  cube <- thin_plate_matrix_cpp(matrix(1), matrix(0), 2, matrix(1))[1L, 1L]
  bend <- 6 * cube * apply(coefficients, 2L, distance_sums, at = at)
  bend <- cbind(bend, matrix(0, length(at), ncol(values) - ncol(bend)))
  map <- blossoms(at, values, bend)
  if (!all(is.finite(map))) return(NULL)
  list(knots = end_knots(at), map = map)
}

#' sum_j |x_i - x_j| c_j at increasing x, from the sums on both sides of each x_i
#' @noRd
distance_sums <- function(at, c) {
  mass <- cumsum(c)
  moment <- cumsum(c * at)
  n <- length(at)
  at * (2 * mass - mass[n]) - (2 * moment - moment[n])
}

#' @noRd
end_knots <- function(at) c(rep(at[1L], 3L), at, rep(at[length(at)], 3L))

#' Coefficients of cubic B-splines from values and second derivatives at knots
#' @noRd
blossoms <- function(at, values, bend) {
  n <- length(at)
  step <- diff(at)
  knots <- end_knots(at)
  j <- seq_len(n + 2L)
  support <- vapply(-3:0, function(k) pmin(pmax(j + k, 1L), n - 1L), j)
  piece <- support[cbind(j, max.col(matrix(step[support], ncol = 4L), "first"))]
  p <- knots[j + 1L] - at[piece]
  q <- knots[j + 2L] - at[piece]
  r <- knots[j + 3L] - at[piece]
  h <- step[piece]
  first <- bend[piece, , drop = FALSE]
  last <- bend[piece + 1L, , drop = FALSE]
  left <- values[piece, , drop = FALSE]
  slope <- (values[piece + 1L, , drop = FALSE] - left) / h - h * (2 * first + last) / 6
  left + slope * (p + q + r) / 3 + first / 2 * (p * q + p * r + q * r) / 3 +
    (last - first) / (6 * h) * (p * q * r)
}
