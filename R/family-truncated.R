# Truncated families: responses that are seen only between two bounds. Those of counts
# are here, those of continuous responses in family-truncated-continuous.R.

#' Truncated families
#'
#' A family of which only responses above `lower` and up to `upper` are seen, by default
#' those above zero.
#'
#' @param family A family of counts, [stats::poisson()], [negbinomial()] or [compois()],
#'   or a continuous one, [stats::gaussian()], [lognormal()], [stats::Gamma()] or
#'   [weibull()]; a family object, function or name.
#' @param lower,upper Bounds: \eqn{lower < y \le upper}{lower < y <= upper}. Of counts
#'   whole numbers, and `lower = -1` does not truncate from below.
#'
#' @details
#' Density, with the density \eqn{g} and the distribution function \eqn{G} of `family`:
#' \deqn{f(y) = \frac{g(y)}{G(upper) - G(lower)}, \quad lower < y \le upper}{
#'   f(y) = g(y) / (G(upper) - G(lower)), lower < y <= upper}
#'
#' * **Parameters** and **links** are those of `family`, for `gaussian()` and `Gamma()`
#'   with `sigma` and `phi` beside `mu`. They are those before truncation,
#'   `predict(predictor = "mu")`; `predict(type = "response")` and `fitted()` give the
#'   mean of the response, for counts \eqn{\mu / (1 - g(0))}{mu / (1 - g(0))} by default.
#' * **Response**: values within the bounds. **Weights** are factors of the
#'   log-likelihood.
#' * **Dispersion** is fixed at 1. **Standard errors** come from observed information.
#' * **Starting values**: those of `family`.
#'
#' Truncation is not censoring: responses outside the bounds are not in the data at all;
#' where they are, with their bound for a value, see [censored()].
#'
#' @return A family object of class `c("gamut_family", "family")`, named
#'   `"truncated_poisson"` and so on.
#' @references Cameron, A. C. and Trivedi, P. K. (2013) *Regression Analysis of Count
#'   Data*, 2nd edition, section 4.3. \doi{10.1017/CBO9781139013567}
#' @seealso [hurdle()], [censored()]
#' @examples
#' set.seed(1)
#' d <- data.frame(x = runif(200))
#' d$y <- rpois(200, exp(0.5 + d$x))
#' gamut(y ~ x, family = truncated(poisson()), data = d, subset = y > 0)
#' @family families
#' @export
truncated <- function(family = stats::poisson(), lower = 0, upper = Inf) {
  call <- sys.call()
  base <- as_gamut_family(family, call)
  if (is.function(base$dispersion_form)) base <- base$dispersion_form(base)
  if (!is.null(base$bounded$truncated)) {
    return(truncate_continuous(base, lower, upper, call))
  }
  base <- mixture_base(family, "truncated", call)
  check_bounds(lower, upper, call)
  bounds <- paste0("counts above ", lower,
                   if (upper < Inf) paste0(" and up to ", upper))
  within <- function(read, at) {
    require_range(read$y, read$y > lower & read$y <= upper, at, bounds)
  }
  mixture_family(
    base, "truncated", truncated_parts(base, lower, upper),
    mixture_response(base, paste0("truncated_", base$family), within),
    numbers = function(family, y) c(lower, upper, base$numbers(base, y)),
    bounds = c(lower, upper)
  )
}

#' @noRd
check_bounds <- function(lower, upper, call) {
  if (is_whole(lower) && is_whole(upper) && lower >= -1 && upper > lower) {
    return(invisible())
  }
  abort_gamut("`lower` and `upper` must be whole numbers with -1 <= lower < upper; ",
              "counts y with lower < y <= upper are seen.",
              class = "argument", call = call, data = list(argument = "lower"))
}

#' @noRd
is_whole <- function(x) is.numeric(x) && length(x) == 1L && !is.na(x) && x == floor(x)

#' @noRd
truncated_parts <- function(base, lower, upper) {
  kept <- kept_probability(base, lower, upper)
  moments <- truncated_moments(base, lower, upper, kept)
  cdf <- truncated_cdf(base, lower, upper, kept)
  ends <- support_function(c(lower + 1, upper))
  quantile <- if (base$discrete) search_count(cdf, ends) else base$quantile
  list(
    density = function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
      value <- base$density(y, par) - base::log(kept(par))
      value[!is.na(y) & (y <= lower | y > upper)] <- -Inf
      if (log) value else exp(value)
    },
    cdf = cdf, quantile = quantile, random = random_by_inversion(quantile),
    mean = function(par) moments(par)$mean,
    var = function(par, weights = NULL, dispersion = 1) moments(par)$var
  )
}

#' P(lower < Y <= upper), the digits of small ones kept
#' @noRd
kept_probability <- function(base, lower, upper) {
  force(base)
  function(par) {
    if (!base$discrete) return(1)
    probability_between(base, par, lower, upper)
  }
}

#' P(from < Y <= to) by differences of the smaller tails
#' @noRd
probability_between <- function(base, par, from, to) {
  n <- max(lengths(par), length(from), length(to))
  par <- lapply(par, recycle_rows, n = n)
  tail <- function(y, below) base$cdf(rep_len(y, n), par, lower = below)
  above <- tail(from, FALSE)
  if (identical(to, Inf)) return(above)
  pmax(ifelse(above < 0.5, above - tail(to, FALSE), tail(to, TRUE) - tail(from, TRUE)), 0)
}

#' @noRd
truncated_cdf <- function(base, from, to, kept) {
  force(kept)
  function(y, par, weights = NULL, dispersion = 1, left = FALSE, lower = TRUE,
           log = FALSE) {
    if (!base$discrete) {
      return(base$cdf(y, par, left = left, lower = lower, log = log))
    }
    y <- pmin(pmax(last_count(y, left), from), to)
    part <- if (lower) probability_between(base, par, from, y)
            else probability_between(base, par, y, to)
    either_tail(part / kept(par), part / kept(par), lower, log)
  }
}

#' Mean and variance within the bounds
#'
#' Above a bound that leaves much, what is lost is taken off; else the sum itself.
#' @noRd
truncated_moments <- function(base, from, to, kept) {
  force(kept)
  function(par) {
    if (!base$discrete) return(list(mean = base$mean(par), var = base$var(par)))
    n <- max(lengths(par))
    par <- lapply(par, recycle_rows, n = n)
    share <- kept(par)
    mean <- base$mean(par)
    square <- base$var(par) + mean^2
    if (to == Inf && (from <= 0 || all(share > 0.01, na.rm = TRUE))) {
      lost <- moment_sums(base, par, 0, max(from, 0))
      sums <- list(mean - lost[[1L]], square - lost[[2L]])
    } else {
      sums <- moment_sums(base, par, from + 1, to)
    }
    first <- sums[[1L]] / share
    list(mean = first, var = pmax(sums[[2L]] / share - first^2, 0))
  }
}

#' Sums of k g(k) and k^2 g(k) over from <= k <= to, as far as terms count
#' @noRd
moment_sums <- function(base, par, from, to) {
  n <- length(par[[1L]])
  sums <- list(numeric(n), numeric(n))
  k <- max(from, 0)
  centre <- max(base$mean(par), k, na.rm = TRUE)
  while (k <= to) {
    term <- k * base$density(rep.int(k, n), par, log = FALSE)
    sums <- list(sums[[1L]] + term, sums[[2L]] + k * term)
    if (k > centre && all(k * term <= 1e-17 * sums[[2L]], na.rm = TRUE)) break
    k <- k + 1
  }
  sums
}
