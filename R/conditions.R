# Every condition that gamut raises has a class of its own, so that callers can
# catch one kind of trouble without matching on text.

#' Signal a classed error
#'
#' @param ... Pieces of the message, pasted together without separator.
#' @param class Suffix of the condition class: `"formula"` gives
#'   `gamut_error_formula`, on top of `gamut_error`, `error`, `condition`.
#' @param call The call to show; by default the user-facing caller is not known
#'   here, so callers pass theirs or `NULL`.
#' @param data Named list of extra fields of the condition (rows, term, ...).
#' @noRd
abort_gamut <- function(..., class, call = NULL, data = list()) {
  class <- c(paste0("gamut_error_", class), "gamut_error", "error")
  stop(gamut_condition(paste0(...), class, call, data))
}

#' @noRd
warn_gamut <- function(..., class, call = NULL, data = list()) {
  class <- c(paste0("gamut_warning_", class), "gamut_warning", "warning")
  warning(gamut_condition(paste0(...), class, call, data))
}

#' @noRd
inform_gamut <- function(..., class, data = list()) {
  class <- c(paste0("gamut_message_", class), "gamut_message", "message")
  message(gamut_condition(paste0(..., "\n"), class, NULL, data))
}

#' @noRd
gamut_condition <- function(message, class, call, data) {
  structure(c(list(message = message, call = call), data), class = c(class, "condition"))
}

#' Rows or names as a short list for a message: "3, 8, 12, ... (41 in all)"
#' @noRd
enumerate <- function(x, most = 5L) {
  shown <- paste(utils::head(x, most), collapse = ", ")
  if (length(x) > most) paste0(shown, ", ... (", length(x), " in all)") else shown
}
