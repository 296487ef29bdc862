# Thin plate splines of one covariate as natural cubic splines: the same functions.

test_that("natural cubic splines are those of splinefun()", {
  set.seed(5)
  at <- sort(c(0, runif(30), 1))
  values <- cbind(sin(6 * at), exp(at), rnorm(length(at)))
  splines <- natural_b_splines(at, values)
  x <- seq(0, 1, length.out = 301)
  own <- b_spline_product_cpp(x, splines$knots, 3L, splines$map)
  # rounding; the noise in the third column makes derivatives of 1e4
  for (j in 1:3) {
    expect_equal(own[, j], splinefun(at, values[, j], method = "natural")(x),
                 tolerance = 1e-10)
  }
})

test_that("with three knots, too", {
  at <- c(0, 0.3, 1)
  splines <- natural_b_splines(at, cbind(c(1, -1, 2)))
  x <- seq(0, 1, by = 0.05)
  expect_equal(b_spline_product_cpp(x, splines$knots, 3L, splines$map)[, 1L],
               splinefun(at, c(1, -1, 2), method = "natural")(x), tolerance = 1e-12)
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
