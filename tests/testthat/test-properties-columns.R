# What must hold of any fit however its columns are stored, scaled or written.

test_that("factor codes equal dummy columns", {
  # enough rows that every level has every category
  d <- simulated_data(2000L)
  x <- model.matrix(~ big, d)[, -1L]
  for (family in every_family()) {
    coded <- gamut(model_for(family, quote(x + big)), family = family, data = d)
    d$dummies <- x
    dummies <- gamut(model_for(family, quote(x + dummies)), family = family, data = d)
    expect_equal_fits(coded, dummies)
    # the full covariance, too: that of a factor is kept in another form
    if (family$family %in% c("poisson", "gaussian", "categorical")) {
      a <- unscaled_vcov(coded)
      expect_equal(unname(a), unname(unscaled_vcov(dummies)), tolerance = 1e-7)
    }
  }
  # interactions, contrasts, no intercept, factor not first
  for (formula in list(count ~ x * big, count ~ 0 + big + x, count ~ big:x + z,
                       count ~ f + big + z, count ~ f:big, count ~ f * x + big:z)) {
    coded <- gamut(formula, family = poisson(), data = d, weights = w)
    d$columns <- model.matrix(formula, d)
    dense <- gamut(count ~ 0 + columns, family = poisson(), data = d, weights = w)
    expect_equal_fits(coded, dense)
  }
  contrasts(d$big) <- contr.sum(40)
  coded <- gamut(count ~ x + big, family = poisson(), data = d)
  d$columns <- model.matrix(~ x + big, d)
  expect_equal_fits(coded, gamut(count ~ 0 + columns, family = poisson(), data = d))
})

test_that("a thousand levels are right, and fitted in a moment", {
  set.seed(9)
  n <- 20000L
  d <- data.frame(g = factor(sample(1000L, n, TRUE)), x = rnorm(n))
  d$y <- rpois(n, exp(1 + rnorm(1000L, 0, 0.3)[d$g] + 0.2 * d$x))
  time <- system.time(fit <- gamut(y ~ g + x, family = poisson(), data = d))[["elapsed"]]
  expect_lt(time, 5)
  # the score at the solution, level by level: totals are reproduced
  mu <- exp(fit_eta(fit)[, 1L])
  expect_equal(c(rowsum(mu, d$g)), c(rowsum(d$y, d$g)), tolerance = 1e-9,
               ignore_attr = TRUE)
  expect_equal(sum(mu * d$x), sum(d$y * d$x), tolerance = 1e-9)
  # information of x with the levels profiled out
  centred <- d$x - (rowsum(mu * d$x, d$g) / rowsum(mu, d$g))[d$g]
  expect_equal(standard_errors(fit)[["x"]], 1 / sqrt(sum(mu * centred^2)),
               tolerance = 1e-8)
})

test_that("scale and shift of predictors", {
  d <- simulated_data()
  for (family in list(gaussian(), poisson(), binomial(), Gamma("log"), Beta(),
                      categorical())) {
    plain <- gamut(model_for(family), family = family, data = d)
    at <- grepl("x$", names(coef(plain)))
    for (scale in 10^c(-6, -3, 3, 6)) {
      d$xs <- d$x * scale
      scaled <- gamut(model_for(family, quote(xs + f)), family = family, data = d)
      expect_equal(unname(coef(scaled)[at] * scale), unname(coef(plain)[at]),
                   tolerance = 1e-8)
      expect_equal(unname(standard_errors(scaled)[at] * scale),
                   unname(standard_errors(plain)[at]), tolerance = 1e-7)
      expect_equal(unname(coef(scaled)[!at]), unname(coef(plain)[!at]), tolerance = 1e-7)
    }
    # x + shift keeps 16 - log10(shift) digits of x; a shift of 1e6 leaves ten
    for (shift in 10^c(1, 3, 6)) {
      d$xs <- d$x + shift
      shifted <- gamut(model_for(family, quote(xs + f)), family = family, data = d)
      expect_equal(unname(coef(shifted)[at]), unname(coef(plain)[at]),
                   tolerance = max(1e-8, 1e-15 * shift))
      expect_equal(unname(standard_errors(shifted)[at]),
                   unname(standard_errors(plain)[at]), tolerance = 1e-7)
    }
  }
})

test_that("standard errors of predictors do not depend on how a polynomial is written", {
  d <- simulated_data()
  d$u <- d$x + 10
  for (family in list(Beta(), binomial(gamut_link("loglog")), binomial("cloglog"),
                      Gamma("log"), categorical())) {
    variances <- lapply(list(quote(u + I(u^2) + I(u^3) + I(u^4)), quote(poly(x, 4))),
                        function(right) {
      fit <- gamut(model_for(family, right), family = family, data = d)
      engine_variance(fit_problem(fit), fit$covariance)
    })
    # powers of a number near 10 cost nine digits of the cross-products
    expect_equal(variances[[1L]], variances[[2L]], tolerance = 1e-5,
                 label = paste(family$family, family$link))
  }
})

test_that("big factors equal dummy columns in every predictor of every family", {
  d <- simulated_data(1500L)
  d$school <- stats::runif(40L)[as.integer(d$big)]
  d$kind <- factor(c("p", "q")[1L + as.integer(d$big) %% 2L])
  d$w0 <- replace(d$w, d$z < 0.1, 0)
  d$count <- d$count + 1L
  pool <- c("x", "f", "g", "l", "big", "school", "kind", "big:x", "f:g", "kind:x",
            "poly(school, 2)", "school:f", "x:school", "big:kind")
  set.seed(21)
  for (i in seq_len(24L)) {
    family <- list(poisson(), Beta(), categorical(), Gamma("log"))[[i %% 4L + 1L]]
    right <- stats::reformulate(sample(pool, sample(2:3, 1L)), NULL, runif(1L) > 0.25)
    d$v <- switch(i %% 3L + 1L, rep(1, 1500), d$w, d$w0)
    d$columns <- model.matrix(right, d)
    formula <- model_for(family, right[[2L]])
    dense <- model_for(family, quote(0 + columns))
    if (family$family == "Beta") {
      other <- sample(pool, 2L)
      d$columns2 <- model.matrix(stats::reformulate(other), d)
      formula <- list(formula, stats::reformulate(other, "phi"))
      dense <- list(dense, phi ~ 0 + columns2)
    }
    expect_equal_fits(gamut(formula, family = family, data = d, weights = v),
                      gamut(dense, family = family, data = d, weights = v), 1e-7)
  }
})
