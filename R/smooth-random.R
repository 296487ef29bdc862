# Independent random coefficients as a smooth term.

#' Random effects: a coefficient for each column of the interaction of the covariates
#'
#' Factors have a column for each level, numeric matrices one for each of theirs; columns
#' of the first covariate go fastest, as in `model.matrix(~ a:b - 1)`.
#' @export
#' @noRd
smooth_basis.re_smooth <- function(spec, data, knots) {
  covariates <- data[spec$term]
  levels <- lapply(covariates, category_levels)
  widths <- vapply(spec$term, function(name) {
    if (!is.null(levels[[name]])) return(length(levels[[name]]))
    if (!is.numeric(data[[name]])) {
      abort_basis(spec, "`", name, "` must be a factor or numeric for bs = \"re\".")
    }
    NCOL(data[[name]])
  }, 0L)
  columns <- prod(widths)
  if (columns == 0) abort_basis(spec, "its factors have no levels.")
  new_basis(spec, columns, list(matrix(1)), columns, 0, copies = as.integer(columns),
            levels = levels, constraint = "none", side = FALSE, random = TRUE)
}

#' @noRd
category_levels <- function(x) {
  if (is.factor(x)) return(levels(x))
  if (is.character(x) || is.logical(x)) as.character(sort(unique(x)))
}

#' @export
#' @noRd
basis_matrix.re_basis <- function(basis, data) {
  rows <- NULL
  for (name in basis$term) {
    levels <- basis$levels[[name]]
    x <- data[[name]]
    block <- if (is.null(levels)) as.matrix(x) else indicators(x, levels)
    rows <- if (is.null(rows)) block else crossed_rows(rows, block)
  }
  dimnames(rows) <- NULL
  rows
}

#' Columns of 0 and 1: rows of `NA` where the level is missing, of 0 where it is unknown
#' @noRd
indicators <- function(x, levels) {
  x <- as.character(x)
  code <- match(x, levels)
  out <- matrix(0, length(x), length(levels))
  known <- which(!is.na(code))
  out[cbind(known, code[known])] <- 1
  out[is.na(x), ] <- NA
  out
}

#' All products of a column of `a` and one of `b`, those of `a` fastest
#' @noRd
crossed_rows <- function(a, b) {
  columns <- expand.grid(a = seq_len(ncol(a)), b = seq_len(ncol(b)))
  a[, columns$a, drop = FALSE] * b[, columns$b, drop = FALSE]
}
