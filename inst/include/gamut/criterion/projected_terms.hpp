// criterion/projected_terms.hpp - the sum over levels of the diagonal blocks of Z'PZ.
//
// From the selected inverse, exactly; or where an iterative tail has none, as the mean of
// (Z'PZ z)_l z_l' over vectors z of random signs (Hutchinson 1990), always the same ones.
// Z'PZ z = Z'W(Z z - A u), u = H^-1 A'WZ z: one solution for all terms together.
#ifndef GAMUT_CRITERION_PROJECTED_TERMS_HPP
#define GAMUT_CRITERION_PROJECTED_TERMS_HPP

#include "../system/selected_inverse.hpp"

namespace gamut {

inline std::vector<Matrix> projections(const RandomTerms& terms,
                                       const SelectedInverse& inverse) {
  std::vector<Matrix> out;
  for (const RandomTerm& term : terms.all()) out.push_back(inverse.projected(term));
  return out;
}

/// Random signs for the coefficients of all random terms.
inline Coefficients probe_coefficients(const Layout& layout, const RandomTerms& terms,
                                       int probe) {
  Coefficients z = layout.zero();
  int number = probe * static_cast<int>(terms.all().size());
  for (const RandomTerm& term : terms.all()) {
    auto part = term.columns(z);
    const Vector signs = probe_signs(part.size(), number++);
    part = Eigen::Map<const Matrix>(signs.data(), part.rows(), part.cols());
  }
  return z;
}

inline std::vector<Matrix> estimated_projections(const Layout& layout,
                                                 const RandomTerms& terms,
                                                 const GramProduct& gram,
                                                 const ArrowFactor& factor,
                                                 bool penalised_only) {
  std::vector<Matrix> out;
  for (const RandomTerm& term : terms.all()) {
    out.push_back(Matrix::Zero(term.size, term.size));
  }
  std::vector<Coefficients> z, g, scores;
  for (int probe = 0; probe < probe_count; ++probe) {
    z.push_back(probe_coefficients(layout, terms, probe));
    g.push_back(gram(layout.raw_from_term(z.back())));
    scores.push_back(layout.free_scores(g.back()));
  }
  // far below the error of the mean
  const std::vector<Coefficients> u = factor.solve_each(scores, penalised_only, 1e-6);
  for (int probe = 0; probe < probe_count; ++probe) {
    const Coefficients raw = layout.raw_from_free(u[probe]);
    Coefficients p = layout.term_scores(g[probe] - gram(raw));
    for (std::size_t t = 0; t < out.size(); ++t) {
      const RandomTerm& term = terms.all()[t];
      const Matrix block = term.columns(p) * term.columns(z[probe]).transpose();
      out[t] += (block + block.transpose()) / (2.0 * probe_count);
    }
  }
  return out;
}

inline std::vector<Matrix> projections(const Layout& layout, const RandomTerms& terms,
                                       const Sums& sums, const ArrowFactor& factor,
                                       bool penalised_only) {
  const GramProduct gram(layout, sums);
  if (layout.elimination().kind == TailKind::iterative) {
    return estimated_projections(layout, terms, gram, factor, penalised_only);
  }
  return projections(terms, SelectedInverse(layout, sums, factor, penalised_only, false));
}

}  // namespace gamut

#endif  // GAMUT_CRITERION_PROJECTED_TERMS_HPP
