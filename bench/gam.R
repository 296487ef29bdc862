# Smooths: large data against mgcv::bam(discrete = TRUE), the same model and data in the
# same run; smooths beside 1e5 random intercepts, which no peer can fit, against the
# truth; what rounding a skewed covariate does; how time grows with rows and smooths; how
# often bands cover. One thread. Run from the project's root:
#
#   Rscript bench/gam.R                  # all, some minutes
#   Rscript bench/gam.R small            # all at small sizes, in a minute
#   Rscript bench/gam.R large skewed     # some parts; then nothing is written
#
# Needs mgcv.
source("bench/common.R")
source("bench/smooth-data.R")
suppressMessages(library(gamut))
invisible(loadNamespace("mgcv"))

bam <- function(formula, data, family) {
  mgcv::bam(formula, data = data, family = family, discrete = TRUE)
}

# --- four smooths ---------------------------------------------------------------------

# Curves of both fits are compared on a grid, in units of our standard errors: bam rounds
# covariates to 1,000 values, and its smoothing parameters are those of working models.
run_smooths <- function(n, family, runs, against_gam) {
  cat("four smooths, n =", count(n), family, "...\n")
  law <- method_of(family)
  data <- make_data(n, family)
  fit <- ours(four_smooths, data, law)
  theirs <- bam(four_smooths, data, law)
  stopifnot(fit$convergence$converged)
  grid <- as.data.frame(lapply(1:4, function(j) seq(0.02, 0.98, length.out = 200)))
  names(grid) <- paste0("x", 1:4)
  mine <- predict(fit, grid, se.fit = TRUE)
  apart <- max(abs(mine$fit - predict(theirs, grid, discrete = FALSE)) / mine$se.fit)
  stopifnot(apart < 2)
  times <- time_in_turn(runs, gamut = ours(four_smooths, data, law),
                        bam = bam(four_smooths, data, law))
  data.frame(
    problem = paste0("4 smooths, ", family, ", n = ", count(n)),
    "gamut, s" = number(times[["gamut"]]), "bam(discrete), s" = number(times[["bam"]]),
    ratio = paste0(number(times[["bam"]] / times[["gamut"]]), " x faster"),
    "largest difference, se" = number(apart, 2),
    "REML" = formatC(reml_of(fit), digits = 10, width = 1),
    "above gam's" = if (against_gam) check_reml(fit, data, law) else "",
    check.names = FALSE
  )
}

# The same criterion as mgcv::gam(), to 1e-6 of its size; where one of its smoothing
# parameters runs to infinity it stops on the way, and ours is the lower.
check_reml <- function(fit, data, family) {
  peer <- mgcv::gam(four_smooths, data = data, family = family, method = "REML")
  above <- reml_of(fit) - as.numeric(peer$gcv.ubre)
  stopifnot(above < 1e-6 * abs(reml_of(fit)), above > -1e-3 - 1e-6 * abs(reml_of(fit)))
  formatC(above, digits = 2, format = "g")
}

# --- beside random intercepts ---------------------------------------------------------

# No peer can fit 1e5 levels beside smooths: bam's would be a dense matrix of 80 GB. The
# truth stands for it: the standard deviation within five of its standard errors, which
# are at least sd / sqrt(2 levels) and grow with the noise of a level's mean, and curves
# within a simultaneous band of 99.99 %.
run_beside <- function(n, levels, family) {
  cat("smooths and", count(levels), "levels, n =", count(n), family, "...\n")
  data <- make_data(n, family, levels)
  formula <- update(four_smooths, . ~ . + (1 | g))
  seconds <- system.time(fit <- ours(formula, data, method_of(family)))[["elapsed"]]
  sd <- sqrt(VarCorr(fit)$g[[1L]])
  noise <- levels / n * if (family == "gaussian") 1 else exp(-0.3)
  error <- 0.5 * (1 + noise / 0.25) / sqrt(2 * levels)
  inside <- vapply(1:4, curve_is_inside, NA, fit = fit, level = 0.9999)
  stopifnot(fit$convergence$converged, abs(sd - 0.5) < 5 * error, inside)
  data.frame(
    problem = paste0("4 smooths and ", count(levels), " levels, ", family, ", n = ",
                     count(n)),
    "gamut, s" = number(seconds), "bam(discrete), s" = "cannot",
    "sd of levels" = number(sd), "its truth" = "0.500",
    "largest error of a curve, se" = number(largest_error(fit), 2), check.names = FALSE
  )
}

#' A curve and its truth, both centred over the grid
deviation <- function(j, fit, ...) {
  grid <- as.data.frame(stats::setNames(rep(list(seq(0.01, 0.99, by = 0.01)), 4),
                                        paste0("x", 1:4)))
  band <- smooth_estimates(fit, paste0("s(x", j, ")"), newdata = grid, mean = TRUE, ...)
  off <- band$estimate - curves[[j]](grid[[j]])
  list(off = off - mean(off), half = (band$upper - band$lower) / 2, se = band$se)
}

curve_is_inside <- function(j, fit, level) {
  found <- deviation(j, fit, level = level, simultaneous = TRUE)
  all(abs(found$off) < found$half)
}

largest_error <- function(fit) {
  max(vapply(1:4, function(j) {
    found <- deviation(j, fit)
    max(abs(found$off) / found$se)
  }, 0))
}

# --- a skewed covariate ---------------------------------------------------------------

# A wave in log x, where x is lognormal: nearly all of it is in the first few of a
# thousand equal bins. Each has knots by its own rule.
run_skewed <- function(n, k = 30) {
  cat("a lognormal covariate, n =", count(n), "...\n")
  set.seed(1)
  d <- data.frame(x = exp(1.5 * rnorm(n)))
  truth <- sin(2 * log(d$x))
  d$y <- truth + rnorm(n, sd = 0.5)
  formula <- stats::as.formula(paste0("y ~ s(x, bs = \"cr\", k = ", k, ")"),
                               env = globalenv())
  fit <- ours(formula, d, gaussian())
  theirs <- bam(formula, d, gaussian())
  exact <- mgcv::bam(formula, data = d)
  error <- function(fitted) number(sqrt(mean((fitted - truth)^2)))
  data.frame(
    fit = c("gamut", "bam(discrete = TRUE)", "bam()"),
    "RMSE to the truth" = c(error(predict(fit)), error(fitted(theirs)),
                            error(fitted(exact))),
    "variance (truth 0.250)" = number(c(stats::sigma(fit)^2, theirs$sig2, exact$sig2)),
    check.names = FALSE
  )
}

# --- many rows ------------------------------------------------------------------------

# Each row `times` times is each row with that weight, at given smoothing parameters:
# nothing may be lost in the sums of many rows, even of a response a million from 0.
run_accumulation <- function(n, times) {
  cat("each of", count(n), "rows", count(times), "times ...\n")
  data <- make_data(n, "gaussian")
  data$y <- data$y + 1e6
  formula <- y ~ s(x1, bs = "cr", sp = 1) + s(x2, bs = "cr", sp = 1) +
    s(x3, bs = "cr", k = 20, sp = 1) + s(x4, bs = "cr", sp = 1)
  data$w <- times
  once <- gamut(formula, data, weights = w)
  repeated <- data[rep(seq_len(n), times), ]
  seconds <- system.time(many <- gamut(formula, repeated))[["elapsed"]]
  at <- predict(many, data, se.fit = TRUE)
  apart <- max(abs(at$fit - predict(once, data)) / at$se.fit)
  stopifnot(apart < 1e-3)
  data.frame(rows = count(n * times), "gamut, s" = number(seconds),
             "largest difference to weighted rows, se" = number(apart, 2),
             "the same, relative" = number(max(abs(at$fit / predict(once, data) - 1)), 2),
             check.names = FALSE)
}

# --- scaling --------------------------------------------------------------------------

# Seconds by rows, of four smooths, and by the number of smooths.
run_scaling <- function(rows, smooths, fixed_rows) {
  grid <- rbind(data.frame(vary = "rows", n = rows, smooths = 4L),
                data.frame(vary = "smooths", n = fixed_rows, smooths = smooths))
  grid <- merge(grid, data.frame(family = c("gaussian", "poisson")))
  grid$seconds <- vapply(seq_len(nrow(grid)), function(i) {
    row <- grid[i, ]
    cat("scaling: n =", count(row$n), "smooths =", row$smooths, row$family, "...\n")
    data <- make_data(row$n, row$family)
    for (j in seq_len(row$smooths)) data[[paste0("x", j)]] <- runif(row$n)
    wanted <- paste0("s(x", seq_len(row$smooths), ", bs = \"cr\")")
    formula <- stats::reformulate(wanted, "y", env = globalenv())
    time <- system.time(fit <- ours(formula, data, method_of(row$family)))
    stopifnot(fit$convergence$converged)
    time[["elapsed"]]
  }, 0)
  grid
}

scaling_table <- function(found) {
  key <- paste(found$vary, found$n, found$smooths)
  first <- !duplicated(key)
  of <- function(family) {
    mine <- found$family == family
    number(found$seconds[mine][match(key[first], key[mine])])
  }
  markdown_table(data.frame(
    rows = count(found$n[first]), smooths = found$smooths[first],
    "gaussian, s" = of("gaussian"), "Poisson, s" = of("poisson"), check.names = FALSE
  ))
}

draw_scaling <- function(found, file) {
  dir.create(dirname(file), showWarnings = FALSE, recursive = TRUE)
  grDevices::png(file, 1500, 750, res = 150)
  on.exit(grDevices::dev.off())
  graphics::par(mfrow = c(1, 2), mar = c(4.2, 4.2, 2, 1), las = 1, mgp = c(2.7, 0.7, 0))
  colours <- c(gaussian = "#0072B2", poisson = "#D55E00")
  for (vary in c("rows", "smooths")) {
    part <- found[found$vary == vary, ]
    part$size <- if (vary == "rows") part$n else part$smooths
    held <- if (vary == "rows") paste(part$smooths[1L], "smooths")
      else paste(count(part$n[1L]), "rows")
    plot(part$size, part$seconds, log = "xy", type = "n", bty = "l", main = held,
         xlab = paste("number of", vary), ylab = "seconds", ylim = range(found$seconds))
    for (family in names(colours)) {
      mine <- part$family == family
      graphics::lines(part$size[mine], part$seconds[mine], type = "b", pch = 19, lwd = 2,
                      col = colours[[family]])
    }
    # what is proportional to the size has the slope of this line
    ends <- range(part$size)
    graphics::lines(ends, min(part$seconds) * ends / ends[1L], lty = 3, col = "grey40")
  }
  graphics::legend("topleft", c("gaussian", "Poisson", "slope 1"), bty = "n", cex = 0.85,
                   col = c(colours, "grey40"), lwd = c(2, 2, 1), lty = c(1, 1, 3))
}

# --- how often bands cover ------------------------------------------------------------

# Data from each truth `size` times, some hundreds for a nightly check; the share of
# points that pointwise bands cover, of whole curves within them, and within simultaneous
# bands. With `boots` also the band of percentiles of that many resamples of the rows
# (smoothing parameters estimated anew).
run_coverage <- function(size, n = 200L, level = 0.95, boots = 0L, seed = 1L) {
  cat("coverage,", size, "data sets ...\n")
  set.seed(seed)
  grid <- data.frame(x = seq(0.01, 0.99, by = 0.01))
  rows <- lapply(names(curves), function(name) {
    covered <- replicate(size, covered_once(curves[[name]], n, grid, level, boots))
    share <- rowMeans(covered)
    data.frame(truth = name, t(number(share)), check.names = FALSE)
  })
  do.call(rbind, rows)
}

covered_once <- function(truth, n, grid, level, boots) {
  d <- data.frame(x = runif(n))
  d$y <- truth(d$x) + rnorm(n, sd = 0.4)
  fit <- gamut(y ~ s(x, bs = "cr", k = 20), d)
  inside <- function(...) {
    band <- smooth_estimates(fit, newdata = grid, mean = TRUE, level = level, ...)
    abs(band$estimate + coef(fit)[[1L]] - truth(grid$x)) < (band$upper - band$lower) / 2
  }
  point <- inside()
  out <- c("pointwise: points" = mean(point), "whole curves" = all(point),
           "simultaneous: whole curves" = all(inside(simultaneous = TRUE)),
           "and unconditional" = all(inside(simultaneous = TRUE, unconditional = TRUE)))
  if (boots) {
    limits <- percentile_band(d, grid, level, boots)
    out["bootstrap percentiles: points"] <-
      mean(truth(grid$x) > limits[1L, ] & truth(grid$x) < limits[2L, ])
  }
  out
}

percentile_band <- function(d, grid, level, boots) {
  drawn <- replicate(boots, {
    again <- d[sample.int(nrow(d), replace = TRUE), ]
    predict(gamut(y ~ s(x, bs = "cr", k = 20), again), grid)
  })
  apply(drawn, 1L, stats::quantile, c(1 - level, 1 + level) / 2)
}

# --- run ------------------------------------------------------------------------------

parts <- c("smooths", "large", "skewed", "rows", "scaling", "coverage")
chosen <- commandArgs(trailingOnly = TRUE)
small <- "small" %in% chosen
chosen <- setdiff(chosen, "small")
everything <- !length(chosen) && !small
if (!length(chosen)) chosen <- parts
if (length(setdiff(chosen, parts))) {
  stop("no such part: ", paste(setdiff(chosen, parts), collapse = ", "))
}

if ("smooths" %in% chosen) {
  sizes <- if (small) 2e3 else c(1e5, 1e6)
  cases <- expand.grid(family = c("gaussian", "poisson"), n = sizes,
                       stringsAsFactors = FALSE)
  smooths <- do.call(rbind, lapply(seq_len(nrow(cases)), function(i) {
    run_smooths(cases$n[i], cases$family[i], if (cases$n[i] < 1e6) 5L else 3L,
                against_gam = cases$n[i] == sizes[1L])
  }))
  show(smooths)
}
if ("large" %in% chosen) {
  rows <- if (small) 2e4 else 1e6
  beside <- do.call(rbind, lapply(c("gaussian", "poisson"), run_beside, n = rows,
                                  levels = rows / 10))
  show(beside)
}
if ("skewed" %in% chosen) {
  skewed <- run_skewed(if (small) 2e4 else 2e5)
  show(skewed)
}
if ("rows" %in% chosen) {
  accumulation <- run_accumulation(if (small) 1e3 else 1e5, 100)
  show(accumulation)
}
if ("scaling" %in% chosen) {
  scaling <- if (small) run_scaling(c(1e3, 1e4), c(1L, 4L), 1e3)
    else run_scaling(c(1e3, 1e4, 1e5, 1e6), c(1L, 2L, 4L, 8L, 16L), 1e5)
  cat(scaling_table(scaling), "", sep = "\n")
  if (!everything) draw_scaling(scaling, file.path(tempdir(), "gam-scaling.png"))
}
if ("coverage" %in% chosen) {
  coverage <- run_coverage(if (small) 20L else 500L)
  show(coverage)
  resampled <- if (small) run_coverage(2L, boots = 20L)
    else run_coverage(60L, boots = 60L)
  show(resampled)
}
if (everything) {
  draw_scaling(scaling, file.path("bench", "results", "gam-scaling.png"))
  save_results(smooths, "gam", c(
    "From formula to fit, medians of several runs. Curves are compared on a grid, in",
    "units of our standard errors; the REML value of the smaller problems with that of",
    "`mgcv::gam()`, which takes half a minute, to 1e-6 of its size.", "",
    "## Beside random intercepts", "",
    "One fit each; the truth is checked: the standard deviation within five standard",
    "errors, all curves within simultaneous bands of 99.99 %.", "",
    markdown_table(beside), "", "## A lognormal covariate", "",
    "`y = sin(2 log x) + e`, n = 2e5, cubic spline with 30 knots, which each has by its",
    "own rule. `bam(discrete = TRUE)` rounds x to 1,000 equal bins first.", "",
    markdown_table(skewed), "", "## Ten million rows", "",
    "100,000 rows 100 times each, beside the same rows with weights of 100; the response",
    "is a million from 0, its noise is 1.", "",
    markdown_table(accumulation), "", "## How time grows", "", scaling_table(scaling), "",
    "![Seconds by rows and by smooths](gam-scaling.png)", "",
    "## How often bands of 95 % cover", "",
    "n = 200, a cubic spline with 20 knots; 500 data sets of each truth, then 60 with 60",
    "bootstrap resamples of the rows each. Unconditional bands allow for smoothing",
    "parameters that are estimated.", "",
    markdown_table(coverage), "", markdown_table(resampled)
  ))
}
