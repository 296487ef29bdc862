# Cross-products of scores with the columns of the model, A'diag(u)A and sums of A'u over
# clusters, from the storages of the problem: the model matrix is never formed, and a
# factor with thousands of levels costs sums over its codes.

#' Sum over rows of A_i' u_i u_i' A_i
#'
#' @param scores n x K matrix of the vectors u_i.
#' @return P x P matrix; rows of aliased coefficients are sums like the others.
#' @noRd
score_crossproduct <- function(problem, scores) {
  size <- length(problem$names)
  total <- matrix(0, size, size)
  for (rows in row_chunks(problem)) {
    parts <- score_parts(problem, scores, rows)
    for (i in seq_along(parts)) {
      for (j in seq_len(i)) {
        a <- parts[[i]]
        b <- parts[[j]]
        value <- cross_blocks(a$block, b$block, a$u * b$u)
        total[a$position, b$position] <- total[a$position, b$position] + value
        if (j < i) {
          total[b$position, a$position] <- total[b$position, a$position] + t(value)
        }
      }
    }
  }
  total
}

#' Sums of A_i' u_i over the rows of each group: groups x P
#' @param group Codes of the rows, 1 to `groups`.
#' @noRd
score_sums <- function(problem, scores, group, groups, rows = seq_len(problem$rows)) {
  total <- matrix(0, groups, length(problem$names))
  for (part in score_parts(problem, scores, rows)) {
    total[, part$position] <- total[, part$position] +
      block_sums(part$block, part$u, group, groups)
  }
  total
}

#' Rows in pieces whose dense columns take little memory
#' @noRd
row_chunks <- function(problem, cells = 2^22) {
  dense <- sum(vapply(problem$storages, function(s) length(s$columns), 0L), 1L)
  size <- max(1024, floor(cells / dense))
  starts <- seq(1, problem$rows, by = size)
  lapply(starts, function(start) seq(start, min(start + size - 1, problem$rows)))
}

#' Columns of each term for each of its loadings, their coefficients and their scores
#' @noRd
score_parts <- function(problem, scores, rows) {
  # rows of clusters come in another order
  if (length(rows) < problem$rows || is.unsorted(rows)) {
    problem$columns <- lapply(problem$columns, take_codes, rows = rows)
  }
  blocks <- lapply(problem$storages, storage_block, problem = problem,
                   rows = length(rows))
  scores <- scores[rows, , drop = FALSE]
  parts <- lapply(problem$terms, function(term) {
    position <- matrix(term$position, ncol = ncol(term$loading))
    lapply(seq_len(ncol(position)), function(a) {
      list(block = blocks[[term$storage]], position = position[, a],
           u = drop(scores %*% term$loading[, a]))
    })
  })
  unlist(parts, recursive = FALSE)
}

#' @noRd
take_codes <- function(column, rows) {
  if (is.factor(column)) as.integer(column)[rows] else column[rows]
}

#' A storage for the rows of a problem: its dense columns, or its codes
#' @noRd
storage_block <- function(storage, problem, rows) {
  if (storage$kind == "dense") {
    columns <- vapply(storage$columns, function(column) {
      rep_len(as.double(column_product(column, problem)), rows)
    }, numeric(rows))
    return(list(x = matrix(columns, rows)))
  }
  z <- if (is.null(storage$z)) 1 else column_product(storage$z[[1L]], problem)
  list(codes = as.integer(problem$columns[[storage$codes]]), z = z, storage = storage,
       levels = as.integer(storage$levels))
}

#' A'diag(u)B of two blocks
#' @noRd
cross_blocks <- function(a, b, u) {
  if (!is.null(a$x) && !is.null(b$x)) return(crossprod(a$x, u * b$x))
  if (!is.null(a$x)) return(t(cross_blocks(b, a, u)))
  sums <- if (!is.null(b$x)) {
    sum_by(a$z * u * b$x, a$codes, a$levels)
  } else {
    t(level_columns(b, t(sum_by_pair(a$z * b$z * u, a$codes, b$codes, a$levels,
                                     b$levels))))
  }
  level_columns(a, sums)
}

#' Sums of the columns times u over groups of rows
#' @noRd
block_sums <- function(block, u, group, groups) {
  if (!is.null(block$x)) return(sum_by(u * block$x, group, groups))
  pairs <- sum_by_pair(block$z * u, group, block$codes, groups, block$levels)
  t(level_columns(block, t(pairs)))
}

#' C'x for a matrix with a row for each level
#' @noRd
level_columns <- function(block, x) {
  storage <- block$storage
  if (!is.null(storage$contrast)) return(crossprod(storage$contrast, x))
  x[match(seq_len(max(storage$map)), storage$map), , drop = FALSE]
}

#' Sums of rows by code, 0 for codes without a row
#' @noRd
sum_by <- function(x, codes, levels) {
  total <- matrix(0, levels, ncol(x))
  sums <- rowsum(x, codes, reorder = FALSE)
  total[as.integer(rownames(sums)), ] <- sums
  total
}

#' Sums by two codes, as a matrix
#' @noRd
sum_by_pair <- function(x, first, second, size, others) {
  # doubles: the number of pairs may be beyond the integers
  pair <- first + (second - 1) * as.double(size)
  total <- matrix(0, size, others)
  known <- unique(pair)
  total[known] <- rowsum(x, match(pair, known), reorder = TRUE)
  total
}

#' Sum over all rows of A_i' u_i
#' @noRd
score_total <- function(problem, scores) {
  total <- 0
  for (rows in row_chunks(problem)) {
    total <- total + score_sums(problem, scores, rep(1L, length(rows)), 1L, rows)
  }
  drop(total)
}
