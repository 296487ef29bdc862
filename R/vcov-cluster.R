# Clustered sandwich covariances: which rows belong to which cluster, and the sums of
# their scores.

#' Covariance of one or several ways of clustering
#'
#' @param codes Data frame of integer codes, a column for each way, a row for each row
#'   of the fit.
#' @noRd
cluster_robust <- function(object, type, bread, codes) {
  ways <- seq_along(codes)
  sets <- unlist(lapply(ways, function(m) utils::combn(ways, m, simplify = FALSE)),
                 recursive = FALSE)
  total <- 0
  for (set in sets) {
    code <- joint_codes(codes[set])
    one <- one_way_robust(object, type, bread, code)
    total <- total + if (length(set) %% 2L) one else -one
  }
  negative <- diag(total) < 0
  if (any(negative)) {
    warn_gamut("the variance of ", ticked(names(object$coefficients)[negative]),
               " is negative, as it may be when clusters of several ways are few or ",
               "nearly nested: cluster by the way with fewest clusters alone.",
               class = "cluster",
               data = list(coefficients = names(object$coefficients)[negative]))
  }
  total
}

#' Codes 1, 2, ... of the combinations that occur in rows that count
#' @noRd
joint_codes <- function(codes) {
  code <- codes[[1L]]
  for (other in codes[-1L]) {
    pair <- code + (other - 1) * as.double(max(code))
    code <- match(pair, unique(pair))
  }
  code
}

#' @noRd
one_way_robust <- function(object, type, bread, code) {
  counted <- prior_weights(object) > 0
  groups <- length(unique(code[counted]))
  if (groups < 2L) {
    abort_gamut("`cluster` has one cluster only: a covariance between clusters needs ",
                "two or more.", class = "cluster")
  }
  n <- object$nobs
  factor <- switch(type, HC0 = 1, HC1 = (n - 1) / (n - object$rank),
                   (groups - 1) / groups) * groups / (groups - 1)
  if (type %in% c("HC2", "HC3") && groups < n) {
    return(factor * adjusted_clusters(object, type, code, counted))
  }
  scores <- adjusted_scores(object, type)
  meat <- if (groups < n) cluster_crossproduct(fit_problem(object), scores, code)
          else score_crossproduct(fit_problem(object), scores)
  factor * bread %*% meat %*% bread
}

#' Sum over clusters of the outer products of their scores, some clusters at a time
#' @noRd
cluster_crossproduct <- function(problem, scores, code, cells = 2^22) {
  size <- length(problem$names)
  order <- order(code)
  sizes <- tabulate(code)
  # clusters go together as long as they have few rows and few sums
  step <- cells / max(size, 1L)
  load <- cumsum(as.double(pmax(sizes, 1L)))
  batch <- floor((load - load[1L]) / step)
  last <- cumsum(sizes)
  total <- matrix(0, size, size)
  for (together in split(seq_along(sizes), batch)) {
    first <- together[1L]
    from <- last[first] - sizes[first]
    to <- last[together[length(together)]]
    if (to == from) next
    rows <- order[seq.int(from + 1L, to)]
    sums <- score_sums(problem, scores, code[rows] - first + 1L, length(together), rows)
    total <- total + crossprod(sums)
  }
  total
}

#' Clustered HC2 and HC3
#'
#' With V = R'R and the rows Z of A R', whose weighted cross-products add up to I, the
#' cluster's A'(I - W S)^power s is R^-1 (I - C)^power Z's for C = Z'WZ: a function of
#' a symmetric matrix, of the size of the cluster or of the coefficients, whichever is
#' smaller. Directions of leverage 1 have no residual and are left out.
#' @noRd
adjusted_clusters <- function(object, type, code, counted) {
  kept <- !is.na(object$coefficients)
  root <- symmetric_root(unscaled_vcov(object)[kept, kept, drop = FALSE])
  rows <- fit_rows(object)
  z <- root_matrices(object, root, kept)
  members <- split(which(counted), code[counted])
  power <- leverage_power(type)
  simple <- length(z) == 1L && all(rows$weight >= 0)
  parts <- lapply(members, function(at) {
    here <- lapply(z, function(part) part[at, , drop = FALSE])
    score <- Reduce(`+`, Map(crossprod, here, columns_of(rows$score[at, , drop = FALSE])))
    weight <- rows$weight[at, , drop = FALSE]
    spectrum <- if (simple) cluster_singular(here[[1L]], weight[, 1L])
                else cluster_eigen(here, weight)
    adjust_directions(drop(score), spectrum, power)
  })
  warn_clusters(parts, object, members, type)
  adjusted <- do.call(rbind, lapply(parts, `[[`, "value"))
  covariance <- matrix(0, length(kept), length(kept))
  covariance[kept, kept] <- crossprod(adjusted %*% t(root))
  covariance
}

#' R' with R'R = V, by the correlations, so that units do not matter
#' @noRd
symmetric_root <- function(covariance) {
  scale <- sqrt(diag(covariance))
  spectrum <- eigen(covariance / outer(scale, scale), symmetric = TRUE)
  scale * spectrum$vectors %*% diag(sqrt(pmax(spectrum$values, 0)), length(scale))
}

#' A R' for each linear predictor
#' @noRd
root_matrices <- function(object, root, kept) {
  place <- cumsum(kept)
  lapply(object$predictors, function(predictor) {
    x <- model_matrix_of(object$frame$predictors[[predictor$frame_predictor]],
                         object$frame)
    here <- kept[predictor$position]
    x[, here, drop = FALSE] %*% root[place[predictor$position[here]], , drop = FALSE]
  })
}

#' @noRd
columns_of <- function(x) lapply(seq_len(ncol(x)), function(k) x[, k])

#' Directions and eigenvalues of Z'WZ, one predictor with weights that are not negative
#' @noRd
cluster_singular <- function(z, weight) {
  parts <- svd(sqrt(weight) * z, nu = 0L)
  list(values = parts$d^2, vectors = parts$v)
}

#' The same by the p x p matrix, for any weights
#' @noRd
cluster_eigen <- function(z, weight) {
  size <- length(z)
  total <- 0
  for (j in seq_len(size)) {
    for (k in seq_len(j)) {
      part <- crossprod(z[[j]], weight[, packed_index(j, k, size)] * z[[k]])
      total <- total + if (j == k) part else part + t(part)
    }
  }
  eigen(total, symmetric = TRUE)
}

#' (I - C)^power times a vector
#' @noRd
adjust_directions <- function(score, spectrum, power) {
  left <- 1 - spectrum$values
  alone <- left < leverage_limit
  change <- ifelse(alone, 0, abs(left)^power) - 1
  along <- drop(crossprod(spectrum$vectors, score))
  list(value = score + drop(spectrum$vectors %*% (change * along)), alone = any(alone))
}

#' @noRd
warn_clusters <- function(parts, object, members, type) {
  alone <- vapply(parts, `[[`, NA, "alone")
  # a cluster is named by its first row: its own name may be a combination
  first <- frame_row_names(object$frame)[vapply(members, `[`, 0L, 1L)]
  warn_leverage(first, alone, type, "cluster of row")
}

#' Codes of the clusters of the rows of the fit
#'
#' @return Data frame with a column for each way of clustering.
#' @noRd
cluster_codes <- function(object, cluster, data) {
  values <- if (inherits(cluster, "formula")) formula_clusters(object, cluster, data)
            else if (is.list(cluster)) as.list(cluster)
            else list(cluster = cluster)
  if (!length(values)) abort_gamut("`cluster` names no variable.", class = "cluster")
  names <- names(values) %||% seq_along(values)
  codes <- Map(function(value, name) {
    if (NCOL(value) != 1L || !is.atomic(value)) {
      abort_gamut("The cluster variable ", ticked(name), " must be a vector or a factor.",
                  class = "cluster")
    }
    value <- align_cluster(as.vector(value), object, data, name)
    if (anyNA(value)) abort_cluster_missing(value, name, object)
    match(value, unique(value))
  }, values, names)
  structure(codes, names = names, class = "data.frame",
            row.names = seq_len(object$n))
}

#' @noRd
abort_cluster_missing <- function(value, name, object) {
  rows <- frame_row_names(object$frame)[is.na(value)]
  abort_gamut("The cluster variable ", ticked(name), " is missing in row",
              if (length(rows) > 1L) "s", " ", enumerate(rows), ": leave such rows out ",
              "of the fit by `subset`, or give them a cluster of their own.",
              class = "cluster", data = list(rows = rows))
}

#' Variables of a one-sided formula: of the model, of `data`, or of the fit's data
#' @noRd
formula_clusters <- function(object, cluster, data) {
  if (length(cluster) != 2L) {
    abort_gamut("`cluster` must be a formula with nothing on the left, such as ~ school.",
                class = "cluster")
  }
  expressions <- as.list(attr(stats::terms(cluster), "variables"))[-1L]
  names(expressions) <- vapply(expressions, key_of, "")
  known <- object$frame$variables
  if (is.null(data) && all(names(expressions) %in% names(known))) {
    return(known[names(expressions)])
  }
  source <- if (is.null(data)) fit_data(object)$source else check_data(data)
  env <- environment(cluster) %||% object$spec$env
  Map(function(expression, name) {
    tryCatch(evaluate_variable(expression, name, source, env), gamut_error = function(e) {
      abort_gamut("The cluster variable ", ticked(name), " cannot be found in ",
                  if (is.null(data)) "the data of the fit" else "`data`",
                  ": give a vector, or data that have it as `data`. (",
                  conditionMessage(e), ")", class = "cluster")
    })
  }, expressions, names(expressions))
}

#' The data that the fit was made from, if they are still the same
#' @return list(source, rows): the data, `NULL` where variables are the environment's.
#' @noRd
fit_data <- function(object) {
  env <- object$spec$env
  source <- tryCatch(check_data(eval(object$call$data, env)), error = function(e) NULL)
  now <- tryCatch(evaluate_variable(object$spec$response, "response", source, env),
                  error = function(e) NULL)
  total <- NROW(now)
  kept <- object$frame$kept
  if (!is.null(kept) && total >= max(kept)) now <- take_rows(now, kept)
  same <- !is.null(now) && NROW(now) == object$n &&
    isTRUE(all.equal(as.vector(now), as.vector(object$frame$response),
                     tolerance = 0))
  if (same) return(list(source = source, rows = total))
  abort_gamut("The data of the fit, where the variables of `cluster` are looked up, are ",
              "gone or have changed: give them as `data`, or the clusters as a vector.",
              class = "cluster")
}

#' Values for the rows of the fit, from values for these rows or for all of the data
#' @noRd
align_cluster <- function(value, object, data, name) {
  kept <- object$frame$kept
  action <- object$na.action
  if (length(value) == object$n) return(value)
  if (length(action) && length(value) == object$n + length(action)) {
    return(value[-as.integer(action)])
  }
  if (!is.null(kept) && length(value) == data_rows(object, data, kept)) {
    return(value[kept])
  }
  abort_gamut("The cluster variable ", ticked(name), " has ", length(value),
              " values, and the fit ", object$n, " rows",
              if (!is.null(kept)) " (some rows of the data were left out)",
              ": they must match one to one.", class = "cluster")
}

#' Number of rows of the data before `subset` and missing values
#' @noRd
data_rows <- function(object, data, kept) {
  rows <- if (is.null(data)) fit_data(object)$rows else NROW(data[[1L]])
  if (rows >= max(kept)) rows else -1L
}
