# Tolerances: expect_same_basis() wants spaces to 1e-8 and quadratic forms to 1e-6.
# Eigenvalues of E fall as k^(-2m/d), so that the last of k eigenvectors is known to
# eps (l_1 / l_k) / (relative gap to l_(k+1)), at k = 30 some 1e-11. mgcv ends its own
# search at 1e-11 of the largest eigenvalue, and this tells in larger bases.

places <- function(n, d, seed = 3) {
  set.seed(seed)
  stats::setNames(lapply(seq_len(d), function(j) round(runif(n, 0, j), 3)),
                  c("x", "z", "w")[seq_len(d)])
}
outside <- function(d) {
  at <- c(-1, 0, 0.3, 0.5001, 1, 2, 3.7)
  stats::setNames(lapply(seq_len(d), function(j) at + j / 9),
                  c("x", "z", "w")[seq_len(d)])
}

test_that("thin plate splines are those of mgcv in one, two and three dimensions", {
  skip_if_no_peer("mgcv")
  for (d in 1:3) {
    term <- c("x", "z", "w")[seq_len(d)]
    expect_same_basis(s_spec("tp", term), places(150, d), outside(d))
    expect_same_basis(s_spec("ts", term), places(150, d), outside(d))
  }
  expect_same_basis(s_spec("tp", k = 25), places(200, 1), outside(1))
  expect_same_basis(s_spec("tp", k = 6, m = 1), places(80, 1), outside(1))
  expect_same_basis(s_spec("tp", k = 12, m = 3), places(80, 1), outside(1))
  expect_same_basis(s_spec("tp", c("x", "z"), k = 20, m = 3), places(80, 2), outside(2))
  expect_same_basis(s_spec("tp", c("x", "z", "w"), k = 15, m = 2), places(80, 3),
                    outside(3))
  expect_same_basis(s_spec("ts", k = 7, m = 3), places(80, 1), outside(1))
})

test_that("the iterative search for eigenvectors serves many places as well", {
  skip_if_no_peer("mgcv")
  # mgcv's own eigenvectors carry 1e-7 here: see above.
  expect_same_basis(s_spec("tp"), places(900, 1), outside(1), span = 1e-6, form = 1e-5)
  expect_same_basis(s_spec("tp", c("x", "z")), places(700, 2), outside(2), span = 1e-6,
                    form = 1e-5)
})

test_that("without the null space they are those of mgcv", {
  skip_if_no_peer("mgcv")
  # mgcv keeps all columns of "ts", which has nothing to shrink here.
  expect_same_basis(s_spec("tp", k = 9, m = c(2, 0)), places(60, 1), outside(1))
  for (bs in c("tp", "ts")) {
    basis <- smooth_basis(s_spec(bs, k = 9, m = c(2, 0)), places(60, 1), NULL)
    expect_identical(basis$constraint, "none")
    expect_identical(c(basis$rank, basis$null_dim), c(7L, 0L))
    # Centred over the data, in sums of 60 numbers of size 1
    expect_lt(max(abs(colMeans(basis_matrix(basis, places(60, 1))))), 1e-13)
  }
})

test_that("knots that are given are places", {
  skip_if_no_peer("mgcv")
  at <- list(x = c(0.9, 0.1, 0.5, 0.3, 0.7, 0.2, 1), z = c(0.1, 1.9, 1, 0.2, 2, 0, 1.2))
  expect_same_basis(s_spec("tp", c("x", "z"), k = 6), places(90, 2), outside(2), at)
  expect_same_basis(s_spec("tp", c("x", "z"), k = 7), places(90, 2), outside(2), at)
  expect_same_basis(s_spec("tp", k = 5), places(90, 1), outside(1), at["x"])
  # Knots of some of the covariates are none
  spec <- s_spec("tp", c("x", "z"), k = 7)
  expect_identical(smooth_basis(spec, places(90, 2), at["x"]),
                   smooth_basis(spec, places(90, 2), NULL))
})

test_that("rows may come in any order, tied, and far from zero", {
  skip_if_no_peer("mgcv")
  tied <- lapply(places(60, 2), function(x) round(rep(x, 3), 1))
  expect_same_basis(s_spec("tp", c("x", "z"), k = 20), tied, outside(2))
  far <- function(data) lapply(data, `+`, 1e6)
  # Distances have lost six digits.
  expect_same_basis(s_spec("tp", k = 8), far(places(60, 1)), far(outside(1)), span = 1e-7,
                    form = 1e-5)
  turned <- lapply(places(60, 2), rev)
  one <- smooth_basis(s_spec("tp", c("x", "z")), places(60, 2), NULL)
  other <- smooth_basis(s_spec("tp", c("x", "z")), turned, NULL)
  # Means and mean squares are summed in another order.
  expect_equal(one, other, tolerance = 1e-12)
})

test_that("the penalty is the integral of the squared second derivative", {
  x <- seq(0, 1, length.out = 25)
  basis <- smooth_basis(s_spec("tp", k = 6), list(x = x), NULL)
  fine <- seq(0, 1, length.out = 4001)
  h <- fine[[2]]
  second <- diff(basis_matrix(basis, list(x = fine)), differences = 2) / h^2
  # Second differences with h = 1 / 4000 have errors of eps / h^2 = 4e-9 and h; outside of
  # the data a natural spline has no second derivative.
  expect_equal(crossprod(second) * h, basis$S[[1]], tolerance = 1e-3)
})

test_that("many places need neither all of them as knots nor random numbers", {
  set.seed(1)
  data <- list(x = runif(5000), z = rexp(5000))
  before <- .Random.seed
  spec <- s_spec("tp", c("x", "z"), k = 20, xt = list(max.knots = 400))
  basis <- smooth_basis(spec, data, NULL)
  expect_identical(.Random.seed, before)
  expect_identical(dim(basis$knots), c(400L, 2L))
  knots <- sweep(basis$knots, 2, basis$centre, `+`)
  # They are places of the data, spread as these are: quantiles differ by some hundredths.
  at <- paste(signif(data$x, 10), signif(data$z, 10))
  expect_true(all(paste(signif(knots[, 1], 10), signif(knots[, 2], 10)) %in% at))
  for (j in 1:2) {
    p <- seq(0.05, 0.95, 0.1)
    expect_lt(max(abs(ecdf(data[[j]])(quantile(knots[, j], p)) - p)), 0.04)
  }
  one <- smooth_basis(s_spec("tp"), data["x"], NULL)
  expect_identical(nrow(one$knots), 2000L)
  expect_equal(range(one$knots) + one$centre, range(data$x))
  shuffled <- sample(5000)
  again <- smooth_basis(s_spec("tp"), list(x = data$x[shuffled]), NULL)
  expect_equal(one$knots, again$knots, tolerance = 1e-12)
})

test_that("the span of a subset of knots is near that of all of them", {
  set.seed(2)
  x <- list(x = sort(runif(1500)))
  all_knots <- smooth_basis(s_spec("tp"), x, NULL)
  some <- smooth_basis(s_spec("tp", xt = list(max.knots = 300)), x, NULL)
  f <- sin(6 * x$x)
  fit <- function(basis) lm.fit(basis_matrix(basis, x), f)$fitted.values
  # The two least-squares fits of size 10 differ by less than either from the truth.
  expect_lt(max(abs(fit(all_knots) - fit(some))), max(abs(fit(all_knots) - f)))
})

test_that("k is not more than there are places, and says so", {
  x <- list(x = rep(c(4, 1, 2, 9, 3), 4))
  expect_message(basis <- smooth_basis(s_spec("tp"), x, NULL),
                 class = "gamut_message_basis", regexp = "s\\(x\\).* from 10 to 5")
  expect_identical(basis$columns, 5L)
  three <- list(x = rep(1:3, 4))
  expect_message(basis <- smooth_basis(s_spec("ts"), three, NULL),
                 class = "gamut_message_basis")
  expect_identical(qr(basis_matrix(basis, three))$rank, 3L)
  expect_error(smooth_basis(s_spec("tp"), list(x = rep(1:2, 4)), NULL),
               class = "gamut_error_smooth", "at least 3 unique values")
  # All unique places as knots, none left out
  five <- smooth_basis(s_spec("tp", k = 5), x, NULL)
  expect_identical(qr(basis_matrix(five, x))$rank, 5L)
})

test_that("arguments that make no thin plate spline are errors", {
  bad <- function(regexp, ..., data = places(40, 2), knots = NULL) {
    expect_error(smooth_basis(s_spec(...), data, knots), class = "gamut_error_smooth",
                 regexp = regexp)
  }
  for (bs in c("tp", "ts")) {
    bad("k must be", bs, k = 2)
    bad("k must be", bs, k = 4.5)
    bad("m must be whole", bs, m = 1.5)
    bad("m is the order", bs, m = c(2, 1))
    bad("above 1", bs, c("x", "z"), m = 1)
    bad("as many for each", bs, c("x", "z"), knots = list(x = 1:5, z = 1:4))
    bad("max.knots", bs, xt = list(max.knots = 5))
    bad("one whole number", bs, xt = list(max.knots = "a"))
    bad("numeric", bs, data = list(x = letters))
    bad("common length", bs, c("x", "z"), data = list(x = 1:9, z = 1:8))
  }
})

test_that("rows with a missing value are NA, and fx leaves no penalty", {
  for (bs in c("tp", "ts", "gp")) {
    spec <- s_spec(bs, c("x", "z"), k = 8, fixed = TRUE)
    basis <- smooth_basis(spec, places(40, 2), NULL)
    expect_identical(list(basis$S, basis$null_dim), list(list(), 8L))
    rows <- basis_matrix(basis, list(x = c(1, NA, 0.5), z = c(NA, 1, 0.5)))
    expect_identical(is.na(rows[, 1]), c(TRUE, TRUE, FALSE))
    expect_identical(rows[3, , drop = FALSE],
                     basis_matrix(basis, list(x = 0.5, z = 0.5)))
    expect_identical(dim(basis_matrix(basis, list(x = numeric(), z = numeric()))),
                     c(0L, 8L))
  }
})
