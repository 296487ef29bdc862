# Bases that are not ours: those of package mgcv, its own or written for it.

#' Any other `bs`: the basis that a method of `mgcv::smooth.construct()` makes
#' @export
#' @noRd
smooth_basis.default <- function(spec, data, knots) {
  require_mgcv(spec)
  peer <- build_foreign(spec, data, knots)
  columns <- ncol(peer$X)
  S <- if (is.null(peer$S)) list() else lapply(unname(peer$S), unname)
  basis <- new_basis(spec, columns, S, foreign_rank(peer, S), foreign_null_dim(peer, S),
                     constraint = foreign_constraint(spec, peer),
                     side = !isFALSE(peer$side.constrain),
                     random = isTRUE(peer$random), class = "foreign_basis",
                     peer = without_rows(peer))
  basis
}

#' @noRd
require_mgcv <- function(spec) {
  if (requireNamespace("mgcv", quietly = TRUE)) return(invisible())
  abort_basis(spec, "bs = \"", spec$bs, "\" is no basis of gamut. Those of package ",
              "mgcv, or written for it, need that package: install.packages(\"mgcv\").")
}

#' @noRd
build_foreign <- function(spec, data, knots) {
  named <- c("tp", "ts", "cr", "cs", "cc", "ps", "cp", "bs", "ad", "gp", "re", "mrf",
             "fs", "sz")
  found <- !is.null(utils::getS3method("smooth.construct",
                                       paste0(spec$bs, ".smooth.spec"), optional = TRUE,
                                       envir = asNamespace("mgcv")))
  if (!found) {
    abort_basis(spec, "there is no basis bs = \"", spec$bs, "\". gamut has ",
                paste(named, collapse = ", "), "; another one needs methods of ",
                "smooth_basis() and basis_matrix(), or of mgcv's smooth.construct().")
  }
  # Names such as `log(x)` would be quoted; any others do until the true ones are put in.
  peer_spec <- do.call(mgcv::s, c(
    lapply(paste0("x", seq_along(spec$term)), as.name),
    list(bs = spec$bs, k = if (has_default_size(spec)) -1 else spec$k, m = spec$m,
         xt = spec$xt, fx = isTRUE(spec$fixed))
  ))
  peer_spec[c("term", "label")] <- spec[c("term", "label")]
  # A basis with random knots of its own must leave the user's numbers alone.
  seed <- globalenv()[[".Random.seed"]]
  on.exit(restore_seed(seed))
  tryCatch(
    mgcv::smooth.construct(peer_spec, data, knots),
    error = function(e) {
      abort_basis(spec, "mgcv makes no basis of it: ", conditionMessage(e))
    }
  )
}

#' @noRd
restore_seed <- function(seed) {
  if (!is.null(seed)) {
    assign(".Random.seed", seed, envir = globalenv())
  } else if (exists(".Random.seed", globalenv(), inherits = FALSE)) {
    rm(".Random.seed", envir = globalenv())
  }
}

#' Ranks as given, else by eigenvalues
#' @noRd
foreign_rank <- function(peer, S) {
  if (length(peer$rank) == length(S)) return(peer$rank)
  vapply(S, penalty_rank, 0L)
}

#' @noRd
foreign_null_dim <- function(peer, S) {
  if (length(peer$null.space.dim) == 1L) return(peer$null.space.dim)
  if (!length(S)) return(ncol(peer$X))
  ncol(peer$X) - penalty_rank(Reduce(`+`, lapply(S, function(s) s / max(abs(s)))))
}

#' mgcv's `C`: absent for centring, a matrix without rows for nothing to absorb, a matrix,
#' or the number of a coefficient that is to be 0
#' @noRd
foreign_constraint <- function(spec, peer) {
  constraint <- peer$C
  if (is.null(constraint)) return("sum")
  if (is.matrix(constraint)) {
    return(if (nrow(constraint)) unname(constraint) else "none")
  }
  one <- is_one_whole(constraint) && constraint > 0 && constraint <= ncol(peer$X)
  if (!one) abort_basis(spec, "its constraint C must be a matrix.")
  out <- matrix(0, 1L, ncol(peer$X))
  out[constraint] <- 1
  out
}

#' What Predict.matrix() needs has no row for each observation
#' @noRd
without_rows <- function(peer) {
  peer$X <- NULL
  peer
}

#' @export
#' @noRd
basis_matrix.foreign_basis <- function(basis, data) {
  data <- data[basis$term]
  present <- Reduce(`&`, lapply(data, function(x) !is.na(x)))
  n <- length(present)
  out <- matrix(NA_real_, n, basis$columns)
  if (!any(present)) return(out)
  kept <- lapply(data, function(x) x[present])
  rows <- mgcv::Predict.matrix(basis$peer, kept)
  out[present, ] <- as.matrix(rows)
  out
}
