/// Why a file is no picture that we read.
package enum PictureError: Error, Hashable, Sendable {
  /// Neither PNG nor PBM nor PGM.
  case unknownFormat
  /// A width, height or greatest value is missing, 0 or beyond 65,535.
  case wrongHeader
  /// More dots than `Picture.dotsLimit`, or more bytes than `Picture.bytesLimit` once unpacked.
  case tooLarge(width: Int, height: Int)
  /// It ends before its last dot, or there is more of it than its size allows.
  case wrongLength
  /// A dot's value, a palette entry or a row's filter is none that the header allows.
  case wrongDots
  /// A PNG's chunk of this name is missing, damaged, misplaced or one that must not be skipped and
  /// that we do not know.
  case chunk(String)
  /// The check sum of a PNG's chunk is wrong.
  case checksum(String)
  /// A PNG's packed dots cannot be unpacked.
  case compression(InflateError)
}

/// Why a zlib stream cannot be unpacked.
package enum InflateError: Error, Hashable, Sendable {
  /// It is no zlib stream, or one that needs a dictionary.
  case header
  /// It ends before its last block or check sum.
  case cutOff
  /// A block of a type or length that is none.
  case block
  /// A set of codes that is none, or a code outside it.
  case code
  /// A copy from before the beginning.
  case distance
  /// More bytes than there may be.
  case tooLong
  /// The bytes are not those that were packed.
  case checksum
}
