test_that("the same seed gives the responses of a glm() simulation", {
  d <- simulated_data()
  d$two <- factor(ifelse(d$binary == 1, "yes", "no"))
  pair <- function(formula, family, ...) {
    list(settled_glm(formula, family, d, ...), gamut(formula, d, family, ...))
  }
  pairs <- list(
    pair(normal ~ x + f, gaussian(), weights = d$w),
    pair(count ~ x, poisson()),
    pair(cbind(dead, m - dead) ~ x, binomial()),
    pair(dead / m ~ x, binomial(), weights = d$m),
    pair(two ~ x, binomial("probit")),
    pair(binary ~ x, binomial())
  )
  for (p in pairs) {
    set.seed(1)
    theirs <- simulate(p[[1]], 3)
    set.seed(1)
    # the same uniform numbers through the same quantiles at means 1e-11 apart
    expect_equal(simulate(p[[2]], 3), theirs, tolerance = 1e-8)
    expect_equal(simulate(p[[2]], 2, seed = 7), simulate(p[[1]], 2, seed = 7),
                 tolerance = 1e-8)
  }
})

test_that("a seed is restored, and the state before is recorded", {
  fit <- gamut(count ~ x, family = poisson(), data = simulated_data())
  set.seed(5)
  before <- .Random.seed
  a <- simulate(fit, seed = 2)
  expect_identical(.Random.seed, before)
  expect_identical(attr(a, "seed"), structure(2, kind = as.list(RNGkind())))
  b <- simulate(fit)
  expect_identical(attr(b, "seed"), before)
  assign(".Random.seed", attr(b, "seed"), envir = globalenv())
  expect_identical(simulate(fit), b)
})

test_that("means and variances of draws are those of the families", {
  d <- simulated_data(40L)
  fits <- list(
    gamut(positive ~ x, family = Gamma("log"), data = d, weights = w),
    gamut(positive ~ x, family = inverse.gaussian("log"), data = d),
    gamut(positive ~ x, family = exponential(), data = d),
    gamut(list(fraction ~ x, phi ~ z), family = Beta(), data = d)
  )
  for (fit in fits) {
    draws <- as.matrix(simulate(fit, 4000, seed = 1))
    variance <- fit$family$var(fit_parameters(fit), drawn_weights(fit), fit$dispersion)
    # z scores of 40 means: the largest of 160 standard normals is below 4.5
    z <- (rowMeans(draws) - fitted(fit)) / sqrt(variance / 4000)
    expect_lt(max(abs(z)), 4.5)
    # the relative error of a variance of 4000 skewed draws is about 0.05
    expect_lt(max(abs(apply(draws, 1, var) / variance - 1)), 0.35)
  }
})

test_that("responses come back in their form", {
  d <- simulated_data()
  d$text <- as.character(d$class)
  d$logical <- d$binary == 1
  one <- function(formula, family, ...) {
    simulate(gamut(formula, d, family, ...), seed = 1)$sim_1
  }
  class <- one(class ~ x, categorical("w"))
  expect_identical(levels(class), levels(d$class))
  expect_identical(one(text ~ x, categorical("w")), as.character(class))
  # 200 draws: proportions are known to 0.035, 3 times that is allowed
  expect_equal(mean(class == "v"), mean(d$class == "v"), tolerance = 0.1 / 0.4)
  expect_type(one(logical ~ x, bernoulli()), "logical")
  expect_type(one(logical ~ x, binomial()), "logical")
  pair <- one(cbind(died = dead, lived = m - dead) ~ x, binomial())
  expect_equal(colnames(pair), c("died", "lived"))
  expect_equal(unname(rowSums(pair)), d$m)
  counts <- cbind(a = d$m, b = d$i, c = d$count)
  drawn <- one(counts ~ x, categorical())
  expect_equal(dim(drawn), dim(counts))
  expect_equal(colnames(drawn), colnames(counts))
  expect_equal(unname(rowSums(drawn)), rowSums(counts))
  # 2,000 counts or so: a share is known to 0.01
  expect_equal(colMeans(drawn) / sum(colMeans(drawn)),
               colMeans(counts) / sum(colMeans(counts)), tolerance = 0.1)
})

test_that("rows left out are NA with na.exclude, and row names stay", {
  d <- simulated_data(20L)
  d$x[4] <- NA
  rownames(d) <- letters[1:20]
  fit <- gamut(count ~ x, poisson(), data = d, na.action = na.exclude)
  draws <- simulate(fit, 2, seed = 1)
  expect_equal(rownames(draws), letters[1:20])
  expect_equal(which(is.na(draws$sim_2)), 4L)
  fit <- gamut(count ~ x, poisson(), data = d)
  expect_equal(rownames(simulate(fit)), letters[c(1:3, 5:20)])
})

test_that("new data", {
  d <- simulated_data()
  fit <- gamut(dead / m ~ x, family = binomial(), data = d, weights = m)
  draws <- simulate(fit, 3, seed = 1, newdata = data.frame(x = c(0.1, NA, 0.3)),
                    weights = c(1000, 5, 10))
  expect_equal(dim(draws), c(3L, 3L))
  expect_true(all(is.na(draws[2, ])))
  # a proportion of 1000 trials is known to 0.016
  expect_equal(draws$sim_1[1], predict(fit, data.frame(x = 0.1), type = "response")[[1]],
               tolerance = 0.1)
  expect_true(all((draws[3, ] * 10) %% 1 == 0))
})

test_that("what cannot be drawn is an error", {
  d <- simulated_data()
  expect_snapshot(error = TRUE, {
    simulate(gamut(count ~ x, quasipoisson(), data = d))
    simulate(gamut(count ~ x, poisson(), data = d), nsim = 0)
    simulate(suppressWarnings(gamut(binary ~ x, binomial(), data = d, weights = w)))
    simulate(gamut(normal ~ x, data = d, control = gamut_control(keep_data = FALSE)))
  })
})
