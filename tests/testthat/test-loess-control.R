# loess_control(), and the list of stats::loess.control() in its place.

test_that("defaults are those of stats", {
  ours <- unclass(loess_control())
  theirs <- loess.control()
  expect_identical(ours[names(theirs)], theirs)
})

test_that("the list of stats, and arguments in the dots, mean the same", {
  one <- fit_loess(dist ~ speed, cars, control = loess.control(surface = "direct"))
  two <- fit_loess(dist ~ speed, cars, surface = "direct")
  three <- fit_loess(dist ~ speed, cars, control = loess_control(surface = "direct"))
  expect_identical(one$fitted, two$fitted)
  expect_identical(one$fitted, three$fitted)
})

test_that("wrong controls are errors that name the argument", {
  wrong <- list(
    quote(loess_control(surface = "smooth")), quote(loess_control(cell = -1)),
    quote(loess_control(statistics = 3)), quote(loess_control(iterations = 0)),
    quote(loess_control(tolerance = -1)), quote(loess_control(threads = 0.5)),
    quote(loess_control(extrapolate = NA)), quote(loess_control(surfaces = "direct")),
    quote(fit_loess(dist ~ speed, cars, control = 3)),
    quote(fit_loess(dist ~ speed, cars, control = list("direct"))),
    quote(fit_loess(dist ~ speed, cars, control = gamut_control())),
    quote(fit_loess(dist ~ speed, cars, spam = 0.5)),
    quote(fit_loess(dist ~ speed, cars, control = loess_control(), cell = 0.1))
  )
  for (call in wrong) expect_error(eval(call), class = "gamut_error_argument")
})

test_that("without statistics there is a fit, and no standard error", {
  fit <- fit_loess(dist ~ speed, cars, statistics = "none")
  expect_equal(fit$fitted, unname(fitted(loess(dist ~ speed, cars))), tolerance = 1e-10)
  expect_true(all(is.na(c(fit$s, fit$enp, fit$trace.hat))))
  expect_error(predict(fit, se.fit = TRUE), class = "gamut_error_data")
  expect_error(hatvalues(fit), class = "gamut_error_data")
  expect_error(logLik(fit), class = "gamut_error_data")
  expect_output(print(summary(fit)), "No statistics")
})
