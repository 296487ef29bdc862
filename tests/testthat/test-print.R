test_that("fits print their coefficients and how well they fit", {
  local_reproducible_output(width = 80)
  d <- simulated_data()
  expect_snapshot(gamut(count ~ spray, InsectSprays, poisson()))
  d$x2 <- 2 * d$x
  d$z[3:5] <- NA
  d$w[9] <- 0
  expect_snapshot(gamut(positive ~ x + x2 + z, d, Gamma("log"), weights = w))
  expect_snapshot(gamut(list(fraction ~ x + f, phi ~ z), d, Beta()))
  expect_snapshot(gamut(class ~ x + f, d, categorical(reference = "w")))
  expect_snapshot(gamut(dist ~ 0 + offset(speed), cars))
  expect_snapshot(print(gamut(dist ~ speed, cars), digits = 8))
})

test_that("many coefficients do not flood the screen", {
  local_reproducible_output(width = 80)
  set.seed(1)
  d <- data.frame(y = rnorm(900), f = factor(rep(1:300, 3)), x = rnorm(900),
                  k = factor(sample(c("a", "b", "c"), 900, TRUE)),
                  q = factor(rep(1:30, 30)))
  expect_snapshot(gamut(y ~ f + x, data = d))
  expect_snapshot(print(gamut(k ~ q, "categorical", data = d), max_coefficients = 20))
})

test_that("printing returns the fit, invisibly", {
  fit <- gamut(dist ~ speed, cars)
  capture.output(result <- withVisible(print(fit)))
  expect_false(result$visible)
  expect_identical(result$value, fit)
  capture.output(result <- withVisible(print(summary(fit))))
  expect_false(result$visible)
})

test_that("a call that holds its data is cut short", {
  fit <- do.call(gamut, list(dist ~ speed, data = cars))
  lines <- capture.output(print(fit))
  expect_lt(length(lines), 25L)
  expect_true("    ..." %in% lines)
})

test_that("a model that is not fitted counts what it has to estimate", {
  d <- simulated_data()
  expect_snapshot({
    gamut(dist ~ speed, cars, fit = FALSE)
    gamut(normal ~ f + s(x) + (1 | g), d, fit = FALSE)
    gamut(list(normal ~ s(x), sigma ~ s(z, k = 5)), d, fit = FALSE)
    gamut(normal ~ x + (x | g), d, fit = FALSE)
  })
})
