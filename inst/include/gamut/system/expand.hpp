// system/expand.hpp - the rows of a tile written out, where a product with them is
// rare enough that their storage does not matter.
#ifndef GAMUT_SYSTEM_EXPAND_HPP
#define GAMUT_SYSTEM_EXPAND_HPP

#include "../tile.hpp"
#include "normal_equations.hpp"

namespace gamut {

/// raw[, at...] += loading * panel
inline void expand_panel(const Panel& panel, double loading, Index at, Matrix& raw) {
  if (!panel.is_local()) {
    for (Index j = 0; j < panel.columns; ++j) {
      raw.col(at + j) +=
          loading * Eigen::Map<const Vector>(panel.values + j * panel.ld, panel.rows);
    }
    return;
  }
  for (Index i = 0; i < panel.rows; ++i) {
    for (int j = 0; j < panel.width; ++j) {
      raw(i, at + panel.first[i] + j) += loading * panel.value(j, i);
    }
  }
}

/// Rows of predictor k over all free tail columns.
inline Matrix tail_rows(const Layout& layout, const Tile& tile, int k) {
  Matrix raw = Matrix::Zero(tile.rows(), layout.raw_tail());
  for (const Block& block : layout.tail()) {
    const Term& term = layout.problem().terms[block.term];
    const double loading = term.loading(k, block.loading);
    if (loading != 0) expand_panel(tile.panel(term.storage), loading, block.raw, raw);
  }
  return layout.identity_map() ? raw : Matrix(raw * layout.tail_map());
}

/// A factor's row of predictor k, the values for the row's own level, slopes fastest
/// within loadings.
inline RowMatrix level_rows(const Term& term, const Tile& tile, int k) {
  const Panel& panel = tile.panel(term.storage);
  RowMatrix rows(panel.rows, panel.width * term.loading.cols());
  for (Index i = 0; i < panel.rows; ++i) {
    for (int a = 0; a < term.loading.cols(); ++a) {
      for (int j = 0; j < panel.width; ++j) {
        rows(i, a * panel.width + j) = term.loading(k, a) * panel.value(j, i);
      }
    }
  }
  return rows;
}

/// The leading term's row of predictor k, over free coefficients.
inline RowMatrix leading_rows(const Layout& layout, const Tile& tile, int k) {
  return level_rows(layout.lead(), tile, k) * layout.lead_root();
}

/// Level of the leading term in a row of the tile.
inline Index leading_level(const Layout& layout, const Tile& tile, Index row) {
  return tile.panel(layout.lead().storage).level(row);
}

}  // namespace gamut

#endif  // GAMUT_SYSTEM_EXPAND_HPP
