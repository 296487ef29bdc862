// link_numerical.hpp - a link of which only mu and d mu/d eta are known.
//
// That is what a user's link supplies (R's linkinv and mu.eta). Orders 2 and 3 are
// five-point central differences of the first derivative, taken on whole vectors, so
// that a function written in R is called four more times and not four times a row:
//   d2 = (8 [d(+h) - d(-h)] - [d(+2h) - d(-2h)]) / 12h            error h^4 / 30
//   d3 = (16 [d(+h) + d(-h)] - [d(+2h) + d(-2h)] - 30 d(0)) / 12h^2     h^4 / 90
// (Abramowitz & Stegun 25.3). With h = 2^-8 truncation and rounding are both near
// 1e-11 for d3, below it for d2. Close to zero h shrinks with eta, because many links end
// there.
#ifndef GAMUT_FAMILY_LINK_NUMERICAL_HPP
#define GAMUT_FAMILY_LINK_NUMERICAL_HPP

#include <algorithm>
#include <cmath>
#include <vector>

#include "link.hpp"

namespace gamut {

class NumericalLink : public Link {
 public:
  /// mu and d mu/d eta; either pointer may be null.
  virtual void evaluate(Index n, const double* eta, double* mu, double* d1) const = 0;

  void inverse(Index n, const double* eta, const LinkOutput& out) const override {
    std::vector<double> mu, d1;
    double* m = room(out.mu, out.complement != nullptr, n, mu);
    double* d = room(out.d1, out.d3 != nullptr, n, d1);
    if (m || d) evaluate(n, eta, m, d);
    if (out.complement) {
      for (Index i = 0; i < n; ++i) out.complement[i] = 1 - m[i];
    }
    if (out.d2 || out.d3) differences(n, eta, d, out);
  }

  double neutral() const override {
    for (double mu : {1.0, 0.5, 0.0}) {
      double eta;
      link(1, &mu, &eta);
      if (std::isfinite(eta)) return eta;
    }
    return 0;
  }

 private:
  static double* room(double* given, bool needed, Index n, std::vector<double>& own) {
    if (given || !needed) return given;
    own.resize(static_cast<std::size_t>(n));
    return own.data();
  }

  static double step(double eta) {
    const double size = std::min(1.0, std::max(std::fabs(eta), 1.0 / 16));
    const double h = size / 256;
    return (eta + h) - eta;
  }

  /// The first derivative at eta + times * h.
  void shifted(Index n, const double* eta, int times, std::vector<double>& d) const {
    std::vector<double> moved(static_cast<std::size_t>(n));
    for (Index i = 0; i < n; ++i) moved[i] = eta[i] + times * step(eta[i]);
    d.resize(static_cast<std::size_t>(n));
    evaluate(n, moved.data(), nullptr, d.data());
  }

  void differences(Index n, const double* eta, const double* d1,
                   const LinkOutput& out) const {
    std::vector<double> p1, m1, p2, m2;
    shifted(n, eta, 1, p1);
    shifted(n, eta, -1, m1);
    shifted(n, eta, 2, p2);
    shifted(n, eta, -2, m2);
    for (Index i = 0; i < n; ++i) {
      const double h = step(eta[i]);
      if (out.d2) {
        out.d2[i] = finite(8 * (p1[i] - m1[i]) - (p2[i] - m2[i])) / (12 * h);
      }
      if (out.d3) {
        const double sum = 16 * (p1[i] + m1[i]) - (p2[i] + m2[i]);
        out.d3[i] = finite(sum - 30 * d1[i]) / (12 * h * h);
      }
    }
  }

  /// At the edge of a domain no difference exists; zero makes the step a Fisher one.
  static double finite(double x) { return std::isfinite(x) ? x : 0; }
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_LINK_NUMERICAL_HPP
