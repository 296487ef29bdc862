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
  moved <- prediction_gradient(ask, state)
  spread <- rowSums((moved$gradient %*% state$psi) * moved$gradient)
  # what has no error has one for certain
  ifelse(moved$variance > 0, 2 * moved$variance^2 / spread, Inf)
}

#' @return list: `variance` of each row's error, `gradient` (rows x parameters, sigma^2
#'   last).
#' @noRd
prediction_gradient <- function(ask, state) {
  x <- prediction_columns(ask, state)
  sizes <- random_sizes(state$object)
  if (!is_written_out(state$products$between, sizes)) {
    return(add_independent(ask, state, one_factor_gradient(x, ask, state)))
  }
  n <- nrow(x)
  # some rows at a time, as each has a column of the length of all random effects
  step <- max(1L, as.integer(2^22 / sum(lengths(sizes$rows))))
  blocks <- split(seq_len(n), (seq_len(n) - 1L) %/% step)
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

#' The same for effects of one factor, of which a row has those of its level alone
#'
#' With f = Phi (x - F'Sigma z) the rest of e is zero but at the row's level, and what f
#' brings is a form in F'D_k F, of the size of the fixed effects.
#' @noRd
one_factor_gradient <- function(x, ask, state) {
  own <- level_products(ask, state)
  z <- own$z
  sigma <- state$object$random[[1L]]$covariance
  prior <- sigma %*% z
  answered <- 0 * z
  for (i in seq_len(nrow(z))) {
    for (j in seq_len(nrow(z))) {
      answered[i, ] <- answered[i, ] + own$between[i, j, ] * prior[j, ]
    }
  }
  rest <- x - own$across(prior)
  fixed <- rest %*% state$products$phi
  variance <- colSums(z * prior) - colSums(prior * answered) + rowSums(rest * fixed)
  e <- z - answered
  form <- function(change, slope) {
    moved <- change %*% e
    colSums(e * moved) - 2 * rowSums(own$across(moved) * fixed) +
      rowSums((fixed %*% slope) * fixed)
  }
  changes <- lapply(state$parameters, `[[`, "change")
  moved <- Map(form, changes, state$slopes[seq_along(changes)])
  across <- state$products$across
  slope <- crossprod(across, times_levels(list(sigma), across,
                                          random_sizes(state$object)))
  by_dispersion <- (variance - form(sigma, slope)) / state$object$dispersion
  list(variance = variance,
       gradient = do.call(cbind, c(unname(moved), list(by_dispersion))))
}

#' z of each row (effects x rows), its level's block of M, and F'v for v at its level;
#' all 0 where the level is not known, or no effect counts
#' @noRd
level_products <- function(ask, state) {
  object <- state$object
  problem <- ask$rows$problem
  b <- length(object$random[[1L]]$effects)
  levels <- length(object$random[[1L]]$levels)
  z <- matrix(0, b, problem$rows)
  code <- rep(1L, problem$rows)
  if (length(problem$random)) {
    entry <- problem$random[[1L]]
    place <- entry$place %||% list(entry = 1L, columns = seq_len(b))
    weights <- effect_weights(problem, problem$terms[[entry$term]],
                              seq_len(problem$rows))[[1L]]
    z[place$columns, ] <- t(weights)
    kept <- ask$rows$choice[[1L]]
    if (!is.null(kept)) z[!kept, ] <- 0
    found <- ask$rows$frame$group_codes[[entry$key]]
    z[, is.na(found)] <- 0
    code <- ifelse(is.na(found), 1L, found)
  }
  across <- array(state$products$across, c(b, levels, ncol(state$products$across)))
  list(
    z = z,
    between = array(state$products$between, c(b, b, levels))[, , code, drop = FALSE],
    across = function(v) {
      if (!dim(across)[3L]) return(matrix(0, length(code), 0L))
      parts <- lapply(seq_len(b), function(i) {
        matrix(across[i, code, ], length(code)) * v[i, ]
      })
      Reduce(`+`, parts)
    }
  )
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
