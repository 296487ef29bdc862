# Categorical and Dirichlet models with smooths and random intercepts, for which there is
# no peer: their maximum likelihood against Laplace approximations by dense matrices, and
# these against the integral itself.

# `groups` groups of `rows` rows; three categories, two of them against the first, and
# three parts whose parameters have a logarithm each. Each has a curve and effects.
three_kinds <- function(groups, rows, seed) {
  withr::with_seed(seed, {
    n <- groups * rows
    d <- data.frame(g = gl(groups, rows), z = runif(n))
    curves <- cbind(cos(2 * pi * d$z), sin(2 * pi * d$z), 8 * (d$z - 0.5)^2 - 1)
    eta <- 1.5 * curves + 0.8 * matrix(rnorm(3L * groups), groups)[d$g, ]
    odds <- exp(eta)
    d$class <- factor(c("a", "b", "c")[1L + rowSums(
      runif(n) > t(apply(odds / rowSums(odds), 1L, cumsum))
    )])
    weight <- matrix(rgamma(3L * n, 2 * odds), n)
    d$parts <- `colnames<-`(weight / rowSums(weight), c("a", "b", "c"))
    d
  })
}

# --- densities of the rows ------------------------------------------------------------

# Each gives, for a matrix of linear predictors, the log-density of each row; with
# `derivatives` also its gradient (a row each) and, an array, the negative Hessian.

categorical_rows <- function(y, eta, derivatives = FALSE) {
  p <- exp(cbind(0, eta))
  p <- p / rowSums(p)
  value <- log(p[cbind(seq_along(y), y)])
  if (!derivatives) return(value)
  p <- p[, -1L, drop = FALSE]
  gradient <- outer(y, seq_len(ncol(eta)) + 1L, `==`) - p
  information <- array(0, c(nrow(eta), ncol(eta), ncol(eta)))
  for (k in seq_len(ncol(eta))) for (l in seq_len(ncol(eta))) {
    information[, k, l] <- p[, k] * ((k == l) - p[, l])
  }
  list(value = value, gradient = gradient, information = information)
}

dirichlet_rows <- function(y, eta, derivatives = FALSE) {
  a <- exp(eta)
  total <- rowSums(a)
  value <- lgamma(total) + rowSums((a - 1) * log(y) - lgamma(a))
  if (!derivatives) return(value)
  gradient <- a * (digamma(total) - digamma(a) + log(y))
  information <- array(0, c(nrow(eta), ncol(eta), ncol(eta)))
  for (k in seq_len(ncol(eta))) for (l in seq_len(ncol(eta))) {
    same <- if (k == l) a[, k]^2 * trigamma(a[, k]) - gradient[, k] else 0
    information[, k, l] <- same - a[, k] * a[, l] * trigamma(total)
  }
  list(value = value, gradient = gradient, information = information)
}

# --- the model as dense matrices ------------------------------------------------------

# Fixed are intercepts and what the penalty of a smooth leaves alone; random are the
# other coefficients of smooths, then the effects of all groups, all of them in units of
# their standard deviations as estimated, so that also those that are 0 are covered.
# `fixed` and `random` have one matrix for each linear predictor, `beta` are the fixed
# coefficients as estimated.
dense_model <- function(fit, lambda = lambda_of(fit), covariance = VarCorr(fit)$g) {
  m <- design_matrices(fit)
  names <- names(m$X)
  parts <- Map(split_smooth, m$smooths, fit$smooths, lambda)
  columns <- function(pieces, of, k) {
    do.call(cbind, Map(function(x, of) x * (of == k), pieces, of))
  }
  of_smooths <- lapply(parts, `[[`, "predictor")
  range <- lapply(names, columns, pieces = lapply(parts, `[[`, "range"), of = of_smooths)
  null <- lapply(names, columns, pieces = lapply(parts, `[[`, "null"), of = of_smooths)
  z <- m$Z[[1L]]
  groups <- length(z$levels)
  root <- kronecker(diag(groups), square_root(covariance))
  list(
    fixed = Map(function(k, null) cbind(columns(m$X, names, k), null), names, null),
    random = Map(function(k, range) cbind(range, z$matrix[[k]] %*% root), names, range),
    beta = c(coef(fit), unlist(lapply(parts, `[[`, "beta"))),
    # the first random coefficients, those of smooths, and the group of each row
    outer = length(range[[1L]]) %/% NROW(m$y), groups = groups,
    group = (max.col(abs(z$matrix[[1L]])) - 1L) %/% length(names) + 1L
  )
}

lambda_of <- function(fit) vapply(fit$smooths, `[[`, 0, "lambda")

# Columns of a smooth along eigenvectors of its penalty
split_smooth <- function(matrices, smooth, lambda) {
  parts <- eigen(matrices$penalties[[1L]], symmetric = TRUE)
  seen <- parts$values > 1e-9 * parts$values[[1L]]
  null <- parts$vectors[, !seen, drop = FALSE]
  deviations <- 1 / sqrt(lambda * parts$values[seen])
  list(predictor = matrices$predictor, null = matrices$matrix %*% null,
       range = matrices$matrix %*% scaled(parts$vectors[, seen, drop = FALSE],
                                          deviations),
       beta = drop(crossprod(null, smooth$coefficients)))
}

scaled <- function(x, by) x * rep(by, each = nrow(x))

square_root <- function(covariance) {
  parts <- eigen(covariance, symmetric = TRUE)
  scaled(parts$vectors, sqrt(pmax(parts$values, 0)))
}

predictors_at <- function(model, beta, u) {
  each <- Map(function(x, z) x %*% beta + z %*% u, model$fixed, model$random)
  do.call(cbind, each)
}

# Joint log-density of response and random coefficients, with its derivatives in these
joint_at <- function(model, y, rows, beta, u) {
  row <- rows(y, predictors_at(model, beta, u), derivatives = TRUE)
  gradient <- -u
  hessian <- diag(length(u))
  for (k in seq_along(model$random)) {
    gradient <- gradient + crossprod(model$random[[k]], row$gradient[, k])
    for (l in seq_along(model$random)) {
      hessian <- hessian + crossprod(model$random[[k]],
                                     row$information[, k, l] * model$random[[l]])
    }
  }
  list(value = sum(row$value) + sum(dnorm(u, log = TRUE)), gradient = drop(gradient),
       hessian = hessian)
}

# Newton steps, halved where they overshoot, and uphill also where the density is not
# concave (Dirichlet far from its mode); ended by steps of rounding errors
joint_mode <- function(model, y, rows, beta) {
  u <- numeric(ncol(model$random[[1L]]))
  at <- joint_at(model, y, rows, beta, u)
  for (iteration in 1:100) {
    parts <- eigen(at$hessian, symmetric = TRUE)
    step <- drop(parts$vectors %*% (crossprod(parts$vectors, at$gradient) /
                                      abs(parts$values)))
    for (halving in 0:20) {
      moved <- joint_at(model, y, rows, beta, u + step / 2^halving)
      if (is.finite(moved$value) && moved$value >= at$value - 1e-9) break
    }
    u <- u + step / 2^halving
    at <- moved
    if (max(abs(step)) < 1e-11) break
  }
  c(at, list(u = u))
}

# Log-likelihood by Laplace
dense_laplace <- function(model, y, rows, beta = model$beta) {
  mode <- joint_mode(model, y, rows, beta)
  mode$value + length(mode$u) * log(2 * pi) / 2 -
    c(determinant(mode$hessian)$modulus) / 2
}

# --- the integral itself --------------------------------------------------------------

# Nodes and logarithms of weights for integrals of exp(-x^2 / 2) f(x) (Golub and Welsch
# 1969), the factor exp(x^2 / 2) put into the weights, over all of `size` dimensions
normal_grid <- function(points, size) {
  if (size == 0L) return(list(x = matrix(0, 1L, 0L), log_weight = 0))
  off <- sqrt(seq_len(points - 1L))
  jacobi <- matrix(0, points, points)
  jacobi[cbind(seq_len(points - 1L), seq_len(points)[-1L])] <- off
  jacobi[cbind(seq_len(points)[-1L], seq_len(points - 1L))] <- off
  found <- eigen(jacobi, symmetric = TRUE)
  log_weight <- log(found$vectors[1L, ]^2 * sqrt(2 * pi)) + found$values^2 / 2
  at <- as.matrix(expand.grid(rep(list(seq_len(points)), size)))
  list(x = matrix(found$values[at], nrow(at)),
       log_weight = rowSums(matrix(log_weight[at], nrow(at))))
}

log_sum <- function(x) max(x) + log(sum(exp(x - max(x))))

# Given the coefficients of smooths the groups are independent: a grid over these, and at
# each of its points one over the effects of each group. The joint Hessian says where
# grids stand and how wide they are, also how the mode of a group moves along with the
# smooths: Gauss-Hermite rules are then exact for a normal density, and their error falls
# geometrically in `points`.
dense_integral <- function(model, y, rows, points) {
  mode <- joint_mode(model, y, rows, model$beta)
  s <- seq_len(model$outer)
  size <- (length(mode$u) - model$outer) / model$groups
  inner <- normal_grid(points, size)
  outer <- normal_grid(points, model$outer)
  widths <- if (length(s)) t(chol(solve(mode$hessian)[s, s])) else diag(0)
  shifts <- outer$x %*% t(widths)
  given <- lapply(seq_len(model$groups), function(g) {
    group_log_integrals(model, y, rows, mode, g, size, inner, shifts)
  })
  smooths <- shifts + matrix(mode$u[s], nrow(shifts), length(s), byrow = TRUE)
  prior <- rowSums(matrix(dnorm(smooths, log = TRUE), nrow(smooths)))
  log_sum(Reduce(`+`, given) + prior + outer$log_weight) + sum(log(diag(widths)))
}

# For each shift of the coefficients of smooths the logarithm of the integral of a group
group_log_integrals <- function(model, y, rows, mode, g, size, inner, shifts) {
  s <- seq_len(model$outer)
  at <- model$outer + (g - 1L) * size + seq_len(size)
  own <- which(model$group == g)
  widths <- solve(chol(mode$hessian[at, at]))
  along <- -solve(mode$hessian[at, at]) %*% mode$hessian[at, s]
  nodes <- widths %*% t(inner$x)
  y <- if (is.matrix(y)) y[own, , drop = FALSE] else y[own]
  z <- lapply(model$random, function(z) z[own, , drop = FALSE])
  base <- lapply(seq_along(z), function(k) drop(model$fixed[[k]][own, ] %*% model$beta))
  # all nodes of a group at once, one block of its rows after another
  y <- if (is.matrix(y)) y[rep(seq_along(own), ncol(nodes)), ] else rep(y, ncol(nodes))
  vapply(seq_len(nrow(shifts)), function(i) {
    shift <- shifts[i, ]
    effects <- mode$u[at] + drop(along %*% shift) + nodes
    eta <- vapply(seq_along(z), function(k) {
      fixed <- base[[k]] + drop(z[[k]][, s, drop = FALSE] %*% (mode$u[s] + shift))
      as.vector(fixed + z[[k]][, at, drop = FALSE] %*% effects)
    }, numeric(NROW(y)))
    density <- colSums(matrix(rows(y, eta), length(own)))
    log_sum(density + colSums(dnorm(effects, log = TRUE)) + inner$log_weight) +
      c(determinant(widths)$modulus)
  }, 0)
}

# --- tests ----------------------------------------------------------------------------

# The two families with all that their tests need
both <- function() {
  list(categorical = list(left = quote(class), family = categorical(),
                          rows = categorical_rows, y = function(d) as.integer(d$class)),
       dirichlet = list(left = quote(parts), family = dirichlet(),
                        rows = dirichlet_rows, y = function(d) d$parts))
}

fit_case <- function(case, d, right, ...) {
  gamut(as.formula(call("~", case$left, right)), d, case$family, method = "ML", ...)
}

test_that("densities of rows have the derivatives that they say", {
  eta <- matrix(c(0.3, -0.8, 1.1, 0.2, 0.5, -0.4), 2L)
  parts <- rbind(c(0.2, 0.5, 0.3), c(0.6, 0.1, 0.3))
  cases <- list(list(categorical_rows, c(2L, 1L), eta[, 1:2]),
                list(dirichlet_rows, parts, eta))
  for (case in cases) {
    at <- function(eta) case[[1L]](case[[2L]], eta, derivatives = TRUE)
    exact <- at(case[[3L]])
    for (k in seq_len(ncol(case[[3L]]))) {
      # central differences: h^2 of the third derivative is lost
      step <- 1e-5 * (col(case[[3L]]) == k)
      up <- at(case[[3L]] + step)
      down <- at(case[[3L]] - step)
      expect_equal((up$value - down$value) / 2e-5, exact$gradient[, k], tolerance = 1e-8)
      expect_equal(-(up$gradient - down$gradient) / 2e-5, exact$information[, k, ],
                   tolerance = 1e-8)
    }
  }
})

test_that("log-likelihoods are Laplace approximations of dense matrices", {
  for (case in both()) for (seed in 1:8) {
    d <- three_kinds(5L, 6L, seed)
    # smooths of some of these are at their limit, covariances of less than full rank
    fit <- fit_case(case, d, quote(s(z, k = 4) + (1 | g)))
    expect_true(fit$convergence$converged)
    # both modes are exact up to rounding, and so are determinants of 15 to 21 columns
    expect_lt(abs(dense_laplace(dense_model(fit), case$y(d), case$rows) -
                    c(logLik(fit))), 1e-8)
  }
})

test_that("estimates maximise the dense approximation", {
  # data of which all smooths and variances are within their range
  d <- three_kinds(8L, 8L, 20L)
  for (case in both()) {
    fit <- fit_case(case, d, quote(s(z, k = 4) + (1 | g)))
    root <- t(chol(VarCorr(fit)$g))
    free <- lower.tri(root, diag = TRUE)
    expect_true(all(is.finite(lambda_of(fit))) && min(diag(root)) > 0.01)
    beta <- dense_model(fit)$beta
    start <- c(beta, log(lambda_of(fit)), root[free])
    value <- function(at) {
      of <- rep(1:3, c(length(beta), length(lambda_of(fit)), sum(free)))
      root[free] <- at[of == 3L]
      model <- dense_model(fit, exp(at[of == 2L]), tcrossprod(root))
      dense_laplace(model, case$y(d), case$rows, at[of == 1L])
    }
    here <- value(start)
    gains <- vapply(seq_along(start), function(j) {
      step <- 1e-3 * (seq_along(start) == j)
      up <- value(start + step) - here
      down <- value(start - step) - here
      curvature <- -(up + down) / 1e-6
      expect_gt(curvature, 0)
      ((up - down) / 2e-3)^2 / (2 * curvature)
    }, 0)
    # a step of Newton along any parameter would gain less than what the search leaves,
    # and what differences of steps of 1e-3 are off by
    expect_lt(max(gains), 1e-7)
  }
})

test_that("quadrature of models without smooths is the integral", {
  # The error falls geometrically in the points: of two effects in each group 21 leave
  # 1e-8. Of three effects these would be 9261 nodes; 9 points leave 2e-4, where Laplace
  # is off by 0.05.
  points <- c(categorical = 21, dirichlet = 9)
  off <- c(categorical = 1e-6, dirichlet = 5e-4)
  for (name in names(both())) for (seed in 3:4) {
    case <- both()[[name]]
    d <- three_kinds(5L, 6L, seed)
    fit <- fit_case(case, d, quote(z + (1 | g)), nagq = points[[name]])
    integral <- dense_integral(dense_model(fit), case$y(d), case$rows,
                               if (name == "categorical") 27L else 15L)
    expect_lt(abs(c(logLik(fit)) - integral), off[[name]])
  }
})

# The model of `times` copies of each row, at the same parameters
repeated_model <- function(model, times) {
  again <- rep(seq_along(model$group), each = times)
  copies <- function(x) lapply(x, function(x) x[again, , drop = FALSE])
  model[c("fixed", "random")] <- lapply(model[c("fixed", "random")], copies)
  model$group <- model$group[again]
  model
}

repeated_response <- function(y, times) {
  again <- rep(seq_len(NROW(y)), each = times)
  if (is.matrix(y)) y[again, ] else y[again]
}

test_that("Laplace is near the integral over smooths and groups, more so of more rows", {
  skip_on_cran()
  for (name in names(both())) {
    case <- both()[[name]]
    errors <- vapply(c(3L, 4L, 6L, 11L, 12L), function(seed) {
      d <- three_kinds(5L, 6L, seed)
      fit <- fit_case(case, d, quote(s(z, k = 3) + (1 | g)))
      vapply(c(1L, 4L), function(times) {
        model <- repeated_model(dense_model(fit), times)
        y <- repeated_response(case$y(d), times)
        laplace <- if (times == 1L) c(logLik(fit))
                   else dense_laplace(model, y, case$rows)
        # five points are within a tenth of the error from seven
        dense_integral(model, y, case$rows, 5L) - laplace
      }, 0)
    }, numeric(2L))
    # Where the integrand is that of a gamma function, Laplace is Stirling's formula,
    # whose error is 1 / (12 n). A group has 6 rows for 3 categories, so n is 2 for each
    # of its effects, of which 5 groups have `effects` each.
    effects <- if (name == "categorical") 2 else 3
    expect_lt(max(abs(errors[1L, ])), 5 * effects / (12 * 2))
    # the error is of order 1 / n: a quarter at best, as the prior is not repeated
    expect_lt(sum(abs(errors[2L, ])), 0.5 * sum(abs(errors[1L, ])))
    expect_gt(sum(abs(errors[1L, ])), 0.01)
  }
})
