# Censored responses: how they are read, and what methods make of them.

# differences with h = 1e-5 of sums of about 300 are good to 1e-8
expect_gradient_zero <- function(f, b) {
  for (k in seq_along(b)) {
    step <- replace(numeric(length(b)), k, 1e-5)
    expect_lt(abs(f(b + step) - f(b - step)) / 2e-5, 1e-5)
  }
}

test_that("numbers at a limit are censored there", {
  set.seed(1)
  d <- data.frame(x = runif(200))
  d$latent <- d$x + rnorm(200)
  d$y <- pmin(pmax(d$latent, 0), 1.5)
  family <- censored(gaussian(), left = 0, right = 1.5)
  fit <- gamut(y ~ x, family = family, data = d)
  bounds <- cbind(ifelse(d$y <= 0, -Inf, d$y), ifelse(d$y >= 1.5, Inf, d$y))
  expect_identical(fit$frame$y$y, bounds)
  same <- gamut(bounds ~ x, family = censored(gaussian()), data = d)
  expect_identical(coef(same), coef(fit))
  direct <- function(b) {
    mu <- b[1] + b[2] * d$x
    s <- exp(b[3])
    -sum(ifelse(d$y <= 0, pnorm(0, mu, s, log.p = TRUE),
                ifelse(d$y >= 1.5, pnorm(1.5, mu, s, lower.tail = FALSE, log.p = TRUE),
                       dnorm(d$y, mu, s, log = TRUE))))
  }
  expect_equal(as.numeric(logLik(fit)), -direct(coef(fit)), tolerance = 1e-12)
  best <- optim(coef(fit) + 0.1, direct, method = "BFGS", control = list(reltol = 1e-14))
  expect_equal(best$par, coef(fit), tolerance = 1e-5)
})

test_that("without censored rows the fit is that of the family itself", {
  d <- simulated_data(200)
  pairs <- list(
    list(lognormal(), positive ~ x), list(weibull(), positive ~ x),
    list(exponential(), positive ~ x), list(gaussian(), normal ~ x),
    list(Gamma("log"), positive ~ x), list(poisson(), count ~ x)
  )
  for (pair in pairs) {
    censored_fit <- gamut(pair[[2]], family = censored(pair[[1]]), data = d)
    base <- censored_fit$family$base
    plain <- gamut(pair[[2]], family = base, data = d)
    expect_equal(coef(censored_fit), coef(plain), tolerance = 1e-9, label = base$family)
    expect_equal(as.numeric(logLik(censored_fit)), as.numeric(logLik(plain)),
                 tolerance = 1e-12)
  }
})

test_that("censored Gamma and counts are at the maximum of their likelihood", {
  d <- simulated_data(300)
  fit <- gamut(positive ~ x, family = censored(Gamma("log"), right = 1.5), data = d)
  gamma_loglik <- function(b) {
    mu <- exp(b[1] + b[2] * d$x)
    shape <- exp(-b[3])
    sum(ifelse(d$positive >= 1.5,
               pgamma(1.5, shape, shape / mu, lower.tail = FALSE, log.p = TRUE),
               dgamma(d$positive, shape, shape / mu, log = TRUE)))
  }
  expect_equal(as.numeric(logLik(fit)), gamma_loglik(coef(fit)), tolerance = 1e-12)
  expect_gradient_zero(gamma_loglik, coef(fit))
  fit <- gamut(count ~ x, family = censored(poisson(), right = 3, left = 1), data = d)
  count_loglik <- function(b) {
    mu <- exp(b[1] + b[2] * d$x)
    sum(ifelse(d$count >= 3, ppois(2, mu, lower.tail = FALSE, log.p = TRUE),
               ifelse(d$count <= 1, ppois(1, mu, log.p = TRUE),
                      dpois(d$count, mu, log = TRUE))))
  }
  expect_equal(as.numeric(logLik(fit)), count_loglik(coef(fit)), tolerance = 1e-12)
  expect_gradient_zero(count_loglik, coef(fit))
})

test_that("quantile residuals of censored rows are drawn, and normal in all", {
  set.seed(2)
  d <- data.frame(x = runif(2000))
  d$y <- pmax(d$x - 0.3 + rnorm(2000), 0)
  fit <- gamut(y ~ x, family = censored(gaussian(), left = 0), data = d)
  r <- residuals(fit, type = "quantile", seed = 5)
  expect_gt(ks.test(r, "pnorm")$p.value, 0.001)
  zero <- d$y == 0
  mu <- predict(fit)
  expect_true(all(r[zero] < (0 - mu[zero]) / exp(coef(fit)[3]) + 1e-8))
  expect_equal(unname(r[!zero]), unname((d$y - mu)[!zero] / exp(coef(fit)[3])))
  expect_equal(unname(residuals(fit, type = "response")), unname(d$y - fitted(fit)))
})

test_that("simulated responses are put at the limits, and can be fitted", {
  d <- simulated_data(300)
  fit <- gamut(normal ~ x, family = censored(gaussian(), left = 0, right = 1), data = d)
  drawn <- simulate(fit, 2, seed = 1)
  expect_true(all(drawn$sim_1 >= 0 & drawn$sim_1 <= 1))
  expect_true(any(drawn$sim_1 == 0) && any(drawn$sim_1 == 1))
  d$again <- drawn$sim_1
  again <- gamut(again ~ x, family = fit$family, data = d)
  # four standard errors
  expect_true(all(abs(coef(again) - coef(fit)) < 4 * sqrt(diag(vcov(again)))))
})

test_that("far censored rows do not break the fit", {
  set.seed(3)
  d <- data.frame(x = runif(100))
  d$y <- d$x + rnorm(100)
  bounds <- cbind(d$y, d$y)
  # at least 40 standard deviations away
  bounds[1, ] <- c(40, Inf)
  fit <- gamut(bounds ~ x, family = censored(gaussian()), data = d)
  expect_true(fit$convergence$converged)
  expect_true(all(is.finite(vcov(fit))))
})

test_that("weights are replicated rows", {
  d <- simulated_data(100)
  d$times <- rep(1:3, length.out = 100)
  family <- censored(weibull(), right = 1.5)
  weighted <- gamut(positive ~ x, family = family, data = d, weights = times)
  repeated <- gamut(positive ~ x, family = family, data = d[rep(1:100, d$times), ])
  expect_equal(coef(weighted), coef(repeated), tolerance = 1e-9)
  expect_equal(vcov(weighted), vcov(repeated), tolerance = 1e-8)
})

test_that("what censored() cannot take is refused with advice", {
  d <- data.frame(y = c(1, 2, 3, 4), x = c(1, 3, 2, 4))
  fit <- function(value, family) gamut(value ~ x, family = family, data = d)
  expect_snapshot(error = TRUE, {
    censored(binomial())
    censored(gaussian(), left = 2, right = 1)
    fit(cbind(c(2, 1, 1, 1), c(1, 2, 2, 2)), censored(gaussian()))
    fit(cbind(c(-1, 0, 1, 1), c(0, 1, 2, 2)), censored(lognormal()))
    fit(c(-1, 1, 1, 1), censored(weibull()))
    fit(cbind(c(Inf, 0, 1, 1), c(Inf, 1, 2, 2)), censored(gaussian()))
    fit(c(0.5, 1, 2, 2), censored(poisson()))
    fit(letters[1:4], censored(gaussian()))
  })
  skip_if_no_peer("survival")
  d$s <- survival::Surv(d$y, c(1, 0, 1, 1))
  expect_snapshot(error = TRUE, gamut(s ~ x, family = lognormal(), data = d))
  d$counting <- survival::Surv(d$y - 1, d$y, c(1, 0, 1, 1))
  expect_snapshot(error = TRUE,
                  gamut(counting ~ x, family = censored(lognormal()), data = d))
})
