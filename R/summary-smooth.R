# The summary of a fit with smooths, in the layout that users of mgcv know.

#' @noRd
summary_smooth <- function(object, dispersion, correlation, symbolic, vcov, label, ddf) {
  refuse_smooth_ddf(ddf)
  correlation <- check_flag(correlation, "correlation")
  object <- at_dispersion(object, dispersion)
  if (!is.null(vcov)) vcov <- chosen_vcov(object, vcov)
  errors <- chosen_errors(object, vcov)
  if (is.null(vcov)) errors <- errors * sqrt(object$given$scale %||% 1)
  aliased <- is.na(object$coefficients)
  df <- smooth_test_df(object)
  table <- coefficient_table(object, errors, is.finite(df), df)
  random <- length(object$random) > 0L
  result <- c(
    list(call = object$call, formula = object$formula, family = object$family,
         method = object$method, coefficients = table[!aliased, , drop = FALSE],
         aliased = aliased, tables = summary_tables(object), vcov = label,
         smooths = smooth_table(object), apart = has_apart(object),
         given_dispersion = object$given$dispersion,
         dispersion = object$given$dispersion %||% object$dispersion,
         sigma = stats::sigma(object), df = c(object$rank, smooth_residual_df(object))),
    smooth_statistics(object),
    list(random = random, varcor = if (random) VarCorr.gamut(object),
         ngrps = if (random) ngrps.gamut(object),
         convergence = object$convergence[c("converged", "code", "message", "boundary")],
         limits = smooth_limits(object), gcv = object$criterion$gcv,
         robust = object$robust, na.action = object$na.action)
  )
  if (correlation && object$rank > 0L) {
    result$correlation <- correlation_of_estimates(object, vcov)
    result$symbolic.cor <- symbolic
  }
  structure(result, class = c("summary.gamut_smooth", "summary.gamut"))
}

#' Degrees of freedom of tests: none at a dispersion that is given
#' @noRd
smooth_test_df <- function(object) if (is.null(object$given)) test_df(object) else Inf

#' Is a dispersion estimated, so that tests have residual degrees of freedom?
#' @noRd
tests_have_df <- function(object) {
  is_profiled(object$family) || !is.null(object$family$precision)
}

#' Rows less effective degrees of freedom, of all but random effects
#' @noRd
smooth_residual_df <- function(object) {
  object$nobs - sum(!is.na(object$coefficients)) + outside_count(object) -
    sum(vapply(object$smooths, `[[`, 0, "edf"))
}

#' Number of coefficients of constant dispersions, which are no part of the mean
#' @noRd
outside_count <- function(object) {
  main <- object$predictors[[1L]]$parameter
  others <- vapply(object$predictors, `[[`, "", "parameter") != main
  sum(lengths(lapply(object$predictors[others], `[[`, "position")))
}

#' Wood's tests of all smooths
#' @return Matrix with a row for each smooth: edf, Ref.df, F or Chi.sq, p-value.
#' @noRd
smooth_table <- function(object) {
  df <- smooth_test_df(object)
  rows <- lapply(object$smooths, function(smooth) {
    test <- test_of_smooth(object, smooth, df)
    c(smooth$edf, test$ref_df, test$statistic, test$p_value)
  })
  table <- do.call(rbind, rows)
  dimnames(table) <- list(vapply(object$smooths, `[[`, "", "label"),
                          c("edf", "Ref.df", if (is.finite(df)) "F" else "Chi.sq",
                            "p-value"))
  table
}

#' @noRd
test_of_smooth <- function(object, smooth, residual_df) {
  if (is.na(smooth$edf1)) return(list(ref_df = NA, statistic = NA, p_value = NA))
  # nothing is left of it
  if (smooth$edf1 < 1e-8) return(list(ref_df = 0, statistic = NA, p_value = NA))
  at <- smooth$position
  v <- object$joint$bayesian[at, at, drop = FALSE]
  if (is_random_smooth(smooth)) return(test_of_random_smooth(object, smooth, residual_df))
  # X enters through X'WX alone
  root <- unpivoted_root(semidefinite_root(object$joint$gram[at, at, drop = FALSE]))
  test_smooth(root, v, smooth$coefficients, smooth$edf1, residual_df)
}

#' Is all of a smooth penalised, as random effects are?
#' @noRd
is_random_smooth <- function(smooth) {
  length(smooth$piece$S) > 0L && smooth$piece$null_dim == 0L
}

#' @noRd
test_of_random_smooth <- function(object, smooth, residual_df) {
  phi <- object$dispersion
  penalties <- estimated_penalties(object)
  penalty <- Reduce(`+`, penalties$estimated, penalties$given)
  others <- Filter(function(s) is_random_smooth(s) && s$label != smooth$label,
                   joint_smooths(object$smooths))
  test_random_smooth(
    semidefinite_root(projected_gram(object, penalty)), smooth$position, penalty,
    all_coefficients(object), unlist(lapply(others, `[[`, "position")),
    phi * (object$given$ratio %||% 1), residual_df
  )
}

#' R-squared, deviance explained and the criterion
#' @noRd
smooth_statistics <- function(object) {
  c(mixed_statistics(object), list(
    shown = shown_criterion(object), fitted_by = smooth_method_name(object),
    r.sq = adjusted_r_squared(object), dev.expl = deviance_explained(object)
  ))
}

#' @noRd
adjusted_r_squared <- function(object) {
  if (!has_r_squared(object)) return(NULL)
  mu <- tryCatch(as.vector(stats::fitted(object)), error = function(e) NULL)
  y <- object$frame$y$y
  if (is.null(mu) || is.matrix(y) || length(mu) != length(y)) return(NULL)
  w <- sqrt(prior_weights(object))
  1 - stats::var(w * (y - mu)) * (object$nobs - 1) /
    (stats::var(w * y) * mean_residual_df(object))
}

#' Of large fits with random effects it takes too long: their trace needs a solve a row
#' @noRd
has_r_squared <- function(object) {
  has_data(object) && !has_matrix_mean(object$family) &&
    (!length(object$random) || object$n <= 2e4)
}

#' Rows less effective degrees of freedom of the mean, the same for (1 | g) and s(g, bs =
#' "re")
#' @noRd
mean_residual_df <- function(object) {
  if (!length(object$random)) return(smooth_residual_df(object))
  object$nobs - conditional_edf(object) + outside_count(object)
}

#' @noRd
deviance_explained <- function(object) {
  family <- object$family
  unit <- family$unit_deviance
  if (!has_data(object) || !is.function(unit) || !family$mean_is_main) return(NULL)
  y <- object$frame$y
  if (is.matrix(y$y)) return(NULL)
  tryCatch({
    fitted <- fit_parameters(object)
    null <- fitted
    null[[1L]] <- null_mean(object, fitted)
    1 - sum(unit(y$y, fitted, y$weights)) / sum(unit(y$y, null, y$weights))
  }, error = function(e) NULL)
}

#' The main parameter of the model with an intercept and the offset alone, other
#' parameters as they are
#' @noRd
null_mean <- function(object, fitted) {
  y <- object$frame$y
  offset <- object$frame$offsets[[1L]]
  w <- y$weights %||% rep(1, object$n)
  if (is.null(offset)) return(rep(sum(w * y$y) / sum(w), object$n))
  link <- object$family$links[[1L]]
  at <- function(intercept) link$linkinv(intercept + offset)
  deviance <- function(intercept) {
    fitted[[1L]] <- at(intercept)
    sum(object$family$unit_deviance(y$y, fitted, y$weights))
  }
  middle <- stats::weighted.mean(link$linkfun(fitted[[1L]]) - offset, w)
  spread <- 5 + 5 * stats::sd(link$linkfun(fitted[[1L]]))
  at(stats::optimize(deviance, middle + c(-1, 1) * spread, tol = 1e-8)$minimum)
}

#' @rdname summary.gamut
#' @export
print.summary.gamut_smooth <- function(x, digits = max(3L, getOption("digits") - 3L),
                                       signif.stars = # nolint: object_name_linter.
                                         getOption("show.signif.stars"),
                                       symbolic.cor = x$symbolic.cor, # nolint
                                       max_rows = 60L, ...) {
  print_family(x$family, x$fitted_by)
  cat("\nFormula:\n")
  for (f in formula_lines(x$formula)) cat(f, "\n", sep = "")
  if (x$random) {
    cat("\nRandom effects:\n")
    print_varcorr(x$varcor, c("Variance", "Std.Dev."), digits)
    print_groups(x)
  }
  print_summary_tables(x, digits, signif.stars, max_rows, ...)
  cat("\nApproximate significance of smooth terms:\n")
  stats::printCoefmat(x$smooths, digits = digits, signif.stars = signif.stars,
                      has.Pvalue = TRUE, na.print = "NA", cs.ind = 1L, ...)
  if (x$apart) {
    cat("(Smooths of more than ", joint_limit, " coefficients are not tested: compare ",
        "with a fit without\nby anova())\n", sep = "")
  }
  print_vcov_label(x$vcov)
  if (!is.null(x$given_dispersion)) {
    cat("\n(Dispersion taken to be ", format(x$given_dispersion, digits = digits), ")\n",
        sep = "")
  }
  cat("\n")
  print_smooth_statistics(x, digits)
  print_limits(x$limits)
  print_robust(x$robust)
  print_correlation(x$correlation, symbolic.cor, digits)
  print_boundary(x$convergence)
  print_convergence(x$convergence)
  cat("\n")
  invisible(x)
}

#' lo() terms alone maximise nothing
#' @noRd
smooth_method_name <- function(object) {
  if (!has_surfaces(object)) return(fitted_name(object$method))
  paste0(if (length(object$criterion$theta)) paste0(fitted_name(object$method), " and "),
         "local scoring")
}

#' @noRd
fitted_name <- function(method) if (method == "ML") "maximum likelihood" else method

#' @noRd
formula_lines <- function(formula) {
  formulas <- if (inherits(formula, "formula")) list(formula) else formula
  unlist(lapply(formulas, function(f) deparse(f, width.cutoff = 75L)))
}

#' @noRd
print_smooth_statistics <- function(x, digits) {
  if (!is.null(x$r.sq)) cat("R-sq.(adj) = ", formatC(x$r.sq, digits = 3L, width = 5L))
  if (!is.null(x$dev.expl)) {
    cat(if (!is.null(x$r.sq)) "   ", "Deviance explained = ",
        formatC(100 * x$dev.expl, digits = 3L), "%", sep = "")
  }
  if (!is.null(x$r.sq) || !is.null(x$dev.expl)) cat("\n")
  cat(x$shown$name, " = ", format(x$shown$value, digits = max(5L, digits)), sep = "")
  scale <- if (length(x$sigma) == 1L && is.finite(x$sigma)) x$sigma^2
  if (!is.null(scale)) cat("  Scale est. = ", format(scale, digits = digits), sep = "")
  cat("  n = ", format(x$nobs, scientific = FALSE), "\n", sep = "")
}

#' What says how good a fit is: the criterion that was minimised, or with nothing but lo()
#' terms, which minimise none, the conditional AIC
#' @noRd
shown_criterion <- function(object) {
  if (has_surfaces(object) && !length(object$criterion$theta)) {
    return(list(name = "AIC", value = AIC.gamut(object)))
  }
  gcv <- object$criterion$gcv
  if (!is.null(gcv)) return(list(name = object$method, value = gcv))
  list(name = paste0("-", object$method), value = mixed_statistics(object)$criterion / 2)
}

#' A fit with smooths: coefficients, degrees of freedom, criterion
#' @noRd
print_smooth <- function(x, digits, most) {
  print_family(x$family, smooth_method_name(x))
  cat("\nFormula:\n")
  for (f in formula_lines(x$formula)) cat(f, "\n", sep = "")
  if (length(x$random)) {
    cat("\nRandom effects:\n")
    print_varcorr(VarCorr.gamut(x), "Std.Dev.", digits)
  }
  for (table in summary_tables(x)) {
    print_predictor_coefficients(x, table, digits, most)
  }
  edf <- vapply(x$smooths, `[[`, 0, "edf")
  names(edf) <- vapply(x$smooths, `[[`, "", "label")
  cat("\nEffective degrees of freedom:\n")
  print.default(format(edf, digits = digits), print.gap = 2L, quote = FALSE)
  shown <- shown_criterion(x)
  cat("\n", shown$name, " = ", format(shown$value, digits = max(5L, digits)),
      "  n = ", format(x$nobs, scientific = FALSE), "\n", sep = "")
  print_limits(smooth_limits(x))
  print_robust(x$robust)
  print_boundary(x$convergence)
  print_convergence(x$convergence)
  invisible(x)
}

#' Labels of smooths whose smoothing parameters are all infinite
#' @noRd
smooth_limits <- function(object) {
  at <- vapply(object$smooths, function(smooth) {
    length(smooth$lambda) > 0L && all(is.infinite(smooth$lambda))
  }, NA)
  vapply(object$smooths[at], `[[`, "", "label")
}

#' @noRd
print_limits <- function(labels) {
  if (!length(labels)) return(invisible())
  text <- paste0("At the limit of infinite smoothing: ", enumerate(labels, 8L))
  cat("\n", paste(strwrap(text, exdent = 2L), collapse = "\n"), "\n", sep = "")
}

#' Wald tests of the parametric terms of the main predictor, and tests of all smooths
#' @param test `NULL` for F or chi-squared tests as the dispersion is estimated or not.
#' @noRd
anova_smooth <- function(object, dispersion, test, ddf) {
  refuse_smooth_ddf(ddf)
  object <- at_dispersion(object, dispersion)
  df <- smooth_test_df(object)
  letter <- if (is.finite(df)) "F" else "Chisq"
  if (identical(test, "LRT")) test <- "Chisq"
  if (!is.null(test) && test != letter) {
    abort_argument("test", paste0("\"", letter, "\", the test of this model"), test)
  }
  place <- object$predictors[[1L]]
  parametric <- lapply(seq_along(place$term_labels), parametric_test, object = object,
                       df = df)
  smooths <- smooth_table(object)
  rows <- rbind(do.call(rbind, parametric), unname(smooths))
  table <- as.data.frame(rows)
  dimnames(table) <- list(c(place$term_labels, rownames(smooths)),
                          c("Df", "Ref.df", letter, paste0("Pr(>", letter, ")")))
  structure(table, class = c("anova", "data.frame"),
            heading = "Wald tests of parametric terms and of smooths\n")
}

#' Wald test that all coefficients of a term are 0, given all other terms
#' @return Degrees of freedom, the same as those of reference, statistic, p-value.
#' @noRd
parametric_test <- function(object, t, df) {
  place <- object$predictors[[1L]]
  at <- place$position[place$assign == t]
  at <- at[!is.na(object$coefficients[at])]
  b <- object$coefficients[at]
  size <- length(at)
  statistic <- sum(b * solve(object$joint$bayesian[at, at, drop = FALSE], b))
  if (is.finite(df)) statistic <- statistic / size
  p <- if (is.finite(df)) stats::pf(statistic, size, df, lower.tail = FALSE)
       else stats::pchisq(statistic, size, lower.tail = FALSE)
  c(size, size, statistic, p)
}

#' The deviance at the smooths as they are; minus twice the log-likelihood where the
#' family has none
#' @noRd
smooth_deviance <- function(object) {
  if (is_profiled(object$family)) return(object$deviance)
  if (!has_data(object)) return(object$criterion$minus2loglik)
  # with a dispersion among the parameters it is that of the family without
  known <- has_deviance(object$family) || !is.null(object$family$precision)
  if (!known) return(-2 * conditional_value(object))
  plain_deviance(object$family, object$frame, fit_parameters(object))
}

#' The deviance where unit deviances may be over a dispersion
#'
#' Those of a family with a dispersion predictor are over that of the row, phi / w, of
#' which 1 / w is an offset.
#' @noRd
plain_deviance <- function(family, frame, parameters) {
  unit <- family$unit_deviance(frame$y$y, parameters, frame$y$weights)
  name <- names(family$precision)
  if (is.null(name)) return(sum(unit))
  plain <- parameters[[name]] * exp(-(frame$offsets[[name]] %||% 0))
  sum(unit * if (name == "sigma") plain^2 else plain)
}
