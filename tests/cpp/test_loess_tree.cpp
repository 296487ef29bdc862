// Neighbourhoods, boxes and blending of local regression against brute force.
#include <cstring>
#include <functional>
#include <set>

#include "check.hpp"
#include "gamut/loess/surface.hpp"
#include "loess_cases.hpp"

using namespace loess_cases;

namespace {

// Sums of at most three squares: a few roundings.
constexpr double kRounding = 1e-15;

Vector random_place(Random& random, Index d, double low, double high) {
  Vector out(d);
  for (Index j = 0; j < d; ++j) out[j] = low + (high - low) * random.uniform();
  return out;
}

/// A box of a tree, as cuts make it.
struct Box {
  std::vector<double> lower, upper;
};

std::vector<Box> boxes_by_cuts(const KdTree& tree) {
  const int d = tree.predictors();
  std::vector<Box> out(tree.size());
  for (int j = 0; j < d; ++j) {
    out[0].lower.push_back(tree.lower(0, j));
    out[0].upper.push_back(tree.upper(0, j));
  }
  for (Index c = 0; c < tree.size(); ++c) {
    const KdTree::Cell& cell = tree.cell(c);
    if (cell.is_leaf()) continue;
    out[cell.low] = out[cell.high] = out[c];
    out[cell.low].upper[cell.axis] = cell.cut;
    out[cell.high].lower[cell.axis] = cell.cut;
  }
  return out;
}

KdTree tree_of(const Matrix& x, double span, double cell, bool* limited = nullptr) {
  LoessData data(x, Vector::Ones(x.rows()), static_cast<int>(x.cols()), span);
  TreeBuilder builder(data, cell);
  KdTree tree = builder.build();
  if (limited) *limited = builder.limited();
  return tree;
}

/// Cut and axis of every box in the order of their numbers, from sorted values.
class SortedCuts {
 public:
  SortedCuts(const Matrix& x, Index most) : x_(x), most_(most) {
    IndexVector all(x.rows());
    std::iota(all.begin(), all.end(), Index{0});
    parts_.push_back(all);
    for (std::size_t c = 0; c < parts_.size(); ++c) split(c);
  }
  std::vector<int> axis;
  std::vector<double> cut;

 private:
  void split(std::size_t c) {
    IndexVector rows = parts_[c];
    axis.push_back(-1);
    cut.push_back(0);
    if (static_cast<Index>(rows.size()) <= most_) return;
    const int j = widest(rows);
    std::sort(rows.begin(), rows.end(),
              [&](Index a, Index b) { return x_(a, j) < x_(b, j); });
    const std::size_t middle = nearest_gap(rows, j);
    if (middle == rows.size()) return;
    axis[c] = j;
    cut[c] = x_(rows[middle], j);
    parts_.emplace_back(rows.begin(), rows.begin() + middle + 1);
    parts_.emplace_back(rows.begin() + middle + 1, rows.end());
  }

  int widest(const IndexVector& rows) const {
    int best = 0;
    double most = -1;
    for (int j = 0; j < x_.cols(); ++j) {
      double low = 2, high = -1;
      for (Index i : rows) {
        low = std::min(low, x_(i, j));
        high = std::max(high, x_(i, j));
      }
      const double spread = high - low;
      if (spread > most) best = j;
      most = std::max(most, spread);
    }
    return best;
  }

  /// Of the positions whose value differs from the next the nearest to the middle, the
  /// later one of two; rows.size(): none.
  std::size_t nearest_gap(const IndexVector& rows, int j) const {
    const Index last = static_cast<Index>(rows.size()) - 1, middle = last / 2;
    Index best = last + 1;
    for (Index p = last - 1; p >= 0; --p) {
      if (x_(rows[p], j) == x_(rows[p + 1], j)) continue;
      if (best > last || std::abs(p - middle) < std::abs(best - middle)) best = p;
    }
    return static_cast<std::size_t>(best);
  }

  const Matrix& x_;
  Index most_;
  std::vector<IndexVector> parts_;
};

bool same_trees(const KdTree& a, const KdTree& b) {
  bool same = a.size() == b.size() && a.vertices() == b.vertices();
  for (Index c = 0; same && c < a.size(); ++c) {
    same = a.cell(c).axis == b.cell(c).axis && a.cell(c).cut == b.cell(c).cut &&
           a.cell(c).low == b.cell(c).low && a.cell(c).high == b.cell(c).high;
    for (Index k = 0; same && k < a.corners(); ++k)
      same = a.corner(c, k) == b.corner(c, k);
  }
  for (Index v = 0; same && v < a.vertices(); ++v) same = place(a, v) == place(b, v);
  return same;
}

/// Levels and slopes at the vertices of sum_j p_j(x_j) with cubics p_j.
struct Cubics {
  Matrix c;  // 4 x d
  double operator()(const Vector& z) const {
    double sum = 0;
    for (Index j = 0; j < c.cols(); ++j) {
      sum += c(0, j) + z[j] * (c(1, j) + z[j] * (c(2, j) + z[j] * c(3, j)));
    }
    return sum;
  }
  double slope(double z, Index j) const {
    return c(1, j) + z * (2 * c(2, j) + z * 3 * c(3, j));
  }
  Vector values(const KdTree& tree) const {
    const Index d = c.cols();
    Vector out(tree.vertices() * (d + 1));
    for (Index v = 0; v < tree.vertices(); ++v) {
      const Vector at = place(tree, v);
      out[v * (d + 1)] = (*this)(at);
      for (Index j = 0; j < d; ++j) out[v * (d + 1) + 1 + j] = slope(at[j], j);
    }
    return out;
  }
};

double blend_at(const KdTree& tree, const Vector& values, const Vector& z) {
  const PointMatrix one = z.transpose();
  return blend_matrix(tree, one).row(0).dot(values);
}

}  // namespace

TEST(loess_radius_equals_sorted_distances) {
  for (int levels : {0, 7}) {
    for (int d : {1, 2, 3}) {
      const Matrix x = uniform(83, d, 3 + d, levels);
      for (int near = 1; near <= d; ++near) {
        for (double span : {0.03, 0.3, 0.75, 1.0, 1.8}) {
          const LoessData data(x, Vector::Ones(83), near, span);
          std::vector<double> scratch;
          Random random(17);
          for (int k = 0; k < 60; ++k) {
            Vector at = random_place(random, d, -1, 2);
            if (k < 20) at = x.row(k);
            if (k == 20) at.setConstant(-1e3);
            if (k == 21) at.setConstant(1e3);
            const double seen = data.radius2(at.data(), scratch);
            CHECK_RELATIVE(seen, radius2(x, near, span, at), kRounding, "radius");
          }
        }
      }
    }
  }
}

TEST(loess_range_holds_all_rows_within_the_radius) {
  for (double origin : {0.0, 1e8, -3e5}) {
    Matrix x = uniform(70, 2, 5, 12).array() + origin;
    const LoessData data(x, Vector::Ones(70), 1, 0.5);
    Random random(23);
    for (int k = 0; k < 300; ++k) {
      Vector at = random_place(random, 2, -0.2, 1.2).array() + origin;
      if (k % 3 == 0) at = x.row(k % 70);
      // exactly the distance of a row, and one bit more, so that it counts
      const Vector all = distances2(x, 1, at);
      double r2 = all[(7 * k) % 70];
      if (k % 2) r2 = std::nextafter(r2, 1e308);
      Index first, last;
      data.range(at.data(), r2, first, last);
      for (Index i = 0; i < 70; ++i) {
        if (data.distance2(i, at.data()) < r2) CHECK(first <= i && i < last);
      }
    }
  }
}

TEST(loess_data_orders_rows_and_gives_them_back) {
  const Matrix x = uniform(40, 2, 9, 6);
  const Vector w = unequal_weights(40, 4), y = normal(40, 5);
  for (int near : {1, 2}) {
    LoessData data(x, w, near, 0.5);
    IndexVector reversed(40);
    for (Index i = 0; i < 40; ++i) reversed[i] = 39 - i;
    if (near == 2) data.reorder(reversed);
    CHECK(data.unsorted(data.sorted(y)) == y);
    CHECK(data.weights() == data.sorted(w));
    for (Index i = 0; i < 40; ++i) {
      CHECK(data.row(i)[0] == x(data.order()[i], 0));
      CHECK(data.row(i)[1] == x(data.order()[i], 1));
      if (near == 1 && i > 0) CHECK(data.row(i - 1)[0] <= data.row(i)[0]);
    }
  }
}

// Points that do not tie have one tree; tied ones in one coordinate too, unless all but
// the first of an odd number tie, where the authors' program stops a step early.
TEST(loess_tree_equals_sorted_cuts) {
  for (int d : {1, 2, 3, 4}) {
    for (double cell : {0.2, 0.4}) {
      const Matrix x = uniform(211, d, 31 + d);
      bool limited = true;
      const KdTree tree = tree_of(x, 0.6, cell, &limited);
      CHECK(!limited);
      const SortedCuts truth(x, static_cast<Index>(std::floor(211 * 0.6 * cell)));
      CHECK(tree.size() == static_cast<Index>(truth.axis.size()) && tree.size() > 5);
      for (Index c = 0; c < std::min<Index>(tree.size(), truth.axis.size()); ++c) {
        CHECK(tree.cell(c).axis == truth.axis[c] && tree.cell(c).cut == truth.cut[c]);
      }
    }
  }
  const Matrix tied = uniform(300, 1, 12, 20);
  const KdTree tree = tree_of(tied, 0.5, 0.3);
  const SortedCuts truth(tied, 45);
  CHECK(tree.size() == static_cast<Index>(truth.axis.size()) && tree.size() > 5);
  for (Index c = 0; c < tree.size(); ++c) CHECK(tree.cell(c).cut == truth.cut[c]);
}

TEST(loess_leaves_hold_their_points) {
  for (int levels : {0, 5}) {
    for (int d : {1, 2, 3}) {
      const Matrix x = uniform(250, d, 41 + d, levels);
      LoessData data(x, Vector::Ones(250), d, 0.5);
      const KdTree tree = TreeBuilder(data, 0.15).build();
      const std::vector<Box> boxes = boxes_by_cuts(tree);
      std::vector<Index> count(tree.size(), 0);
      Index changes = 0, leaves = 0, before = -1;
      for (Index i = 0; i < 250; ++i) {
        const Index leaf = tree.leaf(data.row(i));
        ++count[leaf];
        changes += leaf != before;
        before = leaf;
        for (int j = 0; j < d; ++j) {
          const double v = data.row(i)[j];
          CHECK(boxes[leaf].lower[j] <= v && v <= boxes[leaf].upper[j]);
        }
      }
      for (Index c = 0; c < tree.size(); ++c) leaves += count[c] > 0;
      // the rows of a leaf lie together, in whatever order the leaves are
      CHECK(changes == leaves);
      for (Index c = 0; levels == 0 && c < tree.size(); ++c) {
        if (tree.cell(c).is_leaf()) CHECK(count[c] > 0 && count[c] <= 18);
      }
    }
  }
}

TEST(loess_corners_of_boxes_are_shared_vertices) {
  for (int levels : {0, 6}) {
    for (int d : {1, 2, 3, 4}) {
      const Matrix x = uniform(200, d, 51 + d, levels);
      const KdTree tree = tree_of(x, 0.5, 0.2);
      const std::vector<Box> boxes = boxes_by_cuts(tree);
      std::set<std::vector<double>> places;
      for (Index c = 0; c < tree.size(); ++c) {
        for (Index k = 0; k < tree.corners(); ++k) {
          std::vector<double> at;
          for (int j = 0; j < d; ++j) {
            at.push_back((k >> j) % 2 ? boxes[c].upper[j] : boxes[c].lower[j]);
          }
          const double* seen = tree.place(tree.corner(c, k));
          CHECK(std::equal(at.begin(), at.end(), seen));
          places.insert(at);
        }
      }
      CHECK(static_cast<Index>(places.size()) == tree.vertices());
    }
  }
}

TEST(loess_zeros_of_either_sign_are_one_place) {
  KdTree tree(Vector::Constant(2, -1), Vector::Constant(2, 1));
  tree.cut(0, 0, 0.0);
  tree.cut(1, 1, 0.0);
  tree.cut(2, 1, -0.0);
  CHECK(tree.vertices() == 9);
}

TEST(loess_replayed_cuts_give_the_same_tree) {
  for (int d : {1, 2, 3}) {
    const KdTree tree = tree_of(uniform(200, d, 61 + d, 30), 0.5, 0.2);
    Vector lower(d), upper(d);
    for (int j = 0; j < d; ++j) {
      lower[j] = tree.lower(0, j);
      upper[j] = tree.upper(0, j);
    }
    KdTree again(lower, upper);
    for (Index c = 0; c < tree.size(); ++c) {
      if (!tree.cell(c).is_leaf()) again.cut(c, tree.cell(c).axis, tree.cell(c).cut);
    }
    CHECK(same_trees(tree, again));
  }
}

TEST(loess_trees_have_at_most_the_larger_of_n_and_200_vertices) {
  for (Index n : {100, 400}) {
    for (int d : {2, 3, 4}) {
      bool limited = false;
      const KdTree small = tree_of(uniform(n, d, 71 + d), 0.5, 0.01, &limited);
      const Index most = std::max<Index>(n, 200);
      CHECK(limited);
      CHECK(small.vertices() <= most && small.size() <= most);
      tree_of(uniform(n, d, 71 + d), 1, 0.5, &limited);
      CHECK(!limited);
    }
  }
}

TEST(loess_tree_of_one_value_is_finite) {
  const Matrix x = Matrix::Constant(50, 2, 3.0);
  const KdTree tree = tree_of(x, 0.5, 0.2);
  CHECK(tree.vertices() < 20);
  CHECK(tree.lower(0, 0) < 3 && tree.upper(0, 0) > 3);
}

// A sum of cubics in one coordinate each is what all the interpolants reproduce, planes
// with it. Rounding grows with the largest slope times the width of the box, about 10.
TEST(loess_blending_reproduces_sums_of_cubics) {
  for (int d : {1, 2, 3, 4}) {
    const KdTree tree = tree_of(uniform(300, d, 81 + d, 50), 0.5, 0.2);
    Cubics cubics{Matrix(4, d)};
    cubics.c = Eigen::Map<const Matrix>(normal(4 * d, 7).data(), 4, d);
    const Vector values = cubics.values(tree);
    Random random(19);
    for (int k = 0; k < 400; ++k) {
      const Vector z = random_place(random, d, 0, 0.98);
      CHECK_NEAR(blend_at(tree, values, z), cubics(z), 1e-13, "cubics");
    }
    cubics.c.bottomRows(2).setZero();
    const Vector plane = cubics.values(tree);
    for (int k = 0; k < 100; ++k) {
      const Vector z = random_place(random, d, 0, 0.98);
      CHECK_NEAR(blend_at(tree, plane, z), cubics(z), 1e-13, "plane");
    }
  }
}

TEST(loess_blending_has_vertex_values_at_vertices) {
  for (int d : {1, 2, 3}) {
    const KdTree tree = tree_of(uniform(200, d, 91 + d), 0.5, 0.3);
    const Vector values = normal(tree.vertices() * (d + 1), 5);
    // hanging vertices of d > 2 lie inside an edge of the larger box on their other side
    for (Index v = 0; v < (d > 2 ? tree.corners() : tree.vertices()); ++v) {
      const double seen = blend_at(tree, values, place(tree, v));
      CHECK_NEAR(seen, values[v * (d + 1)], 1e-13, "level");
    }
  }
}

// On both sides of every line through a vertex, with any values: next to the faces of
// boxes and where smaller boxes behind them meet. One bit of z moves the surface by a
// slope of at most 1e3 times 1e-16.
TEST(loess_surface_of_two_predictors_is_continuous) {
  for (int levels : {0, 40}) {
    const KdTree tree = tree_of(uniform(400, 2, 101, levels), 0.5, 0.08);
    CHECK(tree.size() > 40);
    const Vector values = normal(tree.vertices() * 3, 6);
    Random random(29);
    double worst = 0, inside = 0;
    for (Index v = 0; v < tree.vertices(); ++v) {
      for (int axis = 0; axis < 2; ++axis) {
        for (int k = 0; k < 40; ++k) {
          Vector z = random_place(random, 2, -0.004, 0.98);
          z[axis] = tree.place(v)[axis];
          const double here = blend_at(tree, values, z);
          z[axis] = std::nextafter(z[axis], 2.0);
          worst = std::max(worst, std::abs(blend_at(tree, values, z) - here));
          z[axis] += 1e-3;
          inside = std::max(inside, std::abs(blend_at(tree, values, z) - here));
        }
      }
    }
    CHECK(worst < 1e-12);
    CHECK(inside > 1e-3);
  }
}

// Inside a box the surface is a cubic along each coordinate, for which Richardson's
// extrapolation has no error but rounding: 1e-16 |f| / h.
TEST(loess_gradient_equals_differences) {
  const double h = 1e-4;
  for (int d : {1, 2, 3}) {
    const KdTree tree = tree_of(uniform(200, d, 111 + d), 0.5, 0.4);
    const Vector values = normal(tree.vertices() * (d + 1), 8);
    const PointMatrix z = uniform(150, d, 13) * 0.98;
    const Matrix seen = blended_gradient(tree, values, z, 1);
    CHECK(largest_gap(seen, blended_gradient(tree, values, z, 2)) == 0);
    for (Index i = 0; i < z.rows(); ++i) {
      for (int j = 0; j < d; ++j) {
        const auto moved = [&](double step) {
          Vector at = z.row(i);
          at[j] += step;
          return blend_at(tree, values, at);
        };
        bool crosses = false;
        for (Index v = 0; v < tree.vertices(); ++v) {
          crosses = crosses || std::abs(tree.place(v)[j] - z(i, j)) < 3 * h;
        }
        if (crosses) continue;
        const double near = (moved(h) - moved(-h)) / (2 * h);
        const double wide = (moved(2 * h) - moved(-2 * h)) / (4 * h);
        CHECK_NEAR(seen(i, j), (4 * near - wide) / 3, 1e-10, "slope");
      }
    }
  }
}
