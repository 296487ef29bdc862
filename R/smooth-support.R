# Where do the data support a smooth? Between and beyond them its shape comes from the
# penalty: it bends as little as it can, whatever is true there.

#' The support of a smooth of one covariate
#'
#' @param x Its values in the data; those that are not finite do not count.
#' @param knots `NULL`, or the knots of its basis.
#' @return A list:
#'   * `range` of the data
#'   * `gap`, the longest interval between neighbouring values relative to the range, 0 if
#'     all values are the same; and `between`, its ends, `NA` if there are none
#'   * `intervals`, a data frame with `from`, `to` and the number `n` of data for each
#'     interval between neighbouring knots, of which the last holds its right end too; and
#'     `outside`, the number of data beyond the knots. Both `NULL` without knots.
#' @noRd
smooth_support <- function(x, knots = NULL) {
  given <- x
  x <- covariate_values(x, "x")
  if (!length(x)) abort_argument("x", "numbers, at least one of them finite", given)
  values <- sort(unique(x))
  steps <- diff(values)
  longest <- if (length(steps)) which.max(steps)
  support <- list(
    range = range(x),
    gap = if (length(steps)) steps[[longest]] / sum(steps) else 0,
    between = if (length(steps)) values[longest + 0:1] else c(NA_real_, NA_real_)
  )
  if (is.null(knots)) return(support)
  c(support, knot_intervals(x, knots))
}

#' @noRd
knot_intervals <- function(x, knots) {
  given <- knots
  knots <- sort(unique(covariate_values(knots, "knots")))
  if (length(knots) < 2L) abort_argument("knots", "two different numbers or more", given)
  last <- length(knots)
  inside <- x >= knots[[1L]] & x <= knots[[last]]
  place <- findInterval(x[inside], knots, rightmost.closed = TRUE)
  list(
    intervals = data.frame(from = knots[-last], to = knots[-1L],
                           n = tabulate(place, last - 1L)),
    outside = sum(!inside)
  )
}

#' @noRd
covariate_values <- function(x, name) {
  if (!is.numeric(x)) abort_argument(name, "numbers", x)
  as.double(x)[is.finite(x)]
}

#' Is a new value among the data, in a gap between them, or beyond them?
#'
#' Of one covariate a value is `"extrapolated"` below the least or above the greatest of
#' the data, and in a `"gap"` strictly between two neighbours that are further apart than
#' `fraction` of the range. Of several covariates, each divided by its range, a point is
#' `"extrapolated"` where one of them is, and in a `"gap"` where no data are within a
#' distance of `fraction`. So an empty corner of the rectangle around the data is a gap.
#'
#' @param x Data: numbers, or a matrix or data frame with a column for each covariate.
#'   Rows that are not finite do not count.
#' @param new New values in the same form; columns with names are matched by these.
#' @param fraction Length of the shortest gap, relative to the range.
#' @return A factor with levels `"inside"`, `"gap"`, `"extrapolated"`: for each new value,
#'   `NA` where it is missing.
#' @noRd
support_flag <- function(x, new, fraction = 0.1) {
  fraction <- check_number(fraction, "fraction", above = 0, to = 1)
  x <- covariate_matrix(x, "x")
  new <- matching_columns(covariate_matrix(new, "new"), x)
  x <- x[finite_rows(x), , drop = FALSE]
  missing <- is.na(rowSums(new))
  low <- apply(x, 2L, min)
  high <- apply(x, 2L, max)
  beyond <- rowSums(sweep(new, 2L, low, `<`) | sweep(new, 2L, high, `>`)) > 0
  flag <- ifelse(beyond, 3L, 1L)
  asked <- which(!beyond & !missing)
  is_gap <- if (ncol(x) == 1L) {
    in_long_interval(x[, 1L], new[asked, 1L], fraction * (high - low))
  } else {
    # where a covariate does not vary all its values are the same
    width <- ifelse(high > low, high - low, 1)
    far_from_all(sweep(sweep(x, 2L, low), 2L, width, `/`),
                 sweep(sweep(new[asked, , drop = FALSE], 2L, low), 2L, width, `/`),
                 fraction)
  }
  flag[asked[is_gap]] <- 2L
  flag[missing] <- NA
  factor(c("inside", "gap", "extrapolated")[flag], c("inside", "gap", "extrapolated"))
}

#' @noRd
finite_rows <- function(x) {
  finite <- is.finite(rowSums(x))
  if (!any(finite)) abort_argument("x", "numbers, at least one row of them finite", x)
  finite
}

#' @noRd
in_long_interval <- function(x, new, length) {
  values <- sort(unique(x))
  if (length(values) < 2L) return(rep(FALSE, length(new)))
  left <- findInterval(new, values, all.inside = TRUE)
  between <- new > values[left] & new < values[left + 1L]
  between & values[left + 1L] - values[left] > length
}

#' Is no row of `x` within a distance of those of `new`?
#'
#' Rows are sorted into cells of this width, so that only data in neighbouring cells are
#' looked at.
#' @noRd
far_from_all <- function(x, new, distance) {
  cell_of <- function(rows) floor(rows / distance)
  text <- function(cells) do.call(paste, c(as.data.frame(cells), sep = ","))
  rows_in <- split(seq_len(nrow(x)), text(cell_of(x)))
  steps <- as.matrix(expand.grid(rep(list(-1:1), ncol(x))))
  cells <- cell_of(new)
  far <- rep(TRUE, nrow(new))
  for (group in split(seq_len(nrow(new)), text(cells))) {
    around <- sweep(steps, 2L, cells[group[[1L]], ], `+`)
    near <- t(x[unlist(rows_in[text(around)]), , drop = FALSE])
    if (!length(near)) next
    far[group] <- vapply(group, function(i) {
      min(colSums((near - new[i, ])^2)) > distance^2
    }, NA)
  }
  far
}

#' @noRd
covariate_matrix <- function(x, name) {
  x <- if (is.data.frame(x)) data.matrix(x[vapply(x, is.numeric, NA)]) else as.matrix(x)
  if (!is.numeric(x) || !ncol(x)) abort_argument(name, "numbers", x)
  x
}

#' @noRd
matching_columns <- function(new, x) {
  wanted <- colnames(x)
  if (!is.null(wanted) && all(wanted %in% colnames(new))) {
    return(new[, wanted, drop = FALSE])
  }
  if (ncol(new) != ncol(x)) {
    abort_argument("new", paste("of as many columns as `x`,", ncol(x)), new)
  }
  new
}
