# The text that print() and print(summary()) share: headings, tables that do not flood
# the screen, and lines of statistics. Everything fits the width of the console.

#' @noRd
print_call <- function(call, most = 12L) {
  # deparse() breaks lines only after the cutoff, at the next possible place
  for (cutoff in c(60L, 50L, 40L, 30L, 20L)) {
    lines <- deparse(call, width.cutoff = cutoff, nlines = most + 1L)
    if (all(nchar(lines) <= getOption("width"))) break
  }
  # do.call() puts whole data sets into calls
  if (length(lines) > most) lines <- c(utils::head(lines, 5L), "    ...")
  cat("\nCall:\n", paste(lines, collapse = "\n"), "\n\n", sep = "")
}

#' @noRd
print_family <- function(family, method) {
  links <- if (length(family$links) > 1L)
    describe_links(family) else paste(family$link, "link")
  text <- paste0("Family: ", family_title(family), " (", links, "), fitted by ", method)
  cat(strwrap(text, exdent = 2L), sep = "\n")
}

#' Rows to show of a table: all, or of a long one the first and the last
#' @noRd
shown_rows <- function(n, max_rows) {
  if (n <= max_rows) return(seq_len(n))
  last <- min(5L, as.integer(max_rows) %/% 4L)
  c(seq_len(min(20L, as.integer(max_rows) - last)), n - last + seq_len(last))
}

#' @noRd
hidden_rows <- function(n, shown, where) {
  paste0("[", n - length(shown), " of ", n, " coefficients not shown: see ", where, "]")
}

#' Names short enough for a table that leaves `room` columns for numbers
#'
#' What tells names apart is often at their end, so they are cut in the middle.
#' @noRd
short_names <- function(names, room = 48L) {
  most <- max(16L, getOption("width") - room)
  long <- nchar(names, "width") > most
  head <- substr(names[long], 1L, most %/% 2L)
  end <- nchar(names[long])
  names[long] <- paste0(head, "~",
                        substr(names[long], end - (most - most %/% 2L) + 2L, end))
  names
}

#' A table of coefficients, with a gap where rows are left out
#' @noRd
print_coefficient_table <- function(table, digits, stars, max_rows, legend, ...) {
  shown <- shown_rows(nrow(table), max_rows)
  part <- table[shown, , drop = FALSE]
  rownames(part) <- short_names(rownames(part))
  # between them there may be degrees of freedom
  statistic <- grep(" value$", colnames(part))
  if (!length(statistic)) statistic <- 3L
  lines <- utils::capture.output(
    stats::printCoefmat(part, digits = digits, signif.stars = stars,
                        signif.legend = legend, na.print = "NA", cs.ind = 1:2,
                        tst.ind = statistic, ...)
  )
  gap <- which(diff(shown) > 1L)
  if (length(gap)) {
    # after the heading and the rows in front; a wrapped table has several headings
    starts <- which(startsWith(lines, strrep(" ", max(nchar(rownames(part), "width")))))
    lines <- insert_after(lines, starts[starts + gap <= length(lines)] + gap,
                          hidden_rows(nrow(table), shown, "coef(summary())"))
  }
  cat(lines, sep = "\n")
}

#' @noRd
insert_after <- function(lines, at, what) {
  order <- order(c(seq_along(lines), at + 0.5))
  c(lines, rep(what, length(at)))[order]
}

#' "  Null deviance: 409.04  on 71  degrees of freedom", or log-likelihoods
#' @noRd
print_fit_lines <- function(x, digits) {
  number <- function(value) format(value, digits = max(5L, digits + 1L))
  if (has_deviance(x$family)) {
    cat(paste0(c("    Null deviance: ", "Residual deviance: "),
               number(c(x$null.deviance, x$deviance)), "  on ",
               format(c(x$df.null, x$df.residual)), "  degrees of freedom"), sep = "\n")
  } else {
    cat(paste0(c("Null log-likelihood: ", "     Log-likelihood: "),
               number(c(x$null.logLik, x$logLik)), "  on ",
               format(c(x$nobs - x$df.null, x$df[1L])), "  parameters"), sep = "\n")
  }
  cat("AIC: ", format(x$aic, digits = max(4L, digits + 1L)), "\n", sep = "")
}

#' @noRd
print_rows <- function(nobs, na_action, total = nobs) {
  dropped <- stats::naprint(na_action)
  weightless <- total - nobs
  notes <- c(if (nzchar(dropped)) dropped,
             if (weightless > 0L) paste(weightless, "more of weight 0"))
  cat("Rows: ", format(nobs, big.mark = ",", scientific = FALSE),
      if (length(notes)) paste0(" (", paste(notes, collapse = "; "), ")"), "\n", sep = "")
}

#' The fit that failed says so where nobody misses it: at the end
#' @noRd
print_convergence <- function(convergence) {
  if (convergence$code == "limit") {
    text <- paste0("Note: ", convergence$message, ".")
    cat("\n", paste(strwrap(text), collapse = "\n"), "\n", sep = "")
  }
  if (convergence$converged) return(invisible())
  text <- paste0("THE FIT DID NOT CONVERGE: ", convergence$message,
                 ". Its numbers are not to be trusted.")
  cat("\n", paste(strwrap(text), collapse = "\n"), "\n", sep = "")
}
