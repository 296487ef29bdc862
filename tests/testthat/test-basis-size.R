# A penalised fit of a gaussian model by its normal equations: cubic B-splines with a
# penalty of second differences
spline_columns <- function(x, k) {
  splines::bs(x, df = k, intercept = TRUE, Boundary.knots = c(0, 1))
}

penalised_residuals <- function(y, x, lambda, weights = 1) {
  penalty <- lambda * crossprod(diff(diag(ncol(x)), differences = 2))
  y - drop(x %*% solve(crossprod(x, weights * x) + penalty, crossprod(x, weights * y)))
}

test_that("p-values are uniform where the basis is large enough, whatever the penalty", {
  skip_if_no_peer("splines")
  set.seed(21)
  n <- 60
  x <- runif(n)
  weights <- runif(n, 0.5, 2)
  small <- spline_columns(x, 6)
  large <- spline_columns(x, 12)
  truth <- drop(small %*% c(0, 3, -2, 4, 1, -3))
  for (known in c(FALSE, TRUE)) {
    p_values <- replicate(300, {
      y <- truth + 0.7 * rnorm(n) / sqrt(weights)
      r <- penalised_residuals(y, small, 0.5, weights)
      basis_size_test(r, x, small, large, weights, if (known) 0.49)$p_value
    })
    # a chance of one in a thousand, were the seed not given
    expect_gt(stats::ks.test(p_values, "punif")$p.value, 1e-3)
  }
})

test_that("it is the F test of nested models, the penalty notwithstanding", {
  skip_if_no_peer("splines")
  set.seed(22)
  x <- runif(80)
  z <- rnorm(80)
  y <- sin(12 * x) + z + rnorm(80)
  small <- cbind(spline_columns(x, 6), z)
  large <- spline_columns(x, 13)
  r <- penalised_residuals(y, small, 2)
  found <- basis_size_test(r, x, small, large)
  peer <- anova(lm(y ~ 0 + small), lm(y ~ 0 + small + large))
  expect_equal(found$statistic, peer$F[2L], tolerance = 1e-8)
  expect_equal(found$p_value, peer[["Pr(>F)"]][2L], tolerance = 1e-8)
  expect_equal(c(found$df, found$residual_df), c(peer$Df[2L], peer$Res.Df[2L]))
  # rescaled columns are the same basis
  expect_equal(basis_size_test(r, x, small, 1e8 * large), found, tolerance = 1e-8)
})

test_that("a basis that is too small is found out", {
  skip_if_no_peer("splines")
  set.seed(23)
  x <- runif(150)
  few <- spline_columns(x, 5)
  found <- replicate(60, {
    y <- sin(14 * x) + 0.5 * rnorm(150)
    r <- penalised_residuals(y, few, 0.01)
    unlist(basis_size_test(r, x, few, spline_columns(x, 10))[c("p_value", "k_index")])
  })
  # the noncentrality is above 100 on at most 7 degrees of freedom: power beyond 0.999
  expect_true(all(found["p_value", ] < 0.01))
  expect_true(all(found["k_index", ] < 0.95))
})

test_that("for counts it is near the deviance test of nested models", {
  skip_if_no_peer("splines")
  set.seed(24)
  x <- runif(300)
  y <- rpois(300, exp(2 + sin(6 * x)))
  small <- spline_columns(x, 6)
  large <- spline_columns(x, 12)
  fit <- glm(y ~ 0 + small, family = poisson)
  found <- basis_size_test(residuals(fit, "working"), x, small, large, fit$weights, 1)
  peer <- anova(fit, glm(y ~ 0 + small + large, family = poisson), test = "Rao")
  # the same statistic, once computed from the fit with both, once from the smaller one
  expect_equal(found$statistic, peer$Rao[2L], tolerance = 1e-6)
  expect_equal(found$df, peer$Df[2L])
})

test_that("the k-index is that of mgcv before it shuffles, ties averaged", {
  set.seed(25)
  r <- rnorm(40)
  x <- runif(40)
  by_hand <- mean(diff(r[order(x)])^2) / (2 * var(r))
  expect_equal(neighbour_index(r, x), by_hand)
  # all orders of ties by brute force: groups of 1, 3 and 2 rows
  r <- c(1.3, -0.4, 2.2, 0.1, -1.7, 0.9)
  orders <- expand.grid(rep(list(2:4), 3L))
  orders <- orders[apply(orders, 1L, function(o) !anyDuplicated(o)), ]
  values <- apply(orders, 1L, function(o) {
    vapply(list(5:6, 6:5), function(p) mean(diff(r[c(1, o, p)])^2), 0)
  })
  expect_equal(neighbour_index(r, c(1, 2, 2, 2, 3, 3)), mean(values) / (2 * var(r)))
  expect_equal(neighbour_index(r[c(4, 1, 6, 2, 5, 3)], c(2, 1, 3, 2, 3, 2)),
               mean(values) / (2 * var(r)))
  # all x the same is all pairs
  expect_equal(neighbour_index(r, rep(1, 6)), 1)
  expect_identical(neighbour_index(rep(2, 6), 1:6), NA_real_)
})

test_that("the k-index of several covariates takes nearest neighbours", {
  set.seed(26)
  x <- matrix(runif(120), 60)
  r <- rnorm(60)
  distance <- as.matrix(dist(scale(x)))
  diag(distance) <- Inf
  truth <- mean((r - r[apply(distance, 1L, which.min)])^2) / (2 * var(r))
  expect_equal(neighbour_index(r, x), truth)
  # residuals that are a surface
  surface <- sin(5 * x[, 1]) + x[, 2]
  expect_lt(neighbour_index(surface, x), 0.3)
  many <- matrix(runif(5000), 2500)
  expect_lt(neighbour_index(many[, 1] * many[, 2], many), 0.05)
})

test_that("nothing added, or nothing left, is no test", {
  x <- 1:8
  small <- cbind(1, x)
  same <- basis_size_test(sin(x), x, small, cbind(x, 2 * x - 1))
  expect_identical(same$df, 0L)
  expect_identical(same$p_value, NA_real_)
  full <- basis_size_test(sin(x), x, small, diag(8))
  expect_identical(full$residual_df, 0L)
  expect_identical(full$p_value, NA_real_)
  expect_false(is.na(basis_size_test(sin(x), x, small, diag(8), dispersion = 1)$p_value))
  # rows of weight 0 are not there
  out <- rep(c(1, 0), c(7, 1))
  expect_equal(basis_size_test(sin(x), x, small, cbind(x^2), out),
               basis_size_test(sin(x[-8]), x[-8], small[-8, ], cbind(x[-8]^2)))
})

test_that("shapes that do not fit are refused", {
  x <- 1:4
  m <- cbind(1, x)
  expect_snapshot(error = TRUE, {
    basis_size_test("a", x, m, m)
    basis_size_test(x, 1:3, m, m)
    basis_size_test(x, x, m[1:3, ], m)
    basis_size_test(x, x, m, NA * m)
    basis_size_test(x, x, m, m, c(1, 1, 1, -1))
    basis_size_test(x, x, m, cbind(x^2), dispersion = 0)
  })
})
