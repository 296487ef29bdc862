# Tolerance 1e-8 relative, as glm(), settled, is good to about 1e-11.

test_that("influence measures are those of glm()", {
  for (action in c("na.omit", "na.exclude")) {
    for (pair in paired_fits(action)) {
      label <- paste(pair$family, deparse(pair$gamut$formula)[1L], action)
      theirs <- pair$glm
      ours <- pair$gamut
      expect_same(influence(ours), influence(theirs), label)
      # the list of R 4.2 has an empty element more where na.exclude pads
      parts <- c("hat", "sigma", "dev.res", "pear.res")
      expect_same(influence(ours, do.coef = FALSE),
                  influence(theirs, do.coef = FALSE)[parts], label)
      for (measure in list(hatvalues, cooks.distance, rstandard, rstudent, dfbeta,
                           dfbetas)) {
        # summary.glm() warns about weights of 0
        expect_same(measure(ours), suppressWarnings(measure(theirs)), label)
      }
      expect_same(rstandard(ours, type = "pearson"),
                  suppressWarnings(rstandard(theirs, type = "pearson")), label)
      expect_same(cooks.distance(ours, dispersion = 2),
                  cooks.distance(theirs, dispersion = 2), label)
      expect_same(dffits(ours, influence(ours), weighted.residuals(ours)),
                  dffits(theirs), label)
    }
  }
})

test_that("a row that determines a coefficient alone", {
  d <- data.frame(y = c(1, 3, 2, 5, 4, 9), x = c(0, 0, 0, 0, 0, 1))
  theirs <- glm(y ~ x, data = d)
  ours <- gamut(y ~ x, data = d)
  expect_equal(hatvalues(ours), hatvalues(theirs), tolerance = 1e-12)
  expect_equal(hatvalues(ours)[[6]], 1)
  expect_equal(is.nan(rstandard(ours)), is.nan(rstandard(theirs)))
  expect_equal(influence(ours)$sigma, influence(theirs)$sigma, tolerance = 1e-8)
  expect_equal(dfbeta(ours), dfbeta(theirs), tolerance = 1e-8)
})

test_that("leverages add up to the number of coefficients in every family", {
  d <- simulated_data()
  fits <- list(
    gamut(fraction ~ x + f, family = Beta(), data = d),
    gamut(list(fraction ~ x, phi ~ z), family = Beta(), data = d, weights = w),
    gamut(class ~ x + f, family = categorical(), data = d),
    gamut(binary ~ x, family = binomial(gamut_link("loglog")), data = d),
    gamut(normal ~ x + big, data = d)
  )
  # sums of 200 products that telescope
  for (fit in fits) expect_equal(sum(hatvalues(fit)), fit$rank, tolerance = 1e-8)
})

test_that("several predictors: one Newton step without the row", {
  d <- simulated_data(60L)
  fits <- list(
    gamut(list(fraction ~ x, phi ~ z), family = Beta(), data = d, weights = w),
    gamut(class ~ x, family = categorical("v"), data = d)
  )
  for (fit in fits) {
    k <- length(fit$predictors)
    v <- unscaled_vcov(fit)
    x <- predict(fit, type = "lpmatrix", predictor = "all")
    rows <- fit_rows(fit)
    change <- dfbeta(fit)
    for (i in c(1L, 17L)) {
      a <- matrix(0, k, ncol(x))
      for (j in seq_len(k)) a[j, attr(x, "lpi")[[j]]] <- x[i, attr(x, "lpi")[[j]]]
      w <- matrix(rows$weight[i, c(1, 2, 2, 3)], 2)
      information <- solve(v) - t(a) %*% w %*% a
      step <- drop(solve(information, t(a) %*% rows$score[i, ]))
      # two orders of the same elimination
      expect_equal(change[i, ], step, tolerance = 1e-8, ignore_attr = "names")
      expect_equal(cooks.distance(fit)[[i]],
                   drop(step %*% solve(v, step)) / fit$rank, tolerance = 1e-8)
      expect_equal(hatvalues(fit)[[i]], sum(diag(w %*% a %*% v %*% t(a))),
                   tolerance = 1e-10)
    }
    expect_equal(dfbetas(fit), change / rep(sqrt(diag(v)), each = 60),
                 tolerance = 1e-12)
    expect_named(influence(fit), c("hat", "coefficients", "dev.res", "pear.res"))
  }
  # and it is near the change of a fit without the row
  without <- gamut(class ~ x, family = categorical("v"), data = d[-17, ])
  expect_equal(change[17, ], fits[[2]]$coefficients - without$coefficients,
               tolerance = 0.1) # a step, not the optimum
})

test_that("two categories have the distances and leverages of binomial", {
  d <- simulated_data()
  two <- gamut(factor(binary) ~ x, family = categorical(), data = d)
  one <- gamut(binary ~ x, family = binomial(), data = d)
  # two optima, each found to about 1e-9 in the coefficients
  expect_equal(hatvalues(two), hatvalues(one), tolerance = 1e-7)
  expect_equal(cooks.distance(two), cooks.distance(one), tolerance = 1e-7)
})

test_that("measures without a meaning, or without data, are errors", {
  d <- simulated_data()
  fit <- gamut(fraction ~ x, family = Beta(), data = d)
  lean <- gamut(normal ~ x, data = d, control = gamut_control(keep_data = FALSE))
  expect_snapshot(error = TRUE, {
    rstandard(fit)
    rstudent(fit)
    hatvalues(lean)
  })
  for (measure in list(influence, cooks.distance, rstandard, rstudent, dfbetas)) {
    expect_error(measure(lean), class = "gamut_error_data")
  }
})

test_that("ambiguous zeros have leverages below 0, and their sum is still the rank", {
  set.seed(1)
  d <- data.frame(x = runif(200, -1, 1))
  d$y <- rpois(200, exp(1 + d$x)) * rbinom(200, 1, 0.7)
  fit <- gamut(y ~ x, d, zero_inflated(poisson()))
  hat <- hatvalues(fit)
  expect_lt(min(hat), 0)
  expect_true(all(d$y[hat < 0] == 0))
  # a sum of 200 products of matrices
  expect_equal(sum(hat), fit$rank, tolerance = 1e-8)
  expect_true(all(cooks.distance(fit) >= 0))
  panel <- panel_leverage(diagnostic_data(fit), 1:200)
  expect_match(panel$spec$subtitle, "hatvalues")
  plain <- diagnostic_data(gamut(y ~ x, d, poisson()))
  expect_null(panel_leverage(plain, 1:200)$spec$subtitle)
})

# The weight of the outlier is negative there, whose root lm.influence() would take.
test_that("influence takes observed weights as they are", {
  d <- withr::with_seed(1, data.frame(x = runif(40), y = rchisq(40, 3)))
  d$y[1] <- 40
  fit <- gamut(y ~ x, d, family = chisq())
  seen <- influence(fit)$coefficients
  expect_false(anyNA(seen))
  left <- vapply(2:6, function(i) {
    coef(fit) - coef(gamut(y ~ x, d[-i, ], family = chisq()))
  }, numeric(2L))
  # one step towards the fit without a row, which has a share of 1/40
  expect_equal(unname(t(seen[2:6, ])), unname(left), tolerance = 0.1)
})

test_that("Cook's distance of a smooth is over its degrees of freedom, as mgcv's", {
  testthat::skip_if_not_installed("mgcv")
  d <- withr::with_seed(3, data.frame(x = runif(300)))
  d$y <- withr::with_seed(4, sin(6 * d$x) + rnorm(300))
  peer <- mgcv::gam(y ~ s(x), data = d, method = "REML")
  # smoothing parameters differ by their searches
  expect_equal(unname(cooks.distance(gamut(y ~ s(x), data = d))),
               unname(cooks.distance(peer)), tolerance = 1e-4)
})
