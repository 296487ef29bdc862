# Coefficients, their covariance and intervals.

#' Coefficients, covariance and confidence intervals
#'
#' @param object A fit.
#' @param what Which coefficients: `"parametric"`, those of parametric terms, or `"all"`,
#'   which adds those of other terms, but of smooths `"fs"` and `"re"` with more than 500
#'   (these are in `fit$smooths`). The two are the same when all terms are parametric. For
#'   `coef()` also `"by_group"`, the sums of fixed and random effects for each level of
#'   each grouping factor.
#' @param complete Keep aliased coefficients, as `NA`?
#' @param predictor Name of a parameter with a predictor, as in the formula: its
#'   coefficients alone.
#' @param dispersion Dispersion to use in place of the fit's, for `type = "model"`: robust
#'   covariances do not depend on it.
#' @param type `"model"`, the inverse information, or a robust covariance, `"HC0"` to
#'   `"HC3"`: see [vcov-robust]; `"kenward-roger"`, that of a linear mixed model corrected
#'   for small samples (of the refit by REML, for a fit by ML): see
#'   [degrees_of_freedom()].
#' @param cluster Clusters of rows that are not independent: a one-sided formula, a
#'   vector, or a data frame for several ways of clustering. The type is then `"HC0"`
#'   unless said otherwise.
#' @param data Where the variables of `cluster` are, if not in the data of the fit; for a
#'   fit made with `keep_data = FALSE`, the data of the fit.
#' @param unconditional Of a fit with smooths: allow for the uncertainty of smoothing
#'   parameters?
#' @param vcov For Wald intervals, the covariance to use: a matrix, a function of the fit,
#'   a type such as `"HC3"`, or a list of arguments of `vcov()`, as in
#'   `list(type = "HC1", cluster = ~ school)`.
#' @param parm Numbers or names of coefficients; all by default.
#' @param level Confidence level.
#' @param method `"profile"` inverts the likelihood-ratio test, `"wald"` is estimate plus
#'   and minus standard errors; see below for the default.
#' @param ddf For Wald intervals of a linear mixed model the degrees of freedom,
#'   `"satterthwaite"` or `"kenward-roger"`; see [degrees_of_freedom()]. By default
#'   quantiles are normal. For Kenward and Roger's a fit by ML is refitted by REML, and
#'   the intervals are about the estimates of the refit.
#' @param ... Not used; for `confint()` with profiles, further arguments of them.
#'
#' @details
#' The coefficients of the main predictor have the names of the columns of its model
#' matrix; those of other predictors are prefixed by their parameter (`phi:x`), those of
#' a categorical response by the category (`B:x`). Thresholds of [cumulative()] are named
#' by the categories beside them (`a|b`), slopes that they share as the columns.
#'
#' `vcov()` is the inverse of the information times the dispersion. The information is
#' the expected one for the families and links of [stats::glm()], so that standard errors
#' are glm's, and the observed one for all others; `gamut_control(information = )` asks
#' for one of them.
#'
#' With random effects `confint()` is Wald's unless `method = "profile"` is asked for,
#' which has the standard deviations and correlations of random effects, too, named as
#' lme4 names them (`sd_x|g`, `cor_x.(Intercept)|g`, `sigma`; and `rho_ar1|g`, `cor_cs|g`,
#' `range_exp|g`, `range_mat|g` for structures). A standard deviation of
#' 0 or a correlation of 1 ends an interval where the likelihood has not fallen far
#' enough by then. A fit by REML is refitted by ML for it, with a message. Robust
#' covariances are for models without random effects.
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
#' @return `coef()`: a named vector, `NA` where aliased; by group a list of data frames,
#'   with a row for each level and a column for each effect. `vcov()`: a square matrix
#'   with the same names, rows and columns of aliased coefficients `NA`. `confint()`: a
#'   matrix with a row for each coefficient and the columns `"2.5 %"` and `"97.5 %"` (for
#'   level 0.95).
#' @section Errors:
#' A coefficient that does not exist and a `level` outside (0, 1) are errors of class
#' `gamut_error_argument`.
#' @examples
#' fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' coef(fit)
#' sqrt(diag(vcov(fit)))
#' confint(fit, "sprayC", method = "wald")
#'
#' # random effects: coefficients of each child, t intervals, and those of variances
#' fit <- gamut(distance ~ age + (1 | Subject), data = nlme::Orthodont)
#' head(coef(fit, "by_group")$Subject)
#' confint(fit, ddf = "kenward-roger")
#' confint(fit, c("sd_(Intercept)|Subject", "sigma"), method = "profile")
#' @name coef.gamut
#' @export
coef.gamut <- function(object, what = c("parametric", "all", "by_group"),
                       complete = TRUE, predictor = NULL, ...) {
  what <- check_choice(what, "what", c("parametric", "all", "by_group"))
  if (what == "by_group") return(coef_by_group(object))
  if (what == "all" && length(object$smooths)) return(all_coefficients(object))
  coefficients <- object$coefficients
  if (!is.null(predictor)) {
    etas <- etas_of(object, choose_predictor(object, predictor))
    at <- unlist(lapply(object$predictors[etas], `[[`, "position"))
    coefficients <- coefficients[sort(unique(at))]
  }
  if (check_flag(complete, "complete")) coefficients
  else coefficients[!is.na(coefficients)]
}

#' @rdname coef.gamut
#' @export
vcov.gamut <- function(object, complete = TRUE, what = c("parametric", "all"),
                       dispersion = NULL, type = c("model", "HC0", "HC1", "HC2", "HC3",
                                                   "kenward-roger"),
                       cluster = NULL, data = NULL, unconditional = FALSE, ...) {
  what <- check_choice(what, "what", c("parametric", "all"))
  type <- vcov_type(type, cluster)
  if (check_flag(unconditional, "unconditional")) object <- unconditional_fit(object)
  if (what == "all" && length(object$smooths)) return(joint_vcov(object, type))
  if (unconditional) {
    own <- seq_along(object$coefficients)
    return(joint_vcov(object, type)[own, own, drop = FALSE])
  }
  if (is.null(dispersion)) dispersion <- object$dispersion
  covariance <- if (type == "model") dispersion * unscaled_vcov(object)
                else if (type == "kenward-roger") kenward_roger_vcov(object)
                else robust_vcov(object, type, cluster, data)
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
                          vcov = NULL, ddf = NULL, ...) {
  check_number(level, "level", above = 0)
  if (level >= 1) abort_argument("level", "between 0 and 1", level)
  asked <- if (!missing(method)) check_choice(method, "method", c("profile", "wald"))
  known <- interval_names(object, asked)
  parm <- if (missing(parm)) known else check_parm(known, parm)
  method <- asked %||% interval_method(object, parm, vcov)
  if (method == "profile") {
    if (!is.null(vcov)) abort_argument("method", "\"wald\" with `vcov`", method)
    return(profile_confint(object, parm, level, ...))
  }
  if (is.null(ddf)) return(wald_confint(object, parm, level, chosen_errors(object, vcov)))
  small_sample_confint(object, parm, level, chosen_ddf(object, ddf))
}

#' What has an interval: profiles have one for parameters of covariances, too
#' @noRd
interval_names <- function(object, method) {
  random <- is_mixed(object) && has_data(object) && identical(method, "profile")
  c(if (random) covariance_names(object), names(object$coefficients))
}

#' The method where none was asked for
#' @noRd
interval_method <- function(object, parm, vcov) {
  if (is_mixed(object) || !is.null(vcov)) "wald" else default_interval(object, parm)
}

#' @noRd
wald_confint <- function(object, parm, level, errors = standard_errors(object),
                         df = test_df(object)) {
  probabilities <- c((1 - level) / 2, (1 + level) / 2)
  quantiles <- outer(rep_len(df, length(parm)), probabilities, function(df, p) {
    ifelse(df > 0, stats::qt(p, pmax(df, 0)), NaN)
  })
  limits <- object$coefficients[parm] + errors[parm] * quantiles
  dimnames(limits) <- list(parm, percent_names(probabilities))
  limits
}

#' Wald intervals of a linear mixed model, from t quantiles
#' @noRd
small_sample_confint <- function(object, parm, level, ddf) {
  if (is.null(ddf)) return(wald_confint(object, parm, level))
  object <- fit_for_ddf(object, ddf)
  tests <- degrees_of_freedom(object, type = ddf)
  errors <- stats::setNames(tests$se, rownames(tests))
  wald_confint(object, parm, level, errors, tests[parm, "den_df"])
}

#' Column names of intervals, as stats writes them
#' @noRd
percent_names <- function(probabilities) {
  paste(format(100 * probabilities, trim = TRUE, scientific = FALSE, digits = 3), "%")
}

#' Names of the coefficients that `parm` means
#' @noRd
check_parm <- function(known, parm) {
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
  if (is_bias_reduced(object)) {
    inform_gamut("Wald intervals, because profiles compare maximised likelihoods, and ",
                 "bias-reduced estimates do not maximise it.", class = "confint")
    return("wald")
  }
  if (is_gaussian_identity(object) || !has_data(object)) return("wald")
  if (object$n * length(parm) <= profile_limit()) return("profile")
  inform_gamut("Wald intervals, because profiling ", length(parm), " coefficients over ",
               format(object$n, big.mark = ",", scientific = FALSE), " rows takes long; ",
               "method = \"profile\" does it all the same.", class = "confint")
  "wald"
}
