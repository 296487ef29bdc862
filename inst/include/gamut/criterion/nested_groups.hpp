// criterion/nested_groups.hpp - random effects over which a likelihood falls apart.
//
// One factor, whose levels are independent; or an inner factor nested in an outer one,
// where given the effects of an outer level its inner ones are. The inner factor is the
// leading term of the layout, the outer one (if any) the only other term with a
// covariance. With b and a coefficients a level, the blocks of Z'WZ that matter are
//   inner(l)     b x b,   coupling(l)  b x a, of level l with its outer level,
//   outer(g)     a x a.
// Without an outer factor every level is a group of its own, a = 0.
// Throws Error(invalid_argument) for all other designs.
#ifndef GAMUT_CRITERION_NESTED_GROUPS_HPP
#define GAMUT_CRITERION_NESTED_GROUPS_HPP

#include "../system/gram_product.hpp"
#include "random_terms.hpp"

namespace gamut {

class NestedGroups {
 public:
  /// Of an inner and an outer level together.
  static constexpr int most_effects = 3;

  NestedGroups(const Layout& layout, const RandomTerms& terms) : layout_(layout) {
    for (const RandomTerm& term : terms.all()) {
      if (term.leads) {
        inner_ = &term;
      } else if (!outer_) {
        outer_ = &term;
      } else {
        refuse("more than two terms with random effects");
      }
    }
    if (!inner_) refuse("one level only");
    if (inner_size() + outer_size() > most_effects) refuse("more than three effects");
    outer_of_.resize(static_cast<std::size_t>(levels()));
    for (Index l = 0; l < levels(); ++l) outer_of_[l] = outer_ ? -1 : l;
    if (outer_) find_nesting();
  }

  const RandomTerm& inner() const { return *inner_; }
  bool has_outer() const { return outer_ != nullptr; }
  const RandomTerm& outer() const { return *outer_; }
  Index levels() const { return inner_->levels; }
  Index groups() const { return outer_ ? outer_->levels : levels(); }
  Index group(Index level) const { return outer_of_[level]; }
  int inner_size() const { return static_cast<int>(inner_->size); }
  int outer_size() const { return outer_ ? static_cast<int>(outer_->size) : 0; }

  Matrix inner(const GramProduct& gram, Index level) const {
    return gram.lead_block(level).selfadjointView<Eigen::Lower>();
  }

  Matrix coupling(const GramProduct& gram, Index level) const {
    Matrix out(inner_size(), outer_size());
    for (int j = 0; j < outer_size(); ++j) {
      out.col(j) = gram.cross().entry(level, raw_[group(level) * outer_size() + j]);
    }
    return out;
  }

  Matrix outer(const Sums& sums, Index group) const {
    const int a = outer_size();
    Matrix out(a, a);
    for (int i = 0; i < a; ++i) {
      for (int j = 0; j < a; ++j) {
        const Index row = raw_[group * a + i], column = raw_[group * a + j];
        out(i, j) = sums.tail(row, column);
      }
    }
    return out;
  }

 private:
  [[noreturn]] static void refuse(const std::string& what) {
    throw Error(Status::invalid_argument, "quadrature does not cover " + what);
  }

  void find_nesting() {
    const Problem& problem = layout_.problem();
    const Storage& lead = problem.storage(layout_.lead());
    const Storage& other = problem.storage(problem.terms[outer_->term]);
    if (other.levels() != outer_->levels) refuse("a term without a grouping factor");
    PanelBuffer here, there;
    for (Index first = 0; first < problem.rows; first += tile_rows) {
      const Index rows = std::min(tile_rows, problem.rows - first);
      const Panel inner = lead.pack(first, rows, here);
      const Panel outer = other.pack(first, rows, there);
      for (Index i = 0; i < rows; ++i) {
        Index& known = outer_of_[inner.level(i)];
        if (known < 0) known = outer.level(i);
        if (known != outer.level(i)) refuse("crossed factors");
      }
    }
    for (Index& known : outer_of_) known = std::max<Index>(known, 0);
    find_raw_columns();
  }

  /// Raw columns of the outer term, level by level, slopes fastest within loadings.
  void find_raw_columns() {
    raw_.resize(static_cast<std::size_t>(outer_->levels * outer_->size));
    for (const Block& block : layout_.tail()) {
      if (block.term != outer_->term) continue;
      const Index slopes = block.raw_columns / outer_->levels;
      for (Index j = 0; j < block.raw_columns; ++j) {
        const Index level = j / slopes, place = block.loading * slopes + j % slopes;
        raw_[level * outer_->size + place] = block.raw + j;
      }
    }
  }

  const Layout& layout_;
  const RandomTerm *inner_ = nullptr, *outer_ = nullptr;
  IndexVector outer_of_, raw_;
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_NESTED_GROUPS_HPP
