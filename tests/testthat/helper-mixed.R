# Fits of lme4 as near to the optimum as its search comes; its default tolerances stop
# where the criterion is good to 1e-8.

settled_lmer <- function(formula, data, ...) {
  control <- lme4::lmerControl(optimizer = "nloptwrap", calc.derivs = FALSE,
                               optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-13,
                                              maxeval = 5000))
  lme4::lmer(formula, data, control = control, ...)
}

settled_glmer <- function(formula, data, family) {
  control <- lme4::glmerControl(optimizer = "bobyqa", calc.derivs = FALSE,
                                tolPwrss = 1e-12, optCtrl = list(rhoend = 1e-9))
  lme4::glmer(formula, data, family, control = control)
}

# lme4's names of nested groups are b:a for our a:b
swapped_name <- function(names) {
  vapply(strsplit(names, ":"), function(p) paste(rev(p), collapse = ":"), "")
}

orthodont <- function() as.data.frame(nlme::Orthodont)

orthodont_fit <- function(...) {
  gamut(distance ~ age + (age | Subject), data = orthodont(), ...)
}
