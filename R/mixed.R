# A fit with random effects: which criterion, what the engine is asked, and the fields of
# the object that only such a fit has.

#' The method of estimation: REML for linear mixed models and with smooths, else ML
#' @noRd
default_method <- function(method, random, family, smooth = FALSE) {
  if (!is.null(method)) return(method)
  if (smooth || (random && is_profiled(family))) "REML" else "ML"
}

#' Gaussian with identity link and one variance: the dispersion is profiled out
#' @noRd
is_profiled <- function(family) {
  family$id == "gaussian" && family$links[[1L]]$name == "identity"
}

#' The family as a model with random effects or smooths has it
#'
#' The likelihood integrates over these, so the dispersion must be a parameter
#' of it, on an absolute scale: families that estimate it by Pearson's statistic take
#' their form with a predictor for it. A linear mixed model profiles it out instead.
#' @noRd
mixed_family <- function(family) {
  if (is_profiled(family) || has_fixed_dispersion(family)) return(family)
  if (!is.function(family$dispersion_form)) {
    abort_gamut("The ", family$family, " family has no likelihood, and random effects ",
                "and smooths are integrated out of one. For counts take negbinomial(), ",
                "for proportions betabinomial(); or add a random effect for each row.",
                class = "family")
  }
  form <- family$dispersion_form(family)
  parameter <- dispersion_parameter(form)
  # Weights of such a family are precisions: they divide the variance.
  form$precision <- if (family$weights_are == "precision")
    stats::setNames(if (parameter == "sigma") -0.5 else -1, parameter)
  form
}

#' Precisions as an offset of the (logarithmic) dispersion
#' @noRd
weights_to_offset <- function(frame, family) {
  weights <- frame$y$weights
  if (is.null(family$precision) || is.null(weights)) return(frame)
  parameter <- names(family$precision)
  if (family$links[[parameter]]$name != "log") {
    abort_gamut("`weights` divide the dispersion, and need its link to be \"log\".",
                class = "weights")
  }
  old <- frame$offsets[[parameter]]
  kept <- weights > 0
  offset <- ifelse(kept, family$precision * log(ifelse(kept, weights, 1)), 0)
  frame$offsets[[parameter]] <- offset + if (is.null(old)) 0 else old
  frame$y$weights <- if (all(kept)) NULL else as.double(kept)
  frame
}

#' Search the covariance parameters
#' @param theta,fixed Where to begin: parameters of covariances, and fixed effects.
#' @param held Number of a parameter that stays there, of all of `theta`; 0: none. In a
#'   linear mixed model `theta` is then absolute, with the log of sigma after it.
#' @param rough Is `theta` but a place to begin at, and may the search leap from there?
#' @param evaluations Most values of the criterion; with one the search ends at `theta`.
#' @noRd
engine_fit_mixed <- function(setup, theta = NULL, held = 0L,
                             evaluations = 5 * setup$control$max_iterations,
                             fixed = NULL, rough = FALSE) {
  problem <- setup$problem
  family <- setup$family
  control <- setup$control
  weights <- problem$weights
  profiled <- is_profiled(family)
  options <- list(
    max_iterations = control$max_iterations, tolerance = control$tolerance,
    threads = control$threads, joint = length(problem$smooths) > 0L,
    information = if (control$information == "observed") "observed"
                  else working_information(family),
    dispersion_estimated = profiled, sample_rows = control$sample_rows,
    progress = control$progress, bias_reduction = FALSE,
    restricted = setup$method == "REML", gaussian = profiled,
    log_weights = if (is.null(weights)) 0 else sum(log(weights[weights > 0])),
    laplace_information = control$laplace_information, theta = theta,
    quadrature_points = setup$nagq, held = as.integer(held) - 1L,
    max_evaluations = as.integer(evaluations), elimination = control$elimination,
    fixed = fixed, rough_start = rough,
    has_effects = has_levels_of_effects(setup$frame)
  )
  tryCatch(fit_mixed_cpp(problem, options), error = function(e) abort_engine(e))
}

#' The fit object of a model with random effects
#' @noRd
new_mixed <- function(setup, result) {
  problem <- setup$problem
  fixed <- seq_along(problem$names)
  coefficients <- result$coefficients[fixed]
  coefficients[result$aliased[fixed]] <- NA
  rank <- sum(!is.na(coefficients))
  profiled <- is_profiled(setup$family)
  object <- list(
    call = setup$call, formula = setup$formula, spec = setup$spec,
    family = setup$family, method = setup$method, nagq = setup$nagq,
    control = setup$control, coefficients = stats::setNames(coefficients, problem$names),
    predictors = fit_predictors(setup),
    covariance = plain_covariance(result$covariance, fixed),
    random = random_results(setup, result),
    smooths = smooth_results(setup, result),
    mode_aliased = utils::tail(result$aliased, problem$coefficients - length(fixed)),
    modes = utils::tail(result$coefficients, problem$coefficients - length(fixed)),
    dispersion = result$dispersion, dispersion_fixed = !profiled,
    deviance = result$objective, rank = rank, df.residual = result$kept_rows - rank,
    n = setup$frame$rows, nobs = result$kept_rows, information = "observed",
    criterion = describe_criterion(setup, result),
    convergence = describe_search(result, setup), frame = setup$frame
  )
  object <- structure(c(object, main_fields(setup$frame)), class = "gamut")
  object$criterion$minus2loglik <- mixed_minus2loglik(object, result)
  object$criterion$minus2restricted <- mixed_minus2restricted(object, result)
  if (length(object$smooths)) object <- add_joint(object, result$covariance$joint)
  if (setup$control$keep_data) object else drop_data(object)
}

#' Search, object, and what must be said of it
#' @param given Is `theta` the user's, of which nothing is known?
#' @noRd
fit_mixed <- function(setup, theta = NULL, given = FALSE) {
  warn_far_slopes(setup$problem)
  result <- engine_fit_mixed(setup, theta)
  if (is.null(theta)) result <- search_again(result, setup)
  if (given) result <- search_from_data(result, setup)
  check_residual(result, setup)
  object <- explain_divergence(new_mixed(setup, result), setup)
  report_mixed(object)
  object
}

#' @noRd
report_mixed <- function(object) {
  if (object$convergence$converged) return(report_laplace(object))
  separation <- object$convergence$separation
  advice <- if (is.null(separation)) "Its estimates are not to be trusted"
            else "Leave out the column, or merge the category, that separates"
  warn_gamut("the fit did not converge: ", object$convergence$message, ". ", advice, ".",
             class = c(if (!is.null(separation)) "separation", "convergence"),
             call = object$call, data = list(separation = separation))
}

#' A residual variance of rounding errors, with random effects that have no part in it
#'
#' The engine has seen a residual of exactly 0. Here it is below 1024 times the rounding
#' of the response, for what sums and predictors add to it.
#' @noRd
check_residual <- function(result, setup) {
  if (!is_profiled(setup$family) || is_perfect(result, setup)) return(invisible())
  y <- setup$frame$y
  precision <- if (is.null(y$weights)) 1 else max(y$weights)
  rounding <- 1024 * .Machine$double.eps * max(abs(y$y))
  if (sqrt(result$dispersion / precision) < rounding) abort_exact()
}

#' A covariance of few coefficients, as the methods want it
#' @param fixed Positions of the parametric ones; smooths without a penalty have others.
#' @noRd
plain_covariance <- function(covariance, fixed) {
  own <- covariance$position %in% fixed
  covariance$position <- covariance$position[own]
  covariance$matrix <- covariance$matrix[own, own, drop = FALSE]
  p <- length(covariance$position)
  list(tail = covariance$matrix, centre = numeric(p), intercept = integer(p),
       tail_position = covariance$position, lead = matrix(0, 0L, 0L),
       regression = matrix(0, 0L, p), lead_position = integer())
}

#' Random terms with their estimates
#'
#' @return `problem$random`, each entry with `theta`, `covariance` (of the effects of one
#'   level, absolute), `modes` (levels x effects: the conditional modes).
#' @noRd
random_results <- function(setup, result) {
  scale <- result$dispersion
  Map(function(entry, found) {
    effects <- entry$effects
    k <- length(effects)
    at <- entry$first + seq_len(k * length(entry$levels))
    entry$theta <- found$theta
    entry$covariance <- matrix(scale * found$covariance, k, k,
                               dimnames = list(effects, effects))
    entry$modes <- matrix(result$coefficients[at], ncol = k, byrow = TRUE,
                          dimnames = list(entry$levels, effects))
    entry
  }, setup$problem$random, random_laws(result, setup$problem))
}

#' What the engine found of the random effects, whose laws come after those of smooths
#' @noRd
random_laws <- function(result, problem) {
  utils::tail(result$random, length(problem$random))
}

#' @noRd
describe_criterion <- function(setup, result) {
  list(method = setup$method, value = result$criterion, theta = result$theta,
       thetas = lapply(result$random, `[[`, "theta"),
       gradient = result$gradient, curvature = result$curvature,
       evaluations = result$evaluations, inner_iterations = result$inner_iterations,
       penalty = result$penalty, promised = result$promised,
       laplace_shift = result$laplace_shift, elimination = result$elimination)
}

#' Minus twice the marginal log-likelihood at the estimates, whatever the method
#' @param eta Linear predictors at the estimates.
#' @noRd
mixed_minus2loglik <- function(object, result, eta = fit_eta(object)) {
  y <- object$frame$y
  if (is_profiled(object$family)) {
    weights <- if (is.null(y$weights)) 1 else y$weights[y$weights > 0]
    s2 <- result$dispersion
    return(object$nobs * log(2 * pi * s2) + (result$objective + result$penalty) / s2 +
             result$penalised_log_determinant - sum(log(weights)))
  }
  conditional <- object$family$loglik(y$y, fit_parameters(object, eta), y$weights,
                                      trials = y$trials)
  if (object$nagq > 1L) {
    # up to what the family's objective leaves out, which no effect moves
    return(result$criterion - result$objective - 2 * conditional)
  }
  result$penalty + result$penalised_log_determinant - 2 * conditional
}

#' Minus twice the restricted log-likelihood of a fit by REML
#'
#' The criterion leaves out what the family's objective does: here it is put back.
#' @noRd
mixed_minus2restricted <- function(object, result) {
  if (object$method != "REML") return(NULL)
  if (is_profiled(object$family)) return(result$criterion)
  conditional <- object$criterion$minus2loglik - result$penalty -
    result$penalised_log_determinant
  result$criterion - result$objective + conditional
}

#' @noRd
describe_search <- function(result, setup) {
  code <- result$code
  if (is_perfect(result, setup)) code <- "perfect_fit"
  runaway <- mixed_runaway(result, setup)
  if (!is.null(runaway)) code <- "diverging"
  message <- switch(code,
    converged = "converged",
    perfect_fit = paste0(
      "the residual variance runs to 0, because the random effects fit every row; use ",
      "fewer of them, or more rows for each level"
    ),
    diverging = paste0("there is no maximum inside the range of the parameters: ",
                       runaway),
    stalled = "no step of the search over variances lowers the criterion any further",
    evaluation_limit = "the limit of evaluations was reached"
  )
  list(converged = code == "converged", code = code, message = message,
       iterations = result$evaluations, trace = NULL, limited = NULL,
       boundary = boundary_terms(setup, result))
}

#' Does the residual variance run to 0?
#'
#' A small one is no proof: levels may differ 100,000 times as much as their rows. But
#' then its size is determined, and the criterion curved where all random effects get
#' larger than the residuals: by 4 for two levels. Below 1e-12, ten times what the engine
#' goes to, the curvature has no digits left.
#' @noRd
is_perfect <- function(result, setup) {
  if (!is_profiled(setup$family) || result$perfect >= 1e-6) return(FALSE)
  if (result$code != "converged" || result$perfect < 1e-12) return(TRUE)
  theta <- result$theta
  !isTRUE(sum(theta * (result$curvature %*% theta)) > 1)
}

#' Parameters of the family that have run off, see `describe_runaway()`
#'
#' Where the family has a limit, as student() has the gaussian, it is one that a search
#' may end at; the other end of the parameter's range is not.
#' @noRd
mixed_runaway <- function(result, setup) {
  family <- setup$family
  if (is_profiled(family)) return(NULL)
  for (name in intersect(names(family$edges), names(family$limits))) {
    ends <- family$domain[[name]] %in% family$limits[[name]]$at
    family$edges[[name]] <- without_edges(family$edges[[name]], ends)
  }
  describe_runaway(result, setup$problem, family)
}

#' @param ends Which of the two ends data can follow.
#' @noRd
without_edges <- function(edge, ends) {
  force(edge)
  function(y) {
    found <- edge(y)
    found$at[ends] <- c(-Inf, Inf)[ends]
    found
  }
}

#' Effects whose variance is estimated as 0, terms of a rank below their size, and those
#' that places near to each other do not correlate
#' @noRd
boundary_terms <- function(setup, result) {
  found <- Map(function(entry, one) {
    values <- svd(one$lambda, 0L, 0L)$d
    rank <- covariance_rank(values)
    independent <- has_no_range(entry, one$covariance)
    if (rank == length(values) && !independent) return(NULL)
    zero <- entry$effects[diag(one$covariance) == 0]
    c(list(group = entry$group, effects = zero, rank = rank, size = length(values),
           labels = vapply(entry$parts, `[[`, "", "label")),
      if (independent) list(independent = TRUE))
  }, setup$problem$random, random_laws(result, setup$problem))
  Filter(Negate(is.null), found)
}

#' Has the range of a spatial structure gone to 0?
#'
#' At a correlation of 1e-8 between neighbours nothing depends on it any more.
#' @noRd
has_no_range <- function(entry, covariance) {
  any(vapply(entry$parts, function(part) {
    if (!is_spatial(part$structure) || length(part$columns) < 2L) return(FALSE)
    own <- covariance[part$columns, part$columns]
    own[1L] > 0 && max(abs(own[upper.tri(own)])) < 1e-8 * own[1L]
  }, NA))
}

#' @noRd
is_mixed <- function(object) length(object$random) + length(object$smooths) > 0L

#' Methods that are for models without random effects and smooths
#' @param instead What to use, a sentence.
#' @noRd
refuse_mixed <- function(object, what, instead) {
  if (!is_mixed(object)) return(invisible())
  there <- if (length(object$random)) "random effects"
           else if (has_surfaces(object)) "lo() terms"
           else "smooths"
  abort_gamut(what, " is for models without ", there, ". ", instead,
              class = "unsupported")
}

#' Parameters of covariances to start from
#' @noRd
check_theta <- function(start, problem) {
  if (is.null(start)) return(NULL)
  if (!is.list(start) || !identical(names(start), "theta")) {
    abort_gamut("`start` of a model with random effects or smooths is ",
                "list(theta = ), the ",
                "parameters of their covariances: see `fit$criterion$theta`. The ",
                "coefficients need no start.", class = "start")
  }
  theta <- unlist(start$theta, use.names = FALSE)
  laws <- lapply(problem$terms, `[[`, "covariance")
  size <- sum(vapply(laws[lengths(laws) > 0L], covariance_size, 0))
  if (!is.numeric(theta) || length(theta) != size || !all(is.finite(theta))) {
    abort_gamut("`start$theta` must be ", size, " finite numbers.", class = "start")
  }
  theta
}
