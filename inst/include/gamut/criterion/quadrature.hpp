// criterion/quadrature.hpp - minus twice a log-likelihood by adaptive Gauss-Hermite
// quadrature.
//
// For one factor, or one nested in another (nested_groups.hpp), with all parameters of
// the family's density in beta and theta (adapted_nodes.hpp has the notation):
//   dev = -2 sum_g log sum_q omega_q prod_l sum_r omega_r f_l(q, r) + 2 log|R|,
//   f_l(q, r) = exp{l_l(eta) - |u_l|^2 / 2} at the nodes, omega = weight / density.
// With pi the weight of each node in its sum, E the mean over nodes by pi, s the scores:
//   g = E[Lambda'Z's - u],   v_i = M_i dW_i / d eta (M_i the K x K form of M in row i),
//   a = H^-1 (g - Lambda'Z'v),   adj = v + W Z Lambda a,
//   d/d beta   = 2 X'(adj - E s),
//   d/d Lambda = 2 {2 Z'WZ Lambda M + Z'adj u' - Z's a' - E[Z's u']},
// exact for any number of nodes; one node is the Laplace approximation. Every node is a
// pass over the rows, once for the values and once for the scores.
// Source: Pinheiro & Chao (2006) J. Comput. Graph. Statist. 15, 58-81; gradients:
// Stringer (2024) Stat. Comput. 35, 4.
#ifndef GAMUT_CRITERION_QUADRATURE_HPP
#define GAMUT_CRITERION_QUADRATURE_HPP

#include "adapted_nodes.hpp"
#include "laplace.hpp"
#include "nested_variance.hpp"

namespace gamut {

/// Multiplies the scores of a row by the weight of its level.
class LevelWeights : public ScoreAdjustment {
 public:
  LevelWeights(const Layout& layout, const Vector& weight)
      : layout_(layout), weight_(weight) {}

  void operator()(Tile& tile) const override {
    const Panel& panel = tile.panel(layout_.lead().storage);
    for (int k = 0; k < layout_.problem().predictors(); ++k) {
      double* score = tile.scores()[k];
      for (Index i = 0; i < tile.rows(); ++i) {
        const double weight = weight_[panel.level(i)];
        score[i] = weight > 0 ? weight * score[i] : 0;
      }
    }
  }

 private:
  const Layout& layout_;
  const Vector& weight_;
};

class QuadratureCriterion : public LaplaceCriterion {
 public:
  /// Nodes of all dimensions together, at most.
  static constexpr Index node_limit = 10000;

  QuadratureCriterion(Layout& layout, const PirlsOptions& options, const Aliased& aliased,
                      Coefficients start, int points)
      : LaplaceCriterion(layout, options, aliased, std::move(start), false,
                         Information::observed),
        groups_(layout, terms()),
        inner_rule_(GaussHermite(points), groups_.inner_size()),
        outer_rule_(GaussHermite(points), groups_.outer_size()) {
    if (inner_rule_.count() * outer_rule_.count() > node_limit) {
      throw Error(Status::invalid_argument, "quadrature needs too many nodes");
    }
  }

 protected:
  void integrate(Evaluation& out) override {
    const AdaptedNodes nodes(layout_, groups_, result_.sums);
    out.valid = nodes.positive() && integrate_values(nodes, out);
    if (!out.valid) return;
    log_determinant_ = result_.factor.log_determinant(true);
    differentiate_nodes(nodes, out);
    model_laplace(out);
  }

 private:
  /// Effects at a node: all levels at once.
  struct Place {
    Index q, r;
    Coefficients u;
  };

  Place place(const AdaptedNodes& nodes, Index q, Index r) const {
    Place out{q, r, mode_};
    const Vector t_outer = outer_rule_.node.col(q), t_inner = inner_rule_.node.col(r);
    auto inner = groups_.inner().columns(out.u);
    for (Index l = 0; l < groups_.levels(); ++l) {
      const Vector shift = nodes.outer_shift(groups_.group(l), t_outer);
      inner.col(l) += nodes.inner_shift(l, t_inner, shift);
    }
    for (Index g = 0; groups_.has_outer() && g < groups_.groups(); ++g) {
      groups_.outer().columns(out.u).col(g) += nodes.outer_shift(g, t_outer);
    }
    return out;
  }

  Index column(Index q, Index r) const { return q * inner_rule_.count() + r; }

  template <class Visit>
  void for_each_node(const AdaptedNodes& nodes, const Visit& visit) const {
    for (Index q = 0; q < outer_rule_.count(); ++q) {
      for (Index r = 0; r < inner_rule_.count(); ++r) visit(place(nodes, q, r));
    }
  }

  // --- the value, and the weight of every node in every level -----------------------

  bool integrate_values(const AdaptedNodes& nodes, Evaluation& out) {
    weight_.resize(groups_.levels(), outer_rule_.count() * inner_rule_.count());
    for_each_node(nodes, [&](const Place& at) {
      PassRequest request;
      request.gram = request.score = false;
      request.level_objective = true;
      const Sums sums = Pass(layout_, options_.threads, nullptr)(at.u, request);
      const Vector squares =
          groups_.inner().columns(at.u).colwise().squaredNorm().transpose();
      weight_.col(column(at.q, at.r)) =
          -0.5 * (sums.level_objective + squares).array() + inner_rule_.log_weight[at.r];
    });
    outer_weight_.resize(groups_.groups(), outer_rule_.count());
    for (Index q = 0; q < outer_rule_.count(); ++q) start_outer(nodes, q);
    sum_inner();
    double total = 0;
    for (Index g = 0; g < groups_.groups(); ++g)
      total += to_weights(outer_weight_.row(g));
    for (Index l = 0; l < groups_.levels(); ++l) {
      for (Index c = 0; c < weight_.cols(); ++c) {
        weight_(l, c) *= outer_weight_(groups_.group(l), c / inner_rule_.count());
      }
    }
    out.value = 2 * (nodes.log_root() - total);
    return std::isfinite(out.value);
  }

  void start_outer(const AdaptedNodes& nodes, Index q) {
    outer_weight_.col(q).setConstant(outer_rule_.log_weight[q]);
    if (!groups_.has_outer()) return;
    const auto mode = groups_.outer().columns(mode_);
    for (Index g = 0; g < groups_.groups(); ++g) {
      const Vector u = mode.col(g) + nodes.outer_shift(g, outer_rule_.node.col(q));
      outer_weight_(g, q) -= 0.5 * u.squaredNorm();
    }
  }

  void sum_inner() {
    const Index inner = inner_rule_.count();
    for (Index l = 0; l < groups_.levels(); ++l) {
      for (Index q = 0; q < outer_rule_.count(); ++q) {
        outer_weight_(groups_.group(l), q) +=
            to_weights(weight_.row(l).segment(q * inner, inner));
      }
    }
  }

  /// Logarithms become weights of sum 1; returns the logarithm of their sum.
  template <class Row>
  static double to_weights(Row&& row) {
    for (Index j = 0; j < row.size(); ++j) {
      if (!std::isfinite(row[j])) row[j] = -std::numeric_limits<double>::infinity();
    }
    const double most = row.maxCoeff();
    if (!std::isfinite(most)) return most;
    row = (row.array() - most).exp().matrix();
    const double sum = row.sum();
    row /= sum;
    return most + std::log(sum);
  }

  // --- the gradient ---------------------------------------------------------------

  /// Means over the nodes.
  struct Means {
    Coefficients score;    ///< raw
    Coefficients effects;  ///< free
    Matrix inner, outer;   ///< E[Z's u'], summed over levels
    NodeMoments moments;
  };

  Means means(const AdaptedNodes& nodes) const {
    const int b = groups_.inner_size(), a = groups_.outer_size();
    const std::size_t levels = static_cast<std::size_t>(groups_.levels());
    const std::size_t groups = static_cast<std::size_t>(groups_.groups());
    Means out{layout_.zero(), layout_.zero(), Matrix::Zero(b, b), Matrix::Zero(a, a), {}};
    out.score.tail = Vector::Zero(layout_.raw_tail());
    out.moments.inner.assign(levels, Matrix::Zero(b, b));
    out.moments.across.assign(levels, Matrix::Zero(a, b));
    out.moments.outer.assign(groups, Matrix::Zero(a, a));
    for_each_node(nodes, [&](const Place& at) {
      const Vector weight = weight_.col(column(at.q, at.r));
      if (weight.maxCoeff() > 0) add_node(nodes, at, weight, out);
    });
    return out;
  }

  void add_node(const AdaptedNodes& nodes, const Place& at, const Vector& weight,
                Means& out) const {
    const LevelWeights adjustment(layout_, weight);
    PassRequest request;
    request.gram = false;
    request.adjustment = &adjustment;
    const Sums sums = Pass(layout_, options_.threads, nullptr)(at.u, request);
    const Coefficients raw{sums.lead_score, sums.tail_score};
    out.score = out.score + raw;
    add_inner(nodes, at, weight, raw, out);
    if (groups_.has_outer()) add_outer(nodes, at, raw, out);
  }

  void add_inner(const AdaptedNodes& nodes, const Place& at, const Vector& weight,
                 const Coefficients& raw, Means& out) const {
    const auto z = groups_.inner().columns(raw);
    const auto u = groups_.inner().columns(at.u);
    auto mean = groups_.inner().columns(out.effects);
    const Matrix slope = nodes.inner_lambda().transpose() * z - u * weight.asDiagonal();
    out.inner += z * u.transpose();
    mean += u * weight.asDiagonal();
    for (Index l = 0; l < groups_.levels(); ++l) {
      out.moments.inner[l] += inner_rule_.node.col(at.r) * slope.col(l).transpose();
      out.moments.across[l] += outer_rule_.node.col(at.q) * slope.col(l).transpose();
    }
  }

  void add_outer(const AdaptedNodes& nodes, const Place& at, const Coefficients& raw,
                 Means& out) const {
    const Coefficients term = layout_.term_scores(raw);
    const auto z = groups_.outer().columns(term);
    const auto u = groups_.outer().columns(at.u);
    auto mean = groups_.outer().columns(out.effects);
    out.outer += z * u.transpose();
    // The outer effects' own density counts once, whatever the inner node.
    const bool once = at.r == 0;
    for (Index g = 0; g < groups_.groups(); ++g) {
      Vector slope = nodes.outer_lambda().transpose() * z.col(g);
      if (once) {
        slope -= outer_weight_(g, at.q) * u.col(g);
        mean.col(g) += outer_weight_(g, at.q) * u.col(g);
      }
      out.moments.outer[g] += outer_rule_.node.col(at.q) * slope.transpose();
    }
  }

  /// The curvature of the Laplace approximation; the search learns the rest.
  void model_laplace(Evaluation& out) const {
    const SelectedInverse inverse(layout_, result_.sums, result_.factor, true);
    const VarianceDerivatives derivatives(layout_, terms_, result_.sums, result_.factor,
                                          projections(terms_, inverse), mode_,
                                          mode_scores(), 1);
    model(derivatives, result_.factor, out);
  }

  void differentiate_nodes(const AdaptedNodes& nodes, Evaluation& out) const {
    const Means mean = means(nodes);
    const AdaptedInverse inverse = nodes.inverse(mean.moments);
    const Coefficients score = mode_scores();
    const NestedVariance variance(layout_, groups_, nodes, inverse);
    const Coefficients v = adjusted_scores(variance, Information::observed);
    const Coefficients slope = layout_.free_scores(mean.score - v) - mean.effects;
    const Coefficients a = result_.factor.solve(slope, true);
    const GramProduct gram(layout_, result_.sums);
    const Coefficients adjoint = v + gram(layout_.raw_from_free(a));
    std::vector<Matrix> lambda = moved(adjoint, score, a * -1);
    const auto product = nodes.gram_product(inverse);
    for (std::size_t t = 0; t < lambda.size(); ++t) {
      const bool leads = terms_.all()[t].leads;
      lambda[t] += leads ? Matrix(2 * product.first - mean.inner)
                         : Matrix(2 * product.second - mean.outer);
      lambda[t] *= 2;
    }
    set_gradient(layout_.free_scores(adjoint - mean.score) * 2,
                 chain_rule(terms_, lambda), out);
  }

  NestedGroups groups_;
  ProductRule inner_rule_, outer_rule_;
  Matrix weight_;        ///< of each node (columns) in each inner level
  Matrix outer_weight_;  ///< of each outer node in each group
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_QUADRATURE_HPP
