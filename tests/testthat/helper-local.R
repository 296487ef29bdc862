# Backfitting by dense matrices, to which lo() terms must come

# The smoother matrix of stats::loess, column by column
smoother_matrix <- function(x, weights, span = 0.5, degree = 1) {
  x <- as.data.frame(x)
  names(x) <- paste0("v", seq_along(x))
  formula <- stats::reformulate(names(x), "y")
  n <- nrow(x)
  vapply(seq_len(n), function(j) {
    x$y <- as.numeric(seq_len(n) == j)
    x$w <- weights
    stats::loess(formula, x, weights = w, span = span, degree = degree,
                 normalize = FALSE,
                 control = stats::loess.control(trace.hat = "approximate"))$fitted
  }, numeric(n))
}

# The operator of the fixed point: A with penalty S for all other terms, and for each
# smoother L what it reproduces, projected out in the metric of the weights
joint_operator <- function(A, S, smoothers, reproduced, weights) {
  n <- nrow(A)
  other <- A %*% solve(crossprod(A, weights * A) + S, t(A * weights))
  own <- Map(function(L, Q) {
    L - Q %*% solve(crossprod(Q, weights * Q), crossprod(Q, weights * L))
  }, smoothers, reproduced)
  operators <- c(list(other), own)
  k <- length(operators)
  left <- do.call(rbind, lapply(seq_len(k), function(i) {
    do.call(cbind, lapply(seq_len(k), function(j) {
      if (i == j) diag(n) else operators[[i]]
    }))
  }))
  parts <- solve(left, do.call(rbind, operators))
  unname(Reduce(`+`, lapply(seq_len(k), function(i) parts[(i - 1L) * n + seq_len(n), ])))
}

local_data <- function(n = 90, seed = 2) {
  withr::with_seed(seed, {
    d <- data.frame(x = runif(n), u = runif(n), z = rnorm(n),
                    g = factor(sample(9, n, TRUE)), w = runif(n) + 0.2)
    d$y <- sin(6 * d$x) + d$u^2 + 0.3 * d$z + rnorm(n) / 4
    d$count <- rpois(n, exp(0.5 + d$y / 2))
    d
  })
}

rbinom_of <- function(d) withr::with_seed(4, rbinom(nrow(d), 1, stats::plogis(d$y - 0.5)))
