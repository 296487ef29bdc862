# Largest relative error
apart <- function(found, truth) max(abs(found / truth - 1))

test_that("equal weights give a chi-squared variable, far into its tail", {
  for (df in c(1, 2, 7.5, 400)) {
    truth <- c(0.999, 0.5, 1e-3, 1e-8, 1e-30, 1e-200)
    q <- qchisq(truth, df, lower.tail = FALSE)
    # rounding of an exponent of some hundreds, times 1e-16, with a margin
    expect_lt(apart(chisq_sum_tail(3 * q, c(3, 3), df / 2), truth), 1e-11)
  }
  # where few degrees of freedom make the integrand least smooth
  expect_lt(apart(chisq_sum_tail(2, 1, 0.1), pchisq(2, 0.1, lower.tail = FALSE)), 1e-9)
  expect_lt(apart(chisq_sum_tail(1.01e5, 1, 1e5),
                  pchisq(1.01e5, 1e5, lower.tail = FALSE)), 1e-10)
})

test_that("a difference of two gives the F distribution", {
  for (a in c(1, 3, 9.5)) for (b in c(1, 2, 30, 1e4)) {
    f <- c(0.01, 0.5, 1, 3, 10, 50)
    found <- vapply(f, function(f) chisq_sum_tail(0, c(1 / a, -f / b), c(a, b)), 0)
    expect_lt(apart(found, pf(f, a, b, lower.tail = FALSE)), 1e-11)
  }
})

test_that("two and three weights give the convolution", {
  # df = 2 is an exponential variable: sums of these are known in closed form
  hypoexponential <- function(q, w) {
    share <- vapply(seq_along(w), function(i) prod(w[i] / (w[i] - w[-i])), 0)
    sum(share * exp(-q / (2 * w)))
  }
  for (w in list(c(2, 1), c(1, 0.9, 0.1), c(100, 1, 0.01))) for (q in c(0.1, 3, 60)) {
    expect_lt(apart(chisq_sum_tail(q, w, 2), hypoexponential(q, w)), 1e-11)
  }
  # normal noise: exp-modified normal distribution
  q <- c(-2, 0.5, 4, 40)
  truth <- pnorm(q, lower.tail = FALSE) + exp(1 / 8 - q / 2) * pnorm(q - 1 / 2)
  expect_lt(apart(chisq_sum_tail(q, 1, 2, noise = 1), truth), 1e-11)
  # one degree of freedom each, of either sign: by numerical convolution
  convolved <- function(q, w) {
    inner <- function(z) pchisq((q - w[2L] * z^2) / w[1L], 1, lower.tail = FALSE)
    kink <- sqrt(max(q / w[2L], 0))
    piece <- function(from, to) {
      stats::integrate(function(z) 2 * dnorm(z) * inner(z), from, to, rel.tol = 1e-10)
    }
    below <- if (kink > 0) piece(0, kink)$value else 0
    below + piece(kink, Inf)$value
  }
  for (w in list(c(1, 0.3), c(1, -0.5), c(0.2, -3))) for (q in c(-1, 0.4, 5)) {
    # what integrate() promises, at the square-root kink somewhat less
    expect_equal(chisq_sum_tail(q, w), convolved(q, w), tolerance = 1e-8)
  }
})

test_that("published tables are met to their digits", {
  # Imhof (1961, Biometrika 48:419), Table 1, sums Q1 to Q4
  weights <- c(0.6, 0.3, 0.1)
  printed <- list(
    list(df = c(1, 1, 1), q = c(0.1, 0.7, 2), tail = c(0.9458, 0.5064, 0.1240)),
    list(df = c(2, 2, 2), q = c(0.2, 2, 6), tail = c(0.9936, 0.3998, 0.0161)),
    list(df = c(6, 4, 2), q = c(1, 5, 12), tail = c(0.9973, 0.4353, 0.0088)),
    list(df = c(2, 4, 6), q = c(1, 3, 8), tail = c(0.9666, 0.4196, 0.0087))
  )
  for (row in printed) {
    # printed with four decimals, the last of which may be off by one
    expect_lt(max(abs(chisq_sum_tail(row$q, weights, row$df) - row$tail)), 1e-4)
  }
})

test_that("simulated sums exceed as often as they should", {
  set.seed(7)
  w <- c(2, 1, 0.3, -0.8)
  df <- c(1, 3, 1, 5)
  draws <- colSums(w * matrix(rchisq(4 * 2e5, df), 4L))
  for (q in c(-6, 0, 2, 10)) {
    tail <- chisq_sum_tail(q, w, df)
    # four standard errors of a proportion
    expect_lt(abs(mean(draws > q) - tail), 4 * sqrt(tail * (1 - tail) / 2e5))
  }
})

test_that("it agrees with Davies' method", {
  skip_if_no_peer("mgcv")
  set.seed(3)
  for (case in 1:40) {
    m <- sample(3:12, 1L)
    w <- rnorm(m) * exp(2 * rnorm(m))
    df <- sample(c(2, 3, 5, 50), m, replace = TRUE)
    q <- sum(w * df) + 2 * sqrt(2 * sum(w^2 * df)) * rnorm(1)
    peer <- mgcv::psum.chisq(q, w, df, tol = 1e-10, nlim = 1e6)
    # an absolute error of 1e-10 is what it was asked for; it counts rounding apart
    expect_lt(abs(chisq_sum_tail(q, w, df) - peer), 1e-8)
  }
})

test_that("the scale, the order and the other tail make no difference", {
  w <- c(5, 1, 0.2, -2)
  df <- c(1, 2, 4, 3)
  q <- c(-20, -1, 0, 3, 50)
  here <- chisq_sum_tail(q, w, df, noise = 0.5)
  expect_equal(chisq_sum_tail(1e9 * q, 1e9 * w, df, 5e8), here, tolerance = 1e-12)
  expect_equal(chisq_sum_tail(q, rev(w), rev(df), 0.5), here, tolerance = 1e-12)
  expect_equal(1 - chisq_sum_tail(-q, -w, df, 0.5), here, tolerance = 1e-12)
  # equal weights in two pieces, and nothing of weight 0
  expect_equal(chisq_sum_tail(q, c(5, 1, 1, 0.2, -2, 0), c(1, 1, 1, 4, 3, 8), 0.5), here,
               tolerance = 1e-12)
})

test_that("ends and impossible values", {
  expect_identical(chisq_sum_tail(c(-1, 0, Inf, NA), c(1, 2)), c(1, 1, 0, NA))
  expect_identical(chisq_sum_tail(c(-Inf, 0, 1), c(-1, -2)), c(1, 0, 0))
  expect_identical(chisq_sum_tail(c(-1, 0, 1), numeric()), c(1, 0, 0))
  expect_equal(chisq_sum_tail(1, numeric(), noise = 2), pnorm(-0.5))
  expect_equal(chisq_sum_tail(-3, c(-1, -1)), pchisq(3, 2))
})

test_that("what cannot be is refused", {
  expect_snapshot(error = TRUE, {
    chisq_sum_tail("1", 1)
    chisq_sum_tail(1, c(1, NA))
    chisq_sum_tail(1, c(1, 2), c(1, 2, 3))
    chisq_sum_tail(1, 1, 0)
    chisq_sum_tail(1, 1, noise = -1)
  })
  expect_error(chisq_sum_tail(1, Inf), class = "gamut_error_argument")
  # degrees of freedom so few that the integrand is rough at any step
  expect_error(chisq_sum_tail(0, c(1, -1), 1e-3), class = "gamut_error_quadrature")
})
