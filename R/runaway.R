# Parameters that have run off to where data cannot follow: a scale below the rounding of
# the response, a slant of 1e4. A loop may stop there, for no digit changes any more, and
# take the place for a maximum; it is none.

#' Words for the parameters that have run off
#'
#' `family$edges` is a named list by parameter of functions of the response as numbers,
#' each giving list(at = two ends of what data can tell, meaning = words for both).
#' @return NULL, or what they do, as "`sigma` runs to 0, ...".
#' @noRd
describe_runaway <- function(result, problem, family) {
  certain <- all_certain(result, family)
  if (is.null(family$edges)) return(certain)
  y <- as.double(family$observed(problem$response))
  eta <- engine_linear_predictor(problem, result$coefficients)
  owner <- vapply(problem$layout, `[[`, "", "parameter")
  words <- lapply(names(family$edges), function(name) {
    value <- unfloored(family$links[[name]], as.vector(eta[, owner == name]))
    runaway_words(name, range(value, na.rm = TRUE), family$edges[[name]](y),
                  family$domain[[name]])
  })
  words <- c(unlist(words), certain)
  if (length(words)) paste(words, collapse = "; ")
}

#' The inverse of a link; that of make.link("log") does not go below 2.2e-16
#' @noRd
unfloored <- function(link, eta) {
  if (identical(link$name, "log")) exp(eta) else link$linkinv(eta)
}

#' @noRd
runaway_words <- function(name, value, edge, domain) {
  beyond <- c(value[1L] < edge$at[1L], value[2L] > edge$at[2L])
  if (!any(beyond, na.rm = TRUE)) return(NULL)
  k <- which(beyond)[1L]
  paste0("`", name, "` runs to ", format(domain[k]), ", ", edge$meaning[k])
}

#' A discrete response whose probabilities have all become one, to 1e-9: whatever
#' parameter did that can go on
#' @noRd
all_certain <- function(result, family) {
  certain <- family$discrete && !family$has_deviance && result$kept_rows > 0 &&
    result$objective < 1e-9 * result$kept_rows
  if (certain) "every response has probability one"
}

#' The range of a standard deviation: from the rounding of the response (1024
#' times, for what sums and predictors add to it) to a thousand times its size
#'
#' @param transform From the response to the numbers that have this deviation.
#' @noRd
scale_edges <- function(transform = identity) {
  force(transform)
  function(y) {
    y <- suppressWarnings(transform(y))
    size <- max(abs(y[is.finite(y)]), 0)
    list(at = if (size > 0) c(1024 * .Machine$double.eps, 1e3) * size else c(Inf, Inf),
         meaning = c("which fits responses exactly",
                     "so far that the fit has lost the data"))
  }
}

#' The range of a dispersion phi that makes standard deviations of the size of
#' y sqrt(phi s(y)): from rounding, as in `scale_edges()`, to a million times that size
#'
#' @param size The function s of the response, positive.
#' @noRd
dispersion_edges <- function(size) {
  force(size)
  function(y) {
    list(at = c((1024 * .Machine$double.eps)^2, 1e12) / size(y[is.finite(y)]),
         meaning = c("which fits responses exactly",
                     "so far that the fit has lost the data"))
  }
}

#' @noRd
fixed_edges <- function(at, meaning) {
  edge <- list(at = at, meaning = meaning)
  function(y) edge
}

#' Fit once more from other starts, where the family knows that one may not do
#'
#' `family$restarts` is a function of `(result, problem, family)` that gives a list of
#' problems with other starts, empty where the result is beyond doubt. What is best by
#' more than 1e-8 of a unit of the log-likelihood is kept, so that equals do not change
#' places by rounding.
#' @noRd
fit_again <- function(result, problem, family, control) {
  if (is.null(family$restarts)) return(result)
  for (other in family$restarts(result, problem, family)) {
    found <- tryCatch(engine_fit(other, family, control), gamut_error = function(e) NULL)
    better <- !is.null(found) && is.finite(found$objective) &&
      !isTRUE(found$objective >= result$objective - 1e-8)
    if (better) result <- found
  }
  result
}
