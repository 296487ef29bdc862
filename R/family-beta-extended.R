# Beta regression with extended support: what lies beyond 0 and 1 is seen as 0 or 1.

#' The beta family with extended support
#'
#' For rates and proportions whose zeros and ones are of one kind with the values beside
#' them: the ends of what can be observed, such as a judgement on a scale. Without zeros
#' and ones it becomes the beta model.
#'
#' @param link,link_phi Link of `mu` and `phi`, as in [Beta()].
#' @param link_u Link of the excess `u`.
#' @param mixture `TRUE`: the excess varies, with an exponential distribution of mean
#'   \eqn{u} (XBX); `FALSE`: it is \eqn{u} (XB).
#'
#' @details
#' A beta variable with mean \eqn{\mu} and precision \eqn{\phi} is stretched to
#' \eqn{(-u, 1 + u)} and censored to the unit interval:
#' \deqn{b \sim B(\mu\phi, (1-\mu)\phi), \quad y = \min\{1, \max\{0, (1 + 2u) b - u\}\}}{
#'   b ~ Beta(mu phi, (1 - mu) phi), y = min(1, max(0, (1 + 2u) b - u))}
#' so that \eqn{P(0) = I_v(\mu\phi, (1-\mu)\phi)}{P(0) = I_v(mu phi, (1 - mu) phi)} with
#' \eqn{v = u/(1 + 2u)}. The mixture is integrated by Gauss-Laguerre quadrature with 20
#' nodes, as in the reference: probabilities are off by up to 0.002 next to an end where
#' the density is steep. Random numbers have the exponential distribution itself.
#'
#' * **Parameters**: `mu` (main predictor), `phi` and `u`. `predict(type = "response")`
#'   and `fitted()` give the mean of the response, which is not \eqn{\mu}.
#' * **Links**: of `mu` `"logit"` (default) and others of [Beta()]; of `phi` and `u`
#'   `"log"` (default), `"sqrt"`, `"identity"`.
#' * **Weights** are factors of the log-likelihood. **Dispersion** is fixed at 1.
#' * **Standard errors** come from observed information.
#' * **Limit**: where nothing speaks for an excess, \eqn{u} runs to 0 and the fit is that
#'   of [Beta()]. A warning of class `gamut_warning_limit` says so.
#' * **Other models** of zeros and ones: [Beta_inflated()], which takes them for events of
#'   their own.
#' * **Starting values**: mean and precision of the response for \eqn{\mu} and
#'   \eqn{\phi}, and \eqn{u = 0.1}.
#'
#' @return A family object of class `c("gamut_family", "family")`, named
#'   `"Beta_extended"` or `"Beta_stretched"`.
#' @references Kosmidis, I. and Zeileis, A. (2025) Extended-support beta regression for
#'   \[0, 1\] responses. *Journal of the Royal Statistical Society C*.
#'   \doi{10.1093/jrsssc/qlaf039}
#' @examples
#' set.seed(1)
#' d <- data.frame(x = runif(200))
#' b <- rbeta(200, 3 * plogis(d$x), 3 * plogis(-d$x))
#' d$y <- pmin(1, pmax(0, 1.2 * b - 0.1))
#' fit <- gamut(y ~ x, family = Beta_extended(), data = d)
#' fit
#' @family families
#' @export
Beta_extended <- function(link = "logit", link_phi = "log", # nolint: object_name_linter.
                          link_u = "log", mixture = TRUE) {
  if (!isTRUE(mixture) && !isFALSE(mixture)) {
    abort_argument("mixture", "TRUE or FALSE", mixture)
  }
  links <- lapply(list(mu = link, phi = link_phi, u = link_u), resolve_link,
                  call = sys.call())
  rule <- if (mixture) laguerre_rule(20L) else list(node = 1, weight = 1)
  parts <- beta_extended_parts(rule)
  density_family(
    if (mixture) "Beta_extended" else "Beta_stretched",
    if (mixture) "beta_extended_mixture" else "beta_extended", links,
    domain = list(mu = c(0, 1), phi = c(0, Inf), u = c(0, Inf)),
    density = parts$density, cdf = parts$cdf, quantile = parts$quantile,
    random = beta_extended_random(mixture), mean = parts$mean, var = parts$var,
    response = read_closed_unit, support = c(0, 1), has_expected = FALSE,
    extra = list(
      atoms = TRUE, mean_range = c(0, 1), numbers = beta_extended_numbers,
      limits = list(u = list(at = 0, meaning = "the beta model on the open interval"))
    )
  )
}

#' Values from 0 to 1
#' @noRd
read_closed_unit <- function(y, weights, at) {
  y <- read_numeric(y, at)
  response_result(require_range(y, y >= 0 & y <= 1, at, "0 <= y <= 1"), weights)
}

#' Nodes and weights for integrals of exp(-t) g(t), by the eigenvalues of the Jacobi
#' matrix of Laguerre's polynomials
#'
#' Source: Golub and Welsch (1969) Math. Comp. 23, 221-230; weights by the recurrence,
#' since small ones have no digits as squares of an eigenvector.
#' @noRd
laguerre_rule <- function(n) {
  jacobi <- diag(2 * seq_len(n) - 1)
  beside <- cbind(seq_len(n - 1L), seq_len(n - 1L) + 1L)
  jacobi[beside] <- jacobi[beside[, 2:1]] <- seq_len(n - 1L)
  node <- rev(eigen(jacobi, symmetric = TRUE, only.values = TRUE)$values)
  for (iteration in 1:3) {
    at <- laguerre_polynomials(node, n)
    node <- node - at$here / (n * (at$here - at$before) / node)
  }
  at <- laguerre_polynomials(node, n)
  list(node = node, weight = node / (n * at$before)^2)
}

#' @noRd
laguerre_polynomials <- function(t, n) {
  here <- rep(1, length(t))
  before <- rep(0, length(t))
  for (k in seq_len(n)) {
    next_one <- ((2 * k - 1 - t) * here - (k - 1) * before) / k
    before <- here
    here <- next_one
  }
  list(here = here, before = before)
}

#' Precision from the variance of the response, an excess, and the mean
#' @noRd
beta_extended_numbers <- function(family, y) {
  if (length(y) < 2L) return(numeric())
  precision <- mean(y) * (1 - mean(y)) / stats::var(y) - 1
  c(if (is.finite(precision)) min(max(precision, 0.5), 1000) else 8, 0.1,
    min(max(mean(y), 0.05), 0.95))
}

#' Sums over the nodes of f(share, u), a weighted mean
#' @noRd
over_nodes <- function(rule, par, f) {
  total <- 0
  for (j in seq_along(rule$node)) {
    total <- total + rule$weight[j] * f(rule$node[j] * par$u)
  }
  total
}

#' @noRd
beta_extended_parts <- function(rule) {
  force(rule)
  shapes <- function(par) list(a = par$mu * par$phi, b = (1 - par$mu) * par$phi)
  cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE, lower = TRUE,
                  log = FALSE) {
    s <- shapes(par)
    value <- over_nodes(rule, par, function(u) {
      stats::pbeta((y + u) / (1 + 2 * u), s$a, s$b, lower.tail = lower)
    })
    none <- if (left) y <= 0 else y < 0
    all <- if (left) y > 1 else y >= 1
    value <- ifelse(none, if (lower) 0 else 1, ifelse(all, if (lower) 1 else 0, value))
    if (log) base::log(value) else value
  }
  density <- beta_extended_density(rule, shapes, cdf)
  list(
    density = density, cdf = cdf, quantile = beta_extended_quantile(cdf, density),
    mean = function(par) beta_extended_moment(rule, par, shapes(par), 1),
    var = function(par, weights = NULL, dispersion = 1) {
      first <- beta_extended_moment(rule, par, shapes(par), 1)
      beta_extended_moment(rule, par, shapes(par), 2) - first^2
    }
  )
}

#' Logarithms throughout: a row far from its mean must not be a zero
#' @noRd
beta_extended_density <- function(rule, shapes, cdf) {
  function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
    par <- lapply(par, rep_len, length(y))
    s <- shapes(par)
    terms <- vapply(seq_along(rule$node), function(j) {
      u <- rule$node[j] * par$u
      x <- (y + u) / (1 + 2 * u)
      inner <- stats::dbeta(x, s$a, s$b, log = TRUE) - log1p(2 * u)
      value <- ifelse(
        y == 0, stats::pbeta(x, s$a, s$b, log.p = TRUE),
        ifelse(y == 1, stats::pbeta(x, s$a, s$b, lower.tail = FALSE, log.p = TRUE), inner)
      )
      value + base::log(rule$weight[j])
    }, numeric(length(y)))
    terms <- matrix(terms, length(y))
    top <- apply(terms, 1L, max)
    value <- top + base::log(rowSums(exp(terms - top)))
    value[top %in% -Inf] <- -Inf
    value[!is.na(y) & (y < 0 | y > 1)] <- -Inf
    if (log) value else exp(value)
  }
}

#' E y^power: the mass at 1, and moments of the beta variable between the ends
#'
#' With [b] the event that y is inside, E(b^k; inside) is the k-th moment of b times the
#' probability of the inside under a beta variable whose first shape is k higher.
#' @noRd
beta_extended_moment <- function(rule, par, s, power) {
  raw <- list(1, par$mu, par$mu * (s$a + 1) / (s$a + s$b + 1))
  over_nodes(rule, par, function(u) {
    width <- 1 + 2 * u
    inside <- lapply(0:power, function(k) {
      raw[[k + 1L]] * (stats::pbeta((1 + u) / width, s$a + k, s$b) -
                         stats::pbeta(u / width, s$a + k, s$b))
    })
    own <- if (power == 1) width * inside[[2L]] - u * inside[[1L]] else
      width^2 * inside[[3L]] - 2 * u * width * inside[[2L]] + u^2 * inside[[1L]]
    own + stats::pbeta((1 + u) / width, s$a, s$b, lower.tail = FALSE)
  })
}

#' The masses, and in between a search on the logit scale
#' @noRd
beta_extended_quantile <- function(cdf, density) {
  search <- search_quantile(cdf, density, function(par) par$mu,
                            function(par) list(lower = 0, upper = 1))
  function(p, par, weights = NULL, dispersion = 1) {
    par <- lapply(par, recycle_rows, n = length(p))
    zero <- cdf(rep(0, length(p)), par)
    below_one <- cdf(rep(1, length(p)), par, left = TRUE)
    value <- ifelse(p <= zero, 0, 1)
    value[is.na(p) | Reduce(`|`, lapply(par, is.na))] <- NA
    inner <- which(p > zero & p < below_one)
    value[inner] <- search(p[inner], lapply(par, `[`, inner))
    value
  }
}

#' @noRd
beta_extended_random <- function(mixture) {
  force(mixture)
  function(n, par, weights = NULL, dispersion = 1) {
    par <- lapply(par, rep_len, n)
    b <- beta_random(n, par)
    u <- if (mixture) par$u * stats::rexp(n) else par$u
    pmin(1, pmax(0, (1 + 2 * u) * b - u))
  }
}
