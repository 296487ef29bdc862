# What the arguments of a smooth term must be, whatever its basis.

#' @noRd
abort_basis <- function(spec, ...) {
  abort_gamut("`", spec$label, "`: ", ..., class = "smooth",
              data = list(term = spec$label))
}

#' The covariates of an isotropic or one-dimensional basis: a matrix, each a column
#' @noRd
numeric_covariates <- function(spec, data) {
  columns <- lapply(spec$term, function(name) {
    x <- data[[name]]
    if (!is.numeric(x) && !is.logical(x)) {
      abort_basis(spec, "`", name, "` must be numeric for bs = \"", spec$bs, "\". For a ",
                  "factor take bs = \"re\", or `by` with a numeric covariate.")
    }
    x <- as.numeric(x)
    if (!all(is.finite(x))) {
      abort_basis(spec, "`", name, "` has values that are not finite. Remove these rows.")
    }
    x
  })
  if (length(unique(lengths(columns))) != 1L || length(columns[[1L]]) == 0L) {
    abort_basis(spec, "its covariates must have one common length above 0.")
  }
  matrix(unlist(columns), ncol = length(columns))
}

#' The covariate of a basis that takes one only
#' @noRd
one_covariate <- function(spec, data) {
  if (length(spec$term) != 1L) {
    abort_basis(spec, "bs = \"", spec$bs, "\" is for one covariate. For several take ",
                "bs = \"tp\", or te() with a margin of bs = \"", spec$bs, "\" for each.")
  }
  numeric_covariates(spec, data)[, 1L]
}

#' Is this one whole number?
#' @noRd
is_one_whole <- function(x) {
  is.numeric(x) && length(x) == 1L && is.finite(x) && x == round(x)
}

#' `k` as the term has it, else its default; -1 stands for the default as in mgcv
#'
#' @param least The smallest `k` that makes a basis.
#' @noRd
requested_size <- function(spec, default, least) {
  k <- spec$k
  if (has_default_size(spec)) return(max(default, least))
  if (!is_one_whole(k) || k < least) {
    abort_basis(spec, "k must be one whole number, at least ", least, " for bs = \"",
                spec$bs, "\"", if (!all(is.na(spec$m))) " with this m", ".")
  }
  as.numeric(k)
}

#' @noRd
has_default_size <- function(spec) {
  length(spec$k) == 1L && (is.na(spec$k) || (is.numeric(spec$k) && spec$k == -1))
}

#' `k`, but not more than there are unique values
#'
#' @param enough The fewest unique values that make a basis.
#' @noRd
supported_size <- function(spec, k, least, unique_values, enough = least) {
  if (unique_values < enough) {
    abort_basis(spec, "bs = \"", spec$bs, "\" needs at least ", enough, " unique values ",
                "of ", enumerate(paste0("`", spec$term, "`")), ", but there are ",
                unique_values, ". Make it a linear term or a factor.")
  }
  supported <- max(min(k, unique_values), least)
  if (supported < k) {
    inform_gamut("`", spec$label, "`: k is reduced from ", k, " to ", supported, ": ",
                 "there are no more than ", unique_values, " unique values of ",
                 enumerate(paste0("`", spec$term, "`")), ".", class = "basis",
                 data = list(term = spec$label, k = supported))
  }
  supported
}

#' The whole numbers that `m` is for some bases, with defaults for those not given
#' @noRd
whole_orders <- function(spec, from = 0) {
  m <- spec$m
  if (!is.list(m) && (is.numeric(m) || all(is.na(m)))) {
    known <- m[!is.na(m)]
    if (all(known >= from & known == round(known))) return(as.numeric(m))
  }
  abort_basis(spec, "m must be whole numbers, at least ", from, ".")
}

#' The knots that a caller gave for one covariate: sorted, or `NULL`
#' @noRd
given_knots <- function(spec, knots, name = spec$term) {
  if (!is.null(knots) && (!is.list(knots) || is.null(names(knots)))) {
    abort_basis(spec, "knots must be a list, named by covariates.")
  }
  given <- knots[[name]]
  if (is.null(given)) return(NULL)
  if (!is.numeric(given) || length(given) == 0L || !all(is.finite(given))) {
    abort_basis(spec, "the knots of `", name, "` must be finite numbers.")
  }
  sort(as.numeric(given))
}

#' @noRd
check_knot_number <- function(spec, given, number) {
  if (length(given) == number) return(invisible())
  abort_basis(spec, length(given), " knots are given, but this basis takes ", number,
              ". Give as many, or another k.")
}

#' @noRd
check_knots_cover <- function(spec, x, ends) {
  if (min(x) >= ends[[1L]] && max(x) <= ends[[2L]]) return(invisible())
  abort_basis(spec, "the knots must enclose the data: `", spec$term, "` goes from ",
              format(min(x)), " to ", format(max(x)), ", the knots from ",
              format(ends[[1L]]), " to ", format(ends[[2L]]), ".")
}

#' An entry of `xt`, `NULL` where there is none
#' @noRd
extra <- function(spec, name) if (is.list(spec$xt)) spec$xt[[name]]

#' What a method of smooth_basis() gave, with what it may leave out
#' @noRd
check_basis <- function(basis, label) {
  fail <- function(...) {
    abort_gamut("`", label, "`: its method of smooth_basis() ", ..., class = "smooth",
                data = list(term = label))
  }
  if (!inherits(basis, "gamut_basis") || !is_one_whole(basis$columns)) {
    fail("must give a list of class \"gamut_basis\" with the number of `columns`.")
  }
  copies <- basis$copies %||% 1L
  if (!is_one_whole(copies) || basis$columns %% copies != 0) {
    fail("must give `copies`, if at all, as a number of blocks, of which the columns ",
         "are a multiple.")
  }
  # the penalty of one block, where each level of a factor has a block
  size <- basis$columns %/% copies
  if (!is.list(basis$S) || !all(vapply(basis$S, is_penalty_of, NA, size))) {
    fail("must give `S`, a list of symmetric ", size, " x ", size,
         " matrices without negative eigenvalues.")
  }
  basis$columns <- as.integer(basis$columns)
  basis$constraint <- basis$constraint %||% "sum"
  known <- is.matrix(basis$constraint) || basis$constraint %in% c("sum", "none")
  if (!known) fail("must give `constraint`: \"sum\", \"none\" or a matrix.")
  basis$side <- !isFALSE(basis$side)
  basis$random <- isTRUE(basis$random)
  basis
}

#' @noRd
is_penalty_of <- function(s, columns) {
  if (!is.matrix(s) || !is.numeric(s) || any(dim(s) != columns)) return(FALSE)
  size <- max(abs(s))
  if (!is.finite(size) || max(abs(s - t(s))) > 1e-8 * size) return(FALSE)
  columns > 500 ||
    min(eigen(s, symmetric = TRUE, only.values = TRUE)$values) > -1e-6 * size * columns
}
