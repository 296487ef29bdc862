# Nested smooths: what the smaller has in common with the larger is left to it.

side_data <- function(n = 200) {
  withr::with_seed(6, {
    d <- data.frame(x = runif(n), z = runif(n))
    d$g <- factor(sample(c("a", "b"), n, TRUE))
    d$y <- sin(6 * d$x) + d$z^2 + d$x * d$z + rnorm(n, sd = 0.3)
    d
  })
}
model_columns <- function(fit) predict(fit, type = "lpmatrix")
sizes_of <- function(fit) vapply(fit$smooths, function(s) length(s$position), 0L)

test_that("models with nested smooths have full rank", {
  d <- side_data()
  for (formula in list(y ~ s(x) + s(x, z, k = 20), y ~ s(x) + s(z) + te(x, z, k = 5),
                       y ~ s(x, bs = "cr") + te(x, z, k = 4), y ~ s(x) + s(x, by = z))) {
    x <- model_columns(gamut(formula, data = d))
    scaled <- sweep(x, 2, sqrt(colSums(x^2)), "/")
    # singular values that rounding leaves are 1e-15 of the largest
    expect_gt(min(svd(scaled, 0, 0)$d), 1e-7)
  }
})

test_that("as many columns are dropped as mgcv drops", {
  skip_if_no_peer("mgcv")
  d <- side_data()
  s <- mgcv::s
  te <- mgcv::te
  for (formula in list(y ~ s(x) + s(x, z, k = 20), y ~ s(x) + s(z) + te(x, z, k = 5),
                       y ~ s(x, bs = "cr", k = 5) + s(z, bs = "cr", k = 5) +
                         te(x, z, k = 5))) {
    peer <- mgcv::gam(formula, data = d, method = "REML")
    theirs <- vapply(peer$smooth, function(s) s$last.para - s$first.para + 1, 0)
    expect_equal(sizes_of(gamut(formula, data = d)), theirs)
  }
})

test_that("no function is lost: the span is that of all columns", {
  d <- side_data()
  fit <- gamut(y ~ s(x) + s(x, z, k = 20), data = d)
  whole <- gamut(y ~ s(x, z, k = 20), data = d)
  missing <- qr.resid(qr(model_columns(fit)), model_columns(whole))
  # columns of order one, rounding of their decomposition
  expect_lt(max(abs(missing)), 1e-7)
  # and nothing is dropped where nothing is nested
  expect_identical(sizes_of(gamut(y ~ s(x) + s(z), data = d)), c(9L, 9L))
  expect_identical(sizes_of(gamut(y ~ g + s(x, by = g), data = d)), c(9L, 9L))
  expect_identical(sizes_of(gamut(y ~ s(x) + ti(x, z, k = 4), data = d)), c(9L, 9L))
})

test_that("random effects and curves are nested in nothing", {
  d <- side_data()
  fit <- gamut(y ~ s(x) + s(x, g, bs = "fs", k = 5), data = d)
  expect_identical(sizes_of(fit), c(9L, 10L))
  fit <- gamut(y ~ s(x) + s(g, bs = "re") + s(g, x, bs = "re"), data = d)
  expect_identical(sizes_of(fit), c(9L, 2L, 2L))
})

test_that("predictions at new data have the columns of the fit", {
  d <- side_data()
  fit <- gamut(y ~ s(x) + s(x, z, k = 20), data = d)
  expect_equal(unname(predict(fit, d)), unname(fitted(fit)), tolerance = 1e-10)
})

test_that("dependent columns are found whatever their size", {
  lower <- cbind(1, 1:10)
  upper <- cbind(c(1, 3, 2, 5, 4, 7, 6, 9, 8, 10)^2, 3 * (1:10) + 1)
  expect_identical(dependent_columns(lower, upper), 2L)
  expect_identical(dependent_columns(lower, cbind(sin(1:10), cos(1:10))), integer())
  # all of them
  expect_identical(dependent_columns(lower, cbind(rep(2, 10), 5:14)), 1:2)
})
