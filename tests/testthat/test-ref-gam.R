# Smooths against published optima: fits of mgcv 1.8-41, printed to ten digits, and of
# lme4 and gamm4 where smooths are random effects. Data are those of mgcv::gamSim(), which
# draws with runif() and rnorm() alone.
#
# Where a smoothing parameter runs to infinity mgcv stops at a finite one, some 1e7, and
# keeps 1e-3 of a degree of freedom. The limit itself is a little better, so that our
# criterion may be lower than the published one, by up to 5e-4.

sim <- function(example, seed, ...) {
  skip_if_no_peer("mgcv")
  withr::with_seed(seed, {
    utils::capture.output(d <- mgcv::gamSim(example, ..., verbose = FALSE))
    d
  })
}

criterion_of <- function(fit) -as.numeric(logLik(fit, REML = fit$method == "REML"))
edf_of <- function(fit) vapply(fit$smooths, `[[`, 0, "edf")
at_limit <- function(fit) vapply(fit$smooths, function(s) any(is.infinite(s$lambda)), NA)

# mgcv takes its criterion to 1e-6 relative in the gradient: 1e-5 absolute is what is left
# at an optimum. Degrees of freedom move with the first power of what is left of the
# gradient, and are published to 1e-3.
expect_published_gam <- function(fit, criterion, edf, limit = integer(), near = 1e-3) {
  testthat::expect_true(fit$convergence$converged)
  above <- criterion_of(fit) - criterion
  testthat::expect_lt(above, 1e-5)
  testthat::expect_gt(above, if (length(limit)) -5e-4 else -1e-5)
  testthat::expect_identical(which(at_limit(fit)), as.integer(limit))
  free <- setdiff(seq_along(edf), limit)
  testthat::expect_lt(max(abs(edf_of(fit) - edf)[free], 0), near)
  # what mgcv keeps of a smooth at its limit
  testthat::expect_lt(max(abs(edf_of(fit) - edf)[limit], 0), 2e-2)
}

four_smooths <- function(bs) {
  terms <- paste0("s(x", 0:3, ", bs = \"", bs, "\")", collapse = " + ")
  stats::as.formula(paste("y ~", terms))
}

test_that("four smooths of a gaussian response, in three bases", {
  d <- sim(1, 2, n = 400, dist = "normal", scale = 2)
  # the data are those of the reference: its first responses
  expect_published(d$y[1:3], c("7.12834", "2.96831", "3.97799"))
  published <- list(
    tp = list(861.1295746, 3.89796877, c(3.0209697, 2.8432456, 8.0198444, 1.0014207),
              1698.50352, 156.22239),
    cr = list(857.0044516, 3.91699308, c(3.0092846, 2.8378921, 7.9574965, 1.0009192),
              1700.51809, 156.07523),
    ps = list(855.8571498, 3.90656976, c(2.8706372, 2.7029713, 7.1648034, 1.0001988),
              1698.72747, 150.233097)
  )
  for (bs in names(published)) {
    of <- published[[bs]]
    fit <- gamut(four_smooths(bs), data = d)
    expect_published_gam(fit, of[[1L]], of[[3L]], limit = 4)
    # the 1e-3 degrees of freedom of the fourth smooth are 2e-6 of the variance
    expect_equal(sigma(fit)^2, of[[2L]], tolerance = 1e-5)
    # and, with what it allows for their uncertainty, 0.04 in AIC
    expect_lt(abs(AIC(fit, type = "conditional") - of[[4L]]), 0.05)
    expect_equal(sum(predict(fit, se.fit = TRUE)$se.fit), of[[5L]], tolerance = 1e-4)
  }
})

test_that("smoothing parameters, coefficients and tests of cubic splines", {
  d <- sim(1, 2, n = 400, dist = "normal", scale = 2)
  fit <- gamut(four_smooths("cr"), data = d)
  # mgcv's are not quite at the optimum: edf agree to 4e-6, sp to 1e-4
  expect_equal(vapply(fit$smooths[1:3], `[[`, 0, "lambda"), c(1179.50, 1608, 5.36361),
               tolerance = 1e-4)
  expect_published(coef(fit), "7.8332795")
  expect_equal(sqrt(vcov(fit)[1]), 0.098956974, tolerance = 1e-6)
  # 1e-3 degrees of freedom of the straight line are 2e-4 of the fourth statistic; mgcv's
  # p-values have an absolute error of 1e-6
  tests <- smooth_table(fit)
  expect_equal(unname(tests[1:3, "F"]), c(6.2870, 69.547, 86.092), tolerance = 1e-5)
  expect_equal(tests[[4, "F"]], 4.1292, tolerance = 3e-3)
  expect_equal(tests[[1, "p-value"]], 1.344e-4, tolerance = 1e-2)
  expect_lt(max(tests[2:3, "p-value"]), 1e-12)
  expect_equal(tests[[4, "p-value"]], 0.042714, tolerance = 5e-3)
  expect_equal(attr(logLik(fit, type = "conditional"), "df"), 17.681944,
               tolerance = 1e-3)
  expect_equal(unname(fitted(fit))[1:3], c(8.78746229, 7.62999797, 3.12772157),
               tolerance = 3e-5)
})

test_that("maximum likelihood, and penalties on what the others leave alone", {
  d <- sim(1, 2, n = 400, dist = "normal", scale = 2)
  ml <- gamut(four_smooths("cr"), data = d, method = "ML")
  expect_published_gam(ml, 855.2940237, c(3.0047884, 2.8343321, 7.9608866, 1.0009227),
                       limit = 4)
  # conditional AIC puts deviance / n in for the dispersion, whatever the method
  expect_lt(abs(AIC(ml, type = "conditional") - 1700.49259), 0.05)
  select <- gamut(four_smooths("cr"), data = d, select = TRUE)
  # the fourth smooth has two penalties, of which one is at its limit
  expect_published_gam(select, 864.5421072,
                       c(2.2583433, 2.8343832, 7.9568481, 0.7411806), limit = 4)
  expect_equal(sigma(select)^2, 3.91627813, tolerance = 1e-5)
  expect_lt(abs(AIC(select, type = "conditional") - 1702.73523), 0.05)
  expect_equal(sum(predict(select, se.fit = TRUE)$se.fit), 150.980722, tolerance = 1e-4)
})

test_that("mgcv's scale by maximum likelihood has the degrees of freedom of REML", {
  d <- sim(1, 2, n = 400, dist = "normal", scale = 2)
  ml <- gamut(four_smooths("cr"), data = d, method = "ML")
  # mgcv prints 3.91696103 = deviance / (n - edf) after ML, we the estimate itself
  deviance <- sum((d$y - fitted(ml))^2)
  expect_equal(deviance / (400 - 1 - sum(edf_of(ml))), 3.91696103, tolerance = 1e-5)
})

test_that("counts and binary responses", {
  d <- sim(1, 3, 400, "poisson", scale = 0.1)
  fit <- gamut(four_smooths("cr"), family = poisson(), data = d)
  expect_published_gam(fit, 729.8278409, c(2.4754279, 1.3840519, 5.8475659, 1.0114133),
                       limit = 4)
  # edf that differ by 2e-4 (the second), and the limit (the fourth)
  tests <- smooth_table(fit)
  expect_equal(unname(tests[1:3, "Chi.sq"]), c(7.2251, 23.728, 48.674), tolerance = 1e-3)
  expect_equal(tests[[4, "Chi.sq"]], 0.71019, tolerance = 3e-2)
  d <- sim(1, 2, 400, "binary", scale = 0.33)
  fit <- gamut(four_smooths("cr"), family = binomial(), data = d)
  expect_published_gam(fit, 220.9671484, c(1.6235973, 1.0002704, 5.0082899, 1.0003537),
                       limit = c(2, 4))
  # mgcv's p-values have an absolute error of about 1e-6, so that those of the second and
  # third smooth, 1.1e-6 and 5.9e-8 there, are only known to be small
  p <- smooth_table(fit)[, "p-value"]
  expect_equal(p[[1]], 0.53245, tolerance = 1e-3)
  expect_lt(max(p[2:3]), 1e-5)
  expect_equal(p[[4]], 0.84423, tolerance = 3e-3)
})

test_that("a response with heavy tails", {
  skip_if_no_peer("mgcv")
  d <- withr::with_seed(3, {
    d <- mgcv::gamSim(1, n = 400, verbose = FALSE)
    d$y <- d$f + rt(400, df = 4) * 2
    d
  })
  fit <- gamut(four_smooths("tp"), family = student(), data = d)
  expect_published_gam(fit, 961.0407404, c(3.067655, 2.687074, 8.013658, 2.308844))
  # mgcv's own nu is not quite at the optimum: 5.376
  expect_equal(exp(coef(fit)[["nu:(Intercept)"]]), 5.376, tolerance = 3e-4)
  expect_published(exp(coef(fit)[["sigma:(Intercept)"]]), "2.088")
})

test_that("a smooth of each level", {
  d <- sim(4, 1, n = 400, scale = 1)
  fit <- gamut(y ~ fac + s(x2, by = fac, bs = "cr") + s(x0, bs = "cr"), data = d)
  # mgcv stops short of the optimum of the last, 8e-3 degrees of freedom away
  expect_true(fit$convergence$converged)
  expect_lt(criterion_of(fit), 618.0448823)
  expect_gt(criterion_of(fit), 618.0448823 - 1e-4)
  expect_lt(max(abs(edf_of(fit) - c(3.5795, 3.2002, 8.1537, 1.1747))[1:3]), 1e-3)
  expect_lt(abs(edf_of(fit)[4] - 1.1747), 2e-2)
  # with the 8e-3 degrees of freedom of 384
  expect_equal(sigma(fit)^2, 1.1547546, tolerance = 3e-5)
})

test_that("surfaces: tensor products, interactions and thin plates", {
  d <- sim(2, 1, n = 500, scale = 0.1)$data
  expect_published_gam(gamut(y ~ te(x, z, k = c(5, 5), bs = "cr"), data = d),
                       -380.6517396, 20.05946)
  fit <- gamut(y ~ ti(x, bs = "cr") + ti(z, bs = "cr") + ti(x, z, bs = "cr"), data = d)
  expect_published_gam(fit, -379.0573168, c(3.87495, 3.50125, 12.75157))
  expect_published_gam(gamut(y ~ s(x, z, k = 30), data = d), -374.8524047, 23.35672)
})

test_that("random effects, as smooths and by bars", {
  d <- sim(6, 0, n = 400, scale = 2)
  smooth <- y ~ s(x0, bs = "cr") + s(x1, bs = "cr") + s(x2, bs = "cr") + s(x3, bs = "cr")
  fit <- gamut(update(smooth, ~ . + s(fac, bs = "re")), data = d)
  published <- 892.3174827
  expect_lt(criterion_of(fit), published)
  expect_gt(criterion_of(fit), published - 5e-4)
  expect_lt(abs(edf_of(fit)[5] - 2.990974), 1e-5)
  expect_equal(sigma(fit)^2, 4.4718245, tolerance = 3e-6)
  # gamm4's smooths are lme4's random effects, whose optimiser stops at 1e-5
  expect_lt(abs(criterion_of(fit) - 892.317238), 2e-5)
  bars <- gamut(update(smooth, ~ . + (1 | fac)), data = d)
  expect_equal(criterion_of(bars), criterion_of(fit), tolerance = 1e-9)
  # gamm4 has 3.88837, which lme4 leaves free to 2e-3: the same criterion to 1e-8
  deviation <- sigma(fit) / sqrt(fit$smooths[[5]]$lambda)
  expect_equal(deviation, 3.88837, tolerance = 3e-3)
  # theta is flat at the optimum: half of the digits of the criterion
  expect_equal(attr(VarCorr(bars)[[1]], "stddev")[[1]], deviation, tolerance = 1e-4)
})

test_that("sleepstudy: independent slopes and intercepts as smooths", {
  d <- peer_data("sleepstudy")
  fit <- gamut(Reaction ~ Days + s(Subject, bs = "re") + s(Subject, Days, bs = "re"),
               data = d)
  expect_lt(abs(criterion_of(fit) - 871.8346468), 1e-6)
  # lambda is for the penalty over `scale`, see R/smooth-setup.R
  deviation <- vapply(fit$smooths, function(s) sqrt(s$piece$scale / s$lambda), 0)
  expect_equal(c(deviation, 1) * sigma(fit), c(25.05137, 5.988153, 25.565254),
               tolerance = 1e-5)
  bars <- gamut(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), data = d)
  expect_equal(criterion_of(bars), criterion_of(fit), tolerance = 1e-9)
})

test_that("trees: a Gamma response whose dispersion is estimated with the smooths", {
  fit <- gamut(Volume ~ s(Height) + s(Girth), family = Gamma("log"), data = trees)
  expect_published_gam(fit, 78.00469196, c(1.0001568, 2.7380046), limit = 1)
  # mgcv prints Pearson's estimate of it
  pearson <- sum((trees$Volume / fitted(fit) - 1)^2) / (31 - 1 - sum(edf_of(fit)))
  expect_equal(pearson, 0.00683003043, tolerance = 1e-4)
})

test_that("mcycle: one penalty, and one that adapts to the place", {
  skip_if_no_peer("MASS")
  d <- peer_data("mcycle", "MASS")
  fit <- gamut(accel ~ s(times, bs = "cr", k = 20), data = d)
  expect_published_gam(fit, 616.0093805, 11.784904)
  expect_equal(sigma(fit)^2, 509.012107, tolerance = 1e-6)
  fit <- gamut(accel ~ s(times, bs = "ad", k = 40), data = d)
  # two of five smoothing parameters run to 0, where the criterion is flat: mgcv stops
  # 7.5e-5 above it, and comes to ours when told to go on (610.767108, edf 9.335266)
  expect_lt(abs(criterion_of(fit) - 610.767108), 1e-6)
  expect_lt(abs(edf_of(fit) - 9.335266), 1e-5)
  fit <- gamut(accel ~ s(times, bs = "cr", k = 20), data = d, family = student())
  expect_published_gam(fit, 613.2169157, 12.865179)
})

# mgcv's gaulss(): sigma = 0.01 + exp(eta)
shifted_log <- function(by = 0.01) {
  structure(list(linkfun = function(mu) log(mu - by),
                 linkinv = function(eta) by + exp(eta), mu.eta = exp,
                 valideta = function(eta) TRUE, name = "shifted log"),
            class = "link-glm")
}

test_that("mcycle: smooths for mean and standard deviation", {
  skip_if_no_peer("MASS")
  d <- peer_data("mcycle", "MASS")
  family <- custom_family(
    "normal", function(y, mu, sigma, log) dnorm(y, mu, sigma, log),
    links = list(mu = "identity", sigma = shifted_log()),
    start = function(y) list(mu = mean(y), sigma = sd(y))
  )
  formula <- list(accel ~ s(times, k = 20, bs = "ad"), sigma ~ s(times))
  published <- 580.0442396
  # the smoothing parameters of the published fit, of which two run to 0
  lambda <- c(2.917563e-02, 1.241745e-06, 4.455082e-07, 1.645841e-02, 3.254106,
              9.208475e-03)
  fit <- gamut(formula, data = d, family = family,
               start = list(theta = 1 / sqrt(lambda)))
  # flat towards 0: ours is 2.2e-4 lower, and 0.15 degrees of freedom away
  expect_lt(criterion_of(fit), published)
  expect_gt(criterion_of(fit), published - 5e-4)
  expect_lt(max(abs(edf_of(fit) - c(10.583836, 7.264709))), 0.2)
  # the criterion has other optima: 582.396 and more
  expect_lt(criterion_of(gamut(formula, data = d, family = family)), published + 1e-4)
})

test_that("mcycle: the log link of the standard deviation is gaulss(b = 0)", {
  skip_if_no_peer("MASS")
  skip_if_no_peer("mgcv")
  d <- peer_data("mcycle", "MASS")
  s <- mgcv::s
  peer <- mgcv::gam(list(accel ~ s(times, bs = "cr"), ~ s(times)), data = d,
                    family = mgcv::gaulss(b = 0))
  fit <- gamut(list(accel ~ s(times, bs = "cr"), sigma ~ s(times)), data = d)
  expect_equal(criterion_of(fit), peer$gcv.ubre[[1]], tolerance = 1e-6)
  expect_equal(unname(unlist(lapply(fit$smooths, `[[`, "lambda"))), unname(peer$sp),
               tolerance = 1e-3)
  # the data are noisy to a response of about 50: 1e-5 of it
  expect_lt(max(abs(fitted(fit) - fitted(peer)[, 1])), 5e-4)
  # mgcv's degrees of freedom are from observed information
  fit <- gamut(list(accel ~ s(times, bs = "cr"), sigma ~ s(times)), data = d,
               control = gamut_control(information = "observed"))
  expect_lt(max(abs(edf_of(fit) - summary(peer)$edf)), 1e-3)
})

test_that("columb: a Markov random field", {
  skip_if_no_peer("mgcv")
  d <- peer_data("columb", "mgcv")
  into <- new.env()
  utils::data("columb.polys", package = "mgcv", envir = into)
  areas <- list(polys = into$columb.polys)
  fit <- gamut(crime ~ s(district, bs = "mrf", k = 20, xt = areas) + s(income), data = d)
  expect_published_gam(fit, 187.3533543, c(5.434185, 1.00028), limit = 2)
})

test_that("a negative binomial response, whose shape is estimated with the smooths", {
  skip_if_no_peer("mgcv")
  d <- withr::with_seed(3, {
    d <- mgcv::gamSim(1, n = 400, verbose = FALSE)
    d$y <- rnbinom(400, size = 3, mu = exp(d$f / 5))
    d
  })
  fit <- gamut(four_smooths("cr"), family = negbinomial(), data = d)
  expect_true(fit$convergence$converged)
  expect_lt(criterion_of(fit), 1057.316088)
  expect_gt(criterion_of(fit), 1057.316088 - 5e-4)
  expect_equal(exp(coef(fit)[["theta:(Intercept)"]]), 2.69182875, tolerance = 1e-5)
})

# Hastie's package gam 1.22-1, at tight tolerances. Its smoother meets the degrees of
# freedom to some 1e-3, which moves a deviance by 1e-4 at most, and here by 1e-6.
test_that("smoothing splines of given degrees of freedom: Hastie's gam", {
  skip_if_no_peer("gam")
  fit <- gamut(Kyphosis ~ s(Age, 4) + Number, family = binomial(),
               data = peer_data("kyphosis", "gam"))
  expect_true(fit$convergence$converged)
  expect_equal(fit$deviance, 63.1072503, tolerance = 1e-5)
  fit <- fit_gam(y ~ s(x, 6) + z, data = peer_data("gam.data", "gam"))
  expect_equal(fit$deviance, 7.57454082, tolerance = 1e-5)
})

test_that("lo() of package gam: published values", {
  skip_if_no_peer("gam")
  data(list = "gam.data", package = "gam", envir = environment())
  fit <- gamut(y ~ lo(x, span = 0.5) + z, data = gam.data)
  # gam 1.22-1, to nine digits: it iterates to 1e-7
  expect_equal(deviance(fit), 8.34929004, tolerance = 1e-8)
  expect_equal(fit$loess$own_trace - 2, 2.48240982, tolerance = 1e-8)
})

test_that("lo() of package gam where its iterations have ended and no values are tied", {
  skip_if_no_peer("gam")
  d <- local_data(120)
  lo <- gam::lo # nolint: object_usage_linter.
  ended <- gam::gam.control(epsilon = 1e-13, bf.epsilon = 1e-13, maxit = 200,
                            bf.maxit = 1000)
  peer <- gam::gam(y ~ z + lo(x) + lo(u, x, span = 0.6), data = d, control = ended)
  fit <- gamut(y ~ z + lo(x) + lo(u, x, span = 0.6), data = d)
  # both smooths have x: backfitting is slow there, and ends at 1e-6
  expect_equal(unname(fitted(fit)), unname(fitted(peer)), tolerance = 1e-6)
  peer <- gam::gam(count ~ z + lo(x), family = poisson(), data = d, control = ended)
  fit <- gamut(count ~ z + lo(x), family = poisson(), data = d)
  expect_equal(unname(predict(fit)), unname(peer$additive.predictors), tolerance = 1e-7)
})

test_that("with ties gam takes its span from different values, stats::loess from rows", {
  skip_if_no_peer("gam")
  d <- stats::na.omit(airquality)
  fit <- gamut(Ozone^(1 / 3) ~ lo(Solar.R) + lo(Wind, Temp), data = d)
  # the published deviance of gam is 17.6634086; of 111 rows 93 values of Solar.R differ
  expect_equal(deviance(fit), 17.6634086, tolerance = 0.01)
  one <- rep(1, nrow(d))
  R <- joint_operator(
    cbind(1, d$Solar.R, d$Wind, d$Temp), diag(0, 4),
    list(smoother_matrix(d$Solar.R, one), smoother_matrix(d[c("Wind", "Temp")], one)),
    list(cbind(1, d$Solar.R), cbind(1, d$Wind, d$Temp)), one
  )
  # the third way: backfitting with the smoother matrices of stats::loess
  expect_equal(unname(fitted(fit)), drop(R %*% d$Ozone^(1 / 3)), tolerance = 1e-9)
})
