main <- function(formula) parse_formula(formula)$predictors$main

# A predictor in one line: parametric part, then labels of the special terms.
reading <- function(formula) {
  predictor <- main(formula)
  kinds <- predictor[c("offsets", "smooths", "loess", "random")]
  labels <- unlist(lapply(kinds, names), use.names = FALSE)
  paste(c(deparse(predictor$parametric[[2L]], 500L), labels), collapse = " ; ")
}

test_that("formulas are read as the table says", {
  table <- list(
    list(y ~ x, "x"),
    list(y ~ 1, "1"),
    list(y ~ 0 + x, "0 + x"),
    list(y ~ x + 0, "x + 0"),
    list(y ~ -1 + x, "-1 + x"),
    list(y ~ x - 1, "x - 1"),
    list(y ~ ., "."),
    list(y ~ . - z, ". - z"),
    list(y ~ a * b + c:d, "a * b + c:d"),
    list(y ~ (a + b + c)^2 - a:b, "(a + b + c)^2 - a:b"),
    list(y ~ b %in% a, "b %in% a"),
    list(y ~ a / b, "a/b"),
    list(y ~ poly(x, 2) + splines::ns(z, df = 3), "poly(x, 2) + splines::ns(z, df = 3)"),
    list(y ~ I(a | b) + exp(x) + diag(m), "I(a | b) + exp(x) + diag(m)"),
    list(y ~ ifelse(a | b, 1, 0), "ifelse(a | b, 1, 0)"),
    list(y ~ utils::s(x) + s, "utils::s(x) + s"),
    list(y ~ x[, 1] + d$z, "x[, 1] + d$z"),
    list(y ~ NULL, "1"),
    list(y ~ offset(log(n)), "1 ; offset(log(n))"),
    list(y ~ a + offset(u) + b + stats::offset(v), "a + b ; offset(u) ; offset(v)"),
    list(y ~ offset(w) + offset(w), "1 ; offset(w)"),
    list(y ~ s(x), "1 ; s(x)"),
    list(y ~ s(x) - 1, "-1 ; s(x)"),
    list(y ~ 0 + s(x), "0 ; s(x)"),
    list(y ~ a + s(x) + b - a, "a + b - a ; s(x)"),
    list(y ~ (a + s(x) + b) + c, "(a + b) + c ; s(x)"),
    list(y ~ (a + s(x)) + b, "a + b ; s(x)"),
    list(y ~ a - (b + c), "a - (b + c)"),
    list(y ~ s(x) - (b - c), "-(b - c) ; s(x)"),
    list(y ~ s(x) + lo(z) + te(x, z) + a, "a ; s(x) ; te(x,z) ; lo(z)"),
    list(y ~ (1 | g), "1 ; (1 | g)"),
    list(y ~ ((1 | g)) + x, "x ; (1 | g)"),
    list(y ~ x + (x || g) + ar1(0 + t | g), "x ; (x || g) ; ar1(0 + t | g)"),
    list(y ~ s(x) + s(x), "1 ; s(x)"),
    list(y ~ s(x, k = 5, bs = "cr") + mgcv::s(x, bs = "cr", k = 5), "1 ; s(x)"),
    list(y ~ (1 | g) + (1 | g), "1 ; (1 | g)"),
    list(y ~ (1 | a / b) + (1 | a), "1 ; (1 | a) ; (1 | a:b)")
  )
  for (row in table) {
    expect_identical(reading(row[[1]]), row[[2]], info = deparse(row[[1]]))
  }
})

test_that("a special term is subtracted by its label", {
  expect_identical(reading(y ~ x + s(z, k = 5) - s(z)), "x")
  expect_identical(reading(y ~ (1 | a / b) - (1 | a)), "1 ; (1 | a:b)")
  expect_identical(reading(y ~ (a + s(x) + b) - (b + s(x))), "(a + b) - b")
  expect_identical(reading(y ~ x + offset(w) - offset(w)), "x")
})

test_that("the parametric part has the terms that glm() would have", {
  pairs <- list(
    list(y ~ b + s(x) + a:b + a + (1 | g), y ~ b + a:b + a),
    list(y ~ a * b - 1 + s(z), y ~ a * b - 1),
    list(y ~ te(x, z) + 0 + f + f:w, y ~ 0 + f + f:w),
    list(y ~ lo(x) + (a + b)^2 + offset(w) - b, y ~ (a + b)^2 - b)
  )
  fields <- c("term.labels", "order", "intercept", "factors")
  for (pair in pairs) {
    ours <- attributes(terms(main(pair[[1]])$parametric))
    theirs <- attributes(terms(pair[[2]][-2]))
    expect_identical(ours[fields], theirs[fields], info = deparse(pair[[1]]))
  }
})

test_that("without special terms the right side is left untouched", {
  f <- y ~ a + (b - c) + (a + b):d
  expect_identical(main(f)$parametric[[2]], f[[3]])
})

test_that("environments are kept, one for each formula", {
  make <- function(f) {
    local_value <- 1
    environment(f) <- environment()
    f
  }
  f <- make(y ~ x + s(z) + (x | g))
  h <- make(phi ~ z)
  spec <- parse_formula(list(f, h))
  expect_identical(spec$env, environment(f))
  expect_identical(environment(spec$predictors$main$parametric), environment(f))
  expect_identical(environment(spec$predictors$main$random[[1]]$lhs), environment(f))
  expect_identical(environment(spec$predictors$phi$parametric), environment(h))
  home <- new.env()
  expect_identical(parse_formula(quote(y ~ x), env = home)$env, home)
  expect_identical(parse_formula(quote(y ~ x))$env, environment())
})

test_that("intercept and dot are told", {
  expect_true(main(y ~ s(x))$intercept)
  expect_false(main(y ~ s(x) - 1)$intercept)
  expect_false(main(y ~ 0 + x)$intercept)
  expect_true(main(y ~ x - 0)$intercept)
  expect_true(main(y ~ . + s(x))$dot)
  expect_false(main(y ~ x + (. | g))$dot)
  expect_true(main(y ~ x + (. | g))$random[[1]]$has_dot)
})

test_that("offsets are kept as expressions under their labels", {
  offsets <- main(y ~ x + offset(log(n)) + offset(a | b))$offsets
  expect_identical(offsets, list("offset(log(n))" = quote(log(n)),
                                 "offset(a | b)" = quote(a | b)))
})

test_that("any expression can be the response", {
  for (f in list(cbind(a, b) ~ x, log(y) ~ x, y / n ~ x, I(y > 2) ~ x, a | b ~ x)) {
    expect_identical(parse_formula(f)$response, f[[2]])
  }
  expect_null(parse_formula(~x, one_sided = TRUE)$response)
})

test_that("several predictors are named by their parameters", {
  spec <- parse_formula(list(y ~ x + s(z) + (1 | g), phi ~ z, nu = ~ s(z)))
  expect_named(spec$predictors, c("main", "phi", "nu"))
  names <- vapply(spec$predictors, function(p) p$name, "", USE.NAMES = FALSE)
  expect_identical(names, c(NA, "phi", "nu"))
  main <- vapply(spec$predictors, function(p) p$main, NA, USE.NAMES = FALSE)
  expect_identical(main, c(TRUE, FALSE, FALSE))
  expect_identical(spec$predictors$phi$parametric, ~z)
  expect_named(spec$predictors$nu$smooths, "s(z)")
  same <- parse_formula(list(y ~ x + s(z) + (1 | g), phi = ~z, nu ~ s(z)))
  expect_identical(same$predictors, spec$predictors)
  named <- parse_formula(list(mu = y ~ x, phi = phi ~ z))
  expect_identical(named$predictors$main$name, "mu")
  expect_identical(parse_formula(list(y ~ x))$predictors, parse_formula(y ~ x)$predictors)
})

test_that("terms objects and formulas of other packages are formulas", {
  expect_identical(parse_formula(terms(y ~ x + z))$predictors,
                   parse_formula(y ~ x + z)$predictors)
  other <- structure(y ~ x, class = c("Formula", "formula"))
  expect_identical(parse_formula(other)$predictors, parse_formula(y ~ x)$predictors)
})

test_that("nothing is evaluated", {
  f <- stop("lhs") ~ stop("a") + offset(stop("o")) +
    s(stop("v"), k = stop("k"), by = stop("b")) + lo(stop("l"), span = stop("s")) +
    known(stop("e") | stop("g"), K = stop("K"))
  expect_s3_class(parse_formula(f), "gamut_spec")
})

test_that("long formulas are read in linear time", {
  long <- function(term, n) {
    as.formula(paste("y ~", paste(sprintf(term, seq_len(n)), collapse = "+")))
  }
  expect_length(attr(terms(main(long("x%d", 2000))$parametric), "term.labels"), 2000)
  # 500 terms take 0.02 s (plain) and 0.06 s (smooth) on the machine this was written
  # on; two seconds leave room for a slow one, not for a quadratic walk over copies.
  expect_lt(system.time(parse_formula(long("x%d", 500)))[["elapsed"]], 2)
  expect_lt(system.time(spec <- parse_formula(long("s(x%d)", 500)))[["elapsed"]], 2)
  expect_length(spec$predictors$main$smooths, 500)
})

test_that("what is no model formula is refused", {
  expect_snapshot(error = TRUE, {
    parse_formula("y ~ x")
    parse_formula(NULL)
    parse_formula(cars)
    parse_formula(list())
    parse_formula(list(y ~ x, 3))
    parse_formula(~x)
    parse_formula(list(~x, phi ~ z))
    parse_formula(. ~ x)
    parse_formula(y ~ a^b)
    parse_formula(y ~ 2)
  })
  expect_error(parse_formula(3), class = "gamut_error_formula")
})

test_that("predictors must name one parameter each", {
  expect_snapshot(error = TRUE, {
    parse_formula(list(y ~ x, ~z))
    parse_formula(list(y ~ x, phi ~ z, phi ~ w))
    parse_formula(list(y ~ x, phi ~ z, phi = ~w))
    parse_formula(list(mu = y ~ x, mu ~ z))
    parse_formula(list(y ~ x, log(phi) ~ z))
    parse_formula(list(y ~ x, nu = phi ~ z))
    parse_formula(list(y ~ x, main ~ z))
  })
})

test_that("the error carries the term", {
  error <- tryCatch(parse_formula(y ~ x + s(z):f), gamut_error_formula = identity)
  expect_identical(error$term, "s(z):f")
})
