// simd/kernels.hpp - the loops that dominate a pass over the rows.
//
// All of them work on a packed tile: columns of `rows` doubles, one after the
// other at distance `ld`, where `rows` is a multiple of 8 (the packer pads with
// zeros), so no loop has a remainder.
//   shift           y = x - c        (any alignment, any length)
//   scale_columns   Y = diag(w) X
//   scale_rows      the same, stored row after row
//   gram            G += Y' X     lower triangle of a symmetric p x p product
//   cross           G += Y' X     p x q
//   multiply        eta += X c
//   multiply_t      g += X' s
// and one for factors: scatter adds row i of a row-major tile to the row of G that
// the level of i owns.
// The loops are templates on the vector width, inlined into functions compiled for
// SSE2, AVX2+FMA and AVX-512 by target attributes; the widest one that the
// processor offers is chosen once. Elsewhere the two-wide version is plain C++.
#ifndef GAMUT_SIMD_KERNELS_HPP
#define GAMUT_SIMD_KERNELS_HPP

#include "lanes.hpp"

namespace gamut {
namespace simd {

template <int W>
GAMUT_INLINE void shift(Index rows, const double* x, double c, double* y) {
  typedef typename Lanes<W>::Memory V;
  Index i = 0;
  for (; i + W <= rows; i += W) *(V*)(y + i) = *(const V*)(x + i) - c;
  for (; i < rows; ++i) y[i] = x[i] - c;
}

template <int W>
GAMUT_INLINE void scale_columns(Index rows, Index p, const double* x, Index ld,
                                const double* w, double* y) {
  typedef typename Lanes<W>::Memory V;
  for (Index j = 0; j < p; ++j) {
    for (Index i = 0; i < rows; i += W) {
      *(V*)(y + j * ld + i) = *(const V*)(x + j * ld + i) * *(const V*)(w + i);
    }
  }
}

/// Column j of W scaled rows, entry by entry.
template <int W>
GAMUT_INLINE void scale_rows_column(Index p, const double* x, const double* w,
                                    double* to) {
  typedef typename Lanes<W>::Memory V;
  const V scaled = *(const V*)x * *(const V*)w;
#pragma GCC unroll 4
  for (int r = 0; r < W; ++r) to[r * p] = scaled[r];
}

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define GAMUT_SHUFFLE(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#endif
#endif

/// Four columns of four scaled rows, transposed in registers. Returns how many columns
/// it has done.
template <int W>
GAMUT_INLINE Index scale_rows_blocks(Index p, const double* x, Index ld, const double* w,
                                     double* to) {
#ifdef GAMUT_SHUFFLE
  if (W != 4) return 0;
  typedef Lanes<4>::Memory M;
  typedef Lanes<4>::Double V;
  const V weight = *(const M*)w;
  Index j = 0;
  for (; j + 4 <= p; j += 4) {
    const double* from = x + j * ld;
    const V a = (V) * (const M*)from * weight, b = (V) * (const M*)(from + ld) * weight;
    const V c = (V) * (const M*)(from + 2 * ld) * weight;
    const V d = (V) * (const M*)(from + 3 * ld) * weight;
    const V ab0 = GAMUT_SHUFFLE(a, b, 0, 4, 2, 6), ab1 = GAMUT_SHUFFLE(a, b, 1, 5, 3, 7);
    const V cd0 = GAMUT_SHUFFLE(c, d, 0, 4, 2, 6), cd1 = GAMUT_SHUFFLE(c, d, 1, 5, 3, 7);
    *(M*)(to + j) = GAMUT_SHUFFLE(ab0, cd0, 0, 1, 4, 5);
    *(M*)(to + p + j) = GAMUT_SHUFFLE(ab1, cd1, 0, 1, 4, 5);
    *(M*)(to + 2 * p + j) = GAMUT_SHUFFLE(ab0, cd0, 2, 3, 6, 7);
    *(M*)(to + 3 * p + j) = GAMUT_SHUFFLE(ab1, cd1, 2, 3, 6, 7);
  }
  return j;
#else
  (void)p, (void)x, (void)ld, (void)w, (void)to;
  return 0;
#endif
}

/// A few rows at a time, so that what is written stays in the first-level cache.
template <int W>
GAMUT_INLINE void scale_rows(Index rows, Index p, const double* x, Index ld,
                             const double* w, double* y) {
  for (Index i = 0; i < rows; i += W) {
    double* to = y + i * p;
    for (Index j = scale_rows_blocks<W>(p, x + i, ld, w + i, to); j < p; ++j) {
      scale_rows_column<W>(p, x + j * ld + i, w + i, to + j);
    }
  }
}

/// M x N inner products of the columns a_0.. and b_0.., added to g[m + n * ldg].
/// With `lower`, only entries whose row is not above their column are added,
/// where the block starts at `shift` rows below the diagonal.
template <int W, int M, int N>
GAMUT_INLINE void inner_block(Index rows, const double* a, const double* b, Index ld,
                              double* g, Index ldg, bool lower, Index shift) {
  typedef typename Lanes<W>::Memory V;
  V sum[M][N];
#pragma GCC unroll 4
  for (int m = 0; m < M; ++m) {
#pragma GCC unroll 4
    for (int n = 0; n < N; ++n) sum[m][n] = V{};
  }
  for (Index i = 0; i < rows; i += W) {
    V left[M];
#pragma GCC unroll 4
    for (int m = 0; m < M; ++m) left[m] = *(const V*)(a + m * ld + i);
#pragma GCC unroll 4
    for (int n = 0; n < N; ++n) {
      const V right = *(const V*)(b + n * ld + i);
#pragma GCC unroll 4
      for (int m = 0; m < M; ++m) sum[m][n] += left[m] * right;
    }
  }
#pragma GCC unroll 4
  for (int n = 0; n < N; ++n) {
#pragma GCC unroll 4
    for (int m = 0; m < M; ++m) {
      if (lower && m + shift < n) continue;
      double total = 0;
#pragma GCC unroll 8
      for (int v = 0; v < W; ++v) total += sum[m][n][v];
      g[m + n * ldg] += total;
    }
  }
}

/// The rows of G that are left when fewer than M columns remain.
template <int W, int N>
GAMUT_INLINE void inner_edge(Index rows, Index m, const double* a, const double* b,
                             Index ld, double* g, Index ldg, bool lower, Index shift) {
  for (Index i = 0; i < m; ++i) {
    inner_block<W, 1, N>(rows, a + i * ld, b, ld, g + i, ldg, lower, shift + i);
  }
}

/// One panel of N columns of G: rows from `first` to p, four at a time.
template <int W, int N>
GAMUT_INLINE void inner_panel(Index rows, Index first, Index p, const double* a,
                              const double* b, Index ld, double* g, Index ldg,
                              bool lower) {
  Index i = first;
  for (; i + 4 <= p; i += 4) {
    inner_block<W, 4, N>(rows, a + i * ld, b, ld, g + i, ldg, lower && i < first + N,
                         i - first);
  }
  inner_edge<W, N>(rows, p - i, a + i * ld, b, ld, g + i, ldg, lower, i - first);
}

template <int W, int N>
GAMUT_INLINE void gram(Index rows, Index p, const double* y, const double* x, Index ld,
                       double* g, Index ldg) {
  Index j = 0;
  for (; j + N <= p; j += N) {
    inner_panel<W, N>(rows, j, p, y, x + j * ld, ld, g + j * ldg, ldg, true);
  }
  for (; j < p; ++j) {
    inner_panel<W, 1>(rows, j, p, y, x + j * ld, ld, g + j * ldg, ldg, true);
  }
}

template <int W, int N>
GAMUT_INLINE void cross(Index rows, Index p, Index q, const double* y, const double* x,
                        Index ld, double* g, Index ldg) {
  Index j = 0;
  for (; j + N <= q; j += N) {
    inner_panel<W, N>(rows, 0, p, y, x + j * ld, ld, g + j * ldg, ldg, false);
  }
  for (; j < q; ++j) {
    inner_panel<W, 1>(rows, 0, p, y, x + j * ld, ld, g + j * ldg, ldg, false);
  }
}

template <int W>
GAMUT_INLINE void multiply(Index rows, Index p, const double* x, Index ld,
                           const double* c, double* eta) {
  typedef typename Lanes<W>::Memory V;
  Index j = 0;
  for (; j + 4 <= p; j += 4) {
    const double *x0 = x + j * ld, *x1 = x0 + ld, *x2 = x1 + ld, *x3 = x2 + ld;
    const double c0 = c[j], c1 = c[j + 1], c2 = c[j + 2], c3 = c[j + 3];
    for (Index i = 0; i < rows; i += W) {
      *(V*)(eta + i) += (*(const V*)(x0 + i) * c0 + *(const V*)(x1 + i) * c1) +
                        (*(const V*)(x2 + i) * c2 + *(const V*)(x3 + i) * c3);
    }
  }
  for (; j < p; ++j) {
    for (Index i = 0; i < rows; i += W) {
      *(V*)(eta + i) += *(const V*)(x + j * ld + i) * c[j];
    }
  }
}

template <int W>
GAMUT_INLINE void multiply_t(Index rows, Index p, const double* x, Index ld,
                             const double* s, double* g) {
  Index j = 0;
  for (; j + 4 <= p; j += 4) {
    inner_block<W, 4, 1>(rows, x + j * ld, s, ld, g + j, 0, false, 0);
  }
  inner_edge<W, 1>(rows, p - j, x + j * ld, s, ld, g + j, 0, false, 0);
}

/// g[target[i] * ldg + j] += v[i] * y[i * p + j]; v = null means 1.
template <int W>
GAMUT_INLINE void scatter(Index rows, Index p, const double* y, const Index* target,
                          const double* v, double* g, Index ldg) {
  typedef typename Lanes<W>::Memory V;
  for (Index i = 0; i < rows; ++i) {
    const double scale = v ? v[i] : 1.0;
    const double* row = y + i * p;
    double* out = g + target[i] * ldg;
    Index j = 0;
    for (; j + W <= p; j += W) *(V*)(out + j) += *(const V*)(row + j) * scale;
    for (; j < p; ++j) out[j] += row[j] * scale;
  }
}

/// One version of every loop.
struct Kernels {
  void (*shift)(Index, const double*, double, double*);
  void (*scale_columns)(Index, Index, const double*, Index, const double*, double*);
  void (*scale_rows)(Index, Index, const double*, Index, const double*, double*);
  void (*gram)(Index, Index, const double*, const double*, Index, double*, Index);
  void (*cross)(Index, Index, Index, const double*, const double*, Index, double*, Index);
  void (*multiply)(Index, Index, const double*, Index, const double*, double*);
  void (*multiply_t)(Index, Index, const double*, Index, const double*, double*);
  void (*scatter)(Index, Index, const double*, const Index*, const double*, double*,
                  Index);
};

#define GAMUT_KERNEL_SET(NAME, TARGET, W, N)                                            \
  struct NAME {                                                                         \
    TARGET static void shift_(Index r, const double* x, double c, double* y) {          \
      shift<W>(r, x, c, y);                                                             \
    }                                                                                   \
    TARGET static void scale_columns_(Index r, Index p, const double* x, Index ld,      \
                                      const double* w, double* y) {                     \
      scale_columns<W>(r, p, x, ld, w, y);                                              \
    }                                                                                   \
    TARGET static void scale_rows_(Index r, Index p, const double* x, Index ld,         \
                                   const double* w, double* y) {                        \
      scale_rows<(W < 4 ? W : 4)>(r, p, x, ld, w, y);                                   \
    }                                                                                   \
    TARGET static void gram_(Index r, Index p, const double* y, const double* x,        \
                             Index ld, double* g, Index ldg) {                          \
      gram<W, N>(r, p, y, x, ld, g, ldg);                                               \
    }                                                                                   \
    TARGET static void cross_(Index r, Index p, Index q, const double* y,               \
                              const double* x, Index ld, double* g, Index ldg) {        \
      cross<W, N>(r, p, q, y, x, ld, g, ldg);                                           \
    }                                                                                   \
    TARGET static void multiply_(Index r, Index p, const double* x, Index ld,           \
                                 const double* c, double* eta) {                        \
      multiply<W>(r, p, x, ld, c, eta);                                                 \
    }                                                                                   \
    TARGET static void multiply_t_(Index r, Index p, const double* x, Index ld,         \
                                   const double* s, double* g) {                        \
      multiply_t<W>(r, p, x, ld, s, g);                                                 \
    }                                                                                   \
    TARGET static void scatter_(Index r, Index p, const double* y, const Index* target, \
                                const double* v, double* g, Index ldg) {                \
      scatter<(W < 4 ? W : 4)>(r, p, y, target, v, g, ldg);                             \
    }                                                                                   \
    static Kernels set() {                                                              \
      return {shift_, scale_columns_, scale_rows_, gram_,                               \
              cross_, multiply_,      multiply_t_, scatter_};                           \
    }                                                                                   \
  };

GAMUT_KERNEL_SET(Baseline, , 2, 3)
#if defined(__x86_64__) && defined(__GNUC__)
GAMUT_KERNEL_SET(Avx2, __attribute__((target("avx2,fma"))), 4, 3)
GAMUT_KERNEL_SET(Avx512, __attribute__((target("avx512f,avx512dq,fma"))), 8, 4)
#endif
#undef GAMUT_KERNEL_SET

inline Kernels choose_kernels() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (level() == Level::avx512) return Avx512::set();
  if (level() == Level::avx2) return Avx2::set();
#endif
  return Baseline::set();
}

inline const Kernels& kernels() {
  static const Kernels chosen = choose_kernels();
  return chosen;
}

}  // namespace simd
}  // namespace gamut

#endif  // GAMUT_SIMD_KERNELS_HPP
