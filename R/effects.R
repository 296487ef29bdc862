# Effects: what the model expects over the values of one variable, or of a few that
# interact, with all others held at typical values. The numbers behind plot().

#' Effect curves with confidence bands
#'
#' `effect_data()` gives the curve or the points that [plot.gamut()] draws for a term:
#' the expected response over the range of a variable, all others held at typical
#' values. `effect_terms()` lists the terms that it can be asked for.
#'
#' @param object A fit, see [gamut()].
#' @param term The variables to go over, joined by `":"`, as in `"dose"` or
#'   `"dose:sex"`: those of the data, not of the model, so `"x"` where the formula has
#'   `log(x)` or `poly(x, 2)`, and of a matrix `X` one column, such as `"X1"`. Can be
#'   left out if `effect_terms(object)` is only one.
#' @param predictor Name of the distribution's parameter, such as `"phi"` of [Beta()];
#'   by default the first.
#' @param type `"response"` for the parameter itself (the mean, a precision, the
#'   probability of each category), `"link"` for the linear predictor.
#' @param level Confidence level of the band.
#' @param n Number of points along the range of a number.
#' @param at Named list of values. Of a variable in `term`: those to go over. Of another
#'   variable: the one to hold it at.
#' @param data The data of the fit, for fits made with `keep_data = FALSE`.
#'
#' @details
#' **Values.** The first variable of the term, if a number, goes in `n` steps from its
#' minimum to its maximum; further numbers take their 10, 50 and 90 % quantiles. Factors,
#' text and logicals take all their levels, as the second or third variable of a term at
#' most the eight most frequent. Numbers that the model uses as labels, as in
#' `factor(x)`, count as factors.
#'
#' **What is held.** Other numbers are held at their mean, factors at their most frequent
#' level, offsets at their mean on the scale of the linear predictor. The result has these
#' values as attribute `"held"`.
#'
#' **Bands.** They are the confidence limits of [predict.gamut()]: pointwise, and for the
#' curve, not for new observations.
#'
#' **No data.** `extrapolated` is `TRUE` where there are no observations: beyond the range
#' of the variable, at the same levels of the factors in the term. Points that depend on
#' aliased coefficients, such as empty cells, are `NA`.
#'
#' @return `effect_data()`: a data frame, one row a point, with a column for each variable
#'   of the term under its own name, then `category` (categorical
#'   response only; `part` for compositions),
#'   `estimate`, `std.error`, `conf.low`, `conf.high` (all on the scale of `type`) and
#'   `extrapolated`. `effect_terms()`: a character vector.
#'
#'   Errors are of class `gamut_error_argument` (no such term, predictor or value) and
#'   `gamut_error_data` (the data are needed, and not at hand).
#' @seealso [plot.gamut()]; [predict.gamut()] for values at rows of your own.
#' @references
#' Fox, J. (1987) Effect displays for generalized linear models. *Sociological
#' Methodology* 17, 347-361. \doi{10.2307/271037}
#' @examples
#' fit <- gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
#' effect_terms(fit)
#' effect_data(fit)
#'
#' fit <- gamut(mpg ~ log(hp) + poly(wt, 2), data = mtcars)
#' e <- effect_data(fit, "hp", n = 5, at = list(wt = 3))
#' e
#' attr(e, "held")
#'
#' # ready for ggplot2:
#' # ggplot(e, aes(hp, estimate, ymin = conf.low, ymax = conf.high)) +
#' #   geom_ribbon(alpha = 0.2) + geom_line()
#' @export
effect_data <- function(object, term = NULL, predictor = NULL,
                        type = c("response", "link"), level = 0.95, n = 101,
                        at = list(), data = NULL) {
  check_fit(object, "effect_data()")
  type <- check_choice(type, "type", c("response", "link"))
  level <- check_level(level)
  n <- check_count(n, "n", 2L)
  model <- effect_model(object, predictor, data)
  names <- resolve_effect(term, model)
  effect_table(model, names, effect_values(model, names, n, at), type, level)
}

#' @rdname effect_data
#' @export
effect_terms <- function(object, predictor = NULL, data = NULL) {
  check_fit(object, "effect_terms()")
  model <- effect_model(object, predictor, data)
  vapply(model$sets, paste, "", collapse = ":")
}

#' @noRd
check_fit <- function(object, what) {
  if (!inherits(object, "gamut")) {
    abort_gamut(what, " needs a fit of gamut(), not ", describe_object(object), ".",
                class = "argument")
  }
  refuse_local(object, what)
}

#' All that the effects of one predictor share
#'
#' `variables` describes the user's variables, `sets` are the names that make an effect
#' each, `held` is one value for each variable.
#' @noRd
effect_model <- function(object, predictor = NULL, data = NULL) {
  frame <- object$frame
  parameters <- names(frame$predictors)
  which <- if (is.null(predictor)) 1L else
    match(check_choice(predictor, "predictor", parameters), parameters)
  inputs <- effect_inputs(object, data)
  variables <- describe_inputs(inputs, frame)
  list(object = object, which = which, data = data, inputs = inputs,
       variables = variables,
       sets = effect_sets(frame$predictors[[which]], variables),
       held = lapply(variables, typical_value))
}

#' The variables of a term, in the order the user gives them
#' @noRd
resolve_effect <- function(term, model) {
  labels <- vapply(model$sets, paste, "", collapse = ":")
  if (is.null(term) && length(labels) == 1L) return(model$sets[[1L]])
  known <- if (length(labels)) quoted(labels) else "none, it has no variables"
  if (!is.character(term) || length(term) != 1L || is.na(term)) {
    abort_gamut("`term` must be one of the terms of this predictor: ", known, ".",
                class = "argument", data = list(argument = "term"))
  }
  names <- if (term %in% names(model$variables)) term else
    unique(strsplit(term, " *: *")[[1L]])
  absent <- setdiff(names, names(model$variables))
  if (length(absent)) {
    abort_gamut("`term` names ", ticked(absent), ", which the model does not use. ",
                "Terms of this predictor: ", known, ".",
                class = "argument", data = list(argument = "term"))
  }
  names
}

#' The values to go over: the axis finely, other variables at a few
#' @noRd
effect_values <- function(model, names, n, at = list()) {
  at <- check_at(at, model$variables)
  values <- lapply(names, function(name) {
    variable <- model$variables[[name]]
    if (name == names[1L]) axis_values(variable, n) else curve_values(variable)
  })
  values <- stats::setNames(values, names)
  values[names(at)] <- at
  values
}

#' @noRd
check_at <- function(at, variables) {
  if (!is.list(at) || length(at) && is.null(names(at))) {
    abort_argument("at", "a named list of values", at)
  }
  absent <- setdiff(names(at), names(variables))
  if (length(absent)) {
    abort_gamut("`at` names ", ticked(absent), ", which the model does not use. It uses ",
                ticked(names(variables)), ".", class = "argument",
                data = list(argument = "at"))
  }
  Map(as_given, at, variables[names(at)])
}

#' Values as the user gives them, in the type of the variable
#' @noRd
as_given <- function(value, variable) {
  if (!is.factor(variable$values)) {
    return(if (variable$kind == "number") like(as.double(value), variable$values)
           else value)
  }
  levels <- input_levels(variable)
  code <- match(as.character(value), as.character(levels))
  if (anyNA(code)) {
    abort_gamut("`at` has ", quoted(value[is.na(code)]), " for ", ticked(variable$name),
                ", whose levels are ", quoted(as.character(levels)), ".",
                class = "argument", data = list(argument = "at"))
  }
  levels[code]
}

#' The table of one effect
#' @noRd
effect_table <- function(model, names, values, type, level) {
  index <- expand.grid(lapply(values, seq_along))
  columns <- Map(function(value, i) value[i], values, index)
  rows <- nrow(index)
  bands <- effect_bands(model, grid_inputs(model, columns, rows), type, level)
  columns <- columns[union(names, names(values)[lengths(values) > 1L])]
  beyond <- is_extrapolated(model$variables[names(columns)], columns)
  times <- length(bands$estimate) / rows
  columns <- lapply(columns, function(value) value[rep(seq_len(rows), times)])
  table <- structure(c(columns, bands, list(extrapolated = rep(beyond, times))),
                     class = "data.frame", row.names = seq_len(rows * times))
  held <- model$held
  held[names(values)] <- values
  structure(table, held = held[setdiff(names(held), names(columns))])
}

#' New data for the points of a grid
#' @noRd
grid_inputs <- function(model, columns, rows) {
  input_of <- vapply(model$variables, `[[`, "", "input")
  lapply(stats::setNames(nm = names(model$inputs$values)), function(input) {
    names <- names(model$variables)[input_of == input]
    parts <- lapply(names, function(name) {
      columns[[name]] %||% rep(model$held[[name]], rows)
    })
    value <- model$inputs$values[[input]]
    if (!is.matrix(value)) return(parts[[1L]])
    matrix(unlist(parts), rows, dimnames = list(NULL, colnames(value)))
  })
}

#' Is a point outside the data, among the rows with the same levels?
#' @noRd
is_extrapolated <- function(variables, columns) {
  labelled <- vapply(variables, function(v) v$kind == "levels", NA)
  cells <- cell_codes(variables[labelled], columns[labelled])
  beyond <- if (is.null(cells)) FALSE else !cells$grid %in% cells$data
  for (name in names(variables)[!labelled]) {
    values <- unclass(variables[[name]]$values)
    at <- unclass(columns[[name]])
    if (is.null(cells)) {
      range <- range(values)
      beyond <- beyond | at < range[1L] | at > range[2L]
    } else {
      ranges <- vapply(split(values, cells$data), range, c(0, 0))
      mine <- match(as.character(cells$grid), colnames(ranges))
      beyond <- beyond | at < ranges[1L, mine] | at > ranges[2L, mine]
    }
  }
  rep_len(is.na(beyond) | beyond, length(columns[[1L]]))
}

#' One number for each combination of levels, in the data and in the grid
#' @noRd
cell_codes <- function(variables, columns) {
  if (!length(variables)) return(NULL)
  data <- grid <- 0
  for (name in names(variables)) {
    levels <- input_levels(variables[[name]])
    data <- data * length(levels) + match(variables[[name]]$values, levels)
    grid <- grid * length(levels) + match(columns[[name]], levels)
  }
  list(data = data, grid = grid)
}
