# What a fit shows of itself.

#' Print a fit
#'
#' Shows the call, the family, the coefficients of each predictor and how well the
#' model fits; [summary()][summary.gamut] adds standard errors and tests.
#'
#' @param x A fit.
#' @param digits Number of significant digits.
#' @param max_coefficients More coefficients than this are printed by the first and the
#'   last of them.
#' @param ... Not used.
#' @return `x`, invisibly.
#' @examples
#' gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' gamut(Species ~ Sepal.Width, family = "categorical", data = iris)
#' @export
print.gamut <- function(x, digits = max(3L, getOption("digits") - 3L),
                        max_coefficients = 60L, ...) {
  if (length(x$smooths)) return(print_smooth(x, digits, max_coefficients))
  if (is_mixed(x)) return(print_mixed(x, digits, max_coefficients))
  print_call(x$call)
  print_family(x$family, fitting_method(x))
  if (!length(x$coefficients)) cat("\nNo coefficients\n")
  alike <- alike_predictors(x)
  if (any(alike)) print_alike_coefficients(x, alike, digits, max_coefficients)
  tables <- summary_tables(x)
  for (table in if (any(alike)) tables[!alike] else tables) {
    print_predictor_coefficients(x, table, digits, max_coefficients)
  }
  cat("\n")
  print_fit_statistics(x, digits)
  print_rows(x$nobs, x$na.action, x$n)
  print_convergence(x$convergence)
  invisible(x)
}

#' @noRd
print_predictor_coefficients <- function(x, table, digits, most) {
  coefficients <- x$coefficients[table$position]
  if (!length(coefficients)) return(invisible())
  names(coefficients) <- short_names(table$names, room = 4L)
  print_table_heading(table$heading, sum(is.na(coefficients)))
  shown <- shown_rows(length(coefficients), most)
  text <- format(coefficients[shown], digits = digits)
  gap <- which(diff(shown) > 1L)
  if (length(gap)) text <- append(text, c("[...]" = ""), gap)
  print.default(text, print.gap = 2L, quote = FALSE)
  if (length(gap)) cat(hidden_rows(length(coefficients), shown, "coef()"), "\n", sep = "")
}

#' Predictors that have coefficients of the same names, as those of categories
#' @noRd
alike_predictors <- function(x) {
  if (!is.null(x$family$thresholds)) return(rep(FALSE, length(x$predictors)))
  source <- vapply(x$predictors, `[[`, 0L, "frame_predictor")
  vapply(x$predictors, `[[`, NA, "spread") & source == source[1L]
}

#' A row for each coefficient, a column for each category or part
#' @noRd
print_alike_coefficients <- function(x, alike, digits, most) {
  predictors <- x$predictors[alike]
  first <- predictors[[1L]]
  table <- vapply(predictors, function(p) x$coefficients[p$position],
                  numeric(length(first$position)))
  table <- matrix(table, length(first$position),
                  dimnames = list(short_names(first$names), names(predictors)))
  family <- x$family
  what <- if (is_category(family)) "categories" else "parts"
  link <- paste0(" (", first$link$name, " link)")
  what <- if (is.null(family$against)) paste0(what, link)
          else paste(what, "against", family$against(family))
  print_table_heading(paste("Coefficients of", what), sum(is.na(table)))
  shown <- shown_rows(nrow(table), most)
  print.default(format(table[shown, , drop = FALSE], digits = digits), print.gap = 2L,
                quote = FALSE)
  if (length(shown) < nrow(table)) {
    cat(hidden_rows(length(table), rep(shown, ncol(table)), "coef()"), "\n", sep = "")
  }
}

#' @noRd
print_fit_statistics <- function(x, digits) {
  number <- function(value) format(signif(value, digits))
  numbers <- fit_statistics(x)
  if (has_deviance(x$family)) {
    cat("Degrees of Freedom: ", numbers$df.null, " Total (i.e. Null);  ",
        numbers$df.residual, " Residual\n", sep = "")
    cat("Null Deviance:      ", number(numbers$null.deviance), "\n", sep = "")
    cat("Residual Deviance:  ", number(numbers$deviance), "   AIC: ", number(numbers$aic),
        "\n", sep = "")
  } else {
    cat("Log-likelihood:     ", number(numbers$logLik), " on ", x$rank,
        " parameters   AIC: ", number(numbers$aic), "\n", sep = "")
  }
}

#' Print a model that is set up but not fitted
#'
#' @param x What `gamut(..., fit = FALSE)` returns.
#' @param ... Not used.
#' @return `x`, invisibly.
#' @examples
#' gamut(dist ~ speed, data = cars, fit = FALSE)
#' @export
print.gamut_setup <- function(x, ...) {
  cat("A gamut model, set up but not fitted\n")
  cat("Formula:", paste(deparse(x$formula), collapse = "\n  "), "\n")
  smooth <- sum(lengths(lapply(x$problem$smooths, `[[`, "position")))
  random <- x$problem$coefficients - length(x$problem$names) - smooth
  cat("Family: ", x$family$family, ", ", x$frame$rows, " rows, ",
      length(x$problem$names), " coefficients",
      if (smooth) paste0(", ", smooth, " coefficients of smooths"),
      if (random) paste0(", ", random, " random effects"), "\n", sep = "")
  invisible(x)
}
