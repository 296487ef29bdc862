# Tensor product smooths te() and ti(): smooths of several covariates that need not have
# a common scale.
#
# With marginal bases X_1, ..., X_m and penalties S_1, ..., S_m the columns are all
# products of one column of each margin, the first margin slowest, and there is one
# penalty for each margin, I x ... x S_j x ... x I, with S_j scaled to a largest
# eigenvalue of one. That one says how the function wiggles along covariate j, summed
# over the coefficients of the others, has its meaning only where these coefficients are
# values of the function: with `np` a margin of one covariate is reparametrised to its
# values at as many equally spaced points as it has columns. In ti() the margins sum to
# zero over the data first, so that no main effects are in their product.
#
# Source: Wood, S. N. (2006) Low-rank scale-invariant tensor product smooths for
# generalized additive mixed models. Biometrics 62, 1025-1036; Wood, S. N. (2017)
# Generalized additive models, 2nd edition, section 5.6.

#' Columns above which a smooth of products is refused, and above which it is remarked on
#' @noRd
tensor_limits <- c(most = 5000L, many = 500L)

#' Bases that take numbers alone, those whose coefficients are values of the function (or
#' of no order), and those that cannot be a margin
#' @noRd
numeric_bases <- c("tp", "ts", "cr", "cs", "cc", "ps", "cp", "bs", "ds", "gp", "ad")

#' @noRd
value_bases <- c("cr", "cs", "cc", "re", "mrf")

#' @noRd
joint_bases <- c("ad", "fs", "sz", "te", "ti", "t2")

#' Bases of te() and ti()
#'
#' @param spec A specification of class `"te_smooth"` or `"ti_smooth"`.
#' @param data Covariates by name.
#' @param knots `NULL`, or knots by covariate.
#' @export
#' @noRd
smooth_basis.te_smooth <- function(spec, data, knots) {
  tensor_basis(spec, data, knots, centred = FALSE, class = "te_basis")
}

#' @export
#' @noRd
smooth_basis.ti_smooth <- function(spec, data, knots) {
  tensor_basis(spec, data, knots, centred = TRUE, class = c("ti_basis", "te_basis"))
}

#' @export
#' @noRd
basis_matrix.te_basis <- function(basis, data) {
  row_kronecker(lapply(basis$margins, margin_matrix, data = data))
}

#' @noRd
tensor_basis <- function(spec, data, knots, centred, class) {
  specs <- margin_specs(spec)
  flags <- tensor_flags(spec, length(specs), centred)
  check_margin_data(specs, data, spec$label)
  margins <- Map(function(margin, centre) {
    tensor_margin(margin, data, knots, centre, flags$np)
  }, specs, flags$mc)
  columns <- vapply(margins, `[[`, 0L, "columns")
  check_tensor_size(columns, spec$label)
  free <- which(!flags$fixed)
  structure(
    list(
      bs = spec$bs, term = spec$term, columns = as.integer(prod(columns)),
      S = lapply(free, function(j) margin_penalty(margins[[j]]$S, columns, j)),
      rank = vapply(free, function(j) {
        as.integer(margins[[j]]$rank * prod(columns[-j]))
      }, 0L),
      null_dim = as.integer(prod(ifelse(flags$fixed, columns,
                                        vapply(margins, `[[`, 0L, "null_dim")))),
      constraint = tensor_constraint(margins, centred),
      side = TRUE, random = FALSE, margins = unname(margins)
    ),
    class = c(class, "gamut_basis")
  )
}

#' A product with a margin that is free of a constant's confounding needs no centring
#' @noRd
tensor_constraint <- function(margins, centred) {
  free <- vapply(margins, function(margin) {
    identical(margin$basis$constraint, "none")
  }, NA)
  if (centred || any(free)) "none" else "sum"
}

#' One margin: its basis, and what maps its columns to those that enter the product
#'
#' @return `basis`, `map` (`NULL` for the identity), `columns`, `S` with a largest
#'   eigenvalue of one, `rank` and `null_dim`.
#' @noRd
tensor_margin <- function(spec, data, knots, centre, np) {
  basis <- margin_basis(spec, data, knots)
  margin <- list(basis = basis, map = NULL, columns = as.integer(basis$columns),
                 S = basis$S[[1L]], rank = as.integer(basis$rank[[1L]]))
  if (centre) margin <- centre_margin(margin, data)
  if (np && length(spec$term) == 1L && !spec$bs %in% value_bases) {
    margin <- remap_margin(margin, margin_at_values(margin, data[[spec$term]], spec))
  }
  margin$S <- margin$S / largest_eigenvalue(margin$S)
  margin$null_dim <- margin$columns - margin$rank
  margin
}

#' @noRd
margin_basis <- function(spec, data, knots) {
  own <- knots[intersect(spec$term, names(knots))]
  basis <- smooth_basis(spec, data[spec$term], if (length(own)) own)
  if (length(basis$S) != 1L) {
    abort_compound(spec$label, "the basis \"", spec$bs, "\" of ", name_ticks(spec$term),
                   " has ", length(basis$S), " penalties, and a smooth made of it needs ",
                   "a basis with one.")
  }
  whole_basis(basis)
}

#' @noRd
margin_matrix <- function(margin, data) {
  x <- basis_matrix(margin$basis, data[margin$basis$term])
  if (is.null(margin$map)) x else x %*% margin$map
}

#' @noRd
remap_margin <- function(margin, map) {
  if (is.null(map)) return(margin)
  margin$map <- if (is.null(margin$map)) map else margin$map %*% map
  margin$S <- crossprod(map, margin$S %*% map)
  margin$S <- (margin$S + t(margin$S)) / 2
  margin$columns <- ncol(map)
  margin
}

#' The margin without the functions that its constraint forbids
#' @noRd
centre_margin <- function(margin, data) {
  constraint <- margin$basis$constraint
  if (identical(constraint, "none")) return(margin)
  if (identical(constraint, "sum")) {
    constraint <- matrix(colMeans(margin_matrix(margin, data)), 1L)
  }
  map <- orthogonal_rest(constraint)
  # of the null space of the penalty goes what the constraint sees
  flat <- penalty_null(margin$S, margin$rank)
  lost <- if (ncol(flat)) qr(constraint %*% flat, tol = 1e-8)$rank else 0L
  null_dim <- ncol(flat) - lost
  margin <- remap_margin(margin, map)
  margin$rank <- margin$columns - null_dim
  margin
}

#' Orthonormal basis of the vectors that `constraint` maps to zero
#' @noRd
orthogonal_rest <- function(constraint) {
  decomposition <- qr(t(constraint))
  qr.Q(decomposition, complete = TRUE)[, -seq_len(decomposition$rank), drop = FALSE]
}

#' The map from values at equally spaced points to coefficients, or `NULL`
#' @noRd
margin_at_values <- function(margin, x, spec) {
  if (!is.numeric(x)) return(NULL)
  grid <- list(seq(min(x), max(x), length.out = margin$columns))
  names(grid) <- spec$term
  parts <- svd(margin_matrix(margin, grid))
  if (min(parts$d) < .Machine$double.eps^0.66 * max(parts$d)) {
    warn_gamut(
      "`", spec$label, "`: the margin of ", name_ticks(spec$term), " is not determined ",
      "by its values at equally spaced points, so its coefficients are left as they ",
      "are. ",
      "Its knots may leave a stretch of the data empty.",
      class = "smooth", data = list(term = spec$label)
    )
    return(NULL)
  }
  parts$v %*% (t(parts$u) / parts$d)
}

#' @noRd
largest_eigenvalue <- function(s) {
  eigen(s, symmetric = TRUE, only.values = TRUE)$values[1L]
}

#' Orthonormal basis of the null space of a penalty of known rank
#' @noRd
penalty_null <- function(s, rank) {
  eigen(s, symmetric = TRUE)$vectors[, -seq_len(rank), drop = FALSE]
}

#' All products of one column of each matrix, those of the first slowest
#' @noRd
row_kronecker <- function(matrices) Reduce(multiply_rows, matrices)

#' @noRd
multiply_rows <- function(a, b) {
  block <- seq_len(ncol(b))
  x <- matrix(0, nrow(a), ncol(a) * ncol(b))
  for (j in seq_len(ncol(a))) x[, (j - 1L) * ncol(b) + block] <- a[, j] * b
  x
}

#' I x S x I, where S stands at margin `j` of margins with so many columns
#'
#' Written entry by entry: kronecker() would hold several copies of it.
#' @noRd
margin_penalty <- function(s, columns, j) {
  before <- prod(columns[seq_len(j - 1L)])
  after <- prod(columns[-seq_len(j)])
  size <- columns[[j]]
  shift <- outer(seq_len(after), (seq_len(before) - 1L) * size * after, `+`)
  penalty <- matrix(0, prod(columns), prod(columns))
  for (column in seq_len(size)) {
    for (row in seq_len(size)) {
      at <- cbind(c(shift) + (row - 1L) * after, c(shift) + (column - 1L) * after)
      penalty[at] <- s[row, column]
    }
  }
  penalty
}

#' @noRd
check_tensor_size <- function(columns, label) {
  total <- prod(columns)
  size <- paste0(paste(columns, collapse = " x "), " = ",
                 format(total, big.mark = ",", scientific = FALSE), " columns")
  if (total > tensor_limits[["most"]]) {
    abort_compound(
      label, "its bases make ", size, ", and each of its penalties would take ",
      format(8 * total^2 / 1e9, digits = 2L), " GB. Give smaller values of `k`: up to ",
      format(tensor_limits[["most"]], big.mark = ","), " columns are possible.",
      columns = total
    )
  }
  if (total > tensor_limits[["many"]]) {
    inform_gamut(
      "`", label, "` has ", size, ". A fit takes time in proportion to their cube; a ",
      "smaller `k` makes it faster.",
      class = "basis", data = list(term = label, columns = total)
    )
  }
}

#' An error of a smooth that is made of others
#' @noRd
abort_compound <- function(label, ..., columns = NULL) {
  # a field that is NULL is none
  data <- c(list(term = label), list(columns = columns)[!is.null(columns)])
  abort_gamut("`", label, "`: ", ..., class = "smooth", data = data)
}

#' @noRd
name_ticks <- function(names) paste0("`", names, "`", collapse = ", ")
