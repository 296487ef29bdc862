// unpenalised_part.hpp - a problem without what its penalties act on.
//
// Terms without a covariance stay as they are. Of a law c = Lambda u + N v only N v
// stays, as a parametric term of its own, whose coefficients v stand behind the caller's.
// In the system v is where the last columns of the root are, so that coefficient k of the
// root goes by the position of coefficient k of the term.
#ifndef GAMUT_UNPENALISED_PART_HPP
#define GAMUT_UNPENALISED_PART_HPP

#include <utility>

#include "problem.hpp"

namespace gamut {

class UnpenalisedPart {
 public:
  explicit UnpenalisedPart(const Problem& problem)
      : problem_(problem), count_(problem.coefficients) {
    problem_.terms.clear();
    for (const Term& term : problem.terms) {
      if (!term.covariance) problem_.terms.push_back(term);
    }
    for (const Term& term : problem.terms) {
      if (term.covariance) add_free(term, problem.storage(term).columns());
    }
  }

  const Problem& problem() const { return problem_; }

  /// Is the coefficient of the root at this position free?
  bool is_free(Index position) const {
    for (const auto& pair : places_) {
      if (pair.first == position) return true;
    }
    return false;
  }

  /// Their values, by the positions of the caller's coefficients, from all of problem().
  Vector free_values(const Vector& all) const {
    Vector out = Vector::Zero(count_);
    for (const auto& pair : places_) out[pair.first] = all[pair.second];
    return out;
  }
  /// Flags of problem() become those of the caller's coefficients.
  void to_caller(std::vector<char>& flags) const {
    for (const auto& pair : places_) flags[pair.first] = flags[pair.second];
    flags.resize(static_cast<std::size_t>(count_));
  }

 private:
  void add_free(const Term& term, Index columns) {
    const Covariance& law = *term.covariance;
    const Index size = law.size(), first = law.penalised(), count = size - first;
    if (count == 0) return;
    const Matrix null = law.root().rightCols(count);
    Term out = term;
    out.covariance = nullptr;
    out.position.clear();
    out.map = CoefficientMap();
    out.map.matrix = term.map.matrix.size() > 0 ? Matrix(term.map.matrix * null) : null;
    if (out.map.matrix.rows() != columns) {
      throw Error(Status::invalid_argument, "a smooth must have all of its columns");
    }
    const auto few = problem_.storages[term.storage]->mapped(out.map.matrix);
    if (few) {
      out.storage = static_cast<int>(problem_.storages.size());
      problem_.storages.push_back(few);
      out.map = CoefficientMap();
    }
    for (Index a = 0; a < term.loading.cols(); ++a) {
      for (Index j = 0; j < count; ++j) {
        places_.emplace_back(term.position[a * size + first + j], problem_.coefficients);
        out.position.push_back(problem_.coefficients++);
      }
    }
    problem_.terms.push_back(std::move(out));
  }

  Problem problem_;
  Index count_;
  std::vector<std::pair<Index, Index>> places_;  ///< of the caller, of problem()
};

}  // namespace gamut

#endif  // GAMUT_UNPENALISED_PART_HPP
