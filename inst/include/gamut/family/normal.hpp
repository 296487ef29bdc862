// normal.hpp - the normal with a predictor for its standard deviation, and the
// lognormal, whose logarithm it is.
//
//   normal     l = -log sigma - z^2/2 - log(2 pi)/2,   z = (y - mu) / sigma
//   lognormal  the same of log y, less log y;  mu = E log y, E y = exp(mu + sigma^2/2)
// Information: 1/sigma^2 for mu, 2/sigma^2 for sigma, none between them.
// numbers[0]: sigma to start from.
// Source: Harvey (1976) Econometrica 44, 461-465.
#ifndef GAMUT_FAMILY_NORMAL_HPP
#define GAMUT_FAMILY_NORMAL_HPP

#include "density.hpp"

namespace gamut {

struct Normal : PlainDensity {
  static constexpr int kParameters = 2;
  static constexpr bool kExpected = true;
  static constexpr bool kContinuous = true;
  static constexpr double kLowest = -std::numeric_limits<double>::infinity();
  explicit Normal(const std::vector<double>& numbers) : scale_(number(numbers, 0, 1)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    return fn::normal_log_density((y[0] - m[0]) / m[1]) - fn::log(m[1]);
  }
  /// log P(Y <= y), or log P(Y > y).
  template <class T>
  T log_tail(double y, const T* m, bool lower) const {
    const T z = (y - m[0]) / m[1];
    return fn::normal_log_cdf(lower ? z : -z);
  }
  void expected(const double* m, const double*, double* second) const {
    second[0] = -1 / (m[1] * m[1]);
    second[1] = 0;
    second[2] = 2 * second[0];
  }
  void start(const double* y, double, double* m) const {
    m[0] = y[0];
    m[1] = scale_;
  }

 private:
  double scale_;
};

struct Lognormal : PlainDensity {
  static constexpr int kParameters = 2;
  static constexpr bool kExpected = true;
  static constexpr bool kContinuous = true;
  static constexpr double kLowest = 0;
  explicit Lognormal(const std::vector<double>& numbers) : normal_(numbers) {}

  template <class T>
  T log_density(const double* y, const T* m, const T* c) const {
    const double x = std::log(y[0]);
    return normal_.log_density(&x, m, c) - x;
  }
  template <class T>
  T log_tail(double y, const T* m, bool lower) const {
    return normal_.log_tail(std::log(y), m, lower);
  }
  void expected(const double* m, const double* c, double* second) const {
    normal_.expected(m, c, second);
  }
  void start(const double* y, double prior, double* m) const {
    const double x = std::log(y[0]);
    normal_.start(&x, prior, m);
  }

 private:
  Normal normal_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_NORMAL_HPP
