# The Tweedie family: sums of a Poisson number of Gammas.

#' The Tweedie family
#'
#' For a response that is zero or positive and continuous: rainfall, claims, biomass.
#'
#' @param link,link_phi,link_power Links of `mu`, `phi` and `power`, see [gamut_link()].
#' @param power The power \eqn{p} of the variance function, between 1 and 2, or `NULL` to
#'   estimate it as the parameter `power`.
#'
#' @details
#' The response is the sum of \eqn{N} independent Gammas, \eqn{N} being Poisson, with
#' \deqn{E y = \mu, \quad \mathrm{var}\, y = \phi\mu^p, \quad
#'   P(y = 0) = \exp\left\{-\frac{\mu^{2-p}}{\phi(2-p)}\right\}}{
#'   E y = mu, var y = phi mu^p, P(y = 0) = exp(-mu^(2-p) / (phi (2 - p)))}
#' For \eqn{y > 0} the density is a series (Dunn and Smyth 2005), which is summed from its
#' largest term outwards, in a form in which its leading terms have cancelled; where terms
#' are many, some of them do for all.
#'
#' * **Parameters**: `mu`, the mean; `phi`, the dispersion; `power`, unless it is given.
#'   Without a formula of its own each has an intercept.
#' * **Links**: of `mu` and `phi` `"log"` (default), of `power` `"logit12"` (default,
#'   \eqn{\mathrm{logit}(p-1)}{logit(p - 1)}), and all others of [gamut_link()].
#' * **Weights** are factors of the log-likelihood. **Dispersion** is fixed at 1: `phi` is
#'   a parameter, estimated by maximum likelihood, where `glm()` with a Tweedie variance
#'   function has Pearson's estimate. The coefficients of `mu` for a given `power` are
#'   the same.
#' * **Standard errors** come from observed information.
#' * **Starting values**: \eqn{\mu = y}, or a tenth of the mean for zeros; \eqn{\phi}
#'   from variance and mean of the response; \eqn{p = 1.5}.
#'
#' @return A family object of class `c("gamut_family", "family")`.
#' @references Dunn, P. K. and Smyth, G. K. (2005) Series evaluation of Tweedie
#'   exponential dispersion model densities. *Statistics and Computing* 15, 267-280.
#'   \doi{10.1007/s11222-005-4070-y}
#'
#' Jorgensen, B. (1987) Exponential dispersion models. *Journal of the Royal Statistical
#'   Society B* 49, 127-162. \doi{10.1111/j.2517-6161.1987.tb01685.x}
#' @examples
#' set.seed(1)
#' d <- data.frame(x = runif(200))
#' par <- list(mu = exp(d$x), phi = 1, power = 1.4)
#' d$y <- family_random(tweedie(), 200, par)
#' gamut(y ~ x, family = tweedie(), data = d)
#' gamut(y ~ x, family = tweedie(power = 1.5), data = d)
#' @family families
#' @export
tweedie <- function(link = "log", link_phi = "log", power = NULL,
                    link_power = "logit12") {
  check_power(power, sys.call())
  links <- list(mu = resolve_link(link, call = sys.call()),
                phi = resolve_link(link_phi, call = sys.call()),
                power = resolve_link(link_power, call = sys.call()))
  domain <- list(mu = c(0, Inf), phi = c(0, Inf), power = c(1, 2))
  known <- !is.null(power)
  if (known) links$power <- domain$power <- NULL
  own <- function(f) {
    function(y, par, ...) {
      if (known) par$power <- power
      f(y, par, ...)
    }
  }
  density <- own(tweedie_density)
  density_family(
    "tweedie", if (known) "tweedie_power" else "tweedie", links, domain = domain,
    density = density, cdf = own(tweedie_cdf), quantile = own(tweedie_quantile),
    random = own(tweedie_random), mean = mean_parameter,
    var = function(par, weights = NULL, dispersion = 1) {
      if (known) par$power <- power
      par$phi * par$mu^par$power
    },
    unit_deviance = own(tweedie_deviance), response = read_nonnegative,
    has_expected = FALSE, support = c(0, Inf),
    extra = c(list(numbers = tweedie_numbers(power), power = power, atoms = TRUE),
              if (!known) tweedie_ends())
  )
}

#' Where the power ends: at 2 as the Gamma family, when there are no zeros, and at 1 at
#' no maximum, when all responses are multiples of one number
#'
#' Within 1e-5 of 2 no digit of a log-likelihood differs from the Gamma's that counts.
#' @noRd
tweedie_ends <- function() {
  list(
    limits = list(power = list(at = 2, near = 1e-5,
                               meaning = "the Gamma family, which has no zeros")),
    edges = list(power = fixed_edges(c(1 + 1e-5, Inf), c(
      "where multiples of one number have an infinite density", ""
    )))
  )
}

#' @noRd
check_power <- function(power, call = NULL) {
  number <- is.numeric(power) && length(power) == 1L && is.finite(power)
  if (is.null(power) || number && power > 1 && power < 2) return(invisible())
  abort_gamut("`power` must be a number between 1 and 2, or NULL to estimate it, not ",
              if (number) power else describe_object(power), ". Power 1 is the ",
              "quasi-Poisson variance, 2 that of Gamma(), 3 of inverse.gaussian().",
              class = "argument", call = call, data = list(argument = "power"))
}

#' phi, p and a small mean to start from; a known power comes first, always
#' @noRd
tweedie_numbers <- function(power) {
  force(power)
  function(family, y) {
    if (is.null(y)) return(if (is.null(power)) numeric() else power)
    p <- if (is.null(power)) 1.5 else power
    mean <- if (any(y > 0)) mean(y) else 1
    phi <- stats::var(y) / mean^p
    if (!is.finite(phi) || phi <= 0) phi <- mean^(2 - p)
    if (is.null(power)) c(phi, p, mean / 10) else c(power, phi, mean / 10)
  }
}

#' Mean number of Gammas, their shape a and scale
#' @noRd
tweedie_parts <- function(par) {
  q <- par$power - 1
  list(rate = par$mu^(1 - q) / (par$phi * (1 - q)), shape = (1 - q) / q,
       scale = par$phi * q * par$mu^q)
}

#' Calls visit(j, step) on vectors j, one value a row, from the middle outwards
#'
#' @param visit Returns TRUE for rows where the term still counts.
#' @noRd
tweedie_sweep <- function(rate, shape, visit) {
  sd <- sqrt(rate / (1 + shape))
  step <- ifelse(sd > 5 & rate > 20 * sd, floor(0.4 * sd), 1)
  top <- pmax(1, round(rate))
  for (side in c(1, -1)) {
    k <- if (side > 0) 0 else 1
    repeat {
      j <- top + side * k * step
      on <- j >= 1
      j[!on] <- 1
      if (!any(visit(j, ifelse(on, step, 0)) & on, na.rm = TRUE)) break
      k <- k + 1
    }
  }
}

#' @noRd
tweedie_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  n <- max(length(y), lengths(par))
  y <- rep_len(y, n)
  par <- lapply(par, rep_len, n)
  value <- -tweedie_parts(par)$rate
  some <- which(y > 0 & is.finite(y))
  value[some] <- tweedie_positive(y[some], lapply(par, `[`, some))
  value[is.na(y)] <- NA
  value[y < 0 | y == Inf] <- -Inf
  if (log) value else exp(value)
}

#' As the header of the engine's tweedie: the series at mean y, less half the deviance
#' @noRd
tweedie_positive <- function(y, par) {
  parts <- tweedie_parts(utils::modifyList(par, list(mu = y)))
  divergence <- function(j) {
    r <- (j - parts$rate) / parts$rate
    parts$rate * ((1 + r) * log1p(r) - r)
  }
  exponent <- function(j) {
    -(1 + parts$shape) * divergence(j) - stirling_correction(j) -
      stirling_correction(parts$shape * j)
  }
  top <- exponent(pmax(1, round(parts$rate)))
  sum <- 0
  tweedie_sweep(parts$rate, parts$shape, function(j, step) {
    size <- exponent(j) - top
    sum <<- sum + ifelse(step > 0, step * exp(size), 0)
    size > -45
  })
  half <- tweedie_deviance(y, par) / 2
  top + log(sum) + 0.5 * log(parts$shape) - log(2 * pi * y) - half
}

#' log Gamma(x) less the leading terms of Stirling's series
#' @noRd
stirling_correction <- function(x) {
  large <- x > 20
  value <- lgamma(x) - ((x - 0.5) * log(x) - x + 0.5 * log(2 * pi))
  r <- 1 / x[large]
  value[large] <- r * (1 / 12 - r^2 * (1 / 360 - r^2 * (1 / 1260 - r^2 / 1680)))
  value
}

#' Unit deviance over phi
#' @noRd
tweedie_deviance <- function(y, par, weights = NULL) {
  p <- par$power
  e <- log(par$mu / y)
  positive <- y^(2 - p) / par$phi *
    (expm1((2 - p) * e) / (2 - p) + expm1((1 - p) * e) / (p - 1))
  zero <- par$mu^(2 - p) / (par$phi * (2 - p))
  2 * pmax(ifelse(y > 0, positive, zero), 0) * if (is.null(weights)) 1 else weights
}

#' @noRd
tweedie_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                        lower = TRUE, log = FALSE) {
  n <- max(length(y), lengths(par))
  y <- rep_len(y, n)
  parts <- lapply(tweedie_parts(lapply(par, rep_len, n)), rep_len, n)
  sum <- numeric(n)
  tweedie_sweep(parts$rate, parts$shape, function(j, step) {
    number <- stats::dpois(j, parts$rate)
    tail <- stats::pgamma(pmax(y, 0), parts$shape * j, scale = parts$scale,
                          lower.tail = lower)
    sum <<- sum + step * number * tail
    number > 1e-25 * stats::dpois(pmax(1, round(parts$rate)), parts$rate)
  })
  zero <- exp(-parts$rate)
  # at zero from the left nothing is below
  none <- y < 0 | y == 0 & left
  value <- if (lower) ifelse(none, 0, sum + zero) else ifelse(none, 1, sum)
  value <- pmin(value, 1)
  if (log) base::log(value) else value
}

#' @noRd
tweedie_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  n <- max(length(p), lengths(par))
  p <- rep_len(p, n)
  par <- lapply(par, rep_len, n)
  at_zero <- exp(-tweedie_parts(par)$rate)
  value <- numeric(n)
  some <- which(is.na(p) | p > at_zero)
  search <- search_quantile(tweedie_cdf, tweedie_density, mean_parameter,
                            support_function(c(0, Inf)))
  value[some] <- search(p[some], lapply(par, `[`, some))
  value
}

#' @noRd
tweedie_random <- function(n, par, weights = NULL, dispersion = 1) {
  parts <- tweedie_parts(par)
  number <- stats::rpois(n, parts$rate)
  value <- stats::rgamma(n, parts$shape * number, scale = parts$scale)
  ifelse(number == 0, 0, value)
}
