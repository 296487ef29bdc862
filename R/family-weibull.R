# The Weibull family.

#' The Weibull family
#'
#' For times until an event, with a hazard that rises or falls as a power of time.
#'
#' @param link,link_sigma Links of `mu` and `sigma`, see [gamut_link()].
#'
#' @details
#' Density, with scale \eqn{\mu} and \eqn{\sigma}, the inverse of the shape:
#' \deqn{f(y) = \frac{1}{\sigma y} t e^{-t}, \quad t = (y/\mu)^{1/\sigma},\; y > 0}{
#'   f(y) = t exp(-t) / (sigma y), t = (y / mu)^(1 / sigma), y > 0}
#' so that \eqn{\log y = \log\mu + \sigma w} with \eqn{e^w} a standard exponential. The
#' parameters are those of [survival::survreg()]: with the log link the coefficients of
#' `mu` are its coefficients, and `sigma` is its `scale`. The shape of [stats::dweibull()]
#' is \eqn{1/\sigma}.
#'
#' * **Parameters**: `mu`, the scale (63 in 100 are below it), and `sigma`. The mean is
#'   \eqn{\mu\Gamma(1+\sigma)}. With \eqn{\sigma = 1} this is [exponential()].
#' * **Links**: of both `"log"` (default) and all others of [gamut_link()].
#' * **Weights** are factors of the log-likelihood. **Dispersion** is fixed at 1.
#' * **Standard errors** come from observed information; expected information is there
#'   in closed form.
#' * **Starting values**: \eqn{\mu = y}, and \eqn{\sigma} from the spread of
#'   \eqn{\log y}.
#'
#' Times that are censored: `censored(weibull())`, see [censored()].
#'
#' @return A family object of class `c("gamut_family", "family")`.
#' @references Kalbfleisch, J. D. and Prentice, R. L. (2002) *The Statistical Analysis of
#'   Failure Time Data*, 2nd edition, section 2.2. \doi{10.1002/9781118032985}
#' @examples
#' gamut(dist ~ speed, family = weibull(), data = cars)
#' family_quantile(weibull(), c(0.1, 0.5, 0.9), list(mu = 10, sigma = 0.5))
#' @family families
#' @export
weibull <- function(link = "log", link_sigma = "log") {
  link <- resolve_link(link, call = sys.call())
  link_sigma <- resolve_link(link_sigma, call = sys.call())
  density_family(
    "weibull", "weibull", list(mu = link, sigma = link_sigma),
    domain = list(mu = c(0, Inf), sigma = c(0, Inf)),
    density = weibull_density, cdf = weibull_cdf, quantile = weibull_quantile,
    random = weibull_random, mean = function(par) par$mu * gamma(1 + par$sigma),
    var = weibull_variance, unit_deviance = deviance_against(weibull_density),
    response = read_positive, support = c(0, Inf),
    extra = list(
      edges = list(sigma = scale_edges(log)),
      # the standard deviation of the logarithm of an exponential is pi / sqrt(6)
      numbers = numbers_from(function(e, y) spread_of(e) * sqrt(6) / pi, 1, log),
      pilot = identity,
      bounded = list(censored = "censored_weibull", truncated = "truncated_weibull")
    )
  )
}

#' @noRd
weibull_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  stats::dweibull(y, 1 / par$sigma, par$mu, log)
}

#' @noRd
weibull_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                        lower = TRUE, log = FALSE) {
  stats::pweibull(y, 1 / par$sigma, par$mu, lower, log)
}

#' @noRd
weibull_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  stats::qweibull(p, 1 / par$sigma, par$mu)
}

#' @noRd
weibull_random <- function(n, par, weights = NULL, dispersion = 1) {
  stats::rweibull(n, 1 / par$sigma, par$mu)
}

#' @noRd
weibull_variance <- function(par, weights = NULL, dispersion = 1) {
  par$mu^2 * (gamma(1 + 2 * par$sigma) - gamma(1 + par$sigma)^2)
}
