# The defaults of density_family() against functions of stats for the same distribution.

gamma_pieces <- function(...) {
  density_family(
    "test gamma", "Gamma", list(mu = resolve_link("log"), phi = resolve_link("log")),
    domain = list(mu = c(0, Inf), phi = c(0, Inf)),
    density = function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
      stats::dgamma(y, par$phi, par$phi / par$mu, log = log)
    },
    cdf = function(y, par, weights = NULL, dispersion = 1, left = FALSE, lower = TRUE,
                   log = FALSE) {
      stats::pgamma(y, par$phi, par$phi / par$mu, lower.tail = lower, log.p = log)
    },
    mean = mean_parameter, var = function(par, ...) par$mu^2 / par$phi,
    response = read_positive, support = c(0, Inf), ...
  )
}

poisson_pieces <- function(...) {
  density_family(
    "test poisson", "poisson", list(mu = resolve_link("log")), list(mu = c(0, Inf)),
    density = function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
      stats::dpois(y, par$mu, log)
    },
    cdf = function(y, par, weights = NULL, dispersion = 1, left = FALSE, lower = TRUE,
                   log = FALSE) {
      stats::ppois(last_count(y, left), par$mu, lower, log)
    },
    mean = mean_parameter, var = function(par, ...) par$mu, response = read_counts,
    discrete = TRUE, support = c(0, Inf), ...
  )
}

test_that("quantiles are found by search, far out as well", {
  family <- gamma_pieces()
  p <- c(0, 1e-12, 1e-300, 0.001, 0.5, 0.9, 1 - 1e-10, 1, NA)
  par <- list(mu = rep_len(c(3, 100), 9), phi = rep_len(c(2, 5), 9))
  # the last digits of qgamma() itself
  expect_equal(family$quantile(p, par), stats::qgamma(p, par$phi, par$phi / par$mu),
               tolerance = 1e-12)
  set.seed(1)
  p <- c(0, 1e-12, stats::runif(500), 1 - 1e-9, 1, NA)
  mu <- rep_len(c(0.001, 1, 30, 1e6), length(p))
  expect_identical(poisson_pieces()$quantile(p, list(mu = mu)), stats::qpois(p, mu))
})

test_that("draws are quantiles of uniform numbers", {
  set.seed(3)
  drawn <- poisson_pieces()$random(5, list(mu = 4))
  set.seed(3)
  expect_identical(drawn, stats::qpois(stats::runif(5), 4))
})

test_that("the deviance is that of the best main parameter", {
  y <- c(0.1, 2, 50)
  # phi times the Gamma deviance; a top's height is exact to rounding
  expect_equal(gamma_pieces()$unit_deviance(y, list(mu = 3, phi = 2), c(1, 2, 1)),
               2 * Gamma()$dev.resids(y, rep(3, 3), c(1, 2, 1)), tolerance = 1e-12)
  y <- c(0, 1, 5, 100)
  expect_equal(poisson_pieces()$unit_deviance(y, list(mu = 2)),
               poisson()$dev.resids(y, rep(2, 4), 1), tolerance = 1e-12)
})

test_that("a family of pieces fits, predicts and simulates", {
  d <- simulated_data()
  fit <- gamut(count ~ x, family = poisson_pieces(), data = d)
  peer <- gamut(count ~ x, family = poisson(), data = d)
  expect_equal_fits(fit, peer, errors = FALSE)
  expect_equal(logLik(fit), logLik(peer), ignore_attr = TRUE)
  for (type in c("deviance", "pearson", "response", "quantile")) {
    # the deviance of a search is that of the formula but for rounding
    expect_equal(residuals(fit, type, seed = 1), residuals(peer, type, seed = 1),
                 tolerance = 1e-6)
  }
  expect_equal(predict(fit, d[1:3, ], type = "quantile"),
               predict(peer, d[1:3, ], type = "quantile"))
  expect_identical(dim(simulate(fit, 2, seed = 1)), c(200L, 2L))
})

test_that("a family may ask for variables of the data", {
  reader <- function(y, weights, at) {
    response_result(read_numeric(y, at) - at$variables$shift + at$variables$one,
                    weights)
  }
  shifted <- gamma_pieces(extra = list(variables = list(shift = ~ z - 1, one = 1)))
  shifted$response <- response_reader("test gamma", reader)
  d <- simulated_data()
  frame <- build_frame(parse_formula(positive ~ x), d, shifted, subset = quote(z < 0.5))
  chosen <- d[d$z < 0.5, ]
  expect_equal(frame$y$y, chosen$positive - chosen$z + 2)
  d$z[3] <- NA
  frame <- build_frame(parse_formula(positive ~ x), d, shifted)
  expect_identical(frame$rows, 199L)
})

test_that("expected information that a family does not have is refused", {
  family <- poisson_pieces(has_expected = FALSE)
  expect_snapshot(error = TRUE, gamut(count ~ x, family = family, data = simulated_data(),
                                      control = gamut_control(information = "expected")))
})

test_that("a fit at a known limit has converged", {
  limits <- list(mu = list(at = 0, meaning = "a point at zero"))
  family <- poisson_pieces(extra = list(limits = limits))
  d <- data.frame(y = rep(0, 20), x = 1:20)
  expect_warning(fit <- gamut(y ~ 1, family = family, data = d),
                 class = "gamut_warning_limit")
  expect_true(fit$convergence$converged)
  expect_identical(fit$convergence$code, "limit")
  expect_true(is.na(sqrt(vcov(fit))))
  expect_true(all(is.na(standard_errors(fit))))
  expect_snapshot(print(fit))
  wrong <- poisson_pieces(extra = list(limits = list(mu = list(at = Inf, meaning = ""))))
  expect_warning(gamut(y ~ 1, family = wrong, data = d),
                 class = "gamut_warning_convergence")
})

test_that("a mean of several parameters has standard errors by the delta method", {
  # the same distribution with its logarithmic rate: mean = shape / rate
  d <- simulated_data()
  odd <- Beta()
  odd$mean <- function(par) par$mu * par$phi / (par$phi + 1)
  odd$mean_is_main <- FALSE
  fit <- gamut(fraction ~ x, family = odd, data = d)
  new <- d[1:3, ]
  found <- predict(fit, new, type = "response", se.fit = TRUE)
  mu <- predict(fit, new, type = "response", predictor = "mu")
  phi <- predict(fit, new, type = "response", predictor = "phi")
  expect_equal(found$fit, mu * phi / (1 + phi))
  gradient <- cbind(phi / (1 + phi) * mu * (1 - mu), mu * phi / (1 + phi)^2)
  x <- cbind(1, new$x)
  a <- cbind(gradient[, 1] * x, gradient[, 2])
  # differences of fourth order are off by 1e-13 or so
  expect_equal(unname(found$se.fit), sqrt(rowSums((a %*% vcov(fit)) * a)),
               tolerance = 1e-10, ignore_attr = TRUE)
  limits <- predict(fit, new, type = "response", interval = "confidence")
  expect_true(all(limits[, "lwr"] < limits[, "fit"] & limits[, "upr"] < 1))
})
