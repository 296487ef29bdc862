# Tests of mixed models against published values and lme4. A criterion is at its optimum
# to about 1e-8, so that likelihood ratios agree to the digits given.

pastes_fits <- function(method = NULL) {
  d <- peer_data("Pastes")
  list(small = gamut(strength ~ 1 + (1 | sample), data = d, method = method),
       large = gamut(strength ~ 1 + (1 | sample) + (1 | batch), data = d,
                     method = method))
}

test_that("the likelihood ratio of Pastes is the published one, in either order", {
  skip_if_no_peer("lme4")
  fits <- pastes_fits("ML")
  table <- anova(fits$large, fits$small)
  # p = .5233767966: MixedModels.jl, test/likelihoodratiotest.jl
  expect_equal(table$`Pr(>Chisq)`, c(NA, 0.5233767966), tolerance = 1e-6)
  expect_identical(table$npar, c(3, 4))
  expect_equal(table$`-2 logLik`[2L], 247.9944658625, tolerance = 1e-9)
  expect_identical(anova(fits$small, fits$large), table)
})

test_that("fits by REML are refitted by ML, and it is said", {
  skip_if_no_peer("lme4")
  fits <- pastes_fits()
  expect_message(table <- anova(fits$small, fits$large), class = "gamut_message_refit")
  ml <- pastes_fits("ML")
  expect_equal(unclass(table)$Chisq, unclass(anova(ml$small, ml$large))$Chisq,
               tolerance = 1e-6)
  expect_no_message(anova(ml$small, ml$large))
  expect_snapshot(anova(fits$small, fits$large))
})

test_that("tables are lme4's", {
  skip_if_no_peer("lme4")
  d <- peer_data("cbpp")
  formula <- cbind(incidence, size - incidence) ~ period + (1 | herd)
  fit <- gamut(formula, data = d, family = binomial())
  peer <- lme4::glmer(formula, data = d, family = binomial())
  ours <- anova(update(fit, . ~ . - period), fit)
  theirs <- anova(stats::update(peer, . ~ . - period), peer)
  for (name in c("npar", "AIC", "BIC", "logLik", "Chisq", "Df", "Pr(>Chisq)")) {
    # lme4's search ends within 1e-5 of the criterion
    expect_equal(ours[[name]], theirs[[name]], tolerance = 1e-4)
  }
  ours <- drop1(fit, test = "LRT")
  expect_equal(ours$LRT[2L], theirs$Chisq[2L], tolerance = 1e-4)
  expect_equal(ours$AIC, rev(theirs$AIC), tolerance = 1e-5)
})

test_that("a model without random effects can be compared with one that has them", {
  fit <- gamut(weight ~ Time + (1 | Chick), data = ChickWeight, method = "ML")
  plain <- gamut(weight ~ Time, data = ChickWeight)
  table <- anova(plain, fit)
  expect_identical(table$Df, c(NA, 1))
  expect_equal(table$logLik[1L], as.numeric(logLik(lm(weight ~ Time, ChickWeight))),
               tolerance = 1e-12)
})

test_that("terms of one fit are tested in sequence by Wald's statistic", {
  skip_if_no_peer("lme4")
  fit <- gamut(weight ~ Time * Diet + (Time | Chick), data = ChickWeight)
  peer <- lme4::lmer(weight ~ Time * Diet + (Time | Chick), data = ChickWeight)
  theirs <- anova(peer)
  # lme4 stops within 1e-4 of the covariance here
  expect_equal(anova(fit)$Chisq, theirs$`F value` * theirs$npar, tolerance = 1e-3)
  expect_identical(anova(fit)$Df, theirs$npar)
  expect_snapshot(anova(fit))
  # the last term given all others is what its coefficients and covariance say
  at <- grep("Time:", names(coef(fit)))
  direct <- coef(fit)[at] %*% solve(vcov(fit)[at, at], coef(fit)[at])
  expect_equal(anova(fit)$Chisq[3L], drop(direct), tolerance = 1e-9)
})

test_that("terms are dropped and added by marginal likelihoods", {
  fit <- gamut(weight ~ Time + Diet + (1 | Chick), data = ChickWeight)
  expect_message(dropped <- drop1(fit, test = "LRT"), class = "gamut_message_refit")
  by_hand <- gamut(weight ~ Time + (1 | Chick), data = ChickWeight, method = "ML")
  expect_equal(dropped["Diet", "-2 logLik"], deviance(by_hand), tolerance = 1e-8)
  added <- add1(by_hand, ~ . + Diet, test = "LRT")
  expect_equal(added["Diet", "LRT"], dropped["Diet", "LRT"], tolerance = 1e-6)
  expect_equal(added["<none>", "AIC"], AIC(by_hand), tolerance = 1e-9)
})

test_that("step() keeps random effects", {
  set.seed(2)
  d <- transform(ChickWeight, noise = rnorm(nrow(ChickWeight)))
  fit <- gamut(weight ~ Time + noise + (1 | Chick), data = d, method = "ML")
  chosen <- step(fit, trace = 0)
  expect_identical(names(coef(chosen)), c("(Intercept)", "Time"))
  expect_identical(formula(chosen), weight ~ Time + (1 | Chick), ignore_attr = TRUE)
  kept <- step(chosen, trace = 0)
  expect_identical(formula(kept), weight ~ Time + (1 | Chick), ignore_attr = TRUE)
  expect_identical(length(update(kept, method = "REML")$random), 1L)
})

test_that("what cannot be compared or tested is an error", {
  fit <- gamut(weight ~ Time + (1 | Chick), data = ChickWeight)
  other <- gamut(log(weight) ~ Time + (1 | Chick), data = ChickWeight)
  expect_error(anova(fit, other), class = "gamut_error_comparison")
  expect_snapshot(anova(fit, test = "Rao"), error = TRUE)
  expect_snapshot(anova(fit, dispersion = 2), error = TRUE)
  expect_snapshot(drop1(fit, test = "Rao"), error = TRUE)
  expect_snapshot(drop1(fit, scale = 2), error = TRUE)
})

test_that("tables of single terms name the random effects of all models", {
  heading <- function(table) paste(attr(table, "heading"), collapse = " ")
  fit <- gamut(score ~ Machine + (1 | Worker / Machine), data = nlme::Machines,
               method = "ML")
  expect_match(heading(drop1(fit)), "score ~ Machine + (1 | Worker/Machine)",
               fixed = TRUE)
  d <- orthodont()
  fit <- gamut(distance ~ age + (1 | Subject), data = d, method = "ML")
  expect_match(heading(add1(fit, ~ . + Sex)), "distance ~ age + (1 | Subject)",
               fixed = TRUE)
  d$share <- (d$distance - 10) / 30
  fit <- gamut(list(share ~ age, phi ~ Sex + (1 | Subject)), family = Beta(), data = d)
  expect_match(heading(drop1(fit, predictor = "phi")), "phi ~ Sex + (1 | Subject)",
               fixed = TRUE)
  expect_no_match(heading(drop1(fit)), "|", fixed = TRUE)
})
