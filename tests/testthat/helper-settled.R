# glm() stops when the deviance changes by less than 1e-8 of itself, and its weights are
# those of one iteration before; for a link that is not canonical its numbers are good to
# about 1e-5. Restarted from its own result it settles, and keeps its rule of aliasing,
# which a smaller `epsilon` would change.
settled_glm <- function(...) {
  fit <- suppressWarnings(do.call(stats::glm, list(...)))
  for (again in seq_len(12L)) {
    start <- stats::coef(fit)
    start[is.na(start)] <- 0
    fit <- suppressWarnings(do.call(stats::glm, list(..., start = start)))
  }
  fit
}

# Fits of the same model by glm() and by us, over families, links, weights, offsets,
# missing values, aliased columns and a factor that is stored as an index
paired_fits <- function(na.action = "na.omit") {
  d <- simulated_data(120L, 4L)
  d$x[7] <- NA
  d$w[c(3, 10)] <- 0
  rownames(d) <- paste0("row", seq_len(nrow(d)))
  pair <- function(formula, family, weights = NULL) {
    call <- list(formula, family = family, data = d, na.action = na.action)
    call$weights <- weights
    list(glm = do.call(settled_glm, call),
         gamut = do.call(gamut, call), family = family$family)
  }
  list(
    pair(normal ~ x * f + poly(z, 2) + offset(o), gaussian(), d$w),
    pair(normal ~ 0 + f + x:g, gaussian()),
    pair(normal ~ x + big, gaussian(), d$w),
    pair(positive ~ x * f + offset(o), Gamma("log"), d$w),
    pair(positive ~ x + z, Gamma("inverse")),
    pair(positive ~ x + f + I(2 * x) + z, inverse.gaussian("log"), d$w),
    pair(count ~ x + f + offset(log(m)), poisson(), d$w),
    pair(count ~ x, poisson("sqrt")),
    pair(cbind(dead, m - dead) ~ x + f, binomial("probit")),
    pair(dead / m ~ x + l, binomial("cloglog"), d$m),
    pair(binary ~ x + f + I(2 * x) + z, quasibinomial(), d$w),
    pair(count ~ x + g, quasipoisson(), d$w)
  )
}

expect_same <- function(object, expected, label, tolerance = 1e-8) {
  testthat::expect_equal(object, expected, tolerance = tolerance, label = label,
                         expected.label = "glm's")
}
