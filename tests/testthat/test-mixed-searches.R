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

# --- links ----------------------------------------------------------------------------

# Minus twice the log-likelihood of a random intercept, level by level on a grid
on_grid <- function(density, d, beta, sd) {
  z <- seq(-8, 8, length.out = 2001L)
  fixed <- drop(cbind(1, d$x) %*% beta)
  terms <- density(d$y, outer(fixed, sd * z, `+`))
  by_level <- rowsum(terms, d$g)
  by_level <- sweep(by_level, 2L, stats::dnorm(z, log = TRUE), `+`)
  top <- apply(by_level, 1L, max)
  -2 * sum(top + log(rowSums(exp(by_level - top)) * (z[2L] - z[1L])))
}

test_that("links with an uneven slope end below the truth", {
  d <- withr::with_seed(3L, {
    d <- data.frame(g = gl(50L, 12L), x = rnorm(600L))
    d$eta <- 0.3 * d$x + 1.5 * rnorm(50L)[d$g]
    d
  })
  for (link in c("cauchit", "cloglog", "probit")) {
    inverse <- stats::make.link(link)$linkinv
    d$y <- withr::with_seed(4L, rbinom(600L, 20L, inverse(d$eta)))
    fit <- gamut(cbind(y, 20L - y) ~ x + (1 | g), d, binomial(link), nagq = 25L)
    expect_true(fit$convergence$converged)
    expect_lte(fit$criterion$evaluations, 25L)
    density <- function(y, eta) stats::dbinom(y, 20L, inverse(eta), log = TRUE)
    value <- on_grid(density, d, coef(fit), fit$criterion$theta)
    expect_equal(-2 * as.numeric(logLik(fit)), value, tolerance = 1e-6)
    expect_lt(value, on_grid(density, d, c(0, 0.3), 1.5))
  }
})

test_that("poisson(\"sqrt\") has a likelihood where effects reach across 0", {
  d <- withr::with_seed(3L, {
    d <- data.frame(g = gl(50L, 12L), x = rnorm(600L))
    d$y <- rpois(600L, (2 + 0.3 * d$x + 0.5 * rnorm(50L)[d$g])^2)
    d
  })
  fit <- gamut(y ~ x + (1 | g), d, poisson("sqrt"))
  expect_true(fit$convergence$converged)
  expect_lte(fit$criterion$evaluations, 16L)
  density <- function(y, eta) stats::dpois(y, eta^2, log = TRUE)
  best <- stats::optim(c(coef(fit), fit$criterion$theta), function(p) {
    on_grid(density, d, p[1:2], p[[3L]])
  }, control = list(reltol = 1e-10))
  # the Laplace approximation is near the integral here, not equal to it
  expect_equal(-2 * as.numeric(logLik(fit)), best$value, tolerance = 1e-3)
  expect_equal(unname(c(coef(fit), fit$criterion$theta)), unname(best$par),
               tolerance = 0.02)
  # counts so low that the predictors of many rows are near 0
  d$y <- withr::with_seed(4L, rpois(600L, (0.7 + 0.3 * d$x + 0.5 * rnorm(50L)[d$g])^2))
  low <- gamut(y ~ x + (1 | g), d, poisson("sqrt"))
  expect_true(low$convergence$converged)
  expect_true(all(is.finite(predict(low, type = "response"))))
})

# --- limits of a range ----------------------------------------------------------------

test_that("a range that runs off ends at a finite value, as good as its limit", {
  d <- data.frame(g = gl(60L, 6L), time = rep(1:6, 60L))
  for (seed in c(1L, 3L, 4L)) {
    d <- withr::with_seed(seed, {
      d$x <- rnorm(360L)
      d$constant <- 1 + d$x + rnorm(60L)[d$g] + rnorm(360L)
      d$free <- 1 + d$x + sqrt(2) * rnorm(360L)
      d
    })
    # effects that a level has in common, or that it has not: the models without a range
    constant <- gamut(constant ~ x + exp(0 + time | g), d)
    intercept <- gamut(constant ~ x + (1 | g), d)
    expect_true(constant$convergence$converged)
    expect_lt(max(abs(constant$criterion$theta)), 40)
    expect_lt(constant$criterion$value, intercept$criterion$value + 1e-6)
    expect_lte(constant$criterion$evaluations, 60L)
  }
  # the last data: their effects are as the residuals are
  free <- suppressWarnings(gamut(free ~ x + exp(0 + time | g), d))
  none <- lm(free ~ x, d)
  expect_lt(free$criterion$value, -2 * as.numeric(logLik(none, REML = TRUE)) + 1e-6)
  expect_lt(max(abs(free$criterion$theta)), 40)
})

test_that("effects that a structure leaves independent are said to be", {
  d <- data.frame(g = gl(60L, 6L), time = rep(1:6, 60L))
  set.seed(7)
  d$x <- rnorm(360L)
  set.seed(4)
  rnorm(420L)
  d$y <- 1 + d$x + rnorm(360L) + rnorm(360L)
  fit <- gamut(y ~ x + exp(0 + time | g), d)
  plain <- lm(y ~ x, d)
  expect_equal(fit$criterion$value, -2 * as.numeric(logLik(plain, REML = TRUE)),
               tolerance = 1e-9)
  expect_true(fit$convergence$boundary[[1L]]$independent)
  expect_output(print(fit), "Range estimated as 0: the effects of exp(0 + time | g)",
                fixed = TRUE)
  # both together are what the data tell
  sizes <- fit$random[[1L]]$covariance[1L] + sigma(fit)^2
  expect_equal(sizes, sigma(plain)^2, tolerance = 1e-6)
})

# glmmTMB has the same optimum: -2 log L = 439.5345
test_that("ar1() leaves a limit where a correlation of the other sign is better", {
  d <- withr::with_seed(2, {
    d <- expand.grid(t = 1:5, g = 1:30)
    root <- chol((-0.8)^abs(outer(1:5, 1:5, "-")))
    u <- matrix(rnorm(150), 30) %*% root * 0.35
    d$y <- u[cbind(d$g, d$t)] + rnorm(150)
    d
  })
  d$time <- factor(d$t)
  d$g <- factor(d$g)
  fit <- gamut(y ~ 1 + ar1(0 + time | g), d, method = "ML")
  expect_equal(-2 * as.numeric(logLik(fit)), 439.53451, tolerance = 1e-6)
})
