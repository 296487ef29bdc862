# From the response as the user has it (factor, logical, proportions, counts, two
# columns) to the vector or matrix that the engine takes. Every complaint names the
# response, the rows and the way out.

#' The `response` field of a family
#'
#' Rows are named in messages by `rows` (the labels of the rows in the user's data),
#' else by their position.
#'
#' @param check Function of `(y, weights, at)` that returns [response_result()]; `at`
#'   is what messages need, and `at$variables`, what the family wanted of the data.
#' @noRd
response_reader <- function(family, check) {
  function(y, weights = NULL, name = "response", rows = NULL, call = NULL,
           variables = NULL) {
    at <- list(family = family, name = name, rows = rows, call = call,
               variables = variables)
    if (inherits(y, "Surv") && !isTRUE(attr(check, "survival"))) {
      abort_gamut("Response `", name, "` is a survival response, which the ", family,
                  " family cannot take: see censored().", class = "response",
                  call = call)
    }
    weights <- read_prior_weights(weights, NROW(y), at)
    check(y, weights, at)
  }
}

#' What a family makes of a response
#'
#' @param y Double vector, or matrix of counts.
#' @param weights Prior weights for the engine, NULL when all are 1.
#' @param trials Trials per row of a two-column or count-matrix response.
#' @param levels Levels of a factor response.
#' @param form The form it came in: "vector", "factor", "logical" or "matrix", so that
#'   simulated responses can be given back alike.
#' @noRd
response_result <- function(y, weights, trials = NULL, levels = NULL, form = "vector") {
  list(y = y, weights = weights, trials = trials, levels = levels, form = form)
}

#' @noRd
read_prior_weights <- function(weights, n, at) {
  if (is.null(weights)) {
    return(NULL)
  }
  if (!is.numeric(weights) || length(weights) != n) {
    abort_gamut(
      "`weights` must be a numeric vector with one value per row (", n, "), not ",
      describe_object(weights), ".",
      class = "weights", call = at$call
    )
  }
  weights <- as.double(weights)
  bad <- !is.finite(weights) | weights < 0
  if (any(bad)) {
    abort_rows(bad, at, "`weights` must be finite and not negative", class = "weights")
  }
  weights
}

#' Error that names rows
#' @noRd
abort_rows <- function(bad, at, rule, advice = NULL, class = "response") {
  rows <- row_labels(bad, at)
  abort_gamut(
    rule, "; not so in ", if (length(rows) == 1L) "row " else "rows ", enumerate(rows),
    ".", if (!is.null(advice)) paste0(" ", advice),
    class = class, call = at$call, data = list(rows = rows)
  )
}

#' @noRd
warn_rows <- function(bad, at, ...) {
  rows <- row_labels(bad, at)
  warn_gamut(
    "Response `", at$name, "`, ", if (length(rows) == 1L) "row " else "rows ",
    enumerate(rows), ": ", ...,
    class = "response", call = at$call, data = list(rows = rows)
  )
}

#' @noRd
row_labels <- function(bad, at) {
  bad <- which(bad)
  if (is.null(at$rows)) bad else at$rows[bad]
}

#' Plain numeric response: one finite number per row
#' @noRd
read_numeric <- function(y, at, advice = NULL) {
  if (is.matrix(y) && ncol(y) == 1L && !is.object(y)) {
    y <- y[, 1L]
  }
  numeric_like <- (is.numeric(unclass(y)) || is.logical(y)) && !is.factor(y)
  if (!numeric_like || NCOL(y) != 1L) {
    abort_gamut(
      "The ", at$family, " family needs a numeric response; `", at$name, "` is ",
      describe_response(y), ".", if (!is.null(advice)) paste0(" ", advice),
      class = "response", call = at$call
    )
  }
  require_finite(as.double(y), at)
}

#' @noRd
describe_response <- function(y) {
  if (is.factor(y)) {
    paste("a factor with", nlevels(y), "levels")
  } else if (is.matrix(y)) {
    paste("a matrix with", ncol(y), "columns")
  } else {
    sub(" of length .*", "", describe_object(y))
  }
}

#' @noRd
require_finite <- function(y, at) {
  # one pass without a logical vector; a sum that overflows is looked at again
  fine <- if (is.integer(y)) !anyNA(y) else is.finite(sum(y))
  if (!fine && !all(finite <- is.finite(y))) {
    bad <- if (is.matrix(y)) rowSums(!finite) > 0 else !finite
    abort_rows(bad, at, paste0("Response `", at$name, "` must be finite"))
  }
  y
}

#' @noRd
require_range <- function(y, ok, at, rule, advice = NULL) {
  if (!all(ok)) {
    bad <- if (is.matrix(ok)) rowSums(!ok) > 0 else !ok
    abort_rows(
      bad, at,
      paste0("The ", at$family, " family needs ", rule, " in response `", at$name, "`"),
      advice
    )
  }
  y
}

#' Any real number (gaussian; quasi with constant variance)
#' @noRd
read_real <- function(y, weights, at) {
  advice <- if (is.factor(y)) "For a factor see bernoulli() and categorical()."
  response_result(read_numeric(y, at, advice), weights)
}

#' Values above zero (Gamma, exponential, inverse gaussian)
#' @noRd
read_positive <- function(y, weights, at) {
  y <- read_numeric(y, at)
  response_result(require_range(y, y > 0, at, "values > 0"), weights)
}

#' Values not below zero (quasi families)
#' @noRd
read_nonnegative <- function(y, weights, at) {
  y <- read_numeric(y, at)
  response_result(require_range(y, y >= 0, at, "values >= 0"), weights)
}

#' Values from 0 to 1 (quasi with variance mu(1-mu))
#' @noRd
read_proportion <- function(y, weights, at) {
  y <- read_numeric(y, at)
  response_result(require_range(y, y >= 0 & y <= 1, at, "0 <= y <= 1"), weights)
}

#' Values strictly between 0 and 1 (Beta)
#' @noRd
read_open_unit <- function(y, weights, at) {
  y <- read_numeric(y, at)
  require_range(
    y, y > 0 & y < 1, at, "values strictly between 0 and 1",
    paste("Exact 0 and 1 have no beta density: see Beta_extended() and Beta_inflated();",
          "for counts of successes use binomial().")
  )
  response_result(y, weights)
}

#' Counts from 0 on
#' @noRd
read_counts <- function(y, weights, at) {
  y <- read_numeric(y, at)
  require_range(y, y >= 0, at, "counts >= 0")
  warn_non_integer(y, at, "the density of a number that is not whole is 0")
  response_result(y, weights)
}

#' Counts may be off a whole number by rounding, as in glm()
#' @noRd
warn_non_integer <- function(counts, at, consequence, tolerance = 1e-3) {
  if (is.integer(counts) || all(counts == floor(counts))) {
    return(invisible())
  }
  off <- abs(counts - round(counts)) > tolerance
  if (any(off)) {
    bad <- if (is.matrix(off)) rowSums(off) > 0 else off
    warn_rows(bad, at, "counts are not whole numbers; ", consequence, ".")
  }
}

#' The common case, told in one comparison
#' @noRd
is_zero_one <- function(y) {
  all(y * y == y)
}

#' @noRd
is_binary_label <- function(y) {
  is.factor(y) || is.logical(y) && NCOL(y) == 1L
}

#' Factor or logical as 0 and 1: the first level is a failure, all others successes
#' @noRd
read_binary_labels <- function(y, weights, at) {
  if (is.factor(y)) {
    value <- as.double(as.integer(y) != 1L)
    form <- "factor"
  } else {
    value <- as.double(y)
    form <- "logical"
  }
  require_finite(value, at)
  response_result(value, weights, levels = levels(y), form = form)
}

#' A single 0/1 outcome (bernoulli)
#' @noRd
read_binary <- function(y, weights, at) {
  if (is_binary_label(y)) {
    return(read_binary_labels(y, weights, at))
  }
  y <- read_numeric(y, at, "For cbind(successes, failures) use binomial().")
  if (!is_zero_one(y)) {
    require_range(
      y, y == 0 | y == 1, at, "0 or 1",
      "For proportions use binomial() with the trials as weights, or Beta()."
    )
  }
  response_result(y, weights)
}

#' Proportions with trials as weights, two columns, factor or logical (binomial)
#' @noRd
read_binomial <- function(y, weights, at) {
  if (is_binary_label(y)) {
    return(read_binary_labels(y, weights, at))
  }
  if (is.matrix(y) && ncol(y) == 2L) {
    return(read_two_columns(y, weights, at))
  }
  read_proportions_of_trials(y, weights, at)
}

#' @noRd
read_proportions_of_trials <- function(y, weights, at) {
  if (any(weights == 0) && is.numeric(y)) {
    y[weights == 0] <- 0
  }
  y <- read_numeric(y, at, "Text must be made a factor first; counts are two columns.")
  if (is.null(weights) && is_zero_one(y)) {
    return(response_result(y, weights))
  }
  require_range(
    y, y >= 0 & y <= 1, at, "0 <= y <= 1",
    "Counts of successes go with cbind(successes, failures)."
  )
  if (at$family == "binomial") {
    warn_non_integer(
      if (is.null(weights)) y else weights * y, at,
      paste(
        "the likelihood rounds y * weights. Give the numbers of trials as `weights`,",
        "or use quasibinomial()"
      )
    )
  }
  response_result(y, weights)
}

#' cbind(successes, failures)
#' @noRd
read_two_columns <- function(y, weights, at) {
  require_finite(y, at)
  require_range(y, y >= 0, at, "counts >= 0")
  if (at$family == "binomial") {
    warn_non_integer(y, at, "the likelihood rounds them. See quasibinomial()")
  }
  successes <- as.double(y[, 1L])
  trials <- successes + as.double(y[, 2L])
  proportion <- successes / trials
  proportion[trials == 0] <- 0
  response_result(
    proportion, if (is.null(weights)) trials else weights * trials,
    trials = trials, form = "matrix"
  )
}
