# New levels of factors in smooths that are draws from a population.

level_data <- function(n = 300) {
  withr::with_seed(31, {
    d <- data.frame(x = runif(n), v = runif(n, 1, 2),
                    g = factor(sample(letters[1:6], n, TRUE), levels = letters[1:7]))
    b <- rnorm(7)
    d$y <- sin(6 * d$x) + b[d$g] * d$x + rnorm(n, sd = 0.3)
    d$g <- droplevels(d$g)
    d
  })
}
level_rows <- function() {
  data.frame(x = c(0.3, 0.3, 0.8), v = 1.5, g = c("a", "new", "other"))
}
allowed <- function(fit, ...) {
  predict(fit, level_rows(), se.fit = TRUE, allow_new_levels = TRUE, type = "link", ...)
}

test_that("random effects as smooths are those of bars", {
  d <- level_data()
  pairs <- list(
    list(y ~ s(x) + s(g, bs = "re") + s(g, x, bs = "re"), y ~ s(x) + (x || g)),
    list(y ~ s(g, bs = "re", by = v), y ~ (0 + v | g))
  )
  for (pair in pairs) {
    smooth <- allowed(gamut(pair[[1L]], data = d))
    bars <- allowed(gamut(pair[[2L]], data = d))
    # where the searches end
    expect_equal(smooth$fit, bars$fit, tolerance = 1e-5)
    expect_equal(smooth$se.fit, bars$se.fit, tolerance = 1e-5)
  }
})

test_that("the curve of a new level is a draw from the penalty", {
  d <- level_data()
  fit <- gamut(y ~ s(x) + s(x, g, bs = "fs", k = 5), data = d)
  smooth <- fit$smooths[[2L]]
  curve <- seq_len(5L)
  # each function has one of the penalties, of which one may be infinite
  variance <- 0
  for (j in seq_along(smooth$lambda)) {
    own <- diag(smooth$piece$S[[j]])[curve]
    variance <- variance + (own > 0) / (pmax(own, 1e-300) * smooth$lambda[j])
  }
  rows <- level_rows()
  x <- predict(fit, transform(rows, g = "a"), type = "lpmatrix")
  own <- x[, paste0("s(x,g).", curve)]
  prior <- drop(own^2 %*% variance) * fit$dispersion
  at <- allowed(fit)
  without <- allowed(fit, exclude = "s(x,g)")
  expect_equal(at$fit[2:3], without$fit[2:3])
  expect_equal(at$se.fit[2:3]^2, (without$se.fit^2 + prior)[2:3], tolerance = 1e-8)
  expect_equal(at$fit[1L], predict(fit, rows[1L, ]))
  terms <- predict(fit, rows, type = "terms", se.fit = TRUE, allow_new_levels = TRUE)
  expect_equal(unname(terms$fit[2:3, "s(x,g)"]), c(0, 0))
  expect_equal(unname(terms$se.fit[2:3, "s(x,g)"]^2), unname(prior[2:3]))
  missing <- predict(fit, rows, allow_new_levels = "missing")
  expect_identical(unname(is.na(missing)), c(FALSE, TRUE, TRUE))
})

test_that("a prior in a family with a dispersion is that of random effects", {
  d <- level_data()
  d$positive <- exp(d$y)
  smooth <- gamut(positive ~ s(g, bs = "re"), data = d, family = Gamma("log"))
  bars <- gamut(positive ~ (1 | g), data = d, family = Gamma("log"), method = "REML")
  # where the searches end
  expect_equal(allowed(smooth)$se.fit[2:3], allowed(bars)$se.fit[2:3], tolerance = 1e-4)
})

test_that("what is not allowed, or has no law, names levels and rows", {
  d <- level_data()
  curves <- gamut(y ~ s(x) + s(x, g, bs = "fs", k = 5), data = d)
  deviations <- gamut(y ~ s(x) + s(x, g, bs = "sz", k = 5), data = d)
  both <- gamut(y ~ s(x, by = g) + s(g, bs = "re"), data = d)
  d$g <- factor(d$g, levels = letters[1:7])
  unused <- gamut(y ~ s(x, g, bs = "fs", k = 5), data = d)
  rows <- level_rows()
  expect_snapshot(error = TRUE, {
    predict(curves, rows)
    predict(deviations, rows, allow_new_levels = TRUE)
    predict(both, rows, allow_new_levels = TRUE)
    simulate(curves, newdata = rows, allow_new_levels = TRUE)
  })
  # a level of the factor without rows has no curve either
  seventh <- data.frame(x = 0.3, g = "g")
  expect_error(predict(unused, seventh), class = "gamut_error_newdata")
  expect_equal(predict(unused, seventh, allow_new_levels = TRUE, se.fit = TRUE),
               predict(unused, data.frame(x = 0.3, g = "new"), allow_new_levels = TRUE,
                       se.fit = TRUE))
})
