import Platform

/// A serial line or a pseudo-terminal.
package final class SerialLink: DeviceLink {
  package let address: String
  private let port: SerialPort
  private let wakeup: Wakeup

  /// Opens the line for us alone and throws away what it had received.
  ///
  /// - Throws: `.busy` with who has it, `.noPermission` with whose it is, `.notFound`, `.unusable`.
  package init(path: String, settings: SerialSettings) throws(LinkError) {
    let text = LinkAddress.serial(path: path, settings).description
    self.address = text
    do throws(SystemError) {
      wakeup = try Wakeup()
      port = try SerialPort.open(path: path, settings: settings)
    } catch {
      throw LinkError(error, address: text, node: path)
    }
  }

  package func write(_ bytes: [UInt8], within limit: Duration) throws(LinkError) {
    let taken: Int
    do throws(SystemError) {
      taken = try port.write(bytes, within: limit)
    } catch {
      throw LinkError(error, address: address)
    }
    guard taken == bytes.count else { throw LinkError(.timedOut, address: address) }
  }

  package func read(within limit: Duration?) throws(LinkError) -> LinkRead {
    let outcome: ReadOutcome
    do throws(SystemError) {
      outcome = try port.read(within: limit, interruptedBy: wakeup)
    } catch {
      throw LinkError(error, address: address)
    }
    switch outcome {
    case .bytes(let bytes): return .bytes(bytes)
    case .timedOut: return .timedOut
    case .interrupted: return .interrupted
    case .end: throw LinkError(.gone, address: address)
    }
  }

  package func discardInput() throws(LinkError) {
    do throws(SystemError) {
      try port.discardInput()
    } catch {
      throw LinkError(error, address: address)
    }
  }

  package func interrupt() { wakeup.signal() }

  package func close() { port.close() }
}
