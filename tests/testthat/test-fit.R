test_that("what nothing uses is an error that names it", {
  expect_snapshot(error = TRUE, {
    gamut(dist ~ speed, cars, nonsense = 1)
    fit_glm(dist ~ speed, cars, 1, 2, 3, 4, 5, 6, 7, 8)
    gamut(dist ~ speed, cars, method = "laplace")
    gamut(dist ~ speed, cars, method = "REML")
    gamut(dist ~ speed, cars, nagq = 5)
    gamut(dist ~ speed, cars, knots = list(speed = 1:3))
    gamut(dist ~ speed, cars, control = list(tolerance = 1))
    gamut(dist ~ speed, cars, start = 1)
    gamut(dist ~ speed, cars, start = c(1, Inf))
  })
})

test_that("doors name each other", {
  expect_error(fit_glm(dist ~ lo(speed), cars), "parametric terms only",
               class = "gamut_error_unsupported_term")
  expect_error(fit_glmm(dist ~ lo(speed), cars), "Call fit_gam()",
               class = "gamut_error_unsupported_term")
})

test_that("a model can be set up without being fitted", {
  setup <- gamut(dist ~ speed, cars, fit = FALSE)
  expect_s3_class(setup, "gamut_setup")
  expect_identical(setup$problem$names, c("(Intercept)", "speed"))
  expect_output(print(setup), "set up but not fitted")
})

test_that("fit_glm() is the same engine", {
  expect_identical(coef(fit_glm(dist ~ speed, cars)), coef(gamut(dist ~ speed, cars)))
})

test_that("a fit that did not converge says so, once and in print", {
  expect_warning(
    fit <- gamut(am ~ wt, mtcars, binomial(),
                 control = gamut_control(max_iterations = 1)),
    "limit of iterations", class = "gamut_warning_convergence"
  )
  expect_false(fit$convergence$converged)
  expect_output(print(fit), "not converge", ignore.case = TRUE)
})

test_that("without its data a fit is small and still predicts", {
  d <- data.frame(x = rnorm(1e4), y = rpois(1e4, 2))
  full <- gamut(y ~ x, d, poisson())
  small <- gamut(y ~ x, d, poisson(), control = gamut_control(keep_data = FALSE))
  expect_null(small$frame$variables)
  # the family and the formula's environment are all that is left
  expect_lt(sum(vapply(unclass(small)[c("frame", "covariance", "coefficients")],
                       object.size, 0)), 1e5)
  new <- data.frame(x = c(-1, 2))
  expect_identical(predict(small, new), predict(full, new))
  expect_equal(logLik(small), logLik(full), ignore_attr = TRUE)
  expect_error(residuals(small), class = "gamut_error_data")
})

test_that("columns are used where they lie", {
  x <- rnorm(100)
  d <- data.frame(x = x, y = rnorm(100))
  fit <- gamut(y ~ x, d)
  address <- function(v) sub(" .*", "", capture.output(.Internal(inspect(v)))[1L])
  expect_identical(address(fit$frame$variables$x), address(d$x))
})
