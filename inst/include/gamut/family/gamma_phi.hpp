// gamma_phi.hpp - Gamma and inverse gaussian with a predictor for the dispersion phi.
//
//   Gamma, variance phi mu^2, shape k = 1/phi:
//     l = -log y + log(k / 2 pi)/2 - s(k) - k d,   d = y/mu - 1 - log(y/mu),
//     s Stirling's correction, so that no terms of size k log k cancel;
//     information k/mu^2 for mu, k^4 (psi'(k) - 1/k) for phi;
//   inverse gaussian, variance phi mu^3:
//     l = -log(2 pi phi y^3)/2 - (y - mu)^2 / (2 phi mu^2 y);
//     information 1/(phi mu^3) for mu, 1/(2 phi^2) for phi.
// Mean and dispersion are orthogonal in both. numbers[0]: phi to start from.
// Source: Smyth (1989) JRSS B 51, 47-60.
#ifndef GAMUT_FAMILY_GAMMA_PHI_HPP
#define GAMUT_FAMILY_GAMMA_PHI_HPP

#include "density.hpp"
#include "jet_incomplete_gamma.hpp"

namespace gamut {

struct GammaPhi : PlainDensity {
  static constexpr int kParameters = 2;
  static constexpr bool kExpected = true;
  static constexpr bool kContinuous = true;
  static constexpr double kLowest = 0;
  explicit GammaPhi(const std::vector<double>& numbers) : phi_(number(numbers, 0, 1)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    const T shape = 1 / m[1];
    const T d = fn::deviance_part(m[0], m[0] - y[0], y[0]) / m[0];
    return 0.5 * fn::log(shape) - fn::stirling(shape) - shape * d - std::log(y[0]) -
           special::kHalfLogTwoPi;
  }
  template <class T>
  T log_tail(double y, const T* m, bool lower) const {
    const T shape = 1 / m[1];
    return fn::log_incomplete_gamma(shape, shape * y / m[0], lower);
  }
  void expected(const double* m, const double*, double* second) const {
    const double k = 1 / m[1];
    second[0] = -k / (m[0] * m[0]);
    second[1] = 0;
    second[2] = -k * k * (k * (k * special::trigamma_excess(k)));
  }
  void start(const double* y, double, double* m) const {
    m[0] = y[0];
    m[1] = phi_;
  }

 private:
  double phi_;
};

struct InverseGaussianPhi : PlainDensity {
  static constexpr int kParameters = 2;
  static constexpr bool kExpected = true;
  explicit InverseGaussianPhi(const std::vector<double>& numbers)
      : phi_(number(numbers, 0, 1)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    const T excess = (y[0] - m[0]) / m[0];
    return -0.5 * (fn::log(m[1]) + fn::square(excess) / (m[1] * y[0])) -
           1.5 * std::log(y[0]) - special::kHalfLogTwoPi;
  }
  void expected(const double* m, const double*, double* second) const {
    second[0] = -1 / (m[1] * m[0] * m[0] * m[0]);
    second[1] = 0;
    second[2] = -0.5 / (m[1] * m[1]);
  }
  void start(const double* y, double, double* m) const {
    m[0] = y[0];
    m[1] = phi_;
  }

 private:
  double phi_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_GAMMA_PHI_HPP
