// criterion/random_terms.hpp - the terms with a covariance and their parameters.
//
// The parameters theta of all random terms stand one after another in one vector. The
// coefficients of a term are seen as a b x m matrix, a column a level.
#ifndef GAMUT_CRITERION_RANDOM_TERMS_HPP
#define GAMUT_CRITERION_RANDOM_TERMS_HPP

#include <cmath>

#include "../system/sums.hpp"

namespace gamut {

struct RandomTerm {
  int term = 0;
  bool leads = false, in_joint = false;
  Index first = 0;  ///< of the tail's coefficients
  Index size = 0, levels = 0;
  int parameter = 0;  ///< place of its first parameter
  std::shared_ptr<Covariance> covariance;

  Eigen::Map<const Matrix> columns(const Coefficients& c) const {
    return {leads ? c.lead.data() : c.tail.data() + first, size, levels};
  }
  Eigen::Map<Matrix> columns(Coefficients& c) const {
    return {leads ? c.lead.data() : c.tail.data() + first, size, levels};
  }
};

class RandomTerms {
 public:
  explicit RandomTerms(const Layout& layout) {
    const Problem& problem = layout.problem();
    for (std::size_t t = 0; t < problem.terms.size(); ++t) {
      if (!problem.terms[t].covariance) continue;
      RandomTerm term;
      term.term = static_cast<int>(t);
      term.covariance = problem.terms[t].covariance;
      term.in_joint = problem.terms[t].in_joint();
      term.size = term.covariance->size();
      term.parameter = parameters_;
      parameters_ += term.covariance->parameters();
      place(layout, term);
      terms_.push_back(term);
    }
  }

  int parameters() const { return parameters_; }
  const std::vector<RandomTerm>& all() const { return terms_; }

  Vector values() const { return joined(&Covariance::values); }
  /// Factors that leave no standard deviation negative, see Covariance::signs().
  Vector signs() const { return joined(&Covariance::signs); }

  /// After `before` other arguments, which ones are not negative.
  std::vector<char> nonnegative(Index before) const {
    std::vector<char> out(static_cast<std::size_t>(before + parameters_), 0);
    for (int j = 0; j < parameters_; ++j) {
      out[before + j] = ask(j, &Covariance::is_nonnegative);
    }
    return out;
  }

  /// After `before` other arguments, the least scales of the search's steps, whose first
  /// is of length 2: it moves pure numbers by 1 at most, and parameters of smooths to
  /// three times what they are, for beyond their least minimum lie others.
  Vector least_scales(Index before) const {
    Vector out = Vector::Zero(before + parameters_);
    for (const RandomTerm& term : terms_) {
      const Vector value = term.covariance->values();
      for (int j = 0; j < value.size(); ++j) {
        double& scale = out[before + term.parameter + j];
        if (term.covariance->is_pure(j)) scale = 2;
        if (term.covariance->is_penalty() && value[j] != 0)
          scale = 1 / std::abs(value[j]);
      }
    }
    return out;
  }

  /// Free coefficients z of those that the terms have, b = R z. Where R has lost rank
  /// they are the shortest.
  Coefficients free_from_term(Coefficients c) const {
    for (const RandomTerm& term : terms_) {
      const Matrix root = term.covariance->root();
      const Matrix z =
          root.completeOrthogonalDecomposition().solve(Matrix(term.columns(c)));
      term.columns(c) = z;
    }
    return c;
  }

  /// Is this coefficient of the tail one of those whose joint covariance is wanted?
  bool in_joint(Index j) const {
    for (const RandomTerm& term : terms_) {
      const bool within = j >= term.first && j < term.first + term.size * term.levels;
      if (!term.leads && within && !term.in_joint) return false;
    }
    return true;
  }

  void set(const Vector& theta) const {
    for (const RandomTerm& term : terms_) {
      term.covariance->set_parameters(theta.data() + term.parameter);
    }
  }

  /// Is this parameter the standard deviation of some coefficient?
  bool is_scale(int parameter) const { return ask(parameter, &Covariance::is_scale); }
  /// Is it a pure number?
  bool is_pure(int parameter) const { return ask(parameter, &Covariance::is_pure); }

 private:
  Vector joined(Vector (Covariance::*part)() const) const {
    Vector out(parameters_);
    for (const RandomTerm& term : terms_) {
      out.segment(term.parameter, term.covariance->parameters()) =
          (term.covariance.get()->*part)();
    }
    return out;
  }

  bool ask(int parameter, bool (Covariance::*question)(int) const) const {
    for (const RandomTerm& term : terms_) {
      const int j = parameter - term.parameter;
      if (j >= 0 && j < term.covariance->parameters()) {
        return (term.covariance.get()->*question)(j);
      }
    }
    return false;
  }

  void place(const Layout& layout, RandomTerm& term) const {
    if (layout.has_lead() && &layout.lead() == &layout.problem().terms[term.term]) {
      term.leads = true;
      term.levels = layout.levels();
      return;
    }
    for (const Block& block : layout.tail()) {
      if (block.term != term.term || block.loading > 0) continue;
      term.first = Layout::first_free(block);
      const Term& whole = layout.problem().terms[term.term];
      term.levels = block.free_columns * whole.loading.cols() / term.size;
    }
  }

  std::vector<RandomTerm> terms_;
  int parameters_ = 0;
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_RANDOM_TERMS_HPP
