// pass.hpp - one pass over the rows: predictors, family, cross-products.
//
// The map-reduce of the engine. Rows come in tiles; tiles are gathered into chunks
// whose size depends on the problem alone; every chunk adds up its own Sums, on any
// thread; the Sums are added in the order of the chunks. So the result is the same,
// bit for bit, for any number of threads. Rounding errors grow with the number of
// rows in a chunk and the number of chunks, not with the number of rows.
#ifndef GAMUT_PASS_HPP
#define GAMUT_PASS_HPP

#include <algorithm>
#include <memory>

#include "chunk_plan.hpp"
#include "monitor.hpp"
#include "parallel.hpp"
#include "system/sums.hpp"
#include "term/cross.hpp"
#include "tile.hpp"

namespace gamut {

/// Changes the scores of a tile, which has its weights, before they are summed.
class ScoreAdjustment {
 public:
  virtual ~ScoreAdjustment() = default;
  virtual void operator()(Tile& tile) const = 0;
};

struct PassRequest {
  Expansion expansion = Expansion::step;
  Vector constants;  ///< predictors of Expansion::from_constants
  Information information = Information::working;
  bool gram = true;
  bool score = true;
  bool pearson = false;
  bool level_objective = false;
  Index tile_step = 1;  ///< take every tile_step-th tile only
  const ScoreAdjustment* adjustment = nullptr;
};

/// Works through tiles on one thread.
class PassWorker {
 public:
  PassWorker(const Layout& layout, const PassRequest& request, const Coefficients& raw)
      : layout_(layout), request_(request), raw_(raw), tile_(layout) {
    weight_.reserve(tile_rows);
    score_.reserve(tile_rows);
  }

  void add_tile(Index first, Index rows, Sums& sums) {
    tile_.load(first, rows);
    tile_.place(request_.expansion, raw_, request_.constants);
    const bool weights = request_.gram || request_.adjustment != nullptr ||
                         request_.expansion != Expansion::step;
    sums.objective += tile_.differentiate(request_.information, request_.score, weights);
    if (request_.level_objective) add_level_objectives(sums);
    if (request_.adjustment) (*request_.adjustment)(tile_);
    if (request_.score) tile_.anchor(request_.expansion);
    if (request_.pearson) sums.pearson += tile_.pearson();
    sums.kept_rows += count_kept();
    if (request_.score) add_scores(sums);
    if (request_.gram) add_grams(sums);
  }

 private:
  void add_level_objectives(Sums& sums) const {
    const Panel& rows = tile_.panel(layout_.lead().storage);
    for (Index i = 0; i < rows.rows; ++i) {
      sums.level_objective[rows.level(i)] += tile_.objective()[i];
    }
  }

  double count_kept() const {
    const ResponseTile response = tile_.response();
    if (!response.prior) return static_cast<double>(response.rows);
    double count = 0;
    for (Index i = 0; i < response.rows; ++i) count += response.prior[i] > 0;
    return count;
  }

  const Term& term(const Block& block) const {
    return layout_.problem().terms[block.term];
  }
  const Panel& panel(const Block& block) const {
    return tile_.panel(term(block).storage);
  }

  /// sum_k u_k s_k, without a copy when u is a unit vector.
  const double* loaded_score(const Term& term, int a) {
    return loaded(
        term.loading.col(a), [this](int k) { return tile_.scores()[k]; }, score_.data());
  }

  /// sum_kl u_k v_l W_kl for two loadings.
  const double* loaded_weight(const Term& s, int a, const Term& t, int b) {
    const int k = single(s.loading.col(a)), l = single(t.loading.col(b));
    if (k >= 0 && l >= 0) return tile_.weight(k, l);
    double* out = weight_.data();
    std::fill(out, out + tile_.padded(), 0.0);
    for (Index i = 0; i < s.loading.rows(); ++i) {
      for (Index j = 0; j < t.loading.rows(); ++j) {
        const double scale = s.loading(i, a) * t.loading(j, b);
        if (scale == 0) continue;
        const double* w = tile_.weight(static_cast<int>(i), static_cast<int>(j));
        for (Index r = 0; r < tile_.padded(); ++r) out[r] += scale * w[r];
      }
    }
    return out;
  }

  template <class Loading, class Source>
  const double* loaded(const Loading& loading, const Source& source, double* out) {
    const int k = single(loading);
    if (k >= 0) return source(k);
    std::fill(out, out + tile_.padded(), 0.0);
    for (int j = 0; j < loading.size(); ++j) {
      if (loading[j] == 0) continue;
      const double* from = source(j);
      for (Index r = 0; r < tile_.padded(); ++r) out[r] += loading[j] * from[r];
    }
    return out;
  }

  /// The predictor of a unit loading, else -1.
  template <class Loading>
  static int single(const Loading& loading) {
    int found = -1;
    for (int k = 0; k < loading.size(); ++k) {
      if (loading[k] == 0) continue;
      if (loading[k] != 1 || found >= 0) return -1;
      found = k;
    }
    return found;
  }

  void add_scores(Sums& sums) {
    for (const Block& block : layout_.tail()) {
      add_score(panel(block), loaded_score(term(block), block.loading),
                sums.tail_score.data() + block.raw);
    }
    if (!layout_.has_lead()) return;
    const Term& lead = layout_.lead();
    const Panel& rows = tile_.panel(lead.storage);
    for (int a = 0; a < lead.loading.cols(); ++a) {
      const double* s = loaded_score(lead, a);
      for (int j = 0; j < rows.width; ++j) {
        const Index* target =
            scratch_.targets(rows, layout_.width(), a * layout_.slopes() + j);
        for (Index i = 0; i < rows.rows; ++i) {
          sums.lead_score[target[i]] += rows.value(j, i) * s[i];
        }
      }
    }
  }

  void add_grams(Sums& sums) {
    const auto& blocks = layout_.tail();
    for (std::size_t s = 0; s < blocks.size(); ++s) {
      for (std::size_t t = 0; t <= s; ++t) add_tail_gram(blocks[s], blocks[t], sums.tail);
    }
    if (layout_.has_lead()) add_lead_grams(sums);
  }

  void add_tail_gram(const Block& below, const Block& left, TailMatrix& tail) {
    const double* w = loaded_weight(term(below), below.loading, term(left), left.loading);
    const Index m = layout_.coupled_columns(), ld = tail.dense.rows();
    if (below.raw < m) return add_coupled(below, left, w, tail);
    if (left.raw < m) {
      return add_beside(below, left, w, tail.cross.data() + below.raw - m, ld);
    }
    double* to = tail.dense.data() + below.raw - m + (left.raw - m) * ld;
    if (&below == &left) {
      add_gram(panel(below), w, to, ld, scratch_);
    } else {
      add_cross(panel(below), panel(left), w, to, ld, scratch_);
    }
  }

  /// Products of two local blocks, where the pattern has them.
  void add_coupled(const Block& below, const Block& left, const double* w,
                   TailMatrix& tail) const {
    const Panel &rows = panel(below), &columns = panel(left);
    const bool own = &below == &left;
    for (Index i = 0; i < rows.rows; ++i) {
      const Index row = below.raw + rows.first[i], column = left.raw + columns.first[i];
      for (int l = 0; l < columns.width; ++l) {
        const int from = own ? l : 0;
        double* to =
            tail.sparse.data() + tail.pattern->find(row + from, column + l) - from;
        const double scaled = w[i] * columns.value(l, i);
        for (int j = from; j < rows.width; ++j) to[j] += scaled * rows.value(j, i);
      }
    }
  }

  /// Products of a block kept in full with a local one, a row of it a column of that.
  void add_beside(const Block& full, const Block& local, const double* w, double* to,
                  Index ld) {
    const Panel& columns = panel(full);
    double* rows = to + local.raw * ld;
    if (columns.is_local()) {
      return add_local_cross(columns, panel(local), w, rows, ld, scratch_);
    }
    add_scattered(columns, panel(local), w, 0, 0, rows, ld, scratch_);
  }

  void add_lead_grams(Sums& sums) {
    const Term& lead = layout_.lead();
    for (int a = 0; a < lead.loading.cols(); ++a) {
      for (int c = 0; c <= a; ++c) add_lead_diagonal(a, c, sums);
      for (const Block& block : layout_.tail()) {
        const double* w = loaded_weight(lead, a, term(block), block.loading);
        add_lead_cross(a, block, w, sums);
      }
    }
  }

  void add_lead_diagonal(int a, int c, Sums& sums) {
    const Panel& rows = tile_.panel(layout_.lead().storage);
    const double* w = loaded_weight(layout_.lead(), a, layout_.lead(), c);
    const Index b = layout_.width(), k = layout_.slopes();
    for (Index i = 0; i < rows.rows; ++i) {
      double* block = sums.lead.data() + rows.level(i) * b * b;
      for (Index j = 0; j < k; ++j) {
        const double scaled = w[i] * rows.value(static_cast<int>(j), i);
        for (Index l = 0; l < k; ++l) {
          const Index row = a * k + j, column = c * k + l;
          if (row < column) continue;
          block[row + column * b] += scaled * rows.value(static_cast<int>(l), i);
        }
      }
    }
  }

  void add_lead_cross(int a, const Block& block, const double* w, Sums& sums) {
    const Panel& rows = tile_.panel(layout_.lead().storage);
    const Panel& other = panel(block);
    const Index kept = layout_.sparse_columns(), p = layout_.raw_tail() - kept;
    const Index b = layout_.width(), shift = a * layout_.slopes();
    if (block.raw < kept) return add_sparse_cross(a, block, w, sums);
    double* cross = sums.cross.dense.data() + block.raw - kept;
    if (other.is_quad()) {
      return add_quads_by_column(other, rows, w, b, shift, cross, p, scratch_);
    }
    if (!other.is_local()) {
      return add_scattered(other, rows, w, b, shift, cross, p, scratch_);
    }
    for (int j = 0; j < rows.width; ++j) {
      const Index* target = scratch_.targets(rows, b, shift + j);
      for (Index i = 0; i < rows.rows; ++i) {
        double* row = cross + target[i] * p + other.first[i];
        const double scaled = w[i] * rows.value(j, i);
        for (int l = 0; l < other.width; ++l) row[l] += scaled * other.value(l, i);
      }
    }
  }

  void add_sparse_cross(int a, const Block& block, const double* w, Sums& sums) {
    const Panel& rows = tile_.panel(layout_.lead().storage);
    const Panel& other = panel(block);
    const CrossPattern& pattern = layout_.pattern();
    const Index b = layout_.width(), shift = a * layout_.slopes();
    for (Index i = 0; i < rows.rows; ++i) {
      const Index entry = pattern.find(rows.level(i), block.raw + other.first[i]);
      double* to = sums.cross.sparse.data() + entry * b + shift;
      for (int l = 0; l < other.width; ++l, to += b) {
        const double scaled = w[i] * other.value(l, i);
        for (int j = 0; j < rows.width; ++j) to[j] += scaled * rows.value(j, i);
      }
    }
  }

  const Layout& layout_;
  const PassRequest request_;
  const Coefficients& raw_;
  Tile tile_;
  CrossScratch scratch_;
  AlignedBuffer weight_, score_;
};

class Pass {
 public:
  Pass(const Layout& layout, int threads, Monitor* monitor)
      : layout_(layout),
        threads_(layout.problem().family->thread_safe() ? std::max(threads, 1) : 1),
        monitor_(monitor) {}

  Sums operator()(const Coefficients& coefficients, const PassRequest& request) const {
    const Coefficients raw = layout_.raw_from_free(coefficients);
    const ChunkPlan plan(layout_.problem().rows, request.tile_step, Sums::size(layout_));
    const Index slots = std::min<Index>(threads_, plan.chunks);
    std::vector<std::unique_ptr<PassWorker>> workers;
    std::vector<Sums> parts(static_cast<std::size_t>(slots));
    for (Index s = 0; s < slots; ++s) {
      workers.push_back(std::make_unique<PassWorker>(layout_, request, raw));
    }
    Sums total;
    if (plan.chunks == 0) {
      total.reset(layout_, request.gram, request.score, request.level_objective);
    }
    for (Index chunk = 0; chunk < plan.chunks; chunk += slots) {
      const Index wave = std::min(slots, plan.chunks - chunk);
      parallel_for(threads_, wave, [&](Index s) {
        parts[s].reset(layout_, request.gram, request.score, request.level_objective);
        add_chunk(*workers[s], plan, chunk + s, request.tile_step, parts[s]);
      });
      for (Index s = 0; s < wave; ++s) {
        // with many levels a copy takes as long as some thousand rows
        if (chunk + s == 0) {
          total = std::move(parts[s]);
        } else {
          total.add(parts[s]);
        }
      }
      if (monitor_) {
        monitor_->rows(std::min(chunk + wave, plan.chunks), plan.chunks);
      }
    }
    return total;
  }

 private:
  void add_chunk(PassWorker& worker, const ChunkPlan& plan, Index chunk, Index step,
                 Sums& sums) const {
    const Index rows = layout_.problem().rows;
    const Index end = std::min((chunk + 1) * plan.tiles_per_chunk, plan.tiles);
    for (Index t = chunk * plan.tiles_per_chunk; t < end; ++t) {
      const Index first = t * step * tile_rows;
      worker.add_tile(first, std::min(tile_rows, rows - first), sums);
    }
  }

  const Layout& layout_;
  int threads_;
  Monitor* monitor_;
};

}  // namespace gamut

#endif  // GAMUT_PASS_HPP
