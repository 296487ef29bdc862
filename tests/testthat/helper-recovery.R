# All families with a known truth, of which each table of tests by family is made.

# Groups of 15 rows; `draw` makes the response from the linear predictor.
recovery_data <- function(case, seed) {
  withr::with_seed(seed, {
    d <- data.frame(g = gl(case$groups, 15L), x = rnorm(15L * case$groups))
    effects <- case$sd * rnorm(case$groups)
    d$y <- case$draw(case$intercept + case$slope * d$x + effects[d$g])
    d
  })
}

# `draw`: the response by R's own distributions, where it has this one, else by the
# family's random numbers. `parameters`: the other parameters, which are compared as well.
recovery <- function(family, draw = NULL, parameters = list(), intercept = 0.3,
                     slope = 0.5, sd = 0.6, groups = 80L) {
  family <- as_gamut_family(family)
  if (is.null(draw)) {
    draw <- function(eta) {
      par <- c(list(mu = family$links$mu$linkinv(eta)), parameters)
      family_random(family, length(eta), par)
    }
  }
  list(family = family, draw = draw, parameters = parameters, intercept = intercept,
       slope = slope, sd = sd, groups = groups)
}

trials <- function(successes, size) cbind(successes, size - successes)

# Responses of `n` rows. Names are those of `family_functions()`; what stands behind a dot
# is a variant.
recovery_table <- function(n = 1200L) {
  logit <- plogis
  list(
    gaussian = recovery(gaussian(), function(e) rnorm(n, e, 0.8)),
    gaussian.log = recovery(gaussian("log"), function(e) rnorm(n, exp(e), 0.5),
                            list(sigma = 0.5)),
    binomial = recovery(binomial(), function(e) trials(rbinom(n, 8L, logit(e)), 8L)),
    binomial.probit = recovery(binomial("probit"),
                               function(e) trials(rbinom(n, 8L, pnorm(e)), 8L)),
    bernoulli = recovery(bernoulli(), function(e) rbinom(n, 1L, logit(e)), sd = 0.9),
    poisson = recovery(poisson(), function(e) rpois(n, exp(e))),
    Gamma = recovery(Gamma("log"), function(e) rgamma(n, 4, 4 / exp(e)),
                     list(phi = 0.25)),
    inverse.gaussian = recovery(inverse.gaussian("log"), function(e) {
      family_random(inverse.gaussian("log"), n, list(mu = exp(e)), dispersion = 0.3)
    }, list(phi = 0.3)),
    exponential = recovery(exponential(), function(e) rexp(n, exp(-e))),
    chisq = recovery(chisq(), function(e) rchisq(n, exp(e)), intercept = 1),
    chisq_var = recovery(chisq_var(4), function(e) exp(e) * rchisq(n, 4) / 4),
    lognormal = recovery(lognormal(), function(e) rlnorm(n, e, 0.5), list(sigma = 0.5)),
    weibull = recovery(weibull(), function(e) rweibull(n, 2, exp(e)),
                       list(sigma = 0.5)),
    student = recovery(student(), function(e) e + 0.5 * rt(n, 5),
                       list(sigma = 0.5, nu = 5)),
    skewnormal = recovery(skewnormal(), parameters = list(sigma = 0.7, alpha = 4)),
    tweedie = recovery(tweedie(), parameters = list(phi = 0.8, power = 1.5)),
    Beta = recovery(Beta(), function(e) rbeta(n, 8 * logit(e), 8 * logit(-e)),
                    list(phi = 8)),
    Beta_inflated = recovery(Beta_inflated(), function(e) {
      ends <- runif(n) < 0.2
      ifelse(ends, rbinom(n, 1L, 0.3), rbeta(n, 8 * logit(e), 8 * logit(-e)))
    }, list(phi = 8, zoi = 0.2, coi = 0.3)),
    Beta_extended = recovery(Beta_extended(), parameters = list(phi = 8, u = 0.15),
                             groups = 30L),
    negbinomial = recovery(negbinomial(), function(e) rnbinom(n, 3, mu = exp(e)),
                           list(theta = 3), intercept = 1),
    negbinomial.linear = recovery(
      negbinomial(variance = "linear"),
      function(e) rnbinom(n, exp(e) / 0.7, mu = exp(e)), list(alpha = 0.7),
      intercept = 1
    ),
    compois = recovery(compois(), parameters = list(nu = 1.6), intercept = 1),
    betabinomial = recovery(betabinomial(), function(e) {
      trials(rbinom(n, 8L, rbeta(n, 5 * logit(e), 5 * logit(-e))), 8L)
    }, list(phi = 5)),
    zero_inflated = recovery(zero_inflated(), function(e) {
      rpois(n, exp(e)) * rbinom(n, 1L, 0.8)
    }, list(zi = 0.2), intercept = 1),
    hurdle = recovery(hurdle(negbinomial()), parameters = list(theta = 3, zi = 0.3),
                      intercept = 1),
    hurdle.Gamma = recovery(hurdle(Gamma("log")), function(e) {
      rgamma(n, 4, 4 / exp(e)) * rbinom(n, 1L, 0.8)
    }, list(phi = 0.25, zi = 0.2)),
    # by inversion, above the probability of 0
    truncated = recovery(truncated(), function(e) {
      qpois(runif(n, dpois(0, exp(e)), 1), exp(e))
    }),
    censored = recovery(censored(weibull(), right = 2),
                        function(e) pmin(2, rweibull(n, 2, exp(e))), list(sigma = 0.5)),
    cumulative = recovery(cumulative(), function(e) {
      cut(e + rlogis(n), c(-Inf, -1, 0.4, 2, Inf), c("a", "b", "c", "d"))
    }, intercept = 0, sd = 0.8),
    custom = recovery(custom_family(
      "logistic", function(y, mu, s, log) dlogis(y, mu, s, log),
      links = list(mu = "identity", s = "log")
    ), function(e) rlogis(n, e, 0.4), list(s = 0.4))
  )
}

# Where the coefficients should be, by name
true_coefficients <- function(case, fit) {
  if (case$family$id == "cumulative") {
    return(c(`a|b` = -1, `b|c` = 0.4, `c|d` = 2, x = case$slope))
  }
  # a dispersion that is estimated beside the coefficients is none of them
  parameters <- intersect(names(case$parameters), names(fit$family$links))
  others <- vapply(parameters, function(name) {
    fit$family$links[[name]]$linkfun(case$parameters[[name]])
  }, 0)
  if (length(others)) names(others) <- paste0(names(others), ":(Intercept)")
  c(`(Intercept)` = case$intercept, x = case$slope, others)
}

# The logarithm of a standard deviation of 80 groups has the standard error
# 1/sqrt(2 * 79) = 0.08, and up to 0.12 as effects are not seen but estimated from 15
# rows; four of these.
expect_deviation <- function(estimate, truth, label, groups = 80L) {
  off <- log(estimate / truth)
  testthat::expect(all(abs(off) < 4 * 0.12 * sqrt(80 / groups)), paste0(
    label, ": standard deviation ", paste(format(estimate), collapse = ", ")
  ))
}

# A family of the package that no row stands for is an error. `apart` have tests of their
# own; quasi families have no likelihood, so that no response can be drawn from them.
expect_all_families <- function(rows, apart) {
  names <- unique(sub("[.](linear|log|probit|Gamma)$", "", rows))
  quasi <- c("quasi", "quasibinomial", "quasipoisson")
  testthat::expect_setequal(c(names, apart, quasi),
                            c(names(family_functions()), "chisq_var", "custom"))
}

# Families whose response is a vector, or a category, have a test of their own below the
# tests of the table.
rows_below <- function() c("categorical", "dirichlet")
