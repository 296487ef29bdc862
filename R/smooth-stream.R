# Splines of one covariate that the engine makes row by row: no matrix of the size of the
# data is formed. A basis can be streamed if it is one of B-splines times a map.

#' A basis as B-splines times a map, if that is worth while for `n` rows
#'
#' @return list(`knots`, all of the B-splines; `degree`; `map`, T with B(x) T the basis,
#'   or `NULL` for the identity; `range` in which that holds; `within`: has T so many more
#'   rows than columns that rows are to be multiplied by it?), or `NULL`.
#' @noRd
as_b_splines <- function(basis, n) {
  kind <- intersect(class(basis), c("cr_basis", "cc_basis", "ps_basis", "tp_basis"))
  if (!length(kind)) return(NULL)
  if (kind == "tp_basis") return(thin_plate_b_splines(basis, n))
  at <- basis$knots
  if (kind == "ps_basis") {
    ends <- at[c(basis$degree + 1L, length(at) - basis$degree)]
    if (basis$degree > 5L) return(NULL)
    return(list(knots = at, degree = as.integer(basis$degree), map = NULL, range = ends))
  }
  ends <- range(at)
  list(knots = c(rep(ends[1L], 3L), at, rep(ends[2L], 3L)), degree = 3L,
       map = cubic_in_b_splines_cpp(at, kind == "cc_basis"), range = ends)
}

#' Can the rows of a fit be made from the B-splines of a basis?
#' @noRd
is_streamed <- function(splines, x) {
  !is.null(splines) && is.double(x) && is.null(dim(x)) &&
    min(x) >= splines$range[1L] && max(x) <= splines$range[2L]
}

#' Means of the columns of a basis over the data
#' @noRd
basis_means <- function(basis, data) {
  x <- data[[1L]]
  splines <- as_b_splines(basis, length(x))
  if (!is_streamed(splines, x)) return(colMeans(covariate_sum(basis, data)))
  means <- b_spline_means_cpp(x, splines$knots, splines$degree)
  if (is.null(splines$map)) means else drop(means %*% splines$map)
}

#' The storage of a piece whose basis can be streamed, or NULL
#'
#' The engine works with the few B-splines that are not 0 in a row, and maps their sums.
#' @noRd
spline_storage <- function(piece, registry) {
  if (!is.null(registry$frame$total) || !is.null(piece$id)) return(NULL)
  if (!is.null(piece$basis$gamma)) return(surface_storage(piece, registry))
  x <- registry$frame$variables[[piece$covariates[1L]]]
  splines <- as_b_splines(piece$basis, length(x))
  if (!is_streamed(splines, x)) return(NULL)
  by <- by_operand(piece, registry)
  if (is.null(by)) return(NULL)
  map <- stream_map(splines, piece)
  within <- isTRUE(splines$within)
  list(kind = "spline", x = column_id(registry, piece$covariates[1L], x),
       knots = splines$knots, degree = splines$degree, by = by,
       map_within = if (within) map, contrast = if (!within) map)
}

#' From B-splines to the columns of a piece; NULL where these are the same
#' @noRd
stream_map <- function(splines, piece) {
  if (is.null(piece$map)) return(splines$map)
  if (is.null(splines$map)) piece$map else splines$map %*% piece$map
}

#' What the rows of a piece are multiplied by, as a column of the problem; NULL where that
#' is a matrix
#' @noRd
by_operand <- function(piece, registry) {
  if (is.null(piece$by)) return(list(vars = integer(), tables = list()))
  value <- registry$frame$variables[[piece$by]]
  if (is.matrix(value)) return(NULL)
  if (is.null(piece$by_level)) {
    id <- column_id(registry, paste0(piece$by, "\rby"), as.double(value))
    return(list(vars = id, tables = list(NULL)))
  }
  id <- code_id(piece$by, registry)
  known <- if (is.factor(value)) levels(value)
           else if (is.logical(value)) c("FALSE", "TRUE") else piece$by_levels
  list(vars = id, tables = list(as.double(known == piece$by_level)))
}
