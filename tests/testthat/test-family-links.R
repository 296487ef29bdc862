test_that("every link inverts and has the right derivative", {
  unit <- c(0.05, 0.3, 0.5, 0.8, 0.99)
  for (name in link_names()) {
    link <- gamut_link(name)
    mu <- if (name == "logit12") 1 + unit else unit
    eta <- link$linkfun(mu)
    # a few roundings of linkfun and linkinv
    expect_equal(link$linkinv(eta), mu, tolerance = 1e-13)
    h <- 1e-5
    numerical <- (link$linkinv(eta + h) - link$linkinv(eta - h)) / (2 * h)
    # central differences: error of order h^2 plus eps / h
    expect_equal(link$mu.eta(eta), numerical, tolerance = 1e-7, label = name)
    expect_true(link$valideta(eta))
    expect_identical(link$name, name)
  }
})

test_that("the log-log link is the mirror image of the complementary one", {
  mu <- c(0.01, 0.4, 0.9)
  loglog <- gamut_link("loglog")
  cloglog <- gamut_link("cloglog")
  # the definitions agree to rounding
  expect_equal(loglog$linkfun(mu), -cloglog$linkfun(1 - mu), tolerance = 1e-14)
  expect_equal(loglog$mu.eta(0.3), cloglog$mu.eta(-0.3), tolerance = 1e-14)
  far <- c(-1e5, 1e5)
  expect_true(all(loglog$linkinv(far) > 0 & loglog$linkinv(far) < 1))
  expect_true(all(is.finite(loglog$mu.eta(far))))
})

test_that("links of stats and ours reach the engine by name", {
  for (name in link_names()) {
    expect_identical(engine_link(gamut_link(name)), name)
    if (!name %in% c("loglog", "logit12")) {
      expect_identical(engine_family(as_gamut_family(poisson(name)))$links, list(name))
    }
    expect_identical(engine_family(bernoulli(name))$links, list(name))
  }
  loglog <- as_gamut_family(binomial(gamut_link("loglog")))
  expect_identical(engine_family(loglog)$links, list("loglog"))
  expect_identical(loglog$information, "observed")
})

test_that("power links carry their exponent, in full", {
  family <- as_gamut_family(Gamma(link = power(1 / 3)))
  link <- engine_family(family)$links[[1]]
  expect_identical(link$power, 1 / 3)
  expect_identical(link$name, "mu^0.333")
  expect_identical(family$information, "expected")
  expect_identical(engine_link(gamut_link(power(1))), "identity")
  expect_identical(engine_link(gamut_link(power(0))), "log")
})

test_that("a user's link is handed on as functions, also under a known name", {
  false_logit <- structure(
    list(
      linkfun = function(mu) 2 * qlogis(mu),
      linkinv = function(eta) plogis(eta / 2),
      mu.eta = function(eta) dlogis(eta / 2) / 2,
      valideta = function(eta) TRUE, name = "logit"
    ),
    class = "link-glm"
  )
  family <- as_gamut_family(binomial(link = false_logit))
  link <- engine_family(family)$links[[1]]
  expect_named(link, c("name", "linkfun", "linkinv", "mu.eta"))
  expect_identical(link$linkinv(2), plogis(1))
  expect_identical(family$information, "observed")
  nameless <- structure(unclass(false_logit)[1:4], class = "link-glm")
  expect_identical(gamut_link(nameless)$name, "user-defined")
})

test_that("bad links are refused with advice", {
  expect_snapshot(error = TRUE, gamut_link("logot"))
  expect_snapshot(error = TRUE, gamut_link(3))
  empty <- structure(list(name = "x"), class = "link-glm")
  expect_snapshot(error = TRUE, gamut_link(empty))
  expect_snapshot(error = TRUE, categorical(link = "probit"))
  expect_error(Beta(link_phi = "lag"), class = "gamut_error_link")
})
