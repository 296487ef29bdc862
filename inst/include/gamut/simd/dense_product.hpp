// simd/dense_product.hpp - C += sign A B on packed panels.
//
// A tile of V W rows and N columns of C stays in registers and adds up k outer products
// of a column of packed A and a row of packed B. The blocks are such that a panel of B
// stays in the first-level cache and a block of A in the second. Rows and columns that
// are missing from a tile are packed as zeros. Every sum runs in one order.
// Source: Goto & van de Geijn (2008), "Anatomy of high-performance matrix
// multiplication", for the order of the loops.
#ifndef GAMUT_SIMD_DENSE_PRODUCT_HPP
#define GAMUT_SIMD_DENSE_PRODUCT_HPP

#include "kernels.hpp"

namespace gamut {
namespace simd {

/// Blocks of a product: 24 x 256 doubles of A are a tile's, 120 of 24 rows fill 240 kB.
constexpr Index kProductDepth = 256, kProductRows = 120, kProductColumns = 1024;

/// Shape of the tiles: V vectors times N columns, what 16 or 32 registers hold.
template <int W>
struct DenseTile {
  static constexpr int V = 3, N = W == 8 ? 8 : 4, R = V * W;
  /// The fewest vectors that have N rows.
  static constexpr int One = N / W;
};

inline Index round_up(Index n, Index to) { return (n + to - 1) / to * to; }

/// `total` cut into equal blocks of at most `largest`, each a multiple of `unit`.
inline Index even_blocks(Index total, Index largest, Index unit) {
  const Index blocks = (total + largest - 1) / largest;
  return round_up((total + blocks - 1) / blocks, unit);
}

struct ProductArguments {
  Index m, n, k;
  const double* a;
  Index a_row, a_column;
  const double* b;
  Index b_row, b_column;
  double* c;
  Index ldc;
  double sign;
  bool lower;    // only entries (i, j) with i >= j are wanted
  double* work;  // product_work(m, n, k) doubles on a cache line
};

inline Index product_work(Index m, Index n, Index k) {
  const Index depth = k < kProductDepth ? k : kProductDepth;
  const Index rows = m < kProductRows ? m : kProductRows;
  const Index columns = n < kProductColumns ? n : kProductColumns;
  return depth * (round_up(rows, 24) + round_up(columns, 8));
}

template <int W>
GAMUT_INLINE void copy(Index n, const double* from, double* to) {
  typedef typename Lanes<W>::Memory M;
  Index i = 0;
  for (; i + W <= n; i += W) *(M*)(to + i) = *(const M*)(from + i);
  for (int v = 0; v < W - 1; ++v) {
    if (i + v < n) to[i + v] = from[i + v];
  }
}

/// n columns of R zeros.
template <int W, int R>
GAMUT_INLINE void clear(Index n, double* to) {
  typedef typename Lanes<W>::Memory M;
  for (double* const end = to + n * R; to < end; to += R) {
#pragma GCC unroll 8
    for (int i = 0; i < R; i += W) *(M*)(to + i) = M{};
  }
}

/// to[p * pitch + i] = from[i * row + p] for T rows and T columns.
template <int T>
GAMUT_INLINE void transpose_square(const double* from, Index row, double* to,
                                   Index pitch) {
#ifdef GAMUT_SHUFFLE
  typedef typename Lanes<T>::Memory M;
  typedef typename Lanes<T>::Double D;
  const D a = (D) * (const M*)from, b = (D) * (const M*)(from + row);
  if constexpr (T == 2) {
    *(M*)to = __builtin_shufflevector(a, b, 0, 2);
    *(M*)(to + pitch) = __builtin_shufflevector(a, b, 1, 3);
  } else {
    const D c = (D) * (const M*)(from + 2 * row), d = (D) * (const M*)(from + 3 * row);
    const D ab0 = GAMUT_SHUFFLE(a, b, 0, 4, 2, 6), ab1 = GAMUT_SHUFFLE(a, b, 1, 5, 3, 7);
    const D cd0 = GAMUT_SHUFFLE(c, d, 0, 4, 2, 6), cd1 = GAMUT_SHUFFLE(c, d, 1, 5, 3, 7);
    *(M*)to = GAMUT_SHUFFLE(ab0, cd0, 0, 1, 4, 5);
    *(M*)(to + pitch) = GAMUT_SHUFFLE(ab1, cd1, 0, 1, 4, 5);
    *(M*)(to + 2 * pitch) = GAMUT_SHUFFLE(ab0, cd0, 2, 3, 6, 7);
    *(M*)(to + 3 * pitch) = GAMUT_SHUFFLE(ab1, cd1, 2, 3, 6, 7);
  }
#else
  for (int i = 0; i < T; ++i) {
    for (int p = 0; p < T; ++p) to[p * pitch + i] = from[i * row + p];
  }
#endif
}

/// to[p * pitch + i] = from[i * row + p] for i < rows, p < k.
template <int W>
GAMUT_INLINE void transpose(Index rows, Index k, const double* from, Index row,
                            double* to, Index pitch) {
  constexpr int T = W < 4 ? W : 4;
  Index i = 0;
  for (; i + T <= rows; i += T) {
    const double* block = from + i * row;
    Index p = 0;
    for (; p + T <= k; p += T) {
      transpose_square<T>(block + p, row, to + p * pitch + i, pitch);
    }
    for (; p < k; ++p) {
      for (int t = 0; t < T; ++t) to[p * pitch + i + t] = block[t * row + p];
    }
  }
  for (; i < rows; ++i) {
    for (Index p = 0; p < k; ++p) to[p * pitch + i] = from[i * row + p];
  }
}

/// to[p * R + i] = from[i * row + p * column] in panels of R rows, zeros where there
/// are fewer. One of the two strides is 1.
template <int W, int R>
GAMUT_INLINE void pack(Index rows, Index k, const double* from, Index row, Index column,
                       double* to) {
  typedef typename Lanes<W>::Memory M;
  for (; rows > 0; rows -= R, from += R * row, to += R * k) {
    const Index some = rows < R ? rows : R;
    if (some < R) clear<W, R>(k, to);
    if (row != 1) {
      transpose<W>(some, k, from, row, to, R);
    } else if (some < R) {
      for (Index p = 0; p < k; ++p) copy<W>(some, from + p * column, to + p * R);
    } else {
      for (Index p = 0; p < k; ++p) {
#pragma GCC unroll 8
        for (int i = 0; i < R; i += W) {
          *(M*)(to + p * R + i) = *(const M*)(from + p * column + i);
        }
      }
    }
  }
}

/// sum[n][v] = the tile of V vectors and N columns; `a` has R rows a column.
template <int W, int V, int N, int R>
GAMUT_INLINE void outer_products(Index k, const double* a, const double* b,
                                 typename Lanes<W>::Double (&sum)[N][V]) {
  typedef typename Lanes<W>::Double D;
#pragma GCC unroll 8
  for (int n = 0; n < N; ++n) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) sum[n][v] = D{};
  }
  for (Index p = 0; p < k; ++p, a += R, b += N) {
    D left[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) load<W>(a + v * W, left[v]);
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) {
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sum[n][v] += left[v] * b[n];
    }
  }
}

/// Where a tile of the product goes: `rows` x `columns` entries of c, of which those
/// with i + below >= j are wanted.
struct TilePlace {
  double* c;
  Index ldc, rows, columns, below;
  double sign;
};

template <int W, int V, int N, int R>
GAMUT_INLINE void product_tile(Index k, const double* a, const double* b,
                               const TilePlace& place) {
  typedef typename Lanes<W>::Memory M;
  typename Lanes<W>::Double sum[N][V];
  outer_products<W, V, N, R>(k, a, b, sum);
  if (place.rows >= V * W && place.columns == N && place.below >= N - 1) {
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) {
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) {
        *(M*)(place.c + n * place.ldc + v * W) += sum[n][v] * place.sign;
      }
    }
    return;
  }
  double part[N * V * W];
#pragma GCC unroll 8
  for (int n = 0; n < N; ++n) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store<W>(sum[n][v], part + (n * V + v) * W);
  }
  for (Index j = 0; j < place.columns; ++j) {
    const Index first = j > place.below ? j - place.below : 0;
    for (Index i = first; i < place.rows && i < V * W; ++i) {
      place.c[j * place.ldc + i] += part[j * V * W + i] * place.sign;
    }
  }
}

/// Packed rows times packed columns. Row 0 is `below` rows under the diagonal of
/// column 0; tiles wholly above it are left out.
template <int W>
GAMUT_INLINE void product_block(Index m, Index n, Index k, const double* a,
                                const double* b, const ProductArguments& g, double* c,
                                Index below) {
  constexpr int V = DenseTile<W>::V, N = DenseTile<W>::N, R = DenseTile<W>::R;
  for (Index j = 0; j < n; j += N) {
    const Index columns = n - j < N ? n - j : N;
    for (Index i = 0; i < m; i += R) {
      const Index rows = m - i < R ? m - i : R;
      const Index under = g.lower ? below + i - j : N;
      if (under + rows <= 0) continue;
      const TilePlace place = {c + j * g.ldc + i, g.ldc, rows, columns, under, g.sign};
      const double *left = a + i * k, *right = b + j * k;
      if (rows > 2 * W) {
        product_tile<W, V, N, R>(k, left, right, place);
      } else if (rows > W) {
        product_tile<W, 2, N, R>(k, left, right, place);
      } else {
        product_tile<W, 1, N, R>(k, left, right, place);
      }
    }
  }
}

template <int W>
GAMUT_INLINE void product_kernel(const ProductArguments& g) {
  constexpr int N = DenseTile<W>::N, R = DenseTile<W>::R;
  if (g.m == 0 || g.n == 0 || g.k == 0) return;
  const Index depth = even_blocks(g.k, kProductDepth, 1);
  const Index height = even_blocks(g.m, kProductRows, R);
  const Index width = even_blocks(g.n, kProductColumns, N);
  double* const left = g.work + depth * width;
  for (Index j = 0; j < g.n; j += width) {
    const Index columns = g.n - j < width ? g.n - j : width;
    for (Index p = 0; p < g.k; p += depth) {
      const Index k = g.k - p < depth ? g.k - p : depth;
      pack<W, N>(columns, k, g.b + j * g.b_column + p * g.b_row, g.b_column, g.b_row,
                 g.work);
      for (Index i = g.lower ? j : 0; i < g.m; i += height) {
        const Index rows = g.m - i < height ? g.m - i : height;
        pack<W, R>(rows, k, g.a + i * g.a_row + p * g.a_column, g.a_row, g.a_column,
                   left);
        product_block<W>(rows, columns, k, left, g.work, g, g.c + j * g.ldc + i, i - j);
      }
    }
  }
}

}  // namespace simd
}  // namespace gamut

#endif  // GAMUT_SIMD_DENSE_PRODUCT_HPP
