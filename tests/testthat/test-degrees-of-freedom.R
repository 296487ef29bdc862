# Degrees of freedom: published values and peers (research of the design: reference_ddf),
# dense algebra, and what must not matter.

orthodont_by_sex <- function(...) {
  gamut(distance ~ age * Sex + (age | Subject), orthodont(), ...)
}

test_that("a balanced design has its exact degrees of freedom", {
  fit <- orthodont_by_sex()
  # exact derivatives: lmerTest's differences print 25.0113 for Kenward and Roger's
  expect_equal(degrees_of_freedom(fit, type = "kenward-roger")$den_df, rep(25, 4),
               tolerance = 1e-7)
  expect_equal(degrees_of_freedom(fit)$den_df, rep(25, 4), tolerance = 1e-6)
  machines <- gamut(score ~ Machine + (1 | Worker / Machine),
                    as.data.frame(nlme::Machines))
  # four decimals are published
  expect_equal(degrees_of_freedom(machines, type = "kenward-roger")$den_df,
               c(8.5217, 10, 10), tolerance = 1e-5)
  oats <- gamut(yield ~ nitro + Variety + (1 | Block / Variety),
                as.data.frame(nlme::Oats))
  expect_equal(degrees_of_freedom(oats, type = "kenward-roger")$den_df,
               c(10.1097, 53, 10, 10), tolerance = 1e-5)
})

test_that("an unbalanced one has those of lmerTest and pbkrtest", {
  d <- peer_data("sleepstudy")[-seq(1, 180, by = 7), ]
  fit <- gamut(Reaction ~ Days + (Days | Subject), d)
  ours <- degrees_of_freedom(fit, type = "kenward-roger")
  expect_equal(ours$se, c(6.8603863, 1.7579744), tolerance = 1e-6)
  expect_equal(ours$den_df, c(16.974112, 16.989836), tolerance = 1e-6)
  # lmerTest's Hessian is by differences
  expect_equal(degrees_of_freedom(fit)$den_df, c(17.10896, 16.81549), tolerance = 1e-5)
  expect_equal(sqrt(unname(diag(vcov(fit, type = "kenward-roger")))), ours$se)
})

test_that("several contrasts: pbkrtest's and lmerTest's F", {
  skip_if_no_peer("lmerTest")
  skip_if_no_peer("pbkrtest")
  d <- as.data.frame(nlme::Oats)[-c(3, 17, 40, 58), ]
  formula <- yield ~ nitro + Variety + (1 | Block / Variety)
  fit <- gamut(formula, d)
  peer <- lmerTest::lmer(formula, d, control = lme4::lmerControl(
    optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-13)))
  l <- rbind(c(0, 0, 1, 0), c(0, 0, 0, 1))
  theirs <- lmerTest::contest(peer, l, ddf = "Satterthwaite")
  ours <- degrees_of_freedom(fit, l)
  expect_equal(c(ours$statistic, ours$den_df), c(theirs[["F value"]], theirs$DenDF),
               tolerance = 1e-4)
  theirs <- pbkrtest::KRmodcomp(peer, l)$test["Ftest", ]
  ours <- degrees_of_freedom(fit, l, "kenward-roger")
  expect_equal(c(ours$statistic, ours$den_df), c(theirs$stat, theirs$ddf),
               tolerance = 1e-5)
})

# Kenward and Roger's covariance from n x n matrices, V linear in its parameters
dense_kenward_roger <- function(fit, x, changes, sizes) {
  v <- Reduce(`+`, Map(`*`, changes, sizes))
  inverse <- solve(v)
  phi <- solve(t(x) %*% inverse %*% x)
  p <- inverse - inverse %*% x %*% phi %*% t(x) %*% inverse
  information <- outer(seq_along(sizes), seq_along(sizes), Vectorize(function(i, j) {
    sum(diag(p %*% changes[[i]] %*% p %*% changes[[j]])) / 2
  }))
  w <- solve(information)
  sum <- 0
  for (i in seq_along(sizes)) {
    for (j in seq_along(sizes)) {
      half <- inverse %*% changes[[i]] %*% inverse
      q <- t(x) %*% half %*% changes[[j]] %*% inverse %*% x
      other <- inverse %*% changes[[j]] %*% inverse
      sum <- sum + w[i, j] * (q - t(x) %*% half %*% x %*% phi %*% t(x) %*% other %*% x)
    }
  }
  phi + 2 * phi %*% sum %*% phi
}

test_that("crossed factors, weights and vector terms equal dense algebra", {
  d <- withr::with_seed(1, data.frame(
    a = factor(sample(6, 60, TRUE)), b = factor(sample(5, 60, TRUE)), x = rnorm(60),
    w = runif(60, 0.5, 2)
  ))
  d$y <- withr::with_seed(2, 1 + d$x + rnorm(6)[d$a] + rnorm(6)[d$a] * d$x +
                            rnorm(5)[d$b] + rnorm(60) / sqrt(d$w))
  fit <- gamut(y ~ x + (x | a) + (1 | b), d, weights = w)
  za <- model.matrix(~ 0 + a, d)
  zb <- model.matrix(~ 0 + b, d)
  zx <- za * d$x
  changes <- list(tcrossprod(za), tcrossprod(za, zx) + tcrossprod(zx, za),
                  tcrossprod(zx), tcrossprod(zb), diag(1 / d$w))
  covariance <- VarCorr(fit)
  sizes <- c(covariance$a[c(1, 2, 4)], covariance$b, sigma(fit)^2)
  dense <- dense_kenward_roger(fit, cbind(1, d$x), changes, sizes)
  expect_equal(unname(vcov(fit, type = "kenward-roger")), dense, tolerance = 1e-8)
})

test_that("scales of predictors and the order of rows do not matter", {
  fit <- orthodont_by_sex()
  d <- orthodont()
  d$age <- d$age * 1e6
  mixed <- d[withr::with_seed(3, sample(nrow(d))), ]
  for (type in c("satterthwaite", "kenward-roger")) {
    again <- gamut(distance ~ age * Sex + (1 + I(age / 1e6) | Subject), mixed)
    expect_equal(degrees_of_freedom(again, type = type)$den_df,
                 degrees_of_freedom(fit, type = type)$den_df, tolerance = 1e-5)
  }
})

test_that("variances at 0 and aliased coefficients leave the others their tests", {
  d <- peer_data("Dyestuff2")
  fit <- gamut(Yield ~ 1 + (1 | Batch), d)
  # nothing varies but the rows
  expect_equal(degrees_of_freedom(fit)$den_df, 29, tolerance = 1e-6)
  d <- orthodont()
  d$twice <- 2 * d$age
  fit <- gamut(distance ~ age + twice + (1 | Subject), d)
  expect_identical(is.na(degrees_of_freedom(fit)$den_df), c(FALSE, FALSE, TRUE))
})

test_that("structured covariances: cs() of two effects is a free covariance", {
  d <- orthodont()
  d$late <- as.numeric(d$age > 10)
  free <- gamut(distance ~ age + (0 + factor(late) | Subject), d)
  same <- gamut(distance ~ age + cs(0 + factor(late) | Subject), d)
  for (type in c("satterthwaite", "kenward-roger")) {
    expect_equal(degrees_of_freedom(same, type = type)$den_df,
                 degrees_of_freedom(free, type = type)$den_df, tolerance = 1e-3)
  }
})

test_that("summary, anova, confint and emmeans take them", {
  fit <- orthodont_by_sex()
  expect_identical(colnames(coef(summary(fit))),
                   c("Estimate", "Std. Error", "df", "t value", "Pr(>|t|)"))
  expect_identical(colnames(coef(summary(fit, ddf = "none"))),
                   c("Estimate", "Std. Error", "t value"))
  expect_snapshot(anova(fit, test = "F"))
  expect_equal(anova(fit, ddf = "kenward-roger")$DenDF, rep(25, 3), tolerance = 1e-6)
  limits <- confint(fit, "age", ddf = "kenward-roger")
  tests <- degrees_of_freedom(fit, type = "kenward-roger")
  expect_equal(limits[2], coef(fit)[["age"]] + tests["age", "se"] * qt(0.975, 25),
               tolerance = 1e-7)
  skip_if_no_peer("emmeans")
  means <- as.data.frame(emmeans::emmeans(fit, "Sex"))
  expect_equal(means$df, c(25, 25), tolerance = 1e-6)
})

test_that("models without them say so", {
  counts <- gamut(count ~ 1 + (1 | spray), InsectSprays, poisson())
  fit <- orthodont_by_sex()
  expect_snapshot(error = TRUE, {
    degrees_of_freedom(counts)
    summary(counts, ddf = "kenward-roger")
    degrees_of_freedom(fit, L = 1:3)
    degrees_of_freedom(fit, type = "containment")
  })
  expect_message(degrees_of_freedom(orthodont_by_sex(method = "ML"),
                                    type = "kenward-roger"),
                 class = "gamut_message_refit")
})

test_that("Kenward and Roger's errors stand beside estimates by REML", {
  skip_if_no_peer("pbkrtest")
  d <- orthodont()[-(1:5), ]
  fit <- gamut(distance ~ age * Sex + (1 | Subject), data = d, method = "ML")
  restricted <- update(fit, method = "REML")
  expect_message(found <- summary(fit, ddf = "kenward-roger"),
                 class = "gamut_message_refit")
  # two searches for theta
  expect_equal(coef(found), coef(summary(restricted, ddf = "kenward-roger")),
               tolerance = 1e-6)
  expect_equal(found$sigma, sigma(restricted), tolerance = 1e-6)
  expect_identical(found$method, "REML")
  text <- capture.output(print(found))
  expect_match(text, "fit by REML", all = FALSE)
  expect_match(text, "was refitted by REML", all = FALSE)
  expect_no_match(capture.output(print(summary(restricted, ddf = "kenward-roger"))),
                  "refitted")
  expect_message(limits <- confint(fit, ddf = "kenward-roger"),
                 class = "gamut_message_refit")
  expect_equal(limits, confint(restricted, ddf = "kenward-roger"), tolerance = 1e-6)
  peer <- settled_lmer(distance ~ age * Sex + (1 | Subject), d)
  expect_equal(coef(found)[, "Estimate"], lme4::fixef(peer), tolerance = 1e-6)
  expect_equal(unname(coef(found)[, "Std. Error"]),
               unname(sqrt(diag(as.matrix(pbkrtest::vcovAdj(peer))))), tolerance = 1e-5)
  expect_no_message(summary(fit, ddf = "satterthwaite"))
})

test_that("Satterthwaite's at a singular covariance are those of its Cholesky factor", {
  skip_if_no_peer("lmerTest")
  set.seed(9)
  d <- data.frame(g = factor(sample(12, 120, TRUE)), h = sample(5, 120, TRUE),
                  x = rnorm(120), f = factor(sample(3, 120, TRUE)))
  d$y <- d$x + rnorm(252)[-(1:132)]
  formula <- y ~ x + f + (1 + x | g)
  fit <- gamut(formula, d)
  # of rank one, and neither variance is 0
  expect_identical(fit$convergence$boundary[[1L]]$rank, 1L)
  expect_gt(min(diag(VarCorr(fit)$g)), 0)
  peer <- suppressMessages(lmerTest::lmer(formula, d, control = lme4::lmerControl(
    optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-13))))
  theirs <- coef(summary(peer, ddf = "Satterthwaite"))[, "df"]
  # lmerTest's derivatives are by differences; entries of Sigma as parameters gave 1.3
  # where the Cholesky factor has 59
  expect_equal(degrees_of_freedom(fit)$den_df, unname(theirs), tolerance = 1e-3)
  # predictions without random effects are contrasts
  new <- data.frame(x = c(0, 1), f = "1", g = "1")
  half <- function(ddf) {
    made <- predict(fit, new, re.form = NA, interval = "confidence", ddf = ddf)
    made[, "upr"] - made[, "fit"]
  }
  df <- degrees_of_freedom(fit, L = c(1, 1, 0, 0))$den_df
  expect_equal(unname(half("satterthwaite") / half("none"))[2L],
               qt(0.975, df) / qnorm(0.975))
})
