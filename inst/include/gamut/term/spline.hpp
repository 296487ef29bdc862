// term/spline.hpp - a spline of one covariate, whose rows are made where they are used.
//
// A row has the degree + 1 B-splines that are not 0 at its x (as a local panel: nothing
// else is touched), or, with a map T, all columns of B T (as a dense panel). Each
// B-spline is a polynomial in x - t_i on the interval from t_i: a table of these, made
// once from basis/b_spline.hpp, gives them without a division. x is never rounded. Rows
// are multiplied by those of `by`, which may be a level of a factor.
#ifndef GAMUT_TERM_SPLINE_HPP
#define GAMUT_TERM_SPLINE_HPP

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
    return std::make_shared<SplineStorage>(
        x_, basis_, by_, map_.size() > 0 ? Matrix(map_ * map) : map);
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
    double* out = buffer.values.reserve(panel.ld * panel.width);
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

  void fill(Index first, const Panel& panel, double* out, PanelBuffer& buffer) const {
    const int width = basis_.degree() + 1;
    if (width == 4) {
      fill_rows<4>(first, panel, out, buffer);
    } else {
      fill_rows<0>(first, panel, out, buffer);
    }
    for (int j = 0; j < width; ++j) {
      double* column = out + j * panel.ld;
      for (const Operand& operand : by_.operands) {
        multiply_by(operand, first, panel.rows, column);
      }
      for (Index i = panel.rows; i < panel.padded; ++i) column[i] = 0;
    }
  }

  /// With a width known in advance, or 0.
  template <int Width>
  void fill_rows(Index first, const Panel& panel, double* out,
                 PanelBuffer& buffer) const {
    const int width = Width > 0 ? Width : basis_.degree() + 1;
    for (Index i = 0; i < panel.rows; ++i) {
      const double x = x_[first + i];
      const Index interval = place(x);
      const double u = x - basis_.knots()[interval + basis_.degree()];
      const double* from = table_.data() + interval * width * width;
      for (int j = 0; j < width; ++j) {
        double sum = from[(width - 1) * width + j];
        for (int power = width - 2; power >= 0; --power) {
          sum = sum * u + from[power * width + j];
        }
        out[i + j * panel.ld] = sum;
      }
      buffer.first[i] = interval;
    }
  }

  /// The interval of x, counted from the first inner one: from a grid of equal cells, each
  /// of which knows where its left end is, and a few steps on.
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
    const Index count = 8 * (basis_.columns() + 8);
    const double length = basis_.upper() - basis_.lower();
    cells_per_unit_ = static_cast<double>(count) / length;
    for (Index c = 0; c < count; ++c) {
      // one cell back: rounding must not put a cell behind its first interval
      const double left = basis_.lower() + static_cast<double>(c - 1) / cells_per_unit_;
      cells_.push_back(basis_.interval(left) - basis_.degree());
    }
  }

  void fill_dense(Index first, Panel& panel, PanelBuffer& buffer) const {
    const int width = basis_.degree() + 1;
    const Index columns = map_.cols(), own = panel.ld * columns;
    double* out = buffer.values.reserve(own + panel.ld * width);
    double* local = out + own;
    fill(first, panel, local, buffer);
    for (Index c = 0; c < columns; ++c) {
      const double* from = map_.col(c).data();
      double* column = out + c * panel.ld;
      for (Index i = 0; i < panel.rows; ++i) {
        const double* weights = from + buffer.first[i];
        double sum = 0;
        for (int j = 0; j < width; ++j) sum += local[i + j * panel.ld] * weights[j];
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
  IndexVector cells_;  ///< interval at the left end of each cell
  double cells_per_unit_ = 1;
};

}  // namespace gamut

#endif  // GAMUT_TERM_SPLINE_HPP
