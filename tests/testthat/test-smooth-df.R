# Smooths with given degrees of freedom, as in package gam: against the definition by
# brute force, smooth.spline() and package gam.

df_data <- function(n = 200) {
  withr::with_seed(3, {
    d <- data.frame(x = runif(n), z = runif(n), w = runif(n, 0.5, 2))
    f <- sin(6 * d$x)
    d$gaussian <- f + d$z + rnorm(n, sd = 0.5)
    d$poisson <- rpois(n, exp(1 + f))
    d$Gamma <- rgamma(n, 4, 4 / exp(f + d$z))
    d
  })
}

knots_of <- function(x) {
  values <- sort(unique(x))
  values[seq.int(1, length(values), length.out = stats::.nknots.smspl(length(values)))]
}

# Penalised least squares, repeated with working weights: natural splines by their values
# at knots, and lambda from the trace as it stands
fit_by_definition <- function(x, df, y, family = gaussian(), beside = NULL,
                              weights = rep(1, length(y)), knots = knots_of(x)) {
  s <- mgcv::s
  basis <- mgcv::smoothCon(s(x, bs = "cr", k = length(knots)), data.frame(x = x),
                           knots = list(x = knots))[[1]]
  own <- seq_along(knots)
  model <- cbind(basis$X, beside)
  penalty <- matrix(0, ncol(model), ncol(model))
  penalty[own, own] <- basis$S[[1]]
  eta <- family$linkfun((y + mean(y)) / 2)
  for (round in 1:100) {
    mu <- family$linkinv(eta)
    slope <- family$mu.eta(eta)
    w <- weights * slope^2 / family$variance(mu)
    gram <- crossprod(model, w * model)
    trace <- function(rho) {
      inside <- gram[own, own]
      sum(diag(solve(inside + exp(rho) * basis$S[[1]], inside, tol = 0)))
    }
    rho <- uniroot(function(rho) trace(rho) - df - 1, c(-15, 15), tol = 1e-12)$root
    right <- crossprod(model, w * (eta + (y - mu) / slope))
    new <- drop(model %*% solve(gram + exp(rho) * penalty, right, tol = 0))
    moved <- max(abs(new - eta))
    eta <- new
    if (moved < 1e-9) break
  }
  family$linkinv(eta)
}

own_family <- function(name) {
  switch(name, gaussian = gaussian(), poisson = poisson(), Gamma = Gamma("log"))
}

test_that("fits have the degrees of freedom of the definition", {
  skip_if_no_peer("mgcv")
  d <- df_data()
  for (name in c("gaussian", "poisson", "Gamma")) {
    formula <- stats::reformulate(c("s(x, 5)", "z"), name)
    fit <- gamut(formula, data = d, family = own_family(name))
    expect_true(fit$convergence$converged)
    expected <- fit_by_definition(d$x, 5, d[[name]], own_family(name), d$z)
    expect_equal(unname(fitted(fit)), expected, tolerance = 1e-6, label = name)
  }
})

test_that("prior weights are weights of the smoother", {
  skip_if_no_peer("mgcv")
  d <- df_data()
  for (name in c("gaussian", "Gamma")) {
    formula <- stats::reformulate(c("s(x, 5)", "z"), name)
    fit <- gamut(formula, data = d, family = own_family(name), weights = w)
    expected <- fit_by_definition(d$x, 5, d[[name]], own_family(name), d$z, d$w)
    expect_equal(unname(fitted(fit)), expected, tolerance = 1e-6, label = name)
  }
})

test_that("one smooth of a linear model is smooth.spline()", {
  # values as near as 5e-6 of their range: a penalty whose numbers differ by 1e13, which
  # leaves some 1e-6 to both
  skip_if_no_peer("gam")
  d <- peer_data("gam.data", "gam")
  peer <- stats::smooth.spline(d$x, d$y, df = 7, all.knots = TRUE)
  # it ends near the df asked for: those it has are what is compared
  fit <- gamut(y ~ s(x, df = peer$df - 1), data = d, knots = list(x = sort(d$x)))
  expect_equal(unname(fitted(fit)), stats::predict(peer, d$x)$y, tolerance = 1e-5)
  # alone beside the constant, the model has the smoother's degrees of freedom
  expect_equal(fit$smooths[[1]]$edf, peer$df - 1, tolerance = 1e-6)
})

# gam's smoother stops within some 1e-3 of the df asked for, and takes knots that are not
# bound to be straight at the ends: relative 1e-4 in the deviance is what that can make.
test_that("fits are those of package gam", {
  skip_if_no_peer("gam")
  d <- df_data()
  theirs <- function(formula, family = gaussian()) {
    environment(formula) <- list2env(list(s = gam::s, d = d), parent = globalenv())
    control <- gam::gam.control(epsilon = 1e-10, bf.epsilon = 1e-10, maxit = 100,
                                bf.maxit = 100)
    gam::gam(formula, family = family, data = d, control = control)
  }
  for (name in c("gaussian", "poisson", "Gamma")) {
    family <- own_family(name)
    formula <- stats::reformulate(c("s(x, 5)", "s(z, 3)"), name)
    fit <- gamut(formula, data = d, family = family)
    expect_equal(sum(family$dev.resids(d[[name]], fitted(fit), rep(1, nrow(d)))),
                 theirs(formula, family)$deviance, tolerance = 1e-4, label = name)
  }
})

test_that("all spellings are one", {
  d <- df_data()
  fit <- gamut(gaussian ~ s(x, 4) + z, data = d)
  size <- 4
  for (formula in list(gaussian ~ s(x, df = 4) + z, gaussian ~ gam::s(x) + z,
                       gaussian ~ gam::s(x, 4) + z, gaussian ~ s(x, df = size) + z)) {
    expect_equal(fitted(gamut(formula, data = d)), fitted(fit), tolerance = 1e-12)
  }
  expect_identical(fit$smooths[[1]]$label, "s(x,4)")
  expect_identical(fit_gam(gaussian ~ s(x, 4) + z, data = d)$coefficients,
                   fit$coefficients)
})

test_that("lambda means what it means as sp", {
  d <- df_data()
  fit <- gamut(Gamma ~ s(x, 4, k = 12), family = Gamma("log"), data = d,
               knots = list(x = seq(0, 1, length.out = 12)))
  lambda <- fit$smooths[[1]]$lambda
  same <- gamut(Gamma ~ s(x, bs = "cr", k = 12, sp = lambda), family = Gamma("log"),
                data = d, knots = list(x = seq(0, 1, length.out = 12)))
  # the dispersion is searched for, in another basis
  expect_equal(fitted(same), fitted(fit), tolerance = 1e-6)
  expect_equal(same$smooths[[1]]$edf, fit$smooths[[1]]$edf, tolerance = 1e-6)
})

test_that("other bases, and values that are nearly one", {
  d <- df_data()
  for (bs in c("ps", "tp", "cs", "bs")) {
    fit <- gamut(stats::reformulate(paste0("s(x, 5, bs = \"", bs, "\")"), "gaussian"),
                 data = d)
    # with cs and ts the constant is penalised a little, too
    expect_equal(fit$smooths[[1]]$edf, 5, tolerance = if (bs == "cs") 1e-2 else 1e-6)
  }
  d$x[1:20] <- d$x[21:40] + 1e-14
  expect_equal(gamut(gaussian ~ s(x, 5), data = d)$smooths[[1]]$edf, 5, tolerance = 1e-6)
})

test_that("smooths with df stand beside those that are estimated, and random effects", {
  d <- df_data()
  d$g <- gl(20, 10)
  formula <- poisson ~ s(x, 4) + s(z) + (1 | g)
  expect_no_warning(fit <- gamut(formula, family = poisson(), data = d))
  expect_true(fit$convergence$converged)
  expect_lt(abs(fit$smooths[[1]]$edf - 4), 0.1)
  # at the optimum of the others the one with df is given
  again <- gamut(poisson ~ s(x, 4) + s(z, sp = fit$smooths[[2]]$lambda) + (1 | g),
                 family = poisson(), data = d)
  expect_equal(fitted(again), fitted(fit), tolerance = 1e-4)
  for (method in c("ML", "GCV")) {
    other <- gamut(gaussian ~ s(x, 4) + s(z), data = d, method = method)
    expect_lt(abs(other$smooths[[1]]$edf - 4), 0.1)
  }
})

test_that("every predictor may have smooths with df", {
  d <- df_data()
  fit <- gamut(list(gaussian ~ s(x, 4), sigma ~ s(z, 3)), data = d)
  edf <- vapply(fit$smooths, `[[`, 0, "edf")
  expect_true(fit$convergence$converged)
  # the expected information of both is diagonal
  expect_equal(edf, c(4, 3), tolerance = 1e-4)
  d$kind <- cut(d$gaussian, c(-Inf, 0, 1, Inf), labels = c("a", "b", "c"))
  several <- gamut(kind ~ s(x, 3), family = categorical(), data = d)
  lambda <- vapply(several$smooths, `[[`, 0, "lambda")
  expect_length(unique(lambda), 2L)
  ordered <- gamut(kind ~ s(x, 3), family = cumulative(), data = d)
  expect_true(ordered$convergence$converged)
})

test_that("methods know the smooth by its label", {
  d <- df_data()
  fit <- gamut(poisson ~ s(x, 4) + z, family = poisson(), data = d)
  expect_identical(rownames(summary(fit)$smooths), "s(x,4)")
  expect_output(print(fit), "s(x, 4)", fixed = TRUE)
  shown <- smooth_estimates(fit, "s(x,4)")
  expect_identical(unique(shown$smooth), "s(x,4)")
  expect_equal(predict(fit, d[5:9, ]), unname(predict(fit))[5:9], ignore_attr = TRUE,
               tolerance = 1e-9)
  terms <- predict(fit, type = "terms")
  expect_true("s(x,4)" %in% colnames(terms))
  expect_equal(unname(predict(fit) - predict(fit, exclude = "s(x,4)")),
               unname(terms[, "s(x,4)"]), tolerance = 1e-9)
  withr::with_pdf(NULL, expect_no_error(plot(fit)))
  expect_no_error(derivatives(fit, "s(x,4)"))
  expect_no_error(check_model(fit))
  expect_identical(dim(vcov(fit, what = "all", unconditional = TRUE)),
                   dim(vcov(fit, what = "all")))
})

test_that("refits choose lambda again", {
  d <- df_data()
  fit <- gamut(poisson ~ s(x, 4) + z, family = poisson(), data = d)
  d$other <- simulate(fit, 1, seed = 1)[[1]]
  expected <- gamut(other ~ s(x, 4) + z, family = poisson(), data = d)
  expect_equal(fitted(refit(fit, d$other)), fitted(expected), tolerance = 1e-7)
  expect_identical(update(fit, . ~ . - z)$smooths[[1]]$label, "s(x,4)")
  more <- update(fit, . ~ . - s(x, 4) + s(x, 6))
  expect_lt(abs(more$smooths[[1]]$edf - 6), 0.1)
  expect_message(table <- drop1(fit, test = "Chisq"), class = "gamut_message_refit")
  expect_true("z" %in% rownames(table))
})

test_that("weights against outliers, and fits that keep no data", {
  d <- df_data()
  d$gaussian[7] <- 50
  fit <- gamut(gaussian ~ s(x, 4), data = d, robust = TRUE)
  expect_true(7L %in% fit$robust$rows)
  expect_equal(fit$smooths[[1]]$edf, 4, tolerance = 1e-6)
  small <- gamut(poisson ~ s(x, 4), family = poisson(), data = d,
                 control = gamut_control(keep_data = FALSE))
  whole <- gamut(poisson ~ s(x, 4), family = poisson(), data = d)
  expect_equal(small$smooths[[1]]$lambda, whole$smooths[[1]]$lambda, tolerance = 1e-12)
  setup <- gamut(gaussian ~ s(x, 4), data = d, fit = FALSE)
  expect_s3_class(setup, "gamut_setup")
})

test_that("a lambda that does not settle is said", {
  d <- df_data(60)
  setup <- gamut(poisson ~ s(x, 4), family = poisson(), data = d, fit = FALSE)
  round <- 0
  never_the_same <- function(setup) {
    round <<- round + 1
    fit <- fit_mixed(setup)
    fit$coefficients <- fit$coefficients + round
    fit
  }
  expect_warning(fit <- fit_with_df(setup, never_the_same), class = "gamut_warning_df")
  expect_false(fit$convergence$converged)
  expect_match(fit$convergence$message, "did not settle")
})

test_that("what goes with no degrees of freedom is refused", {
  d <- df_data(60)
  d$g <- gl(2, 30)
  d$few <- rep(1:4, 15)
  expect_snapshot(error = TRUE, {
    parse_formula(y ~ s(x, z, df = 4))
    parse_formula(y ~ s(x, 4, by = g))
    parse_formula(y ~ s(x, 4, id = 1))
    parse_formula(y ~ s(x, 4, sp = 1))
    parse_formula(y ~ s(x, 4, fx = TRUE))
    parse_formula(y ~ s(x, 4, m = 1))
    parse_formula(y ~ s(x, 4, df = 5))
    parse_formula(y ~ gam::s(x, spar = 1))
    parse_formula(y ~ mgcv::s(x, 4))
    parse_formula(y ~ mgcv::s(x, df = 4))
    gamut(gaussian ~ s(x, 1), data = d)
    gamut(gaussian ~ s(x, df = "4"), data = d)
    gamut(gaussian ~ s(few, 3), data = d)
    gamut(gaussian ~ s(x, 9, k = 10), data = d)
    gamut(gaussian ~ s(x, 4, bs = "ad"), data = d)
    gamut(gaussian ~ s(z, 4, bs = "re"), data = d)
    gamut(gaussian ~ s(g, 4), data = d)
    gamut(gaussian ~ s(x, 4), data = d, select = TRUE)
    gamut(gaussian ~ s(x, 4), data = d, weights = as.numeric(x < 0.05))
  })
})
