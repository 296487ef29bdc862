# Ordered categories against MASS::polr(), published numbers and a maximum found by
# optim().

test_that("the proportional-odds model is that of polr()", {
  skip_if_no_peer("MASS")
  housing <- MASS::housing
  # polr() cuts its predictors at 100, which is much for cauchit: see two categories
  for (link in c("logit", "probit", "cloglog", "loglog")) {
    fit <- gamut(Sat ~ Infl + Type + Cont, family = cumulative(link), data = housing,
                 weights = Freq)
    method <- if (link == "logit") "logistic" else link
    start <- round(unname(coef(fit)[c(3:8, 1:2)]), 1)
    # polr()'s own start fails for some links
    peer <- MASS::polr(Sat ~ Infl + Type + Cont, data = housing, weights = Freq,
                       method = method, Hess = TRUE, start = start,
                       control = list(reltol = 1e-14))
    # polr() minimises by BFGS, and differences make its Hessian
    expect_equal(coef(fit), c(peer$zeta, peer$coefficients), tolerance = 1e-4)
    expect_equal(deviance(fit), deviance(peer), tolerance = 1e-9)
    peer_se <- sqrt(diag(vcov(peer)))[names(coef(fit))]
    expect_equal(sqrt(diag(vcov(fit))), peer_se, tolerance = 1e-4)
    new <- housing[c(1, 30, 72), ]
    expect_equal(predict(fit, new, type = "prob"), predict(peer, new, type = "probs"),
                 tolerance = 1e-4)
    expect_identical(as.character(predict(fit, new, type = "class")),
                     as.character(predict(peer, new)))
  }
})

test_that("published fits are reproduced", {
  # R 4.2, MASS 7.3-58: polr(Sat ~ Infl + Type + Cont), eight digits
  skip_if_no_peer("MASS")
  fit <- gamut(Sat ~ Infl + Type + Cont, family = cumulative(), data = MASS::housing,
               weights = Freq)
  expect_equal(unname(coef(fit)),
               c(-0.49613534, 0.69070829, 0.56639374, 1.28881906, -0.57235015,
                 -0.36618657, -1.09101491, 0.36028415), tolerance = 1e-6)
  expect_equal(deviance(fit), 3479.14929906, tolerance = 1e-11)
  # VGAM, vglm(cbind(severe, mild, normal) ~ log(exposure), cumulative(parallel = TRUE)),
  # which has P(Y >= k) and the slope with a plus
  d <- pneumo_data()
  fit <- gamut(cbind(normal, mild, severe) ~ log(exposure), cumulative(), data = d)
  # eight digits are printed
  expect_equal(unname(coef(fit)), c(9.6760928, 10.5817253, 2.5968065),
               tolerance = 3e-8)
  residual <- residuals(fit)
  expect_equal(sum(residual^2), 5.0268264, tolerance = 1e-8)
})

cumulative_objective <- function(theta, d, x_own) {
  zeta <- theta[1:3]
  eta <- outer(-d$x * theta[4], zeta, `+`) - outer(x_own, theta[5:7])
  f <- cbind(0, stats::plogis(eta), 1)
  p <- f[cbind(seq_len(nrow(d)), as.integer(d$grade) + 1)] -
    f[cbind(seq_len(nrow(d)), as.integer(d$grade))]
  if (any(p <= 0)) Inf else -2 * sum(log(p))
}

test_that("slopes of their own are those of a general maximiser", {
  d <- simulated_data(400L)
  fit <- gamut(grade ~ x + z, family = cumulative(parallel = ~x), data = d)
  expect_named(coef(fit), c("none|low", "low|mid", "mid|high", "x", "none|low:z",
                            "low|mid:z", "mid|high:z"))
  found <- stats::optim(coef(fit) + 0.05, cumulative_objective, d = d, x_own = d$z,
                        method = "BFGS", control = list(reltol = 1e-15, maxit = 1000))
  # optim() has differences for gradients
  expect_equal(found$par, coef(fit), tolerance = 1e-3)
  expect_equal(deviance(fit), found$value, tolerance = 1e-8)
  # the problem of the score, whose sum is zero at the maximum
  skip_if_no_peer("sandwich")
  # as close to zero as the step left after the last iteration
  expect_lt(max(abs(colSums(sandwich::estfun(fit)))), 1e-6)
})

test_that("all slopes of their own, given in different ways, are one model", {
  d <- simulated_data(400L)
  whole <- gamut(grade ~ x, family = cumulative(parallel = FALSE), data = d)
  none <- gamut(grade ~ x, family = cumulative(parallel = ~1), data = d)
  expect_identical(coef(whole), coef(none))
  own <- gamut(list(grade ~ x, `low|mid` ~ x, `mid|high` ~ x), data = d,
               family = cumulative())
  expect_equal(deviance(own), deviance(whole), tolerance = 1e-10)
  expect_named(coef(own)[4:6], c("x", "low|mid:x", "mid|high:x"))
  mixed <- gamut(list(grade ~ x, `mid|high` ~ x + z), data = d, family = cumulative())
  expect_lt(deviance(mixed), deviance(gamut(grade ~ x, d, cumulative())))
  expect_snapshot(error = TRUE,
                  gamut(list(grade ~ x, `low|high` ~ z), d, cumulative()))
})

test_that("two ordered categories are a binary response", {
  d <- simulated_data()
  d$two <- factor(d$binary)
  for (link in c("logit", "probit", "cauchit")) {
    fit <- gamut(two ~ x + f, family = cumulative(link), data = d)
    peer <- gamut(two ~ x + f, family = bernoulli(link), data = d)
    # P(y <= 1) of a symmetric link: the intercept is minus the threshold
    expect_equal(unname(coef(fit)), unname(coef(peer) * c(-1, 1, 1, 1)),
                 tolerance = 1e-7)
    expect_equal(predict(fit, type = "prob")[, 2], predict(peer, type = "response"),
                 tolerance = 1e-8, ignore_attr = TRUE)
    expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(peer)), tolerance = 1e-10)
  }
})

test_that("offsets enter with a minus, and thresholds need no intercept", {
  d <- simulated_data()
  fit <- gamut(grade ~ x, family = cumulative(), data = d)
  moved <- gamut(grade ~ x + offset(2 * x), family = cumulative(), data = d)
  expect_equal(coef(moved)[["x"]], coef(fit)[["x"]] - 2, tolerance = 1e-7)
  expect_snapshot(without <- gamut(grade ~ 0 + f, family = cumulative(), data = d))
  expect_equal(coef(without), coef(gamut(grade ~ f, family = cumulative(), data = d)))
})

test_that("probabilities do not cancel in either tail", {
  family <- resolve_family(cumulative(), c("a", "b", "c"))
  eta <- rbind(c(40, 41), c(-41, -40))
  prob <- cumulative_inverse(eta, family)$prob
  # exp(-40) - exp(-41), which 1 - F has lost
  expect_equal(prob[[1, "b"]], exp(-40) - exp(-41), tolerance = 1e-14)
  expect_equal(prob[[2, "b"]], exp(-40) - exp(-41), tolerance = 1e-14)
  expect_true(all(is.na(cumulative_inverse(cbind(1, 0), family)$prob)))
})

test_that("the predictors' matrices times the coefficients are the predictors", {
  d <- simulated_data()
  fit <- gamut(grade ~ x + f, family = cumulative(parallel = ~f), data = d)
  eta <- predict(fit)
  for (k in seq_len(3)) {
    x <- model.matrix(fit, predictor = k)
    at <- fit$predictors[[k]]$position
    expect_equal(drop(x %*% coef(fit)[at]), eta[, k])
  }
  expect_identical(colnames(eta), c("none|low", "low|mid", "mid|high"))
  # standard errors by the delta method against differences of the whole prediction
  found <- predict(fit, d[1:4, ], type = "prob", se.fit = TRUE)
  gradient <- vapply(seq_along(coef(fit)), function(j) {
    move <- function(by) {
      other <- fit
      other$coefficients[j] <- other$coefficients[j] + by
      predict(other, d[1:4, ], type = "prob")
    }
    (move(1e-5) - move(-1e-5)) / 2e-5
  }, found$fit)
  for (c in 1:4) {
    a <- gradient[, c, ]
    # central differences with a step of 1e-5: 1e-10
    expect_equal(found$se.fit[, c], sqrt(rowSums((a %*% vcov(fit)) * a)),
                 tolerance = 1e-6, ignore_attr = TRUE)
  }
})

test_that("methods work on shared slopes and thresholds", {
  d <- simulated_data()
  fit <- gamut(grade ~ x + f, family = cumulative(parallel = ~f), data = d)
  expect_snapshot(print(fit))
  expect_snapshot(print(summary(fit)))
  expect_equal(rowSums(residuals(fit, "response")), rep(0, 200), ignore_attr = TRUE)
  expect_true(all(is.finite(residuals(fit, "quantile", seed = 1))))
  expect_identical(levels(simulate(fit, 1, seed = 1)$sim_1), levels(d$grade))
  # the changes of coefficients are near those of the fits without the row
  change <- influence(fit)$coefficients
  without <- gamut(grade ~ x + f, family = cumulative(parallel = ~f), data = d[-7, ])
  expect_equal(change[7, ], coef(fit) - coef(without), tolerance = 0.1)
  table <- drop1(fit, test = "LRT")
  expect_identical(table$Df, c(NA, 3, 2))
  expect_identical(rownames(anova(fit)), c("NULL", "x", "f"))
  limits <- suppressMessages(confint(fit, "fb"))
  expect_true(limits[1] < coef(fit)[["fb"]] && coef(fit)[["fb"]] < limits[2])
  table <- effect_data(fit, "x")
  expect_identical(levels(table$category), levels(d$grade))
})

test_that("what is not in order is refused", {
  d <- simulated_data()
  expect_snapshot(error = TRUE, gamut(count ~ x, family = cumulative(), data = d))
  expect_snapshot(error = TRUE, cumulative("log"))
  expect_snapshot(error = TRUE, cumulative(parallel = "x"))
  expect_snapshot(error = TRUE,
                  gamut(grade ~ x, family = cumulative(parallel = ~z), data = d))
})

test_that("step() and update() may drop a term that was parallel", {
  d <- simulated_data()
  fit <- gamut(grade ~ o + x, family = cumulative(parallel = ~ o + x), data = d)
  chosen <- step(fit, trace = 0)
  expect_identical(formula(chosen), grade ~ x)
  expect_equal(coef(chosen), coef(gamut(grade ~ x, d, cumulative())))
  mixed <- gamut(grade ~ o + x, family = cumulative(parallel = ~o), data = d)
  expect_equal(coef(update(mixed, . ~ . - o)),
               coef(gamut(grade ~ x, d, cumulative(parallel = FALSE))))
})
