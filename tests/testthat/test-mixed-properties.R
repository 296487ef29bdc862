# What must hold of any mixed model, whatever its numbers are: units, order and labels do
# not matter, a search ends at an optimum from wherever it begins, also on the boundary,
# and one that did not end says so.

# Crossed and nested groups, and responses for REML, ML and Laplace
grouped_data <- function(seed = 11L) {
  withr::with_seed(seed, {
    d <- data.frame(g = gl(24L, 12L), b = rep(gl(3L, 4L), 24L))
    d$h <- factor(sample(15L, nrow(d), TRUE))
    d$x <- rnorm(nrow(d))
    d$z <- runif(nrow(d))
    slope <- 0.6 * rnorm(24L)
    eta <- 0.4 + 0.5 * d$x - 0.4 * d$z + 0.7 * rnorm(24L)[d$g] + slope[d$g] * d$x +
      0.5 * rnorm(15L)[d$h] + 0.4 * rnorm(72L)[interaction(d$g, d$b)]
    d$normal <- eta + rnorm(nrow(d))
    d$count <- rpois(nrow(d), exp(eta))
    d
  })
}

# One fit by each criterion; `right` is the right side of the formula
each_criterion <- function(right, d, ...) {
  normal <- as.formula(call("~", quote(normal), right))
  count <- as.formula(call("~", quote(count), right))
  list(REML = gamut(normal, d, method = "REML", ...),
       ML = gamut(normal, d, method = "ML", ...),
       Laplace = gamut(count, d, poisson(), ...))
}

value_of <- function(fit) fit$criterion$value

matrices_of <- function(fit) lapply(VarCorr(fit), function(x) matrix(x, nrow(x)))

# Both searches stop where the criterion promises less than 1e-8 more, which leaves half
# of the digits in the parameters of covariances.
expect_same_optimum <- function(a, b, jacobian = 0, of_parameters = 1e-4) {
  testthat::expect_true(a$convergence$converged && b$convergence$converged)
  testthat::expect_lt(abs(value_of(a) + jacobian - value_of(b)), 1e-6)
  testthat::expect_equal(unname(matrices_of(a)), unname(matrices_of(b)),
                         tolerance = of_parameters)
}

# --- units ----------------------------------------------------------------------------

test_that("a predictor in other units scales its coefficient and its variances", {
  d <- grouped_data()
  plain <- each_criterion(quote(x + z + (x | g)), d)
  for (by in c(1e6, 1e-6)) {
    scaled <- each_criterion(quote(x + z + (x | g)), transform(d, x = x * by))
    for (name in names(plain)) {
      a <- plain[[name]]
      b <- scaled[[name]]
      # the restricted criterion has log det X'V^-1 X
      jacobian <- if (name == "REML") 2 * log(by) else 0
      # the engine scales columns itself, so that the same search is made: rounding only
      expect_lt(abs(value_of(a) + jacobian - value_of(b)), 1e-8)
      expect_equal(coef(b) * c(1, by, 1), coef(a), tolerance = 1e-9)
      units <- outer(c(1, by), c(1, by))
      expect_equal(unclass(b$random[[1L]]$covariance) * units,
                   unclass(a$random[[1L]]$covariance), tolerance = 1e-7)
      expect_equal(logLik(b), logLik(a), tolerance = 1e-10, ignore_attr = TRUE)
    }
  }
})

test_that("a response far from 0 shifts the intercept and nothing else", {
  d <- grouped_data()
  far <- transform(d, normal = normal + 1e8)
  for (method in c("REML", "ML")) {
    a <- gamut(normal ~ x + (x | g) + (1 | h), d, method = method)
    b <- gamut(normal ~ x + (x | g) + (1 | h), far, method = method)
    # 1e8 + y has eight digits of y behind the point, whose rounding errors of 1e-8
    # the criterion collects over 288 rows
    expect_lt(abs(value_of(a) - value_of(b)), 1e-5)
    expect_equal(matrices_of(b), matrices_of(a), tolerance = 1e-6)
    expect_equal(b$dispersion, a$dispersion, tolerance = 1e-6)
    expect_equal(coef(b) - c(1e8, 0), coef(a), tolerance = 1e-6)
  }
})

test_that("a response in other units scales standard deviations", {
  d <- grouped_data()
  for (by in c(1e-5, 1e5)) {
    a <- gamut(normal ~ x + (x | g), d)
    b <- gamut(normal ~ x + (x | g), transform(d, normal = normal * by))
    # the density of n - p error contrasts
    expect_lt(abs(value_of(a) + 2 * (nrow(d) - 2) * log(by) - value_of(b)), 1e-6)
    expect_equal(matrices_of(b)[[1L]], by^2 * matrices_of(a)[[1L]], tolerance = 1e-6)
    expect_equal(sigma(b), by * sigma(a), tolerance = 1e-8)
  }
})

test_that("a column that others determine changes nothing else", {
  d <- grouped_data()
  d$twice <- 2 * d$x
  pairs <- list(
    list(gamut(normal ~ x + z + (x | g), d, method = "ML"),
         gamut(normal ~ x + twice + z + (x | g), d, method = "ML")),
    list(gamut(count ~ x + z + (x | g), d, poisson()),
         gamut(count ~ x + twice + z + (x | g), d, poisson()))
  )
  for (pair in pairs) {
    expect_same_optimum(pair[[1L]], pair[[2L]])
    expect_identical(is.na(coef(pair[[2L]])),
                     c(`(Intercept)` = FALSE, x = FALSE, twice = TRUE, z = FALSE))
    expect_equal(coef(pair[[2L]])[-3L], coef(pair[[1L]]), tolerance = 1e-8)
    expect_equal(vcov(pair[[2L]])[-3L, -3L], vcov(pair[[1L]]), tolerance = 1e-6)
  }
})

test_that("columns that are nearly, but not quite, dependent lose no digits", {
  d <- grouped_data()
  plain <- each_criterion(quote(x + z + (1 | g)), d)
  for (e in c(1e-4, 1e-6, 1e-9)) {
    near <- each_criterion(quote(x + w + (1 | g)), transform(d, w = x + e * z))
    # w carries z to 1e-16 / e of its size, and a criterion is some hundreds of them;
    # a Gram matrix would only have 1e-16 / e^2
    digits <- 1e3 * 1e-16 / e + 1e-10
    for (name in names(plain)) {
      a <- plain[[name]]
      b <- near[[name]]
      expect_true(b$convergence$converged)
      jacobian <- if (name == "REML") -2 * log(e) else 0
      expect_lt(abs(value_of(b) + jacobian - value_of(a)), 10 * digits)
      expect_equal(coef(b)[["w"]] * e, coef(a)[["z"]], tolerance = digits)
      expect_equal(sqrt(vcov(b)["w", "w"]) * e, sqrt(vcov(a)["z", "z"]),
                   tolerance = digits)
      expect_equal(fitted(b), fitted(a), tolerance = digits)
      expect_equal(predict(b, transform(d, w = x + e * z)[1:9, ], se.fit = TRUE)$se.fit,
                   predict(a, d[1:9, ], se.fit = TRUE)$se.fit, tolerance = digits)
    }
  }
  # beside columns that are dependent altogether
  e <- 1e-6
  near <- gamut(normal ~ x + v + w + (1 | g), transform(d, v = 2 * x, w = x + e * z))
  expect_true(is.na(coef(near)[["v"]]))
  expect_equal(coef(near)[["w"]] * e, coef(plain$REML)[["z"]], tolerance = 1e-7)
})

test_that("quadrature does not depend on units, order and labels either", {
  d <- grouped_data()
  d$binary <- as.integer(d$normal > 0.5)
  fit <- function(d) gamut(binary ~ x + z + (x | g), d, binomial(), nagq = 5)
  plain <- fit(d)
  scaled <- fit(transform(d, x = x * 1e6))
  expect_lt(abs(value_of(scaled) - value_of(plain)), 1e-6)
  # half of the digits of the criterion
  expect_equal(coef(scaled) * c(1, 1e6, 1), coef(plain), tolerance = 1e-5)
  shuffled <- withr::with_seed(6L, d[sample(nrow(d)), ])
  shuffled$g <- factor(shuffled$g, levels = rev(levels(d$g)))
  expect_same_optimum(plain, fit(shuffled))
})

# --- order and labels -----------------------------------------------------------------

test_that("the order of rows does not matter", {
  d <- grouped_data()
  shuffled <- withr::with_seed(2L, d[sample(nrow(d)), ])
  a <- each_criterion(quote(x + (x | g) + (1 | h)), d)
  b <- each_criterion(quote(x + (x | g) + (1 | h)), shuffled)
  for (name in names(a)) {
    expect_same_optimum(a[[name]], b[[name]])
    expect_equal(coef(a[[name]]), coef(b[[name]]), tolerance = 1e-6)
    expect_equal(fitted(b[[name]])[order(as.integer(rownames(shuffled)))],
                 fitted(a[[name]]), tolerance = 1e-5, ignore_attr = TRUE)
  }
})

test_that("labels and the order of levels name the effects and do nothing else", {
  d <- grouped_data()
  other <- d
  levels(other$g) <- paste("site", rev(levels(d$g)))
  permuted <- withr::with_seed(3L, sample(levels(d$h)))
  other$h <- factor(d$h, levels = permuted)
  a <- each_criterion(quote(x + (x | g) + (1 | h)), d)
  b <- each_criterion(quote(x + (x | g) + (1 | h)), other)
  for (name in names(a)) {
    expect_same_optimum(a[[name]], b[[name]])
    was <- ranef(a[[name]])
    now <- ranef(b[[name]])
    expect_identical(rownames(now$h), permuted)
    # conditional modes have the digits of the parameters
    expect_equal(now$h[rownames(was$h), ], was$h[, 1L], tolerance = 1e-4)
    renamed <- paste("site", rev(levels(d$g)))
    expect_equal(as.matrix(now$g[renamed, ]), as.matrix(was$g), tolerance = 1e-4,
                 ignore_attr = TRUE)
  }
})

test_that("a / b is a and a:b, in any order of terms", {
  d <- grouped_data()
  nested <- each_criterion(quote(x + (1 | g / b) + (1 | h)), d)
  apart <- each_criterion(quote(x + (1 | g) + (1 | g:b) + (1 | h)), d)
  mixed <- each_criterion(quote((1 | h) + (1 | b:g) + x + (1 | g)), d)
  sorted <- function(fit) vapply(VarCorr(fit), function(v) v[1L], 0)[c("h", "g")]
  for (name in names(nested)) {
    a <- nested[[name]]
    # the same terms in the same order: the same problem
    expect_identical(coef(a), coef(apart[[name]]))
    expect_lt(abs(value_of(a) - value_of(apart[[name]])), 1e-9)
    expect_lt(abs(value_of(a) - value_of(mixed[[name]])), 1e-6)
    expect_equal(coef(mixed[[name]]), coef(a), tolerance = 1e-5)
    expect_equal(sorted(mixed[[name]]), sorted(a), tolerance = 1e-4)
  }
})

test_that("results are bitwise equal for any number of threads", {
  # enough rows that there are several chunks of tiles
  n <- 70001L
  d <- withr::with_seed(5L, {
    d <- data.frame(x = rnorm(n), g = factor(sample(300L, n, TRUE)),
                    h = factor(sample(40L, n, TRUE)))
    eta <- 0.3 * d$x + 0.5 * rnorm(300L)[d$g] + 0.4 * rnorm(40L)[d$h]
    d$normal <- eta + rnorm(n)
    d$count <- rpois(n, exp(eta))
    d
  })
  run <- function(threads) {
    control <- gamut_control(threads = threads)
    fits <- each_criterion(quote(x + (x | g) + (1 | h)), d, control = control)
    lapply(fits, `[`, c("coefficients", "covariance", "criterion", "modes", "random"))
  }
  expect_identical(run(2), run(1))
})

# --- starts ---------------------------------------------------------------------------

test_that("another start ends at the same optimum", {
  d <- grouped_data()
  right <- quote(x + (x | g) + (1 | h))
  from_default <- each_criterion(right, d)
  starts <- list(small = c(0.01, 0, 0.01, 0.01), large = c(30, 5, 30, 30),
                 signs = c(-1, 0.5, -2, -0.3), corner = c(5, -20, 0.1, 0))
  for (start in starts) {
    fits <- each_criterion(right, d, start = list(theta = start))
    Map(expect_same_optimum, from_default, fits)
  }
})

test_that("a start of zero variance is stationary, and left if it is no maximum", {
  d <- grouped_data()
  right <- quote(x + (x | g) + (1 | h))
  from_default <- each_criterion(right, d)
  # theta and -theta are the same covariance, so the gradient at 0 is 0: a saddle
  at_zero <- each_criterion(right, d, start = list(theta = numeric(4L)))
  Map(expect_same_optimum, from_default, at_zero)
  # one effect only without variance, and the other at its optimum
  for (start in list(c(0.7, 0, 0, 0), c(0, 0, 0.6, 0.5))) {
    half <- each_criterion(right, d, start = list(theta = start))
    Map(expect_same_optimum, from_default, half)
  }
})

test_that("a start on the boundary stays where the boundary is best", {
  skip_if_no_peer("lme4")
  d <- lme4::Dyestuff2
  for (start in c(0, 1e-9, 1e-3, 1, 1e3, -1)) {
    expect_no_warning(fit <- gamut(Yield ~ 1 + (1 | Batch), d,
                                   start = list(theta = start)))
    expect_true(fit$convergence$converged)
    expect_identical(fit$criterion$theta, 0)
    # from 1000 the way is long
    expect_lte(fit$criterion$evaluations, if (start == 1e3) 20 else 10)
  }
})

# --- boundaries -----------------------------------------------------------------------

# The derivative of the criterion in the covariance of a term, a matrix, by dense algebra.
# V is the covariance of the rows.
covariance_gradient <- function(fit) {
  designs <- design_matrices(fit)
  y <- designs$y
  z <- designs$Z[[1L]]$matrix[[1L]]
  fixed <- designs$X[[1L]]
  entry <- fit$random[[1L]]
  k <- length(entry$effects)
  q <- length(entry$levels)
  v <- z %*% kronecker(diag(q), entry$covariance) %*% t(z) +
    fit$dispersion * diag(length(y))
  inverse <- solve(v)
  p <- inverse - inverse %*% fixed %*% solve(crossprod(fixed, inverse %*% fixed)) %*%
    t(fixed) %*% inverse
  of_determinant <- if (fit$method == "REML") p else inverse
  inner <- crossprod(z, (of_determinant - tcrossprod(p %*% y)) %*% z)
  gradient <- matrix(0, k, k)
  for (level in seq_len(q)) {
    at <- (level - 1L) * k + seq_len(k)
    gradient <- gradient + inner[at, at]
  }
  gradient
}

# Conditions of Karush, Kuhn and Tucker for a minimum over positive semidefinite
# matrices: the gradient is positive semidefinite, and its product with Sigma is 0.
expect_kkt <- function(fit) {
  sigma <- fit$random[[1L]]$covariance
  gradient <- covariance_gradient(fit)
  scale <- max(abs(gradient), 1)
  values <- eigen(gradient, symmetric = TRUE, only.values = TRUE)$values
  # the search stops at 1e-4 of the curvature
  testthat::expect_gt(min(values), -1e-3 * scale)
  testthat::expect_lt(max(abs(gradient %*% sigma)), 1e-3 * scale)
}

# Groups that differ in level alone
level_data <- function(seed, groups = 30L, rows = 6L) {
  withr::with_seed(seed, {
    d <- data.frame(g = gl(groups, rows), x = rnorm(groups * rows))
    d$y <- 1 + 0.5 * d$x + rnorm(groups)[d$g] + rnorm(groups * rows)
    d$z <- rnorm(groups * rows)
    d$count <- rpois(groups * rows, exp(0.2 + 0.3 * d$x + 0.5 * rnorm(groups)[d$g]))
    d
  })
}

test_that("a slope that does not vary ends at an exactly singular matrix", {
  for (seed in c(2L, 3L, 5L, 7L)) {
    d <- level_data(seed)
    for (method in c("REML", "ML")) {
      expect_no_warning(fit <- gamut(y ~ x + (x | g), d, method = method))
      expect_true(fit$convergence$converged)
      expect_identical(fit$criterion$theta[3L], 0)
      expect_identical(fit$convergence$boundary[[1L]]$rank, 1L)
      expect_lte(fit$criterion$evaluations, 15)
      expect_kkt(fit)
      # the intercepts are no part of it
      alone <- gamut(y ~ x + (1 | g), d, method = method)
      expect_lt(value_of(fit), value_of(alone) + 1e-8)
    }
  }
})

test_that("the gradient of the criterion says so where a matrix is not singular", {
  # what expect_kkt() asks is not true of any matrix
  fit <- gamut(y ~ x + (1 | g), level_data(2L))
  expect_kkt(fit)
  fit$random[[1L]]$covariance[] <- 0
  expect_lt(covariance_gradient(fit)[1L], -100)
})

test_that("variances of uncorrelated effects are exactly 0, with a slope upwards", {
  for (seed in c(2L, 3L, 5L)) {
    d <- level_data(seed)
    expect_no_warning(fit <- gamut(y ~ x + (x + z || g), d))
    expect_true(fit$convergence$converged)
    expect_identical(fit$criterion$theta[2:3], c(0, 0))
    expect_identical(fit$convergence$boundary[[1L]]$effects, c("x", "z"))
    # at 0 the second derivative in theta is twice the first in its square
    upwards <- diag(covariance_gradient(fit))[2:3] * fit$dispersion
    expect_true(all(upwards > 0))
    expect_equal(diag(fit$criterion$curvature)[2:3], 2 * unname(upwards), tolerance = 0.2)
    alone <- gamut(y ~ x + (1 | g), d)
    expect_equal(coef(fit), coef(alone), tolerance = 1e-6)
    expect_lt(abs(value_of(fit) - value_of(alone)), 1e-7)
  }
})

test_that("the same of the Laplace approximation", {
  for (seed in c(2L, 3L, 8L)) {
    d <- level_data(seed)
    expect_no_warning(fit <- gamut(count ~ x + (x || g), d, poisson()))
    expect_identical(fit$criterion$theta[2L], 0)
    expect_identical(fit$convergence$boundary[[1L]]$effects, "x")
    expect_lte(fit$criterion$evaluations, 20)
    expect_gt(fit$criterion$curvature[2L, 2L], 0)
    alone <- gamut(count ~ x + (1 | g), d, poisson())
    expect_lt(abs(value_of(fit) - value_of(alone)), 1e-7)
    # half of the digits of a criterion that is at its optimum to 1e-10
    expect_equal(coef(fit), coef(alone), tolerance = 1e-5)
    # the criterion with this parameter held off the boundary is higher
    setup <- gamut(count ~ x + (x || g), d, poisson(), fit = FALSE)
    held <- vapply(c(0.02, 0.1), function(sd) {
      engine_fit_mixed(setup, c(fit$criterion$theta[1L], sd), held = 2L)$criterion
    }, 0)
    expect_true(all(diff(c(value_of(fit), held)) > 0))
  }
})

test_that("groups that do not differ at all leave the model without them", {
  d <- withr::with_seed(9L, data.frame(g = gl(10L, 8L), h = factor(rep(1:8, 10L)),
                                       x = rnorm(80L), y = rnorm(80L)))
  # residuals whose means are 0 in each level vary less than chance would have it
  d$y <- residuals(lm(y ~ g + h, d)) + 2 + 0.3 * d$x
  for (method in c("REML", "ML")) {
    expect_no_warning(fit <- gamut(y ~ x + (x || g) + (1 | h), d, method = method))
    expect_identical(fit$criterion$theta[c(1L, 3L)], c(0, 0))
  }
  expect_no_warning(fit <- gamut(y ~ x + (1 | g) + (1 | h), d))
  plain <- lm(y ~ x, d)
  expect_identical(unlist(lapply(fit$random, `[[`, "theta")), c(0, 0))
  expect_equal(coef(fit), coef(plain), tolerance = 1e-12)
  expect_equal(vcov(fit), vcov(plain), tolerance = 1e-10)
  expect_equal(c(logLik(fit, REML = TRUE)), c(logLik(plain, REML = TRUE)),
               tolerance = 1e-10)
  expect_true(all(ranef(fit)$g == 0))
})

# --- searches that do not end ---------------------------------------------------------

test_that("a search that was cut short says so", {
  d <- grouped_data()
  few <- gamut_control(max_iterations = 1)
  expect_warning(linear <- gamut(normal ~ x + (x | g) + (1 | h), d, control = few),
                 class = "gamut_warning_convergence")
  expect_warning(laplace <- gamut(count ~ x + (x | g) + (1 | h), d, poisson(),
                                  control = few),
                 class = "gamut_warning_convergence")
  for (fit in list(linear, laplace)) {
    expect_false(fit$convergence$converged)
    expect_true(all(is.finite(coef(fit))))
    expect_output(print(fit), "DID NOT CONVERGE")
    checked <- check_model(fit)
    of_search <- checked$table$check == "convergence"
    expect_identical(checked$table$verdict[of_search], "problem")
  }
  expect_identical(linear$convergence$code, "evaluation_limit")
  expect_lte(linear$criterion$evaluations, 5)
  # a good start needs no more
  good <- gamut(normal ~ x + (x | g) + (1 | h), d)$criterion$theta
  expect_no_warning(again <- gamut(normal ~ x + (x | g) + (1 | h), d, control = few,
                                   start = list(theta = good)))
  expect_true(again$convergence$converged)
})

test_that("long tails are found that only the random effects bring to light", {
  set.seed(2)
  d <- data.frame(g = factor(sample(30, 300, TRUE)), x = rnorm(300))
  d$y <- 0.8 * d$x + rnorm(30)[d$g] + 0.5 * rnorm(30)[d$g] * d$x - 0.3
  d$y <- d$y + 0.5 * rt(300, 3)
  # without them the response looks gaussian, and the search began at nu = Inf
  plain <- suppressWarnings(gamut(y ~ x, d, student()))
  expect_gt(coef(plain)[["nu:(Intercept)"]], log(100))
  fit <- suppressWarnings(gamut(y ~ x + (1 + x | g), d, student()),
                          classes = "gamut_warning_laplace")
  expect_true(fit$convergence$converged)
  expect_lt(coef(fit)[["nu:(Intercept)"]], log(20))
  d$six <- log(6)
  held <- gamut(list(y ~ x + (1 + x | g), nu ~ 0 + offset(six)), d, student())
  expect_gt(logLik(fit), logLik(held))
})
