// loess/surface.hpp - the two ways to a fitted surface: by vertices and blending, and by
// a local regression at every place.
//
// Vertices, rows and places are shared among threads; nothing depends on how many there
// are. Fits keep their neighbourhoods, so that passes with other weights (robustness) or
// another response (pseudovalues) select none again.
#ifndef GAMUT_LOESS_SURFACE_HPP
#define GAMUT_LOESS_SURFACE_HPP

#include "../monitor.hpp"
#include "operator_sums.hpp"

namespace gamut {

/// Places that share a task of parallel_for.
constexpr Index loess_places_per_task = 4, loess_rows_per_task = 4096;

/// Local regressions at many places: squared radii, then fits.
class LocalFits {
 public:
  LocalFits(const LocalRegression& local, int threads)
      : local_(local), threads_(threads) {}

  /// `at(i)` is the place of fit i.
  template <class At>
  std::vector<double> radii(Index count, const At& at) const {
    std::vector<double> out(count);
    each_task(count, loess_places_per_task, [&](Index first, Index last) {
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
    const Index count = static_cast<Index>(radii.size()), step = loess_places_per_task;
    parallel_for(shared ? threads_ : 1, (count + step - 1) / step, [&](Index t) {
      const Index last = std::min(count, (t + 1) * step);
      for (Index i = t * step; i < last; ++i) out[i] = fit(i);
    });
    return out;
  }

  template <class Task>
  void each_task(Index count, Index step, const Task& task) const {
    parallel_for(threads_, (count + step - 1) / step,
                 [&](Index t) { task(t * step, std::min(count, (t + 1) * step)); });
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

/// The blended surface at `count` places; at(i) gives the d numbers of a place.
template <class At>
Vector blended_surface(const KdTree& tree, const Vector& values, Index count,
                       const At& at, int threads) {
  Vector out(count);
  const Index tasks = (count + loess_rows_per_task - 1) / loess_rows_per_task;
  parallel_for(threads, tasks, [&](Index t) {
    Blending<double> blending(tree);
    Blending<double>::Row row;
    const Index last = std::min(count, (t + 1) * loess_rows_per_task);
    for (Index i = t * loess_rows_per_task; i < last; ++i) {
      blending.row(at(i), row);
      double sum = 0;
      for (const auto& entry : row) sum += entry.coefficient * values[entry.column];
      out[i] = sum;
    }
  });
  return out;
}

/// b(z)' S b(z) at the places: the variance of the surface over sigma^2.
template <class At>
Vector blended_variance(const KdTree& tree, const Matrix& covariance, Index count,
                        const At& at, int threads) {
  Vector out(count);
  const Index tasks = (count + loess_rows_per_task - 1) / loess_rows_per_task;
  parallel_for(threads, tasks, [&](Index t) {
    Blending<double> blending(tree);
    Blending<double>::Row row;
    const Index last = std::min(count, (t + 1) * loess_rows_per_task);
    for (Index i = t * loess_rows_per_task; i < last; ++i) {
      blending.row(at(i), row);
      double sum = 0;
      for (const auto& one : row) {
        double inner = 0;
        for (const auto& other : row) {
          inner += covariance(other.column, one.column) * other.coefficient;
        }
        sum += one.coefficient * inner;
      }
      out[i] = sum;
    }
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

/// Covariance of the surface at all pairs of places, over sigma^2: B S B'.
inline Matrix blended_covariance(const KdTree& tree, const Matrix& covariance,
                                 const PointMatrix& z) {
  Matrix b = Matrix::Zero(z.rows(), covariance.rows());
  Blending<double> blending(tree);
  Blending<double>::Row row;
  for (Index i = 0; i < z.rows(); ++i) {
    blending.row(z.data() + i * z.cols(), row);
    for (const auto& entry : row) b(i, entry.column) += entry.coefficient;
  }
  return b * covariance * b.transpose();
}

}  // namespace gamut

#endif  // GAMUT_LOESS_SURFACE_HPP
