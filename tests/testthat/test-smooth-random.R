# Products of zeros and ones, and of single numbers: exact.

test_that("random effects have the columns of mgcv's model matrix", {
  skip_if_no_peer("mgcv")
  set.seed(4)
  data <- list(g = factor(sample(letters[1:4], 30, TRUE), letters[1:5]),
               h = factor(sample(c("u", "v"), 30, TRUE)), x = rnorm(30), y = rnorm(30))
  for (term in list("g", "x", c("g", "h"), c("h", "g"), c("g", "x"), c("x", "g"),
                    c("x", "y"), c("g", "x", "h"))) {
    basis <- smooth_basis(s_spec("re", term), data, NULL)
    peer <- peer_basis(s_spec("re", term), data)
    expect_identical(basis_matrix(basis, data), unname(peer$X), ignore_attr = TRUE)
    expect_equal(whole_basis(basis)$S, peer$S)
    expect_identical(c(basis$rank, basis$null_dim), c(ncol(peer$X), 0L))
    expect_identical(list(basis$constraint, basis$side, basis$random),
                     list("none", FALSE, TRUE))
  }
})

test_that("unknown levels have rows of 0, missing ones rows of NA", {
  seen <- list(g = c("b", "a", "b"), x = 1:3)
  basis <- smooth_basis(s_spec("re", c("g", "x")), seen, NULL)
  rows <- basis_matrix(basis, list(g = c("a", "c", NA, "b"), x = c(2, 3, 4, NA)))
  expect_identical(rows, rbind(c(2, 0), c(0, 0), NA, NA))
  yes <- smooth_basis(s_spec("re", "g"), list(g = c(TRUE, FALSE)), NULL)
  expect_identical(basis_matrix(yes, list(g = c(TRUE, FALSE, NA))),
                   rbind(c(0, 1), c(1, 0), NA))
})

test_that("a numeric matrix has a coefficient for each column", {
  data <- list(x = cbind(1:3, 4:6, 7:9), g = factor(c("a", "b", "a")))
  basis <- smooth_basis(s_spec("re", c("g", "x")), data, NULL)
  expect_identical(basis_matrix(basis, data)[2, ], c(0, 2, 0, 5, 0, 8))
})

test_that("what has no columns is an error", {
  expect_error(smooth_basis(s_spec("re"), list(x = list(1, 2)), NULL),
               class = "gamut_error_smooth", "factor or numeric")
  expect_error(smooth_basis(s_spec("re"), list(x = factor(c(NA, NA))), NULL),
               class = "gamut_error_smooth", "no levels")
})
