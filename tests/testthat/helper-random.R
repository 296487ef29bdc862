# Random effects as a problem has them

setup_of <- function(formula, data, ...) gamut(formula, data, fit = FALSE, ...)

random_of <- function(formula, data, ...) setup_of(formula, data, ...)$problem$random

# Z and its levels are those of lme4, whose names of nested factors are b:a for our a:b;
# values are copied, not computed, so that they are equal but for poly()'s rounding
expect_lme4_design <- function(formula, data, subset = NULL) {
  ignore <- lme4::lmerControl(
    check.nobs.vs.nlev = "ignore", check.nobs.vs.nRE = "ignore",
    check.nobs.vs.rankZ = "ignore", check.scaleX = "ignore", check.rankX = "ignore",
    check.nlev.gtreq.5 = "ignore"
  )
  asked <- list(formula = formula, data = data, subset = subset)
  peer <- do.call(lme4::lFormula, c(asked, list(control = ignore)))$reTrms
  setup <- do.call(gamut, c(asked, list(fit = FALSE)))
  problem <- setup$problem
  seen <- 0L
  for (t in seq_along(problem$random)) {
    entry <- problem$random[[t]]
    z <- random_design(problem, t)
    k <- length(entry$effects)
    for (part in entry$parts) {
      bar <- str2lang(part$label)[[2L]]
      theirs <- which(vapply(names(peer$Ztlist), function(name) {
        other <- str2lang(name)
        identical(other[[2L]], bar[[2L]]) &&
          setequal(all.vars(other[[3L]]), all.vars(bar[[3L]]))
      }, NA))
      testthat::expect_length(theirs, 1L)
      reference <- t(as.matrix(peer$Ztlist[[theirs]]))
      flist <- peer$flist[[attr(peer$flist, "assign")[theirs]]]
      level <- match_swapped(entry$levels, levels(flist))
      testthat::expect_setequal(level, seq_along(levels(flist)))
      effects <- peer$cnms[[theirs]]
      testthat::expect_identical(entry$effects[part$columns], effects)
      own <- z[, outer(part$columns, (seq_along(level) - 1L) * k, `+`)]
      wanted <- outer(seq_along(effects), (level - 1L) * length(effects), `+`)
      testthat::expect_equal(unname(own), unname(reference[, wanted]), tolerance = 1e-12)
      seen <- seen + 1L
    }
  }
  testthat::expect_identical(seen, length(peer$Ztlist))
  invisible(setup)
}

match_swapped <- function(own, theirs) {
  at <- match(own, theirs)
  if (!anyNA(at)) return(at)
  match(vapply(strsplit(own, ":"), function(p) paste(rev(p), collapse = ":"), ""), theirs)
}
