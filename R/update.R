# update(): the one method that evaluates the call again.

#' Update and refit a model
#'
#' Changes formula or arguments of a fit and fits it again.
#'
#' @param object A fit, or a model set up with `fit = FALSE`.
#' @param formula. A formula for the main predictor in which `.` stands for the old
#'   terms, as `. ~ . + z`; a string will do. Parts after a bar, `. ~ . | . + z`, are
#'   for the further parameters; those left out stay.
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
    new <- split_update(new_main, named, updated_family(object, extras, caller))
    call <- update_call(call, object, new$main, new$named, names(extras))
    if (is.null(extras$family)) call <- update_parallel(call, object)
  } else {
    call <- restore_formulas(call, object, names(extras))
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

#' A term that is no longer in the model is not `parallel` either
#'
#' So that drop1() and step() may leave it out.
#' @noRd
update_parallel <- function(call, object) {
  parallel <- object$family$thresholds$parallel
  main <- if (is.list(call$formula)) call$formula[[1L]] else call$formula
  if (!inherits(parallel, "formula") || !inherits(main, "formula")) return(call)
  terms <- stats::terms(main, data = object$frame$variables, allowDotAsName = TRUE)
  kept <- parallel_labels(parallel) %in% sorted_labels(attr(terms, "term.labels"))
  if (all(kept)) return(call)
  labels <- attr(stats::terms(parallel), "term.labels")[kept]
  parallel <- stats::reformulate(if (length(labels)) labels else "1")
  call$family <- call("cumulative", link = object$family$link, parallel = parallel)
  call
}

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
    # an argument that is not there cannot be taken away
    if (is.null(extras[[name]]) && !name %in% names(call)) next
    call[[name]] <- extras[[name]]
  }
  call
}

#' The family that an updated call will have
#' @noRd
updated_family <- function(object, extras, env) {
  if (!"family" %in% names(extras)) return(object$family)
  as_gamut_family(eval(extras$family, env) %||% stats::gaussian())
}

#' The call with updated formulas
#'
#' A predictor that came as `dispformula` or `ziformula` stays there, unless it is
#' itself updated or has a `.`: then it moves into the list of formulas.
#' @param changed Names of the arguments that the user changed.
#' @noRd
update_call <- function(call, object, new_main, named, changed) {
  spec <- object$spec
  old <- expand_dots(object)
  arguments <- unlist(lapply(spec$predictors, `[[`, "argument"))
  dots <- vapply(spec$predictors[names(arguments)], `[[`, NA, "dot")
  moves <- !arguments %in% changed & (names(arguments) %in% names(named) | dots)
  call[arguments[moves]] <- NULL
  stays <- names(arguments)[!moves]
  if (length(stays)) old <- old[!names(as_formulas(old, spec$env)) %in% stays]
  new <- update_formulas(old, new_main, named, env = spec$env)
  call$formula <- formula_argument(new)
  restore_arguments(call, spec, changed)
}

#' Formulas of the fit in place of their text in the call
#'
#' Written out anew they would keep the scope of the evaluation, and with it the data.
#' @noRd
restore_formulas <- function(call, object, changed) {
  if (is.call(call$formula)) call$formula <- formula_argument(own_formula(object))
  restore_arguments(call, object$spec, changed)
}

#' @noRd
restore_arguments <- function(call, spec, changed) {
  for (name in setdiff(c("dispformula", "ziformula"), changed)) {
    if (!is.call(call[[name]])) next
    from <- Filter(function(p) identical(p$argument, name), spec$predictors)
    if (length(from) == 0L) next
    formula <- as_formulas(spec$formula, spec$env)[[from[[1L]]$name]]
    call[[name]] <- new_formula(NULL, formula[[length(formula)]], environment(formula))
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
