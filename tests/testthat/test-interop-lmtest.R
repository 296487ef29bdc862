test_that("coeftest() and coefci() test as summary() does", {
  skip_if_no_peer("lmtest")
  d <- simulated_data()
  fit <- gamut(count ~ x + f, d, poisson())
  reference <- glm(count ~ x + f, poisson(), d, control = list(epsilon = 1e-12))
  # 1e-7: what the project promises on standard errors
  expect_equal(unclass(lmtest::coeftest(fit)), unclass(lmtest::coeftest(reference)),
               tolerance = 1e-7, ignore_attr = c("nobs", "logLik", "df", "method"))
  expect_equal(lmtest::coefci(fit), lmtest::coefci(reference), tolerance = 1e-7)
  fit <- gamut(normal ~ x, d)
  expect_equal(lmtest::coeftest(fit)[, 4L], coef(summary(fit))[, 4L])
  expect_equal(lmtest::coefci(fit, level = 0.9), confint(fit, level = 0.9))
})

test_that("another covariance and other degrees of freedom get through", {
  skip_if_no_peer("lmtest")
  fit <- gamut(dist ~ speed, cars)
  robust <- 4 * vcov(fit)
  expect_equal(lmtest::coeftest(fit, vcov. = robust)[, 2L], 2 * sqrt(diag(vcov(fit))))
  expect_equal(lmtest::coeftest(fit, robust)[, 2L], 2 * sqrt(diag(vcov(fit))))
  normal <- lmtest::coeftest(fit, df = Inf)
  expect_equal(normal[, 4L], 2 * pnorm(-abs(normal[, 3L])))
})
