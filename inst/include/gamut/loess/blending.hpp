// loess/blending.hpp - the surface between vertices, as a row of coefficients.
//
// The surface at z is sum_v sum_j B_{v,j}(z) g_{v,j} over the corners v of the leaf of
// z, with level g_{v,0} and slopes g_{v,1}, ..., g_{v,d} there. With d != 2 it is the
// tensor product of cubic Hermite interpolants that has no twists: phi in every
// coordinate for the level, psi in its own coordinate for a slope. With d = 2 it blends
// cubics along the four edges (N - S and E - W less the tensor product); where an edge is
// shared with smaller boxes, the part of it that faces z, so that the surface has no
// jumps. T is double or a Dual, for derivatives in z. Source: Cleveland & Grosse (1991),
// Statistics and Computing 1, 47-62, section 5.
#ifndef GAMUT_LOESS_BLENDING_HPP
#define GAMUT_LOESS_BLENDING_HPP

#include "kd_tree.hpp"

namespace gamut {

/// A number and its derivative in one direction.
struct Dual {
  double value = 0, slope = 0;
  Dual() = default;
  Dual(double v, double s = 0) : value(v), slope(s) {}  // NOLINT: numbers are Duals
};
inline Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.slope + b.slope}; }
inline Dual operator-(Dual a, Dual b) { return {a.value - b.value, a.slope - b.slope}; }
inline Dual operator*(Dual a, Dual b) {
  return {a.value * b.value, a.slope * b.value + a.value * b.slope};
}
inline double number(double x) { return x; }
inline double number(const Dual& x) { return x.value; }

/// Coefficient of component j (0 the level) of a vertex: column is vertex (d + 1) + j.
template <class T>
struct BlendEntry {
  Index column;
  T coefficient;
};

/// Cubic Hermite basis on [low, high]: level and slope at either end.
template <class T>
struct Hermite {
  T level[2], slope[2];
  Hermite() = default;
  Hermite(T z, double low, double high) {
    const T h = (z - T(low)) * T(1 / (high - low)), one(1), two(2);
    const T left = one - h;
    level[0] = left * left * (one + two * h);
    level[1] = h * h * (T(3) - two * h);
    slope[0] = h * left * left * T(high - low);
    slope[1] = h * h * (h - one) * T(high - low);
  }
};

template <class T>
class Blending {
 public:
  using Row = std::vector<BlendEntry<T>>;

  explicit Blending(const KdTree& tree)
      : tree_(tree), d_(tree.predictors()), at_(d_), basis_(d_) {}

  /// The row of B at z (d numbers); a column may occur twice.
  void row(const T* z, Row& out) {
    out.clear();
    path_.clear();
    for (int j = 0; j < d_; ++j) at_[j] = number(z[j]);
    Index cell = 0;
    while (!tree_.cell(cell).is_leaf()) {
      path_.push_back(cell);
      const KdTree::Cell& c = tree_.cell(cell);
      cell = at_[c.axis] <= c.cut ? c.low : c.high;
    }
    for (int j = 0; j < d_; ++j) {
      basis_[j] = Hermite<T>(z[j], tree_.lower(cell, j), tree_.upper(cell, j));
    }
    add_tensor(cell, T(d_ == 2 ? -1 : 1), out);
    if (d_ != 2) return;
    for (int axis = 0; axis < 2; ++axis) {
      for (int side = 0; side < 2; ++side) add_edge(cell, axis, side, z[axis], out);
    }
  }

 private:
  void add(Index vertex, int component, T coefficient, Row& out) const {
    out.push_back({vertex * (d_ + 1) + component, coefficient});
  }

  void add_tensor(Index cell, T sign, Row& out) const {
    for (Index c = 0; c < tree_.corners(); ++c) {
      const Index vertex = tree_.corner(cell, c);
      for (int component = 0; component <= d_; ++component) {
        T product = sign;
        for (int j = 0; j < d_; ++j) {
          const int end = (c >> j) & 1;
          product = product *
                    (component == j + 1 ? basis_[j].slope[end] : basis_[j].level[end]);
        }
        add(vertex, component, product, out);
      }
    }
  }

  /// A cubic along `axis` on the lower or upper face in the other coordinate, whose
  /// slope across the face goes from end to end as the level of the blend does.
  void add_edge(Index cell, int axis, int side, T z, Row& out) const {
    const int across = 1 - axis;
    Index ends[2] = {corner_of(cell, axis, 0, across, side),
                     corner_of(cell, axis, 1, across, side)};
    face_smaller(cell, axis, across, side, ends);
    const Hermite<T> along(z, tree_.place(ends[0])[axis], tree_.place(ends[1])[axis]);
    for (int end = 0; end < 2; ++end) {
      add(ends[end], 0, basis_[across].level[side] * along.level[end], out);
      add(ends[end], 1 + axis, basis_[across].level[side] * along.slope[end], out);
      add(ends[end], 1 + across, basis_[across].slope[side] * along.level[end], out);
    }
  }

  Index corner_of(Index cell, int axis, int end, int across, int side) const {
    return tree_.corner(cell, (Index{end} << axis) | (Index{side} << across));
  }

  /// Ends of the edge of a smaller box behind the face, where there is one.
  void face_smaller(Index cell, int axis, int across, int side, Index* ends) const {
    const double face = side ? tree_.upper(cell, across) : tree_.lower(cell, across);
    for (auto at = path_.rbegin(); at != path_.rend(); ++at) {
      const KdTree::Cell& parent = tree_.cell(*at);
      if (parent.axis != across || parent.cut != face) continue;
      const Index other = tree_.leaf(at_.data(), side ? parent.high : parent.low);
      const Index low = corner_of(other, axis, 0, across, 1 - side);
      const Index high = corner_of(other, axis, 1, across, 1 - side);
      if (tree_.place(ends[0])[axis] < tree_.place(low)[axis]) ends[0] = low;
      if (tree_.place(high)[axis] < tree_.place(ends[1])[axis]) ends[1] = high;
      return;
    }
  }

  const KdTree& tree_;
  int d_;
  std::vector<double> at_;
  std::vector<Hermite<T>> basis_;
  IndexVector path_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_BLENDING_HPP
