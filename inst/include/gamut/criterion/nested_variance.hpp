// criterion/nested_variance.hpp - x'Mx of each row, M the blocks of adapted_nodes.hpp.
//
// With x_k = Lambda_b'z_k of the inner term and w_k = Lambda_a'z_k of the outer one in
// predictor k,   h_kl = x_k'M_ll x_l + x_k'M_la w_l + x_l'M_la w_k + w_k'M_aa w_l.
#ifndef GAMUT_CRITERION_NESTED_VARIANCE_HPP
#define GAMUT_CRITERION_NESTED_VARIANCE_HPP

#include "../system/expand.hpp"
#include "adapted_nodes.hpp"
#include "predictor_variance.hpp"

namespace gamut {

class NestedVariance : public RowVariance {
 public:
  NestedVariance(const Layout& layout, const NestedGroups& groups,
                 const AdaptedNodes& nodes, const AdaptedInverse& inverse)
      : layout_(layout), groups_(groups), nodes_(nodes), inverse_(inverse) {}

  void fill(const Tile& tile, Matrix& out) const override {
    const int predictors = layout_.problem().predictors();
    std::vector<RowMatrix> inner, outer;
    for (int k = 0; k < predictors; ++k) {
      inner.push_back(leading_rows(layout_, tile, k));
      outer.push_back(outer_rows(tile, k));
    }
    for (int l = 0; l < predictors; ++l) {
      for (int k = l; k < predictors; ++k) {
        for (Index i = 0; i < tile.rows(); ++i) {
          const Index level = leading_level(layout_, tile, i);
          out(i, packed_index(k, l, predictors)) = form(
              level, inner[k].row(i), inner[l].row(i), outer[k].row(i), outer[l].row(i));
        }
      }
    }
  }

 private:
  using Row = Eigen::Ref<const Eigen::RowVectorXd>;

  RowMatrix outer_rows(const Tile& tile, int k) const {
    if (!groups_.has_outer()) return RowMatrix(tile.rows(), 0);
    const Term& term = layout_.problem().terms[groups_.outer().term];
    return level_rows(term, tile, k) * nodes_.outer_lambda();
  }

  double form(Index level, Row x, Row y, Row w, Row z) const {
    double sum = x.dot(y * inverse_.inner[level]);
    if (!groups_.has_outer()) return sum;
    const Matrix& between = inverse_.between[level];
    sum += x.dot(z * between.transpose()) + y.dot(w * between.transpose());
    return sum + w.dot(z * inverse_.outer[groups_.group(level)]);
  }

  const Layout& layout_;
  const NestedGroups& groups_;
  const AdaptedNodes& nodes_;
  const AdaptedInverse& inverse_;
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_NESTED_VARIANCE_HPP
