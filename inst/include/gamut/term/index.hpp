// term/index.hpp - a term that is a factor: one level a row, never expanded.
//
// Column l * k + j holds z_j in the rows of level l and 0 elsewhere; without z it
// is the indicator of the level. The same storage serves a fixed factor of many
// levels (k = 1) and the random effects of a grouping factor (k columns of z).
#ifndef GAMUT_TERM_INDEX_HPP
#define GAMUT_TERM_INDEX_HPP

#include <utility>

#include "column.hpp"
#include "storage.hpp"

namespace gamut {

class IndexStorage : public Storage {
 public:
  /// `codes`: 1 .. levels, one a row. `z`: empty for plain indicators.
  IndexStorage(const int* codes, Index levels, std::vector<Column> z)
      : codes_(codes), levels_(levels), z_(std::move(z)) {}

  Index columns() const override { return levels_ * width(); }
  bool is_local() const override { return true; }
  Index levels() const override { return levels_; }
  int width() const { return z_.empty() ? 1 : static_cast<int>(z_.size()); }

  Panel pack(Index first, Index rows, PanelBuffer& buffer) const override {
    Panel panel;
    panel.rows = rows;
    panel.padded = panel.ld = pad_rows(rows);
    panel.columns = columns();
    panel.width = width();
    buffer.first.resize(static_cast<std::size_t>(rows));
    for (Index i = 0; i < rows; ++i) {
      buffer.first[i] = Index(codes_[first + i] - 1) * panel.width;
    }
    panel.first = buffer.first.data();
    if (!z_.empty()) {
      double* out = buffer.values.reserve(panel.ld * width());
      for (int j = 0; j < width(); ++j) {
        fill_column(z_[j], first, rows, out + j * panel.ld);
      }
      panel.values = buffer.values.data();
    }
    return panel;
  }

 private:
  const int* codes_;
  Index levels_;
  std::vector<Column> z_;
};

}  // namespace gamut

#endif  // GAMUT_TERM_INDEX_HPP
