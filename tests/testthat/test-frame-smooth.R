# Variables and settings of smooths: where they are looked up, which rows count, and what
# new data must hold.

frame_data <- function(n = 100) {
  withr::with_seed(71, {
    d <- data.frame(x = runif(n), z = runif(n), v = runif(n, 1, 2))
    d$g <- factor(sample(c("a", "b"), n, TRUE))
    d$y <- sin(6 * d$x) + rnorm(n, sd = 0.3)
    d
  })
}
value_of <- function(fit) fit$criterion$value

test_that("covariates are expressions, whose values count", {
  d <- frame_data()
  d$root <- sqrt(d$x)
  fit <- gamut(y ~ s(sqrt(x)) + s(I(z^2), by = v), data = d)
  same <- gamut(y ~ s(root) + s(square, by = v), data = transform(d, square = z^2))
  expect_equal(value_of(fit), value_of(same), tolerance = 1e-12)
  expect_identical(vapply(fit$smooths, `[[`, "", "label"), c("s(sqrt(x))", "s(I(z^2)):v"))
  expect_equal(predict(fit, d[1:3, ]), fitted(fit)[1:3], ignore_attr = TRUE,
               tolerance = 1e-10)
})

test_that("other variables and settings are found where the formula was written", {
  d <- frame_data()
  fit_with <- function(size) {
    basis <- "cr"
    gamut(y ~ s(x, k = size, bs = basis), data = d)
  }
  expect_length(fit_with(7)$smooths[[1]]$coefficients, 6L)
  outside <- d$z
  fit <- gamut(y ~ s(outside), data = d)
  expect_equal(value_of(fit), value_of(gamut(y ~ s(z), data = d)), tolerance = 1e-12)
  # settings are no columns of the data
  d$nosuch <- 5
  expect_error(gamut(y ~ s(x, k = unknown_k), data = d), "unknown_k",
               class = "gamut_error_formula")
})

test_that("rows with missing values in any covariate or by-variable are left out", {
  d <- frame_data()
  gaps <- d
  gaps$x[3] <- NA
  gaps$v[8] <- NA
  fit <- gamut(y ~ s(x) + s(z, by = v), data = gaps)
  expect_identical(as.integer(nobs(fit)), 98L)
  whole <- gamut(y ~ s(x) + s(z, by = v), data = d[-c(3, 8), ])
  expect_equal(value_of(fit), value_of(whole), tolerance = 1e-12)
  padded <- gamut(y ~ s(x) + s(z, by = v), data = gaps, na.action = na.exclude)
  expect_identical(unname(which(is.na(residuals(padded)))), c(3L, 8L))
  expect_error(gamut(y ~ s(x), data = gaps, na.action = na.fail), class = "gamut_error")
  gaps$x[4] <- Inf
  expect_error(gamut(y ~ s(x), data = gaps), "x", class = "gamut_error")
})

test_that("subsets and zero weights choose the rows of a basis", {
  d <- frame_data()
  fit <- gamut(y ~ s(x, bs = "cr"), data = d, subset = x < 0.5)
  knots <- fit$smooths[[1]]$piece$basis$knots
  expect_lt(max(knots), 0.5)
  expect_equal(value_of(fit), value_of(gamut(y ~ s(x, bs = "cr"), data = d[d$x < 0.5, ])),
               tolerance = 1e-12)
})

test_that("fits keep no rows in their smooths", {
  d <- frame_data(5000)
  small <- gamut(y ~ s(x, bs = "cr") + s(z, bs = "ps"), data = d[1:500, ])
  large <- gamut(y ~ s(x, bs = "cr") + s(z, bs = "ps"), data = d)
  size <- function(fit) {
    as.numeric(object.size(lapply(fit$smooths, function(s) s$piece$basis)))
  }
  expect_equal(size(large), size(small))
})

test_that("new data must hold covariates and by-variables", {
  d <- frame_data()
  fit <- gamut(y ~ s(x) + s(z, by = g), data = d)
  expect_error(predict(fit, d[, c("x", "z")]), "g", class = "gamut_error")
  expect_error(predict(fit, d[, c("x", "g")]), "z", class = "gamut_error")
  # y is no part of them
  expect_length(predict(fit, d[1:4, c("x", "z", "g")]), 4L)
  # and a factor may come as text
  text <- transform(d, g = as.character(g))
  expect_equal(predict(fit, text[1:4, ]), predict(fit, d[1:4, ]), tolerance = 1e-12)
})

test_that("what a smooth cannot take is an error that names it", {
  d <- frame_data()
  expect_error(gamut(y ~ s(x, x), data = d), "twice", class = "gamut_error_formula")
  expect_error(gamut(y ~ s(nowhere), data = d), "nowhere", class = "gamut_error")
  expect_error(gamut(y ~ s(x, k = stop("no k")), data = d), "no k",
               class = "gamut_error_formula")
  expect_error(gamut(y ~ s(x) + s(x, bs = "cr"), data = d), "twice",
               class = "gamut_error_formula")
  expect_error(fit_glm(y ~ s(x), data = d), "fit_gam", class = "gamut_error")
})

test_that("smooths do not touch the random numbers", {
  d <- frame_data()
  withr::with_preserve_seed({
    set.seed(1)
    before <- .Random.seed
    gamut(y ~ s(x) + te(x, z, k = 4), data = d)
    expect_identical(.Random.seed, before)
  })
})
