curve_data <- function() {
  withr::with_seed(1, {
    n <- 300
    d <- data.frame(x = runif(n), z = runif(n), w = runif(n),
                    g = factor(sample(letters[1:3], n, replace = TRUE)))
    d$o <- factor(d$g, ordered = TRUE)
    d$y <- sin(6 * d$x) * (1 + as.integer(d$g) / 3) + 2 * d$z * d$x + 0.3 * rnorm(n)
    d$count <- rpois(n, exp(d$y / 2 + d$w))
    d
  })
}

# Both minimise one REML criterion, mgcv until its relative change is about 1e-6, where
# log smoothing parameters are certain to about 1e-3; so are curves and errors, relative
# to the spread of the response.
optimum <- 1e-3

expect_peer_terms <- function(peer, label, rows, estimates, type = "terms") {
  theirs <- predict(peer, rows, type = type, se.fit = TRUE)
  scale <- sd(peer$linear.predictors + residuals(peer, "working"))
  testthat::expect_lt(max(abs(theirs$fit[, label] - estimates$estimate)),
                      optimum * scale)
  testthat::expect_lt(max(abs(theirs$se.fit[, label] - estimates$se)), optimum * scale)
}

# Rows of data with the covariates of a grid in them
rows_with <- function(d, own, ...) {
  rows <- d[rep(1L, nrow(own)), ]
  shared <- intersect(names(own), names(d))
  rows[shared] <- own[shared]
  for (name in names(list(...))) rows[[name]] <- list(...)[[name]]
  rows
}

test_that("curves, surfaces and their errors are those of mgcv", {
  skip_if_no_peer("mgcv", "1.8.41")
  d <- curve_data()
  formula <- y ~ g + s(x, by = g, bs = "cr") + te(z, w, k = 4)
  fit <- gamut(formula, d)
  peer <- mgcv::gam(formula, data = d, method = "REML")
  for (level in levels(d$g)) {
    label <- paste0("s(x):g", level)
    own <- smooth_estimates(fit, label, n = 30)
    expect_named(own, c("smooth", "by", "x", "estimate", "se", "lower", "upper",
                        "support"))
    expect_identical(unique(own$by), level)
    expect_equal(range(own$x), range(d$x))
    rows <- rows_with(d, own, g = factor(level, levels(d$g)))
    expect_peer_terms(peer, label, rows, own)
    own <- smooth_estimates(fit, label, n = 30, mean = TRUE)
    expect_peer_terms(peer, label, rows, own, "iterms")
  }
  own <- smooth_estimates(fit, "te(z,w)", n2 = 7)
  expect_equal(nrow(own), 49L)
  expect_peer_terms(peer, "te(z,w)", rows_with(d, own), own)
})

test_that("counts, numeric by-variables and slices are those of mgcv", {
  skip_if_no_peer("mgcv", "1.8.41")
  d <- curve_data()
  formula <- count ~ s(x, by = z, bs = "cr")
  fit <- gamut(formula, d, poisson())
  peer <- mgcv::gam(formula, data = d, family = stats::poisson(), method = "REML")
  own <- smooth_estimates(fit, "s(x)", n = 20)
  expect_identical(unique(own$by), NA_character_)
  expect_peer_terms(peer, "s(x):z", rows_with(d, own, z = 1), own)
  formula <- count ~ te(x, z, w, k = 3)
  fit <- gamut(formula, d, poisson())
  peer <- mgcv::gam(formula, data = d, family = stats::poisson(), method = "REML")
  own <- smooth_estimates(fit, 1, n2 = 5)
  expect_equal(nrow(own), 75L)
  expect_equal(unique(own$w), quantile(d$w, c(0.1, 0.5, 0.9), names = FALSE))
  expect_peer_terms(peer, "te(x,z,w)", rows_with(d, own), own)
})

test_that("smooths of factors have a curve for each level", {
  skip_if_no_peer("mgcv", "1.8.41")
  d <- curve_data()
  formula <- y ~ s(x, bs = "cr") + s(x, g, bs = "fs", xt = "cr", k = 5)
  fit <- suppressWarnings(gamut(formula, d))
  own <- smooth_estimates(fit, "s(x,g)", n = 11)
  expect_equal(table(own$g), table(rep(levels(d$g), each = 11)), ignore_attr = TRUE)
  x <- predict(fit, rows_with(d, own), type = "terms", se.fit = TRUE)
  expect_equal(own$estimate, unname(x$fit[, "s(x,g)"]), tolerance = 1e-10)
  expect_equal(own$se, unname(x$se.fit[, "s(x,g)"]), tolerance = 1e-8)
})

test_that("limits have the level, and simultaneous ones the factor of their own", {
  d <- curve_data()
  fit <- gamut(y ~ g + s(x, by = g, bs = "cr") + te(z, w, k = 4), d)
  own <- smooth_estimates(fit, "s(x)", level = 0.9)
  df <- smooth_residual_df(fit)
  expect_equal(own$upper - own$estimate, qt(0.95, df) * own$se, tolerance = 1e-12)
  expect_equal(own$estimate - own$lower, qt(0.95, df) * own$se, tolerance = 1e-12)
  wide <- smooth_estimates(fit, "s(x)", level = 0.9, simultaneous = TRUE)
  factor <- (wide$upper - wide$estimate) / wide$se
  # one for each curve
  each <- tapply(factor, wide$smooth, range)
  for (pair in each) expect_equal(pair[1], pair[2], tolerance = 1e-10)
  for (entry in chosen_smooths(fit, "s(x)", "")) {
    x <- piece_matrix(plain_piece(entry$piece), list(x = unique(wide$x)))
    v <- fit$joint$bayesian[entry$position, entry$position]
    expect_equal(factor[match(entry$label, wide$smooth)], tolerance = 1e-10,
                 simultaneous_factor(x, v, 0.9, residual_df = df))
  }
  # a known dispersion has normal quantiles, a surface draws
  fit <- gamut(count ~ te(x, z, k = 4), d, poisson())
  own <- smooth_estimates(fit, n2 = 6)
  expect_equal(own$upper - own$estimate, qnorm(0.975) * own$se, tolerance = 1e-12)
  wide <- smooth_estimates(fit, n2 = 6, simultaneous = TRUE)
  expect_true(all(wide$upper > own$upper & wide$lower < own$lower))
})

test_that("points of the user's own are taken in any order, and may be missing", {
  d <- curve_data()
  fit <- gamut(y ~ s(log(x + 1), bs = "cr") + s(z, bs = "cr"), d)
  new <- data.frame(x = c(0.5, NA, 0.2, 5))
  own <- smooth_estimates(fit, "s(log(x + 1))", newdata = new)
  expect_equal(own[["log(x + 1)"]], log(new$x + 1))
  expect_equal(as.character(own$support), c("inside", NA, "inside", "extrapolated"))
  expect_equal(is.na(own$estimate), is.na(new$x))
  turned <- smooth_estimates(fit, "s(log(x + 1))", newdata = new[4:1, , drop = FALSE],
                             simultaneous = TRUE)
  straight <- smooth_estimates(fit, "s(log(x + 1))", newdata = new, simultaneous = TRUE)
  expect_equal(turned$upper[4:1], straight$upper, tolerance = 1e-12)
  expect_equal(turned$estimate[4:1], own$estimate, tolerance = 1e-12)
})

test_that("the support is that of the data of the curve", {
  d <- curve_data()
  d <- d[!(d$g == "a" & d$x > 0.4 & d$x < 0.7) & !(d$g == "b" & d$x > 0.6), ]
  fit <- gamut(y ~ g + s(x, by = g, bs = "cr", k = 6) + te(x, z, k = 3), d)
  own <- smooth_estimates(fit, "s(x)")
  flag <- function(level, low, high) {
    unique(as.character(own$support[own$by == level & own$x > low & own$x < high]))
  }
  expect_identical(flag("a", 0.42, 0.68), "gap")
  expect_identical(flag("b", 0.62, 1), "extrapolated")
  expect_identical(flag("c", 0.05, 0.95), "inside")
  # an empty corner of a surface
  d <- d[d$x + d$z < 1.2, ]
  fit <- gamut(y ~ te(x, z, k = 3), d)
  own <- smooth_estimates(fit)
  expect_true(all(own$support[own$x + own$z > 1.4] != "inside"))
  expect_true(all(own$support[own$x + own$z < 1.1 & own$x > 0.03 & own$z > 0.03 &
                                own$x < 0.9 & own$z < 0.9] == "inside"))
})

test_that("many places are thinned without a change of the support", {
  x <- cbind((1:50000 * (sqrt(5) - 1) / 2) %% 1, (1:50000 * sqrt(2)) %% 1)
  x <- x[(x[, 1] - 0.5)^2 + (x[, 2] - 0.5)^2 > 0.09, ]
  thin <- thinned_places(x)
  expect_lt(nrow(thin), nrow(x))
  expect_equal(apply(thin, 2, range), apply(x, 2, range))
  new <- as.matrix(expand.grid(seq(0, 1, length.out = 31), seq(0, 1, length.out = 31)))
  # places move by less than 1 / 400 of the range, so that few of 961 points may differ
  expect_lt(sum(support_flag(x, new) != support_flag(thin, new)), 10)
  expect_true(any(support_flag(thin, new) == "gap"))
})

test_that("a fit without its data takes them as `data`", {
  d <- curve_data()
  fit <- gamut(y ~ s(x, bs = "cr"), d)
  slim <- gamut(y ~ s(x, bs = "cr"), d, control = gamut_control(keep_data = FALSE))
  expect_equal(smooth_estimates(slim, data = d, mean = TRUE),
               smooth_estimates(fit, mean = TRUE), tolerance = 1e-10)
  expect_error(smooth_estimates(slim), class = "gamut_error_data")
})

test_that("a covariate with the name of a result gets another", {
  d <- curve_data()
  d$se <- d$x
  d$level <- d$z
  own <- smooth_estimates(gamut(y ~ s(se, bs = "cr") + s(level, bs = "cr"), d), n = 5)
  expect_named(own, c("smooth", "by", "se.1", "level", "estimate", "se", "lower",
                      "upper", "support"))
  expect_equal(range(own$se.1, na.rm = TRUE), range(d$se))
})

test_that("unconditional bands have the corrected covariance", {
  d <- curve_data()
  fit <- gamut(y ~ s(x, bs = "cr"), d)
  expect_identical(smooth_covariance(fit), fit$joint$bayesian)
  fit_corrected <- fit
  fit_corrected$joint$bayesian <- smooth_covariance(fit, TRUE)
  expect_equal(smooth_estimates(fit, unconditional = TRUE)$se,
               smooth_estimates(fit_corrected)$se, tolerance = 1e-12)
  expect_true(all(smooth_estimates(fit, unconditional = TRUE)$se >=
                    smooth_estimates(fit)$se))
})

test_that("arguments are checked", {
  d <- curve_data()
  fit <- gamut(y ~ s(x, bs = "cr") + s(z, bs = "cr"), d)
  expect_snapshot(error = TRUE, {
    smooth_estimates(gamut(y ~ x, d))
    smooth_estimates(d)
    smooth_estimates(fit, "s(w)")
    smooth_estimates(fit, 3)
    smooth_estimates(fit, n = 1)
    smooth_estimates(fit, level = 1)
    smooth_estimates(fit, newdata = data.frame(x = 1))
    smooth_estimates(fit, "s(x)", newdata = data.frame(x = "a"))
  })
})
