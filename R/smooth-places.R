# Many rows at few places: a basis is evaluated once for each of the different places,
# and the engine finds the numbers of a row in a table.

#' The different rows of a matrix of numbers
#'
#' A sample tells beforehand whether rows repeat often enough to be worth a search.
#' @return list(`index`, of each row, `first`, a row of each place), or `NULL` where most
#'   rows have a place of their own, or there are few rows.
#' @noRd
different_rows <- function(x) {
  n <- nrow(x)
  if (n < 5000L) return(NULL)
  some <- x[round(seq(1, n, length.out = 2000L)), , drop = FALSE]
  if (!anyDuplicated(some)) return(NULL)
  code <- 0
  for (j in seq_len(ncol(x))) {
    values <- unique(x[, j])
    code <- code * length(values) + match(x[, j], values)
    # numbers stay small, and exact
    code <- match(code, unique(code))
  }
  first <- which(!duplicated(code))
  if (length(first) > n / 4) return(NULL)
  list(index = code, first = first)
}

#' evaluate(x), which is row by row, from the different rows of x
#' @noRd
at_different_rows <- function(x, evaluate) {
  places <- different_rows(x)
  if (is.null(places)) return(evaluate(x))
  evaluate(x[places$first, , drop = FALSE])[places$index, , drop = FALSE]
}

#' The columns of a piece as tables over its places, or NULL
#' @noRd
place_columns <- function(piece, registry) {
  data <- covariate_data(piece, registry$frame$variables)
  by <- by_operand(piece, registry)
  if (is.null(by) || any(vapply(data, is.matrix, NA))) return(NULL)
  key <- paste(c("places", piece$covariates), collapse = "\r")
  places <- known_places(key, data, registry)
  if (is.null(places)) return(NULL)
  table <- basis_matrix(piece$basis, lapply(data, `[`, places$first))
  if (!is.null(piece$map)) table <- table %*% piece$map
  code <- column_id(registry, key, places$index)
  lapply(seq_len(piece$columns), function(j) {
    list(vars = c(code, by$vars), tables = c(list(table[, j]), by$tables))
  })
}

#' The places of some covariates, searched for once for all pieces that have them, such as
#' those of a factor's levels
#' @noRd
known_places <- function(key, data, registry) {
  if (!key %in% names(registry$places)) {
    registry$places[[key]] <- list(different_rows(covariates_as_columns(data)))
  }
  registry$places[[key]][[1L]]
}
