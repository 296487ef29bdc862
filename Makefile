# The commands of this project. `make demo` and `make test` need nothing but make,
# git and, on a system with apt, root: they install what is missing.

# The package as built here, for the scripts that are called without a shell around.
export R_LIBS := $(CURDIR)/.build/lib$(if $(R_LIBS),:$(R_LIBS))

.PHONY: help demo test setup build document lint format ci clean

help:
	@echo "make demo      set up, build, fit models to real data, plots in demo-output/"
	@echo "make test      set up, build, run all tests"
	@echo "make ci        all that CI does (.ci/run)"
	@echo "make document  regenerate NAMESPACE, man/ and RcppExports"
	@echo "make format    format the C++ files"
	@echo "make lint      lint R, check the format of C++, function lengths and headers"
	@echo "make clean     remove .build/ and demo-output/"

demo:
	@bash tools/demo.sh

test:
	@bash tools/test.sh

setup:
	@bash tools/setup.sh ci

build:
	@bash tools/setup.sh demo
	@bash tools/build.sh

document: setup build
	@Rscript tools/document.R .

format: setup
	@bash tools/check-format.sh --fix

lint: setup build
	@bash tools/check-format.sh
	@bash tools/check-headers.sh
	@Rscript tools/function-length.R
	@Rscript tools/lint.R

ci:
	@bash .ci/run

clean:
	rm -rf .build demo-output
