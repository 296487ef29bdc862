# How every panel looks: its margins, axes, title, legend and colours. A panel is opened
# from a list that says what is to be shown; margins follow from the text in them.

#' Colours that people with any colour vision can tell apart, and print in grey
#'
#' Those of Okabe and Ito (2008), "Color universal design", without the yellow, which is
#' too light for a line.
#' @noRd
plot_colours <- function() {
  c("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
    "#7F7F7F")
}

#' Colour, line and point of each of `n` groups
#' @noRd
group_styles <- function(n, colours = NULL) {
  colours <- colours %||% plot_colours()
  list(colour = rep_len(colours, n),
       line = rep_len(c("solid", "42", "1242", "12", "62", "6212", "22", "9212"), n),
       point = rep_len(c(19L, 17L, 15L, 18L, 1L, 2L, 0L, 5L), n))
}

#' @noRd
faded <- function(colour, alpha) grDevices::adjustcolor(colour, alpha)

#' Open a panel: margins, scales, grid, axes, labels, legend
#'
#' @param left Lines of the left margin, the same for all panels of a page so that they
#'   are aligned.
#' @param spec list: `xlim`, `ylim`, `title`, `subtitle`, `xlab`, `ylab`, `ticks` (labels
#'   at 1, 2, ... instead of numbers), `tick_cex` (their size), `ends` (texts at both ends
#'   of the axis instead of numbers), `scale` (values whose class decides how numbers on
#'   the axis are written, such as dates), `legend` (labels), `by` (what the
#'   legend's labels are of), `styles`.
#' @noRd
open_panel <- function(spec, left = axis_width(spec$ylim)) {
  ticks <- fit_ticks(spec, left)
  rows <- legend_rows(spec, left)
  top <- 2 + rows$lines + (if (is.null(spec$subtitle)) 0 else 0.9)
  set_margins(c(ticks$lines + 1.8, left + 1.7, top, 0.8))
  graphics::plot.new()
  graphics::plot.window(spec$xlim, spec$ylim)
  draw_grid()
  draw_horizontal_axis(spec, ticks)
  graphics::axis(2L, lwd = 0, lwd.ticks = 1)
  graphics::box(bty = "l", col = "grey30")
  graphics::title(xlab = fit_text(spec$xlab, 1L), line = ticks$lines + 0.55)
  graphics::title(ylab = fit_text(spec$ylab, 2L), line = left + 0.4)
  line <- top - 1.5
  graphics::mtext(fit_text(spec$title, 1L, 1.1), 3L, line, adj = 0, font = 2,
                  cex = graphics::par("cex") * 1.1)
  if (!is.null(spec$subtitle)) {
    graphics::mtext(fit_text(spec$subtitle, 1L, 0.8), 3L, line - 1, adj = 0,
                    col = "grey35", cex = graphics::par("cex") * 0.85)
  }
  if (rows$lines > 0) draw_legend(spec, rows)
}

#' @noRd
draw_horizontal_axis <- function(spec, ticks) {
  if (!is.null(spec$ticks)) {
    graphics::axis(1L, seq_along(spec$ticks), ticks$labels, lwd = 0, lwd.ticks = 1,
                   las = if (ticks$upright) 2L else 1L, gap.axis = 0.1,
                   cex.axis = spec$tick_cex %||% 1)
  } else if (!is.null(spec$ends)) {
    usr <- graphics::par("usr")
    for (side in 1:2) {
      graphics::axis(1L, usr[side], spec$ends[side], tick = FALSE, hadj = side - 1)
    }
  } else {
    graphics::Axis(spec$scale %||% spec$xlim, side = 1L, lwd = 0, lwd.ticks = 1,
                   gap.axis = 0.4)
  }
}

#' What the user sets, in the place of the panel's own
#' @noRd
with_own <- function(spec, own) {
  names <- setdiff(names(own), "col")
  spec[names] <- own[names]
  spec
}

#' Faint lines behind the data
#' @noRd
draw_grid <- function() {
  graphics::abline(h = graphics::axTicks(2L), col = "grey92", lwd = 0.8)
}

#' Margins in lines; in a small panel they shrink together, so that plot.new() succeeds
#' @noRd
set_margins <- function(lines) {
  inches <- lines * line_height()
  size <- graphics::par("fin")
  # a third of the panel at the least is for the data
  across <- min(1, 0.67 * size[1L] / sum(inches[c(2L, 4L)]))
  along <- min(1, 0.67 * size[2L] / sum(inches[c(1L, 3L)]))
  graphics::par(mai = inches * c(along, across, along, across))
}

#' Height of a line of text in a margin, and mean width of a letter, in inches
#'
#' Text can be measured only after plot.new(), which needs the margins that the text
#' decides; a little under half of its height is what a letter of a sans-serif font takes.
#' @noRd
line_height <- function() graphics::par("mai")[1L] / graphics::par("mar")[1L]

#' @noRd
letter_width <- function(cex = 1) 0.44 * cex * line_height()

#' Inches that a panel has for its data across
#' @noRd
panel_room <- function(left) graphics::par("fin")[1L] - (left + 2.5) * line_height()

#' Lines that the labels of the vertical axis need
#' @noRd
axis_width <- function(ylim) {
  labels <- format(pretty(ylim), trim = TRUE)
  1 + 0.44 * max(nchar(labels))
}

#' Labels of levels: side by side where they fit, else upright, and cut when long
#' @noRd
fit_ticks <- function(spec, left, longest = 14L) {
  if (is.null(spec$ticks)) return(list(lines = 1.4, upright = FALSE))
  room <- panel_room(left)
  cex <- spec$tick_cex %||% 1
  labels <- as.character(spec$ticks)
  # neighbours share the room between them
  size <- nchar(labels)
  shared <- if (length(size) > 1L) (size[-1L] + size[-length(size)]) / 2 else size
  upright <- (max(shared) + 1) * letter_width(cex) > room / length(labels)
  if (!upright) return(list(lines = 1.4, upright = FALSE, labels = labels))
  labels <- shorten(labels, longest)
  list(lines = 0.9 + 0.44 * cex * max(nchar(labels)), upright = TRUE, labels = labels)
}

#' @noRd
shorten <- function(text, longest) {
  long <- nchar(text) > longest
  text[long] <- paste0(substr(text[long], 1L, longest - 2L), "..")
  text
}

#' Text cut to the length of a side of the panel
#' @noRd
fit_text <- function(text, side, cex = 1) {
  room <- if (side == 1L) graphics::par("fin")[1L] - graphics::par("mai")[2L] else
    graphics::par("fin")[2L]
  shorten(text, max(8L, floor(room / letter_width(cex))))
}

#' How the legend is laid out above the panel
#'
#' @return list: `lines` it takes, `labels`, `by` and, for each label, `row` (from the
#'   top) and `left` in inches.
#' @noRd
legend_rows <- function(spec, left) {
  if (is.null(spec$legend)) return(list(lines = 0))
  labels <- shorten(as.character(spec$legend), 24L)
  by <- shorten(spec$by, 16L)
  indent <- (if (nzchar(by)) nchar(by) + 2 else 0) * letter_width(0.9)
  room <- panel_room(left) - indent
  widths <- (nchar(labels) + 7) * letter_width(0.9)
  at <- seq_along(labels) - 1L
  # as many columns as fit, each as wide as its widest label
  for (columns in rev(seq_along(labels))) {
    own <- vapply(split(widths, at %% columns), max, 0)
    if (sum(own) <= room) break
  }
  starts <- indent + cumsum(c(0, own))[at %% columns + 1L]
  list(lines = ceiling(length(labels) / columns) + 0.2, labels = labels, by = by,
       row = at %/% columns, left = starts)
}

#' Line, point and band of each group, beside its label, in the upper margin
#' @noRd
draw_legend <- function(spec, rows) {
  usr <- graphics::par("usr")
  inch <- c(diff(usr[1:2]), diff(usr[3:4])) / graphics::par("pin")
  left <- usr[1L] + rows$left * inch[1L]
  line <- rows$lines - 0.6 - rows$row
  y <- usr[4L] + line * line_height() * inch[2L]
  right <- left + 4 * letter_width(0.9) * inch[1L]
  graphics::text(usr[1L], y[1L], rows$by, adj = c(0, 0.4), cex = 0.9, col = "grey35",
                 xpd = NA)
  styles <- spec$styles
  graphics::segments(left, y, right, y, col = styles$colour, lwd = 2,
                     lty = if (is.null(spec$ticks)) styles$line else "solid", xpd = NA)
  if (!is.null(spec$ticks)) {
    graphics::points((left + right) / 2, y, pch = styles$point, col = styles$colour,
                     xpd = NA)
  }
  graphics::text(right + 0.6 * letter_width(0.9) * inch[1L], y, rows$labels,
                 adj = c(0, 0.4), cex = 0.9, xpd = NA)
}

#' Rows to draw of many: always the same, and never in step with the order of the data
#'
#' Multiples of the golden ratio spread evenly and have no period, so that data sorted or
#' repeated in any pattern are sampled fairly.
#' @noRd
sample_rows <- function(n, most = 4000L) {
  if (n <= most) return(seq_len(n))
  golden <- (sqrt(5) - 1) / 2
  sort(unique(1 + floor(n * ((seq_len(most) * golden) %% 1))))
}

#' @noRd
sample_note <- function(shown, n) {
  count <- function(x) format(x, big.mark = ",", scientific = FALSE)
  if (shown < n) paste(count(shown), "of", count(n), "rows")
}
