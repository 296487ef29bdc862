# Profile intervals of fits with random effects: published limits, lme4's, and ends at the
# boundary.

test_that("sleepstudy: limits of the profile as published", {
  d <- peer_data("sleepstudy")
  fit <- gamut(Reaction ~ Days + (Days | Subject), d, method = "ML")
  published <- rbind(c(14.3814182, 37.7159953), c(-0.4815008, 0.6849863),
                     c(3.8011641, 8.7533808), c(22.8982669, 28.8579965),
                     c(237.6806955, 265.1295147), c(7.3586533, 13.5759187))
  limits <- confint(fit, method = "profile")
  expect_identical(rownames(limits),
                   c("sd_(Intercept)|Subject", "cor_Days.(Intercept)|Subject",
                     "sd_Days|Subject", "sigma", "(Intercept)", "Days"))
  # lme4 interpolates its profile by splines, good to five digits
  expect_equal(unname(limits), published, tolerance = 2e-5)
})

test_that("a standard deviation of 0 ends an interval", {
  d <- peer_data("Dyestuff2")
  fit <- gamut(Yield ~ 1 + (1 | Batch), d, method = "ML")
  limits <- confint(fit, "sd_(Intercept)|Batch", method = "profile")
  expect_identical(limits[1], 0)
  # lme4's upper limit, by splines
  expect_equal(limits[2], 2.084043, tolerance = 1e-4)
})

test_that("crossed effects and binomial responses: lme4's limits", {
  skip_if_no_peer("lme4")
  d <- peer_data("Penicillin")
  fit <- gamut(diameter ~ 1 + (1 | plate) + (1 | sample), d, method = "ML")
  peer <- lme4::lmer(diameter ~ 1 + (1 | plate) + (1 | sample), d, REML = FALSE)
  expect_equal(unname(confint(fit, method = "profile")),
               unname(confint(peer, quiet = TRUE)), tolerance = 1e-4)
  d <- peer_data("cbpp")
  formula <- cbind(incidence, size - incidence) ~ period + (1 | herd)
  # published optimum and lme4's profile of it (lme4 1.1-31)
  limits <- confint(gamut(formula, d, binomial()), method = "profile")
  expect_equal(unname(limits[1:2, ]), rbind(c(0.3460732, 1.0999746),
                                            c(-1.9012120, -0.9477540)), tolerance = 1e-4)
})

test_that("each limit is where the likelihood has fallen by half the quantile", {
  d <- withr::with_seed(4, data.frame(g = factor(rep(1:20, each = 5)), x = rnorm(100)))
  d$y <- withr::with_seed(5, d$x + rnorm(20)[d$g] + rnorm(20)[d$g] * d$x + rnorm(100))
  fit <- gamut(y ~ x + (x | g), d, method = "ML")
  limit <- confint(fit, "(Intercept)", method = "profile")[1]
  held <- gamut(y ~ 0 + x + offset(rep(limit, 100)) + (x | g), d, method = "ML")
  expect_equal(2 * c(logLik(fit) - logLik(held)), qchisq(0.95, 1), tolerance = 1e-5)
})

test_that("a fit by REML is refitted, and unknown names are errors", {
  fit <- orthodont_fit()
  expect_message(confint(fit, "sigma", method = "profile"),
                 class = "gamut_message_refit")
  expect_snapshot(confint(fit, "tau", method = "profile"), error = TRUE)
})
