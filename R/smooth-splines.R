# Splines of one covariate: cubic regression splines, P-splines, B-splines with derivative
# penalties, adaptive ones. Definitions, default knots and default sizes are those of
# Wood (2017) Generalized Additive Models, ch. 5, as in package mgcv.

#' Cubic regression splines: `k` values at knots, by default quantiles of unique values
#' @export
#' @noRd
smooth_basis.cr_smooth <- function(spec, data, knots) {
  at <- regression_knots(spec, data, knots, least = 3)
  k <- length(at)
  new_basis(spec, k, list(cubic_penalty_cpp(at, FALSE)), k - 2, 2, knots = at,
            class = "cr_basis")
}

#' With a penalty on lines and constants too
#' @export
#' @noRd
smooth_basis.cs_smooth <- function(spec, data, knots) {
  basis <- smooth_basis.cr_smooth(spec, data, knots)
  if (spec$fixed) return(basis)
  basis$S[[1L]] <- shrink_lines(basis$S[[1L]], basis$knots)
  basis$rank <- basis$columns
  basis$null_dim <- 0L
  basis
}

#' A tenth of the least eigenvalue for lines, a tenth of that for constants
#'
#' mgcv takes these two numbers for the two null eigenvectors in whatever order and
#' rotation rounding left them. Constants are absorbed when a term is centred, so that
#' lines are to have the larger one.
#' @noRd
shrink_lines <- function(penalty, knots) {
  k <- length(knots)
  least <- eigen(penalty, symmetric = TRUE, only.values = TRUE)$values[[k - 2L]]
  line <- knots - mean(knots)
  line <- line / sqrt(sum(line^2))
  penalty + least * (0.1 * outer(line, line) + 0.01 / k)
}

#' @export
#' @noRd
smooth_basis.cc_smooth <- function(spec, data, knots) {
  at <- regression_knots(spec, data, knots, least = 4)
  k <- length(at)
  new_basis(spec, k - 1, list(cubic_penalty_cpp(at, TRUE)), k - 2, 1, knots = at)
}

#' Knots of cr, cs and cc: all given, or quantiles of the unique values
#'
#' Two knots of a cyclic spline are its ends, quantiles then of these and the data.
#' @noRd
regression_knots <- function(spec, data, knots, least) {
  x <- one_covariate(spec, data)
  given <- given_knots(spec, knots)
  if (spec$bs == "cc" && length(given) == 2L) {
    x <- c(given, x)
  } else if (!is.null(given)) {
    if (!has_default_size(spec)) {
      check_knot_number(spec, given, requested_size(spec, 10, least))
    }
    if (length(given) < least || anyDuplicated(given)) {
      abort_basis(spec, "bs = \"", spec$bs, "\" takes at least ", least,
                  " different knots.")
    }
    return(given)
  }
  values <- sorted_unique_cpp(x)
  k <- supported_size(spec, requested_size(spec, 10, least), least, length(values))
  quantiles_of_sorted(values, seq(0, 1, length.out = k))
}

#' Of the kind that `quantile()` has by default
#' @noRd
quantiles_of_sorted <- function(values, shares) {
  place <- 1 + (length(values) - 1) * shares
  low <- pmin(floor(place + 4 * .Machine$double.eps), length(values))
  high <- pmin(low + 1, length(values))
  part <- pmax(place - low, 0)
  (1 - part) * values[low] + part * values[high]
}

#' @export
#' @noRd
basis_matrix.cr_basis <- function(basis, data) {
  rows_where_finite(basis, data, function(x) {
    cubic_matrix_cpp(x[, 1L], basis$knots, FALSE)
  })
}

#' @export
#' @noRd
basis_matrix.cc_basis <- function(basis, data) {
  rows_where_finite(basis, data, function(x) {
    cubic_matrix_cpp(x[, 1L], basis$knots, TRUE)
  })
}

#' P-splines: `m[1]` + 1 is the degree, `m[2]` the order of the differences
#'
#' Source: Eilers & Marx (1996) Stat. Sci. 11, 89-121.
#' @export
#' @noRd
smooth_basis.ps_smooth <- function(spec, data, knots) {
  m <- difference_orders(spec)
  degree <- m[[1L]] + 1
  at <- b_spline_knots(spec, data, knots, degree, default = max(10, m[[1L]] + 1),
                       least = max(degree + 1, m[[2L]] + 1))
  k <- length(at) - degree - 1
  penalty <- crossprod(differences(k, m[[2L]]))
  new_basis(spec, k, list(penalty), k - m[[2L]], m[[2L]], knots = at, degree = degree,
            class = "ps_basis")
}

#' `m` of P-splines: one number stands for both
#' @noRd
difference_orders <- function(spec) {
  m <- whole_orders(spec)
  if (length(m) > 2L) abort_basis(spec, "m must be one or two whole numbers.")
  m <- rep_len(m, 2L)
  m[is.na(m)] <- 2
  check_degree(spec, m[[1L]] + 1)
  m
}

#' @noRd
check_degree <- function(spec, degree) {
  if (degree <= 15) return(invisible())
  abort_basis(spec, "splines have at most degree 15, but m asks for ", degree, ".")
}

#' @noRd
differences <- function(k, order) {
  if (order == 0) diag(k) else diff(diag(k), differences = order)
}

#' All knots of B-splines: equally spaced over the range of the data, or of the two given
#' ends, made wider by 0.1 percent on either side, and `degree` more beyond each end
#' @noRd
b_spline_knots <- function(spec, data, knots, degree, default, least) {
  x <- one_covariate(spec, data)
  given <- given_knots(spec, knots)
  if (length(given) > 2L && !is_four_knots(spec, given, degree, default)) {
    return(all_given_knots(spec, x, given, degree, least))
  }
  k <- requested_size(spec, default, least)
  if (length(given) == 4L) return(around_four_knots(given, k, degree))
  ends <- if (is.null(given)) range(x) else range(given)
  if (length(given)) check_knots_cover(spec, x, ends)
  k <- supported_size(spec, k, least, length(unique(x)), enough = 2)
  ends <- ends + c(-0.001, 0.001) * diff(ends)
  inner <- k - degree + 1
  step <- diff(ends) / (inner - 1)
  seq(ends[[1L]] - step * degree, ends[[2L]] + step * degree,
      length.out = inner + 2 * degree)
}

#' @noRd
all_given_knots <- function(spec, x, given, degree, least) {
  if (has_default_size(spec)) {
    if (length(given) < least + degree + 1) {
      abort_basis(spec, "this basis takes at least ", least + degree + 1,
                  " knots, or the two ends of its range.")
    }
  } else {
    check_knot_number(spec, given, requested_size(spec, least, least) + degree + 1)
  }
  ends <- given[c(degree + 1, length(given) - degree)]
  if (any(diff(given, lag = degree + 1) <= 0)) {
    abort_basis(spec, "no more than ", degree + 1, " of its knots may be the same.")
  }
  check_knots_cover(spec, x, ends)
  given
}

#' Four knots of bs = "bs" are the ends of all and of the inner knots
#' @noRd
is_four_knots <- function(spec, given, degree, default) {
  k <- if (has_default_size(spec)) default else spec$k
  spec$bs == "bs" && length(given) == 4L && k + degree + 1 > 4
}

#' @noRd
around_four_knots <- function(given, k, degree) {
  inner <- k - degree + 1
  reach <- degree * (given[[4L]] - given[[1L]]) / (inner - 1)
  c(seq(given[[1L]] - reach, given[[1L]], length.out = degree + 1),
    seq(given[[2L]], given[[3L]], length.out = max(0, inner - 2)),
    seq(given[[4L]], given[[4L]] + reach, length.out = degree + 1))
}

#' Cyclic P-splines: `k` + 1 knots of one period, differences come round
#' @export
#' @noRd
smooth_basis.cp_smooth <- function(spec, data, knots) {
  m <- difference_orders(spec)
  x <- one_covariate(spec, data)
  given <- given_knots(spec, knots)
  least <- max(m + 1)
  if (length(given) > 2L) {
    k <- length(given) - 1
    if (!has_default_size(spec)) k <- requested_size(spec, 10, least)
    check_knot_number(spec, given, k + 1)
    if (k < least || anyDuplicated(given)) {
      abort_basis(spec, "this basis takes at least ", least + 1, " different knots.")
    }
  } else {
    k <- requested_size(spec, max(10, m[[1L]]), least)
    k <- supported_size(spec, k, least, length(unique(x)), enough = 2)
    if (is.null(given)) given <- range(x)
  }
  check_knots_cover(spec, x, range(given))
  if (length(given) == 2L) {
    given <- seq(given[[1L]], given[[2L]], length.out = k + 1)
  }
  penalty <- crossprod(cyclic_differences(k, m[[2L]]))
  null_dim <- if (m[[2L]] == 0) 0 else 1
  new_basis(spec, k, list(penalty), k - null_dim, null_dim, knots = given,
            degree = m[[1L]] + 1)
}

#' @noRd
cyclic_differences <- function(k, order) {
  out <- diag(k)
  for (step in seq_len(order)) out <- out[c(seq_len(k)[-1L], 1L), ] - out
  out
}

#' @export
#' @noRd
basis_matrix.cp_basis <- function(basis, data) {
  rows_where_finite(basis, data, function(x) {
    periodic_matrix_cpp(x[, 1L], basis$knots, basis$degree)
  })
}

#' B-splines: `m[1]` is the degree, each further number the order of a derivative in a
#' penalty
#'
#' Source: Wood (2017) Stat. Comput. 27, 985-989.
#' @export
#' @noRd
smooth_basis.bs_smooth <- function(spec, data, knots) {
  m <- derivative_orders(spec)
  degree <- m[[1L]]
  orders <- m[-1L]
  at <- b_spline_knots(spec, data, knots, degree, default = max(10, degree),
                       least = max(degree + 1, orders + 1))
  k <- length(at) - degree - 1
  S <- lapply(orders, function(order) b_spline_penalty_cpp(at, degree, order))
  new_basis(spec, k, S, k - orders, min(orders), knots = at, degree = degree,
            class = "ps_basis")
}

#' `m` of B-splines: by default cubic ones, else the order of the penalty is one below the
#' degree
#' @noRd
derivative_orders <- function(spec) {
  m <- whole_orders(spec)
  if (length(m) == 1L) m <- c(m, NA)
  if (anyNA(m[-(1:2)])) abort_basis(spec, "only the first two numbers of m may be NA.")
  if (is.na(m[[1L]])) m[[1L]] <- if (is.na(m[[2L]])) 3 else m[[2L]] + 1
  if (is.na(m[[2L]])) m[[2L]] <- max(0, m[[1L]] - 1)
  check_degree(spec, m[[1L]])
  if (any(m[-1L] > m[[1L]]) || anyDuplicated(m[-1L])) {
    abort_basis(spec, "m[1] is the degree of its splines. The derivatives that are ",
                "penalised, m[2], m[3], ..., must differ and be of no higher order.")
  }
  m
}

#' Beyond the ends a P-spline goes on as a line, with the slope that it has inside. (For
#' splines of degree 1 mgcv takes the slope at the upper end from beyond it.)
#' @export
#' @noRd
basis_matrix.ps_basis <- function(basis, data) {
  rows_where_finite(basis, data, function(x) {
    b_spline_matrix_cpp(x[, 1L], basis$knots, basis$degree)
  })
}

#' Adaptive P-splines: `m` penalties, each on second differences with weights that are
#' themselves B-splines along the covariate
#'
#' `xt = list(bs = )` takes other splines: cr and cc with equally spaced knots, and cp.
#' @export
#' @noRd
smooth_basis.ad_smooth <- function(spec, data, knots) {
  if (length(spec$term) != 1L) {
    abort_basis(spec, "bs = \"ad\" is for one covariate.")
  }
  base <- adaptive_base(spec, data, knots)
  penalties <- whole_orders(spec)[[1L]]
  if (is.na(penalties)) penalties <- 5
  k <- base$columns
  if (penalties >= k - 2) {
    abort_basis(spec, "m, the number of its penalties, must be below k - 2 = ", k - 2,
                ".")
  }
  if (penalties == 0) spec$fixed <- TRUE
  S <- base$S
  if (penalties > 1) S <- adaptive_penalties(k, penalties, base$bs)
  new_basis(spec, k, S, vapply(S, penalty_rank, 0L), base$null_dim, class = class(base),
            knots = base$knots, degree = base$degree)
}

#' @noRd
adaptive_base <- function(spec, data, knots) {
  base <- extra(spec, "bs")[1L]
  if (is.null(base) || !base %in% c("cr", "cc", "ps", "cp")) base <- "ps"
  spec$bs <- base
  if (has_default_size(spec)) spec$k <- 40
  spec$m <- NA
  spec$fixed <- FALSE
  class(spec) <- c(paste0(base, "_smooth"), "gamut_basis_spec")
  if (is.null(given_knots(spec, knots)) && base %in% c("cr", "cc")) {
    x <- one_covariate(spec, data)
    k <- supported_size(spec, requested_size(spec, 40, 4), 4, length(unique(x)))
    spec$k <- k
    knots <- stats::setNames(list(seq(min(x), max(x), length.out = k)), spec$term)
  }
  smooth_basis(spec, data, knots)
}

#' @noRd
adaptive_penalties <- function(k, penalties, base) {
  second <- differences(k, 2)
  weights <- adaptive_weights(k - 2, penalties, base)
  apply(weights, 2L, function(w) crossprod(second, w * second), simplify = FALSE)
}

#' The number of eigenvalues that are not 0 but for rounding
#' @noRd
penalty_rank <- function(penalty) {
  values <- eigen(penalty, symmetric = TRUE, only.values = TRUE)$values
  sum(values > max(values) * .Machine$double.eps^0.9)
}

#' Weights of the differences, a column for each penalty
#' @noRd
adaptive_weights <- function(size, penalties, base) {
  x <- seq_len(size) / (size + 2)
  if (penalties == 2) return(cbind(1, x, deparse.level = 0))
  spec <- list(bs = if (base %in% c("cc", "cp")) "cp" else "ps", term = "x",
               k = penalties, m = if (penalties == 3) 1 else 2, xt = NULL, fixed = TRUE,
               label = "penalties of s()")
  class(spec) <- c(paste0(spec$bs, "_smooth"), "gamut_basis_spec")
  basis_matrix(smooth_basis(spec, list(x = x), NULL), list(x = x))
}
