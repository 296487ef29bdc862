formula_of <- function(fit) deparse(fit$call$formula)

test_that("formula and arguments change", {
  fit <- gamut(breaks ~ wool, family = poisson(), data = warpbreaks)
  larger <- update(fit, . ~ . + tension)
  expect_identical(formula_of(larger), "breaks ~ wool + tension")
  expect_identical(formula_of(update(fit, "~ . - wool")), "breaks ~ 1")
  expect_identical(formula_of(update(fit, log(.) ~ ., family = gaussian())),
                   "log(breaks) ~ wool")
  half <- update(fit, subset = tension != "L")
  expect_equal(half$n, 36)
  expect_identical(half$call$subset, quote(tension != "L"))
  expect_null(update(half, subset = NULL)$call$subset)
  expect_identical(update(fit, weights = wt, evaluate = FALSE)$weights, quote(wt))
  # the same call again: the same numbers
  expect_identical(coef(update(fit)), coef(fit))
})

test_that("other predictors change by name", {
  d <- data.frame(x = rep(1:20, 5), z = rep(1:5, 20))
  set.seed(1)
  d$y <- rbeta(100, 2 + d$x / 5, 3)
  fit <- gamut(y ~ x, family = Beta(), data = d)
  both <- update(fit, . ~ . + z, phi = . ~ . + z)
  expect_identical(formula_of(both), "list(y ~ x + z, phi ~ z)")
  expect_named(coef(both), c("(Intercept)", "x", "z", "phi:(Intercept)", "phi:z"))
  expect_identical(formula_of(update(both, . ~ . - z, phi = NULL)), "y ~ x")
  # a family's parameter may come together with the family
  from_glm <- update(gamut(y ~ x, data = d), family = Beta(), phi = ~ z)
  expect_named(coef(from_glm), c("(Intercept)", "x", "phi:(Intercept)", "phi:z"))
})

test_that("a dot of the data keeps its meaning when another predictor gains a term", {
  d <- data.frame(x = rep(1:20, 5), z = rep(1:5, 20))
  set.seed(1)
  d$y <- rbeta(100, 2 + d$x / 5, 3)
  fit <- gamut(y ~ ., family = Beta(), data = d)
  expect_identical(formula_of(update(fit, phi = ~ z)), "list(y ~ x + z, phi ~ z)")
  listed <- gamut(list(y ~ ., phi ~ 1), family = Beta(), data = d)
  expect_identical(formula_of(update(listed, phi = . ~ . + z)),
                   "list(y ~ x + z, phi ~ z)")
})

test_that("environments are kept", {
  make <- function() {
    inside <- transform(warpbreaks, shifted = breaks + 1)
    shift <- function(x) x + 1
    gamut(shift(breaks) ~ wool, family = poisson(), data = inside)
  }
  fit <- make()
  larger <- update(fit, . ~ . + tension)
  expect_equal(larger$n, 54)
  expect_identical(environment(larger$spec$formula), environment(fit$spec$formula))
  # once more, from the updated one
  expect_identical(coef(update(larger, . ~ . - tension)), coef(fit))
})

test_that("new arguments come from the caller, old ones from where the fit was made", {
  chosen <- warpbreaks
  fit <- gamut(breaks ~ wool, family = poisson(), data = chosen)
  with_other <- function(fit) {
    other <- warpbreaks[warpbreaks$tension == "L", ]
    update(fit, data = other)
  }
  expect_equal(with_other(fit)$n, 18)
  with_same_name <- function(fit) {
    chosen <- head(warpbreaks)
    c(update(fit, . ~ 1)$n, update(fit, . ~ 1, data = chosen)$n)
  }
  expect_equal(with_same_name(fit), c(54, 6))
  fits <- lapply(1:2, function(i) update(fit, . ~ . + tension, family = quasipoisson()))
  expect_identical(coef(fits[[1]]), coef(fits[[2]]))
})

test_that("a setup can be updated too", {
  setup <- gamut(breaks ~ wool, family = poisson(), data = warpbreaks, fit = FALSE)
  expect_s3_class(update(setup, . ~ . + tension), "gamut_setup")
  expect_s3_class(update(setup, fit = TRUE), "gamut")
})

test_that("what cannot be updated is an error", {
  fit <- gamut(breaks ~ wool, family = poisson(), data = warpbreaks)
  orphan <- local({
    function(formula, rows) gamut(formula, family = poisson(), data = rows)
  })(breaks ~ wool, warpbreaks)
  expect_snapshot(error = TRUE, {
    update(fit, "tension +")
    update(fit, 3)
    update(fit, . ~ ., 5)
    update(fit, phi = . ~ . + tension)
    update(fit, tolerance = 3)
    update(orphan, . ~ . + tension)
  })
})
