// term/dense.hpp - a term whose rows are full: numeric columns, their products,
// and factors of few levels expanded by their contrasts, one tile at a time.
//
// Beside an intercept (column 0) the other columns are centred: the span is the
// same and the cross-products are far better conditioned; system/coefficients.hpp
// gives the coefficients of the caller's columns back.
#ifndef GAMUT_TERM_DENSE_HPP
#define GAMUT_TERM_DENSE_HPP

#include <cmath>
#include <utility>

#include "column.hpp"
#include "storage.hpp"

namespace gamut {

class DenseStorage : public Storage {
 public:
  /// `intercept`: the first column is the constant 1.
  DenseStorage(std::vector<Column> columns, bool intercept)
      : columns_(std::move(columns)), intercept_(intercept) {}

  Index columns() const override { return static_cast<Index>(columns_.size()); }
  bool is_local() const override { return false; }

  Panel pack(Index first, Index rows, PanelBuffer& buffer) const override {
    Panel panel;
    panel.rows = rows;
    panel.padded = panel.ld = pad_rows(rows);
    panel.columns = columns();
    double* out = buffer.values.reserve(panel.ld * columns());
    for (const Column& column : columns_) {
      fill_column(column, first, rows, out);
      for (Index i = rows; i < panel.padded; ++i) out[i] = 0;
      out += panel.ld;
    }
    panel.values = buffer.values.data();
    return panel;
  }

  /// Choose the centres; does nothing without an intercept.
  void centre(Index rows) {
    if (!intercept_) return;
    for (std::size_t j = 1; j < columns_.size(); ++j) {
      const double mean = approximate_mean(columns_[j], rows);
      columns_[j].centre = std::isfinite(mean) ? mean : 0;
    }
  }

  bool centred() const override { return intercept_; }
  double centre_of(Index j) const override { return columns_[j].centre; }
  void set_centre(Index j, double centre) override { columns_[j].centre = centre; }

 private:
  std::vector<Column> columns_;
  bool intercept_;
};

}  // namespace gamut

#endif  // GAMUT_TERM_DENSE_HPP
