// system/layout.hpp - where each coefficient stands in the normal equations.
//
// A block is one term in one of its loadings. At most one term, the factor with the
// most levels, leads: its part of the Gram matrix is block-diagonal (one b x b block
// a level) and is eliminated level by level. All other blocks form the tail: local
// ones first, then dense ones, so that a dense row can be added to the column of a
// level in one stroke. "Raw" columns are those of the storages; "free" ones those of
// the coefficients, raw = map * free, where the map holds the contrasts and, for a
// covariance in factor form, Lambda(theta): the system then works on u, c = Lambda u.
#ifndef GAMUT_SYSTEM_LAYOUT_HPP
#define GAMUT_SYSTEM_LAYOUT_HPP

#include <Eigen/SparseCore>

#include "../problem.hpp"

namespace gamut {

struct Block {
  int term = 0;
  int loading = 0;
  Index raw = 0, raw_columns = 0;
  Index free = 0, free_columns = 0;
};

/// Coefficients in the order of the system: levels of the leading term, then tail.
struct Coefficients {
  Vector lead, tail;
  Coefficients operator+(const Coefficients& o) const {
    return {lead + o.lead, tail + o.tail};
  }
  Coefficients operator-(const Coefficients& o) const {
    return {lead - o.lead, tail - o.tail};
  }
  Coefficients operator*(double scale) const { return {lead * scale, tail * scale}; }
  double dot(const Coefficients& o) const { return lead.dot(o.lead) + tail.dot(o.tail); }
};

class Layout {
 public:
  /// `eliminate`: let the largest factor lead.
  explicit Layout(const Problem& problem, bool eliminate = true) : problem_(&problem) {
    if (eliminate) choose_lead();
    place_blocks(true);
    place_blocks(false);
    build_map();
  }

  const Problem& problem() const { return *problem_; }
  const std::vector<Block>& tail() const { return tail_; }
  Index raw_tail() const { return raw_; }
  Index free_tail() const { return free_; }

  bool has_lead() const { return lead_ >= 0; }
  const Term& lead() const { return problem_->terms[lead_]; }
  int lead_term() const { return lead_; }
  Index levels() const { return levels_; }
  /// Coefficients a level: loadings times slopes, slopes fastest.
  int width() const { return width_; }
  int slopes() const { return slopes_; }
  /// Lambda of one level of the leading term (the identity if it is parametric).
  const Matrix& lead_factor() const { return lead_factor_; }
  /// False for a level that the contrasts drop (its coefficient is fixed at 0).
  bool level_kept(Index level) const {
    return lead().map.is_identity() || lead().map.selection[level] >= 0;
  }

  /// raw = tail_map * free; the identity when it would only copy.
  bool identity_map() const { return identity_; }
  const Eigen::SparseMatrix<double>& tail_map() const { return map_; }
  /// Coefficients of the storages' columns from those of the system.
  Coefficients raw_coefficients(const Coefficients& free) const {
    return {scaled_levels(free.lead), identity_ ? free.tail : Vector(map_ * free.tail)};
  }
  /// The terms' own coefficients: c = Lambda u, without the contrasts.
  Coefficients term_coefficients(const Coefficients& free) const {
    return {scaled_levels(free.lead), factor_ * free.tail};
  }

  Coefficients zero() const {
    return {Vector::Zero(levels_ * width_), Vector::Zero(free_)};
  }

 private:
  /// The factor of most levels whose contrasts keep its levels apart.
  void choose_lead() {
    Index most = 1;
    for (std::size_t t = 0; t < problem_->terms.size(); ++t) {
      const Term& term = problem_->terms[t];
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

  void place_blocks(bool local) {
    for (std::size_t t = 0; t < problem_->terms.size(); ++t) {
      const Term& term = problem_->terms[t];
      const Storage& storage = problem_->storage(term);
      if (static_cast<int>(t) == lead_ || storage.is_local() != local) continue;
      for (int a = 0; a < term.loading.cols(); ++a) {
        Block block;
        block.term = static_cast<int>(t);
        block.loading = a;
        block.raw = raw_;
        block.raw_columns = storage.columns();
        block.free = free_;
        block.free_columns = term.map.free_columns(storage.columns());
        raw_ += block.raw_columns;
        free_ += block.free_columns;
        tail_.push_back(block);
      }
    }
  }

  Vector scaled_levels(const Vector& lead) const {
    Vector out = lead;
    if (has_lead()) {
      Eigen::Map<Matrix>(out.data(), width_, levels_) =
          lead_factor_ * Eigen::Map<const Matrix>(lead.data(), width_, levels_);
    }
    return out;
  }

  using Entries = std::vector<Eigen::Triplet<double>>;

  /// Read the contrasts and the present Lambda(theta) of every block.
  void build_map() {
    Entries contrasts, factors;
    for (const Block& block : tail_) {
      const Term& term = problem_->terms[block.term];
      identity_ = identity_ && term.map.is_identity() && !has_factor(term);
      add_contrasts(block, term.map, contrasts);
      add_factor(block, term, factors);
    }
    factor_.resize(free_, free_);
    factor_.setFromTriplets(factors.begin(), factors.end());
    map_.resize(raw_, free_);
    map_.setFromTriplets(contrasts.begin(), contrasts.end());
    map_ = Eigen::SparseMatrix<double>(map_ * factor_);
    if (has_lead()) {
      lead_factor_ = has_factor(lead()) ? lead().covariance->matrix()
                                        : Matrix::Identity(width_, width_);
    }
  }

  static bool has_factor(const Term& term) {
    return term.covariance && term.covariance->form() == Covariance::Form::factor;
  }

  static void add_contrasts(const Block& block, const CoefficientMap& map,
                            Entries& entries) {
    for (Index i = 0; i < block.raw_columns; ++i) {
      if (map.matrix.size() > 0) {
        for (Index j = 0; j < block.free_columns; ++j) {
          entries.emplace_back(block.raw + i, block.free + j, map.matrix(i, j));
        }
      } else {
        const Index j = map.selection.empty() ? i : map.selection[i];
        if (j >= 0) entries.emplace_back(block.raw + i, block.free + j, 1.0);
      }
    }
  }

  /// Lambda is repeated down the diagonal, once a level.
  static void add_factor(const Block& block, const Term& term, Entries& entries) {
    const Matrix one = has_factor(term) ? term.covariance->matrix() : Matrix::Ones(1, 1);
    for (Index start = 0; start < block.free_columns; start += one.rows()) {
      for (Index j = 0; j < one.cols(); ++j) {
        for (Index i = 0; i < one.rows(); ++i) {
          if (one(i, j) == 0 && i != j) continue;
          entries.emplace_back(block.free + start + i, block.free + start + j, one(i, j));
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
  bool identity_ = true;
  Eigen::SparseMatrix<double> map_, factor_;
  Matrix lead_factor_;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_LAYOUT_HPP
