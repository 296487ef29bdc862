test_that("proportions hit their counts for any number of trials", {
  for (trials in 1:60) {
    k <- 0:trials
    # k / n times n is not always k in floating point
    expect_identical(family_cdf("binomial", k / trials, 0.37, weights = trials),
                     pbinom(k, trials, 0.37))
    left <- family_cdf("binomial", k / trials, 0.37, weights = trials, left = TRUE)
    expect_identical(left, pbinom(k - 1, trials, 0.37))
    expect_identical(family_density("binomial", k / trials, 0.37, weights = trials),
                     dbinom(k, trials, 0.37))
  }
  expect_identical(family_density("binomial", 0.35, 0.4, weights = 10), 0)
  expect_identical(family_quantile("binomial", 0.5, 0.4, weights = 0), 0)
})

test_that("bernoulli weights multiply the log-likelihood, whole or not", {
  mu <- c(0.2, 0.7)
  expect_equal(bernoulli()$loglik(c(0, 1), list(mu = mu), c(0.3, 1.7)),
               0.3 * log(0.8) + 1.7 * log(0.7), tolerance = 1e-15)
  expect_identical(family_density(bernoulli(), 1, 0.7, weights = 3), 0.7)
})

test_that("binomial responses cannot be drawn with trials that are not whole", {
  expect_snapshot(error = TRUE, family_random("binomial", 2, 0.5, weights = 1.5))
})
