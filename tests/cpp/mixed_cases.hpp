// mixed_cases.hpp - small problems with random effects, and gradients by differences.
#ifndef GAMUT_TESTS_MIXED_CASES_HPP
#define GAMUT_TESTS_MIXED_CASES_HPP

#include "engine_cases.hpp"
#include "gamut/covariance/registry.hpp"
#include "gamut/mixed.hpp"

namespace mixed_cases {

using namespace gamut;
using engine_cases::Case;
using engine_cases::one;
using engine_cases::Random;

inline CovarianceSpec spec(const std::string& kind, Index size) {
  CovarianceSpec out;
  out.kind = kind;
  out.size = size;
  return out;
}

/// Two crossed factors, one with a slope, and two numeric columns.
struct Crossed : Case {
  std::vector<int> other;
  Crossed(Index rows, int first, int second, unsigned long long seed)
      : Case(rows, 2, first, seed) {
    Random random(seed + 7);
    for (Index i = 0; i < rows; ++i) {
      other.push_back(1 + static_cast<int>(random.uniform() * second));
    }
    effects = Matrix(std::max(first, second), 3);
    for (Index j = 0; j < effects.size(); ++j) effects.data()[j] = random.normal();
    second_levels = second;
    first_levels = first;
  }

  double predictor(Index i) const {
    return 0.3 + 0.5 * x(i, 0) - 0.2 * x(i, 1) + 0.8 * effects(codes[i] - 1, 0) +
           0.4 * effects(codes[i] - 1, 1) * x(i, 0) + 0.6 * effects(other[i] - 1, 2);
  }

  void draw(bool counts, unsigned long long seed) {
    Random random(seed);
    for (Index i = 0; i < x.rows(); ++i) {
      if (counts) {
        y(i, 0) = std::floor(std::exp(0.5 * predictor(i)) * 2 * random.uniform());
      } else {
        y(i, 0) = predictor(i) + random.normal();
      }
    }
  }

  void add_random(const Matrix& loading, const std::string& kind = "us") {
    Column intercept, slope;
    slope.operands.emplace_back();
    slope.operands[0].real = x.col(0).data();
    problem.storages.push_back(std::make_shared<IndexStorage>(
        codes.data(), first_levels, std::vector<Column>{intercept, slope}));
    push(2 * first_levels, loading, spec(kind, 2 * loading.cols()));
    problem.storages.push_back(std::make_shared<IndexStorage>(other.data(), second_levels,
                                                              std::vector<Column>()));
    push(second_levels, loading,
         spec(loading.cols() > 1 ? "us" : "identity", loading.cols()));
  }

  void push(Index columns, const Matrix& loading, const CovarianceSpec& law) {
    Term term;
    term.storage = static_cast<int>(problem.storages.size()) - 1;
    term.loading = loading;
    term.covariance = make_covariance(law);
    for (Index j = 0; j < columns * loading.cols(); ++j) {
      term.position.push_back(problem.coefficients++);
    }
    problem.terms.push_back(term);
  }

  Matrix effects;
  int first_levels = 0, second_levels = 0;
};

inline Sums sums_at(const Layout& layout, const Coefficients& c) {
  PassRequest request;
  return Pass(layout, 1, nullptr)(c, request);
}

/// Largest error of the gradient against central differences, relative to its size.
inline double gradient_error(Objective& objective, const Vector& x) {
  const Evaluation at = objective.evaluate(x);
  double worst = 0;
  for (Index j = 0; j < x.size(); ++j) {
    const double h = 1e-4 * std::max(1.0, std::abs(x[j]));
    Vector ahead = x, behind = x;
    ahead[j] += h;
    behind[j] -= h;
    const double slope =
        (objective.evaluate(ahead).value - objective.evaluate(behind).value) / (2 * h);
    worst = std::max(worst, std::abs(slope - at.gradient[j]));
  }
  return worst / at.gradient.cwiseAbs().maxCoeff();
}

}  // namespace mixed_cases

#endif  // GAMUT_TESTS_MIXED_CASES_HPP
