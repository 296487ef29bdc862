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

#' The smoothing spline of package gam is `s(x, df = )` here
#' @noRd
is_smooth_call <- function(expr) {
  is_call_of(expr, c("s", "te", "ti", "t2"), c("gamut", "mgcv")) ||
    is_call_of(expr, "s", "gam")
}

#' @noRd
is_loess_call <- function(expr) is_call_of(expr, "lo", c("gamut", "gam"))

#' s(), te(), ti() or t2() to a `gamut_smooth_spec`
#'
#' The label is mgcv's: `s(x,z)`, followed by the by-variable as in `s(x):g`; with degrees
#' of freedom that of package gam, `s(x,4)`.
#' @noRd
parse_smooth <- function(call) {
  parts <- smooth_parts(call)
  by <- parts$args[["by"]]
  if (identical(by, NA)) by <- NULL
  if (!is.null(by)) check_value(by, call)
  if ("df" %in% names(parts$args)) check_df_alone(parts, by, call)
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
    list(fun = parts$fun, label = parts$label, vars = parts$vars, args = parts$args,
         call = call),
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
  if (parts$fun == "s") parts <- take_df(parts, call_head(call)$package)
  check_smooth_names(names(parts$args), parts$fun, call)
  check_smooth_variables(parts$vars, parts$fun, call)
  text <- c(vapply(parts$vars, expr_text, ""), df_text(parts$args))
  parts$label <- paste0(parts$fun, "(", paste(text, collapse = ","), ")")
  parts
}

#' @noRd
check_smooth_names <- function(given, fun, call) {
  known <- known_arguments(fun, call_head(call)$package)
  unknown <- setdiff(given, known)
  if (length(unknown)) {
    abort_formula(
      "`", expr_text(call), "`: ", fun, "() has no argument `", unknown[[1L]],
      "`. It takes covariates, unnamed, and ",
      paste(known, collapse = ", "), ", named in full.",
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

# --- degrees of freedom, as in package gam --------------------------------------------

#' @noRd
known_arguments <- function(fun, package) {
  if (package == "gam" && fun == "s") return("df")
  c(smooth_arguments[[fun]], if (fun == "s" && package != "mgcv") "df")
}

#' A number behind the covariate is `df`; gam::s(x) has four
#' @noRd
take_df <- function(parts, package) {
  if (package == "mgcv" || "df" %in% names(parts$args)) return(parts)
  number <- vapply(parts$vars, is.numeric, NA)
  if (identical(number, c(FALSE, TRUE))) {
    parts$args$df <- parts$vars[[2L]]
    parts$vars <- parts$vars[1L]
  } else if (package == "gam") {
    parts$args$df <- 4
  }
  parts
}

#' `df` in a label: a number alone, since anything else could be a covariate
#' @noRd
df_text <- function(args) {
  if (!"df" %in% names(args)) return(NULL)
  if (is.numeric(args$df)) format(args$df, digits = 15L)
  else paste0("df=", expr_text(args$df))
}

#' What cannot stand beside `df`, and what to do about it
#' @noRd
beside_df <- c(
  by = "Without df the smoothness of each piece is estimated.",
  id = "Without df the smoothness that terms share is estimated.",
  sp = "Both say how smooth it is: leave one of them out.",
  fx = "A spline without penalty has k - 1 degrees of freedom: leave df out.",
  m = "The penalty is that of bs, such as bs = \"cr\": leave m out."
)

#' @noRd
check_df_alone <- function(parts, by, call) {
  text <- expr_text(call)
  if (length(parts$vars) > 1L) {
    abort_formula("`", text, "`: df is for a smooth of one covariate. Without df the ",
                  "smoothness of several is estimated.", term = text)
  }
  given <- setdiff(names(parts$args), if (is.null(by)) "by")
  other <- intersect(names(beside_df), given)
  if (!length(other)) return(invisible())
  abort_formula("`", text, "`: df and ", other[1L], " do not go together. ",
                beside_df[[other[1L]]], term = text)
}
