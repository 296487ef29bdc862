# Refits for the methods that compare models: the same problem with some columns left
# out, or with one coefficient held at a value. Both are problems again, made from the
# stored one by renumbering; no call is evaluated and no model matrix formed.

#' Fit a problem with some of its coefficients
#'
#' @param problem A problem; see `build_problem()`.
#' @param keep Which coefficients stay (logical, all of them).
#' @param offset `NULL`, or an n x K matrix to add to the linear predictors.
#' @param start `NULL`, or values of the coefficients that stay.
#' @param what What is fitted, for the warning that it did not converge; `NULL` for
#'   callers that warn themselves.
#' @return list: `objective`, `coefficients` (of those kept), `rank`, `df_residual`,
#'   `converged`.
#' @noRd
refit_problem <- function(object, keep, offset = NULL, start = NULL,
                          problem = fit_problem(object), what = NULL) {
  if (!all(keep)) problem <- subset_problem(problem, keep)
  if (!is.null(offset)) problem <- shift_offsets(problem, offset)
  if (is_mixed(object)) return(refit_mixed_problem(object, problem, what))
  if (!any(keep)) {
    return(list(objective = objective_at_offsets(problem, object), rank = 0L,
                coefficients = numeric(), df_residual = object$nobs, converged = TRUE))
  }
  control <- object$control
  control$progress <- FALSE
  result <- engine_fit(problem, object$family, control, start)
  converged <- result$code == "converged"
  if (!converged && !is.null(what)) {
    warn_gamut("the fit ", what, " did not converge; its row of the table is not to be ",
               "trusted.", class = "convergence")
  }
  rank <- sum(!result$aliased)
  list(objective = result$objective, coefficients = result$coefficients, rank = rank,
       df_residual = result$kept_rows - rank, converged = converged)
}

#' A problem without the coefficients that are not kept
#'
#' A term whose coefficients are kept in some of its predictors only (a category of
#' several) parts into one term for each set of columns.
#' @noRd
subset_problem <- function(problem, keep) {
  number <- cumsum(c(keep, rep(TRUE, problem$coefficients - length(keep))))
  storages <- terms <- list()
  for (term in problem$terms) {
    if (!is.null(term$covariance)) {
      # random effects stay, and stay whole
      storage <- problem$storages[[term$storage]]
      term$storage <- match_storage(storage, storages)
      storages[[term$storage]] <- storage
      term$position <- number[term$position]
      terms <- c(terms, list(term))
      next
    }
    position <- matrix(term$position, ncol = ncol(term$loading))
    kept <- matrix(keep[position], nrow(position))
    left_out <- apply(kept, 2L, function(k) paste(which(!k), collapse = " "))
    for (group in split(seq_len(ncol(kept)), left_out)) {
      columns <- kept[, group[1L]]
      if (!any(columns)) next
      storage <- subset_storage(problem$storages[[term$storage]], columns)
      id <- match_storage(storage, storages)
      storages[[id]] <- storage
      at <- number[position[columns, group]]
      loading <- term$loading[, group, drop = FALSE]
      terms <- c(terms, list(list(storage = id, loading = loading, position = at)))
    }
  }
  problem$storages <- storages
  problem$terms <- terms
  problem$names <- problem$names[keep]
  problem$coefficients <- as.integer(max(number, 0L))
  problem$random <- renumber_random(problem$random, terms, sum(!keep))
  problem$layout <- NULL
  problem
}

#' Random effects after `left_out` fixed coefficients were taken away
#' @noRd
renumber_random <- function(random, terms, left_out) {
  at <- which(!vapply(terms, function(t) is.null(t$covariance), NA))
  Map(function(entry, term) {
    entry$first <- entry$first - left_out
    entry$term <- term
    entry
  }, random, at)
}

#' @noRd
subset_storage <- function(storage, columns) {
  if (all(columns)) return(storage)
  if (storage$kind == "dense") {
    storage$columns <- storage$columns[columns]
    storage$intercept <- storage$intercept && columns[1L]
  } else if (is.null(storage$contrast)) {
    storage$map <- c(0L, cumsum(columns) * columns)[storage$map + 1L]
  } else {
    storage$contrast <- storage$contrast[, columns, drop = FALSE]
  }
  storage
}

#' @noRd
shift_offsets <- function(problem, offset) {
  for (k in seq_len(problem$predictors)) {
    if (!any(offset[, k] != 0)) next
    problem$offsets[[k]] <- (problem$offsets[[k]] %||% 0) + offset[, k]
  }
  problem
}

#' What one coefficient multiplies: its column in each linear predictor, n x K
#' @noRd
problem_column <- function(problem, i) {
  problem$offsets[] <- list(NULL)
  engine_linear_predictor(problem, as.double(seq_len(problem$coefficients) == i))
}

#' The predictor and the term of each coefficient, as numbers
#'
#' The categories of a response share a predictor, so a term is all its coefficients in
#' all categories.
#' @noRd
coefficient_terms <- function(layout) {
  predictor <- term <- integer()
  for (l in layout) {
    predictor[l$position] <- l$predictor
    term[l$position] <- l$assign
  }
  list(predictor = predictor, term = term)
}

#' The score statistic of a model against the submodel fitted to `keep`
#'
#' \eqn{U' I^{-1} U} with score and expected information of the larger model at the
#' estimates of the smaller one: the decrement of the first Fisher step from there.
#' Source: Rao (1948) Proc. Camb. Phil. Soc. 44, 50-57.
#' @param problem The larger problem.
#' @param inner Which of its coefficients the submodel has, in the order of
#'   `coefficients`.
#' @noRd
score_statistic <- function(object, problem, inner, coefficients) {
  start <- numeric(length(problem$names))
  start[inner] <- coefficients
  control <- object$control
  control$progress <- FALSE
  control$max_iterations <- 1L
  first <- engine_fit(problem, object$family, control, start)
  if (nrow(first$trace)) return(first$trace[1L, "decrement"])
  # an iteration that finds aliased columns takes no step: again without them, at the
  # same linear predictors
  eta <- engine_linear_predictor(problem, start)
  problem <- subset_problem(problem, !first$aliased)
  problem$offsets <- lapply(seq_len(ncol(eta)), function(k) eta[, k])
  start <- numeric(length(problem$names))
  trace <- engine_fit(problem, object$family, control, start)$trace
  if (nrow(trace)) trace[1L, "decrement"] else NA_real_
}

#' Number of the frame's predictor that is asked for, the main one by default
#' @noRd
choose_predictor <- function(object, predictor) {
  object$predictors[[pick_predictor(object, predictor)]]$frame_predictor
}
