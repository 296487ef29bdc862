# Prediction intervals far outside of the data.

wide_data <- function(n = 150) {
  withr::with_seed(2, {
    d <- data.frame(x = runif(n))
    mu <- exp(1 + sin(6 * d$x))
    d$positive <- rgamma(n, 4, 4 / mu)
    d$count <- rpois(n, mu)
    d
  })
}
far_rows <- function() data.frame(x = c(0.5, 1.5, 3, 10))

# logarithms of quantiles of the mixture over the linear predictor
exact_limits <- function(fit, cdf, probs = c(0.025, 0.975)) {
  at <- predict(fit, far_rows(), type = "link", se.fit = TRUE)
  z <- seq(-8, 8, length.out = 8001)
  w <- dnorm(z) / sum(dnorm(z))
  limits <- vapply(probs, function(p) {
    vapply(seq_along(at$fit), function(i) {
      mu <- exp(at$fit[i] + z * at$se.fit[i])
      uniroot(function(y) sum(w * cdf(exp(y), mu)) - p, c(-300, 300), tol = 1e-9)$root
    }, 0)
  }, numeric(4L))
  list(limits = limits, se = at$se.fit)
}

test_that("limits are right where the mean may be anything", {
  d <- wide_data()
  for (family in list(Gamma("log"), inverse.gaussian("log"))) {
    fit <- gamut(positive ~ s(x), data = d, family = family)
    phi <- sigma(fit)^2
    exact <- exact_limits(fit, function(y, mu) {
      family_cdf(family, y, mu, dispersion = phi)
    })
    ours <- log(predict(fit, far_rows(), interval = "prediction")[, 2:3])
    # nodes at a tenth, and that the dispersion is estimated, which exact ones leave out
    expect_lt(max(abs(ours - exact$limits) / exact$se), 0.15)
  }
  fit <- gamut(count ~ s(x), data = d, family = poisson())
  ours <- predict(fit, far_rows(), interval = "prediction")
  exact <- exact_limits(fit, ppois, 0.975)
  # the first are small whole numbers
  expect_lt(max((abs(log(ours[, 3L]) - exact$limits) / exact$se)[-1L]), 0.1)
})

test_that("rows without an interval are named", {
  d <- wide_data()
  logarithmic <- gamut(positive ~ s(x), data = d, family = inverse.gaussian("log"))
  inverse <- gamut(positive ~ s(x), data = d, family = Gamma())
  counts <- gamut(count ~ s(x), data = d, family = compois())
  rows <- data.frame(x = c(0.5, NA, 10, 1e4))
  expect_snapshot(error = TRUE, {
    predict(logarithmic, rows, interval = "prediction")
    predict(inverse, rows[-4, , drop = FALSE], interval = "prediction")
    predict(counts, rows, interval = "prediction")
  })
  caught <- tryCatch(predict(counts, rows, interval = "prediction"),
                     gamut_error_extrapolation = identity)
  expect_identical(caught$rows, 3:4)
  expect_true(all(is.finite(predict(counts, rows[1, , drop = FALSE],
                                    interval = "prediction"))))
})

test_that("inverse gaussian quantiles at very large dispersions", {
  p <- c(0.01, 0.5, 0.99)
  for (phi in c(1e3, 1e8, 1e20)) {
    q <- family_quantile("inverse.gaussian", p, 2, dispersion = phi)
    expect_equal(family_cdf("inverse.gaussian", q, 2, dispersion = phi), p,
                 tolerance = 1e-9)
  }
})
