# fit_loess(): invariances, factors, options beyond stats::loess(), and the object.

test_that("scaled weights scale s, and change nothing else", {
  d <- loess_data()
  fit <- fit_loess(y ~ a + b, d, weights = w)
  scaled <- fit_loess(y ~ a + b, d, weights = 4 * w)
  # a power of two scales without rounding, but in square roots
  expect_equal(scaled$fitted, fit$fitted, tolerance = 1e-13)
  expect_equal(scaled$s, 2 * fit$s, tolerance = 1e-13)
  expect_equal(scaled$one.delta, fit$one.delta, tolerance = 1e-13)
  expect_equal(predict(scaled, d[1:5, ], se.fit = TRUE)$se.fit,
               predict(fit, d[1:5, ], se.fit = TRUE)$se.fit, tolerance = 1e-13)
})

test_that("rows in any order are the same fit", {
  d <- loess_data()
  order <- withr::with_seed(2, sample(nrow(d)))
  for (family in c("gaussian", "symmetric")) {
    fit <- fit_loess(y ~ a + b, d, family = family)
    other <- fit_loess(y ~ a + b, d[order, ], family = family)
    # sums in another order: rounding
    expect_equal(other$fitted, fit$fitted[order], tolerance = 1e-11)
    expect_equal(c(other$s, other$trace.hat), c(fit$s, fit$trace.hat), tolerance = 1e-11)
  }
})

test_that("any number of threads gives the same bits", {
  d <- loess_data(3000)
  for (family in list("symmetric", poisson())) {
    d$y <- if (is.character(family)) d$y else round(exp(d$y))
    fit <- fit_loess(y ~ a + b, d, family = family, statistics = "exact", span = 0.2)
    two <- fit_loess(y ~ a + b, d, family = family, statistics = "exact", span = 0.2,
                     threads = 2)
    same <- c("fitted", "s", "enp", "trace.hat", "one.delta", "two.delta", "leverage")
    expect_identical(two[same], fit[same])
  }
})

test_that("rows repeated k times are rows of weight k, where the span means the same", {
  d <- loess_data(60)
  often <- d[rep(1:60, each = 3), ]
  # of a span above 1 all rows are in every neighbourhood, with radii of the farthest;
  # direct, as boxes are cut by numbers of rows
  fit <- fit_loess(y ~ a, d, weights = rep(3, 60), span = 1.5, surface = "direct")
  more <- fit_loess(y ~ a, often, span = 1.5, surface = "direct")
  expect_equal(more$fitted[seq(1, 180, by = 3)], fit$fitted, tolerance = 1e-11)
  new <- data.frame(a = c(0.2, 0.6))
  expect_equal(predict(more, new, se.fit = TRUE)$se.fit / more$s,
               predict(fit, new, se.fit = TRUE)$se.fit / fit$s, tolerance = 1e-11)
})

test_that("the leverages are the diagonal of the operator, and add up to its trace", {
  d <- loess_data(50)
  for (surface in c("interpolate", "direct")) {
    fit <- fit_loess(y ~ a + b, d, weights = w, surface = surface)
    expect_equal(sum(hatvalues(fit)), fit$trace.hat, tolerance = 1e-12)
    moved <- vapply(c(1, 20, 44), function(i) {
      d$y[i] <- d$y[i] + 1
      fit_loess(y ~ a + b, d, weights = w, surface = surface)$fitted[i] - fit$fitted[i]
    }, 0)
    # the fit is linear in the response
    expect_equal(unname(hatvalues(fit)[c(1, 20, 44)]), moved, tolerance = 1e-10)
  }
})

test_that("one response of a million hardly moves a symmetric fit", {
  d <- loess_data()
  fit <- fit_loess(y ~ a, d, family = "symmetric")
  d$y[30] <- 1e6
  moved <- fit_loess(y ~ a, d, family = "symmetric")
  # a row of weight 0 leaves the fit to 119 others: moved by less than the noise, 0.2,
  # over the root of some ten rows
  expect_lt(max(abs(moved$fitted - fit$fitted)), 0.06)
  expect_identical(moved$robust[30], 0)
  linear <- fit_loess(y ~ a, d)
  expect_gt(max(abs(linear$fitted)), 1e4)
})

test_that("factors have a surface in each combination of levels", {
  d <- loess_data(150)
  d$f <- factor(rep(c("u", "v", "w"), 50))
  d$g <- rep(c("p", "q"), each = 75)
  fit <- fit_loess(y ~ a + f, d, statistics = "exact")
  alone <- lapply(levels(d$f), function(level) {
    loess(y ~ a, d[d$f == level, ], statistics = "exact")
  })
  sums <- rowSums(vapply(alone, function(one) {
    c(one$trace.hat, one$one.delta, one$two.delta, sum(one$residuals^2))
  }, numeric(4)))
  # as against stats
  expect_equal(c(fit$trace.hat, fit$one.delta, fit$two.delta), sums[1:3],
               tolerance = 1e-10)
  expect_equal(fit$s, sqrt(sums[4] / sums[2]), tolerance = 1e-10)
  expect_equal(fit$fitted[d$f == "v"], alone[[2]]$fitted, tolerance = 1e-10)
  new <- data.frame(a = c(0.3, 0.5), f = c("w", "u"))
  expect_equal(unname(predict(fit, new)),
               unname(c(predict(alone[[3]], new[1, ]), predict(alone[[1]], new[2, ]))),
               tolerance = 1e-10)
  # text is a factor, and combinations count
  both <- fit_loess(y ~ a + f + g, d, span = 0.9)
  expect_length(both$pieces, 6L)
  cell <- loess(y ~ a, d, span = 0.9, subset = f == "u" & g == "q")
  expect_equal(both$fitted[d$f == "u" & d$g == "q"], cell$fitted, tolerance = 1e-10)
})

test_that("a factor in `parametric` enters as indicators of its levels", {
  d <- loess_data(150)
  d$f <- factor(rep(c("u", "v"), 75))
  d$h <- as.numeric(d$f == "v")
  fit <- fit_loess(y ~ a + f, d, parametric = "f")
  # scales of parametric columns do not matter, but for the margin of the box
  number <- loess(y ~ a + h, d, parametric = "h", drop.square = "h", normalize = FALSE)
  expect_equal(fit$fitted, number$fitted, tolerance = 1e-10)
  expect_equal(fit$trace.hat, number$trace.hat, tolerance = 1e-10)
  # of three levels, the products of indicators are 0 and left out
  d$f <- factor(rep(c("u", "v", "w"), 50))
  three <- expect_silent(fit_loess(y ~ a + f, d, parametric = "f", surface = "direct"))
  expect_length(local_fits(three, d[1, ])[[1]]$coefficients, 7L)
  # the intercept and the slope of every level are free: where rows are all in one window
  # this is the fit to the level, but for the common curvature
  line <- fit_loess(y ~ a + f, d, parametric = "f", surface = "direct", span = 1e6)
  cubic <- lm(y ~ a * f + I(a^2), d)
  expect_equal(line$fitted, unname(fitted(cubic)), tolerance = 1e-6)
})

test_that("more than four predictors are fitted", {
  d <- loess_data(300)
  d$e <- withr::with_seed(4, runif(300))
  direct <- fit_loess(y ~ a + b + c + d + e, d, degree = 1, surface = "direct",
                      span = 1e6, normalize = FALSE)
  # in a window without end a local plane is the plane
  expect_equal(direct$fitted, unname(fitted(lm(y ~ a + b + c + d + e, d))),
               tolerance = 1e-6)
  blended <- fit_loess(y ~ a + b + c + d + e, d, degree = 1, span = 1e6,
                       normalize = FALSE)
  expect_equal(blended$fitted, direct$fitted, tolerance = 1e-6)
  for (name in c("g", "h", "i", "j")) d[[name]] <- rev(d$e)^runif(1) + rnorm(300)
  nine <- fit_loess(y ~ a + b + c + d + e + g + h + i + j, d, degree = 1)
  expect_identical(nine$pars$surface, "direct")
})

test_that("a tolerance of interpolation is kept", {
  d <- loess_data(400)
  plain <- fit_loess(y ~ a, d, span = 0.2)
  close <- fit_loess(y ~ a, d, span = 0.2, tolerance = 0.01)
  exact <- fit_loess(y ~ a, d, span = 0.2, surface = "direct")
  # checked at three places of a box, so that elsewhere it may be somewhat more
  expect_lt(max(abs(close$fitted - exact$fitted)), 0.02)
  expect_gt(max(abs(plain$fitted - exact$fitted)), 0.05)
  expect_warning(fit_loess(y ~ a, d, span = 0.2, tolerance = 1e-6),
                 class = "gamut_warning_loess_limited")
})

test_that("offsets are added to the surface", {
  d <- loess_data()
  fit <- fit_loess(y ~ a + offset(2 * b), d)
  plain <- fit_loess(y - 2 * b ~ a, d)
  expect_equal(fit$fitted, plain$fitted + 2 * d$b, tolerance = 1e-12)
  expect_equal(fit$s, plain$s, tolerance = 1e-12)
  new <- data.frame(a = 0.4, b = 3)
  expect_equal(unname(predict(fit, new)), unname(predict(plain, new)) + 6,
               tolerance = 1e-12)
})

test_that("the fit survives saveRDS(), and holds no pointers", {
  fit <- fit_loess(y ~ a + b, loess_data(), weights = w)
  file <- withr::local_tempfile()
  saveRDS(fit, file)
  again <- readRDS(file)
  new <- loess_data()[1:3, ]
  expect_identical(predict(again, new, se.fit = TRUE), predict(fit, new, se.fit = TRUE))
  types <- unlist(rapply(unclass(fit), typeof, how = "unlist"))
  expect_false("externalptr" %in% types)
  expect_s3_class(fit, c("gamut_loess", "gamut"), exact = TRUE)
  theirs <- loess(y ~ a + b, loess_data(), weights = w)
  expect_length(setdiff(names(theirs), c(names(fit), "kd")), 0L)
})

test_that("dates, logicals, matrices and functions of variables are predictors", {
  d <- loess_data(60)
  d$day <- as.Date("2020-01-01") + seq_len(60)
  dated <- fit_loess(y ~ day, d)
  plain <- loess(y ~ day, transform(d, day = as.numeric(day)))
  # days since 1970 have their last digits in the thirteenth place
  expect_equal(dated$fitted, plain$fitted, tolerance = 1e-8)
  expect_equal(predict(dated, data.frame(day = d$day[7])), dated$fitted[7],
               ignore_attr = TRUE)
  d$positive <- d$b > 0
  expect_equal(fit_loess(y ~ a + positive, d, degree = 1)$enp,
               suppressWarnings(loess(y ~ a + positive, d, degree = 1))$enp,
               tolerance = 1e-8)
  d$m <- as.matrix(d[c("a", "b")])
  both <- fit_loess(y ~ m, d)
  expect_identical(both$xnames, c("m.a", "m.b"))
  expect_equal(predict(both, d[3, ]), both$fitted[3], ignore_attr = TRUE)
  # what a function learnt from the data is kept for new rows
  scaled <- fit_loess(y ~ scale(a), d)
  expect_equal(predict(scaled, d[3, ]), scaled$fitted[3], ignore_attr = TRUE)
})

test_that("model frames, on request and alone", {
  fit <- fit_loess(dist ~ speed, cars, model = TRUE)
  expect_identical(dim(fit$model), c(50L, 2L))
  expect_identical(names(fit_loess(dist ~ speed, cars, method = "model.frame")),
                   c("dist", "speed"))
})

test_that("iterTrace prints the passes", {
  out <- capture.output(fit_loess(dist ~ speed, cars, family = "symmetric",
                                  iterTrace = TRUE))
  expect_length(grep("^pass [1-4]: weighted residual", out), 4L)
})
