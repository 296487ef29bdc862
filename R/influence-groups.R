# What a group of rows does to the fit: the model without each of them. A row is left out
# by a weight of 0, so that the problem, its columns and its coefficients stay as they
# are; the effects of a level without rows are 0 and count for nothing.

#' Influence of groups, and of the rows of a mixed model
#'
#' `influence(fit, group = "Subject")` fits the model without each subject in turn, and
#' says what that does to the fixed effects, their standard errors, and the variances of
#' random effects. A fit with random effects has the influence of its single rows this way
#' too, by `influence(fit)`.
#'
#' @param model,x What [influence()][influence.gamut] gives for groups.
#' @param n Number of groups to print, the most influential ones by Cook's distance.
#' @param digits Number of significant digits.
#' @param what Panels to draw, of `"cook"`, `"dfbetas"` (one for each coefficient),
#'   `"covratio"` and `"covariance"` (one for each standard deviation and correlation).
#' @param layout,ask As in [plot.gamut()].
#' @param row.names,optional Not used; there for the generic.
#' @param ... For `plot()`: `main`, `xlab`, `ylab`, `ylim` and `col`; else not used.
#'
#' @details
#' With \eqn{\hat\beta_{(g)}}{beta_(g)} the fixed effects without group \eqn{g} and
#' \eqn{V_{(g)}}{V_(g)} their covariance, \eqn{\hat\beta}{beta} and \eqn{V} those of the
#' fit, and \eqn{p} the number of estimated fixed effects:
#'
#' * `dfbeta()`: \eqn{\hat\beta - \hat\beta_{(g)}}{beta - beta_(g)}, with the sign that it
#'   has for `lm()`; in package lme4 it has the other one.
#' * `dfbetas()`: these over the standard errors without the group.
#' * `cooks.distance()`: \eqn{(\hat\beta - \hat\beta_{(g)})'V^{-1}(\hat\beta -
#'   \hat\beta_{(g)})/p}{(beta - beta_(g))' V^-1 (beta - beta_(g)) / p}. That of package
#'   lme4 for an `influence()` is \eqn{(m - p)/m} times as large for \eqn{m} groups.
#' * `covratio`: \eqn{\det V_{(g)}/\det V}{det V_(g) / det V}. Above 1 the group makes the
#'   estimates more precise, below 1 less.
#'
#' Refits are exact, by the method of the fit, and begin at its estimates. With
#' `refit = FALSE`, for linear mixed models, all variances and correlations are held at
#' those of the fit, and what is left is exact, too: the generalised least squares
#' estimates without the group. It says less of a group that the variances owe their size
#' to. For single rows of a linear mixed model this is the default, as it takes one pass
#' over the data in all (Haslett and Hayes 1998); refits take one fit for each row.
#'
#' A coefficient that cannot be estimated without a group is `NA` there, and so are the
#' distance and the ratio; a group without which the model cannot be fitted has `NA` in
#' all, and one whose search did not end is not `converged`: a warning names both.
#'
#' @return `influence()` with `group`, or of a fit with random effects, is a list of class
#' `"gamut_influence"` with a row, or an element, for each group:
#' \describe{
#' \item{`fixed`}{matrix of the estimated fixed effects without the group}
#' \item{`coefficients`, `dfbetas`, `cook`, `covratio`}{see the details; `coefficients`
#'   are those of `dfbeta()`}
#' \item{`covariance`}{matrix of the standard deviations (`sd_`) and correlations (`cor_`)
#'   of random effects without the group, and `sigma`; `NULL` where they are held}
#' \item{`size`}{number of rows of the group with a positive weight}
#' \item{`converged`}{whether the search ended}
#' \item{`group`, `refit`}{what the groups are of, and whether the model was refitted}
#' \item{`full`}{`fixed`, `covariance` and `vcov` of the fit}
#' }
#' `as.data.frame()` has a row for each group: `group`, `size`, `cook`, `covratio`,
#' `converged`, and DFBETAS under the names of the coefficients. `plot()` returns the data
#' drawn, invisibly. Its dotted lines are rules of thumb for \eqn{m} groups,
#' \eqn{4/m} for Cook's distances and \eqn{\pm 2/\sqrt m}{+- 2 / sqrt(m)} for DFBETAS (one
#' for COVRATIO), and the estimates of the fit for variances.
#' @section Errors:
#' `gamut_error_group` where `group` is no variable of the data, has missing values or one
#' level only; `gamut_error_unsupported` for `refit = FALSE` of a model that is no linear
#' mixed one; `gamut_error_data` for a fit without its data; `gamut_error_size` for single
#' rows with `refit = FALSE` where there are more than 3000 random effects of several
#' factors. Warning: `gamut_warning_convergence`.
#' @references
#' Demidenko, E. and Stukel, T. A. (2005) Influence analysis for linear mixed-effects
#' models. *Statistics in Medicine* 24, 893-909. \doi{10.1002/sim.1974}
#'
#' Haslett, J. and Hayes, K. (1998) Residuals for the linear model with general covariance
#' structure. *Journal of the Royal Statistical Society B* 60, 201-215.
#' \doi{10.1111/1467-9868.00119}
#' @seealso [hatvalues.gamut()] for leverages and the measures of single rows.
#' @examples
#' fit <- gamut(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' by_subject <- influence(fit, group = "Subject")
#' by_subject
#' head(by_subject$covariance)
#' plot(by_subject)
#'
#' # a variable of the data that is no grouping factor
#' cooks.distance(fit, group = ~ age)
#' head(dfbetas(influence(fit)))
#' @name gamut_influence
NULL

#' @noRd
influence_of_groups <- function(model, group, refit) {
  linear <- is_mixed(model) && is_profiled(model$family)
  refit <- if (is.null(refit)) !(linear && is.null(group)) else check_flag(refit, "refit")
  if (!refit && !linear) {
    abort_gamut("`refit = FALSE` holds the variances of a linear mixed model, and this ",
                "model is none: leave it out.", class = "unsupported")
  }
  require_data(model, "influence()")
  if (!model$rank) {
    abort_gamut("influence() measures what fixed effects change by, and the model has ",
                "none.", class = "unsupported")
  }
  parts <- deleted_groups(model, group)
  found <- if (is.null(group) && !refit) row_deletions(model, parts$rows)
           else group_deletions(model, parts$rows, refit)
  new_influence(model, parts, found, refit)
}

# --- which rows are left out ----------------------------------------------------------

#' Rows of each group, by their names
#' @return list: `label`, `rows` (named list of row numbers, those with a weight).
#' @noRd
deleted_groups <- function(model, group) {
  counted <- which(prior_weights(model) > 0)
  if (is.null(group)) {
    names <- frame_row_names(model$frame)[counted]
    return(list(label = "row", rows = stats::setNames(as.list(counted), names)))
  }
  found <- group_variable(model, group)
  if (anyNA(found$value)) {
    rows <- frame_row_names(model$frame)[is.na(found$value)]
    abort_gamut("`group` is missing in row", if (length(rows) > 1L) "s", " ",
                enumerate(rows), ": leave such rows out of the fit by `subset`, or give ",
                "them a group of their own.", class = "group", data = list(rows = rows))
  }
  rows <- split(counted, droplevels(as.factor(found$value[counted])))
  if (length(rows) < 2L) {
    abort_gamut("`group` has one level only, without which there are no data.",
                class = "group")
  }
  c(list(rows = rows), found["label"])
}

#' A value for each row of the fit
#' @return list: `value`, `label`.
#' @noRd
group_variable <- function(model, group) {
  if (is.character(group) && length(group) == 1L) {
    name <- group
    group <- new_formula(NULL, as.name(group), model$spec$env)
  } else if (inherits(group, "formula") && length(group) == 2L) {
    name <- expr_text(group[[2L]])
  } else {
    return(list(value = aligned_group(list(group), model), label = "group"))
  }
  for (entry in model$random) {
    if (entry$group != name) next
    codes <- model$frame$group_codes[[entry$key]]
    return(list(value = factor(entry$levels[codes], entry$levels), label = name))
  }
  values <- tryCatch(formula_clusters(model, group, NULL), gamut_error = function(e) {
    known <- unique(vapply(model$random, `[[`, "", "group"))
    abort_gamut("`group`: ", ticked(name), " is no variable of the data",
                if (length(known)) paste(" and no grouping factor of the fit, which has",
                                         ticked(known)),
                ". A vector or factor with a value for each row works as well.",
                class = "group")
  })
  list(value = aligned_group(values, model), label = name)
}

#' Groups of one or several variables, on the rows of the fit
#' @noRd
aligned_group <- function(values, model) {
  values <- lapply(values, function(value) {
    if (!is.atomic(value) || NCOL(value) != 1L || is.null(value)) {
      abort_argument("group", paste("the name of a variable, a formula such as ~ g, or a",
                                    "vector with a value for each row"), value)
    }
    tryCatch(align_cluster(value, model, NULL, "group"), gamut_error = function(e) {
      abort_gamut("`group` has ", length(value), " values, and the fit ", model$n,
                  " rows.", class = "group")
    })
  })
  if (length(values) == 1L) values[[1L]]
  else interaction(unname(values), drop = TRUE, sep = ":", lex.order = TRUE)
}

# --- the fits without them ------------------------------------------------------------

#' @return A list of what each deletion left, see `describe_deletion()`.
#' @noRd
group_deletions <- function(model, rows, refit) {
  setup <- setup_again(model)
  setup$control$progress <- FALSE
  deletions <- lapply(rows, function(at) {
    # a model that cannot be fitted to the rest is a result
    fit <- tryCatch(fit_without(setup, model, at, refit), gamut_error = function(e) NULL)
    if (is.null(fit)) no_deletion(model) else describe_deletion(fit, model, refit)
  })
  warn_deletions(deletions)
  deletions
}

#' The fit without some rows
#' @noRd
fit_without <- function(setup, model, at, refit) {
  setup$problem$weights <- weights_without(setup$problem$weights, at, model$n)
  setup$frame$y$weights <- weights_without(setup$frame$y$weights, at, model$n)
  if (!is_mixed(model)) {
    start <- estimated_coefficients(model)
    return(new_gamut(setup, engine_fit(setup$problem, setup$family, setup$control,
                                       start)))
  }
  if (refit) {
    return(fit_with_df(setup, function(setup) {
      new_mixed(setup, engine_fit_mixed(setup, warm_theta(model)))
    }))
  }
  fit <- new_mixed(setup, engine_fit_mixed(setup, model$criterion$theta,
                                           evaluations = 1L))
  fit$dispersion <- model$dispersion
  fit$convergence$converged <- TRUE
  fit
}

#' @noRd
weights_without <- function(weights, at, n) replace(weights %||% rep(1, n), at, 0)

#' @noRd
describe_deletion <- function(fit, model, refit = TRUE) {
  kept <- !is.na(model$coefficients)
  list(fixed = fit$coefficients[kept],
       vcov = vcov.gamut(fit)[kept, kept, drop = FALSE],
       covariance = if (refit) random_parameters(fit),
       converged = fit$convergence$converged)
}

#' @noRd
no_deletion <- function(model) {
  blank <- lapply(describe_deletion(model, model), function(x) replace(x, TRUE, NA))
  replace(blank, "converged", FALSE)
}

#' Standard deviations and correlations of the random effects, and sigma
#'
#' Names are those of confint() where the covariance is free. Of structures with fewer
#' parameters confint() has these (`rho_ar1`), and here are all that VarCorr() lists.
#' @noRd
random_parameters <- function(object) {
  if (!is_mixed(object)) return(NULL)
  table <- as.data.frame(VarCorr.gamut(object))
  names <- ifelse(is.na(table$var2), paste0("sd_", table$var1),
                  paste0("cor_", table$var2, ".", table$var1))
  names <- paste0(names, "|", table$grp)
  if (is_profiled(object$family)) names[length(names)] <- "sigma"
  stats::setNames(table$sdcor, make.unique(names))
}

#' @noRd
warn_deletions <- function(deletions) {
  bad <- vapply(deletions, function(d) !isTRUE(d$converged), NA)
  if (!any(bad)) return(invisible())
  warn_gamut("the model without ", enumerate(names(deletions)[bad]), " could not be ",
             "fitted, or its search did not end; what is said of ",
             if (sum(bad) > 1L) "these is" else "it is", " not to be trusted.",
             class = "convergence", data = list(groups = names(deletions)[bad]))
}

# --- single rows at held variances ----------------------------------------------------

#' Deletions of single rows of a linear mixed model, from one pass
#'
#' To leave row i out is to give it a parameter of its own, whose estimate is
#' g = (P y)_i / P_ii. With P y = w e / s2 for the residuals e given the modes and
#' P_ii = w (1 - h) / s2 for leverages h, that is e / (1 - h), and the other coefficients
#' change by Phi a g for a = X'V^-1 e_i. As V^-1_ii = P_ii + a'Phi a, their covariance
#' becomes Phi + Phi a a'Phi / P_ii. Source: Haslett and Hayes (1998), section 3.
#' @noRd
row_deletions <- function(model, rows) {
  products <- row_products(model)
  at <- unlist(rows, use.names = FALSE)
  kept <- !is.na(model$coefficients)
  phi <- products$basis %*% products$phi %*% t(products$basis)
  dimnames(phi) <- rep(list(names(model$coefficients)[kept]), 2L)
  precision <- prior_weights(model) * (1 - leverages(model)) / model$dispersion
  residual <- response_residuals(model)
  lapply(stats::setNames(at, names(rows)), function(i) {
    moved <- drop(products$basis %*% (products$phi %*% products$rows[i, ]))
    # a row that alone determines a coefficient: nothing of it is left without the row
    share <- if (precision[i] > 0) 1 / precision[i] else NA
    own <- prior_weights(model)[i] * residual[i] / model$dispersion
    list(fixed = model$coefficients[kept] - moved * own * share,
         vcov = phi + tcrossprod(moved) * share, covariance = NULL, converged = TRUE)
  })
}

#' Rows of V^-1 X = W (X - Z Sigma Z'V^-1 X) / s2, for the centred columns of
#' `marginal_products()`
#' @noRd
row_products <- function(model) {
  check_effects_limit(model, "the influence of single rows at held variances is",
                      "Use refit = TRUE.")
  products <- marginal_products(model)
  sizes <- random_sizes(model)
  known <- lapply(model$random, `[[`, "covariance")
  modes <- times_levels(known, products$across, sizes)
  problem <- fit_problem(model)
  problem$offsets[] <- list(NULL)
  kept <- !is.na(model$coefficients)
  rows <- vapply(seq_len(ncol(modes)), function(j) {
    fixed <- replace(numeric(length(kept)), kept, products$basis[, j])
    drop(engine_linear_predictor(problem, c(fixed, -modes[, j])))
  }, numeric(model$n))
  rows <- matrix(rows, model$n)
  c(list(rows = prior_weights(model) * rows / model$dispersion),
    products[c("phi", "basis")])
}
