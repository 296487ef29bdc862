// criterion/variance_derivatives.hpp - derivatives of a criterion in theta.
//
// Every criterion has, term by term, the same two parts. With u the penalised
// coefficients, r = Z's the raw scores of a level, f the number that multiplies the
// quadratic form (1, or 1/s^2 where the dispersion is profiled):
//   explicit   G = sum_l [Z'PZ]_ll - f sum_l r_l r_l',   d dev / d Lambda = 2 G Lambda,
//              since at the mode Lambda'r = u;
//   curvature  H_ij = f w_i'P w_j + 2 <G, dLambda_i dLambda_j'>, w_j = Z c_j,
//              c_j,l = dLambda_j u_l + Lambda dLambda_j' r_l.
// The first part of H is the average information (Johnson & Thompson 1995; Gilmour,
// Thompson & Cullis 1995). The second is what the way from theta to Lambda Lambda' adds;
// with it H keeps its meaning where a variance is 0 and the first part vanishes: there it
// is the multiplier of the boundary, positive at a minimum, negative where the variance
// wants to grow.
// Source: Bates & DebRoy (2004) J. Multivar. Anal. 91, 1-17; Wolfinger, Tobias & Sall
// (1994) SIAM J. Sci. Comput. 15, 1294-1310.
#ifndef GAMUT_CRITERION_VARIANCE_DERIVATIVES_HPP
#define GAMUT_CRITERION_VARIANCE_DERIVATIVES_HPP

#include "projected_terms.hpp"

namespace gamut {

/// d dev / d theta from d dev / d Lambda, a matrix for each term.
inline Vector chain_rule(const RandomTerms& terms, const std::vector<Matrix>& slope) {
  Vector out(terms.parameters());
  for (std::size_t t = 0; t < terms.all().size(); ++t) {
    const RandomTerm& term = terms.all()[t];
    for (int j = 0; j < term.covariance->parameters(); ++j) {
      out[term.parameter + j] =
          slope[t].cwiseProduct(term.covariance->derivative(j)).sum();
    }
  }
  return out;
}

class VarianceDerivatives {
 public:
  /// `projected`: sum_l [Z'PZ]_ll of each term, `u`: free coefficients, `score`: raw
  /// scores at the solution, `factor_of_quadratic`: f. `average_penalised_only`: is P
  /// that of the penalised coefficients alone?
  VarianceDerivatives(const Layout& layout, const RandomTerms& terms, const Sums& sums,
                      const ArrowFactor& factor, const std::vector<Matrix>& projected,
                      const Coefficients& u, const Coefficients& score, double quadratic)
      : layout_(layout),
        terms_(terms),
        gram_(layout, sums),
        factor_(factor),
        u_(u),
        score_(layout.term_scores(score)),
        quadratic_(quadratic) {
    for (std::size_t t = 0; t < terms.all().size(); ++t) {
      const auto r = terms.all()[t].columns(score_);
      squares_.push_back(quadratic * r * r.transpose());
      explicit_.push_back(projected[t] - squares_.back());
    }
  }

  /// d dev / d theta, with `more` (b x b for each term) added to d dev / d Lambda.
  Vector gradient(const std::vector<Matrix>& more = {}) const {
    std::vector<Matrix> slope;
    for (std::size_t t = 0; t < terms_.all().size(); ++t) {
      slope.push_back(2 * explicit_[t] * terms_.all()[t].covariance->matrix());
      if (!more.empty()) slope.back() += more[t];
    }
    return chain_rule(terms_, slope);
  }

  /// For each theta the root of q / e of fellner_schall.hpp; 1 where it has none.
  Vector growth() const {
    Vector out = Vector::Ones(terms_.parameters());
    for (std::size_t t = 0; t < terms_.all().size(); ++t) {
      const RandomTerm& term = terms_.all()[t];
      const Covariance& law = *term.covariance;
      if (!law.is_penalty() && law.parameters() > 1) continue;
      for (int j = 0; j < law.parameters(); ++j) {
        if (!law.is_scale(j)) continue;
        const Matrix way = law.values()[j] * law.derivative(j) * law.matrix().transpose();
        const double q = squares_[t].cwiseProduct(way).sum();
        const double e = q + explicit_[t].cwiseProduct(way).sum();
        if (q > 0 && e > 0) out[term.parameter + j] = std::sqrt(q / e);
      }
    }
    return out;
  }

  /// H, and with `product` the inner products w_j'W e (raw c_j'score).
  Matrix curvature(bool penalised_only, Vector* product = nullptr) const {
    const std::vector<Coefficients> ways = directions();
    const Index size = terms_.parameters();
    Matrix out = Matrix::Zero(size, size);
    std::vector<Coefficients> raw, rights;
    for (const Coefficients& way : ways) raw.push_back(layout_.raw_from_term(way));
    const std::vector<Coefficients> grams = gram_.each(raw);
    for (const Coefficients& gram : grams) rights.push_back(layout_.free_scores(gram));
    const std::vector<Coefficients> solved =
        factor_.solve_each(rights, penalised_only, TailFactor::full_accuracy);
    for (Index i = 0; i < size; ++i) {
      for (Index j = 0; j <= i; ++j) {
        const double sum = raw[i].dot(grams[j]) - rights[i].dot(solved[j]);
        out(i, j) = out(j, i) = quadratic_ * sum;
      }
    }
    if (product) {
      product->resize(size);
      for (Index j = 0; j < size; ++j) (*product)[j] = ways[j].dot(score_);
    }
    add_way(out);
    return out;
  }

 private:
  std::vector<Coefficients> directions() const {
    std::vector<Coefficients> out;
    for (const RandomTerm& term : terms_.all()) {
      const Matrix lambda = term.covariance->matrix();
      for (int j = 0; j < term.covariance->parameters(); ++j) {
        const Matrix change = term.covariance->derivative(j);
        Coefficients c = layout_.zero();
        term.columns(c) = change * term.columns(u_) +
                          lambda * (change.transpose() * term.columns(score_));
        out.push_back(std::move(c));
      }
    }
    return out;
  }

  void add_way(Matrix& out) const {
    for (std::size_t t = 0; t < terms_.all().size(); ++t) {
      const RandomTerm& term = terms_.all()[t];
      const int count = term.covariance->parameters();
      std::vector<Matrix> change;
      for (int j = 0; j < count; ++j) change.push_back(term.covariance->derivative(j));
      for (int i = 0; i < count; ++i) {
        const Matrix half = 2 * explicit_[t] * change[i];
        for (int j = 0; j < count; ++j) {
          out(term.parameter + i, term.parameter + j) +=
              half.cwiseProduct(change[j]).sum();
        }
      }
    }
  }

  const Layout& layout_;
  const RandomTerms& terms_;
  GramProduct gram_;
  const ArrowFactor& factor_;
  Coefficients u_, score_;
  double quadratic_;
  std::vector<Matrix> explicit_, squares_;
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_VARIANCE_DERIVATIVES_HPP
