# plot(): which panels to draw, and where. The panels themselves are made in
# plot-effects.R, plot-smooth.R and plot-diagnostics.R.

#' Plot a fit
#'
#' The effects of the variables with confidence bands, smooths, residual diagnostics, or
#' random effects, in base graphics.
#'
#' @param x A fit, see [gamut()].
#' @param what `"effects"`, `"smooths"`, `"diagnostics"`, `"random"` or `"all"`. By
#'   default the smooths of a fit that has any, unless there are `terms`, else effects.
#' @param terms Effects to draw: variables, or several joined by `":"`, as in
#'   `c("age", "dose:sex")`; the first goes on the axis, the second has a curve for each
#'   of its values, the third a panel. By default all that [effect_terms()] lists.
#' @param predictor Name of a parameter of the distribution, such as `"phi"`; by default
#'   all whose predictors have variables.
#' @param type `"response"`, or `"link"` for linear predictors.
#' @param level Confidence level of the bands, and of intervals of random effects.
#' @param residuals Draw the observations too, adjusted to the values that the other
#'   variables are held at (partial residuals)? See the details.
#' @param rug Mark the values of numeric variables along the axis?
#' @param which Numbers of the diagnostic panels, of 1 to 4.
#' @param at,data As in [effect_data()]. Of a fit with `lo()` terms `at` may also be
#'   numbers or a data frame: places to look into, as in [plot.gamut_loess()], on the
#'   partial residuals of the term that `terms` names.
#' @param layout Rows and columns of panels on a page, as in `c(2, 3)`; `FALSE` leaves
#'   the device's own layout as it is. By default all panels are on one page, up to 12.
#' @param ask Wait before a new page? By default on screen only.
#' @param ... `main`, `xlab`, `ylab`, `xlim`, `ylim` of all panels, and `col`, the colours
#'   of curves. For smooths also the arguments of the section below.
#'
#' @section Effects:
#' There is one panel for each variable, and one for variables that interact, drawn over
#' the user's own variables whatever functions of them the formula has. A number has a
#' curve with a pointwise confidence band over its range, levels have points with bars.
#' Of interacting variables the first number is on the axis (else the factor with most
#' levels), with a curve for each level of the second; of a number the curves are at its
#' 10, 50 and 90 % quantiles. A categorical response has a curve for each category. Other
#' variables are held at their mean or most frequent level and offsets at their mean:
#' see [effect_data()], which gives the numbers. Beyond the data of its own level a curve
#' is thin and dotted, without band; a level without any data has a hollow point.
#'
#' With `residuals = TRUE` each observation is moved along the link from its own values of
#' the other variables to the held ones: at
#' \eqn{g^{-1}\{g(y_i) - \hat\eta_i + \tilde\eta_i\}}{g^-1(g(y) - eta + eta')}, where
#' \eqn{\tilde\eta_i}{eta'} is the linear predictor of the effect at the observation; with
#' one variable these are the data. With `type = "link"` they are at
#' \eqn{\tilde\eta_i + (y_i - \hat\mu_i) / \mu'(\hat\eta_i)}{eta' + (y - mu) / mu'(eta)}.
#' Points without a finite value are left out. A categorical response, predictors of
#' other parameters than the mean, and families such as [zero_inflated()] or [censored()],
#' whose mean is no parameter by itself or whose response is no number, have none.
#'
#' @section Smooths:
#' A panel for each smooth, on the scale of the linear predictor, with its effective
#' degrees of freedom in the label: `s(x, 2.85)`. What can be drawn follows from its
#' covariates: a curve with a band over a number; an image with contours and the places of
#' the data over two, at three quantiles of further ones; the curves of all levels where
#' there is a factor too; levels in order of a factor alone; and normal quantiles of the
#' effects of `bs = "re"`. Where the data have a gap, or end, a panel is grey and the
#' curve dotted; surfaces are left out there. See [smooth_estimates()] for the numbers,
#' and for what counts as a gap.
#'
#' Arguments for smooths, as in package \pkg{mgcv}:
#' * `select`: labels, or numbers
#' * `se`: `FALSE` for no bands, or a number of standard errors in place of `level`
#' * `simultaneous`: bands for whole curves? `seWithMean`, `unconditional`: see `mean` and
#'   `unconditional` of [smooth_estimates()]
#' * `scale`: -1 for one vertical scale for all curves of a linear predictor, 0 for one
#'   for each term; that of levels of a `by` factor is the same in any case
#' * `shade`: bands as areas, else as lines
#' * `trans`, `shift`: what is drawn is `trans(y + shift)`
#' * `n`, `n2`: points along a curve and along each side of a surface
#' * `too.far`: a surface is drawn within this distance of data, relative to their range
#' * `pages`: the number of pages for all panels; 0 is `layout = FALSE`
#'
#' With `residuals = TRUE` curves have partial residuals: the working residuals plus the
#' smooth, at its own rows. A few that are far from all others do not decide the scale;
#' the subtitle says how many are beyond. Smooths with a numeric `by` variable, sums over
#' matrices, surfaces and factors have none.
#'
#' @section Diagnostics:
#' 1. Residuals against fitted values, with a smooth line.
#' 2. Normal quantiles of the residuals, with a pointwise 95 % band for a sample of
#'    independent normal values.
#' 3. Square root of absolute residuals against fitted values: a trend says that the
#'    variance is not as the family has it. The dotted line is the
#'    expectation for normal residuals.
#' 4. Cook's distance against leverage; the dotted line is at twice the mean leverage.
#'    Mixtures such as [zero_inflated()] may have leverages below 0: see
#'    [hatvalues.gamut()].
#'
#' Residuals are randomised quantile residuals (Dunn and Smyth 1996), standard normal
#' under the true model for every family, discrete ones too, always drawn with the same
#' seed; for quasi families, which have no distribution, standardised deviance residuals;
#' for counts of categories and compositions, deviance residuals, which are not negative,
#' without the second panel. The
#' three most extreme rows are labelled. The horizontal axis has the linear predictor of
#' the mean; for a categorical response the expected number of the category, for a
#' composition the mean of its first part.
#'
#' Of more than 4,000 rows a fixed sample is drawn, which the subtitle says; extreme rows
#' are always there.
#'
#' @section Random effects:
#' Caterpillar plots: one panel for each effect of each grouping factor, with the levels
#' in the order of their conditional modes, and intervals from their conditional variances
#' (see [ranef.gamut()]), which take all other estimates as known. Intervals that do not
#' have 0 in them are drawn strongly. Where the levels are too many to be named, the
#' extreme ones are.
#'
#' @return The data drawn, invisibly: a list with a data frame for each effect, one for
#'   each smooth, one named `diagnostics`, and one for each random effect, named as in
#'   `"age | Subject"`.
#' @references
#' Dunn, P. K. and Smyth, G. K. (1996) Randomized quantile residuals. *Journal of
#' Computational and Graphical Statistics* 5, 236-244. \doi{10.2307/1390802}
#'
#' Okabe, M. and Ito, K. (2008) *Color universal design*. The colours.
#' @seealso [effect_data()] and [smooth_estimates()] for the numbers.
#' @examples
#' fit <- gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
#' plot(fit)
#' plot(fit, "diagnostics")
#'
#' fit <- gamut(mpg ~ log(hp) + poly(wt, 2), data = mtcars)
#' plot(fit, residuals = TRUE)
#' plot(fit, terms = "hp", main = "Horsepower", level = 0.9)
#'
#' fit <- gamut(mpg ~ s(wt) + te(hp, disp, k = 4), data = mtcars)
#' plot(fit, residuals = TRUE)
#' plot(fit, select = "s(wt)", simultaneous = TRUE)
#'
#' fit <- gamut(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' plot(fit, "random")
#' @export
plot.gamut <- function(x, what = c("effects", "smooths", "diagnostics", "random", "all"),
                       terms = NULL, predictor = NULL, type = c("response", "link"),
                       level = 0.95, residuals = FALSE, rug = TRUE, which = 1:4,
                       at = list(), data = NULL, layout = NULL, ask = NULL, ...) {
  if (has_surfaces(x) && (is.numeric(at) || is.data.frame(at))) {
    return(plot(term_regression(x, terms), at = at, level = NULL, layout = layout,
                ask = ask, ...))
  }
  what <- choose_what(what, missing(what) && is.null(terms) && length(x$smooths))
  dots <- split_smooth_options(what, ...)
  options <- list(
    terms = terms, type = check_choice(type, "type", c("response", "link")),
    level = check_level(level), residuals = check_flag(residuals, "residuals"),
    rug = check_flag(rug, "rug"), at = at, data = data, own = do.call(check_own, dots$own)
  )
  options$which <- check_which(which)
  panels <- if (what %in% c("effects", "all")) effect_panels(x, predictor, options)
  if (what == "effects" && !length(panels)) {
    inform_gamut("The model has no variables, so there are no effects to draw: ",
                 "these are the diagnostics.", class = "plot")
    what <- "diagnostics"
  }
  panels <- c(panels, other_panels(x, what, predictor, options, dots$smooth))
  draw_panels(panels, pages_layout(dots$smooth$pages, layout, length(panels)), ask)
  invisible(panel_data(panels))
}

#' Panels of all but effects
#' @noRd
other_panels <- function(x, what, predictor, options, smooth) {
  panels <- list()
  all <- what == "all"
  if (what == "smooths" || (all && length(x$smooths))) {
    panels <- smooth_panels(x, predictor, check_smooth_options(smooth, options))
  }
  if (what == "diagnostics" || all) {
    panels <- c(panels, diagnostic_panels(x, options$which, options$own))
  }
  if (what == "random" || (all && length(x$random))) {
    panels <- c(panels, random_panels(x, options$level, options$own))
  }
  panels
}

#' By default the smooths, if there are any
#' @noRd
choose_what <- function(what, smooths) {
  choices <- c("effects", "smooths", "diagnostics", "random", "all")
  if (smooths) "smooths" else check_choice(what, "what", choices)
}

#' What the user sets in panels
#' @noRd
check_own <- function(...) {
  own <- list(...)
  known <- c("main", "xlab", "ylab", "xlim", "ylim", "col")
  strange <- !names(own) %in% known
  if (length(own) && (is.null(names(own)) || any(strange))) {
    shown <- if (is.null(names(own))) "without a name" else ticked(names(own)[strange])
    abort_gamut("plot() does not know the argument ", shown, ". It passes ",
                ticked(known[1:5]), " and `col` on to its panels.", class = "argument")
  }
  names(own)[names(own) == "main"] <- "title"
  own
}

#' @noRd
check_which <- function(which) {
  if (!is.numeric(which) || !length(which) || !all(which %in% 1:4)) {
    abort_argument("which", "numbers from 1 to 4", which)
  }
  unique(as.integer(which))
}

#' Draw panels, as many on a page as the layout holds
#' @noRd
draw_panels <- function(panels, layout, ask) {
  keep <- identical(layout, FALSE)
  grid <- if (keep) graphics::par("mfrow") else check_layout(layout, length(panels))
  pages <- length(panels) > prod(grid)
  ask <- if (is.null(ask)) pages && grDevices::dev.interactive(TRUE) else
    check_flag(ask, "ask")
  # mfrow sets cex and restarts the page, so it is touched only where it must change
  single <- keep || prod(grid) == 1L
  changed <- c("mar", "mgp", "las", "tcl", "lend", "cex", if (!single) "mfrow")
  old <- graphics::par(changed)
  on.exit(graphics::par(old))
  if (!single) graphics::par(mfrow = grid)
  asked <- grDevices::devAskNewPage(ask)
  on.exit(grDevices::devAskNewPage(asked), add = TRUE)
  size <- graphics::par("fin")
  graphics::par(cex = min(1, max(0.5, min(size / c(3.4, 3.2)))),
                mar = c(4, 4, 3, 1), mgp = c(2, 0.5, 0), las = 1, tcl = -0.25, lend = 1)
  left <- max(vapply(panels, function(panel) axis_width(panel$ylim), 0))
  for (panel in panels) panel$draw(left)
}

#' @noRd
check_layout <- function(layout, count) {
  if (is.null(layout)) return(choose_layout(min(count, 12L)))
  if (!is.numeric(layout) || length(layout) != 2L || !all(layout >= 1)) {
    abort_argument("layout", "two numbers, the rows and columns of panels", layout)
  }
  as.integer(layout)
}

#' Rows and columns that leave panels nearest to a shape of 5 : 4 on this device
#' @noRd
choose_layout <- function(count) {
  size <- graphics::par("din")
  columns <- seq_len(count)
  rows <- ceiling(count / columns)
  shape <- log((size[1L] / columns) / (size[2L] / rows) / 1.25)
  # an empty place weighs as much as a shape that is wrong by an eighth
  best <- which.min(abs(shape) + 0.12 * (rows * columns - count))
  c(rows[best], columns[best])
}

#' @noRd
panel_data <- function(panels) {
  data <- lapply(panels, `[[`, "data")
  names(data) <- vapply(panels, `[[`, "", "name")
  data[!vapply(data, is.null, NA) & !duplicated(names(data))]
}
