test_that("numbers that are not whole have density zero, silently", {
  expect_silent(value <- family_density("poisson", c(1, 1.5), 2))
  expect_identical(value, c(dpois(1, 2), 0))
})

test_that("the distribution function is right between the counts, from either side", {
  expect_identical(family_cdf("poisson", 1.5, 2), ppois(1, 2))
  expect_identical(family_cdf("poisson", 1.5, 2, left = TRUE), ppois(1, 2))
  expect_identical(family_cdf("poisson", 0, 2, left = TRUE), 0)
})
