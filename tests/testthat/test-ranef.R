# Random effects, their variances, and what is reported of them, beside lme4.

# a search without derivatives sees nothing below the rounding of the criterion, 1e-10 or
# so, which leaves the parameters that are least certain good to 1e-5 of themselves
lme4_digits <- 5e-5

test_that("ngrps() of what has no groups is an error", {
  skip_if(isNamespaceLoaded("lme4"), "whose generic answers then")
  expect_snapshot(ngrps(1), error = TRUE)
})

expect_effects <- function(ours, theirs, swapped = character()) {
  a <- as.data.frame(ranef(ours))
  b <- as.data.frame(ranef(theirs))
  nested <- grepl(":", b$grpvar, fixed = TRUE)
  b$grp <- as.character(b$grp)
  b$grpvar[nested] <- swapped_name(b$grpvar[nested])
  b$grp[nested] <- swapped_name(b$grp[nested])
  key <- function(d) paste(d$grpvar, d$term, d$grp)
  at <- match(key(a), key(b))
  testthat::expect_identical(sort(key(a)), sort(key(b)))
  scale <- stats::sd(b$condval)
  testthat::expect_lt(max(abs(a$condval - b$condval[at])) / scale, lme4_digits)
  testthat::expect_equal(a$condsd, b$condsd[at], tolerance = lme4_digits)
}

expect_variances <- function(ours, theirs) {
  a <- as.data.frame(VarCorr(ours))
  b <- as.data.frame(VarCorr(theirs))
  nested <- grepl(":", b$grp, fixed = TRUE)
  b$grp[nested] <- swapped_name(b$grp[nested])
  key <- function(d) paste(d$grp, d$var1, d$var2)
  testthat::expect_identical(sort(key(a)), sort(key(b)))
  b <- b[match(key(a), key(b)), ]
  testthat::expect_equal(a$vcov, b$vcov, tolerance = lme4_digits)
  testthat::expect_equal(a$sdcor, b$sdcor, tolerance = lme4_digits)
}

test_that("slopes: effects, variances and sums are lme4's", {
  skip_if_no_peer("lme4")
  d <- lme4::sleepstudy
  fit <- gamut(Reaction ~ Days + (Days | Subject), data = d)
  peer <- settled_lmer(Reaction ~ Days + (Days | Subject), d)
  expect_effects(fit, peer)
  expect_variances(fit, peer)
  expect_identical(names(VarCorr(fit)), "Subject")
  expect_equal(unclass(VarCorr(fit)$Subject)[1:2, 1:2],
               as.matrix(VarCorr(peer)$Subject)[1:2, 1:2], tolerance = lme4_digits)
  expect_equal(fixef(fit), lme4::fixef(peer), tolerance = 1e-8)
  expect_equal(coef(fit, "by_group")$Subject, coef(peer)$Subject, tolerance = lme4_digits)
  expect_identical(coef(fit), fixef(fit))
  expect_identical(ngrps(fit), c(Subject = 18L))
  # one level, by hand: MixedModels.jl gives these for ML
  ml <- gamut(Reaction ~ Days + (Days | Subject), data = d, method = "ML")
  variance <- attr(ranef(ml)$Subject, "postVar")[, , 1L]
  expect_equal(unname(variance[c(1, 2, 4)]), c(140.96755, -20.604545, 5.1577948),
               tolerance = 1e-5)
})

test_that("crossed, nested and uncorrelated terms are lme4's", {
  skip_if_no_peer("lme4")
  fit <- gamut(diameter ~ 1 + (1 | plate) + (1 | sample), data = lme4::Penicillin)
  peer <- settled_lmer(diameter ~ 1 + (1 | plate) + (1 | sample), lme4::Penicillin)
  expect_effects(fit, peer)
  expect_variances(fit, peer)
  expect_equal(ngrps(fit), ngrps(peer))
  fit <- gamut(strength ~ 1 + (1 | batch / cask), data = lme4::Pastes)
  peer <- settled_lmer(strength ~ 1 + (1 | batch / cask), lme4::Pastes)
  expect_effects(fit, peer)
  expect_variances(fit, peer)
  expect_identical(ngrps(fit), c(batch = 10L, "batch:cask" = 30L))
  d <- lme4::sleepstudy
  fit <- gamut(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), data = d)
  peer <- settled_lmer(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), d)
  expect_effects(fit, peer)
  expect_variances(fit, peer)
})

test_that("binomial effects are lme4's, of thousands of levels too", {
  skip_if_no_peer("lme4")
  formula <- cbind(incidence, size - incidence) ~ period + (1 | herd)
  fit <- gamut(formula, binomial(), data = lme4::cbpp)
  peer <- lme4::glmer(formula, lme4::cbpp, binomial())
  a <- as.data.frame(ranef(fit))
  b <- as.data.frame(ranef(peer))
  # glmer() stops at three to four digits of its parameters
  expect_equal(a$condval, b$condval[match(a$grp, b$grp)], tolerance = 2e-3)
  expect_equal(a$condsd, b$condsd[match(a$grp, b$grp)], tolerance = 2e-3)
  skip_on_cran()
  d <- lme4::InstEval
  d <- d[as.integer(d$s) <= 300L, ]
  fit <- gamut(y ~ service + (1 | s) + (1 | d), data = d)
  peer <- settled_lmer(y ~ service + (1 | s) + (1 | d), d)
  expect_effects(fit, peer)
  expect_variances(fit, peer)
})

test_that("nlme's and lme4's generics are ours", {
  expect_identical(gamut::ranef, nlme::ranef)
  expect_identical(gamut::VarCorr, nlme::VarCorr)
  skip_if_no_peer("lme4")
  fit <- orthodont_fit()
  expect_identical(lme4::ranef(fit), ranef(fit))
  expect_identical(lme4::ngrps(fit), ngrps(fit))
  expect_equal(ngrps(settled_lmer(distance ~ age + (1 | Subject), orthodont())),
               c(Subject = 27))
})

test_that("postVar, drop and as.data.frame() say the same", {
  fit <- orthodont_fit()
  effects <- ranef(fit)
  long <- as.data.frame(effects)
  expect_identical(dim(attr(effects$Subject, "postVar")), c(2L, 2L, 27L))
  expect_identical(names(long), c("grpvar", "term", "grp", "condval", "condsd"))
  expect_identical(nrow(long), 54L)
  first <- long[long$term == "(Intercept)", ]
  expect_identical(first$condval, effects$Subject[["(Intercept)"]])
  expect_false(is.unsorted(first$condval[match(levels(long$grp), first$grp)]))
  expect_equal(first$condsd, unname(sqrt(attr(effects$Subject, "postVar")[1L, 1L, ])))
  expect_true(all(is.na(as.data.frame(ranef(fit, condVar = FALSE))$condsd)))
  one <- gamut(distance ~ age + (0 + age | Subject), data = orthodont())
  vector <- ranef(one, drop = TRUE)$Subject
  expect_true(is.numeric(vector))
  expect_identical(as.data.frame(ranef(one, drop = TRUE)), as.data.frame(ranef(one)))
  lean <- orthodont_fit(control = gamut_control(keep_data = FALSE))
  expect_null(attr(ranef(lean)$Subject, "postVar"))
  expect_identical(ranef(lean)$Subject$age, ranef(fit)$Subject$age)
})

test_that("a fit without random effects has none", {
  fit <- gamut(dist ~ speed, data = cars)
  expect_length(ranef(fit), 0L)
  expect_length(VarCorr(fit), 0L)
  expect_identical(dim(as.data.frame(ranef(fit))), c(0L, 5L))
  expect_length(ngrps(fit), 0L)
  expect_identical(fixef(fit), coef(fit))
  expect_snapshot(error = TRUE, {
    coef(fit, "by_group")
    rank_report(fit)
    icc(fit)
    r_squared(fit)
    plot(fit, "random")
  })
})

test_that("effects on another parameter carry its name", {
  # four rows a subject say little of its spread
  expect_warning(
    fit <- gamut(list(distance ~ age + (1 | Subject), sigma ~ Sex + (1 | Subject)),
                 data = orthodont()),
    class = "gamut_warning_laplace"
  )
  expect_named(ranef(fit), c("Subject", "sigma:Subject"))
  expect_named(VarCorr(fit), c("Subject", "sigma:Subject"))
  sums <- coef(fit, "by_group")
  expect_named(sums, c("Subject", "sigma:Subject"))
  expect_named(sums$Subject, c("(Intercept)", "age"))
  expect_equal(sums[[2L]][["(Intercept)"]],
               coef(fit)[["sigma:(Intercept)"]] + ranef(fit)[[2L]][["(Intercept)"]])
})

test_that("effects of a known matrix are those of the levels", {
  d <- orthodont()
  k <- 0.5 + 0.5 * diag(27)
  dimnames(k) <- list(levels(d$Subject), levels(d$Subject))
  # a correlation of 1/2 between all is half the variance, and an intercept of all
  plain <- gamut(distance ~ age + (1 | Subject), data = d)
  fit <- gamut(distance ~ age + known(1 | Subject, K = k), data = d)
  centred <- ranef(fit)$Subject[[1L]] - mean(ranef(fit)$Subject[[1L]])
  expect_equal(centred, ranef(plain)$Subject[[1L]], tolerance = 1e-5)
  expect_null(attr(ranef(fit)$Subject, "postVar"))
})

test_that("what is printed", {
  expect_snapshot(print(ranef(orthodont_fit()), max_rows = 8))
})
