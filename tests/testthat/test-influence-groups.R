sleep_fit <- function(data = peer_data("sleepstudy"), ...) {
  gamut(Reaction ~ Days + (Days | Subject), data = data, ...)
}

# Fixed effects and their covariance without some rows, V written out
without_rows <- function(y, x, v, out) {
  p <- solve(v[-out, -out])
  vcov <- solve(crossprod(x[-out, , drop = FALSE], p %*% x[-out, , drop = FALSE]))
  list(vcov = vcov, fixed = drop(vcov %*% crossprod(x[-out, ], p %*% y[-out])))
}

test_that("refits without each subject are those of lme4", {
  skip_on_cran()
  d <- peer_data("sleepstudy")
  ours <- influence(sleep_fit(), group = "Subject")
  for (subject in c("309", "335")) {
    theirs <- settled_lmer(Reaction ~ Days + (Days | Subject),
                           droplevels(d[d$Subject != subject, ]))
    # standard errors move with theta, which both searches have to 1e-6
    expect_equal(ours$fixed[subject, ], lme4::fixef(theirs), tolerance = 1e-6)
    expect_equal(unname(ours$covariance[subject, ]),
                 as.data.frame(lme4::VarCorr(theirs))$sdcor, tolerance = 1e-5)
  }
  theirs <- lme4::lmer(Reaction ~ Days + (Days | Subject), d)
  all <- influence(theirs, "Subject")
  expect_identical(rownames(ours$fixed), rownames(all[["fixed.effects[-Subject]"]]))
  # lme4 ends its search where theta is good to 1e-5
  expect_equal(ours$fixed, all[["fixed.effects[-Subject]"]], tolerance = 1e-5)
  expect_equal(dfbeta(ours), -dfbeta(all), tolerance = 1e-4)
  expect_equal(dfbetas(ours), -dfbetas(all), tolerance = 1e-4)
  # lme4 has a factor (groups - coefficients) / groups
  expect_equal(unname(cooks.distance(ours)), unname(cooks.distance(all)) * 18 / 16,
               tolerance = 1e-4)
  ratio <- vapply(all[["vcov[-Subject]"]], det, 0) / det(all$vcov)
  expect_equal(unname(ours$covratio), unname(ratio), tolerance = 1e-4)
  expect_true(all(ours$converged))
  expect_identical(unname(ours$size), rep(10L, 18L))
})

test_that("a small GLMM without each herd is the fit to the other herds", {
  d <- peer_data("cbpp")
  formula <- cbind(incidence, size - incidence) ~ period + (1 | herd)
  fit <- gamut(formula, family = binomial(), data = d)
  found <- influence(fit, group = "herd")
  errors <- sqrt(diag(vcov(fit)))
  for (herd in levels(d$herd)) {
    again <- gamut(formula, family = binomial(), data = d[d$herd != herd, ])
    # two searches from different starts; the curvature is by differences
    expect_lt(max(abs(found$fixed[herd, ] - coef(again)) / errors), 1e-4)
    expect_equal(found$covariance[[herd, 1L]], as.data.frame(VarCorr(again))$sdcor,
                 tolerance = 1e-4)
    expect_equal(found$dfbetas[herd, ],
                 (coef(fit) - coef(again)) / sqrt(diag(vcov(again))), tolerance = 1e-3)
    expect_equal(found$covratio[[herd]], det(vcov(again)) / det(vcov(fit)),
                 tolerance = 1e-3)
    change <- coef(fit) - coef(again)
    expect_equal(found$cook[[herd]], sum(change * solve(vcov(fit), change)) / 4,
                 tolerance = 1e-3)
  }
})

test_that("held variances leave generalised least squares", {
  d <- peer_data("sleepstudy")
  set.seed(2)
  d$w <- runif(180, 0.5, 2)
  fit <- sleep_fit(d, weights = w)
  x <- cbind(1, d$Days)
  z <- model.matrix(~ 0 + Subject + Subject:Days, d)
  v <- z %*% kronecker(VarCorr(fit)$Subject, diag(18)) %*% t(z) +
    diag(sigma(fit)^2 / d$w)
  whole <- solve(crossprod(x, solve(v, x)))
  by_subject <- influence(fit, group = "Subject", refit = FALSE)
  by_row <- influence(fit)
  check <- function(found, name, out) {
    truth <- without_rows(d$Reaction, x, v, out)
    # dense algebra of 180 rows
    expect_equal(unname(found$fixed[name, ]), truth$fixed, tolerance = 1e-9)
    expect_equal(found$covratio[[name]], det(truth$vcov) / det(whole), tolerance = 1e-8)
    change <- coef(fit) - truth$fixed
    expect_equal(unname(found$dfbetas[name, ]),
                 unname(change / sqrt(diag(truth$vcov))), tolerance = 1e-7)
    expect_equal(found$cook[[name]], sum(change * solve(whole, change)) / 2,
                 tolerance = 1e-7)
  }
  check(by_subject, "308", 1:10)
  check(by_subject, "372", 171:180)
  for (row in c(1L, 57L, 180L)) check(by_row, as.character(row), row)
  expect_null(by_row$covariance)
  expect_identical(by_row$full$fixed, coef(fit))
})

test_that("rows in one pass are rows left out one by one", {
  set.seed(3)
  d <- data.frame(g = gl(8, 10), h = gl(5, 1, 80), x = rnorm(80), f = gl(4, 3, 80))
  d$y <- d$x + rnorm(8)[d$g] + rnorm(80)
  d$w <- rep(c(1, 2, 0, 1.5), 20)
  known <- diag(8) + 0.3
  dimnames(known) <- list(1:8, 1:8)
  fits <- list(
    gamut(y ~ x + f + (1 | g) + (1 | h), data = d),
    gamut(y ~ x + (x | g), data = d, weights = w),
    gamut(y ~ x + I(2 * x) + (1 | g), data = d, method = "ML"),
    gamut(y ~ x + known(1 | g, K = known), data = d),
    gamut(y ~ offset(x) + (1 | g), data = d)
  )
  for (fit in fits) {
    one <- influence(fit)
    other <- influence(fit, group = seq_len(80), refit = FALSE)
    expect_identical(rownames(one$fixed), rownames(other$fixed))
    # a factor of the whole against products of the deleted row
    for (part in c("fixed", "dfbetas", "cook", "covratio")) {
      expect_equal(one[[part]], other[[part]], tolerance = 1e-8)
    }
  }
})

test_that("a group is deleted from any model as update() deletes it", {
  skip_on_cran()
  set.seed(4)
  d <- data.frame(g = gl(8, 15), x = rnorm(120), part = rep(c("a", "b", "c"), 40))
  eta <- 0.4 * d$x + rnorm(8, 0, 0.5)[d$g]
  d$count <- rpois(120, exp(eta))
  d$amount <- rgamma(120, 3, 3 / exp(eta))
  d$share <- plogis(eta + rnorm(120))
  d$w <- runif(120, 0.5, 2)
  fits <- list(
    gamut(amount ~ x + (1 | g), family = Gamma("log"), data = d, weights = w),
    gamut(list(share ~ x + (1 | g), phi ~ x), family = Beta(), data = d),
    gamut(count ~ x + (1 | g), family = poisson(), data = d, nagq = 5),
    gamut(count ~ x, family = quasipoisson(), data = d),
    gamut(share ~ x, data = d, weights = w)
  )
  for (fit in fits) {
    for (group in c("g", "part")) {
      found <- influence(fit, group = group)
      name <- rownames(found$fixed)[2L]
      d$stays <- d[[group]] != name
      again <- update(fit, data = d, subset = stays)
      # searches that begin at other places
      expect_lt(max(abs(found$fixed[name, ] - coef(again)) / sqrt(diag(vcov(fit)))),
                1e-4)
      expect_equal(found$covratio[[name]], det(vcov(again)) / det(vcov(fit)),
                   tolerance = 1e-3)
    }
  }
})

test_that("groups may be named in several ways", {
  fit <- orthodont_fit(method = "ML")
  d <- orthodont()
  whole <- influence(fit, group = "Subject")
  for (group in list(~Subject, d$Subject, as.character(d$Subject))) {
    found <- influence(fit, group = group)
    at <- rownames(found$fixed)
    expect_setequal(at, rownames(whole$fixed))
    expect_identical(found$fixed, whole$fixed[at, ])
  }
  expect_identical(cooks.distance(fit, group = "Subject"), whole$cook)
  expect_identical(dfbeta(fit, group = "Subject"), whole$coefficients)
  expect_identical(dfbetas(fit, group = "Subject"), whole$dfbetas)
  expect_identical(dfbetas(fit, influence(fit)), influence(fit)$dfbetas)
  expect_identical(influence(fit, do.coef = FALSE), list(hat = hatvalues(fit)))
  # a variable of the data that the model does not have, and several together
  expect_identical(rownames(influence(fit, group = "Sex", refit = FALSE)$fixed),
                   c("Male", "Female"))
  expect_length(cooks.distance(fit, group = ~ Sex + age), 8L)
  nested <- gamut(score ~ Machine + (1 | Worker / Machine), data = nlme::Machines)
  found <- influence(nested, group = "Worker:Machine", refit = FALSE)
  expect_length(found$cook, 18L)
  expect_identical(unname(found$size), rep(3L, 18L))
  holes <- d
  holes$age[c(2, 30)] <- NA
  gaps <- gamut(distance ~ age + (1 | Subject), data = holes, na.action = na.exclude)
  expect_identical(sum(influence(gaps, group = d$Subject)$size), 106L)
})

test_that("what cannot be estimated without a group is NA", {
  d <- orthodont()
  fit <- gamut(distance ~ Sex + age + (1 | Subject), data = d, method = "ML")
  found <- influence(fit, group = "Sex")
  expect_identical(is.na(found$fixed["Female", ]), names(coef(fit)) == "SexFemale",
                   ignore_attr = TRUE)
  expect_true(all(is.na(found$cook)))
  expect_true(all(is.na(found$covratio)))
  expect_true(all(found$converged))
  # without its only varying group the response is constant
  flat <- data.frame(y = c(rep(1, 20), rnorm(10)), g = gl(6, 5), part = gl(3, 10))
  fit <- suppressWarnings(gamut(y ~ 1 + (1 | g), data = flat))
  expect_warning(found <- influence(fit, group = "part"),
                 class = "gamut_warning_convergence")
  expect_identical(unname(found$converged), c(TRUE, TRUE, FALSE))
  expect_true(is.na(found$cook[[3L]]))
})

test_that("leverages and Cook's distances of rows are the published ones", {
  fit <- gamut(Yield ~ 1 + (1 | Batch), data = peer_data("Dyestuff"), method = "ML")
  # MixedModels.jl, test/pls.jl; leverages move with theta, which a search has to 1e-6
  expect_equal(sum(hatvalues(fit)), 4.695160262, tolerance = 1e-6)
  fit <- sleep_fit()
  peer <- settled_lmer(Reaction ~ Days + (Days | Subject), peer_data("sleepstudy"))
  expect_equal(hatvalues(fit), hatvalues(peer), tolerance = 1e-5)
  expect_equal(cooks.distance(fit), cooks.distance(peer), tolerance = 1e-5)
})

test_that("printing and tables", {
  fit <- orthodont_fit()
  found <- influence(fit, group = "Subject")
  expect_snapshot(print(found, n = 4))
  expect_snapshot(print(influence(fit), n = 2))
  table <- as.data.frame(found)
  expect_named(table, c("group", "size", "cook", "covratio", "converged", "(Intercept)",
                        "age"))
  expect_identical(table$cook, unname(found$cook))
  expect_identical(table$age, unname(found$dfbetas[, "age"]))
})

test_that("messages", {
  fit <- orthodont_fit()
  expect_snapshot(error = TRUE, {
    influence(fit, group = "Person")
    influence(fit, group = 1:3)
    influence(fit, group = list(1, 2))
    influence(fit, group = rep(1, 108))
    influence(fit, group = c(NA, 1:107))
    influence(fit, groups = "Subject")
    influence(fit, group = "Subject", refit = "no")
    influence(gamut(dist ~ speed, data = cars), refit = FALSE)
    influence(gamut(dist ~ speed, data = cars), group = rep(1:2, 25), refit = FALSE)
  })
  bare <- gamut(distance ~ 0 + (1 | Subject), data = orthodont())
  expect_error(influence(bare), class = "gamut_error_unsupported")
  lean <- orthodont_fit(control = gamut_control(keep_data = FALSE))
  expect_error(influence(lean, group = "Subject"), class = "gamut_error_data")
})
