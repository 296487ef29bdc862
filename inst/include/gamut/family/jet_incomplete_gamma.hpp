// jet_incomplete_gamma.hpp - logarithms of the regularised incomplete gamma functions
// P(a, x) and Q(a, x) = 1 - P, on numbers and on jets in a and x.
//
//   P = e^{-x} x^a / Gamma(a + 1) sum_n x^n / ((a + 1) ... (a + n)),     x < a + 1,
//   Q = e^{-x} x^a / Gamma(a) / (x + 1 - a - 1(1 - a)/(x + 3 - a - ...)), otherwise,
// the other one by log(1 - e^l), where it is no small difference. The factor in front
// is exp(-D(a; x)) / sqrt(2 pi a) e^{-s(a)} up to a power of a, which does not cancel.
// On jets the series is summed, and the fraction evaluated from its end, in jet
// arithmetic, so that the derivatives are those of the function.
// Source: Abramowitz & Stegun 6.5.29 and 6.5.31; DLMF 8.9.2; Loader (2000).
#ifndef GAMUT_FAMILY_JET_INCOMPLETE_GAMMA_HPP
#define GAMUT_FAMILY_JET_INCOMPLETE_GAMMA_HPP

#include <algorithm>

#include "jet_functions.hpp"

namespace gamut {
namespace fn {

/// log of e^{-x} x^a / Gamma(a + 1).
template <class A, class T>
T log_gamma_term(const A& a, const T& x) {
  const T divergence = deviance_part(a, T(a - x), x);
  return -divergence - 0.5 * log(a) - special::kHalfLogTwoPi - stirling(a);
}

/// sum_n x^n / ((a + 1) ... (a + n)) for x < a + 1, n = 0, 1, ...
template <class A, class T>
T lower_gamma_sum(const A& a, const T& x) {
  // derivatives of a term grow like n^2 times itself: 1e-24 leaves them below rounding
  T term(1), sum(1);
  for (int n = 1; n < 200000; ++n) {
    term = term * (x / (a + double(n)));
    sum += term;
    if (value_of(term) < 1e-24 * value_of(sum)) break;
  }
  return sum;
}

/// Where the fraction may start so that the rest does not matter.
inline int upper_gamma_length(double a, double x) {
  // Lentz's forward recurrence
  double b = x + 1 - a, c = 1e300, d = 1 / b;
  int n = 1;
  for (; n < 200000; ++n) {
    const double coefficient = -n * (n - a);
    b += 2;
    d = 1 / (b + coefficient * d);
    c = b + coefficient / c;
    if (std::fabs(c * d - 1) < 1e-16) break;
  }
  return n + n / 4 + 8;
}

/// x + 1 - a - 1(1 - a)/(x + 3 - a - 2(2 - a)/(x + 5 - a - ...)), x >= a + 1.
template <class A, class T>
T upper_gamma_fraction(const A& a, const T& x) {
  const T difference = x - a;
  const int last = upper_gamma_length(value_of(a), value_of(x));
  T tail = difference + double(2 * last + 1);
  for (int n = last; n >= 1; --n) {
    tail = difference + double(2 * n - 1) - double(n) * (double(n) - a) / tail;
  }
  return tail;
}

/// log P(a, x), or log Q(a, x); a > 0 may be a plain number, x > 0.
template <class A, class T>
T log_incomplete_gamma(const A& a, const T& x, bool lower) {
  const T front = log_gamma_term(a, x);
  if (value_of(x) < value_of(a) + 1) {
    const T below = front + log(lower_gamma_sum(a, x));
    return lower ? below : log1mexp(below);
  }
  const T above = front + log(a) - log(upper_gamma_fraction(a, x));
  return lower ? log1mexp(above) : above;
}

/// The same for a plain a, with the derivatives in x in closed form: with the density
/// f = x^{a-1} e^{-x} / Gamma(a) and h = f/P or f/Q they are those of a log tail,
/// h' = h u, u = (a - 1)/x - 1 -+ h.
inline double log_incomplete_gamma_at(double a, double x, bool lower) {
  return log_incomplete_gamma(a, x, lower);
}
template <int K, int O>
Jet<K, O> log_incomplete_gamma_at(double a, const Jet<K, O>& x, bool lower) {
  const double v = x.value, l = log_incomplete_gamma(a, v, lower);
  const double sign = lower ? 1 : -1, h = std::exp(log_gamma_term(a, v) - l) * (a / v);
  const double u = (a - 1) / v - 1 - sign * h, dh = h * u;
  const double du = (1 - a) / (v * v) - sign * dh;
  return chain(x, l, sign * h, sign * dh, sign * (dh * u + h * du));
}

}  // namespace fn
}  // namespace gamut

#endif  // GAMUT_FAMILY_JET_INCOMPLETE_GAMMA_HPP
