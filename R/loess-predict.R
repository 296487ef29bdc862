# Predictions of a local regression: the surface at new places, its errors, intervals and
# bands, slopes, and the shape of the answer.

#' Predictions of a local regression
#'
#' @param object A fit of [fit_loess()].
#' @param newdata Data frame with the predictors; the rows of the fit by default. Of one
#'   that [expand.grid()] made the predictions are an array, as those of
#'   [stats::predict.loess()]. Also a matrix with a column for each predictor, or a vector
#'   for one.
#' @param se.fit Standard errors too (`se` will do)? The answer is then a list, as that of
#'   `predict.loess()`.
#' @param na.action What to do with rows of `newdata` that have missing values:
#'   [stats::na.pass()] predicts `NA`, [stats::na.omit()] leaves them out.
#' @param type `"link"`: the surface, with offsets; `"response"`: the mean. The same
#'   but for families with a link.
#' @param interval `"confidence"` for the surface, `"prediction"` for a new response of
#'   weight 1 (rows of the fit: of their own).
#' @param level Level of the interval.
#' @param simultaneous Should the confidence band hold for the whole surface at once? Its
#'   width is from the joint distribution of the surface on a grid: for one predictor by
#'   the volume of a tube (Sun and Loader 1994), else by simulation.
#' @param derivative Name of a predictor: the slope of the surface in its direction; or
#'   `TRUE`: a matrix of all slopes. Of an interpolated surface these are its derivatives,
#'   of a direct one the slopes of the local polynomials.
#' @param extrapolate With an interpolated surface: evaluate local regressions where rows
#'   are outside the box of the data? Otherwise predictions are `NA` there.
#'   Direct surfaces always extrapolate. Where either did, rows outside are `TRUE` in the
#'   attribute `"extrapolated"` of the fit.
#' @param ... Ignored.
#'
#' @details
#' Standard errors are `s` times the root of \eqn{\sum_i l_i(x)^2 / a_i}{sum_i l_i(x)^2 /
#' a_i} with \eqn{l_i(x)} the influence of row \eqn{i} at \eqn{x} in a fit by least
#' squares and \eqn{a_i} its weight; bias is not counted. Intervals take quantiles of t
#' with `one.delta^2 / two.delta` degrees of freedom, normal ones where a likelihood has a
#' known dispersion. A fit of `"symmetric"` with a direct surface predicts with the
#' product of prior and robustness weights, with and without standard errors, and takes
#' the influence from that fit; `predict.loess()` leaves the prior weights out of the
#' first of these.
#'
#' @return A vector (array, for `expand.grid()`), with an interval a matrix with the
#'   columns `fit`, `lwr` and `upr`. With `se.fit = TRUE` a list of this as `fit`, and
#'   `se.fit`, `residual.scale` and `df`.
#' @section Errors:
#' `gamut_error_newdata` for missing variables, changed types, new levels, and
#' combinations of levels that no row of the fit has; `gamut_error_argument`. A warning of
#' class `gamut_warning_extrapolation` says once how many rows `extrapolate = TRUE`
#' evaluated outside the data.
#' @references
#' Sun, J. and Loader, C. R. (1994) Simultaneous confidence bands for linear regression
#' and smoothing. *Annals of Statistics* 22, 1328-1345. \doi{10.1214/aos/1176325631}
#' @examples
#' fit <- fit_loess(dist ~ speed, cars)
#' new <- data.frame(speed = c(5, 10, 21, 30))
#' predict(fit, new, se.fit = TRUE)
#' predict(fit, new[1:3, , drop = FALSE], interval = "prediction")
#' predict(fit, new[1:3, , drop = FALSE], interval = "confidence", simultaneous = TRUE)
#' predict(fit, new, derivative = "speed")
#' @export
predict.gamut_loess <- function(object, newdata = NULL, se.fit = FALSE, # nolint
                                na.action = stats::na.pass, # nolint: object_name.
                                type = c("link", "response"),
                                interval = c("none", "confidence", "prediction"),
                                level = 0.95, simultaneous = FALSE, derivative = FALSE,
                                extrapolate = object$control$extrapolate, ...) {
  ask <- list(
    object = object, se = check_flag(se.fit, "se.fit"), level = check_level(level),
    type = check_choice(type, "type", c("link", "response")),
    interval = check_choice(interval, "interval", c("none", "confidence", "prediction")),
    simultaneous = check_flag(simultaneous, "simultaneous"),
    extrapolate = check_flag(extrapolate, "extrapolate")
  )
  if (missing(type) && ask$interval == "prediction") ask$type <- "response"
  ask$wants_variance <- ask$se || ask$interval != "none"
  ask$slopes <- wanted_slopes(object, derivative)
  ask$gradient <- isTRUE(derivative)
  check_loess_request(ask)
  rows <- loess_rows(object, newdata, na.action)
  found <- evaluate_loess(object, rows, length(ask$slopes) > 0L, ask$wants_variance,
                          ask$extrapolate)
  warn_extrapolated(ask, found)
  if (length(ask$slopes)) return(shape_slopes(ask, rows, found))
  shape_loess(ask, rows, predicted_values(ask, rows, found))
}

#' @noRd
wanted_slopes <- function(object, derivative) {
  if (isFALSE(derivative)) return(character())
  if (isTRUE(derivative)) return(object$xnames)
  if (is.character(derivative) && all(derivative %in% object$xnames)) return(derivative)
  abort_argument("derivative", paste("TRUE, FALSE, or names of", ticked(object$xnames)),
                 derivative)
}

#' @noRd
check_loess_request <- function(ask) {
  if (length(ask$slopes) && ask$wants_variance) {
    abort_gamut("slopes have no standard errors: ask for `derivative` alone.",
                class = "argument", data = list(argument = "derivative"))
  }
  if (ask$simultaneous && ask$interval != "confidence") {
    abort_gamut("`simultaneous` is for bands: give `interval = \"confidence\"`.",
                class = "argument", data = list(argument = "simultaneous"))
  }
  if (ask$wants_variance) require_statistics(ask$object, "standard errors")
}

#' @noRd
require_statistics <- function(object, what) {
  if (object$pars$statistics != "none") return(invisible())
  abort_gamut("the fit was made with `statistics = \"none\"`, so that there are no ",
              what, ": refit with \"approximate\" or \"exact\".", class = "data")
}

#' The rows to predict: `x`, `code` of the surface, `offset`, `weights`, and how to put
#' results in place
#' @noRd
loess_rows <- function(object, newdata, na_action = stats::na.pass) {
  if (is.null(newdata)) {
    return(list(x = object$x, code = object$groups$code,
                offset = object$offset %||% numeric(object$n), weights = object$weights,
                new = FALSE, names = frame_row_names(object$frame), total = object$n))
  }
  shape <- attr(newdata, "out.attrs")
  newdata <- frame_of_places(object, newdata)
  frame <- build_newframe(object$frame, newdata, random = FALSE)
  if (!identical(na_action, stats::na.pass) && !is.null(frame$kept)) {
    if (is.character(na_action)) na_action <- match.fun(na_action)
    if (identical(na_action, stats::na.fail)) {
      abort_gamut("`newdata` has missing values.", class = "newdata")
    }
    frame$total_names <- (frame$total_names %||% seq_len(frame$total))[frame$kept]
    frame$total <- frame$rows
    frame$kept <- shape <- NULL
  }
  groups <- loess_groups(object$columns, frame)
  known <- vapply(object$pieces, `[[`, 0L, "group")
  lost <- setdiff(groups$code, known)
  if (length(lost)) {
    abort_gamut("no row of the fit has ", enumerate(groups$labels[lost]), ", so that ",
                "there is no surface for rows of `newdata` that do.", class = "newdata")
  }
  list(x = loess_matrix(object$columns, frame), code = groups$code,
       offset = frame$offsets[[1L]] %||% numeric(frame$rows),
       weights = rep(1, frame$rows), new = TRUE, frame = frame, shape = shape,
       names = as.character(frame$total_names %||% seq_len(frame$total)),
       total = frame$total)
}

#' A matrix or vector of places as a data frame
#' @noRd
frame_of_places <- function(object, newdata) {
  if (is.list(newdata) || is.environment(newdata)) return(newdata)
  keys <- names(object$columns$sources)
  fine <- is.numeric(newdata) && length(keys) == NCOL(newdata) &&
    length(keys) == length(object$xnames)
  if (!fine) {
    abort_gamut("`newdata` must be a data frame with ", ticked(keys),
                ", or a numeric matrix with a column for each.", class = "newdata")
  }
  plain <- vapply(keys, function(key) is.symbol(str2lang(key)), NA)
  if (!all(plain)) {
    abort_gamut("`newdata` must be a data frame, since ", ticked(keys[!plain]),
                " is computed from variables.", class = "newdata")
  }
  stats::setNames(as.data.frame(as.matrix(newdata)), gsub("`", "", keys))
}

#' The surfaces at rows
#'
#' @return list: `fit` (without offset), `variance` (over the squared scale), `gradient`,
#'   `outside` (which of the values are extrapolated).
#' @noRd
evaluate_loess <- function(object, rows, gradient, variance, extrapolate) {
  m <- nrow(rows$x)
  out <- list(fit = rep(NA_real_, m), variance = rep(NA_real_, m), outside = logical(m),
              gradient = matrix(NA_real_, m, ncol(rows$x),
                                dimnames = list(NULL, object$xnames)))
  direct <- object$pars$surface == "direct"
  for (piece in object$pieces) {
    own <- which(rows$code == piece$group & rowSums(!is.finite(rows$x)) == 0)
    x <- rows$x[own, , drop = FALSE]
    outside <- colSums(t(x) < piece$range[1L, ] | t(x) > piece$range[2L, ]) > 0
    out$outside[own] <- outside & (direct | extrapolate)
    blended <- !outside & !direct
    ways <- list(list(at = blended, evaluate = surface_at),
                 list(at = direct | outside & extrapolate, evaluate = regressions_at))
    for (way in ways) {
      at <- rep_len(way$at, length(own))
      if (!any(at)) next
      found <- way$evaluate(object, piece, x[at, , drop = FALSE], gradient, variance)
      out$fit[own[at]] <- found$fit
      if (variance) out$variance[own[at]] <- found$variance
      if (gradient) out$gradient[own[at], ] <- found$gradient
    }
  }
  out
}

#' @noRd
warn_extrapolated <- function(ask, found) {
  count <- sum(found$outside)
  if (!count || !ask$extrapolate || ask$object$pars$surface == "direct") {
    return(invisible())
  }
  warn_gamut(count, if (count == 1L) " row is" else " rows are", " outside the data, ",
             "where local regressions from the nearest rows were evaluated; see the ",
             "attribute \"extrapolated\".", class = "extrapolation")
}

#' Columns fit, se, lwr, upr on the scale that is asked for
#' @noRd
predicted_values <- function(ask, rows, found) {
  object <- ask$object
  eta <- found$fit + rows$offset
  se <- object$s * sqrt(found$variance)
  out <- list(fit = eta, se = se, outside = found$outside)
  if (ask$interval == "confidence") {
    half <- loess_factor(ask) * se
    out[c("lwr", "upr")] <- list(eta - half, eta + half)
  }
  if (ask$type == "response" && is_likelihood(object)) {
    out <- to_response(out, eta, object$family)
  }
  if (ask$interval == "prediction") {
    out[c("lwr", "upr")] <- loess_predictive(ask, rows, eta, se)
  }
  out
}

#' Means of the response
#' @noRd
to_response <- function(out, eta, family) {
  out$fit <- mean_at(eta, family)
  out$se <- out$se * abs(mean_slope(eta, family))
  if (!is.null(out$lwr)) {
    ends <- list(mean_at(out$lwr, family), mean_at(out$upr, family))
    out[c("lwr", "upr")] <- list(pmin(ends[[1L]], ends[[2L]]),
                                 pmax(ends[[1L]], ends[[2L]]))
  }
  out
}

#' The mean of a family of one linear predictor, and its derivative there
#' @noRd
mean_at <- function(eta, family) {
  if (family$mean_is_main) return(family$links[[1L]]$linkinv(eta))
  as.double(family$mean(family$inverse(cbind(eta), family)))
}

#' @noRd
mean_slope <- function(eta, family) {
  if (family$mean_is_main) return(family$links[[1L]]$mu.eta(eta))
  drop(predictor_slopes(function(eta) cbind(mean_at(eta, family)), cbind(eta))[[1L]])
}

#' Degrees of freedom of quantiles: infinite where the dispersion is known
#' @noRd
quantile_df <- function(object) if (object$dispersion_fixed) Inf else object$df.residual

#' Number of standard errors of a confidence interval or band
#' @noRd
loess_factor <- function(ask) {
  df <- quantile_df(ask$object)
  if (ask$simultaneous) return(loess_band_factor(ask$object, ask$level))
  two_sided_factor(ask$level, df)
}

#' Limits of a new response
#' @noRd
loess_predictive <- function(ask, rows, eta, se) {
  object <- ask$object
  if (!is_likelihood(object)) {
    half <- two_sided_factor(ask$level, object$df.residual) *
      sqrt(se^2 + object$s^2 / rows$weights)
    return(list(eta - half, eta + half))
  }
  if (ask$type == "link") {
    abort_gamut("a prediction interval is one of the response: give `type = ",
                "\"response\"`.", class = "argument", data = list(argument = "type"))
  }
  require_density(object$family)
  fine <- which(is.finite(eta) & is.finite(se))
  lower <- upper <- rep(NA_real_, length(eta))
  source <- list(
    object = list(family = object$family, predictors = list(list(
      link = object$family$links[[1L]], parameter = object$family$parameters[1L]
    ))), df = quantile_df(object), dispersion = object$dispersion
  )
  if (length(fine)) {
    mixture <- predictive_mixture(source, cbind(eta[fine]), cbind(se[fine]^2),
                                  rows$weights[fine])
    lower[fine] <- mixture_quantile((1 - ask$level) / 2, mixture)
    upper[fine] <- mixture_quantile((1 + ask$level) / 2, mixture)
  }
  list(lower, upper)
}

#' Results of complete rows among all that were asked for
#' @noRd
place_rows <- function(x, rows) {
  if (is.null(rows$frame)) return(x)
  pad_rows(x, rows$frame)
}

#' @noRd
shape_slopes <- function(ask, rows, found) {
  slopes <- found$gradient[, ask$slopes, drop = FALSE]
  if (ask$type == "response" && is_likelihood(ask$object)) {
    slopes <- slopes * mean_slope(found$fit + rows$offset, ask$object$family)
  }
  slopes <- place_rows(slopes, rows)
  rownames(slopes) <- rows$names
  outside <- place_rows(found$outside, rows)
  if (ncol(slopes) == 1L && !ask$gradient) {
    slopes <- shape_vector(slopes[, 1L], ask, rows)
  }
  flag_outside(slopes, outside)
}

#' A vector with the names of rows, or the array of a grid
#' @noRd
shape_vector <- function(value, ask, rows) {
  value <- unname(value)
  if (!is.null(rows$shape) && prod(rows$shape$dim) == length(value)) {
    return(array(value, rows$shape$dim, rows$shape$dimnames))
  }
  if (!rows$new) return(stats::napredict(ask$object$na.action,
                                         stats::setNames(value, rows$names)))
  stats::setNames(value, rows$names)
}

#' @noRd
flag_outside <- function(value, outside) {
  if (any(outside, na.rm = TRUE)) {
    outside[is.na(outside)] <- FALSE
    attr(value, "extrapolated") <- outside
  }
  value
}

#' @noRd
shape_loess <- function(ask, rows, values) {
  values <- lapply(values, place_rows, rows = rows)
  vectors <- lapply(values[setdiff(names(values), "outside")], shape_vector, ask = ask,
                    rows = rows)
  fit <- vectors$fit
  if (ask$interval != "none") {
    columns <- vectors[c("fit", "lwr", "upr")]
    if (is.null(dim(fit))) fit <- do.call(cbind, columns)
    else fit <- array(unlist(columns), c(dim(fit), 3L),
                      c(dimnames(fit) %||% vector("list", length(dim(fit))),
                        list(names(columns))))
  }
  fit <- flag_outside(fit, values$outside)
  if (!ask$se) return(fit)
  list(fit = fit, se.fit = vectors$se, residual.scale = ask$object$s,
       df = quantile_df(ask$object))
}
