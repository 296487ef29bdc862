// engine_cases.hpp - small problems for the tests of the engine, with the memory that
// a Problem only points to.
#ifndef GAMUT_TESTS_ENGINE_CASES_HPP
#define GAMUT_TESTS_ENGINE_CASES_HPP

#include <memory>
#include <string>
#include <vector>

#include "gamut/pirls.hpp"
#include "gamut/term/dense.hpp"
#include "gamut/term/index.hpp"
#include "make_family.hpp"
#include "random.hpp"

namespace engine_cases {

using gamut::Index;
using gamut::Matrix;
using gamut::Vector;
using tests::Random;

/// A problem with its data: numeric columns, one factor, a response.
struct Case {
  gamut::Problem problem;
  Matrix x;
  std::vector<int> codes;
  Matrix y;
  std::vector<double> prior;

  Case(Index rows, Index columns, int levels, unsigned long long seed) {
    Random random(seed);
    x.resize(rows, columns);
    y.resize(rows, 1);
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < columns; ++j) x(i, j) = random.normal();
      codes.push_back(1 + static_cast<int>(random.uniform() * levels));
      y(i, 0) = random.normal();
      prior.push_back(0.5 + random.uniform());
    }
    problem.rows = rows;
  }
  Case(const Case&) = delete;

  void set_family(const std::string& name, const std::string& link, int categories = 0) {
    gamut::FamilySpec spec;
    spec.distribution = name;
    if (!link.empty()) spec.links.push_back(gamut::make_link(link));
    if (name == "beta") spec.links.push_back(gamut::make_link("log"));
    spec.categories = categories;
    problem.family = make_family(spec);
    problem.offsets.assign(static_cast<std::size_t>(problem.predictors()), nullptr);
    problem.response = y.data();
    problem.response_columns = static_cast<int>(y.cols());
    problem.prior = prior.data();
  }

  /// Intercept and the numeric columns, with the given loading.
  gamut::Term& add_dense(const Matrix& loading, bool intercept = true) {
    std::vector<gamut::Column> columns;
    if (intercept) columns.emplace_back();
    for (Index j = 0; j < x.cols(); ++j) {
      gamut::Column column;
      column.operands.emplace_back();
      column.operands[0].real = x.col(j).data();
      columns.push_back(column);
    }
    auto dense = std::make_shared<gamut::DenseStorage>(columns, intercept);
    dense->centre(problem.rows);
    problem.storages.push_back(dense);
    return add_term(dense->columns(), loading);
  }

  /// The factor; without its first level unless `full`.
  gamut::Term& add_factor(int levels, const Matrix& loading, bool full) {
    problem.storages.push_back(std::make_shared<gamut::IndexStorage>(
        codes.data(), levels, std::vector<gamut::Column>()));
    gamut::Term& term = add_term(full ? levels : levels - 1, loading);
    for (int l = 0; l < levels && !full; ++l) term.map.selection.push_back(l - 1);
    return term;
  }

  /// The columns as a matrix, in the order of the caller's coefficients, for K = 1.
  Matrix design(bool intercept, int levels, bool full) const {
    const Index first = full ? 0 : 1, dense = x.cols() + (intercept ? 1 : 0);
    const Index width = levels > 0 ? levels - first : 0;
    Matrix out = Matrix::Zero(x.rows(), dense + width);
    if (intercept) out.col(0).setOnes();
    out.block(0, dense - x.cols(), x.rows(), x.cols()) = x;
    for (Index i = 0; i < x.rows() && levels > 0; ++i) {
      const Index level = codes[static_cast<std::size_t>(i)] - 1 - first;
      if (level >= 0) out(i, dense + level) = 1;
    }
    return out;
  }

 private:
  gamut::Term& add_term(Index columns, const Matrix& loading) {
    gamut::Term term;
    term.storage = static_cast<int>(problem.storages.size()) - 1;
    term.loading = loading;
    for (Index j = 0; j < columns * loading.cols(); ++j) {
      term.position.push_back(problem.coefficients++);
    }
    problem.terms.push_back(term);
    return problem.terms.back();
  }
};

inline Matrix one() { return Matrix::Ones(1, 1); }

}  // namespace engine_cases

#endif  // GAMUT_TESTS_ENGINE_CASES_HPP
