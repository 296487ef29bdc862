# The one public way to the distribution of any family, stats' or ours.

#' Density, probabilities, quantiles and random numbers of a family
#'
#' The distribution behind a family, in the family's own parameters: what `dgamma()`,
#' `pgamma()`, `qgamma()` and `rgamma()` are for the Gamma distribution, here for every
#' family, in terms of its mean.
#'
#' @param family A family object or function of stats or gamut, or a family's name.
#' @param y,q Values of the response. For `binomial()` they are proportions, for
#'   [categorical()] and [cumulative()] numbers of categories, for [dirichlet()] rows of
#'   parts.
#' @param p Probabilities.
#' @param n How many random numbers.
#' @param par Parameters: a named list with a numeric vector each, such as
#'   `list(mu = 0.3, phi = 5)`, or the bare vector if there is only one. For
#'   [categorical()] and [cumulative()] a matrix of probabilities with a column per
#'   category, for [dirichlet()] one of concentrations.
#' @param weights Prior weights. They matter where they are precisions or numbers of
#'   trials; factors of a log-likelihood do not change the distribution of a row.
#' @param dispersion Dispersion \eqn{\phi}; ignored where the family fixes it at 1.
#' @param log `TRUE` for the logarithm.
#' @param lower_tail `TRUE` for \eqn{P(Y \le q)}, `FALSE` for \eqn{P(Y > q)}.
#' @param left `TRUE` for the limit from the left: \eqn{P(Y < q)}, and with
#'   `lower_tail = FALSE` \eqn{P(Y \ge q)}. Matters for discrete families; randomised
#'   quantile residuals need both limits.
#'
#' @details
#' Vectors are recycled to the length of the longest. Definitions are on the pages of the
#' [families].
#'
#' @return A numeric vector. Parameters that are missing, unknown or out of range are an
#'   error of class `gamut_error_parameter`; families without a distribution (quasi) give
#'   one of class `gamut_error_density`.
#' @examples
#' # a Gamma with mean 3 and coefficient of variation 0.5
#' family_density(Gamma(), 1:5, 3, dispersion = 0.25)
#' family_cdf(Gamma(), 3, 3, dispersion = 0.25)
#'
#' # 3 successes in 10 trials
#' family_density("binomial", 0.3, list(mu = 0.2), weights = 10)
#'
#' family_quantile("inverse.gaussian", c(0.1, 0.5, 0.9), 2)
#' set.seed(1)
#' family_random(Beta(), 3, list(mu = c(0.2, 0.5, 0.8), phi = 10))
#' @name family_density
#' @export
family_density <- function(family, y, par, weights = NULL, dispersion = 1, log = FALSE) {
  family <- as_gamut_family(family, sys.call())
  require_density(family, sys.call())
  at <- recycle_arguments(family, NROW(y), par, weights, dispersion, sys.call())
  y <- recycle_rows(y, at$n)
  family$density(y, at$par, at$weights, at$dispersion, log = log)
}

#' @rdname family_density
#' @export
family_cdf <- function(family, q, par, weights = NULL, dispersion = 1,
                       lower_tail = TRUE, log = FALSE, left = FALSE) {
  family <- as_gamut_family(family, sys.call())
  require_cdf(family, sys.call())
  at <- recycle_arguments(family, length(q), par, weights, dispersion, sys.call())
  family$cdf(rep_len(q, at$n), at$par, at$weights, at$dispersion,
    left = left, lower = lower_tail, log = log
  )
}

#' @rdname family_density
#' @export
family_quantile <- function(family, p, par, weights = NULL, dispersion = 1) {
  family <- as_gamut_family(family, sys.call())
  require_cdf(family, sys.call())
  outside <- !is.na(p) & (p < 0 | p > 1)
  if (any(outside)) {
    abort_gamut("`p` must be probabilities between 0 and 1; not so at position ",
      enumerate(which(outside)), ".",
      class = "parameter", call = sys.call()
    )
  }
  at <- recycle_arguments(family, length(p), par, weights, dispersion, sys.call())
  family$quantile(rep_len(p, at$n), at$par, at$weights, at$dispersion)
}

#' @rdname family_density
#' @export
family_random <- function(family, n, par, weights = NULL, dispersion = 1) {
  family <- as_gamut_family(family, sys.call())
  require_density(family, sys.call())
  at <- recycle_arguments(family, 1L, par, weights, dispersion, sys.call())
  family$random(n, at$par, at$weights, at$dispersion)
}

#' @noRd
require_density <- function(family, call = NULL) {
  if (!family$has_density) {
    abort_gamut(
      "The ", family$family, " family is a mean and a variance without a distribution: ",
      "it has no density, probabilities, quantiles or random numbers.",
      class = "density", call = call
    )
  }
}

#' @noRd
require_cdf <- function(family, call = NULL) {
  require_density(family, call)
  if (family$has_cdf) return(invisible())
  if ("cdf" %in% family$lacks) abort_lacking("cdf", family$family, call)
  abort_gamut(
    "A response of the ", family$family, " family is a row of numbers, which have no ",
    "order: it has no probabilities below a value, no quantiles and no quantile ",
    "residuals.", class = "density", call = call
  )
}

#' Parameters checked, and everything at the length of the longest
#' @noRd
recycle_arguments <- function(family, n, par, weights, dispersion, call = NULL) {
  par <- as_parameters(family, par, call)
  n <- max(n, vapply(par, NROW, 0L), length(weights), length(dispersion))
  par <- lapply(par, recycle_rows, n = n)
  list(
    n = n, par = par, dispersion = rep_len(dispersion, n),
    weights = if (!is.null(weights)) rep_len(weights, n)
  )
}

#' @noRd
recycle_rows <- function(value, n) {
  if (!is.matrix(value)) return(rep_len(value, n))
  if (nrow(value) == n) value else value[rep_len(seq_len(nrow(value)), n), , drop = FALSE]
}

#' @noRd
as_parameters <- function(family, par, call = NULL) {
  wanted <- names(family$domain)
  if (length(wanted) == 1L) par <- as_one_parameter(family, par)
  # a row of probabilities, or of parts, may be a plain vector
  if (has_matrix_mean(family)) par[1L] <- list(as_probabilities(par))
  if (!is.list(par) || !setequal(names(par), wanted)) {
    abort_gamut(
      "`par` must be a list with the parameters of the ", family$family, " family: ",
      paste0("`", wanted, "`", collapse = ", "), ".",
      class = "parameter", call = call
    )
  }
  for (name in wanted) {
    require_domain(par[[name]], name, family$domain[[name]], call)
  }
  par[wanted]
}

#' The one parameter of a family may be given without its name
#' @noRd
as_one_parameter <- function(family, par) {
  if (!is.list(par)) par <- list(par)
  nameless <- is.null(names(par)) || has_matrix_mean(family)
  if (length(par) == 1L && nameless) names(par) <- names(family$domain)
  par
}

#' @noRd
require_domain <- function(value, name, domain, call = NULL) {
  inside <- is.na(value) | (value >= domain[1L] & value <= domain[2L])
  inside <- inside & is.numeric(value)
  if (!all(inside)) {
    abort_gamut(
      "Parameter `", name, "` must be numbers from ", domain[1L], " to ", domain[2L],
      "; not so at position ", enumerate(which(!inside)), ".",
      class = "parameter", call = call
    )
  }
}

#' Distribution functions without the raw warnings of R's own
#'
#' These say "NaNs produced" where a dispersion is unknown or has run off, and that a
#' quantile is not of full precision where a density is a spike; the value says it.
#' Warnings of gamut itself and of functions that a user wrote pass.
#' @noRd
quiet_distribution <- function(distribution) {
  for (name in intersect(c("density", "cdf", "quantile", "random", "loglik"),
                         names(distribution))) {
    f <- distribution[[name]]
    own <- is.function(f) && identical(topenv(environment(f)), topenv())
    if (own) distribution[[name]] <- quietly(f)
  }
  distribution
}

#' @noRd
quietly <- function(f) {
  force(f)
  function(...) {
    withCallingHandlers(f(...), warning = function(w) {
      theirs <- deparse(conditionCall(w)[[1L]])[1L]
      if (grepl("^(stats::)?[dpqr][a-z]+$|^(lgamma|log)$", theirs)) {
        invokeRestart("muffleWarning")
      }
    })
  }
}
