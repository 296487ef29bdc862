# What each type of prediction is, from the linear predictors and their covariances.
# Every function makes the pieces `fit`, `se`, `lower`, `upper` and hands them on.

#' @noRd
predict_link <- function(ask) {
  eta <- row_predictors(ask)
  fit <- pick_columns(eta, ask)
  pieces <- list(fit = fit)
  if (needs_errors(ask)) {
    pieces$se <- pick_columns(row_errors(ask), ask)
    pieces <- c(pieces, link_limits(ask, pieces))
  }
  assemble_prediction(pieces, ask)
}

#' The columns asked for; a vector when it is one
#' @noRd
pick_columns <- function(x, ask) {
  if (wants_matrix(ask)) x[, ask$which, drop = FALSE] else x[, ask$which]
}

#' @noRd
link_limits <- function(ask, pieces) {
  if (ask$interval == "none") return(list())
  half <- limit_quantile(ask) * pieces$se
  if (ask$interval == "prediction") half <- exact_half_width(ask, pieces$se)
  list(lower = pieces$fit - half, upper = pieces$fit + half)
}

#' @noRd
predict_response <- function(ask) {
  if (is_categorical(ask$object)) return(predict_probabilities(ask))
  eta <- row_predictors(ask)
  parameters <- lapply(ask$which, function(k) parameter_pieces(ask, k, eta))
  names(parameters) <- names(ask$object$predictors)[ask$which]
  pieces <- if (wants_matrix(ask)) join_pieces(parameters) else parameters[[1L]]
  if (ask$interval == "prediction") pieces <- c(pieces, predictive_limits(ask, eta))
  assemble_prediction(pieces, ask)
}

#' One parameter of the distribution on its own scale
#' @noRd
parameter_pieces <- function(ask, k, eta) {
  predictor <- ask$object$predictors[[k]]
  link <- predictor$link
  at <- eta[, k]
  pieces <- list(fit = link$linkinv(at))
  if (!needs_errors(ask)) return(pieces)
  se <- row_errors(ask)[, k]
  pieces$se <- se * abs(link$mu.eta(at))
  if (ask$interval == "confidence") {
    domain <- ask$object$family$domain[[predictor$parameter]]
    pieces <- c(pieces, mapped_limits(link, domain, at, limit_quantile(ask) * se))
  }
  pieces
}

#' Columns of several parameters
#' @noRd
join_pieces <- function(parameters) {
  kinds <- stats::setNames(nm = names(parameters[[1L]]))
  lapply(kinds, function(kind) do.call(cbind, lapply(parameters, `[[`, kind)))
}

#' Probabilities of categories, or of failure and success
#' @noRd
predict_probabilities <- function(ask) {
  object <- ask$object
  if (is_categorical(object)) return(predict_categories(ask))
  require_outcomes(ask)
  one <- parameter_pieces(ask, 1L, row_predictors(ask))
  two <- list(fit = cbind(1 - one$fit, one$fit))
  if (needs_errors(ask)) two$se <- cbind(one$se, one$se)
  if (ask$interval == "confidence") {
    two$lower <- cbind(1 - one$upper, one$lower)
    two$upper <- cbind(1 - one$lower, one$upper)
  }
  two <- lapply(two, `colnames<-`, outcome_levels(object))
  assemble_prediction(two, ask)
}

#' @noRd
require_outcomes <- function(ask) {
  family <- ask$object$family
  if (family$id %in% c("categorical", "binomial")) return(invisible())
  abort_gamut("type = \"", ask$type, "\" is for categorical and binomial families, not ",
              "for ", family$family, ". See type = \"response\" and \"quantile\".",
              class = "argument", data = list(argument = "type"))
}

#' Names of failure and success
#' @noRd
outcome_levels <- function(object) {
  levels <- object$frame$levels
  if (is.null(levels)) c("0", "1")
  else if (length(levels) == 2L) levels
  else c(levels[1L], paste("not", levels[1L]))
}

#' @noRd
predict_categories <- function(ask) {
  object <- ask$object
  prob <- category_probabilities(object, row_predictors(ask))
  pieces <- list(fit = prob)
  if (needs_errors(ask)) {
    pieces$se <- probability_errors(object, prob, row_covariances(ask))
  }
  if (ask$interval == "confidence") pieces <- c(pieces, logit_limits(ask, pieces))
  if (!is.null(ask$predictor) && !identical(ask$predictor, "all")) {
    chosen <- names(object$predictors)[ask$which]
    pieces <- lapply(pieces, function(x) x[, chosen, drop = !wants_matrix(ask)])
  }
  assemble_prediction(pieces, ask)
}

#' Standard errors of probabilities by the delta method
#'
#' With S the covariance of the predictors (0 for the reference), the gradient of p_c is
#' p_c (e_c - p), so var(p_c) = p_c^2 (S_cc - 2 (S p)_c + p'S p).
#' @noRd
probability_errors <- function(object, prob, covariances) {
  own <- prob[, names(object$predictors), drop = FALSE]
  size <- ncol(own)
  product <- matrix(0, nrow(own), size)
  for (j in seq_len(size)) {
    for (i in seq.int(j, size)) {
      s <- covariances[, packed_index(i, j, size)]
      product[, i] <- product[, i] + s * own[, j]
      if (i != j) product[, j] <- product[, j] + s * own[, i]
    }
  }
  at <- vapply(seq_len(size), function(k) packed_index(k, k, size), 0)
  variance <- prob * 0 + rowSums(product * own)
  variance[, colnames(own)] <- variance[, colnames(own)] +
    covariances[, at, drop = FALSE] - 2 * product
  prob * sqrt(pmax(variance, 0))
}

#' The most probable category; the first of equals
#' @noRd
predict_class <- function(ask) {
  object <- ask$object
  require_outcomes(ask)
  eta <- row_predictors(ask)
  if (is_categorical(object)) {
    prob <- category_probabilities(object, eta)
    levels <- colnames(prob)
    code <- max.col(prob, ties.method = "first")
  } else {
    levels <- outcome_levels(object)
    code <- 1L + (object$predictors[[1L]]$link$linkinv(eta[, 1L]) > 0.5)
  }
  structure(unname(finish_rows(code, ask)), levels = levels, class = "factor")
}

#' Quantiles of the response at the estimated parameters
#' @noRd
predict_quantile <- function(ask) {
  object <- ask$object
  parameters <- fit_parameters(object, row_predictors(ask))
  n <- ask$rows$frame$rows
  quantiles <- vapply(ask$probs, function(p) {
    as.double(object$family$quantile(rep(p, n), parameters, ask$weights,
                                     ask$dispersion))
  }, numeric(n))
  quantiles <- matrix(quantiles, n, length(ask$probs))
  colnames(quantiles) <- paste0(format(100 * ask$probs, trim = TRUE, digits = 7), "%")
  finish_rows(quantiles, ask)
}
