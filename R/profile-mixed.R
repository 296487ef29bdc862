# Profile likelihood of the parameters of random effects. A parameter is held in a
# parametrisation of which it is a coordinate (standard deviations and angles), on an
# absolute scale; the engine searches over all others.

#' Names of the covariance parameters that profiles know, as lme4 writes them
#' @noRd
covariance_names <- function(object) {
  names(covariance_targets(object, fit_problem(object)))
}

#' Profile intervals of parameters of a model with random effects
#'
#' @param parm Names among those of the covariance parameters and the coefficients.
#' @noRd
profile_mixed_confint <- function(object, parm, level) {
  if (length(object$smooths)) {
    abort_gamut("Profile intervals are for models without smooths: use method = ",
                "\"wald\", and smooth_estimates() for the smooths.",
                class = "unsupported")
  }
  object <- as_ml(object, "profiles compare models")
  problem <- fit_problem(object)
  targets <- covariance_targets(object, problem)
  coefficients <- intersect(parm, names(object$coefficients))
  tails <- c(1 - level, 1 + level) / 2
  paths <- c(lapply(targets[intersect(parm, names(targets))], covariance_path,
                    object = object, problem = problem),
             profile_paths(object, match(coefficients, names(object$coefficients))))
  paths <- paths[parm]
  limits <- lapply(paths, profile_limits, tails = tails)
  warn_profile(limits)
  out <- t(vapply(limits, `[[`, numeric(2L), "value"))
  dimnames(out) <- list(parm, percent_names(tails))
  out
}

# --- what there is to profile ---------------------------------------------------------

#' Every standard deviation, and each correlation that is a parameter
#'
#' @return list by name of: `entry` (number of the random term), `leaf` (of its
#'   covariance), `kind` (sd, correlation, ..., sigma), `at` (effects of the leaf that it
#'   belongs to).
#' @noRd
covariance_targets <- function(object, problem) {
  found <- list()
  for (e in seq_along(problem$random)) {
    entry <- problem$random[[e]]
    for (leaf in covariance_leaves(entry$covariance)) {
      found <- c(found, leaf_targets(leaf, entry, e))
    }
  }
  if (is_profiled(object$family)) found$sigma <- list(kind = "sigma")
  names(found) <- make.unique(names(found))
  found
}

#' @noRd
leaf_targets <- function(leaf, entry, e) {
  effects <- entry$effects[leaf$effects]
  kind <- leaf$spec$kind
  target <- function(kind, at, label) {
    stats::setNames(list(list(entry = e, leaf = leaf, kind = kind, at = at)),
                    paste0(label, "|", entry$group))
  }
  scales <- leaf_scales(leaf$spec)
  sd <- lapply(scales, function(i) target("sd", i, paste0("sd_", effects[i])))
  if (length(effects) == 1L) return(unlist(sd, recursive = FALSE))
  if (kind == "us") {
    mixed <- lapply(scales, function(j) {
      below <- scales[scales > j]
      c(sd[[j]], unlist(lapply(below, function(i) {
        target("correlation", c(j, i), paste0("cor_", effects[i], ".", effects[j]))
      }), recursive = FALSE))
    })
    return(unlist(mixed, recursive = FALSE))
  }
  single <- covariance_kinds()[[kind]]$single
  c(unlist(sd, recursive = FALSE),
    if (!is.null(single)) target("single", 1L, paste0(single$prefix, kind)))
}

# --- one of them, as a path for profile_end() -----------------------------------------

#' @noRd
covariance_path <- function(target, object, problem) {
  held <- 0L
  theta <- numeric()
  for (e in seq_along(problem$random)) {
    entry <- object$random[[e]]
    spec <- problem$random[[e]]$covariance
    mine <- identical(target$entry, e)
    places <- lapply(covariance_leaves(spec), leaf_parameters, entry = entry,
                     sigma = sqrt(object$dispersion), target = if (mine) target)
    held <- held + sum(vapply(places, `[[`, 0L, "held")) +
      if (mine) length(theta) else 0L
    theta <- c(theta, unlist(lapply(places, `[[`, "theta")))
    term <- problem$random[[e]]$term
    problem$terms[[term]]$covariance <- respecified(spec, lapply(places, `[[`, "spec"))
  }
  if (is_profiled(object$family)) theta <- c(theta, log(object$dispersion) / 2)
  if (target$kind == "sigma") held <- length(theta)
  scale <- parameter_scale(target)
  list(
    object = object, problem = problem, held = held, others = theta, dispersion = 1,
    estimate = scale$report(theta[held]), range = scale$range,
    parameter = scale$parameter,
    lowest = object$criterion$minus2loglik, name = target$kind, refit = refit_covariance,
    final = scale$final,
    se = covariance_step(target, scale$report(theta[held]), object)
  )
}

#' A leaf's parameters in the order and kind that make the target a coordinate
#'
#' @return list: `spec`, `theta` (standard deviations absolute), and `held`, the place of
#'   the target counted from the first of the term's parameters, or 0.
#' @noRd
leaf_parameters <- function(leaf, entry, sigma, target) {
  mine <- !is.null(target) && identical(target$leaf$effects, leaf$effects)
  spec <- leaf$spec
  k <- spec$size
  before <- leaf$parameters[1L] - 1L
  if (spec$kind == "us" && k > 1L) {
    order <- seq_len(k)
    if (mine) order <- c(target$at, setdiff(order, target$at))
    covariance <- entry$covariance[leaf$effects, leaf$effects][order, order]
    held <- if (!mine) 0L else if (target$kind == "sd") before + 1L else before + k + 1L
    return(list(spec = covariance_spec("spherical", k, order - 1), held = held,
                theta = spherical_parameters(covariance)))
  }
  place <- if (!mine) 0L else if (target$kind == "sd") target$at
           else length(leaf_scales(spec)) + 1L
  list(spec = spec, theta = absolute_parameters(leaf, entry, sigma),
       held = if (mine) before + place else 0L)
}

#' Standard deviations, then the angles of the rows of the correlation's Cholesky factor
#' @noRd
spherical_parameters <- function(covariance) {
  k <- nrow(covariance)
  sd <- sqrt(diag(covariance))
  correlation <- covariance / outer(sd, sd)
  correlation[!is.finite(correlation)] <- 0
  diag(correlation) <- 1
  # shrunk by next to nothing, so that a correlation of 1 has a factor
  root <- t(chol(correlation * (1 - 1e-10) + diag(1e-10, k)))
  angles <- lapply(seq_len(k)[-1L], function(i) {
    left <- 1
    vapply(seq_len(i - 1L), function(j) {
      cosine <- max(-1, min(1, root[i, j] / left))
      left <<- max(left * sqrt(1 - cosine^2), 1e-300)
      acos(cosine)
    }, 0)
  })
  c(unname(sd), unlist(angles))
}

#' A covariance with other leaves
#' @noRd
respecified <- function(spec, leaves) {
  if (length(leaves) == 1L) return(leaves[[1L]])
  covariance_spec("sum", spec$size, parts = leaves)
}

#' How a parameter is reported, from the coordinate that is held and back
#' @noRd
parameter_scale <- function(target) {
  switch(target$kind,
    sd = list(report = abs, parameter = identity, range = c(0, Inf)),
    sigma = log_scale(),
    correlation = list(report = cos, parameter = function(x) acos(max(-1, min(1, x))),
                       range = c(-1, 1)),
    single = {
      spec <- target$leaf$spec
      covariance_kinds()[[spec$kind]]$single$scale(spec$size)
    }
  )
}

#' What is positive and never 0 is profiled as a logarithm
#' @noRd
log_scale <- function() {
  list(report = identity, parameter = identity, range = c(-Inf, Inf), final = exp)
}

#' The correlation of neighbours
#' @noRd
ar1_scale <- function(b) {
  list(report = tanh, parameter = atanh, range = c(-1, 1) * (1 - 1e-9))
}

#' The common correlation of b effects lies between -1/(b - 1) and 1
#' @noRd
cs_scale <- function(b) {
  list(report = function(t) expm1(2 * t) / (exp(2 * t) + b - 1),
       parameter = function(r) log((1 + (b - 1) * r) / (1 - r)) / 2,
       range = c(-1 / (b - 1), 1) * (1 - 1e-9))
}

#' A first step of the order of a standard error
#' @noRd
covariance_step <- function(target, estimate, object) {
  if (target$kind == "sigma") return(1 / sqrt(2 * object$df.residual))
  levels <- length(object$random[[target$entry]]$levels)
  if (target$kind == "correlation") return((1.001 - estimate^2) / sqrt(levels))
  if (target$kind == "single") return(0.1)
  max(estimate, 0.1 * sqrt(object$dispersion)) / sqrt(2 * levels)
}

#' The fit with the parameter held at `value`
#' @noRd
refit_covariance <- function(path, value, start) {
  object <- path$object
  theta <- if (is.null(start)) path$others else start
  theta[path$held] <- path$parameter(value)
  control <- object$control
  control$progress <- FALSE
  setup <- list(problem = path$problem, family = object$family, control = control,
                method = "ML", nagq = object$nagq)
  result <- tryCatch(engine_fit_mixed(setup, theta, path$held),
                     gamut_error = function(e) NULL)
  if (is.null(result)) return(NULL)
  all <- result$theta
  list(objective = held_minus2loglik(object, result, path$problem), coefficients = all,
       rank = length(all), converged = result$code == "converged")
}

#' @noRd
held_minus2loglik <- function(object, result, problem) {
  if (is_profiled(object$family)) return(result$criterion)
  eta <- engine_linear_predictor(problem, result$coefficients, object$control$threads)
  mixed_minus2loglik(object, result, eta)
}
