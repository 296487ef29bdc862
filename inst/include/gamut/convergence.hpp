// convergence.hpp - when the iterations may stop, and when they never will.
//
// Judged by the decrement g'H^-1 g, the squared length of a step in standard errors,
// from one iteration to the next.
//   Newton steps: the error left after a step is of the order of its square, so a
//     decrement below tolerance^2 n / p makes standard errors, too, right to about
//     `tolerance` relative.
//   Fisher steps shrink by a constant factor r: what is left after one has the squared
//     length decrement * (r / (1 - r))^2.
//   Rounding: short steps that get no shorter cannot be mended.
//   Divergence: Newton steps that promise next to nothing and yet are as long as those
//     before. The objective only falls towards a limit, as with separated data or a cell
//     without counts. (While a step still promises something, a long way to a finite
//     maximum looks the same.)
// Source: Boyd & Vandenberghe (2004) section 9.5; Albert & Anderson (1984) Biometrika
// 71, 1-10 (when a maximum exists).
#ifndef GAMUT_CONVERGENCE_HPP
#define GAMUT_CONVERGENCE_HPP

#include <algorithm>
#include <cmath>

#include "types.hpp"

namespace gamut {

struct IterationRecord {
  double objective;  ///< penalised, before the step
  double decrement;
  double step;      ///< longest change of a coefficient, in the predictors' units
  double relative;  ///< the same over the longest coefficient
};

/// What the judgement depends on besides the steps.
struct ConvergenceScale {
  double tolerance;
  double most_decrement;  ///< to stop at, whatever the tolerance
  double rows, coefficients;
  double dispersion;          ///< decrements are measured in its units
  bool dispersion_estimated;  ///< then an exact fit may leave a dispersion of 0
  bool quadratic;             ///< the last step was a Newton step
};

/// Which objectives may follow which.
struct Merit {
  bool dispersion_estimated;

  /// Lower than before by at least a tenth of what the step promised, so that a step
  /// that jumps out of the valley onto a plateau does not pass; up to the rounding of a
  /// sum. Where the dispersion is known to be 1 the objective has a unit of its own.
  bool acceptable(double objective, double lowest, double promised) const {
    if (!std::isfinite(objective)) return false;
    if (std::isinf(lowest)) return true;
    const double unit = dispersion_estimated ? 0 : 1;
    return objective <= lowest - 0.1 * promised + 1e-10 * (std::abs(lowest) + unit);
  }

  /// Can rounding alone have made this of `lowest`? Beside a coefficient that has run off
  /// every step is short. Where the dispersion is estimated an objective may itself be
  /// rounding, of an exact fit.
  bool rounded(double objective, double lowest) const {
    if (!std::isfinite(objective)) return false;
    return dispersion_estimated || objective <= lowest + 1e-6 * (std::abs(lowest) + 1);
  }
};

class Convergence {
 public:
  void add(const IterationRecord& record) { trace_.push_back(record); }
  const std::vector<IterationRecord>& trace() const { return trace_; }

  bool converged(const ConvergenceScale& scale) const {
    const IterationRecord& last = trace_.back();
    const double scaled = last.decrement / scale.dispersion;
    const bool small = last.decrement <= 1e-10 * std::abs(last.objective);
    if (last.relative <= 1e-14 && (small || scaled <= 1e-6)) return true;
    if (!scale.quadratic) {
      const bool rounding = scaled <= 1e-14 || last.relative <= 1e-12;
      return left_after_step(scaled) <= 1e-18 || (rounding && stuck());
    }
    const double limit = scale.tolerance * scale.tolerance * scale.rows /
                         std::max(scale.coefficients, 1.0);
    if (scaled <= std::min(scale.most_decrement, limit)) return true;
    // Lengths alone say little beside a coefficient that has run off to 1e8; but an exact
    // fit has nothing else to go by.
    const bool idle = small || scaled <= 1e-6 || scale.dispersion_estimated;
    return (scaled <= 1e-10 || (last.relative <= 1e-10 && idle)) && stuck();
  }

  bool diverging(const ConvergenceScale& scale) const {
    constexpr std::size_t in_a_row = 6;
    if (!scale.quadratic || trace_.size() <= in_a_row) return false;
    if (!(trace_.back().decrement <= 1e-9 * scale.dispersion)) return false;
    for (std::size_t i = trace_.size() - in_a_row; i < trace_.size(); ++i) {
      const double ratio = trace_[i].decrement / trace_[i - 1].decrement;
      if (!(ratio > 0.1 && ratio < 0.9)) return false;
      if (!(trace_[i].step > 0.8 * trace_[i - 1].step)) return false;
    }
    return true;
  }

  /// Was the last step so short that only rounding could make it a wrong one?
  bool negligible_step() const {
    return !trace_.empty() && trace_.back().relative <= 1e-7;
  }

 private:
  double left_after_step(double scaled) const {
    if (trace_.size() < 2) return scaled;
    const double before = trace_[trace_.size() - 2].decrement;
    const double r = std::sqrt(std::min(0.99, trace_.back().decrement / before));
    return scaled * (r / (1 - r)) * (r / (1 - r));
  }

  /// The last two steps were no shorter than the one before.
  bool stuck() const {
    if (trace_.size() < 3) return false;
    const double before = trace_[trace_.size() - 3].decrement;
    return trace_[trace_.size() - 2].decrement > 0.5 * before &&
           trace_.back().decrement > 0.5 * before;
  }

  std::vector<IterationRecord> trace_;
};

}  // namespace gamut

#endif  // GAMUT_CONVERGENCE_HPP
