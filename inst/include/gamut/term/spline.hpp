// term/spline.hpp - a spline of one covariate, whose rows are made where they are used.
//
// A row has the degree + 1 B-splines that are not 0 at its x (as a local panel: nothing
// else is touched), or, with a map T, all columns of B T (as a dense panel). Each
// B-spline is a polynomial in x - t_i on the interval from t_i: a table of these, made
// once from basis/b_spline.hpp, gives them without a division. x is never rounded. Rows
// are multiplied by those of `by`, which may be a level of a factor.
#ifndef GAMUT_TERM_SPLINE_HPP
#define GAMUT_TERM_SPLINE_HPP

#include <algorithm>
#include <utility>

#include "../basis/b_spline.hpp"
#include "column.hpp"
#include "storage.hpp"

namespace gamut {

class SplineStorage : public Storage {
 public:
  /// `x`: one number a row, within the knots. `by`: its operands are multiplied with the
  /// row. `map`: T, empty for a local panel.
  SplineStorage(const double* x, BSplines basis, Column by, Matrix map)
      : x_(x), basis_(std::move(basis)), by_(std::move(by)), map_(std::move(map)) {
    if (basis_.degree() > most_degree) {
      throw Error(Status::invalid_argument, "a streamed spline has degree 5 at most");
    }
    tabulate();
    divide();
  }

  Index columns() const override {
    return map_.size() > 0 ? map_.cols() : basis_.columns();
  }
  bool is_local() const override { return map_.size() == 0; }

  std::shared_ptr<Storage> mapped(const Matrix& map) const override {
    return std::make_shared<SplineStorage>(x_, basis_, by_,
                                           map_.size() > 0 ? Matrix(map_ * map) : map);
  }

  Panel pack(Index first, Index rows, PanelBuffer& buffer) const override {
    Panel panel;
    panel.rows = rows;
    panel.padded = panel.ld = pad_rows(rows);
    panel.columns = columns();
    buffer.first.resize(static_cast<std::size_t>(rows));
    if (!is_local()) {
      fill_dense(first, panel, buffer);
      return panel;
    }
    panel.width = basis_.degree() + 1;
    lay_out(panel);
    double* out = buffer.values.reserve(local_size(panel));
    fill(first, panel, out, buffer);
    panel.values = out;
    panel.first = buffer.first.data();
    return panel;
  }

 private:
  static constexpr int most_degree = 5;

  /// Coefficients of the splines of interval i in powers of x - t_i.
  void tabulate() {
    const int width = basis_.degree() + 1;
    const Index intervals = basis_.columns() - basis_.degree();
    table_.assign(static_cast<std::size_t>(intervals * width * width), 0.0);
    BSplines::Row row;
    for (Index i = 0; i < intervals; ++i) {
      const Index at = i + basis_.degree();
      if (!(basis_.knots()[at + 1] > basis_.knots()[at])) continue;
      double factorial = 1;
      for (int power = 0; power < width; ++power) {
        if (power > 0) factorial *= power;
        basis_.derivatives(basis_.knots()[at], at, power, row.data());
        for (int j = 0; j < width; ++j) {
          table_[(i * width + power) * width + j] = row[j] / factorial;
        }
      }
    }
  }

  /// Four side by side, others column after column.
  void lay_out(Panel& panel) const {
    panel.step = panel.width == 4 ? 4 : 1;
    panel.ld = panel.width == 4 ? 1 : panel.padded;
  }

  /// The values, and after them the place in its interval and `by` of each row.
  static Index local_size(const Panel& panel) { return panel.padded * (panel.width + 2); }

  /// The local panel of the rows from `first` on.
  void fill(Index first, const Panel& panel, double* out, PanelBuffer& buffer) const {
    double* u = out + panel.padded * panel.width;
    for (Index i = 0; i < panel.rows; ++i) {
      const double x = x_[first + i];
      buffer.first[i] = place(x);
      u[i] = x - basis_.knots()[buffer.first[i] + basis_.degree()];
    }
    if (panel.width == 4) {
      simd::quad_kernels().cubics(panel.rows, table_.data(), buffer.first.data(), u, out);
    } else {
      fill_columns(panel, u, buffer.first.data(), out);
    }
    if (!by_.operands.empty()) multiply_rows(first, panel, u + panel.padded, out);
  }

  void fill_columns(const Panel& panel, const double* u, const Index* interval,
                    double* out) const {
    const int width = panel.width;
    for (Index i = 0; i < panel.rows; ++i) {
      const double* from = table_.data() + interval[i] * width * width;
      for (int j = 0; j < width; ++j) {
        double sum = from[(width - 1) * width + j];
        for (int power = width - 2; power >= 0; --power) {
          sum = sum * u[i] + from[power * width + j];
        }
        out[i + j * panel.ld] = sum;
      }
    }
  }

  void multiply_rows(Index first, const Panel& panel, double* by, double* out) const {
    std::fill(by, by + panel.rows, 1.0);
    for (const Operand& operand : by_.operands) {
      multiply_by(operand, first, panel.rows, by);
    }
    for (int j = 0; j < panel.width; ++j) {
      for (Index i = 0; i < panel.rows; ++i) out[j * panel.ld + i * panel.step] *= by[i];
    }
  }

  /// The interval of x, counted from the first inner one: from a grid of equal cells,
  /// each of which knows where its left end is, and a few steps on.
  Index place(double x) const {
    const double cell = (x - basis_.lower()) * cells_per_unit_;
    const Index last = static_cast<Index>(cells_.size()) - 1;
    const Index at = std::min(std::max<Index>(static_cast<Index>(cell), 0), last);
    Index interval = cells_[at];
    const double* next = basis_.knots().data() + basis_.degree() + 1;
    const Index most = basis_.columns() - basis_.degree() - 1;
    while (interval < most && x >= next[interval]) ++interval;
    while (!(basis_.knots()[interval + basis_.degree()] < next[interval])) --interval;
    return interval;
  }

  void divide() {
    const Index count = 64 * (basis_.columns() + 8);
    const double length = basis_.upper() - basis_.lower();
    cells_per_unit_ = static_cast<double>(count) / length;
    for (Index c = 0; c < count; ++c) {
      // one cell back: rounding must not put a cell behind its first interval
      const double left = basis_.lower() + static_cast<double>(c - 1) / cells_per_unit_;
      cells_.push_back(static_cast<int>(basis_.interval(left) - basis_.degree()));
    }
  }

  void fill_dense(Index first, Panel& panel, PanelBuffer& buffer) const {
    const Index columns = map_.cols(), own = panel.ld * columns;
    Panel rows = panel;
    rows.width = basis_.degree() + 1;
    lay_out(rows);
    double* out = buffer.values.reserve(own + local_size(rows));
    double* local = out + own;
    fill(first, rows, local, buffer);
    for (Index c = 0; c < columns; ++c) {
      const double* from = map_.col(c).data();
      double* column = out + c * panel.ld;
      for (Index i = 0; i < panel.rows; ++i) {
        const double* weights = from + buffer.first[i];
        double sum = 0;
        const double* value = local + i * rows.step;
        for (int j = 0; j < rows.width; ++j) sum += value[j * rows.ld] * weights[j];
        column[i] = sum;
      }
      for (Index i = panel.rows; i < panel.padded; ++i) column[i] = 0;
    }
    panel.values = out;
  }

  const double* x_;
  BSplines basis_;
  Column by_;
  Matrix map_;
  std::vector<double> table_;
  std::vector<int> cells_;  ///< interval at the left end of each cell
  double cells_per_unit_ = 1;
};

}  // namespace gamut

#endif  // GAMUT_TERM_SPLINE_HPP
