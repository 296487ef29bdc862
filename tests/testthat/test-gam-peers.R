# The same model in mgcv, fitted to tight tolerances: bases x families x by-variables.
#
# The criterion has an optimum that no other parametrisation moves, so that it agrees to
# rounding (1e-6 relative is what differs if either search stops early, and ours may be
# lower). Degrees of freedom and fitted values are of first order in what is left of the
# gradient. Where a smoothing parameter runs to infinity mgcv stops at a finite one, and
# all three are looser.

tight <- function() {
  mgcv::gam.control(epsilon = 1e-10, maxit = 500,
                    newton = list(conv.tol = 1e-9, maxNstep = 5, maxSstep = 2,
                                  maxHalf = 30, use.svd = FALSE))
}

peer_gam <- function(formula, data, family = stats::gaussian(), ...) {
  # formulas are for both: s() and so on are found in mgcv's namespace
  environment(formula) <- list2env(list(s = mgcv::s, te = mgcv::te, ti = mgcv::ti,
                                        t2 = mgcv::t2), parent = environment(formula))
  # it warns of steps that fail where the criterion is flat
  suppressWarnings(mgcv::gam(formula, data = data, family = family, method = "REML",
                             control = tight(), ...))
}

criterion_of <- function(fit) -as.numeric(logLik(fit, REML = fit$method == "REML"))
lambda_of <- function(fit) unlist(lapply(fit$smooths, `[[`, "lambda"))
edf_of <- function(fit) vapply(fit$smooths, `[[`, 0, "edf")

# Degrees of freedom of each smooth of mgcv
peer_edf <- function(peer) {
  places <- c(lapply(peer$smooth, function(s) s$first.para:s$last.para), peer$columns)
  vapply(places, function(at) sum(peer$edf[at]), 0)
}

# Where ours is lower by more than mgcv's rounding, mgcv must have missed an optimum: it
# is asked for its criterion at our smoothing parameters (`again`).
expect_same_gam <- function(fit, peer, label = "", edf = 1e-3, fitted = 1e-5,
                            constant = 0, again = NULL) {
  expect <- function(ok, ...) testthat::expect(isTRUE(ok), paste0(label, ": ", ...))
  expect(fit$convergence$converged, "not converged")
  limit <- any(is.infinite(lambda_of(fit)))
  size <- max(1, abs(peer$gcv.ubre[[1L]]))
  off <- criterion_of(fit) - peer$gcv.ubre[[1L]] + constant
  if (off < (if (limit) -5e-4 else -1e-6 * size) && !is.null(again)) {
    peer <- again(pmin(lambda_of(fit), 1e9))
    off <- criterion_of(fit) - peer$gcv.ubre[[1L]] + constant
  }
  expect(off < 1e-6 * size, "criterion higher by ", format(off))
  expect(off > if (limit) -5e-4 else -1e-6 * size, "criterion lower by ", format(-off))
  off <- max(abs(edf_of(fit) - peer_edf(peer)))
  expect(off < if (limit) max(2e-2, edf) else edf, "edf differ by ", format(off))
  spread <- stats::sd(as.vector(peer$y))
  off <- max(abs(as.vector(stats::fitted(fit)) - as.vector(stats::fitted(peer)))) / spread
  expect(off < if (limit) 2e-3 else fitted, "fitted values differ by ", format(off))
  invisible(fit)
}

peer_data_set <- function(n = 250) {
  withr::with_seed(7, {
    d <- data.frame(x = runif(n), z = runif(n, -2, 3), w = runif(n))
    d$g <- factor(sample(c("a", "b", "c"), n, TRUE))
    d$o <- factor(d$g, ordered = TRUE)
    d$v <- runif(n, 0.5, 1.5)
    f <- sin(2 * pi * d$x) + 0.8 * exp(-(d$x - 0.3)^2 * 30) + 0.3 * d$z +
      c(0, 0.5, -0.5)[d$g] * cos(5 * d$x)
    d$gaussian <- f + rnorm(n, sd = 0.4)
    d$poisson <- rpois(n, exp(1 + 0.7 * f))
    d$binomial <- rbinom(n, 1, plogis(1.5 * f))
    d$Gamma <- rgamma(n, 4, 4 / exp(0.6 * f))
    d$negbinomial <- rnbinom(n, size = 2.5, mu = exp(1.2 + 0.7 * f))
    d$offset <- log(runif(n, 0.5, 2))
    d$weight <- runif(n, 0.5, 2)
    d
  })
}

our_family <- function(name) {
  switch(name, gaussian = gaussian(), poisson = poisson(), binomial = binomial(),
         Gamma = Gamma("log"), negbinomial = negbinomial())
}
peer_family <- function(name) {
  if (name == "negbinomial") mgcv::nb() else our_family(name)
}

expect_peer <- function(formula, family = "gaussian", data = peer_data_set(), ...,
                        constant = 0, flat = 1,
                        label = paste(deparse(formula), collapse = "")) {
  fit <- gamut(formula, data = data, family = our_family(family), method = "REML", ...)
  theirs <- function(sp = NULL) peer_gam(formula, data, peer_family(family), sp = sp, ...)
  # of a negative binomial mgcv takes the expected information for degrees of freedom, we
  # the observed one
  expect_same_gam(fit, theirs(), label, again = theirs, constant = constant,
                  edf = if (family == "negbinomial") 5e-2 else 1e-3 * flat,
                  fitted = 1e-5 * flat^2)
}

# Our columns and penalties, fitted by mgcv as a parametric term with penalties
expect_peer_search <- function(formula, parametric, family, data, label) {
  fit <- gamut(formula, data = data, family = our_family(family))
  x <- lapply(fit$smooths, function(s) piece_matrix(s$piece, fit$frame$variables))
  names(x) <- paste0("X", seq_along(x))
  penalties <- lapply(fit$smooths, function(s) whole_basis(s$piece)$S)
  names(penalties) <- names(x)
  theirs <- stats::reformulate(c(parametric, names(x)), family)
  theirs <- peer_gam(theirs, c(as.list(data), x), peer_family(family),
                     paraPen = penalties)
  ends <- cumsum(vapply(x, ncol, 0L))
  start <- length(theirs$coefficients) - ends[length(ends)]
  theirs$columns <- Map(function(end, size) start + end - size + seq_len(size), ends,
                        vapply(x, ncol, 0L))
  expect_same_gam(fit, theirs, label, edf = if (family == "negbinomial") 5e-2 else 1e-3)
}

by_text <- c(none = "", numeric = ", by = v", factor = ", by = g", ordered = ", by = o")
parametric_text <- list(none = NULL, numeric = NULL, factor = "g", ordered = "o")
all_families <- c("gaussian", "poisson", "binomial", "Gamma", "negbinomial")
bases <- c("tp", "ts", "cr", "cs", "cc", "ps", "cp", "bs", "gp", "ad")

# All by-variables with one family, and one of them with each other family
kinds_of_by <- function(bs, family) {
  kinds <- names(by_text)
  at <- match(bs, bases) + match(family, all_families)
  if (bs == "ad") kinds <- kinds[1:2]
  if (family == "gaussian") kinds else kinds[1 + at %% length(kinds)]
}

# mgcv's cs depends on rounding (R/smooth-splines.R), so that it gets ours
expect_basis <- function(bs, family, kind, d) {
  smooth <- paste0("s(x, bs = \"", bs, "\", k = ", if (bs == "ad") 15 else 8,
                   by_text[[kind]], ")")
  parametric <- parametric_text[[kind]]
  label <- paste(family, smooth)
  if (bs == "cs") {
    formula <- stats::reformulate(c(parametric, smooth), family)
    return(expect_peer_search(formula, parametric, family, d, label))
  }
  first <- if (kind == "ordered") "s(x)"
  formula <- stats::reformulate(c(parametric, first, smooth), family)
  # along the five smoothing parameters of ad the criterion is nearly flat, and both
  # searches end somewhere near the minimum
  flat <- if (bs == "ad") 10 else 1
  expect_peer(formula, family, d, label = label, flat = flat)
}

for (bs in bases) {
  test_that(paste("basis", bs, "with every family and by-variable"), {
    skip_if_no_peer("mgcv")
    d <- peer_data_set()
    for (family in all_families) {
      for (kind in kinds_of_by(bs, family)) expect_basis(bs, family, kind, d)
    }
  })
}

test_that("tensor products of three covariates, t2, and surfaces with by", {
  skip_if_no_peer("mgcv")
  expect_peer(gaussian ~ te(x, z, w, k = 3))
  expect_peer(gaussian ~ te(x, z, w, k = c(4, 8), d = c(1, 2), bs = c("cr", "tp")))
  expect_peer(poisson ~ te(x, z, k = 4), "poisson")
  expect_peer(gaussian ~ te(x, z, k = 4, by = v))
  expect_peer(gaussian ~ g + te(x, z, k = 4, by = g))
  expect_peer(gaussian ~ t2(x, z, k = 5, bs = "tp"))
  expect_peer(poisson ~ t2(x, z, k = 5, bs = "tp"), "poisson")
  expect_peer(gaussian ~ t2(x, z, w, k = 3, bs = "tp"))
  expect_peer(gaussian ~ t2(x, z, k = 5, bs = "tp", full = TRUE))
  expect_peer(gaussian ~ s(x, z, k = 20) + s(w))
})

# Their unpenalised functions are rotated by rounding in mgcv (R/smooth-t2.R,
# R/smooth-factor.R), so that it gets ours.
test_that("t2 of other bases and random curves, with our penalties in mgcv", {
  skip_if_no_peer("mgcv")
  d <- peer_data_set()
  search <- function(formula, family) {
    expect_peer_search(formula, NULL, family, d, paste(deparse(formula), collapse = ""))
  }
  search(gaussian ~ t2(x, z, k = 5), "gaussian")
  search(poisson ~ t2(x, z, k = 5), "poisson")
  search(gaussian ~ t2(x, z, k = 5, full = TRUE), "gaussian")
  search(gaussian ~ s(x, g, bs = "fs", k = 5), "gaussian")
  search(poisson ~ s(x) + s(x, g, bs = "fs", k = 5), "poisson")
})

test_that("smooths of levels: fs, sz and random effects", {
  skip_if_no_peer("mgcv")
  expect_peer(gaussian ~ s(x, g, bs = "fs", k = 5, m = 1))
  expect_peer(poisson ~ s(x) + s(x, g, bs = "fs", k = 5, m = 1), "poisson")
  expect_peer(gaussian ~ s(x) + s(x, g, bs = "sz", k = 6))
  expect_peer(gaussian ~ s(x) + s(g, bs = "re"))
  expect_peer(binomial ~ s(x) + s(g, v, bs = "re"), "binomial")
})

test_that("smoothing parameters that are shared, given, or none", {
  skip_if_no_peer("mgcv")
  expect_peer(gaussian ~ g + s(x, by = g, id = "a"))
  expect_peer(gaussian ~ s(x, sp = 0.01) + s(z))
  expect_peer(gaussian ~ te(x, z, k = 4, sp = c(-1, 0.5)))
  expect_peer(gaussian ~ s(x, fx = TRUE, k = 6) + s(z))
  expect_peer(poisson ~ s(x, pc = 0.5) + s(z), "poisson")
  expect_peer(gaussian ~ s(x, m = 1) + s(z, bs = "ps", m = c(2, 1)))
})

test_that("smoothing parameters that several covariates share", {
  skip_if_no_peer("mgcv")
  # mgcv centres both over the data of both, we each over its own: a constant in REML
  expect_peer(gaussian ~ s(x, id = 1, bs = "cr") + s(w, id = 1, bs = "cr"),
              constant = 1.341e-3)
  expect_peer(gaussian ~ s(x, id = 1) + s(w, id = 1), constant = 1.639e-3)
})

test_that("nested smooths", {
  skip_if_no_peer("mgcv")
  expect_peer(gaussian ~ s(x) + s(z) + ti(x, z, k = 4))
  expect_peer(gaussian ~ s(x) + s(z) + te(x, z, k = 5))
  expect_peer(gaussian ~ s(x) + s(x, z, k = 20))
  expect_peer(gaussian ~ s(x) + s(x, by = v))
  expect_peer(poisson ~ o + s(x) + s(x, by = o), "poisson")
})

test_that("weights, offsets, subsets, missing values and knots", {
  skip_if_no_peer("mgcv")
  d <- peer_data_set()
  # mgcv finds weights where the formula was written
  formula <- gaussian ~ s(x) + s(z)
  environment(formula) <- list2env(list(w = d$weight), parent = environment(formula))
  fit <- gamut(formula, data = d, weights = weight)
  w <- d$weight
  peer <- mgcv::gam(gaussian ~ s(x) + s(z), data = d, weights = weight, method = "REML",
                    control = tight())
  expect_same_gam(fit, peer, "weights")
  expect_peer(poisson ~ s(x) + s(z) + offset(offset), "poisson")
  expect_peer(gaussian ~ s(x) + s(z), data = subset(d, x > 0.2), label = "subset")
  fit <- gamut(gaussian ~ s(x) + s(z), data = d, subset = x > 0.2)
  same <- gamut(gaussian ~ s(x) + s(z), data = d[d$x > 0.2, ])
  expect_equal(criterion_of(fit), criterion_of(same), tolerance = 1e-12)
  d$x[3] <- NA
  d$gaussian[10] <- NA
  expect_peer(gaussian ~ s(x) + s(z), data = d, label = "missing values")
  expect_peer(gaussian ~ s(x, bs = "cr", k = 5) + s(z), data = na.omit(d),
              knots = list(x = c(0, 0.1, 0.3, 0.6, 1)), label = "knots")
  expect_peer(gaussian ~ s(x) + s(z), data = d, select = TRUE, label = "select")
})
