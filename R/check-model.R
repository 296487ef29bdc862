# check_model(): what may be wrong with a fit, one function for each check. A check takes
# a context, returns one row of the table (check_row()), a list of several, or NULL where
# it does not apply; a new one is a function and a line in model_checks().

#' Check a fit
#'
#' Goes through what commonly goes wrong with a regression, and says of each whether it
#' did, by how much, and what to do.
#'
#' @param fit A fit.
#' @param x What `check_model()` returns.
#' @param all Print checks that found nothing in full too?
#' @param layout,ask As in [plot.gamut()].
#' @param ... For `plot()`, as in [plot.gamut()]; else not used.
#'
#' @details
#' The verdict is `"problem"` where conclusions may be wrong, `"note"` for what is good to
#' know, and `"ok"`. Tests use the level 0.01, for there are many of them; where a
#' deviation is significant but too small to matter, as often with a million rows, it is a
#' note. Checks that do not apply to a family are left out.
#'
#' * **convergence**: did the iterations end at a maximum?
#' * **boundary**: rows whose fitted parameter is at the end of its range, such as a
#'   probability of 0 or 1.
#' * **separation**: coefficients that grow without end.
#' * **aliasing**: coefficients that others determine.
#' * **collinearity**: the largest variance inflation factor, for terms with several
#'   columns the generalised one of Fox and Monette (1992),
#'   \eqn{\mathrm{GVIF}^{1/df}}{GVIF^(1/df)}, from the covariance of the coefficients;
#'   a note from 10 on, a problem from 100 on, where a standard error is ten times what it
#'   would be. Polynomials and interactions inflate variances without any harm. The
#'   condition number is that of the correlation matrix of the coefficients.
#' * **dispersion**, for families with one predictor and a known dispersion: the value is
#'   Pearson's \eqn{X^2} over the residual degrees of freedom. Its test uses the statistic
#'   of Farrington (1996),
#'   \eqn{\sum_i\{a_i(y_i-\mu_i)^2 - V'(\mu_i)(y_i-\mu_i)\}/V(\mu_i)}{
#'   sum (a (y - mu)^2 - V'(mu) (y - mu)) / V(mu)}, whose variance is
#'   \eqn{\sum_i\{2 + V''(\mu_i)/a_i\}}{sum (2 + V''(mu) / a)} times the share of residual
#'   degrees of freedom, and which unlike \eqn{X^2} keeps to it with small means too.
#'   Single 0/1 outcomes cannot show over-dispersion.
#' * **dispersion (NB)**, for Poisson: the score test against the negative binomial of
#'   Dean (1992), \eqn{\sum_i\{(y_i-\mu_i)^2 - y_i + h_i\mu_i\}/\sqrt{2\sum_i\mu_i^2}}{
#'   sum((y - mu)^2 - y + h mu) / sqrt(2 sum mu^2)} with leverages \eqn{h_i}{h},
#'   one-sided.
#' * **zeros**, for counts: observed zeros against \eqn{\sum_i p_i}{sum p}, the sum of
#'   their fitted probabilities, with variance
#'   \eqn{\sum_i p_i(1-p_i) - d'Vd}{sum p (1 - p) - d' V d}, where \eqn{d}
#'   is the derivative of that sum by the coefficients and \eqn{V} their covariance;
#'   with a constant Poisson mean it is the score test of van
#'   den Broek (1995). Zero-inflated families estimate nearly the number of zeros that
#'   there are: their variance is the sum over rows of the squared
#'   \eqn{I(y_i=0)-p_i-d'Vs_i}{I(y = 0) - p - d' V s}, \eqn{s_i}{s} the score of the row,
#'   where that is larger, and a difference of half a zero is none. Hurdle families
#'   describe zeros apart from all else and are not tested. With random effects or smooths
#'   the zeros are compared with those of up to 200 simulated responses, with random
#'   effects drawn anew; the dispersion is not tested then.
#' * **outliers**: the largest quantile residual (for gaussian fits the largest of
#'   [rstudent()][rstudent.gamut]) with its p value times the number of rows.
#' * **influence**: the largest Cook's distance; a note above 0.5, a problem above 1. Of
#'   fits with random effects, which rows of small groups move as they should, see
#'   [influence()][gamut_influence] of groups.
#' * **distribution**: the Kolmogorov-Smirnov distance of quantile residuals from the
#'   normal distribution. Its p value is on the safe side, since parameters are estimated.
#'   It is left out where random effects take more than a quarter of the rows' freedom.
#' * **response**: a pile of equal responses at the smallest or largest value, which a
#'   continuous family cannot have, or categories with very few rows.
#' * **basis size**, of smooths: a score test of a basis of twice the size, and how alike
#'   neighbouring residuals are (k-index, the mean of their squared differences over twice
#'   their variance, 1 where nothing is left).
#' * **concurvity**: the share of a smooth, as estimated, that other terms can imitate; a
#'   note from 0.8 on, a problem from 0.95 on.
#' * **gaps**: the largest interval without data in the covariate of a smooth, relative to
#'   its range; a note from 10 percent on.
#'
#' Random numbers, for residuals of discrete families, are always the same, and the state
#' of the generator stays as it is.
#'
#' @return An object of class `"gamut_check"`: a list of `table`, a data frame with a row
#'   for each check and the columns `check`, `value`, `p`, `verdict`, `text`, `advice`;
#'   `rows`, for the checks that name rows or coefficients, their names; and `fit`.
#'   `plot()` draws residuals against fitted values and their normal quantiles, panels 1
#'   and 2 of [plot.gamut()], and returns their data.
#' @section Errors:
#' A fit made with `keep_data = FALSE` is an error of class `gamut_error_data`.
#' @references
#' Dean, C. B. (1992) Testing for overdispersion in Poisson and binomial regression
#' models. *Journal of the American Statistical Association* 87, 451-457.
#' \doi{10.1080/01621459.1992.10475225}
#'
#' Farrington, C. P. (1996) On assessing goodness of fit of generalized linear models to
#' sparse data. *Journal of the Royal Statistical Society B* 58, 349-360.
#' \doi{10.1111/j.2517-6161.1996.tb02086.x}
#'
#' Fox, J. and Monette, G. (1992) Generalized collinearity diagnostics. *Journal of the
#' American Statistical Association* 87, 178-183.
#' \doi{10.1080/01621459.1992.10475190}
#'
#' van den Broek, J. (1995) A score test for zero inflation in a Poisson distribution.
#' *Biometrics* 51, 738-743. \doi{10.2307/2532959}
#' @seealso [plot.gamut()], [hatvalues.gamut()], [vcov-robust].
#' @examples
#' fit <- gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
#' check <- check_model(fit)
#' check
#' check$table[, c("check", "value", "p", "verdict")]
#' plot(check)
#' @export
check_model <- function(fit) {
  if (!inherits(fit, "gamut")) abort_argument("fit", "a fit made by gamut()", fit)
  refuse_local(fit, "check_model()")
  require_data(fit, "check_model()")
  context <- check_context(fit)
  found <- unlist(lapply(model_checks(), function(check) {
    row <- check(context)
    if (inherits(row, "gamut_check_row")) list(row) else row
  }), recursive = FALSE, use.names = FALSE)
  column <- function(name, type) vapply(found, `[[`, type, name)
  table <- data.frame(check = column("check", ""), value = column("value", 0),
                      p = column("p", 0), verdict = column("verdict", ""),
                      text = column("text", ""), advice = column("advice", ""))
  rows <- stats::setNames(lapply(found, `[[`, "rows"), table$check)
  structure(list(table = table, rows = Filter(length, rows), fit = fit),
            class = "gamut_check")
}

#' The checks, in the order in which they are made
#' @noRd
model_checks <- function() {
  list(
    examine_convergence, examine_boundary, examine_separation, examine_aliasing,
    examine_collinearity, examine_dispersion, examine_dean, examine_zeros,
    examine_outliers, examine_influence, examine_distribution, examine_response,
    examine_basis_size, examine_concurvity, examine_gaps
  )
}

#' One row of the table
#'
#' @param check Name of the check.
#' @param verdict `"ok"`, `"note"` or `"problem"`.
#' @param text What was found.
#' @param advice What to do.
#' @param value,p A number that measures it, and a p value.
#' @param rows Names of the rows or coefficients concerned.
#' @noRd
check_row <- function(check, verdict, text, advice = "", value = NA_real_, p = NA_real_,
                      rows = NULL) {
  structure(
    list(check = check, verdict = verdict, text = text,
         advice = if (verdict == "ok") "" else advice,
         value = as.double(value), p = as.double(p), rows = rows),
    class = "gamut_check_row"
  )
}

#' What several checks need, each computed when it is first asked for
#' @noRd
check_context <- function(fit) {
  # rows that na.action left out are no rows here
  fit$na.action <- NULL
  context <- new.env(parent = emptyenv())
  context$fit <- fit
  context$family <- fit$family
  counted <- prior_weights(fit) > 0
  context$counted <- counted
  context$names <- function(at) frame_row_names(fit$frame)[counted][at]
  delayedAssign("eta", fit_eta(fit), assign.env = context)
  delayedAssign("parameters", fit_parameters(fit, context$eta), assign.env = context)
  delayedAssign("hat", leverages(fit), assign.env = context)
  delayedAssign("quantile", {
    usable <- fit$family$has_density && !has_category_counts(fit)
    if (usable) quantile_residuals(fit, seed = diagnostic_seed)[counted]
  }, assign.env = context)
  context
}

#' Verdict of a test: significant and large, significant only, or neither
#' @noRd
verdict_of <- function(p, large, level = 0.01) {
  if (is.na(p) || p >= level) "ok" else if (large) "problem" else "note"
}

#' "p = 0.034", "p < 0.001"
#' @noRd
p_text <- function(p) {
  if (is.na(p)) return("p unknown")
  if (p < 0.001) "p < 0.001" else paste("p =", format(round(p, 3L), nsmall = 3L))
}

#' @noRd
short_number <- function(x) format(signif(x, 3L), big.mark = ",", scientific = NA)

#' @noRd
count_of <- function(n, what) {
  paste0(format(n, big.mark = ",", scientific = FALSE), " ", what, if (n != 1) "s")
}

#' @rdname check_model
#' @export
print.gamut_check <- function(x, all = FALSE, ...) {
  table <- x$table
  count <- function(verdict) sum(table$verdict == verdict)
  cat("Checks of a ", x$fit$family$family, " fit to ", count_of(x$fit$nobs, "row"), ": ",
      count_of(count("problem"), "problem"), ", ", count_of(count("note"), "note"), "\n",
      sep = "")
  for (verdict in c("problem", "note", if (check_flag(all, "all")) "ok")) {
    for (i in which(table$verdict == verdict)) print_check(table[i, ])
  }
  fine <- table$check[table$verdict == "ok"]
  if (!all && length(fine)) {
    cat("\n", paste(strwrap(paste0("Nothing found: ", paste(fine, collapse = ", "), "."),
                            exdent = 2L), collapse = "\n"), "\n", sep = "")
  }
  invisible(x)
}

#' @noRd
print_check <- function(row) {
  mark <- switch(row$verdict, problem = "PROBLEM", note = "Note", ok = "Ok")
  lines <- strwrap(paste0(mark, ", ", row$check, ": ", row$text), exdent = 2L)
  if (nzchar(row$advice)) {
    lines <- c(lines, strwrap(paste("->", row$advice), indent = 2L, exdent = 5L))
  }
  cat("\n", paste(lines, collapse = "\n"), "\n", sep = "")
}

#' @rdname check_model
#' @export
plot.gamut_check <- function(x, layout = NULL, ask = NULL, ...) {
  panels <- diagnostic_panels(x$fit, 1:2, check_own(...))
  draw_panels(panels, layout, ask)
  invisible(panels[[1L]]$data)
}
