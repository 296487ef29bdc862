# Responses simulated from fits with random effects: moments of many draws against the
# model's, within some standard errors of the Monte Carlo means.

chick_fit <- function() gamut(weight ~ Time + (Time | Chick), data = ChickWeight)

test_that("new random effects give the marginal mean and covariance", {
  fit <- chick_fit()
  draws <- as.matrix(simulate(fit, 2000, seed = 1))
  m <- design_matrices(fit)
  z <- m$Z[[1L]]$matrix$mu
  levels <- length(m$Z[[1L]]$levels)
  rows <- which(ChickWeight$Chick == "1")
  marginal <- z %*% kronecker(diag(levels), m$Z[[1L]]$covariance) %*% t(z) +
    diag(fit$dispersion, nrow(z))
  mean <- drop(m$X$mu %*% coef(fit))
  error <- sqrt(diag(marginal) / 2000)
  expect_lt(max(abs(rowMeans(draws) - mean) / error), 4.5)
  # a covariance of 2000 draws is off by 2 to 3 percent of the variances
  found <- cov(t(draws[rows, ]))
  scale <- sqrt(outer(diag(marginal)[rows], diag(marginal)[rows]))
  expect_lt(max(abs(found - marginal[rows, rows]) / scale), 0.12)
  # rows of different groups are independent
  apart <- cov(t(draws[c(1L, 300L), ]))
  expect_lt(abs(apart[1L, 2L]) / sqrt(prod(diag(apart))), 0.1)
})

test_that("effects of the fit stay where they are asked for", {
  fit <- chick_fit()
  draws <- as.matrix(simulate(fit, 1000, seed = 1, re.form = NULL))
  error <- sqrt(fit$dispersion / 1000)
  expect_lt(max(abs(rowMeans(draws) - fitted(fit))), 4.5 * error)
  expect_equal(mean(apply(draws, 1L, var)), fit$dispersion, tolerance = 0.02)
  some <- as.matrix(simulate(fit, 1000, seed = 1, re.form = ~ (0 + Time | Chick)))
  at <- ChickWeight$Time == 0
  intercept <- fit$random[[1L]]$covariance[1L, 1L]
  expect_equal(mean(apply(some[at, ], 1L, var)), intercept + fit$dispersion,
               tolerance = 0.05)
})

test_that("new levels get effects of their own, one for all their rows", {
  fit <- gamut(weight ~ Time + (1 | Chick), data = ChickWeight)
  new <- data.frame(Time = 5, Chick = c("1", "a", "a", "b"))
  draws <- t(as.matrix(simulate(fit, 2000, seed = 3, newdata = new)))
  found <- cor(draws)
  tau2 <- fit$random[[1L]]$covariance[1L]
  expect_equal(found[2L, 3L], tau2 / (tau2 + fit$dispersion), tolerance = 0.05)
  expect_lt(abs(found[3L, 4L]), 0.1)
  expect_error(simulate(fit, newdata = new, re.form = NULL),
               class = "gamut_error_new_levels")
  one <- simulate(fit, newdata = new, re.form = NULL, allow_new_levels = "missing")
  expect_identical(is.na(one$sim_1), c(FALSE, TRUE, TRUE, TRUE))
})

test_that("draws have the form of the response, and a seed repeats them", {
  skip_if_no_peer("lme4")
  d <- peer_data("cbpp")
  fit <- gamut(cbind(incidence, size - incidence) ~ period + (1 | herd), data = d,
               family = binomial())
  draws <- simulate(fit, 2, seed = 1)
  expect_identical(dim(draws$sim_1), c(56L, 2L))
  expect_equal(rowSums(draws$sim_1), d$size, ignore_attr = TRUE)
  expect_identical(simulate(fit, 2, seed = 1), draws)
})

test_that("a fit to a simulated response is that to the data with it", {
  fit <- chick_fit()
  y <- simulate(fit, 1, seed = 5)
  again <- refit(fit, y)
  d <- transform(ChickWeight, weight = y$sim_1)
  direct <- gamut(weight ~ Time + (Time | Chick), data = d)
  # both searches end within 1e-6 or so of the optimum
  expect_equal(again$criterion$value, direct$criterion$value, tolerance = 1e-9)
  expect_equal(coef(again), coef(direct), tolerance = 1e-5)
  expect_identical(class(again), "gamut")
})

test_that("refit() takes the forms of responses, and models without random effects", {
  plain <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
  y <- simulate(plain, 1, seed = 1)
  d <- transform(InsectSprays, count = y$sim_1)
  expect_equal(coef(refit(plain, y)), coef(update(plain, data = d)), tolerance = 1e-12)
  d <- data.frame(y = c(NA, cars$dist), x = c(1, cars$speed))
  padded <- gamut(y ~ x, data = d, na.action = na.exclude)
  expect_equal(coef(refit(padded, simulate(padded, 1, seed = 2))),
               coef(refit(padded, simulate(padded, 1, seed = 2)$sim_1[-1L])))
  skip_if_no_peer("lme4")
  expect_s3_class(lme4::refit(plain, y$sim_1), "gamut")
})

test_that("refit() of a weighted Gamma mixed model keeps the weights", {
  set.seed(4)
  d <- data.frame(g = rep(1:8, each = 10), w = runif(80, 1, 3))
  d$y <- rgamma(80, 5, 5 / exp(rnorm(8, sd = 0.4)[d$g]))
  fit <- gamut(y ~ 1 + (1 | g), data = d, family = Gamma("log"), weights = w)
  again <- refit(fit, d$y)
  expect_equal(logLik(again), logLik(fit), tolerance = 1e-8)
})

test_that("bad responses and requests are named", {
  fit <- chick_fit()
  expect_snapshot(refit(fit, 1:3), error = TRUE)
  expect_snapshot(refit(fit, rep(NA, 578)), error = TRUE)
  expect_snapshot(refit(fit, ChickWeight$weight, start = 1), error = TRUE)
  plain <- gamut(weight ~ Time, data = ChickWeight)
  expect_error(simulate(plain, re.form = NULL), class = "gamut_error_argument")
})

test_that("effects are drawn beside smooths, which stay", {
  d <- withr::with_seed(1, {
    d <- data.frame(z = runif(200), g = gl(20, 10))
    d$y <- sin(6 * d$z) + rnorm(20)[d$g] + rnorm(200) / 2
    d
  })
  fit <- gamut(y ~ s(z) + (1 | g), data = d)
  draws <- as.matrix(simulate(fit, 2000, seed = 1))
  variance <- VarCorr(fit)$g[1L] + sigma(fit)^2
  mean <- predict(fit, re.form = NA)
  # a mean of 2000 draws
  expect_lt(max(abs(rowMeans(draws) - mean)) / sqrt(variance / 2000), 4.5)
  # a variance of 2000 draws is off by 3 percent, and the largest of 200 by three times
  expect_lt(max(abs(apply(draws, 1L, var) / variance - 1)), 0.16)
})
