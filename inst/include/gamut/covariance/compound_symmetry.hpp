// covariance/compound_symmetry.hpp - every pair of coefficients has the same correlation
// r in (-1/(b-1), 1), each coefficient its own standard deviation.
//
// theta: b standard deviations; then, if b > 1, half the log of the ratio of the two
// eigenvalues of R, t = log{(1 + (b-1) r) / (1 - r)} / 2, so that
//   r = (w - 1) / (w + b - 1), w = exp(2 t).
// r = 0 at t = 0, and r = tanh(t), Fisher's z, for b = 2.
// Below the diagonal a column j of C has one value l_j. With A_k = (k+1) p + (b-1-k) q,
// p = 1/(1 + 1/w), q = 1 - p, one has 1 + k r = A_k / A_0, also 1 - r for k = -1, and
//   C_jj^2 = A_{-1} A_j / (A_0 A_{j-1}),  l_j = r {A_{-1} A_0 / (A_{j-1} A_j)}^(1/2):
// products of positive numbers, without cancellation up to either end of the range.
// Source: by elimination from R = (1 - r) I + r 1 1'; range and eigenvalues in Searle,
// Casella & McCulloch (1992) Variance Components, appendix M.
#ifndef GAMUT_COVARIANCE_COMPOUND_SYMMETRY_HPP
#define GAMUT_COVARIANCE_COMPOUND_SYMMETRY_HPP

#include <cmath>

#include "correlated.hpp"

namespace gamut {

class CompoundSymmetry : public Correlated {
 public:
  explicit CompoundSymmetry(Index size) : Correlated(size, size, size > 1) {}

 protected:
  /// r = 0.3
  Vector start_correlation() const override {
    const double b = static_cast<double>(size_);
    return Vector::Constant(size_ > 1, 0.5 * std::log((1 + (b - 1) * 0.3) / 0.7));
  }
  Matrix correlation_root() const override { return fill(false); }
  Matrix correlation_derivative(Index) const override { return fill(true); }

 private:
  /// p and q at the present parameter; A_k and the derivative of its log in t.
  struct Eigenvalues {
    double b, p, q;
    double a(double k) const { return k < 0 ? b * q : (k + 1) * p + (b - 1 - k) * q; }
    double slope(double k) const {
      if (k < 0) return -2 * p;
      if (k == b - 1) return 2 * q;  // where p may have vanished from A
      return 2 * p * q * (2 * k + 2 - b) / a(k);
    }
    double r() const { return (p - q) / a(0); }
    double r_slope() const { return 2 * b * p * q / (a(0) * a(0)); }
  };

  static double diagonal(const Eigenvalues& e, Index j, bool derivative) {
    const double k = static_cast<double>(j);
    const double value = std::sqrt(e.a(-1) * e.a(k) / (e.a(0) * e.a(k - 1)));
    if (!derivative) return value;
    return value * (e.slope(-1) + e.slope(k) - e.slope(0) - e.slope(k - 1)) / 2;
  }
  static double below(const Eigenvalues& e, Index j, bool derivative) {
    const double k = static_cast<double>(j);
    const double value = std::sqrt(e.a(-1) * e.a(0) / (e.a(k - 1) * e.a(k)));
    if (!derivative) return e.r() * value;
    const double slope = e.slope(-1) + e.slope(0) - e.slope(k - 1) - e.slope(k);
    return (e.r_slope() + e.r() * slope / 2) * value;
  }

  Matrix fill(bool derivative) const {
    Matrix out = Matrix::Zero(size_, size_);
    out(0, 0) = derivative ? 0 : 1;
    if (size_ == 1) return out;
    const double t = correlation(0);
    const Eigenvalues e{static_cast<double>(size_), 1 / (1 + std::exp(-2 * t)),
                        1 / (1 + std::exp(2 * t))};
    out.col(0).tail(size_ - 1).setConstant(derivative ? e.r_slope() : e.r());
    for (Index j = 1; j < size_; ++j) {
      out(j, j) = diagonal(e, j, derivative);
      if (j + 1 < size_) {
        out.col(j).tail(size_ - 1 - j).setConstant(below(e, j, derivative));
      }
    }
    return out;
  }
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_COMPOUND_SYMMETRY_HPP
