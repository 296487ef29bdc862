# Beta regression: published results (Cribari-Neto & Zeileis 2010, J. Stat. Softw. 34(2),
# tables of sections 4.1 and 4.2) and package betareg on the same data.
# Published standard errors are of the expected information; ours are of the observed
# one unless asked for otherwise.

expected <- gamut_control(information = "expected")

test_that("GasolineYield", {
  skip_if_no_peer("betareg")
  data("GasolineYield", package = "betareg", envir = environment())
  fit <- gamut(list(yield ~ batch + temp, phi ~ 1), data = GasolineYield,
               family = Beta(link_phi = "identity"), control = expected)
  at <- c("(Intercept)", "temp", "phi:(Intercept)")
  expect_published(coef(fit)[at], c("-6.1595710", "0.0109669", "440.2783886"))
  expect_published(standard_errors(fit)[at], c("0.1823247", "0.0004126", "110.025625"))
  expect_published(as.numeric(logLik(fit)), "84.79755796")
  expect_equal(attr(logLik(fit), "df"), 12)
})

test_that("GasolineYield: standard errors of the observed information by default", {
  skip_if_no_peer("betareg")
  data("GasolineYield", package = "betareg", envir = environment())
  fit <- gamut(list(yield ~ batch + temp, phi ~ 1), data = GasolineYield, family = Beta())
  expect_published(standard_errors(fit)[c("(Intercept)", "temp")],
                   c("0.1806", "0.000408"))
})

test_that("FoodExpenditure", {
  skip_if_no_peer("betareg")
  data("FoodExpenditure", package = "betareg", envir = environment())
  fit <- gamut(list(I(food / income) ~ income + persons, phi ~ 1), data = FoodExpenditure,
               family = Beta(link_phi = "identity"), control = expected)
  expect_published(coef(fit), c("-0.62255", "-0.01230", "0.11846", "35.60975"))
  expect_published(standard_errors(fit), c("0.22385", "0.003036", "0.035341", "8.0796"))
  expect_published(as.numeric(logLik(fit)), "45.33350932")
  fit <- gamut(list(I(food / income) ~ income + persons, phi ~ persons),
               data = FoodExpenditure, family = Beta(), control = expected)
  expect_published(coef(fit), c("-0.78308", "-0.0082168", "0.092554", "5.5043",
                                "-0.48352"))
  expect_published(standard_errors(fit), c("0.17771", "0.0024105", "0.034821", "0.53335",
                                           "0.13346"))
  expect_published(as.numeric(logLik(fit)), "49.18495372")
})

# betareg is asked to iterate to its last digit
tight <- function() betareg::betareg.control(fstol = 1e-12, reltol = 1e-15)

expect_as_betareg <- function(formula, peer_formula, data, link = "logit",
                              link_phi = "log", ...) {
  dots <- match.call(expand.dots = FALSE)$...
  call <- c(list(quote(gamut), formula, data = quote(data), control = expected,
                 family = Beta(link = link, link_phi = link_phi)), dots)
  fit <- eval(as.call(call))
  call <- c(list(quote(betareg::betareg), peer_formula, data = quote(data), link = link,
                 link.phi = link_phi, control = quote(tight())), dots)
  peer <- eval(as.call(call))
  se <- sqrt(diag(vcov(peer)))
  expect_true(fit$convergence$converged)
  # where betareg stops
  expect_lt(max(abs(unname(coef(fit)) - unname(coef(peer))) / se), 1e-6)
  expect_equal(unname(standard_errors(fit)), unname(se), tolerance = 1e-6)
  expect_gte(as.numeric(logLik(fit)), as.numeric(logLik(peer)) - 1e-9)
}

test_that("links, weights and offsets agree with betareg", {
  skip_if_no_peer("betareg")
  d <- simulated_data()
  both <- list(fraction ~ x + f, phi ~ z)
  for (link in c("logit", "probit", "cloglog", "cauchit", "loglog")) {
    expect_as_betareg(both, fraction ~ x + f | z, d, link = link)
  }
  expect_as_betareg(both, fraction ~ x + f | z, d, link_phi = "sqrt")
  expect_as_betareg(list(fraction ~ x * f, phi ~ 1), fraction ~ x * f | 1, d,
                    link_phi = "identity")
  expect_as_betareg(both, fraction ~ x + f | z, d, weights = w)
  expect_as_betareg(list(fraction ~ x + f + offset(o), phi ~ z + offset(w)),
                    fraction ~ x + f + offset(o) | z + offset(w), d)
  expect_as_betareg(both, fraction ~ x + f | z, d, subset = z > 0.2)
})

test_that("a formula without phi has a constant precision", {
  d <- simulated_data()
  short <- gamut(fraction ~ x, data = d, family = Beta())
  long <- gamut(list(fraction ~ x, phi ~ 1), data = d, family = Beta())
  expect_identical(coef(short), coef(long))
  expect_named(coef(short), c("(Intercept)", "x", "phi:(Intercept)"))
})
