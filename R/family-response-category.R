# Responses that are categories: one a row, or a row of counts.

#' One category per row, or a matrix with a column of counts per category
#' @noRd
read_categories <- function(y, weights, at) {
  if (is.matrix(y)) {
    return(read_category_counts(y, weights, at))
  }
  if (is.character(y) || is.logical(y)) {
    y <- factor(y)
  }
  if (!is.factor(y)) {
    abort_gamut(
      "The ", at$family, " family needs a factor, text, or a matrix of counts; `",
      at$name, "` is ", describe_response(y), ". Make it one with factor(", at$name, ").",
      class = "response", call = at$call
    )
  }
  codes <- as.integer(y)
  require_finite(codes, at)
  used <- tabulate(codes, nlevels(y)) > 0L
  require_categories(used, levels(y), at)
  if (!all(used)) {
    codes <- cumsum(used)[codes]
  }
  response_result(as.double(codes), weights, levels = levels(y)[used], form = "factor")
}

#' @noRd
read_category_counts <- function(y, weights, at) {
  if (!is.numeric(y)) {
    abort_gamut(
      "Response `", at$name, "` is a matrix, so it must hold counts.",
      class = "response", call = at$call
    )
  }
  require_finite(y, at)
  require_range(y, y >= 0, at, "counts >= 0")
  warn_non_integer(y, at, "they are used as they are")
  levels <- colnames(y)
  if (is.null(levels)) {
    levels <- as.character(seq_len(ncol(y)))
  }
  used <- colSums(y) > 0
  require_categories(used, levels, at)
  y <- y[, used, drop = FALSE]
  counts <- matrix(as.double(y), nrow(y), dimnames = list(NULL, levels[used]))
  response_result(
    counts, weights,
    trials = rowSums(counts), levels = levels[used], form = "matrix"
  )
}

#' Empty categories are dropped aloud: their coefficients would be minus infinity
#' @noRd
require_categories <- function(used, levels, at) {
  if (sum(used) < 2L) {
    abort_gamut(
      "The ", at$family, " family needs at least two categories that occur; response `",
      at$name, "` has ", sum(used), ".",
      class = "response", call = at$call
    )
  }
  if (!all(used)) {
    warn_gamut(
      "Response `", at$name, "`: no row has category ", enumerate(levels[!used]),
      ", so it is dropped.",
      class = "response", call = at$call, data = list(levels = levels[!used])
    )
  }
}

#' An ordered category per row, or counts: text and numbers do not say their order
#' @noRd
read_ordered <- function(y, weights, at) {
  if (!is.factor(y) && !is.matrix(y)) {
    abort_gamut(
      "The ", at$family, " family needs a factor whose levels are in order, or a matrix ",
      "of counts; `", at$name, "` is ", describe_response(y), ". Make it one with ",
      "factor(", at$name, ", levels = c(...)).",
      class = "response", call = at$call
    )
  }
  read_categories(y, weights, at)
}
