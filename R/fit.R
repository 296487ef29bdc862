#' Fit a regression model
#'
#' One formula, any family: `gamut()` fits the model
#' \deqn{y_i \sim F(\theta_{i1}, \dots, \theta_{iK}), \qquad
#'   g_k(\theta_{ik}) = \eta_{ik} = o_{ik} + \sum_t A_{kt,i} c_t,}{
#'   y_i ~ F(theta_i1, ..., theta_iK), g_k(theta_ik) = eta_ik = o_ik + sum_t A_kt,i c_t,}
#' a response family \eqn{F} whose parameters have linear predictors that are sums of
#' terms. `fit_glm()`, `fit_gam()` and `fit_glmm()` are the same engine through narrower
#' doors: the first takes parametric terms only, the others these and smooths or `lo()`,
#' or these and random effects.
#'
#' @section How it is fitted:
#' The coefficients maximise the log-likelihood (for quasi families the
#' quasi-likelihood) by Fisher and Newton steps with step halving on the deviance.
#' Every step is one pass over the rows: the model matrix is never formed, numeric
#' columns are read where they lie and factors stay codes. Steps are increments from
#' centred and scaled cross-products, with a QR decomposition where those lose digits.
#' A coefficient that its predecessors determine is `NA`, by the rule and at the place
#' of [stats::glm()].
#'
#' @section Random effects:
#' A term `(x | g)` has effects of `x` for each level of `g`, drawn from a normal
#' distribution with mean 0, whose standard deviations and correlations are estimated;
#' [parse_formula()] has the grammar, with crossed and nested factors and covariance
#' structures. Every family takes them, in every predictor.
#'
#' What is maximised is the likelihood with random effects integrated out. For gaussian
#' models with identity link the integral is exact, and `method = "REML"`, the default,
#' maximises the restricted likelihood, `"ML"` the plain one. Other models are fitted by
#' `"ML"` with Laplace's approximation of the integral, or by adaptive Gauss-Hermite
#' quadrature with `nagq` points an effect; with `"REML"` Laplace's approximation
#' integrates over all coefficients (those of a dispersion, too). Where Laplace's
#' approximation is off by more than a quarter of a standard error, a warning of class
#' `gamut_warning_laplace` says so. The search has exact derivatives. A variance estimated
#' as 0, or a covariance matrix that has lost rank, is a result like another; `print()`
#' and [rank_report()] name the term.
#'
#' See [VarCorr.gamut()] and [ranef.gamut()] for the estimates, [predict.gamut()] for
#' known and new levels, [degrees_of_freedom()] for tests, `confint(method = "profile")`
#' for intervals of variances, and `vignette("mixed")`.
#'
#' @section Smooths:
#' A term `s(x)` is a function of `x` that the data choose: a spline with a basis of `k`
#' columns, less wiggly the larger its smoothing parameters \eqn{\lambda_j}{lambda_j} are,
#' \deqn{\exp\left(-\tfrac12 c' S_\lambda c\right), \quad
#'   S_\lambda = \sum_j \lambda_j S_j,}{exp(-c'S c / 2), S = sum_j lambda_j S_j,}
#' being the law of its coefficients. The \eqn{\lambda_j}{lambda_j} are estimated with all
#' other variances, by `method = "REML"` (the default where there is a smooth) or `"ML"`.
#' Where one goes to infinity the smooth is what its penalty leaves alone, a straight line
#' for example: that limit is reached exactly, and reported as `Inf`. In gaussian models
#' with identity link the \eqn{\lambda_j}{lambda_j}, given with `sp` or estimated, are
#' relative to the dispersion, as in mgcv; in all others absolute: with a dispersion
#' \eqn{\phi}{phi}, \eqn{1 / \phi}{1 / phi} times those of mgcv. Terms and arguments
#' are mgcv's: `s()`, `te()`, `ti()`, `t2()`, with `bs`, `k`, `m`, `by`, `fx`, `sp`, `id`,
#' `pc` and `xt`; see [smooth_basis()] for the bases and one's own. They go with any
#' family, in every predictor, and beside random effects. REML integrates over all
#' coefficients but those of dispersions and shapes, which are parameters. Where these
#' have smooths, and there are no random effects, it integrates over theirs, too, as mgcv
#' does.
#'
#' `s(x, 4)`, or `s(x, df = 4)` and `gam::s(x, 4)`, is the smoothing spline of package
#' gam: of the smooth alone, with the weights of the fit, the smoother has the trace
#' `df + 1`, 1 being for the constant. Weights are prior weights in gaussian models with
#' identity link, else working weights (expected information); then the fit is repeated
#' until the \eqn{\lambda}{lambda} that it has is the one that its weights ask for. The
#' basis is `"cr"` with knots at all values of `x`, from 50 values on at those that
#' [stats::smooth.spline()] takes, unless `bs`, `k` or `knots` say otherwise. Such a
#' smooth goes with any other term, but has no `by`, `id`, `sp`, `fx` or `m`.
#'
#' @section Local regression:
#' A term `lo(x)`, or `lo(x, z)` for a surface, is a local regression: at each place a
#' polynomial of degree `degree` (1 or 2) is fitted to the share `span` of the rows that
#' are nearest, with tricube weights, see [fit_loess()]. Arguments and defaults are those
#' of package gam: `span = 0.5`, `degree = 1`; covariates are taken as they are, so that
#' those of a surface should be on one scale. It goes with any other term, family and
#' predictor.
#'
#' All terms are solved for at once: the result is the fixed point of backfitting, with
#' nothing left to iterate, and standard errors, degrees of freedom and leverages are
#' those of the joint operator, other terms included. Smoothing parameters and variances
#' of the other terms maximise their criterion at the surfaces as they are, in turn with
#' these. What a local regression reproduces, the constant and the polynomial, belongs to
#' the parametric part (Hastie and Tibshirani 1990). `span = "aicc"` or `"gcv"` chooses
#' the span by the corrected AIC or by generalised cross-validation of the whole model. A
#' model with `lo()` has no likelihood but the one at its surfaces: [logLik()] and
#' [AIC()] are conditional, and [anova()] compares deviances against differences of
#' traces. Beyond the data a surface goes on along its polynomial. Where values are tied,
#' `span` is a share of rows, as in [stats::loess()], not of different values.
#'
#' @section Dispersion and weights:
#' Where the family has a dispersion \eqn{\phi}, it is estimated by Pearson's statistic
#' over the residual degrees of freedom; in models with random effects or smooths by
#' (restricted) maximum likelihood, together with their variances. `weights` are
#' precisions for gaussian, Gamma, inverse gaussian and quasi families, numbers of trials
#' for proportions, and factors of the log-likelihood for all others; see the page of each
#' family.
#'
#' @section Several predictors:
#' Every parameter of the family can have a formula of its own; one without is constant.
#' \tabular{ll}{
#' `list(y ~ x, phi ~ z)` \tab the parameter by its name \cr
#' `list(y ~ x, phi = ~ z)` \tab the same \cr
#' `y ~ x | z` \tab the same where the part after the bar means `phi`, as in betareg \cr
#' `y ~ x, dispformula = ~ z` \tab the same where `phi` is the dispersion, as in
#'   glmmTMB \cr
#' `y ~ x, ziformula = ~ z` \tab `list(y ~ x, zi ~ z)`, as in glmmTMB
#' }
#'
#' A bar parts the formula as the family says: by default its parameters in their order.
#' `dispformula` is for the parameter `phi`, `theta`, `sigma` or `shape`, the first that
#' the family has; `ziformula` for the zero inflation `zi`. Where the family has no such
#' parameter but has a form that does, this form is fitted, in all spellings that name
#' the parameter; otherwise they are an error. `dispformula = ~ 1` and `ziformula = ~ 0`
#' ask for nothing, as in glmmTMB. A parameter that is described twice is an error. In
#' `fit$spec` all spellings are a list of formulas; `update()` takes them all too.
#'
#' @section Bias reduction:
#' With `bias_reduction = TRUE` the coefficients solve the adjusted score equations
#' \deqn{\sum_i x_i \left\{ s_i + \frac{\phi}{2} h_i
#'   \frac{\mu''(\eta_i)}{\mu'(\eta_i)} \right\} = 0,}{
#'   sum_i x_i (s_i + phi h_i mu''(eta_i) / (2 mu'(eta_i))) = 0,}
#' with scores \eqn{s_i} in \eqn{\eta_i}{eta_i} and leverages \eqn{h_i}, which takes away
#' the bias of order \eqn{1/n} (Firth 1993; Kosmidis and Firth 2009). For a canonical
#' link with known dispersion they maximise the likelihood times Jeffreys' prior. They
#' are finite for separated binary data, where maximum likelihood has no estimates; see
#' [detect_separation()]. It is for families of one mean, with any link.
#'
#' Standard errors are from the expected information at the estimates, `logLik()`, AIC
#' and deviances are the plain ones there, and the null deviance is that of maximum
#' likelihood. Methods that compare maximised likelihoods ([anova.gamut()],
#' [drop1.gamut()], [profile.gamut()]) refuse such fits, and `confint()` is Wald's.
#' Where the dispersion \eqn{\phi}{phi} is estimated it is Pearson's at the present
#' coefficients. `brglm2::brglmFit()` estimates the dispersion of its adjustment by a
#' bias-reducing score of its own, so that its estimates differ from these by little.
#'
#' @param formula A formula, or a list of formulas for several parameters of the
#'   family, as in `list(y ~ x, phi ~ z)` or `y ~ x | z`; see [parse_formula()] for the
#'   grammar.
#' @param data A data frame, list or environment with the variables; those it does not
#'   have are looked up where the formula was written.
#' @param family A family object, a function that makes one, or its name. All are listed
#'   in [families].
#' @param method Estimation method, `"ML"` or `"REML"`, or with smooths `"GCV"` (for
#'   comparison: generalised cross-validation, or UBRE where the dispersion is known).
#'   Restricted maximum likelihood is
#'   for models with random effects or smooths. It is the default of linear mixed models
#'   (gaussian with identity link) and of all models with smooths; all others are fitted
#'   by maximum likelihood unless told otherwise.
#' @param nagq Number of quadrature points over random effects; 1 is their Laplace
#'   approximation. More points are for effects of one grouping factor, or of one nested
#'   in another, up to three effects in all, of any family but gaussian with identity
#'   link, whose integral is exact anyway: adaptive Gauss-Hermite quadrature at the
#'   conditional modes. Log-likelihoods compare across `nagq`.
#' @param weights Prior weights, an expression in the columns of `data`.
#' @param offset Known part of the main predictor; offsets can also be written in the
#'   formula, and both are added.
#' @param subset Rows to use, an expression in the columns of `data`.
#' @param na.action What to do with missing values: [stats::na.omit()],
#'   [stats::na.exclude()] or [stats::na.fail()].
#' @param contrasts Named list of contrasts for factors, as in [stats::glm()].
#' @param knots Knots of smooths, a list by covariate, as in package mgcv.
#' @param select With `TRUE`, what the penalties of a smooth leave alone has a penalty of
#'   its own, so that a smooth can vanish altogether.
#' @param prior Used by Bayesian methods.
#' @param start Coefficients to start from, in the order of `coef()`. Where they put
#'   the mean out of the family's range, the data's own start is used instead. With random
#'   effects or smooths the parameters of their covariances as `list(theta = )`, in the
#'   order of `fit$criterion$theta`: first those of smooths,
#'   \eqn{1 / \sqrt{\lambda_j}}{1 / sqrt(lambda_j)} for each smoothing parameter, 0 for an
#'   infinite one; then those of random effects. The coefficients need no start then.
#' @param fit With `FALSE` the model is set up and returned without being fitted.
#' @param control A list made by [gamut_control()].
#' @param bias_reduction With `TRUE`, Firth's mean-bias-reducing estimates in place of
#'   the maximum-likelihood ones; see the section on it.
#' @param robust With `TRUE` (models with smooths), rows far from what the others say
#'   count less, by Huber's and then Tukey's weights on scaled deviance residuals, for the
#'   coefficients and for the choice of smoothness; `fit$robust` has the weights.
#' @param ... For the chosen method only; what nothing uses is an error.
#' @param dispformula,ziformula One-sided formulas of the family's dispersion parameter
#'   and of its zero inflation `zi`; see "Several predictors".
#' @return An object of class `"gamut"`; see [gamut-object] for its fields and
#'   `methods(class = "gamut")` for what can be done with it. With `fit = FALSE` an
#'   object of class `"gamut_setup"`.
#' @section Errors:
#' Conditions of class `gamut_error` with a subclass for the cause: `formula`,
#' `data`, `response`, `weights`, `family`, `argument`, `start`, `unsupported_term`.
#' A fit that did not converge is returned with a warning of class
#' `gamut_warning_convergence` and says so when printed; where the data are separated
#' (see [detect_separation()]) also of class `gamut_warning_separation`. Random slopes of
#' a predictor far from 0 bring a warning of class `gamut_warning_far_slope`.
#' @references
#' Firth, D. (1993) Bias reduction of maximum likelihood estimates. *Biometrika* 80,
#' 27-38. \doi{10.1093/biomet/80.1.27}
#'
#' Kosmidis, I. and Firth, D. (2009) Bias reduction in exponential family nonlinear
#' models. *Biometrika* 96, 793-804. \doi{10.1093/biomet/asp055}
#'
#' Hastie, T. J. and Tibshirani, R. J. (1990) *Generalized Additive Models*. Chapman &
#' Hall.
#'
#' McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*, 2nd edition.
#' Chapman & Hall. \doi{10.1201/9780203753736}
#' @seealso [gamut_control()], [predict.gamut()], [plot.gamut()], [summary.gamut()];
#'   `vignette("gamut")` to begin with.
#' @examples
#' fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' summary(fit)
#' anova(fit, test = "Chisq")
#'
#' # separated data: finite estimates all the same
#' tall <- data.frame(height = c(1, 2, 3, 4, 5, 6), passed = c(0, 0, 0, 1, 1, 1))
#' gamut(passed ~ height, family = binomial(), data = tall, bias_reduction = TRUE)
#'
#' # two parameters, two formulas
#' d <- data.frame(x = rep(1:20, 5))
#' set.seed(1)
#' d$y <- rbeta(100, 2 + d$x / 5, 3)
#' gamut(list(y ~ x, phi ~ x), family = Beta(), data = d)
#' # the same in other words
#' gamut(y ~ x | x, family = Beta(), data = d)
#' gamut(y ~ x, dispformula = ~ x, family = Beta(), data = d)
#'
#' # random effects: intercepts and slopes of children
#' fit_glmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' # nested factors, by maximum likelihood
#' gamut(score ~ Machine + (1 | Worker/Machine), data = nlme::Machines, method = "ML")
#' # smooths, of which one is a straight line
#' fit_gam(Ozone ~ s(Solar.R) + s(Wind) + s(Temp), data = airquality,
#'         family = Gamma("log"))
#' # smoothing splines of 4 degrees of freedom, as in package gam
#' fit_gam(Ozone ~ s(Wind, 4) + s(Temp, 4), data = airquality, family = Gamma("log"))
#' # local regression beside a straight line
#' gamut(Ozone ~ lo(Wind, span = 0.7) + Temp, data = airquality)
#' # another family, by quadrature with nine points
#' gamut(weight ~ Time + Diet + (1 | Chick), family = Gamma("log"), nagq = 9,
#'       data = ChickWeight)
#' @export
gamut <- function(formula, data = NULL, family = stats::gaussian(), method = NULL,
                  nagq = 1, weights, offset, subset,
                  na.action = getOption("na.action"), contrasts = NULL, knots = NULL,
                  select = FALSE, start = NULL, prior = NULL, fit = TRUE,
                  control = gamut_control(), bias_reduction = FALSE, robust = FALSE, ...,
                  dispformula = NULL, ziformula = NULL) {
  check_no_dots(..., what = "gamut()")
  fit_model(
    formula, data, family, method = method, nagq = nagq,
    weights = if (!missing(weights)) substitute(weights),
    offset = if (!missing(offset)) substitute(offset),
    subset = if (!missing(subset)) substitute(subset),
    na_action = na.action, contrasts = contrasts, start = start, fit = fit,
    unused = list(prior = prior), knots = knots, select = select, robust = robust,
    bias_reduction = bias_reduction, control = control, call = match.call(),
    door = "gamut", env = parent.frame(), dispformula = dispformula,
    ziformula = ziformula
  )
}

#' From formula to fit object: formula, frame, problem, engine, object
#' @noRd
fit_model <- function(formula, data, family, method, nagq, weights, offset, subset,
                      na_action, contrasts, start, fit, unused, bias_reduction, control,
                      call, door, env, dispformula = NULL, ziformula = NULL,
                      knots = NULL, select = FALSE, robust = FALSE) {
  if (!inherits(control, "gamut_control")) {
    abort_argument("control", "made by gamut_control()", control)
  }
  check_swapped(data, family)
  spelled <- spell_predictors(parse_formula(formula, env = env),
                              as_gamut_family(family), dispformula, ziformula)
  spec <- spelled$spec
  family <- spelled$family
  control <- with_bias_reduction(control, bias_reduction, family)
  check_door(spec, door)
  smooth <- has_smooths(spec)
  random <- has_random(spec) || smooth
  method <- default_method(method, random, family, smooth)
  unused <- c(unused, unused_smoothing(knots, select, smooth))
  check_kind_arguments(method, nagq, unused, random, bias_reduction, smooth)
  family <- whole_link(if (random) mixed_family(family) else family, random)
  frame <- build_frame(spec, data, family, weights = weights, subset = subset,
                       offset = offset, na_action = na_action, contrasts = contrasts,
                       knots = knots, select = select)
  family <- resolve_family(family, frame$levels)
  check_fixed_levels(frame, method)
  if (random) frame <- weights_to_offset(frame, family)
  problem <- build_problem(frame, family)
  check_rows(problem)
  check_random_columns(problem)
  setup <- list(call = call, formula = formula, spec = spec, family = family,
                method = method, control = control, frame = frame, problem = problem,
                nagq = quadrature_points(nagq, method, problem, frame, family))
  if (!check_flag(fit, "fit")) return(structure(setup, class = "gamut_setup"))
  if (random) {
    theta <- check_theta(start, problem)
    fit_once <- function(setup) {
      fit_smoothers(setup, function(setup) {
        if (setup$method == "GCV") fit_gcv(setup)
        else fit_mixed(setup, theta, given = !is.null(start))
      })
    }
    robust <- check_robust(robust, smooth, family)
    return(if (robust) fit_robustly(setup, fit_once) else fit_once(setup))
  }
  start <- check_start(start, problem$names)
  result <- engine_fit(problem, family, control, start)
  if (is.null(start)) result <- fit_again(result, problem, family, control)
  object <- explain_divergence(new_gamut(setup, result), setup)
  report_fit(object, result)
  object
}

#' Say once what the user must know of a fit that is not as it should be
#' @noRd
report_fit <- function(object, result) {
  if (object$control$trace) print(result$trace)
  converged <- object$convergence$converged
  wanted <- wanted_information(object$family, object$control)
  if (converged && result$information != wanted) {
    warn_gamut("the observed information is not positive definite at the solution; ",
               "standard errors are from the ", result$information, " information.",
               class = "information", call = object$call)
  }
  if (object$convergence$code == "limit") {
    warn_gamut("the fit ", object$convergence$message, ". Standard errors of its ",
               "coefficients are NA.", class = "limit", call = object$call)
  }
  if (converged) return(invisible())
  separation <- object$convergence$separation
  advice <- if (is.null(separation)) "Its estimates are not to be trusted"
            else separation_advice(separation)
  warn_gamut("the fit did not converge: ", object$convergence$message, ". ", advice, ".",
             class = c(if (!is.null(separation)) "separation", "convergence"),
             call = object$call, data = list(separation = separation))
}
