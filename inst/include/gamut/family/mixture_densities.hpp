// mixture_densities.hpp - zero-inflated, hurdle and truncated forms of a density.
//
// With f the density of Base and zi a probability, the last parameter of the first two:
//   zero-inflated  P(0) = zi + (1 - zi) f(0),   (1 - zi) f(y) for y > 0;
//   hurdle         P(0) = zi,                   (1 - zi) f(y) / (1 - f(0)) for y > 0,
//                  without the division where Base is continuous on y > 0;
//   truncated      f(y) / P(lower < Y <= upper) for lower < y <= upper.
// All is done with logarithms, so that none of the parts can underflow.
// Source: Lambert (1992) Technometrics 34, 1-14; Mullahy (1986) J. Econometrics 33,
// 341-365.
//
// Base is a Density (density.hpp). A count has log_zero(m, c) = log f(0) for the hurdle;
// a continuous one says `static constexpr bool kContinuous = true`. What is zero is the
// first column of the response.
#ifndef GAMUT_FAMILY_MIXTURE_DENSITIES_HPP
#define GAMUT_FAMILY_MIXTURE_DENSITIES_HPP

#include <limits>
#include <type_traits>

#include "density.hpp"

namespace gamut {

/// Does Base say that it is continuous?
template <class Base, class = void>
struct IsContinuous : std::false_type {};
template <class Base>
struct IsContinuous<Base, std::enable_if_t<Base::kContinuous>> : std::true_type {};

/// Has Base a closed form of weights for steps? Forms of it have one then: that of the
/// data in which additional zeros are known, which is never too small.
template <class Base>
constexpr bool kClosed = Base::kExpected || Base::kWorking;

template <class Base>
void closed_second(const Base& base, const double* m, const double* c, double* second) {
  (void)base, (void)m, (void)c, (void)second;
  if constexpr (Base::kExpected) {
    base.expected(m, c, second);
  } else if constexpr (Base::kWorking) {
    base.working(m, c, second);
  }
}

/// Those of Base times the probability of a row of its own, and that of zi.
template <class Base>
void mixture_second(const Base& base, const double* m, const double* c, double* second) {
  constexpr int K = Base::kParameters;
  double own[K * (K + 1) / 2] = {};
  closed_second(base, m, c, own);
  for (int l = 0; l < K; ++l) {
    for (int k = l; k < K; ++k) {
      second[packed_index(k, l, K + 1)] = c[K] * own[packed_index(k, l, K)];
    }
    second[packed_index(K, l, K + 1)] = 0;
  }
  second[packed_index(K, K, K + 1)] = -1 / (m[K] * c[K]);
}

template <class Base>
struct ZeroInflated : PlainDensity {
  static constexpr int kParameters = Base::kParameters + 1;
  static constexpr int kColumns = Base::kColumns;
  static constexpr bool kComplement = true;
  explicit ZeroInflated(const std::vector<double>& numbers) : base_(numbers) {}

  template <class T>
  T log_density(const double* y, const T* m, const T* c) const {
    const T counted = fn::log(c[kZero]) + base_.template log_density<T>(y, m, c);
    return y[0] > 0 ? counted : fn::log_sum_exp<T>(fn::log(m[kZero]), counted);
  }
  void start(const double* y, double prior, double* m) const {
    base_.start(y, prior, m);
    m[kZero] = y[0] > 0 ? 0.1 : 0.5;
  }

 private:
  static constexpr int kZero = Base::kParameters;
  Base base_;
};

template <class Base>
struct Hurdle : PlainDensity {
  static constexpr int kParameters = Base::kParameters + 1;
  static constexpr int kColumns = Base::kColumns;
  static constexpr bool kComplement = true;
  static constexpr bool kWorking = kClosed<Base>;
  explicit Hurdle(const std::vector<double>& numbers) : base_(numbers) {}

  template <class T>
  T log_density(const double* y, const T* m, const T* c) const {
    if (!(y[0] > 0)) return fn::log(m[kZero]) + inside(m);
    const T positive = fn::log(c[kZero]) + base_.template log_density<T>(y, m, c);
    if constexpr (IsContinuous<Base>::value) {
      return positive;
    } else {
      return positive - fn::log1mexp(base_.template log_zero<T>(m, c));
    }
  }
  void working(const double* m, const double* c, double* second) const {
    mixture_second(base_, m, c, second);
  }
  void start(const double* y, double prior, double* m) const {
    double positive[kColumns];
    for (int j = 0; j < kColumns; ++j) positive[j] = y[j];
    if (!(y[0] > 0)) positive[0] = typical(y);
    base_.start(positive, prior, m);
    m[kZero] = y[0] > 0 ? 0.25 : 0.75;
  }

 private:
  static constexpr int kZero = Base::kParameters;

  /// A zero says nothing of the other parameters but that they must be numbers: 0, or
  /// NaN.
  template <class T>
  static T inside(const T* m) {
    double sum = 0;
    for (int k = 0; k < Base::kParameters; ++k) sum += value_of(m[k]) - value_of(m[k]);
    return T(sum);
  }
  static double typical(const double*) { return IsContinuous<Base>::value ? 0.5 : 1; }

  Base base_;
};

/// Counts with lower < y <= upper; the caller's numbers are lower, upper (if none are
/// given: 0 and infinity), then those of Base.
template <class Base>
struct Truncated : PlainDensity {
  static constexpr int kParameters = Base::kParameters;
  static constexpr int kColumns = Base::kColumns;
  static constexpr bool kComplement = Base::kComplement;
  static constexpr bool kWorking = kClosed<Base>;
  explicit Truncated(const std::vector<double>& numbers)
      : base_(rest(numbers)),
        lower_(std::floor(number(numbers, 0, 0))),
        upper_(std::floor(number(numbers, 1, infinity()))) {}

  template <class T>
  T log_density(const double* y, const T* m, const T* c) const {
    return base_.template log_density<T>(y, m, c) - log_kept<T>(m, c);
  }
  void working(const double* m, const double* c, double* second) const {
    closed_second(base_, m, c, second);
  }
  void start(const double* y, double prior, double* m) const { base_.start(y, prior, m); }

 private:
  static constexpr double kNegligible = -45;  ///< logarithm of what adds no digit
  static constexpr int kMostTerms = 1000000;

  static double infinity() { return std::numeric_limits<double>::infinity(); }
  static std::vector<double> rest(const std::vector<double>& numbers) {
    if (numbers.size() < 2) return {};
    return std::vector<double>(numbers.begin() + 2, numbers.end());
  }

  /// log P(lower < Y <= upper). Above a bound that cuts off no more than 0.9 it is the
  /// complement; else the sum itself, which keeps its digits when little is left.
  template <class T>
  T log_kept(const T* m, const T* c) const {
    if (lower_ < 0 && upper_ == infinity()) return T(0);
    if (upper_ == infinity()) {
      if (lower_ == 0) return fn::log1mexp(base_.template log_zero<T>(m, c));
      if (lower_ < 50 && lower_ < value_of(m[0])) {
        const T cut = log_sum<T>(0, lower_, m, c);
        if (value_of(cut) < -0.1) return fn::log1mexp(cut);
      }
    }
    return log_sum<T>(std::fmax(lower_ + 1, 0), upper_, m, c);
  }

  /// log sum of f(k), first <= k <= last, from the term nearest to the mean outwards.
  template <class T>
  T log_sum(double first, double last, const T* m, const T* c) const {
    const double middle = std::floor(value_of(m[0]));
    if (!std::isfinite(middle)) return T(special::kNaN);
    const double from = std::fmax(first, std::fmin(middle, last));
    const double reference = value_of(base_.template log_density<T>(&from, m, c));
    Terms<T> sum{reference, T(0)};
    for (int step : {1, -1}) {
      double previous = reference;
      const double begin = step > 0 ? from : from - 1;
      const double count = step > 0 ? last - begin : begin - first;
      for (int j = 0; j <= count && j < kMostTerms; ++j) {
        const double k = begin + step * j;
        const T term = base_.template log_density<T>(&k, m, c);
        if (!sum.add(term, previous)) break;
        previous = value_of(term);
      }
    }
    return fn::log(sum.total) + sum.reference;
  }

  /// A sum of exponentials, relative to one of them.
  template <class T>
  struct Terms {
    double reference;
    T total;

    /// False when this term, and with it those that follow, no longer counts.
    bool add(const T& term, double previous) {
      const double size = value_of(term) - reference;
      total += fn::exp(term - reference);
      return !(size < kNegligible + std::log(value_of(total)) &&
               value_of(term) < previous) &&
             !std::isnan(size);
    }
  };

  Base base_;
  double lower_, upper_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_MIXTURE_DENSITIES_HPP
