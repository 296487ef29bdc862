// criterion/predictor_variance.hpp - covariance of the predictors of each row.
//
// From the selected inverse: predictor k of a row has the leading values z_k (b of them,
// those of the row's level) and the tail values x_k, few of which are not 0; with the
// blocks of C of selected_inverse.hpp   h_kl = z_k'C_ll z_l + z_k'C_lt x_l + z_l'C_lt x_k
// + x_k'C_tt x_l.
#ifndef GAMUT_CRITERION_PREDICTOR_VARIANCE_HPP
#define GAMUT_CRITERION_PREDICTOR_VARIANCE_HPP

#include "../system/selected_inverse.hpp"
#include "../term/cross.hpp"
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
    const bool in_full = !inverse_.tail().sparse_factor() &&
                         (!layout_.has_lead() || layout_.sparse_columns() == 0);
    if (k_ == 1 && in_full) return fill_single(tile, out);
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
  /// One predictor, everything kept in full: block by block, those below the diagonal
  /// twice.
  void fill_single(const Tile& tile, Matrix& out) const {
    out.setZero();
    if (layout_.has_lead()) add_lead(tile, out);
    for (std::size_t s = 0; s < used_.size(); ++s) {
      for (std::size_t t = 0; t <= s && used_[s]; ++t) {
        if (!used_[t]) continue;
        const Block &below = layout_.tail()[s], &left = layout_.tail()[t];
        const double loading = used_[s]->loading(0, below.loading) *
                               used_[t]->loading(0, left.loading) * (s == t ? 1 : 2);
        if (loading != 0) add_form(tile, s, t, loading, out.col(0).data());
      }
    }
  }

  /// out_i += scale x_is'C_st x_it
  void add_form(const Tile& tile, std::size_t s, std::size_t t, double scale,
                double* out) const {
    const Panel& a = tile.panel(used_[s]->storage);
    const Panel& b = tile.panel(used_[t]->storage);
    const Matrix& full = inverse_.tail().raw().dense;
    const double* from = &full(layout_.tail()[s].raw, layout_.tail()[t].raw);
    if (a.is_quad() && b.is_quad()) {
      return simd::quad_kernels().form(a.quads(), b.quads(), scale, from, full.rows(),
                                       out);
    }
    const int count = a.count(), columns = b.count();
    for (Index i = 0; i < tile.rows(); ++i) {
      const double* block = from + a.start(i) + b.start(i) * full.rows();
      double sum = 0;
      for (int l = 0; l < columns; ++l) {
        double inner = 0;
        for (int j = 0; j < count; ++j)
          inner += block[j + l * full.rows()] * a.value(j, i);
        sum += inner * b.value(l, i);
      }
      out[i] += scale * sum;
    }
  }

  void add_lead(const Tile& tile, Matrix& out) const {
    const Index b = layout_.width();
    Matrix lead(b, 1), weight(tile.padded(), b);
    CrossScratch scratch;
    for (Index i = 0; i < tile.rows(); ++i) {
      const Index level = gather_lead(tile, i, lead);
      out(i, 0) += lead.col(0).dot(inverse_.lead(level) * lead.col(0));
      weight.row(i) = 2 * lead.transpose();
    }
    const Panel& rows = tile.panel(layout_.lead().storage);
    for (Index r = 0; r < b; ++r) {
      const Index* target = scratch.targets(rows, b, r);
      for (std::size_t s = 0; s < used_.size(); ++s) {
        if (used_[s]) add_cross(tile, s, weight.col(r).data(), target, out.col(0).data());
      }
    }
  }

  /// out_i += weight_i c_i'x_is, c_i the row `target` of the cross block.
  void add_cross(const Tile& tile, std::size_t s, const double* weight,
                 const Index* target, double* out) const {
    const RowMatrix& cross = inverse_.cross().dense;
    const Panel& x = tile.panel(used_[s]->storage);
    const Block& block = layout_.tail()[s];
    const double loading = used_[s]->loading(0, block.loading);
    if (loading == 0) return;
    const double* from = cross.data() + block.raw;
    if (x.is_quad() && loading == 1) {
      return simd::quad_kernels().dots(x.quads(), weight, target, from, cross.cols(),
                                       out);
    }
    for (Index i = 0; i < tile.rows(); ++i) {
      const double* row = from + target[i] * cross.cols() + x.start(i);
      double sum = 0;
      for (int j = 0; j < x.count(); ++j) sum += row[j] * x.value(j, i);
      out[i] += loading * weight[i] * sum;
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
      const Index at = block.raw + panel.start(row);
      for (int j = 0; j < panel.count(); ++j) {
        x.column.push_back(at + j);
        x.value.push_back(loading * panel.value(j, row));
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
