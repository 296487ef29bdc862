# Packages that work from the methods of stats alone.

peer_fits <- function() {
  d <- simulated_data()
  list(d = d, fit = gamut(count ~ x + f + z, d, poisson()),
       reference = glm_to_the_end(count ~ x + f + z, poisson(), d))
}

test_that("car: linear hypotheses, Wald tables and variance inflation are glm's", {
  skip_if_no_peer("car")
  pair <- peer_fits()
  both <- function(f) lapply(pair[c("fit", "reference")], f)
  # 1e-7: what the project promises on standard errors; squares lose a factor of two
  agree <- function(f) {
    values <- both(f)
    expect_equal(unclass(values$fit), unclass(values$reference), tolerance = 2e-7,
                 ignore_attr = TRUE)
  }
  agree(function(x) car::linearHypothesis(x, c("fb = 0", "fc = x")))
  wald <- function(x, ...) {
    if (inherits(x, "glm")) car::Anova(x, test.statistic = "Wald", ...)
    else car::Anova(x, ...)
  }
  agree(function(x) wald(x))
  agree(function(x) wald(x, type = 3))
  agree(function(x) car::vif(x))
  agree(function(x) car::deltaMethod(x, "x / z"))
  aliased <- gamut(count ~ x + I(2 * x) + f, pair$d, poisson())
  expect_equal(car::Anova(aliased)["f", "Df"], 2)
})

test_that("car: a gaussian model is tested with F", {
  skip_if_no_peer("car")
  d <- simulated_data()
  ours <- car::linearHypothesis(gamut(normal ~ x + f, d), c("fb = 0", "fc = 0"),
                                test = "F")
  theirs <- car::linearHypothesis(lm(normal ~ x + f, d), c("fb = 0", "fc = 0"))
  expect_equal(ours[2L, "Pr(>F)"], theirs[2L, "Pr(>F)"], tolerance = 1e-7)
})

test_that("lmtest: Wald and likelihood-ratio tests of nested models are glm's", {
  skip_if_no_peer("lmtest")
  pair <- peer_fits()
  small <- gamut(count ~ x + z, pair$d, poisson())
  small_reference <- glm_to_the_end(count ~ x + z, poisson(), pair$d)
  ours <- lmtest::lrtest(pair$fit, small)
  theirs <- lmtest::lrtest(pair$reference, small_reference)
  # likelihoods are flat at their maximum
  expect_equal(ours[["Chisq"]], theirs[["Chisq"]], tolerance = 1e-8)
  expect_identical(ours[["#Df"]], as.numeric(theirs[["#Df"]]))
})

test_that("multcomp: comparisons of the levels of a factor are glm's", {
  skip_if_no_peer("multcomp")
  pair <- peer_fits()
  tukey <- function(x) multcomp::glht(x, multcomp::mcp(f = "Tukey"))
  for (part in c("coef", "vcov")) {
    f <- get(part)
    expect_equal(f(tukey(pair$fit)), f(tukey(pair$reference)), tolerance = 1e-7)
  }
  expect_equal(coef(multcomp::glht(pair$fit, "x - z = 0")),
               coef(multcomp::glht(pair$reference, "x - z = 0")), tolerance = 1e-8)
})

test_that("emmeans: marginal means from the methods of stats", {
  skip_if_no_peer("emmeans")
  pair <- peer_fits()
  d <- pair$d
  ours <- emmeans::emmeans(emmeans::qdrg(object = pair$fit, data = d), "f")
  theirs <- emmeans::emmeans(pair$reference, "f")
  expect_equal(as.data.frame(ours)$emmean, as.data.frame(theirs)$emmean,
               tolerance = 1e-8)
  expect_equal(as.data.frame(ours)$SE, as.data.frame(theirs)$SE, tolerance = 1e-7)
})
