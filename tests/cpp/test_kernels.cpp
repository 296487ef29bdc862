// The dense loops against plain Eigen products, in every width the processor has.
#include "check.hpp"
#include "engine_cases.hpp"

using namespace gamut;

namespace {

std::vector<simd::Kernels> available() {
  std::vector<simd::Kernels> sets{simd::Baseline::set()};
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    sets.push_back(simd::Avx2::set());
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    sets.push_back(simd::Avx512::set());
  }
#endif
  return sets;
}

Matrix random_matrix(Index rows, Index columns, unsigned long long seed) {
  engine_cases::Random random(seed);
  Matrix out(rows, columns);
  for (Index j = 0; j < columns; ++j) {
    for (Index i = 0; i < rows; ++i) out(i, j) = random.normal();
  }
  return out;
}

double distance(const Matrix& a, const Matrix& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

// Sums of up to 512 products of order one: rounding stays far below 1e-12.
constexpr double kTolerance = 1e-12;

}  // namespace

TEST(kernels_equal_plain_products_for_every_shape) {
  for (const simd::Kernels& k : available()) {
    for (Index p : {1, 2, 3, 4, 5, 7, 8, 13, 21}) {
      for (Index rows : {8, 64, 512}) {
        const Matrix x = random_matrix(rows, p, 7), z = random_matrix(rows, 6, 8);
        const Vector w = random_matrix(rows, 1, 9), c = random_matrix(p, 1, 10);
        Matrix y(rows, p), g = Matrix::Zero(p, p), h = Matrix::Zero(p, 6);
        k.scale_columns(rows, p, x.data(), rows, w.data(), y.data());
        CHECK(distance(y, w.asDiagonal() * x) == 0);
        k.gram(rows, p, y.data(), x.data(), rows, g.data(), p);
        const Matrix expected = y.transpose() * x;
        const Matrix lower = expected.triangularView<Eigen::Lower>();
        CHECK(distance(g, lower) < kTolerance * rows);
        k.cross(rows, p, 6, y.data(), z.data(), rows, h.data(), p);
        CHECK(distance(h, y.transpose() * z) < kTolerance * rows);
        Vector eta = Vector::Zero(rows), s = Vector::Zero(p);
        k.multiply(rows, p, x.data(), rows, c.data(), eta.data());
        CHECK(distance(eta, x * c) < kTolerance);
        k.multiply_t(rows, p, x.data(), rows, w.data(), s.data());
        CHECK(distance(s, x.transpose() * w) < kTolerance * rows);
      }
    }
  }
}

TEST(scattered_rows_land_on_their_targets) {
  for (const simd::Kernels& k : available()) {
    const Index rows = 16, p = 5, levels = 4;
    const Matrix x = random_matrix(rows, p, 3);
    const Vector w = random_matrix(rows, 1, 4), v = random_matrix(rows, 1, 5);
    std::vector<Index> target;
    for (Index i = 0; i < rows; ++i) target.push_back((i * 7) % levels);
    Matrix y(p, rows), g = Matrix::Zero(p, levels), expected = g;
    k.scale_rows(rows, p, x.data(), rows, w.data(), y.data());
    CHECK(distance(y.transpose(), w.asDiagonal() * x) == 0);
    k.scatter(rows, p, y.data(), target.data(), v.data(), g.data(), p);
    for (Index i = 0; i < rows; ++i) expected.col(target[i]) += v[i] * y.col(i);
    CHECK(distance(g, expected) < kTolerance);
  }
}

TEST(shift_takes_any_length_and_alignment) {
  for (const simd::Kernels& k : available()) {
    const Vector x = random_matrix(40, 1, 6);
    for (Index n = 0; n < 30; ++n) {
      Vector y = Vector::Zero(40);
      k.shift(n, x.data() + 3, 0.25, y.data() + 1);
      for (Index i = 0; i < n; ++i) CHECK(y[i + 1] == x[i + 3] - 0.25);
      CHECK(y[n + 1] == 0);
    }
  }
}

namespace {

std::vector<simd::QuadKernels> available_quads() {
  std::vector<simd::QuadKernels> sets{simd::QuadBaseline::set()};
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    sets.push_back(simd::QuadAvx2::set());
  }
#endif
  return sets;
}

/// Rows of four neighbours, and the same written out in full.
struct QuadCase {
  Matrix values;  ///< 4 x rows
  std::vector<Index> first;
  Matrix full;

  QuadCase(Index rows, Index columns, unsigned long long seed)
      : values(random_matrix(4, rows, seed)), full(Matrix::Zero(rows, columns)) {
    for (Index i = 0; i < rows; ++i) {
      first.push_back((i * 5 + static_cast<Index>(seed)) % (columns - 3));
      full.row(i).segment(first[i], 4) = values.col(i).transpose();
    }
  }
  simd::Quads quads() const {
    return {static_cast<Index>(first.size()), values.data(), first.data()};
  }
};

}  // namespace

TEST(quads_equal_products_of_full_rows) {
  const Index rows = 77, p = 9, q = 6;
  const QuadCase a(rows, p, 2), b(rows, q, 3);
  const Vector w = random_matrix(rows, 1, 4), c = random_matrix(p, 1, 5);
  const Matrix inner = random_matrix(p, q, 6);
  for (const simd::QuadKernels& k : available_quads()) {
    Vector eta = Vector::Zero(rows), score = Vector::Zero(p), column = score;
    Matrix cross = Matrix::Zero(p, q);
    Vector form = Vector::Zero(rows);
    k.multiply(a.quads(), c.data(), eta.data());
    k.score(a.quads(), w.data(), score.data());
    k.column(a.quads(), eta.data(), w.data(), column.data());
    k.cross(a.quads(), b.quads(), w.data(), cross.data(), p);
    k.form(a.quads(), b.quads(), 2, inner.data(), p, form.data());
    CHECK(distance(eta, a.full * c) < kTolerance);
    CHECK(distance(score, a.full.transpose() * w) < kTolerance * rows);
    CHECK(distance(column, a.full.transpose() * w.cwiseProduct(eta)) < kTolerance * rows);
    CHECK(distance(cross, a.full.transpose() * w.asDiagonal() * b.full) <
          kTolerance * rows);
    const Vector expected = 2 * (a.full * inner).cwiseProduct(b.full).rowwise().sum();
    CHECK(distance(form, expected) < kTolerance);
  }
}

TEST(quads_meet_the_rows_of_their_targets) {
  const Index rows = 41, p = 8, levels = 5;
  const QuadCase a(rows, p, 7);
  const Vector w = random_matrix(rows, 1, 8);
  std::vector<Index> target;
  Matrix z = Matrix::Zero(rows, levels);
  for (Index i = 0; i < rows; ++i) {
    target.push_back((i * 3) % levels);
    z(i, target[i]) = 1;
  }
  for (const simd::QuadKernels& k : available_quads()) {
    Matrix g = Matrix::Zero(p, levels);  // a row of G is a column here
    k.rows(a.quads(), w.data(), target.data(), g.data(), p);
    CHECK(distance(g, a.full.transpose() * w.asDiagonal() * z) < kTolerance);
    Vector dots = Vector::Zero(rows);
    k.dots(a.quads(), w.data(), target.data(), g.data(), p, dots.data());
    const Vector plain = (z * g.transpose()).cwiseProduct(a.full).rowwise().sum();
    CHECK(distance(dots, w.cwiseProduct(plain)) < kTolerance);
  }
}
