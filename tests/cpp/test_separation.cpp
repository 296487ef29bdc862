// The search for separating directions, and the least squares under it.
#include "gamut/separation.hpp"

#include "check.hpp"
#include "engine_cases.hpp"

using namespace gamut;
using engine_cases::Case;

namespace {

/// One numeric column x, an intercept, and signs.
struct Line : Case {
  Line(const std::vector<double>& at, const std::vector<int>& s)
      : Case(static_cast<Index>(at.size()), 1, 2, 1), signs(s) {
    for (std::size_t i = 0; i < at.size(); ++i) x(static_cast<Index>(i), 0) = at[i];
    set_family("binomial", "logit");
    add_dense(engine_cases::one());
    problem.storages[0]->set_centre(1, 0);
  }

  Separation search(std::vector<char>& rows) {
    const Layout layout(problem, false);
    const Matrix own = Matrix::Ones(1, 1);
    const SeparationRows constraints(layout, own, signs.data());
    const Separation out = SeparationSearch(constraints)();
    rows = constraints.rows(out.distinct);
    return out;
  }

  std::vector<int> signs;
};

}  // namespace

TEST(non_negative_least_squares_satisfies_its_conditions) {
  engine_cases::Random random(3);
  for (int trial = 0; trial < 50; ++trial) {
    Matrix a(4, 30);
    Vector b(4);
    for (Index j = 0; j < a.size(); ++j) a.data()[j] = random.normal();
    // Columns in a half space, so that b is not always in their cone.
    a.row(0) = a.row(0).cwiseAbs();
    for (Index j = 0; j < 4; ++j) b[j] = random.normal() - (j == 0 ? 2 : 0);
    a.colwise().normalize();
    const Nonnegative fit = nonnegative_residual(a, b);
    CHECK(fit.finished);
    // Rounding of a product of four numbers of order 1.
    CHECK((a.transpose() * fit.residual).maxCoeff() < 1e-9);
    CHECK_NEAR(fit.residual.dot(b), fit.residual.squaredNorm(), 1e-12, "projection");
  }
}

TEST(a_line_is_separated_completely_nearly_or_not) {
  std::vector<char> rows;
  Separation found = Line({1, 2, 3, 4}, {-1, -1, 1, 1}).search(rows);
  CHECK(found.complete && found.exact);
  CHECK(rows == std::vector<char>({1, 1, 1, 1}));
  CHECK(found.direction[1] > 0 && found.direction[0] < 0);

  found = Line({1, 2, 2, 4}, {-1, -1, 1, 1}).search(rows);
  CHECK(!found.complete);
  CHECK(rows == std::vector<char>({1, 0, 0, 1}));
  CHECK(found.infinite == std::vector<char>({1, 1}));

  found = Line({1, 2, 3, 4}, {-1, 1, -1, 1}).search(rows);
  CHECK(rows == std::vector<char>({0, 0, 0, 0}));
  CHECK(found.infinite == std::vector<char>({0, 0}));
  CHECK(found.direction.norm() == 0);
}

TEST(equal_rows_and_rows_without_a_constraint_count_as_such) {
  std::vector<char> rows;
  // x = 2 must stay, so the only directions turn about it.
  Separation found = Line({1, 2, 3, 4}, {-1, 2, 1, 1}).search(rows);
  CHECK(rows == std::vector<char>({1, 0, 1, 1}));
  CHECK(!found.complete);
  found = Line({1, 2, 3, 4}, {-1, 2, 2, 1}).search(rows);
  CHECK(rows == std::vector<char>({0, 0, 0, 0}));
  // The row in the way does not count.
  found = Line({1, 2, 3, 4}, {-1, 0, -1, 1}).search(rows);
  CHECK(rows == std::vector<char>({1, 0, 1, 1}));
  // No constraints at all.
  found = Line({1, 2}, {0, 0}).search(rows);
  CHECK(!found.complete && rows == std::vector<char>({0, 0}));
}

TEST(units_do_not_matter) {
  std::vector<char> rows;
  // A narrow gap at a large distance from 0.
  const Separation found =
      Line({1e6 + 1, 1e6 + 2, 1e6 + 2.001, 1e6 + 4}, {-1, -1, 1, 1}).search(rows);
  CHECK(found.complete);
}
