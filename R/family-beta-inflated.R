# Beta with point masses at 0, at 1, or at both.

#' Inflated beta families
#'
#' For rates and proportions between 0 and 1 where exact 0, exact 1 or both occur and are
#' events of their own: nothing and everything, beside some part.
#'
#' @param link,link_phi Link of the mean and of the precision of the beta part, as in
#'   [Beta()].
#' @param link_zoi Link of the probability of 0 or 1; of the probability of the one end
#'   where there is one only.
#' @param link_coi Link of the probability of 1 among 0 and 1.
#' @param zero,one May the response be 0, may it be 1? At least one of them.
#'
#' @details
#' Density, with the beta density \eqn{g} of [Beta()]:
#' \deqn{P(0) = z (1 - c), \quad P(1) = z c, \quad f(y) = (1 - z)\, g(y; \mu, \phi)}{
#'   P(0) = zoi (1 - coi), P(1) = zoi coi, f(y) = (1 - zoi) g(y; mu, phi) for 0 < y < 1}
#' With one end only, that end has the probability \eqn{z}.
#'
#' * **Parameters**: `mu` (main predictor) and `phi` of the beta part; `zoi`
#'   (\eqn{z}, zero or one) and `coi` (\eqn{c}, one given that), named as in package brms.
#'   With `one = FALSE` there is `zi` instead of both, with `zero = FALSE` `oi`.
#' * **Mean**: \eqn{(1 - z)\mu + z c}{(1 - zoi) mu + zoi coi}, which is what
#'   `predict(type = "response")` and `fitted()` give; `predict(predictor = "mu")` is the
#'   mean of the beta part.
#' * **Links**: as [Beta()] has them; of probabilities `"logit"` (default) and all others
#'   of [gamut_link()].
#' * **Response**: \eqn{0 \le y \le 1}{0 <= y <= 1}, with an end only where it is allowed,
#'   and values in between. **Weights** are factors of the log-likelihood.
#' * **Dispersion** is fixed at 1. **Standard errors** come from observed information.
#' * **Likelihood**: it falls into parts without a common parameter: [Beta()] for what
#'   lies between, a [bernoulli()] fit of `y \%in\% 0:1`, and one of `y == 1` among
#'   these. Where 0 and 1 are but the ends of what could be measured, see
#'   [Beta_extended()].
#' * **Starting values**: \eqn{\phi = 8}, shares of the response for the probabilities,
#'   the mean as in [Beta()].
#'
#' `zero_inflated` or hurdle forms are the same model, as the beta distribution has no
#' zeros of its own: `Beta_inflated(one = FALSE)` is [hurdle()]`(Beta())`.
#'
#' @return A family object of class `c("gamut_family", "family")`, named
#'   `"Beta_inflated"`, `"Beta_zero_inflated"` or `"Beta_one_inflated"`.
#' @references Ospina, R. and Ferrari, S. L. P. (2010) Inflated beta distributions.
#'   *Statistical Papers* 51, 111-126. \doi{10.1007/s00362-008-0125-4}
#' @examples
#' set.seed(1)
#' d <- data.frame(x = runif(200))
#' d$y <- rbeta(200, 2 + d$x, 3)
#' d$y[runif(200) < 0.1] <- 0
#' d$y[runif(200) < 0.1 * d$x] <- 1
#' fit <- gamut(list(y ~ x, zoi ~ x), family = Beta_inflated(), data = d)
#' fit
#' # the probability of an exact 0 or 1
#' predict(fit, data.frame(x = c(0, 1)), type = "response", predictor = "zoi")
#' @family families
#' @export
Beta_inflated <- function(link = "logit", link_phi = "log", # nolint: object_name_linter.
                          link_zoi = "logit", link_coi = "logit", zero = TRUE,
                          one = TRUE) {
  if (!isTRUE(zero) && !isFALSE(zero)) abort_argument("zero", "TRUE or FALSE", zero)
  if (!isTRUE(one) && !isFALSE(one)) abort_argument("one", "TRUE or FALSE", one)
  if (!zero && !one) {
    abort_gamut("`zero` and `one` are both FALSE: that is Beta().", class = "argument",
                call = sys.call())
  }
  links <- list(mu = link, phi = link_phi, zoi = link_zoi,
                coi = if (zero && one) link_coi)
  links <- lapply(Filter(Negate(is.null), links), resolve_link, call = sys.call())
  side <- if (!one) "zero" else if (!zero) "one" else "both"
  names(links)[3L] <- c(zero = "zi", one = "oi", both = "zoi")[[side]]
  domain <- list(c(0, 1), c(0, Inf), c(0, 1), c(0, 1))[seq_along(links)]
  parts <- beta_inflated_parts(side)
  density_family(
    c(zero = "Beta_zero_inflated", one = "Beta_one_inflated",
      both = "Beta_inflated")[[side]],
    c(zero = "beta_zero_inflated", one = "beta_one_inflated",
      both = "beta_inflated")[[side]],
    links, domain = stats::setNames(domain, names(links)),
    density = parts$density, cdf = parts$cdf, quantile = parts$quantile,
    random = parts$random, mean = parts$mean, var = parts$var,
    response = read_inflated_unit(side), support = c(0, 1),
    unit_deviance = parts$unit_deviance,
    extra = list(
      atoms = TRUE, mean_range = c(0, 1), numbers = beta_inflated_numbers,
      bar_parameters = c("phi", setdiff(names(links), c("mu", "phi")))
    )
  )
}

#' Probabilities of 0 and of 1
#' @noRd
inflated_masses <- function(par, side) {
  switch(side,
    zero = list(zero = par$zi, one = 0 * par$zi),
    one = list(zero = 0 * par$oi, one = par$oi),
    both = list(zero = par$zoi * (1 - par$coi), one = par$zoi * par$coi)
  )
}

#' @noRd
beta_inflated_parts <- function(side) {
  force(side)
  inner <- function(par) par[c("mu", "phi")]
  rows <- function(par, n) lapply(par, rep_len, n)
  cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE, lower = TRUE,
                  log = FALSE) {
    masses <- inflated_masses(par, side)
    share <- 1 - masses$zero - masses$one
    below <- share * beta_cdf(y, inner(par)) +
      masses$zero * (if (left) y > 0 else y >= 0) +
      masses$one * (if (left) y > 1 else y >= 1)
    above <- share * beta_cdf(y, inner(par), lower = FALSE) +
      masses$zero * (if (left) y <= 0 else y < 0) +
      masses$one * (if (left) y <= 1 else y < 1)
    either_tail(below, above, lower, log)
  }
  moments <- function(par) {
    masses <- inflated_masses(par, side)
    share <- 1 - masses$zero - masses$one
    list(one = share * par$mu + masses$one,
         two = share * (beta_variance(par) + par$mu^2) + masses$one)
  }
  quantile <- function(p, par, weights = NULL, dispersion = 1) {
    masses <- inflated_masses(rows(par, length(p)), side)
    inside <- (p - masses$zero) / (1 - masses$zero - masses$one)
    value <- beta_quantile(pmin(pmax(inside, 0), 1), inner(par))
    ifelse(p <= masses$zero & masses$zero > 0, 0,
           ifelse(p > 1 - masses$one, 1, value))
  }
  list(
    density = beta_inflated_density(side), cdf = cdf, quantile = quantile,
    random = function(n, par, weights = NULL, dispersion = 1) {
      quantile(stats::runif(n), rows(par, n))
    },
    mean = function(par) moments(par)$one,
    var = function(par, weights = NULL, dispersion = 1) {
      moments <- moments(par)
      moments$two - moments$one^2
    },
    unit_deviance = function(y, par, weights = NULL) {
      # a mass has no mean to be fitted better
      value <- numeric(length(y))
      own <- y > 0 & y < 1
      at <- lapply(rows(inner(par), length(y)), `[`, own)
      value[own] <- beta_deviance(y[own], at)
      value * if (is.null(weights)) 1 else weights
    }
  )
}

#' @noRd
beta_inflated_density <- function(side) {
  force(side)
  function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
    par <- lapply(par, rep_len, length(y))
    masses <- inflated_masses(par, side)
    value <- log1p(-masses$zero - masses$one) + suppressWarnings(beta_density(y, par))
    zero <- !is.na(y) & y == 0
    one <- !is.na(y) & y == 1
    value[zero] <- base::log(masses$zero[zero])
    value[one] <- base::log(masses$one[one])
    if (log) value else exp(value)
  }
}

#' Precision, share of ends and of ones among them
#' @noRd
beta_inflated_numbers <- function(family, y) {
  if (is.null(y)) return(numeric())
  ends <- y == 0 | y == 1
  share <- function(hits, of) (sum(hits) + 0.5) / (of + 1)
  c(8, share(ends, length(y)), share(y[ends] == 1, sum(ends)))
}

#' @noRd
read_inflated_unit <- function(side) {
  force(side)
  function(y, weights, at) {
    y <- read_numeric(y, at)
    inside <- switch(side, zero = y >= 0 & y < 1, one = y > 0 & y <= 1,
                     both = y >= 0 & y <= 1)
    rule <- switch(side, zero = "0 <= y < 1", one = "0 < y <= 1", both = "0 <= y <= 1")
    advice <- switch(side, both = NULL,
                     zero = "For ones see the argument `one` of Beta_inflated().",
                     one = "For zeros see the argument `zero` of Beta_inflated().")
    require_range(y, inside, at, rule, advice)
    require_inflated_parts(y, side, at)
    response_result(y, weights)
  }
}

#' Every part of the model needs a response of its kind
#' @noRd
require_inflated_parts <- function(y, side, at) {
  lacking <- c(
    if (!any(y > 0 & y < 1)) "no value between 0 and 1",
    if (side != "one" && !any(y == 0)) "no 0",
    if (side != "zero" && !any(y == 1)) "no 1"
  )
  if (!length(lacking)) return(invisible())
  way_out <- if (side == "both") {
    "Without zeros or ones see the arguments `zero` and `one` of Beta_inflated(), "
  }
  abort_gamut(
    "Response `", at$name, "` has ", paste(lacking, collapse = " and "), ", so that the ",
    at$family, " family has a part that nothing determines. ", way_out,
    "without both Beta(), without values in between bernoulli().",
    class = "response", call = at$call
  )
}
