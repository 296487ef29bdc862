# That smoothing parameters are estimated: the covariance of coefficients that allows for
# it, and the conditional log-likelihood and AIC of a fit with smooths.

#' The covariance of parametric coefficients and those of smooths
#' @param unconditional Allow for the uncertainty of smoothing parameters?
#' @noRd
smooth_covariance <- function(object, unconditional = FALSE) {
  if (is.null(object$joint)) abort_no_joint()
  if (unconditional) corrected_joint(object)$covariance else object$joint$bayesian
}

#' @noRd
abort_no_joint <- function() {
  abort_gamut("The fit has no covariance of its smooths, because its information ",
              "matrix could not be inverted: check_model() may say why.",
              class = "singular")
}

#' Vc and its degrees of freedom; see `corrected_covariance()`
#'
#' The Hessian of the criterion in rho = log lambda and the derivatives of the
#' coefficients are differences between fits whose smoothing parameters differ by 0.2 %:
#' gradients are exact, so that the error is about 1e-6 of them.
#' @return list(covariance, edf2: one number for each coefficient).
#' @noRd
corrected_joint <- function(object) {
  require_data(object, "The uncertainty of smoothing parameters")
  phi <- object$dispersion
  penalties <- estimated_penalties(object)
  found <- rho_derivatives(object)
  own <- seq_len(nrow(object$joint$bayesian))
  gram <- projected_gram(object, Reduce(`+`, penalties$estimated, penalties$given))
  # what is aliased has no part in the matrix that is inverted
  if (any(object$mode_aliased) || anyNA(object$coefficients)) {
    penalties$given <- penalties$given + diag(1e-8 * max(diag(gram)), nrow(gram))
  }
  covariance <- corrected_covariance(
    object$joint$bayesian, gram, penalties$estimated, found$hessian, phi,
    estimated_coefficients(object)[own], fixed_penalty = penalties$given,
    jacobian = found$jacobian[own, , drop = FALSE]
  )
  edf <- smooth_edf(object$joint$bayesian, gram, phi, covariance)
  list(covariance = covariance, edf2 = edf$edf2)
}

#' X'WX of the joint coefficients; beside random effects, and smooths apart, what is left
#' of it when these are eliminated: the inverse of the covariance less the penalty
#'
#' Directions without variance, at limits, count as 0.
#' @noRd
projected_gram <- function(object, penalty) {
  if (!needs_factor(object)) return(object$joint$gram * object$dispersion)
  spectrum <- eigen(object$joint$bayesian / object$dispersion, symmetric = TRUE)
  kept <- spectrum$values > 1e-13 * max(spectrum$values)
  q <- spectrum$vectors[, kept, drop = FALSE]
  inner <- diag(1 / spectrum$values[kept], sum(kept)) - crossprod(q, penalty %*% q)
  q %*% tcrossprod((inner + t(inner)) / 2, q)
}

#' lambda_j S_j of all coefficients but those of smooths apart, at no limit
#' @return list(estimated: a matrix for each parameter that is not at a limit, given: sum
#'   of the others).
#' @noRd
estimated_penalties <- function(object) {
  size <- nrow(object$joint$bayesian)
  estimated <- list()
  given <- matrix(0, size, size)
  smooths <- joint_smooths(object$smooths)
  for (law in joint_laws(object)) {
    linked <- Filter(function(s) identical(as.integer(s$law), law), smooths)
    for (j in seq_along(linked[[1L]]$lambda)) {
      whole <- matrix(0, size, size)
      lambda <- linked[[1L]]$lambda[j]
      for (s in linked) {
        at <- s$position
        # at the limit: large against what the data say
        strength <- if (is.finite(lambda)) lambda else
          1e8 * max(diag(object$joint$gram)[at]) * object$dispersion / max(s$piece$S[[j]])
        whole[at, at] <- strength * whole_penalty(s$piece, j)
      }
      free <- is.nan(linked[[1L]]$piece$given[j]) && is.finite(lambda)
      if (free) estimated <- c(estimated, list(whole)) else given <- given + whole
    }
  }
  list(estimated = estimated, given = given)
}

#' Hessian of minus the criterion's log-likelihood, and derivatives of coefficients, in
#' the log smoothing parameters that are not at a limit
#'
#' Behind them the Hessian has the coefficients of dispersions that are parameters of the
#' criterion beside them. Of a fit by ML it is that of REML, whose curvature is nearly the
#' same, and which has no other parameters.
#' @noRd
rho_derivatives <- function(object, step = 2e-3) {
  setup <- setup_of_fit(object)
  if (!is_profiled(object$family)) setup$method <- "REML"
  fixed <- unname(estimated_coefficients(object)[seq_along(object$coefficients)])
  theta <- object$criterion$theta
  counts <- lengths(object$criterion$thetas)
  smooth <- which(rep(seq_along(counts), counts) %in% joint_laws(object))
  free <- smooth[theta[smooth] != 0]
  outer <- outer_coefficients(object, setup$problem)
  at <- function(theta, fixed) {
    found <- engine_fit_mixed(setup, theta, evaluations = 1L, fixed = fixed)
    # from minus twice a log-likelihood in theta to one in rho
    rho <- -theta * utils::tail(found$gradient, length(theta)) / 4
    list(gradient = c(rho[free], utils::head(found$gradient, length(outer)) / 2),
         coefficients = found$coefficients)
  }
  along <- function(ahead, behind) {
    list(gradient = (ahead$gradient - behind$gradient) / (2 * step),
         coefficients = (ahead$coefficients - behind$coefficients) / (2 * step))
  }
  rho <- lapply(free, function(j) {
    moved <- function(way) replace(theta, j, theta[j] * exp(-way * step / 2))
    along(at(moved(1), fixed), at(moved(-1), fixed))
  })
  others <- lapply(outer, function(j) {
    moved <- function(way) replace(fixed, j, fixed[j] + way * step)
    along(at(theta, moved(1)), at(theta, moved(-1)))
  })
  size <- length(free) + length(outer)
  column <- function(parts, name) as.numeric(unlist(lapply(parts, `[[`, name)))
  hessian <- matrix(column(c(rho, others), "gradient"), size, size)
  hessian <- relative_to_dispersion((hessian + t(hessian)) / 2, length(free), object)
  jacobian <- matrix(column(rho, "coefficients"), ncol = length(free),
                     nrow = length(object$coefficients) + length(object$modes))
  list(hessian = hessian, jacobian = jacobian)
}

#' Parametric coefficients that are parameters of the criterion, if it has no others: with
#' random effects the lines in smooths of a dispersion are such, too
#' @noRd
outer_coefficients <- function(object, problem) {
  if (is_profiled(object$family)) return(integer())
  own <- seq_along(object$coefficients)
  if (any(problem$outside[-own])) return(integer())
  own[problem$outside[own] & !is.na(object$coefficients)]
}

#' The Hessian in smoothing parameters that are relative to a dispersion phi
#'
#' The engine's lambda are lambda / phi, so that rho = rho_engine + c eta with eta the
#' linear predictor of the dispersion, c = 1 for log phi and 2 for log sigma. With a
#' predictor for it there is no one dispersion, and they stay as they are.
#' @noRd
relative_to_dispersion <- function(hessian, count, object) {
  precision <- object$family$precision
  if (is.null(precision) || nrow(hessian) != count + 1L || !count) return(hessian)
  turn <- diag(count + 1L)
  turn[seq_len(count), count + 1L] <- 1 / precision[[1L]]
  crossprod(turn, hessian %*% turn)
}

#' Numbers of the laws of smooths, but for those apart
#' @noRd
joint_laws <- function(object) {
  laws <- vapply(joint_smooths(object$smooths), function(s) as.integer(s$law), 0L)
  sort(unique(laws))
}

#' What a fit was made from
#' @noRd
setup_of_fit <- function(object) {
  list(family = object$family, control = object$control, method = object$method,
       nagq = object$nagq, frame = object$frame, problem = fit_problem(object))
}

#' The log-likelihood at the smooths and random effects as they are, with the effective
#' degrees of freedom
#'
#' Without random effects as in mgcv: of gaussian models with the dispersion deviance /
#' n, and with degrees of freedom that allow for the uncertainty of smoothing parameters
#' (Wood, Pya & Saefken 2016), and one for each dispersion and shape.
#' @noRd
conditional_loglik <- function(object) {
  if (!is_mixed(object)) {
    abort_gamut("type = \"conditional\" is for fits with smooths or random effects, ",
                "and this one has none.", class = "argument",
                data = list(argument = "type"))
  }
  plain <- has_surfaces(object) || needs_factor(object)
  edf <- if (plain) conditional_edf(object) else sum(corrected_joint(object)$edf2)
  # a dispersion that is a coefficient is among the edf
  scale <- as.integer(is_profiled(object$family))
  structure(conditional_value(object), df = edf + scale, nobs = nobs.gamut(object),
            class = "logLik")
}

#' Effective degrees of freedom of all terms: the trace of the operator from working
#' responses to linear predictors, of random effects too (Vaida & Blanchard 2005)
#' @noRd
conditional_edf <- function(object) {
  more <- object$loess$other_edf %||% 0
  if (!length(object$random)) {
    return(object$rank + sum(vapply(object$smooths, `[[`, 0, "edf")) + more)
  }
  information <- if (has_surfaces(object)) loess_information(object)
                 else object$information
  sum(own_leverages(object, fit_rows(object, information))) + sum(object$loess$edf) + more
}

#' @noRd
conditional_value <- function(object) {
  y <- object$frame$y
  if (is_profiled(object$family)) {
    weights <- y$weights %||% 1
    used <- weights[weights > 0]
    n <- object$nobs
    return(-n / 2 * (log(2 * pi * object$deviance / n) + 1) + sum(log(used)) / 2)
  }
  object$family$loglik(y$y, fit_parameters(object), y$weights, trials = y$trials)
}
