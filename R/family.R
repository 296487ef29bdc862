# A response family: a distribution with parameters, a link for each, and what the
# methods must know of it. A family of stats keeps all its fields and gains ours, so
# that other packages find in family(fit) what they know.

#' Build a family object
#'
#' @param base A list with the fields of a stats family.
#' @param id Name of the distribution in the engine.
#' @param distribution List of the functions `density`, `cdf`, `quantile`, `random`,
#'   `mean`, `var`, `loglik`, `unit_deviance`.
#' @param response Function of `(y, weights, at)`, see family-response.R.
#' @param links Named list of links, one per parameter.
#' @param domain Named list of the (closed) ranges of the parameters.
#' @param has_deviance Is the objective a deviance (else it is -2 log-likelihood)?
#' @param has_expected Does the engine have the expected information in closed form?
#' @param has_cdf Has the family a distribution function and quantiles?
#' @param extra Fields of the protocol that few families need; see
#'   `family_protocol()` for all of them and what they are by default.
#' @noRd
new_gamut_family <- function(base, id, distribution, response,
                             links = list(mu = link_of(base)),
                             domain = list(mu = c(-Inf, Inf)),
                             parameters = names(links),
                             dispersion = "fixed", weights_are = "likelihood",
                             discrete = FALSE, has_density = TRUE,
                             has_deviance = TRUE, has_expected = TRUE,
                             has_cdf = has_density, extra = list()) {
  fields <- unclass(base)
  fields[c("id", "weights_are")] <- list(id, weights_are)
  fields$parameters <- parameters
  fields$links <- links
  fields$domain <- domain
  # not `dispersion`: from R 4.3 on families of stats have a number by that name
  fields$dispersion_is <- dispersion
  fields$has_deviance <- has_deviance
  fields$has_expected <- has_expected
  fields$information <- default_information(has_deviance && has_expected, links)
  fields$discrete <- discrete
  fields$has_density <- has_density
  fields$has_cdf <- has_cdf
  fields$response <- response_reader(base$family, response)
  fields[names(distribution)] <- quiet_distribution(distribution)
  fields <- c(fields, family_protocol(distribution, domain, extra))
  structure(fields, class = c("gamut_family", "family"))
}

#' What methods and the problem ask of a family, with the answers of most families
#'
#' * `outcome`: what a mean, a residual or a simulated response looks like. "number": a
#'   vector. "category": `par` is list(prob = n x C matrix), the response one of
#'   `levels` or counts of them. "composition": n x C matrices whose rows are parts.
#' * `etas`: NULL where each parameter has one linear predictor; else a function of
#'   `(family, levels)` that gives list(label = , parameter = ), an entry for each.
#' * `inverse`: function of `(eta, family)`, from n x K linear predictors to `par`.
#' * `numbers`: function of `(family, y)`, the numbers that the engine's distribution
#'   takes; `y` is NULL where there is no response, `family$levels` is known.
#' * `pilot`: NULL, or function of `y`: the main parameter of each row by itself. The
#'   function `numbers` then finds a first fit's residuals in `family$piloted`.
#' * `variables`: NULL, or a named list of one-sided formulas or numbers that are
#'   evaluated in the data; the response reader finds them in `at$variables`.
#' * `limits`: NULL, or a named list by parameter, list(at = one or both ends of its
#'   domain, meaning = ): what the model is when the parameter runs off to the end of its
#'   range; `near`, if it ends there while steps still seem to work; `inside`, a value to
#'   begin with again where a model with random effects has gone there.
#' * `edges`, `restarts`: NULL, or where parameters have run off, and other starts; see
#'   runaway.R.
#' * `engine_response`: NULL, or function of what the response reader gave: list(y = ,
#'   weights = ) as the engine's density takes them.
#' * `observed`: function of `y` that gives the vector to compare with means.
#' * `shape`: NULL, or function of `(drawn, source)`: drawn numbers in the form of the
#'   response.
#' * `thresholds`: NULL, or list(parallel = ) where the predictors of the main parameter
#'   are thresholds less a common x'b; see problem-thresholds.R.
#' * `atoms`: has a continuous response points of positive probability (zeros, bounds)?
#'   Quantile residuals are then drawn, as those of counts are.
#' * `form`: NULL, or what a mixture made of its base: "zero_inflated", "hurdle",
#'   "truncated".
#' * `bounded`: names in the engine of the forms `censored` and `truncated`, if any.
#' * `functions`: NULL, or function of `(family, y)`: R functions that the engine calls,
#'   see family-custom.R.
#' * `most_mean`: NULL, or a mean above which the distribution takes too long to sum.
#' * `lacks`: names of functions that the user did not give, for messages.
#' * `against`: NULL, or function of `family`: what coefficients compare with.
#' * `parametrization`: NULL, or which of several the family has, for print.
#' * `link_text`: NULL, or function of `family`: its links in words.
#' * `mean_is_main`: is the mean the main parameter itself? `mean_range`: its range.
#' @noRd
family_protocol <- function(distribution, domain, extra) {
  fields <- list(
    outcome = "number", etas = NULL, inverse = inverse_links, numbers = no_numbers,
    variables = NULL, limits = NULL, edges = NULL, restarts = NULL,
    engine_response = NULL, observed = identity,
    shape = NULL, thresholds = NULL, against = NULL, atoms = FALSE, bounded = list(),
    form = NULL, parametrization = NULL, link_text = NULL, pilot = NULL,
    functions = NULL, lacks = character(), most_mean = NULL,
    mean_is_main = identical(distribution$mean, mean_parameter),
    mean_range = if (length(domain)) domain[[1L]] else c(-Inf, Inf)
  )
  fields[names(extra)] <- extra
  fields
}

#' @noRd
no_numbers <- function(family, y) numeric()

#' Parameters by their links, one linear predictor each
#' @noRd
inverse_links <- function(eta, family) {
  parameters <- lapply(seq_along(family$links), function(k) {
    family$links[[k]]$linkinv(eta[, k])
  })
  stats::setNames(parameters, names(family$links))
}

#' @noRd
is_category <- function(family) identical(family$outcome, "category")

#' @noRd
is_composition <- function(family) identical(family$outcome, "composition")

#' Is a mean a row of numbers: probabilities of categories, or parts?
#' @noRd
has_matrix_mean <- function(family) family$outcome %in% c("category", "composition")

#' What a column of such a mean is called
#' @noRd
outcome_column <- function(family) {
  switch(family$outcome, category = "category", composition = "part")
}

#' The linear predictors of a family whose response has these levels
#'
#' @return list of vectors: `label`, `parameter`, `spread` (is the parameter spread over
#'   several?).
#' @noRd
family_etas <- function(family, levels) {
  etas <- if (is.null(family$etas)) {
    list(label = family$parameters, parameter = family$parameters)
  } else {
    family$etas(family, levels)
  }
  first <- etas$parameter == family$parameters[1L]
  etas$spread <- !is.null(family$etas) & (first | etas$label != etas$parameter)
  etas
}

#' Information for standard errors: expected where glm() would use it, that is for the
#' exponential dispersion families, which have a deviance, with links of stats
#' @noRd
default_information <- function(has_deviance, links) {
  if (has_deviance && all(vapply(links, is_stats_link, NA))) "expected" else "observed"
}

#' Everything a user may call a family, as a family of gamut
#'
#' @param family A family object or function of stats or gamut, or a string, which
#'   always means a family of gamut or, for the classical names, of stats.
#' @return A `gamut_family`.
#' @noRd
as_gamut_family <- function(family, call = NULL) {
  if (is.character(family)) {
    family <- family_by_name(family, call)
  } else if (is.function(family)) {
    family <- family_by_function(family, call)
  }
  if (inherits(family, "gamut_family")) {
    return(family)
  }
  if (!is_stats_family(family)) {
    abort_foreign_family(family, call)
  }
  stats_family_builders()[[family$family]](family, call)
}

#' @noRd
stats_family_builders <- function() {
  list(
    gaussian = build_gaussian, binomial = build_binomial, poisson = build_poisson,
    Gamma = build_gamma, inverse.gaussian = build_inverse_gaussian,
    quasi = build_quasi, quasibinomial = build_quasi, quasipoisson = build_quasi
  )
}

#' @noRd
family_functions <- function() {
  list(
    gaussian = stats::gaussian, binomial = stats::binomial, poisson = stats::poisson,
    Gamma = stats::Gamma, inverse.gaussian = stats::inverse.gaussian,
    quasi = stats::quasi, quasibinomial = stats::quasibinomial,
    quasipoisson = stats::quasipoisson, bernoulli = bernoulli,
    exponential = exponential, Beta = Beta, categorical = categorical,
    cumulative = cumulative, dirichlet = dirichlet,
    negbinomial = negbinomial, compois = compois, betabinomial = betabinomial,
    zero_inflated = zero_inflated, hurdle = hurdle, truncated = truncated,
    chisq = chisq, lognormal = lognormal, weibull = weibull, student = student,
    skewnormal = skewnormal, tweedie = tweedie, censored = censored,
    Beta_inflated = Beta_inflated, Beta_extended = Beta_extended
  )
}

#' @noRd
family_by_name <- function(name, call = NULL) {
  known <- names(family_functions())
  if (length(name) == 1L && name %in% known) {
    return(family_functions()[[name]]())
  }
  if (length(name) != 1L || is.na(name)) {
    abort_gamut("`family` must be one name, not ", length(name), ".",
      class = "family", call = call
    )
  }
  distance <- drop(utils::adist(name, known, ignore.case = TRUE))
  alike <- known[distance <= 2][order(distance[distance <= 2])]
  hint <- if (length(alike)) paste0(" Did you mean \"", alike[1L], "\"?") else ""
  abort_gamut("There is no family \"", name, "\".", hint, " All are listed in ",
              "help(\"families\").", class = "family", call = call)
}

#' @noRd
family_by_function <- function(family, call = NULL) {
  # base::gamma and base::beta are one capital letter away from what was meant
  if (identical(family, base::gamma) || identical(family, base::beta)) {
    meant <- if (identical(family, base::gamma)) "Gamma" else "Beta"
    abort_gamut(
      "`family` is R's function ", tolower(meant), "(), not a family: write ", meant,
      " with a capital letter.",
      class = "family", call = call
    )
  }
  tryCatch(family(), error = function(e) {
    abort_gamut(
      "`family` is a function that does not make a family when called without ",
      "arguments: ", conditionMessage(e),
      class = "family", call = call
    )
  })
}

#' A family object made by stats, whatever link was put into it
#' @noRd
is_stats_family <- function(family) {
  identical(class(family), "family") &&
    isTRUE(family$family %in% names(stats_family_builders())) &&
    is.function(family$variance) &&
    (family$family == "quasi" || identical(home_package(family$variance), "stats"))
}

#' The package whose code a function is, or NULL
#' @noRd
home_package <- function(f) {
  if (!is.function(f) || is.primitive(f)) {
    return(NULL)
  }
  home <- topenv(environment(f))
  if (isNamespace(home)) getNamespaceName(home)[[1L]] else NULL
}

#' @noRd
abort_foreign_family <- function(family, call = NULL) {
  looks_like_family <- isS4(family) || is.list(family) &&
    (any(grepl("family", class(family))) || !is.null(family$family))
  if (!looks_like_family) {
    abort_gamut(
      "`family` must be a family object or function, or the name of a family, not ",
      describe_object(family), ".",
      class = "family", call = call
    )
  }
  package <- foreign_package(family)
  origin <- if (is.null(package)) "made outside stats" else paste("of package", package)
  abort_gamut(
    "`family` is a family object ", origin, ", whose code gamut cannot use. Its own ",
    "families, and those of stats that it takes, are listed in help(\"families\").",
    class = "family", call = call, data = list(package = package)
  )
}

#' Best guess at the package that made a family object, or NULL
#' @noRd
foreign_package <- function(family) {
  known <- c(
    extended.family = "mgcv", general.family = "mgcv", brmsfamily = "brms",
    gamlss.family = "gamlss.dist", family.bamlss = "bamlss", vglmff = "VGAM"
  )
  by_class <- intersect(class(family), names(known))
  if (length(by_class)) {
    return(known[[by_class[1L]]])
  }
  if (isS4(family)) {
    return(attr(class(family), "package"))
  }
  # these two build families whose functions live nowhere
  if (is.function(family$getTheta)) {
    return("mgcv")
  }
  if (isTRUE(grepl("^Negative Binomial\\(", family$family))) {
    return("MASS")
  }
  homes <- unlist(lapply(as.list(family), home_package))
  homes <- setdiff(homes, c("stats", "base", "gamut"))
  if (length(homes)) homes[[1L]] else NULL
}

#' A family that knows the levels of its response
#' @noRd
resolve_family <- function(family, levels = NULL, call = NULL) {
  family$levels <- levels
  family
}

#' The family as the engine takes it
#'
#' @param y The response as the engine takes it, or NULL.
#' @param pilot Of `pilot_residuals()`, for families that ask for it.
#' @noRd
engine_family <- function(family, levels = family$levels, y = NULL, pilot = NULL) {
  family$levels <- levels
  family$piloted <- pilot
  list(
    distribution = family$id,
    links = lapply(unname(family$links), engine_link),
    numbers = as.double(family$numbers(family, y)),
    categories = if (has_matrix_mean(family)) length(levels) else 0L,
    functions = if (!is.null(family$functions)) family$functions(family, y)
  )
}

#' @noRd
has_fixed_dispersion <- function(family) {
  identical(family$dispersion_is, "fixed")
}

#' What an object is, for a message
#' @noRd
describe_object <- function(x) {
  if (is.null(x)) {
    return("NULL")
  }
  if (!is.object(x) && is.atomic(x) && is.null(dim(x))) {
    kind <- if (is.numeric(x)) "numeric" else typeof(x)
    return(paste("a", kind, "vector of length", length(x)))
  }
  if (is.function(x)) {
    return("a function")
  }
  paste0("an object of class \"", class(x)[1L], "\"")
}
