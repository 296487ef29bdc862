# Panels of residual diagnostics, for every family on the scale of normal residuals.

#' Panels of diagnostics
#' @return A list of panels, as of `effect_panels()`.
#' @noRd
diagnostic_panels <- function(object, which, own = list()) {
  require_data(object, "The plot of diagnostics")
  # counts of categories have no direction, so that no normal quantiles belong to them
  if (has_category_counts(object)) which <- setdiff(which, 2L)
  data <- diagnostic_data(object, leverage = 4L %in% which)
  makers <- list(panel_residuals, panel_normal, panel_scale, panel_leverage)
  lapply(makers[which], function(make) {
    panel <- make(data, sample_rows(nrow(data)))
    spec <- panel$spec
    spec$subtitle <- paste(c(spec$subtitle, sample_note(length(panel$x), nrow(data))),
                           collapse = "; ")
    if (!nzchar(spec$subtitle)) spec$subtitle <- NULL
    spec <- with_own(spec, own)
    panel$colour <- (own$col %||% plot_colours())[1:2]
    list(name = "diagnostics", data = data, ylim = spec$ylim,
         draw = function(left) draw_diagnostic(panel, spec, left))
  })
}

#' Residuals, fitted values, leverage and influence of every row with a weight
#'
#' @return Data frame with columns `fitted`, `residual`, `leverage`, `cook`, `label`, and
#'   attributes `kind` (of residual) and `fitted` (what the column is).
#' @noRd
diagnostic_data <- function(object, leverage = TRUE) {
  # neither rows that were left out nor those without weight are drawn
  object$na.action <- NULL
  counted <- prior_weights(object) > 0
  only <- function(x) as.double(if (length(x) == object$n) x[counted] else x)
  kind <- if (has_category_counts(object)) "deviance" else
    if (object$family$has_cdf) "quantile" else "std. deviance"
  residual <- switch(kind,
    quantile = stats::residuals(object, type = "quantile", seed = diagnostic_seed),
    deviance = stats::residuals(object, type = "deviance"),
    "std. deviance" = stats::rstandard(object)
  )
  fitted <- diagnostic_fitted(object)
  data <- data.frame(
    fitted = only(fitted$values), residual = only(residual),
    leverage = if (leverage) only(stats::hatvalues(object)) else NA_real_,
    cook = if (leverage) only(stats::cooks.distance(object)) else NA_real_,
    label = frame_row_names(object$frame)[counted]
  )
  structure(data[is.finite(data$residual), ], kind = kind, fitted = fitted$label)
}

#' Seed of the residuals that are drawn and checked
#'
#' Not one that users take: with theirs the residuals of discrete responses would be made
#' of the same random numbers as their simulated variables, and depend on them.
#' @noRd
diagnostic_seed <- 662607015L

#' @noRd
has_category_counts <- function(object) {
  has_matrix_mean(object$family) && is.matrix(object$frame$y$y)
}

#' The horizontal axis: the linear predictor of the mean
#' @noRd
diagnostic_fitted <- function(object) {
  eta <- fit_eta(object)
  if (has_matrix_mean(object$family)) {
    prob <- object$family$mean(fit_parameters(object, eta))
    # parts have no order, and the first one's mean is one of the numbers that are fitted
    if (is_composition(object$family)) {
      return(list(values = prob[, 1L], label = paste("Mean of", colnames(prob)[1L])))
    }
    return(list(values = drop(prob %*% seq_len(ncol(prob))),
                label = "Expected category"))
  }
  link <- object$predictors[[1L]]$link$name
  list(values = eta[, 1L],
       label = if (link == "identity") "Fitted values" else
         paste0("Linear predictor (", link, ")"))
}

#' "Quantile residuals"
#' @noRd
residual_name <- function(data) {
  kind <- attr(data, "kind")
  paste0(toupper(substr(kind, 1L, 1L)), substring(kind, 2L), " residuals")
}

#' The rows drawn, with the most extreme ones, which get labels
#' @noRd
with_extremes <- function(rows, size, count = 3L) {
  extreme <- utils::head(order(-size), count)
  list(rows = sort(union(rows, extreme)), extreme = extreme)
}

#' @noRd
point_panel <- function(data, rows, x, y, size, spec, ...) {
  chosen <- with_extremes(rows, size)
  spec$xlim <- padded_range(x[chosen$rows])
  spec$ylim <- spec$ylim %||% padded_range(y[chosen$rows])
  list(x = x[chosen$rows], y = y[chosen$rows], spec = spec,
       labels = list(x = x[chosen$extreme], y = y[chosen$extreme],
                     text = data$label[chosen$extreme]), ...)
}

#' A range that leaves room for labels, and is one for a single value too
#' @noRd
padded_range <- function(x, share = 0.04) {
  range <- range(x[is.finite(x)], 0 * x[1L] + x[1L], na.rm = TRUE)
  width <- diff(range)
  # equal but for rounding, as leverages are in a balanced design
  if (width > 1e-7 * max(abs(range))) return(range + c(-1, 1) * share * width)
  range + c(-0.5, 0.5) * (if (range[1L] == 0) 1 else abs(range[1L]))
}

#' @noRd
panel_residuals <- function(data, rows) {
  point_panel(
    data, rows, data$fitted, data$residual, abs(data$residual),
    list(title = "Residuals vs fitted", xlab = attr(data, "fitted"),
         ylab = residual_name(data)),
    trend = TRUE, level = if (attr(data, "kind") != "deviance") 0
  )
}

#' @noRd
panel_scale <- function(data, rows) {
  root <- sqrt(abs(data$residual))
  point_panel(
    data, rows, data$fitted, root, root,
    list(title = "Scale vs location", xlab = attr(data, "fitted"),
         ylab = "Root of absolute residuals", ylim = c(0, 1.06 * max(root))),
    # the mean of sqrt(|z|) for a standard normal z; residuals of several numbers, which
    # are not negative, are none
    trend = TRUE,
    level = if (attr(data, "kind") != "deviance") 2^0.25 * gamma(0.75) / sqrt(pi)
  )
}

#' @noRd
panel_normal <- function(data, rows) {
  n <- nrow(data)
  order <- order(data$residual)
  expected <- numeric(n)
  expected[order] <- stats::qnorm(stats::ppoints(n))
  # the tails are what is read, so they are drawn in full
  tails <- c(order[seq_len(min(n, 100L))], order[n + 1L - seq_len(min(n, 100L))])
  panel <- point_panel(
    data, if (length(rows) < n) union(rows, tails) else rows, expected, data$residual,
    abs(data$residual),
    list(title = "Normal quantiles", xlab = "Expected under the model",
         ylab = residual_name(data)),
    trend = FALSE
  )
  panel$band <- normal_band(n)
  panel
}

#' Pointwise limits of normal order statistics
#'
#' The i-th of n uniform order statistics is Beta(i, n - i + 1).
#' @noRd
normal_band <- function(n, level = 0.95) {
  tail <- seq_len(min(n, 50L))
  middle <- round(seq(1, n, length.out = min(n, 200L)))
  rank <- sort(unique(c(tail, middle, n + 1 - tail)))
  limit <- function(p) stats::qnorm(stats::qbeta(p, rank, n - rank + 1))
  list(x = stats::qnorm(stats::ppoints(n))[rank], low = limit((1 - level) / 2),
       high = limit((1 + level) / 2))
}

#' @noRd
panel_leverage <- function(data, rows) {
  negative <- any(data$leverage < -1e-8, na.rm = TRUE)
  point_panel(
    data, rows, data$leverage, data$cook, data$cook,
    list(title = "Influence", xlab = "Leverage", ylab = "Cook's distance",
         subtitle = if (negative) "below 0: see ?hatvalues.gamut",
         ylim = c(0, 1.06 * max(data$cook[is.finite(data$cook)], 1e-8))),
    trend = FALSE, mark = 2 * mean(data$leverage)
  )
}

#' @noRd
draw_diagnostic <- function(panel, spec, left) {
  open_panel(spec, left)
  band <- panel$band
  if (!is.null(band)) {
    graphics::polygon(c(band$x, rev(band$x)), c(band$low, rev(band$high)), border = NA,
                      col = "grey88")
    graphics::abline(0, 1, col = "grey40", lty = "12")
  }
  if (!is.null(panel$level)) graphics::abline(h = panel$level, col = "grey40", lty = "12")
  if (!is.null(panel$mark)) graphics::abline(v = panel$mark, col = "grey40", lty = "12")
  draw_points(panel$x, panel$y, rep(1L, length(panel$x)), list(colour = panel$colour[1L]))
  if (panel$trend) draw_trend(panel$x, panel$y, panel$colour[2L])
  graphics::points(panel$labels$x, panel$labels$y, pch = 16, cex = 0.6, col = "grey25")
  draw_labels(panel$labels)
  graphics::box(bty = "l", col = "grey30")
}

#' A smooth line; where there are few values, through the means at each
#' @noRd
draw_trend <- function(x, y, colour) {
  usable <- is.finite(x) & is.finite(y)
  x <- x[usable]
  y <- y[usable]
  values <- unique(signif(x, 10))
  if (length(values) < 3L) return(invisible())
  line <- if (length(values) <= 12L) {
    list(x = sort(values), y = as.vector(tapply(y, signif(x, 10), mean)))
  } else {
    stats::lowess(x, y, iter = 0L)
  }
  graphics::lines(line, col = colour, lwd = 2)
}

#' Names beside the extreme points, on a side where there is room, or not at all
#' @noRd
draw_labels <- function(labels) {
  usr <- graphics::par("usr")
  text <- shorten(labels$text, 16L)
  width <- graphics::strwidth(text, cex = 0.8)
  height <- graphics::strheight("0", cex = 0.8)
  gap <- 0.5 * graphics::strwidth("m", cex = 0.8)
  taken <- NULL
  for (i in seq_along(text)) {
    sides <- if (labels$x[i] > mean(usr[1:2])) c(-1, 1) else c(1, -1)
    for (side in sides) {
      box <- c(sort(labels$x[i] + side * c(gap, gap + width[i])),
               labels$y[i] + c(-0.7, 0.7) * height)
      if (box[1L] < usr[1L] || box[2L] > usr[2L] || overlaps(box, taken)) next
      graphics::text(box[1L], labels$y[i], text[i], adj = c(0, 0.4), cex = 0.8,
                     col = "grey25", xpd = NA)
      taken <- rbind(taken, box)
      break
    }
  }
}

#' Does a box (left, right, bottom, top) touch any of those placed?
#' @noRd
overlaps <- function(box, taken) {
  !is.null(taken) && any(box[1L] < taken[, 2L] & box[2L] > taken[, 1L] &
                           box[3L] < taken[, 4L] & box[4L] > taken[, 3L])
}
