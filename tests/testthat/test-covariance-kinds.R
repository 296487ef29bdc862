# The table of covariance kinds against the engine's own covariances.

example_spec <- function(kind, b) {
  if (!is_spatial(kind)) return(covariance_spec(kind, b))
  covariance_spec(kind, b, as.vector(as.matrix(dist(cumsum(seq_len(b))))))
}

test_that("every kind has as many parameters as the engine's", {
  for (kind in names(covariance_kinds())) {
    for (b in 1:4) {
      spec <- example_spec(kind, b)
      theta <- seq_len(covariance_size(spec)) / 10
      # another number is an error of the engine
      made <- covariance_cpp(spec, theta)
      expect_length(made$derivatives, length(theta))
      expect_identical(dim(made$lambda), rep(b, 2L))
    }
  }
  parts <- list(example_spec("cs", 3L), example_spec("exp", 2L))
  sum <- covariance_spec("sum", 5L, parts = parts)
  expect_identical(covariance_size(sum), 6)
  expect_length(covariance_cpp(sum, seq_len(6L) / 10)$derivatives, 6L)
})

test_that("standard deviations come first, one for each effect or one for all", {
  for (kind in setdiff(names(covariance_kinds()), "us")) {
    spec <- example_spec(kind, 3L)
    theta <- seq(0.2, by = 0.1, length.out = covariance_size(spec))
    before <- tcrossprod(covariance_cpp(spec, theta)$lambda)
    scales <- leaf_scales(spec)
    for (j in seq_along(theta)) {
      after <- tcrossprod(covariance_cpp(spec, replace(theta, j, 2 * theta[j]))$lambda)
      ratio <- diag(after) / diag(before)
      moved <- if (!j %in% scales) c(1, 1, 1)
               else if (length(scales) == 1L) c(4, 4, 4)
               else replace(c(1, 1, 1), j, 4)
      # sums of three products
      expect_equal(ratio, moved, tolerance = 1e-12, label = paste(kind, j))
    }
  }
})

test_that("every structure of formulas is a kind, but known()", {
  expect_setequal(setdiff(covariance_structures(), "known"),
                  setdiff(names(covariance_kinds()), "identity"))
  expect_true(has_one_deviation("ar1"))
  expect_false(has_one_deviation("cs"))
  expect_false(has_one_deviation("known"))
})
