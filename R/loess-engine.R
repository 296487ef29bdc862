# The bridge to the engine for local regressions: what it is given, which calls there
# are, and its answers in the units of the user's predictors.

#' The specification of one surface
#'
#' @param fit list: `x` (unscaled), `columns`, `divisor`, `pars`, `control`.
#' @param rows Rows of the surface.
#' @noRd
loess_spec <- function(fit, rows, statistics = 0L, direct = NULL, iterations = 1L) {
  columns <- fit$columns
  order <- columns$order
  x <- in_rows(fit$x, rows)
  if (any(fit$divisor != 1)) x <- x / rep(fit$divisor, each = length(rows))
  if (is.unsorted(order)) x <- x[, order, drop = FALSE]
  pars <- fit$pars
  list(x = unname(x), near = sum(!columns$parametric),
       squares = as.integer(!columns$drop_square[order]),
       blocks = as.integer(columns$block[order]), degree = pars$degree,
       span = pars$span, cell = pars$cell,
       direct = direct %||% (pars$surface == "direct"), statistics = statistics,
       iterations = iterations, tolerance = fit$control$tolerance,
       threads = fit$control$threads)
}

#' The response of one surface; without `description` that of least squares
#' @noRd
loess_response <- function(fit, rows) {
  y <- in_rows(fit$y, rows)
  if (!is.matrix(y)) y <- as.double(y)
  offset <- if (is.null(fit$offset)) numeric(length(rows)) else in_rows(fit$offset, rows)
  list(y = y, prior = as.double(in_rows(fit$weights, rows)), offset = as.double(offset),
       family = fit$description)
}

#' Some rows, or all without a copy
#' @noRd
in_rows <- function(x, rows) {
  if (length(rows) == NROW(x)) return(x)
  if (is.matrix(x)) x[rows, , drop = FALSE] else x[rows]
}

#' Is the fit one of local likelihood?
#' @noRd
is_likelihood <- function(fit) !is.null(fit$description)

#' Fit one surface
#'
#' @return list: `rows`, `fitted` (of the linear predictor, without offset), `robust`,
#'   `pseudo_residuals`, `operator` (its weights), `trace`, `one_delta`, `two_delta`,
#'   `leverage`, `limited`, `troubles`, `surface`.
#' @noRd
fit_surface <- function(fit, rows, statistics, iterations) {
  response <- loess_response(fit, rows)
  if (!is_likelihood(fit)) {
    response$y <- response$y - response$offset
    response$offset <- numeric(length(rows))
  }
  found <- engine_loess(loess_fit_cpp(
    loess_spec(fit, rows, statistics, iterations = iterations), response
  ))
  found$rows <- rows
  found$operator <- if (length(found$weights)) found$weights else response$prior
  if (!length(found$robust)) found$robust <- rep(1, length(rows))
  found$weights <- NULL
  found
}

#' @noRd
engine_loess <- function(call) {
  tryCatch(call, error = function(e) {
    if (grepl("bad_alloc", conditionMessage(e), fixed = TRUE)) {
      abort_gamut("there is not enough memory for the statistics of a surface of so ",
                  "many vertices: take a larger `span` or `cell`, or `statistics = ",
                  "\"none\"`.", class = "memory")
    }
    abort_engine(e)
  })
}

#' Scaled and ordered places, as the engine has them
#' @noRd
scaled_places <- function(object, x) {
  order <- object$columns$order
  unname((x / rep(object$divisor, each = nrow(x)))[, order, drop = FALSE])
}

#' Places of the engine in the user's units and order
#' @noRd
unscaled_places <- function(object, z) {
  x <- matrix(0, nrow(z), length(object$columns$order))
  x[, object$columns$order] <- z
  x <- x * rep(object$divisor, each = nrow(z))
  dimnames(x) <- list(NULL, object$columns$names)
  x
}

#' An interpolated surface at places (unscaled)
#'
#' @return list: `fit`, and as asked `gradient`, `variance` and `joint`, both over the
#'   squared scale.
#' @noRd
surface_at <- function(object, piece, x, gradient = FALSE, variance = FALSE,
                       joint = FALSE) {
  found <- engine_loess(loess_surface_cpp(
    piece$surface, scaled_places(object, x), gradient, variance, joint,
    object$control$threads
  ))
  if (gradient) found$gradient <- unscaled_slopes(object, found$gradient)
  found
}

#' Local regressions at places (unscaled), in the same shape
#'
#' The level is that of the last pass, with robustness weights. So are variances of a
#' direct surface, as stats has them; those of an interpolated one are of the first pass,
#' and where it is extrapolated, too.
#' @noRd
regressions_at <- function(object, piece, x, gradient = FALSE, variance = FALSE,
                           joint = FALSE) {
  weights <- last_weights(object, piece)
  apart <- object$pars$iterations > 1L && object$pars$surface != "direct" &&
    (variance || joint)
  found <- places_at(object, piece, x, weights, variance && !apart, joint && !apart)
  if (apart) {
    linear <- places_at(object, piece, x, piece$operator, variance, joint)
    found[c("variance", "joint")] <- linear[c("variance", "joint")]
  }
  d <- ncol(x)
  out <- list(fit = found$values[, 1L], variance = found$variance, joint = found$joint)
  if (gradient) {
    out$gradient <- unscaled_slopes(object, found$values[, 1L + seq_len(d), drop = FALSE])
  }
  out
}

#' Weights of the last pass: prior ones times those of robustness, or working weights
#' @noRd
last_weights <- function(object, piece) {
  if (is_likelihood(object)) return(piece$operator)
  piece$operator * object$robust[piece$rows]
}

#' @noRd
places_at <- function(object, piece, x, weights, variance = FALSE, joint = FALSE,
                      details = FALSE) {
  response <- loess_response(object, piece$rows)
  if (!is_likelihood(object)) {
    response$y <- response$y - response$offset
    response$offset <- numeric(length(piece$rows))
  }
  engine_loess(loess_places_cpp(
    loess_spec(object, piece$rows, direct = TRUE), response, as.double(weights),
    scaled_places(object, x), variance, joint, details
  ))
}

#' Slopes in the user's units and order
#' @noRd
unscaled_slopes <- function(object, slopes) {
  out <- slopes
  out[, object$columns$order] <- slopes
  out <- out / rep(object$divisor, each = nrow(out))
  dimnames(out) <- list(NULL, object$columns$names)
  out
}
