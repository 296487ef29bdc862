# Hard starts, extreme numbers, and the borders of tiles.

# --- starting values -------------------------------------------------------------------

test_that("links that the first step leaves the range of", {
  set.seed(3)
  d <- data.frame(x = rnorm(400L), z = runif(400L))
  d$event <- rbinom(400L, 1L, exp(-1.5 - 0.8 * d$z))
  family <- binomial("log")
  fit <- gamut(event ~ z, family = family, data = d)
  expect_same_fit(fit, glm_to_the_end(event ~ z, family, d, begin = coef(fit)))
  d$event <- rbinom(400L, 1L, pmin(0.9, exp(-2.5 + 0.4 * d$x)))
  fit <- gamut(event ~ x, family = family, data = d)
  expect_true(fit$convergence$converged)
  expect_same_fit(fit, glm_to_the_end(event ~ x, family, d, begin = coef(fit)))
  # identity links
  d$count <- rpois(400L, 3 + d$z)
  expect_as_glm(count ~ z, poisson("identity"), d)
  expect_as_glm(count ~ z + offset(rep(2, 400L)), poisson("identity"), d)
  d$small <- rpois(400L, 0.2 + 2 * d$z)
  expect_as_glm(small ~ z, poisson("identity"), d)
  expect_as_glm(small ~ z, quasi("identity", "mu"), d)
  d$event <- rbinom(400L, 1L, 0.2 + 0.5 * d$z)
  expect_as_glm(event ~ z, binomial("identity"), d)
  # inverse links
  d$gamma <- rgamma(400L, 2, 2 * (0.2 + 2 * d$z))
  expect_as_glm(gamma ~ z, Gamma(), d)
  expect_as_glm(gamma ~ z, inverse.gaussian(), d)
  expect_as_glm(gamma ~ 0 + z, Gamma(), d)
})

test_that("no valid start, no maximum inside the range: said as an error or a warning", {
  set.seed(1)
  d <- data.frame(x = seq(-1, 5, length.out = 60))
  d$y <- rgamma(60, 2, 1)
  # through the origin the mean changes its sign at x = 0
  expect_error(gamut(y ~ 0 + x, family = Gamma(), data = d), "start",
               class = "gamut_error_start")
  expect_error(gamut(y ~ x, family = Gamma("log"), data = d, start = c(1, 2, 3)),
               class = "gamut_error_start")
  expect_error(gamut(y ~ x, family = Gamma(), data = d, start = c(1, Inf)),
               class = "gamut_error_start")
  # coefficients out of range are no place to start from: the data's own start is taken
  far <- gamut(y ~ x, family = Gamma("identity"), data = d, start = c(-1, 0))
  expect_equal(coef(far), coef(gamut(y ~ x, family = Gamma("identity"), data = d)),
               tolerance = 1e-7)
  # the maximum is where the smallest mean is 0: glm() does not converge either
  d$count <- rpois(60, pmax(0, d$x))
  expect_warning(fit <- gamut(count ~ x, family = poisson("identity"), data = d),
                 class = "gamut_warning_convergence")
  expect_false(fit$convergence$converged)
  expect_gte(min(fit_eta(fit)), 0)
})

# --- extreme numbers ---------------------------------------------------------------

test_that("a huge mean with a tiny variance", {
  set.seed(5)
  d <- data.frame(x = rnorm(100L), f = gl(4L, 25L))
  d$y <- 1e9 + 0.5 * d$x + rnorm(100L) * 1e-3
  d$y0 <- d$y - 1e9
  # what is left of y is exact to 1e-7: the same in both fits
  huge <- gamut(y ~ x + f, data = d)
  small <- gamut(y0 ~ x + f, data = d)
  # a double has 1e-7 of absolute resolution at 1e9, a ten-thousandth of the noise
  expect_equal(coef(huge)[-1L], coef(small)[-1L], tolerance = 1e-6)
  expect_equal(standard_errors(huge), standard_errors(small), tolerance = 1e-3)
  qr <- lm(y ~ x + f, d)
  expect_equal(huge$deviance, deviance(qr), tolerance = 1e-3)
})

test_that("predictors far from zero", {
  set.seed(6)
  d <- data.frame(x = rnorm(200L), f = factor(sample(40L, 200L, TRUE)))
  # 1e8 leaves x half of its digits; what is left is the same in both fits
  d$far <- d$x + 1e8
  d$y <- 2 + 0.5 * d$x + rnorm(200L)
  d$count <- 1L + rpois(200L, exp(0.5 * d$x))
  near <- d$far - 1e8
  for (family in list(gaussian(), poisson())) {
    y <- if (family$family == "gaussian") quote(y) else quote(count)
    a <- gamut(as.formula(call("~", y, quote(far))), family = family, data = d)
    b <- gamut(as.formula(call("~", y, quote(near))), family = family, data = d)
    expect_equal(coef(a)[["far"]], coef(b)[["near"]], tolerance = 1e-8)
    expect_equal(standard_errors(a)[["far"]], standard_errors(b)[["near"]],
                 tolerance = 1e-7)
    # beside a big factor, whose levels are eliminated first
    a <- gamut(as.formula(call("~", y, quote(far + f))), family = family, data = d)
    b <- gamut(as.formula(call("~", y, quote(near + f))), family = family, data = d)
    expect_equal(coef(a)[["far"]], coef(b)[["near"]], tolerance = 1e-7)
  }
})

test_that("weights from 1e-10 to 1e10", {
  set.seed(7)
  d <- data.frame(x = rnorm(100L))
  d$w <- 10^runif(100L, -10, 10)
  d$y <- 1 + d$x + rnorm(100L)
  d$count <- rpois(100L, exp(1 + d$x))
  expect_as_glm(y ~ x, gaussian(), d, weights = w)
  expect_as_glm(count ~ x, poisson(), d, weights = w)
})

test_that("huge counts and fractions at the edge", {
  set.seed(7)
  d <- data.frame(x = rnorm(100L))
  d$count <- rpois(100L, exp(1 + d$x)) * 1e12
  expect_as_glm(count ~ x, poisson(), d)
  d$fraction <- rbeta(100L, 0.05, 0.05)
  d$fraction <- pmin(pmax(d$fraction, 1e-300), 1 - 1e-16)
  fit <- gamut(fraction ~ x, family = Beta(), data = d)
  expect_true(fit$convergence$converged)
  expect_true(all(is.finite(standard_errors(fit))))
})

test_that("starting values that lie", {
  d <- simulated_data(60L)
  expect_equal_to_plain <- function(formula, family, start) {
    plain <- gamut(formula, family = family, data = d)
    far <- gamut(formula, family = family, data = d, start = start)
    expect_true(far$convergence$converged)
    expect_lt(max(abs(coef(far) - coef(plain)) / standard_errors(plain)), 1e-7)
  }
  expect_equal_to_plain(count ~ x, poisson(), c(-5, 5))
  expect_equal_to_plain(count ~ x, poisson(), c(10, -5))
  expect_equal_to_plain(binary ~ x, binomial(), c(5, -5))
  expect_equal_to_plain(positive ~ x, Gamma("log"), c(5, 5))
  expect_equal_to_plain(positive ~ x, Gamma("log"), c(-5, 5))
  expect_equal_to_plain(fraction ~ x, Beta(), c(2, 2, -2))
  expect_equal_to_plain(class ~ x, categorical(), c(4, -4, -4, 4))
})

# --- kinds of columns and the borders of tiles --------------------------------------

test_that("integer and logical predictors are numbers", {
  d <- simulated_data(60L)
  d$i2 <- as.numeric(d$i)
  d$l2 <- as.numeric(d$l)
  a <- gamut(count ~ i * l + i:x, family = poisson(), data = d)
  b <- gamut(count ~ i2 * l2 + i2:x, family = poisson(), data = d)
  expect_identical(unname(coef(a)), unname(coef(b)))
  expect_equal(names(coef(a)), c("(Intercept)", "i", "lTRUE", "i:lTRUE", "i:x"))
  # near the largest integer: glm() itself has lost six digits here
  d$big <- 2147483640L + d$i
  large <- gamut(count ~ big, family = poisson(), data = d)
  small <- gamut(count ~ i, family = poisson(), data = d)
  expect_equal(coef(large)[["big"]], coef(small)[["i"]], tolerance = 1e-8)
  expect_equal(standard_errors(large)[["big"]], standard_errors(small)[["i"]],
               tolerance = 1e-7)
})

test_that("numbers of rows around the borders of tiles and chunks", {
  d <- simulated_data(32769L)
  x <- cbind(1, d$x, d$f == "b", d$f == "c")
  for (n in c(1L, 2L, 3L, 4L, 5L, 7L, 8L, 9L, 511L, 512L, 513L, 1023L, 1024L, 1025L,
              2047L, 2049L, 32768L, 32769L)) {
    rows <- seq_len(n)
    fit <- gamut(normal ~ x, data = d[rows, ])
    expect_equal(unname(coef(fit)), unname(lm.fit(x[rows, 1:2, drop = FALSE],
                                                  d$normal[rows])$coefficients),
                 tolerance = 1e-9, label = paste("coefficients of", n, "rows"))
    if (n < 500L) next
    fit <- gamut(count ~ x + f, family = poisson(), data = d[rows, ], weights = w)
    mu <- exp(fit_eta(fit)[, 1L])
    expect_length(mu, n)
    score <- crossprod(x[rows, ], d$w[rows] * (d$count[rows] - mu))
    expect_lt(max(abs(score)), 1e-7 * n)
  }
})

test_that("one level of a big factor has nearly all rows", {
  set.seed(10)
  n <- 3000L
  d <- data.frame(g = factor(ifelse(runif(n) < 0.98, 1L, sample(2:60, n, TRUE))),
                  x = rnorm(n))
  d$y <- 1L + rpois(n, exp(1 + 0.3 * d$x))
  expect_as_glm(y ~ g + x, poisson(), d)
  expect_as_glm(y ~ x + g, Gamma("log"), d)
})

test_that("every row its own level", {
  d <- simulated_data(100L)
  d$id <- factor(seq_len(100L))
  fit <- gamut(positive ~ id, family = Gamma("log"), data = d)
  expect_equal(exp(fit_eta(fit)[, 1L]), d$positive, tolerance = 1e-8, ignore_attr = TRUE)
  expect_equal(fit$df.residual, 0)
})
