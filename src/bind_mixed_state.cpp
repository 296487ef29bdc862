// bind_mixed_state.cpp - variances and products at the estimates of a fit with random
// effects (see R/mixed-engine.R).
#include <RcppEigen.h>

#include "gamut/mixed_state.hpp"
#include "problem_from_r.h"

using namespace gamut;

namespace {

/// The estimates: theta of each random term, coefficients, what is aliased.
struct State {
  Problem problem;
  std::unique_ptr<MixedState> at;
  State(const Rcpp::List& data, const Rcpp::List& estimates)
      : problem(problem_from_r(data)) {
    const Rcpp::List theta = estimates["theta"];
    R_xlen_t next = 0;
    for (const Term& term : problem.terms) {
      if (!term.covariance) continue;
      const Vector value = Rcpp::as<Vector>(theta[next++]);
      term.covariance->set_parameters(value.data());
    }
    const Rcpp::LogicalVector aliased = estimates["aliased"];
    at = std::make_unique<MixedState>(
        problem, Rcpp::as<Vector>(estimates["coefficients"]),
        std::vector<char>(aliased.begin(), aliased.end()), Information::observed,
        Rcpp::as<int>(estimates["threads"]));
  }
};

/// x over the caller's coefficients of each row and predictor of a problem.
class CallerRows {
 public:
  explicit CallerRows(const Problem& problem)
      : layout_(problem, false), positions_(tail_positions(layout_)), tile_(layout_) {}

  template <class Body>
  void for_each(const Body& body) {
    const Index rows = layout_.problem().rows;
    for (Index first = 0; first < rows; first += tile_rows) {
      tile_.load(first, std::min(tile_rows, rows - first));
      for (Index i = 0; i < tile_.rows(); ++i) body(first + i, i);
    }
  }

  /// Of the row of the tile that for_each() is at.
  SparseRow row(Index i, int predictor) const {
    SparseRow out;
    for (const Block& block : layout_.tail()) {
      const Term& term = layout_.problem().terms[block.term];
      const double loading = term.loading(predictor, block.loading);
      if (loading != 0) add(tile_.panel(term.storage), block, term, loading, i, out);
    }
    return out;
  }

 private:
  void add(const Panel& panel, const Block& block, const Term& term, double loading,
           Index i, SparseRow& out) const {
    const Storage& storage = layout_.problem().storage(term);
    const int count = panel.is_local() ? panel.width : static_cast<int>(panel.columns);
    const Index first = panel.is_local() ? panel.first[i] : 0;
    for (int j = 0; j < count; ++j) {
      double value = panel.values ? panel.values[j * panel.ld + i] : 1;
      if (storage.centred() && j > 0) value += storage.centre_of(j);
      push(term.map, block, first + j, loading * value, out);
    }
  }

  void push(const CoefficientMap& map, const Block& block, Index raw, double value,
            SparseRow& out) const {
    if (map.matrix.size() > 0) {
      for (Index j = 0; j < map.matrix.cols(); ++j) {
        out.place.push_back(positions_[block.free_column(j)]);
        out.value.push_back(value * map.matrix(raw, j));
      }
      return;
    }
    const Index j = map.selection.empty() ? raw : map.selection[raw];
    if (j < 0) return;
    out.place.push_back(positions_[block.free_column(j)]);
    out.value.push_back(value);
  }

  Layout layout_;
  IndexVector positions_;
  Tile tile_;
};

}  // namespace

// [[Rcpp::export(rng = false)]]
Rcpp::List conditional_variance_cpp(const Rcpp::List& problem,
                                    const Rcpp::List& estimates) {
  const State state(problem, estimates);
  Rcpp::List out;
  for (const Matrix& blocks : state.at->conditional()) out.push_back(Rcpp::wrap(blocks));
  return out;
}

// [[Rcpp::export(rng = false)]]
Rcpp::NumericMatrix mixed_row_variance_cpp(const Rcpp::List& problem,
                                           const Rcpp::List& estimates,
                                           const Rcpp::List& rows) {
  const State state(problem, estimates);
  const Problem data = problem_from_r(rows);
  CallerRows caller(data);
  const int k = data.predictors();
  Rcpp::NumericMatrix out(static_cast<int>(data.rows), packed_size(k));
  caller.for_each([&](Index row, Index i) {
    std::vector<MixedState::Half> half;
    for (int a = 0; a < k; ++a) half.push_back(state.at->half(caller.row(i, a)));
    for (int b = 0; b < k; ++b) {
      for (int a = b; a < k; ++a) {
        out(static_cast<int>(row), packed_index(a, b, k)) =
            state.at->covariance(half[a], half[b]);
      }
    }
  });
  return out;
}
