# plot() of a local regression: which panels there are, and the numbers in them.

#' Plot a local regression
#'
#' Over one numeric predictor: the data, the curve with its band, one for each combination
#' of levels of factors. Over two: the surface as an image with contours and the places of
#' the data, grey where there are none near. Over more: a curve along each predictor, the
#' others at their medians.
#'
#' @param x A fit of [fit_loess()].
#' @param at Places to look into, values of the predictor, or a data frame of the
#'   predictors where there are factors as well: a panel each with the window of the
#'   neighbourhood, its rows, larger and darker the more they weigh, the tricube weights
#'   along the axis, and the local polynomial. For fits of one numeric predictor; see
#'   [local_fits()] for others.
#' @param type `"response"`, or `"link"` for the scale of the linear predictor.
#' @param level Level of the bands; `NULL` for none.
#' @param simultaneous Bands that hold for the whole curve at once?
#' @param points Draw the data?
#' @param rug Mark the values of predictors, or places of the data on a surface?
#' @param n,n2 Points along a curve, and along each side of a surface.
#' @param layout,ask As in [plot.gamut()].
#' @param ... `main`, `xlab`, `ylab`, `xlim`, `ylim` of all panels, and `col`, the colours
#'   of curves.
#' @return The data drawn, invisibly: a list of a data frame for each panel.
#' @examples
#' fit <- fit_loess(dist ~ speed, cars)
#' plot(fit)
#' plot(fit, at = c(8, 20))
#' plot(fit_loess(mpg ~ wt + hp, mtcars, degree = 1))
#' @export
plot.gamut_loess <- function(x, at = NULL, type = c("response", "link"), level = 0.95,
                             simultaneous = FALSE, points = TRUE, rug = TRUE, n = 200L,
                             n2 = 80L, layout = NULL, ask = NULL, ...) {
  if (x$pars$statistics == "none") level <- NULL
  if (!is.null(level)) level <- check_level(level)
  options <- list(
    type = check_choice(type, "type", c("response", "link")), level = level,
    simultaneous = check_flag(simultaneous, "simultaneous"),
    points = check_flag(points, "points"), rug = check_flag(rug, "rug"),
    n = check_count(n, "n", 2L), n2 = check_count(n2, "n2", 2L), own = check_own(...)
  )
  if (!is.null(level)) {
    options$factor <- loess_factor(c(options, list(object = x)))
  }
  varying <- x$xnames[!x$columns$indicators]
  panels <- if (!is.null(at)) window_panels(x, at, options)
            else if (length(varying) == 2L) image_panels(x, varying, options)
            else lapply(varying, loess_curve_panel, object = x, options = options)
  draw_panels(panels, layout, ask)
  invisible(panel_data(panels))
}

#' Values of the surface of one piece at places, with the band, for a panel
#' @noRd
drawn_surface <- function(object, x, group, options) {
  rows <- list(x = x, code = rep(group, nrow(x)))
  banded <- !is.null(options$level)
  found <- evaluate_loess(object, rows, FALSE, banded, FALSE)
  eta <- found$fit + mean(object$offset %||% 0)
  out <- list(fit = eta)
  if (banded) {
    half <- options$factor * object$s * sqrt(found$variance)
    out[c("lwr", "upr")] <- list(eta - half, eta + half)
  }
  if (options$type == "response" && is_likelihood(object)) {
    out$se <- NULL
    out <- to_response(c(out, list(se = 0)), eta, object$family)
  }
  data.frame(x, estimate = out$fit, lower = out$lwr %||% NA_real_,
             upper = out$upr %||% NA_real_, check.names = FALSE)
}

#' Where the data are drawn; on the scale of a link only what it maps to a number
#' @noRd
drawn_response <- function(object, options) {
  # proportions and numbers as they are, levels as 0 and 1
  y <- object$family$observed(object$y)
  if (options$type == "link" && is_likelihood(object)) {
    return(object$linear.predictors + residuals.gamut_loess(object, "working"))
  }
  as.double(y)
}

#' One predictor along the axis, the others at their medians
#' @noRd
loess_curve_panel <- function(name, object, options) {
  alone <- sum(!object$columns$indicators) == 1L
  tables <- lapply(object$pieces, function(piece) {
    own <- object$x[piece$rows, , drop = FALSE]
    ends <- piece$range[, name]
    middle <- apply(own, 2L, stats::median)
    x <- matrix(middle, options$n, ncol(own), byrow = TRUE, dimnames = dimnames(own))
    x[, name] <- seq(ends[1L], ends[2L], length.out = options$n)
    table <- drawn_surface(object, x, piece$group, options)
    if (nzchar(piece$label)) table$level <- piece$label
    table
  })
  table <- do.call(rbind, tables)
  groups <- vapply(object$pieces, `[[`, 0L, "group")
  shown <- if (options$points && alone) {
    data.frame(x = object$x[, name], y = drawn_response(object, options),
               group = match(object$groups$code, groups))
  }
  shown <- shown[is.finite(shown$y), ]
  spec <- loess_panel_spec(object, name, table, shown, options)
  if (!alone) {
    spec$subtitle <- paste(c(spec$subtitle, "others at their medians"), collapse = "; ")
  }
  list(name = name, data = table, ylim = spec$ylim, draw = function(left) {
    draw_loess_curves(object, name, tables, shown, with_own(spec, options$own), options,
                      left)
  })
}

#' @noRd
loess_panel_spec <- function(object, name, table, shown, options) {
  values <- c(table$estimate, shown$y)
  if (!is.null(options$level)) values <- c(values, band_in_view(table, shown$y))
  limits <- range(values[is.finite(values)])
  if (diff(limits) == 0) limits <- limits + c(-0.5, 0.5)
  several <- length(object$pieces)
  styles <- group_styles(several, options$own$col)
  title <- paste0(object$frame$response_name, " by ", name, ": span ",
                  format(object$pars$span, digits = 3L), ", degree ", object$pars$degree)
  notes <- c(
    if (!is.null(options$level))
      paste0(format(100 * options$level), " % ",
             if (options$simultaneous) "simultaneous band" else "band"),
    if (!is.null(shown)) sample_note(length(sample_rows(nrow(shown))), nrow(shown))
  )
  spec <- list(
    xlim = range(table[[name]]), ylim = limits, xlab = name, title = title,
    # how dates are written
    scale = object$frame$variables[[name]],
    subtitle = if (length(notes)) paste(notes, collapse = "; "),
    ylab = if (options$type == "link" && is_likelihood(object)) "linear predictor" else
      object$frame$response_name
  )
  if (several > 1L && several <= 8L) {
    keys <- object$columns$groups
    labels <- vapply(object$pieces, `[[`, "", "label")
    if (length(keys) == 1L) labels <- substring(labels, nchar(keys) + 4L)
    spec <- c(spec, list(styles = styles, legend = labels,
                         by = paste(keys, collapse = ":")))
  }
  spec
}

#' Limits of a band, cut where it runs far away from the curve and the data
#' @noRd
band_in_view <- function(table, y) {
  inner <- range(c(table$estimate, y), na.rm = TRUE, finite = TRUE)
  room <- 0.6 * diff(inner)
  pmin(pmax(c(table$lower, table$upper), inner[1L] - room), inner[2L] + room)
}

#' Surfaces over two predictors, a panel for each combination of levels
#' @noRd
image_panels <- function(object, names, options) {
  models <- lapply(object$pieces, image_model, object = object, names = names,
                   options = options)
  limits <- range(unlist(lapply(models, function(m) m$table$estimate)), finite = TRUE)
  lapply(models, function(model) {
    spec <- list(xlim = range(model$x), ylim = range(model$y), xlab = names[1L],
                 ylab = names[2L], title = model$title,
                 subtitle = paste0("span ", format(object$pars$span, digits = 3L),
                                   ", degree ", object$pars$degree))
    list(name = model$title, data = model$table, ylim = spec$ylim, draw = function(left) {
      draw_loess_image(model, limits, with_own(spec, options$own), options, left)
    })
  })
}

#' @noRd
image_model <- function(piece, object, names, options) {
  own <- object$x[piece$rows, , drop = FALSE]
  sides <- lapply(names, function(name) {
    seq(piece$range[1L, name], piece$range[2L, name], length.out = options$n2)
  })
  middle <- apply(own, 2L, stats::median)
  x <- matrix(middle, options$n2^2, ncol(own), byrow = TRUE, dimnames = dimnames(own))
  x[, names[1L]] <- rep(sides[[1L]], options$n2)
  x[, names[2L]] <- rep(sides[[2L]], each = options$n2)
  options$level <- NULL
  table <- drawn_surface(object, x, piece$group, options)
  scale <- vapply(sides, function(side) diff(range(side)), 0)
  table$far <- far_from_data(x[, names], own[, names, drop = FALSE], scale)
  label <- if (nzchar(piece$label)) paste0(", ", piece$label)
  list(x = sides[[1L]], y = sides[[2L]], table = table, places = own[, names],
       title = paste0(object$frame$response_name, label))
}

#' Farther from all data than a fifth of the box?
#' @noRd
far_from_data <- function(x, data, scale, far = 0.2) {
  data <- data[sample_rows(nrow(data)), , drop = FALSE]
  nearest <- rep(Inf, nrow(x))
  for (i in seq_len(nrow(data))) {
    distance <- ((x[, 1L] - data[i, 1L]) / scale[1L])^2 +
      ((x[, 2L] - data[i, 2L]) / scale[2L])^2
    nearest <- pmin(nearest, distance)
  }
  nearest > far^2
}

#' A look into the neighbourhoods of some places
#' @noRd
window_panels <- function(object, at, options) {
  if (length(object$xnames) != 1L) {
    abort_gamut("plot() with `at` draws neighbourhoods of fits of one numeric ",
                "predictor; of this one local_fits() gives the numbers.",
                class = "argument",
                data = list(argument = "at"))
  }
  name <- object$xnames
  if (is.numeric(at)) {
    if (!length(at) || !all(is.finite(at))) abort_argument("at", "finite numbers", at)
    if (length(object$columns$groups)) {
      abort_gamut("`at` must be a data frame with ",
                  ticked(c(name, object$columns$groups)), ", which say which surface ",
                  "is meant.", class = "argument", data = list(argument = "at"))
    }
    rows <- list(x = matrix(as.double(at), dimnames = list(NULL, name)),
                 code = rep(1L, length(at)))
  } else {
    rows <- loess_rows(object, at, stats::na.omit)
  }
  groups <- vapply(object$pieces, `[[`, 0L, "group")
  lapply(seq_len(nrow(rows$x)), function(i) {
    piece <- object$pieces[[match(rows$code[i], groups)]]
    window_panel(object, piece, rows$x[i, , drop = FALSE], options)
  })
}

#' @noRd
window_panel <- function(object, piece, at, options) {
  if (is_likelihood(object)) options$type <- "response"
  name <- object$xnames
  local <- local_fits_of(object, piece, at)[[1L]]
  only <- object
  only$pieces <- list(piece)
  x <- matrix(seq(piece$range[1L], piece$range[2L], length.out = options$n),
              dimnames = list(NULL, name))
  table <- drawn_surface(object, x, piece$group, options)
  shown <- data.frame(x = object$x[piece$rows, 1L],
                      y = drawn_response(object, options)[piece$rows])
  spec <- loess_panel_spec(only, name, table, shown, options)
  spec$title <- paste0("at ", name, " = ", format(at[1L], digits = 4L),
                       if (nzchar(piece$label)) paste0(", ", piece$label))
  spec$xlim <- range(spec$xlim, at)
  spec$subtitle <- paste0(length(local$rows), " of ", length(piece$rows),
                          " rows weigh; degree ", object$pars$degree)
  kernel <- numeric(length(piece$rows))
  kernel[match(local$rows, piece$rows)] <- local$kernel
  data <- data.frame(shown, kernel = kernel)
  line <- local_line(object, local, at[1L], spec$xlim, options)
  list(name = spec$title, data = data, ylim = spec$ylim, draw = function(left) {
    draw_window(list(name = name, at = at[1L], radius = local$radius * object$divisor,
                     data = data, line = line, table = table),
                with_own(spec, options$own), options, left)
  })
}

#' The local polynomial over its window
#' @noRd
local_line <- function(object, local, at, limits, options) {
  radius <- local$radius * object$divisor
  x <- seq(max(limits[1L], at - radius), min(limits[2L], at + radius), length.out = 101L)
  powers <- seq_along(local$coefficients) - 1L
  eta <- drop(outer(x - at, powers, `^`) %*% local$coefficients)
  eta <- eta + mean(object$offset %||% 0)
  y <- if (is_likelihood(object)) object$family$links[[1L]]$linkinv(eta) else eta
  list(x = x, y = y)
}
