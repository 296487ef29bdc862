# Control of local regressions: how the surface is made and what is found out about it.

#' Control of local regressions
#'
#' The arguments that [stats::loess.control()] has, with its defaults, and some more. The
#' list that that function returns will do as `control` of [fit_loess()] as well.
#'
#' @param surface `"interpolate"`: local regressions at the vertices of a tree of boxes,
#'   and cubic blending between them. `"direct"`: a local regression at every place where
#'   the surface is wanted, which costs far more and goes on beyond the data.
#' @param statistics `"approximate"`: the trace of the operator as `trace.hat` says, and
#'   the two deltas by interpolation in tables. `"exact"`: all three exactly, which of an
#'   interpolated surface costs little at any number of rows. `"none"`: neither, so that
#'   there are no standard errors.
#' @param trace.hat With approximate statistics of an interpolated surface: the trace
#'   exactly, or by a formula?
#' @param cell With `"interpolate"`: a box is cut while it holds more than
#'   `cell * span * n` rows.
#' @param iterations Passes of a fit of the family `"symmetric"`: a first one by least
#'   squares, then passes with robustness weights.
#' @param iterTrace Print what each of these passes changes?
#' @param threads Number of threads. Results are identical for any number.
#' @param tolerance With `"interpolate"`: boxes are cut further while the surface in them
#'   differs from local regressions by more than this, in units of the response (of a
#'   family with a link: of the linear predictor). 0 is the rule of `cell` alone.
#' @param extrapolate Should [predict()][predict.gamut_loess] go on beyond the data unless
#'   its own argument says otherwise?
#' @param ... Not used; what nothing knows is an error.
#' @return A list of class `"gamut_loess_control"`.
#' @examples
#' fit_loess(dist ~ speed, cars, control = loess_control(surface = "direct"))
#' fit_loess(dist ~ speed, cars, statistics = "exact")
#' @export
loess_control <- function(surface = c("interpolate", "direct"),
                          statistics = c("approximate", "exact", "none"),
                          trace.hat = c("exact", "approximate"), # nolint: object_name.
                          cell = 0.2, iterations = 4L,
                          iterTrace = FALSE, # nolint: object_name.
                          threads = 1, tolerance = 0, extrapolate = FALSE, ...) {
  check_no_dots(..., what = "loess_control()")
  structure(list(
    surface = check_choice(surface, "surface", c("interpolate", "direct")),
    statistics = check_choice(statistics, "statistics",
                              c("approximate", "exact", "none")),
    trace.hat = check_choice(trace.hat, "trace.hat", c("exact", "approximate")),
    cell = check_number(cell, "cell", above = 0),
    iterations = check_count(iterations, "iterations"),
    iterTrace = check_flag(iterTrace, "iterTrace"),
    threads = available_threads(check_count(threads, "threads")),
    tolerance = check_not_negative(tolerance, "tolerance"),
    extrapolate = check_flag(extrapolate, "extrapolate")
  ), class = "gamut_loess_control")
}

#' @noRd
check_not_negative <- function(x, name) {
  fine <- is_one_number(x) && x >= 0 && is.finite(x)
  if (!fine) abort_argument(name, "one number, 0 or more", x)
  as.double(x)
}

#' Control as loess_control() makes it, from it or from a list such as that of stats
#' @noRd
as_loess_control <- function(control) {
  if (inherits(control, "gamut_loess_control")) return(control)
  if (inherits(control, "gamut_control")) {
    abort_gamut("`control` of fit_loess() is made by loess_control(), not by ",
                "gamut_control().", class = "argument",
                data = list(argument = "control"))
  }
  named <- is.list(control) && (!length(control) || !is.null(names(control)))
  if (!named) {
    abort_argument("control", "what loess_control() or loess.control() returns", control)
  }
  do.call(loess_control, unclass(control))
}

#' What the engine is to find out, as its number
#'
#' A direct surface has its trace exactly whatever `trace.hat` says, as in stats.
#' @noRd
statistics_code <- function(control) {
  if (control$statistics == "none") return(0L)
  if (control$statistics == "exact") return(3L)
  if (control$trace.hat == "exact" || control$surface == "direct") 1L else 2L
}
