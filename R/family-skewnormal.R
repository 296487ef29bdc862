# The skew normal family, by mean, standard deviation and slant.

#' The skew normal family
#'
#' For a real response that leans to one side.
#'
#' @param link,link_sigma,link_alpha Links of `mu`, `sigma` and `alpha`, see
#'   [gamut_link()].
#'
#' @details
#' Density, with \eqn{\varphi} and \eqn{\Phi} the standard normal density and distribution
#' function:
#' \deqn{f(y) = \frac{2}{\omega}\varphi(z)\Phi(\alpha z), \quad z = (y-\xi)/\omega}{
#'   f(y) = 2 phi(z) Phi(alpha z) / omega, z = (y - xi) / omega}
#' where with \eqn{\delta = \alpha/\sqrt{1+\alpha^2}}{delta = alpha / sqrt(1 + alpha^2)}
#' \eqn{\omega = \sigma/\sqrt{1-2\delta^2/\pi}}{omega = sigma / sqrt(1 - 2 delta^2 / pi)}
#' and \eqn{\xi = \mu - \omega\delta\sqrt{2/\pi}}{xi = mu - omega delta sqrt(2 / pi)}.
#'
#' * **Parameters**: `mu`, the mean; `sigma`, the standard deviation; `alpha`, the slant:
#'   0 is the gaussian family, \eqn{\pm\infty}{plus or minus infinity} half of one. As
#'   glmmTMB and brms have it.
#' * **Links**: of `mu` and `alpha` `"identity"` (default), of `sigma` `"log"` (default),
#'   and all others of [gamut_link()].
#' * **Weights** are factors of the log-likelihood. **Dispersion** is fixed at 1.
#' * **Standard errors** come from observed information.
#' * **Starting values**: \eqn{\mu = y}, \eqn{\sigma} the standard deviation of the
#'   response, and \eqn{\alpha} from its skewness.
#'
#' At \eqn{\alpha = 0} the slope of the log-likelihood in \eqn{\alpha} is zero whatever
#' the data are, and the information is singular. The fit therefore starts on the side of
#' the response's skewness, and finds the maximum on that side. Standard errors of a
#' small \eqn{\alpha} mean little; compare with a gaussian fit by [logLik()].
#'
#' @return A family object of class `c("gamut_family", "family")`.
#' @references Azzalini, A. (1985) A class of distributions which includes the normal
#'   ones. *Scandinavian Journal of Statistics* 12, 171-178.
#'
#' Azzalini, A. and Capitanio, A. (2014) *The Skew-Normal and Related Families*, section
#'   3.1. Cambridge University Press. \doi{10.1017/CBO9781139248891}
#' @examples
#' gamut(Girth ~ log(Volume), family = skewnormal(), data = trees)
#' family_cdf(skewnormal(), c(-1, 0, 1), list(mu = 0, sigma = 1, alpha = 3))
#' @family families
#' @export
skewnormal <- function(link = "identity", link_sigma = "log", link_alpha = "identity") {
  link <- resolve_link(link, call = sys.call())
  link_sigma <- resolve_link(link_sigma, call = sys.call())
  link_alpha <- resolve_link(link_alpha, call = sys.call())
  density_family(
    "skewnormal", "skewnormal",
    list(mu = link, sigma = link_sigma, alpha = link_alpha),
    domain = list(mu = c(-Inf, Inf), sigma = c(0, Inf), alpha = c(-Inf, Inf)),
    density = skewnormal_density, cdf = skewnormal_cdf, random = skewnormal_random,
    mean = mean_parameter,
    var = function(par, weights = NULL, dispersion = 1) par$sigma^2 + 0 * par$mu,
    has_expected = FALSE, response = read_real,
    extra = list(
      numbers = numbers_from(skewnormal_start), pilot = identity,
      # at 1e4 a slant is the half normal's edge to within 1e-4 of the deviation
      edges = list(sigma = scale_edges(), alpha = fixed_edges(c(-1e4, 1e4), rep(paste(
        "the half normal, whose density ends at a sharp edge"
      ), 2L))),
      restarts = skewnormal_restarts
    )
  )
}

#' Other slants to start from
#'
#' At alpha = 0 the score of alpha is zero whatever the data are, and where the sample has
#' hardly any skewness a fit may end there; the likelihood may also have a maximum on
#' either side. A fit beyond doubt has converged away from 0.
#' @noRd
skewnormal_restarts <- function(result, problem, family) {
  owner <- vapply(problem$layout, `[[`, "", "parameter")
  eta <- engine_linear_predictor(problem, result$coefficients)
  alpha <- family$links$alpha$linkinv(as.vector(eta[, owner == "alpha"]))
  if (result$code == "converged" && max(abs(alpha)) > 0.3) return(list())
  lapply(c(-1, 1, -4, 4), function(slant) {
    problem$family$numbers[2L] <- slant
    problem
  })
}

#' Standard deviation, and a slant by the moments, well off zero
#' @noRd
skewnormal_start <- function(e, y) {
  sd <- stats::sd(e)
  if (!is.finite(sd) || sd == 0) return(c(spread_of(e), 1))
  skewness <- mean(((e - mean(e)) / sd)^3)
  # a half normal has 0.995
  size <- min(max(abs(skewness), 0.1), 0.9)
  part <- (2 * size / (4 - pi))^(2 / 3)
  delta <- sqrt(pi / 2 * part / (1 + part))
  slant <- delta / sqrt(1 - delta^2)
  c(sd, if (skewness < 0) -slant else slant)
}

#' xi and omega
#' @noRd
skewnormal_direct <- function(par) {
  delta <- par$alpha / sqrt(1 + par$alpha^2)
  omega <- par$sigma / sqrt(1 - 2 * delta^2 / pi)
  list(xi = par$mu - omega * delta * sqrt(2 / pi), omega = omega, delta = delta)
}

#' @noRd
skewnormal_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  direct <- skewnormal_direct(par)
  value <- standard_skewnormal((y - direct$xi) / direct$omega, par$alpha) -
    base::log(direct$omega)
  if (log) value else exp(value)
}

#' @noRd
standard_skewnormal <- function(z, alpha) {
  log(2) + stats::dnorm(z, log = TRUE) + stats::pnorm(alpha * z, log.p = TRUE)
}

#' The tail beyond z on the side where it holds no edge of the density, by quadrature;
#' the other one is its complement
#' @noRd
skewnormal_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                           lower = TRUE, log = FALSE) {
  direct <- skewnormal_direct(par)
  z <- (y - direct$xi) / direct$omega
  n <- max(length(z), length(par$alpha))
  z <- rep_len(z, n)
  alpha <- rep_len(par$alpha, n)
  # the edge of a steep density is at 0; turned to the side where alpha z < 0 is steep
  up <- z >= 0
  tail <- skewnormal_tail(abs(z), ifelse(up, alpha, -alpha))
  own <- up != lower
  value <- ifelse(own, tail, log1p(-exp(pmin(tail, 0))))
  value[is.infinite(z)] <- ifelse((z > 0) == lower, 0, -Inf)[is.infinite(z)]
  if (log) value else exp(value)
}

#' log P(Z > z), z >= 0: exp-sinh rule on the distance from z
#' @noRd
skewnormal_tail <- function(z, alpha) {
  h <- 1 / 16
  node <- seq(-4.5, 2.2, by = h)
  distance <- exp(pi / 2 * sinh(node))
  weight <- h * pi / 2 * cosh(node) * distance
  # where the density falls by a factor of about e
  width <- 1 / (1 + z + pmax(-alpha, 0) * (1 + abs(alpha) * z))
  first <- standard_skewnormal(z, alpha)
  sum <- 0
  for (k in seq_along(node)) {
    value <- standard_skewnormal(z + width * distance[k], alpha) - first
    sum <- sum + weight[k] * exp(value)
  }
  first + log(sum * width)
}

#' @noRd
skewnormal_random <- function(n, par, weights = NULL, dispersion = 1) {
  direct <- skewnormal_direct(par)
  half <- abs(stats::rnorm(n))
  z <- direct$delta * half + sqrt(1 - direct$delta^2) * stats::rnorm(n)
  direct$xi + direct$omega * z
}
