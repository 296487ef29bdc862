# Data with smooth effects and levels, and the model of them, for the benchmarks of
# smooths alone and beside random effects.

method_of <- function(family) if (identical(family, "gaussian")) gaussian() else poisson()

# --- data -----------------------------------------------------------------------------

# Means of 0 over the uniform distribution, and no curvature at the ends: natural cubic
# splines have none there, and with a million rows that would be seen.
curves <- list(
  sine = function(x) 0.6 * sin(2 * pi * x),
  rising = function(x) 1.5 * (x - 0.5) - 0.2 * sin(2 * pi * x),
  waves = function(x) 0.4 * sin(4 * pi * x) + 0.2 * sin(6 * pi * x),
  nothing = function(x) 0 * x
)

sum_of_curves <- function(d) {
  0.3 + Reduce(`+`, Map(function(f, x) f(x), curves, d[paste0("x", 1:4)]))
}

# Four smooths of uniform covariates; with `levels` also random intercepts of sd 0.5.
make_data <- function(n, family, levels = 0L, seed = 1L) {
  set.seed(seed)
  d <- as.data.frame(matrix(runif(4 * n), n, dimnames = list(NULL, paste0("x", 1:4))))
  eta <- sum_of_curves(d)
  if (levels > 0L) {
    g <- sample.int(levels, n, TRUE)
    eta <- eta + rnorm(levels, sd = 0.5)[g]
    d$g <- factor(g, seq_len(levels))
  }
  d$y <- if (family == "gaussian") eta + rnorm(n) else rpois(n, exp(eta))
  d
}

four_smooths <- y ~ s(x1, bs = "cr") + s(x2, bs = "cr") + s(x3, bs = "cr", k = 20) +
  s(x4, bs = "cr")

ours <- function(formula, data, family) gamut(formula, data, family, method = "REML")

reml_of <- function(fit) -as.numeric(logLik(fit, REML = TRUE))
