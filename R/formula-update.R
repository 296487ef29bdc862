# update() on formulas with special terms. stats::update.formula() simplifies through
# the labels of terms(), where a bar loses its parentheses and `- s(x)` matches no
# `s(x, k = 5)`; so the special terms are parted off first and only the parametric
# remainder is simplified.

#' Update a model formula
#'
#' @param old Formula, or list of formulas, of the model.
#' @param new_main Formula for the main predictor, where `.` on either side stands for
#'   the old one; `NULL` keeps it.
#' @param named_new Named list of formulas for the other parameters, as `phi = . ~ . +
#'   w` or `phi = ~ . + w`; `NULL` as an element removes the parameter's formula. For a
#'   parameter without one, `.` is the constant.
#' @return A formula, or a list when there are several predictors. Parametric terms
#'   come first, in the order of terms(); special terms follow as they were written,
#'   offsets and `- 1` last.
#' @noRd
update_formulas <- function(old, new_main = NULL, named_new = list(),
                            env = parent.frame()) {
  formulas <- as_formulas(old, env)
  first_name <- first_name_of(old)
  check_updates(new_main, named_new)
  if (!is.null(new_main)) formulas$main <- update_one(formulas$main, new_main)
  for (name in names(named_new)) {
    formulas[[name]] <- update_parameter(formulas[[name]], named_new[[name]], name)
  }
  if (length(formulas) == 1L && is.null(first_name)) return(formulas$main)
  list_form(formulas, first_name)
}

#' The parts of an update `. ~ . | z` as updates of the parameters they mean
#' @param family Evaluated only when there are parts.
#' @return list(main, named).
#' @noRd
split_update <- function(new_main, named_new, family) {
  if (!inherits(new_main, "formula")) return(list(main = new_main, named = named_new))
  parts <- split_parts(new_main)
  if (length(parts) > 1L) {
    names <- bar_names(family, new_main)
    check_parameters(c(names, names(named_new)))
    named_new <- c(stats::setNames(parts[-1L], names), named_new)
  }
  list(main = parts[[1L]], named = named_new)
}

#' @noRd
check_updates <- function(new_main, named_new) {
  updates <- c(if (!is.null(new_main)) list(new_main), named_new)
  fine <- vapply(updates, function(f) is.null(f) || inherits(f, "formula"), NA)
  if (!all(fine)) {
    abort_formula("An update must be a formula such as . ~ . + z, not ",
                  describe_class(updates[[which(!fine)[[1L]]]]), ".")
  }
  given <- sum(nzchar(names(named_new)))
  if (given < length(named_new)) {
    abort_formula("Updates after the first need the name of their parameter: ",
                  "phi = . ~ . + w.")
  }
  check_parameters(names(named_new))
}

#' Update the formula of a further parameter
#' @param old Its formula, one- or two-sided, or `NULL`.
#' @noRd
update_parameter <- function(old, new, name) {
  if (is.null(new)) {
    if (is.null(old)) {
      abort_formula("The parameter `", name, "` has no formula that could be removed.")
    }
    return(NULL)
  }
  left <- if (length(new) == 3L) new[[2L]]
  if (!is.null(left) && !identical(left, quote(.)) && !identical(left, as.name(name))) {
    abort_formula("The update of `", name, "` has `", expr_text(left), "` on its left; ",
                  "write ", name, " = . ~ . + w.")
  }
  env <- if (is.null(old)) environment(new) else environment(old)
  rhs <- if (is.null(old)) 1 else old[[length(old)]]
  update_one(new_formula(as.name(name), rhs, env), new)
}

#' @noRd
update_one <- function(old, new) {
  two_sided <- length(old) == 3L
  lhs <- if (two_sided) old[[2L]]
  rhs <- old[[length(old)]]
  if (length(new) == 3L) {
    lhs <- if (is.null(lhs)) new[[2L]] else replace_dot(new[[2L]], lhs)
  }
  env <- environment(old)
  new_formula(lhs, simplify_sum(replace_dot(new[[length(new)]], rhs), env), env)
}

#' Put `value` for `.`; a sum keeps together by parentheses
#' @noRd
replace_dot <- function(expr, value) {
  if (is_operation(value, c("+", "-", "*", "/", ":", "^", "%in%"), 1:2)) {
    value <- call("(", value)
  }
  do.call(substitute, list(expr, list(. = value)))
}

#' Bring a right-hand side into the order: parametric, special, offsets, constant
#' @noRd
simplify_sum <- function(rhs, env) {
  parts <- split_terms(rhs, env)
  specials <- unique_terms(parts$specials)
  offset <- vapply(specials, inherits, NA, "gamut_offset_spec")
  parametric <- simplify_parametric(parts$parametric, env)
  plus <- function(exprs) lapply(exprs, function(e) list(sign = 1L, expr = e))
  pieces <- c(plus(parametric$terms), plus(written_terms(specials[!offset])),
              plus(lapply(specials[offset], `[[`, "call")))
  if (!parametric$intercept) {
    pieces <- c(pieces, list(list(sign = -1L, expr = 1)))
  }
  if (length(pieces)) fold_sum(pieces) else 1
}

#' Expressions of the parametric terms, and whether there is a constant
#'
#' With a `.` of the data the terms are not known yet, so they stay as written.
#' @noRd
simplify_parametric <- function(expr, env) {
  if (is.null(expr)) return(list(terms = list(), intercept = TRUE))
  terms <- formula_terms(new_formula(NULL, expr, env), expr_text(expr))
  if (has_dot_variable(terms)) return(list(terms = list(expr), intercept = TRUE))
  list(terms = lapply(attr(terms, "term.labels"), str2lang),
       intercept = attr(terms, "intercept") == 1L)
}

#' Special terms as calls: a bar that was expanded comes back as it was written,
#' unless a part of it was taken away
#' @noRd
written_terms <- function(specials) {
  calls <- lapply(specials, `[[`, "call")
  whole <- vapply(specials, function(term) {
    if (!inherits(term, "gamut_random_spec")) return(TRUE)
    present <- sum(vapply(calls, identical, NA, term$call))
    present == length(parse_bars(term$call, environment(term$lhs)))
  }, NA)
  calls[!whole] <- lapply(specials[!whole], function(term) str2lang(term$label))
  unique(calls)
}
