# Limits of confidence and prediction intervals.

#' Limits eta -+ half on the scale of the parameter
#'
#' An end that the link does not know, or that lands beyond the range of the parameter
#' or on the wrong side of the fit (1/eta past a pole), means that the interval reaches
#' the end of the range.
#' @noRd
mapped_limits <- function(link, domain, eta, half) {
  fit <- link$linkinv(eta)
  falling <- link$mu.eta(eta) < 0
  ends <- lapply(c(-1, 1), function(side) {
    end <- eta + side * half
    value <- suppressWarnings(link$linkinv(end))
    rises <- (side > 0) != falling
    limit <- ifelse(rises, domain[2L], domain[1L])
    beyond <- !valid_predictors(link, end) | is.na(value) |
      value < domain[1L] | value > domain[2L] |
      (rises & value < fit) | (!rises & value > fit)
    beyond <- beyond & !is.na(end)
    value[beyond] <- limit[beyond]
    value
  })
  list(lower = ifelse(falling, ends[[2L]], ends[[1L]]),
       upper = ifelse(falling, ends[[1L]], ends[[2L]]))
}

#' `valideta` answers for a whole vector; when it says no, ask for each value
#' @noRd
valid_predictors <- function(link, eta) {
  if (isTRUE(link$valideta(eta))) return(rep(TRUE, length(eta)))
  vapply(eta, function(e) isTRUE(link$valideta(e)), NA)
}

#' Limits of what lies in a range, by the delta method on a scale without ends
#'
#' Between two ends this is the logit, above one the logarithm.
#' @noRd
range_limits <- function(ask, pieces, range = c(0, 1)) {
  low <- range[1L]
  width <- range[2L] - low
  fit <- pieces$fit
  half <- limit_quantile(ask) * pieces$se
  if (!is.finite(low)) return(list(lower = fit - half, upper = fit + half))
  p <- fit - low
  if (is.finite(width)) {
    p <- p / width
    half <- half / width / (p * (1 - p))
    ends <- function(side) width * stats::plogis(stats::qlogis(p) + side * half)
  } else {
    ends <- function(side) p * exp(side * half / p)
  }
  lower <- low + ends(-1)
  upper <- low + ends(1)
  certain <- !is.na(p) & (p == 0 | p == 1 & is.finite(width))
  lower[certain] <- upper[certain] <- fit[certain]
  list(lower = lower, upper = upper)
}

#' Half the exact t interval for a new gaussian response under the identity
#' @noRd
exact_half_width <- function(ask, se) {
  noise <- row_dispersion(ask$dispersion, ask$weights)
  limit_quantile(ask) * sqrt(se^2 + noise)
}

#' Limits for new responses: see the section Intervals of ?predict.gamut
#' @noRd
predictive_limits <- function(ask, eta) {
  covariances <- row_covariances(ask)
  if (is_gaussian_identity(ask$object)) {
    half <- exact_half_width(ask, sqrt(pmax(covariances[, 1L], 0)))
    return(list(lower = eta[, 1L] - half, upper = eta[, 1L] + half))
  }
  refuse_lost_rows(ask, eta, covariances)
  wide <- wide_rows(ask, eta, covariances)
  lower <- upper <- numeric(nrow(eta))
  for (fine in unique(wide)) {
    for (at in row_blocks(which(wide == fine), if (fine) 256L else 4096L)) {
      mixture <- predictive_mixture(ask, eta[at, , drop = FALSE],
                                    covariances[at, , drop = FALSE], ask$weights[at],
                                    fine)
      lower[at] <- mixture_quantile((1 - ask$level) / 2, mixture)
      upper[at] <- mixture_quantile((1 + ask$level) / 2, mixture)
    }
  }
  list(lower = lower, upper = upper)
}

#' Rows in blocks, so that the values at the nodes are never all in memory
#' @noRd
row_blocks <- function(rows, size) split(rows, (seq_along(rows) - 1L) %/% size)

#' The predictive distribution of each row as a mixture over quadrature nodes
#'
#' Values at the nodes are n x J matrices laid out as vectors, rows first.
#' @param fine Take many nodes for the first linear predictor?
#' @return list: `family`, `n`, `nodes`, `par`, `weights`, `dispersion` (for n x J),
#'   `share` (n x J, rows sum to 1; 0 where the link is not valid).
#' @noRd
predictive_mixture <- function(ask, eta, covariances, weights, fine = FALSE) {
  object <- ask$object
  n <- nrow(eta)
  size <- ncol(eta)
  grid <- predictive_grid(size, ask$df, fine)
  nodes <- length(grid$share)
  root <- packed_cholesky(covariances, size)
  parts <- lapply(seq_len(size), function(k) {
    at <- rep(eta[, k], nodes)
    for (j in seq_len(k)) {
      at <- at + as.vector(outer(root[, packed_index(k, j, size)],
                                 grid$points[, j] * sqrt(grid$spread)))
    }
    node_parameter(object, k, at, eta[, k])
  })
  usable <- Reduce(`&`, lapply(parts, `[[`, "usable"))
  share <- matrix(rep(grid$share, each = n) * usable, n)
  list(family = object$family, n = n, nodes = nodes,
       par = stats::setNames(lapply(parts, `[[`, "value"),
                             vapply(object$predictors, `[[`, "", "parameter")),
       weights = if (!is.null(weights)) rep(weights, nodes),
       dispersion = ask$dispersion * rep(grid$spread, each = n),
       outer = grid$outer,
       share = share / rowSums(share))
}

#' A parameter at the nodes, and where it is valid; elsewhere that of the fit stands in,
#' with share 0
#' @noRd
node_parameter <- function(object, k, at, eta) {
  predictor <- object$predictors[[k]]
  domain <- parameter_range(object$family, predictor$parameter)
  value <- suppressWarnings(predictor$link$linkinv(at))
  usable <- is.finite(value) & valid_predictors(predictor$link, at) &
    value >= domain[1L] & value <= domain[2L]
  own <- predictor$link$linkinv(eta)
  list(value = ifelse(usable, value, rep(own, length(at) / length(own))),
       usable = usable)
}

#' Nodes for standard normal predictors and for the dispersion over its estimate
#' @noRd
predictive_grid <- function(size, df, fine = FALSE) {
  normal <- gauss_rule(numeric(15L), sqrt(seq_len(14L)))
  if (size > 1L) normal <- gauss_rule(numeric(9L), sqrt(seq_len(8L)))
  rules <- rep(list(normal), size)
  if (fine) rules[[1L]] <- fine_rule()
  rules <- c(rules, list(dispersion_rule(df)))
  points <- unname(as.matrix(do.call(expand.grid, lapply(rules, `[[`, "points"))))
  share <- do.call(expand.grid, lapply(rules, `[[`, "share"))
  spread <- if (is.finite(df)) df / 2 / points[, size + 1L] else rep(1, nrow(points))
  list(points = points[, seq_len(size), drop = FALSE], outer = outer_nodes(points),
       share = Reduce(`*`, share), spread = spread)
}

#' The middle and both ends in each direction, which stand for all nodes where these are
#' many: quantiles at 27 in place of 729, each of which may be a search
#' @noRd
outer_nodes <- function(points) {
  if (nrow(points) <= 500L) return(seq_len(nrow(points)))
  extreme <- apply(points, 2L, function(x) {
    x %in% c(range(x), x[which.min(abs(x - mean(range(x))))])
  })
  which(rowSums(extreme) == ncol(points))
}

#' Nodes for chi-squared / 2, a gamma variable with shape df / 2 (Laguerre's polynomials)
#'
#' The fewer degrees of freedom, the longer the tail of its inverse and the more nodes.
#' Against the exact t interval the width is off by 1e-9 of itself with 198 degrees of
#' freedom, by 2e-6 with 10, 1e-4 with 5 and 1.5 percent with 2.
#' @noRd
dispersion_rule <- function(df) {
  if (!is.finite(df)) return(list(points = df, share = 1))
  count <- if (df >= 100) 5L else 11L + as.integer(ceiling(60 / max(df, 1)))
  k <- seq_len(count)
  gauss_rule(2 * (k - 1) + df / 2, sqrt(k * (k + df / 2 - 1))[-count])
}

#' Gauss quadrature from the recurrence of the orthogonal polynomials
#'
#' Nodes are the eigenvalues of the Jacobi matrix, weights the squares of the first
#' components of its eigenvectors (Golub and Welsch 1969).
#' @noRd
gauss_rule <- function(diagonal, beside) {
  jacobi <- diag(diagonal)
  at <- cbind(seq_along(beside), seq_along(beside) + 1L)
  jacobi[at] <- jacobi[at[, 2:1]] <- beside
  solved <- eigen(jacobi, symmetric = TRUE)
  list(points = solved$values, share = solved$vectors[1L, ]^2)
}

#' Row-wise Cholesky roots of packed matrices, packed alike
#' @noRd
packed_cholesky <- function(packed, size) {
  for (j in seq_len(size)) {
    own <- packed_index(j, j, size)
    for (i in seq.int(j, size)) {
      at <- packed_index(i, j, size)
      for (k in seq_len(j - 1L)) {
        packed[, at] <- packed[, at] -
          packed[, packed_index(i, k, size)] * packed[, packed_index(j, k, size)]
      }
      packed[, at] <- if (i == j) sqrt(pmax(packed[, at], 0))
                      else ifelse(packed[, own] > 0, packed[, at] / packed[, own], 0)
    }
  }
  packed
}

#' Distribution function or density of each row's mixture at y
#' @noRd
mixture_sum <- function(f, y, mixture, ...) {
  value <- f(rep(y, mixture$nodes), mixture$par, mixture$weights, mixture$dispersion, ...)
  value <- value * as.vector(mixture$share)
  value[as.vector(mixture$share) == 0] <- 0
  rowSums(matrix(value, mixture$n))
}

#' Quantiles of the mixtures, which lie between the extreme quantiles of their parts
#'
#' Those of the outer nodes are asked first. Should the mixture's lie beyond them, which
#' takes parameters that bend the quantile back inside, all are.
#' @noRd
mixture_quantile <- function(p, mixture, nodes = mixture$outer) {
  family <- mixture$family
  parts <- part_quantiles(p, mixture, nodes)
  low <- do.call(pmin, c(as.data.frame(parts), na.rm = TRUE))
  high <- do.call(pmax, c(as.data.frame(parts), na.rm = TRUE))
  if (length(nodes) < mixture$nodes) {
    inside <- mixture_sum(family$cdf, low, mixture, left = TRUE) <= p &
      mixture_sum(family$cdf, high, mixture) >= p
    if (!isTRUE(all(inside))) return(mixture_quantile(p, mixture, seq_len(mixture$nodes)))
  }
  if (family$discrete) whole_quantile(p, mixture, low, high)
  else smooth_quantile(p, mixture, low, high)
}

#' Quantiles of some of the nodes, NA where these have no share: n x nodes
#' @noRd
part_quantiles <- function(p, mixture, nodes) {
  n <- mixture$n
  at <- as.vector(outer(seq_len(n), (nodes - 1L) * n, `+`))
  par <- lapply(mixture$par, node_rows, at)
  parts <- mixture$family$quantile(rep(p, length(at)), par, mixture$weights[at],
                                   mixture$dispersion[at])
  parts <- matrix(parts, n)
  parts[mixture$share[, nodes] == 0] <- NA
  parts
}

#' @noRd
node_rows <- function(x, at) {
  if (is.matrix(x)) x[at, , drop = FALSE] else if (length(x) == 1L) x else x[at]
}

#' Newton steps inside a bracket that shrinks from both sides
#' @noRd
smooth_quantile <- function(p, mixture, low, high) {
  y <- bracket_middle(low, high)
  for (iteration in seq_len(100L)) {
    gap <- mixture_sum(mixture$family$cdf, y, mixture) - p
    low <- ifelse(gap < 0, y, low)
    high <- ifelse(gap < 0, high, y)
    slope <- mixture_sum(mixture$family$density, y, mixture, log = FALSE)
    next_y <- y - gap / slope
    lost <- !is.finite(next_y) | next_y < low | next_y > high
    next_y[lost] <- bracket_middle(low, high)[lost]
    moved <- abs(next_y - y) > 1e-12 * abs(y)
    y <- next_y
    if (!any(moved, na.rm = TRUE)) break
  }
  y
}

#' The least value with F(y) >= p, by halving on whole counts, or beyond 2^53, where
#' doubles are no longer every whole number, to their precision
#' @noRd
whole_quantile <- function(p, mixture, low, high) {
  counted <- mixture$family$weights_are == "trials" && !is.null(mixture$weights)
  size <- if (counted) pmax(round(mixture$weights[seq_len(mixture$n)]), 1) else 1
  low <- round(low * size)
  high <- round(high * size)
  is_open <- function() low < high & high - low > 1e-15 * high
  while (any(is_open(), na.rm = TRUE)) {
    middle <- floor((low + high) / 2)
    reached <- mixture_sum(mixture$family$cdf, middle / size, mixture) >= p - 1e-12
    open <- is_open()
    high <- ifelse(open & reached, middle, high)
    low <- ifelse(open & !reached, middle + 1, low)
  }
  low / size
}
