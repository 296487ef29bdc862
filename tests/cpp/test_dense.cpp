// Dense factors, solves and products against Eigen, in every width the processor has.
#include <limits>

#include "check.hpp"
#include "engine_cases.hpp"
#include "gamut/system/dense.hpp"

using namespace gamut;

namespace {

std::vector<simd::DenseKernels> available() {
  std::vector<simd::DenseKernels> sets{simd::DenseBaseline::set()};
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    sets.push_back(simd::DenseAvx2::set());
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    sets.push_back(simd::DenseAvx512::set());
  }
#endif
  return sets;
}

/// 1..70 meet every remainder of a tile and both sides of the block of 64; 127..130 the
/// rows of one block of a product; 300 and 513 its depth.
std::vector<Index> orders() {
  std::vector<Index> out;
  for (Index n = 1; n <= 70; ++n) out.push_back(n);
  for (Index n : {127, 128, 129, 130, 300, 513}) out.push_back(n);
  return out;
}

Matrix random_matrix(Index rows, Index columns, unsigned long long seed) {
  engine_cases::Random random(seed);
  Matrix out(rows, columns);
  for (Index j = 0; j < columns; ++j) {
    for (Index i = 0; i < rows; ++i) out(i, j) = random.normal();
  }
  return out;
}

/// Positive definite with a condition number of about ten.
Matrix random_positive(Index n) {
  const Matrix x = random_matrix(n, n, 1);
  Matrix out = x * x.transpose();
  out.diagonal().array() += 0.5 * n;
  return out;
}

Matrix random_lower(Index n) {
  return Matrix(Eigen::LLT<Matrix>(random_positive(n)).matrixL());
}

Matrix lower_of(const Matrix& a) { return a.triangularView<Eigen::Lower>(); }

/// Rounding of an inner product of length k is below k eps sum |a_i b_i| (Higham 2002,
/// section 3.1), and so are the residuals of factors and of solves (theorems 10.3 and
/// 8.5); norms of Frobenius bound these sums. Twice that, as the expected value is
/// rounded too.
double bound(Index k, double norms) {
  return 2 * (k + 2) * std::numeric_limits<double>::epsilon() * norms;
}

double distance(const Matrix& a, const Matrix& b) {
  return a.size() == 0 ? 0 : (a - b).cwiseAbs().maxCoeff();
}

std::string label(const char* what, Index n, Index m = 0, Index k = 0) {
  return std::string(what) + " " + std::to_string(n) + " " + std::to_string(m) + " " +
         std::to_string(k);
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void check_factor(Index n, const simd::DenseKernels& kernels) {
  const Matrix a = random_positive(n);
  Matrix l = a;
  l.triangularView<Eigen::StrictlyUpper>().setConstant(kNaN);  // is not read
  CHECK(dense::cholesky(l, kernels));
  CHECK_LABEL(distance(l * l.transpose(), a) <= bound(n, a.norm()), label("L L'", n));
  CHECK_LABEL(distance(l, lower_of(l)) == 0, label("upper", n));
  const Matrix expected = Eigen::LLT<Matrix>(a).matrixL();
  // Both are exact for matrices within the bound of `a`; the condition number is ten.
  CHECK_LABEL(distance(l, expected) <= 10 * bound(n, expected.norm()), label("L", n));
}

void check_inverse(Index n, const simd::DenseKernels& kernels) {
  const Matrix a = random_positive(n), l = random_lower(n);
  const Matrix one = Matrix::Identity(n, n);
  Matrix root = l;
  root.triangularView<Eigen::StrictlyUpper>().setConstant(kNaN);
  const Matrix inverse = dense::cholesky_inverse(root, kernels);
  dense::invert_lower(root, kernels);
  CHECK_LABEL(distance(root, lower_of(root)) == 0, label("upper", n));
  const double size = l.norm() * root.norm();
  CHECK_LABEL(distance(l * root, one) <= bound(n, size), label("L L^-1", n));
  CHECK_LABEL(distance(inverse, inverse.transpose()) == 0, label("symmetric", n));
  CHECK_LABEL(distance(a * inverse, one) <= bound(n, size * size), label("A A^-1", n));
}

/// Residuals, with the strictly upper triangle of L full of what must not be read.
void check_solves(Index n, Index m, const simd::DenseKernels& kernels) {
  const Matrix l = random_lower(n), b = random_matrix(n, m, 2);
  Matrix filled = l, x = b, y = b;
  filled.triangularView<Eigen::StrictlyUpper>().setConstant(kNaN);
  dense::solve_lower(filled, x, kernels);
  dense::solve_lower_transposed(filled, y, kernels);
  CHECK_LABEL(distance(l * x, b) <= bound(n, l.norm() * x.norm()), label("L", n, m));
  CHECK_LABEL(distance(l.transpose() * y, b) <= bound(n, l.norm() * y.norm()),
              label("L'", n, m));
}

void check_products(Index m, Index n, Index k, const simd::DenseKernels& kernels) {
  const Matrix a = random_matrix(m, k, 3), b = random_matrix(k, n, 4);
  const Matrix c = random_matrix(n, n, 5);
  Matrix plain, transposed, gram = c;
  dense::multiply(a, b, plain, kernels);
  dense::multiply_transposed(a.transpose(), b, transposed, kernels);
  dense::subtract_gram(gram, b, kernels);
  const double size = a.norm() * b.norm();
  CHECK_LABEL(distance(plain, a * b) <= bound(k, size), label("a b", m, n, k));
  CHECK_LABEL(distance(transposed, a * b) <= bound(k, size), label("a' b", m, n, k));
  const Matrix expected = c - b.transpose() * b;
  CHECK_LABEL(distance(lower_of(gram), lower_of(expected)) <=
                  bound(k + 1, b.squaredNorm() + c.norm()),
              label("gram", n, n, k));
  const Matrix above = (gram - c).triangularView<Eigen::StrictlyUpper>();
  CHECK_LABEL(above.norm() == 0, label("above", n, n, k));
}

}  // namespace

TEST(dense_factors_of_every_order) {
  for (const simd::DenseKernels& kernels : available()) {
    for (Index n : orders()) check_factor(n, kernels);
  }
}

TEST(dense_inverses_of_every_order) {
  for (const simd::DenseKernels& kernels : available()) {
    for (Index n : orders()) check_inverse(n, kernels);
  }
}

TEST(dense_solves_of_every_shape) {
  for (const simd::DenseKernels& kernels : available()) {
    for (Index n : orders()) {
      check_solves(n, n, kernels);
      check_solves(n, 1 + n % 37, kernels);
    }
    for (Index m : {0, 1, 2, 7, 8, 9, 23, 24, 25, 31, 300}) check_solves(65, m, kernels);
    check_solves(300, 1, kernels);
  }
}

TEST(dense_products_of_every_shape) {
  for (const simd::DenseKernels& kernels : available()) {
    for (Index n : orders()) check_products(n, n, n, kernels);
    for (Index m : {1, 5, 24, 121, 250}) {
      for (Index n : {1, 6, 8, 33, 130}) {
        for (Index k : {0, 1, 3, 9, 257, 600}) check_products(m, n, k, kernels);
      }
    }
    check_products(3, 1100, 5, kernels);  // more columns than one block has
    check_products(0, 4, 3, kernels);
    check_products(4, 0, 3, kernels);
  }
}

TEST(dense_blocks_of_larger_matrices) {
  for (const simd::DenseKernels& kernels : available()) {
    const Index n = 90;
    Matrix outer = Matrix::Constant(n + 7, n + 5, 3.0);
    outer.block(2, 3, n, n) = random_positive(n);
    Matrix inner = outer.block(2, 3, n, n);
    CHECK(dense::cholesky(outer.block(2, 3, n, n), kernels));
    CHECK(dense::cholesky(inner, kernels));
    CHECK(distance(outer.block(2, 3, n, n), inner) == 0);
    outer.block(2, 3, n, n).setConstant(3.0);
    CHECK((outer.array() == 3.0).all());
  }
}

TEST(dense_factor_refuses_what_is_not_positive_definite) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const simd::DenseKernels& kernels : available()) {
    for (Index n : {1, 2, 7, 8, 9, 33, 64, 65, 129, 300}) {
      for (double wrong : {0.0, -1.0, -infinity, infinity, kNaN}) {
        for (Index at : {Index(0), n / 2, n - 1}) {
          Matrix a = random_positive(n);
          a(at, at) = wrong;
          CHECK_LABEL(!dense::cholesky(a, kernels), label("pivot", n, at));
        }
      }
      if (n == 1) continue;
      Matrix a = random_positive(n);
      a(n - 1, 0) = kNaN;
      CHECK_LABEL(!dense::cholesky(a, kernels), label("NaN", n));
      a.setOnes();  // rank one, without rounding
      CHECK_LABEL(!dense::cholesky(a, kernels), label("rank", n));
    }
  }
}

TEST(dense_factor_of_extreme_scales) {
  for (const simd::DenseKernels& kernels : available()) {
    for (double scale : {1e-300, 1e300}) {
      const Matrix a = random_positive(70);
      Matrix l = a * scale;
      CHECK(dense::cholesky(l, kernels));
      l /= std::sqrt(scale);
      // Scaling rounds each entry once more.
      CHECK(distance(l * l.transpose(), a) <= bound(72, a.norm()));
    }
  }
}

TEST(dense_matrices_of_order_zero) {
  Matrix none(0, 0), right(0, 3), product;
  CHECK(dense::cholesky(none));
  dense::invert_lower(none);
  dense::solve_lower(none, right);
  CHECK(dense::cholesky_inverse(none).size() == 0);
  dense::multiply(Matrix(4, 0), Matrix(0, 3), product);
  CHECK(product.rows() == 4 && product.cols() == 3 && product.isZero(0));
}
