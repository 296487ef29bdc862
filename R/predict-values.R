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
  object <- ask$object
  if (has_matrix_mean(object$family) && asks_for_mean(ask)) return(predict_matrix(ask))
  eta <- row_predictors(ask)
  if (is.null(ask$predictor) && !object$family$mean_is_main) {
    pieces <- mean_pieces(ask, eta)
  } else {
    parameters <- lapply(ask$which, function(k) parameter_pieces(ask, k, eta))
    names(parameters) <- names(object$predictors)[ask$which]
    pieces <- if (wants_matrix(ask)) join_pieces(parameters) else parameters[[1L]]
  }
  if (ask$interval == "prediction") pieces <- c(pieces, predictive_limits(ask, eta))
  assemble_prediction(pieces, ask)
}

#' Is the prediction one of the matrix of means, or of some of its columns? A threshold
#' or a precision has no column there.
#' @noRd
asks_for_mean <- function(ask) {
  if (is.null(ask$predictor)) return(TRUE)
  chosen <- names(ask$object$predictors)[ask$which]
  identical(ask$predictor, "all") || all(chosen %in% ask$object$family$levels)
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
    domain <- parameter_range(ask$object$family, predictor$parameter)
    pieces <- c(pieces, mapped_limits(link, domain, at, limit_quantile(ask) * se))
  }
  pieces
}

#' @noRd
parameter_range <- function(family, parameter) {
  family$domain[[parameter]] %||% if (is_category(family)) c(0, 1) else c(-Inf, Inf)
}

#' The mean, where it depends on several parameters: by the delta method
#' @noRd
mean_pieces <- function(ask, eta) {
  family <- ask$object$family
  value <- function(eta) as.matrix(as.double(family$mean(family$inverse(eta, family))))
  pieces <- list(fit = drop(value(eta)))
  if (!needs_errors(ask)) return(pieces)
  pieces$se <- drop(delta_errors(value, eta, row_covariances(ask)))
  if (ask$interval == "confidence") {
    pieces <- c(pieces, range_limits(ask, pieces, family$mean_range))
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
  require_outcomes(ask)
  if (is_category(object$family)) return(predict_matrix(ask))
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
  if (is_category(family) || family$id == "binomial") return(invisible())
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

#' Probabilities of all categories, or means of all parts
#' @noRd
predict_matrix <- function(ask) {
  object <- ask$object
  family <- object$family
  eta <- row_predictors(ask)
  value <- function(eta) family$mean(family$inverse(eta, family))
  pieces <- list(fit = value(eta))
  if (needs_errors(ask)) pieces$se <- delta_errors(value, eta, row_covariances(ask))
  if (ask$interval == "confidence") pieces <- c(pieces, range_limits(ask, pieces))
  chosen <- names(object$predictors)[ask$which]
  if (!is.null(ask$predictor) && all(chosen %in% family$levels) &&
        !identical(ask$predictor, "all")) {
    pieces <- lapply(pieces, function(x) x[, chosen, drop = !wants_matrix(ask)])
  }
  assemble_prediction(pieces, ask)
}

#' Standard errors of functions of the linear predictors by the delta method
#'
#' With S the covariance of a row's predictors and J the derivatives of the functions,
#' the variances are the diagonal of J S J'.
#' @param value Function of n x K predictors that gives an n x m matrix.
#' @noRd
delta_errors <- function(value, eta, covariances) {
  size <- ncol(eta)
  slopes <- predictor_slopes(value, eta)
  variance <- 0
  for (j in seq_len(size)) {
    for (i in seq.int(j, size)) {
      part <- covariances[, packed_index(i, j, size)] * slopes[[i]] * slopes[[j]]
      variance <- variance + if (i == j) part else 2 * part
    }
  }
  sqrt(pmax(variance, 0))
}

#' Derivatives of functions in each linear predictor
#'
#' They are differences of fourth order in steps h of a thousandth, which are off by h^4
#' f^(5)/30 and 1e-16/h: both about 1e-13.
#' @return A list of n x m matrices, one for each predictor.
#' @noRd
predictor_slopes <- function(value, eta) {
  lapply(seq_len(ncol(eta)), function(k) {
    # near zero a link may end, as sqrt() does: small steps there
    h <- 1e-3 * pmin(pmax(abs(eta[, k]), 1e-2), 1)
    at <- function(steps) {
      eta[, k] <- eta[, k] + steps * h
      value(eta)
    }
    (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
  })
}

#' The most probable category; the first of equals
#' @noRd
predict_class <- function(ask) {
  object <- ask$object
  require_outcomes(ask)
  eta <- row_predictors(ask)
  if (is_category(object$family)) {
    prob <- fit_parameters(object, eta)$prob
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
