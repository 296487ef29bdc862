# Random effects in a frame: what stands left of each bar is settled as a predictor's
# formula is (terms, levels, contrasts), what stands right of it becomes codes, see
# frame-groups.R. Settled terms hold no rows.

#' The random terms of a predictor, with the terms object of their left sides
#' @noRd
random_drafts <- function(predictor, spec, data) {
  predictor$random <- lapply(unname(predictor$random), draft_random,
                             predictor = predictor, spec = spec, data = data)
  predictor
}

#' @noRd
draft_random <- function(random, predictor, spec, data) {
  formula <- random$lhs
  dot <- isTRUE(random$has_dot)
  if (dot) formula <- set_response(formula, spec$response)
  terms <- stats::terms(formula, data = if (dot) dot_columns(predictor, spec, data))
  if (dot) terms <- stats::delete.response(terms)
  if (length(attr(terms, "offset"))) {
    abort_gamut("`", random$label, "`: an offset cannot vary by group: write offset() ",
                "outside of the bar.", class = "formula")
  }
  variables <- as.list(attr(terms, "variables"))[-1L]
  factors <- group_factors(random$group)
  list(
    name = predictor$name, main = FALSE, label = random$label,
    structure = random$structure, id = random$id, args = random$args,
    terms = terms, expressions = variables, keys = vapply(variables, key_of, ""),
    offsets = list(), group = group_key(names(factors)), factors = factors,
    group_label = key_of(random$group)
  )
}

#' Everything that a predictor's bars want evaluated, by key
#' @noRd
random_expressions <- function(predictor) {
  wanted <- list()
  for (random in predictor$random) {
    wanted[random$keys] <- random$expressions
    wanted[names(random$factors)] <- random$factors
  }
  wanted
}

#' Variables left of the bars
#' @noRd
random_keys <- function(predictor) {
  unlist(lapply(predictor$random, `[[`, "keys"), use.names = FALSE)
}

#' Names that new data must hold for the bars, and safe prediction calls
#' @noRd
note_random_inputs <- function(predictor, items, data, env, rows) {
  predictor$random <- lapply(predictor$random, function(random) {
    random <- note_inputs(random, items, data, env, rows)
    random$inputs <- union(random$inputs, input_names(random$factors, data, env, rows))
    random
  })
  predictor
}

#' What a frame keeps of one random term, free of rows
#'
#' @return What `frame_predictor()` has of the left side, and `label`, `structure`,
#'   `id`, `group` (the name of its grouping in `frame$groups`), `group_label`, `factors`,
#'   and what its structure needs: `root` of a known matrix, or `places`, see
#'   `settle_places()`.
#' @noRd
frame_random <- function(random, items, codings, full_levels, groups) {
  kept <- frame_predictor(random, items, codings)
  own <- c("label", "structure", "id", "group", "group_label", "factors")
  kept[own] <- random[own]
  kept$places <- settle_places(kept, items, full_levels)
  if (kept$structure == "known") {
    kept$root <- known_root(random, groups[[random$group]])
  }
  kept
}

#' A frame whose predictors have no random effects
#' @noRd
without_random <- function(frame) {
  frame$predictors <- lapply(frame$predictors, function(p) {
    p$random <- list()
    p
  })
  frame[c("groups", "group_codes")] <- list(NULL)
  frame
}
