# The variables that effects are drawn over are the user's own, such as `x` where the
# model has `log(x)` or `poly(x, 2)`: what new data must hold. Here they are found, and
# described: the values a variable takes, the ones it is held at.

#' The user's variables of a fit, rows in use only
#'
#' Those that the model uses as they are lie in the frame. Others are looked up where
#' the fit found them, and believed only when they give the fit's own values again.
#' @return list: `values` (by name), `offsets` (means, one a predictor).
#' @noRd
effect_inputs <- function(object, data = NULL) {
  frame <- object$frame
  names <- unique(unlist(lapply(frame$predictors, function(p) {
    c(p$term_inputs, unlist(lapply(p$smooths, `[[`, "term_inputs")))
  })))
  if (!is.null(data)) {
    frame <- build_newframe(frame, data, random = FALSE)
    values <- lapply(stats::setNames(nm = names), function(name) {
      kept_values(evaluate_variable(as.name(name), name, data, object$spec$env),
                  frame$kept)
    })
  } else {
    require_data(object, "This method")
    values <- frame$variables[intersect(names, names(frame$variables))]
    lost <- setdiff(names, names(values))
    if (length(lost)) values[lost] <- look_up_inputs(object, lost, values)
  }
  list(values = lapply(values, tidy_input), offsets = lapply(frame$offsets, mean_offset))
}

#' @noRd
kept_values <- function(value, kept) if (is.null(kept)) value else take_rows(value, kept)

#' The mean of an offset; of each column, where it has one a category
#' @noRd
mean_offset <- function(offset) {
  if (is.matrix(offset)) colMeans(offset) else if (length(offset)) mean(offset)
}

#' Text and unused levels as a factor; other values as they are
#' @noRd
tidy_input <- function(value) {
  if (is.character(value)) return(factor(value))
  if (is.factor(value)) return(value[, drop = TRUE])
  value
}

#' Variables that the frame holds only inside of expressions
#' @noRd
look_up_inputs <- function(object, names, known) {
  frame <- object$frame
  env <- object$spec$env
  values <- tryCatch({
    data <- eval(object$call$data, env)
    lapply(stats::setNames(nm = names), function(name) {
      kept_values(evaluate_variable(as.name(name), name, data, env), frame$kept)
    })
  }, error = function(e) NULL)
  if (!is.null(values) && reproduces_frame(frame, c(known, values))) return(values)
  abort_gamut("The fit holds ", ticked(names), " only inside of functions, and the data ",
              "it was fitted to are no longer there, or changed: give them as `data`.",
              class = "data", data = list(variables = names))
}

#' Do these variables give the variables of the fit?
#'
#' A sample of rows tells, but for functions such as cut(x, 3) that depend on all rows.
#' @noRd
reproduces_frame <- function(frame, values) {
  if (any(vapply(values, NROW, 0L) != frame$rows)) return(FALSE)
  reproduces_rows(frame, values, sample_rows(frame$rows, 200L)) ||
    reproduces_rows(frame, values, seq_len(frame$rows))
}

#' @noRd
reproduces_rows <- function(frame, values, rows) {
  again <- tryCatch(
    build_newframe(frame, lapply(values, take_rows, rows), offset = FALSE,
                   random = FALSE)$variables,
    error = function(e) NULL
  )
  equal <- function(key) {
    old <- take_rows(frame$variables[[key]], rows)
    new <- again[[key]]
    if (is.factor(new)) return(identical(as.character(old), as.character(new)))
    isTRUE(all.equal(as.vector(unclass(old)), as.vector(unclass(new))))
  }
  !is.null(again) && all(vapply(names(again), equal, NA))
}

#' Describe every variable; a matrix is described column by column
#'
#' @return Named list of list(name, input, column, kind, values): `kind` is `"levels"`
#'   for factors, text, logicals, and numbers that the model uses as labels.
#' @noRd
describe_inputs <- function(inputs, frame) {
  described <- list()
  for (input in names(inputs$values)) {
    value <- inputs$values[[input]]
    if (is.list(value)) abort_list_input(input)
    labelled <- is_labelled(value, input, frame)
    columns <- if (is.matrix(value)) seq_len(ncol(value)) else list(NULL)
    for (column in columns) {
      name <- paste0(input, column_label(value, column))
      described[[name]] <- list(
        name = name, input = input, column = column,
        kind = if (labelled) "levels" else "number",
        values = if (is.null(column)) value else value[, column]
      )
    }
  }
  described
}

#' @noRd
column_label <- function(value, column) {
  if (is.null(column)) "" else colnames(value)[column] %||% column
}

#' @noRd
abort_list_input <- function(input) {
  abort_gamut("Effects need the variables by name: write y ~ x with `data = ", input,
              "`, not with `", input, "$x` in the formula.", class = "data")
}

#' Does the model see nothing of a variable but labels?
#'
#' `factor(x)` has as many levels as `x` has values; `x > 3` and `cut(x, 4)` have fewer,
#' and are a curve with steps if the values are many.
#' @noRd
is_labelled <- function(value, input, frame, most = 12L) {
  if (is.factor(value) || is.logical(value)) return(TRUE)
  levels <- unlist(lapply(frame$predictors, function(p) {
    uses <- vapply(predictor_expressions(p), function(e) input %in% variables_in(e), NA)
    vapply(p$keys[uses], function(key) length(p$codings[[key]]$levels), 0L)
  }))
  if (!any(levels > 0L)) return(FALSE)
  distinct <- length(unique(value))
  distinct <= max(levels) || all(levels > 0L) && distinct <= most
}

#' The expressions of a predictor's variables, in the order of its keys
#' @noRd
predictor_expressions <- function(predictor) {
  terms <- predictor$terms
  expressions <- as.list(attr(terms, "variables"))[-1L]
  response <- attr(terms, "response")
  if (response > 0L) expressions[-response] else expressions
}

#' The user's variables in each term, by its label
#' @noRd
term_inputs <- function(predictor, inputs) {
  factors <- attr(predictor$terms, "factors")
  if (!length(factors)) return(list())
  used <- lapply(predictor_expressions(predictor), function(e) {
    intersect(unique(variables_in(e)), inputs)
  })
  response <- attr(predictor$terms, "response")
  if (response > 0L) factors <- factors[-response, , drop = FALSE]
  lapply(stats::setNames(nm = colnames(factors)), function(label) {
    unique(unlist(used[factors[, label] > 0L]))
  })
}

#' Which variables belong together: those of each term that no other term contains
#' @noRd
effect_sets <- function(predictor, variables) {
  inputs <- unique(vapply(variables, `[[`, "", "input"))
  sets <- unname(term_inputs(predictor, inputs))
  sets <- unlist(lapply(sets, spread_columns, variables), recursive = FALSE)
  sets <- unique(lapply(sets, order_roles, variables))
  inside <- vapply(seq_along(sets), function(i) {
    larger <- sets[lengths(sets) > length(sets[[i]])]
    any(vapply(larger, function(set) all(sets[[i]] %in% set), NA))
  }, NA)
  same <- duplicated(lapply(sets, sort))
  sets[lengths(sets) > 0L & !inside & !same]
}

#' A set with matrices is one set for each combination of their columns
#' @noRd
spread_columns <- function(set, variables) {
  input <- vapply(variables, `[[`, "", "input")
  choices <- lapply(set, function(s) names(variables)[input == s])
  if (!length(set)) return(list())
  apply(do.call(expand.grid, c(choices, stringsAsFactors = FALSE)), 1L,
        function(row) unname(row), simplify = FALSE)
}

#' The first number goes on the axis, else the variable with most levels
#' @noRd
order_roles <- function(set, variables) {
  number <- vapply(variables[set], function(v) v$kind == "number", NA)
  if (any(number)) return(c(set[number][1L], set[!number], set[number][-1L]))
  set[order(-vapply(variables[set], function(v) length(unique(v$values)), 0L))]
}

#' What a variable is held at: the mean, or the most frequent level
#' @noRd
typical_value <- function(variable) {
  values <- variable$values
  if (variable$kind == "number") return(like(mean(unclass(values)), values))
  levels <- input_levels(variable)
  levels[which.max(tabulate(match(values, levels), length(levels)))]
}

#' All values of a variable with levels, in order
#' @noRd
input_levels <- function(variable) {
  values <- variable$values
  if (is.factor(values)) {
    return(structure(seq_len(nlevels(values)), levels = levels(values),
                     class = class(values)))
  }
  sort(unique(values))
}

#' Numbers with the class (Date, difftime ...) of the values they stand among
#' @noRd
like <- function(numbers, values) {
  attributes(numbers) <- attributes(values)[c("class", "units", "tzone")]
  numbers
}

#' Values of a variable to draw a curve for: all levels, or three of its numbers
#' @noRd
curve_values <- function(variable, most = 8L) {
  if (variable$kind == "levels") {
    levels <- input_levels(variable)
    counts <- tabulate(match(variable$values, levels), length(levels))
    return(levels[sort(utils::head(order(-counts), most))])
  }
  distinct <- sort(unique(unclass(variable$values)))
  if (length(distinct) > 3L) {
    distinct <- stats::quantile(unclass(variable$values), c(0.1, 0.5, 0.9), type = 1,
                                names = FALSE)
  }
  like(unique(distinct), variable$values)
}

#' Values of the variable on the axis
#' @noRd
axis_values <- function(variable, n) {
  if (variable$kind == "levels") return(input_levels(variable))
  range <- range(unclass(variable$values))
  like(seq(range[1L], range[2L], length.out = if (diff(range) > 0) n else 1L),
       variable$values)
}
