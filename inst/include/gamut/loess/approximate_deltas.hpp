// loess/approximate_deltas.hpp - delta_1 and delta_2 from the trace of the operator.
//
// delta = n - tr(L) exp(c1 z^c2 (1 - z)^c3 c4(z)),
//   z = (sqrt(k / tr L) - sqrt(k / n)) / (1 - sqrt(k / n)), between 0 and 1,
// fitted to many designs; constants for degree 1 and 2 are interpolated linearly in the
// number k of columns of the local polynomial. tr(L) itself has the rough formula
// k (1 + max(0, (g - span) / span)), g = 1.05 + 0.13 d - 0.08125 d^2.
// Source: Cleveland & Devlin (1988), JASA 83, 596-610, section 4; Cleveland, Grosse &
// Shyu (1992). The tables of constants are those of the authors' program:
//
//   The authors of this software are Cleveland, Grosse, and Shyu.
//   Copyright (c) 1989, 1992 by AT&T.
//   Permission to use, copy, modify, and distribute this software for any purpose
//   without fee is hereby granted, provided that this entire notice is included in all
//   copies of any software which is or includes a copy or modification of this software
//   and in all copies of the supporting documentation for such software.
//   THIS SOFTWARE IS BEING PROVIDED "AS IS", WITHOUT ANY EXPRESS OR IMPLIED WARRANTY. IN
//   PARTICULAR, NEITHER THE AUTHORS NOR AT&T MAKE ANY REPRESENTATION OR WARRANTY OF ANY
//   KIND CONCERNING THE MERCHANTABILITY OF THIS SOFTWARE OR ITS FITNESS FOR ANY
//   PARTICULAR PURPOSE.
#ifndef GAMUT_LOESS_APPROXIMATE_DELTAS_HPP
#define GAMUT_LOESS_APPROXIMATE_DELTAS_HPP

#include <algorithm>
#include <cmath>

#include "../types.hpp"

namespace gamut {

struct Deltas {
  double first = 0, second = 0;
};

/// c1, c2, c3 by which delta, degree - 1 and number of predictors - 1.
constexpr double delta_constants[2][2][4][3] = {{{{.2971620, .3802660, .5886043},
                                                  {.4263766, .3346498, .6271053},
                                                  {.5241198, .3484836, .6687687},
                                                  {.6338795, .4076457, .7207693}},
                                                 {{.1611761, .3091323, .4401023},
                                                  {.2939609, .3580278, .5555741},
                                                  {.3972390, .4171278, .6293196},
                                                  {.4675173, .4699070, .6674802}}},
                                                {{{.2848308, .2254512, .2914126},
                                                  {.5393624, .2517230, .3898970},
                                                  {.7603231, .2969113, .4740130},
                                                  {.9664956, .3629838, .5348889}},
                                                 {{.2075670, .2822574, .2369957},
                                                  {.3911566, .2981154, .3623232},
                                                  {.5508869, .3501989, .4371032},
                                                  {.7002667, .4291632, .4930370}}}};

/// log c4: a cubic Hermite interpolant on [-0.005, 1.005].
inline double log_delta_factor(double z) {
  constexpr int knots = 10;
  constexpr double at[knots] = {-.005, .1204, .2017, .2815, .3705,
                                .4536, .5591, .7132, .8751, 1.005};
  constexpr double level[knots] = {-.090572, .095807,  .026152,  -.031926, -.053718,
                                   -.064170, -.058387, -.020636, .040172,  -.010856};
  constexpr double slope[knots] = {4.4844,  -.7978, -.7286, -.4457,   -.3495,
                                   .032813, .1611,  .3350,  -.041032, -.7736};
  int i = 0;
  while (i < knots - 2 && z > at[i + 1]) ++i;
  const double width = at[i + 1] - at[i], h = (z - at[i]) / width;
  return (1 - h) * (1 - h) * (1 + 2 * h) * level[i] + h * h * (3 - 2 * h) * level[i + 1] +
         width * (h * (1 - h) * (1 - h) * slope[i] + h * h * (h - 1) * slope[i + 1]);
}

/// The constant of d > 4 predictors continues the line through those of 3 and 4.
inline double delta_constant(int which, int degree, int d, int c) {
  const auto& table = delta_constants[which][degree - 1];
  if (d <= 4) return table[d - 1][c];
  return table[3][c] + (d - 4) * (table[3][c] - table[2][c]);
}

inline double approximate_delta(int which, int degree, double trace, double n, int d,
                                int columns) {
  const double corner = std::sqrt(columns / n);
  double z = (std::sqrt(columns / trace) - corner) / (1 - corner);
  z = std::min(1.0, std::max(0.0, z));
  const double power = delta_constant(which, degree, d, 0) *
                       std::pow(z, delta_constant(which, degree, d, 1)) *
                       std::pow(1 - z, delta_constant(which, degree, d, 2)) *
                       std::exp(log_delta_factor(z));
  return n - trace * std::exp(power);
}

/// Where between degrees 1 and 2 a local polynomial with k columns lies.
inline double between_degrees(int d, int columns) {
  const double linear = d + 1, quadratic = (d + 1) * (d + 2) / 2.0;
  return (columns - linear) / (quadratic - linear);
}

inline Deltas approximate_deltas(double trace, double n, int d, int columns) {
  const double share = between_degrees(d, columns);
  const auto mix = [&](int which) {
    return (1 - share) * approximate_delta(which, 1, trace, n, d, columns) +
           share * approximate_delta(which, 2, trace, n, d, columns);
  };
  return {mix(0), mix(1)};
}

inline double approximate_trace(int d, int columns, double span) {
  const double g = (-0.08125 * d + 0.13) * d + 1.05;
  const double growth = 1 + std::max(0.0, (g - span) / span);
  const double share = between_degrees(d, columns);
  const double linear = (d + 1) * growth, quadratic = (d + 1) * (d + 2) / 2 * growth;
  return (1 - share) * linear + share * quadratic;
}

}  // namespace gamut

#endif  // GAMUT_LOESS_APPROXIMATE_DELTAS_HPP
