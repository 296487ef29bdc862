library(testthat)
library(gamut)

test_check("gamut")
