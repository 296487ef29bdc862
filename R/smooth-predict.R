# Smooths in predictions: their columns beside those of the parametric part, what each
# contributes, and variances from the joint covariance, which needs no data of the fit.

#' Number of coefficients of smooths, which stand between the parametric ones and the
#' random effects
#' @noRd
smooth_count <- function(smooths) sum(lengths(lapply(smooths, `[[`, "position")))

#' Number of coefficients but for those of random effects
#' @noRd
count_without_random <- function(object) {
  length(object$coefficients) + smooth_count(object$smooths)
}

#' Names of the coefficients of smooths, `s(x).1`, in the order of their positions
#' @noRd
smooth_coefficient_names <- function(smooths) {
  names <- character()
  for (smooth in smooths) {
    names[smooth$position] <- paste0(smooth$label, ".", seq_along(smooth$position))
  }
  names[!is.na(names)]
}

#' Columns of the parametric part and of the smooths of one linear predictor, but for
#' those apart
#' @param drop Labels of terms whose columns are 0.
#' @return n x P, the columns of `object$joint`.
#' @noRd
joint_matrix <- function(object, k, frame, drop = NULL) {
  place <- object$predictors[[k]]
  smooths <- joint_smooths(object$smooths)
  x <- matrix(0, frame$rows, length(object$coefficients) + smooth_count(smooths))
  x[, place$position] <- predictor_matrix(place, frame)
  labels <- c(NA, place$term_labels)[place$assign + 1L]
  x[, place$position[labels %in% drop]] <- 0
  for (smooth in smooths) {
    if (smooth$loading[k] == 0 || smooth$label %in% drop) next
    x[, smooth$position] <- smooth$loading[k] *
      piece_matrix(smooth$piece, frame$variables)
  }
  x
}

#' Covariances of the linear predictors of each row, packed, without random effects
#' @noRd
joint_row_covariances <- function(object, frame, drop = NULL,
                                  covariance = object$joint$bayesian) {
  size <- length(object$predictors)
  x <- lapply(seq_len(size), joint_matrix, object = object, frame = frame, drop = drop)
  out <- matrix(0, frame$rows, size * (size + 1L) / 2L)
  for (j in seq_len(size)) {
    half <- x[[j]] %*% covariance
    for (i in j:size) out[, packed_index(i, j, size)] <- rowSums(half * x[[i]])
  }
  out
}

#' Standard errors of the combinations X c of coefficients with covariance V
#' @noRd
combination_errors <- function(x, v) sqrt(pmax(rowSums((x %*% v) * x), 0))

#' The smooths of one linear predictor
#' @noRd
smooths_of <- function(object, k) {
  Filter(function(smooth) smooth$loading[k] != 0, object$smooths)
}

#' What each smooth contributes to a linear predictor, and its standard error
#' @param new_curves For each smooth of the fit its rows of new levels, if any.
#' @return list: `fit` and `se`, n x smooths.
#' @noRd
smooth_contributions <- function(object, k, frame, se = FALSE, new_curves = list()) {
  own <- vapply(object$smooths, function(smooth) smooth$loading[k] != 0, NA)
  smooths <- object$smooths[own]
  new_rows <- if (length(new_curves)) new_curves[own] else rep(list(integer()), sum(own))
  values <- Map(function(smooth, new) {
    found <- smooth_at(object, smooth, frame$variables, se)
    if (se && length(new)) {
      found$se[new] <- sqrt(new_level_variance(object, smooth, frame, new))
    }
    weight <- smooth$loading[k]
    list(fit = weight * found$fit, se = if (se) abs(weight) * found$se)
  }, smooths, new_rows)
  bind <- function(field) {
    out <- vapply(values, `[[`, numeric(frame$rows), field)
    matrix(out, frame$rows, length(smooths),
           dimnames = list(NULL, vapply(smooths, `[[`, "", "label")))
  }
  list(fit = bind("fit"), se = if (se) bind("se"))
}

#' The joint matrix of one linear predictor with names; without columns of other ones
#' @noRd
named_joint_matrix <- function(ask, k) {
  object <- ask$object
  x <- joint_matrix(object, k, ask$rows$frame, ask$drop)
  colnames(x) <- names(all_coefficients(object))
  own <- c(object$predictors[[k]]$position,
           unlist(lapply(joint_smooths(smooths_of(object, k)), `[[`, "position")))
  x[, own, drop = FALSE]
}

#' A request in which terms count as 0
#' @param exclude Labels of parametric terms and smooths.
#' @return The request with `drop` (labels) and `silent` (positions of coefficients).
#' @noRd
without_terms <- function(ask, exclude) {
  if (is.null(exclude)) return(ask)
  object <- ask$object
  labels <- c(unlist(lapply(object$predictors, `[[`, "term_labels")),
              vapply(object$smooths, `[[`, "", "label"))
  unknown <- setdiff(exclude, labels)
  if (!is.character(exclude) || length(unknown)) {
    abort_argument("exclude", paste("some of", quoted(unique(labels))), exclude)
  }
  at <- lapply(object$predictors, function(place) {
    named <- c(NA, place$term_labels)[place$assign + 1L]
    place$position[named %in% exclude]
  })
  smooth <- lapply(object$smooths, function(s) if (s$label %in% exclude) s$position)
  ask$drop <- exclude
  ask$silent <- unlist(c(at, smooth), use.names = FALSE)
  ask
}

#' The fit with the covariance that allows for estimated smoothing parameters
#' @noRd
unconditional_fit <- function(object) {
  if (!length(object$smooths)) {
    abort_argument("unconditional", "FALSE for a fit without smooths", TRUE)
  }
  corrected <- smooth_covariance(object, unconditional = TRUE)
  object$joint$correction <- corrected - object$joint$bayesian
  object$joint$bayesian <- corrected
  object
}

#' Do the data of the fit support the smooths in each row?
#'
#' The worst of all smooths; one of a level `by` has to do with the rows of that level.
#' @noRd
flag_rows <- function(result, ask) {
  object <- ask$object
  require_data(object, "`flag = TRUE`")
  words <- c("inside", "gap", "extrapolated")
  new <- ask$rows$frame$variables
  worst <- rep(1L, ask$rows$frame$rows)
  for (smooth in object$smooths) {
    piece <- smooth$piece
    data <- covariate_data(piece, new)
    if (any(vapply(data, is.matrix, NA))) next
    rows <- if (is.null(piece$by)) seq_along(worst)
            else which(rowSums(as.matrix(by_values(piece, new[[piece$by]]) != 0)) > 0)
    if (!length(rows)) next
    grid <- stats::setNames(lapply(data, `[`, rows), piece$covariates)
    flags <- grid_support(piece, object$frame$variables, grid)
    worst[rows] <- pmax(worst[rows], match(as.character(flags), words), na.rm = TRUE)
  }
  flags <- factor(words[worst], words)
  attr(result, "support") <- if (ask$rows$new) pad_rows(flags, ask$rows$frame) else flags
  result
}

#' Standard errors of (centred) contributions of parametric terms beside smooths
#' @param own Problem of the rows of the fit, NULL for no centring.
#' @noRd
joint_term_errors <- function(ask, own) {
  object <- ask$object
  k <- ask$which[1L]
  place <- object$predictors[[k]]
  x <- predictor_matrix(place, ask$rows$frame)
  if (!is.null(own)) {
    means <- colMeans(predictor_matrix(place, own_frame(object, ask$data)))
    x <- x - rep(means, each = nrow(x))
  }
  labels <- place$term_labels
  values <- vapply(seq_along(labels), function(t) {
    own <- place$assign == t
    at <- place$position[own]
    combination_errors(x[, own, drop = FALSE],
                       object$joint$bayesian[at, at, drop = FALSE])
  }, numeric(nrow(x)))
  matrix(values, nrow(x), length(labels), dimnames = list(NULL, labels))
}
