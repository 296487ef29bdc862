# Smooths with a given number of degrees of freedom, as in package gam: s(x, 4).
#
# Of the smooth alone, with the weights W of the fit, the smoother has trace df + 1,
#
#   tr((B'W B + lambda S)^-1 B'W B) = df + 1,
#
# B being the basis before it is centred (1 is for the constant) and S its penalty. W are
# the prior weights of a linear model, whose lambda is relative to the dispersion, and the
# working weights of all others (expected information, which has prior weights and the
# dispersion in it). These are known at the fit only, which is repeated until its lambda
# is the one that its weights ask for.
# Source: Hastie & Tibshirani (1990) Generalized Additive Models, sections 3.5 and 6.3.

# --- the basis ------------------------------------------------------------------------

#' @noRd
check_df <- function(df, label) {
  if (is.numeric(df) && length(df) == 1L && isTRUE(is.finite(df) && df > 1)) {
    return(invisible())
  }
  abort_gamut("`", label, "`: df, the degrees of freedom beyond the constant, must be a ",
              "number above 1, not ", describe_value(df), ". For a straight line write ",
              "the covariate without s().", class = "smooth",
              data = list(term = label, argument = "df"))
}

#' @noRd
check_df_term <- function(smooth, items, select) {
  if (is.null(smooth$settings$df)) return(invisible())
  fail <- function(...) abort_basis(smooth, ...)
  if (select) {
    fail("df says how wiggly it is, so that select = TRUE has nothing to choose. Leave ",
         "one of them out.")
  }
  value <- items[[smooth$covariates]]
  if (is.matrix(value) || !is.numeric(value) && !is.logical(value)) {
    fail("df is for a covariate that is a number in each row. Without df the ",
         "smoothness of others is estimated.")
  }
}

#' Knots of a cubic spline with df: those of a smoothing spline
#'
#' All different values, from 50 on those that [stats::smooth.spline()] takes, as package
#' gam does.
#' @param knots As given by the user, who has the last word, as with `k`.
#' @noRd
df_knots <- function(spec, data, knots) {
  own <- spec$bs %in% c("cr", "cs") && has_default_size(spec) &&
    is.null(knots[[spec$term]])
  if (!own) return(knots)
  values <- different_values(one_covariate(spec, data))
  if (length(values) < 3L) return(knots)
  count <- length(values)
  chosen <- values[seq.int(1, count, length.out = stats::.nknots.smspl(count))]
  stats::setNames(list(chosen), spec$term)
}

#' Different values in order; those within 1e-6 of the range of each other are one, since
#' the penalty has the distances of knots in its denominator
#' @noRd
different_values <- function(x) {
  values <- sorted_unique_cpp(x)
  width <- 1e-6 * diff(range(values))
  last <- values[length(values)]
  values <- values[!duplicated(round((values - values[1L]) / width))]
  values <- values[c(TRUE, diff(values) > width / 2)]
  values[length(values)] <- last
  values
}

#' Can the basis have so many degrees of freedom?
#' @noRd
check_df_basis <- function(basis, spec, df, data) {
  if (length(basis$S) != 1L || basis$random) {
    abort_basis(spec, "df is for a basis with one penalty that leaves a constant alone, ",
                "such as bs = \"cr\", not for bs = \"", spec$bs, "\".")
  }
  values <- length(different_values(data[[1L]]))
  if (df >= values - 1) {
    abort_basis(spec, "there are only ", values, " different values of `", spec$term,
                "`, so that df must be less than ", values - 1, ".")
  }
  if (df >= basis$columns - 1) {
    abort_basis(spec, "a basis of ", basis$columns, " columns has fewer than ",
                basis$columns - 1, " degrees of freedom beyond the constant. Give a ",
                "larger k.")
  }
  if (df <= basis$null_dim - 1) {
    abort_basis(spec, "what its penalty leaves alone has ", basis$null_dim - 1,
                " degrees of freedom already: df must be more.")
  }
}

# --- the smoothing parameter ----------------------------------------------------------

#' Fit with the smoothing parameters that given degrees of freedom ask for
#' @param fit_once A function of a setup that fits it.
#' @noRd
fit_with_df <- function(setup, fit_once) {
  if (!has_df(setup$frame)) return(fit_once(setup))
  # one that is fitted again goes on from where it was
  first <- is_profiled(setup$family) || anyNA(unlist(df_lambda(setup$frame)))
  if (first) setup <- with_df(setup, prior_gram_weights(setup))
  if (is_profiled(setup$family)) return(fit_once(setup))
  moved <- Inf
  for (round in seq_len(30L)) {
    fitted <- hold_warnings(fit_once(setup))
    last <- unlist(df_lambda(setup$frame))
    setup <- with_df(setup, working_gram_weights(setup, fitted$value))
    moved <- max(abs(log(unlist(df_lambda(setup$frame)) / last)))
    if (moved < 1e-6) break
  }
  # what is said of fits before the last one is said of no result
  for (one in fitted$warnings) warning(one)
  if (moved < 1e-6) fitted$value else report_unsettled_df(fitted$value)
}

#' @noRd
hold_warnings <- function(expr) {
  held <- list()
  value <- withCallingHandlers(expr, gamut_warning = function(w) {
    held <<- c(held, list(w))
    tryInvokeRestart("muffleWarning")
  })
  list(value = value, warnings = held)
}

#' @noRd
report_unsettled_df <- function(object) {
  text <- paste("the smoothing parameters of given degrees of freedom did not settle in",
                "30 fits")
  if (object$convergence$converged) {
    object$convergence[c("converged", "code", "message")] <- list(FALSE, "df", text)
  }
  warn_gamut(text, "; the degrees of freedom of the last are near to those asked for.",
             class = c("df", "convergence"), call = object$call)
  object
}

#' @noRd
has_df <- function(frame) length(unlist(df_pieces(frame))) > 0L

#' Numbers of the smooths with df in each predictor of a frame; none has a by-variable,
#' so that each is one piece
#' @noRd
df_pieces <- function(frame) {
  lapply(frame$predictors, function(predictor) {
    which(vapply(predictor$smooths, function(s) !is.null(s$pieces[[1L]]$df), NA))
  })
}

#' Their smoothing parameters, `NA` before there are any
#' @noRd
df_lambda <- function(frame) {
  Map(function(predictor, at) {
    lapply(predictor$smooths[at], function(s) s$pieces[[1L]]$df_lambda %||% NA_real_)
  }, frame$predictors, df_pieces(frame))
}

#' A setup whose smooths with df have the smoothing parameters for given weights
#'
#' A smooth of several linear predictors, such as categories, has one in each.
#' @param weights A function of the loading of a linear predictor.
#' @noRd
with_df <- function(setup, weights) {
  frame <- setup$frame
  chosen <- df_pieces(frame)
  for (p in which(lengths(chosen) > 0L)) {
    loading <- random_loading(p, setup$problem$layout, setup$family)
    for (s in chosen[[p]]) {
      piece <- frame$predictors[[p]]$smooths[[s]]$pieces[[1L]]
      piece$df_lambda <- apply(loading, 2L, function(column) {
        df_smoothing(piece, frame, weights(column))
      })
      frame$predictors[[p]]$smooths[[s]]$pieces[[1L]] <- piece
    }
  }
  setup$frame <- frame
  setup$problem <- build_problem(frame, setup$family)
  setup
}

#' @noRd
prior_gram_weights <- function(setup) {
  weights <- setup$frame$y$weights %||% rep(1, setup$frame$rows)
  function(loading) weights
}

#' Working weights of the fit, in the direction of a loading
#'
#' Where only the observed information is known, it may be negative in a row.
#' @noRd
working_gram_weights <- function(setup, object) {
  eta <- engine_linear_predictor(setup$problem, estimated_coefficients(object),
                                 setup$control$threads)
  rows <- engine_rows(setup$problem, eta, working_information(setup$family))
  blocks <- unpack_blocks(rows$weight, ncol(eta))
  function(loading) {
    total <- 0
    for (i in which(loading != 0)) for (j in which(loading != 0)) {
      total <- total + loading[i] * loading[j] * blocks[, i, j]
    }
    pmax(total, 0)
  }
}

#' lambda of one smooth at given weights, for the penalty as it is fitted
#' @noRd
df_smoothing <- function(piece, frame, weights) {
  gram <- uncentred_gram(piece, covariate_data(piece, frame$variables)[[1L]], weights)
  natural <- piece$natural
  gram <- crossprod(natural$map, gram %*% natural$map)
  df_root(gram, diag(natural$penalty), piece) %||% abort_no_root(piece)
}

#' @noRd
abort_no_root <- function(piece) {
  abort_gamut("`", piece$term, "`: no smoothing parameter gives it ", piece$df,
              " degrees of freedom. Are there enough different values in rows of ",
              "positive weight?", class = "smooth", data = list(term = piece$term))
}

#' B'W B, summed over blocks of different values
#' @noRd
uncentred_gram <- function(piece, x, weights = rep(1, length(x))) {
  values <- unique(x)
  weights <- as.vector(rowsum(weights, match(x, values)))
  gram <- 0
  for (first in seq(1, length(values), by = 5000)) {
    rows <- first:min(first + 4999, length(values))
    data <- stats::setNames(list(values[rows]), piece$basis$term)
    gram <- gram + crossprod(sqrt(weights[rows]) * basis_matrix(piece$basis, data))
  }
  gram
}

#' A piece whose columns are the functions that its smoother shrinks one by one
#'
#' With knots at all values the penalty of values at knots has numbers from 1 to 1e13, and
#' lines could not be told from what is nearly one. These functions V have
#' V'(B'B + a S) V = 1 with a near lambda, so that all numbers that matter are near 1
#' (Demmler & Reinsch 1975, Numer. Math. 24, 375-382).
#' @param constraint What coefficients of the basis must obey; see `constraint_rows()`.
#' @return The piece with `natural`: V as `map`, and the diagonal of V'S V as `penalty`.
#' @noRd
natural_piece <- function(piece, data, constraint) {
  gram <- uncentred_gram(piece, data[[1L]])
  penalty <- piece$basis$S[[1L]] / piece$scale
  at <- df_root(gram, penalty, piece) %||% abort_no_root(piece)
  found <- relative_eigen(gram, at * penalty, piece)
  piece$natural <- list(map = found$vectors, penalty = (1 - found$values) / at)
  map <- if (!is.null(constraint)) constraint_map(constraint %*% found$vectors)
  if (is.null(map)) map <- diag(ncol(found$vectors))
  piece$map <- found$vectors %*% map
  piece$S <- list(crossprod(map, piece$natural$penalty * map))
  piece$null_dim <- ncol(null_space(piece$S))
  piece
}

#' The root lambda of tr((G + lambda S)^-1 G) = df + 1; `NULL` if there is none
#'
#' With the eigenvalues g of G relative to G + a S the trace is the sum of
#' g / (g + (1 - g) lambda / a). They have their digits where lambda / a is near 1, so
#' that a follows lambda.
#' @noRd
df_root <- function(gram, penalty, piece) {
  at <- sum(diag(gram)) / sum(diag(penalty))
  for (round in seq_len(30L)) {
    g <- relative_eigen(gram, at * penalty, piece)$values
    if (is.null(g)) return(NULL)
    excess <- function(rho) sum(g / (g + (1 - g) * exp(rho))) - piece$df - 1
    move <- if (excess(-20) < 0) -20
      else if (excess(20) > 0) 20
      else stats::uniroot(excess, c(-20, 20), tol = 1e-12)$root
    at <- at * exp(move)
    if (abs(move) < 0.1) return(at)
  }
  NULL
}

#' Eigenvalues g of G relative to T = G + S, the largest first, and vectors with
#' V'T V = 1; `NULL` where T is singular
#'
#' What S leaves alone has g = 1.
#' @noRd
relative_eigen <- function(gram, penalty, piece) {
  total <- gram + penalty
  size <- sqrt(diag(total))
  if (!all(is.finite(size) & size > 0)) return(NULL)
  # in units of the diagonal, which differs by powers of the gaps between knots
  unit <- outer(size, size)
  root <- tryCatch(chol(total / unit), error = function(e) NULL)
  if (is.null(root)) return(NULL)
  half <- backsolve(root, gram / unit, transpose = TRUE)
  relative <- backsolve(root, t(half), transpose = TRUE)
  found <- eigen((relative + t(relative)) / 2, symmetric = TRUE)
  values <- pmin(pmax(found$values, 0), 1)
  values[seq_len(piece$basis$null_dim)] <- 1
  list(values = values, vectors = backsolve(root, found$vectors) / size)
}
