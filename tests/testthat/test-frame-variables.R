d <- mixed_data(20L)

test_that("data may be a data frame, a list, an environment or missing", {
  x <- d$x
  y <- d$y
  columns <- function(frame) list(frame$response, frame$variables$x)
  expected <- list(d$y, d$x)
  expect_identical(columns(frame_of(y ~ x, d)), expected)
  expect_identical(columns(frame_of(y ~ x, as.list(d))), expected)
  expect_identical(columns(frame_of(y ~ x, list2env(d[c("x", "y")]))), expected)
  expect_identical(columns(frame_of(y ~ x)), expected)
  skip_if_not_installed("tibble")
  expect_identical(columns(frame_of(y ~ x, tibble::as_tibble(d))), expected)
})

test_that("variables that data lacks are those of the formula's environment", {
  extra <- d$x^2
  expect_identical(frame_of(y ~ extra, d)$variables$extra, extra)
  expect_identical(frame_of(y ~ poly(x, degree), list(y = d$y, x = d$x, degree = 2))
                   $predictors$mu$inputs, c("x", "degree"))
})

test_that("what is no variable is refused", {
  d$list <- as.list(1:20)
  d$frame <- d["x"]
  d$long <- structure(d$x, class = "integer64")
  expect_snapshot(error = TRUE, {
    frame_of(y ~ no_such, d)
    frame_of(y ~ log(no_such), d)
    frame_of(y ~ texts, d)
    frame_of(y ~ df, d)
    frame_of(y ~ no_such)
    frame_of(y ~ list, d)
    frame_of(y ~ frame, d)
    frame_of(y ~ long, d)
    frame_of(y ~ as.POSIXlt(date), d)
    frame_of(y ~ complex(20), d)
    frame_of(y ~ cbind(logical, TRUE), d)
    frame_of(y ~ array(x, c(20, 1, 1)), d)
    frame_of(survival::Surv(abs(x)) ~ z, d)
    frame_of(y ~ 1:3, d)
    frame_of(y ~ x, as.matrix(d$x))
    frame_of(y ~ x, "d")
    frame_of(y ~ x, d[0, ])
  })
})

test_that("the contrasts argument is checked", {
  expect_snapshot(error = TRUE, {
    frame_of(y ~ f, d, contrasts = list("contr.sum"))
    frame_of(y ~ f, d, contrasts = "contr.sum")
    frame_of(y ~ x, d, contrasts = list(x = "contr.sum"))
    frame_of(y ~ f, d, contrasts = list(f = "contr.nowhere"))
    frame_of(y ~ f, d, contrasts = list(f = diag(2)))
  })
  expect_snapshot(frame <- frame_of(y ~ f, d, contrasts = list(x = "contr.sum")))
})

test_that("a factor with one level is refused by name", {
  d$same <- "a"
  expect_snapshot(frame_of(y ~ x + same, d), error = TRUE)
  expect_snapshot(frame_of(y ~ f, d, subset = quote(f == "a")), error = TRUE)
  # a logical has two levels whatever its values, as in glm()
  expect_no_error(frame_of(y ~ logical, d, subset = quote(logical)))
})
