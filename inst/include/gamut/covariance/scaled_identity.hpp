// covariance/scaled_identity.hpp - Lambda(theta) = theta I: one variance for all
// coefficients of a term, as for a random intercept. theta = 0 is a proper value.
#ifndef GAMUT_COVARIANCE_SCALED_IDENTITY_HPP
#define GAMUT_COVARIANCE_SCALED_IDENTITY_HPP

#include "factor.hpp"

namespace gamut {

class ScaledIdentity : public Factor {
 public:
  explicit ScaledIdentity(Index size, double theta = 1) : Factor(size, 1) {
    theta_[0] = theta;
  }
  void start(const Vector& sd) override { theta_[0] = sd.mean(); }
  bool is_scale(int) const override { return true; }
  Matrix matrix() const override { return theta_[0] * derivative(0); }
  Matrix derivative(int) const override { return Matrix::Identity(size_, size_); }
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_SCALED_IDENTITY_HPP
