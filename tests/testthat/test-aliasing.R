# Aliased coefficients are NA exactly where glm() has them, whatever way the columns are
# stored. The model is then the same model: fitted values and deviance agree too.

# Compares with glm.fit's rule directly: one weighted QR decomposition at glm's final
# weights decides, with tolerance 1e-11, as in glm with its default control.
expect_aliased_as_glm <- function(formula, data, family = gaussian(), ..., label = NULL) {
  dots <- match.call(expand.dots = FALSE)$...
  run <- function(f, ...) {
    eval(as.call(c(list(f, formula, family = family, data = quote(data), ...), dots)))
  }
  fit <- suppressWarnings(run(quote(gamut)))
  reference <- suppressWarnings(run(quote(stats::glm)))
  if (is.null(label)) label <- deparse1(formula)
  ours <- is.na(coef(fit))
  theirs <- is.na(coef(reference))
  testthat::expect(identical(ours, theirs), paste0(
    label, " (", family$family, "): NA only here: ", name_some(ours & !theirs),
    "; NA only in glm: ", name_some(theirs & !ours)
  ))
  mu <- family$linkinv(fit_eta(fit)[, 1L])
  off <- max(abs(mu - stats::fitted(reference))) / (1 + max(abs(mu)))
  # Means, because cells without counts send predictors to infinity, each fitter as far
  # as it goes; 1e-4, because glm stops early, and that tells one model from another.
  testthat::expect(isTRUE(off < 1e-4), sprintf("%s (%s): fitted values differ by %.2g",
                                               label, family$family, off))
  invisible(fit)
}

name_some <- function(flags) {
  names <- names(flags)[flags]
  if (!length(names)) return("none")
  if (length(names) > 6L) names <- c(names[1:6], "...")
  paste(names, collapse = ", ")
}

alias_data <- function(n = 200L) {
  d <- simulated_data(n, seed = 3L)
  d$mid <- factor(as.integer(d$big) %% 30)
  d$k <- factor(ifelse(seq_len(n) < n - 4, as.integer(d$f), 4:8))
  d$sum <- stats::`contrasts<-`(d$f, value = stats::contr.sum(3))
  # constant within the levels of a big factor
  d$school <- stats::runif(40L)[as.integer(d$big)]
  d$kind <- factor(c("p", "q")[1L + as.integer(d$big) %% 2L])
  d
}

test_that("duplicates, multiples, sums and constants", {
  d <- alias_data()
  d$twice <- 2 * d$x
  d$sum_xz <- d$x + d$z
  d$constant <- 3
  d$zero <- 0
  for (formula in list(
    normal ~ x + twice, normal ~ twice + x, normal ~ x + z + sum_xz,
    normal ~ sum_xz + x + z, normal ~ constant + x, normal ~ x + constant,
    normal ~ zero + x, normal ~ 0 + constant + x, normal ~ 0 + f + constant,
    normal ~ 0 + f + g, normal ~ f + I(as.numeric(f == "b")) + x,
    normal ~ I(as.numeric(f == "b")) + f + x, normal ~ l + I(!l) + x,
    normal ~ poly(z, 3) + z + I(z^2), normal ~ x + z + x:z + I(x * z),
    normal ~ 0 + zero, normal ~ x + offset(x)
  )) {
    expect_aliased_as_glm(formula, d)
    expect_aliased_as_glm(formula, d, weights = w)
  }
})

test_that("hundreds of random rank-deficient designs", {
  set.seed(11)
  for (i in seq_len(250L)) {
    n <- sample(6:40, 1L)
    p <- sample(2:9, 1L)
    x <- matrix(sample(c(-2, -1, 0, 1, 2), n * p, TRUE), n)
    # some columns become combinations of others, or of nothing
    for (j in sample(p, sample(p, 1L))) {
      others <- setdiff(seq_len(p), j)
      weights <- sample(c(0, 0, 1, -1, 0.5), length(others), TRUE)
      x[, j] <- x[, others, drop = FALSE] %*% weights
    }
    x <- sweep(x, 2L, 10^sample(-4:4, p, TRUE), `*`)
    d <- data.frame(y = rnorm(n), w = runif(n) + 0.1)
    d$x <- x
    formula <- if (i %% 3L) y ~ x else y ~ 0 + x
    expect_aliased_as_glm(formula, d, label = paste("random design", i))
    if (i %% 5L == 0L) {
      d$count <- rpois(n, 2)
      expect_aliased_as_glm(update(formula, count ~ .), d, poisson(), weights = w,
                            label = paste("random poisson design", i))
    }
  }
})

test_that("nested factors and empty cells", {
  d <- alias_data()
  d$cell <- interaction(d$f, d$g)
  d$half <- d$g
  d$half[d$f == "a" & d$half == "B"] <- "A"
  for (formula in list(
    normal ~ f + cell, normal ~ cell + f, normal ~ f * g + cell, normal ~ f * half,
    normal ~ half * f, normal ~ f:half, normal ~ 0 + f:half, normal ~ f * half * l,
    normal ~ f * half * x, normal ~ f:half:x, normal ~ f / half / l
  )) {
    expect_aliased_as_glm(formula, d)
    expect_aliased_as_glm(update(formula, count ~ .), d, poisson())
    expect_aliased_as_glm(update(formula, binary ~ .), d, binomial("cloglog"),
                          weights = rep(1, 200))
  }
})

test_that("levels that occur in no row of positive weight", {
  d <- alias_data()
  d$w0 <- ifelse(d$f == "b", 0, d$w)
  expect_aliased_as_glm(normal ~ f + x, d, weights = w0)
  expect_aliased_as_glm(normal ~ f * x, d, weights = w0)
  expect_aliased_as_glm(normal ~ 0 + f:x, d, weights = w0)
  d$w0 <- ifelse(as.integer(d$big) %in% 5:9, 0, d$w)
  expect_aliased_as_glm(normal ~ big + x, d, weights = w0)
  expect_aliased_as_glm(normal ~ x + big, d, weights = w0)
  expect_aliased_as_glm(count ~ x * big, d, poisson(), weights = w0)
  expect_aliased_as_glm(normal ~ big + f:big, d, weights = w0)
})

# More than 32 columns: levels are stored as codes and eliminated first.
big_formulas <- list(
  normal ~ big + school, normal ~ school + big, normal ~ school + x + big,
  normal ~ x + big + school + z, normal ~ big + kind, normal ~ kind + big,
  normal ~ kind * x + big, normal ~ big + kind * x, normal ~ 0 + big + school,
  normal ~ 0 + school + big, normal ~ kind / big, normal ~ big + f + big:f,
  normal ~ big * x, normal ~ x * big, normal ~ big:sum, normal ~ big:f, normal ~ f:big,
  normal ~ big:x + x, normal ~ x + big:x, normal ~ mid * g, normal ~ g * mid,
  normal ~ mid * x * z, normal ~ mid + mid:x + big, normal ~ big + mid,
  normal ~ mid + big, normal ~ k * x, normal ~ k * x * f,
  normal ~ big + school:x + kind:x,
  normal ~ school:big, normal ~ big:school + x, normal ~ I(school * x) + school * x + big,
  normal ~ f + big + f:kind, normal ~ poly(school, 2) + big,
  normal ~ big + poly(school, 2)
)

for (formula in big_formulas) {
  local({
    formula <- formula
    test_that(paste("big factors:", deparse1(formula)), {
      d <- alias_data()
      expect_aliased_as_glm(formula, d)
      expect_aliased_as_glm(formula, d, weights = w)
      expect_aliased_as_glm(update(formula, count ~ .), d, poisson(), offset = o)
      # not every level is left in a subset, and levels that are left may have one row
      expect_aliased_as_glm(formula, d, subset = z > 0.4)
    })
  })
}

test_that("random formulas of factors, big factors and what is constant within them", {
  d <- alias_data(300L)
  d$e <- d$x + d$school
  # no cell without counts: there glm's own weights vanish, and rounding errors decide
  d$count <- d$count + 1L
  pool <- c("x", "z", "f", "g", "l", "big", "school", "kind", "mid", "k", "sum", "i", "e",
            "big:x", "f:g", "big:f", "mid:x", "kind:x", "f/kind", "poly(school, 2)",
            "school:f", "kind:big", "l:school", "big:l", "sum:kind", "x:school")
  set.seed(12)
  d$w0 <- ifelse(runif(300L) < 0.1, 0, d$w)
  for (i in seq_len(80L)) {
    formula <- reformulate(sample(pool, sample(2:4, 1L)), "normal", runif(1L) > 0.25)
    rows <- if (i %% 3L) seq_len(300L) else sample(300L, 120L)
    some <- if (i %% 2L) d[rows, ] else droplevels(d[rows, ])
    some$v <- switch(i %% 3L + 1L, rep(1, length(rows)), some$w, some$w0)
    expect_aliased_as_glm(formula, some, weights = v)
    if (i %% 4L == 0L) {
      expect_aliased_as_glm(update(formula, count ~ .), some, poisson(), weights = v)
    }
  }
})

test_that("aliasing found on the way does not throw the fit off", {
  d <- alias_data(300L)
  d$count <- d$count + 1L
  for (seed in 1:8) {
    set.seed(seed)
    d$w0 <- ifelse(runif(300L) < 0.1, 0, d$w)
    for (formula in list(count ~ k + g + sum:kind + big:f,
                         count ~ k + big:f + x:school)) {
      fit <- expect_aliased_as_glm(formula, d, poisson(), weights = w0)
      expect_true(fit$convergence$converged)
    }
  }
})

test_that("two big factors, crossed, nested and with sum contrasts", {
  set.seed(5)
  n <- 600L
  d <- data.frame(a = factor(sample(60L, n, TRUE)), b = factor(sample(45L, n, TRUE)),
                  y = rnorm(n), x = rnorm(n), w = runif(n) + 0.1)
  d$outer <- factor((as.integer(d$a) - 1L) %/% 15L)
  d$sum <- stats::`contrasts<-`(d$a, value = stats::contr.sum(60))
  # two groups of levels that never meet: one more coefficient is aliased
  d$b2 <- factor(ifelse(as.integer(d$a) <= 30, (as.integer(d$b) - 1) %% 20,
                        20 + (as.integer(d$b) - 1) %% 20))
  for (formula in list(y ~ a + b, y ~ b + a + x, y ~ a + b2, y ~ b2 + a,
                       y ~ outer + a + b,
                       y ~ a + outer + b2, y ~ 0 + a + b2, y ~ sum + b, y ~ outer + sum,
                       y ~ sum + b2, y ~ x + sum + outer)) {
    expect_aliased_as_glm(formula, d)
    expect_aliased_as_glm(formula, d, weights = w)
  }
})

test_that("columns of very different size are not taken for aliased, nor the reverse", {
  set.seed(6)
  d <- data.frame(x = rnorm(50L), z = rnorm(50L), y = rnorm(50L))
  for (size in 10^c(-8, -4, 4, 8)) {
    d$s <- d$z * size
    d$alias <- d$s + d$x * size
    expect_aliased_as_glm(y ~ x + s, d)
    expect_aliased_as_glm(y ~ x + s + alias, d)
  }
  # nearly aliased: R's tolerance is 1e-11 of the length of the column
  for (apart in c(1e-6, 1e-8, 1e-9, 1e-10, 1e-12, 1e-13)) {
    d$near <- d$x + apart * d$z
    fit <- gamut(y ~ x + near, data = d)
    reference <- glm(y ~ x + near, data = d)
    expect_identical(is.na(coef(fit)), is.na(coef(reference)), label = paste(apart))
  }
  # far from zero, with small variation
  for (shift in 10^(2:9)) {
    d$far <- d$x + shift
    expect_aliased_as_glm(y ~ z + far, d)
    expect_aliased_as_glm(y ~ z + far + I(far^2), d)
  }
})

test_that("vector predictors: each predictor has its own aliased coefficients", {
  d <- alias_data()
  fit <- gamut(list(fraction ~ x + I(2 * x) + f, phi ~ l + I(!l)), family = Beta(),
               data = d)
  expect_identical(names(which(is.na(coef(fit)))), c("I(2 * x)", "phi:I(!l)TRUE"))
  plain <- gamut(list(fraction ~ x + f, phi ~ l), family = Beta(), data = d)
  # the same model
  expect_equal(coef(fit)[!is.na(coef(fit))], coef(plain), tolerance = 1e-8)
  fit <- gamut(class ~ x + I(2 * x) + f, family = categorical(), data = d)
  expect_identical(names(which(is.na(coef(fit)))), c("v:I(2 * x)", "w:I(2 * x)"))
  fit <- gamut(class ~ big + school, family = categorical(), data = alias_data(2000L))
  expect_identical(names(which(is.na(coef(fit)))), c("v:school", "w:school"))
})

test_that("more coefficients than rows", {
  d <- alias_data()[1:12, ]
  many <- normal ~ poly(x, 4) + z + o + w + i + m + count + fraction + f * g
  expect_aliased_as_glm(many, d)
  expect_aliased_as_glm(normal ~ big + x, alias_data()[1:60, ])
  expect_aliased_as_glm(normal ~ big * x + z, alias_data()[1:60, ])
})
