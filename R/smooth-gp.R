# Gaussian processes of known range as a basis, by Kammann & Wand (2003) Appl. Statist.
# 52, 1-18, and Wood (2017) Generalized Additive Models, section 5.8.2.

#' Gaussian process smooths
#'
#' The eigenvectors of largest eigenvalues of the knots' correlations, and a linear trend.
#' @export
#' @noRd
smooth_basis.gp_smooth <- function(spec, data, knots) {
  x <- numeric_covariates(spec, data)
  d <- ncol(x)
  centre <- colMeans(x)
  at <- isotropic_knots(spec, sweep(x, 2L, centre), centre, knots)
  k <- isotropic_size(spec, at, d + 1 + c(10, 30, 100)[min(d, 3L)], least = d + 2)
  law <- correlation_law(spec, at$places)
  null_dim <- if (law$trend) d + 1 else 1
  rank <- k - null_dim
  top <- extreme_eigen_cpp(
    kriging_correlations_cpp(at$places, law$kind, law$range, law$power), rank)
  S <- diag(c(top$values, numeric(null_dim)))
  new_basis(spec, k, list(S), rank, null_dim, knots = at$places, centre = centre,
            law = law, coefficients = top$vectors)
}

#' `m`: the kind of correlation, negative without a linear trend; its range; its power
#' @noRd
correlation_law <- function(spec, places) {
  m <- spec$m
  if (is.list(m) || !(is.numeric(m) || all(is.na(m))) || length(m) > 3L) {
    abort_basis(spec, "m must be up to three numbers: the kind of correlation, its ",
                "range and its power.")
  }
  default <- c(3, widest(places), 1)
  m <- as.numeric(m)[1:3]
  m[is.na(m)] <- default[is.na(m)]
  if (m[[2L]] <= 0) m[[2L]] <- default[[2L]]
  check_correlation_law(spec, m)
  list(kind = abs(m[[1L]]), range = m[[2L]], power = m[[3L]], trend = m[[1L]] > 0)
}

#' @noRd
check_correlation_law <- function(spec, m) {
  if (abs(m[[1L]]) %in% 1:5 && is.finite(m[[2L]]) && m[[3L]] > 0 && m[[3L]] <= 2) {
    return(invisible())
  }
  abort_basis(spec, "m[1] must be a kind of correlation, from 1 to 5 (or -1 to -5), ",
              "m[2] a range and m[3] a power above 0 and up to 2.")
}

#' The largest distance between two places
#'
#' Of many places only the outer ones can be ends of it.
#' @noRd
widest <- function(places) {
  if (ncol(places) == 1L) return(diff(range(places)))
  if (ncol(places) == 2L) places <- places[grDevices::chull(places), , drop = FALSE]
  max(stats::dist(places))
}

#' @export
#' @noRd
basis_matrix.gp_basis <- function(basis, data) {
  law <- basis$law
  rows_where_finite(basis, data, function(x) {
    x <- sweep(x, 2L, basis$centre)
    rows <- at_different_rows(x, function(x) {
      kriging_matrix_cpp(x, basis$knots, law$kind, law$range, law$power,
                         basis$coefficients)
    })
    cbind(rows, rep(1, nrow(x)), if (law$trend) x, deparse.level = 0)
  })
}
