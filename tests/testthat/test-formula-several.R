# Several predictors in all spellings. A mock family is Beta() under other fields: what
# the fields do can be seen without families that use them.

mock_family <- function(..., parameters = c("mu", "phi")) {
  base <- Beta()
  base$family <- "mock"
  base$parameters <- parameters
  fields <- list(...)
  base[names(fields)] <- fields
  base
}

# Gaussian with what a family with a dispersion form looks like: the form is Beta()
formed_family <- function() {
  family <- as_gamut_family(gaussian())
  family$dispersion_form <- function(family) {
    mock_family(parameters = c("mu", "sigma"),
                links = stats::setNames(Beta()$links, c("mu", "sigma")),
                zero_inflated_form = function(family) {
                  family$parameters <- c(family$parameters, "zi")
                  family$bar_parameters <- c("zi", "sigma")
                  family
                })
  }
  family
}

named <- function(formula, family) {
  names(Filter(function(p) !is.null(p$terms) || length(all.vars(p$parametric)),
               name_predictors(name_parts(parse_formula(formula), family), family)))
}

expect_formulas <- function(object, expected) {
  expect_equal(object, expected, ignore_formula_env = TRUE)
}

right_sides <- function(spec) {
  vapply(spec$predictors, function(p) expr_text(p$parametric[[2L]]), "")
}

spelled <- function(formula, family, ...) {
  spell_predictors(parse_formula(formula), family, ...)
}

d <- data.frame(x = rep(1:20, 5) / 20, z = rep(1:5, 20), w = rep(c(0, 1, 1, 0), 25))
set.seed(1)
d$y <- rbeta(100, 2 + 4 * d$x, 3)

# --- the formula ----------------------------------------------------------------------

test_that("bars at the top part the first formula", {
  spec <- parse_formula(y ~ x | z + offset(log(w)) | s(u) + (1 | g) - 1)
  expect_named(spec$predictors, c("main", ".2", ".3"))
  expect_identical(right_sides(spec), c(main = "x", `.2` = "z", `.3` = "-1"))
  expect_null(spec$predictors$main$place)
  expect_identical(spec$predictors$`.2`$place, 2L)
  expect_true(is.na(spec$predictors$`.3`$name))
  expect_named(spec$predictors$`.2`$offsets, "offset(log(w))")
  expect_named(spec$predictors$`.3`$smooths, "s(u)")
  expect_named(spec$predictors$`.3`$random, "(1 | g)")
  expect_identical(environment(spec$predictors$`.2`$parametric), environment())
  expect_identical(spec$formula, y ~ x | z + offset(log(w)) | s(u) + (1 | g) - 1)
})

test_that("other bars stay what they are", {
  for (f in list(y ~ x + (1 | g), y ~ (x | z), y ~ I(a | b), y ~ us(1 | g))) {
    expect_named(parse_formula(f)$predictors, "main")
  }
  expect_named(parse_formula(y ~ (x || g) | (1 | p | g))$predictors, c("main", ".2"))
})

test_that("a bar and a list go together", {
  spec <- parse_formula(list(y ~ x | z, nu ~ w))
  expect_named(spec$predictors, c("main", ".2", "nu"))
  expect_snapshot(parse_formula(list(y ~ x | z, nu ~ w)))
  expect_snapshot(parse_formula(list(y ~ x, `.2` = ~z)), error = TRUE)
})

test_that("splitting and joining are inverse", {
  for (f in list(y ~ x, y ~ x | z, ~ x | z, y ~ a + b | (1 | g) | 0 + x)) {
    expect_equal(join_parts(split_parts(f)), f)
  }
})

# --- names ----------------------------------------------------------------------------

test_that("the family names the parts", {
  expect_identical(named(y ~ x | z, Beta()), c("mu", "phi"))
  three <- mock_family(parameters = c("mu", "theta", "zi"))
  expect_identical(named(y ~ x | z, three), c("mu", "theta"))
  three$bar_parameters <- c("zi", "theta")
  expect_identical(named(y ~ x | z, three), c("mu", "zi"))
  spec <- name_parts(parse_formula(y ~ x | z | w), three)
  expect_identical(right_sides(spec), c(main = "x", zi = "z", theta = "w"))
  expect_formulas(spec$formula, list(y ~ x, zi ~ z, theta ~ w))
  expect_identical(name_parts(spec, three), spec)
  # a list may describe what the parts leave
  mixed <- name_parts(parse_formula(list(mu = y ~ x | z, theta ~ w)), three)
  expect_formulas(mixed$formula, list(mu = y ~ x, zi ~ z, theta ~ w))
})

test_that("`.` leaves out what other parts name", {
  terms_of <- function(formula) {
    lapply(frame_of(formula, d, "Beta")$predictors, function(p) {
      attr(p$terms, "term.labels")
    })
  }
  expect_identical(terms_of(y ~ . | z), list(mu = c("x", "w"), phi = "z"))
  expect_identical(terms_of(y ~ x | .), list(mu = "x", phi = c("z", "w")))
})

test_that("parts without a parameter, or with a second formula, are errors", {
  expect_snapshot(error = TRUE, {
    gamut(dist ~ speed + 1 | g, data = cars)
    gamut(breaks ~ wool | tension, family = poisson(), data = warpbreaks)
    gamut(Species ~ Sepal.Width | Petal.Width, family = categorical(), data = iris)
    spelled(y ~ x + 1 | g, formed_family())
    gamut(y ~ x | z | w, family = Beta(), data = d)
    gamut(list(y ~ x | z, phi ~ w), family = Beta(), data = d)
    gamut(list(y ~ x | z, mu ~ w), family = Beta(), data = d)
  })
})

# --- arguments ------------------------------------------------------------------------

test_that("dispformula describes the dispersion parameter", {
  expect_identical(dispersion_parameter(Beta()), "phi")
  expect_identical(dispersion_parameter(mock_family(parameters = c("mu", "shape"))),
                   "shape")
  expect_identical(
    dispersion_parameter(mock_family(parameters = c("mu", "shape", "sigma"))), "sigma"
  )
  expect_identical(dispersion_parameter(mock_family(dispersion_parameter = "nu")), "nu")
  expect_null(dispersion_parameter(as_gamut_family(poisson())))
  both <- spelled(y ~ x, Beta(), ~ z)
  expect_formulas(both$spec$formula, list(y ~ x, phi ~ z))
  expect_identical(both$spec$predictors$phi$argument, "dispformula")
})

test_that("formulas that ask for nothing change nothing", {
  plain <- parse_formula(y ~ x)
  poisson <- as_gamut_family(poisson())
  expect_identical(spell_predictors(plain, poisson, ~ 1, ~ 0),
                   list(spec = plain, family = poisson))
  expect_identical(coef(gamut(dist ~ speed, cars, dispformula = ~ 1, ziformula = ~ 0)),
                   coef(gamut(dist ~ speed, cars)))
})

test_that("a form of the family is taken where a formula asks for it", {
  expect_identical(spelled(y ~ x, formed_family())$family$family, "gaussian")
  by_name <- spelled(list(y ~ x, sigma ~ z), formed_family())
  by_argument <- spelled(y ~ x, formed_family(), ~ z)
  expect_identical(by_name$family$parameters, c("mu", "sigma"))
  expect_identical(by_argument$family$parameters, c("mu", "sigma"))
  expect_formulas(by_argument$spec$formula, by_name$spec$formula)
  both <- spelled(y ~ x, formed_family(), ~ z, ~ w)
  expect_identical(both$family$parameters, c("mu", "sigma", "zi"))
  expect_formulas(both$spec$formula, list(y ~ x, sigma ~ z, zi ~ w))
  listed <- spelled(list(y ~ x, sigma ~ z, zi ~ w), formed_family())
  expect_identical(listed$family$parameters, both$family$parameters)
  # a bar beside the argument means what it means in the family's form
  expect_formulas(spelled(y ~ x | z, both$family, ~ w)$spec$formula,
               list(y ~ x, zi ~ z, sigma ~ w))
  # the form is the family of the whole fit
  fit <- gamut(list(y ~ x, sigma ~ z), family = formed_family(), data = d)
  expect_identical(family(fit)$family, "mock")
  expect_equal(unname(coef(fit)),
               unname(coef(gamut(list(y ~ x, phi ~ z), family = Beta(), data = d))))
  expect_identical(coef(gamut(y ~ x, family = formed_family(), data = d,
                              dispformula = ~ z)), coef(fit))
})

test_that("arguments that cannot be meant are errors", {
  expect_snapshot(error = TRUE, {
    gamut(breaks ~ wool, family = poisson(), data = warpbreaks, dispformula = ~ tension)
    gamut(speed ~ dist, family = exponential(), data = cars, ziformula = ~ 1)
    gamut(list(dist ~ speed, sigma ~ nu, rho ~ x), data = cars)
    gamut(y ~ x, family = Beta(), data = d, dispformula = "z")
    gamut(y ~ x, family = Beta(), data = d, dispformula = phi ~ z)
    gamut(y ~ x, family = Beta(), data = d, dispformula = ~ 0)
    gamut(y ~ x, family = Beta(), data = d, dispformula = ~ x | z)
    gamut(list(y ~ x, phi ~ z), family = Beta(), data = d, dispformula = ~ w)
    gamut(y ~ x | z, family = Beta(), data = d, dispformula = ~ w)
    fit_glm(y ~ x, family = Beta(), data = d, ziformula = ~ w)
  })
})

# --- fits -----------------------------------------------------------------------------

listed <- gamut(list(y ~ x, phi ~ z), family = Beta(), data = d)
barred <- gamut(y ~ x | z, family = Beta(), data = d)
argued <- gamut(y ~ x, family = Beta(), data = d, dispformula = ~ z)

test_that("all spellings are one model", {
  # the engine gets the same problem: nothing may differ, not even in the last digit
  for (fit in list(barred, argued, fit_glm(y ~ x | z, d, Beta()),
                   fit_glm(y ~ x, d, Beta(), dispformula = ~ z))) {
    expect_identical(coef(fit), coef(listed))
    expect_identical(vcov(fit), vcov(listed))
    expect_identical(logLik(fit), logLik(listed))
    expect_formulas(fit$spec$formula, listed$spec$formula)
    expect_identical(predict(fit, d[1:3, ]), predict(listed, d[1:3, ]))
    expect_identical(drop1(fit)$Deviance, drop1(listed)$Deviance)
    expect_identical(add1(fit, ~ . + w)$Deviance, add1(listed, ~ . + w)$Deviance)
  }
})

test_that("betareg reads the bar alike", {
  skip_if_no_peer("betareg")
  peer <- betareg::betareg(y ~ x | z, data = d)
  # both solve the score equations; betareg stops at a gradient of about 1e-8
  expect_equal(unname(coef(barred)), unname(coef(peer)), tolerance = 1e-6)
})

test_that("formula() is as written", {
  expect_formulas(formula(barred), y ~ x | z)
  expect_formulas(formula(barred, "phi"), phi ~ z)
  expect_formulas(formula(barred, "mu"), y ~ x)
  expect_formulas(formula(argued), y ~ x)
  expect_formulas(formula(argued, "phi"), phi ~ z)
  expect_identical(barred$call$formula, quote(y ~ x | z))
  expect_formulas(formula(gamut(y ~ . | z, family = Beta(), data = d)), y ~ x + w | z)
  expect_formulas(formula(gamut(y ~ x | ., family = Beta(), data = d)), y ~ x | z + w)
})

# --- update() -------------------------------------------------------------------------

test_that("fits written with a bar are updated", {
  call_of <- function(...) update(..., evaluate = FALSE)$formula
  expect_equal(call_of(barred, . ~ . + w), quote(list(y ~ x + w, phi ~ z)),
               ignore_attr = TRUE)
  text <- function(...) paste(deparse(call_of(...)), collapse = " ")
  expect_identical(text(barred, . ~ . + w), "list(y ~ x + w, phi ~ z)")
  expect_identical(text(barred, . ~ . | . + w), "list(y ~ x, phi ~ z + w)")
  expect_identical(text(barred, "~ . | w"), "list(y ~ x, phi ~ w)")
  expect_identical(text(barred, phi = ~ . + w), "list(y ~ x, phi ~ z + w)")
  expect_identical(text(barred, phi = NULL), "y ~ x")
  expect_identical(text(barred), "y ~ x | z")
  expect_identical(coef(update(barred)), coef(barred))
  expect_identical(coef(update(update(barred, . ~ . | . + w), . ~ . | . - w)),
                   coef(barred))
  setup <- gamut(y ~ x | z, family = Beta(), data = d, fit = FALSE)
  expect_identical(text(setup, . ~ . + w), "list(y ~ x + w, phi ~ z)")
})

test_that("an update brings a second predictor to a fit of one", {
  one <- gamut(y ~ x, family = Beta(), data = d)
  expect_identical(coef(update(one, . ~ . | z)), coef(listed))
  expect_identical(coef(update(one, dispformula = ~ z)), coef(listed))
  from_glm <- gamut(y ~ x, data = d)
  expect_identical(coef(update(from_glm, . ~ . | z, family = Beta())), coef(listed))
  expect_identical(coef(update(from_glm, . ~ . | z, family = "Beta")), coef(listed))
})

test_that("a dot spelt out by an update keeps its meaning", {
  fit <- gamut(y ~ . | z, family = Beta(), data = d)
  expect_identical(deparse(update(fit, . ~ . | . + x, evaluate = FALSE)$formula),
                   "list(y ~ x + w, phi ~ z + x)")
  fit <- gamut(y ~ x, family = Beta(), data = d, dispformula = ~ .)
  updated <- update(fit, . ~ . + w, evaluate = FALSE)
  expect_identical(deparse(updated$formula), "list(y ~ x + w, phi ~ z + w)")
  expect_null(updated$dispformula)
})

test_that("fits with dispformula are updated", {
  text <- function(...) {
    # the arguments themselves, as a user writes them
    call <- eval(substitute(update(argued, ..., evaluate = FALSE)))
    c(deparse(call$formula), if (!is.null(call$dispformula)) deparse(call$dispformula))
  }
  expect_identical(text(), c("y ~ x", "~z"))
  expect_identical(text(. ~ . + w), c("y ~ x + w", "~z"))
  expect_identical(text(dispformula = ~ w), c("y ~ x", "~w"))
  expect_identical(text(dispformula = NULL), "y ~ x")
  expect_identical(text(. ~ . + w, dispformula = ~ w), c("y ~ x + w", "~w"))
  expect_identical(text(. ~ . + w, dispformula = NULL), "y ~ x + w")
  expect_identical(text(phi = ~ . + w), "list(y ~ x, phi ~ z + w)")
  expect_identical(text(. ~ . | . + w), "list(y ~ x, phi ~ z + w)")
  expect_identical(text(phi = NULL), "y ~ x")
  expect_identical(coef(update(argued)), coef(argued))
  expect_identical(coef(update(update(argued, . ~ . + w), . ~ . - w)), coef(argued))
})

test_that("formulas of arguments keep their environment", {
  make <- function() {
    inside <- d
    shift <- function(v) v + 1
    extra <- ~ shift(z)
    gamut(y ~ x, family = Beta(), data = inside, dispformula = extra)
  }
  fit <- make()
  expect_named(coef(update(fit, . ~ . + w)),
               c("(Intercept)", "x", "w", "phi:(Intercept)", "phi:shift(z)"))
  make <- function() {
    inside <- d
    shift <- function(v) v + 1
    gamut(y ~ x, family = Beta(), data = inside, dispformula = ~ shift(z))
  }
  fit <- make()
  again <- update(update(fit, . ~ . + w), . ~ . - w)
  expect_identical(coef(again), coef(fit))
  expect_identical(environment(again$call$dispformula),
                   environment(fit$spec$formula[[1]]))
})

test_that("step() goes through fits with several predictors", {
  set.seed(2)
  d$noise <- rnorm(100)
  for (fit in list(gamut(y ~ x + noise | z, family = Beta(), data = d),
                   gamut(y ~ x + noise, family = Beta(), data = d, dispformula = ~ z))) {
    best <- step(fit, trace = 0)
    expect_equal(coef(best), coef(listed))
  }
})

test_that("updates that cannot be meant are errors", {
  poisson_fit <- gamut(breaks ~ wool, family = poisson(), data = warpbreaks)
  expect_snapshot(error = TRUE, {
    update(poisson_fit, . ~ . | tension)
    update(barred, . ~ . | . | w)
    update(barred, . ~ . | w, phi = ~ . + w)
    update(listed, dispformula = ~ w)
  })
})
