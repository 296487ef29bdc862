# Families of counts against MASS, pscl, glmmTMB, VGAM and published numbers.

near <- function(seen, expected, digits) {
  expect_equal(as.vector(seen), expected,
               tolerance = 0.6 * 10^-digits / abs(expected[1L]))
}

# Ours is at the maximum: never below the peer's beyond rounding, and not above it by
# more than the peer's stopping rule leaves (1e-6 of the log-likelihood).
expect_reached <- function(fit, peer) {
  ours <- as.vector(logLik(fit))
  theirs <- as.vector(logLik(peer))
  expect_gt(ours, theirs - 1e-8 * abs(theirs))
  expect_lt(ours, theirs + 1e-6 * abs(theirs))
}

# Coefficients within a thousandth of a standard error: peers stop at gradients of 1e-3
# or at relative changes of 1e-8 of the likelihood, whose root this is.
expect_alike <- function(fit, theirs, at = seq_along(theirs)) {
  off <- abs(unname(coef(fit)[at]) - unname(theirs)) / standard_errors(fit)[at]
  expect_lt(max(off), 1e-3)
}

test_that("negbinomial() is MASS::glm.nb() on the quine data", {
  skip_if_no_peer("MASS")
  formula <- Days ~ Sex / (Age + Eth * Lrn)
  fit <- gamut(formula, family = negbinomial(), data = MASS::quine)
  peer <- MASS::glm.nb(formula, data = MASS::quine)
  theta <- exp(coef(fit)[["theta:(Intercept)"]])
  # Venables & Ripley (2002), section 7.4
  expect_equal(theta, 1.59799073, tolerance = 1e-8)
  expect_equal(2 * as.vector(logLik(fit)), -1063.0250224, tolerance = 1e-9)
  # glm.nb()'s deviance compares with the saturated mean at the same theta, as ours;
  # deviance(fit) is minus twice the log-likelihood
  expect_equal(sum(residuals(fit, "deviance")^2), 167.5558216, tolerance = 1e-8)
  expect_alike(fit, coef(peer)[!is.na(coef(peer))],
               which(!is.na(coef(fit)))[seq_len(sum(!is.na(coef(peer))))])
  # glm.nb() takes the information on theta alone, from the expectation over y
  se <- standard_errors(fit)[["theta:(Intercept)"]] * theta
  expect_equal(se, 0.21286544, tolerance = 0.1)
})

test_that("zero-inflated and hurdle models of articles are pscl's", {
  skip_if_no_peer("pscl")
  utils::data("bioChemists", package = "pscl", envir = environment())
  published <- list(
    poisson = c(inflated = -1604.772853, hurdle = -1605.311694),
    negbin = c(inflated = -1549.990887, hurdle = -1552.596591)
  )
  bases <- list(poisson = poisson(), negbin = negbinomial())
  for (dist in names(bases)) {
    peer <- pscl::zeroinfl(art ~ . | ., data = bioChemists, dist = dist)
    fit <- gamut(art ~ . | ., family = zero_inflated(bases[[dist]]), data = bioChemists)
    near(logLik(fit), published[[dist]][["inflated"]], 6)
    expect_reached(fit, peer)
    last <- length(coef(fit)) - 5:0
    expect_alike(fit, coef(peer), c(1:6, last))
    # pscl's are from differences of a numerical optimiser's gradient
    expect_equal(unname(standard_errors(fit)[c(1:6, last)]),
                 unname(sqrt(diag(vcov(peer)))), tolerance = 1e-3)
    peer <- pscl::hurdle(art ~ . | ., data = bioChemists, dist = dist)
    fit <- gamut(art ~ . | ., family = hurdle(bases[[dist]]), data = bioChemists)
    near(logLik(fit), published[[dist]][["hurdle"]], 6)
    # pscl describes the probability of passing the hurdle
    expect_alike(fit, coef(peer) * rep(c(1, -1), each = 6), c(1:6, last))
    expect_equal(unname(standard_errors(fit)[c(1:6, last)]),
                 unname(sqrt(diag(vcov(peer)))), tolerance = 1e-3)
  }
  theta <- function(fit) exp(coef(fit)[["theta:(Intercept)"]])
  near(theta(fit), 1.828456, 5)
  fit <- gamut(art ~ ., ziformula = ~., family = negbinomial(), data = bioChemists)
  near(theta(fit), 2.654769, 4)
  near(logLik(fit), -1549.990887, 6)
})

test_that("negbinomial(), compois() and truncated() are glmmTMB's", {
  skip_on_cran()
  skip_if_no_peer("glmmTMB")
  skip_if_no_peer("MASS")
  formula <- Days ~ Sex + Age + Eth + Lrn
  d <- MASS::quine
  positive <- d[d$Days > 0, ]
  linear <- negbinomial(variance = "linear")
  pairs <- list(
    list(negbinomial(), glmmTMB::nbinom2(), d),
    list(linear, glmmTMB::nbinom1(), d),
    list(compois(), glmmTMB::compois(), d),
    list(truncated(), glmmTMB::truncated_poisson(), positive),
    list(truncated(negbinomial()), glmmTMB::truncated_nbinom2(), positive),
    list(truncated(linear), glmmTMB::truncated_nbinom1(), positive),
    list(truncated(compois()), glmmTMB::truncated_compois(), positive)
  )
  for (pair in pairs) {
    fit <- gamut(formula, family = pair[[1]], data = pair[[3]])
    peer <- glmmTMB::glmmTMB(formula, family = pair[[2]], data = pair[[3]])
    expect_reached(fit, peer)
    expect_alike(fit, glmmTMB::fixef(peer)$cond)
  }
})

test_that("betabinomial() and binomial with more zeros are glmmTMB's", {
  skip_on_cran()
  skip_if_no_peer("glmmTMB")
  skip_if_no_peer("lme4")
  cbpp <- lme4::cbpp
  formula <- cbind(incidence, size - incidence) ~ period
  fit <- gamut(formula, family = betabinomial(), data = cbpp)
  peer <- glmmTMB::glmmTMB(formula, family = glmmTMB::betabinomial(), data = cbpp)
  expect_reached(fit, peer)
  expect_alike(fit, unlist(glmmTMB::fixef(peer)[c("cond", "disp")]))
  again <- gamut(incidence / size ~ period, weights = size, family = betabinomial(),
                 data = cbpp)
  expect_equal_fits(again, fit)
  expect_equal(logLik(again), logLik(fit), ignore_attr = TRUE)
  for (base in list(list(binomial(), binomial()),
                    list(betabinomial(), glmmTMB::betabinomial()))) {
    fit <- gamut(formula, ziformula = ~1, family = base[[1]], data = cbpp)
    peer <- glmmTMB::glmmTMB(formula, ziformula = ~1, family = base[[2]], data = cbpp)
    expect_reached(fit, peer)
  }
})

test_that("truncated() is VGAM's positive Poisson", {
  skip_if_no_peer("VGAM")
  set.seed(1)
  d <- data.frame(x = stats::runif(300))
  d$y <- stats::rpois(300, exp(0.2 + d$x))
  d <- d[d$y > 0, ]
  fit <- gamut(y ~ x, family = truncated(), data = d)
  peer <- VGAM::vglm(y ~ x, VGAM::pospoisson(), data = d)
  expect_equal(as.vector(logLik(fit)), VGAM::logLik.vlm(peer), tolerance = 1e-8)
  expect_alike(fit, VGAM::coefvlm(peer))
})
