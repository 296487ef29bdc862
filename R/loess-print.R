# What a local regression shows of itself.

#' Print and summarise a local regression
#'
#' @param x,object A fit of [fit_loess()], or its summary.
#' @param digits Number of significant digits.
#' @param ... Not used.
#' @return `summary()`: a list of class `"summary.gamut_loess"`, the numbers of the fit
#'   with `quantiles`, those of the residuals, `aicc` and `gcv` (see the section Span of
#'   [fit_loess()]), `r.sq`, `surfaces` (a data frame: label, rows and vertices of each
#'   surface) and `troubles`. The printing methods return their argument, invisibly.
#' @examples
#' fit <- fit_loess(dist ~ speed, cars)
#' fit
#' summary(fit)
#' @export
print.gamut_loess <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  print_call(x$call)
  print_loess_kind(x)
  cat("\n")
  print_loess_numbers(x, digits)
  print_rows(x$nobs, x$na.action, x$n)
  print_troubles(x)
  invisible(x)
}

#' @noRd
print_loess_kind <- function(x) {
  likelihood <- is_likelihood(x)
  how <- if (likelihood) paste("local likelihood,", family_title(x$family),
                               paste0("(", x$family$link, " link)"))
         else if (x$pars$family == "symmetric")
           paste("robust local regression,", x$pars$iterations, "passes")
         else "local regression by least squares"
  surface <- if (x$pars$surface == "direct") "direct surface"
  pieces <- length(x$pieces)
  if (pieces > 1L) {
    surface <- paste(pieces, "surfaces by", paste(x$columns$groups, collapse = ", "))
  }
  text <- paste0(how, "; degree ", x$pars$degree, ", span ",
                 format(x$pars$span, digits = 4L),
                 if (!is.null(x$span_search))
                   paste0(" (by ", criterion_name(x$span_search$criterion), ")"),
                 if (!is.null(surface)) "; ", surface)
  substr(text, 1L, 1L) <- toupper(substr(text, 1L, 1L))
  cat(strwrap(text, exdent = 2L), sep = "\n")
}

#' @noRd
criterion_name <- function(criterion) c(aicc = "AICc", gcv = "GCV")[[criterion]]

#' @noRd
print_loess_numbers <- function(x, digits) {
  if (x$pars$statistics == "none") {
    cat("No statistics were asked for\n")
    return(invisible())
  }
  number <- function(value) format(signif(value, digits))
  cat("Equivalent number of parameters: ", format(round(x$enp, 2L)), "\n", sep = "")
  cat("Trace of the operator:           ", format(round(x$trace.hat, 2L)),
      if (x$pars$statistics == "exact" || x$pars$trace.hat == "exact") " (exact)" else
        " (approximate)", "\n", sep = "")
  if (is_likelihood(x)) {
    cat("Deviance:                        ", number(x$deviance), "\n", sep = "")
    if (x$dispersion_fixed) return(invisible())
    cat("Dispersion:                      ", number(x$dispersion), " on ",
        number(x$df.residual), " degrees of freedom\n", sep = "")
    return(invisible())
  }
  cat("Residual standard error:         ", number(x$s), " on ", number(x$df.residual),
      " degrees of freedom\n", sep = "")
}

#' @noRd
print_troubles <- function(x) {
  text <- c(
    if (!is.null(x$troubles)) paste0("Note: ", describe_troubles(x), "."),
    if (x$limited) "Note: the tree of boxes reached its limit of vertices."
  )
  for (line in text) cat("\n", paste(strwrap(line), collapse = "\n"), "\n", sep = "")
}

#' @rdname print.gamut_loess
#' @export
summary.gamut_loess <- function(object, ...) {
  fields <- c("call", "n", "nobs", "enp", "s", "one.delta", "two.delta", "trace.hat",
              "df.residual", "deviance", "dispersion", "dispersion_fixed", "pars",
              "family", "description", "divisor", "xnames", "columns", "na.action",
              "span_search", "troubles", "limited", "pieces", "control")
  out <- unclass(object)[fields]
  names(out) <- fields
  residuals <- residuals.gamut_loess(object)
  out$quantiles <- stats::quantile(residuals, na.rm = TRUE, names = FALSE)
  out$residual_type <- if (is_likelihood(object)) "Deviance residuals" else "Residuals"
  out[c("aicc", "gcv")] <- object$criteria
  out$r.sq <- explained(object)
  out$surfaces <- do.call(rbind, lapply(object$pieces, function(piece) {
    data.frame(surface = piece$label, rows = length(piece$rows),
               vertices = if (is.null(piece$surface)) NA_integer_ else
                 nrow(piece$surface$vertices))
  }))
  out$robust <- if (object$pars$iterations > 1L) object$robust
  out$pieces <- lapply(object$pieces, `[`, "label")
  structure(out, class = "summary.gamut_loess")
}

#' Share of the weighted variance of the response that the fit explains
#' @noRd
explained <- function(object) {
  if (is_likelihood(object)) return(NULL)
  y <- as.double(object$y) - (object$offset %||% 0)
  w <- object$weights
  total <- sum(w * (y - stats::weighted.mean(y, w))^2)
  if (total > 0) 1 - object$deviance / total
}

#' @rdname print.gamut_loess
#' @export
print.summary.gamut_loess <- function(x, digits = max(3L, getOption("digits") - 3L),
                                      ...) {
  print_call(x$call)
  print_loess_kind(x)
  cat("\n", x$residual_type, ":\n", sep = "")
  quantiles <- stats::setNames(signif(x$quantiles, digits),
                               c("Min", "1Q", "Median", "3Q", "Max"))
  print(quantiles, digits = digits)
  cat("\n")
  print_loess_numbers(x, digits)
  if (x$pars$statistics != "none") {
    cat("AICc: ", format(x$aicc, digits = digits), "   GCV: ",
        format(x$gcv, digits = digits),
        if (!is.null(x$r.sq)) paste0("   R-squared: ", format(round(x$r.sq, 4L))), "\n",
        sep = "")
  }
  print_rows(x$nobs, x$na.action, x$n)
  print_loess_settings(x, digits)
  if (length(x$pieces) > 1L) print_loess_surfaces(x$surfaces)
  print_troubles(x)
  invisible(x)
}

#' @noRd
print_loess_settings <- function(x, digits) {
  none <- function(names) if (length(names)) paste(names, collapse = ", ") else "none"
  surface <- if (x$pars$surface == "direct") "direct" else
    paste0("interpolated, cell ", format(x$pars$cell),
           if (x$control$tolerance > 0)
             paste0(", cut to an error of ", format(x$control$tolerance)))
  lines <- c(
    Predictors = paste(x$xnames, collapse = ", "),
    `Scaled by` = if (any(x$divisor != 1)) paste(format(x$divisor, digits = 4L),
                                                 collapse = ", "),
    Parametric = if (length(x$pars$parametric)) none(x$pars$parametric),
    `Without squares` = if (length(x$pars$drop.square)) none(x$pars$drop.square),
    Surface = surface, Statistics = x$pars$statistics,
    Outliers = if (!is.null(x$robust))
      paste(sum(x$robust < 0.5), "rows of weight below one half,", sum(x$robust == 0),
            "of 0")
  )
  cat("\nSettings:\n")
  cat(paste0("  ", formatC(names(lines), width = -16L), lines), sep = "\n")
}

#' @noRd
print_loess_surfaces <- function(surfaces, most = 20L) {
  cat("\nSurfaces:\n")
  if (all(is.na(surfaces$vertices))) surfaces$vertices <- NULL
  print(utils::head(surfaces, most), row.names = FALSE)
  if (nrow(surfaces) > most) cat("... and", nrow(surfaces) - most, "more\n")
}
