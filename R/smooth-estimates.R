# The values of smooths with their bands: the numbers behind plots of them.

#' Smooths as data
#'
#' Values of each smooth of a fit over its covariates, with standard errors and bands, on
#' the scale of the linear predictor: what [plot.gamut()] draws.
#'
#' @param fit A fit with smooths, see [gamut()].
#' @param select The smooths: labels as in `summary(fit)`, or their numbers. A label as
#'   written, such as `"s(x)"`, stands for the curves of all levels of its `by` factor. By
#'   default all.
#' @param n,n2 Number of points along the covariate of a curve, and along each of the
#'   first two covariates of a surface.
#' @param level Level of the bands.
#' @param simultaneous Should a band cover its whole curve with probability `level`, and
#'   not each single point of it?
#' @param mean Add the uncertainty of the constant, and of the means of all other terms,
#'   to smooths that are centred? Such bands cover the curve about as often as they say
#'   (Marra and Wood 2012) where the smooth is close to a straight line; without, the
#'   band has no width where that line is 0.
#' @param unconditional Allow for the uncertainty of the smoothing parameters? Where the
#'   fit does not have it, as of smooths `"fs"` and `"re"` with more than 500
#'   coefficients, this changes nothing.
#' @param data The data of the fit, for fits made with `keep_data = FALSE`.
#' @param newdata Data frame of points to take in place of the grid. Only the covariates
#'   of the smooths that are asked for need be there.
#'
#' @details
#' **Grid.** A number goes over its range; the third and fourth covariates of a smooth are
#' at their 10, 50 and 90 % quantiles; factors take all levels. A numeric `by` variable
#' counts as 1, a `by` factor as the level of its piece. Of smooths that are sums over the
#' columns of a matrix, the curve goes over the range of all values of the matrix.
#'
#' **Bands.** Bayesian ones, of the posterior covariance of the coefficients, which count
#' the bias of a penalised curve too; with quantiles of t where a dispersion is estimated.
#' For simultaneous ones the number of standard errors is from the volume of the tube
#' around a curve, which is slightly conservative (Sun and Loader 1994), for surfaces from
#' draws with a fixed seed, for levels from the inequality of Sidak. A band is for one
#' curve or surface: of smooths with a curve for each level there is one for each.
#'
#' **Support.** `"inside"` the data; in a `"gap"`, where neighbouring values are more than
#' a tenth of the range apart, or of a surface where no data are within such a distance;
#' or `"extrapolated"`. There the curve is what the penalty says of it. Curves of a level
#' are looked at among the data of this level.
#'
#' @return A data frame with a row for each point: `smooth` (the label), `by` (the level
#'   of its `by` factor; `NA` without one), a column for each covariate (`NA` in smooths
#'   of others), `estimate`, `se`, `lower`, `upper` and `support`. A covariate with the
#'   name of another of these columns has `.1` after it.
#' @section Errors:
#' `gamut_error_argument`: no such smooth, or none at all. `gamut_error_newdata`:
#' `newdata` lack a covariate. `gamut_error_data`: the fit has not kept its data, and
#' `data` are not given.
#' @references
#' Marra, G. and Wood, S. N. (2012) Coverage properties of confidence intervals for
#' generalized additive model components. *Scandinavian Journal of Statistics* 39, 53-74.
#' \doi{10.1111/j.1467-9469.2011.00760.x}
#'
#' Sun, J. and Loader, C. R. (1994) Simultaneous confidence bands for linear regression
#' and smoothing. *Annals of Statistics* 22, 1328-1345. \doi{10.1214/aos/1176325631}
#' @seealso [derivatives()], [difference_smooths()], [plot.gamut()].
#' @examples
#' fit <- gamut(dist ~ s(speed), data = cars)
#' head(smooth_estimates(fit))
#' smooth_estimates(fit, newdata = data.frame(speed = c(10, 20)), simultaneous = TRUE)
#'
#' fit <- gamut(uptake ~ Type + s(conc, by = Type, k = 5), data = CO2)
#' smooth_estimates(fit, "s(conc)", n = 4)
#' @export
smooth_estimates <- function(fit, select = NULL, n = 100, n2 = 40, level = 0.95,
                             simultaneous = FALSE, mean = FALSE, unconditional = FALSE,
                             data = NULL, newdata = NULL) {
  entries <- chosen_smooths(fit, select, "smooth_estimates()")
  ask <- band_request(fit, level, simultaneous, unconditional, data,
                      "smooth_estimates()")
  ask$mean <- check_flag(mean, "mean")
  n <- check_count(n, "n", 2L)
  n2 <- check_count(n2, "n2", 2L)
  bind_estimates(lapply(entries, function(entry) {
    grid <- grid_for(ask, entry, n, n2, newdata)
    estimate_rows(ask, entry, grid, piece_matrix)
  }))
}

#' What all bands of one call have in common
#' @return list: `fit`, `frame`, `covariance`, `level`, `simultaneous`, `df`, `mean`.
#' @noRd
band_request <- function(fit, level, simultaneous, unconditional, data, what) {
  list(
    fit = fit, frame = smooth_frame(fit, data, what),
    covariance = smooth_covariance(fit, check_flag(unconditional, "unconditional")),
    level = check_level(level), simultaneous = check_flag(simultaneous, "simultaneous"),
    df = test_df(fit), mean = FALSE
  )
}

#' @noRd
grid_for <- function(ask, entry, n, n2, newdata) {
  if (!is.null(newdata)) return(new_covariates(ask$fit, entry, newdata))
  smooth_grid(entry$piece, ask$frame$variables, n, n2)
}

#' A linear functional of a smooth at the points of a grid
#'
#' @param matrix_of Function of the piece and covariates: the n x p matrix whose product
#'   with the coefficients is the functional, such as `piece_matrix()`.
#' @return Named list of columns.
#' @noRd
estimate_rows <- function(ask, entry, grid, matrix_of) {
  piece <- plain_piece(entry$piece)
  count <- min(length(covariate_roles(piece)$numbers), 2L)
  shape <- c("levels", "curve", "surface")[count + 1L]
  rows <- length(grid[[1L]])
  bands_of <- if (isTRUE(piece$apart)) level_bands else group_bands
  bands <- bands_of(ask, entry, grid, matrix_of, shape)
  c(list(smooth = rep(entry$label, rows),
         by = rep(entry$piece$by_level %||% NA_character_, rows)),
    covariate_columns(grid), band_columns(bands),
    list(support = grid_support(entry$piece, ask$frame$variables, grid)))
}

#' Estimates, standard errors and limits, group by group of the points of one curve
#' @return n x 4 matrix, as of `band_of()`.
#' @noRd
group_bands <- function(ask, entry, grid, matrix_of, shape) {
  piece <- plain_piece(entry$piece)
  centre <- if (ask$mean && !is.null(piece$map)) centre_row(ask, entry)
  rows <- length(grid[[1L]])
  bands <- matrix(NA_real_, rows, 4L)
  for (group in row_groups(piece, grid)) {
    # the length of a curve is one of points in order
    if (shape == "curve") {
      group <- group[order(grid[[covariate_roles(piece)$numbers]][group])]
    }
    x <- matrix_of(piece, lapply(grid, `[`, group))
    bands[group, ] <- band_of(x, entry$coefficients, entry$position, ask, shape, rows,
                              centre)
  }
  bands
}

#' The same of a smooth apart, whose levels have a covariance each, at all points at once
#' @noRd
level_bands <- function(ask, entry, grid, matrix_of, shape) {
  piece <- plain_piece(entry$piece)
  data <- stats::setNames(grid, piece$basis$term)
  code <- block_number(piece$basis, data)
  single <- of_first_level(piece, grid)
  values <- matrix_of(single$piece, single$grid)
  estimate <- block_products(values, code, entry$coefficients)
  se <- block_errors(values, code, level_covariances(entry))
  factor <- two_sided_factor(ask$level, ask$df)
  if (ask$simultaneous) {
    factor <- numeric(length(code))
    known <- !is.na(estimate)
    for (rows in row_groups(piece, grid)) {
      rows <- rows[known[rows]]
      if (!length(rows)) next
      # the length of a curve is one of points in order
      if (shape == "curve") rows <- rows[order(single$grid[[single$number]][rows])]
      v <- level_block(entry, code[rows[1L]])
      factor[rows] <- band_factor(values[rows, , drop = FALSE], v, ask, shape,
                                  length(code))
    }
  }
  cbind(estimate, se, estimate - factor * se, estimate + factor * se)
}

#' @noRd
band_columns <- function(bands) {
  list(estimate = bands[, 1L], se = bands[, 2L], lower = bands[, 3L], upper = bands[, 4L])
}

#' Covariates under their own names, but for those that results have
#' @noRd
covariate_columns <- function(grid) {
  taken <- names(grid) %in% c("smooth", "by", "variable", "level_1", "level_2",
                              "estimate", "se", "lower", "upper", "support")
  names(grid)[taken] <- paste0(names(grid)[taken], ".1")
  grid
}

#' Estimates, standard errors and limits of x'b
#'
#' @param x n x p, `position` the places of the p coefficients among all.
#' @param shape `"curve"`, `"surface"` or `"levels"`, for a simultaneous band.
#' @param count Number of `"levels"` in all.
#' @param centre Row of all coefficients whose combination is added for variances.
#' @return n x 4 matrix; `NA` where `x` is.
#' @noRd
band_of <- function(x, coefficients, position, ask, shape, count = nrow(x),
                    centre = NULL) {
  out <- matrix(NA_real_, nrow(x), 4L)
  known <- which(!is.na(rowSums(x)))
  if (!length(known)) return(out)
  x <- x[known, , drop = FALSE]
  estimate <- drop(x %*% coefficients)
  if (!is.null(centre)) {
    whole <- matrix(centre, nrow(x), length(centre), byrow = TRUE)
    whole[, position] <- x
    x <- whole
    position <- seq_along(centre)
  }
  # most columns of a smooth with a block for each level are 0
  used <- which(colSums(abs(x)) > 0)
  x <- x[, used, drop = FALSE]
  v <- ask$covariance[position[used], position[used], drop = FALSE]
  se <- combination_errors(x, v)
  half <- se * band_factor(x, v, ask, shape, count)
  out[known, ] <- c(estimate, se, estimate - half, estimate + half)
  out
}

#' How many standard errors
#' @noRd
band_factor <- function(x, v, ask, shape, count) {
  if (!ask$simultaneous) return(two_sided_factor(ask$level, ask$df))
  if (shape == "levels") {
    # of normal variables Sidak's inequality, of others with one scale Bonferroni's
    each <- if (ask$df == Inf) ask$level^(1 / count) else 1 - (1 - ask$level) / count
    return(two_sided_factor(each, ask$df))
  }
  simultaneous_factor(x, v, ask$level, curve = shape == "curve", residual_df = ask$df)
}

#' The means of all columns of the linear predictor of a smooth, which enters it by 1; 0
#' for columns of other ones
#' @noRd
centre_row <- function(ask, entry) {
  k <- entry$predictor
  colMeans(joint_matrix(ask$fit, k, ask$frame)) / entry$loading[k]
}

#' Columns of several smooths as one data frame
#' @noRd
bind_estimates <- function(parts, lead = c("smooth", "by"),
                           last = c("estimate", "se", "lower", "upper", "support")) {
  covariates <- setdiff(unique(unlist(lapply(parts, names))), c(lead, last))
  rows <- vapply(parts, function(part) length(part[[lead[1L]]]), 0L)
  columns <- lapply(c(lead, covariates, last), function(name) {
    known <- Filter(Negate(is.null), lapply(parts, `[[`, name))
    blank <- known[[1L]][NA_integer_]
    do.call(c, Map(function(part, size) part[[name]] %||% rep(blank, size), parts, rows))
  })
  names(columns) <- c(lead, covariates, last)
  structure(columns, class = "data.frame", row.names = seq_len(sum(rows)))
}
