// system/lanczos.hpp - z'log(A)z for the columns z of a block, by Lanczos.
//
// Some steps of Lanczos from z/|z| give a tridiagonal T = Q'AQ, and the quadrature of
// Gauss that belongs to it: z'log(A)z = |z|^2 e_1'log(T)e_1. The columns take their steps
// together, each with a T of its own, so that A is read once a step for all of them.
// Source: Golub & Meurant (2010) Matrices, Moments and Quadrature, chapters 6 and 7;
// Ubaru, Chen & Saad (2017) SIAM J. Matrix Anal. Appl. 38, 1075-1099.
#ifndef GAMUT_SYSTEM_LANCZOS_HPP
#define GAMUT_SYSTEM_LANCZOS_HPP

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "cross_rows.hpp"

namespace gamut {

/// One number for each column.
using Numbers = Eigen::Array<double, 1, Eigen::Dynamic>;

inline Numbers column_dots(const RowMatrix& a, const RowMatrix& b) {
  return a.cwiseProduct(b).colwise().sum().array();
}

struct LogQuadratics {
  Numbers logarithm;  ///< z'log(A)z
  Numbers excess;     ///< z'(A - I)z
};

/// Of the mean of the logarithms, and with as many in the sum far below its error.
constexpr double log_quadrature_tolerance = 1e-8;
constexpr int most_lanczos_steps = 30;

/// e_1'log(T)e_1 of the tridiagonal T with these diagonals.
inline double log_quadrature(const Vector& diagonal, const Vector& beside) {
  Eigen::SelfAdjointEigenSolver<Matrix> eigen;
  eigen.computeFromTridiagonal(diagonal, beside);
  const Vector weights = eigen.eigenvectors().row(0).cwiseAbs2().transpose();
  const Vector logs = eigen.eigenvalues().cwiseMax(1e-300).array().log();
  return weights.dot(logs);
}

/// The block of Lanczos recurrences.
template <class Multiply>
class LogLanczos {
 public:
  LogLanczos(const RowMatrix& z, const Multiply& multiply)
      : multiply_(multiply),
        size_(column_dots(z, z)),
        done_(static_cast<std::size_t>(z.cols()), 0),
        value_(Numbers::Zero(z.cols())),
        diagonal_(most(z), z.cols()),
        beside_(Matrix::Zero(most(z), z.cols())) {
    next_ = z * inverse(size_.sqrt()).matrix().asDiagonal();
  }

  LogQuadratics operator()() {
    const Index most = diagonal_.rows();
    for (Index step = 0; step < most && !finished(); ++step) {
      take(step);
      for (std::size_t c = 0; c < done_.size(); ++c) {
        if (!done_[c]) judge(static_cast<Index>(c), step + 1, step + 1 == most);
      }
    }
    const Numbers first = diagonal_.row(0).array();
    return {size_ * value_, size_ * (first - 1)};
  }

 private:
  static Index most(const RowMatrix& z) {
    return std::min<Index>(most_lanczos_steps, z.rows());
  }
  /// Columns of length 0 stay 0.
  static Numbers inverse(const Numbers& x) { return (x > 0).select(1 / x, 0); }

  bool finished() const {
    for (char flag : done_) {
      if (!flag) return false;
    }
    return true;
  }

  void take(Index step) {
    basis_.push_back(next_);
    next_ = multiply_(basis_.back());
    diagonal_.row(step) = column_dots(basis_.back(), next_).matrix();
    // twice: rounding must not bring back directions that are there already
    for (int pass = 0; pass < 2; ++pass) {
      for (const RowMatrix& q : basis_) {
        next_ -= q * column_dots(q, next_).matrix().asDiagonal();
      }
    }
    const Numbers length = column_dots(next_, next_).sqrt();
    beside_.row(step) = length.matrix();
    next_ *= inverse(length).matrix().asDiagonal();
  }

  /// Every fourth step, or where there is no further one.
  void judge(Index c, Index steps, bool last) {
    const bool exact = last || beside_(steps - 1, c) < 1e-10;
    if (!exact && steps % 4 != 0) return;
    const double value =
        log_quadrature(diagonal_.col(c).head(steps), beside_.col(c).head(steps - 1));
    done_[c] =
        exact || (steps > 4 && std::abs(value - value_[c]) < log_quadrature_tolerance);
    value_[c] = value;
  }

  const Multiply& multiply_;
  Numbers size_;
  std::vector<char> done_;
  Numbers value_;
  Matrix diagonal_, beside_;  ///< of T, a column each
  std::vector<RowMatrix> basis_;
  RowMatrix next_;
};

/// `multiply` gives A x for a block x.
template <class Multiply>
LogQuadratics log_quadratics(const RowMatrix& z, const Multiply& multiply) {
  return LogLanczos<Multiply>(z, multiply)();
}

}  // namespace gamut

#endif  // GAMUT_SYSTEM_LANCZOS_HPP
