# Random slopes of predictors that lie far from 0.

#' How far from 0, in standard deviations of a predictor, its slopes and the intercept at
#' 0 can still be told apart: beyond it correlations of the two are 1 to eight digits
#' @noRd
far_predictor <- 1e4

#' Warn of random slopes that vary with a random intercept far outside the data
#'
#' The intercept of `(x | g)` is where x is 0. Where that is far away it is the slope
#' times the distance but for some digits, and neither search nor criterion have these
#' left. A model with x centred is the same one.
#' @noRd
warn_far_slopes <- function(problem) {
  for (entry in problem$random) {
    z <- problem$storages[[problem$terms[[entry$term]]$storage]]$z
    for (part in entry$parts) {
      if (part$structure != "us" || !"(Intercept)" %in% part$terms) next
      far <- vapply(z[part$columns], distance_from_zero, 0, problem$columns)
      if (all(far < far_predictor)) next
      label <- part$terms[which.max(far)]
      warn_gamut("`", part$label, "`: ", label, " lies ", signif(max(far), 2),
                 " times as far from 0 as it spreads, and the random intercept is where ",
                 "it is 0. The optimum may not be found. Centre it, as scale(", label,
                 ", scale = FALSE) does: the model is the same.",
                 class = "far_slope", data = list(term = part$label, variable = label))
    }
  }
}

#' Mean over standard deviation of a column that is a numeric variable; else 0
#' @noRd
distance_from_zero <- function(program, columns) {
  if (length(program$vars) != 1L || !is.null(program$tables[[1L]])) return(0)
  x <- columns[[program$vars]]
  spread <- stats::sd(x)
  if (isTRUE(spread > 0)) abs(mean(x)) / spread else 0
}
