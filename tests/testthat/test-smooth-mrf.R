# Tolerances: of expect_same_basis(); eigenvalues here differ by factors below 1e4.

columbus <- function() {
  skip_if_no_peer("mgcv")
  into <- new.env()
  utils::data("columb", "columb.polys", package = "mgcv", envir = into)
  list(district = into$columb$district, polys = into$columb.polys)
}

expect_same_field <- function(spec, data) {
  expect_same_basis(spec, data, lapply(data, rev))
}

test_that("fields of regions are those of mgcv, whole and of low rank", {
  map <- columbus()
  data <- map["district"]
  for (k in c(NA, 20, 3, 48, 2)) {
    field <- s_spec("mrf", "district", k = k, xt = list(polys = map$polys))
    expect_same_field(field, data)
  }
  uneven <- list(district = rep(data$district, rep_len(c(1, 4, 2), 49)))
  expect_same_field(s_spec("mrf", "district", k = 12, xt = list(polys = map$polys)),
                    uneven)
})

test_that("neighbours and penalties say the same as polygons", {
  map <- columbus()
  neighbours <- mgcv:::pol2nb(map$polys)$nb
  spec <- function(...) s_spec("mrf", "district", k = 10, xt = list(...))
  whole <- s_spec("mrf", "district", xt = list(polys = map$polys))
  basis <- smooth_basis(spec(polys = map$polys), map, NULL)
  penalty <- smooth_basis(whole, map, NULL)$S[[1]]
  names <- names(map$polys)
  expect_identical(smooth_basis(spec(nb = neighbours), map, NULL), basis)
  by_name <- lapply(neighbours, function(near) names[near])
  expect_identical(smooth_basis(spec(nb = by_name), map, NULL), basis)
  dimnames(penalty) <- list(names, names)
  expect_identical(smooth_basis(spec(penalty = penalty), map, NULL), basis)
  turned <- rev(names)
  expect_same_field(spec(penalty = penalty[turned, turned]), map["district"])
  # Without names the order is that of the levels, where there is no doubt of it
  expect_error(smooth_basis(spec(penalty = unname(penalty)), map, NULL),
               class = "gamut_error_smooth", "not in alphabetical order")
  few <- list(district = factor(c("b", "a", "c", "b")))
  weighted <- rbind(c(1, -1, 0), c(-1, 3, -2), c(0, -2, 2))
  expect_same_field(s_spec("mrf", "district",
                           xt = list(penalty = weighted)),
                    few)
})

test_that("a polygon may have holes and several parts", {
  square <- function(x, y) cbind(x + c(0, 1, 1, 0, 0), y + c(0, 0, 1, 1, 0))
  polys <- list(a = square(0, 0), b = rbind(square(1, 0), NA, square(5, 5)),
                c = square(9, 9), a = square(6, 5))
  basis <- smooth_basis(s_spec("mrf", "g", xt = list(polys = polys)),
                        list(g = factor(c("a", "b"))), NULL)
  expect_identical(basis$regions, c("a", "b", "c"))
  expect_identical(basis$S[[1]], rbind(c(1, -1, 0), c(-1, 1, 0), 0))
  expect_identical(c(basis$rank, basis$null_dim), c(1L, 2L))
})

test_that("regions without data count, as knots of mgcv", {
  map <- columbus()
  some <- list(district = droplevels(map$district[-c(3, 8)]))
  spec <- s_spec("mrf", "district", k = 15, xt = list(polys = map$polys))
  ours <- smooth_basis(spec, some, NULL)
  peer <- peer_basis(spec, some, list(district = map$district))
  rows <- basis_matrix(ours, map)
  peer_rows <- mgcv::Predict.matrix(peer, map)
  turn <- qr.coef(qr(rows), peer_rows)
  expect_lt(max(abs(rows %*% turn - peer_rows)), 1e-8)
  expect_equal(crossprod(turn, ours$S[[1]] %*% turn), peer$S[[1]], tolerance = 1e-8)
})

test_that("an unknown region is an error, a missing one a row of NA", {
  map <- columbus()
  basis <- smooth_basis(s_spec("mrf", "district", k = 5, xt = list(polys = map$polys)),
                        map, NULL)
  rows <- basis_matrix(basis, list(district = c("3", NA)))
  expect_identical(is.na(rows[, 1]), c(FALSE, TRUE))
  expect_error(basis_matrix(basis, list(district = c("3", "moon"))),
               class = "gamut_error_smooth", "not in the map of its smooth: moon")
})

test_that("xt that makes no field is an error", {
  g <- list(g = factor(c("a", "b", "c")))
  bad <- function(regexp, xt, data = g, ...) {
    expect_error(smooth_basis(s_spec("mrf", "g", xt = xt, ...), data, NULL),
                 class = "gamut_error_smooth", regexp = regexp)
  }
  nb <- list(a = "b", b = c("a", "c"), c = "b")
  bad("which regions are neighbours", NULL)
  bad("which regions are neighbours", list(map = 1))
  bad("named by regions", list(nb = unname(nb)))
  bad("that is no region: z", list(nb = utils::modifyList(nb, list(a = "z"))))
  bad("each must name the other", list(nb = utils::modifyList(nb, list(a = character()))))
  bad("xt says nothing: d", list(nb = nb), data = list(g = c("a", "d")))
  bad("symmetric", list(penalty = matrix(1:9, 3)))
  bad("is for 2 regions", list(penalty = diag(2)))
  bad("matrix of two columns", list(polys = list(a = 1:3, b = 1:3)))
  bad("named by regions", list(polys = list(diag(2))))
  bad("k must be", list(nb = nb), k = 1)
  expect_error(smooth_basis(s_spec("mrf", c("g", "h"), xt = list(nb = nb)), g, NULL),
               class = "gamut_error_smooth", "one covariate")
  expect_message(smooth_basis(s_spec("mrf", "g", k = 9, xt = list(nb = nb)), g, NULL),
                 class = "gamut_message_basis")
})
