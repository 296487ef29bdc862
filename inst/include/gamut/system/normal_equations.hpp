// system/normal_equations.hpp - H delta = g in free coefficients, block by block.
//
// From the Sums of a pass: H = M'GM + P and g = M's - P c, where M maps free to raw
// coefficients and P is the identity on penalised free coefficients, 0 elsewhere (see
// covariance.hpp). Coefficients that are fixed at zero (aliased columns, levels without
// data) get a unit row: their step is 0.
#ifndef GAMUT_SYSTEM_NORMAL_EQUATIONS_HPP
#define GAMUT_SYSTEM_NORMAL_EQUATIONS_HPP

#include "sums.hpp"

namespace gamut {

using Mask = std::vector<char>;

/// P c: the penalised coefficients. Its product with c is the penalty's value.
inline Coefficients penalised_part(const Layout& layout, Coefficients c) {
  for (Index j = 0; j < c.tail.size(); ++j) {
    if (!layout.penalised(j)) c.tail[j] = 0;
  }
  for (Index j = 0; j < c.lead.size(); ++j) {
    if (j % layout.width() >= layout.lead_penalised()) c.lead[j] = 0;
  }
  return c;
}

/// Coefficients found to be aliased: levels of the leading term, tail columns.
struct Aliased {
  Mask lead, tail;
  Aliased() = default;
  explicit Aliased(const Layout& layout)
      : lead(static_cast<std::size_t>(layout.levels()), 0),
        tail(static_cast<std::size_t>(layout.free_tail()), 0) {}
  std::size_t count() const {
    std::size_t number = 0;
    for (char flag : tail) number += flag != 0;
    for (char flag : lead) number += flag != 0;
    return number;
  }
};

struct NormalEquations {
  /// Symmetric, both triangles, of problems without random effects: what aliasing reads.
  Matrix tail;
  Vector tail_diagonal;
  const TailMatrix* raw_tail;  ///< that of the sums, which must outlive this
  CrossRows cross;             ///< leading coefficients x raw tail
  Matrix lead;                 ///< b x (b * levels): the diagonal blocks side by side
  Coefficients score;
  Mask lead_fixed, tail_fixed;

  NormalEquations(const Sums& sums, const Layout& layout, const Coefficients& c,
                  const Aliased& aliased)
      : lead_fixed(aliased.lead), tail_fixed(aliased.tail) {
    map_tail(sums, layout);
    if (layout.has_lead()) map_lead(sums, layout);
    add_penalties(layout);
    const Coefficients shrink = penalised_part(layout, c);
    score.tail -= shrink.tail;
    score.lead -= shrink.lead;
    fix_coefficients(layout);
  }

  Coefficients diagonal() const {
    Coefficients out{Vector(lead.cols()), tail_diagonal};
    for (Index j = 0; j < lead.cols(); ++j) out.lead[j] = lead(j % lead.rows(), j);
    return out;
  }

 private:
  void map_tail(const Sums& sums, const Layout& layout) {
    raw_tail = &sums.tail;
    score.tail = sums.tail_score;
    const auto& map = layout.tail_map();
    if (!layout.identity_map()) score.tail = map.transpose() * sums.tail_score;
    if (layout.has_random()) {
      tail_diagonal = mapped_diagonal(sums.tail, map);
      return;
    }
    tail = sums.tail.dense.selfadjointView<Eigen::Lower>();
    if (!layout.identity_map()) tail = Matrix(map.transpose() * Matrix(tail * map));
    tail_diagonal = tail.diagonal();
  }

  static Vector mapped_diagonal(const TailMatrix& raw,
                                const Eigen::SparseMatrix<double>& map) {
    using Iterator = Eigen::SparseMatrix<double>::InnerIterator;
    Vector out = Vector::Zero(map.cols());
    for (Index j = 0; j < map.cols(); ++j) {
      for (Iterator a(map, j); a; ++a) {
        for (Iterator b(map, j); b; ++b) {
          out[j] += a.value() * b.value() * raw(a.row(), b.row());
        }
      }
    }
    return out;
  }

  void map_lead(const Sums& sums, const Layout& layout) {
    const Index b = layout.width(), levels = layout.levels(), q = b * levels;
    const Matrix& factor = layout.lead_root();
    lead.resize(b, q);
    if (b == 1) {
      lead.row(0) = factor(0, 0) * factor(0, 0) * sums.lead.transpose();
      cross = sums.cross.times(factor(0, 0));
    } else {
      cross = sums.cross;
    }
    for (Index l = 0; b > 1 && l < levels; ++l) {
      const Eigen::Map<const Matrix> raw(sums.lead.data() + l * b * b, b, b);
      const Matrix full = raw.selfadjointView<Eigen::Lower>();
      lead.middleCols(l * b, b) = factor.transpose() * full * factor;
      cross.apply(l,
                  [&](const Matrix& rows) { return Matrix(factor.transpose() * rows); });
    }
    score.lead.resize(q);
    Eigen::Map<Matrix>(score.lead.data(), b, levels) =
        factor.transpose() * Eigen::Map<const Matrix>(sums.lead_score.data(), b, levels);
  }

  void add_penalties(const Layout& layout) {
    for (Index j = 0; j < tail_diagonal.size(); ++j) {
      if (!layout.penalised(j)) continue;
      tail_diagonal[j] += 1;
      if (tail.size() > 0) tail(j, j) += 1;
    }
    for (Index j = 0; j < lead.cols(); ++j) {
      const Index place = j % layout.width();
      if (place < layout.lead_penalised()) lead(place, j) += 1;
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
      cross.clear(l);
      score.lead.segment(l * b, b).setZero();
    }
    for (Index j = 0; j < tail_diagonal.size(); ++j) {
      if (!tail_fixed[j]) continue;
      tail_diagonal[j] = 1;
      score.tail[j] = 0;
      if (tail.size() == 0) continue;
      tail.row(j).setZero();
      tail.col(j).setZero();
      tail(j, j) = 1;
    }
  }
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_NORMAL_EQUATIONS_HPP
