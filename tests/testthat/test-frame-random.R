d <- data.frame(y = seq_len(24) / 7, x = rep(c(0.5, 1, 3), 8), g = gl(4, 6),
                f = factor(rep(c("u", "v", "w"), 8)), h = rep(1:4, each = 2, times = 3))

levels_of <- function(formula, data, ...) random_of(formula, data, ...)[[1L]]$levels

test_that("a grouping factor may be a factor, text, a logical or whole numbers", {
  d$text <- as.character(d$f)
  d$logical <- d$x > 1
  d$whole <- d$h * 10
  d$day <- as.Date("2020-01-01") + d$h
  d$back <- factor(d$g, levels = 4:1)
  expect_identical(levels_of(y ~ (1 | back), d), c("4", "3", "2", "1"))
  expect_identical(levels_of(y ~ (1 | text), d), c("u", "v", "w"))
  expect_identical(levels_of(y ~ (1 | logical), d), c("FALSE", "TRUE"))
  expect_identical(levels_of(y ~ (1 | whole), d), c("10", "20", "30", "40"))
  expect_identical(levels_of(y ~ (1 | factor(x)), d), c("0.5", "1", "3"))
  expect_identical(levels_of(y ~ (1 | day), d), paste0("2020-01-0", 2:5))
})

test_that("codes belong to the levels, and a factor is its own codes", {
  frame <- setup_of(y ~ (1 | g) + (1 | h) + (1 | f:h), d)$frame
  expect_identical(frame$group_codes$g, d$g)
  expect_identical(frame$group_codes$h, as.integer(d$h))
  cell <- frame$groups[["f:h"]]
  expect_identical(cell$levels[frame$group_codes[["f:h"]]],
                   paste(d$f, d$h, sep = ":"))
  expect_null(strip_frame(frame)$group_codes)
  expect_identical(strip_frame(frame)$groups, frame$groups)
})

test_that("combinations are those that occur, sorted by one factor after another", {
  some <- d[d$f != "u" | d$g == "2", ]
  wanted <- expand.grid(f = c("u", "v", "w"), g = 1:4)
  wanted <- wanted[order(wanted$g, wanted$f), ]
  wanted <- wanted[wanted$f != "u" | wanted$g == 2, ]
  expect_identical(levels_of(y ~ (1 | g:f), some), paste(wanted$g, wanted$f, sep = ":"))
  some$big <- factor(ifelse(some$x > 1, "z", "a"), levels = c("z", "a"))
  some$y <- rep_len(0:3, nrow(some))
  three <- unique(some[c("big", "g", "f")])
  three <- three[do.call(order, three), ]
  expect_identical(levels_of(y ~ (1 | big:g:f), some, family = poisson),
                   paste(three$big, three$g, three$f, sep = ":"))
})

test_that("many combinations do not overflow the codes", {
  n <- 300L
  wide <- data.frame(y = rep_len(0:3, n), a = seq_len(n), b = rev(seq_len(n)))
  # levels of three factors: 2.7e7 at each step, in doubles
  wide$c <- wide$a
  wide$e <- wide$b
  expect_length(levels_of(y ~ (1 | a:b:c:e), wide, family = poisson), n)
})

test_that("variables of bars are missing, left out, and not found as all others", {
  d$g[1:2] <- NA
  d$x[3L] <- NA
  setup <- setup_of(y ~ (x | g), d)
  expect_identical(setup$frame$rows, 21L)
  expect_identical(as.integer(setup$frame$na_action), 1:3)
  expect_identical(nlevels(setup$frame$group_codes$g), 4L)
  setup <- setup_of(y ~ (x | g), d, subset = h > 2 & g != 1)
  expect_identical(setup$problem$random[[1L]]$levels, c("2", "3", "4"))
  expect_error(setup_of(y ~ (x | g), d, na.action = na.fail), class = "gamut_error_data")
  expect_snapshot(error = TRUE, {
    setup_of(y ~ (1 | gg), d)
    setup_of(y ~ (slope | g), d)
    setup_of(y ~ (1 | g), d[0, ])
    setup_of(y ~ (1 | g), list(y = 1:3, g = 1:2))
  })
})

test_that("a dot left of a bar is all columns that no bar or smooth names", {
  random <- random_of(y ~ 1 + (. | g), d[c("y", "x", "f", "g")])[[1L]]
  expect_identical(random$effects, c("(Intercept)", "x", "fv", "fw"))
})

test_that("groupings without information are errors", {
  d$one <- "a"
  d$row <- seq_len(24)
  d$m <- cbind(d$h, d$h)
  d$few <- factor(d$g, labels = c("a", "b", "c", "d"))
  expect_snapshot(error = TRUE, {
    setup_of(y ~ x + (1 | one), d)
    setup_of(y ~ x + (1 | few), d, subset = few == "b")
    setup_of(y ~ x + (1 | row), d)
    setup_of(y ~ x + (1 | row), d, family = Gamma)
    setup_of(y ~ x + (1 | x), d)
    setup_of(y ~ x + (1 | m), d)
    setup_of(y ~ poly(h, 3) * f * g + (1 | g), d, subset = x < 3)
  })
  # an effect a row is overdispersion where the family has no scale of its own
  count <- d
  count$y <- rep(0:3, 6)
  expect_length(levels_of(y ~ x + (1 | row), count, family = poisson), 24L)
  # weights part it from the scale, as in a meta-analysis
  expect_length(levels_of(y ~ x + (1 | row), d, weights = h), 24L)
  # as does a known matrix in which some rows are nearer to each other than others
  k <- 0.5^abs(outer(1:24, 1:24, `-`))
  expect_length(levels_of(y ~ x + known(1 | row, K = k), d), 24L)
})

test_that("labels that are used again in each group are asked about", {
  skip_if_no_peer("lme4")
  skip_if_no_peer("nlme")
  crossed <- strength ~ (1 | batch) + (1 | cask)
  expect_snapshot(invisible(setup_of(crossed, lme4::Pastes)))
  expect_message(setup_of(crossed, lme4::Pastes), class = "gamut_message_nesting")
  expect_no_message(setup_of(strength ~ (1 | batch / cask), lme4::Pastes))
  expect_no_message(setup_of(strength ~ (1 | batch) + (1 | sample), lme4::Pastes))
  expect_no_message(setup_of(strength ~ (1 | batch) + (1 | cask) + (1 | batch:cask),
                             lme4::Pastes))
  expect_no_message(setup_of(diameter ~ (1 | plate) + (1 | sample), lme4::Penicillin))
  few <- lme4::InstEval[seq(1L, 70000L, by = 50L), ]
  expect_no_message(setup_of(y ~ (1 | s) + (1 | d) + (1 | dept), few))
  # an offset that varies by group is refused where the formula is read
  expect_error(setup_of(y ~ (x + offset(h) | g), d), class = "gamut_error_formula")
})

test_that("new data have the codes of the fit, and new levels apart", {
  frame <- setup_of(y ~ x + (poly(x, 2) | g) + (1 | f:h), d)$frame
  new <- data.frame(x = c(1, 2, 3, NA, 1), g = c("4", "9", "1", "1", NA),
                    f = c("v", "v", "w", "u", "u"), h = c(1, 5, 4, 1, 1))
  own <- build_newframe(strip_frame(frame), new)
  expect_identical(own$kept, 1:3)
  expect_identical(own$group_codes$g, c(4L, NA, 1L))
  cells <- frame$groups[["f:h"]]$levels
  expect_identical(own$group_codes[["f:h"]], match(c("v:1", "v:5", "w:4"), cells))
  expect_identical(own$new_levels, list(g = "9", `f:h` = "v:5"))
  problem <- build_problem(own, as_gamut_family("gaussian"))
  basis <- cbind(1, stats::predict(stats::poly(d$x, 2), own$variables$x))
  z <- random_design(problem, 1L)
  expect_identical(dim(z), c(3L, 12L))
  # poly() of the fit is evaluated again, with rounding
  expect_equal(z[1L, 10:12], unname(basis[1L, ]), tolerance = 1e-12)
  expect_true(all(z[2L, ] == 0))
  eta <- engine_linear_predictor(problem, as.double(seq_len(problem$coefficients)))
  both <- cbind(1, own$variables$x, z, random_design(problem, 2L))
  expect_equal(eta, both %*% seq_len(ncol(both)), tolerance = 1e-12)
})

test_that("bars are evaluated in new data only where they are asked for", {
  frame <- setup_of(y ~ x + (1 | g), d)$frame
  new <- build_newframe(frame, data.frame(x = 1:2), random = FALSE)
  problem <- build_problem(new, as_gamut_family("gaussian"))
  expect_identical(problem$coefficients, 2L)
  expect_length(problem$random, 0L)
  expect_snapshot(build_newframe(frame, data.frame(x = 1:2)), error = TRUE)
})

test_that("places of new data that the fit does not have are no effects", {
  d$z <- d$h
  frame <- setup_of(y ~ exp(x + z | g), d)$frame
  new <- build_newframe(strip_frame(frame), data.frame(x = c(1, 7), z = 1:2, g = 1))
  problem <- build_problem(new, as_gamut_family("gaussian"))
  expect_identical(rowSums(random_design(problem, 1L)), c(1, 0))
})
