# Predictions of fits with random effects, against lme4. Both sides end their searches
# near the same optimum: lme4 within about 1e-5 of the parameters for linear mixed
# models, 1e-3 for others, and its predictions as near.
lmm_tolerance <- 2e-5
glmm_tolerance <- 2e-3

expect_same <- function(ours, theirs, tolerance = lmm_tolerance) {
  testthat::expect_equal(unname(ours), unname(theirs), tolerance = tolerance)
}

sleep_fits <- function() {
  d <- peer_data("sleepstudy")
  list(ours = gamut(Reaction ~ Days + (Days | Subject), data = d),
       peer = lme4::lmer(Reaction ~ Days + (Days | Subject), data = d), data = d)
}

test_that("all, some and no random effects count as in lme4", {
  skip_if_no_peer("lme4")
  fits <- sleep_fits()
  new <- data.frame(Days = c(0, 3, 11), Subject = c("308", "309", "372"))
  for (re_form in list(NULL, NA, ~0, ~ (Days | Subject), ~ (1 | Subject),
                       ~ (0 + Days | Subject))) {
    expect_same(predict(fits$ours, re.form = re_form),
                predict(fits$peer, re.form = re_form))
    expect_same(predict(fits$ours, new, re.form = re_form),
                predict(fits$peer, new, re.form = re_form))
  }
  expect_same(fitted(fits$ours), fitted(fits$peer))
  expect_same(predict(fits$ours, new["Days"], re.form = NA),
              predict(fits$peer, new, re.form = NA))
})

test_that("crossed terms are chosen one by one, and need only their own variables", {
  skip_if_no_peer("lme4")
  d <- peer_data("Penicillin")
  fit <- gamut(diameter ~ 1 + (1 | plate) + (1 | sample), data = d)
  peer <- lme4::lmer(diameter ~ 1 + (1 | plate) + (1 | sample), data = d)
  new <- data.frame(plate = c("b", "x"), sample = c("A", "F"))
  for (re_form in list(NULL, NA, ~ (1 | plate), ~ (1 | sample))) {
    expect_same(predict(fit, re.form = re_form), predict(peer, re.form = re_form))
    expect_same(predict(fit, new, re.form = re_form),
                predict(peer, new, re.form = re_form))
  }
  expect_identical(predict(fit, new["sample"], re.form = ~ (1 | sample)),
                   predict(fit, new, re.form = ~ (1 | sample)))
  expect_error(predict(fit, new["sample"]), class = "gamut_error_newdata")
})

test_that("effects written in several bars are one choice", {
  skip_if_no_peer("lme4")
  d <- peer_data("sleepstudy")
  fit <- gamut(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), data = d)
  peer <- lme4::lmer(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), data = d)
  expect_same(predict(fit, re.form = ~ (1 | Subject)),
              predict(peer, re.form = ~ (1 | Subject)))
  expect_equal(predict(fit, re.form = ~ (Days | Subject)), predict(fit),
               tolerance = 1e-13)
})

test_that("predictions of binomial fits are those of lme4 on both scales", {
  skip_if_no_peer("lme4")
  d <- peer_data("cbpp")
  formula <- cbind(incidence, size - incidence) ~ period + (1 | herd)
  fit <- gamut(formula, data = d, family = binomial())
  peer <- lme4::glmer(formula, data = d, family = binomial())
  for (re_form in list(NULL, NA)) {
    for (type in c("link", "response")) {
      expect_same(predict(fit, type = type, re.form = re_form),
                  predict(peer, type = type, re.form = re_form), glmm_tolerance)
    }
  }
  for (type in c("deviance", "pearson", "response", "working")) {
    expect_same(residuals(fit, type), residuals(peer, type), glmm_tolerance)
  }
  expect_length(residuals(fit, "quantile", seed = 1), nrow(d))
})

test_that("standard errors are those of fixed and random effects together", {
  # older versions have no standard errors
  skip_if_not_installed("lme4", "1.1-35")
  fits <- sleep_fits()
  for (re_form in list(NULL, NA)) {
    ours <- predict(fits$ours, se.fit = TRUE, re.form = re_form)
    peer <- suppressWarnings(predict(fits$peer, se.fit = TRUE, re.form = re_form))
    # of second order in the search's tolerance, but for a square root of it
    expect_same(ours$se.fit, peer$se.fit, 1e-4)
  }
})

# By the formula of the joint covariance, (C'C / s2 + blockdiag(0, G^-1))^-1 with
# C = [X Z]: a few dozen columns, solved to about 1e-10.
joint_covariance <- function(fit) {
  m <- design_matrices(fit)
  c <- cbind(m$X[[1L]], do.call(cbind, lapply(m$Z, function(z) z$matrix[[1L]])))
  prior <- lapply(m$Z, function(z) kronecker(diag(length(z$levels)), solve(z$covariance)))
  precision <- crossprod(c) / fit$dispersion
  at <- ncol(m$X[[1L]])
  for (block in prior) {
    here <- at + seq_len(ncol(block))
    precision[here, here] <- precision[here, here] + block
    at <- max(here)
  }
  list(columns = c, covariance = solve(precision))
}

test_that("standard errors follow from the joint covariance, whatever counts", {
  skip_if_no_peer("lme4")
  fit <- sleep_fits()$ours
  joint <- joint_covariance(fit)
  x <- joint$columns
  error <- function(x) sqrt(rowSums((x %*% joint$covariance) * x))
  expect_equal(unname(predict(fit, se.fit = TRUE)$se.fit), unname(error(x)),
               tolerance = 1e-8)
  x[, 2L + seq(2L, 36L, 2L)] <- 0
  expect_equal(unname(predict(fit, se.fit = TRUE, re.form = ~ (1 | Subject))$se.fit),
               unname(error(x)), tolerance = 1e-8)
  d <- peer_data("Penicillin")
  fit <- gamut(diameter ~ 1 + (1 | plate) + (1 | sample), data = d)
  joint <- joint_covariance(fit)
  x <- joint$columns
  expect_equal(unname(predict(fit, se.fit = TRUE)$se.fit), unname(error(x)),
               tolerance = 1e-8)
  x[, 1L + 1:24] <- 0
  expect_equal(unname(predict(fit, se.fit = TRUE, re.form = ~ (1 | sample))$se.fit),
               unname(error(x)), tolerance = 1e-8)
})

test_that("new levels are an error, the population with its variance, or missing", {
  skip_if_no_peer("lme4")
  fits <- sleep_fits()
  fit <- fits$ours
  new <- data.frame(Days = c(0, 3, 5), Subject = c("308", "A", "B"))
  expect_snapshot(predict(fit, new), error = TRUE)
  expect_error(predict(fit, new), class = "gamut_error_new_levels")
  expect_same(predict(fit, new, allow_new_levels = TRUE),
              predict(fits$peer, new, allow.new.levels = TRUE))
  expect_identical(is.na(predict(fit, new, allow_new_levels = "missing")),
                   c(`1` = FALSE, `2` = TRUE, `3` = TRUE))
  known <- predict(fit, new, allow_new_levels = "population", se.fit = TRUE)
  fixed <- predict(fit, new, re.form = NA, se.fit = TRUE)
  expect_equal(known$fit[2:3], fixed$fit[2:3], tolerance = 1e-13)
  z <- cbind(1, new$Days)
  prior <- rowSums((z %*% fit$random[[1L]]$covariance) * z)
  expect_equal(known$se.fit[2:3]^2, fixed$se.fit[2:3]^2 + prior[2:3], tolerance = 1e-9,
               ignore_attr = TRUE)
  # an interval for a new response has the noise too
  limits <- predict(fit, new, allow_new_levels = TRUE, interval = "prediction")
  half <- qnorm(0.975) * sqrt(known$se.fit^2 + fit$dispersion)
  expect_equal(limits[, "upr"] - limits[, "fit"], half, tolerance = 1e-12)
})

test_that("of a new level only the effects that count add their variance", {
  skip_if_no_peer("lme4")
  fit <- sleep_fits()$ours
  new <- data.frame(Days = 4, Subject = "A")
  some <- predict(fit, new, re.form = ~ (1 | Subject), allow_new_levels = TRUE,
                  se.fit = TRUE)
  fixed <- predict(fit, new, re.form = NA, se.fit = TRUE)
  expect_equal(some$se.fit^2 - fixed$se.fit^2, fit$random[[1L]]$covariance[1L, 1L],
               tolerance = 1e-9, ignore_attr = TRUE)
})

test_that("intervals of a link are mapped, and predictive ones count random effects", {
  skip_if_no_peer("lme4")
  d <- peer_data("cbpp")
  fit <- gamut(cbind(incidence, size - incidence) ~ period + (1 | herd), data = d,
               family = binomial())
  new <- data.frame(period = "1", herd = c("1", "new"))
  link <- predict(fit, new, interval = "confidence", allow_new_levels = TRUE)
  mean <- predict(fit, new, type = "response", interval = "confidence",
                  allow_new_levels = TRUE)
  expect_equal(unname(mean), unname(plogis(link)), tolerance = 1e-12)
  wide <- predict(fit, new, interval = "prediction", weights = 200,
                  allow_new_levels = TRUE)
  narrow <- predict(fit, new, interval = "prediction", weights = 200, re.form = NA)
  expect_gt(diff(wide[2L, c("lwr", "upr")]), 1.5 * diff(narrow[2L, c("lwr", "upr")]))
})

test_that("terms and model matrices are those of the fixed effects", {
  skip_if_no_peer("lme4")
  fit <- sleep_fits()$ours
  x <- predict(fit, type = "lpmatrix")
  expect_equal(drop(x %*% coef(fit)), predict(fit, re.form = NA), tolerance = 1e-13)
  terms <- predict(fit, type = "terms", se.fit = TRUE)
  expect_equal(rowSums(terms$fit) + attr(terms$fit, "constant"),
               predict(fit, re.form = NA), tolerance = 1e-12)
  days <- model.frame(fit)$Days
  expect_equal(drop(terms$se.fit), abs(days - mean(days)) * sqrt(vcov(fit)[2L, 2L]),
               tolerance = 1e-9, ignore_attr = TRUE)
})

test_that("rows with missing values are padded, also in the grouping factor", {
  skip_if_no_peer("lme4")
  fit <- sleep_fits()$ours
  new <- data.frame(Days = c(1, NA, 2), Subject = c("308", "309", NA))
  expect_identical(is.na(unname(predict(fit, new))), c(FALSE, TRUE, TRUE))
  expect_identical(is.na(unname(predict(fit, new, re.form = NA))), c(FALSE, TRUE, FALSE))
})

test_that("several predictors have their own random effects", {
  set.seed(1)
  d <- data.frame(g = rep(letters[1:10], each = 20), x = runif(200))
  b <- rnorm(10, sd = 0.5)[as.integer(factor(d$g))]
  d$y <- rgamma(200, 4, 4 / exp(1 + d$x + b))
  fit <- gamut(list(y ~ x + (1 | g), phi ~ (1 | g)), data = d, family = Gamma("log"))
  all <- predict(fit, predictor = "all")
  m <- design_matrices(fit)
  for (k in 1:2) {
    z <- m$Z[[k]]$matrix[[k]]
    eta <- m$X[[k]] %*% coef(fit)[fit$predictors[[k]]$position] +
      z %*% as.vector(t(fit$random[[k]]$modes))
    expect_equal(unname(all[, k]), as.vector(eta), tolerance = 1e-12)
  }
  expect_null(m$Z[[1L]]$matrix[[2L]])
})

test_that("bad requests are named", {
  fit <- gamut(weight ~ Time + (1 | Chick), data = ChickWeight)
  expect_snapshot(predict(fit, re.form = ~ (1 | Diet)), error = TRUE)
  expect_snapshot(predict(fit, re.form = ~ (Time | Chick)), error = TRUE)
  expect_snapshot(predict(fit, re.form = ~Time), error = TRUE)
  expect_snapshot(predict(fit, re.form = "Chick"), error = TRUE)
  expect_snapshot(predict(fit, allow.new.levels = TRUE), error = TRUE)
  expect_snapshot(predict(fit, allow_new_levels = "zero"), error = TRUE)
  expect_snapshot(predict(fit, dispersion = 2), error = TRUE)
  plain <- gamut(weight ~ Time, data = ChickWeight)
  expect_snapshot(predict(plain, re.form = NA), error = TRUE)
  expect_snapshot(predict(plain, allow_new_levels = TRUE), error = TRUE)
})

test_that("a new level of one of several factors has its variance", {
  d <- withr::with_seed(1, {
    d <- data.frame(g = gl(20, 10), h = factor(sample(8, 200, TRUE)), x = runif(200))
    d$y <- d$x + rnorm(20)[d$g] + rnorm(8)[d$h] + rnorm(200) / 2
    d
  })
  fit <- gamut(y ~ x + (1 | g) + (1 | h), data = d)
  known <- predict(fit, d[1:2, ], se.fit = TRUE)$se.fit
  new <- predict(fit, transform(d[1:2, ], g = "new"), se.fit = TRUE,
                 allow_new_levels = "population")$se.fit
  # the level's own variance, less what is known of h and the mean together
  expect_true(all(new^2 > VarCorr(fit)$g[1L]))
  expect_true(all(new > known))
})

# Rows of weight 0 hold places: their effects are kriged from those around.
test_that("positions without effects are refused, or have the variance of any", {
  e <- withr::with_seed(3, {
    e <- data.frame(u = runif(70), v = runif(70), one = "f")
    distance <- as.matrix(dist(e[1:2]))
    e$y <- drop(t(chol(exp(-distance / 0.3) + diag(1e-8, 70))) %*% rnorm(70)) +
      rnorm(70) / 10
    e
  })
  fit <- gamut(y ~ exp(u + v | one), data = e[1:60, ])
  expect_error(predict(fit, e[59:62, ]), "rows 3, 4",
               class = "gamut_error_new_levels")
  expect_error(simulate(fit, 1, newdata = e[61:62, ]), class = "gamut_error_new_levels")
  seen <- predict(fit, e[61:62, ], se.fit = TRUE, allow_new_levels = TRUE)
  expect_equal(unname(seen$fit), rep(coef(fit)[[1L]], 2L), tolerance = 1e-12)
  expect_true(all(seen$se.fit^2 > VarCorr(fit)$one[1L]))
  missing <- predict(fit, e[59:62, ], allow_new_levels = "missing")
  expect_identical(unname(is.na(missing)), c(FALSE, FALSE, TRUE, TRUE))

  e$w <- rep(1:0, c(60L, 10L))
  whole <- gamut(y ~ exp(u + v | one), data = e, weights = w)
  expect_equal(as.numeric(logLik(whole, REML = TRUE)),
               as.numeric(logLik(fit, REML = TRUE)), tolerance = 1e-7)
})
