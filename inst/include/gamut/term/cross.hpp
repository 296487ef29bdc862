// term/cross.hpp - weighted cross-products of two panels of the same tile.
//
// add_gram    G += A' diag(w) A    lower triangle
// add_cross   G += A' diag(w) B    A below B in the triangle
// with G column-major at distance ldg. Dense by dense runs on the kernels; whatever
// has a local panel in it adds rows to the columns of the levels; two local panels
// meet entry by entry. The kind of panel is asked here and nowhere else.
#ifndef GAMUT_TERM_CROSS_HPP
#define GAMUT_TERM_CROSS_HPP

#include <algorithm>

#include "../simd/kernels.hpp"
#include "storage.hpp"

namespace gamut {

/// Scratch of one thread for products of panels.
class CrossScratch {
 public:
  /// diag(w) A, column-major at the distance of the panel.
  const double* scaled(const Panel& a, const double* w) {
    double* out = scaled_.reserve(a.ld * a.columns);
    simd::kernels().scale_columns(a.padded, a.columns, a.values, a.ld, w, out);
    return out;
  }
  /// diag(w) A, row after row.
  const double* scaled_rows(const Panel& a, const double* w) {
    double* out = rows_.reserve(a.padded * a.columns);
    simd::kernels().scale_rows(a.padded, a.columns, a.values, a.ld, w, out);
    return out;
  }
  double* zeros(Index count) {
    double* out = scaled_.reserve(count);
    std::fill(out, out + count, 0.0);
    return out;
  }
  /// The j-th non-zeros of the rows of a local panel, one after the other; null: all 1.
  const double* non_zeros(const Panel& a, int j) {
    if (!a.values || a.step == 1) return a.values ? a.values + j * a.ld : nullptr;
    double* out = scaled_.reserve(a.padded);
    for (Index i = 0; i < a.rows; ++i) out[i] = a.value(j, i);
    return out;
  }
  /// The same times a weight.
  const double* weighted(const Panel& a, int j, const double* w) {
    if (!a.values) return w;
    double* out = scaled_.reserve(a.padded);
    for (Index i = 0; i < a.rows; ++i) out[i] = w[i] * a.value(j, i);
    return out;
  }
  /// Column of G for each row: its first non-zero plus `shift`, or, with a stride,
  /// level * stride + shift.
  const Index* targets(const Panel& a, Index stride, Index shift) {
    targets_.resize(static_cast<std::size_t>(a.rows));
    for (Index i = 0; i < a.rows; ++i) {
      const Index start = stride > 0 ? a.level(i) * stride : a.first[i];
      targets_[i] = start + shift;
    }
    return targets_.data();
  }

 private:
  AlignedBuffer scaled_, rows_;
  IndexVector targets_;
};

inline void add_local_gram(const Panel& a, const double* w, double* g, Index ldg) {
  if (a.is_quad()) {
    return simd::quad_kernels().cross(a.quads(), a.quads(), w, g, ldg);
  }
  for (Index i = 0; i < a.rows; ++i) {
    double* block = g + a.first[i] * (ldg + 1);
    for (int j = 0; j < a.width; ++j) {
      const double scaled = w[i] * a.value(j, i);
      for (int l = 0; l <= j; ++l) block[j + l * ldg] += scaled * a.value(l, i);
    }
  }
}

inline void add_gram(const Panel& a, const double* w, double* g, Index ldg,
                     CrossScratch& scratch) {
  if (a.is_local()) {
    add_local_gram(a, w, g, ldg);
  } else {
    simd::kernels().gram(a.padded, a.columns, scratch.scaled(a, w), a.values, a.ld, g,
                         ldg);
  }
}

/// The quads of A, weighted, added to the columns that b's non-zeros name.
inline void add_quads_by_column(const Panel& a, const Panel& b, const double* w,
                                Index stride, Index shift, double* g, Index ldg,
                                CrossScratch& scratch) {
  for (int l = 0; l < b.width; ++l) {
    simd::quad_kernels().rows(a.quads(), scratch.weighted(b, l, w),
                              scratch.targets(b, stride, shift + l), g, ldg);
  }
}

inline void add_local_cross(const Panel& a, const Panel& b, const double* w, double* g,
                            Index ldg, CrossScratch& scratch) {
  if (a.is_quad() && b.is_quad()) {
    return simd::quad_kernels().cross(a.quads(), b.quads(), w, g, ldg);
  }
  if (a.is_quad()) return add_quads_by_column(a, b, w, 0, 0, g, ldg, scratch);
  for (Index i = 0; i < a.rows; ++i) {
    double* block = g + a.first[i] + b.first[i] * ldg;
    for (int l = 0; l < b.width; ++l) {
      const double scaled = w[i] * b.value(l, i);
      for (int j = 0; j < a.width; ++j) block[j + l * ldg] += scaled * a.value(j, i);
    }
  }
}

/// A'diag(w)B of dense A and quads B, one column of A at a time.
inline void add_columns_by_quad(const Panel& a, const Panel& b, const double* w,
                                double* g, Index ldg, CrossScratch& scratch) {
  double* sums = scratch.zeros(b.columns);
  for (Index j = 0; j < a.columns; ++j) {
    simd::quad_kernels().column(b.quads(), a.values + j * a.ld, w, sums);
    for (Index c = 0; c < b.columns; ++c) {
      g[j + c * ldg] += sums[c];
      sums[c] = 0;
    }
  }
}

/// The rows of dense A, weighted, added to the columns that b's non-zeros name.
inline void add_scattered(const Panel& a, const Panel& b, const double* w, Index stride,
                          Index shift, double* g, Index ldg, CrossScratch& scratch) {
  if (b.is_quad() && stride == 0 && shift == 0) {
    return add_columns_by_quad(a, b, w, g, ldg, scratch);
  }
  const double* rows = scratch.scaled_rows(a, w);
  for (int l = 0; l < b.width; ++l) {
    simd::kernels().scatter(a.rows, a.columns, rows,
                            scratch.targets(b, stride, shift + l),
                            scratch.non_zeros(b, l), g, ldg);
  }
}

inline void add_cross(const Panel& a, const Panel& b, const double* w, double* g,
                      Index ldg, CrossScratch& scratch) {
  if (a.is_local() && b.is_local()) {
    add_local_cross(a, b, w, g, ldg, scratch);
  } else if (b.is_local()) {
    add_scattered(a, b, w, 0, 0, g, ldg, scratch);
  } else {
    simd::kernels().cross(a.padded, a.columns, b.columns, scratch.scaled(a, w), b.values,
                          a.ld, g, ldg);
  }
}

/// g += A' s
inline void add_score(const Panel& a, const double* s, double* g) {
  if (!a.is_local()) {
    simd::kernels().multiply_t(a.padded, a.columns, a.values, a.ld, s, g);
    return;
  }
  if (a.is_quad()) return simd::quad_kernels().score(a.quads(), s, g);
  for (Index i = 0; i < a.rows; ++i) {
    for (int j = 0; j < a.width; ++j) g[a.first[i] + j] += a.value(j, i) * s[i];
  }
}

}  // namespace gamut

#endif  // GAMUT_TERM_CROSS_HPP
