// loess/places.hpp - local regressions at given places, to predict from and to look at.
#ifndef GAMUT_LOESS_PLACES_HPP
#define GAMUT_LOESS_PLACES_HPP

#include "fit.hpp"

namespace gamut {

class LoessPlaces {
 public:
  struct Members {
    IndexVector rows;            // the caller's, from 1
    std::vector<double> kernel;  // tricube weights, without those of the rows
    double radius = 0;
  };

  /// weights: those of the operator (n, the caller's order): prior times robustness, or
  /// working weights. z: places, scaled as spec.x.
  LoessPlaces(const LoessSpec& spec, const LoessResponse& response, const Vector& weights,
              const Matrix& z)
      : loess_(spec, response, Loess::Surface::none),
        every_(loess_.data(), loess_.basis(), true),
        threads_(spec.threads),
        weights_(loess_.data().sorted(weights)),
        z_(z) {
    fits_ = loess_.at_places(
        z_.rows(), [this](Index i) { return place(i); }, weights_, every_);
  }

  /// Coefficients of the local polynomials (level, slopes, the others), a row a place.
  Matrix values() const {
    Matrix out(z_.rows(), every_.outputs());
    for (Index i = 0; i < z_.rows(); ++i) out.row(i) = fits_[i].value;
    return out;
  }

  Vector variance() const {
    return direct_variance(
        every_, linear(), [this](Index i) { return place(i); }, weights_,
        loess_.precision(weights_), threads_);
  }

  /// Of the surface at all pairs of places, over sigma^2.
  Matrix covariance() const {
    const Vector precision = loess_.precision(weights_);
    const std::vector<LocalFit> fits = linear();
    Matrix l = Matrix::Zero(loess_.data().rows(), z_.rows());
    for (Index i = 0; i < z_.rows(); ++i) {
      every_.each_influence(fits[i], place(i), weights_, [&](Index row, const auto& own) {
        if (precision[row] > 0) l(row, i) = own[0] / std::sqrt(precision[row]);
      });
    }
    return l.transpose() * l;
  }

  Members members(Index i) const {
    Members out;
    const double radius2 = fits_[i].radius2;
    out.radius = std::sqrt(radius2);
    if (!(radius2 > 0)) return out;
    const Vector ones = Vector::Ones(loess_.data().rows());
    every_.each_member(place(i), radius2, ones, [&](Index row, double w) {
      out.rows.push_back(loess_.data().order()[row] + 1);
      out.kernel.push_back(w);
    });
    return out;
  }

 private:
  const double* place(Index i) const { return z_.data() + i * z_.cols(); }

  /// Fits whose influence is that of the operator, on the working response.
  std::vector<LocalFit> linear() const {
    return loess_.linear_at(
        fits_, [this](Index i) { return place(i); }, weights_, every_);
  }

  Loess loess_;
  LocalRegression every_;
  int threads_;
  Vector weights_;
  PointMatrix z_;
  std::vector<LocalFit> fits_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_PLACES_HPP
