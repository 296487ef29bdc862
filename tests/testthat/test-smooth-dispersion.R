# Fits with smooths at a dispersion that is given.

dispersion_data <- function(n = 200) {
  withr::with_seed(5, {
    d <- data.frame(x = runif(n), g = factor(sample(c("a", "b", "c"), n, TRUE)))
    d$y <- sin(6 * d$x) + 0.5 * (d$g == "b") + rnorm(n, sd = 0.3)
    d$pos <- rgamma(n, 4, 4 / exp(sin(6 * d$x)))
    d$count <- rpois(n, exp(1 + sin(6 * d$x)))
    d
  })
}
tight_gam <- function(...) {
  mgcv::gam(..., method = "REML",
            control = mgcv::gam.control(epsilon = 1e-10, newton = list(conv.tol = 1e-9)))
}

test_that("summary() scales covariances, and tests are z and chi-squared", {
  d <- dispersion_data()
  fit <- gamut(y ~ g + s(x) + s(g, bs = "re"), data = d)
  own <- summary(fit)
  given <- summary(fit, dispersion = 4 * fit$dispersion)
  expect_equal(given$coefficients[, 2L], 2 * own$coefficients[, 2L])
  expect_identical(colnames(given$coefficients)[3:4], c("z value", "Pr(>|z|)"))
  expect_identical(colnames(given$smooths)[3L], "Chi.sq")
  # F is over its degrees of freedom
  expect_equal(given$smooths[, 3L],
               own$smooths[, 3L] * own$smooths[, 2L] / 4)
  expect_equal(given$dispersion, 4 * fit$dispersion)
  known <- summary(fit, dispersion = fit$dispersion)
  expect_equal(known$coefficients[, 1:3], own$coefficients[, 1:3], ignore_attr = TRUE)
})

test_that("a dispersion that is a coefficient stays as it is", {
  d <- dispersion_data()
  fit <- gamut(pos ~ g + s(x), data = d, family = Gamma("log"))
  own <- summary(fit)
  given <- summary(fit, dispersion = 4 * sigma(fit)^2)
  expect_equal(given$coefficients[, 2L] / own$coefficients[, 2L], c(2, 2, 2, 1),
               ignore_attr = TRUE)
  expect_equal(given$smooths[1L, 3L], own$smooths[1L, 3L] * own$smooths[1L, 2L] / 4)
})

test_that("the numbers are mgcv's", {
  skip_if_no_peer("mgcv")
  d <- dispersion_data()
  s <- mgcv::s
  for (model in list(list(y ~ g + s(x), gaussian()), list(count ~ g + s(x), poisson()))) {
    fit <- summary(gamut(model[[1L]], d, model[[2L]]), dispersion = 2)
    peer <- summary(tight_gam(model[[1L]], data = d, family = model[[2L]]),
                    dispersion = 2)
    # what the searches leave of lambda: 1e-5
    expect_equal(fit$coefficients, peer$p.table, tolerance = 1e-5, ignore_attr = TRUE)
    expect_equal(fit$smooths[1L, 2:3], peer$s.table[1L, 2:3], tolerance = 1e-4,
                 ignore_attr = TRUE)
  }
})

test_that("anova() and predict() scale covariances alike", {
  d <- dispersion_data()
  fit <- gamut(y ~ g + s(x), data = d)
  own <- anova(fit)
  given <- anova(fit, dispersion = 4 * fit$dispersion)
  expect_identical(names(given)[3L], "Chisq")
  expect_equal(given[[3L]], own[[3L]] * own[["Ref.df"]] / 4)
  expect_identical(anova(fit, test = "F"), own)
  new <- d[1:5, ]
  for (type in c("link", "response", "terms")) {
    expect_equal(predict(fit, new, type = type, se.fit = TRUE,
                         dispersion = 4 * fit$dispersion)$se.fit,
                 2 * predict(fit, new, type = type, se.fit = TRUE)$se.fit)
  }
  half <- function(...) {
    diff(predict(fit, new[1L, ], interval = "prediction", ...)[1L, 1:2]) / qnorm(0.025)
  }
  at <- predict(fit, new[1L, ], se.fit = TRUE)
  expect_equal(half(dispersion = 4 * fit$dispersion),
               sqrt(4 * (at$se.fit^2 + fit$dispersion)), ignore_attr = TRUE)
})

test_that("what has no meaning is said", {
  d <- dispersion_data()
  fit <- gamut(y ~ s(x), data = d)
  both <- gamut(y ~ s(x) + (1 | g), data = d)
  positive <- gamut(pos ~ s(x), data = d, family = Gamma("log"))
  expect_snapshot(error = TRUE, {
    summary(fit, ddf = "satterthwaite")
    summary(fit, ddf = "usual")
    summary(fit, dispersion = -1)
    summary(fit, correlation = NA)
    summary(both, dispersion = 2)
    anova(fit, ddf = "kenward-roger")
    anova(fit, test = "Rao")
    predict(positive, d[1, ], interval = "prediction", dispersion = 2)
  })
  expect_identical(summary(fit, ddf = "none"), summary(fit))
})
