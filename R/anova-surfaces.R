# anova() of several fits of which some have lo() terms: differences of deviances against
# differences of the traces of the operators, as packages gam and stats (for loess) have
# them. They are tests by analogy: surfaces are not estimated by maximum likelihood.
# Source: Hastie & Tibshirani (1990) Generalized Additive Models, section 3.9.

#' @noRd
compare_surfaces <- function(fits, test) {
  check_comparable(fits)
  if (any(vapply(fits, function(f) length(f$random) > 0L, NA))) {
    abort_gamut("anova() does not compare fits that have both lo() terms and random ",
                "effects, or one of them each: they have no likelihood in common. Use ",
                "s() in the place of lo().", class = "comparison")
  }
  fits <- fits[order(vapply(fits, conditional_edf, 0))]
  edf <- vapply(fits, conditional_edf, 0)
  largest <- fits[[length(fits)]]
  deviance <- vapply(fits, conditional_deviance, 0)
  estimated <- is_profiled(largest$family)
  scale <- if (estimated) largest$dispersion else 1
  test <- test %||% if (estimated) "F" else "Chisq"
  if (!test %in% c("F", "Chisq", "LRT")) {
    abort_argument("test", "\"F\" or \"Chisq\" for models with lo() terms", test)
  }
  rows <- largest$nobs
  table <- data.frame(`Resid. Df` = rows - edf, `Resid. Dev` = deviance,
                      Df = c(NA, diff(edf)), Deviance = c(NA, -diff(deviance)),
                      check.names = FALSE)
  ratio <- table$Deviance / scale
  if (test == "F") {
    table$F <- ratio / table$Df
    table$`Pr(>F)` <- stats::pf(table$F, table$Df, rows - max(edf), lower.tail = FALSE)
  } else {
    table$`Pr(>Chi)` <- stats::pchisq(ratio, table$Df, lower.tail = FALSE)
  }
  models <- paste0("Model ", format(seq_along(fits)), ": ",
                   vapply(fits, formula_label, ""), collapse = "\n")
  structure(table, heading = c("Analysis of Deviance Table\n", models),
            class = c("anova", "data.frame"))
}

#' Deviance, or minus twice the conditional log-likelihood where the dispersion is a
#' coefficient
#' @noRd
conditional_deviance <- function(object) {
  if (is_profiled(object$family)) stats::deviance(object)
  else -2 * if (is_mixed(object)) conditional_value(object) else log_likelihood(object)
}
