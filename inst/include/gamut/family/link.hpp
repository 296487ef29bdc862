// link.hpp - what a link function is: g(mu) = eta, asked for on whole vectors.
//
// A link gives mu = g^{-1}(eta), its derivatives in eta up to order 3, and 1 - mu.
// The complement is asked for on its own because 1 - mu formed from a rounded mu
// has no digits left in the upper tail, and a binomial or beta density needs them.
//
// Tails: links whose mu runs to 0, 1 or infinity like an exponential stop at
// e^-138 = 1e-60 (beyond it mu and its derivatives keep the value of the edge), so
// that the products of up to five such factors in third derivatives stay finite. An
// eta that is not finite, or outside a link's domain, gives NaN: no step goes there.
#ifndef GAMUT_FAMILY_LINK_HPP
#define GAMUT_FAMILY_LINK_HPP

#include <cmath>
#include <string>

#include "../types.hpp"

namespace gamut {

/// Where an exponential tail stops, and what is left there.
constexpr double kTailExponent = 138.0;
constexpr double kTailFloor = 1e-60;

/// Buffers for one vector; any of them may be null.
struct LinkOutput {
  double* mu = nullptr;
  double* complement = nullptr;  ///< 1 - mu
  double* d1 = nullptr;          ///< d mu / d eta
  double* d2 = nullptr;
  double* d3 = nullptr;
};

class Link {
 public:
  virtual ~Link() = default;
  virtual std::string name() const = 0;

  /// mu and its derivatives at eta; writes what `out` has room for. The output
  /// must not overlap eta.
  virtual void inverse(Index n, const double* eta, const LinkOutput& out) const = 0;

  /// eta = g(mu); may be non-finite where mu is outside the range of the link.
  virtual void link(Index n, const double* mu, double* eta) const = 0;

  /// A point inside the domain, for starts where g(mu) does not exist.
  virtual double neutral() const { return 0; }

  /// False when the calls must stay on one thread (functions written in R).
  virtual bool thread_safe() const { return true; }
};

/// Value and derivatives at one point, for links written element by element.
struct LinkPoint {
  double mu, d1, d2, d3;
};

/// eta moved into [low, high]; NaN when it is not finite (eta - eta is then NaN).
inline double clamp_eta(double eta, double low, double high) {
  return (eta < low ? low : (eta > high ? high : eta)) + (eta - eta);
}

/// A link from three members of Derived: point(eta), complement(eta, mu), of(mu).
/// The loops are here, so that there is one virtual call a vector.
template <class Derived>
class ElementLink : public Link {
 public:
  void inverse(Index n, const double* eta, const LinkOutput& out) const override {
    const Derived& self = static_cast<const Derived&>(*this);
    for (Index i = 0; i < n; ++i) {
      const LinkPoint p = self.point(eta[i]);
      if (out.mu) out.mu[i] = p.mu;
      if (out.complement) out.complement[i] = self.complement(eta[i], p.mu);
      if (out.d1) out.d1[i] = p.d1;
      if (out.d2) out.d2[i] = p.d2;
      if (out.d3) out.d3[i] = p.d3;
    }
  }

  void link(Index n, const double* mu, double* eta) const override {
    const Derived& self = static_cast<const Derived&>(*this);
    for (Index i = 0; i < n; ++i) eta[i] = self.of(mu[i]);
  }

  double complement(double, double mu) const { return 1 - mu; }
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_LINK_HPP
