# The cumulative family: ordered categories, thresholds and slopes.

#' The cumulative family
#'
#' Regression for a response with ordered categories: the proportional-odds model and
#' its relatives with other links, or with slopes that differ between thresholds.
#'
#' @param link Link of the cumulative probabilities: `"logit"`, `"probit"`, `"cloglog"`,
#'   `"loglog"` or `"cauchit"`.
#' @param parallel `TRUE`: every slope is the same at all thresholds. `FALSE`: every
#'   threshold has slopes of its own. A one-sided formula names the terms whose slopes
#'   are the same; all others have slopes of their own.
#'
#' @details
#' With categories \eqn{1 < 2 < \ldots < C} and the inverse link \eqn{F},
#' \deqn{P(y \le k) = F(\eta_k), \quad \eta_k = \zeta_k - x'\beta,
#'   \quad k = 1, \ldots, C - 1}{
#'   P(y <= k) = F(eta_k), eta_k = zeta_k - x'b, k = 1, ..., C - 1}
#' The minus makes a positive slope one towards higher categories, as in
#' [MASS::polr()]. Slopes of their own are \eqn{\eta_k = \zeta_k - x'\beta_k}{eta_k =
#' zeta_k - x'b_k}; then thresholds can cross at some \eqn{x}, where there are no
#' probabilities and predictions are `NA`.
#'
#' * **Parameters**: `mu`, spread over the thresholds, which are labelled `"a|b"` by the
#'   categories on their two sides. The intercept of the formula stands for the
#'   thresholds. Coefficients are the thresholds `a|b`, then slopes `x`, then slopes of
#'   their own `a|b:x`. A threshold may have a formula of its own:
#'   ``list(y ~ x, `a|b` ~ x + z)``.
#' * **Offsets** enter with a minus, as slopes do.
#' * **Response**: a factor, ordered or not, whose levels are in order, or a matrix with a
#'   column of counts per category. Categories that do not occur are dropped with a
#'   warning.
#' * **Weights** are factors of the log-likelihood.
#' * **Dispersion** is fixed at 1.
#' * **Standard errors** come from observed information.
#' * **Starting values**: probabilities near the observed proportions of the row.
#'
#' With two categories this is [bernoulli()] for the second one, the threshold being
#' minus the intercept. [family_density()] and its companions take probabilities, as for
#' [categorical()].
#'
#' @return A family object of class `c("gamut_family", "family")`. Its scalar fields
#'   `linkfun`, `linkinv` are those of one cumulative probability.
#' @references McCullagh, P. (1980) Regression models for ordinal data. *Journal of the
#'   Royal Statistical Society B* 42, 109-142. \doi{10.1111/j.2517-6161.1980.tb01109.x}
#'
#' Peterson, B. and Harrell, F. E. (1990) Partial proportional odds models for ordinal
#' response variables. *Applied Statistics* 39, 205-217. \doi{10.2307/2347760}
#' @examples
#' d <- data.frame(dose = rep(0:3, each = 10), effect = factor(
#'   c("none", "some", "strong")[1 + (rep(0:3, each = 10) + rep(1:10, 4) > 8) +
#'                                 (rep(0:3, each = 10) + rep(1:10, 4) > 10)],
#'   levels = c("none", "some", "strong"), ordered = TRUE))
#' fit <- gamut(effect ~ dose, family = cumulative(), data = d)
#' fit
#' predict(fit, data.frame(dose = c(0, 3)), type = "prob")
#' # a slope for each threshold
#' gamut(effect ~ dose, family = cumulative(parallel = FALSE), data = d)
#' @family families
#' @export
cumulative <- function(link = "logit", parallel = TRUE) {
  if (!is.character(link) || !isTRUE(link %in% names(cumulative_tails()))) {
    abort_gamut("The cumulative family has the links ",
                quoted(names(cumulative_tails())), ".", class = "link",
                call = sys.call())
  }
  one_sided <- inherits(parallel, "formula") && length(parallel) == 2L
  if (!one_sided && !isTRUE(parallel) && !isFALSE(parallel)) {
    abort_gamut("`parallel` must be TRUE, FALSE or a one-sided formula such as ~ x, not ",
                describe_object(parallel), ".", class = "argument", call = sys.call(),
                data = list(argument = "parallel"))
  }
  link <- resolve_link(link)
  base <- plain_family("cumulative", link,
    variance = function(mu) mu * (1 - mu),
    validmu = function(mu) all(is.finite(mu)) && all(mu >= 0 & mu <= 1)
  )
  new_gamut_family(
    base, "cumulative",
    distribution = list(
      density = categorical_density, cdf = categorical_cdf,
      quantile = categorical_quantile, random = categorical_random,
      mean = as_probabilities, var = categorical_variance,
      loglik = categorical_loglik, unit_deviance = categorical_deviance
    ),
    response = read_ordered, links = list(mu = link),
    has_deviance = FALSE, domain = list(prob = c(0, 1)), discrete = TRUE,
    extra = list(
      outcome = "category", etas = cumulative_etas, inverse = cumulative_inverse,
      thresholds = list(parallel = parallel)
    )
  )
}

#' A threshold between each two neighbours, "a|b"
#' @noRd
cumulative_etas <- function(family, levels) {
  last <- length(levels)
  label <- paste(levels[-last], levels[-1L], sep = "|")
  list(label = label, parameter = rep("mu", last - 1L))
}

#' Both tails of the distributions behind the links
#' @noRd
cumulative_tails <- function() {
  list(
    logit = list(lower = stats::plogis, upper = function(x) stats::plogis(-x)),
    probit = list(lower = stats::pnorm, upper = function(x) stats::pnorm(-x)),
    cloglog = list(lower = function(x) -expm1(-exp(x)),
                   upper = function(x) exp(-exp(x))),
    loglog = list(lower = function(x) exp(-exp(-x)),
                  upper = function(x) -expm1(-exp(-x))),
    cauchit = list(lower = stats::pcauchy, upper = function(x) stats::pcauchy(-x))
  )
}

#' Probabilities as differences of neighbours, of upper tails where the lower ones are
#' near one and would cancel
#' @noRd
cumulative_inverse <- function(eta, family) {
  tails <- cumulative_tails()[[family$links$mu$name]]
  n <- nrow(eta)
  lower <- cbind(0, matrix(tails$lower(eta), n), 1)
  upper <- cbind(1, matrix(tails$upper(eta), n), 0)
  k <- seq_len(ncol(eta) + 1L)
  from <- lower[, k, drop = FALSE]
  prob <- ifelse(from > 0.5,
                 upper[, k, drop = FALSE] - upper[, k + 1L, drop = FALSE],
                 lower[, k + 1L, drop = FALSE] - from)
  crossed <- rowSums(prob < 0) > 0
  prob[which(crossed), ] <- NA
  dimnames(prob) <- list(NULL, family$levels)
  list(prob = prob)
}
