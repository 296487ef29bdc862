# Censored responses: what is known of a row is that it lies between two bounds.

#' Censored responses
#'
#' A family of whose response some rows are only known to lie below, above or between
#' bounds: detection limits, top-coded incomes, times of events that have not happened
#' yet.
#'
#' @param family The family of what is not censored: [stats::gaussian()] (with a
#'   parameter `sigma`), [lognormal()], [weibull()], [exponential()], [stats::Gamma()]
#'   (with a parameter `phi`) or [stats::poisson()]; an object, a function or a name.
#' @param left,right Limits of a numeric response: a value at or below `left` says that
#'   the row is there or below, one at or above `right` that it is there or above.
#'
#' @details
#' With density \eqn{f} and distribution function \eqn{F} of `family` the log-likelihood
#' of a row is
#' \deqn{\log f(y), \quad \log F(b), \quad \log\{1 - F(a)\}, \quad
#'   \log\{F(b) - F(a)\}}{log f(y), log F(b), log(1 - F(a)), log(F(b) - F(a))}
#' where it is exact, left-censored at \eqn{b}, right-censored at \eqn{a}, or in the
#' interval from \eqn{a} to \eqn{b}. Counts may be at their bounds: \eqn{P(a \le y \le
#' b)}{P(a <= y <= b)}.
#'
#' * **Response**: numbers, with `left` and `right` (the tobit model); an object made by
#'   `survival::Surv()` of type `"right"`, `"left"`, `"interval"` or `"interval2"`; or a
#'   matrix of two columns, the bounds of each row, which are equal where a row is exact
#'   and infinite where there is none.
#' * **Parameters** and **links** are those of `family`. Means, predictions and simulated
#'   responses are those of `family` before censoring, simulated ones are put at the
#'   limits `left` and `right`.
#' * **Weights** are factors of the log-likelihood. **Dispersion** is fixed at 1.
#' * **Standard errors** come from observed information.
#' * **Residuals**: of a censored row response and Pearson residuals take its bound, or
#'   the middle of its interval; quantile residuals are drawn between the probabilities
#'   of its bounds.
#' * **Starting values**: those of `family` at the bound, or in the middle.
#'
#' `censored(gaussian(), left = 0)` is `AER::tobit()`; with `Surv` responses
#' `censored(weibull())` and `censored(lognormal())` are `survival::survreg()`, which
#' reports \eqn{\log\sigma}{log(sigma)} as `Log(scale)`.
#'
#' @return A family object of class `c("gamut_family", "family")`, named
#'   `"censored_gaussian"` and so on.
#' @references Tobin, J. (1958) Estimation of relationships for limited dependent
#'   variables. *Econometrica* 26, 24-36. \doi{10.2307/1907382}
#'
#' Kalbfleisch, J. D. and Prentice, R. L. (2002) *The Statistical Analysis of Failure
#'   Time Data*, 2nd edition, chapter 3. \doi{10.1002/9781118032985}
#' @examples
#' set.seed(1)
#' d <- data.frame(x = runif(100))
#' d$y <- pmax(d$x + rnorm(100), 0)
#' gamut(y ~ x, family = censored(gaussian(), left = 0), data = d)
#'
#' # bounds by row: at most 1, exactly 2, from 3 to 4, at least 5
#' b <- data.frame(lower = c(-Inf, 2, 3, 5), upper = c(1, 2, 4, Inf), x = c(1, 3, 4, 2))
#' gamut(cbind(lower, upper) ~ x, family = censored(gaussian()), data = b)
#' @family families
#' @export
censored <- function(family = stats::gaussian(), left = -Inf, right = Inf) {
  call <- sys.call()
  base <- bounded_base(family, "censored", call)
  check_limits(left, right, call)
  name <- paste0("censored_", base$family)
  density <- censored_density(base)
  response <- structure(read_censored(base, left, right), survival = TRUE)
  density_family(
    name, base$bounded$censored, base$links, domain = base$domain,
    density = density, cdf = censored_cdf(base), quantile = base$quantile,
    random = base$random, mean = base$mean, var = base$var, response = response,
    has_expected = FALSE, discrete = base$discrete,
    extra = list(
      numbers = function(family, y) {
        base$piloted <- family$piloted
        base$numbers(base, if (!is.null(y)) bounded_value(y))
      },
      pilot = if (!is.null(base$pilot)) function(y) base$pilot(bounded_value(y)),
      observed = bounded_value, limits = base$limits, edges = base$edges,
      mean_range = base$mean_range,
      mean_is_main = base$mean_is_main, atoms = TRUE, open_response = TRUE, base = base,
      shape = function(drawn, source) pmin(pmax(drawn, left), right)
    )
  )
}

#' The family to bound, with a parameter for its scale, or an error that says which can
#' @noRd
bounded_base <- function(family, form, call = NULL) {
  base <- as_gamut_family(family, call)
  if (is.function(base$dispersion_form)) base <- base$dispersion_form(base)
  if (!is.null(base$bounded[[form]])) return(base)
  abort_gamut(
    form, "() has no form for the ", base$family, " family; it has one for gaussian(), ",
    "lognormal(), weibull(), Gamma()",
    if (form == "censored") ", exponential() and poisson()", ".",
    class = "family", call = call
  )
}

#' @noRd
check_limits <- function(left, right, call = NULL) {
  number <- function(x) is.numeric(x) && length(x) == 1L && !is.na(x)
  if (number(left) && number(right) && left < right) return(invisible())
  abort_gamut("`left` and `right` must be numbers with left < right.",
              class = "argument", call = call, data = list(argument = "left"))
}

#' One value for a row: itself, its bound, or the middle of its interval
#' @noRd
bounded_value <- function(y) {
  if (!is.matrix(y)) return(y)
  middle <- (y[, 1L] + y[, 2L]) / 2
  ifelse(is.finite(middle), middle, ifelse(is.finite(y[, 1L]), y[, 1L], y[, 2L]))
}

#' @noRd
censored_density <- function(base) {
  force(base)
  function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
    if (!is.matrix(y)) return(base$density(y, par, log = log))
    lower <- y[, 1L]
    upper <- y[, 2L]
    value <- log_between(base, lower, upper, par)
    exact <- lower == upper
    value[exact] <- base$density(lower, par)[exact]
    if (log) value else exp(value)
  }
}

#' log P(lower < Y <= upper), for counts log P(lower <= Y <= upper): a difference of the
#' smaller tails
#' @noRd
log_between <- function(base, lower, upper, par) {
  tail <- function(y, left, below) {
    base$cdf(y, par, left = left, lower = below, log = TRUE)
  }
  below <- tail(upper, FALSE, TRUE)
  above <- tail(lower, TRUE, FALSE)
  up <- above < below
  large <- ifelse(up, above, below)
  small <- ifelse(up, tail(upper, FALSE, FALSE), tail(lower, TRUE, TRUE))
  gap <- ifelse(small == -Inf, -Inf, pmin(small - large, 0))
  large + ifelse(gap > -log(2), log(-expm1(gap)), log1p(-exp(gap)))
}

#' Of a row with bounds the probability up to its upper one, from the left to its lower
#' @noRd
censored_cdf <- function(base) {
  force(base)
  function(y, par, weights = NULL, dispersion = 1, left = FALSE, lower = TRUE,
           log = FALSE) {
    if (is.matrix(y)) y <- y[, if (left) 1L else 2L]
    base$cdf(y, par, left = left, lower = lower, log = log)
  }
}

# --- the response ---------------------------------------------------------------------

#' Numbers, two columns of bounds, or a Surv object, as two columns of bounds
#' @noRd
read_censored <- function(base, left, right) {
  force(base)
  function(y, weights, at) {
    lowest <- if (base$mean_range[1L] == 0 || base$discrete) 0 else -Inf
    bounds <- if (inherits(y, "Surv")) bounds_of_surv(y, at)
              else if (is.matrix(y) && ncol(y) == 2L) unname(y)
              else bounds_of_numbers(y, left, right, at)
    storage.mode(bounds) <- "double"
    dimnames(bounds) <- NULL
    bad <- rowSums(is.na(bounds)) > 0
    if (any(bad)) {
      abort_rows(bad, at, paste0("Bounds in `", at$name, "` must not be missing"),
                 "Where there is no bound write -Inf or Inf.")
    }
    crossed <- bounds[, 1L] > bounds[, 2L]
    if (any(crossed)) {
      abort_rows(crossed, at, paste0("The lower bound in `", at$name,
                                     "` must not be above the upper one"))
    }
    require_exact(bounds, base, lowest, at)
    response_result(bounds, weights, form = "bounds")
  }
}

#' Exact rows must be values that the family has, and upper bounds above its support
#' @noRd
require_exact <- function(bounds, base, lowest, at) {
  exact <- bounds[, 1L] == bounds[, 2L]
  zero_fits <- base$discrete
  inside <- if (zero_fits) bounds[, 2L] >= lowest else bounds[, 2L] > lowest
  fits <- inside & (!exact | is.finite(bounds[, 1L]))
  if (zero_fits) fits <- fits & (!exact | bounds[, 1L] == floor(bounds[, 1L]))
  rule <- if (zero_fits) "counts, and upper bounds >= 0"
          else if (lowest == 0) "values > 0, and upper bounds > 0" else "finite values"
  require_range(bounds, fits, at, rule)
}

#' @noRd
bounds_of_numbers <- function(y, left, right, at) {
  y <- read_numeric(y, at, paste(
    "Bounds go with cbind(lower, upper), times and their status with survival::Surv()."
  ))
  cbind(ifelse(y <= left, -Inf, pmin(y, right)), ifelse(y >= right, Inf, pmax(y, left)))
}

#' Status: 0 right-censored, 1 exact, 2 left-censored, 3 interval
#' @noRd
bounds_of_surv <- function(y, at) {
  type <- attr(y, "type")
  values <- unclass(y)
  if (!isTRUE(type %in% c("right", "left", "interval"))) {
    abort_gamut("Response `", at$name, "` is a Surv object of type \"", type, "\"; ",
                "censored() takes the types right, left, interval and interval2.",
                class = "response", call = at$call)
  }
  time <- values[, 1L]
  status <- values[, ncol(values)]
  if (type == "left") status <- ifelse(status == 0, 2, 1)
  second <- if (type == "interval") values[, 2L] else time
  cbind(ifelse(status == 2, -Inf, time),
        ifelse(status == 0, Inf, ifelse(status == 3, second, time)))
}
