test_that("gaussian models: by the formulas of Nakagawa, Schielzeth and Johnson", {
  fit <- orthodont_fit()
  d <- orthodont()
  z <- cbind(1, d$age)
  random <- mean(rowSums((z %*% unclass(VarCorr(fit)$Subject)[1:2, 1:2]) * z))
  fixed <- var(drop(z %*% coef(fit)))
  total <- fixed + random + fit$dispersion
  expect_equal(r_squared(fit), c(marginal = fixed / total,
                                 conditional = (fixed + random) / total))
  table <- icc(fit)
  expect_identical(table$group, c("Subject", "(all)"))
  expect_equal(table$variance, c(random, random))
  expect_equal(table$icc[1L], random / (random + fit$dispersion))
  expect_equal(table$conditional[1L], random / total)
})

test_that("offsets and rows of no weight do not count", {
  d <- orthodont()
  d$w <- rep(c(0, 1, 1, 1), 27)
  d$o <- seq_len(nrow(d)) / 10
  d$moved <- d$distance + d$o
  fit <- gamut(moved ~ age + offset(o) + (age | Subject), data = d, weights = w)
  less <- gamut(distance ~ age + (age | Subject), data = d[d$w > 0, ])
  # both fits have stopped within 1e-8 of a standard error or so
  expect_equal(r_squared(fit), r_squared(less), tolerance = 1e-6)
})

test_that("the variance of the distribution", {
  d <- simulated_data(400L)
  share <- function(fit) icc(fit)$variance[1L] / icc(fit)$icc[1L] - icc(fit)$variance[1L]
  expect_equal(share(gamut(binary ~ x + (1 | g), d, binomial())), pi^2 / 3)
  expect_equal(share(gamut(binary ~ x + (1 | g), d, binomial("probit"))), 1)
  expect_equal(share(gamut(binary ~ x + (1 | g), d, binomial("cloglog"))), pi^2 / 6)
  fit <- gamut(count ~ 1 + (1 | big), d, poisson())
  variance <- icc(fit)$variance[1L]
  lambda <- exp(coef(fit)[[1L]] + variance / 2)
  expect_equal(share(fit), log(1 + 1 / lambda))
})

test_that("an effect for each row is overdispersion", {
  d <- simulated_data(200L)
  d$row <- factor(seq_len(nrow(d)))
  fit <- gamut(many ~ x + (1 | g) + (1 | row), d, poisson())
  expect_identical(icc(fit)$group, c("g", "(all)"))
})

test_that("where there is no such variance, NA and why", {
  d <- simulated_data(200L)
  fit <- gamut(fraction ~ x + (1 | big), d, Beta())
  expect_snapshot({
    r_squared(fit)
    icc(fit)
  })
})
