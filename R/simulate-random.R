# Random effects drawn anew, for simulated responses.

#' What is drawn from: a problem in which new levels have effects, and covariances' roots
#'
#' @param choice Effects that stay at their modes.
#' @param allow What is done with new levels of groupings whose effects stay.
#' @return `ask` with `rows$problem` and `anew`, for each random entry a list of `first`,
#'   `levels`, `root` of the covariance, `modes` (levels x effects) and `stays`.
#' @noRd
drawn_levels <- function(ask, choice, allow) {
  object <- ask$object
  frame <- ask$rows$frame
  staying <- vapply(choice, any, NA)
  if (ask$rows$new) {
    keys <- vapply(object$random[staying], `[[`, "", "key")
    still <- frame
    still$group_codes <- frame$group_codes[names(frame$group_codes) %in% keys]
    lost <- unknown_rows(still, allow)
    check_new_places(frame, "error")
    if (allow == "missing") ask$rows$lost <- lost
    frame <- with_new_levels(frame, object)
    ask$rows$frame <- frame
    ask$rows$problem <- fit_problem(object, frame)
  }
  ask$coefficients <- all_fixed(ask$rows$problem, object)
  ask$anew <- Map(function(entry, fitted, stays) {
    levels <- length(entry$levels)
    modes <- matrix(0, levels, length(entry$effects))
    modes[seq_len(nrow(fitted$modes)), ] <- fitted$modes
    list(first = entry$first, levels = levels, modes = modes, stays = stays,
         root = covariance_root(fitted$covariance))
  }, ask$rows$problem$random, object$random, choice)
  ask
}

#' New data whose unknown levels are levels of their own
#' @noRd
with_new_levels <- function(frame, object) {
  for (key in names(frame$groups)) {
    new <- is.na(frame$group_codes[[key]])
    if (!any(new)) next
    known <- vapply(object$random, function(entry) {
      entry$key == key && entry$parts[[1L]]$structure == "known"
    }, NA)
    if (any(known)) abort_new_levels(frame, lapply(frame$group_codes, function(code) {
      which(is.na(code))
    }))
    group <- frame$groups[[key]]
    labels <- lapply(names(group$factors), function(factor) {
      as.character(frame$variables[[factor]])[new]
    })
    labels <- do.call(paste, c(labels, sep = ":"))
    added <- unique(labels)
    codes <- frame$group_codes[[key]]
    codes[new] <- length(group$levels) + match(labels, added)
    frame$group_codes[[key]] <- codes
    frame$groups[[key]]$levels <- c(group$levels, added)
  }
  frame
}

#' Coefficients of a problem with all effects 0
#' @noRd
all_fixed <- function(problem, object) {
  fixed <- estimated_coefficients(object)[seq_len(count_without_random(object))]
  c(fixed, numeric(problem$coefficients - length(fixed)))
}

#' A root R of a covariance R R' that may be of deficient rank
#' @noRd
covariance_root <- function(covariance) {
  parts <- eigen(covariance, symmetric = TRUE)
  parts$vectors * rep(sqrt(pmax(parts$values, 0)), each = nrow(covariance))
}

#' Effects of all levels, then a response, again and again
#' @noRd
draw_effects_and_responses <- function(source, nsim, ask) {
  object <- ask$object
  lapply(seq_len(nsim), function(i) {
    for (entry in ask$anew) {
      effects <- draw_effects(entry)
      ask$coefficients[entry$first + seq_along(effects)] <- effects
    }
    source$par <- fit_parameters(object, row_predictors(ask))
    draw_responses(source, 1L)[[1L]]
  })
}

#' One set of effects, in the order of coefficients
#' @noRd
draw_effects <- function(entry) {
  size <- ncol(entry$root)
  drawn <- matrix(stats::rnorm(entry$levels * size), entry$levels) %*% t(entry$root)
  drawn[, entry$stays] <- entry$modes[, entry$stays]
  as.vector(t(drawn))
}
