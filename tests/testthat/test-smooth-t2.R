d <- compound_data()
new <- inside_of(d)

expect_same_t2 <- function(spec, peer, data = d) {
  basis <- smooth_basis(spec, data, NULL)
  other <- mgcv::smooth.construct(peer, data, NULL)
  expect_same_smooth(basis_matrix(basis, data), basis$S, other$X, unname(other$S),
                     basis_matrix(basis, new), mgcv::Predict.matrix(other, new))
  expect_equal(basis$rank, as.vector(other$rank))
  expect_equal(basis$null_dim, other$null.space.dim)
  expect_ranks(basis)
  list(own = basis, peer = other)
}

# Thin plate margins: there mgcv's unpenalised functions are a constant and a line that is
# orthogonal to it, as ours are. In other bases they are as rounding errors have it.
test_that("t2() has the space and the penalties of mgcv", {
  skip_if_no_peer("mgcv")
  term <- c("x", "z")
  expect_same_t2(tensor_spec("t2", term, "tp"), mgcv::t2(x, z, bs = "tp"))
  expect_same_t2(tensor_spec("t2", term, "tp", full = TRUE),
                 mgcv::t2(x, z, bs = "tp", full = TRUE))
  expect_same_t2(tensor_spec("t2", term, "tp", k = c(6, 5), ord = 1),
                 mgcv::t2(x, z, bs = "tp", k = c(6, 5), ord = 1))
  expect_same_t2(tensor_spec("t2", term, "tp", ord = c(0, 2)),
                 mgcv::t2(x, z, bs = "tp", ord = c(0, 2)))
  # no more than constants are unpenalised, or nothing is
  expect_same_t2(tensor_spec("t2", term, c("ps", "cc"), m = list(c(2, 1), NA)),
                 mgcv::t2(x, z, bs = c("ps", "cc"), m = list(c(2, 1), NA)))
  expect_same_t2(tensor_spec("t2", term, c("ts", "tp")),
                 mgcv::t2(x, z, bs = c("ts", "tp")))
})

test_that("t2() of three covariates is that of mgcv", {
  skip_if_no_peer("mgcv")
  term <- c("x", "z", "w")
  expect_same_t2(tensor_spec("t2", term, "tp", k = 4),
                 mgcv::t2(x, z, w, bs = "tp", k = 4))
  expect_same_t2(tensor_spec("t2", term, "tp", k = 4, full = TRUE),
                 mgcv::t2(x, z, w, bs = "tp", k = 4, full = TRUE))
  # of the plane's two slopes mgcv's are not orthogonal, where covariates are correlated:
  # a penalty without them agrees, and the spaces of all
  basis <- smooth_basis(tensor_spec("t2", term, "tp", d = c(2, 1), k = c(12, 4)), d, NULL)
  other <- mgcv::smooth.construct(
    mgcv::t2(x, z, w, bs = "tp", d = c(2, 1), k = c(12, 4)), d, NULL
  )
  expect_same_smooth(basis_matrix(basis, d), basis$S[1L], other$X, unname(other$S[1L]),
                     basis_matrix(basis, new), mgcv::Predict.matrix(other, new))
  expect_identical(basis$rank, c(18L, 6L, 18L))
  expect_ranks(basis)
})

test_that("its constraint is that of mgcv, on unpenalised columns alone", {
  skip_if_no_peer("mgcv")
  spec <- tensor_spec("t2", c("x", "z"), "tp")
  both <- expect_same_t2(spec, mgcv::t2(x, z, bs = "tp"))
  map <- map_between(basis_matrix(both$own, d), both$peer$X)
  theirs <- both$peer$C %*% map
  # both are one row, of any length; 1e-6 as for the penalties
  expect_lt(relative_error(theirs / sqrt(sum(theirs^2)),
                           both$own$constraint / sqrt(sum(both$own$constraint^2))), 1e-6)
  expect_true(all(both$own$constraint[1:21] == 0))
  spec <- tensor_spec("t2", c("x", "z"), "cc")
  basis <- smooth_basis(spec, d, NULL)
  expect_identical(basis$constraint, matrix(rep(c(0, 1), c(15, 1)), 1))
  basis <- smooth_basis(tensor_spec("t2", c("x", "z"), ord = 1:2), d, NULL)
  expect_identical(basis$constraint, "none")
})

test_that("the functions without penalty are a constant and a line orthogonal to it", {
  margin <- t2_margin(margin_specs(tensor_spec("t2", "x"))[[1L]], d, NULL, FALSE)
  values <- margin_matrix(margin, d)
  line <- d$x - mean(d$x)
  # rounding errors of a basis with five functions
  expect_equal(values[, 4L], rep(1, nrow(d)), tolerance = 1e-10)
  expect_equal(values[, 5L], line / sqrt(mean(line^2)), tolerance = 1e-10)
  expect_equal(mean(values[, 1:3]^2), 1)
  # in two dimensions and one order more, polynomials of second degree
  spec <- margin_specs(tensor_spec("t2", c("x", "z"), "tp", d = 2, k = 15, m = 3))[[1L]]
  values <- margin_matrix(t2_margin(spec, d, NULL, FALSE), d)[, 10:15]
  expect_equal(crossprod(values) / nrow(d), diag(6), tolerance = 1e-8)
  expect_equal(abs(cor(values[, 2L], d$x)), 1, tolerance = 1e-8)
  for (j in 2:6) {
    on <- with(d, cbind(1, x, z, x^2, x * z, z^2))[, seq_len(j)]
    rest <- qr.resid(qr(on), values[, j])
    # the j-th is a combination of the first j monomials, and of no fewer
    expect_lt(max(abs(rest)), 1e-6)
    expect_gt(max(abs(qr.resid(qr(on[, -j, drop = FALSE]), values[, j]))), 0.1)
  }
})

test_that("a penalty of t2() does not depend on where zero is", {
  moved <- d
  moved$x <- d$x + 7
  for (bs in c("cr", "ps", "tp")) {
    spec <- tensor_spec("t2", c("x", "z"), bs, full = TRUE)
    basis <- smooth_basis(spec, d, NULL)
    other <- smooth_basis(spec, moved, NULL)
    # 1e-6 as against mgcv
    expect_same_smooth(basis_matrix(basis, d), basis$S, basis_matrix(other, moved),
                       other$S)
  }
})

test_that("REML of t2() is that of mgcv", {
  skip_if_no_peer("mgcv")
  expect_same_reml(list(tensor_spec("t2", c("x", "z"), "tp")), y ~ t2(x, z, bs = "tp"), d,
                   tolerance = 1e-3)
  expect_same_reml(list(tensor_spec("t2", c("x", "z"), "tp", full = TRUE)),
                   y ~ t2(x, z, bs = "tp", full = TRUE), d, tolerance = 1e-3)
  expect_same_reml(list(tensor_spec("t2", c("x", "z"), c("ps", "cc"), m = list(1, NA))),
                   y ~ t2(x, z, bs = c("ps", "cc"), m = list(1, NA)), d, tolerance = 1e-3)
})

test_that("what makes no t2() is an error that names the term", {
  expect_snapshot(error = TRUE, {
    smooth_basis(tensor_spec("t2", c("x", "z"), full = NA), d, NULL)
    smooth_basis(tensor_spec("t2", c("x", "z"), ord = 3), d, NULL)
    smooth_basis(tensor_spec("t2", c("x", "z"), "ts", ord = 0), d, NULL)
    smooth_basis(tensor_spec("t2", c("x", "f")), d, NULL)
  })
})
