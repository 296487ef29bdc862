# The Gamma family, and the exponential: a Gamma whose dispersion is known to be 1.

#' The Gamma and exponential families
#'
#' [stats::Gamma()] for positive responses with constant coefficient of variation, and
#' `exponential()` for waiting times, where that coefficient is known to be 1.
#'
#' @param link A name or link object, see [gamut_link()].
#'
#' @details
#' Density, with mean \eqn{\mu} and shape \eqn{\nu = a/\phi}{nu = a / phi} (prior weight
#' \eqn{a}, dispersion \eqn{\phi}):
#' \deqn{f(y) = \frac{1}{\Gamma(\nu)} \left(\frac{\nu}{\mu}\right)^\nu y^{\nu-1}
#'   e^{-\nu y/\mu}, \quad y > 0}{f(y) = (nu / mu)^nu y^(nu - 1) exp(-nu y / mu) /
#'   Gamma(nu), y > 0}
#' The exponential has \eqn{\nu = 1}: \eqn{f(y) = \mu^{-1} e^{-y/\mu}}{f(y) =
#' exp(-y / mu) / mu}.
#'
#' * **Parameter**: `mu`, the mean. \eqn{V(\mu) = \mu^2}.
#' * **Links**: `Gamma()` `"inverse"` by default, `exponential()` `"log"` (then minus the
#'   coefficients are log hazard ratios; with `"inverse"` they act on the rate); all
#'   others of [gamut_link()].
#' * **Weights** of `Gamma()` are precisions: the variance of a row is
#'   \eqn{\phi\mu^2/a}. Those of `exponential()` are factors of the log-likelihood.
#' * **Dispersion** of `Gamma()` is estimated, by Pearson's statistic over the residual
#'   degrees of freedom. `logLik()` follows `glm()`: it puts deviance / sum of weights in
#'   its place and counts weights as factors of the log-likelihood. The exponential's is
#'   fixed at 1, so tests are exact in the family and `logLik()` is the log-likelihood.
#' * **Standard errors** of both come from expected information, as those of
#'   `glm(family = Gamma)` with `summary(dispersion = 1)`;
#'   `gamut_control(information = "observed")` gives those of survival regression.
#' * **Starting values**: \eqn{\mu = y}.
#' * **A predictor for the dispersion**: `list(y ~ x, phi ~ z)` or `dispformula = ~ z`
#'   fits \eqn{\phi}, one over the shape, by maximum likelihood, with the log link.
#'   Weights are factors of the log-likelihood then.
#'
#' @return `exponential()`: a family object of class `c("gamut_family", "family")`.
#' @references McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*,
#'   2nd edition, chapter 8. \doi{10.1201/9780203753736}
#' @examples
#' exponential()
#' family_cdf(exponential(), 1, 2)
#' family_density("Gamma", 1:3, 2, dispersion = 0.5)
#' @name family-gamma
#' @family families
#' @export
exponential <- function(link = "log") {
  link <- resolve_link(link, call = sys.call())
  base <- unclass(stats::Gamma(link = link))
  base$family <- "exponential"
  base$simulate <- NULL
  base$aic <- function(y, n, mu, wt, dev) {
    -2 * sum(wt * stats::dexp(y, 1 / mu, log = TRUE))
  }
  new_gamut_family(
    base, "exponential",
    distribution = list(
      density = exponential_density, cdf = exponential_cdf,
      quantile = exponential_quantile, random = exponential_random,
      mean = mean_parameter, var = exponential_variance,
      loglik = likelihood_weighted(exponential_density),
      unit_deviance = edm_deviance(base$dev.resids)
    ),
    response = read_positive, domain = list(mu = c(0, Inf)),
    extra = list(bounded = list(censored = "censored_exponential"))
  )
}

#' @noRd
build_gamma <- function(base, call = NULL) {
  new_gamut_family(
    base, "Gamma",
    distribution = list(
      density = gamma_density, cdf = gamma_cdf, quantile = gamma_quantile,
      random = gamma_random, mean = mean_parameter, var = edm_variance(base$variance),
      loglik = plug_in_loglik(gamma_density, base$dev.resids),
      unit_deviance = edm_deviance(base$dev.resids)
    ),
    response = read_positive, domain = list(mu = c(0, Inf)),
    dispersion = "estimated", weights_are = "precision",
    extra = list(dispersion_form = gamma_with_phi, mixture_base = gamma_with_phi,
                 zero_inflated_form = function(family) hurdle(family))
  )
}

#' @noRd
gamma_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  phi <- row_dispersion(dispersion, weights)
  stats::dgamma(y, shape = 1 / phi, scale = par$mu * phi, log = log)
}

#' @noRd
gamma_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                      lower = TRUE, log = FALSE) {
  phi <- row_dispersion(dispersion, weights)
  stats::pgamma(y,
    shape = 1 / phi, scale = par$mu * phi, lower.tail = lower, log.p = log
  )
}

#' @noRd
gamma_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  phi <- row_dispersion(dispersion, weights)
  stats::qgamma(p, shape = 1 / phi, scale = par$mu * phi)
}

#' @noRd
gamma_random <- function(n, par, weights = NULL, dispersion = 1) {
  phi <- row_dispersion(dispersion, weights)
  stats::rgamma(n, shape = 1 / phi, scale = par$mu * phi)
}

#' Log-likelihood with the dispersion of glm() plugged in, or with a given one
#'
#' glm() takes deviance / sum(a) for the dispersion and multiplies each row's
#' log-density by a. With a given dispersion the weights are what they are elsewhere:
#' precisions.
#' @noRd
plug_in_loglik <- function(density, dev_resids) {
  force(density)
  deviance <- edm_deviance(dev_resids)
  function(y, par, weights = NULL, dispersion = NULL, trials = NULL) {
    row <- counted_rows(y, par, weights)
    if (!is.null(dispersion)) {
      return(sum(density(row$y, row$par, row$weights, dispersion)))
    }
    dispersion <- sum(deviance(row$y, row$par, row$weights)) / sum(row$weights)
    sum(row$weights * density(row$y, row$par, NULL, dispersion))
  }
}

#' @noRd
exponential_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  stats::dexp(y, 1 / par$mu, log)
}

#' @noRd
exponential_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                            lower = TRUE, log = FALSE) {
  stats::pexp(y, 1 / par$mu, lower, log)
}

#' @noRd
exponential_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  stats::qexp(p, 1 / par$mu)
}

#' @noRd
exponential_random <- function(n, par, weights = NULL, dispersion = 1) {
  stats::rexp(n, 1 / par$mu)
}

#' @noRd
exponential_variance <- function(par, weights = NULL, dispersion = 1) {
  par$mu^2
}
