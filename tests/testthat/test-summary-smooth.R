# The summary of fits with smooths.

summary_data <- function(n = 200) {
  withr::with_seed(41, {
    d <- data.frame(x = runif(n), z = runif(n))
    d$g <- factor(sample(c("a", "b", "c"), n, TRUE))
    d$y <- sin(6 * d$x) + 0.5 * (d$g == "b") + rnorm(n, sd = 0.3)
    d$count <- rpois(n, exp(1 + sin(6 * d$x)))
    d
  })
}
tight_gam <- function(...) {
  mgcv::gam(..., method = "REML",
            control = mgcv::gam.control(epsilon = 1e-10,
                                        newton = list(conv.tol = 1e-9)))
}

test_that("the printed layout", {
  d <- summary_data()
  withr::local_options(width = 80, digits = 7)
  expect_snapshot(print(summary(gamut(y ~ g + s(x) + s(z, bs = "cr"), data = d)),
                        signif.stars = FALSE, digits = 4))
  expect_snapshot(print(summary(gamut(count ~ s(x), data = d, family = poisson(),
                                      method = "ML")), signif.stars = FALSE, digits = 4))
  expect_snapshot(print(summary(gamut(y ~ s(x) + (1 | g), data = d)),
                        signif.stars = FALSE, digits = 3))
})

test_that("its numbers are mgcv's", {
  skip_if_no_peer("mgcv")
  d <- summary_data()
  s <- mgcv::s
  fit <- summary(gamut(y ~ g + s(x), data = d))
  peer <- summary(tight_gam(y ~ g + s(x), data = d))
  # what the searches leave of lambda: 1e-5
  expect_equal(fit$coefficients, peer$p.table, tolerance = 1e-5, ignore_attr = TRUE)
  expect_equal(fit$smooths[, 1:2], peer$s.table[, 1:2], tolerance = 1e-5,
               ignore_attr = TRUE)
  expect_equal(fit$smooths[[1, "F"]], peer$s.table[[1, "F"]], tolerance = 1e-4)
  expect_equal(fit$dispersion, peer$scale, tolerance = 1e-5)
  expect_equal(fit$r.sq, peer$r.sq, tolerance = 1e-5)
  expect_equal(fit$dev.expl, peer$dev.expl, tolerance = 1e-5)
  expect_equal(fit$criterion / 2, peer$sp.criterion[[1]], tolerance = 1e-6)
  fit <- summary(gamut(count ~ s(x), data = d, family = poisson()))
  peer <- summary(tight_gam(count ~ s(x), data = d, family = poisson()))
  expect_identical(colnames(fit$smooths), c("edf", "Ref.df", "Chi.sq", "p-value"))
  expect_equal(fit$coefficients, peer$p.table, tolerance = 1e-5, ignore_attr = TRUE)
  expect_equal(fit$smooths[[1, "Chi.sq"]], peer$s.table[[1, "Chi.sq"]], tolerance = 1e-4)
  expect_equal(fit$r.sq, peer$r.sq, tolerance = 1e-5)
  expect_equal(fit$dev.expl, peer$dev.expl, tolerance = 1e-5)
})

test_that("random effects as smooths are tested by their likelihood ratio", {
  skip_if_no_peer("mgcv")
  d <- summary_data()
  s <- mgcv::s
  fit <- summary(gamut(y ~ s(x) + s(g, bs = "re"), data = d))$smooths
  peer <- summary(tight_gam(y ~ s(x) + s(g, bs = "re"), data = d))$s.table
  expect_equal(fit[2, 1:3], peer[2, 1:3], tolerance = 1e-4, ignore_attr = TRUE)
  # mgcv's p-values have an absolute error of 3e-6
  expect_lt(abs(fit[2, 4] - peer[2, 4]), 1e-5)
})

test_that("a smooth of nothing is not significant, and one of something is", {
  d <- summary_data()
  table <- summary(gamut(y ~ s(x) + s(z), data = d))$smooths
  expect_lt(table["s(x)", "p-value"], 1e-10)
  expect_gt(table["s(z)", "p-value"], 0.01)
  expect_true(all(table[, "Ref.df"] >= table[, "edf"] - 1e-8))
})

test_that("deviance explained of a Gamma response is that of mgcv", {
  skip_if_no_peer("mgcv")
  d <- summary_data()
  d$positive <- withr::with_seed(2, rgamma(200, 4, 4 / exp(sin(6 * d$x))))
  s <- mgcv::s
  fit <- summary(gamut(positive ~ s(x), data = d, family = Gamma("log")))
  peer <- summary(tight_gam(positive ~ s(x), data = d, family = Gamma("log")))
  expect_equal(fit$dev.expl, peer$dev.expl, tolerance = 1e-5)
  expect_equal(fit$r.sq, peer$r.sq, tolerance = 1e-5)
})

test_that("several linear predictors: smooths by their names", {
  d <- summary_data()
  fit <- gamut(list(y ~ s(x), sigma ~ s(x)), data = d)
  expect_identical(rownames(summary(fit)$smooths), c("s(x)", "sigma:s(x)"))
  expect_output(print(summary(fit)), "sigma:s(x)", fixed = TRUE)
})

test_that("correlations of the parametric coefficients, and other covariances", {
  d <- summary_data()
  fit <- gamut(y ~ g + s(x), data = d)
  own <- summary(fit, correlation = TRUE)
  expect_equal(own$correlation, cov2cor(vcov(fit)))
  expect_null(summary(fit)$correlation)
  withr::local_options(width = 80, digits = 7)
  expect_snapshot(print(summary(fit, correlation = TRUE, dispersion = 0.2,
                                vcov = 4 * vcov(fit)),
                        signif.stars = FALSE, digits = 3))
})

test_that("offsets and random effects have R-squared and deviance explained, too", {
  testthat::skip_if_not_installed("mgcv")
  d <- withr::with_seed(1, data.frame(x = runif(200), g = gl(10, 20), e = rexp(200)))
  d$y <- withr::with_seed(2, rpois(200, d$e * exp(1 + sin(6 * d$x) + rnorm(10)[d$g] / 2)))
  fit <- gamut(y ~ s(x) + offset(log(e)) + (1 | g), poisson(), data = d)
  peer <- summary(mgcv::gam(y ~ s(x) + offset(log(e)) + s(g, bs = "re"), poisson(), d,
                            method = "REML"))
  seen <- summary(fit)
  # fits end within 1e-5 of each other
  expect_equal(seen$dev.expl, peer$dev.expl, tolerance = 1e-4)
  expect_equal(seen$r.sq, peer$r.sq, tolerance = 1e-4)
})

test_that("a smooth that all thresholds share has no threshold's name", {
  d <- withr::with_seed(1, data.frame(z = runif(200)))
  d$c <- withr::with_seed(2, cut(3 * sin(6 * d$z) + rlogis(200), c(-Inf, -1, 1, Inf)))
  fit <- gamut(c ~ s(z), d, cumulative())
  expect_identical(rownames(summary(fit)$smooths), "s(z)")
  expect_error(gamut(c ~ s(z) + (1 | factor(rep(1:20, 10))), d, cumulative(), nagq = 5,
                     method = "ML"), "smooths", class = "gamut_error_argument")
})
