# The fit object of a model with lo() terms: levels and slopes at the vertices become
# coefficients of the terms' bases, with the joint covariance of all.

#' The fit with its surfaces among the coefficients
#'
#' @param setup The setup without surfaces in its offsets.
#' @noRd
add_surfaces <- function(object, setup, terms, joint) {
  frame <- with_vertex_bases(setup, terms, joint)
  problem <- build_problem(frame, setup$family)
  own <- length(object$coefficients) + length(object$modes)
  coefficients <- estimated_coefficients(object) + joint$shift
  place <- coefficient_places(setup$problem, problem, terms, own)
  whole <- numeric(problem$coefficients)
  whole[place$other] <- coefficients
  whole[unlist(place$surfaces)] <- unlist(lapply(terms, `[[`, "theta"))
  object$frame <- frame
  object$offset <- frame$offsets[[1L]]
  object$coefficients[] <- ifelse(is.na(object$coefficients), NA,
                                  whole[seq_along(object$coefficients)])
  modes <- problem$coefficients - length(object$coefficients)
  object$modes <- utils::tail(whole, modes)
  aliased <- rep(TRUE, problem$coefficients)
  aliased[place$other] <- c(is.na(object$coefficients), object$mode_aliased)
  object$mode_aliased <- utils::tail(aliased, modes)
  object <- move_random(object, problem)
  object$smooths <- surface_smooths(object, problem, whole, terms, joint)
  object <- joint_with_surfaces(object, joint, place)
  with_loess_dispersion(object, joint)
}

#' The frame with the whole bases of its lo() terms
#' @noRd
with_vertex_bases <- function(setup, terms, joint) {
  change_loess_pieces(setup$frame, function(piece) {
    i <- which(vapply(terms, function(t) identical(t$basis, piece$basis), NA))[1L]
    piece$basis <- with_vertices(piece$basis, joint$gamma[[i]])
    piece$columns <- piece$null_dim <- piece$basis$columns
    piece
  })
}

#' Where coefficients without and of surfaces are among all
#' @noRd
coefficient_places <- function(before, after, terms, own) {
  other <- integer(own)
  fixed <- seq_along(before$names)
  other[fixed] <- fixed
  for (i in seq_along(before$smooths)) {
    old <- before$smooths[[i]]$position
    other[old] <- after$smooths[[i]]$position[seq_along(old)]
  }
  for (i in seq_along(before$random)) {
    count <- length(before$random[[i]]$effects) * length(before$random[[i]]$levels)
    other[before$random[[i]]$first + seq_len(count)] <-
      after$random[[i]]$first + seq_len(count)
  }
  surfaces <- lapply(terms, function(term) {
    utils::tail(after$smooths[[term$smooth]]$position, length(term$theta))
  })
  list(other = other, surfaces = surfaces)
}

#' @noRd
move_random <- function(object, problem) {
  for (i in seq_along(object$random)) {
    object$random[[i]]$first <- problem$random[[i]]$first
    object$random[[i]]$term <- problem$random[[i]]$term
  }
  object
}

#' Smooths with their coefficients; the degrees of freedom of a lo() term are those of
#' its polynomial and its share in the trace of the joint operator
#' @noRd
surface_smooths <- function(object, problem, whole, terms, joint) {
  number <- vapply(terms, `[[`, 0L, "smooth")
  lapply(seq_along(problem$smooths), function(i) {
    entry <- object$smooths[[i]]
    fields <- c("piece", "position", "loading", "term", "law")
    entry[fields] <- problem$smooths[[i]][fields]
    entry$coefficients <- whole[entry$position]
    t <- match(i, number)
    if (!is.na(t)) {
      entry$edf <- entry$edf1 <- nrow(entry$piece$basis$powers) + joint$edf[t]
      entry$own_trace <- joint$own_trace[t]
    }
    entry
  })
}

#' Covariances of parametric coefficients and smooths, surfaces among them
#' @noRd
joint_with_surfaces <- function(object, joint, place) {
  position <- sort(c(seq_along(object$coefficients),
                     unlist(lapply(joint_smooths(object$smooths), `[[`, "position"))))
  surfaces <- unlist(place$surfaces)
  other <- setdiff(position, surfaces)
  before <- match(other, place$other)
  left <- rbind(-joint$regression[before, , drop = FALSE], diag(length(surfaces)))
  order <- match(position, c(other, surfaces))
  spread <- function(inner) {
    whole <- matrix(0, length(position), length(position))
    own <- seq_along(other)
    whole[own, own] <- inner
    whole <- whole + object$dispersion * left %*% joint$theta %*% t(left)
    whole[order, order]
  }
  object$joint$bayesian <- spread(object$joint$bayesian)
  object$joint$frequentist <- spread(object$joint$frequentist)
  cross <- joint$cross[match(before, joint$position), , drop = FALSE] / object$dispersion
  gram <- rbind(cbind(object$joint$gram, cross),
                cbind(t(cross), joint$gram / object$dispersion))
  object$joint$gram <- gram[order, order]
  object$loess <- list(edf = joint$edf, own_trace = joint$own_trace,
                       other_edf = joint$other_edf, surfaces = surfaces,
                       inverse = joint$inverse,
                       covariance = parametric_part(object))
  # what leverages need, where it is no larger than the data
  if (nrow(joint$regression) <= 5000L) {
    object$loess[c("regression", "influence")] <- joint[c("regression", "influence")]
  }
  object
}

#' The joint covariance of parametric coefficients, unscaled and in the form of those
#' without surfaces
#' @noRd
parametric_part <- function(object) {
  own <- which(!is.na(object$coefficients))
  none <- integer(length(own))
  list(tail = object$joint$bayesian[own, own, drop = FALSE] / object$dispersion,
       centre = as.numeric(none), intercept = none, tail_position = own,
       lead = matrix(0, 0L, 0L), regression = matrix(0, 0L, length(own)),
       lead_position = integer())
}

#' The dispersion allows for the degrees of freedom of the surfaces, which the criterion
#' took as known
#' @noRd
with_loess_dispersion <- function(object, joint) {
  taken <- sum(joint$edf) + joint$other_edf
  object$df.residual <- object$df.residual - taken
  if (object$dispersion_fixed) return(object)
  free <- vapply(object$smooths, function(s) {
    if (inherits(s$piece$basis, "lo_basis")) nrow(s$piece$basis$powers)
    else as.integer(s$piece$null_dim)
  }, 0L)
  left <- object$nobs - object$rank - sum(free)
  ratio <- left / (left - taken)
  object$dispersion <- object$dispersion * ratio
  object$joint$gram <- object$joint$gram / ratio
  object$joint$bayesian <- object$joint$bayesian * ratio
  object$joint$frequentist <- object$joint$frequentist * ratio
  object
}
