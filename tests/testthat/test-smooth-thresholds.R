# Smooths of ordered categories enter all thresholds, with the sign of slopes.

threshold_data <- function() {
  withr::with_seed(1, {
    d <- data.frame(z = rnorm(300), x = runif(300), g = factor(sample(20, 300, TRUE)))
    d$y <- d$z + sin(6 * d$x) + rnorm(300) + rnorm(20)[d$g]
    d$ord <- cut(d$y, c(-Inf, -0.5, 0.5, 1.5, Inf), ordered_result = TRUE)
    d
  })
}

# The same model in two notations: Newton's steps end within roundings of each other.
same <- 1e-6
# Variances of smooths are of the expected information unless asked for otherwise, those
# beside bars of the observed one.
observed <- gamut_control(information = "observed")

test_that("a smooth without a penalty is its columns as covariates", {
  d <- threshold_data()
  smooth <- gamut(ord ~ z + s(x, bs = "cr", k = 4, fx = TRUE), data = d,
                  family = cumulative(), control = observed)
  columns <- piece_matrix(smooth$smooths[[1L]]$piece, list(x = d$x))
  d[c("b1", "b2", "b3")] <- as.data.frame(columns)
  plain <- gamut(ord ~ z + b1 + b2 + b3, data = d, family = cumulative(),
                 control = observed)
  new <- d[c(4, 50, 100), ]
  for (type in c("link", "response")) {
    found <- predict(smooth, new, type = type, se.fit = TRUE)
    expected <- predict(plain, new, type = type, se.fit = TRUE)
    expect_equal(found$fit, expected$fit, tolerance = same)
    expect_equal(found$se.fit, expected$se.fit, tolerance = same)
  }
  expect_equal(unname(predict(smooth, new, type = "lpmatrix")),
               unname(predict(plain, new, type = "lpmatrix")), ignore_attr = TRUE)
  terms <- predict(smooth, new, type = "terms")
  expected <- predict(plain, new, type = "terms")
  # centred columns of a smooth are not centred again
  expect_equal(unname(terms[, 2L] - mean(terms[, 2L])),
               unname(rowSums(expected[, 2:4]) - mean(rowSums(expected[, 2:4]))),
               tolerance = same)
  skip_if_not_installed("emmeans")
  at <- list(x = 0.3, z = 0.2)
  means <- as.data.frame(emmeans::emmeans(smooth, "x", at = at))
  point <- data.frame(x = 0.3, z = 0.2)
  expect_equal(means$emmean, unname(predict(smooth, point, type = "link")[, 1L]),
               tolerance = same, ignore_attr = TRUE)
})

test_that("random effects of thresholds have the errors of bars", {
  d <- threshold_data()
  smooth <- gamut(ord ~ z + s(g, bs = "re"), data = d, family = cumulative(),
                  control = observed)
  bars <- gamut(ord ~ z + (1 | g), data = d, family = cumulative(), method = "REML")
  expect_equal(as.numeric(logLik(smooth)), as.numeric(logLik(bars)), tolerance = 1e-7)
  new <- d[1:6, ]
  levels(new$g) <- c(levels(d$g), "new")
  new$g[5:6] <- "new"
  found <- predict(smooth, new, se.fit = TRUE, allow_new_levels = TRUE)
  expected <- predict(bars, new, se.fit = TRUE, allow_new_levels = TRUE)
  # the criterion ends within 1e-7 of its minimum
  expect_equal(found$fit, expected$fit, tolerance = 1e-4)
  expect_equal(found$se.fit, expected$se.fit, tolerance = 1e-4)
})
