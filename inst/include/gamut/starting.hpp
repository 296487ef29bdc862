// starting.hpp - coefficients to begin with.
//
// from_family(): the weighted least-squares step from the family's own starting value
// of each row, which needs no coefficients; what glm calls mustart.
// constant(): predictors as nearly constant as the columns allow, for data where the
// former leaves the family's range.
#ifndef GAMUT_STARTING_HPP
#define GAMUT_STARTING_HPP

#include "pass.hpp"
#include "system/step.hpp"

namespace gamut {

class StartingValues {
 public:
  StartingValues(const Layout& layout, const Pass& pass, StepSolver& solver,
                 Index tile_step)
      : layout_(layout), pass_(pass), solver_(solver), tile_step_(tile_step) {}

  Coefficients from_family() const { return least_squares(Vector()); }

  /// At the mean of the family's starting values, and further from zero while an
  /// offset still carries some row out of the family's range.
  Coefficients constant() const {
    const Vector mean = mean_start();
    for (double scale = 1; scale < 1e4; scale *= 4) {
      const Coefficients c = least_squares(scale * mean);
      if (std::isfinite(objective_at(c))) return c;
    }
    throw Error(Status::not_finite, "the starting values are not valid for the family");
  }

 private:
  /// A step from the family's values, or a projection of constants when there are any.
  Coefficients least_squares(const Vector& constants) const {
    PassRequest request;
    request.expansion =
        constants.size() > 0 ? Expansion::from_constants : Expansion::from_family;
    request.constants = constants;
    request.tile_step = tile_step_;
    const Coefficients zero = layout_.zero();
    const Sums sums = pass_(zero, request);
    if (!std::isfinite(sums.objective)) {
      throw Error(Status::not_finite, "the starting values are not valid for the family");
    }
    const Step step = solver_(sums, zero, request);
    if (!step.positive) {
      throw Error(Status::not_positive_definite, "no positive weight at the start");
    }
    return step.delta;
  }

  double objective_at(const Coefficients& c) const {
    PassRequest request;
    request.gram = request.score = false;
    request.tile_step = tile_step_;
    return pass_(c, request).objective;
  }

  /// Mean of the family's starting values over up to some sixteen tiles.
  Vector mean_start() const {
    const Index rows = layout_.problem().rows;
    Tile tile(layout_);
    Vector mean = Vector::Zero(layout_.problem().predictors());
    double count = 0;
    const Index stride = std::max(tile_rows, rows / 16 / tile_rows * tile_rows);
    for (Index first = 0; first < rows; first += stride) {
      tile.load(first, std::min(tile_rows, rows - first));
      tile.start();
      for (Index k = 0; k < mean.size(); ++k) {
        mean[k] += Eigen::Map<const Vector>(tile.eta()[k], tile.rows()).sum();
      }
      count += static_cast<double>(tile.rows());
    }
    return mean / count;
  }

  const Layout& layout_;
  const Pass& pass_;
  StepSolver& solver_;
  Index tile_step_;
};

/// Every how many tiles a first fit takes, 1 for all: more than sample_rows are sampled
/// to a sixteenth of sample_rows, but a hundred rows a coefficient.
inline Index sample_step(const Layout& layout, Index sample_rows) {
  const Index rows = layout.problem().rows;
  if (rows <= sample_rows) return 1;
  const Index p = layout.free_tail() + layout.levels() * layout.width();
  return rows / std::max(sample_rows / 16, 100 * p);
}

}  // namespace gamut

#endif  // GAMUT_STARTING_HPP
