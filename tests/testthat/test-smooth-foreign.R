test_that("mgcv's other bases come as they are", {
  skip_if_no_peer("mgcv")
  set.seed(8)
  data <- list(x = runif(80), z = runif(80))
  new <- list(x = c(0.2, 1.5), z = c(0.1, 0.9))
  # Both sides are mgcv's: equal but for the sums of the comparison.
  expect_same_basis(s_spec("ds", c("x", "z"), k = 12, m = c(1, 0.5)), data, new)
  sphere <- list(x = 90 * data$x, z = 180 * data$z)
  basis <- expect_same_basis(s_spec("sos", c("x", "z"), k = 12), sphere, sphere)
  expect_identical(basis$constraint, "sum")
  expect_s3_class(basis, c("sos_basis", "foreign_basis", "gamut_basis"), exact = TRUE)
})

test_that("a class written for mgcv works, with its constraint and its names", {
  skip_if_no_peer("mgcv")
  constraint <- NULL
  registerS3method("smooth.construct", "mine.smooth.spec", function(object, data, knots) {
    object$X <- outer(data[[object$term]], 0:3, `^`)
    object$S <- list(diag(c(0, 0, 1, 1)), diag(c(0, 0, 0, 1)))
    object$C <- constraint
    object$side.constrain <- FALSE
    class(object) <- "mine.smooth"
    object
  }, asNamespace("mgcv"))
  registerS3method("Predict.matrix", "mine.smooth", function(object, data) {
    outer(data[[object$term]], 0:3, `^`)
  }, asNamespace("mgcv"))
  data <- list(1:9 / 9)
  names(data) <- "log(x)"
  build <- function() smooth_basis(s_spec("mine", "log(x)"), data, NULL)
  basis <- build()
  expect_identical(basis$constraint, "sum")
  expect_identical(c(basis$rank, basis$null_dim), c(2L, 1L, 2L))
  expect_false(basis$side)
  expect_null(basis$peer$X)
  data[[1]][4] <- NA
  rows <- basis_matrix(basis, data)
  expect_identical(rows[-4, ], outer(data[[1]][-4], 0:3, `^`))
  expect_true(all(is.na(rows[4, ])))
  data[[1]][4] <- 0.5
  constraint <- matrix(0, 0, 4)
  expect_identical(build()$constraint, "none")
  constraint <- rbind(c(1, 2, 3, 4))
  expect_identical(build()$constraint, constraint)
  constraint <- 2
  expect_identical(build()$constraint, rbind(c(0, 1, 0, 0)))
  constraint <- "sum"
  expect_error(build(), class = "gamut_error_smooth", "must be a matrix")
})

test_that("the user's random numbers are left alone", {
  skip_if_no_peer("mgcv")
  set.seed(9)
  before <- .Random.seed
  data <- list(x = 1:40 / 7, z = sqrt(1:40))
  smooth_basis(s_spec("ds", c("x", "z"), k = 9, xt = list(max.knots = 20)), data, NULL)
  expect_identical(.Random.seed, before)
})

test_that("what mgcv cannot make is an error of the term", {
  skip_if_no_peer("mgcv")
  expect_error(smooth_basis(s_spec("nothing"), list(x = 1:9), NULL),
               class = "gamut_error_smooth", 's\\(x\\).*no basis bs = "nothing"')
  expect_error(smooth_basis(s_spec("sos"), list(x = 1:9), NULL),
               class = "gamut_error_smooth", "mgcv makes no basis of it")
})
