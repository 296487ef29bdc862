# The terms object of a predictor, with `.` written out.

#' Terms of one predictor
#'
#' The main predictor's terms carry the response, as those of `glm` do; so a response
#' that is repeated on the right, and `.`, mean what they mean there.
#'
#' @return The predictor with `terms` and `keys` (deparsed variables without response).
#' @noRd
frame_terms <- function(predictor, spec, data) {
  formula <- predictor$parametric
  two_sided <- predictor$main || predictor$dot
  if (two_sided) formula <- set_response(formula, spec$response)
  skeleton <- if (predictor$dot) dot_columns(predictor, spec, data)
  terms <- stats::terms(formula, data = skeleton)
  if (two_sided && !predictor$main) terms <- stats::delete.response(terms)
  variables <- as.list(attr(terms, "variables"))[-1L]
  response <- attr(terms, "response")
  if (response > 0L) variables <- variables[-response]
  predictor$terms <- terms
  predictor$expressions <- variables
  predictor$keys <- vapply(variables, key_of, "")
  predictor
}

#' @noRd
set_response <- function(formula, response) {
  if (is.null(response)) {
    abort_gamut("The formula has no response: write `y ~ ...`.", class = "formula")
  }
  formula[[3L]] <- formula[[2L]]
  formula[[2L]] <- response
  formula
}

#' The columns that `.` stands for, as a data frame without rows
#'
#' All columns of data, less those a smooth, a bar, `lo()` or another predictor uses;
#' `terms()` itself leaves out what stands on the left-hand side.
#' @noRd
dot_columns <- function(predictor, spec, data) {
  if (is.null(data)) {
    abort_gamut("`.` in the formula stands for the columns of `data`, and there is no ",
                "`data`.", class = "formula")
  }
  mine <- vapply(spec$predictors, function(p) same_predictor(p, predictor), NA)
  taken <- c(special_variables(predictor),
             unlist(lapply(spec$predictors[!mine], predictor_variables)))
  columns <- setdiff(names(data), taken)
  structure(stats::setNames(rep(list(logical()), length(columns)), columns),
            class = "data.frame", row.names = integer())
}

#' @noRd
same_predictor <- function(p, q) if (q$main) p$main else !p$main && p$name == q$name
