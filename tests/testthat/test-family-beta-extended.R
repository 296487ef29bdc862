extended_data <- function(n = 500L, seed = 1L, mixture = TRUE) {
  set.seed(seed)
  d <- data.frame(x = runif(n, -1, 1), z = runif(n))
  phi <- exp(1 + 0.5 * d$z)
  b <- rbeta(n, phi * plogis(0.3 + d$x), phi * plogis(-0.3 - d$x))
  u <- if (mixture) rexp(n, 1 / 0.15) else 0.15
  d$y <- pmin(1, pmax(0, (1 + 2 * u) * b - u))
  d$b <- b
  d
}

# The likelihood by pbeta() and dbeta() alone; the rule by eigenvectors
independent_likelihood <- function(b, d, mixture) {
  mu <- plogis(b[1] + b[2] * d$x)
  phi <- exp(b[3] + b[4] * d$z)
  n <- 20L
  jacobi <- diag(2 * seq_len(n) - 1)
  for (k in 2:n) jacobi[k, k - 1] <- jacobi[k - 1, k] <- k - 1
  solved <- eigen(jacobi, symmetric = TRUE)
  nodes <- if (mixture) solved$values else 1
  weights <- if (mixture) solved$vectors[1, ]^2 else 1
  total <- 0
  for (j in seq_along(nodes)) {
    u <- nodes[j] * exp(b[5])
    x <- (d$y + u) / (1 + 2 * u)
    f <- ifelse(d$y == 0, pbeta(x, mu * phi, (1 - mu) * phi),
                ifelse(d$y == 1, pbeta(x, mu * phi, (1 - mu) * phi, lower.tail = FALSE),
                       dbeta(x, mu * phi, (1 - mu) * phi) / (1 + 2 * u)))
    total <- total + weights[j] * f
  }
  sum(log(total))
}

test_that("the fit is the maximum of an independent likelihood", {
  for (mixture in c(TRUE, FALSE)) {
    d <- extended_data(mixture = mixture)
    family <- Beta_extended(mixture = mixture)
    fit <- gamut(list(y ~ x, phi ~ z), family = family, data = d)
    expect_true(fit$convergence$converged)
    # both are exact to rounding; weights of eigenvectors to 1e-12
    expect_equal(as.numeric(logLik(fit)), independent_likelihood(coef(fit), d, mixture),
                 tolerance = 1e-9)
    lost <- function(b) -independent_likelihood(b, d, mixture)
    found <- optim(coef(fit), lost, method = "BFGS", hessian = TRUE)
    expect_gt(found$value, -as.numeric(logLik(fit)) - 1e-7)
    # a Hessian by second differences with steps of 1e-3
    errors <- sqrt(diag(solve(optimHess(coef(fit), lost))))
    expect_equal(unname(standard_errors(fit)), unname(errors), tolerance = 1e-3)
  }
})

test_that("without zeros and ones it becomes the beta model", {
  d <- extended_data()
  expect_warning(fit <- gamut(b ~ x, family = Beta_extended(), data = d),
                 class = "gamut_warning_limit")
  peer <- gamut(b ~ x, family = Beta(), data = d)
  # at the limit the likelihoods are the same
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(peer)), tolerance = 1e-9)
  expect_equal(coef(fit)[1:3], coef(peer), tolerance = 1e-6)
})

test_that("moments, probabilities and quantiles belong together", {
  for (mixture in c(TRUE, FALSE)) {
    family <- Beta_extended(mixture = mixture)
    par <- list(mu = 0.3, phi = 4, u = 0.2)
    ends <- exp(family$density(c(0, 1), par))
    inner <- function(f) {
      integrate(function(y) f(y) * family$density(y, par, log = FALSE), 0, 1,
                rel.tol = 1e-9)$value
    }
    # what integrate() can do
    expect_equal(sum(ends) + inner(function(y) 1 + 0 * y), 1, tolerance = 1e-8)
    mean <- ends[2] + inner(identity)
    expect_equal(family$mean(par), mean, tolerance = 1e-8)
    expect_equal(family$var(par), ends[2] + inner(function(y) y^2) - mean^2,
                 tolerance = 1e-8)
    expect_equal(family$cdf(0.4, par), ends[1] + integrate(function(y) {
      family$density(y, par, log = FALSE)
    }, 0, 0.4, rel.tol = 1e-9)$value, tolerance = 1e-8)
    p <- c(NA, 0, ends[1] / 2, ends[1] + 0.01, 0.5, 1 - ends[2] / 2, 1)
    q <- family$quantile(p, par)
    expect_equal(q[c(1:3, 6:7)], c(NA, 0, 0, 1, 1))
    # the search stops at rounding
    expect_equal(family$cdf(q[4:5], par), p[4:5], tolerance = 1e-10)
    expect_equal(family$cdf(c(0, 1), par, left = TRUE), c(0, 1 - ends[2]))
    set.seed(1)
    drawn <- family$random(1e5, par)
    # 4.5 standard errors of a mean, and of a share; the rule of 20 nodes is off by less
    expect_lt(abs(mean(drawn) - mean), 4.5 * sqrt(family$var(par) / 1e5))
    expect_lt(abs(mean(drawn == 0) - ends[1]), 4.5 * sqrt(0.25 / 1e5))
  }
})

test_that("residuals, predictions and simulations", {
  d <- extended_data()
  fit <- gamut(list(y ~ x, phi ~ z), family = Beta_extended(), data = d)
  expect_gt(shapiro.test(residuals(fit, "quantile", seed = 101))$p.value, 0.001)
  # 4.5 standard errors of a mean of 500 variables of variance one
  expect_lt(abs(mean(residuals(fit, "pearson"))), 4.5 / sqrt(500))
  expect_true(all(is.finite(residuals(fit, "deviance"))))
  expect_true(all(fitted(fit) > 0 & fitted(fit) < 1))
  drawn <- simulate(fit, 2, seed = 1)
  expect_true(all(drawn >= 0 & drawn <= 1) && any(drawn == 0) && any(drawn == 1))
  limits <- predict(fit, d[1:3, ], type = "response", interval = "confidence")
  expect_true(all(limits[, "lwr"] < limits[, "fit"] & limits[, "fit"] < limits[, "upr"]))
})

test_that("weights are repeated rows, predictors have any scale", {
  d <- extended_data(200L)
  d$w <- rep_len(c(1, 3, 0, 2), 200)
  weighted <- gamut(y ~ x, family = Beta_extended(), data = d, weights = w)
  expect_equal_fits(weighted, gamut(y ~ x, family = Beta_extended(),
                                    data = d[rep(1:200, d$w), ]))
  peer <- gamut(y ~ x, family = Beta_extended(), data = d)
  for (power in c(-9:-7, -4:-3, 3:4, 7:9)) {
    d$s <- d$x * 10^power
    fit <- gamut(y ~ s, family = Beta_extended(), data = d)
    # the same fit in other units
    expect_equal(unname(coef(fit)[2]) * 10^power, unname(coef(peer)[2]), tolerance = 1e-6)
    expect_equal(logLik(fit), logLik(peer), ignore_attr = TRUE)
  }
})

test_that("parameters are recovered", {
  skip_on_cran()
  truth <- c(0.3, 1, 1, 0.5, log(0.15))
  for (mixture in c(TRUE, FALSE)) {
    for (seed in 1:5) {
      d <- extended_data(4000L, seed, mixture)
      fit <- gamut(list(y ~ x, phi ~ z), family = Beta_extended(mixture = mixture),
                   data = d)
      # one in 20,000 normal variables is further out
      expect_lt(max(abs(coef(fit) - truth) / standard_errors(fit)), 4.5)
    }
  }
})

test_that("responses and arguments that do not fit are refused", {
  d <- extended_data(60L)
  expect_snapshot(error = TRUE, gamut(y + 1 ~ x, family = Beta_extended(), data = d))
  expect_snapshot(error = TRUE, Beta_extended(mixture = "no"))
  expect_snapshot(print(Beta_extended()))
})
