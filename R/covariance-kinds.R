# The kinds of covariance as R knows them: the one place that says which parameters each
# has. What they mean, and the objects, are the engine's: `covariance/registry.hpp`.

#' One kind of covariance of b effects
#'
#' Of one effect every kind has a standard deviation and nothing else.
#' @param deviations `"each"` effect has a standard deviation, or all have `"one"`. They
#'   are the first of the parameters.
#' @param others Number of further parameters for b > 1 effects, a function of b.
#' @param single Where there is one further parameter that confint() reports: `prefix` of
#'   its name, and `scale`, a function of b, see `parameter_scale()`.
#' @noRd
covariance_kind <- function(deviations, others = function(b) 0L, single = NULL) {
  list(deviations = deviations, others = others, single = single)
}

#' @noRd
covariance_kinds <- function() {
  one <- function(b) 1L
  range <- list(prefix = "range_", scale = function(b) log_scale())
  list(
    us = covariance_kind("each", function(b) b * (b - 1L) / 2),
    diag = covariance_kind("each"),
    identity = covariance_kind("one"),
    cs = covariance_kind("each", one, list(prefix = "cor_", scale = cs_scale)),
    ar1 = covariance_kind("one", one, list(prefix = "rho_", scale = ar1_scale)),
    toep = covariance_kind("each", function(b) b - 1L),
    exp = covariance_kind("one", one, range),
    mat = covariance_kind("one", one, range)
  )
}

#' Number of parameters of a covariance
#' @noRd
covariance_size <- function(spec) {
  if (spec$kind == "penalty") return(sum(is.nan(spec$given)))
  if (spec$kind == "sum") return(sum(vapply(spec$parts, covariance_size, 0)))
  others <- covariance_kinds()[[spec$kind]]$others
  as.double(length(leaf_scales(spec)) + if (spec$size > 1L) others(spec$size) else 0L)
}

#' Which of a leaf's parameters are standard deviations, unless it is unstructured with
#' correlations, whose parameters are entries of a Cholesky factor
#' @noRd
leaf_scales <- function(spec) {
  deviations <- covariance_kinds()[[spec$kind]]$deviations
  if (deviations == "one") 1L else seq_len(spec$size)
}

#' Have all effects of a structure one standard deviation in common?
#' @noRd
has_one_deviation <- function(structure) {
  identical(covariance_kinds()[[structure]]$deviations, "one")
}
