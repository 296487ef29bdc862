# The span by AICc or GCV.

test_that("the criteria are their formulas", {
  fit <- fit_loess(dist ~ speed, cars, span = 0.6)
  n <- 50
  rss <- sum(residuals(fit)^2)
  trace <- fit$trace.hat
  numbers <- summary(fit)
  expect_equal(numbers$aicc, log(rss / n) + 1 + 2 * (trace + 1) / (n - trace - 2))
  expect_equal(numbers$gcv, n * rss / (n - trace)^2)
  counts <- data.frame(x = 1:60, y = withr::with_seed(1, rpois(60, 5)))
  fit <- fit_loess(y ~ x, counts, family = poisson())
  trace <- fit$trace.hat
  expect_equal(summary(fit)$aicc,
               deviance(fit) + 2 * trace + 2 * trace * (trace + 1) / (60 - trace - 1))
})

test_that("the chosen span is the best of a fine grid, or next to it", {
  d <- loess_data(200)
  for (criterion in c("aicc", "gcv")) {
    fit <- fit_loess(y ~ a, d, span = criterion)
    grid <- exp(seq(log(0.1), log(2), length.out = 60))
    values <- vapply(grid, function(span) {
      summary(fit_loess(y ~ a, d, span = span))[[criterion]]
    }, 0)
    expect_identical(fit$span_search$criterion, criterion)
    # the search stops at a hundredth of the span, and steps of the criterion are smaller
    expect_lt(fit$span_search$value, min(values) + 1e-3 * abs(min(values)))
    expect_equal(summary(fit)[[criterion]], fit$span_search$value)
    expect_identical(fit$pars$span, with(fit$span_search$tried, span[which.min(value)]))
  }
  expect_output(print(fit), "by GCV")
})

test_that("spans are chosen for families, robust fits and levels too", {
  d <- loess_data(120)
  d$f <- factor(rep(1:2, 60))
  d$n <- round(exp(1 + d$y / 2))
  fits <- list(fit_loess(n ~ a, d, span = "aicc", family = poisson()),
               fit_loess(y ~ a, d, span = "gcv", family = "symmetric"),
               fit_loess(y ~ a + f, d, span = "AICc", degree = 1),
               fit_loess(y ~ a, d, span = "aicc", statistics = "none"))
  for (fit in fits) expect_true(fit$pars$span > 0.03 && fit$pars$span <= 2)
})

test_that("too few rows for any span are an error", {
  expect_error(fit_loess(dist ~ speed, cars[1:3, ], span = "aicc"),
               class = "gamut_error_argument")
})
