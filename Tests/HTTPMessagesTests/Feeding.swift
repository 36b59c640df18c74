import HTTPMessages

/// SplitMix64, seeded; the room under test may not use the machine's randomness.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// How a stream is cut into pieces.
enum Cut {
  case batch, drip
  case at(Int)
  case random(seed: UInt64)

  func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    switch self {
    case .batch: return [bytes[...]]
    case .drip: return bytes.indices.map { bytes[$0...$0] }
    case .at(let index): return [bytes[..<index], bytes[index...]]
    case .random(let seed):
      var generator = Seeded(state: seed)
      var pieces: [ArraySlice<UInt8>] = []
      var at = 0
      while at < bytes.count {
        let end = min(bytes.count, at + Int.random(in: 1...40, using: &generator))
        pieces.append(bytes[at..<end])
        at = end
      }
      return pieces
    }
  }
}

/// What a stream of requests came to.
struct RequestsRead: Equatable {
  var requests: [HTTPRequest] = []
  var failure: HTTPFailure?
  var stage = RequestReader.Stage.idle
}

func readRequests(
  _ bytes: [UInt8], limits: HTTPLimits = .requests, cut: Cut = .batch
) -> RequestsRead {
  var reader = RequestReader(limits: limits)
  var result = RequestsRead()
  do throws(HTTPFailure) {
    for piece in cut.pieces(of: bytes) {
      reader.feed(piece)
      while let request = try reader.next() { result.requests.append(request) }
    }
  } catch {
    result.failure = error
  }
  result.stage = reader.stage
  return result
}

/// What a stream of answers came to.
struct ResponsesRead: Equatable {
  var responses: [HTTPResponse] = []
  var failure: HTTPFailure?
}

func readResponses(
  _ bytes: [UInt8], to methods: [HTTPMethod] = [.get], limits: HTTPLimits = .responses,
  cut: Cut = .batch
) -> ResponsesRead {
  var reader = ResponseReader(limits: limits)
  for method in methods { reader.expect(answerTo: method) }
  var result = ResponsesRead()
  do throws(HTTPFailure) {
    for piece in cut.pieces(of: bytes) {
      reader.feed(piece)
      while let response = try reader.next() { result.responses.append(response) }
    }
    if let response = try reader.end() { result.responses.append(response) }
  } catch {
    result.failure = error
  }
  return result
}

/// Every way of cutting that is tried: all at once, byte by byte, in two at each place (of short
/// streams) and at random.
func cuts(of bytes: [UInt8]) -> [Cut] {
  let places = bytes.count <= 400 ? bytes.indices.map { Cut.at($0) } : []
  return [.batch, .drip] + places + (1...5).map { Cut.random(seed: $0) }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
