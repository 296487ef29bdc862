# lo() terms: local regression beside anything else. To the frame a lo() term is a smooth
# whose basis is what the smoother reproduces, a polynomial without a penalty; the rest,
# L = B F with levels and slopes at the vertices of a tree, comes in by the fit
# (term-loess-fit.R), which then makes these coefficients of the basis, too:
#
#   [ q(x) - q0 | B(x) - (1, q(x) - q0) G ],
#
# q the polynomial, q0 its means, B the blend of levels and slopes, and G what the
# polynomial has of B in the metric of the fit, so that the two parts are apart.

#' Defaults of lo(), those of package gam; `cell` is that of stats::loess
#' @noRd
loess_defaults <- list(span = 0.5, degree = 1L, cell = 0.2)

#' @export
#' @noRd
smooth_basis.lo_smooth <- function(spec, data, knots) {
  x <- loess_covariates(spec, data)
  settings <- loess_settings(spec, nrow(x))
  powers <- polynomial_powers(ncol(x), settings$degree)
  basis <- new_basis(spec, nrow(powers), list(), integer(), nrow(powers),
                     constraint = "none", side = FALSE, powers = powers,
                     span = settings$span, span_by = settings$by,
                     least_span = settings$least, degree = settings$degree,
                     surface = loess_tree_cpp(x, ncol(x), settings$span,
                                              loess_defaults$cell))
  basis$origin <- colMeans(x)
  basis$centre <- numeric(nrow(powers))
  basis$centre <- colMeans(loess_polynomial(basis, x))
  basis
}

#' @noRd
loess_covariates <- function(spec, data) {
  numeric <- vapply(data, function(v) is.numeric(v) && is.null(dim(v)), NA)
  if (!all(numeric)) {
    abort_basis(spec, "lo() is for covariates that are a number in each row, and ",
                enumerate(paste0("`", spec$term[!numeric], "`")), " is not.")
  }
  if (length(data) > 8L) abort_basis(spec, "lo() takes up to 8 covariates.")
  x <- covariates_as_columns(data)
  for (j in seq_along(data)) {
    values <- length(unique(x[, j]))
    if (values < 3L) {
      abort_basis(spec, "`", spec$term[j], "` has ", values, " different value",
                  if (values != 1L) "s", "; a local regression needs 3 or more. Write ",
                  "the covariate without lo().")
    }
  }
  x
}

#' @return list: `degree`, `span`, `by` (`"aicc"`, `"gcv"` or `NULL`), and `least`, the
#'   least span to try where one is chosen.
#' @noRd
loess_settings <- function(spec, n) {
  degree <- spec$degree %||% loess_defaults$degree
  if (!(is.numeric(degree) && length(degree) == 1L && degree %in% 1:2)) {
    abort_basis(spec, "degree must be 1 or 2, not ", describe_value(degree), ".")
  }
  d <- length(spec$term)
  rows <- 1 + if (degree == 1) d + 1 else (d + 1) * (d + 2) / 2
  span <- spec$span %||% loess_defaults$span
  by <- if (is.character(span)) check_term_span_choice(span, spec)
  if (!is.null(by)) span <- loess_defaults$span
  else check_term_span(span, degree, rows, n, spec)
  list(degree = as.integer(degree), span = as.double(span), by = by,
       least = min(1, 2 * rows / n))
}

#' @noRd
check_term_span_choice <- function(span, spec) {
  if (length(span) == 1L && span %in% c("aicc", "gcv")) return(span)
  abort_basis(spec, "span must be a number, or \"aicc\" or \"gcv\" to have it chosen by ",
              "the data, not ", describe_value(span), ".")
}

#' @param rows What a local polynomial needs.
#' @noRd
check_term_span <- function(span, degree, rows, n, spec) {
  if (!(is.numeric(span) && length(span) == 1L && isTRUE(is.finite(span) && span > 0))) {
    abort_basis(spec, "span, the share of the rows in a neighbourhood, must be a ",
                "positive number, not ", describe_value(span), ".")
  }
  own <- floor(n * span + 1e-5)
  if (own >= rows) return(invisible())
  abort_basis(spec, "span = ", format(span), " has ", own, " of the ", n, " rows in a ",
              "neighbourhood, and a local polynomial of degree ", degree, " needs ", rows,
              ": give a span of ", format(ceiling(1e3 * rows / n) / 1e3), " or more.")
}

#' Exponents of the monomials that a local polynomial has, but for the constant
#' @return A row each, a column a covariate.
#' @noRd
polynomial_powers <- function(d, degree) {
  linear <- diag(1L, d)
  if (degree == 1L) return(linear)
  pairs <- which(lower.tri(diag(d), diag = TRUE), arr.ind = TRUE)
  quadratic <- t(apply(pairs, 1L, function(p) {
    tabulate(p, d)
  }))
  rbind(linear, matrix(quadratic, ncol = d))
}

#' The monomials, around the means of the covariates, centred over the data
#' @noRd
loess_polynomial <- function(basis, x) {
  x <- sweep(x, 2L, basis$origin)
  columns <- apply(basis$powers, 1L, function(power) {
    out <- rep(1, nrow(x))
    for (j in which(power > 0L)) out <- out * x[, j]^power[j]
    out
  })
  sweep(matrix(columns, nrow(x), nrow(basis$powers)), 2L, basis$centre)
}

#' Rows of the basis; before the fit they are the polynomial alone
#'
#' Outside the box of the data what the smoother adds to the polynomial stays as it is at
#' the nearest face.
#' @export
#' @noRd
basis_matrix.lo_basis <- function(basis, data) {
  rows_where_finite(basis, data, function(x) {
    polynomial <- loess_polynomial(basis, x)
    if (is.null(basis$gamma)) return(polynomial)
    inside <- pmin(pmax(x, rep(basis$surface$lower, each = nrow(x))),
                   rep(basis$surface$upper, each = nrow(x)))
    blend <- loess_blend_cpp(basis$surface, inside)
    own <- cbind(rep(1, nrow(x)), loess_polynomial(basis, inside))
    cbind(polynomial, blend - own %*% basis$gamma)
  })
}

#' The basis with levels and slopes at the vertices among its coefficients
#' @noRd
with_vertices <- function(basis, gamma) {
  basis$gamma <- gamma
  basis$columns <- nrow(basis$powers) + ncol(gamma)
  basis$null_dim <- basis$columns
  basis
}

#' The columns of a fitted lo() term, made by the engine row by row
#' @noRd
surface_storage <- function(piece, registry) {
  x <- lapply(piece$covariates, function(key) {
    as.double(registry$frame$variables[[key]])
  })
  if (!all(is.finite(unlist(lapply(x, range, 0))))) return(NULL)
  basis <- piece$basis
  ids <- unlist(Map(function(key, value) {
    column_id(registry, paste0(key, "\rdouble"), value)
  }, piece$covariates, x))
  list(kind = "surface", x = unname(ids), surface = basis$surface, gamma = basis$gamma,
       powers = basis$powers, origin = basis$origin, centre = basis$centre)
}

#' Numbers of the lo() terms in each predictor of a frame; each is one piece
#' @noRd
loess_pieces <- function(frame) {
  lapply(frame$predictors, function(predictor) {
    which(vapply(predictor$smooths, function(s) {
      inherits(s$pieces[[1L]]$basis, "lo_basis")
    }, NA))
  })
}

#' The frame with another piece for each of its lo() terms
#' @noRd
change_loess_pieces <- function(frame, change) {
  pieces <- loess_pieces(frame)
  for (p in seq_along(pieces)) {
    for (s in pieces[[p]]) {
      piece <- frame$predictors[[p]]$smooths[[s]]$pieces[[1L]]
      frame$predictors[[p]]$smooths[[s]]$pieces[[1L]] <- change(piece)
    }
  }
  frame
}

#' @noRd
has_loess <- function(frame) length(unlist(loess_pieces(frame))) > 0L
