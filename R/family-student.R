# Student's t family: location, scale and degrees of freedom.

#' The Student t family
#'
#' Robust regression: for a real response with outliers.
#'
#' @param link,link_sigma,link_nu Links of `mu`, `sigma` and `nu`, see [gamut_link()].
#'
#' @details
#' Density, with \eqn{z = (y-\mu)/\sigma}:
#' \deqn{f(y) = \frac{\Gamma\{(\nu+1)/2\}}{\Gamma(\nu/2)\sqrt{\nu\pi}\,\sigma}
#'   (1 + z^2/\nu)^{-(\nu+1)/2}}{f(y) = Gamma((nu + 1) / 2) / (Gamma(nu / 2) sqrt(nu pi)
#'   sigma) (1 + z^2 / nu)^(-(nu + 1) / 2)}
#'
#' * **Parameters**: `mu`, the centre; `sigma`, the scale (the standard deviation is
#'   \eqn{\sigma\sqrt{\nu/(\nu-2)}}{sigma sqrt(nu / (nu - 2))}); `nu`, the degrees of
#'   freedom. The mean exists for \eqn{\nu > 1}{nu > 1}, the variance for \eqn{\nu >
#'   2}{nu > 2}; where it does not, the variance is `Inf`, and fitted values are the
#'   centre.
#' * **Links**: of `mu` `"identity"` (default), of `sigma` and `nu` `"log"` (default), and
#'   all others of [gamut_link()].
#' * **Weights** are factors of the log-likelihood. **Dispersion** is fixed at 1.
#' * **Standard errors** come from observed information; expected information is there
#'   in closed form.
#' * **Starting values**: \eqn{\mu = y}, \eqn{\sigma} the spread of the response, and
#'   \eqn{\nu = 5}{nu = 5}.
#'
#' Where the tails of the data are not heavier than the normal's, the likelihood rises
#' as \eqn{\nu}{nu} grows without end, and the fit is the gaussian one. The likelihood of
#' a t can have several maxima when outliers are many.
#'
#' @return A family object of class `c("gamut_family", "family")`.
#' @references Lange, K. L., Little, R. J. A. and Taylor, J. M. G. (1989) Robust
#'   statistical modeling using the t distribution. *Journal of the American Statistical
#'   Association* 84, 881-896. \doi{10.1080/01621459.1989.10478852}
#' @examples
#' fit <- gamut(stack.loss ~ ., family = student(), data = stackloss)
#' fit
#' # far out, a row counts little
#' round(residuals(fit, type = "quantile"), 2)
#' @family families
#' @export
student <- function(link = "identity", link_sigma = "log", link_nu = "log") {
  link <- resolve_link(link, call = sys.call())
  link_sigma <- resolve_link(link_sigma, call = sys.call())
  link_nu <- resolve_link(link_nu, call = sys.call())
  density_family(
    "student", "student", list(mu = link, sigma = link_sigma, nu = link_nu),
    domain = list(mu = c(-Inf, Inf), sigma = c(0, Inf), nu = c(0, Inf)),
    density = student_density, cdf = student_cdf, quantile = student_quantile,
    random = student_random, mean = mean_parameter, var = student_variance,
    unit_deviance = deviance_against(student_density), response = read_real,
    extra = list(
      edges = list(sigma = scale_edges(), nu = fixed_edges(
        c(1e-3, Inf), c("tails heavier than those of any data", "")
      )),
      numbers = numbers_from(function(e, y) c(spread_of(e), 5)), pilot = identity,
      limits = list(nu = list(at = Inf, meaning = "the gaussian family", inside = 5))
    )
  )
}

#' @noRd
student_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  value <- stats::dt((y - par$mu) / par$sigma, par$nu, log = TRUE) - base::log(par$sigma)
  if (log) value else exp(value)
}

#' @noRd
student_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                        lower = TRUE, log = FALSE) {
  stats::pt((y - par$mu) / par$sigma, par$nu, lower.tail = lower, log.p = log)
}

#' @noRd
student_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  par$mu + par$sigma * stats::qt(p, par$nu)
}

#' @noRd
student_random <- function(n, par, weights = NULL, dispersion = 1) {
  par$mu + par$sigma * stats::rt(n, par$nu)
}

#' @noRd
student_variance <- function(par, weights = NULL, dispersion = 1) {
  ifelse(par$nu > 2, par$sigma^2 * par$nu / pmax(par$nu - 2, 0), Inf)
}
