# The local regressions inside a lo() term, to look at. With the weights of the fit the
# term smooths its partial residuals: its values, the polynomial among them, and working
# residuals. So these over the covariates are a scatterplot on which neighbourhoods,
# weights and local polynomials can be drawn. A fit of fit_loess() to it has all of these.

#' A local regression of the partial residuals of a lo() term
#' @param term Its label, `NULL` where there is one.
#' @noRd
term_regression <- function(fit, term = NULL) {
  require_data(fit, "local_fits()")
  smooth <- chosen_surface(fit, term)
  basis <- smooth$piece$basis
  data <- covariate_data(smooth$piece, fit$frame$variables)
  data <- as.data.frame(lapply(data, as.double), optional = TRUE)
  rows <- fit_rows(fit, loess_information(fit))
  at <- smooth$predictor
  weight <- pmax(unpack_blocks(rows$weight, length(fit$predictors))[, at, at], 0)
  values <- drop(piece_matrix(smooth$piece, fit$frame$variables) %*% smooth$coefficients)
  score <- as.matrix(rows$score)[, at]
  data$.partial <- values + ifelse(weight > 0, score / weight, 0)
  data$.weight <- weight
  names <- lapply(setdiff(names(data), c(".partial", ".weight")), as.name)
  formula <- new_formula(quote(.partial), Reduce(function(a, b) call("+", a, b), names),
                         environment())
  regression <- fit_loess(formula, data, weights = data$.weight, span = basis$span,
                          degree = basis$degree, normalize = FALSE,
                          control = loess_control(statistics = "none"))
  regression$frame$response_name <- paste("partial residuals of", smooth$label)
  regression
}

#' @noRd
chosen_surface <- function(fit, term) {
  smooths <- Filter(function(s) inherits(s$piece$basis, "lo_basis"), fit$smooths)
  labels <- vapply(smooths, `[[`, "", "label")
  if (is.null(term) && length(labels) > 1L) {
    abort_gamut("the fit has ", length(labels), " lo() terms: name one by `term`, ",
                quoted(labels), ".", class = "argument", data = list(argument = "term"))
  }
  i <- if (is.null(term)) 1L else match(term, labels)
  if (is.na(i)) abort_argument("term", paste("one of", quoted(labels)), term)
  smooths[[i]]
}
