// system/sums.hpp - what a pass over the rows adds up.
//
// With A the raw rows of all terms, W the K x K weights and s the scores:
//   tail        A_t' W A_t                           tail_score   A_t' s
//   lead        the b x b diagonal blocks of A_l' W A_l, level by level
//   cross       A_l' W A_t
//   level_objective  the objective, level by level of the leading term
// Partial sums of chunks of rows add up to those of the whole.
#ifndef GAMUT_SYSTEM_SUMS_HPP
#define GAMUT_SYSTEM_SUMS_HPP

#include "tail_matrix.hpp"

namespace gamut {

struct Sums {
  double objective = 0;
  double pearson = 0;
  double kept_rows = 0;  ///< rows of positive prior weight
  TailMatrix tail;
  Vector tail_score;
  Vector lead, lead_score;
  CrossRows cross;
  Vector level_objective;

  /// Zero, with room for the parts that are asked for.
  void reset(const Layout& layout, bool gram, bool score, bool level_objective_too) {
    objective = pearson = kept_rows = 0;
    const Index p = layout.raw_tail(), q = layout.levels() * layout.width();
    if (score) {
      tail_score.setZero(p);
      lead_score.setZero(q);
    }
    if (level_objective_too) level_objective.setZero(layout.levels());
    if (gram) {
      tail.set_zero(layout);
      lead.setZero(q * layout.width());
      cross.set_zero(layout);
    }
  }

  static Index size(const Layout& layout) {
    const Index p = layout.raw_tail(), q = layout.levels() * layout.width();
    return TailMatrix::size(layout) + p + q * (layout.width() + 1) +
           CrossRows::size(layout);
  }

  void add(const Sums& other) {
    objective += other.objective;
    pearson += other.pearson;
    kept_rows += other.kept_rows;
    add_part(tail, other.tail);
    add_part(tail_score, other.tail_score);
    add_part(lead, other.lead);
    add_part(cross, other.cross);
    add_part(lead_score, other.lead_score);
    add_part(level_objective, other.level_objective);
  }

 private:
  template <class Part>
  static void add_part(Part& into, const Part& from) {
    if (into.size() > 0 && from.size() == into.size()) into += from;
  }
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_SUMS_HPP
