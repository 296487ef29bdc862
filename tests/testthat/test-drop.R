# Tables against drop1() and add1() of stats. Both sides sum deviances to about 1e-14
# relative and glm is run to epsilon = 1e-14, so 1e-8 leaves room for differences of
# deviances and for the statistics made from them.
# (An epsilon below 1e-10 makes glm blind to aliased columns.)
exact <- glm.control(epsilon = 1e-14, maxit = 100)
table_tolerance <- 1e-8

same_table <- function(ours, peer) {
  expect_identical(names(ours), names(peer))
  expect_identical(row.names(ours), row.names(peer))
  expect_identical(attr(ours, "heading"), attr(peer, "heading"))
  expect_identical(class(ours), class(peer))
  expect_equal(as.matrix(ours), as.matrix(peer), tolerance = table_tolerance)
}

data_with_gaps <- function() {
  d <- transform(warpbreaks, w = rep(1:3, 18), o = rep(c(0, 0.5), 27), x = rep(1:9, 6),
                 z = rep(c(2, 7, 1, 8, 2, 8), 9))
  d$breaks[5] <- NA
  d
}

tests_of <- function(family) {
  known <- family$family %in% c("poisson", "binomial")
  c("none", "LRT", "Chisq", "Rao", if (!known) "F")
}

families <- list(poisson(), gaussian(), Gamma("log"), quasipoisson(),
                 inverse.gaussian("log"))

test_that("drop1() is glm's", {
  d <- data_with_gaps()
  for (family in families) {
    fit <- gamut(breaks ~ wool * tension + x, family = family, data = d, weights = w,
                 na.action = na.exclude)
    peer <- glm(breaks ~ wool * tension + x, family = family, data = d, weights = w,
                na.action = na.exclude, control = exact)
    for (test in tests_of(family)) {
      same_table(drop1(fit, test = test), drop1(peer, test = test))
    }
    same_table(drop1(fit, scale = 2, test = "LRT"), drop1(peer, scale = 2, test = "LRT"))
    same_table(drop1(fit, ~ x, k = log(53)), drop1(peer, ~ x, k = log(53)))
    same_table(drop1(fit, . ~ .), drop1(peer, . ~ .))
  }
})

test_that("drop1() is glm's with offset and aliased columns", {
  d <- data_with_gaps()
  d$twice <- 2 * d$x
  fit <- gamut(breaks > 25 ~ x + twice + wool + offset(o), family = binomial(), data = d)
  peer <- glm(breaks > 25 ~ x + twice + wool + offset(o), family = binomial(), data = d,
              control = glm.control(epsilon = 1e-10))
  ours <- drop1(fit, test = "LRT")
  theirs <- drop1(peer, test = "LRT")
  expect_equal(as.matrix(ours)[-(2:3), ], as.matrix(theirs)[-(2:3), ],
               tolerance = table_tolerance)
  # either of the two columns can go at no loss; tests of nothing are NA
  expect_equal(ours$Df, c(NA, 0, 0, 1))
  expect_equal(ours$Deviance, theirs$Deviance, tolerance = table_tolerance)
  expect_true(all(is.na(ours$`Pr(>Chi)`[1:3])))
})

test_that("add1() is glm's", {
  d <- data_with_gaps()
  for (family in families) {
    fit <- gamut(breaks ~ wool, family = family, data = d, weights = w)
    peer <- glm(breaks ~ wool, family = family, data = d, weights = w, control = exact)
    scope <- ~ wool * tension + poly(x, 2) + z
    for (test in setdiff(tests_of(family), "Chisq")) {
      same_table(add1(fit, scope, test = test), add1(peer, scope, test = test))
    }
    same_table(add1(fit, "z", scale = 3), add1(peer, "z", scale = 3))
  }
})

test_that("step() goes the way it goes for a glm", {
  d <- data_with_gaps()
  path_of <- function(fit, ...) {
    end <- step(fit, trace = 0, ...)
    list(as.character(end$anova$Step), end$anova$AIC, coef(end))
  }
  full <- breaks ~ wool * tension + x + z + offset(o)
  for (family in families[1:3]) {
    fit <- gamut(full, family = family, data = d)
    peer <- glm(full, family = family, data = d, control = exact)
    expect_equal(path_of(fit), path_of(peer), tolerance = table_tolerance)
    expect_equal(path_of(fit, k = 6), path_of(peer, k = 6), tolerance = table_tolerance)
    start <- gamut(breaks ~ 1, family = family, data = d)
    start_peer <- glm(breaks ~ 1, family = family, data = d, control = exact)
    scope <- list(lower = ~ 1, upper = ~ wool * tension + x + z)
    expect_equal(path_of(start, scope = scope), path_of(start_peer, scope = scope),
                 tolerance = table_tolerance)
  }
})

test_that("step() works inside a function and with a dot", {
  run <- function() {
    local_data <- mtcars
    step(gamut(mpg ~ ., data = local_data), trace = 0)
  }
  expect_equal(coef(run()), coef(step(glm(mpg ~ ., data = mtcars), trace = 0)),
               tolerance = 1e-8)
})

test_that("further predictors and categories drop and add terms", {
  d <- data.frame(x = rep(1:20, 5), z = rep(1:5, 20))
  set.seed(1)
  d$y <- rbeta(100, 2 + d$x / 5, 3)
  fit <- gamut(list(y ~ x, phi ~ z), family = Beta(), data = d)
  small <- gamut(y ~ x, family = Beta(), data = d)
  table <- drop1(fit, predictor = "phi", test = "LRT")
  # two solutions of one model
  expect_equal(table$AIC, c(AIC(fit), AIC(small)), tolerance = 1e-8)
  expect_equal(names(table), c("Df", "-2 logLik", "AIC", "LRT", "Pr(>Chi)"))
  added <- add1(small, ~ z, predictor = "phi", test = "Rao")
  expect_equal(added$AIC, c(AIC(small), AIC(fit)), tolerance = 1e-8)
  expect_equal(added$`Rao score`, anova(fit, test = "Rao")$Rao[c(1, 3)],
               tolerance = 1e-6)
  category <- gamut(factor(z) ~ x + y, family = categorical(), data = d)
  expect_equal(drop1(category)$Df, c(NA, 4, 4))
})

test_that("scopes and data that do not fit are errors", {
  d <- data_with_gaps()
  fit <- gamut(breaks ~ wool, family = poisson(), data = d)
  d$hole <- replace(d$x, 3, NA)
  made <- function() {
    inner <- d
    gamut(breaks ~ wool, family = poisson(), data = inner)
  }
  expect_equal(add1(made(), ~ . + z)$AIC, add1(fit, ~ . + z)$AIC)
  expect_snapshot(error = TRUE, {
    drop1(fit, "tension")
    drop1(fit, 3)
    add1(fit)
    add1(fit, ~ 1)
    add1(fit, ~ .)
    add1(fit, ~ . + hole)
    drop1(fit, predictor = "phi")
    drop1(fit, test = "wald")
  })
  expect_warning(drop1(fit, test = "F"), class = "gamut_warning_comparison")
})
