// lo() terms beside other terms against the fixed point of backfitting, its operator and
// its covariance, with all matrices written out.
#include "check.hpp"
#include "gamut/loess/joint.hpp"
#include "loess_cases.hpp"
#include "mixed_cases.hpp"

using mixed_cases::Case;
using mixed_cases::one;
using namespace loess_cases;

namespace {

// Normal equations of some dozens of columns with condition numbers up to 1e6 or so.
constexpr double kJoint = 1e-8;

enum class Beside { nothing, factor, two_factors, smooth };

constexpr double kDeviation = 0.8, kLambda = 1.7;

/// A numeric column, one or two lo() terms with their polynomials, other terms; the same
/// as dense matrices.
struct Joint : Case {
  static constexpr Index n = 55;
  Matrix a, penalty;       // columns of the other terms, and P of c'Pc
  IndexVector parametric;  // places of coefficients that are not random effects
  std::vector<LoessTerm> terms;
  std::vector<Shape> shapes;
  std::vector<IndexVector> own;  // places of the columns of Q_j among those of A
  std::vector<Matrix> q;
  Vector start, offset, w;
  std::vector<int> other;

  Joint(Beside beside, bool two, const std::string& family, const std::string& link)
      : Case(n, two ? 5 : 3, 6, 7) {
    const Matrix u = uniform(n, 4, 11);
    x.col(0) = x.col(0) + 2 * u.col(0);
    x.col(1) = u.col(0);
    x.col(2) = u.col(0).cwiseAbs2();
    if (two) x.rightCols(2) = u.middleCols(1, 2);
    for (Index i = 0; i < n; ++i) {
      y(i, 0) = std::sin(6 * x(i, 1)) + 0.5 * y(i, 0) + 0.2 * codes[i];
      if (family == "poisson") y(i, 0) = std::floor(std::exp(0.5 * y(i, 0)) * 2);
      other.push_back(1 + (i * 7) % 4);
    }
    set_family(family, link);
    add_dense(one());
    a = design(true, 0, true);
    penalty = Matrix::Zero(a.cols(), a.cols());
    for (Index j = 0; j < a.cols(); ++j) parametric.push_back(j);
    if (beside == Beside::factor) add_levels(codes, 6);
    if (beside == Beside::two_factors) add_levels(codes, 6);
    if (beside == Beside::two_factors) add_levels(other, 4);
    if (beside == Beside::smooth) add_smooth();
    start = 0.1 * normal(a.cols(), 13);
    w = Eigen::Map<const Vector>(prior.data(), n);
    place_terms(two);
    if (family == "poisson") w = w.cwiseProduct(eta().array().exp().matrix());
    for (LoessTerm& term : terms) term.weights = w;
  }

  Vector eta() const { return a * start + offset; }

  /// What the terms are fitted to: eta + (y - mu) d eta / d mu.
  Vector working(bool poisson) const {
    const Vector at = eta();
    if (!poisson) return y.col(0);
    return at.array() + y.col(0).array() * (-at).array().exp() - 1;
  }

  LoessJoint joint() const {
    return LoessJoint(problem, terms, start, std::vector<char>(a.cols(), 0),
                      Information::expected, 1);
  }

 private:
  void widen(const Matrix& columns, const Matrix& own_penalty) {
    const Index p = a.cols(), more = columns.cols();
    a.conservativeResize(n, p + more);
    a.rightCols(more) = columns;
    penalty.conservativeResize(p + more, p + more);
    penalty.rightCols(more).setZero();
    penalty.bottomRows(more).setZero();
    penalty.bottomRightCorner(more, more) = own_penalty;
  }

  void push(Index columns, const std::shared_ptr<Covariance>& law) {
    Term term;
    term.storage = static_cast<int>(problem.storages.size()) - 1;
    term.loading = one();
    term.covariance = law;
    for (Index j = 0; j < columns; ++j) term.position.push_back(problem.coefficients++);
    problem.terms.push_back(term);
  }

  void add_levels(const std::vector<int>& own_codes, int levels) {
    problem.storages.push_back(
        std::make_shared<IndexStorage>(own_codes.data(), levels, std::vector<Column>()));
    push(levels, make_covariance(mixed_cases::spec("identity", 1)));
    problem.terms.back().covariance->set_parameters(&kDeviation);
    Matrix columns = Matrix::Zero(n, levels);
    for (Index i = 0; i < n; ++i) columns(i, own_codes[i] - 1) = 1;
    widen(columns, Matrix::Identity(levels, levels) / (kDeviation * kDeviation));
  }

  /// Four columns, of which one is not penalised.
  void add_smooth() {
    Matrix columns(n, 4), root = Matrix::Zero(3, 4);
    for (Index j = 0; j < 4; ++j) columns.col(j) = normal(n, 31 + j);
    for (Index j = 0; j < 3; ++j) root.row(j).segment(j, 2) << -1, 1;
    const Matrix s = root.transpose() * root;
    CovarianceSpec law = mixed_cases::spec("penalty", 4);
    law.numbers.assign(s.data(), s.data() + 16);
    law.given = {kLambda};
    problem.storages.push_back(std::make_shared<MatrixStorage>(columns));
    for (Index j = 0; j < 4; ++j) parametric.push_back(a.cols() + j);
    push(4, make_covariance(law));
    widen(columns, kLambda * s);
  }

  void place_terms(bool two) {
    offset = Vector::Zero(n);
    add_lo(x.col(1), 2, 0.6, {0, 2, 3});
    if (two) add_lo(x.rightCols(2), 1, 0.7, {0, 4, 5});
    problem.offsets[0] = offset.data();
  }

  void add_lo(const Matrix& z, int degree, double span, const IndexVector& columns) {
    const int d = static_cast<int>(z.cols());
    Shape shape;
    shape.degree = degree;
    shape.near = d;
    shape.span = span;
    shape.squares.assign(d, 1);
    LoessTerm term;
    term.loading = Vector::Ones(1);
    term.x = std::make_shared<PointMatrix>(z);
    term.data = std::make_shared<LoessData>(z, w, d, span);
    term.basis = std::make_shared<LocalBasis>(degree, shape.squares);
    LoessData ordered(z, w, d, span);
    term.tree = std::make_shared<KdTree>(TreeBuilder(ordered, 0.5).build());
    q.push_back(monomials(z, Vector::Zero(d), shape));
    term.polynomial = std::make_shared<MatrixStorage>(q.back());
    term.theta = 0.1 * normal(term.columns(), 17 + d);
    term.leader = terms.size();
    offset += blend_matrix(*term.tree, *term.x) * term.theta;
    terms.push_back(term);
    shapes.push_back(shape);
    own.push_back(columns);
  }
};

Matrix joined(const std::vector<Matrix>& parts, bool below) {
  Matrix out = parts[0];
  for (std::size_t j = 1; j < parts.size(); ++j) {
    const Matrix before = out, &next = parts[j];
    if (below) {
      out.resize(before.rows() + next.rows(), next.cols());
      out << before, next;
    } else {
      out.resize(next.rows(), before.cols() + next.cols());
      out << before, next;
    }
  }
  return out;
}

/// The fixed point as linear maps from the working response: c and theta.
struct Backfitting {
  std::vector<Matrix> f, b, bt, gamma;
  Matrix h, c, theta, blend, influence;

  explicit Backfitting(const Joint& data) {
    const Matrix weight = data.w.asDiagonal();
    h = data.a.transpose() * weight * data.a + data.penalty;
    for (std::size_t j = 0; j < data.terms.size(); ++j) {
      const LoessTerm& term = data.terms[j];
      f.push_back(vertex_operator(*term.tree, *term.x, data.shapes[j], data.w));
      b.push_back(blend_matrix(*term.tree, *term.x));
      const Matrix root = data.w.cwiseSqrt().asDiagonal();
      gamma.push_back((root * data.q[j]).householderQr().solve(root * b[j]));
      bt.push_back(b[j] - data.q[j] * gamma[j]);
    }
    blend = joined(bt, false);
    influence = joined(f, true);
    solve(data);
  }

  /// H c + A'W sum_k Bt_k theta_k = A'W z,
  /// theta_j + F_j (A c + sum_{k != j} Bt_k theta_k) = F_j z.
  void solve(const Joint& data) {
    const Index p = data.a.cols(), r = blend.cols(), n = data.a.rows();
    Matrix system(p + r, p + r), right(p + r, n);
    const Matrix scores = data.a.transpose() * data.w.asDiagonal();
    system.topLeftCorner(p, p) = h;
    system.topRightCorner(p, r) = scores * blend;
    system.bottomLeftCorner(r, p) = influence * data.a;
    system.bottomRightCorner(r, r) = influence * blend + Matrix::Identity(r, r);
    Index at = p;
    for (std::size_t j = 0; j < f.size(); ++j) {
      const Index own = bt[j].cols();
      system.block(at, at, own, own) -= f[j] * bt[j];
      at += own;
    }
    right << scores, influence;
    const Matrix all = system.fullPivLu().solve(right);
    c = all.topRows(p);
    theta = all.bottomRows(r);
  }

  /// Sweeps of backfitting from nothing, theta after them.
  Vector swept(const Joint& data, const Vector& z, int sweeps) const {
    std::vector<Vector> part;
    for (const Matrix& own : bt) part.push_back(Vector::Zero(own.cols()));
    const Eigen::LDLT<Matrix> factor(h);
    for (int sweep = 0; sweep < sweeps; ++sweep) {
      Vector rest = z;
      for (std::size_t j = 0; j < bt.size(); ++j) rest -= bt[j] * part[j];
      const Vector now = factor.solve(data.a.transpose() * data.w.cwiseProduct(rest));
      rest -= data.a * now;
      for (std::size_t j = 0; j < bt.size(); ++j) {
        rest += bt[j] * part[j];
        part[j] = f[j] * rest;
        rest -= bt[j] * part[j];
      }
    }
    Vector out(theta.rows());
    Index at = 0;
    for (const Vector& own : part) {
      out.segment(at, own.size()) = own;
      at += own.size();
    }
    return out;
  }
};

void check_step(const Joint& data, bool poisson) {
  const Backfitting truth(data);
  const Vector z = data.working(poisson), theta = truth.theta * z;
  CHECK(largest_gap(data.joint().step(), theta) < kJoint * size(theta));
  CHECK(largest_gap(truth.swept(data, z, 2000), theta) < kJoint * size(theta));
}

/// Errors of c and theta where the penalised part of c has the variance P^+.
void check_errors(const Joint& data, const Backfitting& truth,
                  const LoessCovariance& seen) {
  const Index p = data.a.cols();
  const Matrix variance = data.penalty.completeOrthogonalDecomposition().pseudoInverse();
  const Matrix noise = data.w.cwiseInverse().asDiagonal();
  const Matrix through = truth.theta * data.a;
  const Matrix missed = truth.c * data.a - Matrix::Identity(p, p);
  const Matrix v = through * variance * through.transpose() +
                   truth.theta * noise * truth.theta.transpose();
  const Matrix errors =
      missed * variance * missed.transpose() + truth.c * noise * truth.c.transpose();
  const Matrix mixed =
      missed * variance * through.transpose() + truth.c * noise * truth.theta.transpose();
  const Matrix d = seen.regression;
  CHECK(largest_gap(seen.theta, v) < kJoint * size(v));
  CHECK(largest_gap(-d * seen.theta, mixed) < kJoint * size(mixed));
  const Matrix own = truth.h.inverse() + d * seen.theta * d.transpose();
  CHECK(largest_gap(own, errors) < kJoint * size(errors));
}

void check_products(const Joint& data, const Backfitting& truth,
                    const LoessCovariance& seen) {
  const Matrix weighted = data.w.asDiagonal() * truth.blend;
  const Matrix d = truth.h.ldlt().solve(data.a.transpose() * weighted);
  CHECK(largest_gap(seen.regression, d) < kJoint * size(d));
  const Matrix gram = truth.blend.transpose() * weighted;
  CHECK(largest_gap(seen.gram, gram) < kJoint * size(gram));
  IndexVector places = seen.position;
  std::sort(places.begin(), places.end());
  CHECK(places == data.parametric);
  const Matrix cross = data.a.transpose() * weighted;
  for (std::size_t i = 0; i < seen.position.size(); ++i) {
    CHECK(largest_gap(seen.cross.row(i), cross.row(seen.position[i])) <
          kJoint * size(cross));
  }
  Vector shift = Vector::Zero(data.a.cols());
  for (std::size_t j = 0; j < data.terms.size(); ++j) {
    CHECK(largest_gap(seen.gamma[j], truth.gamma[j]) < kJoint * size(truth.gamma[j]));
    const Vector share = truth.gamma[j] * data.terms[j].theta;
    for (std::size_t i = 0; i < data.own[j].size(); ++i) {
      shift[data.own[j][i]] += share[static_cast<Index>(i)];
    }
  }
  CHECK(largest_gap(seen.shift, shift) < kJoint * size(shift));
}

void check_traces(const Joint& data, const Backfitting& truth,
                  const LoessCovariance& seen) {
  Index at = 0;
  for (std::size_t j = 0; j < data.terms.size(); ++j) {
    const Index own = truth.bt[j].cols();
    const double edf = (truth.bt[j] * truth.theta.middleRows(at, own)).trace();
    CHECK_NEAR(seen.edf[static_cast<Index>(j)], edf, kJoint, "edf");
    CHECK_NEAR(seen.own_trace[static_cast<Index>(j)], (truth.b[j] * truth.f[j]).trace(),
               kJoint, "own trace");
    at += own;
  }
  const Matrix alone =
      data.a * truth.h.ldlt().solve(data.a.transpose() * data.w.asDiagonal());
  const double change = (data.a * truth.c).trace() - alone.trace();
  CHECK_NEAR(seen.other_edf, change, kJoint, "other edf");
}

void check_all(Beside beside, bool two, bool poisson) {
  const Joint data(beside, two, poisson ? "poisson" : "gaussian",
                   poisson ? "log" : "identity");
  check_step(data, poisson);
  const Backfitting truth(data);
  const LoessCovariance seen = data.joint().covariance();
  check_errors(data, truth, seen);
  check_products(data, truth, seen);
  check_traces(data, truth, seen);
}

}  // namespace

TEST(loess_joint_equals_backfitting_beside_numeric_columns) {
  check_all(Beside::nothing, false, false);
  check_all(Beside::nothing, true, false);
}

TEST(loess_joint_equals_backfitting_beside_random_effects) {
  check_all(Beside::factor, false, false);
  check_all(Beside::factor, true, false);
  check_all(Beside::two_factors, false, false);
}

TEST(loess_joint_equals_backfitting_beside_a_smooth) {
  check_all(Beside::smooth, false, false);
  check_all(Beside::smooth, true, false);
}

TEST(loess_joint_equals_backfitting_of_a_working_response) {
  check_all(Beside::nothing, false, true);
  check_all(Beside::factor, false, true);
}

TEST(loess_joint_depends_on_no_threads) {
  const Joint data(Beside::factor, true, "gaussian", "identity");
  const std::vector<char> aliased(data.a.cols(), 0);
  const LoessJoint shared(data.problem, data.terms, data.start, aliased,
                          Information::expected, 3);
  CHECK(shared.step() == data.joint().step());
}
