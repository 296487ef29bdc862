test_that("densities integrate to one and their integral is the distribution function", {
  for (case in continuous_cases()) {
    density <- function(y) with_case(case, family_density, y)
    ends <- support_of(case)
    # integrate() is asked for 1e-10
    total <- integrate(density, ends[1], ends[2], rel.tol = 1e-10)$value
    expect_equal(total, 1, tolerance = 1e-8, label = case$family)
    for (q in c(0.2, 0.5, 0.9)) {
      below <- integrate(density, ends[1], q, rel.tol = 1e-10)$value
      expect_equal(with_case(case, family_cdf, q), below, tolerance = 1e-8,
                   label = case$family)
    }
  }
})

test_that("probabilities of discrete families sum to their distribution function", {
  for (case in discrete_cases()) {
    p <- with_case(case, family_density, case$support)
    # sums of a few dozen doubles
    expect_equal(sum(p), 1, tolerance = 1e-13, label = case$family)
    cdf <- with_case(case, family_cdf, case$support)
    expect_equal(cdf, cumsum(p), tolerance = 1e-13, label = case$family)
    left <- with_case(case, family_cdf, case$support, left = TRUE)
    expect_equal(cdf - left, p, tolerance = 1e-13, label = case$family)
    upper <- with_case(case, family_cdf, case$support, left = TRUE, lower_tail = FALSE)
    expect_equal(upper, 1 - left, tolerance = 1e-13, label = case$family)
    expect_true(as_gamut_family(case$family)$discrete)
  }
})

test_that("quantiles invert the distribution function", {
  p <- c(1e-6, 0.01, 0.3, 0.5, 0.8, 0.999)
  for (case in continuous_cases()) {
    q <- with_case(case, family_quantile, p)
    # stats' own quantile functions stop at about 1e-12
    expect_equal(with_case(case, family_cdf, q), p, tolerance = 1e-10,
                 label = case$family)
  }
  for (case in discrete_cases()) {
    support <- case$support[case$support <= 10]
    cdf <- with_case(case, family_cdf, support)
    expect_equal(with_case(case, family_quantile, cdf * (1 - 1e-10)), support)
    above <- with_case(case, family_quantile, pmin(cdf * (1 + 1e-10), 1))
    expect_equal(above, case$support[pmin(seq_along(support) + 1, length(case$support))])
  }
})

test_that("random numbers have the family's mean and variance", {
  set.seed(20)
  n <- 20000
  for (case in c(continuous_cases(), discrete_cases()[1:4])) {
    family <- as_gamut_family(case$family)
    phi <- if (is.null(case$dispersion)) 1 else case$dispersion
    y <- with_case(case, family_random, n)
    # four standard errors: a false alarm once in 16,000
    expect_lt(abs(mean(y) - family$mean(case$par)), 4 * sd(y) / sqrt(n))
    deviation <- (y - mean(y))^2
    variance <- family$var(case$par, case$weights, phi)
    expect_lt(abs(var(y) - variance), 4 * sd(deviation) / sqrt(n), label = case$family)
  }
  drawn <- with_case(discrete_cases()[[5]], family_random, n)
  expected <- c(0.2, 0.5, 0.3)
  expect_true(all(abs(tabulate(drawn, 3) / n - expected) <
                    4 * sqrt(expected * (1 - expected) / n)))
})

test_that("random numbers come from R's generator", {
  for (case in c(continuous_cases(), discrete_cases())) {
    set.seed(1)
    first <- with_case(case, family_random, 5)
    set.seed(1)
    expect_identical(with_case(case, family_random, 5), first)
    expect_length(first, 5)
  }
})

test_that("logarithms and tails agree with plain values", {
  for (case in c(continuous_cases(), discrete_cases())) {
    y <- if (is.null(case$support)) c(0.2, 0.6, 0.9) else case$support[1:2]
    # one logarithm and its inverse
    expect_equal(exp(with_case(case, family_density, y, log = TRUE)),
                 with_case(case, family_density, y), tolerance = 1e-13)
    expect_equal(exp(with_case(case, family_cdf, y, log = TRUE)),
                 with_case(case, family_cdf, y), tolerance = 1e-13)
    expect_equal(with_case(case, family_cdf, y, lower_tail = FALSE),
                 1 - with_case(case, family_cdf, y), tolerance = 1e-12)
  }
})

test_that("the log-likelihood is that of glm, with and without weights", {
  set.seed(5)
  n <- 40
  x <- runif(n)
  w <- sample(c(1, 2, 5), n, TRUE)
  w_half <- w / 2
  counts <- rpois(n, exp(1 + x))
  positive <- rgamma(n, 3, 3 / (1 + x))
  rates <- rbinom(n, w, 0.4) / w
  cases <- list(
    list(gaussian(), counts, NULL), list(gaussian(), counts, w_half),
    list(poisson(), counts, NULL), list(poisson(), counts, w_half),
    list(Gamma("log"), positive, NULL), list(Gamma("log"), positive, w_half),
    list(inverse.gaussian("log"), positive, NULL),
    list(inverse.gaussian("log"), positive, w_half),
    list(binomial(), rbinom(n, 1, 0.5), NULL), list(binomial("probit"), rates, w),
    list(quasipoisson(), counts, w)
  )
  for (case in cases) {
    fit <- suppressWarnings(glm(case[[2]] ~ x, family = case[[1]], weights = case[[3]]))
    family <- as_gamut_family(case[[1]])
    got <- family$loglik(fit$y, list(mu = fitted(fit)), case[[3]])
    # the same sum in another order
    expect_equal(got, as.numeric(logLik(fit)), tolerance = 1e-12,
                 label = case[[1]]$family)
  }
})

test_that("the log-likelihood of two columns is that of glm, prior weights included", {
  y <- cbind(c(3, 0, 5, 2), c(4, 6, 0, 0))
  x <- c(1, 2, 4, 5)
  for (w in list(NULL, c(1, 2, 0.5, 1))) {
    fit <- glm(y ~ x, family = binomial(), weights = w)
    family <- as_gamut_family("binomial")
    read <- family$response(y, w, "y")
    got <- family$loglik(read$y, list(mu = fitted(fit)), read$weights,
                         trials = read$trials)
    expect_equal(got, as.numeric(logLik(fit)), tolerance = 1e-12)
    deviance <- family$unit_deviance(read$y, list(mu = fitted(fit)), read$weights)
    expect_equal(sum(deviance), deviance(fit), tolerance = 1e-12)
  }
})

test_that("rows of weight zero add nothing to the log-likelihood", {
  y <- c(0.4, 0.7, 0.2)
  for (name in c("gaussian", "Gamma", "inverse.gaussian", "exponential", "Beta")) {
    family <- as_gamut_family(name)
    par <- list(mu = c(0.3, 0.5, NaN), phi = 4)[family$parameters]
    fewer <- lapply(par, function(p) p[1:2][!is.na(p[1:2])])
    expect_identical(family$loglik(y, par, c(1, 2, 0)),
                     family$loglik(y[1:2], fewer, c(1, 2)))
  }
})

test_that("a given dispersion is used, with weights as precisions", {
  family <- as_gamut_family("Gamma")
  got <- family$loglik(c(1, 2), list(mu = 1.5), c(1, 3), dispersion = 0.5)
  expected <- sum(dgamma(1:2, c(2, 6), scale = c(0.75, 0.25), log = TRUE))
  expect_equal(got, expected, tolerance = 1e-14)
})

test_that("arguments are recycled and checked", {
  expect_identical(family_density("poisson", 1, list(mu = 1:3)), dpois(1, 1:3))
  expect_identical(family_cdf(poisson, 0:1, 2), ppois(0:1, 2))
  expect_length(family_quantile("gaussian", c(0.1, 0.9), 0, dispersion = 1:4), 4)
  expect_snapshot(error = TRUE, family_density("Beta", 0.5, 0.3))
  expect_snapshot(error = TRUE, family_density("Beta", 0.5, list(mu = 1.3, phi = 1)))
  expect_snapshot(error = TRUE, family_cdf("poisson", 1, list(lambda = 2)))
  expect_snapshot(error = TRUE, family_quantile("poisson", c(0.5, 1.2), 2))
  expect_snapshot(error = TRUE, family_random(quasipoisson(), 3, 2))
  expect_error(family_density("quasi", 1, 1), class = "gamut_error_density")
  expect_error(as_gamut_family("quasi")$cdf(1, list(mu = 1)),
               class = "gamut_error_density")
})

test_that("what stats thinks of NaN and of spikes is not passed on", {
  expect_silent(value <- family_density(Gamma("log"), 2, 2, dispersion = NaN))
  expect_identical(value, NaN)
  line <- data.frame(x = 1:8 / 4, y = exp(1:8 / 4))
  fit <- gamut(y ~ x, line, Gamma("log"))
  expect_silent(logLik(fit))
  expect_silent(family_quantile(Beta(), 0.975, list(mu = 0.5, phi = 1e-6)))
  expect_warning(quietly(function(x) warn_gamut("kept", class = "x"))(1), "kept")
})
