// com_poisson_series.hpp - sums of the COM-Poisson distribution, on plain numbers.
//
//   P(y) = exp(y theta - nu log y!) / Z(theta, nu),  y = 0, 1, 2, ...
// has the cumulants of (Y, -log Y!) as the derivatives of A = log Z. Sums run from the
// mode outwards until terms no longer count. Where the distribution is wide and far from
// zero every h-th term will do: a sum of a smooth function over a grid of step h is off
// by exp(-2 pi^2 (sd/h)^2) (the trapezoidal rule), 1e-38 for h = sd/2.1.
// Source: Conway & Maxwell (1962); Shmueli et al. (2005) JRSS C 54, 127-142;
// Trefethen & Weideman (2014) SIAM Review 56, 385-458.
#ifndef GAMUT_FAMILY_COM_POISSON_SERIES_HPP
#define GAMUT_FAMILY_COM_POISSON_SERIES_HPP

#include <algorithm>
#include <cmath>
#include <vector>

#include "special_functions.hpp"

namespace gamut {
namespace com_poisson {

constexpr double kNegligible = -44;  ///< logarithm of what adds no digit
constexpr int kMostTerms = 30000;
/// These many next to the mode count all the same: cumulants of small means are small.
constexpr double kLeastTerms = 4;
constexpr int kTable = 4096;

/// log k!, from a table where k is small.
inline double log_factorial(double k) {
  static const std::vector<double> table = [] {
    std::vector<double> all(kTable);
    for (int j = 0; j < kTable; ++j) {
      all[static_cast<std::size_t>(j)] = special::log_gamma(j + 1.0);
    }
    return all;
  }();
  return k < kTable ? table[static_cast<std::size_t>(k)] : special::log_gamma(k + 1);
}

/// The grid: from the mode on, every h-th count.
struct Grid {
  double mode, step, theta, nu, top;

  Grid(double theta_, double nu_) : theta(theta_), nu(nu_) {
    const double x = std::exp(std::fmin(theta / nu, 60.0));
    mode = std::floor(x);
    // far from zero: it is ten standard deviations below the mean
    step = x * nu > 150 ? std::fmax(1, std::floor(std::sqrt(x / nu) / 2.1)) : 1;
    top = mode * theta - nu * log_factorial(mode);
  }
  /// log of a term relative to the one at the mode
  double log_term(double k) const { return k * theta - nu * log_factorial(k) - top; }

  /// Calls visit(k, weight) for all terms that count; false where they are too many.
  template <class Visit>
  bool each(const Visit& visit) const {
    if (!std::isfinite(theta) || too_long()) return false;
    // counted, because beyond 2^53 a count and the next one are the same number
    int up = 0, down = 1;
    for (; up <= kMostTerms; ++up) {
      const double k = mode + up * step, l = log_term(k);
      if (!(l > kNegligible || k < mode + kLeastTerms)) break;
      visit(k, std::exp(l));
    }
    for (; down <= kMostTerms; ++down) {
      const double k = mode - down * step, l = log_term(k);
      if (k < 0 || !(l > kNegligible || k > mode - kLeastTerms)) break;
      visit(k, std::exp(l));
    }
    return up + down - 1 < kMostTerms;
  }

 private:
  /// Nineteen standard deviations, by far: such a sum would only be given up later.
  bool too_long() const {
    return step == 1 && 19 * std::sqrt(mode / nu) > 4 * kMostTerms;
  }
};

/// Mean and variance of Y; NaN where a sum is too long.
struct Mean {
  double mean, variance;
};

inline Mean mean_of(double theta, double nu) {
  const Grid grid(theta, nu);
  double s0 = 0, s1 = 0, s2 = 0;
  const bool done = grid.each([&](double k, double w) {
    const double d = k - grid.mode;
    s0 += w;
    s1 += w * d;
    s2 += w * d * d;
  });
  if (!done) return {special::kNaN, special::kNaN};
  const double m = s1 / s0;
  return {grid.mode + m, s2 / s0 - m * m};
}

/// A and the central joint moments E (Y - EY)^i (L - EL)^j, L = log Y!, i + j <= order,
/// order at most 4.
struct Moments {
  double log_z, mean_y, mean_l;
  double c[5][5];
};

inline Moments moments_of(double theta, double nu, int order) {
  const Grid grid(theta, nu);
  Moments out{};
  double rest = 0, s0 = 0, sy = 0, sl = 0;
  thread_local std::vector<double> kept;  // y, l, weight of each term
  kept.clear();
  const bool done = grid.each([&](double k, double w) {
    const double l = log_factorial(k);
    kept.insert(kept.end(), {k, l, w});
    s0 += w;
    if (k != grid.mode) rest += w;
    sy += w * k;
    sl += w * l;
  });
  if (!done) s0 = special::kNaN;
  out.log_z = done ? std::log1p(rest) + std::log(grid.step) + grid.top : s0;
  out.mean_y = sy / s0;
  out.mean_l = sl / s0;
  for (std::size_t at = 0; at < kept.size(); at += 3) {
    const double y = kept[at] - out.mean_y, l = kept[at + 1] - out.mean_l;
    double power = kept[at + 2] / s0;
    for (int i = 0; i <= order; ++i, power *= y) {
      double product = power;
      for (int j = 0; i + j <= order; ++j, product *= l) out.c[i][j] += product;
    }
  }
  return out;
}

/// Bounds of theta given the mean: E Y^nu = exp(theta) and E (Y + 1)^-nu < exp(-theta)
/// with Jensen's inequality; P(1)/P(0) for means below one; the geometric limit.
inline void theta_bounds(double mu, double nu, double* low, double* high) {
  const double power = nu * std::log(mu);
  *high = nu * std::log1p(mu);
  *low = std::log(mu) - std::log1p(mu);
  if (nu >= 1) {
    *low = power;
    if (mu < 1) *high = std::fmin(*high, std::log(mu) - std::log1p(-mu));
  } else {
    *high = std::fmin(*high, power);
  }
}

/// theta with E Y = mu: Newton's method for log E Y, kept between bounds.
inline double solve_theta(double mu, double nu) {
  double low, high;
  theta_bounds(mu, nu, &low, &high);
  const double shifted = mu + 0.5 * (nu - 1) / nu;
  double theta = shifted > 0 ? nu * std::log(shifted) : low;
  if (!(theta >= low && theta <= high)) theta = 0.5 * (low + high);
  const double slack = 1e-9 * (1 + std::fabs(theta));
  low -= slack;
  high += slack;
  for (int iteration = 0; iteration < 100; ++iteration) {
    const Mean now = mean_of(theta, nu);
    if (std::isnan(now.mean)) return special::kNaN;
    const double gap = std::log1p((now.mean - mu) / mu);
    const double step = -gap * now.mean / now.variance;
    // the next gap is of the order of this one's square
    if (std::fabs(gap) < 1e-9 && std::isfinite(step)) return theta + step;
    (gap > 0 ? high : low) = theta;
    const double next = theta + step;
    theta = next > low && next < high ? next : 0.5 * (low + high);
  }
  return theta;
}

}  // namespace com_poisson
}  // namespace gamut

#endif  // GAMUT_FAMILY_COM_POISSON_SERIES_HPP
