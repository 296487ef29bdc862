# What package sandwich needs for robust covariances: the bread and the scores.

#' Bread and scores for the sandwich package
#'
#' Methods for [sandwich::bread()] and [sandwich::estfun()], so that `vcovHC()`,
#' `vcovCL()`, `vcovHAC()` and their kin work on a fit.
#'
#' @param x A fit.
#' @param ... Not used.
#'
#' @details
#' With \eqn{n} rows of positive weight, the bread is \eqn{n} times the inverse
#' information, and row \eqn{i} of the scores is \eqn{\partial\ell_i/\partial\beta}, both
#' of the estimated coefficients only. Where the dispersion is estimated both are scaled
#' by the estimate that sandwich uses for `glm`, the weighted mean of squared working
#' residuals with working weights; it cancels in the sandwich.
#' @return `bread()`: a square matrix. `estfun()`: a matrix with a row for each row of the
#'   data, those that `na.exclude` left out `NA`.
#' @references Zeileis, A. (2006) Object-oriented computation of sandwich estimators.
#'   *Journal of Statistical Software* 16(9). \doi{10.18637/jss.v016.i09}
#' @examples
#' if (requireNamespace("sandwich", quietly = TRUE)) {
#'   fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#'   sqrt(diag(sandwich::vcovHC(fit, type = "HC0")))
#' }
#' @name sandwich-methods
#' @exportS3Method sandwich::bread
bread.gamut <- function(x, ...) { # nolint: object_name_linter.
  refuse_mixed(x, "bread()", "Rows are not independent: there is no sandwich of rows.")
  vcov.gamut(x, complete = FALSE, dispersion = 1) * x$nobs * score_dispersion(x)
}

#' @rdname sandwich-methods
#' @exportS3Method sandwich::estfun
estfun.gamut <- function(x, ...) { # nolint: object_name_linter.
  refuse_mixed(x, "estfun()", "Rows are not independent: there are no scores of rows.")
  require_data(x, "estfun()")
  rows <- fit_rows(x)
  scores <- matrix(0, x$n, length(x$coefficients),
                   dimnames = list(frame_row_names(x$frame), names(x$coefficients)))
  for (k in seq_along(x$predictors)) {
    predictor <- x$predictors[[k]]
    columns <- predictor_matrix(predictor, x$frame)
    at <- predictor$position
    # slopes that predictors share add up
    scores[, at] <- scores[, at] + rows$score[, k] * columns
  }
  scores <- scores[, !is.na(x$coefficients), drop = FALSE] / score_dispersion(x)
  stats::naresid(x$na.action, scores)
}

#' Mean squared working residual; 1 where the dispersion is known
#' @noRd
score_dispersion <- function(x) {
  if (x$dispersion_fixed) return(1)
  require_data(x, "bread()")
  rows <- fit_rows(x, working_information(x$family))
  sum(rows$score^2, na.rm = TRUE) / sum(rows$weight)
}
