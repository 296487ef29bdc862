# Covariance structures of random effects: against glmmTMB, against the normal density by
# dense algebra, and against nearby parameters. Then designs of lme4.

# Effects that are correlated over four times in each of forty groups, with three rows
# each; the four times are also points in the plane
structure_data <- function() {
  withr::with_seed(32L, {
    d <- expand.grid(repeated = 1:3, time = 1:4, g = 1:40)
    d$g <- factor(d$g)
    d$x <- rnorm(nrow(d))
    d$east <- c(0, 1, 1, 3)[d$time]
    d$north <- c(0, 0, 2, 1)[d$time]
    d$t <- factor(d$time)
    root <- chol(outer(c(1, 0.8, 1.2, 0.9), c(1, 0.8, 1.2, 0.9)) *
                   0.6^abs(outer(1:4, 1:4, `-`)))
    effects <- matrix(rnorm(160L), 40L) %*% root
    eta <- 0.5 + 0.4 * d$x + effects[cbind(d$g, d$time)]
    d$y <- eta + 0.7 * rnorm(nrow(d))
    d$count <- rpois(nrow(d), exp(0.5 * eta))
    d
  })
}

# What a bar is called with in both packages, by structure
structure_bar <- function(structure) {
  if (structure %in% c("exp", "mat")) call(structure, quote(0 + place | g))
  else call(structure, quote(0 + t | g))
}

structure_formula <- function(structure, response = quote(y)) {
  as.formula(call("~", response, call("+", quote(x), structure_bar(structure))))
}

all_structures <- c("us", "diag", "cs", "ar1", "toep", "exp", "mat")

positions <- function(d) unique(cbind(d$east, d$north)[order(d$time), ])

with_places <- function(d) {
  d$place <- factor(paste0("(", d$east, ",", d$north, ")"),
                    levels = unique(paste0("(", d$east, ",", d$north, ")")))
  d
}

# --- glmmTMB --------------------------------------------------------------------------

test_that("criterion, coefficients and covariances are glmmTMB's", {
  skip_on_cran()
  skip_if_no_peer("glmmTMB")
  d <- with_places(structure_data())
  # glmmTMB estimates the smoothness as well: it is held at ours, of 3/2
  smooth <- list(start = list(theta = c(0, 0, log(1.5))),
                 map = list(theta = factor(c(1, 2, NA))))
  for (structure in all_structures) {
    formula <- structure_formula(structure)
    fit <- gamut(formula, d, method = "ML")
    expect_true(fit$convergence$converged)
    extra <- if (structure == "mat") smooth
    peer <- do.call(settled_tmb, c(list(formula, d), extra))
    off <- -2 * c(logLik(fit)) - peer$minus2loglik
    # the peer's gradient is about 1e-4 where it stops: 1e-8 of the criterion, and half
    # of the digits in the parameters
    expect_lt(off, 1e-6)
    expect_gt(off, -1e-6)
    expect_equal(unname(coef(fit)), peer$fixed, tolerance = 1e-5)
    expect_equal(matrix(VarCorr(fit)$g, 4L), unname(peer$covariance[[1L]]),
                 tolerance = 1e-4)
  }
})

test_that("structures of counts are glmmTMB's, and beside other terms", {
  skip_on_cran()
  skip_if_no_peer("glmmTMB")
  d <- with_places(structure_data())
  for (structure in c("us", "cs", "ar1", "toep", "exp")) {
    formula <- structure_formula(structure, quote(count))
    fit <- gamut(formula, d, poisson())
    peer <- settled_tmb(formula, d, poisson())
    expect_true(fit$convergence$converged)
    expect_lt(abs(-2 * c(logLik(fit)) - peer$minus2loglik), 1e-6)
    expect_equal(unname(coef(fit)), peer$fixed, tolerance = 1e-5)
    expect_equal(matrix(VarCorr(fit)$g, 4L), unname(peer$covariance[[1L]]),
                 tolerance = 1e-4)
  }
  d$h <- withr::with_seed(1L, factor(sample(12L, nrow(d), TRUE)))
  formula <- y ~ x + cs(0 + t | g) + (1 | h)
  fit <- gamut(formula, d, method = "ML")
  peer <- settled_tmb(formula, d)
  expect_lt(abs(-2 * c(logLik(fit)) - peer$minus2loglik), 1e-6)
  expect_equal(VarCorr(fit)$h[1L], peer$covariance[[2L]][1L], tolerance = 1e-4)
  formula <- count ~ x + ar1(0 + t | g) + diag(x | h)
  fit <- gamut(formula, d, poisson())
  peer <- settled_tmb(formula, d, poisson())
  # a variance of 0 is where the peer's logarithm of it does not arrive
  expect_lt(-2 * c(logLik(fit)) - peer$minus2loglik, 1e-6)
  expect_gt(-2 * c(logLik(fit)) - peer$minus2loglik, -1e-3)
})

# --- dense algebra --------------------------------------------------------------------

# Covariance matrices by the formulas of the textbook. `par`: logarithms of standard
# deviations, then what the structure has beside them, on the whole real line.
structure_matrix <- function(structure, par, places) {
  b <- nrow(places)
  distance <- as.matrix(dist(places))
  lag <- abs(outer(seq_len(b), seq_len(b), `-`))
  sd <- exp(par[seq_len(b)])
  more <- par[-seq_len(b)]
  one <- exp(par[1L])
  far <- distance / exp(par[2L])
  # a covariance matrix of stationary errors is positive definite, or chol() says so
  switch(structure,
    diag = diag(sd^2),
    cs = outer(sd, sd) * (tanh(more) + (1 - tanh(more)) * diag(b)),
    ar1 = one^2 * tanh(par[2L])^lag,
    toep = outer(sd, sd) * matrix(c(1, tanh(more))[lag + 1L], b),
    exp = one^2 * exp(-far),
    mat = one^2 * (1 + sqrt(3) * far) * exp(-sqrt(3) * far),
    us = {
      root <- matrix(0, b, b)
      root[lower.tri(root, TRUE)] <- par
      tcrossprod(root)
    }
  )
}

# The parameters of an estimate in these terms
structure_parameters <- function(structure, estimate) {
  sd <- log(attr(estimate, "stddev"))
  correlation <- attr(estimate, "correlation")
  unname(switch(structure,
    diag = sd, cs = c(sd, atanh(correlation[2L, 1L])),
    ar1 = c(sd[1L], atanh(correlation[2L, 1L])),
    toep = c(sd, atanh(correlation[-1L, 1L])),
    exp = , mat = c(sd[1L], log(attr(estimate, "range"))),
    us = {
      root <- t(chol(estimate))
      root[lower.tri(root, TRUE)]
    }
  ))
}

test_that("estimates are of their structure, and maximise the normal density", {
  d <- with_places(structure_data())
  places <- positions(d)
  x <- cbind(1, d$x)
  z <- model.matrix(~ 0 + g:t, d)
  blocks <- function(sigma) z %*% kronecker(sigma, diag(40L)) %*% t(z)
  for (structure in all_structures) {
    for (method in c("ML", "REML")) {
      fit <- gamut(structure_formula(structure), d, method = method)
      restricted <- method == "REML"
      par <- structure_parameters(structure, VarCorr(fit)$g)
      # the structure itself, to rounding
      expect_equal(structure_matrix(structure, par, places),
                   matrix(VarCorr(fit)$g, 4L), tolerance = 1e-10, ignore_attr = TRUE)
      deviance <- function(par, sd = sigma(fit), beta = NULL) {
        v <- blocks(structure_matrix(structure, par, places)) + sd^2 * diag(nrow(d))
        dense_minus2(d$y, x, v, beta, restricted)
      }
      best <- deviance(par)
      # sums of 480 terms: rounding only
      expect_equal(fit$criterion$value, best, tolerance = 1e-9)
      expect_equal(deviance(par, beta = coef(fit)), best, tolerance = 1e-9)
      nearby <- withr::with_seed(7L, replicate(6L, {
        step <- rnorm(length(par) + 1L)
        0.02 * step / sqrt(sum(step^2))
      }))
      moved <- apply(cbind(nearby, -nearby), 2L, function(step) {
        deviance(par + step[-1L], sigma(fit) * exp(step[1L]))
      })
      expect_true(all(moved > best))
    }
    # logLik() is of ML whatever the method
    v <- blocks(matrix(VarCorr(fit)$g, 4L)) + sigma(fit)^2 * diag(nrow(d))
    expect_equal(-2 * c(logLik(fit)), dense_minus2(d$y, x, v), tolerance = 1e-9)
  }
})

test_that("a known covariance of groups, with slopes of it and effects beside it", {
  d <- structure_data()
  distance <- as.matrix(dist(seq_len(40L)))
  k <- exp(-distance / 3)
  dimnames(k) <- list(levels(d$g), levels(d$g))
  x <- cbind(1, d$x)
  z <- model.matrix(~ 0 + g, d)
  for (method in c("ML", "REML")) {
    fit <- gamut(y ~ x + known(1 | g, K = k) + known(0 + x | g, K = k) + (1 | g), d,
                 method = method)
    expect_true(fit$convergence$converged)
    variances <- vapply(VarCorr(fit), function(v) v[1L], 0)
    deviance <- function(variances, sd = sigma(fit)) {
      v <- variances[1L] * z %*% k %*% t(z) + variances[3L] * tcrossprod(z) +
        variances[2L] * (z * d$x) %*% k %*% t(z * d$x) + sd^2 * diag(nrow(d))
      dense_minus2(d$y, x, v, restricted = method == "REML")
    }
    labels <- vapply(VarCorr(fit), attr, "", "label")
    expect_match(labels, "K = k|\\(1 \\| g\\)")
    order <- match(c("known(1 | g, K = k)", "known(0 + x | g, K = k)", "(1 | g)"), labels)
    variances <- unname(variances[order])
    best <- deviance(variances)
    # rounding only
    expect_equal(fit$criterion$value, best, tolerance = 1e-9)
    for (factor in c(0.9, 1.1)) {
      expect_gt(deviance(variances, sigma(fit) * factor), best)
      for (j in 1:3) {
        moved <- variances
        # off the boundary where the estimate is on it
        moved[j] <- if (moved[j] > 0) moved[j] * factor else 0.01
        expect_gt(deviance(moved), best)
      }
    }
  }
})

test_that("one field of positions: a grouping factor of one level", {
  d <- withr::with_seed(8L, {
    d <- data.frame(east = runif(60L, 0, 10), north = runif(60L, 0, 10))
    distance <- as.matrix(dist(d))
    effects <- drop(crossprod(chol(1.5 * exp(-distance / 2)), rnorm(60L)))
    d <- d[rep(1:60, 2L), ]
    d$field <- "one"
    d$y <- 3 + rep(effects, 2L) + 0.5 * rnorm(120L)
    d
  })
  distance <- as.matrix(dist(d[c("east", "north")]))
  for (structure in c("exp", "mat")) {
    bar <- call(structure, quote(east + north | field))
    fit <- gamut(as.formula(call("~", quote(y), bar)), d)
    expect_true(fit$convergence$converged)
    estimate <- VarCorr(fit)$field
    deviance <- function(variance, range, sd) {
      far <- distance / range
      r <- switch(structure, exp = exp(-far),
                  mat = (1 + sqrt(3) * far) * exp(-sqrt(3) * far))
      dense_minus2(d$y, matrix(1, 120L), variance * r + sd^2 * diag(120L),
                   restricted = TRUE)
    }
    at <- c(estimate[1L], attr(estimate, "range"), sigma(fit))
    best <- do.call(deviance, as.list(at))
    # rounding only
    expect_equal(fit$criterion$value, best, tolerance = 1e-9)
    for (j in 1:3) {
      for (factor in c(0.95, 1.05)) {
        expect_gt(do.call(deviance, as.list(replace(at, j, at[j] * factor))), best)
      }
    }
  }
})

test_that("structures of one effect are that effect, of two all correlations are alike", {
  d <- structure_data()
  plain <- gamut(y ~ x + (1 | g), d)
  for (formula in list(y ~ x + cs(1 | g), y ~ x + diag(1 | g), y ~ x + us(1 | g))) {
    expect_identical(gamut(formula, d)$criterion$value, plain$criterion$value)
  }
  d$half <- factor(d$time > 2)
  # us() and cs() and toep() have two standard deviations and a correlation
  values <- vapply(list(y ~ x + (0 + half | g), y ~ x + cs(0 + half | g),
                        y ~ x + toep(0 + half | g)),
                   function(formula) gamut(formula, d)$criterion$value, 0)
  # two searches for one optimum
  expect_lt(diff(range(values)), 1e-6)
  free <- gamut(y ~ x + (0 + t | g), d, method = "ML")$criterion$value
  # each is a special case of the free covariance
  for (structure in setdiff(all_structures, "us")) {
    expect_gt(gamut(structure_formula(structure), with_places(d), method = "ML")$
                criterion$value, free)
  }
})

# --- lme4 -----------------------------------------------------------------------------

# Students of teachers in schools: students belong to several teachers, some teachers
# teach at two schools, and there are unequal numbers of all
crossed_data <- function() {
  withr::with_seed(41L, {
    n <- 600L
    d <- data.frame(student = sample(60L, n, TRUE), x = rnorm(n),
                    f = factor(sample(c("u", "v", "w"), n, TRUE)))
    d$teacher <- 1L + (d$student + sample(0:4, n, TRUE)) %% 18L
    d$school <- 1L + (d$teacher + (runif(n) < 0.1)) %/% 4L
    d[c("student", "teacher", "school")] <- lapply(d[c("student", "teacher", "school")],
                                                   factor)
    by_f <- matrix(rnorm(54L, sd = 0.6), 18L)
    eta <- 1 + 0.3 * d$x + 0.7 * rnorm(60L)[d$student] + 0.5 * rnorm(18L)[d$teacher] +
      by_f[cbind(d$teacher, d$f)] + 0.4 * rnorm(18L)[d$teacher] * d$x +
      0.6 * rnorm(nlevels(d$school))[d$school]
    d$y <- eta + rnorm(n)
    d$event <- rbinom(n, 1L, plogis(eta - 1))
    d
  })
}

test_that("partially crossed and nested factors, several terms of one factor", {
  skip_on_cran()
  skip_if_no_peer("lme4")
  d <- crossed_data()
  expect_lme4(y ~ x + (1 | student) + (1 | teacher) + (1 | school), d)
  expect_lme4(y ~ x + (x | school / teacher) + (1 | student), d)
  expect_lme4(y ~ x + f + (0 + f | teacher), d)
  expect_lme4(y ~ x + f + (f | teacher) + (0 + x | teacher) + (1 | student), d)
  expect_lme4(y ~ x + (1 | teacher) + (0 + x | teacher) + (1 | teacher:f), d)
  expect_lme4(event ~ x + (1 | student) + (1 | teacher / school), d, family = binomial())
  expect_lme4(event ~ x + f + (0 + f | teacher), d, family = binomial())
})

test_that("|| parts the columns of a factor, which lme4 wants written out", {
  skip_on_cran()
  skip_if_no_peer("lme4")
  d <- crossed_data()
  d$fu <- as.numeric(d$f == "u")
  d$fv <- as.numeric(d$f == "v")
  d$fw <- as.numeric(d$f == "w")
  expect_lme4(y ~ x + (f || teacher), d,
              y ~ x + (1 | teacher) + (0 + fv | teacher) + (0 + fw | teacher))
  expect_lme4(y ~ x + (0 + f || teacher) + (1 | student), d,
              y ~ x + (0 + fu | teacher) + (0 + fv | teacher) + (0 + fw | teacher) +
                (1 | student))
  expect_lme4(y ~ x + (f + x || teacher), d,
              y ~ x + (1 | teacher) + (0 + fv | teacher) + (0 + fw | teacher) +
                (0 + x | teacher))
  expect_lme4(event ~ x + (0 + f || teacher), d,
              event ~ x + (0 + fu | teacher) + (0 + fv | teacher) + (0 + fw | teacher),
              family = binomial())
})

# --- the search -----------------------------------------------------------------------

# k times of m levels, with a root of the covariance and residuals of deviation 0.3
series <- function(root, m = 30) {
  k <- nrow(root)
  d <- expand.grid(time = factor(seq_len(k)), g = factor(seq_len(m)))
  d$y <- c(root %*% matrix(rnorm(k * m), k)) + 0.3 * rnorm(k * m)
  d
}

# Minus twice the restricted log-likelihood of a fit to a series, its Sigma replaced
series_reml <- function(d, sigma, residual) {
  k <- nrow(sigma)
  v <- kronecker(diag(nrow(d) / k), sigma + diag(residual, k))
  dense_minus2(d$y, matrix(1, nrow(d)), v, restricted = TRUE)
}

test_that("a search does not end where correlations of one have no derivative", {
  # a long step led there from all of these, whose true parameters are well inside
  power <- abs(outer(1:6, 1:6, "-"))
  for (rho in c(-0.99, -0.9, -0.5, 0.99)) {
    for (seed in 1:4) {
      set.seed(seed)
      d <- series(t(chol(rho^power)))
      fit <- gamut(y ~ 1 + ar1(0 + time | g), d)
      expect_true(fit$convergence$converged)
      # not above what the data were made with
      expect_lt(fit$criterion$value, series_reml(d, rho^power, 0.09))
    }
  }
})

# r = -0.199 is next to the end of its range, -1/5. From the usual start two deviations go
# to 0 and leave the others at another correlation, 50 above the minimum.
test_that("a correlation that suits some effects is not taken for that of all", {
  skip_if_not_installed("glmmTMB")
  r <- matrix(-0.199, 6L, 6L)
  diag(r) <- 1
  d <- withr::with_seed(1L, {
    d <- expand.grid(t = factor(1:6), g = factor(1:30))
    d$y <- c(t(chol(r)) %*% matrix(stats::rnorm(180), 6L)) + 0.3 * stats::rnorm(180)
    d
  })
  fit <- gamut(y ~ 1 + cs(0 + t | g), d)
  peer <- suppressWarnings(
    glmmTMB::glmmTMB(y ~ 1 + cs(0 + t | g), d, REML = TRUE)
  )
  # logLik() of the peer is NA at the end of a range; its search is good to 1e-4
  expect_lt(-as.numeric(logLik(fit, REML = TRUE)), peer$fit$objective + 1e-4)
})
