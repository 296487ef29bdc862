// covariance/unstructured.hpp - Lambda(theta) any lower triangular matrix: each
// coefficient with its own standard deviation, each pair with its own correlation.
//
// theta: the lower triangle of Lambda by columns, (0,0), (1,0), ..., (b-1,0), (1,1), ...;
// b (b + 1) / 2 numbers. Lambda is linear in them, also where Sigma is singular, and the
// diagonal may be 0 or negative: the sign is that of a column.
// Source: Bates et al. (2015) J. Stat. Softw. 67(1); Pinheiro & Bates (1996)
// Stat. Comput. 6, 289-296 on the choice among such parameters.
#ifndef GAMUT_COVARIANCE_UNSTRUCTURED_HPP
#define GAMUT_COVARIANCE_UNSTRUCTURED_HPP

#include "factor.hpp"

namespace gamut {

class Unstructured : public Factor {
 public:
  explicit Unstructured(Index size) : Factor(size, size * (size + 1) / 2) {
    start(Vector::Ones(size));
  }
  void start(const Vector& sd) override {
    theta_.setZero();
    for (Index column = 0; column < size_; ++column) {
      theta_[first(column)] = sd[column];
    }
  }
  bool is_scale(int j) const override {
    for (Index column = 0; column < size_; ++column) {
      if (first(column) == j) return true;
    }
    return false;
  }
  /// A whole column at a time.
  Vector signs() const override {
    Vector out = Vector::Ones(theta_.size());
    for (Index column = 0; column < size_; ++column) {
      if (theta_[first(column)] < 0) {
        out.segment(first(column), size_ - column).setConstant(-1);
      }
    }
    return out;
  }
  Matrix matrix() const override {
    Matrix out = Matrix::Zero(size_, size_);
    for (Index column = 0; column < size_; ++column) {
      out.col(column).tail(size_ - column) =
          theta_.segment(first(column), size_ - column);
    }
    return out;
  }
  Matrix derivative(int j) const override {
    Index column = size_ - 1;
    while (first(column) > j) --column;
    Matrix out = Matrix::Zero(size_, size_);
    out(column + j - first(column), column) = 1;
    return out;
  }

 private:
  /// Where a column, and with it its entry of the diagonal, begins in theta.
  Index first(Index column) const { return column * size_ - column * (column - 1) / 2; }
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_UNSTRUCTURED_HPP
