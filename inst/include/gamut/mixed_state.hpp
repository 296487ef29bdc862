// mixed_state.hpp - what a fit with random effects knows at its estimates.
//
// Nothing of the size of the factor is kept in a fit: from the problem, theta and the
// coefficients one pass makes it again, and these are asked of it:
//   conditional   Var(b | y) of each level, beta and theta given (Lambda H_u^-1 Lambda')
//   marginal      products with the inverse of the covariance of y
//                 (marginal_products.hpp)
//   covariance    of x'(beta, b) of two rows, beta and b jointly
// all of dispersion 1. A row is a sparse vector over the caller's coefficients.
// Source: Bates et al. (2015) J. Stat. Softw. 67(1), section 2.
#ifndef GAMUT_MIXED_STATE_HPP
#define GAMUT_MIXED_STATE_HPP

#include <map>
#include <memory>
#include <utility>

#include "caller_rows.hpp"
#include "marginal_products.hpp"
#include "pass.hpp"
#include "system/coefficients.hpp"
#include "system/selected_inverse.hpp"

namespace gamut {

class MixedState {
 public:
  /// `problem` has theta set in its covariances. `aliased`, of the caller's coefficients.
  MixedState(const Problem& problem, const Vector& coefficients,
             const std::vector<char>& aliased, Information information, int threads)
      : layout_(problem), mask_(layout_), basis_(layout_) {
    const IndexVector tail = tail_positions(layout_), lead = lead_positions(layout_);
    for (std::size_t j = 0; j < tail.size(); ++j) mask_.tail[j] = aliased[tail[j]];
    home_.assign(static_cast<std::size_t>(problem.coefficients), {-1, -1});
    for (std::size_t j = 0; j < tail.size(); ++j) home_[tail[j]].second = Index(j);
    for (std::size_t j = 0; j < lead.size(); ++j) {
      if (lead[j] >= 0) home_[lead[j]].first = Index(j);
    }
    sums_ = sums_at(coefficients, information, threads);
    gram_ = std::make_unique<GramProduct>(layout_, sums_);
    const NormalEquations equations(sums_, layout_, layout_.zero(), mask_);
    factor_ = ArrowFactor(equations, layout_);
    if (!factor_.positive()) {
      throw Error(Status::not_positive_definite, "the information at the estimates");
    }
    if (layout_.coupled_columns() == 0) tail_inverse_ = factor_.tail_inverse();
  }

  /// For each random term b x (b m): the blocks of its levels side by side.
  std::vector<Matrix> conditional() const {
    if (layout_.elimination().kind == TailKind::iterative) {
      throw Error(Status::invalid_argument,
                  "an iterative elimination knows no variance of single effects");
    }
    const SelectedInverse inverse(layout_, sums_, factor_, true);
    const RandomTerms terms(layout_);
    std::vector<Matrix> out;
    for (const RandomTerm& term : terms.all()) out.push_back(inverse.levels_of(term));
    return out;
  }

  MarginalProducts marginal() const {
    return MarginalAlgebra(layout_, *gram_, factor_, mask_)();
  }

  /// Z'W(y - X beta - Z b), term by term.
  Vector random_scores() const {
    const RandomTerms terms(layout_);
    const Coefficients score = layout_.term_scores({sums_.lead_score, sums_.tail_score});
    std::vector<double> out;
    for (const RandomTerm& term : terms.all()) {
      const auto part = term.columns(score);
      out.insert(out.end(), part.data(), part.data() + part.size());
    }
    return Eigen::Map<const Vector>(out.data(), static_cast<Index>(out.size()));
  }

  /// A row in the system: the leading coefficients of one level or several, D^-1 applied,
  /// and the tail with the leading term projected out.
  struct Half {
    std::vector<std::pair<Index, Vector>> lead, solved;
    Vector tail;
  };

  Half half(const SparseRow& row) const {
    Half out;
    // a row has few levels of all, whose number the time must not depend on
    std::map<Index, Vector> levels;
    Vector tail = Vector::Zero(layout_.free_tail());
    const Index b = layout_.width();
    for (std::size_t e = 0; e < row.place.size(); ++e) {
      const auto& home = home_[row.place[e]];
      if (home.first >= 0) {
        Vector& own = levels.emplace(home.first / b, Vector::Zero(b)).first->second;
        own[home.first % b] += row.value[e];
      } else if (home.second >= 0) {
        tail[home.second] += row.value[e];
      }
    }
    basis_.to_stored(tail);
    out.tail = layout_.tail_root().transpose() * tail;
    for (const auto& level : levels) add_level(level.first, level.second, out);
    for (Index j = 0; j < out.tail.size(); ++j) {
      if (mask_.tail[j]) out.tail[j] = 0;
    }
    return out;
  }

  double covariance(const Half& left, const Half& right) const {
    double sum = tail_product(left.tail, right.tail);
    for (const auto& own : left.lead) {
      for (const auto& other : right.solved) {
        if (own.first == other.first) sum += own.second.dot(other.second);
      }
    }
    return sum;
  }

 private:
  /// left'C right; of a tail kept in full by those few entries that are not 0.
  double tail_product(const Vector& left, const Vector& right) const {
    if (layout_.coupled_columns() > 0) {
      return left.dot(factor_.tail().solve(right, false));
    }
    IndexVector rows;
    for (Index i = 0; i < left.size(); ++i) {
      if (left[i] != 0) rows.push_back(i);
    }
    double sum = 0;
    for (Index j = 0; j < right.size(); ++j) {
      if (right[j] == 0) continue;
      double inner = 0;
      for (Index i : rows) inner += tail_inverse_(i, j) * left[i];
      sum += inner * right[j];
    }
    return sum;
  }

  Sums sums_at(const Vector& coefficients, Information information, int threads) const {
    PassRequest request;
    request.information = information;
    // Raw coefficients would do; free ones are what a pass takes, and at Lambda = 0 they
    // cannot say where the fit is: it is 0 there.
    const Coefficients c =
        RandomTerms(layout_).free_from_term(term_from_caller(layout_, coefficients));
    return Pass(layout_, threads, nullptr)(c, request);
  }

  /// The leading part of a row in one level, and what it takes from the tail: B'D^-1 z
  /// with B that of free leading coefficients over raw tail columns.
  void add_level(Index level, const Vector& x, Half& out) const {
    const Index b = layout_.width();
    const Vector z = layout_.lead_root().transpose() * x;
    const Vector solved = factor_.solve_level(level, z);
    out.lead.emplace_back(level, z);
    out.solved.emplace_back(level, solved);
    const CrossRows& cross = gram_->cross();
    const Vector weights = layout_.lead_root() * solved;
    Vector raw = Vector::Zero(layout_.raw_tail());
    raw.tail(cross.dense.cols()) =
        cross.dense.middleRows(level * b, b).transpose() * weights;
    for (Index e = 0; cross.sparse_columns > 0 && e < cross.pattern->size(level); ++e) {
      const Index at = cross.pattern->begin(level) + e;
      raw[cross.pattern->column(at)] += cross.sparse.col(at).dot(weights);
    }
    out.tail -= layout_.free_tail_scores(raw);
  }

  Layout layout_;
  Aliased mask_;
  ColumnBasis basis_;
  /// Where a caller's coefficient is in the system: (leading, tail), -1 where not.
  std::vector<std::pair<Index, Index>> home_;
  Sums sums_;
  std::unique_ptr<GramProduct> gram_;
  ArrowFactor factor_;
  Matrix tail_inverse_;  ///< where the tail is kept in full
};

}  // namespace gamut

#endif  // GAMUT_MIXED_STATE_HPP
