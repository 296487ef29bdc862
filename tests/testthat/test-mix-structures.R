# Structured covariance and unequal variances beside smooths, against the likelihood
# written out with dense matrices:
#
#   y ~ N(X beta, V),  V = R + sum_j Z_j Psi_j Z_j' + X_s S^- X_s',
#
# where the functions that the penalty S leaves alone are in X. -2 log L is n log 2 pi +
# log|V| + r'V^-1 r, the restricted one has n - p in place of n and log|X'V^-1 X| besides.

# Both sums are of a few hundred terms of order 1 to 10; Cholesky factors lose a few
# digits.
exact <- 1e-8
# A search ends where a step promises 1e-7 or so of the criterion: its slope in a
# logarithm is sqrt(2 x 1e-7 x curvature) at most, with curvatures up to about 20.
flat <- 5e-3

#' -2 log L, or the restricted one
dense_deviance <- function(y, x, v, restricted) {
  root <- chol(v)
  half <- function(m) backsolve(root, m, transpose = TRUE)
  fit <- qr(half(x))
  r <- qr.resid(fit, half(y))
  size <- length(y) - if (restricted) ncol(x) else 0
  size * log(2 * pi) + 2 * sum(log(diag(root))) + sum(r^2) +
    if (restricted) 2 * sum(log(abs(diag(qr.R(fit))))) else 0
}

#' A smooth as fixed columns and random ones of variance 1 / lambda
smooth_parts <- function(smooth) {
  parts <- eigen(smooth$penalties[[1L]], symmetric = TRUE)
  free <- parts$values < 1e-9 * parts$values[1L]
  turned <- smooth$matrix %*% parts$vectors
  list(fixed = turned[, free, drop = FALSE],
       random = sweep(turned[, !free, drop = FALSE], 2L, sqrt(parts$values[!free]), `/`))
}

#' @param theta Named vector of natural parameters, at which the fit is; `covariance`:
#'   from these to the covariance of the effects of all levels, and `residual` to the
#'   variances of the rows.
#' @param relative Is lambda relative to the residual variance?
#' @return The deviance as a function of theta.
expect_dense <- function(fit, theta, covariance, residual, relative) {
  m <- design_matrices(fit)
  smooth <- smooth_parts(m$smooths[[1L]])
  x <- cbind(m$X[[1L]], smooth$fixed)
  z <- m$Z[[1L]]$matrix[[1L]]
  restricted <- fit$method == "REML"
  deviance <- function(theta) {
    variances <- residual(theta)
    scale <- if (relative) variances[1L] else 1
    v <- diag(variances) + z %*% covariance(theta) %*% t(z) +
      scale / exp(theta[["lambda"]]) * tcrossprod(smooth$random)
    dense_deviance(m$y, x, v, restricted)
  }
  testthat::expect_true(fit$convergence$converged)
  testthat::expect_equal(-2 * as.numeric(logLik(fit, REML = restricted)), deviance(theta),
                         tolerance = exact)
  testthat::expect_lt(max(abs(numDeriv::grad(deviance, theta))), flat)
  invisible(deviance)
}

#' One series after another, each with variance 1 and correlation rho^lag
autoregressive <- function(times, groups, rho) {
  decay <- rho^abs(outer(seq_len(times), seq_len(times), `-`))
  as.vector(t(chol(decay)) %*% matrix(rnorm(times * groups), times))
}

series_data <- function(seed = 1L) {
  withr::with_seed(seed, {
    groups <- 12L
    times <- 15L
    d <- expand.grid(time = seq_len(times), g = seq_len(groups))
    n <- nrow(d)
    d$x <- runif(n)
    d$z <- rnorm(n)
    d$eta <- 0.5 * d$z + 2 * sin(6 * d$x) + 0.8 * autoregressive(times, groups, 0.7)
    d$y <- d$eta + rnorm(n, sd = 0.5)
    d$t <- factor(d$time)
    d$g <- factor(d$g)
    d
  })
}

lambda_of <- function(fit) log(fit$smooths[[1L]]$lambda)

test_that("ar1() within groups beside a smooth", {
  skip_if_not_installed("numDeriv")
  d <- series_data()
  for (method in c("REML", "ML")) {
    fit <- gamut(y ~ z + s(x, k = 8) + ar1(0 + t | g), data = d, method = method)
    own <- fit$random[[1L]]$covariance
    theta <- c(lambda = lambda_of(fit), sd = log(own[1L]) / 2,
               rho = atanh(own[1L, 2L] / own[1L]), sigma = log(sigma(fit)))
    expect_dense(fit, theta, function(theta) {
      lag <- abs(outer(1:15, 1:15, `-`))
      kronecker(diag(12), exp(2 * theta[["sd"]]) * tanh(theta[["rho"]])^lag)
    }, function(theta) rep(exp(2 * theta[["sigma"]]), nrow(d)), relative = TRUE)
  }
})

test_that("exp() over places beside a smooth", {
  skip_if_not_installed("numDeriv")
  d <- series_data(2L)
  at <- withr::with_seed(3, round(cbind(runif(15), runif(15)), 3))
  label <- paste0("(", at[, 1L], ",", at[, 2L], ")")
  d$place <- factor(label[d$time], label)
  fit <- gamut(y ~ z + s(x, k = 8) + exp(0 + place | g), data = d)
  own <- fit$random[[1L]]$covariance
  distance <- unname(as.matrix(dist(at)))
  far <- which.max(distance[1L, ])
  theta <- c(lambda = lambda_of(fit), sd = log(own[1L]) / 2,
             range = log(-distance[1L, far] / log(own[1L, far] / own[1L])),
             sigma = log(sigma(fit)))
  expect_dense(fit, theta, function(theta) {
    kronecker(diag(12), exp(2 * theta[["sd"]] - distance / exp(theta[["range"]])))
  }, function(theta) rep(exp(2 * theta[["sigma"]]), nrow(d)), relative = TRUE)
})

test_that("a known relationship matrix beside a smooth", {
  skip_if_not_installed("numDeriv")
  d <- series_data(4L)
  kin <- withr::with_seed(5, {
    a <- crossprod(matrix(rnorm(12 * 20), 20)) / 20 + diag(12) / 2
    stats::cov2cor(a)
  })
  dimnames(kin) <- list(levels(d$g), levels(d$g))
  shift <- withr::with_seed(6, drop(t(chol(kin)) %*% rnorm(12)))
  d$y <- d$y + shift[d$g]
  fit <- gamut(y ~ z + s(x, k = 8) + known(1 | g, K = kin), data = d)
  theta <- c(lambda = lambda_of(fit), sd = log(fit$random[[1L]]$covariance[1L]) / 2,
             sigma = log(sigma(fit)))
  # the columns of the design are those of independent effects
  expect_dense(fit, theta, function(theta) exp(2 * theta[["sd"]]) * diag(12),
               function(theta) rep(exp(2 * theta[["sigma"]]), nrow(d)), relative = TRUE)
  m <- design_matrices(fit)$Z[[1L]]$matrix[[1L]]
  plain <- stats::model.matrix(~ 0 + g, d)
  expect_equal(unname(tcrossprod(m)), unname(plain %*% kin %*% t(plain)),
               tolerance = 1e-10)
})

test_that("variances of rows with a predictor, beside a smooth and random effects", {
  skip_if_not_installed("numDeriv")
  d <- series_data(7L)
  d$y <- withr::with_seed(8, {
    d$eta + rnorm(12)[d$g] + rnorm(nrow(d), sd = exp(-0.5 + d$x))
  })
  for (method in c("ML", "REML")) {
    fit <- gamut(list(y ~ z + s(x, k = 8) + (1 | g), sigma ~ x), data = d,
                 method = method)
    gamma <- unname(utils::tail(coef(fit), 2L))
    theta <- c(lambda = lambda_of(fit), sd = log(fit$random[[1L]]$covariance[1L]) / 2,
               at0 = gamma[1L], slope = gamma[2L])
    deviance <- expect_dense(
      fit, theta, function(theta) exp(2 * theta[["sd"]]) * diag(12),
      function(theta) exp(2 * (theta[["at0"]] + theta[["slope"]] * d$x)),
      relative = FALSE
    )
    if (method == "ML") next
    # sigma's coefficients are parameters of the criterion, and their covariance is from
    # its curvature, by differences of gradients with four digits or more
    curvature <- numDeriv::hessian(deviance, theta)
    expect_equal(unname(vcov(fit)[3:4, 3:4]), 2 * solve(curvature)[3:4, 3:4],
                 tolerance = 2e-3)
    # the mean's is that given sigma, all but for what sigma's adds
    weight <- exp(-2 * (gamma[1L] + gamma[2L] * d$x))
    known <- gamut(y ~ z + s(x, k = 8) + (1 | g), data = d, weights = weight)
    expect_equal(vcov(fit)["z", "z"], vcov(known)["z", "z"], tolerance = 0.05)
  }
})

test_that("all of it at once recovers what it was drawn from", {
  d <- withr::with_seed(9, {
    groups <- 150L
    times <- 12L
    d <- expand.grid(time = seq_len(times), g = seq_len(groups))
    d$x <- runif(nrow(d))
    d$mu <- sin(6 * d$x) + 0.7 * autoregressive(times, groups, 0.6)
    d$y <- d$mu + rnorm(nrow(d), sd = exp(-1 + 0.8 * d$x))
    d[c("t", "g")] <- list(factor(d$time), factor(d$g))
    d
  })
  fit <- gamut(list(y ~ s(x) + ar1(0 + t | g), sigma ~ x), data = d)
  expect_true(fit$convergence$converged)
  own <- fit$random[[1L]]$covariance
  # four standard errors: about 0.02 of the deviation, 0.03 of the correlation, 0.1 of
  # the slope of log sigma
  expect_lt(abs(sqrt(own[1L]) - 0.7), 0.08)
  expect_lt(abs(own[1L, 2L] / own[1L] - 0.6), 0.12)
  expect_lt(abs(utils::tail(coef(fit), 1L) - 0.8), 0.4)
  curve <- smooth_estimates(fit, "s(x)", n = 50, level = 0.9999, simultaneous = TRUE)
  truth <- sin(6 * curve$x) - mean(sin(6 * d$x))
  expect_true(all(curve$lower < truth & truth < curve$upper))
})

# At the joint mode of many effects and sigma's own coefficients, sigma is that of
# residuals which the effects have made small: its logarithm was 0.07 too low here, and
# fits did not end where its line ran away. By REML, too, its coefficients without a
# penalty are parameters of the criterion.
test_that("a smooth spread of rows beside random effects has no bias", {
  at <- c(0.3, 0.6)
  truth <- -1 + sin(5 * at) / 2
  errors <- vapply(1:12, function(seed) {
    d <- withr::with_seed(seed, {
      d <- data.frame(x = runif(400), g = factor(rep(1:80, each = 5)))
      d$y <- sin(6 * d$x) + rnorm(80)[d$g] +
        rnorm(400, sd = exp(-1 + sin(5 * d$x) / 2))
      d
    })
    fit <- gamut(list(y ~ s(x) + (1 | g), sigma ~ s(x)), data = d)
    expect_true(fit$convergence$converged)
    new <- data.frame(x = at, g = "1")
    mean(predict(fit, new, predictor = "sigma", type = "link", re.form = NA) - truth)
  }, 0)
  # about 0.07 each
  expect_lt(abs(mean(errors)), 3 * 0.07 / sqrt(12))
})

# The inverse of a sparse tail is known at few entries, and gradients where a variance is
# 0 solve for the others: coefficients that are fixed have no part in them. (They had,
# and searches went round in circles.)
test_that("gradients at variances of 0 are exact beside fixed coefficients", {
  skip_if_not_installed("numDeriv")
  d <- withr::with_seed(3, {
    n <- 1200L
    d <- data.frame(a = factor(rep(1:120, each = 10)), x = rnorm(n), z = rnorm(n))
    d$ab <- factor((as.integer(d$a) - 1) %/% 3)
    d$y <- rnorm(120)[d$a] + rnorm(40)[d$ab] + rnorm(n, sd = exp(0.3 * d$z))
    d
  })
  formula <- list(y ~ x + (1 | a) + (1 + x | ab), sigma ~ z)
  fits <- lapply(c("sparse", "dense"), function(tail) {
    gamut(formula, data = d, method = "REML",
          control = gamut_control(elimination = tail))
  })
  expect_true(fits[[1L]]$convergence$converged)
  expect_equal(fits[[1L]]$criterion$value, fits[[2L]]$criterion$value, tolerance = 1e-9)
  # an aliased column is fixed, too
  d$x2 <- 2 * d$x
  aliased <- gamut(y ~ x + x2 + (1 | a) + (1 + x | ab), data = d,
                   control = gamut_control(elimination = "sparse"))
  expect_true(aliased$convergence$converged)
  setup <- setup_of_fit(fits[[1L]])
  at <- function(theta) {
    engine_fit_mixed(setup, theta, evaluations = 1L, fixed = unname(coef(fits[[1L]])))
  }
  theta <- c(1, 0.5, 0.3, 0)
  difference <- numDeriv::grad(function(t) at(t)$criterion, theta)
  # the last is a standard deviation at 0, where the criterion is flat by symmetry
  expect_equal(utils::tail(at(theta)$gradient, 4L)[1:3], difference[1:3],
               tolerance = 1e-4)
})
