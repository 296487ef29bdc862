# Fits with lo() terms. The terms beside them are fitted with the surfaces as offsets,
# their smoothing parameters and variances among them; then all surfaces are solved for
# together with the coefficients, with the weights that they have there
# (loess/joint.hpp); and so on until linear predictors stand still. A gaussian model
# without anything to estimate in its penalties takes one round.
# Source: Hastie & Tibshirani (1990) Generalized Additive Models, sections 5.3 and 6.3.

#' Fit with lo() terms, if there are any
#' @param fit_once A function of a setup, with the lo() terms' surfaces in its offsets.
#' @noRd
fit_with_loess <- function(setup, fit_once) {
  if (!has_loess(setup$frame)) return(fit_once(setup))
  check_loess_setup(setup)
  keep <- setup$control$keep_data
  setup$control$keep_data <- TRUE
  setup <- choose_spans(setup, function(setup) fit_surfaces(setup, fit_once))
  object <- fit_surfaces(setup, fit_once)
  object$control$keep_data <- keep
  if (keep) object else drop_data(object)
}

#' Fit with lo() terms whose spans are numbers
#' @noRd
fit_surfaces <- function(setup, fit_once) {
  terms <- loess_terms(setup)
  at <- NULL
  for (round in seq_len(50L)) {
    now <- loess_round(setup, terms, fit_once, first = is.null(at))
    # surfaces that grow without end put other terms out of their range at last
    if (is.null(now)) break
    at <- now
    if (at$moved < 1e-8) break
    terms <- move_surfaces(terms, at$theta)
  }
  for (one in at$warnings) warning(one)
  warn_troubled_surfaces(at$terms, at$troubled)
  object <- add_surfaces(at$fit, setup, at$terms, at$covariance)
  lost <- rows_without_weight(object)
  if (length(lost)) report_separated_loess(object, lost)
  else if (at$moved < 1e-8) object
  else report_unsettled_loess(object, at$moved)
}

#' The other terms at the surfaces as they are, and what the whole system asks for
#' @return list: `fit`, its `warnings`, `terms`, `theta`, `troubled`, `covariance`,
#'   `moved`; `NULL` where a round after the first has no fit.
#' @noRd
loess_round <- function(setup, terms, fit_once, first) {
  tryCatch({
    fitted <- hold_warnings(fit_once(with_surfaces(setup, terms)))
    joint <- loess_joint(fitted$value, terms)
    c(list(fit = fitted$value, warnings = fitted$warnings, terms = terms,
           moved = surface_change(terms, joint$theta, fitted$value)), joint)
  }, gamut_error = function(e) if (first) stop(e))
}

#' Neighbourhoods without weight, or whose places do not determine a polynomial
#' @noRd
warn_troubled_surfaces <- function(terms, troubled) {
  for (i in which(lengths(troubled) > 0L)) {
    basis <- terms[[i]]$basis
    places <- basis$surface$vertices[troubled[[i]] + 1L, , drop = FALSE]
    text <- apply(format(signif(places, 4L), trim = TRUE), 1L, paste, collapse = ", ")
    if (ncol(places) > 1L) text <- paste0("(", text, ")")
    warn_gamut("lo(", paste(basis$term, collapse = ","), "): the rows around ",
               length(text), if (length(text) == 1L) " place has" else " places have",
               " no weight, or too few different values for a polynomial of degree ",
               basis$degree, ": ", enumerate(text), ". There the surface is not to be ",
               "trusted; a larger span takes more values in.",
               class = "loess_neighbourhood", data = list(places = places))
  }
}

#' Rows of a family without a dispersion whose means are at the end of their range
#' @noRd
rows_without_weight <- function(object) {
  if (!has_fixed_dispersion(object$family)) return(integer())
  weight <- unpack_blocks(fit_rows(object, loess_information(object))$weight,
                          length(object$predictors))
  size <- apply(weight, 1L, function(w) max(abs(w)))
  which(prior_weights(object) > 0 & size < 1e-9 * prior_weights(object))
}

#' @noRd
report_separated_loess <- function(object, rows) {
  text <- paste0("surfaces of lo() terms grow without end, as the responses around row",
                 if (length(rows) > 1L) "s", " ", enumerate(rows), " are all alike")
  object$convergence[c("converged", "code", "message")] <- list(FALSE, "diverging", text)
  warn_gamut("the fit did not converge: ", text, ". A larger span, or s() in the place ",
             "of lo(), takes in rows that differ.",
             class = c("separation", "convergence"),
             call = object$call, data = list(rows = rows))
  object
}

#' How far the surfaces are from those that the whole system asks for, in standard
#' deviations of the linear predictor
#' @noRd
surface_change <- function(terms, theta, object) {
  eta <- fit_eta(object)
  change <- move_surfaces(terms, theta)
  moved <- Map(function(old, new) {
    new$theta <- new$theta - old$theta
    max(abs(surface_values(new, object$control$threads))) /
      max(stats::sd(eta[, old$predictor]), 1e-10)
  }, terms, change)
  max(unlist(moved))
}

#' Fit with smooths of given degrees of freedom and lo() terms, where there are any
#' @noRd
fit_smoothers <- function(setup, fit_once) {
  fit_with_loess(setup, function(setup) fit_with_df(setup, fit_once))
}

#' @noRd
check_loess_setup <- function(setup) {
  if (setup$nagq > 1L) {
    abort_argument("nagq", "1 for a model with lo() terms", setup$nagq)
  }
}

#' @param moved What the last round still moved, in standard deviations.
#' @noRd
report_unsettled_loess <- function(object, moved) {
  edf <- conditional_edf(object)
  text <- if (edf > 0.99 * object$nobs) {
    paste0("the model has ", format(signif(edf, 3L)), " degrees of freedom for ",
           object$nobs, " rows: its surfaces follow the responses, and nothing ",
           "determines them. Give lo() terms larger spans or lower degrees")
  } else {
    paste0("the surfaces of lo() terms did not settle in 50 rounds: the last moved by ",
           format(signif(moved, 2L)), " standard deviations of the linear predictor")
  }
  if (object$convergence$converged) {
    object$convergence[c("converged", "code", "message")] <- list(FALSE, "loess", text)
  }
  warn_gamut(text, ".", class = c("loess", "convergence"), call = object$call)
  object
}

#' Every lo() term in each linear predictor that it enters
#'
#' @return A list of lists: `smooth` (number among the problem's smooths), `predictor`
#'   (number of the first linear predictor that it enters), its `loading`, `x`,
#'   `polynomial` (1 and the basis before the fit), `basis`, `theta` (levels and slopes,
#'   0 yet), and `leader`, the first of those with the same basis, which has one split
#'   into polynomial and rest in all its linear predictors.
#' @noRd
loess_terms <- function(setup) {
  smooths <- setup$problem$smooths
  chosen <- which(vapply(smooths, function(s) inherits(s$piece$basis, "lo_basis"), NA))
  bases <- lapply(smooths[chosen], function(s) s$piece$basis)
  lapply(chosen, function(i) {
    basis <- smooths[[i]]$piece$basis
    x <- covariates_as_columns(covariate_data(smooths[[i]]$piece, setup$frame$variables))
    columns <- nrow(basis$surface$vertices) * (ncol(x) + 1L)
    loading <- setup$problem$terms[[smooths[[i]]$term]]$loading[, 1L]
    list(smooth = i, predictor = smooths[[i]]$predictor, loading = loading, x = x,
         basis = basis,
         polynomial = cbind(1, loess_polynomial(basis, x)), theta = numeric(columns),
         leader = which(vapply(bases, identical, NA, basis))[1L])
  })
}

#' The values of a term's surface at its rows
#' @noRd
surface_values <- function(term, threads) {
  surface <- c(term$basis$surface, list(values = term$theta))
  loess_surface_cpp(surface, term$x, FALSE, FALSE, FALSE, threads)$fit
}

#' A setup with the surfaces among its offsets
#' @noRd
with_surfaces <- function(setup, terms) {
  for (term in terms) {
    value <- surface_values(term, setup$control$threads)
    setup$frame <- add_surface_offset(setup$frame, setup$problem$layout, term, value)
  }
  setup$problem$offsets <- spread_offsets(setup$frame, setup$problem$layout)
  setup
}

#' Add a surface to the offset of the linear predictors that it enters
#' @noRd
add_surface_offset <- function(frame, layout, term, value) {
  p <- layout[[term$predictor]]$predictor
  old <- frame$offsets[[p]] %||% rep(0, frame$rows)
  signs <- vapply(layout, `[[`, 0, "offset_sign")
  if (!layout[[term$predictor]]$spread) {
    frame$offsets[[p]] <- old + (term$loading * signs)[term$predictor] * value
    return(frame)
  }
  # a column for each of the linear predictors that share the formula
  sharing <- which(vapply(layout, `[[`, 0L, "predictor") == p)
  if (!is.matrix(old)) old <- matrix(old, frame$rows, length(sharing))
  frame$offsets[[p]] <- old + outer(value, (term$loading * signs)[sharing])
  frame
}

#' @noRd
move_surfaces <- function(terms, theta) {
  first <- 0L
  for (i in seq_along(terms)) {
    size <- length(terms[[i]]$theta)
    terms[[i]]$theta <- theta[first + seq_len(size)]
    first <- first + size
  }
  terms
}

#' Levels and slopes of all surfaces and the other coefficients solved for at once
#' @noRd
loess_joint <- function(object, terms) {
  problem <- fit_problem(object)
  information <- loess_information(object)
  rows <- engine_rows(problem, fit_eta(object), information)
  sent <- lapply(terms, sent_term, weight = rows$weight,
                 predictors = length(object$predictors))
  tryCatch(
    loess_joint_cpp(problem, mixed_estimates(object), sent, information == "expected"),
    error = function(e) abort_engine(e)
  )
}

#' A term as the engine wants it, with weights l'W l of its loading l
#' @noRd
sent_term <- function(term, weight, predictors) {
  blocks <- unpack_blocks(weight, predictors)
  own <- 0
  for (a in which(term$loading != 0)) {
    for (b in which(term$loading != 0)) {
      own <- own + term$loading[a] * term$loading[b] * blocks[, a, b]
    }
  }
  list(loading = term$loading, x = term$x, weights = pmax(own, 0),
       span = term$basis$span, degree = term$basis$degree, surface = term$basis$surface,
       polynomial = term$polynomial, theta = term$theta, leader = term$leader)
}

#' Weights of local regressions must not be negative
#' @noRd
loess_information <- function(object) {
  if (object$family$has_expected) "expected" else "working"
}

#' The frame as before its surfaces were fitted
#' @noRd
without_surfaces <- function(frame) {
  change_loess_pieces(frame, function(piece) {
    piece$basis["gamma"] <- NULL
    piece$columns <- piece$null_dim <- piece$basis$columns <- piece$basis$null_dim <-
      nrow(piece$basis$powers)
    piece
  })
}

#' @noRd
has_surfaces <- function(object) !is.null(object$loess)

#' Local regression has no likelihood but that at the surfaces as they are
#' @noRd
refuse_surfaces <- function(object, what, instead = NULL) {
  if (!has_surfaces(object)) return(invisible())
  abort_gamut(what, " is not for models with lo() terms, which have no likelihood but ",
              "the conditional one, at their surfaces. ", instead %||%
                "Compare such fits by AIC(), or use s() in the place of lo().",
              class = "unsupported")
}
