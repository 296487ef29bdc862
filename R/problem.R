# The problem: what the engine is given. Plain vectors, column programs, terms with
# their loadings, response, weights, offsets and the family's description; no formula
# and no data frame.

#' Build the engine's problem from a frame
#'
#' Every term has a storage (columns) and a loading (which predictors its coefficients
#' enter): parameter k of a distribution loads e_k, and the terms of a categorical
#' response load the identity, one coefficient per column and category. Predictors with
#' formulas of their own have terms of their own; thresholds, and slopes that all of
#' them share, are in problem-thresholds.R.
#'
#' Coefficients of smooths follow the parametric ones, see term-smooth.R, and random
#' effects come last, one grouping after another, see term-random.R.
#'
#' @param frame A frame, or a new frame (then without response and weights).
#' @return list: `rows`, `predictors` (K), `columns`, `storages`, `terms`, `response`,
#'   `weights`, `offsets`, `family`, `names` of the fixed coefficients, `layout`: for each
#'   of the K, list(name, parameter, predictor, names, assign, term_labels, position,
#'   sign, role, coefficients), see `coefficient_layout()`; `coefficients`, the number of
#'   all, `smooths`, see `smooth_pieces()`, and `random`, see `random_pieces()`.
#' @noRd
build_problem <- function(frame, family) {
  registry <- new_registry(frame)
  programs <- lapply(frame$predictors, parametric_program, frame = frame,
                     registry = registry)
  layout <- coefficient_layout(frame, programs, family)
  pieces <- storages_and_terms(programs, layout)
  names <- coefficient_names(layout)
  smooth <- smooth_pieces(frame, layout, family, registry, pieces, length(names))
  random <- random_pieces(frame, layout, family, registry, smooth, smooth$coefficients)
  engine <- if (is.null(family$engine_response)) frame$y
            else family$engine_response(frame$y)
  list(
    rows = frame$rows, predictors = length(layout), columns = registry$columns,
    storages = random$storages, terms = random$terms,
    response = engine$y, weights = engine$weights,
    offsets = spread_offsets(frame, layout),
    family = engine_family(family, frame$levels, frame$y$y,
                           pilot_residuals(frame, family)),
    names = names, layout = layout, coefficients = random$coefficients,
    outside = outside_integral(layout, frame, smooth$smooths, random$coefficients),
    smooths = smooth$smooths, random = random$random
  )
}

#' Where the coefficients of each linear predictor are
#'
#' Predictors come one after another; thresholds before all other coefficients, and
#' slopes that predictors share before those of their own.
#' @return For each linear predictor: `name`, its `parameter`, `predictor` (number of the
#'   frame's predictor), `names`, `assign` and `term_labels` of the columns of its model
#'   matrix; for each column `position` of the coefficient in the vector of all, `sign`
#'   with which it enters, `role` ("own", "shared", "threshold"), and `coefficients`, its
#'   name among all.
#' @noRd
coefficient_layout <- function(frame, programs, family) {
  etas <- frame$etas
  places <- lapply(seq_along(etas$label), function(k) {
    eta <- lapply(etas, `[[`, k)
    source <- eta_source(eta, names(frame$predictors), family)
    program <- programs[[source]]
    place <- list(name = eta$label, parameter = eta$parameter, predictor = source,
                  spread = eta$spread, names = program$names, assign = program$assign,
                  term_labels = program$term_labels)
    c(place, column_roles(place, frame, family))
  })
  names(places) <- etas$label
  prefix <- ifelse(etas$spread | seq_along(places) > 1L, paste0(etas$label, ":"), "")
  places <- Map(name_coefficients, places, prefix)
  place_coefficients(places)
}

#' Number of the frame's predictor that a linear predictor has: its own, or its
#' parameter's
#' @noRd
eta_source <- function(eta, given, family) {
  own <- eta$spread && eta$label %in% setdiff(given, family$parameters)
  match(if (own) eta$label else eta$parameter, given)
}

#' @noRd
name_coefficients <- function(place, prefix) {
  full <- if (length(place$names)) paste0(prefix, place$names) else character()
  shared <- place$role == "shared"
  full[shared] <- place$names[shared]
  full[place$role == "threshold"] <- place$name
  place$coefficients <- full
  place
}

#' @noRd
place_coefficients <- function(places) {
  taken <- 0L
  for (role in c("threshold", "shared", "own")) {
    first <- NULL
    for (k in seq_along(places)) {
      at <- which(places[[k]]$role == role)
      if (is.null(places[[k]]$position)) {
        places[[k]]$position <- integer(length(places[[k]]$role))
      }
      if (!length(at)) next
      if (role == "shared" && !is.null(first)) {
        places[[k]]$position[at] <- first
        next
      }
      places[[k]]$position[at] <- taken + seq_along(at)
      if (role == "shared") first <- places[[k]]$position[at]
      taken <- taken + length(at)
    }
  }
  places
}

#' @noRd
coefficient_names <- function(layout) {
  names <- character()
  for (l in layout) names[l$position] <- l$coefficients
  names
}

#' Storages, shared between predictors where equal, and terms
#'
#' A part whose columns have several roles is stored in pieces.
#' @noRd
storages_and_terms <- function(programs, layout) {
  storages <- terms <- list()
  source <- vapply(layout, `[[`, 0L, "predictor")
  for (p in unique(source)) {
    etas <- which(source == p)
    role <- layout[[etas[1L]]]$role
    for (part in c(list(programs[[p]]$dense), programs[[p]]$index)) {
      if (is.null(part)) next
      for (kind in unique(role[part$position])) {
        columns <- role[part$position] == kind
        storage <- subset_storage(part$storage, columns)
        id <- match_storage(storage, storages)
        storages[[id]] <- storage
        term <- term_of_role(kind, part$position[columns], etas, layout)
        terms <- c(terms, list(c(list(storage = id), term)))
      }
    }
  }
  list(storages = storages, terms = terms)
}

#' Loading and positions of some columns that enter the predictors `etas`
#' @noRd
term_of_role <- function(role, columns, etas, layout) {
  sign <- layout[[etas[1L]]]$sign[columns[1L]]
  loading <- sign * diag(length(layout))[, etas, drop = FALSE]
  if (role == "shared") {
    loading <- matrix(rowSums(loading))
    etas <- etas[1L]
  }
  position <- unlist(lapply(layout[etas], function(l) l$position[columns]))
  list(loading = loading, position = unname(position))
}

#' @noRd
match_storage <- function(storage, storages) {
  for (id in seq_along(storages)) if (identical(storage, storages[[id]])) return(id)
  length(storages) + 1L
}

#' One offset per eta; a matrix has a column for each of the etas that share it
#' @noRd
spread_offsets <- function(frame, layout) {
  source <- vapply(layout, `[[`, 0L, "predictor")
  lapply(seq_along(layout), function(k) {
    offset <- frame$offsets[[source[k]]]
    sharing <- which(source == source[k])
    if (is.matrix(offset)) {
      if (ncol(offset) != length(sharing) || !layout[[k]]$spread) {
        abort_gamut("An offset must be a vector, or for a categorical response a matrix ",
                    "with a column for each category but the reference (",
                    length(sharing), ", not ", ncol(offset), ").", class = "data")
      }
      offset <- offset[, match(k, sharing)]
    }
    if (layout[[k]]$offset_sign < 0 && !is.null(offset)) -offset else offset
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

#' Coefficients over which a restricted likelihood does not integrate
#'
#' Those of all parameters but the first (dispersions, shapes, probabilities of zeros),
#' which are parameters of the criterion beside the variances. Where they have smooths,
#' one integrates over these coefficients and the functions that no penalty acts on alike,
#' as mgcv does; but not beside random effects: at the mode of all together a dispersion
#' is that of residuals which effects of many levels have made small, and the Laplace
#' approximation there is a poor one.
#' @return Logical, one for each of all coefficients; of those with a penalty it means
#'   nothing.
#' @noRd
outside_integral <- function(layout, frame, smooths, coefficients) {
  many <- has_levels_of_effects(frame)
  is_beside <- function(place) place$parameter != layout[[1L]]$parameter
  is_smooth <- function(place) length(frame$predictors[[place$predictor]]$smooths) > 0L
  own <- Filter(function(place) is_beside(place) && (many || !is_smooth(place)), layout)
  lines <- Filter(function(entry) {
    many && entry$piece$null_dim > 0L && is_beside(layout[[entry$predictor]])
  }, smooths)
  out <- logical(coefficients)
  out[unlist(lapply(c(own, lines), `[[`, "position"))] <- TRUE
  out
}

#' Bars, or smooths that are random effects
#' @noRd
has_levels_of_effects <- function(frame) {
  smooths <- unlist(lapply(unname(frame$predictors), `[[`, "smooths"), recursive = FALSE)
  pieces <- unlist(lapply(smooths, `[[`, "pieces"), recursive = FALSE)
  any(lengths(lapply(frame$predictors, `[[`, "random")) > 0L) ||
    any(vapply(pieces, function(p) {
      (p$basis$copies %||% 1L) > 1L && length(p$S) > 0L
    }, NA))
}
