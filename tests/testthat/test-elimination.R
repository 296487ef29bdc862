# Which elimination was taken, and that the results do not depend on it.

nested_data <- function() {
  set.seed(4)
  school <- rep(1:90, each = 4)
  pupil <- rep(seq_along(school), each = 3)
  d <- data.frame(x = stats::rnorm(length(pupil)), pupil = factor(pupil),
                  school = factor(school[pupil]))
  d$y <- 1 + 0.5 * d$x + stats::rnorm(90)[school[pupil]] +
    stats::rnorm(length(school))[pupil] + stats::rnorm(nrow(d))
  d$count <- stats::rpois(nrow(d), exp(0.3 * d$y))
  d
}

test_that("nested factors are eliminated sparsely, and said to be", {
  fit <- gamut(y ~ x + (1 | school) + (1 | pupil), data = nested_data())
  taken <- elimination(fit)
  expect_s3_class(taken, "gamut_elimination")
  expect_equal(taken$how, c("by level", "sparse"))
  expect_equal(taken$coefficients, c(360, 92))
  # no pair of schools has an entry: the diagonal, two rows of fixed effects, their block
  expect_equal(taken$entries[2], 90 + 2 * 90 + 3)
  expect_snapshot(taken)
})

test_that("a small tail is kept in full", {
  data(Machines, package = "nlme", envir = environment())
  taken <- elimination(gamut(score ~ Machine + (1 | Worker / Machine), data = Machines))
  expect_equal(taken$how, c("by level", "dense"))
  expect_snapshot(taken)
})

test_that("the elimination asked for is taken, and changes nothing", {
  d <- nested_data()
  fits <- lapply(c("dense", "sparse"), function(how) {
    gamut(y ~ x + (1 | school) + (1 | pupil), data = d,
          control = gamut_control(elimination = how))
  })
  expect_equal(vapply(fits, function(f) elimination(f)$how[2], ""), c("dense", "sparse"))
  # the search ends where a step promises less than 1e-9: estimates agree to its root
  expect_equal(logLik(fits[[1]]), logLik(fits[[2]]), tolerance = 1e-10)
  expect_equal(coef(fits[[1]]), coef(fits[[2]]), tolerance = 1e-6)
  expect_equal(vcov(fits[[1]]), vcov(fits[[2]]), tolerance = 1e-6)
  expect_equal(ranef(fits[[1]], condVar = TRUE), ranef(fits[[2]], condVar = TRUE),
               tolerance = 1e-5)
  new <- d[1:5, ]
  expect_equal(predict(fits[[1]], new, se.fit = TRUE),
               predict(fits[[2]], new, se.fit = TRUE), tolerance = 1e-6)
})

test_that("a Laplace fit does not depend on the elimination", {
  d <- nested_data()
  fits <- lapply(c("dense", "sparse"), function(how) {
    gamut(count ~ x + (1 | school) + (1 | pupil), family = poisson(), data = d,
          control = gamut_control(elimination = how))
  })
  # as above
  expect_equal(logLik(fits[[1]]), logLik(fits[[2]]), tolerance = 1e-10)
  expect_equal(coef(fits[[1]]), coef(fits[[2]]), tolerance = 1e-6)
  expect_equal(vcov(fits[[1]]), vcov(fits[[2]]), tolerance = 1e-5)
})

crossed_data <- function() {
  set.seed(6)
  d <- data.frame(x = stats::rnorm(4000), a = factor(sample(600, 4000, TRUE)),
                  b = factor(sample(200, 4000, TRUE)))
  d$y <- 1 + 0.5 * d$x + 0.8 * stats::rnorm(600)[d$a] + 0.5 * stats::rnorm(200)[d$b] +
    stats::rnorm(4000)
  d
}

test_that("conjugate gradients and probes come near the factor", {
  d <- crossed_data()
  fits <- lapply(c("dense", "iterative"), function(how) {
    gamut(y ~ x + (1 | a) + (1 | b), data = d,
          control = gamut_control(elimination = how))
  })
  taken <- elimination(fits[[2]])
  expect_equal(taken$how, c("by level", "iterative"))
  expect_equal(attr(elimination(fits[[1]]), "error"), 0)
  error <- attr(taken, "error")
  expect_true(error > 0 && error < 1)
  expect_output(print(taken), "conjugate gradients.*standard error")
  # the error is that of minus twice the log-likelihood; four of them hold it surely
  expect_lt(2 * abs(logLik(fits[[1]]) - logLik(fits[[2]])), 4 * error)
  # traces from 16 probes move the deviations by little of their standard errors, which
  # are about sd / sqrt(2 levels), 0.02 and 0.03 here
  sds <- lapply(fits, function(f) as.data.frame(VarCorr(f))$sdcor)
  expect_lt(max(abs(sds[[1]] - sds[[2]])), 0.003)
  expect_equal(coef(fits[[1]]), coef(fits[[2]]), tolerance = 1e-3)
  expect_equal(vcov(fits[[1]]), vcov(fits[[2]]), tolerance = 1e-2)
  # the same probes every time
  again <- gamut(y ~ x + (1 | a) + (1 | b), data = d,
                 control = gamut_control(elimination = "iterative"))
  expect_identical(again$criterion$theta, fits[[2]]$criterion$theta)
  expect_error(ranef(fits[[2]], condVar = TRUE), class = "gamut_error_unsupported")
})

test_that("what conjugate gradients cannot do is refused", {
  control <- gamut_control(elimination = "iterative")
  d <- crossed_data()
  expect_error(gamut(y ~ x + (1 | a) + (x | b), data = d, control = control),
               "one effect a level", class = "gamut_error_argument")
  d$count <- stats::rpois(nrow(d), 2)
  expect_error(gamut(count ~ x + (1 | a) + (1 | b), family = poisson(), data = d,
                     control = control), "gaussian")
})

test_that("a fit without random effects has no elimination to speak of", {
  expect_error(elimination(gamut(dist ~ speed, data = cars)),
               class = "gamut_error_unsupported")
  expect_error(elimination(1), class = "gamut_error")
  expect_error(gamut_control(elimination = "no"), class = "gamut_error")
})
