// covariance/autoregressive.hpp - a stationary autoregression of order one:
// Sigma_ij = sd^2 rho^|i-j|, coefficients at equal steps of time.
//
// theta: the common standard deviation; then, if b > 1, Fisher's z, rho = tanh(z).
// C_i0 = rho^i and C_ij = rho^(i-j) (1 - rho^2)^(1/2) for 1 <= j <= i, with
// (1 - rho^2)^(1/2) = 1 / cosh(z), which keeps its digits as rho goes to one.
// Source: Pinheiro & Bates (2000) Mixed-Effects Models in S and S-PLUS, section 5.3.1.
#ifndef GAMUT_COVARIANCE_AUTOREGRESSIVE_HPP
#define GAMUT_COVARIANCE_AUTOREGRESSIVE_HPP

#include <cmath>

#include "correlated.hpp"

namespace gamut {

class Autoregressive : public Correlated {
 public:
  explicit Autoregressive(Index size) : Correlated(size, 1, size > 1) {}

 protected:
  Vector start_correlation() const override {
    return Vector::Constant(size_ > 1, std::atanh(0.4));
  }
  Matrix correlation_root() const override {
    const Vector power = powers();
    Matrix out = Matrix::Zero(size_, size_);
    for (Index j = 0; j < size_; ++j) {
      out.col(j).tail(size_ - j) = power.head(size_ - j) * (j ? innovation() : 1);
    }
    return out;
  }
  Matrix correlation_derivative(Index) const override {
    const Vector power = powers();
    const double s = innovation(), rho = power[1];
    Vector slope = Vector::Zero(size_);  // of the powers: d rho / dz = s^2
    for (Index k = 1; k < size_; ++k) {
      slope[k] = static_cast<double>(k) * power[k - 1] * s * s;
    }
    Matrix out = Matrix::Zero(size_, size_);
    out.col(0) = slope;
    for (Index j = 1; j < size_; ++j) {
      out.col(j).tail(size_ - j) =
          slope.head(size_ - j) * s - power.head(size_ - j) * (rho * s);
    }
    return out;
  }

 private:
  Vector powers() const {
    Vector out = Vector::Ones(size_);
    for (Index k = 1; k < size_; ++k) out[k] = out[k - 1] * std::tanh(correlation(0));
    return out;
  }
  double innovation() const { return size_ > 1 ? 1 / std::cosh(correlation(0)) : 1; }
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_AUTOREGRESSIVE_HPP
