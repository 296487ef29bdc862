d <- compound_data()
new <- inside_of(d)

expect_same_tensor <- function(spec, peer, data = d) {
  basis <- smooth_basis(spec, data, NULL)
  other <- mgcv::smooth.construct(peer, data, NULL)
  expect_same_smooth(basis_matrix(basis, data), basis$S, other$X, other$S,
                     basis_matrix(basis, new), mgcv::Predict.matrix(other, new))
  expect_equal(basis$rank, as.vector(other$rank))
  expect_equal(basis$null_dim, other$null.space.dim)
  expect_identical(basis$constraint, if (is.null(other$C)) "sum" else "none")
  expect_ranks(basis)
}

test_that("te() has the space and the penalties of mgcv", {
  skip_if_no_peer("mgcv")
  expect_same_tensor(tensor_spec("te", c("x", "z")), mgcv::te(x, z))
  expect_same_tensor(
    tensor_spec("te", c("x", "z"), "ps", k = c(5, 6), m = list(c(2, 1), c(2, 2))),
    mgcv::te(x, z, bs = "ps", k = c(5, 6), m = list(c(2, 1), c(2, 2)))
  )
  expect_same_tensor(tensor_spec("te", c("x", "z"), c("tp", "cc"), k = c(5, 6)),
                     mgcv::te(x, z, bs = c("tp", "cc"), k = c(5, 6)))
  expect_same_tensor(tensor_spec("te", c("x", "z"), c("bs", "ps"), np = FALSE),
                     mgcv::te(x, z, bs = c("bs", "ps"), np = FALSE))
  expect_same_tensor(tensor_spec("te", c("x", "f"), c("cr", "re")),
                     mgcv::te(x, f, bs = c("cr", "re")))
})

test_that("te() of three covariates has those of mgcv, margins of two among them", {
  skip_if_no_peer("mgcv")
  term <- c("x", "z", "w")
  expect_same_tensor(tensor_spec("te", term, k = c(4, 3, 5)),
                     mgcv::te(x, z, w, k = c(4, 3, 5)))
  expect_same_tensor(
    tensor_spec("te", term, c("tp", "cr"), d = c(2, 1), k = c(12, 4)),
    mgcv::te(x, z, w, bs = c("tp", "cr"), d = c(2, 1), k = c(12, 4))
  )
  # splines of one covariate give way to thin plates in a margin of two
  expect_same_tensor(tensor_spec("te", term, d = c(1, 2), k = c(4, 10)),
                     mgcv::te(x, z, w, d = c(1, 2), k = c(4, 10)))
})

test_that("ti() has the space and the penalties of mgcv", {
  skip_if_no_peer("mgcv")
  expect_same_tensor(tensor_spec("ti", "x"), mgcv::ti(x))
  expect_same_tensor(tensor_spec("ti", c("x", "z")), mgcv::ti(x, z))
  expect_same_tensor(tensor_spec("ti", c("x", "z"), c("tp", "ps"), mc = c(TRUE, FALSE)),
                     mgcv::ti(x, z, bs = c("tp", "ps"), mc = c(TRUE, FALSE)))
  expect_same_tensor(tensor_spec("ti", c("x", "z"), c("ts", "cc")),
                     mgcv::ti(x, z, bs = c("ts", "cc")))
  expect_same_tensor(
    tensor_spec("ti", c("x", "z", "w"), c("tp", "cr"), d = c(2, 1), k = c(12, 4)),
    mgcv::ti(x, z, w, bs = c("tp", "cr"), d = c(2, 1), k = c(12, 4))
  )
})

test_that("margins take their knots, orders and xt", {
  skip_if_no_peer("mgcv")
  knots <- list(z = c(-3, 0, 1, 2, 6), unrelated = 1:3)
  basis <- smooth_basis(tensor_spec("te", c("x", "z"), k = c(4, 5)), d, knots)
  other <- mgcv::smooth.construct(mgcv::te(x, z, k = c(4, 5)), d, knots)
  expect_same_smooth(basis_matrix(basis, d), basis$S, other$X, other$S)
  basis <- smooth_basis(tensor_spec("te", c("x", "z"), "tp", m = c(2, 1)), d, NULL)
  other <- mgcv::smooth.construct(mgcv::te(x, z, bs = "tp", m = c(2, 1)), d, NULL)
  expect_same_smooth(basis_matrix(basis, d), basis$S, other$X, other$S)
  xt <- list(list(max.knots = 40), NULL)
  specs <- margin_specs(tensor_spec("te", c("x", "z"), xt = xt))
  expect_identical(lapply(specs, `[[`, "xt"), xt)
  specs <- margin_specs(tensor_spec("te", c("x", "z"), xt = list(max.knots = 40)))
  expect_identical(specs[[2L]]$xt, list(max.knots = 40))
})

test_that("products have one penalty for each margin that is not fixed", {
  spec <- tensor_spec("te", c("x", "z"), k = c(4, 5), fixed = c(FALSE, TRUE))
  whole <- smooth_basis(tensor_spec("te", c("x", "z"), k = c(4, 5)), d, NULL)
  basis <- smooth_basis(spec, d, NULL)
  expect_equal(basis$S, whole$S[1L])
  expect_ranks(basis)
  spec$fixed <- TRUE
  basis <- smooth_basis(spec, d, NULL)
  expect_identical(basis$S, list())
  expect_identical(basis$null_dim, 20L)
})

test_that("a product of columns and of penalties is what kronecker() makes it", {
  a <- matrix(c(1, 2, 3, 4, 5, 7), 2)
  b <- matrix(c(2, 3, 5, 8), 2)
  rows <- lapply(1:2, function(i) kronecker(a[i, , drop = FALSE], b[i, , drop = FALSE]))
  expect_identical(row_kronecker(list(a, b)), do.call(rbind, rows))
  s <- crossprod(matrix(c(1, 4, 2, 8, 5, 7, 3, 6, 9), 3))
  expect_identical(margin_penalty(s, c(2, 3, 4), 2L),
                   kronecker(diag(2), kronecker(s, diag(4))))
  expect_identical(margin_penalty(s, 3, 1L), s)
})

test_that("missing covariates give missing rows", {
  basis <- smooth_basis(tensor_spec("ti", c("x", "z")), d, NULL)
  part <- list(x = c(0.5, NA, 0.2), z = c(1, 1, NA))
  x <- basis_matrix(basis, part)
  expect_identical(is.na(x[, 1L]), c(FALSE, TRUE, TRUE))
  expect_false(anyNA(x[1L, ]))
})

test_that("REML of te() and ti() is that of mgcv, and of its published example", {
  skip_if_no_peer("mgcv")
  g <- withr::with_seed(1, {
    mgcv::gamSim(2, n = 500, scale = 0.1, verbose = FALSE)$data
  })
  found <- expect_same_reml(list(tensor_spec("te", c("x", "z"))),
                            y ~ te(x, z, k = c(5, 5), bs = "cr"), g)
  # mgcv 1.8-41 on this example; its digits
  expect_lt(abs(found - -380.6517396), 1e-5)
  parts <- list(tensor_spec("ti", "x"), tensor_spec("ti", "z"),
                tensor_spec("ti", c("x", "z")))
  found <- expect_same_reml(parts, y ~ ti(x) + ti(z) + ti(x, z), g)
  expect_lt(abs(found - -379.0573168), 1e-5)
  expect_same_reml(list(tensor_spec("te", c("x", "z"), "ps", k = c(6, 5))),
                   y ~ te(x, z, bs = "ps", k = c(6, 5)), d, tolerance = 1e-3)
})

test_that("REML of three covariates is that of mgcv", {
  skip_on_cran()
  skip_if_no_peer("mgcv")
  term <- c("x", "z", "w")
  expect_same_reml(list(tensor_spec("te", term, k = 4)), y ~ te(x, z, w, k = 4), d,
                   tolerance = 1e-3)
  expect_same_reml(
    list(tensor_spec("te", term, c("tp", "cr"), d = c(2, 1), k = c(12, 4))),
    y ~ te(x, z, w, bs = c("tp", "cr"), d = c(2, 1), k = c(12, 4)), d, tolerance = 1e-3
  )
})

test_that("what makes no tensor product is an error that names the term", {
  refused <- function(...) {
    spec <- tensor_spec("te", c("x", "z"), ...)
    caught <- expect_error(smooth_basis(spec, d, NULL), class = "gamut_error_smooth")
    expect_identical(caught$term, "te(x,z)")
    caught
  }
  expect_snapshot({
    (refused(k = c(5, 5, 5)))
    (refused(k = 2))
    (refused(k = 4.5))
    (refused(bs = c("cr", "cr", "ps")))
    (refused(bs = 3))
    (refused(bs = "ad"))
    (refused(d = c(1, 2)))
    (refused(d = 0))
    (refused(m = c(1, 2, 3)))
    (refused(m = "a"))
    (refused(xt = list(1, 2, 3)))
    (refused(np = NA))
    (refused(fixed = c(TRUE, FALSE, TRUE)))
    (refused(bs = c("cr", "bs"), m = list(NA, c(3, 2, 1))))
  })
  expect_snapshot(error = TRUE, {
    smooth_basis(tensor_spec("te", c("x", "f")), d, NULL)
    smooth_basis(tensor_spec("ti", c("x", "x")), d, NULL)
    smooth_basis(tensor_spec("ti", c("x", "absent")), d, NULL)
    smooth_basis(tensor_spec("ti", c("x", "z"), mc = c(TRUE, NA)), d, NULL)
  })
})

test_that("a product of too many columns is refused, one of many remarked on", {
  large <- tensor_spec("te", c("x", "z", "w"), k = c(20, 20, 20))
  caught <- expect_error(smooth_basis(large, d, NULL), class = "gamut_error_smooth")
  expect_identical(caught$columns, 8000)
  many <- tensor_spec("te", c("x", "z", "w"), k = c(8, 8, 8))
  expect_message(smooth_basis(many, d, NULL), class = "gamut_message_basis")
  expect_snapshot({
    smooth_basis(large, d, NULL)
    invisible(smooth_basis(many, d, NULL))
  }, error = TRUE)
  expect_message(smooth_basis(tensor_spec("te", c("x", "z"), k = c(20, 25)), d, NULL), NA)
})
