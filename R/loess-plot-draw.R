# How local regressions are drawn.

#' @noRd
draw_loess_curves <- function(object, name, tables, shown, spec, options, left) {
  styles <- curve_styles(length(tables), options$own$col)
  open_panel(spec, left)
  draw_empty_places(object$x[, name])
  if (!is.null(options$level) && length(tables) <= 4L) {
    for (i in seq_along(tables)) {
      draw_loess_band(tables[[i]], name, styles$colour[i],
                      if (length(tables) > 1L) 0.12 else 0.2)
    }
  }
  if (!is.null(shown)) {
    rows <- sample_rows(nrow(shown))
    draw_points(shown$x[rows], shown$y[rows], shown$group[rows], styles)
  }
  for (i in seq_along(tables)) {
    graphics::lines(tables[[i]][[name]], tables[[i]]$estimate, col = styles$colour[i],
                    lwd = styles$width, lty = styles$line[i])
  }
  if (options$rug) draw_rug(object$x[, name], most = 1000L)
  graphics::box(bty = "l", col = "grey30")
}

#' @noRd
draw_loess_band <- function(table, name, colour, alpha) {
  band <- data.frame(estimate = table$estimate, conf.low = table$lower,
                     conf.high = table$upper,
                     extrapolated = !is.finite(table$lower) | !is.finite(table$upper))
  draw_band(table[[name]], band, colour, alpha)
}

#' @noRd
draw_loess_image <- function(model, limits, spec, options, left) {
  open_panel(spec, left)
  usr <- graphics::par("usr")
  graphics::rect(usr[1L], usr[3L], usr[2L], usr[4L], col = "grey95", border = NA)
  z <- matrix(ifelse(model$table$far, NA, model$table$estimate), length(model$x))
  graphics::image(model$x, model$y, z, zlim = limits, add = TRUE,
                  col = grDevices::hcl.colors(61L, "Blues 3", rev = TRUE)[1:48])
  if (options$rug) {
    rows <- sample_rows(nrow(model$places), 2000L)
    graphics::points(model$places[rows, ], pch = 16, cex = 0.5,
                     col = faded("black", if (length(rows) > 500L) 0.25 else 0.5))
  }
  if (any(is.finite(z))) {
    graphics::contour(model$x, model$y, z, levels = pretty(limits, 10), add = TRUE,
                      col = "grey20", lwd = 0.8, labcex = 0.7)
  }
  graphics::box(bty = "l", col = "grey30")
}

#' The window of a place, its rows and weights, and the local polynomial
#' @noRd
draw_window <- function(model, spec, options, left) {
  colours <- plot_colours()
  open_panel(spec, left)
  usr <- graphics::par("usr")
  ends <- model$at + c(-1, 1) * model$radius
  graphics::rect(max(ends[1L], usr[1L]), usr[3L], min(ends[2L], usr[2L]), usr[4L],
                 border = NA, col = faded(colours[5L], 0.12))
  draw_kernel(model, usr)
  graphics::segments(model$at, usr[3L], model$at, usr[4L], col = "grey40", lty = "12")
  if (!is.null(options$level)) draw_loess_band(model$table, model$name, colours[1L], 0.12)
  draw_weighted_points(model$data[sample_rows(nrow(model$data)), ], colours[2L])
  graphics::lines(model$table[[model$name]], model$table$estimate, col = colours[1L],
                  lwd = 1.5)
  graphics::lines(model$line, col = colours[2L], lwd = 2.5)
  middle <- model$line$y[which.min(abs(model$line$x - model$at))]
  graphics::points(model$at, middle, pch = 21, bg = "white", col = colours[2L], cex = 1.3,
                   lwd = 2)
  graphics::box(bty = "l", col = "grey30")
}

#' Rows of a window, larger and darker the more they weigh; others small and grey
#' @noRd
draw_weighted_points <- function(data, colour) {
  weight <- data$kernel
  graphics::points(data$x, data$y, pch = 16, cex = 0.5 + 0.7 * weight,
                   col = ifelse(weight > 0, faded(colour, 0.25), faded("grey50", 0.6)))
  inside <- which(weight > 0)
  graphics::points(data$x[inside], data$y[inside], pch = 16,
                   cex = 0.5 + 0.7 * weight[inside],
                   col = vapply(weight[inside], function(w) faded(colour, w), ""))
}

#' Tricube weights along the lower edge, a fifth of the panel high
#' @noRd
draw_kernel <- function(model, usr) {
  u <- seq(-1, 1, length.out = 101L)
  x <- model$at + u * model$radius
  y <- usr[3L] + 0.18 * diff(usr[3:4]) * (1 - abs(u)^3)^3
  inside <- x >= usr[1L] & x <= usr[2L]
  graphics::polygon(c(x[inside], rev(x[inside])), c(y[inside], rep(usr[3L], sum(inside))),
                    border = NA, col = faded(plot_colours()[5L], 0.35))
}
