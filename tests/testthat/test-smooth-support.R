test_that("the longest gap is found, relative to the range, with its place", {
  support <- smooth_support(c(3, 1, 2, 9, 11, 2, NA, Inf))
  expect_identical(support$range, c(1, 11))
  expect_identical(support$gap, 0.6)
  expect_identical(support$between, c(3, 9))
  expect_null(support$intervals)
  one <- smooth_support(c(4, 4, 4))
  expect_identical(one[c("gap", "between")],
                   list(gap = 0, between = c(NA_real_, NA_real_)))
})

test_that("data are counted between knots", {
  support <- smooth_support(c(-1, 0, 0.5, 1, 2.5, 3, 4), knots = c(3, 0, 1, 2))
  expect_identical(support$intervals,
                   data.frame(from = c(0, 1, 2), to = c(1, 2, 3), n = c(2L, 1L, 2L)))
  expect_identical(support$outside, 2L)
})

test_that("values of one covariate are inside, in a gap, or beyond the data", {
  x <- c(0, 1, 2, 3, 6, 7, 8, 9, 10)
  new <- c(-0.1, 0, 0.5, 3, 4, 5.9, 6, 10, 10.1, NA)
  expect_identical(as.character(support_flag(x, new, fraction = 0.2)),
                   c("extrapolated", "inside", "inside", "inside", "gap", "gap", "inside",
                     "inside", "extrapolated", NA))
  # a gap of 3 in 10 is not longer than this
  expect_false("gap" %in% support_flag(x, new, fraction = 0.3))
  expect_identical(levels(support_flag(x, 1)), c("inside", "gap", "extrapolated"))
  expect_identical(as.character(support_flag(c(2, 2), c(1, 2, 3))),
                   c("extrapolated", "inside", "extrapolated"))
  # by default a tenth
  expect_identical(as.character(support_flag(c(0, 89, 91, 100), c(90, 95))),
                   c("inside", "inside"))
  expect_identical(as.character(support_flag(c(0, 91, 100), c(90, 95))),
                   c("gap", "inside"))
})

test_that("points of several covariates are by their distance to the data", {
  withr::local_seed(1)
  for (columns in 2:3) {
    x <- matrix(stats::runif(40 * columns), 40) %*% diag(10^seq_len(columns))
    new <- matrix(stats::runif(200 * columns, -0.1, 1.1), 200) %*%
      diag(10^seq_len(columns))
    low <- apply(x, 2, min)
    width <- apply(x, 2, max) - low
    unit <- function(rows) t((t(rows) - low) / width)
    distance <- apply(unit(new), 1, function(row) {
      sqrt(min(colSums((t(unit(x)) - row)^2)))
    })
    beyond <- apply(unit(new), 1, function(row) any(row < 0 | row > 1))
    for (fraction in c(0.05, 0.1, 0.3, 1)) {
      expected <- ifelse(distance > fraction, "gap", "inside")
      expected[beyond] <- "extrapolated"
      expect_identical(as.character(support_flag(x, new, fraction)), expected)
    }
    expect_setequal(as.character(support_flag(x, new)),
                    c("inside", "gap", "extrapolated"))
  }
})

test_that("the distance to the data is that of mgcv's exclude.too.far()", {
  skip_if_no_peer("mgcv")
  withr::local_seed(2)
  x <- data.frame(a = c(0, 1, stats::runif(30)), b = c(1, 0, stats::runif(30)))
  new <- expand.grid(b = seq(0, 1, 0.09), a = seq(0, 1, 0.09))
  # the grid of mgcv is scaled to [0, 1] by the grid, so it has to reach the corners
  new <- rbind(new, data.frame(b = 1, a = 1))
  far <- mgcv::exclude.too.far(new$a, new$b, x$a, x$b, 0.1)
  expect_identical(support_flag(x, new) == "gap", far)
})

test_that("a covariate that does not vary has no gap", {
  x <- cbind(a = c(0, 0.05, 1), b = 5)
  new <- data.frame(b = c(5, 5, 6), a = c(0.02, 0.5, 0.02))
  expect_identical(as.character(support_flag(x, new)), c("inside", "gap", "extrapolated"))
})

test_that("what has no support is an error", {
  expect_snapshot(error = TRUE, {
    smooth_support(factor(1:3))
    smooth_support(c(NA, NaN))
    smooth_support(1:3, knots = 2)
    support_flag(1:3, 2, fraction = 0)
    support_flag(cbind(1:3, 2:4), 1:3)
    support_flag(c(NA, NA_real_), 1)
    support_flag("a", 1)
  })
})
