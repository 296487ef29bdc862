// tile.hpp - one tile of rows: pack, predict, ask the family.
//
// A Tile belongs to one thread. load() packs the panels of all storages, predict()
// fills eta = offset + sum of the terms, and differentiate() has the family fill
// objective, scores and weights; padding rows get zero score and weight.
#ifndef GAMUT_TILE_HPP
#define GAMUT_TILE_HPP

#include "simd/kernels.hpp"
#include "system/layout.hpp"

namespace gamut {

/// Where a pass stands, and what the solution of its equations means.
enum class Expansion {
  step,               ///< at coefficients; the solution is to be added to them
  from_coefficients,  ///< at coefficients; the solution takes their place
  from_family,        ///< at the family's starting values; the solution is a first fit
  from_constants      ///< at constant predictors, which the solution only projects
};

class Tile {
 public:
  explicit Tile(const Layout& layout)
      : layout_(&layout),
        problem_(&layout.problem()),
        k_(problem_->predictors()),
        buffers_(problem_->storages.size()),
        panels_(problem_->storages.size()) {
    allot(eta_, k_);
    allot(score_, k_);
    allot(weight_, packed_size(k_));
    for (std::size_t s = 0; s < panels_.size(); ++s) {
      bool used = false;
      for (const Term& term : problem_->terms) {
        used = used || term.storage == static_cast<int>(s);
      }
      if (used) used_.push_back(s);
    }
    objective_.reserve(tile_rows);
    product_.reserve(k_ * tile_rows);
  }

  void load(Index first, Index rows) {
    first_ = first;
    rows_ = rows;
    padded_ = pad_rows(rows);
    for (std::size_t s : used_) {
      panels_[s] = problem_->storages[s]->pack(first, rows, buffers_[s]);
    }
  }

  /// eta = offsets + A c, with c the raw coefficients.
  void predict(const Coefficients& raw) {
    set_offsets(eta_);
    for (const Block& block : layout_->tail()) {
      const Term& term = problem_->terms[block.term];
      add_product(panels_[term.storage], raw.tail.data() + block.raw, 0, 0,
                  term.loading.col(block.loading));
    }
    if (!layout_->has_lead()) return;
    const Term& term = layout_->lead();
    for (int a = 0; a < term.loading.cols(); ++a) {
      add_product(panels_[term.storage], raw.lead.data(), layout_->width(),
                  a * layout_->slopes(), term.loading.col(a));
    }
  }

  /// eta as the expansion wants it.
  void place(Expansion expansion, const Coefficients& raw, const Vector& constants) {
    if (expansion == Expansion::from_family) {
      start();
    } else if (expansion == Expansion::from_constants) {
      for (int k = 0; k < k_; ++k) std::fill(eta_[k], eta_[k] + padded_, constants[k]);
    } else {
      predict(raw);
    }
  }

  /// eta at the family's starting values, no coefficients involved.
  void start() { problem_->family->start(response(), eta_.data()); }

  /// Returns the objective of the tile; scores and weights only if asked for.
  double differentiate(Information information, bool score, bool weight) {
    RowDerivatives out;
    out.objective = objective_.data();
    out.score = score ? score_.data() : nullptr;
    out.weight = weight ? weight_.data() : nullptr;
    const double objective =
        problem_->family->evaluate(response(), eta_.data(), information, out);
    if (score) clear_padding(score_);
    if (weight) clear_padding(weight_);
    return objective;
  }

  /// Unless the solution is a step: make the score that of a step from zero
  /// coefficients, s + W (eta - offset), without s where eta is only projected.
  void anchor(Expansion expansion) {
    if (expansion == Expansion::step) return;
    const double keep = expansion == Expansion::from_constants ? 0 : 1;
    for (Index i = 0; i < rows_; ++i) {
      for (int k = 0; k < k_; ++k) {
        double sum = 0;
        for (int l = 0; l < k_; ++l) {
          const double* offset = problem_->offsets[l];
          const double z = eta_[l][i] - (offset ? offset[first_ + i] : 0);
          sum += weight(k, l)[i] * z;
        }
        product_.data()[i * k_ + k] = sum;
      }
    }
    for (Index i = 0; i < rows_; ++i) {
      for (int k = 0; k < k_; ++k) {
        score_[k][i] = keep * score_[k][i] + product_.data()[i * k_ + k];
      }
    }
  }

  double pearson() const { return problem_->family->pearson(response(), eta_.data()); }
  ResponseTile response() const { return problem_->response_tile(first_, rows_); }

  Index first() const { return first_; }
  Index rows() const { return rows_; }
  Index padded() const { return padded_; }
  const Panel& panel(int storage) const { return panels_[storage]; }
  double* const* eta() { return eta_.data(); }
  double* const* scores() { return score_.data(); }
  double* const* weights() { return weight_.data(); }
  const double* objective() const { return objective_.data(); }
  const double* weight(int k, int l) const {
    return weight_[k >= l ? packed_index(k, l, k_) : packed_index(l, k, k_)];
  }

 private:
  void allot(std::vector<double*>& pointers, int count) {
    memory_.emplace_back();
    double* start = memory_.back().reserve(Index(count) * tile_rows);
    for (int k = 0; k < count; ++k) pointers.push_back(start + Index(k) * tile_rows);
  }

  void set_offsets(std::vector<double*>& eta) const {
    for (int k = 0; k < k_; ++k) {
      const double* offset = problem_->offsets[k];
      for (Index i = 0; i < rows_; ++i) eta[k][i] = offset ? offset[first_ + i] : 0;
      for (Index i = rows_; i < padded_; ++i) eta[k][i] = 0;
    }
  }

  /// eta_k += loading_k * (panel * c). A local panel finds the coefficients of
  /// level l at l * stride + shift when stride > 0, else at its own columns.
  template <class Loading>
  void add_product(const Panel& panel, const double* c, Index stride, Index shift,
                   const Loading& loading) {
    for (int k = 0; k < k_; ++k) {
      if (loading[k] == 0) continue;
      if (loading[k] == 1) {
        multiply(panel, c, stride, shift, eta_[k]);
      } else {
        double* out = product_.data();
        for (Index i = 0; i < padded_; ++i) out[i] = 0;
        multiply(panel, c, stride, shift, out);
        for (Index i = 0; i < padded_; ++i) eta_[k][i] += loading[k] * out[i];
      }
    }
  }

  void multiply(const Panel& panel, const double* c, Index stride, Index shift,
                double* out) const {
    if (!panel.is_local()) {
      simd::kernels().multiply(panel.padded, panel.columns, panel.values, panel.ld, c,
                               out);
      return;
    }
    if (panel.is_quad() && stride == 0) {
      return simd::quad_kernels().multiply(panel.quads(), c, out);
    }
    for (Index i = 0; i < panel.rows; ++i) {
      const Index start = stride > 0 ? panel.level(i) * stride + shift : panel.first[i];
      const double* from = c + start;
      for (int j = 0; j < panel.width; ++j) {
        out[i] += panel.value(j, i) * from[j];
      }
    }
  }

  void clear_padding(std::vector<double*>& arrays) const {
    for (double* array : arrays) {
      for (Index i = rows_; i < padded_; ++i) array[i] = 0;
    }
  }

  const Layout* layout_;
  const Problem* problem_;
  int k_;
  std::vector<PanelBuffer> buffers_;
  std::vector<Panel> panels_;
  std::vector<std::size_t> used_;  ///< storages that a term has
  std::vector<AlignedBuffer> memory_;
  std::vector<double*> eta_, score_, weight_;
  AlignedBuffer objective_, product_;
  Index first_ = 0, rows_ = 0, padded_ = 0;
};

}  // namespace gamut

#endif  // GAMUT_TILE_HPP
