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
#' Two crossed factors of many thousand levels each leave a tail that fills up however it
#' is ordered. In a linear mixed model whose terms in the tail have one effect a level, it
#' is then not factored at all: systems are solved by conjugate gradients to eleven
#' digits, and the determinant and the traces of the criterion are estimated from 16 fixed
#' vectors of random signs. So estimates are reproducible, but those of variances have an
#' error, some thousandths of their standard errors, and the log-likelihood has one that
#' is printed. The variances of single random effects are not to be had.
#'
#' @param fit A fit with random effects.
#' @param x What `elimination()` returns.
#' @param ... Not used.
#' @return A data frame of class `"gamut_elimination"` with a row for each step and the
#'   columns `step`; `terms`, the random terms it covers; `coefficients`, their number, in
#'   the tail with the fixed effects; `how`: `"by level"`, `"dense"`, `"sparse"` or
#'   `"iterative"`; and `entries`, the numbers that its factor has. The attribute `error`
#'   is the standard error of minus twice the log-likelihood, 0 unless it is an estimate.
#' @section Errors:
#' A fit without random effects is an error of class `gamut_error_unsupported`.
#' @examples
#' data(Machines, package = "nlme")
#' fit <- gamut(score ~ Machine + (1 | Worker / Machine), data = Machines)
#' elimination(fit)
#' @export
elimination <- function(fit) {
  if (!inherits(fit, "gamut")) abort_argument("fit", "a fit made by gamut()", fit)
  refuse_local(fit, "elimination()")
  if (!length(fit$random)) {
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
            error = taken$error, class = c("gamut_elimination", "data.frame"))
}

#' @rdname elimination
#' @export
print.gamut_elimination <- function(x, ...) {
  how <- c(`by level` = "level by level", dense = "in full", sparse = "sparsely",
           iterative = "by conjugate gradients")
  numbers <- ifelse(x$how == "iterative", "",
                    paste0(" (", format(x$entries, big.mark = ",", trim = TRUE),
                           " numbers)"))
  cat(sprintf("%d. %s: %s coefficients, %s%s\n", x$step, x$terms,
              format(x$coefficients, big.mark = ",", trim = TRUE), how[x$how], numbers),
      sep = "")
  error <- attr(x, "error")
  if (!is.null(error) && error > 0) {
    cat("   -2 log-likelihood is an estimate, its standard error ", signif(error, 2),
        "\n", sep = "")
  }
  invisible(x)
}
