#' The fit object
#'
#' A fit is a list of class `"gamut"`, and of no other class: functions that refit a
#' `glm` would return wrong tests for a model that is more than one. It holds no
#' pointers, so it survives `saveRDS()`, and refers to the columns of the data without
#' copying them.
#'
#' @section Fields:
#' \describe{
#' \item{`call`, `formula`, `spec`}{the call, the formula as given, and as read by
#'   [parse_formula()], there with all predictors named}
#' \item{`family`, `method`, `control`}{what was fitted and how}
#' \item{`coefficients`}{all coefficients, `NA` where aliased; those of the main
#'   predictor unprefixed, others as `phi:x`, categories as `B:x`}
#' \item{`predictors`}{one entry a linear predictor: its terms, levels, contrasts,
#'   column names and the place of its coefficients}
#' \item{`covariance`, `information`}{the unscaled covariance in compact form, use
#'   `vcov()`, and whether it is of the expected or the observed information}
#' \item{`smooths`}{of a fit with smooths, for each in each linear predictor that it
#'   enters: `label`, `predictor` (number of the linear predictor), `piece` (its basis,
#'   penalties and constraint), `position` of its coefficients among those of
#'   `coef(fit, "all")`, `coefficients`, `lambda` (its smoothing parameters, `Inf` at
#'   the limit), `edf`, `edf1`}
#' \item{`joint`}{of a fit with smooths: `bayesian` and `frequentist` covariance of the
#'   coefficients of `coef(fit, "all")`, and `gram`, \eqn{X'WX / \phi}{X'WX / phi}}
#' \item{`random`, `modes`}{of a fit with random effects: the terms, with their
#'   covariances and conditional modes; and all coefficients of smooths and random
#'   effects behind the parametric ones}
#' \item{`criterion`}{of a fit with random effects or smooths: what was maximised, its
#'   value, gradient and parameters}
#' \item{`robust`}{of a fit with `robust = TRUE`: the weights of the rows, and the rows
#'   below a half}
#' \item{`dispersion`, `dispersion_fixed`}{the dispersion, and whether it is known}
#' \item{`deviance`}{the deviance, or -2 log-likelihood where the family has none}
#' \item{`rank`, `df.residual`, `nobs`}{number of estimated coefficients, residual
#'   degrees of freedom, and number of rows with a positive weight}
#' \item{`convergence`}{list: `converged`, `code`, `message`, `iterations`, `trace`}
#' \item{`frame`}{the variables in use, or only what new data need with
#'   `keep_data = FALSE`}
#' \item{`terms`, `xlevels`, `contrasts`, `na.action`, `offset`}{of the main predictor,
#'   where other packages look for them}
#' }
#' @name gamut-object
#' @keywords internal
NULL

#' Build a fit from its setup and the engine's result
#' @noRd
new_gamut <- function(setup, result) {
  family <- setup$family
  problem <- setup$problem
  frame <- setup$frame
  coefficients <- result$coefficients
  coefficients[result$aliased] <- NA
  rank <- sum(!result$aliased)
  df_residual <- result$kept_rows - rank
  fixed <- has_fixed_dispersion(family)
  object <- list(
    call = setup$call, formula = setup$formula, spec = setup$spec, family = family,
    method = setup$method, control = setup$control,
    coefficients = stats::setNames(coefficients, problem$names),
    predictors = fit_predictors(setup), covariance = result$covariance,
    dispersion = if (fixed) 1 else estimate_dispersion(result$pearson, df_residual),
    dispersion_fixed = fixed, deviance = result$objective, rank = rank,
    df.residual = df_residual, n = frame$rows, nobs = result$kept_rows,
    information = result$information,
    convergence = describe_convergence(result, problem, family, setup$control),
    frame = frame
  )
  object <- c(object, main_fields(frame))
  object <- structure(object, class = "gamut")
  if (setup$control$keep_data) object else drop_data(object)
}

#' Pearson's estimate of the dispersion; unknown when nothing is left to estimate it
#' @noRd
estimate_dispersion <- function(pearson, df_residual) {
  if (df_residual > 0) pearson / df_residual else NaN
}

#' Fields that other packages read directly
#' @noRd
main_fields <- function(frame) {
  main <- frame$predictors[[1L]]
  list(terms = main$terms, xlevels = main$xlevels, contrasts = main$contrasts_arg,
       na.action = frame$na_action, offset = frame$offsets[[1L]])
}

#' One entry per linear predictor, from the frame's predictors and the layout
#' @noRd
fit_predictors <- function(setup) {
  lapply(setup$problem$layout, function(place) {
    predictor <- setup$frame$predictors[[place$predictor]]
    own <- list(
      link = setup$family$links[[place$parameter]], terms = predictor$terms,
      xlevels = predictor$xlevels, contrasts = predictor$contrasts_arg,
      intercept = predictor$intercept, frame_predictor = place$predictor
    )
    place$predictor <- NULL
    c(place, own)
  })
}

#' @noRd
describe_convergence <- function(result, problem, family, control = list()) {
  code <- result$code
  limit <- if (code == "diverging") describe_limit(result, problem, family)
           else near_limit(result, problem, family)
  runaway <- if (is.null(limit)) describe_runaway(result, problem, family)
  if (!is.null(limit)) code <- "limit"
  else if (!is.null(runaway)) code <- "diverging"
  else if (lost_information(result, family, control)) code <- "not_positive_definite"
  stalled <- if (isTRUE(control$bias_reduction))
    "no step comes nearer to a root of the adjusted score" else
    paste0("no step lowers the deviance any further; the maximum may lie at the edge of ",
           "the family's range")
  message <- switch(code,
    converged = "converged",
    limit = limit$message,
    iteration_limit = "the limit of iterations was reached",
    stalled = stalled,
    diverging = if (is.null(runaway)) describe_divergence(result, problem$names) else
      paste0("there is no maximum inside the range of the parameters: ", runaway),
    not_positive_definite = "the information matrix is not positive definite"
  )
  list(converged = code %in% c("converged", "limit"), code = code, message = message,
       iterations = result$iterations, trace = result$trace,
       limited = if (!is.null(limit)) limit$coefficients)
}

#' A fit at the edge of its parameters' space
#'
#' All coefficients that grow without end are those of parameters with a known limit, and
#' move towards it: the model has become a simpler one.
#' @return NULL, or list(message, coefficients).
#' @noRd
describe_limit <- function(result, problem, family) {
  moving <- which(moving_coefficients(result))
  owner <- character(length(problem$names))
  for (place in problem$layout) owner[place$position] <- place$parameter
  parameters <- unique(owner[moving])
  known <- length(moving) > 0L && all(parameters %in% names(family$limits))
  if (!known) return(NULL)
  reached <- lapply(parameters, reached_limit, result, problem, family)
  if (any(lengths(reached) == 0L)) return(NULL)
  meanings <- vapply(reached, `[[`, "", "meaning")
  ends <- vapply(reached, function(limit) format(limit$at), "")
  message <- paste0("`", parameters, "` is at its limit ", ends, ": this is ", meanings,
                    collapse = "; ")
  list(message = paste0("converged; ", message), coefficients = moving)
}

#' Did a fit with a scale end where its likelihood has no curvature?
#'
#' There steps no longer change the mean, as when it fits exactly, and look like none.
#' @noRd
lost_information <- function(result, family, control) {
  result$code == "converged" && !is.null(family$edges) && !is.null(control$information) &&
    result$information != wanted_information(family, control)
}

#' A parameter with a known limit, all of whose values are within `near` of it
#' @noRd
near_limit <- function(result, problem, family) {
  owner <- vapply(problem$layout, `[[`, "", "parameter")
  for (name in names(family$limits)) {
    limit <- family$limits[[name]]
    if (is.null(limit$near)) next
    eta <- engine_linear_predictor(problem, result$coefficients)[, owner == name]
    value <- family$links[[name]]$linkinv(as.vector(eta))
    at <- which(vapply(limit$at, function(end) max(abs(value - end)), 0) < limit$near)
    if (!length(at)) next
    own <- unlist(lapply(problem$layout[owner == name], `[[`, "position"))
    return(list(message = paste0("converged; `", name, "` is at its limit ",
                                 limit$at[at], ": this is ", limit$meaning[at]),
                coefficients = own))
  }
}

#' The known limit that the last step takes a parameter towards, or NULL
#' @noRd
reached_limit <- function(parameter, result, problem, family) {
  owner <- vapply(problem$layout, `[[`, "", "parameter")
  eta <- engine_linear_predictor(problem, result$coefficients)
  problem$offsets[] <- list(NULL)
  step <- engine_linear_predictor(problem, as.double(result$last_step))
  mine <- owner == parameter
  slope <- family$links[[parameter]]$mu.eta(as.vector(eta[, mine]))
  change <- step[, mine] * slope
  change <- range(change[abs(change) >= 1e-3 * max(abs(change))])
  # some rows one way and some the other: that is no limit
  if (prod(sign(change)) <= 0) return(NULL)
  limit <- family$limits[[parameter]]
  ends <- family$domain[[parameter]]
  at <- which(limit$at == if (change[1L] > 0) ends[2L] else ends[1L])
  if (length(at)) list(at = limit$at[at], meaning = limit$meaning[at])
}

#' @noRd
moving_coefficients <- function(result) {
  step <- abs(result$last_step)
  step > 1e-3 * pmax(abs(result$coefficients), max(step)) & !result$aliased
}

#' Which coefficients still move by more than a thousandth of their size
#' @noRd
describe_divergence <- function(result, names) {
  which <- names[moving_coefficients(result)]
  paste0("the likelihood has no maximum, because ",
         if (length(which) == 1L) "the coefficient " else "the coefficients ",
         enumerate(which), " can grow without end (separated data, or a cell where all ",
         "responses are alike)")
}

#' Keep p x p numbers only; the log-likelihood is computed while the data are there
#' @noRd
drop_data <- function(object) {
  known <- object$family$has_density
  object$loglik <- if (known) as.numeric(stats::logLik(object)) else NA
  object$null_deviance <- null_deviance(object)
  object$frame <- strip_frame(object$frame)
  object$offset <- NULL
  object
}

#' Does the fit still have its data?
#' @noRd
has_data <- function(object) !is.null(object$frame$variables)

#' @noRd
require_data <- function(object, what) {
  if (has_data(object)) return(invisible())
  abort_gamut(what, " needs the data, and the fit was made with `keep_data = FALSE`: ",
              "give them as `data` or `newdata` where the method takes them, or refit.",
              class = "data")
}

#' The engine's problem of a fit, for its own rows or a new frame's
#' @noRd
fit_problem <- function(object, frame = object$frame) {
  build_problem(frame, object$family)
}

#' Coefficients with 0 for aliased ones
#' @noRd
estimated_coefficients <- function(object) {
  coefficients <- object$coefficients
  coefficients[is.na(coefficients)] <- 0
  c(unname(coefficients), object$modes)
}

#' Linear predictors (n x K, offsets included) of the fit's rows or a new frame's
#' @noRd
fit_eta <- function(object, frame = object$frame, coefficients = NULL) {
  if (is.null(coefficients)) coefficients <- estimated_coefficients(object)
  eta <- engine_linear_predictor(fit_problem(object, frame), coefficients,
                                 object$control$threads)
  colnames(eta) <- names(object$predictors)
  eta
}

#' Parameters of the response distribution at given linear predictors
#'
#' @return Named list of vectors, one per parameter; for a categorical response
#'   list(prob = matrix of probabilities, a column a category).
#' @noRd
fit_parameters <- function(object, eta = fit_eta(object)) {
  object$family$inverse(eta, object$family)
}

#' The model matrix of one linear predictor, signed so that its product with the
#' coefficients at `place$position` is the predictor less its offset
#' @noRd
predictor_matrix <- function(place, frame) {
  x <- model_matrix_of(frame$predictors[[place$frame_predictor]], frame)
  flipped <- place$sign < 0
  if (any(flipped)) x[, flipped] <- -x[, flipped]
  x
}

#' Numbers of the linear predictors that have the frame's predictor `p`; of a
#' parameter's own all those of the parameter
#' @noRd
etas_of <- function(object, p) {
  name <- names(object$frame$predictors)[p]
  parameter <- vapply(object$predictors, `[[`, "", "parameter")
  if (name %in% parameter) return(which(parameter == name))
  which(vapply(object$predictors, `[[`, 0L, "frame_predictor") == p)
}

#' Objective, scores and weights (dispersion 1) of every row of the fit
#' @noRd
fit_rows <- function(object, information = object$information,
                     eta = fit_eta(object)) {
  require_data(object, "This method")
  engine_rows(fit_problem(object), eta, information)
}

#' Unscaled covariance of parametric coefficients as the engine has it; beside lo() terms
#' that of the joint operator
#' @noRd
parametric_covariance <- function(object) object$loess$covariance %||% object$covariance

#' Unscaled covariance of all coefficients; rows of aliased ones are 0
#' @noRd
unscaled_vcov <- function(object) {
  full <- expand_covariance(parametric_covariance(object), length(object$coefficients))
  limited <- object$convergence$limited
  full[limited, ] <- full[, limited] <- NA
  dimnames(full) <- list(names(object$coefficients), names(object$coefficients))
  full
}

#' Standard errors without the full covariance matrix; NA for aliased coefficients
#' @noRd
standard_errors <- function(object, dispersion = object$dispersion) {
  variance <- covariance_diagonal(parametric_covariance(object),
                                  length(object$coefficients))
  se <- sqrt(dispersion * variance)
  se[is.na(object$coefficients)] <- NA
  se[object$convergence$limited] <- NA
  stats::setNames(se, names(object$coefficients))
}

#' The response as one number a row (a category's code), or a matrix of parts or counts
#' @noRd
observed_y <- function(object) object$family$observed(response_y(object))

#' The response as the engine has it, and the prior weights, one a row
#' @noRd
response_y <- function(object) {
  require_data(object, "This method")
  object$frame$y$y
}

#' @noRd
prior_weights <- function(object) {
  object$frame$y$weights %||% rep(1, object$n)
}

#' A linear model, whose t and F distributions are exact
#' @noRd
is_gaussian_identity <- function(object) is_profiled(object$family)
