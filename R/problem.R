# The problem: what the engine is given. Plain vectors, column programs, terms with
# their loadings, response, weights, offsets and the family's description; no formula
# and no data frame.

#' Build the engine's problem from a frame
#'
#' Every term has a storage (columns) and a loading (which predictors its coefficients
#' enter): parameter k of a distribution loads e_k, and the terms of a categorical
#' response load the identity, one coefficient per column and category.
#'
#' @param frame A frame, or a new frame (then without response and weights).
#' @return list: `rows`, `predictors` (K), `columns`, `storages`, `terms`, `response`,
#'   `weights`, `offsets`, `family`, `names` of the coefficients, and `layout`: for each
#'   of the K, list(name, predictor, names, assign, term_labels, position).
#' @noRd
build_problem <- function(frame, family) {
  registry <- new_registry(frame)
  programs <- lapply(frame$predictors, parametric_program, frame = frame,
                     registry = registry)
  layout <- coefficient_layout(frame, programs)
  pieces <- storages_and_terms(programs, layout)
  list(
    rows = frame$rows, predictors = length(layout), columns = registry$columns,
    storages = pieces$storages, terms = pieces$terms,
    response = frame$y$y, weights = frame$y$weights,
    offsets = spread_offsets(frame, layout),
    family = engine_family(family, frame$levels),
    names = coefficient_names(layout), layout = layout
  )
}

#' Where the coefficients of each eta are: predictors, or categories, one after another
#' @noRd
coefficient_layout <- function(frame, programs) {
  labels <- frame$categories
  source <- if (is.null(labels)) seq_along(programs) else rep(1L, length(labels))
  if (is.null(labels)) labels <- names(frame$predictors)
  prefix <- if (is.null(frame$categories)) c("", paste0(labels[-1L], ":"))
            else paste0(labels, ":")
  end <- cumsum(lengths(lapply(programs[source], `[[`, "names")))
  layout <- lapply(seq_along(labels), function(k) {
    program <- programs[[source[k]]]
    size <- length(program$names)
    list(name = labels[k], predictor = source[k], prefix = prefix[k],
         names = program$names, assign = program$assign,
         term_labels = program$term_labels, position = end[[k]] - size + seq_len(size))
  })
  stats::setNames(layout, labels)
}

#' @noRd
coefficient_names <- function(layout) {
  unlist(lapply(layout, function(l) if (length(l$names)) paste0(l$prefix, l$names)),
         use.names = FALSE)
}

#' Storages, shared between predictors where equal, and terms
#' @noRd
storages_and_terms <- function(programs, layout) {
  storages <- terms <- list()
  source <- vapply(layout, `[[`, 0L, "predictor")
  for (p in seq_along(programs)) {
    etas <- which(source == p)
    loading <- diag(length(layout))[, etas, drop = FALSE]
    starts <- vapply(layout[etas], function(l) l$position[1L] - 1L, 0)
    for (part in c(list(programs[[p]]$dense), programs[[p]]$index)) {
      if (is.null(part)) next
      id <- match_storage(part$storage, storages)
      storages[[id]] <- part$storage
      position <- as.integer(outer(part$position, starts, `+`))
      terms <- c(terms, list(list(storage = id, loading = loading, position = position)))
    }
  }
  list(storages = storages, terms = terms)
}

#' @noRd
match_storage <- function(storage, storages) {
  for (id in seq_along(storages)) if (identical(storage, storages[[id]])) return(id)
  length(storages) + 1L
}

#' One offset per eta; a matrix has a column for each category
#' @noRd
spread_offsets <- function(frame, layout) {
  lapply(unname(layout), function(l) {
    offset <- frame$offsets[[l$predictor]]
    if (!is.matrix(offset)) return(offset)
    if (is.null(frame$categories) || ncol(offset) != length(layout)) {
      abort_gamut("An offset must be a vector, or for a categorical response a matrix ",
                  "with a column for each category but the reference (",
                  length(layout), ", not ", ncol(offset), ").", class = "data")
    }
    offset[, match(l$name, names(layout))]
  })
}

#' The columns of a problem, each once, by key
#'
#' An environment, because the programs of all predictors add to it.
#' @noRd
new_registry <- function(frame) {
  registry <- new.env(parent = emptyenv())
  registry$frame <- frame
  registry$ids <- list()
  registry$columns <- list()
  registry
}

#' The id of a column, which is made only when it is new (`column` is lazy)
#' @noRd
column_id <- function(registry, key, column) {
  id <- registry$ids[[key]]
  if (is.null(id)) {
    id <- length(registry$columns) + 1L
    registry$columns[[id]] <- column
    registry$ids[[key]] <- id
  }
  id
}

#' Ids of the columns of a numeric variable
#' @noRd
number_ids <- function(operand, registry) {
  value <- operand$value
  if (!is.matrix(value)) return(column_id(registry, operand$key, value))
  vapply(seq_len(ncol(value)), function(j) {
    column_id(registry, paste0(operand$key, "\r", j), unname(value[, j]))
  }, 0L)
}

#' Id of the codes of a variable with levels
#' @noRd
code_id <- function(key, registry) {
  column_id(registry, paste0(key, "\rcodes"), level_codes(key, registry$frame))
}

#' 1-based codes of a variable with levels; a factor is its own
#' @noRd
level_codes <- function(key, frame) {
  value <- frame$variables[[key]]
  if (is.factor(value)) value
  else if (is.logical(value)) as.integer(value) + 1L
  else frame$codes[[key]]
}
