# What each term contributes to a linear predictor, its standard error, and the model
# matrix itself.

#' Model matrix at the rows to predict
#' @noRd
predict_lpmatrix <- function(ask) {
  object <- ask$object
  frame <- ask$rows$frame
  matrices <- lapply(ask$which, function(k) {
    predictor <- object$predictors[[k]]
    if (length(object$smooths)) return(named_joint_matrix(ask, k))
    x <- predictor_matrix(predictor, frame)
    colnames(x) <- names(object$coefficients)[predictor$position]
    x
  })
  if (length(matrices) == 1L) {
    x <- finish_rows(matrices[[1L]], ask)
    attributes(x)[c("assign", "contrasts")] <-
      attributes(matrices[[1L]])[c("assign", "contrasts")]
    return(x)
  }
  sizes <- vapply(matrices, ncol, 0L)
  x <- finish_rows(do.call(cbind, matrices), ask)
  attr(x, "lpi") <- stats::setNames(
    split(seq_len(sum(sizes)), factor(rep(seq_along(sizes), sizes), seq_along(sizes))),
    names(object$predictors)[ask$which]
  )
  x
}

#' Contributions of terms, centred over the rows of the fit if there is an intercept
#' @noRd
predict_terms <- function(ask) {
  object <- ask$object
  predictor <- object$predictors[[ask$which[1L]]]
  smooths <- vapply(smooths_of(object, ask$which[1L]), `[[`, "", "label")
  chosen <- setdiff(chosen_terms(ask$terms, c(predictor$term_labels, smooths)), ask$drop)
  own <- NULL
  centre <- 0
  constant <- 0
  if (predictor$intercept) {
    own <- own_problem(ask)
    centre <- colMeans(term_contributions(ask, own))
    intercept <- estimated_coefficients(object)[predictor$position[1L]]
    intercept <- intercept * predictor$sign[1L]
    constant <- intercept + sum(centre)
  }
  fit <- term_contributions(ask, ask$rows$problem)
  fit <- fit - rep(centre, each = nrow(fit))
  smooth <- smooth_contributions(object, ask$which[1L], ask$rows$frame, ask$se,
                                 ask$rows$new_curves)
  pieces <- list(fit = cbind(fit, smooth$fit)[, chosen, drop = FALSE])
  if (ask$se) {
    pieces$se <- cbind(term_errors(ask, own), smooth$se)[, chosen, drop = FALSE]
  }
  ask$interval <- "none"
  result <- assemble_prediction(pieces, ask)
  if (ask$se) attr(result$fit, "constant") <- constant
  else attr(result, "constant") <- constant
  result
}

#' @noRd
chosen_terms <- function(terms, labels) {
  if (is.null(terms)) return(labels)
  unknown <- setdiff(terms, labels)
  if (!is.character(terms) || length(unknown)) {
    abort_argument("terms", paste("some of", quoted(labels)), terms)
  }
  terms
}

#' The problem of the rows of the fit, without which terms cannot be centred
#' @noRd
own_problem <- function(ask) {
  if (!ask$rows$new) return(ask$rows$problem)
  frame <- own_frame(ask$object, ask$data)
  if (is.null(frame)) {
    abort_gamut("type = \"terms\" centres at the means of the data, and the fit was ",
                "made with `keep_data = FALSE`: give them as `data`.", class = "data")
  }
  fit_problem(ask$object, frame)
}

#' Uncentred contributions, n x terms
#' @noRd
term_contributions <- function(ask, problem) {
  object <- ask$object
  k <- ask$which[1L]
  predictor <- object$predictors[[k]]
  coefficients <- estimated_coefficients(object)
  problem$offsets <- vector("list", length(problem$offsets))
  labels <- predictor$term_labels
  values <- vapply(seq_along(labels), function(t) {
    at <- term_positions(predictor, t)
    masked <- numeric(length(coefficients))
    masked[at] <- coefficients[at]
    engine_linear_predictor(problem, masked, object$control$threads)[, k]
  }, numeric(problem$rows))
  matrix(values, problem$rows, length(labels), dimnames = list(NULL, labels))
}

#' @noRd
term_positions <- function(predictor, t) {
  predictor$position[predictor$assign == t]
}

#' Standard errors of (centred) contributions, n x terms
#'
#' sqrt((x - m)'V(x - m)) over the columns of the term, m their means or 0.
#' @param own Problem of the rows of the fit, NULL for no centring.
#' @noRd
term_errors <- function(ask, own) {
  object <- ask$object
  if (length(object$smooths)) return(joint_term_errors(ask, own))
  predictor <- object$predictors[[ask$which[1L]]]
  problem <- ask$rows$problem
  labels <- predictor$term_labels
  values <- vapply(seq_along(labels), function(t) {
    at <- term_positions(predictor, t)
    variance <- if (!length(at)) numeric(problem$rows)
                else if (is_index_term(problem, at)) index_variance(ask, own, at)
                else dense_variance(ask, own, at)
    sqrt(ask$dispersion * pmax(variance, 0))
  }, numeric(problem$rows))
  matrix(values, problem$rows, length(labels), dimnames = list(NULL, labels))
}

#' Where in a problem the columns of coefficients `at` are stored
#'
#' @return List of list(storage, columns, found): `columns` of the storage are those of
#'   coefficients `at[found]`.
#' @noRd
stored_columns <- function(problem, at) {
  places <- lapply(problem$terms, function(term) {
    position <- matrix(term$position, ncol = ncol(term$loading))
    found <- match(at, position)
    present <- which(!is.na(found))
    list(storage = problem$storages[[term$storage]], found = present,
         columns = (found[present] - 1L) %% nrow(position) + 1L)
  })
  Filter(function(place) length(place$found) > 0L, places)
}

#' @noRd
is_index_term <- function(problem, at) {
  stored_columns(problem, at[1L])[[1L]]$storage$kind == "index"
}

#' Variance by the engine, given the term's block of the covariance and the means
#' @noRd
dense_variance <- function(ask, own, at) {
  object <- ask$object
  covariance <- parametric_covariance(object)
  in_term <- covariance$tail_position %in% at
  covariance$tail[!in_term, ] <- 0
  covariance$tail[, !in_term] <- 0
  # a leading factor is another term: nothing of it enters
  covariance$lead[] <- 0
  covariance$regression[] <- 0
  if (!is.null(own)) {
    means <- dense_means(own, at)
    covariance$centre[in_term] <- means[match(covariance$tail_position[in_term], at)]
  }
  size <- length(object$predictors)
  k <- ask$which[1L]
  engine_variance(ask$rows$problem, covariance,
                  object$control$threads)[, packed_index(k, k, size)]
}

#' Means of dense columns, one at a time
#' @noRd
dense_means <- function(problem, at) {
  means <- numeric(length(at))
  for (place in stored_columns(problem, at)) {
    means[place$found] <- vapply(place$storage$columns[place$columns], function(column) {
      mean(column_product(column, problem))
    }, 0)
  }
  means
}

#' One column of a program: the product of its operands
#' @noRd
column_product <- function(column, problem) {
  value <- 1
  for (i in seq_along(column$vars)) {
    operand <- problem$columns[[column$vars[i]]]
    table <- column$tables[[i]]
    value <- value *
      if (is.null(table)) as.double(operand) else table[as.integer(operand)]
  }
  value
}

#' Variance of an index term: (z C_code - m)'V(z C_code - m) = z^2 q - 2 z r + m'V m
#'
#' C has a row per level, so q = diag(C V C') and r = C V m are small; with several
#' numeric columns z_1, z_2 ... their products meet the blocks of V.
#' @noRd
index_variance <- function(ask, own, at) {
  problem <- ask$rows$problem
  places <- stored_columns(problem, at)
  z <- lapply(places, storage_multiplier, problem = problem)
  codes <- as.integer(problem$columns[[places[[1L]]$storage$codes]])
  v <- unscaled_vcov(ask$object)[at, at]
  m <- if (is.null(own)) numeric(length(at)) else index_means(own, at)
  vm <- drop(v %*% m)
  variance <- rep(sum(m * vm), length(codes))
  for (a in seq_along(places)) {
    here <- places[[a]]
    variance <- variance - 2 * z[[a]] * level_values(here, vm[here$found])[codes]
    for (b in seq_along(places)) {
      block <- v[here$found, places[[b]]$found, drop = FALSE]
      variance <- variance + z[[a]] * z[[b]] * level_diagonal(here, block)[codes]
    }
  }
  variance
}

#' C x, one value per level
#' @noRd
level_values <- function(place, x) {
  storage <- place$storage
  if (!is.null(storage$contrast)) {
    return(drop(storage$contrast[, place$columns, drop = FALSE] %*% x))
  }
  values <- x[match(storage$map, place$columns)]
  values[is.na(values)] <- 0
  values
}

#' diag(C V C'), one value per level; all storages of a term have the same C
#' @noRd
level_diagonal <- function(place, v) {
  contrast <- place$storage$contrast
  if (is.null(contrast)) return(level_values(place, diag(v)))
  contrast <- contrast[, place$columns, drop = FALSE]
  rowSums((contrast %*% v) * contrast)
}

#' @noRd
storage_multiplier <- function(place, problem) {
  z <- place$storage$z
  if (is.null(z)) 1 else column_product(z[[1L]], problem)
}

#' Means of the columns of an index term over all rows of a problem
#' @noRd
index_means <- function(problem, at) {
  means <- numeric(length(at))
  for (place in stored_columns(problem, at)) {
    codes <- as.integer(problem$columns[[place$storage$codes]])
    z <- rep_len(storage_multiplier(place, problem), length(codes))
    total <- numeric(place$storage$levels)
    sums <- rowsum(z, codes)
    total[as.integer(rownames(sums))] <- sums
    means[place$found] <- level_sums(place, total) / length(codes)
  }
  means
}

#' C'x for the columns of a place
#' @noRd
level_sums <- function(place, total) {
  storage <- place$storage
  if (!is.null(storage$contrast)) {
    return(drop(crossprod(storage$contrast[, place$columns, drop = FALSE], total)))
  }
  total[match(place$columns, storage$map)]
}
