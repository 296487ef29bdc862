# Random effects against published optima: MixedModels.jl's and lme4's own tests, and
# lme4 and glmmTMB run to tight tolerances. A criterion may be lower than the published
# one, never higher by more than 1e-6; published values have seven to ten decimals.

expect_optimum <- function(fit, published) {
  of <- if (is_profiled(fit$family)) "value" else "minus2loglik"
  value <- fit$criterion[[of]]
  testthat::expect_true(fit$convergence$converged)
  testthat::expect_lt(value, published + 1e-6)
  # lower by more than this would be another model
  testthat::expect_gt(value, published - 1e-4)
}

ml <- function(formula, data, ...) gamut(formula, data, method = "ML", ...)
reml <- function(formula, data, ...) gamut(formula, data, method = "REML", ...)

test_that("dyestuff: parameters as MixedModels.jl has them", {
  d <- peer_data("Dyestuff")
  fit <- ml(Yield ~ 1 + (1 | Batch), d)
  expect_optimum(fit, 327.32705988112673)
  # ten printed digits; the optimum leaves half of them free in theta
  expect_equal(abs(fit$random[[1]]$theta), 0.7525806540, tolerance = 1e-6)
  expect_equal(sqrt(fit$dispersion), 49.5101, tolerance = 1e-6)
  expect_equal(sqrt(vcov(fit)[1]), 17.694552929, tolerance = 1e-6)
  expect_optimum(reml(Yield ~ 1 + (1 | Batch), d), 319.6542768422576)
})

test_that("dyestuff2: a variance of exactly 0, with the multiplier of the boundary", {
  d <- peer_data("Dyestuff2")
  expect_no_warning(fit <- ml(Yield ~ 1 + (1 | Batch), d))
  expect_optimum(fit, 162.87303665382575)
  expect_identical(fit$random[[1]]$theta, 0)
  expect_equal(unname(coef(fit)), 5.6656, tolerance = 1e-12)
  expect_equal(sqrt(vcov(fit)[1]), 0.6669857, tolerance = 1e-6)
  # the second derivative at 0 that MixedModels.jl tests, 28.7687 printed
  expect_equal(fit$criterion$curvature[1], 28.7687, tolerance = 1e-5)
  fit <- reml(Yield ~ 1 + (1 | Batch), d)
  expect_equal(sqrt(vcov(fit)[1]), 0.67838803150, tolerance = 1e-9)
  expect_length(fit$convergence$boundary, 1L)
})

test_that("penicillin and pastes: crossed and nested factors", {
  d <- peer_data("Penicillin")
  fit <- ml(diameter ~ 1 + (1 | plate) + (1 | sample), d)
  expect_optimum(fit, 332.1883486700)
  # theta is flat at the optimum: half of the digits of the criterion
  expect_equal(abs(vapply(fit$random, `[[`, 0, "theta")), c(1.5375939, 3.2197922),
               tolerance = 1e-5)
  expect_equal(fit$dispersion, 0.30242510, tolerance = 1e-5)
  expect_optimum(reml(diameter ~ 1 + (1 | plate) + (1 | sample), d), 330.8605890)
  d <- peer_data("Pastes")
  fit <- ml(strength ~ 1 + (1 | batch / cask), d)
  expect_optimum(fit, 247.9944658625)
  expect_equal(sort(abs(vapply(fit$random, `[[`, 0, "theta"))), c(1.32991374, 3.52690293),
               tolerance = 1e-5)
  expect_optimum(reml(strength ~ 1 + (1 | batch / cask), d), 246.9907459)
})

test_that("sleepstudy: slopes, correlated and not", {
  d <- peer_data("sleepstudy")
  fit <- ml(Reaction ~ Days + (Days | Subject), d)
  expect_optimum(fit, 1751.9393444636682)
  theta <- fit$random[[1]]$theta
  expect_equal(tcrossprod(matrix(c(theta[1:2], 0, theta[3]), 2)),
               tcrossprod(matrix(c(0.92922972, 0.01816466, 0, 0.22264601), 2)),
               tolerance = 1e-4)
  expect_equal(unname(sqrt(diag(vcov(fit)))), c(6.632295312722, 1.502238791144),
               tolerance = 1e-5)
  expect_equal(unname(coef(fit)), c(251.405104848485, 10.467285959595), tolerance = 1e-10)
  expect_optimum(ml(Reaction ~ Days + (Days || Subject), d), 1752.003255140962)
  expect_optimum(ml(Reaction ~ Days + (1 | Subject), d), 1794.0786432)
  expect_optimum(ml(Reaction ~ Days + (0 + Days | Subject), d), 1774.080315280526)
  expect_optimum(reml(Reaction ~ Days + (Days | Subject), d), 1743.6282720)
  expect_optimum(reml(Reaction ~ Days + (Days || Subject), d), 1743.6692936)
})

test_that("designs of lme4 and nlme", {
  d <- peer_data("cake")
  expect_optimum(ml(angle ~ recipe * temperature + (1 | recipe:replicate), d),
                 1679.0518653)
  expect_optimum(reml(angle ~ recipe * temperature + (1 | recipe:replicate), d),
                 1638.6214599)
  d <- peer_data("Orthodont", "nlme")
  expect_optimum(ml(distance ~ age + (age | Subject), d), 439.2116013)
  expect_optimum(reml(distance ~ age + (age | Subject), d), 442.6366860)
  expect_optimum(ml(distance ~ age * Sex + (age | Subject), d), 427.8059508)
  expect_optimum(reml(distance ~ age * Sex + (age | Subject), d), 432.5816671)
  d <- peer_data("Machines", "nlme")
  expect_optimum(ml(score ~ Machine + (1 | Worker / Machine), d), 225.2694469)
  expect_optimum(reml(score ~ Machine + (1 | Worker / Machine), d), 215.6875680)
  expect_optimum(ml(score ~ Machine + (0 + Machine | Worker), d), 216.4178273)
  expect_optimum(reml(score ~ Machine + (0 + Machine | Worker), d), 208.3112183)
  d <- peer_data("Oats", "nlme")
  expect_optimum(ml(yield ~ nitro + Variety + (1 | Block / Variety), d), 601.1077312)
  expect_optimum(reml(yield ~ nitro + Variety + (1 | Block / Variety), d), 578.8917870)
  d <- peer_data("Oxide", "nlme")
  expect_optimum(ml(Thickness ~ 1 + (1 | Lot / Wafer), d), 458.6769081)
  expect_optimum(reml(Thickness ~ 1 + (1 | Lot / Wafer), d), 454.0220693)
  d <- peer_data("ergoStool", "nlme")
  expect_optimum(ml(effort ~ Type + (1 | Subject), d), 122.1444374)
  expect_optimum(reml(effort ~ Type + (1 | Subject), d), 121.1307887)
  d <- peer_data("Rail", "nlme")
  expect_optimum(ml(travel ~ 1 + (1 | Rail), d), 128.5600369)
  expect_optimum(reml(travel ~ 1 + (1 | Rail), d), 122.1770008)
})

test_that("three crossed factors of InstEval", {
  skip_on_cran()
  d <- peer_data("InstEval")
  fit <- ml(y ~ service + (1 | s) + (1 | d) + (1 | dept), d)
  expect_optimum(fit, 237721.76877450474)
  # average information needs a few evaluations, lme4 79
  expect_lt(fit$criterion$evaluations, 15)
  expect_equal(unname(fitted(fit)[1]), 3.1787619026605, tolerance = 1e-6)
  expect_optimum(ml(y ~ service * dept + (1 | s) + (1 | d), d), 237585.5534151695)
})

test_that("weights are precisions: MixedModels.jl's ten rows", {
  d <- data.frame(
    a = c(1.55945122, 0.004391538, 0.005554163, -0.173029772, 4.586284429, 0.259493671,
          -0.091735715, 5.546487603, 0.457734831, -0.030169602),
    b = c(0.24520519, 0.080624178, 0.228083467, 0.2471453, 0.398994279, 0.037213859,
          0.102144973, 0.241380251, 0.206570975, 0.15980803),
    c = factor(c("H", "F", "K", "P", "P", "P", "D", "M", "I", "D")),
    w1 = c(20, 40, 35, 12, 29, 25, 65, 105, 30, 75)
  )
  fit <- ml(a ~ 1 + b + (1 | c), d, weights = w1)
  expect_equal(abs(fit$random[[1]]$theta), 0.2951818091809752, tolerance = 1e-5)
  expect_equal(unname(sqrt(diag(vcov(fit)))), c(0.964016663994572, 3.6309691484830533),
               tolerance = 1e-5)
})

test_that("cbpp: logit and probit, and lme4's determinant", {
  d <- peer_data("cbpp")
  formula <- cbind(incidence, size - incidence) ~ period + (1 | herd)
  fit <- gamut(formula, d, binomial())
  expect_optimum(fit, 184.05256373)
  expect_equal(unname(coef(fit)), c(-1.39854983, -0.99233552, -1.12867533, -1.58030424),
               tolerance = 1e-4)
  expect_equal(abs(fit$random[[1]]$theta), 0.64222681, tolerance = 1e-4)
  expect_optimum(gamut(formula, d, binomial("probit")), 185.16667541)
  expected <- gamut(formula, d, binomial("probit"),
                    control = gamut_control(laplace_information = "expected"))
  expect_optimum(expected, 185.2424467)
})

test_that("generalised models of lme4, mlmRev and MASS", {
  d <- peer_data("VerbAgg")
  fit <- gamut(r2 ~ Anger + Gender + btype + situ + (1 | id) + (1 | item), d, binomial())
  expect_optimum(fit, 8151.39971976)
  d <- peer_data("grouseticks")
  d$height <- (d$HEIGHT - mean(d$HEIGHT)) / sd(d$HEIGHT)
  fit <- gamut(TICKS ~ YEAR + height + (1 | BROOD) + (1 | LOCATION) + (1 | INDEX), d,
               poisson())
  expect_optimum(fit, 1780.54266018)
  d <- peer_data("bacteria", "MASS")
  expect_optimum(gamut(y ~ trt + I(week > 2) + (1 | ID), d, binomial()), 192.26137364)
  d <- peer_data("sleepstudy")
  expect_optimum(gamut(Reaction ~ Days + (Days | Subject), d, Gamma("log")),
                 1732.03668618)
  d <- peer_data("Contraception", "mlmRev")
  expect_optimum(gamut(use ~ age + I(age^2) + urban + livch + (1 | district), d,
                       binomial()), 2372.72858236)
  d <- peer_data("Mmmec", "mlmRev")
  expect_optimum(gamut(deaths ~ uvb + (1 | region) + offset(log(expected)), d, poisson()),
                 2250.39992528)
})

# Saturated terms, which lme4 and MixedModels.jl leave out of a deviance by quadrature.
saturated <- function(log_density) -2 * sum(log_density)

test_that("adaptive quadrature: lme4's and MixedModels.jl's values", {
  d <- peer_data("cbpp")
  fit <- gamut(cbind(incidence, size - incidence) ~ period + (1 | herd), d, binomial(),
               nagq = 25)
  constant <- with(d, saturated(dbinom(incidence, size, incidence / size, log = TRUE)))
  expect_equal(constant, 83.95671, tolerance = 1e-6)
  expect_optimum(fit, 100.0100305 + constant)
  d <- peer_data("bacteria", "MASS")
  fit <- gamut(y ~ trt + I(week > 2) + (1 | ID), d, binomial(), nagq = 25)
  expect_optimum(fit, 191.7941139)
  expect_equal(fit$criterion$theta, 1.304316, tolerance = 1e-5)
  d <- peer_data("Contraception", "mlmRev")
  fixed <- use ~ age + I(age^2) + urban + livch
  expect_optimum(gamut(update(fixed, . ~ . + (1 | district)), d, binomial(), nagq = 9),
                 2372.4588850)
  expect_optimum(gamut(update(fixed, . ~ . + (1 | urban:district)), d, binomial(),
                       nagq = 7), 2360.87602455)
  d <- peer_data("Mmmec", "mlmRev")
  fit <- gamut(deaths ~ uvb + (1 | region) + offset(log(expected)), d, poisson(),
               nagq = 11)
  expect_optimum(fit, 655.2533533016 + with(d, saturated(dpois(deaths, deaths, TRUE))))
  # of a search that stopped at 1e-8 of the deviance, which leaves four digits
  expect_equal(unname(coef(fit)), c(-0.13860167, -0.03441446), tolerance = 1e-4)
  expect_equal(fit$criterion$theta, 0.41216846, tolerance = 1e-5)
})

test_that("counts with many zeros equal glmmTMB's", {
  skip_on_cran()
  d <- peer_data("Salamanders", "glmmTMB")
  site <- function(formula, ...) gamut(update(formula, . ~ . + (1 | site)), d, ...)
  expect_optimum(site(count ~ spp + mined, negbinomial()), 1652.40440912)
  zip <- site(count ~ mined, zero_inflated(poisson()), ziformula = ~ mined)
  expect_optimum(zip, 1898.46952053)
  zinb <- site(count ~ spp + mined, negbinomial(), ziformula = ~ spp + mined)
  expect_optimum(zinb, 1634.29901239)
  expect_optimum(site(count ~ spp + mined, hurdle(poisson()), ziformula = ~ spp + mined),
                 1756.16687436)
  d <- peer_data("Owls", "glmmTMB")
  formula <- SiblingNegotiation ~ FoodTreatment + ArrivalTime + offset(log(BroodSize)) +
    (1 | Nest)
  expect_optimum(gamut(formula, d, poisson(), ziformula = ~ 1), 4003.98808194)
  expect_optimum(gamut(formula, d, negbinomial(variance = "linear")), 3348.47576225)
})
