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
#' @param placed Do effects have places, as times have: `"order"`, or `"space"` where
#'   their distances count, too?
#' @param retries Does a search end where it had better begin again, with correlations of
#'   either sign? See `correlated_starts()`.
#' @noRd
covariance_kind <- function(deviations, others = function(b) 0L, single = NULL,
                            placed = "", retries = FALSE) {
  list(deviations = deviations, others = others, single = single, placed = placed,
       retries = retries)
}

#' @noRd
covariance_kinds <- function() {
  one <- function(b) 1L
  range <- list(prefix = "range_", scale = function(b) log_scale())
  list(
    us = covariance_kind("each", function(b) b * (b - 1L) / 2),
    diag = covariance_kind("each"),
    identity = covariance_kind("one"),
    cs = covariance_kind("each", one, list(prefix = "cor_", scale = cs_scale),
                         retries = TRUE),
    ar1 = covariance_kind("one", one, list(prefix = "rho_", scale = ar1_scale),
                          placed = "order", retries = TRUE),
    toep = covariance_kind("each", function(b) b - 1L, placed = "order",
                           retries = TRUE),
    exp = covariance_kind("one", one, range, placed = "space"),
    mat = covariance_kind("one", one, range, placed = "space")
  )
}

#' Structures that a formula may name; `identity` is what engine and smooths ask for
#' @noRd
covariance_structures <- function() {
  c(setdiff(names(covariance_kinds()), "identity"), "known")
}

#' Do effects of a structure have places: times, or points among which distances count?
#' @noRd
is_placed <- function(structure) placement(structure) != ""

#' @noRd
is_spatial <- function(structure) placement(structure) == "space"

#' @noRd
placement <- function(structure) covariance_kinds()[[structure]]$placed %||% ""

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
