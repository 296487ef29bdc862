# New responses from a fitted model, in the form of the response.

#' Simulate responses
#'
#' @param object A fit of class `"gamut"`.
#' @param nsim Number of responses to draw.
#' @param seed Seed, or `NULL` to draw from the current state of the random number
#'   generator; the state is left as it was when a seed is given.
#' @param newdata Data to simulate for; the rows of the fit by default.
#' @param weights Prior weights (trials, precisions) for rows of `newdata`, see
#'   [predict.gamut()].
#' @param re.form Which random effects are those of the fit: `NA` or `~0` for none, all
#'   are drawn anew from their estimated distribution (the default); `NULL` for all, whose
#'   conditional modes are used; a formula such as `~(1 | g)` for these, the others being
#'   drawn anew.
#' @param allow_new_levels For rows of `newdata` whose group the fit does not know, where
#'   conditional modes are asked for: see [predict.gamut()]. Random effects that are drawn
#'   anew are drawn for new levels too.
#' @param ... Ignored.
#'
#' @details
#' Responses are drawn from the family at the estimated parameters; the uncertainty of
#' the estimates does not enter. They have the form of the response: numbers, a factor
#' with its levels, logical or text, proportions of the trials given as `weights`, a
#' two-column matrix for `cbind(successes, failures)` and a matrix of counts for a
#' categorical response of that form. Where a factor with more than two levels was taken
#' as binary, success is drawn as the second level.
#'
#' With random effects these are drawn first, by default, one set for each response.
#'
#' The dispersion is that of the fit. `simulate()` of a `glm` with the Gamma family takes
#' the maximum likelihood estimate of the shape instead of \eqn{1/\phi}, so that its draws
#' differ; those of gaussian, binomial and Poisson fits are the same numbers from the
#' same seed (not with `na.exclude`, where `glm` fits draw for the missing rows too).
#'
#' @return As for [stats::simulate()]: a data frame with columns `sim_1`, `sim_2`, ... and
#'   attribute `"seed"`, the seed with the kind of generator, or the state before. Rows
#'   that `na.exclude` left out are `NA`. An error of class `gamut_error_density` for
#'   quasi families, `gamut_error_weights` for binomial weights that are not whole.
#' @seealso [residuals.gamut()] for the same comparison in one number per row.
#' @examples
#' fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' head(simulate(fit, 3, seed = 1))
#'
#' # a parametric bootstrap of a variance; nobody of the data, then these very children
#' fit <- gamut(distance ~ age + (1 | Subject), data = nlme::Orthodont)
#' drawn <- simulate(fit, 20, seed = 1)
#' sd(vapply(drawn, function(y) VarCorr(refit(fit, y))$Subject[1], 0))
#' head(simulate(fit, 3, seed = 1, re.form = NULL))
#' @importFrom stats simulate
#' @export
simulate.gamut <- function(object, nsim = 1, seed = NULL, newdata = NULL, weights = NULL,
                           re.form = NA,
                           allow_new_levels = FALSE, ...) {
  nsim <- check_count(nsim, "nsim")
  require_density(object$family)
  require_data(object, "simulate()")
  check_random_request(object, !missing(re.form), !missing(allow_new_levels))
  choice <- if (is_mixed(object)) random_choice(object, re.form)
  anew <- !is.null(choice) && !all(unlist(choice))
  allow <- if (anew) "population" else check_new_levels(allow_new_levels)
  ask <- list(object = object, blank = FALSE,
              rows = prediction_rows(object, newdata, stats::na.pass,
                                     new_levels = allow))
  refuse_new_curves(ask)
  if (anew) ask <- drawn_levels(ask, choice, check_new_levels(allow_new_levels))
  source <- draw_source(ask, weights)
  state <- if (is.null(seed)) random_state()
           else structure(seed, kind = as.list(RNGkind()))
  draws <- with_seed(seed, if (anew) draw_effects_and_responses(source, nsim, ask)
                           else draw_responses(source, nsim))
  draws <- lapply(draws, finish_rows, ask = ask)
  names <- if (is.matrix(draws[[1L]])) rownames(draws[[1L]]) else names(draws[[1L]])
  if (!is.matrix(draws[[1L]])) draws <- lapply(draws, unname)
  structure(draws, names = paste0("sim_", seq_len(nsim)), class = "data.frame",
            row.names = names, seed = state)
}

#' What responses are drawn from
#' @noRd
draw_source <- function(ask, weights) {
  object <- ask$object
  own <- object$frame
  eta <- row_predictors(ask)
  list(family = object$family, par = fit_parameters(object, eta),
       n = nrow(eta), dispersion = object$dispersion, form = own$y$form,
       response = own$response, weights = prediction_weights(ask, weights),
       trials = if (!ask$rows$new) own$y$trials else prediction_weights(ask, weights))
}

#' A list of `nsim` responses
#'
#' All are drawn in one call, rows first, which is the order of stats.
#' @noRd
draw_responses <- function(source, nsim) {
  if (is.matrix(source$response) && is_category(source$family)) {
    return(replicate(nsim, draw_counts(source), simplify = FALSE))
  }
  again <- rep(seq_len(source$n), nsim)
  par <- lapply(source$par, take_rows, rows = again)
  drawn <- source$family$random(length(again), par, source$weights[again],
                                source$dispersion)
  lapply(seq_len(nsim), function(i) {
    rows <- (i - 1L) * source$n + seq_len(source$n)
    form_response(take_rows(drawn, rows), source)
  })
}

#' @noRd
draw_counts <- function(source) {
  prob <- source$par$prob
  trials <- rep_len(source$trials %||% 1, source$n)
  counts <- vapply(seq_len(source$n), function(i) {
    as.double(stats::rmultinom(1L, round(trials[i]), prob[i, ]))
  }, numeric(ncol(prob)))
  matrix(counts, source$n, ncol(prob), byrow = TRUE, dimnames = dimnames(prob))
}

#' Numbers as the family draws them, in the form of the response
#' @noRd
form_response <- function(drawn, source) {
  response <- source$response
  if (!is.null(source$family$shape)) return(source$family$shape(drawn, source))
  if (is_category(source$family)) return(category_response(drawn, source))
  if (is.matrix(drawn)) return(drawn)
  switch(source$form,
    factor = factor(levels(response)[1L + drawn], levels = levels(response)),
    logical = drawn == 1,
    matrix = two_columns(drawn, source),
    drawn
  )
}

#' @noRd
category_response <- function(drawn, source) {
  text <- source$family$levels[drawn]
  response <- source$response
  if (is.factor(response)) {
    factor(text, levels = levels(response), ordered = is.ordered(response))
  } else if (is.logical(response)) {
    text == "TRUE"
  } else {
    text
  }
}

#' @noRd
two_columns <- function(drawn, source) {
  trials <- rep_len(source$trials %||% 1, source$n)
  successes <- round(drawn * trials)
  columns <- cbind(successes, trials - successes)
  colnames(columns) <- colnames(source$response)
  columns
}
