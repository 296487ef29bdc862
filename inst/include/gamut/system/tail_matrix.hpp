// system/tail_matrix.hpp - a symmetric matrix over the raw columns of the tail.
//
//   [ sparse  cross ]   m local columns, where a pattern couples them (m may be 0),
//   [ cross'  dense ]   and all others in full.
// Lower triangles are kept. m is that of the layout: 0 unless the tail is long and its
// columns meet few of each other.
#ifndef GAMUT_SYSTEM_TAIL_MATRIX_HPP
#define GAMUT_SYSTEM_TAIL_MATRIX_HPP

#include <Eigen/SparseCore>

#include "cross_rows.hpp"

namespace gamut {

struct TailMatrix {
  const TailPattern* pattern = nullptr;
  Matrix dense;     ///< (p - m) x (p - m)
  RowMatrix cross;  ///< m x (p - m)
  Vector sparse;    ///< entries of the pattern

  static Index size(const Layout& layout) {
    const Index m = layout.coupled_columns(), d = layout.raw_tail() - m;
    return d * d + m * d + (m > 0 ? layout.coupling().entries() : 0);
  }

  void set_zero(const Layout& layout) {
    const Index m = layout.coupled_columns(), d = layout.raw_tail() - m;
    pattern = m > 0 ? &layout.coupling() : nullptr;
    dense.setZero(d, d);
    cross.setZero(m, d);
    sparse.setZero(m > 0 ? pattern->entries() : 0);
  }

  Index local() const { return cross.rows(); }
  Index columns() const { return local() + dense.cols(); }
  Index size() const { return dense.size() + cross.size() + sparse.size(); }

  /// An entry of the matrix, in any order; 0 where the pattern has none.
  double operator()(Index i, Index j) const {
    const Index row = std::max(i, j), column = std::min(i, j), m = local();
    if (column >= m) return dense(row - m, column - m);
    if (row >= m) return cross(column, row - m);
    const Index e = pattern->find(row, column);
    return e < pattern->end(column) && pattern->row(e) == row ? sparse[e] : 0;
  }

  Vector diagonal() const {
    Vector out(columns());
    const Index m = local();
    for (Index j = 0; j < m; ++j) out[j] = sparse[pattern->begin(j)];
    out.tail(dense.cols()) = dense.diagonal();
    return out;
  }

  Vector times(const Vector& x) const {
    if (local() == 0) return dense.selfadjointView<Eigen::Lower>() * x;
    return times(RowMatrix(x));
  }

  /// Of the columns of x together.
  RowMatrix times(const RowMatrix& x) const {
    const Index m = local(), d = dense.cols(), count = x.cols();
    RowMatrix out = RowMatrix::Zero(m + d, count);
    out.bottomRows(d) = dense.selfadjointView<Eigen::Lower>() * x.bottomRows(d);
    if (m == 0) return out;
    out.bottomRows(d) += cross.transpose() * x.topRows(m);
    out.topRows(m) = cross * x.bottomRows(d);
    for (Index j = 0; j < m; ++j) {
      const double* from = x.data() + j * count;
      double* to = out.data() + j * count;
      const Index first = pattern->begin(j);
      CrossRows::add_scaled(sparse[first], from, count, to);
      for (Index e = first + 1; e < pattern->end(j); ++e) {
        const Index i = pattern->row(e) * count;
        CrossRows::add_scaled(sparse[e], x.data() + i, count, to);
        CrossRows::add_scaled(sparse[e], from, count, out.data() + i);
      }
    }
    return out;
  }

  TailMatrix& operator+=(const TailMatrix& other) {
    dense += other.dense;
    cross += other.cross;
    sparse += other.sparse;
    return *this;
  }

  /// Less C'C.
  void subtract_gram(const CrossRows& c) {
    if (c.empty()) return;
    if (local() == 0) return c.subtract_gram(dense);
    gamut::dense::subtract_gram(dense, c.dense);
    for (Index l = 0; l < c.levels(); ++l) subtract_level(c, l);
  }

  /// Both triangles, sparse.
  Eigen::SparseMatrix<double> full() const {
    const Index m = local(), d = dense.cols();
    Eigen::SparseMatrix<double> lower(m + d, m + d);
    lower.reserve(sparse.size() + m * d + d * (d + 1) / 2);
    for (Index j = 0; j < m; ++j) {
      lower.startVec(j);
      for (Index e = pattern->begin(j); e < pattern->end(j); ++e) {
        lower.insertBack(pattern->row(e), j) = sparse[e];
      }
      for (Index i = 0; i < d; ++i) lower.insertBack(m + i, j) = cross(j, i);
    }
    for (Index j = 0; j < d; ++j) {
      lower.startVec(m + j);
      for (Index i = j; i < d; ++i) lower.insertBack(m + i, m + j) = dense(i, j);
    }
    lower.finalize();
    return lower.selfadjointView<Eigen::Lower>();
  }

 private:
  void subtract_level(const CrossRows& c, Index level) {
    const CrossPattern& met = *c.pattern;
    const Index begin = met.begin(level), end = begin + met.size(level), b = c.width;
    for (Index e = begin; e < end; ++e) {
      const Index column = met.column(e);
      const auto left = c.sparse.col(e);
      Index at = pattern->begin(column);
      for (Index f = e; f < end; ++f) {
        at = pattern->find(met.column(f), column, at);
        sparse[at] -= left.dot(c.sparse.col(f));
      }
      cross.row(column).noalias() -= left.transpose() * c.dense.middleRows(level * b, b);
    }
  }
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_TAIL_MATRIX_HPP
