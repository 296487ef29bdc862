// loess/kd_tree.hpp - boxes with their corners, the places of local regressions.
//
// A box that encloses the data is cut, breadth first, at the middle value of the
// coordinate in which its points spread most, until boxes hold few points. The corners of
// all boxes are the vertices; one that two boxes share is one vertex. Corner c of a box
// lies at its upper face in coordinate j where bit j of c is set.
// Source: Cleveland & Grosse (1991), Statistics and Computing 1, 47-62, sections 3-4,
// with the margin (0.5%), ties and limits of the program in R.
#ifndef GAMUT_LOESS_KD_TREE_HPP
#define GAMUT_LOESS_KD_TREE_HPP

#include <cstring>
#include <unordered_map>

#include "data.hpp"

namespace gamut {

class KdTree {
 public:
  struct Cell {
    int axis = -1;  // coordinate of the cut; -1 for a leaf
    double cut = 0;
    Index low = 0, high = 0;  // the two parts: at or below the cut, and above
    bool is_leaf() const { return axis < 0; }
  };

  /// One box from its lower and upper corner.
  KdTree(const Vector& lower, const Vector& upper) : d_(static_cast<int>(lower.size())) {
    for (Index c = 0; c < corners(); ++c) {
      std::vector<double> at(d_);
      for (int j = 0; j < d_; ++j) at[j] = (c >> j) & 1 ? upper[j] : lower[j];
      corner_.push_back(vertex(at));
    }
    cells_.emplace_back();
  }

  int predictors() const { return d_; }
  Index corners() const { return Index{1} << d_; }
  Index size() const { return static_cast<Index>(cells_.size()); }
  Index vertices() const { return static_cast<Index>(place_.size()) / d_; }
  const Cell& cell(Index i) const { return cells_[i]; }
  const double* place(Index vertex) const { return place_.data() + vertex * d_; }
  Index corner(Index cell, Index c) const { return corner_[cell * corners() + c]; }
  double lower(Index cell, int j) const { return place(corner(cell, 0))[j]; }
  double upper(Index cell, int j) const { return place(corner(cell, corners() - 1))[j]; }

  /// Cut a leaf in two; new corners are the old ones moved to the cut.
  void cut(Index leaf, int axis, double value) {
    const Index count = corners(), bit = Index{1} << axis;
    IndexVector low(count), high(count);
    for (Index c = 0; c < count; ++c) {
      std::vector<double> at(place(corner(leaf, c)), place(corner(leaf, c)) + d_);
      at[axis] = value;
      const Index moved = vertex(at);
      low[c] = c & bit ? moved : corner(leaf, c);
      high[c] = c & bit ? corner(leaf, c) : moved;
    }
    Cell& cell = cells_[leaf];
    cell.axis = axis;
    cell.cut = value;
    cell.low = size();
    cell.high = size() + 1;
    corner_.insert(corner_.end(), low.begin(), low.end());
    corner_.insert(corner_.end(), high.begin(), high.end());
    cells_.resize(cells_.size() + 2);
  }

  /// The leaf of a point below a cell; points on a cut go to the lower part.
  Index leaf(const double* z, Index from = 0) const {
    while (!cells_[from].is_leaf()) {
      const Cell& cell = cells_[from];
      from = z[cell.axis] <= cell.cut ? cell.low : cell.high;
    }
    return from;
  }

 private:
  struct Hash {
    std::size_t operator()(const std::vector<double>& at) const {
      std::size_t h = 0;
      for (double v : at) {
        std::uint64_t bits;
        v += 0.0;  // -0 and 0 are one place
        std::memcpy(&bits, &v, sizeof bits);
        h = (h ^ bits) * 0x9E3779B97F4A7C15ULL;
        h ^= h >> 29;
      }
      return h;
    }
  };

  Index vertex(const std::vector<double>& at) {
    const auto found = known_.emplace(at, vertices());
    if (found.second) place_.insert(place_.end(), at.begin(), at.end());
    return found.first->second;
  }

  int d_;
  std::vector<Cell> cells_;
  IndexVector corner_;  // corners() a cell
  std::vector<double> place_;
  std::unordered_map<std::vector<double>, Index, Hash> known_;
};

/// Cuts a tree by the data, which it puts into the order of the leaves.
class TreeBuilder {
 public:
  /// Boxes of at most floor(n span cell) points are leaves.
  TreeBuilder(LoessData& data, double cell) : data_(data) {
    most_ = static_cast<Index>(
        std::floor(static_cast<double>(data.rows()) * (data.span() * cell)));
    room_ = std::max<Index>(data.rows(), 200);
  }

  /// Did the limit of max(n, 200) vertices or cells keep a box from being cut?
  bool limited() const { return limited_; }

  KdTree build() {
    KdTree tree = bounding_box();
    order_.resize(data_.rows());
    std::iota(order_.begin(), order_.end(), Index{0});
    ranges_ = {{0, data_.rows() - 1}};
    for (Index cell = 0; cell < tree.size(); ++cell) split(tree, cell);
    if (data_.near() > 1) data_.reorder(order_);
    return tree;
  }

 private:
  struct Range {
    Index first, last;
    Index count() const { return last - first + 1; }
  };

  double value(Index position, int j) const { return data_.row(order_[position])[j]; }

  KdTree bounding_box() const {
    const int d = data_.predictors();
    Vector lower(d), upper(d);
    for (int j = 0; j < d; ++j) {
      double low = data_.row(0)[j], high = low;
      for (Index i = 1; i < data_.rows(); ++i) {
        low = std::min(low, data_.row(i)[j]);
        high = std::max(high, data_.row(i)[j]);
      }
      const double largest = std::max(std::abs(low), std::abs(high));
      const double margin = 0.005 * std::max(high - low, 1e-10 * largest + 1e-30);
      lower[j] = low - margin;
      upper[j] = high + margin;
    }
    return KdTree(lower, upper);
  }

  void split(KdTree& tree, Index cell) {
    const Range range = ranges_[cell];
    if (range.count() <= most_ || !(diameter(tree, cell) > 0)) return;
    if (room_ < tree.size() + 2 || room_ < tree.vertices() + tree.corners() / 2) {
      limited_ = true;
      return;
    }
    const int axis = widest(range);
    const Index middle = divide(range, axis);
    const double cut = value(middle, axis);
    if (cut == tree.lower(cell, axis) || cut == tree.upper(cell, axis)) return;
    tree.cut(cell, axis, cut);
    ranges_.push_back({range.first, middle});
    ranges_.push_back({middle + 1, range.last});
  }

  double diameter(const KdTree& tree, Index cell) const {
    double sum = 0;
    for (int j = 0; j < data_.near(); ++j) {
      const double side = tree.upper(cell, j) - tree.lower(cell, j);
      sum += side * side;
    }
    return sum;
  }

  /// The coordinate in which the points of a range spread most, the first of several.
  int widest(const Range& range) const {
    int best = 0;
    double most = -1;
    for (int j = 0; j < data_.near(); ++j) {
      double low = 1e308, high = -1e308;
      for (Index i = range.first; i <= range.last; ++i) {
        low = std::min(low, value(i, j));
        high = std::max(high, value(i, j));
      }
      if (high - low > most) {
        most = high - low;
        best = j;
      }
    }
    return best;
  }

  void select(Index first, Index nth, Index last, int axis) {
    const auto begin = order_.begin();
    std::nth_element(begin + first, begin + nth, begin + last + 1, [&](Index a, Index b) {
      return data_.row(a)[axis] < data_.row(b)[axis];
    });
  }

  /// Position of the last point of the lower part: the middle one, or the nearest to it
  /// that differs from the next, looked for at +1, -1, +2, -2, ...
  Index divide(const Range& range, int axis) {
    const Index middle = (range.first + range.last) / 2;
    if (data_.near() > 1) select(range.first, middle, range.last, axis);
    Index offset = 0;
    for (;;) {
      const Index at = middle + offset;
      if (at >= range.last || at < range.first) return middle;
      if (data_.near() > 1) {
        if (offset < 0)
          select(range.first, at, at, axis);
        else
          select(at + 1, at + 1, range.last, axis);
      }
      if (value(at, axis) != value(at + 1, axis)) return at;
      offset = -offset;
      if (offset >= 0) ++offset;
    }
  }

  LoessData& data_;
  Index most_, room_;
  bool limited_ = false;
  IndexVector order_;
  std::vector<Range> ranges_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_KD_TREE_HPP
