# Profile likelihood: the fit with one coefficient held at a value, as a function of
# that value. A coefficient is held by moving its column times the value to the offset,
# so each point is a refit from near its solution.

#' Profile the likelihood of coefficients
#'
#' For each coefficient, the signed root of the likelihood ratio statistic
#' \deqn{z(b) = \mathrm{sign}(b - \hat b) \sqrt{\{D(b) - D(\hat b)\} / \hat\phi}}{z(b) =
#'   sign(b - b_hat) sqrt((D(b) - D(b_hat)) / phi_hat)}
#' at values \eqn{b} around its estimate, where \eqn{D(b)} is the smallest deviance (or
#' -2 log-likelihood) with the coefficient held at \eqn{b}.
#'
#' @param fitted A fit.
#' @param which Coefficients to profile, by name or number; all by default.
#' @param alpha Profiles go as far as a confidence interval of level `1 - alpha`.
#' @param maxsteps Most steps to either side.
#' @param del Length of a step, in standard errors.
#' @param x A profile.
#' @param object A profile, of which `confint()` gives the intervals.
#' @param parm,level Coefficients and confidence level, see [confint.gamut()].
#' @param ... Not used by `profile()` and `confint()`; graphical parameters for `plot()`.
#'
#' @details
#' Columns and steps are those of `profile()` for a `glm`, so functions for these read
#' them. `confint(fit, method = "profile")` does not go through a grid: it solves
#' \eqn{z(b) = \pm z_{1 - \alpha/2}}{z(b) = +- z_(1 - alpha/2)} with normal quantiles,
#' also where the dispersion is estimated, as `confint()` of a `glm` does.
#' Where the likelihood never falls that far (separated data), the limit is infinite.
#' Of models with random effects there is `confint(fit, method = "profile")` alone; see
#' [confint.gamut()].
#'
#' `plot()` draws \eqn{z(b)}, a straight line where the likelihood is quadratic, with
#' the interval that `level` gives.
#'
#' @return `profile()`: a list of class `c("profile.gamut", "profile.glm", "profile")`,
#'   with a data frame for each coefficient that is not aliased: `z` (`tau` where the
#'   dispersion is estimated) and the matrix `par.vals` of all coefficients.
#'   `plot()`: `x`, invisibly. `confint()`: a matrix.
#' @section Conditions:
#' `gamut_error_profile`: a better solution turned up, so the fit had not converged.
#' `gamut_warning_profile`: an interval has an infinite limit, or one where the model
#' can be fitted no more.
#' @references Venzon, D. J. and Moolgavkar, S. H. (1988) A method for computing
#'   profile-likelihood-based confidence intervals. *Applied Statistics* 37, 87-94.
#'   \doi{10.2307/2347496}
#' @examples
#' fit <- gamut(cbind(ncases, ncontrols) ~ unclass(agegp), family = binomial(),
#'              data = esoph)
#' around <- profile(fit)
#' plot(around)
#' confint(around)
#' @importFrom stats profile
#' @export
profile.gamut <- function(fitted, which = seq_along(fitted$coefficients), alpha = 0.01,
                          maxsteps = 10, del = zmax / 5, ...) {
  refuse_mixed(fitted, "profile()",
               "confint(method = \"profile\") gives the intervals of profiles.")
  refuse_bias_reduced(fitted, "profile()")
  require_data(fitted, "profile()")
  which <- choose_coefficients(fitted, which, "which")
  fixed <- fitted$dispersion_fixed
  zmax <- sqrt(if (fixed) stats::qchisq(1 - alpha, 1)
               else stats::qf(1 - alpha, 1, fitted$df.residual))
  paths <- profile_paths(fitted, which)
  grids <- lapply(paths, function(path) {
    if (is.null(path)) return(NULL)
    grid <- profile_grid(path, zmax, maxsteps, del)
    names(grid)[1L] <- if (fixed) "z" else "tau"
    grid
  })
  structure(grids, original.fit = fitted, level = 1 - alpha,
            class = c("profile.gamut", "profile.glm", "profile"))
}

#' Numbers of coefficients given by name or number
#' @noRd
choose_coefficients <- function(object, parm, argument) {
  names <- names(object$coefficients)
  at <- if (is.character(parm)) match(parm, names) else match(parm, seq_along(names))
  if (anyNA(at)) {
    abort_argument(argument, paste("among the coefficients", enumerate(names, 8L)),
                   parm[is.na(at)][1L])
  }
  at
}

#' What all points of a profile share, for each coefficient (NULL if aliased)
#'
#' `tangent` is how the other coefficients move with this one where the likelihood is
#' quadratic.
#' @noRd
profile_paths <- function(object, which) {
  problem <- fit_problem(object)
  covariance <- unscaled_vcov(object)
  estimates <- object$coefficients
  estimated <- !is.na(estimates)
  paths <- lapply(which, function(i) {
    if (!estimated[i]) return(NULL)
    keep <- estimated
    keep[i] <- FALSE
    path <- list(
      object = object, at = i, keep = keep, problem = subset_problem(problem, keep),
      column = problem_column(problem, i), estimate = estimates[[i]],
      others = unname(estimates[keep]), range = c(-Inf, Inf), refit = refit_path,
      lowest = if (is_mixed(object)) object$criterion$minus2loglik else object$deviance,
      dispersion = if (is_mixed(object)) 1 else object$dispersion,
      name = names(estimates)[i],
      se = sqrt(covariance[i, i] * object$dispersion),
      tangent = unname(covariance[keep, i]) / covariance[i, i]
    )
    if (object$convergence$converged) path else lower_ground(path)
  })
  stats::setNames(paths, names(estimates)[which])
}

#' A fit whose coefficients diverge stopped short of the limit of its deviance, which a
#' coefficient far out comes nearer
#' @noRd
lower_ground <- function(path) {
  side <- if (path$estimate < 0) -1 else 1
  far <- refit_path(path, path$estimate + 3 * side * path$se, NULL)
  if (!is.null(far)) path$lowest <- min(path$lowest, far$objective, na.rm = TRUE)
  path
}

#' The point of a profile where the coefficient is `value`
#'
#' @param near A point whose solution is near; `NULL` for the estimate.
#' @return list: `value`, `z` (`Inf` where there is no fit), `others`.
#' @noRd
profile_point <- function(path, value, near = NULL) {
  near <- near %||% list(value = path$estimate, others = path$others)
  start <- near$others
  if (!is.null(path$tangent)) start <- start + path$tangent * (value - near$value)
  point <- path$refit(path, value, start)
  # far out a start can lie where weights vanish, and lose coefficients there
  lost <- is.null(point) || !point$converged || point$rank < length(start)
  if (lost) point <- better_point(point, path$refit(path, value, NULL))
  side <- sign(value - path$estimate)
  if (is.null(point) || !is.finite(point$objective)) {
    return(list(value = value, z = side * Inf, others = near$others))
  }
  list(value = value, z = side * profile_root(path, point$objective),
       others = point$coefficients)
}

#' @noRd
refit_path <- function(path, value, start) {
  tryCatch(
    refit_problem(path$object, rep(TRUE, length(path$others)), start = start,
                  offset = path$column * value, problem = path$problem),
    gamut_error = function(e) NULL
  )
}

#' @noRd
better_point <- function(a, b) {
  if (is.null(a) || is.null(b)) return(a %||% b)
  if (isTRUE(b$objective < a$objective) || !is.finite(a$objective)) b else a
}

#' @noRd
profile_root <- function(path, objective) {
  object <- path$object
  rise <- (objective - path$lowest) / path$dispersion
  slack <- 1e-3 + 1e-9 * abs(path$lowest / path$dispersion)
  if (rise < -slack && object$convergence$converged) {
    abort_gamut("profiling ", ticked(path$name), " has found a better solution than the ",
                "fit, which had not converged. Lower `tolerance` or raise ",
                "`max_iterations` in gamut_control().", class = "profile")
  }
  sqrt(max(rise, 0))
}

#' Points at equal steps to both sides, until z is beyond zmax
#' @noRd
profile_grid <- function(path, zmax, maxsteps, del) {
  points <- list(list(value = path$estimate, z = 0, others = path$others))
  for (side in c(-1, 1)) {
    near <- NULL
    for (step in seq_len(maxsteps - 1)) {
      value <- path$estimate + side * step * del * path$se
      near <- profile_point(path, value, near)
      if (!is.finite(near$z)) break
      points <- c(points, list(near))
      if (abs(near$z) >= zmax) break
    }
  }
  points <- points[order(vapply(points, `[[`, 0, "value"))]
  values <- t(vapply(points, function(point) {
    all <- path$object$coefficients
    all[path$keep] <- point$others
    all[path$at] <- point$value
    all
  }, path$object$coefficients))
  if (length(path$keep) == 1L) values <- t(values)
  colnames(values) <- names(path$object$coefficients)
  grid <- data.frame(z = vapply(points, `[[`, 0, "z"))
  grid$par.vals <- values
  grid
}

#' Profile-likelihood confidence intervals
#'
#' @return Matrix of lower and upper limits, a row for each coefficient of `parm`.
#' @noRd
profile_confint <- function(object, parm = seq_along(object$coefficients),
                            level = 0.95) {
  refuse_bias_reduced(object, "confint(method = \"profile\")")
  require_data(object, "confint(method = \"profile\")")
  level <- check_number(level, "level", above = 0, to = 1 - 1e-12)
  if (is_mixed(object)) return(profile_mixed_confint(object, parm, level))
  which <- choose_coefficients(object, parm, "parm")
  tails <- c(1 - level, 1 + level) / 2
  paths <- profile_paths(object, which)
  limits <- lapply(paths, profile_limits, tails = tails)
  warn_profile(limits)
  out <- t(vapply(limits, `[[`, numeric(2L), "value"))
  dimnames(out) <- list(names(paths), percent_names(tails))
  out
}

#' Both ends of an interval
#' @noRd
profile_limits <- function(path, tails) {
  if (is.null(path)) return(list(value = c(NA_real_, NA_real_), code = c("", "")))
  ends <- lapply(stats::qnorm(tails), bounded_end, path = path)
  final <- path$final %||% identity
  list(value = final(vapply(ends, `[[`, 0, "value")),
       code = vapply(ends, `[[`, "", "code"))
}

#' An end within the parameter's range, which itself is one where z stays below the target
#' @noRd
bounded_end <- function(target, path) {
  bound <- path$range[if (target < 0) 1L else 2L]
  if (!is.finite(bound)) return(profile_end(target, path))
  if (abs(path$estimate - bound) < 1e-6 * max(1, abs(bound))) {
    return(list(value = bound, code = ""))
  }
  last <- profile_point(path, bound)
  if (abs(last$z) < abs(target)) return(list(value = bound, code = ""))
  profile_end(target, path, last)
}

#' Say which limits are not where the likelihood has fallen
#' @noRd
warn_profile <- function(limits) {
  has <- function(code) {
    names(limits)[vapply(limits, function(l) any(l$code == code), NA)]
  }
  flat <- has("flat")
  if (length(flat)) {
    warn_gamut("the profile likelihood of ", ticked(flat), " never falls far enough on ",
               "one side, so the interval has no end there (separated data?).",
               class = "profile", data = list(coefficients = flat))
  }
  edge <- has("edge")
  if (length(edge)) {
    warn_gamut("the model cannot be fitted as far as the profile interval of ",
               ticked(edge), " should go; the limit is the last value at which it can.",
               class = "profile", data = list(coefficients = edge))
  }
}

#' Solve z(b) = target
#'
#' z is nearly linear, so b is interpolated as a polynomial in z through the last
#' points (inverse quadratic interpolation), inside the bracket as soon as there is one.
#' @param outside A point beyond the end, if one is known.
#' @return list(value, code): code `"flat"` when z stays below the target for good
#'   (value infinite), `"edge"` when there is no fit beyond the value, else `""`.
#' @noRd
profile_end <- function(target, path, outside = NULL) {
  inside <- list(value = path$estimate, z = 0, others = path$others)
  known <- list(inside)
  value <- path$estimate + target * path$se
  if (!is.null(outside) && (value - outside$value) * target >= 0) {
    value <- (inside$value + outside$value) / 2
  }
  for (iteration in seq_len(80L)) {
    point <- profile_point(path, value, inside)
    solved <- abs(point$z - target) <= 1e-7 * abs(target)
    if (solved) return(list(value = value, code = ""))
    if (abs(point$z) > abs(target)) {
      outside <- point
    } else {
      if (is_flat(point, inside, target, path)) {
        return(list(value = sign(target) * Inf, code = "flat"))
      }
      inside <- point
    }
    if (is.finite(point$z)) known <- c(known, list(point))
    value <- next_value(known, inside, outside, target, path)
    if (is_closed(inside, outside)) break
  }
  list(value = inside$value, code = "edge")
}

#' Far out, where twice the distance brings next to nothing
#' @noRd
is_flat <- function(point, inside, target, path) {
  distance <- abs(point$value - path$estimate)
  before <- abs(inside$value - path$estimate)
  gained <- abs(point$z) - abs(inside$z)
  distance >= 1.9 * before && distance > 3 * abs(target) * path$se &&
    gained < 1e-3 * abs(target)
}

#' Nothing left between the ends of the bracket
#' @noRd
is_closed <- function(inside, outside) {
  if (is.null(outside)) return(FALSE)
  width <- abs(outside$value - inside$value)
  width <= 1e-10 * max(abs(inside$value), abs(outside$value), 1e-10)
}

#' Where to look next
#' @noRd
next_value <- function(known, inside, outside, target, path) {
  guess <- interpolate_inverse(utils::tail(known, 3L), target)
  if (is.null(outside)) return(further_out(guess, inside, target, path))
  ends <- sort(c(inside$value, outside$value))
  within <- is.finite(guess) && guess > ends[1L] && guess < ends[2L]
  if (within) guess else mean(ends)
}

#' Outwards, but to no more than four times the distance
#' @noRd
further_out <- function(guess, inside, target, path) {
  way <- inside$value - path$estimate
  if (way == 0) way <- target * path$se
  ratio <- (guess - path$estimate) / way
  if (!is.finite(ratio) || ratio > 4 || ratio <= 1) ratio <- 2
  path$estimate + ratio * way
}

#' The polynomial b(z) through the points, at z = target (Neville's scheme)
#' @noRd
interpolate_inverse <- function(points, target) {
  z <- vapply(points, `[[`, 0, "z")
  b <- vapply(points, `[[`, 0, "value")
  m <- length(z)
  if (m < 2L) return(NA_real_)
  for (step in seq_len(m - 1L)) {
    for (i in seq_len(m - step)) {
      j <- i + step
      b[i] <- ((target - z[j]) * b[i] - (target - z[i]) * b[i + 1L]) / (z[i] - z[j])
    }
  }
  b[1L]
}

#' @rdname profile.gamut
#' @export
confint.profile.gamut <- function(object, parm = names(object), level = 0.95, ...) {
  profile_confint(attr(object, "original.fit"), parm, level)
}

#' @rdname profile.gamut
#' @export
plot.profile.gamut <- function(x, level = 0.95, ...) {
  shown <- names(x)[!vapply(x, is.null, NA)]
  if (!length(shown)) return(invisible(x))
  across <- ceiling(sqrt(length(shown)))
  if (length(shown) > 1L) {
    old <- graphics::par(mfrow = c(ceiling(length(shown) / across), across),
                         mar = c(4, 4, 1, 1))
    on.exit(graphics::par(old))
  }
  for (name in shown) plot_one_profile(x[[name]], name, level, ...)
  invisible(x)
}

#' @noRd
plot_one_profile <- function(grid, name, level, ...) {
  value <- grid$par.vals[, name]
  z <- grid[[1L]]
  arguments <- list(value, z, type = "n", xlab = name, ylab = names(grid)[1L], las = 1)
  do.call(graphics::plot, utils::modifyList(arguments, list(...)))
  cut <- stats::qnorm((1 + level) / 2)
  graphics::abline(h = c(-cut, cut), col = "grey70", lty = 2)
  graphics::abline(h = 0, v = value[z == 0], col = "grey85")
  if (length(value) < 3L) return(graphics::points(value, z))
  graphics::lines(stats::spline(value, z, n = 101L))
  ends <- stats::approx(stats::spline(z, value, n = 501L), xout = c(-cut, cut))$y
  graphics::segments(ends, c(-cut, cut), ends, 0, lty = 2)
}
