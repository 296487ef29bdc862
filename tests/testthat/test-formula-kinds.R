spec <- parse_formula(list(
  log(y) ~ splines::ns(x, df = d$size) + s(z, by = w, k = kk) + lo(q) + offset(log(n)) +
    (1 + u | a / b) + known(1 | g, K = A),
  phi ~ v
))

test_that("variables are those of the data, without settings and packages", {
  expect_identical(predictor_variables(spec$predictors$main),
                   c("x", "d", "n", "z", "w", "q", "u", "a", "b", "g"))
  expect_identical(special_variables(spec$predictors$main),
                   c("z", "w", "q", "u", "a", "b", "g"))
  expect_identical(predictor_variables(spec$predictors$phi), "v")
})

test_that("special terms are told by kind", {
  expect_length(special_labels(spec$predictors$phi), 0)
  expect_identical(spec_labels(spec), c(
    smooth = "s(z):w", loess = "lo(q)", random = "(1 + u | a)",
    random = "(1 + u | a:b)", random = "known(1 | g, K = A)"
  ))
})

test_that("parametric models pass every door", {
  plain <- parse_formula(list(y ~ x * z + offset(w), phi ~ z))
  for (door in c("gamut", names(door_kinds))) {
    expect_identical(check_door(plain, door), plain)
  }
})

test_that("foreign terms are sent to the right door", {
  smooth <- parse_formula(y ~ x + s(z))
  random <- parse_formula(y ~ x + (1 | g))
  local <- parse_formula(y ~ lo(z))
  expect_snapshot(error = TRUE, {
    check_door(smooth, "fit_glm")
    check_door(random, "fit_glm")
    check_door(local, "fit_glm")
    check_door(spec, "fit_glm")
    check_door(random, "fit_gam")
    check_door(smooth, "fit_glmm")
    check_door(spec, "fit_glmm")
    check_door(local, "fit_loess")
    check_door(smooth, "fit_loess")
  })
})
