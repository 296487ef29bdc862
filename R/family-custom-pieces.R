# What methods ask of a custom family, from the user's functions.

#' @param cdf_arguments Names of the arguments of the user's `cdf`.
#' @noRd
custom_pieces <- function(user, name, discrete, cdf_arguments) {
  list(
    density = custom_density(user, name),
    cdf = custom_cdf(user, name, discrete, cdf_arguments),
    quantile = custom_quantile(user, name), random = custom_random(user, name),
    mean = custom_moment(user, "mean", name), var = custom_moment(user, "variance", name)
  )
}

#' @noRd
abort_lacking <- function(part, name, call = NULL) {
  needed <- c(
    cdf = "quantile residuals, probabilities and quantiles are computed from it",
    random = "random numbers and simulation need it, or `cdf` or `quantile`",
    variance = "Pearson residuals and variances are computed from it"
  )
  abort_gamut("Custom family \"", name, "\" has no `", part, "`: ", needed[[part]],
              ". Give it to custom_family().", class = "density", call = call)
}

#' @noRd
custom_density <- function(user, name) {
  function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
    value <- user$density(c(list(y), par, list(log = TRUE)))
    value <- custom_values(value, length(y), "density", name)
    if (log) value else exp(value)
  }
}

#' @noRd
custom_cdf <- function(user, name, discrete, arguments) {
  if (is.null(user$cdf)) return(function(...) abort_lacking("cdf", name))
  tails <- all(c("lower.tail", "log.p") %in% arguments)
  function(y, par, weights = NULL, dispersion = 1, left = FALSE, lower = TRUE,
           log = FALSE) {
    if (discrete) y <- last_count(y, left)
    extra <- if (tails) list(lower.tail = lower, log.p = log)
    value <- custom_values(user$cdf(c(list(y), par, extra)), length(y), "cdf", name)
    if (tails) return(value)
    if (!lower) value <- 1 - value
    if (log) log(value) else value
  }
}

#' @noRd
custom_quantile <- function(user, name) {
  if (is.null(user$quantile)) return(NULL)
  function(p, par, weights = NULL, dispersion = 1) {
    custom_values(user$quantile(c(list(p), par)), length(p), "quantile", name)
  }
}

#' @noRd
custom_random <- function(user, name) {
  if (is.null(user$random)) {
    known <- !is.null(user$cdf) || !is.null(user$quantile)
    return(if (!known) function(...) abort_lacking("random", name))
  }
  function(n, par, weights = NULL, dispersion = 1) {
    par <- lapply(par, recycle_rows, n = n)
    custom_values(user$random(c(list(n), par)), n, "random", name)
  }
}

#' Mean or variance; the mean is the first parameter by default
#' @noRd
custom_moment <- function(user, part, name) {
  if (is.null(user[[part]])) {
    if (part == "mean") return(function(par) par[[1L]])
    return(function(...) abort_lacking(part, name))
  }
  function(par, weights = NULL, dispersion = 1) {
    n <- max(lengths(par))
    value <- user[[part]](lapply(par, rep_len, n))
    custom_values(if (length(value) == 1L) rep_len(value, n) else value, n, part, name)
  }
}

#' The reader of the response
#' @noRd
custom_response <- function(support, discrete) {
  force(support)
  function(y, weights, at) {
    y <- read_numeric(y, at)
    if (discrete) {
      require_range(y, abs(y - round(y)) <= 1e-7, at, "whole numbers")
      y <- round(y)
    }
    inside <- if (is.function(support)) {
      custom_support(support, y, at$family)
    } else {
      y >= support[1L] & y <= support[2L]
    }
    rule <- if (is.function(support)) "values that its `support` admits" else
      paste("values from", support[1L], "to", support[2L])
    response_result(require_range(y, inside, at, rule), weights)
  }
}

#' @noRd
custom_support <- function(support, y, name) {
  inside <- user_function(support, "support", name)(list(y))
  if (is.logical(inside) && length(inside) == length(y)) return(inside %in% TRUE)
  custom_error(name, "`support` must return TRUE or FALSE for each value, not ",
               describe_object(inside), ".")
}
