# Special terms in the wrong place. A smooth or a bar is a whole summand: it has no
# value that `:` could multiply or log() could take. The walk below looks through a
# parametric term for one and says what to write instead.

#' Operators of the formula language, other than the sum
#' @noRd
formula_operators <- c("*", ":", "^", "%in%", "/", "(", "+", "-")

#' Refuse a special term inside a parametric one
#' @param whole The term to name in the message.
#' @noRd
check_parametric <- function(expr, whole = expr) {
  nested <- find_nested(expr)
  if (!is.null(nested)) abort_nested(nested, expr_text(whole))
  invisible(expr)
}

#' Refuse a special term inside an argument of the special term `whole`
#' @noRd
check_value <- function(expr, whole) {
  nested <- find_nested(expr, call_head(whole)$name, value = TRUE)
  if (!is.null(nested)) abort_nested(nested, expr_text(whole))
  invisible(expr)
}

#' The first special term inside `expr`, as `list(expr, inside, kind)`, or `NULL`
#'
#' @param inside The function or operator around `expr`, "" at the top.
#' @param value TRUE within an ordinary function, where `a | b` is a logical value
#'   and offset() a function like any other.
#' @noRd
find_nested <- function(expr, inside = "", value = FALSE) {
  if (!is.call(expr)) return(NULL)
  kind <- nested_kind(expr, value)
  if (!is.na(kind)) return(list(expr = expr, inside = inside, kind = kind))
  name <- call_head(expr)$name
  operator <- !is.null(name) && name %in% formula_operators
  if (!is.null(name) && !name %in% c("(", "+", "-")) inside <- name
  arguments <- as.list(expr)[-1L]
  for (i in which(vapply(arguments, is.call, NA))) {
    nested <- find_nested(arguments[[i]], inside, value || !operator)
    if (!is.null(nested)) return(nested)
  }
  NULL
}

#' @noRd
nested_kind <- function(expr, value) {
  if (is_smooth_call(expr)) return("smooth")
  if (is_loess_call(expr)) return("loess")
  if (value) return(if (reads_as_effect(expr)) "random" else NA_character_)
  if (is_bar_term(expr) || is_bar(expr)) return("random")
  if (is_offset_call(expr)) "offset" else NA_character_
}

#' Does a bar within a function mean random effects?
#'
#' `a | b` may be the logical operator, but `1 | b` or `0 + a | b` never is.
#' @noRd
reads_as_effect <- function(expr) {
  if (!is_bar(expr)) return(FALSE)
  left <- expr[[2L]]
  if (is_bar(left)) return(reads_as_effect(left))
  any(vapply(sum_pieces(left), function(piece) is.numeric(piece$expr), NA))
}

#' @noRd
abort_nested <- function(nested, whole) {
  found <- expr_text(nested$expr)
  if (nested$inside %in% c("", formula_operators)) {
    abort_in_operator(nested, found, whole)
  }
  misread <- nested$kind == "random" && !nested$inside %in% names(smooth_arguments)
  if (misread) {
    abort_formula(
      "`", whole, "`: ", nested$inside, "() is none of the covariance structures ",
      paste0(covariance_structures(), "()", collapse = ", "), ", so it cannot take the ",
      "random effects `", found, "`. A structure stands alone between two `+`.",
      term = whole
    )
  }
  abort_formula(
    "`", whole, "`: ", nested$inside, "() cannot take `", found, "`, which is a term ",
    "of the formula and has no value. Write it as a summand of its own.", term = whole
  )
}

#' @noRd
abort_in_operator <- function(nested, found, whole) {
  instead <- switch(nested$kind,
    smooth = "A smooth that varies with z is written s(x, by = z).",
    loess = "A surface over two covariates is written lo(x, z).",
    random = "Effects of x that vary over groups are written (x | g).",
    offset = "A product is written offset(x * w)."
  )
  abort_formula(
    "`", whole, "`: `", found, "` stands inside",
    if (nested$inside == "") " another term" else paste0(" `", nested$inside, "`"),
    ", but can only be a summand of its own. ", instead, term = whole
  )
}

#' A bar without parentheses, which binds weaker than `+`, where it parts nothing
#' @noRd
abort_open_bar <- function(expr) {
  bar <- as.character(expr[[1L]])
  abort_formula(
    "`", expr_text(expr), "`: a bar needs parentheses here, because everything left of ",
    "`", bar, "` belongs to it.\n",
    "For random effects write them around each term: y ~ x + (1 ", bar, " g).\n",
    "Predictors of several parameters are parted by a single `|` in the first formula, ",
    "y ~ x | z, or written as list(y ~ x, phi ~ z).", term = expr_text(expr)
  )
}
