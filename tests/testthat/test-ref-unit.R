# Extended-support beta regression against betareg, from 3.2 on.

extended_data_for_peers <- function() {
  set.seed(1)
  d <- data.frame(x = runif(400, -1, 1), z = runif(400))
  b <- rbeta(400, 3 * plogis(0.3 + d$x), 3 * plogis(-0.3 - d$x))
  u <- rexp(400, 1 / 0.15)
  d$y <- pmin(1, pmax(0, (1 + 2 * u) * b - u))
  d
}

test_that("XBX is that of betareg", {
  skip_on_cran()
  skip_if_not_installed("betareg", "3.2.0")
  d <- extended_data_for_peers()
  fit <- gamut(list(y ~ x, phi ~ z), family = Beta_extended(), data = d)
  peer <- suppressWarnings(betareg::betareg(y ~ x | z, data = d, dist = "xbetax"))
  # betareg maximises by optim() and scores of its own, to 1e-8 of the likelihood
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(peer)), tolerance = 1e-9)
  expect_lt(max(abs(coef(fit) - coef(peer)) / standard_errors(fit)), 1e-4)
  expect_equal(unname(standard_errors(fit)), unname(sqrt(diag(vcov(peer)))),
               tolerance = 1e-4)
  expect_equal(unname(fitted(fit)), unname(predict(peer, type = "response")),
               tolerance = 1e-5)
})
