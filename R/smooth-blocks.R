# Smooths with a block of coefficients for each level of a factor, all with the same
# penalties: curves "fs" and random effects "re".
#
# A row has columns of its own level alone, so that the engine keeps them as it does
# random effects: a code and b numbers z_i a row, whatever the number m of levels,
#   f(row) = z_i' c_code,   c of b x m,   penalties I_m (x) S_j with S_j of b x b.
#
# Up to `joint_limit` coefficients such a smooth is like any other. A larger one stands
# apart: the covariance of its coefficients with all others would be a matrix that is
# too large. Of it there are the covariances of each level's block, and what else is asked
# for the engine makes from the factor (`mixed_state.hpp`), as for random effects.

#' Most coefficients of a smooth in the covariance of all coefficients
#' @noRd
joint_limit <- 500L

#' Is a smooth with blocks stored by the codes of its rows, and does it stand apart?
#' @param items Variables by key.
#' @noRd
with_storage <- function(piece, items) {
  covariates <- items[c(piece$covariates, piece$by)]
  piece$grouped <- piece$copies > 1L && length(piece$S) > 0L && is.null(piece$id) &&
    !is.null(block_codes(piece$basis)) && !any(vapply(covariates, is.matrix, NA))
  piece$apart <- piece$grouped && piece$columns > joint_limit
  if (!piece$grouped && piece$copies > 1L) {
    check_factor_size(piece$columns, piece$columns %/% piece$copies, piece$term)
  }
  piece
}

#' Covariates of a basis with blocks whose levels number these, with the levels; NULL for
#' other bases
#'
#' A further kind of basis with blocks has methods for this, for `block_values()` and for
#' `with_levels()`.
#' @noRd
block_codes <- function(basis) UseMethod("block_codes")

#' @export
#' @noRd
block_codes.default <- function(basis) NULL

#' @export
#' @noRd
block_codes.fs_basis <- function(basis) {
  stats::setNames(list(basis$levels), basis$factor)
}

#' Those of random effects have blocks of one coefficient: not beside a numeric matrix
#' @export
#' @noRd
block_codes.re_basis <- function(basis) {
  known <- Filter(Negate(is.null), basis$levels)
  if (length(known) && prod(lengths(known)) == basis$columns) known
}

#' The b columns that the block of a row's level has there, n x b
#' @noRd
block_values <- function(basis, data) UseMethod("block_values")

#' @export
#' @noRd
block_values.fs_basis <- function(basis, data) margin_matrix(basis, data)

#' @export
#' @noRd
block_values.re_basis <- function(basis, data) {
  numbers <- data[setdiff(basis$term, names(block_codes(basis)))]
  one <- rep(1, NROW(data[[1L]]))
  matrix(Reduce(`*`, lapply(numbers, as.double), one))
}

#' The basis of other levels: a list as of `block_codes()`
#' @noRd
with_levels <- function(basis, levels) UseMethod("with_levels")

#' @export
#' @noRd
with_levels.fs_basis <- function(basis, levels) {
  basis$levels <- levels[[1L]]
  basis
}

#' @export
#' @noRd
with_levels.re_basis <- function(basis, levels) {
  basis$levels[names(levels)] <- levels
  basis
}

#' Penalty j over all coefficients
#' @noRd
whole_penalty <- function(piece, j) {
  copies <- piece$copies %||% 1L
  if (copies == 1L) piece$S[[j]] else kronecker(diag(copies), piece$S[[j]])
}

#' A basis with its penalties over all coefficients
#' @noRd
whole_basis <- function(basis) {
  basis$S <- lapply(seq_along(basis$S), whole_penalty, piece = basis)
  basis$copies <- NULL
  basis
}

#' For each row the number of its block, 0 where a level is unknown and `NA` where it is
#' missing
#' @noRd
block_number <- function(basis, data) {
  levels <- block_codes(basis)
  code <- 1
  step <- 1
  for (name in names(levels)) {
    own <- number_levels(data[[name]], levels[[name]])
    code <- ifelse(own == 0L | code == 0, 0, code + step * (own - 1))
    step <- step * length(levels[[name]])
  }
  as.integer(code)
}

#' @return list: `code`, see `block_number()`; `values`, see `block_values()`.
#' @noRd
block_rows <- function(basis, data) {
  list(code = block_number(basis, data), values = block_values(basis, data))
}

#' The same of a piece, times its by-variable
#' @noRd
piece_blocks <- function(piece, variables) {
  rows <- block_rows(piece$basis, covariate_data(piece, variables))
  if (!is.null(piece$by)) {
    rows$values <- rows$values * by_values(piece, variables[[piece$by]])
  }
  rows
}

#' The storage of a piece by blocks
#'
#' Rows of new data may be of a level that the fit does not know: these get a level
#' behind the last, which no coefficient belongs to.
#' @noRd
block_storage <- function(piece, p, registry) {
  # made once, and only where its columns are not there yet
  delayedAssign("rows", piece_blocks(piece, registry$frame$variables))
  key <- paste("blocks", p, piece$label, sep = "\r")
  levels <- piece$copies
  size <- piece$columns %/% levels
  codes <- column_id(registry, paste0(key, "\rcodes"), {
    code <- rows$code
    code[is.na(code) | code == 0L] <- levels + 1L
    code
  })
  unknown <- any(registry$columns[[codes]] > levels)
  z <- lapply(seq_len(size), function(j) {
    list(vars = column_id(registry, paste0(key, "\r", j), rows$values[, j]),
         tables = list(NULL))
  })
  plain <- size == 1L && all(registry$columns[[z[[1L]]$vars]] == 1)
  list(kind = "index", codes = codes, levels = levels + unknown,
       map = if (unknown) c(seq_len(piece$columns), integer(size)), contrast = NULL,
       z = if (!plain) z)
}

#' Smooths that are part of the covariance of all coefficients
#' @noRd
joint_smooths <- function(smooths) Filter(function(s) !isTRUE(s$piece$apart), smooths)

#' @noRd
has_apart <- function(object) {
  length(joint_smooths(object$smooths)) < length(object$smooths)
}

#' Has a fit coefficients, of random effects or smooths apart, whose covariances are known
#' from the engine's factor alone?
#' @noRd
needs_factor <- function(object) length(object$random) > 0L || has_apart(object)

#' A frame without the smooths apart
#' @noRd
without_apart <- function(frame) {
  frame$predictors <- lapply(frame$predictors, function(p) {
    p$smooths <- Filter(function(s) !isTRUE(s$pieces[[1L]]$apart), p$smooths)
    p
  })
  frame
}

#' What a smooth contributes to the linear predictor of each row, and its standard error:
#' 0 in rows of levels that the fit does not know
#' @return list: `fit`, and where it is asked for `se`.
#' @noRd
smooth_at <- function(object, smooth, variables, se) {
  piece <- smooth$piece
  if (isTRUE(piece$apart) || (isTRUE(piece$grouped) && !se)) {
    rows <- piece_blocks(piece, variables)
    fit <- block_products(rows$values, rows$code, smooth$coefficients)
    if (!se) return(list(fit = fit))
    errors <- block_errors(rows$values, rows$code, level_covariances(smooth))
    return(list(fit = fit, se = errors))
  }
  x <- piece_matrix(piece, variables)
  fit <- drop(x %*% smooth$coefficients)
  if (!se) return(list(fit = fit))
  v <- object$joint$bayesian[smooth$position, smooth$position, drop = FALSE]
  list(fit = fit, se = combination_errors(x, v))
}

#' z_i'c of the level of each row; 0 where it is unknown
#' @param values n x b, `code` n, `coefficients` of all levels.
#' @noRd
block_products <- function(values, code, coefficients) {
  blocks <- cbind(0, matrix(coefficients, ncol(values)))
  rowSums(values * t(blocks[, code + 1L, drop = FALSE]))
}

#' sqrt(z_i'V z_i) with V of the level of each row
#' @param blocks b x (b m).
#' @noRd
block_errors <- function(values, code, blocks) {
  size <- ncol(values)
  first <- (code - 1L) * size
  first[code == 0L] <- NA
  variance <- numeric(length(code))
  for (j in seq_len(size)) {
    for (i in seq_len(size)) {
      variance <- variance + values[, i] * values[, j] * blocks[i, first + j]
    }
  }
  variance[code == 0L] <- 0
  sqrt(pmax(variance, 0))
}

#' Covariances of the coefficients of each level of a smooth apart, b x (b m)
#' @noRd
level_covariances <- function(smooth) {
  if (length(smooth$blocks)) return(smooth$blocks)
  if (is.null(smooth$blocks)) abort_no_joint()
  abort_iterative(paste0("`", smooth$label, "`: the variances of single coefficients ",
                         "are"))
}

#' @noRd
level_block <- function(smooth, at) {
  size <- nrow(smooth$blocks)
  smooth$blocks[, (at - 1L) * size + seq_len(size), drop = FALSE]
}

#' A piece with the first level of its factors alone, as if the points of a grid were all
#' of it: their columns are those of any level
#' @return list(`piece`, `grid`, `number`: the names of its other covariates).
#' @noRd
of_first_level <- function(piece, grid) {
  first <- lapply(block_codes(piece$basis), `[`, 1L)
  keys <- piece$covariates[match(names(first), piece$basis$term)]
  for (i in seq_along(first)) {
    grid[[keys[i]]] <- factor(rep(first[[i]], length(grid[[keys[i]]])),
                              piece$xlevels[[keys[i]]])
  }
  size <- piece$columns %/% piece$copies
  piece$basis <- with_levels(piece$basis, first)
  piece$basis$columns <- size
  piece[c("columns", "copies")] <- list(size, 1L)
  list(piece = piece, grid = grid, number = setdiff(piece$covariates, keys))
}

#' Covariances of some coefficients with each other, smooths apart among them
#' @param position Their numbers.
#' @param frame The frame of the fit, which may not have kept it.
#' @noRd
coefficient_covariances <- function(object, position, frame) {
  object$frame <- frame
  require_data(object, "The covariance between levels")
  object$dispersion * state_of(
    coefficient_covariance_cpp(fit_problem(object), mixed_estimates(object), position)
  )
}
