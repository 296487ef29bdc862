# Factors in a frame: unused levels are dropped, characters get codes, and each
# factor gets its coding: the map from level to columns of the model matrix.

#' Drop unused levels, code characters
#'
#' @return `items` (factors without unused levels), `levels` (named list for all
#'   variables with levels, logicals included), `codes` (of characters).
#' @noRd
settle_factors <- function(items) {
  levels <- codes <- list()
  for (key in names(items)) {
    value <- items[[key]]
    if (is.factor(value)) {
      items[[key]] <- value <- drop_levels(value, key)
      levels[[key]] <- levels(value)
    } else if (is.character(value) && is.null(dim(value))) {
      value <- as.factor(value)
      levels[[key]] <- levels(value)
      codes[[key]] <- as.integer(value)
    } else if (is.logical(value)) {
      levels[[key]] <- c("FALSE", "TRUE")
    }
  }
  list(items = items, levels = levels, codes = codes)
}

#' As `x[, drop = TRUE]`, in two passes over the codes
#' @noRd
drop_levels <- function(value, key) {
  present <- tabulate(value, nlevels(value)) > 0L
  if (all(present)) return(value)
  if (!is.null(attr(value, "contrasts"))) {
    warn_gamut("Contrasts dropped from factor ", ticked(key),
               " because some of its levels are not in use.", class = "data")
  }
  structure(cumsum(present)[as.integer(value)], levels = levels(value)[present],
            class = class(value))
}

#' Codings of all variables with levels
#'
#' A coding is a list: `levels`; `map` (column of each level, 0 for none) when the
#' contrasts are indicators, so that a factor of a million levels never becomes a
#' matrix; else `matrix`; `names` of the columns; `shown`, what
#' `attr(model.matrix(), "contrasts")` holds.
#' @noRd
resolve_codings <- function(items, levels, contrasts) {
  check_contrasts(contrasts, names(levels), names(items))
  codings <- lapply(names(levels), function(key) {
    value <- items[[key]]
    if (length(levels[[key]]) < 2L && is.null(attr(value, "contrasts"))) {
      abort_gamut("Factor ", ticked(key), " has only one level, ",
                  quoted(levels[[key]]), ", in the rows used: ",
                  "leave it out of the formula.", class = "data",
                  data = list(variable = key))
    }
    wanted <- contrasts[[key]]
    tryCatch(
      resolve_coding(levels[[key]], is.ordered(value), attr(value, "contrasts"), wanted),
      error = function(e) {
        abort_gamut("Contrasts of ", ticked(key), ": ", conditionMessage(e), ".",
                    class = "data", data = list(variable = key))
      }
    )
  })
  stats::setNames(codings, names(levels))
}

#' @noRd
check_contrasts <- function(contrasts, factors, variables) {
  if (is.null(contrasts)) return(invisible())
  if (!is.list(contrasts) || is.null(names(contrasts))) {
    abort_gamut("`contrasts` must be a named list, as in list(f = \"contr.sum\").",
                class = "data")
  }
  absent <- setdiff(names(contrasts), factors)
  numeric <- intersect(absent, variables)
  if (length(numeric)) {
    abort_gamut("`contrasts` apply to factors only, and ",
                ticked(numeric), " is none.", class = "data")
  }
  if (length(absent)) {
    warn_gamut("`contrasts` names ", ticked(absent),
               ", which no predictor uses.", class = "data")
  }
}

#' The coding of one factor
#'
#' stats settles the semantics on a factor with one value per level; the default is
#' answered without it.
#' @noRd
resolve_coding <- function(levels, ordered, own, wanted) {
  if (is.null(wanted)) wanted <- own
  if (is.null(wanted)) wanted <- getOption("contrasts")[[if (ordered) 2L else 1L]]
  if (identical(wanted, "contr.treatment")) return(treatment_coding(levels, 1L, wanted))
  if (identical(wanted, "contr.SAS")) {
    return(treatment_coding(levels, length(levels), wanted))
  }
  factor <- structure(seq_along(levels), levels = levels,
                      class = c(if (ordered) "ordered", "factor"))
  if (is.matrix(wanted)) {
    stats::contrasts(factor, ncol(wanted)) <- wanted
  } else {
    stats::contrasts(factor) <- wanted
  }
  matrix_coding(levels, stats::contrasts(factor), attr(factor, "contrasts"))
}

#' @noRd
treatment_coding <- function(levels, base, shown) {
  map <- seq_along(levels)
  map[base] <- 0L
  if (base < length(levels)) map[-seq_len(base)] <- map[-seq_len(base)] - 1L
  list(levels = levels, map = map, names = levels[-base], shown = shown)
}

#' Contrasts from a matrix, which may turn out to be indicators
#' @noRd
matrix_coding <- function(levels, matrix, shown) {
  names <- colnames(matrix)
  coding <- list(levels = levels, names = names, shown = shown)
  if (is.null(names)) coding$names <- as.character(seq_len(ncol(matrix)))
  indicators <- all(matrix == 0 | matrix == 1) && all(colSums(matrix) == 1) &&
    all(rowSums(matrix) <= 1)
  if (indicators) {
    coding$map <- as.integer(matrix %*% seq_len(ncol(matrix)))
  } else {
    coding$matrix <- unname(matrix)
  }
  coding
}

#' Full dummy coding
#' @noRd
dummy_coding <- function(levels) {
  list(levels = levels, map = seq_along(levels), names = levels)
}

#' The contrast matrix of a coding
#' @noRd
contrast_matrix <- function(coding) {
  matrix <- if (is.null(coding$map)) coding$matrix
            else +outer(coding$map, seq_along(coding$names), `==`)
  dimnames(matrix) <- list(coding$levels, coding$names)
  matrix
}
