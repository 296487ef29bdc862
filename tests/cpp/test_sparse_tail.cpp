// A long tail eliminated sparsely: every number is that of the dense elimination.
#include "check.hpp"
#include "gamut/mixed_state.hpp"
#include "mixed_cases.hpp"

using namespace gamut;
using namespace mixed_cases;

namespace {

// Both ways are backward stable; conditions here are of some hundreds.
constexpr double rounding = 1e-10;

double difference(const Matrix& a, const Matrix& b) {
  CHECK(a.rows() == b.rows() && a.cols() == b.cols());
  return (a - b).cwiseAbs().maxCoeff() / std::max(1.0, b.cwiseAbs().maxCoeff());
}

/// 300 levels lead; 80 levels with a slope, of which each meets few, are the tail.
struct Long : Crossed {
  explicit Long(const std::string& family, const std::string& link, Index loadings = 1)
      : Crossed(600, 80, 300, 21) {
    draw(family == "poisson", 23);
    Random random(5);
    for (Index i = 0; family == "beta" && i < 600; ++i)
      y(i, 0) = 0.1 + 0.8 * random.uniform();
    set_family(family, link);
    if (loadings == 1) {
      add_dense(one());
      add_random(one());
    } else {
      add_dense(Matrix::Identity(2, 2));
      add_random(Matrix::Identity(2, 2));
    }
  }
};

void compare(const Evaluation& sparse, const Evaluation& dense) {
  CHECK(sparse.valid && dense.valid);
  CHECK(std::abs(sparse.value - dense.value) < rounding * std::abs(dense.value));
  CHECK(difference(sparse.gradient, dense.gradient) < rounding);
  CHECK(difference(sparse.curvature, dense.curvature) < rounding);
}

Evaluation gaussian(Long& data, TailKind kind, const Vector& theta, bool restricted) {
  data.problem.tail = kind;
  Layout layout(data.problem);
  CHECK((layout.coupled_columns() > 0) == (kind == TailKind::sparse));
  const Sums sums = sums_at(layout, layout.zero());
  const Aliased none(layout);
  GaussianCriterion criterion(layout, sums, none, 0, restricted);
  return criterion.evaluate(theta);
}

Evaluation laplace(Long& data, TailKind kind, const Vector& theta, bool restricted) {
  data.problem.tail = kind;
  Layout layout(data.problem);
  const Aliased none(layout);
  LaplaceCriterion criterion(layout, PirlsOptions(), none, layout.zero(), restricted,
                             Information::observed);
  Vector x = criterion.parameters();
  x.tail(theta.size()) = theta;
  return criterion.evaluate(x);
}

}  // namespace

TEST(a_sparse_tail_gives_the_criterion_of_a_dense_one) {
  Long data("gaussian", "identity");
  Vector theta(4);
  for (bool restricted : {false, true}) {
    for (double last : {0.9, 0.0}) {
      theta << 0.7, -0.3, 0.5, last;
      compare(gaussian(data, TailKind::sparse, theta, restricted),
              gaussian(data, TailKind::dense, theta, restricted));
      theta << 0.7, 0.2, 0.0, last;
      compare(gaussian(data, TailKind::sparse, theta, restricted),
              gaussian(data, TailKind::dense, theta, restricted));
    }
  }
}

TEST(a_sparse_tail_gives_the_laplace_criterion_of_a_dense_one) {
  Long data("poisson", "log");
  Vector theta(4);
  theta << 0.5, -0.2, 0.3, 0.4;
  for (bool restricted : {false, true}) {
    compare(laplace(data, TailKind::sparse, theta, restricted),
            laplace(data, TailKind::dense, theta, restricted));
  }
}

TEST(a_sparse_tail_serves_two_predictors) {
  Long data("beta", "logit", 2);
  Vector theta(10 + 3);
  theta << 0.5, 0.1, -0.1, 0.05, 0.4, 0.1, 0.0, 0.5, 0.1, 0.3, 0.4, 0.1, 0.3;
  compare(laplace(data, TailKind::sparse, theta, false),
          laplace(data, TailKind::dense, theta, false));
}

TEST(a_sparse_tail_gives_the_variances_of_a_dense_one) {
  Long data("gaussian", "identity");
  Vector theta(4), c = Vector::Zero(data.problem.coefficients);
  theta << 0.7, -0.3, 0.5, 0.9;
  data.problem.terms[1].covariance->set_parameters(theta.data());
  data.problem.terms[2].covariance->set_parameters(theta.data() + 3);
  const std::vector<char> none(static_cast<std::size_t>(c.size()), 0);
  std::vector<Matrix> blocks[2];
  double covariance[2];
  for (int k : {0, 1}) {
    data.problem.tail = k == 0 ? TailKind::dense : TailKind::sparse;
    const MixedState state(data.problem, c, none, Information::observed, 1);
    blocks[k] = state.conditional();
    SparseRow left, right;
    left.place = {0, 1, data.problem.terms[1].position[4]};
    left.value = {1, 0.5, 2};
    right.place = {0, data.problem.terms[2].position[7]};
    right.value = {1, 1};
    covariance[k] = state.covariance(state.half(left), state.half(right));
  }
  for (std::size_t t = 0; t < blocks[0].size(); ++t) {
    CHECK(difference(blocks[1][t], blocks[0][t]) < rounding);
  }
  CHECK(std::abs(covariance[1] - covariance[0]) < rounding);
}

// A factor within another leaves no pair of the outer one's levels together.
TEST(a_nested_factor_causes_no_fill) {
  Long data("gaussian", "identity");
  for (Index i = 0; i < 600; ++i) data.codes[i] = 1 + (data.other[i] - 1) % 80;
  Layout layout(data.problem);
  CHECK(layout.coupled_columns() == 160);
  CHECK(layout.elimination().kind == TailKind::sparse);
  const double fixed = 3 * 160 + 6;
  CHECK(layout.elimination().entries == 80 * 3 + fixed);
}

// The unit row that stands for an aliased column is no variance of it.
TEST(gradients_leave_aliased_columns_out) {
  Long data("gaussian", "identity");
  Vector theta(4);
  theta << 0.7, -0.3, 0.5, 0.9;
  for (TailKind kind : {TailKind::dense, TailKind::sparse}) {
    data.problem.tail = kind;
    Layout layout(data.problem);
    const Sums sums = sums_at(layout, layout.zero());
    Aliased aliased(layout);
    aliased.tail.back() = 1;
    GaussianCriterion criterion(layout, sums, aliased, 0, true);
    // as for gaussian_gradient_equals_differences
    CHECK(gradient_error(criterion, theta) < 1e-6);
  }
}

// Systems are solved to 1e-11; determinants and traces are estimates, whose errors here
// are known from the estimate itself.
TEST(an_iterative_tail_is_near_the_dense_one) {
  Crossed data(6000, 400, 900, 31);
  data.draw(false, 29);
  data.set_family("gaussian", "identity");
  data.add_dense(one());
  data.problem.storages.push_back(
      std::make_shared<IndexStorage>(data.codes.data(), 400, std::vector<Column>()));
  data.push(400, one(), spec("identity", 1));
  data.problem.storages.push_back(
      std::make_shared<IndexStorage>(data.other.data(), 900, std::vector<Column>()));
  data.push(900, one(), spec("identity", 1));
  data.problem.estimate_traces = true;
  Vector theta(2);
  theta << 0.6, 0.8;
  for (bool restricted : {false, true}) {
    Evaluation at[2];
    double error = 0;
    for (int k : {0, 1}) {
      data.problem.tail = k == 0 ? TailKind::dense : TailKind::iterative;
      Layout layout(data.problem);
      const Sums sums = sums_at(layout, layout.zero());
      const Aliased none(layout);
      GaussianCriterion criterion(layout, sums, none, 0, restricted);
      at[k] = criterion.evaluate(theta);
      error = criterion.noise();
    }
    CHECK(error > 0 && error < 1);
    CHECK(std::abs(at[1].value - at[0].value) < 4 * error);
    // a step by these gradients is off by little of a standard error, (2 / curvature)^1/2
    const Vector off = at[1].gradient - at[0].gradient;
    for (Index j = 0; j < 2; ++j) {
      const double h = at[0].curvature(j, j);
      CHECK(std::abs(off[j]) / h < 0.05 * std::sqrt(2 / h));
      CHECK_NEAR(at[1].curvature(j, j), h, 0.01, "curvature");
    }
  }
}

TEST(an_iterative_tail_refuses_what_it_cannot_do) {
  Long data("gaussian", "identity");
  data.problem.tail = TailKind::iterative;
  bool refused = false;
  try {
    Layout layout(data.problem);
  } catch (const Error& error) {
    refused = error.status() == Status::invalid_argument;
  }
  CHECK(refused);
}
