// marginal_products.hpp - products with the inverse of the marginal covariance.
//
// With V = W^-1 + Z Lambda Lambda'Z' (dispersion 1) and Omega = Lambda'Z'WZ Lambda + I,
//   V^-1 = W - W Z Lambda Omega^-1 Lambda'Z'W,
// so that A'V^-1 A for A = [Z X] needs the Gram matrix and the factor only, nothing of
// the size of V:
//   across   Z'V^-1 X   q x p, term by term, effects of a level neighbours
//   within   X'V^-1 X   p x p, columns as stored; caller's coefficients = basis * those
//   between  Z'V^-1 Z   q x q; or, of one factor, whose levels do not meet, its b x b
//                       diagonal blocks side by side
// Source: Bates et al. (2015) J. Stat. Softw. 67(1), section 3; Kenward & Roger (1997)
// Biometrics 53, 983-997 for what they are needed for.
#ifndef GAMUT_MARGINAL_PRODUCTS_HPP
#define GAMUT_MARGINAL_PRODUCTS_HPP

#include "system/coefficients.hpp"
#include "system/selected_inverse.hpp"

namespace gamut {

struct MarginalProducts {
  IndexVector position;  ///< of each of the p coefficients in the caller's vector
  Matrix across, within, between, basis;
};

class MarginalAlgebra {
 public:
  MarginalAlgebra(const Layout& layout, const GramProduct& gram,
                  const ArrowFactor& factor, const Aliased& mask)
      : layout_(layout), gram_(gram), factor_(factor), terms_(layout) {
    for (Index j = 0; j < layout.free_tail(); ++j) {
      if (!layout.penalised(j) && !is_random(j) && !mask.tail[j]) fixed_.push_back(j);
    }
    for (const RandomTerm& term : terms_.all()) random_ += term.size * term.levels;
  }

  MarginalProducts operator()() const {
    MarginalProducts out;
    const Index p = static_cast<Index>(fixed_.size());
    const IndexVector tail = tail_positions(layout_);
    out.across.resize(random_, p);
    out.within.resize(p, p);
    for (Index j = 0; j < p; ++j) {
      out.position.push_back(tail[fixed_[j]]);
      Coefficients unit = layout_.zero();
      unit.tail[fixed_[j]] = 1;
      const Coefficients column = product(unit);
      out.across.col(j) = random_part(column);
      for (Index i = 0; i < p; ++i) out.within(i, j) = column.tail[fixed_[i]];
    }
    out.between = terms_.all().size() == 1 && terms_.all()[0].leads ? blocks() : whole();
    out.basis = basis();
    return out;
  }

 private:
  bool is_random(Index j) const {
    for (const RandomTerm& term : terms_.all()) {
      if (!term.leads && j >= term.first && j < term.first + term.size * term.levels) {
        return true;
      }
    }
    return false;
  }

  /// A'V^-1 A c over term coefficients.
  Coefficients product(const Coefficients& c) const {
    const Coefficients g = gram_(layout_.raw_from_term(c));
    const Coefficients u = factor_.solve(layout_.free_scores(g), true);
    return layout_.term_scores(g - gram_(layout_.raw_from_free(u)));
  }

  Vector random_part(const Coefficients& c) const {
    Vector out(random_);
    Index at = 0;
    for (const RandomTerm& term : terms_.all()) {
      const auto part = term.columns(c);
      out.segment(at, part.size()) = Eigen::Map<const Vector>(part.data(), part.size());
      at += part.size();
    }
    return out;
  }

  Matrix whole() const {
    Matrix out(random_, random_);
    Index at = 0;
    for (const RandomTerm& term : terms_.all()) {
      for (Index j = 0; j < term.size * term.levels; ++j) {
        Coefficients unit = layout_.zero();
        term.columns(unit).data()[j] = 1;
        out.col(at++) = random_part(product(unit));
      }
    }
    return out;
  }

  Matrix blocks() const {
    const RandomTerm& term = terms_.all()[0];
    const Matrix lambda = term.covariance->matrix();
    const Matrix identity = Matrix::Identity(term.size, term.size);
    Matrix out(term.size, term.size * term.levels);
    for (Index l = 0; l < term.levels; ++l) {
      const Matrix g = gram_.lead_block(l).selfadjointView<Eigen::Lower>();
      const Matrix half = g * lambda;
      const Matrix omega = lambda.transpose() * half + identity;
      out.middleCols(l * term.size, term.size) =
          g - half * omega.llt().solve(half.transpose());
    }
    return out;
  }

  Matrix basis() const {
    Matrix all = Matrix::Identity(layout_.free_tail(), layout_.free_tail());
    ColumnBasis(layout_).to_caller(all);
    const Index p = static_cast<Index>(fixed_.size());
    Matrix out(p, p);
    for (Index i = 0; i < p; ++i) {
      for (Index j = 0; j < p; ++j) out(i, j) = all(fixed_[i], fixed_[j]);
    }
    return out;
  }

  const Layout& layout_;
  const GramProduct& gram_;
  const ArrowFactor& factor_;
  RandomTerms terms_;
  IndexVector fixed_;
  Index random_ = 0;
};

}  // namespace gamut

#endif  // GAMUT_MARGINAL_PRODUCTS_HPP
