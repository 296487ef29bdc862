# Adaptive quadrature through the front: which models have it, that its log-likelihoods
# compare, and that a Laplace approximation that is off says so. Its integrals and
# gradients are tested in tests/cpp/test_quadrature.cpp.

clusters <- function(levels, rows, sd, seed = 1, family = binomial()) {
  withr::with_seed(seed, {
    d <- data.frame(g = factor(rep(seq_len(levels), each = rows)))
    d$block <- factor((as.integer(d$g) - 1L) %/% 5L)
    d$x <- rnorm(nrow(d))
    effects <- rnorm(levels, sd = sd)
    d$y <- rbinom(nrow(d), 1L, plogis(0.3 + 0.5 * d$x + effects[d$g]))
    d$count <- rpois(nrow(d), exp(0.2 + 0.3 * d$x + 0.5 * effects[d$g]))
    d
  })
}

test_that("log-likelihoods approach the integral as points are added", {
  d <- clusters(40L, 4L, 1.5)
  loglik <- function(nagq) {
    suppressWarnings(logLik(gamut(y ~ x + (1 | g), d, binomial(), nagq = nagq)),
                     classes = "gamut_warning_laplace")
  }
  values <- vapply(c(1, 3, 7, 15, 31), loglik, 0)
  errors <- abs(values - loglik(60))
  expect_true(all(diff(errors) < 0))
  expect_lt(errors[5], 1e-6)
})

test_that("one factor equals lme4, whose constant it keeps", {
  skip_if_no_peer("lme4")
  d <- clusters(30L, 6L, 1)
  fit <- gamut(y ~ x + (1 | g), d, binomial(), nagq = 11)
  peer <- lme4::glmer(y ~ x + (1 | g), d, binomial(), nAGQ = 11L,
                      control = lme4::glmerControl(tolPwrss = 1e-12))
  # zeros and ones have no saturated term
  expect_equal(-2 * c(logLik(fit)), -2 * c(logLik(peer)), tolerance = 1e-7)
  expect_equal(coef(fit), lme4::fixef(peer), tolerance = 1e-3)
})

test_that("the levels' integrals of a vector term are those of numerical integration", {
  d <- clusters(12L, 8L, 1.5, seed = 6)
  d$count <- withr::with_seed(2, rpois(96L, exp(0.2 + rnorm(12L)[d$g] * d$x)))
  fit <- gamut(count ~ x + (x | g), d, poisson(), nagq = 15)
  lambda <- t(chol(VarCorr(fit)$g))
  grid <- expand.grid(a = seq(-7, 7, by = 0.1), b = seq(-7, 7, by = 0.1))
  u <- lambda %*% t(grid)
  levels <- split(d, d$g)
  log_integral <- vapply(levels, function(rows) {
    eta <- outer(rep(1, nrow(rows)), u[1, ]) + outer(rows$x, u[2, ]) +
      drop(cbind(1, rows$x) %*% coef(fit))
    density <- colSums(dpois(rows$count, exp(eta), log = TRUE))
    log(sum(exp(density + dnorm(grid$a, log = TRUE) + dnorm(grid$b, log = TRUE))) * 0.01)
  }, 0)
  # the grid is exact to rounding; fifteen nodes are good to 1e-6 here
  expect_equal(c(logLik(fit)), sum(log_integral), tolerance = 1e-6)
})

test_that("nested factors: the outer one without variance leaves the inner one alone", {
  d <- clusters(40L, 5L, 1, seed = 3)
  nested <- gamut(y ~ x + (1 | block / g), d, binomial(), nagq = 9)
  single <- gamut(y ~ x + (1 | g), d, binomial(), nagq = 9)
  expect_gt(c(logLik(nested)), c(logLik(single)) - 1e-7)
  at_zero <- nested$criterion$theta[vapply(nested$random, `[[`, "", "group") == "block"]
  if (identical(at_zero, 0)) expect_equal(c(logLik(nested)), c(logLik(single)))
})

test_that("any family: a linear model's integral is exact already", {
  d <- clusters(20L, 5L, 1, seed = 5)
  d$z <- 2 + d$x + as.integer(d$g) / 10 + d$count / 3
  exact <- gamut(z ~ x + (1 | g), d, gaussian(), method = "ML")
  # a normal density that the engine does not know to be one
  custom_normal <- custom_family(
    "normal", function(y, mu, sigma, log) dnorm(y, mu, sigma, log),
    links = list(mu = "identity", sigma = "log")
  )
  by_nodes <- gamut(z ~ x + (1 | g), d, custom_normal, nagq = 5)
  expect_equal(c(logLik(by_nodes)), c(logLik(exact)), tolerance = 1e-6)
  expect_equal(coef(by_nodes)[1:2], coef(exact), tolerance = 1e-5)
  expect_identical(gamut(z ~ x + (1 | g), d, nagq = 5)$nagq, 1L)
})

test_that("fits again, summary and anova keep the points", {
  d <- clusters(30L, 6L, 1)
  fit <- gamut(y ~ x + (1 | g), d, binomial(), nagq = 7)
  title <- paste(capture.output(print(summary(fit)))[1:2], collapse = " ")
  expect_match(title, "adaptive *quadrature, 7 points")
  expect_equal(logLik(refit(fit, d$y)), logLik(fit), tolerance = 1e-8)
  less <- update(fit, . ~ . - x)
  expect_identical(less$nagq, 7L)
  dropped <- drop1(fit, test = "Chisq")
  expect_equal(dropped["x", "LRT"], 2 * c(logLik(fit) - logLik(less)), tolerance = 1e-6)
})

test_that("a Laplace approximation that is off is said to be", {
  d <- clusters(80L, 3L, 1.5, seed = 2)
  expect_warning(fit <- gamut(y ~ x + (1 | g), d, binomial()),
                 class = "gamut_warning_laplace")
  expect_true(fit$convergence$converged)
  expect_no_warning(gamut(y ~ x + (1 | g), d, binomial(), nagq = 15))
  expect_no_warning(gamut(count ~ x + (1 | g), clusters(30L, 10L, 0.5), poisson()))
})

test_that("toenail data (De Backer et al. 1998) need quadrature", {
  d <- peer_data("toenail", "HSAUR3")
  formula <- outcome ~ treatment * visit + (1 | patientID)
  expect_warning(gamut(formula, d, binomial()), class = "gamut_warning_laplace")
  fit <- gamut(formula, d, binomial(), nagq = 25)
  # lme4's modes must be exact: with its default 25 points give 5e-5 more here
  peer <- lme4::glmer(formula, d, binomial(), nAGQ = 25L,
                      control = lme4::glmerControl(tolPwrss = 1e-12))
  expect_equal(c(logLik(fit)), c(logLik(peer)), tolerance = 1e-6)
})

test_that("what quadrature does not cover is an error that says so", {
  d <- clusters(30L, 6L, 1)
  d$other <- factor(rep(1:6, 30))
  expect_snapshot(error = TRUE, {
    gamut(y ~ x + (1 | g) + (1 | other), d, binomial(), nagq = 5)
    gamut(y ~ (x + I(x^2) + I(x^3) | g), d, binomial(), nagq = 5)
    gamut(y ~ x + (1 | g), d, binomial(), nagq = 5, method = "REML")
    gamut(y ~ (x + I(x^2) | g), d, binomial(), nagq = 50)
    gamut(y ~ x + (1 | g), d, binomial(), nagq = 500)
  })
})
