# Groupings from which nothing can be learnt, or that say something else than was meant.

#' @noRd
check_groupings <- function(predictors, grouped, rows, weights, family) {
  for (predictor in predictors) {
    for (random in predictor$random) {
      check_one_level(random, grouped$groups[[random$group]])
    }
    note_nesting(predictor, grouped)
  }
  check_row_levels(predictors, grouped$groups, rows, weights, family)
}

#' Between groups there is nothing to see with one group; over places there is
#' @noRd
check_one_level <- function(random, group) {
  if (length(group$levels) > 1L || random$structure %in% placed_structures) {
    return(invisible())
  }
  abort_gamut("The grouping factor `", group$label, "` has only one level, ",
              quoted(group$levels), ", in the rows used: the variance of `", random$label,
              "` cannot be estimated. Leave it out of the formula.", class = "data",
              data = list(variable = group$label, term = random$label))
}

#' A group for each row is what the family's own scale is there for
#'
#' Weights that differ part the two variances; so do a predictor of the scale, and a
#' known matrix.
#' @noRd
check_row_levels <- function(predictors, groups, rows, weights, family) {
  constant <- vapply(predictors[-1L], function(p) !length(p$term_inputs), NA)
  weighted <- length(unique(weights)) > 1L
  if (!has_scale(family) || weighted || !all(constant)) return(invisible())
  for (random in predictors[[1L]]$random) {
    plain <- random$structure %in% c("us", "diag", "cs") && random$intercept
    group <- groups[[random$group]]
    if (!plain || length(group$levels) < rows) next
    abort_gamut("The grouping factor `", group$label, "` has as many levels as there ",
                "are rows, ", rows, ": the random intercept of `", random$label, "` ",
                "cannot be told from the scale of the ", family$family, " family. Leave ",
                "it out.", class = "data",
                data = list(variable = group$label, term = random$label))
  }
}

#' @noRd
has_scale <- function(family) {
  !has_fixed_dispersion(family) || !is.null(family$precision) ||
    "sigma" %in% family$parameters
}

#' Labels that start anew within each group, in terms that are crossed
#'
#' With casks 1, 2, 3 in each batch, (1 | batch) + (1 | cask) says that cask 1 is the same
#' cask in all batches. The data of a crossed experiment look alike, so this asks for
#' much before it speaks: few labels, numbered or lettered from the first; at least twice
#' as many groups as labels; each label in each group; and two rows or more in each cell,
#' whose likeness a crossed model leaves unmodelled (with one row it is the residual). No
#' term may have the cells.
#' @noRd
note_nesting <- function(predictor, grouped) {
  keys <- unique(vapply(predictor$random, `[[`, "", "group"))
  single <- keys[vapply(grouped$groups[keys], function(g) is.null(g$cells), NA)]
  for (outer in single) {
    for (inner in setdiff(single, outer)) {
      if (group_key(c(outer, inner)) %in% names(grouped$groups)) next
      if (!looks_nested(outer, inner, grouped)) next
      inform_gamut(
        "`", inner, "` has the same labels in each `", outer, "`. If these are other ",
        "levels in each, write (1 | ", outer, "/", inner, "); the formula says that ",
        "they are the same, crossed with `", outer, "`.", class = "nesting",
        data = list(outer = outer, inner = inner)
      )
    }
  }
}

#' @noRd
looks_nested <- function(outer, inner, grouped) {
  labels <- grouped$groups[[inner]]$levels
  few <- length(labels)
  many <- length(grouped$groups[[outer]]$levels)
  if (few < 2L || few > 10L || many < 2L * few || !is_serial(labels)) return(FALSE)
  cell <- (as.integer(grouped$codes[[outer]]) - 1L) * few +
    as.integer(grouped$codes[[inner]])
  all(tabulate(cell, many * few) >= 2L)
}

#' Are labels 1, 2, 3, ... or a, b, c, ..., perhaps after a word?
#' @noRd
is_serial <- function(labels) {
  count <- length(labels)
  digits <- sub("^[[:alpha:]_. -]*", "", labels)
  setequal(digits, seq_len(count)) || setequal(tolower(labels), letters[seq_len(count)])
}
