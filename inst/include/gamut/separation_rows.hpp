// separation_rows.hpp - the constraints of separation.hpp, each distinct one once.
//
// A constraint is sum_k u_k x_ik for a row i and a combination u of the linear
// predictors: the predictor itself, or differences between categories. Data with
// factors have many rows and few distinct constraints.
#ifndef GAMUT_SEPARATION_ROWS_HPP
#define GAMUT_SEPARATION_ROWS_HPP

#include <cstdint>
#include <cstring>
#include <unordered_map>

#include "system/coefficients.hpp"
#include "system/expand.hpp"

namespace gamut {

class SeparationRows {
 public:
  /// `combinations`: K x M; `signs`: n x M, by columns, of 0 (no constraint), 1 (must
  /// not fall), -1 (must not rise), 2 (must stay). The layout must be without a leading
  /// term, and its columns not centred.
  SeparationRows(const Layout& layout, const Matrix& combinations, const int* signs)
      : layout_(layout),
        columns_(layout.free_tail()),
        combinations_(combinations),
        signs_(signs) {
    const Index rows = layout.problem().rows;
    number_.assign(static_cast<std::size_t>(rows * combinations.cols()), -1);
    Tile tile(layout);
    for (Index first = 0; first < rows; first += tile_rows) {
      tile.load(first, std::min(tile_rows, rows - first));
      add_tile(tile);
    }
  }

  Index count() const { return static_cast<Index>(equal_.size()); }
  bool equal(Index i) const { return equal_[static_cast<std::size_t>(i)] != 0; }
  /// A row each, in the order of the caller's coefficients.
  Matrix matrix() const {
    using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const Eigen::Map<const Rows> free(values_.data(), count(), columns_);
    const IndexVector position = tail_positions(layout_);
    Matrix out(count(), columns_);
    for (Index j = 0; j < columns_; ++j) out.col(position[j]) = free.col(j);
    return out;
  }
  /// Is any constraint of each row among the marked ones?
  std::vector<char> rows(const std::vector<char>& marked) const {
    const Index n = layout_.problem().rows;
    std::vector<char> out(static_cast<std::size_t>(n), 0);
    for (std::size_t i = 0; i < number_.size(); ++i) {
      const int id = number_[i];
      if (id >= 0 && marked[static_cast<std::size_t>(id)]) {
        out[i % static_cast<std::size_t>(n)] = 1;
      }
    }
    return out;
  }

 private:
  void add_tile(const Tile& tile) {
    std::vector<Matrix> rows;
    for (Index k = 0; k < combinations_.rows(); ++k) {
      rows.push_back(tail_rows(layout_, tile, static_cast<int>(k)));
    }
    const Index n = layout_.problem().rows;
    Vector constraint(columns_);
    for (Index m = 0; m < combinations_.cols(); ++m) {
      for (Index i = 0; i < tile.rows(); ++i) {
        const Index at = m * n + tile.first() + i;
        if (signs_[at] == 0) continue;
        constraint.setZero();
        for (Index k = 0; k < combinations_.rows(); ++k) {
          constraint += combinations_(k, m) * rows[static_cast<std::size_t>(k)].row(i);
        }
        if (signs_[at] < 0) constraint = -constraint;
        constraint.array() += 0.0;  // -0 is 0
        number_[static_cast<std::size_t>(at)] = find(constraint, signs_[at] == 2);
      }
    }
  }

  /// The number of a constraint, a new one if it has not been seen.
  int find(const Vector& constraint, bool equal) {
    const std::size_t bytes = sizeof(double) * static_cast<std::size_t>(columns_);
    const auto range = seen_.equal_range(hash(constraint, equal));
    for (auto it = range.first; it != range.second; ++it) {
      const std::size_t id = static_cast<std::size_t>(it->second);
      const double* known = values_.data() + id * static_cast<std::size_t>(columns_);
      if ((equal_[id] != 0) == equal && std::memcmp(known, constraint.data(), bytes) == 0)
        return it->second;
    }
    const int id = static_cast<int>(equal_.size());
    values_.insert(values_.end(), constraint.data(), constraint.data() + columns_);
    equal_.push_back(equal);
    seen_.emplace(hash(constraint, equal), id);
    return id;
  }

  /// FNV-1a over the words, with a last mixing.
  static std::uint64_t hash(const Vector& constraint, bool equal) {
    std::uint64_t h = equal ? 1469598103934665603ULL : 1099511628211ULL;
    for (Index j = 0; j < constraint.size(); ++j) {
      std::uint64_t word;
      std::memcpy(&word, constraint.data() + j, sizeof word);
      h = (h ^ word) * 1099511628211ULL;
      h ^= h >> 29;
    }
    return h;
  }

  const Layout& layout_;
  Index columns_;
  const Matrix& combinations_;
  const int* signs_;
  std::vector<int> number_;
  std::vector<double> values_;
  std::vector<char> equal_;
  std::unordered_multimap<std::uint64_t, int> seen_;
};

}  // namespace gamut

#endif  // GAMUT_SEPARATION_ROWS_HPP
