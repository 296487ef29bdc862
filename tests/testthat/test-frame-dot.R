d <- data.frame(y = c(1, 4, 2, 6), p = c(.2, .4, .3, .6), x = 1:4 + 0, z = c(2, 1, 2, 5),
                `a b` = c(1, 0, 1, 1), check.names = FALSE)

labels_of <- function(formula, data = d, family = "gaussian") {
  lapply(frame_of(formula, data, family)$predictors, function(p) {
    attr(p$terms, "term.labels")
  })
}

test_that("`.` is every column not on the left, as in glm()", {
  same <- function(formula) {
    expect_identical(labels_of(formula)$mu,
                     attr(stats::terms(formula, data = d), "term.labels"))
  }
  same(y ~ .)
  same(log(y) ~ .)
  same(y ~ . - x)
  same(y ~ .^2)
  same(y ~ . + log(x))
  same(y ~ x:.)
})

test_that("`.` leaves out what another predictor names", {
  expect_identical(labels_of(list(p ~ ., phi ~ z), family = "Beta"),
                   list(mu = c("y", "x", "`a b`"), phi = "z"))
  expect_identical(labels_of(list(p ~ x, phi ~ .), family = "Beta"),
                   list(mu = "x", phi = c("y", "z", "`a b`")))
})

test_that("`.` leaves out what smooths, bars and lo() use", {
  spec <- parse_formula(y ~ . + s(log(x), k = k) + (z | `a b`))
  d$k <- 5
  expect_identical(frame_terms(spec$predictors$main, spec, d)$keys, c("p", "k"))
})

test_that("`.` needs data", {
  y <- 1:3
  expect_snapshot(frame_of(y ~ .), error = TRUE)
})

test_that("a frame needs a response", {
  spec <- parse_formula(~x, one_sided = TRUE)
  expect_snapshot(build_frame(spec, d, as_gamut_family("gaussian")), error = TRUE)
})
