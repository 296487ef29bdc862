# A basis of ours against the same of mgcv: the same functions, the same penalties.

s_spec <- function(bs, term = "x", k = NA, m = NA, xt = NULL, fixed = FALSE) {
  label <- paste0("s(", paste(term, collapse = ","), ")")
  structure(list(bs = bs, term = term, k = k, m = m, xt = xt, fixed = fixed,
                 label = label),
            class = c(paste0(bs, "_smooth"), "gamut_basis_spec"))
}

peer_basis <- function(spec, data, knots = NULL) {
  term <- lapply(spec$term, as.name)
  rest <- list(bs = spec$bs, k = if (is.na(spec$k)) -1 else spec$k, m = spec$m,
               xt = spec$xt, fx = spec$fixed)
  # It warns of knots without data.
  suppressWarnings(
    mgcv::smooth.construct(do.call(mgcv::s, c(term, rest)), data, knots))
}

# Are they the same space of functions, on the data and on new data taken together, with
# the same quadratic form? The matrix that turns coefficients of mgcv's basis into ours
# says both. `span` and `form` are relative tolerances.
expect_same_basis <- function(spec, data, new_data, knots = NULL, span = 1e-8,
                              form = 1e-6, rank = TRUE) {
  ours <- smooth_basis(spec, data, knots)
  peer <- peer_basis(spec, data, knots)
  rows <- rbind(basis_matrix(ours, data), basis_matrix(ours, new_data))
  peer_rows <- rbind(mgcv::Predict.matrix(peer, data),
                     mgcv::Predict.matrix(peer, new_data))
  testthat::expect_identical(dim(rows), dim(unname(peer_rows)))
  testthat::expect_identical(ours$columns, ncol(rows))
  scale <- sqrt(colSums(rows^2))
  map <- qr.coef(qr(t(t(rows) / scale), tol = 1e-14), peer_rows) / scale
  testthat::expect_false(anyNA(map))
  residual <- sqrt(colSums((rows %*% map - peer_rows)^2) / colSums(peer_rows^2))
  testthat::expect_lt(max(residual), span)
  testthat::expect_identical(length(ours$S), length(peer$S))
  for (j in seq_along(peer$S)) {
    for (draw in 1:5) {
      b <- sin(draw * seq_len(ncol(rows))^2)
      theirs <- sum(b * (peer$S[[j]] %*% b))
      c <- map %*% b
      testthat::expect_lt(abs(sum(c * (ours$S[[j]] %*% c)) / theirs - 1), form)
    }
    same <- crossprod(map, ours$S[[j]] %*% map) - peer$S[[j]]
    testthat::expect_lt(max(abs(same)), form * max(abs(peer$S[[j]])))
  }
  if (rank) {
    testthat::expect_equal(ours$rank, as.integer(peer$rank))
    testthat::expect_equal(ours$null_dim, as.integer(peer$null.space.dim))
  }
  invisible(ours)
}
