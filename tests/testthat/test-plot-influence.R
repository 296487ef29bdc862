test_that("influence looks as it should", {
  skip_on_cran()
  skip_if_not_installed("vdiffr")
  fit <- orthodont_fit()
  groups <- influence(fit, group = "Subject")
  vdiffr::expect_doppelganger("by subject", function() plot(groups))
  vdiffr::expect_doppelganger("rows, and other measures", function() {
    plot(influence(fit), what = c("cook", "covratio"), layout = c(1, 2))
  })
  vdiffr::expect_doppelganger("variances", function() plot(groups, "covariance"))
})

test_that("what is drawn of influence comes back", {
  grDevices::pdf(NULL)
  device <- grDevices::dev.cur()
  withr::defer(grDevices::dev.off(device))
  fit <- orthodont_fit()
  groups <- influence(fit, group = "Subject")
  drawn <- plot(groups, c("cook", "dfbetas", "covratio", "covariance"))
  expect_named(drawn, c("Cook's distance", "DFBETAS: (Intercept)", "DFBETAS: age",
                        "COVRATIO", colnames(groups$covariance)))
  expect_identical(drawn[["DFBETAS: age"]]$value, unname(groups$dfbetas[, "age"]))
  expect_identical(drawn[[1L]]$group, names(groups$cook))
  # groups without a value leave a gap
  by_sex <- gamut(distance ~ Sex + (1 | Subject), data = orthodont(), method = "ML")
  gaps <- influence(by_sex, group = ~Sex)
  expect_no_error(plot(gaps))
  expect_error(plot(influence(fit), "covariance"), class = "gamut_error_plot")
  expect_error(plot(groups, "leverage"), class = "gamut_error_argument")
})
