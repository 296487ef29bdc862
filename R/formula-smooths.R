# Smooth terms s(), te(), ti(), t2() and LOESS terms lo(). They are read, never
# called: arguments stay expressions, so that reading a formula computes nothing,
# and no function of these names needs to exist.

#' Arguments that each kind of smooth takes by name (those of mgcv, and of lo())
#' @noRd
smooth_arguments <- list(
  s = c("k", "bs", "m", "by", "fx", "sp", "id", "pc", "xt"),
  te = c("k", "bs", "m", "d", "by", "fx", "np", "sp", "id", "pc", "xt"),
  ti = c("k", "bs", "m", "d", "by", "fx", "np", "sp", "id", "mc", "pc", "xt"),
  t2 = c("k", "bs", "m", "d", "by", "full", "ord", "sp", "id", "pc", "xt"),
  lo = c("span", "degree")
)

#' gam::s() is caught here too: read as a function it would silently be linear
#' @noRd
is_smooth_call <- function(expr) {
  is_call_of(expr, c("s", "te", "ti", "t2"), c("gamut", "mgcv")) ||
    is_call_of(expr, "s", "gam")
}

#' @noRd
is_loess_call <- function(expr) is_call_of(expr, "lo", c("gamut", "gam"))

#' s(), te(), ti() or t2() to a `gamut_smooth_spec`
#'
#' The label is mgcv's: `s(x,z)`, followed by the by-variable as in `s(x):g`.
#' @noRd
parse_smooth <- function(call) {
  if (call_head(call)$package == "gam") abort_gam_smooth(call)
  parts <- smooth_parts(call)
  by <- parts$args[["by"]]
  if (identical(by, NA)) by <- NULL
  if (!is.null(by)) check_value(by, call)
  structure(
    list(
      fun = parts$fun,
      label = paste0(parts$label, if (!is.null(by)) paste0(":", expr_text(by))),
      vars = parts$vars,
      by = by,
      args = parts$args[names(parts$args) != "by"],
      call = call
    ),
    class = "gamut_smooth_spec"
  )
}

#' lo(x, z, span =, degree =) to a `gamut_loess_spec`
#' @noRd
parse_loess <- function(call) {
  parts <- smooth_parts(call)
  structure(
    list(label = parts$label, vars = parts$vars, args = parts$args, call = call),
    class = "gamut_loess_spec"
  )
}

#' Covariates are the unnamed arguments, everything else must be named in full
#' @noRd
smooth_parts <- function(call) {
  if (any(empty_arguments(call))) abort_empty_argument(call)
  arguments <- as.list(call)[-1L]
  given <- names(arguments)
  if (is.null(given)) given <- rep("", length(arguments))
  parts <- list(fun = call_head(call)$name,
                vars = unname(arguments[given == ""]), args = arguments[given != ""])
  if (is.null(names(parts$args))) names(parts$args) <- character()
  check_smooth_names(names(parts$args), parts$fun, call)
  check_smooth_variables(parts$vars, parts$fun, call)
  text <- vapply(parts$vars, expr_text, "")
  parts$label <- paste0(parts$fun, "(", paste(text, collapse = ","), ")")
  parts
}

#' @noRd
check_smooth_names <- function(given, fun, call) {
  unknown <- setdiff(given, smooth_arguments[[fun]])
  if (length(unknown)) {
    abort_formula(
      "`", expr_text(call), "`: ", fun, "() has no argument `", unknown[[1L]],
      "`. It takes covariates, unnamed, and ",
      paste(smooth_arguments[[fun]], collapse = ", "), ", named in full.",
      term = expr_text(call)
    )
  }
  if (anyDuplicated(given)) {
    abort_formula("`", expr_text(call), "`: the argument `", given[anyDuplicated(given)],
                  "` is given twice.", term = expr_text(call))
  }
}

#' @noRd
check_smooth_variables <- function(vars, fun, call) {
  text <- expr_text(call)
  if (length(vars) == 0L) {
    abort_formula("`", text, "` has no covariate: write ", fun, "(x).", term = text)
  }
  for (i in seq_along(vars)) {
    var <- vars[[i]]
    if (identical(var, quote(.))) {
      abort_formula("`", text, "`: `.` cannot be a covariate of ", fun,
                    "(); name the variables.", term = text)
    }
    if (!is.name(var) && !is.call(var)) abort_unnamed_constant(var, fun, text)
    check_value(var, call)
  }
}

#' @noRd
abort_empty_argument <- function(call) {
  abort_formula("`", expr_text(call), "` has an empty argument.", term = expr_text(call))
}

#' `s(x, 10)` or `lo(x, .5)`: a setting whose name was left out
#' @noRd
abort_unnamed_constant <- function(value, fun, text) {
  setting <- if (fun == "lo") "span" else "k"
  value <- expr_text(value)
  abort_formula(
    "`", text, "`: ", value, " is no covariate. Settings are named: ", setting, " = ",
    value, ".", term = text
  )
}

#' @noRd
abort_gam_smooth <- function(call) {
  abort_formula(
    "`", expr_text(call), "`: the smoothing spline of package gam has other arguments ",
    "than s() here. Write s(x), whose smoothness is estimated, or s(x, k = 5, ",
    "fx = TRUE) for a fixed number of degrees of freedom.", term = expr_text(call)
  )
}
