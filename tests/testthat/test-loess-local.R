# local_fits(): neighbours, weights and local polynomials.

test_that("the polynomials are weighted least squares of their rows", {
  d <- loess_data()
  d$f <- factor(rep(1:2, 60))
  cases <- list(list(y ~ a), list(y ~ a + b), list(y ~ b + a, parametric = "b"),
                list(y ~ a + b, drop.square = "b"), list(y ~ a, degree = 1),
                list(y ~ a + b, degree = 0), list(y ~ a + f, parametric = "f"),
                list(y ~ a + b, family = "symmetric"))
  for (case in cases) {
    fit <- do.call(fit_loess, c(list(case[[1L]], d, weights = quote(w)), case[-1L]))
    one <- local_fits(fit, d[40, ])[[1L]]
    x <- fit$x[one$rows, , drop = FALSE]
    centred <- sweep(x, 2L, unlist(one$place[colnames(x)]))
    columns <- vapply(names(one$coefficients), function(name) {
      if (name == "(Level)") return(rep(1, nrow(x)))
      if (endsWith(name, "^2")) return(centred[, sub("^2", "", name, fixed = TRUE)]^2)
      parts <- strsplit(name, ":", fixed = TRUE)[[1L]]
      apply(centred[, parts, drop = FALSE], 1L, prod)
    }, numeric(nrow(x)))
    expect_equal(one$weights, one$kernel * d$w[one$rows] * fit$robust[one$rows])
    brute <- lm.wfit(columns, d$y[one$rows], one$weights)
    # normal equations against QR
    expect_equal(one$coefficients, coef(brute), tolerance = 1e-8,
                 label = deparse1(case[[1L]]))
  }
})

test_that("weights are tricubes of distances in scaled predictors", {
  d <- loess_data()
  fit <- fit_loess(y ~ a + b, d)
  one <- local_fits(fit, d[7, ])[[1L]]
  z <- sweep(sweep(fit$x, 2L, fit$x[7, ]), 2L, fit$divisor, "/")
  distance <- sqrt(rowSums(z^2))
  # the farthest of 75 % has weight 0
  expect_equal(one$radius, sort(distance)[90])
  expect_setequal(one$rows, which(distance < one$radius))
  expect_equal(one$kernel, (1 - (distance[one$rows] / one$radius)^3)^3)
})

test_that("rows of a level are those of the data, and places say their level", {
  d <- loess_data()
  d$f <- factor(rep(c("u", "v"), 60))
  fits <- local_fits(fit_loess(y ~ a + f, d), data.frame(a = 0.5, f = c("v", "u")))
  expect_true(all(d$f[fits[[1L]]$rows] == "v"))
  expect_identical(as.character(fits[[2L]]$place$f), "u")
  expect_output(print(fits), "2 local regressions")
  expect_length(local_fits(fit_loess(y ~ a, d)), 120L)
  expect_output(print(local_fits(fit_loess(y ~ a, d))), "and 100 more")
  expect_error(local_fits(lm(y ~ a, d)), class = "gamut_error_argument")
  expect_error(local_fits(fit_loess(y ~ a, d), span = 3), class = "gamut_error_argument")
})
