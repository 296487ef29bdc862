# Smooths as terms of the engine: positions, labels, storages, penalties.

term_data <- function(n = 150) {
  withr::with_seed(61, {
    d <- data.frame(x = runif(n), z = runif(n), v = runif(n))
    d$g <- factor(sample(c("a", "b", "c"), n, TRUE))
    d$y <- sin(6 * d$x) + rnorm(n, sd = 0.3)
    d$share <- rbeta(n, 2, 3)
    d$kind <- factor(sample(c("u", "v", "w"), n, TRUE))
    d
  })
}
set_up <- function(formula, family = gaussian(), ...) {
  gamut(formula, data = term_data(), family = family, ..., fit = FALSE)
}
smooths_in <- function(setup) setup$problem$smooths
labels_in <- function(setup) vapply(smooths_in(setup), `[[`, "", "label")

test_that("coefficients of smooths follow the parametric ones, predictor by predictor", {
  setup <- set_up(list(share ~ v + s(x, k = 5), phi ~ s(z, k = 6) + s(x, k = 4)), Beta())
  expect_identical(labels_in(setup), c("s(x)", "phi:s(z)", "phi:s(x)"))
  # intercept, v, and the intercept of phi come first
  expect_identical(unlist(lapply(smooths_in(setup), `[[`, "position")), 4:15)
  expect_identical(vapply(smooths_in(setup), `[[`, 0L, "predictor"), c(1L, 2L, 2L))
  expect_identical(vapply(smooths_in(setup), function(s) as.integer(s$law), 0L), 1:3)
})

test_that("a smooth without a penalty has no law", {
  setup <- set_up(y ~ s(x, fx = TRUE, k = 5) + s(z))
  laws <- vapply(smooths_in(setup), function(s) as.integer(s$law), 0L)
  expect_identical(laws, c(NA, 1L))
  terms <- setup$problem$terms[vapply(smooths_in(setup), `[[`, 0L, "term")]
  expect_null(terms[[1]]$covariance)
  expect_identical(terms[[2]]$covariance$kind, "penalty")
  expect_identical(terms[[2]]$covariance$size, 9L)
})

test_that("smooths in every predictor of a categorical response", {
  setup <- set_up(kind ~ s(x, k = 5), categorical())
  expect_length(smooths_in(setup), 2L)
  expect_identical(anyDuplicated(labels_in(setup)), 0L)
  expect_identical(anyDuplicated(unlist(lapply(smooths_in(setup), `[[`, "position"))), 0L)
  fit <- gamut(kind ~ s(x, k = 5), data = term_data(), family = categorical())
  expect_true(fit$convergence$converged)
  expect_equal(unname(rowSums(fitted(fit))), rep(1, 150), tolerance = 1e-12)
})

test_that("smooths of one id are one term with penalties in blocks", {
  setup <- set_up(y ~ g + s(x, by = g, id = 1, k = 5))
  terms <- vapply(smooths_in(setup), `[[`, 0L, "term")
  expect_identical(length(unique(terms)), 1L)
  covariance <- setup$problem$terms[[terms[1]]]$covariance
  expect_identical(covariance$size, 12L)
  whole <- matrix(covariance$numbers, 12)
  own <- smooths_in(setup)[[1]]$piece$S[[1]]
  for (i in 1:3) {
    at <- (i - 1) * 4 + 1:4
    expect_identical(whole[at, at], own)
    expect_true(all(whole[at, -at] == 0))
  }
})

test_that("penalties of a term are all there, in the order of its lambdas", {
  setup <- set_up(y ~ te(x, z, k = 4))
  smooth <- smooths_in(setup)[[1]]
  covariance <- setup$problem$terms[[smooth$term]]$covariance
  expect_equal(covariance$numbers, unlist(smooth$piece$S))
  expect_identical(covariance$given, c(NaN, NaN))
  setup <- set_up(y ~ te(x, z, k = 4, sp = c(-1, 2)))
  covariance <- setup$problem$terms[[smooths_in(setup)[[1]]$term]]$covariance
  expect_identical(covariance$given, c(NaN, 2))
})

test_that("a smooth that two predictors share is stored once", {
  one <- set_up(list(y ~ s(x), sigma ~ 1))
  both <- set_up(list(y ~ s(x, bs = "cr"), sigma ~ s(x, bs = "cr")))
  # B-splines are made from x, which is passed once
  kinds <- vapply(both$problem$storages, `[[`, "", "kind")
  expect_identical(sum(kinds == "spline"), 1L)
  expect_length(smooths_in(one), 1L)
  expect_length(smooths_in(both), 2L)
})

test_that("coefficients and labels of a fit", {
  d <- term_data()
  fit <- gamut(list(y ~ v + s(x, k = 5), sigma ~ s(z, k = 4)), data = d)
  expect_identical(
    names(coef(fit, "all")),
    c("(Intercept)", "v", "sigma:(Intercept)", paste0("s(x).", 1:4),
      paste0("sigma:s(z).", 1:3))
  )
  for (smooth in fit$smooths) {
    expect_identical(unname(coef(fit, "all")[smooth$position]),
                     unname(smooth$coefficients))
  }
  expect_identical(dim(fit$joint$bayesian), c(10L, 10L))
  # the covariance is the inverse of information and penalty
  penalty <- matrix(0, 10, 10)
  for (smooth in fit$smooths) {
    lambda <- min(smooth$lambda, 1e9)
    at <- smooth$position
    penalty[at, at] <- lambda * smooth$piece$S[[1]]
  }
  inverse <- solve(fit$joint$gram + penalty)
  # 1e-9 of what a lambda of 1e9 leaves, where it is at its limit
  expect_equal(fit$joint$bayesian, inverse, tolerance = 1e-6, ignore_attr = TRUE)
  frequentist <- inverse %*% fit$joint$gram %*% inverse
  expect_equal(fit$joint$frequentist, frequentist, tolerance = 1e-6, ignore_attr = TRUE)
})
