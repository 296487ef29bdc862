# The density within bounds, by the base's own functions.
bounded_cases <- function() {
  list(
    list(truncated(gaussian(), 0, 3), list(mu = 0.5, sigma = 1.2)),
    list(truncated(gaussian(), 2), list(mu = -4, sigma = 1)),
    list(truncated(lognormal(), 0.5, 4), list(mu = 0.3, sigma = 0.8)),
    list(truncated(Gamma("log"), 1), list(mu = 2, phi = 0.6)),
    list(truncated(weibull(), 0.2, 2), list(mu = 1.3, sigma = 0.7))
  )
}

test_that("truncated densities, distribution functions and moments are integrals", {
  for (case in bounded_cases()) {
    family <- case[[1L]]
    ends <- family$mean_range
    name <- family$family
    f <- function(y) family_density(family, y, case[[2L]])
    # integrate() is asked for 1e-10
    whole <- function(g) integrate(g, ends[1L], ends[2L], rel.tol = 1e-10)$value
    expect_equal(whole(f), 1, tolerance = 1e-8, label = name)
    mean <- whole(function(y) y * f(y))
    expect_equal(unname(family$mean(case[[2L]])), mean, tolerance = 1e-8, label = name)
    expect_equal(unname(family$var(case[[2L]])), whole(function(y) (y - mean)^2 * f(y)),
                 tolerance = 1e-7, label = name)
    middle <- family_quantile(family, c(0.1, 0.5, 0.99), case[[2L]])
    expect_equal(family_cdf(family, middle, case[[2L]]), c(0.1, 0.5, 0.99),
                 tolerance = 1e-10, label = name)
    below <- integrate(f, ends[1L], middle[2L], rel.tol = 1e-10)$value
    expect_equal(below, 0.5, tolerance = 1e-8, label = name)
  }
})

test_that("truncated fits find the parameters before truncation", {
  set.seed(11)
  n <- 20000
  d <- data.frame(x = runif(n, -1, 1))
  d$y <- rnorm(n, 0.3 + 0.8 * d$x, 0.9)
  d$w <- rweibull(n, 1 / 0.6, exp(0.3 + 0.8 * d$x))
  d$g <- rgamma(n, 2, 2 / exp(0.3 + 0.8 * d$x))
  d$l <- exp(d$y)
  fits <- list(
    gamut(y ~ x, subset(d, y > 0 & y < 2), truncated(gaussian(), 0, 2)),
    gamut(w ~ x, subset(d, w > 0.5), truncated(weibull(), 0.5)),
    gamut(g ~ x, subset(d, g < 2), truncated(Gamma("log"), 0, 2)),
    gamut(l ~ x, subset(d, l > 1), truncated(lognormal(), 1))
  )
  last <- log(c(0.9, 0.6, 0.5, 0.9))
  for (k in seq_along(fits)) {
    fit <- fits[[k]]
    expect_true(fit$convergence$converged)
    # twelve statistics: 4 standard errors are passed by chance once in 1,300 runs
    off <- (coef(fit) - c(0.3, 0.8, last[k])) / sqrt(diag(vcov(fit)))
    expect_lt(max(abs(off)), 4, label = fit$family$family)
  }
})

test_that("a truncated normal is the maximum of its likelihood", {
  d <- subset(data.frame(x = cars$speed, y = cars$dist), y > 10 & y < 80)
  fit <- gamut(y ~ x, d, truncated(gaussian(), 10, 80))
  loss <- function(b) {
    mu <- b[1] + b[2] * d$x
    s <- exp(b[3])
    -sum(dnorm(d$y, mu, s, TRUE) - log(pnorm(80, mu, s) - pnorm(10, mu, s)))
  }
  expect_equal(as.numeric(logLik(fit)), -loss(coef(fit)), tolerance = 1e-10)
  skip_if_no_peer("numDeriv")
  # Richardson's differences are good to some 1e-8 of the size of the loss
  gradient <- numDeriv::grad(loss, coef(fit)) * sqrt(diag(vcov(fit)))
  expect_lt(max(abs(gradient)), 1e-5)
  expect_equal(unname(vcov(fit)), unname(solve(numDeriv::hessian(loss, coef(fit)))),
               tolerance = 1e-5)
})

test_that("bounds and responses that do not fit are refused", {
  expect_snapshot(error = TRUE, truncated(gaussian(), 2, 1))
  expect_snapshot(error = TRUE, truncated(poisson(), 0.5))
  expect_snapshot(error = TRUE, truncated(Beta()))
  expect_snapshot(error = TRUE, gamut(dist ~ speed, cars, truncated(gaussian(), 10)))
})
