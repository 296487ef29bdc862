# The additive structure of a right-hand side. A predictor is a sum of terms, so
# the special terms (smooths, lo(), bars, offsets) can only be summands: this file
# walks the sum, takes them out, and leaves the rest exactly as it was written, so
# that stats::terms() sees what glm() would have shown it.

#' The function that a call names: package ("" when unqualified) and name
#' @return `NULL` when the head is not a plain or `pkg::` qualified name.
#' @noRd
call_head <- function(expr) {
  if (!is.call(expr)) return(NULL)
  head <- expr[[1L]]
  if (is.name(head)) return(list(package = "", name = as.character(head)))
  qualified <- is.call(head) && identical(head[[1L]], quote(`::`))
  if (!qualified) return(NULL)
  list(package = as.character(head[[2L]]), name = as.character(head[[3L]]))
}

#' Is `expr` a call of one of the operators `names`, with `arity` (any of) operands?
#' @noRd
is_operation <- function(expr, names, arity) {
  is.call(expr) && (length(expr) - 1L) %in% arity && is.name(expr[[1L]]) &&
    as.character(expr[[1L]]) %in% names
}

#' @noRd
is_group <- function(expr) is_operation(expr, "(", 1L)

#' Is `expr` a call of one of `names`, unqualified or from one of `packages`?
#' @noRd
is_call_of <- function(expr, names, packages) {
  head <- call_head(expr)
  !is.null(head) && head$name %in% names && head$package %in% c("", packages)
}

#' @noRd
is_offset_call <- function(expr) is_call_of(expr, "offset", "stats")

#' Which arguments of a call are empty, as the second of `f(x, )`?
#' @noRd
empty_arguments <- function(call) {
  # substitute() without arguments is the empty symbol
  vapply(as.list(call)[-1L], function(argument) {
    missing(argument) || identical(argument, substitute())
  }, NA)
}

#' One line of text for an expression, as it appears in labels and messages
#' @noRd
expr_text <- function(expr) {
  paste(trimws(deparse(expr, width.cutoff = 500L, backtick = TRUE)), collapse = " ")
}

#' The summands of an expression, in order, with their signs
#'
#' R parses a sum as a left-deep tree, so that walking down its left edge is a
#' loop: formulas of thousands of terms neither recurse nor copy.
#' @noRd
sum_pieces <- function(expr) {
  pieces <- list()
  repeat {
    binary <- is_operation(expr, c("+", "-"), 2L)
    signed <- binary || is_operation(expr, c("+", "-"), 1L)
    sign <- if (signed && identical(expr[[1L]], quote(`-`))) -1L else 1L
    operand <- if (signed) expr[[length(expr)]] else expr
    pieces[[length(pieces) + 1L]] <- list(sign = sign, expr = operand)
    if (!binary) return(rev(pieces))
    expr <- expr[[2L]]
  }
}

#' The inverse of [sum_pieces()]; `NULL` for no summands
#' @noRd
fold_sum <- function(pieces) {
  total <- NULL
  for (piece in pieces) {
    total <- if (is.null(total)) {
      if (piece$sign > 0L) piece$expr else call("-", piece$expr)
    } else {
      call(if (piece$sign > 0L) "+" else "-", total, piece$expr)
    }
  }
  total
}

#' What a summand is
#' @noRd
piece_kind <- function(expr) {
  if (!is.call(expr)) return("parametric")
  if (is_smooth_call(expr)) return("smooth")
  if (is_loess_call(expr)) return("loess")
  if (is_bar_term(expr)) return("random")
  if (is_offset_call(expr)) return("offset")
  if (is_bar(expr)) return("open bar")
  if (is_group(expr)) "group" else "parametric"
}

#' Part a right-hand side into its parametric remainder and its special terms
#'
#' @return `list(parametric, specials)`: an expression, or `NULL` when nothing is
#'   left, and the list of term specs in the order written. Without special terms
#'   `parametric` is `expr` itself.
#' @noRd
split_terms <- function(expr, env) {
  kept <- found <- list()
  special <- FALSE
  for (piece in sum_pieces(expr)) {
    part <- split_piece(piece$expr, env)
    special <- special || length(part$specials) > 0L
    add <- if (piece$sign > 0L) c else subtract_terms
    found <- add(found, part$specials)
    if (!is.null(part$parametric)) {
      kept[[length(kept) + 1L]] <- list(sign = piece$sign, expr = part$parametric)
    }
  }
  list(parametric = if (special) fold_sum(kept) else expr, specials = found)
}

#' @noRd
split_piece <- function(expr, env) {
  switch(piece_kind(expr),
    smooth = list(specials = list(parse_smooth(expr))),
    loess = list(specials = list(parse_loess(expr))),
    random = list(specials = parse_bars(expr, env)),
    offset = list(specials = list(parse_offset(expr))),
    group = split_group(expr, env),
    "open bar" = abort_open_bar(expr),
    {
      check_parametric(expr)
      list(parametric = expr, specials = list())
    }
  )
}

#' A sum in parentheses: the parentheses stay as long as they mean something
#' @noRd
split_group <- function(expr, env) {
  inner <- split_terms(expr[[2L]], env)
  if (length(inner$specials) == 0L) return(list(parametric = expr, specials = list()))
  if (is_operation(inner$parametric, c("+", "-"), 1:2)) {
    inner$parametric <- call("(", inner$parametric)
  }
  inner
}

#' Take terms away by their labels, as `- x` takes away x
#'
#' To subtract a parametric term that is not there is harmless in R. For special
#' terms it is an error, because a label that misses by one argument would leave
#' the term in the model without a word.
#' @noRd
subtract_terms <- function(found, subtracted) {
  for (term in subtracted) {
    there <- vapply(found, `[[`, "", "label") == term$label
    if (!any(there)) {
      abort_formula(
        "Cannot subtract `", term$label, "`: no such term comes before it.",
        if (length(found)) paste0(
          " The terms that can be subtracted are ",
          enumerate(paste0("`", vapply(found, `[[`, "", "label"), "`"), 10L), "."
        ), term = term$label
      )
    }
    found <- found[!there]
  }
  found
}

#' Collapse terms written twice, refuse two versions of one term
#'
#' `s(x) + s(x)` is one term, as `x + x` is. Two terms of one label that differ in
#' their arguments have no such reading.
#' @noRd
unique_terms <- function(specials) {
  labels <- vapply(specials, `[[`, "", "label")
  for (i in which(duplicated(labels))) {
    first <- specials[[match(labels[[i]], labels)]]
    if (!same_term(first, specials[[i]])) {
      abort_formula(
        "The term `", labels[[i]], "` stands twice with different arguments:\n  ",
        expr_text(first$call), "\n  ", expr_text(specials[[i]]$call),
        "\nKeep one of them.", term = labels[[i]]
      )
    }
  }
  specials[!duplicated(labels)]
}

#' Equal up to spelling: the call as written and the order of named arguments
#' @noRd
same_term <- function(a, b) {
  a$call <- b$call <- NULL
  by_name <- function(args) if (is.null(names(args))) args else args[order(names(args))]
  a$args <- by_name(a$args)
  b$args <- by_name(b$args)
  identical(a, b)
}

#' offset(w): the value is kept, the label is the name glm() gives the variable
#' @noRd
parse_offset <- function(call) {
  if (length(call) != 2L || any(empty_arguments(call))) {
    abort_formula("`", expr_text(call), "`: offset() takes one variable or expression.",
                  term = expr_text(call))
  }
  check_value(call[[2L]], call)
  label <- expr_text(as.call(list(quote(offset), call[[2L]])))
  structure(list(label = label, expr = call[[2L]], args = list(), call = call),
            class = "gamut_offset_spec")
}

#' @noRd
abort_formula <- function(..., term = NULL) {
  abort_gamut(..., class = "formula", data = list(term = term))
}
