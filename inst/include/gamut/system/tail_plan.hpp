// system/tail_plan.hpp - which elimination a long tail gets, and the pattern it needs.
//
// Three questions in turn: do the levels of the leading factor couple few enough columns
// that a sparse factor may pay; does it take less time than a dense one
// (elimination.hpp); and if either takes long, may it be done without by iteration?
#ifndef GAMUT_SYSTEM_TAIL_PLAN_HPP
#define GAMUT_SYSTEM_TAIL_PLAN_HPP

#include "block.hpp"
#include "elimination.hpp"
#include "tail_pattern.hpp"

namespace gamut {

/// What a plan is made for: the blocks of the tail, of whose `raw` columns the first
/// `local` meet few levels (`met`) of the leading factor, `width` coefficients each; the
/// map from free to raw coefficients, and which free ones are penalised.
struct LongTail {
  const Problem& problem;
  const std::vector<Block>& blocks;
  const CrossPattern& met;
  Index local, raw, width;
  const Eigen::SparseMatrix<double>& map;
  const std::vector<char>& penalised;
};

/// Storages of the factors and where they stand.
inline std::vector<CrossPattern::Place> factor_places(const Problem& problem,
                                                      const std::vector<Block>& blocks) {
  std::vector<CrossPattern::Place> places;
  for (const Block& block : blocks) {
    const Storage& storage = problem.storage(problem.terms[block.term]);
    if (storage.levels() > 0) places.push_back({&storage, block.raw});
  }
  return places;
}

class TailPlan {
 public:
  /// Error invalid_argument where an iteration is asked for that is not possible.
  explicit TailPlan(const LongTail& tail) : tail_(tail) {
    const TailKind wanted = tail.problem.tail;
    if (wanted == TailKind::dense) return;
    if (wanted != TailKind::iterative) plan_factor(wanted);
    if (wanted != TailKind::sparse) plan_iteration(wanted == TailKind::iterative);
  }

  /// Empty where the tail is kept in full.
  TailPattern coupling;
  Elimination elimination;

 private:
  void plan_factor(TailKind wanted) {
    const double columns = static_cast<double>(tail_.local);
    const bool asked = wanted == TailKind::sparse;
    elimination.dense_seconds = dense_seconds(tail_.map.cols());
    if (!asked && TailPattern::pairs(tail_.met) > most_pairs * columns * columns) return;
    TailPattern found(tail_.met, tail_.local);
    const double full = 0.5 * columns * columns;
    if (!asked && static_cast<double>(found.entries()) > most_entries * full) return;
    const SparseMatrix s = structure(found);
    const SparseMatrix free = tail_.map.transpose() * SparseMatrix(s * tail_.map);
    elimination = EliminationPlan(free, tail_.penalised)(wanted);
    if (elimination.kind == TailKind::sparse) coupling = std::move(found);
  }

  /// Where any factor of the tail takes long, and its terms are scalar ones.
  void plan_iteration(bool asked) {
    const bool possible = tail_.problem.estimate_traces && is_scalar();
    if (asked && !possible) {
      throw Error(Status::invalid_argument,
                  "an iterative elimination is for gaussian models whose random terms, "
                  "but for that of most levels, have one effect a level");
    }
    const double direct = elimination.kind == TailKind::sparse
                              ? elimination.sparse_seconds
                              : elimination.dense_seconds;
    if (!possible || (!asked && direct < longest_factor)) return;
    TailPattern own(factor_places(tail_.problem, tail_.blocks), tail_.problem.rows,
                    tail_.local);
    const Index rows = tail_.met.levels() * tail_.width + tail_.local;
    const double seconds =
        iterative_seconds(tail_.met.entries() * tail_.width + own.entries() +
                          rows * (tail_.raw - tail_.local));
    if (!asked && 3 * seconds > direct) return;
    coupling = std::move(own);
    elimination.kind = TailKind::iterative;
  }

  bool is_scalar() const {
    for (const Block& block : tail_.blocks) {
      const Term& term = tail_.problem.terms[block.term];
      const bool scalar = !term.covariance || term.covariance->size() == 1;
      if (!scalar || !term.map.is_identity()) return false;
    }
    return true;
  }

  /// Ones where the tail's Schur complement over raw columns has entries.
  SparseMatrix structure(const TailPattern& pattern) const {
    std::vector<Eigen::Triplet<double>> entries;
    for (Index j = 0; j < tail_.local; ++j) {
      for (Index e = pattern.begin(j); e < pattern.end(j); ++e) {
        entries.emplace_back(pattern.row(e), j, 1.0);
      }
    }
    for (Index i = tail_.local; i < tail_.raw; ++i) {
      for (Index j = 0; j <= i; ++j) entries.emplace_back(i, j, 1.0);
    }
    SparseMatrix lower(tail_.raw, tail_.raw);
    lower.setFromTriplets(entries.begin(), entries.end());
    return lower.selfadjointView<Eigen::Lower>();
  }

  const LongTail& tail_;
  /// Pairs of columns, level by level, that are worth looking at, in units of all pairs.
  static constexpr double most_pairs = 8;
  /// Share of all pairs that may be coupled: beyond, a sparse factor takes longer.
  static constexpr double most_entries = 0.3;
  /// Seconds up to which a factor is worth waiting for.
  static constexpr double longest_factor = 5;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_TAIL_PLAN_HPP
