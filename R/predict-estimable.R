# Which new rows ask for what the data could not tell. With a matrix of deficient rank
# a row x is estimable when it is orthogonal to every v with X v = 0.

#' Rows (of the frame to predict) that are not estimable, and the warning about them
#' @noRd
non_estimable_rows <- function(ask, mode) {
  object <- ask$object
  if (mode == "simple" || !may_be_non_estimable(ask)) return(integer())
  own <- own_frame(object, ask$data)
  if (is.null(own)) {
    warn_gamut("the fit is rank-deficient and has no data, so that rows that are not ",
               "estimable cannot be told: give them as `data`.", class = "rank_deficient")
    return(integer())
  }
  several <- ask$interval == "prediction" || ask$type == "quantile"
  which <- if (several) seq_along(object$predictors) else ask$which
  bad <- lapply(which, non_estimable_in, object = object, own = own,
                frame = ask$rows$frame)
  bad <- sort(unique(unlist(bad)))
  if (length(bad) && mode %in% c("warnif", "NAwarn")) warn_not_estimable(bad, ask)
  bad
}

#' @noRd
may_be_non_estimable <- function(ask) {
  ask$rows$new && anyNA(ask$object$coefficients) && ask$type != "lpmatrix"
}

#' The rows of the fit: its own, or built from `data`; NULL without either
#' @noRd
own_frame <- function(object, data) {
  if (has_data(object)) return(object$frame)
  if (!is.null(data)) build_newframe(object$frame, data, offset = FALSE, random = FALSE)
}

#' @noRd
warn_not_estimable <- function(bad, ask) {
  frame <- ask$rows$frame
  shown <- if (is.null(frame$kept)) bad else frame$kept[bad]
  warn_gamut("the fit is rank-deficient, and predictions for ", length(shown), " row",
             if (length(shown) > 1L) "s", " of `newdata` depend on coefficients that ",
             "could not be estimated: ", enumerate(shown), ". ",
             if (ask$blank) "They are NA." else
               "These count as 0 here; see `rankdeficient` in ?predict.gamut.",
             class = "rank_deficient", data = list(rows = shown))
}

#' Rows x of one predictor with x'v != 0 for some v with X v = 0
#'
#' Each aliased column a is a combination B of columns before it, found by least
#' squares, and v = (B, -1). One fit serves for all of them: with generic multipliers r,
#' x'(B r, -r) is 0 for all aliased columns or, but for a set of measure 0, for none.
#' @noRd
non_estimable_in <- function(k, object, own, frame) {
  aliased <- is.na(object$coefficients[object$predictors[[k]]$position])
  if (!any(aliased)) return(integer())
  # the golden ratio's multiples are spread evenly and in no rational relation
  multiplier <- ifelse(aliased, 1 + (seq_along(aliased) * (sqrt(5) - 1) / 2) %% 1, 0)
  learnt <- predictor_problem(k, object, own)
  target <- engine_linear_predictor(learnt, multiplier)[, 1L]
  learnt$response <- target
  if (!is.null(own$y$weights)) learnt$weights <- as.double(own$y$weights > 0)
  gaussian <- as_gamut_family("gaussian")
  combination <- engine_fit(learnt, gaussian, gamut_control())$coefficients
  new <- predictor_problem(k, object, frame)
  wanted <- engine_linear_predictor(new, multiplier)[, 1L]
  had <- engine_linear_predictor(new, combination)[, 1L]
  scale <- pmax(abs(wanted), abs(had), sqrt(mean(target^2)))
  # a combination found to 1e-11 or so, against columns that differ by a unit or more
  which(abs(wanted - had) > 1e-6 * scale)
}

#' The columns of one predictor alone, as a gaussian problem without offsets
#' @noRd
predictor_problem <- function(k, object, frame) {
  p <- object$predictors[[k]]$frame_predictor
  frame <- without_random(frame)
  frame$predictors <- stats::setNames(frame$predictors[p], "mu")
  frame$offsets <- vector("list", 1L)
  frame$etas <- list(label = "mu", parameter = "mu", spread = FALSE)
  frame$y <- NULL
  build_problem(frame, as_gamut_family("gaussian"))
}
