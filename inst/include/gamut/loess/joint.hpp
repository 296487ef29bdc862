// loess/joint.hpp - lo() terms beside all other terms of a predictor, solved at once.
//
// A smoother L_j = B_j F_j of the working response (weights W, scores s = W(z - eta)) has
// levels and slopes theta_j at its vertices; all other terms A c have the normal
// equations H c = A'W(z - sum_j B_j theta_j) with their penalties in H. The fixed point
// of backfitting,
//   theta_j = F_j (z - A c - sum_{k != j} Bt_k theta_k),   Bt_j = B_j - Q_j Gamma_j,
// where what the smoother reproduces (Q_j: constant and polynomial, columns of A) is
// projected out of B_j in the metric W, is the solution of one linear system. With
// S = A H^-1 A'W and M = F (I - S) B,
//   (I + M - blockdiag F_j Bt_j) theta = F (I - S) z.
// Errors of c and theta, given what the other terms' priors say of c, have the covariance
//   diag(H^-1, 0) + (-D; I) V (-D; I)',  D = H^-1 A'W Bt,
//   V = K^-1 (F W^-1 F' - F A H^-1 A'F') K^-T,  K the matrix of the system,
// and the operator the trace tr S + tr K^-1 F (I - S)(I - S) Bt.
// All cross-products are those of one pass with B, Phi = W^-1 F' and Q as further
// columns. Source: Hastie & Tibshirani (1990) Generalized Additive Models,
// sections 5.2-5.4.
#ifndef GAMUT_LOESS_JOINT_HPP
#define GAMUT_LOESS_JOINT_HPP

#include "../criterion/random_terms.hpp"
#include "../pass.hpp"
#include "../system/arrow_factor.hpp"
#include "../system/coefficients.hpp"
#include "../system/gram_product.hpp"
#include "storages.hpp"

namespace gamut {

/// A lo() term in one predictor, over the rows of a problem.
struct LoessTerm {
  int predictor = 0;
  std::shared_ptr<PointMatrix> x;
  std::shared_ptr<LoessData> data;
  std::shared_ptr<LocalBasis> basis;
  std::shared_ptr<KdTree> tree;
  std::shared_ptr<Storage> polynomial;  ///< Q: what the smoother reproduces
  Vector weights;                       ///< of its predictor, a row each
  Vector theta;                         ///< present levels and slopes
  std::size_t leader = 0;  ///< the term whose Gamma is used in what is reported

  Index columns() const { return tree->vertices() * (tree->predictors() + 1); }
};

struct LoessCovariance {
  IndexVector position;  ///< of each parametric coefficient and each of smooths
  Matrix theta;          ///< V
  Matrix regression;     ///< D, over all of the caller's other coefficients
  Matrix influence;      ///< H^-1 A'W Phi, likewise
  Matrix inverse;        ///< K^-1
  Vector shift;          ///< what these grow by when Bt takes the place of B
  Matrix cross, gram;    ///< A'W Bt over the coefficients at `position`, and Bt'W Bt
  std::vector<Matrix> gamma;  ///< Gamma_j, a row for each column of Q_j
  Vector edf;            ///< of each lo() term, without its polynomial
  Vector own_trace;      ///< tr L_j, of each smoother alone
  double other_edf = 0;  ///< change of the trace over the other coefficients
};

class LoessJoint {
 public:
  /// `problem`: the other terms, their covariances set, with sum_j B_j theta_j among the
  /// offsets; `coefficients` and `aliased` of its caller.
  LoessJoint(const Problem& problem, const std::vector<LoessTerm>& terms,
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
    project();
    build();
  }

  /// The solution, term after term.
  Vector step() const {
    const Vector old = theta();
    Vector right = score_ - old;
    for (std::size_t j = 0; j < terms_.size(); ++j) {
      const auto at = range(j);
      right.segment(at.first, at.size) += own_blend(j) * old.segment(at.first, at.size);
    }
    return old + system_.solve(right);
  }

  LoessCovariance covariance() const {
    LoessCovariance out;
    const Index r = total_;
    const Matrix inverse = system_.solve(Matrix::Identity(r, r));
    const Matrix left = inner(phi_, phi_) - inner_solved(phi_, phi_);
    out.inverse = inverse;
    out.theta = inverse * left * inverse.transpose();
    out.theta = (0.5 * (out.theta + out.theta.transpose())).eval();
    regression(out);
    grams(out);
    // F (I - S)(I - S) Bt = F (I - S) B - F S (I - S) B
    const Matrix once = product_, twice = once - through_twice();
    traces(inverse, twice, out);
    return out;
  }

 private:
  struct Range {
    Index first, size;
  };
  /// Columns of B (or Phi) of one term among those of all.
  Range range(std::size_t j) const {
    Index first = 0;
    for (std::size_t k = 0; k < j; ++k) first += terms_[k].columns();
    return {first, terms_[j].columns()};
  }

  Vector theta() const {
    Vector out(total_);
    for (std::size_t j = 0; j < terms_.size(); ++j) {
      out.segment(range(j).first, range(j).size) = terms_[j].theta;
    }
    return out;
  }

  void extend() {
    for (std::size_t j = 0; j < terms_.size(); ++j) {
      const LoessTerm& term = terms_[j];
      add_term(std::make_shared<BlendStorage>(term.tree, term.x), term.predictor);
      add_term(std::make_shared<InfluenceStorage>(fits_[j], term.x, term.basis->size()),
               term.predictor);
      add_term(term.polynomial, term.predictor);
      total_ += term.columns();
    }
  }

  void add_term(std::shared_ptr<Storage> storage, int predictor) {
    Term term;
    term.storage = static_cast<int>(problem_.storages.size());
    term.loading = Matrix::Zero(problem_.predictors(), 1);
    term.loading(predictor, 0) = 1;
    const Index columns = storage->columns();
    for (Index j = 0; j < columns; ++j)
      term.position.push_back(problem_.coefficients + j);
    problem_.coefficients += columns;
    problem_.storages.push_back(std::move(storage));
    problem_.terms.push_back(std::move(term));
  }

  /// Places in the free tail of the columns of B, Phi and Q.
  void find_columns() {
    const int first = static_cast<int>(problem_.terms.size() - 3 * terms_.size());
    blends_.resize(total_);
    phi_.resize(total_);
    polynomial_.resize(terms_.size());
    for (const Block& block : layout_->tail()) {
      if (block.term < first) continue;
      const std::size_t j = (block.term - first) / 3;
      const int kind = (block.term - first) % 3;
      IndexVector& out = kind == 0 ? blends_ : kind == 1 ? phi_ : polynomial_[j];
      if (kind == 2) out.resize(block.free_columns);
      const Index start = kind == 2 ? 0 : range(j).first;
      for (Index c = 0; c < block.free_columns; ++c)
        out[start + c] = block.free_column(c);
    }
  }

  void form(const Vector& coefficients, const std::vector<char>& aliased,
            Information information, int threads) {
    Vector extended = Vector::Zero(problem_.coefficients);
    extended.head(coefficients.size()) = coefficients;
    mask_ = Aliased(*layout_);
    const IndexVector tail = tail_positions(*layout_);
    for (std::size_t j = 0; j < tail.size(); ++j) {
      mask_.tail[j] = tail[j] >= own_ || aliased[tail[j]];
    }
    PassRequest request;
    request.information = information;
    sums_ = Pass(*layout_, threads, nullptr)(free_at(extended), request);
    gram_ = std::make_unique<GramProduct>(*layout_, sums_);
    present_ = free_at(extended);
    const NormalEquations equations(sums_, *layout_, present_, mask_);
    factor_ = ArrowFactor(equations, *layout_);
    if (!factor_.positive()) {
      throw Error(Status::not_positive_definite, "the information beside lo() terms");
    }
    correction_ = factor_.solve(equations.score);
  }

  /// Free coefficients z of those as the caller has them, b = R z.
  Coefficients free_at(const Vector& given) const {
    Coefficients c = term_from_caller(*layout_, given);
    const RandomTerms terms(*layout_);
    for (const RandomTerm& term : terms.all()) {
      const Matrix root = term.covariance->root();
      const Matrix z =
          root.completeOrthogonalDecomposition().solve(Matrix(term.columns(c)));
      term.columns(c) = z;
    }
    return c;
  }

  /// G e_j over the free coefficients, and H^-1 A'W of the column.
  void solve_columns() {
    IndexVector all = blends_;
    all.insert(all.end(), phi_.begin(), phi_.end());
    for (const IndexVector& own : polynomial_)
      all.insert(all.end(), own.begin(), own.end());
    for (Index j : all) {
      Coefficients unit = layout_->zero();
      unit.tail[j] = 1;
      const Coefficients products = multiply(unit);
      products_[j] = products;
      solved_[j] = factor_.solve(products);
    }
    score_.resize(total_);
    const Coefficients raw{sums_.lead_score, sums_.tail_score};
    const Coefficients scores = layout_->free_scores(raw);
    const Coefficients moved = multiply(correction_);
    for (Index k = 0; k < total_; ++k) {
      score_[k] = scores.tail[phi_[k]] - moved.tail[phi_[k]];
    }
  }

  Coefficients multiply(const Coefficients& free) const {
    return layout_->free_scores((*gram_)(layout_->raw_from_free(free)));
  }

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
      for (std::size_t i = 0; i < a.size(); ++i)
        out(i, j) = with(products_.at(a[i]), solved);
    }
    return out;
  }

  /// Of a column's products with A and coefficients of A.
  double with(const Coefficients& products, const Coefficients& c) const {
    return products.dot(c);
  }

  /// Gamma_j, with those columns of Q_j that A has.
  void project() {
    for (std::size_t j = 0; j < terms_.size(); ++j) {
      IndexVector& q = polynomial_[j];
      const Matrix whole = inner(q, q), through = inner_solved(q, q);
      IndexVector kept;
      for (std::size_t i = 0; i < q.size(); ++i) {
        const Index at = static_cast<Index>(i);
        if (whole(at, at) - through(at, at) < 1e-7 * whole(at, at)) kept.push_back(q[i]);
      }
      every_polynomial_.push_back(q);
      q = kept;
      const auto own = range(j);
      const IndexVector b(blends_.begin() + own.first,
                          blends_.begin() + own.first + own.size);
      gamma_.push_back(inner(q, q).completeOrthogonalDecomposition().solve(inner(q, b)));
    }
  }

  /// F_j Bt_j.
  Matrix own_blend(std::size_t j) const {
    const auto own = range(j);
    const IndexVector b(blends_.begin() + own.first,
                        blends_.begin() + own.first + own.size);
    const IndexVector f(phi_.begin() + own.first, phi_.begin() + own.first + own.size);
    return inner(f, b) - inner(f, polynomial_[j]) * gamma_[j];
  }

  void build() {
    product_ = inner(phi_, blends_) - inner_solved(phi_, blends_);
    Matrix system = Matrix::Identity(total_, total_) + product_;
    for (std::size_t j = 0; j < terms_.size(); ++j) {
      const auto at = range(j);
      system.block(at.first, at.first, at.size, at.size) -= own_blend(j);
    }
    system_.compute(system);
  }

  /// F S (I - S) B: with e = H^-1 A'W B and A'W A e = A'W B - P e it is (F A) H^-1 P e.
  Matrix through_twice() const {
    Matrix out(total_, total_);
    for (Index j = 0; j < total_; ++j) {
      const Coefficients kept = penalised_part(*layout_, solved_.at(blends_[j]));
      const Coefficients again = factor_.solve(kept);
      for (Index i = 0; i < total_; ++i) out(i, j) = with(products_.at(phi_[i]), again);
    }
    return out;
  }

  void regression(LoessCovariance& out) const {
    out.regression.resize(own_, total_);
    out.influence.resize(own_, total_);
    for (Index c = 0; c < total_; ++c) {
      out.influence.col(c) = caller(solved_.at(phi_[c]));
    }
    out.shift = Vector::Zero(own_);
    for (std::size_t j = 0; j < terms_.size(); ++j) {
      const auto at = range(j);
      const IndexVector& q = polynomial_[j];
      Matrix columns(own_, static_cast<Index>(q.size()));
      for (std::size_t i = 0; i < q.size(); ++i) {
        columns.col(static_cast<Index>(i)) = caller(solved_.at(q[i]));
      }
      const Matrix share = columns * reported(j);
      for (Index c = 0; c < at.size; ++c) {
        out.regression.col(at.first + c) =
            caller(solved_.at(blends_[at.first + c])) - share.col(c);
      }
      out.shift += share * terms_[j].theta;
      out.gamma.push_back(whole_gamma(j));
    }
  }

  const Matrix& reported(std::size_t j) const { return gamma_[terms_[j].leader]; }

  /// Gamma with rows of 0 for what A lacks.
  Matrix whole_gamma(std::size_t j) const {
    const IndexVector &all = every_polynomial_[j], &kept = polynomial_[j];
    Matrix out = Matrix::Zero(static_cast<Index>(all.size()), terms_[j].columns());
    for (std::size_t i = 0, at = 0; i < all.size() && at < kept.size(); ++i) {
      if (all[i] != kept[at]) continue;
      out.row(static_cast<Index>(i)) = reported(j).row(static_cast<Index>(at++));
    }
    return out;
  }

  /// Cross-products of Bt with the caller's columns and with itself.
  void grams(LoessCovariance& out) const {
    const Matrix units = caller_units(out.position);
    out.gram = inner(blends_, blends_);
    IndexVector all;
    for (const IndexVector& q : polynomial_) all.insert(all.end(), q.begin(), q.end());
    Matrix gamma = Matrix::Zero(static_cast<Index>(all.size()), total_);
    Index row = 0;
    for (std::size_t j = 0; j < terms_.size(); ++j) {
      const Matrix& own = reported(j);
      gamma.block(row, range(j).first, own.rows(), own.cols()) = own;
      row += own.rows();
    }
    out.cross = units.transpose() * (tails(blends_) - tails(all) * gamma);
    const Matrix mixed = inner(all, blends_).transpose() * gamma;
    out.gram += gamma.transpose() * inner(all, all) * gamma - mixed - mixed.transpose();
  }

  /// Products of some columns with the tail's, in term coefficients.
  Matrix tails(const IndexVector& columns) const {
    Matrix out(layout_->free_tail(), static_cast<Index>(columns.size()));
    for (std::size_t j = 0; j < columns.size(); ++j) {
      Coefficients unit = layout_->zero();
      unit.tail[columns[j]] = 1;
      out.col(static_cast<Index>(j)) =
          layout_->term_scores((*gram_)(layout_->raw_from_free(unit))).tail;
    }
    return out;
  }

  /// The caller's parametric coefficients and those of smooths, a column each.
  Matrix caller_units(IndexVector& position) const {
    const IndexVector places = tail_positions(*layout_);
    const RandomTerms terms(*layout_);
    std::vector<char> random(places.size(), 0);
    for (const RandomTerm& term : terms.all()) {
      if (term.leads || term.covariance->is_penalty()) continue;
      for (Index j = 0; j < term.size * term.levels; ++j) random[term.first + j] = 1;
    }
    IndexVector own;
    for (std::size_t j = 0; j < places.size(); ++j) {
      if (places[j] >= own_ || random[j]) continue;
      own.push_back(static_cast<Index>(j));
      position.push_back(places[j]);
    }
    Matrix units = Matrix::Zero(layout_->free_tail(), static_cast<Index>(own.size()));
    for (std::size_t k = 0; k < own.size(); ++k) units(own[k], static_cast<Index>(k)) = 1;
    ColumnBasis(*layout_).from_caller(units);
    return units;
  }

  Vector caller(const Coefficients& free) const {
    return caller_from_free(*layout_, free).head(own_);
  }

  void traces(const Matrix& inverse, const Matrix& twice, LoessCovariance& out) const {
    const Index count = static_cast<Index>(terms_.size());
    out.edf.resize(count);
    out.own_trace.resize(count);
    const Vector own = (inverse * product_).diagonal();
    for (Index j = 0; j < count; ++j) {
      const auto at = range(j);
      out.edf[j] = own.segment(at.first, at.size).sum();
      const IndexVector b(blends_.begin() + at.first,
                          blends_.begin() + at.first + at.size);
      const IndexVector f(phi_.begin() + at.first, phi_.begin() + at.first + at.size);
      out.own_trace[j] = inner(f, b).trace();
    }
    out.other_edf = (inverse * twice).trace() - own.sum();
  }

  std::vector<LoessTerm> terms_;
  Index own_, total_ = 0;
  Problem problem_;
  std::vector<std::shared_ptr<VertexFits>> fits_;
  std::unique_ptr<Layout> layout_;
  IndexVector blends_, phi_;
  std::vector<IndexVector> polynomial_, every_polynomial_;
  Aliased mask_;
  Sums sums_;
  std::unique_ptr<GramProduct> gram_;
  ArrowFactor factor_;
  Coefficients present_, correction_;
  std::unordered_map<Index, Coefficients> products_, solved_;
  Vector score_;
  std::vector<Matrix> gamma_;
  Matrix product_;  ///< M = F (I - S) B
  Eigen::PartialPivLU<Matrix> system_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_JOINT_HPP
