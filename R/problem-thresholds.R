# Linear predictors of ordered categories: eta_k = zeta_k - x'b, with thresholds zeta in
# the place of the intercept and slopes that all predictors share (parallel) or that
# each has of its own. In the problem the constant column loads the identity, parallel
# columns the column -1, and others minus the identity.

#' Role and sign of each column of a predictor's model matrix
#' @noRd
column_roles <- function(place, frame, family) {
  count <- length(place$names)
  thresholds <- is_threshold(place, family)
  if (!thresholds) {
    return(list(role = rep("own", count), sign = rep(1, count), offset_sign = 1))
  }
  role <- rep("own", count)
  main <- place$predictor == match(place$parameter, names(frame$predictors))
  if (main) role[parallel_columns(place, family$thresholds$parallel)] <- "shared"
  role[place$assign == 0L] <- "threshold"
  list(role = role, sign = ifelse(place$assign == 0L, 1, -1), offset_sign = -1)
}

#' @noRd
is_threshold <- function(place, family) {
  !is.null(family$thresholds) && place$spread && place$parameter == family$parameters[1L]
}

#' Which columns have one coefficient for all thresholds
#' @noRd
parallel_columns <- function(place, parallel) {
  if (!inherits(parallel, "formula")) return(rep(parallel, length(place$names)))
  place$assign %in% match(parallel_labels(parallel), sorted_labels(place$term_labels))
}

#' @noRd
parallel_labels <- function(parallel) {
  sorted_labels(attr(stats::terms(parallel), "term.labels"))
}

#' Thresholds are the intercept: without one in the formula it is added, and said
#'
#' The terms that `parallel` names must be those of the model.
#' @noRd
require_thresholds <- function(predictors, family) {
  if (is.null(family$thresholds)) return(predictors)
  spread <- vapply(predictors, function(p) !p$name %in% family$parameters[-1L], NA)
  predictors[spread] <- lapply(predictors[spread], function(p) {
    if (attr(p$terms, "intercept") == 1L) return(p)
    warn_gamut("the ", family$family, " family has thresholds in the place of the ",
               "intercept: the formula without one is taken as if it had one.",
               class = "formula")
    attr(p$terms, "intercept") <- 1L
    p
  })
  parallel <- family$thresholds$parallel
  if (inherits(parallel, "formula")) {
    known <- attr(predictors[[1L]]$terms, "term.labels")
    unknown <- setdiff(parallel_labels(parallel), sorted_labels(known))
    if (length(unknown)) {
      abort_gamut("`parallel` names ", ticked(unknown), ", which is no term of the ",
                  "model. Its terms: ", ticked(known), ".", class = "formula")
    }
  }
  predictors
}
