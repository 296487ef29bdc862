# What a local regression does at given places: its neighbours, their weights, and the
# polynomial fitted to them.

#' The local regressions of a LOESS fit, to look at
#'
#' For each place: which rows are in its neighbourhood, with which weights, and the
#' polynomial that is fitted to them there.
#'
#' @param fit A fit of [fit_loess()], or one with `lo()` terms.
#' @param newdata Places, as in [predict()][predict.gamut_loess]; the rows of the fit by
#'   default.
#' @param term Of a fit with several `lo()` terms the label of one, such as `"lo(x)"`.
#' @param ... Not used.
#' @details
#' A `lo()` term smooths its partial residuals, the values of the term and the working
#' residuals together, with the working weights of the fit: that is the local regression
#' shown.
#'
#' Of an interpolated surface these are not the numbers that blend into predictions, which
#' are from the vertices; they are what the surface approximates.
#' @return A list of class `"gamut_local_fits"` with an entry for each place, a list of
#'   * `place`: a data frame of one row, the predictors;
#'   * `radius` of the neighbourhood, in units of the scaled predictors (see `divisor` of
#'     the fit);
#'   * `rows`: the rows with weight, by their place among those in use;
#'   * `kernel`: their tricube weights;
#'   * `weights`: these times prior and robustness weights (of a likelihood, times its
#'     working weights);
#'   * `coefficients` of the polynomial around the place, in the units of the predictors:
#'     `(Level)`, slopes, squares, as in `x^2`, and products, as in `x:z`; of a likelihood
#'     on the scale of its link.
#' @seealso [plot()][plot.gamut_loess] with `at`, which draws one.
#' @examples
#' fit <- fit_loess(dist ~ speed, cars)
#' local_fits(fit, data.frame(speed = c(10, 20)))
#'
#' fit <- gamut(Ozone ~ lo(Wind) + Temp, data = airquality)
#' local_fits(fit, data.frame(Wind = 10))
#' plot(fit, at = 10)
#' @export
local_fits <- function(fit, newdata = NULL, term = NULL, ...) {
  check_no_dots(..., what = "local_fits()")
  if (inherits(fit, "gamut") && has_surfaces(fit)) fit <- term_regression(fit, term)
  if (!inherits(fit, "gamut_loess")) {
    abort_argument("fit", "a fit of fit_loess() or with lo() terms", fit)
  }
  rows <- loess_rows(fit, newdata, stats::na.omit)
  out <- vector("list", nrow(rows$x))
  for (piece in fit$pieces) {
    own <- which(rows$code == piece$group)
    if (length(own)) out[own] <- local_fits_of(fit, piece, rows$x[own, , drop = FALSE])
  }
  names(out) <- rows$names
  structure(out, class = "gamut_local_fits", likelihood = is_likelihood(fit))
}

#' @noRd
local_fits_of <- function(fit, piece, x) {
  weights <- last_weights(fit, piece)
  found <- places_at(fit, piece, x, weights, details = TRUE)
  coefficients <- unscaled_coefficients(fit, found$values)
  lapply(seq_len(nrow(x)), function(i) {
    place <- as.data.frame(x[i, , drop = FALSE])
    if (nzchar(piece$label)) {
      place <- cbind(place, fit$groups$levels[piece$group, , drop = FALSE],
                     row.names = NULL)
    }
    inner <- found$rows[[i]]
    list(place = place, radius = found$radius[i], rows = piece$rows[inner],
         kernel = found$kernel[[i]], weights = found$kernel[[i]] * weights[inner],
         coefficients = coefficients[i, ])
  })
}

#' Local coefficients in the user's units, by name
#' @noRd
unscaled_coefficients <- function(fit, values) {
  columns <- fit$columns
  powers <- local_powers(columns, fit$pars$degree)
  scale <- apply(powers, 2L, function(power) prod(fit$divisor^power))
  names <- apply(powers, 2L, power_name, names = columns$names)
  out <- values[, seq_along(names), drop = FALSE] / rep(scale, each = nrow(values))
  colnames(out) <- names
  out[, order_of_powers(powers), drop = FALSE]
}

#' Powers of the predictors (rows, in the user's order) in each local coefficient
#' @noRd
local_powers <- function(columns, degree) {
  d <- length(columns$names)
  unit <- diag(d)
  out <- list(numeric(d))
  if (degree > 0L) out <- c(out, lapply(columns$order, function(j) unit[, j]))
  if (degree > 1L) {
    for (a in seq_len(d)) {
      j <- columns$order[a]
      if (!columns$drop_square[j]) out <- c(out, list(2 * unit[, j]))
      for (l in columns$order[seq_len(d) > a]) {
        together <- columns$block[j] > 0L && columns$block[j] == columns$block[l]
        if (!together) out <- c(out, list(unit[, j] + unit[, l]))
      }
    }
  }
  matrix(unlist(out), d)
}

#' @noRd
power_name <- function(power, names) {
  if (!any(power > 0)) return("(Level)")
  if (any(power == 2)) return(paste0(names[power == 2], "^2"))
  paste(names[power == 1], collapse = ":")
}

#' Level, slopes, then squares and products, predictors in the user's order
#' @noRd
order_of_powers <- function(powers) {
  first <- apply(powers > 0, 2L, function(p) if (any(p)) which(p)[1L] else 0L)
  last <- apply(powers > 0, 2L, function(p) if (any(p)) max(which(p)) else 0L)
  order(colSums(powers), first, last)
}

#' @rdname local_fits
#' @param x What `local_fits()` returns.
#' @param digits Number of significant digits.
#' @param most Print no more places than this.
#' @export
print.gamut_local_fits <- function(x, digits = max(3L, getOption("digits") - 3L),
                                   most = 20L, ...) {
  shown <- utils::head(unclass(x), most)
  cat(length(x), if (length(x) == 1L) "local regression" else "local regressions",
      if (attr(x, "likelihood")) "(by local likelihood, on the scale of the link)",
      "\n\n")
  if (!length(shown)) return(invisible(x))
  table <- do.call(rbind, lapply(shown, function(one) {
    cbind(one$place, radius = one$radius, rows = length(one$rows),
          as.data.frame(as.list(one$coefficients), optional = TRUE))
  }))
  print(format(table, digits = digits), row.names = FALSE)
  if (length(x) > most) cat("... and", length(x) - most, "more\n")
  invisible(x)
}
