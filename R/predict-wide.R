# Prediction intervals of rows far outside of the data, where a linear predictor is so
# uncertain that the mean may be anything within orders of magnitude. There the few nodes
# that are enough elsewhere are further apart than a response varies, so that there are
# more of them; and where numbers overflow, there is no interval.

#' Means of each row at so many standard errors around the linear predictor
#' @noRd
mean_within <- function(ask, eta, covariances, errors) {
  link <- ask$object$predictors[[1L]]$link
  at <- eta[, 1L] + errors * sqrt(pmax(covariances[, 1L], 0))
  value <- suppressWarnings(link$linkinv(at))
  value[!valid_predictors(link, at)] <- NaN
  value
}

#' Rows whose mean spans a factor of 1000 within two standard errors
#'
#' None where the distribution is a sum that takes long.
#' @noRd
wide_rows <- function(ask, eta, covariances) {
  if (!is.null(ask$object$family$most_mean)) return(logical(nrow(eta)))
  ends <- lapply(c(-2, 2), mean_within, ask = ask, eta = eta, covariances = covariances)
  ratio <- ends[[1L]] / ends[[2L]]
  !is.na(ratio) & (ratio > 1000 | ratio > 0 & ratio < 1 / 1000)
}

#' Stop where a mean is not valid, or what may be in the interval has no number
#' @noRd
refuse_lost_rows <- function(ask, eta, covariances) {
  q <- stats::qnorm((1 + ask$level) / 2)
  domain <- parameter_range(ask$object$family, ask$object$predictors[[1L]]$parameter)
  most <- ask$object$family$most_mean %||% Inf
  fit <- mean_within(ask, eta, covariances, 0)
  lost <- !is.finite(fit) | fit < domain[1L] | fit > domain[2L]
  for (side in c(-q, q)) {
    end <- mean_within(ask, eta, covariances, side)
    lost <- lost | is.infinite(end) | !is.na(end) & end > most
  }
  # other reasons, such as a dispersion that is not known, make NaN limits
  lost <- lost & is.finite(eta[, 1L]) & is.finite(covariances[, 1L])
  if (any(lost)) abort_lost_rows(ask, which(lost), covariances)
}

#' @noRd
abort_lost_rows <- function(ask, rows, covariances) {
  se <- sqrt(max(covariances[rows, 1L]))
  abort_in_rows(
    paste0("`interval`: what the linear predictor may be, with a standard error of up ",
           "to ", format(se, digits = 2L), ", has no mean that is valid and can be ",
           "computed with"),
    rows, kept = if (ask$rows$new) ask$rows$frame$kept, class = "extrapolation",
    advice = paste0(", far outside of the data. Leave ",
                    if (length(rows) > 1L) "them" else "it",
                    " out, or see the linear predictor by type = \"link\", interval = ",
                    "\"confidence\".")
  )
}

#' Nodes at each tenth of a standard deviation
#'
#' The error of a limit is at most half of that on the scale of the linear predictor.
#' @noRd
fine_rule <- function() {
  points <- seq(-7, 7, by = 0.1)
  share <- stats::dnorm(points)
  list(points = points, share = share / sum(share))
}

#' Between the ends of a bracket: where these are of different orders of magnitude, the
#' geometric mean
#' @noRd
bracket_middle <- function(low, high) {
  far <- low > 0 & high > 4 * low
  ifelse(far, sqrt(pmax(low, 0)) * sqrt(pmax(high, 0)), low / 2 + high / 2)
}
