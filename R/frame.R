# Frame: a specification meets the data. Everything that needs the data frame
# happens here, once: variables are evaluated, rows chosen, factors settled,
# contrasts resolved. Later layers see vectors and integer codes only. A plain
# column is never copied unless rows are dropped.

#' Evaluate a specification in data
#'
#' @param spec A `gamut_spec` of `parse_formula()`.
#' @param data Data frame, list, environment, or `NULL` (the variables are then
#'   those of the formula's environment).
#' @param family A `gamut_family`.
#' @param weights,subset,offset Expressions as `substitute()` gives them, values,
#'   or `NULL`; evaluated in `data`, then in the formula's environment.
#' @param na_action A function, its name, or `NULL` (keep rows with `NA`, which is
#'   an error when there are any).
#' @param contrasts Named list as in [stats::model.matrix()].
#' @return A `gamut_frame`: `rows`, `variables` (by deparsed expression), `codes` (of
#'   character variables), `response`, `response_name`, `y` (what the family makes of
#'   it), `weights`, `offsets`, `na_action`, `row_names`, `kept` (rows of `data` in
#'   use, `NULL` for all), `levels` of the response, `etas` (the linear predictors, see
#'   `family_etas()`), `predictors`, which hold no rows: see `frame_predictor()`, each
#'   with its `random` terms, see `frame_random()`, and `smooths`, see
#'   `settle_smooths()`, and the grouping factors: `groups`
#'   (no rows: see `settle_groups()`) and `group_codes` by the same keys.
#' @noRd
build_frame <- function(spec, data = NULL, family, weights = NULL, subset = NULL,
                        offset = NULL, na_action = getOption("na.action"),
                        contrasts = NULL, knots = NULL, select = FALSE) {
  data <- check_data(data)
  spec <- name_parts(spec, family)
  predictors <- name_predictors(spec, family)
  predictors <- lapply(predictors, frame_terms, spec = spec, data = data)
  predictors <- lapply(predictors, random_drafts, spec = spec, data = data)
  predictors <- lapply(predictors, smooth_drafts, spec = spec)
  predictors <- require_thresholds(predictors, family)
  predictors <- add_offset(predictors, offset)
  variables <- family_variables(family, data, spec$env)
  wanted <- wanted_expressions(spec, predictors, weights, variables)
  items <- evaluate_items(wanted, data, spec$env)
  n <- NROW(items[[1L]])
  predictors <- lapply(predictors, note_inputs, items = items, data = data,
                       env = spec$env, rows = n)
  predictors <- lapply(predictors, note_random_inputs, items = items, data = data,
                       env = spec$env, rows = n)
  predictors <- lapply(predictors, note_smooth_inputs, items = items, data = data,
                       env = spec$env, rows = n)
  names_of_rows <- data_row_names(data, items[[1L]])
  within <- evaluate_subset(subset, data, spec$env, n, names_of_rows)
  chosen <- choose_rows(items, within, na_action, names_of_rows,
                        isTRUE(family$open_response))
  warn_empty_categories(chosen$items[[1L]], family)
  family$variables <- chosen_variables(variables, chosen$items)
  settled <- settle_factors(chosen$items)
  assemble_frame(names(wanted)[1L], predictors, chosen, settled, family, contrasts,
                 list(knots = knots, select = select))
}

#' A category without any row can have no probability; it is left out, and said
#' @noRd
warn_empty_categories <- function(response, family) {
  if (!is_category(family) || !is.factor(response)) return(invisible())
  empty <- levels(response)[tabulate(response, nlevels(response)) == 0L]
  if (length(empty)) {
    warn_gamut("no row of the response is in category ", enumerate(empty),
               ", which is left out.", class = "response")
  }
}

#' The frame from its settled pieces
#' @noRd
assemble_frame <- function(response_name, predictors, chosen, settled, family,
                           contrasts, smoothing = list(select = FALSE)) {
  items <- settled$items
  response <- items[[1L]]
  rows <- NROW(response)
  weights <- check_weights(items[["(weights)"]])
  y <- family$response(response, weights, response_name, rows = chosen$kept,
                       variables = family$variables)
  etas <- family_etas(resolve_family(family, y$levels), y$levels)
  check_labels(names(predictors), etas, family)
  used <- unique(unlist(lapply(predictors, function(p) {
    c(p$keys, random_keys(p), smooth_keys(p))
  })))
  levels <- settled$levels[intersect(used, names(settled$levels))]
  codings <- resolve_codings(items, levels, contrasts)
  grouped <- settle_groups(predictors, settled)
  predictors <- lapply(predictors, settle_predictor, items = items, codings = codings,
                       full_levels = lapply(chosen$items, base::levels),
                       groups = grouped$groups, smoothing = smoothing)
  check_groupings(predictors, grouped, rows, weights, family)
  structure(list(
    rows = rows, variables = items[used],
    codes = c(settled$codes, place_codes(predictors, items)), response = response,
    response_name = response_name, y = y, weights = weights,
    offsets = lapply(predictors, total_offset, items = items, rows = rows),
    na_action = chosen$na_action, row_names = chosen$row_names, kept = chosen$kept,
    levels = y$levels, etas = etas, predictors = predictors,
    groups = grouped$groups, group_codes = grouped$codes
  ), class = "gamut_frame")
}

#' A predictor, its random terms and its smooths, free of rows
#' @noRd
settle_predictor <- function(predictor, items, codings, full_levels, groups,
                             smoothing) {
  random <- lapply(predictor$random, frame_random, items = items, codings = codings,
                   full_levels = full_levels, groups = groups)
  smooths <- lapply(predictor$smooths, frame_smooth, items = items, codings = codings)
  smooths <- settle_smooths(smooths, items, smoothing$knots, smoothing$select,
                            attr(predictor$terms, "intercept") == 1L)
  c(frame_predictor(predictor, items, codings), list(random = random, smooths = smooths))
}

#' What a fit keeps of one predictor, free of rows
#'
#' `codings` are compact contrasts (see `resolve_codings()`), `contrasts_arg` is what
#' `attr(model.matrix(), "contrasts")` shows, `inputs` are the names that new data
#' must hold, `offsets` expressions to evaluate again there.
#' @noRd
frame_predictor <- function(predictor, items, codings) {
  terms <- predictor$terms
  response <- attr(terms, "response")
  keys <- c(if (response > 0L) names(items)[1L], predictor$keys)
  terms <- structure(terms, dataClasses = vapply(items[keys], variable_class, ""))
  codings <- codings[intersect(predictor$keys, names(codings))]
  levelled <- vapply(items[names(codings)], is.logical, NA)
  list(
    name = predictor$name, main = predictor$main, terms = terms,
    intercept = attr(terms, "intercept") == 1L, keys = predictor$keys,
    xlevels = lapply(codings[!levelled], `[[`, "levels"),
    contrasts_arg = lapply(codings, `[[`, "shown"), codings = codings,
    offsets = predictor$offsets, inputs = predictor$inputs,
    term_inputs = predictor$term_inputs
  )
}

#' One predictor per distribution parameter, in the family's order
#'
#' The main predictor belongs to the first parameter; parameters without a formula
#' get `~ 1`. Of a family that spreads a parameter over several linear predictors (the
#' categories of a response) formulas may name these as well; they come last and are
#' checked when the response is known, see `check_labels()`.
#' @noRd
name_predictors <- function(spec, family) {
  known <- family$parameters
  given <- spec$predictors
  names(given) <- vapply(given, function(p) if (is.na(p$name)) known[1L] else p$name, "")
  others <- setdiff(names(given), known)
  if (length(others) && is.null(family$etas)) abort_parameter(others, known, family)
  if (anyDuplicated(names(given)) || names(given)[1L] != known[1L]) {
    abort_gamut("The first formula, which has the response, is the one of the parameter ",
                ticked(known[1L]), "; the others must name the other parameters.",
                class = "formula")
  }
  wanted <- c(known, others)
  lapply(stats::setNames(wanted, wanted), function(name) {
    predictor <- given[[name]]
    if (is.null(predictor)) predictor <- constant_predictor(spec$env)
    predictor$name <- name
    predictor
  })
}

#' @noRd
abort_parameter <- function(unknown, known, family) {
  abort_gamut("The family ", family$family, " has no parameter ",
              ticked(unknown), "; its parameters: ",
              ticked(known), ".", class = "formula")
}

#' Formulas of single linear predictors must name one
#' @noRd
check_labels <- function(given, etas, family) {
  unknown <- setdiff(given, c(family$parameters, etas$label[etas$spread]))
  if (length(unknown)) {
    abort_parameter(unknown, union(family$parameters, etas$label), family)
  }
}

#' @noRd
constant_predictor <- function(env) {
  list(main = FALSE, parametric = stats::as.formula(quote(~1), env), offsets = list(),
       smooths = list(), loess = list(), random = list(), dot = FALSE)
}

#' The offset argument belongs to the main predictor, beside its offset() terms
#' @noRd
add_offset <- function(predictors, offset) {
  lapply(predictors, function(p) {
    offsets <- as.list(p$offsets)
    names(offsets) <- vapply(offsets, function(e) paste0("offset(", key_of(e), ")"), "")
    if (p$main && !is.null(offset)) offsets[["(offset)"]] <- offset
    p$offsets <- offsets
    p
  })
}

#' A frame without its rows: enough to predict
#' @noRd
strip_frame <- function(frame) {
  frame[c("variables", "codes", "group_codes", "response", "y", "weights", "offsets",
          "row_names", "kept")] <- list(NULL)
  frame
}

#' Row names as character; automatic ones are made only here
#' @noRd
frame_row_names <- function(frame) {
  if (is.null(frame$row_names)) as.character(seq_len(frame$rows))
  else as.character(frame$row_names)
}

#' The data frame that `model.frame()` of a fit is: response, variables, weights, offset
#' @noRd
model_frame_of <- function(frame, predictor = frame$predictors[[1L]]) {
  response <- attr(predictor$terms, "response")
  columns <- frame$variables[predictor$keys]
  if (response > 0L) {
    columns <- append(columns, stats::setNames(list(frame$response), frame$response_name),
                      response - 1L)
  }
  columns[["(weights)"]] <- frame$weights
  columns[["(offset)"]] <- frame$offsets[[predictor$name]]
  names <- if (is.null(frame$row_names)) seq_len(frame$rows) else frame$row_names
  structure(columns, class = "data.frame", row.names = names, terms = predictor$terms,
            na.action = frame$na_action)
}
