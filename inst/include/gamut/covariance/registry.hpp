// covariance/registry.hpp - from the kind of a covariance, its size and its numbers to
// the object. The one place that knows all of them.
#ifndef GAMUT_COVARIANCE_REGISTRY_HPP
#define GAMUT_COVARIANCE_REGISTRY_HPP

#include <memory>
#include <string>
#include <vector>

#include "autoregressive.hpp"
#include "compound_symmetry.hpp"
#include "diagonal.hpp"
#include "direct_sum.hpp"
#include "penalty_sum.hpp"
#include "scaled_identity.hpp"
#include "spatial.hpp"
#include "spherical.hpp"
#include "toeplitz.hpp"
#include "unstructured.hpp"

namespace gamut {

/// `size` is the number b of coefficients of one level. `numbers` are the b x b distances
/// of "exp" and "mat", by columns, the order of coefficients of "spherical", and the
/// b x b matrices of a "penalty", by columns, one after another; `parts` are those of a
/// "sum", whose sizes add up to its own. `given`: lambda of each matrix of a penalty, NaN
/// where it is to be found.
struct CovarianceSpec {
  std::string kind;
  Index size = 0;
  std::vector<double> numbers;
  std::vector<CovarianceSpec> parts;
  std::vector<double> given;
};

std::shared_ptr<Covariance> make_covariance(const CovarianceSpec& spec);

inline std::shared_ptr<Covariance> make_direct_sum(const CovarianceSpec& spec) {
  DirectSum::Parts parts;
  for (const CovarianceSpec& part : spec.parts) parts.push_back(make_covariance(part));
  const auto sum = std::make_shared<DirectSum>(parts);
  if (sum->size() != spec.size) {
    throw Error(Status::invalid_argument,
                "the parts of a direct sum of size " + std::to_string(spec.size) +
                    " have " + std::to_string(sum->size()) + " coefficients");
  }
  return sum;
}

inline std::shared_ptr<Covariance> make_spatial(const CovarianceSpec& spec,
                                                Spatial::Kernel kernel) {
  if (static_cast<Index>(spec.numbers.size()) != spec.size * spec.size) {
    throw Error(Status::invalid_argument,
                "covariance '" + spec.kind + "' of size " + std::to_string(spec.size) +
                    " needs the distances between its positions");
  }
  return std::make_shared<Spatial>(
      kernel, Eigen::Map<const Matrix>(spec.numbers.data(), spec.size, spec.size));
}

inline std::shared_ptr<Covariance> make_spherical(const CovarianceSpec& spec) {
  IndexVector order;
  for (double place : spec.numbers) order.push_back(static_cast<Index>(place));
  return std::make_shared<Spherical>(order);
}

inline std::shared_ptr<Covariance> make_penalty(const CovarianceSpec& spec) {
  const Index area = spec.size * spec.size;
  const Index count = static_cast<Index>(spec.numbers.size()) / area;
  if (count < 1 || static_cast<Index>(spec.numbers.size()) != count * area ||
      (!spec.given.empty() && static_cast<Index>(spec.given.size()) != count)) {
    throw Error(Status::invalid_argument, "a penalty of size " +
                                              std::to_string(spec.size) +
                                              " needs matrices of that size");
  }
  std::vector<Matrix> penalties;
  for (Index j = 0; j < count; ++j) {
    penalties.emplace_back(
        Eigen::Map<const Matrix>(spec.numbers.data() + j * area, spec.size, spec.size));
  }
  return std::make_shared<PenaltySum>(std::move(penalties), spec.given);
}

inline std::shared_ptr<Covariance> make_covariance(const CovarianceSpec& spec) {
  const std::string& kind = spec.kind;
  const Index b = spec.size;
  if (b < 1) {
    throw Error(Status::invalid_argument,
                "covariance '" + kind + "' needs at least one coefficient");
  }
  if (kind == "us") return std::make_shared<Unstructured>(b);
  if (kind == "diag") return std::make_shared<Diagonal>(b);
  if (kind == "identity") return std::make_shared<ScaledIdentity>(b);
  if (kind == "cs") return std::make_shared<CompoundSymmetry>(b);
  if (kind == "ar1") return std::make_shared<Autoregressive>(b);
  if (kind == "toep") return std::make_shared<Toeplitz>(b);
  if (kind == "exp") return make_spatial(spec, Spatial::Kernel::exponential);
  if (kind == "mat") return make_spatial(spec, Spatial::Kernel::matern);
  if (kind == "spherical") return make_spherical(spec);
  if (kind == "sum") return make_direct_sum(spec);
  if (kind == "penalty") return make_penalty(spec);
  throw Error(Status::invalid_argument, "unknown covariance '" + kind + "'");
}

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_REGISTRY_HPP
