// covariance/diagonal.hpp - Lambda(theta) = diag(theta): coefficients without
// correlation, each with a standard deviation of its own.
//
// theta: b standard deviations, up to sign, in the order of the coefficients.
#ifndef GAMUT_COVARIANCE_DIAGONAL_HPP
#define GAMUT_COVARIANCE_DIAGONAL_HPP

#include "factor.hpp"

namespace gamut {

class Diagonal : public Factor {
 public:
  explicit Diagonal(Index size) : Factor(size, size) { theta_.setOnes(); }
  void start(const Vector& sd) override { theta_ = sd; }
  bool is_scale(int) const override { return true; }
  Matrix matrix() const override { return theta_.asDiagonal(); }
  Matrix derivative(int j) const override {
    Matrix out = Matrix::Zero(size_, size_);
    out(j, j) = 1;
    return out;
  }
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_DIAGONAL_HPP
