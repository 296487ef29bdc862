# Derivatives of smooths, with bands.
#
# A derivative is linear in the coefficients as the smooth is: its matrix is made from
# differences of the columns of the smooth at x - h, x - h / 2, x, x + h / 2, x + h,
#
#   f'(x)  = (4 D(h / 2) - D(h)) / 3,      D(h) = {f(x + h) - f(x - h)} / 2h,
#   f''(x) = 2 C(h / 2) - C(h),            C(h) = {f(x + h) - 2 f(x) + f(x - h)} / h^2.
#
# Both are exact for a cubic, and for a cubic spline at a knot, where its third derivative
# jumps: there D errs by a multiple of h^2 and C by one of h, which these combinations
# remove. Only where a knot is within h of x, and not at it, is there an error, of at most
# J h^2 / 12 and J h / 8 with J the jump. With h = 1e-4 of the range, and J about 1e3
# times f over the cube of the range in a spline of ten knots, these are 1e-6 of f' and
# 1e-4 of f''; rounding is 1e-12 and 1e-7 of f over the range and its square.

#' Derivatives of smooths
#'
#' First or second derivatives of each smooth of a fit by its covariates, with standard
#' errors and bands, on the scale of the linear predictor. Where a band of the first is
#' all above or all below 0 the smooth rises or falls.
#'
#' @inheritParams smooth_estimates
#' @param order 1 or 2.
#' @param variable Covariates of which derivatives are wanted, as written in the formula;
#'   of smooths of several covariates these are partial derivatives. By default all that
#'   are numbers.
#'
#' @details
#' They are differences of the columns of the smooth over a step of 1e-4 of the range of
#' the covariate, extrapolated so that they are exact for cubic splines, but for points
#' next to a knot, where the relative error is about 1e-6, of the second derivative 1e-4.
#' At points where a smooth has no such derivative, such as the knots of a second
#' derivative of a quadratic spline, it is the mean of both sides. Levels of factors have
#' no derivatives; of a smooth with a curve for each level there is one of each curve.
#'
#' For bands, grids and support see [smooth_estimates()].
#'
#' @return A data frame as that of [smooth_estimates()], with a column `variable` after
#'   `by`, and derivatives in place of values.
#' @section Errors:
#' As of [smooth_estimates()]; and `gamut_error_argument` where a smooth that is asked for
#' has no covariate that is a number, or none of those in `variable`.
#' @seealso [smooth_estimates()], [difference_smooths()].
#' @examples
#' fit <- gamut(dist ~ s(speed), data = cars)
#' slope <- derivatives(fit, simultaneous = TRUE)
#' # where is it certain that it rises?
#' range(slope$speed[slope$lower > 0])
#'
#' fit <- gamut(mpg ~ te(wt, hp, k = 4), data = mtcars)
#' derivatives(fit, variable = "hp", newdata = data.frame(wt = 3, hp = c(100, 200)))
#' @export
derivatives <- function(fit, select = NULL, order = 1, n = 100, n2 = 40, level = 0.95,
                        simultaneous = FALSE, variable = NULL, unconditional = FALSE,
                        data = NULL, newdata = NULL) {
  entries <- chosen_smooths(fit, select, "derivatives()")
  ask <- band_request(fit, level, simultaneous, unconditional, data, "derivatives()")
  order <- check_count(order, "order")
  if (order > 2L) abort_argument("order", "1 or 2", order)
  n <- check_count(n, "n", 2L)
  n2 <- check_count(n2, "n2", 2L)
  wanted <- derivative_variables(entries, variable, is.null(select))
  parts <- Map(function(entry, keys) {
    grid <- grid_for(ask, entry, n, n2, newdata)
    lapply(keys, derivative_rows, ask = ask, entry = entry, grid = grid, order = order)
  }, wanted$entries, wanted$keys)
  bind_estimates(unlist(unname(parts), recursive = FALSE),
                 lead = c("smooth", "by", "variable"))
}

#' Numeric covariates of each smooth by which derivatives are taken
#' @param skip Leave out smooths without any?
#' @return list: `entries` and, for each, `keys`.
#' @noRd
derivative_variables <- function(entries, variable, skip) {
  keys <- lapply(entries, function(entry) covariate_roles(entry$piece)$numbers)
  if (!is.null(variable)) {
    known <- unique(unlist(keys))
    if (!is.character(variable) || !all(variable %in% known)) {
      abort_argument("variable", paste("some of", quoted(known)), variable)
    }
    keys <- lapply(keys, intersect, variable)
  }
  empty <- lengths(keys) == 0L
  if (all(empty) || (any(empty) && !skip)) {
    label <- entries[[which(empty)[1L]]]$label
    what <- if (is.null(variable)) "no covariate that is a number"
      else paste("none of the covariates", ticked(variable))
    abort_gamut("`", label, "` has ", what, ", and so no derivative.",
                class = "argument", data = list(argument = "select", term = label))
  }
  list(entries = entries[!empty], keys = keys[!empty])
}

#' @noRd
derivative_rows <- function(key, ask, entry, grid, order) {
  spread <- diff(range(as.double(ask$frame$variables[[key]]), finite = TRUE))
  step <- 1e-4 * if (spread > 0) spread else 1
  part <- estimate_rows(ask, entry, grid, function(piece, at) {
    derivative_matrix(piece, at, key, order, step)
  })
  c(part[c("smooth", "by")], list(variable = rep(key, length(part$smooth))), part[-(1:2)])
}

#' The columns of the derivative of a piece, see the top of the file
#' @param at Covariates by key.
#' @return n x p.
#' @noRd
derivative_matrix <- function(piece, at, key, order, step) {
  x <- as.double(at[[key]])
  f <- lapply(c(-1, -0.5, 0, 0.5, 1) * step, function(by) {
    at[[key]] <- x + by
    piece_matrix(piece, at)
  })
  # (4 D(h / 2) - D(h)) / 3 and 2 C(h / 2) - C(h)
  value <- if (order == 1L) {
    (8 * (f[[4L]] - f[[2L]]) - (f[[5L]] - f[[1L]])) / (6 * step)
  } else {
    (8 * (f[[4L]] - 2 * f[[3L]] + f[[2L]]) - (f[[5L]] - 2 * f[[3L]] + f[[1L]])) / step^2
  }
  # rounding, which at the ends of a natural spline would pass for a curvature
  noise <- 64 * .Machine$double.eps * max(abs(f[[3L]]), 0, na.rm = TRUE) / step^order
  value[abs(value) < noise] <- 0
  value
}
