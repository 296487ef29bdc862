# The inverse Gaussian family, with the distribution functions that stats lacks.

#' The inverse Gaussian family
#'
#' [stats::inverse.gaussian()], for positive responses with a long right tail: the time
#' at which a drifting Brownian motion first reaches a level.
#'
#' @details
#' Density, with mean \eqn{\mu} and \eqn{\lambda = a/\phi}{lambda = a / phi} (prior
#' weight \eqn{a}, dispersion \eqn{\phi}):
#' \deqn{f(y) = \sqrt{\frac{\lambda}{2\pi y^3}}
#'   \exp\left\{-\frac{\lambda (y-\mu)^2}{2\mu^2 y}\right\}, \quad y > 0}{
#'   f(y) = sqrt(lambda / (2 pi y^3)) exp(-lambda (y - mu)^2 / (2 mu^2 y)), y > 0}
#'
#' * **Parameter**: `mu`, the mean. \eqn{V(\mu) = \mu^3}.
#' * **Links**: `"1/mu^2"` (default), `"inverse"`, `"log"`, `"identity"` and all others
#'   of [gamut_link()].
#' * **Weights** are precisions: the variance of a row is \eqn{\phi\mu^3/a}.
#' * **Dispersion** is estimated, by Pearson's statistic over the residual degrees of
#'   freedom. `logLik()` follows `glm()`: it puts deviance / sum of weights in its place
#'   and counts weights as factors of the log-likelihood.
#' * **Starting values**: \eqn{\mu = y}.
#' * **A predictor for the dispersion**: `list(y ~ x, phi ~ z)` or `dispformula = ~ z`
#'   fits \eqn{\phi} by maximum likelihood, with the log link. Weights are factors of the
#'   log-likelihood then.
#'
#' The distribution function is \eqn{\Phi(z_1) + e^{2\lambda/\mu}\Phi(-z_2)} with
#' \eqn{z_1, z_2 = \sqrt{\lambda/y}\,(y/\mu \mp 1)}{z1, z2 = sqrt(lambda / y) (y / mu -+
#' 1)} (Shuster 1968). Since \eqn{2\lambda/\mu - z_2^2/2 = -z_1^2/2}, it is computed as a
#' sum or difference of two Mills ratios times one normal density, which neither
#' overflows nor loses the tails. Quantiles are found by Newton steps on the normal
#' scale inside a bracket, random numbers by the transformation of Michael, Schucany and
#' Haas (1976).
#'
#' @references McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*,
#'   2nd edition, section 8.7. \doi{10.1201/9780203753736}
#'
#'   Michael, J. R., Schucany, W. R. and Haas, R. W. (1976) Generating random variates
#'   using transformations with multiple roots. *The American Statistician* 30, 88-90.
#'   \doi{10.2307/2683801}
#'
#'   Shuster, J. (1968) On the inverse Gaussian distribution function. *Journal of the
#'   American Statistical Association* 63, 1514-1516. \doi{10.2307/2285899}
#' @examples
#' ig <- inverse.gaussian()
#' family_cdf(ig, c(0.5, 1, 2), 1, dispersion = 0.5)
#' family_quantile(ig, 0.5, 1, dispersion = 0.5)
#' @name family-inverse-gaussian
#' @family families
NULL

#' @noRd
build_inverse_gaussian <- function(base, call = NULL) {
  new_gamut_family(
    base, "inverse.gaussian",
    distribution = list(
      density = invgauss_density, cdf = invgauss_cdf, quantile = invgauss_quantile,
      random = invgauss_random, mean = mean_parameter, var = edm_variance(base$variance),
      loglik = plug_in_loglik(invgauss_density, base$dev.resids),
      unit_deviance = edm_deviance(base$dev.resids)
    ),
    response = read_positive, domain = list(mu = c(0, Inf)),
    dispersion = "estimated", weights_are = "precision",
    extra = list(dispersion_form = inverse_gaussian_with_phi)
  )
}

#' @noRd
invgauss_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  phi <- row_dispersion(dispersion, weights)
  inside <- y > 0 & is.finite(y)
  x <- ifelse(inside, y, 1)
  value <- -0.5 * (log(2 * pi * phi) + 3 * log(x) + (x / par$mu - 1)^2 / (phi * x))
  value <- ifelse(inside, value, -Inf)
  if (log) value else exp(value)
}

#' @noRd
invgauss_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                         lower = TRUE, log = FALSE) {
  phi <- row_dispersion(dispersion, weights)
  inside <- y > 0 & is.finite(y)
  tail <- invgauss_tail(ifelse(inside, y, 1), par$mu, phi)
  # outside (0, Inf) the lower probability is 0 or 1 exactly
  tail$log <- ifelse(inside, tail$log, -Inf)
  tail$lower <- ifelse(inside, tail$lower, y <= 0)
  same_side <- tail$lower == lower
  value <- ifelse(same_side, tail$log, log1p(-exp(tail$log)))
  if (log) value else ifelse(same_side, exp(tail$log), -expm1(tail$log))
}

#' The smaller side of the distribution, on the log scale
#'
#' With M(z) = Phi(-z) / phi(z) the two terms of the distribution function share the
#' factor phi(z1): below the mean F = phi(z1) (M(-z1) + M(z2)), above it
#' 1 - F = phi(z1) (M(z1) - M(z2)).
#' @noRd
invgauss_tail <- function(y, mu, phi) {
  root <- 1 / sqrt(phi * y)
  z1 <- root * (y / mu - 1)
  z2 <- root * (y / mu + 1)
  lower <- z1 <= 0
  mills <- mills_ratio(abs(z1)) + ifelse(lower, 1, -1) * mills_ratio(z2)
  list(log = stats::dnorm(z1, log = TRUE) + log(pmax(mills, 0)), lower = lower)
}

#' Mills ratio Phi(-z) / phi(z) for z >= 0
#'
#' From z = 50 the asymptotic series has a relative error below 945 / 50^10 = 1e-14,
#' while the difference of logarithms starts to cancel.
#' @noRd
mills_ratio <- function(z) {
  near <- pmin(z, 50)
  value <- exp(stats::pnorm(near, lower.tail = FALSE, log.p = TRUE) -
                 stats::dnorm(near, log = TRUE))
  u <- 1 / pmax(z, 50)^2
  series <- (1 - u * (1 - u * (3 - u * (15 - 105 * u)))) / pmax(z, 50)
  ifelse(z > 50, series, value)
}

#' @noRd
invgauss_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  phi <- row_dispersion(dispersion, weights)
  n <- max(length(p), length(par$mu), length(phi))
  p <- rep_len(p, n)
  mu <- rep_len(par$mu, n)
  phi <- rep_len(phi, n)
  value <- as.double(ifelse(p == 0, 0, ifelse(p == 1, Inf, NaN)))
  inner <- which(p > 0 & p < 1)
  if (length(inner)) {
    # y / mu is inverse Gaussian with mean 1 and dispersion phi mu
    value[inner] <- mu[inner] * invgauss_unit_quantile(p[inner], (phi * mu)[inner])
  }
  value
}

#' Quantiles for mean 1: Newton steps in log y on the normal scale, in a bracket
#' @noRd
invgauss_unit_quantile <- function(p, phi) {
  target <- stats::qnorm(p)
  bracket <- invgauss_bracket(target, phi)
  t <- (bracket$low + bracket$high) / 2
  for (iteration in seq_len(200L)) {
    at <- invgauss_normal_score(t, phi)
    above <- at$z > target
    bracket$high <- ifelse(above, t, bracket$high)
    bracket$low <- ifelse(above, bracket$low, t)
    next_t <- t - (at$z - target) / at$slope
    # no target is beyond 40, and qnorm is rough there in older versions of R
    lost <- !is.finite(next_t) | abs(at$z) > 40 |
      next_t < bracket$low | next_t > bracket$high
    next_t[lost] <- ((bracket$low + bracket$high) / 2)[lost]
    moved <- max(abs(next_t - t))
    t <- next_t
    if (moved < 1e-14) break
  }
  exp(t)
}

#' Bounds of log y, widened until they hold the target
#' @noRd
invgauss_bracket <- function(target, phi) {
  # towards large dispersions the quantiles of 1 / phi times a constant
  width <- pmin(sqrt(phi), 1 + log1p(phi))
  low <- -width
  high <- width
  repeat {
    below <- invgauss_normal_score(low, phi)$z > target
    above <- invgauss_normal_score(high, phi)$z < target
    if (!any(below | above)) {
      return(list(low = low, high = high))
    }
    width <- 2 * width
    low <- ifelse(below, -width, low)
    high <- ifelse(above, width, high)
  }
}

#' qnorm(F(e^t)) and its derivative, for mean 1
#' @noRd
invgauss_normal_score <- function(t, phi) {
  y <- exp(t)
  tail <- invgauss_tail(y, 1, phi)
  z <- stats::qnorm(tail$log, log.p = TRUE) * ifelse(tail$lower, 1, -1)
  log_density <- invgauss_density(y, list(mu = 1), NULL, phi)
  list(z = z, slope = exp(log_density + t - stats::dnorm(z, log = TRUE)))
}

#' @noRd
invgauss_random <- function(n, par, weights = NULL, dispersion = 1) {
  mu <- rep_len(par$mu, n)
  phi <- rep_len(row_dispersion(dispersion, weights), n)
  # the smaller root of lambda (y - mu)^2 / (mu^2 y) = chi-squared, in the form that
  # does not cancel, then the choice between the two roots
  w <- mu * phi * stats::rnorm(n)^2 / 2
  root <- 1 / (1 + w + sqrt(w * (2 + w)))
  first <- stats::runif(n) <= 1 / (1 + root)
  mu * ifelse(first, root, 1 / root)
}
