# The Poisson family.

#' The Poisson family
#'
#' [stats::poisson()], for counts.
#'
#' @details
#' Density, with mean \eqn{\mu}:
#' \deqn{f(y) = \frac{\mu^y e^{-\mu}}{y!}, \quad y = 0, 1, 2, \ldots}{
#'   f(y) = mu^y exp(-mu) / y!, y = 0, 1, 2, ...}
#'
#' * **Parameter**: `mu`, the mean. \eqn{V(\mu) = \mu}.
#' * **Links**: `"log"` (default), `"sqrt"`, `"identity"` and all others of
#'   [gamut_link()].
#' * **Response**: counts. Numbers that are not whole give a warning, since their density
#'   is 0 and the log-likelihood \eqn{-\infty}{-Inf}; coefficients are those of
#'   `quasipoisson()`.
#' * **Weights** are factors of the log-likelihood: a weight of 2 is the row twice. For
#'   exposures use `offset(log(exposure))`.
#' * **Dispersion** is fixed at 1; see [family-quasi] to estimate it.
#' * **Starting values**: \eqn{\mu = y + 0.1}.
#'
#' @references McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*,
#'   2nd edition, chapter 6. \doi{10.1201/9780203753736}
#' @examples
#' family_density(poisson(), 0:3, 1.5)
#' family_cdf(poisson(), 2, 1.5) - family_cdf(poisson(), 2, 1.5, left = TRUE)
#' @name family-poisson
#' @family families
NULL

#' @noRd
build_poisson <- function(base, call = NULL) {
  new_gamut_family(
    base, "poisson",
    distribution = list(
      density = poisson_density, cdf = poisson_cdf, quantile = poisson_quantile,
      random = poisson_random, mean = mean_parameter, var = poisson_variance,
      loglik = likelihood_weighted(poisson_density),
      unit_deviance = edm_deviance(base$dev.resids)
    ),
    response = read_counts, domain = list(mu = c(0, Inf)), discrete = TRUE,
    extra = list(bounded = list(censored = "censored_poisson"))
  )
}

#' @noRd
poisson_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  # dpois warns at each number that is not whole; the response check has said so
  suppressWarnings(stats::dpois(y, par$mu, log))
}

#' @noRd
poisson_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                        lower = TRUE, log = FALSE) {
  stats::ppois(last_count(y, left), par$mu, lower, log)
}

#' @noRd
poisson_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  stats::qpois(p, par$mu)
}

#' @noRd
poisson_random <- function(n, par, weights = NULL, dispersion = 1) {
  as.double(stats::rpois(n, par$mu))
}

#' @noRd
poisson_variance <- function(par, weights = NULL, dispersion = 1) {
  par$mu
}
