# Hurdle families: zero or not first, then how much.

#' Hurdle families
#'
#' A family in two parts: a probability of zero, and for what is above zero the family
#' without its own zeros.
#'
#' @param family A family: [stats::poisson()], [negbinomial()], [compois()], or a
#'   continuous one on positive values such as [Beta()]; a family object, function or
#'   name.
#' @param link_zi Link of the probability of zero, see [gamut_link()].
#'
#' @details
#' Density, with the density \eqn{g} of `family`:
#' \deqn{f(0) = \pi, \quad f(y) = (1 - \pi) \frac{g(y)}{1 - g(0)}, \quad y > 0}{
#'   f(0) = zi, f(y) = (1 - zi) g(y) / (1 - g(0)) for y > 0}
#' without the division where `family` is continuous.
#'
#' * **Parameters**: those of `family`, then `zi`, the probability of zero.
#'   `predict(type = "response")` and `fitted()` give the mean of the response,
#'   \eqn{(1 - \pi) \mu / (1 - g(0))}{(1 - zi) mu / (1 - g(0))};
#'   `predict(predictor = "mu")` the mean of `family`.
#' * **Formulas**: `y ~ x | z` has `z` in the predictor of `zi`. `pscl::hurdle()`
#'   describes the probability of passing the hurdle instead, \eqn{1 - \pi}{1 - zi}: with
#'   the logit its coefficients are the same but for their sign.
#' * **Links**: those of `family`; of `zi` `"logit"` (default), `"probit"`, `"cloglog"`
#'   and all others of [gamut_link()].
#' * **Response**: zeros and what `family` takes. **Weights** are factors of the
#'   log-likelihood.
#' * **Dispersion** is fixed at 1. **Standard errors** come from observed information.
#' * **Likelihood**: it falls into two parts without a common parameter, so that the fit
#'   is a [bernoulli()] fit of `y == 0` and one of the truncated family to the rest.
#' * **Limits**: those of `family`; with no zero in the data, `zi` runs off to 0.
#' * **Starting values**: those of `family`, and \eqn{\pi}{zi} of 0.75 at a zero and 0.25
#'   elsewhere.
#'
#' @return A family object of class `c("gamut_family", "family")`, named
#'   `"hurdle_poisson"` and so on.
#' @references Mullahy, J. (1986) Specification and testing of some modified count data
#'   models. *Journal of Econometrics* 33, 341-365. \doi{10.1016/0304-4076(86)90002-3}
#' @seealso [zero_inflated()], [truncated()]
#' @examples
#' set.seed(1)
#' d <- data.frame(x = runif(200))
#' d$y <- rpois(200, exp(1 + d$x)) * rbinom(200, 1, 0.7)
#' fit <- gamut(y ~ x | 1, family = hurdle(poisson()), data = d)
#' fit
#' mean(d$y == 0)
#' @family families
#' @export
hurdle <- function(family = stats::poisson(), link_zi = "logit") {
  base <- mixture_base(family, "hurdle", sys.call())
  link_zi <- resolve_link(link_zi, call = sys.call())
  name <- paste0("hurdle_", base$family)
  mixture_family(
    base, "hurdle", hurdle_parts(base), hurdle_response(base, name),
    links = list(zi = link_zi), domain = list(zi = c(0, 1)),
    limits = c(base$limits, list(zi = list(at = 0, meaning = "a model without zeros"))),
    bar_parameters = c("zi", base$parameters[-1L]),
    numbers = function(family, y) base$numbers(base, y[y > 0])
  )
}

#' Zeros, and elsewhere what the family reads
#' @noRd
hurdle_response <- function(base, name) {
  if (base$discrete) {
    return(mixture_response(base, name, function(read, at) {
      if (!all(read$y == 0)) return(NULL)
      abort_gamut("The ", name, " family needs values above zero in response `", at$name,
                  "`, all of which is zero.", class = "response", call = at$call)
    }))
  }
  function(y, weights, at) {
    y <- read_numeric(y, at)
    require_range(y, y >= 0, at, "values >= 0")
    kept <- if (is.null(at$rows)) seq_along(y) else at$rows
    base$response(y[y > 0], weights[y > 0], at$name, kept[y > 0], at$call, at$variables)
    response_result(y, weights)
  }
}

#' @noRd
hurdle_parts <- function(base) {
  force(base)
  positive <- truncated_parts(base, 0, Inf)
  list(
    density = function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
      value <- rep_len(base::log(par$zi), length(y))
      up <- is.na(y) | y != 0
      at <- lapply(par, function(p) rep_len(p, length(y))[up])
      value[up] <- log1p(-at$zi) + positive$density(y[up], base_parameters(at))
      if (log) value else exp(value)
    },
    cdf = function(y, par, weights = NULL, dispersion = 1, left = FALSE, lower = TRUE,
                   log = FALSE) {
      tail <- function(lower) {
        positive$cdf(y, base_parameters(par), left = left, lower = lower)
      }
      reached <- if (left) y > 0 else y >= 0
      either_tail(ifelse(reached, par$zi + (1 - par$zi) * tail(TRUE), 0),
                  ifelse(reached, (1 - par$zi) * tail(FALSE), 1), lower, log)
    },
    quantile = function(p, par, weights = NULL, dispersion = 1) {
      left <- pmax((p - par$zi) / (1 - par$zi), 0)
      value <- positive$quantile(pmin(left, 1), base_parameters(par))
      ifelse(p <= par$zi, 0, value)
    },
    random = function(n, par, weights = NULL, dispersion = 1) {
      drawn <- positive$random(n, lapply(base_parameters(par), recycle_rows, n = n))
      drawn * (stats::runif(n) >= par$zi)
    },
    mean = function(par) (1 - par$zi) * positive$mean(base_parameters(par)),
    var = function(par, weights = NULL, dispersion = 1) {
      own <- base_parameters(par)
      (1 - par$zi) * (positive$var(own) + par$zi * positive$mean(own)^2)
    }
  )
}
