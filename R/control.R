#' Control of the fit
#'
#' @param tolerance Largest relative error of the standard errors at which the
#'   iterations may stop. The coefficients are then much more exact, because the last
#'   step is taken as well.
#' @param max_iterations Most iterations before the fit gives up, and says so.
#' @param threads Number of threads. Results are identical for any number.
#' @param information `"default"`: standard errors from the expected information for
#'   the families and links of [stats::glm()], from the observed information for all
#'   others. `"expected"` or `"observed"` ask for one of them.
#' @param laplace_information Information in the determinant of a Laplace
#'   approximation, `"observed"` or `"expected"`; used by models with penalised terms.
#' @param elimination How the random effects are solved for once those of the factor with
#'   most levels have been eliminated: `"dense"`, in full; `"sparse"`, by a sparse
#'   factorisation in the order of approximate minimum degree; `"iterative"`, by conjugate
#'   gradients, for linear mixed models with crossed factors of many thousand levels each.
#'   `"automatic"`: whichever takes fewer operations. The results are the same, but for
#'   what [elimination()] says of the last; it also says what was taken.
#' @param keep_data Keep the used columns (by reference) in the fit? Without them the
#'   fit is small, and methods that need data ask for them.
#' @param progress Show a line of progress when a fit takes more than two seconds.
#' @param trace Print every iteration's objective when the fit is done.
#' @param sample_rows Data with more rows start from the fit to a sample of about a
#'   sixteenth of this number. The result does not depend on it where the likelihood has
#'   one maximum; `Inf` always starts from all rows.
#' @return A list of class `"gamut_control"`.
#' @examples
#' gamut_control(threads = 2)
#' @export
gamut_control <- function(tolerance = 2e-8, max_iterations = 100, threads = 1,
                          information = c("default", "expected", "observed"),
                          laplace_information = c("observed", "expected"),
                          elimination = c("automatic", "dense", "sparse", "iterative"),
                          keep_data = TRUE, progress = interactive(), trace = FALSE,
                          sample_rows = 2^18) {
  structure(list(
    tolerance = check_number(tolerance, "tolerance", above = 0, to = 1),
    max_iterations = check_count(max_iterations, "max_iterations"),
    threads = available_threads(check_count(threads, "threads")),
    information = check_choice(information, "information",
                               c("default", "expected", "observed")),
    laplace_information = check_choice(laplace_information, "laplace_information",
                                       c("observed", "expected")),
    elimination = check_choice(elimination, "elimination",
                               c("automatic", "dense", "sparse", "iterative")),
    keep_data = check_flag(keep_data, "keep_data"),
    progress = check_flag(progress, "progress"),
    trace = check_flag(trace, "trace"),
    sample_rows = check_number(sample_rows, "sample_rows", above = 1023, to = Inf)
  ), class = "gamut_control")
}

#' No more threads than the machine's administrator or R CMD check allow
#' @noRd
available_threads <- function(threads) {
  limit <- suppressWarnings(as.integer(Sys.getenv("OMP_THREAD_LIMIT")))
  checking <- tolower(Sys.getenv("_R_CHECK_LIMIT_CORES_"))
  if (nzchar(checking) && checking != "false") limit <- min(limit, 2L, na.rm = TRUE)
  min(threads, limit, na.rm = TRUE)
}
