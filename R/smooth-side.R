# Nested smooths: s(x) + s(x, z), or s(x) + s(x, by = g). What a smooth of more variables
# has in common with those of fewer is left to the latter: columns of the larger one that
# depend on theirs are dropped, with their rows and columns of the penalties.
# Source: Wood (2017) Generalized Additive Models, 2nd ed., section 5.6.3; the columns are
# chosen by a pivoted QR decomposition as in package mgcv.

#' Drop what smooths of one predictor have in common
#'
#' @param smooths Settled smooths of a predictor, see `settle_smooths()`.
#' @param items Variables of the rows in use, by key.
#' @param intercept Has the predictor an intercept?
#' @return The smooths; pieces with fewer columns have them left out of `map`.
#' @noRd
constrain_nested <- function(smooths, items, intercept) {
  places <- piece_places(smooths)
  if (!any_nested(places)) return(smooths)
  matrices <- lapply(places, function(place) piece_matrix(place$piece, items))
  order <- order(vapply(places, function(place) length(place$variables), 0L))
  for (i in order) {
    if (!isTRUE(places[[i]]$piece$basis$side)) next
    below <- which(vapply(places, is_within, NA, outer = places[[i]]))
    if (!length(below)) next
    lower <- do.call(cbind, c(if (intercept) list(rep(1, nrow(matrices[[i]]))),
                              matrices[below]))
    dropped <- dependent_columns(lower, matrices[[i]])
    if (!length(dropped)) next
    places[[i]]$piece <- drop_columns(places[[i]]$piece, dropped)
    matrices[[i]] <- matrices[[i]][, -dropped, drop = FALSE]
    smooths[[places[[i]]$smooth]]$pieces[[places[[i]]$number]] <- places[[i]]$piece
  }
  smooths
}

#' Every piece, with the names of the variables that it is a function of
#' @noRd
piece_places <- function(smooths) {
  places <- list()
  for (s in seq_along(smooths)) {
    for (p in seq_along(smooths[[s]]$pieces)) {
      piece <- smooths[[s]]$pieces[[p]]
      by <- if (!is.null(piece$by)) paste(c(piece$by, piece$by_level), collapse = "\r")
      places <- c(places, list(list(smooth = s, number = p, piece = piece,
                                    variables = c(piece$covariates, by))))
    }
  }
  places
}

#' @noRd
any_nested <- function(places) {
  any(vapply(places, function(outer) {
    isTRUE(outer$piece$basis$side) &&
      any(vapply(places, is_within, NA, outer = outer))
  }, NA))
}

#' Is a smooth one of fewer of the variables of another?
#' @noRd
is_within <- function(inner, outer) {
  isTRUE(inner$piece$basis$side) &&
    length(inner$variables) < length(outer$variables) &&
    all(inner$variables %in% outer$variables)
}

#' Columns of `upper` that those of `lower` and the others of it determine
#'
#' To the root of the machine's precision, relative to the columns of `lower`.
#' @noRd
dependent_columns <- function(lower, upper) {
  first <- qr(lower, LAPACK = TRUE)
  scale <- mean(abs(diag(qr.R(first))))
  rank <- sum(abs(diag(qr.R(first))) > scale * sqrt(.Machine$double.eps))
  rest <- qr.qty(first, upper)[-seq_len(rank), , drop = FALSE]
  second <- qr(rest, LAPACK = TRUE)
  small <- abs(diag(qr.R(second))) < scale * sqrt(.Machine$double.eps)
  small <- c(small, rep(TRUE, ncol(upper) - length(small)))
  sort(second$pivot[small])
}

#' A piece without some of its columns
#' @noRd
drop_columns <- function(piece, dropped) {
  piece[c("S", "copies", "grouped", "apart")] <- list(whole_basis(piece)$S, 1L, FALSE,
                                                      FALSE)
  map <- piece$map %||% diag(piece$columns)
  piece$map <- map[, -dropped, drop = FALSE]
  piece$columns <- ncol(piece$map)
  piece$S <- lapply(piece$S, function(s) s[-dropped, -dropped, drop = FALSE])
  empty <- vapply(piece$S, function(s) !any(s != 0), NA)
  piece$S <- piece$S[!empty]
  piece$given <- piece$given[!empty]
  piece$scale <- piece$scale[!empty]
  piece$null_dim <- if (length(piece$S)) ncol(null_space(piece$S)) else piece$columns
  piece
}
