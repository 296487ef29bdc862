# The variables of a frame: where they come from, which rows are used, what is
# refused. All variables (response first, then predictors', offsets, weights) travel
# as one flat list of "items", keyed by deparsed expression, so that a variable that
# is used twice is one object.

#' The key of a variable: its expression as text, as model.frame() names it
#' @noRd
key_of <- function(expression) {
  if (is.symbol(expression)) return(as.character(expression))
  paste(deparse(expression, 500L), collapse = " ")
}

#' `data` as a list of columns
#' @noRd
check_data <- function(data) {
  if (is.environment(data)) return(as.list(data))
  if (is.null(data) || is.data.frame(data)) return(data)
  if (!is.list(data)) {
    what <- if (is.matrix(data)) "a matrix" else describe_object(data)
    abort_gamut("`data` must be a data frame or a list, not ", what,
                ": use as.data.frame().", class = "data")
  }
  data
}

#' All expressions to evaluate, by key, response first
#' @noRd
wanted_expressions <- function(spec, predictors, weights, variables = list()) {
  wanted <- stats::setNames(list(spec$response), key_of(spec$response))
  for (p in predictors) {
    wanted[p$keys] <- p$expressions
    bars <- random_expressions(p)
    wanted[names(bars)] <- bars
    smooths <- smooth_expressions(p)
    wanted[names(smooths)] <- smooths
    wanted[names(p$offsets)] <- p$offsets
  }
  if (!is.null(weights)) wanted[["(weights)"]] <- weights
  long <- lengths(variables) != 1L
  wanted[variable_key(names(variables)[long])] <- variables[long]
  wanted
}

#' What a family wants evaluated in the data, by name: vectors, or single numbers
#' @noRd
family_variables <- function(family, data, env) {
  variables <- family$variables
  lapply(stats::setNames(nm = names(variables)), function(name) {
    wanted <- variables[[name]]
    if (inherits(wanted, "formula")) {
      home <- environment(wanted)
      wanted <- wanted[[length(wanted)]]
      if (!is.null(home)) env <- home
    }
    evaluate_variable(wanted, name, data, env)
  })
}

#' The same, of the rows in use
#' @noRd
chosen_variables <- function(variables, items) {
  for (name in names(variables)) {
    variables[[name]] <- items[[variable_key(name)]] %||% variables[[name]]
  }
  variables
}

#' @noRd
variable_key <- function(names) {
  if (length(names)) paste0("(", names, ")") else character()
}

#' Evaluate, check types and lengths
#' @noRd
evaluate_items <- function(wanted, data, env) {
  keys <- names(wanted)
  items <- vector("list", length(wanted))
  for (i in seq_along(wanted)) {
    value <- evaluate_variable(wanted[[i]], keys[i], data, env)
    # a wrapper that passes its own `weights = NULL` on means no weights
    if (is.null(value) && keys[i] %in% c("(weights)", "(offset)")) next
    check_type(value, keys[i], response = i == 1L)
    items[[i]] <- value
  }
  present <- !vapply(items, is.null, NA)
  keys <- keys[present]
  items <- stats::setNames(items[present], keys)
  rows <- vapply(items, NROW, 0L)
  if (rows[1L] == 0L) abort_gamut("The data have no rows.", class = "data")
  if (any(rows != rows[1L])) {
    at <- which(rows != rows[1L])[1L]
    abort_gamut("Variable lengths differ: ", ticked(keys[at]), " has ", rows[at],
                " rows, the response ", ticked(keys[1L]), " has ", rows[1L], ".",
                class = "data")
  }
  items
}

#' A column as it lies in the data, or the value of an expression
#' @noRd
evaluate_variable <- function(expression, key, data, env) {
  if (is.symbol(expression)) {
    name <- as.character(expression)
    if (name %in% names(data)) return(.subset2(data, name))
    value <- get0(name, envir = env)
    if (is.null(value) || is.function(value)) abort_not_found(name, data, value)
    return(value)
  }
  if (!is.language(expression)) return(expression)
  tryCatch(
    eval(expression, data, env),
    error = function(e) {
      abort_gamut("Cannot evaluate ", ticked(key), ": ", conditionMessage(e), ".",
                  class = "data")
    }
  )
}

#' @noRd
abort_not_found <- function(name, data, value) {
  where <- if (is.null(data)) {
    "the formula's environment (there is no `data`)"
  } else {
    "`data` or in the formula's environment"
  }
  hint <- if (is.function(value)) "; only a function has that name"
  near <- if (nchar(name) > 2L) agrep(name, names(data), value = TRUE)
  guess <- if (length(near)) paste0("; did you mean ", ticked(near[1L]), "?") else "."
  abort_gamut("Variable ", ticked(name), " is not in ", where, hint, guess,
              class = "data", data = list(variable = name))
}

#' Which vectors can be a variable
#' @noRd
check_type <- function(value, key, response = FALSE) {
  type <- typeof(value)
  trouble <- if (is.object(value) && length(found <- class_trouble(value, response))) {
    found
  } else if (type == "list") {
    "is a list column: a variable must be a vector, a factor or a matrix"
  } else if (!type %in% c("double", "integer", "logical", "character")) {
    paste0("is of type ", type, ": a variable must be numeric, logical, character or ",
           "a factor")
  } else if (length(dim(value)) > 2L) {
    "is an array of more than two dimensions"
  } else if (!response && is.matrix(value) && type %in% c("logical", "character")) {
    paste0("is a ", type, " matrix: a matrix must be numeric")
  }
  if (!is.null(trouble)) {
    abort_gamut("Variable ", ticked(key), " ", trouble, ".", class = "data",
                data = list(variable = key))
  }
}

#' Classes whose values are not what they look like
#' @noRd
class_trouble <- function(value, response) {
  if (response && inherits(value, c("Surv2", "Hist"))) {
    "is a survival response, which this family cannot take"
  } else if (inherits(value, "POSIXlt")) {
    "is of class POSIXlt: use as.POSIXct()"
  } else if (inherits(value, "integer64")) {
    "is of class integer64, which R stores as other numbers: use as.numeric()"
  } else if (is.data.frame(value)) {
    "is a data frame: use as.matrix() or name its columns"
  }
}

#' The class that new data must have, as in stats::.MFclass()
#' @noRd
variable_class <- function(value) {
  if (is.double(value) && is.null(attributes(value))) "numeric"
  else stats::.MFclass(value)
}

#' The names a predictor needs again in new data, and safe prediction calls
#'
#' Needed are columns of `data`, and variables of the environment with as many rows;
#' anything else there (degrees, knots, functions) is a constant of the model.
#' @noRd
note_inputs <- function(predictor, items, data, env, rows) {
  own <- predictor$expressions
  predictor$term_inputs <- input_names(own, data, env, rows)
  predictor$inputs <- union(predictor$term_inputs,
                            input_names(predictor$offsets, data, env, rows))
  terms <- predictor$terms
  calls <- attr(terms, "variables")
  keys <- c(if (attr(terms, "response") > 0L) names(items)[1L], predictor$keys)
  for (i in which(vapply(as.list(calls)[-1L], is.call, NA))) {
    calls[[i + 1L]] <- stats::makepredictcall(items[[keys[i]]], calls[[i + 1L]])
  }
  attr(terms, "predvars") <- calls
  predictor$terms <- terms
  predictor
}

#' @noRd
input_names <- function(expressions, data, env, rows) {
  names <- unique(unlist(lapply(expressions, variables_in)))
  outside <- setdiff(names, names(data))
  long <- vapply(outside, function(name) NROW(get0(name, envir = env)) == rows, NA)
  c(intersect(names, names(data)), outside[long])
}

#' Prior weights as a plain vector; the family checks their values
#' @noRd
check_weights <- function(weights) {
  if (is.null(weights)) return(NULL)
  if (!is.numeric(weights) || NCOL(weights) != 1L) {
    abort_gamut("`weights` must be a numeric vector.", class = "weights")
  }
  weights <- as.double(weights)
  if (isTRUE(all(weights == 0))) abort_gamut("All `weights` are zero.", class = "weights")
  weights
}

#' The sum of a predictor's offsets, or NULL
#' @noRd
total_offset <- function(predictor, items, rows) {
  total <- NULL
  for (key in intersect(names(predictor$offsets), names(items))) {
    value <- items[[key]]
    if (!is.numeric(value)) {
      abort_gamut("The offset ", ticked(key), " must be numeric.", class = "data")
    }
    value <- if (NCOL(value) == 1L) as.double(value) else unclass(value)
    total <- if (is.null(total)) value else total + value
  }
  total
}

#' Names as code, and levels as text, in a message
#' @noRd
ticked <- function(names) {
  enumerate(paste0("`", sub("^[(](weights|offset)[)]$", "\\1", names), "`"))
}

#' @noRd
quoted <- function(levels) enumerate(dQuote(levels, FALSE))

#' Trouble in rows, which are counted in the data as given
#' @noRd
abort_in_rows <- function(what, rows, kept = NULL, class = "data", advice = ".") {
  if (!is.null(kept)) rows <- kept[rows]
  abort_gamut(what, " in row", if (length(rows) > 1L) "s", " ", enumerate(rows), advice,
              class = class, data = list(rows = rows))
}
