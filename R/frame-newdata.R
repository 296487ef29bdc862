# Variables for prediction: the expressions of the fit, evaluated in new data with
# what they learnt from the old (`predvars`), checked against the old types and
# levels.

#' A frame of new data
#'
#' Rows with a missing value are left out, since the engine takes none; `pad_rows()`
#' puts the results back in place.
#'
#' @param frame A frame, possibly stripped of its rows.
#' @param newdata Data frame or list.
#' @param offset Evaluate the offsets too?
#' @param random Evaluate the bars too? Otherwise the new frame has no random effects.
#' @param new_levels Let new levels of random curves in, see smooth-new-levels.R?
#' @return A `gamut_frame` without response and weights; `rows` counts complete rows,
#'   `kept` names them (`NULL` for all) and `total` counts all. Where the fit does not
#'   know a row's group, its code in `group_codes` is `NA`, and `new_levels` has the
#'   labels, by grouping; the effects of such rows are 0 in a problem.
#' @noRd
build_newframe <- function(frame, newdata, offset = TRUE, random = TRUE,
                           new_levels = FALSE) {
  newdata <- check_newdata(newdata)
  rows <- rows_of(newdata)
  if (!random) frame <- without_random(frame)
  predictors <- frame$predictors
  if (new_levels) predictors <- open_levels(predictors)
  if (!offset) predictors <- lapply(predictors, without_offsets)
  require_inputs(predictors, newdata)
  items <- list()
  for (p in predictors) items <- new_items(items, p, newdata, rows)
  suspect <- vapply(items, may_be_missing, NA)
  bad <- if (any(suspect)) which(Reduce(`|`, lapply(items[suspect], is_missing)))
  kept <- if (length(bad)) seq_len(rows)[-bad]
  if (!is.null(kept)) items <- lapply(items, take_rows, rows = kept)
  names_of_rows <- if (is.data.frame(newdata)) data_row_names(newdata)
  used <- rows - length(bad)
  grouped <- lapply(frame$groups, new_group_codes, items = items)
  structure(list(
    rows = used, total = rows, variables = items,
    codes = place_codes(predictors, items), response = NULL,
    response_name = frame$response_name, y = NULL, weights = NULL,
    offsets = lapply(predictors, total_offset, items = items, rows = used),
    na_action = NULL, row_names = kept_row_names(names_of_rows, kept), kept = kept,
    total_names = names_of_rows, levels = frame$levels,
    etas = frame$etas, predictors = frame$predictors, groups = frame$groups,
    group_codes = lapply(grouped, `[[`, "codes"),
    new_levels = lapply(grouped, `[[`, "new")
  ), class = "gamut_frame")
}

#' Results of complete rows back among all rows, `NA` elsewhere
#'
#' @param x Vector, or matrix with a row for each complete row.
#' @noRd
pad_rows <- function(x, newframe) {
  kept <- newframe$kept
  if (is.null(kept)) return(x)
  at <- rep(NA_integer_, newframe$total)
  at[kept] <- seq_along(kept)
  take_rows(x, at)
}

#' @noRd
check_newdata <- function(newdata) {
  if (is.environment(newdata)) newdata <- as.list(newdata)
  if (!is.list(newdata)) {
    abort_gamut("`newdata` must be a data frame.", class = "newdata")
  }
  newdata
}

#' @noRd
rows_of <- function(data) {
  if (is.data.frame(data)) return(.row_names_info(data, 2L))
  if (length(data)) NROW(data[[1L]]) else 0L
}

#' @noRd
without_offsets <- function(predictor) {
  predictor$offsets <- list()
  predictor$inputs <- predictor$term_inputs
  predictor
}

#' @noRd
require_inputs <- function(predictors, newdata) {
  inner <- lapply(unname(predictors), function(p) c(p$random, p$smooths))
  terms <- c(predictors, unlist(inner, recursive = FALSE))
  needed <- unique(unlist(lapply(terms, `[[`, "inputs")))
  missing <- setdiff(needed, names(newdata))
  if (length(missing)) {
    abort_gamut("`newdata` lacks the variable", if (length(missing) > 1L) "s", " ",
                ticked(missing), ".", class = "newdata",
                data = list(variables = missing))
  }
}

#' Add the variables of one predictor, of its smooths and of its bars
#' @noRd
new_items <- function(items, predictor, newdata, rows) {
  items <- new_variables(items, predictor, newdata, rows)
  for (smooth in predictor$smooths) items <- new_variables(items, smooth, newdata, rows)
  for (random in predictor$random) {
    items <- new_variables(items, random, newdata, rows)
    env <- environment(random$terms)
    for (key in setdiff(names(random$factors), names(items))) {
      items[[key]] <- evaluate_new(random$factors[[key]], key, newdata, env, rows)
    }
  }
  items
}

#' @noRd
new_variables <- function(items, predictor, newdata, rows) {
  terms <- predictor$terms
  env <- environment(terms)
  response <- attr(terms, "response")
  calls <- as.list(attr(terms, "predvars"))[-1L]
  if (response > 0L) calls <- calls[-response]
  classes <- attr(terms, "dataClasses")[predictor$keys]
  for (i in seq_along(calls)) {
    key <- predictor$keys[i]
    if (key %in% names(items)) next
    value <- evaluate_new(calls[[i]], key, newdata, env, rows)
    levels <- predictor$xlevels[[key]]
    if (key %in% predictor$open) {
      levels <- union(levels, as.character(unique(stats::na.omit(value))))
    }
    items[[key]] <- match_type(value, key, classes[[i]], levels)
  }
  for (key in setdiff(names(predictor$offsets), names(items))) {
    items[[key]] <- evaluate_new(predictor$offsets[[key]], key, newdata, env, rows)
  }
  items
}

#' @noRd
evaluate_new <- function(expression, key, newdata, env, rows) {
  value <- tryCatch(
    evaluate_variable(expression, key, newdata, env),
    gamut_error_data = function(e) {
      abort_gamut("In `newdata`: ", conditionMessage(e), class = "newdata")
    }
  )
  if (NROW(value) != rows) {
    abort_gamut("Variable ", ticked(key), " has ", NROW(value), " row",
                if (NROW(value) != 1L) "s", " in `newdata`, which has ", rows, ".",
                class = "newdata", data = list(variable = key))
  }
  value
}

#' A variable of new data as the one it was in the fit, or an error
#'
#' Text and factors stand for one another; a column of nothing but `NA` fits any type.
#' @noRd
match_type <- function(value, key, old, levels) {
  if (is.logical(value) && all(is.na(value))) value <- typed_missing(value, old)
  new <- variable_class(value)
  labelled <- c("factor", "ordered", "character")
  if (new != old && !all(c(new, old) %in% labelled)) {
    abort_gamut("Variable ", ticked(key), " was ", type_phrase(old),
                " in the fit and is ", type_phrase(new), " in `newdata`.",
                class = "newdata", data = list(variable = key))
  }
  if (is.null(levels)) value else match_levels(value, key, levels)
}

#' @noRd
typed_missing <- function(value, class) {
  if (class == "logical" || !is.null(dim(value))) return(value)
  switch(class, numeric = , other = as.double(value), as.character(value))
}

#' @noRd
type_phrase <- function(class) {
  if (startsWith(class, "nmatrix.")) {
    return(paste("a matrix with", sub("nmatrix.", "", class, fixed = TRUE), "columns"))
  }
  switch(class, numeric = "numeric", logical = "logical", character = "text",
         factor = "a factor", ordered = "an ordered factor", "of another class")
}

#' @noRd
match_levels <- function(value, key, levels) {
  if (is.factor(value) && identical(levels(value), levels)) return(value)
  codes <- if (is.factor(value)) match(levels(value), levels)[as.integer(value)]
           else match(value, levels)
  new <- is.na(codes) & !is.na(unclass(value))
  if (any(new)) {
    unknown <- unique(as.character(value[new]))
    abort_in_rows(
      paste0("Factor ", ticked(key), " has the new level",
             if (length(unknown) > 1L) "s", " ", quoted(unknown)),
      which(new), class = "newdata",
      advice = paste0(" of `newdata`; the fit knows ", quoted(levels), ".")
    )
  }
  structure(codes, levels = levels, class = "factor")
}
