# Degrees of freedom of intervals for predictions of a linear mixed model, by
# Satterthwaite's method.
#
# A prediction of x'beta + z'u is a'y, the best linear unbiased one; its error has the
# variance v = a'V a - 2 a'Z Sigma z + z'Sigma z. As a minimises v with X'a = x, only
# what stands in v moves with a parameter k of Sigma, D_k = d Sigma / d psi_k:
#   dv / d psi_k = e'D_k e,  e = z - Z'a = z - M Sigma z - F Phi (x - F'Sigma z),
# with F, M, Phi of marginal-information.R; and of what is left of v, the part of the
# residual variance, dv / d sigma^2 = (v - e'Sigma e) / sigma^2. Then nu = 2 v^2 / g'A g.
# A level that is not known adds z'Sigma z, a new response sigma^2 / w.

#' Degrees of freedom for each row, infinite where normal quantiles are asked for
#' @param object The fit with all its random effects.
#' @noRd
prediction_df <- function(ask, object, ddf) {
  if (is.null(ddf)) return(ask$df)
  ddf <- check_choice(ddf, "ddf", c("none", "satterthwaite"))
  if (ask$interval == "none") {
    abort_request("ddf", "`ddf` is for intervals: give `interval` too.")
  }
  if (!is_mixed(object) || !is_profiled(object$family)) {
    abort_gamut("`ddf` is for linear mixed models (gaussian, identity link, random ",
                "effects); of others the quantiles are those that ?predict.gamut says.",
                class = "unsupported")
  }
  if (ddf == "none") return(Inf)
  state <- small_sample_state(object, "satterthwaite")
  state$parameters <- variance_parameters(object)
  state$products <- marginal_products(object)
  moved <- prediction_gradient(ask, state)
  # variances at 0 that are all there is leave nothing to estimate
  2 * moved$variance^2 / rowSums((moved$gradient %*% state$psi) * moved$gradient)
}

#' @return list: `variance` of each row's error, `gradient` (rows x parameters, sigma^2
#'   last).
#' @noRd
prediction_gradient <- function(ask, state) {
  n <- ask$rows$problem$rows
  effects <- sum(lengths(random_sizes(state$object)$rows))
  # some rows at a time, as each has a column of the length of all random effects
  step <- max(1L, as.integer(2^22 / effects))
  blocks <- split(seq_len(n), (seq_len(n) - 1L) %/% step)
  x <- prediction_columns(ask, state)
  parts <- lapply(blocks, function(rows) {
    error_gradient(x[rows, , drop = FALSE], prediction_effects(ask, state, rows), state)
  })
  variance <- unlist(lapply(parts, `[[`, "variance"), use.names = FALSE)
  gradient <- do.call(rbind, lapply(parts, `[[`, "gradient"))
  add_independent(ask, state, list(variance = variance, gradient = gradient))
}

#' Centred columns of the fixed effects
#' @noRd
prediction_columns <- function(ask, state) {
  object <- state$object
  x <- predictor_matrix(object$predictors[[1L]], ask$rows$frame)
  x[, !is.na(object$coefficients), drop = FALSE] %*% state$basis
}

#' Columns z of all random effects of the fit: effects x rows, 0 for unknown levels
#' @noRd
prediction_effects <- function(ask, state, rows) {
  object <- state$object
  problem <- ask$rows$problem
  z <- matrix(0, length(object$modes), length(rows))
  for (t in seq_along(problem$random)) {
    term <- problem$terms[[problem$random[[t]]$term]]
    z[term$position - length(object$coefficients), ] <- t(random_design(problem, t, rows))
  }
  z
}

#' @noRd
error_gradient <- function(x, z, state) {
  sizes <- random_sizes(state$object)
  products <- state$products
  known <- lapply(state$object$random, `[[`, "covariance")
  prior <- times_levels(known, z, sizes)
  answered <- times_between(products$between, prior, sizes)
  rest <- t(x) - crossprod(products$across, prior)
  fixed <- products$phi %*% rest
  variance <- colSums(z * prior) - colSums(prior * answered) + colSums(rest * fixed)
  e <- z - answered - products$across %*% fixed
  form <- function(changes) colSums(e * times_levels(changes, e, sizes))
  moved <- lapply(state$parameters, function(parameter) {
    form(change_of_term(parameter$change, parameter$term, sizes))
  })
  gradient <- do.call(cbind, c(moved, list((variance - form(known)) /
                                             state$object$dispersion)))
  list(variance = variance, gradient = gradient)
}

#' What is independent of the data: effects of unknown levels, and noise
#' @noRd
add_independent <- function(ask, state, moved) {
  last <- ncol(moved$gradient)
  if (length(ask$rows$unknown)) {
    known <- lapply(state$object$random, `[[`, "covariance")
    moved$variance <- moved$variance + prior_covariances(ask, known)[, 1L]
    for (k in seq_len(last - 1L)) {
      parameter <- state$parameters[[k]]
      change <- replace(lapply(known, `*`, 0), parameter$term, list(parameter$change))
      moved$gradient[, k] <- moved$gradient[, k] + prior_covariances(ask, change)[, 1L]
    }
  }
  if (ask$interval == "prediction") {
    noise <- row_dispersion(ask$dispersion, ask$weights)
    moved$variance <- moved$variance + noise
    moved$gradient[, last] <- moved$gradient[, last] + noise / ask$dispersion
  }
  moved
}
