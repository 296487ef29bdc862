# The bridge to the engine. Here, and nowhere else, R calls C++: a problem goes in as
# plain vectors (see R/problem.R), plain vectors come out, and the engine's errors
# become conditions.

#' Fit a problem
#'
#' @return list: `coefficients` (aliased ones 0), `aliased`, `objective` (deviance, or
#'   -2 log-likelihood), `pearson`, `kept_rows`, `code`, `iterations`, `trace`,
#'   `information` (of the covariance), `last_step`, `covariance`.
#' @noRd
engine_fit <- function(problem, family, control, start = NULL) {
  options <- list(
    max_iterations = control$max_iterations, tolerance = control$tolerance,
    threads = control$threads, information = wanted_information(family, control),
    dispersion_estimated = !has_fixed_dispersion(family),
    sample_rows = control$sample_rows, progress = control$progress,
    bias_reduction = isTRUE(control$bias_reduction)
  )
  tryCatch(fit_cpp(problem, options, start), error = function(e) abort_engine(e))
}

#' @noRd
wanted_information <- function(family, control) {
  if (control$information == "default") {
    return(if (isTRUE(control$bias_reduction)) "expected" else family$information)
  }
  if (control$information == "expected" && !family$has_expected) {
    abort_gamut("gamut_control(information = \"expected\"): the ", family$family,
                " family has no expected information in closed form; standard errors ",
                "are from the observed one.", class = "argument",
                data = list(argument = "information"))
  }
  control$information
}

#' The information of working weights: the expected one where it is known
#' @noRd
working_information <- function(family) {
  if (family$has_expected) "expected" else "observed"
}

#' The engine's own errors, in the words of someone who fits a model
#' @noRd
abort_engine <- function(e) {
  text <- conditionMessage(e)
  if (grepl("starting values are not valid", text, fixed = TRUE)) {
    abort_gamut("no valid starting values were found: the family's mean is out of its ",
                "range under this link. Give coefficients with `start`, or use a link ",
                "that keeps the mean in range.", class = "start")
  }
  if (grepl("no positive weight", text, fixed = TRUE)) {
    abort_gamut("no row of the data has a positive weight.", class = "data")
  }
  if (grepl("fit the response exactly", text, fixed = TRUE)) abort_exact()
  if (grepl("the information at the estimates", text, fixed = TRUE)) {
    abort_gamut("there are no standard errors, as the information matrix at the ",
                "estimates cannot be inverted: check_model() may say why.",
                class = "singular")
  }
  if (grepl("the information beside lo() terms", text, fixed = TRUE)) {
    abort_gamut("the weights of the rows leave some coefficients beside the lo() ",
                "terms undetermined: means are at the ends of their range (separated ",
                "data?), or the family has no positive weights there.",
                class = "separation")
  }
  if (grepl("a lo() term has no width", text, fixed = TRUE)) {
    abort_gamut(text, ". Give a larger span.", class = "smooth")
  }
  if (grepl("an iterative elimination", text, fixed = TRUE)) {
    abort_gamut("gamut_control(elimination = \"iterative\"): ", text, ".",
                class = "argument", data = list(argument = "elimination"))
  }
  if (inherits(e, "gamut_error")) stop(e)
  abort_gamut("the engine stopped: ", text, class = "engine")
}

#' @noRd
abort_exact <- function() {
  abort_gamut("The fixed effects fit the response exactly (is it constant?), so that ",
              "no variance is left for random effects or smooths.", class = "data")
}

#' Linear predictors, n x K, offsets included
#' @noRd
engine_linear_predictor <- function(problem, coefficients, threads = 1L) {
  linear_predictor_cpp(problem, coefficients, threads)
}

#' Unscaled covariance of each row's predictors, n x K(K+1)/2
#' @noRd
engine_variance <- function(problem, covariance, threads = 1L) {
  # a fit that ended at a singular information has no covariance
  if (length(problem$names) && !length(covariance$tail) && !length(covariance$lead)) {
    k <- problem$predictors
    return(matrix(NA_real_, problem$rows, k * (k + 1L) / 2L))
  }
  predictor_variance_cpp(problem, covariance, threads)
}

#' Objective, scores and weights of every row at given predictors
#' @noRd
engine_rows <- function(problem, eta, information) {
  row_derivatives_cpp(problem$family, problem$response, problem$weights, eta,
                      information)
}

#' The full covariance matrix (dispersion 1) from the engine's compact one
#'
#' The engine keeps the tail's block S^-1 for centred columns, and for a leading factor
#' D^-1 B and D^-1 of its levels; see inst/include/gamut/system/arrow_factor.hpp. The
#' block of the levels does not depend on the centres, and is taken from centred columns,
#' where nothing cancels.
#' @return P x P matrix in the order of the coefficients; aliased rows are 0.
#' @noRd
expand_covariance <- function(covariance, size) {
  if (is_unknown(covariance)) return(matrix(NA_real_, size, size))
  tail <- uncentre_covariance(covariance)
  full <- matrix(0, size, size)
  at <- covariance$tail_position
  full[at, at] <- tail
  lead <- covariance$lead_position
  if (!length(lead)) return(full)
  kept <- lead > 0L
  lead <- lead[kept]
  regression <- covariance$regression[kept, , drop = FALSE]
  cross <- -regression %*% covariance$tail
  own <- lead_diagonal(covariance)[kept, kept]
  full[lead, lead] <- own - tcrossprod(cross, regression)
  cross <- t(uncentre_rows(covariance, t(cross)))
  full[lead, at] <- cross
  full[at, lead] <- t(cross)
  full
}

#' Variances alone, which never need the full matrix
#' @noRd
covariance_diagonal <- function(covariance, size) {
  if (is_unknown(covariance)) return(rep(NA_real_, size))
  tail <- uncentre_covariance(covariance)
  out <- numeric(size)
  out[covariance$tail_position] <- diag(tail)
  lead <- covariance$lead_position
  if (length(lead)) {
    kept <- lead > 0L
    regression <- covariance$regression
    b <- nrow(covariance$lead)
    own <- covariance$lead[cbind(rep_len(seq_len(b), ncol(covariance$lead)),
                                 seq_len(ncol(covariance$lead)))]
    through_tail <- rowSums((regression %*% covariance$tail) * regression)
    out[lead[kept]] <- (own + through_tail)[kept]
  }
  out
}

#' Did the fit end without a positive definite information matrix?
#' @noRd
is_unknown <- function(covariance) {
  length(covariance$tail_position) != nrow(covariance$tail) ||
    length(covariance$lead_position) != ncol(covariance$lead)
}

#' @noRd
uncentre_covariance <- function(covariance) {
  half <- uncentre_rows(covariance, covariance$tail)
  uncentre_rows(covariance, t(half))
}

#' Rows for the caller's columns from those for centred ones
#' @noRd
uncentre_rows <- function(covariance, rows) {
  for (j in which(covariance$intercept > 0L)) {
    i <- covariance$intercept[j]
    rows[i, ] <- rows[i, ] - covariance$centre[j] * rows[j, ]
  }
  rows
}

#' @noRd
lead_diagonal <- function(covariance) {
  lead <- covariance$lead
  b <- nrow(lead)
  out <- matrix(0, ncol(lead), ncol(lead))
  for (start in seq(1L, ncol(lead), by = b)) {
    at <- start + seq_len(b) - 1L
    out[at, at] <- lead[, at]
  }
  out
}
