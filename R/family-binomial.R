# The binomial family of proportions, and bernoulli for single 0/1 outcomes.

#' The binomial and Bernoulli families
#'
#' [stats::binomial()] for proportions of successes, and `bernoulli()` for single
#' outcomes, where weights are not numbers of trials.
#'
#' @param link A name or link object, see [gamut_link()].
#'
#' @details
#' Density of the proportion \eqn{y} of \eqn{m} trials with success probability
#' \eqn{\mu}:
#' \deqn{f(y) = {m \choose my} \mu^{my} (1-\mu)^{m(1-y)}}{
#'   f(y) = choose(m, m y) mu^(m y) (1 - mu)^(m (1 - y))}
#' `bernoulli()` has \eqn{m = 1} always.
#'
#' * **Parameter**: `mu`, the probability of success. \eqn{V(\mu) = \mu(1-\mu)}.
#' * **Links**: `"logit"` (default), `"probit"`, `"cauchit"`, `"cloglog"`,
#'   `"loglog"` (as `gamut_link("loglog")` in `binomial()`), `"log"` and all others of
#'   [gamut_link()].
#' * **Response** of `binomial()`: proportions with the trials as `weights`;
#'   `cbind(successes, failures)`; a factor, whose first level is failure and all others
#'   success; logical. Of `bernoulli()`: 0 and 1, a factor or logical.
#' * **Weights** of `binomial()` are numbers of trials (with two columns: factors of
#'   them); the log-likelihood rounds successes and trials to whole numbers, as for
#'   `glm()`. Weights of `bernoulli()` are factors of the log-likelihood, whole or not.
#' * **Dispersion** is fixed at 1; see [family-quasi] to estimate it.
#' * **Starting values**: \eqn{\mu = (ay + 1/2)/(a + 1)} with prior weight \eqn{a}.
#'
#' @return `bernoulli()`: a family object of class `c("gamut_family", "family")`.
#' @references McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*,
#'   2nd edition, chapter 4. \doi{10.1201/9780203753736}
#' @examples
#' bernoulli("probit")
#'
#' # 7 of 10 trials
#' family_density("binomial", 0.7, 0.6, weights = 10)
#' dbinom(7, 10, 0.6)
#'
#' set.seed(1)
#' family_random(bernoulli(), 8, list(mu = 0.25))
#' @name family-binomial
#' @family families
#' @export
bernoulli <- function(link = "logit") {
  link <- resolve_link(link, call = sys.call())
  base <- unclass(stats::binomial(link = link))
  base$family <- "bernoulli"
  base$simulate <- NULL
  new_gamut_family(
    base, "binomial",
    distribution = list(
      density = bernoulli_density, cdf = bernoulli_cdf, quantile = bernoulli_quantile,
      random = bernoulli_random, mean = mean_parameter, var = bernoulli_variance,
      loglik = likelihood_weighted(bernoulli_density),
      unit_deviance = edm_deviance(base$dev.resids)
    ),
    response = read_binary, domain = list(mu = c(0, 1)), discrete = TRUE
  )
}

#' @noRd
build_binomial <- function(base, call = NULL) {
  new_gamut_family(
    base, "binomial",
    distribution = list(
      density = binomial_density, cdf = binomial_cdf, quantile = binomial_quantile,
      random = binomial_random, mean = mean_parameter, var = edm_variance(base$variance),
      loglik = binomial_loglik, unit_deviance = edm_deviance(base$dev.resids)
    ),
    response = read_binomial, domain = list(mu = c(0, 1)),
    weights_are = "trials", discrete = TRUE
  )
}

#' @noRd
row_trials <- function(weights) {
  if (is.null(weights)) 1 else round(weights)
}

#' @noRd
binomial_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  size <- row_trials(weights)
  successes <- y * if (is.null(weights)) 1 else weights
  whole <- abs(successes - round(successes)) < 1e-3
  density <- stats::dbinom(round(successes), size, par$mu, log)
  density[!whole] <- if (log) -Inf else 0
  density
}

#' @noRd
binomial_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                         lower = TRUE, log = FALSE) {
  size <- row_trials(weights)
  stats::pbinom(last_count(y * size, left), size, par$mu, lower, log)
}

#' The largest count not above y, or below y for the limit from the left
#'
#' y times the trials may miss a whole number by rounding.
#' @noRd
last_count <- function(y, left, fuzz = 1e-7) {
  if (left) ceiling(y - fuzz) - 1 else floor(y + fuzz)
}

#' @noRd
binomial_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  size <- row_trials(weights)
  stats::qbinom(p, size, par$mu) / pmax(size, 1)
}

#' @noRd
binomial_random <- function(n, par, weights = NULL, dispersion = 1) {
  size <- row_trials(weights)
  if (!is.null(weights) && any(abs(weights - size) > 1e-3)) {
    abort_gamut(
      "Binomial responses cannot be drawn: the weights are numbers of trials and not ",
      "all whole. With other weights use bernoulli() or quasibinomial().",
      class = "weights"
    )
  }
  stats::rbinom(n, size, par$mu) / pmax(size, 1)
}

#' Log-likelihood as stats: successes and trials are rounded, and a prior weight on
#' top of trials multiplies the row's part
#'
#' @param weights Trials, or trials times prior weight for two-column responses.
#' @param trials Trials of a two-column response, else NULL.
#' @noRd
binomial_loglik <- function(y, par, weights = NULL, dispersion = NULL, trials = NULL) {
  row <- counted_rows(y, par, weights, trials)
  size <- if (any(row$trials > 1)) row$trials else row$weights
  sum(row$weights / size *
        stats::dbinom(round(size * row$y), round(size), row$par$mu, log = TRUE))
}

#' @noRd
bernoulli_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  binomial_density(y, par, log = log)
}

#' @noRd
bernoulli_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                          lower = TRUE, log = FALSE) {
  binomial_cdf(y, par, left = left, lower = lower, log = log)
}

#' @noRd
bernoulli_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  stats::qbinom(p, 1, par$mu)
}

#' @noRd
bernoulli_random <- function(n, par, weights = NULL, dispersion = 1) {
  stats::rbinom(n, 1, par$mu)
}

#' @noRd
bernoulli_variance <- function(par, weights = NULL, dispersion = 1) {
  par$mu * (1 - par$mu)
}

#' Log-likelihood of families whose weights multiply it: sum of a log f(y)
#' @noRd
likelihood_weighted <- function(density) {
  force(density)
  function(y, par, weights = NULL, dispersion = NULL, trials = NULL) {
    row <- counted_rows(y, par, weights)
    sum(row$weights * density(row$y, row$par))
  }
}
