// system/cross_rows.hpp - the rows of leading coefficients over the columns of the tail.
//
// Row j of the q x p matrix belongs to coefficient j of the leading term, columns are raw
// ones of the tail. Local columns are kept where the pattern has them (one b x size
// block a level), dense columns in full. Either part may be empty.
#ifndef GAMUT_SYSTEM_CROSS_ROWS_HPP
#define GAMUT_SYSTEM_CROSS_ROWS_HPP

#include "dense.hpp"
#include "layout.hpp"

namespace gamut {

struct CrossRows {
  const CrossPattern* pattern = nullptr;
  Index width = 0, sparse_columns = 0;
  Matrix sparse;    ///< b x entries of the pattern
  RowMatrix dense;  ///< q x (p - sparse_columns)

  static Index size(const Layout& layout) {
    const Index q = layout.levels() * layout.width();
    return q * (layout.raw_tail() - layout.sparse_columns()) +
           layout.width() * sparse_entries(layout);
  }

  void set_zero(const Layout& layout) {
    if (!layout.has_lead()) return;
    width = layout.width();
    pattern = &layout.pattern();
    sparse_columns = layout.sparse_columns();
    dense.setZero(layout.levels() * width, layout.raw_tail() - sparse_columns);
    sparse.setZero(width, sparse_entries(layout));
  }

  Index size() const { return dense.size() + sparse.size(); }
  CrossRows& operator+=(const CrossRows& other) {
    dense += other.dense;
    sparse += other.sparse;
    return *this;
  }

  bool empty() const { return width == 0; }
  Index columns() const { return sparse_columns + dense.cols(); }
  Index levels() const { return width > 0 ? dense.rows() / width : 0; }
  auto sparse_block(Index level) {
    return sparse.middleCols(pattern->begin(level), pattern->size(level));
  }
  auto sparse_block(Index level) const {
    return sparse.middleCols(pattern->begin(level), pattern->size(level));
  }

  CrossRows times(double factor) const {
    CrossRows out;
    out.pattern = pattern;
    out.width = width;
    out.sparse_columns = sparse_columns;
    out.sparse = factor * sparse;
    out.dense = factor * dense;
    return out;
  }

  /// The b values of a level in one column, which the level must meet.
  Vector entry(Index level, Index column) const {
    if (column < sparse_columns) return sparse.col(pattern->find(level, column));
    return dense.col(column - sparse_columns).segment(level * width, width);
  }

  /// rows of a level <- transform(rows), for any linear map of b coefficients.
  template <class Transform>
  void apply(Index level, const Transform& transform) {
    auto rows = dense.middleRows(level * width, width);
    if (rows.cols() > 0) rows = transform(Matrix(rows));
    if (sparse_columns == 0 || pattern->size(level) == 0) return;
    auto block = sparse_block(level);
    block = transform(Matrix(block));
  }

  void clear(Index level) {
    dense.middleRows(level * width, width).setZero();
    if (sparse_columns > 0) sparse_block(level).setZero();
  }

  /// C' v, v over the leading coefficients.
  Vector transpose_times(const Vector& v) const {
    Vector out = Vector::Zero(columns());
    if (dense.cols() > 0) out.tail(dense.cols()) = dense.transpose() * v;
    const double* value = sparse.data();
    for (Index l = 0; sparse_columns > 0 && l < levels(); ++l) {
      const double* from = v.data() + l * width;
      const Index end = pattern->begin(l) + pattern->size(l);
      for (Index e = pattern->begin(l); e < end; ++e) {
        double sum = 0;
        for (Index r = 0; r < width; ++r) sum += *value++ * from[r];
        out[pattern->column(e)] += sum;
      }
    }
    return out;
  }

  /// C x, x over the tail's columns.
  Vector times(const Vector& x) const {
    Vector out = dense * x.tail(dense.cols());
    const double* value = sparse.data();
    for (Index l = 0; sparse_columns > 0 && l < levels(); ++l) {
      double* to = out.data() + l * width;
      const Index end = pattern->begin(l) + pattern->size(l);
      for (Index e = pattern->begin(l); e < end; ++e) {
        const double at = x[pattern->column(e)];
        for (Index r = 0; r < width; ++r) to[r] += *value++ * at;
      }
    }
    return out;
  }

  /// The same for the columns of a matrix together: an entry is read once for all.
  RowMatrix transpose_times(const RowMatrix& v) const {
    RowMatrix out = RowMatrix::Zero(columns(), v.cols());
    if (dense.cols() > 0) out.bottomRows(dense.cols()) = dense.transpose() * v;
    for (Index l = 0; sparse_columns > 0 && l < levels(); ++l) {
      const Index end = pattern->begin(l) + pattern->size(l);
      for (Index e = pattern->begin(l); e < end; ++e) {
        double* to = out.data() + pattern->column(e) * v.cols();
        for (Index r = 0; r < width; ++r) {
          add_scaled(sparse(r, e), v.data() + (l * width + r) * v.cols(), v.cols(), to);
        }
      }
    }
    return out;
  }
  RowMatrix times(const RowMatrix& x) const {
    RowMatrix out = dense * x.bottomRows(dense.cols());
    for (Index l = 0; sparse_columns > 0 && l < levels(); ++l) {
      const Index end = pattern->begin(l) + pattern->size(l);
      for (Index e = pattern->begin(l); e < end; ++e) {
        const double* from = x.data() + pattern->column(e) * x.cols();
        for (Index r = 0; r < width; ++r) {
          add_scaled(sparse(r, e), from, x.cols(),
                     out.data() + (l * width + r) * x.cols());
        }
      }
    }
    return out;
  }

  /// to += factor * from
  static void add_scaled(double factor, const double* from, Index count, double* to) {
    for (Index k = 0; k < count; ++k) to[k] += factor * from[k];
  }

  /// The lower triangle of s less C'C.
  void subtract_gram(Matrix& s) const {
    if (dense.cols() > 0) {
      gamut::dense::subtract_gram(s.bottomRightCorner(dense.cols(), dense.cols()), dense);
    }
    for (Index l = 0; sparse_columns > 0 && l < levels(); ++l) subtract_level(l, s);
  }

  /// All columns in full.
  RowMatrix full() const {
    RowMatrix out = RowMatrix::Zero(dense.rows(), columns());
    out.rightCols(dense.cols()) = dense;
    for (Index l = 0; sparse_columns > 0 && l < levels(); ++l) {
      for (Index e = pattern->begin(l); e < pattern->begin(l) + pattern->size(l); ++e) {
        out.col(pattern->column(e)).segment(l * width, width) = sparse.col(e);
      }
    }
    return out;
  }

 private:
  static Index sparse_entries(const Layout& layout) {
    return layout.sparse_columns() > 0 ? layout.pattern().entries() : 0;
  }

  void subtract_level(Index level, Matrix& s) const {
    const Index begin = pattern->begin(level), end = begin + pattern->size(level);
    const Index p = dense.cols();
    for (Index e = begin; e < end; ++e) {
      double* column = s.data() + pattern->column(e) * s.rows();
      for (Index r = 0; r < width; ++r) {
        const double value = sparse(r, e);
        if (value == 0) continue;
        for (Index f = e; f < end; ++f)
          column[pattern->column(f)] -= value * sparse(r, f);
        const double* row = dense.data() + (level * width + r) * p;
        double* below = column + sparse_columns;
        for (Index j = 0; j < p; ++j) below[j] -= value * row[j];
      }
    }
  }
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_CROSS_ROWS_HPP
