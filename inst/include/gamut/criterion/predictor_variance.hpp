// criterion/predictor_variance.hpp - covariance of the predictors of each row.
//
// From the selected inverse: predictor k of a row has the leading values z_k (b of them,
// those of the row's level) and the tail values x_k, few of which are not 0; with the
// blocks of C of selected_inverse.hpp   h_kl = z_k'C_ll z_l + z_k'C_lt x_l + z_l'C_lt x_k
// + x_k'C_tt x_l.
#ifndef GAMUT_CRITERION_PREDICTOR_VARIANCE_HPP
#define GAMUT_CRITERION_PREDICTOR_VARIANCE_HPP

#include "../system/selected_inverse.hpp"
#include "../tile.hpp"

namespace gamut {

class RowVariance {
 public:
  virtual ~RowVariance() = default;
  /// out: rows x K(K+1)/2
  virtual void fill(const Tile& tile, Matrix& out) const = 0;
};

class SelectedVariance : public RowVariance {
 public:
  SelectedVariance(const Layout& layout, const SelectedInverse& inverse)
      : layout_(layout), inverse_(inverse), k_(layout.problem().predictors()) {
    for (const Block& block : layout.tail()) {
      const Term& term = layout.problem().terms[block.term];
      // Without a variance of its own a block adds nothing.
      const bool unused = inverse.tail().is_zero(block.raw, block.raw_columns);
      used_.push_back(unused ? nullptr : &term);
    }
  }

  void fill(const Tile& tile, Matrix& out) const override {
    if (k_ == 1 && !layout_.has_lead() && !inverse_.tail().sparse_factor()) {
      return fill_single(tile, out);
    }
    std::vector<Entries> x(static_cast<std::size_t>(k_));
    Matrix lead(layout_.width(), k_);
    for (Index i = 0; i < tile.rows(); ++i) {
      for (int k = 0; k < k_; ++k) gather(tile, i, k, x[k]);
      const Index level = layout_.has_lead() ? gather_lead(tile, i, lead) : 0;
      for (int l = 0; l < k_; ++l) {
        for (int k = l; k < k_; ++k) {
          double sum = tail_product(x[k], x[l]);
          if (layout_.has_lead()) sum += lead_product(level, lead, k, l, x);
          out(i, packed_index(k, l, k_)) = sum;
        }
      }
    }
  }

 private:
  /// One predictor, everything in the tail and kept in full: by the lower triangle.
  void fill_single(const Tile& tile, Matrix& out) const {
    const Matrix& full = inverse_.tail().raw().dense;
    Entries x;
    for (Index i = 0; i < tile.rows(); ++i) {
      gather(tile, i, 0, x);
      const Index size = static_cast<Index>(x.column.size());
      const Index* at = x.column.data();
      const double* value = x.value.data();
      double sum = 0;
      for (Index e = 0; e < size; ++e) {
        const double* column = full.data() + at[e] * full.rows();
        double inner = 0.5 * column[at[e]] * value[e];
        for (Index f = 0; f < e; ++f) inner += column[at[f]] * value[f];
        sum += 2 * value[e] * inner;
      }
      out(i, 0) = sum;
    }
  }

  struct Entries {
    IndexVector column;
    std::vector<double> value;
  };

  void gather(const Tile& tile, Index row, int k, Entries& x) const {
    x.column.clear();
    x.value.clear();
    for (std::size_t s = 0; s < used_.size(); ++s) {
      if (!used_[s]) continue;
      const Block& block = layout_.tail()[s];
      const double loading = used_[s]->loading(k, block.loading);
      if (loading == 0) continue;
      const Panel& panel = tile.panel(used_[s]->storage);
      const int count = panel.is_local() ? panel.width : static_cast<int>(panel.columns);
      const Index first = block.raw + (panel.is_local() ? panel.first[row] : 0);
      for (int j = 0; j < count; ++j) {
        x.column.push_back(first + j);
        x.value.push_back(loading *
                          (panel.values ? panel.values[j * panel.ld + row] : 1));
      }
    }
  }

  Index gather_lead(const Tile& tile, Index row, Matrix& lead) const {
    const Term& term = layout_.lead();
    const Panel& panel = tile.panel(term.storage);
    for (int k = 0; k < k_; ++k) {
      for (int a = 0; a < term.loading.cols(); ++a) {
        for (int j = 0; j < panel.width; ++j) {
          lead(a * layout_.slopes() + j, k) = term.loading(k, a) * panel.value(j, row);
        }
      }
    }
    return panel.level(row);
  }

  double tail_product(const Entries& left, const Entries& right) const {
    double sum = 0;
    for (std::size_t e = 0; e < right.column.size(); ++e) {
      double inner = 0;
      for (std::size_t f = 0; f < left.column.size(); ++f) {
        inner += inverse_.tail()(left.column[f], right.column[e]) * left.value[f];
      }
      sum += inner * right.value[e];
    }
    return sum;
  }

  double lead_product(Index level, const Matrix& lead, int k, int l,
                      const std::vector<Entries>& x) const {
    return lead.col(k).dot(inverse_.lead(level) * lead.col(l)) +
           cross_product(level, lead, k, x[l]) + cross_product(level, lead, l, x[k]);
  }

  double cross_product(Index level, const Matrix& lead, int k, const Entries& x) const {
    const CrossRows& cross = inverse_.cross();
    const Index b = layout_.width();
    double sum = 0;
    for (std::size_t e = 0; e < x.column.size(); ++e) {
      const Index column = x.column[e];
      if (column < cross.sparse_columns) {
        const auto at = cross.sparse.col(cross.pattern->find(level, column));
        sum += lead.col(k).dot(at) * x.value[e];
      } else {
        const auto at = cross.dense.col(column - cross.sparse_columns);
        sum += lead.col(k).dot(at.segment(level * b, b)) * x.value[e];
      }
    }
    return sum;
  }

  const Layout& layout_;
  const SelectedInverse& inverse_;
  int k_;
  std::vector<const Term*> used_;
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_PREDICTOR_VARIANCE_HPP
