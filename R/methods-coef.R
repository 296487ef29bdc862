# Coefficients, their covariance and intervals.

#' Coefficients, covariance and confidence intervals
#'
#' @param object A fit.
#' @param what Which coefficients: `"parametric"`, those of parametric terms, or `"all"`,
#'   which adds those of other terms. The two are the same when all terms are
#'   parametric.
#' @param complete Keep aliased coefficients, as `NA`?
#' @param dispersion Dispersion to use in place of the fit's.
#' @param parm Numbers or names of coefficients; all by default.
#' @param level Confidence level.
#' @param method `"profile"` inverts the likelihood-ratio test, `"wald"` is estimate plus
#'   and minus standard errors; see below for the default.
#' @param ... Not used; for `confint()` with profiles, further arguments of them.
#'
#' @details
#' The coefficients of the main predictor have the names of the columns of its model
#' matrix; those of other predictors are prefixed by their parameter (`phi:x`), those of
#' a categorical response by the category (`B:x`).
#'
#' `vcov()` is the inverse of the information times the dispersion. The information is
#' the expected one for the families and links of [stats::glm()], so that standard errors
#' are glm's, and the observed one for all others; `gamut_control(information = )` asks
#' for one of them.
#'
#' **Which intervals.** A `glm` user gets profile-likelihood intervals from `confint()`,
#' and so does this one, with few exceptions. For a gaussian model with identity link the
#' Wald interval is exact, so it is used. And when rows times coefficients asked for
#' exceed a million, profiling, which refits the model several times for each of them,
#' gives way to Wald with a message of class `gamut_message_confint`; so large a sample
#' makes the likelihood nearly quadratic and the two alike. A fit without its data
#' (`keep_data = FALSE`) has Wald intervals only. `method` always decides when it is
#' given. Wald intervals take quantiles of the t distribution with the
#' residual degrees of freedom when the dispersion is estimated, else of the normal, as
#' the tests in `summary()` do.
#'
#' @return `coef()`: a named vector, `NA` where aliased. `vcov()`: a square matrix with
#'   the same names, rows and columns of aliased coefficients `NA`. `confint()`: a matrix
#'   with a row for each coefficient and the columns `"2.5 %"` and `"97.5 %"` (for level
#'   0.95).
#' @section Errors:
#' A coefficient that does not exist and a `level` outside (0, 1) are errors of class
#' `gamut_error_argument`.
#' @examples
#' fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' coef(fit)
#' sqrt(diag(vcov(fit)))
#' confint(fit, "sprayC", method = "wald")
#' @name coef.gamut
#' @export
coef.gamut <- function(object, what = c("parametric", "all"), complete = TRUE, ...) {
  check_choice(what, "what", c("parametric", "all"))
  coefficients <- object$coefficients
  if (check_flag(complete, "complete")) coefficients
  else coefficients[!is.na(coefficients)]
}

#' @rdname coef.gamut
#' @export
vcov.gamut <- function(object, complete = TRUE, what = c("parametric", "all"),
                       dispersion = NULL, ...) {
  check_choice(what, "what", c("parametric", "all"))
  if (is.null(dispersion)) dispersion <- object$dispersion
  covariance <- dispersion * unscaled_vcov(object)
  aliased <- is.na(object$coefficients)
  if (!any(aliased)) return(covariance)
  if (!check_flag(complete, "complete")) {
    return(covariance[!aliased, !aliased, drop = FALSE])
  }
  covariance[aliased, ] <- NA
  covariance[, aliased] <- NA
  covariance
}

#' @rdname coef.gamut
#' @export
confint.gamut <- function(object, parm, level = 0.95, method = c("profile", "wald"),
                          ...) {
  check_number(level, "level", above = 0)
  if (level >= 1) abort_argument("level", "between 0 and 1", level)
  parm <- if (missing(parm)) names(object$coefficients) else check_parm(object, parm)
  method <- if (missing(method)) default_interval(object, parm)
            else check_choice(method, "method", c("profile", "wald"))
  if (method == "profile") profile_confint(object, parm, level, ...)
  else wald_confint(object, parm, level)
}

#' @noRd
wald_confint <- function(object, parm, level) {
  probabilities <- c((1 - level) / 2, (1 + level) / 2)
  quantiles <- if (object$dispersion_fixed) stats::qnorm(probabilities)
               else if (object$df.residual > 0) stats::qt(probabilities,
                                                          object$df.residual)
               else c(NaN, NaN)
  limits <- object$coefficients[parm] + outer(standard_errors(object)[parm], quantiles)
  dimnames(limits) <- list(parm, percent_names(probabilities))
  limits
}

#' Column names of intervals, as stats writes them
#' @noRd
percent_names <- function(probabilities) {
  paste(format(100 * probabilities, trim = TRUE, scientific = FALSE, digits = 3), "%")
}

#' Names of the coefficients that `parm` means
#' @noRd
check_parm <- function(object, parm) {
  known <- names(object$coefficients)
  chosen <- if (is.character(parm)) match(parm, known) else seq_along(known)[parm]
  if (anyNA(chosen)) {
    absent <- parm[is.na(chosen)]
    abort_gamut("`parm` names no coefficient: ", enumerate(absent), ". Coefficients are ",
                enumerate(known, 8L), ".", class = "argument",
                data = list(argument = "parm"))
  }
  known[chosen]
}

#' Rows times coefficients up to which intervals are profiled by default
#' @noRd
profile_limit <- function() 1e6

#' @noRd
default_interval <- function(object, parm) {
  link <- object$predictors[[1L]]$link$name
  exact <- object$family$id == "gaussian" && link == "identity"
  if (exact || !has_data(object)) return("wald")
  if (object$n * length(parm) <= profile_limit()) return("profile")
  inform_gamut("Wald intervals, because profiling ", length(parm), " coefficients over ",
               format(object$n, big.mark = ",", scientific = FALSE), " rows takes long; ",
               "method = \"profile\" does it all the same.", class = "confint")
  "wald"
}
