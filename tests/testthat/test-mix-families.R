# Every family in every form: without and with a smooth, and with a random intercept
# beside it (the form with a random intercept alone is in test-mixed-recovery.R). Data are
# drawn from known parameters; seeds are fixed, so that what holds here holds always.

# Rows in 40 groups of 12
mix_groups <- 40L
mix_rows <- 480L

# The curve of a covariate between 0 and 1, three times as high where 480 rows tell so
# little that REML prefers a straight line to 0.7 in one fit of five (as mgcv does): the
# band of a straight line has no width where that is 0.
mix_curve <- function(case) {
  little <- case$family$family %in% c("bernoulli", "cumulative")
  height <- if (little) 2.1 else 0.7
  function(z) height * sin(2 * pi * z)
}

mix_forms <- function() {
  list(GLM = y ~ x, GAM = y ~ x + s(z), GAMM = y ~ x + s(z) + (1 | g))
}

# Each cell of the table has seeds of its own, as cells that shared them would share
# errors; they are made of its name, so that a new row leaves the others alone.
mix_seeds <- function(name, form) {
  characters <- utf8ToInt(paste(name, form))
  # a fit of Beta_extended takes a second, thirty times as long as others
  count <- if (name == "Beta_extended" && form != "GLM") 2L else 6L
  100L * sum(characters * seq_along(characters)) + seq_len(count)
}

mix_data <- function(case, form, seed) {
  withr::with_seed(seed, {
    d <- data.frame(g = gl(mix_groups, mix_rows / mix_groups), x = rnorm(mix_rows),
                    z = runif(mix_rows))
    eta <- case$intercept + case$slope * d$x
    if (form != "GLM") eta <- eta + mix_curve(case)(d$z)
    if (form == "GAMM") eta <- eta + (case$sd * rnorm(mix_groups))[d$g]
    d$y <- case$draw(eta)
    d
  })
}

# The truth of a fit's coefficients: curves are centred over the rows, and their means
# are in the intercept, on the other side of thresholds
mix_truth <- function(case, fit, form, d) {
  truth <- true_coefficients(case, fit)
  if (form == "GLM") return(truth)
  mean <- mean(mix_curve(case)(d$z))
  if (case$family$id != "cumulative") {
    truth[["(Intercept)"]] <- truth[["(Intercept)"]] + mean
    return(truth)
  }
  thresholds <- names(truth) != "x"
  truth[thresholds] <- truth[thresholds] - mean
  truth
}

standard_scores <- function(fit, truth) {
  (coef(fit)[names(truth)] - truth) / sqrt(diag(vcov(fit)))[names(truth)]
}

# Errors of a curve in its standard errors, over a grid
curve_scores <- function(fit, d, which, curve) {
  at <- smooth_estimates(fit, which, n = 60)
  (at$estimate - (curve(at$z) - mean(curve(d$z)))) / at$se
}

# One cell with one seed
mix_scores <- function(case, form, seed, label) {
  d <- mix_data(case, form, seed)
  fit <- gamut(mix_forms()[[form]], d, case$family)
  testthat::expect_true(fit$convergence$converged, label = label)
  truth <- mix_truth(case, fit, form, d)
  testthat::expect_setequal(names(coef(fit)), names(truth))
  expect_dispersion(fit, case, label)
  scores <- list(coefficients = standard_scores(fit, truth))
  if (form != "GLM") scores$curve <- curve_scores(fit, d, 1L, mix_curve(case))
  if (form == "GAMM") {
    sd <- attr(VarCorr(fit)$g, "stddev")
    expect_deviation(sd, case$sd, label, mix_groups)
    scores$deviation <- log(sd / case$sd)
  }
  scores
}

# A dispersion that is no coefficient. The relative variance of Pearson's estimate is
# (2 + excess kurtosis) / n: 0 for normal rows, 6 phi for gamma rows, 15 phi mu for
# inverse gaussian ones, whose means are 2 on average and may double that. Four standard
# errors.
expect_dispersion <- function(fit, case, label) {
  if (fit$dispersion_fixed) return(invisible())
  phi <- case$parameters$phi
  if (case$family$id == "gaussian") phi <- (case$parameters$sigma %||% 0.8)^2
  excess <- switch(case$family$id, gaussian = 0, Gamma = 6 * phi, 60 * phi)
  limit <- 4 * sqrt((2 + excess) / mix_rows)
  testthat::expect_lt(abs(log(fit$dispersion / phi)), limit, label = label)
}

# All scores of a form, over the whole table
form_scores <- function(form) {
  table <- recovery_table(mix_rows)
  each <- lapply(names(table), function(name) {
    lapply(mix_seeds(name, form), function(seed) {
      mix_scores(table[[name]], form, seed, paste(name, form, seed))
    })
  })
  names(each) <- names(table)
  each
}

# Scores of the slope are independent over cells and nearly normal: their mean has the
# standard error 1 / sqrt(N), their variance sqrt(2 / (N - 1)). Four of these each, which
# errors of 0.3 standard errors, or standard errors off by a fifth, would exceed.
expect_standard <- function(z, label) {
  testthat::expect_lt(abs(mean(z)), 4 / sqrt(length(z)), label = label)
  testthat::expect_lt(abs(var(z) - 1), 4 * sqrt(2 / (length(z) - 1)), label = label)
}

expect_scores <- function(each, form) {
  for (name in names(each)) {
    scores <- unlist(lapply(each[[name]], `[[`, "coefficients"))
    label <- paste(name, form)
    # one score in 16,000 is beyond four, of which there are 500 in a form
    testthat::expect(all(abs(scores) < 4), paste(
      label, "off by", format(max(abs(scores)), digits = 3L), "standard errors"
    ))
  }
  flat <- unlist(each, recursive = FALSE)
  expect_standard(vapply(flat, function(s) s$coefficients[["x"]], 0), form)
}

# The supremum of a curve in its standard errors: of one with 10 degrees of freedom, whose
# path is 15 long at most, it is beyond 5 in one of 50,000 (15 / pi exp(-5^2 / 2), the
# volume of a tube), and there are 180 curves in a form; the bias of a peak, which the
# band covers on average only, takes some of it. Of their points the 95 % band covers as
# many as it says, on average over the points (Marra and Wood 2012); four standard errors.
expect_curves <- function(scores, label) {
  testthat::expect_lt(max(abs(unlist(scores))), 5, label = label)
  covered <- vapply(scores, function(z) mean(abs(z) < qnorm(0.975)), 0)
  testthat::expect_lt(abs(mean(covered) - 0.95),
                      4 * sd(covered) / sqrt(length(covered)), label = label)
}

# Exports that make a family when they are called without arguments
exported_families <- function() {
  exports <- getNamespaceExports("gamut")
  makes <- vapply(exports, function(name) {
    value <- tryCatch(getExportedValue("gamut", name)(), error = function(e) NULL)
    inherits(value, "gamut_family")
  }, NA)
  exports[makes]
}

test_that("each family has a row, here too", {
  rows <- names(recovery_table(mix_rows))
  expect_all_families(rows, rows_below())
  expect_length(setdiff(exported_families(), c(rows, rows_below())), 0L)
})

test_that("without a smooth: parameters are recovered", {
  skip_on_cran()
  expect_scores(form_scores("GLM"), "GLM")
})

test_that("with a smooth: parameters and curve are recovered", {
  skip_on_cran()
  each <- form_scores("GAM")
  expect_scores(each, "GAM")
  expect_curves(lapply(unlist(each, recursive = FALSE), `[[`, "curve"), "GAM")
})

test_that("with a smooth and a random intercept: both are recovered", {
  skip_on_cran()
  each <- form_scores("GAMM")
  expect_scores(each, "GAMM")
  flat <- unlist(each, recursive = FALSE)
  expect_curves(lapply(flat, `[[`, "curve"), "GAMM")
  # the logarithm of a standard deviation of 40 groups is 1 / (4 * 39) low on average, and
  # more where little is known of each effect, which may double it
  off <- vapply(flat, `[[`, 0, "deviation")
  expect_lt(abs(mean(off)), 2 / (4 * 39) + 4 * sd(off) / sqrt(length(off)))
})

# --- responses with a curve for each category or part ---------------------------------

several_curves <- function() {
  list(function(z) 0.9 * sin(2 * pi * z), function(z) 0.9 * cos(2 * pi * z),
       function(z) 2 * z - 1)
}

# Predictors of three categories or parts; the first category is the reference
several_data <- function(form, seed) {
  withr::with_seed(seed, {
    n <- mix_rows
    d <- data.frame(g = gl(mix_groups, n / mix_groups), x = rnorm(n), z = runif(n))
    eta <- cbind(0.3 + 0.5 * d$x, -0.2 - 0.4 * d$x, 0.6 + 0.2 * d$x)
    if (form != "GLM") eta <- eta + vapply(several_curves(), function(f) f(d$z), d$z)
    if (form == "GAMM") {
      eta <- eta + 0.7 * matrix(rnorm(3L * mix_groups), mix_groups)[d$g, ]
    }
    odds <- cbind(1, exp(eta[, 1:2]))
    mean <- odds / rowSums(odds)
    d$class <- factor(c("a", "b", "c")[1L + rowSums(
      runif(n) > t(apply(mean, 1L, cumsum))
    )])
    composition <- function(shape) {
      parts <- matrix(rgamma(3L * n, shape), n)
      `colnames<-`(parts / rowSums(parts), c("a", "b", "c"))
    }
    d$shares <- composition(12 * mean)
    d$parts <- composition(exp(eta))
    d
  })
}

several_cases <- function() {
  against <- c(`b:(Intercept)` = 0.3, `b:x` = 0.5, `c:(Intercept)` = -0.2, `c:x` = -0.4)
  list(
    categorical = list(left = quote(class), family = categorical(), truth = against),
    dirichlet.mean = list(left = quote(shares), family = dirichlet("mean"),
                          truth = c(against, `phi:(Intercept)` = log(12))),
    dirichlet = list(left = quote(parts), family = dirichlet(),
                     truth = setNames(c(0.3, 0.5, -0.2, -0.4, 0.6, 0.2),
                                      paste0(rep(c("a", "b", "c"), each = 2L),
                                             c(":(Intercept)", ":x"))))
  )
}

several_scores <- function(case, form, seed, label) {
  d <- several_data(form, seed)
  formula <- as.formula(call("~", case$left, mix_forms()[[form]][[3L]]))
  fit <- gamut(formula, d, case$family)
  testthat::expect_true(fit$convergence$converged, label = label)
  truth <- case$truth
  number <- sum(grepl(":x$", names(truth)))
  if (form != "GLM") {
    at <- 2L * seq_len(number) - 1L
    means <- vapply(several_curves()[seq_len(number)], function(f) mean(f(d$z)), 0)
    truth[at] <- truth[at] + means
    testthat::expect_length(fit$smooths, number)
  }
  scores <- list(coefficients = standard_scores(fit, truth))
  if (form == "GAMM") {
    expect_deviation(attr(VarCorr(fit)$g, "stddev"), 0.7, label, mix_groups)
  }
  if (form != "GLM") {
    scores$curves <- lapply(seq_len(number), function(k) {
      curve_scores(fit, d, k, several_curves()[[k]])
    })
  }
  scores
}

test_that("each category and each part has its own curve", {
  skip_on_cran()
  cases <- several_cases()
  curves <- slopes <- list()
  for (form in names(mix_forms())) for (name in names(cases)) for (seed in 1:4) {
    label <- paste(name, form, seed)
    seed <- mix_seeds(name, form)[[seed]]
    scores <- several_scores(cases[[name]], form, seed, label)
    expect(all(abs(scores$coefficients) < 4), paste(label, "is off"))
    at <- grepl(":x$", names(scores$coefficients))
    # predictors of one fit are correlated: one slope of each
    slopes <- c(slopes, scores$coefficients[at][1L])
    curves <- c(curves, scores$curves)
  }
  expect_standard(unlist(slopes), "slopes of categories and parts")
  expect_curves(curves, "curves of categories and parts")
})

# --- peers ----------------------------------------------------------------------------

# The same model in mgcv, with random intercepts as a smooth of groups
mix_peer <- function(family, form, d) {
  formula <- if (form == "GAM") y ~ x + s(z) else y ~ x + s(z) + s(g, bs = "re")
  environment(formula) <- list2env(list(s = mgcv::s), parent = environment(formula))
  suppressWarnings(mgcv::gam(
    formula, data = d, family = family, method = "REML",
    control = mgcv::gam.control(epsilon = 1e-10, maxit = 500,
                                newton = list(conv.tol = 1e-9, maxNstep = 5, maxSstep = 2,
                                              maxHalf = 30, use.svd = FALSE))
  ))
}

test_that("smooths, and random intercepts beside them, are those of mgcv", {
  skip_on_cran()
  skip_if_no_peer("mgcv")
  families <- list(gaussian = gaussian(), poisson = poisson(), binomial = binomial(),
                   bernoulli = binomial(), Gamma = Gamma("log"), Beta = mgcv::betar(),
                   negbinomial = mgcv::nb(), student = mgcv::scat())
  table <- recovery_table(mix_rows)
  for (name in names(families)) for (form in c("GAM", "GAMM")) {
    label <- paste(name, form)
    d <- mix_data(table[[name]], form, 77L)
    fit <- gamut(mix_forms()[[form]], d, table[[name]]$family)
    peer <- mix_peer(families[[name]], form, d)
    # both criteria are at their minimum up to 1e-8 or so of rounding
    expect_lt(abs(c(logLik(fit, REML = TRUE)) + peer$gcv.ubre[[1L]]), 1e-6, label = label)
    # the root of this is what is left of smoothing parameters, and of what depends on
    # them: 1e-4 standard errors
    errors <- sqrt(diag(vcov(fit)))[["x"]]
    expect_lt(abs(coef(fit)[["x"]] - coef(peer)[["x"]]) / errors, 1e-4, label = label)
    curve <- smooth_estimates(fit, 1L, newdata = d)
    theirs <- predict(peer, type = "terms")[, "s(z)"]
    expect_lt(max(abs(curve$estimate - theirs) / curve$se), 1e-4, label = label)
    spread <- sd(fitted(fit))
    expect_lt(max(abs(as.vector(fitted(fit)) - as.vector(fitted(peer)))) / spread, 1e-5,
              label = label)
  }
})

test_that("curves of categories are those of mgcv's multinomial family", {
  skip_on_cran()
  skip_if_no_peer("mgcv")
  d <- several_data("GAM", 7L)
  fit <- gamut(class ~ x + s(z), d, categorical())
  d$y <- as.integer(d$class) - 1L
  formulas <- list(y ~ x + s(z), ~ x + s(z))
  formulas <- lapply(formulas, `environment<-`, list2env(list(s = mgcv::s)))
  peer <- mgcv::gam(formulas, data = d, family = mgcv::multinom(K = 2), method = "REML")
  # its log-likelihood leaves out a constant, which its probabilities tell
  probability <- predict(peer, type = "response")
  constant <- sum(log(probability[cbind(seq_len(mix_rows), d$y + 1L)])) -
    c(logLik(peer))
  # it ends where its criterion is good to 1e-6, and its smoothing parameter of the first
  # curve, which is a straight line, is finite: that moves others by the root of this
  expect_lt(abs(c(logLik(fit, REML = TRUE)) + peer$gcv.ubre[[1L]] - constant), 1e-4)
  theirs <- coef(peer)[c("(Intercept)", "x", "(Intercept).1", "x.1")]
  expect_lt(max(abs(coef(fit) - theirs) / sqrt(diag(vcov(fit)))), 1e-3)
  expect_lt(max(abs(predict(fit, type = "response") - probability)), 1e-4)
})
