# Mean-bias-reducing estimates: who may have them, and what is not to be done with them.
# The estimation itself is inst/include/gamut/bias_reduction.hpp.

#' The control of a fit, with bias reduction if it is asked for
#' @noRd
with_bias_reduction <- function(control, bias_reduction, family) {
  control$bias_reduction <- check_flag(bias_reduction, "bias_reduction")
  if (bias_reduction && !has_bias_reduction(family)) {
    abort_gamut("`bias_reduction = TRUE` is for families of one mean (",
                enumerate(bias_reduction_families(), 10L), "), and ", family$family,
                " is none of them. Leave it out.", class = "argument",
                data = list(argument = "bias_reduction"))
  }
  control
}

#' The exponential dispersion families, which have a deviance, for the message
#' @noRd
bias_reduction_families <- function() {
  c("gaussian", "binomial", "poisson", "Gamma", "exponential", "inverse.gaussian",
    "quasi")
}

#' @noRd
has_bias_reduction <- function(family) has_deviance(family)

#' @noRd
is_bias_reduced <- function(object) isTRUE(object$control$bias_reduction)

#' Methods that compare maximised likelihoods are not for estimates that maximise another
#' function
#' @noRd
refuse_bias_reduced <- function(object, what) {
  if (!is_bias_reduced(object)) return(invisible())
  abort_gamut(what, " compares maximised likelihoods, and bias-reduced estimates do not ",
              "maximise it. Use the Wald tests of summary() and confint(method = ",
              "\"wald\"), or fit without `bias_reduction`.", class = "bias_reduction")
}

#' How a fit was made, for its print
#' @noRd
fitting_method <- function(object) {
  method <- if (object$family$has_density) object$method else "quasi-likelihood"
  if (is_bias_reduced(object)) paste0(method, ", bias-reduced (Firth)") else method
}
