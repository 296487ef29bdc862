// weibull.hpp - Weibull and exponential times.
//
//   log y = log mu + sigma w with exp(w) a standard exponential, so that
//   l = w - e^w - log sigma - log y,   w = (log y - log mu) / sigma.
// mu is the scale (63 in 100 are below it), 1/sigma the shape: log mu and sigma are
// what survreg() calls the linear predictor and the scale; sigma = 1 is the exponential.
// Information, with Euler's gamma: 1/sigma^2 for log mu, (pi^2/6 + (1 - gamma)^2) /
// sigma^2 for sigma, (1 - gamma) / sigma^2 between them. numbers[0]: sigma to start from.
// Source: Kalbfleisch & Prentice (2002), section 2.2; information by hand.
#ifndef GAMUT_FAMILY_WEIBULL_HPP
#define GAMUT_FAMILY_WEIBULL_HPP

#include "density.hpp"

namespace gamut {

/// log F or log S of an exponential from its hazard h >= 0.
template <class T>
T exponential_log_tail(const T& hazard, bool lower) {
  return lower ? fn::log1mexp(-hazard) : -hazard;
}

struct Weibull : PlainDensity {
  static constexpr int kParameters = 2;
  static constexpr bool kExpected = true;
  static constexpr bool kContinuous = true;
  static constexpr double kLowest = 0;
  explicit Weibull(const std::vector<double>& numbers) : scale_(number(numbers, 0, 1)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    const T w = standard(y[0], m);
    return w - fn::exp(w) - fn::log(m[1]) - std::log(y[0]);
  }
  template <class T>
  T log_tail(double y, const T* m, bool lower) const {
    const T w = standard(y, m), hazard = fn::exp(w);
    // far below, F is the hazard itself
    if (lower && value_of(w) < -37) return w - 0.5 * hazard;
    return exponential_log_tail(hazard, lower);
  }
  void expected(const double* m, const double*, double* second) const {
    constexpr double kRest = 0.42278433509846713939;   // 1 - gamma
    constexpr double kSixth = 1.64493406684822643647;  // pi^2 / 6
    const double s = 1 / (m[1] * m[1]);
    second[0] = -s / (m[0] * m[0]);
    second[1] = -kRest * s / m[0];
    second[2] = -(kSixth + kRest * kRest) * s;
  }
  void start(const double* y, double, double* m) const {
    m[0] = y[0];
    m[1] = scale_;
  }

 private:
  template <class T>
  static T standard(double y, const T* m) {
    return (std::log(y) - fn::log(m[0])) / m[1];
  }
  double scale_;
};

/// By its mean; exponential() itself is a Gamma, this is what censoring needs.
struct Exponential : PlainDensity {
  static constexpr int kParameters = 1;
  static constexpr bool kExpected = true;
  static constexpr bool kContinuous = true;
  static constexpr double kLowest = 0;
  explicit Exponential(const std::vector<double>&) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    return -fn::log(m[0]) - y[0] / m[0];
  }
  template <class T>
  T log_tail(double y, const T* m, bool lower) const {
    return exponential_log_tail(T(y / m[0]), lower);
  }
  void expected(const double* m, const double*, double* second) const {
    second[0] = -1 / (m[0] * m[0]);
  }
  void start(const double* y, double, double* m) const { m[0] = y[0]; }
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_WEIBULL_HPP
