# Covariance of coefficients that allows for the uncertainty of smoothing parameters, and
# the effective degrees of freedom of smooths.
#
# With P = (X'WX + S)^-1, S = sum_j S_j exp(rho_j) and the dispersion phi, the posterior
# covariance given rho is Vp = phi P. That rho is estimated adds, by the law of total
# covariance (Wood, Pya and Saefken, 2016, JASA 111:1548, section 4),
#
#   Vc = Vp + J Vrho J' + V'',
#   J = d beta / d rho,  column j of it  -P S_j exp(rho_j) beta,
#   V'' = phi sum_kl Vrho_kl (dU / d rho_k) (dU / d rho_l)',   P = U U', U upper
#   triangular.
#
# Vrho is the inverse Hessian of the criterion. Where the criterion is flat (a smoothing
# parameter at infinity) this is unbounded although beta does not move; a weak prior on
# rho (0.1 I) keeps V'' sensible there.

#' Covariance corrected for the uncertainty of smoothing parameters
#'
#' @param Vp p x p Bayesian covariance of the coefficients, dispersion included.
#' @param gram p x p, `X'WX`.
#' @param penalties List of the p x p matrices `exp(rho_j) S_j`, smoothing parameters
#'   included.
#' @param rho_hessian Hessian of the minimised criterion (minus the restricted
#'   log-likelihood, not twice that) in rho, in the order of `penalties`; parameters such
#'   as a log dispersion may follow.
#' @param dispersion Dispersion.
#' @param coefficients Coefficients, p.
#' @param fixed_penalty Penalty of smoothing parameters that are not estimated.
#' @return p x p covariance. It depends on the basis, as V'' does through the order of
#'   columns in the Cholesky factor.
#' @section Errors: `gamut_error_argument` for shapes that do not fit or a gram matrix and
#'   penalties whose sum is not positive definite.
#' @noRd
corrected_covariance <- function(Vp, gram, penalties, # nolint: object_name.
                                 rho_hessian, dispersion, coefficients,
                                 fixed_penalty = 0) {
  count <- length(penalties)
  check_correction(Vp, gram, penalties, rho_hessian, coefficients)
  dispersion <- check_number(dispersion, "dispersion", above = 0)
  if (!count) return(Vp)
  pull <- vapply(penalties, function(s) drop(s %*% coefficients),
                 numeric(length(coefficients)))
  jacobian <- -(Vp %*% pull) / dispersion
  roots <- rho_covariance_roots(rho_hessian, count)
  turned <- cholesky_derivatives(Reduce(`+`, penalties, gram + fixed_penalty), penalties)
  second <- lapply(seq_len(ncol(roots$bounded)), function(m) {
    tcrossprod(Reduce(`+`, Map(`*`, roots$bounded[, m], turned)))
  })
  corrected <- Vp + tcrossprod(jacobian %*% roots$plain) +
    dispersion * Reduce(`+`, second)
  dimnames(corrected) <- dimnames(Vp)
  corrected
}

#' @noRd
check_correction <- function(Vp, gram, penalties, # nolint: object_name.
                             rho_hessian, coefficients) {
  p <- length(coefficients)
  square <- function(x) is.matrix(x) && identical(dim(x), c(p, p))
  what <- paste("a", p, "x", p, "matrix, as there are", p, "coefficients")
  if (!square(Vp)) abort_argument("Vp", what, Vp)
  if (!square(gram)) abort_argument("gram", what, gram)
  if (!is.list(penalties) || !all(vapply(penalties, square, NA))) {
    abort_argument("penalties", paste0("a list of ", p, " x ", p, " matrices"), penalties)
  }
  least <- length(penalties)
  fine <- !least || is.matrix(rho_hessian) && nrow(rho_hessian) == ncol(rho_hessian) &&
    nrow(rho_hessian) >= least && all(is.finite(rho_hessian))
  if (!fine) {
    abort_argument("rho_hessian", paste("a finite square matrix with a row for each of",
                                        least, "smoothing parameters"), rho_hessian)
  }
}

#' Roots of the covariance of rho: of the pseudo-inverse, and under the weak prior
#'
#' Directions in which the Hessian is not positive carry no information: in the
#' pseudo-inverse they count as known, under the prior they have its variance.
#' @return list(plain, bounded): roots R with `R R' = Vrho`, a row for each of `count`
#' @noRd
rho_covariance_roots <- function(rho_hessian, count) {
  spectrum <- eigen((rho_hessian + t(rho_hessian)) / 2, symmetric = TRUE)
  values <- pmax(spectrum$values, 0)
  vectors <- spectrum$vectors[seq_len(count), , drop = FALSE]
  root <- function(variance) vectors %*% diag(sqrt(variance), length(variance))
  list(plain = root(ifelse(values > 0, 1 / values, 0)),
       bounded = root(1 / (values + 0.1)))
}

#' Derivatives of U in rho, where `(X'WX + S)^-1 = U U'` and U is upper triangular
#'
#' `U^-1 = R` is the Cholesky factor of `R'R = X'WX + S`, so `dU = -U dR U`, where
#' `dR = upper(R'^-1 dS R^-1) R`, of whose diagonal a half is taken.
#' @noRd
cholesky_derivatives <- function(total, penalties) {
  factor <- tryCatch(chol(total), error = function(e) NULL)
  if (is.null(factor)) {
    abort_gamut("The sum of `gram` and `penalties` must be positive definite: drop the ",
                "coefficients that the data and the penalties do not determine.",
                class = "argument", data = list(argument = "gram"))
  }
  inverse <- backsolve(factor, diag(nrow(factor)))
  lapply(penalties, function(s) {
    upper <- crossprod(inverse, s %*% inverse)
    upper[lower.tri(upper)] <- 0
    diag(upper) <- diag(upper) / 2
    -inverse %*% upper
  })
}

#' Effective degrees of freedom of each coefficient
#'
#' With `F = P X'WX`: `edf = diag(F)`; `edf1 = diag(2 F - F F)`, that of the residuals and
#' the rank for tests; `edf2 = diag(Vc X'WX) / phi`, which counts the uncertainty of
#' smoothing parameters and is for information criteria. In sum edf2 is at most edf1,
#' which replaces it where it would be more (Wood, Pya and Saefken, 2016).
#'
#' @param Vp,gram,dispersion As in `corrected_covariance()`.
#' @param Vc Corrected covariance, or `NULL` for no `edf2`.
#' @return list(edf, edf1, edf2), vectors with an element for each coefficient; `edf2` is
#'   `NULL` without `Vc`. The degrees of freedom of a term are the sum over its columns.
#' @noRd
smooth_edf <- function(Vp, gram, dispersion, Vc = NULL) { # nolint: object_name.
  hat <- Vp %*% gram / dispersion
  edf <- diag(hat)
  edf1 <- 2 * edf - rowSums(hat * t(hat))
  edf2 <- if (!is.null(Vc)) rowSums(Vc * gram) / dispersion
  if (!is.null(edf2) && sum(edf2) > sum(edf1)) edf2 <- edf1
  list(edf = edf, edf1 = edf1, edf2 = edf2)
}
