# Rscript tools/smoke.R
#
# What a user does first, in a library that holds the package and its dependencies
# alone: fit, look at the summary, draw a plot. Anything that a Suggests package was
# silently needed for fails here.

absent <- c("testthat", "rmarkdown", "lintr")
found <- vapply(absent, requireNamespace, FALSE, quietly = TRUE)
if (any(found)) stop("this library has more: ", absent[found][1], call. = FALSE)

library(gamut)
fit <- gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
print(summary(fit))
file <- tempfile(fileext = ".png")
grDevices::png(file)
plot(fit)
invisible(grDevices::dev.off())
if (!isTRUE(file.size(file) > 0)) stop("plot() drew nothing", call. = FALSE)
cat("summary and plot work with Imports and LinkingTo alone\n")
