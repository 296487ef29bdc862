# elimination(): how the engine solves for the random effects of a fit.

#' How the random effects were solved for
#'
#' Every step of a fit with random effects solves one linear system in all of them and
#' the fixed effects. The effects of the factor with most levels go first: those of a
#' level are coupled to no other level's, so they are eliminated level by level. What is
#' left, the tail, is factored in full or, where few of its coefficients are coupled,
#' sparsely, in the order of approximate minimum degree; of factors that are nested in
#' each other nothing fills in. The operations of both are counted beforehand, and the
#' cheaper one is taken unless [gamut_control()] asks for one of them.
#'
#' @param fit A fit with random effects.
#' @param x What `elimination()` returns.
#' @param ... Not used.
#' @return A data frame of class `"gamut_elimination"` with a row for each step and the
#'   columns `step`; `terms`, the random terms it covers; `coefficients`, their number, in
#'   the tail with the fixed effects; `how`: `"by level"`, `"dense"` or `"sparse"`; and
#'   `entries`, the numbers that its factor has.
#' @section Errors:
#' A fit without random effects is an error of class `gamut_error_unsupported`.
#' @examples
#' data(Machines, package = "nlme")
#' fit <- gamut(score ~ Machine + (1 | Worker / Machine), data = Machines)
#' elimination(fit)
#' @export
elimination <- function(fit) {
  if (!inherits(fit, "gamut")) abort_argument("fit", "a fit made by gamut()", fit)
  if (!is_mixed(fit)) {
    abort_gamut("elimination() speaks of random effects, and this fit has none.",
                class = "unsupported")
  }
  taken <- fit$criterion$elimination
  labels <- vapply(fit$random, function(entry) {
    paste(vapply(entry$parts, `[[`, "", "label"), collapse = " + ")
  }, "")
  leads <- vapply(fit$random, `[[`, 0, "term") == taken$lead
  lead <- data.frame(terms = paste(labels[leads], collapse = ", "),
                     coefficients = taken$levels * taken$width,
                     how = "by level",
                     entries = taken$levels * taken$width * (taken$width + 1) / 2)
  rest <- paste(c(labels[!leads], "fixed effects"), collapse = ", ")
  tail <- data.frame(terms = rest, coefficients = taken$tail_coefficients,
                     how = taken$tail, entries = taken$entries)
  structure(cbind(step = 1:2, rbind(lead, tail)),
            class = c("gamut_elimination", "data.frame"))
}

#' @rdname elimination
#' @export
print.gamut_elimination <- function(x, ...) {
  how <- c(`by level` = "level by level", dense = "in full", sparse = "sparsely")
  for (i in seq_len(nrow(x))) {
    cat(sprintf("%d. %s: %s coefficients, %s (%s numbers)\n", x$step[i], x$terms[i],
                format(x$coefficients[i], big.mark = ","), how[[x$how[i]]],
                format(x$entries[i], big.mark = ",")))
  }
  invisible(x)
}
