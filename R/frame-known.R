# known(1 | g, K = A): groups whose effects have a known correlation, as relatives have.
# The engine works with independent effects u, of which the groups' are L u, K = L L'.

#' L of the levels of a grouping factor
#' @noRd
known_root <- function(random, group) {
  effects <- length(attr(random$terms, "term.labels")) + attr(random$terms, "intercept")
  if (effects != 1L) {
    abort_gamut("`", random$label, "`: known() takes one effect, as in known(1 | g, ",
                "K = A) or known(0 + x | g, K = A).", class = "formula",
                data = list(term = random$label))
  }
  k <- known_matrix(random)
  k <- match_known(k, group$levels, random)
  if (anyNA(k)) abort_known("has missing values", random)
  if (all(k == 0)) abort_known("is 0: it leaves the effects no variance", random)
  # 1e-8: a matrix that was computed, or read from a file, is symmetric to rounding only
  if (max(abs(k - t(k))) > 1e-8 * max(abs(k))) abort_known("is not symmetric", random)
  root <- tryCatch(t(chol(k)), error = function(e) NULL)
  if (is.null(root)) root <- singular_root(k, random)
  unname(root)
}

#' @noRd
known_matrix <- function(random) {
  expr <- random$args$K
  k <- tryCatch(
    eval(expr, environment(random$terms)),
    error = function(e) {
      abort_gamut("`", random$label, "`: cannot evaluate K: ", conditionMessage(e), ".",
                  class = "data", data = list(term = random$label))
    }
  )
  if (inherits(k, "Matrix")) k <- as.matrix(k)
  if (!is.matrix(k) || !is.numeric(k) || nrow(k) != ncol(k)) {
    abort_known("must be a square numeric matrix", random)
  }
  k
}

#' @noRd
abort_known <- function(what, random) {
  abort_gamut("`", random$label, "`: K ", what, ".", class = "data",
              data = list(term = random$label))
}

#' Rows and columns of the levels in use, by name; without names by number
#' @noRd
match_known <- function(k, levels, random) {
  names <- rownames(k) %||% colnames(k)
  if (is.null(names)) {
    if (nrow(k) == length(levels)) return(k)
    abort_known(paste0("has ", nrow(k), " rows, and `", random$group_label, "` has ",
                       length(levels), " levels: give it the levels as row names"),
                random)
  }
  if (!is.null(colnames(k)) && !identical(names, colnames(k))) {
    abort_known("has row names that differ from its column names", random)
  }
  twice <- intersect(names[duplicated(names)], levels)
  if (length(twice)) abort_known(paste("has two rows of the name", quoted(twice)), random)
  at <- match(levels, names)
  if (anyNA(at)) {
    abort_known(paste0("has no row for ", quoted(levels[is.na(at)]), " of `",
                       random$group_label, "`"), random)
  }
  k[at, at, drop = FALSE]
}

#' A root of a matrix of deficient rank, such as that of clones
#' @noRd
singular_root <- function(k, random) {
  parts <- eigen(k, symmetric = TRUE)
  # 1e-8 of the largest is zero to rounding; beyond it no data have such a covariance
  if (min(parts$values) < -1e-8 * max(parts$values)) {
    abort_known(paste0("is not positive definite (its smallest eigenvalue is ",
                       format(min(parts$values), digits = 3L), ")"), random)
  }
  parts$vectors * rep(sqrt(pmax(parts$values, 0)), each = nrow(k))
}
