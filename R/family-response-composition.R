# Responses that are compositions: rows of parts that sum to one.

#' A matrix with a column per part
#'
#' Rows are divided by their sums, aloud where these are not one.
#' @noRd
read_composition <- function(y, weights, at, zeros = "error") {
  if (!is.matrix(y) || !is.numeric(y) || ncol(y) < 2L) {
    abort_gamut(
      "The ", at$family, " family needs a numeric matrix with a column for each part, ",
      "as of cbind(a, b, c); `", at$name, "` is ", describe_response(y), ".",
      class = "response", call = at$call
    )
  }
  require_finite(y, at)
  require_range(y, y >= 0, at, "parts >= 0")
  total <- rowSums(y)
  require_range(total, total > 0, at, "rows with a positive sum")
  off <- abs(total - 1) > 1e-8
  if (any(off)) {
    warn_rows(off, at, "parts do not sum to one; rows are divided by their sums.")
  }
  parts <- matrix(as.double(y) / total, nrow(y))
  if (zeros == "shrink") {
    parts <- (parts * (nrow(parts) - 1) + 1 / ncol(parts)) / nrow(parts)
  }
  require_range(
    parts, parts > 0, at, "parts > 0",
    "Parts of 0 have no density: dirichlet(zeros = \"shrink\") moves all rows a little."
  )
  colnames(parts) <- composition_parts(y)
  response_result(parts, weights, levels = colnames(parts), form = "matrix")
}

#' @noRd
composition_parts <- function(y) {
  colnames(y) %||% paste0("part", seq_len(ncol(y)))
}
