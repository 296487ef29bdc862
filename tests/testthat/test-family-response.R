read <- function(family, y, weights = NULL, ...) {
  as_gamut_family(family)$response(y, weights, "y", ...)
}

test_that("a plain numeric response is handed on as it is", {
  y <- c(0.5, 2)
  for (family in c("gaussian", "Gamma", "exponential", "inverse.gaussian", "quasi")) {
    expect_identical(read(family, y)$y, y)
    expect_null(read(family, y)$weights)
  }
  expect_identical(read("poisson", c(0L, 3L))$y, c(0, 3))
  expect_identical(read("gaussian", matrix(y, 2))$y, y)
  expect_identical(read("gaussian", c(TRUE, FALSE))$y, c(1, 0))
})

test_that("binomial responses of all kinds are read as glm reads them", {
  f <- factor(c("no", "yes", "maybe", "no"), levels = c("no", "yes", "maybe"))
  for (family in c("binomial", "bernoulli", "quasibinomial")) {
    read_f <- read(family, f)
    expect_identical(read_f$y, c(0, 1, 1, 0))
    expect_identical(read_f$levels, levels(f))
    expect_identical(read_f$form, "factor")
    expect_identical(read(family, c(TRUE, FALSE))$y, c(1, 0))
    expect_identical(read(family, c(1L, 0L))$y, c(1, 0))
  }
  two <- read("binomial", cbind(c(3, 0, 1), c(1, 0, 0)), c(1, 1, 2))
  expect_identical(two$y, c(0.75, 0, 1))
  expect_identical(two$weights, c(4, 0, 2))
  expect_identical(two$trials, c(4, 0, 1))
  expect_identical(read("binomial", c(0.5, 7), c(2, 0))$y, c(0.5, 0))
})

test_that("counts that are not whole are said so once, as glm does", {
  expect_snapshot(invisible(read("binomial", c(0.25, 0.5), c(4, 3))))
  expect_snapshot(invisible(read("binomial", cbind(c(1, 1.5), 2))))
  expect_snapshot(invisible(read("poisson", c(1, 1.5, 2.5))))
  expect_warning(read("poisson", 0.5), class = "gamut_warning_response")
  expect_silent(read("quasibinomial", c(0.25, 0.5), c(4, 3)))
  expect_silent(read("quasipoisson", c(1, 1.5)))
})

test_that("values out of range are named by row", {
  y <- c(1, -1, 3, 0)
  expect_snapshot(error = TRUE, read("Gamma", y))
  expect_snapshot(error = TRUE, read("poisson", y))
  expect_snapshot(error = TRUE, read("binomial", y))
  expect_snapshot(error = TRUE, read("bernoulli", c(0, 0.5, 1)))
  expect_snapshot(error = TRUE, read("Beta", c(0.5, 0, 1)))
  expect_snapshot(error = TRUE, read("binomial", cbind(c(1, -1), 2)))
  expect_snapshot(error = TRUE, read("gaussian", c(1, Inf, NaN)))
  expect_error(read("inverse.gaussian", 0), class = "gamut_error_response")
  expect_error(read("exponential", 0), class = "gamut_error_response")
  expect_error(read("quasipoisson", -1), class = "gamut_error_response")
  expect_error(read(quasi(link = "log", variance = "mu^3"), 0),
               class = "gamut_error_response")
  expect_error(read(quasi(link = "logit", variance = "mu(1-mu)"), 2),
               class = "gamut_error_response")
})

test_that("large values whose sum overflows are no trouble", {
  expect_silent(read("gaussian", c(1e308, 1e308)))
  expect_silent(read("binomial", cbind(rep(.Machine$integer.max, 3), 1L)))
})

test_that("rows are called what the user calls them", {
  error <- expect_error(read("Gamma", c(1, 0), rows = c("Paris", "Rome")),
                        "Rome", class = "gamut_error_response")
  expect_identical(error$rows, "Rome")
  error <- expect_error(read("Gamma", rep(0, 9), rows = 11:19), "9 in all")
  expect_identical(error$rows, 11:19)
})

test_that("responses of the wrong kind are refused with advice", {
  expect_snapshot(error = TRUE, read("gaussian", factor(c("a", "b"))))
  expect_snapshot(error = TRUE, read("poisson", cbind(1:2, 3:4)))
  expect_snapshot(error = TRUE, read("bernoulli", cbind(1:2, 3:4)))
  expect_snapshot(error = TRUE, read("binomial", c("a", "b")))
  expect_snapshot(error = TRUE, read("categorical", c(1, 2, 1)))
})

test_that("prior weights are checked", {
  expect_snapshot(error = TRUE, read("gaussian", c(1, 2, 3), c(1, -1, NA)))
  expect_snapshot(error = TRUE, read("gaussian", c(1, 2), 1))
  expect_snapshot(error = TRUE, read("gaussian", c(1, 2), c("a", "b")))
})

test_that("categories come from factors, text, logicals and counts", {
  f <- factor(c("b", "c", "b"), levels = c("a", "b", "c"))
  expect_snapshot(got <- read("categorical", f))
  expect_identical(got$y, c(1, 2, 1))
  expect_identical(got$levels, c("b", "c"))
  expect_identical(read("categorical", c("x", "z", "x"))$levels, c("x", "z"))
  expect_identical(read("categorical", c(TRUE, FALSE))$y, c(2, 1))
  counts <- cbind(a = c(1, 0), b = c(2L, 3L))
  got <- read("categorical", counts, c(1, 2))
  expect_identical(got$y, matrix(c(1, 0, 2, 3), 2, dimnames = list(NULL, c("a", "b"))))
  expect_identical(got$trials, c(3, 3))
  expect_identical(got$weights, c(1, 2))
  expect_snapshot(error = TRUE, read("categorical", factor(c("a", "a"))))
  expect_snapshot(error = TRUE, read("categorical", cbind(a = c(1, -2), b = 1)))
})
