// system/normal_equations.hpp - H delta = g in free coefficients, block by block.
//
// From the Sums of a pass: H = M'GM + penalty and g = M's - penalty * c, where M maps
// free to raw coefficients. The penalty of a term is I (factor form: the coefficients
// are u), S (penalty form) or 0 (parametric). Coefficients that are fixed at zero
// (aliased columns, levels without data) get a unit row: their step is 0.
#ifndef GAMUT_SYSTEM_NORMAL_EQUATIONS_HPP
#define GAMUT_SYSTEM_NORMAL_EQUATIONS_HPP

#include "sums.hpp"

namespace gamut {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Mask = std::vector<char>;

/// The penalty matrix of one level of a term's coefficients; empty: parametric.
inline Matrix penalty_of(const Term& term) {
  if (!term.covariance) return Matrix();
  const Matrix matrix = term.covariance->matrix();
  if (term.covariance->form() == Covariance::Form::penalty) return matrix;
  return Matrix::Identity(matrix.rows(), matrix.rows());
}

/// out += penalty * c for a run of levels.
inline void add_penalty_product(const Matrix& penalty, Index size, const double* c,
                                double* out) {
  const Index b = penalty.rows();
  for (Index start = 0; b > 0 && start < size; start += b) {
    Eigen::Map<Vector>(out + start, b) +=
        penalty * Eigen::Map<const Vector>(c + start, b);
  }
}

/// penalty * c for all coefficients; its product with c is the penalty's value.
inline Coefficients penalty_product(const Layout& layout, const Coefficients& c) {
  Coefficients out = layout.zero();
  for (const Block& block : layout.tail()) {
    add_penalty_product(penalty_of(layout.problem().terms[block.term]),
                        block.free_columns, c.tail.data() + block.free,
                        out.tail.data() + block.free);
  }
  if (layout.has_lead()) {
    add_penalty_product(penalty_of(layout.lead()), c.lead.size(), c.lead.data(),
                        out.lead.data());
  }
  return out;
}

/// Coefficients found to be aliased: levels of the leading term, tail columns.
struct Aliased {
  Mask lead, tail;
  Aliased() = default;
  explicit Aliased(const Layout& layout)
      : lead(static_cast<std::size_t>(layout.levels()), 0),
        tail(static_cast<std::size_t>(layout.free_tail()), 0) {}
};

struct NormalEquations {
  Matrix tail;      ///< symmetric, both triangles
  RowMatrix cross;  ///< leading coefficients x tail
  Matrix lead;      ///< b x (b * levels): the diagonal blocks side by side
  Coefficients score;
  Mask lead_fixed, tail_fixed;

  NormalEquations(const Sums& sums, const Layout& layout, const Coefficients& c,
                  const Aliased& aliased)
      : lead_fixed(aliased.lead), tail_fixed(aliased.tail) {
    map_tail(sums, layout);
    if (layout.has_lead()) map_lead(sums, layout);
    add_penalties(layout);
    const Coefficients shrink = penalty_product(layout, c);
    score.tail -= shrink.tail;
    score.lead -= shrink.lead;
    fix_coefficients(layout);
  }

 private:
  void map_tail(const Sums& sums, const Layout& layout) {
    tail = sums.tail.selfadjointView<Eigen::Lower>();
    score.tail = sums.tail_score;
    if (layout.identity_map()) return;
    const auto& map = layout.tail_map();
    tail = Matrix(map.transpose() * Matrix(tail * map));
    score.tail = map.transpose() * sums.tail_score;
  }

  void map_lead(const Sums& sums, const Layout& layout) {
    const Index b = layout.width(), levels = layout.levels(), q = b * levels;
    const Matrix& factor = layout.lead_factor();
    cross = Eigen::Map<const RowMatrix>(sums.lead_cross.data(), q, layout.raw_tail());
    if (!layout.identity_map()) cross = RowMatrix(cross * layout.tail_map());
    lead.resize(b, q);
    for (Index l = 0; l < levels; ++l) {
      const Eigen::Map<const Matrix> raw(sums.lead.data() + l * b * b, b, b);
      const Matrix full = raw.selfadjointView<Eigen::Lower>();
      lead.middleCols(l * b, b) = factor.transpose() * full * factor;
      cross.middleRows(l * b, b) = factor.transpose() * cross.middleRows(l * b, b);
    }
    score.lead.resize(q);
    Eigen::Map<Matrix>(score.lead.data(), b, levels) =
        factor.transpose() * Eigen::Map<const Matrix>(sums.lead_score.data(), b, levels);
  }

  void add_penalties(const Layout& layout) {
    for (const Block& block : layout.tail()) {
      const Matrix penalty = penalty_of(layout.problem().terms[block.term]);
      const Index b = penalty.rows();
      for (Index start = 0; b > 0 && start < block.free_columns; start += b) {
        tail.block(block.free + start, block.free + start, b, b) += penalty;
      }
    }
    if (!layout.has_lead()) return;
    const Matrix penalty = penalty_of(layout.lead());
    for (Index start = 0; penalty.size() > 0 && start < lead.cols();
         start += penalty.rows()) {
      lead.middleCols(start, penalty.rows()) += penalty;
    }
  }

  /// Levels that the contrasts drop or that no row of positive weight has, and
  /// aliased columns of the tail.
  void fix_coefficients(const Layout& layout) {
    const Index b = layout.width();
    for (Index l = 0; l < layout.levels(); ++l) {
      auto block = lead.middleCols(l * b, b);
      const bool empty = !(block.diagonal().minCoeff() > 0);
      lead_fixed[l] = lead_fixed[l] || !layout.level_kept(l) || empty;
      if (!lead_fixed[l]) continue;
      block.setIdentity();
      cross.middleRows(l * b, b).setZero();
      score.lead.segment(l * b, b).setZero();
    }
    for (Index j = 0; j < tail.rows(); ++j) {
      if (!tail_fixed[j]) continue;
      tail.row(j).setZero();
      tail.col(j).setZero();
      tail(j, j) = 1;
      score.tail[j] = 0;
      if (cross.size() > 0) cross.col(j).setZero();
    }
  }
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_NORMAL_EQUATIONS_HPP
