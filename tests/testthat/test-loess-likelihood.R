# Local likelihood: against stats::glm() with kernel weights at a vertex, and its methods.

#' Data, family and response of each case
likelihood_cases <- function() {
  d <- loess_data(150)
  withr::with_seed(8, {
    eta <- sin(4 * d$a)
    d$count <- rpois(150, exp(1 + eta))
    d$success <- rbinom(150, 1, plogis(eta))
    d$share <- rbinom(150, 10, plogis(eta)) / 10
    d$amount <- rgamma(150, 4, 4 / exp(eta))
  })
  d$m <- 10
  d$o <- log(d$w)
  list(data = d, cases = list(
    list(count ~ a, poisson(), NULL), list(count ~ a + offset(o), poisson(), NULL),
    list(count ~ a, poisson("sqrt"), quote(w)), list(success ~ a, binomial(), NULL),
    list(share ~ a, binomial("probit"), quote(m)), list(amount ~ a, Gamma("log"), NULL),
    list(amount ~ a, inverse.gaussian("log"), NULL),
    list(amount ~ a, gaussian("log"), NULL), list(count ~ a, quasipoisson(), NULL)
  ))
}

test_that("levels at vertices maximise the likelihood with kernel weights", {
  setup <- likelihood_cases()
  d <- setup$data
  for (case in setup$cases) {
    arguments <- list(case[[1L]], d, weights = case[[3L]], span = 0.8,
                      family = case[[2L]])
    fit <- do.call(fit_loess, arguments)
    surface <- fit$pieces[[1L]]$surface
    inside <- which(surface$vertices >= min(d$a) & surface$vertices <= max(d$a))
    place <- surface$vertices[inside[1L]]
    local <- local_fits(fit, data.frame(a = place, o = 0))[[1L]]
    d$kernel <- 0
    d$kernel[local$rows] <- local$kernel
    if (!is.null(case[[3L]])) d$kernel <- d$kernel * eval(case[[3L]], d)
    d$u <- d$a - place
    formula <- update(case[[1L]], . ~ . - a + u + I(u^2))
    # proportions of trials times kernel weights are no whole numbers
    brute <- suppressWarnings(glm(formula, case[[2L]], d, weights = kernel,
                                  start = unname(local$coefficients) + 0.02,
                                  control = list(epsilon = 1e-14, maxit = 100)))
    label <- paste(deparse1(case[[1L]]), case[[2L]]$family)
    # both stop when the deviance stands still to 1e-11, that is coefficients to its root
    expect_equal(unname(local$coefficients), unname(coef(brute)), tolerance = 1e-7,
                 label = label)
    expect_equal(unname(predict(fit, data.frame(a = place, o = 0))),
                 unname(coef(brute)[1L]), tolerance = 1e-7, label = label)
  }
})

test_that("standard errors are those of the local glm where all rows weigh alike", {
  d <- likelihood_cases()$data
  # in a window without end the local parabola is the parabola, and the operator its own
  fit <- fit_loess(count ~ a, d, family = poisson(), span = 1e8)
  brute <- glm(count ~ a + I(a^2), poisson(), d, control = list(epsilon = 1e-14))
  expect_equal(unname(predict(fit, type = "response")), unname(fitted(brute)),
               tolerance = 1e-5)
  expect_equal(unname(predict(fit, se.fit = TRUE)$se.fit),
               unname(predict(brute, se.fit = TRUE)$se.fit), tolerance = 1e-5)
  # vertices and blending reproduce a parabola only in cubic pieces: to 1e-5
  expect_equal(c(fit$trace.hat, deviance(fit)), c(3, deviance(brute)), tolerance = 1e-5)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(brute)), tolerance = 1e-6)
  expect_equal(unname(residuals(fit)), unname(residuals(brute)), tolerance = 1e-4)
  for (type in c("pearson", "working", "response")) {
    expect_equal(unname(residuals(fit, type)), unname(residuals(brute, type)),
                 tolerance = 1e-4)
  }
})

test_that("a dispersion is Pearson's over the first delta, and intervals take t", {
  d <- likelihood_cases()$data
  fit <- fit_loess(amount ~ a, d, family = Gamma("log"), span = 1e8, statistics = "exact")
  brute <- glm(amount ~ a + I(a^2), Gamma("log"), d)
  expect_equal(fit$dispersion, summary(brute)$dispersion, tolerance = 1e-4)
  expect_equal(fit$one.delta, 147, tolerance = 1e-4)
  p <- predict(fit, data.frame(a = 0.4), se.fit = TRUE)
  expect_equal(p$df, 147, tolerance = 1e-3)
  limits <- predict(fit, data.frame(a = 0.4), type = "response", interval = "confidence")
  expect_equal(unname(limits[1, "upr"]),
               unname(exp(p$fit + qt(0.975, p$df) * p$se.fit)))
  known <- fit_loess(count ~ a, d, family = poisson())
  expect_identical(predict(known, se.fit = TRUE)$df, Inf)
  expect_identical(sigma(known), 1)
})

test_that("prediction intervals hold new responses", {
  d <- likelihood_cases()$data
  fit <- fit_loess(count ~ a, d, family = poisson(), span = 0.9)
  limits <- predict(fit, interval = "prediction", level = 0.9)
  expect_identical(limits[, -1], round(limits[, -1]))
  # at least 90 % for counts, of which 150 rows have an error of 0.024
  expect_gt(mean(d$count >= limits[, "lwr"] & d$count <= limits[, "upr"]), 0.85)
  expect_error(predict(fit, type = "link", interval = "prediction"),
               class = "gamut_error_argument")
  quasi <- fit_loess(count ~ a, d, family = quasipoisson())
  expect_error(predict(quasi, interval = "prediction"), class = "gamut_error_density")
})

test_that("any family of one predictor, by object or name; the normal one is loess", {
  d <- likelihood_cases()$data
  expect_equal(fit_loess(y ~ a, d, family = gaussian())$fitted,
               fit_loess(y ~ a, d)$fitted)
  one <- fit_loess(count ~ a, d, family = "poisson")
  expect_identical(one$fitted, fit_loess(count ~ a, d, family = poisson)$fitted)
  expect_s3_class(family(one), "family")
  for (family in list(exponential(), bernoulli(), chisq())) {
    d$r <- if (family$family == "bernoulli") d$success else d$amount
    fit <- fit_loess(r ~ a, d, family = family, span = 0.9)
    expect_true(all(is.finite(fit$fitted)))
    expect_true(is.finite(fit$enp))
  }
  # a factor, and successes and failures
  d$f <- factor(ifelse(d$success == 1, "yes", "no"))
  expect_equal(fit_loess(f ~ a, d, family = binomial())$fitted,
               fit_loess(success ~ a, d, family = binomial())$fitted)
  pair <- fit_loess(cbind(round(10 * share), 10 - round(10 * share)) ~ a, d,
                    family = binomial())
  expect_equal(pair$fitted,
               fit_loess(share ~ a, d, family = binomial(), weights = m)$fitted)
})

test_that("separated neighbourhoods are said", {
  d <- data.frame(x = 1:40, y = rep(0:1, each = 20))
  expect_warning(fit <- fit_loess(y ~ x, d, family = binomial(), span = 0.3, degree = 1),
                 class = "gamut_warning_loess_neighbourhood")
  expect_true("no maximum" %in% fit$troubles$kind)
})

test_that("simulated responses have the form of the response", {
  d <- likelihood_cases()$data
  d$f <- factor(ifelse(d$success == 1, "yes", "no"))
  fit <- fit_loess(f ~ a, d, family = binomial())
  drawn <- simulate(fit, 2, seed = 1)
  expect_identical(levels(drawn$sim_1), c("no", "yes"))
  expect_identical(simulate(fit, 2, seed = 1), drawn)
  counts <- simulate(fit_loess(count ~ a, d, family = poisson()), 200, seed = 2)
  fit <- fit_loess(count ~ a, d, family = poisson())
  # means of 200 draws: four standard errors
  z <- (rowMeans(counts) - fit$fitted) / sqrt(fit$fitted / 200)
  expect_lt(max(abs(z)), 4)
})

test_that("the response may have any unit", {
  d <- withr::with_seed(8, {
    x <- runif(200)
    data.frame(x, y = rgamma(200, 2, 2 / exp(sin(6 * x))))
  })
  for (link in c("log", "inverse")) {
    one <- fit_loess(y ~ x, d, family = Gamma(link))
    other <- fit_loess(I(1e-6 * y) ~ x, d, family = Gamma(link))
    # local searches end where the deviance does not change by 1e-11
    expect_equal(fitted(other) * 1e6, fitted(one), tolerance = 1e-6)
  }
})

test_that("predictions are of the mean, where that is not the main parameter", {
  d <- withr::with_seed(1, {
    d <- data.frame(x = runif(300, -1, 1))
    d$y <- rpois(300, exp(0.3 + 0.5 * d$x))
    d[d$y > 0, ]
  })
  fit <- fit_loess(y ~ x, d, family = truncated())
  new <- data.frame(x = c(-0.5, 0.5))
  rate <- exp(predict(fit, new, type = "link"))
  mean <- function(rate) rate / (1 - exp(-rate))
  seen <- predict(fit, new, type = "response", se.fit = TRUE)
  expect_equal(seen$fit, mean(rate), tolerance = 1e-12)
  link <- predict(fit, new, type = "link", se.fit = TRUE)
  slope <- rate * (mean(rate * (1 + 1e-6)) - mean(rate * (1 - 1e-6))) / (2e-6 * rate)
  # a central difference
  expect_equal(seen$se.fit, link$se.fit * slope, tolerance = 1e-8)
  expect_equal(unname(fitted(fit)), unname(predict(fit, d, type = "response")),
               tolerance = 1e-10)
})
