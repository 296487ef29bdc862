# What the engine gives back row by row, seen from R: derivatives against differences,
# for every family and for a link written in R.

own_link <- function() {
  # a logit, written by a user
  structure(list(
    linkfun = function(mu) log(mu / (1 - mu)),
    linkinv = function(eta) 1 / (1 + exp(-eta)),
    mu.eta = function(eta) exp(-eta) / (1 + exp(-eta))^2,
    valideta = function(eta) TRUE, name = "own"
  ), class = "link-glm")
}

engine_cases <- function() {
  eta <- c(-0.9, -0.2, 0.4, 1.1)
  positive <- c(0.5, 1.2, 2, 0.8)
  list(
    gaussian = list(gaussian("log"), c(1, -0.3, 2, 4), cbind(eta)),
    binomial = list(binomial("cloglog"), c(0, 1, 0.5, 1), cbind(eta)),
    own = list(binomial(own_link()), c(0, 1, 0.5, 1), cbind(eta)),
    poisson = list(poisson("sqrt"), c(0, 3, 1, 2), cbind(positive)),
    Gamma = list(Gamma("log"), positive, cbind(eta)),
    exponential = list(exponential(), positive, cbind(eta)),
    inverse = list(inverse.gaussian(), positive, cbind(positive)),
    quasi = list(quasi("log", "mu^2"), positive, cbind(eta)),
    Beta = list(Beta(), c(0.2, 0.7, 0.5, 0.9), cbind(eta, 2 + eta)),
    categorical = list(categorical(), c(1, 2, 3, 2), cbind(eta, rev(eta)))
  )
}

test_that("scores, weights and their derivatives are those of the objective", {
  weights <- c(1, 2, 0.5, 1.5)
  for (name in names(engine_cases())) {
    case <- engine_cases()[[name]]
    levels <- if (name == "categorical") c("a", "b", "c")
    family <- resolve_family(as_gamut_family(case[[1L]]), levels)
    problem <- list(family = engine_family(family, levels), response = case[[2L]],
                    weights = weights)
    k <- ncol(case[[3L]])
    packed <- cbind(row(diag(k))[lower.tri(diag(k), TRUE)],
                    col(diag(k))[lower.tri(diag(k), TRUE)])
    at <- function(eta) engine_rows(problem, eta, "observed")
    here <- at(case[[3L]])
    step <- 1e-5
    for (j in seq_len(k)) {
      move <- matrix(0, nrow(case[[3L]]), k)
      move[, j] <- step
      up <- at(case[[3L]] + move)
      down <- at(case[[3L]] - move)
      # central differences: step^2 of truncation, 1e-16 / step of rounding
      expect_equal(here$score[, j], -(up$objective - down$objective) / (4 * step),
                   tolerance = 1e-7, label = paste(name, "score", j))
      own <- which(packed[, 1L] == j | packed[, 2L] == j)
      for (entry in own) {
        other <- sum(packed[entry, ]) - j
        expect_equal(here$weight[, entry],
                     -(up$score[, other] - down$score[, other]) / (2 * step),
                     tolerance = 1e-7, label = paste(name, "weight", entry))
      }
      third <- weight_derivative_cpp(problem$family, problem$response, weights,
                                     case[[3L]], move / step)
      # a link written in R has numerical second and third derivatives
      expect_equal(third, (up$weight - down$weight) / (2 * step), tolerance = 1e-6,
                   label = paste(name, "third", j))
    }
  }
})

test_that("the compact covariance expands to the inverse information", {
  set.seed(4)
  d <- data.frame(x = rnorm(400, 50), g = factor(sample(45, 400, TRUE)))
  d$y <- rpois(400, 2)
  fit <- gamut(y ~ x + g, d, poisson())
  expect_true(length(fit$covariance$lead_position) > 0L)
  x <- model.matrix(fit)
  information <- crossprod(x, x * fitted(fit))
  # the product of the two is the identity, to the digits that x's mean leaves
  expect_equal(unname(unscaled_vcov(fit) %*% information), diag(46), tolerance = 1e-8)
  expect_equal(unname(standard_errors(fit)), sqrt(unname(diag(vcov(fit)))),
               tolerance = 1e-10)
})
