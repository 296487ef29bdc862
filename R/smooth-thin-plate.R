# Thin plate regression splines of any number of covariates, by Wood (2003) J. R. Statist.
# Soc. B 65, 95-114, and what isotropic bases share: places, and knots among them.

#' Thin plate regression splines
#'
#' `m[1]` is the order of the derivatives; `m[2] = 0` leaves out what has no penalty.
#' @export
#' @noRd
smooth_basis.tp_smooth <- function(spec, data, knots) {
  x <- numeric_covariates(spec, data)
  m <- thin_plate_orders(spec, ncol(x))
  null_dim <- choose(m$order + ncol(x) - 1, ncol(x))
  centre <- colMeans(x)
  x <- sweep(x, 2L, centre)
  at <- isotropic_knots(spec, x, centre, knots)
  k <- isotropic_size(spec, at, null_dim + c(8, 27, 100)[min(ncol(x), 3L)],
                      least = null_dim + 1)
  space <- thin_plate_space_cpp(at$places, m$order, k)
  rows <- thin_plate_rows(x, at$places, m$order, space$coefficients)
  scale <- sqrt(colMeans(rows^2))
  wiggly <- seq_len(k - null_dim)
  S <- matrix(0, k, k)
  S[wiggly, wiggly] <- space$penalty / outer(scale[wiggly], scale[wiggly])
  basis <- new_basis(spec, k, list(S), k - null_dim, null_dim, class = "tp_basis",
                     knots = at$places, centre = centre, order = m$order,
                     coefficients = space$coefficients, scale = scale)
  if (m$drop) drop_null_space(basis, colMeans(rows)[wiggly] / scale[wiggly]) else basis
}

#' With a penalty of a tenth of the least eigenvalue on what else has none
#' @export
#' @noRd
smooth_basis.ts_smooth <- function(spec, data, knots) {
  basis <- smooth_basis.tp_smooth(spec, data, knots)
  if (!length(basis$S) || basis$null_dim == 0L) return(basis)
  wiggly <- seq_len(basis$rank)
  values <- eigen(basis$S[[1L]][wiggly, wiggly], symmetric = TRUE,
                  only.values = TRUE)$values
  free <- seq_len(basis$columns) > basis$rank
  diag(basis$S[[1L]])[free] <- 0.1 * min(values)
  basis$rank <- basis$columns
  basis$null_dim <- 0L
  basis
}

#' The penalised functions alone, each with a mean of 0 over the data
#' @noRd
drop_null_space <- function(basis, means) {
  wiggly <- seq_along(means)
  basis$S <- lapply(basis$S, function(S) S[wiggly, wiggly, drop = FALSE])
  basis$columns <- length(wiggly)
  basis$null_dim <- if (length(basis$S)) 0L else basis$columns
  basis$means <- means
  basis$constraint <- "none"
  basis
}

#' @noRd
thin_plate_orders <- function(spec, dimensions) {
  m <- whole_orders(spec)
  if (length(m) > 2L || !all(m[-1L] %in% 0)) {
    abort_basis(spec, "m is the order of its derivatives; a second number can only be ",
                "0, which leaves out the polynomials without penalty.")
  }
  order <- m[[1L]]
  if (is.na(order) || order == 0) order <- floor((dimensions + 1) / 2) + 1
  if (2 * order <= dimensions) {
    abort_basis(spec, "derivatives of order m = ", order, " make no smooth function of ",
                dimensions, " covariates: m must be above ", dimensions / 2, ".")
  }
  list(order = order, drop = isTRUE(m[2L] == 0))
}

#' @export
#' @noRd
basis_matrix.tp_basis <- function(basis, data) {
  rows_where_finite(basis, data, function(x) {
    x <- sweep(x, 2L, basis$centre)
    rows <- thin_plate_rows(x, basis$knots, basis$order, basis$coefficients)
    rows <- sweep(rows, 2L, basis$scale, `/`)
    if (is.null(basis$means)) return(rows)
    sweep(rows[, seq_along(basis$means), drop = FALSE], 2L, basis$means)
  })
}

#' The knots of an isotropic basis: given ones, or the unique places of the data, or
#' 2,000 of these
#'
#' @return `places`, a matrix, with `unique`, how many there are in the data or given.
#' @noRd
isotropic_knots <- function(spec, x, centre, knots) {
  given <- lapply(spec$term, function(name) knots_as_given(spec, knots, name))
  number <- lengths(given)
  if (all(number > 0L)) {
    if (length(unique(number)) > 1L) {
      abort_basis(spec, "the knots of its covariates must be as many for each: they are ",
                  "places, one coordinate of each.")
    }
    places <- sweep(matrix(unlist(given), ncol = length(given)), 2L, centre)
    places <- unique_places(places)
    return(list(places = places, unique = nrow(places)))
  }
  places <- unique_places(x)
  most <- extra(spec, "max.knots")
  if (is.null(most)) most <- 2000
  if (!is_one_whole(most) || most < 1) {
    abort_basis(spec, "xt = list(max.knots = ) must be one whole number.")
  }
  list(unique = nrow(places),
       places = if (nrow(places) > most) spread_places(places, most) else places)
}

#' Coordinates of places belong together: never sorted one by one
#' @noRd
knots_as_given <- function(spec, knots, name) {
  given_knots(spec, knots, name)
  as.numeric(knots[[name]])
}

#' @noRd
unique_places <- function(x) {
  x <- x[do.call(order, asplit(x, 2L)), , drop = FALSE]
  n <- nrow(x)
  same <- rowSums(x[-1L, , drop = FALSE] != x[-n, , drop = FALSE]) == 0
  x[c(TRUE, !same), , drop = FALSE]
}

#' As many of the places as are wanted, evenly from an order in which near ones follow
#' each other
#'
#' The order is that of bits of ranks, those of all covariates in turn (Morton, 1966). Of
#' one covariate these are quantiles. No random numbers are needed, and the order of the
#' rows has no influence.
#' @noRd
spread_places <- function(places, wanted) {
  n <- nrow(places)
  d <- ncol(places)
  bits <- min(16L, 52L %/% d)
  key <- numeric(n)
  for (j in seq_len(d)) {
    step <- floor((rank(places[, j]) - 0.5) / n * 2^bits)
    for (bit in seq_len(bits) - 1L) {
      key <- key + (step %/% 2^bit %% 2) * 2^(bit * d + j - 1)
    }
  }
  # Ties of the key stay in the order of unique_places().
  places <- places[order(key), , drop = FALSE]
  taken <- places[round(seq(1, n, length.out = wanted)), , drop = FALSE]
  unique_places(taken)
}

#' `k`, no more than the places that there are
#' @noRd
isotropic_size <- function(spec, at, default, least) {
  k <- requested_size(spec, default, least)
  k <- supported_size(spec, k, least, at$unique)
  if (k <= nrow(at$places)) return(k)
  abort_basis(spec, "xt = list(max.knots = ", nrow(at$places), ") is below k = ", k, ".")
}
