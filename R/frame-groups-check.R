# Groupings from which nothing can be learnt, or that say something else than was meant.

#' @noRd
check_groupings <- function(predictors, grouped, rows, weights, family) {
  counting <- if (is.null(weights)) rep(TRUE, rows) else weights > 0
  # that no row counts is said elsewhere
  if (!any(counting)) return(invisible())
  used <- used_levels(grouped, if (all(counting)) NULL else counting)
  for (predictor in predictors) {
    for (random in predictor$random) {
      check_one_level(random, grouped$groups[[random$group]], used[[random$group]])
    }
    note_nesting(predictor, grouped)
  }
  check_row_levels(predictors, grouped$groups, used, counting, weights, family)
}

#' Numbers of the levels of each grouping that have rows of positive weight
#' @noRd
used_levels <- function(grouped, counting) {
  Map(function(group, codes) {
    every <- seq_along(group$levels)
    if (is.null(counting)) every else intersect(every, as.integer(codes)[counting])
  }, grouped$groups, grouped$codes[names(grouped$groups)])
}

#' Between groups there is nothing to see with one group; over places there is
#' @noRd
check_one_level <- function(random, group, used) {
  if (length(used) > 1L || is_placed(random$structure)) {
    return(invisible())
  }
  abort_gamut("The grouping factor `", group$label, "` has only one level, ",
              quoted(group$levels[used]), ", in the rows used: the variance of `",
              random$label, "` cannot be estimated. Leave it out of the formula.",
              class = "data", data = list(variable = group$label, term = random$label))
}

#' A group for each row is what the family's own scale is there for
#'
#' Weights that differ part the two variances; so do a predictor of the scale, and a
#' known matrix unless it makes the levels alike.
#' @noRd
check_row_levels <- function(predictors, groups, used, counting, weights, family) {
  if (!has_scale(family) || scale_varies(predictors, weights[counting])) {
    return(invisible())
  }
  rows <- sum(counting)
  mean_free <- attr(predictors[[1L]]$terms, "intercept") == 1L
  for (random in predictors[[1L]]$random) {
    levels <- used[[random$group]]
    if (!random$intercept || length(levels) < rows) next
    if (!is_exchangeable(random, levels, mean_free)) next
    abort_row_levels(random, groups[[random$group]]$label, rows, family$family)
  }
}

#' @noRd
scale_varies <- function(predictors, weights) {
  constant <- vapply(predictors[-1L], function(p) !length(p$term_inputs), NA)
  length(unique(weights)) > 1L || !all(constant)
}

#' @noRd
abort_row_levels <- function(random, group, rows, family) {
  alike <- if (random$structure == "known")
    ", whose K gives each of them the same variance and all pairs the same covariance,"
  abort_gamut("The grouping factor `", group, "` has as many levels as there are rows, ",
              rows, ": the random intercept of `", random$label, "`", alike,
              " cannot be told from the scale of the ", family, " family. Leave it out.",
              class = "data", data = list(variable = group, term = random$label))
}

#' Have all levels the same variance, and all pairs of them the same covariance?
#'
#' Is K z = k z for any z? Two of no pattern will do. A covariance that all pairs have in
#' common moves the mean alone, so that where the mean is free they sum to 0.
#' @noRd
is_exchangeable <- function(random, levels, mean_free) {
  if (!is_tied_structure(random$structure)) return(TRUE)
  if (random$structure != "known") return(FALSE)
  root <- random$root[levels, , drop = FALSE]
  numbers <- seq_along(levels)
  all(vapply(c(1.1, 2.3), function(frequency) {
    z <- sin(frequency * numbers^1.5)
    if (mean_free) z <- z - mean(z)
    image <- drop(root %*% crossprod(root, z))
    ratio <- sum(image * z) / sum(z^2)
    max(abs(image - ratio * z)) <= 1e-8 * ratio * max(abs(z))
  }, NA))
}

#' Fixed effects with a coefficient for each group leave a random intercept nothing
#'
#' REML looks at what fixed effects cannot fit, and is then the same for any variance; by
#' ML it is 0. A number, such as a year, is one fixed coefficient, and both have a place.
#' @noRd
check_fixed_levels <- function(frame, method) {
  if (method != "REML") return(invisible())
  for (predictor in frame$predictors) {
    terms <- level_terms(predictor)
    for (random in predictor$random) {
      if (!random$intercept || is_placed(random$structure)) next
      own <- plain_keys(names(random$factors))
      covers <- vapply(terms, function(keys) all(own %in% keys), NA)
      if (!any(covers)) next
      abort_gamut("The fixed effects have a coefficient for each level of `",
                  random$group_label, "` (`", names(terms)[covers][1L], "`): nothing is ",
                  "left for the random intercept of `", random$label, "`. Leave one of ",
                  "the two out.", class = "data",
                  data = list(variable = random$group_label, term = random$label))
    }
  }
}

#' Variables of the fixed terms of factors alone, which span the means of their cells
#'
#' Not if contrasts are a matrix, which may have fewer columns.
#' @noRd
level_terms <- function(predictor) {
  cells <- attr(predictor$terms, "factors")
  if (!length(cells)) return(list())
  named <- vapply(predictor$contrasts_arg, is.character, NA)
  whole <- names(predictor$contrasts_arg)[named]
  keys <- lapply(seq_len(ncol(cells)), function(j) rownames(cells)[cells[, j] > 0L])
  names(keys) <- colnames(cells)
  lapply(Filter(function(k) all(k %in% whole), keys), plain_keys)
}

#' factor(g) has the groups of g
#' @noRd
plain_keys <- function(keys) sub("^(?:as\\.)?factor\\(([^(),]+)\\)$", "\\1", keys)

#' A slope of what is 0 everywhere has any variance; at a place without data there is a
#' correlation with those beside it
#' @noRd
check_random_columns <- function(problem) {
  counting <- if (is.null(problem$weights)) TRUE else problem$weights > 0
  for (entry in problem$random) {
    z <- problem$storages[[problem$terms[[entry$term]]$storage]]$z
    for (part in entry$parts) {
      if (is_placed(part$structure)) next
      own <- part$columns[part$columns <= length(z)]
      empty <- vapply(z[own], is_empty_column, NA, problem$columns, counting)
      if (!any(empty)) next
      names <- entry$effects[own[empty]]
      abort_gamut("The random effect ", quoted(names), " of `", part$label, "` is of a ",
                  "column that is 0 in all rows used: its variance cannot be estimated. ",
                  "Leave it out.", class = "data",
                  data = list(term = part$label, effects = names))
    }
  }
}

#' @param columns The variables of a problem.
#' @param counting Rows of positive weight, or `TRUE`.
#' @noRd
is_empty_column <- function(column, columns, counting) {
  left <- counting
  for (j in seq_along(column$vars)) {
    value <- columns[[column$vars[j]]]
    table <- column$tables[[j]]
    left <- left & (if (is.null(table)) value else table[as.integer(value)]) != 0
  }
  !any(left)
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
