// loess/joint_columns.hpp - cross-products of lo() terms with each other and with all
// other terms of a problem, from one pass over its rows.
//
// The blends B, Phi = W^-1 F' and what the smoothers reproduce, Q, are further columns of
// the problem (storages.hpp), which the factor of the other terms' normal equations
// H = A'W A + P leaves out: their coefficients count as aliased. Of each column x there
// are then x'W of all columns, and H^-1 A'W x.
#ifndef GAMUT_LOESS_JOINT_COLUMNS_HPP
#define GAMUT_LOESS_JOINT_COLUMNS_HPP

#include "../criterion/random_terms.hpp"
#include "../pass.hpp"
#include "../system/arrow_factor.hpp"
#include "../system/coefficients.hpp"
#include "../system/gram_product.hpp"
#include "storages.hpp"

namespace gamut {

/// A lo() term over the rows of a problem. With the loading l its weights are l'W l.
struct LoessTerm {
  Vector loading;  ///< with which it enters the predictors: K
  std::shared_ptr<PointMatrix> x;
  std::shared_ptr<LoessData> data;
  std::shared_ptr<LocalBasis> basis;
  std::shared_ptr<KdTree> tree;
  std::shared_ptr<Storage> polynomial;  ///< Q: what the smoother reproduces
  Vector weights;                       ///< l'W l, a row each
  Vector theta;                         ///< present levels and slopes
  std::size_t leader = 0;  ///< the term whose Gamma is used in what is reported

  Index columns() const { return tree->vertices() * (tree->predictors() + 1); }
};

class JointColumns {
 public:
  /// `problem`: the other terms, their covariances set, with the surfaces as they are
  /// among the offsets; `coefficients` and `aliased` of its caller.
  JointColumns(const Problem& problem, const std::vector<LoessTerm>& terms,
               const Vector& coefficients, const std::vector<char>& aliased,
               Information information, int threads)
      : terms_(terms), own_(problem.coefficients), problem_(problem) {
    for (const LoessTerm& term : terms_) {
      fits_.push_back(std::make_shared<VertexFits>(*term.data, *term.basis, *term.tree,
                                                   term.weights, threads));
    }
    extend();
    layout_ = std::make_unique<Layout>(problem_);
    find_columns();
    form(coefficients, aliased, information, threads);
    solve_columns();
  }

  // products refer to the sums beside them
  JointColumns(const JointColumns&) = delete;
  JointColumns& operator=(const JointColumns&) = delete;

  const std::vector<LoessTerm>& terms() const { return terms_; }
  /// Number of the caller's coefficients, and of columns of B (and Phi) of all terms.
  Index own() const { return own_; }
  Index total() const { return total_; }

  /// Columns in the free tail, term after term; of Q by term.
  const IndexVector& blends() const { return blends_; }
  const IndexVector& phi() const { return phi_; }
  const IndexVector& polynomial(std::size_t j) const { return polynomials_[j]; }

  struct Range {
    Index first, size;
  };
  /// Columns of B (or Phi) of one term among those of all, and in the free tail.
  Range range(std::size_t j) const {
    Index first = 0;
    for (std::size_t k = 0; k < j; ++k) first += terms_[k].columns();
    return {first, terms_[j].columns()};
  }

  IndexVector of_term(const IndexVector& columns, std::size_t j) const {
    const Range at = range(j);
    return IndexVector(columns.begin() + at.first, columns.begin() + at.first + at.size);
  }

  const VertexFits& fits(std::size_t j) const { return *fits_[j]; }

  /// F (z - eta) after the step of the other coefficients to H c = A'W (z - ...).
  const Vector& score() const { return score_; }

  /// X_a'W X_b of columns that are not A's.
  Matrix inner(const IndexVector& a, const IndexVector& b) const {
    Matrix out(a.size(), b.size());
    for (std::size_t j = 0; j < b.size(); ++j) {
      const Vector& column = products_.at(b[j]).tail;
      for (std::size_t i = 0; i < a.size(); ++i) out(i, j) = column[a[i]];
    }
    return out;
  }

  /// X_a'W S X_b, the same through A.
  Matrix inner_solved(const IndexVector& a, const IndexVector& b) const {
    Matrix out(a.size(), b.size());
    for (std::size_t j = 0; j < b.size(); ++j) {
      const Coefficients& solved = solved_.at(b[j]);
      for (std::size_t i = 0; i < a.size(); ++i) {
        out(i, j) = products_.at(a[i]).dot(solved);
      }
    }
    return out;
  }

  /// X_a' W A H^-1 P H^-1 A'W X_b, P the penalties.
  Matrix inner_penalised(const IndexVector& a, const IndexVector& b) const {
    Matrix out(a.size(), b.size());
    for (std::size_t j = 0; j < b.size(); ++j) {
      const Coefficients again =
          factor_.solve(penalised_part(*layout_, solved_.at(b[j])));
      for (std::size_t i = 0; i < a.size(); ++i) {
        out(i, j) = products_.at(a[i]).dot(again);
      }
    }
    return out;
  }

  /// H^-1 A'W X of some columns, in the caller's coefficients.
  Matrix solved(const IndexVector& columns) const {
    Matrix out(own_, static_cast<Index>(columns.size()));
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const Vector all = caller_from_free(*layout_, solved_.at(columns[j]));
      out.col(static_cast<Index>(j)) = all.head(own_);
    }
    return out;
  }

  /// Products of some columns with the tail's, in term coefficients.
  Matrix tails(const IndexVector& columns) const {
    Matrix out(layout_->free_tail(), static_cast<Index>(columns.size()));
    for (std::size_t j = 0; j < columns.size(); ++j) {
      out.col(static_cast<Index>(j)) = term_products_.at(columns[j]);
    }
    return out;
  }

  /// The caller's parametric coefficients and those of smooths, a column each.
  Matrix caller_units(IndexVector& position) const {
    const IndexVector places = tail_positions(*layout_);
    const RandomTerms terms(*layout_);
    IndexVector own;
    for (std::size_t j = 0; j < places.size(); ++j) {
      if (places[j] >= own_ || !terms.in_joint(static_cast<Index>(j))) continue;
      own.push_back(static_cast<Index>(j));
      position.push_back(places[j]);
    }
    Matrix units = Matrix::Zero(layout_->free_tail(), static_cast<Index>(own.size()));
    for (std::size_t k = 0; k < own.size(); ++k) units(own[k], static_cast<Index>(k)) = 1;
    ColumnBasis(*layout_).from_caller(units);
    return units;
  }

 private:
  Coefficients multiply(const Coefficients& free) const {
    return layout_->free_scores((*gram_)(layout_->raw_from_free(free)));
  }

  void extend() {
    for (std::size_t j = 0; j < terms_.size(); ++j) {
      const LoessTerm& term = terms_[j];
      add_term(std::make_shared<BlendStorage>(term.tree, term.x), term.loading);
      add_term(std::make_shared<InfluenceStorage>(fits_[j], term.x), term.loading);
      add_term(term.polynomial, term.loading);
      total_ += term.columns();
    }
  }

  void add_term(std::shared_ptr<Storage> storage, const Vector& loading) {
    Term term;
    term.storage = static_cast<int>(problem_.storages.size());
    term.loading = loading;
    const Index columns = storage->columns();
    for (Index j = 0; j < columns; ++j) {
      term.position.push_back(problem_.coefficients + j);
    }
    problem_.coefficients += columns;
    problem_.storages.push_back(std::move(storage));
    problem_.terms.push_back(std::move(term));
  }

  /// Places in the free tail of the columns of B, Phi and Q.
  void find_columns() {
    const int first = static_cast<int>(problem_.terms.size() - 3 * terms_.size());
    blends_.resize(total_);
    phi_.resize(total_);
    polynomials_.resize(terms_.size());
    for (const Block& block : layout_->tail()) {
      if (block.term < first) continue;
      const std::size_t j = (block.term - first) / 3;
      const int kind = (block.term - first) % 3;
      IndexVector& out = kind == 0 ? blends_ : kind == 1 ? phi_ : polynomials_[j];
      if (kind == 2) out.resize(block.free_columns);
      const Index start = kind == 2 ? 0 : range(j).first;
      for (Index c = 0; c < block.free_columns; ++c) {
        out[start + c] = block.free_column(c);
      }
    }
  }

  void form(const Vector& coefficients, const std::vector<char>& aliased,
            Information information, int threads) {
    Vector extended = Vector::Zero(problem_.coefficients);
    extended.head(coefficients.size()) = coefficients;
    Aliased mask(*layout_);
    const IndexVector tail = tail_positions(*layout_);
    for (std::size_t j = 0; j < tail.size(); ++j) {
      mask.tail[j] = tail[j] >= own_ || aliased[tail[j]];
    }
    PassRequest request;
    request.information = information;
    const Coefficients present =
        RandomTerms(*layout_).free_from_term(term_from_caller(*layout_, extended));
    sums_ = Pass(*layout_, threads, nullptr)(present, request);
    gram_ = std::make_unique<GramProduct>(*layout_, sums_);
    const NormalEquations equations(sums_, *layout_, present, mask);
    factor_ = ArrowFactor(equations, *layout_);
    if (!factor_.positive()) {
      throw Error(Status::not_positive_definite, "the information beside lo() terms");
    }
    correction_ = factor_.solve(equations.score);
  }

  /// G e_j over the free coefficients, and H^-1 A'W of the column.
  void solve_columns() {
    IndexVector all = blends_;
    all.insert(all.end(), phi_.begin(), phi_.end());
    for (const IndexVector& own : polynomials_) {
      all.insert(all.end(), own.begin(), own.end());
    }
    std::vector<Coefficients> units, products;
    for (Index j : all) {
      units.push_back(layout_->zero());
      units.back().tail[j] = 1;
      units.back() = layout_->raw_from_free(units.back());
    }
    const std::vector<Coefficients> raw_products = gram_->each(units);
    for (const Coefficients& raw : raw_products) {
      products.push_back(layout_->free_scores(raw));
    }
    const auto solved = factor_.solve_each(products, false, TailFactor::full_accuracy);
    for (std::size_t k = 0; k < all.size(); ++k) {
      products_[all[k]] = products[k];
      solved_[all[k]] = solved[k];
      term_products_[all[k]] = layout_->term_scores(raw_products[k]).tail;
    }
    score_.resize(total_);
    const Coefficients raw{sums_.lead_score, sums_.tail_score};
    const Coefficients scores = layout_->free_scores(raw);
    const Coefficients moved = multiply(correction_);
    for (Index k = 0; k < total_; ++k) {
      score_[k] = scores.tail[phi_[k]] - moved.tail[phi_[k]];
    }
  }

  std::vector<LoessTerm> terms_;
  Index own_, total_ = 0;
  Problem problem_;
  std::vector<std::shared_ptr<VertexFits>> fits_;
  std::unique_ptr<Layout> layout_;
  IndexVector blends_, phi_;
  std::vector<IndexVector> polynomials_;
  Sums sums_;
  std::unique_ptr<GramProduct> gram_;
  ArrowFactor factor_;
  Coefficients correction_;
  std::unordered_map<Index, Coefficients> products_, solved_;
  std::unordered_map<Index, Vector> term_products_;
  Vector score_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_JOINT_COLUMNS_HPP
