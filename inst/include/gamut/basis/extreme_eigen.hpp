// basis/extreme_eigen.hpp - the eigenvalues of largest size of a symmetric matrix.
//
// A = sum_i l_i v_i v_i', and the k of largest |l_i| with their v_i are wanted. Small
// matrices are decomposed altogether. For larger ones the method of Lanczos with blocks:
// a basis Q grows by blocks, A times the last block made orthogonal to all of Q, so that
// T = Q'A Q is block tridiagonal; eigenpairs (l, Q s) of T have the residual
//   |A Q s - l Q s| = |B s_last|,
// B the part of A times the last block outside of Q. It ends when the k largest have
// residuals of next to nothing. The block has four columns: eigenvalues that are the same
// up to four times, as those of regular grids, are all found. It starts from fixed
// numbers, and each vector gets a fixed sign, so that a result is always the same.
// Source: Golub & Van Loan (2013) Matrix Computations, 4th ed., section 10.3.
#ifndef GAMUT_BASIS_EXTREME_EIGEN_HPP
#define GAMUT_BASIS_EXTREME_EIGEN_HPP

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../types.hpp"

namespace gamut {

/// In decreasing order of the values, negative ones last.
struct Eigenpairs {
  Vector values;
  Matrix vectors;
};

/// Those of largest size; the entry of largest size of each vector becomes positive.
inline Eigenpairs largest_of(const Vector& values, const Matrix& vectors, Index count) {
  std::vector<Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Index(0));
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return std::fabs(values[a]) > std::fabs(values[b]);
  });
  order.resize(static_cast<std::size_t>(count));
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return values[a] > values[b]; });
  Eigenpairs out{Vector(count), Matrix(vectors.rows(), count)};
  for (Index j = 0; j < count; ++j) {
    const Index from = order[static_cast<std::size_t>(j)];
    Index largest = 0;
    vectors.col(from).cwiseAbs().maxCoeff(&largest);
    const double sign = vectors(largest, from) < 0 ? -1 : 1;
    out.values[j] = values[from];
    out.vectors.col(j) = sign * vectors.col(from);
  }
  return out;
}

class BlockLanczos {
 public:
  explicit BlockLanczos(const Matrix& a) : a_(a) {
    next_ = Matrix(a.rows(), kBlock);
    // A fixed sequence without pattern: parts of multiples of the golden ratio.
    for (Index i = 0; i < next_.size(); ++i) {
      const double part = std::fmod(0.6180339887498949 * static_cast<double>(i + 1), 1.0);
      next_.data()[i] = std::fmod(part * part * 977, 1.0) - 0.5;
    }
    basis_.resize(a.rows(), 0);
    orthogonalise();
  }

  Index size() const { return size_; }

  /// Lets the basis grow to a size.
  void grow(Index size) {
    const Index rounded = (size + kBlock - 1) / kBlock * kBlock;
    basis_.conservativeResize(a_.rows(), rounded);
    projected_.conservativeResize(rounded, rounded);
    while (size_ < rounded) step();
  }

  /// Have the `count` largest eigenvalues residuals below a tolerance?
  bool solve(Index count, double tolerance, Eigenpairs* out) const {
    const Eigen::SelfAdjointEigenSolver<Matrix> small(projected_);
    const Eigenpairs top = largest_of(small.eigenvalues(), small.eigenvectors(), count);
    const Matrix residual = outside_ * top.vectors.bottomRows(kBlock);
    // Below the rounding of A itself nothing is left to find.
    const Vector sizes = top.values.cwiseAbs();
    const double enough =
        std::max(tolerance * sizes.minCoeff(), 1e-15 * sizes.maxCoeff());
    if (!(residual.colwise().norm().maxCoeff() <= enough)) return false;
    const Matrix vectors = basis_ * top.vectors;
    *out = largest_of(top.values, vectors, count);
    return true;
  }

 private:
  static constexpr Index kBlock = 4;

  /// Takes the next block into the basis.
  void step() {
    basis_.middleCols(size_, kBlock) = next_;
    const Matrix image = a_ * next_;
    size_ += kBlock;
    const Matrix inside = basis_.leftCols(size_).transpose() * image;
    projected_.block(0, size_ - kBlock, size_, kBlock) = inside;
    projected_.block(size_ - kBlock, 0, kBlock, size_) = inside.transpose();
    next_ = image - basis_.leftCols(size_) * inside;
    const Matrix rest = next_;
    orthogonalise();
    outside_ = next_.transpose() * rest;
  }

  /// Twice is enough, also for columns that were next to nothing.
  void orthogonalise() {
    for (int pass = 0; pass < 3; ++pass) {
      const auto known = basis_.leftCols(size_);
      if (pass) next_ -= known * (known.transpose() * next_);
      const Eigen::HouseholderQR<Matrix> qr(next_);
      next_ = qr.householderQ() * Matrix::Identity(next_.rows(), kBlock);
    }
  }

  const Matrix& a_;
  Matrix basis_, projected_, next_, outside_;
  Index size_ = 0;
};

/// The `count` eigenvalues of largest size of a symmetric matrix.
inline Eigenpairs extreme_eigen(const Matrix& a, Index count) {
  const Index n = a.rows();
  if (count < 1 || count > n || a.cols() != n || !a.allFinite()) {
    throw Error(Status::invalid_argument,
                "eigenvalues, at least one, of a finite square matrix");
  }
  if (n > 300) {
    BlockLanczos lanczos(a);
    Eigenpairs out;
    for (Index size = 2 * count + 24; size <= n / 2; size += size / 3) {
      lanczos.grow(size);
      if (lanczos.solve(count, 1e-12, &out)) return out;
    }
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> all(a);
  return largest_of(all.eigenvalues(), all.eigenvectors(), count);
}

}  // namespace gamut

#endif  // GAMUT_BASIS_EXTREME_EIGEN_HPP
