#' All families
#'
#' The response distributions that [gamut()] fits. Each page gives density, parameters,
#' links, weights, starting values and sources. The parameters in the table are the names
#' that formulas take, the main one first: `list(y ~ x, theta ~ z)`.
#'
#' \tabular{lll}{
#' **response** \tab **family** \tab **parameters** \cr
#' real numbers \tab [gaussian()][family-gaussian] \tab `mu`, and `sigma` where it has a
#'   formula \cr
#'  \tab [student()] (heavy tails) \tab `mu`, `sigma`, `nu` \cr
#'  \tab [skewnormal()] \tab `mu`, `sigma`, `alpha` \cr
#' positive numbers \tab [Gamma()][family-gamma] \tab `mu`, and `phi` where it has a
#'   formula \cr
#'  \tab [inverse.gaussian()][family-inverse-gaussian] \tab `mu`, and `phi` where it has a
#'   formula \cr
#'  \tab [exponential()] \tab `mu` \cr
#'  \tab [lognormal()] \tab `mu`, `sigma` \cr
#'  \tab [weibull()] \tab `mu`, `sigma` \cr
#'  \tab [chisq()] (degrees of freedom regressed) \tab `mu` \cr
#'  \tab [chisq_var()] (a variance regressed) \tab `mu` \cr
#' with zeros \tab [tweedie()] \tab `mu`, `phi`, `p` \cr
#'  \tab [hurdle()] of Gamma or lognormal \tab theirs, `zi` \cr
#' counts \tab [poisson()][family-poisson] \tab `mu` \cr
#'  \tab [negbinomial()] \tab `mu`, `theta` or `alpha` \cr
#'  \tab [compois()] (also under-dispersed) \tab `mu`, `nu` \cr
#'  \tab [zero_inflated()], [hurdle()] \tab the base's, `zi` \cr
#'  \tab [truncated()] \tab the base's \cr
#' successes in trials \tab [binomial()][family-binomial] \tab `mu` \cr
#'  \tab [betabinomial()] \tab `mu`, `phi` \cr
#' yes or no \tab [bernoulli()] \tab `mu` \cr
#' proportions in (0, 1) \tab [Beta()] \tab `mu`, `phi` \cr
#' with 0 and 1 \tab [Beta_inflated()] \tab `mu`, `phi`, `zoi`, `coi` \cr
#'  \tab [Beta_extended()] \tab `mu`, `phi`, `u` \cr
#' compositions \tab [dirichlet()] \tab `alpha`, or `mu` and `phi` \cr
#' categories \tab [categorical()] \tab `mu`, or the categories \cr
#' ordered categories \tab [cumulative()] \tab `mu`, or the thresholds \cr
#' known to an interval \tab [censored()] \tab the base's \cr
#' mean and variance alone \tab [quasi()][family-quasi] and its kin \tab `mu` \cr
#' your own \tab [custom_family()] \tab yours
#' }
#'
#' A family may be given as an object, `family = negbinomial(link_theta = "sqrt")`, as a
#' function, `family = negbinomial`, or by name, `family = "negbinomial"`, which always
#' means the one of this table.
#'
#' `vignette("families")` shows which to take when.
#'
#' @seealso [family_density()] and its companions for density, distribution function,
#'   quantiles and random numbers of any family; [gamut_link()] for links.
#' @name families
NULL
