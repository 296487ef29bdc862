random_plot <- function(title, draw) {
  skip_on_cran()
  skip_if_not_installed("vdiffr")
  vdiffr::expect_doppelganger(title, draw)
}

test_that("caterpillars look as they should", {
  fit <- orthodont_fit()
  random_plot("two effects", function() plot(fit, "random"))
  fit <- gamut(score ~ Machine + (1 | Worker / Machine), data = nlme::Machines)
  random_plot("nested factors", function() plot(fit, "random", level = 0.9))
  lean <- orthodont_fit(control = gamut_control(keep_data = FALSE))
  random_plot("without intervals", function() plot(lean, "random"))
  set.seed(1)
  d <- data.frame(g = rep(seq_len(800), each = 3), y = rpois(2400, 2))
  d$y <- d$y + rep(rpois(800, 1), each = 3)
  fit <- gamut(y ~ 1 + (1 | g), poisson(), data = d)
  random_plot("many levels", function() plot(fit, "random", main = "Of 800 groups"))
})

test_that("names of extreme levels share the room below the axis", {
  grDevices::pdf(NULL)
  device <- grDevices::dev.cur()
  withr::defer(grDevices::dev.off(device))
  graphics::plot.new()
  room <- 30 * letter_width()
  levels <- as.character(1:900)
  expect_identical(extreme_levels(levels, room), c("1, 2, ..", ".., 899, 900"))
  expect_identical(extreme_levels(levels, 2 * room),
                   c("1, 2, 3, ..", ".., 898, 899, 900"))
  long <- paste("a name that is much too long", levels)
  ends <- extreme_levels(long, room)
  expect_lte(sum(nchar(ends)) * letter_width(), room)
  # few levels are all named
  expect_identical(name_levels(list(xlab = "g"), letters[1:5], 3)$ticks, letters[1:5])
})

test_that("what is drawn comes back", {
  grDevices::pdf(NULL)
  device <- grDevices::dev.cur()
  withr::defer(grDevices::dev.off(device))
  fit <- orthodont_fit()
  drawn <- plot(fit, "random", level = 0.9)
  expect_named(drawn, c("(Intercept) | Subject", "age | Subject"))
  data <- drawn[[2L]]
  expect_named(data, c("group", "effect", "level", "value", "low", "high"))
  expect_false(is.unsorted(data$value))
  effects <- as.data.frame(ranef(fit))
  effects <- effects[effects$term == "age", ]
  at <- match(data$level, effects$grp)
  expect_equal(data$high, data$value + qnorm(0.95) * effects$condsd[at])
  expect_no_error(plot(fit, "random", layout = c(1, 1), ask = FALSE))
})

test_that("observations beside an effect are those of a group like the average one", {
  fit <- orthodont_fit()
  grDevices::pdf(NULL)
  device <- grDevices::dev.cur()
  withr::defer(grDevices::dev.off(device))
  expect_silent(plot(fit, residuals = TRUE))
  model <- effect_model(fit)
  points <- observed_points(model, "age", "response")
  # the response less its group's deviation from the population
  moved <- orthodont()$distance - fitted(fit) + predict(fit, re.form = NA)
  expect_equal(points$y, unname(moved), tolerance = 1e-10)
})
