// covariance/covariance.hpp - the law of a term's coefficients c.
//
// Two forms stand behind one interface, and the system holds each block in its own:
//   factor   c = Lambda(theta) u with u ~ N(0, I): the system works on u and holds
//            Lambda' G Lambda + I; reaches a variance of exactly 0 (random effects);
//   penalty  c'S(lambda)c, S = sum_j lambda_j S_j, possibly of deficient rank: the
//            system works on c and holds G + S; reaches lambda = infinity (smooths).
// The criterion uses log|H| - log|S|_+, where the factor form's log|I| is 0.
// A term without a covariance is parametric. For a factor with L levels the
// matrices are those of one level: Lambda = I_L (x) Lambda_1.
// Source: Bates et al. (2015) J. Stat. Softw. 67(1) section 3; Wood (2011)
// J. R. Stat. Soc. B 73, 3-36.
#ifndef GAMUT_COVARIANCE_COVARIANCE_HPP
#define GAMUT_COVARIANCE_COVARIANCE_HPP

#include "../types.hpp"

namespace gamut {

class Covariance {
 public:
  enum class Form { factor, penalty };
  virtual ~Covariance() = default;

  virtual Form form() const = 0;
  /// Number of parameters (theta, or log lambda for penalties).
  virtual int parameters() const = 0;
  virtual void set_parameters(const double* value) = 0;

  /// Lambda or S for one level (b x b).
  virtual Matrix matrix() const = 0;
  /// d Lambda / d theta_j, or d S / d log lambda_j.
  virtual Matrix derivative(int j) const = 0;
  /// log|S|_+ of one level and its gradient in log lambda; 0 for the factor form.
  virtual double log_determinant() const { return 0; }
  virtual Vector log_determinant_gradient() const { return Vector::Zero(parameters()); }
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_COVARIANCE_HPP
