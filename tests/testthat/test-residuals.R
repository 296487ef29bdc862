# Tolerance 1e-8 relative, as glm(), settled, is good to about 1e-11.

test_that("residuals and fitted values are those of glm()", {
  for (action in c("na.omit", "na.exclude")) {
    for (pair in paired_fits(action)) {
      label <- paste(pair$family, deparse(pair$gamut$formula)[1L], action)
      expect_same(fitted(pair$gamut), fitted(pair$glm), label)
      expect_same(residuals(pair$gamut), residuals(pair$glm), label)
      for (type in c("deviance", "pearson", "working", "response", "partial")) {
        ours <- residuals(pair$gamut, type)
        theirs <- residuals(pair$glm, type)
        # glm() loses this attribute when it pads
        attr(ours, "constant") <- attr(theirs, "constant") <- NULL
        expect_same(ours, theirs, paste(label, type))
      }
    }
  }
})

test_that("a saturated fit has deviance residuals of 0", {
  d <- data.frame(y = c(3, 1, 4), f = factor(1:3))
  fit <- gamut(y ~ f, family = poisson(), data = d)
  expect_identical(residuals(fit), c("1" = 0, "2" = 0, "3" = 0))
})

test_that("quantile residuals of continuous families are qnorm of the distribution", {
  d <- simulated_data()
  d$w[4] <- 0
  fit <- gamut(normal ~ x + f, data = d, weights = w)
  # the same expression, one way through both tails
  expect_equal(residuals(fit, "quantile")[-4],
               ((d$normal - fitted(fit)) * sqrt(d$w / fit$dispersion))[-4],
               tolerance = 1e-12)
  expect_true(is.na(residuals(fit, "quantile")[[4]]))
  fit <- gamut(positive ~ x, family = Gamma("log"), data = d[-4, ], weights = w)
  shape <- d$w[-4] / fit$dispersion
  expect_equal(unname(residuals(fit, "quantile")),
               qnorm(pgamma(d$positive[-4], shape, unname(shape / fitted(fit)))),
               tolerance = 1e-10)
  # far out, where 1 - F is 0
  wild <- data.frame(y = c(rep(c(0.9, 1.1), 20), 60), x = 1)
  fit <- gamut(y ~ 1, exponential(), data = wild)
  far <- residuals(fit, "quantile")[[41]]
  expect_equal(far, -qnorm(-60 / fitted(fit)[[41]], log.p = TRUE), tolerance = 1e-12)
})

test_that("quantile residuals of discrete families are drawn between the two limits", {
  d <- simulated_data()
  d$ordered <- factor(d$class, levels = c("w", "v", "u"))
  fits <- list(
    gamut(count ~ x, family = poisson(), data = d, weights = w),
    gamut(cbind(dead, m - dead) ~ x, family = binomial(), data = d),
    gamut(dead / m ~ x, family = binomial(), data = d, weights = m),
    gamut(binary ~ x, family = bernoulli(), data = d, weights = w),
    gamut(ordered ~ x, family = categorical(), data = d)
  )
  limits <- function(fit) {
    mu <- unname(fitted(fit))
    switch(fit$family$family,
      poisson = ppois(cbind(d$count - 1, d$count), mu),
      binomial = pbinom(cbind(d$dead - 1, d$dead), d$m, mu),
      bernoulli = pbinom(cbind(d$binary - 1, d$binary), 1, mu),
      categorical = {
        steps <- cbind(0, t(apply(mu, 1, cumsum)))
        at <- as.integer(d$ordered)
        cbind(steps[cbind(1:200, at)], steps[cbind(1:200, at + 1)])
      }
    )
  }
  set.seed(42)
  u <- runif(200)
  for (fit in fits) {
    ends <- limits(fit)
    expect_equal(unname(residuals(fit, "quantile", seed = 42)),
                 qnorm(ends[, 1] + u * (ends[, 2] - ends[, 1])), tolerance = 1e-9)
  }
})

test_that("quantile residuals of a true model are standard normal", {
  d <- simulated_data(2000L, 5L)
  d$big <- NULL
  fits <- list(
    gamut(count ~ x + z + f + g, family = poisson(), data = d),
    gamut(cbind(dead, m - dead) ~ x + z + f + g, family = binomial(), data = d),
    gamut(positive ~ x + z + f + g, family = Gamma("log"), data = d),
    gamut(fraction ~ x + z + f + g, family = Beta(), data = d)
  )
  for (fit in fits) {
    # one test in a thousand fails by chance; the seed is fixed
    p <- ks.test(residuals(fit, "quantile", seed = 1), "pnorm")$p.value
    expect_gt(p, 0.001)
  }
})

test_that("a seed leaves the generator alone, and without one it moves", {
  fit <- gamut(count ~ x, family = poisson(), data = simulated_data())
  set.seed(9)
  before <- .Random.seed
  a <- residuals(fit, "quantile", seed = 3)
  expect_identical(.Random.seed, before)
  expect_identical(residuals(fit, "quantile", seed = 3), a)
  b <- residuals(fit, "quantile")
  expect_false(identical(.Random.seed, before))
  set.seed(9)
  expect_identical(residuals(fit, "quantile"), b)
})

test_that("Beta: deviance, Pearson, working", {
  d <- simulated_data()
  d$w[3] <- 0
  fit <- gamut(list(fraction ~ x, phi ~ z), family = Beta(), data = d, weights = w)
  mu <- unname(fitted(fit))
  phi <- unname(predict(fit, predictor = "phi", type = "response"))
  expect_equal(unname(residuals(fit, "response")), d$fraction - mu)
  expect_equal(unname(residuals(fit, "pearson")),
               (d$fraction - mu) * sqrt(d$w * (1 + phi) / (mu * (1 - mu))))
  logdensity <- function(mu) dbeta(d$fraction, mu * phi, (1 - mu) * phi, log = TRUE)
  best <- vapply(1:200, function(i) {
    optimize(function(m) logdensity(m)[i], c(1e-6, 1 - 1e-6), maximum = TRUE,
             tol = 1e-9)$maximum
  }, 0)
  # optimize() finds the top to 1e-8, where the density is flat
  expect_equal(unname(residuals(fit)),
               sign(best - mu) * sqrt(d$w * 2 * (logdensity(best) - logdensity(mu))),
               tolerance = 1e-6)
  # W^-1 s from derivatives in eta; central differences, good to 1e-6
  at <- function(eta) {
    mu <- plogis(eta[1])
    dbeta(d$fraction[7], mu * exp(eta[2]), (1 - mu) * exp(eta[2]), log = TRUE)
  }
  eta <- c(qlogis(mu[7]), log(phi[7]))
  h <- 1e-4
  e <- diag(2) * h
  score <- vapply(1:2, function(k) (at(eta + e[, k]) - at(eta - e[, k])) / (2 * h), 0)
  hessian <- outer(1:2, 1:2, Vectorize(function(i, j) {
    (at(eta + e[, i] + e[, j]) - at(eta + e[, i] - e[, j]) -
       at(eta - e[, i] + e[, j]) + at(eta - e[, i] - e[, j])) / (4 * h^2)
  }))
  working <- residuals(fit, "working")
  expect_equal(unname(working[7, ]), solve(-hessian, score), tolerance = 1e-4)
  expect_true(all(is.finite(working)))
  expect_identical(residuals(fit, "working", predictor = "phi"), working[, "phi"])
  partial <- residuals(fit, "partial", predictor = "phi")
  expect_equal(colnames(partial), "z")
})

test_that("categorical: indicators less probabilities, and two categories are binomial", {
  d <- simulated_data()
  fit <- gamut(class ~ x, family = categorical(), data = d, weights = w)
  prob <- fitted(fit)
  y <- unname(model.matrix(~ 0 + class, d))
  expect_equal(residuals(fit, "response"), y - prob,
               ignore_attr = c("assign", "contrasts"))
  expect_equal(residuals(fit, "pearson"), (y - prob) * sqrt(d$w / (prob * (1 - prob))),
               ignore_attr = TRUE)
  expect_equal(sum(residuals(fit)^2), fit$deviance, tolerance = 1e-12)
  working <- residuals(fit, "working")
  for (i in 1:3) {
    p <- prob[i, -1]
    expect_equal(working[i, ], solve(diag(p) - tcrossprod(p), (y - prob)[i, -1]),
                 ignore_attr = TRUE)
  }
  two <- gamut(factor(binary) ~ x, family = categorical(), data = d)
  one <- gamut(binary ~ x, family = binomial(), data = d)
  for (type in c("response", "pearson")) {
    # two optima, each found to about 1e-9 in the coefficients
    expect_equal(residuals(two, type)[, "1"], residuals(one, type), tolerance = 1e-7)
  }
  expect_equal(residuals(two, "working")[, 1], residuals(one, "working"),
               tolerance = 1e-7)
  expect_equal(residuals(two), abs(residuals(one)), tolerance = 1e-7)
})

test_that("categorical counts: residuals of rows", {
  d <- data.frame(x = 1:6)
  counts <- cbind(a = c(3, 1, 4, 1, 5, 9), b = c(2, 6, 5, 3, 5, 8),
                  c = c(9, 7, 9, 3, 2, 3))
  fit <- gamut(counts ~ x, family = categorical(), data = d)
  expected <- rowSums(counts) * fitted(fit)
  expect_equal(residuals(fit, "response"), counts - expected, ignore_attr = TRUE)
  expect_equal(unname(residuals(fit)), sqrt(2 * rowSums(counts * log(counts / expected))),
               ignore_attr = TRUE, tolerance = 1e-10)
  expect_error(residuals(fit, "quantile"), class = "gamut_error_density")
})

test_that("what cannot be had is an error", {
  d <- simulated_data()
  expect_snapshot(error = TRUE, {
    residuals(gamut(count ~ x, family = quasipoisson(), data = d), "quantile")
    residuals(gamut(count ~ x, data = d, control = gamut_control(keep_data = FALSE)))
    residuals(gamut(count ~ x, data = d), "score")
  })
})
