// term/dense.hpp - a term whose rows are full: numeric columns, their products,
// and factors of few levels expanded by their contrasts, one tile at a time.
//
// Beside an intercept (column 0) the other columns are centred: the span is the
// same and the cross-products are far better conditioned. On request what each column
// shares with those before it is taken out too, by the triangle of a QR decomposition:
// a Gram matrix of columns that differ by 1e-8 of their length holds no digit of what
// they differ in. system/coefficients.hpp gives the coefficients of the caller's columns
// back.
#ifndef GAMUT_TERM_DENSE_HPP
#define GAMUT_TERM_DENSE_HPP

#include <Eigen/QR>
#include <algorithm>
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
    if (kept_rows_ > 0 && first % tile_rows == 0 &&
        rows == std::min(tile_rows, kept_rows_ - first)) {
      panel.values = kept_.data() + first * columns();
      return panel;
    }
    fill(first, rows, buffer.values.reserve(panel.ld * columns()));
    panel.values = buffer.values.data();
    return panel;
  }

  /// Keep all tiles as they are packed if they are few: products of factors take longer
  /// to make than to use. After centre().
  void keep(Index rows) {
    const Index size = pad_rows(rows) * columns();
    if (size == 0 || size > most_kept) return;
    double* out = kept_.reserve(size);
    for (Index first = 0; first < rows; first += tile_rows) {
      fill(first, std::min(tile_rows, rows - first), out + first * columns());
    }
    kept_rows_ = rows;
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
  void set_centre(Index j, double centre) override {
    columns_[j].centre = centre;
    kept_rows_ = 0;
  }

  void reduce(Index rows, const std::vector<char>& aliased) override {
    const Matrix root = triangle(rows, aliased);
    reduction_ = Matrix::Identity(columns(), columns());
    for (Index j = 0; j < columns(); ++j) {
      if (root(j, j) == 0) continue;
      reduction_.row(j) = root.row(j) / root(j, j);
    }
    kept_rows_ = 0;
  }
  const Matrix& reduction() const override { return reduction_; }

 private:
  /// R of the columns as packed, those that are aliased taken as 0.
  Matrix triangle(Index rows, const std::vector<char>& aliased) const {
    const Index p = columns();
    Matrix root = Matrix::Zero(p, p);
    PanelBuffer buffer;
    for (Index first = 0; first < rows; first += tile_rows) {
      const Panel panel = pack(first, std::min(tile_rows, rows - first), buffer);
      Matrix stacked(p + panel.rows, p);
      stacked.topRows(p) = root;
      for (Index j = 0; j < p; ++j) {
        auto column = stacked.col(j).tail(panel.rows);
        column = Eigen::Map<const Vector>(panel.values + j * panel.ld, panel.rows);
        if (aliased[j]) column.setZero();
      }
      const Eigen::HouseholderQR<Matrix> qr(stacked);
      root = qr.matrixQR().topRows(p).triangularView<Eigen::Upper>();
    }
    return root;
  }

  /// Numbers of 8 bytes.
  static constexpr Index most_kept = Index(1) << 21;

  /// Column after column, at the distance of the padded rows.
  void fill(Index first, Index rows, double* out) const {
    const Index padded = pad_rows(rows);
    double* to = out;
    for (const Column& column : columns_) {
      fill_column(column, first, rows, to);
      for (Index i = rows; i < padded; ++i) to[i] = 0;
      to += padded;
    }
    if (reduction_.size() > 0) take_out_shares(rows, padded, out);
  }

  void take_out_shares(Index rows, Index ld, double* out) const {
    for (Index j = 1; j < columns(); ++j) {
      Eigen::Map<Vector> column(out + j * ld, rows);
      for (Index i = 0; i < j; ++i) {
        if (reduction_(i, j) == 0) continue;
        column -= reduction_(i, j) * Eigen::Map<const Vector>(out + i * ld, rows);
      }
    }
  }

  std::vector<Column> columns_;
  bool intercept_;
  Matrix reduction_;
  AlignedBuffer kept_;
  Index kept_rows_ = 0;
};

}  // namespace gamut

#endif  // GAMUT_TERM_DENSE_HPP
