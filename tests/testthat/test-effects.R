# glm's prediction at the same point is the reference; the engine agrees with glm to
# 1e-8 on coefficients, so that 1e-6 relative leaves room for all that is computed of them
expect_like_glm <- function(effect, reference, at, level = 0.95) {
  link <- predict(reference, at, type = "link", se.fit = TRUE)
  response <- predict(reference, at, type = "response", se.fit = TRUE)
  fixed <- family(reference)$family %in% c("poisson", "binomial")
  q <- if (fixed) qnorm((1 + level) / 2) else qt((1 + level) / 2, reference$df.residual)
  ends <- family(reference)$linkinv(cbind(link$fit - q * link$se.fit,
                                          link$fit + q * link$se.fit))
  expect_equal(effect$estimate, unname(response$fit), tolerance = 1e-6)
  expect_equal(effect$std.error, unname(response$se.fit), tolerance = 1e-6)
  expect_equal(effect$conf.low, unname(apply(ends, 1, min)), tolerance = 1e-6)
  expect_equal(effect$conf.high, unname(apply(ends, 1, max)), tolerance = 1e-6)
}

test_that("effects are predictions with all else at typical values", {
  formula <- mpg ~ log(hp) + poly(wt, 2) + factor(cyl) + I(qsec^2) + splines::ns(drat, 3)
  fit <- gamut(formula, data = mtcars)
  reference <- glm(formula, data = mtcars)
  expect_equal(effect_terms(fit), c("hp", "wt", "cyl", "qsec", "drat"))
  typical <- data.frame(hp = mean(mtcars$hp), wt = mean(mtcars$wt), cyl = 8,
                        qsec = mean(mtcars$qsec), drat = mean(mtcars$drat))
  for (name in c("hp", "wt", "qsec", "drat")) {
    effect <- effect_data(fit, name, n = 7)
    grid <- seq(min(mtcars[[name]]), max(mtcars[[name]]), length.out = 7)
    expect_equal(effect[[name]], grid)
    at <- typical[rep(1, 7), ]
    at[[name]] <- grid
    expect_like_glm(effect, reference, at)
  }
  effect <- effect_data(fit, "cyl", level = 0.8)
  expect_equal(effect$cyl, c(4, 6, 8))
  at <- typical[rep(1, 3), ]
  at$cyl <- c(4, 6, 8)
  expect_like_glm(effect, reference, at, level = 0.8)
  expect_equal(attr(effect, "held"), as.list(typical[c("hp", "wt", "qsec", "drat")]))
})

test_that("offsets are held at their mean on the link scale", {
  d <- transform(warpbreaks, time = rep(1:9, 6))
  fit <- gamut(breaks ~ wool + tension + offset(log(time)), poisson(), data = d)
  reference <- glm(breaks ~ wool + tension + offset(log(time)), poisson(), data = d)
  at <- data.frame(wool = "A", tension = c("L", "M", "H"), time = exp(mean(log(d$time))))
  expect_like_glm(effect_data(fit, "tension"), reference, at)
  fit <- gamut(breaks ~ wool + tension, poisson(), data = d, offset = log(time))
  expect_like_glm(effect_data(fit, "tension"), reference, at)
})

test_that("interactions are one effect, and what they contain none of its own", {
  fit <- gamut(mpg ~ wt * factor(cyl) + hp * qsec + am, data = mtcars)
  expect_equal(effect_terms(fit), c("am", "wt:cyl", "hp:qsec"))
  effect <- effect_data(fit, "wt:cyl", n = 3)
  expect_equal(names(effect)[1:2], c("wt", "cyl"))
  expect_equal(nrow(effect), 9L)
  # four-cylinder cars weigh 1.513 to 3.19
  expect_equal(effect$extrapolated[effect$cyl == 4], c(FALSE, TRUE, TRUE))
  # three numbers for a number
  expect_equal(sort(unique(effect_data(fit, "hp:qsec")$qsec)),
               quantile(mtcars$qsec, c(0.1, 0.5, 0.9), type = 1, names = FALSE))
  # the user's order is kept
  expect_equal(names(effect_data(fit, "qsec:hp"))[1:2], c("qsec", "hp"))
  # a variable that appears alone and in a higher term with a function of itself
  fit <- gamut(mpg ~ wt + I(wt^2) + wt:am, data = mtcars)
  expect_equal(effect_terms(fit), "wt:am")
})

test_that("matrices, logicals, text and dates are variables too", {
  d <- data.frame(y = c(2.1, 3, 1.2, 4.4, 5.1, 2.2, 3.3, 4.1, 1.9, 6.2),
                  yes = rep(c(TRUE, TRUE, FALSE), length.out = 10),
                  word = rep(c("b", "a"), 5), day = as.Date("2024-01-01") + (1:10)^2)
  d$m <- cbind(u = sin(1:10), v = cos(1:10))
  fit <- gamut(y ~ yes + word + day + m, data = d)
  expect_equal(effect_terms(fit), c("yes", "word", "day", "mu", "mv"))
  expect_equal(effect_data(fit, "yes")$yes, c(FALSE, TRUE))
  expect_equal(as.character(effect_data(fit, "word")$word), c("a", "b"))
  expect_s3_class(effect_data(fit, "day")$day, "Date")
  effect <- effect_data(fit, "mv", n = 5)
  expect_equal(range(effect$mv), range(d$m[, "v"]))
  held <- attr(effect, "held")
  expect_equal(held$mu, mean(d$m[, "u"]))
  expect_equal(held$yes, TRUE)
  # b and a are equally frequent: the first level
  expect_equal(as.character(held$word), "a")
  at <- data.frame(yes = TRUE, word = "a", day = mean(d$day))
  at <- at[rep(1, 5), ]
  at$m <- cbind(u = held$mu, v = effect$mv)
  expect_equal(effect$estimate, unname(predict(fit, at)))
})

test_that("every parameter and category has its effects", {
  d <- transform(iris, share = Petal.Width / Sepal.Length)
  fit <- gamut(list(share ~ Sepal.Width, phi ~ Species), family = Beta(), data = d)
  expect_equal(effect_terms(fit), "Sepal.Width")
  expect_equal(effect_terms(fit, "phi"), "Species")
  effect <- effect_data(fit, predictor = "phi")
  new <- data.frame(Species = levels(iris$Species), Sepal.Width = 3)
  reference <- predict(fit, new, type = "response", predictor = "phi", se.fit = TRUE,
                       interval = "confidence")
  expect_equal(effect$estimate, unname(reference$fit[, "fit"]))
  expect_equal(effect$conf.high, unname(reference$fit[, "upr"]))

  fit <- gamut(Species ~ Sepal.Width, family = categorical(), data = iris)
  effect <- effect_data(fit, n = 4)
  expect_equal(levels(effect$category), levels(iris$Species))
  total <- tapply(effect$estimate, effect$Sepal.Width, sum)
  # sums of three doubles
  expect_equal(as.vector(total), rep(1, 4), tolerance = 1e-14)
  link <- effect_data(fit, n = 4, type = "link")
  expect_equal(levels(link$category), c("versicolor", "virginica"))
})

test_that("values can be given, and beyond the data are flagged", {
  fit <- gamut(mpg ~ wt * factor(cyl) + hp, data = mtcars)
  effect <- effect_data(fit, "wt:cyl", at = list(wt = c(2, 9), cyl = 4, hp = 100))
  expect_equal(effect$extrapolated, c(FALSE, TRUE))
  expect_equal(effect$estimate,
               unname(predict(fit, data.frame(wt = c(2, 9), cyl = 4, hp = 100))))
  expect_equal(attr(effect, "held"), list(hp = 100))
  fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
  expect_equal(as.character(effect_data(fit, at = list(spray = c("C", "A")))$spray),
               c("C", "A"))
})

test_that("limits stay in the range of the parameter", {
  d <- data.frame(u = c(5, 10, 15, 20, 30, 40, 60, 80, 100),
                  lot1 = c(118, 58, 42, 35, 27, 25, 21, 19, 18))
  fit <- gamut(lot1 ~ log(u), family = Gamma(), data = d)
  effect <- effect_data(fit, at = list(u = c(3, 3.1, 10)), level = 0.9999)
  expect_true(all(effect$conf.low > 0 & effect$conf.high >= effect$estimate))
  # past the pole of 1/eta the mean has no upper limit
  expect_equal(effect$conf.high[1:2], c(Inf, Inf))
})

test_that("cells that are not estimable are NA", {
  fit <- gamut(yield ~ block + N * P * K, data = npk)
  effect <- effect_data(fit, "N:P:K")
  expect_true(anyNA(effect$estimate))
  estimable <- gamut(yield ~ block + N * P + K, data = npk)
  expect_false(anyNA(effect_data(estimable, "N:P")$estimate))
})

test_that("the user's variables are found again, or asked for", {
  d <- data.frame(x = 1:10, y = c(2, 4, 3, 6, 8, 7, 9, 12, 10, 13))
  fit <- gamut(y ~ log(x), data = d)
  expected <- effect_data(fit, n = 3)
  d$x <- rev(d$x) + 1
  expect_snapshot(error = TRUE, effect_data(fit, n = 3))
  expect_equal(effect_data(fit, n = 3, data = data.frame(x = 1:10)), expected)
  rm(d)
  expect_error(effect_terms(fit), class = "gamut_error_data")

  fit <- gamut(mpg ~ log(hp) + wt, data = mtcars, subset = cyl > 4)
  kept <- mtcars[mtcars$cyl > 4, ]
  expect_equal(range(effect_data(fit, "hp")$hp), range(kept$hp))
  expect_equal(attr(effect_data(fit, "hp"), "held"), list(wt = mean(kept$wt)))
  fit <- gamut(Ozone ~ log(Solar.R) + Wind, data = airquality)
  used <- na.omit(airquality[c("Ozone", "Solar.R", "Wind")])
  expect_equal(attr(effect_data(fit, "Wind"), "held"), list(Solar.R = mean(used$Solar.R)))

  slim <- gamut(mpg ~ wt, data = mtcars, control = gamut_control(keep_data = FALSE))
  full <- gamut(mpg ~ wt, data = mtcars)
  expect_error(effect_data(slim), class = "gamut_error_data")
  expect_equal(effect_data(slim, data = mtcars), effect_data(full))
})

test_that("what cannot be drawn is said", {
  fit <- gamut(mpg ~ wt + hp, data = mtcars)
  expect_snapshot(error = TRUE, {
    effect_data(fit)
    effect_data(fit, "weight")
    effect_data(fit, "wt", predictor = "phi")
    effect_data(fit, "wt", level = 95)
    effect_data(fit, "wt", at = list(cyl = 4))
    effect_data(fit, "wt", at = 4)
    effect_data(lm(mpg ~ wt, mtcars), "wt")
  })
  fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
  expect_snapshot(error = TRUE, effect_data(fit, at = list(spray = "Z")))
  fit <- gamut(mtcars$mpg ~ mtcars$wt)
  expect_snapshot(error = TRUE, effect_terms(fit))
  expect_equal(effect_terms(gamut(mpg ~ 1, data = mtcars)), character())
})
