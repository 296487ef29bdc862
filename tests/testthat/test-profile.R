exact <- glm.control(epsilon = 1e-14, maxit = 100)

profile_data <- function() {
  set.seed(2)
  n <- 200
  d <- data.frame(x = rnorm(n), f = gl(4, 50), w = runif(n, 0.5, 2), o = runif(n))
  d$y <- rpois(n, exp(0.2 + 0.3 * d$x + 0.1 * d$o))
  d$b <- rbinom(n, 1, plogis(d$x))
  d$g <- rgamma(n, 3, 3 / exp(0.3 * d$x))
  d
}

# limits by root finding over refits of glm, in which the column is an offset
root_limits <- function(peer, i) {
  x <- model.matrix(peer)
  offset <- if (is.null(peer$offset)) 0 else peer$offset
  excess <- function(b) {
    held <- glm.fit(x[, -i, drop = FALSE], peer$y, peer$prior.weights,
                    offset = offset + x[, i] * b, family = peer$family, control = exact)
    (held$deviance - peer$deviance) / summary(peer)$dispersion - qchisq(0.95, 1)
  }
  around <- coef(peer)[[i]] + c(-6, 0, 6) * sqrt(vcov(peer)[i, i])
  c(uniroot(excess, around[1:2], tol = 1e-10)$root,
    uniroot(excess, around[2:3], tol = 1e-10)$root)
}

models <- list(
  list(y ~ x + f + offset(o), poisson()),
  list(b ~ x + f, binomial()),
  list(b ~ x, binomial("cauchit")),
  list(g ~ x + f, Gamma("log")),
  list(g ~ x, inverse.gaussian("log")),
  list(g ~ x * f, gaussian())
)

test_that("limits solve the likelihood equation", {
  d <- profile_data()
  for (model in models) {
    fit <- gamut(model[[1]], family = model[[2]], data = d)
    peer <- glm(model[[1]], family = model[[2]], data = d, control = exact)
    ours <- profile_confint(fit, 1:2)
    expect_identical(dimnames(ours), list(names(coef(fit))[1:2], c("2.5 %", "97.5 %")))
    theirs <- rbind(root_limits(peer, 1), root_limits(peer, 2))
    # z is solved to 1e-7 of its target, 2e-7 standard errors; the deviances of two
    # converged fits differ by rounding and what the last step leaves, about as much
    expect_lt(max(abs(ours - theirs) / standard_errors(fit)[1:2]), 1e-6)
  }
})

test_that("limits are those of MASS, which interpolates over a grid", {
  skip_if_no_peer("MASS")
  d <- profile_data()
  confint_glm <- getS3method("confint", "glm", envir = asNamespace("MASS"))
  for (model in models[c(1:3, 6)]) {
    fit <- gamut(model[[1]], family = model[[2]], data = d)
    peer <- glm(model[[1]], family = model[[2]], data = d, control = exact)
    theirs <- suppressMessages(confint_glm(peer, 1:2))
    # a spline through a grid of half standard errors: off by up to 5e-4 of them
    difference <- abs(profile_confint(fit, 1:2) - theirs) / standard_errors(fit)[1:2]
    expect_lt(max(difference), 1e-3)
  }
})

test_that("the grid is that of MASS", {
  skip_if_no_peer("MASS")
  d <- profile_data()
  profile_glm <- getS3method("profile", "glm", envir = asNamespace("MASS"))
  for (model in models[1:3]) {
    fit <- gamut(model[[1]], family = model[[2]], data = d)
    peer <- glm(model[[1]], family = model[[2]], data = d, control = exact)
    ours <- profile(fit, "x")
    theirs <- profile_glm(peer, "x")
    # the root of a difference of deviances doubles its relative rounding error, most
    # so near 0; steps are in standard errors, which agree to 1e-7
    expect_equal(ours$x$z, theirs$x$z, tolerance = 1e-6)
    expect_equal(ours$x$par.vals, theirs$x$par.vals, tolerance = 1e-6,
                 ignore_attr = "dimnames")
  }
  expect_named(profile(gamut(g ~ x, family = Gamma(), data = d))$x, c("tau", "par.vals"))
})

test_that("weights, missing rows and aliased columns are taken as they are", {
  d <- profile_data()
  d$x[3] <- NA
  d$twice <- 2 * d$x
  fit <- gamut(y ~ x + twice + f, family = poisson(), data = d, weights = w,
               na.action = na.exclude)
  plain <- gamut(y ~ x + f, family = poisson(), data = d[-3, ], weights = w)
  ours <- profile_confint(fit)
  expect_true(all(is.na(ours["twice", ])))
  # the same equations in another order of columns
  expect_equal(ours[-3, ], profile_confint(plain), tolerance = 1e-6)
  expect_null(profile(fit, "twice")$twice)
})

test_that("several predictors have profiles of the likelihood", {
  d <- profile_data()
  d$p <- plogis(d$x + rnorm(200))
  fit <- gamut(list(p ~ x, phi ~ x), family = Beta(), data = d)
  limits <- profile_confint(fit, c("x", "phi:x"))
  for (name in rownames(limits)) {
    path <- profile_paths(fit, match(name, names(coef(fit))))[[1]]
    z <- vapply(limits[name, ], function(b) profile_point(path, b)$z, 0)
    # solved to 1e-7, evaluated from another start
    expect_equal(unname(z), qnorm(c(0.025, 0.975)), tolerance = 1e-6)
  }
  two <- gamut(factor(b) ~ x, family = categorical(), data = d)
  one <- gamut(b ~ x, family = binomial(), data = d)
  # one likelihood in two parametrisations
  expect_equal(unname(profile_confint(two)), unname(profile_confint(one)),
               tolerance = 1e-6)
})

test_that("a likelihood that stays flat has an infinite limit, with a warning", {
  d <- data.frame(f = gl(2, 20), y = c(rep(0, 20), rep(0:1, 10)))
  expect_warning(fit <- gamut(y ~ 0 + f, family = binomial(), data = d),
                 class = "gamut_warning_convergence")
  expect_warning(limits <- profile_confint(fit), "never falls",
                 class = "gamut_warning_profile")
  expect_identical(limits[["f1", 1]], -Inf)
  # 20 failures: 40 log(1 + exp(b)) = 3.84, to the tolerance of z
  expect_equal(limits[["f1", 2]], log(expm1(qchisq(0.95, 1) / 40)), tolerance = 1e-6)
  # the other group is as if the first were not there; its refits stop where the
  # diverging coefficient does, some 0.01 above the limit of the deviance
  expect_equal(limits["f2", ], profile_confint(gamut(y ~ 1, family = binomial(), data = d,
                                                     subset = f == 2))[1, ],
               tolerance = 1e-2)
})

test_that("a model of one coefficient has a profile", {
  fit <- gamut(count ~ 1, family = poisson(), data = InsectSprays)
  around <- profile(fit)
  mean <- mean(InsectSprays$count)
  value <- around[[1]]$par.vals[, 1]
  rise <- 2 * 72 * (mean * (log(mean) - value) - (mean - exp(value)))
  # closed form; the difference of two sums near 400 keeps about 12 digits
  expect_equal(around[[1]]$z, sign(value - log(mean)) * sqrt(pmax(rise, 0)),
               tolerance = 1e-6)
  expect_equal(confint(around), profile_confint(fit))
})

test_that("a fit that is no optimum is found out", {
  fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
  fit$coefficients[2] <- 1
  fit$deviance <- 200
  expect_error(profile_confint(fit, 2), class = "gamut_error_profile")
})

test_that("unknown coefficients and lost data are errors", {
  fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
  expect_snapshot(error = TRUE, {
    profile(fit, "sprayZ")
    profile(update(fit, control = gamut_control(keep_data = FALSE)))
  })
})

test_that("plot() draws every profile and returns it", {
  fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
  around <- profile(fit, 1:2)
  expect_identical(expect_invisible(plot(around)), around)
  skip_if_no_peer("MASS")
  expect_error(getS3method("plot", "profile", envir = asNamespace("MASS"))(around), NA)
})
