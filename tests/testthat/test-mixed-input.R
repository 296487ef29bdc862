# Data and formulas from which a mixed model cannot be had, or not the one that was meant:
# each is refused, or fitted with what must be known of it. What the frame alone refuses
# is in test-frame-random.R.

input_data <- function() {
  withr::with_seed(21L, {
    d <- data.frame(g = gl(8L, 6L, labels = letters[1:8]), x = rnorm(48L),
                    w = runif(48L, 0.5, 2), f = factor(rep(c("u", "v"), 24L)))
    effects <- rnorm(8L)
    d$y <- 1 + d$x + effects[d$g] + rnorm(48L)
    d$count <- rpois(48L, exp(0.5 + 0.3 * d$x + 0.5 * effects[d$g]))
    d$row <- factor(seq_len(48L))
    d$number <- as.integer(d$g) * 10
    d
  })
}

expect_refused <- function(code, class = "gamut_error_data") {
  condition <- testthat::expect_error(code, class = class)
  testthat::expect_s3_class(condition, "gamut_error")
  invisible(condition)
}

# --- grouping factors -----------------------------------------------------------------

test_that("a factor with one level is refused, by the rows that count", {
  d <- input_data()
  d$one <- "all"
  one_left <- ifelse(d$g == "c", 1, 0)
  condition <- expect_refused(gamut(y ~ x + (1 | one), d))
  expect_identical(condition$variable, "one")
  expect_identical(condition$term, "(1 | one)")
  expect_snapshot(error = TRUE, {
    gamut(y ~ x + (1 | one), d)
    gamut(y ~ x + (x | g), d, subset = g == "b")
    gamut(y ~ x + (1 | g), d, weights = one_left)
    gamut(count ~ x + (1 | f) + (1 | one), d, poisson())
  })
  two_left <- ifelse(d$g %in% c("c", "d"), 1, 0)
  expect_silent(gamut(y ~ x + (1 | g), d, weights = two_left))
})

test_that("a level for each row is refused where the family has a scale", {
  d <- input_data()
  # of the rows that count
  zeros <- rep(c(0, 1), each = 24L)
  d$half <- factor(c(rep(1L, 24L), 1:24))
  for (family in list(gaussian(), student(), lognormal(), Gamma("log"), weibull())) {
    expect_refused(gamut(exp(y) ~ x + (1 | row), d, family))
  }
  expect_snapshot(error = TRUE, {
    gamut(y ~ x + (1 | row), d)
    gamut(exp(y) ~ x + (1 | row), d, inverse.gaussian("log"))
    gamut(y ~ x + (1 | half), d, weights = zeros)
  })
  # overdispersion of counts, and of a meta-analysis, whose precisions differ enough
  expect_true(gamut(count ~ x + (1 | row), d, poisson())$convergence$converged)
  d$precision <- 4^(seq_len(48L) %% 4L)
  d$effect <- withr::with_seed(4L, d$x + 0.7 * rnorm(48L) +
                              rnorm(48L) / sqrt(d$precision))
  fit <- gamut(effect ~ x + (1 | row), d, weights = precision)
  expect_true(fit$convergence$converged)
  # two sources of equal size: the residual's is known to a third
  expect_equal(sigma(fit), 1, tolerance = 0.5)
  # where precisions hardly differ the residual variance may run to 0
  expect_warning(fit <- gamut(y ~ x + (1 | row), d, weights = w),
                 class = "gamut_warning_convergence")
  expect_identical(fit$convergence$code, "perfect_fit")
})

test_that("a known matrix that makes all rows alike is refused like a level for each", {
  d <- input_data()
  named <- function(k) `dimnames<-`(k, list(levels(d$row), levels(d$row)))
  n <- nrow(d)
  alike <- list(diag(n), 3 * diag(n), 0.5 * diag(n) + 0.5)
  for (k in lapply(alike, named)) {
    condition <- expect_refused(gamut(y ~ x + known(1 | row, K = k), d))
    expect_match(conditionMessage(condition), "whose K gives each of them the same")
    # the law of a count has no scale
    expect_s3_class(gamut(count ~ x + known(1 | row, K = k), d, poisson()), "gamut")
  }
  # where nothing else moves the mean, a covariance of all pairs is seen
  common <- named(alike[[3L]])
  expect_s3_class(suppressWarnings(gamut(y ~ 0 + x + known(1 | row, K = common), d)),
                  "gamut")
  other <- named(diag(rep(1:2, n / 2)))
  expect_s3_class(suppressWarnings(gamut(y ~ x + known(1 | row, K = other), d)), "gamut")
  pairs <- named(kronecker(diag(n / 2), matrix(c(1, 0.5, 0.5, 1), 2L)))
  expect_s3_class(gamut(y ~ x + known(1 | row, K = pairs), d), "gamut")
})

test_that("an effect of a column that is 0 is refused", {
  d <- input_data()
  d$nothing <- 0
  d$count_v <- ifelse(d$f == "v", 0, 1)
  expect_snapshot(error = TRUE, {
    gamut(y ~ x + (x + nothing | g), d)
    gamut(count ~ x + (1 | f) + (0 + nothing:x || g), d, poisson())
    gamut(y ~ x + (0 + f | g), d, weights = count_v)
  })
})

test_that("missing groups are rows left out, as na.action says", {
  d <- input_data()
  d$g[c(2L, 20L, 48L)] <- NA
  omitted <- gamut(y ~ x + (1 | g), d, na.action = na.omit)
  without <- gamut(y ~ x + (1 | g), d[!is.na(d$g), ])
  expect_identical(nobs(omitted), 45L)
  expect_identical(coef(omitted), coef(without))
  expect_identical(omitted$criterion$value, without$criterion$value)
  expect_length(fitted(omitted), 45L)
  excluded <- gamut(y ~ x + (1 | g), d, na.action = na.exclude)
  expect_identical(coef(excluded), coef(without))
  expect_identical(unname(which(is.na(fitted(excluded)))), c(2L, 20L, 48L))
  expect_identical(unname(which(is.na(residuals(excluded)))), c(2L, 20L, 48L))
  d$none <- NA
  expect_snapshot(error = TRUE, {
    gamut(y ~ x + (1 | g), d, na.action = na.fail)
    gamut(y ~ x + (1 | g), d, na.action = na.pass)
    gamut(y ~ x + (1 | none), d)
  })
})

test_that("levels without rows are no groups", {
  d <- input_data()
  plain <- gamut(y ~ x + (x | g), d)
  more <- transform(d, g = factor(g, levels = c("z", letters[1:8], "q")))
  fit <- gamut(y ~ x + (x | g), more)
  expect_identical(rownames(ranef(fit)$g), letters[1:8])
  expect_identical(unname(ngrps(fit)), 8L)
  expect_identical(fit$criterion$value, plain$criterion$value)
  expect_identical(coef(fit), coef(plain))
  # levels of which no row is used, with the order of those left
  few <- gamut(y ~ x + (1 | g), more, subset = g %in% c("h", "a", "c", "d"))
  expect_identical(rownames(ranef(few)$g), c("a", "c", "d", "h"))
})

test_that("a level whose rows have no weight has the effect of an unknown one", {
  d <- input_data()
  zero <- ifelse(d$g == "b", 0, 1)
  weighted <- gamut(y ~ x + (1 | g), d, weights = zero)
  without <- gamut(y ~ x + (1 | g), d, subset = g != "b")
  # sums over the same numbers in another order
  expect_equal(weighted$criterion$value, without$criterion$value, tolerance = 1e-10)
  expect_equal(coef(weighted), coef(without), tolerance = 1e-8)
  expect_equal(VarCorr(weighted)$g[1L], VarCorr(without)$g[1L], tolerance = 1e-6)
  expect_equal(logLik(weighted), logLik(without), tolerance = 1e-10, ignore_attr = TRUE)
  expect_identical(nobs(weighted), 42L)
  expect_identical(ranef(weighted)$g["b", 1L], 0)
})

test_that("groups by numbers are their values, if these are whole", {
  d <- input_data()
  by_number <- gamut(y ~ x + (1 | number), d)
  expect_identical(rownames(ranef(by_number)$number), as.character(10 * (1:8)))
  expect_identical(by_number$criterion$value,
                   gamut(y ~ x + (1 | g), d)$criterion$value)
  expect_snapshot(error = TRUE, gamut(y ~ w + (1 | x), d))
  # a whole number may have a trend beside its groups
  expect_true(gamut(y ~ number + (1 | number), d)$convergence$converged)
})

test_that("nesting that is coded as crossing is asked about, once", {
  d <- input_data()
  d$plot <- rep(1:3, 16L)
  expect_message(gamut(y ~ x + (1 | g) + (1 | plot), d), class = "gamut_message_nesting")
  expect_snapshot(invisible(gamut(count ~ x + (1 | g) + (1 | plot), d, poisson())))
  expect_no_message(gamut(y ~ x + (1 | g / plot), d))
  expect_no_message(gamut(y ~ x + (1 | g) + (1 | g:plot), d))
})

test_that("a fixed coefficient for each group leaves the random intercept nothing", {
  d <- input_data()
  condition <- expect_refused(gamut(y ~ g + (1 | g), d))
  expect_identical(condition$term, "(1 | g)")
  expect_snapshot(error = TRUE, {
    gamut(y ~ g + x + (x | g), d)
    gamut(y ~ g:f + (1 | g), d)
    gamut(y ~ factor(number) + (1 | number), d)
  })
  # ML compares, and finds the variance to be 0
  expect_no_warning(fit <- gamut(y ~ g + (1 | g), d, method = "ML"))
  expect_identical(fit$criterion$theta, 0)
  # parts of the cells, and slopes, are left
  expect_true(gamut(y ~ g + (0 + x | g), d)$convergence$converged)
  expect_no_error(gamut(y ~ g + (1 | g:f), d))
  # contrasts of fewer columns than levels
  trend <- list(g = contr.poly(8L)[, 1L, drop = FALSE])
  fit <- gamut(y ~ g + (1 | g), d, contrasts = trend)
  by_hand <- gamut(y ~ trend + (1 | g), transform(d, trend = trend$g[d$g]))
  # the same column, computed alike
  expect_equal(fit$criterion$value, by_hand$criterion$value, tolerance = 1e-10)
})

# --- responses and fixed effects ------------------------------------------------------

test_that("variables that are not there are named", {
  d <- input_data()
  expect_snapshot(error = TRUE, {
    gamut(y ~ x + (1 | clinic), d)
    gamut(y ~ x + (dose | g), d)
    gamut(y ~ x + (1 | g / clinic), d)
    gamut(y ~ x + known(1 | g, K = kinship), d)
  })
})

test_that("infinite values are named, with their rows", {
  d <- input_data()
  expect_snapshot(error = TRUE, {
    gamut(y ~ x + (1 | g), transform(d, y = replace(y, 3L, Inf)))
    gamut(y ~ (x | g), transform(d, x = replace(x, 4L, -Inf)))
  })
})

test_that("as many fixed coefficients as rows leave nothing to vary", {
  d <- input_data()
  many <- withr::with_seed(1L, matrix(rnorm(48L * 60L), 48L))
  d$many <- many
  d$as_many <- many[, 1:47]
  expect_snapshot(error = TRUE, {
    gamut(y ~ many + (1 | g), d)
    gamut(y ~ as_many + (1 | g), d)
    gamut(count ~ many + (1 | g), d, poisson())
  })
})

test_that("a constant response has no variance", {
  d <- transform(input_data(), y = 5, count = 3L)
  expect_snapshot(error = TRUE, {
    gamut(y ~ x + (1 | g), d)
    gamut(y ~ 1 + (1 | g), d, method = "ML")
  })
  # counts of 3 are possible: less than chance, and groups without variance
  fit <- gamut(count ~ x + (1 | g), d, poisson())
  expect_identical(fit$criterion$theta, 0)
  # to what the search promises, 2e-8
  expect_equal(unname(coef(fit)), c(log(3), 0), tolerance = 1e-7)
  # families whose scale runs to 0 say so
  for (family in list(Gamma("log"), lognormal(), inverse.gaussian("log"),
                      gaussian("log"))) {
    expect_warning(fit <- gamut(y ~ x + (1 | g), d, family),
                   class = "gamut_warning_convergence")
    expect_false(fit$convergence$converged)
    expect_match(fit$convergence$message, "runs to 0, which fits responses exactly")
  }
})

test_that("a perfect fit is not taken for one that converged", {
  d <- input_data()
  # exact but for rounding
  for (size in c(1e-8, 1, 1e8)) {
    d$fixed <- size * (2 + 3 * d$x)
    expect_refused(gamut(fixed ~ x + (1 | g), d))
  }
  expect_snapshot(gamut(fixed ~ x + (1 | g), d), error = TRUE)
  d$both <- 2 + 3 * d$x + as.integer(d$g)
  for (method in c("REML", "ML")) {
    expect_warning(fit <- gamut(both ~ x + (1 | g), d, method = method),
                   class = "gamut_warning_convergence")
    expect_identical(fit$convergence$code, "perfect_fit")
    expect_false(fit$convergence$converged)
  }
  expect_snapshot(invisible(gamut(both ~ x + (1 | g), d)))
  # noise that is small, but no rounding
  d$small <- d$both + 1e-3 * withr::with_seed(2L, rnorm(48L))
  expect_no_warning(fit <- gamut(small ~ x + (1 | g), d))
  expect_true(fit$convergence$converged)
  # 39 degrees of freedom within groups: three standard errors
  expect_equal(sigma(fit), 1e-3, tolerance = 3 / sqrt(2 * 39))
})

test_that("levels may differ a hundred thousand times as much as their rows", {
  d <- data.frame(g = gl(30L, 10L))
  withr::with_seed(9L, {
    effects <- rnorm(30L)
    noise <- rnorm(300L)
  })
  # the analysis of variance has REML's estimates in closed form
  for (ratio in c(1, 1e3, 1e5)) {
    d$y <- effects[d$g] + noise / ratio
    means <- tapply(d$y, d$g, mean)
    within <- sum((d$y - means[d$g])^2) / 270
    between <- stats::var(means) - within / 10
    fit <- gamut(y ~ 1 + (1 | g), d)
    expect_true(fit$convergence$converged)
    # a search ends where the criterion promises 1e-8 more: half of the digits; and the
    # gradient's traces are differences of numbers ratio^2 times as large
    tolerance <- 1e-4 + 1e-14 * ratio^2
    expect_equal(sigma(fit)^2, within, tolerance = tolerance)
    expect_equal(VarCorr(fit)$g[1L], between, tolerance = tolerance)
  }
  d$y <- effects[d$g] + noise / 1e8
  expect_warning(fit <- gamut(y ~ 1 + (1 | g), d), class = "gamut_warning_convergence")
  expect_identical(fit$convergence$code, "perfect_fit")
})

test_that("separated data have no maximum, with random effects as without", {
  d <- input_data()
  d$ill <- as.integer(d$f == "v" | d$count > 1)
  d$rare <- ifelse(d$f == "u", 0L, d$count)
  expect_warning(fit <- gamut(ill ~ x + f + (1 | g), d, binomial()),
                 class = "gamut_warning_separation")
  expect_false(fit$convergence$converged)
  found <- detect_separation(fit)
  expect_named(found$coefficients, names(coef(fit)))
  expect_identical(found$coefficients, detect_separation(gamut(
    ill ~ x + f, d, binomial(), fit = FALSE))$coefficients)
  expect_snapshot({
    fit <- gamut(ill ~ x + f + (1 | g), d, binomial())
    fit <- gamut(rare ~ f + (1 | g), d, poisson())
    fit <- gamut(count ~ x + (1 | g), transform(d, count = 0L), poisson())
  })
  # large odds that are no separation
  d$ill[1:2] <- 1:0
  d$f[1:2] <- "v"
  expect_no_warning(fit <- gamut(ill ~ x + f + (1 | g), d, binomial()),
                    class = "gamut_warning_separation")
  expect_false(detect_separation(fit)$separated)
  big <- transform(d, count = count + rep(c(0, 1e8), each = 24L))
  expect_no_warning(fit <- gamut(count ~ (1 | g), big, poisson()))
  expect_true(fit$convergence$converged)
})

# --- weights and offsets --------------------------------------------------------------

test_that("weights of no row, negative ones and missing ones", {
  d <- input_data()
  expect_snapshot(error = TRUE, {
    gamut(y ~ x + (1 | g), d, weights = 0 * w)
    gamut(y ~ x + (1 | g), d, weights = w - 1)
    gamut(y ~ x + (1 | g), d, weights = w[-1])
  })
  d$w[5L] <- NA
  expect_identical(nobs(gamut(y ~ x + (1 | g), d, weights = w)), 47L)
})

test_that("a weight of 0 is a row left out, by each criterion", {
  d <- input_data()
  d$zero <- d$w * (seq_len(48L) %% 5L > 0L)
  pair <- function(formula, ...) {
    list(gamut(formula, d, weights = zero, ...),
         gamut(formula, d, weights = w, subset = zero > 0, ...))
  }
  for (fits in list(pair(y ~ x + (x | g)), pair(y ~ x + (x | g), method = "ML"),
                    pair(count ~ x + (1 | g), family = poisson()),
                    pair(exp(y) ~ x + (1 | g), family = Gamma("log")),
                    pair(exp(y) ~ x + (1 | g), family = lognormal()))) {
    # the same sums in another order
    expect_equal(fits[[1L]]$criterion$value, fits[[2L]]$criterion$value,
                 tolerance = 1e-9)
    expect_equal(coef(fits[[1L]]), coef(fits[[2L]]), tolerance = 1e-5)
    expect_equal(c(logLik(fits[[1L]])), c(logLik(fits[[2L]])), tolerance = 1e-9)
    expect_identical(nobs(fits[[1L]]), nobs(fits[[2L]]))
  }
})

test_that("offsets shift the linear predictor", {
  d <- input_data()
  plain <- gamut(y ~ x + (1 | g), d)
  by_argument <- gamut(y ~ x + (1 | g), d, offset = 2 * x)
  by_formula <- gamut(y ~ x + (1 | g) + offset(2 * x), d)
  expect_identical(coef(by_argument), coef(by_formula))
  expect_equal(coef(by_argument) + c(0, 2), coef(plain), tolerance = 1e-10)
  expect_equal(by_argument$criterion$value, plain$criterion$value, tolerance = 1e-10)
  expect_equal(fitted(by_argument), fitted(plain), tolerance = 1e-8)
  count <- gamut(count ~ x + (1 | g), d, poisson())
  shifted <- gamut(count ~ x + (1 | g), d, poisson(), offset = 0.3 * x + log(2))
  # half of the digits of the criterion
  expect_equal(coef(shifted) + c(log(2), 0.3), coef(count), tolerance = 1e-5)
  expect_equal(logLik(shifted), logLik(count), tolerance = 1e-8)
  expect_snapshot(error = TRUE, {
    gamut(y ~ x + (1 | g), d, offset = 1:3)
    gamut(y ~ x + (1 | g), d, offset = replace(x, 7L, Inf))
    gamut(y ~ (x + offset(w) | g), d)
  })
})

# --- known covariances ----------------------------------------------------------------

test_that("a known matrix must be one of these groups, and a covariance", {
  d <- input_data()
  k <- 0.5 + 0.5 * diag(8L)
  named <- function(names) `dimnames<-`(k, list(names, names))
  # rows in another order are found by name
  mixed <- withr::with_seed(1L, sample(8L))
  a <- gamut(y ~ x + known(1 | g, K = named(letters[1:8])), d)
  b <- gamut(y ~ x + known(1 | g, K = named(letters[1:8])[mixed, mixed]), d)
  expect_identical(a$criterion$value, b$criterion$value)
  # more levels than these data have
  more <- diag(10L) + 0.5
  dimnames(more) <- list(letters[1:10], letters[1:10])
  expect_true(gamut(y ~ x + known(1 | g, K = more), d)$convergence$converged)
  indefinite <- k
  indefinite[1L, 2L] <- indefinite[2L, 1L] <- 1.5
  expect_refused(gamut(y ~ x + known(1 | g, K = indefinite), d))
  expect_snapshot(error = TRUE, {
    gamut(y ~ x + known(1 | g, K = named(LETTERS[1:8])), d)
    gamut(y ~ x + known(1 | g, K = named(c(letters[1:7], "z"))), d)
    gamut(y ~ x + known(1 | g, K = diag(7)), d)
    gamut(y ~ x + known(1 | g, K = indefinite), d)
    gamut(y ~ x + known(1 | g, K = 0 * k), d)
    gamut(y ~ x + known(1 | g, K = named(rep("a", 8L))), d)
    gamut(y ~ x + known(1 | g, K = `dimnames<-`(diag(9), rep(list(c("a", letters[1:8])),
                                                             2L))), d)
    gamut(y ~ x + known(1 | g), d)
  })
})

# --- predictors ------------------------------------------------------------------------

test_that("random slopes of a predictor far from 0 are not fitted without a word", {
  d <- input_data()
  near <- gamut(y ~ x + (x | g), d)
  # the optimum is the same one, and the search still finds it
  far <- expect_silent(gamut(y ~ x + (x | g), transform(d, x = x + 1e3)))
  expect_lt(abs(far$criterion$value - near$criterion$value), 1e-6)
  d$when <- d$x + 1e6
  expect_warning(suppressWarnings(gamut(y ~ when + (1 + f + when | g), d),
                                  classes = "gamut_warning_convergence"),
                 class = "gamut_warning_far_slope")
  expect_snapshot({
    fit <- gamut(y ~ when + (when | g), d)
  })
  # what does not vary with an intercept, or is centred, is as well determined as ever
  expect_silent(gamut(y ~ when + (0 + I(when - 1e6) | g) + (1 | g), d))
  centred <- expect_silent(gamut(y ~ when + (scale(when, scale = FALSE) | g), d))
  # when has ten digits of x
  expect_lt(abs(centred$criterion$value - near$criterion$value), 1e-6)
})
