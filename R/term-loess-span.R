# Spans of lo() terms that the data choose: lo(x, span = "aicc") or "gcv".
#
# The whole model is fitted at several spans of a term, and the one of least
#
#   AICc = -2 l + 2 t n / (n - t - 1)      GCV = n D / (n - t)^2
#
# is taken: l is the conditional log-likelihood, t the trace of the joint operator and one
# for a dispersion that is estimated, D the deviance. First comes a grid, then a search
# between the neighbours of its best point; with several such terms, one after another,
# twice.
# Source: Hurvich, Simonoff & Tsai (1998) J. R. Stat. Soc. B 60, 271-293.

#' @noRd
span_grid <- c(0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1)

#' A setup whose lo() terms all have a span that is a number
#' @param fit A function of such a setup, to a fit.
#' @noRd
choose_spans <- function(setup, fit) {
  open <- open_spans(setup$frame)
  if (!length(open)) return(setup)
  for (sweep in seq_len(if (length(open) > 1L) 2L else 1L)) {
    for (place in open) setup <- choose_term_span(setup, place, fit)
  }
  setup
}

#' Places (predictor, smooth) of the terms whose span is to be chosen
#' @noRd
open_spans <- function(frame) {
  pieces <- loess_pieces(frame)
  places <- unlist(lapply(seq_along(pieces), function(p) {
    lapply(pieces[[p]], function(s) c(p, s))
  }), recursive = FALSE)
  Filter(function(place) !is.null(piece_at(frame, place)$basis$span_by), places)
}

#' @noRd
piece_at <- function(frame, place) {
  frame$predictors[[place[1L]]]$smooths[[place[2L]]]$pieces[[1L]]
}

#' @noRd
choose_term_span <- function(setup, place, fit) {
  basis <- piece_at(setup$frame, place)$basis
  value <- function(span) {
    # where a span is too small for the data, another may do
    tryCatch({
      fitted <- hold_warnings(fit(with_span(setup, place, span)))$value
      span_criterion(fitted, basis$span_by)
    }, gamut_error = function(e) Inf)
  }
  grid <- span_grid[span_grid >= basis$least_span]
  if (length(grid) < 3L) grid <- seq(basis$least_span, 1.5, length.out = 5L)
  found <- vapply(grid, value, 0)
  best <- which.min(found)
  if (!length(best)) best <- length(grid)
  between <- range(grid[max(best - 1L, 1L)], grid[min(best + 1L, length(grid))])
  finer <- stats::optimize(function(s) value(exp(s)), log(between), tol = 0.02)
  span <- if (finer$objective < found[best]) exp(finer$minimum) else grid[best]
  with_span(setup, place, span)
}

#' @noRd
span_criterion <- function(object, by) {
  n <- object$nobs
  edf <- conditional_edf(object)
  if (by == "gcv") {
    return(if (edf < n) n * stats::deviance(object) / (n - edf)^2 else Inf)
  }
  t <- edf + as.integer(is_profiled(object$family))
  if (t >= n - 1) return(Inf)
  -2 * conditional_value(object) + 2 * t * n / (n - t - 1)
}

#' A setup with the span of one of its terms, and the tree that goes with it
#' @noRd
with_span <- function(setup, place, span) {
  piece <- piece_at(setup$frame, place)
  x <- covariates_as_columns(covariate_data(piece, setup$frame$variables))
  piece$basis$span <- span
  piece$basis$surface <- loess_tree_cpp(x, ncol(x), span, loess_defaults$cell)
  setup$frame$predictors[[place[1L]]]$smooths[[place[2L]]]$pieces[[1L]] <- piece
  setup$problem <- build_problem(setup$frame, setup$family)
  setup
}
