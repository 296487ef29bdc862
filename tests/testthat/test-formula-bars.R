random <- function(formula) unname(parse_formula(formula)$predictors$main$random)
labels <- function(formula) vapply(random(formula), function(term) term$label, "")

test_that("every part of a bar is kept", {
  term <- random(y ~ ar1(0 + time | p | g, rho = .5))[[1]]
  expect_s3_class(term, "gamut_random_spec")
  fields <- c("structure", "lhs", "group", "id", "args", "label", "call", "has_dot")
  expect_named(term, fields)
  expect_identical(term$structure, "ar1")
  expect_identical(term$lhs, ~ 0 + time)
  expect_identical(term$group, quote(g))
  expect_identical(term$id, "p")
  expect_identical(term$args, list(rho = .5))
  expect_identical(term$label, "ar1(0 + time | p | g, rho = 0.5)")
  expect_identical(term$call, quote(ar1(0 + time | p | g, rho = .5)))
  expect_false(term$has_dot)
})

test_that("a bar without id or arguments has neither", {
  term <- random(y ~ (1 + x | g))[[1]]
  expect_null(term$id)
  expect_length(term$args, 0)
  expect_true("id" %in% names(term))
})

test_that("each structure is known by its name", {
  structure_of <- function(formula) random(formula)[[1]]$structure
  expect_identical(structure_of(y ~ (x | g)), "us")
  expect_identical(structure_of(y ~ (x || g)), "diag")
  expect_identical(structure_of(y ~ diag(x || g)), "diag")
  expect_identical(structure_of(y ~ gamut::cs(x | g)), "cs")
  for (name in setdiff(covariance_structures(), "known")) {
    bar <- call(name, quote(0 + t | g))
    f <- new_formula(quote(y), bar, globalenv())
    expect_identical(structure_of(f), name)
    plain <- new_formula(quote(y), call(name, quote(x)), globalenv())
    expect_length(random(plain), 0)
  }
  known <- random(y ~ known(1 | g, K = A) + known(1 | g, K = D))
  expect_identical(lapply(known, function(term) term$args),
                   list(list(K = quote(A)), list(K = quote(D))))
})

test_that("the grouping side expands by the algebra of formulas", {
  expect_identical(labels(y ~ (1 | a / b)), c("(1 | a)", "(1 | a:b)"))
  expect_identical(labels(y ~ (1 | a / b / c)), c("(1 | a)", "(1 | a:b)", "(1 | a:b:c)"))
  expect_identical(labels(y ~ (x | a:b)), "(x | a:b)")
  expect_identical(labels(y ~ (x || a + b)), c("(x || a)", "(x || b)"))
  expect_identical(labels(y ~ (1 | a * b)), c("(1 | a)", "(1 | b)", "(1 | a:b)"))
  expect_identical(labels(y ~ (1 | (a + b) / c)), c("(1 | a)", "(1 | b)", "(1 | a:b:c)"))
  expect_identical(labels(y ~ (1 | a / (b + c))), c("(1 | a)", "(1 | a:b)", "(1 | a:c)"))
  expect_identical(labels(y ~ (1 | a:a + a)), "(1 | a)")
  expect_identical(labels(y ~ cs(x | q | a / b)), c("cs(x | q | a)", "cs(x | q | a:b)"))
  expect_identical(labels(y ~ (1 | factor(g):d$h)), "(1 | factor(g):d$h)")
  expect_identical(random(y ~ (1 | a / b))[[2]]$group, quote(a:b))
  expect_identical(random(y ~ (1 | a / b))[[2]]$call, quote((1 | a / b)))
})

test_that("the expansion agrees with the terms of the grouping side", {
  sorted <- function(labels) {
    factors <- lapply(strsplit(labels, ":"), sort)
    sort(vapply(factors, paste, "", collapse = ":"))
  }
  sides <- list(~ a / b / c, ~ (a + b) / c, ~ a * b, ~ a / (b + c), ~ a + b:c, ~ b %in% a)
  for (f in sides) {
    bar <- call("(", call("|", 1, f[[2]]))
    ours <- labels(new_formula(quote(y), bar, globalenv()))
    expect_identical(sorted(gsub("[(]1 [|] |[)]", "", ours)),
                     sorted(attr(terms(f), "term.labels")))
  }
})

test_that("the left side is a formula of its own", {
  expect_identical(random(y ~ (0 + f | g))[[1]]$lhs, ~ 0 + f)
  expect_identical(random(y ~ (a * poly(x, 2) - 1 | g))[[1]]$lhs, ~ a * poly(x, 2) - 1)
})

test_that("bars that cannot be read are refused", {
  expect_snapshot(error = TRUE, {
    parse_formula(y ~ (0 | g))
    parse_formula(y ~ (1 | 1))
    parse_formula(y ~ (1 | .))
    parse_formula(y ~ (1 | a - b))
    parse_formula(y ~ (1 | a^2))
    parse_formula(y ~ (s(x) | g))
    parse_formula(y ~ (x + offset(w) | g))
    parse_formula(y ~ (1 | p || g))
    parse_formula(y ~ (1 | p + q | g))
    parse_formula(y ~ (1 | p | q | g))
    parse_formula(y ~ us(x || g))
    parse_formula(y ~ us(x | g, 2))
    parse_formula(y ~ us(x | g, ))
    parse_formula(y ~ known(1 | g))
    parse_formula(y ~ known(1 | g, A))
    parse_formula(y ~ known(1 | a / b, K = A))
    parse_formula(y ~ (1 | g(s(x))))
  })
})
