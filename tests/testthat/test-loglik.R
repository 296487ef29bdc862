# 1e-8: what the project promises on coefficients; likelihoods are flat there, so they
# agree to more.
agree <- 1e-8

test_that("logLik, AIC, BIC and extractAIC are glm's", {
  d <- simulated_data()
  cases <- list(
    list(normal ~ x + f, gaussian()), list(cbind(dead, m - dead) ~ x, binomial()),
    list(count ~ x + offset(o), poisson()), list(positive ~ x + f, Gamma()),
    list(positive ~ z, inverse.gaussian("log")), list(count ~ x, quasipoisson())
  )
  for (case in cases) {
    fit <- gamut(case[[1L]], d, case[[2L]])
    reference <- glm(case[[1L]], case[[2L]], d)
    expect_equal(logLik(fit), logLik(reference), tolerance = agree)
    expect_equal(AIC(fit), AIC(reference), tolerance = agree)
    expect_equal(BIC(fit), BIC(reference), tolerance = agree)
    expect_equal(extractAIC(fit, k = 3), extractAIC(reference, k = 3),
                 tolerance = agree)
  }
})

test_that("rows of weight zero count neither in the sum nor in nobs", {
  d <- simulated_data(60L)
  d$w[c(3, 9)] <- 0
  with <- gamut(normal ~ x, d, weights = w)
  without <- gamut(normal ~ x, d[d$w > 0, ], weights = w)
  expect_equal(logLik(with), logLik(without), tolerance = agree)
  expect_identical(attr(logLik(with), "nobs"), 58L)
})

test_that("the log-likelihood of a categorical response has all constants", {
  fit <- gamut(cbind(normal, mild, severe) ~ log(exposure), pneumo_data(), "categorical")
  # the first row has no case in two categories: its saturated fit is at infinity
  d <- pneumo_data()[-1L, ]
  counts <- as.matrix(d[-1L])
  full <- gamut(cbind(normal, mild, severe) ~ factor(exposure), d, "categorical")
  saturated <- sum(vapply(seq_len(nrow(d)), function(i) {
    stats::dmultinom(counts[i, ], prob = counts[i, ], log = TRUE)
  }, 0))
  expect_equal(as.numeric(logLik(full)), saturated, tolerance = 1e-10)
  # the first row adds nothing to the saturated log-likelihood; the deviance is nnet's
  expect_equal(2 * (saturated - as.numeric(logLik(fit))), 5.347382, tolerance = 1e-5)
})

test_that("the null deviance is glm's, with offset, weights and without intercept", {
  d <- simulated_data()
  cases <- list(
    list(count ~ x, poisson()), list(count ~ x + offset(o), poisson()),
    list(count ~ x - 1 + offset(o), poisson()), list(binary ~ f - 1, binomial()),
    list(positive ~ x, Gamma("log")), list(positive ~ x + offset(o), Gamma("log")),
    list(normal ~ 1, gaussian()), list(count ~ 0 + offset(o), poisson())
  )
  for (case in cases) {
    # weights of a binomial response would have to be whole
    d$a <- if (case[[2L]]$family == "binomial") 1 else d$w
    fit <- gamut(case[[1L]], d, case[[2L]], weights = a)
    reference <- glm(case[[1L]], case[[2L]], d, weights = a,
                     control = list(epsilon = 1e-12, maxit = 100))
    # the reference fits an intercept by iterations that stop at 1e-12 of the deviance
    expect_equal(null_deviance(fit), reference$null.deviance, tolerance = 1e-10)
    expect_identical(fit$nobs - null_rank(fit), as.numeric(reference$df.null))
  }
})

test_that("with several predictors the null model has an intercept for each", {
  d <- simulated_data()
  fit <- gamut(list(fraction ~ x, phi ~ z), d, Beta())
  null <- gamut(fraction ~ 1, d, Beta())
  expect_equal(null_deviance(fit), deviance(null), tolerance = 1e-10)
  fit <- gamut(class ~ x, d, "categorical")
  share <- table(d$class) / nrow(d)
  expect_equal(null_deviance(fit), -2 * sum(table(d$class) * log(share)),
               tolerance = 1e-10)
})

test_that("a fit without data has kept its likelihood and null deviance", {
  d <- simulated_data()
  small <- gamut(count ~ x, d, poisson(), control = gamut_control(keep_data = FALSE))
  fit <- gamut(count ~ x, d, poisson())
  expect_identical(logLik(small), logLik(fit))
  expect_identical(null_deviance(small), null_deviance(fit))
})

test_that("shape() is the maximum-likelihood shape (MASS::gamma.shape: 538.1315417)", {
  fit <- gamut(lot1 ~ log(u), clotting_data(), Gamma())
  expect_published(shape(fit)[["estimate"]], "538.1315417")
  skip_if_no_peer("MASS")
  d <- simulated_data()
  fit <- gamut(positive ~ x, d, Gamma(), weights = w)
  reference <- MASS::gamma.shape(glm(positive ~ x, Gamma(), d, weights = w),
                                 it.lim = 50, eps.max = 1e-10)
  # the means of the reference are those of glm() where it stopped
  expect_equal(unname(shape(fit)), c(reference$alpha, reference$SE), tolerance = 1e-7)
})

test_that("the shape maximises the likelihood of inverse gaussian and gaussian models", {
  d <- simulated_data()
  for (family in list(inverse.gaussian("log"), gaussian("log"), Gamma("log"))) {
    fit <- gamut(positive ~ x, d, family, weights = w)
    loglik <- function(log_shape) {
      fit$family$loglik(response_y(fit), fit_parameters(fit), prior_weights(fit),
                        dispersion = exp(-log_shape))
    }
    best <- optimize(loglik, c(-5, 8), maximum = TRUE, tol = 1e-10)
    # optimize() finds a maximum to the root of the machine's precision
    expect_equal(log(shape(fit)[["estimate"]]), best$maximum, tolerance = 1e-6)
    h <- 1e-3
    at <- log(shape(fit)[["estimate"]])
    curvature <- (loglik(at + h) - 2 * loglik(at) + loglik(at - h)) / h^2
    # a second difference has an error of order h^2
    expect_equal(shape(fit)[["std.error"]] / shape(fit)[["estimate"]],
                 1 / sqrt(-curvature), tolerance = 1e-4)
  }
})

test_that("shape() says for which fits there is none", {
  d <- simulated_data()
  expect_snapshot(shape(1), error = TRUE)
  expect_snapshot(shape(gamut(count ~ x, d, poisson())), error = TRUE)
  expect_snapshot(shape(gamut(count ~ x, d, quasipoisson())), error = TRUE)
  exact <- gamut(x ~ z, data.frame(x = 1:5, z = 1:5))
  expect_snapshot(shape(exact), error = TRUE)
})

test_that("the conditional likelihood counts random effects by their trace", {
  testthat::skip_if_not_installed("lme4")
  fit <- gamut(Reaction ~ Days + (Days | Subject), lme4::sleepstudy, method = "ML")
  peer <- lme4::lmer(Reaction ~ Days + (Days | Subject), lme4::sleepstudy, REML = FALSE)
  seen <- logLik(fit, type = "conditional")
  # both end their search where deviances still differ by 1e-7
  expect_equal(attr(seen, "df"), sum(hatvalues(peer)) + 1, tolerance = 1e-4)
  expect_equal(as.numeric(seen), sum(dnorm(lme4::sleepstudy$Reaction, fitted(peer),
                                           sqrt(mean(residuals(peer)^2)), log = TRUE)),
               tolerance = 1e-5)
  plain <- gamut(Reaction ~ Days, lme4::sleepstudy)
  expect_error(logLik(plain, type = "conditional"), class = "gamut_error_argument")
})

test_that("beside lo() a random intercept and its smooth have one AIC", {
  d <- local_data()
  d$count <- withr::with_seed(1, rpois(nrow(d), exp(d$y)))
  for (family in list(gaussian(), poisson())) {
    response <- if (family$family == "gaussian") "y" else "count"
    fits <- lapply(c("(1 | g)", "s(g, bs = 're')"), function(term) {
      gamut(reformulate(c("z", "lo(x)", term), response), data = d, family = family)
    })
    # searches end at gradients of 1e-5 or so
    expect_equal(AIC(fits[[1L]]), AIC(fits[[2L]]), tolerance = 1e-7)
    expect_equal(attr(logLik(fits[[1L]]), "df"), attr(logLik(fits[[2L]]), "df"),
                 tolerance = 1e-5)
  }
})
