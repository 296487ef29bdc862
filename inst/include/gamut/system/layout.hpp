// system/layout.hpp - where each coefficient stands in the normal equations.
//
// A block is one term in one of its loadings. At most one term, the factor with the
// most levels, leads: its part of the Gram matrix is block-diagonal (one b x b block
// a level) and is eliminated level by level. All other blocks form the tail: factors
// first, then splines, then dense ones, so that a row of many columns can be added to the
// column of a level in one stroke. block.hpp tells the kinds of coefficients apart.
#ifndef GAMUT_SYSTEM_LAYOUT_HPP
#define GAMUT_SYSTEM_LAYOUT_HPP

#include <Eigen/SparseCore>

#include "../problem.hpp"
#include "block.hpp"
#include "tail_plan.hpp"

namespace gamut {

class Layout {
 public:
  /// `eliminate`: let the largest factor lead.
  explicit Layout(const Problem& problem, bool eliminate = true) : problem_(&problem) {
    if (eliminate) choose_lead();
    for (const Kind kind : {Kind::factor, Kind::spline, Kind::dense}) place_blocks(kind);
    if (has_lead() && problem.response) find_pattern();
    update();
    if (sparse_columns_ > 0 && lead().covariance) plan_tail();
  }

  /// Read the present parameters of all covariances.
  void update() {
    check_covariances();
    build_maps();
    penalised_.assign(static_cast<std::size_t>(free_), 0);
    for (const Block& block : tail_) mark_penalised(block);
    sort_tail();
    lead_root_ = Matrix::Identity(width_, width_);
    lead_penalised_ = 0;
    if (has_lead() && lead().covariance) {
      lead_root_ = lead().covariance->root();
      lead_penalised_ = lead().covariance->penalised();
    }
  }

  const Problem& problem() const { return *problem_; }
  const std::vector<Block>& tail() const { return tail_; }
  Index raw_tail() const { return raw_; }
  Index free_tail() const { return free_; }

  bool has_random() const {
    for (const Term& term : problem_->terms) {
      if (term.covariance) return true;
    }
    return false;
  }
  bool has_lead() const { return lead_ >= 0; }
  const Term& lead() const { return problem_->terms[lead_]; }
  Index levels() const { return levels_; }
  /// Coefficients a level: loadings times slopes, slopes fastest.
  int width() const { return width_; }
  int slopes() const { return slopes_; }
  /// Root of one level of the leading term, and how many of its b coefficients are
  /// penalised.
  const Matrix& lead_root() const { return lead_root_; }
  Index lead_penalised() const { return lead_penalised_; }
  /// Is this free tail coefficient penalised (by its square)?
  bool penalised(Index free) const { return penalised_[free] != 0; }
  /// The order in which the tail is factored: its penalised coefficients first, so that
  /// the factor of these alone is the leading part of that of all.
  const IndexVector& tail_order() const { return order_; }
  bool tail_in_order() const { return in_order_; }
  Index penalised_tail() const { return penalised_count_; }

  /// Raw columns of the tail, the first ones, whose products with the leading term are
  /// kept in the pattern only; 0: all are kept in full.
  Index sparse_columns() const { return sparse_columns_; }
  const CrossPattern& pattern() const { return pattern_; }

  /// Raw columns of the tail, the first ones, whose products with each other are kept
  /// where the pattern of `coupling` has them; 0: all are kept in full.
  Index coupled_columns() const { return coupling_.columns(); }
  const TailPattern& coupling() const { return coupling_; }
  const Elimination& elimination() const { return elimination_; }

  /// False for a level that the contrasts drop (its coefficient is fixed at 0).
  bool level_kept(Index level) const {
    return lead().map.is_identity() || lead().map.selection[level] >= 0;
  }

  /// raw = tail_map * free; the identity when it would only copy.
  bool identity_map() const { return identity_; }
  /// Does each free coefficient stand for a multiple of the raw one in the same place?
  bool diagonal_map() const { return diagonal_; }
  const Eigen::SparseMatrix<double>& tail_map() const { return map_; }

  Coefficients term_from_free(const Coefficients& free) const {
    return {scaled_levels(lead_root_, free.lead), root_ * free.tail};
  }
  Coefficients raw_from_term(const Coefficients& term) const {
    return {term.lead, contrasts_ * term.tail};
  }
  Coefficients raw_from_free(const Coefficients& free) const {
    return {scaled_levels(lead_root_, free.lead),
            identity_ ? free.tail : Vector(map_ * free.tail)};
  }

  /// The transposed maps, for scores: of term and of free coefficients from raw ones.
  Coefficients term_scores(const Coefficients& raw) const {
    return {raw.lead, contrasts_.transpose() * raw.tail};
  }
  Coefficients free_scores(const Coefficients& raw) const {
    const Matrix transposed = lead_root_.transpose();
    return {scaled_levels(transposed, raw.lead), free_tail_scores(raw.tail)};
  }
  Vector free_tail_scores(const Vector& raw) const {
    return identity_ ? raw : Vector(map_.transpose() * raw);
  }
  const Eigen::SparseMatrix<double>& tail_contrasts() const { return contrasts_; }
  const Eigen::SparseMatrix<double>& tail_root() const { return root_; }
  /// Where the free (and term) coefficients of the block's term begin.
  static Index first_free(const Block& block) {
    return block.free - block.loading * block.run;
  }

  Coefficients zero() const {
    return {Vector::Zero(levels_ * width_), Vector::Zero(free_)};
  }

 private:
  /// The factor of most levels whose contrasts keep its levels apart. With random effects
  /// one of theirs: the criterion needs the determinant of the penalised part alone, and
  /// the joint covariance is one of the tail.
  void choose_lead() {
    Index most = 1;
    const bool random = has_random();
    for (std::size_t t = 0; t < problem_->terms.size(); ++t) {
      const Term& term = problem_->terms[t];
      if (random && term.in_joint()) continue;
      const Storage& storage = problem_->storage(term);
      if (storage.levels() <= most || term.map.matrix.size() > 0) continue;
      const Index slopes = storage.columns() / storage.levels();
      if (slopes > 1 && !term.map.is_identity()) continue;
      most = levels_ = storage.levels();
      slopes_ = static_cast<int>(slopes);
      width_ = slopes_ * static_cast<int>(term.loading.cols());
      lead_ = static_cast<int>(t);
    }
  }

  enum class Kind { factor, spline, dense };
  static Kind kind_of(const Storage& storage) {
    if (!storage.is_local()) return Kind::dense;
    return storage.levels() > 0 ? Kind::factor : Kind::spline;
  }

  void place_blocks(Kind kind) {
    for (std::size_t t = 0; t < problem_->terms.size(); ++t) {
      const Term& term = problem_->terms[t];
      const Storage& storage = problem_->storage(term);
      if (static_cast<int>(t) == lead_ || kind_of(storage) != kind) continue;
      for (int a = 0; a < term.loading.cols(); ++a) {
        Block block;
        block.term = static_cast<int>(t);
        block.loading = a;
        block.raw = raw_;
        block.raw_columns = storage.columns();
        block.free_columns = term.map.free_columns(storage.columns());
        place_free(term, storage, block);
        raw_ += block.raw_columns;
        tail_.push_back(block);
      }
      free_ += term.map.free_columns(storage.columns()) * term.loading.cols();
    }
  }

  /// The factors of a long tail have columns that meet few levels each.
  void find_pattern() {
    Index columns = 0;
    for (const Block& block : tail_) {
      const Term& term = problem_->terms[block.term];
      if (problem_->storage(term).levels() > 0) columns += block.raw_columns;
    }
    if (columns <= dense_limit) return;
    pattern_ = CrossPattern(problem_->storage(lead()), problem_->rows,
                            factor_places(*problem_, tail_));
    const bool few = pattern_.entries() < levels_ * columns * 2 / 5;
    sparse_columns_ = few ? columns : 0;
  }

  void plan_tail() {
    const LongTail tail{*problem_, tail_,  pattern_, sparse_columns_,
                        raw_,      width_, map_,     penalised_};
    TailPlan plan(tail);
    coupling_ = std::move(plan.coupling);
    elimination_ = std::move(plan.elimination);
  }

  void sort_tail() {
    order_.clear();
    for (Index j = 0; j < free_; ++j) {
      if (penalised_[j]) order_.push_back(j);
    }
    penalised_count_ = static_cast<Index>(order_.size());
    for (Index j = 0; j < free_; ++j) {
      if (!penalised_[j]) order_.push_back(j);
    }
    in_order_ = true;
    for (Index j = 0; j < free_; ++j) in_order_ = in_order_ && order_[j] == j;
  }

  void place_free(const Term& term, const Storage& storage, Block& block) const {
    const bool by_level = term.covariance && storage.levels() > 0;
    block.run = by_level ? storage.columns() / storage.levels() : block.free_columns;
    block.stride = block.run * term.loading.cols();
    block.free = free_ + block.loading * block.run;
  }

  void check_covariances() const {
    for (const Term& term : problem_->terms) {
      if (!term.covariance) continue;
      const Storage& storage = problem_->storage(term);
      const Index size = storage.levels() > 0
                             ? storage.columns() / storage.levels() * term.loading.cols()
                             : term.map.free_columns(storage.columns());
      if (term.covariance->size() == size) continue;
      throw Error(Status::invalid_argument,
                  "a covariance must cover " + std::to_string(size) + " coefficients");
    }
  }

  void mark_penalised(const Block& block) {
    const Term& term = problem_->terms[block.term];
    if (!term.covariance) return;
    const Index size = term.covariance->size(), most = term.covariance->penalised();
    for (Index j = 0; j < block.free_columns; ++j) {
      const Index place = (block.free_column(j) - first_free(block)) % size;
      penalised_[block.free_column(j)] = place < most;
    }
  }

  Vector scaled_levels(const Matrix& root, const Vector& lead) const {
    Vector out = lead;
    if (has_lead()) {
      Eigen::Map<Matrix>(out.data(), width_, levels_) =
          root * Eigen::Map<const Matrix>(lead.data(), width_, levels_);
    }
    return out;
  }

  using Entries = std::vector<Eigen::Triplet<double>>;

  void build_maps() {
    Entries contrasts, roots;
    identity_ = true;
    for (const Block& block : tail_) {
      const Term& term = problem_->terms[block.term];
      identity_ = identity_ && term.map.is_identity() && !term.covariance;
      add_contrasts(block, term.map, contrasts);
      if (block.loading == 0) add_roots(block, term, roots);
    }
    contrasts_.resize(raw_, free_);
    contrasts_.setFromTriplets(contrasts.begin(), contrasts.end());
    root_.resize(free_, free_);
    root_.setFromTriplets(roots.begin(), roots.end());
    map_ = Eigen::SparseMatrix<double>(contrasts_ * root_);
    diagonal_ = raw_ == free_;
    for (Index j = 0; diagonal_ && j < free_; ++j) {
      for (Eigen::SparseMatrix<double>::InnerIterator it(map_, j); it; ++it) {
        diagonal_ = diagonal_ && it.row() == j;
      }
    }
  }

  static void add_contrasts(const Block& block, const CoefficientMap& map,
                            Entries& entries) {
    for (Index i = 0; i < block.raw_columns; ++i) {
      if (map.matrix.size() > 0) {
        for (Index j = 0; j < block.free_columns; ++j) {
          entries.emplace_back(block.raw + i, block.free_column(j), map.matrix(i, j));
        }
      } else {
        const Index j = map.selection.empty() ? i : map.selection[i];
        if (j >= 0) entries.emplace_back(block.raw + i, block.free_column(j), 1.0);
      }
    }
  }

  /// The root is repeated down the diagonal of the whole term.
  static void add_roots(const Block& block, const Term& term, Entries& entries) {
    const Matrix root = term.covariance ? term.covariance->root() : Matrix::Ones(1, 1);
    const Index first = first_free(block);
    const Index end = first + block.free_columns * term.loading.cols();
    for (Index start = first; start < end; start += root.rows()) {
      for (Index j = 0; j < root.cols(); ++j) {
        for (Index i = 0; i < root.rows(); ++i) {
          if (root(i, j) != 0) entries.emplace_back(start + i, start + j, root(i, j));
        }
      }
    }
  }

  const Problem* problem_;
  std::vector<Block> tail_;
  Index raw_ = 0, free_ = 0;
  int lead_ = -1;
  Index levels_ = 0;
  int slopes_ = 0, width_ = 0;
  /// Up to here full rows cost less than looking up where a column stands.
  static constexpr Index dense_limit = 64;
  Index sparse_columns_ = 0;
  CrossPattern pattern_;
  TailPattern coupling_;
  Elimination elimination_;
  IndexVector order_;
  bool in_order_ = true;
  Index penalised_count_ = 0;
  bool identity_ = true, diagonal_ = true;
  Eigen::SparseMatrix<double> contrasts_, root_, map_;
  std::vector<char> penalised_;
  Matrix lead_root_;
  Index lead_penalised_ = 0;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_LAYOUT_HPP
