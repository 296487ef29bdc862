d <- mixed_data(20L)
d$gap <- d$x
d$gap[c(3, 9)] <- NA

# The na.action record of stats for the same call
record <- function(...) attr(stats::model.frame(...), "na.action")

test_that("rows with missing values are left out and recorded as stats does", {
  d$z[5L] <- NaN
  frame <- frame_of(y ~ gap + z, d)
  expect_identical(frame$kept, setdiff(1:20, c(3L, 5L, 9L)))
  expect_identical(frame$na_action, record(y ~ gap + z, d))
  expect_identical(frame_row_names(frame), as.character(frame$kept))
  expect_identical(frame_of(y ~ gap, d, na_action = na.exclude)$na_action,
                   record(y ~ gap, d, na.action = na.exclude))
  expect_identical(frame_of(y ~ gap, d, na_action = "exclude")$na_action,
                   record(y ~ gap, d, na.action = na.exclude))
  expect_null(frame_of(y ~ x, d)$na_action)
  # an offset counts, prior weights are checked by the family instead
  expect_identical(frame_of(y ~ x + offset(gap), d)$rows, 18L)
})

test_that("missing values in factors, text, matrices and responses count", {
  d$f[1L] <- NA
  d$text[2L] <- NA
  d$m[4L, 2L] <- NA
  d$y[6L] <- NA
  frame <- frame_of(y ~ f + text + m + logical, d)
  reference <- stats::model.frame(y ~ f + text + m + logical, d)
  expect_identical(frame$na_action, attr(reference, "na.action"))
  expect_equal(program_matrix(build_problem(frame, as_gamut_family("gaussian"))),
               stats::model.matrix(y ~ f + text + m + logical, reference),
               ignore_attr = TRUE)
})

test_that("subset takes conditions, numbers and names", {
  rownames(d) <- paste0("r", 1:20)
  limit <- 0
  frame <- frame_of(y ~ gap, d, subset = quote(x > limit))
  expect_identical(frame_row_names(frame),
                   rownames(stats::model.frame(y ~ gap, d, subset = x > limit)))
  expect_identical(frame$na_action, record(y ~ gap, d, subset = x > limit))
  expect_identical(frame_of(y ~ x, d, subset = 3:5)$kept, 3:5)
  expect_identical(frame_of(y ~ x, d, subset = -(1:15))$kept, 16:20)
  expect_identical(frame_of(y ~ x, d, subset = c("r2", "r9"))$kept, c(2L, 9L))
  expect_identical(frame_of(y ~ x, d, subset = quote(gap > -Inf))$rows, 18L)
  expect_identical(frame_row_names(frame_of(y ~ x, d, subset = c(1, 1, 2))),
                   c("r1", "r1.1", "r2"))
})

test_that("bases are computed before rows are dropped, as in glm()", {
  frame <- frame_of(y ~ poly(x, 2), d, subset = quote(i > 2))
  reference <- stats::model.matrix(y ~ poly(x, 2),
                                   stats::model.frame(y ~ poly(x, 2), d, subset = i > 2))
  expect_equal(model_matrix_of(frame$predictors$mu, frame), reference)
})

test_that("a na.action of one's own sees a data frame of the variables", {
  zero <- function(object) {
    object$gap[is.na(object$gap)] <- 0
    object
  }
  frame <- frame_of(y ~ gap, d, na_action = zero)
  expect_identical(frame$variables$gap[c(3, 9)], c(0, 0))
  expect_identical(frame$rows, 20L)
  late <- function(object) object[-(1:9), ]
  expect_identical(frame_of(y ~ gap, d, na_action = late)$kept, 10:20)
  expect_snapshot(frame_of(y ~ gap, d, na_action = identity), error = TRUE)
  expect_snapshot(frame_of(y ~ gap, d, na_action = function(x) x[0, ]), error = TRUE)
})

test_that("missing and infinite values that cannot stay are named", {
  d$empty <- NA_real_
  d$wide <- d$x
  d$wide[c(2, 7)] <- c(Inf, -Inf)
  d$holes <- ifelse(is.na(d$gap), 1, NA)
  expect_snapshot(error = TRUE, {
    frame_of(y ~ gap, d, na_action = na.fail)
    frame_of(y ~ gap, d, na_action = NULL)
    frame_of(y ~ gap, d, na_action = na.pass)
    frame_of(y ~ gap, d, na_action = 1)
    frame_of(y ~ empty + x, d)
    frame_of(y ~ holes + gap, d)
    frame_of(y ~ wide, d)
    frame_of(y ~ wide, d, subset = -1)
    frame_of(wide ~ x, d)
    frame_of(y ~ m + log(x - x), d)
  })
  # an infinite value in a row that is not used harms nobody
  expect_identical(frame_of(y ~ wide, d, subset = -c(2, 7))$rows, 18L)
  # a sum that overflows is no infinite value
  d$huge <- rep_len(c(1e308, 1.5e308), 20)
  expect_identical(frame_of(y ~ huge, d)$rows, 20L)
})

test_that("subsets that select nothing sensible are refused", {
  expect_snapshot(error = TRUE, {
    frame_of(y ~ x, d, subset = quote(x > 99))
    frame_of(y ~ x, d, subset = 25)
    frame_of(y ~ x, d, subset = c(TRUE, FALSE))
    frame_of(y ~ x, d, subset = quote(no_such > 1))
    frame_of(y ~ x, d, subset = quote(f))
  })
})

test_that("row names are not made when they are automatic", {
  frame <- frame_of(y ~ x, d)
  expect_null(frame$row_names)
  expect_identical(frame_row_names(frame), as.character(1:20))
  named <- list(y = stats::setNames(d$y, letters[1:20]), x = d$x)
  expect_identical(frame_row_names(frame_of(y ~ x, named)), letters[1:20])
})
