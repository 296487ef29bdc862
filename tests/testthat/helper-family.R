# Families at a point of their parameters, for the tests that hold for all of them.

continuous_cases <- function() {
  list(
    list(family = "gaussian", par = list(mu = 1.3), dispersion = 0.7, weights = 2),
    list(family = "Gamma", par = list(mu = 2.1), dispersion = 0.4, weights = 1.5),
    list(family = "exponential", par = list(mu = 0.8)),
    list(family = "inverse.gaussian", par = list(mu = 1.7), dispersion = 0.6,
         weights = 2),
    list(family = "Beta", par = list(mu = 0.3, phi = 6))
  )
}

discrete_cases <- function() {
  list(
    list(family = "binomial", par = list(mu = 0.3), weights = 7, support = (0:7) / 7),
    list(family = "binomial", par = list(mu = 0.6), support = 0:1),
    list(family = "bernoulli", par = list(mu = 0.3), weights = 2.5, support = 0:1),
    list(family = "poisson", par = list(mu = 2.4), weights = 3, support = 0:60),
    list(family = "categorical", par = matrix(c(0.2, 0.5, 0.3), 1), support = 1:3)
  )
}

with_case <- function(case, f, value, ...) {
  dispersion <- if (is.null(case$dispersion)) 1 else case$dispersion
  f(case$family, value, case$par, weights = case$weights, dispersion = dispersion, ...)
}

# the ends of the support, for integrate()
support_of <- function(case) {
  switch(case$family, gaussian = c(-Inf, Inf), Beta = c(0, 1), c(0, Inf))
}
