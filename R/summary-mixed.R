# The summary of a fit with random effects, in the layout that users of lme4 know.

#' @noRd
summary_mixed <- function(object, dispersion, correlation, symbolic, vcov, label,
                          ddf = NULL) {
  aliased <- is.na(object$coefficients)
  if (!is.null(vcov)) vcov <- chosen_vcov(object, vcov)
  errors <- chosen_errors(object, vcov, dispersion)
  ddf <- chosen_ddf(object, if (is.null(vcov)) ddf else ddf %||% "none")
  result <- c(
    list(call = object$call, formula = object$formula, family = object$family,
         method = object$method, title = mixed_title(object),
         coefficients = fixed_tests(object, errors, ddf)[!aliased, , drop = FALSE],
         ddf = ddf,
         aliased = aliased, tables = summary_tables(object), dispersion = dispersion,
         sigma = if (is_profiled(object$family)) sqrt(dispersion), vcov = label,
         df = c(object$rank, object$df.residual, length(aliased))),
    mixed_statistics(object),
    list(varcor = VarCorr.gamut(object), ngrps = ngrps.gamut(object),
         residuals = scaled_residuals(object),
         convergence = object$convergence[c("converged", "code", "message", "boundary")],
         na.action = object$na.action)
  )
  if (correlation && object$rank > 0L) {
    result$correlation <- correlation_of_estimates(object, vcov)
    result$symbolic.cor <- symbolic
  }
  structure(result, class = c("summary.gamut_mixed", "summary.gamut"))
}

#' Estimates, standard errors and tests of the fixed effects
#'
#' Where the dispersion is not profiled, z tests. In a linear mixed model t values, with
#' degrees of freedom and p values if asked for.
#' @noRd
fixed_tests <- function(object, se = standard_errors(object), ddf = NULL) {
  estimate <- object$coefficients
  if (!is.null(ddf)) {
    tests <- degrees_of_freedom(object, type = ddf)
    if (ddf == "kenward-roger") se <- tests$se
    statistic <- estimate / se
    return(cbind("Estimate" = estimate, "Std. Error" = se, "df" = tests$den_df,
                 "t value" = statistic,
                 "Pr(>|t|)" = 2 * stats::pt(-abs(statistic), tests$den_df)))
  }
  statistic <- estimate / se
  if (!is_profiled(object$family)) {
    return(cbind("Estimate" = estimate, "Std. Error" = se, "z value" = statistic,
                 "Pr(>|z|)" = 2 * stats::pnorm(-abs(statistic))))
  }
  cbind("Estimate" = estimate, "Std. Error" = se, "t value" = statistic)
}

#' "Linear mixed model fit by REML"
#' @noRd
mixed_title <- function(object) {
  linear <- is_profiled(object$family)
  by <- if (identical(object$method, "REML")) "REML" else "maximum likelihood"
  paste0(if (linear) "Linear" else "Generalised linear", " mixed model fit by ", by,
         if (!linear) paste0(" (", integral_name(object$nagq), ")"))
}

#' @noRd
mixed_statistics <- function(object) {
  found <- object$criterion
  loglik <- -(found$minus2restricted %||% found$minus2loglik) / 2
  parameters <- mixed_parameter_count(object)
  list(criterion = -2 * loglik, logLik = loglik, aic = 2 * (parameters - loglik),
       bic = log(object$nobs) * parameters - 2 * loglik,
       df.residual = as.integer(object$nobs - parameters),
       iter = object$convergence$iterations, nobs = as.integer(object$nobs),
       rows = object$n)
}

#' Pearson residuals over the residual standard deviation; none where there is no variance
#' @noRd
scaled_residuals <- function(object) {
  if (!has_data(object) || has_matrix_mean(object$family)) return(NULL)
  residuals <- tryCatch(pearson_residuals(object), error = function(e) NULL)
  residuals <- residuals[is.finite(residuals) & prior_weights(object) > 0]
  if (length(residuals)) residuals / sqrt(object$dispersion)
}

#' @rdname summary.gamut
#' @export
print.summary.gamut_mixed <- function(x, digits = max(3L, getOption("digits") - 3L),
                                      signif.stars = getOption("show.signif.stars"), # nolint
                                      symbolic.cor = x$symbolic.cor, # nolint
                                      max_rows = 60L, ...) {
  print_mixed_heading(x)
  cat("\n")
  print_criterion(x, digits)
  print_scaled_residuals(x$residuals, digits)
  cat("\nRandom effects:\n")
  print_varcorr(x$varcor, c("Variance", "Std.Dev."), digits)
  print_groups(x)
  print_summary_tables(x, digits, signif.stars, max_rows, ...)
  print_vcov_label(x$vcov)
  print_ddf(x$ddf, isTRUE(x$refitted))
  print_correlation(x$correlation, symbolic.cor, digits)
  print_boundary(x$convergence)
  print_convergence(x$convergence)
  cat("\n")
  invisible(x)
}

#' @noRd
print_mixed_heading <- function(x) {
  cat(strwrap(x$title, exdent = 2L), sep = "\n")
  family <- x$family
  if (!is_profiled(family)) {
    links <- if (length(family$links) > 1L) describe_links(family)
             else paste(family$link, "link")
    cat(" Family: ", family$family, " (", links, ")\n", sep = "")
  }
  formula <- paste(trimws(deparse(x$formula)), collapse = " ")
  cat(strwrap(paste("Formula:", formula), exdent = 4L), sep = "\n")
  data <- x$call$data
  if (is.name(data) || is.call(data)) {
    text <- deparse(data, nlines = 2L)
    if (length(text) == 1L) cat("   Data: ", shorten(text, 60L), "\n", sep = "")
  }
}

#' "REML criterion: 1743.6", or a line of criteria
#' @noRd
print_criterion <- function(x, digits) {
  if (identical(x$method, "REML")) {
    cat("REML criterion: ", format(round(x$criterion, 1L), nsmall = 1L), "\n", sep = "")
    return(invisible())
  }
  values <- c(AIC = x$aic, BIC = x$bic, logLik = x$logLik, "-2*log(L)" = x$criterion)
  text <- c(formatC(values, format = "f", digits = 1L),
            df.resid = format(x$df.residual, scientific = FALSE))
  print(text, quote = FALSE, right = TRUE)
}

#' @noRd
print_scaled_residuals <- function(residuals, digits) {
  if (is.null(residuals)) return(invisible())
  cat("\nScaled residuals:\n")
  five <- stats::quantile(residuals, names = FALSE)
  names(five) <- c("Min", "1Q", "Median", "3Q", "Max")
  print(zapsmall(five, digits + 1L), digits = digits)
}

#' "Number of obs: 180, groups:  Subject, 18"
#' @noRd
print_groups <- function(x) {
  count <- function(n) format(n, scientific = FALSE, trim = TRUE)
  groups <- paste(paste(names(x$ngrps), count(x$ngrps), sep = ", "), collapse = "; ")
  text <- paste0("Number of obs: ", count(x$nobs), ", groups:  ", groups)
  if (nchar(text) > getOption("width")) text <- strwrap(text, exdent = 2L)
  cat(text, sep = "\n")
  dropped <- stats::naprint(x$na.action)
  weightless <- x$rows - x$nobs
  notes <- c(if (nzchar(dropped)) dropped,
             if (weightless > 0L) paste(weightless, "more of weight 0"))
  if (length(notes)) cat("(", paste(notes, collapse = "; "), ")\n", sep = "")
}

#' What stands on the boundary is a result, not a failure
#' @noRd
print_boundary <- function(convergence) {
  lines <- unlist(lapply(convergence$boundary, boundary_sentence))
  for (line in lines) cat("\n", paste(strwrap(line), collapse = "\n"), "\n", sep = "")
}

#' @noRd
boundary_sentence <- function(term) {
  labels <- paste(term$labels, collapse = ", ")
  if (term$rank == 0L) return(paste0("Variance estimated as 0: ", labels))
  zero <- length(term$effects)
  rest <- term$size - zero
  none <- paste0("Variance estimated as 0: ", enumerate(term$effects), " in ", labels)
  c(if (zero) none,
    if (term$rank < rest) {
      paste0("Perfectly correlated: the ", rest, " effects of ", labels,
             " have a covariance of rank ", term$rank)
    },
    if (isTRUE(term$independent)) {
      paste0("Range estimated as 0: the effects of ", labels, " are independent. If ",
             "each is of one row, their variance and that of the residuals are one")
    })
}

#' @noRd
print_mixed <- function(x, digits, most) {
  statistics <- mixed_statistics(x)
  shown <- c(x[c("call", "formula", "family", "method", "convergence", "na.action")],
             statistics, list(title = mixed_title(x), ngrps = ngrps.gamut(x)))
  print_mixed_heading(shown)
  print_criterion(shown, digits)
  cat("Random effects:\n")
  print_varcorr(VarCorr.gamut(x), "Std.Dev.", digits)
  print_groups(shown)
  alike <- alike_predictors(x)
  if (any(alike)) print_alike_coefficients(x, alike, digits, most)
  tables <- summary_tables(x)
  for (table in if (any(alike)) tables[!alike] else tables) {
    print_predictor_coefficients(x, table, digits, most)
  }
  if (!length(x$coefficients)) cat("\nNo fixed effects\n")
  print_boundary(x$convergence)
  print_convergence(x$convergence)
  invisible(x)
}

#' @noRd
print_ddf <- function(ddf, refitted = FALSE) {
  if (is.null(ddf)) return(invisible())
  method <- switch(ddf, satterthwaite = "Satterthwaite's", "Kenward and Roger's")
  text <- paste0("(Degrees of freedom by ", method, " method",
                 if (refitted) ", for which the model was refitted by REML", ")")
  cat("\n", paste(strwrap(text), collapse = "\n"), "\n", sep = "")
}
