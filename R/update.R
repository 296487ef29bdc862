# update(): the one method that evaluates the call again.

#' Update and refit a model
#'
#' Changes formula or arguments of a fit and fits it again.
#'
#' @param object A fit, or a model set up with `fit = FALSE`.
#' @param formula. A formula for the main predictor in which `.` stands for the old
#'   terms, as `. ~ . + z`; a string will do.
#' @param ... Arguments of [gamut()] that change (`name = NULL` takes one away), and
#'   formulas for further parameters of the family by their name, `phi = . ~ . + w`;
#'   `phi = NULL` takes the formula of `phi` away.
#' @param evaluate Fit it, or return the call?
#'
#' @details
#' The new formula keeps the environment of the old one. Arguments that do not change
#' are evaluated where that formula was written, then where `update()` was called; those
#' that are new, where `update()` was called. So a fit that a function made can be
#' updated outside of it, and the other way round. Where formula and fit come from
#' different functions, give `data` anew. A `.` that stood for columns of the data is
#' spelt out first, so that a new term of another parameter does not change what it
#' means.
#'
#' @return A fit, or with `evaluate = FALSE` a call.
#' @section Errors:
#' `gamut_error_formula` for a formula that cannot be read; `gamut_error_data` when
#' `data` is found no more.
#' @examples
#' fit <- gamut(breaks ~ wool, family = poisson(), data = warpbreaks)
#' update(fit, . ~ . + tension)
#' update(fit, family = quasipoisson())
#' update(fit, log(.) ~ ., family = gaussian(), evaluate = FALSE)
#' @export
update.gamut <- function(object, formula., ..., # nolint: object_name_linter.
                         evaluate = TRUE) {
  extras <- named_arguments(as.list(match.call(expand.dots = FALSE)$...))
  caller <- parent.frame()
  new_main <- if (!missing(formula.)) as_update(formula., caller)
  named <- named_updates(extras, object, caller)
  call <- change_call(object$call, extras[setdiff(names(extras), names(named))])
  if (!is.null(new_main) || length(named)) {
    call$formula <- formula_argument(
      update_formulas(expand_dots(object), new_main, named, env = object$spec$env)
    )
  } else if (is.call(call$formula)) {
    # written out anew it would keep the scope below, and with it the data
    call$formula <- formula_argument(object$formula)
  }
  if (!check_flag(evaluate, "evaluate")) return(call)
  unchanged <- setdiff(names(object$call)[-1L], c("formula", names(extras)))
  env <- update_scope_of(object, unchanged, caller)
  require_call_data(call, env)
  eval(call, env)
}

#' @rdname update.gamut
#' @export
update.gamut_setup <- update.gamut

#' @noRd
named_arguments <- function(extras) {
  if (all(nzchar(names(extras) %||% character(length(extras))))) return(extras)
  abort_gamut("update() takes one formula; all other arguments must be named.",
              class = "argument")
}

#' A formula, or the text of one, as stats::step() gives it
#' @noRd
as_update <- function(formula, env) {
  if (!is.character(formula)) return(formula)
  tryCatch(stats::as.formula(formula, env), error = function(e) {
    abort_formula("`formula.` is text that is no formula: \"", formula[1L], "\".")
  })
}

#' Formulas in `...`, for parameters: all that no argument of gamut() is named after
#' @noRd
named_updates <- function(extras, object, env) {
  known <- c(names(formals(gamut)), names(object$call))
  candidates <- extras[setdiff(names(extras), known)]
  values <- lapply(candidates, eval, env)
  parameters <- names(object$spec$predictors)
  fits <- vapply(names(values), function(name) {
    value <- values[[name]]
    inherits(value, "formula") || is.null(value) && name %in% parameters
  }, NA)
  values[fits]
}

#' The call with arguments replaced, added or (NULL) taken away
#' @noRd
change_call <- function(call, extras) {
  for (name in names(extras)) {
    call[[name]] <- extras[[name]]
  }
  call
}

#' Formulas as an argument of a call; they carry their environments
#' @noRd
formula_argument <- function(formulas) {
  if (is.list(formulas)) as.call(c(quote(list), formulas)) else formulas
}

#' The formulas as the user gave them, `.` of the data spelt out
#'
#' Not from `object$formula`, over which stats::step() writes the terms.
#' @noRd
expand_dots <- function(object) {
  formula <- object$spec$formula
  # a setup has no coefficients yet, and nothing else reads its terms
  if (is.null(object$predictors)) return(formula)
  object$formula <- formula
  if (!is.list(formula)) return(formula.gamut(object))
  parameters <- names(as_formulas(formula, object$spec$env))
  for (i in seq_along(formula)) {
    rhs <- formula[[i]][[length(formula[[i]])]]
    if (!"." %in% all.names(rhs)) next
    formula[[i]] <- formula.gamut(object, if (i > 1L) parameters[i])
  }
  formula
}

#' Where to evaluate an updated call
#'
#' A child of the caller's environment, in which the variables of unchanged arguments
#' are those of the place where the formula was written. Weights, offset and subset are
#' not looked up here: gamut() evaluates them in data and formula environment itself.
#' @noRd
update_scope_of <- function(object, unchanged, caller) {
  home <- object$spec$env
  own <- c("weights", "offset", "subset")
  arguments <- as.list(object$call)[setdiff(unchanged, own)]
  names <- unique(unlist(lapply(arguments, all.vars)))
  env <- new.env(parent = caller)
  for (name in names) {
    if (!exists(name, envir = home)) next
    assign(name, get(name, envir = home), envir = env)
  }
  env
}

#' @noRd
require_call_data <- function(call, env) {
  if (!is.symbol(call$data) || exists(as.character(call$data), envir = env)) {
    return(invisible())
  }
  abort_gamut("update() evaluates the call of the fit again, and its data ",
              ticked(as.character(call$data)), " exist neither where the formula was ",
              "written nor here: give `data =`.", class = "data")
}
