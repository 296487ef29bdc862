d <- mixed_data(50L)

test_that("new data need the names of the variables, not of constants", {
  degree <- 2
  frame <- frame_of(y ~ poly(x, degree) + f + offset(log(z)), d, offset = quote(w))
  inputs <- frame$predictors$mu
  expect_setequal(inputs$inputs, c("x", "f", "z", "w"))
  expect_setequal(inputs$term_inputs, c("x", "f"))
  expect_snapshot(build_newframe(frame, d["x"]), error = TRUE)
  new <- build_newframe(frame, d[1:4, c("x", "f", "z", "w")])
  expect_equal(new$offsets$mu, (log(d$z) + d$w)[1:4])
  expect_null(build_newframe(frame, d[1:4, c("x", "f")], offset = FALSE)$offsets$mu)
})

test_that("variables of the environment are needed in new data too", {
  y <- d$y
  x <- d$x
  frame <- frame_of(y ~ x)
  expect_identical(frame$predictors$mu$inputs, "x")
  expect_identical(build_newframe(frame, list(x = 1:3))$variables$x, 1:3)
})

test_that("rows with missing values are left out, and results padded", {
  frame <- frame_of(y ~ x + f, d)
  new <- d[1:5, ]
  new$x[2L] <- NA
  new$f[4L] <- NA
  newframe <- build_newframe(frame, new)
  expect_identical(newframe$kept, c(1L, 3L, 5L))
  expect_identical(newframe$rows, 3L)
  expect_identical(newframe$total, 5L)
  expect_identical(pad_rows(c(10, 30, 50), newframe), c(10, NA, 30, NA, 50))
  expect_identical(pad_rows(cbind(1:3, 4:6), newframe),
                   cbind(c(1L, NA, 2L, NA, 3L), c(4L, NA, 5L, NA, 6L)))
  expect_identical(frame_row_names(newframe), c("1", "3", "5"))
  # a column of nothing but NA has no type to be wrong
  new$x <- NA
  new$f <- NA
  expect_identical(build_newframe(frame, new)$rows, 0L)
})

test_that("levels are matched by name, whatever the type", {
  frame <- frame_of(y ~ f + text + o, d)
  new <- data.frame(f = factor(c("c", "a")), text = factor(c("w", "v")),
                    o = c("hi", "lo"))
  variables <- build_newframe(frame, new)$variables
  expect_identical(lapply(variables, as.integer),
                   list(f = c(3L, 1L), text = c(3L, 2L), o = c(3L, 1L)))
})

test_that("new data that do not fit are refused", {
  frame <- frame_of(y ~ x + f + logical + m, d)
  change <- function(name, value) {
    d[[name]] <- value
    d[1:6, ]
  }
  expect_snapshot(error = TRUE, {
    build_newframe(frame, change("f", c("a", "q", "b", "r", "a")))
    build_newframe(frame, change("x", "text"))
    build_newframe(frame, change("x", TRUE))
    build_newframe(frame, change("f", 1))
    build_newframe(frame, change("logical", 1))
    build_newframe(frame, change("m", 1))
    build_newframe(frame, change("m", cbind(1, 2, d$x)))
    build_newframe(frame, as.list(d)["x"])
    build_newframe(frame, 1:3)
    build_newframe(frame_of(y ~ log(x + 9), d), change("x", I("b")))
    build_newframe(frame_of(y ~ x + z, d), list(x = 1:2, z = 1:3))
  })
})

test_that("functions with a makepredictcall() method predict safely", {
  frame <- frame_of(y ~ scale(x) + splines::ns(z, 3) + splines::bs(w), d)
  matrix <- model_matrix_of(frame$predictors$mu, frame)
  new <- build_newframe(frame, d[4:6, ])
  # same knots and scales: equal to rounding of the basis recurrences
  expect_equal(model_matrix_of(frame$predictors$mu, new)[, ], matrix[4:6, ],
               tolerance = 1e-13)
})
