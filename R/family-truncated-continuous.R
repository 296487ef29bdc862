# Truncated families of continuous responses: a normal, lognormal, Gamma or Weibull
# response of which only values between two bounds are seen. What truncated() returns for
# them; the page of help is in family-truncated.R.

#' @noRd
truncate_continuous <- function(base, lower, upper, call) {
  check_real_bounds(lower, upper, call)
  parts <- truncated_real_parts(base, lower, upper)
  range <- c(max(lower, base$mean_range[1L]), min(upper, base$mean_range[2L]))
  density_family(
    paste0("truncated_", base$family), base$bounded$truncated, base$links,
    domain = base$domain, density = parts$density, cdf = parts$cdf,
    quantile = parts$quantile, mean = parts$mean, var = parts$var,
    response = read_between(base, lower, upper), has_expected = FALSE, support = range,
    extra = list(
      numbers = function(family, y) {
        base$piloted <- family$piloted
        c(lower, upper, base$numbers(base, y))
      },
      pilot = base$pilot, limits = base$limits, edges = base$edges, mean_range = range,
      base = base
    )
  )
}

#' @noRd
check_real_bounds <- function(lower, upper, call) {
  number <- function(x) is.numeric(x) && length(x) == 1L && !is.na(x)
  if (number(lower) && number(upper) && lower < upper) return(invisible())
  abort_gamut("`lower` and `upper` must be numbers with lower < upper; responses y with ",
              "lower < y < upper are seen.", class = "argument", call = call,
              data = list(argument = "lower"))
}

#' @noRd
read_between <- function(base, lower, upper) {
  force(base)
  function(y, weights, at) {
    read <- base$response(y, weights, at$name, at$rows, at$call, at$variables)
    require_range(read$y, read$y > lower & read$y < upper, at,
                  paste0("values between ", lower, " and ", upper))
    read
  }
}

#' Density, distribution function, quantiles and moments within the bounds
#' @noRd
truncated_real_parts <- function(base, from, to) {
  force(base)
  kept <- function(par) log_between(base, from, to, par)
  log_part <- function(a, b, par) {
    a <- pmax(a, from)
    b <- pmin(b, to)
    ifelse(a < b, log_between(base, a, b, par) - kept(par), -Inf)
  }
  list(
    density = function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
      value <- base$density(y, par) - kept(par)
      value[!is.na(y) & (y <= from | y >= to)] <- -Inf
      if (log) value else exp(value)
    },
    cdf = function(y, par, weights = NULL, dispersion = 1, left = FALSE, lower = TRUE,
                   log = FALSE) {
      value <- pmin(if (lower) log_part(-Inf, y, par) else log_part(y, Inf, par), 0)
      if (log) value else exp(value)
    },
    quantile = function(p, par, weights = NULL, dispersion = 1) {
      quantile_between(base, p, par, from, to)
    },
    mean = function(par) truncated_moment(base, par, 1, from, to),
    var = function(par, weights = NULL, dispersion = 1) {
      mean <- truncated_moment(base, par, 1, from, to)
      pmax(truncated_moment(base, par, 2, from, to) - mean^2, 0)
    }
  )
}

#' From the tail in which more of the distribution is cut off
#' @noRd
quantile_between <- function(base, p, par, from, to) {
  below <- base$cdf(from, par)
  above <- base$cdf(to, par, lower = FALSE)
  kept <- exp(log_between(base, from, to, par))
  value <- ifelse(below < 0.5, base$quantile(below + p * kept, par),
                  upper_quantile(base, above + (1 - p) * kept, par))
  pmin(pmax(value, from), to)
}

#' @noRd
upper_quantile <- function(base, p, par) {
  switch(base$id,
    normal = stats::qnorm(p, par$mu, par$sigma, lower.tail = FALSE),
    lognormal = stats::qlnorm(p, par$mu, par$sigma, lower.tail = FALSE),
    gamma_phi = stats::qgamma(p, 1 / par$phi, scale = par$mu * par$phi,
                              lower.tail = FALSE),
    weibull = stats::qweibull(p, 1 / par$sigma, par$mu, lower.tail = FALSE)
  )
}

#' E(Y^order | from < Y < to)
#'
#' For positive responses the moment of the whole distribution times the probability of
#' the bounds under the density y^order f(y), which is of the same family. For the normal
#' by the densities at the bounds (Johnson, Kotz and Balakrishnan 1994, section 13.10).
#' @noRd
truncated_moment <- function(base, par, order, from, to) {
  kept <- log_between(base, from, to, par)
  if (base$id == "normal") return(truncated_normal_moment(par, order, from, to, kept))
  tilted <- switch(base$id,
    lognormal = list(mu = par$mu + order * par$sigma^2, sigma = par$sigma),
    gamma_phi = list(mu = par$mu * (1 + order * par$phi),
                     phi = par$phi / (1 + order * par$phi)),
    # of the exponential (y / mu)^(1 / sigma), a Gamma after tilting
    weibull = list(shape = 1 + order * par$sigma)
  )
  if (base$id != "weibull") {
    whole <- if (order == 1) base$mean(par) else base$var(par) + base$mean(par)^2
    return(whole * exp(log_between(base, from, to, tilted) - kept))
  }
  ends <- lapply(c(from, to), function(y) (pmax(y, 0) / par$mu)^(1 / par$sigma))
  at <- lapply(ends, stats::pgamma, shape = tilted$shape)
  par$mu^order * gamma(tilted$shape) * (at[[2L]] - at[[1L]]) * exp(-kept)
}

#' @noRd
truncated_normal_moment <- function(par, order, from, to, kept) {
  a <- (from - par$mu) / par$sigma
  b <- (to - par$mu) / par$sigma
  # a phi(a) is 0 at infinity
  edge <- function(x) exp(stats::dnorm(x, log = TRUE) - kept)
  times <- function(x) ifelse(is.finite(x), x * edge(x), 0)
  first <- edge(a) - edge(b)
  mean <- par$mu + par$sigma * first
  if (order == 1) return(mean)
  par$sigma^2 * (1 + times(a) - times(b) - first^2) + mean^2
}
