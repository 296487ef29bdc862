# Searching once more: a search finds a minimum, which for some laws and families is often
# not the least one.

#' Search once more where the search may have ended at a point that its family, or the law
#' of its random effects, warns of
#'
#' For `family$restarts` see `fit_again()`.
#' @noRd
search_again <- function(result, setup) {
  family <- setup$family
  for (theta in correlated_starts(result, setup)) {
    result <- better_search(result, setup, theta)
  }
  # leaps save most of the time, but may leave the basin that a start was in: many rows,
  # which have fewer of them, are worth it
  many <- setup$problem$rows > 2e4
  for (theta in smooth_starts(result, setup)) {
    result <- better_search(result, setup, theta, rough = many)
  }
  inner <- inner_start(result, setup)
  if (!is.null(inner)) result <- better_search(result, setup, result$theta, inner)
  if (is.null(family$restarts)) return(result)
  for (other in family$restarts(result, setup$problem, family)) {
    setup$problem <- other
    result <- better_search(result, setup)
  }
  result
}

#' Search once more, from the data, where a search from the user's start has failed
#'
#' It has if it did not converge, or ended above where the other one begins: far out the
#' criterion is so flat, or has so few digits, that it seems to be at its minimum there.
#' @noRd
search_from_data <- function(result, setup) {
  begun <- tryCatch(engine_fit_mixed(setup, evaluations = 1),
                    gamut_error = function(e) NULL)
  above <- !is.null(begun) && !isTRUE(result$criterion <= begun$criterion)
  if (result$code == "converged" && !above) return(result)
  better_search(result, setup)
}

#' The result of another search if it has converged, to what is better by more than
#' 1e-8; else the result there is
#' @noRd
better_search <- function(result, setup, theta = NULL, fixed = NULL, rough = FALSE) {
  found <- tryCatch(engine_fit_mixed(setup, theta, fixed = fixed, rough = rough),
                    gamut_error = function(e) NULL)
  if (is.null(found) || found$code != "converged") return(result)
  first <- result$code != "converged"
  if (first || found$criterion < result$criterion - 1e-8) found else result
}

#' Fixed effects to search once more from, where a search has gone towards a limit
#'
#' A search begins at the model without random effects. Between levels a response may look
#' gaussian that within them has long tails: then that model is at the limit of its
#' family, where the criterion does not fall in any direction, and may be far from its
#' minimum. `family$limits` has a value `inside` for parameters of which this is known.
#' @return The fixed effects, or NULL.
#' @noRd
inner_start <- function(result, setup) {
  limits <- Filter(function(limit) !is.null(limit$inside), setup$family$limits)
  if (!length(limits)) return(NULL)
  fixed <- result$coefficients[seq_along(setup$problem$names)]
  owner <- vapply(setup$problem$layout, `[[`, "", "parameter")
  eta <- engine_linear_predictor(setup$problem, result$coefficients)
  found <- NULL
  for (name in names(limits)) {
    inside <- setup$family$links[[name]]$linkfun(limits[[name]]$inside)
    mine <- unlist(lapply(setup$problem$layout[owner == name], `[[`, "position"))
    constant <- which(setup$problem$names == paste0(name, ":(Intercept)"))
    # a factor of 20 of a parameter with a logarithmic link
    if (!length(constant) || all(abs(eta[, owner == name] - inside) < log(20))) next
    fixed[mine[mine <= length(fixed)]] <- 0
    fixed[constant] <- inside
    found <- fixed
  }
  found
}

#' Smoothing parameters to search once more from
#'
#' Where several penalties act on a smooth, as on a tensor product or an adaptive one, the
#' criterion may have several minima, and the best one tends to be that of less wiggly
#' functions; and a search that has stalled had better try another way, unless a parameter
#' of the family has run off, which it would again.
#' Smooths apart, whose start is not known here, stay where they are.
#' @return List of theta, empty where there is no reason.
#' @noRd
smooth_starts <- function(result, setup) {
  if (!length(setup$problem$smooths)) return(list())
  penalties <- vapply(setup$problem$smooths, function(smooth) {
    # those of curves by factor act on parts of their own
    if (inherits(smooth$piece$basis, "fs_basis")) 1L else sum(is.nan(smooth$piece$given))
  }, 0L)
  stalled <- result$code != "converged" && is.null(mixed_runaway(result, setup))
  if (!any(penalties >= 2L) && !stalled) return(list())
  # no deviation is known where the information could not be inverted
  if (!length(result$covariance$joint$position)) return(list())
  # where the search has ended well, smooths of one penalty may stay as they are
  again <- joint_smooths(setup$problem$smooths[if (stalled) TRUE else penalties >= 2L])
  if (!length(again)) return(list())
  lapply(c(0.03, 3), usual_theta, result = result, smooths = again)
}

#' A multiple of where a search begins that knows nothing but how much the data say of
#' each coefficient: see `PenaltySum::start()`. Parameters of all but `smooths` are as
#' found.
#' @noRd
usual_theta <- function(factor, result, smooths) {
  joint <- result$covariance$joint
  theta <- result$theta
  counts <- lengths(lapply(result$random, `[[`, "theta"))
  first <- cumsum(c(0L, counts))
  for (entry in smooths) {
    if (is.na(entry$law)) next
    g <- diag(joint$gram)[match(entry$position, joint$position)]
    g <- pmax(g, 1e-8 * max(g))
    free <- which(is.nan(entry$piece$given))
    usual <- vapply(free, function(j) {
      s <- whole_penalty(entry$piece, j)
      sqrt(sum(diag(s) / g) / max(qr(s)$rank, 1L))
    }, 0)
    theta[first[entry$law] + seq_along(free)] <- factor * usual
  }
  theta
}

#' Parameters to search once more from, where standard deviations of a structure that
#' binds correlations together have gone to 0, or its correlation to a limit
#'
#' With one effect out, a correlation that does not suit it costs nothing, and the search
#' may end there although another correlation suits all. So all effects come back with the
#' mean deviation of those left, once alike and once in contrast.
#' @return List of theta, empty where there is nothing to try.
#' @noRd
correlated_starts <- function(result, setup) {
  specs <- lapply(setup$problem$terms, `[[`, "covariance")
  specs <- specs[lengths(specs) > 0L]
  sizes <- vapply(specs, covariance_size, 0)
  # a law may have no parameter, as where its smoothing parameters are given
  of <- factor(rep(seq_along(specs), sizes), seq_along(specs))
  own <- split(seq_len(sum(sizes)), of)
  lost <- which(as.logical(mapply(function(spec, at) {
    lost_deviation(spec, result$theta[at])
  }, specs, own)))
  if (!length(lost)) return(list())
  lapply(c(1, -1), function(sign) {
    theta <- result$theta
    for (i in lost) {
      theta[own[[i]]] <- correlated_start(specs[[i]], theta[own[[i]]], sign)
    }
    theta
  })
}

#' @noRd
lost_deviation <- function(spec, theta) {
  kind <- covariance_kinds()[[spec$kind]]
  if (!isTRUE(kind$retries) || spec$size < 2L) return(FALSE)
  if (any(theta[leaf_scales(spec)] == 0)) return(TRUE)
  if (is.null(kind$single)) return(FALSE)
  correlation <- kind$single$scale(spec$size)
  reached <- correlation$report(theta[-leaf_scales(spec)])
  min(abs(reached - correlation$range)) < 1e-3
}

#' @noRd
correlated_start <- function(spec, theta, sign) {
  scales <- leaf_scales(spec)
  kept <- abs(theta[scales][theta[scales] != 0])
  theta[scales] <- if (length(kept)) mean(kept) else 1
  theta[-scales] <- 0
  # a moderate correlation, of neighbours where there is one for each lag
  theta[max(scales) + 1L] <- 0.5 * sign
  theta
}
