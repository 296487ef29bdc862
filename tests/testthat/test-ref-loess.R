# Against the values that the program of Cleveland, Grosse and Shyu prints, and against
# stats::loess(), in the same run.

# Both do the same sums in another order: what is left are roundings, which grow with the
# condition of the local regressions, of 1e5 at the most where no pseudo-inverse is taken.
same <- 1e-8

test_that("gas: the values that come with the authors' program", {
  gas <- gas_data()
  fit <- fit_loess(NOx ~ E, gas, span = 2 / 3)
  # published with 6 to 9 digits
  expect_equal(c(fit$enp, fit$s, fit$one.delta, fit$two.delta, fit$trace.hat),
               c(5.52444906, 0.340391057, 15.3357475, 15.0153284, 6.09435078),
               tolerance = 1e-8)
  null <- update(fit, span = 1)
  expect_equal(c(null$enp, null$s), c(3.48559, 0.519733772), tolerance = 1e-6)
  test <- anova(null, fit)
  expect_equal(c(test$`F-value`[2], test$Df[2], attr(test, "df.denominator"),
                 test$`Pr(>F)`[2]),
               c(10.1397, 2.5531, 15.663, 0.000860102), tolerance = 1e-5)
  new <- data.frame(E = seq(0.665, 1.224, length.out = 7))
  predicted <- predict(fit, new, se.fit = TRUE)
  expect_equal(unname(predicted$fit),
               c(1.196414, 3.679497, 5.055709, 5.135260, 3.143657, 1.196932, 0.523682),
               tolerance = 1e-6)
  expect_equal(unname(predicted$se.fit),
               c(0.269436, 0.146908, 0.144932, 0.147229, 0.131082, 0.175373, 0.323773),
               tolerance = 1e-5)
})

test_that("cars: interpolated, direct and robust", {
  fit <- fit_loess(dist ~ speed, cars)
  # tolerances by the digits given
  expect_equal(unname(fit$fitted[1]), 5.89362799, tolerance = 1e-8)
  expect_equal(c(fit$enp, fit$s, fit$one.delta, fit$two.delta, fit$trace.hat),
               c(4.77910431, 15.2949593, 44.3015431, 43.9874278, 5.23878061),
               tolerance = 1e-8)
  predicted <- predict(fit, data.frame(speed = c(5, 10, 21)), se.fit = TRUE)
  expect_equal(unname(predicted$fit), c(7.797353, 21.865315, 61.959729),
               tolerance = 1e-6)
  expect_equal(unname(predicted$se.fit), c(7.568120, 4.115049, 4.026105),
               tolerance = 1e-6)
  expect_equal(predicted$df, 44.6179, tolerance = 1e-5)
  direct <- fit_loess(dist ~ speed, cars, surface = "direct", statistics = "exact")
  expect_equal(c(direct$enp, direct$s, direct$one.delta, direct$two.delta,
                 direct$trace.hat),
               c(4.907418, 15.298172, 44.305853, 43.968830, 5.300782), tolerance = 1e-6)
  expect_equal(fit_loess(dist ~ speed, cars, family = "symmetric")$s, 13.4728769,
               tolerance = 1e-8)
})

test_that("madeup: the values of the authors' program for two predictors", {
  # tolerances by the digits given
  madeup <- madeup_data()
  fit <- fit_loess(y ~ one + two, madeup, span = 0.5)
  expect_equal(round(c(fit$enp, 1000 * fit$s), 1), c(14.9, 969.3))
  predicted <- predict(fit, data.frame(one = c(-0.5, 0.5), two = 0), se.fit = TRUE)
  expect_equal(unname(predicted$se.fit), c(0.276746, 0.278009), tolerance = 2e-6)
  expect_equal(predicted$residual.scale, 0.969302, tolerance = 1e-6)
  expect_equal(predicted$df, 81.2319, tolerance = 1e-6)
  conditional <- update(fit, span = 0.8, parametric = "one", drop.square = "one")
  expect_equal(round(c(conditional$enp, 1000 * conditional$s), 1), c(6.9, 1480.4))
  # a conditionally parametric predictor is in no distance, and one alone has no scale
  expect_equal(update(conditional, normalize = FALSE)$s, conditional$s)
  # the program prints 1.0868, of other pseudovalues than the version in R
  robust <- update(conditional, family = "symmetric")
  theirs <- stats::loess(y ~ one + two, madeup, span = 0.8, parametric = "one",
                         drop.square = "one", family = "symmetric")
  expect_equal(c(robust$enp, robust$s), c(theirs$enp, theirs$s), tolerance = same)
  expect_equal(unname(robust$fitted), unname(theirs$fitted), tolerance = same)
})

test_that("ethanol: conditionally parametric, without a square", {
  ethanol <- ethanol_data()
  fit <- fit_loess(NOx ~ C * E, ethanol, span = 0.5, parametric = "C",
                   drop.square = "C")
  # tolerances by the digits given
  expect_equal(c(fit$enp, fit$s, fit$trace.hat, fit$one.delta, fit$two.delta),
               c(9.16730507, 0.184199788, 11.1046791, 74.957947, 73.5892776),
               tolerance = 1e-8)
  expect_equal(update(fit, family = "symmetric")$s, 0.135617959, tolerance = 1e-8)
  direct <- update(fit, surface = "direct", statistics = "exact")
  expect_equal(c(direct$s, direct$one.delta, direct$two.delta),
               c(0.184141082, 75.8755507, 75.4189066), tolerance = 1e-8)
  plain <- fit_loess(NOx ~ C * E, ethanol, span = 0.5)
  expect_equal(c(plain$enp, plain$s), c(12.974155, 0.266376569), tolerance = 1e-7)
})

test_that("fits of 1 to 4 predictors are loess's, whatever is asked for", {
  d <- loess_data()
  formulas <- list(y ~ a, y ~ a + b, y ~ a + b + c, y ~ a * b + c + d)
  cases <- expand.grid(p = 1:4, span = c(0.6, 0.9, 1.4), degree = 0:2,
                       family = c("gaussian", "symmetric"), weighted = c(FALSE, TRUE),
                       surface = c("interpolate", "direct"), stringsAsFactors = FALSE)
  # every third case of the table, which has all pairs of settings in it
  cases <- cases[seq(1, nrow(cases), by = 3), ]
  # for degree 0 stats warns that it takes its approximations as if it were 1
  for (i in seq_len(nrow(cases))) {
    case <- cases[i, ]
    control <- loess.control(
      surface = case$surface,
      statistics = if (case$p == 2 && case$degree > 0) "exact" else "approximate",
      trace.hat = if (i %% 5 == 0) "approximate" else "exact"
    )
    d$v <- if (case$weighted) d$w else 1
    arguments <- list(formulas[[case$p]], d, weights = quote(v), span = case$span,
                      degree = case$degree, family = case$family, control = control)
    theirs <- suppressWarnings(do.call(loess, arguments))
    ours <- suppressWarnings(do.call(fit_loess, arguments))
    gap <- loess_gap(ours, theirs)
    label <- paste(c(names(case), names(gap)), c(unlist(case), gap), collapse = " ")
    expect_lt(gap, same, label = label)
    new <- d[c(3, 50, 77), ] * 0.98
    seen <- suppressWarnings(predict(theirs, new, se = TRUE))
    expected <- predict(ours, new, se = TRUE)
    # with weights stats predicts a direct symmetric fit without them; see below
    if (!(case$weighted && case$surface == "direct" && case$family == "symmetric")) {
      expect_equal(as.vector(expected$fit), as.vector(seen$fit), tolerance = same,
                   label = label)
    }
    expect_equal(as.vector(expected$se.fit), as.vector(seen$se.fit), tolerance = same,
                 label = label)
    expect_equal(expected$df, seen$df, tolerance = same)
  }
})

test_that("parametric, drop.square, normalize and enp.target mean what they mean there", {
  d <- loess_data()
  calls <- list(
    list(y ~ a + b, parametric = "b"), list(y ~ a + b, parametric = c(TRUE, FALSE)),
    list(y ~ a + b + c, parametric = 2), list(y ~ b + a, drop.square = "b"),
    list(y ~ a + b, parametric = "a", drop.square = "a"),
    list(y ~ a + b, normalize = FALSE), list(y ~ a + b, enp.target = 9),
    list(y ~ a, enp.target = 6, degree = 1), list(y ~ cbind(a, b), span = 0.6),
    list(y ~ log(d) + a, degree = 1), list(log(y + 5) ~ a, subset = quote(b > 0)),
    list(y ~ a + b, enp.target = 12, drop.square = "a", parametric = "a")
  )
  for (call in calls) {
    call <- c(call[1L], list(data = d), call[-1L])
    theirs <- do.call(loess, call)
    ours <- do.call(fit_loess, call)
    expect_lt(loess_gap(ours, theirs), same, label = deparse1(call[-2L]))
    expect_equal(ours$pars$span, theirs$pars$span, tolerance = 1e-14)
    expect_identical(ours$xnames, unname(theirs$xnames))
  }
})

# Most pairs of vertices share no row, so that the operator's matrices are sparse.
test_that("small spans of one and two predictors are loess's", {
  d <- withr::with_seed(3, data.frame(a = runif(600), b = runif(600), w = rexp(600)))
  d$y <- sin(20 * d$a) + d$b^2 + withr::with_seed(4, rnorm(600)) / 5
  for (formula in list(y ~ a, y ~ a + b)) {
    exact <- stats::loess.control(statistics = "exact")
    span <- if (length(formula[[3L]]) == 1L) 0.03 else 0.08
    theirs <- loess(formula, d, weights = w, span = span, control = exact)
    ours <- fit_loess(formula, d, weights = w, span = span, control = exact)
    # delta 2 is the sum of 600^2 squares: 1e-9 of it
    expect_lt(loess_gap(ours, theirs), 1e-8 * 600)
    expect_equal(ours$two.delta, theirs$two.delta, tolerance = same)
    at <- data.frame(a = seq(0.1, 0.9, 0.1), b = 0.5)
    expect_equal(unname(predict(ours, at, se = TRUE)$se.fit),
                 unname(predict(theirs, at, se = TRUE)$se.fit), tolerance = same)
  }
})

test_that("anova is loess's, for robust and weighted fits too", {
  d <- loess_data()
  for (family in c("gaussian", "symmetric")) {
    theirs <- lapply(c(0.4, 0.9, 0.6), function(s) {
      loess(y ~ a + b, d, weights = w, span = s, family = family)
    })
    ours <- lapply(c(0.4, 0.9, 0.6), function(s) {
      fit_loess(y ~ a + b, d, weights = w, span = s, family = family)
    })
    seen <- do.call(anova, theirs)
    test <- do.call(anova, ours)
    expect_equal(test$RSS, seen$RSS, tolerance = same)
    expect_equal(test$`F-value`, seen$`F-value`, tolerance = same)
    # of more than two fits stats gives each p-value the degrees of freedom of the next
    expect_equal(do.call(anova, ours[2:3])$`Pr(>F)`,
                 do.call(anova, theirs[2:3])$`Pr(>F)`, tolerance = same)
    expect_equal(test$`Pr(>F)`[-1], pf(test$`F-value`[-1], test$Df[-1],
                                       attr(test, "df.denominator"), lower.tail = FALSE))
    # theirs are rounded
    expect_equal(round(test$ENP, 2), as.vector(seen$ENP))
  }
})

test_that("with weights a direct robust fit predicts what it fitted, unlike in stats", {
  d <- loess_data()
  new <- d[c(5, 60), ]
  control <- loess.control(surface = "direct")
  theirs <- loess(y ~ a, d, weights = w, family = "symmetric", control = control)
  ours <- fit_loess(y ~ a, d, weights = w, family = "symmetric", control = control)
  expect_equal(unname(predict(ours, new)), unname(ours$fitted[c(5, 60)]),
               tolerance = 1e-12)
  expect_equal(unname(predict(ours, new)), unname(predict(theirs, new)), tolerance = same)
  expect_equal(unname(predict(ours, new, se = TRUE)$fit), unname(predict(ours, new)))
  # that of stats changes when standard errors are asked for
  moved <- max(abs(predict(theirs, new, se = TRUE)$fit - predict(theirs, new)))
  expect_gt(moved, 1e-4)
})

test_that("rows of weight 0 count in neighbourhoods, and not in standard errors", {
  d <- loess_data()
  d$w[c(2, 40)] <- 0
  theirs <- loess(y ~ a, d, weights = w)
  ours <- fit_loess(y ~ a, d, weights = w)
  expect_lt(loess_gap(ours, theirs), same)
  new <- data.frame(a = c(0.2, 0.7))
  # there the sum over rows has 0 / 0 in it
  expect_true(all(is.nan(predict(theirs, new, se = TRUE)$se.fit)))
  # with next to no weight there is nothing left to add, but a weight of 1e-12
  d$w[c(2, 40)] <- 1e-12
  nearly <- predict(loess(y ~ a, d, weights = w), new, se = TRUE)$se.fit
  expect_equal(unname(predict(ours, new, se = TRUE)$se.fit), unname(nearly),
               tolerance = 1e-9)
  expect_identical(nobs(ours), 118L)
})

test_that("quirks: ties, spans above 1, places outside of the data", {
  d <- data.frame(x = rep(1:12, times = c(9, rep(3, 11))))
  d$y <- withr::with_seed(3, d$x^1.5 + rnorm(nrow(d)))
  for (span in c(0.5, 0.75, 1, 2, 5)) {
    theirs <- suppressWarnings(loess(y ~ x, d, span = span))
    ours <- suppressWarnings(fit_loess(y ~ x, d, span = span))
    expect_lt(loess_gap(ours, theirs), same, label = paste("span", span))
    new <- data.frame(x = c(0, 0.999, 1, 4.5, 12, 12.01))
    expect_identical(is.na(unname(predict(ours, new))),
                     is.na(unname(predict(theirs, new))))
  }
  # few different values: both take the shortest solution
  d$x <- rep(1:3, length.out = nrow(d))
  theirs <- suppressWarnings(loess(y ~ x, d, span = 1))
  ours <- suppressWarnings(fit_loess(y ~ x, d, span = 1))
  expect_equal(ours$fitted, theirs$fitted, tolerance = same)
  expect_equal(ours$trace.hat, theirs$trace.hat, tolerance = same)
  # at a trace of as many as there are coefficients the approximation has a slope of 1e5
  expect_equal(ours$two.delta, theirs$two.delta, tolerance = 1e-5)
})
