# anova() with random effects: likelihood ratios of several fits, Wald tests of the terms
# of one.

#' Fits in the order of their numbers of parameters, those by REML refitted by ML
#' @noRd
compare_mixed <- function(fits, dispersion, test) {
  check_mixed_test(dispersion, test)
  check_comparable(fits)
  by_reml <- vapply(fits, function(f) is_mixed(f) && f$method != "ML", NA)
  if (any(by_reml)) {
    inform_gamut("refitted by ML: ", if (all(by_reml)) "all" else sum(by_reml),
                 " of the ", length(fits), " models, as likelihoods are compared, which ",
                 "REML does not maximise.", class = "refit")
    fits[by_reml] <- lapply(fits[by_reml], refit_by, method = "ML")
  }
  fits <- fits[order(vapply(fits, parameter_count, 0))]
  likelihood_table(fits)
}

#' @noRd
check_mixed_test <- function(dispersion, test) {
  if (!is.null(dispersion)) {
    abort_argument("dispersion", "left out for models with random effects", dispersion)
  }
  if (is.null(test) || test %in% c("Chisq", "LRT")) return(invisible())
  known <- paste("\"Chisq\" for models with random effects, or \"F\" of the terms of one",
                 "that is linear")
  abort_argument("test", known, test)
}

#' @noRd
likelihood_table <- function(fits) {
  parameters <- vapply(fits, parameter_count, 0)
  loglik <- vapply(fits, log_likelihood, 0)
  rows <- vapply(fits, `[[`, 0, "nobs")
  statistic <- c(NA, 2 * diff(loglik))
  df <- c(NA, diff(parameters))
  # a search ends within its tolerance of the maximum
  slack <- 1e-5 * (1 + abs(loglik))
  worse <- which(statistic < -slack)
  if (length(worse)) {
    warn_gamut("models ", worse[1L] - 1L, " and ", worse[1L], " are not nested, or one ",
               "of them did not converge: the one with more parameters fits worse. ",
               "Compare them by AIC().", class = "comparison")
  }
  p <- stats::pchisq(pmax(statistic, 0), df, lower.tail = FALSE)
  p[df %in% 0] <- NA
  table <- data.frame(
    npar = parameters, AIC = 2 * (parameters - loglik),
    BIC = log(rows) * parameters - 2 * loglik, logLik = loglik,
    `-2 logLik` = -2 * loglik, Chisq = statistic, Df = df, `Pr(>Chisq)` = p,
    check.names = FALSE
  )
  models <- paste0("Model ", format(seq_along(fits)), ": ",
                   vapply(fits, formula_label, ""), collapse = "\n")
  structure(table, heading = c("Likelihood Ratio Table\n", models),
            class = c("anova", "data.frame"))
}

#' The estimated coefficients in the order of the terms that they belong to
#'
#' @return list: `coefficients` (numbers), `place` (the same among the estimated ones),
#'   `member` (factor: which step brings each), `labels` of the terms. Those before the
#'   first term, as the intercept, are in no term.
#' @noRd
sequential_order <- function(object) {
  steps <- model_steps(object, fit_problem(object))
  estimated <- !is.na(object$coefficients)
  step <- Reduce(`+`, lapply(steps$keep, `!`))
  order <- order(step)
  order <- order[estimated[order]]
  list(coefficients = order, place = cumsum(estimated)[order],
       member = factor(step[order], seq_along(steps$labels)[-1L] - 1L),
       labels = steps$labels[-1L])
}

#' Sequential Wald tests of the fixed effects
#'
#' With V the covariance of the coefficients, taken in the order of the terms, and R'R =
#' V^-1, the squares of R beta add up by terms to what each adds to those before it.
#' @noRd
wald_terms <- function(object, dispersion, test, ddf = NULL) {
  method <- chosen_ddf(object, ddf %||% if (identical(test, "F")) "satterthwaite"
                                       else "none")
  if (!is.null(method)) {
    check_mixed_test(dispersion, "Chisq")
    return(f_terms(object, method))
  }
  check_mixed_test(dispersion, test)
  in_order <- sequential_order(object)
  order <- in_order$coefficients
  member <- in_order$member
  covariance <- vcov.gamut(object)[order, order, drop = FALSE]
  squares <- drop(chol(solve(covariance)) %*% object$coefficients[order])^2
  value <- as.double(tapply(squares, member, sum, default = NA))
  df <- tabulate(member, nlevels(member))
  table <- data.frame(Df = df, Chisq = value,
                      `Pr(>Chisq)` = stats::pchisq(value, df, lower.tail = FALSE),
                      row.names = in_order$labels, check.names = FALSE)
  heading <- sub(".*\n\nModel", "Analysis of Fixed Effects, Wald tests\n\nModel",
                 sequential_heading(object))
  structure(table, heading = heading, class = c("anova", "data.frame"))
}
