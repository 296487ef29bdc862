# Smooths made of other smooths against mgcv: the space of their columns, their penalties
# as quadratic forms, and the minimum of REML.

compound_spec <- function(bs, term, ..., kind = bs) {
  label <- paste0(if (kind %in% c("te", "ti", "t2")) kind else "s", "(",
                  paste(term, collapse = ","), ")")
  spec <- list(bs = bs, term = term, k = NA, m = NA, xt = NULL, fixed = FALSE,
               label = label)
  structure(
    utils::modifyList(spec, list(...), keep.null = TRUE),
    class = c(paste0(kind, "_smooth"), "gamut_basis_spec")
  )
}

tensor_spec <- function(tensor, term, bs = "cr", ...) {
  compound_spec(bs, term, ..., kind = tensor)
}

compound_data <- function(n = 300, seed = 1) {
  withr::with_seed(seed, {
    d <- data.frame(x = stats::runif(n), z = stats::runif(n, -2, 5),
                    w = stats::rexp(n), v = stats::rnorm(n),
                    f = factor(sample(letters[1:4], n, TRUE)),
                    g = factor(sample(c("u", "v", "w"), n, TRUE)))
    d$y <- sin(5 * d$x) * d$z + cos(2 * d$w) + as.numeric(d$f) * d$x^2 +
      as.numeric(d$g) / 2 + stats::rnorm(n)
    d
  })
}

inside_of <- function(d, n = 50, seed = 2) {
  withr::with_seed(seed, {
    new <- lapply(d, function(x) {
      if (is.factor(x)) sample(x, n, TRUE) else stats::runif(n, min(x), max(x))
    })
  })
  as.data.frame(new)
}

# The map from the coefficients of `x` to those of `peer`, where both have the same space
map_between <- function(x, peer) qr.coef(qr(peer, tol = 1e-12), x)

# Largest deviation of `x` from `peer`, relative to the largest entry of `peer`
relative_error <- function(x, peer) max(abs(x - peer)) / max(abs(peer))

# Columns span the same space, at the data and, by the same map, at new data; penalties
# are the same quadratic forms. The tolerance of 1e-6 is what the inversion of thin plate
# bases (condition up to 1e8 at machine precision) leaves.
expect_same_smooth <- function(x, s, peer_x, peer_s, new_x = NULL, peer_new = NULL,
                               tolerance = 1e-6) {
  testthat::expect_identical(dim(x), dim(peer_x))
  map <- map_between(x, peer_x)
  testthat::expect_lt(relative_error(peer_x %*% map, x), tolerance)
  testthat::expect_identical(length(s), length(peer_s))
  for (j in seq_along(s)) {
    own <- crossprod(map, peer_s[[j]] %*% map)
    testthat::expect_lt(relative_error(own, s[[j]]), tolerance)
  }
  if (!is.null(new_x)) {
    testthat::expect_lt(relative_error(peer_new %*% map, new_x), tolerance)
  }
}

# The ranks that a basis states are those of its penalties
expect_ranks <- function(basis) {
  rank_of <- function(s) {
    values <- eigen(s, symmetric = TRUE, only.values = TRUE)$values
    sum(values > 1e-9 * max(values))
  }
  basis <- whole_basis(basis)
  for (j in seq_along(basis$S)) {
    testthat::expect_equal(rank_of(basis$S[[j]]), basis$rank[[j]])
  }
  total <- Reduce(`+`, lapply(basis$S, function(s) s / max(abs(s))))
  testthat::expect_equal(basis$columns - rank_of(total), basis$null_dim)
}

# A model for reml_value(): columns of all terms and penalties of their whole width.
# `terms` are lists of `x`, `S` and `constraint`, as bases give them.
reml_model <- function(y, terms) {
  blocks <- lapply(terms, absorb_constraint)
  widths <- vapply(blocks, function(block) ncol(block$x), 0L)
  x <- do.call(cbind, c(list(rep(1, length(y))), lapply(blocks, `[[`, "x")))
  start <- 1L + c(0L, cumsum(widths))
  penalties <- list()
  for (i in seq_along(blocks)) {
    at <- start[[i]] + seq_len(widths[[i]])
    for (s in blocks[[i]]$S) {
      full <- matrix(0, ncol(x), ncol(x))
      full[at, at] <- s
      penalties <- c(penalties, list(full))
    }
  }
  list(y = y, x = x, S = penalties)
}

absorb_constraint <- function(term) {
  constraint <- term$constraint
  if (identical(constraint, "none")) return(term)
  if (identical(constraint, "sum")) constraint <- matrix(colMeans(term$x), 1L)
  map <- qr.Q(qr(t(constraint)), complete = TRUE)[, -seq_len(nrow(constraint))]
  list(x = term$x %*% map, S = lapply(term$S, function(s) crossprod(map, s %*% map)))
}

own_term <- function(basis, data) {
  list(x = basis_matrix(basis, data), S = whole_basis(basis)$S,
       constraint = basis$constraint)
}

# mgcv's own columns and penalties as such a model; it works with penalties that are
# rescaled, which is undone here
peer_model <- function(formula, data) {
  g <- mgcv::gam(formula, data = data, method = "REML", fit = FALSE)
  scales <- unlist(lapply(g$smooth, `[[`, "S.scale"))
  penalties <- Map(function(s, offset, scale) {
    full <- matrix(0, ncol(g$X), ncol(g$X))
    at <- offset - 1L + seq_len(nrow(s))
    full[at, at] <- s * scale
    full
  }, g$S, g$off, scales)
  list(y = g$y, x = g$X, S = unname(penalties), scales = scales)
}

# The criterion as usually written depends on the basis by a constant, through the product
# of the non-zero eigenvalues of the penalty. With canonical = TRUE the coefficients are
# made orthonormal in the sense of X'X + S first, and it does not.
standardise_model <- function(model, canonical = TRUE) {
  if (canonical) {
    metric <- chol(Reduce(`+`, model$S, crossprod(model$x)))
    back <- backsolve(metric, diag(ncol(model$x)))
    model$x <- model$x %*% back
    model$S <- lapply(model$S, function(s) crossprod(back, s %*% back))
  }
  total <- Reduce(`+`, lapply(model$S, function(s) s / max(abs(s))))
  parts <- eigen(total, symmetric = TRUE)
  seen <- parts$values > 1e-9 * max(parts$values)
  model$range <- parts$vectors[, seen, drop = FALSE]
  model
}

# Restricted likelihood of a Gaussian model, the dispersion profiled:
# {(n - M) (1 + log(2 pi phi)) + log|X'X + S| - log|S|+} / 2, with
# phi = (|y - Xb|^2 + b'Sb) / (n - M) (Wood 2011, JRSS B 73, 3-36)
reml_value <- function(log_lambda, model) {
  s <- Reduce(`+`, Map(`*`, exp(log_lambda), model$S))
  root <- chol(crossprod(model$x) + s)
  b <- backsolve(root, forwardsolve(t(root), crossprod(model$x, model$y)))
  free <- length(model$y) - (ncol(model$x) - ncol(model$range))
  deviance <- sum((model$y - model$x %*% b)^2) + sum(b * (s %*% b))
  inside <- crossprod(model$range, s %*% model$range)
  penalty <- 2 * sum(log(diag(chol((inside + t(inside)) / 2))))
  (free * (1 + log(2 * pi * deviance / free)) + 2 * sum(log(diag(root))) - penalty) / 2
}

reml_minimum <- function(model, start) {
  # beyond these bounds the criterion changes by less than 1e-4
  value <- function(rho) reml_value(pmin(pmax(rho, start - 9), start + 7), model)
  control <- list(rel.tol = 1e-12, iter.max = 500, eval.max = 2000)
  found <- stats::nlminb(start + 0.5, value, control = control)
  stats::nlminb(found$par, value, control = control)$objective
}

# Our columns and penalties give the restricted likelihood of mgcv, at its smoothing
# parameters and away from them, to the 1e-6 that the determinants leave; and its minimum
# is that which mgcv found, to the 1e-5 of two optimisers that stop at small gradients.
# Where a smoothing parameter runs off to infinity mgcv stops early, and ours may be
# lower, by `tolerance`.
expect_same_reml <- function(specs, formula, data, tolerance = 1e-5) {
  fit <- mgcv::gam(formula, data = data, method = "REML")
  reported <- as.numeric(fit$gcv.ubre)
  peer <- peer_model(formula, data)
  rho <- log(fit$sp / peer$scales)
  # the criterion above is the one that mgcv reports
  plain <- reml_value(rho, standardise_model(peer, canonical = FALSE))
  testthat::expect_lt(abs(plain - reported), 1e-5)
  peer <- standardise_model(peer)
  terms <- lapply(specs, function(spec) own_term(smooth_basis(spec, data, NULL), data))
  own <- standardise_model(reml_model(data[[all.vars(formula)[[1L]]]], terms))
  for (shift in list(0, 1, -2)) {
    at <- rho + shift * rep_len(c(1, -1), length(rho))
    testthat::expect_lt(abs(reml_value(at, own) - reml_value(at, peer)), 1e-6)
  }
  minimum <- reml_minimum(own, rho) - reml_value(rho, peer) + reported
  testthat::expect_lt(minimum - reported, 1e-5)
  testthat::expect_gt(minimum - reported, -tolerance)
  invisible(minimum)
}
