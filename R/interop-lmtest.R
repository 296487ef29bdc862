# What package lmtest takes for granted: t tests wherever there are residual degrees of
# freedom, which is wrong when the dispersion is known.

#' Coefficient tests and intervals of the lmtest package
#'
#' Methods for [lmtest::coeftest()] and [lmtest::coefci()], mainly for use with another
#' covariance, such as those of sandwich. All other functions of lmtest work by
#' themselves.
#'
#' @param x A fit.
#' @param df Degrees of freedom; by default those of `summary()`: infinite (z tests) when
#'   the dispersion is known, else the residual ones.
#' @param ... Further arguments of the default methods, `vcov.` among them.
#' @return What the default methods return.
#' @examples
#' if (requireNamespace("lmtest", quietly = TRUE)) {
#'   fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#'   lmtest::coeftest(fit)
#' }
#' @name lmtest-methods
#' @exportS3Method lmtest::coeftest
coeftest.gamut <- function(x, ..., df = NULL) { # nolint: object_name_linter.
  NextMethod(df = if (is.null(df)) test_df(x) else df)
}

#' @rdname lmtest-methods
#' @exportS3Method lmtest::coefci
coefci.gamut <- function(x, ..., df = NULL) { # nolint: object_name_linter.
  NextMethod(df = if (is.null(df)) test_df(x) else df)
}

#' @noRd
test_df <- function(x) {
  if (length(x$smooths)) return(if (tests_have_df(x)) smooth_residual_df(x) else Inf)
  if (x$dispersion_fixed || is_mixed(x)) Inf else x$df.residual
}
