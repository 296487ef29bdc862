# Continuous families: what is particular to each, and what holds for all of them.

# family, response in parameters of x, formula, true coefficients
real_models <- function() {
  line <- function(x) 1 + 2 * x
  scale <- function(x) exp(-0.5 + 0.7 * x)
  sigma <- list(y ~ x, sigma ~ x)
  phi <- list(y ~ x, phi ~ x)
  b <- c(1, 2, -0.5, 0.7)
  list(
    gaussian = list(gaussian(), sigma, \(x) list(mu = line(x), sigma = scale(x)), b),
    Gamma = list(Gamma("log"), phi, \(x) list(mu = exp(line(x)), phi = scale(x)), b),
    inverse.gaussian = list(inverse.gaussian("log"), phi,
                            \(x) list(mu = exp(line(x)), phi = scale(x)), b),
    lognormal = list(lognormal(), sigma, \(x) list(mu = line(x), sigma = scale(x)), b),
    weibull = list(weibull(), sigma, \(x) list(mu = exp(line(x)), sigma = scale(x)), b),
    student = list(student(), sigma,
                   \(x) list(mu = line(x), sigma = scale(x), nu = 4), c(b, log(4))),
    skewnormal = list(skewnormal(), sigma,
                      \(x) list(mu = line(x), sigma = scale(x), alpha = -4), c(b, -4)),
    tweedie = list(tweedie(), phi,
                   \(x) list(mu = exp(line(x)), phi = scale(x), power = 1.4),
                   c(b, qlogis(0.4))),
    chisq = list(chisq(), y ~ x, \(x) list(mu = exp(line(x))), c(1, 2)),
    hurdle_lognormal = list(
      hurdle(lognormal()), list(y ~ x, zi ~ x),
      \(x) list(mu = line(x), sigma = 0.7, zi = plogis(-1 + x)), c(1, 2, log(0.7), -1, 1)
    ),
    hurdle_Gamma = list(
      hurdle(Gamma("log")), list(y ~ x, zi ~ x),
      \(x) list(mu = exp(line(x)), phi = 0.7, zi = plogis(-1 + x)),
      c(1, 2, log(0.7), -1, 1)
    )
  )
}

# the family as it is once the formulas have been read
full_family <- function(model) {
  family <- as_gamut_family(model[[1]])
  if (is.list(model[[2]]) && is.function(family$dispersion_form)) {
    family <- family$dispersion_form(family)
  }
  family
}

draw_model <- function(model, n, seed) {
  set.seed(seed)
  x <- runif(n, -1, 1)
  data.frame(x = x, y = family_random(full_family(model), n, model[[3]](x)))
}

test_that("parameters are recovered", {
  skip_on_cran()
  models <- real_models()
  for (name in names(models)) {
    model <- models[[name]]
    for (seed in 1:5) {
      d <- draw_model(model, 4000, seed)
      fit <- gamut(model[[2]], family = model[[1]], data = d)
      z <- (coef(fit) - model[[4]]) / sqrt(diag(vcov(fit)))
      # a false alarm once in 3000 runs of all 250 numbers
      expect_lt(max(abs(z)), 4.5, label = paste(name, seed))
      expect_true(fit$convergence$converged, label = paste(name, seed))
    }
    r <- residuals(fit, type = "quantile", seed = 99)
    expect_gt(ks.test(r, "pnorm")$p.value, 1e-4, label = name)
  }
})

test_that("the unit of predictors and of the response does not matter", {
  models <- real_models()
  for (name in names(models)) {
    model <- models[[name]]
    d <- draw_model(model, 300, 7)
    fit <- gamut(model[[2]], family = model[[1]], data = d)
    slope <- grepl("x$", names(coef(fit)))
    for (unit in 10^c(-6, -4, -3, -2, -1, 1, 2, 3, 4, 6)) {
      other <- gamut(model[[2]], family = model[[1]], data = transform(d, x = x * unit))
      # convergence leaves less than 1e-8 of a standard error
      expect_equal(coef(other) * ifelse(slope, unit, 1), coef(fit), tolerance = 1e-7,
                   label = paste(name, unit))
      expect_equal(as.numeric(logLik(other)), as.numeric(logLik(fit)), tolerance = 1e-9)
    }
    if (name == "chisq") next
    identity <- full_family(model)$link == "identity" &&
      !grepl("lognormal", full_family(model)$family)
    for (unit in c(1e-6, 1e-3, 1e3, 1e6)) {
      other <- gamut(model[[2]], family = model[[1]], data = transform(d, y = y * unit))
      expect_equal(coef(other)[["x"]] / (if (identity) unit else 1), coef(fit)[["x"]],
                   tolerance = 1e-7, label = paste(name, unit))
      se <- sqrt(diag(vcov(other)) / diag(vcov(fit)))[["x"]]
      expect_equal(se / (if (identity) unit else 1), 1, tolerance = 1e-6)
    }
  }
})

test_that("weights are replicated rows", {
  models <- real_models()
  for (name in names(models)) {
    model <- models[[name]]
    d <- draw_model(model, 100, 8)
    d$times <- rep(1:3, length.out = 100)
    weighted <- gamut(model[[2]], family = model[[1]], data = d, weights = times)
    repeated <- gamut(model[[2]], family = model[[1]], data = d[rep(1:100, d$times), ])
    expect_equal(coef(weighted), coef(repeated), tolerance = 1e-7, label = name)
    expect_equal(as.numeric(logLik(weighted)), as.numeric(logLik(repeated)),
                 tolerance = 1e-10)
  }
})

test_that("the engine's log-likelihood is that of the density in R", {
  models <- real_models()
  for (name in names(models)) {
    model <- models[[name]]
    d <- draw_model(model, 200, 9)
    fit <- gamut(model[[2]], family = model[[1]], data = d)
    # sums of 200 rows in another order
    expect_equal(fit$objective %||% fit$deviance, -2 * as.numeric(logLik(fit)),
                 tolerance = 1e-10, label = name)
  }
})

test_that("student() with normal data is the gaussian, and says so", {
  set.seed(1)
  d <- data.frame(x = runif(200))
  # lighter tails than the normal's
  d$y <- d$x + qnorm(ppoints(200))[sample(200)]
  fit <- suppressWarnings(gamut(y ~ x, family = student(), data = d))
  normal <- gamut(list(y ~ x, sigma ~ 1), data = d)
  # nu is some 1e4 or more where the fit stops
  expect_equal(coef(fit)[1:3], coef(normal), tolerance = 1e-4)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(normal)), tolerance = 1e-5)
})

test_that("student() stands outliers that least squares does not", {
  set.seed(2)
  d <- data.frame(x = runif(100))
  d$y <- 1 + 2 * d$x + 0.1 * rnorm(100)
  d$y[1:10] <- 10^(1:10)
  fit <- gamut(y ~ x, family = student(), data = d)
  expect_true(fit$convergence$converged)
  expect_equal(unname(coef(fit)[1:2]), c(1, 2), tolerance = 0.1)
})

test_that("tweedie() has probability at zero, and quantiles there", {
  par <- list(mu = 1.2, phi = 2, power = 1.3)
  zero <- exp(-1.2^0.7 / (2 * 0.7))
  expect_equal(family_density(tweedie(), 0, par), zero, tolerance = 1e-14)
  expect_equal(family_cdf(tweedie(), 0, par), zero, tolerance = 1e-14)
  expect_identical(family_cdf(tweedie(), 0, par, left = TRUE), 0)
  expect_identical(family_quantile(tweedie(), zero / 2, par), 0)
  above <- integrate(function(y) family_density(tweedie(), y, par), 0, 4,
                     rel.tol = 1e-9)$value
  expect_equal(family_cdf(tweedie(), 4, par), zero + above, tolerance = 1e-7)
  p <- c(0.7, 0.9, 0.999)
  expect_equal(family_cdf(tweedie(), family_quantile(tweedie(), p, par), par), p,
               tolerance = 1e-9)
  # many Gammas, every h-th term
  par$phi <- 1e-6
  y <- c(1.199, 1.2, 1.202)
  normal <- dnorm(y, 1.2, sqrt(1e-6 * 1.2^1.3))
  expect_equal(family_density(tweedie(), y, par), normal, tolerance = 1e-2)
})

test_that("dispersion forms keep family and link of the plain one", {
  for (family in list(gaussian("log"), Gamma("inverse"), inverse.gaussian("1/mu^2"))) {
    plain <- as_gamut_family(family)
    full <- plain$dispersion_form(plain)
    expect_identical(full$family, plain$family)
    expect_identical(full$link, plain$link)
    expect_identical(full$parameters[1], "mu")
  }
})

test_that("constructors refuse what is no model", {
  d <- data.frame(y = c(1, 2, 0, 4), x = 1:4)
  expect_snapshot(error = TRUE, {
    tweedie(power = 2)
    tweedie(power = "a")
    chisq_var(-1)
    chisq_var("n")
    gamut(y ~ x, family = chisq_var(1:3), data = d, subset = y > 0)
    gamut(y ~ x, family = chisq_var(c(1, 2)), data = d, subset = y > 0)
    gamut(y ~ x, family = chisq_var(~z), data = d, subset = y > 0)
    gamut(y ~ x, family = lognormal(), data = d)
    gamut(-y ~ x, family = tweedie(), data = d)
    gamut(y ~ x, family = censored(binomial()), data = d)
    student("nolink")
  })
})

test_that("families print their parameters", {
  expect_snapshot({
    student()
    tweedie()
    tweedie(power = 1.5)
    chisq_var(~n)
    censored(gaussian(), left = 0)
  })
})
