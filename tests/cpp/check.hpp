// check.hpp - the few macros that the C++ tests need.
//
// TEST(name) { ... } registers itself, so a new test file needs no other edit. A
// failed check prints where it stands and what it saw, and the run goes on.
#ifndef GAMUT_TESTS_CHECK_HPP
#define GAMUT_TESTS_CHECK_HPP

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

namespace check {

struct Test {
  const char* name;
  void (*body)();
};

inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

struct Register {
  Register(const char* name, void (*body)()) { tests().push_back({name, body}); }
};

struct Counts {
  long passed = 0, failed = 0;
};

inline Counts& counts() {
  static Counts all;
  return all;
}

inline void report(bool good, const char* file, int line, const std::string& what) {
  if (good) {
    ++counts().passed;
  } else if (++counts().failed <= 200) {
    std::printf("%s:%d: %s\n", file, line, what.c_str());
  }
}

/// |seen - expected| <= tolerance * max(1, |expected|): absolute below one, relative
/// above. Equal values (infinities too) always pass; NaN never does.
inline bool near(double seen, double expected, double tolerance) {
  if (seen == expected) return true;
  const double size = std::fabs(expected);
  return std::fabs(seen - expected) <= tolerance * (size > 1 ? size : 1);
}

inline bool near_relative(double seen, double expected, double tolerance) {
  return seen == expected ||
         std::fabs(seen - expected) <= tolerance * std::fabs(expected);
}

inline std::string describe(const std::string& label, double seen, double expected) {
  char text[96];
  std::snprintf(text, sizeof text, ": saw %.17g, expected %.17g", seen, expected);
  return label + text;
}

}  // namespace check

#define TEST(name)                                           \
  static void name();                                        \
  static const check::Register name##_register(#name, name); \
  static void name()

#define CHECK(condition) check::report((condition), __FILE__, __LINE__, #condition)

#define CHECK_LABEL(condition, label) \
  check::report((condition), __FILE__, __LINE__, std::string(label) + ": " #condition)

#define CHECK_NEAR(seen, expected, tolerance, label)                            \
  do {                                                                          \
    const double seen_ = (seen), expected_ = (expected);                        \
    check::report(check::near(seen_, expected_, tolerance), __FILE__, __LINE__, \
                  check::describe(label, seen_, expected_));                    \
  } while (false)

#define CHECK_RELATIVE(seen, expected, tolerance, label)                                 \
  do {                                                                                   \
    const double seen_ = (seen), expected_ = (expected);                                 \
    check::report(check::near_relative(seen_, expected_, tolerance), __FILE__, __LINE__, \
                  check::describe(label, seen_, expected_));                             \
  } while (false)

#define CHECK_THROWS(expression)                                             \
  do {                                                                       \
    bool thrown = false;                                                     \
    try {                                                                    \
      (void)(expression);                                                    \
    } catch (const gamut::Error&) {                                          \
      thrown = true;                                                         \
    }                                                                        \
    check::report(thrown, __FILE__, __LINE__, "no error from " #expression); \
  } while (false)

#endif  // GAMUT_TESTS_CHECK_HPP
