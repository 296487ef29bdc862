test_that("of a long table the first and the last rows are shown", {
  expect_identical(shown_rows(60L, 60L), 1:60)
  expect_identical(shown_rows(61L, 60L), c(1:20, 57:61))
  expect_identical(shown_rows(50L, 8), c(1:6, 49:50))
  expect_identical(shown_rows(5L, 2L), 1:2)
})

test_that("long names are cut in the middle, where they tell least", {
  local_reproducible_output(width = 80)
  long <- paste0("treatment_with_a_long_name:", "center", 1:2, "_of_many")
  short <- short_names(c("x", long))
  expect_identical(short[1L], "x")
  expect_true(all(nchar(short) <= 32L))
  expect_identical(anyDuplicated(short), 0L)
  expect_identical(short_names(long, room = 20L), long)
})

test_that("calls are broken to fit the console", {
  local_reproducible_output(width = 80)
  call <- quote(gamut(formula = dead ~ x, data = d, family = binomial(),
                      control = gamut_control(max_iterations = 1, tolerance = 1e-9)))
  lines <- capture.output(print_call(call))
  expect_true(all(nchar(lines) <= 80L))
  expect_identical(str2lang(paste(lines[-(1:2)], collapse = "\n")), call)
})

test_that("a table can be wrapped by a narrow console and keeps its gap", {
  local_reproducible_output(width = 30)
  table <- matrix(stats::rnorm(400), 100L, 4L,
                  dimnames = list(paste0("x", 1:100), letters[1:4]))
  table[, 4L] <- 0.5
  lines <- capture.output(print_coefficient_table(table, 4L, FALSE, 8L, FALSE))
  gaps <- grep("^.92 of 100 coefficients", lines)
  expect_gt(length(gaps), 1L)
  expect_match(lines[gaps - 1L], "^x6 ")
  expect_match(lines[gaps + 1L], "^x99 ")
})
