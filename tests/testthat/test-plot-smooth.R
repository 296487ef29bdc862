smooth_plot <- function(title, draw) {
  skip_on_cran()
  skip_if_not_installed("vdiffr")
  vdiffr::expect_doppelganger(title, draw)
}

quiet_device <- function(env = parent.frame()) {
  grDevices::pdf(NULL)
  device <- grDevices::dev.cur()
  withr::defer(grDevices::dev.off(device), envir = env)
}

# Without random numbers and, in pictures, with smoothing parameters given: so that these
# are the same everywhere, to a hundredth of a pixel
picture_data <- function(n = 240) {
  i <- seq_len(n)
  spread <- function(step) (i * step) %% 1
  d <- data.frame(x = spread(sqrt(2)), z = spread(sqrt(3)), w = spread(sqrt(5)))
  d$g <- factor(c("a", "b", "c")[1 + (7 * i) %% 3])
  d$h <- factor(paste0("h", 1 + (11 * i) %% 20))
  d$mu <- sin(6 * d$x) * (1 + as.integer(d$g) / 3) + 2 * d$z * d$w
  d$y <- d$mu + cos(37 * i) / 2 + sin(3 * as.integer(d$h)) / 2
  d[!(d$x > 0.4 & d$x < 0.55) & !(d$g == "b" & d$x > 0.8), ]
}

test_that("smooths look as they should", {
  d <- picture_data()
  fit <- gamut(y ~ g + s(x, by = g, bs = "cr", sp = 0.01) +
                 te(z, w, k = 4, sp = c(0.1, 0.1)) + s(h, bs = "re", sp = 1), d)
  smooth_plot("curves, surface and effects", function() plot(fit, n2 = 15))
  smooth_plot("levels on their own scale", function() {
    plot(fit, select = "s(x)", residuals = TRUE, scale = 0, simultaneous = TRUE)
  })
  few <- c(0.1, 1, 1)
  fit <- suppressMessages(gamut(y ~ s(x, g, bs = "fs", xt = "cr", k = 5, sp = few) +
                                  s(z, h, bs = "fs", xt = "cr", k = 4, sp = few), d))
  smooth_plot("curves of levels", function() plot(fit, residuals = TRUE, scale = 0))
  fit <- gamut(y ~ te(x, z, w, k = 3, sp = few), d)
  smooth_plot("slices", function() plot(fit, n2 = 15))
  fit <- gamut(exp(mu / 2) ~ s(x, bs = "cr", sp = 1) + s(z, bs = "cr", sp = 1), d,
               Gamma("log"))
  smooth_plot("with own settings", function() {
    plot(fit, select = 1, trans = exp, se = 1, shade = FALSE, rug = FALSE,
         col = "#D55E00", main = "Of x", ylab = "Factor")
  })
})

test_that("fields are drawn by levels in order", {
  skip_if_no_peer("mgcv")
  columb <- peer_data("columb", "mgcv")
  polys <- new.env()
  utils::data("columb.polys", package = "mgcv", envir = polys)
  xt <- list(polys = polys$columb.polys)
  fit <- gamut(crime ~ s(district, bs = "mrf", xt = xt, k = 20, sp = 1), columb)
  smooth_plot("field", function() plot(fit))
  quiet_device()
  drawn <- plot(fit)[["s(district)"]]
  expect_equal(drawn, smooth_estimates(fit), tolerance = 1e-12)
})

test_that("fits with smooths draw these by default", {
  quiet_device()
  d <- picture_data()
  fit <- gamut(y ~ s(x, bs = "cr") + s(z, bs = "cr"), d)
  drawn <- plot(fit)
  expect_named(drawn, c("s(x)", "s(z)"))
  # a grid of 200 points, and what smooth_estimates() says there
  expect_equal(drawn[["s(z)"]], smooth_estimates(fit, "s(z)", n = 200))
  expect_named(plot(fit, select = 2), "s(z)")
  expect_named(plot(fit, "all"), c("s(x)", "s(z)", "diagnostics"))
  drawn <- plot(fit, trans = exp, shift = 1, se = 2)[["s(x)"]]
  own <- smooth_estimates(fit, "s(x)", n = 200)
  expect_equal(drawn$estimate, exp(own$estimate + 1), tolerance = 1e-12)
  expect_equal(drawn$upper, exp(own$estimate + 2 * own$se + 1), tolerance = 1e-12)
  expect_true(all(is.na(plot(fit, se = FALSE)[["s(x)"]]$upper)))
  # of no interest to other plots
  expect_error(plot(fit, "diagnostics", n2 = 3), class = "gamut_error_argument")
})

test_that("smooths of one predictor can be drawn alone", {
  quiet_device()
  d <- picture_data()
  fit <- gamut(list(y ~ s(x, bs = "cr"), sigma ~ s(z, bs = "cr")), d, student())
  expect_named(plot(fit), c("s(x)", "sigma:s(z)"))
  expect_named(plot(fit, predictor = "sigma"), "sigma:s(z)")
})

test_that("panels are labelled with effective degrees of freedom", {
  d <- picture_data()
  fit <- gamut(y ~ s(log(x + 1), by = g, bs = "cr") + te(z, w, k = 3), d)
  label <- edf_label(fit$smooths[[2]])
  expect_match(label, "^s\\(log\\(x \\+ 1\\), [0-9.]+\\):gb$")
  edf <- as.numeric(sub(".*, ([0-9.]+)\\).*", "\\1", label))
  # rounded to two digits
  expect_lte(abs(edf - fit$smooths[[2]]$edf), 0.005)
  expect_match(edf_label(fit$smooths[[4]]), "^te\\(z, w, [0-9.]+\\)$")
  expect_equal(smooth_heading(fit$smooths[[2]]), "s(log(x + 1)), g = b")
})

test_that("partial residuals are working residuals on the curve, of the level's rows", {
  d <- picture_data()
  fit <- gamut(y ~ g + s(x, by = g, bs = "cr") + s(z, by = w, bs = "cr"), d)
  points_of <- function(i) {
    entry <- fit$smooths[[i]]
    model <- list(entry = entry)
    ask <- band_request(fit, 0.95, FALSE, FALSE, NULL, "")
    options <- list(trans = identity, shift = 0)
    smooth_points(model, ask, options, smooth_residuals(fit))
  }
  points <- points_of(2)
  rows <- which(d$g == "b")
  expect_equal(points$x, d$x[rows])
  terms <- predict(fit, type = "terms")[, "s(x):gb"]
  expect_equal(points$y, unname(terms + residuals(fit, "working"))[rows],
               tolerance = 1e-10)
  expect_null(points_of(4))
})

test_that("a residual far from all others does not decide the scale", {
  d <- picture_data()
  d$y[5] <- 1000
  fit <- gamut(y ~ s(x, bs = "cr"), d)
  options <- check_smooth_options(list(), list(level = 0.95, residuals = TRUE, rug = TRUE,
                                               data = NULL, own = list()))
  panel <- smooth_panels(fit, NULL, options)[[1]]
  expect_lt(panel$ylim[2], 500)
  points <- data.frame(y = c(0, 5, -5, 0.5))
  expect_equal(curve_notes(points, 1, c(-1, 1)), "2 beyond")
  expect_null(curve_notes(NULL, 1, c(-1, 1)))
})

test_that("empty places are gaps, and what is beyond the data", {
  x <- c(0, 0.06, 0.12, 0.5, 0.55, 0.6, 0.7)
  # a tenth of the range is 0.07
  expect_equal(empty_places(x, c(-0.03, 1)),
               data.frame(from = c(0.12, 0.6, 0.7), to = c(0.5, 0.7, 1)))
  expect_equal(nrow(empty_places(1:50, c(-1, 52))), 0L)
  expect_equal(empty_places(numeric(), c(0, 1)), data.frame(from = 0, to = 1))
})

test_that("curves of one predictor, or of one term, have one scale", {
  d <- picture_data()
  fit <- gamut(y ~ g + s(x, by = g, bs = "cr") + s(z, bs = "cr"), d)
  limits <- function(...) {
    plain <- list(level = 0.95, residuals = FALSE, rug = TRUE, data = NULL, own = list())
    options <- check_smooth_options(list(...), plain)
    lapply(smooth_panels(fit, NULL, options), `[[`, "ylim")
  }
  expect_length(unique(limits()), 1L)
  own <- limits(scale = 0)
  expect_length(unique(own[1:3]), 1L)
  expect_false(identical(own[[1]], own[[4]]))
})

test_that("a million values have a short rug, and surfaces a sample of their places", {
  quiet_device()
  n <- 30000
  d <- data.frame(x = (seq_len(n) * sqrt(2)) %% 1, z = (seq_len(n) * sqrt(3)) %% 1)
  d$y <- sin(6 * d$x) + d$z + cos(1:n)
  fit <- gamut(y ~ s(x, bs = "cr") + te(x, z, k = 3), d)
  expect_silent(plot(fit, residuals = TRUE, n2 = 10))
})

test_that("a fit without its data takes them, and the graphics parameters come back", {
  quiet_device()
  d <- picture_data()
  slim <- gamut(y ~ s(x, bs = "cr"), d, control = gamut_control(keep_data = FALSE))
  expect_error(plot(slim), class = "gamut_error_data")
  before <- graphics::par(c("mfrow", "mar", "cex"))
  set.seed(1)
  state <- .Random.seed
  plot(slim, data = d, simultaneous = TRUE)
  expect_equal(graphics::par(c("mfrow", "mar", "cex")), before)
  expect_identical(.Random.seed, state)
  expect_message(plot(slim, data = d, residuals = TRUE), class = "gamut_message_plot")
})

test_that("pages are as in mgcv", {
  quiet_device()
  expect_null(pages_layout(NULL, NULL, 5))
  expect_false(pages_layout(0, NULL, 5))
  expect_gte(prod(pages_layout(1, NULL, 5)), 5)
  expect_gte(prod(pages_layout(2, NULL, 5)), 3)
  expect_lt(prod(pages_layout(2, NULL, 5)), 5)
})

test_that("arguments are checked", {
  quiet_device()
  fit <- gamut(y ~ s(x, bs = "cr"), picture_data())
  expect_snapshot(error = TRUE, {
    plot(fit, se = "yes")
    plot(fit, scale = 1)
    plot(fit, trans = 2)
    plot(fit, select = 2)
    plot(fit, too.far = 2)
    plot(fit, pages = -1)
    plot(fit, schema = 1)
    plot(gamut(y ~ x, picture_data()), "smooths")
  })
})
