# Panels of influence(): a stem for each group, in the order of the groups, so that one
# that stands out does so in all panels at the same place.

#' @rdname gamut_influence
#' @export
plot.gamut_influence <- function(x, what = c("cook", "dfbetas"), layout = NULL,
                                 ask = NULL, ...) {
  known <- c("cook", "dfbetas", "covratio", "covariance")
  if (!is.character(what) || !length(what) || !all(what %in% known)) {
    abort_argument("what", paste("of", quoted(known)), what)
  }
  own <- check_own(...)
  panels <- unlist(lapply(unique(what), influence_panels, x = x, own = own),
                   recursive = FALSE)
  if (!length(panels)) {
    abort_gamut("plot(): there is nothing to draw. Variances that were held do not ",
                "change: see `refit`.", class = "plot")
  }
  draw_panels(panels, layout, ask)
  invisible(panel_data(panels))
}

#' The panels of one kind of measure
#' @noRd
influence_panels <- function(what, x, own) {
  count <- length(x$cook)
  if (what == "cook") {
    return(list(influence_panel(x, x$cook, "Cook's distance", "Cook's distance", own,
                                marks = 4 / count, base = 0)))
  }
  if (what == "covratio") {
    return(list(influence_panel(x, x$covratio, "COVRATIO", "Covariance ratio", own,
                                base = 1)))
  }
  table <- if (what == "dfbetas") x$dfbetas else x$covariance
  lapply(seq_along(colnames(table)), function(j) {
    name <- colnames(table)[j]
    if (what == "covariance") {
      return(influence_panel(x, table[, j], name, "Estimate without the group", own,
                             base = x$full$covariance[[j]]))
    }
    influence_panel(x, table[, j], paste("DFBETAS:", name), "Change in standard errors",
                    own, marks = c(-2, 2) / sqrt(count), base = 0)
  })
}

#' @param base Where the stems begin: no influence.
#' @param marks Where a rule of thumb calls a group influential.
#' @noRd
influence_panel <- function(x, value, name, ylab, own, base, marks = NULL) {
  data <- data.frame(group = rownames(x$fixed), value = unname(value))
  data$far <- abs(data$value - base)
  # a rule that no group comes near would flatten what there is
  shown <- marks[abs(marks - base) <= 2 * max(data$far, 0, na.rm = TRUE)]
  spec <- list(title = name, xlab = if (x$group == "row") "Row" else x$group, ylab = ylab,
               xlim = c(0.5, nrow(data) + 0.5),
               ylim = padded_range(c(base, data$value[is.finite(data$value)], shown),
                                   0.06))
  spec <- with_own(spec, own)
  colour <- own$col[1L] %||% plot_colours()[1L]
  list(name = name, data = data[c("group", "value")], ylim = spec$ylim,
       draw = function(left) draw_influence(data, spec, colour, left, base, shown))
}

#' @noRd
draw_influence <- function(data, spec, colour, left, base, marks) {
  size <- nrow(data)
  labelled <- size * 0.82 * line_height() <= panel_room(left)
  if (labelled) spec$ticks <- data$group
  open_panel(spec, left)
  graphics::abline(h = base, col = "grey40")
  graphics::abline(h = marks, col = "grey40", lty = "12")
  x <- seq_len(size)
  # width of a group in units of lwd (1/96 inch)
  width <- 96 * graphics::par("pin")[1L] / size
  graphics::segments(x, base, x, data$value, col = colour,
                     lwd = min(1.5, max(0.3, width / 3)))
  graphics::points(x, data$value, pch = 19, col = colour,
                   cex = min(0.8, max(0.12, width / 12)))
  if (!labelled) {
    at <- utils::head(order(-data$far, na.last = NA), 3L)
    draw_labels(list(x = at, y = data$value[at], text = data$group[at]))
  }
  graphics::box(bty = "l", col = "grey30")
}
