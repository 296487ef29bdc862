# Smooths in a frame: covariates and by-variables are evaluated with all other variables,
# settings such as k where the formula was written; then each is settled on its rows, see
# smooth-setup.R. Settled smooths hold no rows.

#' The smooths of a predictor, with their variables and settings
#' @noRd
smooth_drafts <- function(predictor, spec) {
  predictor$smooths <- lapply(unname(c(predictor$smooths, predictor$loess)), draft_smooth,
                              predictor = predictor, env = spec$env)
  predictor
}

#' @noRd
draft_smooth <- function(smooth, predictor, env) {
  variables <- c(smooth$vars, if (!is.null(smooth$by)) list(smooth$by))
  keys <- vapply(variables, key_of, "")
  unique <- !duplicated(keys)
  terms <- stats::terms(new_formula(NULL, 1, env))
  attr(terms, "variables") <- as.call(c(list(quote(list)), variables[unique]))
  covariates <- keys[seq_along(smooth$vars)]
  if (anyDuplicated(covariates)) {
    abort_gamut("`", smooth$label, "`: a covariate is named twice.", class = "formula",
                data = list(term = smooth$label))
  }
  list(
    name = predictor$name, main = FALSE, label = smooth$label, fun = smooth$fun,
    covariates = covariates, by = if (!is.null(smooth$by)) keys[length(keys)],
    settings = smooth_settings(smooth, env), terms = terms,
    expressions = variables[unique], keys = keys[unique], offsets = list()
  )
}

#' The values of a smooth's arguments
#' @noRd
smooth_settings <- function(smooth, env) {
  settings <- lapply(stats::setNames(nm = names(smooth$args)), function(name) {
    tryCatch(eval(smooth$args[[name]], env), error = function(e) {
      abort_gamut("`", smooth$label, "`: cannot evaluate ", name, " = ",
                  expr_text(smooth$args[[name]]), ": ", conditionMessage(e), ".",
                  class = "formula", data = list(term = smooth$label, argument = name))
    })
  })
  fx <- settings$fx
  if (!is.null(fx) && !(is.logical(fx) && !anyNA(fx))) {
    abort_gamut("`", smooth$label, "`: fx must be TRUE or FALSE.", class = "smooth",
                data = list(term = smooth$label, argument = "fx"))
  }
  if ("df" %in% names(settings)) check_df(settings$df, smooth$label)
  settings
}

#' Everything that a predictor's smooths want evaluated, by key
#' @noRd
smooth_expressions <- function(predictor) {
  wanted <- list()
  for (smooth in predictor$smooths) wanted[smooth$keys] <- smooth$expressions
  wanted
}

#' @noRd
smooth_keys <- function(predictor) {
  unlist(lapply(predictor$smooths, `[[`, "keys"), use.names = FALSE)
}

#' Names that new data must hold for the smooths, and safe prediction calls
#' @noRd
note_smooth_inputs <- function(predictor, items, data, env, rows) {
  predictor$smooths <- lapply(predictor$smooths, note_inputs, items = items, data = data,
                              env = env, rows = rows)
  predictor
}

#' What a frame keeps of one smooth before it is set up, free of rows
#' @noRd
frame_smooth <- function(smooth, items, codings) {
  kept <- frame_predictor(smooth, items, codings)
  own <- c("label", "fun", "covariates", "by", "settings")
  kept[own] <- smooth[own]
  kept
}

#' A frame whose predictors have no smooths
#' @noRd
without_smooths <- function(frame) {
  frame$predictors <- lapply(frame$predictors, function(p) {
    p$smooths <- list()
    p
  })
  frame
}
