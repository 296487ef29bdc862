# Every family with a random intercept: from data of known parameters the fit converges
# to these. One table, in which each family of the package must have its row.

# Estimates within four standard errors, of which one fit in 16,000 is outside
expect_recovered <- function(fit, truth, label) {
  testthat::expect_true(fit$convergence$converged, label = label)
  testthat::expect_setequal(names(coef(fit)), names(truth))
  errors <- (coef(fit)[names(truth)] - truth) / sqrt(diag(vcov(fit)))[names(truth)]
  testthat::expect(all(abs(errors) < 4), paste0(
    label, ": off by ", paste(format(errors, digits = 3L), names(truth), collapse = ", "),
    " standard errors"
  ))
  # and they are estimates, not anything with large errors
  testthat::expect_lt(vcov(fit)["x", "x"], 0.15^2, label = label)
}

test_that("each family has a row", {
  expect_all_families(names(recovery_table()), rows_below())
})

test_that("families without a likelihood say what to take", {
  case <- recovery_table()$poisson
  d <- recovery_data(case, seed = 1L)
  for (family in list(quasipoisson(), quasi(variance = "mu", link = "log"))) {
    expect_error(gamut(y ~ x + (1 | g), d, family), class = "gamut_error_family")
  }
  d$share <- as.numeric(d$y > 1)
  expect_error(gamut(share ~ x + (1 | g), d, quasibinomial()),
               class = "gamut_error_family")
})

test_that("parameters are recovered, and the deviation between groups", {
  skip_on_cran()
  table <- recovery_table()
  for (name in names(table)) {
    case <- table[[name]]
    d <- recovery_data(case, seed = 100L)
    fit <- gamut(y ~ x + (1 | g), d, case$family)
    expect_recovered(fit, true_coefficients(case, fit), name)
    expect_deviation(attr(VarCorr(fit)$g, "stddev"), case$sd, name, case$groups)
    # four standard errors of a residual standard deviation
    if (name == "gaussian") expect_lt(abs(log(sigma(fit) / 0.8)), 4 / sqrt(2 * 1120))
  }
})

test_that("categories and parts have an effect each", {
  skip_on_cran()
  n <- 1200L
  d <- withr::with_seed(200L, {
    d <- data.frame(g = gl(80L, 15L), x = rnorm(n))
    u <- matrix(rnorm(240L), 80L)[d$g, ]
    eta <- cbind(1.2 + 0.3 * d$x, 0.8 - 0.4 * d$x, 1 + 0.2 * d$x) +
      u * rep(c(0.5, 0.4, 0.6), each = n)
    weight <- matrix(rgamma(3L * n, exp(eta)), n)
    d$parts <- `colnames<-`(weight / rowSums(weight), c("a", "b", "c"))
    against <- cbind(0, 0.3 + 0.5 * d$x + 0.7 * u[, 1L], -0.2 - 0.4 * d$x + 0.9 * u[, 2L])
    odds <- exp(against)
    d$class <- factor(c("a", "b", "c")[1L + rowSums(
      runif(n) > t(apply(odds / rowSums(odds), 1L, cumsum))
    )])
    mean <- odds / rowSums(odds)
    shares <- matrix(rgamma(3L * n, 12 * mean), n)
    d$shares <- `colnames<-`(shares / rowSums(shares), c("a", "b", "c"))
    d
  })
  check <- function(formula, family, truth, sd, label) {
    fit <- gamut(formula, d, family)
    expect_true(fit$convergence$converged, label = label)
    errors <- (coef(fit)[names(truth)] - truth) / sqrt(diag(vcov(fit)))[names(truth)]
    expect_true(all(abs(errors) < 4), label = label)
    expect_deviation(attr(VarCorr(fit)$g, "stddev"), sd, label)
  }
  logits <- c(`b:(Intercept)` = 0.3, `b:x` = 0.5, `c:(Intercept)` = -0.2, `c:x` = -0.4)
  check(class ~ x + (1 | g), categorical(), logits, c(0.7, 0.9), "categorical")
  check(shares ~ x + (1 | g), dirichlet("mean"), c(logits, `phi:(Intercept)` = log(12)),
        c(0.7, 0.9), "dirichlet, mean")
  check(parts ~ x + (1 | g), dirichlet(),
        c(`a:(Intercept)` = 1.2, `a:x` = 0.3, `b:(Intercept)` = 0.8, `b:x` = -0.4,
          `c:(Intercept)` = 1, `c:x` = 0.2), c(0.5, 0.4, 0.6), "dirichlet")
})

test_that("skewnormal() leaves a slant of 0, where each sample is stationary", {
  case <- recovery_table()$skewnormal
  d <- recovery_data(case, seed = 2L)
  fit <- gamut(y ~ x + (1 | g), d, skewnormal())
  symmetric <- gamut(y ~ x + (1 | g), d, method = "ML")
  expect_gt(abs(coef(fit)[["alpha:(Intercept)"]]), 1)
  expect_gt(c(logLik(fit)), c(logLik(symmetric)) + 10)
})
