inflated_data <- function(n = 600L, seed = 1L) {
  set.seed(seed)
  d <- data.frame(x = runif(n, -1, 1), z = runif(n))
  d$y <- rbeta(n, 4 * plogis(0.3 + d$x), 4 * plogis(-0.3 - d$x))
  ends <- runif(n) < plogis(-1.2 + d$x)
  d$y[ends] <- as.numeric(runif(sum(ends)) < plogis(0.4 - d$z[ends]))
  d
}

test_that("the likelihood falls into a beta and two binary parts", {
  d <- inflated_data()
  fit <- gamut(list(y ~ x, phi ~ z, zoi ~ x, coi ~ z), family = Beta_inflated(), data = d)
  ends <- d$y == 0 | d$y == 1
  parts <- list(
    gamut(list(y ~ x, phi ~ z), family = Beta(), data = d[!ends, ]),
    gamut(ends ~ x, family = bernoulli(), data = d),
    gamut(y ~ z, family = bernoulli(), data = d[ends, ])
  )
  se <- unlist(lapply(parts, standard_errors))
  # all fits stop within 1e-8 of a standard error
  expect_lt(max(abs(coef(fit) - unlist(lapply(parts, coef))) / se), 1e-7)
  expect_equal(unname(standard_errors(fit)), unname(se), tolerance = 1e-7)
  expect_equal(as.numeric(logLik(fit)), sum(vapply(parts, logLik, 0)), tolerance = 1e-12)
})

test_that("one end alone is the hurdle model", {
  d <- inflated_data()
  zeros <- d[d$y < 1, ]
  fit <- gamut(y ~ x, family = Beta_inflated(one = FALSE), data = zeros)
  expect_identical(fit$family$parameters, c("mu", "phi", "zi"))
  hurdled <- gamut(y ~ x, family = hurdle(Beta()), data = zeros)
  expect_equal(coef(fit), coef(hurdled), tolerance = 1e-7)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(hurdled)))
  # y and 1 - y
  flipped <- transform(zeros, y = 1 - y)
  other <- gamut(y ~ x, family = Beta_inflated(zero = FALSE), data = flipped)
  expect_identical(other$family$parameters, c("mu", "phi", "oi"))
  expect_equal(unname(coef(other)), unname(coef(fit)) * c(-1, -1, 1, 1), tolerance = 1e-7)
})

test_that("expected information is that of the parts", {
  d <- inflated_data()
  fit <- gamut(y ~ x, family = Beta_inflated(), data = d,
               control = gamut_control(information = "expected"))
  ends <- mean(d$y == 0 | d$y == 1)
  # of a share: 1 / (n p (1 - p)) on the logit scale
  expect_equal(standard_errors(fit)[["zoi:(Intercept)"]],
               1 / sqrt(600 * ends * (1 - ends)), tolerance = 1e-7)
})

test_that("moments, probabilities and quantiles belong together", {
  for (side in c("both", "zero", "one")) {
    family <- Beta_inflated(zero = side != "one", one = side != "zero")
    par <- list(mu = 0.3, phi = 4, zoi = 0.3, coi = 0.4)[seq_along(family$parameters)]
    names(par) <- family$parameters
    ends <- exp(family$density(c(0, 1), par))
    inner <- function(f) {
      integrate(function(y) f(y) * family$density(y, par, log = FALSE), 0, 1,
                rel.tol = 1e-10)$value
    }
    # what integrate() can do
    expect_equal(sum(ends) + inner(function(y) 1 + 0 * y), 1, tolerance = 1e-8)
    mean <- ends[2] + inner(identity)
    expect_equal(family$mean(par), mean, tolerance = 1e-8)
    expect_equal(family$var(par), ends[2] + inner(function(y) y^2) - mean^2,
                 tolerance = 1e-8)
    p <- c(ends[1] / 2, ends[1] + 0.01, 0.5, 1 - ends[2] / 2)
    q <- family$quantile(p, par)
    inside <- q > 0 & q < 1
    expect_equal(family$cdf(q, par)[inside], p[inside], tolerance = 1e-12)
    expect_true(all(family$cdf(q, par) >= p - 1e-12))
    expect_equal(family$cdf(c(0, 1), par, left = TRUE), c(0, 1 - ends[2]))
    expect_equal(family$cdf(c(0, 0.2, 1), par, lower = FALSE),
                 1 - family$cdf(c(0, 0.2, 1), par))
    set.seed(1)
    drawn <- family$random(1e5, par)
    # 4.5 standard errors of a mean
    expect_lt(abs(mean(drawn) - mean), 4.5 * sqrt(family$var(par) / 1e5))
    expect_lt(abs(mean(drawn == 0) - ends[1]), 4.5 * sqrt(0.25 / 1e5))
  }
})

test_that("quantile residuals are drawn at the masses", {
  d <- inflated_data()
  fit <- gamut(y ~ x, family = Beta_inflated(), data = d)
  first <- residuals(fit, "quantile", seed = 101)
  second <- residuals(fit, "quantile", seed = 102)
  ends <- d$y == 0 | d$y == 1
  # between the ends nothing is drawn; rounding of a mixture of equal numbers
  expect_equal(first[!ends], second[!ends], tolerance = 1e-12)
  expect_true(all(first[ends] != second[ends]))
  expect_gt(shapiro.test(first)$p.value, 0.001)
  hurdled <- gamut(y ~ x, family = hurdle(Beta()), data = d[d$y < 1, ])
  expect_gt(shapiro.test(residuals(hurdled, "quantile", seed = 101))$p.value, 0.001)
})

test_that("weights are repeated rows, predictors have any scale", {
  d <- inflated_data(200L)
  d$w <- rep_len(c(1, 3, 0, 2), 200)
  weighted <- gamut(y ~ x, family = Beta_inflated(), data = d, weights = w)
  expect_equal_fits(weighted, gamut(y ~ x, family = Beta_inflated(),
                                    data = d[rep(1:200, d$w), ]))
  peer <- gamut(y ~ x, family = Beta_inflated(), data = d)
  for (power in c(-9:-7, -4:-3, 3:4, 7:9)) {
    d$s <- d$x * 10^power
    fit <- gamut(y ~ s, family = Beta_inflated(), data = d)
    # the same fit in other units
    expect_equal(unname(coef(fit)[2]) * 10^power, unname(coef(peer)[2]), tolerance = 1e-7)
    expect_equal(logLik(fit), logLik(peer), ignore_attr = TRUE)
  }
})

test_that("parameters are recovered", {
  skip_on_cran()
  truth <- c(0.3, 1, log(4), -1.2, 1, 0.4, -1)
  for (seed in 1:5) {
    d <- inflated_data(4000L, seed)
    fit <- gamut(list(y ~ x, zoi ~ x, coi ~ z), family = Beta_inflated(), data = d)
    # one in 20,000 normal variables is further out
    expect_lt(max(abs(coef(fit) - truth) / standard_errors(fit)), 4.5)
  }
})

test_that("responses that do not fit are refused", {
  d <- inflated_data(60L)
  expect_snapshot(error = TRUE, gamut(y + 1 ~ x, family = Beta_inflated(), data = d))
  expect_snapshot(error = TRUE,
                  gamut(y ~ x, family = Beta_inflated(one = FALSE), data = d))
  expect_snapshot(error = TRUE,
                  gamut(y ~ x, family = Beta_inflated(), data = d[d$y > 0 & d$y < 1, ]))
  expect_snapshot(error = TRUE,
                  gamut(round(y) ~ x, family = Beta_inflated(), data = d))
  expect_snapshot(error = TRUE, Beta_inflated(zero = FALSE, one = FALSE))
  expect_snapshot(error = TRUE, Beta_inflated(zero = 3))
})
