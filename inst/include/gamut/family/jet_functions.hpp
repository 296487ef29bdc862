// jet_functions.hpp - the functions that densities are made of, on numbers and on jets.
//
// A density calls fn::log(x), fn::log_gamma(x), ... with x a double or a Jet; each
// function of one variable supplies its derivatives to order 3 (the third is computed
// for jets of order 3 only). Forms that do not cancel:
//   log1p_excess(r)       (1 + r) log(1 + r) - r,
//   deviance_part(x, d, m)  x log(x/m) + m - x with d = x - m,
//   stirling(x)           log Gamma(x) - [(x - 1/2) log x - x + log(2 pi)/2],
//   normal_log_cdf(x)     log of the normal distribution function, exact in the tail.
#ifndef GAMUT_FAMILY_JET_FUNCTIONS_HPP
#define GAMUT_FAMILY_JET_FUNCTIONS_HPP

#include <cmath>

#include "jet.hpp"
#include "special_functions.hpp"

namespace gamut {
namespace fn {

inline double log(double x) { return std::log(x); }
inline double log1p(double x) { return std::log1p(x); }
inline double exp(double x) { return std::exp(x); }
inline double expm1(double x) { return std::expm1(x); }
inline double sqrt(double x) { return std::sqrt(x); }
inline double square(double x) { return x * x; }
inline double atan(double x) { return std::atan(x); }
inline double pow(double x, double power) { return std::pow(x, power); }
inline double log_gamma(double x) { return special::log_gamma(x); }
inline double stirling(double x) { return special::stirling_correction(x); }
inline double log1pexp(double x) { return special::log1pexp(x); }

/// Derivatives relative to the value, so that a tiny one does not overflow.
template <int K, int O>
Jet<K, O> log(const Jet<K, O>& x) {
  return chain(x * (1 / x.value), std::log(x.value), 1, -1, 2);
}

template <int K, int O>
Jet<K, O> log1p(const Jet<K, O>& x) {
  const double r = 1 / (1 + x.value);
  return chain(x, std::log1p(x.value), r, -r * r, 2 * r * r * r);
}

template <int K, int O>
Jet<K, O> exp(const Jet<K, O>& x) {
  const double e = std::exp(x.value);
  return chain(x, e, e, e, e);
}

template <int K, int O>
Jet<K, O> expm1(const Jet<K, O>& x) {
  const double e = std::exp(x.value);
  return chain(x, std::expm1(x.value), e, e, e);
}

template <int K, int O>
Jet<K, O> sqrt(const Jet<K, O>& x) {
  const double s = std::sqrt(x.value), r = 1 / x.value;
  return chain(x, s, 0.5 * s * r, -0.25 * s * r * r, 0.375 * s * r * r * r);
}

template <int K, int O>
Jet<K, O> square(const Jet<K, O>& x) {
  return chain(x, x.value * x.value, 2 * x.value, 2, 0);
}

template <int K, int O>
Jet<K, O> atan(const Jet<K, O>& x) {
  const double v = x.value, r = 1 / (1 + v * v);
  return chain(x, std::atan(v), r, -2 * v * r * r, (6 * v * v - 2) * r * r * r);
}

template <int K, int O>
Jet<K, O> pow(const Jet<K, O>& x, double a) {
  const double f = std::pow(x.value, a), r = 1 / x.value;
  return chain(x, f, a * f * r, a * (a - 1) * f * r * r,
               a * (a - 1) * (a - 2) * f * r * r * r);
}

template <int K, int O>
Jet<K, O> log_gamma(const Jet<K, O>& x) {
  const double v = x.value;
  return chain(x, special::log_gamma(v), special::digamma(v), special::trigamma(v),
               O > 2 ? special::tetragamma(v) : 0);
}

template <int K, int O>
Jet<K, O> stirling(const Jet<K, O>& x) {
  const double v = x.value;
  return chain(x, special::stirling_correction(v), special::stirling_slope(v),
               special::stirling_curvature(v), O > 2 ? special::stirling_third(v) : 0);
}

/// log(1 + e^x)
template <int K, int O>
Jet<K, O> log1pexp(const Jet<K, O>& x) {
  const double e = std::exp(-std::fabs(x.value));
  const double p = (x.value > 0 ? 1 : e) / (1 + e), q = (x.value > 0 ? e : 1) / (1 + e);
  return chain(x, special::log1pexp(x.value), p, p * q, p * q * (q - p));
}

/// (1 + r) log(1 + r) - r >= 0; r > -1, or r = -1 exactly (value 1).
/// Small r itself enters, not 1 + r, which would have rounded it.
inline double log1p_excess(double r) {
  if (std::fabs(r) < 0.1) {
    static constexpr double c[] = {1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9,
                                   1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17};
    const double v = r / (2 + r), z = v * v;
    return r * v + 2 * (1 + r) * v * z * special::polynomial(c, z);
  }
  return r > -1 ? (1 + r) * std::log1p(r) - r : -r;
}
template <int K, int O>
Jet<K, O> log1p_excess(const Jet<K, O>& r) {
  const double q = 1 / (1 + r.value);
  return chain(r, log1p_excess(r.value), std::log1p(r.value), q, -q * q);
}

/// D(x; m) = x log(x/m) + m - x for x > 0, where x - m = d is given with its digits.
/// x or m may be plain numbers.
template <class X, class T, class M>
T deviance_part(const X& x, const T& difference, const M& m) {
  const T r = difference / m;
  if (std::fabs(value_of(r)) < 0.5) return m * log1p_excess(r);
  return x * log(x / m) - difference;
}

/// log(e^a + e^b)
template <class T>
T log_sum_exp(const T& a, const T& b) {
  return value_of(a) > value_of(b) ? a + log1pexp(b - a) : b + log1pexp(a - b);
}

/// log(1 - e^x), x < 0
inline double log1mexp(double x) {
  return x > -0.6931471805599453 ? std::log(-std::expm1(x)) : std::log1p(-std::exp(x));
}
template <int K, int O>
Jet<K, O> log1mexp(const Jet<K, O>& x) {
  // odds e^x / (1 - e^x)
  const double o = 1 / std::expm1(-x.value);
  return chain(x, log1mexp(x.value), -o, -o * (1 + o), -o * (1 + o) * (1 + 2 * o));
}

inline double normal_log_cdf(double x) { return special::normal_log_cdf(x); }
/// With l the inverse Mills ratio and s = x + l: l, -l s, l (s (s + l) - 1). Far below
/// zero s and the last factor are differences, which the continued fraction
/// l = t + 1/(t + 2/(t + 3/w)), t = -x, gives without cancelling.
template <int K, int O>
Jet<K, O> normal_log_cdf(const Jet<K, O>& x) {
  const double v = x.value, value = special::normal_log_cdf(v);
  if (v > -8) {
    const double l = special::inverse_mills(v), s = v + l;
    return chain(x, value, l, -l * s, l * (s * (s + l) - 1));
  }
  double w = -v;
  for (int k = 60; k >= 4; --k) w = k / w - v;
  const double u = 3 / w - v, s = 1 / (2 / u - v), l = s - v;
  // s - 1/u = (3/w - 2/u) s/u
  return chain(x, value, l, -l * s, 2 * l * s * s * (3 / w - 2 / u) / u);
}

/// log of the standard normal density
template <class T>
T normal_log_density(const T& x) {
  return square(x) * -0.5 - special::kHalfLogTwoPi;
}

}  // namespace fn
}  // namespace gamut

#endif  // GAMUT_FAMILY_JET_FUNCTIONS_HPP
