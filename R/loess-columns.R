# The predictors of a local regression as columns: numbers, indicators of factors that
# are conditionally parametric, and factors in whose levels there are surfaces of their
# own.

#' What the predictors are, settled once for a fit
#'
#' @param frame A frame of `build_frame()`.
#' @param parametric,drop_square Names, numbers or logicals, as in [stats::loess()].
#' @return list: `sources`, an entry for each variable with `key`, `kind` ("number",
#'   "indicators", "group"), `levels` and `columns`, its names; `names` of all columns,
#'   `parametric`, `drop_square` and `block` of each (equal numbers are indicators of one
#'   factor), `order`, which puts those that make distances first; `groups`, the keys of
#'   factors with surfaces of their own.
#' @noRd
loess_columns <- function(frame, parametric, drop_square) {
  predictor <- frame$predictors[[1L]]
  sources <- lapply(stats::setNames(nm = predictor$keys), loess_source, frame = frame)
  require_predictors(sources)
  labels <- unlist(lapply(sources, `[[`, "labels"), use.names = FALSE)
  chosen <- named_columns(parametric, labels, "parametric")
  dropped <- named_columns(drop_square, labels, "drop.square")
  sources <- lapply(sources, settle_source, chosen)
  numeric <- Filter(function(source) source$kind != "group", sources)
  widths <- lengths(lapply(numeric, `[[`, "columns"))
  kinds <- rep(vapply(unname(numeric), `[[`, "", "kind"), widths)
  names <- unlist(lapply(numeric, `[[`, "columns"), use.names = FALSE)
  indicators <- kinds == "indicators"
  columns <- list(
    sources = sources, names = names, parametric = names %in% chosen | indicators,
    drop_square = names %in% dropped | indicators, indicators = indicators,
    block = ifelse(indicators, rep(seq_along(numeric), widths), 0L),
    groups = setdiff(names(sources), names(numeric)), asked = list(chosen, dropped)
  )
  columns$order <- order(columns$parametric)
  check_columns(columns)
}

#' @noRd
require_predictors <- function(sources) {
  if (length(sources)) return(invisible())
  abort_gamut("a local regression needs a predictor: write y ~ x.", class = "formula")
}

#' One variable of the formula: a number, a matrix, or levels
#' @noRd
loess_source <- function(key, frame) {
  value <- frame$variables[[key]]
  levels <- frame$predictors[[1L]]$xlevels[[key]]
  if (!is.null(levels)) {
    return(list(key = key, kind = "group", levels = levels, labels = key))
  }
  numeric <- is.numeric(unclass(value)) || is.logical(value)
  if (!numeric) {
    abort_gamut("the predictor ", ticked(key), " is ", describe_object(value),
                ", which is neither numeric nor a factor.", class = "data",
                data = list(variable = key))
  }
  labels <- key
  if (is.matrix(value)) {
    labels <- paste0(key, ".", colnames(value) %||% seq_len(ncol(value)))
  }
  list(key = key, kind = "number", labels = labels, columns = labels)
}

#' A factor that is parametric enters as indicators of its levels but the first
#' @noRd
settle_source <- function(source, parametric) {
  if (source$kind != "group" || !source$key %in% parametric) return(source)
  source$kind <- "indicators"
  source$columns <- paste0(source$key, source$levels[-1L])
  source
}

#' Predictors that an argument names, by name, number or logical
#' @noRd
named_columns <- function(which, labels, argument) {
  named <- stats::setNames(labels, labels)
  found <- tryCatch(named[unlist(which)], error = function(e) NA)
  if (anyNA(found)) {
    abort_gamut("`", argument, "` must say which of the predictors ", ticked(labels),
                " it means, by name, number or TRUE and FALSE.", class = "argument",
                data = list(argument = argument))
  }
  unname(found)
}

#' @noRd
check_columns <- function(columns) {
  if (all(columns$parametric)) {
    # a factor alone is a mean for each level, which is no local regression
    abort_gamut("no predictor is left to make distances: ",
                if (length(columns$groups)) "all are factors" else
                  "all are in `parametric`",
                ". A local regression needs a numeric one; see fit_glm() for models ",
                "without.", class = "argument", data = list(argument = "parametric"))
  }
  columns
}

#' The columns of the fit's rows or of a new frame, unscaled, in the user's order
#' @noRd
loess_matrix <- function(columns, frame) {
  parts <- lapply(columns$sources, function(source) {
    if (source$kind == "group") return(NULL)
    if (source$kind == "number") return(number_columns(frame$variables[[source$key]]))
    codes <- level_codes(source$key, frame)
    outer(as.integer(codes), seq_along(source$levels)[-1L], `==`) + 0
  })
  # without rows cbind() makes a column of NULL
  parts <- parts[!vapply(parts, is.null, NA)]
  x <- do.call(cbind, unname(parts))
  dimnames(x) <- list(NULL, columns$names)
  x
}

#' @noRd
number_columns <- function(value) {
  value <- unclass(value)
  matrix(as.double(value), NROW(value), NCOL(value))
}

#' In which combination of levels each row is: codes into `labels`
#'
#' @return list: `code` of each row, `labels`, `levels` (a data frame with a row a label).
#' @noRd
loess_groups <- function(columns, frame) {
  keys <- columns$groups
  if (!length(keys)) return(list(code = rep(1L, frame$rows), labels = "", levels = NULL))
  all <- lapply(columns$sources[keys], `[[`, "levels")
  grid <- do.call(expand.grid, c(all, list(KEEP.OUT.ATTRS = FALSE)))
  labels <- do.call(paste, c(unname(lapply(keys, function(key) {
    paste0(key, " = ", grid[[key]])
  })), list(sep = ", ")))
  code <- rep(1L, frame$rows)
  size <- 1L
  for (key in keys) {
    code <- code + size * (as.integer(level_codes(key, frame)) - 1L)
    size <- size * length(all[[key]])
  }
  list(code = code, labels = labels, levels = grid)
}

#' Scales of the columns: the standard deviation of the middle of each
#'
#' A tenth of the rows, rounded up, is cut off on either side. Indicators stay as they
#' are, and so does a single column.
#' @noRd
loess_divisor <- function(x, columns, normalize) {
  if (!normalize || ncol(x) < 2L) return(rep(1, ncol(x)))
  divisor <- vapply(seq_len(ncol(x)), function(j) {
    if (columns$indicators[j]) 1 else middle_sd(x[, j])
  }, 0)
  divisor
}

#' @noRd
middle_sd <- function(x) {
  n <- length(x)
  cut <- ceiling(0.1 * n)
  inner <- sort(x)[seq_len(n) > cut & seq_len(n) <= n - cut]
  found <- stats::sd(inner)
  # many ties in the middle have no scale of their own
  if (is.na(found) || found == 0) stats::sd(x) else found
}

#' Numbers that are not finite, and predictors that do not vary
#' @noRd
check_loess_matrix <- function(x, columns, groups, frame) {
  for (name in columns$names) {
    # a sum is finite only if all are, or too large
    if (is.finite(sum(x[, name]))) next
    bad <- !is.finite(x[, name])
    if (any(bad)) {
      abort_rows(bad, list(rows = frame$row_names),
                 paste0("the predictor ", ticked(name), " must be finite"),
                 class = "data")
    }
  }
  for (g in groups_in_use(groups)) {
    own <- if (length(groups$labels) == 1L) x else x[groups$code == g, , drop = FALSE]
    constant <- vapply(seq_len(ncol(own)), function(j) {
      diff(range(own[, j])) == 0
    }, NA)
    # an indicator may be 0 throughout a group
    constant <- constant & (!columns$indicators | length(groups$labels) == 1L)
    if (any(constant)) abort_constant(columns$names[constant], groups, g)
  }
}

#' @noRd
abort_constant <- function(names, groups, g) {
  where <- if (nzchar(groups$labels[g])) paste(" where", groups$labels[g])
  abort_gamut("the predictor ", ticked(names), " is constant", where, ": a local ",
              "regression needs one that varies. Leave it out of the formula",
              if (!is.null(where)) ", or the rows of that level",
              ".", class = "data", data = list(variables = names))
}
