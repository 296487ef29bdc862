test_that("the controls are checked, each by its name", {
  expect_snapshot(error = TRUE, {
    gamut_control(tolerance = 0)
    gamut_control(max_iterations = 1.5)
    gamut_control(threads = "two")
    gamut_control(information = "fisher")
    gamut_control(keep_data = NA)
    gamut_control(trace = c(TRUE, FALSE))
  })
})

test_that("threads respect the limits of the machine", {
  withr::local_envvar(OMP_THREAD_LIMIT = "2", "_R_CHECK_LIMIT_CORES_" = "")
  expect_identical(gamut_control(threads = 8)$threads, 2L)
  withr::local_envvar(OMP_THREAD_LIMIT = "", "_R_CHECK_LIMIT_CORES_" = "true")
  expect_identical(gamut_control(threads = 8)$threads, 2L)
  expect_identical(gamut_control(threads = 1)$threads, 1L)
})

test_that("information may be chosen", {
  expected <- gamut(am ~ wt, mtcars, binomial("probit"))
  observed <- gamut(am ~ wt, mtcars, binomial("probit"),
                    control = gamut_control(information = "observed"))
  expect_identical(expected$information, "expected")
  expect_identical(observed$information, "observed")
  expect_gt(max(abs(standard_errors(expected) - standard_errors(observed))), 1e-6)
})
