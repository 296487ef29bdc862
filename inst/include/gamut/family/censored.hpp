// censored.hpp - responses that are known to lie between two bounds, and responses that
// are seen only between two bounds.
//
// Censored<Base> has the columns (lower, upper) of a row:
//   lower = upper            l = log f(y)
//   lower below the support  l = log F(upper)                       left
//   upper = infinity         l = log{1 - F(lower)}                  right
//   otherwise                l = log{F(upper) - F(lower)}           interval
// TruncatedContinuous<Base>: l = log f(y) - log{F(upper) - F(lower)} with the same bounds
// for all rows, the first two of `numbers`; those of Base follow.
// A difference is taken in the tail where both probabilities are small, as
// log(b - a) = log b + log(1 - e^{log a - log b}); where the interval holds a small
// part of that tail it would cancel, and Gauss' rule for the integral of f, whose points
// are densities, has the digits (five points: 1e-13 for a share of 1/50).
// A Base has log_density(), log_tail(y, m, lower) and kLowest, the end of its support.
// Source: Tobin (1958) Econometrica 26, 24-36; Kalbfleisch & Prentice (2002), chapter 3.
#ifndef GAMUT_FAMILY_CENSORED_HPP
#define GAMUT_FAMILY_CENSORED_HPP

#include "count_densities.hpp"
#include "density.hpp"
#include "jet_incomplete_gamma.hpp"

namespace gamut {

/// log of the integral of a base's density from `a` to `b` by Gauss' rule.
template <class Base, class T>
T log_density_integral(const Base& base, double a, double b, const T* m, const T* c) {
  static constexpr double at[] = {-0.90617984593866399280, -0.53846931010568309104, 0,
                                  0.53846931010568309104, 0.90617984593866399280};
  static constexpr double weight[] = {0.23692688505618908751, 0.47862867049936646804,
                                      0.56888888888888888889, 0.47862867049936646804,
                                      0.23692688505618908751};
  const double middle = 0.5 * (a + b), half = 0.5 * (b - a);
  const T first = base.log_density(&middle, m, c);
  T sum(weight[2]);
  for (int k = 0; k < 5; ++k) {
    if (k == 2) continue;
    const double y = middle + half * at[k];
    sum += weight[k] * fn::exp(base.log_density(&y, m, c) - first);
  }
  return first + fn::log(sum) + std::log(half);
}

/// log P(a < Y <= b) of a continuous base.
template <class Base, class T>
T log_interval(const Base& base, double a, double b, const T* m, const T* c) {
  const bool open_below = !(a > Base::kLowest), open_above = !std::isfinite(b);
  if (open_below && open_above) return T(0.0);
  if (open_below) return base.log_tail(b, m, true);
  if (open_above) return base.log_tail(a, m, false);
  T large = base.log_tail(b, m, true), small = base.log_tail(a, m, true);
  if (value_of(large) > -0.7) {
    const T above = base.log_tail(a, m, false);
    if (value_of(above) < value_of(large)) {
      large = above;
      small = base.log_tail(b, m, false);
    }
  }
  if (value_of(small) - value_of(large) > -0.02) {
    return log_density_integral(base, a, b, m, c);
  }
  // nothing is left of the smaller one, nor of its derivatives
  if (!(value_of(small) - value_of(large) > -700)) return large;
  return large + fn::log1mexp(small - large);
}

template <class Base>
struct Censored : PlainDensity {
  static constexpr int kParameters = Base::kParameters;
  static constexpr int kColumns = 2;
  static constexpr bool kComplement = Base::kComplement;
  static constexpr bool kWorking = Base::kExpected;
  explicit Censored(const std::vector<double>& numbers) : base_(numbers) {}

  template <class T>
  T log_density(const double* y, const T* m, const T* c) const {
    if (y[0] == y[1]) return base_.log_density(y, m, c);
    return log_interval(base_, y[0], y[1], m, c);
  }
  /// The information that the row would have if it were seen, as in an EM step.
  void working(const double* m, const double* c, double* second) const {
    base_.expected(m, c, second);
  }
  void start(const double* y, double prior, double* m) const {
    const bool below = !(y[0] > Base::kLowest), above = !std::isfinite(y[1]);
    const double bounded = above ? y[0] : (below ? y[1] : 0.5 * (y[0] + y[1]));
    const double value = std::isfinite(bounded) ? bounded : 1;
    base_.start(&value, prior, m);
  }

 private:
  Base base_;
};

template <class Base>
struct TruncatedContinuous : PlainDensity {
  static constexpr int kParameters = Base::kParameters;
  static constexpr bool kComplement = Base::kComplement;
  static constexpr bool kWorking = Base::kExpected;
  explicit TruncatedContinuous(const std::vector<double>& numbers)
      : base_(rest(numbers)),
        lower_(number(numbers, 0, -std::numeric_limits<double>::infinity())),
        upper_(number(numbers, 1, std::numeric_limits<double>::infinity())) {}

  template <class T>
  T log_density(const double* y, const T* m, const T* c) const {
    return base_.log_density(y, m, c) - log_interval(base_, lower_, upper_, m, c);
  }
  void working(const double* m, const double* c, double* second) const {
    base_.expected(m, c, second);
  }
  void start(const double* y, double prior, double* m) const { base_.start(y, prior, m); }

 private:
  static std::vector<double> rest(const std::vector<double>& numbers) {
    if (numbers.size() < 2) return {};
    return std::vector<double>(numbers.begin() + 2, numbers.end());
  }
  Base base_;
  double lower_, upper_;
};

/// Counts between two bounds, both included: P(lower <= Y <= upper), from
/// P(Y <= b) = Q(b + 1, mu) and P(Y >= a) = P(a, mu).
struct CensoredPoisson : PlainDensity {
  static constexpr int kParameters = 1;
  static constexpr int kColumns = 2;
  explicit CensoredPoisson(const std::vector<double>&) {}

  template <class T>
  T log_density(const double* y, const T* m, const T* c) const {
    const double a = y[0], b = y[1];
    const bool open_below = !(a > 0), open_above = !std::isfinite(b);
    if (open_below && open_above) return T(0.0);
    if (open_below) return at_most(b, m[0]);
    if (open_above) return at_least(a, m[0]);
    if (b - a < 100) return sum_of_densities(a, b, m, c);
    const T up_to = at_most(b, m[0]), from = at_least(a, m[0]);
    const bool low = value_of(up_to) < value_of(from);
    const T large = low ? up_to : from;
    const T small = low ? at_most(a - 1, m[0]) : at_least(b + 1, m[0]);
    return large + fn::log1mexp(small - large);
  }
  void start(const double* y, double, double* m) const {
    const double value = std::isfinite(y[1]) ? 0.5 * (std::fmax(y[0], 0) + y[1]) : y[0];
    m[0] = std::fmax(value, 0) + 0.1;
  }

 private:
  template <class T>
  static T at_most(double b, const T& mu) {
    return fn::log_incomplete_gamma_at(b + 1, mu, false);
  }
  template <class T>
  static T at_least(double a, const T& mu) {
    return fn::log_incomplete_gamma_at(a, mu, true);
  }
  /// log sum of f(a) ... f(b), f(y + 1) = f(y) mu / (y + 1), from the largest on.
  template <class T>
  static T sum_of_densities(double a, double b, const T* m, const T*) {
    const double top = std::fmin(std::fmax(std::floor(value_of(m[0])), a), b);
    T sum(1.0), term(1.0);
    for (double y = top; y < b; ++y) sum += term = term * (m[0] / (y + 1));
    term = T(1.0);
    for (double y = top; y > a; --y) sum += term = term * (y / m[0]);
    return fn::log(sum) - count_divergence(top, m[0]) - count_constant(top);
  }
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_CENSORED_HPP
