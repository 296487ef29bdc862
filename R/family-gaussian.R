# The gaussian family, and what families with precision weights share.

#' The gaussian family
#'
#' [stats::gaussian()], for a real response with constant variance.
#'
#' @details
#' Density, with mean \eqn{\mu}, dispersion \eqn{\phi} and prior weight \eqn{a}:
#' \deqn{f(y) = \sqrt{\frac{a}{2\pi\phi}} \exp\left\{-\frac{a (y-\mu)^2}{2\phi}\right\}}{
#'   f(y) = sqrt(a / (2 pi phi)) exp(-a (y - mu)^2 / (2 phi))}
#'
#' * **Parameter**: `mu`, the mean. Variance function \eqn{V(\mu) = 1}.
#' * **Links**: `"identity"` (default) and all others of [gamut_link()].
#' * **Weights** are precisions: the variance of a row is \eqn{\phi/a}.
#' * **Dispersion** is estimated, by Pearson's statistic over the residual degrees of
#'   freedom. `logLik()` puts deviance / n in its place, as for `glm()`.
#' * **Starting values**: \eqn{\mu = y}.
#' * **A predictor for the scale**: `list(y ~ x, sigma ~ z)` or `dispformula = ~ z` fits
#'   the standard deviation \eqn{\sigma}{sigma} by maximum likelihood, with the log link.
#'   Weights are factors of the log-likelihood then.
#'
#' @references McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*,
#'   2nd edition, chapter 3. \doi{10.1201/9780203753736}
#' @examples
#' family_density("gaussian", c(-1, 0, 1), 0, dispersion = 4)
#' family_quantile(gaussian(), c(0.025, 0.975), list(mu = 10), dispersion = 4)
#' @name family-gaussian
#' @family families
NULL

#' @noRd
build_gaussian <- function(base, call = NULL) {
  new_gamut_family(
    base, "gaussian",
    distribution = list(
      density = gaussian_density, cdf = gaussian_cdf, quantile = gaussian_quantile,
      random = gaussian_random, mean = mean_parameter, var = edm_variance(base$variance),
      loglik = gaussian_loglik, unit_deviance = edm_deviance(base$dev.resids)
    ),
    response = read_real, dispersion = "estimated", weights_are = "precision",
    extra = list(dispersion_form = gaussian_with_sigma)
  )
}

#' @noRd
gaussian_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  stats::dnorm(y, par$mu, sqrt(row_dispersion(dispersion, weights)), log)
}

#' @noRd
gaussian_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                         lower = TRUE, log = FALSE) {
  stats::pnorm(y, par$mu, sqrt(row_dispersion(dispersion, weights)), lower, log)
}

#' @noRd
gaussian_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  stats::qnorm(p, par$mu, sqrt(row_dispersion(dispersion, weights)))
}

#' @noRd
gaussian_random <- function(n, par, weights = NULL, dispersion = 1) {
  stats::rnorm(n, par$mu, sqrt(row_dispersion(dispersion, weights)))
}

#' @noRd
gaussian_loglik <- function(y, par, weights = NULL, dispersion = NULL, trials = NULL) {
  row <- counted_rows(y, par, weights)
  if (is.null(dispersion)) {
    dispersion <- sum(row$weights * (row$y - row$par$mu)^2) / length(row$y)
  }
  sum(gaussian_density(row$y, row$par, row$weights, dispersion))
}

#' Dispersion of each row when weights are precisions
#' @noRd
row_dispersion <- function(dispersion, weights) {
  if (is.null(weights)) dispersion else dispersion / weights
}

#' The rows that count: a row of weight zero adds nothing to a log-likelihood, also
#' where its density is zero or not a number
#' @noRd
counted_rows <- function(y, par, weights, trials = NULL) {
  n <- NROW(y)
  par <- lapply(par, recycle_rows, n = n)
  if (is.null(weights)) {
    return(list(y = y, par = par, weights = rep.int(1, n), trials = trials))
  }
  keep <- weights > 0
  if (!all(keep)) {
    y <- take_rows(y, which(keep))
    par <- lapply(par, take_rows, rows = which(keep))
    weights <- weights[keep]
    trials <- trials[keep]
  }
  list(y = y, par = par, weights = weights, trials = trials)
}

#' @noRd
mean_parameter <- function(par) {
  par$mu
}

#' Variance of an exponential dispersion family: phi V(mu) / a
#' @noRd
edm_variance <- function(variance) {
  force(variance)
  function(par, weights = NULL, dispersion = 1) {
    row_dispersion(dispersion, weights) * variance(par$mu)
  }
}

#' Contribution of each row to the deviance
#' @noRd
edm_deviance <- function(dev_resids) {
  force(dev_resids)
  function(y, par, weights = NULL) {
    n <- length(y)
    if (is.null(weights)) {
      weights <- rep.int(1, n)
    }
    dev_resids(as.double(y), rep_len(as.double(par$mu), n), as.double(weights))
  }
}
