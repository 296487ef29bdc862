# Spans that the data choose

wiggly <- function() {
  withr::with_seed(5, {
    d <- data.frame(x = runif(150), z = rnorm(150))
    d$y <- sin(12 * d$x) + 0.3 * d$z + rnorm(150) / 3
    d
  })
}

span_of <- function(fit) fit$smooths[[1L]]$piece$basis$span

test_that("the span that is chosen is better than those around it", {
  d <- wiggly()
  aicc <- function(fit) {
    n <- nrow(d)
    t <- n - df.residual(fit) + 1
    -2 * as.numeric(logLik(fit)) + 2 * t * n / (n - t - 1)
  }
  gcv <- function(fit) nrow(d) * deviance(fit) / df.residual(fit)^2
  for (by in c("aicc", "gcv")) {
    value <- if (by == "aicc") aicc else gcv
    fit <- gamut(y ~ z + lo(x, span = by), data = d)
    spans <- exp(seq(log(0.08), 0, length.out = 40))
    others <- vapply(spans, function(s) {
      value(gamut(y ~ z + lo(x, span = s), data = d))
    }, 0)
    # a criterion jumps where a neighbourhood takes one more point in: by less than 0.5 %
    expect_lt(value(fit), min(others) + 0.005 * abs(min(others)))
    expect_lt(span_of(fit), 0.4)
    expect_equal(fitted(gamut(y ~ z + lo(x, span = span_of(fit)), data = d)), fitted(fit))
  }
})

test_that("several spans are chosen in turn", {
  d <- wiggly()
  d$u <- withr::with_seed(6, runif(150))
  d$y <- d$y + d$u
  fit <- gamut(y ~ lo(x, span = "aicc") + lo(u, span = "aicc"), data = d)
  spans <- vapply(fit$smooths, function(s) s$piece$basis$span, 0)
  expect_lt(spans[1L], spans[2L])
  fixed <- gamut(y ~ lo(x) + lo(u), data = d)
  expect_lt(AIC(fit), AIC(fixed))
})
