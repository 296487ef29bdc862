// Local regressions, the operators they make, and fits from data to surface, against
// dense least squares, explicit matrices and numbers of R's own program.
#include "check.hpp"
#include "gamut/loess/places.hpp"
#include "loess_cases.hpp"
#include "make_family.hpp"

using namespace loess_cases;

namespace {

// The normal equations serve where they leave eleven digits (local_fit.hpp).
constexpr double kNormal = 1e-10;

Shape shape_of(int degree, int d, int near, double span, bool squares = true) {
  Shape out;
  out.degree = degree;
  out.near = near;
  out.span = span;
  out.squares.assign(d, 1);
  if (!squares) out.squares.back() = 0;
  return out;
}

/// A local regression with all that it refers to.
struct Local {
  LoessData data;
  LocalBasis basis;
  LocalRegression regression;
  Local(const Matrix& x, const Vector& weights, const Shape& shape, bool all = false)
      : data(x, weights, shape.near, shape.span),
        basis(shape.degree, shape.squares),
        regression(data, basis, all) {}
  LocalFit fit(const Vector& at, const Vector& y) const {
    std::vector<double> scratch;
    return regression.fit(at.data(), data.radius2(at.data(), scratch), data.weights(),
                          data.sorted(y));
  }
  /// Influence of the caller's rows on the outputs.
  Matrix influence(const LocalFit& fit, const Vector& at) const {
    Matrix out = Matrix::Zero(regression.outputs(), data.rows());
    regression.each_influence(
        fit, at.data(), data.weights(),
        [&](Index i, const auto& own) { out.col(data.order()[i]) += own; });
    return out;
  }
};

void compare(const Matrix& x, const Vector& y, const Vector& w, const Shape& shape,
             const Vector& at, double tolerance) {
  const Local local(x, w, shape, true);
  const LocalFit fit = local.fit(at, y);
  const Matrix truth = local_operator(x, at, shape, w), seen = local.influence(fit, at);
  const Index k = truth.rows();
  CHECK(largest_gap(seen.topRows(k), truth) < tolerance * size(truth));
  const Vector b = truth * y;
  CHECK(largest_gap(fit.value.head(k), b) < tolerance * size(truth) * size(y));
  // an influence and a value are the same sums in another order
  CHECK(largest_gap(seen * y, fit.value) < tolerance * size(seen) * size(y));
}

/// The explicit operator of a fit, and F, by fits to unit vectors.
struct Explicit {
  Matrix l, f;
  Explicit(LoessSpec spec, const Vector& weights) {
    spec.statistics = LoessStatistics::none;
    const Index n = spec.x.rows();
    l.resize(n, n);
    for (Index i = 0; i < n; ++i) {
      const LoessResponse unit = response(Vector::Unit(n, i), weights);
      const LoessResult out = Loess(spec, unit).fit();
      l.col(i) = out.fitted;
      if (i == 0) f.resize(out.values.size(), n);
      if (f.rows() > 0) f.col(i) = out.values;
    }
  }
  Deltas deltas() const {
    const Matrix rest = Matrix::Identity(l.rows(), l.rows()) - l;
    return {rest.squaredNorm(), (rest * rest.transpose()).squaredNorm()};
  }
};

bool same(const LoessResult& a, const LoessResult& b) {
  return a.fitted == b.fitted && a.robust == b.robust && a.values == b.values &&
         Matrix(a.covariance) == Matrix(b.covariance) && a.trace == b.trace &&
         a.deltas.first == b.deltas.first && a.deltas.second == b.deltas.second;
}

double middle_of(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return (v[(v.size() - 1) / 2] + v[v.size() / 2]) / 2;
}

void check_numbers(const Vector& seen, const std::vector<double>& truth) {
  for (Index i = 0; i < seen.size(); ++i) {
    CHECK_NEAR(seen[i], truth[static_cast<std::size_t>(i)], 1e-14, "number of R");
  }
}

struct Approximate {
  double n, trace, first, second;
  int d, columns;
};

LocalResponse local_response(const Family& family, const LoessData& data, const Vector& y,
                             const Vector& offset) {
  return {family, data.sorted(y), data.weights(), data.sorted(offset)};
}

std::unique_ptr<Family> family_of(const std::string& name, const std::string& link) {
  FamilySpec spec;
  spec.distribution = name;
  spec.links.push_back(make_link(link));
  return make_family(spec);
}

/// Poisson counts, offsets and weights of which every fifth is 0.
struct Counts {
  Matrix x = uniform(120, 2, 5);
  Vector y = (normal(120, 6).array().square() * 3).floor();
  Vector offset = 0.3 * normal(120, 7), prior = unequal_weights(120, 8, true);
};

/// Largest |surface - local regression| at random places inside the data.
double surface_error(const LoessSpec& spec, const Vector& y, const Shape& shape) {
  const Vector ones = Vector::Ones(y.size());
  const LoessResponse given = response(y, ones);
  Loess loess(spec, given);
  const LoessResult fit = loess.fit();
  CHECK(!fit.limited);
  const PointMatrix z = (0.98 * uniform(200, spec.x.cols(), 99)).array() + 0.01;
  const Vector seen = blend_matrix(loess.tree(), z) * fit.values;
  double worst = 0;
  for (Index i = 0; i < z.rows(); ++i) {
    const Vector at = z.row(i);
    const double truth = local_operator(spec.x, at, shape, ones).row(0) * y;
    worst = std::max(worst, std::abs(seen[i] - truth));
  }
  return worst;
}

}  // namespace

TEST(loess_local_fit_equals_least_squares) {
  for (int d : {1, 2, 3}) {
    const Matrix x = uniform(90, d, 3 + d);
    const Vector y = normal(90, 4), w = unequal_weights(90, 5, true);
    for (int degree : {0, 1, 2}) {
      for (int near = 1; near <= d; ++near) {
        for (double span : {0.6, 1.3}) {
          for (bool squares : {true, false}) {
            const Shape shape = shape_of(degree, d, near, span, squares);
            for (double at : {0.5, 0.2, 0.9}) {
              compare(x, y, w, shape, Vector::Constant(d, at), kNormal);
            }
          }
        }
      }
    }
  }
}

// Outside the data X'WX is ill conditioned, and X itself is decomposed: condition
// numbers of scaled columns up to 1e5 or so leave ten digits.
TEST(loess_local_fit_outside_the_data_equals_least_squares) {
  for (int d : {1, 2}) {
    const Matrix x = uniform(90, d, 13 + d);
    const Vector y = normal(90, 14), w = unequal_weights(90, 15);
    for (double at : {-0.3, 1.2, 1.5}) {
      compare(x, y, w, shape_of(2, d, d, 0.5), Vector::Constant(d, at), 1e-9);
    }
  }
}

// A polynomial of the degree is its own fit, with all weights: the influence rows times
// it have errors of rounding times their size, far below 1e-9.
TEST(loess_local_fit_reproduces_polynomials) {
  for (int d : {1, 2, 3}) {
    const Matrix x = uniform(100, d, 23 + d);
    for (int degree : {0, 1, 2}) {
      const Shape shape = shape_of(degree, d, d, 0.7);
      const Matrix basis = monomials(x, Vector::Zero(d), shape);
      const Vector c = normal(basis.cols(), 6), w = unequal_weights(100, 7);
      const Local local(x, w, shape);
      for (double at : {0.1, 0.5, 0.77}) {
        const Vector place = Vector::Constant(d, at), y = basis * c;
        const Matrix row = place.transpose();
        const double truth = monomials(row, Vector::Zero(d), shape).row(0) * c;
        CHECK_NEAR(local.fit(place, y).value[0], truth, 1e-10, "level");
      }
    }
  }
}

TEST(loess_singular_fit_is_the_one_of_least_norm) {
  const Vector y = normal(60, 3), w = unequal_weights(60, 4);
  const Matrix few = uniform(60, 1, 5, 3), grid = uniform(60, 2, 6, 3);
  Matrix twice(60, 2);
  twice << uniform(60, 1, 8), uniform(60, 1, 8);
  const Shape quadratic = shape_of(2, 1, 1, 0.6), plane = shape_of(2, 2, 2, 0.5);
  for (double at : {0.0, 0.1, 1.0 / 3, 0.5, 0.7}) {
    const Vector one = Vector::Constant(1, at), two = Vector::Constant(2, at);
    compare(few, y, w, quadratic, one, 1e-9);
    compare(grid, y, w, plane, two, 1e-9);
    compare(twice, y, w, plane, two, 1e-9);
    CHECK(Local(twice, w, plane).fit(two, y).trouble == LocalTrouble::singular);
  }
  // two of the three values lie inside the radius
  const LocalFit fit = Local(few, w, quadratic).fit(Vector::Constant(1, 0.1), y);
  CHECK(fit.trouble == LocalTrouble::singular && fit.rcond < 1e-13);
}

TEST(loess_neighbourhood_without_width_or_weight) {
  Matrix x = uniform(50, 1, 5);
  x.topRows(30).setConstant(0.5);
  const Vector y = normal(50, 6), at = Vector::Constant(1, 0.5);
  const Local local(x, Vector::Ones(50), shape_of(1, 1, 1, 0.5));
  const LocalFit flat = local.fit(at, y);
  CHECK(flat.trouble == LocalTrouble::no_width);
  CHECK(flat.value.size() == 2 && std::isnan(flat.value[0]) && std::isnan(flat.value[1]));
  CHECK(local.influence(flat, at) == Matrix::Zero(2, 50));
  Vector zero = Vector::Ones(50);
  for (Index i = 0; i < 50; ++i) zero[i] = x(i, 0) < 0.6 ? 0 : 1;
  const Local weightless(x, zero, shape_of(1, 1, 1, 0.2));
  const LocalFit none = weightless.fit(Vector::Constant(1, 0.2), y);
  CHECK(none.trouble == LocalTrouble::no_weight && none.value == Vector::Zero(2));
}

// The blend of brute-force fits; sums of some dozens of products of order one to ten.
TEST(loess_surface_is_the_blend_of_vertex_fits) {
  for (int d : {1, 2, 3}) {
    for (int degree : {0, 1, 2}) {
      const Matrix x = uniform(60, d, 33 + d);
      const Vector y = normal(60, 6), w = unequal_weights(60, 7, true);
      const Shape shape = shape_of(degree, d, d, 0.8);
      const LoessSpec given = spec(x, shape);
      const LoessResponse data = response(y, w);
      Loess loess(given, data);
      const LoessResult seen = loess.fit();
      const Matrix f = vertex_operator(loess.tree(), x, shape, w);
      const PointMatrix places = x;
      CHECK(largest_gap(seen.values, f * y) < 1e-9 * size(f));
      CHECK(largest_gap(seen.fitted, blend_matrix(loess.tree(), places) * (f * y)) <
            1e-9 * size(f));
    }
  }
}

// Traces are sums of 60 x 60 products of numbers below one.
TEST(loess_sums_equal_those_of_explicit_matrices) {
  const Vector sets[] = {Vector::Ones(60), Vector::Constant(60, 2.5),
                         unequal_weights(60, 7), unequal_weights(60, 8, true)};
  for (int d : {1, 2, 3}) {
    for (const Vector& w : sets) {
      for (bool direct : {false, true}) {
        LoessSpec given = spec(uniform(60, d, 43 + d), shape_of(2, d, d, 0.8));
        given.direct = direct;
        const Explicit truth(given, w);
        given.statistics = LoessStatistics::exact;
        const LoessResponse data = response(normal(60, 3), w);
        const LoessResult seen = Loess(given, data).fit();
        const Deltas deltas = truth.deltas();
        CHECK_NEAR(seen.trace, truth.l.trace(), 1e-11, "trace");
        CHECK_NEAR(seen.deltas.first, deltas.first, 1e-11, "delta 1");
        CHECK_NEAR(seen.deltas.second, deltas.second, 1e-11, "delta 2");
        if (direct) continue;
        Vector variance(60);
        for (Index i = 0; i < 60; ++i) variance[i] = w[i] > 0 ? 1 / w[i] : 0;
        const Matrix s = truth.f * variance.asDiagonal() * truth.f.transpose();
        CHECK(largest_gap(Matrix(seen.covariance), s) < 1e-11 * size(s));
      }
    }
  }
}

// Designs that are singular at some vertices, whose influence is stored row by row.
TEST(loess_sums_of_singular_fits_equal_those_of_explicit_matrices) {
  for (int d : {1, 2}) {
    LoessSpec given = spec(uniform(60, d, 53 + d, 3), shape_of(2, d, d, 0.6));
    const Vector w = unequal_weights(60, 9);
    const Explicit truth(given, w);
    given.statistics = LoessStatistics::exact;
    const LoessResponse data = response(normal(60, 3), w);
    const LoessResult seen = Loess(given, data).fit();
    CHECK(!seen.troubles.empty());
    CHECK_NEAR(seen.trace, truth.l.trace(), 1e-10, "trace");
    CHECK_NEAR(seen.deltas.first, truth.deltas().first, 1e-10, "delta 1");
    CHECK_NEAR(seen.deltas.second, truth.deltas().second, 1e-10, "delta 2");
  }
}

// More rows than one run of the sums (1024) and one step of a run (256) take.
TEST(loess_sums_over_several_runs_equal_those_of_explicit_matrices) {
  const Index n = 1100;
  for (int d : {1, 2}) {
    const Matrix x = uniform(n, d, 63 + d);
    const Shape shape = shape_of(1, d, d, 0.25);
    const Vector w = unequal_weights(n, 4, true);
    LoessSpec given = spec(x, shape);
    given.statistics = LoessStatistics::exact;
    const LoessResponse data = response(normal(n, 3), w);
    Loess loess(given, data);
    const LoessResult seen = loess.fit();
    const PointMatrix places = x;
    const Matrix f = vertex_operator(loess.tree(), x, shape, w);
    const Matrix rest = Matrix::Identity(n, n) - blend_matrix(loess.tree(), places) * f;
    CHECK_NEAR(seen.trace, static_cast<double>(n) - rest.trace(), 1e-10, "trace");
    CHECK_NEAR(seen.deltas.first, rest.squaredNorm(), 1e-10, "delta 1");
    const Matrix square = rest.transpose() * rest;
    CHECK_NEAR(seen.deltas.second, square.squaredNorm(), 1e-10, "delta 2");
    Vector variance(n);
    for (Index i = 0; i < n; ++i) variance[i] = w[i] > 0 ? 1 / w[i] : 0;
    const Matrix s = f * variance.asDiagonal() * f.transpose();
    CHECK(largest_gap(Matrix(seen.covariance), s) < 1e-10 * size(s));
  }
}

TEST(loess_threads_change_no_bit) {
  for (bool direct : {false, true}) {
    LoessSpec given = spec(uniform(direct ? 600 : 1500, 2, 73), shape_of(2, 2, 2, 0.3));
    given.direct = direct;
    given.statistics = LoessStatistics::exact;
    given.iterations = 3;
    const Index n = given.x.rows();
    const LoessResponse data = response(normal(n, 4), unequal_weights(n, 5));
    const LoessResult one = Loess(given, data).fit();
    for (int threads : {2, 3, 7}) {
      given.threads = threads;
      CHECK(same(one, Loess(given, data).fit()));
    }
  }
}

// Numbers of lowesw and lowesp in R 4.2.2's stats.
TEST(loess_robust_numbers_equal_those_of_r) {
  Vector r(10), y(10), a(10);
  r << 0.3, -1.2, 2.5, 0.01, -0.7, 14, -3.1, 0.9, 1e-4, -0.45;
  y << 1, 2, 3.5, 4, 2, 20, 1, 3, 2, 1;
  a << 1, 2, 1, 0.5, 1, 1, 3, 1, 1, 0.7;
  const Vector w = robustness_weights(r);
  check_numbers(w, {0.9922027587890625, 0.87890625, 0.53105125898196381,
                    0.99999131946328257, 0.95791757842640812, 0, 0.33977160041714893,
                    0.9309234619140625, 1, 0.98249912261962891});
  check_numbers(pseudovalues(y, y - r, a, w),
                {1.8295933961152724, -0.80243473225619066, 6.0382174899147589,
                 4.0279486813769427, 0.15535828330873391, 6, 0.10286119908883684,
                 5.2794862054715868, 2.000279490107947, -0.22781914145452187});
  check_numbers(
      robustness_weights(r.head(9)),
      {0.99383668648071932, 0.90367322054564858, 0.61726995564888665, 0.9999931413011981,
       0.96667468731242034, 0, 0.44948839570149846, 0.94521604938271597, 1});
}

TEST(loess_robustness_weights_follow_their_formula) {
  for (Index n : {31, 48}) {
    const Vector r = normal(n, 5).array().cube();
    std::vector<double> sizes;
    for (Index i = 0; i < n; ++i) sizes.push_back(std::abs(r[i]));
    const double scale = 6 * middle_of(sizes);
    const Vector w = robustness_weights(r);
    for (Index i = 0; i < n; ++i) {
      const double u = std::abs(r[i]) / scale, inner = std::pow(1 - u * u, 2);
      CHECK_NEAR(w[i], u < 0.001 ? 1 : u > 0.999 ? 0 : inner, 1e-15, "weight");
    }
  }
  CHECK(robustness_weights(Vector::Zero(5)) == Vector::Ones(5));
}

// Passes: the second is a fit with the first one's robustness weights, and the scale
// comes from the residuals of pseudovalues.
TEST(loess_robust_fit_repeats_weighted_fits) {
  const Vector y = normal(80, 3).array().cube(), a = unequal_weights(80, 4);
  LoessSpec given = spec(uniform(80, 1, 83), shape_of(2, 1, 1, 0.6));
  const LoessResponse first = response(y, a);
  const Vector once = Loess(given, first).fit().fitted;
  const Vector w = robustness_weights(y - once);
  const LoessResponse second = response(y, a.cwiseProduct(w));
  const Vector twice = Loess(given, second).fit().fitted;
  const Vector pseudo = pseudovalues(y, twice, a, w);
  const LoessResponse third = response(pseudo, a);
  const Vector rest = pseudo - Loess(given, third).fit().fitted;
  given.iterations = 2;
  const LoessResult seen = Loess(given, first).fit();
  CHECK(largest_gap(seen.fitted, twice) == 0);
  CHECK(largest_gap(seen.robust, w) == 0);
  CHECK(largest_gap(seen.pseudo_residuals, rest) < 1e-13 * size(pseudo));
}

// trace.hat, one.delta and two.delta of stats::loess with statistics = "approximate":
// dist ~ speed of cars with degree 2, 1, 0; mpg ~ wt + hp of mtcars with degree 2, 1 and
// without the square of hp; mpg ~ wt + hp + qsec, and + disp with degree 1. All digits
// that R was asked for.
TEST(loess_approximate_deltas_equal_those_of_r) {
  const Approximate cases[] = {{50, 5.23878061288, 44.30154308257, 43.98742781929, 1, 3},
                               {50, 3.62215360905, 45.88587043854, 45.65627938246, 1, 2},
                               {50, 2.28754526221, 47.55179603750, 47.37127967228, 1, 2},
                               {32, 11.4048192997, 18.8074092795, 17.6182584835, 2, 6},
                               {32, 5.38804619665, 25.50663040430, 24.64523065261, 2, 3},
                               {32, 9.88741805075, 20.34122440114, 19.13862147933, 2, 5},
                               {32, 12.6817872677, 17.3046469933, 15.3670113547, 3, 10},
                               {32, 6.96363889207, 23.43111448291, 21.46649354677, 4, 5}};
  for (const Approximate& c : cases) {
    const Deltas seen = approximate_deltas(c.trace, c.n, c.d, c.columns);
    CHECK_RELATIVE(seen.first, c.first, 1e-10, "delta 1");
    CHECK_RELATIVE(seen.second, c.second, 1e-10, "delta 2");
  }
}

// The interpolant has no jumps at its knots, and the deltas none in the trace: a step of
// 0.01 moves them by less than 20 times that, away from the trace k of a polynomial fit
// to all data, where they fall infinitely fast.
TEST(loess_approximate_deltas_are_continuous) {
  for (double z : {.1204, .2017, .2815, .3705, .4536, .5591, .7132, .8751}) {
    const double below = log_delta_factor(z), above = log_delta_factor(z + 1e-12);
    CHECK(std::abs(above - below) < 1e-10);
  }
  for (int d : {1, 2, 3, 4, 5, 6}) {
    const int linear = d + 1, quadratic = (d + 1) * (d + 2) / 2;
    CHECK(between_degrees(d, linear) == 0 && between_degrees(d, quadratic) == 1);
    Deltas before = approximate_deltas(1.05 * quadratic, 200, d, quadratic);
    for (double trace = 1.05 * quadratic + 0.01; trace < 180; trace += 0.01) {
      const Deltas now = approximate_deltas(trace, 200, d, quadratic);
      CHECK(std::abs(now.first - before.first) < 0.2);
      CHECK(std::abs(now.second - before.second) < 0.2);
      before = now;
    }
  }
}

// The check of a box is at a few places only, so that the tolerance is a guide: within
// three times of it between them.
TEST(loess_tolerance_bounds_the_error_of_the_surface) {
  for (int d : {1, 2}) {
    const Index n = 300;
    const Matrix x = uniform(n, d, 93 + d);
    const Vector y = (7 * x.rowwise().sum()).array().sin() + 0.1 * normal(n, 4).array();
    const Shape shape = shape_of(3 - d, d, d, d == 1 ? 0.3 : 1);
    LoessSpec given = spec(x, shape);
    given.cell = 0.9;
    const double coarse = surface_error(given, y, shape);
    for (double tolerance : {1e-2, 3e-3}) {
      given.tolerance = tolerance;
      const double error = surface_error(given, y, shape);
      CHECK_LABEL(coarse > 2 * tolerance, std::to_string(coarse));
      CHECK_LABEL(error < 3 * tolerance, std::to_string(error));
    }
  }
}

// Boxes cut for a tolerance come in another order than those cut by counts; vertices
// keep their numbers when cuts are replayed in the order of their parts.
TEST(loess_refined_tree_is_replayed_by_the_order_of_parts) {
  const Matrix x = uniform(200, 2, 7);
  LoessSpec given = spec(x, shape_of(2, 2, 2, 0.4));
  given.tolerance = 1e-3;
  const Vector y = (9 * x.col(0)).array().sin();
  const LoessResponse data = response(y, Vector::Ones(200));
  const Loess loess(given, data);
  const KdTree& tree = loess.tree();
  Vector lower(2), upper(2);
  for (int j = 0; j < 2; ++j) {
    lower[j] = tree.lower(0, j);
    upper[j] = tree.upper(0, j);
  }
  KdTree again(lower, upper);
  IndexVector cut;
  for (Index c = 0; c < tree.size(); ++c) {
    if (!tree.cell(c).is_leaf()) cut.push_back(c);
  }
  std::sort(cut.begin(), cut.end(),
            [&](Index a, Index b) { return tree.cell(a).low < tree.cell(b).low; });
  for (Index c : cut) again.cut(c, tree.cell(c).axis, tree.cell(c).cut);
  CHECK(again.vertices() == tree.vertices() && again.size() == tree.size());
  for (Index v = 0; v < tree.vertices(); ++v) CHECK(place(tree, v) == place(again, v));
}

TEST(loess_rejects_a_span_without_points) {
  const LoessSpec given = spec(uniform(20, 1, 3), shape_of(1, 1, 1, 0.04));
  const LoessResponse data = response(normal(20, 4), Vector::Ones(20));
  CHECK_THROWS(Loess(given, data));
}

// One step of scoring is exact, the second sees no change.
TEST(loess_gaussian_likelihood_is_least_squares) {
  const auto gaussian = family_of("gaussian", "identity");
  for (int d : {1, 2}) {
    const Matrix x = uniform(90, d, 3 + d);
    const Vector y = normal(90, 4), offset = normal(90, 5);
    for (int degree : {0, 1, 2}) {
      const Shape shape = shape_of(degree, d, d, 0.6);
      const Local local(x, unequal_weights(90, 6, true), shape, true);
      const LocalResponse data = local_response(*gaussian, local.data, y, offset);
      const LocalLikelihood likelihood(local.regression, data);
      for (double at : {0.3, 0.5, 0.9}) {
        const Vector place = Vector::Constant(d, at);
        const LocalFit truth = local.fit(place, y - offset);
        const LocalFit seen = likelihood.fit(place.data(), truth.radius2);
        CHECK(largest_gap(seen.value, truth.value) < kNormal * size(truth.value));
      }
    }
  }
}

// Scoring stops when the deviance changes by 1e-11 of itself: an error of 1e-5 before
// the last step, which squares it.
TEST(loess_poisson_likelihood_has_no_local_score) {
  const auto poisson = family_of("poisson", "log");
  const Counts c;
  for (int degree : {0, 1, 2}) {
    const Shape shape = shape_of(degree, 2, 2, 0.7);
    const Local local(c.x, c.prior, shape, true);
    const LocalResponse data = local_response(*poisson, local.data, c.y, c.offset);
    const LocalLikelihood likelihood(local.regression, data);
    for (double at : {0.2, 0.5, 0.8}) {
      const Vector place = Vector::Constant(2, at);
      const double h2 = radius2(c.x, 2, shape.span, place);
      const LocalFit fit = likelihood.fit(place.data(), h2);
      CHECK(fit.trouble == LocalTrouble::none);
      const Matrix basis = monomials(c.x, place, shape);
      const Vector k = kernel(c.x, place, shape, h2, c.prior);
      const Vector eta = basis * fit.value.head(basis.cols()) + c.offset;
      const Vector rest = c.y.array() - eta.array().exp();
      const Vector score = basis.transpose() * k.cwiseProduct(rest);
      CHECK(score.cwiseAbs().maxCoeff() < 1e-8 * k.cwiseProduct(c.y).sum());
    }
  }
}

// With a probit link scoring is not Newton's method, and gains a digit or so a step.
TEST(loess_probit_likelihood_has_no_local_score) {
  const auto binomial = family_of("binomial", "probit");
  const Matrix x = uniform(150, 1, 5);
  Vector y(150);
  const Vector noise = normal(150, 6);
  for (Index i = 0; i < 150; ++i) y[i] = x(i, 0) - 0.5 + noise[i] > 0;
  const Shape shape = shape_of(2, 1, 1, 0.7);
  const Local local(x, Vector::Ones(150), shape, true);
  const LocalResponse data = local_response(*binomial, local.data, y, Vector::Zero(150));
  const LocalLikelihood likelihood(local.regression, data);
  const Vector at = Vector::Constant(1, 0.4);
  const double h2 = radius2(x, 1, 0.7, at);
  const LocalFit fit = likelihood.fit(at.data(), h2);
  const Matrix basis = monomials(x, at, shape);
  const Vector k = kernel(x, at, shape, h2, Vector::Ones(150));
  Vector score = Vector::Zero(3);
  for (Index i = 0; i < 150; ++i) {
    const double eta = basis.row(i) * fit.value.head(3);
    const double p = 0.5 * std::erfc(-eta / std::sqrt(2.0));
    const double density = std::exp(-eta * eta / 2) / std::sqrt(2 * 3.14159265358979);
    score += k[i] * (y[i] - p) * density / (p * (1 - p)) * basis.row(i).transpose();
  }
  CHECK(score.cwiseAbs().maxCoeff() < 1e-4);
}

// A gaussian family through the whole of a fit; statistics too, whose weights are those
// of the last fit.
TEST(loess_gaussian_family_equals_no_family) {
  const auto gaussian = family_of("gaussian", "identity");
  LoessSpec given = spec(uniform(100, 2, 8), shape_of(1, 2, 2, 0.6));
  given.statistics = LoessStatistics::exact;
  LoessResponse data = response(normal(100, 4), unequal_weights(100, 5));
  const LoessResult plain = Loess(given, data).fit();
  data.family = gaussian.get();
  data.offset = Vector::Zero(100);
  const LoessResult seen = Loess(given, data).fit();
  CHECK(largest_gap(seen.fitted, plain.fitted) < kNormal);
  CHECK_NEAR(seen.trace, plain.trace, kNormal, "trace");
  CHECK_NEAR(seen.deltas.second, plain.deltas.second, kNormal, "delta 2");
  CHECK(largest_gap(Matrix(seen.covariance), plain.covariance) <
        kNormal * size(plain.covariance));
}

// Coefficients, covariances and neighbourhoods at places of the caller's.
TEST(loess_places_equal_brute_force) {
  for (int d : {1, 2, 3}) {
    const Matrix x = uniform(80, d, 103 + d), z = uniform(7, d, 8);
    const Vector y = normal(80, 4), w = unequal_weights(80, 5, true);
    const Shape shape = shape_of(2, d, d, 0.8);
    const LoessSpec given = spec(x, shape);
    const LoessResponse data = response(y, w);
    const LoessPlaces places(given, data, w, z);
    Matrix l(7, 80);
    Vector variance(80);
    for (Index i = 0; i < 80; ++i) variance[i] = w[i] > 0 ? 1 / w[i] : 0;
    for (Index i = 0; i < 7; ++i) {
      const Vector at = z.row(i);
      const Matrix all = local_operator(x, at, shape, w);
      l.row(i) = all.row(0);
      const Vector values = all * y, seen = places.values().row(i);
      CHECK(largest_gap(seen, values) < 1e-9 * size(all));
      const LoessPlaces::Members members = places.members(i);
      const double h2 = radius2(x, d, shape.span, at);
      CHECK_RELATIVE(members.radius, std::sqrt(h2), 1e-15, "radius");
      Vector kernels = Vector::Zero(80);
      for (std::size_t m = 0; m < members.rows.size(); ++m) {
        kernels[members.rows[m] - 1] = members.kernel[m];
      }
      CHECK(largest_gap(kernels, kernel(x, at, shape, h2, Vector::Ones(80))) < 1e-14);
    }
    const Matrix covariance = l * variance.asDiagonal() * l.transpose();
    CHECK(largest_gap(places.covariance(), covariance) < 1e-9 * size(covariance));
    CHECK(largest_gap(places.variance(), covariance.diagonal()) <
          1e-9 * size(covariance));
  }
}

TEST(loess_variance_of_a_surface_is_that_of_its_blend) {
  LoessSpec given = spec(uniform(80, 2, 113), shape_of(1, 2, 2, 0.6));
  const LoessResponse data = response(normal(80, 4), unequal_weights(80, 5));
  Loess loess(given, data);
  const VertexMatrix sparse = loess.fit().covariance;
  const Matrix s = sparse;
  const PointMatrix z = uniform(9, 2, 6);
  const Matrix b = blend_matrix(loess.tree(), z), truth = b * s * b.transpose();
  const auto at = [&](Index i) { return z.data() + 2 * i; };
  const Vector seen = blended_variance(loess.tree(), s, 9, at, 1);
  CHECK(largest_gap(seen, truth.diagonal()) < 1e-13 * size(s));
  CHECK(blended_variance(loess.tree(), sparse, 9, at, 1) == seen);
  CHECK(largest_gap(blended_covariance(loess.tree(), sparse, z), truth) <
        1e-13 * size(s));
}
