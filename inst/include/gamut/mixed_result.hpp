// mixed_result.hpp - what a fit with random effects is asked for, and what it gives.
#ifndef GAMUT_MIXED_RESULT_HPP
#define GAMUT_MIXED_RESULT_HPP

#include "joint_covariance.hpp"
#include "optimise/trust_region.hpp"
#include "pirls.hpp"

namespace gamut {

struct MixedOptions {
  PirlsOptions pirls;
  SearchOptions search;
  bool restricted = false;
  bool gaussian = false;  ///< identity link and constant variance: profile the dispersion
  Information determinant = Information::observed;
  int quadrature_points = 1;  ///< 1: the Laplace approximation
  /// A profile: the parameter that stays at its value in `start`. In a gaussian model
  /// theta is then absolute, and log s its last one.
  int held = -1;
  Vector start;              ///< theta to begin with; empty: from the data
  bool has_effects = false;  ///< are there bars, or smooths that are random effects?
  bool rough_start = false;  ///< may all means that lead far away be used from there?
  Vector fixed;  ///< fixed effects to begin with, the caller's; empty: those alone
  double log_weights = 0;
  bool joint = false;  ///< is the covariance of the coefficients of smooths wanted?
};

struct MixedResult {
  Vector coefficients;  ///< the caller's
  std::vector<char> aliased;
  bool collinear = false;  ///< fixed effects were fitted to reduced columns
  Vector theta, gradient;
  Matrix curvature;  ///< of the criterion: theta, before them beta where it is searched
  Matrix hessian;    ///< of the criterion at the end, beta first, without variances at 0
  /// Free coefficients of the tail that were parameters of the criterion, and their
  /// covariance from its Hessian; empty where that is not known.
  IndexVector outer;
  Matrix outer_covariance;
  double criterion = 0, dispersion = 1, objective = 0, penalty = 0, promised = 0;
  double log_determinant = 0;  ///< of the penalised part
  double kept_rows = 0;
  double criterion_error = 0;  ///< standard error of the criterion if it is estimated
  double perfect = 1;  ///< penalised residual squares, relative to fixed effects alone
  /// How far quadrature would move beta and theta, in standard errors, by its first step
  /// from the end of a search on the Laplace approximation; empty where it is not known.
  Vector laplace_shift;
  int evaluations = 0, inner_iterations = 0;
  SearchEnd end = SearchEnd::evaluation_limit;
  ArrowFactor factor;
  Coefficients free;
  Aliased mask;
  JointCovariance joint;  ///< where there are smooths
};

}  // namespace gamut

#endif  // GAMUT_MIXED_RESULT_HPP
