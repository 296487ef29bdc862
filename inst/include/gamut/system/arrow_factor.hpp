// system/arrow_factor.hpp - factor of an arrow-shaped system.
//
//   H = [ D  B ]   D block-diagonal (one b x b block a level), T the tail.
//       [ B' T ]
// With D = K K' level by level and X = K^-1 B, the tail's Schur complement is
// S = T - X'X = R'R, so
//   delta_t = S^-1 (g_t - X' K^-1 g_l),   delta_l = K^-T (K^-1 g_l - X delta_t),
//   log|H|  = log|D| + log|S|,
//   [H^-1]_tt = S^-1,  [H^-1]_lt = -D^-1 B S^-1,
//   [H^-1]_ll = D^-1 + D^-1 B S^-1 B' D^-1.
// B is kept over raw columns of the tail, so that its sparsity is that of the data; with
// M = the map from free to raw coefficients S = M'(T_raw - B'D^-1 B) M + P.
// The factor of S (tail_factor.hpp) is dense, sparse or none, as the layout has it. Its
// smallest squared pivot tells how much of a column the columns before it leave over.
// Below `safe_pivot` more than half of the digits are gone (a Gram matrix squares the
// condition number) and the caller turns to a QR decomposition, which may replace R.
// Functions with `penalised_only` speak of the penalised coefficients alone, whose
// determinant the likelihood needs.
// Source: blocked elimination as in Bates et al. (2015) section 5; Golub & Van Loan
// (2013) Matrix Computations, section 4.2.
#ifndef GAMUT_SYSTEM_ARROW_FACTOR_HPP
#define GAMUT_SYSTEM_ARROW_FACTOR_HPP

#include "iterative_tail.hpp"
#include "normal_equations.hpp"
#include "sparse_tail.hpp"

namespace gamut {

constexpr double safe_pivot = 1e-6;

class ArrowFactor {
 public:
  ArrowFactor() = default;

  ArrowFactor(NormalEquations equations, const Layout& layout)
      : layout_(&layout),
        width_(equations.lead.rows()),
        lead_(std::move(equations.lead)),
        cross_(std::move(equations.cross)),
        tail_fixed_(equations.tail_fixed) {
    factor_lead();
    lead_positive_ = positive_;
    if (positive_) factor_tail(equations);
  }

  /// False when some block is not positive definite: nothing else may be asked.
  bool positive() const { return positive_; }
  /// True when the leading blocks, at least, are positive definite.
  bool lead_positive() const { return lead_positive_; }
  /// Smallest scaled squared pivot of the tail.
  double smallest_pivot() const { return tail_ ? tail_->smallest_pivot() : 0; }

  /// Use the triangle of a QR decomposition of the tail in place of the Cholesky
  /// factor of its Gram matrix.
  void replace_root(const Matrix& root) {
    tail_ = std::make_shared<DenseTail>(
        DenseTail::from_root(*layout_, root, tail_ ? tail_->smallest_pivot() : 0));
    positive_ = true;
  }

  /// H^-1 g; with `penalised_only` for the penalised coefficients at fixed others.
  /// `accuracy` as for TailFactor::solve().
  Coefficients solve(const Coefficients& g, bool penalised_only = false,
                     double accuracy = TailFactor::full_accuracy) const {
    Vector lead = half_solve(g.lead);
    const Vector tail = reduced(g.tail, lead);
    return back_solve(std::move(lead), tail_->solve(tail, penalised_only, accuracy));
  }

  /// The same for several g, whose tails are solved for together.
  std::vector<Coefficients> solve_each(const std::vector<Coefficients>& g,
                                       bool penalised_only, double accuracy) const {
    if (g.empty()) return {};
    const Index count = static_cast<Index>(g.size());
    Matrix tails(tail_fixed_.size(), count);
    RowMatrix leads(lead_.cols(), count);
    for (Index c = 0; c < count; ++c) leads.col(c) = half_solve(g[c].lead);
    RowMatrix through;
    if (width_ > 0) through = cross_.transpose_times(leads);
    for (Index c = 0; c < count; ++c) {
      tails.col(c) = g[c].tail;
      if (width_ > 0) tails.col(c) -= to_free(through.col(c));
      for (Index j = 0; j < tails.rows(); ++j) {
        if (tail_fixed_[j]) tails(j, c) = 0;
      }
    }
    tails = tail_->solve_each(tails, penalised_only, accuracy);
    if (width_ > 0) leads -= cross_.times(raw_tails(tails));
    std::vector<Coefficients> out;
    for (Index c = 0; c < count; ++c) {
      Vector lead = leads.col(c);
      half_solve_transposed(lead);
      out.push_back({std::move(lead), tails.col(c)});
    }
    return out;
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

  /// D^-1 z for the coefficients of one level.
  Vector solve_level(Index level, const Vector& z) const {
    Vector out = z;
    level_root(level * width_).triangularView<Eigen::Lower>().solveInPlace(out);
    level_root(level * width_)
        .transpose()
        .triangularView<Eigen::Upper>()
        .solveInPlace(out);
    return out;
  }

  /// Coefficients of the tail that are fixed at zero: a unit row stands for them.
  const Mask& tail_fixed() const { return tail_fixed_; }

  /// The factor of S, and S^-1 in full where that is how the tail is kept.
  const TailFactor& tail() const { return *tail_; }
  Matrix tail_inverse(bool penalised_only = false) const {
    return dynamic_cast<const DenseTail&>(*tail_).inverse(penalised_only);
  }

  /// D^-1 B over raw columns.
  CrossRows raw_regression() const {
    CrossRows out = cross_;
    for (Index l = 0; l < out.levels(); ++l) {
      out.apply(l, [&](const Matrix& rows) {
        const auto root = level_root(l * width_);
        return Matrix(root.transpose().triangularView<Eigen::Upper>().solve(rows));
      });
    }
    return out;
  }

  /// D^-1 B (leading coefficients x free tail), in full; 0 for fixed coefficients.
  RowMatrix lead_regression() const {
    if (width_ == 0) return RowMatrix();
    RowMatrix out = raw_regression().full();
    if (!layout_->identity_map()) out = RowMatrix(out * layout_->tail_map());
    for (Index j = 0; j < out.cols(); ++j) {
      if (tail_fixed_[j]) out.col(j).setZero();
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

  /// Schur complement of the coefficients `free` of the tail, all of them without a
  /// penalty, once the penalised ones are eliminated. It need not be positive definite,
  /// nor `free` have been part of the factor.
  Matrix free_schur(const IndexVector& free) const {
    const Index p = static_cast<Index>(free.size()), m = layout_->free_tail();
    Matrix columns(m, p), solved(m, p), out(p, p);
    for (Index j = 0; j < p; ++j) {
      const Vector unit = Vector::Unit(m, free[j]);
      columns.col(j) = to_free(raw_schur_.times(
          layout_->identity_map() ? unit : Vector(layout_->tail_map() * unit)));
      solved.col(j) = tail_->solve(columns.col(j), true);
    }
    const Matrix explained = columns.transpose() * solved;
    for (Index i = 0; i < p; ++i) {
      out.row(i) = columns.row(free[i]) - explained.row(i);
    }
    return 0.5 * (out + out.transpose());
  }

  /// T_raw - B'D^-1 B over the raw columns of the tail.
  const TailMatrix& raw_schur() const { return raw_schur_; }

  double log_determinant(bool penalised_only = false) const {
    double sum = 0;
    for (Index start = 0; start < lead_.cols(); start += width_) {
      sum += lead_.middleCols(start, width_).diagonal().array().log().sum();
    }
    return tail_->log_determinant(penalised_only) + 2 * sum;
  }

 private:
  Eigen::Ref<const Matrix> level_root(Index start) const {
    return lead_.middleCols(start, width_);
  }

  /// What the leading coefficients leave of the tail's right side; `lead` half solved.
  Vector reduced(Vector tail, const Vector& lead) const {
    if (lead.size() > 0) tail -= to_free(cross_.transpose_times(lead));
    // B has the columns of fixed coefficients too, which must not move
    for (Index j = 0; j < tail.size(); ++j) {
      if (tail_fixed_[j]) tail[j] = 0;
    }
    return tail;
  }

  RowMatrix raw_tails(const Matrix& tails) const {
    if (layout_->identity_map()) return tails;
    return layout_->tail_map() * tails;
  }

  Vector to_free(Vector raw) const {
    return layout_->identity_map() ? raw : Vector(layout_->tail_map().transpose() * raw);
  }

  /// lead_ becomes the K's, cross_ becomes X = K^-1 B.
  void factor_lead() {
    if (width_ == 1) {
      positive_ = lead_.minCoeff() > 0;
      lead_ = lead_.cwiseSqrt();
      const Vector scale = lead_.row(0).transpose().cwiseInverse();
      if (cross_.dense.cols() > 0) cross_.dense = scale.asDiagonal() * cross_.dense;
      for (Index l = 0; cross_.sparse_columns > 0 && l < cross_.levels(); ++l) {
        cross_.sparse_block(l) *= scale[l];
      }
      return;
    }
    for (Index start = 0; start < lead_.cols(); start += width_) {
      const Eigen::LLT<Matrix> block(lead_.middleCols(start, width_));
      positive_ = positive_ && block.info() == Eigen::Success;
      lead_.middleCols(start, width_) = block.matrixL();
      cross_.apply(start / width_, [&](const Matrix& rows) {
        return Matrix(block.matrixL().solve(rows));
      });
    }
  }

  void factor_tail(const NormalEquations& equations) {
    const Vector& diagonal = equations.tail_diagonal;
    if (layout_->elimination().kind == TailKind::iterative) {
      tail_ = std::make_shared<IterativeTail>(*layout_, *equations.raw_tail, cross_,
                                              tail_fixed_, diagonal);
      positive_ = tail_->positive();
      return;
    }
    raw_schur_ = *equations.raw_tail;
    raw_schur_.subtract_gram(cross_);
    if (layout_->coupled_columns() > 0) {
      tail_ = std::make_shared<SparseTail>(*layout_, sparse_schur(), diagonal);
    } else {
      tail_ = std::make_shared<DenseTail>(*layout_, schur(), diagonal);
    }
    positive_ = tail_->positive();
  }

  /// S in free coefficients, lower triangle; those fixed at zero get a unit row.
  Matrix schur() const {
    Matrix schur;
    if (layout_->diagonal_map()) {
      const Vector scale = layout_->tail_map().diagonal();
      schur.noalias() = scale.asDiagonal() * raw_schur_.dense * scale.asDiagonal();
    } else {
      const auto& map = layout_->tail_map();
      schur = raw_schur_.dense.selfadjointView<Eigen::Lower>();
      schur = Matrix(map.transpose() * Matrix(schur * map));
    }
    for (Index j = 0; j < schur.rows(); ++j) {
      if (layout_->penalised(j)) schur(j, j) += 1;
      if (!tail_fixed_[j]) continue;
      schur.row(j).setZero();
      schur.col(j).setZero();
      schur(j, j) = 1;
    }
    return schur;
  }

  /// The same where most of it is 0.
  SparseMatrix sparse_schur() const {
    SparseMatrix schur = raw_schur_.full();
    if (!layout_->identity_map()) {
      const SparseMatrix& map = layout_->tail_map();
      schur = SparseMatrix(map.transpose() * SparseMatrix(schur * map));
    }
    SparseMatrix penalty(schur.rows(), schur.cols());
    penalty.setIdentity();
    for (Index j = 0; j < schur.rows(); ++j) {
      penalty.valuePtr()[j] = layout_->penalised(j) || tail_fixed_[j] ? 1 : 0;
      for (SparseMatrix::InnerIterator it(schur, j); it; ++it) {
        if (tail_fixed_[j] || tail_fixed_[it.row()]) it.valueRef() = 0;
      }
    }
    return schur + penalty;
  }

  Vector half_solve(const Vector& v) const {
    if (width_ == 1) return v.cwiseQuotient(lead_.row(0).transpose());
    Vector out = v;
    for (Index start = 0; start < out.size(); start += width_) {
      auto part = out.segment(start, width_);
      level_root(start).triangularView<Eigen::Lower>().solveInPlace(part);
    }
    return out;
  }

  void half_solve_transposed(Vector& out) const {
    if (width_ == 1) {
      out = out.cwiseQuotient(lead_.row(0).transpose());
      return;
    }
    for (Index start = 0; start < out.size(); start += width_) {
      auto part = out.segment(start, width_);
      level_root(start).transpose().triangularView<Eigen::Upper>().solveInPlace(part);
    }
  }

  Coefficients back_solve(Vector lead, Vector tail) const {
    if (lead.size() > 0) {
      lead -= cross_.times(layout_->identity_map() ? tail
                                                   : Vector(layout_->tail_map() * tail));
      half_solve_transposed(lead);
    }
    return {std::move(lead), std::move(tail)};
  }

  const Layout* layout_ = nullptr;
  Index width_ = 0;
  bool positive_ = true, lead_positive_ = true;
  Matrix lead_;
  CrossRows cross_;
  Mask tail_fixed_;
  TailMatrix raw_schur_;
  std::shared_ptr<const TailFactor> tail_;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_ARROW_FACTOR_HPP
