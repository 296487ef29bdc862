# The fit of a local regression as an object: totals over its surfaces, and the places
# where neighbourhoods were not what they should be.

#' Numbers of a fit from those of its surfaces
#'
#' @return list: `eta` (with offset), `fitted`, `robust`, `residuals`, `trace.hat`,
#'   `one.delta`, `two.delta`, `leverage`, `sum_squares`, `deviance`, `s`.
#' @noRd
loess_totals <- function(setup, pieces) {
  n <- nrow(setup$x)
  gathered <- function(name) {
    if (length(pieces) == 1L && length(pieces[[1L]][[name]])) return(pieces[[1L]][[name]])
    out <- rep(NA_real_, n)
    for (piece in pieces) if (length(piece[[name]])) out[piece$rows] <- piece[[name]]
    out
  }
  total <- function(name) sum(vapply(pieces, `[[`, 0, name))
  eta <- gathered("fitted") + setup$offset
  none <- setup$control$statistics == "none"
  out <- list(
    eta = eta, robust = gathered("robust"), leverage = gathered("leverage"),
    trace.hat = if (none) NA_real_ else total("trace"),
    one.delta = if (none) NA_real_ else total("one_delta"),
    two.delta = if (none) NA_real_ else total("two_delta")
  )
  # while a span is chosen, the trace is always there
  if (none && all(lengths(lapply(pieces, `[[`, "leverage")))) {
    out$trace.hat <- total("trace")
  }
  c(out, loess_residuals(setup, eta, gathered("pseudo_residuals"), out$one.delta))
}

#' @noRd
loess_residuals <- function(setup, eta, pseudo, one_delta) {
  if (is_likelihood(setup)) return(likelihood_residuals(setup, eta, one_delta))
  residuals <- as.double(setup$y) - eta
  counted <- if (setup$pars$iterations > 1L) pseudo else residuals
  sum_squares <- sum(setup$weights * counted^2)
  list(fitted = eta, residuals = residuals, sum_squares = sum_squares,
       deviance = sum(setup$weights * residuals^2),
       s = residual_scale(sum_squares, one_delta))
}

#' NaN where no degrees of freedom are left
#' @noRd
residual_scale <- function(sum_squares, one_delta) {
  if (is.na(one_delta) || one_delta > 0) sqrt(sum_squares / one_delta) else NaN
}

#' Of a likelihood: the mean, the deviance, and Pearson's estimate of a dispersion
#' @noRd
likelihood_residuals <- function(setup, eta, one_delta) {
  mean <- as.double(setup$family$mean(setup$family$inverse(cbind(eta), setup$family)))
  rows <- likelihood_rows(setup, eta)
  sum_squares <- sum(rows$pearson^2)
  fixed <- has_fixed_dispersion(setup$family)
  list(fitted = mean, residuals = setup$family$observed(setup$y) - mean,
       sum_squares = sum_squares, deviance = sum(rows$objective),
       s = if (fixed) 1 else residual_scale(sum_squares, one_delta))
}

#' Objective and Pearson residual of each row
#' @noRd
likelihood_rows <- function(fit, eta) {
  family <- fit$family
  problem <- list(family = fit$description, response = fit$y,
                  weights = as.double(fit$weights))
  rows <- engine_rows(problem, cbind(eta), working_information(family))
  weight <- as.vector(rows$weight)
  pearson <- ifelse(weight > 0, as.vector(rows$score) / sqrt(weight), 0)
  list(objective = as.vector(rows$objective), pearson = pearson, weight = weight)
}

#' @noRd
new_gamut_loess <- function(setup, pieces, call, spec) {
  totals <- loess_totals(setup, pieces)
  frame <- setup$frame
  main <- main_fields(frame)
  n <- nrow(setup$x)
  names_of_rows <- frame_row_names(frame)
  troubles <- gather_troubles(setup, pieces)
  kept <- c("rows", "group", "label", "range", "operator", "surface")
  object <- list(
    n = n, fitted = totals$fitted,
    residuals = stats::setNames(totals$residuals, names_of_rows),
    enp = totals$one.delta + 2 * totals$trace.hat - n, s = totals$s,
    one.delta = totals$one.delta, two.delta = totals$two.delta,
    trace.hat = totals$trace.hat, divisor = setup$divisor, robust = totals$robust,
    pars = setup$pars, pieces = lapply(pieces, `[`, kept), call = call,
    terms = main$terms, formula = spec$formula, spec = spec,
    xnames = setup$columns$names, x = setup$x, y = loess_y(setup, names_of_rows),
    weights = setup$weights, offset = frame$offsets[[1L]], na.action = main$na.action,
    xlevels = main$xlevels, family = setup$family, control = setup$control,
    method = "local regression", linear.predictors = totals$eta,
    leverage = if (any(!is.na(totals$leverage))) totals$leverage,
    deviance = totals$deviance, dispersion = totals$s^2,
    dispersion_fixed = is_likelihood(setup) && has_fixed_dispersion(setup$family),
    sum_squares = totals$sum_squares, criteria = loess_criteria(setup, totals),
    nobs = sum(setup$weights > 0), df.residual = totals$one.delta^2 / totals$two.delta,
    columns = setup$columns, groups = setup$groups, description = setup$description,
    span_search = setup$span_search, troubles = troubles,
    limited = any(vapply(pieces, `[[`, NA, "limited")), frame = frame
  )
  object["na.action"] <- list(main$na.action)
  structure(object, class = c("gamut_loess", "gamut"))
}

#' The response as loess() has it, a named vector; as the engine has it elsewhere
#' @noRd
loess_y <- function(setup, names) {
  y <- setup$y
  if (is.matrix(y)) y else stats::setNames(as.double(y), names)
}

#' Places whose local regressions are not what they should be, as a data frame
#' @noRd
gather_troubles <- function(setup, pieces) {
  kinds <- c("no width", "no weight", "singular", "no maximum")
  tables <- lapply(pieces, function(piece) {
    found <- piece$troubles
    table <- separated_places(setup, piece)
    if (length(found$kind)) {
      places <- unscaled_places(setup, found$at)
      table <- rbind(data.frame(places, radius = found$radius, rcond = found$rcond,
                                kind = kinds[found$kind], check.names = FALSE), table)
    }
    if (!is.null(table) && nzchar(piece$label)) table$level <- piece$label
    table
  })
  do.call(rbind, tables)
}

#' Rows around which a local likelihood is still growing where its search stopped
#'
#' All responses there are 0, or 1, so that the mean runs off to the end of its range and
#' working weights to 0. The deviance then stands still at about 1e-12.
#' @noRd
separated_places <- function(setup, piece) {
  # without a dispersion weights have no unit
  if (!is_likelihood(setup) || !has_fixed_dispersion(setup$family)) return(NULL)
  prior <- setup$weights[piece$rows]
  lost <- which(prior > 0 & piece$operator < 1e-8 * prior)
  if (!length(lost)) return(NULL)
  places <- unique(setup$x[piece$rows[lost], , drop = FALSE])
  data.frame(places, radius = NA_real_, rcond = NA_real_, kind = "no maximum",
             check.names = FALSE)
}

#' One warning for all places
#' @noRd
warn_troubles <- function(object) {
  if (object$limited) {
    warn_gamut("the tree of boxes reached its limit of vertices, so that boxes are ",
               "larger than `cell` or `tolerance` asks for.", class = "loess_limited")
  }
  troubles <- object$troubles
  if (is.null(troubles)) return(invisible())
  warn_gamut(describe_troubles(object), ".", class = "loess_neighbourhood",
             data = list(places = troubles))
}

#' @noRd
trouble_words <- c(
  "no width" = "have no width, as too many rows are alike (make `span` larger)",
  "no weight" = "hold no row of positive weight (make `span` larger)",
  "singular" = paste("have too few different values for the polynomial, which is the",
                     "shortest solution there (make `span` larger or `degree` smaller)"),
  "no maximum" = paste("have no maximum of the local likelihood, as when all responses",
                       "are alike (make `span` larger or `degree` smaller)")
)

#' @noRd
describe_troubles <- function(object) {
  troubles <- object$troubles
  names <- object$columns$names
  places <- vapply(seq_len(nrow(troubles)), function(i) {
    values <- vapply(troubles[i, names, drop = FALSE], format, "", digits = 4L)
    text <- paste0(names, " = ", values, collapse = ", ")
    if (length(names) > 1L) text <- paste0("(", text, ")")
    text
  }, "")
  kinds <- intersect(names(trouble_words), troubles$kind)
  parts <- vapply(kinds, function(kind) {
    own <- places[troubles$kind == kind]
    paste0(trouble_words[[kind]], " at ", enumerate(unique(own)))
  }, "")
  paste0("neighbourhoods ", paste(parts, collapse = "; others "))
}
