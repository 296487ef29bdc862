# Concurvity: how much of a term could the other terms of the model imitate?
#
# The columns X_i of a term span a space of functions; so do those of the others. With P
# the projection onto the others and f = X_i b,
#
#   worst    = max over b of |P f|^2 / |f|^2, the squared cosine of the smallest angle
#              between the two spaces,
#   observed = |P f|^2 / |f|^2 at the estimated coefficients,
#   estimate = |P X_i|^2 / |X_i|^2 in the Frobenius norm, an average over b.
#
# All are between 0, orthogonal, and 1, a term that is not identifiable. These are the
# measures of concurvity() in the package mgcv (its help page defines them).

#' Indices of concurvity
#'
#' @param X n x p model matrix of the whole model (or any matrix of the same
#'   cross-product).
#' @param groups Named list of column numbers: the parametric part as one group, and each
#'   smooth.
#' @param coefficients All coefficients, p.
#' @param pairwise Compare each term with each other one, in place of with all others?
#' @return A matrix with rows `worst`, `observed`, `estimate` and a column for each group;
#'   with `pairwise` a list of three matrices of groups x groups, where column j says how
#'   much of term j term i can imitate. `observed` is `NaN` for a term that is exactly 0.
#' @section Errors: `gamut_error_argument` for groups that are not of columns of X, or
#'   overlap, and coefficients that do not fit.
#' @noRd
concurvity_indices <- function(X, groups, coefficients, # nolint: object_name.
                               pairwise = FALSE) {
  check_concurvity(X, groups, coefficients)
  root <- unpivoted_root(X)
  index <- function(i, others) concurvity_of(root, groups[[i]], others, coefficients)
  terms <- seq_along(groups)
  if (!check_flag(pairwise, "pairwise")) {
    found <- vapply(terms, function(i) index(i, unlist(groups[-i])), numeric(3L))
    colnames(found) <- names(groups)
    return(found)
  }
  pairs <- vapply(terms, function(j) {
    vapply(terms, function(i) index(j, groups[[i]]), numeric(3L))
  }, matrix(0, 3L, length(terms)))
  lapply(c(worst = 1L, observed = 2L, estimate = 3L), function(which) {
    matrix(pairs[which, , ], length(terms), dimnames = list(names(groups), names(groups)))
  })
}

#' @noRd
check_concurvity <- function(X, groups, coefficients) { # nolint: object_name.
  if (!is.matrix(X)) abort_argument("X", "a matrix", X)
  columns <- unlist(groups)
  fine <- is.list(groups) && length(groups) && all(lengths(groups) > 0L) &&
    all(columns %in% seq_len(ncol(X))) && !anyDuplicated(columns)
  if (!fine) {
    abort_argument("groups", paste("a list of disjoint numbers of columns from 1 to",
                                   ncol(X)), groups)
  }
  if (length(coefficients) != ncol(X)) {
    abort_argument("coefficients", paste(ncol(X), "numbers, one for each column"),
                   coefficients)
  }
}

#' @noRd
concurvity_of <- function(root, own, others, coefficients) {
  mine <- root[, own, drop = FALSE]
  base <- orthonormal_base(root[, others, drop = FALSE])
  seen <- crossprod(base, mine)
  squared <- function(x) sum(x^2)
  cosines <- crossprod(base, orthonormal_base(mine))
  largest <- if (length(cosines)) svd(cosines, 0L, 0L)$d[1L] else 0
  c(worst = min(1, largest^2),
    observed = squared(seen %*% coefficients[own]) / squared(mine %*% coefficients[own]),
    estimate = squared(seen) / squared(mine))
}

#' An orthonormal base of the space of columns, whatever its rank
#' @noRd
orthonormal_base <- function(x) {
  size <- sqrt(colSums(x^2))
  # a column that is small is not one that depends on others
  factor <- qr(sweep(x, 2L, ifelse(size > 0, size, 1), "/"), tol = 1e-10)
  qr.Q(factor)[, seq_len(factor$rank), drop = FALSE]
}
