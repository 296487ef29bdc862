# predict() of local regressions: places, shapes, intervals, bands, slopes.

test_that("rows of the fit, and the padding of na.exclude", {
  d <- loess_data(60)
  d$a[4] <- NA
  fit <- fit_loess(y ~ a, d, na.action = na.exclude)
  expect_identical(predict(fit), fitted(fit))
  expect_length(predict(fit), 60L)
  expect_true(is.na(predict(fit)[4]))
  both <- predict(fit, se.fit = TRUE)
  expect_length(both$se.fit, 60L)
  expect_identical(dim(predict(fit, interval = "confidence")), c(60L, 3L))
  expect_equal(unname(both$fit[-4]), fit$fitted, tolerance = 1e-12)
})

test_that("missing and outside places are NA, and go on with extrapolate", {
  fit <- fit_loess(dist ~ speed, cars)
  new <- data.frame(speed = c(3, NA, 10, 26))
  plain <- predict(fit, new)
  expect_identical(unname(is.na(plain)), c(TRUE, TRUE, FALSE, TRUE))
  expect_null(attr(plain, "extrapolated"))
  expect_length(predict(fit, new, na.action = na.omit), 3L)
  expect_error(predict(fit, new, na.action = na.fail), class = "gamut_error_newdata")
  warnings <- capture_warnings(on <- predict(fit, new, extrapolate = TRUE, se.fit = TRUE))
  expect_length(warnings, 1L)
  expect_match(warnings, "2 rows are outside")
  direct <- loess(dist ~ speed, cars, control = loess.control(surface = "direct"))
  seen <- predict(direct, new, se = TRUE)
  expect_identical(attr(on$fit, "extrapolated"), c(TRUE, FALSE, FALSE, TRUE))
  # a local regression there, as a direct surface has it
  expect_equal(unname(on$fit)[c(1, 4)], unname(seen$fit)[c(1, 4)], tolerance = 1e-8,
               ignore_attr = TRUE)
  expect_equal(unname(on$se.fit / on$residual.scale)[c(1, 4)],
               unname(seen$se.fit / seen$residual.scale)[c(1, 4)], tolerance = 1e-8)
  expect_warning(predict(fit_loess(dist ~ speed, cars, extrapolate = TRUE), new),
                 class = "gamut_warning_extrapolation")
  # a direct surface extrapolates silently, as in stats, and flags the rows
  ours <- expect_silent(predict(update(fit, surface = "direct"), new))
  expect_equal(as.vector(ours), as.vector(seen$fit), tolerance = 1e-8)
  expect_identical(which(attr(ours, "extrapolated")), c(1L, 4L))
})

test_that("a grid gives arrays, as in stats", {
  d <- loess_data()
  fit <- fit_loess(y ~ a + b, d)
  theirs <- loess(y ~ a + b, d)
  grid <- expand.grid(a = c(0.2, 0.5, 0.7), b = c(-1, 0))
  seen <- predict(theirs, grid, se = TRUE)
  ours <- predict(fit, grid, se = TRUE)
  # the same sums in another order
  expect_equal(ours$fit, seen$fit, tolerance = 1e-10)
  expect_equal(ours$se.fit, seen$se.fit, tolerance = 1e-10)
  band <- predict(fit, grid, interval = "confidence")
  expect_identical(unname(dim(band)), c(3L, 2L, 3L))
  expect_equal(band[, , "fit"], ours$fit)
})

test_that("no rows are no predictions", {
  fit <- fit_loess(y ~ a + b, loess_data())
  none <- loess_data()[0, ]
  expect_length(predict(fit, none), 0L)
  expect_length(predict(fit, none, se.fit = TRUE)$se.fit, 0L)
  expect_identical(dim(predict(fit, none, interval = "confidence")), c(0L, 3L))
  expect_identical(dim(predict(fit, none, derivative = TRUE)), c(0L, 2L))
  expect_length(local_fits(fit, none), 0L)
  by_level <- fit_loess(mpg ~ wt + factor(cyl), mtcars, span = 1.5, degree = 1)
  expect_length(predict(by_level, mtcars[0, ], se.fit = TRUE)$fit, 0L)
})

test_that("matrices and vectors of places", {
  d <- loess_data()
  fit <- fit_loess(y ~ a + b, d)
  new <- d[1:3, c("a", "b")]
  expect_equal(predict(fit, as.matrix(new)), predict(fit, new), ignore_attr = TRUE)
  one <- fit_loess(y ~ a, d)
  expect_equal(unname(predict(one, c(0.2, 0.5))),
               unname(predict(one, data.frame(a = c(0.2, 0.5)))))
  expect_error(predict(fit, c(0.2, 0.5)), class = "gamut_error_newdata")
  expect_error(predict(fit_loess(y ~ log(d), d), 0.3), class = "gamut_error_newdata")
})

test_that("wrong newdata are errors that say what is wrong", {
  d <- loess_data()
  d$f <- factor(rep(c("u", "v"), 60))
  d$g <- factor(rep(c("p", "q", "q", "q"), 30))
  fit <- fit_loess(y ~ a + f, d)
  expect_error(predict(fit, data.frame(a = 0.5)), "lacks the variable `f`",
               class = "gamut_error_newdata")
  expect_error(predict(fit, data.frame(a = "b", f = "u")), class = "gamut_error_newdata")
  expect_error(predict(fit, data.frame(a = 0.5, f = "z")), class = "gamut_error_newdata")
  # no row is v and p
  two <- fit_loess(y ~ a + f + g, d)
  expect_error(predict(two, data.frame(a = 0.5, f = "v", g = "p")),
               "f = v, g = p", class = "gamut_error_newdata")
})

test_that("intervals are those of t", {
  d <- loess_data()
  fit <- fit_loess(y ~ a, d, weights = w)
  new <- data.frame(a = c(0.3, 0.6))
  p <- predict(fit, new, se.fit = TRUE)
  half <- qt(0.95, p$df) * p$se.fit
  expect_equal(predict(fit, new, interval = "confidence", level = 0.9)[, "upr"],
               p$fit + half)
  wide <- predict(fit, new, interval = "prediction", level = 0.9)
  expect_equal(unname(wide[, "fit"] - wide[, "lwr"]),
               unname(qt(0.95, p$df) * sqrt(p$se.fit^2 + fit$s^2)))
  own <- predict(fit, interval = "prediction")
  expect_equal(unname(own[, "upr"] - own[, "fit"]),
               unname(qt(0.975, p$df) * sqrt(predict(fit, se.fit = TRUE)$se.fit^2 +
                                               fit$s^2 / d$w)))
})

test_that("simultaneous bands cover curves as often as they say", {
  # a known smoother of noise alone: the largest |t| over the range, drawn
  d <- data.frame(x = seq(0, 1, length.out = 60))
  d$y <- withr::with_seed(5, rnorm(60))
  fit <- fit_loess(y ~ x, d, span = 0.4, statistics = "exact")
  band <- predict(fit, interval = "confidence", simultaneous = TRUE, level = 0.9)
  p <- predict(fit, se.fit = TRUE)
  factor <- unname((band[, "upr"] - band[, "fit"]) / p$se.fit)
  expect_equal(diff(range(factor)), 0, tolerance = 1e-10)
  largest <- withr::with_seed(6, replicate(400, {
    d$y <- rnorm(60)
    again <- fit_loess(y ~ x, d, span = 0.4, statistics = "exact")
    max(abs(again$fitted) / (again$s * p$se.fit / fit$s))
  }))
  # four standard errors of 400 draws
  expect_equal(mean(largest < factor[1]), 0.9, tolerance = 4 * sqrt(0.09 / 400) / 0.9)
  # wider than for a place, narrower than Bonferroni's of all rows
  expect_gt(factor[1], qt(0.95, p$df))
  expect_lt(factor[1], qt(1 - 0.05 / 60, p$df))
})

test_that("simultaneous bands of surfaces and of levels are wider than pointwise", {
  d <- loess_data(80)
  d$f <- factor(rep(1:2, 40))
  for (formula in list(y ~ a + b, y ~ a + f)) {
    for (surface in c("interpolate", "direct")) {
      fit <- fit_loess(formula, d, surface = surface, degree = 1)
      one <- predict(fit, interval = "confidence")
      all <- predict(fit, interval = "confidence", simultaneous = TRUE)
      ratio <- (all[, "upr"] - all[, "fit"]) / (one[, "upr"] - one[, "fit"])
      expect_true(all(ratio > 1.2 & ratio < 3))
      # seeded
      expect_identical(predict(fit, interval = "confidence", simultaneous = TRUE), all)
    }
  }
})

test_that("slopes are the derivatives of the surface", {
  d <- loess_data()
  d$f <- factor(rep(1:2, 60))
  for (formula in list(y ~ a, y ~ a + b, y ~ a + b + c, y ~ a + f)) {
    fit <- fit_loess(formula, d, span = 0.9)
    new <- d[c(7, 33, 90), ]
    slopes <- predict(fit, new, derivative = TRUE)
    for (name in fit$xnames) {
      up <- down <- new
      up[[name]] <- new[[name]] + 1e-5
      down[[name]] <- new[[name]] - 1e-5
      # central differences of a cubic: error of the step squared, and roundings over it
      expect_equal(unname(slopes[, name]),
                   unname(predict(fit, up) - predict(fit, down)) / 2e-5, tolerance = 1e-6)
      expect_equal(predict(fit, new, derivative = name), slopes[, name])
    }
  }
  direct <- fit_loess(y ~ b + a, d, surface = "direct", parametric = "b")
  expect_equal(unname(predict(direct, new, derivative = TRUE)),
               unname(t(vapply(local_fits(direct, new), function(one) {
                 one$coefficients[c("b", "a")]
               }, numeric(2)))))
  expect_error(predict(fit, derivative = "q"), class = "gamut_error_argument")
  expect_error(predict(fit, derivative = TRUE, se.fit = TRUE),
               class = "gamut_error_argument")
})

test_that("arguments that do not go together are errors", {
  fit <- fit_loess(dist ~ speed, cars)
  expect_error(predict(fit, simultaneous = TRUE), class = "gamut_error_argument")
  expect_error(predict(fit, level = 1.2), class = "gamut_error_argument")
  expect_error(predict(fit, type = "terms"), class = "gamut_error_argument")
  expect_error(predict(fit, interval = "both"), class = "gamut_error_argument")
})
