# Data on which a fitting loop goes wrong without saying so: maxima far from the start,
# no maximum at all, plateaus, predictors in extreme units, outliers.

test_that("a maximum far away is not taken for none", {
  x <- c(1:10, 5.5005, 5.4995)
  y <- c(rep(0, 5), rep(1, 5), 0, 1)
  fit <- gamut(y ~ x, data.frame(x, y), binomial())
  expect_true(fit$convergence$converged)
  # glm from its own start reaches the same maximum; it stops at 1e-8 of the deviance,
  # which is 1e-4 of a standard error
  reference <- suppressWarnings(glm(y ~ x, binomial(), maxit = 100))
  expect_equal(coef(fit), coef(reference), tolerance = 1e-4)
  d <- data.frame(f = gl(2, 2), y = c(3, 4, 1e-5, 1e-5))
  fit <- gamut(y ~ f, d, quasipoisson())
  # closed form
  expect_equal(coef(fit)[["f2"]], log(1e-5 / 3.5), tolerance = 1e-9)
})

test_that("no maximum is told by the coefficient, in any unit of the others", {
  set.seed(2)
  f <- factor(sample(4, 400, TRUE))
  z <- rnorm(400)
  y <- ifelse(f == 2, 0, rbinom(400, 1, plogis(z)))
  for (unit in c(1e-12, 1, 1e6)) {
    x <- z * unit
    for (link in c("logit", "probit")) {
      expect_warning(
        fit <- gamut(y ~ x + f, data.frame(x, f, y), binomial(link)),
        "`f2` runs to -Inf", class = "gamut_warning_separation"
      )
      expect_false(fit$convergence$converged)
    }
  }
  x <- z * 1e-12
  fit <- suppressWarnings(gamut(y ~ x + f, data.frame(x, f, y), binomial("cauchit")))
  expect_false(fit$convergence$converged)
})

test_that("a first step over the maximum onto a plateau is not accepted", {
  for (seed in 1:10) {
    set.seed(seed)
    y <- exp(rnorm(60, 0, 2))
    fit <- gamut(y ~ 1, data.frame(y), inverse.gaussian("log"))
    # closed form: the mean
    expect_equal(coef(fit)[[1L]], log(mean(y)), tolerance = 1e-8)
    y <- rgamma(60, 0.5)
    fit <- gamut(y ~ 1, data.frame(y), Gamma("log"))
    expect_equal(coef(fit)[[1L]], log(mean(y)), tolerance = 1e-8)
  }
})

test_that("steps are judged alike in any unit of the response", {
  set.seed(3)
  x <- rnorm(400)
  y <- exp(2 * x) + rnorm(400, 0, 0.5)
  deviances <- vapply(c(1, 1e-8, 1e8), function(unit) {
    d <- data.frame(x, y = y * unit)
    fit <- gamut(y ~ x, d, gaussian("inverse"), start = c(1 / unit, 0))
    expect_true(fit$convergence$converged)
    fit$deviance / unit^2
  }, 0)
  # the same arithmetic but for the rounding of the unit
  expect_equal(deviances[2:3], rep(deviances[1], 2), tolerance = 1e-10)
})

test_that("variances of a big factor do not depend on where x is centred", {
  set.seed(1)
  f <- factor(sample(50, 2000, TRUE))
  z <- rnorm(2000)
  y <- rpois(2000, 2)
  x <- 1.7e9 + 17 * z
  near <- gamut(y ~ z + f, data.frame(z, f, y), poisson())
  far <- gamut(y ~ x + f, data.frame(x, f, y), poisson())
  levels <- grep("^f", names(coef(near)))
  # x itself keeps 7 digits after its mean is taken off; the levels lose none of theirs
  expect_equal(unname(standard_errors(far)[levels]),
               unname(standard_errors(near)[levels]), tolerance = 1e-9)
  expect_equal(unname(vcov(far)[levels, levels]), unname(vcov(near)[levels, levels]),
               tolerance = 1e-9)
})

test_that("an outlier's quantile residual is finite", {
  set.seed(1)
  y <- c(rpois(50, 3), 300)
  fit <- gamut(y ~ 1, data.frame(y), poisson())
  residual <- residuals(fit, "quantile", seed = 1)[[51L]]
  mean <- exp(coef(fit)[[1L]])
  # between the quantiles of P(Y < 300) and P(Y <= 300), taken from the upper tail
  limits <- -qnorm(ppois(c(299, 300), mean, lower.tail = FALSE, log.p = TRUE),
                   log.p = TRUE)
  expect_gt(residual, limits[1L])
  expect_lt(residual, limits[2L])
})

test_that("prediction intervals end where counts are beyond whole doubles", {
  fit <- gamut(dist ~ speed, cars, poisson())
  limits <- predict(fit, data.frame(speed = 400), interval = "prediction")
  expect_true(all(is.finite(limits)))
  expect_lt(limits[, "lwr"], limits[, "fit"])
  expect_gt(limits[, "upr"], limits[, "fit"])
})

test_that("one infinite value in new data spoils its own row only", {
  fit <- gamut(dist ~ log(speed), cars)
  new <- data.frame(speed = c(10, 0, 20))
  expect_equal(unname(predict(fit, new))[c(1, 3)],
               unname(predict(fit, new[c(1, 3), , drop = FALSE])))
})

test_that("data and family swapped are named", {
  expect_error(gamut(dist ~ speed, gaussian(), cars), "swapped",
               class = "gamut_error_argument")
})
