# The words in a panel of effects.

#' @noRd
effect_labels <- function(panel, facet, options) {
  roles <- panel$roles
  model <- panel$model
  parameter <- names(model$object$frame$predictors)[model$which]
  title <- term_title(model, unlist(roles))
  if (model$which > 1L) title <- paste0(title, " (", parameter, ")")
  notes <- c(
    if (!is.null(facet)) paste(roles$facet, "=", curve_names(facet)),
    fewer_levels(panel), missing_points(panel),
    if (!is.null(panel$points)) sample_note(attr(panel$points, "shown") %||% 0L,
                                            attr(panel$points, "total") %||% 0L)
  )
  list(title = title, xlab = roles$x, ylab = scale_label(model, options$type),
       subtitle = if (length(notes)) paste(notes, collapse = "; "))
}

#' The terms of the formula in these variables, "log(x)"; else the variables, "x by z"
#' @noRd
term_title <- function(model, names) {
  predictor <- model$object$frame$predictors[[model$which]]
  own <- vapply(model$variables[names], `[[`, "", "input")
  terms <- term_inputs(predictor, names(model$inputs$values))
  labels <- names(terms)[vapply(terms, setequal, NA, own)]
  column <- !is.null(model$variables[[names[1L]]]$column)
  if (length(labels) && !column) paste(labels, collapse = " + ") else
    paste(names, collapse = " by ")
}

#' @noRd
fewer_levels <- function(panel) {
  by <- panel$roles$curve
  if (is.null(by) || panel$model$variables[[by]]$kind != "levels") return(NULL)
  all <- length(input_levels(panel$model$variables[[by]]))
  if (length(panel$curves) < all) {
    paste(length(panel$curves), "of", all, "levels")
  }
}

#' @noRd
missing_points <- function(panel) {
  count <- sum(is.na(panel$table$estimate))
  if (count > 0L) paste(count, "not estimable")
}

#' What the vertical axis shows
#' @noRd
scale_label <- function(model, type) {
  object <- model$object
  if (has_outcome_columns(model)) return(outcome_label(object, type))
  link <- object$predictors[[etas_of(object, model$which)[1L]]]$link$name
  if (type == "link" && link != "identity") {
    return(paste0("Linear predictor (", link, ")"))
  }
  if (model$which > 1L) {
    parameter <- names(object$frame$predictors)[model$which]
    return(parameter_label(object$family, parameter))
  }
  if (has_probability(object)) event_label(object) else
    paste("Mean of", response_label(object))
}

#' @noRd
parameter_label <- function(family, parameter) {
  # of shares phi is a precision, of tweedie() or Gamma() a dispersion
  unit <- (family$base %||% family)$mean_range[2L] == 1
  if (parameter == "phi" && unit) return("Precision (phi)")
  if (parameter != "zi") return(parameter)
  if (identical(family$form, "zero_inflated")) "Additional zeros (zi)"
  else "Probability of zero (zi)"
}

#' The name of the response; of a survival response that of its time
#' @noRd
response_label <- function(object) {
  response <- object$spec$response
  name <- object$frame$response_name
  if (!is.call(response)) return(name)
  called <- paste(deparse(response[[1L]]), collapse = "")
  if (!called %in% c("Surv", "survival::Surv")) return(name)
  times <- as.list(match.call(function(time, time2, event, type, origin) NULL, response))
  if (is.null(times$time)) return(name)
  # an event takes the second place where there is one time only
  interval <- identical(times$type, "interval2") && !is.null(times$time2)
  shown <- if (interval) times[c("time", "time2")] else times["time"]
  paste(vapply(shown, function(time) deparse(time, nlines = 1L), ""), collapse = " to ")
}

#' @noRd
outcome_label <- function(object, type) {
  family <- object$family
  category <- is_category(family)
  if (type == "response") return(if (category) "Probability" else "Mean share")
  if (!is.null(family$against)) {
    return(paste(if (category) "Log odds against" else "Log ratio against",
                 family$against(family)))
  }
  paste0("Linear predictor (", family$links[[1L]]$name, ")")
}

#' @noRd
has_probability <- function(object) {
  family <- object$family
  family$id == "binomial" || family$family == "quasibinomial"
}

#' "Probability of ncases", "Probability of y = 1"
#' @noRd
event_label <- function(object) {
  name <- object$frame$response_name
  response <- object$spec$response
  levels <- object$frame$levels
  event <- if (is.call(response) && identical(response[[1L]], quote(cbind))) {
    deparse(response[[2L]], nlines = 1L)
  } else if (length(levels) == 2L) {
    levels[2L]
  } else if (length(levels)) {
    paste("not", levels[1L])
  } else if (is.matrix(object$frame$response)) {
    colnames(object$frame$response)[1L]
  } else {
    name
  }
  paste("Probability of", event %||% "success")
}
