expect_same_corrections <- function(fit) {
  gram <- crossprod(peer_matrix(fit))
  penalties <- Map(`*`, fit$full.sp %||% fit$sp, peer_penalties(fit))
  vc <- corrected_covariance(fit$Vp, gram, penalties, fit$outer.info$hess, fit$sig2,
                             coef(fit))
  # the same algebra from the same pieces, of which the penalties are ill-conditioned
  expect_lt(max(abs(vc - fit$Vc)), 1e-6 * max(abs(fit$Vc - fit$Vp)))
  found <- smooth_edf(fit$Vp, gram, fit$sig2, vc)
  expect_equal(found$edf, fit$edf, tolerance = 1e-6, ignore_attr = TRUE)
  expect_equal(found$edf1, fit$edf1, tolerance = 1e-6, ignore_attr = TRUE)
  expect_equal(found$edf2, fit$edf2, tolerance = 1e-6, ignore_attr = TRUE)
  sum(found$edf1) - sum(found$edf2)
}

test_that("covariances and degrees of freedom are those of mgcv", {
  skip_if_no_peer("mgcv")
  s <- mgcv::s
  te <- mgcv::te
  d <- smooth_test_data()
  fit <- function(..., method = "REML") mgcv::gam(..., data = d, method = method)
  room <- c(
    expect_same_corrections(fit(y ~ s(x0, bs = "cr") + s(x1, bs = "cr") +
                                  s(x2, bs = "cr") + s(x3, bs = "cr"))),
    expect_same_corrections(fit(y ~ te(x0, x2, k = 4) + s(x1))),
    expect_same_corrections(fit(y ~ s(x0) + s(x2), method = "ML")),
    expect_same_corrections(fit(y ~ s(x2) + s(g, bs = "re"))),
    expect_same_corrections(fit(count ~ s(x0, bs = "cr") + s(x2, bs = "cr") + s(x3),
                                family = poisson)),
    expect_same_corrections(fit(success ~ s(x0) + s(x2), family = binomial))
  )
  # both sides of the cap are met
  expect_true(any(room == 0) && any(room > 0))
})

small_model <- function() {
  x <- cbind(1, outer(seq(0, 1, length.out = 20), 1:4, function(x, k) sin(k * x)))
  first <- diag(c(0, 1, 1, 0, 0))
  second <- diag(5) / 10
  second[4, 5] <- second[5, 4] <- 0.05
  list(gram = crossprod(x), s = list(first, second), y = cos(9 * (1:20)), x = x)
}

test_that("pieces are what differences of the definition give", {
  m <- small_model()
  phi <- 1.7
  total <- function(rho) m$gram + exp(rho[1]) * m$s[[1]] + exp(rho[2]) * m$s[[2]]
  beta <- function(rho) solve(total(rho), crossprod(m$x, m$y))
  upper <- function(rho) solve(chol(total(rho)))
  rho <- c(0.3, -0.8)
  slope <- function(f, j, h = 1e-4) {
    step <- h * (1:2 == j)
    (f(rho + step) - f(rho - step)) / (2 * h)
  }
  hessian <- matrix(c(0.8, 0.2, 0.1, 0.2, 0.5, 0.3, 0.1, 0.3, 9), 3)
  plain <- solve(hessian)[1:2, 1:2]
  bounded <- solve(hessian + 0.1 * diag(3))[1:2, 1:2]
  truth <- phi * solve(total(rho))
  for (k in 1:2) for (l in 1:2) {
    truth <- truth + plain[k, l] * tcrossprod(slope(beta, k), slope(beta, l)) +
      phi * bounded[k, l] * tcrossprod(slope(upper, k), slope(upper, l))
  }
  found <- corrected_covariance(phi * solve(total(rho)), m$gram,
                                Map(`*`, exp(rho), m$s), hessian, phi, drop(beta(rho)))
  # central differences err by 1e-8
  expect_equal(found, truth, tolerance = 1e-6)
  # a smoothing parameter that is not estimated
  fixed <- corrected_covariance(phi * solve(total(rho)), m$gram,
                                list(exp(rho[1]) * m$s[[1]]), matrix(0.8), phi,
                                drop(beta(rho)), exp(rho[2]) * m$s[[2]])
  truth <- phi * solve(total(rho)) + tcrossprod(slope(beta, 1)) / 0.8 +
    phi * tcrossprod(slope(upper, 1)) / 0.9
  expect_equal(fixed, truth, tolerance = 1e-6)
})

test_that("a direction without information adds the prior's variance alone", {
  m <- small_model()
  vp <- solve(Reduce(`+`, m$s, m$gram))
  ask <- function(hessian) corrected_covariance(vp, m$gram, m$s, hessian, 1, 1:5)
  flat <- ask(diag(c(2, 0)))
  expect_equal(ask(diag(c(2, -1e-3))), flat)
  expect_true(all(eigen(flat - vp)$values > -1e-12))
  # of the first, J is in the pseudo-inverse; the second is in V'' with variance 10
  jump <- -vp %*% m$s[[1]] %*% 1:5
  turned <- cholesky_derivatives(Reduce(`+`, m$s, m$gram), m$s)
  expect_equal(flat, vp + tcrossprod(jump) / 2 + tcrossprod(turned[[1]]) / 2.1 +
                 10 * tcrossprod(turned[[2]]))
  expect_identical(corrected_covariance(vp, m$gram, list(), NULL, 1, 1:5), vp)
})

test_that("without penalties every coefficient is one degree of freedom", {
  m <- small_model()
  found <- smooth_edf(3 * solve(m$gram), m$gram, 3)
  expect_equal(found$edf, rep(1, 5))
  expect_equal(found$edf1, rep(1, 5))
  expect_null(found$edf2)
})

test_that("pieces that do not fit are refused", {
  m <- small_model()
  expect_snapshot(error = TRUE, {
    corrected_covariance(diag(4), m$gram, m$s, diag(2), 1, 1:5)
    corrected_covariance(diag(5), diag(4), m$s, diag(2), 1, 1:5)
    corrected_covariance(diag(5), m$gram, m$s[[1]], diag(2), 1, 1:5)
    corrected_covariance(diag(5), m$gram, m$s, diag(1), 1, 1:5)
    corrected_covariance(diag(5), m$gram, m$s, diag(2), -1, 1:5)
    corrected_covariance(diag(5), 0 * m$gram, m$s[1], diag(1), 1, 1:5)
  })
})
