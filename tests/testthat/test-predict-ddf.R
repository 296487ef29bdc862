# The degrees of freedom that an interval was made with, from its width
df_of_width <- function(fit, ...) {
  t <- predict(fit, ..., ddf = "satterthwaite")
  normal <- predict(fit, ...)
  ratio <- (t[, "upr"] - t[, "fit"]) / (normal[, "upr"] - normal[, "fit"])
  unname(vapply(ratio, function(r) {
    stats::uniroot(function(df) qt(0.975, df) / qnorm(0.975) - r, c(1, 1e5),
                   tol = 1e-11)$root
  }, 0))
}

# A width of 200 degrees of freedom and one of infinitely many differ by one in a hundred
width_tolerance <- 1e-6

unbalanced_sleep <- function() peer_data("sleepstudy")[-seq(1, 180, 7), ]

# Variance of the error of x'beta + z'u, with V written out
error_variance <- function(d, psi, x, subject, kept = c(1, 1), noise = 0) {
  sigma <- matrix(psi[c(1, 2, 2, 3)], 2L)
  columns <- cbind(1, d$Days)
  same <- outer(as.character(d$Subject), as.character(d$Subject), "==")
  v <- same * (columns %*% sigma %*% t(columns)) + psi[4] * diag(nrow(d))
  z <- x * kept
  covariance <- (d$Subject == subject) * drop(columns %*% sigma %*% z)
  phi <- solve(crossprod(columns, solve(v, columns)))
  rest <- x - drop(crossprod(columns, solve(v, covariance)))
  drop(z %*% sigma %*% z - covariance %*% solve(v, covariance) + rest %*% phi %*% rest) +
    noise * psi[4]
}

test_that("degrees of freedom of any prediction are those of its error's variance", {
  skip_on_cran()
  d <- unbalanced_sleep()
  fit <- gamut(Reaction ~ Days + (Days | Subject), data = d)
  psi <- c(VarCorr(fit)$Subject[c(1, 2, 4)], sigma(fit)^2)
  covariance <- small_sample_state(fit, "satterthwaite")$psi
  new <- data.frame(Days = c(0, 3, 9, 4), Subject = c("308", "335", "372", "nobody"))
  expected <- function(...) {
    vapply(1:4, function(i) {
      value <- function(psi) {
        error_variance(d, psi, c(1, new$Days[i]), new$Subject[i], ...)
      }
      gradient <- vapply(1:4, function(k) {
        step <- replace(numeric(4), k, 1e-4 * abs(psi[k]))
        (value(psi + step) - value(psi - step)) / (2 * step[k])
      }, 0)
      2 * value(psi)^2 / drop(gradient %*% covariance %*% gradient)
    }, 0)
  }
  expect_equal(df_of_width(fit, new, interval = "confidence", allow_new_levels = TRUE),
               expected(), tolerance = width_tolerance)
  expect_equal(df_of_width(fit, new, interval = "prediction", allow_new_levels = TRUE),
               expected(noise = 1), tolerance = width_tolerance)
  expect_equal(df_of_width(fit, new, interval = "prediction", weights = 4,
                           allow_new_levels = TRUE, type = "response"),
               expected(noise = 0.25), tolerance = width_tolerance)
  some <- ~ (0 + Days | Subject)
  expect_equal(df_of_width(fit, new, interval = "confidence", re.form = some,
                           allow_new_levels = TRUE),
               expected(kept = c(0, 1)), tolerance = width_tolerance)
})

test_that("of fixed effects they are those of lmerTest for the same contrast", {
  skip_if_no_peer("lmerTest")
  d <- unbalanced_sleep()
  fit <- gamut(Reaction ~ Days + (Days | Subject), data = d)
  peer <- lmerTest::lmer(Reaction ~ Days + (Days | Subject), d)
  new <- data.frame(Days = c(0, 3, 9))
  found <- df_of_width(fit, new, interval = "confidence", re.form = NA)
  contrasts <- cbind(1, new$Days)
  theirs <- vapply(1:3, function(i) {
    lmerTest::contest1D(peer, contrasts[i, ])$df
  }, 0)
  # theirs by differences of a criterion at a search's end
  expect_equal(found, theirs, tolerance = 1e-3)
  own <- vapply(1:3, function(i) degrees_of_freedom(fit, L = contrasts[i, ])$den_df, 0)
  expect_equal(found, own, tolerance = width_tolerance)
})

test_that("intervals of several factors, known matrices and aliased coefficients", {
  fit <- gamut(score ~ Machine + (1 | Worker / Machine), data = nlme::Machines)
  new <- data.frame(Machine = "B", Worker = c("1", "7"))
  state <- small_sample_state(fit, "satterthwaite")
  df <- df_of_width(fit, new, interval = "prediction", allow_new_levels = TRUE)
  # a balanced design without knowledge of the worker: v is x'Phi x and three variances,
  # whose gradient is that of the contrast and ones
  l <- c(1, 1, 0) %*% state$basis
  v <- drop(l %*% state$phi %*% t(l))
  projected <- l %*% state$phi
  gradient <- vapply(state$slopes, function(s) sum((projected %*% s) * projected), 0) + 1
  total <- v + sum(vapply(VarCorr(fit), as.double, 0)) + sigma(fit)^2
  expect_equal(df[2L], 2 * total^2 / drop(gradient %*% state$psi %*% gradient),
               tolerance = width_tolerance)
  d <- unbalanced_sleep()
  twice <- 2 * diag(18)
  dimnames(twice) <- rep(list(levels(d$Subject)), 2L)
  plain <- gamut(Reaction ~ Days + (1 | Subject), data = d)
  same <- list(
    gamut(Reaction ~ Days + known(1 | Subject, K = twice), data = d),
    gamut(Reaction ~ Days + I(2 * Days) + (1 | Subject), data = d, method = "ML")
  )
  expect_equal(df_of_width(same[[1L]], interval = "confidence"),
               df_of_width(plain, interval = "confidence"), tolerance = 1e-5)
  expect_equal(df_of_width(same[[2L]], interval = "confidence"),
               df_of_width(update(plain, method = "ML"), interval = "confidence"),
               tolerance = 1e-5)
})

test_that("without variance between groups intervals and influence are those of lm()", {
  set.seed(5)
  d <- data.frame(g = gl(10, 8), x = rnorm(80))
  d$y <- residuals(lm(rnorm(80) ~ g, d)) + d$x
  fit <- gamut(y ~ x + (1 | g), data = d)
  expect_identical(fit$convergence$boundary[[1L]]$rank, 0L)
  peer <- lm(y ~ x, d)
  new <- data.frame(x = c(1, 2), g = c("1", "other"))
  for (interval in c("confidence", "prediction")) {
    ours <- predict(fit, new, interval = interval, ddf = "satterthwaite",
                    allow_new_levels = TRUE)
    expect_equal(ours, predict(peer, new, interval = interval), tolerance = 1e-10)
  }
  expect_equal(dfbeta(fit), dfbeta(peer), tolerance = 1e-10)
  # no coefficient and no effect: the fit is 0 and has no error
  bare <- gamut(y ~ 0 + (1 | g), data = transform(d, y = residuals(lm(y ~ g))))
  limits <- predict(bare, interval = "confidence", ddf = "satterthwaite")
  expect_identical(range(limits), c(0, 0))
  some <- gamut(I(distance - 24) ~ 0 + (1 | Subject), data = orthodont())
  both <- predict(some, interval = "prediction", ddf = "satterthwaite")
  expect_true(all(is.finite(both)))
})

test_that("what `ddf` of predict() cannot do", {
  fit <- orthodont_fit()
  normal <- predict(fit, interval = "confidence")
  expect_identical(predict(fit, interval = "confidence", ddf = "none"), normal)
  again <- predict(fit, interval = "confidence", ddf = "satterthwaite", se.fit = TRUE)
  expect_identical(again$se.fit, predict(fit, se.fit = TRUE)$se.fit)
  expect_snapshot(error = TRUE, {
    predict(fit, ddf = "satterthwaite")
    predict(fit, interval = "confidence", ddf = "kenward-roger")
    predict(gamut(dist ~ speed, data = cars), interval = "confidence",
            ddf = "satterthwaite")
  })
})
