# Bias-reduced estimates: closed forms, published values, brglm2, and the adjusted score
# written out. The iterations stop at 1e-9 standard errors of what is left; tolerances of
# 1e-7 leave room for what a peer stops at.

reduced <- function(...) gamut(..., bias_reduction = TRUE)

#' The adjusted score in standard errors, by plain linear algebra
adjusted_score <- function(fit, x) {
  family <- fit$family
  eta <- as.vector(fit_eta(fit))
  h <- 1e-5
  mu <- family$linkinv(eta)
  slope <- family$mu.eta(eta)
  # central differences of mu' are right to about 1e-10
  bend <- (family$mu.eta(eta + h) - family$mu.eta(eta - h)) / (2 * h)
  a <- prior_weights(fit)
  variance <- family$variance(mu)
  w <- a * slope^2 / variance
  q <- qr(sqrt(w) * x)
  score <- a * (response_y(fit) - mu) / variance * slope +
    fit$dispersion / 2 * rowSums(qr.Q(q)^2) * bend / slope
  max(abs(backsolve(qr.R(q), crossprod(x, score)[q$pivot], transpose = TRUE)))
}

test_that("a two-way table gets half an observation in each cell", {
  d <- data.frame(y = c(0, 5, 3, 9), n = c(6, 5, 8, 12), a = gl(2, 2), b = gl(2, 1, 4))
  fit <- reduced(cbind(y, n - y) ~ a * b, d, binomial())
  expect_equal(unname(fitted(fit)), (d$y + 0.5) / (d$n + 1), tolerance = 1e-8)
  # no row is left to estimate a dispersion, so nothing is adjusted
  d$y[1:2] <- c(1, 4)
  fit <- reduced(cbind(y, n - y) ~ a * b, d, quasibinomial())
  expect_equal(unname(fitted(fit)), d$y / d$n, tolerance = 1e-8)
  one <- data.frame(y = c(0, 1, 1), g = gl(3, 1))
  fit <- reduced(y ~ g, one, binomial())
  expect_true(fit$convergence$converged)
  expect_equal(unname(fitted(fit)), c(0.25, 0.75, 0.75), tolerance = 1e-8)
})

test_that("means of counts get half a count", {
  d <- data.frame(y = c(0, 0, 3, 7, 1), g = factor(c("a", "a", "b", "b", "c")))
  fit <- reduced(y ~ g, d, poisson())
  expect_equal(unname(fitted(fit)[c(1, 3, 5)]), c(0.5 / 2, 10.5 / 2, 1.5),
               tolerance = 1e-8)
})

test_that("the endometrial cancer study comes out as published", {
  skip_if_no_peer("brglm2")
  data("endometrial", package = "brglm2", envir = environment())
  fit <- reduced(HG ~ NV + PI + EH, endometrial, binomial())
  # Heinze & Schemper (2002) Stat. Med. 21, 2409-2419, in three decimals
  expect_equal(unname(coef(fit)), c(3.775, 2.929, -0.035, -2.604), tolerance = 2e-4)
  # logistf 1.26 iterated to 1e-12
  expect_equal(unname(coef(fit)), c(3.7745597136, 2.9292733532, -0.0347517599,
                                    -2.6041639253), tolerance = 1e-8)
  expect_snapshot(print(summary(fit)), transform = function(x) trimws(x, "right"))
})

test_that("brglm2 agrees where the dispersion is known", {
  skip_if_no_peer("brglm2")
  data("endometrial", package = "brglm2", envir = environment())
  for (link in c("logit", "probit", "cloglog")) {
    fit <- reduced(HG ~ NV + PI + EH, endometrial, binomial(link))
    peer <- glm(HG ~ NV + PI + EH, binomial(link), endometrial,
                method = brglm2::brglmFit, type = "AS_mean", epsilon = 1e-12,
                maxit = 1000)
    expect_equal(coef(fit), coef(peer), tolerance = 1e-7)
    expect_equal(sqrt(diag(vcov(fit))), sqrt(diag(vcov(peer))), tolerance = 1e-7)
    expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(peer)), tolerance = 1e-7)
  }
  for (link in c("log", "sqrt")) {
    fit <- reduced(breaks ~ wool * tension, warpbreaks, poisson(link))
    peer <- glm(breaks ~ wool * tension, poisson(link), warpbreaks,
                method = brglm2::brglmFit, type = "AS_mean", epsilon = 1e-12,
                maxit = 1000)
    expect_equal(coef(fit), coef(peer), tolerance = 1e-7)
  }
})

test_that("the adjusted score vanishes for every family, weights and offsets", {
  set.seed(4)
  d <- data.frame(x = runif(40), z = rnorm(40), w = rep(c(0, 1, 2.5), length.out = 40))
  x <- cbind(1, d$x, d$z)
  families <- list(
    binomial("cauchit"), poisson("sqrt"), Gamma("log"), Gamma("inverse"),
    Gamma("identity"), inverse.gaussian("log"), gaussian("log"), exponential("log"),
    quasipoisson(), quasibinomial("probit")
  )
  for (family in families) {
    d$y <- if (grepl("binomial", family$family)) rbinom(40, 1, 0.4)
           else if (grepl("poisson", family$family)) rpois(40, 2 + d$x)
           else rgamma(40, 5, 5 / (1 + d$x))
    fit <- reduced(y ~ x + z, d, family)
    expect_true(fit$convergence$converged)
    expect_lt(adjusted_score(fit, x), 1e-7)
    linked <- family$link %in% c("log", "probit")
    if (!linked) next
    d$w2 <- if (family$family == "quasibinomial") as.numeric(d$w > 0) else d$w
    fit <- reduced(y ~ x + z, d, family, weights = w2, offset = z / 2)
    expect_lt(adjusted_score(fit, x), 1e-7)
  }
})

test_that("nothing is adjusted where nothing is biased", {
  for (family in list(gaussian(), poisson("identity"))) {
    fit <- reduced(dist ~ speed, cars, family)
    expect_equal(coef(fit), coef(gamut(dist ~ speed, cars, family)), tolerance = 1e-7)
  }
})

test_that("a factor of many levels and aliased columns take part as they should", {
  set.seed(8)
  d <- data.frame(f = factor(sample(40, 600, TRUE)), x = rnorm(600))
  d$copy <- 2 * d$x
  d$y <- rbinom(600, 1, plogis(d$x))
  fit <- reduced(y ~ x + copy + f, d, binomial())
  expect_true(is.na(coef(fit)[["copy"]]))
  expect_lt(adjusted_score(fit, model.matrix(y ~ x + f, d)), 1e-7)
})

test_that("completely separated data have finite estimates", {
  d <- data.frame(x = 1:8, y = rep(0:1, each = 4))
  for (link in c("logit", "probit", "cloglog")) {
    fit <- reduced(y ~ x, d, binomial(link))
    expect_true(fit$convergence$converged)
    expect_true(all(abs(coef(fit)) < 10) && all(sqrt(diag(vcov(fit))) < 10))
  }
})

test_that("results do not depend on the number of threads", {
  set.seed(1)
  d <- data.frame(x = rnorm(5e4), f = factor(sample(50, 5e4, TRUE)))
  d$y <- rbinom(5e4, 1, plogis(d$x))
  fit <- reduced(y ~ x + f, d, binomial("probit"))
  more <- reduced(y ~ x + f, d, binomial("probit"),
                  control = gamut_control(threads = 2))
  expect_identical(coef(fit), coef(more))
})

test_that("methods know what was fitted", {
  d <- data.frame(x = 1:8, z = c(1, 4, 2, 3, 1, 2, 4, 3), y = c(0, 0, 1, 0, 1, 0, 1, 1))
  fit <- gamut(y ~ x + z, d, binomial(), bias_reduction = TRUE)
  plain <- gamut(y ~ x + z, d, binomial())
  expect_equal(null_deviance(fit), null_deviance(plain))
  expect_lt(as.numeric(logLik(fit)), as.numeric(logLik(plain)))
  # the log-likelihood at the estimates
  expect_equal(as.numeric(logLik(fit)), sum(dbinom(d$y, 1, fitted(fit), log = TRUE)))
  smaller <- update(fit, . ~ x)
  expect_true(is_bias_reduced(smaller))
  expect_false(is_bias_reduced(update(fit, bias_reduction = FALSE)))
  expect_equal(coef(fit_glm(y ~ x, d, binomial(), bias_reduction = TRUE)), coef(smaller))
  expect_message(interval <- confint(fit), class = "gamut_message_confint")
  expect_equal(interval, confint(fit, method = "wald"))
  offset <- reduced(y ~ x, d, binomial(), offset = z / 3)
  expect_equal(null_deviance(offset),
               glm(y ~ 1, binomial(), d, offset = z / 3)$deviance, tolerance = 1e-7)
})

test_that("what does not make sense is refused", {
  d <- data.frame(x = 1:8, y = c(0, 0, 1, 0, 1, 0, 1, 1))
  fit <- reduced(y ~ x, d, binomial())
  for (refused in list(anova, drop1, profile, function(f) add1(f, ~ x + I(x^2)),
                       function(f) confint(f, method = "profile"))) {
    expect_error(refused(fit), class = "gamut_error_bias_reduction")
  }
  expect_snapshot({
    anova(fit)
    confint(fit)
    reduced(Species ~ Sepal.Width, iris, categorical())
    fit <- reduced(y ~ x, d, binomial(), control = gamut_control(max_iterations = 1))
    gamut(y ~ x, d, binomial(), bias_reduction = "yes")
  }, error = TRUE)
})
