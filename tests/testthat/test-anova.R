# Tables against stats::anova. Deviances are sums over rows that both sides make to
# about 1e-14 relative, and glm is run until nothing changes, because its dispersion and
# scores come from the iteration before the last; so 1e-8 is wide enough for
# differences of deviances and the statistics made from them.
exact <- glm.control(epsilon = 1e-14, maxit = 100)
# glm takes epsilon / 1000 for the tolerance of its QR: less than this makes it blind to
# aliased columns.
rank_safe <- glm.control(epsilon = 1e-10)
table_tolerance <- 1e-8

cases <- function() {
  d <- transform(warpbreaks, w = rep(1:3, 18), o = rep(c(0, 0.5), 27),
                 x = rep(1:9, 6), twice = 2 * rep(1:9, 6))
  d$breaks[5] <- NA
  list(
    list(breaks ~ wool * tension, poisson(), d),
    list(breaks ~ wool + tension + offset(o), poisson(), d, weights = quote(w)),
    list(breaks ~ x + twice + wool, Gamma("log"), d, control = rank_safe),
    list(breaks ~ 0 + tension + x, quasipoisson(), d, na.action = quote(na.exclude)),
    list(breaks ~ wool * tension, gaussian(), d, weights = quote(w)),
    list(breaks ~ poly(x, 2) + wool, inverse.gaussian("log"), d),
    list(breaks > 25 ~ x + wool, binomial("probit"), d),
    list(cbind(ncases, ncontrols) ~ agegp + alcgp, binomial(), esoph)
  )
}

both <- function(case) {
  arguments <- list(case[[1L]], family = case[[2L]], data = case[[3L]])
  control <- if (is.null(case$control)) exact else case$control
  arguments <- c(arguments, case[setdiff(names(case), c("", "control"))])
  list(ours = eval(as.call(c(quote(gamut), arguments))),
       peer = eval(as.call(c(quote(glm), arguments, list(control = control)))))
}

same_table <- function(ours, peer) {
  expect_identical(names(ours), names(peer))
  expect_identical(row.names(ours), row.names(peer))
  expect_identical(class(ours), class(peer))
  expect_equal(as.matrix(ours), as.matrix(peer), tolerance = table_tolerance)
}

test_that("the sequential table is glm's", {
  for (case in cases()) {
    fits <- both(case)
    same_table(anova(fits$ours, test = NULL), anova(fits$peer))
    tests <- if (case[[2L]]$family %in% c("poisson", "binomial")) c("Chisq", "Rao", "Cp")
             else c("F", "Chisq", "Cp", "Rao")
    # glm refers a score to the weighted mean, where a model has no intercept
    if (attr(terms(fits$peer), "intercept") == 0) tests <- setdiff(tests, "Rao")
    for (test in tests) {
      same_table(anova(fits$ours, test = test), anova(fits$peer, test = test))
    }
  }
  expect_identical(attr(anova(fits$ours, test = NULL), "heading"),
                   attr(anova(fits$peer), "heading"))
})

test_that("the default test depends on whether the dispersion is known", {
  pois <- gamut(breaks ~ wool, family = poisson(), data = warpbreaks)
  gaus <- gamut(breaks ~ wool, data = warpbreaks)
  expect_true("Pr(>Chi)" %in% names(anova(pois)))
  expect_true("Pr(>F)" %in% names(anova(gaus)))
  expect_true("Pr(>Chi)" %in% names(anova(gaus, dispersion = 100)))
  peer <- glm(breaks ~ wool, data = warpbreaks)
  same_table(anova(gaus, dispersion = 100), anova(peer, dispersion = 100, test = "Chisq"))
  expect_false(any(grepl("Pr", names(anova(pois, test = FALSE)))))
})

test_that("several fits are compared as glm's are", {
  for (case in cases()[c(1:3, 5, 8)]) {
    fits <- both(case)
    small <- update(fits$ours, . ~ 1)
    peer <- update(fits$peer, . ~ 1)
    for (test in c("Chisq", "Rao", "Cp")) {
      # a score with an offset: glm forgets the offset
      if (test == "Rao" && !is.null(fits$peer$offset)) next
      same_table(anova(small, fits$ours, test = test),
                 anova(peer, fits$peer, test = test))
      same_table(anova(fits$ours, small, test = test),
                 anova(fits$peer, peer, test = test))
    }
  }
  ours <- anova(small, fits$ours, test = NULL)
  expect_identical(attr(ours, "heading"), attr(anova(peer, fits$peer), "heading"))
})

test_that("families without a deviance compare likelihoods", {
  d <- data.frame(x = rep(1:20, 5), z = rep(1:5, 20))
  set.seed(1)
  d$y <- rbeta(100, 2 + d$x / 5, 3)
  big <- gamut(list(y ~ x, phi ~ z), family = Beta(), data = d)
  middle <- gamut(list(y ~ x, phi ~ 1), family = Beta(), data = d)
  small <- gamut(y ~ 1, family = Beta(), data = d)
  table <- anova(big)
  expect_identical(row.names(table), c("NULL", "x", "phi: z"))
  expect_identical(names(table), c("Df", "LR", "Resid. Df", "-2 logLik", "Pr(>Chi)"))
  # fits of the same likelihood, solved from different starts
  expect_equal(table$`-2 logLik`, -2 * c(logLik(small), logLik(middle), logLik(big)),
               tolerance = 1e-9)
  compared <- anova(small, middle, big)
  expect_equal(compared$LR[-1], table$LR[-1], tolerance = 1e-6)
  score <- anova(big, test = "Rao")
  between <- anova(small, middle, big, test = "Rao")
  # the score is taken at estimates that agree to about 1e-8
  expect_equal(between$Rao, score$Rao, tolerance = 1e-6)
})

test_that("a term of a categorical response goes in all categories at once", {
  skip_if_no_peer("nnet")
  d <- subset(iris, Species != "setosa" | Sepal.Length > 5)
  fit <- gamut(Species ~ Sepal.Length, family = categorical(), data = d)
  table <- anova(fit)
  expect_identical(table$Df, c(NA, 2))
  null <- nnet::multinom(Species ~ 1, d, trace = FALSE)
  full <- nnet::multinom(Species ~ Sepal.Length, d, trace = FALSE)
  # nnet stops at a relative change of 1e-8 of its likelihood
  expect_equal(table$`-2 logLik`, c(null$deviance, full$deviance), tolerance = 1e-6)
})

test_that("fits that cannot be compared are an error", {
  fit <- gamut(breaks ~ wool, family = poisson(), data = warpbreaks)
  expect_snapshot(error = TRUE, {
    anova(fit, update(fit, log(.) ~ ., family = gaussian()))
    anova(fit, update(fit, subset = tension == "L"))
    anova(fit, update(fit, family = quasipoisson()))
    anova(fit, update(fit, data = warpbreaks[54:1, ]))
    anova(fit, lm(breaks ~ wool, warpbreaks))
    anova(fit, tets = "Chisq")
    anova(fit, test = "wald")
    anova(update(fit, control = gamut_control(keep_data = FALSE)))
  })
})

test_that("models that are not nested and known dispersions are warned about", {
  d <- data.frame(x = 1:30, f = gl(3, 10))
  d$y <- d$x + rep(c(0, 0.5, -0.5), 10)
  expect_warning(anova(gamut(y ~ x, data = d), gamut(y ~ f, data = d)),
                 "not nested", class = "gamut_warning_comparison")
  fit <- gamut(breaks ~ wool, family = poisson(), data = warpbreaks)
  expect_warning(anova(fit, test = "F"), class = "gamut_warning_comparison")
})

test_that("tables print in 80 columns", {
  local_reproducible_output(width = 80)
  fit <- gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
  expect_snapshot({
    anova(fit)
    anova(update(fit, . ~ wool), fit, test = "Rao")
  })
})

test_that("fits that differ in `parallel` or a link have labels that differ", {
  d <- simulated_data()
  set.seed(4)
  d$grade <- cut(d$x + rlogis(nrow(d)), c(-Inf, -0.5, 0.8, Inf), c("a", "b", "c"),
                 ordered_result = TRUE)
  fit <- gamut(grade ~ x + z, d, cumulative())
  models <- function(...) strsplit(attr(anova(fit, ...), "heading")[2L], "\n")[[1L]]
  expect_identical(
    models(update(fit, family = cumulative(parallel = ~ x)),
           update(fit, family = cumulative(parallel = FALSE))),
    paste0("Model ", 1:3, ": grade ~ x + z, parallel = ", c("TRUE", "~x", "FALSE"))
  )
  expect_identical(
    models(update(fit, . ~ x, family = cumulative("probit"))),
    paste0("Model ", 1:2, ": grade ~ x", c(" + z", ""), ", link: ", c("logit", "probit"))
  )
  expect_identical(models(update(fit, . ~ x)),
                   paste0("Model ", 1:2, ": grade ~ x", c(" + z", "")))
})
