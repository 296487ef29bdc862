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
#'   [parse_formula()]}
#' \item{`family`, `method`, `control`}{what was fitted and how}
#' \item{`coefficients`}{all coefficients, `NA` where aliased; those of the main
#'   predictor unprefixed, others as `phi:x`, categories as `B:x`}
#' \item{`predictors`}{one entry a linear predictor: its terms, levels, contrasts,
#'   column names and the place of its coefficients}
#' \item{`covariance`, `information`}{the unscaled covariance in compact form, use
#'   `vcov()`, and whether it is of the expected or the observed information}
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
    convergence = describe_convergence(result, problem$names),
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
  links <- setup$family$links
  Map(function(place, link, parameter) {
    predictor <- setup$frame$predictors[[place$predictor]]
    list(name = place$name, parameter = parameter, link = link,
         terms = predictor$terms, xlevels = predictor$xlevels,
         contrasts = predictor$contrasts_arg, intercept = predictor$intercept,
         names = place$names, assign = place$assign, term_labels = place$term_labels,
         position = place$position, frame_predictor = place$predictor)
  }, setup$problem$layout, links, names(links))
}

#' @noRd
describe_convergence <- function(result, names) {
  message <- switch(result$code,
    converged = "converged",
    iteration_limit = "the limit of iterations was reached",
    stalled = paste0("no step lowers the deviance any further; the maximum may lie at ",
                     "the edge of the family's range"),
    diverging = describe_divergence(result, names),
    not_positive_definite = "the information matrix is not positive definite"
  )
  list(converged = result$code == "converged", code = result$code, message = message,
       iterations = result$iterations, trace = result$trace)
}

#' Which coefficients still move by more than a thousandth of their size
#' @noRd
describe_divergence <- function(result, names) {
  step <- abs(result$last_step)
  moving <- step > 1e-3 * pmax(abs(result$coefficients), max(step)) & !result$aliased
  which <- names[moving]
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
  unname(coefficients)
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
  if (object$family$id == "categorical") {
    return(list(prob = category_probabilities(object, eta)))
  }
  parameters <- Map(function(k, p) p$link$linkinv(eta[, k]), seq_along(object$predictors),
                    object$predictors)
  stats::setNames(parameters, vapply(object$predictors, `[[`, "", "parameter"))
}

#' Softmax with the reference category's predictor at 0
#' @noRd
category_probabilities <- function(object, eta) {
  levels <- object$family$levels
  full <- matrix(0, nrow(eta), length(levels), dimnames = list(NULL, levels))
  full[, colnames(eta)] <- eta
  full <- exp(full - apply(full, 1L, max))
  full / rowSums(full)
}

#' Objective, scores and weights (dispersion 1) of every row of the fit
#' @noRd
fit_rows <- function(object, information = object$information,
                     eta = fit_eta(object)) {
  require_data(object, "This method")
  engine_rows(fit_problem(object), eta, information)
}

#' Unscaled covariance of all coefficients; rows of aliased ones are 0
#' @noRd
unscaled_vcov <- function(object) {
  full <- expand_covariance(object$covariance, length(object$coefficients))
  dimnames(full) <- list(names(object$coefficients), names(object$coefficients))
  full
}

#' Standard errors without the full covariance matrix; NA for aliased coefficients
#' @noRd
standard_errors <- function(object, dispersion = object$dispersion) {
  variance <- covariance_diagonal(object$covariance, length(object$coefficients))
  se <- sqrt(dispersion * variance)
  se[is.na(object$coefficients)] <- NA
  stats::setNames(se, names(object$coefficients))
}

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
