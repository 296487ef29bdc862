test_that("a basis of one's own needs two methods and nothing else", {
  registerS3method("smooth_basis", "poly2_smooth", function(spec, data, knots) {
    structure(list(bs = "poly2", term = spec$term, columns = 2, S = list(diag(c(0, 1))),
                   rank = 1, null_dim = 1, constraint = "none",
                   centre = mean(data[[spec$term]])),
              class = c("poly2_basis", "gamut_basis"))
  }, asNamespace("gamut"))
  registerS3method("basis_matrix", "poly2_basis", function(basis, data) {
    outer(data[[basis$term]] - basis$centre, 1:2, `^`)
  }, asNamespace("gamut"))
  basis <- smooth_basis(s_spec("poly2"), list(x = 0:4), NULL)
  expect_identical(basis_matrix(basis, list(x = c(2, 5))), cbind(c(0, 3), c(0, 9)))
  d <- data.frame(x = seq(-1, 1, length.out = 40), z = rep(1:2, 20))
  d$y <- d$x^2 + sin(7 * seq_len(40)) / 10
  fit <- gamut(y ~ s(x, bs = "poly2", sp = 1e-10), data = d)
  # next to no penalty: the parabola
  expect_equal(fitted(fit), fitted(lm(y ~ x + I(x^2), d)), tolerance = 1e-6)
  fit <- gamut(y ~ s(x, bs = "poly2") + s(x, bs = "poly2", by = z), data = d)
  expect_equal(unname(predict(fit, d)), unname(fitted(fit)), tolerance = 1e-10)
  expect_identical(nrow(smooth_table(fit)), 2L)
})

test_that("what is no basis is an error", {
  broken <- function(...) {
    given <- list(...)
    registerS3method("smooth_basis", "broken_smooth", function(spec, data, knots) {
      structure(c(list(term = spec$term), given),
                class = c("broken_basis", "gamut_basis"))
    }, asNamespace("gamut"))
    gamut(dist ~ s(speed, bs = "broken"), data = cars)
  }
  expect_error(broken(S = list()), "number of `columns`", class = "gamut_error_smooth")
  expect_error(broken(columns = 2, S = diag(2)), "a list of symmetric",
               class = "gamut_error_smooth")
  expect_error(broken(columns = 2, S = list(diag(3))), class = "gamut_error_smooth")
  expect_error(broken(columns = 2, S = list(-diag(2))), class = "gamut_error_smooth")
  expect_error(broken(columns = 2, S = list(diag(2)), constraint = "mean"),
               "`constraint`", class = "gamut_error_smooth")
})
