d <- data.frame(y = seq_len(24) / 7, x = rep(c(0.5, 1, 3), 8), g = gl(4, 6),
                p = seq_len(24) / 25, f = factor(rep(c("u", "v", "w"), 8)),
                h = rep(1:4, each = 2, times = 3))
d$category <- factor(rep_len(c("A", "B", "C", "B"), 24))

# what the random effects add to the linear predictors, from Z, loadings and positions
random_part <- function(problem, coefficients) {
  total <- matrix(0, problem$rows, problem$predictors)
  for (t in seq_along(problem$random)) {
    term <- problem$terms[[problem$random[[t]]$term]]
    own <- matrix(coefficients[term$position], ncol = ncol(term$loading))
    total <- total + random_design(problem, t) %*% own %*% t(term$loading)
  }
  total
}

expect_engine_agrees <- function(problem) {
  set.seed(3)
  c <- stats::rnorm(problem$coefficients)
  c[seq_along(problem$names)] <- 0
  problem$offsets[] <- list(NULL)
  # sums of a few terms in another order
  expect_equal(engine_linear_predictor(problem, c), random_part(problem, c),
               tolerance = 1e-12)
}

test_that("random effects follow the fixed ones, effects of a level beside each other", {
  problem <- setup_of(y ~ x + (x | g) + (1 | h), d)$problem
  expect_identical(problem$names, c("(Intercept)", "x"))
  expect_identical(problem$coefficients, 14L)
  expect_identical(vapply(problem$random, `[[`, 0L, "first"), c(2L, 10L))
  expect_identical(problem$terms[[2L]]$position, 3:10)
  expect_identical(problem$terms[[3L]]$position, 11:14)
  expect_null(problem$storages[[3L]]$z)
  expect_length(problem$storages[[2L]]$z, 2L)
  expect_identical(problem$terms[[2L]]$covariance,
                   list(kind = "us", size = 2L, numbers = numeric(), parts = list()))
  expect_engine_agrees(problem)
})

test_that("without random effects a problem is what it was", {
  problem <- setup_of(y ~ x, d)$problem
  expect_identical(problem$coefficients, 2L)
  expect_identical(problem$random, list())
})

test_that("a parameter has random effects of its own", {
  problem <- setup_of(list(p ~ x + (1 | g), phi ~ (x | g)), d, family = Beta())$problem
  expect_identical(lapply(problem$random, `[[`, "predictor"), list("mu", "phi"))
  expect_identical(problem$random[[2L]]$effects, c("(Intercept)", "x"))
  loadings <- lapply(problem$terms[3:4], `[[`, "loading")
  expect_identical(loadings, list(matrix(c(1, 0)), matrix(c(0, 1))))
  expect_engine_agrees(problem)
})

test_that("a name correlates predictors: one term that enters several", {
  both <- list(p ~ x + (x | a | g) + (1 | h), phi ~ (x | a | g))
  problem <- setup_of(both, d, family = Beta())$problem
  expect_length(problem$random, 2L)
  linked <- problem$random[[1L]]
  expect_identical(linked$predictor, c("mu", "phi"))
  expect_identical(linked$effects, c("(Intercept)", "x", "phi:(Intercept)", "phi:x"))
  expect_identical(linked$covariance$size, 4L)
  term <- problem$terms[[linked$term]]
  expect_identical(term$loading, diag(2))
  first <- linked$first
  # all levels of the first predictor, then those of the second
  expect_identical(term$position, as.integer(first + c(outer(1:2, 4 * (0:3), `+`),
                                                       outer(3:4, 4 * (0:3), `+`))))
  expect_engine_agrees(problem)
  expect_snapshot(error = TRUE, {
    setup_of(list(p ~ (x | a | g), phi ~ (1 | a | g)), d, family = Beta())
    setup_of(list(p ~ (1 | a | g) + (0 + x | a | g)), d, family = Beta())
    setup_of(list(p ~ cs(f | a | g), phi ~ cs(f | a | g)), d, family = Beta())
  })
})

test_that("categories have an effect each, correlated, and thresholds one for all", {
  problem <- setup_of(category ~ x + (x | g), d, family = categorical())$problem
  random <- problem$random[[1L]]
  expect_identical(random$effects, c("B:(Intercept)", "B:x", "C:(Intercept)", "C:x"))
  expect_identical(random$covariance$size, 4L)
  expect_identical(problem$terms[[random$term]]$loading, diag(2))
  expect_engine_agrees(problem)

  problem <- setup_of(category ~ x + cs(f | g) + (1 | h), d,
                      family = categorical())$problem
  sum <- problem$random[[1L]]$covariance
  expect_identical(sum$kind, "sum")
  expect_identical(vapply(sum$parts, `[[`, 0L, "size"), c(3L, 3L))
  expect_engine_agrees(problem)

  ordered <- cumulative(parallel = FALSE)
  problem <- setup_of(category ~ x + (x | g), d, family = ordered)$problem
  random <- problem$random[[1L]]
  expect_identical(random$effects, c("(Intercept)", "x"))
  expect_identical(problem$terms[[random$term]]$loading, matrix(c(-1, -1)))
  expect_engine_agrees(problem)
})

test_that("fixed coefficients can be left out, random effects stay", {
  problem <- setup_of(y ~ x * f + (x | g) + (1 | h), d)$problem
  keep <- c(TRUE, TRUE, FALSE, FALSE, TRUE, FALSE)
  smaller <- subset_problem(problem, keep)
  expect_identical(smaller$coefficients, problem$coefficients - 3L)
  expect_identical(lapply(seq_along(smaller$random), random_design, problem = smaller),
                   lapply(seq_along(problem$random), random_design, problem = problem))
  expect_identical(vapply(smaller$random, `[[`, 0L, "first"), c(3L, 11L))
  expect_engine_agrees(smaller)
})

test_that("doors: fit_glmm() takes random effects, the others say where to go", {
  expect_s3_class(fit_glmm(y ~ x + (1 | g), d, fit = FALSE), "gamut_setup")
  expect_snapshot(error = TRUE, {
    fit_glmm(y ~ s(x) + (1 | g), d)
    fit_glm(y ~ x + (1 | g), d)
    fit_glmm(y ~ x + (1 | g), d, method = "REM")
    fit_glmm(y ~ x + (1 | g), d, nagq = 2.5)
    fit_glmm(y ~ x + (1 | g), d, knots = 3)
  })
})
