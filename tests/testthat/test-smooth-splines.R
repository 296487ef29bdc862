# Tolerances: 1e-8 for spaces and 1e-6 for quadratic forms are expect_same_basis()'s. They
# are wide: the bases agree to some 1e-12, and differ where conditions of 1e6 or so (knots
# at quantiles, x + 1e6, extrapolation) take six digits away.

curved <- function(n = 120) {
  set.seed(11)
  x <- round(rexp(n), 2)
  list(x = x[sample(n)])
}
beyond <- list(x = c(-1.5, -0.2, 0, 0.31, 1, 2.2222, 6, 9))

test_that("natural and cyclic cubic splines are those of mgcv", {
  skip_if_no_peer("mgcv")
  for (k in c(NA, 3, 5, 20)) {
    expect_same_basis(s_spec("cr", k = k), curved(), beyond)
  }
  for (k in c(NA, 4, 5, 20)) {
    expect_same_basis(s_spec("cc", k = k), curved(), beyond)
  }
})

test_that("knots that are given serve as in mgcv", {
  skip_if_no_peer("mgcv")
  at <- list(x = c(0, 0.5, 1, 3, 8))
  expect_same_basis(s_spec("cr", k = 5), curved(), beyond, at)
  expect_same_basis(s_spec("cc", k = 5), curved(), beyond, at)
  expect_same_basis(s_spec("cc", k = 8), curved(), beyond, list(x = c(-1, 9)))
  expect_same_basis(s_spec("ps", k = 8), curved(), beyond, list(x = c(-1, 9)))
  expect_same_basis(s_spec("bs", k = 8), curved(), beyond, list(x = c(-1, 9)))
  expect_same_basis(s_spec("cp", k = 8), curved(), beyond, list(x = c(-1, 9)))
  expect_same_basis(s_spec("bs", k = 9), curved(), beyond, list(x = c(-4, 0, 6, 9)))
  all_knots <- list(x = c(-4, -3, -2, -0.1, 1, 2, 4, 7, 9, 10, 12))
  expect_same_basis(s_spec("ps", k = 7), curved(), beyond, all_knots)
  expect_same_basis(s_spec("bs", k = 7), curved(), beyond, all_knots)
  expect_same_basis(s_spec("cp", k = 10, m = c(1, 2)), curved(),
                    list(x = seq(-4, 12, 0.3)), all_knots)
  # Without k it is as many as the knots make
  expect_identical(smooth_basis(s_spec("ps"), curved(), all_knots)$columns, 7L)
  expect_identical(smooth_basis(s_spec("cp"), curved(), all_knots)$columns, 10L)
  expect_identical(smooth_basis(s_spec("cr"), curved(), at)$columns, 5L)
  shuffled <- smooth_basis(s_spec("cr"), curved(), list(x = c(3, 0, 8, 0.5, 1)))
  expect_identical(shuffled$knots, at$x)
})

test_that("P-splines, cyclic ones and B-splines are those of mgcv", {
  skip_if_no_peer("mgcv")
  for (m in list(NA, 1, c(2, 1), c(3, 2), c(NA, 3), c(2, 0))) {
    expect_same_basis(s_spec("ps", k = 12, m = m), curved(), beyond)
    # Of cyclic differences of order 0 mgcv gives a rank one too low.
    expect_same_basis(s_spec("cp", k = 12, m = m), curved(), beyond,
                      rank = !identical(m, c(2, 0)))
  }
  for (m in list(NA, 3, c(2, 1), c(3, 3), c(3, 2, 1, 0), c(4, 2, 3), c(NA, 1))) {
    expect_same_basis(s_spec("bs", k = 12, m = m), curved(), beyond)
  }
  for (bs in c("ps", "cp", "bs")) {
    expect_same_basis(s_spec(bs), curved(), beyond)
  }
})

test_that("ranks are those of the penalties, the null space is that of their sum", {
  specs <- list(s_spec("cr"), s_spec("cs"), s_spec("cc"), s_spec("ps"),
                s_spec("ps", m = c(2, 0)), s_spec("cp"),
                s_spec("cp", m = c(2, 0)), s_spec("bs", m = c(3, 2, 1)),
                s_spec("bs", m = c(3, 0)))
  for (spec in specs) {
    basis <- smooth_basis(spec, curved(), NULL)
    rank <- vapply(basis$S, function(S) qr(S, tol = 1e-11)$rank, 0L)
    expect_identical(rank, basis$rank)
    scaled <- lapply(basis$S, function(S) S / max(abs(S)))
    expect_identical(basis$columns - qr(Reduce(`+`, scaled), tol = 1e-9)$rank,
                     basis$null_dim)
    expect_true(all(vapply(basis$S, isSymmetric, TRUE)))
  }
})

test_that("shrinkage has mgcv's eigenvalues, and its penalty off lines and constants", {
  skip_if_no_peer("mgcv")
  ours <- smooth_basis(s_spec("cs"), curved(), NULL)
  peer <- peer_basis(s_spec("cs"), curved())
  expect_equal(eigen(ours$S[[1]])$values, eigen(peer$S[[1]])$values, tolerance = 1e-10)
  lines <- qr.Q(qr(cbind(1, ours$knots)), complete = TRUE)
  wiggles <- lines[, -(1:2)]
  expect_equal(ours$S[[1]] %*% wiggles, peer$S[[1]] %*% wiggles, tolerance = 1e-10)
  least <- eigen(peer$S[[1]])$values[[8]]
  expect_equal(c(t(lines[, 1]) %*% ours$S[[1]] %*% lines[, 1]), 0.01 * least,
               tolerance = 1e-8)
  expect_equal(c(t(lines[, 2]) %*% ours$S[[1]] %*% lines[, 2]), 0.1 * least,
               tolerance = 1e-8)
  expect_identical(c(ours$rank, ours$null_dim), c(10L, 0L))
})

test_that("adaptive splines are those of mgcv", {
  skip_if_no_peer("mgcv")
  spread <- list(x = sqrt(1:90))
  for (m in list(NA, 1, 2, 3, 4, 7)) {
    expect_same_basis(s_spec("ad", k = 20, m = m), spread, beyond)
  }
  expect_same_basis(s_spec("ad"), spread, list(x = 0:11))
  for (bs in c("cr", "cc", "cp")) {
    expect_same_basis(s_spec("ad", k = 15, xt = list(bs = bs)), spread, beyond)
  }
  none <- smooth_basis(s_spec("ad", k = 20, m = 0), curved(), NULL)
  expect_identical(none$S, list())
})

test_that("data far from zero, and as few values as coefficients, make no difference", {
  skip_if_no_peer("mgcv")
  for (bs in c("cr", "cc", "ps", "cp", "bs")) {
    # x + 1e6 has lost six digits of its distances.
    expect_same_basis(s_spec(bs, k = 7), lapply(curved(), `+`, 1e6),
                      lapply(beyond, `+`, 1e6), span = 1e-7, form = 1e-5)
    expect_same_basis(s_spec(bs, k = 7), list(x = c(3, 1, 2, 2, 5, 5, 8, 13, 21)),
                      list(x = c(0, 4, 30)))
  }
})

test_that("k is not more than there are values, and says so", {
  x <- list(x = rep(c(5, 1, 2, 9), 5))
  for (bs in c("cr", "cs", "cc", "ps", "cp", "bs")) {
    expect_message(basis <- smooth_basis(s_spec(bs), x, NULL),
                   class = "gamut_message_basis", regexp = "s\\(x\\).* from 10 to 4")
    expect_identical(ncol(basis_matrix(basis, x)), if (bs == "cc") 3L else 4L)
  }
  two <- list(x = rep(1:2, 5))
  for (bs in c("ps", "bs", "cp")) {
    expect_message(basis <- smooth_basis(s_spec(bs), two, NULL),
                   class = "gamut_message_basis")
    expect_true(all(is.finite(basis_matrix(basis, two))))
  }
  for (bs in c("cr", "cs", "cc")) {
    expect_error(smooth_basis(s_spec(bs), two, NULL), class = "gamut_error_smooth",
                 "needs at least [34] unique values of `x`, but there are 2")
  }
  for (bs in c("cr", "cc", "ps", "cp", "bs", "ad")) {
    expect_error(smooth_basis(s_spec(bs), list(x = rep(1, 9)), NULL),
                 class = "gamut_error_smooth")
  }
})

test_that("arguments that make no spline are errors that name the term", {
  bad <- function(regexp, ..., knots = NULL, data = curved()) {
    spec <- s_spec(...)
    expect_error(smooth_basis(spec, data, knots), class = "gamut_error_smooth",
                 regexp = regexp)
    seen <- tryCatch(smooth_basis(spec, data, knots), error = identity)
    expect_identical(seen$term, spec$label)
    expect_match(conditionMessage(seen), paste0("`", spec$label, "`"), fixed = TRUE)
  }
  for (bs in c("cr", "cs", "cc", "ps", "cp", "bs", "ad")) {
    for (k in list(1, 2.5, -3, Inf, "a", c(3, 4))) {
      bad("k must be one whole number", bs, k = k)
    }
    bad("one covariate", bs, term = c("x", "z"))
    bad("numeric", bs, data = list(x = factor(1:9)))
    bad("not finite", bs, data = list(x = c(1:9, NA)))
    bad("finite numbers", bs, knots = list(x = c(0, NA)))
    bad("named by covariates", bs, knots = 1:4)
  }
  for (bs in c("ps", "cp", "bs", "ad")) {
    for (m in list(-1, 1.5, "a", list(1, 2))) bad("m must be whole", bs, m = m)
    bad("enclose the data", bs, knots = list(x = c(1, 2)))
  }
  for (bs in c("cr", "cc", "ps", "cp", "bs")) {
    bad("7 knots are given", bs, k = 9, knots = list(x = 0:6))
    bad("knots", bs, knots = list(x = rep(c(0, 10), 6)))
  }
  bad("one or two", "ps", m = c(1, 2, 2))
  bad("degree 15", "ps", m = 15)
  bad("degree 15", "bs", m = 16)
  bad("must differ", "bs", m = c(3, 2, 2))
  bad("no higher order", "bs", m = c(3, 4))
  bad("NA", "bs", m = c(3, 2, NA))
  bad("below k - 2", "ad", k = 8, m = 6)
  bad("enclose the data", "ps", knots = list(x = 0:12))
})

test_that("rows with a missing value are NA, and fx leaves no penalty", {
  for (bs in c("cr", "cs", "cc", "ps", "cp", "bs", "ad")) {
    basis <- smooth_basis(s_spec(bs, fixed = TRUE), curved(), NULL)
    expect_identical(basis$S, list())
    expect_identical(basis$null_dim, basis$columns)
    rows <- basis_matrix(basis, list(x = c(NA, 0.5, NaN, 1)))
    expect_identical(dim(rows), c(4L, basis$columns))
    expect_true(all(is.na(rows[c(1, 3), ])))
    expect_identical(rows[c(2, 4), ], basis_matrix(basis, list(x = c(0.5, 1))))
    expect_identical(dim(basis_matrix(basis, list(x = numeric()))), c(0L, basis$columns))
  }
})

test_that("P-splines of degree one go on in the direction that they have", {
  basis <- smooth_basis(s_spec("ps", k = 6, m = c(0, 1)), list(x = 0:10), NULL)
  rows <- basis_matrix(basis, list(x = c(-2, -1, 0, 10, 11, 12)))
  # An exact line: two differences of sums of a few numbers below 2.
  expect_lt(max(abs(rows[1, ] - 2 * rows[2, ] + rows[3, ])), 1e-13)
  expect_lt(max(abs(rows[4, ] - 2 * rows[5, ] + rows[6, ])), 1e-13)
})

test_that("cubic regression splines are sums of B-splines on the same knots", {
  for (cyclic in c(FALSE, TRUE)) {
    at <- c(-1, 0, 0.1, 2, 5, 5.5)
    x <- seq(-1, 5.5, length.out = 57)
    splines <- splines::splineDesign(c(-1, -1, -1, at, 5.5, 5.5, 5.5), x)
    map <- cubic_in_b_splines_cpp(at, cyclic)
    # T has entries of 20 at these knots: some units of rounding of those.
    expect_equal(splines %*% map, cubic_matrix_cpp(x, at, cyclic), tolerance = 1e-12)
  }
})
