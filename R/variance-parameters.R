# Parameters of the marginal covariance V = sigma^2 / w + Z Sigma Z' of a linear mixed
# model, and how V moves with them: what degrees of freedom are made of.

#' The parameters of V but sigma^2
#'
#' Of unstructured and diagonal covariances the entries of Sigma, in which V is linear; of
#' others their own parameters, standard deviations absolute. Effects whose variance is
#' estimated as 0 have none: the likelihood is not quadratic in them. Nor is it in the
#' entries of a Sigma of less than full rank, at which it still rises; it is in those of
#' the Cholesky factor, `roots`, some of which are then estimated as 0.
#' @return list of: `term` (number of the random term), `change` (d Sigma / d parameter),
#'   `bend` (list by parameter of the second derivatives, NULL where 0).
#' @noRd
variance_parameters <- function(object, roots = FALSE) {
  specs <- lapply(fit_problem(object)$random, `[[`, "covariance")
  unlist(lapply(seq_along(specs), function(e) {
    entry <- object$random[[e]]
    leaves <- covariance_leaves(specs[[e]])
    unlist(lapply(leaves, leaf_changes, entry = entry, term = e,
                  sigma = sqrt(object$dispersion), roots = roots), recursive = FALSE)
  }), recursive = FALSE)
}

#' @noRd
leaf_changes <- function(leaf, entry, term, sigma, roots) {
  kind <- leaf$spec$kind
  at <- leaf$effects
  size <- nrow(entry$covariance)
  embedded <- function(m) {
    out <- matrix(0, size, size)
    out[at, at] <- m
    out
  }
  alive <- diag(entry$covariance)[at] > 0
  if (!any(alive)) return(list())
  by_root <- roots && kind == "us" &&
    is_deficient(entry$covariance[at[alive], at[alive], drop = FALSE] / sigma^2)
  if (kind %in% c("us", "diag", "identity") && !by_root) {
    return(lapply(linear_changes(kind, length(at), alive), function(m) {
      list(term = term, change = embedded(m), bend = NULL)
    }))
  }
  theta <- if (by_root) entry$theta[leaf$parameters] * sigma
           else absolute_parameters(leaf, entry, sigma)
  lower <- diag(length(at))
  change <- function(theta) lapply(covariance_changes(leaf$spec, theta), embedded)
  first <- change(theta)
  made <- lapply(seq_along(theta), function(j) {
    # of exact first derivatives; h^2 of the third ones is lost
    h <- 1e-5 * max(1, abs(theta[j]))
    step <- replace(numeric(length(theta)), j, h)
    bend <- Map(function(a, b) (a - b) / (2 * h), change(theta + step),
                change(theta - step))
    list(term = term, change = first[[j]], bend = bend, leaf = at[1L], number = j)
  })
  # a row of the factor is that of an effect
  if (by_root) made <- made[alive[row(lower)[lower.tri(lower, diag = TRUE)]]]
  Filter(function(parameter) any(parameter$change != 0), made)
}

#' Is a covariance, relative to that of the rows, of less than full rank?
#' @noRd
is_deficient <- function(covariance) {
  values <- singular_values(covariance)
  covariance_rank(values) < length(values)
}

#' Unit matrices of the entries of Sigma
#' @noRd
linear_changes <- function(kind, k, alive) {
  if (kind == "identity") return(list(diag(k)))
  unit <- function(i, j) {
    m <- matrix(0, k, k)
    m[i, j] <- m[j, i] <- 1
    m
  }
  pairs <- which(lower.tri(diag(k), diag = TRUE), arr.ind = TRUE)
  if (kind == "diag") pairs <- cbind(seq_len(k), seq_len(k))
  pairs <- pairs[alive[pairs[, 1L]] & alive[pairs[, 2L]], , drop = FALSE]
  lapply(seq_len(nrow(pairs)), function(r) unit(pairs[r, 1L], pairs[r, 2L]))
}

#' d Sigma / d theta of a covariance, from Lambda and its derivatives
#' @noRd
covariance_changes <- function(spec, theta) {
  at <- covariance_cpp(spec, theta)
  lapply(at$derivatives, function(d) {
    half <- d %*% t(at$lambda)
    half + t(half)
  })
}

#' Second derivative of Sigma in two parameters, or NULL
#' @noRd
second_change <- function(a, b) {
  if (is.null(a$bend) || a$term != b$term || !identical(a$leaf, b$leaf)) return(NULL)
  a$bend[[b$number]]
}

# --- products over the levels of all terms --------------------------------------------

#' The sizes that products with Z go by
#' @noRd
random_sizes <- function(object) {
  size <- vapply(object$random, function(r) length(r$effects), 0L)
  levels <- vapply(object$random, function(r) length(r$levels), 0L)
  last <- cumsum(size * levels)
  list(size = size, levels = levels,
       rows = Map(function(l, n) l - n + seq_len(n), last, size * levels))
}

#' (I x change) G for rows over the random effects; `changes` has a matrix for each term,
#' or NULL
#' @noRd
times_levels <- function(changes, g, sizes) {
  out <- matrix(0, nrow(g), ncol(g))
  for (e in which(lengths(changes) > 0L)) {
    rows <- sizes$rows[[e]]
    out[rows, ] <- changes[[e]] %*% matrix(g[rows, ], sizes$size[e])
  }
  out
}

#' A change of Sigma in one of the terms
#' @noRd
change_of_term <- function(change, term, sizes) {
  replace(vector("list", length(sizes$size)), term, list(change))
}

#' Is M there whole, not by blocks of one factor?
#' @noRd
is_written_out <- function(between, sizes) {
  nrow(between) == ncol(between) && nrow(between) == sum(lengths(sizes$rows))
}

#' M G, M whole or by blocks of one factor
#' @noRd
times_between <- function(between, g, sizes) {
  if (is_written_out(between, sizes)) return(between %*% g)
  b <- nrow(between)
  blocks <- array(between, c(b, b, sizes$levels[1L]))
  rows <- array(g, c(b, sizes$levels[1L], ncol(g)))
  out <- array(0, dim(rows))
  for (i in seq_len(b)) {
    for (j in seq_len(b)) out[i, , ] <- out[i, , ] + blocks[i, j, ] * rows[j, , ]
  }
  matrix(out, nrow(g))
}

#' tr(M D_k) and tr(M D_k M D_l) of all changes
#' @noRd
between_traces <- function(between, changes, sizes) {
  whole <- is_written_out(between, sizes)
  products <- lapply(changes, function(change) {
    # columns of M D: rows of D M, M being symmetric
    if (whole) return(t(times_levels(change, between, sizes)))
    b <- nrow(between)
    blocks <- array(between, c(b, b, sizes$levels[1L]))
    made <- vapply(seq_len(sizes$levels[1L]), function(l) {
      matrix(blocks[, , l], b) %*% change[[1L]]
    }, matrix(0, b, b))
    array(made, dim(blocks))
  })
  k <- length(changes)
  squares <- matrix(0, k, k)
  transposed <- lapply(products, function(p) if (whole) t(p) else aperm(p, c(2L, 1L, 3L)))
  for (i in seq_len(k)) {
    for (j in seq_len(i)) {
      squares[i, j] <- squares[j, i] <- sum(products[[i]] * transposed[[j]])
    }
  }
  trace <- vapply(products, function(p) {
    if (whole) sum(diag(p)) else sum(apply(p, 3L, function(m) sum(diag(as.matrix(m)))))
  }, 0)
  list(first = trace, second = squares)
}
