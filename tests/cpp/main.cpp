// main.cpp - runs every test, or those whose name contains the first argument.
#include <cstdio>
#include <cstring>
#include <exception>

#include "check.hpp"

static void run(const check::Test& test) {
  const long failed = check::counts().failed;
  try {
    test.body();
  } catch (const std::exception& error) {
    check::report(false, test.name, 0, std::string("stopped by: ") + error.what());
  }
  if (check::counts().failed > failed) std::printf("FAILED in %s\n", test.name);
}

int main(int argc, char** argv) {
  for (const check::Test& test : check::tests()) {
    if (argc > 1 && !std::strstr(test.name, argv[1])) continue;
    run(test);
  }
  const check::Counts& counts = check::counts();
  std::printf("%ld passed, %ld failed\n", counts.passed, counts.failed);
  return counts.failed > 0;
}
