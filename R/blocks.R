# Small K x K systems, one per row, solved for all rows at once: loops go over the
# elements of the block, vectors over the rows.

#' Symmetric blocks from columns packed by packed_index(): n x K x K
#' @noRd
unpack_blocks <- function(packed, size) {
  blocks <- array(0, c(nrow(packed), size, size))
  for (j in seq_len(size)) {
    for (i in seq.int(j, size)) {
      blocks[, i, j] <- blocks[, j, i] <- packed[, packed_index(i, j, size)]
    }
  }
  blocks
}

#' Products of blocks
#' @noRd
multiply_blocks <- function(left, right) {
  size <- dim(left)[2L]
  out <- left * 0
  for (i in seq_len(size)) {
    for (j in seq_len(size)) {
      for (k in seq_len(size)) out[, i, j] <- out[, i, j] + left[, i, k] * right[, k, j]
    }
  }
  out
}

#' Blocks times vectors: n x K
#' @noRd
block_times <- function(blocks, x) {
  out <- x * 0
  for (i in seq_len(ncol(x))) {
    for (j in seq_len(ncol(x))) out[, i] <- out[, i] + blocks[, i, j] * x[, j]
  }
  out
}

#' Solutions of block x = b by Gauss-Jordan elimination without exchanges
#'
#' For positive definite blocks and for I - W S with leverages below 1, whose pivots are
#' positive; a row whose block is singular gets values that are not finite.
#' @noRd
solve_blocks <- function(blocks, b) {
  size <- ncol(b)
  for (p in seq_len(size)) {
    pivot <- blocks[, p, p]
    blocks[, p, ] <- blocks[, p, ] / pivot
    b[, p] <- b[, p] / pivot
    for (i in setdiff(seq_len(size), p)) {
      factor <- blocks[, i, p]
      blocks[, i, ] <- blocks[, i, ] - factor * blocks[, p, ]
      b[, i] <- b[, i] - factor * b[, p]
    }
  }
  b
}
