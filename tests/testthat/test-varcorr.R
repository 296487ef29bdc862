# Values are compared with lme4's in test-ranef.R.

test_that("scaled by sigma, as nlme's generic has it", {
  fit <- orthodont_fit()
  twice <- VarCorr(fit, sigma = 2)
  expect_equal(attr(twice, "sc"), 2 * attr(VarCorr(fit), "sc"))
  expect_equal(attr(twice$Subject, "stddev"), 2 * attr(VarCorr(fit)$Subject, "stddev"))
  expect_equal(attr(twice$Subject, "correlation"),
               attr(VarCorr(fit)$Subject, "correlation"))
  expect_snapshot(VarCorr(fit, sigma = -1), error = TRUE)
})

test_that("an effect without variance has no correlation", {
  d <- data.frame(g = gl(6, 5), x = rep(-2:2, 6))
  # the residuals of each group are orthogonal to x, so that slopes are alike
  d$y <- rep(c(1, 5, 2, 8, 3, 9), each = 5) + 0.5 * d$x + rep(c(1, -2, 2, -2, 1), 6)
  table <- as.data.frame(VarCorr(gamut(y ~ x + (x || g), data = d)))
  expect_identical(table$sdcor[2L], 0)
})

test_that("what is printed", {
  fit <- orthodont_fit()
  expect_snapshot({
    VarCorr(fit)
    print(VarCorr(fit), comp = c("Variance", "Std.Dev."), digits = 3)
  })
  expect_snapshot(print(VarCorr(fit), comp = "sd"), error = TRUE)
})

test_that("structures print what they mean", {
  d <- orthodont()
  d$time <- factor(d$age)
  fit <- function(formula, data = d) VarCorr(gamut(formula, data))
  # a structure over all rows would leave no residual; a correlation of effects that no
  # subject has both of could be any
  twice <- rbind(d, d)
  twice$distance <- twice$distance + rep(c(-0.6, 0.5, 0.3, -0.2, 0.4), length.out = 216)
  expect_snapshot({
    fit(distance ~ age + (age || Subject))
    fit(distance ~ age + cs(0 + time | Subject), twice)
    fit(distance ~ age + ar1(0 + time | Subject), twice)
    fit(distance ~ age + exp(0 + time | Subject))
    fit(distance ~ age + mat(0 + time | Subject))
    fit(distance ~ age + toep(0 + time | Subject), twice)
  })
})

test_that("a structure with one standard deviation has a row in each linear predictor", {
  withr::local_seed(3L)
  d <- expand.grid(repeated = 1:4, time = factor(1:3), g = factor(1:30))
  effect <- rnorm(90L)[interaction(d$g, d$time)]
  noise <- -log(-log(matrix(runif(3L * nrow(d)), ncol = 3L)))
  d$y <- factor(c("a", "b", "c")[max.col(cbind(0, effect, -effect / 2) + noise)])
  fit <- gamut(y ~ 1 + ar1(0 + time | g), d, categorical())
  v <- VarCorr(fit)
  table <- varcorr_table(v, 5L)
  expect_identical(unname(table[, "Name"]),
                   c("b:time1 ... b:time3", "c:time1 ... c:time3"))
  # printed with five digits
  expect_equal(as.double(table[, "Std.Dev."]),
               unname(attr(v$g, "stddev")[c("b:time1", "c:time1")]), tolerance = 1e-4)
  shown <- as.double(sub(" \\(ar1\\)", "", table[, "Corr"]))
  # and with two decimals
  expect_equal(shown, round(tanh(fit$random[[1L]]$theta[c(2L, 4L)]), 2))
})
