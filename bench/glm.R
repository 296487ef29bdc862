# The GLM rows of the design's table: a binomial GLM with a million rows and twenty
# columns, from formula to fit; the same with a factor of a thousand levels; and the
# latency of a small fit. Run from the project's root: Rscript bench/glm.R
source("bench/common.R")
library(gamut)

make_data <- function(n, p = 20L, levels = 1000L) {
  set.seed(1)
  x <- matrix(rnorm(n * p), n, dimnames = list(NULL, paste0("x", seq_len(p))))
  eta <- drop(x %*% (rnorm(p) / 5)) - 0.3
  data <- as.data.frame(x)
  data$y <- rbinom(n, 1L, plogis(eta))
  data$g <- factor(sample(levels, n, replace = TRUE))
  data
}

relative_difference <- function(a, b) max(abs(a - b) / pmax(abs(b), 1e-8))

plain <- reformulate(paste0("x", 1:20), "y")
with_factor <- update(plain, . ~ . + g)

cat("a million rows ...\n")
big <- make_data(1e6L)
ours <- gamut(plain, big, binomial())
peer <- glm(plain, binomial(), big)
# Both stop at about 1e-8 relative; coefficients near zero are compared absolutely.
stopifnot(relative_difference(coef(ours), coef(peer)) < 1e-6)
seconds <- time_in_turn(3L, gamut = gamut(plain, big, binomial()),
                        glm = glm(plain, binomial(), big))
factor_seconds <- time_in_turn(5L, plain = gamut(plain, big, binomial()),
                               factor = gamut(with_factor, big, binomial()))
rm(peer)

cat("the factor's answer, at a size that glm can do ...\n")
small <- make_data(2e4L, 5L, 100L)
formula <- y ~ x1 + x2 + x3 + x4 + x5 + g
stopifnot(relative_difference(coef(gamut(formula, small, binomial())),
                              coef(glm(formula, binomial(), small))) < 1e-6)

cat("memory ...\n")
file <- tempfile(fileext = ".rds")
saveRDS(big[setdiff(names(big), "g")], file, compress = FALSE)
setup <- c("suppressMessages(library(gamut))", paste0("big <- readRDS('", file, "')"),
           "f <- reformulate(paste0('x', 1:20), 'y')")
base <- peak_memory(setup)
memory <- c(gamut = peak_memory(c(setup, "fit <- gamut(f, big, binomial())")),
            glm = peak_memory(c(setup, "fit <- glm(f, binomial(), big)"))) - base

cat("a thousand rows ...\n")
little <- make_data(1000L, 4L)
latency <- time_in_turn(5L,
  gamut = for (i in 1:200) gamut(y ~ x1 + x2 + x3 + x4, little, binomial()),
  glm = for (i in 1:200) glm(y ~ x1 + x2 + x3 + x4, binomial(), little)
) / 200

table <- data.frame(
  problem = c("binomial GLM, n = 1e6, p = 20, seconds",
              "its peak memory above the data, MB",
              "with a factor of 1,000 levels, seconds",
              "binomial GLM, n = 1e3, p = 4, milliseconds"),
  gamut = c(number(seconds[["gamut"]]), number(memory[["gamut"]]),
            number(factor_seconds[["factor"]]), number(1000 * latency[["gamut"]])),
  glm = c(number(seconds[["glm"]]), number(memory[["glm"]]), "cannot",
          number(1000 * latency[["glm"]])),
  ratio = c(paste0(number(seconds[["glm"]] / seconds[["gamut"]]), " x faster"),
            paste0(number(memory[["glm"]] / memory[["gamut"]]), " x less"),
            paste0(number(factor_seconds[["factor"]] / factor_seconds[["plain"]]),
                   " x the time without it"),
            paste0(number(latency[["glm"]] / latency[["gamut"]]), " x faster"))
)
save_results(table, "glm", c(
  "Coefficients agree with `glm`'s to 1e-6 relative in the same run.",
  "`glm` would need a dense matrix of 8 GB for the factor, and three times that to work."
))
