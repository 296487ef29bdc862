test_that("coef() and vcov() are glm's, aliased coefficients included", {
  d <- simulated_data()
  d$x2 <- 2 * d$x
  fit <- gamut(positive ~ x + x2 + f, d, Gamma("log"))
  reference <- glm_to_the_end(positive ~ x + x2 + f, Gamma("log"), d)
  # what the project promises on coefficients and on standard errors
  expect_equal(coef(fit), coef(reference), tolerance = 1e-8)
  expect_equal(coef(fit, complete = FALSE), coef(reference, complete = FALSE),
               tolerance = 1e-8)
  expect_equal(vcov(fit), vcov(reference), tolerance = 1e-7)
  expect_equal(vcov(fit, complete = FALSE), vcov(reference, complete = FALSE),
               tolerance = 1e-7)
  expect_equal(vcov(fit, dispersion = 3), vcov(reference, dispersion = 3),
               tolerance = 1e-7)
  expect_identical(coef(fit, "all"), coef(fit))
  expect_identical(vcov(fit, what = "all"), vcov(fit))
  expect_snapshot(coef(fit, "ranef"), error = TRUE)
})

test_that("names carry the parameter or the category", {
  d <- simulated_data()
  fit <- gamut(list(fraction ~ x, phi ~ z), d, Beta())
  names <- c("(Intercept)", "x", "phi:(Intercept)", "phi:z")
  expect_named(coef(fit), names)
  expect_identical(dimnames(vcov(fit)), list(names, names))
  fit <- gamut(class ~ x, d, categorical(reference = "v"))
  expect_named(coef(fit), c("u:(Intercept)", "u:x", "w:(Intercept)", "w:x"))
})

test_that("Wald intervals take t quantiles where the dispersion is estimated", {
  fit <- gamut(dist ~ speed, data = cars)
  expect_equal(confint(fit), confint(lm(dist ~ speed, data = cars)), tolerance = 1e-10)
  fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
  reference <- glm_to_the_end(count ~ spray, poisson(), InsectSprays)
  expect_equal(confint(fit, method = "wald"), confint.default(reference),
               tolerance = 1e-7)
  expect_equal(confint(fit, c("sprayC", "sprayB"), level = 0.9, method = "wald"),
               confint.default(reference, c("sprayC", "sprayB"), level = 0.9),
               tolerance = 1e-7)
  expect_equal(confint(fit, 2, method = "wald"), confint.default(reference, 2),
               tolerance = 1e-7)
  expect_identical(colnames(confint(fit, level = 0.999, method = "wald")),
                   colnames(confint.default(reference, level = 0.999)))
})

test_that("an aliased coefficient has no interval", {
  d <- transform(cars, twice = 2 * speed)
  limits <- confint(gamut(dist ~ speed + twice, data = d), method = "wald")
  expect_identical(rownames(limits), c("(Intercept)", "speed", "twice"))
  expect_true(all(is.na(limits["twice", ])))
  expect_false(anyNA(limits[1:2, ]))
})

test_that("without residual degrees of freedom there is no interval", {
  fit <- gamut(y ~ x, data.frame(y = c(1, 3), x = 1:2))
  expect_true(all(is.nan(confint(fit))))
})

test_that("the default interval is profile, unless that is pointless or slow", {
  d <- simulated_data(50L)
  poisson_fit <- gamut(count ~ x, d, poisson())
  expect_identical(default_interval(poisson_fit, "x"), "profile")
  expect_identical(default_interval(gamut(normal ~ x, d), "x"), "wald")
  small <- gamut(count ~ x, d, poisson(), control = gamut_control(keep_data = FALSE))
  expect_identical(default_interval(small, "x"), "wald")
  poisson_fit$n <- 6e5
  expect_identical(default_interval(poisson_fit, "x"), "profile")
  expect_snapshot(default_interval(poisson_fit, c("(Intercept)", "x")))
  expect_message(confint(poisson_fit), class = "gamut_message_confint")
})

test_that("wrong coefficients and levels are named", {
  fit <- gamut(dist ~ speed, data = cars)
  expect_snapshot(confint(fit, "sped"), error = TRUE)
  expect_snapshot(confint(fit, 7), error = TRUE)
  expect_snapshot(confint(fit, level = 95), error = TRUE)
  expect_snapshot(confint(fit, level = 0), error = TRUE)
  expect_snapshot(confint(fit, method = "boot"), error = TRUE)
})

test_that("coef() of one predictor, and of none that there is", {
  d <- simulated_data()
  fit <- gamut(list(fraction ~ x, phi ~ z), d, Beta())
  expect_identical(coef(fit, predictor = "phi"), coef(fit)[3:4])
  expect_identical(coef(fit, predictor = "mu"), coef(fit)[1:2])
  expect_error(coef(fit, predictor = "nonsense"), class = "gamut_error_argument")
  expect_snapshot(error = TRUE, coef(fit, predictor = "nonsense"))
})
