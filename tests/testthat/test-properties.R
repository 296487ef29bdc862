# What must hold of any fit, whatever its numbers are.

test_that("a weight of k is a row repeated k times", {
  d <- simulated_data(150L)
  repeated <- d[rep(seq_len(150L), d$m), ]
  for (family in every_family()) {
    formula <- model_for(family)
    weighted <- gamut(formula, family = family, data = d, weights = m)
    long <- gamut(formula, family = family, data = repeated)
    # with an estimated dispersion n counts, so standard errors differ by its ratio
    expect_equal_fits(weighted, long, errors = !has_dispersion(weighted))
    if (has_dispersion(weighted)) {
      expect_equal(unname(standard_errors(weighted, dispersion = 1)),
                   unname(standard_errors(long, dispersion = 1)), tolerance = 1e-7)
    }
    # EDM deviances and log-likelihoods are sums over rows
    expect_equal(weighted$deviance, long$deviance, tolerance = 1e-10)
  }
})

test_that("a weight of zero is a row left out", {
  d <- simulated_data()
  d$w0 <- ifelse(d$z < 0.3, 0, d$m)
  for (family in every_family()) {
    formula <- model_for(family)
    zero <- gamut(formula, family = family, data = d, weights = w0)
    out <- gamut(formula, family = family, data = d, weights = m, subset = z >= 0.3)
    expect_equal_fits(zero, out)
    expect_equal(zero$df.residual, out$df.residual)
    expect_equal(nobs(zero), nobs(out))
  }
})

test_that("all weights times a constant change at most the dispersion", {
  d <- simulated_data()
  d$w3 <- d$w * 1e3
  for (family in list(gaussian(), Gamma("log"), inverse.gaussian("log"),
                      quasipoisson())) {
    a <- gamut(model_for(family), family = family, data = d, weights = w)
    b <- gamut(model_for(family), family = family, data = d, weights = w3)
    expect_equal_fits(a, b)
    expect_equal(b$dispersion, 1e3 * a$dispersion, tolerance = 1e-9)
  }
})

# Where the coefficients of a column of the main formula are, in all its predictors, and
# by how much an offset of that column moves each
moved_places <- function(fit, column) {
  main <- Filter(function(p) p$frame_predictor == 1L, fit$predictors)
  at <- lapply(main, function(p) which(p$names == column))
  position <- unlist(Map(function(p, j) p$position[j], main, at))
  by <- unlist(Map(function(p, j) p$offset_sign * p$sign[j], main, at))
  list(position = position[!duplicated(position)], by = by[!duplicated(position)])
}

test_that("a constant offset moves the intercept and nothing else", {
  d <- simulated_data()
  for (family in every_family()) {
    # sqrt, inverse: a shift moves the start as well, and all of these converge
    formula <- model_for(family)
    plain <- gamut(formula, family = family, data = d)
    shifted <- gamut(formula, family = family, data = d, offset = rep(0.25, 200))
    moved <- coef(shifted)
    places <- moved_places(plain, "(Intercept)")
    moved[places$position] <- moved[places$position] + 0.25 * places$by
    expect_lt(max(abs(moved - coef(plain)) / standard_errors(plain)), 1e-8)
    expect_equal(standard_errors(shifted), standard_errors(plain), tolerance = 1e-7)
  }
})

test_that("offset(b * x) moves the coefficient of x by b", {
  d <- simulated_data()
  for (family in every_family()) {
    plain <- gamut(model_for(family), family = family, data = d)
    shifted <- gamut(model_for(family, quote(x + f + offset(0.1 * x))), family = family,
                     data = d)
    moved <- coef(shifted)
    places <- moved_places(plain, "x")
    moved[places$position] <- moved[places$position] + 0.1 * places$by
    expect_lt(max(abs(moved - coef(plain)) / standard_errors(plain)), 1e-8)
  }
})

test_that("offsets of formula and argument add up, in every predictor", {
  d <- simulated_data()
  both <- gamut(count ~ x + offset(o), family = poisson(), data = d, offset = z)
  one <- gamut(count ~ x + offset(o + z), family = poisson(), data = d)
  expect_equal(coef(both), coef(one), tolerance = 1e-10)
  phi <- gamut(list(fraction ~ x, phi ~ offset(o) + f), family = Beta(), data = d)
  none <- gamut(list(fraction ~ x, phi ~ f), family = Beta(), data = d)
  expect_false(isTRUE(all.equal(coef(phi), coef(none))))
})

test_that("the order of the rows does not matter", {
  d <- simulated_data(1500L)
  set.seed(2)
  shuffled <- d[sample(1500L), ]
  for (family in every_family()) {
    a <- gamut(model_for(family), family = family, data = d)
    b <- gamut(model_for(family), family = family, data = shuffled)
    expect_equal_fits(a, b)
    # sums in another order
    expect_equal(a$deviance, b$deviance, tolerance = 1e-12)
  }
  a <- gamut(count ~ x * big, family = poisson(), data = d)
  b <- gamut(count ~ x * big, family = poisson(), data = shuffled)
  expect_equal_fits(a, b)
})

test_that("results are bitwise equal for any number of threads", {
  # enough rows that there are several chunks of tiles
  n <- 150001L
  set.seed(4)
  d <- data.frame(x = rnorm(n), z = runif(n), f = factor(sample(letters[1:5], n, TRUE)),
                  big = factor(sample(1:200, n, TRUE)), w = runif(n))
  d$y <- rpois(n, exp(0.2 + 0.3 * d$x))
  d$u <- rbeta(n, 2 + d$z, 3)
  d$c <- factor(sample(3L, n, TRUE))
  run <- function(threads, ...) {
    fit <- gamut(..., control = gamut_control(threads = threads))
    fit[c("coefficients", "covariance", "deviance", "dispersion")]
  }
  for (threads in 2:3) {
    expect_identical(run(threads, y ~ x + f, family = poisson(), data = d, weights = w),
                     run(1, y ~ x + f, family = poisson(), data = d, weights = w))
    expect_identical(run(threads, y ~ x + big, family = quasipoisson(), data = d),
                     run(1, y ~ x + big, family = quasipoisson(), data = d))
  }
  expect_identical(run(3, list(u ~ x + f, phi ~ z), family = Beta(), data = d),
                   run(1, list(u ~ x + f, phi ~ z), family = Beta(), data = d))
  expect_identical(run(2, c ~ x, family = categorical(), data = d),
                   run(1, c ~ x, family = categorical(), data = d))
  expect_identical(run(2, y ~ x + I(2 * x) + f, family = poisson(), data = d),
                   run(1, y ~ x + I(2 * x) + f, family = poisson(), data = d))
})

test_that("a start from a sample of the rows does not change the fit", {
  n <- 2L^18L + 1000L
  set.seed(8)
  d <- data.frame(x = rnorm(n), f = factor(sample(letters[1:4], n, TRUE)))
  # sorted data: a sample of the rows at the beginning would mislead
  d <- d[order(d$f, d$x), ]
  # a level that hardly any sample has
  levels(d$f) <- c(levels(d$f), "rare")
  d$f[sample(n, 5L)] <- "rare"
  eta <- -2 + 0.5 * d$x + 0.3 * (d$f == "b")
  d$y <- rbinom(n, 1L, plogis(eta))
  d$p <- rgamma(n, 2, 2 / exp(eta))
  for (case in list(list(y ~ x + f, binomial()), list(y ~ x + f, binomial("cauchit")),
                    list(p ~ x + f, Gamma("log")), list(p ~ x + f, gaussian("log")))) {
    sampled <- gamut(case[[1L]], family = case[[2L]], data = d)
    whole <- gamut(case[[1L]], family = case[[2L]], data = d,
                   control = gamut_control(sample_rows = Inf))
    expect_true(sampled$convergence$converged)
    expect_true(whole$convergence$converged)
    expect_equal_fits(sampled, whole)
  }
})

test_that("a response in other units", {
  d <- simulated_data()
  plain <- gamut(normal ~ x + f, data = d)
  for (scale in 10^c(-100, -8, 8, 100)) {
    d$scaled <- d$normal * scale
    fit <- gamut(scaled ~ x + f, data = d)
    expect_equal(coef(fit) / scale, coef(plain), tolerance = 1e-10)
    expect_equal(standard_errors(fit) / scale, standard_errors(plain), tolerance = 1e-10)
  }
  plain <- gamut(positive ~ x + f, family = Gamma("log"), data = d)
  for (scale in 10^c(-100, -8, 8, 100)) {
    d$scaled <- d$positive * scale
    fit <- gamut(scaled ~ x + f, family = Gamma("log"), data = d)
    expect_equal(coef(fit)[-1L], coef(plain)[-1L], tolerance = 1e-8)
    expect_equal(coef(fit)[[1L]] - log(scale), coef(plain)[[1L]], tolerance = 1e-8)
  }
})

test_that("categorical with two levels is binomial", {
  d <- simulated_data()
  d$yes <- factor(d$binary, labels = c("no", "yes"))
  one <- gamut(yes ~ x * f + l, family = categorical(), data = d, weights = w)
  two <- gamut(yes ~ x * f + l, family = bernoulli(), data = d, weights = w)
  expect_equal_fits(one, two)
  expect_named(coef(one), paste0("yes:", names(coef(two))))
  expect_equal(one$deviance, two$deviance, tolerance = 1e-10)
  swapped <- gamut(yes ~ x * f + l, family = categorical("yes"), data = d, weights = w)
  expect_equal(unname(coef(swapped)), -unname(coef(two)), tolerance = 1e-8)
})

test_that("exponential is the exponential regression of survival analysis", {
  skip_if_no_peer("survival")
  d <- simulated_data()
  control <- survival::survreg.control(rel.tolerance = 1e-15, maxiter = 100)
  peer <- survival::survreg(survival::Surv(positive) ~ x * f, d, dist = "exponential",
                            control = control)
  fit <- gamut(positive ~ x * f, family = exponential(), data = d,
               control = gamut_control(information = "observed"))
  # survreg stops on its log-likelihood
  expect_equal(coef(fit), coef(peer), tolerance = 1e-7)
  expect_equal(standard_errors(fit), sqrt(diag(vcov(peer))), tolerance = 1e-7)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(peer)), tolerance = 1e-12)
})

test_that("Beta is symmetric under y -> 1 - y", {
  d <- simulated_data()
  d$rest <- 1 - d$fraction
  for (link in c("logit", "probit", "cauchit")) {
    a <- gamut(list(fraction ~ x + f, phi ~ z), family = Beta(link), data = d)
    b <- gamut(list(rest ~ x + f, phi ~ z), family = Beta(link), data = d)
    sign <- c(-1, -1, -1, -1, 1, 1)
    expect_lt(max(abs(coef(a) - sign * coef(b)) / standard_errors(a)), 1e-8)
    expect_equal(standard_errors(a), standard_errors(b), tolerance = 1e-7)
  }
  a <- gamut(list(fraction ~ x, phi ~ z), family = Beta("cloglog"), data = d)
  b <- gamut(list(rest ~ x, phi ~ z), family = Beta("loglog"), data = d)
  expect_lt(max(abs(coef(a) - c(-1, -1, 1, 1) * coef(b)) / standard_errors(a)), 1e-8)
})

test_that("the start does not matter", {
  d <- simulated_data()
  for (family in every_family()) {
    plain <- gamut(model_for(family), family = family, data = d)
    start <- coef(plain) + 0.1
    expect_equal_fits(plain, gamut(model_for(family), family = family, data = d,
                                   start = start))
    # from the solution itself there is nothing left to do
    again <- gamut(model_for(family), family = family, data = d, start = coef(plain))
    expect_equal_fits(plain, again)
    expect_lte(again$convergence$iterations, 3)
  }
})

test_that("the score at the solution is zero", {
  d <- simulated_data()
  for (family in every_family()) {
    fit <- gamut(model_for(family), family = family, data = d, weights = m)
    score <- fit_rows(fit)$score
    x <- model.matrix(~ x + f, d)
    gradient <- 0 * coef(fit)
    for (k in seq_len(ncol(score))) {
      at <- fit$predictors[[k]]$position
      design <- if (length(at) == 1L) x[, 1L, drop = FALSE] else x
      signed <- design * rep(fit$predictors[[k]]$sign, each = nrow(design))
      gradient[at] <- gradient[at] + drop(crossprod(signed, score[, k]))
    }
    # in standard errors
    expect_lt(max(abs(gradient * standard_errors(fit, dispersion = 1))), 1e-7)
  }
})

test_that("adding a useless column of zeros or a copy changes nothing else", {
  d <- simulated_data()
  d$zero <- 0
  for (family in every_family()) {
    plain <- gamut(model_for(family), family = family, data = d)
    more <- gamut(model_for(family, quote(x + f + zero)), family = family, data = d)
    kept <- !is.na(coef(more))
    expect_equal(unname(coef(more)[kept]), unname(coef(plain)), tolerance = 1e-8)
    expect_equal(unname(standard_errors(more)[kept]), unname(standard_errors(plain)),
                 tolerance = 1e-7)
  }
})
