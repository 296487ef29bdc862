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

test_that("a fit without random effects has no elimination to speak of", {
  expect_error(elimination(gamut(dist ~ speed, data = cars)),
               class = "gamut_error_unsupported")
  expect_error(elimination(1), class = "gamut_error")
  expect_error(gamut_control(elimination = "no"), class = "gamut_error")
})
