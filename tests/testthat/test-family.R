test_that("a family of stats keeps every field it came with", {
  objects <- list(
    gaussian("log"), binomial("cloglog"), poisson("sqrt"), Gamma("identity"),
    inverse.gaussian("log"), quasi(link = "inverse", variance = "mu^2"),
    quasibinomial("probit"), quasipoisson(), Gamma(power(1 / 3))
  )
  for (object in objects) {
    ours <- as_gamut_family(object)
    expect_s3_class(ours, c("gamut_family", "family"), exact = TRUE)
    # R >= 4.3 has a numeric `dispersion` where we say "fixed" or "estimated"
    kept <- setdiff(names(object), "dispersion")
    expect_identical(unclass(ours)[kept], unclass(object)[kept])
    expect_identical(ours$links$mu$linkinv, object$linkinv)
    expect_identical(ours$links$mu$name, object$link)
  }
})

test_that("objects, functions and names mean the same family", {
  for (name in names(family_functions())) {
    from_name <- as_gamut_family(name)
    from_function <- as_gamut_family(family_functions()[[name]])
    # zero_inflated() is by default that of poisson()
    expect_true(startsWith(from_name$family, name))
    expect_identical(from_function$family, from_name$family)
    expect_identical(engine_family(from_name, c("a", "b")),
                     engine_family(from_function, c("a", "b")))
    expect_identical(as_gamut_family(from_name), from_name)
  }
})

test_that("a string means ours whatever is in the caller's way", {
  exponential <- poisson <- function() stop("not this one")
  expect_identical(as_gamut_family("poisson")$id, "poisson")
  expect_identical(as_gamut_family("exponential")$id, "exponential")
})

test_that("dispersion, weights and information follow the rules of the design", {
  what <- function(field) {
    vapply(names(family_functions()), function(n) as_gamut_family(n)[[field]], "")
  }
  estimated <- c("gaussian", "Gamma", "inverse.gaussian", "quasi", "quasibinomial",
                 "quasipoisson")
  expect_setequal(names(which(what("dispersion_is") == "estimated")), estimated)
  expect_setequal(names(which(what("weights_are") == "precision")), estimated)
  expect_setequal(names(which(what("weights_are") == "trials")),
                  c("binomial", "betabinomial"))
  expect_setequal(names(which(what("information") == "expected")),
                  c(estimated, "binomial", "poisson", "bernoulli", "exponential"))
})

test_that("families of other packages are refused by name", {
  skip_if_no_peer("mgcv")
  skip_if_no_peer("MASS")
  refused <- function(family) {
    expect_error(as_gamut_family(family), class = "gamut_error_family")
  }
  expect_identical(refused(mgcv::nb())$package, "mgcv")
  expect_identical(refused(mgcv::nb)$package, "mgcv")
  expect_identical(refused(mgcv::Tweedie(1.5))$package, "mgcv")
  expect_identical(refused(mgcv::negbin(2))$package, "mgcv")
  expect_identical(refused(MASS::negative.binomial(2))$package, "MASS")
  expect_snapshot(error = TRUE, as_gamut_family(mgcv::betar()))
})

test_that("what is no family is refused with advice", {
  expect_snapshot(error = TRUE, as_gamut_family("gamma"))
  expect_snapshot(error = TRUE, as_gamut_family("gumbel"))
  expect_snapshot(error = TRUE, as_gamut_family(c("poisson", "binomial")))
  expect_snapshot(error = TRUE, as_gamut_family(gamma))
  expect_snapshot(error = TRUE, as_gamut_family(beta))
  expect_snapshot(error = TRUE, as_gamut_family(function(theta) theta + 1))
  expect_snapshot(error = TRUE, as_gamut_family(3))
  expect_snapshot(error = TRUE, as_gamut_family(NULL))
  imitation <- structure(
    list(family = "binomial", variance = function(mu) mu),
    class = "family"
  )
  expect_snapshot(error = TRUE, as_gamut_family(imitation))
})

test_that("the engine gets distribution, links and numbers", {
  expect_identical(
    engine_family(Beta("probit", "sqrt")),
    list(distribution = "beta", links = list("probit", "sqrt"),
         numbers = numeric(), categories = 0L, functions = NULL)
  )
  expect_identical(engine_family(as_gamut_family("quasipoisson"))$numbers, 2)
  expect_identical(engine_family(bernoulli())$distribution, "binomial")
  engine <- engine_family(categorical("b"), c("a", "b", "c"))
  expect_identical(engine[c("numbers", "categories")], list(numbers = 1, categories = 3L))
})

test_that("families survive saving and loading", {
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  for (name in names(family_functions())) {
    family <- as_gamut_family(name)
    saveRDS(family, file)
    again <- readRDS(file)
    levels <- c("a", "b")
    expect_identical(engine_family(again, levels), engine_family(family, levels))
    expect_identical(again$linkinv(0.5), family$linkinv(0.5))
  }
})

test_that("families print what a user must know of them", {
  expect_snapshot({
    as_gamut_family(gaussian())
    as_gamut_family(binomial("probit"))
    as_gamut_family(quasi(link = "log", variance = "mu^2"))
    exponential()
    Beta(link_phi = "sqrt")
    categorical(reference = "none")
  })
})
