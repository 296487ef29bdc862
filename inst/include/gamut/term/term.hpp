// term/term.hpp - a term: a storage, the way it enters the predictors, and the law
// of its coefficients.
//
// With A the rows of the storage (n x r), T a map from the free coefficients to the
// columns of A (r x q: contrasts of a factor; the identity when empty), and the
// loading L (K x m), the term adds  A T C L'  to the n x K predictors; C (q x m) are
// its coefficients. An ordinary term of predictor k has L = e_k; the same columns in
// all K predictors of a categorical response are L = I.
#ifndef GAMUT_TERM_TERM_HPP
#define GAMUT_TERM_TERM_HPP

#include <memory>

#include "../covariance/covariance.hpp"
#include "storage.hpp"

namespace gamut {

/// T: either a selection (free column of each storage column, -1 for none), or a
/// matrix, or neither (the identity).
struct CoefficientMap {
  IndexVector selection;
  Matrix matrix;
  bool is_identity() const { return selection.empty() && matrix.size() == 0; }
  Index free_columns(Index storage_columns) const {
    if (matrix.size() > 0) return matrix.cols();
    if (selection.empty()) return storage_columns;
    Index count = 0;
    for (Index target : selection) count += target >= 0;
    return count;
  }
};

struct Term {
  int storage = 0;
  Matrix loading;
  CoefficientMap map;
  std::shared_ptr<Covariance> covariance;  ///< null: parametric
  /// Of a smooth with a block of coefficients for each level of a factor: are there too
  /// many for the covariance of all coefficients to be wanted?
  bool apart = false;
  /// Place of coefficient (column j, loading a) in the caller's vector, j fastest.
  IndexVector position;

  /// Is the covariance of its coefficients with all others wanted, as of parametric terms
  /// and smooths? See joint_covariance.hpp.
  bool in_joint() const { return !covariance || (covariance->is_penalty() && !apart); }
};

}  // namespace gamut

#endif  // GAMUT_TERM_TERM_HPP
