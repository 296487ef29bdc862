test_that("the components are those of lme4's rePCA()", {
  skip_if_no_peer("lme4")
  d <- lme4::sleepstudy
  fit <- gamut(Reaction ~ Days + (Days | Subject), data = d)
  report <- rank_report(fit)[[1L]]
  peer <- lme4::rePCA(settled_lmer(Reaction ~ Days + (Days | Subject), d))$Subject
  # as far as settled_lmer() goes
  expect_equal(report$values, peer$sdev, tolerance = 5e-5)
  expect_identical(report$rank, 2L)
  expect_null(report$note)
})

test_that("zero variances and perfect correlations are said in a sentence", {
  d <- data.frame(g = gl(6, 5), x = rep(-2:2, 6))
  noise <- rep(c(1, -2, 2, -2, 1), 6)
  d$none <- 0.5 * d$x + noise
  height <- rep(c(1, 5, 2, 8, 3, 9), each = 5)
  d$height <- height + d$none
  d$fan <- height * (1 + d$x / 3) + d$none
  expect_snapshot({
    rank_report(gamut(none ~ x + (1 | g), data = d))
    rank_report(gamut(height ~ x + (x || g), data = d))
    rank_report(gamut(fan ~ x + (x | g), data = d))
    rank_report(gamut(distance ~ age + (age | Subject), data = nlme::Orthodont))
  })
})
