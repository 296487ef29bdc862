verdict <- function(check, name) check$table$verdict[check$table$check == name]
number <- function(check, name, column = "value") {
  check$table[[column]][check$table$check == name]
}

poisson_data <- function(seed, n = 200L) {
  set.seed(seed)
  d <- data.frame(x = runif(n, -1, 1))
  d$y <- rpois(n, exp(0.5 + d$x))
  d
}

test_that("clean counts are not flagged more often than the level says", {
  verdicts <- vapply(1:10, function(seed) {
    check_model(gamut(y ~ x, poisson_data(seed), poisson()))$table$verdict
  }, character(10L))
  # six tests of level 0.01 each, ten times: two is what one sample in 25 exceeds
  expect_lte(sum(verdicts != "ok"), 2)
})

test_that("p values of tests are as frequent as they say", {
  skip_on_cran()
  names <- c("dispersion", "dispersion (NB)", "zeros")
  p <- vapply(1:300, function(seed) {
    d <- poisson_data(1000 + seed, 100L)
    check <- check_model(gamut(y ~ x, d, poisson()))
    vapply(names, number, 0, check = check, column = "p")
  }, numeric(3L))
  # 15 of 300 expected below 0.05; 4 standard deviations of 3.8
  expect_true(all(abs(rowSums(p < 0.05) - 15) < 15))
})

test_that("over-dispersed counts are flagged", {
  for (seed in 1:10) {
    d <- poisson_data(seed)
    d$y <- rnbinom(200, mu = exp(0.5 + d$x), size = 1)
    check <- check_model(gamut(y ~ x, d, poisson()))
    expect_identical(verdict(check, "dispersion"), "problem")
    expect_identical(verdict(check, "dispersion (NB)"), "problem")
  }
})

test_that("under-dispersed counts are a note", {
  d <- poisson_data(1)
  d$y <- rbinom(200, 5, 0.8)
  check <- check_model(gamut(y ~ x, d, poisson()))
  expect_identical(verdict(check, "dispersion"), "note")
  expect_identical(verdict(check, "dispersion (NB)"), "ok")
  expect_match(check$table$text[check$table$check == "dispersion"], "less than")
})

test_that("zero-inflated counts are flagged", {
  for (seed in 1:10) {
    d <- poisson_data(seed)
    d$y <- rpois(200, exp(1.5 + d$x)) * rbinom(200, 1, 0.75)
    check <- check_model(gamut(y ~ x, d, poisson()))
    expect_identical(verdict(check, "zeros"), "problem")
  }
  d <- poisson_data(1)
  d$y <- d$y + 1
  check <- check_model(gamut(y ~ x, d, poisson()))
  expect_identical(verdict(check, "zeros"), "note")
  expect_equal(number(check, "zeros"), 0)
})

test_that("a fit is not told to be what it is", {
  set.seed(31)
  d <- data.frame(x = runif(300, -1, 1))
  d$y <- rpois(300, exp(1.5 + d$x)) * rbinom(300, 1, plogis(1 + 3 * d$x))
  check <- check_model(gamut(y ~ x, d, zero_inflated(poisson())))
  expect_match(zeros_advice(check$fit$family, TRUE), "`zi` a predictor")
  for (more in c(TRUE, FALSE)) {
    expect_no_match(zeros_advice(check$fit$family, more), "zero-inflated|truncated")
  }
  # a dispersion that is estimated is not to be looked at first
  expect_no_match(zeros_advice(negbinomial(), TRUE), "dispersion")
  fit <- check_model(gamut(y ~ x, d, poisson()))$fit
  expect_match(zeros_advice(fit$family, TRUE), "dispersion")
  # its zeros are a part of their own, and as many as there are
  hurdle <- check_model(gamut(y ~ x | x, d, hurdle(poisson())))
  expect_false("zeros" %in% hurdle$table$check)
})

test_that("the zeros of zero-inflated fits are not flagged more often than they should", {
  skip_on_cran()
  p <- vapply(1:100, function(seed) {
    d <- poisson_data(seed)
    d$y <- d$y * rbinom(200, 1, 0.7)
    number(check_model(gamut(y ~ x, d, zero_inflated(poisson()))), "zeros", "p")
  }, 0)
  # 5 of 100 expected below 0.05, or fewer as the test is on the safe side; 3 standard
  # deviations of 2.2
  expect_lte(sum(p < 0.05), 11)
})

test_that("the zeros' standard error is what the number of zeros scatters by", {
  skip_on_cran()
  one <- vapply(1:200, function(seed) {
    d <- poisson_data(seed)
    d$y <- rpois(200, exp(0.5 + d$x)) * rbinom(200, 1, 0.8)
    context <- check_context(gamut(y ~ x, d, zero_inflated(poisson())))
    test <- zero_test(context)
    c(test$observed - test$expected, test$se)
  }, numeric(2L))
  # a standard deviation of 200 is known within 5 %, and the mean error is on the safe
  # side; before it was half of it
  expect_gt(mean(one[2L, ]), 0.85 * sd(one[1L, ]))
  expect_lt(mean(one[2L, ]), 2 * sd(one[1L, ]))
})

test_that("a zero-inflated fit to data without additional zeros can be checked", {
  d <- poisson_data(2)
  fit <- suppressWarnings(gamut(y ~ x, d, zero_inflated(poisson())))
  expect_false(is.na(number(check_model(fit), "zeros", "p")))
})

test_that("over-dispersed binomial counts are flagged, single outcomes are not judged", {
  set.seed(5)
  d <- data.frame(x = runif(100), m = sample(5:20, 100, TRUE))
  chance <- plogis(-1 + d$x)
  d$y <- rbinom(100, d$m, rbeta(100, 4 * chance, 4 * (1 - chance)))
  check <- check_model(gamut(cbind(y, m - y) ~ x, d, binomial()))
  expect_identical(verdict(check, "dispersion"), "problem")
  d$y <- rbinom(100, d$m, chance)
  clean <- check_model(gamut(y / m ~ x, d, binomial(), weights = m))
  expect_identical(verdict(clean, "dispersion"), "ok")
  d$z <- rbinom(100, 1, chance)
  for (family in list(binomial(), bernoulli())) {
    single <- check_model(gamut(z ~ x, d, family))
    expect_identical(verdict(single, "dispersion"), "ok")
    expect_true(is.na(number(single, "dispersion")))
    expect_length(verdict(single, "zeros"), 0L)
  }
})

test_that("statistics are those of the formulas", {
  d <- poisson_data(3)
  fit <- gamut(y ~ x, d, poisson())
  reference <- glm(y ~ x, poisson, d, control = list(epsilon = 1e-14))
  mu <- fitted(reference)
  check <- check_model(fit)
  # two optima, each found to about 1e-9
  expect_equal(number(check, "dispersion"), sum((d$y - mu)^2 / mu) / 198,
               tolerance = 1e-8)
  # Farrington: for counts the correction is y - mu over mu, the variance 2 a row
  statistic <- sum(((d$y - mu)^2 - (d$y - mu)) / mu)
  upper <- pgamma(statistic, 198^2 / (2 * 198), 198 / (2 * 198), lower.tail = FALSE)
  expect_equal(number(check, "dispersion", "p"), 2 * min(upper, 1 - upper),
               tolerance = 1e-6)
  dean <- sum((d$y - mu)^2 - d$y + hatvalues(reference) * mu) / sqrt(2 * sum(mu^2))
  expect_equal(number(check, "dispersion (NB)"), unname(dean), tolerance = 1e-7)
  # zeros: the gradient of the expected number is -mu exp(-mu) x
  zero <- exp(-mu)
  gradient <- -colSums(mu * zero * model.matrix(reference))
  variance <- sum(zero * (1 - zero)) - gradient %*% vcov(reference) %*% gradient
  z <- (sum(d$y == 0) - sum(zero)) / sqrt(drop(variance))
  # derivatives by differences with a step of 1e-4
  expect_equal(number(check, "zeros", "p"), 2 * pnorm(-abs(z)), tolerance = 1e-6)
  expect_equal(number(check, "influence"), max(cooks.distance(reference)),
               tolerance = 1e-7)
})

test_that("a constant mean has the score test of van den Broek", {
  d <- poisson_data(4)
  check <- check_model(gamut(y ~ 1, d, poisson()))
  n <- nrow(d)
  mu <- mean(d$y)
  zero <- exp(-mu)
  score <- (sum(d$y == 0) - n * zero)^2 / (n * zero * (1 - zero) - n * mu * zero^2)
  # derivatives by differences with a step of 1e-4
  expect_equal(number(check, "zeros", "p"), pchisq(score, 1, lower.tail = FALSE),
               tolerance = 1e-6)
})

test_that("the binomial test has variance 2 (m - 1) / m a row", {
  set.seed(8)
  d <- data.frame(x = runif(60), m = sample(1:6, 60, TRUE))
  d$y <- rbinom(60, d$m, plogis(d$x))
  check <- check_model(gamut(cbind(y, m - y) ~ x, d, binomial()))
  mu <- fitted(glm(cbind(y, m - y) ~ x, binomial, d, control = list(epsilon = 1e-14)))
  v <- mu * (1 - mu)
  r <- d$y / d$m - mu
  statistic <- sum((d$m * r^2 - (1 - 2 * mu) * r) / v)
  spread <- sum(2 * (d$m - 1) / d$m) * 58 / 60
  upper <- pgamma(statistic, 58^2 / spread, 58 / spread, lower.tail = FALSE)
  # two optima, and differences of the variance function
  expect_equal(number(check, "dispersion", "p"), 2 * min(upper, 1 - upper),
               tolerance = 1e-6)
})

test_that("collinear columns, and the inflation of car", {
  set.seed(2)
  d <- data.frame(a = rnorm(80), f = gl(4, 20))
  d$b <- d$a + rnorm(80, sd = 0.02)
  d$c <- d$a + rnorm(80, sd = 0.25)
  d$y <- rnorm(80)
  check <- check_model(gamut(y ~ a + b + f, d))
  expect_identical(verdict(check, "collinearity"), "problem")
  expect_setequal(check$rows$collinearity, c("a", "b"))
  expect_identical(verdict(check_model(gamut(y ~ a + c, d)), "collinearity"), "note")
  expect_identical(verdict(check_model(gamut(y ~ a + f, d)), "collinearity"), "ok")
  # in a model for the precision too
  d$u <- rbeta(80, 2, 2)
  both <- check_model(gamut(list(u ~ f, phi ~ a + b), d, Beta()))
  expect_setequal(both$rows$collinearity, c("phi:a", "phi:b"))
  skip_if_no_peer("car")
  fit <- gamut(y ~ a + c + f, d)
  theirs <- car::vif(lm(y ~ a + c + f, d))
  # determinants of well-conditioned matrices
  expect_equal(variance_inflation(fit$predictors[[1L]], fit)$inflation,
               theirs[, 3L]^2, tolerance = 1e-8)
})

test_that("aliased coefficients, boundaries, failures", {
  d <- poisson_data(1)
  d$twice <- 2 * d$x
  check <- check_model(gamut(y ~ x + twice, d, poisson()))
  expect_identical(check$rows$aliasing, "twice")
  d$apart <- as.numeric(d$x > 0)
  fit <- suppressWarnings(gamut(apart ~ x, d, binomial()))
  check <- check_model(fit)
  expect_identical(verdict(check, "separation"), "problem")
  expect_identical(verdict(check, "convergence"), "problem")
  expect_identical(verdict(check, "boundary"), "note")
})

test_that("outliers and influential rows are named", {
  set.seed(6)
  d <- data.frame(x = rnorm(50))
  d$x[40] <- 12
  d$y <- d$x + rnorm(50)
  d$y[13] <- 8
  d$y[40] <- 8
  rownames(d) <- paste0("case", 1:50)
  d$gone <- replace(d$x, 3, NA)
  check <- check_model(gamut(y ~ gone, d, na.action = na.exclude))
  expect_identical(check$rows$outliers, "case13")
  expect_identical(verdict(check, "outliers"), "problem")
  expect_identical(check$rows$influence[1L], "case40")
  reference <- lm(y ~ gone, d)
  largest <- rstudent(reference)[["case13"]]
  # the same sums in another order
  expect_equal(number(check, "outliers"), largest, tolerance = 1e-10)
  expect_equal(number(check, "outliers", "p"),
               49 * 2 * pt(-abs(largest), reference$df.residual - 1), tolerance = 1e-8)
  counts <- poisson_data(2)
  counts$y[7] <- 40
  expect_identical(check_model(gamut(y ~ x, counts, poisson()))$rows$outliers, "7")
})

test_that("another distribution, piles of responses, rare categories", {
  set.seed(9)
  d <- data.frame(x = runif(300))
  d$y <- exp(rnorm(300))
  expect_identical(verdict(check_model(gamut(y ~ x, d)), "distribution"), "problem")
  d$cut <- pmax(rnorm(300), -0.5)
  check <- check_model(gamut(cut ~ x, d))
  expect_identical(verdict(check, "response"), "note")
  expect_equal(number(check, "response"), mean(d$cut == -0.5))
  # families that give a value at an end a probability
  d$cost <- d$y * rep(0:1, c(60, 240))
  d$share <- plogis(rnorm(300)) * rep(0:1, c(60, 240))
  for (fit in list(gamut(cost ~ x, d, tweedie()), gamut(cost ~ x, d, hurdle(Gamma())),
                   gamut(share ~ x, d, Beta_inflated(one = FALSE)))) {
    expect_false("response" %in% check_model(fit)$table$check)
  }
  d$class <- factor(c("a", "b", "rare")[c(rep(1:2, 148), rep(3, 4))])
  check <- check_model(gamut(class ~ x, d, categorical()))
  expect_identical(check$rows$response, "rare")
})

test_that("every family can be checked, and rows of weight 0 do not count", {
  d <- simulated_data()
  d$w[c(3, 10)] <- 0
  for (family in every_family()) {
    # binomial weights that are no trials
    fit <- suppressWarnings(gamut(model_for(family), d, family, weights = w))
    table <- check_model(fit)$table
    expect_true(all(table$verdict %in% c("ok", "note", "problem")))
    expect_true(all(nzchar(table$text)))
    expect_identical(nzchar(table$advice), table$verdict != "ok")
  }
  d$w <- 1
  d$w[1] <- 0
  d$count[1] <- 900
  with <- check_model(gamut(count ~ x, d, poisson(), weights = w))$table
  without <- check_model(gamut(count ~ x, d[-1, ], poisson()))$table
  same <- with$check != "distribution" & with$check != "outliers"
  # two optima; random quantile residuals differ by the draw
  expect_equal(with$value[same], without$value[same], tolerance = 1e-7)
})

test_that("the generator of random numbers stays as it is", {
  d <- poisson_data(1)
  fit <- gamut(y ~ x, d, poisson())
  set.seed(1)
  before <- .Random.seed
  first <- check_model(fit)$table
  expect_identical(.Random.seed, before)
  runif(3)
  expect_identical(check_model(fit)$table, first)
})

test_that("separated coefficients are named", {
  d <- data.frame(x = 1:20, z = rep(1:4, 5), y = rep(0:1, each = 10))
  fit <- suppressWarnings(gamut(y ~ x, d, binomial()))
  row <- examine_separation(check_context(fit))
  expect_identical(row$verdict, "problem")
  expect_setequal(unlist(row$rows), c("(Intercept)", "x"))
  fine <- check_context(gamut(y ~ z, d, binomial()))
  expect_identical(examine_separation(fine)$verdict, "ok")
})

test_that("what is printed", {
  fit <- gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
  cars2 <- transform(cars, half = speed / 2)
  cars2$dist[3] <- 200
  expect_snapshot({
    check_model(fit)
    check_model(gamut(dist ~ speed + half, cars2))
    print(check_model(gamut(dist ~ speed, cars)), all = TRUE)
  })
  slim <- gamut(dist ~ speed, cars, control = gamut_control(keep_data = FALSE))
  expect_snapshot(error = TRUE, {
    check_model(lm(dist ~ speed, cars))
    check_model(slim)
  })
})

test_that("every advice", {
  set.seed(3)
  d <- data.frame(x = runif(200, -1, 1))
  d$apart <- as.numeric(d$x > 0)
  d$few <- rbinom(200, 5, 0.8)
  d$zero <- rpois(200, 6) * rbinom(200, 1, 0.7)
  d$near <- d$x + rnorm(200, sd = 0.01)
  d$cut <- pmax(rnorm(200), -0.5)
  d$class <- factor(c("a", "b", "rare")[c(rep(1:2, 98), rep(3, 4))])
  expect_snapshot({
    check_model(suppressWarnings(gamut(apart ~ x, d, binomial())))
    check_model(gamut(few ~ x, d, poisson()))
    check_model(gamut(zero ~ x, d, poisson()))
    zeros_advice(zero_inflated(poisson()), more = TRUE)
    check_model(gamut(cut ~ x + near, d))
    check_model(gamut(class ~ x, d, categorical()))
  })
})

test_that("the plot of a check", {
  fit <- gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
  skip_on_cran()
  skip_if_not_installed("vdiffr")
  vdiffr::expect_doppelganger("check of counts", function() plot(check_model(fit)))
})

test_that("zeros beside random effects are compared with simulated ones", {
  d <- withr::with_seed(1, {
    d <- data.frame(x = runif(400), g = gl(20, 20))
    mean <- exp(0.5 + d$x + rnorm(20)[d$g] / 2)
    d$y <- rpois(400, mean)
    d$more <- d$y * rbinom(400, 1, 0.7)
    d
  })
  fine <- check_model(gamut(y ~ x + (1 | g), d, poisson()))
  expect_identical(verdict(fine, "zeros"), "ok")
  inflated <- check_model(gamut(more ~ s(x) + (1 | g), d, poisson()))
  expect_identical(verdict(inflated, "zeros"), "problem")
})
