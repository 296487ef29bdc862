slope_data <- function() {
  withr::with_seed(3, {
    n <- 250
    d <- data.frame(x = runif(n, -1, 3), z = runif(n, 10, 20),
                    g = factor(sample(c("a", "b", "c"), n, replace = TRUE)))
    d$o <- factor(d$g, ordered = TRUE)
    d$y <- sin(2 * d$x) * as.integer(d$g) + (d$z - 15) * d$x / 5 + 0.2 * rnorm(n)
    d
  })
}

# The piece of a smooth of x and z
only_piece <- function(formula, d) gamut(formula, d)$smooths[[1]]$piece

# Spacing of the derivative's own differences
h <- function(x) 1e-4 * diff(range(x))

# Relative to the largest: rounding of differences, 1e-16 / 1e-4 and 1e-16 / 1e-8, times
# some hundreds for sums of basis functions that cancel
tolerances <- c(1e-9, 1e-6)

test_that("derivatives of B-splines are exact", {
  d <- slope_data()
  for (degree in 2:3) {
    fit <- gamut(y ~ s(x, bs = "bs", m = c(degree, 1), k = 9), d)
    entry <- fit$smooths[[1]]
    knots <- entry$piece$basis$knots
    for (order in 1:2) {
      own <- derivatives(fit, order = order, n = 57)
      exact <- splines::splineDesign(knots, own$x, ord = degree + 1, derivs = order) %*%
        entry$piece$map
      # but next to knots, where the help page promises less, and a quadratic's second
      # derivative jumps
      away <- vapply(own$x, function(x) min(abs(x - knots)), 0) > h(d$x)
      expect_gt(mean(away), 0.9)
      wanted <- drop(exact %*% entry$coefficients)
      scale <- max(abs(wanted))
      expect_lt(max(abs(own$estimate - wanted)[away]), tolerances[order] * scale)
      v <- fit$joint$bayesian[entry$position, entry$position]
      se <- sqrt(rowSums((exact %*% v) * exact))
      expect_lt(max(abs(own$se - se)[away]), tolerances[order] * max(se))
    }
  }
})

test_that("at a knot, and next to one, the errors are as small as promised", {
  d <- slope_data()
  piece <- only_piece(y ~ s(x, bs = "bs", k = 10), d)
  knots <- piece$basis$knots
  inner <- knots[knots > min(d$x) & knots < max(d$x)]
  error_at <- function(x, order) {
    exact <- splines::splineDesign(knots, x, derivs = order) %*% piece$map
    own <- derivative_matrix(piece, list(x = x), "x", order, h(d$x))
    max(abs(own - exact)) / max(abs(exact))
  }
  for (order in 1:2) {
    expect_lt(error_at(inner, order), tolerances[order])
    nearby <- c(inner + 0.3 * h(d$x), inner - 0.7 * h(d$x))
    expect_lt(error_at(nearby, order), c(1e-6, 1e-4)[order])
  }
})

test_that("derivatives of a polynomial in the span of a smooth are its own", {
  d <- slope_data()
  cubic <- function(x) 1 + x - 2 * x^2 + 0.5 * x^3
  at <- seq(-0.95, 2.95, by = 0.1)
  for (bs in c("bs", "ps")) {
    piece <- only_piece(y ~ s(x, bs = bs, fx = TRUE) + s(z, bs = "cr"), d)
    x <- cbind(1, piece_matrix(piece, d))
    fitted <- qr.coef(qr(x), cubic(d$x))[-1]
    slope <- derivative_matrix(piece, list(x = at), "x", 1L, h(d$x)) %*% fitted
    expect_equal(drop(slope), 1 - 4 * at + 1.5 * at^2, tolerance = 1e-8)
    bend <- derivative_matrix(piece, list(x = at), "x", 2L, h(d$x)) %*% fitted
    expect_equal(drop(bend), -4 + 3 * at, tolerance = 1e-6)
  }
  # all the way from data whose noise moves a slope by about 1e-5
  d$y <- cubic(d$x) + 1e-6 * sin(1e4 * d$z)
  fit <- gamut(y ~ s(x, bs = "bs", fx = TRUE) + s(z, bs = "cr"), d)
  own <- derivatives(fit, "s(x)", n = 40)
  expect_equal(own$estimate, 1 - 4 * own$x + 1.5 * own$x^2, tolerance = 1e-4)
})

test_that("a natural spline is straight beyond the data, without a trace of rounding", {
  d <- slope_data()
  own <- derivatives(gamut(y ~ s(x, bs = "cr"), d), order = 2)
  expect_identical(own$estimate[c(1, 100)], c(0, 0))
  expect_identical(own$se[c(1, 100)], c(0, 0))
  expect_gt(min(own$se[2:99]), 0)
})

test_that("partial derivatives are those of one covariate", {
  d <- slope_data()
  fit <- gamut(y ~ te(x, z, k = 5), d)
  own <- derivatives(fit, n2 = 9)
  expect_identical(unique(own$variable), c("x", "z"))
  expect_equal(nrow(own), 2 * 81)
  at <- own[own$variable == "z", ]
  value <- function(by) {
    smooth_estimates(fit, newdata = transform(at[c("x", "z")], z = z + by))$estimate
  }
  # a difference over a hundredth: its error is 1e-4 / 6 of the third derivative
  expect_equal(at$estimate, (value(0.005) - value(-0.005)) / 0.01, tolerance = 1e-3)
  expect_identical(unique(derivatives(fit, variable = "x", n2 = 3)$variable), "x")
})

test_that("curves of levels have derivatives, levels themselves none", {
  d <- slope_data()
  fit <- suppressWarnings(gamut(y ~ s(x, g, bs = "fs", xt = "cr", k = 5), d))
  own <- derivatives(fit, n = 7)
  expect_equal(nrow(own), 21)
  slope <- function(level) {
    new <- data.frame(x = own$x[own$g == level], g = level)
    up <- smooth_estimates(fit, newdata = transform(new, x = x + 1e-5))$estimate
    down <- smooth_estimates(fit, newdata = transform(new, x = x - 1e-5))$estimate
    (up - down) / 2e-5
  }
  for (level in levels(d$g)) {
    # rounding of 1e-16 over 1e-5
    expect_equal(own$estimate[own$g == level], slope(level), tolerance = 1e-6)
  }
})

test_that("simultaneous bands of derivatives are wider than pointwise ones", {
  d <- slope_data()
  fit <- gamut(y ~ s(x, bs = "cr"), d)
  own <- derivatives(fit)
  wide <- derivatives(fit, simultaneous = TRUE)
  df <- smooth_residual_df(fit)
  expect_equal(own$upper - own$estimate, qt(0.975, df) * own$se, tolerance = 1e-10)
  factor <- (wide$upper - wide$estimate) / wide$se
  expect_equal(min(factor), max(factor), tolerance = 1e-8)
  expect_gt(min(factor), qt(0.975, df))
})

# Rows of predict(type = "lpmatrix") say the same of differences
expect_differences <- function(fit, d, own, drop = character()) {
  rows <- function(level) {
    transform(d[rep(1L, nrow(own)), ], x = own$x, g = level, o = factor(
      level, levels(d$o), ordered = TRUE))
  }
  x <- predict(fit, rows(own$level_1), type = "lpmatrix") -
    predict(fit, rows(own$level_2), type = "lpmatrix")
  x[, drop] <- 0
  testthat::expect_equal(own$estimate, unname(drop(x %*% coef(fit, "all"))),
                         tolerance = 1e-9)
  v <- fit$joint$bayesian
  testthat::expect_equal(own$se, unname(sqrt(rowSums((x %*% v) * x))), tolerance = 1e-7)
}

test_that("differences of curves of a by-factor have their covariance", {
  d <- slope_data()
  fit <- gamut(y ~ g + s(x, by = g, bs = "cr") + s(z, bs = "cr"), d)
  own <- difference_smooths(fit, n = 6)
  expect_equal(unique(own[c("level_1", "level_2")]), ignore_attr = TRUE,
               data.frame(level_1 = c("a", "a", "b"), level_2 = c("b", "c", "c")))
  expect_differences(fit, d, own, drop = c("gb", "gc"))
  own <- difference_smooths(fit, "s(x)", levels = c("c", "a"), n = 6, means = TRUE)
  expect_identical(unique(own$level_1), "c")
  expect_differences(fit, d, own)
})

test_that("the first level of an ordered factor counts as 0", {
  d <- slope_data()
  fit <- gamut(y ~ o + s(x, bs = "cr") + s(x, by = o, bs = "cr"), d)
  own <- difference_smooths(fit, n = 6, means = TRUE)
  expect_differences(fit, d, own)
  curve <- smooth_estimates(fit, "s(x):ob", n = 6)
  pair <- difference_smooths(fit, levels = c("b", "a"), n = 6)
  expect_equal(pair$estimate, curve$estimate, tolerance = 1e-10)
  expect_equal(pair$se, curve$se, tolerance = 1e-10)
})

test_that("differences of smooths of factors have their covariance", {
  d <- slope_data()
  for (bs in c("fs", "sz")) {
    fit <- suppressWarnings(
      gamut(y ~ g + s(x, bs = "cr") + s(x, g, bs = bs, xt = "cr", k = 5), d))
    own <- difference_smooths(fit, n = 6, means = TRUE)
    expect_differences(fit, d, own)
    own <- difference_smooths(fit, "s(x,g)", n = 6)
    expect_differences(fit, d, own, drop = c("gb", "gc"))
  }
})

test_that("differences are supported where both curves are", {
  d <- slope_data()
  d <- d[!(d$g == "a" & d$x > 1), ]
  fit <- gamut(y ~ g + s(x, by = g, bs = "cr", k = 5), d)
  own <- difference_smooths(fit, simultaneous = TRUE)
  with_a <- own$level_1 == "a"
  expect_true(all(own$support[with_a & own$x > 1.1] == "extrapolated"))
  expect_true(all(own$support[!with_a & own$x > 1.1 & own$x < 2.7] == "inside"))
  narrow <- difference_smooths(fit)
  expect_true(all(own$upper > narrow$upper))
})

test_that("arguments are checked", {
  d <- slope_data()
  fit <- suppressWarnings(gamut(y ~ s(x, bs = "cr") + s(g, bs = "re"), d))
  by <- gamut(y ~ s(x, by = g, bs = "cr") + s(z, by = g, bs = "cr"), d)
  expect_snapshot(error = TRUE, {
    derivatives(fit, "s(g)")
    derivatives(fit, order = 3)
    derivatives(fit, variable = "g")
    derivatives(fit, "s(x)", variable = "z")
    difference_smooths(fit)
    difference_smooths(by)
    difference_smooths(by, "s(y)")
    difference_smooths(by, "s(x)", levels = c("a", "d"))
    difference_smooths(by, "s(x)", means = TRUE)
  })
  # smooths without derivatives are left out, unless asked for
  expect_identical(unique(derivatives(fit, n = 3)$smooth), "s(x)")
})
