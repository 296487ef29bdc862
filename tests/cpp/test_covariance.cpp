// test_covariance.cpp - the covariances of random effects: Sigma against its formula,
// derivatives against differences, extremes, starts, direct sums, errors.
#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "gamut/covariance/penalty_sum.hpp"
#include "gamut/covariance/registry.hpp"

using namespace gamut;

namespace {

const std::vector<Index> kSizes = {1, 2, 3, 5};
const std::vector<std::string> kKinds = {"us",  "diag", "identity", "cs",
                                         "ar1", "toep", "exp",      "mat"};

/// Distances of points in the plane, no two at the same place.
Matrix distances(Index b) {
  Matrix out(b, b);
  for (Index i = 0; i < b; ++i) {
    for (Index j = 0; j < b; ++j) {
      const double u = static_cast<double>(i), v = static_cast<double>(j);
      out(i, j) = std::hypot(u - v, 0.3 * (u * u - v * v));
    }
  }
  return out;
}

CovarianceSpec spec_of(const std::string& kind, Index b) {
  CovarianceSpec spec;
  spec.kind = kind;
  spec.size = b;
  if (kind == "exp" || kind == "mat") {
    const Matrix d = distances(b);
    spec.numbers.assign(d.data(), d.data() + d.size());
  }
  return spec;
}

/// All of the kinds side by side, and one sum within another.
CovarianceSpec sum_of_all(Index b) {
  CovarianceSpec inner{"sum", 2 * b, {}, {spec_of("ar1", b), spec_of("diag", b)}};
  CovarianceSpec sum{"sum", 2 * b, {}, {inner}};
  for (const std::string& kind : kKinds) {
    sum.parts.push_back(spec_of(kind, b));
    sum.size += b;
  }
  return sum;
}

std::vector<CovarianceSpec> every_spec() {
  std::vector<CovarianceSpec> out;
  for (Index b : kSizes) {
    for (const std::string& kind : kKinds) out.push_back(spec_of(kind, b));
    out.push_back(sum_of_all(b));
  }
  return out;
}

std::string label(const CovarianceSpec& spec) {
  return spec.kind + " of size " + std::to_string(spec.size);
}

Vector random_vector(int size, double bound, unsigned seed) {
  std::mt19937 generator(seed);
  Vector out(size);
  for (int j = 0; j < size; ++j) {
    out[j] = bound * (2 * static_cast<double>(generator()) / 4294967296.0 - 1);
  }
  return out;
}

double largest(const Matrix& x) { return x.size() ? x.cwiseAbs().maxCoeff() : 0; }

Matrix sigma(const Covariance& law) { return law.matrix() * law.matrix().transpose(); }

Matrix matrix_at(Covariance& law, const Vector& theta) {
  law.set_parameters(theta.data());
  return law.matrix();
}

/// Sigma as the formula says, from standard deviations and correlations of pairs.
Matrix written_out(const Vector& sd, const std::function<double(Index, Index)>& r) {
  Matrix out(sd.size(), sd.size());
  for (Index i = 0; i < sd.size(); ++i) {
    for (Index j = 0; j < sd.size(); ++j) {
      out(i, j) = sd[i] * sd[j] * (i == j ? 1 : r(i, j));
    }
  }
  return out;
}

/// Sigma of `kind` at theta = (scales, correlation parameters) against its formula. The
/// matrices have condition numbers below 1e3; the tolerance is that many roundings.
void check_sigma(const std::string& kind, Index b, const Vector& theta, const Vector& sd,
                 const std::function<double(Index, Index)>& r) {
  const auto law = make_covariance(spec_of(kind, b));
  CHECK_LABEL(law->parameters() == theta.size(), kind);
  if (law->parameters() != theta.size()) return;
  law->set_parameters(theta.data());
  const Matrix error = sigma(*law) - written_out(sd, r);
  CHECK_NEAR(largest(error), 0, 1e-13, kind + " of size " + std::to_string(b));
}

Vector joined(const Vector& first, const Vector& second) {
  Vector out(first.size() + second.size());
  out << first, second;
  return out;
}

/// The only correlation parameter, which is absent where there is one coefficient.
Vector one(Index b, double value) { return Vector::Constant(b > 1, value); }

/// Autocorrelations from partial ones, by the recursion of Levinson and Durbin.
Vector autocorrelations(const Vector& partial) {
  const Index lags = partial.size();
  Vector r = Vector::Ones(lags + 1), phi = Vector::Zero(lags);
  double variance = 1;
  for (Index k = 0; k < lags; ++k) {
    double ahead = partial[k] * variance;
    for (Index j = 0; j < k; ++j) ahead += phi[j] * r[k - j];
    r[k + 1] = ahead;
    const Vector old = phi;
    for (Index j = 0; j < k; ++j) phi[j] -= partial[k] * old[k - 1 - j];
    phi[k] = partial[k];
    variance *= 1 - partial[k] * partial[k];
  }
  return r;
}

}  // namespace

TEST(sigma_is_what_the_formula_says) {
  for (Index b : kSizes) {
    const Vector sd = random_vector(static_cast<int>(b), 1, 4).cwiseAbs();
    const Vector common = Vector::Constant(b, 1.3), scale = Vector::Constant(1, 1.3);
    const Matrix d = distances(b);
    const double size = static_cast<double>(b);
    for (double z : {-1.2, 0.4, 1.1}) {
      const Vector theta = joined(sd, one(b, z));
      const double w = std::exp(2 * z), r = (w - 1) / (w + size - 1);
      check_sigma("cs", b, theta, sd, [&](Index, Index) { return r; });
      check_sigma("ar1", b, joined(scale, one(b, z)), common, [&](Index i, Index j) {
        return std::pow(std::tanh(z), static_cast<double>(std::abs(i - j)));
      });
      check_sigma("exp", b, joined(scale, one(b, z)), common,
                  [&](Index i, Index j) { return std::exp(-d(i, j) / std::exp(z)); });
      check_sigma("mat", b, joined(scale, one(b, z)), common, [&](Index i, Index j) {
        const double x = std::sqrt(3.0) * d(i, j) / std::exp(z);
        return (1 + x) * std::exp(-x);
      });
    }
    const Vector z = random_vector(static_cast<int>(b - 1), 1, 9);
    const Vector r = autocorrelations(z.array().tanh().matrix());
    check_sigma("toep", b, joined(sd, z), sd,
                [&](Index i, Index j) { return r[std::abs(i - j)]; });
    const auto none = [](Index, Index) { return 0.0; };
    check_sigma("diag", b, sd, sd, none);
    check_sigma("identity", b, scale, common, none);
  }
}

TEST(an_unstructured_root_is_filled_by_columns) {
  const auto law = make_covariance(spec_of("us", 3));
  const double theta[] = {1, 2, 3, 4, 5, 6};
  law->set_parameters(theta);
  Matrix expected(3, 3);
  expected << 1, 0, 0, 2, 4, 0, 3, 5, 6;
  CHECK(law->matrix() == expected);
  const std::vector<bool> scale = {true, false, false, true, false, true};
  for (int j = 0; j < 6; ++j) CHECK(law->is_scale(j) == scale[j]);
}

TEST(covariance_derivatives_agree_with_differences) {
  // Richardson's extrapolation: the error is 4 h^4 f5 / 30 + eps |f| / h with h = 1e-3,
  // below 1e-10 for fifth derivatives up to 700; parameters within 1.5 keep away from
  // singular matrices, where they grow.
  const double h = 1e-3;
  for (const CovarianceSpec& spec : every_spec()) {
    const auto law = make_covariance(spec);
    for (unsigned seed = 1; seed < 5; ++seed) {
      const Vector theta = random_vector(law->parameters(), 1.5, seed);
      for (int j = 0; j < law->parameters(); ++j) {
        const auto slope = [&](double step) -> Matrix {
          const Vector move = step * Vector::Unit(theta.size(), j);
          return (matrix_at(*law, theta + move) - matrix_at(*law, theta - move)) /
                 (2 * step);
        };
        const Matrix differences = (4 * slope(h) - slope(2 * h)) / 3;
        law->set_parameters(theta.data());
        const double error = largest(law->derivative(j) - differences);
        CHECK_NEAR(error, 0, 1e-10, label(spec) + " parameter " + std::to_string(j));
      }
    }
  }
}

TEST(any_parameters_give_a_root) {
  // Sigma = Lambda Lambda' is positive semi-definite whatever Lambda is; what can go
  // wrong is that Lambda is not finite, or has not the variances that it should have.
  for (const CovarianceSpec& spec : every_spec()) {
    const auto law = make_covariance(spec);
    for (double bound : {1.0, 10.0, 30.0, 1e3}) {
      for (unsigned seed = 1; seed < 9; ++seed) {
        Vector theta = random_vector(law->parameters(), bound, seed);
        if (seed > 4)
          theta = theta.unaryExpr([&](double x) { return x < 0 ? -bound : bound; });
        const Matrix root = matrix_at(*law, theta);
        CHECK_LABEL(root.allFinite(), label(spec));
        CHECK_LABEL(root.isLowerTriangular(0), label(spec));
        CHECK_LABEL(law->values() == theta, label(spec));
        for (int j = 0; j < law->parameters(); ++j) {
          CHECK_LABEL(law->derivative(j).allFinite(), label(spec));
        }
      }
    }
  }
}

TEST(rows_of_correlation_roots_have_length_one) {
  for (const std::string kind : {"cs", "ar1", "toep", "exp", "mat"}) {
    const auto law = make_covariance(spec_of(kind, 5));
    for (unsigned seed = 1; seed < 30; ++seed) {
      Vector theta = random_vector(law->parameters(), 10, seed);
      for (int j = 0; j < law->parameters(); ++j) {
        if (law->is_scale(j)) theta[j] = 1;
      }
      const Vector length = matrix_at(*law, theta).rowwise().norm();
      // 1e-12: a pivot lost to rounding is replaced by 1e-13, "exp" and "mat".
      CHECK_NEAR(largest(length - Vector::Ones(5)), 0, 1e-12, kind);
    }
  }
}

TEST(limits_of_correlations_are_plain) {
  const Index b = 4;
  for (const std::string kind : {"cs", "ar1", "toep", "exp", "mat"}) {
    const auto law = make_covariance(spec_of(kind, b));
    Vector theta = Vector::Constant(law->parameters(), 500);
    for (int j = 0; j < law->parameters(); ++j) {
      if (law->is_scale(j)) theta[j] = 2;
    }
    law->set_parameters(theta.data());
    // 1e-12 as above: the replaced pivots of "exp" and "mat" stay in Sigma.
    CHECK_NEAR(largest(sigma(*law) - Matrix::Constant(b, b, 4)), 0, 1e-12, kind);
  }
  // The other end of the common correlation: coefficients that add up to zero.
  const auto law = make_covariance(spec_of("cs", b));
  Vector theta = Vector::Ones(b + 1);
  theta[b] = -500;
  law->set_parameters(theta.data());
  CHECK_NEAR(sigma(*law).sum(), 0, 1e-15, "cs");
  CHECK_NEAR(sigma(*law)(3, 1), -1.0 / 3, 1e-15, "cs");
}

TEST(signs_of_standard_deviations_do_not_matter) {
  for (const std::string& kind : kKinds) {
    if (kind == "us") continue;  // there a sign is that of one entry of a column
    const auto law = make_covariance(spec_of(kind, 3));
    Vector theta = random_vector(law->parameters(), 1, 5).cwiseAbs();
    law->set_parameters(theta.data());
    const Matrix before = sigma(*law);
    theta[0] = -theta[0];
    law->set_parameters(theta.data());
    CHECK_LABEL(sigma(*law) == before, kind);
  }
}

/// Of coefficients i and j at a start: see start_correlation() of each law.
double correlation_at_start(const std::string& kind, Index i, Index j) {
  if (kind == "cs") return 0.3;
  if (kind != "ar1" && kind != "toep") return 0;
  return std::pow(0.4, static_cast<double>(std::abs(i - j)));
}

TEST(a_start_has_the_deviations_given_and_a_fixed_correlation) {
  for (const CovarianceSpec& spec : every_spec()) {
    const auto law = make_covariance(spec);
    if (spec.kind == "sum") continue;
    const Index b = spec.size;
    Vector sd = random_vector(static_cast<int>(b), 2, 7).cwiseAbs();
    law->set_parameters(random_vector(law->parameters(), 2, 3).eval().data());
    law->start(sd);
    const bool spatial = spec.kind == "exp" || spec.kind == "mat";
    const bool common = spatial || spec.kind == "identity" || spec.kind == "ar1";
    if (common) sd.setConstant(sd.mean());
    const Matrix expected = written_out(
        sd, [&](Index i, Index j) { return correlation_at_start(spec.kind, i, j); });
    if (!spatial) {
      // 1e-14: standard deviations are below two, and a row has five products.
      CHECK_NEAR(largest(sigma(*law) - expected), 0, 1e-14, label(spec));
      continue;
    }
    // A range cannot begin at zero: see spatial.hpp. 1e-14 is the sum of b squares.
    CHECK_NEAR(largest((sigma(*law) - expected).diagonal()), 0, 1e-14, label(spec));
    if (b == 2) CHECK_LABEL(sigma(*law)(1, 0) < 0.05 * sd[0] * sd[0], label(spec));
    if (b > 1) CHECK_LABEL(largest(law->derivative(1)) > 0.01 * sd[0], label(spec));
  }
}

// What profiles hold: sd of any coefficient, the correlation of the first two in an
// order.
TEST(spherical_parameters_are_deviations_and_an_angle) {
  CovarianceSpec spec = spec_of("spherical", 3);
  spec.numbers = {2, 0, 1};
  const auto law = make_covariance(spec);
  Vector theta = random_vector(6, 1.5, 3);
  law->set_parameters(theta.data());
  const Matrix s = sigma(*law);
  // 1e-15: sums of three products of numbers below two.
  CHECK_NEAR(s(2, 2), theta[0] * theta[0], 1e-15, "first");
  CHECK_NEAR(s(0, 0), theta[1] * theta[1], 1e-15, "second");
  CHECK_NEAR(s(2, 0), theta[0] * theta[1] * std::cos(theta[3]), 1e-15, "correlation");
  const double h = 1e-3;
  for (int j = 0; j < 6; ++j) {
    const auto slope = [&](double step) -> Matrix {
      const Vector move = step * Vector::Unit(6, j);
      return (matrix_at(*law, theta + move) - matrix_at(*law, theta - move)) / (2 * step);
    };
    const Matrix differences = (4 * slope(h) - slope(2 * h)) / 3;
    law->set_parameters(theta.data());
    CHECK_NEAR(largest(law->derivative(j) - differences), 0, 1e-10, "slope");
  }
}

TEST(a_direct_sum_is_block_diagonal) {
  const CovarianceSpec spec = sum_of_all(3);
  const auto law = make_covariance(spec);
  law->start(Vector::LinSpaced(spec.size, 1, 4));
  const Matrix started = law->matrix();
  const Vector begun = law->values();
  const Vector theta = random_vector(law->parameters(), 1, 2);
  law->set_parameters(theta.data());
  Matrix expected = Matrix::Zero(spec.size, spec.size), begin = expected;
  Index row = 0;
  int first = 0;
  for (const CovarianceSpec& part_spec : spec.parts) {
    const auto part = make_covariance(part_spec);
    const Index b = part->size();
    part->start(Vector::LinSpaced(spec.size, 1, 4).segment(row, b));
    begin.block(row, row, b, b) = part->matrix();
    CHECK(begun.segment(first, part->parameters()) == part->values());
    part->set_parameters(theta.data() + first);
    expected.block(row, row, b, b) = part->matrix();
    for (int j = 0; j < part->parameters(); ++j) {
      Matrix slope = Matrix::Zero(spec.size, spec.size);
      slope.block(row, row, b, b) = part->derivative(j);
      CHECK(law->derivative(first + j) == slope);
      CHECK(law->is_scale(first + j) == part->is_scale(j));
    }
    row += b;
    first += part->parameters();
  }
  CHECK(law->size() == row && law->penalised() == row && law->parameters() == first);
  CHECK(law->matrix() == expected && law->root() == expected);
  CHECK(started == begin);
}

TEST(the_registry_of_covariances_rejects_what_it_cannot_make) {
  CHECK_THROWS(make_covariance({"unknown", 2, {}, {}}));
  CHECK_THROWS(make_covariance({"us", 0, {}, {}}));
  CHECK_THROWS(make_covariance({"exp", 2, {}, {}}));
  CHECK_THROWS(make_covariance({"mat", 2, {0, 1, 1}, {}}));
  CHECK_THROWS(make_covariance({"exp", 2, {0, 1, 2, 0}, {}}));
  CHECK_THROWS(make_covariance({"exp", 2, {0, 0, 0, 0}, {}}));
  CHECK_THROWS(make_covariance({"mat", 2, {1, 1, 1, 1}, {}}));
  CHECK_THROWS(make_covariance({"mat", 2, {0, NAN, NAN, 0}, {}}));
  CHECK_THROWS(make_covariance({"sum", 3, {}, {spec_of("us", 2), spec_of("us", 2)}}));
  CHECK_THROWS(make_covariance({"sum", 1, {}, {}}));
  const auto penalty =
      std::make_shared<PenaltySum>(std::vector<Matrix>{Matrix::Identity(2, 2)});
  CHECK_THROWS(DirectSum({penalty}));
}

TEST(a_penalty_has_values_and_a_start) {
  PenaltySum penalty({4 * Matrix::Identity(2, 2)});
  const double theta = 3;
  penalty.set_parameters(&theta);
  CHECK(penalty.values()[0] == 3);
  CHECK(penalty.is_penalty() && penalty.is_scale(0));
  // 4 |c|^2 of two coefficients of variance 1 / 9
  penalty.start(Vector::Constant(2, 1.0 / 3));
  CHECK_NEAR(penalty.values()[0], 2.0 / 3, 1e-15, "start");
}

namespace {

/// Penalties of a tensor product, of a spline and its null space, and three that share no
/// basis: derivatives of three orders.
std::vector<std::vector<Matrix>> penalty_cases() {
  const auto differences = [](Index size, int order) {
    Matrix d = Matrix::Identity(size, size);
    for (int k = 0; k < order; ++k) {
      d = (d.bottomRows(d.rows() - 1) - d.topRows(d.rows() - 1)).eval();
    }
    return Matrix(d.transpose() * d);
  };
  const Matrix first = differences(4, 2), second = differences(5, 1);
  Matrix left = Matrix::Zero(20, 20), right = left;
  for (Index i = 0; i < 4; ++i) {
    right.block(i * 5, i * 5, 5, 5) = second;
    for (Index j = 0; j < 4; ++j) {
      left.block(i * 5, j * 5, 5, 5) = first(i, j) * Matrix::Identity(5, 5);
    }
  }
  const Matrix spline = differences(6, 2);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(spline);
  const Matrix null = eigen.eigenvectors().leftCols(2);
  return {{left, right},
          {spline, null * null.transpose()},
          {differences(7, 3), differences(7, 2), differences(7, 1)}};
}

}  // namespace

TEST(the_root_of_a_penalty_turns_it_into_squares) {
  for (const auto& penalties : penalty_cases()) {
    PenaltySum sum(penalties);
    const Vector theta = Vector::LinSpaced(static_cast<Index>(penalties.size()), 0.3, 2);
    sum.set_parameters(theta.data());
    Matrix total = Matrix::Zero(sum.size(), sum.size());
    for (Index j = 0; j < theta.size(); ++j) {
      total += penalties[j] / (theta[j] * theta[j]);
    }
    Matrix squares = Matrix::Zero(sum.size(), sum.size());
    squares.topLeftCorner(sum.penalised(), sum.penalised()).setIdentity();
    const Matrix found = sum.root().transpose() * total * sum.root();
    // 1e-8: what the floor of three penalties without a common basis adds, 1e-10 of norms
    CHECK((found - squares).cwiseAbs().maxCoeff() < 1e-8);
    CHECK(sum.root().fullPivLu().isInvertible());
  }
}

TEST(derivatives_of_a_penalty_equal_differences) {
  for (const auto& penalties : penalty_cases()) {
    PenaltySum sum(penalties);
    const Vector theta = Vector::LinSpaced(static_cast<Index>(penalties.size()), 0.3, 2);
    for (int j = 0; j < sum.parameters(); ++j) {
      // central differences with h = 1e-5 are right to about 1e-10 of the largest entry
      Vector up = theta, down = theta;
      up[j] += 1e-5;
      down[j] -= 1e-5;
      sum.set_parameters(up.data());
      const Matrix above = sum.matrix() * sum.matrix().transpose();
      sum.set_parameters(down.data());
      const Matrix below = sum.matrix() * sum.matrix().transpose();
      sum.set_parameters(theta.data());
      const Matrix half = sum.derivative(j) * sum.matrix().transpose();
      const Matrix expected = (above - below) / 2e-5;
      CHECK((half + half.transpose() - expected).cwiseAbs().maxCoeff() <
            1e-8 * std::max(1.0, expected.cwiseAbs().maxCoeff()));
    }
  }
}

TEST(a_penalty_reaches_its_limit_at_any_ratio) {
  const std::vector<Matrix> tensor = penalty_cases()[0];
  PenaltySum sum(tensor);
  const double limit[] = {0.0, 1.5}, near[] = {1e-9, 1.5};
  sum.set_parameters(near);
  const Matrix close = sum.matrix() * sum.matrix().transpose();
  sum.set_parameters(limit);
  const Matrix at = sum.matrix() * sum.matrix().transpose();
  // quadratic in theta
  CHECK((close - at).cwiseAbs().maxCoeff() < 1e-14 * at.cwiseAbs().maxCoeff());
  // what is left has no first penalty at all
  CHECK((tensor[0] * at).cwiseAbs().maxCoeff() < 1e-12 * at.cwiseAbs().maxCoeff());
  CHECK(sum.derivative(0).allFinite() && sum.derivative(1).allFinite());
  const double none[] = {0.0, 0.0};
  sum.set_parameters(none);
  CHECK(sum.matrix().isZero(0) && sum.derivative(0).allFinite());
}

TEST(given_smoothing_parameters_are_no_parameters) {
  const std::vector<Matrix> tensor = penalty_cases()[0];
  PenaltySum all(tensor), some(tensor, {std::nan(""), 4.0});
  CHECK(some.parameters() == 1);
  const double both[] = {0.7, 0.5}, one = 0.7;
  all.set_parameters(both);
  some.set_parameters(&one);
  CHECK((all.matrix() - some.matrix()).isZero(1e-14));
  CHECK((all.derivative(0) - some.derivative(0)).isZero(1e-14));
}
