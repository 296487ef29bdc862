# Panels of smooths: what is to be drawn. How it is drawn is in plot-smooth-draw.R.

#' Arguments of plot() that are about smooths alone, apart from those of all panels
#'
#' @param what What is to be drawn: where no smooths are, these arguments are unknown.
#' @return list: `smooth` and `own`, named lists.
#' @noRd
split_smooth_options <- function(what, ...) {
  given <- list(...)
  names <- names(given) %||% rep("", length(given))
  known <- c("select", "se", "scale", "pages", "shade", "trans", "shift", "seWithMean",
             "unconditional", "simultaneous", "n", "n2", "too.far")
  about <- names %in% known & what %in% c("smooths", "all")
  list(smooth = given[about], own = given[!about])
}

#' @noRd
check_smooth_options <- function(given, options) {
  flag <- function(name, default) check_flag(given[[name]] %||% default, name)
  c(options[c("level", "residuals", "rug", "data", "own")], list(
    select = given[["select"]], se = check_se(given[["se"]] %||% TRUE),
    common = check_scale(given[["scale"]] %||% -1), shade = flag("shade", TRUE),
    trans = check_trans(given[["trans"]] %||% identity),
    shift = check_number(given[["shift"]] %||% 0, "shift"),
    mean = flag("seWithMean", FALSE), unconditional = flag("unconditional", FALSE),
    simultaneous = flag("simultaneous", FALSE),
    n = check_count(given[["n"]] %||% 200L, "n", 2L),
    n2 = check_count(given[["n2"]] %||% 40L, "n2", 2L),
    too_far = check_too_far(given[["too.far"]] %||% 0.1)
  ))
}

#' Bands at the level, none, or a number of standard errors
#' @noRd
check_se <- function(se) {
  if (is_one_number(se) && se >= 0) return(as.double(se))
  if (isTRUE(se) || isFALSE(se)) return(se)
  abort_argument("se", "TRUE, FALSE or a number of standard errors", se)
}

#' @noRd
check_too_far <- function(distance) {
  if (is_one_number(distance) && distance >= 0 && distance <= 1) return(distance)
  abort_argument("too.far", "one number from 0 to 1", distance)
}

#' @noRd
check_scale <- function(scale) {
  if (!is_one_number(scale) || !scale %in% c(-1, 0)) {
    abort_argument("scale", paste("-1 (one scale for all curves of a linear predictor)",
                                  "or 0 (one for each term)"), scale)
  }
  scale == -1
}

#' @noRd
check_trans <- function(trans) {
  if (is.function(trans)) return(trans)
  abort_argument("trans", "a function, such as exp", trans)
}

#' As mgcv's `pages`: 0 for the layout of the device, else a number of pages
#' @noRd
pages_layout <- function(pages, layout, count) {
  if (is.null(pages)) return(layout)
  pages <- check_count(pages, "pages", 0L)
  if (pages == 0L) FALSE else choose_layout(max(1L, ceiling(count / pages)))
}

#' Panels of all smooths that are asked for
#' @param options What `check_smooth_options()` gives.
#' @return A list of panels, as of `effect_panels()`.
#' @noRd
smooth_panels <- function(fit, predictor, options) {
  entries <- chosen_smooths(fit, options$select, "plot(fit, \"smooths\")")
  if (!is.null(predictor)) {
    wanted <- chosen_predictors(fit, predictor)
    entries <- Filter(function(entry) entry$predictor %in% wanted, entries)
    if (!length(entries)) {
      abort_argument("predictor", "one that has smooths", predictor)
    }
  }
  ask <- band_request(fit, options$level, options$simultaneous, options$unconditional,
                      options$data, "plot(fit, \"smooths\")")
  ask$mean <- options$mean
  residuals <- if (options$residuals) smooth_residuals(fit)
  panels <- lapply(entries, smooth_panel, ask = ask, options = options,
                   residuals = residuals)
  shared_limits(unlist(panels, recursive = FALSE), options)
}

#' Working residuals, a column for each linear predictor; `NULL` with a message where
#' there are none
#' @noRd
smooth_residuals <- function(fit) {
  tryCatch({
    require_data(fit, "plot(fit, residuals = TRUE)")
    as.matrix(working_residuals(fit, NULL))
  }, gamut_error = function(e) {
    inform_gamut("No residuals are drawn: ", conditionMessage(e), class = "plot")
    NULL
  })
}

#' The panels of one smooth
#' @noRd
smooth_panel <- function(entry, ask, options, residuals) {
  roles <- covariate_roles(entry$piece)
  if (isTRUE(entry$piece$basis$random)) return(list(quantile_panel(entry, options)))
  grid <- smooth_grid(entry$piece, ask$frame$variables, options$n, options$n2)
  table <- bind_estimates(list(estimate_rows(ask, entry, grid, piece_matrix)))
  table <- scaled_table(table, options)
  if (!length(roles$numbers)) return(list(level_panel(entry, table, options)))
  model <- list(entry = entry, roles = roles, table = table, grid = grid,
                own = own_covariates(entry$piece, ask$frame$variables))
  if (length(roles$numbers) > 1L) {
    model$far <- if (options$too_far > 0) {
      grid_support(entry$piece, ask$frame$variables, grid, options$too_far) != "inside"
    } else {
      logical(nrow(table))
    }
    return(surface_panels(model, options))
  }
  model$points <- if (!is.null(residuals)) smooth_points(model, ask, options, residuals)
  list(curve_panel(model, options))
}

#' Limits by `se`, everything on the scale of `trans` and `shift`
#' @noRd
scaled_table <- function(table, options) {
  if (is.numeric(options$se)) {
    table$lower <- table$estimate - options$se * table$se
    table$upper <- table$estimate + options$se * table$se
  }
  if (isFALSE(options$se)) table$lower <- table$upper <- NA_real_
  columns <- c("estimate", "lower", "upper")
  table[columns] <- lapply(table[columns], moved_values, options = options)
  table
}

#' @noRd
moved_values <- function(y, options) options$trans(y + options$shift)

#' Partial residuals: working residuals and the smooth at a sample of its rows
#' @return Data frame of the covariates and `y`, attributes `shown` and `total`; or `NULL`
#'   where a row has several places, or a factor of its own.
#' @noRd
smooth_points <- function(model, ask, options, residuals) {
  piece <- model$entry$piece
  variables <- ask$frame$variables
  is_sum <- is.matrix(variables[[piece$covariates[1L]]])
  if (is_sum || (!is.null(piece$by) && is.null(piece$by_level))) return(NULL)
  rows <- seq_len(nrow(residuals))
  if (!is.null(piece$by)) rows <- which(by_values(piece, variables[[piece$by]]) != 0)
  total <- length(rows)
  rows <- rows[sample_rows(total)]
  at <- lapply(variables[piece$covariates], take_rows, rows)
  fitted <- drop(piece_matrix(plain_piece(piece), at) %*% model$entry$coefficients)
  own <- residuals[rows, min(model$entry$predictor, ncol(residuals))]
  y <- moved_values(fitted + own, options)
  # a few that are far from all others would leave no room for the curve
  middle <- stats::quantile(own, c(0.25, 0.5, 0.75), names = FALSE, na.rm = TRUE)
  far <- abs(own - middle[2L]) > 5 * (middle[3L] - middle[1L])
  points <- structure(c(at, list(y = y, far = far)), class = "data.frame",
                      row.names = seq_along(y))
  structure(points[is.finite(y), ], shown = length(y), total = total)
}

#' What stands below the title of a panel of curves
#' @noRd
curve_notes <- function(points, levels, ylim) {
  beyond <- sum(points$y < ylim[1L] | points$y > ylim[2L])
  notes <- c(if (levels > 8L) paste(levels, "levels"),
             sample_note(attr(points, "shown") %||% 0L, attr(points, "total") %||% 0L),
             if (beyond > 0L) paste(beyond, "beyond"))
  if (length(notes)) paste(notes, collapse = "; ")
}

#' The label with the effective degrees of freedom, "s(x, 2.85):ga"
#' @noRd
edf_label <- function(entry) {
  piece <- entry$piece
  term <- piece_term(entry, c(if (!is.null(piece$by)) ":", piece$by, piece$by_level))
  inner <- c(piece$covariates, format(round(entry$edf, 2)))
  # covariates may have brackets of their own
  paste0(sub("[(].*", "", term), "(", paste(inner, collapse = ", "), ")",
         substring(entry$label, nchar(term) + 1L))
}

#' "s(x), g = a"
#' @noRd
smooth_heading <- function(entry) {
  piece <- entry$piece
  if (is.null(piece$by_level)) return(entry$label)
  paste0(piece_term(entry, c(":", piece$by, piece$by_level)), ", ", piece$by, " = ",
         piece$by_level)
}

#' A curve, or the curves of all levels
#' @noRd
curve_panel <- function(model, options) {
  entry <- model$entry
  key <- model$roles$numbers
  levels <- if (length(model$roles$factors)) level_keys(model$grid[model$roles$factors])
  groups <- if (is.null(levels)) list(seq_along(model$grid[[1L]])) else
    split(seq_along(levels), factor(levels, unique(levels)))
  spec <- list(title = smooth_heading(entry), xlab = key, ylab = edf_label(entry),
               xlim = range(as.double(model$grid[[key]])),
               scale = like(range(unclass(model$grid[[key]])), model$grid[[key]]))
  if (diff(spec$xlim) == 0) spec$xlim <- spec$xlim + c(-0.5, 0.5)
  list(name = entry$label, data = model$table,
       limits = curve_limits(model, length(groups), options),
       scale = c(entry$predictor, piece_term(entry, entry$piece$by_level)),
       make = function(ylim) {
         spec$ylim <- ylim
         spec$subtitle <- curve_notes(model$points, length(groups), ylim)
         spec <- with_own(spec, options$own)
         function(left) draw_smooth_curves(model, groups, spec, options, left)
       })
}

#' @noRd
curve_limits <- function(model, groups, options) {
  limited <- data.frame(
    estimate = model$table$estimate, conf.low = model$table$lower,
    conf.high = model$table$upper,
    extrapolated = model$table$support == "extrapolated"
  )
  # the lines of many levels have no bands
  if (groups > 4L || isFALSE(options$se)) {
    limited$conf.low <- limited$conf.high <- limited$estimate
  }
  points <- model$points
  effect_limits(limited, if (!is.null(points)) points[!points$far, ])
}

#' Vertical scales: one for all curves of a linear predictor, or for those of one term;
#' colours: for all surfaces of one term
#' @noRd
shared_limits <- function(panels, options) {
  which <- if (options$common) 1L else 2L
  none <- rep(NA_character_, 2L)
  key <- vapply(panels, function(panel) (panel$scale %||% none)[which], "")
  for (group in split(which(!is.na(key)), key[!is.na(key)])) {
    limits <- range(unlist(lapply(panels[group], `[[`, "limits")))
    for (i in group) {
      panels[[i]]$ylim <- options$own$ylim %||% limits
      panels[[i]]$draw <- panels[[i]]$make(panels[[i]]$ylim)
    }
  }
  terms <- vapply(panels, function(panel) panel$surface %||% NA_character_, "")
  for (group in split(which(!is.na(terms)), terms[!is.na(terms)])) {
    limit <- max(vapply(panels[group], `[[`, 0, "limit"))
    for (i in group) panels[[i]]$draw <- panels[[i]]$make(limit)
  }
  panels
}

#' Surfaces: one, or one for each level and each value of further covariates
#' @noRd
surface_panels <- function(model, options, most = 12L) {
  axes <- model$roles$numbers[1:2]
  others <- setdiff(names(model$grid), axes)
  key <- if (length(others)) slice_keys(model$grid[others]) else
    rep("", nrow(model$table))
  slices <- unique(key)
  limit <- max(abs(model$table$estimate[!model$far] - options$trans(options$shift)), 0)
  label <- edf_label(model$entry)
  lapply(utils::head(slices, most), function(slice) {
    rows <- which(key == slice)
    notes <- c(if (nzchar(slice)) slice,
               if (length(slices) > most) paste(most, "of", length(slices), "slices"))
    range_of <- function(name) range(as.double(model$grid[[name]]))
    spec <- list(title = label, xlab = axes[1L], ylab = axes[2L],
                 subtitle = if (length(notes)) paste(notes, collapse = "; "),
                 xlim = range_of(axes[1L]), ylim = range_of(axes[2L]),
                 scale = like(range_of(axes[1L]), model$grid[[axes[1L]]]))
    spec <- with_own(spec, options$own)
    list(name = model$entry$label, data = model$table, ylim = spec$ylim, limit = limit,
         surface = piece_term(model$entry, model$entry$piece$by_level),
         make = function(limit) {
           function(left) draw_surface(model, rows, axes, limit, spec, options, left)
         })
  })
}

#' "w = 0.31, g = a"
#' @noRd
slice_keys <- function(others) {
  texts <- Map(function(name, value) paste(name, "=", curve_names(value)), names(others),
               others)
  do.call(paste, c(unname(texts), sep = ", "))
}

#' Levels of a field or another smooth of factors alone, in the order of their values
#' @noRd
level_panel <- function(entry, table, options) {
  keys <- covariate_roles(entry$piece)$factors
  drawn <- data.frame(level = level_keys(table[keys]), value = table$estimate,
                      low = table$lower, high = table$upper)
  drawn <- drawn[order(drawn$value), ]
  spec <- list(
    title = smooth_heading(entry), xlab = paste(keys, collapse = ":"),
    ylab = edf_label(entry), xlim = c(0.5, nrow(drawn) + 0.5),
    ylim = padded_range(c(drawn$value, drawn$low, drawn$high))
  )
  spec <- with_own(spec, options$own)
  colour <- options$own$col[1L] %||% plot_colours()[1L]
  list(name = entry$label, data = table, ylim = spec$ylim,
       draw = function(left) draw_caterpillar(drawn, spec, colour, left))
}

#' Random effects against normal quantiles
#' @noRd
quantile_panel <- function(entry, options) {
  effects <- moved_values(entry$coefficients, options)
  drawn <- data.frame(quantile = numeric(length(effects)), effect = effects)
  drawn$quantile[order(effects)] <- stats::qnorm(stats::ppoints(length(effects)))
  spec <- list(title = smooth_heading(entry), xlab = "Normal quantiles",
               ylab = edf_label(entry), xlim = padded_range(drawn$quantile),
               ylim = padded_range(effects))
  spec <- with_own(spec, options$own)
  list(name = entry$label, data = drawn, ylim = spec$ylim,
       draw = function(left) draw_quantiles(drawn, spec, options, left))
}
