# The matrices of a model, for estimators of one's own.

#' Response, model matrices, random-effects matrices and bases of a fit
#'
#' What an estimator of one's own needs: the fit itself never forms these matrices.
#'
#' @param fit A fit.
#' @param sparse Give the matrices of random effects as triplets?
#' @param data The data of the fit, when it was made with `keep_data = FALSE`.
#'
#' @details
#' With coefficients \eqn{\beta}{beta} and conditional modes \eqn{b} the linear predictor
#' \eqn{k} is \eqn{o_k + X_k\beta_k + \sum_t Z_{kt}b_t}{o_k + X_k beta_k + sum Z_kt b_t}.
#' The columns of Z have the effects of a level side by side, one level after another, as
#' `as.vector(t(fit$random[[t]]$modes))` has the modes. Of `known(1 | g, K = A)` the
#' effects are independent ones, and Z has the root of A in it.
#'
#' @return A list:
#' * `y`: the response as the family takes it (proportions for trials);
#' * `weights`: prior weights, or `NULL`;
#' * `offset`: a list with one offset a linear predictor, or `NULL` where there is none;
#' * `X`: a list with one model matrix a linear predictor, see
#'   [model.matrix()][model.matrix.gamut];
#' * `Z`: a list with an entry for each grouping factor (in each predictor): `group`,
#'   `levels`, `effects`, `covariance` (of the effects of one level) and `matrix`, a list
#'   with one matrix a linear predictor, `NULL` where none of the effects enters. With
#'   `sparse = TRUE` a matrix is a list of `i`, `j`, `x`, `dims` and `dimnames`, the
#'   arguments of `Matrix::sparseMatrix()`;
#' * `smooths`: a list with an entry for each smooth (in each predictor): `label`,
#'   `predictor`, `matrix` (its basis over the rows, constrained as in the fit),
#'   `penalties` (a list of matrices), `copies` and `lambda`, their smoothing parameters.
#'   With `sparse = TRUE` the matrix of a smooth `"fs"` or `"re"` is a list as those of Z
#'   are, and its penalties are those of one of `copies` equal blocks, else `copies` is 1.
#' @examples
#' m <- design_matrices(gamut(weight ~ Time + (Time | Chick), data = ChickWeight))
#' head(m$X$mu)
#' m$Z[[1]]$matrix$mu[1:4, 1:4]
#'
#' m <- design_matrices(gamut(dist ~ s(speed, k = 5), data = cars))
#' m$smooths[[1]]$penalties
#' @export
design_matrices <- function(fit, sparse = FALSE, data = NULL) {
  if (!inherits(fit, "gamut")) abort_argument("fit", "a fit of gamut()", fit)
  refuse_local(fit, "design_matrices()")
  check_flag(sparse, "sparse")
  frame <- frame_with_data(fit, data, "design_matrices()")
  problem <- fit_problem(fit, frame)
  x <- lapply(fit$predictors, function(place) {
    x <- predictor_matrix(place, frame)
    dimnames(x) <- list(frame_row_names(frame), place$names)
    x
  })
  list(y = frame$y$y, weights = frame$y$weights,
       offset = stats::setNames(problem$offsets, names(x)), X = x,
       Z = lapply(seq_along(problem$random), function(t) {
         random_matrices(fit, problem, t, sparse, frame_row_names(frame))
       }),
       smooths = lapply(fit$smooths, smooth_matrices, fit = fit, frame = frame,
                        sparse = sparse))
}

#' One entry of `smooths`
#' @noRd
smooth_matrices <- function(smooth, fit, frame, sparse) {
  piece <- smooth$piece
  by_blocks <- sparse && isTRUE(piece$grouped)
  names <- list(frame_row_names(frame),
                paste0(smooth$label, ".", seq_len(piece$columns)))
  if (by_blocks) {
    rows <- piece_blocks(piece, frame$variables)
    x <- c(level_triplets(rows$code, rows$values),
           list(dims = lengths(names), dimnames = names))
  } else {
    x <- piece_matrix(piece, frame$variables)
    dimnames(x) <- names
  }
  list(label = smooth$label, predictor = names(fit$predictors)[smooth$predictor],
       matrix = x, penalties = if (by_blocks) piece$S else whole_basis(piece)$S,
       copies = if (by_blocks) piece$copies else 1L, lambda = smooth$lambda)
}

#' One entry of `Z`
#' @noRd
random_matrices <- function(fit, problem, t, sparse, rows) {
  entry <- problem$random[[t]]
  term <- problem$terms[[entry$term]]
  names <- list(rows, paste(rep(entry$levels, each = length(entry$effects)),
                            rep(entry$effects, length(entry$levels)), sep = "."))
  entering <- lapply(seq_len(problem$predictors), function(k) {
    if (!any(term$loading[k, ] != 0)) return(NULL)
    triplets <- random_triplets(problem, entry, term, k)
    if (sparse) return(c(triplets, list(dims = lengths(names), dimnames = names)))
    z <- matrix(0, length(rows), length(names[[2L]]), dimnames = names)
    z[cbind(triplets$i, triplets$j)] <- triplets$x
    z
  })
  list(group = entry$group, levels = entry$levels, effects = entry$effects,
       covariance = fit$random[[t]]$covariance,
       matrix = stats::setNames(entering, names(fit$predictors)))
}

#' Elements of Z in one linear predictor
#' @noRd
random_triplets <- function(problem, entry, term, k) {
  storage <- problem$storages[[term$storage]]
  codes <- as.integer(problem$columns[[storage$codes]])
  n <- problem$rows
  weights <- effect_weights(problem, term, seq_len(n))[[k]]
  if (!is.null(storage$contrast)) {
    z <- weights[, 1L] * storage$contrast[codes, , drop = FALSE]
    at <- which(z != 0, arr.ind = TRUE)
    return(list(i = at[, 1L], j = at[, 2L], x = z[at]))
  }
  level_triplets(codes, weights)
}

#' Elements of a matrix whose rows have columns of one level alone
#' @param codes Number of the level of each row; `values`, n x b, its columns there.
#' @noRd
level_triplets <- function(codes, values) {
  n <- nrow(values)
  size <- ncol(values)
  list(i = rep(seq_len(n), size), x = as.vector(values),
       j = rep((codes - 1L) * size, size) + rep(seq_len(size), each = n))
}
