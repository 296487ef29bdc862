// system/arrow_factor.hpp - factor of an arrow-shaped system.
//
//   H = [ D  B ]   D block-diagonal (one b x b block a level), T the dense tail.
//       [ B' T ]
// With D = K K' level by level and X = K^-1 B, the tail's Schur complement is
// S = T - X'X = R'R, so
//   delta_t = S^-1 (g_t - X' K^-1 g_l),   delta_l = K^-T (K^-1 g_l - X delta_t),
//   log|H|  = log|D| + log|S|,
//   [H^-1]_tt = S^-1,  [H^-1]_lt = -D^-1 B S^-1,
//   [H^-1]_ll = D^-1 + D^-1 B S^-1 B' D^-1.
// S is scaled to the unit diagonal of T before it is factored; the smallest squared
// pivot tells how much of a column the columns before it leave over. Below
// `safe_pivot` more than half of the digits are gone (a Gram matrix squares the
// condition number) and the caller turns to a QR decomposition, which may replace R.
// Source: blocked elimination as in Bates et al. (2015) section 5; Golub & Van Loan
// (2013) Matrix Computations, section 4.2.
#ifndef GAMUT_SYSTEM_ARROW_FACTOR_HPP
#define GAMUT_SYSTEM_ARROW_FACTOR_HPP

#include <cmath>
#include <limits>

#include "normal_equations.hpp"

namespace gamut {

constexpr double safe_pivot = 1e-6;

class ArrowFactor {
 public:
  ArrowFactor() = default;

  explicit ArrowFactor(const NormalEquations& equations)
      : width_(equations.lead.rows()), lead_(equations.lead), cross_(equations.cross) {
    factor_lead();
    lead_positive_ = positive_;
    if (positive_) factor_tail(equations);
  }

  /// False when some block is not positive definite: nothing else may be asked.
  bool positive() const { return positive_; }
  /// True when the leading blocks, at least, are positive definite.
  bool lead_positive() const { return lead_positive_; }
  /// Smallest scaled squared pivot of the tail.
  double smallest_pivot() const { return smallest_pivot_; }

  /// Use the triangle of a QR decomposition of the tail in place of the Cholesky
  /// factor of its Gram matrix.
  void replace_root(const Matrix& root) {
    root_ = root;
    positive_ = true;
  }

  Coefficients solve(const Coefficients& g) const {
    Vector lead = half_solve(g.lead);
    Vector tail = g.tail;
    if (lead.size() > 0) tail -= cross_.transpose() * lead;
    root_.transpose().triangularView<Eigen::Lower>().solveInPlace(tail);
    root_.triangularView<Eigen::Upper>().solveInPlace(tail);
    return back_solve(std::move(lead), std::move(tail));
  }

  /// Step from a tail already solved (by QR).
  Coefficients finish(const Coefficients& g, Vector tail) const {
    return back_solve(half_solve(g.lead), std::move(tail));
  }

  /// D^-1 v, level by level.
  Vector solve_lead(const Vector& v) const {
    Vector out = half_solve(v);
    half_solve_transposed(out);
    return out;
  }

  /// S^-1, the tail's block of the inverse.
  Matrix tail_inverse() const {
    const Matrix inverse_root = root_.triangularView<Eigen::Upper>().solve(
        Matrix::Identity(root_.rows(), root_.cols()));
    return inverse_root * inverse_root.transpose();
  }

  /// D^-1 B (leading coefficients x tail).
  RowMatrix lead_regression() const {
    RowMatrix out = cross_;
    for (Index start = 0; start < out.rows(); start += width_) {
      auto rows = out.middleRows(start, width_);
      rows = Matrix(level_root(start).transpose().triangularView<Eigen::Upper>().solve(
          Matrix(rows)));
    }
    return out;
  }

  /// The blocks of D^-1 side by side (b x b * levels).
  Matrix lead_inverse() const {
    Matrix out(width_, lead_.cols());
    const Matrix identity = Matrix::Identity(width_, width_);
    for (Index start = 0; start < lead_.cols(); start += width_) {
      const Matrix half =
          level_root(start).triangularView<Eigen::Lower>().solve(identity);
      out.middleCols(start, width_) = half.transpose() * half;
    }
    return out;
  }

  double log_determinant() const {
    double sum = root_.diagonal().array().abs().log().sum();
    for (Index start = 0; start < lead_.cols(); start += width_) {
      sum += lead_.middleCols(start, width_).diagonal().array().log().sum();
    }
    return 2 * sum;
  }

 private:
  Eigen::Ref<const Matrix> level_root(Index start) const {
    return lead_.middleCols(start, width_);
  }

  /// lead_ becomes the K's, cross_ becomes X.
  void factor_lead() {
    if (width_ == 1) {
      positive_ = lead_.minCoeff() > 0;
      lead_ = lead_.cwiseSqrt();
      cross_ = lead_.row(0).transpose().cwiseInverse().asDiagonal() * cross_;
      return;
    }
    for (Index start = 0; start < lead_.cols(); start += width_) {
      const Eigen::LLT<Matrix> block(lead_.middleCols(start, width_));
      positive_ = positive_ && block.info() == Eigen::Success;
      lead_.middleCols(start, width_) = block.matrixL();
      auto rows = cross_.middleRows(start, width_);
      rows = Matrix(block.matrixL().solve(Matrix(rows)));
    }
  }

  void factor_tail(const NormalEquations& equations) {
    Matrix schur = equations.tail;
    if (cross_.size() > 0) {
      schur.selfadjointView<Eigen::Lower>().rankUpdate(cross_.transpose(), -1.0);
    }
    const Vector diagonal = equations.tail.diagonal();
    positive_ = diagonal.size() == 0 || diagonal.minCoeff() > 0;
    smallest_pivot_ = positive_ ? std::numeric_limits<double>::infinity() : 0;
    if (!positive_ || diagonal.size() == 0) {
      root_.resize(diagonal.size(), diagonal.size());
      return;
    }
    const Vector scale = diagonal.cwiseSqrt();
    schur = scale.cwiseInverse().asDiagonal() * schur * scale.cwiseInverse().asDiagonal();
    const Eigen::LLT<Matrix, Eigen::Lower> llt(schur);
    positive_ = llt.info() == Eigen::Success;
    if (!positive_) {
      smallest_pivot_ = 0;
      return;
    }
    const Matrix lower = llt.matrixL();
    smallest_pivot_ = lower.diagonal().array().square().minCoeff();
    root_ = lower.transpose() * scale.asDiagonal();
  }

  Vector half_solve(const Vector& v) const {
    Vector out = v;
    for (Index start = 0; start < out.size(); start += width_) {
      auto part = out.segment(start, width_);
      level_root(start).triangularView<Eigen::Lower>().solveInPlace(part);
    }
    return out;
  }

  void half_solve_transposed(Vector& out) const {
    for (Index start = 0; start < out.size(); start += width_) {
      auto part = out.segment(start, width_);
      level_root(start).transpose().triangularView<Eigen::Upper>().solveInPlace(part);
    }
  }

  Coefficients back_solve(Vector lead, Vector tail) const {
    if (lead.size() > 0) {
      lead -= cross_ * tail;
      half_solve_transposed(lead);
    }
    return {std::move(lead), std::move(tail)};
  }

  Index width_ = 0;
  bool positive_ = true, lead_positive_ = true;
  double smallest_pivot_ = 0;
  Matrix lead_;
  RowMatrix cross_;
  Matrix root_;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_ARROW_FACTOR_HPP
