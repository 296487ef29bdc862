# Unless said otherwise the tolerance is 1e-8 relative: glm(), settled, solves its
# normal equations to about 1e-11, and some models amplify that.

test_that("predictions are those of glm() over families, links, weights and offsets", {
  new <- simulated_data(30L, 8L)
  for (pair in paired_fits()) {
    new$big <- factor(rep_len(pair$gamut$xlevels$big %||% "1", 30L))
    for (type in c("link", "response", "terms")) {
      label <- paste(pair$family, deparse(pair$gamut$formula)[1L], type)
      for (se in c(FALSE, TRUE)) {
        # summary.glm() warns about weights of 0
        theirs <- suppressWarnings(predict(pair$glm, type = type, se.fit = se))
        expect_same(predict(pair$gamut, type = type, se.fit = se), theirs, label)
        theirs <- suppressWarnings(predict(pair$glm, new, type = type, se.fit = se))
        expect_same(predict(pair$gamut, new, type = type, se.fit = se), theirs, label)
      }
    }
    expect_same(predict(pair$gamut, new, se.fit = TRUE, dispersion = 2)$se.fit,
                suppressWarnings(predict(pair$glm, new, se.fit = TRUE,
                                         dispersion = 2)$se.fit), pair$family)
  }
})

test_that("na.exclude pads the rows of the fit, and rows of new data stay in place", {
  for (pair in paired_fits("na.exclude")[c(1, 4, 9)]) {
    theirs <- suppressWarnings(predict(pair$glm, se.fit = TRUE))
    expect_same(predict(pair$gamut, se.fit = TRUE), theirs, "")
    ours <- predict(pair$gamut, type = "terms")
    # glm() loses the constant when it pads
    attr(ours, "constant") <- NULL
    expect_same(ours, predict(pair$glm, type = "terms"), "terms")
    new <- simulated_data(6L)
    new$x[2] <- NA
    # predict.glm() cannot omit rows when there is an offset
    for (action in c(na.pass, if (is.null(pair$gamut$offset)) c(na.omit, na.exclude))) {
      expect_same(predict(pair$gamut, new, na.action = action),
                  predict(pair$glm, new, na.action = action), "")
    }
    expect_named(predict(pair$gamut, new, na.action = na.omit),
                 c("1", "3", "4", "5", "6"))
    expect_error(predict(pair$gamut, new, na.action = na.fail), "row 2",
                 class = "gamut_error_newdata")
  }
})

test_that("`terms` picks, and an unknown term is an error", {
  pair <- paired_fits()[[1]]
  expect_same(predict(pair$gamut, type = "terms", terms = c("f", "x")),
              predict(pair$glm, type = "terms", terms = c("f", "x")), "terms")
  expect_snapshot(predict(pair$gamut, type = "terms", terms = "q"), error = TRUE)
})

test_that("terms of factors stored as an index have glm()'s standard errors", {
  d <- simulated_data(400L)
  for (contrast in c("contr.treatment", "contr.sum")) {
    theirs <- settled_glm(normal ~ z + big + big:x, data = d,
                          contrasts = list(big = contrast))
    ours <- gamut(normal ~ z + big + big:x, data = d, contrasts = list(big = contrast))
    expect_same(predict(ours, d[5:20, ], type = "terms", se.fit = TRUE),
                predict(theirs, d[5:20, ], type = "terms", se.fit = TRUE), contrast)
  }
  ours <- gamut(count ~ 0 + big:cbind(x, z), poisson(), data = d)
  theirs <- settled_glm(count ~ 0 + big:cbind(x, z), poisson(), data = d)
  expect_same(predict(ours, type = "terms", se.fit = TRUE),
              predict(theirs, type = "terms", se.fit = TRUE), "no intercept")
})

test_that("a row that is not estimable is told", {
  d <- data.frame(y = c(1, 3, 2, 5, 4, 6), x = 1:6, f = gl(2, 3), g = gl(2, 3),
                  w = c(1, 2, 1, 1, 2, 1))
  d$twice <- 2 * d$x
  fit <- gamut(y ~ x + f + twice + g, data = d)
  fine <- data.frame(x = 7, twice = 14, f = factor(1:2), g = factor(1:2))
  expect_silent(fitted <- predict(fit, fine))
  reference <- lm(y ~ x + f, d)
  expect_equal(fitted, predict(reference, fine), tolerance = 1e-12) # 6 rows: rounding
  new <- rbind(fine, data.frame(x = c(1, NA, 1), twice = c(2, 2, 3), f = factor(1),
                                g = factor(c(2, 1, 1), levels = 1:2)))
  expect_snapshot(predict(fit, new))
  expect_warning(p <- predict(fit, new), class = "gamut_warning_rank_deficient")
  expect_equal(p, predict(reference, new), tolerance = 1e-12) # aliased ones count as 0
  expect_silent(p <- predict(fit, new, rankdeficient = "NA", se.fit = TRUE))
  expect_equal(unname(is.na(p$fit)), c(FALSE, FALSE, TRUE, TRUE, TRUE))
  expect_equal(unname(is.na(p$se.fit)), c(FALSE, FALSE, TRUE, TRUE, TRUE))
  expect_equal(attr(predict(fit, new, rankdeficient = "non-estim"), "non-estim"),
               c(3L, 5L))
  expect_silent(predict(fit, new, rankdeficient = "simple"))
  expect_silent(predict(fit))
  # what a weight of 0 leaves out cannot be told either
  half <- gamut(y ~ f, data = d, weights = ifelse(f == "2", 0, w))
  expect_warning(predict(half, d), "4, 5, 6", class = "gamut_warning_rank_deficient")
  expect_silent(predict(half, d[1:3, ]))
})

test_that("estimability of one predictor of several", {
  d <- simulated_data()
  d$twice <- 2 * d$x
  fit <- gamut(list(fraction ~ x, phi ~ x + twice), family = Beta(), data = d)
  new <- data.frame(x = 1, twice = 3)
  expect_silent(predict(fit, new))
  expect_warning(predict(fit, new, predictor = "phi"),
                 class = "gamut_warning_rank_deficient")
})

test_that("new data: extra columns, order of rows, no rows, and what is wrong", {
  d <- simulated_data()
  fit <- gamut(count ~ x + f + poly(z, 2), family = poisson(), data = d, weights = w)
  new <- d[c(4, 9, 2), c("x", "f", "z")]
  p <- predict(fit, new, se.fit = TRUE)
  expect_identical(predict(fit, cbind(new, other = list(1, 2, 3)), se.fit = TRUE), p)
  expect_identical(predict(fit, new[3:1, ], se.fit = TRUE)$se.fit, p$se.fit[3:1])
  # text stands for a factor
  expect_identical(predict(fit, transform(new, f = as.character(f))), p$fit)
  none <- predict(fit, new[0, ], se.fit = TRUE, interval = "confidence")
  expect_equal(dim(none$fit), c(0L, 3L))
  expect_length(predict(fit, new[0, ], type = "response"), 0L)
  expect_equal(dim(predict(fit, new[0, ], type = "terms", se.fit = TRUE)$fit), c(0L, 3L))
  expect_equal(dim(predict(fit, new[0, ], type = "response", interval = "prediction",
                           weights = 1)), c(0L, 3L))
  expect_snapshot(error = TRUE, {
    predict(fit, transform(new, f = c("a", "q", "b")))
    predict(fit, new[c("x", "z")])
    predict(fit, transform(new, x = letters[1:3]))
    predict(fit, new, type = "prob")
    predict(fit, new, predictor = "phi")
    predict(fit, new, type = "class", se.fit = TRUE)
    predict(fit, new, type = "link", interval = "prediction")
    predict(fit, new, type = "terms", interval = "confidence")
    predict(fit, new, type = "response", interval = "confidence", level = 95)
  })
})

test_that("offsets in the formula and as an argument are evaluated in new data", {
  d <- simulated_data()
  fit <- gamut(count ~ x + offset(log(m)), poisson(), data = d, offset = o)
  ref <- settled_glm(count ~ x + offset(log(m)), poisson(), d, offset = d$o)
  new <- simulated_data(5L, 3L)
  ref$call$offset <- quote(o)
  expect_same(predict(fit, new, se.fit = TRUE), predict(ref, new, se.fit = TRUE), "")
  expect_error(predict(fit, new[c("x", "m")]), "o", class = "gamut_error_newdata")
})

test_that("gaussian intervals are those of predict.lm()", {
  d <- simulated_data()
  for (weighted in c(FALSE, TRUE)) {
    d$v <- if (weighted) d$w else 1
    ref <- lm(normal ~ x * f, d, weights = v)
    fit <- gamut(normal ~ x * f, data = d, weights = v)
    new <- simulated_data(7L, 2L)
    for (interval in c("confidence", "prediction")) {
      ours <- predict(fit, interval = interval, level = 0.9)
      expect_same(ours, suppressWarnings(predict(ref, interval = interval, level = 0.9)),
                  interval)
      theirs <- predict(ref, new, interval = interval, se.fit = TRUE, weights = new$w)
      ours <- predict(fit, new, interval = interval, se.fit = TRUE, weights = ~w)
      expect_same(ours$fit, theirs$fit, interval)
      expect_same(ours$se.fit, theirs$se.fit, interval)
    }
    expect_same(predict(fit, new, type = "response", interval = "prediction",
                        weights = 1),
                predict(ref, new, interval = "prediction", weights = 1), "response")
  }
  expect_warning(predict(fit, new, interval = "prediction"),
                 class = "gamut_warning_weights")
})

test_that("confidence limits are those of the link, mapped", {
  d <- simulated_data()
  fit <- gamut(count ~ x + f, family = poisson(), data = d)
  p <- predict(fit, d[1:9, ], se.fit = TRUE)
  ours <- predict(fit, d[1:9, ], type = "response", interval = "confidence", level = 0.8)
  z <- qnorm(0.9)
  expect_equal(ours, exp(cbind(fit = p$fit, lwr = p$fit - z * p$se.fit,
                               upr = p$fit + z * p$se.fit)), tolerance = 1e-14)
  # t where the dispersion is estimated, normal where it is given; falling link
  fit <- gamut(positive ~ x, family = Gamma("inverse"), data = d)
  p <- predict(fit, d[1:9, ], se.fit = TRUE)
  for (dispersion in list(NULL, fit$dispersion)) {
    q <- qt(0.975, if (is.null(dispersion)) fit$df.residual else Inf)
    ours <- predict(fit, d[1:9, ], type = "response", interval = "confidence",
                    dispersion = dispersion)
    expect_equal(ours, 1 / cbind(fit = p$fit, lwr = p$fit + q * p$se.fit,
                                 upr = p$fit - q * p$se.fit), tolerance = 1e-14)
  }
})

test_that("a limit beyond the range of the link is the end of the parameter's range", {
  range <- c(0, Inf)
  inverse <- mapped_limits(make.link("inverse"), range, c(1, 1), c(0.5, 2))
  expect_equal(inverse, list(lower = c(1 / 1.5, 1 / 3), upper = c(2, Inf)))
  root <- mapped_limits(make.link("sqrt"), range, c(1, 1), c(0.5, 3))
  expect_equal(root, list(lower = c(0.25, 0), upper = c(2.25, 16)))
  square <- mapped_limits(make.link("1/mu^2"), range, c(4, 1), c(3, 2))
  expect_equal(square, list(lower = c(7, 3)^-0.5, upper = c(1, Inf)))
  identity <- mapped_limits(make.link("identity"), c(0, 1), 0.5, 0.7)
  expect_equal(identity, list(lower = 0, upper = 1))
})

test_that("predictive limits invert the mixture", {
  d <- simulated_data()
  new <- d[1:6, ]
  # a gaussian mixture has closed form; the name of the link hides the identity
  plain <- make.link("identity")
  plain$name <- "as is"
  fit <- gamut(normal ~ x + f, family = gaussian(link = plain), data = d)
  p <- predict(fit, new, se.fit = TRUE)
  for (phi in list(NULL, fit$dispersion)) {
    ours <- predict(fit, new, type = "response", interval = "prediction", level = 0.9,
                    dispersion = phi)
    half <- qt(0.95, if (is.null(phi)) fit$df.residual else Inf) *
      sqrt(p$se.fit^2 + fit$dispersion)
    # with 196 degrees of freedom 5 nodes of the dispersion are good to about 1e-8
    expect_equal(ours[, "upr"], p$fit + half, tolerance = 1e-7)
    expect_equal(ours[, "lwr"], p$fit - half, tolerance = 1e-7)
  }
  # Gamma: the mixture by adaptive integration, good to 1e-8
  fit <- gamut(positive ~ x + f, family = Gamma("log"), data = d)
  p <- predict(fit, new, se.fit = TRUE)
  ours <- predict(fit, new, type = "response", interval = "prediction", level = 0.9,
                  dispersion = fit$dispersion)
  for (i in 1:3) {
    mixture <- function(y) {
      integrate(function(z) {
        dnorm(z) * family_cdf(Gamma("log"), y, exp(p$fit[i] + z * p$se.fit[i]),
                              dispersion = fit$dispersion)
      }, -8, 8, rel.tol = 1e-10)$value
    }
    expect_equal(mixture(ours[i, "lwr"]), 0.05, tolerance = 1e-7)
    expect_equal(mixture(ours[i, "upr"]), 0.95, tolerance = 1e-7)
  }
})

test_that("discrete predictive limits are the least values that reach the probability", {
  d <- simulated_data()
  fit <- gamut(cbind(dead, m - dead) ~ x + f, family = binomial(), data = d)
  new <- d[1:5, ]
  p <- predict(fit, new, se.fit = TRUE)
  ours <- predict(fit, new, type = "response", interval = "prediction", weights = 20)
  for (i in 1:5) {
    cdf <- vapply(0:20, function(k) {
      integrate(function(z) {
        dnorm(z) * pbinom(k, 20, plogis(p$fit[i] + z * p$se.fit[i]))
      }, -8, 8, rel.tol = 1e-9)$value
    }, 0)
    expect_equal(20 * ours[[i, "lwr"]], which(cdf >= 0.025)[1L] - 1)
    expect_equal(20 * ours[[i, "upr"]], which(cdf >= 0.975)[1L] - 1)
  }
  one <- suppressWarnings(predict(fit, new, type = "response", interval = "prediction"))
  expect_true(all(one[, c("lwr", "upr")] %in% 0:1))
})

test_that("prediction intervals cover new responses", {
  # 60 small fits of 25 rows, 200 new responses each. The standard error of the mean
  # coverage is about 0.01; discrete families cover more
  set.seed(11)
  x <- seq(-1, 1, length.out = 25L)
  new <- data.frame(x = c(-0.5, 0.7))
  coverage <- function(family, draw) {
    mean(replicate(60L, {
      d <- data.frame(x = x, y = draw(x))
      fit <- gamut(y ~ x, family = family, data = d)
      p <- predict(fit, new, type = "response", interval = "prediction", level = 0.9)
      y <- draw(rep(new$x, 100L))
      mean(y >= p[, "lwr"] & y <= p[, "upr"])
    }))
  }
  mu <- function(x) exp(1 + x)
  expect_equal(coverage(Gamma("log"), function(x) rgamma(length(x), 4, 4 / mu(x))), 0.9,
               tolerance = 0.03)
  found <- coverage(poisson(), function(x) rpois(length(x), mu(x)))
  expect_gt(found, 0.89)
  expect_lt(found, 0.98)
  found <- coverage(Beta(), function(x) rbeta(length(x), 6 * plogis(x), 6 * plogis(-x)))
  # the likelihood overestimates the precision in 25 rows, which the method does not mend
  expect_equal(found, 0.9, tolerance = 0.04)
})

test_that("quasi families have no prediction interval and no quantiles", {
  fit <- gamut(count ~ x, family = quasipoisson(), data = simulated_data())
  expect_error(predict(fit, type = "response", interval = "prediction"),
               class = "gamut_error_density")
  expect_error(predict(fit, type = "quantile"), class = "gamut_error_density")
})

test_that("quantiles are those of the distribution at the estimates", {
  d <- simulated_data()
  fit <- gamut(positive ~ x, family = Gamma("log"), data = d, weights = w)
  mu <- fitted(fit)
  ours <- predict(fit, type = "quantile", probs = c(0.1, 0.95))
  shape <- d$w / fit$dispersion
  expect_equal(ours, cbind("10%" = qgamma(0.1, shape, shape / mu),
                           "95%" = qgamma(0.95, shape, shape / mu)),
               tolerance = 1e-12, ignore_attr = "dimnames")
  expect_equal(colnames(ours), c("10%", "95%"))
  expect_error(predict(fit, type = "quantile", probs = 2), class = "gamut_error_argument")
})

test_that("Beta: each predictor, its own scale, and delta-method errors", {
  d <- simulated_data()
  fit <- gamut(list(fraction ~ x + f, phi ~ z), family = Beta(), data = d)
  new <- d[1:8, ]
  x <- predict(fit, new, type = "lpmatrix", predictor = "all")
  expect_equal(colnames(x), names(fit$coefficients))
  v <- unscaled_vcov(fit)
  lpi <- attr(x, "lpi")
  all <- predict(fit, new, predictor = "all", se.fit = TRUE)
  for (name in c("mu", "phi")) {
    at <- lpi[[name]]
    # both are sums of products of the same numbers
    expect_equal(all$fit[, name], drop(x[, at] %*% fit$coefficients[at]),
                 tolerance = 1e-12)
    expect_equal(all$se.fit[, name], sqrt(rowSums((x[, at] %*% v[at, at]) * x[, at])),
                 tolerance = 1e-10)
    one <- predict(fit, new, predictor = name, se.fit = TRUE)
    expect_identical(one$fit, all$fit[, name])
    expect_identical(one$se.fit, all$se.fit[, name])
  }
  phi <- predict(fit, new, predictor = "phi", type = "response", se.fit = TRUE,
                 interval = "confidence")
  expect_equal(phi$fit[, "upr"],
               exp(all$fit[, "phi"] + qnorm(0.975) * all$se.fit[, "phi"]))
  expect_equal(phi$se.fit, exp(all$fit[, "phi"]) * all$se.fit[, "phi"])
  expect_equal(predict(fit, new, type = "response"), plogis(predict(fit, new)))
  expect_equal(rowSums(predict(fit, new, type = "terms", predictor = "phi")) +
                 attr(predict(fit, new, type = "terms", predictor = "phi"), "constant"),
               all$fit[, "phi"], tolerance = 1e-12)
})

test_that("Beta: predictive limits agree with draws of coefficients and responses", {
  d <- simulated_data(40L)
  fit <- gamut(list(fraction ~ x, phi ~ z), family = Beta(), data = d)
  ours <- predict(fit, d[3, ], type = "response", interval = "prediction")
  set.seed(3)
  root <- chol(unscaled_vcov(fit))
  draws <- fit$coefficients + crossprod(root, matrix(rnorm(4 * 2e5), 4L))
  x <- predict(fit, d[3, ], type = "lpmatrix", predictor = "all")
  mu <- plogis(drop(x[, 1:2] %*% draws[1:2, ]))
  phi <- exp(drop(x[, 3:4] %*% draws[3:4, ]))
  y <- rbeta(2e5, mu * phi, (1 - mu) * phi)
  # 2e5 draws: the probability of a limit is known to 0.0004, 3 times that is allowed
  expect_equal(mean(y < ours[, "lwr"]), 0.025, tolerance = 0.0012 / 0.025)
  expect_equal(mean(y < ours[, "upr"]), 0.975, tolerance = 0.0012 / 0.975)
})

test_that("categorical: probabilities with delta-method errors, and logit limits", {
  d <- simulated_data()
  for (reference in list(NULL, "v")) {
    fit <- gamut(class ~ x + f, family = categorical(reference), data = d)
    new <- d[1:9, ]
    p <- predict(fit, new, type = "response", se.fit = TRUE)
    expect_equal(dimnames(p$fit), list(rownames(new), c("u", "v", "w")))
    expect_equal(rowSums(p$fit), setNames(rep(1, 9), 1:9))
    at <- function(beta) {
      fit$coefficients[] <- beta
      as.vector(predict(fit, new, type = "prob"))
    }
    beta <- fit$coefficients
    jacobian <- vapply(seq_along(beta), function(j) {
      step <- replace(numeric(length(beta)), j, 1e-5)
      (at(beta + step) - at(beta - step)) / 2e-5
    }, numeric(27))
    numeric <- sqrt(rowSums((jacobian %*% unscaled_vcov(fit)) * jacobian))
    # central differences with a step of 1e-5 are good to 1e-10
    expect_equal(as.vector(p$se.fit), numeric, tolerance = 1e-8)
    limits <- predict(fit, new, type = "prob", interval = "confidence")
    half <- qnorm(0.975) * p$se.fit / (p$fit * (1 - p$fit))
    expect_equal(limits[, , "fit"], p$fit)
    expect_equal(limits[, , "upr"], plogis(qlogis(p$fit) + half))
    expect_equal(limits[, , "lwr"], plogis(qlogis(p$fit) - half))
    classes <- predict(fit, new, type = "class")
    expect_equal(as.character(classes), colnames(p$fit)[max.col(p$fit)])
    expect_identical(predict(fit, new, predictor = "w", type = "prob"), p$fit[, "w"])
  }
  link <- predict(fit, new, se.fit = TRUE)
  expect_equal(colnames(link$fit), c("u", "w"))
  expect_identical(predict(fit, new, predictor = "w"), link$fit[, "w"])
  expect_error(predict(fit, new, type = "response", interval = "prediction"),
               class = "gamut_error_argument")
})

test_that("probabilities and classes do not depend on the reference", {
  d <- simulated_data()
  a <- gamut(class ~ x + f, family = categorical(), data = d)
  b <- gamut(class ~ x + f, family = categorical("w"), data = d)
  # two optima found to about 1e-9 in the coefficients
  expect_equal(predict(a, type = "prob", se.fit = TRUE, interval = "confidence"),
               predict(b, type = "prob", se.fit = TRUE, interval = "confidence"),
               tolerance = 1e-7)
  d$two <- factor(ifelse(d$binary == 1, "yes", "no"))
  one <- gamut(two ~ x + f, family = binomial(), data = d)
  two <- gamut(two ~ x + f, family = categorical(), data = d)
  p <- predict(one, type = "prob", se.fit = TRUE, interval = "confidence")
  expect_equal(p, predict(two, type = "prob", se.fit = TRUE, interval = "confidence"),
               tolerance = 1e-7)
  expect_equal(predict(one, type = "class"), predict(two, type = "class"))
})

test_that("lpmatrix is the model matrix at the new rows", {
  d <- simulated_data()
  fit <- gamut(normal ~ x * f + poly(z, 2) + I(2 * x), data = d)
  ref <- lm(normal ~ x * f + poly(z, 2) + I(2 * x), d)
  expect_equal(predict(fit, type = "lpmatrix"), model.matrix(ref))
  new <- simulated_data(5L, 2L)
  x <- predict(fit, new, type = "lpmatrix")
  expect_equal(colnames(x), names(fit$coefficients))
  expect_equal(drop(x %*% replace(fit$coefficients, is.na(fit$coefficients), 0)),
               predict(fit, new), tolerance = 1e-12)
  new$x[2] <- NA
  expect_true(all(is.na(predict(fit, new, type = "lpmatrix")[2, ])))
})

test_that("thousands of levels: means of groups and their errors", {
  set.seed(5)
  g <- factor(c(seq_len(3000L), sample(3000L, 9000L, TRUE)))
  y <- rnorm(12000L) + as.integer(g) %% 7
  d <- data.frame(y, g)
  fit <- gamut(y ~ g, data = d)
  counts <- as.vector(table(g))
  means <- as.vector(tapply(y, g, mean))
  new <- data.frame(g = levels(g)[c(1, 77, 3000)])
  at <- as.integer(new$g)
  p <- predict(fit, new, se.fit = TRUE)
  # sums of a handful of numbers, with a reference level in between
  expect_equal(unname(p$fit), means[at], tolerance = 1e-10)
  expect_equal(unname(p$se.fit), sqrt(fit$dispersion / counts[at]), tolerance = 1e-8)
  # centred contributions: y_g - mean(y), variance phi (1/n_g - 1/n)
  p <- predict(fit, new, type = "terms", se.fit = TRUE)
  expect_equal(unname(p$fit[, 1]), means[at] - mean(y), tolerance = 1e-10)
  expect_equal(unname(p$se.fit[, 1]),
               sqrt(fit$dispersion * (1 / counts[at] - 1 / 12000)), tolerance = 1e-8)
})

test_that("a fit without data predicts for new data", {
  d <- simulated_data()
  full <- gamut(count ~ x + f + I(2 * x), family = poisson(), data = d)
  lean <- gamut(count ~ x + f + I(2 * x), family = poisson(), data = d,
                control = gamut_control(keep_data = FALSE))
  new <- d[1:5, ]
  for (type in c("link", "response", "quantile", "lpmatrix")) {
    expect_identical(predict(lean, new, type = type, rankdeficient = "simple"),
                     predict(full, new, type = type))
  }
  expect_identical(predict(lean, new, type = "terms", data = d, se.fit = TRUE),
                   predict(full, new, type = "terms", se.fit = TRUE))
  expect_warning(predict(lean, new), class = "gamut_warning_rank_deficient")
  expect_silent(predict(lean, new, data = d))
  expect_snapshot(error = TRUE, {
    predict(lean)
    predict(lean, new, type = "terms", rankdeficient = "simple")
  })
})

test_that("intervals of three parameters and a quantile by search take no minutes", {
  skip_on_cran()
  d <- simulated_data()
  fit <- gamut(rain ~ x, d, tweedie())
  ask <- function() predict(fit, d[1:2, ], interval = "prediction")
  # it was eleven, when all 729 nodes were searched
  expect_lt(system.time(some <- ask())[["elapsed"]], 8)
  expect_true(all(some[, "lwr"] <= some[, "fit"] & some[, "fit"] < some[, "upr"]))
  points <- as.matrix(expand.grid(1:9, 1:9, 1:9))
  expect_length(outer_nodes(points), 27)
  expect_length(outer_nodes(points[1:81, ]), 81)
})
