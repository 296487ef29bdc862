# Families at a point of their parameters, for the tests that hold for all of them.

continuous_cases <- function() {
  list(
    list(family = "gaussian", par = list(mu = 1.3), dispersion = 0.7, weights = 2),
    list(family = "Gamma", par = list(mu = 2.1), dispersion = 0.4, weights = 1.5),
    list(family = "exponential", par = list(mu = 0.8)),
    list(family = "inverse.gaussian", par = list(mu = 1.7), dispersion = 0.6,
         weights = 2),
    list(family = "Beta", par = list(mu = 0.3, phi = 6)),
    list(family = "chisq", par = list(mu = 3.4)),
    list(family = "lognormal", par = list(mu = 0.2, sigma = 0.6)),
    list(family = "weibull", par = list(mu = 1.4, sigma = 0.5)),
    list(family = "student", par = list(mu = 0.3, sigma = 0.8, nu = 7)),
    list(family = "skewnormal", par = list(mu = 0.4, sigma = 0.9, alpha = -3))
  )
}

discrete_cases <- function() {
  list(
    list(family = "binomial", par = list(mu = 0.3), weights = 7, support = (0:7) / 7),
    list(family = "binomial", par = list(mu = 0.6), support = 0:1),
    list(family = "bernoulli", par = list(mu = 0.3), weights = 2.5, support = 0:1),
    list(family = "poisson", par = list(mu = 2.4), weights = 3, support = 0:60),
    list(family = "categorical", par = matrix(c(0.2, 0.5, 0.3), 1), support = 1:3),
    list(family = "cumulative", par = matrix(c(0.1, 0.6, 0.3), 1), support = 1:3),
    list(family = "negbinomial", par = list(mu = 2.4, theta = 3), support = 0:120),
    list(family = negbinomial(variance = "linear"), par = list(mu = 2.4, alpha = 0.7),
         support = 0:90),
    list(family = "compois", par = list(mu = 2.4, nu = 0.6), support = 0:80),
    list(family = "compois", par = list(mu = 5.2, nu = 2.5), support = 0:60),
    list(family = "betabinomial", par = list(mu = 0.3, phi = 4), weights = 7,
         support = (0:7) / 7),
    list(family = "zero_inflated", par = list(mu = 2.4, zi = 0.3), support = 0:60),
    list(family = zero_inflated(betabinomial()),
         par = list(mu = 0.3, phi = 4, zi = 0.2), weights = 7, support = (0:7) / 7),
    list(family = hurdle(negbinomial()), par = list(mu = 2.4, theta = 3, zi = 0.3),
         support = 0:120),
    list(family = "truncated", par = list(mu = 2.4), support = 1:60),
    list(family = truncated(negbinomial(), lower = 2, upper = 9),
         par = list(mu = 2.4, theta = 3), support = 3:9)
  )
}

with_case <- function(case, f, value, ...) {
  dispersion <- if (is.null(case$dispersion)) 1 else case$dispersion
  f(case$family, value, case$par, weights = case$weights, dispersion = dispersion, ...)
}

# the ends of the support, for integrate()
support_of <- function(case) {
  switch(case$family, gaussian = , student = , skewnormal = c(-Inf, Inf),
         Beta = c(0, 1), c(0, Inf))
}
