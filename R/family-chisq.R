# Chi-squared families: regressed degrees of freedom, and mean squares with known ones.

#' Chi-squared families
#'
#' Two models that are both called chi-squared regression: `chisq()` has a chi-squared
#' response whose degrees of freedom are regressed; `chisq_var()` has mean squares with
#' known degrees of freedom, whose variance is regressed.
#'
#' @param link Link of `mu`, see [gamut_link()].
#' @param df Degrees of freedom of each mean square: a number, a vector with one value a
#'   row, or a one-sided formula such as `~ n - 1` that is evaluated in the data.
#'
#' @details
#' **`chisq()`**, with mean \eqn{\mu} = degrees of freedom:
#' \deqn{f(y) = \frac{y^{\mu/2-1} e^{-y/2}}{2^{\mu/2}\Gamma(\mu/2)}, \quad y > 0}{
#'   f(y) = y^(mu/2 - 1) exp(-y/2) / (2^(mu/2) Gamma(mu/2)), y > 0}
#' The variance is \eqn{2\mu}. It is an exponential family in \eqn{\log y}, not in
#' \eqn{y}: there is no dispersion, and the mean of the response is not the mean of the
#' fitted values. Standard errors come from observed information. Starting values: \eqn{
#' \mu = y + 1}{mu = y + 1}.
#'
#' **`chisq_var(df)`**: the response is a mean square \eqn{s^2} (a sum of squares over its
#' degrees of freedom \eqn{\nu}), with mean \eqn{\mu}, the variance that is regressed:
#' \deqn{\nu s^2 / \mu \sim \chi^2_\nu}{nu s^2 / mu ~ chi-squared(nu)}
#' This is a Gamma with shape \eqn{\nu/2}, and its variance is \eqn{2\mu^2/\nu}. It is the
#' model of sample variances, and of the dispersion in double generalised linear models.
#' The fit is that of `glm(s2 ~ x, Gamma(link), weights = df / 2)` with dispersion 1;
#' expected information gives the standard errors. Starting values: \eqn{\mu = s^2}{mu =
#' s^2}.
#'
#' * **Parameter**: `mu`. **Links**: `"log"` (default) and all others of [gamut_link()].
#' * **Dispersion** is fixed at 1.
#' * **Weights** of `chisq()` are factors of the log-likelihood. Those of `chisq_var()`
#'   multiply the degrees of freedom: \eqn{a} mean squares that have been averaged have
#'   \eqn{a\nu}{a nu}. In new data the degrees of freedom halved are the `weights` of
#'   `predict()` and `simulate()`.
#'
#' @return A family object of class `c("gamut_family", "family")`.
#' @references Johnson, N. L., Kotz, S. and Balakrishnan, N. (1994) *Continuous
#'   Univariate Distributions*, volume 1, chapter 18. Wiley.
#'
#' Smyth, G. K. (1989) Generalized linear models with varying dispersion. *Journal of the
#'   Royal Statistical Society B* 51, 47-60. \doi{10.1111/j.2517-6161.1989.tb01747.x}
#' @examples
#' set.seed(1)
#' d <- data.frame(x = runif(100))
#' d$y <- rchisq(100, exp(1 + d$x))
#' gamut(y ~ x, family = chisq(), data = d)
#'
#' # sample variances of groups of unequal size
#' s <- aggregate(breaks ~ wool + tension, warpbreaks, function(b) c(var(b), length(b)))
#' s <- data.frame(s[1:2], s2 = s$breaks[, 1], n = s$breaks[, 2])
#' gamut(s2 ~ tension, family = chisq_var(~ n - 1), data = s)
#' @family families
#' @export
chisq <- function(link = "log") {
  link <- resolve_link(link, call = sys.call())
  density_family(
    "chisq", "chisq", list(mu = link), domain = list(mu = c(0, Inf)),
    density = chisq_density, cdf = chisq_cdf, quantile = chisq_quantile,
    random = chisq_random, mean = mean_parameter,
    var = function(par, weights = NULL, dispersion = 1) 2 * par$mu,
    response = read_positive, support = c(0, Inf)
  )
}

#' @noRd
chisq_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  stats::dchisq(y, par$mu, log = log)
}

#' @noRd
chisq_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                      lower = TRUE, log = FALSE) {
  stats::pchisq(y, par$mu, lower.tail = lower, log.p = log)
}

#' @noRd
chisq_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  stats::qchisq(p, par$mu)
}

#' @noRd
chisq_random <- function(n, par, weights = NULL, dispersion = 1) {
  stats::rchisq(n, par$mu)
}

#' @rdname chisq
#' @export
chisq_var <- function(df, link = "log") {
  check_degrees(df, sys.call())
  base <- stats::Gamma(resolve_link(link, call = sys.call()))
  base$family <- "chisq_var"
  # Gamma with dispersion 1 / weights, and half the degrees of freedom are weights
  loglik <- function(y, par, weights = NULL, dispersion = NULL, trials = NULL) {
    row <- counted_rows(y, par, weights)
    sum(gamma_density(row$y, row$par, row$weights))
  }
  new_gamut_family(
    base, "Gamma",
    distribution = list(
      density = gamma_density, cdf = gamma_cdf, quantile = gamma_quantile,
      random = gamma_random, mean = mean_parameter, var = edm_variance(base$variance),
      loglik = loglik, unit_deviance = edm_deviance(base$dev.resids)
    ),
    response = read_mean_squares, domain = list(mu = c(0, Inf)),
    weights_are = "precision", extra = list(variables = list(df = df))
  )
}

#' @noRd
check_degrees <- function(df, call = NULL) {
  formula <- inherits(df, "formula") && length(df) == 2L
  number <- is.numeric(df) && length(df) && all(is.na(df) | df > 0 & is.finite(df))
  if (formula || number) return(invisible())
  abort_gamut("`df` must be positive numbers, or a one-sided formula such as ~ n - 1, ",
              "not ", if (is.numeric(df)) "numbers that are not positive"
              else describe_object(df), ".", class = "argument", call = call,
              data = list(argument = "df"))
}

#' Mean squares: half the degrees of freedom are the weights of a Gamma
#' @noRd
read_mean_squares <- function(y, weights, at) {
  y <- read_numeric(y, at)
  require_range(y, y > 0, at, "mean squares > 0")
  df <- at$variables$df
  if (!is.numeric(df) || !length(df) %in% c(1L, length(y))) {
    abort_gamut("`df` must be a number, or one a row (", length(y), "), not ",
                describe_object(df), ".", class = "argument", call = at$call,
                data = list(argument = "df"))
  }
  df <- rep_len(as.double(df), length(y))
  bad <- !is.finite(df) | df <= 0
  if (any(bad)) abort_rows(bad, at, "`df` must be finite and positive")
  response_result(y, 0.5 * df * if (is.null(weights)) 1 else weights)
}
