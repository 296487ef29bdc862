# Caterpillar plots: the random effects of each grouping factor in the order of their
# size, with intervals.

#' One panel for each effect of each grouping factor
#' @return A list of panels, as of `effect_panels()`.
#' @noRd
random_panels <- function(object, level, own = list()) {
  require_mixed(object, "plot(fit, \"random\")")
  effects <- as.data.frame(ranef.gamut(object))
  link <- lapply(object$random, function(entry) {
    object$predictors[[entry$predictor[1L]]]$link$name
  })
  names(link) <- random_names(object)
  keys <- paste(effects$grpvar, effects$term, sep = "\r")
  lapply(split(effects, factor(keys, unique(keys))), function(data) {
    random_panel(data, link[[data$grpvar[1L]]], level, own)
  })
}

#' @noRd
random_panel <- function(data, link, level, own) {
  data <- data[order(data$condval), ]
  half <- stats::qnorm((1 + level) / 2) * data$condsd
  drawn <- data.frame(
    group = data$grpvar, effect = as.character(data$term), level = as.character(data$grp),
    value = data$condval, low = data$condval - half, high = data$condval + half
  )
  bounded <- !anyNA(half)
  name <- paste(drawn$effect[1L], "|", drawn$group[1L])
  scale <- if (link != "identity") paste0(" (", link, ")")
  ylab <- paste0("Random effect", scale)
  spec <- list(
    title = name, xlab = drawn$group[1L], ylab = ylab,
    subtitle = if (bounded) paste0(format(100 * level), " % intervals"),
    xlim = c(0.5, nrow(drawn) + 0.5),
    ylim = padded_range(c(0, drawn$value, if (bounded) c(drawn$low, drawn$high)))
  )
  spec <- with_own(spec, own)
  colour <- own$col[1L] %||% plot_colours()[1L]
  list(name = name, data = drawn, ylim = spec$ylim,
       draw = function(left) draw_caterpillar(drawn, spec, colour, left))
}

#' Intervals that do not have 0 in them are strong, others faint
#' @noRd
draw_caterpillar <- function(data, spec, colour, left) {
  size <- nrow(data)
  room <- graphics::par("fin")[1L] - (left + 2.5) * line_height()
  # a label lies on its side, and takes the height of a line
  labelled <- size * 0.82 * line_height() <= room
  if (labelled) {
    spec$ticks <- data$level
  } else {
    count <- format(size, big.mark = ",", scientific = FALSE)
    spec$xlab <- paste0(spec$xlab, ", ", count, " levels in order")
  }
  open_panel(spec, left)
  graphics::abline(h = 0, col = "grey40", lty = "12")
  x <- seq_len(size)
  away <- if (anyNA(data$low)) rep(TRUE, size) else data$low > 0 | data$high < 0
  # width of a level in units of lwd (1/96 inch)
  width <- 96 * graphics::par("pin")[1L] / size
  shade <- ifelse(away, colour, faded(colour, 0.45))
  graphics::segments(x, data$low, x, data$high, col = shade,
                     lwd = min(1.5, max(0.3, width / 3)))
  point <- if (width > 3) shade else "black"
  graphics::points(x, data$value, pch = 19, col = point,
                   cex = min(0.8, max(0.12, width / 12)))
  if (!labelled) label_extremes(data)
  graphics::box(bty = "l", col = "grey30")
}

#' @noRd
label_extremes <- function(data, count = 3L) {
  at <- unique(c(utils::head(seq_len(nrow(data)), count), rev(utils::tail(
    seq_len(nrow(data)), count))))
  draw_labels(list(x = at, y = data$value[at], text = data$level[at]))
}
