# The summary of a fit: its numbers first, then how they are printed.

#' Summary of a fit
#'
#' @param object A fit.
#' @param x A summary.
#' @param dispersion Dispersion to use in place of the fit's; tests are then z tests, and
#'   those of smooths chi-squared.
#' @param vcov Covariance of the coefficients to use in place of the model's: a matrix, a
#'   function of the fit (such as `sandwich::vcovHC`), a type such as `"HC3"`, or a list
#'   of arguments of `vcov()`, as in `list(type = "HC1", cluster = ~ school)`; see
#'   [vcov-robust].
#' @param ddf Degrees of freedom of a linear mixed model: `"satterthwaite"`,
#'   `"kenward-roger"` (which corrects standard errors, too), or `"none"`; `NULL`: see
#'   below.
#' @param correlation Also the correlation matrix of the estimates?
#' @param symbolic.cor Print correlations as symbols?
#' @param digits Number of significant digits.
#' @param signif.stars Print stars of significance?
#' @param max_rows A table of more rows is printed by its first and last rows.
#' @param ... For `print()`, further arguments of [stats::printCoefmat()].
#'
#' @details
#' The tests are those of [stats::glm()]: z tests where the dispersion is known, t tests
#' with the residual degrees of freedom where it is estimated. Aliased coefficients are
#' left out of the table of numbers and printed as `NA`. Each linear predictor, or
#' category, has a table of its own in print. Standard errors are taken from the compact
#' covariance, so that the summary of a factor with thousands of levels costs little.
#'
#' **Random effects.** The layout is that of lme4. Scaled residuals are Pearson residuals
#' over the residual standard deviation. The criterion of a fit by REML is not comparable
#' between models of different fixed effects, so AIC and BIC are shown only for fits by
#' maximum likelihood; they count the parameters of the covariances, too. A variance that
#' is estimated as 0 is said below the table, and is no failure of the fit. Fixed effects
#' have z tests; in a linear mixed model t tests with the degrees of freedom that `ddf`
#' asks for, by default Satterthwaite's where they cost little: with random effects of one
#' factor, or up to 500 of several, and up to 50 coefficients. Without them there are t
#' values only. With Kenward and Roger's method the summary of a fit by ML is that of its
#' refit by REML in all its parts, as their errors do not belong to estimates by ML.
#' See [degrees_of_freedom()].
#'
#' **Smooths.** The layout is that of mgcv. Parametric coefficients have t tests with the
#' residual degrees of freedom (rows less effective degrees of freedom) where a
#' dispersion is estimated, else z tests. Each smooth is tested by Wood's statistics
#' (2013): one with functions that its penalty leaves alone by its estimate against the
#' covariance, with the rank `Ref.df` from its effective degrees of freedom `edf`; one
#' without, such as `bs = "re"` or `"fs"`, by the likelihood ratio (`NA` where these have
#' more than 500 coefficients: there `anova()` with a fit without is the test). They take
#' smoothing parameters as known, so that p-values near a threshold are somewhat too
#' small. A `dispersion` scales the covariances of the mean's coefficients and of its
#' smooths; those of the dispersion itself, as in `Gamma()`, stay as they are, and beside
#' random effects it is an error. So is a `ddf` but `"none"`. `vcov` is for the parametric
#' coefficients alone.
#'
#' @return A list of class `"summary.gamut"` with, named as in `summary.glm()`,
#'   `call`, `family`, `coefficients` (a matrix with the columns `Estimate`, `Std. Error`,
#'   `z value` or `t value`, and the p value; `coef()` extracts it), `aliased`,
#'   `dispersion`, `df` (numbers of estimated coefficients, residual degrees of freedom,
#'   all coefficients), `deviance`, `null.deviance`, `df.residual`, `df.null`, `aic`,
#'   `iter`, `na.action`, and `correlation` if asked for; `vcov`, which covariance the
#'   standard errors are of (`NULL` for the model's); further `logLik`, `nobs`,
#'   `rows`, `method`, `convergence`, and `tables`: for each predictor its heading and
#'   the rows of `coefficients` that belong to it. The covariance is not repeated here:
#'   see [vcov()][vcov.gamut].
#'
#'   With random effects the class is also `"summary.gamut_mixed"`; there are no null
#'   deviance and null log-likelihood, and further `varcor` (see [VarCorr.gamut()]),
#'   `ngrps` (see [ngrps()]), `sigma` (the residual standard deviation, of a linear mixed
#'   model), `residuals` (scaled), `criterion` and `bic`.
#'
#'   With smooths it is `"summary.gamut_smooth"`, with `smooths`, a matrix of the tests,
#'   `r.sq`, `dev.expl`, `gcv`, `limits` (smooths whose smoothing parameters are all
#'   infinite), `given_dispersion`, and `varcor` and `ngrps` as above.
#' @references
#' Wood, S. N. (2013) On p-values for smooth components of an extended generalized
#' additive model. *Biometrika* 100, 221-228. \doi{10.1093/biomet/ass048}
#'
#' Wood, S. N. (2013) A simple test for random effects in regression models. *Biometrika*
#' 100, 1005-1010. \doi{10.1093/biomet/ast038}
#' @examples
#' fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' summary(fit)
#' coef(summary(fit))
#'
#' # t tests with an estimated dispersion
#' summary(gamut(count ~ spray, family = quasipoisson(), data = InsectSprays))
#'
#' # smooths
#' summary(fit_gam(Ozone ~ s(Wind) + s(Temp), data = airquality), correlation = TRUE)
#'
#' # random effects
#' fit <- gamut(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' summary(fit, ddf = "kenward-roger")
#' @export
summary.gamut <- function(object, dispersion = NULL, correlation = FALSE,
                          symbolic.cor = FALSE, # nolint: object_name_linter.
                          vcov = NULL, ddf = NULL, ...) {
  label <- vcov_label(vcov, substitute(vcov))
  by <- object$method
  if (length(object$smooths)) {
    return(summary_smooth(object, dispersion, correlation, symbolic.cor, vcov, label,
                          ddf))
  }
  object <- fit_for_ddf(object, ddf)
  estimated <- is.null(dispersion) && !object$dispersion_fixed
  if (is.null(dispersion)) dispersion <- object$dispersion
  check_dispersion(dispersion)
  if (is_mixed(object)) {
    correlation <- check_flag(correlation, "correlation")
    result <- summary_mixed(object, dispersion, correlation, symbolic.cor, vcov, label,
                            ddf)
    if (object$method != by) result$refitted <- TRUE
    return(result)
  }
  aliased <- is.na(object$coefficients)
  # once, for the correlations too
  if (!is.null(vcov)) vcov <- chosen_vcov(object, vcov)
  errors <- chosen_errors(object, vcov, dispersion)
  table <- coefficient_table(object, errors, estimated)
  result <- c(
    list(call = object$call, family = object$family, method = object$method,
         fitted_by = fitting_method(object),
         coefficients = table[!aliased, , drop = FALSE], aliased = aliased,
         tables = summary_tables(object), dispersion = dispersion, vcov = label,
         df = c(object$rank, object$df.residual, length(aliased))),
    fit_statistics(object),
    list(convergence = object$convergence[c("converged", "code", "message")],
         na.action = object$na.action)
  )
  if (check_flag(correlation, "correlation") && object$rank > 0L) {
    result$correlation <- correlation_of_estimates(object, vcov)
    result$symbolic.cor <- symbolic.cor
  }
  structure(result, class = "summary.gamut")
}

#' @noRd
check_dispersion <- function(dispersion) {
  # the estimate itself may be NaN: a saturated model has nothing left to estimate it
  fine <- is.numeric(dispersion) && length(dispersion) == 1L &&
    (is.nan(dispersion) || isTRUE(dispersion >= 0))
  if (!fine) abort_argument("dispersion", "one number, 0 or more", dispersion)
}

#' Estimates, standard errors and tests of all coefficients
#' @noRd
coefficient_table <- function(object, se, estimated, df = object$df.residual) {
  estimate <- object$coefficients
  statistic <- estimate / se
  p <- if (!estimated) 2 * stats::pnorm(-abs(statistic))
       else if (df > 0) 2 * stats::pt(-abs(statistic), df)
       else rep(NaN, length(estimate))
  letter <- if (estimated) "t" else "z"
  table <- cbind(estimate, se, statistic, p)
  dimnames(table) <- list(names(estimate), c("Estimate", "Std. Error",
                                             paste(letter, "value"),
                                             paste0("Pr(>|", letter, "|)")))
  table
}

#' @param vcov A covariance to use in place of the model's, or `NULL`.
#' @noRd
correlation_of_estimates <- function(object, vcov) {
  stats::cov2cor(
    if (is.null(vcov)) vcov.gamut(object, complete = FALSE, dispersion = 1)
    else estimated_block(vcov, is.na(object$coefficients))
  )
}

#' Rows and columns of estimated coefficients
#' @noRd
estimated_block <- function(covariance, aliased) {
  if (nrow(covariance) < length(aliased)) return(covariance)
  covariance[!aliased, !aliased, drop = FALSE]
}

#' Deviances, likelihood and counts
#' @noRd
fit_statistics <- function(object) {
  null <- null_deviance(object)
  loglik <- log_likelihood(object)
  list(
    deviance = object$deviance, null.deviance = null,
    df.residual = object$df.residual,
    df.null = as.integer(object$nobs) - null_rank(object),
    logLik = loglik, null.logLik = loglik + (object$deviance - null) / 2,
    aic = 2 * (parameter_count(object) - loglik), iter = object$convergence$iterations,
    nobs = as.integer(object$nobs), rows = object$n
  )
}

#' Which coefficients belong to which table, under which heading
#'
#' Slopes that predictors share come first, thresholds last.
#' @noRd
summary_tables <- function(object) {
  tables <- lapply(object$predictors, function(predictor) {
    own <- predictor$role == "own"
    list(heading = predictor_heading(object, predictor), names = predictor$names[own],
         position = predictor$position[own])
  })
  if (is.null(object$family$thresholds)) return(tables)
  of_role <- function(role, heading, field) {
    entries <- lapply(object$predictors, function(p) {
      at <- p$role == role
      list(names = p[[field]][at], position = p$position[at])
    })
    position <- unlist(lapply(entries, `[[`, "position"), use.names = FALSE)
    first <- !duplicated(position)
    names <- unlist(lapply(entries, `[[`, "names"), use.names = FALSE)
    list(heading = heading, names = names[first], position = position[first])
  }
  c(list(shared = of_role("shared", "Coefficients", "names")), tables,
    list(thresholds = of_role("threshold", "Thresholds", "coefficients")))
}

#' @noRd
predictor_heading <- function(object, predictor) {
  family <- object$family
  if (!is.null(family$against) && predictor$spread) {
    return(paste0("Coefficients of ", predictor$name, " against ",
                  family$against(family)))
  }
  if (!is.null(family$thresholds) && predictor$spread) {
    return(paste("Coefficients at threshold", predictor$name))
  }
  name <- if (length(object$smooths)) "Parametric coefficients"
          else if (is_mixed(object)) "Fixed effects" else "Coefficients"
  if (length(object$predictors) == 1L) return(name)
  paste0(name, " of ", predictor$name, " (", predictor$link$name, " link)")
}

#' @rdname summary.gamut
#' @export
print.summary.gamut <- function(x, digits = max(3L, getOption("digits") - 3L),
                                signif.stars = getOption("show.signif.stars"), # nolint
                                symbolic.cor = x$symbolic.cor, # nolint
                                max_rows = 60L, ...) {
  print_call(x$call)
  print_family(x$family, x$fitted_by)
  print_summary_tables(x, digits, signif.stars, max_rows, ...)
  print_vcov_label(x$vcov)
  if (has_deviance(x$family) || x$dispersion != 1) {
    cat("\n(Dispersion parameter for ", x$family$family, " family taken to be ",
        format(x$dispersion, digits = max(5L, digits + 1L)), ")\n", sep = "")
  }
  cat("\n")
  print_fit_lines(x, digits)
  print_rows(x$nobs, x$na.action, x$rows)
  cat("Iterations: ", x$iter, "\n", sep = "")
  print_correlation(x$correlation, symbolic.cor, digits)
  print_convergence(x$convergence)
  cat("\n")
  invisible(x)
}

#' @noRd
print_summary_tables <- function(x, digits, stars, max_rows, ...) {
  if (!length(x$aliased)) {
    cat("\nNo coefficients\n")
    return(invisible())
  }
  full <- matrix(NA_real_, length(x$aliased), ncol(x$coefficients),
                 dimnames = list(names(x$aliased), colnames(x$coefficients)))
  full[!x$aliased, ] <- x$coefficients
  tables <- Filter(function(table) length(table$position) > 0L, x$tables)
  tested <- startsWith(colnames(full)[ncol(full)], "Pr(")
  starred <- vapply(tables, function(table) {
    tested && any(full[table$position, ncol(full)] < 0.1, na.rm = TRUE)
  }, NA)
  for (k in seq_along(tables)) {
    part <- full[tables[[k]]$position, , drop = FALSE]
    rownames(part) <- tables[[k]]$names
    print_table_heading(tables[[k]]$heading, sum(x$aliased[tables[[k]]$position]))
    print_coefficient_table(part, digits, stars, max_rows,
                            legend = k == max(which(starred), 0L), ...)
  }
}

#' @noRd
print_table_heading <- function(heading, aliased) {
  cat("\n", heading, ":", sep = "")
  if (aliased) cat(" (", aliased, " not defined because of singularities)", sep = "")
  cat("\n")
}

#' @noRd
print_vcov_label <- function(label) {
  if (is.null(label)) return(invisible())
  text <- strwrap(paste0("(Standard errors by covariance: ", label, ")"))
  cat("\n", paste(text, collapse = "\n"), "\n", sep = "")
}

#' @noRd
print_correlation <- function(correlation, symbolic, digits) {
  p <- NCOL(correlation)
  if (is.null(correlation) || p < 2L) return(invisible())
  cat("\nCorrelation of coefficients:\n")
  if (isTRUE(symbolic)) {
    print(stats::symnum(correlation, abbr.colnames = NULL))
    return(invisible())
  }
  text <- format(round(correlation, 2L), nsmall = 2L, digits = digits)
  text[!lower.tri(text)] <- ""
  print(text[-1L, -p, drop = FALSE], quote = FALSE)
}
