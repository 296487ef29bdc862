# The rows that are predicted, and their results back in the user's order and shape.

#' Rows to predict: those of the fit, or of new data
#'
#' @param choice Random effects that count, see predict-random.R.
#' @param new_levels "error", "population" or "missing".
#' @return list: `frame`, `problem`, `new`, `newdata`, `total` rows, `names` of the rows
#'   in the result, `padded`: does the result have more rows than `frame`?, `choice`,
#'   `unknown`: rows of a group that the fit does not know, `new_curves`: for each smooth
#'   its rows of new levels, and `lost`: those of both that are not predicted.
#' @noRd
prediction_rows <- function(object, newdata, na_action, choice = NULL,
                            new_levels = "error") {
  if (is.null(newdata)) {
    require_data(object, "predict() without `newdata`")
    frame <- frame_of_choice(object, choice)
    return(list(frame = frame, problem = problem_of_choice(object, frame, choice),
                new = FALSE, names = frame_row_names(frame), choice = choice,
                action = object$na.action))
  }
  frame <- build_newframe(frame_of_choice(object, choice), newdata,
                          new_levels = new_levels != "error")
  curves <- new_level_rows(object, frame)
  unknown <- sort(unique(c(unknown_rows(frame, new_levels),
                           check_new_places(frame, new_levels))))
  dropped <- !is.null(frame$kept) && drops_missing(na_action, frame)
  names <- if (dropped) frame_row_names(frame)
           else as.character(frame$total_names %||% seq_len(frame$total))
  list(frame = frame, problem = problem_of_choice(object, frame, choice), new = TRUE,
       newdata = newdata, names = names, dropped = dropped, choice = choice,
       unknown = unknown, new_curves = curves,
       lost = if (new_levels == "missing") sort(unique(c(unknown, unlist(curves)))))
}

#' Does an `na.action` leave incomplete rows out? One that fails does so here.
#' @noRd
drops_missing <- function(na_action, frame) {
  if (is.null(na_action)) return(FALSE)
  action <- match.fun(na_action)
  probe <- tryCatch(action(data.frame(x = c(0, NA))), error = function(e) {
    missing <- setdiff(seq_len(frame$total), frame$kept)
    abort_gamut("`newdata` has missing values in ",
                if (length(missing) == 1L) "row " else "rows ", enumerate(missing),
                ", and `na.action` does not allow them.", class = "newdata",
                data = list(rows = missing))
  })
  nrow(probe) < 2L
}

#' Results of the frame's rows as the user gets them: named, padded, with `NA` where a
#' row is not estimable and the user wants to know
#' @noRd
finish_rows <- function(x, ask) {
  rows <- ask$rows
  blank <- c(if (ask$blank) ask$hopeless, rows$lost)
  if (length(blank)) x <- blank_rows(x, blank)
  if (!rows$new) return(stats::napredict(rows$action, name_rows(x, rows$names)))
  if (!rows$dropped) x <- pad_rows(x, rows$frame)
  name_rows(x, rows$names)
}

#' @noRd
blank_rows <- function(x, at) {
  if (is.matrix(x)) x[at, ] <- NA else x[at] <- NA
  x
}

#' @noRd
name_rows <- function(x, names) {
  if (is.matrix(x)) rownames(x) <- names else names(x) <- names
  x
}

#' From pieces `fit`, `se`, `lower`, `upper` to the value of predict()
#' @noRd
assemble_prediction <- function(pieces, ask) {
  pieces <- lapply(pieces, finish_rows, ask = ask)
  fit <- if (ask$interval == "none") pieces$fit else bind_limits(pieces)
  if (!ask$se) return(fit)
  list(fit = fit, se.fit = pieces$se, residual.scale = sqrt(ask$dispersion))
}

#' Fit and limits side by side: a matrix, or an array when the fit is a matrix
#' @noRd
bind_limits <- function(pieces) {
  if (!is.matrix(pieces$fit)) {
    return(cbind(fit = pieces$fit, lwr = pieces$lower, upr = pieces$upper))
  }
  array(c(pieces$fit, pieces$lower, pieces$upper), c(dim(pieces$fit), 3L),
        c(dimnames(pieces$fit), list(c("fit", "lwr", "upr"))))
}

#' Rows (of the result) that are not estimable, as an attribute
#' @noRd
mark_rows <- function(result, ask) {
  at <- ask$hopeless
  if (!length(at)) return(result)
  frame <- ask$rows$frame
  if (!ask$rows$dropped && !is.null(frame$kept)) at <- frame$kept[at]
  mark <- function(x) structure(x, "non-estim" = at)
  if (!ask$se) return(mark(result))
  result$fit <- mark(result$fit)
  result
}

#' Prior weights of the responses to predict, one a row of the frame
#'
#' Rows of the fit have the weights of the fit, as in predict.lm().
#' @noRd
prediction_weights <- function(ask, weights) {
  frame <- ask$rows$frame
  kinds <- ask$object$family$weights_are
  if (is.null(weights)) return(default_weights(ask, kinds))
  if (inherits(weights, "formula")) {
    source <- if (ask$rows$new) ask$rows$newdata else frame$variables
    weights <- eval(weights[[2L]], source, environment(weights))
  }
  total <- if (ask$rows$new) frame$total else frame$rows
  fine <- is.numeric(weights) && length(weights) %in% c(1L, total) &&
    all(weights > 0, na.rm = TRUE)
  if (!fine) {
    abort_argument("weights", paste("one positive number, or one for each of the", total,
                                    "rows"), weights)
  }
  weights <- rep_len(as.double(weights), total)
  if (is.null(frame$kept) || !ask$rows$new) weights else weights[frame$kept]
}

#' @noRd
default_weights <- function(ask, kinds) {
  rows <- ask$rows
  if (kinds == "likelihood") return(NULL)
  if (!rows$new) return(drawn_weights(ask$object))
  weighted <- rows$new && !is.null(ask$object$frame$weights %||%
                                     ask$object$frame$y$weights)
  if (weighted) {
    warn_gamut("the fit is weighted and `weights` of the new rows are not given: ",
               if (kinds == "trials") "one trial" else "weight 1",
               " is assumed for each.", class = "weights")
  }
  NULL
}
