# What is particular to families of counts: limits, parts, replication, recovery, units.

count_families <- function() {
  list(negbinomial(), negbinomial(variance = "linear"), compois(), zero_inflated(),
       zero_inflated(negbinomial()), hurdle(), hurdle(negbinomial()), hurdle(compois()),
       truncated(), truncated(negbinomial()))
}

# Parameters besides mu, and how they are drawn
count_truth <- function(family) {
  list(theta = 1.5, alpha = 0.8, nu = 0.7, zi = 0.3)[family$parameters[-1L]]
}

draw_counts_of <- function(family, n, seed, mean = exp(0.8 + 0.5 * x)) {
  set.seed(seed)
  x <- stats::runif(n, -1, 1)
  d <- data.frame(x = x)
  d$y <- family$random(n, c(list(mu = mean), lapply(count_truth(family), rep, n)))
  d
}

test_that("Poisson data end at the limit of the negative binomial", {
  set.seed(2)
  d <- data.frame(x = stats::runif(200))
  # under-dispersed, so that theta has no maximum
  d$y <- stats::rbinom(200, 8L, 0.2 + 0.3 * d$x)
  plain <- gamut(y ~ x, family = poisson(), data = d)
  for (family in list(negbinomial(), negbinomial(variance = "linear"))) {
    expect_warning(fit <- gamut(y ~ x, family = family, data = d),
                   class = "gamut_warning_limit")
    expect_true(fit$convergence$converged)
    expect_identical(fit$convergence$code, "limit")
    # what is left of 1 / theta where the fit stops
    expect_equal(as.vector(logLik(fit)), as.vector(logLik(plain)), tolerance = 1e-6)
    expect_equal(coef(fit)[1:2], coef(plain), tolerance = 1e-6)
  }
  expect_snapshot(fit <- gamut(y ~ x, family = negbinomial(), data = d))
  expect_warning(fit <- gamut(y ~ x, ziformula = ~1, data = d, family = poisson),
                 class = "gamut_warning_limit")
  expect_equal(as.vector(logLik(fit)), as.vector(logLik(plain)), tolerance = 1e-6)
  expect_warning(fit <- gamut(cbind(rep(4, 200), 4) ~ x, family = betabinomial(),
                              data = d), class = "gamut_warning_limit")
})

test_that("a hurdle model is the fits of its two parts", {
  d <- draw_counts_of(hurdle(negbinomial()), 500, 1)
  fit <- gamut(y ~ x | x, family = hurdle(negbinomial()), data = d)
  count <- gamut(y ~ x, family = truncated(negbinomial()), data = d, subset = y > 0)
  zero <- gamut(y == 0 ~ x, family = bernoulli(), data = d,
                control = gamut_control(information = "observed"))
  # all have stopped within 1e-8 of a standard error
  expect_equal(unname(coef(fit)), unname(c(coef(count), coef(zero))), tolerance = 1e-7)
  expect_equal(unname(standard_errors(fit)),
               unname(c(standard_errors(count), standard_errors(zero))),
               tolerance = 1e-6)
  expect_equal(as.vector(logLik(fit)), as.vector(logLik(count)) + as.vector(logLik(zero)),
               tolerance = 1e-10)
})

test_that("weights are rows again", {
  for (family in count_families()) {
    d <- draw_counts_of(family, 150, 3)
    d$w <- rep(1:3, 50)
    weighted <- gamut(y ~ x, family = family, data = d, weights = w)
    replicated <- gamut(y ~ x, family = family, data = d[rep(1:150, d$w), ])
    expect_equal_fits(weighted, replicated, tolerance = 1e-6)
    expect_equal(as.vector(logLik(weighted)), as.vector(logLik(replicated)),
                 tolerance = 1e-10, label = family$family)
  }
})

test_that("parameters are recovered", {
  skip_on_cran()
  for (family in count_families()) {
    for (seed in 1:5) {
      d <- draw_counts_of(family, 4000, seed)
      fit <- gamut(y ~ x, family = family, data = d)
      others <- count_truth(family)
      truth <- c(0.8, 0.5, vapply(names(others), function(name) {
        family$links[[name]]$linkfun(others[[name]])
      }, 0))
      z <- (coef(fit) - truth) / standard_errors(fit)
      # 160 normal numbers exceed 4.5 with probability 0.001
      expect_lt(max(abs(z)), 4.5, label = paste(family$family, seed))
    }
  }
})

test_that("units of a variable do not matter", {
  for (family in count_families()) {
    d <- draw_counts_of(family, 200, 5)
    fit <- gamut(y ~ x, family = family, data = d)
    for (unit in 10^c(-6, -4, -3, -2, -1, 1, 2, 3, 4, 6)) {
      d$scaled <- d$x * unit
      other <- gamut(y ~ scaled, family = family, data = d)
      expect_equal(as.vector(logLik(other)), as.vector(logLik(fit)), tolerance = 1e-10,
                   label = family$family)
      ratio <- coef(other)[["scaled"]] * unit / coef(fit)[["x"]]
      # the slope is known to 1e-8 of a standard error
      expect_equal(ratio, 1, tolerance = 1e-6, label = family$family)
    }
  }
})

test_that("hard data are fitted", {
  set.seed(6)
  n <- 600
  x <- stats::runif(n, -1, 1)
  data <- list(
    low = stats::rnbinom(n, 0.5, mu = 0.05 * exp(x)),
    high = stats::rpois(n, 1e5 * exp(x)),
    wide = stats::rnbinom(n, 2, mu = 1e5 * exp(x)),
    zeros = stats::rnbinom(n, 2, mu = 5 * exp(x)) * stats::rbinom(n, 1L, 0.1),
    outlier = c(stats::rnbinom(n - 1L, 2, mu = 3 * exp(x[-n])), 200)
  )
  for (name in names(data)) {
    d <- data.frame(x = x, y = data[[name]])
    for (family in list(negbinomial(), zero_inflated(negbinomial()), hurdle())) {
      fit <- suppressWarnings(gamut(y ~ x, family = family, data = d))
      expect_true(fit$convergence$converged, label = paste(name, family$family))
    }
  }
  d <- data.frame(x = x, y = data$high)
  expect_true(gamut(y ~ x, family = compois(), data = d)$convergence$converged)
})

test_that("compois() is between its neighbours", {
  family <- compois()
  y <- c(0, 1, 3, 10, 40)
  mu <- c(0.3, 2, 30)
  for (m in mu) {
    par <- list(mu = rep(m, 5), nu = rep(1, 5))
    # rounding of terms of size mu log mu
    expect_equal(family$density(y, par), stats::dpois(y, m, log = TRUE),
                 tolerance = 1e-12)
    expect_equal(family$cdf(y, par), stats::ppois(y, m), tolerance = 1e-12)
    expect_equal(family$cdf(y, par, lower = FALSE), stats::ppois(y, m, lower = FALSE),
                 tolerance = 1e-10)
  }
  # Conway and Maxwell's own parameters: lambda = 1.5, nu = 2
  k <- 0:60
  mass <- exp(k * log(1.5) - 2 * lfactorial(k))
  mean <- sum(k * mass) / sum(mass)
  expect_equal(family$density(0:3, list(mu = rep(mean, 4), nu = 2), log = FALSE),
               (mass / sum(mass))[1:4], tolerance = 1e-12)
  expect_equal(family$var(list(mu = mean, nu = 2)),
               sum(k^2 * mass) / sum(mass) - mean^2, tolerance = 1e-10)
})

test_that("means and variances are those of the distribution", {
  cases <- list(
    list(negbinomial(), list(mu = 2.4, theta = 3), 0:400),
    list(compois(), list(mu = 2.4, nu = 0.6), 0:100),
    list(zero_inflated(compois()), list(mu = 2.4, nu = 2, zi = 0.2), 0:60),
    list(hurdle(), list(mu = 0.8, zi = 0.2), 0:60),
    list(truncated(), list(mu = 0.01), 1:40),
    list(truncated(negbinomial(), 2), list(mu = 0.3, theta = 1), 3:300),
    list(truncated(poisson(), 1, 6), list(mu = 4), 2:6)
  )
  for (case in cases) {
    family <- case[[1]]
    y <- case[[3]]
    p <- family$density(y, lapply(case[[2]], rep, length(y)), log = FALSE)
    # sums of a few hundred terms
    expect_equal(sum(p), 1, tolerance = 1e-11, label = family$family)
    expect_equal(family$mean(case[[2]]), sum(y * p), tolerance = 1e-9)
    expect_equal(family$var(case[[2]]), sum(y^2 * p) - sum(y * p)^2, tolerance = 1e-7)
  }
})

test_that("trials may be many, and precision large", {
  family <- betabinomial()
  y <- c(0, 20, 55, 100) / 100
  expect_equal(family$density(y, list(mu = 0.3, phi = 1e12), rep(100, 4)),
               stats::dbinom(100 * y, 100, 0.3, log = TRUE), tolerance = 1e-7)
  expect_equal(family$cdf(y, list(mu = 0.3, phi = 1e12), rep(100, 4)),
               stats::pbinom(100 * y, 100, 0.3), tolerance = 1e-7)
  par <- list(mu = rep(0.3, 3), phi = rep(2, 3))
  expect_identical(family$quantile(c(0, 0.5, 1), par, rep(10, 3)), c(0, 0.2, 1))
  expect_equal(family$var(list(mu = 0.3, phi = 4), 10), 0.3 * 0.7 / 10 * (1 + 9 / 5))
})

test_that("families of counts print, and refuse what they cannot take", {
  expect_snapshot({
    negbinomial()
    zero_inflated(negbinomial(variance = "linear"), link_zi = "probit")
    truncated(compois(), lower = 1, upper = 9)
    betabinomial()
  })
  expect_snapshot(error = TRUE, zero_inflated(gaussian()))
  # has no columns of trials
  expect_snapshot(error = TRUE, zero_inflated(bernoulli()))
  expect_snapshot(error = TRUE, hurdle(binomial()))
  expect_snapshot(error = TRUE, truncated(Beta()))
  expect_snapshot(error = TRUE, truncated(lower = 3, upper = 2))
  expect_snapshot(error = TRUE, negbinomial(variance = "cubic"))
  d <- data.frame(y = c(0, 1, 4), x = 1:3)
  expect_snapshot(error = TRUE, gamut(y ~ x, family = truncated(), data = d))
  d$y <- 0
  expect_snapshot(error = TRUE, gamut(y ~ x, family = hurdle(), data = d))
})

test_that("predictions, simulations and residuals are of the response", {
  d <- draw_counts_of(zero_inflated(), 200, 7)
  fit <- gamut(y ~ x | x, family = zero_inflated(), data = d)
  new <- data.frame(x = c(-0.5, 0.5))
  mu <- predict(fit, new, type = "response", predictor = "mu")
  zi <- predict(fit, new, type = "response", predictor = "zi")
  expect_equal(predict(fit, new, type = "response"), (1 - zi) * mu)
  expect_identical(unname(predict(fit, new, type = "quantile", at = 0.01)[, 1]), c(0, 0))
  drawn <- simulate(fit, 300, seed = 1)
  # a mean of 60000 draws
  expect_equal(mean(as.matrix(drawn)), mean(fitted(fit)), tolerance = 0.02)
  r <- residuals(fit, "quantile", seed = 1)
  expect_gt(stats::ks.test(r, "pnorm")$p.value, 0.01)
})
