test_that("a basis of one's own needs two methods and nothing else", {
  registerS3method("smooth_basis", "poly2_smooth", function(spec, data, knots) {
    structure(list(bs = "poly2", term = spec$term, columns = 2L, S = list(), rank = 0L,
                   null_dim = 2L, constraint = "sum", side = TRUE, random = FALSE,
                   centre = mean(data[[spec$term]])),
              class = c("poly2_basis", "gamut_basis"))
  }, asNamespace("gamut"))
  registerS3method("basis_matrix", "poly2_basis", function(basis, data) {
    outer(data[[basis$term]] - basis$centre, 1:2, `^`)
  }, asNamespace("gamut"))
  basis <- smooth_basis(s_spec("poly2"), list(x = 0:4), NULL)
  expect_identical(basis_matrix(basis, list(x = c(2, 5))), cbind(c(0, 3), c(0, 9)))
})
