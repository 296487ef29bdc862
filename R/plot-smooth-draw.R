# How smooths are drawn.

#' Curves with bands, over the places where there are no data
#' @noRd
draw_smooth_curves <- function(model, groups, spec, options, left) {
  styles <- curve_styles(length(groups), options$own$col)
  if (length(groups) > 1L && length(groups) <= 8L) {
    spec <- c(spec, list(styles = styles, legend = names(groups),
                         by = paste(model$roles$factors, collapse = ":")))
  }
  open_panel(spec, left)
  key <- model$roles$numbers
  draw_empty_places(model$own[[key]])
  graphics::abline(h = options$trans(options$shift), col = "grey40", lty = "12")
  x <- as.double(model$grid[[key]])
  if (length(groups) <= 4L && !isFALSE(options$se)) {
    for (i in seq_along(groups)) {
      draw_smooth_band(x[groups[[i]]], model$table[groups[[i]], ], styles$colour[i],
                       options$shade, length(groups))
    }
  }
  if (!is.null(model$points)) {
    own <- if (length(groups) == 1L) 1L else
      match(level_keys(model$points[model$roles$factors]), names(groups))
    draw_points(as.double(model$points[[key]]), model$points$y, own, styles)
  }
  for (i in seq_along(groups)) {
    draw_smooth_line(x[groups[[i]]], model$table[groups[[i]], ], styles, i)
  }
  if (options$rug) draw_rug(model$own[[key]], most = 1000L)
  graphics::box(bty = "l", col = "grey30")
}

#' Of many curves all are thin and of one colour
#' @noRd
curve_styles <- function(n, colours) {
  styles <- group_styles(n, colours)
  styles$width <- 2
  if (n > 8L) {
    styles$colour <- rep(faded(colours[1L] %||% plot_colours()[1L], 0.5), n)
    styles$line <- rep("solid", n)
    styles$width <- 1
  }
  styles
}

#' @noRd
draw_smooth_band <- function(x, table, colour, shade, count) {
  if (shade) {
    table <- data.frame(estimate = table$estimate, conf.low = table$lower,
                        conf.high = table$upper, extrapolated = is.na(table$lower))
    draw_band(x, table, colour, alpha = if (count > 1L) 0.12 else 0.2)
  } else {
    graphics::matlines(x, table[c("lower", "upper")], col = colour, lty = "42", lwd = 1)
  }
}

#' Dotted where there are no data
#' @noRd
draw_smooth_line <- function(x, table, styles, i) {
  # of many thin lines no pieces could be told apart
  inside <- if (styles$width < 2) rep(TRUE, nrow(table)) else table$support == "inside"
  # the last point on either side belongs to both
  near <- inside | c(inside[-1L], FALSE) | c(FALSE, inside[-length(inside)])
  graphics::lines(x, ifelse(inside & near, NA, table$estimate), col = styles$colour[i],
                  lty = "13", lwd = 1)
  graphics::lines(x, ifelse(near, table$estimate, NA), col = styles$colour[i],
                  lwd = styles$width, lty = styles$line[i])
}

#' Grey where the data have a gap, and beyond them
#' @noRd
draw_empty_places <- function(x) {
  usr <- graphics::par("usr")
  places <- empty_places(x, usr[1:2])
  if (!nrow(places)) return(invisible())
  graphics::rect(places$from, usr[3L], places$to, usr[4L], border = NA,
                 col = faded("grey50", 0.15))
}

#' @param x Data.
#' @param limits Range of the panel.
#' @return Data frame with `from` and `to`: what is beyond the data by more than the
#'   margin of a panel, and intervals between neighbours longer than a tenth of the range.
#' @noRd
empty_places <- function(x, limits, fraction = 0.1) {
  values <- sort(unique(x[is.finite(x)]))
  if (!length(values)) return(data.frame(from = limits[1L], to = limits[2L]))
  ends <- range(values)
  wide <- which(diff(values) > fraction * diff(ends))
  # a panel has a margin of 4 % of the range that it shows
  room <- 0.045 * diff(limits)
  data.frame(
    from = c(if (ends[1L] - limits[1L] > room) limits[1L], values[wide],
             if (limits[2L] - ends[2L] > room) ends[2L]),
    to = c(if (ends[1L] - limits[1L] > room) ends[1L], values[wide + 1L],
           if (limits[2L] - ends[2L] > room) limits[2L])
  )
}

#' A surface as an image with contours, and the places of the data
#' @noRd
draw_surface <- function(model, rows, axes, limit, spec, options, left) {
  open_panel(spec, left)
  usr <- graphics::par("usr")
  graphics::rect(usr[1L], usr[3L], usr[2L], usr[4L], col = "grey95", border = NA)
  x <- sort(unique(as.double(model$grid[[axes[1L]]][rows])))
  y <- sort(unique(as.double(model$grid[[axes[2L]]][rows])))
  z <- matrix(NA_real_, length(x), length(y))
  z[cbind(match(as.double(model$grid[[axes[1L]]][rows]), x),
          match(as.double(model$grid[[axes[2L]]][rows]), y))] <-
    ifelse(model$far[rows], NA, model$table$estimate[rows])
  middle <- options$trans(options$shift)
  if (limit == 0) limit <- 1
  graphics::image(x, y, z, zlim = middle + c(-1, 1) * limit, col = surface_colours(),
                  add = TRUE)
  if (options$rug) draw_places(model, rows, axes)
  if (length(x) > 1L && length(y) > 1L && any(is.finite(z))) {
    graphics::contour(x, y, z, levels = pretty(middle + c(-1, 1) * limit, 10),
                      add = TRUE, col = "grey20", lwd = 0.8, labcex = 0.7)
  }
  graphics::box(bty = "l", col = "grey30")
}

#' From blue over nearly white to red
#' @noRd
surface_colours <- function(n = 61L) {
  ends <- plot_colours()[1:2]
  grDevices::colorRampPalette(c(ends[1L], "#F7F7F7", ends[2L]), space = "Lab")(n)
}

#' The places of the data of the level of a surface, nearer to its slice than to others
#' @noRd
draw_places <- function(model, rows, axes) {
  kept <- rep(TRUE, length(model$own[[1L]]))
  for (key in setdiff(names(model$own), axes)) {
    own <- model$own[[key]]
    here <- model$grid[[key]][rows[1L]]
    if (key %in% model$roles$factors) {
      kept <- kept & own == as.character(here)
    } else {
      slices <- unique(as.double(model$grid[[key]]))
      kept <- kept & slices[nearest(own, slices)] == as.double(here)
    }
  }
  own <- which(kept)
  own <- own[sample_rows(length(own), 2000L)]
  alpha <- if (length(own) > 500L) 0.2 else 0.4
  graphics::points(model$own[[axes[1L]]][own], model$own[[axes[2L]]][own], pch = 16,
                   cex = 0.35, col = faded("black", alpha))
}

#' @noRd
draw_quantiles <- function(drawn, spec, options, left) {
  open_panel(spec, left)
  # through the quartiles of both
  at <- stats::quantile(drawn$effect, c(0.25, 0.75), names = FALSE)
  slope <- diff(at) / diff(stats::qnorm(c(0.25, 0.75)))
  graphics::abline(mean(at), slope, col = "grey40", lty = "12")
  colour <- options$own$col[1L] %||% plot_colours()[1L]
  many <- nrow(drawn) > 200L
  graphics::points(drawn$quantile, drawn$effect, pch = 19, cex = if (many) 0.4 else 0.8,
                   col = faded(colour, if (many) 0.5 else 0.9))
  graphics::box(bty = "l", col = "grey30")
}
