// test_basis.cpp - B-splines against their recursion, their derivatives against
// differences, penalties against quadrature, cubic regression splines against what
// defines them and against the B-splines they are a part of.
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "check.hpp"
#include "gamut/basis/b_spline_penalty.hpp"
#include "gamut/basis/cubic_regression.hpp"
#include "gamut/basis/kriging.hpp"
#include "gamut/basis/sorted_unique.hpp"
#include "gamut/basis/thin_plate.hpp"

using namespace gamut;

namespace {

/// Uneven knots; `repeated` has one inside the range twice, and the ends as often as the
/// degree allows.
Vector uneven_knots(int degree, bool repeated) {
  std::vector<double> out;
  const std::vector<double> inner = {0, 0.4, 1, 1.1, 2.7, 3, 4.5, 5};
  for (int j = degree; j > 0; --j) out.push_back(repeated ? 0 : -0.3 * j * j);
  for (double x : inner) out.push_back(x);
  if (repeated) out.insert(out.begin() + degree + 4, 1.1);
  for (int j = 1; j <= degree; ++j) out.push_back(repeated ? 5 : 5 + 0.7 * j);
  return Eigen::Map<Vector>(out.data(), static_cast<Index>(out.size()));
}

/// B_{j,q}(x) as the recursion has it, with 0 / 0 = 0.
double by_recursion(const Vector& t, Index j, int q, double x) {
  if (q == 0) return t[j] <= x && x < t[j + 1] ? 1 : 0;
  double out = 0;
  if (t[j + q] > t[j]) {
    out += (x - t[j]) / (t[j + q] - t[j]) * by_recursion(t, j, q - 1, x);
  }
  if (t[j + q + 1] > t[j + 1]) {
    out +=
        (t[j + q + 1] - x) / (t[j + q + 1] - t[j + 1]) * by_recursion(t, j + 1, q - 1, x);
  }
  return out;
}

std::vector<double> places(double from, double to, int count) {
  std::vector<double> out;
  for (int i = 0; i < count; ++i) out.push_back(from + (to - from) * (i + 0.37) / count);
  return out;
}

/// One value of the spline with a single coefficient of 1, by row().
double spline(const BSplines& basis, Index j, double x) {
  BSplines::Row row;
  const Index r = j - basis.row(x, row.data());
  return r >= 0 && r <= basis.degree() ? row[static_cast<std::size_t>(r)] : 0;
}

double derivative(const BSplines& basis, Index j, int order, double x) {
  BSplines::Row row;
  const Index i = basis.interval(x), r = j - i + basis.degree();
  basis.derivatives(x, i, order, row.data());
  return r >= 0 && r <= basis.degree() ? row[static_cast<std::size_t>(r)] : 0;
}

/// Simpson's rule in each of many pieces between two knots.
double simpson(const std::function<double(double)>& f, double from, double to) {
  const int pieces = 200;
  const double h = (to - from) / pieces;
  double sum = 0;
  for (int i = 0; i < pieces; ++i) {
    // Strictly inside, where a derivative that jumps at knots is on its own side.
    const double a = from + h * (i + 1e-9), b = from + h * (i + 1 - 1e-9);
    sum += (b - a) / 6 * (f(a) + 4 * f((a + b) / 2) + f(b));
  }
  return sum;
}

Vector cubic_knots() {
  Vector out(7);
  out << -1, -0.2, 0, 0.1, 2, 3.5, 4;
  return out;
}

std::string label(int degree, bool repeated) {
  return "degree " + std::to_string(degree) + (repeated ? ", repeated knots" : "");
}

}  // namespace

TEST(b_splines_are_those_of_the_recursion_and_sum_to_one) {
  for (int degree = 0; degree <= 5; ++degree) {
    for (bool repeated : {false, true}) {
      const BSplines basis(uneven_knots(degree, repeated), degree);
      for (double x : places(0, 5, 60)) {
        double sum = 0;
        for (Index j = 0; j < basis.columns(); ++j) {
          const double seen = spline(basis, j, x);
          // Two orders of the same sums of positive numbers: a few units of rounding.
          CHECK_NEAR(seen, by_recursion(basis.knots(), j, degree, x), 1e-14,
                     label(degree, repeated));
          sum += seen;
        }
        CHECK_NEAR(sum, 1, 1e-14, label(degree, repeated));
      }
    }
  }
}

TEST(intervals_have_a_length_and_hold_their_x) {
  for (bool repeated : {false, true}) {
    const BSplines basis(uneven_knots(3, repeated), 3);
    const Vector& t = basis.knots();
    for (double x : {-9.0, 0.0, 0.4, 1.1, 1.2, 4.9, 5.0, 9.0}) {
      const Index i = basis.interval(x);
      CHECK(i >= 3 && i < basis.columns() && t[i] < t[i + 1]);
      if (x >= 0 && x < 5) CHECK(t[i] <= x && x < t[i + 1]);
    }
    CHECK(t[basis.interval(5) + 1] == 5 && t[basis.interval(9) + 1] == 5);
    CHECK(t[basis.interval(-9)] == 0);
  }
}

TEST(derivatives_of_b_splines_are_limits_of_differences) {
  const double h = 1e-5;
  for (int degree = 1; degree <= 4; ++degree) {
    const BSplines basis(uneven_knots(degree, false), degree);
    for (int order = 1; order <= degree; ++order) {
      for (double x : places(0, 5, 23)) {
        for (Index j = 0; j < basis.columns(); ++j) {
          const double difference = (derivative(basis, j, order - 1, x + h) -
                                     derivative(basis, j, order - 1, x - h)) /
                                    (2 * h);
          // Central differences: h^2 times a third derivative of up to 1e4 (steps of
          // 0.1).
          CHECK_NEAR(derivative(basis, j, order, x), difference, 1e-5,
                     label(degree, false));
        }
      }
    }
    CHECK(derivative(basis, 2, degree + 1, 1) == 0);
  }
}

TEST(beyond_the_ends_b_splines_go_on_in_a_straight_line) {
  for (int degree = 1; degree <= 4; ++degree) {
    for (bool repeated : {false, true}) {
      const BSplines basis(uneven_knots(degree, repeated), degree);
      for (Index j = 0; j < basis.columns(); ++j) {
        for (double end : {0.0, 5.0}) {
          const double out = end > 0 ? 1 : -1;
          const double near = spline(basis, j, end), slope = derivative(basis, j, 1, end);
          CHECK_NEAR(spline(basis, j, end + 3 * out), near + 3 * out * slope, 1e-13,
                     label(degree, repeated));
        }
      }
    }
  }
}

TEST(penalties_of_b_splines_are_integrals) {
  for (int degree = 1; degree <= 4; ++degree) {
    for (bool repeated : {false, true}) {
      const BSplines basis(uneven_knots(degree, repeated), degree);
      for (int order = 0; order <= degree; ++order) {
        const Matrix penalty = b_spline_penalty(basis, order);
        const double size = penalty.cwiseAbs().maxCoeff();
        for (Index j = 0; j < basis.columns(); ++j) {
          for (Index l = 0; l <= j; ++l) {
            double sum = 0;
            for (Index i = degree; i < basis.columns(); ++i) {
              if (!(basis.knots()[i] < basis.knots()[i + 1])) continue;
              sum += simpson(
                  [&](double x) {
                    return derivative(basis, j, order, x) *
                           derivative(basis, l, order, x);
                  },
                  basis.knots()[i], basis.knots()[i + 1]);
            }
            // Simpson leaves out 2e-9 of each piece, and (1/200)^4 of the rest.
            CHECK_NEAR(penalty(j, l) / size, sum / size, 1e-8, label(degree, repeated));
          }
        }
      }
    }
  }
}

TEST(gauss_legendre_integrates_powers) {
  for (int count = 1; count <= 16; ++count) {
    const Nodes rule = gauss_legendre(count);
    for (int power = 0; power < 2 * count; ++power) {
      double sum = 0;
      for (int k = 0; k < count; ++k)
        sum += rule.weights[k] * std::pow(rule.places[k], power);
      CHECK_NEAR(sum, power % 2 ? 0 : 2.0 / (power + 1), 1e-13,
                 std::to_string(count) + " nodes");
    }
  }
}

TEST(periodic_splines_come_round_smoothly) {
  const Vector period = cubic_knots();
  for (int degree = 1; degree <= 4; ++degree) {
    const double h = 1e-7, length = period[6] - period[0];
    Vector x(5);
    x << -1, 4, -1 + h, -1 - h, 1.3;
    const Matrix rows = periodic_matrix(period, degree, x);
    const Matrix shifted =
        periodic_matrix(period, degree, (x.array() + 3 * length).matrix());
    CHECK(rows.cols() == 6);
    // x + 15 keeps x to 2e-15, in splines whose slopes are below 20.
    CHECK((rows - shifted).cwiseAbs().maxCoeff() < 1e-13);
    CHECK((rows.row(0) - rows.row(1)).cwiseAbs().maxCoeff() < 1e-13);
    CHECK((rows.rowwise().sum().array() - 1).abs().maxCoeff() < 1e-14);
    if (degree == 1) continue;
    const Matrix turn = (rows.row(2) - 2 * rows.row(0) + rows.row(3)) / h;
    // One slope on both sides: what is left is h times a second derivative.
    CHECK(turn.cwiseAbs().maxCoeff() < 1e-4);
  }
}

TEST(cubic_regression_splines_are_the_b_splines_of_their_matrix) {
  for (bool cyclic : {false, true}) {
    const CubicRegression basis(cubic_knots(), cyclic);
    const BSplines splines = basis.b_splines();
    const Matrix t = basis.in_b_splines();
    CHECK(t.rows() == splines.columns() && t.cols() == basis.columns());
    std::vector<double> all = places(-1, 4, 40);
    for (Index i = 0; i < 7; ++i) all.push_back(cubic_knots()[i]);
    for (double x : all) {
      Vector row = Vector::Zero(splines.columns());
      for (Index j = 0; j < row.size(); ++j) row[j] = spline(splines, j, x);
      const Vector seen = t.transpose() * row, expected = basis.row(x);
      // T has entries of up to 20 here, and as many units of rounding.
      CHECK((seen - expected).cwiseAbs().maxCoeff() < 1e-13);
    }
    // The penalty of the B-splines, an integral by another rule.
    const Matrix other = t.transpose() * b_spline_penalty(splines, 2) * t;
    CHECK((other - basis.penalty()).cwiseAbs().maxCoeff() <
          1e-12 * basis.penalty().cwiseAbs().maxCoeff());
  }
}

TEST(coefficients_of_cubic_regression_splines_are_values_at_the_knots) {
  const Vector knots = cubic_knots();
  for (bool cyclic : {false, true}) {
    const CubicRegression basis(knots, cyclic);
    for (Index i = 0; i < knots.size(); ++i) {
      Vector unit = Vector::Zero(basis.columns());
      unit[i % basis.columns()] = 1;
      CHECK((basis.row(knots[i]) - unit).cwiseAbs().maxCoeff() < 1e-14);
    }
  }
}

TEST(natural_splines_keep_lines_and_go_on_as_lines) {
  const Vector knots = cubic_knots();
  const CubicRegression basis(knots, false);
  const Vector line = (2 * knots.array() - 1).matrix();
  for (double x : {-50.0, -1.0, 0.03, 1.0, 4.0, 70.0}) {
    CHECK_NEAR(basis.row(x).dot(line), 2 * x - 1, 1e-13, "a straight line");
  }
  CHECK(std::fabs(line.dot(basis.penalty() * line)) < 1e-10);
  // Slopes agree on both sides of the ends, up to h times a third derivative below 1e3.
  const double h = 1e-6;
  for (double end : {-1.0, 4.0}) {
    const Vector turn = basis.row(end + h) - 2 * basis.row(end) + basis.row(end - h);
    CHECK(turn.cwiseAbs().maxCoeff() / h < 1e-3);
  }
}

TEST(bases_refuse_knots_that_make_none) {
  Vector few(3), same = Vector::Constant(8, 1), unsorted = uneven_knots(3, false);
  few << 1, 2, 3;
  std::swap(unsorted[4], unsorted[5]);
  CHECK_THROWS(BSplines(few, 3));
  CHECK_THROWS(BSplines(same, 3));
  CHECK_THROWS(BSplines(unsorted, 3));
  CHECK_THROWS(BSplines(uneven_knots(3, false), 16));
  CHECK_THROWS(CubicRegression(few, true));
  CHECK_THROWS(CubicRegression(same, false));
  CHECK_THROWS(periodic_knots(few, 3));
  CHECK_THROWS(b_spline_penalty(BSplines(uneven_knots(2, false), 2), 3));
}

namespace {

/// Covariances of a regular grid, whose symmetry makes most eigenvalues double.
Matrix grid_places(Index side) {
  Matrix out(side * side, 2);
  for (Index i = 0; i < side * side; ++i) {
    out(i, 0) = static_cast<double>(i % side);
    out(i, 1) = static_cast<double>(i / side);
  }
  return out;
}

/// Places without pattern between 0 and 1.
Matrix scattered(Index rows, Index columns) {
  Matrix out(rows, columns);
  for (Index i = 0; i < out.size(); ++i) {
    out.data()[i] = std::fmod(static_cast<double>(i * i % 1009) * 0.7320508 + 0.1, 1.0);
  }
  return out;
}

void check_extreme(const Matrix& a, Index count, const std::string& what) {
  const Eigenpairs seen = extreme_eigen(a, count);
  const Eigen::SelfAdjointEigenSolver<Matrix> all(a);
  const Eigenpairs expected = largest_of(all.eigenvalues(), all.eigenvectors(), count);
  const double largest = seen.values.cwiseAbs().maxCoeff();
  // Eigenvalues to some units of rounding of the largest; pairs and angles likewise.
  CHECK_LABEL((seen.values - expected.values).cwiseAbs().maxCoeff() < 1e-13 * largest,
              what);
  const Matrix residual = a * seen.vectors - seen.vectors * seen.values.asDiagonal();
  CHECK_LABEL(residual.cwiseAbs().maxCoeff() < 1e-13 * largest, what);
  const Matrix angles = seen.vectors.transpose() * seen.vectors;
  CHECK_LABEL((angles - Matrix::Identity(count, count)).cwiseAbs().maxCoeff() < 1e-13,
              what);
}

}  // namespace

TEST(extreme_eigenvalues_are_those_of_the_whole_decomposition) {
  const Matrix places = scattered(400, 2), line = scattered(350, 1),
               grid = grid_places(19);
  const Radial plate = ThinPlate(2, 2).radial(), cubic = ThinPlate(1, 2).radial();
  check_extreme(radial_matrix(places, places, plate), 30, "thin plate");
  check_extreme(radial_matrix(line, line, cubic), 12, "cubic spline");
  check_extreme(radial_matrix(grid, grid, plate), 30, "double eigenvalues");
  check_extreme(radial_matrix(places.topRows(60), places.topRows(60), plate), 60, "all");
  const Radial smooth = kriging_radial(2, 5, 2);
  // Numerically singular: values far below the rounding of the largest.
  check_extreme(radial_matrix(places, places, smooth), 40, "very smooth");
  check_extreme(Matrix::Identity(350, 350), 10, "identity");
  CHECK_THROWS(extreme_eigen(Matrix::Identity(5, 5), 6));
  CHECK_THROWS(extreme_eigen(Matrix::Identity(5, 5), 0));
  CHECK_THROWS(extreme_eigen(Matrix::Constant(2, 2, NAN), 1));
}

TEST(thin_plate_functions_are_fundamental_solutions) {
  // Away from the knot the iterated Laplacian of order m of eta is 0; on the line the
  // 2m-th derivative is a jump of the derivative before of (-1)^m.
  const Matrix knot = Matrix::Zero(1, 1);
  for (int m = 1; m <= 3; ++m) {
    Matrix x(2 * m, 1);
    for (Index i = 0; i < 2 * m; ++i) x(i, 0) = 0.1 * static_cast<double>(i + 1);
    const Matrix eta = radial_matrix(x, knot, ThinPlate(1, m).radial());
    double derivative = 0, sign = 1;
    for (Index i = 2 * m - 1; i >= 0; --i) {
      double binomial =
          std::tgamma(2 * m) / (std::tgamma(i + 1.0) * std::tgamma(2 * m - i));
      derivative += sign * binomial * eta(i, 0);
      sign = -sign;
    }
    derivative /= std::pow(0.1, 2 * m - 1);
    // The derivative is half the jump on either side. Differences of order 5 lose 1e5.
    CHECK_NEAR(derivative, m % 2 ? -0.5 : 0.5, 1e-9, "m = " + std::to_string(m));
  }
  // In the plane, m = 2: eta = r^2 log r / (8 pi).
  Matrix place(1, 2);
  place << 0.3, 0.4;
  const double seen =
      radial_matrix(place, Matrix::Zero(1, 2), ThinPlate(2, 2).radial())(0, 0);
  CHECK_NEAR(seen, 0.25 * std::log(0.5) / (8 * std::acos(-1.0)), 1e-16, "plane");
}

TEST(thin_plate_polynomials_have_degrees_below_m) {
  Matrix place(1, 3);
  place << 2, 3, 5;
  const Matrix seen = ThinPlate(3, 3).polynomials(place);
  Vector expected(10);
  expected << 1, 2, 4, 3, 6, 9, 5, 10, 15, 25;
  CHECK(seen.cols() == 10 && seen.row(0).transpose() == expected);
  CHECK(ThinPlate(1, 1).polynomials(place.leftCols(1)).cols() == 1);
}

TEST(the_null_basis_is_orthonormal_and_the_penalty_positive) {
  const Matrix knots = scattered(50, 2);
  const ThinPlate kind(2, 2);
  const ThinPlateSpace space = thin_plate_space(kind, knots, 20);
  CHECK(space.coefficients.cols() == 17);
  const Matrix gram = space.coefficients.transpose() * space.coefficients;
  CHECK((gram - Matrix::Identity(17, 17)).cwiseAbs().maxCoeff() < 1e-13);
  const Matrix bound = kind.polynomials(knots).transpose() * space.coefficients;
  CHECK(bound.cwiseAbs().maxCoeff() < 1e-13);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(space.penalty);
  CHECK(solver.eigenvalues().minCoeff() > 0);
  const Matrix e = radial_matrix(knots, knots, kind.radial());
  const Matrix direct = space.coefficients.transpose() * e * space.coefficients;
  CHECK((direct - space.penalty).cwiseAbs().maxCoeff() < 1e-13);
  CHECK_THROWS(thin_plate_space(kind, knots, 3));
  CHECK_THROWS(thin_plate_space(kind, knots, 51));
  CHECK_THROWS(ThinPlate(2, 1));
}

TEST(radial_products_are_made_in_tiles) {
  const Matrix places = scattered(301, 2), knots = scattered(17, 2);
  const Matrix coefficients = scattered(17, 3);
  for (int kind = 1; kind <= 5; ++kind) {
    const Radial radial = kriging_radial(kind, 0.7, 1.3);
    const Matrix whole = radial_matrix(places, knots, radial);
    const Matrix seen = radial_product(places, knots, radial, coefficients);
    CHECK((seen - whole * coefficients).cwiseAbs().maxCoeff() < 1e-13);
    const double r = (places.row(300) - knots.row(16)).norm() / 0.7;
    CHECK_NEAR(whole(300, 16), correlation_at(kind, r, 1.3), 1e-15, "one correlation");
    CHECK(correlation_at(kind, 0, 1.3) == 1);
  }
  CHECK_THROWS(radial_matrix(places, scattered(3, 1), kriging_radial(3, 1, 1)));
  CHECK_THROWS(kriging_radial(6, 1, 1));
  CHECK_THROWS(kriging_radial(2, 1, 2.5));
}

TEST(different_values_come_in_order) {
  std::vector<double> x = {3, -0.0, 1e-310, 2.5, -7, 0.0, 3, -1e300, 1e300, -7, 2.5};
  for (int i = 0; i < 5000; ++i) x.push_back(std::sin(i * 0.37) * std::exp(i % 40 - 20));
  std::vector<double> expected = x;
  std::sort(expected.begin(), expected.end());
  expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
  const std::vector<double> found =
      RadixSort().unique(x.data(), static_cast<Index>(x.size()));
  CHECK(found == expected);
  CHECK(RadixSort().unique(x.data(), 1).size() == 1);
  CHECK(RadixSort().unique(x.data(), 0).empty());
}
