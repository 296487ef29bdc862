# Searches that have far to go: from a start of the user's that is no use, past levels of
# very different size, and on links whose range a random effect may leave.

# --- levels of very different size ----------------------------------------------------

# One level of many rows beside 50 of few: the fixed effects alone go to that level
beside_big <- function(family, seed = 2L) {
  withr::with_seed(seed, {
    d <- data.frame(g = factor(c(rep(1L, 20000L), rep(2:51, each = 20L))))
    d$x <- rnorm(nrow(d))
    eta <- 1 + 0.3 * d$x + rnorm(51L)[d$g]
    d$y <- family(eta)
    d
  })
}

test_that("a level of 20,000 rows does not hide the variance of the others", {
  binary <- beside_big(function(eta) rbinom(length(eta), 1L, plogis(eta)))
  fit <- gamut(y ~ x + (1 | g), binary, binomial())
  expect_true(fit$convergence$converged)
  expect_lte(fit$criterion$evaluations, 16L)
  skip_if_not_installed("lme4")
  peer <- lme4::glmer(y ~ x + (1 | g), binary, binomial())
  expect_equal(fit$criterion$theta, unname(lme4::getME(peer, "theta")), tolerance = 1e-3)
  expect_lt(-2 * as.numeric(logLik(fit)), -2 * as.numeric(logLik(peer)) + 1e-4)
  counts <- beside_big(function(eta) rpois(length(eta), exp(eta)))
  expect_lte(gamut(y ~ x + (1 | g), counts, poisson())$criterion$evaluations, 16L)
})

# --- starts ---------------------------------------------------------------------------

test_that("a start that is far off ends at the optimum", {
  d <- withr::with_seed(5L, {
    d <- data.frame(g = gl(50L, 12L), x = rnorm(600L))
    eta <- 1 + 0.3 * d$x + rnorm(50L)[d$g]
    d$normal <- eta + rnorm(600L)
    d$count <- rpois(600L, exp(eta))
    d$binary <- rbinom(600L, 1L, plogis(eta - 1))
    d$amount <- rgamma(600L, 5, 5 / exp(eta))
    d
  })
  cases <- list(list(normal ~ x + (1 | g), gaussian(), 1L),
                list(normal ~ x + (x | g), gaussian(), 3L),
                list(count ~ x + (1 | g), poisson(), 1L),
                list(count ~ x + (x | g), poisson(), 3L),
                list(binary ~ x + (1 | g), binomial(), 1L),
                list(amount ~ x + (1 | g), Gamma("log"), 1L))
  for (case in cases) {
    fit <- gamut(case[[1L]], d, case[[2L]])
    for (theta in c(1e-8, 1e-3, 1e3, 1e8)) {
      start <- list(theta = rep(theta, case[[3L]]))
      far <- gamut(case[[1L]], d, case[[2L]], start = start)
      expect_true(far$convergence$converged)
      expect_lt(abs(far$criterion$value - fit$criterion$value), 1e-4)
    }
  }
})
