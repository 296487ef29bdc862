# The negative binomial family: counts that vary more than Poisson ones.

#' The negative binomial family
#'
#' For counts whose variance is above their mean. Mean and size each have a linear
#' predictor.
#'
#' @param link,link_theta Link of the mean and of the second parameter: a name or link
#'   object, see [gamut_link()].
#' @param variance `"quadratic"`: \eqn{\mu + \mu^2/\theta}{mu + mu^2 / theta} (NB2), with
#'   parameters `mu` and `theta`. `"linear"`: \eqn{\mu(1 + \alpha)}{mu (1 + alpha)}
#'   (NB1), with parameters `mu` and `alpha`.
#'
#' @details
#' Density, with mean \eqn{\mu} and size \eqn{\theta}:
#' \deqn{f(y) = \frac{\Gamma(y + \theta)}{\Gamma(\theta)\, y!}
#'   \left(\frac{\theta}{\mu + \theta}\right)^\theta
#'   \left(\frac{\mu}{\mu + \theta}\right)^y, \quad y = 0, 1, 2, \ldots}{
#'   f(y) = Gamma(y + theta) / (Gamma(theta) y!) (theta / (mu + theta))^theta
#'   (mu / (mu + theta))^y, y = 0, 1, 2, ...}
#' The linear form has \eqn{\theta = \mu/\alpha}{theta = mu / alpha}.
#'
#' * **Parameters**: `mu` (main predictor) and `theta` or `alpha`, one number for all
#'   rows unless it has a formula of its own: `y ~ x | z`.
#' * **Links**: `"log"` (default) and all others of [gamut_link()].
#' * **Response**: counts.
#' * **Weights** are factors of the log-likelihood: a weight of 2 is the row twice.
#' * **Dispersion** is fixed at 1: \eqn{\theta}{theta} or \eqn{\alpha}{alpha} is a
#'   parameter, estimated by maximum likelihood together with the coefficients. Standard
#'   errors come from observed information and allow for its being estimated, unlike
#'   those of `MASS::glm.nb()`.
#' * **Limits**: where counts vary no more than Poisson ones, \eqn{\theta}{theta} runs
#'   off to infinity, or \eqn{\alpha}{alpha} to 0. The fit is then that of [poisson()],
#'   and a warning says so.
#' * **Deviance** residuals compare with the highest density at the same
#'   \eqn{\theta}{theta}.
#' * **Starting values**: \eqn{\mu} is one standard deviation from \eqn{y} towards the
#'   mean of all counts, whose mean and variance give \eqn{\theta}{theta}.
#'
#' @return A family object of class `c("gamut_family", "family")`.
#' @references Lawless, J. F. (1987) Negative binomial and mixed Poisson regression.
#'   *Canadian Journal of Statistics* 15, 209-225. \doi{10.2307/3314912}
#'
#' Hilbe, J. M. (2011) *Negative Binomial Regression*, 2nd edition.
#'   \doi{10.1017/CBO9780511973420}
#' @examples
#' gamut(count ~ spray, family = negbinomial(), data = InsectSprays)
#' # variance proportional to the mean
#' gamut(count ~ spray, family = negbinomial(variance = "linear"), data = InsectSprays)
#' family_cdf(negbinomial(), 3, list(mu = 2, theta = 1.5))
#' @family families
#' @export
negbinomial <- function(link = "log", link_theta = "log",
                        variance = c("quadratic", "linear")) {
  variance <- check_choice(variance, "variance", c("quadratic", "linear"))
  quadratic <- variance == "quadratic"
  second <- if (quadratic) "theta" else "alpha"
  links <- list(resolve_link(link, call = sys.call()),
                resolve_link(link_theta, call = sys.call()))
  names(links) <- c("mu", second)
  size <- if (quadratic) function(par) par$theta else function(par) par$mu / par$alpha
  limit <- list(at = if (quadratic) Inf else 0, meaning = "the Poisson model")
  density_family(
    "negbinomial", if (quadratic) "negbinomial" else "negbinomial1", links,
    domain = stats::setNames(list(c(0, Inf), c(0, Inf)), names(links)),
    density = negbinomial_density(size), cdf = negbinomial_cdf(size),
    quantile = negbinomial_quantile(size), random = negbinomial_random(size),
    mean = mean_parameter, var = function(par, weights = NULL, dispersion = 1) {
      par$mu * (1 + par$mu / size(par))
    },
    unit_deviance = if (quadratic) deviance_at_mean(negbinomial_density(size)),
    response = read_counts, discrete = TRUE, support = c(0, Inf), has_expected = FALSE,
    extra = list(
      numbers = function(family, y) moment_start(y, variance),
      limits = stats::setNames(list(limit), second), dispersion_parameter = second
    )
  )
}

#' @noRd
negbinomial_density <- function(size) {
  function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
    # as dpois(), dnbinom() warns at each number that is not whole
    suppressWarnings(stats::dnbinom(y, size(par), mu = par$mu, log = log))
  }
}

#' @noRd
negbinomial_cdf <- function(size) {
  function(y, par, weights = NULL, dispersion = 1, left = FALSE, lower = TRUE,
           log = FALSE) {
    stats::pnbinom(last_count(y, left), size(par), mu = par$mu, lower.tail = lower,
                   log.p = log)
  }
}

#' @noRd
negbinomial_quantile <- function(size) {
  function(p, par, weights = NULL, dispersion = 1) {
    stats::qnbinom(p, size(par), mu = par$mu)
  }
}

#' @noRd
negbinomial_random <- function(size) {
  function(n, par, weights = NULL, dispersion = 1) {
    as.double(stats::rnbinom(n, size(par), mu = par$mu))
  }
}

#' Where a second parameter starts, by the mean and variance of all counts, and the mean
#' @noRd
moment_start <- function(y, kind) {
  if (length(y) < 2L) return(numeric())
  mean <- max(mean(y), 1e-8)
  ratio <- stats::var(y) / mean
  excess <- max(ratio - 1, 0.05)
  shape <- switch(kind, quadratic = mean / excess, linear = excess)
  c(min(max(shape, 0.1), 20), mean)
}
