// covariance/factor.hpp - what all laws of random effects share.
//
// c = Lambda(theta) u, Sigma = Lambda Lambda', for the b = size() coefficients of one
// level. A law adds how Lambda (b x b) and its derivatives come from
// theta_, and which of the parameters are standard deviations. Those may have either
// sign without leaving the law.
#ifndef GAMUT_COVARIANCE_FACTOR_HPP
#define GAMUT_COVARIANCE_FACTOR_HPP

#include <algorithm>

#include "covariance.hpp"

namespace gamut {

class Factor : public Covariance {
 public:
  int parameters() const override { return static_cast<int>(theta_.size()); }
  void set_parameters(const double* value) override {
    std::copy(value, value + theta_.size(), theta_.data());
  }
  Vector values() const override { return theta_; }
  Index size() const override { return size_; }
  Matrix root() const override { return matrix(); }
  Index penalised() const override { return size_; }

 protected:
  Factor(Index size, Index parameters) : size_(size), theta_(Vector::Zero(parameters)) {}
  Index size_;
  Vector theta_;
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_FACTOR_HPP
