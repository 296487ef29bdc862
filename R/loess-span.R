# The span of a local regression: given, from a target, or chosen by a criterion.

#' @param given Was `span` given by the user?
#' @noRd
set_span <- function(setup, span, target, given) {
  if (!is.null(target)) {
    if (given) {
      warn_gamut("`span` and `enp.target` are both given: `span` counts.",
                 class = "argument")
    } else {
      span <- 1.2 * target_columns(setup) / check_number(target, "enp.target", above = 0)
    }
  }
  if (is.character(span)) {
    criterion <- check_criterion(span)
    return(search_span(setup, criterion))
  }
  setup$pars$span <- check_number(span, "span", above = 0)
  if (!is.finite(setup$pars$span)) abort_argument("span", "a finite number", span)
  check_span(setup)
}

#' @noRd
check_criterion <- function(span) {
  if (length(span) == 1L && tolower(span) %in% c("aicc", "gcv")) return(tolower(span))
  abort_argument("span", "one number above 0, \"aicc\" or \"gcv\"", span)
}

#' Number of columns of the local polynomial
#' @noRd
local_columns <- function(setup) {
  columns <- setup$columns
  d <- length(columns$names)
  if (setup$pars$degree < 2L) return(if (setup$pars$degree == 0L) 1L else d + 1L)
  block <- columns$block[columns$block > 0L]
  inner <- sum(choose(tabulate(block), 2L))
  as.integer((d + 1L) * (d + 2L) / 2L - sum(columns$drop_square) - inner)
}

#' The same as `enp.target` counts them: less dropped squares at any degree
#' @noRd
target_columns <- function(setup) {
  dropped <- setup$columns$drop_square & !setup$columns$indicators
  local_columns(setup) - if (setup$pars$degree < 2L) sum(dropped) else 0L
}

#' Stop where neighbourhoods have too few rows
#'
#' The farthest row has weight 0, so that one more is needed than there are coefficients,
#' unless the radius is stretched.
#' @noRd
check_span <- function(setup) {
  k <- local_columns(setup)
  sizes <- lengths(rows_by_group(setup$groups))
  span <- setup$pars$span
  held <- pmin(sizes, floor(sizes * span + 1e-5))
  short <- held < k + (span <= 1)
  if (!any(short)) return(setup)
  few <- which.min(sizes)
  label <- setup$groups$labels[as.integer(names(sizes)[few])]
  where <- if (nzchar(label)) paste0(" where ", label)
  needed <- (k + 1) / sizes[[few]]
  advice <- if (needed > 1) {
    paste0("there are only ", sizes[[few]], " rows", where,
           ": take a smaller `degree` or fewer predictors")
  } else {
    paste0("it must be at least ", format(ceiling(needed * 1e4) / 1e4), where)
  }
  abort_gamut("`span` is too small: local polynomials of ", k, " coefficients need ",
              k + 1L, " rows in a neighbourhood, and ", format(span, digits = 4L),
              " gives ", held[[few]], "; ", advice, ".", class = "argument",
              data = list(argument = "span", least = needed))
}

#' The span that has the least value of a criterion
#'
#' On a grid first, since there may be several minima; then by golden section between the
#' neighbours of the best.
#' @noRd
search_span <- function(setup, criterion) {
  least <- (local_columns(setup) + 1) / min(lengths(rows_by_group(setup$groups)))
  setup$pars$span <- max(min(1, least * (1 + 1e-8)), least_affordable(setup))
  check_span(setup)
  tried <- data.frame(span = numeric(), value = numeric(), trace = numeric())
  value_at <- function(log_span) {
    setup$pars$span <- exp(log_span)
    setup$control$iterTrace <- FALSE
    found <- span_criteria(setup)
    tried[nrow(tried) + 1L, ] <<- c(setup$pars$span, found[[criterion]], found$trace)
    # a neighbourhood without width has no criterion, but a search needs a number
    if (is.finite(found[[criterion]])) found[[criterion]] else .Machine$double.xmax
  }
  grid <- seq(log(setup$pars$span), log(2), length.out = 14L)
  values <- vapply(grid, value_at, 0)
  best <- which.min(values)
  if (best > 1L && best < length(grid)) {
    stats::optimize(value_at, grid[best + c(-1L, 1L)], tol = 0.01)
  }
  if (!any(is.finite(tried$value))) {
    abort_gamut("no span has a finite value of ", criterion, ": there are too few rows. ",
                "Give `span` as a number.", class = "argument",
                data = list(argument = "span"))
  }
  tried <- tried[order(tried$span), ]
  row.names(tried) <- NULL
  setup$pars$span <- tried$span[which.min(tried$value)]
  setup$span_search <- list(criterion = criterion, value = min(tried$value, na.rm = TRUE),
                            tried = tried)
  setup
}

#' The span at which an interpolated surface has some 2000 levels and slopes at vertices,
#' the square of which is what its statistics take of memory
#' @noRd
least_affordable <- function(setup) {
  if (setup$pars$surface == "direct") return(0)
  2 * (ncol(setup$x) + 1) / (setup$pars$cell * 2000)
}

#' Criteria at the span of a setup
#' @noRd
span_criteria <- function(setup) {
  pieces <- fit_pieces(setup, statistics = 1L)
  totals <- loess_totals(setup, pieces)
  c(loess_criteria(setup, totals), trace = totals$trace.hat)
}

#' AICc and GCV of a fit; Inf where no degrees of freedom are left
#' @noRd
loess_criteria <- function(setup, totals) {
  n <- sum(setup$weights > 0)
  trace <- totals$trace.hat
  known <- is_likelihood(setup) && has_fixed_dispersion(setup$family)
  loss <- if (is_likelihood(setup)) totals$deviance else totals$sum_squares
  aicc <- if (known) loss + 2 * trace + 2 * trace * (trace + 1) / (n - trace - 1)
          else log(loss / n) + 1 + 2 * (trace + 1) / (n - trace - 2)
  room <- n - trace - if (known) 1 else 2
  list(aicc = if (is.na(trace) || room > 0) aicc else Inf,
       gcv = if (is.na(trace) || n > trace) n * loss / (n - trace)^2 else Inf)
}
