// special_functions.hpp - gamma, digamma and their kin, and stable elementary forms.
//
// Positive arguments only, relative error about 1e-14. Methods, all classical:
//   Stirling's series with Bernoulli numbers above 12, reached by the recurrence
//     psi(x) = psi(x + 1) - 1/x and its derivatives (Abramowitz & Stegun 6.3-6.4);
//   log Gamma(2 + z) = (1 - gamma) z + sum_{k>=2} (-1)^k (zeta(k) - 1) z^k / k,
//     |z| <= 1/2 (A&S 6.1.33);
//   the Taylor series of psi around its positive zero;
//   the deviance part x log(x/m) + m - x after Loader (2000), "Fast and accurate
//     computation of binomial probabilities".
// The *_excess functions are what is left of psi, psi' and psi'' once the leading
// term log x, 1/x, -1/x^2 is taken off: densities with large shapes need exactly
// these differences, which cancel when they are formed from the full functions.
#ifndef GAMUT_FAMILY_SPECIAL_FUNCTIONS_HPP
#define GAMUT_FAMILY_SPECIAL_FUNCTIONS_HPP

#include <cmath>
#include <limits>

namespace gamut {
namespace special {

constexpr double kHalfLogTwoPi = 0.91893853320467274178;
constexpr double kSqrtHalf = 0.70710678118654752440;
constexpr double kInvSqrtTwoPi = 0.39894228040143267794;
constexpr double kPi = 3.14159265358979323846;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Stirling's series is used from here on; nine terms leave 1e-17 relative.
constexpr double kLargeArgument = 12.0;

/// c[0] + c[1] z + c[2] z^2 + ...
template <int N>
inline double polynomial(const double (&c)[N], double z) {
  double sum = c[N - 1];
  for (int k = N - 2; k >= 0; --k) sum = sum * z + c[k];
  return sum;
}

/// log(1 + e^x) without overflow and without loss for very negative x.
inline double log1pexp(double x) {
  return (x > 0 ? x : 0.0) + std::log1p(std::exp(-std::fabs(x)));
}

/// x log(x/m) + m - x >= 0, the building block of unit deviances; x >= 0, m > 0.
/// Near x = m the plain form cancels; 2 atanh of the relative difference does not.
inline double deviance_part(double x, double m) {
  const double v = (x - m) / (x + m);
  if (std::fabs(v) < 0.1) {
    static constexpr double c[] = {1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9, 1.0 / 11,
                                   1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19};
    const double z = v * v;
    return (x - m) * v + 2 * x * v * z * polynomial(c, z);
  }
  return x > 0 ? x * std::log(x / m) + m - x : m - x;
}

/// log Gamma(x) - [(x - 1/2) log x - x + log(2 pi)/2] for x >= 12.
inline double stirling_series(double x) {
  static constexpr double c[] = {1.0 / 12,    -1.0 / 360,      1.0 / 1260,
                                 -1.0 / 1680, 1.0 / 1188,      -691.0 / 360360,
                                 1.0 / 156,   -3617.0 / 122400};
  return polynomial(c, 1 / (x * x)) / x;
}

/// log Gamma(2 + z) for |z| <= 1/2.
inline double log_gamma_near_two(double z) {
  static constexpr double c[] = {
      0.4227843350984671393934879,    0.3224670334241132182362,
      -0.06735230105319809513325,     0.020580808427784547879,
      -0.007385551028673985266273,    0.002890510330741523285753,
      -0.001192753911703260977114,    0.0005096695247430424223357,
      -0.0002231547584535793797614,   0.0000994575127818085337146,
      -0.00004492623673813314170021,  0.00002050721277567069155317,
      -0.000009439488275268395903987, 0.000004374866789907487804182,
      -0.000002039215753801366236782, 9.551412130407419832857e-7,
      -4.492469198764566043294e-7,    2.120718480555466586923e-7,
      -1.004322482396809960872e-7,    4.76981016936398056576e-8,
      -2.271109460894316491032e-8,    1.083865921489695409107e-8,
      -5.183475041970046655121e-9,    2.483674543802478317185e-9,
      -1.192140140586091207443e-9,    5.73136724167886201333e-10,
      -2.759522885124233145178e-10};
  return z * polynomial(c, z);
}

/// log Gamma(x), x > 0. Unlike std::lgamma it touches no global variable.
inline double log_gamma(double x) {
  if (!(x > 0)) return kNaN;
  if (x >= kLargeArgument) {
    return (x - 0.5) * std::log(x) - x + kHalfLogTwoPi + stirling_series(x);
  }
  if (x < 0.5) return log_gamma_near_two(x) - std::log1p(x) - std::log(x);
  if (x < 1.5) return log_gamma_near_two(x - 1) - std::log1p(x - 1);
  double product = 1;
  while (x > 2.5) {
    x -= 1;
    product *= x;
  }
  return std::log(product) + log_gamma_near_two(x - 2);
}

/// log Gamma(x) less Stirling's leading terms, any x > 0.
inline double stirling_correction(double x) {
  if (x >= kLargeArgument) return stirling_series(x);
  return log_gamma(x) - ((x - 0.5) * std::log(x) - x + kHalfLogTwoPi);
}

/// psi(x) - log x + 1/(2x), the slope of Stirling's correction, for x >= 12.
inline double digamma_series(double x) {
  static constexpr double c[] = {-1.0 / 12, 1.0 / 120,     -1.0 / 252,
                                 1.0 / 240, -1.0 / 132,    691.0 / 32760,
                                 -1.0 / 12, 3617.0 / 8160, -43867.0 / 14364};
  const double z = 1 / (x * x);
  return z * polynomial(c, z);
}

/// psi(x) - log x.
inline double digamma_excess(double x) {
  if (!(x > 0)) return kNaN;
  double sum = 0, y = x;
  for (; y < kLargeArgument; y += 1) sum += 1 / y;
  const double tail = digamma_series(y) - 0.5 / y;
  return y > x ? tail + (std::log(y / x) - sum) : tail;
}

/// psi'(x) - 1/x - 1/(2 x^2), for x >= 12.
inline double trigamma_series(double x) {
  static constexpr double c[] = {1.0 / 6,   -1.0 / 30,     1.0 / 42,
                                 -1.0 / 30, 5.0 / 66,      -691.0 / 2730,
                                 7.0 / 6,   -3617.0 / 510, 43867.0 / 798};
  const double z = 1 / (x * x);
  return z * polynomial(c, z) / x;
}

/// psi'(x) - 1/x.
inline double trigamma_excess(double x) {
  if (!(x > 0)) return kNaN;
  double sum = 0, y = x;
  for (; y < kLargeArgument; y += 1) sum += 1 / (y * y);
  const double tail = 0.5 / (y * y) + trigamma_series(y);
  return y > x ? tail + sum + (1 / y - 1 / x) : tail;
}

/// psi''(x) + 1/x^2 + 1/x^3, for x >= 12.
inline double tetragamma_series(double x) {
  static constexpr double c[] = {-1.0 / 2,  1.0 / 6,     -1.0 / 6,
                                 3.0 / 10,  -5.0 / 6,    691.0 / 210,
                                 -35.0 / 2, 3617.0 / 30, -43867.0 / 42};
  const double z = 1 / (x * x);
  return z * z * polynomial(c, z);
}

/// psi''(x) + 1/x^2.
inline double tetragamma_excess(double x) {
  if (!(x > 0)) return kNaN;
  double sum = 0, y = x;
  for (; y < kLargeArgument; y += 1) sum += 2 / (y * y * y);
  const double z = 1 / (y * y);
  const double tail = tetragamma_series(y) - z / y;
  return y > x ? tail - sum + (1 / (x * x) - z) : tail;
}

/// The derivatives of Stirling's correction, which vanish faster than its terms.
inline double stirling_slope(double x) {
  return x >= kLargeArgument ? digamma_series(x) : digamma_excess(x) + 0.5 / x;
}
inline double stirling_curvature(double x) {
  return x >= kLargeArgument ? trigamma_series(x) : trigamma_excess(x) - 0.5 / (x * x);
}
inline double stirling_third(double x) {
  return x >= kLargeArgument ? tetragamma_series(x)
                             : tetragamma_excess(x) + 1 / (x * x * x);
}

/// psi(x) near its zero x0 = 1.4616...; x0 is split so that x - x0 stays exact.
inline double digamma_near_zero(double x) {
  static constexpr double c[] = {
      0.9676722454476211704274,   -0.4427631689835921060929,   0.2584997609556510106244,
      -0.1639427054424065275043,  0.1078240506912623657572,    -0.07219956125645471092612,
      0.04880428816414310722509,  -0.03316112647484735929226,  0.02259764823221810465962,
      -0.0154247659049489591388,  0.01053879161661217538812,   -0.00720453438635686824097,
      0.004926781395729853446354, -0.003369801655439328082793, 0.002305126326734927836938,
      -0.001576936771430197259271};
  const double z = (x - 1.4616321449683622) - 9.549995429965697715e-17;
  return z * polynomial(c, z);
}

/// psi(x) = d log Gamma(x) / dx, x > 0.
inline double digamma(double x) {
  if (std::fabs(x - 1.4616321449683622) < 0.125) return digamma_near_zero(x);
  return std::log(x) + digamma_excess(x);
}

/// psi'(x), x > 0.
inline double trigamma(double x) { return 1 / x + trigamma_excess(x); }

/// psi''(x), x > 0.
inline double tetragamma(double x) { return tetragamma_excess(x) - 1 / (x * x); }

/// Standard normal density and distribution function, the latter exact in the tail.
inline double normal_density(double x) { return kInvSqrtTwoPi * std::exp(-0.5 * x * x); }
inline double normal_cdf(double x) { return 0.5 * std::erfc(-x * kSqrtHalf); }

/// phi(x) / Phi(x), the inverse Mills ratio. Far below zero by the continued fraction
/// of Phi(-t)/phi(t) = 1/(t + 1/(t + 2/(t + ...))) (A&S 26.2.14).
inline double inverse_mills(double x) {
  if (x > -8) return normal_density(x) / normal_cdf(x);
  const double t = -x;
  double tail = t;
  for (int k = 60; k >= 1; --k) tail = t + k / tail;
  return tail;
}

/// log Phi(x), exact in both tails.
inline double normal_log_cdf(double x) {
  if (x > 0) return std::log1p(-normal_cdf(-x));
  if (x > -8) return std::log(normal_cdf(x));
  return -0.5 * x * x - kHalfLogTwoPi - std::log(inverse_mills(x));
}

/// Standard normal quantile: the rational start of A&S 26.2.23 (error 5e-4), then
/// Halley steps, which cube the error each time.
inline double normal_quantile(double p) {
  if (p > 0.5) return -normal_quantile(1 - p);
  if (!(p > 0)) return p == 0 ? -std::numeric_limits<double>::infinity() : kNaN;
  const double t = std::sqrt(-2 * std::log(p));
  double x = (2.515517 + t * (0.802853 + t * 0.010328)) /
                 (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
             t;
  for (int step = 0; step < 3; ++step) {
    const double u = (normal_cdf(x) - p) / normal_density(x);
    if (!std::isfinite(u)) break;
    x -= u / (1 + 0.5 * x * u);
  }
  return x;
}

}  // namespace special
}  // namespace gamut

#endif  // GAMUT_FAMILY_SPECIAL_FUNCTIONS_HPP
