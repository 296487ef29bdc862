d <- mixed_data(60L)
d$p <- (rank(d$x) - .5) / 60

test_that("each parameter has its coefficients, loading and offset", {
  problem <- problem_of(list(p ~ x + f + offset(z), phi ~ w), d, "Beta")
  expect_identical(problem$predictors, 2L)
  expect_identical(problem$names,
                   c("(Intercept)", "x", "fb", "fc", "phi:(Intercept)", "phi:w"))
  expect_identical(lapply(problem$terms, `[[`, "loading"),
                   list(matrix(c(1, 0)), matrix(c(0, 1))))
  expect_identical(lapply(problem$terms, `[[`, "position"), list(1:4, 5:6))
  expect_identical(problem$offsets, list(d$z, NULL))
  expect_identical(problem$layout$phi$names, c("(Intercept)", "w"))
  expect_equal(unname(program_matrix(problem, 2L)), unname(cbind(0, 0, 0, 0, 1, d$w)))
})

test_that("a parameter without formula is constant, and equal columns are shared", {
  problem <- problem_of(p ~ 1, d, "Beta")
  expect_identical(problem$names, c("(Intercept)", "phi:(Intercept)"))
  expect_length(problem$storages, 1L)
  problem <- problem_of(list(p ~ x * f, phi ~ x * f), d, "Beta")
  expect_length(problem$storages, 1L)
  expect_length(problem$columns, 2L)
  expect_identical(vapply(problem$terms, `[[`, 0L, "storage"), c(1L, 1L))
})

test_that("categories share their columns, coefficients one category after another", {
  problem <- problem_of(g ~ x + big, d, categorical(reference = "B"))
  expect_identical(problem$predictors, 3L)
  columns <- colnames(stats::model.matrix(~ x + big, d))
  expect_identical(problem$names,
                   paste0(rep(c("A:", "C:", "D:"), each = length(columns)), columns))
  expect_identical(lapply(problem$terms, `[[`, "loading"), list(diag(3), diag(3)))
  p <- length(columns)
  expect_identical(problem$terms[[1L]]$position,
                   as.integer(outer(1:2, c(0, p, 2 * p), `+`)))
  x <- program_matrix(problem, 2L)
  expect_equal(unname(x[, p + seq_len(p)]),
               unname(stats::model.matrix(~ x + big, d)), ignore_attr = TRUE)
  expect_true(all(x[, -(p + seq_len(p))] == 0))
})

test_that("a categorical response may have an offset for each category", {
  offset <- matrix(seq_len(180) / 180, 60)
  problem <- problem_of(g ~ x, d, "categorical", offset = quote(offset))
  expect_identical(problem$offsets, lapply(1:3, function(k) offset[, k]))
  two <- offset[, 1:2]
  expect_snapshot(problem_of(g ~ x, d, "categorical", offset = two), error = TRUE)
  expect_snapshot(problem_of(y ~ x, d, offset = offset), error = TRUE)
})

test_that("the columns of a problem are the columns of the data", {
  skip_if_not(capabilities("profmem"))
  problem <- problem_of(y ~ x + f + x:z, d)
  # tracemem() tells where an object lies
  place <- function(x) {
    where <- tracemem(x)
    untracemem(x)
    where
  }
  expect_identical(place(problem$columns[[1L]]), place(d$x))
  expect_identical(place(problem$columns[[2L]]), place(d$f))
  expect_identical(place(problem$columns[[3L]]), place(d$z))
})

test_that("response and weights are the family's, and absent for new data", {
  d$n <- 3
  problem <- problem_of(cbind(i, 5 - i) ~ x, d, "binomial", weights = quote(n))
  expect_equal(problem$response, d$i / 5)
  expect_equal(problem$weights, rep(15, 60))
  frame <- strip_frame(frame_of(g ~ x, d, "categorical"))
  new <- build_newframe(frame, d[1:3, "x", drop = FALSE])
  problem <- build_problem(new, as_gamut_family("categorical"))
  expect_null(problem$response)
  expect_identical(problem$rows, 3L)
  expect_identical(problem$predictors, 3L)
})
