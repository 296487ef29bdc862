// system/coefficients.hpp - between the caller's coefficients and the system's.
//
// The caller has one vector, in the order of Term::position, of term coefficients for
// columns as given. The system has levels of the leading term and tail, in free
// coefficients, for the columns as stored: centred, and reduced where asked for.
#ifndef GAMUT_SYSTEM_COEFFICIENTS_HPP
#define GAMUT_SYSTEM_COEFFICIENTS_HPP

#include "layout.hpp"

namespace gamut {

/// Place in the caller's vector of each tail coefficient.
inline IndexVector tail_positions(const Layout& layout) {
  IndexVector positions(static_cast<std::size_t>(layout.free_tail()));
  for (const Block& block : layout.tail()) {
    const Term& term = layout.problem().terms[block.term];
    for (Index j = 0; j < block.free_columns; ++j) {
      positions[block.free_column(j)] =
          term.position[block.loading * block.free_columns + j];
    }
  }
  return positions;
}

/// Place in the caller's vector of each leading coefficient; -1 for dropped levels.
inline IndexVector lead_positions(const Layout& layout) {
  const Index b = layout.width();
  IndexVector positions(static_cast<std::size_t>(layout.levels() * b), -1);
  if (!layout.has_lead()) return positions;
  const Term& term = layout.lead();
  const Index slopes = layout.slopes();
  const Index columns = term.map.free_columns(layout.levels() * slopes);
  for (Index l = 0; l < layout.levels(); ++l) {
    if (!layout.level_kept(l)) continue;
    const Index level = term.map.is_identity() ? l : term.map.selection[l];
    for (Index r = 0; r < b; ++r) {
      positions[l * b + r] =
          term.position[r / slopes * columns + level * slopes + r % slopes];
    }
  }
  return positions;
}

/// The tail's columns as stored and as given: x = x_stored C + m 1, with the centres m, 0
/// where none, the tail column of the intercept that each is centred on (-1: none), and
/// the reduction C of each block that has one.
struct ColumnBasis {
  struct Reduced {
    Index first;
    const Matrix* shares;  ///< C, unit upper triangular
  };
  Vector centre;
  IndexVector intercept;
  std::vector<Reduced> reduced;

  explicit ColumnBasis(const Layout& layout)
      : centre(Vector::Zero(layout.free_tail())),
        intercept(static_cast<std::size_t>(layout.free_tail()), -1) {
    for (const Block& block : layout.tail()) {
      const Problem& problem = layout.problem();
      const Storage& storage = problem.storage(problem.terms[block.term]);
      if (storage.reduction().size() > 0) {
        reduced.push_back({block.free, &storage.reduction()});
      }
      if (!storage.centred()) continue;
      for (Index j = 1; j < block.free_columns; ++j) {
        centre[block.free + j] = storage.centre_of(j);
        intercept[block.free + j] = block.free;
      }
    }
  }

  /// Coefficients of the caller's columns from those of the stored ones (a linear
  /// map; also applied to the rows of a covariance).
  template <class Rows>
  void to_caller(Rows&& rows) const {
    for (const Reduced& block : reduced) {
      auto own = rows.middleRows(block.first, block.shares->rows());
      block.shares->template triangularView<Eigen::UnitUpper>().solveInPlace(own);
    }
    for (Index j = 0; j < centre.size(); ++j) {
      if (intercept[j] >= 0) rows.row(intercept[j]) -= centre[j] * rows.row(j);
    }
  }
  template <class Rows>
  void from_caller(Rows&& rows) const {
    for (Index j = 0; j < centre.size(); ++j) {
      if (intercept[j] >= 0) rows.row(intercept[j]) += centre[j] * rows.row(j);
    }
    for (const Reduced& block : reduced) {
      auto own = rows.middleRows(block.first, block.shares->rows());
      own = (*block.shares * own).eval();
    }
  }
  /// R of the caller's columns from R of the stored ones.
  Matrix caller_root(Matrix root) const {
    for (const Reduced& block : reduced) {
      auto own = root.middleCols(block.first, block.shares->cols());
      own = (own * *block.shares).eval();
    }
    for (Index j = 0; j < centre.size(); ++j) {
      if (intercept[j] >= 0) root.col(j) += centre[j] * root.col(intercept[j]);
    }
    return root;
  }
  /// A row of the columns as given becomes one of those stored.
  void to_stored(Vector& x) const {
    for (Index j = 0; j < x.size(); ++j) {
      if (intercept[j] >= 0) x[j] -= centre[j] * x[intercept[j]];
    }
    for (const Reduced& block : reduced) {
      auto own = x.segment(block.first, block.shares->cols());
      block.shares->transpose().triangularView<Eigen::UnitLower>().solveInPlace(own);
    }
  }
};

/// The caller's coefficients in the system's order, for the columns as stored.
inline Coefficients term_from_caller(const Layout& layout, const Vector& given) {
  if (given.size() != layout.problem().coefficients) {
    throw Error(Status::invalid_argument,
                std::to_string(given.size()) + " coefficients for a problem of " +
                    std::to_string(layout.problem().coefficients));
  }
  Coefficients c = layout.zero();
  const IndexVector tail = tail_positions(layout), lead = lead_positions(layout);
  for (Index j = 0; j < c.tail.size(); ++j) c.tail[j] = given[tail[j]];
  for (Index j = 0; j < c.lead.size(); ++j) {
    if (lead[j] >= 0) c.lead[j] = given[lead[j]];
  }
  ColumnBasis(layout).from_caller(c.tail);
  return c;
}

/// Raw coefficients straight from the caller's: what a prediction needs, at any value
/// of the covariances.
inline Coefficients raw_from_caller(const Layout& layout, const Vector& given) {
  return layout.raw_from_term(term_from_caller(layout, given));
}

/// Free coefficients to start from: those of terms with a covariance begin at 0, where
/// their prior has its mean.
inline Coefficients free_from_caller(const Layout& layout, const Vector& given) {
  Coefficients c = term_from_caller(layout, given);
  for (const Block& block : layout.tail()) {
    if (!layout.problem().terms[block.term].covariance) continue;
    for (Index j = 0; j < block.free_columns; ++j) c.tail[block.free_column(j)] = 0;
  }
  if (layout.has_lead() && layout.lead().covariance) c.lead.setZero();
  return c;
}

inline Vector caller_from_free(const Layout& layout, const Coefficients& free) {
  Coefficients c = layout.term_from_free(free);
  Vector out = Vector::Zero(layout.problem().coefficients);
  const IndexVector tail = tail_positions(layout), lead = lead_positions(layout);
  ColumnBasis(layout).to_caller(c.tail);
  for (Index j = 0; j < c.tail.size(); ++j) out[tail[j]] = c.tail[j];
  for (Index j = 0; j < c.lead.size(); ++j) {
    if (lead[j] >= 0) out[lead[j]] = c.lead[j];
  }
  return out;
}

}  // namespace gamut

#endif  // GAMUT_SYSTEM_COEFFICIENTS_HPP
