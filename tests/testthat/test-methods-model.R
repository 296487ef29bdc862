test_that("formulas are as written, with the dot spelt out", {
  d <- simulated_data()
  fit <- gamut(count ~ x * f + offset(o), d, poisson())
  expect_identical(formula(fit), count ~ x * f + offset(o))
  few <- d[c("count", "x", "z", "f", "o")]
  fit <- gamut(count ~ . - z + offset(o), few, poisson())
  reference <- glm(count ~ . - z + offset(o), poisson(), few)
  expect_identical(attr(terms(fit), "term.labels"), attr(terms(reference), "term.labels"))
  expect_identical(formula(fit)[[2L]], quote(count))
  refit <- gamut(formula(fit), d, poisson())
  # the same columns in the same order: the same numbers
  expect_equal(coef(refit), coef(fit), tolerance = 1e-12)
  expect_identical(environment(formula(fit)), environment())
})

test_that("each predictor has its formula, terms and matrix", {
  d <- simulated_data()
  fit <- gamut(list(fraction ~ x, phi ~ z + f), d, Beta())
  expect_identical(formula(fit), fraction ~ x)
  expect_identical(formula(fit, "phi"), phi ~ z + f)
  expect_identical(formula(fit, 2), phi ~ z + f)
  expect_identical(attr(terms(fit, "phi"), "term.labels"), c("z", "f"))
  expect_identical(labels(fit, "phi"), c("z", "f"))
  expect_equal(model.matrix(fit, predictor = "phi"), model.matrix(~ z + f, d))
  fit <- gamut(fraction ~ x, d, Beta())
  expect_identical(formula(fit, "phi"), phi ~ 1)
  expect_snapshot(terms(fit, "nu"), error = TRUE)
  expect_snapshot(formula(fit, 3), error = TRUE)
  fit <- gamut(class ~ x, d, "categorical")
  expect_identical(formula(fit, "w"), class ~ x)
  expect_identical(formula(fit, "mu"), class ~ x)
})

test_that("the model matrix is glm's, to the attribute", {
  d <- simulated_data()
  rownames(d) <- paste0("r", seq_len(nrow(d)))
  d$z[c(2, 8)] <- NA
  for (formula in list(count ~ x * f + poly(x, 2) + l, count ~ f - 1, count ~ 1,
                       count ~ z + f:g)) {
    fit <- gamut(formula, d, poisson(), contrasts = if ("f" %in% all.vars(formula))
      list(f = "contr.sum"))
    reference <- glm(formula, poisson(), d, contrasts = if ("f" %in% all.vars(formula))
      list(f = "contr.sum"))
    expect_equal(model.matrix(fit), model.matrix(reference))
  }
})

test_that("the model matrix of new data uses what the fit learnt", {
  d <- simulated_data()
  fit <- gamut(normal ~ poly(x, 2) + f, d)
  new <- data.frame(x = c(0.1, NA, 0.3), f = c("c", "a", "b"))
  x <- model.matrix(fit, new)
  reference <- model.matrix(lm(normal ~ poly(x, 2) + f, d), data = d)
  expect_identical(colnames(x), colnames(reference))
  expect_identical(nrow(x), 2L)
  expect_equal(unname(x[, "fc"]), c(1, 0))
  expect_equal(unname(model.matrix(fit, d)), unname(reference), ignore_attr = TRUE)
})

test_that("the model frame has all variables, rows in use only", {
  d <- simulated_data()
  d$z[4] <- NA
  fit <- gamut(count ~ x + z, d, poisson(), weights = w, offset = o)
  reference <- glm(count ~ x + z, poisson(), d, weights = w, offset = o)
  expect_equal(model.frame(fit), model.frame(reference), ignore_attr = "terms")
  expect_equal(model.offset(model.frame(fit)), model.offset(model.frame(reference)))
  expect_equal(model.response(model.frame(fit)), model.response(model.frame(reference)))
  fit <- gamut(list(fraction ~ x, phi ~ z + offset(o)), d, Beta())
  expect_named(model.frame(fit), c("fraction", "x", "z", "(phi offset)"))
})

test_that("a fit without data makes its model frame from data that are given", {
  d <- simulated_data()
  d$z[4] <- NA
  fit <- gamut(count ~ x + z, d, poisson(), weights = w, subset = x > 0)
  small <- gamut(count ~ x + z, d, poisson(), weights = w, subset = x > 0,
                 control = gamut_control(keep_data = FALSE))
  expect_equal(model.frame(small, d), model.frame(fit))
  expect_snapshot(model.frame(small), error = TRUE)
  expect_snapshot(model.matrix(small), error = TRUE)
  expect_snapshot(weights(small), error = TRUE)
})

test_that("weights, counts and names are glm's", {
  d <- simulated_data()
  d$z[c(4, 5)] <- NA
  for (action in c("na.omit", "na.exclude")) {
    fit <- gamut(cbind(dead, m - dead) ~ z, d, binomial("probit"), na.action = action)
    reference <- glm(cbind(dead, m - dead) ~ z, binomial("probit"), d, na.action = action,
                     control = list(epsilon = 1e-14))
    expect_equal(weights(fit), weights(reference))
    # glm() keeps the weights of its last but one step
    expect_equal(weights(fit, "working"), weights(reference, "working"),
                 tolerance = 1e-6)
    expect_identical(nobs(fit), nobs(reference))
    expect_equal(df.residual(fit), df.residual(reference))
    expect_equal(deviance(fit), deviance(reference), tolerance = 1e-10)
  }
  fit <- gamut(normal ~ x + z, d)
  reference <- lm(normal ~ x + z, d)
  expect_identical(case.names(fit), case.names(reference))
  expect_identical(variable.names(fit), variable.names(reference))
  expect_equal(sigma(fit), sigma(reference), tolerance = 1e-10)
  expect_identical(family(fit)$family, "gaussian")
  expect_s3_class(family(fit), c("gamut_family", "family"), exact = TRUE)
})

test_that("case names leave out rows of weight zero unless asked for", {
  d <- simulated_data(10L)
  d$w[3] <- 0
  fit <- gamut(normal ~ x, d, weights = w)
  expect_identical(case.names(fit), as.character(1:10)[-3])
  expect_identical(case.names(fit, full = TRUE), as.character(1:10))
})

test_that("working weights of several predictors are the rows' weight matrices", {
  d <- simulated_data()
  fit <- gamut(list(fraction ~ 1, phi ~ 1), d, Beta())
  working <- weights(fit, "working")
  expect_identical(colnames(working), c("mu:mu", "phi:mu", "phi:phi"))
  # the information of two intercepts is the sum of the rows'
  fit <- gamut(list(fraction ~ 1, phi ~ 1), d, Beta(),
               control = gamut_control(information = "expected"))
  information <- matrix(colSums(weights(fit, "working"))[c(1, 2, 2, 3)], 2L)
  expect_equal(unname(solve(vcov(fit))), information, tolerance = 1e-8)
})

test_that("alias() finds the combination and dummy.coef() spells factors out", {
  d <- transform(simulated_data(), sum = x + 2 * z)
  fit <- gamut(normal ~ x + z + sum + f, d)
  reference <- lm(normal ~ x + z + sum + f, d)
  # small integers, each from a least-squares fit
  expect_equal(alias(fit)$Complete, unclass(alias(reference)$Complete),
               tolerance = 1e-8, ignore_attr = TRUE)
  expect_identical(dimnames(alias(fit)$Complete), dimnames(alias(reference)$Complete))
  expect_null(alias(gamut(normal ~ x, d))$Complete)
  fit <- gamut(normal ~ x + f * g, d, contrasts = list(f = "contr.sum"))
  reference <- lm(normal ~ x + f * g, d, contrasts = list(f = "contr.sum"))
  expect_equal(dummy.coef(fit), dummy.coef(reference), tolerance = 1e-8)
  fit <- gamut(list(fraction ~ x, phi ~ f), d, Beta())
  expect_equal(unname(dummy.coef(fit, predictor = "phi")$f),
               unname(c(0, coef(fit)[c("phi:fb", "phi:fc")])))
})

test_that("getCall, labels and update's parts are there", {
  fit <- gamut(dist ~ speed, data = cars)
  expect_identical(getCall(fit), quote(gamut(formula = dist ~ speed, data = cars)))
  expect_identical(labels(fit), "speed")
  d <- transform(cars, twice = 2 * speed)
  expect_identical(labels(gamut(dist ~ speed + twice, data = d)), "speed")
})

test_that("new data need the variables of one predictor only", {
  d <- simulated_data()
  fit <- gamut(list(fraction ~ x, phi ~ f), d, Beta())
  expect_equal(unname(model.matrix(fit, data.frame(f = c("a", "c")), "phi")[, "fc"]),
               c(0, 1))
  expect_equal(unname(model.matrix(fit, data.frame(x = 1:2))[, "x"]), c(1, 2))
})
