# refits against the same model written as a formula; the engine solves both to the
# same rounding, so 1e-9 is what its stopping rule leaves of a coefficient

same_fit <- function(refit, fit) {
  expect_equal(refit$objective, fit$deviance, tolerance = 1e-9)
  expect_equal(refit$rank, fit$rank)
  expect_equal(refit$df_residual, fit$df.residual)
  expect_equal(refit$coefficients, unname(coef(fit)), tolerance = 1e-7)
}

test_that("columns can be left out of dense and index storages", {
  d <- mixed_data()
  full <- gamut(y ~ x * f + big + z:big, data = d)
  terms <- coefficient_terms(fit_problem(full)$layout)$term
  labels <- attr(full$terms, "term.labels")
  without <- function(label) refit_problem(full, terms != match(label, labels))
  same_fit(without("big:z"), gamut(y ~ x * f + big, data = d))
  same_fit(without("x:f"), gamut(y ~ x + f + big + z:big, data = d))
  # one level of an index storage: its rows join the reference level
  merged <- transform(d, big = factor(ifelse(big == "7", "1", as.character(big)),
                                      levels(big)[-7L]))
  one <- gamut(y ~ x + big, data = d)
  keep <- names(coef(one)) != "big7"
  same_fit(refit_problem(one, keep), gamut(y ~ x + big, data = merged))
})

test_that("a shifted offset is an offset", {
  fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
  problem <- fit_problem(fit)
  column <- problem_column(problem, 2L)
  expect_equal(column[, 1L], as.double(InsectSprays$spray == "B"))
  held <- refit_problem(fit, c(TRUE, FALSE, TRUE, TRUE, TRUE, TRUE), column * 0.3)
  other <- glm.fit(model.matrix(fit)[, -2L], InsectSprays$count, family = poisson(),
                   offset = column[, 1L] * 0.3, control = glm.control(1e-14))
  expect_equal(held$objective, other$deviance, tolerance = 1e-10)
  expect_equal(held$coefficients, unname(other$coefficients), tolerance = 1e-8)
})

test_that("nothing left is the offset alone", {
  fit <- gamut(dist ~ speed + offset(2 * speed), data = cars)
  none <- refit_problem(fit, c(FALSE, FALSE))
  expect_equal(none$objective, sum((cars$dist - 2 * cars$speed)^2))
  expect_equal(none$df_residual, 50)
})

test_that("a category's column can be held while the others' stay free", {
  fit <- gamut(Species ~ Sepal.Length, family = categorical(), data = iris)
  problem <- fit_problem(fit)
  keep <- names(coef(fit)) != "virginica:Sepal.Length"
  at <- which(!keep)
  held <- refit_problem(fit, keep, problem_column(problem, at) * coef(fit)[[at]])
  # held at its estimate, nothing changes but rounding
  expect_equal(held$objective, fit$deviance, tolerance = 1e-9)
  expect_equal(held$coefficients, unname(coef(fit)[keep]), tolerance = 1e-5)
  expect_length(subset_problem(problem, keep)$terms, 2L)
})

test_that("the score statistic is the quadratic form it is defined by", {
  fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
  x <- model.matrix(fit)
  mu <- mean(InsectSprays$count)
  score <- crossprod(x, InsectSprays$count - mu)
  statistic <- drop(t(score) %*% solve(crossprod(x) * mu, score))
  # one solve of 6 equations on each side
  expect_equal(score_statistic(fit, fit_problem(fit), 1L, log(mu)), statistic,
               tolerance = 1e-10, ignore_attr = TRUE)
})

test_that("a refit that does not converge says so", {
  fit <- gamut(dist ~ speed, family = Gamma("log"), data = cars)
  fit$control$max_iterations <- 1L
  expect_warning(refit_problem(fit, c(TRUE, TRUE), what = "of the test"),
                 class = "gamut_warning_convergence")
})

test_that("simulated responses refit where some rows have no weight", {
  d <- withr::with_seed(1, data.frame(x = runif(120), g = gl(12, 10)))
  d$y <- withr::with_seed(2, d$x + rnorm(12)[d$g] + rnorm(120))
  fit <- gamut(y ~ s(x) + (1 | g), data = d, weights = rep(0:2, 40))
  drawn <- simulate(fit, 1, seed = 1)[[1L]]
  again <- refit(fit, drawn)
  filled <- ifelse(is.na(drawn), 0, drawn)
  expect_equal(coef(again), coef(refit(fit, filled)), tolerance = 1e-10)
})
