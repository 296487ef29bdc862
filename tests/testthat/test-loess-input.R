# Bad input to fit_loess(): each its own error or warning.

input_data <- function() {
  d <- loess_data(60)
  d$k <- 1
  d$f <- factor(rep(1:2, 30))
  d$s <- as.character(d$f)
  d$two <- rep(0:1, 30)
  d
}

test_that("a constant predictor is an error that names it", {
  d <- input_data()
  expect_error(fit_loess(y ~ k, d), "`k` is constant", class = "gamut_error_data")
  error <- expect_error(fit_loess(y ~ a + k, d), class = "gamut_error_data")
  expect_identical(error$variables, "k")
  d$b[d$f == "2"] <- 0
  expect_error(fit_loess(y ~ a + b + f, d), "`b` is constant where f = 2",
               class = "gamut_error_data")
})

test_that("two different values are in one warning, with numbers as in stats", {
  d <- input_data()
  warning <- expect_warning(fit <- fit_loess(y ~ two, d),
                            class = "gamut_warning_loess_neighbourhood")
  expect_match(conditionMessage(warning), "too few different values.* at two = ")
  expect_true(all(warning$places$kind == "singular"))
  expect_identical(warning$places, fit$troubles)
  theirs <- suppressWarnings(loess(y ~ two, d))
  # the shortest solution of a singular system, in either program
  expect_equal(fit$fitted, theirs$fitted, tolerance = 1e-8)
  expect_output(print(fit), "too few different values")
})

test_that("a span that is too small is an error with the least one", {
  d <- input_data()
  error <- expect_error(fit_loess(y ~ a, d, span = 0.05), "at least 0.0667",
                        class = "gamut_error_argument")
  expect_identical(error$argument, "span")
  # no pseudo-inverse and no warning at that span
  expect_silent(fit_loess(y ~ a, d, span = error$least))
  expect_error(fit_loess(y ~ a + f, d[1:9, ], span = 0.5), "where f = 2",
               class = "gamut_error_argument")
  expect_error(fit_loess(y ~ a + b, d[1:5, ], span = 1), "there are only 5 rows",
               class = "gamut_error_argument")
  expect_error(fit_loess(y ~ a, d[1:2, ]), "only 2 rows", class = "gamut_error_argument")
})

test_that("missing values are left out, infinite ones are errors that name rows", {
  d <- input_data()
  d$a[3] <- NA
  d$w[5] <- NaN
  d$y[7] <- NA
  fit <- fit_loess(y ~ a, d, weights = w)
  expect_identical(fit$n, 57L)
  expect_equal(fit$fitted, loess(y ~ a, d, weights = w)$fitted, tolerance = 1e-10)
  expect_error(fit_loess(y ~ a, d, na.action = na.fail), "rows 3, 7",
               class = "gamut_error_data")
  for (name in c("a", "y", "w")) {
    wrong <- input_data()
    wrong[[name]][c(4, 9)] <- Inf
    error <- expect_error(fit_loess(y ~ a, wrong, weights = w), "rows 4, 9",
                          class = "gamut_error")
    expect_match(conditionMessage(error), if (name == "w") "weights" else name)
  }
})

test_that("weights that are negative, all zero or of another length are errors", {
  d <- input_data()
  expect_error(fit_loess(y ~ a, d, weights = ifelse(w < 1, -1, 1)),
               class = "gamut_error_weights")
  expect_error(fit_loess(y ~ a, d, weights = 0 * w), class = "gamut_error_weights")
  expect_error(fit_loess(y ~ a, d, weights = 1:3), class = "gamut_error_data")
  expect_error(fit_loess(y ~ a + f, d, weights = ifelse(f == "1", 0, 1)),
               "where f = 1 has a positive weight", class = "gamut_error_weights")
})

test_that("predictors that are no numbers and no factors, or only factors, are errors", {
  d <- input_data()
  expect_error(fit_loess(y ~ f, d), "all are factors", class = "gamut_error_argument")
  expect_error(fit_loess(y ~ s, d), "all are factors", class = "gamut_error_argument")
  d$l <- I(as.list(seq_len(60)))
  expect_error(fit_loess(y ~ a + l, d), class = "gamut_error_data")
  expect_error(fit_loess(y ~ 1, d), class = "gamut_error_formula")
  d$z <- complex(real = d$a, imaginary = 0)
  expect_error(fit_loess(y ~ z, d), class = "gamut_error_data")
})

test_that("terms of other doors are errors that name the door", {
  d <- input_data()
  expect_error(fit_loess(y ~ s(a), d), "fit_gam", class = "gamut_error_unsupported_term")
  expect_error(fit_loess(y ~ lo(a), d), "write y ~ x",
               class = "gamut_error_unsupported_term")
  expect_error(fit_loess(y ~ a + (1 | f), d), class = "gamut_error_unsupported_term")
  expect_error(fit_loess(y ~ a | b, d), class = "gamut_error_formula")
})

test_that("arguments out of range are errors", {
  d <- input_data()
  wrong <- list(
    list(degree = 3), list(degree = "two"), list(span = "aic"), list(span = -1),
    list(span = NA), list(span = Inf), list(parametric = "q"), list(parametric = 5),
    list(drop.square = "q"), list(enp.target = -4), list(normalize = NA),
    list(parametric = c("a", "b")), list(drop.square = "a", degree = 1),
    list(method = "lm"), list(model = 3)
  )
  for (arguments in wrong) {
    expect_error(do.call(fit_loess, c(list(y ~ a + b, d), arguments)),
                 class = "gamut_error_argument")
  }
  expect_error(fit_loess(y ~ a, d, drop.square = "a"), "degree = 1",
               class = "gamut_error_argument")
  expect_warning(fit_loess(y ~ a, d, span = 0.5, enp.target = 5),
                 class = "gamut_warning_argument")
  expect_error(fit_loess(y ~ a, d, family = "gausian"), class = "gamut_error_family")
  expect_error(fit_loess(y ~ a, d, family = Beta()), class = "gamut_error_family")
  expect_error(fit_loess(f ~ a, d, family = "categorical"), class = "gamut_error_family")
  expect_error(fit_loess(y ~ a, d, family = poisson()), class = "gamut_error_response")
  expect_error(fit_loess(f ~ a, d), class = "gamut_error_response")
})

test_that("neighbourhoods without width are one warning, and their numbers NaN", {
  d <- data.frame(x = rep(c(1:5, 7), times = c(30, 3, 3, 3, 3, 3)))
  d$y <- d$x + sin(1:45)
  for (family in c("gaussian", "symmetric")) {
    warnings <- capture_warnings(fit <- fit_loess(y ~ x, d, span = 0.5, family = family))
    expect_length(warnings, 1L)
    expect_match(warnings, "have no width.* at x = 1")
    expect_true(all(is.nan(fit$fitted[d$x == 1])))
    expect_true(all(is.finite(fit$fitted[d$x > 2])))
  }
  expect_error(predict(fit, interval = "confidence", simultaneous = TRUE),
               class = "gamut_error_data")
})

test_that("a tree that was cut short is a warning", {
  n <- 400
  d <- data.frame(x = seq_len(n), y = sin(seq_len(n)))
  # the limit is as many vertices as there are rows
  expect_warning(fit <- fit_loess(y ~ x, d, span = 0.02, tolerance = 1e-9),
                 class = "gamut_warning_loess_limited")
  expect_output(print(fit), "reached its limit")
})
