// loess/operator_sums.hpp - what is needed of the n x n operator L of an interpolated
// surface, without it.
//
// L = B F: F (r x n, r = vertices (d + 1)) gives levels and slopes at the vertices, B
// (n x r) blends them, with 2^d (d + 1) numbers a row. With G = FF', P = FB, Q = G B'B
//   tr L = tr P,  delta_1 = tr (I - L)(I - L)' = n - 2 tr P + tr Q,
//   delta_2 = tr ((I - L)(I - L)')^2
//           = n - 4 tr P + 2 tr P^2 + 4 tr Q - 4 tr PQ + tr Q^2,
// and the variance of the surface at z is sigma^2 b(z)' S b(z) with S = F A^{-1} F'
// (A = diag a, the prior weights; rows without weight have no variance to give). Rows are
// worked off in runs of neighbours, which few vertices influence. Vertices whose
// neighbourhoods have no row in common have nothing in these matrices, so that with small
// spans they are sparse.
// Source: delta_1, delta_2 as Cleveland & Devlin (1988), JASA 83, 596-610; the algebra is
// that of traces of products of low rank.
#ifndef GAMUT_LOESS_OPERATOR_SUMS_HPP
#define GAMUT_LOESS_OPERATOR_SUMS_HPP

#include <Eigen/SparseCore>

#include "../parallel.hpp"
#include "approximate_deltas.hpp"
#include "blending.hpp"
#include "local_fit.hpp"

namespace gamut {

using VertexMatrix = Eigen::SparseMatrix<double>;

struct OperatorSums {
  VertexMatrix gram;        // G = FF'
  VertexMatrix covariance;  // S = F A^{-1} F'
  VertexMatrix product;     // P = FB, where the deltas are asked for
  VertexMatrix blends;      // B'B, likewise
  Vector diagonal;          // of L, all rows

  explicit OperatorSums(Index r)
      : gram(r, r), covariance(r, r), product(r, r), blends(r, r) {}

  Deltas deltas(double n) const {
    const VertexMatrix q = gram * blends;
    const double p1 = trace(product), q1 = trace(q);
    return {n - 2 * p1 + q1, n - 4 * p1 + 2 * trace_of_product(product, product) +
                                 4 * q1 - 4 * trace_of_product(product, q) +
                                 trace_of_product(q, q)};
  }

 private:
  static double trace(const VertexMatrix& m) { return Vector(m.diagonal()).sum(); }
  static double trace_of_product(const VertexMatrix& a, const VertexMatrix& b) {
    const VertexMatrix other = b.transpose();
    return a.cwiseProduct(other).sum();
  }
};

/// The sums over a run of rows, over those columns of B that the run has to do with.
class RunSums {
 public:
  RunSums(const LocalRegression& local, const KdTree& tree,
          const std::vector<LocalFit>& fits, const Vector& weights, bool equal,
          bool deltas, Vector& diagonal)
      : local_(local),
        tree_(tree),
        fits_(fits),
        weights_(weights),
        equal_(equal),
        deltas_(deltas),
        diagonal_(diagonal) {}

  void add(Index first, Index last) {
    find_vertices(first, last);
    const Index b = local_.outputs(), r = static_cast<Index>(used_.size()) * b;
    for (Matrix* sum : {&gram_, &covariance_, &product_, &blends_}) sum->setZero(r, r);
    for (Index from = first; from < last; from += step) {
      add_rows(from, std::min(last, from + step));
    }
  }

  void add_to(OperatorSums& all) const {
    all.gram += among_all(gram_, all.gram.rows());
    if (!equal_) all.covariance += among_all(covariance_, all.gram.rows());
    if (!deltas_) return;
    all.product += among_all(product_, all.gram.rows());
    all.blends += among_all(blends_, all.gram.rows());
  }

 private:
  static constexpr Index step = 256;

  /// A matrix over the run's vertices as one over all of them.
  VertexMatrix among_all(const Matrix& own, Index size) const {
    const Index b = local_.outputs();
    VertexMatrix out(size, size);
    out.reserve(own.size());
    Index column = 0;
    for (std::size_t t = 0; t < used_.size(); ++t) {
      for (; column < used_[t] * b; ++column) out.startVec(column);
      for (; column < (used_[t] + 1) * b; ++column) {
        const Index from = static_cast<Index>(t) * b + column - used_[t] * b;
        out.startVec(column);
        for (Index i = 0; i < own.rows(); ++i) {
          // not 0: NaN of neighbourhoods without width stay
          if (own(i, from) == 0) continue;
          out.insertBack(used_[i / b] * b + i % b, column) = own(i, from);
        }
      }
    }
    for (; column < size; ++column) out.startVec(column);
    out.finalize();
    return out;
  }

  /// Vertices whose neighbourhood or blend can reach the rows.
  void find_vertices(Index first, Index last) {
    const LoessData& data = local_.data();
    const int d = data.predictors();
    Vector low = Eigen::Map<const Vector>(data.row(first), d), high = low;
    place_.assign(tree_.vertices(), -1);
    for (Index i = first; i < last; ++i) {
      const Eigen::Map<const Vector> x(data.row(i), d);
      low = low.cwiseMin(x);
      high = high.cwiseMax(x);
    }
    mark_blended(first, last);
    used_.clear();
    for (Index v = 0; v < tree_.vertices(); ++v) {
      if (place_[v] < 0 && !reaches(v, low, high)) continue;
      place_[v] = static_cast<Index>(used_.size());
      used_.push_back(v);
    }
  }

  /// The vertices of blends: corners of leaves, with two predictors also of neighbours.
  void mark_blended(Index first, Index last) {
    const LoessData& data = local_.data();
    const Index b = local_.outputs();
    Blending<double> blending(tree_);
    for (Index i = first; i < last; ++i) {
      if (data.predictors() == 2) {
        blending.row(data.row(i), row_);
        for (const auto& entry : row_) place_[entry.column / b] = 0;
        continue;
      }
      const Index leaf = tree_.leaf(data.row(i));
      for (Index c = 0; c < tree_.corners(); ++c) place_[tree_.corner(leaf, c)] = 0;
    }
  }

  bool reaches(Index v, const Vector& low, const Vector& high) const {
    double sum = 0;
    for (int j = 0; j < local_.data().near(); ++j) {
      const double at = tree_.place(v)[j];
      const double gap = std::max(0.0, std::max(low[j] - at, at - high[j]));
      sum += gap * gap;
    }
    return !(sum >= fits_[v].radius2);
  }

  void add_rows(Index first, Index last) {
    const Index count = last - first, b = local_.outputs();
    influence_.setZero(static_cast<Index>(used_.size()) * b, count);
    for (std::size_t s = 0; s < used_.size(); ++s) {
      fill(used_[s], static_cast<Index>(s) * b, first, last);
    }
    gram_.selfadjointView<Eigen::Lower>().rankUpdate(influence_);
    add_blends(first, last);
    if (equal_) return;
    for (Index i = 0; i < count; ++i) {
      const double a = weights_[first + i];
      influence_.col(i) *= a > 0 ? 1 / std::sqrt(a) : 0;
    }
    covariance_.selfadjointView<Eigen::Lower>().rankUpdate(influence_);
  }

  /// F of one vertex and some rows.
  void fill(Index v, Index at, Index first, Index last) {
    const LocalFit& fit = fits_[v];
    const Index b = local_.outputs();
    if (fit.trouble == LocalTrouble::no_width) {
      influence_.middleRows(at, b).setConstant(std::numeric_limits<double>::quiet_NaN());
      return;
    }
    if (fit.solution.size() == 0) {
      const auto begin = std::lower_bound(fit.members.begin(), fit.members.end(), first);
      for (auto m = begin; m != fit.members.end() && *m < last; ++m) {
        influence_.col(*m - first).segment(at, b) =
            fit.influence.col(m - fit.members.begin());
      }
      return;
    }
    const LoessData& data = local_.data();
    double* out = influence_.data() + at;
    for (Index i = first; i < last; ++i, out += influence_.rows()) {
      local_.influence(fit, tree_.place(v), data.row(i), weights_[i], x_, out);
    }
  }

  void add_blends(Index first, Index last) {
    const Index b = local_.outputs();
    Blending<double> blending(tree_);
    for (Index i = first; i < last; ++i) {
      blending.row(local_.data().row(i), row_);
      for (auto& entry : row_) {
        entry.column = place_[entry.column / b] * b + entry.column % b;
      }
      double own = 0;
      for (const auto& one : row_) {
        own += one.coefficient * influence_(one.column, i - first);
      }
      diagonal_[i] = own;
      if (deltas_) add_products(i - first);
    }
  }

  void add_products(Index at) {
    for (const auto& one : row_) {
      product_.col(one.column) += one.coefficient * influence_.col(at);
      for (const auto& other : row_) {
        blends_(other.column, one.column) += one.coefficient * other.coefficient;
      }
    }
  }

  const LocalRegression& local_;
  const KdTree& tree_;
  const std::vector<LocalFit>& fits_;
  const Vector& weights_;
  bool equal_;        // are all weights equal, so that S is FF' over them?
  bool deltas_;       // are these asked for?
  Vector& diagonal_;  // every run fills its own rows
  IndexVector used_, place_;
  Matrix gram_, covariance_, product_, blends_;
  Matrix influence_;
  Vector x_;
  Blending<double>::Row row_;
};

/// The sums over all rows; weights as those of the fits.
inline OperatorSums operator_sums(const LocalRegression& local, const KdTree& tree,
                                  const std::vector<LocalFit>& fits,
                                  const Vector& weights, bool deltas, int threads) {
  const Index n = local.data().rows();
  const Index run = std::max<Index>(1024, (n + 63) / 64), runs = (n + run - 1) / run;
  const bool equal = n > 0 && weights[0] > 0 && (weights.array() == weights[0]).all();
  Vector diagonal(n);
  std::vector<RunSums> parts(
      runs, RunSums(local, tree, fits, weights, equal, deltas, diagonal));
  parallel_for(threads, runs,
               [&](Index r) { parts[r].add(r * run, std::min(n, (r + 1) * run)); });
  OperatorSums out(tree.vertices() * local.outputs());
  for (const RunSums& part : parts) part.add_to(out);
  out.diagonal = std::move(diagonal);
  out.gram = VertexMatrix(out.gram.selfadjointView<Eigen::Lower>());
  out.covariance = equal ? VertexMatrix(out.gram / weights[0])
                         : VertexMatrix(out.covariance.selfadjointView<Eigen::Lower>());
  return out;
}

}  // namespace gamut

#endif  // GAMUT_LOESS_OPERATOR_SUMS_HPP
