# Smooths and random effects in one fit: beside gamm4 and mgcv::gam(bs = "re") at sizes
# that they can do, with equal answers; at sizes that they cannot, against the truth; how
# time grows with rows, levels and smooths. One thread. From the project's root:
#
#   Rscript bench/gamm.R          # all, some minutes
#   Rscript bench/gamm.R small    # all at small sizes, in a minute
#   Rscript bench/gamm.R peers    # some parts; then nothing is written
#
# Needs gamm4, lme4 and mgcv.
source("bench/common.R")
source("bench/smooth-data.R")
suppressMessages(library(gamut))
for (peer in c("mgcv", "gamm4")) invisible(loadNamespace(peer))

# --- beside peers ---------------------------------------------------------------------

# gamm4 and gam(bs = "re") have the criterion of REML; gamm4's generalised models are by
# ML, so there is none. A penalty that runs to infinity stops earlier in gam.
run_peers <- function(n, levels, family) {
  cat("two smooths and", count(levels), "levels, n =", count(n), family, "...\n")
  law <- method_of(family)
  data <- make_data(n, family, levels)
  fixed <- y ~ s(x1, bs = "cr") + s(x3, bs = "cr")
  mine <- function() ours(update(fixed, . ~ . + (1 | g)), data, law)
  fit <- mine()
  gam_seconds <- seconds_of({
    gam <- mgcv::gam(update(fixed, . ~ . + s(g, bs = "re")), law, data, method = "REML")
  })
  apart <- abs(reml_of(fit) - as.numeric(gam$gcv.ubre)) / abs(reml_of(fit))
  stopifnot(apart < 1e-6)
  gamm4_seconds <- seconds_of({
    gamm4 <- gamm4::gamm4(fixed, random = ~ (1 | g), family = law, data = data)
  })
  if (family == "gaussian") {
    # its smooths are rotated, so that its criterion differs by a constant
    stopifnot(max(abs(predict(gamm4$gam) - predict(fit, re.form = NA))) < 1e-2)
  }
  own_seconds <- stats::median(replicate(3L, seconds_of(mine())))
  data.frame(
    problem = paste0("2 smooths, ", count(levels), " levels, ", family, ", n = ",
                     count(n)),
    "gamut, s" = number(own_seconds), "gam, s" = number(gam_seconds),
    "gamm4, s" = number(gamm4_seconds),
    "to gam" = paste0(number(gam_seconds / own_seconds), " x faster"),
    "REML apart, relative" = formatC(apart, digits = 1, format = "e"),
    check.names = FALSE
  )
}

# --- what peers cannot ----------------------------------------------------------------

# Everything at once: smooths, a tensor product, correlated intercepts and slopes of
# many levels, and a crossed factor. Effects on a Poisson's scale are halved. Estimated
# deviations are within five of their standard errors, at least sd / sqrt(2 levels), of
# the truth.
mixed_data <- function(n, levels, family) {
  data <- make_data(n, family, 0L)
  set.seed(2)
  g <- sample.int(levels, n, TRUE)
  h <- sample.int(100L, n, TRUE)
  data$x <- rnorm(n)
  root <- chol(matrix(c(0.25, 0.06, 0.06, 0.09), 2L))
  effects <- matrix(rnorm(2 * levels), levels) %*% root
  eta <- sum_of_curves(data) +
    effects[g, 1L] + effects[g, 2L] * data$x + rnorm(100L, sd = 0.3)[h] +
    0.3 * data$x + data$x2 * data$x4
  data$g <- factor(g, seq_len(levels))
  data$h <- factor(h, 1:100)
  data$y <- if (family == "gaussian") eta + rnorm(n) else rpois(n, exp(eta / 2))
  data
}

run_mix <- function(n, levels, family) {
  cat("everything,", count(levels), "levels, n =", count(n), family, "...\n")
  data <- mixed_data(n, levels, family)
  formula <- y ~ x + s(x1, bs = "cr") + s(x3, bs = "cr", k = 20) + te(x2, x4) +
    (1 + x | g) + (1 | h)
  time <- seconds_of(fit <- ours(formula, data, method_of(family)))
  stopifnot(fit$convergence$converged)
  scale <- if (family == "gaussian") 1 else 0.5
  found <- c(sqrt(diag(VarCorr(fit)$g)), sqrt(VarCorr(fit)$h[1L]))
  truth <- scale * c(0.5, 0.3, 0.3)
  noise <- 1 + levels / n / truth[1:2]^2
  error <- truth * c(noise, 1) / sqrt(2 * c(levels, levels, 100))
  stopifnot(abs(found - truth) < 5 * error)
  new <- data[seq_len(1000L), ]
  errors <- function() predict(fit, new, se.fit = TRUE)
  data.frame(
    problem = paste0("2 smooths, te(), intercepts and slopes of ", count(levels),
                     " levels, 100 crossed, ", family, ", n = ", count(n)),
    "gamut, s" = number(time),
    "sd of g, slopes, h" = paste(number(found), collapse = ", "),
    "truth" = paste(truth, collapse = ", "),
    "summary, s" = number(seconds_of(summary(fit))),
    "1,000 predictions with errors, s" = number(seconds_of(errors())),
    check.names = FALSE
  )
}

# --- curves of many levels ------------------------------------------------------------

# A curve for each level. bam() has the criterion of REML, but stops at 1e-7 of it, and
# with discrete = TRUE rounds covariates; where levels are too many for it, the standard
# deviation of the noise and the cover of intervals of 95 % say whether ours is right.
curve_data <- function(levels, rows_each, family) {
  set.seed(3)
  n <- levels * rows_each
  data <- data.frame(x = runif(n), z = runif(n), g = gl(levels, rows_each))
  data$eta <- cos(4 * data$x) + rnorm(levels, sd = 0.6)[data$g] +
    rnorm(levels, sd = 0.8)[data$g] * (data$x - 0.5) +
    rnorm(levels, sd = 0.5)[data$g] * sin(6 * data$x)
  data$y <- if (family == "gaussian") data$eta + rnorm(n, sd = 0.3)
            else rpois(n, exp(data$eta))
  data
}

run_curves <- function(levels, family, peer) {
  cat("curves of", count(levels), "levels", family, "...\n")
  data <- curve_data(levels, 20L, family)
  law <- method_of(family)
  formula <- y ~ s(x) + s(z) + s(x, g, bs = "fs", k = 5)
  time <- seconds_of(fit <- ours(formula, data, law))
  stopifnot(fit$convergence$converged)
  found <- predict(fit, se.fit = TRUE)
  cover <- mean(abs(found$fit - data$eta) < 1.96 * found$se.fit)
  # of small counts Laplace's curves are somewhat too smooth
  stopifnot(cover > 0.9, cover < 0.98)
  peer_time <- apart <- NA
  if (peer) {
    peer_time <- seconds_of(bam <- mgcv::bam(formula, law, data, discrete = TRUE))
    apart <- max(abs(predict(bam) - found$fit)) / mean(found$se.fit)
    stopifnot(apart < 1)
  }
  data.frame(
    problem = paste0("2 smooths and curves of ", count(levels), " levels, ", family,
                     ", n = ", count(nrow(data))),
    "gamut, s" = number(time),
    "bam(discrete = TRUE), s" = if (peer) number(peer_time) else "-",
    "furthest apart, standard errors" = if (peer) number(apart, 2) else "-",
    "cover of 95 %" = number(cover),
    check.names = FALSE
  )
}

# --- growth ---------------------------------------------------------------------------

grow_once <- function(n, levels, smooths, family) {
  data <- make_data(n, family, levels)
  terms <- paste0("s(x", seq_len(smooths), ", bs = \"cr\")")
  for (j in seq_len(smooths)) if (j > 4L) data[[paste0("x", j)]] <- runif(n)
  formula <- stats::reformulate(c(terms, "(1 | g)"), "y", env = globalenv())
  seconds_of(ours(formula, data, method_of(family)))
}

run_growth <- function(rows, levels, smooths, base) {
  grid <- rbind(
    data.frame(n = rows, levels = base$levels, smooths = 4L, vary = "rows"),
    data.frame(n = base$n, levels = levels, smooths = 4L, vary = "levels"),
    data.frame(n = base$n, levels = base$levels, smooths = smooths, vary = "smooths")
  )
  for (family in c("gaussian", "poisson")) {
    grid[[family]] <- vapply(seq_len(nrow(grid)), function(i) {
      cat("growth: n =", count(grid$n[i]), "levels =", count(grid$levels[i]),
          "smooths =", grid$smooths[i], family, "...\n")
      grow_once(grid$n[i], grid$levels[i], grid$smooths[i], family)
    }, 0)
  }
  grid
}

growth_table <- function(found) {
  data.frame(varied = found$vary, rows = count(found$n), levels = count(found$levels),
             smooths = found$smooths, "gaussian, s" = number(found$gaussian, 2),
             "Poisson, s" = number(found$poisson, 2), check.names = FALSE)
}

draw_growth <- function(found, file) {
  grDevices::png(file, 1800, 700, res = 150)
  on.exit(grDevices::dev.off())
  graphics::par(mfrow = c(1, 3), mar = c(4.2, 4.2, 2, 1), las = 1, mgp = c(2.7, 0.7, 0))
  for (vary in unique(found$vary)) {
    part <- found[found$vary == vary, ]
    size <- part[[if (vary == "rows") "n" else vary]]
    graphics::plot(size, part$gaussian, log = "xy", type = "b", pch = 19, bty = "l",
                   col = "#0072B2", ylim = range(found$gaussian, found$poisson),
                   xlab = paste("number of", vary), ylab = "seconds")
    graphics::lines(size, part$poisson, type = "b", pch = 17, col = "#D55E00")
    # what is proportional to the size has the slope of this line
    graphics::lines(range(size), min(part$gaussian) * range(size) / min(size), lty = 3)
  }
  graphics::legend("bottomright", c("gaussian", "Poisson", "slope 1"), bty = "n",
                   pch = c(19, 17, NA), lty = c(1, 1, 3),
                   col = c("#0072B2", "#D55E00", "black"))
}

# --- all ------------------------------------------------------------------------------

asked <- request()
small <- asked$small
wanted <- asked$wanted
size <- function(large, little) if (small) little else large
families <- c("gaussian", "poisson")

if (wanted("peers")) {
  peers <- do.call(rbind, c(
    lapply(families, run_peers, n = size(5000, 1000), levels = size(100, 20)),
    lapply(families, run_peers, n = size(10000, 2000), levels = size(500, 50))
  ))
  show(peers)
}
if (wanted("mix")) {
  mix <- do.call(rbind, lapply(families, run_mix, n = size(1e6, 2e4),
                               levels = size(1e4, 200)))
  show(mix)
}
if (wanted("curves")) {
  curves <- do.call(rbind, lapply(families, function(family) {
    few <- run_curves(size(200, 30), family, peer = TRUE)
    rbind(few, do.call(rbind, lapply(size(c(2000, 20000), 150), run_curves, family,
                                     peer = FALSE)))
  }))
  show(curves)
}
if (wanted("growth")) {
  growth <- run_growth(size(c(1e4, 1e5, 1e6), c(1e3, 1e4)),
                       size(c(100, 1000, 1e4, 1e5), c(10, 100)), c(1L, 2L, 4L, 8L),
                       list(n = size(2e5, 5e3), levels = size(1e4, 100)))
  show(growth_table(growth))
}
if (asked$whole) {
  draw_growth(growth, file.path("bench", "results", "gamm-scaling.png"))
  save_results(peers, "gamm", c(
    "The same model and data in each; `gam()` and `gamm4()` ran once. Penalised",
    "generalised models of gamm4 are by ML, ours by REML, as gam's.", "",
    "## What peers cannot", "", markdown_table(mix), "",
    "## Curves of many levels, s(x, g, bs = \"fs\")", "", markdown_table(curves), "",
    "## How time grows", "", markdown_table(growth_table(growth)), "",
    "![Seconds by rows, levels and smooths](gamm-scaling.png)"
  ))
}
