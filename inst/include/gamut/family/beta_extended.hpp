// beta_extended.hpp - beta responses on (-u, 1 + u), censored to [0, 1].
//
//   b ~ Beta(mu phi, (1 - mu) phi),  y = min(1, max(0, (1 + 2u) b - u)):
//   0 < y < 1:  l = log f(x; mu, phi) - log(1 + 2u),  x = (y + u)/(1 + 2u),
//   P(0) = I_v(mu phi, nu phi),  P(1) = I_v(nu phi, mu phi),  v = u/(1 + 2u).
// The mixture has u exponential with mean nu_u; its density is the sum over the nodes of
// Gauss and Laguerre, w_j f(y; mu, phi, t_j nu_u). With u = 0 this is the beta density.
// Source: Kosmidis & Zeileis (2025) Extended-support beta regression for [0, 1]
// responses, J. R. Stat. Soc. C (20 nodes, as there).
#ifndef GAMUT_FAMILY_BETA_EXTENDED_HPP
#define GAMUT_FAMILY_BETA_EXTENDED_HPP

#include "jet_incomplete.hpp"

namespace gamut {

/// Nodes and logarithms of weights for integrals of e^-t g(t) over t > 0: roots of
/// Laguerre's polynomial by Newton's method, each from where the last ones point.
class GaussLaguerre {
 public:
  explicit GaussLaguerre(int n) {
    for (int i = 0; i < n; ++i) {
      double t = guess(i, n), slope = 0, before = 0;
      for (int it = 0; it < 100; ++it) {
        evaluate(n, t, before, slope);
        const double step = value_ / slope;
        t -= step;
        if (std::fabs(step) <= 1e-15 * t) break;
      }
      evaluate(n, t, before, slope);
      nodes_.push_back(t);
      // w = t / (n L_{n-1}(t))^2, since t L'_n = -n L_{n-1} at a root
      log_weights_.push_back(std::log(t) - 2 * std::log(n * std::fabs(before)));
    }
  }
  std::size_t size() const { return nodes_.size(); }
  double node(std::size_t j) const { return nodes_[j]; }
  double log_weight(std::size_t j) const { return log_weights_[j]; }

 private:
  /// Stroud & Secrest's starting values.
  double guess(int i, int n) const {
    if (i == 0) return 3 / (1 + 2.4 * n);
    if (i == 1) return nodes_[0] + 15 / (1 + 2.5 * n);
    const double a = i - 1, last = nodes_[i - 1];
    return last + (1 + 2.55 * a) / (1.9 * a) * (last - nodes_[i - 2]);
  }
  void evaluate(int n, double t, double& before, double& slope) {
    double one = 1, two = 0;
    for (int k = 0; k < n; ++k) {
      const double three = two;
      two = one;
      one = ((2 * k + 1 - t) * two - k * three) / (k + 1);
    }
    value_ = one;
    before = two;
    slope = n * (one - two) / t;
  }

  std::vector<double> nodes_, log_weights_;
  double value_ = 0;
};

/// Parameters mu, phi, u; numbers: phi, u and mu to start from.
template <bool Mixture>
class BetaExtended : public PlainDensity {
 public:
  static constexpr int kParameters = 3;
  static constexpr bool kComplement = true;

  explicit BetaExtended(const std::vector<double>& numbers)
      : phi_(number(numbers, 0, 8)),
        excess_(number(numbers, 1, 0.1)),
        mean_(number(numbers, 2, 0.5)),
        rule_(Mixture ? 20 : 1) {}

  template <class T>
  T log_density(const double* y, const T* m, const T* c) const {
    if (y[0] < 0 || y[0] > 1) return T(-std::numeric_limits<double>::infinity());
    const bool inner = y[0] > 0 && y[0] < 1;
    const T constant = inner ? beta_log_constant<T>(m[0], c[0], m[1]) : T(0.0);
    const auto at = [&](const auto& mu, const auto& nu, const auto& phi, const auto& u,
                        const auto& known) { return row(y[0], mu, nu, phi, u, known); };
    if constexpr (!Mixture) {
      return at(m[0], c[0], m[1], m[2], constant);
    } else {
      std::vector<double> size(rule_.size());
      double top = -std::numeric_limits<double>::infinity();
      for (std::size_t j = 0; j < rule_.size(); ++j) {
        size[j] =
            rule_.log_weight(j) + at(value_of(m[0]), value_of(c[0]), value_of(m[1]),
                                     rule_.node(j) * value_of(m[2]), value_of(constant));
        top = std::fmax(top, size[j]);
      }
      if (!(std::fabs(top) < 1e300)) return T(top);
      T sum(0.0);
      for (std::size_t j = 0; j < rule_.size(); ++j) {
        // what is smaller than this leaves no trace in the sum
        if (!(size[j] > top - 40)) continue;
        const T u = m[2] * rule_.node(j);
        sum +=
            fn::exp(T(at(m[0], c[0], m[1], u, constant) + (rule_.log_weight(j) - top)));
      }
      return fn::log(sum) + top;
    }
  }

  /// The same for every row: where means fit each response, precision and excess run
  /// away from each other.
  void start(const double*, double, double* m) const {
    m[0] = mean_;
    m[1] = phi_;
    m[2] = excess_;
  }

 private:
  /// For one u. Minus the log-likelihood of a mass is of size phi.
  template <class T>
  static T row(double y, const T& mu, const T& nu, const T& phi, const T& u,
               const T& constant) {
    const T width = 1.0 + 2.0 * u;
    const T x = (y + u) / width, z = ((1 - y) + u) / width;
    if (y == 0) return fn::log_incomplete_beta(x, z, mu, nu, phi);
    if (y == 1) return fn::log_incomplete_beta(z, x, nu, mu, phi);
    return constant - phi * beta_divergence<T, T>(mu, nu, x, z) - fn::log(x) -
           fn::log(z) - fn::log(width);
  }

  double phi_, excess_, mean_;
  GaussLaguerre rule_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_BETA_EXTENDED_HPP
