smooth <- function(formula) parse_formula(formula)$predictors$main$smooths[[1]]
loess_term <- function(formula) parse_formula(formula)$predictors$main$loess[[1]]

test_that("every part of a smooth is kept, unevaluated", {
  term <- smooth(y ~ s(x, log(z), k = n + 1, bs = "gp", by = w, xt = list(a = b)))
  expect_s3_class(term, "gamut_smooth_spec")
  expect_named(term, c("fun", "label", "vars", "by", "args", "call"))
  expect_identical(term$fun, "s")
  expect_identical(term$label, "s(x,log(z)):w")
  expect_identical(term$vars, list(quote(x), quote(log(z))))
  expect_identical(term$by, quote(w))
  expect_identical(term$args, list(k = quote(n + 1), bs = "gp", xt = quote(list(a = b))))
  expect_identical(term$call[[1]], quote(s))
})

test_that("labels are those of mgcv", {
  skip_if_not_installed("mgcv")
  formulas <- list(y ~ s(x), y ~ s(x, z), y ~ te(x, log(z)), y ~ s(x, by = g),
                   y ~ t2(x, z))
  for (f in formulas) {
    theirs <- mgcv::interpret.gam(f)$smooth.spec[[1]]
    by <- if (theirs$by == "NA") "" else paste0(":", theirs$by)
    expect_identical(smooth(f)$label, paste0(theirs$label, by))
  }
})

test_that("all arguments of mgcv are taken, and no others", {
  skip_if_not_installed("mgcv")
  for (fun in c("s", "te", "ti", "t2")) {
    theirs <- setdiff(names(formals(getExportedValue("mgcv", fun))), "...")
    expect_setequal(smooth_arguments[[fun]], theirs)
    named <- stats::setNames(lapply(theirs, as.name), theirs)
    call <- as.call(c(as.name(fun), quote(x), quote(z), named))
    term <- smooth(new_formula(quote(y), call, globalenv()))
    expect_setequal(names(term$args), setdiff(theirs, "by"))
  }
})

test_that("by = NA and by = NULL mean no by-variable", {
  expect_null(smooth(y ~ s(x, by = NA))$by)
  expect_null(smooth(y ~ s(x, by = NULL))$by)
  expect_identical(smooth(y ~ s(x, by = NULL))$label, "s(x)")
  expect_identical(smooth(y ~ s(x, by = g, k = 4)), {
    term <- smooth(y ~ s(x, k = 4, by = g))
    term$call <- quote(s(x, by = g, k = 4))
    term
  })
})

test_that("arguments that are NULL are kept", {
  expect_identical(smooth(y ~ s(x, xt = NULL))$args, list(xt = NULL))
})

test_that("qualified names mean the same", {
  plain <- smooth(y ~ s(x, k = 5))
  for (f in list(y ~ mgcv::s(x, k = 5), y ~ gamut::s(x, k = 5))) {
    expect_identical(smooth(f)[names(plain) != "call"], plain[names(plain) != "call"])
  }
  expect_identical(loess_term(y ~ gam::lo(x))$label, "lo(x)")
  term <- smooth(y ~ mgcv::ti(x, z, mc = c(0, 1)))
  expect_identical(term$args, list(mc = quote(c(0, 1))))
})

test_that("a number behind the covariate is degrees of freedom, as in package gam", {
  for (f in list(y ~ s(x, 4), y ~ s(x, df = 4), y ~ gam::s(x, 4), y ~ gam::s(x),
                 y ~ gam::s(x, df = 4))) {
    term <- smooth(f)
    expect_identical(term$label, "s(x,4)")
    expect_identical(term$vars, list(quote(x)))
    expect_identical(term$args, list(df = 4))
    expect_identical(term$call, f[[3]])
  }
  # another label than that of a smooth of two covariates
  expect_identical(smooth(y ~ s(x, df = n))$label, "s(x,df=n)")
  expect_identical(smooth(y ~ s(x, 2.5, k = 8))$label, "s(x,2.5)")
})

test_that("lo() keeps covariates and settings", {
  term <- loess_term(y ~ lo(x, z, span = .3, degree = 2))
  expect_s3_class(term, "gamut_loess_spec")
  expect_named(term, c("fun", "label", "vars", "args", "call"))
  expect_identical(term$label, "lo(x,z)")
  expect_identical(term$vars, list(quote(x), quote(z)))
  expect_identical(term$args, list(span = .3, degree = 2))
})

test_that("smooths that cannot be read are refused", {
  expect_snapshot(error = TRUE, {
    parse_formula(y ~ s())
    parse_formula(y ~ s(k = 5))
    parse_formula(y ~ s(x, z, 10))
    parse_formula(y ~ s(x, np = TRUE))
    parse_formula(y ~ s(x, k = 4, k = 5))
    parse_formula(y ~ s(x, ))
    parse_formula(y ~ s(.))
    parse_formula(y ~ lo(x, .5))
    parse_formula(y ~ lo(x, family = "symmetric"))
  })
})
