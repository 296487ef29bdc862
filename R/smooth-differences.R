# Differences between the curves of the levels of a factor.

#' Differences of smooths between levels of a factor
#'
#' Of a smooth with a curve for each level of a factor, `s(x, by = g)`,
#' `s(x, g, bs = "fs")` or `s(x, g, bs = "sz")`, the differences between the curves of two
#' levels, with standard errors and bands, on the scale of the linear predictor.
#'
#' @inheritParams smooth_estimates
#' @param smooth Label of the term, such as `"s(x)"`. By default the only one that has
#'   curves of levels.
#' @param levels The levels to compare, each with each; by default all. Of several
#'   factors joined by `":"`, as in `"a:b"`.
#' @param simultaneous,level As in [smooth_estimates()]: a band is for the whole
#'   difference of two curves. It does not allow for the number of pairs.
#' @param means Add the difference between the levels of the main effect of the factor, a
#'   term of its own? The curves of a `by` factor are centred, so that without it their
#'   differences say nothing about the difference of the levels as such.
#'
#' @details
#' Both curves have covariances, which count. Of an ordered `by` factor the first level
#' has no curve, since others are differences from it: it counts as 0. A main effect is a
#' term of this factor alone: parametric, or `s(g, bs = "re")`. For bands and grids see
#' [smooth_estimates()].
#'
#' @return A data frame with a row for each point and pair: `smooth`, `level_1`,
#'   `level_2`, the covariates, `estimate` (of the first level less that of the second),
#'   `se`, `lower`, `upper` and `support`, `"inside"` only if both levels have data there.
#' @section Errors:
#' As of [smooth_estimates()]; and `gamut_error_argument` where the smooth has no curves
#' of levels, a level is not known, or `means` finds no main effect.
#' @seealso [smooth_estimates()], [derivatives()].
#' @examples
#' fit <- gamut(uptake ~ Type + s(conc, by = Type, k = 5), data = CO2)
#' difference_smooths(fit, n = 5)
#' difference_smooths(fit, n = 5, means = TRUE, simultaneous = TRUE)
#' @export
difference_smooths <- function(fit, smooth = NULL, levels = NULL, n = 100, n2 = 40,
                               level = 0.95, simultaneous = FALSE, means = FALSE,
                               unconditional = FALSE, data = NULL, newdata = NULL) {
  term <- level_curves(fit, smooth)
  ask <- band_request(fit, level, simultaneous, unconditional, data,
                      "difference_smooths()")
  n <- check_count(n, "n", 2L)
  n2 <- check_count(n2, "n2", 2L)
  pairs <- level_pairs(term, levels)
  main <- if (check_flag(means, "means")) main_effects(ask, term, unique(unlist(pairs)))
  grid <- difference_grid(ask, term, n, n2, newdata)
  parts <- lapply(pairs, function(pair) difference_rows(ask, term, pair, grid, main))
  bind_estimates(parts, lead = c("smooth", "level_1", "level_2"))
}

#' The pieces of a term that has curves of levels
#'
#' @return list: `entries`, `label`, `factors` (keys), `levels` (text), `numbers` (keys),
#'   `kind`, `"by"` or `"block"`.
#' @noRd
level_curves <- function(fit, smooth) {
  all <- chosen_smooths(fit, NULL, "difference_smooths()")
  has_levels <- vapply(all, has_level_curves, NA)
  terms <- vapply(all, function(e) piece_term(e, e$piece$by_level), "")
  known <- unique(terms[has_levels])
  if (is.null(smooth) && length(known) != 1L) {
    wanted <- if (length(known)) paste("the name of one of", quoted(known)) else
      "a smooth with curves of levels, such as s(x, by = g)"
    abort_gamut("difference_smooths() needs ", wanted, ".", class = "argument",
                data = list(argument = "smooth"))
  }
  at <- if (is.null(smooth)) match(known, terms) else
    if (is.character(smooth) && length(smooth) == 1L) smooths_named(smooth, fit)
  own <- unique(terms[at])
  if (length(own) != 1L || !own %in% known) {
    abort_argument("smooth", paste("one of", quoted(known)), smooth)
  }
  describe_level_curves(fit, all[terms == own], own)
}

#' @noRd
has_level_curves <- function(entry) {
  roles <- covariate_roles(entry$piece)
  length(roles$numbers) > 0L &&
    (!is.null(entry$piece$by_level) || length(roles$factors) > 0L)
}

#' @noRd
describe_level_curves <- function(fit, entries, label) {
  piece <- entries[[1L]]$piece
  roles <- covariate_roles(piece)
  kind <- if (is.null(piece$by_level)) "block" else "by"
  if (kind == "block") {
    factors <- roles$factors
    grid <- expand.grid(piece$xlevels[factors], stringsAsFactors = FALSE)
    levels <- level_keys(grid)
  } else {
    factors <- piece$by
    grid <- NULL
    own <- vapply(entries, function(e) e$piece$by_level, "")
    # the first level of an ordered factor has no piece
    levels <- frame_smooth_of(fit, entries[[1L]])$xlevels[[factors]] %||% own
  }
  list(entries = entries, label = label, factors = factors, levels = levels,
       grid = grid, numbers = roles$numbers, kind = kind)
}

#' @noRd
level_pairs <- function(term, levels) {
  if (!is.null(levels)) {
    levels <- as.character(levels)
    fine <- length(levels) > 1L && !anyDuplicated(levels) && all(levels %in% term$levels)
    if (!fine) abort_argument("levels", paste("two or more of", quoted(term$levels)),
                              c(setdiff(levels, term$levels), levels)[1L])
  }
  levels <- levels %||% term$levels
  if (choose(length(levels), 2) > most_pairs) {
    abort_gamut("`", term$label, "` has ", length(levels), " levels, which are ",
                format(choose(length(levels), 2), big.mark = ","), " pairs: choose some ",
                "by `levels`.", class = "argument", data = list(argument = "levels"))
  }
  utils::combn(levels, 2L, simplify = FALSE)
}

#' @noRd
most_pairs <- 10000

#' @noRd
difference_grid <- function(ask, term, n, n2, newdata) {
  entry <- term$entries[[1L]]
  if (term$kind == "block") {
    # numbers alone: levels are the two of a pair
    entry$piece$covariates <- term$numbers
  }
  grid_for(ask, entry, n, n2, newdata)[term$numbers]
}

#' One pair of levels: columns of the result
#' @noRd
difference_rows <- function(ask, term, pair, grid, main) {
  sides <- lapply(pair, level_rows, ask = ask, term = term, grid = grid)
  x <- sides[[1L]]$x - sides[[2L]]$x
  if (!is.null(main)) x <- sweep(x, 2L, main[pair[1L], ] - main[pair[2L], ], `+`)
  # columns of aliased coefficients count as 0 in fits too
  coefficients <- estimated_coefficients(ask$fit)[seq_len(ncol(x))]
  if (has_apart(ask$fit)) {
    used <- which(colSums(abs(x), na.rm = TRUE) > 0)
    x <- x[, used, drop = FALSE]
    coefficients <- coefficients[used]
    ask$covariance <- if (max(used, 0L) <= ncol(ask$covariance))
      ask$covariance[used, used, drop = FALSE]
    else coefficient_covariances(ask$fit, used, ask$frame)
  }
  curve <- length(term$numbers) == 1L
  order <- if (curve) order(grid[[1L]]) else seq_len(nrow(x))
  bands <- matrix(NA_real_, nrow(x), 4L)
  bands[order, ] <- band_of(x[order, , drop = FALSE], coefficients,
                            seq_along(coefficients), ask,
                            if (curve) "curve" else "surface")
  codes <- pmax(as.integer(sides[[1L]]$support), as.integer(sides[[2L]]$support))
  flags <- levels(sides[[1L]]$support)
  c(list(smooth = rep(term$label, nrow(x)), level_1 = rep(pair[1L], nrow(x)),
         level_2 = rep(pair[2L], nrow(x))),
    covariate_columns(grid), band_columns(bands),
    list(support = factor(flags[codes], flags)))
}

#' The curve of one level: its matrix over all coefficients, and its support
#' @noRd
level_rows <- function(level, ask, term, grid) {
  x <- matrix(0, length(grid[[1L]]), count_without_random(ask$fit))
  if (term$kind == "block") {
    entry <- term$entries[[1L]]
    piece <- entry$piece
    own <- term$grid[match(level, term$levels), , drop = FALSE]
    grid[term$factors] <- lapply(own, rep, nrow(x))
    grid <- grid[piece$covariates]
  } else {
    own <- vapply(term$entries, function(e) e$piece$by_level == level, NA)
    entry <- if (any(own)) term$entries[[which(own)]]
    # of a level without a piece the data are those of the level nonetheless
    piece <- term$entries[[1L]]$piece
    piece$by_level <- level
  }
  if (!is.null(entry)) x[, entry$position] <- piece_matrix(plain_piece(piece), grid)
  list(x = x, support = grid_support(piece, ask$frame$variables, grid))
}

#' Rows of the main effect of a factor, one a level, over all coefficients
#'
#' Columns of terms of this factor alone, taken from a row of the data with the level.
#' @noRd
main_effects <- function(ask, term, levels) {
  k <- term$entries[[1L]]$predictor
  variables <- ask$frame$variables
  at <- match(levels, level_keys(variables[term$factors]))
  frame <- ask$frame
  # levels without data are set to NA below
  rows <- ifelse(is.na(at), 1L, at)
  frame[c("variables", "rows")] <- list(lapply(variables, take_rows, rows), length(rows))
  frame["row_names"] <- list(NULL)
  x <- matrix(0, length(rows), count_without_random(ask$fit),
              dimnames = list(levels, NULL))
  place <- ask$fit$predictors[[k]]
  own <- place$assign %in% main_terms(ask$fit, place, term$factors)
  x[, place$position[own]] <- predictor_matrix(place, frame)[, own]
  smooths <- Filter(function(smooth) {
    is.null(smooth$piece$by) && all(smooth$piece$covariates %in% term$factors)
  }, smooths_of(ask$fit, k))
  for (s in smooths) x[, s$position] <- piece_matrix(s$piece, frame$variables)
  if (!any(own) && !length(smooths)) {
    abort_gamut("`means = TRUE`, but no term of the formula is of ",
                ticked(term$factors), " alone.", class = "argument",
                data = list(argument = "means"))
  }
  x[is.na(at), ] <- NA
  x
}

#' Numbers of the parametric terms that have no variables but these
#' @noRd
main_terms <- function(fit, place, factors) {
  terms <- attr(fit$frame$predictors[[place$frame_predictor]]$terms, "factors")
  if (!length(terms)) return(integer())
  foreign <- terms[!rownames(terms) %in% factors, , drop = FALSE]
  match(colnames(terms)[colSums(foreign) == 0], place$term_labels)
}
