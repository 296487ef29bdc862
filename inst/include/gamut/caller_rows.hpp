// caller_rows.hpp - the rows of a problem as sparse vectors over the caller's
// coefficients.
//
// For columns as given, not centred; one predictor at a time. Its storages are packed
// tile by tile, as in a pass.
#ifndef GAMUT_CALLER_ROWS_HPP
#define GAMUT_CALLER_ROWS_HPP

#include <algorithm>

#include "system/coefficients.hpp"
#include "tile.hpp"

namespace gamut {

/// x of one row over the caller's coefficients.
struct SparseRow {
  IndexVector place;
  std::vector<double> value;
};

class CallerRows {
 public:
  explicit CallerRows(const Problem& problem)
      : layout_(problem, false), positions_(tail_positions(layout_)), tile_(layout_) {}

  template <class Body>
  void for_each(const Body& body) {
    const Index rows = layout_.problem().rows;
    for (Index first = 0; first < rows; first += tile_rows) {
      tile_.load(first, std::min(tile_rows, rows - first));
      for (Index i = 0; i < tile_.rows(); ++i) body(first + i, i);
    }
  }

  /// Of the row of the tile that for_each() is at.
  SparseRow row(Index i, int predictor) const {
    SparseRow out;
    for (const Block& block : layout_.tail()) {
      const Term& term = layout_.problem().terms[block.term];
      const double loading = term.loading(predictor, block.loading);
      if (loading != 0) add(tile_.panel(term.storage), block, term, loading, i, out);
    }
    return out;
  }

 private:
  void add(const Panel& panel, const Block& block, const Term& term, double loading,
           Index i, SparseRow& out) const {
    const Storage& storage = layout_.problem().storage(term);
    const Index first = panel.start(i);
    for (int j = 0; j < panel.count(); ++j) {
      double value = panel.value(j, i);
      if (storage.centred() && j > 0) value += storage.centre_of(j);
      push(term.map, block, first + j, loading * value, out);
    }
  }

  void push(const CoefficientMap& map, const Block& block, Index raw, double value,
            SparseRow& out) const {
    if (map.matrix.size() > 0) {
      for (Index j = 0; j < map.matrix.cols(); ++j) {
        out.place.push_back(positions_[block.free_column(j)]);
        out.value.push_back(value * map.matrix(raw, j));
      }
      return;
    }
    const Index j = map.selection.empty() ? raw : map.selection[raw];
    if (j < 0) return;
    out.place.push_back(positions_[block.free_column(j)]);
    out.value.push_back(value);
  }

  Layout layout_;
  IndexVector positions_;
  Tile tile_;
};

}  // namespace gamut

#endif  // GAMUT_CALLER_ROWS_HPP
