test_that("linear mixed models, in the layout of lme4", {
  fit <- orthodont_fit()
  expect_snapshot({
    fit
    summary(fit)
    summary(orthodont_fit(method = "ML"), correlation = TRUE)
  })
})

test_that("the numbers are lme4's", {
  skip_if_no_peer("lme4")
  fit <- summary(orthodont_fit(), ddf = "none")
  peer <- summary(settled_lmer(distance ~ age + (age | Subject), orthodont()))
  # as far as settled_lmer() goes
  expect_equal(coef(fit), coef(peer), tolerance = 5e-5)
  expect_equal(unname(fit$residuals), unname(peer$residuals), tolerance = 5e-5)
  expect_equal(fit$criterion, unname(peer$AICtab[["REML"]]), tolerance = 1e-8)
  expect_equal(fit$sigma, peer$sigma, tolerance = 5e-5)
  fit <- summary(orthodont_fit(method = "ML"))
  peer <- settled_lmer(distance ~ age + (age | Subject), orthodont(), REML = FALSE)
  expect_equal(c(fit$aic, fit$bic, fit$logLik), c(AIC(peer), BIC(peer), logLik(peer)),
               tolerance = 1e-8)
  expect_identical(fit$df.residual, df.residual(peer))
})

test_that("generalised linear mixed models", {
  d <- simulated_data(300L)
  d$x[7] <- NA
  fit <- gamut(cbind(dead, m - dead) ~ x + f + (1 | big), d, binomial())
  expect_snapshot({
    print(fit)
    print(summary(fit), signif.stars = FALSE)
  })
  fit <- gamut(list(fraction ~ x + (1 | big), phi ~ z), d, Beta())
  expect_snapshot(summary(fit))
})

test_that("several grouping factors, one without variance", {
  fit <- gamut(score ~ Machine + (1 | Worker / Machine), data = nlme::Machines)
  expect_snapshot(summary(fit))
  d <- data.frame(g = gl(6, 5), x = rep(-2:2, 6), h = gl(5, 1, 30))
  d$y <- rep(c(1, 5, 2, 8, 3, 9), each = 5) + 0.5 * d$x + rep(c(1, -2, 2, -2, 1), 6)
  fit <- gamut(y ~ x + (x || g), data = d)
  expect_snapshot({
    fit
    summary(fit)
  })
})

test_that("many levels and long names stay within the width", {
  d <- simulated_data(300L)
  d$`a grouping factor with a name that is far too long for a table of random effects` <-
    d$big
  fit <- gamut(normal ~ x + (x | `a grouping factor with a name that is far too long for a table of random effects`) + (1 | g), d) # nolint
  expect_snapshot(summary(fit))
})

test_that("t tests where there are degrees of freedom", {
  fit <- orthodont_fit()
  table <- coef(summary(fit))
  expect_equal(table[, 3L], c(26, 26), tolerance = 1e-5, ignore_attr = TRUE)
  expect_identical(colnames(table),
                   c("Estimate", "Std. Error", "df", "t value", "Pr(>|t|)"))
  expect_equal(table[, 5L], 2 * pt(-abs(table[, 4L]), table[, 3L]))
  expect_snapshot(summary(fit))
})

test_that("aliased coefficients and other covariances", {
  d <- orthodont()
  d$years <- 2 * d$age
  fit <- gamut(distance ~ age + years + (1 | Subject), data = d)
  expect_snapshot(summary(fit, vcov = 4 * vcov(fit)))
  expect_snapshot(summary(fit, correlation = NA), error = TRUE)
})

test_that("without data", {
  fit <- orthodont_fit(control = gamut_control(keep_data = FALSE))
  expect_null(summary(fit)$residuals)
  expect_identical(coef(summary(fit)), coef(summary(orthodont_fit(), ddf = "none")))
})
