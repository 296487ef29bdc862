# Published numbers, to the digits published, and stats::glm() over a table of models.
# Where glm() with its default control, from which most such numbers come, stops before
# the last digits printed are right, the digits are those of the maximum itself.

test_that("gaussian: cars", {
  fit <- gamut(dist ~ speed, data = cars)
  expect_published(coef(fit), c("-17.579095", "3.9324088"))
  expect_published(fit$deviance, "11353.521")
  expect_published(AIC(fit), "419.15686")
})

test_that("Gamma: clotting (McCullagh & Nelder 1989, section 8.4.2)", {
  d <- clotting_data()
  fit <- gamut(lot1 ~ log(u), family = Gamma, data = d)
  expect_published(coef(fit), c("-0.0165543817", "0.0153431149"))
  expect_published(fit$deviance, "0.0167297152")
  expect_published(fit$dispersion, "0.0024460362")
  expect_published(AIC(fit), "37.98992395")
  null <- gamut(lot1 ~ 1, family = Gamma, data = d)
  expect_published(null$deviance, "3.5128262638")
  fit <- gamut(lot2 ~ log(u), family = Gamma, data = d)
  expect_published(coef(fit), c("-0.0239084698", "0.0235992136"))
  expect_published(fit$deviance, "0.0126717559")
})

test_that("inverse gaussian: clotting", {
  fit <- gamut(lot1 ~ log(u), family = inverse.gaussian, data = clotting_data())
  expect_published(coef(fit), c("-0.0011079770", "0.0007219139"))
  expect_published(fit$deviance, "0.0069311283")
})

test_that("exponential: leukaemia (Feigl & Zelen 1965)", {
  skip_if_no_peer("MASS")
  fit <- gamut(time ~ ag + log(wbc), family = exponential(), data = MASS::leuk)
  expect_published(coef(fit), c("5.8154751", "1.0176268", "-0.3044061"))
  expect_published(fit$deviance, "40.3190891")
  expect_published(as.numeric(logLik(fit)), "-146.5405246")
  # the two information matrices differ visibly here
  for (information in c("expected", "observed")) {
    fit <- gamut(time ~ ag + log(wbc), family = exponential(), data = MASS::leuk,
                 control = gamut_control(information = information))
    expect_published(standard_errors(fit), switch(information,
      expected = c("1.2932", "0.3492", "0.1319"),
      observed = c("1.2632", "0.3637", "0.1244")
    ))
  }
})

test_that("binomial: beetles under four links (Dobson & Barnett 2018, section 7.3)", {
  fit_link <- function(link) {
    gamut(cbind(killed, n - killed) ~ dose, family = binomial(link),
          data = beetles_data())
  }
  logit <- fit_link("logit")
  expect_published(coef(logit), c("-60.7175", "34.2703"))
  expect_published(logit$deviance, "11.2322")
  probit <- fit_link("probit")
  expect_published(coef(probit), c("-34.9353", "19.7279"))
  expect_published(probit$deviance, "10.1198")
  cloglog <- fit_link("cloglog")
  expect_published(coef(cloglog), c("-39.5723", "22.0412"))
  expect_published(cloglog$deviance, "3.4464")
  expect_published(fit_link("cauchit")$deviance, "20.1582")
})

test_that("binomial: log-log mirrors the complementary log-log link", {
  d <- beetles_data()
  mirror <- gamut(cbind(n - killed, killed) ~ dose, data = d,
                  family = binomial(gamut_link("loglog")))
  expect_published(-coef(mirror), c("-39.5723", "22.0412"))
  expect_published(mirror$deviance, "3.4464")
})

test_that("binomial: budworm (Venables & Ripley 2002, section 7.2)", {
  fit <- gamut(cbind(dead, 20 - dead) ~ sex + ldose, family = binomial,
               data = budworm_data())
  expect_published(fit$deviance, "6.7570642")
  expect_equal(fit$df.residual, 9)
})

test_that("binomial: menarche, birthwt, infert", {
  skip_if_no_peer("MASS")
  fit <- gamut(cbind(Menarche, Total - Menarche) ~ Age, family = binomial,
               data = MASS::menarche)
  expect_published(coef(fit), c("-21.226395", "1.6319683"))
  expect_published(fit$deviance, "26.703452")
  expect_equal(fit$df.residual, 23)
  fit <- gamut(case ~ spontaneous + induced, family = binomial, data = datasets::infert)
  expect_published(coef(fit), c("-1.7078601", "1.197205", "0.4181294"))
  expect_published(fit$deviance, "279.61198")
  fit <- gamut(low ~ age + lwt + factor(race) + smoke + ptl + ht + ui + ftv,
               family = binomial, data = MASS::birthwt)
  reference <- glm_to_the_end(low ~ age + lwt + factor(race) + smoke + ptl + ht + ui +
                                ftv, binomial(), MASS::birthwt)
  expect_same_fit(fit, reference)
})

test_that("poisson: Dobson, ships, Insurance, InsectSprays, warpbreaks", {
  fit <- gamut(counts ~ outcome + treatment, family = poisson, data = dobson_data())
  expect_published(coef(fit)[1:3], c("3.0445224", "-0.45425527", "-0.29298712"))
  # true zeros by the design: 1e-10 of a standard error of 0.2
  expect_lt(max(abs(coef(fit)[4:5])), 2e-11)
  expect_published(fit$deviance, "5.1291411")
  fit <- gamut(count ~ spray, family = poisson, data = datasets::InsectSprays)
  expect_published(fit$deviance, "98.328663")
  expect_equal(fit$df.residual, 66)
  fit <- gamut(breaks ~ wool + tension, family = poisson, data = datasets::warpbreaks)
  expect_published(fit$deviance, "210.39189")
  expect_equal(fit$df.residual, 50)
})

test_that("poisson with offset: ships and Insurance", {
  skip_if_no_peer("MASS")
  d <- subset(MASS::ships, service > 0)
  d$year <- factor(d$year)
  d$period <- factor(d$period)
  fit <- gamut(incidents ~ type + year + period + offset(log(service)),
               family = poisson, data = d)
  expect_published(fit$deviance, "38.695052")
  expect_equal(fit$df.residual, 25)
  quasi <- update(fit, family = quasipoisson)
  expect_published(quasi$dispersion, "1.6910101")
  fit <- gamut(Claims ~ District + Group + Age + offset(log(Holders)),
               family = poisson, data = MASS::Insurance)
  expect_published(fit$deviance, "51.420033")
  expect_equal(fit$df.residual, 54)
})

test_that("quasi families have the coefficients of their likelihood twins", {
  d <- simulated_data()
  pairs <- list(
    list(count ~ x * f, quasipoisson(), poisson()),
    list(binary ~ x * f, quasibinomial(), binomial()),
    list(positive ~ x * f, quasi("log", "mu^2"), Gamma("log")),
    list(positive ~ x * f, quasi("log", "mu^3"), inverse.gaussian("log")),
    list(normal ~ x * f, quasi(), gaussian())
  )
  for (pair in pairs) {
    quasi <- gamut(pair[[1L]], family = pair[[2L]], data = d)
    twin <- gamut(pair[[1L]], family = pair[[3L]], data = d)
    # the same arithmetic but for the order of a few products
    expect_equal(coef(quasi), coef(twin), tolerance = 1e-10)
    expect_equal(quasi$deviance, twin$deviance, tolerance = 1e-10)
  }
})

# --- a table of models against glm() ---------------------------------------------

responses <- function(family) {
  switch(family$family,
    gaussian = if (family$link == "identity") quote(normal) else quote(positive),
    poisson = , quasipoisson = quote(count),
    binomial = , quasibinomial = quote(binary),
    Gamma = , inverse.gaussian = quote(positive),
    quasi = switch(family$varfun, "mu(1-mu)" = quote(fraction), quote(positive))
  )
}

families <- list(
  gaussian(), gaussian("log"), gaussian("inverse"),
  Gamma(), Gamma("log"), Gamma("identity"),
  inverse.gaussian(), inverse.gaussian("log"), inverse.gaussian("identity"),
  inverse.gaussian("inverse"),
  binomial(), binomial("probit"), binomial("cloglog"), binomial("cauchit"),
  poisson(), poisson("sqrt"), poisson("identity"),
  quasipoisson(), quasibinomial("probit"), quasi("log", "mu"), quasi("log", "mu^2"),
  quasi("logit", "mu(1-mu)"), quasi("inverse", "mu^3")
)

right_sides <- list(
  main = ~ x + z + f, interaction = ~ x * f + g, numeric = ~ x:z + I(x^2) + l + i,
  no_intercept = ~ 0 + f + x, nested = ~ f / x, polynomial = ~ poly(z, 3) + f:g,
  deficient = ~ x + I(2 * x) + f + l + I(!l)
)

for (family in families) {
  local({
    name <- paste0(family$family, "(", family$link, ")")
    test_that(paste("glm and gamut agree:", name), {
      d <- simulated_data()
      y <- responses(family)
      for (right in names(right_sides)) {
        formula <- right_sides[[right]]
        formula <- as.formula(call("~", y, formula[[2L]]))
        label <- paste(name, right)
        suppressWarnings(expect_as_glm(formula, family, d, label = label))
      }
    })
    test_that(paste("glm and gamut agree with weights, offset, subset:", name), {
      d <- simulated_data(seed = 2L)
      formula <- as.formula(call("~", responses(family), quote(x + f)))
      weighted <- if (family$family == "binomial") quote(m) else quote(w)
      eval(bquote({
        suppressWarnings(expect_as_glm(formula, family, d, weights = .(weighted),
                                       label = paste(name, "weights")))
        suppressWarnings(expect_as_glm(formula, family, d, offset = o,
                                       label = paste(name, "offset")))
        suppressWarnings(expect_as_glm(formula, family, d, subset = z > 0.2,
                                       weights = .(weighted), offset = o,
                                       label = paste(name, "all three")))
      }))
    })
  })
}

test_that("links of power() and of users agree with glm", {
  d <- simulated_data()
  power_third <- power(1 / 3)
  expect_as_glm(positive ~ x + f, Gamma(power_third), d)
  expect_as_glm(positive ~ x + f, quasi(power_third, "mu"), d)
  shifted <- structure(list(
    linkfun = function(mu) log(mu + 0.1), linkinv = function(eta) exp(eta) - 0.1,
    mu.eta = function(eta) exp(eta), valideta = function(eta) all(eta > log(0.1)),
    name = "log(mu + 0.1)"
  ), class = "link-glm")
  family <- quasi(shifted, "mu")
  ours <- gamut(positive ~ x + f, family = family, data = d,
                control = gamut_control(information = "expected"))
  expect_same_fit(ours, glm_to_the_end(positive ~ x + f, family, d))
})

test_that("two-column, proportion, factor and logical responses agree with glm", {
  d <- simulated_data()
  d$label <- factor(d$binary, labels = c("no", "yes"))
  d$flag <- d$binary == 1
  for (link in c("logit", "probit", "cloglog", "cauchit")) {
    family <- binomial(link)
    expect_as_glm(cbind(dead, m - dead) ~ x * f, family, d)
    expect_as_glm(cbind(dead, m - dead) ~ x * f, family, d, weights = w)
    expect_as_glm(dead / m ~ x * f, family, d, weights = m)
    expect_as_glm(label ~ x * f, family, d)
    expect_as_glm(flag ~ x * f, family, d)
  }
})

test_that("contrasts of all kinds agree with glm", {
  d <- simulated_data()
  d$s <- d$g
  contrasts(d$s) <- contr.sum(4)
  d$h <- C(d$g, contr.helmert)
  d$ordered <- factor(d$f, ordered = TRUE)
  d$one <- d$g
  contrasts(d$one, 1) <- c(-1, 1, 1, -1)
  expect_as_glm(count ~ s * x + ordered, poisson(), d)
  expect_as_glm(count ~ h + ordered:x, poisson(), d)
  expect_as_glm(count ~ one * f, poisson(), d)
  expect_as_glm(count ~ g * f, poisson(), d, contrasts = list(g = "contr.SAS"))
})
