// covariance/correlated.hpp - Lambda = diag(|sd|) C(rho): standard deviations apart from
// a correlation matrix R = C C', of which C is the Cholesky factor.
//
// theta: first the standard deviations, up to sign, b of them or one that all share;
// then the parameters of R, real numbers. Each law says what these are. Rows of C have
// length one, so that the diagonal of Sigma is sd^2 whatever R is.
// A sign of one of b standard deviations would be that of a row, and so change R to one
// outside its law; hence |sd|, whose derivative at 0 is the one from above. A common
// standard deviation keeps its sign, which Sigma does not see, and stays smooth.
// Source: Pinheiro & Bates (2000) Mixed-Effects Models in S and S-PLUS, section 5.3.
#ifndef GAMUT_COVARIANCE_CORRELATED_HPP
#define GAMUT_COVARIANCE_CORRELATED_HPP

#include "factor.hpp"

namespace gamut {

class Correlated : public Factor {
 public:
  void start(const Vector& sd) override {
    if (scales_ == 1) {
      theta_[0] = sd.mean();
    } else {
      theta_.head(scales_) = sd;
    }
    theta_.tail(theta_.size() - scales_) = start_correlation();
  }
  bool is_scale(int j) const override { return j < scales_; }
  bool is_nonnegative(int j) const override { return scales_ > 1 && is_scale(j); }
  bool is_pure(int j) const override { return !is_scale(j); }
  Matrix matrix() const override { return scaled(correlation_root()); }
  Matrix derivative(int j) const override {
    if (!is_scale(j)) return scaled(correlation_derivative(j - scales_));
    if (scales_ == 1) return correlation_root();
    Matrix out = Matrix::Zero(size_, size_);
    out.row(j) = (theta_[j] < 0 ? -1 : 1) * correlation_root().row(j);
    return out;
  }

 protected:
  Correlated(Index size, Index scales, Index correlations)
      : Factor(size, scales + correlations), scales_(static_cast<int>(scales)) {
    theta_.head(scales).setOnes();
  }
  /// The parameters of R: `correlation(k)` is the k-th.
  double correlation(Index k) const { return theta_[scales_ + k]; }

  /// Where a search begins. Not at 0 where the law covers every row, as a time series
  /// may: without correlation its variance is one with that of the residuals.
  virtual Vector start_correlation() const {
    return Vector::Zero(theta_.size() - scales_);
  }
  /// C, and its derivative in the k-th parameter of R.
  virtual Matrix correlation_root() const = 0;
  virtual Matrix correlation_derivative(Index k) const = 0;

 private:
  Matrix scaled(const Matrix& rows) const {
    if (scales_ == 1) return theta_[0] * rows;
    return theta_.head(scales_).cwiseAbs().asDiagonal() * rows;
  }
  int scales_;
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_CORRELATED_HPP
