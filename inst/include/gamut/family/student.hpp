// student.hpp - Student's t with location mu, scale sigma and nu degrees of freedom.
//
//   l = log Gamma((nu + 1)/2) - log Gamma(nu/2) - log(nu pi)/2 - log sigma
//       - (nu + 1)/2 log(1 + z^2/nu),   z = (y - mu) / sigma.
// With a = nu/2, r = 1/(2a), w = z^2/nu and E(r) = (1 + r) log(1 + r) - r the terms
// that cancel as nu grows are taken off by hand, and l runs into the normal's:
//   l = -log sigma - log(2 pi)/2 + q(a, r) + s(a + 1/2) - s(a)
//       - log(1 + w)/2 - z^2/2 - q(a, w),   q(a, r) = a (E(r) - r^2) / (1 + r),
// s being Stirling's correction (q(a, r) = a log(1 + r) - a r).
// Information: (nu + 1) / ((nu + 3) sigma^2) for mu, 2 nu / ((nu + 3) sigma^2) for
// sigma, -2 / ((nu + 1)(nu + 3) sigma) for sigma and nu, and for nu
//   [psi'(nu/2) - psi'((nu + 1)/2)]/4 - (nu + 5) / (2 nu (nu + 1)(nu + 3)),
// whose terms cancel to 7 / (2 nu^4); from nu = 40 on by the asymptotic series of
// psi' at a distance of 1/2. numbers: sigma and nu to start from.
// Source: Lange, Little & Taylor (1989) JASA 84, 881-896.
#ifndef GAMUT_FAMILY_STUDENT_HPP
#define GAMUT_FAMILY_STUDENT_HPP

#include "density.hpp"

namespace gamut {

struct Student : PlainDensity {
  static constexpr int kParameters = 3;
  static constexpr bool kExpected = true;
  explicit Student(const std::vector<double>& numbers)
      : scale_(number(numbers, 0, 1)), freedom_(number(numbers, 1, 5)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    const T z = (y[0] - m[0]) / m[1], a = 0.5 * m[2];
    const T constant = excess(a, T(0.5) / a) + fn::stirling(a + 0.5) - fn::stirling(a);
    return constant - kernel(z, m[2], a) - fn::log(m[1]) - special::kHalfLogTwoPi;
  }

  void expected(const double* m, const double*, double* second) const {
    const double s = m[1], nu = m[2], q = 1 / ((nu + 3) * s);
    second[0] = -(nu + 1) * q / s;
    second[1] = second[2] = 0;
    second[3] = -2 * nu * q / s;
    second[4] = 2 * q / (nu + 1);
    second[5] = -freedom_information(nu);
  }

  void start(const double* y, double, double* m) const {
    m[0] = y[0];
    m[1] = scale_;
    m[2] = freedom_;
  }

  static double freedom_information(double nu) {
    if (nu < 40) {
      const double rest = (nu + 5) / (2 * nu * (nu + 1) * (nu + 3));
      return 0.25 * (special::trigamma(0.5 * nu) - special::trigamma(0.5 * nu + 0.5)) -
             rest;
    }
    static constexpr double c[] = {-0.5, 1.5, -8.5, 77.5, -1036.5, 19113.5};
    const double r = 1 / nu, z = r * r;
    const double rational = 0.5 * (7 + 3 * r) / ((1 + r) * (1 + 3 * r));
    return z * z * (rational + r * special::polynomial(c, z));
  }

 private:
  /// a log(1 + r) - a r
  template <class T>
  static T excess(const T& a, const T& r) {
    return a * (fn::log1p_excess(r) - fn::square(r)) / (1 + r);
  }

  /// (nu + 1)/2 log(1 + z^2/nu)
  template <class T>
  static T kernel(const T& z, const T& nu, const T& a) {
    const T square = fn::square(z), w = square / nu;
    if (value_of(w) > 0.5) {
      return (a + 0.5) * fn::log1p(w);
    }
    return 0.5 * (fn::log1p(w) + square) + excess(a, w);
  }

  double scale_, freedom_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_STUDENT_HPP
