// term/cross.hpp - weighted cross-products of two panels of the same tile.
//
// add_gram    G += A' diag(w) A    lower triangle
// add_cross   G += A' diag(w) B    A below B in the triangle
// with G column-major at distance ldg. Dense by dense runs on the kernels; whatever
// has a local panel in it adds rows to the columns of the levels; two local panels
// meet entry by entry. The kind of panel is asked here and nowhere else.
#ifndef GAMUT_TERM_CROSS_HPP
#define GAMUT_TERM_CROSS_HPP

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

/// Rows of four non-zeros, as those of cubic splines, with the loops known in advance.
template <int Width>
inline void add_local_rows(const Panel& a, const Panel& b, const double* w, double* g,
                           Index ldg) {
  const double *left = a.values, *right = b.values;
  for (Index i = 0; i < a.rows; ++i) {
    double* block = g + a.first[i] + b.first[i] * ldg;
    double own[4];
    for (int j = 0; j < 4; ++j) own[j] = left[j * a.ld + i];
    for (int l = 0; l < Width; ++l) {
      const double scaled = w[i] * (right ? right[l * b.ld + i] : 1.0);
      double* column = block + l * ldg;
      for (int j = 0; j < 4; ++j) column[j] += scaled * own[j];
    }
  }
}

inline void add_local_gram(const Panel& a, const double* w, double* g, Index ldg) {
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

inline void add_local_cross(const Panel& a, const Panel& b, const double* w, double* g,
                            Index ldg) {
  if (a.width == 4 && a.values && b.width == 4) {
    return add_local_rows<4>(a, b, w, g, ldg);
  }
  if (a.width == 4 && a.values && b.width == 1) {
    return add_local_rows<1>(a, b, w, g, ldg);
  }
  for (Index i = 0; i < a.rows; ++i) {
    double* block = g + a.first[i] + b.first[i] * ldg;
    for (int l = 0; l < b.width; ++l) {
      const double scaled = w[i] * b.value(l, i);
      for (int j = 0; j < a.width; ++j) block[j + l * ldg] += scaled * a.value(j, i);
    }
  }
}

/// The rows of dense A, weighted, added to the columns that b's non-zeros name.
inline void add_scattered(const Panel& a, const Panel& b, const double* w, Index stride,
                          Index shift, double* g, Index ldg, CrossScratch& scratch) {
  const double* rows = scratch.scaled_rows(a, w);
  for (int l = 0; l < b.width; ++l) {
    const double* values = b.values ? b.values + l * b.ld : nullptr;
    simd::kernels().scatter(a.rows, a.columns, rows,
                            scratch.targets(b, stride, shift + l), values, g, ldg);
  }
}

inline void add_cross(const Panel& a, const Panel& b, const double* w, double* g,
                      Index ldg, CrossScratch& scratch) {
  if (a.is_local() && b.is_local()) {
    add_local_cross(a, b, w, g, ldg);
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
  for (Index i = 0; i < a.rows; ++i) {
    for (int j = 0; j < a.width; ++j) g[a.first[i] + j] += a.value(j, i) * s[i];
  }
}

}  // namespace gamut

#endif  // GAMUT_TERM_CROSS_HPP
