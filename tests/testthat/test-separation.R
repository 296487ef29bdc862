# Separation: textbook cases, the words about them, and linear programs.

separation <- function(...) detect_separation(gamut(..., fit = FALSE))

complete <- data.frame(x = 1:8, y = rep(0:1, each = 4))
touching <- data.frame(x = c(1, 2, 3, 4, 4, 5, 6, 7), y = rep(0:1, each = 4))
overlap <- data.frame(x = 1:8, y = c(0, 0, 1, 0, 0, 1, 1, 1))
level <- local({
  set.seed(1)
  d <- data.frame(x = rnorm(60), g = gl(3, 1, 60, labels = c("a", "b", "c")))
  d$y <- rbinom(60, 1, 0.5)
  d$y[d$g == "b"] <- 1
  d
})

test_that("complete, quasi-complete and no separation are told apart", {
  found <- separation(y ~ x, complete, binomial())
  expect_equal(found$type, "complete")
  expect_equal(found$coefficients, c(`(Intercept)` = -Inf, x = Inf))
  expect_equal(found$rows, 1:8)
  found <- separation(y ~ x, touching, binomial())
  expect_equal(found$type, "quasi-complete")
  expect_equal(found$rows, c(1:3, 6:8))
  found <- separation(y ~ x, overlap, binomial())
  expect_equal(found$type, "none")
  expect_equal(unname(found$coefficients), c(0, 0))
  expect_equal(found$rows, integer())
})

test_that("a level of a factor separates its own coefficient alone", {
  found <- separation(y ~ x + g, level, binomial())
  expect_equal(found$coefficients, c(`(Intercept)` = 0, x = 0, gb = Inf, gc = 0))
  expect_equal(found$rows, which(level$g == "b"))
  # also where the level is the reference: then all that is against it moves
  level$g <- relevel(level$g, "b")
  found <- separation(y ~ x + g, level, binomial())
  expect_equal(found$coefficients, c(`(Intercept)` = Inf, x = 0, ga = -Inf, gc = -Inf))
})

test_that("offsets and positive weights do not matter, weights of zero do", {
  level$w <- rep(c(1, 3), 30)
  first <- which(level$g == "b")[1L]
  expect_equal(separation(y ~ x + g + offset(3 * x), level, binomial(),
                          weights = w)$rows, which(level$g == "b"))
  level$y[first] <- 0
  expect_false(separation(y ~ x + g, level, binomial())$separated)
  level$w[first] <- 0
  found <- separation(y ~ x + g, level, binomial(), weights = w)
  expect_equal(found$rows, which(level$g == "b")[-1L])
  expect_equal(found$nobs, 59)
})

test_that("proportions that are neither 0 nor 1 must stay", {
  d <- data.frame(y = c(0, 0, 2, 5), x = 1:4)
  half <- cbind(y, 5 - y) ~ factor(x %in% c(1, 3))
  expect_false(separation(half, d, binomial())$separated)
  d$y <- c(0, 0, 2, 2)
  found <- separation(cbind(y, 5 - y) ~ factor(x > 2), d, binomial())
  expect_equal(found$rows, 1:2)
  expect_equal(unname(found$coefficients), c(-Inf, Inf))
})

test_that("cells of zero counts are separated under a log link", {
  d <- data.frame(y = c(0, 0, 3, 2, 1, 5), g = gl(3, 2), x = c(1, 2, 1, 2, 1, 2))
  for (family in list(poisson(), quasipoisson())) {
    found <- separation(y ~ g + x, d, family)
    expect_equal(found$rows, 1:2)
    expect_equal(unname(found$coefficients), c(-Inf, Inf, Inf, 0))
  }
  d$y[2] <- 1
  expect_false(separation(y ~ g + x, d, poisson())$separated)
  # a binomial mean cannot pass 1 under a log link, so only zeros are separated
  d <- data.frame(y = c(0, 0, 1, 1, 0, 1), g = gl(3, 2))
  expect_equal(separation(y ~ g, d, binomial("log"))$rows, 1:2)
})

test_that("categories are compared pair by pair", {
  found <- separation(Species ~ Petal.Length, iris, categorical())
  expect_equal(found$type, "quasi-complete")
  # setosa lies apart from both others, which overlap: their difference is finite, so
  # both coefficients go the same way
  expect_equal(unname(found$coefficients), c(-Inf, Inf, -Inf, Inf))
  expect_false(found$bias_reduction)
  expect_false(separation(Species ~ Sepal.Width, iris, categorical())$separated)
  counts <- rbind(c(3, 0, 1), c(0, 0, 4), c(2, 1, 0))
  found <- separation(counts ~ g, data.frame(g = gl(3, 1)), categorical())
  expect_equal(found$type, "quasi-complete")
})

test_that("aliased coefficients are NA and change nothing", {
  level$copy <- level$x * 2 + 1
  found <- separation(y ~ x + copy + g, level, binomial())
  expect_true(is.na(found$coefficients[["copy"]]))
  expect_equal(found$coefficients[["gb"]], Inf)
})

test_that("the rows are those of a linear program", {
  skip_if_no_peer("lpSolve")
  # as many rows as possible at a bounded distance: max sum t, t <= 1, t <= s x'b
  program <- function(x, s) {
    unequal <- s != 2
    m <- sum(unequal)
    a <- x[unequal, , drop = FALSE] * s[unequal]
    e <- x[!unequal, , drop = FALSE]
    constraints <- rbind(cbind(a, -a, -diag(m)),
                         cbind(e, -e, matrix(0, nrow(e), m)),
                         cbind(matrix(0, m, 2 * ncol(x)), diag(m)))
    solution <- lpSolve::lp(
      "max", c(numeric(2 * ncol(x)), rep(1, m)), constraints,
      rep(c(">=", "=", "<="), c(m, nrow(e), m)), rep(c(0, 1), c(nrow(x), m))
    )$solution
    which(unequal)[utils::tail(solution, m) > 1e-6]
  }
  set.seed(5)
  for (trial in 1:60) {
    n <- sample(4:25, 1)
    p <- sample(4, 1)
    x <- matrix(if (trial %% 2) rnorm(n * p) else sample(-1:1, n * p, TRUE), n)
    d <- data.frame(x)
    counts <- trial %% 3 == 0
    d$y <- if (counts) rpois(n, 0.7)
           else as.integer(drop(x %*% rnorm(p)) + rnorm(n, sd = 0.3) > 0)
    s <- ifelse(d$y == 0, -1, if (counts) 2 else 1)
    found <- separation(y ~ ., d, if (counts) poisson() else binomial())
    if (all(s == 2)) next
    expect_equal(found$rows, program(cbind(1, x), s))
  }
})

test_that("diverging fits name what separates, for every link", {
  for (d in list(complete, touching)) {
    for (link in c("logit", "probit", "cloglog", "cauchit", "loglog")) {
      expect_warning(fit <- gamut(y ~ x, d, bernoulli(link)),
                     class = "gamut_warning_separation")
      expect_true(fit$convergence$separation$separated)
    }
  }
  d <- level[rep(1:60, 100), ]
  expect_warning(gamut(y ~ x + g, d, binomial()), "`gb` runs to Inf",
                 class = "gamut_warning_convergence")
  expect_no_warning(gamut(y ~ x, overlap, binomial()))
  expect_no_warning(gamut(y ~ x + g, level, binomial(), bias_reduction = TRUE))
})

test_that("messages", {
  expect_snapshot({
    fit <- gamut(y ~ x + g, data = level, family = binomial())
    fit <- gamut(y ~ x, data = complete, family = binomial("probit"))
    fit <- gamut(Species ~ Petal.Length, data = iris, family = categorical())
    detect_separation(fit)
    separation(y ~ x + g, level, binomial())
    separation(y ~ x, complete, binomial())
    separation(y ~ x, overlap, binomial())
    separation(y ~ x, overlap, binomial())$message
    separation(y ~ x + g, level, binomial())$message
  })
  expect_snapshot(error = TRUE, {
    detect_separation(lm(dist ~ speed, cars))
    separation(dist ~ speed, cars, gaussian())
    separation(y ~ x, overlap, poisson("identity"))
    detect_separation(gamut(dist ~ speed, cars), 3)
    separation(dist ~ f, data.frame(dist = rep(0:1, 1001), f = gl(1001, 2)), poisson())
  })
})

test_that("a set-up model and its fit give the same, also without data", {
  setup <- gamut(y ~ x, complete, binomial(), fit = FALSE)
  expect_warning(fit <- gamut(y ~ x, complete, binomial(),
                              control = gamut_control(keep_data = FALSE)),
                 class = "gamut_warning_separation")
  expect_equal(fit$convergence$separation, detect_separation(setup))
  expect_error(detect_separation(fit), class = "gamut_error_data")
})

test_that("ordered categories are separated where thresholds have nothing between", {
  d <- data.frame(x = 1:9, z = rep(1:3, 3), y = ordered(rep(1:3, each = 3)))
  found <- detect_separation(gamut(y ~ x, d, cumulative(), fit = FALSE))
  expect_identical(found$type, "complete")
  expect_setequal(names(which(found$coefficients != 0)), c("1|2", "2|3", "x"))
  expect_warning(gamut(y ~ x, d, cumulative()), class = "gamut_warning_separation")
  expect_false(detect_separation(gamut(y ~ z, d, cumulative(), fit = FALSE))$separated)
  # one row in the wrong place between the upper categories makes all finite: where slopes
  # are their own, the lower threshold cannot run off without crossing the upper one
  d$x[6:7] <- 7:6
  expect_false(detect_separation(gamut(y ~ x, d, cumulative(), fit = FALSE))$separated)
  own <- cumulative(parallel = FALSE)
  expect_false(detect_separation(gamut(y ~ x, d, own, fit = FALSE))$separated)
})
