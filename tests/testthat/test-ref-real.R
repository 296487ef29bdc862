# Continuous families against peers and published numbers. Coefficients of peers are good
# to about 1e-6 of a standard error where their own convergence allows it; looser
# tolerances say why.

expect_fit <- function(fit, coefficients, loglik, tolerance = 1e-6) {
  se <- sqrt(diag(vcov(fit)))
  off <- abs(unname(coef(fit)) - unname(coefficients)) / pmax(se, abs(coef(fit)))
  expect(max(off) <= tolerance, sprintf("coefficients differ by %.2g", max(off)))
  # maxima are flat: the square of the error of coefficients, and the peers' own sums
  expect_equal(as.numeric(logLik(fit)), loglik, tolerance = 1e-9)
}

numeric_gradient <- function(f, b, h = 1e-5) {
  vapply(seq_along(b), function(k) {
    up <- down <- b
    up[k] <- up[k] + h
    down[k] <- down[k] - h
    (f(up) - f(down)) / (2 * h)
  }, 0)
}

test_that("chisq() is VGAM's and a direct optimum", {
  set.seed(1)
  x <- runif(200)
  y <- rchisq(200, exp(1 + x))
  # VGAM 1.1 and optim() give 0.7473794, 1.3263526, that is about 1e-6
  expect_fit(gamut(y ~ x, family = chisq()), c(0.7473794, 1.3263526), -459.8089837, 2e-6)
})

test_that("chisq_var() is glm's Gamma with known shapes", {
  set.seed(2)
  d <- data.frame(df = sample(3:20, 100, TRUE), x = runif(100))
  d$s2 <- exp(1 + d$x) * rchisq(100, d$df) / d$df
  peer <- glm(s2 ~ x, Gamma("log"), d, weights = df / 2,
              control = list(epsilon = 1e-14, maxit = 100))
  fit <- gamut(s2 ~ x, family = chisq_var(~df), data = d)
  expect_equal(coef(fit), coef(peer), tolerance = 1e-8)
  expect_equal(summary(fit)$coefficients, summary(peer, dispersion = 1)$coefficients,
               tolerance = 1e-7)
  loglik <- sum(dchisq(d$s2 * d$df / fitted(peer), d$df, log = TRUE) +
                  log(d$df / fitted(peer)))
  expect_equal(as.numeric(logLik(fit)), loglik, tolerance = 1e-12)
  same <- gamut(s2 ~ x, family = chisq_var(d$df), data = d)
  expect_identical(coef(same), coef(fit))
})

test_that("survival times are survreg's, exact and censored", {
  skip_if_no_peer("survival")
  skip_if_no_peer("MASS")
  Surv <- survival::Surv # nolint: object_name_linter.
  leuk <- MASS::leuk
  tight <- survival::survreg.control(rel.tolerance = 1e-13, maxiter = 100)
  for (limit in c(Inf, 80)) {
    for (name in c("exponential", "weibull", "lognormal")) {
      family <- list(exponential = exponential(), weibull = weibull(),
                     lognormal = lognormal())[[name]]
      peer <- survival::survreg(Surv(pmin(time, limit), time < limit) ~ ag + log(wbc),
                                data = leuk, dist = name, control = tight)
      fit <- gamut(Surv(pmin(time, limit), time < limit) ~ ag + log(wbc), data = leuk,
                   family = censored(family))
      scale <- if (name != "exponential") log(peer$scale)
      expect_fit(fit, c(coef(peer), scale), peer$loglik[2])
      expect_equal(unname(vcov(fit)), unname(vcov(peer)), tolerance = 1e-6)
    }
  }
  # without censoring the family itself; exponential as in the book of Feigl & Zelen
  expect_fit(gamut(time ~ ag + log(wbc), family = exponential(), data = leuk),
             # of glm(), which stops at a relative change of 1e-8 of the deviance
             c(5.8154109, 1.0176452, -0.3044004), -146.5405246, 1e-4)
})

test_that("censored gaussian is the tobit of survreg, in all ways to write it", {
  skip_if_no_peer("survival")
  Surv <- survival::Surv # nolint: object_name_linter.
  tobin <- survival::tobin
  peer <- survival::survreg(
    Surv(durable, durable > 0, type = "left") ~ age + quant, data = tobin,
    dist = "gaussian", control = survival::survreg.control(rel.tolerance = 1e-13)
  )
  fits <- list(
    gamut(durable ~ age + quant, family = censored(gaussian(), left = 0), data = tobin),
    gamut(Surv(durable, durable > 0, type = "left") ~ age + quant, data = tobin,
          family = censored(gaussian())),
    gamut(cbind(ifelse(durable > 0, durable, -Inf), durable) ~ age + quant, data = tobin,
          family = censored("gaussian"))
  )
  for (fit in fits) {
    expect_fit(fit, c(coef(peer), log(peer$scale)), peer$loglik[2])
    expect_equal(unname(vcov(fit)), unname(vcov(peer)), tolerance = 1e-6)
  }
})

test_that("intervals are survreg's", {
  skip_if_no_peer("survival")
  Surv <- survival::Surv # nolint: object_name_linter.
  set.seed(4)
  d <- data.frame(x = runif(200))
  t <- exp(1 + d$x + 0.5 * rnorm(200))
  d$low <- ifelse(t < 3, NA, floor(t))
  d$high <- ifelse(t > 8, NA, ceiling(t))
  d$low[is.na(d$low) & is.na(d$high)] <- 3
  peer <- survival::survreg(Surv(low, high, type = "interval2") ~ x, data = d,
                            dist = "lognormal")
  fit <- gamut(Surv(low, high, type = "interval2") ~ x, data = d,
               family = censored(lognormal()))
  expect_fit(fit, c(coef(peer), log(peer$scale)), peer$loglik[2])
})

test_that("student() is glmmTMB's t and mgcv's scat", {
  skip_if_no_peer("glmmTMB")
  fit <- gamut(stack.loss ~ Air.Flow + Water.Temp, family = student(), data = stackloss)
  direct <- function(b) {
    mu <- b[1] + b[2] * stackloss$Air.Flow + b[3] * stackloss$Water.Temp
    -sum(dt((stackloss$stack.loss - mu) / exp(b[4]), exp(b[5]), log = TRUE) - b[4])
  }
  # differences with h = 1e-5 along columns of size 60
  expect_lt(max(abs(numeric_gradient(direct, coef(fit)))), 1e-4)
  set.seed(3)
  d <- data.frame(x = runif(500))
  d$y <- 1 + d$x + 0.5 * rt(500, 4)
  fit <- gamut(y ~ x, family = student(), data = d)
  peer <- glmmTMB::glmmTMB(y ~ x, data = d, family = glmmTMB::t_family())
  expect_fit(fit, c(glmmTMB::fixef(peer)$cond, log(sigma(peer)),
                    log(glmmTMB::family_params(peer))), as.numeric(logLik(peer)), 1e-4)
})

test_that("tweedie() with a known power has the coefficients of statmod", {
  d <- clotting_data()
  fit <- gamut(lot1 ~ log(u), family = tweedie(power = 1.5), data = d)
  # glm(lot1 ~ log(u), statmod::tweedie(1.5, 0)); eight printed digits
  expect_equal(unname(coef(fit)[1:2]), c(5.6209627, -0.6391205), tolerance = 1e-6)
  deviance <- sum(fit$family$unit_deviance(d$lot1, list(mu = fitted(fit), phi = 1)))
  expect_equal(deviance, 1.0873508, tolerance = 1e-7)
})

test_that("tweedie() is glmmTMB's and mgcv's", {
  skip_if_no_peer("glmmTMB")
  set.seed(1)
  d <- data.frame(x = runif(500))
  d$y <- family_random(tweedie(), 500, list(mu = exp(d$x), phi = 1, power = 1.4))
  fit <- gamut(y ~ x, family = tweedie(), data = d)
  peer <- glmmTMB::glmmTMB(y ~ x, data = d, family = glmmTMB::tweedie())
  # glmmTMB stops at a gradient of about 1e-3
  expect_fit(fit, c(glmmTMB::fixef(peer)$cond, log(sigma(peer)),
                    qlogis(glmmTMB::family_params(peer) - 1)),
             as.numeric(logLik(peer)), 1e-4)
})

test_that("densities of tweedie() are those of the tweedie package", {
  skip_if_not_installed("tweedie")
  y <- c(0, 0.01, 0.5, 2, 30)
  for (power in c(1.1, 1.5, 1.9)) {
    for (phi in c(0.1, 1, 10)) {
      par <- list(mu = 1.3, phi = phi, power = power)
      theirs <- tweedie::dtweedie(y, mu = 1.3, phi = phi, power = power)
      # theirs: quadrature to about 1e-9 of the largest
      expect_equal(family_density(tweedie(), y, par), theirs, tolerance = 1e-7)
    }
  }
})

test_that("skewnormal() is the maximum of sn", {
  skip_if_no_peer("sn")
  ais <- new.env()
  utils::data("ais", package = "sn", envir = ais)
  fit <- gamut(BMI ~ LBM, family = skewnormal(), data = ais$ais)
  peer <- sn::selm(BMI ~ LBM, data = ais$ais, family = "SN")
  expect_equal(as.numeric(logLik(fit)), peer@logL, tolerance = 1e-10)
  direct <- sn::coef(peer, "DP")
  expect_equal(coef(fit)[["alpha:(Intercept)"]], direct[["alpha"]], tolerance = 1e-3)
  y <- c(-8, -1, 0, 0.4, 2, 9)
  for (alpha in c(-30, -1, 0, 2, 500)) {
    delta <- alpha / sqrt(1 + alpha^2)
    par <- list(mu = delta * sqrt(2 / pi), sigma = sqrt(1 - 2 * delta^2 / pi),
                alpha = alpha)
    expect_equal(family_density(skewnormal(), y, par), sn::dsn(y, alpha = alpha),
                 tolerance = 1e-10)
    # psn() is good to about 1e-9
    expect_equal(family_cdf(skewnormal(), y, par), sn::psn(y, alpha = alpha),
                 tolerance = 1e-7)
  }
})

test_that("predictors of the scale: gaussian is gls with an exponential variance", {
  skip_if_no_peer("nlme")
  fit <- gamut(list(dist ~ speed, sigma ~ speed), data = cars)
  peer <- nlme::gls(dist ~ speed, cars, weights = nlme::varExp(form = ~speed),
                    method = "ML", control = list(returnObject = TRUE))
  # gls() stops early
  expect_fit(fit, c(coef(peer), log(peer$sigma), coef(peer$modelStruct$varStruct)),
             as.numeric(logLik(peer)), 1e-4)
  expect_identical(coef(gamut(dist ~ speed, dispformula = ~speed, data = cars)),
                   coef(fit))
})

test_that("Gamma with a predictor for phi is glmmTMB's", {
  skip_if_no_peer("glmmTMB")
  d <- simulated_data(300)
  fit <- gamut(positive ~ x, dispformula = ~z, family = Gamma("log"), data = d)
  peer <- glmmTMB::glmmTMB(positive ~ x, dispformula = ~z, family = Gamma("log"),
                           data = d)
  # theirs is the logarithm of the root of phi, or of its inverse
  disp <- glmmTMB::fixef(peer)$disp
  phi <- coef(fit)[3:4]
  factor <- mean(phi / disp)
  expect_true(any(abs(factor - c(-1, 1, 2, -2)) < 1e-3))
  expect_fit(fit, c(glmmTMB::fixef(peer)$cond, disp * round(factor)),
             as.numeric(logLik(peer)), 1e-4)
})
