# Rscript tools/readme-figure.R
#
# Draws the picture of README.md, man/figures/README-effects.png, from the README's own
# example. Run it from the project's root, with the package installed.

library(gamut)

fit <- gamut(Ozone ~ log(Wind) + Temp + log(Solar.R), family = Gamma("log"),
             data = airquality)

file <- file.path("man", "figures", "README-effects.png")
dir.create(dirname(file), recursive = TRUE, showWarnings = FALSE)
grDevices::png(file, width = 1800, height = 640, res = 180)
plot(fit, residuals = TRUE)
invisible(grDevices::dev.off())
cat(file, "\n")
