// loess/specification.hpp - what a local regression is asked for, and what it gives.
#ifndef GAMUT_LOESS_SPECIFICATION_HPP
#define GAMUT_LOESS_SPECIFICATION_HPP

#include <vector>

#include "../family/family.hpp"
#include "local_fit.hpp"
#include "operator_sums.hpp"

namespace gamut {

/// What is found out about the operator: nothing; its trace and approximations of the
/// deltas from it; approximations of both; all exactly.
enum class LoessStatistics { none, approximate, rough, exact };

struct LoessSpec {
  Matrix x;                   // n x d, scaled; those that make distances first
  int near = 1;               // how many make distances
  std::vector<char> squares;  // by predictor: does a quadratic have its square?
  std::vector<int> blocks;    // those of one block have no products; 0: of none
  int degree = 2;
  double span = 0.75, cell = 0.2;
  bool direct = false;  // a local regression at every row, without vertices
  LoessStatistics statistics = LoessStatistics::approximate;
  int iterations = 1;    // passes; above 1 robust ones
  double tolerance = 0;  // of interpolation; 0: boxes are cut by counts alone
  int threads = 1;
};

/// The response; without a family gaussian.
struct LoessResponse {
  Matrix y;
  Vector prior, offset;
  const Family* family = nullptr;
};

/// A place where the local regression is not what it should be.
struct LoessTrouble {
  Vector at;
  double radius = 0, rcond = 0;
  LocalTrouble kind = LocalTrouble::none;
};

struct LoessResult {
  Vector fitted;            // of all rows, in the caller's order
  Vector robust;            // robustness weights; empty of a single pass
  Vector pseudo_residuals;  // of a robust fit
  Vector weights;           // working weights of the operator; empty: prior ones
  double trace = 0;
  Vector leverage;  // the diagonal of the operator
  Deltas deltas;
  Vector values;            // levels and slopes at the vertices
  VertexMatrix covariance;  // S of the operator, see operator_sums.hpp
  bool limited = false;
  std::vector<LoessTrouble> troubles;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_SPECIFICATION_HPP
