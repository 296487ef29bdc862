# Several predictors in one formula: y ~ x | z. Bars at the top of the right side part
# the first formula; which parameter a part describes is the family's affair, so that
# its predictor bears a place (2, 3, ...) until the family has named it. From there on
# the formula is a list, list(y ~ x, phi ~ z), and nothing else knows of bars.

#' The parts of a formula, as formulas; all but the first are one-sided
#' @noRd
split_parts <- function(formula) {
  env <- environment(formula)
  sides <- bar_sides(formula[[length(formula)]])
  first <- new_formula(if (length(formula) == 3L) formula[[2L]], sides[[1L]], env)
  c(list(first), lapply(sides[-1L], function(side) new_formula(NULL, side, env)))
}

#' `a | b | c` is `(a | b) | c` to R's parser
#' @noRd
bar_sides <- function(expr) {
  sides <- list()
  while (is_operation(expr, "|", 2L)) {
    sides <- c(list(expr[[3L]]), sides)
    expr <- expr[[2L]]
  }
  c(list(expr), sides)
}

#' The inverse of `split_parts()`
#' @noRd
join_parts <- function(parts) {
  sides <- lapply(parts, function(part) part[[length(part)]])
  first <- parts[[1L]]
  new_formula(if (length(first) == 3L) first[[2L]],
              Reduce(function(a, b) call("|", a, b), sides), environment(first))
}

#' Names of the parts after the first, before the family names them: `.2`, `.3`
#' @noRd
part_names <- function(parts) sprintf(".%d", seq_along(parts)[-1L])

#' The place of a part by such a name, or NULL
#' @noRd
part_place <- function(name) {
  if (grepl("^[.][0-9]+$", name)) as.integer(substring(name, 2L))
}

#' Formulas by parameter as the list that a user would write
#' @param formulas As of `as_formulas()`.
#' @param first_name Name of the first element, when it had one.
#' @noRd
list_form <- function(formulas, first_name = NULL) {
  others <- names(formulas)[-1L]
  sides <- lapply(others, function(name) {
    f <- formulas[[name]]
    new_formula(as.name(name), f[[length(f)]], environment(f))
  })
  unnamed <- is.null(first_name) || !nzchar(first_name)
  main <- if (unnamed) list(formulas$main) else stats::setNames(formulas[1L], first_name)
  c(main, sides)
}

#' @noRd
first_name_of <- function(formula) if (is.list(formula)) names(formula)[1L]

#' Give the parts after a bar the parameters that they mean in this family
#' @return The spec with these names, and its formula as a list.
#' @noRd
name_parts <- function(spec, family) {
  unnamed <- which(vapply(spec$predictors, function(p) {
    !is.null(p$place) && is.na(p$name)
  }, NA))
  if (length(unnamed) == 0L) return(spec)
  formulas <- as_formulas(spec$formula, spec$env)
  written <- join_parts(formulas[c(1L, unnamed)])
  names <- bar_names(family, written)
  twice <- intersect(names, names(spec$predictors))
  if (length(twice)) {
    abort_formula("The parameter `", twice[[1L]], "` has two formulas: a part of `",
                  expr_text(written), "`, and `",
                  expr_text(list_form(formulas[c("main", twice[[1L]])])[[2L]]),
                  "`; join them into one.", term = twice[[1L]])
  }
  for (i in seq_along(unnamed)) spec$predictors[[unnamed[[i]]]]$name <- names[[i]]
  names(spec$predictors)[unnamed] <- names(formulas)[unnamed] <- names
  spec$formula <- list_form(formulas, first_name_of(spec$formula))
  spec
}

#' The parameters that the parts of `formula` after the first describe
#' @noRd
bar_names <- function(family, formula) {
  sides <- bar_sides(formula[[length(formula)]])
  known <- bar_parameters(family)
  if (length(known) == 0L) abort_no_second(family, formula, sides)
  more <- length(sides) - 1L
  if (more > length(known)) {
    abort_formula(
      "`", expr_text(formula), "` has ", length(sides), " parts, but the family ",
      family$family, " takes at most ", length(known) + 1L, ": those of ",
      ticked(c(family$parameters[[1L]], known)), ". Random effects need ",
      "parentheses: y ~ x + (1 | g).", term = expr_text(formula)
    )
  }
  known[seq_len(more)]
}

#' A bar in a family of one parameter: most likely a random effect without parentheses
#' @noRd
abort_no_second <- function(family, formula, sides) {
  last <- expr_text(sides[[length(sides)]])
  abort_formula(
    "`", expr_text(formula), "`: a bar without parentheses can be read in two ways, and ",
    "neither works here.\n",
    "If it is a random effect, it needs parentheses around each term, because ",
    "everything left of `|` belongs to the bar: y ~ x + (1 | ", last, ").\n",
    "If it parts the predictors of two parameters, the family ", family$family,
    " has no second parameter for `", last, "`",
    if (is.function(family$dispersion_form)) {
      paste0(": for a dispersion that varies write dispformula = ~ ", last)
    }, ".", term = expr_text(formula)
  )
}
