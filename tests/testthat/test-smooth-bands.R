# A smooth as penalised fits have them: waves whose variances fall with their frequency,
# in a basis that mixes them
band_curve <- function(points = 200L) {
  x <- seq(0, 1, length.out = points)
  waves <- outer(x, 0:8, function(x, k) cos(pi * k * x))
  mixed <- diag(9) + matrix(sin(1:81), 9) / 5
  inverse <- solve(mixed)
  list(x = waves %*% mixed, v = inverse %*% diag(1 / (1 + (0:8)^4 / 50)) %*% t(inverse))
}

# How often the largest of |f| / se exceeds, by plain simulation
exceedance <- function(x, v, factor, draws, residual_df = Inf) {
  root <- t(chol(v))
  f <- x %*% root %*% matrix(rnorm(draws * ncol(x)), ncol(x))
  se <- sqrt(diag(x %*% v %*% t(x)))
  spread <- if (residual_df == Inf) 1 else sqrt(rchisq(draws, residual_df) / residual_df)
  mean(apply(abs(f) / se, 2L, max) / spread > factor)
}

test_that("the tube has the coverage asked for", {
  m <- band_curve()
  set.seed(11)
  for (level in c(0.8, 0.95, 0.99)) for (df in c(Inf, 8)) {
    factor <- simultaneous_factor(m$x, m$v, level, residual_df = df)
    found <- exceedance(m$x, m$v, factor, 20000, df)
    error <- sqrt(level * (1 - level) / 20000)
    # never less than asked for (four standard errors); the excess of the bound is where
    # both sides of the band are left, second order in alpha
    expect_lt(found, 1 - level + 4 * error)
    expect_gt(found, 1 - level - 0.6 * (1 - level)^1.5 - 4 * error)
  }
})

test_that("simulation and the tube agree, and leave the generator alone", {
  m <- band_curve()
  set.seed(3)
  before <- .Random.seed
  for (level in c(0.9, 0.95)) for (df in c(Inf, 12)) {
    drawn <- simultaneous_factor(m$x, m$v, level, 40000, curve = FALSE, residual_df = df)
    gap <- simultaneous_factor(m$x, m$v, level, residual_df = df) - drawn
    # a quantile of 40000 draws has a standard error of about 0.01 here; the bound is
    # loose by the probability that both sides are left, more so with an uncertain scale
    expect_gt(gap, -0.03)
    expect_lt(gap, if (df == Inf) 0.04 else 0.09)
  }
  expect_identical(.Random.seed, before)
  expect_identical(simultaneous_factor(m$x, m$v, curve = FALSE),
                   simultaneous_factor(m$x, m$v, curve = FALSE))
})

test_that("a surface is covered by simulation", {
  grid <- expand.grid(a = seq(0, 1, 0.1), b = seq(0, 1, 0.1))
  x <- with(grid, cbind(1, a, b, a * b, sin(6 * a), cos(6 * b)))
  v <- diag(c(1, 2, 2, 1, 0.5, 0.5))
  factor <- simultaneous_factor(x, v, 0.9, 20000, curve = FALSE)
  set.seed(12)
  # both the factor and this proportion are of 20000 draws: four standard errors
  expect_lt(abs(exceedance(x, v, factor, 20000) - 0.1), 4 * sqrt(2 * 0.09 / 20000))
})

test_that("known cases are met exactly", {
  # one direction: the pointwise interval
  x <- matrix(1:7)
  expect_equal(simultaneous_factor(x, matrix(2)), qnorm(0.975))
  expect_equal(simultaneous_factor(x, matrix(2), residual_df = 5), qt(0.975, 5))
  # half a circle: |z| in two dimensions exceeds c in some direction, exp(-c^2 / 2), so
  # the formula, which adds the two ends, must be no less, and by 2 (1 - Phi(c)) at most
  angle <- seq(0, pi, length.out = 500)
  circle <- cbind(cos(angle), sin(angle))
  factor <- simultaneous_factor(circle, diag(2), 0.95)
  exact <- sqrt(-2 * log(0.05))
  expect_gt(factor, exact)
  # the root of the formula by hand; 500 chords are the arc, their lengths being angles
  expect_equal(exp(-factor^2 / 2) + 2 * pnorm(-factor), 0.05, tolerance = 1e-8)
  # two independent points: Sidak's bound is exact
  expect_equal(simultaneous_factor(diag(2), diag(2), 0.9), qnorm((1 + sqrt(0.9)) / 2))
  # no variance at a point, or anywhere
  expect_equal(simultaneous_factor(rbind(0, x), matrix(2)), qnorm(0.975))
  expect_equal(simultaneous_factor(0 * x, matrix(2)), qnorm(0.975))
})

test_that("neither the scale nor the parametrisation of the curve matters", {
  m <- band_curve(400)
  here <- simultaneous_factor(m$x, m$v)
  turn <- matrix(cos(1:81), 9) / 5 + diag(9)
  expect_equal(simultaneous_factor(m$x %*% solve(turn), turn %*% m$v %*% t(turn)), here,
               tolerance = 1e-7)
  expect_equal(simultaneous_factor(1e6 * m$x, 1e-6 * m$v), here, tolerance = 1e-7)
  expect_equal(simultaneous_factor(m$x[400:1, ], m$v), here, tolerance = 1e-10)
  # a grid four times as fine is the same curve: chords miss its bends by their square
  expect_equal(simultaneous_factor(band_curve(1600)$x, m$v), here, tolerance = 1e-4)
})

test_that("arguments that cannot be are refused", {
  expect_snapshot(error = TRUE, {
    simultaneous_factor(1:3, diag(3))
    simultaneous_factor(diag(3), diag(2))
    simultaneous_factor(diag(2), diag(c(1, NA)))
    simultaneous_factor(diag(2), diag(2), level = 1)
    simultaneous_factor(diag(2), diag(2), curve = NA)
    simultaneous_factor(diag(2), diag(2), curve = FALSE, n_draws = 10)
  })
})
