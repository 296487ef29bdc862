// beta.hpp - Beta(alpha, beta) with mean mu and precision phi, both regressed.
//
//   alpha = mu phi, beta = (1 - mu) phi, 0 < y < 1,
//   l = log G(phi) - log G(alpha) - log G(beta) + (alpha-1) log y + (beta-1) log(1-y).
// Source: Ferrari & Cribari-Neto (2004); Smithson & Verkuilen (2006). Third
// derivatives by hand.
//
// With phi in the hundreds (usual) to millions, the terms of l are of size phi and
// cancel to size one. Stirling's leading terms cancel algebraically:
//   l = -phi D + log(mu (1-mu) phi / 2 pi)/2 - log y - log(1-y)
//       + s(phi) - s(alpha) - s(beta),
//   dl/dphi = -D - mu e0(alpha) - (1-mu) e0(beta) + e0(phi),
// where D = mu log(mu/y) + (1-mu) log((1-mu)/(1-y)), s is Stirling's correction,
// e0 = psi - log, e1 = psi' - 1/x, e2 = psi'' + 1/x^2; the same in higher orders.
#ifndef GAMUT_FAMILY_BETA_HPP
#define GAMUT_FAMILY_BETA_HPP

#include <cmath>

#include "distribution.hpp"
#include "special_functions.hpp"

namespace gamut {

class BetaDistribution : public Distribution {
 public:
  int parameters() const override { return 2; }
  bool uses_complement(int k) const override { return k == 0; }

  /// -2 log f.
  void objective(const ResponseTile& tile, const ParameterTile& m,
                 double* out) const override {
    for (Index i = 0; i < tile.rows; ++i) {
      const Row p(tile, m, i);
      const double stirling = special::stirling_correction(p.phi) -
                              special::stirling_correction(p.alpha) -
                              special::stirling_correction(p.beta);
      const double leading = 0.5 * (std::log(p.mu) + std::log(p.nu) + std::log(p.phi)) -
                             special::kHalfLogTwoPi;
      out[i] = 2 * (p.phi * p.divergence() - leading - stirling + std::log(p.y) +
                    std::log1p(-p.y));
    }
  }

  void derivatives(const ResponseTile& tile, const ParameterTile& m,
                   Information information, double* const* first,
                   double* const* second) const override {
    for (Index i = 0; i < tile.rows; ++i) {
      const Row p(tile, m, i);
      const double contrast = p.contrast();
      first[0][i] = p.phi * contrast;
      first[1][i] = p.precision_score();
      if (!second) continue;
      const double a1 = special::trigamma_excess(p.alpha);
      const double b1 = special::trigamma_excess(p.beta);
      const double f1 = special::trigamma_excess(p.phi);
      const bool observed = information == Information::observed;
      second[0][i] = -p.phi * p.phi * (a1 + b1 + 1 / p.alpha + 1 / p.beta);
      second[1][i] = (observed ? contrast : 0) - p.phi * (p.mu * a1 - p.nu * b1);
      second[2][i] = f1 - p.mu * p.mu * a1 - p.nu * p.nu * b1;
    }
  }

  void third(const ResponseTile& tile, const ParameterTile& m,
             double* const* third) const override {
    for (Index i = 0; i < tile.rows; ++i) {
      const Row p(tile, m, i);
      const double mu = p.mu, nu = p.nu, phi = p.phi;
      const double a1 = special::trigamma_excess(p.alpha);
      const double b1 = special::trigamma_excess(p.beta);
      const double a2 = special::tetragamma_excess(p.alpha);
      const double b2 = special::tetragamma_excess(p.beta);
      const double f2 = special::tetragamma_excess(phi);
      const double inverse = 1 / mu + 1 / nu;
      third[0][i] = phi * (inverse * (1 / mu - 1 / nu) - phi * phi * (a2 - b2));
      third[1][i] = -inverse - 2 * phi * (a1 + b1) - phi * phi * (mu * a2 + nu * b2);
      third[2][i] = -2 * (mu * a1 - nu * b1) - phi * (mu * mu * a2 - nu * nu * b2);
      third[3][i] = f2 - mu * mu * mu * a2 - nu * nu * nu * b2;
    }
  }

  /// The mean shrunken towards 1/2; a middling precision, the same for every row.
  void start(const ResponseTile& tile, double* const* m) const override {
    for (Index i = 0; i < tile.rows; ++i) {
      m[0][i] = (tile.y[i] + 0.05) / 1.1;
      m[1][i] = 8;
    }
  }

 private:
  /// Shapes below this are far outside any use; their psi'' would overflow.
  static constexpr double kSmallestShape = 1e-100;

  struct Row {
    double y, mu, nu, phi, alpha, beta;

    Row(const ResponseTile& tile, const ParameterTile& m, Index i)
        : y(tile.y[i]), mu(m.value[0][i]), nu(m.complement[0][i]), phi(m.value[1][i]) {
      alpha = shape(mu * phi);
      beta = shape(nu * phi);
    }

    /// A shape out of the parameter space stays so, and gives NaN.
    static double shape(double x) {
      return x >= 0 && x < kSmallestShape ? kSmallestShape : x;
    }

    /// D, the divergence of y from mu.
    double divergence() const {
      return special::deviance_part(mu, y) + special::deviance_part(nu, 1 - y);
    }

    /// y* - mu*: logit y less its expectation.
    double contrast() const {
      return std::log(y / mu) - std::log((1 - y) / nu) -
             (special::digamma_excess(alpha) - special::digamma_excess(beta));
    }

    double precision_score() const {
      return special::digamma_excess(phi) - divergence() -
             mu * special::digamma_excess(alpha) - nu * special::digamma_excess(beta);
    }
  };
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_BETA_HPP
