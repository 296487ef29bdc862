# anova(): tables of tests, for the terms of one fit or for several fits.

#' Analysis of deviance
#'
#' One fit: its terms are added one after another, each tested against the model
#' before it. Several fits: each is tested against the one before.
#'
#' @param object A fit.
#' @param ... More fits, of the same response, rows and family.
#' @param dispersion Dispersion for the tests. By default that of the fit, of several
#'   fits that of the one with the fewest residual degrees of freedom.
#' @param test `"Chisq"` or `"LRT"` (the same), `"F"`, `"Rao"` or `"Cp"`. When it is
#'   missing: `"Chisq"` where the dispersion is known, `"F"` where it is estimated, as
#'   [stats::anova.glm()] does from R 4.4 on. `NULL` or `FALSE`: no test.
#' @param ddf Degrees of freedom of F tests in a linear mixed model: `"satterthwaite"`
#'   or `"kenward-roger"`.
#'
#' @details
#' The columns and values are those of [stats::anova.glm()]. With deviances \eqn{D},
#' residual degrees of freedom \eqn{r}, dispersion \eqn{\phi} and submodel 0 of model 1,
#' * `"Chisq"` compares \eqn{(D_0 - D_1) / \phi}{(D0 - D1) / phi} with
#'   \eqn{\chi^2_{r_0 - r_1}}{chi-squared on r0 - r1 degrees of freedom},
#' * `"F"` \eqn{(D_0 - D_1) / ((r_0 - r_1) \phi)}{(D0 - D1) / ((r0 - r1) phi)} with an F
#'   distribution,
#' * `"Rao"` \eqn{U' I^{-1} U / \phi}{U' I^-1 U / phi}, score and expected information
#'   of model 1 at the estimates of model 0, with the same \eqn{\chi^2}{chi-squared},
#' * `"Cp"` is \eqn{D + 2 \phi p}{D + 2 phi p} of each model.
#'
#' Families without a deviance (as `Beta()`) have -2 log-likelihood in its
#' place: the column `LR` is the likelihood ratio statistic and `-2 logLik` the value of
#' each model.
#'
#' **Random effects.** Several fits, of which at least one has random effects, are put
#' into the order of their numbers of parameters and compared by their marginal
#' likelihoods, fits by REML being refitted by ML, with a message of class
#' `gamut_message_refit`. Where the smaller model sets a variance to 0 the null hypothesis
#' lies on the edge of what is possible, and the p-value is too large: twice the true one
#' for a single variance (Self and Liang 1987). Of one fit each term of the fixed effects
#' is tested by Wald's statistic given the terms before it; in a linear mixed model with
#' `test = "F"` or `ddf = ` by F with the degrees of freedom of [degrees_of_freedom()].
#'
#' **Smooths.** Of one fit each parametric term of the first predictor is tested by
#' Wald's statistic, and each smooth as in its [summary][summary.gamut], given all other
#' terms: by F where the dispersion is estimated, else by chi-squared. With a given
#' `dispersion` they are chi-squared. Several fits are compared as those with random
#' effects.
#'
#' The terms of the first predictor come first, from the model with nothing but
#' intercepts and offsets; then those of the others, named as in `phi: z`. A term of a
#' categorical response enters the predictors of all categories at once.
#' Smaller models are fitted to the rows that the fit holds.
#'
#' @return A data frame of class `c("anova", "data.frame")`.
#'   With random effects `npar`, `AIC`, `BIC`, `logLik`, `-2 logLik`, `Chisq`, `Df` and
#'   the p-value.
#' @section Conditions:
#' `gamut_error_comparison`: the fits differ in response, rows or family.
#' `gamut_warning_comparison`: a fit with more coefficients fits worse, so the two are
#' not nested; or an F test although the dispersion is known.
#' `gamut_warning_convergence`: a smaller model did not converge.
#' @references Self, S. G. and Liang, K.-Y. (1987) Asymptotic properties of maximum
#'   likelihood estimators and likelihood ratio tests under nonstandard conditions.
#'   *Journal of the American Statistical Association* 82, 605-610.
#'   \doi{10.1080/01621459.1987.10478472}
#'
#'   Rao, C. R. (1948) Large sample tests of statistical hypotheses
#'   concerning several parameters. *Proceedings of the Cambridge Philosophical Society*
#'   44, 50-57. \doi{10.1017/S0305004100023987}
#' @seealso [drop1.gamut()] for tests of each term given all others.
#' @examples
#' fit <- gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
#' anova(fit)
#' anova(update(fit, . ~ wool), fit, test = "Rao")
#'
#' two <- gamut(list(rate ~ hours, phi ~ hours), family = Beta(),
#'              data = data.frame(hours = 1:12, rate = (1:12 + c(0, 3, 1)) / 17))
#' anova(two)
#'
#' # smooths: Wald tests of parametric terms, and Wood's of smooths
#' anova(fit_gam(Ozone ~ factor(Month) + s(Temp), data = airquality))
#'
#' # random effects: two fits by likelihood, the terms of one by F
#' slopes <- gamut(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' parallel <- update(slopes, . ~ age * Sex + (1 | Subject))
#' anova(parallel, slopes)
#' anova(slopes, ddf = "kenward-roger")
#' @export
anova.gamut <- function(object, ..., dispersion = NULL, test, ddf = NULL) {
  fits <- c(list(object), anova_fits(...))
  lapply(fits, refuse_bias_reduced, what = "anova()")
  automatic <- missing(test)
  if (!automatic) test <- check_anova_test(test)
  if (any(vapply(fits, is_mixed, NA))) {
    return(anova_mixed(fits, dispersion, if (!automatic) test, ddf))
  }
  if (length(fits) > 1L) {
    check_comparable(fits)
    residual_df <- vapply(fits, `[[`, 0, "df.residual")
    largest <- fits[[which.min(residual_df)]]
  } else {
    largest <- object
    require_data(object, "anova() of one fit")
  }
  scale <- anova_scale(largest, dispersion, several = length(fits) > 1L)
  if (automatic) test <- if (is.finite(scale$df)) "F" else "Chisq"
  if (identical(test, "F")) warn_known_dispersion(largest, scale)
  table <- if (length(fits) > 1L) compare_fits(fits, test) else add_terms(object, test)
  finish_anova(table, largest, test, scale)
}

#' @noRd
anova_mixed <- function(fits, dispersion, test, ddf) {
  if (length(fits) == 1L && length(fits[[1L]]$smooths)) {
    return(anova_smooth(fits[[1L]], dispersion, test, ddf))
  }
  if (length(fits) > 1L && any(vapply(fits, has_surfaces, NA))) {
    return(compare_surfaces(fits, test))
  }
  if (length(fits) > 1L) return(compare_mixed(fits, dispersion, test))
  wald_terms(fits[[1L]], dispersion, test, ddf)
}

#' The fits in `...`
#' @noRd
anova_fits <- function(...) {
  fits <- list(...)
  if (!length(fits)) return(fits)
  named <- nzchar(names(fits) %||% character(length(fits)))
  ours <- vapply(fits, inherits, NA, "gamut")
  unknown <- named & !ours
  if (any(unknown)) {
    abort_gamut("anova() does not know the argument ", ticked(names(fits)[unknown]), ".",
                class = "argument")
  }
  if (!all(ours)) {
    abort_gamut("anova() compares fits of gamut, and argument ", which(!ours)[1L] + 1L,
                " is ", describe_object(fits[[which(!ours)[1L]]]), ".",
                class = "comparison")
  }
  unname(fits)
}

#' @noRd
check_anova_test <- function(test) {
  if (is.null(test) || isFALSE(test)) return(NULL)
  check_choice(test, "test", c("Chisq", "LRT", "Rao", "F", "Cp"))
}

#' Fits that can be compared: same response, rows and family
#' @noRd
check_comparable <- function(fits) {
  stop_at <- function(differs, what) {
    if (!any(differs)) return(invisible())
    abort_gamut("anova() cannot compare the fits: model ", which(differs)[1L],
                " differs from model 1 in its ", what, ".", class = "comparison")
  }
  responses <- vapply(fits, function(f) f$frame$response_name, "")
  stop_at(responses != responses[1L], paste0(
    "response (", responses[responses != responses[1L]][1L], ", not ", responses[1L], ")"
  ))
  rows <- vapply(fits, `[[`, 0, "n")
  stop_at(rows != rows[1L], paste0(
    "number of rows (", rows[rows != rows[1L]][1L], ", not ", rows[1L], "): missing ",
    "values? Fit all to the same data"
  ))
  families <- vapply(fits, function(f) f$family$family, "")
  stop_at(families != families[1L], paste0(
    "family (", families[families != families[1L]][1L], ", not ", families[1L], ")"
  ))
  kept <- lapply(fits, function(f) if (has_data(f)) f$frame$y$y)
  stop_at(!vapply(kept, function(y) {
    is.null(y) || is.null(kept[[1L]]) || identical(unname(y), unname(kept[[1L]]))
  }, NA), "values of the response: other rows, or other data")
}

#' Dispersion of the tests and the degrees of freedom it was estimated with
#' @noRd
anova_scale <- function(fit, dispersion, several) {
  known <- fit$dispersion_fixed || (!several && !is.null(dispersion))
  value <- if (is.null(dispersion)) fit$dispersion else
    check_number(dispersion, "dispersion", above = 0)
  list(value = value, df = if (known || value == 1) Inf else fit$df.residual)
}

#' @noRd
warn_known_dispersion <- function(fit, scale) {
  if (is.finite(scale$df)) return(invisible())
  warn_gamut("an F test takes the dispersion as estimated, and here it is known (family ",
             fit$family$family, "): use test = \"Chisq\".", class = "comparison")
}

#' The sequential table of one fit, without its test
#' @noRd
add_terms <- function(object, test) {
  problem <- fit_problem(object)
  steps <- model_steps(object, problem)
  fits <- lapply(seq_along(steps$keep), function(i) {
    if (all(steps$keep[[i]])) return(as_refit(object))
    refit_problem(object, steps$keep[[i]], problem = problem,
                  what = paste0("up to `", steps$labels[i], "`"))
  })
  residual <- vapply(fits, `[[`, 0, "df_residual")
  deviance <- vapply(fits, `[[`, 0, "objective")
  table <- data.frame(
    Df = c(NA, -diff(residual)), Deviance = c(NA, pmax(0, -diff(deviance))),
    `Resid. Df` = residual, `Resid. Dev` = deviance,
    row.names = steps$labels, check.names = FALSE
  )
  if (identical(test, "Rao")) {
    table$Rao <- c(NA, vapply(seq_along(fits)[-1L], function(i) {
      step_score(object, problem, steps$keep[[i]], steps$keep[[i - 1L]], fits[[i - 1L]])
    }, 0))
  }
  structure(table, heading = sequential_heading(object))
}

#' The nested models: intercepts, then one term more at a time
#' @noRd
model_steps <- function(object, problem) {
  at <- coefficient_terms(problem$layout)
  keep <- list(at$term == 0L)
  labels <- "NULL"
  predictors <- object$frame$predictors
  for (p in seq_along(predictors)) {
    terms <- attr(predictors[[p]]$terms, "term.labels")
    for (t in seq_along(terms)) {
      keep <- c(keep, list(keep[[length(keep)]] | (at$predictor == p & at$term == t)))
    }
    prefix <- if (p > 1L) paste0(predictors[[p]]$name, ": ") else ""
    labels <- c(labels, if (length(terms)) paste0(prefix, terms))
  }
  list(keep = keep, labels = labels)
}

#' A fit as refit_problem() would return it
#' @noRd
as_refit <- function(object) {
  list(objective = deviance.gamut(object), coefficients = estimated_coefficients(object),
       rank = object$rank, df_residual = object$df.residual, converged = TRUE)
}

#' Score statistic of one step of the sequence
#' @noRd
step_score <- function(object, problem, outer, inner, inner_fit) {
  score_statistic(object, subset_problem(problem, outer), inner[outer],
                  inner_fit$coefficients)
}

#' @noRd
sequential_heading <- function(object) {
  link <- if (length(object$family$links) > 1L) describe_links(object$family)
          else object$family$link
  paste0(
    if (has_deviance(object$family)) "Analysis of Deviance Table"
    else "Likelihood Ratio Table",
    "\n\nModel: ", object$family$family, ", link: ", link,
    "\n\nResponse: ", object$frame$response_name,
    "\n\nTerms added sequentially (first to last)\n\n"
  )
}

#' The table of several fits, without its test
#' @noRd
compare_fits <- function(fits, test) {
  residual <- vapply(fits, `[[`, 0, "df.residual")
  deviance <- vapply(fits, `[[`, 0, "deviance")
  table <- data.frame(
    `Resid. Df` = residual, `Resid. Dev` = deviance, Df = c(NA, -diff(residual)),
    Deviance = c(NA, -diff(deviance)), check.names = FALSE
  )
  warn_not_nested(table)
  if (identical(test, "Rao")) {
    table$Rao <- c(NA, vapply(seq_along(fits)[-1L], function(i) {
      score_between(fits[[i - 1L]], fits[[i]], table$Df[i])
    }, 0))
  }
  formulas <- model_labels(fits)
  title <- if (has_deviance(fits[[1L]]$family)) "Analysis of Deviance Table\n"
           else "Likelihood Ratio Table\n"
  models <- paste0("Model ", format(seq_along(fits)), ": ", formulas, collapse = "\n")
  structure(table, heading = c(title, models))
}

#' A larger model that fits worse cannot contain the smaller one
#' @noRd
warn_not_nested <- function(table) {
  slack <- 1e-7 * (1 + abs(table$`Resid. Dev`))
  worse <- which(table$Df * table$Deviance < 0 & abs(table$Deviance) > slack)
  if (!length(worse)) return(invisible())
  warn_gamut("models ", worse[1L] - 1L, " and ", worse[1L], " are not nested: the one ",
             "with more coefficients fits worse. Compare them by AIC().",
             class = "comparison")
}

#' Score statistic of the larger of two fits at the smaller one's linear predictors
#'
#' The smaller model may be parametrised in another way, so its predictors go in as
#' offsets and the larger one starts from zero.
#' @noRd
score_between <- function(first, second, df) {
  inner <- if (df > 0) first else second
  outer <- if (df > 0) second else first
  require_data(inner, "anova(test = \"Rao\")")
  require_data(outer, "anova(test = \"Rao\")")
  problem <- fit_problem(outer)
  eta <- fit_eta(inner)
  problem$offsets <- lapply(seq_len(ncol(eta)), function(k) eta[, k])
  score <- score_statistic(outer, problem, logical(length(problem$names)), numeric())
  if (df < 0) -score else score
}

#' The formulas of fits, with what else tells them apart
#' @noRd
model_labels <- function(fits) {
  notes <- list(
    parallel = vapply(fits, parallel_label, ""),
    link = vapply(fits, function(fit) paste("link:", describe_links(fit$family)), "")
  )
  labels <- vapply(fits, formula_label, "")
  for (note in Filter(function(note) length(unique(note)) > 1L, notes)) {
    labels <- paste0(labels, ", ", note)
  }
  labels
}

#' @noRd
parallel_label <- function(fit) {
  thresholds <- fit$family$thresholds
  if (is.null(thresholds)) return("")
  paste("parallel =", paste(deparse(thresholds$parallel), collapse = " "))
}

#' The formulas of a fit in one string
#' @noRd
formula_label <- function(object) {
  one <- function(f) paste(deparse(f), collapse = "\n")
  formula <- expand_dots(object)
  if (is.list(formula)) paste(vapply(formula, one, ""), collapse = ", ")
  else one(formula)
}

#' Add the test, and name the columns for what they are
#' @noRd
finish_anova <- function(table, fit, test, scale) {
  heading <- attr(table, "heading")
  if (!is.null(test)) {
    table <- stats::stat.anova(table, test, scale$value, scale$df, fit$n)
  }
  if (!has_deviance(fit$family)) {
    new <- c(Deviance = "LR", `Resid. Dev` = "-2 logLik")
    at <- match(names(new), names(table))
    names(table)[at] <- new
  }
  structure(table, heading = heading, class = c("anova", "data.frame"))
}
