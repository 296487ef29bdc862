// system/dense.hpp - factors, inverses and products of dense matrices.
//
// Most installations of R have a BLAS without vector instructions, and Eigen uses those
// for which the package was compiled: SSE2. These choose theirs at run time. Triangles
// are halved until they fit simd/dense_triangle.hpp; all else is products:
//   [ A11     ]   L11 = chol(A11),  L21 = A21 L11^-T,  L22 = chol(A22 - L21 L21')
//   [ A21 A22 ]
//   L^-1 = [ L11^-1                    ]      (L L')^-1 = sum over blocks of rows of
//          [ -L22^-1 L21 L11^-1 L22^-1 ]                  W = L^-1 of W_i' W_i
// Halving makes the products as deep as can be. All of it runs in the calling thread.
// `kernels` is there for tests, which want the narrow ones too.
// Source: Golub & Van Loan (2013) Matrix Computations, sections 3.1.8 and 4.2.
#ifndef GAMUT_SYSTEM_DENSE_HPP
#define GAMUT_SYSTEM_DENSE_HPP

#include <algorithm>

#include "../aligned_buffer.hpp"
#include "../simd/dense_kernels.hpp"

namespace gamut {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

namespace dense {

using Square = Eigen::Ref<Matrix>;
using Constant = Eigen::Ref<const Matrix>;
using ConstantRows = Eigen::Ref<const RowMatrix>;
using Kernels = simd::DenseKernels;

/// A matrix to read: entry (i, j) at i * row + j * column.
struct View {
  const double* data;
  Index row, column;
  View transposed() const { return {data, column, row}; }
};

inline View view(const Constant& a) { return {a.data(), 1, a.outerStride()}; }
inline View view(const ConstantRows& a) { return {a.data(), a.outerStride(), 1}; }

/// A matrix to write, by columns.
struct Target {
  double* data;
  Index ld;
  Target at(Index i, Index j) const { return {data + i + j * ld, ld}; }
  operator View() const { return {data, 1, ld}; }
};

inline Target target(Square a) { return {a.data(), a.outerStride()}; }

/// L X = B, L' X = B, X L' = B, X L = B.
enum class Side { left, left_transposed, right_transposed, right };

class Blocks {
 public:
  explicit Blocks(const Kernels& kernels) : kernels_(kernels) {}

  /// c += sign a b
  void product(Index m, Index n, Index k, View a, View b, Target c, double sign,
               bool lower = false) {
    double* work = buffer_.reserve(simd::product_work(m, n, k));
    kernels_.product({m, n, k, a.data, a.row, a.column, b.data, b.row, b.column, c.data,
                      c.ld, sign, lower, work});
  }

  bool factor(Index n, Target a) {
    if (n <= simd::kDenseBlock) return kernels_.factor({n, a.data, a.ld});
    const Index k = half(n);
    if (!factor(k, a)) return false;
    const Target below = a.at(k, 0), rest = a.at(k, k);
    solve(k, n - k, a, below, Side::right_transposed);
    product(n - k, n - k, k, below, View(below).transposed(), rest, -1, true);
    return factor(n - k, rest);
  }

  /// One of the four systems with L of order n and m right sides, in place.
  void solve(Index n, Index m, View l, Target x, Side side) {
    if (n <= simd::kDenseBlock) return solve_block(n, m, l, x, side);
    const bool left = side == Side::left || side == Side::left_transposed;
    const Index k = half(n), rest = n - k;
    const View l21 = {l.data + k, 1, l.column};
    const View l22 = {l21.data + k * l.column, 1, l.column};
    const Target second = left ? x.at(k, 0) : x.at(0, k);
    const bool forward = side == Side::left || side == Side::right_transposed;
    if (forward) solve(k, m, l, x, side);
    if (!forward) solve(rest, m, l22, second, side);
    if (side == Side::left) product(rest, m, k, l21, x, second, -1);
    if (side == Side::left_transposed) {
      product(k, m, rest, l21.transposed(), second, x, -1);
    }
    if (side == Side::right_transposed) {
      product(m, rest, k, x, l21.transposed(), second, -1);
    }
    if (side == Side::right) product(m, k, rest, second, l21, x, -1);
    if (forward) solve(rest, m, l22, second, side);
    if (!forward) solve(k, m, l, x, side);
  }

  void invert(Index n, Target l) {
    if (n <= simd::kDenseBlock) return kernels_.invert({n, l.data, l.ld});
    const Index k = half(n);
    const Target below = l.at(k, 0), rest = l.at(k, k);
    solve(n - k, k, rest, below, Side::left);
    solve(k, n - k, l, below, Side::right);
    for (Index j = 0; j < k; ++j) {
      for (Index i = 0; i < n - k; ++i) below.data[j * l.ld + i] *= -1;
    }
    invert(k, l);
    invert(n - k, rest);
  }

 private:
  /// About half of n, such that tiles of every width come out even.
  static Index half(Index n) { return simd::round_up(n / 2, n > 256 ? 24 : 8); }

  void solve_block(Index n, Index m, View l, Target x, Side side) {
    const bool left = side == Side::left || side == Side::left_transposed;
    const Index along = left ? 1 : x.ld, across = left ? x.ld : 1;
    if (side == Side::left || side == Side::right_transposed) {
      return kernels_.solve({n, m, l.data, 1, l.column, x.data, along, across});
    }
    // Counted from the end, L' is a lower triangle.
    const double* last = l.data + (n - 1) * (1 + l.column);
    double* end = x.data + (n - 1) * along;
    kernels_.solve({n, m, last, -l.column, -1, end, -along, across});
  }

  const Kernels& kernels_;
  AlignedBuffer buffer_;
};

inline void clear_upper(Square a) {
  for (Index j = 1; j < a.cols(); ++j) a.col(j).head(j).setZero();
}

/// The upper triangle from the lower one, in squares that fit the first-level cache.
inline void mirror(Target a, Index n) {
  const Index step = 32;
  for (Index j = 0; j < n; j += step) {
    const Index end = std::min(n, j + step);
    for (Index q = j; q < end; ++q) {
      for (Index p = q + 1; p < end; ++p) *a.at(q, p).data = *a.at(p, q).data;
    }
    for (Index i = end; i < n; i += step) {
      simd::transpose<2>(end - j, std::min(step, n - i), a.at(i, j).data, a.ld,
                         a.at(j, i).data, a.ld);
    }
  }
}

/// a = L L': L in the lower triangle, zeros above. Only the lower triangle is read.
/// False, with `a` spoilt, where a pivot is not a positive finite number.
inline bool cholesky(Square a, const Kernels& kernels = simd::dense_kernels()) {
  if (!Blocks(kernels).factor(a.rows(), target(a))) return false;
  clear_upper(a);
  return true;
}

/// b <- L^-1 b, made for several right sides: a single one costs as much as four.
inline void solve_lower(const Constant& l, Square b,
                        const Kernels& kernels = simd::dense_kernels()) {
  Blocks(kernels).solve(l.rows(), b.cols(), view(l), target(b), Side::left);
}

/// b <- L'^-1 b
inline void solve_lower_transposed(const Constant& l, Square b,
                                   const Kernels& kernels = simd::dense_kernels()) {
  Blocks(kernels).solve(l.rows(), b.cols(), view(l), target(b), Side::left_transposed);
}

/// l <- L^-1, zeros above.
inline void invert_lower(Square l, const Kernels& kernels = simd::dense_kernels()) {
  Blocks(kernels).invert(l.rows(), target(l));
  clear_upper(l);
}

/// (L L')^-1, both triangles. W = L^-1 has zeros on the right of its diagonal: a block of
/// rows acts on as many columns as it has.
inline Matrix cholesky_inverse(const Constant& l,
                               const Kernels& kernels = simd::dense_kernels()) {
  const Index n = l.rows(), step = n <= 256 ? 32 : 96;
  Matrix root(n, n), out = Matrix::Zero(n, n);
  for (Index j = 0; j < n; ++j) {
    root.col(j).head(j).setZero();
    root.col(j).tail(n - j) = l.col(j).tail(n - j);
  }
  Blocks blocks(kernels);
  blocks.invert(n, target(root));
  for (Index i = 0; i < n; i += step) {
    const Index rows = std::min(step, n - i);
    const View block = {root.data() + i, 1, n};
    blocks.product(i + rows, i + rows, rows, block.transposed(), block, target(out), 1,
                   true);
  }
  mirror(target(out), n);
  return out;
}

/// Below this sum of three sizes packing takes longer than the product.
constexpr Index kFewEntries = 24;

/// Lower triangle of c -= a' a.
inline void subtract_gram(Square c, const ConstantRows& a,
                          const Kernels& kernels = simd::dense_kernels()) {
  const Index n = a.cols(), k = a.rows();
  const View right = view(a);
  Blocks(kernels).product(n, n, k, right.transposed(), right, target(c), -1, true);
}

/// The transpose of a b, from the rows of a.
inline void multiply_rows(const ConstantRows& a, const Constant& b, Matrix& c,
                          const Kernels& kernels = simd::dense_kernels()) {
  c.setZero(b.cols(), a.rows());
  Blocks(kernels).product(b.cols(), a.rows(), a.cols(), view(b).transposed(),
                          view(a).transposed(), target(c), 1);
}

/// c = a b; c is neither of them.
inline void multiply(const Constant& a, const Constant& b, Matrix& c,
                     const Kernels& kernels = simd::dense_kernels()) {
  const Index m = a.rows(), n = b.cols(), k = a.cols();
  if (m + n + k < kFewEntries) {
    c = a.lazyProduct(b);
    return;
  }
  c.setZero(m, n);
  Blocks(kernels).product(m, n, k, view(a), view(b), target(c), 1);
}

/// c = a' b; c is neither of them.
inline void multiply_transposed(const Constant& a, const Constant& b, Matrix& c,
                                const Kernels& kernels = simd::dense_kernels()) {
  const Index m = a.cols(), n = b.cols(), k = a.rows();
  if (m + n + k < kFewEntries) {
    c = a.transpose().lazyProduct(b);
    return;
  }
  c.setZero(m, n);
  Blocks(kernels).product(m, n, k, view(a).transposed(), view(b), target(c), 1);
}

}  // namespace dense
}  // namespace gamut

#endif  // GAMUT_SYSTEM_DENSE_HPP
