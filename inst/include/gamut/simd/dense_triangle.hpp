// simd/dense_triangle.hpp - factor, solve and invert triangles of small order.
//
//   factor   A = L L'
//   solve    X <- L^-1 X for many right sides, any strides
//   invert   L <- L^-1
// all of order up to kDenseBlock; system/dense.hpp puts larger ones together. One tile
// in registers serves them all: V W rows and N columns of X in X L' = B,
//   X_j <- (X_j - sum_{p<j} X_p L_jp') L_jj^-T,
// which reads N neighbours in a column of L for each earlier column of X and then
// divides by its own triangle. L X = B is the same with X transposed, and a system in L'
// is one in L with rows and columns counted from the end: strides say which.
// Source: Golub & Van Loan (2013) Matrix Computations, sections 3.1 and 4.2.
#ifndef GAMUT_SIMD_DENSE_TRIANGLE_HPP
#define GAMUT_SIMD_DENSE_TRIANGLE_HPP

#include "dense_product.hpp"

namespace gamut {
namespace simd {

/// Largest order of a triangle that is worked on in one piece.
constexpr Index kDenseBlock = 64;
/// tile -= sum over k columns x_p of X times the entries of column p of l.
template <int W, int V, int N>
GAMUT_INLINE void subtract_solved(Index k, const double* x, Index ldx, const double* l,
                                  Index ldl, typename Lanes<W>::Double (&tile)[N][V]) {
  typedef typename Lanes<W>::Double D;
  for (Index p = 0; p < k; ++p, x += ldx, l += ldl) {
    D left[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) load<W>(x + v * W, left[v]);
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) {
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) tile[n][v] -= left[v] * l[n];
    }
  }
}

/// tile <- tile T^-T, T the N x N triangle at l, with the inverse of its diagonal.
template <int W, int V, int N>
GAMUT_INLINE void solve_tile(const double* l, Index ldl, const double* inverse,
                             typename Lanes<W>::Double (&tile)[N][V]) {
#pragma GCC unroll 8
  for (int n = 0; n < N; ++n) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) tile[n][v] *= inverse[n];
#pragma GCC unroll 8
    for (int q = n + 1; q < N; ++q) {
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) tile[q][v] -= tile[n][v] * l[n * ldl + q];
    }
  }
}

/// Columns k .. k + N - 1 of V W rows of X: less what the columns before them carry and,
/// if `Solve`, divided by their own triangle. Row 0 of l is row k of the factor.
template <int W, int V, int N, bool Solve>
GAMUT_INLINE void next_columns(Index k, double* x, Index ldx, const double* l, Index ldl,
                               const double* inverse) {
  typename Lanes<W>::Double tile[N][V];
  double* const to = x + k * ldx;
#pragma GCC unroll 8
  for (int n = 0; n < N; ++n) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) load<W>(to + n * ldx + v * W, tile[n][v]);
  }
  subtract_solved<W, V, N>(k, x, ldx, l, ldl, tile);
  if (Solve) solve_tile<W, V, N>(l + k * ldl, ldl, inverse + k, tile);
#pragma GCC unroll 8
  for (int n = 0; n < N; ++n) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store<W>(tile[n][v], to + n * ldx + v * W);
  }
}

struct SolveArguments {
  Index n, m;       // order, right sides
  const double* l;  // entry (i, j) at i * l_row + j * l_column
  Index l_row, l_column;
  double* x;  // entry i of right side r at i * x_along + r * x_across, one of them +-1
  Index x_along, x_across;
};

/// A triangle of order n in columns of kDenseBlock, filled up by the identity to a
/// multiple of N, and the inverse of its diagonal. Returns the order then.
template <int N>
GAMUT_INLINE Index copy_triangle(const SolveArguments& s, double* to, double* inverse) {
  const Index order = round_up(s.n, N);
  for (Index j = 0; j < s.n; ++j) {
    const double* from = s.l + j * s.l_column;
    double* column = to + j * kDenseBlock;
    for (Index i = j; i < s.n; ++i) column[i] = from[i * s.l_row];
    for (Index i = s.n; i < order; ++i) column[i] = 0;
    inverse[j] = 1 / column[j];
  }
  for (Index j = s.n; j < order; ++j) {
    for (Index i = j; i < order; ++i) to[j * kDenseBlock + i] = i == j;
    inverse[j] = 1;
  }
  return order;
}

/// strip[i * R + r] = entry i of right side r, zeros up to R and to `order`.
template <int W, int R>
GAMUT_INLINE void gather(const SolveArguments& s, const double* x, Index width,
                         Index order, double* strip) {
  if (width < R) clear<W, R>(s.n, strip);
  clear<W, R>(order - s.n, strip + s.n * R);
  const Index end = s.n - 1;
  if (s.x_across == 1) {
    for (Index i = 0; i < s.n; ++i) copy<W>(width, x + i * s.x_along, strip + i * R);
  } else if (s.x_along == 1) {
    transpose<W>(width, s.n, x, s.x_across, strip, R);
  } else {
    transpose<W>(width, s.n, x - end, s.x_across, strip + end * R, -R);
  }
}

template <int W, int R>
GAMUT_INLINE void scatter_back(const SolveArguments& s, const double* strip, Index width,
                               double* x) {
  const Index end = s.n - 1;
  if (s.x_across == 1) {
    for (Index i = 0; i < s.n; ++i) copy<W>(width, strip + i * R, x + i * s.x_along);
  } else if (s.x_along == 1) {
    transpose<W>(s.n, width, strip, R, x, s.x_across);
  } else {
    transpose<W>(s.n, width, strip + end * R, -R, x - end, s.x_across);
  }
}

/// V W right sides at a time from `first`, as long as that many are left or, if `rest`,
/// until none is. Returns the first that is not done.
template <int W, int V>
GAMUT_INLINE Index solve_strips(const SolveArguments& s, Index first, bool rest,
                                Index order, const double* triangle,
                                const double* inverse, double* strip) {
  constexpr int N = DenseTile<W>::N, R = V * W;
  for (; first < s.m && (rest || first + R <= s.m); first += R) {
    const Index width = s.m - first < R ? s.m - first : R;
    gather<W, R>(s, s.x + first * s.x_across, width, order, strip);
    for (Index j = 0; j < order; j += N) {
      next_columns<W, V, N, true>(j, strip, R, triangle + j, kDenseBlock, inverse);
    }
    scatter_back<W, R>(s, strip, width, s.x + first * s.x_across);
  }
  return first;
}

/// X <- L^-1 X.
template <int W>
GAMUT_INLINE void solve_kernel(const SolveArguments& s) {
  constexpr int V = DenseTile<W>::V, N = DenseTile<W>::N;
  alignas(64) double triangle[kDenseBlock * kDenseBlock], strip[kDenseBlock * V * W];
  double inverse[kDenseBlock];
  const Index order = copy_triangle<N>(s, triangle, inverse);
  const Index done = solve_strips<W, V>(s, 0, false, order, triangle, inverse, strip);
  solve_strips<W, 1>(s, done, true, order, triangle, inverse, strip);
}

struct TriangleArguments {
  Index n;
  double* a;  // the lower triangle of columns at distance lda; nothing else is touched
  Index lda;
};

/// L <- L^-1: the columns of the identity are right sides that begin at their own row.
template <int W>
GAMUT_INLINE void invert_kernel(const TriangleArguments& t) {
  constexpr int N = DenseTile<W>::N, R = DenseTile<W>::One * W;
  alignas(64) double triangle[kDenseBlock * kDenseBlock], strip[kDenseBlock * R];
  double inverse[kDenseBlock];
  const SolveArguments s = {t.n, t.n, t.a, 1, t.lda, t.a, 1, t.lda};
  const Index order = copy_triangle<N>(s, triangle, inverse);
  for (Index first = 0; first < t.n; first += R) {
    const double* part = triangle + first * kDenseBlock + first;
    clear<W, R>(order - first, strip);
    for (Index r = 0; r < R; ++r) strip[r * R + r] = 1;
    for (Index j = 0; j < order - first; j += N) {
      next_columns<W, DenseTile<W>::One, N, true>(j, strip, R, part + j, kDenseBlock,
                                                  inverse + first);
    }
    for (Index r = 0; r < R && first + r < t.n; ++r) {
      double* column = t.a + (first + r) * t.lda;
      for (Index i = first + r; i < t.n; ++i) column[i] = strip[(i - first) * R + r];
    }
  }
}

GAMUT_INLINE bool good_pivot(double pivot) {
  return pivot > 0 && pivot <= 1.7976931348623157e308;  // NaN is neither
}

/// A few columns, one entry at a time. The next pivot waits for a_qj / pivot alone and
/// not for the square root, which is slow.
GAMUT_INLINE bool factor_small(const TriangleArguments& t) {
  for (Index j = 0; j < t.n; ++j) {
    double* const column = t.a + j * t.lda;
    const double pivot = column[j];
    if (!good_pivot(pivot)) return false;
    for (Index q = j + 1; q < t.n; ++q) {
      const double ratio = column[q] / pivot;
      double* const to = t.a + q * t.lda;
      for (Index i = q; i < t.n; ++i) to[i] -= column[i] * ratio;
    }
    const double root = __builtin_sqrt(pivot), inverse = 1 / root;
    column[j] = root;
    for (Index i = j + 1; i < t.n; ++i) column[i] *= inverse;
  }
  return true;
}

/// N x N triangle by columns, and the inverse of its diagonal; spoils what is above.
template <int W>
GAMUT_INLINE bool factor_corner(double* a, Index lda, double* inverse) {
  typedef typename Lanes<W>::Double D;
  constexpr int N = DenseTile<W>::N, V = DenseTile<W>::One;
  D tile[N][V];
#pragma GCC unroll 8
  for (int j = 0; j < N; ++j) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) load<W>(a + j * lda + v * W, tile[j][v]);
  }
#pragma GCC unroll 8
  for (int j = 0; j < N; ++j) {
    const double pivot = tile[j][j / W][j % W];
    if (!good_pivot(pivot)) return false;
    D ratio[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) ratio[v] = tile[j][v] / pivot;
#pragma GCC unroll 8
    for (int q = j + 1; q < N; ++q) {
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) tile[q][v] -= tile[j][v] * ratio[q / W][q % W];
    }
    const double root = __builtin_sqrt(pivot);
    inverse[j] = 1 / root;
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store<W>(tile[j][v] * inverse[j], a + j * lda + v * W);
    a[j * lda + j] = root;
  }
  return true;
}

/// A padded triangle, N columns at a time: all earlier columns act on them, their corner
/// is factored, the rows below are divided by it.
template <int W>
GAMUT_INLINE bool factor_columns(Index order, double* a, Index lda) {
  constexpr int V = DenseTile<W>::V, N = DenseTile<W>::N, One = DenseTile<W>::One;
  double inverse[kDenseBlock];
  for (Index j = 0; j < order; j += N) {
    next_columns<W, One, N, false>(j, a + j, lda, a + j, lda, inverse);
    if (!factor_corner<W>(a + j * lda + j, lda, inverse + j)) return false;
    Index i = j + N;
    for (; i + V * W <= order; i += V * W) {
      next_columns<W, V, N, true>(j, a + i, lda, a + j, lda, inverse);
    }
    for (; i < order; i += N) {
      next_columns<W, One, N, true>(j, a + i, lda, a + j, lda, inverse);
    }
  }
  return true;
}

/// A = L L'; false where a pivot is not a positive finite number.
template <int W>
GAMUT_INLINE bool factor_kernel(const TriangleArguments& t) {
  if (t.n <= 16) return factor_small(t);
  constexpr int N = DenseTile<W>::N;
  constexpr Index lda = kDenseBlock + 8;  // columns at powers of two share cache sets
  alignas(64) double a[kDenseBlock * lda];
  const Index order = round_up(t.n, N);
  for (Index j = 0; j < order; ++j) {
    double* column = a + j * lda;
    for (Index i = j / N * N; i < j; ++i) column[i] = 0;
    if (j < t.n) copy<W>(t.n - j, t.a + j * t.lda + j, column + j);
    for (Index i = j < t.n ? t.n : j; i < order; ++i) column[i] = i == j;
  }
  if (!factor_columns<W>(order, a, lda)) return false;
  for (Index j = 0; j < t.n; ++j) {
    copy<W>(t.n - j, a + j * lda + j, t.a + j * t.lda + j);
  }
  return true;
}

}  // namespace simd
}  // namespace gamut

#endif  // GAMUT_SIMD_DENSE_TRIANGLE_HPP
