# The beta family: mean and precision, each with a predictor of its own.

#' The beta family
#'
#' For rates and proportions strictly between 0 and 1 that are not counts of successes.
#' Mean and precision each have a linear predictor.
#'
#' @param link,link_phi Link of the mean and of the precision: a name or link object,
#'   see [gamut_link()].
#'
#' @details
#' Density, with mean \eqn{\mu} and precision \eqn{\phi}:
#' \deqn{f(y) = \frac{\Gamma(\phi)}{\Gamma(\mu\phi)\Gamma((1-\mu)\phi)}
#'   y^{\mu\phi-1} (1-y)^{(1-\mu)\phi-1}, \quad 0 < y < 1}{f(y) = Gamma(phi) /
#'   (Gamma(mu phi) Gamma((1 - mu) phi)) y^(mu phi - 1) (1 - y)^((1 - mu) phi - 1),
#'   0 < y < 1}
#' The variance is \eqn{\mu(1-\mu)/(1+\phi)}.
#'
#' * **Parameters**: `mu` (main predictor) and `phi`. Without a formula of its own `phi`
#'   has an intercept: `gamut(list(y ~ x, phi ~ z), family = Beta(), data = d)`.
#' * **Links**: of `mu` `"logit"` (default), `"probit"`, `"cauchit"`, `"cloglog"`,
#'   `"loglog"`, `"log"`; of `phi` `"log"` (default), `"sqrt"`, `"identity"`; all others
#'   of [gamut_link()].
#' * **Weights** are factors of the log-likelihood.
#' * **Dispersion** is fixed at 1: the precision is a parameter.
#' * **Standard errors** come from observed information. Ferrari and Cribari-Neto (2004)
#'   print those of expected information: `gamut_control(information = "expected")`.
#' * **Deviance** residuals compare with the saturated mean at the same \eqn{\phi}, the
#'   solution of \eqn{\psi(\mu\phi) - \psi((1-\mu)\phi) = \log\{y/(1-y)\}}{digamma(mu phi)
#'   - digamma((1 - mu) phi) = log(y / (1 - y))}.
#' * **Starting values**: \eqn{\mu} is \eqn{y} shrunken a little towards 1/2, and
#'   \eqn{\phi = 8}.
#'
#' @return A family object of class `c("gamut_family", "family")`. As this is no
#'   exponential dispersion family, its `dev.resids` is an error.
#' @references Ferrari, S. and Cribari-Neto, F. (2004) Beta regression for modelling
#'   rates and proportions. *Journal of Applied Statistics* 31, 799-815.
#'   \doi{10.1080/0266476042000214501}
#' @examples
#' Beta(link = "cloglog")
#' family_density(Beta(), c(0.1, 0.5), list(mu = 0.3, phi = 5))
#' family_quantile("Beta", c(0.05, 0.95), list(mu = 0.3, phi = 5))
#' @family families
#' @export
Beta <- function(link = "logit", link_phi = "log") { # nolint: object_name_linter.
  link <- resolve_link(link, call = sys.call())
  link_phi <- resolve_link(link_phi, call = sys.call())
  base <- plain_family("Beta", link,
    variance = function(mu) mu * (1 - mu),
    validmu = function(mu) all(is.finite(mu)) && all(mu > 0 & mu < 1)
  )
  new_gamut_family(
    base, "beta",
    distribution = list(
      density = beta_density, cdf = beta_cdf, quantile = beta_quantile,
      random = beta_random, mean = mean_parameter, var = beta_variance,
      loglik = likelihood_weighted(beta_density), unit_deviance = beta_deviance
    ),
    response = read_open_unit, links = list(mu = link, phi = link_phi),
    has_deviance = FALSE, domain = list(mu = c(0, 1), phi = c(0, Inf))
  )
}

#' The fields of a stats family for a distribution that is no exponential dispersion
#' family in its mean
#' @noRd
plain_family <- function(family, link, variance, validmu) {
  force(family)
  list(
    family = family, link = link$name, linkfun = link$linkfun, linkinv = link$linkinv,
    variance = variance,
    dev.resids = function(y, mu, wt) {
      abort_gamut(
        "The ", family, " family has no deviance that depends on the mean alone.",
        class = "family"
      )
    },
    # the objective of the engine is minus twice the log-likelihood for such families
    aic = function(y, n, mu, wt, dev) dev,
    mu.eta = link$mu.eta,
    initialize = expression({
      n <- rep.int(1, nobs)
      mustart <- y
    }),
    validmu = validmu, valideta = link$valideta
  )
}

#' @noRd
beta_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  stats::dbeta(y, par$mu * par$phi, (1 - par$mu) * par$phi, log = log)
}

#' @noRd
beta_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                     lower = TRUE, log = FALSE) {
  stats::pbeta(y, par$mu * par$phi, (1 - par$mu) * par$phi,
    lower.tail = lower, log.p = log
  )
}

#' @noRd
beta_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  stats::qbeta(p, par$mu * par$phi, (1 - par$mu) * par$phi)
}

#' @noRd
beta_random <- function(n, par, weights = NULL, dispersion = 1) {
  stats::rbeta(n, par$mu * par$phi, (1 - par$mu) * par$phi)
}

#' @noRd
beta_variance <- function(par, weights = NULL, dispersion = 1) {
  par$mu * (1 - par$mu) / (1 + par$phi)
}

#' Twice the log-likelihood lost against the saturated mean, phi as it is
#' @noRd
beta_deviance <- function(y, par, weights = NULL) {
  best <- list(mu = beta_saturated_mean(y, par$phi), phi = par$phi)
  lost <- beta_density(y, best) - beta_density(y, par)
  2 * pmax(lost, 0) * if (is.null(weights)) 1 else weights
}

#' The mean at which a single y has its highest density
#'
#' digamma(mu phi) - digamma((1 - mu) phi) rises in mu from -Inf to Inf; Newton steps in
#' logit(mu), halved into a bracket that shrinks from both sides.
#' @noRd
beta_saturated_mean <- function(y, phi) {
  target <- stats::qlogis(y)
  phi <- rep_len(phi, length(y))
  t <- target
  # exp(-300) is where trigamma() still has a value
  low <- rep_len(-300, length(y))
  high <- -low
  for (iteration in seq_len(200L)) {
    mu <- stats::plogis(t)
    nu <- stats::plogis(-t)
    gap <- digamma(mu * phi) - digamma(nu * phi) - target
    slope <- phi * mu * nu * (trigamma(mu * phi) + trigamma(nu * phi))
    low <- ifelse(gap < 0, t, low)
    high <- ifelse(gap < 0, high, t)
    next_t <- t - gap / slope
    lost <- !is.finite(next_t) | next_t < low | next_t > high
    next_t[lost] <- ((low + high) / 2)[lost]
    moved <- max(0, abs(next_t - t))
    t <- next_t
    if (moved < 1e-12) break
  }
  stats::plogis(t)
}
