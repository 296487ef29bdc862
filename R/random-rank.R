# Of how many dimensions are random effects?

#' Rank of the covariances of random effects
#'
#' How many directions the random effects of each term vary in, and how much in each: a
#' principal component analysis of their covariance.
#'
#' @param fit A fit with random effects.
#' @param x A report.
#' @param digits Number of significant digits.
#' @param ... Not used.
#'
#' @details
#' The covariance of a term is
#' \eqn{\Sigma = \phi\Lambda\Lambda'}{phi Lambda Lambda'}, with the residual
#' variance \eqn{\phi}{phi} of a linear mixed model, else 1. The singular
#' values of \eqn{\Lambda}{Lambda} are the standard deviations, relative to the residual
#' one, along the principal directions. Where one is 0 the model is richer than the data
#' can tell: effects without variance, or perfectly correlated. The estimates are still
#' those of maximum likelihood; a simpler term would give the same fit. Values below
#' 1e-5 of the largest one of their grouping factor count as 0.
#'
#' @return A list of class `"gamut_rank"` with an entry for each term: `term`, `group`,
#'   `size`, `rank`, `values` (the singular values of \eqn{\Lambda}{Lambda}),
#'   `proportion` (of the variance) and `note`, a sentence for terms of deficient rank.
#' @references Bates, D., Kliegl, R., Vasishth, S. and Baayen, H. (2015) Parsimonious
#'   mixed models. \doi{10.48550/arXiv.1506.04967}
#' @examples
#' rank_report(gamut(distance ~ age + (age | Subject), data = nlme::Orthodont))
#' @export
rank_report <- function(fit) {
  check_fit(fit, "rank_report()")
  require_mixed(fit, "rank_report()")
  scale <- if (is_profiled(fit$family)) fit$dispersion else 1
  report <- lapply(fit$random, function(entry) {
    largest <- max(singular_values(entry$covariance / scale))
    lapply(entry$parts, function(part) {
      at <- part$columns
      values <- singular_values(entry$covariance[at, at, drop = FALSE] / scale)
      rank <- covariance_rank(values, largest)
      list(term = part$label, group = term_group(entry, fit), size = length(at),
           rank = rank, values = values,
           proportion = if (rank) values^2 / sum(values^2) else 0 * values,
           note = rank_note(entry, part, rank))
    })
  })
  report <- as.list(unlist(report, recursive = FALSE))
  structure(report, class = "gamut_rank")
}

#' How many singular values of Lambda are not 0, next to the largest one
#'
#' Below a tenth, in units of the residual or of the linear predictor, the largest one is
#' no measure any more: values of 1e-6 are 0 by themselves.
#' @noRd
covariance_rank <- function(values, largest = max(values)) {
  sum(values > 1e-5 * max(largest, 0.1))
}

#' Singular values of a root of a covariance
#' @noRd
singular_values <- function(covariance) {
  values <- eigen(covariance, symmetric = TRUE, only.values = TRUE)$values
  sqrt(pmax(values, 0))
}

#' @noRd
rank_note <- function(entry, part, rank) {
  if (rank == length(part$columns)) return(NULL)
  effects <- entry$effects[part$columns]
  zero <- effects[diag(entry$covariance)[part$columns] == 0]
  boundary_sentence(list(labels = part$label, effects = zero, rank = rank,
                         size = length(effects)))
}

#' @rdname rank_report
#' @export
print.gamut_rank <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  for (entry in x) {
    cat(entry$term, ": rank ", entry$rank, " of ", entry$size, "\n", sep = "")
    table <- rbind(entry$values, entry$proportion, cumsum(entry$proportion))
    dimnames(table) <- list(c("Singular value", "Proportion of variance", "Cumulative"),
                            seq_len(entry$size))
    print(noquote(format(zapsmall(table, digits), digits = digits)))
    for (line in entry$note) cat(strwrap(line), sep = "\n")
    cat("\n")
  }
  invisible(x)
}
