# Local regression: stats::loess beside fit_loess() with the same arguments, the same
# numbers checked; large data, which loess cannot fit; lo() terms beside package gam; how
# time grows with rows in one, two and three dimensions. One thread. From the project's
# root:
#
#   Rscript bench/loess.R          # all, some minutes: loess takes most of them
#   Rscript bench/loess.R small    # all at small sizes, in a minute
#   Rscript bench/loess.R growth   # some parts; then nothing is written
#   Rscript bench/loess.R exact    # exact statistics of 5,000 rows: loess takes
#                                  # more than a quarter of an hour, so it is apart
#
# Needs gam.
source("bench/common.R")
suppressMessages(library(gamut))
invisible(loadNamespace("gam"))

# --- data -----------------------------------------------------------------------------

make_data <- function(n, d = 1L, seed = 1L) {
  set.seed(seed)
  names <- list(NULL, paste0("x", seq_len(d)))
  x <- as.data.frame(matrix(runif(d * n), n, dimnames = names))
  x$y <- sin(6 * x[[1L]]) + rowSums(as.matrix(x[-1L])^2) + rnorm(n) / 3
  x
}

formula_of <- function(data) reformulate(setdiff(names(data), "y"), "y")

# Fitted values, trace, deltas and scale of both, to 1e-8 relative.
check_same <- function(fit, peer) {
  one <- function(a, b) max(abs(a - b)) / max(abs(b))
  apart <- c(
    one(fitted(fit), fitted(peer)), one(fit$trace.hat, peer$trace.hat),
    one(fit$one.delta, peer$one.delta), one(fit$two.delta, peer$two.delta),
    one(fit$s, peer$s)
  )
  stopifnot(apart < 1e-8)
  max(apart)
}

# --- the same calls -------------------------------------------------------------------

run_same <- function(label, n, d = 1L, runs = 5L, ..., statistics = "approximate",
                     surface = "interpolate") {
  cat(label, "n =", count(n), "...\n")
  data <- make_data(n, d)
  formula <- formula_of(data)
  control <- stats::loess.control(statistics = statistics, surface = surface)
  ours <- function() fit_loess(formula, data, ..., control = control)
  theirs <- function() stats::loess(formula, data, ..., control = control)
  first <- seconds_of(peer <- theirs())
  apart <- check_same(ours(), peer)
  # what takes minutes runs once
  times <- if (first > 5) c(gamut = seconds_of(ours()), loess = first)
           else time_in_turn(runs, gamut = ours(), loess = theirs())
  data.frame(
    problem = paste0(label, ", n = ", count(n)), "gamut, s" = number(times[["gamut"]]),
    "loess, s" = number(times[["loess"]]),
    ratio = paste0(number(times[["loess"]] / times[["gamut"]]), " x faster"),
    "largest relative difference" = formatC(apart, digits = 1, format = "e"),
    check.names = FALSE
  )
}

same_parts <- function(small) {
  n <- function(large, little) if (small) little else large
  rbind(
    run_same("one predictor, exact statistics", n(1500, 400), statistics = "exact"),
    run_same("one predictor", n(10000, 500)),
    run_same("one predictor, robust", n(10000, 500), family = "symmetric"),
    run_same("one predictor, direct surface", n(5000, 400), surface = "direct"),
    run_same("two predictors", n(10000, 500), d = 2L),
    run_same("three predictors", n(5000, 400), d = 3L)
  )
}

# --- what loess cannot ----------------------------------------------------------------

run_large <- function(small) {
  n <- if (small) 5000 else 1e6
  cat("with standard errors, n =", count(n), "...\n")
  data <- make_data(n)
  grid <- data.frame(x1 = seq(0.05, 0.95, length.out = 1000))
  truth <- sin(6 * grid$x1)
  ours <- function() {
    fit <- fit_loess(y ~ x1, data, span = 0.1)
    predict(fit, grid, se = TRUE)
  }
  found <- ours()
  # a window of a tenth has next to no bias: the truth is within the errors
  off <- abs(found$fit - truth) / found$se.fit
  stopifnot(mean(off < 1.96) > 0.8)
  times <- time_in_turn(3L, gamut = ours())
  data.frame(
    problem = paste0("span 0.1, standard errors at 1,000 places, n = ", count(n)),
    "gamut, s" = number(times[["gamut"]]), "loess, s" = "cannot",
    "share of places within 1.96 se of the truth" = number(mean(off < 1.96)),
    check.names = FALSE
  )
}

# --- lo() -----------------------------------------------------------------------------

# Up to a thousand rows: with ten thousand gam's own workspace is too small ("liv too
# small"), and its fit another.
run_lo <- function(n, runs = 3L) {
  cat("lo() beside a line, n =", count(n), "...\n")
  data <- make_data(n, 2L)
  data$z <- rnorm(n)
  data$count <- rpois(n, exp(data$y / 2))
  lo <- gam::lo
  ended <- gam::gam.control(epsilon = 1e-10, bf.epsilon = 1e-10, maxit = 100,
                            bf.maxit = 500)
  models <- list(gaussian = list(y ~ z + lo(x1) + lo(x2), gaussian()),
                 Poisson = list(count ~ z + lo(x1) + lo(x2), poisson()))
  rows <- lapply(names(models), function(name) {
    formula <- models[[name]][[1L]]
    environment(formula) <- environment()
    family <- models[[name]][[2L]]
    ours <- function() gamut(formula, data, family)
    theirs <- function() gam::gam(formula, family, data, control = ended)
    apart <- max(abs(predict(ours()) - theirs()$additive.predictors))
    stopifnot(apart < 1e-5)
    times <- time_in_turn(runs, gamut = ours(), gam = theirs())
    data.frame(
      problem = paste0(name, ", a line and two lo(), n = ", count(n)),
      "gamut, s" = number(times[["gamut"]]), "gam, s" = number(times[["gam"]]),
      ratio = paste0(number(times[["gam"]] / times[["gamut"]]), " x faster"),
      "largest difference" = formatC(apart, digits = 1, format = "e"),
      check.names = FALSE
    )
  })
  do.call(rbind, rows)
}

# --- growth ---------------------------------------------------------------------------

run_growth <- function(small) {
  sizes <- if (small) c(200, 1000, 5000) else c(1e3, 1e4, 1e5, 1e6)
  most <- if (small) 1000 else 1e4
  rows <- expand.grid(n = sizes, d = 1:3)
  rows <- rows[rows$n < 1e6 | rows$d == 1, ]
  cat("growth ...\n")
  times <- lapply(seq_len(nrow(rows)), function(i) {
    data <- make_data(rows$n[i], rows$d[i])
    formula <- formula_of(data)
    ours <- stats::median(replicate(3L, seconds_of(fit_loess(formula, data))))
    theirs <- NA
    if (rows$n[i] <= most) {
      theirs <- stats::median(replicate(3L, seconds_of(stats::loess(formula, data))))
    }
    c(ours, theirs)
  })
  cbind(rows, gamut = vapply(times, `[`, 0, 1L), loess = vapply(times, `[`, 0, 2L))
}

draw_growth <- function(growth, file) {
  grDevices::png(file, 1500, 560, res = 130)
  on.exit(grDevices::dev.off())
  graphics::par(mfrow = c(1L, 3L), mar = c(4.2, 4.2, 2.2, 0.6), las = 1)
  limits <- range(growth$gamut, growth$loess, na.rm = TRUE)
  limits[1L] <- max(limits[1L], 1e-3)
  for (d in 1:3) {
    own <- growth[growth$d == d, ]
    graphics::plot(own$n, pmax(own$gamut, 1e-3), log = "xy", type = "b", pch = 19,
                   ylim = limits, col = "#0072B2", bty = "l", xlab = "number of rows",
                   ylab = "seconds",
                   main = paste(d, if (d > 1) "predictors" else "predictor"))
    graphics::lines(own$n, pmax(own$loess, 1e-3), type = "b", pch = 17, col = "#D55E00")
    if (d == 1L) {
      graphics::legend("topleft", c("gamut", "stats::loess"), pch = c(19, 17), bty = "n",
                       col = c("#0072B2", "#D55E00"))
    }
  }
}

growth_table <- function(growth) {
  data.frame(rows = count(growth$n), predictors = growth$d,
             "gamut, s" = number(growth$gamut, 2),
             "loess, s" = ifelse(is.na(growth$loess), "", number(growth$loess, 2)),
             check.names = FALSE)
}

# --- all ------------------------------------------------------------------------------

asked <- request()
small <- asked$small
wanted <- asked$wanted

if ("exact" %in% asked$parts) {
  exact <- run_same("one predictor, exact statistics", 5000, statistics = "exact")
  save_results(exact, "loess-exact", "Each ran once. The numbers are compared to 1e-8.")
}
same <- if (wanted("same")) same_parts(small)
large <- if (wanted("large")) run_large(small)
rows <- if (small) 300 else c(300, 1000)
local <- if (wanted("lo")) do.call(rbind, lapply(rows, run_lo))
growth <- if (wanted("growth")) run_growth(small)
for (table in list(same, large, local)) if (!is.null(table)) show(table)
if (!is.null(growth)) show(growth_table(growth))

if (asked$whole) {
  draw_growth(growth, file.path("bench", "results", "loess-scaling.png"))
  save_results(same, "loess", c(
    "The same call in both, default statistics unless said; fitted values, trace, deltas",
    "and residual scale are compared to 1e-8. What takes `loess` minutes ran once.", "",
    "## What `loess` cannot", "", markdown_table(large), "",
    "## `lo()` beside a line", "",
    "`gam::gam()` iterates backfitting, here until its fit is that of the joint system",
    "to 1e-5.", "", markdown_table(local), "",
    "## How time grows", "", markdown_table(growth_table(growth)), "",
    "![Seconds by rows, in one, two and three dimensions](loess-scaling.png)"
  ))
}
