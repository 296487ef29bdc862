# How wide must a band be to cover a whole curve?
#
# A band f(x) -+ c se(x) for f = X beta, beta normal with covariance V, covers all of f
# unless the largest of |u(x)' z| exceeds c, z standard normal and u(x) = R x / |R x| with
# V = R'R. For a curve u(x) on the sphere the volume of a tube around it gives (Sun and
# Loader, 1994, Annals of Statistics 22:1328; Krivobokova, Kneib and Claeskens, 2010,
# JASA 105:852)
#
#   alpha = kappa / pi exp(-c^2 / 2) + 2 (1 - Phi(c)),   kappa the length of u(x),
#
# and with a dispersion estimated on v degrees of freedom
#
#   alpha = kappa / pi (1 + c^2 / v)^(-v / 2) + Pr(|t_v| > c).
#
# This is an upper bound (Naiman, 1986), and close to exact at the levels that are used.
# So is that of Sidak (1967) for finitely many points, the smaller where points are few.

#' Critical value of a simultaneous band
#'
#' @param X n x p matrix: rows are the points of the band, in order along the curve.
#' @param V p x p covariance of the coefficients.
#' @param level Probability with which the band covers at all points.
#' @param n_draws Number of draws, where the points do not form a curve.
#' @param curve Are the points neighbours along one curve, so that the formula holds? Else
#'   (surfaces, several covariates) the quantile of `n_draws` largest deviations is taken.
#' @param residual_df Residual degrees of freedom of an estimated dispersion; `Inf` where
#'   it is known.
#' @param seed Seed of the draws. The state of the generator stays as it was.
#' @return The number of standard errors c. Points without variance do not count.
#' @section Errors: `gamut_error_argument` for shapes that do not fit, a level outside
#'   (0, 1), or a covariance that is not finite.
#' @noRd
simultaneous_factor <- function(X, V, level = 0.95, # nolint: object_name.
                                n_draws = 10000L, curve = TRUE, residual_df = Inf,
                                seed = 1L) {
  level <- check_number(level, "level", above = 0, to = 1 - .Machine$double.eps)
  residual_df <- check_number(residual_df, "residual_df", above = 0)
  directions <- unit_directions(X, V)
  if (!nrow(directions)) return(two_sided_factor(level, residual_df))
  if (!check_flag(curve, "curve")) {
    n_draws <- check_count(n_draws, "n_draws", least = 100L)
    return(drawn_factor(directions, level, n_draws, residual_df, seed))
  }
  sidak <- two_sided_factor(level^(1 / nrow(directions)), residual_df)
  # his inequality is one of normal variables
  if (residual_df < Inf) {
    sidak <- two_sided_factor(1 - (1 - level) / nrow(directions), residual_df)
  }
  min(tube_factor(arc_length(directions), 1 - level, residual_df), sidak)
}

#' Rows R x / |R x|, without those that have no variance
#' @noRd
unit_directions <- function(X, V) { # nolint: object_name.
  if (!is.matrix(X)) abort_argument("X", "a matrix", X)
  fine <- is.matrix(V) && identical(dim(V), rep(ncol(X), 2L)) && all(is.finite(V))
  if (!fine) {
    abort_argument("V", paste("a finite", ncol(X), "x", ncol(X), "covariance matrix"), V)
  }
  moved <- tcrossprod(X, semidefinite_root(V))
  size <- sqrt(rowSums(moved^2))
  kept <- which(size > 1e-10 * max(size, 0))
  moved[kept, , drop = FALSE] / size[kept]
}

#' Quantile of |t|
#' @noRd
two_sided_factor <- function(level, residual_df) stats::qt((1 + level) / 2, residual_df)

#' Length of a curve on the sphere, along great circles from point to point
#' @noRd
arc_length <- function(directions) {
  if (nrow(directions) < 2L) return(0)
  steps <- diff(directions)
  sum(2 * asin(pmin(1, sqrt(rowSums(steps^2)) / 2)))
}

#' The critical value for which the tube has the probability alpha
#' @noRd
tube_factor <- function(length, alpha, residual_df) {
  excess <- function(c) {
    decay <- if (residual_df == Inf) exp(-c^2 / 2) else
      exp(-residual_df / 2 * log1p(c^2 / residual_df))
    length / pi * decay + 2 * stats::pt(-c, residual_df)
  }
  above <- two_sided_factor(1 - alpha, residual_df)
  if (excess(above) <= alpha) return(above)
  # on the scale of logarithms, on which tails are nearly parabolas
  gap <- function(c) log(excess(c) / alpha)
  stats::uniroot(gap, c(above, 2 * above + 1), extendInt = "downX", tol = 1e-10)$root
}

#' The quantile of the largest deviations of draws
#' @noRd
drawn_factor <- function(directions, level, n_draws, residual_df, seed) {
  largest <- with_seed(seed, {
    normal <- matrix(stats::rnorm(n_draws * ncol(directions)), ncol(directions))
    spread <- if (residual_df == Inf) 1 else
      sqrt(stats::rchisq(n_draws, residual_df) / residual_df)
    largest_deviations(directions, normal) / spread
  })
  unname(stats::quantile(largest, level, type = 8L))
}

#' Largest |u' z| for each column z, some columns at a time
#' @noRd
largest_deviations <- function(directions, normal) {
  width <- max(1L, as.integer(1e6 / nrow(directions)))
  pieces <- split(seq_len(ncol(normal)), (seq_len(ncol(normal)) - 1L) %/% width)
  unlist(lapply(pieces, function(columns) {
    apply(abs(directions %*% normal[, columns, drop = FALSE]), 2L, max)
  }), use.names = FALSE)
}
