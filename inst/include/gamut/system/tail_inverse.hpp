// system/tail_inverse.hpp - the tail's block of the inverse, in full or where it matters.
//
//   free  S^-1 over free coefficients, or that of the penalised ones alone;
//   raw   M S^-1 M' over raw columns, M the layout's map.
// Coefficients that are fixed at zero have no variance, whatever the unit rows say that
// stand for them in the factor. With a sparse factor only the entries that the pattern of
// the tail has are made: those of columns that meet in a level of the leading factor, and
// so in a row.
#ifndef GAMUT_SYSTEM_TAIL_INVERSE_HPP
#define GAMUT_SYSTEM_TAIL_INVERSE_HPP

#include "arrow_factor.hpp"

namespace gamut {

class TailInverse {
 public:
  TailInverse(const Layout& layout, const ArrowFactor& factor, bool penalised_only) {
    sparse_factor_ = dynamic_cast<const SparseTail*>(&factor.tail());
    if (!sparse_factor_) {
      free_ = factor.tail_inverse(penalised_only);
      for (Index j = 0; j < free_.rows(); ++j) {
        if (factor.tail_fixed()[j]) free_(j, j) = 0;
      }
      raw_.dense = layout.identity_map() ? free_ : mapped(layout);
      return;
    }
    sparse_ = sparse_factor_->inverse(penalised_only);
    raw_.set_zero(layout);
    fill_raw(kept_map(layout, factor.tail_fixed()));
  }

  const TailMatrix& raw() const { return raw_; }
  /// An entry over raw columns, which must meet in a level or be kept in full.
  double operator()(Index i, Index j) const {
    return sparse_factor_ ? raw_(i, j) : raw_.dense(i, j);
  }

  /// Diagonal block over free coefficients.
  Matrix free_block(Index at, Index size) const {
    if (!sparse_factor_) return free_.block(at, at, size, size);
    Matrix out(size, size);
    for (Index j = 0; j < size; ++j) {
      for (Index i = 0; i < size; ++i) out(i, j) = sparse_(at + i, at + j);
    }
    return out;
  }

  /// Have the raw columns [first, first + count) no variance at all?
  bool is_zero(Index first, Index count) const {
    const Vector diagonal = raw_.diagonal();
    return !(diagonal.segment(first, count).cwiseAbs().maxCoeff() > 0);
  }

  /// The factor where it is sparse, else null.
  const SparseTail* sparse_factor() const { return sparse_factor_; }

 private:
  Matrix mapped(const Layout& layout) const {
    const SparseMatrix& map = layout.tail_map();
    if (!layout.diagonal_map()) return Matrix(map * Matrix(free_ * map.transpose()));
    const Vector scale = map.diagonal();
    return scale.asDiagonal() * free_ * scale.asDiagonal();
  }

  using RowMap = Eigen::SparseMatrix<double, Eigen::RowMajor>;

  static RowMap kept_map(const Layout& layout, const Mask& fixed) {
    RowMap map(layout.tail_map());
    for (Index i = 0; i < map.rows(); ++i) {
      for (RowMap::InnerIterator it(map, i); it; ++it) {
        if (fixed[it.col()]) it.valueRef() = 0;
      }
    }
    return map;
  }

  void fill_raw(const RowMap& map) {
    const Index m = raw_.local(), p = raw_.columns();
    for (Index j = 0; j < m; ++j) {
      for (Index e = raw_.pattern->begin(j); e < raw_.pattern->end(j); ++e) {
        raw_.sparse[e] = entry(map, raw_.pattern->row(e), j);
      }
      for (Index i = m; i < p; ++i) raw_.cross(j, i - m) = entry(map, i, j);
    }
    for (Index j = m; j < p; ++j) {
      for (Index i = m; i < p; ++i) raw_.dense(i - m, j - m) = entry(map, i, j);
    }
  }

  double entry(const RowMap& map, Index i, Index j) const {
    double sum = 0;
    for (RowMap::InnerIterator a(map, i); a; ++a) {
      for (RowMap::InnerIterator b(map, j); b; ++b) {
        sum += a.value() * b.value() * sparse_(a.col(), b.col());
      }
    }
    return sum;
  }

  const SparseTail* sparse_factor_ = nullptr;
  Matrix free_;
  SparseInverse sparse_;
  TailMatrix raw_;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_TAIL_INVERSE_HPP
