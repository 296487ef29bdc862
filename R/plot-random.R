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
  open_panel(name_levels(spec, data$level, left), left)
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
  graphics::box(bty = "l", col = "grey30")
}

#' The names of levels below the axis, where no interval can cross them
#'
#' All of them where there is room, smaller than other text if need be; else those of the
#' first and last levels, at the ends of the axis.
#' @noRd
name_levels <- function(spec, levels, left, smallest = 0.55) {
  size <- length(levels)
  room <- panel_room(left)
  # a label lies on its side, and takes the height of a line
  shrink <- min(1, room / (size * 0.9 * line_height()))
  if (shrink >= smallest) {
    spec$ticks <- levels
    spec$tick_cex <- shrink
  } else {
    count <- format(size, big.mark = ",", scientific = FALSE)
    spec$xlab <- paste0(spec$xlab, ", ", count, " levels in order")
    spec$ends <- extreme_levels(levels, room)
  }
  spec
}

#' The first and the last levels as two texts, as many as half of the room holds of each
#' @noRd
extreme_levels <- function(levels, room, most = 3L) {
  # a space is left between the texts
  longest <- max(4L, floor(room / 2 / letter_width()) - 2L)
  for (count in rev(seq_len(most))) {
    ends <- c(paste0(paste(utils::head(levels, count), collapse = ", "), ", .."),
              paste0(".., ", paste(utils::tail(levels, count), collapse = ", ")))
    if (max(nchar(ends)) <= longest) return(ends)
  }
  shorten(levels[c(1L, length(levels))], longest)
}
