# Published or independently computed fits of every family, one table a family. Where a
# figure is printed with few digits the tolerance is half a unit of its last digit; where
# it comes from another program, that program's own stopping rule.

near <- function(value, expected, digits, label = NULL) {
  off <- max(abs(unname(value) - expected))
  testthat::expect(off <= 0.5 * 10^-digits + 1e-12,
                   sprintf("%s: off by %.3g in place of %g", label %||% "value", off,
                           0.5 * 10^-digits))
}

errors_of <- function(fit) unname(coef(summary(fit))[, "Std. Error"])

test_that("gaussian: stopping distances", {
  fit <- gamut(dist ~ speed, cars)
  near(coef(fit), c(-17.579095, 3.932409), 6)
  near(deviance(fit), 11353.521, 3)
  near(AIC(fit), 419.15686, 5)
})

test_that("Gamma and inverse gaussian: clotting times (McCullagh & Nelder 1989)", {
  d <- clotting_data()
  fit <- gamut(lot1 ~ log(u), d, Gamma())
  near(coef(fit), c(-0.0165543817, 0.0153431149), 10)
  near(deviance(fit), 0.0167297152, 10)
  near(summary(fit)$null.deviance, 3.5128262638, 10)
  # glm stops early, at a relative change of 1e-8 of the deviance
  near(fit$dispersion, 0.0024460593, 7)
  near(AIC(fit), 37.98992395, 8)
  near(shape(fit)[["estimate"]], 538.1315417, 6)
  other <- gamut(lot2 ~ log(u), d, Gamma())
  near(coef(other), c(-0.0239084698, 0.0235992136), 10)
  near(deviance(other), 0.0126717559, 10)
  inverse <- gamut(lot1 ~ log(u), d, inverse.gaussian())
  near(coef(inverse), c(-0.0011079771, 0.0007219139), 9)
  near(deviance(inverse), 0.0069311283, 10)
})

test_that("exponential: leukaemia survival, both informations", {
  fit <- gamut(time ~ ag + log(wbc), MASS::leuk, exponential())
  # glm stops at 5.8154109, 1.0176452, -0.3044004; at its tightest setting and in
  # survreg() the maximum is here
  near(coef(fit), c(5.8154751, 1.0176268, -0.3044061), 7)
  near(deviance(fit), 40.3190891, 7)
  near(logLik(fit), -146.5405246, 7)
  near(errors_of(fit), c(1.2932, 0.3492, 0.1319), 4)
  observed <- update(fit, control = gamut_control(information = "observed"))
  near(errors_of(observed), c(1.2632, 0.3637, 0.1244), 4)
})

test_that("binomial: beetles under four links, budworms", {
  d <- beetles_data()
  links <- list(logit = c(-60.7175, 34.2703, 11.2322),
                probit = c(-34.9353, 19.7279, 10.1198),
                cloglog = c(-39.5723, 22.0412, 3.4464))
  for (link in names(links)) {
    fit <- gamut(cbind(killed, n - killed) ~ dose, d, binomial(link))
    near(c(coef(fit), deviance(fit)), links[[link]], 4, link)
  }
  fit <- gamut(cbind(killed, n - killed) ~ dose, d, binomial("cauchit"))
  near(deviance(fit), 20.1582, 4)
  fit <- gamut(cbind(dead, 20 - dead) ~ sex + ldose, budworm_data(), binomial())
  near(deviance(fit), 6.7570642, 7)
})

test_that("poisson: Dobson's counts, ships, insurance, insects", {
  fit <- gamut(counts ~ outcome + treatment, dobson_data(), poisson())
  near(coef(fit)[1:3], c(3.0445224, -0.4542553, -0.2929871), 7)
  near(deviance(fit), 5.1291411, 7)
  ships <- subset(MASS::ships, service > 0)
  fit <- gamut(incidents ~ type + factor(year) + factor(period) + offset(log(service)),
               ships, poisson())
  near(deviance(fit), 38.695052, 6)
  near(sum(residuals(fit, "pearson")^2) / fit$df.residual, 1.6910101, 7)
  fit <- gamut(Claims ~ District + Group + Age + offset(log(Holders)), MASS::Insurance,
               poisson())
  near(deviance(fit), 51.420033, 6)
  near(deviance(gamut(count ~ spray, InsectSprays, poisson())), 98.328663, 6)
})

test_that("chisq: simulated degrees of freedom", {
  # where the numerical gradient of the log-likelihood vanishes; VGAM and a first
  # optim() stopped at 0.747378, 1.326354 and 0.7473794, 1.3263526
  set.seed(1)
  x <- runif(200)
  y <- rchisq(200, exp(1 + x))
  fit <- gamut(y ~ x, family = chisq())
  near(coef(fit), c(0.7473801, 1.3263516), 7)
  near(logLik(fit), -459.8089837, 7)
})

test_that("categorical and cumulative: housing, miners' lungs", {
  housing <- MASS::housing
  fit <- gamut(Sat ~ Infl + Type + Cont, housing, categorical(), weights = Freq)
  near(deviance(fit), 3470.0839, 4)
  near(coef(fit)[1:3], c(-0.41922874, 0.44639589, 0.66493533), 6)
  fit <- gamut(Sat ~ Infl + Type + Cont, housing, cumulative(), weights = Freq)
  near(deviance(fit), 3479.149299, 6)
  # polr stops at a relative change of 1e-8 of the deviance
  near(coef(fit), c(-0.49613534, 0.69070829, 0.56639374, 1.28881906, -0.57235015,
                    -0.36618657, -1.09101491, 0.36028415), 5)
  d <- pneumo_data()
  fit <- gamut(cbind(normal, mild, severe) ~ log(exposure), d,
               categorical(reference = "severe"))
  near(coef(fit)[c(1, 3, 2, 4)], c(11.97509, 3.03906, -3.06747, -0.90209), 5)
})

test_that("Beta: gasoline yield and food expenditure, expected information", {
  skip_if_no_peer("betareg")
  utils::data("GasolineYield", "FoodExpenditure", package = "betareg",
              envir = environment())
  expected <- gamut_control(information = "expected")
  fit <- gamut(yield ~ batch + temp, GasolineYield, Beta(link_phi = "identity"),
               control = expected)
  near(coef(fit)[["(Intercept)"]], -6.1595710, 6)
  near(coef(fit)[["temp"]], 0.0109669, 7)
  near(coef(fit)[["phi:(Intercept)"]], 440.3, 1)
  errors <- coef(summary(fit))[, "Std. Error"]
  near(errors[["(Intercept)"]], 0.1823247, 7)
  near(errors[["temp"]], 0.0004126, 6)
  near(errors[["phi:(Intercept)"]], 110.0, 1)
  near(logLik(fit), 84.8, 1)
  # From observed information: a finite-difference Hessian on unscaled columns prints
  # 0.2737 and 0.000659 here
  observed <- update(fit, control = gamut_control())
  near(coef(summary(observed))[c("(Intercept)", "temp"), "Std. Error"][1L], 0.1806, 4)
  near(coef(summary(observed))["temp", "Std. Error"], 0.000408, 6)

  food <- gamut(I(food / income) ~ income + persons, FoodExpenditure,
                Beta(link_phi = "identity"), control = expected)
  near(coef(food), c(-0.62255, -0.01230, 0.11846, 35.61), 2)
  near(coef(food)[1:3], c(-0.62255, -0.01230, 0.11846), 5)
  near(logLik(food), 45.33, 2)
  both <- gamut(I(food / income) ~ income + persons | persons, FoodExpenditure, Beta())
  near(coef(both)[4:5], c(5.504, -0.484), 3)
  near(logLik(both), 49.185, 3)
})

aitchison <- function(file, parts) {
  d <- utils::read.csv(test_path("fixtures", "aitchison", file))
  d$Y <- as.matrix(d[parts])
  d$Y <- d$Y / rowSums(d$Y)
  d
}

test_that("dirichlet: the Arctic lake, standard errors from observed information", {
  d <- aitchison("arctic-lake.csv", c("sand", "silt", "clay"))
  fit <- gamut(Y ~ depth, d, dirichlet())
  near(coef(fit), c(0.11662480, 0.02335114, -0.31059591, 0.05556745, -1.15195642,
                    0.06430175), 6)
  near(logLik(fit), 101.3697, 4)
  square <- gamut(Y ~ depth + I(depth^2), d, dirichlet())
  near(logLik(square), 108.9969, 4)
  near(2 * (logLik(square) - logLik(fit)), 15.254, 3)
  near(coef(square)[1:3], c(1.4361967, -0.0072382, 0.0001324), 6)
  # the expected information would give 0.6028
  near(errors_of(square)[1L], 0.8026814, 6)
})

test_that("dirichlet by mean and precision: blood samples", {
  d <- aitchison("blood-samples.csv", c("Albumin", "Pre.Albumin", "Globulin.A",
                                        "Globulin.B"))
  d <- d[!is.na(d$Disease), ]
  mean <- dirichlet("mean", base = 3)
  fit <- gamut(Y ~ Disease, d, mean)
  near(logLik(fit), 151.93, 2)
  expect_identical(attr(logLik(fit), "df"), 7L)
  near(coef(fit)[1:2], c(1.11639, -0.07002), 4)
  near(coef(fit)[["phi:(Intercept)"]], 4.2227, 3)
  both <- gamut(Y ~ Disease | Disease, d, mean)
  near(logLik(both), 152.31, 2)
  expect_identical(attr(logLik(both), "df"), 8L)
})
