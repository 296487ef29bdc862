// system/tail_factor.hpp - factors of the Schur complement of the tail.
//
// S = R'R over the free coefficients of the tail, penalised ones first, so that the
// leading part of R is the factor of the penalised coefficients alone. The kinds:
//   DenseTail   in full, by the kernels of dense.hpp; S is scaled to a given diagonal
//               before it is factored;
//   SparseTail  (sparse_tail.hpp) where most of S is 0;
//   IterativeTail  (iterative_tail.hpp) where a factor would take too long: there is
//               none but R_xx, systems are solved by iteration, determinants estimated.
// Vectors are in the order of the layout; how the factor orders them is its own affair.
#ifndef GAMUT_SYSTEM_TAIL_FACTOR_HPP
#define GAMUT_SYSTEM_TAIL_FACTOR_HPP

#include <cmath>
#include <limits>

#include "dense.hpp"
#include "layout.hpp"

namespace gamut {

class TailFactor {
 public:
  static constexpr double full_accuracy = 1e-11;
  virtual ~TailFactor() = default;
  /// False where S is not positive definite: nothing else may be asked.
  virtual bool positive() const = 0;
  /// Smallest squared pivot, relative to the diagonal before elimination.
  virtual double smallest_pivot() const = 0;
  /// S^-1 v; with `penalised_only` that of the penalised coefficients, 0 elsewhere.
  /// `accuracy`: relative size of the residual at which an iteration may end.
  virtual Vector solve(const Vector& v, bool penalised_only,
                       double accuracy = full_accuracy) const = 0;
  /// The same for each column of v.
  virtual Matrix solve_each(const Matrix& v, bool penalised_only, double accuracy) const {
    Matrix out(v.rows(), v.cols());
    for (Index c = 0; c < v.cols(); ++c) {
      out.col(c) = solve(Vector(v.col(c)), penalised_only, accuracy);
    }
    return out;
  }
  virtual double log_determinant(bool penalised_only) const = 0;
  /// Standard error of the log-determinant where it is an estimate.
  virtual double log_determinant_error() const { return 0; }
  /// The part R_xx of R that belongs to coefficients without a penalty; R_xx'R_xx is
  /// their Schur complement.
  virtual Matrix free_root() const = 0;
};

class DenseTail : public TailFactor {
 public:
  /// `s`: lower triangle; `diagonal`: that of the tail before the leading term was
  /// eliminated.
  DenseTail(const Layout& layout, Matrix s, const Vector& diagonal) : layout_(&layout) {
    positive_ = diagonal.size() == 0 || diagonal.minCoeff() > 0;
    smallest_pivot_ = positive_ ? std::numeric_limits<double>::infinity() : 0;
    if (!positive_ || diagonal.size() == 0) {
      lower_.resize(diagonal.size(), diagonal.size());
      return;
    }
    if (!layout.tail_in_order()) {
      s = Matrix(s.selfadjointView<Eigen::Lower>());
      s = to_order(Matrix(to_order(s).transpose()));
    }
    const Vector scale = to_order(diagonal).cwiseSqrt(), inverse = scale.cwiseInverse();
    for (Index j = 0; j < s.cols(); ++j) {
      s.col(j).tail(s.rows() - j).array() *=
          inverse[j] * inverse.tail(s.rows() - j).array();
    }
    positive_ = dense::cholesky(s);
    smallest_pivot_ = positive_ ? s.diagonal().array().square().minCoeff() : 0;
    if (!positive_) return;
    for (Index j = 0; j < s.cols(); ++j) {
      s.col(j).tail(s.rows() - j).array() *= scale.tail(s.rows() - j).array();
    }
    lower_ = std::move(s);
  }

  /// With a root R of S that is known, over the coefficients in the order of the layout.
  static DenseTail from_root(const Layout& layout, const Matrix& root,
                             double smallest_pivot) {
    DenseTail out;
    out.layout_ = &layout;
    out.positive_ = true;
    out.smallest_pivot_ = smallest_pivot;
    out.lower_ = root.transpose();
    if (!layout.tail_in_order()) {
      const Index p = root.rows();
      const Matrix permuted = out.to_order(out.lower_).transpose();
      const Eigen::HouseholderQR<Matrix> qr(permuted);
      const Matrix upper = qr.matrixQR().topRows(p).triangularView<Eigen::Upper>();
      out.lower_ = upper.transpose();
    }
    return out;
  }

  bool positive() const override { return positive_; }
  double smallest_pivot() const override { return smallest_pivot_; }

  Vector solve(const Vector& v, bool penalised_only, double) const override {
    Vector out = to_order(v);
    const Index m = penalised_only ? layout_->penalised_tail() : out.size();
    auto part = out.head(m);
    const auto lower = lower_.topLeftCorner(m, m);
    lower.triangularView<Eigen::Lower>().solveInPlace(part);
    lower.transpose().triangularView<Eigen::Upper>().solveInPlace(part);
    out.tail(out.size() - m).setZero();
    return from_order(out);
  }

  double log_determinant(bool penalised_only) const override {
    const Index m = penalised_only ? layout_->penalised_tail() : lower_.rows();
    return 2 * lower_.diagonal().head(m).array().abs().log().sum();
  }

  Matrix free_root() const override {
    const Index rest = lower_.rows() - layout_->penalised_tail();
    return lower_.bottomRightCorner(rest, rest).transpose();
  }

  /// S^-1; that of the penalised coefficients, 0 elsewhere.
  Matrix inverse(bool penalised_only) const {
    const Index p = lower_.rows(), m = penalised_only ? layout_->penalised_tail() : p;
    if (m == 0) return Matrix::Zero(p, p);
    Matrix out = dense::cholesky_inverse(lower_.topLeftCorner(m, m));
    if (m < p) out.conservativeResizeLike(Matrix::Zero(p, p));
    if (layout_->tail_in_order()) return out;
    return from_order(Matrix(from_order(out).transpose()));
  }

 private:
  DenseTail() = default;

  /// Rows in the order of factoring, and back.
  template <class Rows>
  Rows to_order(const Rows& rows) const {
    if (layout_->tail_in_order()) return rows;
    Rows out = rows;
    for (Index j = 0; j < rows.rows(); ++j)
      out.row(j) = rows.row(layout_->tail_order()[j]);
    return out;
  }
  template <class Rows>
  Rows from_order(const Rows& rows) const {
    if (layout_->tail_in_order()) return rows;
    Rows out = rows;
    for (Index j = 0; j < rows.rows(); ++j)
      out.row(layout_->tail_order()[j]) = rows.row(j);
    return out;
  }

  const Layout* layout_ = nullptr;
  bool positive_ = false;
  double smallest_pivot_ = 0;
  Matrix lower_;  ///< R', in the order of factoring
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_TAIL_FACTOR_HPP
