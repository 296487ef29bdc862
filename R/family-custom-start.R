# Where the fit of a custom family starts, and the unit in which the engine steps along
# each linear predictor to difference the density.

#' The functions that the engine calls: parameters come without their names
#' @noRd
custom_engine_functions <- function(family, y) {
  parameters <- names(family$links)
  named <- function(par) stats::setNames(par, parameters)
  score <- family$user$score
  constants <- if (!is.null(y)) attr(custom_begin(family, y), "constants")
  list(
    density = function(y, par) family$density(y, named(par)),
    score = if (!is.null(score)) {
      function(y, par) custom_score(family, y, named(par))
    },
    start = function(y) custom_start_rows(family, y, constants)
  )
}

#' @noRd
custom_score <- function(family, y, par) {
  value <- family$user$score(c(list(y), par))
  name <- family$family
  if (!is.list(value) || !setequal(names(value), names(par))) {
    custom_error(name, "`score` must return a named list with a vector for each ",
                 "parameter: ", paste0("`", names(par), "`", collapse = ", "), ".")
  }
  lapply(value[names(par)], custom_values, n = length(y), part = "score", name = name)
}

#' Parameters of these rows to start from, a list of vectors
#' @noRd
custom_start_rows <- function(family, y, constants) {
  if (is.null(family$user$start)) return(lapply(constants, rep_len, length(y)))
  value <- family$user$start(list(y))
  wanted <- names(family$links)
  lengths_fine <- is.list(value) && all(lengths(value) %in% c(1L, length(y)))
  if (!lengths_fine || !setequal(names(value), wanted)) {
    custom_error(family$family, "`start` must return a named list with a number, or one ",
                 "a row, for each parameter: ", paste0("`", wanted, "`", collapse = ", "),
                 ".")
  }
  lapply(value[wanted], function(v) rep_len(as.double(v), length(y)))
}

#' Units of the linear predictors, and the parameters to start from where they are
#' constant (attribute)
#' @noRd
custom_numbers <- function(family, y) {
  if (is.null(y)) return(numeric())
  begin <- custom_begin(family, y)
  rows <- sample_places(length(y))
  log_density <- function(eta) family$density(y[rows], inverse_links(eta, family))
  eta <- vapply(names(family$links), function(k) {
    family$links[[k]]$linkfun(begin[[k]][rows])
  }, numeric(length(rows)))
  eta <- matrix(eta, length(rows))
  if (!is.null(family$user$score)) check_custom_score(family, y[rows], eta, log_density)
  vapply(seq_along(family$links), predictor_unit, 0, eta = eta, log_density = log_density)
}

#' At most 1000 rows, evenly spaced
#' @noRd
sample_places <- function(n) {
  if (n <= 1000L) seq_len(n) else round(seq(1, n, length.out = 1000L))
}

#' Parameters to start from, checked: the density must be positive there
#' @noRd
custom_begin <- function(family, y) {
  constants <- if (is.null(family$user$start)) best_constants(family, y)
  begin <- custom_start_rows(family, y, constants)
  value <- family$density(y, begin)
  bad <- !is.finite(value)
  if (any(bad)) {
    where <- if (is.null(constants)) "those of `start`" else
      paste(names(constants), "=", signif(unlist(constants), 3), collapse = ", ")
    custom_error(
      family$family, "the log-density is not finite at the starting values (", where,
      ") in rows ", enumerate(which(bad)), " of the response. Check `density`, or give ",
      "`start`.", class = "start", data = list(rows = which(bad))
    )
  }
  structure(begin, constants = constants)
}

#' The constant parameters with the highest likelihood, roughly
#'
#' Means, spreads and their likes are tried for each parameter; the best of all
#' combinations is improved by a search without derivatives.
#' @noRd
best_constants <- function(family, y) {
  y <- y[sample_places(length(y))]
  lost <- function(eta) {
    par <- inverse_links(matrix(eta, 1L), family)
    value <- -sum(family$density(y, lapply(par, rep_len, length(y))))
    if (is.finite(value)) value else 1e300
  }
  tried <- as.matrix(expand.grid(lapply(names(family$links), guesses, family, y)))
  at <- tried[which.min(apply(tried, 1L, lost)), ]
  # one parameter alone is no case for Nelder and Mead; a start may be rough, so that
  # what optim() thinks of that does not matter
  found <- suppressWarnings(stats::optim(
    at, lost, method = "Nelder-Mead", control = list(maxit = 300L, reltol = 1e-6)
  ))
  best <- if (found$value < lost(at)) found$par else at
  inverse_links(matrix(best, 1L), family)
}

#' Linear predictors of values that a parameter may have
#' @noRd
guesses <- function(parameter, family, y) {
  spread <- stats::sd(y)
  if (!is.finite(spread) || spread == 0) spread <- 1
  middle <- mean(y)
  values <- c(middle, stats::median(y), spread, spread^2, middle^2 / spread^2, 1, 0.5, 2,
              0.1, 10, 0)
  domain <- family$domain[[parameter]]
  values <- values[is.finite(values) & values > domain[1L] & values < domain[2L]]
  eta <- suppressWarnings(family$links[[parameter]]$linkfun(values))
  eta <- unique(eta[is.finite(eta)])
  main <- parameter == names(family$links)[1L]
  many <- if (length(family$links) > 3L) 4L else 7L
  if (!length(eta)) 0 else utils::head(eta, if (main) 3L else many)
}

#' A step along predictor k over which the log-density keeps its shape: its curvature
#' is much the same over one such step and two, in most rows
#'
#' A power of two, so that stepping does not round. Where the curvature never changes,
#' about a standard deviation.
#' @noRd
predictor_unit <- function(k, eta, log_density) {
  here <- log_density(eta)
  curvature <- function(u) {
    side <- function(step) {
      eta[, k] <- eta[, k] + step
      suppressWarnings(log_density(eta))
    }
    (side(u) + side(-u) - 2 * here) / u^2
  }
  keeps_shape <- function(u) {
    near <- curvature(u)
    wide <- curvature(2 * u)
    noise <- 1e-13 * stats::median(abs(here)) / u^2
    mean(is.finite(near + wide)) > 0.95 &&
      stats::median(abs(wide - near), na.rm = TRUE) <=
        0.25 * stats::median(abs(near), na.rm = TRUE) + noise
  }
  unit <- 1
  while (!keeps_shape(unit) && unit > 2^-40) unit <- unit / 2
  longest <- 2 / sqrt(stats::median(abs(curvature(unit)), na.rm = TRUE))
  while (2 * unit <= min(longest, 2^40) && keeps_shape(2 * unit)) unit <- 2 * unit
  unit
}

#' A score that is not the derivative of the density would lead fits astray
#' @noRd
check_custom_score <- function(family, y, eta, log_density) {
  par <- inverse_links(eta, family)
  given <- custom_score(family, y, par)
  for (k in seq_along(given)) {
    unit <- predictor_unit(k, eta, log_density)
    side <- function(step) {
      eta[, k] <- eta[, k] + step * unit / 64
      log_density(eta)
    }
    found <- (8 * (side(1) - side(-1)) - (side(2) - side(-2))) * 64 / (12 * unit)
    score <- given[[k]] * family$links[[k]]$mu.eta(eta[, k])
    # differences over a 64th of the unit are right to 1e-8 or so
    off <- abs(found - score) > 1e-4 * (1 / unit + abs(score))
    if (any(off | is.na(score))) {
      custom_error(
        family$family, "`score` is not the derivative of the log-density in `",
        names(given)[k], "` in rows ", enumerate(which(off | is.na(score))),
        " of the response."
      )
    }
  }
}
