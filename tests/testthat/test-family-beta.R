test_that("density is dbeta in mean and precision", {
  expect_identical(family_density(Beta(), 0.3, list(mu = 0.4, phi = 5)), dbeta(0.3, 2, 3))
  expect_identical(Beta()$var(list(mu = 0.5, phi = 3)), 1 / 16)
})

test_that("the saturated mean maximises the density of a single value", {
  y <- c(1e-6, 0.02, 0.4, 0.97, 1 - 1e-6)
  for (phi in c(0.1, 3, 500)) {
    mu <- beta_saturated_mean(y, phi)
    expect_true(all(mu > 0 & mu < 1))
    score <- digamma(mu * phi) - digamma((1 - mu) * phi) - qlogis(y)
    # relative to slopes of digamma up to 1 / (mu phi)
    expect_lt(max(abs(score) * mu * phi * (1 - mu)), 1e-8)
    deviance <- Beta()$unit_deviance(y, list(mu = 0.3, phi = phi))
    expect_true(all(deviance >= 0))
    # at the saturated mean the deviance is a difference of equal numbers
    expect_equal(Beta()$unit_deviance(y, list(mu = mu, phi = phi)), 0 * y)
  }
})

test_that("deviance residuals need the precision too", {
  expect_snapshot(error = TRUE, Beta()$dev.resids(0.5, 0.5, 1))
})
