# What other packages may rely on: every method for every kind of fit returns what its
# generic promises, in shape and names. Values are held in the tests of each method.

canonical_fits <- function() {
  d <- simulated_data(120L)
  d$x2 <- 2 * d$x
  d$gap <- d$z
  d$gap[c(3, 40)] <- NA
  list(
    gaussian = gamut(normal ~ x * f, d),
    binomial = gamut(cbind(dead, m - dead) ~ x + f, d, binomial()),
    poisson = gamut(count ~ x + offset(o), d, poisson()),
    Gamma = gamut(positive ~ x + f, d, Gamma("log"), weights = w),
    quasi = gamut(count ~ x, d, quasipoisson()),
    beta = gamut(list(fraction ~ x + f, phi ~ z), d, Beta()),
    categorical = gamut(class ~ x + f, d, "categorical"),
    deficient = gamut(normal ~ x + x2 + f, d),
    gaps = gamut(count ~ gap + x, d, poisson(), na.action = na.exclude),
    omitted = gamut(count ~ gap + x, d, poisson()),
    large = gamut(normal ~ big + x, d)
  )
}

fits <- canonical_fits()

three_rows <- function() {
  d <- simulated_data(120L)
  d$x2 <- 2 * d$x
  d$gap <- d$z
  d[c(5L, 9L, 11L), ]
}

for_each_fit <- function(check) {
  for (name in names(fits)) check(fits[[name]], name)
}

test_that("coef, vcov and confint have the same names", {
  for_each_fit(function(fit, name) {
    beta <- coef(fit)
    expect_type(beta, "double")
    expect_identical(dimnames(vcov(fit)), list(names(beta), names(beta)), label = name)
    estimated <- names(beta)[!is.na(beta)]
    expect_identical(rownames(vcov(fit, complete = FALSE)), estimated, label = name)
    expect_true(isSymmetric(vcov(fit, complete = FALSE)), label = name)
    expect_gt(min(diag(vcov(fit, complete = FALSE))), 0, label = name)
    limits <- confint(fit, method = "wald")
    expect_identical(dimnames(limits), list(names(beta), c("2.5 %", "97.5 %")),
                     label = name)
    table <- coef(summary(fit))
    expect_identical(rownames(table), estimated, label = name)
    expect_identical(ncol(table), 4L, label = name)
  })
})

test_that("formula, terms, frame and matrix belong together", {
  for_each_fit(function(fit, name) {
    expect_s3_class(formula(fit), "formula")
    terms <- terms(fit)
    expect_s3_class(terms, "terms")
    expect_identical(attr(terms, "response"), 1L, label = name)
    frame <- model.frame(fit)
    expect_s3_class(frame, "data.frame")
    expect_identical(nrow(frame), fit$n, label = name)
    expect_identical(names(frame)[1L], deparse1(terms[[2L]]), label = name)
    expect_s3_class(attr(frame, "terms"), "terms")
    for (predictor in fit$predictors) {
      x <- model.matrix(fit, predictor = predictor$name)
      expect_identical(colnames(x), predictor$names, label = name)
      expect_identical(attr(x, "assign"), predictor$assign, label = name)
      expect_identical(nrow(x), fit$n, label = name)
    }
  })
})

test_that("counts are numbers", {
  for_each_fit(function(fit, name) {
    for (generic in list(nobs, df.residual, deviance, sigma, AIC, BIC)) {
      value <- generic(fit)
      expect_true(is.numeric(value) && length(value) == 1L, label = name)
    }
    expect_equal(nobs(fit) - df.residual(fit), sum(!is.na(coef(fit))), label = name)
    value <- logLik(fit)
    expect_s3_class(value, "logLik")
    expect_identical(attr(value, "nobs"), nobs(fit), label = name)
    expect_gte(attr(value, "df"), fit$rank, label = name)
    expect_length(extractAIC(fit), 2L)
  })
})

test_that("the family is a real family object", {
  for_each_fit(function(fit, name) {
    family <- family(fit)
    expect_s3_class(family, c("gamut_family", "family"), exact = TRUE)
    for (part in c("linkfun", "linkinv", "mu.eta", "variance", "dev.resids", "aic",
                   "validmu", "valideta")) {
      expect_type(family[[part]], "closure")
    }
    # `variance` is called with one argument by others
    expect_length(family$variance(c(0.2, 0.4)), 2L)
    expect_equal(family$linkinv(family$linkfun(0.3)), 0.3)
    expect_type(family$family, "character")
    expect_type(family$link, "character")
  })
})

test_that("values per row have the rows' names, padded by na.exclude", {
  for_each_fit(function(fit, name) {
    rows <- if (name == "gaps") 120L else fit$n
    expect_length(weights(fit), rows)
    expect_identical(names(weights(fit)), case.names(fit, full = TRUE), label = name)
    expect_identical(NROW(weights(fit, "working")), rows, label = name)
  })
  expect_identical(which(is.na(weights(fits$gaps))), c("3" = 3L, "40" = 40L))
  expect_length(case.names(fits$omitted), 118L)
})

test_that("names, labels and calls are there", {
  for_each_fit(function(fit, name) {
    expect_identical(variable.names(fit, full = TRUE), names(coef(fit)), label = name)
    expect_type(labels(fit), "character")
    expect_true(is.call(getCall(fit)), label = name)
    expect_named(dummy.coef(fit))
    expect_s3_class(alias(fit), "listof")
  })
  expect_identical(rownames(alias(fits$deficient)$Complete), "x2")
})

test_that("print and summary show every fit within 80 columns", {
  local_reproducible_output(width = 80)
  for_each_fit(function(fit, name) {
    for (shown in list(fit, summary(fit))) {
      lines <- capture.output(print(shown))
      expect_true(all(nchar(lines) <= 80L), label = name)
      expect_true(any(grepl("^Call:", lines)), label = name)
      expect_true(any(grepl("AIC: ", lines)), label = name)
    }
  })
  expect_output(print(fits$deficient), "1 not defined because of singularities")
  expect_output(print(summary(fits$omitted)), "2 observations deleted due to missing")
})

test_that("methods that other files define keep the contract too", {
  for_each_fit(function(fit, name) {
    rows <- if (name == "gaps") 120L else fit$n
    several <- name == "categorical"
    expect_identical(NROW(fitted(fit)), rows, label = name)
    types <- c("response", if (!several) c("deviance", "pearson", "working"))
    for (type in types) {
      expect_identical(NROW(residuals(fit, type = type)), rows, label = name)
    }
    new <- three_rows()
    expect_identical(NROW(predict(fit, new)), 3L, label = name)
    both <- predict(fit, new, type = "link", se.fit = TRUE)
    expect_true(all(c("fit", "se.fit") %in% names(both)), label = name)
    if (name != "quasi" && name != "Gamma") {
      drawn <- simulate(fit, nsim = 2, seed = 1)
      expect_s3_class(drawn, "data.frame")
      expect_length(drawn, 2L)
      expect_false(is.null(attr(drawn, "seed")), label = name)
    }
  })
})

test_that("hatvalues, cooks.distance and standardised residuals are vectors of n", {
  for_each_fit(function(fit, name) {
    if (name %in% c("beta", "categorical")) return()
    rows <- if (name == "gaps") 120L else fit$n
    for (generic in list(hatvalues, cooks.distance, rstandard, rstudent)) {
      expect_length(generic(fit), rows)
    }
  })
})

test_that("the fields that others read directly are there", {
  for_each_fit(function(fit, name) {
    expect_true(is.call(fit$call), label = name)
    expect_s3_class(fit$terms, "terms")
    expect_type(fit$coefficients, "double")
    expect_type(fit$xlevels, "list")
    expect_type(fit$contrasts, "list")
  })
  expect_s3_class(fits$gaps$na.action, "exclude")
  expect_length(fits$poisson$offset, 120L)
  expect_identical(fits$gaussian$xlevels, list(f = c("a", "b", "c")))
})

test_that("a fit survives being saved", {
  file <- tempfile()
  on.exit(unlink(file))
  for_each_fit(function(fit, name) {
    saveRDS(fit, file)
    again <- readRDS(file)
    expect_equal(coef(summary(again)), coef(summary(fit)))
    expect_equal(logLik(again), logLik(fit))
  })
})
