# NIST Statistical Reference Datasets: certified values, computed with 500 digits.
# "Digits" is the log relative error of McCullough (1998). The QR decomposition of lm()
# on the same problem sets the mark: ours may have fewer digits by the scatter of
# rounding errors, one digit, or must have 13, which is as good as a double can tell.
# That is for coefficients and the residual standard deviation. Standard errors come
# from cross-products, whose scaled pivots may be as small as 1e-6 before QR takes over:
# of 16 digits at least 9 are left.
# Source: https://www.itl.nist.gov/div898/strd/

polynomial <- function(degree, response = "y") {
  powers <- if (degree > 1) sprintf("I(x^%d)", 2:degree)
  stats::reformulate(c("x", powers), response)
}

expect_digits_of_qr <- function(formula, data, estimate, error, sigma, tolerance = 1e-11,
                                scatter = 1) {
  fit <- gamut(formula, data = data)
  testthat::expect_true(fit$convergence$converged)
  qr <- stats::lm(formula, data, tol = tolerance)
  table <- stats::coef(suppressWarnings(summary(qr)))
  expect_digits <- function(ours, theirs, certified, what, enough = 13) {
    ours <- min(lre(ours, certified))
    theirs <- min(lre(theirs, certified))
    testthat::expect(ours >= min(theirs, enough) - scatter, sprintf(
      "%s: %.1f digits of the %s, QR has %.1f", deparse1(formula), ours, what, theirs
    ))
  }
  expect_digits(coef(fit), table[, 1L], estimate, "coefficients")
  if (any(error > 0)) {
    expect_digits(standard_errors(fit), table[, 2L], error, "standard errors",
                  enough = 10)
    expect_digits(sqrt(fit$dispersion), suppressWarnings(summary(qr))$sigma, sigma,
                  "residual standard deviation")
  } else {
    # a perfect fit: residuals are rounding errors of the response
    size <- max(abs(stats::model.response(stats::model.frame(qr))))
    testthat::expect_lt(sqrt(fit$dispersion), 1e-13 * size)
  }
  invisible(fit)
}

test_that("Norris: lower difficulty", {
  expect_digits_of_qr(
    y ~ x, nist_data("norris"), c(-0.262323073774029, 1.00211681802045),
    c(0.232818234301152, 0.429796848199937e-03), 0.884796396144373
  )
})

test_that("Pontius: lower difficulty", {
  expect_digits_of_qr(
    polynomial(2), nist_data("pontius"),
    c(0.673565789473684e-03, 0.732059160401003e-06, -0.316081871345029e-14),
    c(0.107938612033077e-03, 0.157817399981659e-09, 0.486652849992036e-16),
    0.205177424076185e-03
  )
})

test_that("NoInt1 and NoInt2: average difficulty, no intercept", {
  expect_digits_of_qr(y ~ 0 + x, data.frame(x = 60:70, y = 130:140), 2.07438016528926,
                      0.165289256198347e-01, 3.56753034006338)
  expect_digits_of_qr(y ~ 0 + x, data.frame(x = 4:6, y = c(3, 4, 4)), 0.727272727272727,
                      0.420827318078432e-01, 0.369274472937998)
})

test_that("Longley: higher difficulty", {
  # datasets::longley has the predictors in units a thousand or ten times larger
  d <- data.frame(y = 1000 * datasets::longley$Employed,
                  deflator = datasets::longley$GNP.deflator,
                  gnp = 1000 * datasets::longley$GNP,
                  unemployed = 10 * datasets::longley$Unemployed,
                  armed = 10 * datasets::longley$Armed.Forces,
                  population = 1000 * datasets::longley$Population,
                  year = datasets::longley$Year)
  d[] <- lapply(d, function(v) round(v, 1))
  expect_digits_of_qr(
    y ~ ., d,
    c(-3482258.63459582, 15.0618722713733, -0.358191792925910e-01, -2.02022980381683,
      -1.03322686717359, -0.511041056535807e-01, 1829.15146461355),
    c(890420.383607373, 84.9149257747669, 0.334910077722432e-01, 0.488399681651699,
      0.214274163161675, 0.226073200069370, 455.478499142212), 304.854073561965
  )
})

test_that("Wampler1 to Wampler5: higher difficulty", {
  d <- nist_data("wampler")
  errors <- c(2152.32624678170, 2363.55173469681, 779.343524331583, 101.475507550350,
              5.64566512170752, 0.112324854679312)
  expect_digits_of_qr(polynomial(5, "y1"), d, rep(1, 6), rep(0, 6), 0)
  expect_digits_of_qr(polynomial(5, "y2"), d, 10^(0:-5), rep(0, 6), 0)
  expect_digits_of_qr(polynomial(5, "y3"), d, rep(1, 6), errors, 2360.14502379268)
  expect_digits_of_qr(polynomial(5, "y4"), d, rep(1, 6), 100 * errors, 236014.502379268)
  expect_digits_of_qr(polynomial(5, "y5"), d, rep(1, 6), 1e4 * errors, 23601450.2379268)
})

filip <- list(
  estimate = c(-1467.48961422980, -2772.17959193342, -2316.37108160893,
               -1127.97394098372, -354.478233703349, -75.1242017393757,
               -10.8753180355343, -1.06221498588947, -0.670191154593408e-01,
               -0.246781078275479e-02, -0.402962525080404e-04),
  error = c(298.084530995537, 559.779865474950, 466.477572127796, 227.204274477751,
            71.6478660875927, 15.2897178747400, 2.23691159816033, 0.221624321934227,
            0.142363763154724e-01, 0.535617408889821e-03, 0.896632837373868e-05)
)

test_that("Filip: higher difficulty, condition number 1e15", {
  # glm() keeps all 11 columns too: its tolerance is 1e-11
  expect_digits_of_qr(polynomial(10), nist_data("filip"), filip$estimate, filip$error,
                      0.334801051324544e-02)
})

test_that("Filip in another order of its columns and rows has the same digits", {
  d <- nist_data("filip")[c(82:41, 1:40), ]
  reversed <- stats::reformulate(c(sprintf("I(x^%d)", 10:2), "x"), "y")
  expect_digits_of_qr(reversed, d, filip$estimate[c(1, 11:2)], filip$error[c(1, 11:2)],
                      0.334801051324544e-02)
})

# --- nonlinear problems that are generalised linear models -------------------------
# Certified to 11 digits; an estimate is to have 9 of them.

test_that("DanWood, lower difficulty, is gaussian with a log link", {
  fit <- gamut(y ~ log(x), family = gaussian("log"), data = nist_data("danwood"))
  expect_gt(lre(exp(coef(fit)[1L]), 7.6886226176e-01), 9)
  expect_gt(lre(coef(fit)[2L], 3.8604055871), 9)
  expect_gt(lre(fit$deviance, 4.3173084083e-03), 9)
  # NIST's standard errors are those of expected information; of exp(b0) by its
  # derivative
  se <- standard_errors(fit) * c(exp(coef(fit)[[1L]]), 1)
  expect_gt(min(lre(se, c(1.8281973860e-02, 5.1726610913e-02))), 7)
})

test_that("Eckerle4, higher difficulty, is gaussian with a log link", {
  # (b1/b2) exp(-(x - b3)^2 / (2 b2^2)): a parabola on the log scale, far from zero
  d <- nist_data("eckerle4")
  fit <- gamut(y ~ x + I(x^2), family = gaussian("log"), data = d)
  expect_true(fit$convergence$converged)
  expect_gt(lre(fit$deviance, 1.4635887487e-03), 9)
  b <- unname(coef(fit))
  width <- sqrt(-0.5 / b[3L])
  centre <- b[2L] * width^2
  height <- exp(b[1L] + centre^2 / (2 * width^2))
  # the constant term is -6000 and cancels against x^2: 4 digits are lost
  expect_gt(lre(width, 4.0888321754), 8)
  expect_gt(lre(centre, 4.5154121844e+02), 9)
  expect_gt(lre(height * width, 1.5543827178), 7)
})
