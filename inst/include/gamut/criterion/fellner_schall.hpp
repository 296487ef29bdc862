// criterion/fellner_schall.hpp - a few steps from starts that are far off.
//
// Where a parameter scales all of Lambda, theta dev/dtheta is twice e - q: e counts the
// degrees of freedom that its coefficients take, q is the square of these over their
// variance. At the optimum both are the same, and
//   theta <- theta sqrt(q / e)
// leads near it from starts that are wrong by orders of magnitude, where Newton's steps
// have a region of trust to cross. Near the optimum Newton is far quicker.
// Source: Schall (1991) Biometrika 78, 719-727; Wood & Fasiolo (2017) Biometrics 73,
// 1071-1081.
#ifndef GAMUT_CRITERION_FELLNER_SCHALL_HPP
#define GAMUT_CRITERION_FELLNER_SCHALL_HPP

#include "../optimise/objective.hpp"

namespace gamut {

class FellnerSchall {
 public:
  explicit FellnerSchall(Objective& objective) : objective_(objective) {}

  /// From x to where the steps are short, as long as the objective falls.
  Vector approach(Vector x) {
    Evaluation at = objective_.evaluate(x);
    ++evaluations_;
    for (int step = 0; at.valid && step < most_steps; ++step) {
      const Vector growth = at.growth.cwiseMin(largest).cwiseMax(1 / largest);
      if (growth.size() == 0 || is_short(growth)) break;
      Vector next = x;
      next.tail(growth.size()).array() *= growth.array();
      const Evaluation there = objective_.evaluate(next);
      ++evaluations_;
      if (!there.valid || !(there.value < at.value)) break;
      x = next;
      at = there;
    }
    return x;
  }

  int evaluations() const { return evaluations_; }

 private:
  static constexpr int most_steps = 8;
  static constexpr double largest = 100;

  static bool is_short(const Vector& growth) {
    return growth.array().log().abs().maxCoeff() < 0.2;
  }

  Objective& objective_;
  int evaluations_ = 0;
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_FELLNER_SCHALL_HPP
