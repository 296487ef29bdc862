# Settings of smooths: k, by, sp, pc, id, constraints and the scale of penalties.

setup_data <- function(n = 120) {
  withr::with_seed(4, {
    d <- data.frame(x = runif(n), z = runif(n), v = runif(n, 1, 2))
    d$g <- factor(sample(c("a", "b", "c"), n, TRUE))
    d$o <- factor(d$g, ordered = TRUE)
    d$l <- d$g == "a"
    d$y <- sin(6 * d$x) * d$v + rnorm(n, sd = 0.3)
    d
  })
}
labels_of <- function(fit) vapply(fit$smooths, `[[`, "", "label")
piece_of <- function(fit, i = 1L) fit$smooths[[i]]$piece

test_that("columns of a smooth sum to zero over the data", {
  d <- setup_data()
  for (term in c("s(x)", "s(x, bs = \"cr\")", "s(x, bs = \"ps\")", "te(x, z, k = 4)")) {
    fit <- gamut(stats::reformulate(term, "y"), data = d)
    x <- piece_matrix(piece_of(fit), as.list(d))
    # sums of 120 products
    expect_lt(max(abs(colMeans(x))), 1e-12 * max(abs(x)))
    expect_equal(sum(predict(fit, type = "terms")), 0, tolerance = 1e-10)
    # so that the intercept is the mean of a gaussian response
    expect_equal(coef(fit)[["(Intercept)"]], mean(d$y), tolerance = 1e-12)
  }
})

test_that("by-variables: which of them make pieces, and which are centred", {
  d <- setup_data()
  expect_identical(labels_of(gamut(y ~ g + s(x, by = g), data = d)),
                   c("s(x):ga", "s(x):gb", "s(x):gc"))
  # an ordered factor has differences from its first level
  expect_identical(labels_of(gamut(y ~ o + s(x) + s(x, by = o), data = d)),
                   c("s(x)", "s(x):ob", "s(x):oc"))
  fit <- gamut(y ~ l + s(x, by = l), data = d)
  expect_identical(labels_of(fit), c("s(x):lFALSE", "s(x):lTRUE"))
  x <- piece_matrix(piece_of(fit, 2L), as.list(d))
  expect_true(all(x[!d$l, ] == 0))
  # by a number that varies a smooth has its constant, and the columns are products
  fit <- gamut(y ~ s(x, by = v), data = d)
  expect_identical(labels_of(fit), "s(x):v")
  expect_length(fit$smooths[[1]]$coefficients, 10L)
  x <- piece_matrix(piece_of(fit), as.list(d))
  ones <- piece_matrix(piece_of(fit), list(x = d$x, v = rep(1, 120)))
  expect_equal(x, ones * d$v, tolerance = 1e-14)
  # by a constant it has not
  d$v <- 2
  expect_length(gamut(y ~ s(x, by = v), data = d)$smooths[[1]]$coefficients, 9L)
})

test_that("matrix covariates are sums over their columns", {
  skip_if_no_peer("mgcv")
  d <- setup_data()
  lags <- withr::with_seed(8, matrix(runif(120 * 4), 120))
  weights <- withr::with_seed(9, matrix(runif(120 * 4), 120))
  d <- list(y = d$y, lags = lags, weights = weights)
  s <- mgcv::s
  peer <- mgcv::gam(y ~ s(lags, by = weights, k = 6), data = d, method = "REML")
  fit <- gamut(y ~ s(lags, by = weights, k = 6), data = d)
  expect_equal(-as.numeric(logLik(fit, REML = TRUE)), peer$gcv.ubre[[1]],
               tolerance = 1e-6)
  expect_lt(max(abs(fitted(fit) - fitted(peer))), 1e-3)
})

test_that("a smooth is 0 at the point pc", {
  d <- setup_data()
  fit <- gamut(y ~ s(x, pc = 0.5) + s(z), data = d)
  at <- predict(fit, data.frame(x = 0.5, z = 0.1), type = "terms")
  expect_equal(at[[1, "s(x)"]], 0, tolerance = 1e-12)
  fit <- gamut(y ~ s(x, z, pc = list(x = 0.2, z = 0.3)), data = d)
  at <- predict(fit, data.frame(x = 0.2, z = 0.3), type = "terms")
  expect_equal(at[[1]], 0, tolerance = 1e-12)
  expect_error(gamut(y ~ s(x, z, pc = 1), data = d), "pc", class = "gamut_error_smooth")
  expect_error(gamut(y ~ s(x, pc = c(1, 2)), data = d), "pc",
               class = "gamut_error_smooth")
})

test_that("smoothing parameters have mgcv's scale", {
  skip_if_no_peer("mgcv")
  d <- setup_data()
  s <- mgcv::s
  te <- mgcv::te
  for (formula in list(y ~ s(x), y ~ s(x, bs = "cr"), y ~ s(x, bs = "ps"),
                       y ~ te(x, z, k = 4), y ~ s(x, by = v))) {
    fit <- gamut(formula, data = d)
    peer <- mgcv::gam(formula, data = d, method = "REML")
    expect_equal(piece_of(fit)$scale, peer$smooth[[1]]$S.scale, tolerance = 1e-8)
  }
})

test_that("given smoothing parameters are kept, negative ones estimated", {
  d <- setup_data()
  fit <- gamut(y ~ s(x, sp = 0.3) + s(z), data = d)
  expect_identical(fit$smooths[[1]]$lambda, 0.3)
  free <- gamut(y ~ s(x) + s(z), data = d)
  same <- gamut(y ~ s(x, sp = -1) + s(z), data = d)
  expect_identical(same$smooths[[1]]$lambda, free$smooths[[1]]$lambda)
  # the estimate is where REML is least: given values on both sides are worse
  lambda <- free$smooths[[1]]$lambda
  for (by in c(0.8, 1.25)) {
    at <- lambda * by
    fit <- gamut(y ~ s(x, sp = at) + s(z), data = d)
    expect_identical(fit$smooths[[1]]$lambda, at)
    expect_gt(fit$criterion$value, free$criterion$value)
  }
  expect_error(gamut(y ~ s(x, sp = c(1, 2)), data = d), "sp",
               class = "gamut_error_smooth")
  expect_error(gamut(y ~ s(x, sp = "a"), data = d), class = "gamut_error_smooth")
})

test_that("select penalises what no penalty acts on", {
  d <- setup_data()
  piece <- piece_of(gamut(y ~ s(x), data = d, select = TRUE))
  expect_length(piece$S, 2L)
  expect_identical(as.integer(piece$null_dim), 0L)
  # a projection on the one direction that the first leaves alone
  expect_equal(piece$S[[2]] %*% piece$S[[2]], piece$S[[2]], tolerance = 1e-10)
  expect_equal(sum(diag(piece$S[[2]])), 1, tolerance = 1e-10)
  expect_lt(max(abs(piece$S[[1]] %*% piece$S[[2]])), 1e-8)
  expect_length(piece_of(gamut(y ~ s(x, fx = TRUE) + s(z), data = d, select = TRUE))$S,
                0L)
})

test_that("smooths of one id share what is estimated", {
  d <- setup_data()
  fit <- gamut(y ~ g + s(x, by = g, id = 1), data = d)
  lambda <- vapply(fit$smooths, `[[`, 0, "lambda")
  expect_identical(lambda, rep(lambda[1], 3))
  # degrees of freedom of each, of which the sum is that of the joint covariance
  f <- fit$joint$bayesian %*% fit$joint$gram
  at <- unlist(lapply(fit$smooths, `[[`, "position"))
  expect_equal(sum(vapply(fit$smooths, `[[`, 0, "edf")), sum(diag(f)[at]),
               tolerance = 1e-8)
  expect_error(gamut(y ~ s(x, id = 1) + s(x, z, id = 1), data = d), "id",
               class = "gamut_error_smooth")
})

test_that("what cannot be settled is said by the smooth's name", {
  d <- setup_data()
  expect_error(gamut(y ~ s(x, k = 2.5), data = d), "s\\(x\\).*k",
               class = "gamut_error_smooth")
  expect_error(gamut(y ~ s(x, k = -3), data = d), class = "gamut_error_smooth")
  expect_error(gamut(y ~ s(x, bs = 3), data = d), "bs", class = "gamut_error_smooth")
  expect_error(gamut(y ~ s(x, bs = "nosuch"), data = d), "nosuch",
               class = "gamut_error")
  expect_error(gamut(y ~ s(x, bs = c("cr", "tp")), data = d), "bs",
               class = "gamut_error_smooth")
  expect_error(gamut(y ~ s(g), data = d), class = "gamut_error")
})
