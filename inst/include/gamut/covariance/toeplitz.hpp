// covariance/toeplitz.hpp - a correlation for each lag, R_ij = r_|i-j|, and a standard
// deviation for each coefficient.
//
// theta: b standard deviations; then Fisher's z of the partial autocorrelations at lags
// 1, ..., b-1. These range freely over (-1, 1), each choice gives a positive definite R
// and each such R has one, which is not so of the r themselves.
// The recursion of Levinson and Durbin leads from partial autocorrelations to the r; it
// is used in the form of the normalised lattice filter, which gives C with it: row i
// comes from row i - 1 by i plane rotations, from v = 0 on,
//   (C_ik, v) <- (c_k C_(i-1)(k-1) - s_k v, s_k C_(i-1)(k-1) + c_k v), k = i, ..., 1,
// with s_k = tanh(z_k), c_k = 1/cosh(z_k), and C_i0 = v = r_i. So rows keep their
// length of one, and rounding errors do not grow.
// Source: Barndorff-Nielsen & Schou (1973) J. Multivariate Anal. 3, 408-419 for the
// parameters; Gray & Markel (1975) IEEE Trans. ASSP 23, 268-277 for the lattice.
#ifndef GAMUT_COVARIANCE_TOEPLITZ_HPP
#define GAMUT_COVARIANCE_TOEPLITZ_HPP

#include <cmath>

#include "correlated.hpp"

namespace gamut {

class Toeplitz : public Correlated {
 public:
  explicit Toeplitz(Index size) : Correlated(size, size, size - 1) {}

 protected:
  Vector start_correlation() const override {
    Vector out = Vector::Zero(size_ - 1);
    if (size_ > 1) out[0] = std::atanh(0.4);
    return out;
  }
  Matrix correlation_root() const override {
    Matrix root = Matrix::Identity(size_, size_);
    for (Index i = 1; i < size_; ++i) {
      double v = 0;
      for (Index k = i; k > 0; --k) {
        const double u = root(i - 1, k - 1);
        root(i, k) = c(k) * u - s(k) * v;
        v = s(k) * u + c(k) * v;
      }
      root(i, 0) = v;
    }
    return root;
  }
  Matrix correlation_derivative(Index parameter) const override {
    const Matrix root = correlation_root();
    Matrix out = Matrix::Zero(size_, size_);
    for (Index i = 1; i < size_; ++i) {
      double v = 0, dv = 0;
      for (Index k = i; k > 0; --k) {
        const double u = root(i - 1, k - 1), du = out(i - 1, k - 1);
        // dc = -s c and ds = c^2: the rotation turns at speed c.
        const double turn = k == parameter + 1 ? c(k) : 0;
        const double next = s(k) * u + c(k) * v;
        out(i, k) = c(k) * du - s(k) * dv - turn * next;
        dv = s(k) * du + c(k) * dv + turn * root(i, k);
        v = next;
      }
      out(i, 0) = dv;
    }
    return out;
  }

 private:
  double s(Index lag) const { return std::tanh(correlation(lag - 1)); }
  double c(Index lag) const { return 1 / std::cosh(correlation(lag - 1)); }
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_TOEPLITZ_HPP
