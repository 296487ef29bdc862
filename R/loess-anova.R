# Comparison of local regressions by an approximate F test.

#' Compare local regressions
#'
#' @param object,... Fits of [fit_loess()] to the same response by least squares or of the
#'   family `"symmetric"`.
#' @param test,digits Not used; there for calls of other methods.
#' @details
#' With \eqn{R} the residual sums of squares, each `s^2 * one.delta`, and neighbours in
#' the list compared, \deqn{F = \frac{|\Delta R| / |\Delta \delta_1|}{s^2}}{F = (|dR| /
#' |d delta_1|) / s^2} on \eqn{(\Delta\delta_1)^2 / |\Delta\delta_2|}{(d delta_1)^2 / |d
#' delta_2|} and \eqn{\delta_1^2 / \delta_2}{delta_1^2 / delta_2} degrees of freedom,
#' where \eqn{s^2} and the latter are those of the fit with most equivalent parameters
#' (Cleveland and Devlin 1988). These are the numbers of stats' method for `loess()`, but
#' for the p-values of three fits or more, where that takes each numerator's degrees of
#' freedom for the next comparison.
#' @return A data frame of class `"anova"`: `ENP`, `RSS`, `Df`, `F-value`, `Pr(>F)`, with
#'   the attribute `"df.denominator"`. Errors of class `gamut_error_comparison` for one
#'   fit alone, other responses or weights, and likelihoods, which [stats::AIC()]
#'   compares.
#' @examples
#' fit <- fit_loess(dist ~ speed, cars)
#' anova(fit, update(fit, span = 0.4))
#' @export
anova.gamut_loess <- function(object, ..., test = NULL, digits = NULL) {
  fits <- list(object, ...)
  check_comparison(fits)
  enp <- vapply(fits, `[[`, 0, "enp")
  delta1 <- vapply(fits, `[[`, 0, "one.delta")
  delta2 <- vapply(fits, `[[`, 0, "two.delta")
  rss <- vapply(fits, function(fit) fit$s^2 * fit$one.delta, 0)
  largest <- order(enp)[length(fits)]
  change <- abs(diff(delta1))
  numerator <- change^2 / abs(diff(delta2))
  denominator <- (delta1^2 / delta2)[largest]
  f <- abs(diff(rss)) / change / fits[[largest]]$s^2
  table <- data.frame(enp, rss, c(NA, numerator), c(NA, f),
                      c(NA, stats::pf(f, numerator, denominator, lower.tail = FALSE)))
  names(table) <- c("ENP", "RSS", "Df", "F-value", "Pr(>F)")
  row.names(table) <- seq_along(fits)
  calls <- vapply(fits, function(fit) paste(deparse(fit$call), collapse = " "), "")
  heading <- c("Approximate F test of local regressions\n",
               paste0("Model ", seq_along(fits), ": ", calls, collapse = "\n"),
               paste0("Denominator on ", format(denominator, digits = 5L),
                      " degrees of freedom\n"))
  structure(table, heading = heading, df.denominator = denominator,
            class = c("anova", "data.frame"))
}

#' @noRd
check_comparison <- function(fits) {
  stop_with <- function(...) abort_gamut(..., class = "comparison")
  if (length(fits) < 2L) {
    stop_with("anova() of a local regression compares it with another: give two fits.")
  }
  if (!all(vapply(fits, inherits, NA, "gamut_loess"))) {
    stop_with("anova() compares local regressions with one another only.")
  }
  if (any(vapply(fits, is_likelihood, NA))) {
    stop_with("the F test is for least squares; compare local likelihoods by AIC().")
  }
  for (fit in fits) require_statistics(fit, "degrees of freedom")
  first <- fits[[1L]]
  same <- vapply(fits, function(fit) {
    identical(unname(fit$y), unname(first$y)) && identical(fit$weights, first$weights)
  }, NA)
  if (!all(same)) {
    stop_with("the fits have not the same response, rows or weights (fit ",
              enumerate(which(!same)), " against the first).")
  }
}
