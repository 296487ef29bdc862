test_that("special terms inside operators and functions are refused", {
  expect_snapshot(error = TRUE, {
    parse_formula(y ~ s(x):f)
    parse_formula(y ~ f * (1 | g))
    parse_formula(y ~ (a + s(x))^2)
    parse_formula(y ~ a %in% lo(x))
    parse_formula(y ~ us(1 | g) / b)
    parse_formula(y ~ x:offset(w))
    parse_formula(y ~ a + log(s(x)))
    parse_formula(y ~ I(mgcv::te(x, z)^2))
    parse_formula(y ~ log(lo(x)))
    parse_formula(y ~ s(s(x)))
    parse_formula(y ~ s(x, by = (1 | g)))
    parse_formula(y ~ hcs(1 | g))
    parse_formula(y ~ log(1 + x | g))
    parse_formula(y ~ offset(s(x)))
  })
})

test_that("a bar that may be a logical value stays one inside a function", {
  formulas <- list(y ~ I(a | b), y ~ I(exp(a | b)), y ~ factor((a | b) & d),
                   y ~ any(a || b))
  for (f in formulas) {
    expect_length(parse_formula(f)$predictors$main$random, 0)
  }
})

test_that("a bar without parentheses is refused where it parts no predictors", {
  expect_snapshot(error = TRUE, {
    parse_formula(y ~ x || z)
    parse_formula(y ~ x | z || w)
    parse_formula(list(y ~ x, phi ~ z | w))
  })
})
