// covariance/direct_sum.hpp - Lambda = blockdiag(Lambda_1, Lambda_2, ...): terms with the
// same grouping factor, independent of each other, as one.
//
// The coefficients of a level are those of the parts one after another, and so is theta.
#ifndef GAMUT_COVARIANCE_DIRECT_SUM_HPP
#define GAMUT_COVARIANCE_DIRECT_SUM_HPP

#include <memory>
#include <utility>

#include "covariance.hpp"

namespace gamut {

class DirectSum : public Covariance {
 public:
  using Parts = std::vector<std::shared_ptr<Covariance>>;

  explicit DirectSum(Parts parts) : parts_(std::move(parts)) {
    for (const auto& part : parts_) {
      if (part->is_penalty()) {
        throw Error(Status::invalid_argument, "a direct sum is one of random effects");
      }
      size_ += part->size();
      parameters_ += part->parameters();
    }
  }

  int parameters() const override { return parameters_; }
  void set_parameters(const double* value) override {
    for (const auto& part : parts_) {
      part->set_parameters(value);
      value += part->parameters();
    }
  }
  Vector values() const override { return joined(&Covariance::values); }
  void start(const Vector& sd) override {
    Index first = 0;
    for (const auto& part : parts_) {
      part->start(sd.segment(first, part->size()));
      first += part->size();
    }
  }
  bool is_scale(int j) const override {
    const Place at = place(j);
    return at.part->is_scale(at.parameter);
  }
  bool is_nonnegative(int j) const override {
    const Place at = place(j);
    return at.part->is_nonnegative(at.parameter);
  }
  bool is_pure(int j) const override {
    const Place at = place(j);
    return at.part->is_pure(at.parameter);
  }
  Vector signs() const override { return joined(&Covariance::signs); }
  Index size() const override { return size_; }
  Matrix root() const override { return matrix(); }
  Index penalised() const override { return size_; }
  Matrix matrix() const override {
    Matrix out = Matrix::Zero(size_, size_);
    Index first = 0;
    for (const auto& part : parts_) {
      const Index b = part->size();
      out.block(first, first, b, b) = part->matrix();
      first += b;
    }
    return out;
  }
  Matrix derivative(int j) const override {
    const Place at = place(j);
    const Index b = at.part->size();
    Matrix out = Matrix::Zero(size_, size_);
    out.block(at.first, at.first, b, b) = at.part->derivative(at.parameter);
    return out;
  }

 private:
  Vector joined(Vector (Covariance::*of_part)() const) const {
    Vector out(parameters_);
    Index first = 0;
    for (const auto& part : parts_) {
      out.segment(first, part->parameters()) = (part.get()->*of_part)();
      first += part->parameters();
    }
    return out;
  }

  /// The part that parameter j belongs to, its number there, the part's coefficient 0.
  struct Place {
    const Covariance* part;
    int parameter;
    Index first;
  };
  Place place(int j) const {
    Index first = 0;
    auto part = parts_.begin();
    while (j >= (*part)->parameters()) {
      j -= (*part)->parameters();
      first += (*part)->size();
      ++part;
    }
    return {part->get(), j, first};
  }

  Parts parts_;
  Index size_ = 0;
  int parameters_ = 0;
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_DIRECT_SUM_HPP
