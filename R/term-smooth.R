# Smooths as terms of the engine: the columns of each piece, and the law of its
# coefficients, a sum of penalties. Pieces of one id are one term with one set of
# smoothing parameters.

#' The smooth terms of a problem
#'
#' Coefficients of smooths follow the parametric ones, predictor by predictor, and behind
#' them all of the smooths that stand apart, see smooth-blocks.R.
#'
#' @param pieces Storages and terms of the parametric part.
#' @param fixed Number of parametric coefficients.
#' @return list: `storages`, `terms`, `coefficients` (so far), and `smooths`: one entry
#'   for each piece in each linear predictor that it enters: `piece`, `label` (with the
#'   linear predictor before it, but for the main one), `predictor` (number of the linear
#'   predictor, the first of several), `loading` (factors with which it enters each of
#'   all), `position`, `term` (its number among the terms) and `law` (its number
#'   among the terms with a covariance; `NA` without a penalty).
#' @noRd
smooth_pieces <- function(frame, layout, family, registry, pieces, fixed) {
  out <- c(pieces[c("storages", "terms")],
           list(coefficients = fixed, smooths = list(), laws = 0L))
  out$apart <- fixed + joint_columns(frame, layout, family)
  for (p in seq_along(frame$predictors)) {
    smooths <- frame$predictors[[p]]$smooths
    if (!length(smooths)) next
    loading <- random_loading(p, layout, family)
    groups <- linked_pieces(unlist(lapply(smooths, `[[`, "pieces"), recursive = FALSE))
    for (a in seq_len(ncol(loading))) {
      for (group in groups) {
        made <- smooth_term(at_predictor(group, a), p, loading[, a, drop = FALSE], layout,
                            registry, out, shared = ncol(loading) == 1L)
        out <- add_smooth_term(out, made)
      }
    }
  }
  out$coefficients <- as.integer(out$apart)
  out
}

#' Number of coefficients of all smooths but those apart
#' @noRd
joint_columns <- function(frame, layout, family) {
  counts <- lapply(seq_along(frame$predictors), function(p) {
    smooths <- frame$predictors[[p]]$smooths
    if (!length(smooths)) return(0L)
    pieces <- unlist(lapply(smooths, `[[`, "pieces"), recursive = FALSE)
    own <- vapply(pieces, function(p) if (isTRUE(p$apart)) 0L else p$columns, 0L)
    sum(own) * ncol(random_loading(p, layout, family))
  })
  sum(unlist(counts))
}

#' Pieces of one id, or one piece
#' @noRd
linked_pieces <- function(pieces) {
  keys <- vapply(seq_along(pieces), function(i) {
    id <- pieces[[i]]$id
    if (is.null(id)) paste0("piece\r", i) else paste0("id\r", id)
  }, "")
  unname(split(pieces, factor(keys, unique(keys))))
}

#' Pieces with the smoothing parameters of one of their linear predictors, which differ
#' only where they are chosen by degrees of freedom: see `with_df()`
#' @noRd
at_predictor <- function(group, a) {
  lapply(group, function(piece) {
    if (!is.null(piece$df_lambda)) piece$given <- piece$df_lambda[[a]]
    piece
  })
}

#' Storage, term and entries of linked pieces
#' @param shared Is the term one for all linear predictors of its formula?
#' @noRd
smooth_term <- function(group, p, loading, layout, registry, out, shared) {
  sizes <- vapply(group, `[[`, 0L, "columns")
  storage <- if (length(group) == 1L) own_storage(group[[1L]], p, registry)
  apart <- isTRUE(group[[1L]]$apart)
  first <- if (apart) out$apart else out$coefficients
  term <- list(loading = loading, position = first + seq_len(sum(sizes)), apart = apart)
  term$covariance <- penalty_covariance(group, sizes)
  starts <- first + cumsum(c(0L, sizes[-length(sizes)]))
  at <- which(loading[, 1L] != 0)[1L]
  named <- if (layout[[at]]$spread) !shared else at > 1L
  prefix <- if (named) paste0(names(layout)[at], ":")
  entries <- Map(function(piece, start, size) {
    list(piece = piece, label = paste0(prefix, piece$label), predictor = at,
         loading = as.vector(loading), position = start + seq_len(size))
  }, group, starts, sizes)
  list(storage = storage %||% dense_storage(group, p, registry), term = term,
       entries = entries)
}

#' A storage that is smaller than the columns of a piece, or NULL
#' @noRd
own_storage <- function(piece, p, registry) {
  if (isTRUE(piece$grouped)) block_storage(piece, p, registry)
  else spline_storage(piece, registry)
}

#' The columns of linked pieces in full
#' @noRd
dense_storage <- function(group, p, registry) {
  columns <- unlist(lapply(group, piece_columns, p = p, registry = registry),
                    recursive = FALSE)
  list(kind = "dense", columns = columns, intercept = FALSE)
}

#' @noRd
add_smooth_term <- function(out, made) {
  law <- NA_integer_
  if (!is.null(made$term$covariance)) law <- out$laws <- out$laws + 1L
  id <- match_storage(made$storage, out$storages)
  out$storages[[id]] <- made$storage
  made$term$storage <- id
  out$terms <- c(out$terms, list(made$term))
  number <- length(out$terms)
  entries <- lapply(made$entries, c, list(term = number, law = law))
  out$smooths <- c(out$smooths, entries)
  counter <- if (made$term$apart) "apart" else "coefficients"
  out[[counter]] <- out[[counter]] + length(made$term$position)
  out
}

#' The columns of a piece, each a column of the problem
#' @noRd
piece_columns <- function(piece, p, registry) {
  columns <- place_columns(piece, registry)
  if (!is.null(columns)) return(columns)
  key <- paste("smooth", p, piece$label, paste(deparse(piece$id), collapse = ""),
               sep = "\r")
  # made once, and only where its columns are not there yet
  delayedAssign("matrix", piece_matrix(piece, registry$frame$variables))
  lapply(seq_len(piece$columns), function(j) {
    list(vars = column_id(registry, paste0(key, "\r", j), matrix[, j]),
         tables = list(NULL))
  })
}

#' The penalties of linked pieces as one sum, block by block; of a piece that is stored by
#' blocks those of one
#' @noRd
penalty_covariance <- function(group, sizes) {
  count <- length(group[[1L]]$S)
  if (!count) return(NULL)
  grouped <- isTRUE(group[[1L]]$grouped)
  if (grouped) sizes <- nrow(group[[1L]]$S[[1L]])
  total <- sum(sizes)
  starts <- cumsum(c(0L, sizes[-length(sizes)]))
  blocks <- lapply(seq_len(count), function(j) {
    whole <- matrix(0, total, total)
    for (i in seq_along(group)) {
      at <- starts[i] + seq_len(sizes[i])
      whole[at, at] <- if (grouped) group[[i]]$S[[j]] else whole_penalty(group[[i]], j)
    }
    whole
  })
  list(kind = "penalty", size = total, numbers = unlist(blocks), parts = list(),
       given = group[[1L]]$given)
}
