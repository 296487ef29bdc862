test_that("a spec prints its predictors, term kind by term kind", {
  expect_snapshot({
    parse_formula(y ~ x)
    parse_formula(list(
      cbind(a, b) ~ treatment * poly(dose, 2) + s(age, k = 8) + mgcv::te(x, z, by = sex) +
        lo(depth, span = .4) + offset(log(n)) + (1 + age | clinic / ward) +
        known(1 | animal, K = A) - 1,
      phi ~ temp
    ))
    parse_formula(~ s(x), one_sided = TRUE)
    parse_formula(list(y ~ x, phi ~ z))$predictors$phi
  })
})

test_that("long formulas wrap", {
  f <- as.formula(paste("y ~", paste0("variable_", 1:30, collapse = " + ")))
  expect_true(all(nchar(format(parse_formula(f), width = 60)) <= 60))
})
