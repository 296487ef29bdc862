// criterion/gauss_hermite.hpp - nodes and weights of Gauss-Hermite quadrature.
//
// For the standard normal density: E f(T) = sum_q w_q f(t_q), exact for polynomials of
// degree 2N - 1. Nodes are the eigenvalues of the Jacobi matrix of the Hermite
// polynomials (Golub & Welsch 1969, Math. Comp. 23, 221-230), polished by Newton steps;
// weights are 1 / sum_k p_k(t)^2 over the orthonormal p_0 .. p_{N-1}, which keeps the
// relative accuracy of the smallest ones, that meet exp(t^2 / 2). Nodes are exactly
// symmetric about 0, so that a symmetric integrand has a symmetric integral.
#ifndef GAMUT_CRITERION_GAUSS_HERMITE_HPP
#define GAMUT_CRITERION_GAUSS_HERMITE_HPP

#include <Eigen/Eigenvalues>
#include <cmath>

#include "../types.hpp"

namespace gamut {

struct GaussHermite {
  Vector node, log_weight;

  explicit GaussHermite(int points) : node(points), log_weight(points) {
    Matrix jacobi = Matrix::Zero(points, points);
    for (int k = 1; k < points; ++k) {
      jacobi(k, k - 1) = jacobi(k - 1, k) = std::sqrt(static_cast<double>(k));
    }
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(jacobi, Eigen::EigenvaluesOnly);
    for (int q = 0; q < points; ++q) {
      const int mirror = points - 1 - q;
      const double middle = 0.5 * (eigen.eigenvalues()[q] - eigen.eigenvalues()[mirror]);
      node[q] = q == mirror ? 0 : polished(middle, points);
    }
    for (int q = 0; q < points / 2; ++q) node[points - 1 - q] = -node[q];
    for (int q = 0; q < points; ++q) {
      log_weight[q] = -std::log(orthonormal(node[q], points).squaredNorm());
    }
  }

 private:
  /// p_0 .. p_{count - 1} at t.
  static Vector orthonormal(double t, int count) {
    Vector p(count);
    p[0] = 1;
    for (int k = 1; k < count; ++k) {
      const double before = k > 1 ? std::sqrt(k - 1.0) * p[k - 2] : 0;
      p[k] = (t * p[k - 1] - before) / std::sqrt(static_cast<double>(k));
    }
    return p;
  }

  static double polished(double t, int points) {
    for (int i = 0; i < 3; ++i) {
      const Vector p = orthonormal(t, points + 1);
      t -= p[points] / (std::sqrt(static_cast<double>(points)) * p[points - 1]);
    }
    return t;
  }
};

/// All combinations of nodes in d dimensions, a column each, with the logarithms of
/// weight / density up to a constant: sum_j log w_j + t_j^2 / 2. One empty node if d = 0.
struct ProductRule {
  Matrix node;
  Vector log_weight;

  ProductRule(const GaussHermite& rule, int dimensions) {
    const Index points = rule.node.size();
    Index count = 1;
    for (int j = 0; j < dimensions; ++j) count *= points;
    node.resize(dimensions, count);
    log_weight = Vector::Zero(count);
    for (Index q = 0; q < count; ++q) {
      Index rest = q;
      for (int j = 0; j < dimensions; ++j, rest /= points) {
        const double t = rule.node[rest % points];
        node(j, q) = t;
        log_weight[q] += rule.log_weight[rest % points] + 0.5 * t * t;
      }
    }
  }
  Index count() const { return node.cols(); }
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_GAUSS_HERMITE_HPP
