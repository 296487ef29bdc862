# mgcv ends its search for eigenvectors at 1e-11 of the largest eigenvalue. Eigenvalues of
# smooth correlations fall by 1e-5 within k = 10, so that its functions can be off by 1e-6
# at the data and, where only tails of correlations are left, by 1e-5 of what these are.
# With eigenvectors of eigen() the same bases agree to the last digits: the second test.

spots <- function(n, d) {
  set.seed(5)
  stats::setNames(lapply(seq_len(d), function(j) round(runif(n, 0, j), 3)),
                  c("x", "z", "w")[seq_len(d)])
}
off <- function(d) {
  at <- c(-1, 0, 0.3, 0.5001, 1, 2, 3.7)
  stats::setNames(lapply(seq_len(d), function(j) at + j / 9),
                  c("x", "z", "w")[seq_len(d)])
}

test_that("Gaussian processes are those of mgcv", {
  skip_if_no_peer("mgcv")
  for (d in 1:3) {
    term <- c("x", "z", "w")[seq_len(d)]
    expect_same_basis(s_spec("gp", term), spots(150, d), off(d))
  }
  for (m in list(1, 2, 3, c(4, 0.5), -3, c(-1, 0.4), c(2, 0.3, 1.5), c(2, 1, 1))) {
    expect_same_basis(s_spec("gp", k = 9, m = m), spots(120, 1), off(1), span = 1e-4)
    expect_same_basis(s_spec("gp", c("x", "z"), k = 15, m = m), spots(120, 2), off(2),
                      span = 1e-4)
  }
  expect_same_basis(s_spec("gp", k = 7, m = 5), spots(120, 1), off(1),
                    span = 1e-4)
})

test_that("they are made of the eigenvectors of correlations", {
  correlation <- list(
    function(u) ifelse(u < 1, 1 - 1.5 * u + 0.5 * u^3, 0),
    function(u) exp(-u^1.5),
    function(u) (1 + u) * exp(-u),
    function(u) (1 + u + u^2 / 3) * exp(-u),
    function(u) (1 + u + 2 * u^2 / 5 + u^3 / 15) * exp(-u)
  )
  data <- spots(90, 2)
  at <- unique(do.call(cbind, data))
  new <- do.call(cbind, off(2))
  distances <- as.matrix(dist(rbind(new, at)))[seq_len(7), -seq_len(7)]
  for (kind in 1:5) {
    basis <- smooth_basis(s_spec("gp", c("x", "z"), k = 8, m = c(kind, 0.8, 1.5)), data,
                          NULL)
    top <- eigen(correlation[[kind]](as.matrix(dist(at)) / 0.8), symmetric = TRUE)
    vectors <- top$vectors[, 1:5]
    turn <- max.col(t(abs(vectors)))
    vectors <- sweep(vectors, 2, sign(vectors[cbind(turn, 1:5)]), `*`)
    rows <- basis_matrix(basis, off(2))
    # Eigenvalues fall by less than 1e4, gaps between them are above a hundredth.
    expect_equal(unname(rows[, 1:5]), unname(correlation[[kind]](distances / 0.8) %*%
                                               vectors), tolerance = 1e-9)
    expect_equal(basis$S[[1]], diag(c(top$values[1:5], 0, 0, 0)), tolerance = 1e-12)
    expect_equal(rows[, 6:8], cbind(1, sweep(new, 2, basis$centre)), tolerance = 1e-12,
                 ignore_attr = TRUE)
  }
})

test_that("the range is the largest distance, whatever the number of covariates", {
  for (d in 1:3) {
    data <- spots(60, d)
    basis <- smooth_basis(s_spec("gp", c("x", "z", "w")[seq_len(d)], k = 20), data, NULL)
    expect_equal(basis$law$range, max(dist(do.call(cbind, data))))
  }
})

test_that("given knots, and as many places as coefficients, are as in mgcv", {
  skip_if_no_peer("mgcv")
  at <- list(x = c(0.9, 0.1, 0.5, 0.3, 0.7, 0.2, 1), z = c(0.1, 1.9, 1, 0.2, 2, 0, 1.2))
  expect_same_basis(s_spec("gp", c("x", "z"), k = 6), spots(90, 2), off(2), at)
  expect_same_basis(s_spec("gp", k = 5), spots(90, 1), off(1), at["x"])
  tied <- list(x = rep(c(1, 5, 2, 9, 4, 7), 5))
  expect_same_basis(s_spec("gp", k = 6), tied, list(x = c(0, 3, 11)))
  expect_message(basis <- smooth_basis(s_spec("gp"), tied, NULL),
                 class = "gamut_message_basis", regexp = "from 12 to 6")
})

test_that("arguments that make no Gaussian process are errors", {
  bad <- function(regexp, ...) {
    expect_error(smooth_basis(s_spec("gp", ...), spots(40, 1), NULL),
                 class = "gamut_error_smooth", regexp = regexp)
  }
  bad("k must be", k = 2)
  bad("kind of correlation", m = 6)
  bad("kind of correlation", m = 0)
  bad("kind of correlation", m = c(2, 1, 3))
  bad("kind of correlation", m = "a")
  bad("kind of correlation", m = 1:4)
  bad("kind of correlation", m = c(3, Inf))
})
