d <- mixed_data()

# Every way in which operands, codings and orders can meet. The right answer is always
# stats::model.matrix().
formulas <- list(
  y ~ 1, y ~ 0, y ~ x, y ~ 0 + x, y ~ x - 1, y ~ f, y ~ f - 1, y ~ f + g - 1, y ~ f * g,
  y ~ f:g, y ~ f:g - 1, y ~ f + f:g, y ~ f:x, y ~ f * x, y ~ f:x - 1, y ~ x:f + g,
  y ~ o, y ~ o * f, y ~ 0 + o, y ~ text, y ~ text * x, y ~ logical, y ~ logical - 1,
  y ~ logical:x, y ~ logical * f, y ~ m, y ~ m * f, y ~ m:f - 1, y ~ 0 + m + f,
  y ~ poly(x, 1), y ~ poly(x, 3), y ~ poly(x, 2) * f, y ~ poly(x, 2):poly(z, 2),
  y ~ splines::ns(x, 4), y ~ splines::bs(x, df = 5):f, y ~ scale(x),
  y ~ I(x^2) + log(z), y ~ cbind(u = x, z), y ~ `a b`, y ~ `f g` * `a b`,
  y ~ log(z):`f g`, y ~ i, y ~ factor(i), y ~ factor(i) * x, y ~ x:z:i, y ~ date,
  y ~ big, y ~ big - 1, y ~ big:x, y ~ big * x, y ~ big:f, y ~ big:f:x, y ~ f:big:m,
  y ~ m:big, y ~ big * f * x, y ~ big + poly(x, 2):big, y ~ big:o, y ~ big:sum,
  y ~ sum:big:x, y ~ f:g:o, y ~ f * g * o, y ~ sum, y ~ helmert, y ~ sum * helmert,
  y ~ one, y ~ one * sum, y ~ (f + g + o)^2, y ~ (x + z + f)^3 - x:z, y ~ f %in% g,
  y ~ g / f, y ~ f + g - f, y ~ x + x:f - x, y ~ 0 + x:f + f:g, log(z) ~ x,
  y ~ cut(x, 3), y ~ ifelse(f == "a", 1, 0), y ~ ., y ~ . - m - big, log(z) ~ . - date
)

matrix_of <- function(formula, data = d, ...) {
  frame <- stats::model.frame(formula, data)
  stats::model.matrix(attr(frame, "terms"), frame, ...)
}

test_that("column programs have the names, assign and values of model.matrix()", {
  for (formula in formulas) {
    reference <- matrix_of(formula)
    problem <- problem_of(formula, d)
    label <- deparse1(formula)
    expect_identical(as.character(problem$names), as.character(colnames(reference)),
                     label = label)
    expect_identical(as.integer(problem$layout$mu$assign),
                     as.integer(attr(reference, "assign")), label = label)
    # products are taken in the same order, so only the last bit can differ
    expect_lt(max(0, abs(program_matrix(problem) - reference)), 1e-14, label = label)
  }
})

test_that("model_matrix_of() is model.matrix() with assign and contrasts", {
  for (formula in formulas) {
    frame <- frame_of(formula, d)
    reference <- matrix_of(formula)
    expect_equal(model_matrix_of(frame$predictors$mu, frame), reference,
                 tolerance = 1e-15, label = deparse1(formula))
  }
})

test_that("new data give the columns of the old rows, whatever the rows beside them", {
  rows <- c(7L, 3L, 150:160)
  new <- d[rows, ]
  rownames(new) <- NULL
  new$f <- as.character(new$f)
  new$text <- factor(new$text)
  # cut() finds its breaks in the data it is given, in glm() as here
  for (formula in Filter(function(f) !any(all.names(f) == "cut"), formulas)) {
    frame <- frame_of(formula, d)
    reference <- model_matrix_of(frame$predictors$mu, frame)[rows, , drop = FALSE]
    newframe <- build_newframe(strip_frame(frame), new)
    problem <- build_problem(newframe, as_gamut_family("gaussian"))
    # bases are evaluated anew from stored knots and norms: rounding of their recurrences
    expect_equal(unname(program_matrix(problem)), unname(reference), tolerance = 1e-12,
                 ignore_attr = TRUE, label = deparse1(formula))
    expect_equal(unname(model_matrix_of(frame$predictors$mu, newframe)),
                 unname(reference), tolerance = 1e-12, ignore_attr = TRUE,
                 label = deparse1(formula))
  }
})

test_that("the contrasts argument and options(contrasts) work as in model.matrix()", {
  check <- function(formula, contrasts) {
    reference <- matrix_of(formula, contrasts.arg = contrasts)
    frame <- frame_of(formula, d, contrasts = contrasts)
    problem <- build_problem(frame, as_gamut_family("gaussian"))
    expect_identical(problem$names, colnames(reference))
    # contrast entries are copied, products are exact to the last bit
    expect_lt(max(abs(program_matrix(problem) - reference)), 1e-14)
    expect_equal(model_matrix_of(frame$predictors$mu, frame), reference)
  }
  check(y ~ f * g, list(f = "contr.sum"))
  check(y ~ f * g, list(f = "contr.SAS", g = contr.helmert))
  check(y ~ f + o, list(o = "contr.treatment", f = contr.treatment(3, base = 2)))
  check(y ~ f * x, list(f = matrix(c(-1, 0, 1), 3, dimnames = list(NULL, "slope"))))
  check(y ~ f, list(f = c(-1, 0, 1)))
  check(y ~ big * x, list(big = "contr.sum"))
  check(y ~ big:f, list(big = "contr.SAS"))
  check(y ~ logical * x, list(logical = "contr.sum"))
  check(y ~ text, list(text = "contr.helmert"))
  old <- options(contrasts = c("contr.helmert", "contr.treatment"))
  on.exit(options(old))
  check(y ~ f * o + text + logical, NULL)
})

test_that("terms with many columns become one code per row", {
  kinds <- function(formula) {
    vapply(problem_of(formula, d)$storages, `[[`, "", "kind")
  }
  expect_identical(kinds(y ~ x + f + big), c("dense", "index"))
  expect_identical(kinds(y ~ big - 1), "index")
  # one index for each numeric column
  expect_identical(kinds(y ~ big:m), c("dense", "index", "index"))
  # few levels times many numbers are not sparse enough to gain
  expect_identical(kinds(y ~ f:poly(x, 12)), "dense")
  storage <- problem_of(y ~ big, d)$storages[[2L]]
  expect_null(storage$contrast)
  expect_identical(storage$map, 0:39)
  storage <- problem_of(y ~ big, d, contrasts = list(big = "contr.sum"))$storages[[2L]]
  expect_identical(dim(storage$contrast), c(40L, 39L))
  expect_null(storage$map)
})

test_that("treatment contrasts of many levels are never a matrix", {
  n <- 2e5L
  many <- data.frame(y = rep_len(c(0, 1), n), f = factor(sample(n)))
  problem <- problem_of(y ~ f, many)
  # a matrix of 2e5 levels would be 320 GB
  expect_length(problem$names, n)
  expect_identical(problem$storages[[2L]]$levels, n)
})

test_that("a response on the right-hand side is left out with a warning", {
  expect_snapshot(problem <- problem_of(y ~ y + x, d))
  expect_identical(problem$names, c("(Intercept)", "x"))
})

test_that("an interaction with too many combinations is refused", {
  huge <- data.frame(y = rep_len(c(0, 1), 5e4), f = factor(seq_len(5e4)))
  huge$g <- huge$f
  expect_snapshot(combine_codings(rep(list(dummy_coding(levels(huge$f))), 2)),
                  error = TRUE)
})
