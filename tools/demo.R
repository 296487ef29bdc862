# Rscript tools/demo.R FOLDER
#
# The main job on real data that comes with R: one model of each kind, its summary on
# the screen and its plots as PNG files in FOLDER.

library(gamut)

folder <- commandArgs(trailingOnly = TRUE)[1]
dir.create(folder, recursive = TRUE, showWarnings = FALSE)

heading <- function(number, text) {
  rule <- strrep("-", 80)
  cat("", rule, paste0(number, ". ", text), rule, sep = "\n")
}

# Shows the call as it is run, runs it and says how long the fit took.
fit_aloud <- function(call) {
  call <- substitute(call)
  cat("\n>", paste(deparse(call, width.cutoff = 70), collapse = "\n+ "), "\n\n")
  seconds <- system.time(fit <- eval(call, parent.frame()))[["elapsed"]]
  print(summary(fit))
  cat(sprintf("\n(fitted in %.0f ms)\n", 1000 * seconds))
  fit
}

draw <- function(fit, name) {
  file <- file.path(folder, paste0(name, ".png"))
  grDevices::png(file, width = 1600, height = 1200, res = 150)
  on.exit(grDevices::dev.off())
  plot(fit)
  cat("plots: ", normalizePath(file, mustWork = FALSE), "\n", sep = "")
}

started <- proc.time()[["elapsed"]]

heading(1, "Counts: warp breaks per loom, by wool and tension (Poisson)")
counts <- fit_aloud(
  gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
)
draw(counts, "1-poisson")

heading(2, "Cases and controls: oesophageal cancer, alcohol and tobacco (binomial)")
cancer <- fit_aloud(
  gamut(cbind(ncases, ncontrols) ~ agegp + alcgp + tobgp, family = binomial(),
        data = esoph)
)
draw(cancer, "2-binomial")

heading(3, "A skewed response: ozone in New York (Gamma, log link)")
ozone <- fit_aloud(
  gamut(Ozone ~ Wind + poly(Temp, 2) + log(Solar.R), family = Gamma("log"),
        data = airquality)
)
draw(ozone, "3-gamma")
days <- data.frame(Wind = c(5, 10, 15), Temp = c(90, 80, 70), Solar.R = 200)
cat("\nOzone to expect on three kinds of day, with 95 % confidence limits:\n")
print(cbind(days, predict(ozone, days, type = "response", interval = "confidence")))

heading(4, "A share, and how much it varies: Swiss schooling 1888 (beta)")
swiss$schooled <- swiss$Education / 100
schooling <- fit_aloud(
  gamut(list(schooled ~ Agriculture + Examination, phi ~ Catholic), family = Beta(),
        data = swiss)
)
draw(schooling, "4-beta")

heading(5, "One of several kinds: what a chick was fed, from its weight (categorical)")
feed <- fit_aloud(
  gamut(feed ~ weight, family = categorical(), data = chickwts)
)
draw(feed, "5-categorical")
cat("\nProbabilities of each feed for chicks of 150, 250 and 350 grams:\n")
print(predict(feed, data.frame(weight = c(150, 250, 350)), type = "prob"), digits = 2)

pictures <- list.files(folder, "[.]png$")
cat("\n", strrep("-", 80), "\n", sep = "")
cat(sprintf("Done in %.1f s. %d pictures are in %s\n",
            proc.time()[["elapsed"]] - started, length(pictures),
            normalizePath(folder)))
