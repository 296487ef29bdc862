test_that("Z is that of lme4: intercepts and slopes", {
  skip_if_no_peer("lme4")
  sleepstudy <- lme4::sleepstudy
  expect_lme4_design(Reaction ~ Days + (1 | Subject), sleepstudy)
  expect_lme4_design(Reaction ~ Days + (Days | Subject), sleepstudy)
  expect_lme4_design(Reaction ~ Days + (0 + Days | Subject), sleepstudy)
  expect_lme4_design(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), sleepstudy)
  expect_lme4_design(Reaction ~ Days + (poly(Days, 2) | Subject), sleepstudy)
  expect_lme4_design(Reaction ~ Days + (log(Days + 1) + I(Days^2) | Subject), sleepstudy)
})

test_that("Z is that of lme4: crossed, nested and partially nested factors", {
  skip_if_no_peer("lme4")
  expect_lme4_design(diameter ~ (1 | plate) + (1 | sample), lme4::Penicillin)
  expect_lme4_design(strength ~ (1 | batch / cask), lme4::Pastes)
  expect_lme4_design(strength ~ (1 | batch:cask), lme4::Pastes)
  expect_lme4_design(strength ~ (1 | batch) + (1 | sample), lme4::Pastes)
  few <- lme4::InstEval[seq(1L, 70000L, by = 50L), ]
  expect_lme4_design(y ~ service + (1 | s) + (1 | d) + (1 | dept:service), few)
  expect_lme4_design(y ~ service + (studage | d) + (service | dept), few)
  cbpp <- lme4::cbpp
  expect_lme4_design(size ~ period + (1 | herd), cbpp)
})

test_that("Z is that of lme4: factors left of the bar", {
  skip_if_no_peer("lme4")
  skip_if_no_peer("nlme")
  expect_lme4_design(score ~ Machine + (Machine | Worker), nlme::Machines)
  expect_lme4_design(score ~ Machine + (0 + Machine | Worker), nlme::Machines)
  expect_lme4_design(score ~ Machine + (1 | Worker / Machine), nlme::Machines)
  expect_lme4_design(yield ~ nitro * Variety + (1 | Block / Variety), nlme::Oats)
  expect_lme4_design(yield ~ nitro + (0 + Variety:nitro | Block), nlme::Oats)
  expect_lme4_design(yield ~ nitro + (nitro * Variety | Block), nlme::Oats)
})

test_that("Z is that of lme4 when rows are missing, left out, and levels unused", {
  skip_if_no_peer("lme4")
  d <- lme4::sleepstudy
  d$Reaction[3L] <- NA
  d$Days[20L] <- NA
  d$Subject[c(1L, 45L)] <- NA
  setup <- expect_lme4_design(Reaction ~ Days + (Days | Subject), d)
  expect_identical(setup$frame$rows, 176L)
  d <- lme4::sleepstudy
  setup <- expect_lme4_design(Reaction ~ 1 + (poly(Days, 2) | Subject), d,
                              subset = which(as.integer(d$Subject) > 4L))
  expect_length(setup$problem$random[[1L]]$levels, 14L)
})

d <- data.frame(y = seq_len(24) / 7, x = rep(c(0.5, 1, 3), 8), g = gl(4, 6),
                f = factor(rep(c("u", "v", "w"), 8)), h = rep(1:4, each = 2, times = 3))

test_that("terms of one grouping factor are one term of the engine", {
  random <- random_of(y ~ x + (1 | g) + (1 | h) + (0 + x | g) + (0 + f || g), d)
  expect_identical(vapply(random, `[[`, "", "group"), c("g", "h"))
  g <- random[[1L]]
  expect_identical(g$effects, c("(Intercept)", "x", "fu", "fv", "fw"))
  expect_identical(lapply(g$parts, `[[`, "columns"), list(1L, 2L, 3:5))
  expect_identical(vapply(g$parts, `[[`, "", "label"),
                   c("(1 | g)", "(0 + x | g)", "(0 + f || g)"))
  expect_identical(g$covariance$kind, "sum")
  expect_identical(vapply(g$covariance$parts, `[[`, "", "kind"), c("us", "us", "diag"))
  expect_identical(vapply(g$covariance$parts, `[[`, 0L, "size"), c(1L, 1L, 3L))
  expect_identical(c(g$first, random[[2L]]$first), c(2L, 22L))
})

test_that("a:b and b:a are one grouping", {
  random <- random_of(y ~ (1 | g:h) + (0 + x | h:g), d)
  expect_length(random, 1L)
  expect_identical(random[[1L]]$group, "g:h")
})

test_that("|| is a diagonal of all columns, also of factors", {
  random <- random_of(y ~ (f || g), d)[[1L]]
  expect_identical(random$covariance[c("kind", "size")], list(kind = "diag", size = 3L))
  expect_identical(random$effects, c("(Intercept)", "fv", "fw"))
})

test_that("an effect that is written twice is an error", {
  expect_snapshot(error = TRUE, {
    setup_of(y ~ (1 | g) + (x | g), d)
    setup_of(y ~ (x | g) + (1 | g), d)
    setup_of(y ~ (1 | g) + us(1 | g), d)
    setup_of(y ~ (f || g) + (0 + f | g), d)
    setup_of(y ~ (1 | g:h) + (1 | h:g), d)
  })
  # a part that is correlated over times beside one that is not
  expect_length(random_of(y ~ ar1(0 + f | g) + (0 + f | g), d), 1L)
})

test_that("structures have their kinds", {
  kind <- function(formula) random_of(formula, d)[[1L]]$covariance$kind
  expect_identical(kind(y ~ us(x | g)), "us")
  expect_identical(kind(y ~ diag(x | g)), "diag")
  expect_identical(kind(y ~ cs(f | g)), "cs")
  expect_identical(kind(y ~ cs(1 | g)), "us")
  expect_identical(kind(y ~ toep(0 + f | g)), "toep")
})

test_that("times keep their distances where there are no data", {
  d$t <- factor(c(1, 2, 4)[match(d$f, c("u", "v", "w"))])
  random <- random_of(y ~ ar1(0 + t | g), d)[[1L]]
  expect_identical(random$effects, c("t1", "t2", "t3", "t4"))
  expect_identical(random$covariance$size, 4L)
  problem <- setup_of(y ~ ar1(0 + t | g), d)$problem
  z <- random_design(problem, 1L)
  expect_true(all(rowSums(z) == 1))
  expect_true(all(z[, c(3L, 7L, 11L, 15L)] == 0))
  # tenths, with their rounding errors, and levels in the order of text
  d$t <- as.character(c(0.1, 10.2, 0.3)[match(d$f, c("u", "v", "w"))])
  expect_error(random_of(y ~ ar1(0 + t | g), d), class = "gamut_error_data")
  d$t <- as.character(c(0.8, 0.1, 0.3)[match(d$f, c("u", "v", "w"))])
  expect_identical(random_of(y ~ toep(0 + t | g), d)[[1L]]$effects,
                   paste0("t", seq(0.1, 0.8, by = 0.1)))
  # levels without numbers: those between have a place, those at the ends do not
  d$t <- factor(d$f, levels = c("t", "u", "v", "v2", "w", "z"))
  expect_identical(random_of(y ~ ar1(0 + t | g), d)[[1L]]$effects,
                   c("tu", "tv", "tv2", "tw"))
})

test_that("positions are levels or coordinates, and distances go to the engine", {
  d$z <- c(1, 1, 2)[match(d$f, c("u", "v", "w"))]
  d$pos <- factor(paste0("(", d$x, ",", d$z, ")"))
  far <- as.vector(as.matrix(stats::dist(unique(cbind(d$x, d$z)))))
  by_level <- random_of(y ~ exp(pos + 0 | g), d)[[1L]]
  expect_identical(by_level$effects, paste0("pos", levels(d$pos)))
  expect_identical(by_level$covariance$kind, "exp")
  expect_equal(by_level$covariance$numbers, far)
  by_number <- random_of(y ~ mat(x + z | g), d)[[1L]]
  expect_identical(by_number$effects, c("(0.5,1)", "(1,1)", "(3,2)"))
  expect_equal(by_number$covariance$numbers, far)
  design <- function(formula) random_design(setup_of(formula, d)$problem, 1L)
  expect_identical(design(y ~ exp(0 + pos | g)), design(y ~ mat(x + z | g)))
  # one field: a grouping factor of one level
  d$field <- 1
  expect_identical(random_of(y ~ exp(x + z | field), d)[[1L]]$levels, "1")
})

test_that("what a structure cannot take is said", {
  d$pos <- d$f
  d$twice <- factor(c("(1,2)", "(1, 2)", "(3,4)")[as.integer(d$f)])
  d$t <- factor(c(1, 2, 1000)[as.integer(d$f)])
  expect_snapshot(error = TRUE, {
    setup_of(y ~ ar1(f | g), d)
    setup_of(y ~ ar1(x | g), d)
    setup_of(y ~ toep(0 + f + x | g), d)
    setup_of(y ~ exp(x + f | g), d)
    setup_of(y ~ exp(0 + pos | g), d)
    setup_of(y ~ mat(0 + twice | g), d)
    setup_of(y ~ ar1(0 + t | g), d)
  })
})

test_that("known() has Z L with L L' = K, of the levels in use, by name", {
  k <- 0.3 + diag(5)
  dimnames(k) <- list(c(5, 3, 1, 4, 2), c(5, 3, 1, 4, 2))
  k[1L, 2L] <- k[2L, 1L] <- 0.9
  setup <- setup_of(y ~ known(1 | g, K = k) + (1 | g), d)
  random <- setup$problem$random
  expect_length(random, 2L)
  expect_identical(random[[1L]]$covariance[c("kind", "size")],
                   list(kind = "identity", size = 1L))
  z <- random_design(setup$problem, 2L)
  # two products of the same numbers in another order
  expect_equal(tcrossprod(random_design(setup$problem, 1L)),
               unname(z %*% k[levels(d$g), levels(d$g)] %*% t(z)), tolerance = 1e-12)
  slope <- setup_of(y ~ known(0 + x | g, K = k), d)$problem
  expect_equal(random_design(slope, 1L), random_design(setup$problem, 1L) * d$x,
               tolerance = 1e-12)
  # clones: a matrix of rank 1
  ones <- matrix(1, 4L, 4L)
  clones <- setup_of(y ~ known(1 | g, K = ones), d)$problem
  expect_equal(tcrossprod(random_design(clones, 1L)), matrix(1, 24L, 24L),
               tolerance = 1e-12)
})

test_that("what K cannot be is said", {
  k <- diag(4)
  named <- `dimnames<-`(diag(3), list(1:3, 1:3))
  mixed <- `dimnames<-`(diag(4), list(1:4, 4:1))
  skew <- diag(4) + c(0, 1, rep(0, 14))
  expect_snapshot(error = TRUE, {
    setup_of(y ~ known(x | g, K = k), d)
    setup_of(y ~ known(1 | g, K = absent), d)
    setup_of(y ~ known(1 | g, K = 1:4), d)
    setup_of(y ~ known(1 | g, K = k[1:3, 1:3]), d)
    setup_of(y ~ known(1 | g, K = named), d)
    setup_of(y ~ known(1 | g, K = mixed), d)
    setup_of(y ~ known(1 | g, K = skew), d)
    setup_of(y ~ known(1 | g, K = -k), d)
    setup_of(y ~ known(1 | g, K = NA * k), d)
  })
})
