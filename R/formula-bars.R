# Random effects: (x | g) and its relatives. One bar as written can stand for
# several terms, as (1 | a/b) does; each becomes a spec of its own.

#' @noRd
is_bar <- function(expr) is_operation(expr, c("|", "||"), 2L)

#' @noRd
is_double_bar <- function(expr) is_operation(expr, "||", 2L)

#' A bar in parentheses, or a structure whose first argument is a bar
#'
#' Only the bar makes a term of `exp(x | g)`: `exp(x)` is a function of x.
#' @noRd
is_bar_term <- function(expr) {
  if (is_group(expr)) return(is_bar(expr[[2L]]))
  is_call_of(expr, covariance_structures(), "gamut") && length(expr) > 1L &&
    is_bar(expr[[2L]])
}

#' A bar term to a list of `gamut_random_spec`, one for each grouping factor
#' @param env Environment of the formula, for the formula on the left of the bar.
#' @noRd
parse_bars <- function(expr, env) {
  parts <- bar_parts(expr)
  lhs <- new_formula(NULL, parts$lhs, env)
  has_dot <- check_bar_lhs(lhs, expr)
  groups <- expand_groups(parts$group, expr)
  check_structure(parts, length(groups), expr)
  lapply(groups, function(factors) {
    group <- Reduce(function(a, b) call(":", a, b), factors)
    structure(
      list(structure = parts$structure, lhs = lhs, group = group, id = parts$id,
           args = parts$args, label = bar_label(parts, group), call = expr,
           has_dot = has_dot),
      class = "gamut_random_spec"
    )
  })
}

#' Take a bar term apart: structure, left side, id, grouping, named arguments
#'
#' `a | p | g` is `(a | p) | g` to R's parser, so that the id is the right side of
#' the inner bar.
#' @noRd
bar_parts <- function(expr) {
  if (any(empty_arguments(expr))) abort_empty_argument(expr)
  bar <- expr[[2L]]
  double <- is_double_bar(bar)
  structure <- if (!is_group(expr)) call_head(expr)$name else if (double) "diag" else "us"
  lhs <- bar[[2L]]
  id <- NULL
  if (is_bar(lhs)) {
    id <- bar_id(bar, expr)
    lhs <- lhs[[2L]]
  }
  list(structure = structure, lhs = lhs, id = id, group = bar[[3L]], double = double,
       written = !is_group(expr), args = as.list(expr)[-(1:2)])
}

#' @noRd
bar_id <- function(bar, expr) {
  inner <- bar[[2L]]
  id <- inner[[3L]]
  plain <- is.name(id) && !is_bar(inner[[2L]])
  if (!plain || is_double_bar(bar) || is_double_bar(inner)) {
    abort_formula(
      "`", expr_text(expr), "`: two bars are read as (effects | id | group), where id ",
      "is a plain name that marks terms to be correlated across predictors.",
      term = expr_text(expr)
    )
  }
  as.character(id)
}

#' The effects left of the bar must be parametric, and at least one
#' @return TRUE when the left side holds a `.`.
#' @noRd
check_bar_lhs <- function(lhs, expr) {
  text <- expr_text(expr)
  nested <- find_nested(lhs[[2L]])
  if (!is.null(nested)) {
    abort_formula(
      "`", text, "`: `", expr_text(nested$expr), "` cannot stand left of a bar. ",
      if (nested$kind == "smooth") {
        "For a curve per group write s(x, g, bs = \"fs\")."
      } else {
        "The left side takes parametric terms."
      }, term = text
    )
  }
  terms <- formula_terms(lhs, text)
  has_dot <- has_dot_variable(terms)
  if (!has_dot && !attr(terms, "intercept") && !length(attr(terms, "term.labels"))) {
    abort_formula("`", text, "` has no effect left of the bar; (1 | g) is a random ",
                  "intercept.", term = text)
  }
  has_dot
}

#' Which arguments go with which structure
#' @noRd
check_structure <- function(parts, groups, expr) {
  text <- expr_text(expr)
  given <- names(parts$args)
  if (length(parts$args) && (is.null(given) || !all(nzchar(given)))) {
    abort_formula("`", text, "`: arguments after the bar must be named",
                  if (parts$structure == "known") ", as in known(1 | g, K = A)", ".",
                  term = text)
  }
  if (parts$double && parts$structure != "diag") {
    abort_formula("`", text, "`: `||` means uncorrelated effects, which is diag(); ",
                  "write one bar inside ", parts$structure, "().", term = text)
  }
  if (parts$structure == "known") check_known(given, groups, text)
}

#' known(1 | g, K = A): one matrix for one grouping factor
#' @noRd
check_known <- function(given, groups, text) {
  if (!identical(given, "K")) {
    abort_formula("`", text, "`: known() takes the covariance matrix of the groups as ",
                  "K, and nothing else: known(1 | g, K = A).", term = text)
  }
  if (groups != 1L) {
    abort_formula("`", text, "`: the matrix K belongs to one grouping factor, but ",
                  groups, " are given.", term = text)
  }
}

#' The grouping side as a list of terms, each a list of factors
#'
#' The side is read by the algebra of formulas: `a/b` is a + a:b, `a + b` two terms,
#' `a * b` is a + b + a:b, `a:b` one term.
#' @noRd
expand_groups <- function(expr, whole) {
  if (is_group(expr)) return(expand_groups(expr[[2L]], whole))
  if (!is_operation(expr, c("/", "+", "*", ":", "%in%"), 2L)) {
    return(list(list(check_group(expr, whole))))
  }
  left <- expand_groups(expr[[2L]], whole)
  right <- expand_groups(expr[[3L]], whole)
  expanded <- switch(as.character(expr[[1L]]),
    "+" = c(left, right),
    "*" = c(left, right, cross_groups(left, right)),
    "/" = c(left, cross_groups(list(do.call(c, left)), right)),
    cross_groups(left, right)
  )
  unique(lapply(expanded, unique))
}

#' @noRd
cross_groups <- function(left, right) {
  pairs <- lapply(left, function(a) lapply(right, function(b) c(a, b)))
  do.call(c, pairs)
}

#' One grouping factor: a variable or a function of variables
#' @noRd
check_group <- function(expr, whole) {
  operator <- is.call(expr) && is.name(expr[[1L]]) &&
    as.character(expr[[1L]]) %in% c(formula_operators, "|", "||")
  constant <- !is.name(expr) && !is.call(expr)
  if (operator || constant || identical(expr, quote(.))) {
    abort_formula(
      "`", expr_text(whole), "`: `", expr_text(expr), "` is no grouping factor. The ",
      "right side of a bar takes variables, joined by `:`, `/`, `+` or `*`.",
      term = expr_text(whole)
    )
  }
  check_value(expr, whole)
  expr
}

#' The label is the term as one would write it alone, after expansion
#' @noRd
bar_label <- function(parts, group) {
  bar <- paste0(
    expr_text(parts$lhs), if (!is.null(parts$id)) paste0(" | ", parts$id),
    if (parts$double) " || " else " | ", expr_text(group)
  )
  values <- vapply(parts$args, expr_text, "")
  args <- if (length(values)) paste0(", ", names(values), " = ", values, collapse = "")
  paste0(if (parts$written) parts$structure, "(", bar, args, ")")
}
