# What zero_inflated(), hurdle() and truncated() share: they are made from the density,
# distribution function, mean and variance of another family.

#' Families whose other forms the engine has, by their names in registry_*.hpp
#' @noRd
mixture_forms <- function() {
  counts <- c("poisson", "negbinomial", "negbinomial1", "compois")
  list(
    zero_inflated = c(counts, "binomial", "betabinomial"),
    hurdle = c(counts, "gamma_phi", "beta", "lognormal"),
    truncated = counts
  )
}

#' Bernoulli has the engine's name of the binomial, but no columns of trials
#' @noRd
has_mixture_form <- function(family, form) {
  family$id %in% mixture_forms()[[form]] && has_fixed_dispersion(family) &&
    (family$id != "binomial" || family$weights_are == "trials")
}

#' The family to change, or an error that says which may be
#'
#' A family whose own form has no parameter for its dispersion names the one that has in
#' the field `mixture_base`, a function of the family.
#' @noRd
mixture_base <- function(family, form, call = NULL) {
  base <- as_gamut_family(family, call)
  if (is.function(base$mixture_base)) base <- base$mixture_base(base)
  if (has_mixture_form(base, form)) return(base)
  abort_gamut(
    form, "() changes families of counts such as poisson(), negbinomial() and ",
    "compois()", switch(form,
      zero_inflated = ", and binomial() and betabinomial()",
      hurdle = ", and Beta(), Gamma() and lognormal()",
      truncated = ", and gaussian(), lognormal(), Gamma() and weibull()"
    ), "; there is no such form of the ", base$family, " family.",
    class = "family", call = call
  )
}

#' A family from a base family, its functions and further parameters
#'
#' @param parts Functions `density`, `cdf`, `quantile`, `random`, `mean`, `var` of the
#'   new family; a `quantile` or `random` left out is found by search.
#' @param links,domain Those of further parameters.
#' @param ... Fields of the protocol.
#' @noRd
mixture_family <- function(base, form, parts, response, links = list(),
                           domain = list(), ...) {
  trials <- base$weights_are == "trials"
  links <- c(base$links, links)
  if (trials) parts$loglik <- likelihood_of_trials(parts$density)
  extra <- list(numbers = base$numbers, limits = base$limits, edges = base$edges,
                dispersion_parameter = base$dispersion_parameter, form = form,
                engine_response = if (trials) trials_response)
  # zeros of a continuous family are drawn for in quantile residuals
  if (form == "hurdle") extra$atoms <- TRUE
  given <- list(...)
  extra[names(given)] <- given
  family <- density_family(
    paste0(form, "_", base$family), paste0(form, "_", base$id), links,
    domain = c(base$domain, domain),
    density = parts$density, cdf = parts$cdf, mean = parts$mean, var = parts$var,
    quantile = parts$quantile, random = parts$random, response = response,
    unit_deviance = if (trials) deviance_of_trials(parts$density, links[[1L]]),
    discrete = base$discrete, support = c(0, if (trials) 1 else Inf),
    has_expected = FALSE, weights_are = base$weights_are, extra = extra
  )
  if (trials) family$loglik <- parts$loglik
  family$base <- base
  family
}

#' The parameters of the base family
#' @noRd
base_parameters <- function(par) {
  par[setdiff(names(par), "zi")]
}

#' The reader of the base family's responses, then a check of its own
#' @noRd
mixture_response <- function(base, name, check) {
  force(base)
  function(y, weights, at) {
    read <- base$response(y, weights, at$name, at$rows, at$call, at$variables)
    check(read, utils::modifyList(at, list(family = name)))
    read
  }
}
