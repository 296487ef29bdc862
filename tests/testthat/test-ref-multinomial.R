# The categorical family against nnet::multinom(), VGAM and the Poisson trick.

# nnet stops on the relative change of the deviance; with reltol = 1e-15 its quasi-Newton
# steps leave about 1e-6 of a standard error.
multinom <- function(...) {
  call <- match.call(nnet::multinom, sys.call())
  call[[1L]] <- quote(nnet::multinom)
  call[c("trace", "maxit", "reltol", "abstol", "Hess", "MaxNWts")] <-
    list(FALSE, 2000, 1e-15, 0, TRUE, 1e5)
  eval(call, parent.frame())
}

# multinom() has a row of coefficients for each category
expect_as_multinom <- function(fit, peer, coefficients = 1e-5, errors = 1e-5) {
  theirs <- coef(peer)
  se <- summary(peer)$standard.errors
  if (!is.matrix(theirs)) {
    theirs <- t(theirs)
    se <- t(se)
  }
  expect_true(fit$convergence$converged)
  expect_equal(length(coef(fit)), length(theirs))
  expect_lt(max(abs(unname(coef(fit)) - c(t(theirs))) / c(t(se))), coefficients)
  expect_equal(unname(standard_errors(fit)), c(t(se)), tolerance = errors)
  # nobody can be above the maximum, and nnet is near it
  expect_lte(fit$deviance, peer$deviance + 1e-9)
  expect_equal(fit$deviance, peer$deviance, tolerance = 1e-8)
}

test_that("housing (Venables & Ripley 2002, section 7.3)", {
  skip_if_no_peer("MASS")
  skip_if_no_peer("nnet")
  fit <- gamut(Sat ~ Infl + Type + Cont, family = categorical(), weights = Freq,
               data = MASS::housing)
  expect_published(fit$deviance, "3470.0839")
  expect_published(coef(fit)[c("Medium:(Intercept)", "Medium:InflMedium",
                               "Medium:InflHigh")],
                   c("-0.4192", "0.4464", "0.6649"))
  # printed by nnet with eight digits, of which it has five right: its default stops early
  expect_equal(unname(coef(fit)[1:3]), c(-0.41922874, 0.44639589, 0.66493533),
               tolerance = 1e-4)
  peer <- multinom(Sat ~ Infl + Type + Cont, weights = Freq, data = MASS::housing)
  expect_as_multinom(fit, peer)
})

test_that("pneumoconiosis: counts in a matrix, last category as reference", {
  fit <- gamut(cbind(normal, mild, severe) ~ log(exposure), data = pneumo_data(),
               family = categorical(reference = "severe"))
  expect_published(coef(fit), c("11.97509", "-3.06747", "3.03906", "-0.90209"))
  saturated <- gamut(cbind(normal, mild, severe) ~ factor(exposure),
                     data = pneumo_data()[-1, ], family = categorical("severe"))
  # VGAM's deviance is against the saturated model, whose log-likelihood is in closed form
  counts <- as.matrix(pneumo_data()[-1L])
  share <- counts / rowSums(counts)
  saturated_loglik <- sum(ifelse(counts > 0, counts * log(share), 0))
  p <- fit_parameters(fit)$prob
  expect_published(2 * (saturated_loglik - sum(counts * log(p))), "5.3473817")
  # a perfect fit of the margins
  expect_equal(fit_parameters(saturated)$prob, share[-1, ], tolerance = 1e-5,
               ignore_attr = TRUE)
})

test_that("factor responses, interactions and weights agree with nnet", {
  skip_if_no_peer("nnet")
  d <- simulated_data(400L)
  for (formula in list(class ~ x, class ~ x * f + z, class ~ 0 + f + x,
                       class ~ poly(x, 2) + l)) {
    expect_as_multinom(gamut(formula, family = categorical(), data = d),
                       multinom(formula, data = d))
  }
  expect_as_multinom(gamut(class ~ x + f, family = categorical(), data = d, weights = w),
                     multinom(class ~ x + f, data = d, weights = w))
  expect_as_multinom(
    gamut(class ~ x + f, family = categorical(), data = d, subset = z > 0.3),
    multinom(class ~ x + f, data = d, subset = z > 0.3)
  )
  d$counts <- with(d, cbind(u = dead, v = m - dead, w = i))
  expect_as_multinom(gamut(counts ~ x + f, family = categorical(), data = d),
                     multinom(counts ~ x + f, data = d))
})

test_that("a multinomial model is a Poisson model with a mean for every row", {
  d <- pneumo_data()
  fit <- gamut(cbind(normal, mild, severe) ~ log(exposure), family = categorical(),
               data = d)
  long <- data.frame(row = factor(rep(1:8, 3)), x = log(d$exposure),
                     category = factor(rep(names(d)[-1L], each = 8), names(d)[-1L]),
                     count = unlist(d[-1L]))
  poisson <- gamut(count ~ row + category + category:x, family = poisson(), data = long)
  at <- c("categorymild", "categorysevere", "categorymild:x", "categorysevere:x")
  poisson_slopes <- coef(poisson)
  # category:x has a column for each category, and the last is aliased with row
  expect_true(is.na(poisson_slopes["categorysevere:x"]))
  poisson_slopes["categorysevere:x"] <- 0
  normal <- poisson_slopes["categorynormal:x"]
  slopes <- poisson_slopes[c("categorymild:x", "categorysevere:x")] - normal
  # both reach the maximum to 1e-8 of a standard error
  expect_equal(unname(slopes), unname(coef(fit)[c("mild:log(exposure)",
                                                  "severe:log(exposure)")]),
               tolerance = 1e-8)
  expect_equal(unname(coef(poisson)[at[1:2]]),
               unname(coef(fit)[c("mild:(Intercept)", "severe:(Intercept)")]),
               tolerance = 1e-7)
})

test_that("another reference category is another way to write the same model", {
  d <- simulated_data(300L)
  fits <- lapply(c("u", "v", "w"), function(reference) {
    gamut(class ~ x * f, family = categorical(reference), data = d)
  })
  p <- lapply(fits, function(fit) fit_parameters(fit)$prob)
  # probabilities to the accuracy of the coefficients
  expect_equal(p[[1L]], p[[2L]], tolerance = 1e-9)
  expect_equal(p[[1L]], p[[3L]], tolerance = 1e-9)
  b <- lapply(fits, coef)
  expect_equal(unname(b[[2L]]["u:x"]), -unname(b[[1L]]["v:x"]), tolerance = 1e-8)
  expect_equal(unname(b[[2L]]["w:x"]), unname(b[[1L]]["w:x"] - b[[1L]]["v:x"]),
               tolerance = 1e-8)
  expect_equal(vapply(fits, `[[`, 0, "deviance"), rep(fits[[1L]]$deviance, 3),
               tolerance = 1e-12)
})

test_that("counts in a matrix are rows taken together", {
  d <- simulated_data(300L)
  single <- gamut(class ~ f, family = categorical(), data = d)
  table <- as.data.frame.matrix(xtabs(~ f + class, d))
  table$f <- factor(rownames(table))
  grouped <- gamut(cbind(u, v, w) ~ f, family = categorical(), data = table)
  expect_equal(coef(single), coef(grouped), tolerance = 1e-8)
  expect_equal(standard_errors(single), standard_errors(grouped), tolerance = 1e-8)
})
