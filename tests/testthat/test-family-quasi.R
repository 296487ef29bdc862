test_that("the variance function reaches the engine by name", {
  for (variance in c("constant", "mu", "mu(1-mu)", "mu^2", "mu^3")) {
    family <- as_gamut_family(do.call(quasi, list(link = "log", variance = variance)))
    expect_identical(family$variance_id, variance)
    expect_identical(family$id, "quasi")
  }
  expect_identical(as_gamut_family("quasibinomial")$variance_id, "mu(1-mu)")
})

test_that("there is a mean and a variance and nothing else", {
  family <- as_gamut_family("quasipoisson")
  expect_false(family$has_density)
  expect_identical(family$mean(list(mu = 2)), 2)
  expect_identical(family$var(list(mu = 2), weights = 4, dispersion = 3), 1.5)
  expect_identical(family$loglik(1, list(mu = 2)), NA_real_)
})

test_that("a variance of the user's own is refused", {
  own <- list(varfun = function(mu) mu^1.5, validmu = function(mu) TRUE,
              dev.resids = function(y, mu, wt) y, initialize = expression(),
              name = "mu^1.5")
  expect_snapshot(error = TRUE, as_gamut_family(quasi(link = "log", variance = own)))
})
