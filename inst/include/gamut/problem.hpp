// problem.hpp - the data of a fit: a response, its family, and the terms.
//
// Nothing here is copied: vectors are read where the caller keeps them, and must
// outlive the problem.
#ifndef GAMUT_PROBLEM_HPP
#define GAMUT_PROBLEM_HPP

#include <memory>

#include "family/family.hpp"
#include "term/storage.hpp"
#include "term/term.hpp"

namespace gamut {

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

  int predictors() const { return family->predictors(); }

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
};

}  // namespace gamut

#endif  // GAMUT_PROBLEM_HPP
