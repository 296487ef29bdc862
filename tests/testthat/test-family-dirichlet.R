# Compositions against published fits (Maier 2014) and the Beta family.

composition_data <- function(file, parts) {
  d <- utils::read.csv(test_path("fixtures", "aitchison", file))
  d$Y <- as.matrix(d[parts])
  d$Y <- d$Y / rowSums(d$Y)
  d
}

# Aitchison (1986), Coakley & Rust (1968)
arctic_lake <- function() {
  composition_data("arctic-lake.csv", c("sand", "silt", "clay"))
}

test_that("the sediments of an Arctic lake have the published fits", {
  d <- arctic_lake()
  fit <- gamut(Y ~ depth, family = dirichlet(), data = d)
  expect_named(coef(fit), c("sand:(Intercept)", "sand:depth", "silt:(Intercept)",
                            "silt:depth", "clay:(Intercept)", "clay:depth"))
  # eight decimals, DirichletReg 0.7
  expect_equal(unname(coef(fit)), c(0.11662480, 0.02335114, -0.31059591, 0.05556745,
                                    -1.15195642, 0.06430175), tolerance = 1e-7)
  expect_equal(as.numeric(logLik(fit)), 101.3697, tolerance = 1e-6)
  curve <- gamut(Y ~ depth + I(depth^2), family = dirichlet(), data = d)
  expect_equal(as.numeric(logLik(curve)), 108.9969, tolerance = 1e-6)
  expect_equal(coef(curve)[["sand:(Intercept)"]], 1.4361967, tolerance = 1e-6)
  # printed with seven digits, of an information by differences
  expect_equal(sqrt(diag(vcov(curve)))[["sand:(Intercept)"]], 0.8026814,
               tolerance = 1e-5)
  table <- anova(fit, curve, test = "LRT")
  expect_equal(table$LR[2], 15.254, tolerance = 1e-4)
  expect_identical(table$Df[2], 3)
})

test_that("blood samples have the published fits of mean and precision", {
  d <- composition_data("blood-samples.csv", c("Albumin", "Pre.Albumin", "Globulin.A",
                                               "Globulin.B"))
  fit <- gamut(Y ~ Disease, family = dirichlet("mean", base = 3), data = d)
  expect_identical(attr(logLik(fit), "df"), 7L)
  # two decimals are published of the likelihoods, five of the coefficients
  expect_equal(as.numeric(logLik(fit)), 151.93, tolerance = 1e-4)
  expect_equal(unname(coef(fit)[1:2]), c(1.11639, -0.07002), tolerance = 1e-4)
  expect_equal(coef(fit)[["phi:(Intercept)"]], 4.2227, tolerance = 1e-4)
  both <- gamut(list(Y ~ Disease, phi ~ Disease), data = d,
                family = dirichlet("mean", base = "Globulin.A"))
  expect_equal(as.numeric(logLik(both)), 152.31, tolerance = 1e-4)
})

test_that("a part may have a formula of its own", {
  d <- arctic_lake()
  fit <- gamut(list(Y ~ depth, silt ~ poly(depth, 2)), family = dirichlet(), data = d)
  expect_named(coef(fit)[3:5], c("silt:(Intercept)", "silt:poly(depth, 2)1",
                                 "silt:poly(depth, 2)2"))
  plain <- gamut(list(Y ~ depth, silt ~ depth), family = dirichlet(), data = d)
  expect_equal(coef(plain), coef(gamut(Y ~ depth, family = dirichlet(), data = d)),
               tolerance = 1e-7)
  expect_snapshot(error = TRUE, gamut(list(Y ~ depth, sillt ~ 1), family = dirichlet(),
                                      data = d))
})

test_that("two parts are the Beta family", {
  d <- simulated_data()
  d$two <- cbind(no = 1 - d$fraction, yes = d$fraction)
  fit <- gamut(list(two ~ x, phi ~ z), family = dirichlet("mean"), data = d)
  peer <- gamut(list(fraction ~ x, phi ~ z), family = Beta(), data = d)
  expect_equal_fits(fit, peer)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(peer)), tolerance = 1e-10)
  expect_equal(predict(fit, type = "response")[, "yes"],
               predict(peer, type = "response"), tolerance = 1e-8)
  # the saturated means solve the same equation
  expect_equal(abs(residuals(fit)), abs(residuals(peer)), tolerance = 1e-6)
  expect_equal(residuals(fit, "pearson")[, "yes"], residuals(peer, "pearson"),
               tolerance = 1e-6)
})

test_that("the fit does not depend on the base", {
  d <- arctic_lake()
  fits <- lapply(list("sand", 3, NULL), function(base) {
    gamut(Y ~ depth, family = dirichlet("mean", base = base), data = d)
  })
  for (fit in fits) {
    expect_equal(deviance(fit), deviance(fits[[1]]), tolerance = 1e-10)
    expect_equal(fitted(fit), fitted(fits[[1]]), tolerance = 1e-6)
  }
})

test_that("means have standard errors by the delta method", {
  d <- arctic_lake()
  fit <- gamut(Y ~ depth, family = dirichlet(), data = d)
  found <- predict(fit, d[1:2, ], type = "response", se.fit = TRUE)
  expect_equal(rowSums(found$fit), c(1, 1), ignore_attr = TRUE)
  alpha <- exp(predict(fit, d[1:2, ]))
  # d mu_sand / d eta_k = mu_sand ([k = sand] - mu_k)
  mu <- alpha / rowSums(alpha)
  for (i in 1:2) {
    gradient <- mu[i, 1] * ((1:3 == 1) - mu[i, ])
    a <- rep(gradient, each = 2) * rep(c(1, d$depth[i]), 3)
    expect_equal(found$se.fit[[i, 1]], sqrt(sum(a * (vcov(fit) %*% a))),
                 tolerance = 1e-9)
  }
  limits <- predict(fit, d[1:2, ], type = "response", interval = "confidence")
  expect_true(all(limits > 0 & limits < 1))
})

test_that("methods work on compositions", {
  d <- arctic_lake()
  fit <- gamut(Y ~ depth, family = dirichlet("mean"), data = d)
  expect_snapshot(print(fit))
  expect_snapshot(print(summary(fit)))
  expect_snapshot({
    dirichlet()
    dirichlet("mean", base = "silt")
    dirichlet("mean", base = 2)
    fit$family
  })
  expect_equal(rowSums(residuals(fit, "response")), rep(0, 39), ignore_attr = TRUE)
  drawn <- simulate(fit, 1, seed = 1)$sim_1
  expect_identical(colnames(drawn), c("sand", "silt", "clay"))
  expect_equal(rowSums(drawn), rep(1, 39), ignore_attr = TRUE)
  expect_identical(levels(effect_data(fit, "depth")$part), c("sand", "silt", "clay"))
  expect_named(effect_data(gamut(list(Y ~ depth, phi ~ depth), d, dirichlet("mean")),
                           "depth", predictor = "phi"),
               c("depth", "estimate", "std.error", "conf.low", "conf.high",
                 "extrapolated"))
  expect_snapshot(error = TRUE, residuals(fit, "quantile"))
  expect_snapshot(error = TRUE, predict(fit, interval = "prediction"))
  expect_snapshot(error = TRUE, predict(fit, type = "prob"))
})

test_that("the density integrates to one and draws have its moments", {
  alpha <- c(a = 2, b = 3)
  density <- function(y) family_density(dirichlet(), cbind(y, 1 - y), alpha)
  # with two parts in one of them; integrate() is asked for 1e-10
  expect_equal(integrate(density, 0, 1, rel.tol = 1e-10)$value, 1, tolerance = 1e-9)
  set.seed(4)
  alpha <- c(a = 2, b = 3, c = 0.5)
  y <- family_random(dirichlet(), 20000, alpha)
  family <- as_gamut_family("dirichlet")
  # four standard errors: a false alarm once in 16,000
  off <- abs(colMeans(y) - drop(family$mean(alpha)))
  expect_true(all(off < 4 * sqrt(drop(family$var(alpha)) / 20000)))
})

test_that("responses that are no compositions are refused, sums other than one told", {
  read <- function(y, ...) as_gamut_family(dirichlet(...))$response(y, name = "Y")
  expect_snapshot(error = TRUE, read(c(0.2, 0.8)))
  expect_snapshot(error = TRUE, read(cbind(a = c(0, 0.5), b = c(1, 0.5))))
  expect_snapshot(error = TRUE, read(cbind(a = c(-0.1, 0.5), b = c(1.1, 0.5))))
  expect_snapshot(got <- read(cbind(a = c(2, 0.5), b = c(2, 0.5))))
  expect_equal(got$y, cbind(a = c(0.5, 0.5), b = c(0.5, 0.5)))
  got <- read(cbind(a = c(0, 0.5), b = c(1, 0.5)), zeros = "shrink")
  # (y (n - 1) + 1/C) / n with n = C = 2
  expect_equal(got$y, cbind(a = c(0.25, 0.5), b = c(0.75, 0.5)))
  expect_snapshot(error = TRUE, dirichlet(base = "a"))
  d <- data.frame(a = c(0.2, 0.4), b = c(0.8, 0.6))
  expect_snapshot(error = TRUE, gamut(cbind(a, b) ~ 1, dirichlet("mean", base = "z"),
                                      data = d))
})
