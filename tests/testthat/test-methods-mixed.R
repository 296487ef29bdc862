# Methods that fits with random effects share with others, and those that they refuse.

sleep <- function() peer_data("sleepstudy")

test_that("likelihood and criteria of sleepstudy are the published ones", {
  skip_if_no_peer("lme4")
  fit <- gamut(Reaction ~ Days + (Days | Subject), data = sleep(), method = "ML")
  # lme4's tests, to the digits given there
  expect_equal(AIC(fit), 1763.94, tolerance = 1e-5)
  expect_equal(BIC(fit), 1783.10, tolerance = 1e-5)
  peer <- lme4::lmer(Reaction ~ Days + (Days | Subject), data = sleep(), REML = FALSE)
  expect_equal(logLik(fit), logLik(peer), tolerance = 1e-8, ignore_attr = TRUE)
  expect_identical(attr(logLik(fit), "df"), 6L, ignore_attr = TRUE)
  expect_equal(deviance(fit), 1751.9393444636682, tolerance = 1e-10)
  expect_equal(df.residual(fit), df.residual(peer))
  expect_equal(sigma(fit), sigma(peer), tolerance = 1e-5)
  expect_equal(vcov(fit), as.matrix(vcov(peer)), tolerance = 1e-4)
  expect_equal(extractAIC(fit), c(6, AIC(fit)))
  expect_equal(confint(fit), confint(peer, parm = "beta_", method = "Wald"),
               tolerance = 1e-5, ignore_attr = TRUE)
})

test_that("variances of 0 count as parameters", {
  # the groups are alike to the last digit, so their variance is 0
  d <- data.frame(g = gl(6L, 4L), y = rep(c(1, 2, 4, 8), 6))
  fit <- gamut(y ~ 1 + (1 | g), data = d, method = "ML")
  expect_length(fit$convergence$boundary, 1L)
  expect_identical(attr(logLik(fit), "df"), 3L)
  # the likelihood is that of lm(), the count has the variance besides
  expect_equal(AIC(fit), AIC(lm(y ~ 1, d)) + 2, tolerance = 1e-10) # two formulas for it
})

test_that("the restricted likelihood of counts has all constants", {
  skip_if_no_peer("lme4")
  d <- peer_data("cbpp")
  fit <- gamut(cbind(incidence, size - incidence) ~ period + (1 | herd), d, binomial(),
               method = "REML")
  # glmmTMB(REML = TRUE) prints -93.19907; its search stops at 1e-8 of that
  expect_equal(as.numeric(logLik(fit, REML = TRUE)), -93.19907, tolerance = 1e-7)
  expect_equal(summary(fit)$criterion, 2 * 93.19907, tolerance = 1e-7)
})

test_that("a fit by REML has both likelihoods", {
  skip_if_no_peer("lme4")
  fit <- gamut(Reaction ~ Days + (Days | Subject), data = sleep())
  expect_equal(as.numeric(logLik(fit, REML = TRUE)), -1743.6282720 / 2, tolerance = 1e-9)
  peer <- lme4::lmer(Reaction ~ Days + (Days | Subject), data = sleep())
  # at the estimates of REML, which are no maximum of it: errors of first order
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(peer, REML = FALSE)),
               tolerance = 1e-4)
  ml <- update(fit, method = "ML")
  expect_lt(logLik(fit), logLik(ml))
  expect_message(found <- extractAIC(fit), class = "gamut_message_refit")
  expect_equal(found, extractAIC(ml), tolerance = 1e-9)
  expect_snapshot(logLik(ml, REML = TRUE), error = TRUE)
})

test_that("sigma() of a family with a dispersion is its root", {
  set.seed(1)
  d <- data.frame(g = rep(1:20, each = 10))
  d$y <- rgamma(200, 4, 4 / exp(rnorm(20, sd = 0.3)[d$g]))
  fit <- gamut(y ~ 1 + (1 | g), data = d, family = Gamma("log"))
  expect_equal(sigma(fit), sqrt(exp(coef(fit)[["phi:(Intercept)"]])), tolerance = 1e-14)
  d$x <- rep(1:2, 100)
  # as without random effects
  expect_identical(sigma(update(fit, phi = ~x, data = d)), 1)
  expect_identical(sigma(gamut(round(y) ~ 1 + (1 | g), data = d, family = poisson())), 1)
})

test_that("matrices of a model make its linear predictor", {
  fit <- gamut(weight ~ Time + (Time | Chick) + (1 | Diet), data = ChickWeight)
  m <- design_matrices(fit)
  eta <- m$X$mu %*% coef(fit)
  for (t in 1:2) {
    eta <- eta + m$Z[[t]]$matrix$mu %*% as.vector(t(fit$random[[t]]$modes))
  }
  expect_equal(drop(eta), fitted(fit), tolerance = 1e-12)
  sparse <- design_matrices(fit, sparse = TRUE)$Z[[1L]]$matrix$mu
  z <- matrix(0, sparse$dims[1L], sparse$dims[2L])
  z[cbind(sparse$i, sparse$j)] <- sparse$x
  expect_identical(z, unname(m$Z[[1L]]$matrix$mu))
  expect_identical(m$X$mu, model.matrix(fit), ignore_attr = TRUE)
  expect_identical(design_matrices(gamut(dist ~ speed, data = cars))$Z, list())
  expect_snapshot(design_matrices(1), error = TRUE)
})

test_that("a known matrix is in Z by its root", {
  k <- 0.5 + diag(0.5, 8)
  dimnames(k) <- list(1:8, 1:8)
  set.seed(3)
  d <- data.frame(g = rep(1:8, each = 5), y = rnorm(40) + rep(rnorm(8), each = 5))
  fit <- gamut(y ~ 1 + known(1 | g, K = k), data = d)
  m <- design_matrices(fit)
  b <- as.vector(t(fit$random[[1L]]$modes))
  expect_equal(drop(m$X$mu %*% coef(fit) + m$Z[[1L]]$matrix$mu %*% b), fitted(fit),
               tolerance = 1e-12)
  z <- m$Z[[1L]]$matrix$mu
  expect_equal(tcrossprod(z[c(1L, 6L), ]), k[1:2, 1:2], tolerance = 1e-12,
               ignore_attr = TRUE)
})

test_that("model frames and formulas have the random effects, or not", {
  skip_if_no_peer("lme4")
  d <- transform(sleep(), part = rep(letters[1:2], 90))
  fit <- gamut(Reaction ~ Days + (Days | Subject / part), data = d)
  frame <- model.frame(fit)
  expect_named(frame, c("Reaction", "Days", "Subject", "part"))
  expect_identical(frame$Subject, d$Subject)
  expect_identical(as.character(frame$part), d$part)
  expect_identical(formula(fit, fixed.only = TRUE), Reaction ~ Days, ignore_attr = TRUE)
  expect_identical(formula(gamut(Reaction ~ 0 + (1 | Subject), data = d),
                           fixed.only = TRUE), Reaction ~ 0, ignore_attr = TRUE)
  expect_identical(attr(terms(fit), "term.labels"), "Days")
})

test_that("update() adds and removes bars", {
  fit <- gamut(weight ~ Time + (1 | Chick), data = ChickWeight)
  slopes <- update(fit, . ~ . - (1 | Chick) + (Time | Chick))
  expect_identical(formula(slopes), weight ~ Time + (Time | Chick), ignore_attr = TRUE)
  expect_identical(slopes$random[[1L]]$effects, c("(Intercept)", "Time"))
  none <- update(slopes, . ~ . - (Time | Chick), method = NULL)
  expect_null(none$random)
})

test_that("leverages and Cook's distances are lme4's", {
  skip_if_no_peer("lme4")
  fit <- gamut(Reaction ~ Days + (Days | Subject), data = sleep())
  peer <- lme4::lmer(Reaction ~ Days + (Days | Subject), data = sleep())
  expect_equal(unname(hatvalues(fit)), unname(hatvalues(peer)), tolerance = 1e-4)
  expect_equal(unname(cooks.distance(fit)), unname(cooks.distance(peer)),
               tolerance = 1e-4)
})

test_that("leverages of a binomial fit are those of the joint information", {
  skip_if_no_peer("lme4")
  d <- peer_data("cbpp")
  fit <- gamut(cbind(incidence, size - incidence) ~ period + (1 | herd), data = d,
               family = binomial())
  m <- design_matrices(fit)
  c <- cbind(m$X$mu, m$Z[[1L]]$matrix$mu)
  w <- d$size * fitted(fit) * (1 - fitted(fit))
  information <- crossprod(c * sqrt(w))
  at <- 4L + 1:15
  information[at, at] <- information[at, at] + diag(1 / m$Z[[1L]]$covariance[1L], 15L)
  expect_equal(hatvalues(fit), w * rowSums((c %*% solve(information)) * c),
               tolerance = 1e-9, ignore_attr = TRUE)
})

test_that("effects are of the fixed part, and checks and plots do not fail", {
  skip_if_no_peer("lme4")
  fit <- gamut(Reaction ~ Days + (Days | Subject), data = sleep())
  band <- plot(fit)$Days
  at <- match(c(0, 9), band$Days)
  expect_equal(band$estimate[at],
               unname(predict(fit, data.frame(Days = c(0, 9)), re.form = NA)),
               tolerance = 1e-12)
  checked <- check_model(fit)
  expect_s3_class(checked, "gamut_check")
  ticks <- peer_data("grouseticks")
  counts <- gamut(TICKS ~ YEAR + (1 | BROOD), data = ticks, family = poisson())
  # checks whose tests take rows as independent are left out; zeros are simulated
  left <- intersect(check_model(counts)$table$check,
                    c("dispersion", "dispersion (NB)", "influence", "zeros"))
  expect_identical(left, "zeros")
})

test_that("a fit without its data keeps likelihood, tests and population predictions", {
  fit <- gamut(weight ~ Time + (1 | Chick), data = ChickWeight)
  lean <- update(fit, control = gamut_control(keep_data = FALSE))
  expect_equal(logLik(lean), logLik(fit))
  expect_equal(anova(lean)$Chisq, anova(fit)$Chisq, tolerance = 1e-12)
  new <- data.frame(Time = 3, Chick = "1")
  expect_equal(predict(lean, new), predict(fit, new), tolerance = 1e-12)
  expect_equal(predict(lean, new, re.form = NA, se.fit = TRUE),
               predict(fit, new, re.form = NA, se.fit = TRUE), tolerance = 1e-12)
  expect_error(predict(lean, new, se.fit = TRUE), class = "gamut_error_data")
  expect_error(refit(lean, ChickWeight$weight), class = "gamut_error_data")
})

test_that("marginal means have t tests, with the degrees of freedom of the chicks", {
  skip_if_not_installed("emmeans")
  fit <- gamut(weight ~ Diet + (1 | Chick), data = ChickWeight)
  found <- as.data.frame(emmeans::emmeans(fit, ~Diet))
  new <- data.frame(Diet = factor(1:4))
  direct <- predict(fit, new, re.form = NA, se.fit = TRUE)
  expect_equal(found$emmean, unname(direct$fit), tolerance = 1e-12)
  expect_equal(found$SE, unname(direct$se.fit), tolerance = 1e-12)
  by_hand <- degrees_of_freedom(fit, rbind(c(1, 0, 0, 1)))
  expect_equal(found$df[4L], by_hand$den_df, tolerance = 1e-10)
})

test_that("a search starts where it is told to", {
  fit <- gamut(weight ~ Time + (Time | Chick), data = ChickWeight)
  again <- update(fit, start = list(theta = fit$criterion$theta))
  expect_lte(again$criterion$evaluations, 3)
  expect_equal(again$criterion$value, fit$criterion$value, tolerance = 1e-10)
  expect_snapshot(update(fit, start = c(1, 2)), error = TRUE)
  expect_snapshot(update(fit, start = list(theta = 1)), error = TRUE)
  expect_snapshot(update(fit, bias_reduction = TRUE), error = TRUE)
})

test_that("methods for independent rows refuse, and say what to use", {
  fit <- gamut(weight ~ Time + (1 | Chick), data = ChickWeight)
  expect_snapshot(vcov(fit, type = "HC3"), error = TRUE)
  expect_snapshot(vcov(fit, cluster = ~Chick), error = TRUE)
  expect_snapshot(profile(fit), error = TRUE)
  expect_snapshot(rstudent(fit), error = TRUE)
  expect_snapshot(shape(fit), error = TRUE)
  skip_if_not_installed("sandwich")
  expect_error(sandwich::bread(fit), class = "gamut_error_unsupported")
  expect_error(sandwich::estfun(fit), class = "gamut_error_unsupported")
})

test_that("without a deviance of its own a family has -2 log-likelihood, smooth or not", {
  d <- withr::with_seed(1, data.frame(x = runif(200)))
  d$y <- withr::with_seed(2, rchisq(200, exp(1 + d$x)))
  plain <- gamut(y ~ x, d, family = chisq())
  smooth <- gamut(y ~ s(x, sp = 1e12), d, family = chisq())
  # the penalty leaves 1e-12 of a curve
  expect_equal(deviance(smooth), deviance(plain), tolerance = 1e-8)
})
