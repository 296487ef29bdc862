// chisq.hpp - chi-squared with regressed degrees of freedom nu = E y.
//
//   l = (nu/2 - 1) log y - y/2 - (nu/2) log 2 - log Gamma(nu/2),   y > 0
//   dl/dnu = [log(y/2) - psi(nu/2)] / 2,  information psi'(nu/2) / 4.
// An exponential family in log y, not in y. With h = nu/2 Stirling's leading terms
// cancel: l = -log y - D(h; y/2) + log(h / 2 pi)/2 - s(h), where
// D = h log(h/(y/2)) + y/2 - h and s is Stirling's correction.
// Source: Johnson, Kotz & Balakrishnan (1994), chapter 18.
#ifndef GAMUT_FAMILY_CHISQ_HPP
#define GAMUT_FAMILY_CHISQ_HPP

#include "density.hpp"

namespace gamut {

struct Chisq : PlainDensity {
  static constexpr int kParameters = 1;
  static constexpr bool kExpected = true;
  explicit Chisq(const std::vector<double>&) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    const T half = m[0] * 0.5;
    const double z = 0.5 * y[0];
    const T divergence = fn::deviance_part(half, half - z, z);
    return 0.5 * fn::log(half) - divergence - fn::stirling(half) - std::log(y[0]) -
           special::kHalfLogTwoPi;
  }

  void expected(const double* m, const double*, double* second) const {
    second[0] = -0.25 * special::trigamma(0.5 * m[0]);
  }

  /// Near the single row's own maximum, psi(nu/2) = log(y/2).
  void start(const double* y, double, double* m) const { m[0] = y[0] + 1; }
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_CHISQ_HPP
