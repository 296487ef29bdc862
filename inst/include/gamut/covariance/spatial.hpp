// covariance/spatial.hpp - correlations that decay with distance: R_ij = k(d_ij / r).
//
//   exponential  k(x) = exp(-x)
//   matern       k(x) = (1 + 3^(1/2) x) exp(-3^(1/2) x): smoothness nu = 3/2, once
//                differentiable, with the range r as in Rasmussen & Williams
// theta: the common standard deviation; then, if b > 1, log r. Distances are between the
// b positions of the coefficients and must be those of points in a Euclidean space.
// C is computed, its derivative along with it by differentiation of each step. The two
// limits are plain: R = I for r = 0, and for r = infinity a matrix of ones, whose
// pivots of 0 are replaced by a few units of rounding.
// r cannot begin at 0, where no derivative leads away from it. It begins at a third of
// the median distance, so that pairs at that distance have correlations below 0.05.
// Source: Matern (1960) Spatial Variation; Rasmussen & Williams (2006) Gaussian Processes
// for Machine Learning, eqs 4.17 and 4.18; Smith (1995) J. Comput. Graph. Stat. 4,
// 134-147 and Murray (2016) arXiv:1602.07527 for derivatives of a Cholesky factor.
#ifndef GAMUT_COVARIANCE_SPATIAL_HPP
#define GAMUT_COVARIANCE_SPATIAL_HPP

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "correlated.hpp"

namespace gamut {

class Spatial : public Correlated {
 public:
  enum class Kernel { exponential, matern };

  Spatial(Kernel kernel, Matrix distances)
      : Correlated(distances.rows(), 1, distances.rows() > 1),
        kernel_(kernel),
        distances_(std::move(distances)) {
    check_distances();
    if (size_ > 1) theta_[1] = start_correlation()[0];
  }

 protected:
  Vector start_correlation() const override {
    if (size_ == 1) return Vector();
    std::vector<double> pairs;
    for (Index j = 0; j < size_; ++j) {
      for (Index i = j + 1; i < size_; ++i) pairs.push_back(distances_(i, j));
    }
    const auto median = pairs.begin() + static_cast<Index>(pairs.size() / 2);
    std::nth_element(pairs.begin(), median, pairs.end());
    return Vector::Constant(1, std::log(*median / 3));
  }
  Matrix correlation_root() const override {
    Matrix root = correlations(false);
    factorise(root, nullptr);
    return root;
  }
  Matrix correlation_derivative(Index) const override {
    Matrix root = correlations(false), slope = correlations(true);
    factorise(root, &slope);
    return slope;
  }

 private:
  void check_distances() const {
    const Matrix& d = distances_;
    bool good = d.allFinite() && d == d.transpose() && d.diagonal().isZero(0);
    for (Index j = 0; j < size_; ++j) {
      good = good && (d.col(j).tail(size_ - 1 - j).array() > 0).all();
    }
    if (good) return;
    throw Error(Status::invalid_argument,
                "distances need symmetry, zeros on the diagonal and no others");
  }

  /// The kernel at distance d, or its derivative in log r.
  double kernel(double d, bool derivative) const {
    const double factor = kernel_ == Kernel::matern ? std::sqrt(3.0) : 1;
    // Where exp() has vanished its argument may, too: infinity times zero is not 0.
    const double x = std::min(factor * d * std::exp(-correlation(0)), 800.0);
    const double decay = std::exp(-x);
    if (kernel_ == Kernel::matern) return decay * (derivative ? x * x : 1 + x);
    return decay * (derivative ? x : 1);
  }
  Matrix correlations(bool derivative) const {
    Matrix out = Matrix::Zero(size_, size_);
    if (!derivative) out.diagonal().setOnes();
    for (Index j = 0; j < size_; ++j) {
      for (Index i = j + 1; i < size_; ++i)
        out(i, j) = kernel(distances_(i, j), derivative);
    }
    return out;
  }

  /// In place, R's lower triangle becomes C, and dR's, if given, dC.
  void factorise(Matrix& root, Matrix* slope) const {
    const double least =
        100 * static_cast<double>(size_) * std::numeric_limits<double>::epsilon();
    for (Index j = 0; j < size_; ++j) {
      const Index rest = size_ - j;
      const auto left = root.block(j, 0, rest, j);
      Vector column = root.col(j).tail(rest) - left * left.row(0).transpose();
      Vector change;
      if (slope) {
        const auto turn = slope->block(j, 0, rest, j);
        change = slope->col(j).tail(rest) - left * turn.row(0).transpose() -
                 turn * left.row(0).transpose();
      }
      const bool lost = column[0] < least;
      if (lost) column[0] = least;
      const double pivot = std::sqrt(column[0]);
      root.col(j).tail(rest) = column / pivot;
      if (!slope) continue;
      if (lost) change[0] = 0;
      const double half = change[0] / (2 * column[0]);
      slope->col(j).tail(rest) = change / pivot - half * root.col(j).tail(rest);
    }
  }

  Kernel kernel_;
  Matrix distances_;
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_SPATIAL_HPP
