# Checks of the estimate itself: is it a maximum, and is it one that the data determine?

#' @noRd
examine_convergence <- function(context) {
  state <- context$fit$convergence
  if (state$converged) {
    return(check_row("convergence", "ok",
                     paste("converged after", count_of(state$iterations, "iteration")),
                     value = state$iterations))
  }
  check_row("convergence", "problem", paste0("the fit did not converge: ", state$message),
            paste("do not use the estimates; look at the separation and collinearity",
                  "below, simplify the model, or give `start` and more iterations by",
                  "gamut_control(max_iterations = )"), value = state$iterations)
}

#' Parameters at an end of their range
#' @noRd
examine_boundary <- function(context) {
  family <- context$family
  at_end <- rep(FALSE, length(context$counted))
  which <- character()
  for (name in intersect(names(family$domain), names(context$parameters))) {
    value <- as.matrix(context$parameters[[name]])
    ends <- family$domain[[name]]
    # where glm() warns of probabilities that are numerically 0 or 1
    near <- 10 * .Machine$double.eps
    here <- rowSums((is.finite(ends[1L]) & value - ends[1L] < near) |
                      (is.finite(ends[2L]) & ends[2L] - value < near)) > 0
    if (any(here[context$counted])) which <- c(which, name)
    at_end <- at_end | here
  }
  found <- which(at_end[context$counted])
  if (!length(found)) {
    return(check_row("boundary", "ok", "no fitted parameter is at the end of its range",
                     value = 0))
  }
  check_row("boundary", "note",
            paste0("the fitted ", paste(which, collapse = " and "), " of ",
                   count_of(length(found), "row"), " is at the end of its range: row",
                   if (length(found) > 1L) "s", " ", enumerate(context$names(found))),
            paste("intervals of such rows mean little; see the separation, and whether",
                  "these rows belong to the same model"),
            value = length(found), rows = context$names(found))
}

#' Coefficients without a finite estimate
#'
#' A fit that diverges has asked detect_separation() already.
#' @noRd
examine_separation <- function(context) {
  found <- context$fit$convergence$separation
  running <- names(which(found$coefficients != 0))
  if (!length(running) && context$fit$convergence$code != "diverging") {
    return(check_row("separation", "ok", "no coefficient grows without end", value = 0))
  }
  text <- if (!length(running)) context$fit$convergence$message
          else paste0("no finite estimate: ", enumerate(running))
  check_row("separation", "problem", text,
            paste("their estimates and Wald tests mean nothing: fit with `bias_reduction",
                  "= TRUE`, join levels, or leave the variable out; the fit's other",
                  "coefficients can be used"),
            value = length(running), rows = running)
}

#' @noRd
examine_aliasing <- function(context) {
  coefficients <- context$fit$coefficients
  names <- names(coefficients)[is.na(coefficients)]
  if (!length(names)) {
    return(check_row("aliasing", "ok", "all coefficients are estimated", value = 0))
  }
  check_row("aliasing", "note",
            paste0(count_of(length(names), "coefficient"), " cannot be estimated, as ",
                   "others determine ", if (length(names) == 1L) "it" else "them", ": ",
                   ticked(names)),
            paste("see alias() for which; leave terms out that say the same, and do not",
                  "read coefficients beside them as effects of their own"),
            value = length(names), rows = names)
}

#' The largest variance inflation, over all predictors
#' @noRd
examine_collinearity <- function(context) {
  fit <- context$fit
  found <- lapply(fit$predictors, variance_inflation, fit = fit)
  names(found) <- if (length(found) == 1L) "" else paste0(names(fit$predictors), ":")
  found <- Filter(Negate(is.null), found)
  if (!length(found)) return(NULL)
  inflation <- unlist(unname(Map(function(one, prefix) {
    stats::setNames(one$inflation, paste0(prefix, names(one$inflation)))
  }, found, names(found))))
  condition <- max(vapply(found, `[[`, 0, "condition"))
  worst <- max(inflation)
  many <- names(inflation)[inflation >= max(10, 0.1 * worst)]
  verdict <- if (worst >= 100) "problem" else if (worst >= 10) "note" else "ok"
  check_row(
    "collinearity", verdict,
    paste0("the largest variance inflation factor is ", short_number(worst), " (",
           ticked(if (length(many)) many else names(which.max(inflation))),
           "), the condition number ", short_number(condition)),
    paste("variables that say the same share their effect, and their standard errors are",
          "wide: leave one out, combine them, or test them together by anova().",
          "Between a variable and its own powers or interactions it does no harm"),
    value = worst, rows = if (verdict != "ok") many
  )
}

#' Generalised variance inflation of the terms of one predictor
#'
#' With the covariance V of all coefficients but the intercept, the GVIF of term t is
#' det(V_tt) det((V^-1)_tt), here to the power 1/df.
#' @return list(inflation, condition), or `NULL` where there are no two terms.
#' @noRd
variance_inflation <- function(predictor, fit, most = 1500L) {
  position <- predictor$position
  used <- !is.na(fit$coefficients[position]) & predictor$assign > 0L
  term <- predictor$assign[used]
  if (length(unique(term)) < 2L || sum(used) > most) return(NULL)
  covariance <- unscaled_vcov(fit)[position[used], position[used]]
  if (anyNA(covariance) || any(diag(covariance) <= 0)) return(NULL)
  correlation <- stats::cov2cor(covariance)
  spectrum <- eigen(correlation, symmetric = TRUE)
  values <- pmax(spectrum$values, .Machine$double.eps)
  inverse <- spectrum$vectors %*% (t(spectrum$vectors) / values)
  inflation <- vapply(split(seq_along(term), term), function(at) {
    log_det <- function(x) as.double(determinant(x[at, at, drop = FALSE])$modulus)
    exp((log_det(correlation) + log_det(inverse)) / length(at))
  }, 0)
  names(inflation) <- predictor$term_labels[as.integer(names(inflation))]
  list(inflation = inflation, condition = sqrt(max(values) / min(values)))
}
