# Leverages of fits with lo() terms: the diagonal of the joint operator
#
#   R = S + (I - S) Bt K^-1 F (I - S),   S = A H^-1 A'W,
#
# of all other terms (A) and the surfaces; see loess/joint.hpp.

#' @noRd
surface_leverages <- function(model) {
  if (length(model$predictors) > 1L || is.null(model$loess$regression)) {
    abort_gamut("Leverages of fits with lo() terms are for families of one parameter ",
                "and up to 5,000 other coefficients. Use s() in the place of lo().",
                class = "unsupported")
  }
  setup <- setup_again(model)
  setup$frame$offsets[] <- list(NULL)
  problem <- build_problem(setup$frame, model$family)
  rows <- fit_rows(model, loess_information(model))
  terms <- loess_terms(setup)
  own <- own_leverages(model, rows)
  products <- function(coefficients) {
    apply(coefficients, 2L, function(c) engine_linear_predictor(problem, c)[, 1L])
  }
  blend <- surface_columns(model) - products(model$loess$regression)
  influence <- do.call(cbind, lapply(terms, function(term) {
    loess_influence_cpp(sent_term(term, rows$weight, 1L), model$control$threads)
  }))
  influence <- rows$weight[, 1L] * (influence - products(model$loess$influence))
  own + rowSums((blend %*% model$loess$inverse) * influence)
}

#' Columns of the surfaces of all lo() terms
#' @noRd
surface_columns <- function(model) {
  columns <- lapply(model$smooths, function(smooth) {
    basis <- smooth$piece$basis
    if (!inherits(basis, "lo_basis")) return(NULL)
    piece_matrix(smooth$piece, model$frame$variables)[, -seq_len(nrow(basis$powers))]
  })
  do.call(cbind, columns)
}
