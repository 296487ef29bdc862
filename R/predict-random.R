# Random effects in predictions and simulations: which of them count, and what is said of
# rows whose group the fit does not know.
#
# A choice is a list with a logical vector for each entry of `object$random`: which
# effects of a level count. NULL is the choice of all.

#' The choice that `re.form` makes
#'
#' @param re_form `NULL` for all random effects; `NA` or `~0` for none; a one-sided
#'   formula of bars for those.
#' @noRd
random_choice <- function(object, re_form) {
  if (is.null(re_form)) return(NULL)
  sizes <- lapply(object$random, function(entry) length(entry$effects))
  none <- lapply(sizes, logical)
  if (length(re_form) == 1L && is.atomic(re_form) && is.na(re_form)) return(none)
  if (!inherits(re_form, "formula") || length(re_form) != 2L) {
    abort_argument("re.form", "NULL, NA or a one-sided formula such as ~(1 | g)", re_form)
  }
  bars <- wanted_bars(re_form)
  Reduce(function(choice, bar) add_bar(choice, bar, object), bars, none)
}

#' @noRd
wanted_bars <- function(re_form) {
  parts <- split_terms(re_form[[2L]], environment(re_form))
  bars <- vapply(parts$specials, inherits, NA, "gamut_random_spec")
  fixed <- parts$parametric
  if (!all(bars) || !(is.null(fixed) || identical(fixed, 0))) {
    abort_gamut("`re.form` takes random effects only, as in ~(1 | g), or ~0 for none; ",
                "fixed effects and offsets always count.", class = "argument",
                data = list(argument = "re.form"))
  }
  parts$specials
}

#' The effects of one bar added to a choice; it may pick some of the fit's effects only
#' @noRd
add_bar <- function(choice, bar, object) {
  key <- group_key(names(group_factors(bar$group)))
  terms <- stats::terms(bar$lhs)
  wanted <- c(if (attr(terms, "intercept")) "(Intercept)", attr(terms, "term.labels"))
  found <- character()
  for (e in seq_along(object$random)) {
    entry <- object$random[[e]]
    if (entry$key != key) next
    for (part in entry$parts) {
      at <- part$terms %in% wanted
      choice[[e]][part$columns[at]] <- TRUE
      found <- c(found, part$terms[at])
    }
  }
  lacking <- setdiff(wanted, found)
  if (length(lacking)) abort_absent_effect(lacking, bar, object)
  choice
}

#' @noRd
abort_absent_effect <- function(lacking, bar, object) {
  labels <- unlist(lapply(object$random, function(entry) {
    vapply(entry$parts, `[[`, "", "label")
  }))
  abort_gamut("`re.form`: the fit has no random effect ", ticked(lacking), " of `",
              expr_text(bar$group), "`. It has ", ticked(labels), ".",
              class = "argument", data = list(argument = "re.form"))
}

#' Arguments that only a fit with random effects has a use for
#' @noRd
check_random_request <- function(object, re_form, new_levels, ...) {
  if ("allow.new.levels" %in% names(list(...))) {
    abort_gamut("predict() has `allow_new_levels` for the `allow.new.levels` of lme4.",
                class = "argument", data = list(argument = "allow.new.levels"))
  }
  if (is_mixed(object) || !(re_form || new_levels)) return(invisible())
  given <- if (re_form) "re.form" else "allow_new_levels"
  abort_gamut("`", given, "` is for fits with random effects, and this one has none: ",
              "leave it out.", class = "argument", data = list(argument = given))
}

#' Terms and model matrices are those of the fixed effects
#' @noRd
prediction_choice <- function(object, re_form, type) {
  choice <- random_choice(object, re_form)
  if (!is_mixed(object) || !type %in% c("terms", "lpmatrix")) return(choice)
  random_choice(object, NA)
}

#' @noRd
has_no_effect <- function(choice) !is.null(choice) && !any(unlist(choice))

#' The fit without its random effects, but with its smooths: what it says of a group about
#' which nothing is known but that its effects are 0
#'
#' Covariances are those of the fixed effects, and tests normal.
#' @noRd
fixed_part <- function(object) {
  if (!is_mixed(object)) return(object)
  object$frame <- without_random(object$frame)
  smooth <- seq_len(smooth_count(object$smooths))
  object$random <- NULL
  object$modes <- object$modes[smooth]
  object$mode_aliased <- object$mode_aliased[smooth]
  object$df.residual <- Inf
  object
}

#' The same, or the whole fit where smooths apart need its factor
#' @noRd
population_part <- function(object) if (has_apart(object)) object else fixed_part(object)

#' A frame without the bars of which nothing was chosen, so that new data need not have
#' their variables
#' @noRd
frame_of_choice <- function(object, choice) {
  frame <- object$frame
  if (is.null(choice)) return(frame)
  labels <- chosen_labels(object, choice)
  frame$predictors <- lapply(frame$predictors, function(p) {
    p$random <- Filter(function(random) random$label %in% labels, p$random)
    p
  })
  keys <- unlist(lapply(frame$predictors, function(p) {
    vapply(p$random, `[[`, "", "group")
  }))
  frame$groups <- frame$groups[names(frame$groups) %in% keys]
  frame$group_codes <- frame$group_codes[names(frame$group_codes) %in% keys]
  frame
}

#' Labels of the bars of which an effect was chosen
#' @noRd
chosen_labels <- function(object, choice) {
  unlist(Map(function(entry, kept) {
    used <- vapply(entry$parts, function(part) any(kept[part$columns]), NA)
    vapply(entry$parts[used], `[[`, "", "label")
  }, object$random, choice))
}

#' The problem of a frame in which only chosen effects enter, with the coefficients of
#' the fit
#' @noRd
problem_of_choice <- function(object, frame, choice) {
  problem <- fit_problem(object, frame)
  if (is.null(choice)) return(problem)
  for (t in seq_along(problem$random)) {
    entry <- problem$random[[t]]
    place <- place_in_fit(entry, object)
    problem <- renumber_effects(problem, entry, object$random[[place$entry]],
                                place$columns)
    problem <- mask_effects(problem, entry, choice[[place$entry]][place$columns])
    problem$random[[t]]$place <- place
  }
  problem$coefficients <- length(estimated_coefficients(object))
  problem
}

#' Which entry of the fit the effects of a problem's entry are those of, and which of
#' its effects
#' @noRd
place_in_fit <- function(entry, object) {
  labels <- vapply(entry$parts, `[[`, "", "label")
  for (e in seq_along(object$random)) {
    fitted <- object$random[[e]]
    known <- vapply(fitted$parts, `[[`, "", "label")
    same <- fitted$key == entry$key && identical(fitted$predictor, entry$predictor) &&
      all(labels %in% known)
    if (!same) next
    columns <- lapply(fitted$parts[match(labels, known)], `[[`, "columns")
    return(list(entry = e, columns = unlist(columns)))
  }
}

#' Coefficients of a problem's effects as the fit numbers them
#' @noRd
renumber_effects <- function(problem, entry, fitted, columns) {
  size <- length(entry$effects)
  place <- problem$terms[[entry$term]]$position - entry$first - 1L
  level <- place %/% size
  problem$terms[[entry$term]]$position <- as.integer(
    fitted$first + level * length(fitted$effects) + columns[place %% size + 1L]
  )
  problem
}

#' Take effects out of a term: their columns lead to no coefficient
#'
#' What is left has no covariance of its size: for predictions none is needed.
#' @noRd
mask_effects <- function(problem, entry, kept) {
  if (all(kept)) return(problem)
  term <- problem$terms[[entry$term]]
  storage <- problem$storages[[term$storage]]
  loadings <- ncol(term$loading)
  # all predictors that a term enters have the same columns
  kept <- kept[seq_len(length(entry$effects) / loadings)]
  size <- length(entry$levels) * length(kept)
  map <- storage$map %||% seq_len(size)
  stays <- rep_len(kept, size)
  storage$map <- c(0L, cumsum(stays) * stays)[map + 1L]
  term$position <- term$position[rep.int(stays, loadings)]
  term$covariance <- NULL
  problem$storages <- c(problem$storages, list(storage))
  term$storage <- length(problem$storages)
  problem$terms[[entry$term]] <- term
  problem
}

#' What is done with rows of a group that the fit does not know
#' @noRd
check_new_levels <- function(allow) {
  if (isFALSE(allow)) return("error")
  if (isTRUE(allow)) return("population")
  if (identical(allow, "population") || identical(allow, "missing")) return(allow)
  abort_argument("allow_new_levels", "FALSE, TRUE, \"population\" or \"missing\"", allow)
}

#' Rows of the frame with a group that the fit does not know
#' @noRd
unknown_rows <- function(frame, allow) {
  codes <- frame$group_codes
  bad <- lapply(codes, function(code) which(is.na(code)))
  if (allow == "error" && any(lengths(bad))) abort_new_levels(frame, bad)
  sort(unique(unlist(bad)))
}

#' @noRd
abort_new_levels <- function(frame, bad) {
  key <- names(frame$groups)[lengths(bad) > 0L][1L]
  new <- frame$new_levels[[key]]
  rows <- bad[[key]]
  if (!is.null(frame$kept)) rows <- frame$kept[rows]
  abort_gamut(
    "`newdata` has ", if (length(new) > 1L) "levels" else "a level", " of `",
    frame$groups[[key]]$label, "` that the fit does not know: ",
    enumerate(dQuote(new, FALSE)), ". With allow_new_levels = \"population\" their ",
    "effects are taken as 0, with the variance of a new level; \"missing\" predicts NA; ",
    "re.form = NA leaves out all random effects.",
    class = c("new_levels", "newdata"), data = list(levels = new, rows = rows)
  )
}

#' Covariances of the linear predictors of a mixed fit's rows, packed
#'
#' Estimates of fixed effects and modes of known levels err together; what is not known
#' of an unknown level is all of its variance.
#' @noRd
random_row_covariances <- function(ask) {
  object <- ask$object
  if (!has_data(object) && !is.null(ask$data)) {
    object$frame <- frame_with_data(object, ask$data, "predict()")
  }
  covariances <- mixed_row_covariances(object, without_excluded(ask))
  correction <- ask$object$joint$correction
  if (!is.null(correction)) {
    covariances <- covariances +
      joint_row_covariances(ask$object, ask$rows$frame, ask$drop, correction)
  }
  if (!length(ask$rows$unknown)) return(covariances)
  covariances + prior_covariances(ask, lapply(ask$object$random, `[[`, "covariance"))
}

#' The problem in which smooths that are excluded enter no linear predictor
#' @noRd
without_excluded <- function(ask) {
  problem <- ask$rows$problem
  labels <- vapply(problem$smooths, `[[`, "", "label")
  kept <- setdiff(ask$drop, labels)
  if (length(kept) && needs_errors(ask)) {
    abort_gamut("`exclude`: beside random effects, and smooths of more than ",
                joint_limit, " coefficients, there are no standard errors without ",
                ticked(kept), ". Smooths can be left out.", class = "unsupported")
  }
  for (smooth in problem$smooths[labels %in% ask$drop]) {
    problem$terms[[smooth$term]]$loading[] <- 0
  }
  problem
}

#' z' Sigma z of the rows whose level is not known, packed
#' @param covariances Sigma of each of the fit's terms.
#' @noRd
prior_covariances <- function(ask, covariances) {
  problem <- ask$rows$problem
  size <- problem$predictors
  total <- matrix(0, problem$rows, size * (size + 1L) / 2L)
  places <- new_place_rows(ask$rows$frame)
  for (t in seq_along(problem$random)) {
    entry <- problem$random[[t]]
    place <- entry$place %||% list(entry = t, columns = seq_along(entry$effects))
    rows <- which(is.na(ask$rows$frame$group_codes[[entry$key]]))
    sigma <- covariances[[place$entry]]
    sigma <- sigma[place$columns, place$columns, drop = FALSE]
    kept <- ask$rows$choice[[place$entry]][place$columns]
    if (!is.null(kept)) sigma[!kept, ] <- sigma[, !kept] <- 0
    apart <- places[[entry$parts[[1L]]$label]]
    rows <- c(setdiff(rows, apart), apart)
    if (!length(rows)) next
    weights <- effect_weights(problem, problem$terms[[entry$term]], rows, length(apart))
    for (j in seq_len(size)) {
      for (i in seq.int(j, size)) {
        at <- packed_index(i, j, size)
        total[rows, at] <- total[rows, at] +
          rowSums((weights[[i]] %*% sigma) * weights[[j]])
      }
    }
  }
  total
}

#' What the effects of a row's level are multiplied by in each linear predictor: rows x
#' effects, for each of the predictors
#' @param apart Number of the last rows that are at places without effects: any effect
#'   has their variance.
#' @noRd
effect_weights <- function(problem, term, rows, apart = 0L) {
  z <- effect_columns(problem, problem$storages[[term$storage]])[rows, , drop = FALSE]
  z[length(rows) - apart + seq_len(apart), 1L] <- 1
  lapply(seq_len(problem$predictors), function(k) {
    matrix(outer(z, term$loading[k, ]), length(rows))
  })
}
