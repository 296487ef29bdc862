# A family from its density: what methods need beyond density, distribution function,
# mean and variance is worked out here, row by row at once.

#' A family from few pieces
#'
#' All functions are those of R/family-beta.R: `density(y, par, weights, dispersion, log =
#' TRUE)`, `cdf(y, par, weights, dispersion, left = FALSE, lower = TRUE, log = FALSE)`,
#' `mean(par)`, `var(par, weights, dispersion)`, `quantile(p, par, weights, dispersion)`,
#' `random(n, par, weights, dispersion)`.
#'
#' @param name,id Names of the family for users and for the engine.
#' @param links Named list of links, the main parameter first.
#' @param domain Named list of the ranges of the parameters.
#' @param response Reader of the response, see family-response.R.
#' @param quantile,random,unit_deviance NULL: from `cdf`, by inversion, and by
#'   maximising the density over the main parameter.
#' @param support Ends of the support, or a function of `par` that gives list(lower,
#'   upper).
#' @param ... Further arguments of `new_gamut_family()`; fields of the protocol
#'   (`limits`, `numbers`, `variables`, `observed`, ...) go in `extra`.
#' @noRd
density_family <- function(name, id, links, domain, density, cdf, mean, var, response,
                           quantile = NULL, random = NULL, unit_deviance = NULL,
                           discrete = FALSE, support = c(-Inf, Inf), ...) {
  ends <- support_function(support)
  if (is.null(quantile)) {
    quantile <- if (discrete) search_count(cdf, ends)
                else search_quantile(cdf, density, mean, ends)
  }
  if (is.null(random)) random <- random_by_inversion(quantile)
  if (is.null(unit_deviance)) unit_deviance <- deviance_by_search(density, links[[1L]])
  refuse <- function(...) {
    abort_gamut("The ", name, " family has no variance that depends on the mean alone.",
                class = "family")
  }
  range <- domain[[names(links)[1L]]]
  base <- plain_family(name, links[[1L]], variance = refuse, validmu = function(mu) {
    all(is.finite(mu)) && all(mu >= range[1L] & mu <= range[2L])
  })
  new_gamut_family(
    base, id,
    distribution = list(
      density = density, cdf = cdf, quantile = quantile, random = random, mean = mean,
      var = var, loglik = likelihood_weighted(density), unit_deviance = unit_deviance
    ),
    response = response, links = links, domain = domain, discrete = discrete,
    has_deviance = FALSE, ...
  )
}

#' @noRd
support_function <- function(support) {
  if (is.function(support)) return(support)
  function(par) list(lower = support[1L], upper = support[2L])
}

#' @noRd
random_by_inversion <- function(quantile) {
  force(quantile)
  function(n, par, weights = NULL, dispersion = 1) {
    quantile(stats::runif(n), lapply(par, recycle_rows, n = n), weights, dispersion)
  }
}

#' The least whole number whose probability below or at it is p or more
#'
#' Brackets double from the end of the support, or from 0 where it has none.
#' @noRd
search_count <- function(cdf, ends) {
  force(cdf)
  function(p, par, weights = NULL, dispersion = 1) {
    n <- length(p)
    par <- lapply(par, recycle_rows, n = n)
    end <- lapply(ends(par), rep_len, n)
    reached <- function(y) {
      # as the quantile functions of stats: rounding of cdf(k) must not lead to k + 1
      value <- cdf(y, par, weights, dispersion) >= p * (1 - 64 * .Machine$double.eps)
      value & y >= end$lower | y >= end$upper
    }
    bracket <- bracket_count(reached, ifelse(is.finite(end$lower), end$lower, 0), end)
    low <- bracket$low
    high <- bracket$high
    # the answer is in (low, high]
    while (any(open <- high - low > 1 & is.finite(high), na.rm = TRUE)) {
      middle <- floor((low + high) / 2)
      hit <- reached(middle)
      high <- ifelse(open & hit, middle, high)
      low <- ifelse(open & !hit, middle, low)
    }
    value <- ifelse(p <= 0, end$lower, ifelse(p >= 1, end$upper, high))
    value[is.na(p) | Reduce(`|`, lapply(par, is.na))] <- NA
    value
  }
}

#' @noRd
bracket_count <- function(reached, start, end) {
  low <- start - 1
  high <- start
  step <- 1
  repeat {
    short <- !reached(high) & high < end$upper
    if (!any(short, na.rm = TRUE) || step > 1e15) break
    low <- ifelse(short, high, low)
    high <- ifelse(short, pmin(high + step, end$upper), high)
    step <- 2 * step
  }
  step <- 1
  repeat {
    far <- low >= end$lower & reached(pmax(low, end$lower))
    if (!any(far, na.rm = TRUE) || step > 1e15) break
    high <- ifelse(far, pmin(high, low), high)
    low <- ifelse(far, pmax(low - step, end$lower - 1), low)
    step <- 2 * step
  }
  list(low = low, high = high)
}

#' Quantiles of a continuous distribution: Newton steps inside a bracket
#'
#' On a scale t without ends (logarithm above one end, logit between two) the logarithm
#' of the smaller tail is solved for, so that quantiles far out keep their digits.
#' @noRd
search_quantile <- function(cdf, density, mean, ends) {
  force(cdf)
  function(p, par, weights = NULL, dispersion = 1) {
    n <- length(p)
    par <- lapply(par, recycle_rows, n = n)
    end <- lapply(ends(par), rep_len, n)
    scale <- open_scale(end)
    inner <- !is.na(p) & p > 0 & p < 1
    below <- p <= 0.5
    target <- ifelse(inner, log(ifelse(below, p, 1 - p)), NA)
    gap <- function(t) {
      y <- scale$to(t)
      tail <- ifelse(below, cdf(y, par, weights, dispersion, log = TRUE),
                     cdf(y, par, weights, dispersion, lower = FALSE, log = TRUE))
      list(value = ifelse(below, tail - target, target - tail),
           slope = exp(density(y, par, weights, dispersion) - tail) * scale$slope(t))
    }
    t <- scale$from(rep_len(as.double(mean(par)), n))
    t[!is.finite(t)] <- 0
    y <- scale$to(solve_rising(gap, t))
    y[!inner] <- NA
    zero <- !is.na(p) & p == 0
    one <- !is.na(p) & p == 1
    y[zero] <- end$lower[zero]
    y[one] <- end$upper[one]
    y
  }
}

#' From the real line to what lies between two ends, back, and the derivative
#' @noRd
open_scale <- function(end) {
  low <- is.finite(end$lower)
  high <- is.finite(end$upper)
  width <- end$upper - end$lower
  choose <- function(both, above, below, none) {
    ifelse(low & high, both, ifelse(low, above, ifelse(high, below, none)))
  }
  list(
    to = function(t) {
      choose(end$lower + width * stats::plogis(t), end$lower + exp(t),
             end$upper - exp(-t), t)
    },
    from = function(y) {
      # the branches not chosen may have no value at y
      suppressWarnings(choose(stats::qlogis((y - end$lower) / width), log(y - end$lower),
                              -log(end$upper - y), y))
    },
    slope = function(t) choose(width * stats::dlogis(t), exp(t), exp(-t), 1)
  )
}

#' Root of rising functions, one a row, each from its own start
#' @noRd
solve_rising <- function(gap, t) {
  low <- rep(-Inf, length(t))
  high <- -low
  reach <- 1
  for (iteration in seq_len(400L)) {
    here <- suppressWarnings(gap(t))
    value <- here$value
    low <- ifelse(value < 0, t, low)
    high <- ifelse(value > 0, t, high)
    next_t <- t - value / here$slope
    # far steps, and those out of the bracket, give way to doubling and halving
    middle <- ifelse(is.finite(low) & is.finite(high), (low + high) / 2,
                     ifelse(is.finite(low), low + reach, high - reach))
    bad <- !is.finite(next_t) | next_t <= low | next_t >= high |
      abs(next_t - t) > reach
    next_t <- ifelse(bad, middle, next_t)
    next_t[value %in% 0] <- t[value %in% 0]
    moved <- abs(next_t - t) > 4 * .Machine$double.eps * pmax(abs(t), 1e-300)
    t <- next_t
    if (!any(moved, na.rm = TRUE)) break
    reach <- min(2 * reach, 1e300)
  }
  t
}

#' Twice the log density lost against the best main parameter, the others as they are
#' @noRd
deviance_by_search <- function(density, link) {
  force(density)
  force(link)
  function(y, par, weights = NULL) {
    par <- lapply(par, recycle_rows, n = NROW(y))
    own <- density(y, par)
    value <- function(eta) {
      par[[1L]] <- suppressWarnings(link$linkinv(eta))
      found <- suppressWarnings(density(y, par))
      found[is.na(found) | found == Inf] <- -Inf
      found
    }
    best <- pmax(golden_maximum(value, link$linkfun(par[[1L]])), own)
    2 * (best - own) * if (is.null(weights)) 1 else weights
  }
}

#' Highest values of functions with one top, one a row, by golden section
#'
#' The bracket doubles towards where values rise. A top is flat, so that its height is
#' exact when its place is known to 1e-8.
#' @noRd
golden_maximum <- function(value, middle) {
  low <- middle - 1
  high <- middle + 1
  at <- list(low = value(low), middle = value(middle), high = value(high))
  for (iteration in seq_len(60L)) {
    up <- at$high > at$middle
    down <- !up & at$low > at$middle
    if (!any(up | down)) break
    width <- high - low
    shifted <- list(
      low = ifelse(up, middle, ifelse(down, low - width, low)),
      middle = ifelse(up, high, ifelse(down, low, middle)),
      high = ifelse(up, high + width, ifelse(down, middle, high))
    )
    fresh <- value(ifelse(up, shifted$high, shifted$low))
    at <- list(low = ifelse(up, at$middle, ifelse(down, fresh, at$low)),
               middle = ifelse(up, at$high, ifelse(down, at$low, at$middle)),
               high = ifelse(up, fresh, ifelse(down, at$middle, at$high)))
    low <- shifted$low
    middle <- shifted$middle
    high <- shifted$high
  }
  golden_section(value, low, high, at$middle)
}

#' @noRd
golden_section <- function(value, low, high, best) {
  share <- (sqrt(5) - 1) / 2
  left <- high - share * (high - low)
  right <- low + share * (high - low)
  at_left <- value(left)
  at_right <- value(right)
  for (iteration in seq_len(80L)) {
    best <- pmax(best, at_left, at_right)
    if (all(high - low < 1e-9 * pmax(1, abs(low)))) break
    lower <- at_left >= at_right
    high <- ifelse(lower, right, high)
    low <- ifelse(lower, low, left)
    fresh <- ifelse(lower, high - share * (high - low), low + share * (high - low))
    at_fresh <- value(fresh)
    moved_left <- ifelse(lower, fresh, right)
    right <- ifelse(lower, left, fresh)
    left <- moved_left
    moved_left <- ifelse(lower, at_fresh, at_right)
    at_right <- ifelse(lower, at_left, at_fresh)
    at_left <- moved_left
  }
  best
}
