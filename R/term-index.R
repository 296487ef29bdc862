# Terms with many columns that are mostly zero: products of factors, times a number.
# Such a term is stored as one code per row and what each code stands for, so that a
# factor with thousands of levels costs as much as one column.

#' The index storages of one term, one for each of its numeric columns
#'
#' @param levelled Which operands have levels.
#' @param grid The operands' columns in each column of the term; see `column_grid()`.
#' @param position Coefficient numbers of the term's columns.
#' @return List of list(storage, position).
#' @noRd
index_program <- function(operands, levelled, grid, position, registry) {
  factors <- operands[levelled]
  numbers <- operands[!levelled]
  coding <- combine_codings(lapply(factors, `[[`, "coding"))
  codes <- combined_code_id(factors, registry)
  storage <- list(kind = "index", codes = codes, levels = coding$levels,
                  map = coding$map, contrast = coding$matrix, z = NULL)
  if (!length(numbers)) return(list(list(storage = storage, position = position)))
  sizes <- lengths(lapply(numbers, `[[`, "names"))
  multipliers <- dense_columns(numbers, column_grid(sizes), registry)
  lapply(seq_along(multipliers), function(k) {
    storage$z <- multipliers[k]
    list(storage = storage, position = position[number_column(grid[!levelled]) == k])
  })
}

#' The number of a column among the combinations of its numeric operands
#' @noRd
number_column <- function(grid) {
  number <- 1L
  step <- 1L
  for (at in grid) {
    number <- number + (at - 1L) * step
    step <- step * max(at)
  }
  number
}

#' The coding of a product of factors over combined levels, first factor fastest
#' @noRd
combine_codings <- function(codings) {
  levels <- prod(vapply(codings, function(c) length(c$levels), 0L))
  if (levels > .Machine$integer.max) {
    abort_gamut("An interaction of factors has ", format(levels, big.mark = ","),
                " combinations of levels: use a random effect for it.", class = "data")
  }
  if (all(vapply(codings, function(c) !is.null(c$map), NA))) {
    return(list(levels = as.integer(levels), map = combined_map(codings), matrix = NULL))
  }
  matrix <- Reduce(function(a, b) kronecker(b, a),
                   lapply(codings, function(c) unname(contrast_matrix(c))))
  list(levels = as.integer(levels), map = NULL, matrix = matrix)
}

#' @noRd
combined_map <- function(codings) {
  map <- codings[[1L]]$map
  size <- length(codings[[1L]]$names)
  for (coding in codings[-1L]) {
    map <- as.vector(outer(map, coding$map, function(a, b) {
      ifelse(a > 0L & b > 0L, a + size * (b - 1L), 0L)
    }))
    size <- size * length(coding$names)
  }
  as.integer(map)
}

#' Id of the single code of a product of factors
#' @noRd
combined_code_id <- function(factors, registry) {
  if (length(factors) == 1L) return(code_id(factors[[1L]]$key, registry))
  keys <- vapply(factors, `[[`, "", "key")
  column_id(registry, paste0(c(keys, "codes"), collapse = "\r"), {
    codes <- level_codes(keys[1L], registry$frame)
    codes <- as.integer(codes)
    step <- length(factors[[1L]]$coding$levels)
    for (factor in factors[-1L]) {
      codes <- codes + step * (as.integer(level_codes(factor$key, registry$frame)) - 1L)
      step <- step * length(factor$coding$levels)
    }
    codes
  })
}
