// system/collinear.hpp - columns that are nearly, but not quite, linear in each other.
//
// A linear mixed model works on one Gram matrix all along, and its squares lose twice the
// digits of what columns differ in. So where a scaled pivot of the fixed effects is
// small, their columns are stored reduced, each without its share in those before it
// (Storage::reduce); the model is the same, and ColumnBasis has the caller's
// coefficients. Source: Golub & Van Loan (2013) section 5.3.
#ifndef GAMUT_SYSTEM_COLLINEAR_HPP
#define GAMUT_SYSTEM_COLLINEAR_HPP

#include "../problem.hpp"

namespace gamut {

/// Scaled pivot of a Gram matrix below which its columns are to be reduced: 6 of the 16
/// digits are lost there, and log-likelihoods are to have 9.
constexpr double collinear_pivot = 1e-6;

/// Store the columns of all terms without a covariance reduced. `aliased`, of the
/// caller's coefficients.
inline void reduce_columns(const Problem& problem, const std::vector<char>& aliased) {
  for (const Term& term : problem.terms) {
    Storage& storage = *problem.storages[term.storage];
    const Index columns = storage.columns();
    if (term.covariance || storage.is_local() || !term.map.is_identity()) continue;
    std::vector<char> own(static_cast<std::size_t>(columns), 0);
    for (std::size_t j = 0; j < term.position.size(); ++j) {
      own[j % own.size()] |= aliased[term.position[j]];
    }
    storage.reduce(problem.rows, own);
  }
}

}  // namespace gamut

#endif  // GAMUT_SYSTEM_COLLINEAR_HPP
