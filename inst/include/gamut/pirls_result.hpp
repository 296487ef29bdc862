// pirls_result.hpp - what the fitting loop is told, and what it gives back.
#ifndef GAMUT_PIRLS_RESULT_HPP
#define GAMUT_PIRLS_RESULT_HPP

#include "convergence.hpp"
#include "system/aliasing.hpp"
#include "system/arrow_factor.hpp"
#include "system/sums.hpp"

namespace gamut {

struct PirlsOptions {
  int max_iterations = 100;
  double tolerance = 2e-8;       ///< relative error of standard errors to stop at
  double most_decrement = 1e-8;  ///< of a last step, squared, in standard errors
  int threads = 1;
  bool dispersion_estimated = false;
  bool bias_reduction = false;  ///< solve the adjusted score; see bias_reduction.hpp
  Information information = Information::expected;  ///< of the final factor
  bool keep_sums = false;                           ///< hand on the sums of the last pass
  /// Only a start is wanted: the first step on all rows that is short beside their number
  /// is the last, and no pass follows.
  bool rough = false;
  Index sample_rows = 1 << 18;  ///< start from a sample when there are more rows
};

/// diverging: the objective has no minimum, some coefficients run to infinity.
enum class PirlsEnd {
  converged,
  iteration_limit,
  stalled,
  diverging,
  not_positive_definite
};

struct PirlsResult {
  Coefficients coefficients;
  Coefficients last_step;
  Aliased aliased;
  Mask fixed_levels;
  ArrowFactor factor;  ///< of `information`, at the solution
  /// The information asked for, or expected where observed is not positive definite.
  Information information = Information::expected;
  double objective = 0, penalty = 0, pearson = 0, kept_rows = 0;
  PirlsEnd end = PirlsEnd::iteration_limit;
  std::vector<IterationRecord> trace;
  /// Of `information` at the solution, if asked for. Where the last step was negligible,
  /// objective and scores are moved by it, and the Gram matrix is that before the step.
  Sums sums;
  bool moved = false;
};

}  // namespace gamut

#endif  // GAMUT_PIRLS_RESULT_HPP
