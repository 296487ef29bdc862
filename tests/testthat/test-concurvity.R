concurvity_groups <- function(fit) {
  groups <- lapply(fit$smooth, peer_columns)
  names(groups) <- vapply(fit$smooth, `[[`, "", "label")
  c(list(para = setdiff(seq_along(coef(fit)), unlist(groups))), groups)
}

# A curve that is nearly a function of another covariate, and one that is not
concurved_data <- function() {
  d <- smooth_test_data()
  d$x3 <- d$x1^2 + 0.1 * d$x3
  d
}

test_that("indices are those of mgcv", {
  skip_if_no_peer("mgcv")
  s <- mgcv::s
  fit <- mgcv::gam(y ~ s(x0) + s(x1, bs = "cr") + s(x3), data = concurved_data(),
                   method = "REML")
  x <- predict(fit, type = "lpmatrix")
  groups <- concurvity_groups(fit)
  # the same projections by other factorisations
  expect_equal(concurvity_indices(x, groups, coef(fit)), mgcv::concurvity(fit),
               tolerance = 1e-6)
  peer <- mgcv::concurvity(fit, full = FALSE)
  expect_equal(concurvity_indices(x, groups, coef(fit), pairwise = TRUE), peer,
               tolerance = 1e-6)
  expect_gt(peer$worst["s(x3)", "s(x1)"], 0.9)
  # not symmetric, so that rows and columns are not confused
  expect_gt(abs(peer$estimate["s(x3)", "s(x1)"] - peer$estimate["s(x1)", "s(x3)"]), 0.01)
})

test_that("parametric columns are one group, of which mgcv 1.8 sees the first alone", {
  skip_if_no_peer("mgcv")
  s <- mgcv::s
  fit <- mgcv::gam(y ~ g + x2 + s(x0) + s(x3), data = concurved_data(), method = "REML")
  x <- predict(fit, type = "lpmatrix")
  groups <- concurvity_groups(fit)
  found <- concurvity_indices(x, groups, coef(fit))
  expect_equal(found[, -1L], mgcv::concurvity(fit)[, -1L], tolerance = 1e-6)
  # by hand, with least squares
  smooth <- unlist(groups[-1L])
  seen <- fitted(lm(x[, groups$para] ~ 0 + x[, smooth]))
  expect_equal(found["estimate", "para"], sum(seen^2) / sum(x[, groups$para]^2))
})

test_that("exact dependence is 1, orthogonal columns are 0", {
  x <- cbind(stats::poly(1:12, 4), 0)
  x[, 5] <- 1e-9 * (x[, 1] + x[, 2])
  found <- concurvity_indices(x, list(a = 1:2, b = 3:4, c = 5), c(1, -1, 2, 2, 1))
  expect_equal(found["worst", ], c(a = 1, b = 0, c = 1))
  # the sum of two columns: of their difference it says nothing, of their space a half
  expect_equal(found["observed", ], c(a = 0, b = 0, c = 1))
  expect_equal(found["estimate", ], c(a = 0.5, b = 0, c = 1))
  # a term that is twice the same column
  again <- concurvity_indices(cbind(x[, c(1, 1)], x[, 1] + x[, 3]), list(a = 1:2, b = 3),
                              c(1, 1, 1))
  expect_equal(unname(again), matrix(0.5, 3, 2))
  expect_identical(concurvity_indices(x, list(a = 1:2), 1:5)[, "a"],
                   c(worst = 0, observed = 0, estimate = 0))
})

test_that("groups that cannot be are refused", {
  expect_snapshot(error = TRUE, {
    concurvity_indices(1:3, list(1), 1)
    concurvity_indices(diag(3), list(a = 1, b = 4), 1:3)
    concurvity_indices(diag(3), list(a = 1:2, b = 2:3), 1:3)
    concurvity_indices(diag(3), list(a = 1, b = integer()), 1:3)
    concurvity_indices(diag(3), list(a = 1, b = 2:3), 1:2)
  })
})
