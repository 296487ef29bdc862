# Smooths for each level of a factor: "fs", which are random curves, and "sz", which are
# deviations that sum to zero over the levels.
#
# fs: a copy of one basis for each level, all with the same smoothing parameters. So
# that a curve is penalised as a whole, as a random effect is, each function that the
# penalty of the basis leaves alone has a ridge penalty of its own: for a cubic spline
# the penalties are on wiggles, on constants (random intercepts) and on straight lines
# (random slopes). The first is the penalty of the basis, its functions are made
# orthogonal over the data to the others, and these are orthogonal to each other with a
# mean square of one, so that they do not depend on where zero is.
#
# sz: coefficients b_ki of function i at level k with sum_k b_ki = 0, so that
# f(x) + f_k(x) can be told apart. With several factors they sum to zero over each. The
# last level is minus the sum of the others.
#
# Source: Pedersen, E. J. et al. (2019) Hierarchical generalized additive models in
# ecology. PeerJ 7, e6876, models GS and S; the documentation of mgcv.

#' @export
#' @noRd
smooth_basis.fs_smooth <- function(spec, data, knots) {
  roles <- factor_roles(spec, data, "fs")
  if (length(roles$factors) > 1L) {
    abort_compound(spec$label, "a smooth \"fs\" has one factor, but ",
                   name_ticks(roles$factors), " are factors. Write their interaction ",
                   "as a factor of its own, or use bs = \"sz\".")
  }
  inner <- inner_basis(spec, data, knots, roles$numeric)
  split <- natural_split(inner, data[roles$numeric], orthogonal = TRUE)
  levels <- levels_present(data[[roles$factors]])
  columns <- as.integer(inner$columns * length(levels))
  penalties <- if (isTRUE(spec$fixed)) list()
               else fs_penalties(ncol(split$range), ncol(split$null))
  structure(
    list(bs = spec$bs, term = spec$term, columns = columns, S = penalties,
         rank = vapply(penalties, function(s) {
           as.integer(sum(diag(s))) * length(levels)
         }, 0L),
         null_dim = if (isTRUE(spec$fixed)) columns else 0L, copies = length(levels),
         constraint = "none", side = FALSE, random = FALSE, basis = inner,
         map = cbind(split$range, split$null), factor = roles$factors, levels = levels),
    class = c("fs_basis", "gamut_basis")
  )
}

#' @export
#' @noRd
basis_matrix.fs_basis <- function(basis, data) {
  rows <- block_rows(basis, data)
  x <- matrix(0, length(rows$code), basis$columns)
  size <- ncol(rows$values)
  for (k in unique(rows$code[which(rows$code > 0L)])) {
    at <- which(rows$code == k)
    x[at, (k - 1L) * size + seq_len(size)] <- rows$values[at, ]
  }
  x[is.na(rows$code) | is.na(rowSums(rows$values)), ] <- NA
  x
}

#' On one level: the identity for wiggles, and one for each function that has none
#' @noRd
fs_penalties <- function(rank, flat) {
  wiggles <- diag(rep(c(1, 0), c(rank, flat)), rank + flat)
  ridges <- lapply(seq_len(flat), function(i) {
    diag(as.numeric(seq_len(rank + flat) == rank + i), rank + flat)
  })
  c(list(wiggles), ridges)
}

#' @export
#' @noRd
smooth_basis.sz_smooth <- function(spec, data, knots) {
  roles <- factor_roles(spec, data, "sz")
  inner <- inner_basis(spec, data, knots, roles$numeric)
  levels <- lapply(data[roles$factors], levels_present)
  single <- lengths(levels) < 2L
  if (any(single)) {
    abort_compound(spec$label, "the factor ", name_ticks(roles$factors[single]), " has ",
                   "one level alone, so that there are no differences between levels.")
  }
  columns <- as.integer(inner$columns * prod(lengths(levels) - 1L))
  check_factor_size(columns, inner$columns, spec$label)
  basis <- structure(
    list(bs = spec$bs, term = spec$term, columns = columns, S = list(), rank = integer(),
         null_dim = columns, constraint = "none", side = FALSE, random = FALSE,
         basis = inner, factors = roles$factors, levels = levels, block = inner$columns),
    class = c("sz_basis", "gamut_basis")
  )
  if (!isTRUE(spec$fixed)) basis <- add_level_penalties(basis, shared = !is.null(spec$id))
  basis
}

#' @export
#' @noRd
basis_matrix.sz_basis <- function(basis, data) {
  contrasts <- Map(function(values, levels) {
    contrast <- sum_contrast(length(levels))
    code <- number_levels(values, levels)
    # row 1 is for levels that are unknown
    rbind(0, contrast)[code + 1L, , drop = FALSE]
  }, data[basis$factors], basis$levels)
  inner <- basis_matrix(basis$basis, data[basis$basis$term])
  row_kronecker(c(unname(contrasts), list(inner)))
}

#' A penalty for the curve of each combination of levels; with an `id` one for all
#' @noRd
add_level_penalties <- function(basis, shared) {
  contrast <- Reduce(kronecker, lapply(lengths(basis$levels), sum_contrast))
  inner <- basis$basis
  differences <- ncol(contrast)
  basis$null_dim <- as.integer((inner$columns - inner$rank[[1L]]) * differences)
  if (shared) {
    basis$S <- list(kronecker(crossprod(contrast), inner$S[[1L]]))
    basis$rank <- as.integer(inner$rank[[1L]] * differences)
  } else {
    basis$S <- lapply(seq_len(nrow(contrast)), function(k) {
      kronecker(tcrossprod(contrast[k, ]), inner$S[[1L]])
    })
    basis$rank <- rep(as.integer(inner$rank[[1L]]), nrow(contrast))
  }
  basis
}

#' Effects of all levels from those of all but the last, which sum to zero
#' @noRd
sum_contrast <- function(levels) rbind(diag(levels - 1L), -1)

#' Which covariates are factors, and which are arguments of the curves?
#' @noRd
factor_roles <- function(spec, data, bs) {
  absent <- setdiff(spec$term, names(data))
  if (length(absent)) {
    abort_compound(spec$label, "there is no covariate ", name_ticks(absent),
                   " in the data.")
  }
  is_level <- vapply(data[spec$term], function(x) is.factor(x) || is.character(x), NA)
  if (!any(is_level)) {
    abort_compound(spec$label, "a smooth \"", bs, "\" is one for each level of a ",
                   "factor, but none of ", name_ticks(spec$term), " is a factor.")
  }
  if (all(is_level)) {
    abort_compound(spec$label, "a smooth \"", bs, "\" needs a covariate that is a ",
                   "number beside its factor. For effects of levels alone write ",
                   "bs = \"re\", or (1 | ", spec$term[[1L]], ").")
  }
  list(factors = spec$term[is_level], numeric = spec$term[!is_level])
}

#' The basis that each level has a copy of, chosen by `xt`: a name, or a list with `bs`
#' @noRd
inner_basis <- function(spec, data, knots, term) {
  xt <- spec$xt
  bs <- (if (is.list(xt)) xt$bs else xt) %||% "tp"
  if (!is.character(bs) || length(bs) != 1L || is.na(bs) || bs %in% joint_bases) {
    abort_compound(spec$label, "`xt` chooses the basis of each level, as in xt = ",
                   "\"cr\" or xt = list(bs = \"cr\"); it cannot be ",
                   describe_values(bs), ".")
  }
  rest <- if (is.list(xt)) xt[setdiff(names(xt), "bs")]
  inner <- structure(
    list(bs = bs, term = term, k = spec$k, m = spec$m, xt = if (length(rest)) rest,
         fixed = FALSE, label = spec$label),
    class = c(paste0(bs, "_smooth"), "gamut_basis_spec")
  )
  check_margin_data(list(inner), data, spec$label)
  margin_basis(inner, data, knots)
}

#' @noRd
check_factor_size <- function(columns, block, label) {
  if (columns <= tensor_limits[["most"]]) return(invisible())
  abort_compound(
    label, block, " columns for each level make ",
    format(columns, big.mark = ",", scientific = FALSE), ", and each of its penalties ",
    "would take ", format(8 * columns^2 / 1e9, digits = 2L), " GB. Give a smaller `k`: ",
    "up to ", format(tensor_limits[["most"]], big.mark = ","), " columns are possible.",
    columns = columns
  )
}

#' Levels that occur: others have no data, and their effects are zero
#' @noRd
levels_present <- function(x) levels(droplevels(as.factor(x)))

#' For each value the number of its level, 0 for one that is unknown
#' @noRd
number_levels <- function(x, levels) {
  x <- as.character(x)
  code <- match(x, levels, nomatch = 0L)
  code[is.na(x)] <- NA
  code
}
