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

# glmmTMB's criterion and parameters at its optimum, as near as its own derivatives get.
# From its fit the search goes on at tighter tolerances; what glmmTMB() has to say of
# standard errors on the way does not matter here.
settled_tmb <- function(formula, data, family = stats::gaussian(), ...) {
  fit <- suppressWarnings(glmmTMB::glmmTMB(formula, data, family, ...))
  objective <- fit$obj
  at <- fit$fit$par
  for (again in 1:3) {
    found <- stats::nlminb(at, objective$fn, objective$gr, control = list(
      rel.tol = 1e-15, x.tol = 1e-12, iter.max = 1000L, eval.max = 2000L
    ))
    at <- found$par
  }
  report <- objective$report(objective$env$last.par.best)
  covariance <- Map(function(sd, correlation) {
    # diag() reports no correlation
    if (NROW(correlation) != length(sd)) return(diag(sd^2, length(sd)))
    outer(sd, sd) * correlation
  }, report$sd, report$corr)
  list(minus2loglik = 2 * found$objective, covariance = covariance,
       fixed = unname(at[names(at) == "beta"]))
}

# Minus twice the log-likelihood of a linear mixed model by dense algebra: the density of
# y, or with `restricted` that of its error contrasts. `beta` NULL: the best.
dense_minus2 <- function(y, x, v, beta = NULL, restricted = FALSE) {
  root <- chol(v)
  whiten <- function(a) backsolve(root, a, transpose = TRUE)
  wx <- whiten(x)
  wy <- whiten(y)
  if (is.null(beta)) beta <- qr.coef(qr(wx), wy)
  value <- length(y) * log(2 * pi) + 2 * sum(log(diag(root))) + sum((wy - wx %*% beta)^2)
  if (!restricted) return(value)
  value - ncol(x) * log(2 * pi) + c(determinant(crossprod(wx))$modulus)
}

# Criterion, coefficients and variances are those of lmer() and glmer()
expect_lme4 <- function(formula, d, peer_formula = formula, family = gaussian()) {
  normal <- family$family == "gaussian"
  ours <- suppressMessages(gamut(formula, d, family), classes = "gamut_message_nesting")
  peer <- suppressMessages(suppressWarnings(
    if (normal) settled_lmer(peer_formula, d) else settled_glmer(peer_formula, d, family)
  ))
  testthat::expect_true(ours$convergence$converged)
  value <- if (normal) ours$criterion$value else ours$criterion$minus2loglik
  theirs <- if (normal) lme4::REMLcrit(peer) else -2 * c(logLik(peer))
  # lme4 stops at 1e-9 of the criterion at best; it may be higher on a boundary
  testthat::expect_lt(value, theirs + 1e-6)
  testthat::expect_gt(value, theirs - 1e-3)
  # half of the digits of lme4's criterion
  testthat::expect_equal(coef(ours), lme4::fixef(peer), tolerance = 1e-3)
  variances <- function(x) sort(unlist(lapply(x, function(v) diag(as.matrix(v)))))
  testthat::expect_equal(unname(variances(VarCorr(ours))),
                         unname(variances(lme4::VarCorr(peer))), tolerance = 2e-3)
}
