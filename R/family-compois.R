# The COM-Poisson family: counts that vary less or more than Poisson ones.

#' The COM-Poisson family
#'
#' For counts that may vary less than Poisson ones, or more. Mean and dispersion each
#' have a linear predictor (Conway and Maxwell's distribution in terms of its mean).
#'
#' @param link,link_nu Link of the mean and of the dispersion: a name or link object,
#'   see [gamut_link()].
#'
#' @details
#' Density, with mean \eqn{\mu} and dispersion \eqn{\nu}:
#' \deqn{f(y) = \frac{\lambda^y}{(y!)^\nu Z(\lambda, \nu)}, \quad
#'   Z(\lambda, \nu) = \sum_{k=0}^\infty \frac{\lambda^k}{(k!)^\nu},
#'   \quad y = 0, 1, 2, \ldots}{
#'   f(y) = lambda^y / (y!)^nu / Z(lambda, nu), Z(lambda, nu) the sum over k of
#'   lambda^k / (k!)^nu, y = 0, 1, 2, ...}
#' where \eqn{\lambda} is such that the mean is \eqn{\mu}. \eqn{\nu = 1} is the Poisson
#' distribution; \eqn{\nu > 1} has less variance, roughly \eqn{\mu/\nu}{mu / nu},
#' \eqn{\nu < 1} more.
#'
#' * **Parameters**: `mu` (main predictor) and `nu`, one number for all rows unless it
#'   has a formula of its own: `y ~ x | z`. `glmmTMB::compois` has
#'   \eqn{\phi = 1/\nu}{phi = 1 / nu}.
#' * **Links**: `"log"` (default) and all others of [gamut_link()].
#' * **Response**: counts. **Weights** are factors of the log-likelihood.
#' * **Dispersion** is fixed at 1: \eqn{\nu} is a parameter. **Standard errors** come from
#'   observed information; `gamut_control(information = "expected")` gives those of
#'   expected information, in which `mu` and `nu` are orthogonal.
#' * **Limits**: \eqn{\nu} runs off to infinity where counts are only ever the whole
#'   numbers next to their mean, as zeros and ones are, and to 0 where they vary more
#'   than geometric ones. The fit then warns.
#' * **Range**: sums of the distribution are done to full precision with up to 30,000
#'   terms; beyond (large counts that vary much more than Poisson ones, such as a mean of
#'   10,000 with a standard deviation as large) it is not defined. See [negbinomial()].
#' * **Starting values**: \eqn{\mu} is one standard deviation from \eqn{y} towards the
#'   mean of all counts, and \eqn{\nu = 1}.
#'
#' @return A family object of class `c("gamut_family", "family")`.
#' @references Huang, A. (2017) Mean-parametrized Conway-Maxwell-Poisson regression models
#'   for dispersed counts. *Statistical Modelling* 17, 359-380.
#'   \doi{10.1177/1471082X17697749}
#'
#' Shmueli, G., Minka, T. P., Kadane, J. B., Borle, S. and Boatwright, P. (2005) A useful
#' distribution for fitting discrete data. *Journal of the Royal Statistical Society C*
#' 54, 127-142. \doi{10.1111/j.1467-9876.2005.00474.x}
#' @examples
#' # fewer breaks than Poisson variation would give, or more?
#' gamut(breaks ~ wool * tension, family = compois(), data = warpbreaks)
#' family_density(compois(), 0:4, list(mu = 2, nu = 1.5))
#' @family families
#' @export
compois <- function(link = "log", link_nu = "log") {
  links <- list(mu = resolve_link(link, call = sys.call()),
                nu = resolve_link(link_nu, call = sys.call()))
  density_family(
    "compois", "compois", links, domain = list(mu = c(0, Inf), nu = c(0, Inf)),
    density = compois_density, cdf = compois_cdf, mean = mean_parameter,
    var = compois_variance, unit_deviance = deviance_at_mean(compois_density),
    response = read_counts, discrete = TRUE,
    support = c(0, Inf), has_expected = TRUE,
    extra = list(
      numbers = function(family, y) if (length(y)) mean(y) else numeric(),
      dispersion_parameter = "nu", most_mean = 1e5,
      limits = list(nu = list(
        at = c(0, Inf), meaning = c("the geometric model", "counts next to their means")
      ))
    )
  )
}

#' @noRd
compois_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  value <- rep_len(-Inf, length(y))
  value[is.na(y)] <- NA
  inside <- !is.na(y) & y >= 0 & y == floor(y) & is.finite(y)
  value[inside] <- engine_density("compois", y, par[c("mu", "nu")], c("log", "log"),
                                  inside)
  if (log) value else exp(value)
}

#' Sums of densities: up to y where it is below the mean, else from there on
#' @noRd
compois_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                        lower = TRUE, log = FALSE) {
  n <- length(y)
  par <- lapply(par, recycle_rows, n = n)
  last <- pmax(last_count(y, left), -1)
  below <- last <= par$mu
  far <- pmax(compois_far(par, 1), last)
  mass <- function(k, rows) compois_density(k, lapply(par, `[`, rows), log = FALSE)
  # terms below the first one of a sum of counts far under the mean do not count
  first <- pmax(ifelse(below, 0, last + 1), ifelse(below, compois_far(par, -1), 0))
  part <- sum_by_row(mass, first, ifelse(below, last, far))
  part[last == Inf] <- 0
  either_tail(ifelse(below, part, 1 - part), ifelse(below, 1 - part, part), lower, log)
}

#' Counts beyond which no digit is left of a probability, above or below the mean
#' @noRd
compois_far <- function(par, side) {
  sd <- sqrt(par$mu / pmin(par$nu, 1e8)) + 1 / pmin(par$nu, 1)
  if (side < 0) return(pmax(floor(par$mu - 40 * sd), 0))
  ceiling(par$mu + 40 * sd + 40)
}

#' From the information on the mean, 1 / Var(Y)
#' @noRd
compois_variance <- function(par, weights = NULL, dispersion = 1) {
  n <- max(lengths(par))
  par <- lapply(par, recycle_rows, n = n)
  row <- engine_at_parameters("compois", numeric(n), par[c("mu", "nu")],
                              c("log", "log"), FALSE)
  par$mu^2 / row$weight[, 1L]
}
