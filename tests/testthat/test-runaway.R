# Parameters that run off, and fits that must look in more than one place.

test_that("skewnormal() leaves alpha = 0, where every sample has a stationary point", {
  density <- function(p, y) {
    -sum(family_density(skewnormal(), y, list(mu = p[1], sigma = exp(p[2]), alpha = p[3]),
                        log = TRUE))
  }
  for (seed in c(2, 5)) {
    set.seed(seed)
    y <- rnorm(200)
    fit <- gamut(y ~ 1, data.frame(y), skewnormal())
    expect_true(fit$convergence$converged)
    found <- lapply(c(-3, -0.5, 0.5, 3), function(alpha) {
      optim(c(mean(y), log(sd(y)), alpha), density, y = y,
            control = list(maxit = 4000, reltol = 1e-12))$value
    })
    # optim() is right to its reltol; a fit at alpha = 0 is off by 0.005 and more
    expect_lt(-as.numeric(logLik(fit)), min(unlist(found)) + 1e-6)
  }
})

test_that("a slant without end is named, and leaves the likelihood where it was", {
  expect_warning(
    fit <- gamut(weight ~ height, women, skewnormal()), "`alpha` runs to Inf",
    class = "gamut_warning_convergence"
  )
  expect_identical(fit$convergence$code, "diverging")
  set.seed(6)
  y <- rnorm(20)
  expect_warning(fit <- gamut(y ~ 1, data.frame(y), skewnormal()), "`alpha`")
  # optim() from eight starts ends at 26.53018; a stray step had led to 43
  expect_lt(fit$deviance / 2, 26.5302)
})

test_that("a scale that fits responses exactly is no maximum", {
  d <- data.frame(x = c(1, 2.5, 4, 7), line = c(3, 6, 9, 15), y = c(1, 2, 3, 5))
  two <- d[1:2, ]
  for (family in list(lognormal(), weibull())) {
    expect_warning(fit <- gamut(y ~ x, two, family), class = "gamut_warning_convergence")
    expect_false(fit$convergence$converged)
  }
  expect_snapshot(invisible(gamut(line ~ x, student(), data = d)))
})

test_that("counts that all have probability one are no maximum", {
  for (count in c(2, 5)) {
    seconds <- system.time(expect_warning(
      fit <- gamut(y ~ 1, data.frame(y = rep(count, 3)), compois()), "probability one",
      class = "gamut_warning_convergence"
    ))[["elapsed"]]
    # it once took all memory; now hundredths of a second
    expect_lt(seconds, 2)
  }
})

test_that("tweedie() without zeros ends as the Gamma family, and says so", {
  set.seed(1)
  d <- data.frame(x = runif(60))
  d$y <- rgamma(60, 3, 3 / exp(d$x))
  expect_warning(fit <- gamut(y ~ x, d, tweedie()), "`power` is at its limit 2",
                 class = "gamut_warning_limit")
  reference <- gamut(list(y ~ x, phi ~ 1), d, Gamma("log"))
  # the power ends within 1e-5 of 2
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(reference)), tolerance = 1e-6)
  expect_equal(coef(fit)[1:3], coef(reference), tolerance = 1e-4)
  d$y <- rpois(60, exp(d$x))
  expect_warning(fit <- gamut(y ~ x, d, tweedie()), "`power` runs to 1",
                 class = "gamut_warning_convergence")
})

test_that("the engine's tweedie density is R's where its series gets thin", {
  set.seed(1)
  d <- data.frame(x = runif(40))
  # dispersions so small that every h-th term of the series does
  d$y <- exp(d$x) * rgamma(40, 1e4, 1e4)
  for (power in c(1.3, 1.5, 1.9)) {
    fit <- gamut(y ~ x, d, tweedie(power = power))
    # both to rounding; the step of the series had been left out
    expect_equal(-fit$deviance / 2, as.numeric(logLik(fit)), tolerance = 1e-8)
  }
})

test_that("a search over smooths says that the power of tweedie() runs to 1", {
  set.seed(1)
  d <- data.frame(x = runif(100))
  d$y <- rpois(100, exp(1 + sin(6 * d$x)))
  expect_warning(gamut(y ~ s(x), d, tweedie()), "`power` runs to 1",
                 class = "gamut_warning_convergence")
})
