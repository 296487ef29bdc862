// problem.hpp - the data of a fit: a response, its family, and the terms.
//
// Nothing here is copied: vectors are read where the caller keeps them, and must
// outlive the problem. check() throws Error invalid_argument where parts do not fit
// together; all that comes after relies on it.
#ifndef GAMUT_PROBLEM_HPP
#define GAMUT_PROBLEM_HPP

#include <memory>
#include <string>

#include "family/family.hpp"
#include "term/storage.hpp"
#include "term/term.hpp"

namespace gamut {

/// How a long tail is eliminated (system/elimination.hpp); automatic: whichever is
/// faster.
enum class TailKind { automatic, dense, sparse, iterative };

struct Problem {
  Index rows = 0;
  std::shared_ptr<const Family> family;
  const double* response = nullptr;  ///< rows x response_columns, column-major
  int response_columns = 1;
  const double* prior = nullptr;       ///< prior weights; null: all one
  std::vector<const double*> offsets;  ///< one per predictor; null: none
  std::vector<std::shared_ptr<Storage>> storages;
  std::vector<Term> terms;
  Index coefficients = 0;  ///< length of the caller's coefficient vector
  /// Coefficients over which a restricted likelihood does not integrate, by place in
  /// that vector: those of dispersions and shapes. Empty: none.
  std::vector<char> outside;
  TailKind tail = TailKind::automatic;
  /// May traces and determinants be estimated, where they would take too long?
  bool estimate_traces = false;

  int predictors() const { return family->predictors(); }
  bool has_smooths() const {
    for (const Term& term : terms) {
      if (term.covariance && term.covariance->is_penalty()) return true;
    }
    return false;
  }

  ResponseTile response_tile(Index first, Index count) const {
    ResponseTile tile;
    tile.rows = count;
    tile.y = response + first;
    tile.stride = rows;
    tile.columns = response_columns;
    tile.prior = prior ? prior + first : nullptr;
    return tile;
  }

  const Storage& storage(const Term& term) const { return *storages[term.storage]; }

  void check() const {
    require(rows >= 0 && family != nullptr, "the problem has no family or no rows");
    require(static_cast<int>(offsets.size()) == predictors(),
            "one offset, or null, is needed for each predictor");
    for (std::size_t t = 0; t < terms.size(); ++t) check(terms[t], std::to_string(t));
  }

 private:
  static void require(bool holds, const std::string& what) {
    if (!holds) throw Error(Status::invalid_argument, what);
  }

  void check(const Term& term, const std::string& name) const {
    require(term.storage >= 0 && term.storage < static_cast<int>(storages.size()),
            "term " + name + " has no storage");
    require(term.loading.rows() == predictors() && term.loading.cols() > 0,
            "the loading of term " + name + " needs a row for each predictor");
    const Index columns = storage(term).columns(), free = term.map.free_columns(columns);
    require(term.map.selection.empty() || Index(term.map.selection.size()) == columns,
            "the selection of term " + name + " needs an entry for each column");
    require(term.map.matrix.size() == 0 || term.map.matrix.rows() == columns,
            "the contrasts of term " + name + " need a row for each column");
    for (Index target : term.map.selection) {
      require(target < free, "the selection of term " + name + " leaves a column out");
    }
    require(Index(term.position.size()) == free * term.loading.cols(),
            "term " + name + " needs a position for each coefficient");
    for (Index place : term.position) {
      require(place >= 0 && place < coefficients,
              "a coefficient of term " + name + " has no place");
    }
  }
};

}  // namespace gamut

#endif  // GAMUT_PROBLEM_HPP
