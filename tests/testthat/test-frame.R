d <- mixed_data(50L)

test_that("a frame holds the very columns of the data when no row is dropped", {
  skip_if_not(capabilities("profmem"))
  place <- function(x) {
    where <- tracemem(x)
    untracemem(x)
    where
  }
  frame <- frame_of(y ~ x + f + text + date, d)
  for (name in c("x", "f", "text", "date")) {
    expect_identical(place(frame$variables[[name]]), place(d[[name]]))
  }
  expect_identical(place(frame$response), place(d$y))
  expect_null(frame$row_names)
  expect_null(frame$kept)
})

test_that("model_frame_of() is model.frame()", {
  d$x[3L] <- NA
  check <- function(formula, ...) {
    reference <- stats::model.frame(formula, d, drop.unused.levels = TRUE)
    frame <- frame_of(formula, d, ...)
    own <- model_frame_of(frame)
    attr(reference, "terms") <- attr(own, "terms") <- NULL
    expect_equal(own, reference)
  }
  check(y ~ x + f + text * m)
  check(log(z) ~ m + I(x^2))
  check(cbind(i, 5 - i) ~ x, family = "binomial")
})

test_that("terms are those of glm(): response, predvars, dataClasses", {
  frame <- frame_of(log(z) ~ poly(x, 2) + f + scale(w), d)
  own <- frame$predictors$mu$terms
  reference <- stats::terms(stats::model.frame(log(z) ~ poly(x, 2) + f + scale(w), d))
  expect_equal(attributes(own)[sort(names(attributes(own)))],
               attributes(reference)[sort(names(attributes(reference)))],
               ignore_attr = TRUE)
})

test_that("levels not in use are dropped, from contrasts aloud", {
  frame <- frame_of(y ~ f, d, subset = quote(f != "b"))
  expect_identical(frame$predictors$mu$xlevels, list(f = c("a", "c")))
  expect_identical(levels(frame$variables$f), c("a", "c"))
  expect_identical(as.character(frame$variables$f), as.character(d$f[d$f != "b"]))
  expect_snapshot(frame_of(y ~ sum, d, subset = quote(f != "b"))$predictors$mu$xlevels)
  expect_identical(frame_of(f ~ x, d, "binomial", subset = quote(f != "b"))$levels,
                   c("a", "c"))
})

test_that("xlevels are those of the model frame", {
  frame <- frame_of(y ~ f + text + logical + x + factor(i), d)
  reference <- stats::model.frame(y ~ f + text + logical + x + factor(i), d)
  expect_identical(frame$predictors$mu$xlevels,
                   stats::.getXlevels(attr(reference, "terms"), reference))
})

test_that("predictors are matched to the family's parameters", {
  d$p <- stats::plogis(d$x)
  frame <- frame_of(list(p ~ x, phi ~ f), d, "Beta")
  expect_named(frame$predictors, c("mu", "phi"))
  expect_identical(attr(frame$predictors$phi$terms, "response"), 0L)
  expect_named(frame$variables, c("x", "f"))
  expect_snapshot(frame_of(list(p ~ x, psi ~ f), d, "Beta"), error = TRUE)
  expect_snapshot(frame_of(list(phi = p ~ x, mu ~ f), d, "Beta"), error = TRUE)
  expect_snapshot(frame_of(list(p ~ x, mu ~ f), d, "Beta"), error = TRUE)
  expect_snapshot(frame_of(list(y ~ x, phi ~ f), d), error = TRUE)
})

test_that("offsets in the formula and the argument are added", {
  frame <- frame_of(y ~ x + offset(z) + offset(log(w)), d, offset = quote(x / 2))
  expect_equal(frame$offsets$mu, d$z + log(d$w) + d$x / 2)
  expect_equal(frame_of(y ~ x, d, offset = d$z)$offsets$mu, d$z)
  expect_null(frame_of(y ~ x, d)$offsets$mu)
  expect_snapshot(frame_of(y ~ x, d, offset = quote(text)), error = TRUE)
})

test_that("weights are prior weights", {
  expect_identical(frame_of(y ~ x, d, weights = quote(w))$weights, d$w)
  expect_identical(frame_of(y ~ x, d, weights = quote(i))$weights, as.double(d$i))
  # what a wrapper has that passes its own default on
  expect_null(frame_of(y ~ x, d, weights = quote(if (FALSE) w))$weights)
  expect_identical(frame_of(y ~ x, d, weights = quote(w * (x > 0)))$weights,
                   d$w * (d$x > 0))
  d$bad <- d$w
  d$bad[c(4, 9)] <- c(-1, NA)
  expect_snapshot(frame_of(y ~ x, d, weights = quote(bad), subset = quote(i > 0)),
                  error = TRUE)
  expect_snapshot(frame_of(y ~ x, d, weights = quote(text)), error = TRUE)
  expect_snapshot(frame_of(y ~ x, d, weights = quote(0 * w)), error = TRUE)
})

test_that("a stripped frame is small and free of rows", {
  wide <- data.frame(y = rnorm(1e5), x = rnorm(1e5), f = factor(rep_len(1:9, 1e5)))
  frame <- strip_frame(frame_of(y ~ x * f, wide))
  # the environment of the formula is not the frame's
  for (i in seq_along(frame$predictors)) {
    environment(frame$predictors[[i]]$terms) <- globalenv()
  }
  expect_lt(length(serialize(frame, NULL)), 5e4)
})
