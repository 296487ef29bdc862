# Families whose weights are numbers of trials, beyond binomial(): successes and failures
# for the engine, likelihoods and deviances that count them.

#' Successes and failures for the engine, and the weight of the row without its trials
#' @noRd
trials_response <- function(read) {
  trials <- read$trials %||% read$weights %||% rep.int(1, length(read$y))
  weights <- NULL
  if (!is.null(read$trials) && !is.null(read$weights)) {
    weights <- read$weights / trials
    weights[trials == 0] <- 0
    if (all(weights == 1)) weights <- NULL
  }
  successes <- read$y * trials
  near <- abs(successes - round(successes)) < 1e-3
  successes[near] <- round(successes[near])
  list(y = cbind(successes, trials - successes), weights = weights)
}

#' Log-likelihood where weights are trials, or trials times a weight of the row
#' @noRd
likelihood_of_trials <- function(density) {
  force(density)
  function(y, par, weights = NULL, dispersion = NULL, trials = NULL) {
    row <- counted_rows(y, par, weights, trials)
    size <- row$trials %||% row$weights
    sum(row$weights / size * density(row$y, row$par, size))
  }
}

#' As deviance_by_search(), with the trials given
#' @noRd
deviance_of_trials <- function(density, link) {
  force(density)
  force(link)
  function(y, par, weights = NULL) {
    with_trials <- function(y, par, ...) density(y, par, weights)
    deviance_by_search(with_trials, link)(y, par)
  }
}

#' Rounded successes and trials of each row; NA where successes are not whole
#' @noRd
whole_successes <- function(y, weights) {
  size <- row_trials(weights)
  successes <- y * if (is.null(weights)) 1 else weights
  off <- abs(successes - round(successes)) > 1e-3
  list(s = ifelse(off, NA, round(successes)), n = rep_len(size, length(y)), off = off)
}
