# Covariances and AIC that allow for the estimation of smoothing parameters.

uncertain_data <- function(n = 250) {
  withr::with_seed(51, {
    d <- data.frame(x = runif(n), z = runif(n))
    eta <- sin(6 * d$x) + 0.6 * cos(5 * d$z)
    d$gaussian <- eta + rnorm(n, sd = 0.5)
    d$poisson <- rpois(n, exp(1 + eta))
    d$binomial <- rbinom(n, 1, plogis(2 * eta))
    d$Gamma <- rgamma(n, 3, 3 / exp(eta))
    d$negbinomial <- rnbinom(n, size = 3, mu = exp(1 + eta))
    d
  })
}
fit_both <- function(name, d, formula = stats::reformulate(c("s(x)", "s(z)"), name)) {
  environment(formula) <- list2env(list(s = mgcv::s), parent = environment())
  family <- switch(name, gaussian = gaussian(), poisson = poisson(),
                   binomial = binomial(), Gamma = Gamma("log"),
                   negbinomial = negbinomial())
  theirs <- if (name == "negbinomial") mgcv::nb() else family
  control <- mgcv::gam.control(epsilon = 1e-10, newton = list(conv.tol = 1e-9))
  list(fit = gamut(formula, data = d, family = family, method = "REML"),
       peer = mgcv::gam(formula, data = d, family = theirs, method = "REML",
                        control = control))
}

test_that("conditional AIC and its degrees of freedom are mgcv's", {
  skip_if_no_peer("mgcv")
  d <- uncertain_data()
  for (name in c("gaussian", "poisson", "binomial", "Gamma", "negbinomial")) {
    both <- fit_both(name, d)
    ours <- logLik(both$fit, type = "conditional")
    theirs <- logLik(both$peer)
    # densities at the same fitted values; of a gaussian with the dispersion deviance / n,
    # of a Gamma with the one that maximises REML
    expect_equal(as.numeric(ours), as.numeric(theirs), tolerance = 1e-4, label = name)
    # edf2 is of first order in derivatives that are differences here; mgcv's are exact.
    # Of a Gamma mgcv divides by another dispersion than that of REML, a tenth smaller.
    most <- if (name == "Gamma") 0.1 else 5e-3
    expect_lt(abs(attr(ours, "df") - attr(theirs, "df")), most, label = name)
    aic <- AIC(both$fit, type = "conditional")
    expect_lt(abs(aic - AIC(both$peer)), 2 * most + 0.09, label = name)
    expect_equal(BIC(both$fit, type = "conditional"),
                 -2 * as.numeric(ours) + log(250) * attr(ours, "df"), tolerance = 1e-12)
  }
})

test_that("the corrected covariance is larger, by what mgcv has", {
  skip_if_no_peer("mgcv")
  d <- uncertain_data()
  for (name in c("gaussian", "poisson")) {
    both <- fit_both(name, d)
    x <- predict(both$fit, type = "lpmatrix")
    more <- smooth_covariance(both$fit, unconditional = TRUE)
    ours <- sqrt(rowSums((x %*% more) * x))
    plain <- sqrt(rowSums((x %*% smooth_covariance(both$fit)) * x))
    theirs <- predict(both$peer, se.fit = TRUE, unconditional = TRUE)$se.fit
    # mgcv leaves out, for Vc, what is of second order; both are approximations
    expect_lt(max(abs(ours / as.vector(theirs) - 1)), 1e-3)
    expect_gt(min(ours / plain), 1 - 1e-8)
    expect_gt(min(eigen(more - smooth_covariance(both$fit))$values), -1e-8)
  }
})

test_that("derivatives in the smoothing parameters are those of refits", {
  d <- uncertain_data()
  fit <- gamut(poisson ~ s(x) + s(z), data = d, family = poisson())
  found <- rho_derivatives(fit)
  lambda <- vapply(fit$smooths, `[[`, 0, "lambda")
  at <- function(rho) {
    engine_fit_mixed(setup_of_fit(fit), 1 / sqrt(exp(rho)), evaluations = 1L)
  }
  h <- 1e-2
  for (j in 1:2) {
    ends <- lapply(c(1, -1), function(sign) at(log(lambda) + sign * h * (1:2 == j)))
    slope <- (ends[[1]]$coefficients - ends[[2]]$coefficients) / (2 * h)
    # third derivatives times h^2 / 6
    expect_equal(unname(found$jacobian[, j]), slope, tolerance = 1e-4)
    middle <- at(log(lambda))$criterion
    curvature <- (ends[[1]]$criterion + ends[[2]]$criterion - 2 * middle) / h^2 / 2
    expect_equal(found$hessian[j, j], curvature, tolerance = 1e-3)
  }
})

test_that("a smooth at its limit has no uncertainty of its parameter", {
  d <- uncertain_data()
  d$line <- 2 * d$x + sin(200 * d$z) / 10
  fit <- gamut(line ~ s(x) + s(z, k = 5), data = d)
  expect_identical(vapply(fit$smooths, `[[`, 0, "lambda"), c(Inf, Inf))
  linear <- lm(line ~ x + z, data = d)
  # the same dispersion and degrees of freedom: nothing is added
  expect_equal(AIC(fit, type = "conditional"), AIC(linear), tolerance = 1e-6)
})

test_that("who cannot have a conditional likelihood is told so", {
  d <- uncertain_data()
  expect_error(AIC(gamut(gaussian ~ x, data = d), type = "conditional"),
               class = "gamut_error_argument")
})
