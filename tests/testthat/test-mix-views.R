# One model in several notations: as a smooth and as random effects, with a term at its
# limit and without it. Fits must agree whatever the family and whatever else is there.

mix_data <- function(seed = 1L, groups = 12L, size = 10L) {
  withr::with_seed(seed, {
    n <- groups * size
    d <- data.frame(x = rnorm(n), z = runif(n), g = gl(groups, size),
                    h = factor(rep(seq_len(size), groups)), id = factor(seq_len(n)))
    eta <- 0.5 + 0.4 * d$x + sin(6 * d$z) + rnorm(groups, sd = 0.5)[d$g] +
      rnorm(size, sd = 0.4)[d$h]
    d$y <- eta + rnorm(n) / 2
    d$count <- rpois(n, exp(eta / 2))
    d$amount <- rgamma(n, 4, 4 / exp(eta))
    d$share <- rbeta(n, 8 * plogis(eta), 8 * plogis(-eta))
    d
  })
}

mix_cases <- function() {
  list(y = gaussian(), count = poisson(), amount = Gamma("log"), share = Beta())
}

mix_fit <- function(response, terms, data, ..., env = parent.frame()) {
  gamut(reformulate(terms, response, env = env), data, mix_cases()[[response]], ...)
}

# Searches end within 1e-6 or so of the optimum in the criterion, and within its root in
# the estimates. The likelihood at estimates by REML is not at its own maximum, so that
# it differs by first order.
same_value <- 1e-5
same_estimate <- 1e-4

expect_same_model <- function(a, b, label) {
  expect_equal(as.numeric(logLik(a)), as.numeric(logLik(b)), tolerance = same_value,
               label = label)
  expect_identical(attr(logLik(a), "df"), attr(logLik(b), "df"), label = label)
  expect_equal(unname(fitted(a)), unname(fitted(b)), tolerance = same_estimate,
               label = label)
}

test_that("(1 | g) and s(g, bs = \"re\") are one term, alone and beside a smooth", {
  d <- mix_data()
  for (response in names(mix_cases())) {
    for (method in c("REML", "ML")) {
      for (beside in list("x", c("x", "s(z)"))) {
        label <- paste(response, method, length(beside))
        bar <- mix_fit(response, c(beside, "(1 | g)"), d, method = method)
        smooth <- mix_fit(response, c(beside, "s(g, bs = \"re\")"), d, method = method)
        expect_same_model(bar, smooth, label)
        expect_equal(coef(bar), coef(smooth), tolerance = same_estimate, label = label)
        expect_equal(vcov(bar), vcov(smooth), tolerance = 0.01, label = label)
      }
    }
  }
})

test_that("a smooth is the mixed model of its penalty's eigenvectors", {
  d <- mix_data()
  for (response in names(mix_cases())) {
    for (method in c("REML", "ML")) {
      smooth <- mix_fit(response, c("x", "s(z, bs = \"cr\", k = 8)", "(1 | h)"), d,
                        method = method)
      made <- design_matrices(smooth)$smooths[[1L]]
      parts <- eigen(made$penalties[[1L]], symmetric = TRUE)
      range <- parts$values > 1e-10 * max(parts$values)
      turned <- made$matrix %*% parts$vectors
      d$line <- turned[, !range]
      root <- turned[, range] %*% diag(1 / sqrt(parts$values[range]))
      # without full rank: its effects are six, one for each wiggly direction
      K <- tcrossprod(root)
      dimnames(K) <- list(d$id, d$id)
      mixed <- mix_fit(response, c("x", "line", "known(1 | id, K = K)", "(1 | h)"), d,
                       method = method)
      expect_same_model(smooth, mixed, paste(response, method))
    }
  }
})

test_that("at infinite smoothing, and at no variance, terms are not there", {
  d <- mix_data(2)
  # groups alike in everything: their variance is 0
  d$k <- gl(2, 1, nrow(d))
  for (response in names(mix_cases())) {
    plain <- mix_fit(response, c("x", "z", "(1 | g)"), d, method = "ML")
    smooth <- mix_fit(response, c("x", "s(z, sp = 1e12)", "(1 | g)"), d, method = "ML")
    # a penalty of 1e12 leaves 1e-12 of a curve
    expect_equal(as.numeric(logLik(plain)), as.numeric(logLik(smooth)),
                 tolerance = 1e-6, label = response)
    expect_equal(unname(fitted(plain)), unname(fitted(smooth)), tolerance = 1e-5)
    balanced <- d
    balanced[[response]][seq(2, nrow(d), 2)] <- d[[response]][seq(1, nrow(d), 2)]
    balanced$x[seq(2, nrow(d), 2)] <- d$x[seq(1, nrow(d), 2)]
    balanced$z[seq(2, nrow(d), 2)] <- d$z[seq(1, nrow(d), 2)]
    without <- mix_fit(response, c("x", "s(z)"), balanced)
    zero <- mix_fit(response, c("x", "s(z)", "(1 | k)"), balanced)
    expect_identical(VarCorr(zero)$k[1L], 0)
    expect_equal(as.numeric(logLik(zero)), as.numeric(logLik(without)),
                 tolerance = same_value)
    expect_equal(fitted(zero), fitted(without), tolerance = same_estimate)
  }
})

test_that("a wide lo() is its polynomial, beside any other term", {
  d <- mix_data(3)
  for (response in names(mix_cases())) {
    for (degree in 1:2) {
      # the radius is 1e4 times the range: weights are 1 to 1e-12
      wide <- paste0("lo(z, span = 1e8, degree = ", degree, ")")
      local <- mix_fit(response, c("x", wide, "(1 | g)"), d, method = "REML")
      powers <- paste0("poly(z, ", degree, ")")
      global <- mix_fit(response, c("x", powers, "(1 | g)"), d, method = "REML")
      expect_equal(unname(fitted(local)), unname(fitted(global)),
                   tolerance = same_estimate, label = paste(response, degree))
      expect_equal(coef(local)[["x"]], coef(global)[["x"]], tolerance = same_estimate)
    }
  }
})

test_that("te() of one covariate is s(), and a factor is its indicators", {
  d <- mix_data(4)
  for (response in names(mix_cases())) {
    a <- mix_fit(response, c("x", "s(z, bs = \"cr\", k = 6)", "h"), d)
    b <- mix_fit(response, c("x", "te(z, k = 6)", "h"), d)
    expect_same_model(a, b, response)
  }
})
