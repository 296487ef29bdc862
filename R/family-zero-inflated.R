# Zero-inflated families: some rows are zero whatever their mean.

#' Zero-inflated families
#'
#' A family of counts with additional zeros: with probability \eqn{\pi}{zi} a row is zero,
#' otherwise it is from the family, which has zeros of its own.
#'
#' @param family A family of counts: [stats::poisson()], [negbinomial()], [compois()],
#'   [stats::binomial()], [betabinomial()]; a family object, function or name.
#' @param link_zi Link of the probability of an additional zero, see [gamut_link()].
#'
#' @details
#' Density, with the density \eqn{g} of `family`:
#' \deqn{f(0) = \pi + (1 - \pi) g(0), \quad f(y) = (1 - \pi) g(y), \quad y > 0}{
#'   f(0) = zi + (1 - zi) g(0), f(y) = (1 - zi) g(y) for y > 0}
#'
#' * **Parameters**: those of `family`, then `zi`. The mean of the response is
#'   \eqn{(1 - \pi)}{(1 - zi)} times that of `family`, and this is what
#'   `predict(type = "response")` and `fitted()` give; `predict(predictor = "mu")` gives
#'   the mean of `family`.
#' * **Formulas**: `y ~ x | z` has `z` in the predictor of `zi`, as in
#'   `pscl::zeroinfl()`; `ziformula = ~ z` is another way to say it, which also makes a
#'   zero-inflated family of a plain one.
#' * **Links**: those of `family`; of `zi` `"logit"` (default), `"probit"`, `"cloglog"`
#'   and all others of [gamut_link()].
#' * **Response** and **weights** are those of `family`.
#' * **Dispersion** is fixed at 1. **Standard errors** come from observed information.
#' * **Limits**: where there are no more zeros than `family` has, `zi` runs off to 0; the
#'   fit is then that of `family`, and a warning says so.
#' * **Starting values**: those of `family`, and \eqn{\pi}{zi} of 0.5 at a zero and 0.1
#'   elsewhere.
#'
#' @return A family object of class `c("gamut_family", "family")`, named
#'   `"zero_inflated_poisson"` and so on.
#' @references Lambert, D. (1992) Zero-inflated Poisson regression, with an application
#'   to defects in manufacturing. *Technometrics* 34, 1-14. \doi{10.2307/1269547}
#' @seealso [hurdle()], where all zeros are of one kind.
#' @examples
#' set.seed(1)
#' d <- data.frame(x = runif(200))
#' d$y <- rpois(200, exp(1 + d$x)) * rbinom(200, 1, 0.7)
#' gamut(y ~ x, family = zero_inflated(poisson()), data = d)
#' # a predictor for the additional zeros
#' fit <- gamut(y ~ x | x, family = zero_inflated(poisson()), data = d)
#' predict(fit, data.frame(x = 0.5))
#' predict(fit, data.frame(x = 0.5), type = "response", predictor = "zi")
#' @family families
#' @export
zero_inflated <- function(family = stats::poisson(), link_zi = "logit") {
  base <- mixture_base(family, "zero_inflated", sys.call())
  link_zi <- resolve_link(link_zi, call = sys.call())
  limit <- list(at = 0, meaning = paste(base$family, "without additional zeros"))
  mixture_family(
    base, "zero_inflated", zero_inflated_parts(base),
    mixture_response(base, paste0("zero_inflated_", base$family), function(...) NULL),
    links = list(zi = link_zi), domain = list(zi = c(0, 1)),
    limits = c(base$limits, list(zi = limit)),
    bar_parameters = c("zi", base$parameters[-1L])
  )
}

#' @noRd
zero_inflated_parts <- function(base) {
  force(base)
  list(
    density = function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
      own <- base$density(y, base_parameters(par), weights)
      counted <- log1p(-par$zi) + own
      value <- ifelse(y == 0, log_mixture(0, own, par$zi), counted)
      if (log) value else exp(value)
    },
    cdf = function(y, par, weights = NULL, dispersion = 1, left = FALSE, lower = TRUE,
                   log = FALSE) {
      tail <- function(lower) {
        base$cdf(y, base_parameters(par), weights, left = left, lower = lower)
      }
      reached <- if (left) y > 1e-9 else y >= -1e-9
      either_tail(ifelse(reached, par$zi + (1 - par$zi) * tail(TRUE), 0),
                  ifelse(reached, (1 - par$zi) * tail(FALSE), 1), lower, log)
    },
    quantile = function(p, par, weights = NULL, dispersion = 1) {
      # the share of p that is left to the family
      left <- pmax((p - par$zi) / (1 - par$zi), 0)
      base$quantile(pmin(left, 1), base_parameters(par), weights)
    },
    random = function(n, par, weights = NULL, dispersion = 1) {
      drawn <- base$random(n, base_parameters(par), weights)
      drawn * (stats::runif(n) >= par$zi)
    },
    mean = function(par) (1 - par$zi) * base$mean(base_parameters(par)),
    var = function(par, weights = NULL, dispersion = 1) {
      own <- base_parameters(par)
      (1 - par$zi) * (base$var(own, weights) + par$zi * base$mean(own)^2)
    }
  )
}
