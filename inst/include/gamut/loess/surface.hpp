// loess/surface.hpp - the two ways to a fitted surface: by vertices and blending, and by
// a local regression at every place.
//
// Vertices, rows and places are shared among threads; nothing depends on how many there
// are. Fits keep their neighbourhoods, so that passes with other weights (robustness) or
// another response (pseudovalues) select none again.
#ifndef GAMUT_LOESS_SURFACE_HPP
#define GAMUT_LOESS_SURFACE_HPP

#include "operator_sums.hpp"

namespace gamut {

/// Places that share a task of parallel_for.
constexpr Index loess_places_per_task = 4, loess_rows_per_task = 4096;

/// task(first, last) for runs of `step` out of `count`.
template <class Task>
void each_run(int threads, Index count, Index step, const Task& task) {
  parallel_for(threads, (count + step - 1) / step,
               [&](Index t) { task(t * step, std::min(count, (t + 1) * step)); });
}

/// Local regressions at many places: squared radii, then fits.
class LocalFits {
 public:
  LocalFits(const LocalRegression& local, int threads)
      : local_(local), threads_(threads) {}

  /// `at(i)` is the place of fit i.
  template <class At>
  std::vector<double> radii(Index count, const At& at) const {
    std::vector<double> out(count);
    each_run(threads_, count, loess_places_per_task, [&](Index first, Index last) {
      std::vector<double> scratch;
      for (Index i = first; i < last; ++i) {
        out[i] = local_.data().radius2(at(i), scratch);
      }
    });
    return out;
  }

  /// fit(i) for every radius; on one thread where the fits cannot be shared.
  template <class Fit>
  std::vector<LocalFit> each(const std::vector<double>& radii, const Fit& fit,
                             bool shared = true) const {
    std::vector<LocalFit> out(radii.size());
    each_run(shared ? threads_ : 1, static_cast<Index>(radii.size()),
             loess_places_per_task, [&](Index first, Index last) {
               for (Index i = first; i < last; ++i) out[i] = fit(i);
             });
    return out;
  }

 private:
  const LocalRegression& local_;
  int threads_;
};

/// Levels and slopes at the vertices of a tree, as one vector of vertices (d + 1).
inline Vector vertex_values(const std::vector<LocalFit>& fits, Index b) {
  Vector out(static_cast<Index>(fits.size()) * b);
  for (std::size_t v = 0; v < fits.size(); ++v) {
    out.segment(static_cast<Index>(v) * b, b) = fits[v].value.head(b);
  }
  return out;
}

/// use(i, row of B) for `count` places; at(i) gives the d numbers of a place.
template <class At, class Use>
void each_blend(const KdTree& tree, Index count, const At& at, int threads,
                const Use& use) {
  each_run(threads, count, loess_rows_per_task, [&](Index first, Index last) {
    Blending<double> blending(tree);
    Blending<double>::Row row;
    for (Index i = first; i < last; ++i) {
      blending.row(at(i), row);
      use(i, row);
    }
  });
}

/// The blended surface at the places.
template <class At>
Vector blended_surface(const KdTree& tree, const Vector& values, Index count,
                       const At& at, int threads) {
  Vector out(count);
  each_blend(tree, count, at, threads, [&](Index i, const Blending<double>::Row& row) {
    double sum = 0;
    for (const auto& entry : row) sum += entry.coefficient * values[entry.column];
    out[i] = sum;
  });
  return out;
}

/// b(z)' S b(z) at the places: the variance of the surface over sigma^2. S is dense or
/// sparse.
template <class Covariance, class At>
Vector blended_variance(const KdTree& tree, const Covariance& covariance, Index count,
                        const At& at, int threads) {
  Vector out(count);
  each_blend(tree, count, at, threads, [&](Index i, const Blending<double>::Row& row) {
    double sum = 0;
    for (const auto& one : row) {
      double inner = 0;
      for (const auto& other : row) {
        inner += covariance.coeff(other.column, one.column) * other.coefficient;
      }
      sum += one.coefficient * inner;
    }
    out[i] = sum;
  });
  return out;
}

/// Slopes of the blended surface: m x d.
inline Matrix blended_gradient(const KdTree& tree, const Vector& values,
                               const PointMatrix& z, int threads) {
  const int d = tree.predictors();
  Matrix out(z.rows(), d);
  parallel_for(threads, d, [&](Index j) {
    Blending<Dual> blending(tree);
    Blending<Dual>::Row row;
    std::vector<Dual> at(d);
    for (Index i = 0; i < z.rows(); ++i) {
      for (int l = 0; l < d; ++l) at[l] = Dual(z(i, l), l == j ? 1 : 0);
      blending.row(at.data(), row);
      double sum = 0;
      for (const auto& entry : row) sum += entry.coefficient.slope * values[entry.column];
      out(i, j) = sum;
    }
  });
  return out;
}

/// B at some places, in full.
inline Matrix blends_at(const KdTree& tree, const PointMatrix& z) {
  Matrix out = Matrix::Zero(z.rows(), tree.vertices() * (tree.predictors() + 1));
  const auto at = [&](Index i) { return z.data() + i * z.cols(); };
  each_blend(tree, z.rows(), at, 1, [&](Index i, const Blending<double>::Row& row) {
    for (const auto& entry : row) out(i, entry.column) += entry.coefficient;
  });
  return out;
}

/// Covariance of the surface at all pairs of places, over sigma^2: B S B'.
inline Matrix blended_covariance(const KdTree& tree, const VertexMatrix& covariance,
                                 const PointMatrix& z) {
  const Matrix b = blends_at(tree, z);
  return b * (covariance * b.transpose());
}

}  // namespace gamut

#endif  // GAMUT_LOESS_SURFACE_HPP
