# Distribution of a weighted sum of independent chi-squared variables, which is that of
# any quadratic form in normal variables: the null distribution of tests of smooths.
#
#   Q = sum_j w_j chi2(df_j) + noise N(0, 1),      w_j of either sign,
#   Pr(Q > q) = 1 / (2 pi i) int exp(Phi(s)) ds,   upwards through 0 < s < 1 / (2 max w),
#   Phi(s) = K(s) - q s - log s,
#   K(s) = -1/2 sum_j df_j log(1 - 2 w_j s) + noise^2 s^2 / 2.
#
# The path is that of steepest descent through the saddle point of Phi, as Rice (1980,
# SIAM J. Sci. Stat. Comput. 1:438) and Helstrom (1983, IEEE Trans. Aerosp. Electron.
# Syst. 19:428) proposed: with Phi(s) = Phi(s0) - t^2 / 2 nothing oscillates, nothing
# cancels, and the trapezoidal rule in t converges geometrically. Hence the relative
# error is small however far in the tail q is, where the inversion along the imaginary
# axis of Imhof (1961) and Davies (1980) has a small absolute error only.
#
# The path cannot run into another saddle point: K'(s) - q - 1 / s has a positive
# imaginary part wherever s has one (each of its terms has), so all its zeros are real.

#' Upper tail probability of a weighted sum of chi-squared variables
#'
#' @param q Numbers.
#' @param weights Finite numbers of either sign; zeros count for nothing.
#' @param df Positive degrees of freedom, one or as many as weights.
#' @param noise Standard deviation of an independent normal variable in the sum.
#' @return `Pr(Q > q)`, as many as `q`, to a relative error of about 1e-10 (where that
#'   does not underflow); `NA` where `q` is.
#' @section Errors: `gamut_error_argument` for weights, degrees of freedom or a noise that
#'   cannot be; `gamut_error_quadrature` where the integral has not settled, which happens
#'   with less than about a tenth of a degree of freedom in all.
#' @noRd
chisq_sum_tail <- function(q, weights, df = 1, noise = 0) {
  law <- chisq_sum(weights, df, noise)
  if (!is.numeric(q)) abort_argument("q", "a vector of numbers", q)
  vapply(as.double(q), chisq_tail, 0, law = law)
}

#' The law of a sum: distinct weights, none of them 0
#' @return list(weight, df, variance, noise variance)
#' @noRd
chisq_sum <- function(weights, df, noise) {
  fine <- is.numeric(weights) && all(is.finite(weights))
  if (!fine) abort_argument("weights", "finite numbers", weights)
  fine <- is.numeric(df) && length(df) %in% c(1L, length(weights)) &&
    all(is.finite(df) & df > 0)
  if (!fine) abort_argument("df", "positive numbers, one or as many as weights", df)
  if (!is_one_number(noise) || noise < 0 || noise == Inf) {
    abort_argument("noise", "one number, 0 or more", noise)
  }
  df <- rep_len(df, length(weights))[weights != 0]
  weights <- as.double(weights[weights != 0])
  distinct <- unique(weights)
  df <- as.vector(rowsum(as.double(df), match(weights, distinct)))
  list(weight = distinct, df = df, noise = noise^2)
}

#' @noRd
chisq_tail <- function(q, law) {
  if (is.na(q)) return(NA_real_)
  bound <- function(sign) {
    if (law$noise > 0 || any(sign * law$weight > 0)) sign * Inf else 0
  }
  if (q >= bound(1)) return(0)
  if (q <= bound(-1)) return(1)
  if (!length(law$weight)) {
    return(stats::pnorm(q, sd = sqrt(law$noise), lower.tail = FALSE))
  }
  # in units of the largest weight, or of the noise
  unit <- max(abs(law$weight), sqrt(law$noise))
  law$weight <- law$weight / unit
  law$noise <- law$noise / unit^2
  min(1, descend(q / unit, law))
}

#' The integral, with steps halved until it has settled
#'
#' Halving the step squares the relative error: where two rules differ by 1e-6, the finer
#' one errs by about 1e-12.
#' @noRd
descend <- function(q, law) {
  saddle <- saddle_point(q, law)
  for (step in 0.1 / 2^(0:5)) {
    height <- path_heights(saddle, q, law, step)
    if (is.null(height)) next
    fine <- trapezoid(height, step)
    coarse <- trapezoid(height[seq(1L, length(height), by = 2L)], 2 * step)
    if (abs(fine - coarse) <= 1e-6 * abs(fine)) {
      return(exp(Re(exponent(saddle, q, law))) * fine / pi)
    }
  }
  abort_gamut("The probability that a weighted sum of ", length(law$weight),
              " chi-squared variables exceeds ", format(q), " times its largest weight ",
              "could not be computed: the integral has not settled.",
              class = "quadrature", data = list(q = q, law = law))
}

#' @noRd
trapezoid <- function(height, step) step * (sum(height) - height[1L] / 2)

#' Phi
#' @noRd
exponent <- function(s, q, law) {
  -sum(law$df * complex_log1p(-2 * law$weight * s)) / 2 + law$noise * s * s / 2 -
    q * s - log(s)
}

#' First derivative of Phi
#' @noRd
slope <- function(s, q, law) {
  sum(law$df * law$weight / (1 - 2 * law$weight * s)) + law$noise * s - q - 1 / s
}

#' Second derivative of Phi
#' @noRd
bend <- function(s, law) {
  2 * sum(law$df * (law$weight / (1 - 2 * law$weight * s))^2) + law$noise + 1 / s^2
}

#' log(1 + z) without loss of digits for small z
#' @noRd
complex_log1p <- function(z) {
  x <- Re(z)
  y <- Im(z)
  modulus <- log(Mod(1 + z))
  small <- Mod(z) < 0.5
  modulus[small] <- log1p(x * (2 + x) + y^2)[small] / 2
  complex(real = modulus, imaginary = atan2(y, 1 + x))
}

#' Where Phi is least between 0 and its first singularity: there it is convex
#' @noRd
saddle_point <- function(q, law) {
  largest <- max(law$weight, 0)
  end <- if (largest > 0) 1 / (2 * largest) else Inf
  place <- function(t) if (end < Inf) end * stats::plogis(t) else exp(t)
  # of the sign of the slope, but finite
  rise <- function(t) {
    s <- place(t)
    s * slope(s, q, law) * max(1 - s / end, 0)
  }
  from <- -1
  while (rise(from) > 0) from <- 2 * from
  to <- 1
  while (rise(to) < 0 && place(to) < end * (1 - 1e-15)) to <- 2 * to
  place(stats::uniroot(rise, c(from, to), tol = 1e-10)$root)
}

#' Imaginary parts of exp(-t^2 / 2) ds / dt along the path, t = 0, step, 2 step, ...
#'
#' Each point is found from the last ones by extrapolation, then by Newton's method in
#' the logarithm of s: without exponential decay (q = 0) the path runs away like exp(t^2).
#' @return `NULL` where Newton's method fails, for which a smaller step is the remedy.
#' @noRd
path_heights <- function(saddle, q, law, step) {
  top <- exponent(saddle, q, law)
  p <- log(as.complex(saddle))
  speed <- last <- 1i / (saddle * sqrt(bend(saddle, law)))
  height <- Im(speed) * saddle
  for (k in seq_len(ceiling(60 / step))) {
    t <- k * step
    p <- path_point(p + step * (1.5 * speed - 0.5 * last), t, top, q, law)
    if (is.na(p)) return(NULL)
    s <- exp(p)
    last <- speed
    speed <- -t / (s * slope(s, q, law))
    height[k + 1L] <- exp(-t^2 / 2) * Im(s * speed)
    if (exp(-t^2 / 2) * Mod(s * speed) < 1e-17 * abs(sum(height))) break
  }
  height
}

#' The point where Phi has fallen by t^2 / 2, by Newton's method in the upper half plane
#' @noRd
path_point <- function(p, t, top, q, law) {
  for (iteration in 1:30) {
    if (!isTRUE(Im(p) > 0 && Im(p) < pi)) break
    s <- exp(p)
    move <- (exponent(s, q, law) - top + t^2 / 2) / (s * slope(s, q, law))
    p <- p - move
    if (isTRUE(Mod(move) < 1e-9 * max(1, Mod(p)))) return(p)
  }
  NA_complex_
}
