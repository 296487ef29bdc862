// system/aliasing.hpp - R's rule for aliased columns, in the system's coordinates.
//
// The rule (system/rank.hpp) runs over the caller's columns in the caller's order.
// Without a leading term it is applied to R itself, for columns as given, reordered. With
// one, R only shows what depends on the columns that come after the levels; each such
// dependency, completed by its leading part -D^-1 B v, is a null vector of all
// columns, and the rule is applied to those. Penalised columns are never aliased; they
// come first.
#ifndef GAMUT_SYSTEM_ALIASING_HPP
#define GAMUT_SYSTEM_ALIASING_HPP

#include <algorithm>
#include <numeric>

#include "arrow_factor.hpp"
#include "coefficients.hpp"
#include "rank.hpp"

namespace gamut {

class Aliasing {
 public:
  Aliasing(const Layout& layout, const Matrix& root, const NormalEquations& equations,
           const RowMatrix& regression)
      : layout_(layout),
        equations_(equations),
        regression_(regression),
        basis_(layout),
        root_(basis_.caller_root(root)),
        order_(static_cast<std::size_t>(layout.free_tail())) {
    const IndexVector position = tail_positions(layout);
    std::iota(order_.begin(), order_.end(), 0);
    std::sort(order_.begin(), order_.end(), [&](Index a, Index b) {
      if (layout.penalised(a) != layout.penalised(b)) return layout.penalised(a);
      return position[a] < position[b];
    });
  }

  /// `known` plus the coefficients found aliased now.
  Aliased find(Aliased known) const {
    Matrix ordered = root_;
    Vector least(root_.cols());
    for (std::size_t j = 0; j < order_.size(); ++j) {
      ordered.col(j) = root_.col(order_[j]);
      least[j] = least_rest(order_[j]);
    }
    const Mask found = aliased_columns(ordered, least);
    if (layout_.has_lead()) {
      find_with_lead(found, known);
    } else {
      for (std::size_t j = 0; j < order_.size(); ++j) {
        if (found[j]) known.tail[order_[j]] = 1;
      }
    }
    return known;
  }

 private:
  void find_with_lead(const Mask& found, Aliased& known) const {
    // A column without any length is aliased by itself; it is in no dependency.
    for (std::size_t j = 0; j < order_.size(); ++j) {
      if (found[j] && is_empty(order_[j])) known.tail[order_[j]] = 1;
    }
    const Matrix null = null_vectors(found);
    if (null.cols() == 0) return;
    const IndexVector tail = tail_positions(layout_), lead = lead_positions(layout_);
    const Index total = layout_.problem().coefficients;
    Matrix full = Matrix::Zero(total, null.cols());
    Vector length = Vector::Zero(total);
    for (Index j = 0; j < null.rows(); ++j) {
      full.row(tail[j]) = null.row(j);
      length[tail[j]] = column_length(j);
    }
    Matrix centred = null;
    basis_.from_caller(centred);
    const Matrix levels = -(regression_ * centred);
    const Index b = layout_.width();
    for (Index j = 0; j < levels.rows(); ++j) {
      if (lead[j] < 0) continue;
      full.row(lead[j]) = levels.row(j);
      length[lead[j]] = std::sqrt(equations_.lead(j % b, j));
    }
    const Mask aliased = aliased_by_null_space(full, length);
    for (std::size_t j = 0; j < tail.size(); ++j) known.tail[j] |= aliased[tail[j]];
    for (std::size_t j = 0; j < lead.size(); ++j) {
      if (lead[j] >= 0) known.lead[j / b] |= aliased[lead[j]];
    }
  }

  /// One null vector of S, in the caller's columns, for every dependent column.
  Matrix null_vectors(const Mask& found) const {
    IndexVector kept, dependent;
    for (std::size_t j = 0; j < order_.size(); ++j) {
      if (found[j] && is_empty(order_[j])) continue;
      (found[j] ? dependent : kept).push_back(order_[j]);
    }
    Matrix basis(root_.rows(), static_cast<Index>(kept.size()));
    for (std::size_t j = 0; j < kept.size(); ++j) basis.col(j) = root_.col(kept[j]);
    const Eigen::HouseholderQR<Matrix> qr(basis);
    Matrix null = Matrix::Zero(root_.cols(), static_cast<Index>(dependent.size()));
    for (std::size_t d = 0; d < dependent.size(); ++d) {
      null(dependent[d], d) = 1;
      if (kept.empty()) continue;
      const Vector weights = qr.solve(root_.col(dependent[d]));
      for (std::size_t j = 0; j < kept.size(); ++j) null(kept[j], d) = -weights[j];
    }
    return null;
  }

  /// sqrt(x' W x) of a caller's tail column: x = centred + m * intercept.
  double column_length(Index j) const {
    const Matrix& g = equations_.tail;
    const Index i = basis_.intercept[j];
    if (i < 0) return std::sqrt(g(j, j));
    const double m = basis_.centre[j];
    return std::sqrt(std::max(0.0, g(j, j) + 2 * m * g(i, j) + m * m * g(i, i)));
  }

  /// The length below which the rest of a column is rounding.
  double least_rest(Index j) const {
    if (layout_.penalised(j)) return 0;
    return std::max(alias_tolerance * column_length(j), noise(j));
  }
  bool is_empty(Index j) const { return column_length(j) <= noise(j); }
  double noise(Index j) const {
    const Matrix& g = equations_.tail;
    const Index i = basis_.intercept[j];
    if (i < 0) return 0;
    const double cancelled = std::abs(basis_.centre[j]) * std::sqrt(g(i, i));
    return centring_noise * (cancelled + std::sqrt(g(j, j)));
  }

  const Layout& layout_;
  const NormalEquations& equations_;
  const RowMatrix& regression_;
  ColumnBasis basis_;
  Matrix root_;
  IndexVector order_;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_ALIASING_HPP
