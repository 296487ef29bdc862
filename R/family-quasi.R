# The quasi families: a mean and a variance function, no distribution.

#' The quasi families
#'
#' [stats::quasipoisson()], [stats::quasibinomial()] and [stats::quasi()]: a mean and a
#' variance function without a distribution, estimated by quasi-likelihood.
#'
#' @details
#' Only \eqn{E(y) = \mu} and \eqn{\mathrm{var}(y) = \phi V(\mu)/a}{var(y) = phi V(mu) /
#' a} are assumed (dispersion \eqn{\phi}, prior weight \eqn{a}). There is no density, so
#' `logLik()`, `AIC()` and quantile residuals are not available and
#' [family_density()] and its companions give an error of class `gamut_error_density`.
#'
#' * **Parameter**: `mu`, the mean. \eqn{V(\mu)} is \eqn{\mu} (`quasipoisson()`),
#'   \eqn{\mu(1-\mu)} (`quasibinomial()`), and 1, \eqn{\mu}, \eqn{\mu(1-\mu)},
#'   \eqn{\mu^2} or \eqn{\mu^3} (`quasi()`, by its argument `variance`). A variance
#'   written by the user is an error.
#' * **Links**: `"log"`, `"logit"` and `"identity"` by default; all others of
#'   [gamut_link()].
#' * **Response**: as the family of the same variance function, without the warning
#'   about counts that are not whole. `quasibinomial()` takes all that `binomial()` takes.
#' * **Weights** are precisions; of `quasibinomial()` also numbers of trials.
#' * **Dispersion** is estimated, by Pearson's statistic over the residual degrees of
#'   freedom.
#' * **Starting values** are those of the family of the same variance function.
#'
#' @references Wedderburn, R. W. M. (1974) Quasi-likelihood functions, generalized
#'   linear models, and the Gauss-Newton method. *Biometrika* 61, 439-447.
#'   \doi{10.1093/biomet/61.3.439}
#' @examples
#' quasi(link = "log", variance = "mu^2")
#' tryCatch(family_density("quasipoisson", 2, 1), error = conditionMessage)
#' @name family-quasi
#' @family families
NULL

#' @noRd
build_quasi <- function(base, call = NULL) {
  variance <- switch(base$family,
    quasibinomial = "mu(1-mu)", quasipoisson = "mu", base$varfun
  )
  domain <- quasi_domain(variance, call)
  response <- switch(base$family,
    quasibinomial = read_binomial,
    quasi_response(variance)
  )
  new_gamut_family(
    base, "quasi",
    distribution = c(no_distribution(base$family), list(
      mean = mean_parameter, var = edm_variance(base$variance), loglik = no_loglik,
      unit_deviance = edm_deviance(base$dev.resids)
    )),
    response = response, domain = list(mu = domain),
    dispersion = "estimated", weights_are = "precision", has_density = FALSE,
    extra = list(
      variance_id = variance,
      numbers = function(family, y) quasi_variance_code(family$variance_id)
    )
  )
}

#' The engine's number of a variance function, see registry.hpp
#' @noRd
quasi_variance_code <- function(variance) {
  match(variance, c("constant", "mu(1-mu)", "mu", "mu^2", "mu^3")) - 1
}

#' @noRd
quasi_domain <- function(variance, call = NULL) {
  domains <- list(
    constant = c(-Inf, Inf), mu = c(0, Inf), "mu(1-mu)" = c(0, 1),
    "mu^2" = c(0, Inf), "mu^3" = c(0, Inf)
  )
  if (!isTRUE(variance %in% names(domains))) {
    abort_gamut(
      "quasi() with a variance function of your own is not available. Known are ",
      paste0("\"", names(domains), "\"", collapse = ", "), ".",
      class = "family", call = call
    )
  }
  domains[[variance]]
}

#' @noRd
quasi_response <- function(variance) {
  switch(variance,
    constant = read_real, "mu(1-mu)" = read_proportion, "mu^3" = read_positive,
    read_nonnegative
  )
}

#' The distribution functions of a family without a distribution
#' @noRd
no_distribution <- function(family) {
  force(family)
  refuse <- function(...) {
    abort_gamut(
      "The ", family, " family is a mean and a variance without a distribution: it has ",
      "no density, probabilities, quantiles or random numbers.",
      class = "density"
    )
  }
  list(density = refuse, cdf = refuse, quantile = refuse, random = refuse)
}

#' @noRd
no_loglik <- function(y, par, weights = NULL, dispersion = NULL, trials = NULL) {
  NA_real_
}
