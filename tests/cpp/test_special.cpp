// test_special.cpp - special functions and the vector exp against stored values
// (mpmath, 50 digits, at the double nearest to the printed argument).
#include <cmath>
#include <limits>
#include <vector>

#include "check.hpp"
#include "gamut/family/special_functions.hpp"
#include "gamut/simd/exp.hpp"
#include "gamut/simd/log.hpp"

using namespace gamut;

namespace {
struct Reference {
  double x, log_gamma, digamma, trigamma, tetragamma;
  double digamma_excess, trigamma_excess, tetragamma_excess;
};

const Reference kReference[] = {
    {1e-5, 11.512919692895825626, -100000.57719921567289, 10000000001.64490839,
     -2000000000000001.9132, -99989.06427375070266, 9999900001.64490839,
     -1999990000000001.9132},
    {0.01, 4.5994798780420217016, -100.56088545786867242, 10001.621213528312804,
     -2000002.3403986769596, -95.955715271880581068, 9901.6212135283128059,
     -1990002.34039867696},
    {0.3, 1.0957979948180755606, -3.5025242222001331249, 12.245364546107731301,
     -75.272536588726038917, -2.2985514178741970953, 8.9120312127743978445,
     -64.161425477614926984},
    {0.75, 0.20328095143129537148, -1.0858608797864721696, 2.5418796476716064984,
     -5.3026332163376396314, -0.79817880733469124219, 1.2085463143382731651,
     -3.5248554385598618537},
    {1, 0.0, -0.57721566490153286061, 1.6449340668482264365, -2.4041138063191885708,
     -0.57721566490153286061, 0.64493406684822643647, -1.4041138063191885708},
    {1.0001, -0.000057713342220471268005, -0.57705118351433486812, 1.644693687933144353,
     -2.40346453678994874, -0.57715117851466816544, 0.64479367793414424201,
     -1.403664506793948218},
    {1.4, -0.11961291417237129319, -0.061384544585116236801, 1.0253565905295975254,
     -0.9891286235783571122, -0.39785678120632910386, 0.31107087624388319436,
     -0.47892454194570398624},
    {1.4616, -0.12148629003589732842, -0.000031106251230341649658, 0.96770071146508354512,
     -0.88557619679990336532, -0.37956283233289025596, 0.28351899280060626477,
     -0.4174715726452254264},
    {1.5, -0.12078223763524522235, 0.036489973978576520559, 0.93480220054467930942,
     -0.8287966442343199956, -0.36897513412958786142, 0.26813553387801264275,
     -0.38435219978987555115},
    {1.9999, -0.000042275208772153458011, 0.42271983967113096533, 0.64497448069870308191,
     -0.40416320469109275177, -0.27037733963877268136, 0.14494947944864058153,
     -0.15413820281596774671},
    {2.5, 0.28468287047291915963, 0.70315664064524318723, 0.49035775610023486497,
     -0.236204051641727403, -0.21313409122891187796, 0.090357756100234864973,
     -0.076204051641727403004},
    {3.7, 1.4280723266653881292, 1.1671535393615114409, 0.31003785767003830216,
     -0.095395308728554033483, -0.14117928028866736741, 0.039767587399768044864,
     -0.022349289736589102586},
    {7.25, 7.0521854507385394449, 1.9104535268837360284, 0.14787923315893216965,
     -0.021828952295197739222, -0.070547941982847379966, 0.0099481986761735489625,
     -0.0028039820217137915409},
    {11.5, 16.29200047656724132, 2.3982391295357816134, 0.090846661274546234338,
     -0.0082474690506522171203, -0.044107905833422768022, 0.0038901395354157995551,
     -0.00068603237768435322617},
    {12, 17.502307845873885839, 2.4426616799758120167, 0.08690187287176839075,
     -0.0075472053689989119399, -0.042244969812188293491, 0.003568539538435057417,
     -0.0006027609245544674955},
    {25, 54.78472939811231919, 3.1987425128519740085, 0.040810663257225579187,
     -0.0016652793184224681654, -0.020133312016226740673, 0.00081066325722557918736,
     -0.000065279318422468165429},
    {1000.5, 5908.6741758486774887, 6.9077553206487964271, 0.00099999991666669583331,
     -9.9999975000014583317e-7, -0.00049983337499167291022, 4.9966679163336454465e-7,
     -9.9900049983352056256e-10},
    {1e8, 1742068066.1038347093, 18.420680738952365464, 1.0000000050000000167e-8,
     -1.00000001000000005e-16, -5.0000000083333333333e-9, 5.0000000166666666667e-17,
     -1.000000005e-24},
};
}  // namespace

// 1e-14 is the promise. Differences from the leading term lose the digits that the
// two have in common below the asymptotic range: up to 1.5 of them at x = 11.5.
TEST(gamma_functions_match_stored_values) {
  for (const Reference& r : kReference) {
    const std::string at = " at " + std::to_string(r.x);
    CHECK_RELATIVE(special::log_gamma(r.x), r.log_gamma, 1e-14, "log_gamma" + at);
    CHECK_RELATIVE(special::digamma(r.x), r.digamma, 1e-14, "digamma" + at);
    CHECK_RELATIVE(special::trigamma(r.x), r.trigamma, 1e-14, "trigamma" + at);
    CHECK_RELATIVE(special::tetragamma(r.x), r.tetragamma, 1e-14, "tetragamma" + at);
    CHECK_RELATIVE(special::digamma_excess(r.x), r.digamma_excess, 1e-13,
                   "psi - log" + at);
    CHECK_RELATIVE(special::trigamma_excess(r.x), r.trigamma_excess, 1e-13,
                   "psi' - 1/x" + at);
    CHECK_RELATIVE(special::tetragamma_excess(r.x), r.tetragamma_excess, 1e-13,
                   "psi'' + 1/x^2" + at);
  }
}

TEST(gamma_functions_refuse_other_arguments) {
  for (double x : {0.0, -1.5, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(std::isnan(special::log_gamma(x)));
    CHECK(std::isnan(special::digamma_excess(x)));
    CHECK(std::isnan(special::trigamma_excess(x)));
    CHECK(std::isnan(special::tetragamma_excess(x)));
  }
}

// An additive term of a log-density: absolute error counts.
TEST(stirling_correction_completes_log_gamma) {
  for (const Reference& r : kReference) {
    const double main = (r.x - 0.5) * std::log(r.x) - r.x + special::kHalfLogTwoPi;
    CHECK_NEAR(special::stirling_correction(r.x) + main, r.log_gamma, 1e-14, "Stirling");
  }
}

TEST(deviance_part_keeps_its_digits_near_zero) {
  const double reference[][3] = {{3, 2.9, 0.0017046550270440477526},
                                 {10, 1, 14.02585092994045684},
                                 {1e6, 1000010, 0.000049999666669166646667},
                                 {0.5, 0.45, 0.0026802578289131493802},
                                 {2, 9, 3.9918452064474518533}};
  for (const auto& r : reference) {
    CHECK_RELATIVE(special::deviance_part(r[0], r[1]), r[2], 2e-15, "deviance_part");
  }
  CHECK(special::deviance_part(0, 2.5) == 2.5);
  CHECK(special::deviance_part(4, 4) == 0);
}

TEST(normal_quantile_matches_stored_values) {
  const double reference[][2] = {{1e-30, -11.46402468844361572},
                                 {1e-5, -4.2648907939228246102},
                                 {0.02, -2.0537489106318230443},
                                 {0.3, -0.52440051270804081597},
                                 {0.5, 0.0},
                                 {0.975, 1.9599639845400538556}};
  for (const auto& r : reference) {
    CHECK_NEAR(special::normal_quantile(r[0]), r[1], 1e-14, "normal_quantile");
  }
  CHECK(special::normal_quantile(0) == -std::numeric_limits<double>::infinity());
  CHECK(special::normal_quantile(1) == std::numeric_limits<double>::infinity());
}

TEST(log1pexp_is_stable) {
  CHECK_RELATIVE(special::log1pexp(0), std::log(2.0), 1e-15, "log1pexp");
  CHECK_RELATIVE(special::log1pexp(-50), std::exp(-50.0), 1e-15, "log1pexp");
  CHECK(special::log1pexp(800) == 800);
}

namespace {
/// Largest error of the vector exp over x, in units of the last place.
double worst_exp(void (*function)(const simd::ExpArguments&)) {
  std::vector<double> x, y;
  for (double v = -707; v < 709; v += 0.0137) x.push_back(v);
  for (double v = -1; v < 1; v += 0.000317) x.push_back(v);
  y.resize(x.size());
  function({static_cast<Index>(x.size()), x.data(), y.data()});
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double exact = std::exp(static_cast<long double>(x[i]));
    const double rounded = static_cast<double>(exact);
    const double unit = std::nextafter(rounded, 1e308) - rounded;
    worst = std::fmax(worst, std::fabs(static_cast<double>((y[i] - exact) / unit)));
  }
  return worst;
}

void exp_two_wide(const simd::ExpArguments& a) { simd::exp_kernel<2>(a); }

void check_special_arguments(void (*function)(const simd::ExpArguments&)) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double x[] = {0,      infinity, -infinity, std::nan(""), 709.78, 709.79,
                      -745.1, -746,     1e300,     -1e300,       -740};
  double y[11];
  function({11, x, y});
  CHECK(y[0] == 1);
  CHECK(y[1] == infinity);
  CHECK(y[2] == 0);
  CHECK(std::isnan(y[3]));
  CHECK_RELATIVE(y[4], std::exp(709.78), 1e-15, "exp below overflow");
  CHECK(y[5] == infinity);
  CHECK_NEAR(y[6], std::exp(-745.1), 5e-324, "smallest denormal");
  CHECK(y[7] == 0 && y[8] == infinity && y[9] == 0);
  CHECK_RELATIVE(y[10], std::exp(-740.0), 0.02, "a denormal has few digits");
}
}  // namespace

TEST(vector_exp_is_accurate_on_every_instruction_set) {
  CHECK(worst_exp(exp_two_wide) < 1.2);
  check_special_arguments(exp_two_wide);
  CHECK(worst_exp(simd::exp_dispatch) < 1.2);
  check_special_arguments(simd::exp_dispatch);
#if defined(__x86_64__) && defined(__GNUC__)
  if (simd::level() == simd::Level::avx512) {
    CHECK(worst_exp(simd::exp_dispatch_avx2) < 1.2);
    check_special_arguments(simd::exp_dispatch_avx2);
  }
#endif
}

TEST(vector_exp_handles_every_tail_length) {
  for (int n = 0; n < 20; ++n) {
    std::vector<double> x(n + 1, 7.0);
    for (int i = 0; i < n; ++i) x[i] = -0.3 * i;
    std::vector<double> y(n + 1, -1.0);
    simd::exp(n, x.data(), y.data());
    for (int i = 0; i < n; ++i) CHECK_RELATIVE(y[i], std::exp(x[i]), 1e-15, "tail");
    CHECK(y[n] == -1);
  }
}

namespace {
double log1p_unit(double e) {
  simd::Lanes<2>::Double x = {e, e}, out;
  simd::log1p_unit<2>(x, out);
  return out[1];
}

double deviance_part(double x, double m) {
  simd::Lanes<2>::Double xs = {x, x}, ms = {m, m}, out;
  simd::deviance_part<2>(xs, ms, out);
  return out[0];
}
}  // namespace

// A quotient, its square, twelve terms: a handful of roundings of 1.1e-16. The scalar
// deviance_part loses a digit and a half just beyond its own series; hence 1.2e-14.
TEST(vector_logarithms_match_the_scalar_ones) {
  for (double e = 0; e <= 1; e += 0.00123) {
    CHECK_RELATIVE(log1p_unit(e), std::log1p(e), 1e-15, "log1p_unit");
  }
  for (double e : {1e-300, 1e-20, 1e-9, 0.41421356237309503, 0.41421356237309515, 1.0}) {
    CHECK_RELATIVE(log1p_unit(e), std::log1p(e), 1e-15, "log1p_unit");
  }
  for (double x : {1e-9, 0.3, 1.0, 2.0, 17.0, 1e6}) {
    for (double t = -40; t < 40; t += 0.0917) {
      const double m = x * std::exp(t);
      CHECK_RELATIVE(deviance_part(x, m), special::deviance_part(x, m), 1.2e-14, "far");
      const double close = x * (1 + 1e-3 * t);
      CHECK_RELATIVE(deviance_part(x, close), special::deviance_part(x, close), 1.2e-14,
                     "close");
    }
    CHECK(deviance_part(x, x) == 0);
    CHECK(deviance_part(0, x) == x);
    CHECK(std::isnan(deviance_part(x, std::nan(""))));
  }
}
