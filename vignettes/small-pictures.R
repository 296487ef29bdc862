# Small pictures for the vignettes: knitr draws a BMP file, which becomes a PNG file of no
# more than 256 colours. PNG files as R writes them take twice the space or more
# where smoothed edges have too many colours for a palette, and the installed pages have
# their pictures within.

# The pixels of a BMP file, red, green and blue in columns, with width and height.
read_bmp <- function(file) {
  bytes <- readBin(file, "raw", file.size(file))
  number <- function(at, size = 4) readBin(bytes[at + seq_len(size)], "integer", 1, size)
  width <- number(18)
  height <- number(22)
  depth <- number(28, 2) / 8
  data <- matrix(bytes[-seq_len(number(10))], ncol = height)  # rows are padded to 4 bytes
  data <- data[seq_len(width * depth), height:1]              # the lowest row comes first
  if (depth == 1) {
    palette <- matrix(bytes[54 + 1:1024], 4)
    data <- palette[1:3, as.integer(data) + 1]
  }
  bgr <- matrix(as.integer(data), 3)
  list(rgb = t(bgr[3:1, ]), width = width, height = height)
}

# The most frequent colours, and which of them is nearest to each pixel.
few_colours <- function(rgb, most) {
  key <- drop(rgb %*% c(65536, 256, 1))
  often <- sort(table(key), decreasing = TRUE)
  all <- as.numeric(names(often))
  split <- rbind(all %/% 65536, all %/% 256 %% 256, all %% 256)
  kept <- split[, seq_len(min(most, length(all))), drop = FALSE]
  nearest <- apply(split, 2, function(one) which.min(colSums((kept - one)^2)))
  list(palette = kept, index = nearest[match(key, all)] - 1L)
}

# The check sum of PNG files, by a table of what a byte does to it.
crc_table <- vapply(0:255, function(n) {
  for (k in 1:8) {
    low <- bitwAnd(n, 1L)
    n <- bitwShiftR(n, 1L)
    if (low) n <- bitwXor(n, -306674912L)
  }
  n
}, 0)

crc32 <- function(bytes) {
  crc <- -1L
  for (byte in as.integer(bytes)) {
    crc <- bitwXor(bitwShiftR(crc, 8L), crc_table[bitwAnd(bitwXor(crc, byte), 255L) + 1L])
  }
  bitwNot(crc)
}

big_endian <- function(number) writeBin(as.integer(number), raw(), endian = "big")

write_png <- function(file, picture, colours) {
  rows <- rbind(0L, matrix(colours$index, picture$width))  # 0: no filter
  chunk <- function(name, data) {
    named <- c(charToRaw(name), data)
    c(big_endian(length(data)), named, big_endian(crc32(named)))
  }
  size <- c(big_endian(picture$width), big_endian(picture$height))
  writeBin(c(
    as.raw(c(137, 80, 78, 71, 13, 10, 26, 10)),
    chunk("IHDR", c(size, as.raw(c(8, 3, 0, 0, 0)))),  # 8 bits, with a palette
    chunk("PLTE", as.raw(colours$palette)),
    chunk("IDAT", memCompress(as.raw(rows), "gzip")),
    chunk("IEND", raw())
  ), file)
}

small_png <- function(file, most = 256) {
  picture <- read_bmp(file)
  write_png(file, picture, few_colours(picture$rgb, most))
}

if (capabilities("cairo") && requireNamespace("knitr", quietly = TRUE)) {
  knitr::opts_chunk$set(dev = "bmp", fig.ext = "png")
  # knitr draws on a device of its own first, which has to measure text as the files do
  options(device = function(width, height, ...) {
    grDevices::bmp(tempfile(fileext = ".bmp"), width, height, units = "in",
                   res = knitr::opts_chunk$get("dpi"))
  })
  local({
    show <- knitr::knit_hooks$get("plot")
    knitr::knit_hooks$set(plot = function(x, options) {
      if (identical(readBin(x, "raw", 2), charToRaw("BM"))) small_png(x)
      show(x, options)
    })
  })
}
