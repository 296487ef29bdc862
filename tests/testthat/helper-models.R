# Data of textbooks and simulated data with a variable of each kind.

clotting_data <- function() {
  data.frame(u = c(5, 10, 15, 20, 30, 40, 60, 80, 100),
             lot1 = c(118, 58, 42, 35, 27, 25, 21, 19, 18),
             lot2 = c(69, 35, 26, 21, 18, 16, 13, 12, 12))
}

# Bliss (1935), as in Dobson & Barnett (2018) table 7.2
beetles_data <- function() {
  data.frame(dose = c(1.6907, 1.7242, 1.7552, 1.7842, 1.8113, 1.8369, 1.8610, 1.8839),
             n = c(59, 60, 62, 56, 63, 59, 62, 60),
             killed = c(6, 13, 18, 28, 52, 53, 61, 60))
}

# Collett (1991), as in Venables & Ripley (2002) section 7.2
budworm_data <- function() {
  data.frame(ldose = rep(0:5, 2), sex = factor(rep(c("M", "F"), each = 6)),
             dead = c(1, 4, 9, 13, 18, 20, 0, 2, 6, 10, 12, 16))
}

# Dobson (1990) page 93, as in ?glm
dobson_data <- function() {
  data.frame(counts = c(18, 17, 15, 20, 10, 20, 25, 13, 12), outcome = gl(3, 1, 9),
             treatment = gl(3, 3))
}

# Pneumoconiosis of coal miners: McCullagh & Nelder (1989) page 179
pneumo_data <- function() {
  data.frame(exposure = c(5.8, 15, 21.5, 27.5, 33.5, 39.5, 46, 51.5),
             normal = c(98, 51, 34, 35, 32, 23, 12, 4),
             mild = c(0, 2, 6, 5, 10, 7, 6, 2),
             severe = c(0, 1, 3, 8, 9, 8, 10, 5))
}

# Responses for every family from one linear predictor between about -1.5 and 1.5
simulated_data <- function(n = 200L, seed = 1L) {
  set.seed(seed)
  d <- data.frame(x = stats::runif(n, -1, 1), z = stats::runif(n),
                  f = factor(sample(letters[1:3], n, TRUE)),
                  g = factor(sample(LETTERS[1:4], n, TRUE)),
                  w = stats::runif(n, 0.5, 3), o = stats::runif(n, -0.1, 0.1),
                  m = sample(1:9, n, TRUE), i = sample(1:5, n, TRUE))
  d$l <- d$z > 0.5
  d$big <- factor(sample(seq_len(40L), n, TRUE))
  eta <- 0.3 + 0.4 * d$x - 0.5 * d$z + 0.3 * (d$f == "b") - 0.2 * (d$g == "D")
  d$normal <- eta + stats::rnorm(n, 0, 0.5)
  d$count <- stats::rpois(n, exp(1 + eta))
  d$positive <- stats::rgamma(n, 6, 6 / exp(eta))
  d$binary <- stats::rbinom(n, 1L, stats::plogis(eta))
  d$dead <- stats::rbinom(n, d$m, stats::plogis(eta))
  d$fraction <- stats::rbeta(n, 5 * stats::plogis(eta), 5 * stats::plogis(-eta))
  d$class <- factor(c("u", "v", "w")[1L + d$binary + stats::rbinom(n, 1L, 0.4)])
  latent <- eta + stats::rlogis(n)
  d$grade <- cut(latent, c(-Inf, -0.5, 0.5, 1.5, Inf), c("none", "low", "mid", "high"))
  parts <- matrix(stats::rgamma(3 * n, cbind(5 * exp(eta), 4, 6)), n)
  d$parts <- parts / rowSums(parts)
  colnames(d$parts) <- c("sand", "silt", "clay")
  showers <- stats::rpois(n, 1.5 * exp(eta))
  d$heavy <- eta + 0.5 * stats::rt(n, 3)
  d$skewed <- eta + 0.8 * abs(stats::rnorm(n)) + 0.2 * stats::rnorm(n)
  d$rain <- ifelse(showers > 0, stats::rgamma(n, pmax(showers, 1), 1.5), 0)
  d$rated <- pmin(1, pmax(0, 1.3 * d$fraction - 0.15))
  d$many <- stats::rnbinom(n, 2, mu = exp(1.5 + eta)) * stats::rbinom(n, 1L, 0.75)
  d$some <- pmax(d$count, 1)
  d$ill <- stats::rbinom(n, 12L, stats::rbeta(n, 4 * stats::plogis(eta),
                                              4 * stats::plogis(-eta)))
  d
}

# --- models of every family on the simulated data ---------------------------------

every_family <- function() {
  list(gaussian(), gaussian("log"), Gamma("log"), exponential(), inverse.gaussian("log"),
       binomial(), binomial("cloglog"), bernoulli(), poisson(), poisson("sqrt"),
       quasipoisson(), Beta(), Beta_inflated(), Beta_extended(), categorical(),
       cumulative(), cumulative("probit", parallel = ~x), dirichlet(), dirichlet("mean"),
       chisq(), lognormal(), weibull(), student(), skewnormal(), tweedie(),
       tweedie(power = 1.4), censored(weibull(), right = 2),
       censored(gaussian(), left = 0), negbinomial(), negbinomial(variance = "linear"),
       compois(), betabinomial(), zero_inflated(), zero_inflated(negbinomial()),
       hurdle(negbinomial()), truncated())
}

# A response that the family accepts
response_for <- function(family) {
  switch(family$family,
    gaussian = if (family$link == "identity") quote(normal) else quote(positive),
    Gamma = , exponential = , inverse.gaussian = , chisq = , lognormal = , weibull = ,
    censored_weibull = quote(positive), tweedie = quote(rain),
    student = quote(heavy), skewnormal = quote(skewed),
    censored_gaussian = quote(normal),
    binomial = , bernoulli = quote(binary), poisson = , quasipoisson = quote(count),
    Beta = quote(fraction), Beta_inflated = , Beta_extended = quote(rated),
    categorical = quote(class), compois = quote(count), truncated_poisson = quote(some),
    negbinomial = , zero_inflated_poisson = , zero_inflated_negbinomial = ,
    hurdle_negbinomial = quote(many), betabinomial = quote(cbind(ill, 12 - ill)),
    cumulative = quote(grade), dirichlet = quote(parts)
  )
}

model_for <- function(family, right = quote(x + f)) {
  as.formula(call("~", response_for(family), right))
}

has_dispersion <- function(fit) !fit$dispersion_fixed

# Both fits have stopped within 1e-8 of a standard error of the maximum.
expect_equal_fits <- function(a, b, tolerance = 1e-8, errors = TRUE) {
  name <- paste(a$family$family, a$family$link)
  se <- standard_errors(a)
  off <- max(abs(unname(coef(a)) - unname(coef(b))) / pmax(abs(coef(a)), se),
             na.rm = TRUE)
  testthat::expect(off <= tolerance, sprintf("%s: coefficients differ by %.2g", name,
                                            off))
  testthat::expect_equal(unname(is.na(coef(a))), unname(is.na(coef(b))), label = name)
  if (!errors) return(invisible())
  off <- max(abs(standard_errors(b) / se - 1), na.rm = TRUE)
  # standard errors are promised to 1e-7
  testthat::expect(off <= 1e-7, sprintf("%s: standard errors differ by %.2g", name, off))
}
