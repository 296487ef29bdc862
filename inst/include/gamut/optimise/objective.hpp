// optimise/objective.hpp - a function to be minimised.
//
// value and gradient are exact; `curvature` is a symmetric model of the Hessian that need
// only be near it (average information), and may be indefinite.
#ifndef GAMUT_OPTIMISE_OBJECTIVE_HPP
#define GAMUT_OPTIMISE_OBJECTIVE_HPP

#include "../types.hpp"

namespace gamut {

struct Evaluation {
  bool valid = false;  ///< false: the function has no value here
  double value = 0;
  Vector gradient;
  Matrix curvature;
  /// For the last arguments the factor that a fixed-point iteration has for each; may be
  /// empty.
  Vector growth;
};

class Objective {
 public:
  virtual ~Objective() = default;
  virtual Index size() const = 0;
  virtual Evaluation evaluate(const Vector& x) = 0;
  /// Error of the last value, where values are estimates.
  virtual double noise() const { return 0; }
  /// Arguments that are not negative; at 0 the derivative is the one from above.
  virtual std::vector<char> nonnegative() const {
    return std::vector<char>(static_cast<std::size_t>(size()), 0);
  }
  /// What the search's scale of each argument may not fall below, however flat the
  /// function is; 0 where only its curvature can tell.
  virtual Vector least_scales() const { return Vector::Zero(size()); }
};

/// Remembers its last evaluation: searches come back to where they were.
class RememberingObjective : public Objective {
 public:
  Evaluation evaluate(const Vector& x) final {
    if (known_ && x.size() == at_.size() && x == at_) return last_;
    forget();
    last_ = compute(x);
    at_ = x;
    known_ = true;
    return last_;
  }

 protected:
  virtual Evaluation compute(const Vector& x) = 0;
  /// Where its state is no longer that of the last evaluation.
  void forget() { known_ = false; }

 private:
  bool known_ = false;
  Vector at_;
  Evaluation last_;
};

}  // namespace gamut

#endif  // GAMUT_OPTIMISE_OBJECTIVE_HPP
