# Confidence bands of effects: what predict() says of the points of a grid, with
# offsets at their means, which new data could not say.

#' Estimates and limits at the points of a grid
#'
#' @return list of columns: `category` or `part` (where means are rows of them; then the
#'   points come again for each), `estimate`, `std.error`, `conf.low`, `conf.high`.
#'   Points that are not estimable are `NA`.
#' @noRd
effect_bands <- function(model, inputs, type, level) {
  # of a group that is like the average one
  model$object <- object <- population_part(model$object)
  frame <- effect_frame(model, inputs)
  names <- as.character(seq_len(frame$rows))
  several <- has_outcome_columns(model)
  ask <- list(
    object = object, type = type, interval = "confidence", se = TRUE, level = level,
    predictor = NULL,
    which = etas_of(object, model$which),
    data = model$data, blank = TRUE,
    rows = list(frame = frame, problem = problem_of_choice(object, frame, list()),
                new = TRUE, names = names, dropped = FALSE)
  )
  ask <- c(ask, scale_of_prediction(object, NULL))
  ask$hopeless <- non_estimable_rows(ask, "NA")
  if (!several) ask$predictor <- names(object$predictors)[ask$which]
  found <- if (type == "link") predict_link(ask) else effect_means(ask, model)
  if (several) return(outcome_columns(found, outcome_column(object$family)))
  list(estimate = unname(found$fit[, "fit"]), std.error = unname(found$se.fit),
       conf.low = unname(found$fit[, "lwr"]), conf.high = unname(found$fit[, "upr"]))
}

#' Does an effect have a curve for each category or part?
#' @noRd
has_outcome_columns <- function(model) {
  object <- model$object
  has_matrix_mean(object$family) &&
    all(vapply(object$predictors[etas_of(object, model$which)], `[[`, NA, "spread"))
}

#' The mean for the main predictor; for others their parameter
#' @noRd
effect_means <- function(ask, model) {
  if (model$which == 1L || has_outcome_columns(model)) ask["predictor"] <- list(NULL)
  predict_response(ask)
}

#' Categories or parts one below the other
#' @noRd
outcome_columns <- function(found, name) {
  labels <- colnames(found$se.fit)
  rows <- nrow(found$se.fit)
  column <- list(rep(factor(labels, labels), each = rows))
  c(stats::setNames(column, name), list(
       estimate = as.vector(found$fit[, , "fit"]), std.error = as.vector(found$se.fit),
       conf.low = as.vector(found$fit[, , "lwr"]),
       conf.high = as.vector(found$fit[, , "upr"])))
}

#' The grid as a frame, offsets at their means
#' @noRd
effect_frame <- function(model, inputs) {
  frame <- build_newframe(model$object$frame, inputs, offset = FALSE, random = FALSE)
  frame$offsets <- lapply(model$inputs$offsets, function(offset) {
    if (length(offset) > 1L) matrix(offset, frame$rows, length(offset), byrow = TRUE)
    else if (length(offset)) rep(offset, frame$rows)
  })
  frame
}
