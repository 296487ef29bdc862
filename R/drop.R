# drop1() and add1(): every term that could go or come, one at a time. step() of stats
# builds on them.

#' Drop or add single terms
#'
#' Fits every model that has one term less, or one more, and compares it with the fit.
#' [stats::step()] uses both to choose a model by AIC.
#'
#' @param object A fit.
#' @param scope Terms to consider: labels, or a formula with `.` for the present model.
#'   `drop1()` considers by default all that no other term contains.
#' @param scale Dispersion for AIC and tests; 0 for that of the fit.
#' @param test `"none"`, `"LRT"` or `"Chisq"` (the same), `"F"`, or `"Rao"`.
#' @param k Penalty of AIC for each coefficient: 2, or `log(n)` for BIC.
#' @param predictor Name of the parameter whose terms are meant, such as `"phi"`; by
#'   default the main one's.
#' @param ... Not used; [stats::step()] passes its `trace`.
#'
#' @details
#' Values and columns are those of `drop1()` and `add1()` for a `glm`, with the
#' statistics of [anova.gamut()]. Terms are dropped and added so that the model stays
#' marginal: no main effect goes while its interaction stays.
#'
#' `drop1()` refits the rows that the fit holds. `add1()` needs columns that the fit may
#' not hold, so it evaluates the `data` of the fit's call again, where its formula was
#' written; the rows in use and their response must come out as they were.
#'
#' With random effects fixed terms are dropped and added; models are compared by their
#' marginal likelihoods, and a fit by REML is refitted by ML first, with a message of
#' class `gamut_message_refit`. Tests are `"LRT"`; for random terms compare fits by
#' [anova.gamut()].
#'
#' @return A data frame of class `c("anova", "data.frame")` with a row for the fit and
#'   one for each term: `Df`, `Deviance` (`-2 logLik` for families without deviance),
#'   `AIC` (absent for quasi families) and the test.
#' @section Conditions:
#' `gamut_error_scope`: `scope` names what cannot be dropped, or nothing to add.
#' `gamut_error_data`: the data of the call have other rows than the fit.
#' `gamut_warning_comparison`: an F test although the dispersion is known.
#' @seealso [anova.gamut()], [update.gamut()].
#' @examples
#' fit <- gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
#' drop1(fit, test = "LRT")
#' add1(update(fit, . ~ 1), ~ wool + tension, test = "Rao")
#' step(fit, trace = 0)
#' @export
drop1.gamut <- function(object, scope, scale = 0,
                        test = c("none", "Rao", "LRT", "Chisq", "F"), k = 2,
                        predictor = NULL, ...) {
  test <- check_single_test(test)
  refuse_bias_reduced(object, "drop1()")
  refuse_surfaces(object, "drop1()", use_anova_of_update)
  if (is_mixed(object)) object <- single_mixed(object, test, scale)
  require_data(object, "drop1()")
  p <- choose_predictor(object, predictor)
  terms <- object$frame$predictors[[p]]$terms
  labels <- attr(terms, "term.labels")
  scope <- if (missing(scope)) stats::drop.scope(terms)
           else scope_labels(scope, terms, labels)
  fits <- fits_without(object, scope, p, labels, test)
  table <- single_term_table(object, fits, scale, k)
  table <- add_single_test(table, object, test, scale, dropped = TRUE)
  finish_single(table, c("<none>", scope), object, "Single term deletions", p, scale)
}

#' @rdname drop1.gamut
#' @export
add1.gamut <- function(object, scope, scale = 0,
                       test = c("none", "Rao", "LRT", "Chisq", "F"), k = 2,
                       predictor = NULL, ...) {
  test <- check_single_test(test)
  refuse_bias_reduced(object, "add1()")
  refuse_surfaces(object, "add1()", use_anova_of_update)
  if (is_mixed(object)) object <- single_mixed(object, test, scale)
  p <- choose_predictor(object, predictor)
  terms <- object$frame$predictors[[p]]$terms
  if (missing(scope)) abort_scope("add1() needs `scope`, the terms to consider")
  if (!is.character(scope)) {
    scope <- addable_terms(terms, update_scope(terms, scope))
  }
  if (!length(scope)) abort_scope("`scope` has no term that could be added")
  fits <- fits_with(object, scope, p, test)
  table <- single_term_table(object, fits, scale, k)
  table <- add_single_test(table, object, test, scale, dropped = FALSE)
  finish_single(table, c("<none>", scope), object, "Single term additions", p, scale)
}

#' @noRd
use_anova_of_update <- "Refit by update(), and compare the fits by anova() or AIC()."

#' The fit, and the fits without each term
#' @noRd
fits_without <- function(object, scope, p, labels, test) {
  problem <- fit_problem(object)
  at <- coefficient_terms(problem$layout)
  fits <- lapply(scope, function(label) {
    keep <- !(at$predictor == p & at$term == match(label, labels))
    fit <- refit_problem(object, keep, problem = problem,
                         what = paste0("without `", label, "`"))
    if (test == "Rao") {
      fit$score <- score_statistic(object, problem, keep, fit$coefficients)
    }
    fit
  })
  c(list(as_refit(object)), fits)
}

#' The fit on the frame of all candidates, and the fits with each of them
#' @noRd
fits_with <- function(object, scope, p, test) {
  frame <- extended_frame(object, scope, p)
  problem <- build_problem(frame, object$family)
  at <- coefficient_terms(problem$layout)
  labels <- sorted_labels(attr(frame$predictors[[p]]$terms, "term.labels"))
  added <- match(sorted_labels(scope), labels)
  base <- !(at$predictor == p & at$term %in% added)
  before <- refit_problem(object, base, problem = problem, what = "without new terms")
  fits <- lapply(seq_along(scope), function(i) {
    keep <- base | (at$predictor == p & at$term == added[i])
    fit <- refit_problem(object, keep, problem = problem,
                         what = paste0("with `", scope[i], "`"))
    if (test == "Rao") {
      fit$score <- score_statistic(object, subset_problem(problem, keep), base[keep],
                                   before$coefficients)
    }
    fit
  })
  c(list(before), fits)
}

#' @noRd
check_single_test <- function(test) {
  test <- check_choice(test, "test", c("none", "Rao", "LRT", "Chisq", "F"))
  if (test == "Chisq") "LRT" else test
}

#' @noRd
abort_scope <- function(...) abort_gamut(..., ".", class = "scope")

#' The terms of a scope formula, with `.` for the model's
#' @noRd
update_scope <- function(terms, scope) {
  if (is.character(scope)) scope <- stats::as.formula(scope)
  if (!inherits(scope, "formula")) {
    abort_scope("`scope` must be a formula or labels of terms, not ",
                describe_object(scope))
  }
  stats::terms(stats::update.formula(stats::formula(terms), scope))
}

#' Terms of the scope that could be added, by marginality
#' @noRd
addable_terms <- function(terms, upper) {
  absent <- setdiff(sorted_labels(attr(terms, "term.labels")),
                    sorted_labels(attr(upper, "term.labels")))
  if (length(absent)) {
    abort_scope("`scope` must contain the terms of the model, and lacks ",
                ticked(absent), ": write ~ . + z")
  }
  stats::add.scope(terms, upper)
}

#' Labels of the terms to drop, which must be terms of the model
#' @noRd
scope_labels <- function(scope, terms, labels) {
  if (!is.character(scope)) {
    scope <- attr(update_scope(terms, scope), "term.labels")
  }
  unknown <- setdiff(scope, labels)
  if (length(unknown)) {
    abort_scope("`scope` names what is no term of the model: ", ticked(unknown))
  }
  scope
}

#' Labels with the parts of interactions in one order
#' @noRd
sorted_labels <- function(labels) {
  vapply(strsplit(labels, ":", fixed = TRUE), function(parts) {
    paste(sort(parts), collapse = ":")
  }, "")
}

#' The frame of the model with all candidates, on the same rows
#' @noRd
extended_frame <- function(object, scope, p) {
  addition <- stats::as.formula(paste("~ . +", paste(scope, collapse = " + ")))
  name <- object$frame$predictors[[p]]$name
  old <- expand_dots(object)
  formula <- if (p == 1L) update_formulas(old, addition)
             else update_formulas(old, named_new = stats::setNames(list(addition), name))
  frame <- frame_of_call(object, formula)
  same <- frame$rows == object$n
  if (same && has_data(object)) {
    same <- identical(unname(frame$y$y), unname(object$frame$y$y)) &&
      identical(frame$kept, object$frame$kept)
  }
  if (!same) {
    abort_gamut("add1() must compare models of the same rows. The fit has ", object$n,
                " rows, the data with all terms of `scope` ", frame$rows,
                if (frame$rows == object$n) ", but others: the data have changed. "
                else ": missing values? ",
                "Fit to complete data, as by `subset = !is.na(z)`.", class = "data")
  }
  frame
}

#' A frame of another formula from the data, weights, ... of the fit's call
#' @noRd
frame_of_call <- function(object, formula) {
  env <- object$spec$env
  call <- object$call
  value <- function(name) {
    tryCatch(eval(call[[name]], env), error = function(e) {
      abort_gamut("The fit's `", name, " = ", expr_text(call[[name]]), "` is needed ",
                  "again and cannot be evaluated: ", conditionMessage(e), ".",
                  class = "data")
    })
  }
  na_action <- if (is.null(call$na.action)) getOption("na.action") else value("na.action")
  build_frame(parse_formula(formula, env = env), value("data"), object$family,
              weights = call$weights, subset = call$subset, offset = call$offset,
              na_action = na_action, contrasts = value("contrasts"))
}

#' Df, deviance and AIC of each model
#'
#' AIC is that of the fit, and differs between models as deviance and coefficients do;
#' a gaussian dispersion is estimated anew by each model.
#' @noRd
single_term_table <- function(object, fits, scale, k) {
  deviance <- vapply(fits, `[[`, 0, "objective")
  rank <- vapply(fits, `[[`, 0, "rank")
  loglik <- scaled_deviance(object, deviance, scale)
  aic <- loglik + k * rank
  aic <- aic + (stats::extractAIC(object, k = k)[2L] - aic[1L])
  table <- data.frame(Df = c(NA, abs(rank[-1L] - rank[1L])), Deviance = deviance)
  if (!all(is.na(aic))) table$AIC <- aic
  score <- unlist(lapply(fits[-1L], `[[`, "score"))
  structure(table, loglik = loglik, score = score)
}

#' A mixed fit by ML, for tests that there are
#' @noRd
single_mixed <- function(object, test, scale) {
  if (test %in% c("Rao", "F")) {
    abort_argument("test", "\"none\" or \"LRT\" for a model with random effects", test)
  }
  if (scale != 0) abort_argument("scale", "0 for a model with random effects", scale)
  as_ml(object)
}

#' -2 log-likelihood up to a constant
#' @noRd
scaled_deviance <- function(object, deviance, scale) {
  if (is_mixed(object)) return(deviance)
  if (object$family$id == "gaussian" && scale == 0) {
    return(object$n * log(deviance / object$n))
  }
  deviance / single_dispersion(object, scale)
}

#' @noRd
single_dispersion <- function(object, scale) {
  if (is_mixed(object)) return(1)
  if (scale > 0) scale else object$dispersion
}

#' @noRd
add_single_test <- function(table, object, test, scale, dropped) {
  dispersion <- single_dispersion(object, scale)
  if (test == "none") return(table)
  if (test == "F") return(add_single_f(table, object, dropped))
  if (test == "LRT") {
    loglik <- attr(table, "loglik")
    statistic <- pmax(0, (loglik - loglik[1L]) * (if (dropped) 1 else -1))
    name <- if (dispersion == 1) "LRT" else "scaled dev."
  } else {
    statistic <- pmax(0, c(NA, attr(table, "score"))) / dispersion
    name <- if (dispersion == 1) "Rao score" else "scaled Rao sc."
  }
  statistic[1L] <- NA
  table[[name]] <- statistic
  p <- stats::pchisq(statistic, table$Df, lower.tail = FALSE)
  p[table$Df %in% 0] <- NA
  table[["Pr(>Chi)"]] <- p
  table
}

#' F tests: against the dispersion of the larger model, by its deviance
#' @noRd
add_single_f <- function(table, object, dropped) {
  if (object$dispersion_fixed) {
    warn_known_dispersion(object, list(df = Inf))
  }
  deviance <- table$Deviance
  df <- table$Df
  change <- pmax(0, (deviance - deviance[1L]) * (if (dropped) 1 else -1))
  residual <- object$df.residual - if (dropped) 0 else df
  mean_deviance <- (if (dropped) deviance[1L] else deviance) / residual
  value <- change / df / mean_deviance
  value[df %in% 0] <- NA
  table[["F value"]] <- value
  table[["Pr(>F)"]] <- stats::pf(value, df, residual, lower.tail = FALSE)
  table
}

#' @noRd
finish_single <- function(table, rows, object, title, p, scale) {
  if (is_mixed(object) || !has_deviance(object$family)) {
    names(table)[match("Deviance", names(table))] <- "-2 logLik"
  }
  predictor <- object$frame$predictors[[p]]
  heading <- c(title, "\nModel:", deparse(single_formula(object, p)),
               if (p > 1L) paste0("(predictor ", predictor$name, ")"),
               if (scale > 0) paste("\nscale: ", format(scale), "\n"))
  attributes(table)[c("loglik", "score")] <- NULL
  structure(table, row.names = rows, heading = heading,
            class = c("anova", "data.frame"))
}

#' The formula of the frame's predictor `p`, with the random effects that all models have
#' @noRd
single_formula <- function(object, p) {
  if (!is_mixed(object)) return(stats::formula(object$frame$predictors[[p]]$terms))
  own <- vapply(object$predictors, `[[`, 0L, "frame_predictor")
  formula.gamut(object, match(p, own))
}
