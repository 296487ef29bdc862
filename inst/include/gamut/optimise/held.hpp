// optimise/held.hpp - an objective with one of its arguments held at a value: what a
// profile minimises over the others.
#ifndef GAMUT_OPTIMISE_HELD_HPP
#define GAMUT_OPTIMISE_HELD_HPP

#include "objective.hpp"

namespace gamut {

class Held : public Objective {
 public:
  Held(Objective& whole, Index at, double value)
      : whole_(whole), at_(at), value_(value) {}

  Index size() const override { return whole_.size() - 1; }

  Evaluation evaluate(const Vector& x) override {
    Evaluation out = whole_.evaluate(with(x));
    if (!out.valid) return out;
    out.gradient = without(out.gradient);
    const Matrix rows = without(out.curvature);
    out.curvature = without(Matrix(rows.transpose()));
    return out;
  }

  double noise() const override { return whole_.noise(); }
  std::vector<char> nonnegative() const override {
    std::vector<char> out = whole_.nonnegative();
    out.erase(out.begin() + at_);
    return out;
  }

  Vector least_scales() const override { return without(whole_.least_scales()); }

  Vector with(const Vector& x) const {
    Vector out(x.size() + 1);
    out << x.head(at_), value_, x.tail(x.size() - at_);
    return out;
  }

  /// Without a row.
  template <class Dense>
  Dense without(const Dense& full) const {
    Dense out(full.rows() - 1, full.cols());
    out << full.topRows(at_), full.bottomRows(full.rows() - 1 - at_);
    return out;
  }

 private:
  Objective& whole_;
  Index at_;
  double value_;
};

}  // namespace gamut

#endif  // GAMUT_OPTIMISE_HELD_HPP
