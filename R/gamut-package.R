#' gamut: the whole gamut of regression in one formula
#'
#' One model: a response family, and linear predictors that are sums of terms.
#' One engine fits them all. Start with [gamut()] and
#' `vignette("gamut", package = "gamut")`.
#'
#' @keywords internal
#' @aliases gamut-package
#' @useDynLib gamut, .registration = TRUE
#' @importFrom Rcpp evalCpp
"_PACKAGE"
