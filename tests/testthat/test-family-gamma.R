test_that("exponential is the Gamma with dispersion one", {
  y <- c(0.2, 1, 5)
  # two routes through libm
  expect_equal(family_density("exponential", y, 2, log = TRUE),
               family_density("Gamma", y, 2, log = TRUE), tolerance = 1e-14)
  expect_identical(exponential()$unit_deviance(y, list(mu = 2)),
                   as_gamut_family("Gamma")$unit_deviance(y, list(mu = 2)))
  expect_identical(exponential("inverse")$link, "inverse")
})

test_that("leukaemia survival: the log-likelihood of survreg", {
  skip_if_no_peer("MASS")
  fit <- glm(time ~ ag + log(wbc), Gamma("log"), data = MASS::leuk, epsilon = 1e-12)
  # survival::survreg(dist = "exponential"), seven decimals given
  expect_equal(exponential()$loglik(fit$y, list(mu = fitted(fit))), -146.5405246,
               tolerance = 1e-9)
  expect_equal(exponential()$aic(fit$y, 1, fitted(fit), fit$prior.weights, 0),
               2 * 146.5405246, tolerance = 1e-9)
})
