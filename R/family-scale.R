# Families with a predictor for their scale: gaussian, Gamma and inverse gaussian with
# `dispformula`, and what all families with a scale share.

#' A start for a scale, from the spread of the response: robust, in its unit, not zero
#' @noRd
spread_of <- function(y) {
  y <- y[is.finite(y)]
  candidates <- c(stats::mad(y), stats::sd(y), mean(abs(y)), 1)
  candidates[is.finite(candidates) & candidates > 0][[1L]]
}

#' The `numbers` field of a family: `of(e, y)`, nothing where there is no response
#'
#' `e` are the residuals of a first fit over a power of its values, or the response.
#' @noRd
numbers_from <- function(of, power = 0, otherwise = identity) {
  force(of)
  force(otherwise)
  function(family, y) {
    if (is.null(y)) return(numeric())
    of(pilot_scaled(family$piloted, power, otherwise(y)), y)
  }
}

#' @noRd
spread_number <- function(e, y) spread_of(e)

#' Unit deviance of a family whose density is highest where the main parameter is best(y)
#' @noRd
deviance_against <- function(density, best = identity) {
  force(density)
  force(best)
  function(y, par, weights = NULL) {
    top <- par
    top[[1L]] <- best(y)
    lost <- density(y, top) - density(y, par)
    2 * pmax(lost, 0) * if (is.null(weights)) 1 else weights
  }
}

#' @noRd
scale_links <- function(link, name) {
  stats::setNames(list(link, resolve_link("log")), c("mu", name))
}

#' The gaussian family with a parameter sigma, its standard deviation
#' @noRd
gaussian_with_sigma <- function(family) {
  density_family(
    "gaussian", "normal", scale_links(family$links$mu, "sigma"),
    domain = list(mu = c(-Inf, Inf), sigma = c(0, Inf)),
    density = normal_density, cdf = normal_cdf, quantile = normal_quantile,
    random = normal_random, mean = mean_parameter,
    var = function(par, weights = NULL, dispersion = 1) par$sigma^2 + 0 * par$mu,
    unit_deviance = deviance_against(normal_density), response = read_real,
    extra = list(
      numbers = numbers_from(spread_number), pilot = identity,
      edges = list(sigma = scale_edges()),
      bounded = list(censored = "censored_normal", truncated = "truncated_normal")
    )
  )
}

#' @noRd
normal_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  stats::dnorm(y, par$mu, par$sigma, log)
}

#' @noRd
normal_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                       lower = TRUE, log = FALSE) {
  stats::pnorm(y, par$mu, par$sigma, lower, log)
}

#' @noRd
normal_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  stats::qnorm(p, par$mu, par$sigma)
}

#' @noRd
normal_random <- function(n, par, weights = NULL, dispersion = 1) {
  stats::rnorm(n, par$mu, par$sigma)
}

#' Gamma with a parameter phi, its dispersion
#' @noRd
gamma_with_phi <- function(family) {
  density <- with_dispersion(gamma_density)
  density_family(
    "Gamma", "gamma_phi", scale_links(family$links$mu, "phi"),
    domain = list(mu = c(0, Inf), phi = c(0, Inf)), density = density,
    cdf = with_dispersion(gamma_cdf), quantile = with_dispersion(gamma_quantile),
    random = with_dispersion(gamma_random), mean = mean_parameter,
    var = function(par, weights = NULL, dispersion = 1) par$phi * par$mu^2,
    unit_deviance = deviance_against(density), response = read_positive,
    support = c(0, Inf),
    extra = list(
      numbers = numbers_from(dispersion_number, 1, relative_to_mean), pilot = identity,
      edges = list(phi = dispersion_edges(function(y) 1)),
      bounded = list(censored = "censored_gamma_phi", truncated = "truncated_gamma_phi"),
      zero_inflated_form = function(family) hurdle(family)
    )
  )
}

#' Inverse gaussian with a parameter phi, its dispersion
#' @noRd
inverse_gaussian_with_phi <- function(family) {
  density <- with_dispersion(invgauss_density)
  density_family(
    "inverse.gaussian", "inverse_gaussian_phi", scale_links(family$links$mu, "phi"),
    domain = list(mu = c(0, Inf), phi = c(0, Inf)), density = density,
    cdf = with_dispersion(invgauss_cdf),
    quantile = with_dispersion(invgauss_quantile),
    random = with_dispersion(invgauss_random), mean = mean_parameter,
    var = function(par, weights = NULL, dispersion = 1) par$phi * par$mu^3,
    unit_deviance = deviance_against(density), response = read_positive,
    support = c(0, Inf),
    extra = list(
      pilot = identity, edges = list(phi = dispersion_edges(function(y) max(y))),
      numbers = numbers_from(dispersion_number, 1.5, function(y) {
        (y - mean(y)) / mean(y)^1.5
      })
    )
  )
}

#' A function of a family with a dispersion, where the dispersion is the parameter phi
#' @noRd
with_dispersion <- function(f) {
  force(f)
  function(y, par, weights = NULL, dispersion = 1, ...) {
    f(y, par, NULL, par$phi, ...)
  }
}

#' The square of a spread, and of relative ones not much more than an exponential's
#' @noRd
dispersion_number <- function(e, y) spread_of(e)^2

#' @noRd
relative_to_mean <- function(y) (y - mean(y)) / mean(y)
