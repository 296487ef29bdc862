// skew_normal.hpp - skew normal by its mean mu, standard deviation sigma and slant alpha.
//
//   f = 2 phi(z) Phi(alpha z) / omega,   z = (y - xi) / omega,
//   delta = alpha / sqrt(1 + alpha^2), omega = sigma / sqrt(1 - 2 delta^2 / pi),
//   xi = mu - omega delta sqrt(2 / pi).
// At alpha = 0, the normal, the score of alpha is zero whatever the data are and the
// information is singular, so that a fit would stay there: fits start from a slant with
// the sign of the response's skewness. numbers: sigma and alpha to start from.
// Source: Azzalini (1985) Scandinavian J. Statistics 12, 171-178; Azzalini & Capitanio
// (2014), section 3.1.4 on the singularity.
#ifndef GAMUT_FAMILY_SKEW_NORMAL_HPP
#define GAMUT_FAMILY_SKEW_NORMAL_HPP

#include "density.hpp"

namespace gamut {

struct SkewNormal : PlainDensity {
  static constexpr int kParameters = 3;
  static constexpr bool kWorking = true;
  explicit SkewNormal(const std::vector<double>& numbers)
      : scale_(number(numbers, 0, 1)), slant_(number(numbers, 1, 1)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    constexpr double kMean = 0.79788456080286535588;   // sqrt(2 / pi)
    constexpr double kShare = 0.36338022763241865692;  // 1 - 2 / pi
    const T alpha = m[2], square = fn::square(alpha);
    // 1 - 2 delta^2/pi = (1 + (1 - 2/pi) alpha^2) / (1 + alpha^2), without a difference
    const T ratio = fn::sqrt((1 + square) / (1 + kShare * square));
    const T omega = m[1] * ratio;
    const T shift = kMean * alpha / fn::sqrt(1 + square);
    const T z = (y[0] - m[0]) / omega + shift;
    return fn::normal_log_density(z) + fn::normal_log_cdf(alpha * z) - fn::log(omega) +
           0.69314718055994530942;
  }
  /// The normal's, and much for the slant: at the first step every mean is at its own
  /// response, where scores say nothing of it, and the start must not be lost.
  void working(const double* m, const double*, double* second) const {
    const double precision = 1 / (m[1] * m[1]);
    for (int j = 0; j < 6; ++j) second[j] = 0;
    second[0] = -precision;
    second[3] = -2 * precision;
    second[5] = -1;
  }
  void start(const double* y, double, double* m) const {
    m[0] = y[0];
    m[1] = scale_;
    m[2] = slant_;
  }

 private:
  double scale_, slant_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_SKEW_NORMAL_HPP
