# Tests of smooth terms: is a smooth, or a random effect, zero?
#
# Of a smooth f = X beta with the Bayesian covariance V of beta, to be held against the
# effective rank r of the smooth (Wood, 2013, Biometrika 100:221):
#
#   T = f' (X V X')^(r-) f,   null distribution: a weighted sum of chi-squared variables,
#
# with a pseudo-inverse of fractional rank. Inversion of X V X' itself would count
# directions that the penalty has suppressed, and a whole rank would make the p-value
# jump where r passes a whole number.
#
# Of a term whose penalty leaves nothing free, such as a random effect (Wood, 2013,
# Biometrika 100:1005), the likelihood ratio of leaving it out:
#
#   T = |R_m beta_m|^2 / phi,   null distribution: sum_i e_i chi2(1),
#
# R_m the last block of the triangular factor of [sqrt(W) X; sqrt(S)] and e the
# eigenvalues of R_m Ve_m R_m' / phi, other random effects being part of the error.
#
# Neither allows for the uncertainty of smoothing parameters, so that p-values close to a
# threshold are somewhat too small.

#' Test that a smooth is zero
#'
#' @param X n x p model matrix of the smooth, rows times the square root of the working
#'   weights (only its cross-product matters: a triangular factor will do, or the
#'   columns of the one of the whole model).
#' @param V p x p Bayesian covariance of the coefficients, dispersion included.
#' @param beta Coefficients, p.
#' @param edf1 Effective degrees of freedom of the smooth, as of `smooth_edf()`. Above p
#'   (or the rank of `X V X'`) it counts as that.
#' @param residual_df Residual degrees of freedom of an estimated dispersion; `Inf` where
#'   it is known.
#' @return list(statistic, ref_df, p_value). The statistic is T where the dispersion is
#'   known, else `F = T / ref_df`, as summaries print them; `ref_df` is `edf1`, at least 1
#'   and at most the rank.
#' @details The off-diagonal element of the fractional part may have either sign, as that
#'   of an eigenvector is arbitrary. The p-value is the mean of the two, the statistic
#'   that of eigenvectors whose first elements are positive.
#' @section Errors: `gamut_error_argument` for shapes that do not fit.
#' @noRd
test_smooth <- function(X, V, beta, edf1, residual_df = Inf) { # nolint: object_name.
  check_smooth_shapes(X, V, beta)
  edf1 <- max(1, min(check_number(edf1, "edf1", above = 0), length(beta)))
  residual_df <- check_number(residual_df, "residual_df", above = 0)
  root <- if (nrow(X) > ncol(X)) unpivoted_root(X) else X
  parts <- fractional_parts(root, V, beta, edf1)
  tail <- vapply(parts$statistics, mixture_tail, 0, weights = parts$weights,
                 residual_df = residual_df)
  statistic <- parts$statistics[1L]
  list(statistic = if (residual_df < Inf) statistic / parts$rank else statistic,
       ref_df = parts$rank, p_value = mean(tail))
}

#' @noRd
check_smooth_shapes <- function(X, V, beta) { # nolint: object_name.
  p <- length(beta)
  if (!is.numeric(beta) || !p) abort_argument("beta", "the coefficients of a term", beta)
  if (!is.matrix(X) || ncol(X) != p) {
    abort_argument("X", paste("a matrix with a column for each of the", p,
                              "coefficients"), X)
  }
  if (!is.matrix(V) || !identical(dim(V), c(p, p))) {
    abort_argument("V", paste("a", p, "x", p, "covariance matrix"), V)
  }
}

#' Triangular factor of the QR decomposition, columns in their order whatever the rank
#' @noRd
unpivoted_root <- function(x) {
  qr.R(qr(x, tol = 0))
}

#' Statistics for both signs, and weights of their null distribution
#'
#' With k the whole and v the fractional part of the rank, the first k - 1 eigenvalues are
#' inverted; eigenvalues k and k + 1 enter as D^(-1/2) B D^(-1/2), where B has the
#' diagonal (1, v) and off it sqrt(v (1 - v) / 2), which makes mean and variance of T
#' those of a chi-squared variable with k + v degrees of freedom. A rank below 1 is left
#' with one eigenvalue.
#' @return list(statistics (2), weights, rank)
#' @noRd
fractional_parts <- function(root, V, beta, rank) { # nolint: object_name.
  spectrum <- eigen(tcrossprod(root %*% V, root), symmetric = TRUE)
  positive <- sum(spectrum$values > max(spectrum$values) * .Machine$double.eps^0.9)
  rank <- min(rank, positive)
  whole <- max(1, floor(rank))
  fraction <- max(0, rank - whole)
  used <- seq_len(whole + (fraction > 0))
  first <- spectrum$vectors[1L, used]
  score <- drop(crossprod(spectrum$vectors[, used, drop = FALSE], root %*% beta)) *
    ifelse(first < 0, -1, 1) / sqrt(spectrum$values[used])
  if (!fraction) {
    return(list(statistics = sum(score^2), weights = rep(1, whole), rank = rank))
  }
  cross <- 2 * sqrt(fraction * (1 - fraction) / 2) * score[whole] * score[whole + 1L]
  straight <- sum(score[seq_len(whole)]^2) + fraction * score[whole + 1L]^2
  spread <- sqrt((1 + fraction) * (1 - fraction))
  list(statistics = straight + c(1, -1) * cross,
       weights = c(rep(1, whole - 1), (1 + fraction + c(1, -1) * spread) / 2),
       rank = rank)
}

#' Upper tail of a mixture, or of its ratio to an independent estimate of the dispersion
#'
#' `Pr(sum_i w_i chi2(1) > T)`, or `Pr(sum_i w_i chi2(1) - T chi2(k) / k > 0)`.
#' @noRd
mixture_tail <- function(statistic, weights, residual_df) {
  if (residual_df == Inf) return(chisq_sum_tail(statistic, weights))
  chisq_sum_tail(0, c(weights, -statistic / residual_df),
                 c(rep(1, length(weights)), residual_df))
}

#' Test that a random effect, or another fully penalised term, is zero
#'
#' @param R Matrix with `R'R = X'WX` for the whole model, a column for each coefficient:
#'   its triangular factor, or `sqrt(W) X`.
#' @param columns Which columns are the term's.
#' @param penalty p x p penalty of the whole model, smoothing parameters included
#'   (`P = (X'WX + penalty)^-1` is the covariance of the coefficients over the
#'   dispersion).
#' @param beta All coefficients.
#' @param random Columns of the other random effects. They count as part of the error: the
#'   covariance of the estimates is that over data with new random effects.
#' @param dispersion Dispersion.
#' @param residual_df As for `test_smooth()`.
#' @return list(statistic, ref_df, p_value): `ref_df` is the number of weights that are
#'   not 0, the statistic T or `F = T / ref_df`.
#' @details With the term last, let N be the last columns of the inverse of the triangular
#'   factor of `[R; sqrt(penalty)]`. Then `R_m = N_m^-1`, and with the penalty S2 of
#'   other random effects
#'
#'   `R_m Ve_m R_m' / phi = N' (R'R + S2) N`,
#'
#'   so that no covariance is needed, nor the inverse of S2.
#'
#'   mgcv agrees where there is no other random effect. Where there is, mgcv 1.8
#'   multiplies R by the Cholesky factor of the covariance by which it should divide; its
#'   statistics are then too large.
#' @section Errors: `gamut_error_argument` for shapes that do not fit.
#' @noRd
test_random_smooth <- function(R, columns, penalty, beta, # nolint: object_name.
                               random = integer(), dispersion = 1, residual_df = Inf) {
  check_random_shapes(R, columns, penalty, beta, random)
  dispersion <- check_number(dispersion, "dispersion", above = 0)
  residual_df <- check_number(residual_df, "residual_df", above = 0)
  order <- c(setdiff(seq_along(beta), columns), columns)
  last <- seq_along(columns) + length(beta) - length(columns)
  factor <- unpivoted_root(rbind(R, semidefinite_root(penalty))[, order, drop = FALSE])
  inverse <- matrix(0, length(beta), length(columns))
  inverse[order, ] <- backsolve(factor, diag(length(beta))[, last, drop = FALSE])
  other <- semidefinite_root(penalty[random, random, drop = FALSE])
  noise <- rbind(R %*% inverse, other %*% inverse[random, , drop = FALSE])
  weights <- svd(noise, 0L, 0L)$d^2
  weights <- weights[weights > max(weights) * .Machine$double.eps^0.8]
  total <- sum((factor[last, last, drop = FALSE] %*% beta[columns])^2) / dispersion
  list(statistic = if (residual_df < Inf) total / length(weights) else total,
       ref_df = length(weights), p_value = mixture_tail(total, weights, residual_df))
}

#' @noRd
check_random_shapes <- function(R, columns, penalty, # nolint: object_name.
                                beta, random) {
  p <- length(beta)
  if (!is.matrix(R) || ncol(R) != p) {
    abort_argument("R", paste("a matrix with a column for each of the", p,
                              "coefficients"), R)
  }
  if (!is.matrix(penalty) || !identical(dim(penalty), c(p, p))) {
    abort_argument("penalty", paste("a", p, "x", p, "matrix"), penalty)
  }
  if (!length(columns) || !all(columns %in% seq_len(p))) {
    abort_argument("columns", paste("numbers of columns from 1 to", p), columns)
  }
  if (!all(random %in% setdiff(seq_len(p), columns))) {
    abort_argument("random", "numbers of columns that are not the term's own", random)
  }
}

#' A root of a positive semi-definite matrix: `root' root = matrix`
#' @noRd
semidefinite_root <- function(matrix) {
  if (!nrow(matrix)) return(matrix)
  spectrum <- eigen(matrix, symmetric = TRUE)
  sqrt(pmax(spectrum$values, 0)) * t(spectrum$vectors)
}
