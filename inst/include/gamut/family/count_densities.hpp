// count_densities.hpp - Poisson and negative binomial counts, written without
// cancellation; zero-inflated, hurdle and truncated forms are built on them.
//
//   Poisson  l = -D(y; mu) - c(y),        D(x; m) = x log(x/m) + m - x,
//            c(y) = log(2 pi y)/2 + s(y) for y > 0, 0 for y = 0 (s: Stirling's
//            correction), which is log y! - y log y + y;
//   negative binomial with size theta (variance mu + mu^2/theta)
//            l = -D(y; mu) - c(y) + D(y + theta; mu + theta)
//                + w(y, theta),
//            w(k, a) = log G(a + k) - log G(a) - [(a + k) log(a + k) - a log a - k]
//                    = s(a + k) - s(a) - log(1 + k/a)/2
//                    = sum_{0<j<k} log(1 + j/a) - [(a + k) log(1 + k/a) - k],
// which runs into the Poisson as theta grows, digit by digit. The linear form (NB1,
// variance mu (1 + alpha)) has theta = mu / alpha.
// Source: Lawless (1987) Canadian J. Statistics 15, 209-225; Loader (2000).
#ifndef GAMUT_FAMILY_COUNT_DENSITIES_HPP
#define GAMUT_FAMILY_COUNT_DENSITIES_HPP

#include "density.hpp"

namespace gamut {

/// log y! - y log y + y
inline double count_constant(double y) {
  if (!(y > 0)) return 0;
  return 0.5 * std::log(y) + special::kHalfLogTwoPi + special::stirling_correction(y);
}

/// D(y; mu) with mu a jet; y = 0 leaves mu.
template <class T>
T count_divergence(double y, const T& mu) {
  return y > 0 ? fn::deviance_part<double, T, T>(y, y - mu, mu) : mu;
}

/// A mean to start a row from: one standard deviation from y towards the mean of all. At
/// y itself a parameter of dispersion would see no dispersion, and run away.
/// `excess(m)`: the variance at mean m over m.
template <class Excess>
double count_start(double y, double typical, const Excess& excess) {
  const double own = y + 0.1, distance = typical - y;
  if (!(typical > 0)) return own;
  const double sd = std::sqrt(own * excess(own));
  return own + std::copysign(std::fmin(sd, 0.9 * std::fabs(distance)), distance);
}

struct PoissonDensity : PlainDensity {
  static constexpr int kParameters = 1;
  static constexpr bool kExpected = true;
  explicit PoissonDensity(const std::vector<double>&) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    return -count_divergence(y[0], m[0]) - count_constant(y[0]);
  }
  /// log P(y = 0).
  template <class T>
  T log_zero(const T* m, const T*) const {
    return -m[0];
  }
  void expected(const double* m, const double*, double* second) const {
    second[0] = -1 / m[0];
  }
  void start(const double* y, double, double* m) const { m[0] = y[0] + 0.1; }
};

/// Counts up to here are summed over in rising_excess().
constexpr double kSmallCount = 24;

/// w(k, a) of the header, for a whole number k > 1 that is small, and derivatives in a.
inline void rising_excess_sum(double k, double a, bool third, double* w) {
  const double r = k / a, b = a + k, g = fn::log1p_excess(r);
  w[0] = -a * g;
  w[1] = r * std::log1p(r) - g;  // r - log(1 + r), which would cancel
  w[2] = -r * r / b;
  w[3] = third ? r * r * (3 * a + 2 * k) / (a * b * b) : 0;
  double product = 1;
  for (double j = 1; j < k; j += 1) {
    const double t = j / a, u = 1 / (a + j);
    product *= 1 + t;
    w[1] -= t * u;
    w[2] += t * u * (1 / a + u);
    if (third) w[3] -= 2 * t * u * (1 / (a * a) + u / a + u * u);
  }
  if (product < 1.5 || !std::isfinite(product)) {
    for (double j = 1; j < k; j += 1) w[0] += std::log1p(j / a);
  } else {
    w[0] += std::log(product);
  }
}

inline double rising_excess_small(double k, double a) {
  double w[4];
  rising_excess_sum(k, a, false, w);
  return w[0];
}
template <int K, int O>
Jet<K, O> rising_excess_small(double k, const Jet<K, O>& a) {
  double w[4];
  rising_excess_sum(k, a.value, O > 2, w);
  return chain(a, w[0], w[1], w[2], w[3]);
}

/// w(k, a) = log G(a + k) - log G(a) - [(a + k) log(a + k) - a log a - k], k >= 0.
template <class T>
T rising_excess(double k, const T& a) {
  if (!(k > 0)) return T(value_of(a) - value_of(a));
  if (k < kSmallCount && k == std::floor(k)) return rising_excess_small(k, a);
  return fn::stirling(a + k) - fn::stirling(a) - 0.5 * fn::log1p(k / a);
}

/// l with size theta at mean mu.
template <class T>
T negative_binomial_log_density(double y, const T& mu, const T& theta) {
  const T poisson = -count_divergence(y, mu) - count_constant(y);
  const T gain = fn::deviance_part<T, T, T>(y + theta, y - mu, mu + theta);
  return poisson + gain + rising_excess(y, theta);
}

/// NB2: parameters mu, theta; numbers: theta to start from, the mean of all counts.
struct NegativeBinomial : PlainDensity {
  static constexpr int kParameters = 2;
  static constexpr bool kWorking = true;
  explicit NegativeBinomial(const std::vector<double>& numbers)
      : size_(number(numbers, 0, 1)), typical_(number(numbers, 1, 0)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    return negative_binomial_log_density(y[0], m[0], m[1]);
  }
  template <class T>
  T log_zero(const T* m, const T*) const {
    return -m[1] * fn::log1p(m[0] / m[1]);
  }
  /// Of the mean as expected. That of log theta, (mu / (theta + mu))^2 / 2 where theta or
  /// mu is large, falls faster than its score: not squared, steps are bounded.
  void working(const double* m, const double*, double* second) const {
    const double mu = m[0], theta = m[1], share = mu / (theta + mu);
    second[0] = -1 / (mu * (1 + mu / theta));
    second[1] = 0;
    second[2] = -0.5 * share / (theta * theta);
  }
  void start(const double* y, double, double* m) const {
    m[0] = count_start(y[0], typical_, [&](double mu) { return 1 + mu / size_; });
    m[1] = size_;
  }

 private:
  double size_, typical_;
};

/// NB1: parameters mu, alpha; theta = mu / alpha; numbers as above.
struct LinearNegativeBinomial : PlainDensity {
  static constexpr int kParameters = 2;
  static constexpr bool kWorking = true;
  explicit LinearNegativeBinomial(const std::vector<double>& numbers)
      : excess_(number(numbers, 0, 1)), typical_(number(numbers, 1, 0)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    const T theta = m[0] / m[1];
    return negative_binomial_log_density(y[0], m[0], theta);
  }
  template <class T>
  T log_zero(const T* m, const T*) const {
    return -(m[0] / m[1]) * fn::log1p(m[1]);
  }
  void working(const double* m, const double*, double* second) const {
    const double b = 1 + m[1];
    second[0] = -1 / (m[0] * b);
    second[1] = 0;
    second[2] = -0.5 / (m[1] * b);
  }
  void start(const double* y, double, double* m) const {
    m[0] = count_start(y[0], typical_, [&](double) { return 1 + excess_; });
    m[1] = excess_;
  }

 private:
  double excess_, typical_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_COUNT_DENSITIES_HPP
