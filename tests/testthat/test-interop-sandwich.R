test_that("bread, scores and all that sandwich makes of them are glm's", {
  skip_if_no_peer("sandwich")
  d <- simulated_data()
  d$x2 <- 2 * d$x
  d$z[c(5, 50)] <- NA
  cases <- list(
    list(count ~ x + f, poisson(), "na.omit"),
    list(positive ~ x + x2, Gamma("log"), "na.omit"),
    list(binary ~ z, bernoulli("cloglog"), "na.exclude"),
    list(normal ~ f, gaussian(), "na.omit"),
    list(count ~ x, quasipoisson(), "na.omit")
  )
  for (case in cases) {
    fit <- gamut(case[[1L]], d, case[[2L]], na.action = case[[3L]], weights = w)
    family <- if (case[[2L]]$family == "bernoulli") binomial("cloglog") else case[[2L]]
    # glm() warns of weights that are no trials, which sandwich does not mind
    reference <- suppressWarnings(
      glm(case[[1L]], family, d, na.action = case[[3L]], weights = w,
          control = list(epsilon = 1e-12))
    )
    # glm() keeps the weights of its last but one step, which enter here
    expect_equal(sandwich::bread(fit), sandwich::bread(reference), tolerance = 1e-6)
    expect_equal(sandwich::estfun(fit), sandwich::estfun(reference), tolerance = 1e-6)
  }
})

test_that("robust covariances are glm's", {
  skip_if_no_peer("sandwich")
  d <- simulated_data()
  fit <- gamut(count ~ x + f, d, poisson())
  reference <- glm(count ~ x + f, poisson(), d, control = list(epsilon = 1e-12))
  for (covariance in list(
    function(x) sandwich::sandwich(x), function(x) sandwich::vcovHC(x, type = "HC0"),
    function(x) sandwich::vcovCL(x, d$i), function(x) sandwich::vcovCL(x, ~g),
    function(x) sandwich::NeweyWest(x)
  )) {
    # as above
    expect_equal(covariance(fit), covariance(reference), tolerance = 1e-6)
  }
})

test_that("scores of several predictors sum to zero, and their cross-product is bread", {
  skip_if_no_peer("sandwich")
  d <- simulated_data(2000L)
  fits <- list(gamut(list(fraction ~ x, phi ~ z), d, Beta()),
               gamut(class ~ x, d, "categorical"))
  for (fit in fits) {
    scores <- sandwich::estfun(fit)
    expect_identical(colnames(scores), names(coef(fit)))
    # the solution makes them vanish, up to the tolerance of the iterations
    expect_lt(max(abs(colSums(scores))), 1e-5)
    # the information equality holds on average only: 2,000 rows give two digits
    expect_equal(sqrt(diag(sandwich::sandwich(fit))), sqrt(diag(vcov(fit))),
                 tolerance = 0.1)
  }
})
