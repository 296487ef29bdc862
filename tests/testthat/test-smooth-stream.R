# Splines that the engine makes row by row, against columns that are written out.

stream_data <- function(n = 300) {
  withr::with_seed(21, {
    d <- data.frame(x = runif(n), z = runif(n), v = runif(n, -1, 2))
    d$g <- factor(sample(c("a", "b", "c"), n, TRUE))
    d$l <- d$g == "a"
    d$y <- sin(6 * d$x) * d$v + cos(4 * d$z) + rnorm(n, sd = 0.3)
    d$count <- rpois(n, exp(1 + sin(6 * d$x)))
    d
  })
}

storages_of <- function(setup) {
  vapply(setup$problem$storages, `[[`, "", "kind")
}

# What a fit would be if no basis were known as B-splines
without_streams <- function(code) with_own("as_b_splines", function(basis, n) NULL, code)

expect_same_stream <- function(formula, data, family = gaussian(), ...) {
  setup <- gamut(formula, data = data, family = family, ..., fit = FALSE)
  expect_true("spline" %in% storages_of(setup))
  streamed <- gamut(formula, data = data, family = family, ...)
  dense <- without_streams({
    expect_false("spline" %in%
                   storages_of(gamut(formula, data = data, family = family, fit = FALSE)))
    gamut(formula, data = data, family = family, ...)
  })
  value <- function(fit) fit$criterion$value
  # the same sums in another order; lambda as the search leaves it
  expect_equal(value(streamed), value(dense), tolerance = 1e-9)
  spread <- sd(fitted(dense))
  expect_lt(max(abs(fitted(streamed) - fitted(dense))), 1e-5 * spread)
  expect_equal(vapply(streamed$smooths, `[[`, 0, "edf"),
               vapply(dense$smooths, `[[`, 0, "edf"), tolerance = 1e-5)
  expect_equal(streamed$joint$bayesian[1, 1], dense$joint$bayesian[1, 1],
               tolerance = 1e-5)
}

test_that("streamed splines are those written out", {
  d <- stream_data()
  for (bs in c("cr", "cs", "cc", "ps")) {
    expect_same_stream(y ~ s(x, bs = bs) + s(z, bs = bs, k = 6), d)
    expect_same_stream(count ~ s(x, bs = bs), d, poisson())
  }
  expect_same_stream(y ~ s(x, bs = "ps", m = c(1, 2), k = 12) + s(z), d)
  expect_same_stream(list(y ~ s(x, bs = "cr"), sigma ~ s(z, bs = "cr")), d)
})

test_that("with by-variables of all kinds", {
  d <- stream_data()
  expect_same_stream(y ~ s(x, bs = "cr", by = v), d)
  expect_same_stream(y ~ g + s(x, bs = "cr", by = g), d)
  expect_same_stream(y ~ l + s(x, bs = "ps", by = l), d)
  d$g <- as.character(d$g)
  expect_same_stream(y ~ g + s(x, bs = "cr", by = g), d)
})

test_that("beside random effects, weights, offsets, and penalties of one's own", {
  d <- stream_data()
  d$w <- withr::with_seed(1, runif(300, 0.5, 2))
  expect_same_stream(y ~ s(x, bs = "cr") + (1 | g), d)
  expect_same_stream(y ~ s(x, bs = "cr") + s(z, bs = "ps") + (v | g), d)
  expect_same_stream(count ~ s(x, bs = "cr") + offset(log(w)) + (1 | g), d, poisson())
  expect_same_stream(y ~ s(x, bs = "cr", fx = TRUE, k = 5) + s(z, bs = "cr"), d)
  expect_same_stream(y ~ s(x, bs = "cr") + s(z, bs = "cr"), d, select = TRUE)
  expect_same_stream(y ~ s(x, bs = "cr", pc = 0.4), d)
})

test_that("with many rows, on one thread and on two", {
  d <- stream_data(30000)
  formula <- y ~ s(x, bs = "cr", k = 20) + s(z, bs = "ps", by = v)
  expect_same_stream(formula, d)
  one <- gamut(formula, data = d)
  two <- gamut(formula, data = d, control = gamut_control(threads = 2))
  expect_equal(two$criterion$value, one$criterion$value, tolerance = 1e-12)
})

test_that("with values on knots, ties, and ends", {
  d <- stream_data()
  d$x <- round(d$x, 1)
  expect_same_stream(y ~ s(x, bs = "cr", k = 8), d)
  expect_same_stream(y ~ s(x, bs = "ps", k = 8), d)
  expect_same_stream(y ~ s(x, bs = "cc", k = 8), d)
})

test_that("a basis is its B-splines times a map", {
  x <- stream_data()$x
  for (bs in c("cr", "cs", "cc", "ps", "bs", "ad")) {
    spec <- s_spec(bs)
    basis <- smooth_basis(spec, list(x = x), NULL)
    splines <- as_b_splines(basis, length(x))
    b <- splines::splineDesign(splines$knots, x, splines$degree + 1L)
    if (!is.null(splines$map)) b <- b %*% splines$map
    # rounding of basis and map
    expect_equal(b, unname(basis_matrix(basis, list(x = x))), tolerance = 1e-10)
    expect_equal(as.vector(basis_means(basis, list(x = x))), unname(colMeans(b)),
                 tolerance = 1e-12)
  }
  for (bs in c("tp", "ts", "gp", "cp")) {
    expect_null(as_b_splines(smooth_basis(s_spec(bs), list(x = x), NULL), length(x)))
  }
})

test_that("what is out of the knots, a matrix, or shared is written out", {
  d <- stream_data()
  storages <- function(formula, ...) {
    storages_of(gamut(formula, data = d, ..., fit = FALSE))
  }
  expect_true("spline" %in% storages(y ~ s(x, bs = "cr")))
  expect_false("spline" %in% storages(y ~ s(x)))
  expect_false("spline" %in% storages(y ~ g + s(x, bs = "cr", by = g, id = 1)))
  expect_false("spline" %in% storages(y ~ te(x, z)))
  inner <- list(x = seq(0.2, 0.8, length.out = 6))
  expect_false("spline" %in% storages(y ~ s(x, bs = "cr", k = 6), knots = inner))
  # and fits all the same: a cubic spline is a straight line beyond its knots
  fit <- gamut(y ~ s(x, bs = "cr", k = 6), data = d, knots = inner)
  at <- predict(fit, data.frame(x = c(0, 0.05, 0.1)))
  expect_equal(at[[2]], mean(at[c(1, 3)]), tolerance = 1e-10)
})

test_that("splines of any degree stand beside crossed factors, however eliminated", {
  set.seed(1)
  n <- 2000
  d <- data.frame(g = factor(sample(500, n, TRUE)), h = factor(sample(400, n, TRUE)),
                  x = runif(n))
  d$y <- sin(6 * d$x) + rnorm(500, sd = 0.5)[d$g] + rnorm(400, sd = 0.5)[d$h] +
    rnorm(n, sd = 0.5)
  for (m in list(c(0, 1), c(1, 2), c(2, 2), c(3, 2))) {
    fits <- lapply(c("dense", "sparse"), function(kind) {
      gamut(y ~ s(x, bs = "ps", m = m, k = 8) + (1 | g) + (1 | h), d,
            control = gamut_control(elimination = kind))
    })
    # two orders of elimination, and a search that ends at 1e-9
    expect_equal(as.numeric(logLik(fits[[1L]])), as.numeric(logLik(fits[[2L]])),
                 tolerance = 1e-8)
    expect_equal(coef(fits[[1L]]), coef(fits[[2L]]), tolerance = 1e-5)
  }
})

test_that("a sample of the rows may have none of some smooth", {
  set.seed(6)
  n <- 40000
  d <- data.frame(x = runif(n), z = rnorm(n),
                  f = factor(rep(c("a", "r", "b"), c(n - 700, 300, 400))))
  d$y <- rpois(n, exp(sin(6 * d$x) + (d$f == "r") * cos(5 * d$x)))
  d$v <- c(rep(0, n - 500), rnorm(500))
  fit <- function(formula, data, rows) {
    gamut(formula, data, poisson(), control = gamut_control(sample_rows = rows))
  }
  for (formula in c(y ~ f + s(x, by = f, bs = "cr"),
                    y ~ s(x, by = v, bs = "cr") + s(z, bs = "cr"))) {
    whole <- fit(formula, d, 1e6)
    # searches of sampled starts end at a promise of 1e-4
    expect_equal(fit(formula, d, 4000)$criterion$value, whole$criterion$value,
                 tolerance = 1e-8)
    expect_equal(fit(formula, d[sample(n), ], 4000)$criterion$value,
                 whole$criterion$value, tolerance = 1e-8)
  }
})
