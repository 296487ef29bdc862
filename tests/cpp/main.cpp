// main.cpp - runs every test, or those whose name contains the first argument.
#include <cstdio>
#include <cstring>
#include <exception>

#include "check.hpp"

/// True when no check failed.
static bool run(const check::Test& test) {
  const long failed = check::counts().failed;
  try {
    test.body();
  } catch (const std::exception& error) {
    check::report(false, test.name, 0, std::string("stopped by: ") + error.what());
  }
  const bool good = check::counts().failed == failed;
  if (!good) std::printf("FAILED: %s\n", test.name);
  return good;
}

int main(int argc, char** argv) {
  int passed = 0, failed = 0;
  for (const check::Test& test : check::tests()) {
    if (argc > 1 && !std::strstr(test.name, argv[1])) continue;
    ++(run(test) ? passed : failed);
  }
  const check::Counts& checks = check::counts();
  std::printf("%ld checks, %ld of them failed, in tests:\n",
              checks.passed + checks.failed, checks.failed);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
