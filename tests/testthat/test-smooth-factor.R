d <- compound_data()
new <- inside_of(d)

expect_same_factor <- function(spec, peer) {
  basis <- smooth_basis(spec, d, NULL)
  other <- mgcv::smoothCon(peer, d, absorb.cons = TRUE, scale.penalty = FALSE)[[1L]]
  expect_same_smooth(basis_matrix(basis, d), whole_basis(basis)$S, other$X, other$S,
                     basis_matrix(basis, new), mgcv::PredictMat(other, new))
  expect_equal(basis$rank, as.vector(other$rank))
  expect_equal(basis$null_dim, other$null.space.dim)
  expect_identical(basis$constraint, "none")
  expect_false(basis$side)
  expect_ranks(basis)
}

test_that("fs has the space and the penalties of mgcv", {
  skip_if_no_peer("mgcv")
  # one function without penalty, so that there is nothing to rotate
  expect_same_factor(compound_spec("fs", c("x", "f"), k = 6, m = 1),
                     mgcv::s(x, f, bs = "fs", k = 6, m = 1))
  expect_same_factor(compound_spec("fs", c("f", "x"), k = 6, xt = "cc"),
                     mgcv::s(f, x, bs = "fs", k = 6, xt = "cc"))
  spec <- compound_spec("fs", c("x", "f"), k = 6, m = c(2, 1), xt = list(bs = "ps"))
  expect_same_factor(spec, mgcv::s(x, f, bs = "fs", k = 6, m = c(2, 1),
                                   xt = list(bs = "ps")))
})

# Of two functions without penalty mgcv takes any orthonormal pair (moving x by 10 gives
# another, and another REML); here they are a constant and a line orthogonal to it. So
# their penalties are compared after mgcv's have been turned to these.
test_that("fs has mgcv's penalties on intercepts and slopes, once these are told apart", {
  skip_if_no_peer("mgcv")
  for (bs in c("tp", "cr")) {
    basis <- smooth_basis(compound_spec("fs", c("x", "f"), k = 6, xt = bs), d, NULL)
    peer <- mgcv::s(x, f, bs = "fs", k = 6, xt = bs)
    other <- mgcv::smooth.construct(peer, d, NULL)
    pair <- other$Xb[, 5:6]
    target <- cbind(1, (d$x - mean(d$x)) / sqrt(mean((d$x - mean(d$x))^2)))
    turn <- crossprod(pair, target) / nrow(d)
    on_levels <- function(v) {
      kronecker(diag(4), tcrossprod(c(rep(0, 4), v)))
    }
    turned <- list(other$S[[1L]], on_levels(turn[, 1L]), on_levels(turn[, 2L]))
    expect_same_smooth(basis_matrix(basis, d), whole_basis(basis)$S, other$X, turned,
                       basis_matrix(basis, new), mgcv::Predict.matrix(other, new))
    expect_ranks(basis)
  }
})

test_that("fs does not depend on where zero is, nor on levels without data", {
  spec <- compound_spec("fs", c("x", "f"), k = 6)
  basis <- smooth_basis(spec, d, NULL)
  moved <- d
  moved$x <- d$x + 10
  moved$f <- factor(d$f, levels = c("none", "d", "c", "b", "a"))
  other <- smooth_basis(spec, moved, NULL)
  expect_identical(other$levels, c("d", "c", "b", "a"))
  expect_same_smooth(basis_matrix(basis, d), whole_basis(basis)$S,
                     basis_matrix(other, moved), whole_basis(other)$S)
})

test_that("fs can be taken level by level", {
  basis <- smooth_basis(compound_spec("fs", c("x", "f"), k = 6), d, NULL)
  expect_identical(basis$levels, letters[1:4])
  expect_identical(basis$copies, 4L)
  expect_identical(dim(basis$S[[1L]]), c(6L, 6L))
  x <- basis_matrix(basis, d)
  rows <- block_rows(basis, d)
  for (i in c(1L, 20L, 111L)) {
    at <- (match(d$f[[i]], basis$levels) - 1L) * 6L + 1:6
    expect_identical(rows$values[i, ], x[i, at])
    expect_true(all(x[i, -at] == 0))
  }
  # wiggles, constants and lines
  expect_identical(lapply(basis$S, diag),
                   list(rep(c(1, 0), c(4, 2)), c(0, 0, 0, 0, 1, 0), c(0, 0, 0, 0, 0, 1)),
                   ignore_attr = TRUE)
})

test_that("an unknown level gives zeros, a missing value NA", {
  part <- data.frame(x = c(0.5, 0.5, NA, 0.5), f = c("a", "unknown", "a", NA),
                     g = c("u", "v", "u", "w"))
  for (spec in list(compound_spec("fs", c("x", "f"), k = 5),
                    compound_spec("sz", c("x", "f", "g"), k = 5))) {
    x <- basis_matrix(smooth_basis(spec, d, NULL), part)
    expect_true(any(x[1L, ] != 0))
    expect_true(all(x[2L, ] == 0))
    expect_true(all(is.na(x[3:4, ])))
  }
})

test_that("sz has the space and the penalties of mgcv", {
  skip_if_no_peer("mgcv", "1.8.41")
  expect_same_factor(compound_spec("sz", c("f", "x"), k = 6),
                     mgcv::s(f, x, bs = "sz", k = 6))
  expect_same_factor(compound_spec("sz", c("x", "f"), k = 6, xt = list(bs = "cr")),
                     mgcv::s(x, f, bs = "sz", k = 6, xt = list(bs = "cr")))
  expect_same_factor(compound_spec("sz", c("f", "g", "x"), k = 5, xt = "cr"),
                     mgcv::s(f, g, x, bs = "sz", k = 5, xt = "cr"))
  expect_same_factor(compound_spec("sz", c("f", "x"), k = 6, id = 1),
                     mgcv::s(f, x, bs = "sz", k = 6, id = 1))
})

test_that("sz sums to zero over the levels of each factor", {
  basis <- smooth_basis(compound_spec("sz", c("f", "g", "x"), k = 5), d, NULL)
  every <- expand.grid(f = levels(d$f), g = levels(d$g), x = c(0.1, 0.6))
  x <- basis_matrix(basis, every)
  for (by in list(every$f, every$g)) {
    # sums of numbers of order one
    other <- if (identical(by, every$f)) every$g else every$f
    expect_lt(max(abs(rowsum(x, paste(other, every$x)))), 1e-12)
    expect_gt(max(abs(x)), 0.5)
  }
})

test_that("REML of factor smooths is that of mgcv", {
  skip_if_no_peer("mgcv", "1.8.41")
  expect_same_reml(list(compound_spec("fs", c("x", "f"), k = 6, m = 1)),
                   y ~ s(x, f, bs = "fs", k = 6, m = 1), d)
  curve <- tensor_spec("ti", "x", k = 6)
  expect_same_reml(list(compound_spec("sz", c("f", "x"), k = 6, xt = "cr"), curve),
                   y ~ s(f, x, bs = "sz", k = 6, xt = "cr") + ti(x, k = 6), d,
                   tolerance = 1e-3)
  shared <- compound_spec("sz", c("f", "g", "x"), k = 6, xt = "cr", id = 1)
  expect_same_reml(list(shared, curve),
                   y ~ s(f, g, x, bs = "sz", k = 6, xt = "cr", id = 1) + ti(x, k = 6), d,
                   tolerance = 1e-3)
})

test_that("fixed factor smooths have no penalty", {
  for (bs in c("fs", "sz")) {
    basis <- smooth_basis(compound_spec(bs, c("x", "f"), k = 5, fixed = TRUE), d, NULL)
    expect_identical(basis$S, list())
    expect_identical(basis$null_dim, basis$columns)
  }
})

test_that("what makes no factor smooth is an error that names the term", {
  one <- transform(d, f = factor("a"))
  many <- data.frame(x = d$x, id = factor(seq_along(d$x)))
  expect_snapshot(error = TRUE, {
    smooth_basis(compound_spec("fs", c("x", "f", "g")), d, NULL)
    smooth_basis(compound_spec("fs", c("x", "z")), d, NULL)
    smooth_basis(compound_spec("fs", "f"), d, NULL)
    smooth_basis(compound_spec("fs", c("x", "absent")), d, NULL)
    smooth_basis(compound_spec("fs", c("x", "f"), xt = 3), d, NULL)
    smooth_basis(compound_spec("sz", c("x", "f"), xt = list(bs = "fs")), d, NULL)
    smooth_basis(compound_spec("sz", c("x", "f")), one, NULL)
    smooth_basis(compound_spec("fs", c("x", "f"), xt = "ad", k = 20), d, NULL)
    smooth_basis(compound_spec("sz", c("x", "id"), k = 20), many, NULL)
  })
})
