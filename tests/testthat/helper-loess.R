# Data and comparisons for local regressions.

#' NOx in the exhaust of an engine, by equivalence ratio: the "gas" data that come with
#' the program of Cleveland, Grosse and Shyu (netlib, dloess)
gas_data <- function() {
  data.frame(
    NOx = c(4.818, 2.849, 3.275, 4.691, 4.255, 5.064, 2.118, 4.602, 2.286, 0.97, 3.965,
            5.344, 3.834, 1.99, 5.199, 5.283, 3.752, 0.537, 1.64, 5.055, 4.937, 1.561),
    E = c(0.831, 1.045, 1.021, 0.97, 0.825, 0.891, 0.71, 0.801, 1.074, 1.148, 1, 0.928,
          0.767, 0.701, 0.807, 0.902, 0.997, 1.224, 1.089, 0.973, 0.98, 0.665)
  )
}

ethanol_data <- function() {
  testthat::skip_if_not_installed("lattice")
  env <- new.env()
  utils::data("ethanol", package = "lattice", envir = env)
  env$ethanol
}

#' A smooth surface over four predictors, with noise and weights
loess_data <- function(n = 120L, seed = 1L) {
  withr::with_seed(seed, {
    d <- data.frame(a = runif(n), b = rnorm(n), c = runif(n, -1, 1), d = rexp(n))
    d$y <- sin(5 * d$a) + 0.3 * d$b^2 + d$c * d$a + 0.2 * d$d + rnorm(n) / 5
    d$w <- runif(n, 0.5, 2)
    d
  })
}

#' Numbers that fit_loess() and loess() share, and how far apart they are at the most
loess_gap <- function(ours, theirs) {
  names <- c("fitted", "residuals", "enp", "s", "one.delta", "two.delta", "trace.hat",
             "robust", "divisor")
  gaps <- vapply(names, function(name) {
    max(abs(unname(ours[[name]]) - unname(theirs[[name]])))
  }, 0)
  gaps[gaps == max(gaps)][1L]
}
