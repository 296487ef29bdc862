// jet.hpp - a number that carries its derivatives: truncated Taylor arithmetic.
//
// Jet<K, Order> holds the value of a function of K parameters and all its partial
// derivatives up to Order (2 or 3), each of them once, packed as in types.hpp and
// distribution.hpp. Sums and products follow Leibniz' rule, and a function f of one
// variable follows Faa di Bruno's:
//   (f o x)_i   = f' x_i
//   (f o x)_ij  = f'' x_i x_j + f' x_ij
//   (f o x)_ijk = f''' x_i x_j x_k + f'' (x_ij x_k + x_ik x_j + x_jk x_i) + f' x_ijk.
// So a density written once gives exact derivatives; digits are lost only where the
// density itself is written so that terms cancel.
// Source: Griewank & Walther (2008), Evaluating Derivatives, chapter 13.
#ifndef GAMUT_FAMILY_JET_HPP
#define GAMUT_FAMILY_JET_HPP

#include <array>
#include <cmath>

#include "distribution.hpp"

namespace gamut {

template <int K, int Order>
struct Jet {
  static_assert(Order == 2 || Order == 3, "jets are of order 2 or 3");
  static constexpr int kThird = Order > 2 ? K*(K + 1) * (K + 2) / 6 : 0;

  double value = 0;
  std::array<double, K> first{};
  std::array<double, K*(K + 1) / 2> second{};
  std::array<double, kThird> third{};

  Jet() = default;
  Jet(double constant) : value(constant) {}  // NOLINT: a constant is a jet

  /// The parameter k itself, or a multiple of it, as a variable.
  static Jet variable(double value, int k, double slope = 1) {
    Jet x(value);
    x.first[static_cast<std::size_t>(k)] = slope;
    return x;
  }

  Jet& operator+=(const Jet& o) {
    value += o.value;
    for (std::size_t i = 0; i < first.size(); ++i) first[i] += o.first[i];
    for (std::size_t i = 0; i < second.size(); ++i) second[i] += o.second[i];
    for (std::size_t i = 0; i < third.size(); ++i) third[i] += o.third[i];
    return *this;
  }
  Jet& operator-=(const Jet& o) { return *this += -o; }
  Jet& operator*=(const Jet& o) { return *this = *this * o; }
  Jet operator-() const { return *this * -1.0; }

  /// Calls visit(i, j, position) for i >= j.
  template <class Visit>
  static void pairs(const Visit& visit) {
    std::size_t at = 0;
    for (std::size_t j = 0; j < K; ++j) {
      for (std::size_t i = j; i < K; ++i) visit(i, j, at++);
    }
  }
  /// Calls visit(i, j, k, position) for i >= j >= k.
  template <class Visit>
  static void triples(const Visit& visit) {
    std::size_t at = 0;
    for (std::size_t k = 0; k < K; ++k) {
      for (std::size_t j = k; j < K; ++j) {
        for (std::size_t i = j; i < K; ++i) visit(i, j, k, at++);
      }
    }
  }
  /// The second derivative in variables i >= j.
  double pair(std::size_t i, std::size_t j) const {
    return second[static_cast<std::size_t>(
        packed_index(static_cast<int>(i), static_cast<int>(j), K))];
  }

  friend Jet operator+(Jet a, const Jet& b) { return a += b; }
  friend Jet operator-(Jet a, const Jet& b) { return a -= b; }
  friend Jet operator+(Jet a, double b) {
    a.value += b;
    return a;
  }
  friend Jet operator+(double a, Jet b) { return b + a; }
  friend Jet operator-(Jet a, double b) { return a + -b; }
  friend Jet operator-(double a, const Jet& b) { return -b + a; }

  friend Jet operator*(Jet a, double b) {
    a.value *= b;
    for (double& x : a.first) x *= b;
    for (double& x : a.second) x *= b;
    for (double& x : a.third) x *= b;
    return a;
  }
  friend Jet operator*(double a, const Jet& b) { return b * a; }
  friend Jet operator/(const Jet& a, double b) { return a * (1 / b); }

  friend Jet operator*(const Jet& a, const Jet& b) {
    Jet out(a.value * b.value);
    for (std::size_t i = 0; i < K; ++i) {
      out.first[i] = a.first[i] * b.value + a.value * b.first[i];
    }
    pairs([&](std::size_t i, std::size_t j, std::size_t at) {
      out.second[at] = a.second[at] * b.value + a.first[i] * b.first[j] +
                       a.first[j] * b.first[i] + a.value * b.second[at];
    });
    if constexpr (Order > 2) {
      triples([&](std::size_t i, std::size_t j, std::size_t k, std::size_t at) {
        out.third[at] = a.third[at] * b.value + a.value * b.third[at] +
                        mixed(a, b, i, j, k) + mixed(b, a, i, j, k);
      });
    }
    return out;
  }

  friend Jet operator/(const Jet& a, const Jet& b) {
    // relative to b, so that a tiny one does not overflow
    const double r = 1 / b.value;
    return (a * r) * chain(b * r, 1, -1, 2, -6);
  }
  friend Jet operator/(double a, const Jet& b) {
    const double r = 1 / b.value, q = a * r;
    return chain(b * r, q, -q, 2 * q, -6 * q);
  }

 private:
  /// Second derivatives of a times first ones of b, over the three ways to part.
  static double mixed(const Jet& a, const Jet& b, std::size_t i, std::size_t j,
                      std::size_t k) {
    return a.pair(i, j) * b.first[k] + a.pair(i, k) * b.first[j] +
           a.pair(j, k) * b.first[i];
  }
};

/// f(x) from f and its derivatives at x.value.
template <int K, int Order>
Jet<K, Order> chain(const Jet<K, Order>& x, double f0, double f1, double f2, double f3) {
  using J = Jet<K, Order>;
  J out(f0);
  for (std::size_t i = 0; i < K; ++i) out.first[i] = f1 * x.first[i];
  J::pairs([&](std::size_t i, std::size_t j, std::size_t at) {
    out.second[at] = f2 * x.first[i] * x.first[j] + f1 * x.second[at];
  });
  if constexpr (Order > 2) {
    J::triples([&](std::size_t i, std::size_t j, std::size_t k, std::size_t at) {
      out.third[at] = f3 * x.first[i] * x.first[j] * x.first[k] +
                      f2 * (x.pair(i, j) * x.first[k] + x.pair(i, k) * x.first[j] +
                            x.pair(j, k) * x.first[i]) +
                      f1 * x.third[at];
    });
  }
  return out;
}

inline double value_of(double x) { return x; }
template <int K, int Order>
double value_of(const Jet<K, Order>& x) {
  return x.value;
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_JET_HPP
