# How a spec shows itself.

#' @param x A `gamut_spec`.
#' @param width Width of a line.
#' @param ... Unused.
#' @rdname parse_formula
#' @export
format.gamut_spec <- function(x, width = getOption("width"), ...) {
  response <- if (is.null(x$response)) "(none)" else expr_text(x$response)
  c(paste0("Response: ", response),
    unlist(lapply(unname(x$predictors), format, width = width)))
}

#' @rdname parse_formula
#' @export
print.gamut_spec <- function(x, ...) {
  cat(format(x, ...), sep = "\n")
  invisible(x)
}

#' @noRd
#' @export
format.gamut_predictor <- function(x, width = getOption("width"), ...) {
  unnamed <- if (is.null(x$place)) "(main)" else paste0("(part ", x$place, ")")
  name <- if (is.na(x$name)) unnamed else x$name
  calls <- function(terms) {
    vapply(terms, function(term) expr_text(unqualified(term$call)), "")
  }
  rows <- c(
    format_terms("parametric", expr_text(x$parametric[[2L]]), width),
    format_terms("offset", vapply(x$offsets, expr_text, ""), width),
    format_terms("smooth", calls(x$smooths), width),
    format_terms("loess", calls(x$loess), width),
    format_terms("random", names(x$random), width)
  )
  c(paste0("Predictor: ", name), rows)
}

#' @noRd
#' @export
print.gamut_predictor <- function(x, ...) {
  cat(format(x, ...), sep = "\n")
  invisible(x)
}

#' One labelled paragraph; nothing when there are no terms
#' @noRd
format_terms <- function(label, text, width) {
  if (length(text) == 0L) return(character())
  # lines break between terms; only the parametric part may break inside
  if (label != "parametric") text <- chartr(" ", "\1", text)
  lines <- strwrap(paste(text, collapse = ", "), width = width,
                   initial = formatC(paste0("  ", label), width = -14L),
                   prefix = strrep(" ", 14L))
  chartr("\1", " ", lines)
}

#' @noRd
unqualified <- function(call) {
  call[[1L]] <- as.name(call_head(call)$name)
  call
}
