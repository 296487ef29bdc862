# Separation: data for which the likelihood has no maximum, because it rises for ever
# along some direction of the coefficients. The search itself, which is exact, is
# inst/include/gamut/separation.hpp; here are the rules of the families and the words.

#' Detect separation
#'
#' Finds out whether the maximum-likelihood estimates of a model are finite, and if not,
#' which coefficients and which rows are to blame.
#'
#' @param object A fit, or a model set up with `gamut(..., fit = FALSE)`.
#' @param x What `detect_separation()` returns.
#' @param ... Not used.
#'
#' @details
#' Data are separated when some combination \eqn{b} of the columns sorts the responses.
#' * Binary responses and proportions: \eqn{x_i'b \ge 0} where all trials succeeded,
#'   \eqn{\le 0} where none did, and \eqn{= 0} where both occurred, not all of them with
#'   equality. This holds for all links that reach 0 and 1 only at infinity.
#' * Counts with a log link, and proportions with one: \eqn{x_i'b \le 0} where the
#'   response is 0, \eqn{= 0} elsewhere.
#' * Categories: \eqn{x_i'(b_k - b_l) \ge 0} for the category \eqn{k} that occurred and
#'   all others.
#'
#' The likelihood then rises along \eqn{b} for ever. Separation is *complete* when all
#' inequalities are strict and there are no equalities, and else *quasi-complete*. It
#' does not depend on offsets, on the values of weights, nor on the link, and rows of
#' weight 0 do not count.
#'
#' The answer does not come from a diverging fit but from a search for \eqn{b} by
#' non-negative least squares, which ends after finitely many steps. Two directions count
#' as orthogonal when the cosine between them is less than 1e-8, in coordinates in which
#' the columns are orthonormal.
#'
#' A fit that did not converge runs this search itself, and warns with the coefficients
#' by name. Random effects have a variance that keeps them finite: the search is over the
#' fixed effects, whose separation the integral over random effects does not end.
#'
#' @return A list of class `"gamut_separation"`:
#' \describe{
#' \item{`separated`}{is there any separation?}
#' \item{`type`}{`"none"`, `"quasi-complete"` or `"complete"`}
#' \item{`coefficients`}{for each coefficient 0 if its estimate is finite and the same
#'   along all directions that separate; else `Inf` or `-Inf`, whereto it runs along the
#'   direction found; `NA` if it is aliased}
#' \item{`rows`}{numbers of the rows in use whose fitted probabilities, or means, run to
#'   the edge of their range}
#' \item{`nobs`}{number of rows with a positive weight}
#' \item{`bias_reduction`}{has the family bias-reduced estimates?}
#' \item{`message`}{all this in a sentence, empty without separation}
#' }
#' Where several directions separate (always with complete separation), a coefficient
#' may run to either side along some of them; the sign is that of the direction found.
#' @section Errors:
#' `gamut_error_separation`: families and links without such a rule, because their
#' likelihood has a maximum or ends at the edge of the parameter space; and models of
#' more than 1000 coefficients.
#' @references
#' Albert, A. and Anderson, J. A. (1984) On the existence of maximum likelihood
#' estimates in logistic regression models. *Biometrika* 71, 1-10.
#' \doi{10.1093/biomet/71.1.1}
#'
#' Correia, S., Guimaraes, P. and Zylkin, T. (2019) Verifying the existence of maximum
#' likelihood estimates for generalized linear models. \doi{10.48550/arXiv.1903.01633}
#'
#' Konis, K. (2007) *Linear programming algorithms for detecting separated data in
#' binary logistic regression models*. DPhil thesis, University of Oxford.
#' @seealso The argument `bias_reduction` of [gamut()] for estimates that are finite all
#'   the same.
#' @examples
#' d <- data.frame(dose = c(1, 2, 3, 4, 5, 6, 7, 8), group = gl(2, 4),
#'                 ill = c(0, 0, 1, 0, 1, 1, 1, 1))
#' model <- gamut(ill ~ dose + group, family = binomial(), data = d, fit = FALSE)
#' detect_separation(model)
#'
#' # finite estimates
#' update(model, fit = TRUE, bias_reduction = TRUE)
#' @export
detect_separation <- function(object, ...) {
  check_no_dots(..., what = "detect_separation()")
  setup <- inherits(object, "gamut_setup")
  if (!setup && !inherits(object, "gamut")) {
    abort_argument("object", "a fit of gamut() or a model set up by it", object)
  }
  refuse_local(object, "detect_separation()")
  if (!setup) require_data(object, "detect_separation()")
  problem <- if (setup) object$problem else fit_problem(object)
  # penalised coefficients are finite
  if (length(problem$random)) {
    problem <- build_problem(without_random(object$frame), object$family)
  }
  rule <- separation_rule(object)
  if (is.null(rule)) abort_separation(object$family)
  if (length(problem$names) > separation_limit()) {
    abort_gamut("detect_separation() takes models of up to ", separation_limit(),
                " coefficients, and this one has ", length(problem$names), ".",
                class = "separation")
  }
  found <- separation_cpp(problem, rule$combinations, rule$signs)
  names <- c(problem$names, smooth_coefficient_names(problem$smooths))
  new_separation(found, names, rule$signs, has_bias_reduction(object$family))
}

#' @noRd
separation_limit <- function() 1000L

#' @noRd
abort_separation <- function(family) {
  abort_gamut("separation is a matter of responses at the edge of their range, under a ",
              "link that reaches it at infinity only. The family ", family$family,
              " with the link ", describe_links(family), " has none, or no rule for it ",
              "is known here.", class = "separation")
}

#' What each row asks of a direction
#'
#' @return `NULL` for families without a rule, or a list: `combinations`, K x M, of the
#'   linear predictors; `signs`, n x M: 1, a combination must not fall in this row; -1,
#'   must not rise; 2, must stay; 0, does not matter.
#' @noRd
separation_rule <- function(object) {
  family <- object$family
  kind <- if (family$id == "quasi") family$variance_id else family$id
  rule <- switch(kind,
    binomial = , `mu(1-mu)` = one_predictor_rule(object, upper = 1),
    poisson = , mu = one_predictor_rule(object, upper = Inf),
    categorical = category_rule(object), cumulative = threshold_rule(object)
  )
  weights <- object$frame$y$weights
  if (!is.null(rule) && !is.null(weights)) rule$signs[weights == 0, ] <- 0L
  rule
}

#' A mean between 0 and `upper`, under a link that gets there at infinity
#' @noRd
one_predictor_rule <- function(object, upper) {
  y <- object$frame$y$y
  link <- object$family$links[[1L]]
  ends <- tryCatch(suppressWarnings(as.double(link$linkinv(c(-1e10, 1e10)))),
                   error = function(e) c(NA, NA))
  # cauchit comes as near to 0 as 3e-11 there
  if (!isTRUE(abs(ends[1L]) < 1e-9)) return(NULL)
  both <- upper == 1 && isTRUE(abs(ends[2L] - 1) < 1e-9)
  signs <- ifelse(y == 0, -1L, if (both) ifelse(y == 1, 1L, 2L) else 2L)
  list(combinations = matrix(1), signs = matrix(as.integer(signs), ncol = 1L))
}

#' All pairs of categories: the one that occurred must not fall against another
#' @noRd
category_rule <- function(object) {
  family <- object$family
  y <- object$frame$y$y
  count <- length(family$levels)
  occurred <- if (is.matrix(y)) y > 0 else outer(y, seq_len(count), `==`)
  others <- seq_len(count)[-reference_code(family, family$levels)]
  unit <- diag(count)[others, , drop = FALSE]
  pairs <- utils::combn(count, 2L)
  first <- occurred[, pairs[1L, ], drop = FALSE]
  second <- occurred[, pairs[2L, ], drop = FALSE]
  signs <- ifelse(first & second, 2L, first - second)
  storage.mode(signs) <- "integer"
  list(combinations = unit[, pairs[1L, ], drop = FALSE] -
         unit[, pairs[2L, ], drop = FALSE], signs = signs)
}

#' The thresholds beside the category that occurred: the upper must not fall, the lower
#' not rise. Predictors with slopes of their own must also stay in order in every row.
#' @noRd
threshold_rule <- function(object) {
  y <- object$frame$y$y
  count <- length(object$family$levels)
  occurred <- if (is.matrix(y)) y > 0 else outer(y, seq_len(count), `==`)
  up <- occurred[, -count, drop = FALSE]
  down <- occurred[, -1L, drop = FALSE]
  signs <- ifelse(up & down, 2L, up - down)
  combinations <- diag(count - 1L)
  if (count > 2L && !isTRUE(object$family$thresholds$parallel)) {
    order <- combinations[, -1L, drop = FALSE] -
      combinations[, 1L - count, drop = FALSE]
    combinations <- cbind(combinations, order)
    signs <- cbind(signs, matrix(1L, nrow(signs), count - 2L))
  }
  storage.mode(signs) <- "integer"
  list(combinations = combinations, signs = signs)
}

#' @noRd
new_separation <- function(found, names, signs, bias_reduction) {
  coefficients <- ifelse(found$infinite, Inf * sign(found$direction), 0)
  # infinite along other directions than the one found
  coefficients[is.nan(coefficients)] <- Inf
  coefficients[found$aliased] <- NA
  separated <- any(found$rows)
  out <- list(
    separated = separated,
    type = if (!separated) "none" else if (found$complete) "complete"
           else "quasi-complete",
    coefficients = stats::setNames(coefficients, names), rows = which(found$rows),
    nobs = sum(rowSums(signs != 0L) > 0L), bias_reduction = bias_reduction
  )
  if (!found$exact) {
    warn_gamut("the search for separation was cut short by rounding errors; there may ",
               "be more of it than was found.", class = "separation_search")
  }
  out$message <- if (separated) paste0(separation_cause(out), ". ",
                                       separation_advice(out)) else ""
  structure(out, class = "gamut_separation")
}

#' @noRd
separation_cause <- function(separation) {
  infinite <- separation$coefficients[separation$coefficients %in% c(-Inf, Inf)]
  runs <- paste(ticked_each(names(infinite)), "to", ifelse(infinite > 0, "Inf", "-Inf"))
  runs[1L] <- sub(" to ", " runs to ", runs[1L], fixed = TRUE)
  rows <- separation$rows
  paste0("the data are ",
         if (separation$type == "complete") "completely" else "quasi-completely",
         " separated: ", enumerate(runs, 8L), ", and with them ", length(rows), " of ",
         separation$nobs, " rows (", paste(utils::head(rows, 5L), collapse = ", "),
         if (length(rows) > 5L) ", ...", ") to the edge of the response's range")
}

#' @noRd
ticked_each <- function(names) paste0("`", names, "`")

#' @noRd
separation_advice <- function(separation) {
  paste0(if (separation$bias_reduction)
           "Fit with `bias_reduction = TRUE` for finite estimates, or leave out "
         else "Leave out ", "the column, or merge the category, that separates")
}

#' @rdname detect_separation
#' @export
print.gamut_separation <- function(x, ...) {
  if (!x$separated) {
    cat("No separation: the maximum-likelihood estimates are finite\n")
    return(invisible(x))
  }
  cat(if (x$type == "complete") "Complete" else "Quasi-complete", "separation\n\n")
  runs <- x$coefficients
  text <- ifelse(is.na(runs), "aliased",
                 ifelse(runs == 0, "finite", ifelse(runs > 0, "Inf", "-Inf")))
  print.default(stats::setNames(text, names(runs)), quote = FALSE, print.gap = 2L)
  cat("\n", paste(strwrap(paste0(
    length(x$rows), " of ", x$nobs, " rows run to the edge of the response's range: ",
    paste(utils::head(x$rows, 10L), collapse = ", "), if (length(x$rows) > 10L) ", ..."
  )), collapse = "\n"), "\n", sep = "")
  cat(paste(strwrap(paste0(separation_advice(x), ".")), collapse = "\n"), "\n", sep = "")
  invisible(x)
}

#' Say of a fit that did not converge whether its data are separated, and by what
#'
#' Not for data so large that the search would take more time and memory than the fit.
#' @noRd
explain_divergence <- function(object, setup) {
  object$convergence$separation <- NULL
  feasible <- length(object$coefficients) <= separation_limit() &&
    object$n * length(object$coefficients) <= 1e8
  separable <- !is.null(separation_rule(setup)) && !is_bias_reduced(object)
  if (!feasible || !separable) return(object)
  if (object$convergence$converged && !runs_to_edge(object, setup)) return(object)
  found <- detect_separation(structure(setup, class = "gamut_setup"))
  if (!found$separated) return(object)
  object$convergence[c("converged", "code")] <- list(FALSE, "diverging")
  object$convergence$separation <- found
  object$convergence$message <- paste0("the likelihood has no maximum, because ",
                                       separation_cause(found))
  object
}

#' Does a fit with random effects have probabilities that are 0 or 1 but for rounding?
#'
#' Its search looks at variances, and ends where the likelihood is flat in everything
#' else. Odds of exp(15), three million, are no proof: the search for separation is.
#' @noRd
runs_to_edge <- function(object, setup) {
  if (!is_mixed(object)) return(FALSE)
  eta <- engine_linear_predictor(setup$problem, estimated_coefficients(object),
                                 object$control$threads)
  isTRUE(max(abs(eta)) > 15)
}
