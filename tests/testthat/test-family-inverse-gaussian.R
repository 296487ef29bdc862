# Phi(z1) + exp(2 lambda / mu) Phi(-z2), for parameters that do not overflow
textbook_cdf <- function(y, mu, phi) {
  root <- 1 / sqrt(phi * y)
  pnorm(root * (y / mu - 1)) + exp(2 / (phi * mu)) * pnorm(-root * (y / mu + 1))
}

test_that("the distribution function is the textbook's where that can be computed", {
  y <- c(0.05, 0.3, 1, 1.5, 3, 20)
  for (phi in c(0.05, 0.5, 4)) {
    # the textbook form loses a digit or two by cancellation
    expect_equal(family_cdf("inverse.gaussian", y, 1.5, dispersion = phi),
                 textbook_cdf(y, 1.5, phi), tolerance = 1e-13)
  }
})

test_that("tails are right where the textbook form overflows or cancels", {
  # nearly normal: lambda / mu = 1e8, exp(2e8) overflows; skewness 3e-4 remains
  z <- c(-6, -1, 0, 2, 6)
  near <- family_cdf("inverse.gaussian", 1 + z * 1e-4, 1, dispersion = 1e-8, log = TRUE)
  expect_equal(near, pnorm(z, log.p = TRUE), tolerance = 3e-3)
  # upper tail by integration of the density
  f <- function(y) family_density("inverse.gaussian", y, 1, dispersion = 0.5)
  upper <- integrate(f, 30, Inf, rel.tol = 1e-10, abs.tol = 0)$value
  expect_equal(
    family_cdf("inverse.gaussian", 30, 1, dispersion = 0.5, lower_tail = FALSE),
    upper,
    tolerance = 1e-9
  )
  expect_identical(family_cdf("inverse.gaussian", c(-1, 0, Inf), 1), c(0, 0, 1))
  expect_identical(family_density("inverse.gaussian", c(-1, 0, Inf), 1), c(0, 0, 0))
})

test_that("the two branches of the Mills ratio meet", {
  # at z = 50 the logarithms of the left branch are near 1250: 1250 eps
  expect_equal(mills_ratio(50), mills_ratio(50 * (1 + 1e-15)), tolerance = 1e-12)
  expect_equal(mills_ratio(0), sqrt(pi / 2), tolerance = 1e-15)
})

test_that("quantiles are found at both ends of p and of the dispersion", {
  p <- c(1e-12, 1e-3, 0.1, 0.5, 0.9, 1 - 1e-10)
  for (phi in c(1e-8, 1e-3, 0.5, 10, 1e4)) {
    q <- family_quantile("inverse.gaussian", p, 2, dispersion = phi)
    expect_false(is.unsorted(q, strictly = TRUE))
    # a relative step of 1e-14 in y, magnified by sqrt(1 / phi) = 1e4
    expect_equal(family_cdf("inverse.gaussian", q, 2, dispersion = phi), p,
                 tolerance = 1e-9)
  }
  expect_identical(family_quantile("inverse.gaussian", c(0, 1), 2), c(0, Inf))
  expect_true(is.na(family_quantile("inverse.gaussian", NA_real_, 2)))
})
