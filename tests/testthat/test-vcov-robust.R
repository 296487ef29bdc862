relative <- function(a, b) {
  size <- sqrt(abs(diag(b)))
  max(abs(unname(a) - unname(b)) / outer(size, size))
}

# glm(), settled, has its own numbers to about 1e-11; 1e-8 is what is promised
expect_same_covariance <- function(ours, theirs, label, tolerance = 1e-8) {
  expect_identical(dimnames(ours), dimnames(theirs), label = label)
  off <- relative(ours, theirs)
  expect(off <= tolerance, sprintf("%s: covariances differ by %.2g", label, off))
}

robust_pairs <- function(action = "na.omit") {
  d <- simulated_data(300L)
  d$x2 <- 2 * d$x
  d$z[c(5, 50)] <- NA
  pair <- function(formula, family, weights = d$w) {
    call <- list(formula, family = family, data = d, na.action = action)
    call$weights <- weights
    list(ours = do.call(gamut, call), theirs = do.call(settled_glm, call),
         label = paste(family$family, deparse(formula), action))
  }
  list(
    pair(count ~ x + f + z + offset(o), poisson()),
    pair(positive ~ x + x2 + f, Gamma("log")),
    pair(positive ~ x + z, Gamma("inverse"), NULL),
    pair(normal ~ x * f + big, gaussian()),
    pair(cbind(dead, m - dead) ~ x + f + offset(o), binomial("cloglog"), NULL),
    pair(dead / m ~ z + l, binomial(), d$m)
  )
}

test_that("HC covariances are those of sandwich on glm()", {
  skip_if_no_peer("sandwich")
  for (action in c("na.omit", "na.exclude")) {
    for (pair in robust_pairs(action)) {
      for (type in paste0("HC", 0:3)) {
        expect_same_covariance(vcov(pair$ours, complete = FALSE, type = type),
                               sandwich::vcovHC(pair$theirs, type),
                               paste(pair$label, type))
      }
    }
  }
})

test_that("clustered covariances are those of sandwich on glm()", {
  skip_if_no_peer("sandwich")
  for (pair in robust_pairs()) {
    for (type in c("HC0", "HC1")) {
      for (by in list(~g, ~i, ~ g + big)) {
        # two ways may make variances negative, here as there
        ours <- suppressWarnings(
          vcov(pair$ours, complete = FALSE, type = type, cluster = by),
          classes = "gamut_warning_cluster"
        )
        expect_same_covariance(ours, sandwich::vcovCL(pair$theirs, by, type),
                               paste(pair$label, type, deparse(by)))
      }
    }
    # without a type, HC0 as for glm
    expect_identical(vcov(pair$ours, cluster = ~g),
                     vcov(pair$ours, type = "HC0", cluster = ~g))
  }
})

test_that("clustered HC2 and HC3 of a linear model are those of sandwich", {
  skip_if_no_peer("sandwich")
  d <- simulated_data(120L)
  d$team <- rep(1:30, 4)
  ours <- gamut(normal ~ x * f, d)
  theirs <- glm(normal ~ x * f, data = d)
  for (type in c("HC2", "HC3")) {
    for (by in list(~i, ~team, ~ i + team)) {
      expect_same_covariance(vcov(ours, type = type, cluster = by),
                             sandwich::vcovCL(theirs, by, type),
                             paste(type, deparse(by)))
    }
  }
})

test_that("clustered HC3 of a weighted linear model is the jackknife", {
  d <- simulated_data(150L)
  fit <- gamut(normal ~ x + f, d, weights = w)
  change <- vapply(1:5, function(k) {
    coef(gamut(normal ~ x + f, d[d$i != k, ], weights = w)) - coef(fit)
  }, numeric(4L))
  # exact but for rounding
  expect_same_covariance(vcov(fit, type = "HC3", cluster = ~i),
                         tcrossprod(change), "jackknife", 1e-10)
})

# The definition, with the matrices written out
plain_clustered <- function(fit, power, code, right = FALSE) {
  x <- model.matrix(fit)
  rows <- fit_rows(fit)
  v <- solve(crossprod(x, rows$weight[, 1L] * x))
  meat <- 0
  for (k in unique(code)) {
    at <- which(code == k)
    s <- x[at, , drop = FALSE] %*% v %*% t(x[at, , drop = FALSE])
    w <- diag(rows$weight[at, 1L], length(at))
    spectrum <- eigen(diag(length(at)) - if (right) s %*% w else w %*% s)
    root <- spectrum$vectors %*% diag(spectrum$values^power, length(at)) %*%
      solve(spectrum$vectors)
    meat <- meat + tcrossprod(t(x[at, , drop = FALSE]) %*% Re(root) %*% rows$score[at, ])
  }
  v %*% meat %*% v
}

test_that("clustered HC2 and HC3 with unequal working weights follow the definition", {
  d <- simulated_data(100L)
  d$team <- rep(1:20, 5)
  fit <- gamut(count ~ x + z, d, poisson())
  for (type in c("HC2", "HC3")) {
    power <- if (type == "HC2") -0.5 else -1
    ours <- vcov(fit, type = type, cluster = ~team)
    # eigenvectors of a matrix that is not symmetric lose some digits
    expect_lt(relative(ours, plain_clustered(fit, power, d$team)), 1e-8)
  }
  # sandwich 3.0 has the factors the other way round
  skip_if_no_peer("sandwich")
  reference <- settled_glm(count ~ x + z, family = poisson(), data = d)
  if (utils::packageVersion("sandwich") < "3.1") {
    expect_lt(relative(sandwich::vcovCL(reference, d$team, "HC3"),
                       plain_clustered(fit, -1, d$team, right = TRUE)), 1e-8)
  }
})

test_that("several predictors: the definition in full, row by row and by clusters", {
  d <- simulated_data(80L)
  d$team <- rep(1:16, 5)
  fits <- list(gamut(list(fraction ~ x, phi ~ z), d, Beta(), weights = w),
               gamut(class ~ x, d, "categorical"))
  for (fit in fits) {
    v <- unscaled_vcov(fit)
    x <- predict(fit, type = "lpmatrix", predictor = "all")
    rows <- fit_rows(fit)
    a <- lapply(1:80, function(i) {
      out <- matrix(0, 2L, ncol(x))
      for (j in 1:2) out[j, attr(x, "lpi")[[j]]] <- x[i, attr(x, "lpi")[[j]]]
      out
    })
    adjusted <- function(at, power) {
      here <- do.call(rbind, a[at])
      w <- matrix(0, 2L * length(at), 2L * length(at))
      for (i in seq_along(at)) {
        w[2 * i - 1:0, 2 * i - 1:0] <- matrix(rows$weight[at[i], c(1, 2, 2, 3)], 2)
      }
      left <- eigen(diag(nrow(w)) - w %*% here %*% v %*% t(here))
      root <- left$vectors %*% diag(left$values^power) %*% solve(left$vectors)
      tcrossprod(t(here) %*% Re(root) %*% c(t(rows$score[at, ])))
    }
    plain <- function(code, power) {
      v %*% Reduce(`+`, lapply(split(1:80, code), adjusted, power)) %*% v
    }
    for (type in c("HC0", "HC2", "HC3")) {
      power <- switch(type, HC0 = 0, HC2 = -0.5, HC3 = -1)
      # as above
      expect_lt(relative(vcov(fit, type = type), plain(1:80, power)), 1e-8)
      factor <- if (type == "HC0") 16 / 15 else 1
      expect_lt(relative(vcov(fit, type = type, cluster = d$team),
                         factor * plain(d$team, power)), 1e-8)
    }
  }
})

test_that("two categories have the robust covariances of binomial", {
  d <- simulated_data()
  two <- gamut(factor(binary) ~ x, family = categorical(), data = d)
  one <- gamut(binary ~ x, family = binomial(), data = d)
  for (type in paste0("HC", 0:3)) {
    # two optima, each found to about 1e-9 in the coefficients
    expect_lt(relative(vcov(two, type = type), vcov(one, type = type)), 1e-7)
    expect_lt(relative(vcov(two, type = type, cluster = ~g),
                       vcov(one, type = type, cluster = ~g)), 1e-7)
  }
})

test_that("inverse square roots of blocks", {
  set.seed(3)
  blocks <- array(0, c(5L, 3L, 3L))
  for (i in 1:5) {
    root <- crossprod(matrix(rnorm(9), 3)) / 10
    blocks[i, , ] <- root %*% diag(c(1, 2, 3)) %*% root + 1e-6 * diag(3)
  }
  inverse <- inverse_root_blocks(blocks)
  for (i in 1:5) {
    # the condition of the block times the unit of rounding
    expect_equal(inverse[i, , ] %*% inverse[i, , ] %*% blocks[i, , ], diag(3),
                 tolerance = 1e-6)
  }
})

test_that("cross-products of every pair of storages", {
  d <- simulated_data(500L)
  d$other <- factor(sample(seq_len(35L), 500L, TRUE))
  contrasts(d$other) <- contr.sum(35L)
  fit <- gamut(normal ~ x + f + big + x:big + other, d)
  scores <- cbind(d$w)
  x <- model.matrix(fit)
  problem <- fit_problem(fit)
  # sums of 500 products in another order
  expect_equal(score_crossproduct(problem, scores), crossprod(d$w * x),
               tolerance = 1e-12, ignore_attr = TRUE)
  expect_equal(score_sums(problem, scores, d$i, 5L), rowsum(d$w * x, d$i),
               tolerance = 1e-12, ignore_attr = TRUE)
  expect_equal(score_total(problem, scores), drop(crossprod(x, d$w)),
               tolerance = 1e-12, ignore_attr = TRUE)
  expect_equal(cluster_crossproduct(problem, scores, as.integer(d$big), cells = 2e3),
               crossprod(rowsum(d$w * x, d$big)), tolerance = 1e-12, ignore_attr = TRUE)
})

test_that("rows of weight 0 are no rows", {
  d <- simulated_data(60L)
  d$w[c(3, 10)] <- 0
  with <- gamut(normal ~ x, d, weights = w)
  without <- gamut(normal ~ x, d[d$w > 0, ], weights = w)
  for (type in paste0("HC", 0:3)) {
    # two fits, each good to about 1e-9
    expect_lt(relative(vcov(with, type = type), vcov(without, type = type)), 1e-8)
    expect_lt(relative(vcov(with, type = type, cluster = ~i),
                       vcov(without, type = type, cluster = ~i)), 1e-8)
  }
})

test_that("clusters may come from the model, the data, or a vector", {
  d <- simulated_data()
  d$z[c(5, 50)] <- NA
  used <- d$x > -0.5 & !is.na(d$z)
  fit <- gamut(normal ~ z + g, d, subset = x > -0.5)
  wanted <- vcov(fit, cluster = d$i[used])
  for (by in list(~i, d$i, d["i"], list(team = d$i), d$i[d$x > -0.5])) {
    expect_identical(vcov(fit, cluster = by), wanted)
  }
  expect_identical(vcov(fit, cluster = ~i, data = d), wanted)
  expect_identical(vcov(fit, cluster = ~ factor(i)), wanted)
  # in the model: no data are needed
  inside <- local({
    mine <- d
    gamut(normal ~ z + g, mine)
  })
  expect_identical(vcov(inside, cluster = ~g), vcov(gamut(normal ~ z + g, d),
                                                    cluster = ~g))
  joint <- vcov(fit, cluster = ~ interaction(i, g))
  expect_identical(joint, vcov(fit, cluster = paste(d$i, d$g)))
  # a fit without data
  slim <- gamut(normal ~ z + g, d, subset = x > -0.5,
                control = gamut_control(keep_data = FALSE))
  expect_identical(vcov(slim, cluster = ~i, data = d), wanted)
  expect_identical(vcov(slim, type = "HC3", data = d), vcov(fit, type = "HC3"))
})

test_that("clusters that cannot be are errors", {
  d <- simulated_data(50L)
  d$gap <- replace(d$i, 7:9, NA)
  fit <- gamut(count ~ x, d, poisson())
  lost <- local({
    mine <- d
    result <- gamut(count ~ x, mine, poisson())
    mine <- mine[1:20, ]
    result$spec$env <- environment()
    result
  })
  slim <- gamut(count ~ x, d, poisson(), control = gamut_control(keep_data = FALSE))
  expect_snapshot(error = TRUE, {
    vcov(fit, type = "HC4")
    vcov(fit, type = "model", cluster = ~i)
    vcov(fit, cluster = ~school)
    vcov(fit, cluster = ~i, data = d["x"])
    vcov(fit, cluster = count ~ i)
    vcov(fit, cluster = ~1)
    vcov(fit, cluster = ~gap)
    vcov(fit, cluster = 1:3)
    vcov(fit, cluster = rep(1, 50))
    vcov(fit, cluster = list(a = matrix(1, 50, 2)))
    vcov(lost, cluster = ~i)
    vcov(slim, type = "HC0")
  })
  expect_error(vcov(fit, cluster = 1:3), class = "gamut_error_cluster")
})

test_that("rows and clusters of leverage 1 are left out with a warning", {
  d <- data.frame(y = c(1, 3, 2, 5, 4, 9), x = c(0, 0, 0, 0, 0, 1))
  fit <- gamut(y ~ x, d)
  expect_snapshot(robust <- vcov(fit, type = "HC3"))
  # the mean of the other five, left out one at a time
  others <- d$y[1:5] - mean(d$y[1:5])
  expect_equal(robust[1, 1], sum((others / 5 / (1 - 1 / 5))^2), tolerance = 1e-10)
  expect_snapshot(invisible(vcov(fit, type = "HC2", cluster = c(1, 1, 2, 2, 2, 3))))
})

test_that("negative variances of several ways are said", {
  d <- simulated_data(300L)
  fit <- gamut(count ~ x + f + z + offset(o), d, poisson())
  expect_snapshot(invisible(vcov(fit, cluster = ~ i + g)))
})

test_that("summary() and confint() take another covariance", {
  d <- simulated_data()
  d$x2 <- 2 * d$x
  fit <- gamut(count ~ x + x2 + f, d, poisson())
  robust <- vcov(fit, type = "HC3")
  errors <- sqrt(diag(robust))
  estimated <- !is.na(coef(fit))
  for (given in list(robust, robust[estimated, estimated], "HC3", list(type = "HC3"),
                     function(x) vcov(x, type = "HC3"))) {
    table <- coef(summary(fit, vcov = given))
    expect_equal(table[, 2L], errors[estimated])
    expect_equal(table[, 3L], coef(fit)[estimated] / errors[estimated])
    expect_equal(confint(fit, vcov = given)[, 2L],
                 coef(fit) + qnorm(0.975) * errors)
  }
  expect_equal(summary(fit, vcov = "HC3", correlation = TRUE)$correlation,
               cov2cor(robust[estimated, estimated]))
  expect_null(summary(fit)$vcov)
  expect_snapshot({
    summary(fit, vcov = list(type = "HC1", cluster = ~i))
    summary(fit, vcov = robust)$vcov
    summary(fit, vcov = 2 * robust)$vcov
    summary(fit, vcov = list(cluster = d$i))$vcov
  })
  expect_snapshot(error = TRUE, {
    summary(fit, vcov = diag(2))
    summary(fit, vcov = list("HC3"))
    summary(fit, vcov = list(kind = "HC3"))
    summary(fit, vcov = robust[5:1, 5:1])
    confint(fit, vcov = "HC3", method = "profile")
  })
})

test_that("lmtest takes the covariances of sandwich and ours", {
  skip_if_no_peer("lmtest")
  skip_if_no_peer("sandwich")
  d <- simulated_data()
  fit <- gamut(count ~ x + f, d, poisson())
  wanted <- coef(summary(fit, vcov = "HC3"))
  for (tested in list(lmtest::coeftest(fit, vcov = sandwich::vcovHC),
                      lmtest::coeftest(fit, vcov. = vcov, type = "HC3"),
                      lmtest::coeftest(fit, vcov(fit, type = "HC3")))) {
    # the same sums in another order
    expect_equal(unclass(tested), wanted, tolerance = 1e-8, ignore_attr = TRUE)
  }
  expect_identical(summary(fit, vcov = sandwich::vcovHC)$vcov, "sandwich::vcovHC")
})
