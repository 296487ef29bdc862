// covariance/covariance.hpp - the law of a term's coefficients c.
//
//   c = Lambda(theta) u + N v,   u ~ N(0, I),   v free.
// Random effects have no N. Smooths do: the functions that their penalty leaves alone,
// such as straight lines; see penalty_sum.hpp. To the system a law is a root, c = R z
// with R = [Lambda, N], in whose coordinates the first penalised() entries of z are N(0,
// I) and the others are free. The system's matrix is then H = R'GR + diag(1, .., 1, 0,
// .., 0), whose log-determinant is, for a penalty S, log|G + S| - log|S|_+; and a
// variance of 0, or an infinite smoothing parameter, is a plain number in R. Every vector
// of real numbers is a valid theta. Where a law reads only the size of a parameter
// (is_nonnegative), a search keeps to one side of the kink at 0. A term without a
// covariance is parametric. For a factor the matrices are b x b, those of one level, with
// b = slopes x loadings coefficients, slopes fastest, so that correlations across slopes
// and predictors are alike; for other storages b is the number of columns, and every
// loading has the same. Source: Bates et al. (2015) J. Stat. Softw. 67(1) section 3; Wood
// (2011) J. R. Stat. Soc. B 73, 3-36; Wood (2017) section 5.8 for smooths as random
// effects.
#ifndef GAMUT_COVARIANCE_COVARIANCE_HPP
#define GAMUT_COVARIANCE_COVARIANCE_HPP

#include "../types.hpp"

namespace gamut {

class Covariance {
 public:
  virtual ~Covariance() = default;

  /// Is it the law of a smooth, whose parameters say how wiggly it is? Others leave no
  /// direction free.
  virtual bool is_penalty() const { return false; }
  /// Number of parameters.
  virtual int parameters() const = 0;
  virtual void set_parameters(const double* value) = 0;
  virtual Vector values() const = 0;
  /// Begins a search: coefficient j with standard deviation sd[j], correlations those
  /// that the law begins with. Laws with one standard deviation take the mean.
  virtual void start(const Vector& sd) = 0;
  /// Is parameter j a standard deviation up to its sign? At 0 its coefficients have no
  /// variance.
  virtual bool is_scale(int j) const = 0;
  /// Does the law read only the size of this parameter, with a kink at 0?
  virtual bool is_nonnegative(int j) const {
    (void)j;
    return false;
  }
  /// Is this parameter a pure number, such as Fisher's z or the log of a range? Whatever
  /// the data, 1 is a long way for it, and far out nothing depends on it any more.
  virtual bool is_pure(int j) const {
    (void)j;
    return false;
  }
  /// 1 or -1 for each parameter: with these as factors Lambda Lambda' is the same, and no
  /// standard deviation is negative.
  virtual Vector signs() const {
    const Vector theta = values();
    Vector out = Vector::Ones(parameters());
    for (int j = 0; j < parameters(); ++j) {
      if (is_scale(j) && theta[j] < 0) out[j] = -1;
    }
    return out;
  }

  /// Number b of coefficients that it covers.
  virtual Index size() const = 0;
  /// R = [Lambda, N] (b x b), and how many of its columns are those of Lambda.
  virtual Matrix root() const = 0;
  virtual Index penalised() const = 0;
  /// Lambda for one level (b x b), with columns of 0 where R has N.
  virtual Matrix matrix() const = 0;
  /// d Lambda / d theta_j.
  virtual Matrix derivative(int j) const = 0;
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_COVARIANCE_HPP
