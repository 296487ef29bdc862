# Bad input, degenerate data, extreme numbers: a classed error or a documented result.

edge_data <- function() simulated_data(60L)

# --- bad input ---------------------------------------------------------------------

test_that("infinite values are refused with their rows", {
  d <- edge_data()
  d$x[3L] <- Inf
  d$normal[c(2L, 5L)] <- c(-Inf, Inf)
  d$o[7L] <- -Inf
  expect_error(gamut(count ~ x, data = d), "`x` is infinite in row 3",
               class = "gamut_error_data")
  expect_error(gamut(normal ~ z, data = d), "`normal` is infinite in rows 2, 5",
               class = "gamut_error_data")
  expect_error(gamut(count ~ z, data = d, offset = o), "row 7",
               class = "gamut_error_data")
  expect_error(gamut(count ~ log(x - x), data = edge_data()), "infinite",
               class = "gamut_error_data")
})

test_that("missing values are left out, as by glm", {
  d <- edge_data()
  d$x[3L] <- NaN
  d$normal[5L] <- NA
  d$f[9L] <- NA
  expect_as_glm(normal ~ x + f, gaussian(), d)
  expect_equal(gamut(normal ~ x + f, data = d)$n, 57)
  expect_error(gamut(normal ~ x, data = d, na.action = na.fail),
               class = "gamut_error_data")
})

test_that("rows with a missing weight or offset are left out, as by glm", {
  d <- edge_data()
  d$o[4L] <- NA
  expect_as_glm(normal ~ x, gaussian(), d, offset = o)
  d$w[7L] <- NA
  expect_as_glm(normal ~ x, gaussian(), d, weights = w)
})

test_that("no rows, no complete rows, no selected rows", {
  d <- edge_data()
  expect_error(gamut(normal ~ x, data = d[0L, ]), class = "gamut_error_data")
  expect_error(gamut(normal ~ x, data = d, subset = x > 100), class = "gamut_error_data")
  d$x <- NA
  expect_error(gamut(normal ~ x, data = d), "`x` has no value",
               class = "gamut_error_data")
  d$x <- NA_real_
  expect_error(gamut(normal ~ x, data = d), "`x` has no value",
               class = "gamut_error_data")
  d$f[] <- NA
  expect_error(gamut(normal ~ f, data = d), "`f`", class = "gamut_error_data")
  d$a <- c(NA, 1:59)
  d$b <- c(1, rep(NA, 59))
  expect_error(gamut(normal ~ a + b, data = d), class = "gamut_error_data")
})

test_that("a factor with one level", {
  d <- edge_data()
  expect_error(gamut(normal ~ f, data = d, subset = f == "a"), "only one level",
               class = "gamut_error_data")
  # also without an intercept, as in glm()
  d$one <- factor("a")
  expect_error(gamut(normal ~ 0 + one, data = d), "one", class = "gamut_error_data")
})

test_that("weights: negative, infinite, all zero, wrong length", {
  d <- edge_data()
  d$bad <- replace(d$w, 7L, -1)
  expect_error(gamut(normal ~ x, data = d, weights = bad), "row 7",
               class = "gamut_error_weights")
  d$bad <- replace(d$w, c(7L, 9L), Inf)
  expect_error(gamut(normal ~ x, data = d, weights = bad), "rows 7, 9",
               class = "gamut_error")
  expect_error(gamut(normal ~ x, data = d, weights = rep(0, 60)), "zero",
               class = "gamut_error_weights")
  expect_error(gamut(normal ~ x, data = d, weights = 1:3), class = "gamut_error")
  expect_error(gamut(normal ~ x, data = d, weights = f), class = "gamut_error_weights")
})

test_that("a single row of positive weight", {
  d <- edge_data()
  d$w1 <- replace(rep(0, 60), 11L, 2)
  fit <- gamut(normal ~ x, data = d, weights = w1)
  expect_equal(coef(fit), c("(Intercept)" = d$normal[11L], x = NA))
  expect_equal(fit$nobs, 1)
  expect_equal(fit$df.residual, 0)
})

test_that("responses out of range are refused with their rows", {
  d <- edge_data()
  refuse <- function(formula, family, rows) {
    condition <- expect_error(gamut(formula, family = family, data = d),
                              class = "gamut_error_response")
    expect_equal(condition$rows, rows)
  }
  d$y <- replace(d$count, c(4L, 8L), -1)
  refuse(y ~ x, poisson(), c(4, 8))
  d$y <- replace(d$positive, 6L, 0)
  refuse(y ~ x, Gamma("log"), 6)
  refuse(y ~ x, exponential(), 6)
  refuse(y ~ x, inverse.gaussian("log"), 6)
  d$y <- replace(d$fraction, c(1L, 60L), c(0, 1))
  refuse(y ~ x, Beta(), c(1, 60))
  d$y <- replace(d$fraction, 2L, 1.5)
  refuse(y ~ x, binomial(), 2)
  refuse(y ~ x, quasi("logit", "mu(1-mu)"), 2)
  refuse(cbind(y, 1 - y) ~ x, binomial(), 2)
  d$y <- replace(d$binary, 3L, 2)
  refuse(y ~ x, bernoulli(), 3)
  expect_error(gamut(normal ~ x, family = categorical(), data = d),
               class = "gamut_error_response")
  expect_error(gamut(f ~ x, data = d), class = "gamut_error_response")
  expect_error(gamut(as.character(f) ~ x, data = d), class = "gamut_error_response")
  # rows are those of the user's data, after a subset and missing values too
  d$y <- replace(d$count, 50L, -1)
  d$x[2L] <- NA
  condition <- expect_error(gamut(y ~ x, family = poisson(), data = d, subset = 40:60),
                            class = "gamut_error_response")
  expect_equal(as.numeric(condition$rows), 50)
})

# --- degenerate models ---------------------------------------------------------------

test_that("a single row", {
  d <- edge_data()[1L, ]
  fit <- gamut(normal ~ x, data = d)
  expect_equal(coef(fit), c("(Intercept)" = d$normal, x = NA))
  expect_equal(fit$df.residual, 0)
  expect_true(is.nan(fit$dispersion))
  expect_equal(gamut(count + 1 ~ 1, family = poisson(), data = d)$coefficients[[1L]],
               log(d$count + 1), tolerance = 1e-10)
})

test_that("an intercept alone is the link of the weighted mean", {
  d <- edge_data()
  check <- function(y, family) {
    formula <- as.formula(call("~", y, 1))
    fit <- gamut(formula, family = family, data = d, weights = m)
    mean <- weighted.mean(eval(y, d), d$m)
    expect_equal(coef(fit)[["(Intercept)"]], family$linkfun(mean), tolerance = 1e-10)
  }
  for (link in c("identity", "log", "inverse", "sqrt")) {
    check(quote(count), poisson(if (link == "inverse") "log" else link))
    check(quote(positive), Gamma(if (link == "sqrt") "log" else link))
  }
  for (link in c("logit", "probit", "cloglog", "cauchit", "log")) {
    check(quote(binary), binomial(link))
  }
  check(quote(positive), inverse.gaussian())
  fit <- gamut(class ~ 1, family = categorical(), data = d, weights = m)
  share <- xtabs(m ~ class, d)
  expect_equal(unname(coef(fit)), log(c(share[2:3] / share[[1L]])), tolerance = 1e-9,
               ignore_attr = TRUE)
})

test_that("no terms at all", {
  d <- edge_data()
  empty <- gamut(normal ~ 0, data = d)
  expect_length(coef(empty), 0L)
  expect_equal(empty$deviance, sum(d$normal^2))
  expect_equal(empty$df.residual, 60)
  known <- gamut(count ~ 0 + offset(x), family = poisson(), data = d)
  reference <- glm(count ~ 0 + offset(x), family = poisson(), data = d)
  expect_equal(known$deviance, deviance(reference))
  expect_equal(fit_eta(known)[, 1L], d$x, ignore_attr = TRUE)
  expect_equal(gamut(class ~ 0, family = categorical(), data = d)$deviance,
               2 * 60 * log(3))
  precision <- gamut(fraction ~ 0, family = Beta(), data = d)
  expect_named(coef(precision), "phi:(Intercept)")
  fixed <- gamut(list(fraction ~ 0, phi ~ 0 + offset(rep(1, 60))), family = Beta(),
                 data = d)
  expect_length(coef(fixed), 0L)
  expect_equal(fixed$deviance,
               -2 * sum(dbeta(d$fraction, exp(1) / 2, exp(1) / 2, log = TRUE)))
})

test_that("more coefficients than rows: as many as rows are estimated", {
  d <- edge_data()[1:8, ]
  fit <- gamut(normal ~ poly(x, 4) + z + o + w + i + m, data = d)
  reference <- glm(normal ~ poly(x, 4) + z + o + w + i + m, data = d)
  expect_identical(is.na(coef(fit)), is.na(coef(reference)))
  expect_equal(fit$rank, 8)
  expect_equal(fit$df.residual, 0)
  expect_lt(fit$deviance, 1e-20)
  # with codes of a big factor
  wide <- simulated_data(50L)
  wide$id <- factor(seq_len(50L))
  fit <- gamut(normal ~ id + x, data = wide)
  expect_equal(fit$rank, 50)
  expect_true(is.na(coef(fit)[["x"]]))
  fit <- gamut(normal ~ x + id, data = wide)
  expect_true(is.na(coef(fit)[["id50"]]))
})

test_that("a perfect fit and a constant response", {
  d <- edge_data()
  d$line <- 2 * d$x + 1
  fit <- gamut(line ~ x, data = d)
  expect_equal(coef(fit), c("(Intercept)" = 1, x = 2), tolerance = 1e-14)
  expect_lt(fit$dispersion, 1e-30)
  d$constant <- 3
  fit <- gamut(constant ~ x, data = d)
  expect_equal(coef(fit), c("(Intercept)" = 3, x = 0), tolerance = 1e-14)
  for (family in list(Gamma(), Gamma("log"), inverse.gaussian(), poisson(),
                      gaussian("log"))) {
    fit <- gamut(constant ~ x, family = family, data = d)
    expect_true(fit$convergence$converged)
    expect_equal(coef(fit)[[1L]], family$linkfun(3), tolerance = 1e-10)
    expect_lt(abs(coef(fit)[[2L]]), 1e-10)
  }
  d$exact <- exp(d$line)
  for (family in list(Gamma("log"), inverse.gaussian("log"), gaussian("log"))) {
    fit <- gamut(exact ~ x, family = family, data = d)
    expect_true(fit$convergence$converged)
    expect_equal(coef(fit), c("(Intercept)" = 1, x = 2), tolerance = 1e-10)
  }
})

# The likelihood has no maximum. The fit must say so, whatever the coefficients are.
expect_no_maximum <- function(...) {
  seconds <- system.time(
    testthat::expect_warning(fit <- gamut(...), class = "gamut_warning")
  )[["elapsed"]]
  testthat::expect_false(fit$convergence$converged)
  testthat::expect_lt(seconds, 2)
  invisible(fit)
}

test_that("complete separation is said, under every link", {
  d <- data.frame(x = 1:10, y = as.numeric(1:10 > 5))
  for (link in c("logit", "probit", "cloglog", "cauchit")) {
    expect_no_maximum(y ~ x, family = binomial(link), data = d)
  }
  expect_no_maximum(factor(y) ~ x, family = categorical(), data = d)
})

test_that("quasi-complete separation is said", {
  d <- data.frame(x = c(1, 2, 3, 3, 4, 5), y = c(0, 0, 0, 1, 1, 1))
  fit <- expect_no_maximum(y ~ x, family = binomial(), data = d)
  # what can be estimated is: two tied rows. The fit stops as soon as it sees that the
  # rest goes to zero, so that a thousandth may be left.
  expect_equal(fit$deviance, 4 * log(2), tolerance = 1e-2)
  d <- data.frame(f = gl(2L, 5L), y = c(0, 0, 1, 1, 0, 1, 1, 1, 1, 1))
  fit <- expect_no_maximum(y ~ f, family = binomial(), data = d)
  expect_equal(coef(fit)[[1L]], qlogis(0.4), tolerance = 1e-8)
  expect_equal(standard_errors(fit)[[1L]], sqrt(1 / 2 + 1 / 3), tolerance = 1e-6)
})

test_that("a cell without counts, a response of one value", {
  d <- data.frame(f = gl(2L, 5L), count = c(0, 0, 0, 0, 0, 1, 2, 3, 4, 5))
  fit <- expect_no_maximum(count ~ f, family = poisson(), data = d)
  expect_equal(sum(coef(fit)), log(3), tolerance = 1e-6)
  d <- edge_data()
  d$zero <- 0
  d$one <- 1
  expect_no_maximum(zero ~ x, family = poisson(), data = d)
  expect_no_maximum(one ~ x, family = binomial(), data = d)
  expect_no_maximum(zero ~ 1, family = bernoulli(), data = d)
  d$half <- 0.5
  expect_no_maximum(half ~ x, family = Beta(), data = d)
  expect_error(gamut(factor(one) ~ x, family = categorical(), data = d),
               class = "gamut_error_response")
})

test_that("the maximum at the edge of the range of the mean", {
  # under the square root link a mean of 0 is at a finite coefficient
  d <- data.frame(f = gl(2L, 5L), count = c(0, 0, 0, 0, 0, 1, 2, 3, 4, 5))
  fit <- suppressWarnings(gamut(count ~ f, family = poisson("sqrt"), data = d))
  expect_true(is.finite(fit$deviance))
  expect_equal(fit$deviance, deviance(glm(count ~ f, poisson, d)), tolerance = 1e-6)
  expect_equal(sum(coef(fit)), sqrt(3), tolerance = 1e-3)
})

test_that("a category that no row has is dropped, and said", {
  d <- edge_data()
  levels(d$class) <- c(levels(d$class), "never")
  expect_warning(fit <- gamut(class ~ x, family = categorical(), data = d), "never",
                 class = "gamut_warning_response")
  levels(d$class) <- c("u", "v", "w", "never")
  reference <- gamut(class ~ x, family = categorical(), data = edge_data())
  expect_equal(coef(fit), coef(reference))
  # counts: the same, and rows without any
  counts <- cbind(u = c(3, 0, 2, 4), v = c(1, 0, 5, 2), none = 0)
  x <- c(0.1, 0.5, 0.2, 0.9)
  expect_warning(fit <- gamut(counts ~ x, family = categorical()), "none",
                 class = "gamut_warning_response")
  kept <- gamut(cbind(v, u) ~ x, family = binomial(), data = as.data.frame(counts))
  expect_equal(unname(coef(fit)), unname(coef(kept)), tolerance = 1e-8)
})
