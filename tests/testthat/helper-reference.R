# Holding fits against truth that is not ours: certified data, stats::glm, peers.

nist_data <- function(name) {
  path <- testthat::test_path("fixtures", "nist", paste0(name, ".csv"))
  utils::read.csv(path, comment.char = "#")
}

# Number of correct digits of each estimate (McCullough 1998, Am. Stat. 52, 358-366);
# doubles have no more than 15.
lre <- function(estimate, certified) {
  estimate <- unname(estimate)
  scale <- ifelse(certified == 0, 1, abs(certified))
  pmin(15, -log10(abs(estimate - certified) / scale))
}

# glm() taken to a standstill: it stops on the deviance, which is flat at its minimum,
# so that its coefficients may keep an error of 1e-4 standard errors. Restarting it from
# where it stopped takes further steps. Its `epsilon` must stay as it is, because glm
# makes its rule for aliased columns from it (tolerance min(1e-7, epsilon / 1000)).
# Where glm finds no valid starting values, `begin` are tried: then it says only
# whether they are a maximum.
glm_to_the_end <- function(formula, family, data, ..., begin = NULL, restarts = 100L) {
  arguments <- list(quote(stats::glm), formula, family = family, data = quote(data),
                    control = stats::glm.control(maxit = 200))
  call <- as.call(c(arguments, match.call(expand.dots = FALSE)$...))
  run <- function(call) suppressWarnings(eval(call, list(data = data), parent.frame(2L)))
  fit <- try(run(call), silent = TRUE)
  if (inherits(fit, "try-error")) {
    call$start <- ifelse(is.na(begin), 0, begin)
    fit <- run(call)
  }
  x <- stats::model.matrix(fit)
  for (i in seq_len(restarts)) {
    before <- fit$coefficients
    start <- ifelse(is.na(before), 0, before)
    again <- try(suppressWarnings(stats::glm.fit(
      x, fit$y, fit$prior.weights, start = start, offset = fit$offset, family = family
    )), silent = TRUE)
    if (inherits(again, "try-error") || again$rank != fit$rank) break
    fit[names(again)] <- again
    moved <- abs(fit$coefficients - before) / (abs(before) + 1e-8)
    if (all(moved < 1e-13, na.rm = TRUE)) break
  }
  fit
}

# Coefficients to 1e-8 (of their size, or of their standard error where that is larger:
# a coefficient that happens to be nearly 0 has no relative digits), standard errors to
# 1e-7 relative, aliased coefficients at the same places. The tolerances are what the
# project promises.
expect_same_fit <- function(fit, reference, coefficients = 1e-8, errors = 1e-7,
                            label = NULL) {
  ours <- fit$coefficients
  theirs <- stats::coef(reference)
  se <- reference_errors(reference)
  testthat::expect_identical(names(ours), names(theirs), label = label)
  aliased <- names(ours)[is.na(ours) != is.na(theirs)]
  testthat::expect(length(aliased) == 0L, paste0(
    label, ": NA at other places than glm: ", paste(aliased, collapse = ", ")
  ))
  unit <- pmax(abs(theirs), se, na.rm = TRUE)
  off <- max(abs(ours - theirs) / unit, 0, na.rm = TRUE)
  testthat::expect(off <= coefficients, sprintf(
    "%s: coefficients differ by %.2g, allowed %.2g", paste(label), off, coefficients
  ))
  off <- max(abs(standard_errors(fit) / se - 1), 0, na.rm = TRUE)
  testthat::expect(is.na(off) || off <= errors, sprintf(
    "%s: standard errors differ by %.2g, allowed %.2g", paste(label), off, errors
  ))
  invisible(fit)
}

# Standard errors in the places of the coefficients, NA where aliased
reference_errors <- function(reference) {
  se <- stats::coef(reference) * NA
  table <- stats::coef(summary(reference))
  se[rownames(table)] <- table[, 2L]
  se
}

# The fit and glm's on the same data
expect_as_glm <- function(formula, family = stats::gaussian(), data, ..., label = NULL) {
  call <- match.call(expand.dots = FALSE)
  fit <- eval(as.call(c(list(quote(gamut), formula, family = family,
                             data = quote(data)), call$...)), list(data = data),
              parent.frame())
  reference <- eval(as.call(c(list(quote(glm_to_the_end), formula, family, quote(data)),
                              call$..., list(begin = fit$coefficients))),
                    list(data = data), parent.frame())
  if (is.null(label)) label <- paste(family$family, family$link, deparse1(formula))
  expect_same_fit(fit, reference, label = label)
  testthat::expect(isTRUE(fit$convergence$converged), paste(label, "not converged"))
  # the deviance is a sum of n rounded numbers; 1e-10 is what both promise
  testthat::expect_equal(fit$deviance, stats::deviance(reference), tolerance = 1e-10,
                         label = paste(label, "deviance"))
  testthat::expect_equal(fit$rank, reference$rank, label = paste(label, "rank"))
  testthat::expect_equal(fit$df.residual, reference$df.residual)
  invisible(list(fit = fit, reference = reference))
}

# A number as a book prints it: right when it rounds to what is printed
expect_published <- function(object, printed) {
  object <- unname(object)
  label <- expression_label(substitute(object))
  testthat::expect_length(object, length(printed))
  mantissa <- sub("[eE].*", "", printed)
  exponent <- ifelse(grepl("[eE]", printed), as.numeric(sub(".*[eE]", "", printed)), 0)
  decimals <- ifelse(grepl(".", mantissa, fixed = TRUE),
                     nchar(sub(".*[.]", "", mantissa)), 0)
  # half a unit of the last digit, and rounding errors of the comparison itself
  allowed <- 0.5000001 * 10^(exponent - decimals)
  off <- abs(object - as.numeric(printed)) > allowed | is.na(object)
  testthat::expect(!any(off), paste0(
    label, " is ", paste(format(object[off], digits = 12), collapse = ", "),
    ", published ", paste(printed[off], collapse = ", ")
  ))
  invisible(object)
}

expression_label <- function(expression) {
  paste(deparse(expression, nlines = 1L), collapse = "")
}
