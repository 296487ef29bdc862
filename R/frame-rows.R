# Which rows of the data a fit uses: `subset`, missing values, infinite values.
# The scan is one sum per column; anything slower waits until there is trouble.

#' Rows selected by `subset`: NULL for all, or integer positions
#'
#' A missing value in a logical `subset` means "not selected".
#' @noRd
evaluate_subset <- function(subset, data, env, n, row_names) {
  if (is.null(subset)) return(NULL)
  value <- evaluate_variable(subset, key_of(subset), data, env)
  if (is.null(value)) return(NULL)
  within <- if (is.logical(value)) {
    if (length(value) != n) {
      abort_gamut("`subset` has ", length(value), " values for ", n, " rows.",
                  class = "data")
    }
    which(value)
  } else if (is.character(value)) {
    match(value, if (is.null(row_names)) as.character(seq_len(n)) else row_names)
  } else if (is.numeric(value)) {
    seq_len(n)[value]
  } else {
    abort_gamut("`subset` must be logical, or row numbers or names.", class = "data")
  }
  if (anyNA(within)) abort_gamut("`subset` names rows that do not exist.", class = "data")
  if (!length(within)) abort_gamut("`subset` selects no row.", class = "data")
  within
}

#' Row names that are not automatic, else NULL
#' @noRd
data_row_names <- function(data, response = NULL) {
  if (is.data.frame(data)) {
    return(if (.row_names_info(data) > 0L) attr(data, "row.names"))
  }
  if (is.matrix(response)) rownames(response) else names(response)
}

#' Drop the rows that are not used
#'
#' @param open_response May the response, the first item, be infinite (bounds)?
#' @return `items` without them, `kept` (`NULL` when all stay), `na_action` (as
#'   [stats::na.omit()] records it, positions within the subset), `row_names`.
#' @noRd
choose_rows <- function(items, within, na_action, row_names, open_response = FALSE) {
  suspect <- vapply(items, may_be_missing, NA)
  omitted <- NULL
  if (any(suspect)) {
    action <- match_na_action(na_action)
    if (is.function(action)) {
      return(apply_na_function(action, items, within, row_names))
    }
    omitted <- missing_rows(items[suspect], within, action)
  }
  kept <- if (length(omitted)) {
    (if (is.null(within)) seq_len(NROW(items[[1L]])) else within)[-omitted]
  } else {
    within
  }
  if (!is.null(omitted)) {
    omitted <- name_omitted(omitted, within, row_names, action)
  }
  if (!is.null(kept)) items <- lapply(items, take_rows, rows = kept)
  if (open_response) suspect[1L] <- FALSE
  check_finite(items[suspect], kept)
  list(items = items, kept = kept, na_action = omitted,
       row_names = kept_row_names(row_names, kept))
}

#' FALSE when a look at the whole column shows neither NA nor Inf
#'
#' The sum of a column is finite unless one of its values is not (or it overflows,
#' which costs a second look and nothing else).
#' @noRd
may_be_missing <- function(value) {
  if (is.object(value)) value <- unclass(value)
  if (is.double(value)) !is.finite(sum(value)) else anyNA(value)
}

#' @noRd
is_missing <- function(value) {
  missing <- is.na(unclass(value))
  if (is.matrix(missing)) rowSums(missing) > 0 else missing
}

#' @noRd
take_rows <- function(value, rows) {
  if (length(dim(value)) == 2L) value[rows, , drop = FALSE] else value[rows]
}

#' @noRd
match_na_action <- function(na_action) {
  known <- c("omit", "exclude", "fail", "pass")
  if (is.null(na_action)) return("pass")
  if (is.character(na_action)) {
    short <- sub("^na[.]", "", na_action)
    if (short %in% known) return(short)
    return(get(na_action, mode = "function"))
  }
  functions <- list(stats::na.omit, stats::na.exclude, stats::na.fail, stats::na.pass)
  for (i in seq_along(known)) if (identical(na_action, functions[[i]])) return(known[i])
  if (!is.function(na_action)) {
    abort_gamut("`na.action` must be a function such as na.omit, or its name.",
                class = "data")
  }
  na_action
}

#' Positions (within the subset) of incomplete rows, or NULL
#' @noRd
missing_rows <- function(items, within, action) {
  bad <- lapply(items, is_missing)
  if (!is.null(within)) bad <- lapply(bad, `[`, within)
  empty <- vapply(bad, all, NA)
  if (any(empty)) {
    abort_gamut("Variable ", ticked(names(items)[empty]),
                " has no value: all rows are missing.", class = "data",
                data = list(variable = names(items)[empty]))
  }
  counts <- vapply(bad, sum, 0L)
  rows <- which(Reduce(`|`, bad))
  if (!length(rows)) return(NULL)
  if (action %in% c("fail", "pass")) abort_missing(counts, rows, within, action)
  if (length(rows) == length(bad[[1L]])) {
    abort_gamut("No row is complete: missing values per variable: ",
                enumerate(paste0("`", names(items), "` ", counts)), ".",
                class = "data")
  }
  rows
}

#' @noRd
abort_missing <- function(counts, rows, within, action) {
  names <- names(counts)[counts > 0L]
  abort_in_rows(paste0("Missing values in ", ticked(names)), rows, within,
             advice = paste0("; with na.action = na.", action, " they are an error. ",
                             "Use na.omit or na.exclude to leave those rows out."))
}

#' The na.action record of stats: positions named by row
#' @noRd
name_omitted <- function(omitted, within, row_names, action) {
  at <- if (is.null(within)) omitted else within[omitted]
  names(omitted) <- if (is.null(row_names)) at else row_names[at]
  structure(omitted, class = action)
}

#' @noRd
kept_row_names <- function(row_names, kept) {
  if (is.null(kept)) return(row_names)
  chosen <- if (is.null(row_names)) kept else row_names[kept]
  if (anyDuplicated(chosen)) make.unique(as.character(chosen)) else chosen
}

#' A user's own na.action works on a data frame of all variables
#' @noRd
apply_na_function <- function(action, items, within, row_names) {
  n <- NROW(items[[1L]])
  rows <- if (is.null(within)) seq_len(n) else within
  names <- kept_row_names(row_names, rows)
  frame <- structure(lapply(items, take_rows, rows = rows), class = "data.frame",
                     row.names = if (is.null(names)) seq_along(rows) else names)
  done <- action(frame)
  record <- attr(done, "na.action")
  kept <- rows[match(row.names(done), row.names(frame))]
  items <- as.list(done)
  attributes(items) <- list(names = names(done))
  if (!NROW(items[[1L]])) abort_gamut("`na.action` leaves no row.", class = "data")
  left <- vapply(items, anyNA, NA)
  if (any(left)) {
    abort_gamut("`na.action` leaves missing values in ",
                ticked(names(items)[left]), ".", class = "data")
  }
  check_finite(items, kept)
  list(items = items, kept = kept, na_action = record,
       row_names = kept_row_names(row_names, kept))
}

#' @noRd
check_finite <- function(items, kept) {
  for (key in names(items)) {
    value <- unclass(items[[key]])
    if (!is.double(value) || is.finite(sum(value))) next
    bad <- which(!is.finite(value))
    if (!length(bad)) next
    rows <- unique((bad - 1L) %% NROW(value) + 1L)
    abort_in_rows(paste0("Variable ", ticked(key), " is infinite"), rows, kept,
               advice = ": set such values to NA, or leave the rows out by `subset`.")
  }
}
