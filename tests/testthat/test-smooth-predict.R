# Predictions of fits with smooths: against mgcv, and against each other.

predict_data <- function(n = 200) {
  withr::with_seed(31, {
    d <- data.frame(x = runif(n), z = runif(n), v = runif(n, 1, 2))
    d$g <- factor(sample(c("a", "b", "c"), n, TRUE))
    d$y <- sin(6 * d$x) * d$v + (d$g == "b") * d$z + rnorm(n, sd = 0.3)
    d$count <- rpois(n, exp(1 + sin(6 * d$x)))
    d
  })
}
new_rows <- function() {
  data.frame(x = c(-0.2, 0.1, 0.5, 1.3), z = c(0.1, 0.9, 0.5, 0.2), v = c(1, 2, 1.5, 1),
             g = factor(c("c", "a", "b", "b"), levels = c("a", "b", "c")))
}
model <- y ~ g + s(x, by = v) + s(z, bs = "cr", by = g) + te(x, z, k = 4)

test_that("predictions at the rows of the fit are its fitted values", {
  d <- predict_data()
  for (formula in list(model, y ~ s(x, bs = "ps") + s(g, bs = "re"),
                       y ~ s(x, g, bs = "fs", k = 5), y ~ s(x, z, k = 15))) {
    fit <- gamut(formula, data = d)
    # other sums of the same products
    expect_equal(unname(predict(fit, d)), unname(fitted(fit)), tolerance = 1e-10)
    expect_equal(unname(predict(fit)), unname(fitted(fit)), tolerance = 1e-10)
    # whatever the rows that stand beside
    expect_equal(unname(predict(fit, d[c(7, 3), ])), unname(fitted(fit)[c(7, 3)]),
                 tolerance = 1e-10)
  }
})

test_that("standard errors are mgcv's", {
  skip_if_no_peer("mgcv")
  d <- predict_data()
  s <- mgcv::s
  te <- mgcv::te
  check <- function(formula, family = gaussian(), se = 1e-5) {
    fit <- gamut(formula, data = d, family = family)
    peer <- mgcv::gam(formula, data = d, family = family, method = "REML",
                      control = mgcv::gam.control(newton = list(conv.tol = 1e-9)))
    for (rows in list(d, new_rows())) {
      ours <- predict(fit, rows, type = "link", se.fit = TRUE)
      theirs <- predict(peer, rows, se.fit = TRUE)
      expect_equal(as.vector(ours$fit), as.vector(theirs$fit), tolerance = se)
      expect_equal(as.vector(ours$se.fit), as.vector(theirs$se.fit), tolerance = se)
    }
    terms <- predict(fit, new_rows(), type = "terms", se.fit = TRUE)
    theirs <- predict(peer, new_rows(), type = "terms", se.fit = TRUE)
    expect_setequal(colnames(terms$fit), colnames(theirs$fit))
    # parametric terms are not centred in mgcv
    smooths <- grep("^s\\(", colnames(theirs$fit), value = TRUE)
    expect_equal(unname(terms$se.fit[, smooths, drop = FALSE]),
                 unname(theirs$se.fit[, smooths, drop = FALSE]), tolerance = se)
  }
  # what the searches leave of lambda: 1e-5
  check(y ~ s(x, bs = "cr") + g + v)
  check(y ~ s(x, bs = "ps", by = v) + s(g, bs = "re"))
  check(count ~ s(x), poisson())
  response <- predict(gamut(count ~ s(x), data = d, family = poisson()), new_rows(),
                      type = "response", se.fit = TRUE)
  peer <- mgcv::gam(count ~ s(x), data = d, family = poisson(), method = "REML",
                    control = mgcv::gam.control(newton = list(conv.tol = 1e-9)))
  theirs <- predict(peer, new_rows(), type = "response", se.fit = TRUE)
  expect_equal(as.vector(response$se.fit), as.vector(theirs$se.fit), tolerance = 1e-5)
})

test_that("terms sum to the linear predictor", {
  d <- predict_data()
  fit <- gamut(update(model, ~ . + offset(v)), data = d)
  for (rows in list(d, new_rows())) {
    terms <- predict(fit, rows, type = "terms")
    link <- predict(fit, rows, type = "link")
    expect_identical(nrow(terms), nrow(rows))
    # offsets are in the link, and no term
    sums <- rowSums(terms) + attr(terms, "constant") + rows$v
    expect_equal(unname(sums), unname(link), tolerance = 1e-10)
  }
})

test_that("parametric terms beside smooths have their standard errors", {
  d <- predict_data()
  fit <- gamut(y ~ v + s(x), data = d)
  se <- predict(fit, new_rows(), type = "terms", se.fit = TRUE)$se.fit[, "v"]
  # centred at the mean over the data, as predict.lm() has them
  expect_equal(as.vector(se),
               abs(new_rows()$v - mean(d$v)) * sqrt(fit$joint$bayesian[2, 2]),
               tolerance = 1e-8)
})

test_that("the linear predictor matrix times the coefficients is the linear predictor", {
  d <- predict_data()
  for (family in list(gaussian(), poisson())) {
    formula <- if (family$family == "poisson") count ~ g + s(x, by = v) + s(z)
               else model
    fit <- gamut(formula, data = d, family = family)
    x <- predict(fit, new_rows(), type = "lpmatrix")
    all <- coef(fit, "all")
    expect_identical(colnames(x), names(all))
    expect_equal(drop(x %*% all), predict(fit, new_rows(), type = "link"),
                 tolerance = 1e-12, ignore_attr = TRUE)
    v <- fit$joint$bayesian
    se <- predict(fit, new_rows(), type = "link", se.fit = TRUE)$se.fit
    expect_equal(sqrt(rowSums((x %*% v) * x)), as.vector(se), tolerance = 1e-10,
                 ignore_attr = TRUE)
  }
  # of several linear predictors, each its own
  fit <- gamut(list(y ~ s(x), sigma ~ s(z)), data = d)
  x <- predict(fit, new_rows(), type = "lpmatrix")
  expect_equal(drop(x %*% coef(fit, "all")[colnames(x)]),
               predict(fit, new_rows(), type = "link"), tolerance = 1e-12,
               ignore_attr = TRUE)
})

test_that("terms that are excluded count as zero", {
  d <- predict_data()
  fit <- gamut(y ~ g + s(x) + s(z), data = d)
  terms <- predict(fit, new_rows(), type = "terms")
  whole <- predict(fit, new_rows(), type = "link")
  without <- predict(fit, new_rows(), type = "link", exclude = "s(x)")
  expect_equal(unname(whole - without), unname(terms[, "s(x)"]), tolerance = 1e-10)
  both <- predict(fit, new_rows(), type = "link", exclude = c("s(x)", "s(z)"))
  expect_equal(unname(whole - both), unname(terms[, "s(x)"] + terms[, "s(z)"]),
               tolerance = 1e-10)
  x <- predict(fit, new_rows(), type = "lpmatrix", exclude = "s(z)")
  expect_true(all(x[, grep("s(z)", colnames(x), fixed = TRUE)] == 0))
  se <- predict(fit, new_rows(), type = "link", exclude = "s(z)", se.fit = TRUE)$se.fit
  expect_equal(as.vector(se), sqrt(rowSums((x %*% fit$joint$bayesian) * x)),
               tolerance = 1e-10, ignore_attr = TRUE)
  expect_error(predict(fit, new_rows(), exclude = "s(q)"), "exclude",
               class = "gamut_error_argument")
  expect_error(predict(fit, new_rows(), exclude = 2), class = "gamut_error_argument")
})

test_that("beyond the data cubic splines go on as straight lines", {
  d <- predict_data()
  for (bs in c("tp", "cr")) {
    fit <- gamut(y ~ s(x, bs = bs), data = d)
    at <- predict(fit, data.frame(x = c(2, 3, 4)))
    expect_equal(at[[2]], mean(at[c(1, 3)]), tolerance = 1e-9)
  }
  fit <- gamut(y ~ s(x, bs = "cc"), data = d, knots = list(x = c(0, 1)))
  expect_equal(predict(fit, data.frame(x = 0.2)), predict(fit, data.frame(x = 1.2)),
               tolerance = 1e-9, ignore_attr = TRUE)
})

test_that("missing values and unknown levels in new data", {
  d <- predict_data()
  fit <- gamut(y ~ s(x) + s(z, by = g) + s(g, bs = "re"), data = d)
  rows <- new_rows()
  rows$x[2] <- NA
  at <- predict(fit, rows)
  expect_identical(unname(is.na(at)), c(FALSE, TRUE, FALSE, FALSE))
  expect_equal(at[-2], predict(fit, rows[-2, ]), ignore_attr = TRUE, tolerance = 1e-12)
  expect_error(predict(fit, rows[, c("z", "g")]), "x", class = "gamut_error")
})

test_that("rows are flagged by the data of their own level", {
  d <- predict_data()
  d <- d[!(d$g == levels(d$g)[1L] & d$x > 0.4), ]
  fit <- gamut(y ~ g + s(x, by = g), data = d)
  new <- data.frame(x = c(0.2, 0.9, 0.9, 3), g = levels(d$g)[c(1, 1, 2, 2)])
  flags <- attr(predict(fit, new, flag = TRUE), "support")
  expect_identical(as.character(flags),
                   c("inside", "extrapolated", "inside", "extrapolated"))
  curves <- gamut(y ~ s(x, g, bs = "fs", k = 5), data = d)
  flags <- attr(predict(curves, new, flag = TRUE), "support")
  expect_identical(as.character(flags),
                   c("inside", "extrapolated", "inside", "extrapolated"))
})

test_that("exclude and unconditional beside random effects", {
  d <- predict_data()
  d$h <- gl(20, 10)
  bars <- gamut(y ~ s(x) + s(z) + (1 | h), data = d)
  smooth <- gamut(y ~ s(x) + s(z) + s(h, bs = "re"), data = d)
  new <- cbind(new_rows(), h = c("1", "3", "5", "7"))
  at <- function(fit, ...) predict(fit, new, type = "link", se.fit = TRUE, ...)
  # where the searches end
  expect_equal(at(bars), at(smooth), tolerance = 1e-5)
  expect_equal(at(bars, exclude = "s(x)"), at(smooth, exclude = "s(x)"),
               tolerance = 1e-5)
  more <- at(bars, unconditional = TRUE)$se.fit^2 - at(bars)$se.fit^2
  alone <- at(bars, re.form = NA, unconditional = TRUE)$se.fit^2 -
    at(bars, re.form = NA)$se.fit^2
  expect_equal(more, alone)
  expect_true(all(more > 0))
  fixed <- gamut(y ~ v + s(x) + (1 | h), data = d)
  expect_error(at(fixed, exclude = "v"), "exclude", class = "gamut_error_unsupported")
  expect_length(predict(fixed, new, exclude = "v"), 4L)
})
