// family.hpp - what the engine asks of a response family.
//
// A family has K linear predictors eta_1 .. eta_K and a log-density
// l(y; eta) per row. The engine works on tiles of rows and asks for
//   objective  a d(y, eta): unit deviance (exponential dispersion families) or
//              -2 log f (all others), so that half of it is minimised,
//   score      a dl/deta_k, in units of dispersion 1,
//   weight     a * minus the second derivatives of l (K x K, packed lower triangle),
//              expected or observed,
//   dweight    the derivative of the observed weight along a direction v:
//              sum_m v_m dW/deta_m, which is minus the third derivative of l
//              contracted with v (enough for Laplace gradients, any K),
// where a is the row's prior weight. One virtual call serves a whole tile.
//
// Arrays are structures of arrays: eta[k][row], score[k][row], weight[j][row]
// with j = packed_index(k, l, K).
#ifndef GAMUT_FAMILY_FAMILY_HPP
#define GAMUT_FAMILY_FAMILY_HPP

#include "../types.hpp"

namespace gamut {

/// The response of one tile. Column c of a matrix response starts at y + c * stride.
struct ResponseTile {
  Index rows = 0;
  const double* y = nullptr;
  Index stride = 0;
  int columns = 1;
  const double* prior = nullptr;  ///< prior weights a; nullptr means all one
};

/// Buffers for one tile, owned by the caller. Any pointer may be null when the
/// caller does not want that part: a family must then not write it.
struct RowDerivatives {
  double* objective = nullptr;
  double* const* score = nullptr;
  double* const* weight = nullptr;
};

class Family {
 public:
  virtual ~Family() = default;

  /// Number of linear predictors K.
  virtual int predictors() const = 0;

  /// Fill objective, score and weight at eta. Returns the sum of the objective
  /// over the tile; rows with an impossible eta make it infinite or NaN.
  virtual double evaluate(const ResponseTile& tile, const double* const* eta,
                          Information information, const RowDerivatives& out) const = 0;

  /// dweight[j][row] = sum_m direction[m][row] * d(observed weight_j)/d eta_m.
  virtual void third(const ResponseTile& tile, const double* const* eta,
                     const double* const* direction, double* const* dweight) const = 0;

  /// Linear predictors from which the first step starts (no coefficients yet).
  virtual void start(const ResponseTile& tile, double* const* eta) const = 0;

  /// Sum over the tile of a (y - mu)^2 / V(mu); 0 for families without a
  /// dispersion parameter.
  virtual double pearson(const ResponseTile& tile, const double* const* eta) const = 0;

  /// Parameters m_k = g_k^{-1}(eta_k) (probabilities for categorical), param[k][row].
  virtual void parameters(Index rows, const double* const* eta,
                          double* const* param) const = 0;

  /// (d2 mu/d eta2) / (d mu/d eta) per row, for the exponential dispersion families with
  /// one predictor: what their mean-bias-reducing score is adjusted by. Others throw.
  virtual void curvature(Index rows, const double* const* eta, double* out) const;

  /// True when observed and expected weights are the same (canonical links).
  virtual bool information_equal() const { return false; }

  /// False when the expectation of the weights has no closed form: evaluate() then
  /// knows observed and working weights only.
  virtual bool has_expected() const { return true; }

  /// False when evaluate() must stay on the calling thread (links written in R).
  virtual bool thread_safe() const { return true; }
};

inline void Family::curvature(Index, const double* const*, double*) const {
  throw Error(Status::invalid_argument, "bias reduction needs a family of one mean");
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_FAMILY_HPP
