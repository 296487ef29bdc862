# Confidence bands of effects: what predict() says of the points of a grid, with
# offsets at their means, which new data could not say.

#' Estimates and limits at the points of a grid
#'
#' @return list of columns: `category` (categorical only; the points come again for each
#'   category), `estimate`, `std.error`, `conf.low`, `conf.high`. Points that are not
#'   estimable are `NA`.
#' @noRd
effect_bands <- function(model, inputs, type, level) {
  object <- model$object
  frame <- effect_frame(model, inputs)
  names <- as.character(seq_len(frame$rows))
  categorical <- is_categorical(object)
  ask <- list(
    object = object, type = type, interval = "confidence", se = TRUE, level = level,
    predictor = NULL,
    which = if (categorical) seq_along(object$predictors) else model$which,
    data = model$data, blank = TRUE,
    rows = list(frame = frame, problem = fit_problem(object, frame), new = TRUE,
                names = names, dropped = FALSE)
  )
  ask <- c(ask, scale_of_prediction(object, NULL))
  ask$hopeless <- non_estimable_rows(ask, "NA")
  found <- if (type == "link") predict_link(ask) else predict_response(ask)
  if (categorical) return(category_columns(found))
  list(estimate = unname(found$fit[, "fit"]), std.error = unname(found$se.fit),
       conf.low = unname(found$fit[, "lwr"]), conf.high = unname(found$fit[, "upr"]))
}

#' Categories one below the other
#' @noRd
category_columns <- function(found) {
  categories <- colnames(found$se.fit)
  rows <- nrow(found$se.fit)
  list(category = rep(factor(categories, categories), each = rows),
       estimate = as.vector(found$fit[, , "fit"]), std.error = as.vector(found$se.fit),
       conf.low = as.vector(found$fit[, , "lwr"]),
       conf.high = as.vector(found$fit[, , "upr"]))
}

#' The grid as a frame, offsets at their means
#' @noRd
effect_frame <- function(model, inputs) {
  frame <- build_newframe(model$object$frame, inputs, offset = FALSE)
  frame$offsets <- lapply(model$inputs$offsets, function(offset) {
    if (length(offset) > 1L) matrix(offset, frame$rows, length(offset), byrow = TRUE)
    else if (length(offset)) rep(offset, frame$rows)
  })
  frame
}
