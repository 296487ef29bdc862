# Thin plate splines of one covariate as natural cubic splines: the same functions.

# The basis of a smooth on these knots
thin_plate <- function(at, k = 8) {
  x <- sort(at)
  smooth_basis(s_spec("tp", k = k), list(x = x), NULL)
}

test_that("the B-splines are the radial functions, and the splines of splinefun()", {
  set.seed(5)
  basis <- thin_plate(c(0, runif(30), 1))
  at <- basis$knots[, 1L]
  x <- matrix(seq(min(at), max(at), length.out = 301))
  splines <- natural_b_splines(basis$knots, basis$coefficients)
  own <- b_spline_product_cpp(x[, 1L], splines$knots, 3L, splines$map)
  radial <- thin_plate_matrix_cpp(x, basis$knots, 2, basis$coefficients)
  # sums of 32 cubes of size 1e-2
  expect_equal(own, radial, tolerance = 1e-11)
  values <- thin_plate_matrix_cpp(basis$knots, basis$knots, 2, basis$coefficients)
  for (j in seq_len(ncol(own))) {
    expect_equal(own[, j], splinefun(at, values[, j], method = "natural")(x[, 1L]),
                 tolerance = 1e-9)
  }
})

test_that("knots may be apart by no more than a rounding", {
  set.seed(6)
  for (gap in c(1e-16, 1e-15, 1e-12, 1e-9, 1e-7, 1e-5)) {
    at <- seq(0.1, 1.1, length.out = 40)
    basis <- thin_plate(unique(c(at, at * (1 + gap), at[1:9] * (1 + 2.5 * gap))))
    x <- matrix(runif(400, min(basis$knots), max(basis$knots)))
    own <- thin_plate_rows(x, basis$knots, 2, basis$coefficients)
    radial <- thin_plate_matrix_cpp(x, basis$knots, 2, basis$coefficients)
    expect_lt(max(abs(own - radial) / rep(apply(abs(radial), 2L, max), each = 400)), 1e-9)
  }
})

test_that("predictions do not depend on how many are asked for", {
  set.seed(2)
  # 0.3 is not 3 * 0.1: values that are meant to be the same are not
  steps <- c(seq(0, 1, by = 0.01), (0:100) / 100, cumsum(rep(0.01, 100)))
  d <- data.frame(x = sample(steps, 2000, TRUE))
  d$y <- sin(6 * d$x) + rnorm(2000, sd = 0.3)
  fit <- gamut(y ~ s(x), d)
  new <- data.frame(x = seq(0, max(d$x), length.out = 3000))
  some <- seq(1, 3000, by = 50)
  expect_equal(predict(fit, new)[some], predict(fit, new[some, , drop = FALSE]),
               tolerance = 1e-7, ignore_attr = TRUE)
  skip_if_no_peer("mgcv")
  peer <- mgcv::gam(y ~ s(x), data = d, method = "REML")
  expect_lt(max(abs(predict(fit, new) - predict(peer, new))), 1e-5)
})

test_that("rows of many are the same as rows of few", {
  set.seed(2)
  x <- rexp(5000)
  knots <- list(x = unname(quantile(x, seq(0, 1, length.out = 60))))
  for (m in list(NA, c(2, 0))) {
    spec <- s_spec("tp", k = 12, m = m)
    basis <- smooth_basis(spec, list(x = x), knots)
    expect_false(is.null(as_b_splines(basis, length(x))))
    # 100 rows are too few to be worth it, and are radial functions
    some <- seq(1, 5000, by = 50)
    expect_null(as_b_splines(basis, length(some)))
    whole <- basis_matrix(basis, list(x = x))
    few <- basis_matrix(basis, list(x = x[some]))
    expect_equal(whole[some, ], few, tolerance = 1e-9)
    expect_equal(as.vector(basis_means(basis, list(x = x))), unname(colMeans(whole)),
                 tolerance = 1e-9)
  }
})

test_that("the fit is that of mgcv, on the same knots", {
  skip_if_no_peer("mgcv")
  set.seed(9)
  n <- 6000
  d <- data.frame(x = rexp(n), z = runif(n))
  d$y <- sin(2 * d$x) + d$z + rnorm(n, sd = 0.4)
  knots <- list(x = unname(quantile(d$x, seq(0, 1, length.out = 80))),
                z = seq(min(d$z), max(d$z), length.out = 50))
  setup <- gamut(y ~ s(x) + s(z), d, knots = knots, fit = FALSE)
  expect_identical(sum(vapply(setup$problem$storages, `[[`, "", "kind") == "spline"), 2L)
  fit <- gamut(y ~ s(x) + s(z), d, knots = knots)
  peer <- mgcv::gam(y ~ s(x) + s(z), data = d, knots = knots, method = "REML")
  expect_equal(as.numeric(-logLik(fit, REML = TRUE)), as.numeric(peer$gcv.ubre),
               tolerance = 1e-6)
  expect_lt(max(abs(fitted(fit) - fitted(peer))), 1e-4 * sd(fitted(peer)))
})
