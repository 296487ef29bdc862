# Rscript tools/demo.R FOLDER
#
# The main job on real data that come with R: one model of each kind, its summary on
# the screen and its plots as PNG files in FOLDER.

library(gamut)

folder <- commandArgs(trailingOnly = TRUE)[1]
if (is.na(folder)) folder <- "demo-output"
dir.create(folder, recursive = TRUE, showWarnings = FALSE)
models <- 13

heading <- function(number, text) {
  rule <- strrep("-", 80)
  cat("", rule, sprintf("%d of %d. %s", number, models, text), rule, sep = "\n")
}

# Shows the call as it is run, runs it and says how long the fit took.
fit_aloud <- function(call) {
  call <- substitute(call)
  cat("\n>", paste(deparse(call, width.cutoff = 70), collapse = "\n+ "), "\n\n")
  seconds <- system.time(fit <- eval(call, parent.frame()))[["elapsed"]]
  print(summary(fit))
  cat(sprintf("\n(fitted in %.0f ms)\n\n", 1000 * seconds))
  fit
}

# Pictures of a model: what it says, whether to believe it, and its random effects.
draw <- function(fit, name, ...) {
  what <- if (length(fit$smooths)) "-smooths" else "-effects"
  save_picture(paste0(name, what), plot(fit, ...))
  save_picture(paste0(name, "-diagnostics"), plot(fit, "diagnostics"))
  if (length(fit$random)) save_picture(paste0(name, "-random"), plot(fit, "random"))
}

save_picture <- function(name, picture) {
  file <- file.path(folder, paste0(name, ".png"))
  grDevices::png(file, width = 1600, height = 1200, res = 180)
  on.exit(grDevices::dev.off())
  force(picture)
  cat("picture: ", normalizePath(file, mustWork = FALSE), "\n", sep = "")
}

started <- proc.time()[["elapsed"]]

heading(1, "A curve: carbon dioxide uptake of grass, by concentration (gaussian)")
uptake <- fit_aloud(
  gamut(uptake ~ log(conc) * Type + Treatment, data = CO2)
)
draw(uptake, "1-gaussian", residuals = TRUE)
cat("\nIs the slope another one in Mississippi than in Quebec?\n")
print(anova(gamut(uptake ~ log(conc) + Type + Treatment, data = CO2), uptake, test = "F"))

heading(2, "Counts: warp breaks per loom, by wool and tension (Poisson)")
counts <- fit_aloud(
  gamut(breaks ~ wool * tension, family = poisson(), data = warpbreaks)
)
draw(counts, "2-poisson", residuals = TRUE)

heading(3, "Cases and controls: oesophageal cancer, alcohol and tobacco (binomial)")
cancer <- fit_aloud(
  gamut(cbind(ncases, ncontrols) ~ agegp + alcgp + tobgp, family = binomial(),
        data = esoph)
)
draw(cancer, "3-binomial")

heading(4, "A skewed response: ozone in New York (Gamma, log link)")
ozone <- fit_aloud(
  gamut(Ozone ~ Wind + poly(Temp, 2) + log(Solar.R), family = Gamma("log"),
        data = airquality)
)
draw(ozone, "4-gamma", residuals = TRUE)
days <- data.frame(Wind = c(5, 10, 15), Temp = c(90, 80, 70), Solar.R = 200)
cat("\nOzone to expect on three kinds of day, with 95 % confidence limits:\n")
print(cbind(days, predict(ozone, days, type = "response", interval = "confidence")))

heading(5, "A share, and how much it varies: Swiss schooling 1888 (beta)")
swiss$schooled <- swiss$Education / 100
schooling <- fit_aloud(
  gamut(list(schooled ~ Agriculture + Examination, phi ~ Catholic), family = Beta(),
        data = swiss)
)
draw(schooling, "5-beta")

heading(6, "One of several kinds: what a chick was fed, from its weight (categorical)")
feed <- fit_aloud(
  gamut(feed ~ weight, family = categorical(), data = chickwts)
)
draw(feed, "6-categorical")
cat("\nProbabilities of each feed for chicks of 150, 250 and 350 grams:\n")
print(predict(feed, data.frame(weight = c(150, 250, 350)), type = "prob"), digits = 2)

heading(7, "More zeros than counts have: skips in soldering (zero-inflated)")
if (requireNamespace("survival", quietly = TRUE)) {
  skips <- fit_aloud(
    gamut(skips ~ Opening + Solder + Mask + PadType | Opening + Solder,
          data = survival::solder, family = zero_inflated(negbinomial()))
  )
  draw(skips, "7-zero-inflated")
  cat("\nWithout a part of their own for the zeros:\n")
  plain <- gamut(skips ~ Opening + Solder + Mask + PadType, family = negbinomial(),
                 data = survival::solder)
  print(AIC(plain, skips))
} else {
  cat("left out: its data are in package survival, which is not installed\n")
}

heading(8, "Steps of a ladder: status of sons, by that of their fathers (ordinal)")
cells <- as.data.frame(occupationalStatus)
sons <- cells[rep(seq_len(nrow(cells)), cells$Freq), ]
sons <- data.frame(son = sons$destination, father = as.integer(sons$origin))
status <- fit_aloud(
  gamut(son ~ poly(father, 2), family = cumulative(), data = sons)
)
draw(status, "8-cumulative")
cat("\nStatus (1 is the highest) of sons whose fathers have 1, 4 and 8:\n")
print(predict(status, data.frame(father = c(1, 4, 8)), type = "prob"), digits = 2)

heading(9, "A composition: murder, assault and rape in the United States (Dirichlet)")
crimes <- c("Murder", "Assault", "Rape")
states <- data.frame(region = state.region, row.names = row.names(USArrests))
states$arrests <- as.matrix(USArrests[crimes]) / rowSums(USArrests[crimes])
shares <- fit_aloud(
  gamut(list(arrests ~ region, phi ~ region), data = states,
        family = dirichlet("mean", base = "Assault"))
)
draw(shares, "9-dirichlet")
cat("\nShares of arrests in the four regions:\n")
regions <- data.frame(region = levels(state.region))
print(cbind(regions, predict(shares, regions, type = "response")), digits = 2)

heading(10, "Children measured four times: growth of the jaw (random slopes)")
growth <- fit_aloud(
  gamut(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
)
draw(growth, "10-mixed", residuals = TRUE)
cat("\nDo girls grow at the same rate? By Kenward and Roger's degrees of freedom:\n")
print(anova(growth, ddf = "kenward-roger"))
cat("\nThe boy M10 at 16, and a boy who was never measured:\n")
boys <- data.frame(Subject = c("M10", "new"), Sex = "Male", age = 16)
print(cbind(boys, predict(growth, boys, interval = "prediction",
                          allow_new_levels = "population")), digits = 3)

heading(11, "Curves that the data choose: ozone again, by sun, wind and heat (GAM)")
curves <- fit_aloud(
  fit_gam(Ozone ~ s(Solar.R) + s(Wind) + s(Temp), family = Gamma("log"),
          data = airquality)
)
draw(curves, "11-gam")
cat("\nOzone to expect on the three days of model 4:\n")
print(cbind(days, predict(curves, days, type = "response", interval = "confidence")))
cat("\nWhere is it certain that heat raises ozone? Degrees at which a simultaneous\n",
    "band of the slope is above 0:\n", sep = "")
slope <- derivatives(curves, "s(Temp)", simultaneous = TRUE)
print(range(slope$Temp[slope$lower > 0]), digits = 3)

heading(12, "A smooth for the spread too: a crash test (GAM of mean and sigma)")
if (requireNamespace("MASS", quietly = TRUE)) {
  crash <- fit_aloud(
    gamut(list(accel ~ s(times, k = 20), sigma ~ s(times)), data = MASS::mcycle)
  )
  draw(crash, "12-gam-sigma", simultaneous = TRUE)
  cat("\nWith one standard deviation for all times:\n")
  even <- gamut(accel ~ s(times, k = 20), data = MASS::mcycle)
  print(AIC(even, crash, type = "conditional"))
} else {
  cat("left out: its data are in package MASS, which is not installed\n")
}

heading(13, "A curve from neighbours: ozone by wind alone (LOESS)")
near <- fit_aloud(
  fit_loess(Ozone ~ Wind, data = airquality, span = "aicc", degree = 1)
)
save_picture("13-loess-band", plot(near, simultaneous = TRUE))
save_picture("13-loess-inside", plot(near, at = c(6, 14)))
cat("\nOzone at winds of 5, 10 and 15, within a band for the whole curve:\n")
print(predict(near, c(5, 10, 15), interval = "confidence", simultaneous = TRUE))

pictures <- list.files(folder, "[.]png$")
cat("\n", strrep("-", 80), "\n", sep = "")
cat(sprintf("Done in %.1f s. %d pictures are in %s\n",
            proc.time()[["elapsed"]] - started, length(pictures),
            normalizePath(folder)))
