# Statistics are the same algebra; p-values are as exact as Davies' method in mgcv, which
# it asks for an absolute error of 2e-5 (3e-6 is seen).
expect_same_test <- function(found, peer) {
  expect_equal(found$statistic, peer[[3L]], tolerance = 1e-6)
  expect_equal(found$ref_df, peer[[2L]], tolerance = 1e-6)
  expect_lt(abs(found$p_value - peer[[4L]]), max(5e-6, 1e-3 * peer[[4L]]))
}

expect_same_smooth_tests <- function(fit) {
  x <- peer_matrix(fit)
  table <- summary(fit)$s.table
  for (i in seq_along(fit$smooth)) {
    at <- peer_columns(fit$smooth[[i]])
    free <- if (isTRUE(fit$smooth[[i]]$fixed)) length(at) else sum(fit$edf1[at])
    found <- test_smooth(x[, at], fit$Vp[at, at], coef(fit)[at], free,
                         peer_residual_df(fit))
    expect_same_test(found, table[i, ])
  }
}

expect_same_random_tests <- function(fit) {
  x <- peer_matrix(fit)
  table <- summary(fit)$s.table
  full <- vapply(fit$smooth, function(smooth) smooth$null.space.dim == 0, NA)
  for (i in which(full)) {
    found <- test_random_smooth(x, peer_columns(fit$smooth[[i]]), peer_penalty(fit),
                                coef(fit), dispersion = fit$sig2,
                                residual_df = peer_residual_df(fit))
    expect_same_test(found, table[i, ])
  }
}

test_that("smooths of all kinds get the tests of mgcv", {
  skip_if_no_peer("mgcv")
  s <- mgcv::s
  te <- mgcv::te
  d <- smooth_test_data()
  fit <- function(...) mgcv::gam(..., data = d, method = "REML")
  expect_same_smooth_tests(fit(y ~ s(x0, bs = "cr") + s(x1, bs = "cr") +
                                 s(x2, bs = "cr") + s(x3, bs = "cr")))
  expect_same_smooth_tests(fit(y ~ s(x0) + s(x1, k = 5, fx = TRUE) + s(x2) + s(x3)))
  expect_same_smooth_tests(fit(y ~ s(x0, x1, k = 20) + te(x2, x3, k = c(5, 5))))
  expect_same_smooth_tests(fit(count ~ s(x0) + s(x2, bs = "cr") + s(x3),
                               family = poisson))
  expect_same_smooth_tests(fit(success ~ s(x0) + s(x2, bs = "cr") + s(x3),
                               family = binomial))
  expect_same_smooth_tests(fit(positive ~ s(x0) + s(x2, bs = "ps") + s(x3),
                               family = Gamma(log)))
})

test_that("fully penalised terms get the tests of mgcv", {
  skip_if_no_peer("mgcv")
  s <- mgcv::s
  d <- smooth_test_data()
  fit <- function(..., method = "REML") mgcv::gam(..., data = d, method = method)
  expect_same_random_tests(fit(y ~ s(x0, bs = "cr") + s(x2) + s(g, bs = "re")))
  expect_same_random_tests(fit(y ~ x0 + s(h, x1, bs = "re"), method = "ML"))
  expect_same_random_tests(fit(count ~ s(x2, bs = "cr") + s(g, bs = "re"),
                               family = poisson))
  expect_same_random_tests(fit(success ~ s(x2, bs = "cr") + s(h, bs = "re"),
                               family = binomial))
  shrunk <- mgcv::gam(y ~ s(x0) + s(x1) + s(x3), data = d, method = "REML",
                      select = TRUE)
  expect_same_random_tests(shrunk)
})

# Data of a linear model with two random effects whose variances are given
crossed_pieces <- function() {
  withr::with_seed(8, {
    n <- 60
    first <- stats::model.matrix(~ 0 + factor(sample(6, n, replace = TRUE)))
    second <- stats::model.matrix(~ 0 + factor(sample(5, n, replace = TRUE)))
    list(x = cbind(1, runif(n), first, second), first = 3:8,
         second = 9:13,
         penalty = diag(rep(c(0, 3, 0.5), c(2, ncol(first), ncol(second)))))
  })
}

test_that("with other random effects the null distribution is exact", {
  # without the tested effect, with the other: variance 1 / 0.5
  p <- crossed_pieces()
  x <- p$x
  n <- nrow(x)
  solve_all <- solve(crossprod(x) + p$penalty, t(x))
  other <- x[, p$second]
  # the statistic is a quadratic form of y, whose covariance is known: its law is that
  # of the eigenvalues of their product
  statistic <- function(y) {
    test_random_smooth(x, p$first, p$penalty, drop(solve_all %*% y), p$second)$statistic
  }
  schur <- solve(solve(crossprod(x) + p$penalty)[p$first, p$first])
  form <- crossprod(solve_all[p$first, ], schur %*% solve_all[p$first, ])
  y <- sin(seq_len(n))
  # algebra of moderate condition
  expect_equal(statistic(y), drop(y %*% form %*% y), tolerance = 1e-10)
  root <- chol(diag(n) + tcrossprod(other) / 0.5)
  weights <- eigen(root %*% form %*% t(root), symmetric = TRUE)$values[1:6]
  beta <- drop(solve_all %*% y)
  for (size in c(0.5, 1, 2, 4)) {
    found <- test_random_smooth(x, p$first, p$penalty, size * beta, p$second)
    expect_equal(found$p_value, chisq_sum_tail(found$statistic, weights[weights > 1e-8]),
                 tolerance = 1e-8)
  }
  # an estimated dispersion, by simulation: p-values are uniform
  set.seed(4)
  p_values <- replicate(300, {
    y <- 3 * (drop(crossprod(root, rnorm(n))))
    phi <- 9 * rchisq(1, 20) / 20
    test_random_smooth(x, p$first, p$penalty, drop(solve_all %*% y), p$second, phi,
                       20)$p_value
  })
  # a chance of one in a thousand, were the seed not given
  expect_gt(stats::ks.test(p_values, "punif")$p.value, 1e-3)
})

test_that("mgcv differs where there are other random effects, in the way stated", {
  skip_if_no_peer("mgcv")
  skip_if(utils::packageVersion("mgcv") >= "1.9", "the statement is about mgcv 1.8")
  s <- mgcv::s
  fit <- mgcv::gam(y ~ s(x2) + s(g, bs = "re") + s(h, bs = "re"),
                   data = smooth_test_data(), method = "REML")
  r <- qr.R(qr(peer_matrix(fit), tol = 0))
  penalty <- peer_penalty(fit)
  tested <- peer_columns(fit$smooth[[2L]])
  other <- peer_columns(fit$smooth[[3L]])
  kept <- setdiff(seq_len(ncol(r)), other)
  cover <- chol(diag(ncol(r)) + r[, other] %*% solve(penalty[other, other],
                                                     t(r[, other])))
  statistic <- function(r) {
    test_random_smooth(r, match(tested, kept), penalty[kept, kept], coef(fit)[kept],
                       dispersion = fit$sig2, residual_df = fit$df.residual)$statistic
  }
  ours <- test_random_smooth(r, tested, penalty, coef(fit), other, fit$sig2,
                             fit$df.residual)$statistic
  # algebra alone
  expect_equal(statistic(solve(t(cover), r[, kept])), ours, tolerance = 1e-8)
  expect_equal(statistic(cover %*% r[, kept]), summary(fit)$s.table[2L, 3L],
               tolerance = 1e-6)
  expect_gt(summary(fit)$s.table[2L, 3L], 1.001 * ours)
})

test_that("p-values of a known covariance are uniform", {
  # a penalised fit with the prior that the penalty stands for: beta ~ N(0, V)
  set.seed(5)
  x <- outer(seq(0, 1, length.out = 50), 1:6, function(x, k) cos(pi * k * x))
  penalty <- diag((1:6)^2)
  v <- solve(crossprod(x) + penalty)
  influence <- v %*% crossprod(x)
  edf1 <- 2 * sum(diag(influence)) - sum(influence * t(influence))
  p_values <- replicate(400, {
    y <- rnorm(50)
    test_smooth(x, v, drop(v %*% crossprod(x, y)), edf1)$p_value
  })
  # "approximately uniform" (Wood, 2013): rejections at 5% and 20%, four standard errors
  # of which are 0.044 and 0.08; the approximation itself makes them too few
  expect_lt(mean(p_values < 0.05), 0.05 + 0.044)
  expect_lt(mean(p_values < 0.2), 0.2 + 0.08)
  expect_gt(mean(p_values < 0.2), 0.05)
})

test_that("a whole rank is the Wald test, and unknown dispersion an F test", {
  x <- stats::poly(1:30, 4)
  v <- diag(4) / 7
  beta <- c(0.3, -0.5, 0.2, 0.1)
  found <- test_smooth(x, v, beta, 4)
  expect_equal(found$statistic, 7 * sum(beta^2))
  expect_equal(found$p_value, pchisq(7 * sum(beta^2), 4, lower.tail = FALSE))
  found <- test_smooth(x, v, beta, 9, residual_df = 12.5)
  expect_equal(found$ref_df, 4)
  expect_equal(found$p_value, pf(7 / 4 * sum(beta^2), 4, 12.5, lower.tail = FALSE))
  # only the cross-product of X matters; below one the rank is one
  v <- crossprod(matrix(cos(1:16), 4)) + diag(4)
  expect_equal(test_smooth(qr.R(qr(x)), v, beta, 2.3), test_smooth(x, v, beta, 2.3))
  expect_equal(test_smooth(x, v, beta, 0.2), test_smooth(x, v, beta, 1))
})

test_that("shapes that do not fit are refused", {
  x <- diag(3)
  expect_snapshot(error = TRUE, {
    test_smooth(x, x, 1:2, 1)
    test_smooth(x, x[1:2, ], 1:3, 1)
    test_smooth(x, x, numeric(), 1)
    test_smooth(x, x, 1:3, 0)
    test_random_smooth(x, 1, x, 1:2)
    test_random_smooth(x, 4, x, 1:3)
    test_random_smooth(x, 1, x[1:2, ], 1:3)
    test_random_smooth(x, 1:2, x, 1:3, random = 2:3)
  })
})
