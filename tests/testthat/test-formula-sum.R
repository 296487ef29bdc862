test_that("a sum comes apart and together again", {
  expr <- quote(-a + (b - c) - d:e + f)
  pieces <- sum_pieces(expr)
  expect_identical(vapply(pieces, `[[`, 1L, "sign"), c(-1L, 1L, -1L, 1L))
  exprs <- lapply(pieces, `[[`, "expr")
  expect_identical(exprs, list(quote(a), quote((b - c)), quote(d:e), quote(f)))
  expect_identical(fold_sum(pieces), expr)
  expect_null(fold_sum(list()))
})

test_that("calls are known by name and package", {
  expect_identical(call_head(quote(s(x))), list(package = "", name = "s"))
  expect_identical(call_head(quote(mgcv::s(x))), list(package = "mgcv", name = "s"))
  expect_null(call_head(quote(f(1)(x))))
  expect_null(call_head(quote(x)))
})

test_that("two versions of a term, or none to subtract, are refused", {
  expect_snapshot(error = TRUE, {
    parse_formula(y ~ s(x, k = 5) + s(x, k = 9))
    parse_formula(y ~ lo(x) + lo(x, span = .3))
    parse_formula(y ~ x + s(z) - s(x))
    parse_formula(y ~ x - (1 | g))
    parse_formula(y ~ x - offset(w))
    parse_formula(y ~ offset())
    parse_formula(y ~ offset(a, b))
  })
})
