expect_plot <- function(title, draw) {
  skip_on_cran()
  skip_if_not_installed("vdiffr")
  vdiffr::expect_doppelganger(title, draw)
}

# a device of its own for what is not compared as a picture
local_device <- function(width = 7, height = 7, env = parent.frame()) {
  grDevices::pdf(NULL, width = width, height = height)
  device <- grDevices::dev.cur()
  withr::defer(grDevices::dev.off(device), envir = env)
}

budworm <- data.frame(
  ldose = rep(0:5, 2), sex = rep(c("M", "F"), each = 6),
  dead = c(1, 4, 9, 13, 18, 20, 0, 2, 6, 10, 12, 16)
)

test_that("effects look as they should", {
  fit <- gamut(dist ~ speed, data = cars)
  expect_plot("one number, with observations", function() plot(fit, residuals = TRUE))
  fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
  expect_plot("one factor, with observations", function() plot(fit, residuals = TRUE))
  fit <- gamut(cbind(dead, 20 - dead) ~ sex * ldose, family = binomial(), data = budworm)
  expect_plot("number by factor", function() plot(fit))
  expect_plot("number by factor, link", function() plot(fit, type = "link"))
  fit <- gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
  expect_plot("factor by factor", function() plot(fit, residuals = TRUE))
  fit <- gamut(mpg ~ poly(hp, 2) + wt * qsec + factor(cyl), data = mtcars)
  expect_plot("number by number, and functions", function() plot(fit))
  fit <- gamut(uptake ~ log(conc) * Type * Treatment, data = CO2)
  expect_plot("three variables", function() plot(fit))
})

test_that("several predictors look as they should", {
  d <- transform(iris, share = Petal.Width / Sepal.Length)
  fit <- gamut(list(share ~ Species + Sepal.Width, phi ~ Species), family = Beta(),
               data = d)
  expect_plot("mean and precision", function() plot(fit))
  fit <- gamut(Species ~ Sepal.Width, family = categorical(), data = iris)
  expect_plot("categories over a number", function() plot(fit))
})

test_that("curves are dotted where their level has no data", {
  fit <- gamut(mpg ~ wt * factor(cyl), data = mtcars)
  expect_plot("extrapolation", function() plot(fit))
})

test_that("diagnostics look as they should", {
  fit <- gamut(dist ~ speed, data = cars)
  expect_plot("diagnostics, gaussian", function() plot(fit, "diagnostics"))
  fit <- gamut(count ~ spray, family = quasipoisson(), data = InsectSprays)
  expect_plot("diagnostics, quasi", function() plot(fit, "diagnostics"))
  fit <- gamut(Species ~ Sepal.Width, family = categorical(), data = iris)
  expect_plot("diagnostics, categorical", function() {
    plot(fit, "diagnostics", which = 1:2)
  })
})

test_that("the graphics parameters come back, and the random numbers are left alone", {
  local_device()
  fit <- gamut(breaks ~ wool + tension, family = poisson(), data = warpbreaks)
  changed <- c("mfrow", "mar", "mgp", "las", "tcl", "cex", "lend")
  before <- par(changed)
  set.seed(1)
  state <- .Random.seed
  plot(fit, "all")
  expect_equal(par(changed), before)
  expect_identical(.Random.seed, state)
  # a layout of the user's own is kept
  par(mfrow = c(1, 2))
  plot(fit, terms = "wool", layout = FALSE)
  expect_equal(par("mfrow"), c(1L, 2L))
})

test_that("the data drawn are returned", {
  local_device()
  fit <- gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
  drawn <- plot(fit, "all")
  expect_named(drawn, c("tension:wool", "diagnostics"))
  expect_equal(drawn[[1]], effect_data(fit))
  expect_equal(nrow(drawn$diagnostics), nrow(warpbreaks))
  expect_equal(drawn$diagnostics$residual,
               unname(residuals(fit, type = "quantile", seed = diagnostic_seed)))
  expect_equal(drawn$diagnostics$cook, unname(cooks.distance(fit)))
  # rows without weight, and rows that na.exclude pads, are not drawn
  fit <- gamut(Ozone ~ Wind, data = airquality, na.action = na.exclude,
               weights = as.numeric(Month > 5))
  drawn <- plot(fit, "diagnostics")$diagnostics
  used <- !is.na(airquality$Ozone) & airquality$Month > 5
  expect_equal(drawn$label, as.character(which(used)))
  expect_equal(drawn$fitted, unname(fitted(fit)[used]))
})

test_that("a model without variables has diagnostics only", {
  local_device()
  fit <- gamut(breaks ~ 1, family = poisson(), data = warpbreaks)
  said <- NULL
  drawn <- withCallingHandlers(plot(fit), gamut_message_plot = function(m) {
    said <<- conditionMessage(m)
    invokeRestart("muffleMessage")
  })
  expect_named(drawn, "diagnostics")
  expect_snapshot(cat(said))
})

test_that("observations are moved to what is held", {
  fit <- gamut(breaks ~ wool + tension, family = poisson(), data = warpbreaks)
  model <- effect_model(fit)
  points <- observed_points(model, "wool", "response")
  eta <- predict(fit)
  held <- predict(fit, transform(warpbreaks, tension = "L"))
  # the log link: y times the ratio of the means; a few roundings
  expect_equal(points$y, unname(warpbreaks$breaks * exp(held - eta)), tolerance = 1e-12)
  points <- observed_points(model, "wool", "link")
  expect_equal(points$y, unname(held + residuals(fit, "working")), tolerance = 1e-12)
  # with one variable these are the data, zeros too
  fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
  points <- observed_points(effect_model(fit), "spray", "response")
  expect_equal(points$y, InsectSprays$count, tolerance = 1e-12)
})

test_that("of many rows a fixed sample is drawn, in step with no pattern", {
  rows <- sample_rows(1e6, 4000)
  expect_identical(rows, sample_rows(1e6, 4000))
  expect_length(rows, 4000)
  expect_true(all(rows >= 1 & rows <= 1e6))
  # each half and each residue has its share: evenly spread to within a few rows
  expect_equal(mean(rows <= 5e5), 0.5, tolerance = 0.01)
  for (period in c(2, 3, 10)) {
    share <- tabulate(rows %% period + 1, period) / 4000
    # counts of a fair sample of 4000 have standard deviations below 0.8 % of 4000
    expect_lt(max(abs(share - 1 / period)), 0.03)
  }
  expect_equal(sample_rows(10, 20), 1:10)
  expect_equal(sample_note(4000, 1e6), "4,000 of 1,000,000 rows")
  expect_null(sample_note(10, 10))
  local_device()
  d <- data.frame(x = (1:5000) / 5000)
  d$y <- cos(1:5000) + d$x
  fit <- gamut(y ~ x, data = d)
  panels <- diagnostic_panels(fit, 1L)
  expect_silent(draw_panels(panels, NULL, NULL))
  expect_silent(plot(fit, residuals = TRUE))
})

test_that("panels find their place on any page", {
  fit <- gamut(mpg ~ wt * factor(cyl) + hp + factor(gear) + qsec + drat, data = mtcars)
  for (size in list(c(2, 2), c(4, 9), c(12, 3))) {
    local_device(size[1], size[2])
    expect_silent(plot(fit, residuals = TRUE))
  }
  local_device(8, 6)
  expect_equal(choose_layout(1), c(1, 1))
  expect_equal(prod(choose_layout(4)), 4)
  expect_silent(plot(fit, layout = c(1, 2), ask = FALSE))
})

test_that("what users set reaches the panels", {
  fit <- gamut(dist ~ speed, data = cars)
  expect_plot("own labels and limits", function() {
    plot(fit, main = "Braking", xlab = "Speed (mph)", ylab = "Distance (ft)",
         ylim = c(0, 150), col = "#D55E00", rug = FALSE, level = 0.5)
  })
})

test_that("a term that cannot be drawn is left out with a message, unless asked for", {
  local_device()
  # quantiles of other values are other break points
  fit <- gamut(mpg ~ cut(hp, c(0, quantile(hp, 1:3 / 3))) + wt, data = mtcars)
  said <- character()
  withCallingHandlers(plot(fit), gamut_message_plot = function(m) {
    said <<- c(said, conditionMessage(m))
    invokeRestart("muffleMessage")
  })
  expect_match(said[1], "The effect of `hp` cannot be drawn")
  expect_error(plot(fit, terms = "hp"), class = "gamut_error_newdata")
})

test_that("arguments are checked", {
  local_device()
  fit <- gamut(dist ~ speed, data = cars)
  expect_snapshot(error = TRUE, {
    plot(fit, "residuals")
    plot(fit, terms = "weight")
    plot(fit, terms = 1)
    plot(fit, type = "mean")
    plot(fit, "diagnostics", which = 5)
    plot(fit, layout = 3)
    plot(fit, colour = "red")
    plot(fit, predictor = "phi")
  })
  slim <- gamut(dist ~ speed, data = cars, control = gamut_control(keep_data = FALSE))
  expect_snapshot(error = TRUE, plot(slim, "diagnostics"))
  expect_silent(plot(slim, data = cars))
})

test_that("the vertical axis says what it shows", {
  label <- function(fit, type = "response", predictor = NULL) {
    scale_label(effect_model(fit, predictor), type)
  }
  d <- transform(budworm, all = dead + 1, share = dead / 20)
  expect_equal(label(gamut(log(dist) ~ speed, data = cars)), "Mean of log(dist)")
  skip_if_not_installed("survival")
  time_label <- function(formula) {
    label(gamut(formula, data = survival::lung, family = censored(weibull())))
  }
  expect_equal(time_label(survival::Surv(time, status) ~ age), "Mean of time")
  expect_equal(time_label(survival::Surv(time, time + 1, type = "interval2") ~ age),
               "Mean of time to time + 1")
  d$y <- c(0, 0, 0, seq_len(nrow(d) - 3))
  fit <- gamut(y ~ ldose | ldose, d, hurdle(poisson()))
  expect_equal(label(fit, predictor = "zi"), "Probability of zero (zi)")
  expect_equal(parameter_label(tweedie(), "phi"), "phi")
  for (family in list(Beta(), hurdle(Beta()), dirichlet("mean"), betabinomial())) {
    expect_equal(parameter_label(family, "phi"), "Precision (phi)")
  }
  expect_equal(parameter_label(zero_inflated(poisson()), "zi"), "Additional zeros (zi)")
  fit <- gamut(cbind(dead, 20 - dead) ~ ldose, family = binomial(), data = d)
  expect_equal(label(fit), "Probability of dead")
  expect_equal(label(fit, "link"), "Linear predictor (logit)")
  fit <- gamut(factor(sex) ~ ldose, family = binomial(), data = d)
  expect_equal(label(fit), "Probability of M")
  fit <- gamut(share ~ ldose, family = quasibinomial(), data = d)
  expect_equal(label(fit), "Probability of share")
  fit <- gamut(Species ~ Sepal.Width, family = categorical(), data = iris)
  expect_equal(label(fit), "Probability")
  expect_equal(label(fit, "link"), "Log odds against setosa")
})

test_that("diagnostics of a composition are drawn over the mean of its first part", {
  set.seed(1)
  d <- data.frame(x = runif(40))
  d$soil <- family_random(dirichlet(), 40, cbind(sand = 2 + d$x, silt = 3, clay = 2))
  fit <- gamut(soil ~ x, d, dirichlet())
  data <- diagnostic_data(fit)
  expect_identical(attr(data, "fitted"), "Mean of sand")
  expect_identical(data$fitted, unname(fitted(fit)[, "sand"]))
  # its residuals are not negative, so that no expectation of normal ones is drawn
  expect_null(panel_scale(data, 1:40)$level)
  expect_null(panel_residuals(data, 1:40)$level)
})

test_that("residuals drawn do not depend on variables drawn with a user's seed", {
  for (seed in 1:3) {
    set.seed(seed)
    d <- data.frame(x = runif(500))
    d$y <- rbinom(500, 1, 0.5)
    residual <- diagnostic_data(gamut(y ~ 1, d, bernoulli()), FALSE)$residual
    # four standard errors of a correlation of 500 rows; with the same seed it is 0.6
    expect_lt(abs(cor(residual, d$x)), 0.18)
  }
})

test_that("where no observations can be drawn, it is said", {
  d <- simulated_data()
  fit <- gamut(rain ~ x, d, hurdle(Gamma("log")))
  local_device()
  said <- expect_message(plot(fit, residuals = TRUE), class = "gamut_message_plot")
  expect_snapshot(cat(conditionMessage(said)))
})
