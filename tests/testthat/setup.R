# One thread everywhere: results do not depend on the number, but a checking machine
# counts the processor time. Children of this process inherit it.
Sys.setenv(OMP_NUM_THREADS = "1", OPENBLAS_NUM_THREADS = "1", MKL_NUM_THREADS = "1")

# A test that draws must not leave an Rplots.pdf behind.
options(device = function(...) grDevices::pdf(NULL))
