# Parametric terms as a column program: which products of which operands make the
# columns of the model matrix, in the order and under the names of
# stats::model.matrix(), without making it.
#
# An operand is a numeric column or a table indexed by a factor's code. In a term the
# columns of the first variable vary fastest.

#' Terms with more columns than this, mostly zeros, are stored as an index
#' @noRd
dense_limit <- 32L

#' The column program of one predictor
#'
#' @param predictor A predictor of a frame.
#' @param frame The frame, or a new frame, that holds its variables.
#' @param registry A column registry; see `new_registry()`.
#' @return list: `names`, `assign`, `term_labels` as those of
#'   [stats::model.matrix()]; `dense`: `NULL` or list(storage, position); `index`: list of
#'   such.
#' @noRd
parametric_program <- function(predictor, frame, registry) {
  terms <- term_operands(predictor, frame)
  parts <- vector("list", length(terms))
  offset <- as.integer(predictor$intercept)
  for (t in seq_along(terms)) {
    parts[[t]] <- term_program(terms[[t]], offset, registry)
    offset <- offset + length(parts[[t]]$names)
  }
  sizes <- lengths(lapply(parts, `[[`, "names"))
  first <- predictor$intercept
  list(
    names = c(if (first) "(Intercept)", unlist(lapply(parts, `[[`, "names"))),
    assign = c(if (first) 0L, rep.int(seq_along(parts), sizes)),
    term_labels = attr(predictor$terms, "term.labels"),
    dense = dense_program(parts, first),
    index = unlist(lapply(parts, `[[`, "index"), recursive = FALSE)
  )
}

#' The operands of each term
#'
#' The entries of `attr(terms, "factors")` are 1 for contrasts and 2 for full dummy
#' coding; without intercept the first factor met gets full coding.
#' @noRd
term_operands <- function(predictor, frame) {
  pattern <- term_pattern(predictor)
  if (is.null(pattern)) return(list())
  lapply(seq_len(ncol(pattern)), function(t) {
    at <- which(pattern[, t] > 0L)
    lapply(at, function(v) {
      make_operand(predictor$keys[v], rownames(pattern)[v], pattern[v, t], predictor,
                   frame)
    })
  })
}

#' @noRd
term_pattern <- function(predictor) {
  pattern <- attr(predictor$terms, "factors")
  if (!length(pattern)) return(NULL)
  response <- attr(predictor$terms, "response")
  if (response > 0L) pattern <- without_response(pattern, response)
  levelled <- predictor$keys %in% names(predictor$codings)
  if (!predictor$intercept && any(levelled)) {
    first <- which(pattern > 0L & levelled)[1L]
    if (!is.na(first)) pattern[first] <- 2L
  }
  pattern
}

#' A response on the right-hand side is dropped, as in model.matrix()
#' @noRd
without_response <- function(pattern, response) {
  with <- pattern[response, ] > 0L
  if (any(with)) {
    warn_gamut("The response appears on the right-hand side; left out: ",
               ticked(colnames(pattern)[with]), ".", class = "formula")
    pattern[, with] <- 0L
  }
  pattern[-response, , drop = FALSE]
}

#' One operand: its key, the names of its columns, and its coding if it has levels
#' @noRd
make_operand <- function(key, label, kind, predictor, frame) {
  coding <- predictor$codings[[key]]
  if (!is.null(coding)) {
    if (kind == 2L) coding <- dummy_coding(coding$levels)
    return(list(key = key, coding = coding, names = paste0(label, coding$names)))
  }
  value <- frame$variables[[key]]
  if (!is.matrix(value)) return(list(key = key, names = label, value = value))
  suffix <- colnames(value)
  if (is.null(suffix)) suffix <- seq_len(ncol(value))
  if (ncol(value) == 1L) suffix <- ""
  list(key = key, names = paste0(label, suffix), value = value)
}

#' Names and columns of one term
#' @noRd
term_program <- function(operands, offset, registry) {
  if (!length(operands)) return(list(names = character()))
  sizes <- lengths(lapply(operands, `[[`, "names"))
  grid <- column_grid(sizes)
  part <- list(names = crossed_names(operands, grid),
               position = offset + seq_len(prod(sizes)))
  levelled <- !vapply(operands, function(o) is.null(o$coding), NA)
  if (prod(sizes) > dense_limit && prod(sizes[levelled]) >= dense_limit / 4) {
    part$index <- index_program(operands, levelled, grid, part$position, registry)
  } else {
    part$columns <- dense_columns(operands, grid, registry)
  }
  part
}

#' @noRd
crossed_names <- function(operands, grid) {
  if (length(operands) == 1L) return(operands[[1L]]$names)
  names <- Map(function(operand, at) operand$names[at], operands, grid)
  do.call(paste, c(unname(names), sep = ":"))
}

#' Which column of each operand enters each column of a term; first fastest
#' @noRd
column_grid <- function(sizes) {
  if (length(sizes) == 1L) return(list(seq_len(sizes)))
  total <- prod(sizes)
  each <- c(1L, cumprod(sizes))
  lapply(seq_along(sizes), function(i) {
    rep_len(rep(seq_len(sizes[i]), each = each[i]), total)
  })
}

#' @noRd
dense_columns <- function(operands, grid, registry) {
  pieces <- lapply(operands, operand_pieces, registry = registry)
  if (length(pieces) == 1L) {
    piece <- pieces[[1L]]
    return(lapply(seq_along(piece$vars), function(j) {
      list(vars = piece$vars[j], tables = piece$tables[j])
    }))
  }
  vars <- Map(function(piece, at) piece$vars[at], pieces, grid)
  tables <- Map(function(piece, at) piece$tables[at], pieces, grid)
  lapply(seq_along(grid[[1L]]), function(column) {
    list(vars = vapply(vars, `[[`, 0L, column),
         tables = lapply(tables, `[[`, column))
  })
}

#' The columns of one operand: ids of variables, and tables (NULL for a number)
#' @noRd
operand_pieces <- function(operand, registry) {
  coding <- operand$coding
  if (is.null(coding)) {
    ids <- number_ids(operand, registry)
    return(list(vars = ids, tables = vector("list", length(ids))))
  }
  columns <- seq_along(coding$names)
  tables <- if (is.null(coding$map)) lapply(columns, function(j) coding$matrix[, j])
            else lapply(columns, function(j) as.double(coding$map == j))
  list(vars = rep(code_id(operand$key, registry), length(columns)), tables = tables)
}

#' All dense columns of a predictor as one storage
#' @noRd
dense_program <- function(parts, intercept) {
  columns <- unlist(lapply(parts, `[[`, "columns"), recursive = FALSE)
  dense <- vapply(parts, function(p) !is.null(p$columns), NA)
  position <- unlist(lapply(parts[dense], `[[`, "position"))
  if (intercept) {
    columns <- c(list(list(vars = integer(), tables = list())), columns)
    position <- c(1L, position)
  }
  if (!length(columns)) return(NULL)
  list(storage = list(kind = "dense", columns = columns, intercept = intercept),
       position = position)
}

#' The model matrix itself, for those who ask
#'
#' @param predictor A predictor of a frame.
#' @param frame A frame or a new frame.
#' @noRd
model_matrix_of <- function(predictor, frame) {
  variables <- frame$variables[predictor$keys]
  for (key in names(predictor$xlevels)) {
    if (is.character(variables[[key]])) {
      variables[[key]] <- factor(variables[[key]], levels = predictor$xlevels[[key]])
    }
  }
  names <- if (is.null(frame$row_names)) seq_len(frame$rows) else frame$row_names
  terms <- without_response_terms(predictor$terms)
  data <- structure(variables, names = predictor$keys, class = "data.frame",
                    row.names = names, terms = terms)
  wanted <- predictor$contrasts_arg
  stats::model.matrix(terms, data, contrasts.arg = if (length(wanted)) wanted)
}

#' Terms without the response, nor what depends on it on the right
#' @noRd
without_response_terms <- function(terms) {
  if (attr(terms, "response") == 0L) return(terms)
  stats::delete.response(terms)
}
