emmeans_table <- function(...) as.data.frame(emmeans::emmeans(...))

test_that("marginal means are those of glm() and lm()", {
  skip_if_no_peer("emmeans")
  d <- simulated_data()
  fit <- gamut(count ~ poly(x, 2) + f * l, d, poisson())
  reference <- glm_to_the_end(count ~ poly(x, 2) + f * l, poisson(), d)
  # 1e-7: what the project promises on standard errors
  for (type in c("link", "response")) {
    expect_equal(emmeans_table(fit, "f", by = "l", type = type),
                 emmeans_table(reference, "f", by = "l", type = type, data = d),
                 tolerance = 1e-7, ignore_attr = TRUE)
  }
  fit <- gamut(normal ~ x + f, d)
  expect_equal(emmeans_table(fit, "f"), emmeans_table(lm(normal ~ x + f, d), "f"),
               tolerance = 1e-7, ignore_attr = TRUE)
})

test_that("any linear predictor will do", {
  skip_if_no_peer("emmeans")
  d <- simulated_data()
  fit <- gamut(list(fraction ~ x, phi ~ f), d, Beta())
  means <- emmeans_table(fit, "f", predictor = "phi")
  expect_equal(means$emmean[2:3] - means$emmean[1L],
               unname(coef(fit)[c("phi:fb", "phi:fc")]))
  response <- emmeans_table(fit, "f", predictor = "phi", type = "response")
  expect_equal(response$response, exp(means$emmean))
})

test_that("what cannot be estimated is not", {
  skip_if_no_peer("emmeans")
  d <- simulated_data()
  d <- d[!(d$f == "c" & d$g == "D"), ]
  fit <- gamut(normal ~ f * g, d)
  reference <- lm(normal ~ f * g, d)
  ours <- emmeans_table(fit, c("f", "g"))
  expect_equal(ours, emmeans_table(reference, c("f", "g")), tolerance = 1e-7,
               ignore_attr = TRUE)
  expect_true(anyNA(ours$emmean))
})

test_that("aliased coefficients leave degrees of freedom as they are", {
  skip_if_no_peer("emmeans")
  d <- orthodont()
  d$months <- 12 * d$age
  fit <- gamut(distance ~ age + Sex + (1 | Subject), d, method = "ML")
  aliased <- gamut(distance ~ age + months + Sex + (1 | Subject), d, method = "ML")
  expect_identical(sum(is.na(coef(aliased))), 1L)
  ours <- emmeans_table(aliased, "Sex")
  # both searches have theta to 1e-6
  expect_equal(ours, emmeans_table(fit, "Sex"), tolerance = 1e-5, ignore_attr = TRUE)
  expect_true(all(is.finite(ours$df)))
})

test_that("a fit without data asks for them", {
  skip_if_no_peer("emmeans")
  d <- simulated_data()
  small <- gamut(count ~ x + f, d, poisson(),
                 control = gamut_control(keep_data = FALSE))
  expect_error(emmeans::emmeans(small, "f"), "keep_data = FALSE")
  fit <- gamut(count ~ x + f, d, poisson())
  expect_equal(emmeans_table(small, "f", data = d), emmeans_table(fit, "f"),
               ignore_attr = TRUE)
})
