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
#' @noRd
new_gamut_family <- function(base, id, distribution, response,
                             links = list(mu = link_of(base)),
                             domain = list(mu = c(-Inf, Inf)),
                             parameters = names(links),
                             dispersion = "fixed", weights_are = "likelihood",
                             discrete = FALSE, has_density = TRUE,
                             has_deviance = TRUE, variance_id = NULL, extra = list()) {
  fields <- unclass(base)
  fields[c("id", "weights_are")] <- list(id, weights_are)
  fields$parameters <- parameters
  fields$links <- links
  fields$domain <- domain
  fields$variance_id <- variance_id
  # not `dispersion`: from R 4.3 on families of stats have a number by that name
  fields$dispersion_is <- dispersion
  fields$has_deviance <- has_deviance
  fields$information <- default_information(has_deviance, links)
  fields$discrete <- discrete
  fields$has_density <- has_density
  fields$response <- response_reader(base$family, response)
  fields[names(distribution)] <- distribution
  fields[names(extra)] <- extra
  structure(fields, class = c("gamut_family", "family"))
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
    exponential = exponential, Beta = Beta, categorical = categorical
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
  alike <- known[tolower(known) == tolower(name)]
  hint <- if (length(alike)) paste0(" Did you mean \"", alike[1L], "\"?") else ""
  abort_gamut(
    "There is no family \"", name, "\".", hint, " Known are ",
    paste0("\"", known, "\"", collapse = ", "), ".",
    class = "family", call = call
  )
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
    "`family` is a family object ", origin, ", whose code gamut cannot use. ",
    "Families are ", paste0(names(family_functions()), "()", collapse = ", "), ".",
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
#'
#' Only the categorical family changes: its parameters are the categories other than
#' the reference.
#' @noRd
resolve_family <- function(family, levels = NULL, call = NULL) {
  if (family$id == "categorical" && !is.null(levels)) {
    return(resolve_categorical(family, levels, call))
  }
  family$levels <- levels
  family
}

#' The family as the engine takes it
#'
#' `reference` is the 1-based code of the reference category (categorical only),
#' `variance` the name of the variance function (quasi families only).
#' @noRd
engine_family <- function(family, levels = family$levels) {
  reference <- integer()
  if (family$id == "categorical") {
    reference <- reference_code(family, levels)
  }
  list(
    distribution = family$id,
    links = lapply(unname(family$links), engine_link),
    parameters = numeric(),
    reference = reference,
    variance = family$variance_id
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

#' Print a family
#'
#' Shows the links of all parameters, whether the dispersion is estimated, what
#' `weights` mean and which information gives the standard errors.
#'
#' @param x A family of gamut.
#' @param ... Not used.
#' @return `x`, invisibly.
#' @examples
#' Beta()
#' @export
print.gamut_family <- function(x, ...) {
  weights <- c(
    precision = "precisions (they divide the variance)",
    trials = "numbers of trials of the proportions",
    likelihood = "factors of the log-likelihood"
  )
  cat("Family:      ", x$family, "\n", sep = "")
  cat("Link:        ", describe_links(x), "\n", sep = "")
  if (!is.null(x$variance_id)) {
    cat("Variance:    dispersion * ", x$variance_id, "\n", sep = "")
  }
  print_reference(x)
  cat("Dispersion:  ", if (has_fixed_dispersion(x)) "fixed at 1" else "estimated", "\n",
    sep = ""
  )
  cat("Weights:     ", weights[[x$weights_are]], "\n", sep = "")
  cat("Information: ", x$information, "\n", sep = "")
  invisible(x)
}

#' "logit", or "mu: logit, phi: log" where there are several parameters
#' @noRd
describe_links <- function(family) {
  links <- vapply(family$links, function(link) link$name, "")
  if (family$id == "categorical" || length(links) == 1L) {
    return(family$link)
  }
  paste(names(links), links, sep = ": ", collapse = ", ")
}

#' @noRd
print_reference <- function(x) {
  if (x$id != "categorical") {
    return(invisible())
  }
  reference <- if (is.null(x$reference)) "the first level" else x$reference
  cat("Reference:   ", reference, "\n", sep = "")
}
