# Small residual noise beside large random effects: a search that begins at the fixed
# effects alone takes what differs between levels for noise, and has far to go.

# n levels of m rows whose effects have a standard deviation of 1
spread_levels <- function(n = 40L, m = 8L, seed = 1L) {
  withr::with_seed(seed, {
    d <- data.frame(g = gl(n, m), x = rnorm(n * m), noise = rnorm(n * m))
    d$eta <- 0.5 + 0.3 * d$x + rnorm(n)[d$g]
    d
  })
}

expect_quick <- function(fit, most) {
  testthat::expect_identical(fit$convergence$code, "converged")
  testthat::expect_lte(fit$criterion$evaluations, most)
}

test_that("lognormal() is gaussian() of the logarithms however little noise there is", {
  d <- spread_levels()
  for (sigma in c(0.3, 1e-2, 1e-3)) {
    d$y <- exp(d$eta + sigma * d$noise)
    fit <- gamut(y ~ x + (1 | g), d, lognormal())
    logs <- suppressWarnings(gamut(log(y) ~ x + (1 | g), d, method = "ML"))
    expect_quick(fit, 20L)
    expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(logs)) - sum(log(d$y)),
                 tolerance = 1e-9)
    expect_equal(unname(coef(fit)[1:2]), unname(coef(logs)), tolerance = 1e-6)
    expect_equal(fit$random[[1L]]$covariance, logs$random[[1L]]$covariance,
                 tolerance = 1e-4)
  }
})

# Minus twice the log-likelihood at the parameters that the data were made with, by
# integration over a grid around the sample mean of each level's effect. The noise is so
# small that the integrand is a normal density there up to what the tolerance allows.
minus_twice_at_truth <- function(density, d, width) {
  # the deviation of each level from the rest of its predictor is constant in it
  effect <- tapply(d$eta - 0.5 - 0.3 * d$x, d$g, `[`, 1L)
  z <- seq(-12, 12, length.out = 4001L)
  total <- 0
  for (l in levels(d$g)) {
    own <- d$g == l
    at <- effect[[l]] + width * z
    log_rows <- vapply(at, function(u) {
      sum(density(d$y[own], 0.5 + 0.3 * d$x[own] + u)) + stats::dnorm(u, log = TRUE)
    }, 0)
    top <- max(log_rows)
    total <- total + top + log(sum(exp(log_rows - top)) * width * (z[2L] - z[1L]))
  }
  -2 * total
}

test_that("Gamma(), Beta() and gaussian(\"log\") end below the truth, and soon", {
  for (sigma in c(1e-2, 1e-3)) {
    d <- spread_levels()
    draw <- list(
      function(eta) stats::rgamma(length(eta), sigma^-2) * sigma^2 * exp(eta),
      function(eta) {
        mu <- stats::plogis(eta)
        stats::rbeta(length(eta), mu / sigma^2, (1 - mu) / sigma^2)
      },
      function(eta) exp(eta) + sigma * stats::rnorm(length(eta))
    )
    density <- list(
      function(y, eta) stats::dgamma(y, sigma^-2, sigma^-2 / exp(eta), log = TRUE),
      function(y, eta) {
        mu <- stats::plogis(eta)
        stats::dbeta(y, mu / sigma^2, (1 - mu) / sigma^2, log = TRUE)
      },
      function(y, eta) stats::dnorm(y, exp(eta), sigma, log = TRUE)
    )
    families <- list(Gamma("log"), Beta(), gaussian("log"))
    for (k in seq_along(families)) {
      d$y <- withr::with_seed(2L, draw[[k]](d$eta))
      fit <- gamut(y ~ x + (1 | g), d, families[[k]])
      expect_quick(fit, 20L)
      truth <- minus_twice_at_truth(density[[k]], d, 2 * sigma)
      expect_lt(-2 * as.numeric(logLik(fit)), truth)
      # and not by more than four parameters can gain
      expect_gt(-2 * as.numeric(logLik(fit)), truth - 25)
    }
  }
})

test_that("with next to no noise Gamma() and inverse.gaussian() are lognormal()", {
  d <- spread_levels()
  d$y <- exp(d$eta + 1e-4 * d$noise)
  logs <- gamut(y ~ x + (1 | g), d, lognormal())
  fit <- gamut(y ~ x + (1 | g), d, Gamma("log"))
  expect_quick(fit, 20L)
  expect_equal(coef(fit)[1:2], coef(logs)[1:2], tolerance = 1e-6)
  # twice the log of the deviation is the log of the dispersion
  expect_equal(2 * coef(logs)[[3L]], coef(fit)[[3L]], tolerance = 1e-3)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(logs)), tolerance = 1e-4)
  inverse <- gamut(y ~ x + (1 | g), d, inverse.gaussian("log"))
  expect_quick(inverse, 20L)
  expect_identical(attr(logLik(inverse), "df"), 4L)
  # its variance is the cube of the mean, so that it weighs the levels otherwise
  expect_equal(coef(inverse)[1:2], coef(logs)[1:2], tolerance = 1e-3)
})
