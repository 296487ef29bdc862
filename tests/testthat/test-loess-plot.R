# plot() of local regressions: what is drawn, as numbers.

draw <- function(...) {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  plot(...)
}

test_that("a curve has the numbers of predict", {
  fit <- fit_loess(dist ~ speed, cars)
  drawn <- draw(fit, n = 40)
  expect_named(drawn, "speed")
  table <- drawn$speed
  expected <- predict(fit, data.frame(speed = table$speed), interval = "confidence")
  expect_equal(table$estimate, unname(expected[, "fit"]))
  expect_equal(table$upper, unname(expected[, "upr"]))
  wide <- draw(fit, n = 40, simultaneous = TRUE)$speed
  expect_true(all(wide$upper > table$upper))
  expect_true(all(is.na(draw(fit, level = NULL)$speed$lower)))
})

test_that("levels, surfaces, slices and likelihoods are drawn", {
  d <- transform(mtcars, am = factor(am), cyl = factor(cyl))
  several <- draw(fit_loess(mpg ~ wt + cyl, d, span = 1.5, degree = 1))
  expect_setequal(several$wt$level, paste("cyl =", c(4, 6, 8)))
  surface <- draw(fit_loess(mpg ~ wt + hp, d, degree = 1), n2 = 12)
  expect_identical(nrow(surface$mpg), 144L)
  expect_true(any(surface$mpg$far))
  slices <- draw(fit_loess(mpg ~ wt + hp + qsec, d, degree = 1))
  expect_named(slices, c("wt", "hp", "qsec"))
  expect_identical(unique(slices$wt$hp), median(d$hp))
  likely <- fit_loess(am ~ wt, d, family = binomial(), span = 1.5, degree = 1)
  response <- draw(likely)$wt
  expect_true(all(response$lower >= 0 & response$upper <= 1))
  link <- draw(likely, type = "link")$wt
  expect_equal(plogis(link$estimate), response$estimate)
})

test_that("a window shows the rows and their weights", {
  fit <- fit_loess(dist ~ speed, cars)
  drawn <- draw(fit, at = c(8, 20))
  expect_length(drawn, 2L)
  local <- local_fits(fit, data.frame(speed = 8))[[1L]]
  expect_equal(drawn[[1L]]$kernel[local$rows], local$kernel)
  expect_identical(sum(drawn[[1L]]$kernel > 0), length(local$rows))
  d <- transform(mtcars, am = factor(am))
  two <- fit_loess(mpg ~ wt + am, d, span = 1, degree = 1)
  expect_error(draw(two, at = 3), "data frame", class = "gamut_error_argument")
  expect_length(draw(two, at = data.frame(wt = 3, am = "1")), 1L)
  expect_error(draw(fit_loess(mpg ~ wt + hp, d, degree = 1), at = 3), "local_fits",
               class = "gamut_error_argument")
  expect_error(draw(fit, colour = "red"), class = "gamut_error_argument")
  expect_error(draw(fit, at = NA_real_), class = "gamut_error_argument")
  # outside of the data too
  expect_length(draw(fit, at = 30), 1L)
})
