# Methods of local regressions: parts, likelihood, updates, what they refuse; print.

test_that("parts of the fit are where other fits have them", {
  d <- loess_data(60)
  d$a[4] <- NA
  fit <- fit_loess(y ~ a + b, d, weights = w, na.action = na.exclude)
  theirs <- loess(y ~ a + b, d, weights = w, na.action = na.exclude)
  # the same sums in another order
  expect_equal(residuals(fit), residuals(theirs), tolerance = 1e-10)
  expect_equal(unname(fitted(fit)), unname(fitted(theirs)), tolerance = 1e-10)
  expect_identical(unname(weights(fit)[-4]), d$w[-4])
  expect_equal(residuals(fit, "pearson"), sqrt(weights(fit)) * residuals(fit))
  expect_identical(nobs(fit), 59L)
  expect_equal(deviance(fit), sum(d$w * residuals(fit)^2, na.rm = TRUE))
  expect_equal(formula(fit), y ~ a + b)
  expect_identical(attr(terms(fit), "term.labels"), c("a", "b"))
  expect_identical(names(model.frame(fit)), c("y", "a", "b", "(weights)"))
  expect_identical(sigma(fit), fit$s)
  expect_equal(df.residual(fit), fit$one.delta^2 / fit$two.delta)
  expect_identical(variable.names(fit), c("a", "b"))
  expect_length(simulate(fit, 1, seed = 1)$sim_1, 60L)
  robust <- fit_loess(y ~ a, d, family = "symmetric", na.action = na.exclude)
  expect_identical(unname(weights(robust, "robust")[-4]), robust$robust)
})

test_that("a dot is spelt out", {
  fit <- fit_loess(dist ~ ., cars)
  expect_equal(formula(fit), dist ~ speed)
  expect_equal(fit$fitted, fit_loess(dist ~ speed, cars)$fitted)
})

test_that("the likelihood is the normal one at the fitted values", {
  fit <- fit_loess(dist ~ speed, cars, weights = speed)
  n <- 50
  variance <- sum(cars$speed * residuals(fit)^2) / n
  expect_equal(as.numeric(logLik(fit)),
               sum(dnorm(cars$dist, fit$fitted, sqrt(variance / cars$speed), log = TRUE)))
  expect_equal(attr(logLik(fit), "df"), fit$trace.hat + 1)
  expect_equal(AIC(fit), -2 * as.numeric(logLik(fit)) + 2 * (fit$trace.hat + 1))
  expect_equal(BIC(fit), AIC(fit, k = log(50)))
  table <- AIC(fit, update(fit, span = 0.5))
  expect_identical(dim(table), c(2L, 2L))
  expect_error(logLik(update(fit, family = "symmetric")),
               class = "gamut_error_unsupported_method")
})

test_that("update changes formula and arguments", {
  d <- loess_data()
  fit <- fit_loess(y ~ a, d, span = 0.5)
  expect_equal(update(fit, . ~ . + b)$fitted, fit_loess(y ~ a + b, d, span = 0.5)$fitted)
  expect_equal(update(fit, enp.target = 7)$fitted,
               fit_loess(y ~ a, d, enp.target = 7)$fitted)
  expect_identical(update(fit, degree = 1, evaluate = FALSE)$degree, 1)
  made <- local({
    own <- d[1:50, ]
    fit_loess(y ~ a, own)
  })
  expect_identical(update(made, span = 0.9)$n, 50L)
})

test_that("comparisons that make no sense are errors", {
  fit <- fit_loess(dist ~ speed, cars)
  d <- data.frame(x = 1:40, y = withr::with_seed(1, rpois(40, 4)))
  count <- fit_loess(y ~ x, d, family = poisson())
  expect_error(anova(fit), class = "gamut_error_comparison")
  expect_error(anova(fit, lm(dist ~ speed, cars)), class = "gamut_error_comparison")
  expect_error(anova(count, update(count, span = 1)), class = "gamut_error_comparison")
  expect_error(anova(fit, update(fit, subset = speed > 5)),
               class = "gamut_error_comparison")
  expect_error(anova(fit, update(fit, weights = speed)), "fit 2",
               class = "gamut_error_comparison")
})

test_that("what a local regression cannot have says what to use", {
  fit <- fit_loess(dist ~ speed, cars)
  refused <- list(coef, vcov, confint, profile, model.matrix, alias, add1, drop1,
                  extractAIC, dummy.coef, influence, cooks.distance, dfbeta, dfbetas,
                  rstandard, rstudent, ranef, fixef, VarCorr, ngrps)
  for (method in refused) {
    expect_error(method(fit), class = "gamut_error_unsupported_method")
  }
  expect_error(coef(fit), "local_fits")
  expect_error(confint(fit), "predict")
  for (f in list(check_model, design_matrices, effect_data, effect_terms, shape,
                 elimination, detect_separation)) {
    expect_error(f(fit), class = "gamut_error_unsupported_method")
  }
  # all other methods of fits have one of their own, but for those that work
  own <- ls(getNamespace("gamut"), pattern = "\\.gamut_loess$")
  all <- ls(getNamespace("gamut"), pattern = "\\.gamut$")
  inherited <- setdiff(sub("\\.gamut$", "", all), sub("\\.gamut_loess$", "", own))
  # methods of classes such as "ranef.gamut" are none of fits
  inherited <- grep("(ranef|VarCorr|profile)$", inherited, value = TRUE, invert = TRUE)
  expect_setequal(inherited, c("case.names", "family"))
  expect_s3_class(family(fit), "family")
  expect_length(case.names(fit), 50L)
})

test_that("print and summary show the fit", {
  fit <- fit_loess(dist ~ speed, cars)
  expect_output(print(fit), "Equivalent number of parameters: 4.78")
  expect_output(print(fit), "Residual standard error: +15.29 on 44.62")
  numbers <- summary(fit)
  expect_equal(numbers$r.sq, 1 - deviance(fit) / sum((cars$dist - mean(cars$dist))^2))
  expect_output(print(numbers), "AICc: 6.626")
  expect_output(print(numbers), "interpolated, cell 0.2")
  robust <- summary(update(fit, family = "symmetric", span = 1, degree = 1))
  expect_output(print(robust), "Robust local regression, 4 passes; degree 1, span 1")
  expect_output(print(robust), "Outliers")
  d <- transform(mtcars, am = factor(am), cyl = factor(cyl))
  several <- fit_loess(mpg ~ wt + cyl, d, span = 1.5, degree = 1)
  expect_output(print(several), "3 surfaces by\\s+cyl")
  expect_output(print(summary(several)), "cyl = 8")
  plane <- summary(fit_loess(mpg ~ wt + hp, d, parametric = "hp", drop.square = "hp"))
  expect_output(print(plane), "Without squares +hp")
  likely <- fit_loess(am ~ wt, d, family = binomial(), span = 1.5, degree = 1)
  expect_output(print(likely), "Local likelihood, binomial \\(logit link\\)")
  expect_output(print(summary(likely)), "Deviance residuals")
  expect_output(print(fit_loess(mpg ~ wt, d, family = Gamma("log"))), "Dispersion")
})

test_that("neighbourhoods that robustness weights have emptied are told", {
  d <- data.frame(x = (1:200) / 200)
  d$y <- 10 + d$x + withr::with_seed(1, rnorm(200)) / 100
  d$y[95:106] <- 10 + c(50, -50)
  expect_warning(fit_loess(y ~ x, d, span = 0.1, family = "symmetric"),
                 class = "gamut_warning_loess_neighbourhood")
})
