// loess_cases.hpp - designs for the tests of local regression, and brute force for what
// the engine finds by trees, bisection and normal equations.
#ifndef GAMUT_TESTS_LOESS_CASES_HPP
#define GAMUT_TESTS_LOESS_CASES_HPP

#include <Eigen/QR>
#include <algorithm>

#include "gamut/loess/fit.hpp"
#include "random.hpp"

namespace loess_cases {

using namespace gamut;
using tests::Random;

/// n x d numbers between 0 and 1; multiples of 1 / levels where that is above 0.
inline Matrix uniform(Index n, Index d, unsigned long long seed, int levels = 0) {
  Random random(seed);
  Matrix out(n, d);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) {
      const double u = random.uniform();
      out(i, j) = levels > 0 ? std::floor(u * levels) / levels : u;
    }
  }
  return out;
}

inline Vector normal(Index n, unsigned long long seed) {
  Random random(seed);
  Vector out(n);
  for (Index i = 0; i < n; ++i) out[i] = random.normal();
  return out;
}

/// Between 0.5 and 1.5; every fifth is 0 where asked for.
inline Vector unequal_weights(Index n, unsigned long long seed, bool zeros = false) {
  Vector out = uniform(n, 1, seed).col(0).array() + 0.5;
  for (Index i = 0; zeros && i < n; i += 5) out[i] = 0;
  return out;
}

inline Vector distances2(const Matrix& x, int near, const Vector& at) {
  return (x.leftCols(near).rowwise() - at.head(near).transpose()).rowwise().squaredNorm();
}

/// Squared radius from all distances, sorted.
inline double radius2(const Matrix& x, int near, double span, const Vector& at) {
  const Vector all = distances2(x, near, at);
  std::vector<double> sorted(all.data(), all.data() + all.size());
  std::sort(sorted.begin(), sorted.end());
  const double n = static_cast<double>(x.rows());
  const double q = std::min(n, std::floor(n * span + 1e-5));
  return sorted[static_cast<std::size_t>(q) - 1] * std::max(1.0, span);
}

/// How the polynomials look, and over which neighbourhoods.
struct Shape {
  int degree = 2, near = 1;
  double span = 0.5;
  std::vector<char> squares;
};

/// Columns 1, x, then squares and products, centred at a place.
inline Matrix monomials(const Matrix& x, const Vector& at, const Shape& shape) {
  const Index d = x.cols();
  std::vector<Vector> columns{Vector::Ones(x.rows())};
  const Matrix z = x.rowwise() - at.transpose();
  for (Index j = 0; j < d && shape.degree > 0; ++j) columns.push_back(z.col(j));
  for (Index j = 0; j < d && shape.degree > 1; ++j) {
    for (Index l = j; l < d; ++l) {
      if (l > j || shape.squares[j]) columns.push_back(z.col(j).cwiseProduct(z.col(l)));
    }
  }
  Matrix out(x.rows(), static_cast<Index>(columns.size()));
  for (std::size_t c = 0; c < columns.size(); ++c) out.col(c) = columns[c];
  return out;
}

/// a_i (1 - (|x_i - c| / h)^3)^3, 0 from h on.
inline Vector kernel(const Matrix& x, const Vector& at, const Shape& shape, double h2,
                     const Vector& weights) {
  const Vector far = (distances2(x, shape.near, at) / h2).cwiseSqrt();
  Vector out(x.rows());
  for (Index i = 0; i < x.rows(); ++i) {
    out[i] = far[i] < 1 ? weights[i] * std::pow(1 - std::pow(far[i], 3), 3) : 0;
  }
  return out;
}

/// All coefficients at a place, a row each, as linear functions of the n responses: the
/// least squares solution of least norm with columns scaled to norm one.
inline Matrix local_operator(const Matrix& x, const Vector& at, const Shape& shape,
                             const Vector& weights) {
  const double h2 = radius2(x, shape.near, shape.span, at);
  const Vector root = kernel(x, at, shape, h2, weights).cwiseSqrt();
  Matrix design = root.asDiagonal() * monomials(x, at, shape);
  Vector norm = design.colwise().norm();
  for (Index j = 0; j < norm.size(); ++j) norm[j] = norm[j] > 0 ? norm[j] : 1;
  design = design * norm.cwiseInverse().asDiagonal();
  Eigen::CompleteOrthogonalDecomposition<Matrix> qr;
  qr.setThreshold(1e-12);
  qr.compute(design);
  const Matrix inverse = qr.pseudoInverse();
  return norm.cwiseInverse().asDiagonal() * inverse * root.asDiagonal();
}

/// B: a row for each place, from the blend's own rows.
inline Matrix blend_matrix(const KdTree& tree, const PointMatrix& z) {
  Matrix out = Matrix::Zero(z.rows(), tree.vertices() * (tree.predictors() + 1));
  Blending<double> blending(tree);
  Blending<double>::Row row;
  for (Index i = 0; i < z.rows(); ++i) {
    blending.row(z.data() + i * z.cols(), row);
    for (const auto& entry : row) out(i, entry.column) += entry.coefficient;
  }
  return out;
}

inline Vector place(const KdTree& tree, Index vertex) {
  return Eigen::Map<const Vector>(tree.place(vertex), tree.predictors());
}

/// F: levels and slopes at all vertices, r x n, by brute force.
inline Matrix vertex_operator(const KdTree& tree, const Matrix& x, const Shape& shape,
                              const Vector& weights) {
  const Index b = x.cols() + 1;
  Matrix out = Matrix::Zero(tree.vertices() * b, x.rows());
  for (Index v = 0; v < tree.vertices(); ++v) {
    const Matrix all = local_operator(x, place(tree, v), shape, weights);
    const Index kept = std::min(b, all.rows());
    out.middleRows(v * b, kept) = all.topRows(kept);
  }
  return out;
}

inline double largest_gap(const Matrix& a, const Matrix& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

inline double size(const Matrix& a) { return std::max(1.0, a.cwiseAbs().maxCoeff()); }

inline LoessSpec spec(const Matrix& x, const Shape& shape) {
  LoessSpec out;
  out.x = x;
  out.near = shape.near;
  out.squares = shape.squares;
  out.degree = shape.degree;
  out.span = shape.span;
  return out;
}

inline LoessResponse response(const Vector& y, const Vector& weights) {
  LoessResponse out;
  out.y = y;
  out.prior = weights;
  return out;
}

}  // namespace loess_cases

#endif  // GAMUT_TESTS_LOESS_CASES_HPP
