# Families of users' functions: against the families built in, and what goes wrong.

my_poisson <- function(...) {
  custom_family("my Poisson", function(y, mu, log) dpois(y, mu, log), c(mu = "log"),
                discrete = TRUE, support = c(0, Inf), ...)
}

my_normal <- function(...) {
  custom_family("my normal", function(y, mu, sigma, log) dnorm(y, mu, sigma, log),
                list(mu = "identity", sigma = "log"), ...)
}

# Promised are 1e-7 of a standard error and 1e-5 relative for standard errors; numerical
# derivatives are two digits better than that.
expect_same_fit <- function(mine, peer, scale = 1) {
  se <- sqrt(diag(vcov(peer)))
  expect_lt(max(abs(coef(mine) - coef(peer)) / se), 1e-7)
  expect_lt(max(abs(sqrt(diag(vcov(mine))) / se / scale - 1)), 1e-5)
}

test_that("a custom Poisson is the Poisson", {
  d <- simulated_data()
  mine <- gamut(count ~ x + f, family = my_poisson(
    cdf = function(y, mu, lower.tail, log.p) ppois(y, mu, lower.tail, log.p), # nolint
    variance = function(mu) mu
  ), data = d)
  peer <- gamut(count ~ x + f, family = poisson(), data = d)
  expect_same_fit(mine, peer)
  expect_equal(logLik(mine), logLik(peer), ignore_attr = TRUE)
  for (type in c("quantile", "pearson", "response", "deviance")) {
    # fits agree to 1e-7 of a standard error
    expect_equal(residuals(mine, type, seed = 1), residuals(peer, type, seed = 1),
                 tolerance = 1e-6)
  }
  expect_equal(predict(mine, d[1:3, ], type = "quantile"),
               predict(peer, d[1:3, ], type = "quantile"))
  expect_identical(simulate(mine, 2, seed = 1)[[1]],
                   qpois({
                     set.seed(1)
                     runif(200)
                   }, fitted(mine)), ignore_attr = TRUE)
  weighted <- gamut(count ~ x, family = my_poisson(), data = d, weights = i)
  rows <- d[rep(1:200, d$i), ]
  expect_same_fit(weighted, gamut(count ~ x, family = poisson(), data = rows))
})

test_that("two parameters: normal, beta, Gamma with a shape", {
  d <- simulated_data()
  beta <- custom_family("my beta", function(y, mu, phi, log) {
    dbeta(y, mu * phi, (1 - mu) * phi, log = log)
  }, list(mu = "logit", phi = "log"), support = function(y) y > 0 & y < 1)
  expect_same_fit(gamut(list(fraction ~ x, phi ~ z), family = beta, data = d),
                  gamut(list(fraction ~ x, phi ~ z), family = Beta(), data = d))
  # the variance of gaussian() is a moment estimator, with n - p instead of n
  mine <- gamut(normal ~ x, family = my_normal(), data = d)
  peer <- lm(normal ~ x, data = d)
  se <- sqrt(diag(vcov(peer)))
  expect_lt(max(abs(coef(mine)[1:2] - coef(peer)) / se), 1e-7)
  expect_equal(unname(exp(coef(mine)[3])), sqrt(mean(resid(peer)^2)), tolerance = 1e-9)
  expect_equal(unname(vcov(mine)[1:2, 1:2]), unname(vcov(peer)) * 198 / 200,
               tolerance = 1e-6)
  gamma <- custom_family("my Gamma", function(y, mu, shape, log) {
    dgamma(y, shape, shape / mu, log = log)
  }, c(mu = "log", shape = "log"), support = c(0, Inf))
  mine <- gamut(positive ~ x, family = gamma, data = d)
  # the mean does not depend on the shape; glm() stops at 1e-8 of the deviance
  peer <- glm(positive ~ x, family = Gamma("log"), data = d,
              control = glm.control(1e-14, 100))
  expect_equal(coef(mine)[1:2], coef(peer), tolerance = 1e-7)
})

test_that("three parameters, and any scale of the response", {
  t3 <- custom_family("my t", function(y, mu, sigma, nu, log) {
    dt((y - mu) / sigma, nu, log = TRUE) - log(sigma)
  }, list(mu = "identity", sigma = "log", nu = "log"))
  set.seed(4)
  d <- data.frame(x = runif(500))
  d$y <- 1 + d$x + 0.5 * rt(500, 4)
  fit <- gamut(list(y ~ x, sigma ~ x), family = t3, data = d)
  expect_true(fit$convergence$converged)
  lost <- function(b) {
    -sum(dt((d$y - b[1] - b[2] * d$x) / exp(b[3] + b[4] * d$x), exp(b[5]), log = TRUE) -
           b[3] - b[4] * d$x)
  }
  # no other point nearby is better, by a search that knows nothing of derivatives
  found <- optim(coef(fit), lost, control = list(reltol = 1e-14, maxit = 5000))
  expect_gt(found$value, -as.numeric(logLik(fit)) - 1e-8)
  for (scale in 10^c(-6, 6)) {
    d$scaled <- d$y * scale
    other <- gamut(list(scaled ~ x, sigma ~ x), family = t3, data = d)
    expect_true(other$convergence$converged)
    # the same fit in other units
    expect_equal(coef(other)[1:2] / scale, coef(fit)[1:2], tolerance = 1e-6)
    expect_equal(coef(other)[[4]], coef(fit)[[4]], tolerance = 1e-6)
  }
})

test_that("a score and starting values are used", {
  d <- simulated_data()
  calls <- 0
  score <- function(y, mu, sigma) {
    calls <<- calls + 1
    list(sigma = (y - mu)^2 / sigma^3 - 1 / sigma, mu = (y - mu) / sigma^2)
  }
  mine <- gamut(list(normal ~ x, sigma ~ z), family = my_normal(
    score = score, start = function(y) list(mu = y * 0 + mean(y), sigma = sd(y))
  ), data = d)
  expect_gt(calls, 3)
  peer <- gamut(list(normal ~ x, sigma ~ z), family = my_normal(), data = d)
  expect_same_fit(mine, peer)
})

test_that("moments, quantiles and random numbers may be given", {
  gumbel <- custom_family(
    "Gumbel",
    density = function(y, location, scale, log) {
      z <- (y - location) / scale
      -z - exp(-z) - log(scale)
    },
    links = list(location = "identity", scale = "log"),
    cdf = function(y, location, scale) exp(-exp(-(y - location) / scale)),
    random = function(n, location, scale) location - scale * log(-log(runif(n))),
    mean = function(location, scale) location - digamma(1) * scale,
    variance = function(location, scale) (pi * scale)^2 / 6
  )
  par <- list(location = 1, scale = 2)
  # the inverse of the distribution function in closed form
  p <- c(0.01, 0.9)
  expect_equal(family_quantile(gumbel, p, par), 1 - 2 * log(-log(p)), tolerance = 1e-10)
  set.seed(1)
  d <- data.frame(x = runif(300))
  d$y <- 1 + d$x - 2 * log(-log(runif(300)))
  fit <- gamut(y ~ x, family = gumbel, data = d)
  b <- unname(coef(fit))
  expect_equal(unname(fitted(fit)), b[1] + b[2] * d$x - digamma(1) * exp(b[3]))
  expect_gt(shapiro.test(residuals(fit, "quantile"))$p.value, 0.01)
  # three standard errors of a variance of 300
  expect_lt(abs(var(residuals(fit, "pearson")) - 1), 3 * sqrt(5 / 300))
  expect_snapshot(print(gumbel))
})

test_that("what was not given is named when it is needed", {
  d <- simulated_data()
  fit <- gamut(count ~ x, family = my_poisson(), data = d)
  expect_snapshot(error = TRUE, residuals(fit, "quantile"))
  expect_snapshot(error = TRUE, residuals(fit, "pearson"))
  expect_snapshot(error = TRUE, simulate(fit))
  expect_snapshot(error = TRUE, predict(fit, d[1:2, ], type = "quantile"))
  expect_error(simulate(fit), class = "gamut_error_density")
  expect_length(residuals(fit, "deviance"), 200L)
})

test_that("functions that are no density are refused when the family is made", {
  ok <- function(y, mu, log) dpois(y, mu, log)
  expect_snapshot(error = TRUE, custom_family(NA, ok, c(mu = "log")))
  expect_snapshot(error = TRUE, custom_family("bad", 3, c(mu = "log")))
  expect_snapshot(error = TRUE, custom_family("bad", ok, "log"))
  expect_snapshot(error = TRUE, custom_family("bad", ok, c(y = "log")))
  expect_snapshot(error = TRUE, custom_family("bad", ok, c(mu = "log", sigma = "log")))
  expect_snapshot(error = TRUE, custom_family("bad", function(y, mu) 0, c(mu = "log")))
  expect_snapshot(error = TRUE, custom_family("bad", ok, c(mu = "log"), support = 3))
  expect_snapshot(error = TRUE, custom_family("bad", ok, c(mu = "log"), discrete = NA))
  expect_snapshot(error = TRUE, custom_family("bad", ok, c(mu = "log"), domain = c(0, 1)))
  expect_snapshot(error = TRUE, custom_family("bad", ok, c(mu = "log"), cdf = "ppois"))
})

test_that("functions that fail or return nonsense are named", {
  d <- simulated_data()
  fit <- function(density, ...) {
    gamut(count ~ x, family = custom_family("bad", density, c(mu = "log"), ...), data = d)
  }
  expect_snapshot(error = TRUE, fit(function(y, mu, log) stop("no such thing")))
  expect_snapshot(error = TRUE, fit(function(y, mu, log) 0))
  expect_snapshot(error = TRUE, fit(function(y, mu, log) "a"))
  holes <- function(y, mu, log) ifelse(y > 6, NA, dpois(y, mu, log))
  expect_snapshot(error = TRUE, fit(holes))
  ok <- function(y, mu, log) dpois(y, mu, log)
  expect_snapshot(error = TRUE, fit(ok, score = function(y, mu) list(mu = y - mu)))
  expect_snapshot(error = TRUE, fit(ok, score = function(y, mu) y - mu))
  expect_snapshot(error = TRUE, fit(ok, start = function(y) list(m = 1)))
  expect_snapshot(error = TRUE, fit(ok, start = function(y) list(mu = -1)))
  expect_snapshot(error = TRUE, fit(ok, support = c(1, Inf)))
  expect_snapshot(error = TRUE, fit(ok, support = function(y) 1))
  expect_snapshot(error = TRUE, gamut(normal ~ x, family = my_poisson(), data = d))
  # not at the start, but on the way
  seen <- 0
  late <- function(y, mu, log) {
    seen <<- seen + 1
    if (length(y) == 1000L) stop("too many rows")
    dpois(y, mu, log)
  }
  expect_error(fit(late), "`density` failed: too many rows", class = "gamut_error_custom")
})
