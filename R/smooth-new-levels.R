# Levels that the fit does not know, of factors whose levels are draws from a population:
# those of the smooths "fs" and "re". As in random effects the curve of such a level has
# the expectation 0, and the covariance of its coefficients is what the penalty says:
#
#   c ~ N(0, phi (sum_j lambda_j S_j)^-1),   S_j the block of one level.

#' Factors of which a piece can take new levels, by their keys
#' @noRd
open_factors <- function(piece) {
  basis <- piece$basis
  # a map mixes levels, and without a penalty there is no law
  if (!length(piece$S) || !is.null(piece$map)) return(character())
  own <- names(block_codes(basis))
  piece$covariates[match(own, basis$term)]
}

#' Predictors whose smooths take new levels of factors that nothing else has
#' @noRd
open_levels <- function(predictors) {
  smooths <- unlist(lapply(unname(predictors), `[[`, "smooths"), recursive = FALSE)
  pieces <- unlist(lapply(smooths, `[[`, "pieces"), recursive = FALSE)
  open <- unlist(lapply(pieces, open_factors))
  closed <- lapply(pieces, function(piece) {
    c(setdiff(piece$covariates, open_factors(piece)), piece$by)
  })
  open <- setdiff(open, c(unlist(closed), unlist(lapply(predictors, `[[`, "keys"))))
  lapply(predictors, function(predictor) {
    predictor$smooths <- lapply(predictor$smooths, function(smooth) {
      smooth$open <- open
      smooth
    })
    predictor
  })
}

#' Which rows have a level that the basis of a smooth does not know?
#' @noRd
has_new_level <- function(piece, variables) {
  basis <- piece$basis
  keys <- open_factors(piece)
  new <- lapply(keys, function(key) {
    name <- basis$term[match(key, piece$covariates)]
    !as.character(variables[[key]]) %in% block_codes(basis)[[name]]
  })
  Reduce(`|`, new, FALSE)
}

#' For each smooth its rows of new levels
#' @noRd
new_level_rows <- function(object, frame) {
  lapply(object$smooths, function(smooth) {
    which(has_new_level(smooth$piece, frame$variables))
  })
}

#' Curves of new levels are not drawn
#' @noRd
refuse_new_curves <- function(ask) {
  rows <- setdiff(unlist(ask$rows$new_curves), ask$rows$lost)
  if (!length(rows)) return(invisible())
  abort_in_rows("simulate() draws no smooths of new levels, and there are some", rows,
                kept = ask$rows$frame$kept, class = "unsupported",
                advice = " of `newdata`: leave these out.")
}

#' Variance of what a smooth contributes to its rows of new levels
#' @param rows The rows.
#' @return A number for each row.
#' @noRd
new_level_variance <- function(object, smooth, frame, rows) {
  piece <- smooth$piece
  data <- lapply(covariate_data(piece, frame$variables), function(value) {
    if (is.matrix(value)) value[rows, , drop = FALSE] else value[rows]
  })
  z <- block_values(piece$basis, data)
  if (!is.null(piece$by)) z <- z * by_values(piece, frame$variables[[piece$by]][rows])
  phi <- object$dispersion * (object$given$ratio %||% 1)
  phi * rowSums((z %*% block_covariance_of(smooth)) * z)
}

#' (sum_j lambda_j S_j)^-1 of one block, where at the limit of infinite smoothing what a
#' penalty acts on is 0
#' @noRd
block_covariance_of <- function(smooth) {
  penalties <- smooth$piece$S
  at_limit <- is.infinite(smooth$lambda)
  free <- diag(nrow(penalties[[1L]]))
  if (any(at_limit)) free <- null_space(penalties[at_limit])
  if (all(at_limit) || !ncol(free)) return(0 * penalties[[1L]])
  total <- Reduce(`+`, Map(`*`, penalties[!at_limit], smooth$lambda[!at_limit]))
  free %*% solve(crossprod(free, total %*% free), t(free))
}

#' Covariances of linear predictors with those of new levels
#' @noRd
add_new_levels <- function(covariances, ask) {
  size <- length(ask$object$predictors)
  for (i in which(lengths(ask$rows$new_curves) > 0L)) {
    smooth <- ask$object$smooths[[i]]
    if (smooth$label %in% ask$drop) next
    rows <- ask$rows$new_curves[[i]]
    variance <- new_level_variance(ask$object, smooth, ask$rows$frame, rows)
    entered <- which(smooth$loading != 0)
    for (b in entered) {
      for (a in entered[entered >= b]) {
        at <- packed_index(a, b, size)
        covariances[rows, at] <- covariances[rows, at] +
          smooth$loading[a] * smooth$loading[b] * variance
      }
    }
  }
  covariances
}
