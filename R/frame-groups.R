# Grouping factors: one integer code a row, from what may be a factor, text, a logical or
# whole numbers, or the combinations of several of these.

#' The factors of a grouping, by key: `a:b` has two
#' @noRd
group_factors <- function(expr) {
  if (is_operation(expr, ":", 2L)) {
    factors <- c(group_factors(expr[[2L]]), group_factors(expr[[3L]]))
    return(factors[!duplicated(names(factors))])
  }
  stats::setNames(list(expr), key_of(expr))
}

#' The same for `a:b` and `b:a`, which group alike
#' @noRd
group_key <- function(keys) paste(sort(keys), collapse = ":")

#' All groupings of the predictors
#'
#' @return list: `groups`, by key: `label`, `factors` (expressions), `levels`,
#'   `parts` (the levels of each factor) and `cells` (which of them each level
#'   combines, a row a level); and `codes` by key.
#' @noRd
settle_groups <- function(predictors, settled) {
  groups <- codes <- list()
  for (random in unlist(lapply(unname(predictors), `[[`, "random"), FALSE)) {
    if (random$group %in% names(groups)) next
    parts <- lapply(names(random$factors), group_part, settled = settled)
    made <- combine_parts(parts)
    groups[[random$group]] <- list(
      label = random$group_label, factors = random$factors, levels = made$levels,
      parts = lapply(parts, `[[`, "levels"), cells = made$cells
    )
    codes[[random$group]] <- made$codes
  }
  list(groups = groups, codes = codes)
}

#' Codes and levels of one factor of a grouping; a factor is its own codes
#' @noRd
group_part <- function(key, settled) {
  value <- settled$items[[key]]
  if (length(dim(value)) > 1L) {
    abort_gamut("The grouping factor ", ticked(key), " is a matrix; it must be a vector.",
                class = "data", data = list(variable = key))
  }
  if (is.factor(value)) return(list(codes = value, levels = levels(value)))
  if (!is.null(settled$codes[[key]])) {
    return(list(codes = settled$codes[[key]], levels = settled$levels[[key]]))
  }
  if (is.numeric(value)) check_whole(value, key)
  if (!is.numeric(value) && !is.logical(value)) value <- as.character(value)
  made <- rank_distinct(as.vector(value))
  list(codes = made$codes, levels = as.character(made$distinct))
}

#' Distinct values, sorted, and the number of each value among them
#'
#' Whole numbers of a range that is not much longer than the vector are counted, which
#' is a fraction of the work.
#' @noRd
rank_distinct <- function(x) {
  if (is.numeric(x)) {
    ends <- as.double(range(x))
    span <- ends[2L] - ends[1L] + 1
    if (span <= 2 * length(x) + 1000) {
      place <- as.integer(x - ends[1L]) + 1L
      present <- tabulate(place, span) > 0L
      return(list(codes = cumsum(present)[place],
                  distinct = ends[1L] + which(present) - 1L))
    }
  }
  distinct <- sort(unique(x))
  list(codes = match(x, distinct), distinct = distinct)
}

#' Groups are counted, not measured
#' @noRd
check_whole <- function(value, key) {
  if (is.integer(value)) return(invisible())
  broken <- which(value != round(value))
  if (!length(broken)) return(invisible())
  abort_gamut("The grouping factor ", ticked(key), " is numeric, and ",
              format(value[broken[1L]]), " is no whole number. If its values are ",
              "labels, write factor(", key, "); for a smooth effect of a number there ",
              "is s(", key, ").", class = "data", data = list(variable = key))
}

#' Combinations that occur, in the order of the first factor, then the second
#' @noRd
combine_parts <- function(parts) {
  if (length(parts) == 1L) return(c(parts[[1L]], list(cells = NULL)))
  codes <- as.integer(parts[[1L]]$codes)
  cells <- matrix(seq_along(parts[[1L]]$levels))
  for (part in parts[-1L]) {
    size <- length(part$levels)
    # doubles: the product of the numbers of levels may exceed the integers
    made <- rank_distinct((codes - 1) * size + as.integer(part$codes))
    codes <- made$codes
    distinct <- made$distinct
    cells <- cbind(cells[(distinct - 1) %/% size + 1, , drop = FALSE],
                   as.integer((distinct - 1) %% size + 1))
  }
  names <- lapply(seq_along(parts), function(j) parts[[j]]$levels[cells[, j]])
  list(codes = codes, levels = do.call(paste, c(names, sep = ":")), cells = cells)
}

#' Codes of a grouping in new data: NA where the fit has no such level
#'
#' @return list: `codes`, `new` (labels of the levels that the fit does not know).
#' @noRd
new_group_codes <- function(group, items) {
  labels <- lapply(names(group$factors), function(key) as.character(items[[key]]))
  parts <- Map(match, labels, group$parts)
  codes <- parts[[1L]]
  if (!is.null(group$cells)) {
    key <- function(columns) do.call(paste, unname(columns))
    codes <- match(key(parts), key(as.data.frame(group$cells)))
  }
  new <- is.na(codes)
  names <- do.call(paste, c(lapply(labels, `[`, new), sep = ":"))
  list(codes = codes, new = unique(names))
}
