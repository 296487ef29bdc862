// criterion/adapted_nodes.hpp - quadrature nodes placed at the mode, with its curvature.
//
// H = Lambda'Z'WZ Lambda + I at the mode u is an arrow for every group: D_l for its inner
// levels, C_l between them and the outer effects, A. With H = R'R, R upper triangular,
// inner before outer,
//   K_l = D_l^-1 C_l,   D_l = R_l'R_l,   R_a'R_a = A - sum_l C_l'K_l,
// the nodes are u + R^-1 t:
//   outer  u_a + R_a^-1 t_a,   inner  u_l + R_l^-1 t_l - K_l R_a^-1 t_a,
// so that the rule is exact where the integrand is normal. How the placement moves a
// quadrature is known from T = E[t g'], g the gradient of the log integrand at a node:
// d(-log|R| - ...) = -<dH, M>,  M = R^-1 C R^-T, where C is symmetric with the lower
// triangle of (T R^-1 + I) / 2. One node: T = 0 and M = H^-1 / 2, the Laplace
// approximation. Source: Naylor & Smith (1982) Appl. Statist. 31, 214-225; Pinheiro &
// Chao (2006) J. Comput. Graph. Statist. 15, 58-81 (nested); the derivative of a Cholesky
// factor: Smith (1995) J. Comput. Graph. Statist. 4, 134-147.
#ifndef GAMUT_CRITERION_ADAPTED_NODES_HPP
#define GAMUT_CRITERION_ADAPTED_NODES_HPP

#include <Eigen/Cholesky>

#include "gauss_hermite.hpp"
#include "nested_groups.hpp"

namespace gamut {

/// M on the pattern of H: of inner levels, of groups, and between them.
struct AdaptedInverse {
  std::vector<Matrix> inner, outer, between;
};

/// T = E[t g'], of the same blocks; `across` has t outer and g inner.
struct NodeMoments {
  std::vector<Matrix> inner, outer, across;
};

class AdaptedNodes {
 public:
  AdaptedNodes(const Layout& layout, const NestedGroups& groups, const Sums& sums)
      : groups_(groups), gram_(layout, sums), sums_(sums) {
    inner_lambda_ = groups.inner().covariance->matrix();
    if (groups.has_outer()) outer_lambda_ = groups.outer().covariance->matrix();
    const int a = groups.outer_size();
    std::vector<Matrix> schur(static_cast<std::size_t>(groups.groups()));
    for (Index g = 0; g < groups.groups(); ++g) {
      schur[g] = Matrix::Identity(a, a);
      if (a > 0) {
        schur[g] += outer_lambda_.transpose() * groups.outer(sums, g) * outer_lambda_;
      }
    }
    for (Index l = 0; l < groups.levels(); ++l) add_level(l, schur);
    for (Index g = 0; g < groups.groups(); ++g) {
      outer_root_.push_back(inverse_root(schur[g]));
    }
  }

  bool positive() const { return positive_; }
  /// Sum of log|R| over all groups.
  double log_root() const { return log_root_; }

  const Matrix& inner_lambda() const { return inner_lambda_; }
  const Matrix& outer_lambda() const { return outer_lambda_; }

  /// Effects of an outer level and of an inner one, relative to the mode.
  Vector outer_shift(Index group, const Vector& t) const {
    return outer_root_[group] * t;
  }
  Vector inner_shift(Index level, const Vector& t, const Vector& outer_shift) const {
    return inner_root_[level] * t - through_[level] * outer_shift;
  }

  AdaptedInverse inverse(const NodeMoments& moments) const {
    AdaptedInverse out;
    const std::vector<Matrix> outer = outer_moments(moments);
    for (Index g = 0; g < groups_.groups(); ++g) {
      const Matrix& root = outer_root_[g];
      out.outer.push_back(root * symmetric_half(outer[g] * root) * root.transpose());
    }
    for (Index l = 0; l < groups_.levels(); ++l) {
      const Matrix &root = inner_root_[l], &k = through_[l];
      const Matrix& m = out.outer[groups_.group(l)];
      const Matrix& last = outer_root_[groups_.group(l)];
      const Matrix n =
          0.5 * root * (moments.across[l] * root).transpose() * last.transpose();
      const Matrix own =
          root * symmetric_half(moments.inner[l] * root) * root.transpose();
      out.between.push_back(n - k * m);
      out.inner.push_back(own - k * n.transpose() - n * k.transpose() +
                          k * m * k.transpose());
    }
    return out;
  }

  /// Diagonal blocks of Z'WZ Lambda M, summed over levels: inner and outer.
  std::pair<Matrix, Matrix> gram_product(const AdaptedInverse& m) const {
    const int b = groups_.inner_size(), a = groups_.outer_size();
    std::pair<Matrix, Matrix> out{Matrix::Zero(b, b), Matrix::Zero(a, a)};
    for (Index l = 0; l < groups_.levels(); ++l) {
      out.first += groups_.inner(gram_, l) * inner_lambda_ * m.inner[l];
      if (a == 0) continue;
      const Matrix g = groups_.coupling(gram_, l);
      out.first += g * outer_lambda_ * m.between[l].transpose();
      out.second += g.transpose() * inner_lambda_ * m.between[l];
    }
    for (Index g = 0; a > 0 && g < groups_.groups(); ++g) {
      out.second += groups_.outer(sums_, g) * outer_lambda_ * m.outer[g];
    }
    return out;
  }

 private:
  void add_level(Index l, std::vector<Matrix>& schur) {
    const int b = groups_.inner_size(), a = groups_.outer_size();
    Matrix d = Matrix::Identity(b, b);
    d += inner_lambda_.transpose() * groups_.inner(gram_, l) * inner_lambda_;
    inner_root_.push_back(inverse_root(d));
    Matrix k(b, a);
    if (a > 0) {
      const Matrix c =
          inner_lambda_.transpose() * groups_.coupling(gram_, l) * outer_lambda_;
      k = inner_root_[l] * (inner_root_[l].transpose() * c);
      schur[groups_.group(l)] -= c.transpose() * k;
    }
    through_.push_back(k);
  }

  /// R^-1 of H = R'R; adds log|R|.
  Matrix inverse_root(const Matrix& h) {
    const Index size = h.rows();
    if (size == 0) return h;
    const Eigen::LLT<Matrix> llt(h);
    positive_ = positive_ && llt.info() == Eigen::Success;
    const Matrix upper = llt.matrixU();
    log_root_ += upper.diagonal().array().log().sum();
    return upper.triangularView<Eigen::Upper>().solve(Matrix::Identity(size, size));
  }

  /// The outer rows of T times R^-1 R_a, over the outer columns.
  std::vector<Matrix> outer_moments(const NodeMoments& moments) const {
    std::vector<Matrix> out = moments.outer;
    for (Index l = 0; l < groups_.levels() && groups_.has_outer(); ++l) {
      out[groups_.group(l)] -= moments.across[l] * through_[l];
    }
    return out;
  }

  /// Symmetric, with the lower triangle of (B + I) / 2.
  static Matrix symmetric_half(const Matrix& b) {
    const Matrix whole = 0.5 * (b + Matrix::Identity(b.rows(), b.rows()));
    return whole.selfadjointView<Eigen::Lower>();
  }

  const NestedGroups& groups_;
  GramProduct gram_;
  const Sums& sums_;
  Matrix inner_lambda_, outer_lambda_;
  std::vector<Matrix> inner_root_, through_, outer_root_;
  double log_root_ = 0;
  bool positive_ = true;
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_ADAPTED_NODES_HPP
