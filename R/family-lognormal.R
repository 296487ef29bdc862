# The lognormal family.

#' The lognormal family
#'
#' For a positive response whose logarithm is normal.
#'
#' @param link,link_sigma Links of `mu` and `sigma`, see [gamut_link()].
#'
#' @details
#' Density, with \eqn{\mu = E \log y} and \eqn{\sigma} the standard deviation of
#' \eqn{\log y}:
#' \deqn{f(y) = \frac{1}{y\sigma\sqrt{2\pi}}
#'   \exp\left\{-\frac{(\log y-\mu)^2}{2\sigma^2}\right\}, \quad y > 0}{
#'   f(y) = exp(-(log(y) - mu)^2 / (2 sigma^2)) / (y sigma sqrt(2 pi)), y > 0}
#'
#' * **Parameters**: `mu`, the mean of the logarithm (not of the response, whose mean is
#'   \eqn{\exp(\mu + \sigma^2/2)}), and `sigma`. As [survival::survreg()] and brms have
#'   it; glmmTMB describes the mean of the response.
#' * **Links**: of `mu` `"identity"` (default), of `sigma` `"log"` (default), and all
#'   others of [gamut_link()].
#' * **Weights** are factors of the log-likelihood. **Dispersion** is fixed at 1.
#' * **Standard errors** come from observed information; expected information is there
#'   in closed form.
#' * **Starting values**: \eqn{\mu = \log y}, \eqn{\sigma} the spread of \eqn{\log y}.
#'
#' Times that are censored: `censored(lognormal())`, see [censored()].
#'
#' @return A family object of class `c("gamut_family", "family")`.
#' @references Johnson, N. L., Kotz, S. and Balakrishnan, N. (1994) *Continuous
#'   Univariate Distributions*, volume 1, chapter 14. Wiley.
#' @examples
#' fit <- gamut(Volume ~ log(Girth), family = lognormal(), data = trees)
#' fit
#' # the mean of the response
#' predict(fit, data.frame(Girth = c(10, 15)), type = "response")
#' @family families
#' @export
lognormal <- function(link = "identity", link_sigma = "log") {
  link <- resolve_link(link, call = sys.call())
  link_sigma <- resolve_link(link_sigma, call = sys.call())
  density_family(
    "lognormal", "lognormal", list(mu = link, sigma = link_sigma),
    domain = list(mu = c(-Inf, Inf), sigma = c(0, Inf)),
    density = lognormal_density, cdf = lognormal_cdf, quantile = lognormal_quantile,
    random = lognormal_random, mean = lognormal_mean, var = lognormal_variance,
    unit_deviance = deviance_against(lognormal_density, log), response = read_positive,
    support = c(0, Inf),
    extra = list(
      edges = list(sigma = scale_edges(log)),
      numbers = numbers_from(spread_number, otherwise = log), pilot = log,
      mean_range = c(0, Inf),
      bounded = list(censored = "censored_lognormal", truncated = "truncated_lognormal"),
      zero_inflated_form = function(family) hurdle(family)
    )
  )
}

#' @noRd
lognormal_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  stats::dlnorm(y, par$mu, par$sigma, log)
}

#' @noRd
lognormal_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                          lower = TRUE, log = FALSE) {
  stats::plnorm(y, par$mu, par$sigma, lower, log)
}

#' @noRd
lognormal_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  stats::qlnorm(p, par$mu, par$sigma)
}

#' @noRd
lognormal_random <- function(n, par, weights = NULL, dispersion = 1) {
  stats::rlnorm(n, par$mu, par$sigma)
}

#' @noRd
lognormal_mean <- function(par) exp(par$mu + par$sigma^2 / 2)

#' @noRd
lognormal_variance <- function(par, weights = NULL, dispersion = 1) {
  expm1(par$sigma^2) * lognormal_mean(par)^2
}
