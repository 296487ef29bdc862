# A basis by its different places is the basis row by row; sums are the same but for
# their order.

place_data <- function(n = 8000, sides = 30) {
  set.seed(11)
  d <- data.frame(x = sample(sides, n, TRUE) / sides, z = sample(sides, n, TRUE) / sides,
                  by = runif(n), g = factor(sample(c("a", "b", "c"), n, TRUE)))
  d$y <- sin(4 * d$x) * d$z + rnorm(n, sd = 0.3)
  d
}

test_that("different rows are those that differ", {
  d <- place_data()
  x <- cbind(d$x, d$z)
  places <- different_rows(x)
  expect_identical(x[places$first, ][places$index, ], x)
  expect_identical(anyDuplicated(x[places$first, ]), 0L)
  expect_type(places$index, "integer")
  # no search where it would be in vain
  expect_null(different_rows(x[1:4000, ]))
  expect_null(different_rows(cbind(d$by, d$x)))
  expect_null(different_rows(matrix(rep(runif(4000), 2), ncol = 1L)))
})

# What a fit would be without a search for places
without_places <- function(code) with_own("different_rows", function(x) NULL, code)

test_that("smooths of few places are fitted from tables, with the same result", {
  d <- place_data()
  whole <- without_places(
    gamut(y ~ s(x, z, k = 12) + s(x, z, bs = "gp", k = 10, by = by), d))
  tables <- gamut(y ~ s(x, z, k = 12) + s(x, z, bs = "gp", k = 10, by = by), d)
  expect_equal(tables$criterion$value, whole$criterion$value, tolerance = 1e-9)
  expect_lt(max(abs(fitted(tables) - fitted(whole))), 1e-5)
  setup <- gamut(y ~ s(x, z, k = 12, by = g) + te(x, z, k = 3), d, fit = FALSE)
  columns <- unlist(lapply(setup$problem$storages, `[[`, "columns"), recursive = FALSE)
  # three levels of `by` times 11 columns, whose tables have those of `by` beside them,
  # and 8 of te(), whose linear columns are those of s()
  sizes <- vapply(columns, function(column) length(unlist(column$tables)), 0L)
  expect_identical(sum(sizes >= 900L), 3L * 11L + 8L)
  by_factor <- y ~ s(x, z, k = 12, by = g) + te(x, z, k = 3) + g
  expect_equal(gamut(by_factor, d)$criterion$value,
               without_places(gamut(by_factor, d))$criterion$value, tolerance = 1e-9)
})
