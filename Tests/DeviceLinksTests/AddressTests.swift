import DeviceCatalog
import DeviceLinks
import DeviceProtocols
import Platform
import Testing

struct LinkAddressTests {
  /// What a model that has everything leaves out.
  private let defaults = LinkAddress.Defaults(
    settings: SerialSettings(speed: 19200, parity: .even), tcpPort: 9100,
    usb: [
      USBIdentity(vendor: 0x0c1f, product: 0x2800), USBIdentity(vendor: 0x0c1f, product: 0x1800),
    ])

  @Test(arguments: [
    ("serial:/dev/ttyUSB0", "serial:/dev/ttyUSB0"),
    ("serial:/dev/ttyS0?speed=9600", "serial:/dev/ttyS0"),
    (
      "serial:/dev/ttyS0?speed=115200&parity=even&stopBits=2&dataBits=7&flow=rtscts",
      "serial:/dev/ttyS0?speed=115200&dataBits=7&parity=even&stopBits=2&flow=rtscts"
    ),
    ("serial:/dev/serial/by-id/usb-Star_TCP-if00", "serial:/dev/serial/by-id/usb-Star_TCP-if00"),
    ("tcp:192.0.2.7:9100", "tcp:192.0.2.7:9100"),
    ("tcp:printer.shop.example:1", "tcp:printer.shop.example:1"),
    ("tcp:[2001:db8::7]:65535", "tcp:[2001:db8::7]:65535"),
    ("tcp:[fe80::1%eth0]:9100", "tcp:[fe80::1%eth0]:9100"),
    ("usb:0C1F:2800", "usb:0c1f:2800"), ("usb:0519:0002:A1:B 2", "usb:0519:0002:A1:B 2"),
    ("virtual:some/model", "virtual:some/model"),
  ])
  func `addresses are read and written`(text: String, written: String) throws {
    #expect(try LinkAddress(text).description == written)
    #expect(try LinkAddress(written).description == written)
    #expect(try LinkAddress(written) == LinkAddress(text))
  }

  @Test(arguments: [
    ("", "begins with no kind"), ("/dev/ttyS0", "begins with no kind"),
    ("usb", "begins with no kind"), ("lpt:1", "\"lpt\" is none of"),
    ("serial:ttyS0", "serial:/"), ("serial:/dev/x?speed=9601", "1200, 2400"),
    ("serial:/dev/x?speed", "is no option"), ("serial:/dev/x?", "is no option"),
    ("serial:/dev/x?speed=9600&speed=9600", "stands twice"),
    ("serial:/dev/x?color=red", "is no option"), ("serial:/dev/x?parity=mark", "none, even, odd"),
    ("serial:/dev/x?stopBits=3", "1, 2"), ("serial:/dev/x?dataBits=9", "7, 8"),
    ("serial:/dev/x?flow=xon", "none, rtscts"), ("serial:/dev/a\nb", "control character"),
    ("tcp:", "1 to 253"), ("tcp::9100", "1 to 253"), ("tcp:host:0", "no port"),
    ("tcp:host:65536", "no port"), ("tcp:host:+1", "no port"), ("tcp:host:", "no port"),
    ("tcp:host", "port is missing"), ("tcp:::1:9100", "in brackets"),
    ("tcp:[::1", "bracket"), ("tcp:[::1]9100", "bracket"), ("tcp:[host]:1", "IPv6"),
    ("tcp:a b:1", "no name"), ("tcp://host:1", "no name"), ("tcp:ho/st:1", "no name"),
    ("usb:", "no USB identity"), ("usb:1", "twice four"), ("usb:0c1f", "twice four"),
    ("usb:c1f:2800", "twice four"), ("usb:0c1f:28zz", "twice four"),
    ("usb:+c1f:2800", "twice four"),
    ("usb:0c1f:2800:", "1 to 126"), ("virtual:", "family"), ("virtual:a", "family"),
    ("virtual:a/b/c", "family"), ("virtual:/b", "family"),
  ])
  func `other texts are refused and told why`(text: String, why: String) {
    let error = #expect(throws: LinkAddressError.self) { try LinkAddress(text) }
    #expect(error?.problem.contains(why) == true, "\(error?.problem ?? "")")
    #expect(error?.description.contains("an address is like ") == true)
  }

  @Test func `what is too long is refused`() throws {
    let path = "serial:/" + String(repeating: "a", count: 1016)
    #expect(try LinkAddress(path).description == path)
    for text in [
      path + "a", "tcp:" + String(repeating: "a", count: 254) + ":1",
      "usb:0c1f:2800:" + String(repeating: "1", count: 127),
    ] {
      #expect(throws: LinkAddressError.self) { try LinkAddress(text) }
    }
  }

  @Test func `a model gives what an address leaves out`() throws {
    #expect(
      try LinkAddress("serial:/dev/x?parity=odd", defaults: defaults)
        == .serial(path: "/dev/x", SerialSettings(speed: 19200, parity: .odd)))
    #expect(try LinkAddress("tcp:host", defaults: defaults) == .tcp(host: "host", port: 9100))
    #expect(try LinkAddress("tcp:[::1]", defaults: defaults) == .tcp(host: "::1", port: 9100))
    #expect(try LinkAddress("tcp:host:7", defaults: defaults) == .tcp(host: "host", port: 7))
    let all = try LinkAddress("usb:", defaults: defaults)
    #expect(all == .usb(defaults.usb, serial: nil) && all.description == "usb:")
  }

  @Test func `an address tells its kind of line`() throws {
    let kinds = try ["serial:/dev/x", "tcp:h:1", "usb:0c1f:2800", "virtual:a/b"].map {
      try LinkAddress($0).kind
    }
    #expect(kinds == [.serial, .tcp, .usb, nil])
  }

  @Test func `a virtual device is not opened by its address`() throws {
    let address = try LinkAddress("virtual:a/b")
    let error = #expect(throws: LinkError.self) { try address.open() }
    #expect(error?.kind == .unusable)
  }
}
