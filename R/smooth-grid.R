# Where smooths are evaluated: grids over their covariates, and whether there are data.

#' The smooths that are asked for
#'
#' @param select `NULL` for all; numbers; or labels, of single pieces (`"s(x):ga"`) or of
#'   all of one term (`"s(x)"`).
#' @return Entries of `fit$smooths`.
#' @noRd
chosen_smooths <- function(fit, select, what) {
  check_fit(fit, what)
  if (!length(fit$smooths)) {
    abort_gamut(what, " needs a fit with smooths, such as y ~ s(x).", class = "argument",
                data = list(argument = "fit"))
  }
  if (is.null(select)) return(fit$smooths)
  labels <- vapply(fit$smooths, `[[`, "", "label")
  if (is.numeric(select)) {
    fine <- length(select) && all(select %in% seq_along(labels))
    if (!fine) {
      abort_argument("select", paste("numbers from 1 to", length(labels)), select)
    }
    return(fit$smooths[unique(select)])
  }
  found <- if (is.character(select)) lapply(select, smooths_named, fit = fit)
  if (!length(found) || any(lengths(found) == 0L)) {
    abort_argument("select", paste("numbers, or some of", quoted(labels)), select)
  }
  fit$smooths[sort(unique(unlist(found)))]
}

#' Numbers of the smooths of one name: a label, or else of all pieces of a term, "s(x):g"
#' or "s(x)"
#' @noRd
smooths_named <- function(name, fit) {
  is_named <- lapply(list(
    function(entry) entry$label,
    function(entry) piece_term(entry, entry$piece$by_level),
    function(entry) piece_term(entry, c(":", entry$piece$by, entry$piece$by_level))
  ), function(label) which(vapply(fit$smooths, label, "") == name))
  c(is_named[lengths(is_named) > 0L], list(integer()))[[1L]]
}

#' The label of a piece without its ending
#' @noRd
piece_term <- function(entry, ending) {
  substr(entry$label, 1L, nchar(entry$label) - sum(nchar(ending)))
}

#' The smooth as the frame has it, which knows how its variables are evaluated
#' @noRd
frame_smooth_of <- function(fit, entry) {
  known <- unlist(lapply(unname(fit$frame$predictors), `[[`, "smooths"),
                  recursive = FALSE)
  labels <- vapply(known, `[[`, "", "label")
  known[[match(entry$piece$term, labels)]]
}

#' Covariates that are numbers, and those that are factors
#' @noRd
covariate_roles <- function(piece) {
  levelled <- vapply(piece$covariates, function(key) !is.null(piece$xlevels[[key]]), NA)
  list(numbers = piece$covariates[!levelled], factors = piece$covariates[levelled])
}

#' A piece without its by-variable, so that it is evaluated as where that is 1
#' @noRd
plain_piece <- function(piece) {
  piece["by"] <- list(NULL)
  piece
}

#' The rows of the fit, its own or those of `data`
#' @noRd
smooth_frame <- function(fit, data, what) {
  frame <- own_frame(fit, data)
  if (is.null(frame)) require_data(fit, what)
  frame
}

#' Points to evaluate a piece at
#'
#' One number goes in `n` steps over its range, two in `n2` each, further ones are at
#' three quantiles; factors take all levels. Numbers vary fastest.
#' @return Named list of the covariates.
#' @noRd
smooth_grid <- function(piece, variables, n, n2) {
  roles <- covariate_roles(piece)
  several <- length(roles$numbers) > 1L
  along <- lapply(seq_along(roles$numbers), function(i) {
    value <- variables[[roles$numbers[i]]]
    if (i > 2L) slice_values(value) else even_values(value, if (several) n2 else n)
  })
  names(along) <- roles$numbers
  levels <- lapply(stats::setNames(nm = roles$factors), function(key) {
    factor(piece$xlevels[[key]], piece$xlevels[[key]])
  })
  grid <- expand.grid(c(along, levels), KEEP.OUT.ATTRS = FALSE)
  as.list(grid)[piece$covariates]
}

#' @noRd
even_values <- function(value, n) {
  range <- range(as.double(value), finite = TRUE)
  if (diff(range) == 0) n <- 1L
  like(seq(range[1L], range[2L], length.out = n), value)
}

#' Quantiles of 10, 50 and 90 %, as effects have them
#' @noRd
slice_values <- function(value) {
  at <- stats::quantile(as.double(value), c(0.1, 0.5, 0.9), names = FALSE, na.rm = TRUE)
  like(unique(at), value)
}

#' The covariates of a piece at rows of the user's own
#' @noRd
new_covariates <- function(fit, entry, newdata) {
  newdata <- check_newdata(newdata)
  smooth <- frame_smooth_of(fit, entry)
  calls <- as.list(attr(smooth$terms, "predvars"))[-1L]
  classes <- attr(smooth$terms, "dataClasses")[smooth$keys]
  keys <- entry$piece$covariates
  needed <- intersect(unlist(lapply(calls[match(keys, smooth$keys)], all.vars)),
                      smooth$inputs)
  missing <- setdiff(needed, names(newdata))
  if (length(missing)) {
    abort_gamut("`newdata` lacks ", ticked(missing), ", of which `", entry$label,
                "` is a smooth.", class = "newdata", data = list(variables = missing))
  }
  values <- lapply(match(keys, smooth$keys), function(i) {
    key <- smooth$keys[i]
    value <- evaluate_new(calls[[i]], key, newdata, environment(smooth$terms),
                          rows_of(newdata))
    # of a sum over the columns of a matrix the curve itself is shown, over numbers
    if (!is.null(dim(value))) {
      abort_gamut("In `newdata`, ", ticked(key), " must be a vector, not a matrix: `",
                  entry$label, "` is shown over single values.", class = "newdata",
                  data = list(variables = key))
    }
    if (startsWith(classes[[i]], "nmatrix")) return(value)
    match_type(value, key, classes[[i]], smooth$xlevels[[key]])
  })
  stats::setNames(values, keys)
}

#' Rows of a grid that are evaluated together: a curve or a surface of one level; where
#' there are levels alone, as many as need a few megabytes
#' @noRd
row_groups <- function(piece, grid) {
  roles <- covariate_roles(piece)
  rows <- length(grid[[1L]])
  if (!length(roles$factors)) return(list(seq_len(rows)))
  if (!length(roles$numbers) && !isTRUE(piece$apart)) {
    width <- max(1L, as.integer(1e6 / piece$columns))
    return(unname(split(seq_len(rows), (seq_len(rows) - 1L) %/% width)))
  }
  key <- level_keys(grid[roles$factors])
  unname(split(seq_len(rows), factor(key, unique(key))))
}

#' Combinations of levels as text
#' @noRd
level_keys <- function(factors) {
  do.call(paste, c(unname(lapply(factors, as.character)), sep = ":"))
}

#' The covariates of the rows that a piece is about: of its level, or where its
#' by-variable is not 0
#' @noRd
own_covariates <- function(piece, variables) {
  values <- lapply(stats::setNames(nm = piece$covariates), function(key) {
    value <- variables[[key]]
    if (is.null(piece$xlevels[[key]])) as.double(value) else as.character(value)
  })
  if (is.null(piece$by)) return(values)
  # a weight for each value, also where covariates are matrices
  weight <- rep_len(as.double(by_values(piece, variables[[piece$by]])),
                    length(values[[1L]]))
  lapply(values, `[`, which(weight != 0))
}

#' Is each point of a grid among the data, in a gap of them or beyond them?
#'
#' Of d > 2 covariates points have neighbours in the same share of all of the room as of
#' two of them: within a distance of `fraction^(2 / d)`.
#' @return Factor as of `support_flag()`. Levels without data count as beyond them.
#' @noRd
grid_support <- function(piece, variables, grid, fraction = 0.1) {
  roles <- covariate_roles(piece)
  own <- own_covariates(piece, variables)
  count <- length(roles$numbers)
  codes <- c("inside", "gap", "extrapolated")
  flags <- factor(rep("extrapolated", length(grid[[1L]])), codes)
  if (!length(own[[1L]])) return(flags)
  if (length(roles$factors)) {
    own_key <- level_keys(own[roles$factors])
    key <- level_keys(grid[roles$factors])
    if (!count) return(factor(ifelse(key %in% own_key, codes[1L], codes[3L]), codes))
  } else {
    own_key <- rep("", length(own[[1L]]))
    key <- rep("", length(flags))
  }
  known <- unique(own_key)
  own_rows <- split(seq_along(own_key), match(own_key, known))
  for (group in split(seq_along(key), key)) {
    at <- match(key[group[1L]], known)
    if (is.na(at)) next
    rows <- own_rows[[at]]
    x <- do.call(cbind, lapply(unname(own[roles$numbers]), `[`, rows))
    new <- do.call(cbind, lapply(unname(grid[roles$numbers]), function(value) {
      as.double(value)[group]
    }))
    flags[group] <- support_flag(thinned_places(x), new, fraction^(min(1, 2 / count)))
  }
  flags
}

#' Of many places one in each small cell, and the extreme ones
#' @noRd
thinned_places <- function(x, most = 20000L, cells = 400) {
  if (ncol(x) < 2L || nrow(x) <= most) return(x)
  low <- apply(x, 2L, min)
  width <- pmax(apply(x, 2L, max) - low, .Machine$double.xmin)
  cell <- floor(sweep(sweep(x, 2L, low), 2L, width, `/`) * cells)
  number <- drop(cell %*% (cells + 1)^(seq_len(ncol(x)) - 1))
  extreme <- c(apply(x, 2L, which.min), apply(x, 2L, which.max))
  x[union(which(!duplicated(number)), extreme), , drop = FALSE]
}
