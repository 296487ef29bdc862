# The beta-binomial family: proportions of trials that vary more than binomial ones.

#' The beta-binomial family
#'
#' For successes in numbers of trials whose probability varies from row to row. Mean and
#' precision each have a linear predictor.
#'
#' @param link,link_phi Link of the mean and of the precision: a name or link object,
#'   see [gamut_link()].
#'
#' @details
#' Density of \eqn{s} successes in \eqn{n} trials, with mean \eqn{\mu} and precision
#' \eqn{\phi}, \eqn{\alpha = \mu\phi}{a = mu phi}, \eqn{\beta = (1-\mu)\phi}{
#' b = (1 - mu) phi}:
#' \deqn{f(s) = {n \choose s} \frac{B(s + \alpha, n - s + \beta)}{B(\alpha, \beta)}}{
#'   f(s) = choose(n, s) B(s + a, n - s + b) / B(a, b)}
#' The variance of \eqn{s} is \eqn{n\mu(1-\mu)\{1 + (n-1)\rho\}}{n mu (1 - mu)
#' (1 + (n - 1) rho)} with the correlation \eqn{\rho = 1/(1+\phi)}{rho = 1 / (1 + phi)}.
#'
#' * **Parameters**: `mu` (main predictor) and `phi`, one number for all rows unless it
#'   has a formula of its own: `y ~ x | z`.
#' * **Links**: of `mu` `"logit"` (default) and all others of [stats::binomial()]; of
#'   `phi` `"log"` (default); all others of [gamut_link()].
#' * **Response**: `cbind(successes, failures)`, or proportions with the numbers of trials
#'   as `weights`, as for [stats::binomial()].
#' * **Weights** are numbers of trials; next to `cbind()` they are factors of the
#'   log-likelihood.
#' * **Dispersion** is fixed at 1: the precision is a parameter. **Standard errors** come
#'   from observed information.
#' * **Limits**: where proportions vary no more than binomial ones, `phi` runs off to
#'   infinity. The fit is then that of [stats::binomial()], and a warning says so. With
#'   one trial a row `phi` has no meaning.
#' * **Starting values**: \eqn{\mu = (s + 1/2)/(n + 1)}{mu = (s + 1/2) / (n + 1)},
#'   \eqn{\phi = 5}{phi = 5}.
#'
#' @return A family object of class `c("gamut_family", "family")`.
#' @references Skellam, J. G. (1948) A probability distribution derived from the binomial
#'   distribution by regarding the probability of success as variable between the sets
#'   of trials. *Journal of the Royal Statistical Society B* 10, 257-261.
#'   \doi{10.1111/j.2517-6161.1948.tb00014.x}
#' @examples
#' d <- data.frame(dose = rep(1:4, each = 3), n = 20,
#'                 dead = c(1, 5, 2, 4, 9, 3, 8, 15, 10, 19, 13, 17))
#' gamut(cbind(dead, n - dead) ~ dose, family = betabinomial(), data = d)
#' # 3 successes in 10 trials
#' family_density(betabinomial(), 0.3, list(mu = 0.2, phi = 4), weights = 10)
#' @family families
#' @export
betabinomial <- function(link = "logit", link_phi = "log") {
  links <- list(mu = resolve_link(link, call = sys.call()),
                phi = resolve_link(link_phi, call = sys.call()))
  family <- density_family(
    "betabinomial", "betabinomial", links,
    domain = list(mu = c(0, 1), phi = c(0, Inf)),
    density = betabinomial_density, cdf = betabinomial_cdf, mean = mean_parameter,
    quantile = betabinomial_quantile, random = betabinomial_random,
    var = betabinomial_variance, response = read_binomial, discrete = TRUE,
    unit_deviance = deviance_of_trials(betabinomial_density, links$mu),
    support = c(0, 1), has_expected = FALSE, weights_are = "trials",
    extra = list(
      limits = list(phi = list(at = Inf, meaning = "the binomial model")),
      engine_response = trials_response
    )
  )
  family$loglik <- likelihood_of_trials(betabinomial_density)
  family
}

#' By the engine, which keeps its digits where phi is large
#' @noRd
betabinomial_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  at <- whole_successes(y, weights)
  value <- rep_len(-Inf, length(y))
  value[is.na(y)] <- NA
  inside <- !is.na(at$s) & at$s >= 0 & at$s <= at$n
  value[inside] <- engine_density(
    "betabinomial", cbind(at$s, at$n - at$s), list(mu = par$mu, phi = par$phi),
    c("logit", "log"), inside
  )
  if (log) value else exp(value)
}

#' Sums of densities, over the shorter side
#' @noRd
betabinomial_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                             lower = TRUE, log = FALSE) {
  n <- length(y)
  par <- lapply(par, recycle_rows, n = n)
  size <- rep_len(row_trials(weights), n)
  last <- pmin(pmax(last_count(y * size, left), -1), size)
  below <- last <= size / 2
  mass <- function(k, rows) {
    betabinomial_density(k / pmax(size[rows], 1), lapply(par, `[`, rows), size[rows],
                         log = FALSE)
  }
  part <- sum_by_row(mass, ifelse(below, 0, last + 1), ifelse(below, last, size))
  either_tail(ifelse(below, part, 1 - part), ifelse(below, 1 - part, part), lower, log)
}

#' @noRd
betabinomial_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  size <- rep_len(row_trials(weights), length(p))
  whole <- function(y, par, ...) {
    betabinomial_cdf(y / pmax(size, 1), par, size)
  }
  ends <- function(par) list(lower = 0, upper = size)
  search_count(whole, ends)(p, par) / pmax(size, 1)
}

#' @noRd
betabinomial_random <- function(n, par, weights = NULL, dispersion = 1) {
  a <- par$mu * par$phi
  b <- (1 - par$mu) * par$phi
  # a probability too close to its mean to be drawn is its mean
  chance <- ifelse(is.finite(a + b), suppressWarnings(stats::rbeta(n, a, b)), par$mu)
  binomial_random(n, list(mu = chance), weights)
}

#' @noRd
betabinomial_variance <- function(par, weights = NULL, dispersion = 1) {
  size <- pmax(row_trials(weights), 1)
  par$mu * (1 - par$mu) / size * (1 + (size - 1) / (1 + par$phi))
}
