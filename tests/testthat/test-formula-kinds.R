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
  expect_identical(unfitted_terms(spec), c(loess = "lo(q)"))
  expect_length(unfitted_terms(parse_formula(y ~ x + offset(w))), 0)
})

test_that("parametric models pass every door", {
  plain <- parse_formula(list(y ~ x * z + offset(w), phi ~ z))
  for (door in c("gamut", names(door_kinds))) {
    expect_identical(check_fitted_kinds(plain, door), plain)
  }
})

test_that("foreign terms are sent to the right door", {
  smooth <- parse_formula(y ~ x + s(z))
  random <- parse_formula(y ~ x + (1 | g))
  local <- parse_formula(y ~ lo(z))
  expect_snapshot(error = TRUE, {
    check_fitted_kinds(smooth, "fit_glm")
    check_fitted_kinds(random, "fit_glm")
    check_fitted_kinds(local, "fit_glm")
    check_fitted_kinds(spec, "fit_glm")
    check_fitted_kinds(random, "fit_gam")
    check_fitted_kinds(smooth, "fit_glmm")
    check_fitted_kinds(spec, "fit_glmm")
    check_fitted_kinds(local, "fit_loess")
    check_fitted_kinds(smooth, "fit_loess")
  })
})

test_that("terms that are not fitted yet are named", {
  expect_snapshot(error = TRUE, {
    check_fitted_kinds(spec, "gamut")
    check_fitted_kinds(parse_formula(y ~ lo(x)), "gamut")
  })
  error <- tryCatch(check_fitted_kinds(spec), gamut_error_unsupported_term = identity)
  expect_identical(error$terms, unfitted_terms(spec))
})
