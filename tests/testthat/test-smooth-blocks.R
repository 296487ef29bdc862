# Smooths with a block of coefficients for each level: a large one stands apart from the
# covariance of all coefficients, and must be the same as one that does not.

# Both are the same model by other algebra: searches end within 1e-7 of the minimum, which
# moves estimates by about 1e-4 of their standard errors.
same <- 2e-4

#' @param n Rows, of 12 levels by default.
block_data <- function(n = 400L, levels = 12L, seed = 1L) {
  withr::with_seed(seed, {
    d <- data.frame(x = runif(n), z = rnorm(n), u = runif(n, 0.5, 2),
                    g = factor(sample(levels, n, TRUE), seq_len(levels)),
                    h = factor(sample(letters[1:3], n, TRUE)),
                    s = factor(sample(20, n, TRUE)))
    amplitude <- rnorm(levels)
    shift <- rnorm(levels, sd = 0.7)
    d$eta <- sin(6 * d$x) * (1 + amplitude[d$g]) + shift[d$g] + rnorm(20)[d$s] / 3
    d$y <- d$eta + rnorm(n, sd = 0.4)
    d$count <- rpois(n, exp(d$eta / 2))
    d
  })
}

#' The limit of the package is another one until the caller ends
local_joint_limit <- function(limit, caller = parent.frame()) {
  namespace <- asNamespace("gamut")
  change <- function(value) {
    unlockBinding("joint_limit", namespace)
    assign("joint_limit", value, namespace)
    lockBinding("joint_limit", namespace)
  }
  withr::defer(change(500L), caller)
  change(limit)
}

#' The fit with all smooths in the covariance of all coefficients, and with large ones
#' apart
both_ways <- function(formula, ..., limit = 5L) {
  whole <- gamut(formula, ...)
  local_joint_limit(limit)
  apart <- gamut(formula, ...)
  testthat::expect_true(has_apart(apart))
  testthat::expect_false(has_apart(whole))
  list(whole = whole, apart = apart)
}

edf_of <- function(fit) vapply(fit$smooths, `[[`, 0, "edf")

#' @param curvature Of variances that are from differences of gradients.
expect_same_fit <- function(fits, new, label, curvature = same) {
  whole <- fits$whole
  apart <- fits$apart
  close <- function(a, b, tolerance = same) {
    testthat::expect_equal(a, b, tolerance = tolerance, info = label)
  }
  close(apart$criterion$value, whole$criterion$value, 1e-8)
  close(as.numeric(logLik(apart)), as.numeric(logLik(whole)), 1e-7)
  close(attr(logLik(apart), "df"), attr(logLik(whole), "df"))
  close(coef(apart), coef(whole))
  close(sqrt(diag(vcov(apart))), sqrt(diag(vcov(whole))), curvature)
  close(edf_of(apart), edf_of(whole))
  close(fitted(apart), fitted(whole))
  close(residuals(apart, "pearson"), residuals(whole, "pearson"), 1e-3)
  ours <- predict(apart, new, se.fit = TRUE, allow_new_levels = TRUE)
  theirs <- predict(whole, new, se.fit = TRUE, allow_new_levels = TRUE)
  close(ours$fit, theirs$fit)
  close(ours$se.fit, theirs$se.fit)
  terms <- lapply(fits, predict, new, type = "terms", se.fit = TRUE,
                  allow_new_levels = TRUE)
  close(terms$apart$fit, terms$whole$fit, 1e-3)
  close(terms$apart$se.fit, terms$whole$se.fit, 1e-3)
}

test_that("a smooth apart is the same smooth, alone and beside others and bars", {
  d <- block_data()
  new <- d[1:12, ]
  levels(new$g) <- c(levels(d$g), "new")
  new$g[3:4] <- "new"
  one <- y ~ s(x, g, bs = "fs", k = 5)
  expect_same_fit(both_ways(one, data = d), new, "alone")
  expect_same_fit(both_ways(update(one, . ~ . + z + s(u, k = 5)), data = d, limit = 10L),
                  new, "beside a smooth")
  expect_same_fit(both_ways(update(one, . ~ . + z + (1 + z | s)), data = d), new,
                  "beside bars")
  expect_same_fit(both_ways(update(one, count ~ . + (1 | s)), family = poisson(),
                            data = d), new, "counts")
  expect_same_fit(both_ways(update(one, . ~ . + s(u, h, bs = "fs", k = 4)), data = d),
                  new, "two of them")
})

test_that("random effects as smooths apart are those of bars", {
  d <- block_data()
  fits <- both_ways(y ~ s(x, k = 6) + s(g, bs = "re") + s(g, z, bs = "re"), data = d,
                    limit = 8L)
  expect_same_fit(fits, d[1:9, ], "re")
  bars <- gamut(y ~ s(x, k = 6) + (1 + z || g), data = d)
  expect_equal(as.numeric(logLik(fits$apart)), as.numeric(logLik(bars)), tolerance = 1e-8)
  expect_equal(predict(fits$apart, d[1:9, ], se.fit = TRUE)$se.fit,
               predict(bars, d[1:9, ], se.fit = TRUE)$se.fit, tolerance = same)
  # of a combination of factors
  both <- both_ways(y ~ s(x, k = 6) + s(g, h, bs = "re"), data = d, limit = 8L)
  expect_same_fit(both, d[1:9, ], "combination")
  bars <- gamut(y ~ s(x, k = 6) + (1 | g:h), data = d)
  expect_equal(as.numeric(logLik(both$apart)), as.numeric(logLik(bars)), tolerance = 1e-8)
})

test_that("by-variables, weights of 0, given smoothing parameters and ML", {
  d <- block_data()
  d$w <- rep(c(1, 0, 2), length.out = nrow(d))
  one <- y ~ s(x, g, bs = "fs", k = 5, by = u)
  expect_same_fit(both_ways(one, data = d, weights = w), d[1:9, ], "numeric by")
  one <- y ~ h + s(x, g, bs = "fs", k = 4, by = h)
  expect_same_fit(both_ways(one, data = d, method = "ML"), d[1:9, ], "factor by")
  one <- y ~ s(x, g, bs = "fs", k = 4, sp = c(0.1, 1, -1)) + z
  expect_same_fit(both_ways(one, data = d), d[1:9, ], "given")
})

test_that("every linear predictor may have one", {
  d <- block_data()
  # variances of rows with random effects are those of the observed information
  fits <- both_ways(list(y ~ s(x, k = 5), sigma ~ s(x, g, bs = "fs", k = 3)), data = d,
                    control = gamut_control(information = "observed"))
  # a variance next to 0 counts in the curvature of one and not of the other
  expect_same_fit(fits, d[1:9, ], "sigma", curvature = 5e-3)
})

test_that("values, derivatives and differences of curves of levels are the same", {
  d <- block_data()
  # beside `g` the data do not know the variance of constants
  fits <- both_ways(y ~ g + z + s(x, g, bs = "fs", k = 5, sp = c(-1, 1, -1)), data = d)
  ours <- smooth_estimates(fits$apart, n = 15)
  theirs <- smooth_estimates(fits$whole, n = 15)
  expect_equal(ours, theirs, tolerance = 1e-3)
  expect_equal(smooth_estimates(fits$apart, n = 15, simultaneous = TRUE)$upper,
               smooth_estimates(fits$whole, n = 15, simultaneous = TRUE)$upper,
               tolerance = 1e-3)
  expect_equal(derivatives(fits$apart, n = 15), derivatives(fits$whole, n = 15),
               tolerance = 1e-3)
  for (means in c(FALSE, TRUE)) {
    pairs <- lapply(fits, difference_smooths, levels = c("2", "7", "9"), n = 11,
                    means = means)
    expect_equal(pairs$apart, pairs$whole, tolerance = 1e-3)
  }
  random <- both_ways(y ~ s(x, k = 5) + s(g, bs = "re"), data = d, limit = 8L)
  expect_equal(smooth_estimates(random$apart), smooth_estimates(random$whole),
               tolerance = 1e-3)
})

test_that("what is left of the methods works beside a smooth apart", {
  d <- block_data()
  fits <- both_ways(y ~ z + s(x, k = 5) + s(x, g, bs = "fs", k = 4) + (1 | s), data = d)
  fit <- fits$apart
  table <- summary(fit)$smooths
  expect_equal(table[, "edf"], summary(fits$whole)$smooths[, "edf"], tolerance = same)
  expect_equal(table["s(x)", "p-value"], summary(fits$whole)$smooths["s(x)", "p-value"],
               tolerance = 1e-2)
  expect_output(print(summary(fit)), "more than 500 coefficients are not tested")
  expect_equal(AIC(fit), AIC(fits$whole), tolerance = 1e-7)
  expect_equal(as.numeric(logLik(fit, type = "conditional")),
               as.numeric(logLik(fits$whole, type = "conditional")), tolerance = 1e-6)
  expect_equal(hatvalues(fit), hatvalues(fits$whole), tolerance = same)
  expect_equal(predict(fit, d[1:5, ], re.form = NA, se.fit = TRUE)$se.fit,
               predict(fits$whole, d[1:5, ], re.form = NA, se.fit = TRUE)$se.fit,
               tolerance = same)
  left_out <- lapply(fits, predict, d[1:5, ], exclude = "s(x,g)", se.fit = TRUE)
  expect_equal(left_out$apart, left_out$whole, tolerance = same)
  expect_identical(dim(vcov(fit, what = "all")), rep(length(coef(fit, what = "all")), 2L))
  expect_s3_class(check_model(fit), "gamut_check")
  drawn <- simulate(fit, 20, seed = 1)
  expect_lt(abs(mean(as.matrix(drawn)) - mean(d$y)), 0.2)
  small <- gamut(formula(fit), data = d, control = gamut_control(keep_data = FALSE))
  expect_equal(predict(small, d[1:5, ]), predict(fit, d[1:5, ]))
  expect_error(difference_smooths(small, "s(x,g)", levels = c("1", "2")),
               class = "gamut_error_data")
})

test_that("two thousand curves are recovered", {
  levels <- 2000L
  n <- 20L * levels
  d <- withr::with_seed(2, {
    d <- data.frame(x = runif(n), g = factor(rep(seq_len(levels), each = 20)))
    shift <- rnorm(levels, sd = 0.6)
    slope <- rnorm(levels, sd = 0.8)
    wave <- rnorm(levels, sd = 0.5)
    d$mu <- cos(4 * d$x) + shift[d$g] + slope[d$g] * (d$x - 0.5) +
      wave[d$g] * sin(6 * d$x)
    d$y <- d$mu + rnorm(n, sd = 0.3)
    d
  })
  fit <- gamut(y ~ s(x) + s(x, g, bs = "fs", k = 6), data = d)
  expect_true(fit$convergence$converged)
  # the standard error of a variance over n rows is sqrt(2 / n) of it
  expect_lt(abs(sigma(fit)^2 / 0.09 - 1), 0.03)
  # the basis of 6 holds the waves but for a few hundredths
  found <- predict(fit, se.fit = TRUE)
  inside <- abs(found$fit - d$mu) < qnorm(0.975) * found$se.fit
  expect_gt(mean(inside), 0.93)
  expect_lt(mean(inside), 0.97)
  curves <- smooth_estimates(fit, "s(x,g)", n = 5)
  expect_identical(nrow(curves), 5L * levels)
  expect_false(anyNA(curves$se))
})

test_that("effects, means, lo() and data given again know smooths apart", {
  d <- block_data()
  fits <- both_ways(y ~ h + z + s(u, k = 4) + s(x, g, bs = "fs", k = 4) + (1 | s),
                    data = d)
  effects <- lapply(fits, effect_data, "h")
  expect_equal(effects$apart, effects$whole, tolerance = same)
  # the means of all other terms count; those of a smooth apart do not, as of bars
  expect_equal(smooth_estimates(fits$apart, "s(u)", n = 5, mean = TRUE)$estimate,
               smooth_estimates(fits$whole, "s(u)", n = 5, mean = TRUE)$estimate,
               tolerance = same)
  triplets <- design_matrices(fits$apart, sparse = TRUE)$smooths[[2L]]
  dense <- design_matrices(fits$whole)$smooths[[2L]]
  filled <- matrix(0, triplets$matrix$dims[1L], triplets$matrix$dims[2L])
  filled[cbind(triplets$matrix$i, triplets$matrix$j)] <- triplets$matrix$x
  expect_equal(filled, unname(dense$matrix))
  expect_equal(lapply(triplets$penalties, function(s) kronecker(diag(12), s)),
               lapply(dense$penalties, unname))
  small <- gamut(formula(fits$apart), data = d,
                 control = gamut_control(keep_data = FALSE))
  expect_equal(predict(small, d[1:5, ], se.fit = TRUE, data = d)$se.fit,
               predict(fits$whole, d[1:5, ], se.fit = TRUE)$se.fit, tolerance = same)
  local <- both_ways(y ~ lo(u) + s(g, bs = "re"), data = d, limit = 8L)
  bars <- gamut(y ~ lo(u) + (1 | g), data = d)
  expect_equal(unname(fitted(local$apart)), unname(fitted(bars)), tolerance = same)
  expect_equal(predict(local$apart, d[1:5, ], se.fit = TRUE)$se.fit,
               predict(bars, d[1:5, ], se.fit = TRUE)$se.fit, tolerance = same)
  expect_equal(attr(logLik(local$apart), "df"), attr(logLik(bars), "df"),
               tolerance = same)
})

test_that("marginal means leave smooths apart out, as random effects", {
  skip_if_not_installed("emmeans")
  d <- block_data()
  fits <- both_ways(y ~ h + z + s(g, bs = "re"), data = d, limit = 8L)
  bars <- gamut(y ~ h + z + (1 | g), data = d)
  means <- as.data.frame(emmeans::emmeans(fits$apart, "h"))
  expect_equal(means$emmean, as.data.frame(emmeans::emmeans(bars, "h"))$emmean,
               tolerance = same)
  expect_false(any(grepl("levels of: g", attr(means, "mesg"))))
})

test_that("a smooth apart may be all that there is", {
  d <- block_data()
  one <- both_ways(y ~ s(g, bs = "re"), data = d, limit = 8L)
  expect_equal(vcov(one$apart, what = "all"), vcov(one$whole), tolerance = same)
  # nothing but the intercept is left to be corrected
  expect_equal(predict(one$apart, d[1:3, ], se.fit = TRUE, unconditional = TRUE)$se.fit,
               predict(one$apart, d[1:3, ], se.fit = TRUE)$se.fit, tolerance = 0.05)
  none <- both_ways(y ~ 0 + s(x, g, bs = "fs", k = 5), data = d)
  expect_equal(edf_of(none$apart), edf_of(none$whole), tolerance = same)
  expect_equal(predict(none$apart, d[1:5, ], type = "terms", se.fit = TRUE)$se.fit,
               predict(none$whole, d[1:5, ], type = "terms", se.fit = TRUE)$se.fit,
               tolerance = same)
  expect_identical(colnames(summary(none$apart)$smooths)[3L], "F")
})

# What is eliminated counts as error: the tests are those of the same fit with all terms
# in one matrix.
test_that("other smooths are tested as they are without a smooth apart, or bars", {
  d <- block_data()
  both <- list(whole = gamut(y ~ s(x) + s(h, bs = "re") + s(g, bs = "re"), data = d),
               bars = gamut(y ~ s(x) + s(h, bs = "re") + (1 | g), data = d))
  local_joint_limit(8L)
  both$apart <- gamut(y ~ s(x, k = 5) + s(h, bs = "re") + s(g, bs = "re"), data = d)
  local_joint_limit(500L)
  both$same <- gamut(y ~ s(x, k = 5) + s(h, bs = "re") + s(g, bs = "re"), data = d)
  table <- lapply(both, function(fit) summary(fit)$smooths["s(h)", -2L])
  expect_equal(table$bars, table$whole, tolerance = 2e-3)
  expect_equal(table$apart, table$same, tolerance = 2e-3)
})

test_that("points that are missing have no band", {
  d <- block_data()
  fits <- both_ways(y ~ s(x, k = 5) + s(g, z, bs = "re"), data = d, limit = 8L)
  new <- data.frame(g = d$g[1:4], z = c(0.3, NA, 1, -2))
  ours <- smooth_estimates(fits$apart, "s(g,z)", newdata = new, simultaneous = TRUE)
  theirs <- smooth_estimates(fits$whole, "s(g,z)", newdata = new)
  expect_equal(ours$estimate, theirs$estimate, tolerance = same)
  expect_identical(is.na(ours$upper), is.na(new$z))
})
