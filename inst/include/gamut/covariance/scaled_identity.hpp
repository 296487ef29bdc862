// covariance/scaled_identity.hpp - Lambda(theta) = theta I: one variance for all
// coefficients of a term, as for a random intercept. theta = 0 is a proper value.
#ifndef GAMUT_COVARIANCE_SCALED_IDENTITY_HPP
#define GAMUT_COVARIANCE_SCALED_IDENTITY_HPP

#include "covariance.hpp"

namespace gamut {

class ScaledIdentity : public Covariance {
 public:
  explicit ScaledIdentity(Index size, double theta = 1) : size_(size), theta_(theta) {}
  Form form() const override { return Form::factor; }
  int parameters() const override { return 1; }
  void set_parameters(const double* value) override { theta_ = value[0]; }
  Index size() const override { return size_; }
  Matrix root() const override { return matrix(); }
  Index penalised() const override { return size_; }
  Matrix matrix() const override { return theta_ * Matrix::Identity(size_, size_); }
  Matrix derivative(int) const override { return Matrix::Identity(size_, size_); }

 private:
  Index size_;
  double theta_;
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_SCALED_IDENTITY_HPP
