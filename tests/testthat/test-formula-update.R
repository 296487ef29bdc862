expect_formula <- function(object, expected) {
  expect_identical(deparse(object, 500L), deparse(expected, 500L))
}

test_that("without special terms it is stats::update.formula()", {
  pairs <- list(
    list(y ~ x, . ~ . + z), list(y ~ x + z, . ~ . - z), list(y ~ x, ~ . + z),
    list(y ~ x, log(.) ~ . * z), list(y ~ 0 + x + offset(w), . ~ . + z),
    list(y ~ a * b, . ~ . - a:b), list(y ~ x, . ~ . - 1), list(y ~ x - 1, . ~ . + 1),
    list(y ~ a:b + a, . ~ (.)^2), list(y ~ x, cbind(a, .) ~ 1), list(y ~ x - z, . ~ .)
  )
  for (pair in pairs) {
    expect_formula(update_formulas(pair[[1]], pair[[2]]), update(pair[[1]], pair[[2]]))
  }
})

test_that("special terms stay, bars in their parentheses", {
  old <- y ~ s(z, k = 5) + x + (1 | a / b) + offset(w) + (x || g)
  expect_formula(
    update_formulas(old, . ~ . + v),
    y ~ x + v + s(z, k = 5) + (1 | a / b) + (x || g) + offset(w)
  )
  expect_formula(
    update_formulas(old, . ~ . - x + exp(0 + t | h)),
    y ~ s(z, k = 5) + (1 | a / b) + (x || g) + exp(0 + t | h) + offset(w)
  )
  expect_formula(update_formulas(y ~ s(x) - 1, . ~ .), y ~ s(x) - 1)
  expect_formula(update_formulas(y ~ (1 | g), . ~ . + (1 | g)), y ~ (1 | g))
})

test_that("special terms are taken away by their labels", {
  old <- y ~ x + s(z, k = 5) + (1 | a / b) + offset(w)
  expect_formula(update_formulas(old, . ~ . - s(z)), y ~ x + (1 | a / b) + offset(w))
  expect_formula(update_formulas(old, . ~ . - (1 | a / b)),
                 y ~ x + s(z, k = 5) + offset(w))
  expect_formula(update_formulas(old, . ~ . - (1 | a:b) - offset(w)),
                 y ~ x + s(z, k = 5) + (1 | a))
  expect_formula(update_formulas(old, . ~ . - s(z) + s(z, k = 9)),
                 y ~ x + (1 | a / b) + s(z, k = 9) + offset(w))
  expect_formula(update_formulas(y ~ s(x), . ~ . - s(x)), y ~ 1)
  expect_formula(update_formulas(old, . ~ 1), y ~ 1)
})

test_that("a `.` of the data is kept", {
  expect_formula(update_formulas(y ~ . + s(z), . ~ . + v), y ~ . + v + s(z))
  expect_formula(update_formulas(y ~ ., . ~ . - v), y ~ . - v)
})

test_that("parameters are updated by name", {
  old <- list(y ~ x, phi ~ z + s(q))
  new <- update_formulas(old, . ~ . + v, list(phi = . ~ . - s(q) + w, nu = ~ . + u))
  expect_type(new, "list")
  expect_null(names(new))
  expect_formula(new[[1]], y ~ x + v)
  expect_formula(new[[2]], phi ~ z + w)
  expect_formula(new[[3]], nu ~ u)
  expect_formula(update_formulas(old, NULL, list(phi = NULL)), y ~ x)
  added <- update_formulas(y ~ x, NULL, list(phi = . ~ . + (1 | g)))
  expect_formula(added[[2]], phi ~ (1 | g))
  named <- update_formulas(list(mu = y ~ x, phi = ~z), . ~ . + v)
  expect_named(named, c("mu", ""))
  expect_formula(named$mu, y ~ x + v)
  expect_formula(named[[2]], phi ~ z)
})

test_that("environments are those of the old formulas", {
  old <- local(list(y ~ x, phi ~ z))
  new <- update_formulas(old, . ~ . + (1 | g), list(phi = . ~ . + w))
  expect_identical(lapply(new, environment), lapply(old, environment))
})

test_that("an updated formula reads as it should", {
  new <- update_formulas(y ~ s(x) + (1 + x | a / b), . ~ . + z)
  expect_identical(parse_formula(new)$predictors$main$random,
                   parse_formula(y ~ z + s(x) + (1 + x | a / b))$predictors$main$random)
})

test_that("updates that cannot be done are refused", {
  expect_snapshot(error = TRUE, {
    update_formulas(y ~ x + s(z), . ~ . - s(q))
    update_formulas(y ~ x + s(z), . ~ . * v)
    update_formulas(y ~ x + s(z), . ~ . + s(z, k = 9))
    update_formulas(y ~ x, "z")
    update_formulas(y ~ x, NULL, list(~z))
    update_formulas(y ~ x, NULL, list(phi = NULL))
    update_formulas(y ~ x, NULL, list(phi = rho ~ z))
  })
})
