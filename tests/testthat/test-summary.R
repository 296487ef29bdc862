test_that("the numbers are those of summary.glm()", {
  d <- simulated_data()
  d$x2 <- 2 * d$x
  d$z[7] <- NA
  cases <- list(
    list(normal ~ x + f, gaussian()), list(binary ~ x, binomial()),
    list(positive ~ x + x2 + offset(o), Gamma("log")), list(count ~ z, quasipoisson())
  )
  fields <- c("aliased", "dispersion", "df", "deviance", "null.deviance", "df.residual",
              "df.null", "aic", "na.action")
  for (case in cases) {
    ours <- gamut(case[[1L]], d, case[[2L]])
    theirs <- glm_to_the_end(case[[1L]], case[[2L]], d)
    # a glm() with both an offset and `start` starts its null model wrongly
    theirs$null.deviance <- glm(case[[1L]], case[[2L]], d)$null.deviance
    # 1e-7: what the project promises on standard errors
    expect_equal(coef(summary(ours)), coef(summary(theirs)), tolerance = 1e-7)
    expect_equal(coef(summary(ours, dispersion = 2)),
                 coef(summary(theirs, dispersion = 2)), tolerance = 1e-7)
    expect_equal(summary(ours, correlation = TRUE)$correlation,
                 summary(theirs, correlation = TRUE)$correlation, tolerance = 1e-7)
    for (field in fields) {
      expect_equal(summary(ours)[[field]], summary(theirs)[[field]], tolerance = 1e-7,
                   label = field)
    }
  }
})

test_that("a saturated gaussian model has no standard errors, as in glm()", {
  d <- data.frame(y = c(1, 3), x = 1:2)
  table <- coef(summary(gamut(y ~ x, d)))
  expect_identical(colnames(table), c("Estimate", "Std. Error", "t value", "Pr(>|t|)"))
  expect_true(all(is.nan(table[, -1L])))
})

test_that("a model without coefficients has an empty table", {
  table <- coef(summary(gamut(dist ~ 0 + offset(speed), data = cars)))
  expect_identical(dim(table), c(0L, 4L))
})

test_that("standard errors of many coefficients do not need the full covariance", {
  set.seed(1)
  d <- data.frame(y = rnorm(4000), f = factor(rep(1:2000, 2)), x = rnorm(4000))
  fit <- gamut(y ~ f + x, data = d)
  # two vectors of 2,000 take little; a matrix would take 32 MB
  expect_lt(as.numeric(object.size(summary(fit))), 2e6)
  at <- c(1:3, 2001L)
  small <- vcov(fit)[at, at]
  expect_equal(unname(coef(summary(fit))[at, 2L]), unname(sqrt(diag(small))),
               tolerance = 1e-8)
})

test_that("a dispersion must be a number", {
  fit <- gamut(dist ~ speed, data = cars)
  expect_snapshot(summary(fit, dispersion = -1), error = TRUE)
  expect_snapshot(summary(fit, dispersion = "a"), error = TRUE)
  expect_snapshot(summary(fit, correlation = NA), error = TRUE)
})

test_that("summaries look as an R user expects", {
  local_reproducible_output(width = 80)
  d <- simulated_data()
  expect_snapshot(summary(gamut(count ~ spray, InsectSprays, poisson())))
  d$x2 <- 2 * d$x
  d$z[3:5] <- NA
  d$w[9] <- 0
  fit <- gamut(positive ~ x + x2 + z + offset(o), d, Gamma("log"), weights = w)
  expect_snapshot(summary(fit))
  with <- summary(fit, correlation = TRUE)
  expect_snapshot(print(with, signif.stars = FALSE, digits = 3))
  expect_snapshot(print(with, symbolic.cor = TRUE))
  expect_snapshot(summary(gamut(list(fraction ~ x + f, phi ~ z), d, Beta())))
  expect_snapshot(summary(gamut(class ~ x, d, "categorical")))
  expect_snapshot(summary(gamut(count ~ x, d, quasipoisson())))
  expect_snapshot(summary(gamut(dist ~ 0 + offset(speed), cars)))
})

test_that("a summary shows that the fit failed", {
  local_reproducible_output(width = 80)
  control <- gamut_control(max_iterations = 1)
  expect_warning(fit <- gamut(count ~ spray, InsectSprays, poisson(), control = control),
                 class = "gamut_warning_convergence")
  expect_output(print(summary(fit)), "DID NOT CONVERGE")
  expect_snapshot(fit)
})

test_that("summaries fit the width of the console and do not flood it", {
  set.seed(1)
  d <- data.frame(y = rnorm(900), f = factor(rep(1:300, 3)), x = rnorm(900))
  d$a_rather_long_name_for_a_variable_in_a_formula <- rnorm(900)
  fit <- gamut(y ~ f + x + a_rather_long_name_for_a_variable_in_a_formula, data = d)
  for (width in c(80L, 65L, 100L)) {
    local_reproducible_output(width = width)
    lines <- capture.output(print(summary(fit)))
    expect_lt(length(lines), 50L)
    # deparse() cannot break inside a name, so calls are let be
    expect_true(all(nchar(lines[-(1:5)]) <= width))
    expect_true(any(grepl("^.277 of 302 coefficients not shown", lines)))
  }
  local_reproducible_output(width = 80)
  expect_snapshot(print(summary(fit), max_rows = 10))
  whole <- capture.output(print(summary(fit), max_rows = 400))
  expect_length(grep("^f[0-9]", whole), 299L)
})
