# What a family makes of the ways to write several predictors: the parts of y ~ x | z,
# the arguments `dispformula` and `ziformula`, and names of parameters that the family
# has in another form only, as gaussian() has a sigma. Fields of a family that say so,
# all optional:
#   bar_parameters        what the parts after the first bar mean, in order
#   dispersion_parameter  what `dispformula` describes
#   dispersion_form       function of the family: the one with a dispersion parameter
#   zero_inflated_form    function of the family: the one with a `zi`; where the engine
#                         has the zero-inflated form, it is that

#' @noRd
bar_parameters <- function(family) {
  family$bar_parameters %||% family$parameters[-1L]
}

#' The parameter that `dispformula` describes, or NULL
#' @noRd
dispersion_parameter <- function(family) {
  usual <- intersect(c("phi", "theta", "sigma", "shape"), family$parameters)
  family$dispersion_parameter %||% if (length(usual)) usual[[1L]]
}

#' The family with a parameter for its dispersion
#' @noRd
with_dispersion_predictor <- function(family) {
  if (!is.null(dispersion_parameter(family))) return(family)
  if (is.function(family$dispersion_form)) return(family$dispersion_form(family))
  abort_gamut(
    "The family ", family$family, " has no parameter of dispersion that `dispformula` ",
    "could describe; its parameters: ", ticked(family$parameters), ". For ",
    "counts take negbinomial(), for proportions betabinomial(). Other parameters are ",
    "described by name, as in list(y ~ x, phi ~ z).",
    class = "formula", data = list(argument = "dispformula")
  )
}

#' @noRd
form_of <- function(family, form) {
  if (is.function(family[[form]])) return(family[[form]])
  zeros <- form == "zero_inflated_form" && has_mixture_form(family, "zero_inflated")
  if (zeros) zero_inflated
}

#' The family with a parameter `zi`, the probability of an additional zero
#' @noRd
with_zero_inflation <- function(family) {
  if ("zi" %in% family$parameters) return(family)
  form <- form_of(family, "zero_inflated_form")
  if (!is.null(form)) return(form(family))
  abort_gamut(
    "The family ", family$family, " has no zero-inflated form, so that `ziformula` ",
    "describes nothing. Zero-inflated families are made by zero_inflated(), from ",
    "poisson() or negbinomial() for example; other parameters are described by name, ",
    "as in list(y ~ x, phi ~ z).",
    class = "formula", data = list(argument = "ziformula")
  )
}

#' The form of the family that has the parameters which the formulas name
#'
#' `list(y ~ x, sigma ~ z)` with gaussian() is the gaussian with a sigma. Names that no
#' form has are left for `name_predictors()` to refuse.
#' @noRd
with_named_parameters <- function(family, spec) {
  named <- vapply(spec$predictors, `[[`, "", "name")
  for (form in c("dispersion_form", "zero_inflated_form")) {
    unknown <- setdiff(named, c(NA, family$parameters))
    make <- form_of(family, form)
    if (length(unknown) == 0L || is.null(make)) next
    candidate <- make(family)
    if (any(unknown %in% candidate$parameters)) family <- candidate
  }
  family
}

#' Bring all spellings into one: the spec with named predictors, and its family
#'
#' @param dispformula,ziformula One-sided formulas or `NULL`.
#' @return list(spec, family). The predictors that came as an argument have its name in
#'   their field `argument`; `spec$formula` is a list when there is anything to name.
#' @noRd
spell_predictors <- function(spec, family, dispformula = NULL, ziformula = NULL) {
  dispformula <- argument_formula(dispformula, "dispformula", spec$env)
  ziformula <- argument_formula(ziformula, "ziformula", spec$env)
  # a family with dispersion may have a zero-inflated form, rarely the other way round
  if (!is.null(dispformula)) family <- with_dispersion_predictor(family)
  if (!is.null(ziformula)) family <- with_zero_inflation(family)
  family <- with_named_parameters(family, spec)
  spec <- name_parts(spec, family)
  spec <- add_argument(spec, dispformula, "dispformula", dispersion_parameter(family))
  spec <- add_argument(spec, ziformula, "ziformula", "zi")
  list(spec = spec, family = family)
}

#' A formula given as an argument; `NULL` when it asks for nothing
#' @noRd
argument_formula <- function(formula, name, env) {
  if (is.null(formula)) return(NULL)
  if (!is_operation(formula, "~", 1L)) abort_two_sided(formula, name)
  rhs <- formula[[2L]]
  if (is_constant(rhs, c(dispformula = 1, ziformula = 0)[[name]])) return(NULL)
  if (name == "dispformula" && is_constant(rhs, 0)) {
    abort_formula("`dispformula = ~ 0` would leave no dispersion, and every model has ",
                  "one: leave the argument out for a constant dispersion.",
                  term = "dispformula")
  }
  plain_formula(formula, 1L, FALSE, env)
}

#' @noRd
abort_two_sided <- function(formula, name) {
  two_sided <- is_operation(formula, "~", 2L)
  abort_gamut("`", name, "` must be a formula without a left side, such as ~ z, not ",
              if (two_sided) expr_text(formula) else describe_value(formula), ".",
              class = "argument", data = list(argument = name))
}

#' @noRd
is_constant <- function(expr, value) is.numeric(expr) && identical(as.double(expr), value)

#' @noRd
add_argument <- function(spec, formula, name, parameter) {
  if (is.null(formula)) return(spec)
  if (parameter %in% names(spec$predictors)) {
    abort_formula("The parameter `", parameter, "` has two formulas: one in `formula`, ",
                  "and `", name, " = ", expr_text(formula), "`; join them into one.",
                  term = parameter)
  }
  spec$predictors[[parameter]] <- parse_predictor(formula, parameter)
  spec$predictors[[parameter]]$argument <- name
  formulas <- as_formulas(spec$formula, spec$env)
  formulas[[parameter]] <- formula
  spec$formula <- list_form(formulas, first_name_of(spec$formula))
  spec
}
