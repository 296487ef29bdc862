# What must hold of any fit with smooths, whatever the data: exact gradients, limits,
# and invariances.

smooth_data <- function(n = 200) {
  withr::with_seed(11, {
    d <- data.frame(x = runif(n), z = runif(n))
    d$y <- sin(6 * d$x) + d$z + rnorm(n, sd = 0.3)
    d$count <- rpois(n, exp(sin(6 * d$x) + 0.5))
    d$g <- factor(sample(letters[1:4], n, TRUE))
    d
  })
}
criterion_of <- function(fit) -as.numeric(logLik(fit, REML = TRUE))
lambda_of <- function(fit) unlist(lapply(fit$smooths, `[[`, "lambda"))
edf_of <- function(fit) vapply(fit$smooths, `[[`, 0, "edf")

# Criterion and gradient where the search stands, without a step
criterion_at <- function(fit, theta) {
  engine_fit_mixed(setup_of_fit(fit), theta, evaluations = 1L)
}

expect_exact_gradient <- function(fit, tolerance = 1e-5) {
  # away from the optimum, where every element is of order one
  theta <- fit$criterion$theta * 1.4
  theta[theta == 0] <- 0.05
  step <- 1e-4
  differences <- vapply(seq_along(theta), function(j) {
    moved <- lapply(c(1, -1), function(sign) {
      theta[j] <- theta[j] * (1 + sign * step)
      criterion_at(fit, theta)$criterion
    })
    (moved[[1L]] - moved[[2L]]) / (2 * step * theta[j])
  }, 0)
  # before them stand those of coefficients that are parameters of the criterion
  gradient <- utils::tail(criterion_at(fit, theta)$gradient, length(theta))
  expect_equal(gradient, differences, tolerance = tolerance)
}

test_that("gradients are derivatives of the criterion", {
  # central differences of steps 1e-4 are right to 1e-8, and modes to 1e-6 of others
  d <- smooth_data()
  expect_exact_gradient(gamut(y ~ s(x) + s(z), data = d), 1e-6)
  expect_exact_gradient(gamut(y ~ te(x, z, k = 4) + s(g, bs = "re"), data = d), 1e-6)
  expect_exact_gradient(gamut(count ~ s(x, bs = "ps") + te(x, z, k = 4),
                              family = poisson(), data = d))
  expect_exact_gradient(gamut(count ~ s(x), family = poisson("sqrt"), data = d,
                              method = "ML"))
  expect_exact_gradient(gamut(list(y ~ s(x), sigma ~ s(z)), data = d))
  expect_exact_gradient(gamut(y ~ s(x, by = g, id = 1) + t2(x, z, k = 4), data = d), 1e-6)
})

test_that("a smooth at its limit is the straight line of lm", {
  d <- smooth_data()
  d$y <- 2 * d$x + d$z + sin(40 * d$x) / 10
  fit <- gamut(y ~ s(z) + x, data = d)
  line <- lm(y ~ z + x, data = d)
  expect_identical(lambda_of(fit), Inf)
  # the null space is a column of the basis, which has some 1e-10 of rounding
  expect_equal(edf_of(fit), 1, tolerance = 1e-8)
  expect_equal(unname(fitted(fit)), unname(fitted(line)), tolerance = 1e-8)
  expect_equal(sigma(fit), sigma(line), tolerance = 1e-8)
  expect_equal(vcov(fit)["x", "x"], vcov(line)["x", "x"], tolerance = 1e-8)
  expect_equal(coef(fit)[["x"]], coef(line)[["x"]], tolerance = 1e-8)
  expect_equal(summary(fit)$smooths[["s(z)", "F"]],
               (coef(summary(line))["z", "t value"])^2, tolerance = 1e-6)
  d$count <- withr::with_seed(2, rpois(200, exp(1 + d$z)))
  fit <- gamut(count ~ s(z, bs = "cr"), family = poisson(), data = d)
  line <- glm(count ~ z, family = poisson(), data = d)
  expect_identical(lambda_of(fit), Inf)
  # glm stops on its deviance
  expect_equal(unname(fitted(fit)), unname(fitted(line)), tolerance = 1e-6)
})

test_that("without penalties a smooth is its basis in lm", {
  d <- smooth_data()
  fit <- gamut(y ~ s(x, fx = TRUE, k = 6) + s(z), data = d)
  columns <- predict(fit, type = "lpmatrix")[, 2:6]
  expect_identical(edf_of(fit)[1], 5)
  # with the coefficients of the other smooth as they are
  rest <- predict(fit, type = "terms")[, "s(z)"]
  line <- lm(y ~ columns, data = d, offset = rest)
  expect_equal(unname(fitted(fit)), unname(fitted(line)), tolerance = 1e-8)
  expect_equal(vcov(fit)[1, 1], fit$joint$bayesian[1, 1], tolerance = 1e-10)
})

# In another process, which a crash would end
runs <- function(...) {
  code <- paste("d <- data.frame(x = (1:60) / 60)", "d$y <- sin(6 * d$x) + cos(50 * d$x)",
                ..., sep = "; ")
  0L == suppressWarnings(system2(file.path(R.home("bin"), "Rscript"),
                                 c("-e", shQuote(code)), stdout = FALSE, stderr = FALSE,
                                 env = paste0("R_LIBS=",
                                              paste(.libPaths(), collapse = ":"))))
}

test_that("a model of smooths without penalties alone is that of lm and glm", {
  expect_true(runs("fit <- gamut::gamut(y ~ s(x), data = d)"))
  expect_true(runs(
    "fit <- gamut::gamut(y ~ s(x, fx = TRUE, k = 6), data = d)",
    "x <- predict(fit, type = 'lpmatrix')",
    "stopifnot(max(abs(fitted(fit) - fitted(lm(d$y ~ x - 1)))) < 1e-8)"
  ))
  d <- smooth_data()
  fit <- gamut(count ~ s(x, fx = TRUE, k = 6), family = poisson(), data = d)
  x <- predict(fit, type = "lpmatrix")
  expect_equal(unname(fitted(fit)),
               unname(fitted(glm(d$count ~ x - 1, family = poisson()))), tolerance = 1e-6)
})

test_that("a model whose smoothing parameters are all given is penalised least squares", {
  expect_true(runs(
    "fit <- gamut::gamut(y ~ s(x, sp = 0.3), data = d)",
    "x <- predict(fit, type = 'lpmatrix')",
    "s <- rbind(0, cbind(0, 0.3 * fit$smooths[[1]]$piece$S[[1]]))",
    "b <- solve(crossprod(x) + s, crossprod(x, d$y))",
    "stopifnot(max(abs(fitted(fit) - x %*% b)) < 1e-8)"
  ))
})

test_that("the order of rows and the number of threads do not matter", {
  # n over one block of rows, so that threads have something to share
  d <- smooth_data(6000)
  for (family in list(gaussian(), poisson())) {
    formula <- if (family$family == "poisson") count ~ s(x, bs = "cr") + s(z)
               else y ~ s(x, bs = "cr") + s(z)
    fit <- gamut(formula, data = d, family = family)
    two <- gamut(formula, data = d, family = family, control = gamut_control(threads = 2))
    expect_equal(criterion_of(two), criterion_of(fit), tolerance = 1e-12)
    expect_equal(lambda_of(two), lambda_of(fit), tolerance = 1e-6)
    order <- withr::with_seed(1, sample(nrow(d)))
    # knots and sums by other rounding; smoothing parameters by the tolerance of the
    # search
    other <- gamut(formula, data = d[order, ], family = family)
    expect_equal(criterion_of(other), criterion_of(fit), tolerance = 1e-9)
    expect_equal(unname(fitted(other)), unname(fitted(fit))[order], tolerance = 1e-5)
  }
})

test_that("replicated rows are weights", {
  d <- smooth_data()
  d$w <- rep(1:2, 100)
  twice <- d[rep(seq_len(nrow(d)), d$w), ]
  # knots of cr are quantiles of different values, and centring counts rows: an error of
  # the intercept alone, the criterion has it as a constant
  formula <- count ~ s(x, k = 8)
  weighted <- gamut(formula, family = poisson(), data = d, weights = w)
  repeated <- gamut(formula, family = poisson(), data = twice)
  expect_equal(unname(fitted(weighted))[rep(1:200, d$w)], unname(fitted(repeated)),
               tolerance = 1e-5)
  expect_equal(edf_of(weighted), edf_of(repeated), tolerance = 1e-4)
})

test_that("where zero is, and units, do not matter", {
  d <- smooth_data()
  for (bs in c("tp", "cr", "ps", "bs", "ad", "gp")) {
    fit <- gamut(y ~ s(x, bs = bs), data = d)
    shifted <- gamut(y ~ s(I(x + 1e6), bs = bs), data = d)
    scaled <- gamut(y ~ s(I(x * 1e6), bs = bs), data = d)
    # x + 1e6 has lost six of its digits: 1e-10 of the range. The search leaves the
    # criterion at 1e-9, so lambda and fitted values at the root of that.
    expect_equal(criterion_of(shifted), criterion_of(fit), tolerance = 1e-9)
    expect_equal(unname(fitted(shifted)), unname(fitted(fit)), tolerance = 1e-5)
    # a line that gp leaves in its units is unpenalised: a constant of REML; and beside
    # the columns of the process its square takes twelve more digits in the normal
    # equations. Along the five parameters of ad the criterion is nearly flat.
    constant <- if (bs == "gp") log(1e6) else 0
    expect_equal(criterion_of(scaled) - constant, criterion_of(fit),
                 tolerance = if (bs %in% c("gp", "ad")) 1e-8 else 1e-9)
    expect_equal(unname(fitted(scaled)), unname(fitted(fit)), tolerance = 1e-5)
  }
})

test_that("a response far from zero keeps its digits", {
  d <- smooth_data()
  fit <- gamut(y ~ s(x) + s(z), data = d)
  far <- gamut(I(y + 1e8) ~ s(x) + s(z), data = d)
  # y + 1e8 is rounded to 1.5e-8
  expect_equal(criterion_of(far), criterion_of(fit), tolerance = 1e-7)
  expect_equal(edf_of(far), edf_of(fit), tolerance = 1e-5)
  expect_lt(max(abs(fitted(far) - 1e8 - fitted(fit))), 1e-6)
})

test_that("smooths of what is nearly one covariate", {
  skip_if_no_peer("mgcv")
  d <- smooth_data()
  d$other <- d$x + withr::with_seed(3, rnorm(200)) * 1e-3
  fit <- gamut(y ~ s(x) + s(other), data = d)
  s <- mgcv::s
  peer <- suppressWarnings(mgcv::gam(y ~ s(x) + s(other), data = d, method = "REML"))
  # mgcv stops before the limits
  expect_lt(criterion_of(fit), peer$gcv.ubre + 1e-4)
  expect_gt(criterion_of(fit), peer$gcv.ubre - 1e-2)
  expect_equal(sum(edf_of(fit)), sum(peer$edf) - 1, tolerance = 1e-2)
  # 1e-6 apart: all but four digits of what tells them apart are gone in cross-products.
  # Whatever it finds, it must not claim convergence and be worse than mgcv.
  d$other <- d$x + withr::with_seed(3, rnorm(200)) * 1e-6
  fit <- suppressWarnings(gamut(y ~ s(x) + s(other), data = d))
  peer <- suppressWarnings(mgcv::gam(y ~ s(x) + s(other), data = d, method = "REML"))
  expect_true(!fit$convergence$converged ||
                criterion_of(fit) < peer$gcv.ubre + 1e-3)
  expect_lt(max(abs(fitted(fit) - fitted(peer))), 0.3 * sigma(fit))
})

test_that("few values of a covariate", {
  d <- smooth_data()
  d$three <- rep(1:3, length.out = 200)
  expect_message(fit <- gamut(y ~ s(three), data = d), class = "gamut_message_basis")
  expect_lte(edf_of(fit), 2)
  # all that three values can say
  expect_lt(criterion_of(fit), Inf)
  free <- suppressMessages(gamut(y ~ s(three, fx = TRUE) + s(x), data = d))
  expect_identical(edf_of(free)[1], 2)
  d$two <- rep(1:2, 100)
  expect_error(gamut(y ~ s(two), data = d), class = "gamut_error_smooth")
  expect_error(gamut(y ~ s(two, bs = "cr"), data = d), "2", class = "gamut_error_smooth")
})

test_that("separated binary data are said to be", {
  d <- smooth_data()
  d$success <- as.numeric(d$x > 0.5)
  expect_warning(fit <- gamut(success ~ s(x), family = binomial(), data = d),
                 class = "gamut_warning_separation")
  expect_false(fit$convergence$converged)
  # coefficients by their names
  expect_no_match(fit$convergence$message, "`NA`")
  expect_warning(fit <- gamut(success ~ x + s(z), family = binomial(), data = d),
                 class = "gamut_warning_separation")
  expect_match(fit$convergence$message, "`x`")
  expect_no_match(fit$convergence$message, "`NA`")
})

test_that("fits can be saved, updated, and do without their data", {
  d <- smooth_data()
  fit <- gamut(y ~ s(x) + s(z), data = d)
  file <- withr::local_tempfile()
  saveRDS(fit, file)
  again <- readRDS(file)
  expect_identical(predict(again, d), predict(fit, d))
  expect_identical(summary(again)$smooths, summary(fit)$smooths)
  without <- update(fit, . ~ . - s(z))
  expect_identical(criterion_of(without), criterion_of(gamut(y ~ s(x), data = d)))
  with <- update(fit, . ~ . + g)
  expect_length(coef(with), 4L)
  expect_identical(update(fit, method = "ML")$method, "ML")
  light <- gamut(y ~ s(x) + s(z), data = d, control = gamut_control(keep_data = FALSE))
  expect_null(light$frame$variables)
  expect_equal(predict(light, d, se.fit = TRUE), predict(fit, d, se.fit = TRUE),
               tolerance = 1e-14)
  expect_equal(summary(light)$smooths, summary(fit)$smooths, tolerance = 1e-14)
  expect_error(AIC(light, type = "conditional"), class = "gamut_error_data")
})

test_that("methods other than REML and ML are refused", {
  d <- smooth_data(50)
  expect_error(gamut(y ~ s(x), data = d, method = "GCV.Cp"),
               class = "gamut_error_argument")
  expect_error(gamut(y ~ s(x), data = d, bias_reduction = TRUE),
               class = "gamut_error_argument")
  expect_error(fit_glm(y ~ s(x), data = d), class = "gamut_error")
  expect_error(gamut(y ~ x, data = d, select = TRUE), class = "gamut_error_argument")
})

test_that("what loses all that it has is no error in tests of smooths", {
  withr::with_seed(21, {
    d <- data.frame(x = runif(150), g = factor(sample(c("a", "b", "c"), 150, TRUE)))
    d$y <- d$x + rnorm(150) * 0.4
  })
  fit <- gamut(y ~ s(x) + s(x, by = g), data = d)
  table <- summary(fit)$smooths
  expect_identical(nrow(table), 4L)
  expect_true(is.finite(AIC(fit, type = "conditional")))
  expect_true(all(is.finite(predict(fit, se.fit = TRUE, unconditional = TRUE)$se.fit)))
})

test_that("a limit that the criterion falls away from is none", {
  withr::with_seed(17172, {
    n <- 60
    d <- data.frame(x = runif(n), z = runif(n))
    e <- sin(5 * d$x) * 0.4 + 0.3 * (d$z > 0.5)
    d$y <- rnbinom(n, mu = exp(e), size = 1.5)
  })
  fit <- gamut(y ~ s(x, k = 8) + s(z, k = 8), data = d, family = negbinomial())
  near <- gamut(y ~ s(x, k = 8) + s(z, k = 8), data = d, family = negbinomial(),
                start = list(theta = c(1.9, 0.35)))
  expect_lt(criterion_of(fit), criterion_of(near) + 1e-6)
})

test_that("deviances and cross-validation know weights", {
  withr::with_seed(2, {
    d <- data.frame(x = runif(200), w = runif(200, 0.1, 3))
    d$g <- rgamma(200, 20, 20 / exp(sin(6 * d$x)))
  })
  skip_if_no_peer("mgcv")
  s <- mgcv::s
  for (method in c("GCV", "REML")) {
    fit <- gamut(g ~ s(x), data = d, family = Gamma("log"), weights = w, method = method)
    peer <- mgcv::gam(g ~ s(x), data = d, family = Gamma("log"), weights = w,
                      method = if (method == "GCV") "GCV.Cp" else "REML")
    expect_equal(deviance(fit), deviance(peer), tolerance = 1e-3)
    expect_equal(sum(edf_of(fit)), sum(peer$edf) - 1, tolerance = 1e-2)
  }
})
