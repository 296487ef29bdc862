# lo() terms beside all others, against the fixed point of backfitting, solved for with
# dense matrices whose columns are fits of stats::loess. Both are solutions of linear
# systems of condition 1e3 or so: ten digits remain.

test_that("gaussian fits are the fixed point of backfitting", {
  d <- local_data()
  one <- rep(1, nrow(d))
  fit <- gamut(y ~ z + lo(x) + lo(u, span = 0.7, degree = 2), data = d)
  R <- joint_operator(
    cbind(1, d$z, d$x, d$u, d$u^2), diag(0, 5),
    list(smoother_matrix(d$x, one), smoother_matrix(d$u, one, 0.7, 2)),
    list(cbind(1, d$x), cbind(1, d$u, d$u^2)), one
  )
  expect_equal(unname(fitted(fit)), drop(R %*% d$y), tolerance = 1e-10)
  expect_equal(nrow(d) - df.residual(fit), sum(diag(R)), tolerance = 1e-10)
  rss <- sum((d$y - R %*% d$y)^2)
  expect_equal(sigma(fit)^2, rss / (nrow(d) - sum(diag(R))), tolerance = 1e-10)
  se <- predict(fit, se.fit = TRUE)$se.fit
  expect_equal(unname(se), sigma(fit) * sqrt(rowSums(R^2)), tolerance = 1e-10)
  expect_equal(unname(hatvalues(fit)), diag(R), tolerance = 1e-10)
})

test_that("lo() and s() go together in a family whose start looks at the data", {
  d <- local_data()
  d$positive <- exp(d$y)
  fit <- gamut(positive ~ lo(x) + s(u, k = 5) + (1 | g), family = Gamma("log"), data = d)
  expect_true(fit$convergence$converged)
  expect_gt(cor(predict(fit), d$y), 0.85)
  expect_length(residuals(fit, "pearson"), nrow(d))
})

test_that("standard errors of coefficients count the surfaces", {
  d <- local_data()
  formula <- y ~ z + lo(x) + lo(u, span = 0.7, degree = 2)
  fit <- gamut(formula, data = d)
  # estimates are linear in the response: what each row adds to them
  each <- vapply(seq_len(nrow(d)), function(i) {
    coef(gamut(formula, data = transform(d, y = as.numeric(seq_len(nrow(d)) == i))))
  }, numeric(2))
  expected <- sigma(fit)^2 * tcrossprod(each)
  expect_equal(vcov(fit), expected, tolerance = 1e-10)
  expect_equal(vcov(fit, what = "all")[1:2, 1:2], expected, tolerance = 1e-10)
  expect_equal(coef(summary(fit))[, "Std. Error"], sqrt(diag(expected)),
               tolerance = 1e-10)
  se <- predict(fit, type = "terms", se.fit = TRUE)$se.fit[, "z"]
  expect_equal(unname(se), abs(d$z - mean(d$z)) * sqrt(expected["z", "z"]),
               tolerance = 1e-10)
})

test_that("surfaces, prior weights, no intercept, and a factor in its place", {
  d <- local_data()
  L <- smoother_matrix(d[c("x", "u")], d$w, 0.6)
  fit <- gamut(y ~ z + lo(x, u, span = 0.6), data = d, weights = w)
  R <- joint_operator(cbind(1, d$z, d$x, d$u), diag(0, 4), list(L),
                      list(cbind(1, d$x, d$u)), d$w)
  expect_equal(unname(fitted(fit)), drop(R %*% d$y), tolerance = 1e-10)
  se <- predict(fit, se.fit = TRUE)$se.fit
  expect_equal(unname(se), sigma(fit) * sqrt(drop(R^2 %*% (1 / d$w))), tolerance = 1e-10)

  one <- rep(1, nrow(d))
  L <- smoother_matrix(d$x, one)
  # without an intercept the constant belongs to the smoother
  fit <- gamut(y ~ 0 + lo(x), data = d)
  centred <- matrix(d$x - mean(d$x))
  R <- joint_operator(centred, matrix(0), list(L), list(centred), one)
  expect_equal(unname(fitted(fit)), drop(R %*% d$y), tolerance = 1e-10)
  fit <- gamut(y ~ 0 + g + lo(x), data = d)
  A <- cbind(model.matrix(~ 0 + g, d), d$x)
  R <- joint_operator(A, diag(0, ncol(A)), list(L), list(cbind(1, d$x)), one)
  expect_equal(unname(fitted(fit)), drop(R %*% d$y), tolerance = 1e-10)
})

test_that("a line beside its own lo() term is the line that this has already", {
  d <- local_data()
  expect_equal(fitted(gamut(y ~ x + lo(x), data = d)), fitted(gamut(y ~ lo(x), data = d)),
               tolerance = 1e-10)
})

test_that("random effects and smooths beside lo() are solved for with it", {
  d <- local_data()
  one <- rep(1, nrow(d))
  L <- smoother_matrix(d$x, one)
  fit <- gamut(y ~ z + lo(x) + (1 | g), data = d)
  A <- cbind(1, d$z, d$x, model.matrix(~ 0 + g, d))
  S <- diag(c(0, 0, 0, rep(1 / fit$criterion$theta^2, 9)))
  R <- joint_operator(A, S, list(L), list(cbind(1, d$x)), one)
  # surfaces stand still to 1e-8 of the spread of the predictor
  expect_equal(unname(fitted(fit)), drop(R %*% d$y), tolerance = 1e-7)
  expect_equal(unname(hatvalues(fit)), diag(R), tolerance = 1e-10)

  fit <- gamut(y ~ s(u, k = 6, sp = 0.01) + lo(x), data = d)
  smooth <- fit$smooths[[1L]]$piece
  X <- cbind(1, d$x, piece_matrix(smooth, d))
  S <- matrix(0, ncol(X), ncol(X))
  S[-(1:2), -(1:2)] <- 0.01 * smooth$S[[1L]]
  R <- joint_operator(X, S, list(L), list(cbind(1, d$x)), one)
  expect_equal(unname(fitted(fit)), drop(R %*% d$y), tolerance = 1e-8)
  edf <- vapply(fit$smooths, `[[`, 0, "edf")
  expect_equal(1 + sum(edf) + fit$loess$other_edf, sum(diag(R)), tolerance = 1e-8)
})

test_that("the smoothing parameter maximises the criterion at the surfaces", {
  d <- local_data()
  fit <- gamut(y ~ s(u) + lo(x), data = d)
  surface <- predict(fit, type = "terms")[, "lo(x)"]
  alone <- gamut(y ~ s(u) + offset(surface), data = d)
  # the polynomial of lo() is a coefficient in the one and an offset in the other: REML
  # counts it once, and lambda is the same but for that
  expect_equal(fit$smooths[[1L]]$edf, alone$smooths[[1L]]$edf, tolerance = 0.02)
})

test_that("generalised models iterate weights of the local regressions, too", {
  d <- local_data()
  fit <- gamut(count ~ z + lo(x), family = poisson(), data = d)
  eta <- log(d$count + 0.5)
  A <- cbind(1, d$z, d$x)
  for (round in 1:30) {
    w <- exp(eta)
    R <- joint_operator(A, diag(0, 3), list(smoother_matrix(d$x, w)),
                        list(cbind(1, d$x)), w)
    eta <- drop(R %*% (eta + (d$count - w) / w))
  }
  # as above: 1e-8 of the spread of the predictor
  expect_equal(unname(predict(fit)), eta, tolerance = 1e-7)
  se <- predict(fit, se.fit = TRUE)$se.fit
  expect_equal(unname(se), sqrt(drop(R^2 %*% (1 / w))), tolerance = 1e-6)
})

test_that("lo() goes with every kind of family and in every predictor", {
  d <- local_data()
  d$positive <- exp(d$y)
  d$kind <- factor(ifelse(d$y > 1, "a", ifelse(d$z > 0, "b", "c")))
  fits <- list(
    gamut(cbind(count, 30 - count) ~ lo(x), family = binomial(), data = d),
    gamut(positive ~ lo(x), family = Gamma("log"), data = d),
    gamut(list(positive ~ lo(x), sigma ~ lo(z)), family = "lognormal", data = d),
    gamut(kind ~ lo(x), family = categorical(), data = d),
    gamut(count ~ lo(x) + s(u) + (1 | g), family = "negbinomial", data = d)
  )
  for (fit in fits) {
    expect_true(fit$convergence$converged)
    expect_true(all(is.finite(predict(fit, type = "link"))))
    expect_output(print(fit), "local\\s+scoring")
    expect_output(print(summary(fit)), "smooth terms")
  }
  # K - 1 linear predictors, one basis
  expect_length(fits[[4L]]$smooths, 2L)
  # the reference category does not matter, but that weights of local regressions are
  # those of a predictor, which differ
  expect_equal(rowSums(predict(fits[[4L]], type = "prob")), rep(1, 90),
               ignore_attr = TRUE)
})

test_that("rows in any order, and any number of threads, are the same fit", {
  d <- local_data()
  fit <- gamut(y ~ z + lo(x, u) + (1 | g), data = d)
  again <- withr::with_seed(1, sample(nrow(d)))
  mixed <- gamut(y ~ z + lo(x, u) + (1 | g), data = d[again, ])
  # sums in another order
  expect_equal(fitted(mixed)[rownames(d)], fitted(fit)[rownames(d)], tolerance = 1e-8)
  two <- gamut(y ~ z + lo(x, u) + (1 | g), data = d,
               control = gamut_control(threads = 2))
  expect_identical(fitted(two), fitted(fit))
})

test_that("new rows are predicted, beyond the data along the polynomial", {
  d <- local_data()
  fit <- gamut(y ~ z + lo(x), data = d)
  expect_equal(predict(fit, d), fitted(fit), tolerance = 1e-12)
  expect_equal(drop(predict(fit, d, type = "lpmatrix") %*% coef(fit, "all")), fitted(fit),
               tolerance = 1e-12)
  edge <- fit$smooths[[1L]]$piece$basis$surface$upper
  new <- data.frame(x = edge + c(0, 1, 2), z = 0)
  beyond <- predict(fit, new)
  slope <- fit$smooths[[1L]]$coefficients[1L]
  expect_equal(unname(diff(beyond)), rep(slope, 2), tolerance = 1e-10)
  expect_true(is.na(predict(fit, data.frame(x = NA_real_, z = 0))))
})

test_that("what does not hold for surfaces is refused", {
  d <- local_data()
  fit <- gamut(y ~ z + lo(x), data = d)
  expect_error(logLik(fit, type = "marginal"), class = "gamut_error_unsupported")
  expect_error(drop1(fit), "drop1.*lo\\(\\) terms", class = "gamut_error_unsupported")
  expect_error(profile(fit), "without lo", class = "gamut_error_unsupported")
  mixed <- gamut(y ~ lo(x) + (1 | g), data = d)
  expect_error(anova(fit, mixed), class = "gamut_error_comparison")
  expect_equal(AIC(fit), -2 * as.numeric(logLik(fit)) +
                 2 * (nrow(d) - df.residual(fit) + 1), tolerance = 1e-12)
})

test_that("differences of deviances and of traces are compared", {
  d <- local_data()
  small <- gamut(y ~ lo(x), data = d)
  large <- gamut(y ~ lo(x) + lo(u), data = d)
  table <- anova(large, small)
  difference <- df.residual(small) - df.residual(large)
  expect_equal(table$Df[2L], difference, tolerance = 1e-12)
  f <- (deviance(small) - deviance(large)) / difference / sigma(large)^2
  expect_equal(table$F[2L], f, tolerance = 1e-12)
})

test_that("other responses and other data are fitted again", {
  d <- local_data()
  fit <- gamut(y ~ z + lo(x), data = d)
  expect_equal(fitted(refit(fit, d$y + 1)), fitted(fit) + 1, tolerance = 1e-9)
  expect_equal(fitted(update(fit, . ~ . + lo(u))),
               fitted(gamut(y ~ z + lo(x) + lo(u), data = d)), tolerance = 1e-10)
  small <- gamut(y ~ z + lo(x), data = d, control = gamut_control(keep_data = FALSE))
  expect_equal(predict(small, d), fitted(fit), tolerance = 1e-12)
})

test_that("mistakes in lo() are explained", {
  d <- local_data()
  d$few <- round(2 * d$x)
  d$two <- round(d$x)
  expect_snapshot(error = TRUE, {
    gamut(y ~ lo(x, span = 0.01), data = d)
    gamut(y ~ lo(x, span = "best"), data = d)
    gamut(y ~ lo(x, span = -1), data = d)
    gamut(y ~ lo(x, degree = 3), data = d)
    gamut(y ~ lo(g), data = d)
    gamut(y ~ lo(two), data = d)
    gamut(y ~ lo(few, span = 0.1), data = d)
    gamut(count ~ lo(x) + (1 | g), data = d, family = poisson(), nagq = 5,
          method = "ML")
  })
})

test_that("surfaces that follow every response are told so", {
  d <- data.frame(x = 1:8, y = c(1, 3, 2, 5, 4, 6, 9, 2))
  expect_warning(fit <- gamut(y ~ lo(x, span = 0.5, degree = 2), data = d),
                 "8 degrees of freedom for 8 rows", class = "gamut_warning_loess")
  expect_false(fit$convergence$converged)
})

test_that("two ordered categories are a binomial response", {
  d <- local_data()
  d$two <- rbinom_of(d)
  ordinal <- gamut(ordered(two) ~ z + lo(x), family = cumulative(), data = d)
  binary <- gamut(two ~ z + lo(x), family = binomial(), data = d)
  # surfaces stand still to 1e-8
  expect_equal(unname(predict(ordinal, type = "response")[, 2L]),
               unname(predict(binary, type = "response")), tolerance = 1e-7)
  expect_equal(as.numeric(logLik(ordinal)), as.numeric(logLik(binary)), tolerance = 1e-9)
  d$three <- ordered(cut(d$y + 2 * d$u + withr::with_seed(5, rnorm(nrow(d))), 3))
  fit <- gamut(three ~ lo(x, span = 1), family = cumulative(), data = d)
  expect_true(fit$convergence$converged)
  # thresholds and the line are coefficients: their scores are 0 at a maximum
  score <- fit_rows(fit, "observed")$score
  expect_lt(max(abs(colSums(score))), 1e-5)
  expect_lt(abs(sum(score * d$x)), 1e-5)
})

test_that("covariates may have any unit", {
  d <- local_data()
  for (degree in 1:2) {
    plain <- gamut(y ~ lo(x, degree = degree), data = d)
    for (unit in c(1e-7, 1e7)) {
      d$scaled <- 1e3 * unit + unit * d$x
      fit <- gamut(y ~ lo(scaled, degree = degree), data = d)
      # 1e3 units from 0 leave 13 digits of the covariate
      expect_equal(fitted(fit), fitted(plain), tolerance = 1e-9)
    }
  }
})

test_that("neighbourhoods without weight, and data that are separated, are told", {
  d <- data.frame(x = (1:200) / 200)
  d$y <- sin(6 * d$x) + withr::with_seed(1, rnorm(200)) / 10
  d$w <- as.numeric(!(1:200) %in% 70:125)
  expect_warning(gamut(y ~ lo(x, span = 0.15), data = d, weights = w),
                 class = "gamut_warning_loess_neighbourhood")
  d$b <- as.numeric(d$x > 0.5)
  d$b[95:105] <- c(0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1)
  expect_warning(fit <- gamut(b ~ lo(x, span = 0.2), family = binomial(), data = d),
                 class = "gamut_warning_separation")
  expect_false(fit$convergence$converged)
})

test_that("families whose observed weights may be negative have positive ones here", {
  d <- local_data()
  d$zeros <- ifelse(seq_len(nrow(d)) %% 4 == 0, 0, d$count)
  fit <- gamut(zeros ~ lo(x), family = zero_inflated(poisson()), data = d)
  expect_true(fit$convergence$converged)
  # the constant and the line are coefficients: their scores are 0 at a maximum
  score <- fit_rows(fit, "observed")$score[, 1L]
  expect_lt(abs(sum(score)) + abs(sum(score * d$x)), 1e-5 * sum(abs(score)))
})
