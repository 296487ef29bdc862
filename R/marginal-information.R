# What the inference on fixed effects needs of the marginal covariance V of a linear mixed
# model: derivatives of (X'V^-1 X)^-1 and the information on the parameters of V.
#
# With F = Z'V^-1 X, M = Z'V^-1 Z, r = Z'P y and D_k the change of Sigma with parameter k,
# over all levels,
#   X'V^-1 V_k V^-1 X            = F' D_k F
#   X'V^-1 V_k V^-1 V_l V^-1 X   = F' D_k M D_l F
#   tr(V^-1 V_k V^-1 V_l)        = tr(M D_k M D_l)
#   y'P V_k P V_l P y            = r' D_k (M - F Phi F') D_l r.
# V is linear in sigma^2, too: sigma^2 V_0 = V - Z Sigma Z', so that products with V_0
# follow from those with V, which cancel an inverse, and those with D = Sigma.

#' Most random effects whose products are written out, unless they are of one factor
#' @noRd
effects_limit <- function() 3000L

#' @noRd
check_effects_limit <- function(object, what, instead) {
  effects <- sum(lengths(random_sizes(object)$rows))
  if (length(object$random) <= 1L || effects <= effects_limit()) return(invisible())
  abort_gamut("the model has ", effects, " random effects of several factors; ", what,
              " computed for up to ", effects_limit(), ". ", instead, class = "size")
}

#' @return list: `phi` and `basis` (coefficients = basis * centred ones), `slopes` (list
#'   by parameter, sigma^2 last, of X'V^-1 V_k V^-1 X), `middle(i, j)` (that of
#'   X'V^-1 V_i V^-1 V_j V^-1 X), `second(i, j)` (X'V^-1 V_ij V^-1 X), `expected`
#'   (tr P V_i P V_j),
#'   `expected_ml` (tr V^-1 V_i V^-1 V_j), `observed` (y'P V_i P V_j P y), `bend` (what
#'   the second derivatives of V add to the Hessian of the criterion), and what they are
#'   made of: `parameters`, see `variance_parameters()`, and `products`, see
#'   `marginal_products()`.
#' @noRd
marginal_information <- function(object, roots = FALSE) {
  require_data(object, "The degrees of freedom of a test")
  check_effects_limit(object, "degrees of freedom are",
                      "Use ddf = \"none\", or likelihood-ratio tests by anova().")
  sizes <- random_sizes(object)
  known <- lapply(object$random, `[[`, "covariance")
  parameters <- variance_parameters(object, roots)
  changes <- lapply(parameters, function(parameter) {
    change_of_term(parameter$change, parameter$term, sizes)
  })
  products <- marginal_products(object)
  pieces <- random_pieces_of(products, c(changes, list(known)), sizes)
  c(combine_pieces(pieces, products, parameters, object),
    list(parameters = parameters, products = products))
}

#' F, M, r and Phi, absolute
#' @noRd
marginal_products <- function(object) {
  found <- marginal_products_cpp(fit_problem(object), mixed_estimates(object))
  s2 <- object$dispersion
  order <- order(found$position)
  within <- found$within[order, order, drop = FALSE] / s2
  list(across = found$across[, order, drop = FALSE] / s2, between = found$between / s2,
       score = found$score / s2, within = within,
       phi = if (nrow(within)) chol2inv(chol(within)) else within,
       basis = found$basis[order, order, drop = FALSE])
}

#' The bilinear forms of all changes of Sigma; the last is Sigma itself
#' @noRd
random_pieces_of <- function(products, changes, sizes) {
  across <- products$across
  moved <- lapply(changes, times_levels, g = across, sizes = sizes)
  through <- lapply(moved, times_between, between = products$between, sizes = sizes)
  score <- matrix(products$score)
  pushed <- lapply(changes, times_levels, g = score, sizes = sizes)
  answered <- lapply(pushed, function(v) {
    times_between(products$between, v, sizes) -
      across %*% (products$phi %*% crossprod(across, v))
  })
  traces <- between_traces(products$between, changes, sizes)
  pair <- function(left, right) {
    outer(seq_along(left), seq_along(right), Vectorize(function(i, j) {
      sum(left[[i]] * right[[j]])
    }))
  }
  list(slopes = lapply(moved, crossprod, x = across),
       middle = function(i, j) crossprod(moved[[i]], through[[j]]),
       trace = traces$first, traces = traces$second, quadratic = pair(pushed, answered),
       linear = vapply(pushed, function(v) sum(score * v), 0))
}

#' From forms in (D_1, .., D_k, Sigma) to forms in (psi_1, .., psi_k, sigma^2)
#' @noRd
combine_pieces <- function(pieces, products, parameters, object) {
  k <- length(parameters)
  s2 <- object$dispersion
  n <- object$nobs
  phi <- products$phi
  # V itself: V^-1 V = I, P V P = P
  slopes <- c(pieces$slopes, list(products$within))
  middle <- function(i, j) {
    if (i > k + 1L) return(slopes[[j]])
    if (j > k + 1L) return(slopes[[i]])
    pieces$middle(i, j)
  }
  bordered <- function(inner, edge, corner) rbind(cbind(inner, edge), c(edge, corner))
  total <- list(
    ml = bordered(pieces$traces, pieces$trace, n),
    observed = bordered(pieces$quadratic, pieces$linear,
                        n - if (object$method == "REML") object$rank else 0)
  )
  all <- seq_len(k + 2L)
  less <- outer(all, all, Vectorize(function(i, j) {
    sum(phi * middle(i, j)) * 2 - sum((phi %*% slopes[[i]]) * t(phi %*% slopes[[j]]))
  }))
  # sigma^2 V_0 = V - Sigma
  map <- rbind(diag(1, k + 1L, k), matrix(0, 1L, k))
  map <- cbind(map, replace(numeric(k + 2L), k + 1:2, c(-1, 1) / s2))
  linear <- function(form) t(map) %*% form %*% map
  changed <- function(i) Reduce(`+`, Map(`*`, slopes, map[, i]))
  expected_ml <- linear(total$ml)
  list(
    phi = phi, basis = products$basis, slopes = lapply(seq_len(k + 1L), changed),
    middle = function(i, j) {
      pairs <- which(outer(map[, i], map[, j]) != 0, arr.ind = TRUE)
      Reduce(`+`, lapply(seq_len(nrow(pairs)), function(r) {
        map[pairs[r, 1L], i] * map[pairs[r, 2L], j] * middle(pairs[r, 1L], pairs[r, 2L])
      }))
    },
    second = function(i, j) second_slope(i, j, parameters, products, object),
    expected = expected_ml - linear(less), expected_ml = expected_ml,
    observed = linear(total$observed),
    bend = criterion_bend(parameters, products, object)
  )
}

#' X'V^-1 V_ij V^-1 X
#' @noRd
second_slope <- function(i, j, parameters, products, object) {
  zero <- 0 * products$within
  if (max(i, j) > length(parameters)) return(zero)
  bend <- second_change(parameters[[i]], parameters[[j]])
  if (is.null(bend)) return(zero)
  sizes <- random_sizes(object)
  changes <- change_of_term(bend, parameters[[i]]$term, sizes)
  crossprod(products$across, times_levels(changes, products$across, sizes))
}

#' tr(P V_ij) - y'P V_ij P y of the criterion's Hessian (tr(V^-1 V_ij) for ML)
#' @noRd
criterion_bend <- function(parameters, products, object) {
  k <- length(parameters)
  out <- matrix(0, k + 1L, k + 1L)
  sizes <- random_sizes(object)
  score <- matrix(products$score)
  for (i in seq_len(k)) {
    for (j in seq_len(k)) {
      bend <- second_change(parameters[[i]], parameters[[j]])
      if (is.null(bend)) next
      changes <- change_of_term(bend, parameters[[i]]$term, sizes)
      trace <- between_traces(products$between, list(changes), sizes)$first
      if (object$method == "REML") {
        trace <- trace - sum(products$phi * second_slope(i, j, parameters, products,
                                                         object))
      }
      out[i, j] <- trace - sum(score * times_levels(changes, score, sizes))
    }
  }
  (out + t(out)) / 2
}
