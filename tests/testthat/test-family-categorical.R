test_that("there is a linear predictor for each category but the reference", {
  levels <- c("a", "b", "c")
  etas <- family_etas(categorical(), levels)
  expect_identical(etas, list(label = c("b", "c"), parameter = c("mu", "mu"),
                              spread = c(TRUE, TRUE)))
  expect_identical(family_etas(categorical(3), levels)$label, c("a", "b"))
  expect_identical(resolve_family(categorical(3), levels)$levels, levels)
  expect_snapshot(error = TRUE, family_etas(categorical("z"), levels))
  expect_snapshot(error = TRUE, categorical(reference = c("a", "b")))
})

test_that("two columns of counts have the binomial log-likelihood", {
  counts <- cbind(no = c(3, 0, 4), yes = c(1, 5, 4))
  mu <- c(0.2, 0.9, 0.5)
  # the same sum of lfactorials, by lchoose
  expect_equal(
    categorical()$loglik(counts, list(prob = cbind(1 - mu, mu))),
    sum(dbinom(counts[, 2], rowSums(counts), mu, log = TRUE)),
    tolerance = 1e-13
  )
  y <- counts[, 2] / rowSums(counts)
  expect_equal(
    categorical()$unit_deviance(counts, cbind(1 - mu, mu)),
    as_gamut_family("binomial")$unit_deviance(y, list(mu = mu), rowSums(counts)),
    tolerance = 1e-13
  )
})

test_that("one category per row: log-likelihood, deviance and weights", {
  prob <- rbind(c(0.2, 0.5, 0.3), c(0.1, 0.1, 0.8))
  y <- c(2, 3)
  expect_equal(categorical()$loglik(y, prob, c(2, 0.5)), 2 * log(0.5) + 0.5 * log(0.8),
               tolerance = 1e-15)
  expect_equal(sum(categorical()$unit_deviance(y, prob, c(2, 0.5))),
               -2 * categorical()$loglik(y, prob, c(2, 0.5)), tolerance = 1e-15)
  f <- factor(c("b", "c"), levels = c("a", "b", "c"))
  expect_identical(family_density(categorical(), f, prob), c(0.5, 0.8))
})

test_that("a category of probability zero or a code outside is no accident", {
  p <- c(0, 1, 0)
  expect_identical(family_density("categorical", 0:4, p), c(0, 0, 1, 0, 0))
  expect_identical(family_cdf("categorical", 0:4, p), c(0, 0, 1, 1, 1))
  expect_identical(categorical()$loglik(matrix(c(0, 2, 0), 1), p), 0)
  expect_error(categorical()$cdf(matrix(1, 1, 3), p), class = "gamut_error_density")
})
