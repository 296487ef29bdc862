# Is the basis of a smooth large enough?
#
# With working residuals r and weights W of a fit with the model matrix X, take the
# columns X2 of a richer basis (twice k, say) of the same smooth, less what X explains of
# them:
#
#   Z = X2 - X (X'WX)^- X'W X2,   Q = r'W Z (Z'W Z)^- Z'W r.
#
# That is the score test of adding Z. As X'W Z = 0, what the penalty took from the fit,
# X b with some b, does not count: in a gaussian model with its curve in the span of X
#
#   Q / phi ~ chi2(d),   d = rank Z,
#   (Q / d) / (R / v) ~ F(d, v),   R = r_X'W r_X - Q,   v = n - rank X - d,
#
# exactly, r_X being r less its own regression on X. There is nothing random in it, unlike
# the permutations of k.check() in the package mgcv, whose k-index is kept: neighbouring
# residuals that are alike,
#
#   k-index = mean (r_(i+1) - r_(i))^2 / (2 var(r)),   in the order of x,
#
# near 1 without pattern, and below 1 where a pattern is left.

#' Test of the size of a basis
#'
#' @param residuals n working residuals, `(y - mu) d eta / d mu` (those of the response
#'   for identity links).
#' @param x Covariate of the smooth, n numbers or a matrix with n rows.
#' @param X n x p model matrix of the whole model, this and all other terms.
#' @param X_larger n x q matrix of the richer basis.
#' @param weights n working weights; rows of weight 0 do not count.
#' @param dispersion The dispersion where it is known, for a chi-squared test; `NULL` to
#'   estimate it from what both bases leave, for an F test.
#' @return list(statistic, df, residual_df, p_value, k_index). With no column left, as
#'   where the richer basis spans nothing new, or with no residual degrees of freedom,
#'   statistic and p-value are `NA`.
#' @section Errors: `gamut_error_argument` for shapes that do not fit and weights that are
#'   negative.
#' @noRd
basis_size_test <- function(residuals, x, X, X_larger, # nolint: object_name.
                            weights = rep(1, length(residuals)), dispersion = NULL) {
  check_basis_size(residuals, x, X, X_larger, weights)
  kept <- which(weights > 0)
  root <- sqrt(weights[kept])
  base <- orthonormal_base(root * X[kept, , drop = FALSE])
  extra <- added_base(base, root * X_larger[kept, , drop = FALSE])
  r <- root * residuals[kept]
  k_index <- neighbour_index(r, if (is.matrix(x)) x[kept, , drop = FALSE] else x[kept])
  r <- r - drop(base %*% crossprod(base, r))
  q <- sum(crossprod(extra, r)^2)
  df <- ncol(extra)
  residual_df <- if (is.null(dispersion)) length(r) - ncol(base) - df else Inf
  found <- list(statistic = NA_real_, df = df, residual_df = residual_df,
                p_value = NA_real_, k_index = k_index)
  if (df == 0L || residual_df <= 0) return(found)
  if (is.null(dispersion)) {
    found$statistic <- q / df / (max(sum(r^2) - q, 0) / residual_df)
    found$p_value <- stats::pf(found$statistic, df, residual_df, lower.tail = FALSE)
  } else {
    found$statistic <- q / check_number(dispersion, "dispersion", above = 0)
    found$p_value <- stats::pchisq(found$statistic, df, lower.tail = FALSE)
  }
  found
}

#' @noRd
check_basis_size <- function(residuals, x, X, X_larger, # nolint: object_name.
                             weights) {
  n <- length(residuals)
  check <- function(value, name, fine, must) {
    if (!fine || anyNA(value)) abort_argument(name, must, value)
  }
  rows <- paste("a matrix with", n, "rows, one for each residual, without missing values")
  check(residuals, "residuals", is.numeric(residuals) && n > 1L,
        "numbers, none of them missing")
  check(x, "x", is.numeric(x) && NROW(x) == n,
        paste(n, "numbers, or a matrix with as many rows, without missing values"))
  check(X, "X", is.matrix(X) && nrow(X) == n, rows)
  check(X_larger, "X_larger", is.matrix(X_larger) && nrow(X_larger) == n, rows)
  check(weights, "weights", is.numeric(weights) && length(weights) == n &&
          !any(weights < 0), paste(n, "numbers, none of them negative or missing"))
}

#' An orthonormal base of what a richer basis adds to another
#'
#' Columns of which less than 1e-6 is new, relative to their size, count as explained: in
#' them rounding would be tested.
#' @noRd
added_base <- function(base, larger) {
  size <- sqrt(colSums(larger^2))
  larger <- sweep(larger, 2L, ifelse(size > 0, size, 1), "/")
  rest <- larger - base %*% crossprod(base, larger)
  # once more, for what rounding left
  rest <- rest - base %*% crossprod(base, rest)
  parts <- svd(rest, nv = 0L)
  parts$u[, parts$d > 1e-6, drop = FALSE]
}

#' Mean squared difference of neighbouring residuals over twice their variance
#'
#' Rows with the same x have no order of their own: their differences are averaged over
#' all orders. With several covariates the neighbour of a row is the nearest one in units
#' of standard deviations, of at most 2000 rows evenly spaced in the data.
#' @noRd
neighbour_index <- function(residuals, x) {
  variance <- stats::var(residuals)
  if (variance == 0) return(NA_real_)
  if (NCOL(x) > 1L) return(mean(nearest_differences(residuals, x)^2) / (2 * variance))
  group <- match(x, sort(unique(as.vector(x))))
  count <- tabulate(group)
  center <- as.vector(rowsum(residuals, group)) / count
  spread <- as.vector(rowsum((residuals - center[group])^2, group)) / count
  last <- length(count)
  # within a group of m rows m - 1 pairs, of mean square 2 s m / (m - 1); between two
  # groups one pair
  within <- sum(2 * count * spread)
  between <- if (last > 1L) sum(diff(center)^2 + spread[-1L] + spread[-last]) else 0
  (within + between) / (length(residuals) - 1) / (2 * variance)
}

#' Residuals of rows less those of their nearest neighbours; ties by the mean
#' @noRd
nearest_differences <- function(residuals, x) {
  n <- length(residuals)
  kept <- if (n > 2000L) unique(round(seq(1, n, length.out = 2000L))) else seq_len(n)
  scale <- apply(x, 2L, stats::sd)
  x <- t(sweep(x, 2L, ifelse(scale > 0, scale, 1), "/"))
  vapply(kept, function(i) {
    distance <- colSums((x - x[, i])^2)
    distance[i] <- Inf
    residuals[i] - mean(residuals[distance == min(distance)])
  }, 0)
}
