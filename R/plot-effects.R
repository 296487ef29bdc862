# Panels of effects: curves with bands, points with bars.

#' Panels of all effects asked for
#'
#' @return A list of panels, list(name, data, ylim, draw): `draw` is a function of the
#'   lines of the left margin.
#' @noRd
effect_panels <- function(object, predictor, options) {
  predictors <- predictor %||% names(object$frame$predictors)
  first <- is.null(predictor)
  panels <- list()
  for (name in predictors) {
    model <- effect_model(object, name, options$data)
    names <- chosen_effects(model, options$terms, skip = first)
    for (set in names) {
      panels <- c(panels, tryCatch(
        term_panels(model, set, options),
        gamut_error_newdata = function(e) skip_effect(set, e, options)
      ))
    }
  }
  if (!length(panels) && !is.null(options$terms)) {
    # none of the predictors has these variables: the first one's error says which it has
    resolve_effect(options$terms[1L], effect_model(object, predictor, options$data))
  }
  panels
}

#' The user's terms, or all; when looking through all predictors, those that are theirs
#' @noRd
chosen_effects <- function(model, terms, skip) {
  if (is.null(terms)) return(model$sets)
  if (!is.character(terms)) abort_argument("terms", "names of variables", terms)
  sets <- lapply(terms, resolve_effect, model = model)
  own <- unique(unlist(model$sets))
  if (skip) sets[vapply(sets, function(set) set[1L] %in% own, NA)] else sets
}

#' @noRd
skip_effect <- function(set, error, options) {
  if (!is.null(options$terms)) stop(error)
  inform_gamut("The effect of ", ticked(set), " cannot be drawn: ",
               conditionMessage(error), class = "plot")
  NULL
}

#' Panels of one term: one, or one for each value of its facets
#' @noRd
term_panels <- function(model, set, options) {
  several <- has_outcome_columns(model)
  outcome <- outcome_column(model$object$family)
  roles <- c("x", if (!several) "curve", "facet")
  set <- set[seq_len(min(length(set), length(roles)))]
  roles <- stats::setNames(as.list(set), roles[seq_along(set)])
  values <- effect_values(model, set, 201L, options$at)
  table <- effect_table(model, set, values, options$type, options$level)
  points <- if (options$residuals) observed_points(model, set, options$type)
  facets <- if (is.null(roles$facet)) list(NULL) else seq_along(values[[roles$facet]])
  limits <- effect_limits(table, points)
  lapply(facets, function(i) {
    facet <- if (!is.null(i)) values[[roles$facet]][i]
    panel <- list(
      model = model, roles = roles, table = rows_at(table, roles$facet, facet),
      points = if (!is.null(points)) rows_near(points, roles$facet, facet, values),
      curves = if (several) levels(table[[outcome]]) else
        if (!is.null(roles$curve)) values[[roles$curve]],
      curve_column = if (several) outcome else roles$curve
    )
    panel$labels <- effect_labels(panel, facet, options)
    panel$ylim <- options$own$ylim %||% limits
    list(name = panel_name(model, set), data = table, ylim = panel$ylim,
         draw = function(left) draw_effect(panel, options, left))
  })
}

#' Name of the term; where there are several predictors, with a prefix as in coef()
#' @noRd
panel_name <- function(model, set) {
  name <- paste(set, collapse = ":")
  if (model$which == 1L) return(name)
  paste0(names(model$object$frame$predictors)[model$which], ":", name)
}

#' @noRd
rows_at <- function(table, name, value) {
  if (is.null(value)) return(table)
  table[as.character(table[[name]]) == as.character(value), , drop = FALSE]
}

#' The observations of a facet; of a number's three values, those nearest to this one
#' @noRd
rows_near <- function(points, name, value, values) {
  if (is.null(value)) return(points)
  points[nearest(points[[name]], values[[name]]) == match(value, values[[name]]), ]
}

#' Which of the values drawn stands for each observation; NA for levels that are not drawn
#' @noRd
nearest <- function(x, values) {
  if (!is.numeric(unclass(values)) || is.factor(values)) {
    return(match(as.character(x), as.character(values)))
  }
  at <- unclass(values)
  findInterval(unclass(x), (at[-1L] + at[-length(at)]) / 2) + 1L
}

#' Limits of the vertical axis
#'
#' Where a band runs away (near a pole of the link, or where data separate), the curve
#' would be flat in a panel that holds all of it: then the band is cut.
#' @noRd
effect_limits <- function(table, points) {
  finite <- function(x) x[is.finite(x)]
  if (!all(table$extrapolated)) table <- table[!table$extrapolated, ]
  inner <- range(finite(c(table$estimate, points$y)))
  band <- range(finite(c(table$conf.low, table$conf.high, inner)))
  width <- stats::median(table$conf.high - table$conf.low, na.rm = TRUE)
  room <- 2 * max(diff(inner), if (is.finite(width)) width)
  limits <- c(max(band[1L], inner[1L] - room), min(band[2L], inner[2L] + room))
  if (diff(limits) > 0) limits else limits + c(-0.5, 0.5) * max(abs(limits[1L]), 1)
}

#' Observations moved to the values that other variables are held at
#'
#' See the section on effects of plot.gamut() for the formulas.
#' @return Data frame of the variables in `set`, `y`, and attribute `total`; or NULL.
#' @noRd
observed_points <- function(model, set, type) {
  object <- model$object
  if (model$which > 1L || !has_data(object)) return(NULL)
  if (!object$family$mean_is_main) {
    inform_gamut("No observations are drawn: under the ", object$family$family,
                 " family the main parameter is not the mean, so that a response ",
                 "cannot be moved along with it.", class = "plot")
    return(NULL)
  }
  rows <- sample_rows(object$n)
  columns <- lapply(model$variables[set], function(v) v$values[rows])
  inputs <- grid_inputs(model, columns, length(rows))
  # the effect is drawn of a group like the average one; observations have their own
  moved <- fit_eta(fixed_part(object), effect_frame(model, inputs))[, 1L]
  eta <- fit_eta(object)[rows, 1L]
  y <- observed_y(object)[rows]
  link <- object$predictors[[1L]]$link
  at <- if (type == "link") {
    moved + (y - link$linkinv(eta)) / link$mu.eta(eta)
  } else {
    suppressWarnings(link$linkinv(link$linkfun(y) - eta + moved))
  }
  points <- structure(c(columns, list(y = at)), class = "data.frame",
                      row.names = seq_along(rows))
  structure(points[is.finite(at), ], total = object$n, shown = length(rows))
}

#' Draw one panel
#' @noRd
draw_effect <- function(panel, options, left) {
  variable <- panel$model$variables[[panel$roles$x]]
  labelled <- variable$kind == "levels"
  values <- unique(panel$table[[panel$roles$x]])
  styles <- group_styles(max(1L, length(panel$curves)), options$own$col)
  spec <- c(panel$labels, list(
    ylim = panel$ylim, styles = styles, ticks = if (labelled) as.character(values),
    xlim = if (labelled) c(0.5, length(values) + 0.5) else range(unclass(values)),
    scale = if (!labelled) like(range(unclass(values)), variable$values),
    legend = if (length(panel$curves)) curve_names(panel$curves),
    by = panel$roles$curve %||% plain_response(panel$model$object)
  ))
  # a single value has no range
  if (!labelled && diff(spec$xlim) == 0) spec$xlim <- spec$xlim + c(-0.5, 0.5)
  open_panel(with_own(spec, options$own), left)
  groups <- split_curves(panel)
  if (labelled) draw_levels(panel, groups, values, styles) else
    draw_curves(panel, groups, styles)
  if (options$rug && !labelled) draw_rug(unclass(variable$values))
  graphics::box(bty = "l", col = "grey30")
}

#' @noRd
curve_names <- function(values) {
  if (is.numeric(unclass(values)) && !is.object(values)) {
    return(format(signif(values, 3), trim = TRUE, drop0trailing = TRUE))
  }
  as.character(values)
}

#' The response's name, if it is one and not a call
#' @noRd
plain_response <- function(object) {
  if (is.symbol(object$spec$response)) object$frame$response_name else ""
}

#' @noRd
split_curves <- function(panel) {
  if (is.null(panel$curve_column)) return(list(panel$table))
  own <- as.character(panel$table[[panel$curve_column]])
  group <- match(own, as.character(panel$curves))
  unname(split(panel$table, factor(group, seq_along(panel$curves))))
}

#' The group of each observation, 1 where there is one only
#' @noRd
point_groups <- function(panel) {
  if (is.null(panel$curve_column)) return(rep(1L, nrow(panel$points)))
  nearest(panel$points[[panel$curve_column]], panel$curves)
}

#' @noRd
draw_curves <- function(panel, groups, styles) {
  name <- panel$roles$x
  for (i in seq_along(groups)) {
    draw_band(unclass(groups[[i]][[name]]), groups[[i]], styles$colour[i],
              alpha = if (length(groups) > 3L) 0.1 else 0.16)
  }
  if (!is.null(panel$points)) {
    at <- unclass(panel$points[[name]])
    draw_points(at, panel$points$y, point_groups(panel), styles)
  }
  for (i in seq_along(groups)) {
    x <- unclass(groups[[i]][[name]])
    inside <- !groups[[i]]$extrapolated
    y <- groups[[i]]$estimate
    graphics::lines(x, y, col = styles$colour[i], lty = "13", lwd = 1)
    graphics::lines(x, ifelse(inside, y, NA), col = styles$colour[i], lwd = 2,
                    lty = styles$line[i])
  }
}

#' @noRd
draw_band <- function(x, group, colour, alpha) {
  usable <- which(!group$extrapolated & is.finite(group$estimate))
  if (length(usable) < 2L) return(invisible())
  # an infinite limit ends beyond the panel
  far <- graphics::par("usr")[4L] + diff(graphics::par("usr")[3:4])
  low <- pmax(group$conf.low[usable], -1e300)
  high <- pmin(group$conf.high[usable], far)
  graphics::polygon(c(x[usable], rev(x[usable])), c(low, rev(high)), border = NA,
                    col = faded(colour, alpha))
}

#' @noRd
draw_points <- function(x, y, group, styles) {
  size <- if (length(x) > 500L) 0.4 else 0.8
  alpha <- if (length(x) > 2000L) 0.15 else if (length(x) > 200L) 0.3 else 0.5
  # of one group only: in grey, so that the curve stands out
  colours <- if (length(styles$colour) > 1L) styles$colour else "grey30"
  graphics::points(x, y, pch = 16, cex = size, col = faded(colours, alpha)[group])
}

#' Points with bars, beside each other where there are several at a level
#' @noRd
draw_levels <- function(panel, groups, values, styles) {
  count <- length(groups)
  apart <- if (count > 1L) min(0.22, 0.7 / count) else 0
  shift <- (seq_len(count) - (count + 1) / 2) * apart
  if (!is.null(panel$points)) {
    own <- point_groups(panel)
    at <- match(as.character(panel$points[[panel$roles$x]]), as.character(values))
    # the same each time, unlike jitter()
    spread <- (seq_along(at) * (sqrt(5) - 1) / 2) %% 1 - 0.5
    width <- if (count > 1L) 0.8 * apart else 0.4
    draw_points(at + shift[own] + spread * width, panel$points$y, own, styles)
  }
  for (i in seq_len(count)) {
    group <- groups[[i]]
    x <- match(as.character(group[[panel$roles$x]]), as.character(values)) + shift[i]
    ends <- pmin(group$conf.high, graphics::par("usr")[4L])
    graphics::segments(x, group$conf.low, x, ends, col = styles$colour[i], lwd = 2,
                       lty = ifelse(group$extrapolated, "13", "solid"))
    graphics::points(x, group$estimate, col = styles$colour[i], bg = "white", cex = 1.2,
                     pch = ifelse(group$extrapolated, 21L, styles$point[i]))
  }
}

#' Ticks at the values of the data; of many, at evenly spaced ranks
#' @noRd
draw_rug <- function(x, most = 400L) {
  if (length(x) > most) x <- sort(x)[round(seq(1, length(x), length.out = most))]
  usr <- graphics::par("usr")
  alpha <- if (length(x) < most) 0.45 else 0.15
  graphics::segments(x, usr[3L], x, usr[3L] + 0.025 * diff(usr[3:4]),
                     col = faded("black", alpha), lwd = 0.7)
}
