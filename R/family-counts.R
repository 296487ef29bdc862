# What families of counts share: probabilities as sums of densities, densities that only
# the engine computes, and deviances against the mean y.

#' log f by the engine, for the rows that `inside` marks
#'
#' @param y Vector or matrix, a row a response.
#' @param links Names of links that reach every value of the parameters.
#' @noRd
engine_density <- function(id, y, par, links, inside) {
  if (!any(inside)) return(numeric())
  n <- NROW(y)
  par <- lapply(par, function(p) rep_len(p, n)[inside])
  y <- if (is.matrix(y)) y[inside, , drop = FALSE] else y[inside]
  -engine_at_parameters(id, y, par, links, TRUE)$objective / 2
}

#' What the engine says of rows, at parameters in the place of linear predictors
#' @noRd
engine_at_parameters <- function(id, y, par, links, observed) {
  eta <- Map(function(p, link) resolve_link(link)$linkfun(p), par, links)
  storage.mode(y) <- "double"
  family <- list(distribution = id, links = as.list(links), numbers = numeric(),
                 categories = 0L)
  row_derivatives_cpp(family, y, NULL, do.call(cbind, unname(eta)),
                      if (observed) "observed" else "expected")
}

#' Sums of mass(k, rows) over from <= k <= to, in pieces of limited size
#' @noRd
sum_by_row <- function(mass, from, to, piece = 1e6) {
  n <- length(from)
  count <- pmax(to - from + 1, 0)
  count[!is.finite(count)] <- 0
  sums <- numeric(n)
  group <- cumsum(count) %/% piece
  for (rows in split(seq_len(n), group)) {
    if (!sum(count[rows])) next
    each <- rep.int(rows, count[rows])
    k <- sequence(count[rows]) - 1 + rep.int(from[rows], count[rows])
    sums[rows] <- tapply_sum(mass(k, each), each, rows)
  }
  sums[is.na(from) | is.na(to)] <- NA
  sums
}

#' @noRd
tapply_sum <- function(values, each, rows) {
  found <- rowsum(values, each)
  out <- numeric(length(rows))
  out[match(as.integer(rownames(found)), rows)] <- found
  out
}

#' Probabilities of both tails in the form that is asked for
#' @noRd
either_tail <- function(lower_tail, upper_tail, lower, log) {
  value <- pmin(pmax(if (lower) lower_tail else upper_tail, 0), 1)
  if (log) base::log(value) else value
}

#' Deviance of a family of counts whose density is highest, the rest as it is, where the
#' mean is y: an exponential family in terms of its mean
#' @noRd
deviance_at_mean <- function(density) {
  force(density)
  function(y, par, weights = NULL) {
    par <- lapply(par, recycle_rows, n = length(y))
    best <- par
    best$mu <- ifelse(y > 0, y, 1)
    top <- ifelse(y > 0, density(y, best), 0)
    2 * pmax(top - density(y, par), 0) * if (is.null(weights)) 1 else weights
  }
}
