# Tensor product smooths t2(), whose penalties do not overlap.
#
# Each marginal basis is split in two: functions that its penalty leaves alone, and the
# rest, scaled so that its penalty there is the identity. A product of one part of each
# margin makes a block of columns with a ridge penalty of its own; the product of all the
# unpenalised parts is unpenalised. As each penalty is an identity on columns of its own,
# t2() can be fitted wherever random effects can.
#
# With `full` each unpenalised function counts as a part of its own. `ord` keeps blocks
# by their order, the number of penalised parts in them.
#
# The penalties depend on which basis the unpenalised part has. Here its functions are a
# constant, then the covariates and their powers and products, each orthogonal over the
# data to those before it and of mean square one.
#
# Source: Wood, S. N., Scheipl, F. and Faraway, J. J. (2013) Straightforward intermediate
# rank tensor product smoothing in mixed models. Statistics and Computing 23, 341-360.

#' @export
#' @noRd
smooth_basis.t2_smooth <- function(spec, data, knots) {
  specs <- margin_specs(spec)
  fixed <- tensor_flags(spec, 1L, centred = FALSE)$fixed
  full <- t2_full(spec)
  orders <- t2_orders(spec, length(specs))
  check_margin_data(specs, data, spec$label)
  margins <- lapply(specs, t2_margin, data = data, knots = knots, full = full)
  check_tensor_size(vapply(margins, `[[`, 0L, "columns"), spec$label)
  parts <- t2_parts(margins, orders, spec)
  basis <- structure(
    list(bs = spec$bs, term = spec$term, columns = as.integer(sum(parts$size)),
         S = list(), rank = integer(), null_dim = as.integer(parts$free),
         constraint = "none", side = TRUE, random = FALSE, margins = margins,
         parts = parts),
    class = c("t2_basis", "gamut_basis")
  )
  basis$constraint <- t2_constraint(basis, data)
  if (fixed) basis$null_dim <- basis$columns else basis <- add_ridges(basis)
  basis
}

#' @export
#' @noRd
basis_matrix.t2_basis <- function(basis, data) {
  t2_columns(basis, data, seq_along(basis$parts$size))
}

#' The columns of some of the parts
#' @noRd
t2_columns <- function(basis, data, parts) {
  matrices <- lapply(basis$margins, margin_matrix, data = data)
  blocks <- lapply(basis$parts$columns[parts], function(columns) {
    row_kronecker(Map(function(x, j) x[, j, drop = FALSE], matrices, columns))
  })
  do.call(cbind, blocks)
}

#' One margin with its columns split: penalised ones first
#'
#' @return `basis` and `map` as of tensor_margin(), `columns`, and `parts`, the columns of
#'   each part, of which the first is the penalised one.
#' @noRd
t2_margin <- function(spec, data, knots, full) {
  basis <- margin_basis(spec, data, knots)
  split <- natural_split(basis, data[spec$term])
  range <- split$range / sqrt(mean((split$x %*% split$range)^2))
  columns <- as.integer(basis$columns)
  rank <- ncol(range)
  free <- seq_len(columns)[-seq_len(rank)]
  rest <- if (full) as.list(free) else if (length(free)) list(free)
  list(basis = basis, map = cbind(range, split$null), columns = columns,
       parts = c(list(seq_len(rank)), rest))
}

#' A basis split into what its penalty sees and what it does not
#'
#' @param orthogonal Whether the functions of the first part are to be orthogonal over the
#'   data to those of the second.
#' @return `x`, the basis at the data, and two maps to its coefficients: `range`, for
#'   which the penalty is the identity, and `null`.
#' @noRd
natural_split <- function(basis, data, orthogonal = FALSE) {
  x <- basis_matrix(basis, data)
  parts <- eigen(basis$S[[1L]], symmetric = TRUE)
  seen <- seq_len(basis$rank[[1L]])
  range <- sweep(parts$vectors[, seen, drop = FALSE], 2L, sqrt(parts$values[seen]), `/`)
  null <- parts$vectors[, -seen, drop = FALSE]
  if (ncol(null)) null <- polynomial_null(x, null, data)
  if (orthogonal && ncol(null)) {
    # columns of the null part are orthonormal but for the number of rows
    shared <- crossprod(x %*% null, x %*% range) / nrow(x)
    range <- range - null %*% shared
  }
  list(x = x, range = range, null = null)
}

#' Of the functions without penalty a basis that does not depend on how they are computed
#'
#' Numerical eigenvectors of one eigenvalue are rotated by any rounding error. Here the
#' functions are, as far as the space holds them, a constant, the covariates, and their
#' powers and products, made orthogonal in this order, with a mean square of one.
#' @noRd
polynomial_null <- function(x, null, data) {
  values <- qr(x %*% null)
  if (values$rank < ncol(null)) return(null)
  targets <- crossprod(qr.Q(values), null_targets(data, ncol(null), nrow(x)))
  # what is no function of the space leaves rounding errors alone
  held <- sqrt(colSums(targets^2)) > 1e-6 * sqrt(nrow(x))
  turn <- qr(cbind(targets[, held, drop = FALSE], diag(ncol(null))), tol = 1e-7)
  first <- seq_len(ncol(null))
  rotation <- qr.Q(turn)[, first, drop = FALSE]
  ahead <- sign(diag(qr.R(turn)[first, first, drop = FALSE]))
  rotation <- sweep(rotation, 2L, ifelse(ahead < 0, -1, 1), `*`)
  sqrt(nrow(x)) * null[, values$pivot] %*% backsolve(qr.R(values), rotation)
}

#' Monomials of the standardised covariates, by degree, at least `most` if there are any
#' @noRd
null_targets <- function(data, most, rows) {
  numeric <- Filter(is.numeric, data)
  standard <- vapply(numeric, function(x) {
    x <- as.vector(x)
    (x - mean(x)) / max(stats::sd(x), .Machine$double.xmin)
  }, numeric(rows))
  targets <- matrix(1, rows, 1L)
  degree <- 1L
  while (length(numeric) && ncol(targets) < most) {
    # the powers of the last vary fastest, so that the first covariate comes first
    powers <- as.matrix(rev(expand.grid(rep(list(seq(degree, 0L)), length(numeric)))))
    powers <- powers[rowSums(powers) == degree, , drop = FALSE]
    for (i in seq_len(nrow(powers))) {
      monomial <- apply(sweep(matrix(standard, rows), 2L, powers[i, ], `^`), 1L, prod)
      targets <- cbind(targets, monomial, deparse.level = 0L)
    }
    degree <- degree + 1L
  }
  targets
}

#' The blocks of a t2() smooth: unpenalised ones last
#'
#' @return `columns`, for each block a list of the columns of each margin in it; `size`;
#'   `order`; and `free`, the number of unpenalised columns.
#' @noRd
t2_parts <- function(margins, orders, spec) {
  grid <- t2_grid(lapply(margins, function(margin) length(margin$parts)))
  order <- rowSums(grid == 1L)
  kept <- if (is.null(orders)) seq_along(order) else which(order %in% orders)
  if (!length(kept)) {
    abort_compound(spec$label, "no part of it has an order that `ord` keeps.")
  }
  kept <- c(kept[order[kept] > 0], kept[order[kept] == 0])
  columns <- lapply(kept, function(i) {
    Map(function(margin, part) margin$parts[[part]], margins, grid[i, ])
  })
  size <- vapply(columns, function(parts) prod(lengths(parts)), 0)
  list(columns = columns, size = size, order = order[kept],
       free = sum(size[order[kept] == 0]))
}

#' Which part of each margin is in which block, a row for each block
#'
#' In the order that smoothing parameters have in mgcv: with each further margin come
#' first the products with its penalised part, then those with the others.
#' @noRd
t2_grid <- function(sizes) {
  grid <- matrix(seq_len(sizes[[1L]]))
  for (size in sizes[-1L]) {
    free <- seq_len(size)[-1L]
    each <- rep(seq_len(nrow(grid)), each = length(free))
    grid <- rbind(cbind(grid, 1L),
                  cbind(grid[each, , drop = FALSE], rep(free, nrow(grid))))
  }
  grid
}

#' The sum to zero over the data is asked of the unpenalised columns alone
#' @noRd
t2_constraint <- function(basis, data) {
  free <- which(basis$parts$order == 0)
  uncentred <- any(vapply(basis$margins, function(margin) {
    identical(margin$basis$constraint, "none")
  }, NA))
  if (!length(free) || uncentred) return("none")
  means <- colMeans(t2_columns(basis, data, free))
  # one function alone is a constant: it goes as a whole
  if (length(means) == 1L) means <- 1
  matrix(c(rep(0, basis$columns - length(means)), means), 1L)
}

#' An identity for each penalised block
#' @noRd
add_ridges <- function(basis) {
  penalised <- which(basis$parts$order > 0)
  last <- cumsum(basis$parts$size)
  basis$S <- lapply(penalised, function(part) {
    columns <- seq(last[[part]] - basis$parts$size[[part]] + 1, last[[part]])
    diag(as.numeric(seq_len(basis$columns) %in% columns), basis$columns)
  })
  basis$rank <- as.integer(basis$parts$size[penalised])
  basis
}

#' @noRd
t2_full <- function(spec) {
  full <- spec$full %||% FALSE
  if (!is.logical(full) || length(full) != 1L || is.na(full)) {
    abort_compound(spec$label, "`full` must be TRUE or FALSE, not ",
                   describe_values(full), ".")
  }
  full
}

#' @noRd
t2_orders <- function(spec, margins) {
  if (is_default(spec$ord)) return(NULL)
  if (!are_whole(spec$ord) || any(spec$ord < 0 | spec$ord > margins)) {
    abort_compound(spec$label, "`ord` must be whole numbers from 0 to ", margins,
                   ", the number of margins, not ", describe_values(spec$ord), ".")
  }
  spec$ord
}
